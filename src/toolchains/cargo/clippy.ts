import type { StepContext } from '../../core/step.ts';
import { allowedLints, ambientSettings, isCache, silences, type Setting } from './ambient.ts';
import { foldersOf, type Workspace } from './built-from.ts';

/** The settings that clippy goes by besides the checklist: environment, configuration files, `[lints]` of the manifests. */
export async function clippySettings(
  p: { manifest: string; env: Record<string, string> },
  ctx: StepContext,
  workspace: Workspace | undefined,
): Promise<Setting[]> {
  const settings = await ambientSettings(ctx, p.env, workspace ? foldersOf(workspace).manifests : []);
  for (const path of new Set([p.manifest, ...(workspace?.packages.map((one) => one.manifest_path) ?? [])])) {
    const from = path.startsWith(`${ctx.target}/`) ? path.slice(ctx.target.length + 1) : path;
    for (const { name, group } of allowedLints((await ctx.files.readIfThere(path)) ?? ''))
      if (!settings.some((one) => one.from === from && one.text === `[lints] ${name} = "allow"`))
        settings.push({ text: `[lints] ${name} = "allow"`, from, ofTree: true, what: group ? 'group' : 'lints' });
  }
  return settings;
}

/** Can the setting keep clippy silent? */
export function mutes({ what, text, ofTree }: Setting): boolean {
  switch (what) {
    case 'flags':
      return /--cap-lints/.test(text) || (silences(text) && !ofTree);
    case 'wrapper':
      return !isCache(text);
    case 'program':
    case 'alias':
    case 'clippy':
      return true;
    case 'group':
      return true;
    case 'lints':
    case 'runner':
    case 'rustfmt':
      return false;
  }
}
