import type { StepContext } from '../core/step.ts';

/**
 * What `derive` makes of a file's text: made once a run where the file is one of those that count.
 * @param derive a function that has a name of its own
 * @throws Unobservable where the file cannot be read
 */
export const derivedOf = async <T>(
  ctx: Pick<StepContext, 'files' | 'tree'>,
  path: string,
  derive: (text: string, path: string) => T,
): Promise<T> => (await ctx.tree()).of(path, derive) ?? derive(await ctx.files.read(path), path);
