import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { TreeState } from '../core/record.ts';
import { convertedAlike } from './conversions.ts';
import { type FileState, digestOf, hashAll, stampOf, type Tracked } from './file-hashes.ts';
import { folderAt, foldersOf, type FolderState, wasMoved } from './folders.ts';
import { askGit, git, withoutCredentials } from './git.ts';
import { LeftOutFiles, onDisk, type LeftOut } from './left-out.ts';
import { bytesOfPath, namesOf, shownPath } from './path-bytes.ts';
import { indexIsWhole, repositoryOf, type Repository } from './repository-at.ts';
import { strangersIn, walkAll } from './strangers.ts';

export interface Snapshot {
  state: Omit<TreeState, 'changed' | 'changedBy' | 'cameAndWent' | 'ignored' | 'unversioned'>;
  /** Why git cannot say what was committed; then every file counts as tracked, and nothing can be signed. */
  unversioned?: string;
  files: Map<string, FileState>;
  /** Folders that hold tracked files, and those above them. */
  folders: Map<string, FolderState>;
}

/**
 * The state of the tree below `target`: a digest over path, mode and content of each file, and what differs from the commit.
 * Content is compared by the blob's own hash, so that assume-unchanged, skip-worktree, info/exclude and the like hide nothing; where
 * the committed attributes have git write a file otherwise than its blob, by what git writes. Submodules are part of it.
 * @param leave paths (relative to the target) that verify itself writes
 * @param before an earlier snapshot: files with the same size, times and inode are not read again
 */
export async function snapshot(target: string, leave: LeftOut, before?: Snapshot): Promise<Snapshot> {
  const repository = await repositoryOf(target);
  const left = new LeftOutFiles(leave, onDisk(target));
  const outputs = [...leave.outputs, ...(leave.writeTo === undefined ? [] : [leave.writeTo])];
  const own = { outputs, ...(leave.reports !== undefined && { reports: leave.reports }) };
  const read = 'why' in repository ? repository.why : await readGit(target, repository);
  if (typeof read === 'string') {
    const paths = await without(left, walkAll(target), () => false);
    const { files } = hashAll(target, paths, before);
    return {
      files,
      folders: new Map(),
      state: { path: target, prefix: '', ...own, digest: digestOf(files), files: files.size, dirty: [] },
      unversioned: read,
    };
  }
  const { commit, branch, tags, remote, inIndex, inHead, repository: found } = read;
  const { strangers, hiding } = await strangersIn(target, found, inIndex);
  const modules = [...inIndex].filter(([, { mode }]) => mode === '160000').map(([path]) => path);
  const tracked = await without(
    left,
    [...inIndex.keys()].filter((path) => inIndex.get(path)?.mode !== '160000'),
    () => true,
  );
  const unknown = await without(left, strangers, () => false);
  const { files, blobOf, unreadable } = hashAll(target, [...tracked, ...unknown], before, inIndex);
  const dirty: TreeState['dirty'] = [];
  const other: string[] = [];
  for (const path of tracked) {
    const { mode = '', blob = '' } = inIndex.get(path) ?? {};
    const file = files.get(path);
    const committed = inHead.get(path);
    if (!file) dirty.push({ path, why: unreadable.has(path) ? 'cannot be read' : 'deleted' });
    else if (blobOf.get(path) !== undefined && blobOf.get(path) !== blob) other.push(path);
    else if (file.mode !== mode) dirty.push({ path, why: `mode ${file.mode}, committed ${mode}` });
    else if (committed?.blob !== blob || committed.mode !== mode) dirty.push({ path, why: 'staged, not committed' });
  }
  const alike = await convertedAlike(target, found, other, files);
  for (const path of other) {
    const { mode = '', blob = '' } = inIndex.get(path) ?? {};
    const file = files.get(path);
    const same = alike.has(path) || (file && (await isLargeFile(target, blob, file.sha256)));
    if (!same) dirty.push({ path, why: 'modified' });
    else if (file?.mode !== mode) dirty.push({ path, why: `mode ${file?.mode}, committed ${mode}` });
    else if (inHead.get(path)?.blob !== blob) dirty.push({ path, why: 'staged, not committed' });
  }
  for (const path of inHead.keys())
    if (!inIndex.has(path) && !(await left.has(path, true))) dirty.push({ path, why: 'removed from the index' });
  for (const path of unknown) dirty.push({ path, why: hiding.has(path) ? whyHiding(path) : 'untracked' });
  for (const path of hiding)
    if (path.startsWith('../')) dirty.push({ path, why: 'not committed, and says what git ignores' });
  for (const path of modules) {
    const inside = await submodule(join(target, path), path, inIndex.get(path)?.blob ?? '', before);
    dirty.push(...inside.dirty);
    for (const [name, file] of inside.files) files.set(`${path}/${name}`, file);
  }
  return {
    files,
    folders: foldersOf(target, files),
    state: {
      path: target,
      prefix: found.prefix,
      ...own,
      ...(remote !== undefined && { repository: withoutCredentials(remote) }),
      ...(commit !== undefined && { commit }),
      ...(branch !== undefined && { branch }),
      ...(tags.length > 0 && { tags }),
      digest: digestOf(files),
      files: files.size,
      dirty: dirty.map((one) => ({ ...one, path: shownPath(one.path) })).toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    },
  };
}

