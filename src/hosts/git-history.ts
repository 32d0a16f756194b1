import { sha256 } from '../evidence/digest.ts';
import type { Look } from '../evidence/own-mark.ts';
import { git, gitBytes } from './git.ts';
import { namesOf } from './path-bytes.ts';

/** The full id of a commit, or undefined where the repository does not hold it. */
export async function resolveCommit(cwd: string, ref: string): Promise<string | undefined> {
  return (await git(cwd, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`]))?.trim();
}

export async function isShallow(cwd: string): Promise<boolean> {
  return (await git(cwd, ['rev-parse', '--is-shallow-repository']))?.trim() === 'true';
}

/** Bytes of a file (path relative to `cwd`) at a commit. */
export function fileAt(cwd: string, commit: string, path: string): Promise<Buffer | undefined> {
  return gitBytes(cwd, ['cat-file', 'blob', `${commit}:./${path}`]);
}

/** A plain file at a commit; `other` where a link or a submodule is there, nothing where a folder is: its files are its own. */
export async function plainFileAt(cwd: string, commit: string, path: string): Promise<Buffer | 'other' | undefined> {
  const line = await git(cwd, ['ls-tree', '-z', commit, '--', path]);
  const mode = /^(\d+) /.exec(line ?? '')?.[1];
  if (mode === undefined || mode === '040000') return undefined;
  return mode.startsWith('100') ? fileAt(cwd, commit, path) : 'other';
}

/** The files of a commit, as they are looked at to tell what verify wrote. */
export const atCommit = (cwd: string, commit: string): Look => ({
  read: (path) => fileAt(cwd, commit, path),
  async digest(path) {
    const data = await fileAt(cwd, commit, path);
    return data && sha256(data);
  },
});

/** The paths below `cwd` that differ between two commits, and whether the second descends from the first. */
export async function movedBetween(
  cwd: string,
  from: string,
  to: string,
): Promise<{ descends: boolean; paths: string[] }> {
  const [ancestor, names] = await Promise.all([
    git(cwd, ['merge-base', '--is-ancestor', from, to]),
    gitBytes(cwd, [
      'diff',
      '--name-only',
      '-z',
      '--no-renames',
      '--no-ext-diff',
      '--ignore-submodules=none',
      '--relative',
      from,
      to,
      '--',
      '.',
    ]),
  ]);
  return { descends: ancestor !== undefined && names !== undefined, paths: namesOf(names) };
}

/**
 * Names and addresses, in lower case, of the authors, committers and co-authors of a commit, of what it merges, and of everything
 * since `base`.
 */
export async function identities(cwd: string, commit: string, base?: string): Promise<Set<string>> {
  const format = '--format=%ae%n%aE%n%an%n%ce%n%cE%n%cn%n%(trailers:key=Co-authored-by,valueonly)';
  const ranges = [`${commit}^1..${commit}`, ...(base === undefined ? [] : [`${base}..${commit}`])];
  const texts = await Promise.all([
    git(cwd, ['log', '-1', format, '--end-of-options', commit]),
    ...ranges.map((range) => git(cwd, ['log', format, '--end-of-options', range])),
  ]);
  const found = new Set<string>();
  for (const line of texts.join('\n').split('\n')) {
    const coAuthor = /^(.*?)\s*<([^>]*)>\s*$/.exec(line);
    for (const part of coAuthor ? coAuthor.slice(1) : [line])
      if (part.trim() !== '') found.add(part.trim().toLowerCase());
  }
  return found;
}

/** The address of the remote `origin`, by the repository's own configuration. */
export async function originOf(cwd: string): Promise<string | undefined> {
  return (await git(cwd, ['config', '--local', '--get', 'remote.origin.url']))?.trim();
}
