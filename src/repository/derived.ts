import type { StepContext } from '../core/step.ts';

type Doors = Pick<StepContext, 'files' | 'tree'>;

/**
 * What `derive` makes of a file's text: made once a run where the file is one of those that count.
 * @param derive a function that has a name of its own
 * @throws Unobservable where the file cannot be read
 */
export const derivedOf = async <T>(ctx: Doors, path: string, derive: (text: string, path: string) => T): Promise<T> =>
  (await ctx.tree()).of(path, derive) ?? derive(await ctx.files.read(path), path);

/** The same; undefined where there is no such file. */
export async function derivedIfThere<T>(
  ctx: Doors,
  path: string,
  derive: (text: string, path: string) => T,
): Promise<T | undefined> {
  const derived = (await ctx.tree()).of(path, derive);
  if (derived !== undefined) return derived;
  const text = await ctx.files.readIfThere(path);
  return text === undefined ? undefined : derive(text, path);
}
