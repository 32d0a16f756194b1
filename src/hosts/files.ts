import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile, stat } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import picomatch from 'picomatch';
import { Unobservable } from '../core/errors.ts';
import type { EntryKind, Files } from '../core/step.ts';
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
    read: (path) => reading(path, (full) => checkout.text(full)),
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
    async glob(patterns, { outputs = false } = {}) {
      const match = picomatch(patterns, { dot: true });
      return checkout.paths(outputs).filter((path) => match(path));
    },
  };
}
