import { escapeRegex } from '../core/patterns.ts';
import type { StepContext } from '../core/step.ts';
import { baseOf, folderOf } from '../formats/data/paths.ts';

/**
 * Paths of the files that a list of paths and globs names, and those that name none.
 *
 * @param aside what a glob passes over where it finds something else
 */
export async function matchedFiles(
  patterns: readonly string[],
  ctx: Pick<StepContext, 'files'>,
  aside: (path: string) => boolean = () => false,
): Promise<{ paths: string[]; unmatched: string[] }> {
  const paths = new Set<string>();
  const unmatched: string[] = [];
  for (const pattern of patterns) {
    const found = (await ctx.files.kind(pattern)) === 'file' ? [pattern] : await ctx.files.glob([pattern]);
    if (found.length === 0) found.push(...(await inNamedFolder(pattern, ctx)));
    if (found.length === 0) unmatched.push(pattern);
    const meant = found.filter((path) => path === pattern || !aside(path));
    for (const path of meant.length > 0 ? meant : found) paths.add(path);
  }
  return { paths: [...paths], unmatched };
}

/** A folder in a run's evidence: what an earlier step kept is no part of the repository. What git ignores is not matched. */
const evidence = /(?:^|\/)\d{4}-\d\d-\d\dT[\d-]+Z-[0-9a-f]+\/evidence\//;

/** Files of a folder in the evidence that is named whole. */
async function inNamedFolder(pattern: string, { files }: Pick<StepContext, 'files'>): Promise<string[]> {
  const [folder, name] = [folderOf(pattern), baseOf(pattern)];
  if (!evidence.test(`${folder}/`) || /[*?{[]/.test(folder) || !/[*?]/.test(name)) return [];
  const fits = new RegExp(
    `^${name
      .split(/([*?])/)
      .map((part) => (part === '*' ? '.*' : part === '?' ? '.' : escapeRegex(part)))
      .join('')}$`,
  );
  return (await files.list(folder)).filter((one) => fits.test(one)).map((one) => `${folder}/${one}`);
}
