import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { askGit } from './git.ts';

/** The repository that a folder belongs to. */
export interface Repository {
  /** The root of its tree. */
  top: string;
  /** The folder's path in it; empty for the root. */
  prefix: string;
  /** Where git keeps what belongs to this tree: its index, its HEAD. */
  folder: string;
  /** Where git keeps what all worktrees of the repository share. */
  common: string;
}

/** The repository of a folder, by git's own word and by what lies there; or why it is none that can be gone by. */
export async function repositoryOf(target: string): Promise<Repository | { why: string }> {
  const answer = await askGit(target, ['rev-parse', '--show-toplevel', '--absolute-git-dir', '--git-common-dir']);
  if ('problem' in answer) return { why: reasonOf(answer.problem, answer.foreignOwner === true, target) };
  const [top = '', folder = '', common = ''] = answer.said.toString('utf8').split('\n');
  // `core.worktree` may lead to a tree that belongs to another repository, or to none.
  if (gitFolderAt(join(top, '.git')) !== realpathSync(folder))
    return { why: `git is led to the tree ${top} (core.worktree), whose own .git is another` };
  return { top, folder, prefix: relative(realpathSync(top), realpathSync(target)), common: resolve(target, common) };
}

/**
 * Is the index whole? Its last bytes are the hash of all before, or zeros by `index.skipHash`; git itself reads one that is cut.
 * https://git-scm.com/docs/index-format
 */
export function indexIsWhole({ folder }: Repository): boolean {
  const path = join(folder, 'index');
  if (!existsSync(path)) return true;
  const data = readFileSync(path);
  return (['sha1', 'sha256'] as const).some((name) => {
    const length = name === 'sha1' ? 20 : 32;
    const end = data.subarray(-length);
    if (data.length < 12 + length || data.toString('latin1', 0, 4) !== 'DIRC') return false;
    return end.every((byte) => byte === 0) || createHash(name).update(data.subarray(0, -length)).digest().equals(end);
  });
}

function reasonOf(problem: string, foreignOwner: boolean, target: string): string {
  if (foreignOwner)
    return `the repository belongs to another user, and git does not read it; where you trust it: git config --global --add safe.directory ${target}`;
  if (problem === 'git is not installed') return problem;
  if (!/not a git repository/.test(problem)) return `git cannot read the repository (${problem})`;
  for (let at = resolve(target); ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return `${join(at, '.git')} is broken: git takes it for no repository`;
    if (dirname(at) === at) return 'it is not a git repository';
  }
}

/** The folder that a `.git` stands for: itself, or where its text leads, as in worktrees and submodules. */
function gitFolderAt(path: string): string | undefined {
  try {
    if (lstatSync(path).isFile()) {
      const to = /^gitdir: (.+?)\n?$/s.exec(readFileSync(path, 'utf8'))?.[1];
      return to === undefined ? undefined : realpathSync(resolve(dirname(path), to));
    }
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
