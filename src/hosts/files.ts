import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile, stat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import picomatch from 'picomatch';
import { Unobservable } from '../core/errors.ts';
import type { EntryKind, Files } from '../core/step.ts';

const maxRead = 16 * 1024 * 1024;
const leftOut = new Set(['.git', 'node_modules', 'target', '.verify']);

/** Reads the files of the target. */
export function targetFiles(root: string): Files {
  const absolute = (path: string): string => (isAbsolute(path) ? path : resolve(root, path));
  const walk = async (prefix: string, match: (path: string) => boolean): Promise<string[]> => {
    const entries = await readdir(join(root, prefix), { withFileTypes: true });
    const found = await Promise.all(
      entries.map(async (entry) => {
        const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
        if (entry.isDirectory()) return leftOut.has(entry.name) ? [] : walk(path, match);
        return match(path) ? [path] : [];
      }),
    );
    return found.flat();
  };
  const bytes = async (path: string): Promise<Buffer> => {
    try {
      const { size } = await stat(absolute(path));
      if (size > maxRead)
        throw new Unobservable('unreadable', `${path} has ${size} bytes; at most ${maxRead} are read`);
      return await readFile(absolute(path));
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
    readBytes: bytes,
    read: async (path) => (await bytes(path)).toString('utf8'),
    async readIfThere(path) {
      return (await this.kind(path)) === 'file' ? this.read(path) : undefined;
    },
    async kind(path): Promise<EntryKind> {
      try {
        const entry = await stat(absolute(path));
        return entry.isFile() ? 'file' : entry.isDirectory() ? 'directory' : 'other';
      } catch {
        // A link whose end is missing is still there itself.
        const link = await lstat(absolute(path)).catch(() => undefined);
        return link?.isSymbolicLink() === true ? 'symlink' : 'missing';
      }
    },
    async size(path) {
      return (await stat(absolute(path))).size;
    },
    async modifiedAt(path) {
      return (await stat(absolute(path))).mtimeMs;
    },
    async sha256(path) {
      const hash = createHash('sha256');
      for await (const part of createReadStream(absolute(path), { highWaterMark: 256 * 1024 }))
        hash.update(part as Buffer);
      return hash.digest('hex');
    },
    async list(path) {
      const names = await readdir(absolute(path)).catch(() => []);
      return names.toSorted();
    },
    async glob(patterns) {
      const match = picomatch(patterns, { dot: true });
      return (await walk('', (path) => match(path))).toSorted();
    },
  };
}
