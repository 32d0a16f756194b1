import { posix } from 'node:path';
import type { StepContext } from '../core/step.ts';

/** Where a member of a workspace cannot be loaded: the script beside the manifest that may put the workspace together. */
export async function makerOfMember(manifest: string, stderr: string, ctx: StepContext): Promise<string | undefined> {
  const member = /failed to load manifest for workspace member `([^`]+)`/.exec(stderr)?.[1];
  const folder = posix.dirname(manifest);
  if (member === undefined || folder === '.') return undefined;
  const script = (await ctx.files.list(folder)).find((name) => /\.(?:py|sh|rb|js|mjs)$/.test(name));
  return script === undefined ? undefined : posix.join(folder, script);
}
