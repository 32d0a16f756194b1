import type { StepContext } from '../core/step.ts';

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
    if (found.length === 0) unmatched.push(pattern);
    const meant = found.filter((path) => path === pattern || !aside(path));
    for (const path of meant.length > 0 ? meant : found) paths.add(path);
  }
  return { paths: [...paths], unmatched };
}
