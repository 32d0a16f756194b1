import { createHash } from 'node:crypto';
import { type BigIntStats, lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join, relative } from 'node:path';
import { execa } from 'execa';
import { exit, UserError } from '../core/errors.ts';
import type { TreeState } from '../core/record.ts';

/** Folders that builds fill, left out where there is no git to say what is ignored. */
const builtFolders = new Set(['.git', 'node_modules', 'target', 'dist', '.verify']);

export interface FileState {
  mode: string;
  /** Known to git; every file where there is no git. */
  tracked: boolean;
  sha256: string;
  /** Size, times and inode: when they are unchanged the content is not read again. */
  stamp: string;
}

interface Tracked {
  mode: string;
  blob: string;
}

export interface Snapshot {
  state: Omit<TreeState, 'changed' | 'changedBy' | 'ignored'>;
  files: Map<string, FileState>;
}

/** Paths of the target that verify itself writes: they are no part of what is verified. */
export interface LeftOut {
  outputs: readonly string[];
  /** The folder of the runs: `<milestone>/<run id>/…`, `latest`, `.lock` and `index.html` in it are left out, nothing else. */
  reports?: string | undefined;
}

/** `<milestone>/<run id>` as runs are named, what lies beside them, and the index of all. */
const ofRuns =
  /^(?:index\.html|[^/]+\/(?:latest|\.lock|\.latest-\d+|\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ-[0-9a-f]{6}(?:\/.*)?))$/s;

export function isLeftOut(path: string, { outputs, reports }: LeftOut): boolean {
  if (outputs.some((output) => path === output || path.startsWith(`${output.replace(/\/$/, '')}/`))) return true;
  if (reports === undefined) return false;
  if (reports === '') return ofRuns.test(path);
  return path.startsWith(`${reports}/`) && ofRuns.test(path.slice(reports.length + 1));
}

/** Variables that would make git look at another repository, index or set of objects than the folder's own. */
const misleading = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_NAMESPACE',
  'GIT_PREFIX',
];

/**
 * What git prints, as bytes; undefined where it fails, or is not installed. Replaced objects and file system monitors are left aside.
 * @throws UserError 74 where it could not be started
 */
export async function gitBytes(cwd: string, args: readonly string[]): Promise<Buffer | undefined> {
  const safe = ['core.quotePath=false', 'core.fsmonitor=false', 'core.untrackedCache=false'];
  const result = await execa('git', [...safe.flatMap((setting) => ['-c', setting]), ...args], {
    cwd,
    reject: false,
    stripFinalNewline: false,
    encoding: 'buffer',
    stdin: 'ignore',
    maxBuffer: 512 * 1024 * 1024,
    env: {
      GIT_OPTIONAL_LOCKS: '0',
      GIT_NO_REPLACE_OBJECTS: '1',
      LC_ALL: 'C',
      ...Object.fromEntries(misleading.map((name) => [name, undefined])),
    },
  });
  // A git that cannot be started now (no process, no file left) says nothing: the folder must not be taken for one without git.
  if (result.exitCode === undefined && result.signal === undefined && result.code !== 'ENOENT')
    throw new UserError(exit.io, `git could not be run in ${cwd}: ${result.shortMessage}`, { hint: 'run again' });
  return result.exitCode === 0 ? Buffer.from(result.stdout) : undefined;
}

export async function git(cwd: string, args: readonly string[]): Promise<string | undefined> {
  return (await gitBytes(cwd, args))?.toString('utf8');
}

const lines = (text: string | undefined): string[] => (text ?? '').split('\0').filter((line) => line !== '');

/**
 * The state of the tree below `target`: a digest over path, mode and content of each file, and what differs from the commit.
 * Content is compared by the blob's own hash, so that assume-unchanged, skip-worktree, info/exclude and the like hide nothing.
 * Submodules are looked at in the same way.
 * @param leave paths (relative to the target) that verify itself writes
 * @param before an earlier snapshot: files with the same size, times and inode are not read again
 */
