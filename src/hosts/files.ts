import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile, readlink, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import picomatch from 'picomatch';
import { Unobservable, type EntryKind, type Files, type FileStamp } from '../core/step.ts';
import { isLfsPointer } from '../formats/data/lfs-pointer.ts';
import type { Checkout } from './checkout.ts';

const maxRead = 16 * 1024 * 1024;

/** Reads the files of a target, text through the memory of its checkout. */
export function targetFiles(checkout: Checkout): Files {
  const { root } = checkout;
  const absolute = (path: string): string => (isAbsolute(path) ? path : resolve(root, path));
  const reading = async <T>(path: string, read: (full: string) => T): Promise<Awaited<T>> => {
    try {
      const { size } = await stat(absolute(path));
      if (size > maxRead)
        throw new Unobservable('unreadable', `${path} has ${size} bytes; at most ${maxRead} are read`);
      return await read(absolute(path));
    } catch (cause) {
      if (cause instanceof Unobservable) throw cause;
      throw new Unobservable(
        'unreadable',
        `${path} cannot be read (${(cause as NodeJS.ErrnoException).code ?? String(cause)})`,
        { cause },
      );
    }
  };
  return {
    absolute,
    readBytes: (path) => reading(path, (full) => readFile(full)),
    async read(path) {
      const text = await reading(path, (full) => checkout.text(full));
      if (isLfsPointer(text))
        throw new Unobservable('unreadable', `${path} is a pointer of git-lfs or git-annex, not the file itself`, {
          hint: 'fetch it: git lfs pull',
        });
      return text;
    },
    readRaw: (path) => reading(path, (full) => checkout.text(full)),
    async readIfThere(path) {
      return (await this.kind(path)) === 'file' ? this.read(path) : undefined;
    },
    async kind(path): Promise<EntryKind> {
      try {
        const entry = await stat(absolute(path));
        return entry.isFile() ? 'file' : entry.isDirectory() ? 'directory' : 'other';
      } catch (cause) {
        ifGone(path, undefined)(cause);
        // A link whose end is missing is still there itself.
        const link = await lstat(absolute(path)).catch(ifGone(path, undefined));
        return link?.isSymbolicLink() === true ? 'symlink' : 'missing';
      }
    },
    async size(path) {
      return (await stat(absolute(path)).catch(ifGone(path, undefined)))?.size ?? 0;
    },
    async realPath(path) {
      const real = await realpath(absolute(path)).catch(ifGone(path, absolute(path)));
      const way = relative(await realpath(root), real);
      return { real, outside: way.startsWith('..') || isAbsolute(way) };
    },
    stamp: (path) => stampOf(absolute(path), root),
    async modifiedAt(path) {
      return (await stat(absolute(path))).mtimeMs;
    },
    async sha256(path) {
      const hash = createHash('sha256');
      const text = checkout.knownText(absolute(path));
      if (text !== undefined) return hash.update(text).digest('hex');
      for await (const part of createReadStream(absolute(path), { highWaterMark: 256 * 1024 }))
        hash.update(part as Buffer);
      return hash.digest('hex');
    },
    async list(path) {
      const names = await readdir(absolute(path)).catch(ifGone<string[]>(path, []));
      return names.toSorted();
    },
    async glob(patterns, { outputs = false } = {}) {
      const match = picomatch(patterns, { dot: true });
      return checkout.paths(outputs).filter((path) => match(path));
    },
  };
}

/** What the system says where a path leads to nothing. */
const gone = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP']);

/** For a look that failed: `instead` where nothing is there. Whatever else kept it from being seen, it may be there. @throws Unobservable */
function ifGone<T>(path: string, instead: T): (cause: unknown) => T {
  return (cause) => {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    if (gone.has(code)) return instead;
    throw new Unobservable('unreadable', `${path} cannot be looked at (${code})`, {
      cause,
      hint: 'let the user that runs verify read it',
    });
  };
}

async function stampOf(path: string, root: string): Promise<FileStamp> {
  const entry = await lstat(path, { bigint: true }).catch(ifGone(path, undefined));
  const ms = (ns: bigint): number => Number(ns) / 1e6;
  const folder = await realpath(dirname(path)).catch(ifGone(path, dirname(path)));
  const real = join(folder, path.split('/').at(-1) ?? '');
  const way = relative(await realpath(root), real);
  const linkTo = entry?.isSymbolicLink() === true ? await readlink(path) : undefined;
  return {
    kind: !entry
      ? 'missing'
      : entry.isSymbolicLink()
        ? 'symlink'
        : entry.isFile()
          ? 'file'
          : entry.isDirectory()
            ? 'directory'
            : 'other',
    bytes: Number(entry?.size ?? 0),
    modifiedMs: ms(entry?.mtimeNs ?? 0n),
    changedMs: ms(entry?.ctimeNs ?? 0n),
    accessedMs: ms(entry?.atimeNs ?? 0n),
    inode: entry ? `${entry.ino} ${entry.birthtimeNs}` : '',
    links: Number(entry?.nlink ?? 0),
    outside: way.startsWith('..') || isAbsolute(way),
    real,
    ...(linkTo !== undefined && { linkTo }),
  };
}
