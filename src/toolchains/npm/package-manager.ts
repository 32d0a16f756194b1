import { jsonOf, objectOf, textOf, type JsonObject } from '../../formats/data/json-parts.ts';
import { type ProjectTree } from '../drafted.ts';
import { inFolder } from '../../formats/data/paths.ts';

/** The program that installs and runs a folder's packages, and how it installs what its lock file names. */
export interface PackageManager {
  program: string;
  install: string;
}

/**
 * The package manager of a folder: what `packageManager` names, else whose lock file lies there.
 * @param has is there such a file in the folder?
 */
export function managerOf(manifest: JsonObject, has: (name: string) => boolean): PackageManager {
  const named = /^(pnpm|yarn|bun|npm)@(\d+)?/.exec(textOf(manifest['packageManager']));
  const program =
    named?.[1] ??
    (has('pnpm-lock.yaml') ? 'pnpm' : has('yarn.lock') ? 'yarn' : has('bun.lock') || has('bun.lockb') ? 'bun' : 'npm');
  const install =
    program === 'npm'
      ? has('package-lock.json') || has('npm-shrinkwrap.json')
        ? 'npm ci'
        : 'npm install'
      : program === 'yarn' && Number(named?.[2] ?? 1) > 1
        ? 'yarn install --immutable'
        : `${program} install --frozen-lockfile`;
  return { program, install };
}

/** The same of a tree's folder. */
export const packageManager = (tree: ProjectTree, folder: string): PackageManager =>
  managerOf(objectOf(jsonOf(tree.text(inFolder(folder, 'package.json')))), (name) =>
    tree.paths.includes(inFolder(folder, name)),
  );