/** A tool that makes a folder often writes a .gitignore into it: that is well where a commit says so too. */
const whyHiding = (path: string): string =>
  `untracked, and says what git ignores${path.endsWith('/.gitignore') ? `; if a tool made it, write ${path.slice(0, -'.gitignore'.length)} into the .gitignore that is committed` : ''}`;

async function without(left: LeftOutFiles, paths: readonly string[], tracked: () => boolean): Promise<string[]> {
  const kept: string[] = [];
  for (const path of paths) if (!(await left.has(path, tracked()))) kept.push(path);
  return kept;
}

interface Versions {
  repository: Repository;
  commit: string | undefined;
  branch: string | undefined;
  /** Those that point to the commit. */
  tags: string[];
  remote: string | undefined;
  inIndex: Map<string, Tracked>;
  inHead: Map<string, Tracked>;
}

/** What git knows of the target, or why it cannot tell. */
async function readGit(target: string, repository: Repository): Promise<Versions | string> {
  const [commit, branch, tags, remote, index] = await Promise.all([
    git(target, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']),
    git(target, ['rev-parse', '--abbrev-ref', 'HEAD']),
    git(target, ['for-each-ref', '--points-at=HEAD', '--format=%(refname:short)', 'refs/tags']),
    git(target, ['config', '--local', '--get', 'remote.origin.url']),
    askGit(target, ['ls-files', '-s', '-z']),
  ]);
  if (!indexIsWhole(repository)) return 'the index of git is broken: its bytes are not those that git wrote';
  if ('problem' in index) return `git cannot read its index (${index.problem})`;
  const head = commit === undefined ? undefined : await askGit(target, ['ls-tree', '-r', '-z', 'HEAD', '.']);
  if (head && 'problem' in head) return `git cannot read its commit (${head.problem})`;
  const inIndex = entries(index.said, /^(\d+) ([0-9a-f]+) \d\t(.*)$/s);
  const inHead = entries(head?.said, /^(\d+) \w+ ([0-9a-f]+)\t(.*)$/s);
  if (commit !== undefined && inIndex.size === 0 && inHead.size === 0)
    return `git knows no file of it${repository.prefix === '' ? '' : ` (${repository.prefix} in ${repository.top})`}`;
  return {
    repository,
    commit: commit?.trim(),
    branch: branch?.trim(),
    tags: tags?.split('\n').filter((tag) => tag !== '') ?? [],
    remote: remote?.trim(),
    inIndex,
    inHead,
  };
}

function entries(output: Buffer | undefined, line: RegExp): Map<string, Tracked> {
  const found = new Map<string, Tracked>();
  for (const name of namesOf(output)) {
    const [, mode = '', blob = '', path] = line.exec(name) ?? [];
    if (path !== undefined) found.set(path, { mode, blob });
  }
  return found;
}

/**
 * Is the blob a pointer of git-lfs to just this content? Its file then differs from its blob, and yet is what was committed.
 * https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
 */
async function isLargeFile(target: string, blob: string, content: string): Promise<boolean> {
  if (Number((await git(target, ['cat-file', '-s', blob]))?.trim() ?? Infinity) > 1024) return false;
  const pointer = (await git(target, ['cat-file', 'blob', blob])) ?? '';
  return (
    pointer.startsWith('version https://git-lfs.github.com/spec/v1\n') && pointer.includes(`\noid sha256:${content}\n`)
  );
}

/** The files of a submodule, and what differs in it from the commit that is recorded for it, whatever `submodule.ignore` says. */
async function submodule(
  folder: string,
  path: string,
  recorded: string,
  before: Snapshot | undefined,
): Promise<{ dirty: TreeState['dirty']; files: Snapshot['files'] }> {
  const there = lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  const found = there ? await repositoryOf(folder) : { why: '' };
  if ('why' in found || found.prefix !== '')
    return { dirty: [{ path, why: 'submodule is not checked out' }], files: new Map() };
  const known = before && {
    ...before,
    files: new Map(
      [...before.files].flatMap(([name, file]) =>
        name.startsWith(`${path}/`) ? [[name.slice(path.length + 1), file] as const] : [],
      ),
    ),
  };
  const { state, files, unversioned } = await snapshot(folder, { outputs: [] }, known);
  const inside = state.dirty.map((one) => ({ path: `${path}/${one.path}`, why: one.why }));
  const why = unversioned ?? (state.commit === recorded ? undefined : 'submodule is at another commit');
  return { dirty: why === undefined ? inside : [{ path, why }, ...inside], files };
}

/** Paths that differ between two snapshots: changed, added, removed; folders with a slash at the end. */
export function changedPaths(before: Snapshot, after: Snapshot): string[] {
  const changed = new Set<string>();
  for (const [path, file] of before.files) {
    const now = after.files.get(path);
    if (now?.sha256 !== file.sha256 || now.mode !== file.mode) changed.add(path);
    // A file that was edited and put back has other times: the run saw something else meanwhile.
    else if (now.stamp !== file.stamp) changed.add(path);
  }
  for (const path of after.files.keys()) if (!before.files.has(path)) changed.add(path);
  for (const [path, folder] of before.folders) {
    const now = after.folders.get(path);
    if (now && wasMoved(folder, now)) changed.add(`${path}/`);
  }
  return [...changed].map(shownPath).toSorted();
}

/** What `lookAgain` found to be another. */
export interface Seen {
  path: string;
  removed: boolean;
  /** A folder that was moved, or another in its place; what it holds now is looked at by itself. */
  moved?: boolean;
  /** When, in milliseconds since the epoch, where the file still says it. */
  at?: number;
}

/**
 * Looks at each file of a snapshot again: by size, times and inode, and by content where those differ. Updates the snapshot.
 * @returns tracked files whose content or mode is another, or that are gone, and folders that were moved
 */
export function lookAgain(target: string, { files, folders }: Pick<Snapshot, 'files' | 'folders'>): Seen[] {
  const found: Seen[] = [];
  for (const [path, before] of files) {
    const stat = lstatSync(bytesOfPath(join(target, path)), { throwIfNoEntry: false, bigint: true });
    if (stat && stampOf(stat) === before.stamp) continue;
    const now = hashAll(target, [path]).files.get(path);
    if (now) files.set(path, { ...now, tracked: before.tracked });
    else files.delete(path);
    if (before.tracked && (now?.sha256 !== before.sha256 || now.mode !== before.mode))
      found.push({ path: shownPath(path), removed: now === undefined, ...(stat && { at: Number(stat.ctimeMs) }) });
  }
  for (const [path, before] of folders) {
    const now = folderAt(bytesOfPath(join(target, path)));
    if (!now) folders.delete(path);
    else {
      if (wasMoved(before, now))
        found.push({ path: `${shownPath(path)}/`, removed: false, moved: true, at: Number(now.ctime / 1_000_000n) });
      folders.set(path, now);
    }
  }
  return found;
}