export async function snapshot(target: string, leave: LeftOut, before?: Snapshot): Promise<Snapshot> {
  const top = (await git(target, ['rev-parse', '--show-toplevel']))?.trim();
  const left = (path: string): boolean => isLeftOut(path, leave);
  const own = { outputs: [...leave.outputs], ...(leave.reports !== undefined && { reports: leave.reports }) };
  if (top === undefined) {
    const paths = walk(target, '').filter((path) => !left(path));
    const { files } = hashAll(target, paths, before);
    return {
      files,
      state: { path: target, prefix: '', ...own, digest: digestOf(files), files: files.size, dirty: [] },
    };
  }
  const [commit, branch, remote, index, head, untracked] = await Promise.all([
    git(target, ['rev-parse', 'HEAD']),
    git(target, ['rev-parse', '--abbrev-ref', 'HEAD']),
    git(target, ['config', '--get', 'remote.origin.url']),
    git(target, ['ls-files', '-s', '-z']),
    git(target, ['ls-tree', '-r', '-z', 'HEAD', '.']),
    git(target, ['ls-files', '-o', '-z', '--exclude-per-directory=.gitignore']),
  ]);
  const inIndex = new Map<string, Tracked>();
  for (const line of lines(index)) {
    const match = /^(\d+) ([0-9a-f]+) \d\t(.*)$/s.exec(line);
    if (match) inIndex.set(match[3] ?? '', { mode: match[1] ?? '', blob: match[2] ?? '' });
  }
  const inHead = new Map<string, Tracked>();
  for (const line of lines(head)) {
    const match = /^(\d+) \w+ ([0-9a-f]+)\t(.*)$/s.exec(line);
    if (match) inHead.set(match[3] ?? '', { mode: match[1] ?? '', blob: match[2] ?? '' });
  }
  const dirty: { path: string; why: string }[] = [];
  const blobs = [...inIndex].filter(([path, { mode }]) => mode !== '160000' && !left(path));
  const strangers = lines(untracked).filter((path) => !left(path));
  const { files, blobOf } = hashAll(target, [...blobs.map(([path]) => path), ...strangers], before, new Map(blobs));
  for (const [path, tracked] of blobs) {
    const file = files.get(path);
    const committed = inHead.get(path);
    if (!file) dirty.push({ path, why: 'deleted' });
    else if (
      blobOf.get(path) !== undefined &&
      blobOf.get(path) !== tracked.blob &&
      !(await isLargeFile(target, tracked.blob, file.sha256))
    )
      dirty.push({ path, why: 'modified' });
    else if (file.mode !== tracked.mode) dirty.push({ path, why: `mode ${file.mode}, committed ${tracked.mode}` });
    else if (committed?.blob !== tracked.blob || committed.mode !== tracked.mode)
      dirty.push({ path, why: 'staged, not committed' });
  }
  for (const path of inHead.keys())
    if (!inIndex.has(path) && !left(path)) dirty.push({ path, why: 'removed from the index' });
  for (const path of strangers) dirty.push({ path, why: 'untracked' });
  for (const [path, { mode, blob }] of inIndex) {
    if (mode === '160000' && !left(path)) dirty.push(...(await submodule(join(target, path), path, blob)));
  }
  return {
    files,
    state: {
      path: target,
      prefix: relative(realpathSync(top), realpathSync(target)),
      ...own,
      ...(remote !== undefined && { repository: withoutCredentials(remote.trim()) }),
      ...(commit !== undefined && { commit: commit.trim() }),
      ...(branch !== undefined && { branch: branch.trim() }),
      digest: digestOf(files),
      files: files.size,
      dirty: dirty.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    },
  };
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

/** What differs in a submodule from the commit that is recorded for it, whatever `submodule.ignore` says. */
async function submodule(folder: string, path: string, recorded: string): Promise<TreeState['dirty']> {
  const top = lstatSync(folder, { throwIfNoEntry: false })?.isDirectory()
    ? (await git(folder, ['rev-parse', '--show-toplevel']))?.trim()
    : undefined;
  if (top === undefined || realpathSync(top) !== realpathSync(folder))
    return [{ path, why: 'submodule is not checked out' }];
  const { state } = await snapshot(folder, { outputs: [] });
  const inside = state.dirty.map((one) => ({ path: `${path}/${one.path}`, why: one.why }));
  return state.commit === recorded ? inside : [{ path, why: 'submodule is at another commit' }, ...inside];
}

/** Paths that differ between two snapshots: changed, added, removed. */
export function changedPaths(before: Snapshot, after: Snapshot): string[] {
  const changed = new Set<string>();
  for (const [path, file] of before.files) {
    const now = after.files.get(path);
    if (now?.sha256 !== file.sha256 || now.mode !== file.mode) changed.add(path);
    // A file that was edited and put back has other times: the run saw something else meanwhile.
    else if (now.stamp !== file.stamp) changed.add(path);
  }
  for (const path of after.files.keys()) if (!before.files.has(path)) changed.add(path);
  return [...changed].toSorted();
}

/**
 * Looks at each file of a snapshot again: by size, times and inode, and by content where those differ. Updates the snapshot.
 * @returns tracked files whose content or mode is another, or that are gone; `at` is when, in milliseconds since the epoch, where the file still says it
 */
export function lookAgain(target: string, known: Snapshot['files']): { path: string; removed: boolean; at?: number }[] {
  const found: { path: string; removed: boolean; at?: number }[] = [];
  for (const [path, before] of known) {
    const stat = lstatSync(join(target, path), { throwIfNoEntry: false, bigint: true });
    if (stat && stampOf(stat) === before.stamp) continue;
    const now = hashAll(target, [path]).files.get(path);
    if (now) known.set(path, { ...now, tracked: before.tracked });
    else known.delete(path);
    if (before.tracked && (now?.sha256 !== before.sha256 || now.mode !== before.mode))
      found.push({ path, removed: now === undefined, ...(stat && { at: Number(stat.ctimeMs) }) });
  }
  return found;
}

const stampOf = (stat: BigIntStats): string => `${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}:${stat.ino}`;

/** A remote's address without user and password. */
export function withoutCredentials(url: string): string {
  return url.replace(/^(\w+:\/\/)[^@/]*@/, '$1');
}

function walk(root: string, prefix: string): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(join(root, prefix), { withFileTypes: true })) {
    const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!builtFolders.has(entry.name)) found.push(...walk(root, path));
    } else if (entry.isFile() || entry.isSymbolicLink()) found.push(path);
  }
  return found;
}

