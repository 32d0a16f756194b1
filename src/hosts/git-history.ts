import { git, gitBytes } from './git.ts';

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

/** The paths below `cwd` that differ between two commits, and whether the second descends from the first. */
export async function movedBetween(
  cwd: string,
  from: string,
  to: string,
): Promise<{ descends: boolean; paths: string[] }> {
  const [ancestor, names] = await Promise.all([
    git(cwd, ['merge-base', '--is-ancestor', from, to]),
    git(cwd, [
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
  return { descends: ancestor !== undefined && names !== undefined, paths: (names ?? '').split('\0').filter(Boolean) };
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

/** A value of git's configuration. */
export async function gitConfig(cwd: string, name: string): Promise<string | undefined> {
  return (await git(cwd, ['config', '--get', name]))?.trim();
}
