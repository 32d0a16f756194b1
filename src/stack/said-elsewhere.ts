import type { StepContext } from '../core/step.ts';

const texts = [
  '**/*.{sh,bash,yml,yaml,py,js,mjs,ts,ps1,md,mdx,rst,txt,mk,toml,json}',
  '**/{Makefile,makefile,justfile,Justfile,Taskfile,README}',
  '**/*{env,ENV}*',
  '**/.*env*',
  '.github/workflows/*.yml',
];
const maxFiles = 3000;
const maxBytes = 1 << 18;

/** The first file of the repository (but `not`) whose text matches: a script, a workflow, a document, an example of an env file. */
export async function saidIn(
  pattern: RegExp,
  ctx: Pick<StepContext, 'files'>,
  not: readonly string[] = [],
): Promise<string | undefined> {
  for (const path of (await ctx.files.glob(texts)).slice(0, maxFiles)) {
    if (not.includes(path) || (await ctx.files.size(path)) > maxBytes) continue;
    if (pattern.test((await ctx.files.readIfThere(path)) ?? '')) return path;
  }
  return undefined;
}
