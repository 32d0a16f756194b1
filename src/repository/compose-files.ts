import type { Tree } from '../core/tree.ts';
import { composeFile, type ComposeFile } from '../formats/compose/written.ts';

/** The Compose files of the repository by their names, with their paths. */
export const composeFiles = (tree: Tree): readonly (readonly [path: string, file: ComposeFile])[] =>
  tree.paths
    .filter((path) => /compose[^/]*\.ya?ml$/.test(path))
    .flatMap((path) => {
      const file = tree.of(path, composeFile);
      return file ? [[path, file] as const] : [];
    });
