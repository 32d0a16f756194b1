import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

const chunk = 256 * 1024;
/** One for all files: a new one a file would make thousands of them wait for the collector, and every fork copy their page tables. */
const buffer = Buffer.allocUnsafeSlow(chunk);

export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/**
 * sha256 and size of a regular file, read by pieces; never follows a symbolic link.
 * @throws the system's error (ELOOP for a link), or an Error for what is no regular file
 */
export function digestFile(path: string | Buffer): { sha256: string; bytes: number } {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (!fstatSync(fd).isFile()) throw new Error(`${String(path)} is not a regular file`);
    const hash = createHash('sha256');
    let bytes = 0;
    for (;;) {
      const read = readSync(fd, buffer, 0, chunk, null);
      if (read === 0) break;
      hash.update(read === chunk ? buffer : buffer.subarray(0, read));
      bytes += read;
    }
    return { sha256: hash.digest('hex'), bytes };
  } finally {
    closeSync(fd);
  }
}

/** Text of a value whose keys are sorted at every level: the same value always gives the same bytes. */
export function canonicalJson(value: unknown, indent?: number): string {
  // Object by object, while the text is made: a sorted copy of the whole record would be held beside it.
  const sorted = (_: string, v: unknown): unknown =>
    v === null || typeof v !== 'object' || Array.isArray(v)
      ? v
      : Object.fromEntries(Object.entries(v).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  return `${JSON.stringify(value, sorted, indent)}\n`;
}

/** Are two values the same, whatever the order of their keys? */
export const isSame = (a: unknown, b: unknown): boolean => canonicalJson([a]) === canonicalJson([b]);
