import { createHash, type Hash } from 'node:crypto';
import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readlinkSync,
  readSync,
} from 'node:fs';
import { join } from 'node:path';
import { bytesOfPath } from './path-bytes.ts';

export interface FileState {
  mode: string;
  /** Known to git; every file where there is no git. */
  tracked: boolean;
  sha256: string;
  /** Size, times and inode: when they are unchanged the content is not read again. */
  stamp: string;
}

export interface Tracked {
  mode: string;
  blob: string;
}

/** Equal where neither size, times nor inode of a file are others. */
export const stampOf = (stat: BigIntStats): string => `${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}:${stat.ino}`;

const chunk = Buffer.allocUnsafeSlow(256 * 1024);

/** Feeds a file's bytes to hashes, piece by piece; never follows a link. @returns false where it cannot be read */
function feed(path: string | Buffer, size: bigint, hashes: readonly Hash[]): boolean {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if (!fstatSync(fd).isFile()) return false;
    for (let left = size; ;) {
      const read = readSync(fd, chunk, 0, chunk.length, null);
      for (const hash of hashes) hash.update(chunk.subarray(0, read));
      left -= BigInt(read);
      if (read === 0 || (left === 0n && read < chunk.length)) return true;
    }
  } catch {
    return false;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/**
 * sha256 of files, and of those that git tracks their hash as blobs, read by pieces: no file is too large. What is no file is left out.
 * @param before files with the same size, times and inode are not read again
 */
export function hashAll(
  root: string,
  paths: readonly string[],
  before?: { files: ReadonlyMap<string, FileState> },
  tracked?: ReadonlyMap<string, Tracked>,
): { files: Map<string, FileState>; blobOf: Map<string, string>; unreadable: Set<string> } {
  const files = new Map<string, FileState>();
  const blobOf = new Map<string, string>();
  const unreadable = new Set<string>();
  for (const path of paths.toSorted()) {
    const full = bytesOfPath(join(root, path));
    const stat = lstatSync(full, { throwIfNoEntry: false, bigint: true });
    if (!stat || stat.isDirectory()) continue;
    const mode = stat.isSymbolicLink() ? '120000' : (stat.mode & 0o100n) === 0n ? '100644' : '100755';
    const stamp = stampOf(stat);
    const known = before?.files.get(path);
    if (known?.stamp === stamp) {
      files.set(path, known);
      continue;
    }
    const blob = tracked?.get(path)?.blob;
    const content = createHash('sha256');
    const link = stat.isSymbolicLink() ? readlinkSync(full, { encoding: 'buffer' }) : undefined;
    const ofBlob =
      blob === undefined
        ? undefined
        : createHash(blob.length === 64 ? 'sha256' : 'sha1').update(`blob ${link?.length ?? stat.size}\0`);
    const hashes = ofBlob ? [content, ofBlob] : [content];
    if (link) for (const hash of hashes) hash.update(link);
    else if (stat.isFile() && !feed(full, stat.size, hashes)) {
      unreadable.add(path);
      continue;
    }
    files.set(path, {
      mode,
      stamp,
      tracked: tracked === undefined || tracked.has(path),
      sha256: content.digest('hex'),
    });
    if (ofBlob) blobOf.set(path, ofBlob.digest('hex'));
  }
  return { files, blobOf, unreadable };
}

/** sha256 over path, mode and sha256 of every file. */
export function digestOf(files: ReadonlyMap<string, FileState>): string {
  const hash = createHash('sha256');
  for (const [path, file] of [...files].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(bytesOfPath(path)).update(`\0${file.mode}\0${file.sha256}\n`);
  }
  return hash.digest('hex');
}
