import type { Tree } from '../core/tree.ts';

/** A tree of which only some files are looked at. */
export class PartOfTree implements Tree {
  readonly paths: readonly string[];
  readonly #whole: Tree;
  readonly #known: ReadonlySet<string>;
  readonly #derived = new Map<unknown, unknown>();

  /** @param paths sorted, of those of the whole */
  constructor(whole: Tree, paths: readonly string[]) {
    this.paths = paths;
    this.#whole = whole;
    this.#known = new Set(paths);
  }

  size(path: string): number | undefined {
    return this.#known.has(path) ? this.#whole.size(path) : undefined;
  }

  text(path: string): string | undefined {
    return this.#known.has(path) ? this.#whole.text(path) : undefined;
  }

  of<T>(path: string, derive: (text: string, path: string) => T): T | undefined {
    return this.#known.has(path) ? this.#whole.of(path, derive) : undefined;
  }

  get<T>(derive: (tree: Tree) => T): T {
    if (!this.#derived.has(derive)) this.#derived.set(derive, derive(this));
    return this.#derived.get(derive) as T;
  }
}
