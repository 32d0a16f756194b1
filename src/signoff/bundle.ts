import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exit, UserError } from '../core/errors.ts';
import { digestFile, sha256 } from '../evidence/digest.ts';

/** One file of a run's folder. */
export interface BundleFile {
  kind: 'file' | 'link' | 'other';
  /** Names that the file has; more than one means that it can be changed from elsewhere. */
  links: number;
  bytes: number;
  sha256: string;
  read(): Buffer;
}

/** A run's folder: path, with forward slashes → file. */
export type Bundle = ReadonlyMap<string, BundleFile>;

export const inMemory = (data: Buffer): BundleFile => ({
  kind: 'file',
  links: 1,
  bytes: data.length,
  sha256: sha256(data),
  read: () => data,
});

function onDisk(path: string, links: number): BundleFile {
  const digest = digestFile(path);
  return {
    kind: 'file',
    links,
    ...digest,
    read() {
      const data = readFileSync(path);
      if (sha256(data) !== digest.sha256) throw new Error(`${path} changed while it was read`);
      return data;
    },
  };
}

/**
 * Everything in a folder; links are named, never followed. Only the folder itself may have been reached through one.
 * @throws UserError 74 where it cannot be read
 */
export function readBundle(folder: string): Bundle {
  const found = new Map<string, BundleFile>();
  const walk = (prefix: string): void => {
    for (const name of readdirSync(join(folder, prefix)).toSorted()) {
      const path = prefix === '' ? name : `${prefix}/${name}`;
      const full = join(folder, path);
      const stat = lstatSync(full);
      if (stat.isDirectory()) walk(path);
      else if (stat.isFile()) found.set(path, onDisk(full, stat.nlink));
      else {
        const kind = stat.isSymbolicLink() ? 'link' : 'other';
        found.set(path, { kind, links: stat.nlink, bytes: 0, sha256: '', read: () => Buffer.alloc(0) });
      }
    }
  };
  try {
    walk('');
  } catch (cause) {
    throw new UserError(exit.io, `${folder} cannot be read: ${(cause as Error).message}`, {
      cause,
      hint: 'see to its permissions, and that nothing writes to it',
    });
  }
  return found;
}
