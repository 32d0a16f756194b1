import { objectOf, textOf, type JsonObject } from '../formats/data/json-parts.ts';
import { inFolder, type Tree } from './draft.ts';

/** The object of a JSON text; empty where it is none. */
export const jsonOf = (text: string | undefined): JsonObject => {
  try {
    return objectOf(JSON.parse(text ?? ''));
  } catch {
    return {};
  }
};

/** The program that installs and runs the packages of a folder, and how it installs what its lock file names. */
export function packageManager(tree: Tree, folder: string): { program: string; install: string } {
  const named = /^(pnpm|yarn|bun|npm)@(\d+)?/.exec(
    textOf(jsonOf(tree.text(inFolder(folder, 'package.json')))['packageManager']),
  );
  const has = (name: string): boolean => tree.paths.includes(inFolder(folder, name));
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
