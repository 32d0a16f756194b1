import { createHash } from 'node:crypto';
import { type Dirent, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exit, UserError } from '../core/errors.ts';
import { askGit, gitBytes } from './git.ts';
import { bytesOfPath, namesOf, textOfPath } from './path-bytes.ts';
import type { Repository } from './repository-at.ts';

/** Folders that builds fill, left out where there is no git to say what is ignored. */
const builtFolders = new Set(['.git', 'node_modules', 'target', 'dist', '.verify']);

/** Files by which git is told what to ignore, and how to read what it tracks. */
const telling = new Set(['.gitignore', '.gitattributes']);

/** What keeps a folder from being read at any time. */
const refusals = new Set(['EACCES', 'EPERM', 'ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']);

interface Entry {
  name: string;
  kind: 'file' | 'folder' | 'other';
}

const kindOf = (entry: Dirent | Dirent<Buffer>): Entry['kind'] =>
  entry.isDirectory() ? 'folder' : entry.isFile() || entry.isSymbolicLink() ? 'file' : 'other';

/** What is in a folder; names that are no UTF-8 too. undefined where it may not be read. @throws UserError 74 where that fails now */
function list(root: string, prefix: string): Entry[] | undefined {
  const path = bytesOfPath(join(root, prefix));
  try {
    const entries = readdirSync(path, { withFileTypes: true });
    if (!entries.some((entry) => entry.name.includes('\ufffd')))
      return entries.map((entry) => ({ name: entry.name, kind: kindOf(entry) }));
    return readdirSync(path, { withFileTypes: true, encoding: 'buffer' }).map((entry) => ({
      name: textOfPath(entry.name),
      kind: kindOf(entry),
    }));
  } catch (cause) {
    // Too many open files, say: what lies there is not known, and another moment it would be.
    if (!refusals.has((cause as NodeJS.ErrnoException).code ?? ''))
      throw new UserError(
        exit.io,
        `${join(root, prefix)} could not be read (${(cause as NodeJS.ErrnoException).code ?? String(cause)})`,
        {
          cause,
          hint: 'run again',
        },
      );
    return undefined;
  }
}

/** Every file and link of a folder, without what builds fill. */
export function walkAll(root: string): string[] {
  const found: string[] = [];
  const open = [''];
  for (let prefix = open.pop(); prefix !== undefined; prefix = open.pop())
    for (const { name, kind } of list(root, prefix) ?? []) {
      const path = prefix === '' ? name : `${prefix}/${name}`;
      if (kind === 'folder' && !builtFolders.has(name)) open.push(path);
      else if (kind === 'file') found.push(path);
    }
  return found;
}

/**
 * What lies in the target and git does not track, but for what the .gitignore files of the commit ignore. The folder is walked here,
 * and git is asked only what to pass over, so that whatever git does not tell of is a stranger.
 * @returns strangers, and among them (or above the target, as `../…`) the files that tell git what to ignore and are in no commit
 */
export async function strangersIn(
  target: string,
  { top, prefix }: Repository,
  tracked: ReadonlyMap<string, unknown>,
): Promise<{ strangers: string[]; hiding: Set<string> }> {
  const ignored = await ignoredIn(target);
  const hiding = new Set(await tellingAbove(top, prefix));
  const strangers: string[] = [];
  const open = [''];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    const entries = list(target, folder);
    if (!entries) strangers.push(`${folder}/`);
    for (const { name, kind } of entries ?? []) {
      const path = folder === '' ? name : `${folder}/${name}`;
      if (tracked.has(path)) continue;
      if (name === '.git') {
        if (folder !== '') strangers.push(path);
        continue;
      }
      if (kind === 'folder') {
        if (!ignored.has(`${path}/`)) open.push(path);
      } else if (telling.has(name)) {
        hiding.add(path);
        strangers.push(path);
      } else if (kind === 'file' && !ignored.has(path)) strangers.push(path);
    }
  }
  return { strangers, hiding };
}

/**
 * Files that .gitignore files ignore, and folders (with a slash) that one of them ignores as a whole. git also lists a folder all of
 * whose files are ignored one by one, and then these too: such a folder is looked into.
 */
async function ignoredIn(target: string): Promise<Set<string>> {
  const listed = namesOf(
    await gitBytes(target, ['ls-files', '-o', '-i', '-z', '--exclude-per-directory=.gitignore', '--directory']),
  );
  const all = new Set(listed);
  const looked = new Set<string>();
  for (const path of listed) {
    for (let at = path.lastIndexOf('/', path.length - 2); at > 0; at = path.lastIndexOf('/', at - 1)) {
      const above = path.slice(0, at + 1);
      if (looked.has(above)) break;
      looked.add(above);
    }
  }
  for (const folder of looked) all.delete(folder);
  for (const folder of await ownRules(target, [...all])) all.delete(folder);
  return all;
}

/** Of ignored folders those that are ignored by a .gitignore of their own: no commit says so. */
async function ownRules(target: string, ignored: readonly string[]): Promise<string[]> {
  const having = ignored.filter(
    (path) =>
      path.endsWith('/') &&
      lstatSync(bytesOfPath(join(target, `${path}.gitignore`)), { throwIfNoEntry: false }) !== undefined,
  );
  if (having.length === 0) return [];
  const input = Buffer.concat(having.flatMap((path) => [Buffer.from(bytesOfPath(path.slice(0, -1))), Buffer.of(0)]));
  const answer = await askGit(target, ['check-ignore', '-z', '-v', '-n', '--no-index', '--stdin'], [], input);
  const fields = 'said' in answer ? answer.said.toString('utf8').split('\0') : [];
  const outside = new Set<string>();
  // Four fields each: the rule's file, its line, the rule, the path.
  for (let at = 0; at + 3 < fields.length; at += 4)
    if (fields[at] !== '' && !fields[at + 2]?.startsWith('!')) outside.add(`${fields[at + 3]}/`);
  return having.filter((path) => !outside.has(path));
}

/** The .gitignore and .gitattributes above the target that are not as they were committed, as `../…`. */
async function tellingAbove(top: string, prefix: string): Promise<string[]> {
  const parts = prefix === '' ? [] : prefix.split('/');
  const found: string[] = [];
  for (const [n] of parts.entries()) {
    const folder = parts.slice(0, n).join('/');
    for (const name of telling) {
      const path = folder === '' ? name : `${folder}/${name}`;
      const there = lstatSync(join(top, path), { throwIfNoEntry: false });
      const line = (await gitBytes(top, ['ls-tree', '-z', 'HEAD', '--', path]))?.toString('utf8') ?? '';
      const blob = /^\d+ blob ([0-9a-f]+)\t/.exec(line)?.[1];
      if (!there && blob === undefined) continue;
      if (!there?.isFile() || blob === undefined || blobHash(join(top, path), blob.length) !== blob)
        found.push(`${'../'.repeat(parts.length - n)}${name}`);
    }
  }
  return found;
}

function blobHash(path: string, digits: number): string {
  const content = readFileSync(path);
  return createHash(digits === 64 ? 'sha256' : 'sha1')
    .update(`blob ${content.length}\0`)
    .update(content)
    .digest('hex');
}
