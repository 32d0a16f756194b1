/**
 * The files of the repository under verification that count, as they were at one look: without what git ignores, what packages
 * bring and builds fill, and the folders of verify's own runs. Paths are relative to its root, with forward slashes.
 */
export interface Tree {
  /** Sorted. */
  readonly paths: readonly string[];
  /** Bytes; undefined where it is none of the paths. */
  size(path: string): number | undefined;
  /** Undefined where it is none of the paths, holds no text, or is above 4 MiB. */
  text(path: string): string | undefined;
  /** What `derive` makes of the text, made once as long as the file is the same. Give a function that has a name of its own. */
  of<T>(path: string, derive: (text: string, path: string) => T): T | undefined;
  /** What `derive` makes of the whole, made once as long as no file is another. Give a function that has a name of its own. */
  get<T>(derive: (tree: Tree) => T): T;
}
