import { baseOf } from '../formats/data/paths.ts';
/**
 * Finds the file of the tree that a runner means: results name files as the runner saw them, absolute, relative to where it ran,
 * by a package's import path, or by the last part alone.
 */
export class Places {
  readonly #byName: ReadonlyMap<string, string[]>;
  readonly #paths: ReadonlySet<string>;
  readonly #root: string;
  readonly #cwd: string;

  /** @param root absolute path of the target. @param cwd where the runner ran, relative to it */
  constructor(paths: readonly string[], root: string, cwd: string) {
    this.#paths = new Set(paths);
    this.#byName = Map.groupBy(paths, (path) => baseOf(path));
    this.#root = root;
    this.#cwd = cwd.replace(/^\.\/?|\/$/g, '');
  }

  /** @param around the suite's name, which tells files of one name apart: a package, a class with its package */
  resolve(file: string, around: string): string | undefined {
    const own = file.replaceAll('\\', '/').replace(/^file:\/\//, '');
    const inside = own.startsWith(`${this.#root}/`) ? own.slice(this.#root.length + 1) : own.replace(/^\.\//, '');
    const here = this.#cwd === '' ? inside : `${this.#cwd}/${inside}`;
    for (const path of [here, inside]) if (this.#paths.has(path)) return path;
    const tail = inside.replace(/^(?:\.\.\/)+/, '');
    const same = (this.#byName.get(baseOf(tail)) ?? []).filter(
      (path) => path === tail || path.endsWith(`/${tail}`) || own.endsWith(`/${path}`),
    );
    if (same.length <= 1) return same[0];
    // Of several the one whose folder shares the most last parts with the suite's name.
    const parts = around.split(/[/.\\]/).filter((part) => part !== '');
    const score = (path: string): number => {
      const folders = path.split('/').slice(0, -1);
      let n = 0;
      while (n < folders.length && (folders.at(-1 - n) === parts.at(-1 - n) || folders.at(-1 - n) === parts.at(-2 - n)))
        n++;
      return n;
    };
    const ranked = same.map((path) => ({ path, n: score(path) })).toSorted((a, b) => b.n - a.n);
    return (ranked[0]?.n ?? 0) > (ranked[1]?.n ?? 0) ? ranked[0]?.path : undefined;
  }
}