function hashAll(root: string, paths: readonly string[], before?: Snapshot, tracked?: Map<string, Tracked>) {
  const files = new Map<string, FileState>();
  const blobOf = new Map<string, string>();
  for (const path of paths.toSorted()) {
    const full = join(root, path);
    const stat = lstatSync(full, { throwIfNoEntry: false, bigint: true });
    if (!stat || stat.isDirectory()) continue;
    const mode = stat.isSymbolicLink() ? '120000' : (stat.mode & 0o100n) === 0n ? '100644' : '100755';
    const stamp = stampOf(stat);
    const known = before?.files.get(path);
    if (known?.stamp === stamp) {
      files.set(path, known);
      continue;
    }
    const content = stat.isSymbolicLink()
      ? Buffer.from(readlinkSync(full))
      : stat.isFile()
        ? readFileSync(full)
        : Buffer.alloc(0);
    files.set(path, {
      mode,
      stamp,
      tracked: tracked === undefined || tracked.has(path),
      sha256: createHash('sha256').update(content).digest('hex'),
    });
    const blob = tracked?.get(path)?.blob;
    if (blob !== undefined) {
      const hash = createHash(blob.length === 64 ? 'sha256' : 'sha1');
      blobOf.set(path, hash.update(`blob ${content.length}\0`).update(content).digest('hex'));
    }
  }
  return { files, blobOf };
}

function digestOf(files: ReadonlyMap<string, FileState>): string {
  const hash = createHash('sha256');
  for (const [path, file] of [...files].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${path}\0${file.mode}\0${file.sha256}\n`);
  }
  return hash.digest('hex');
}
