import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import { exit, UserError } from '../core/errors.ts';

/** Bytes: parsing with positions and unique keys is quadratic in keys of one mapping, so the size is capped before. */
const maxBytes = 8 * 1024 * 1024;

/** The text of a checklist's file. @throws UserError 66 where it cannot be read, 65 where it is too large or no UTF-8 */
export function readText(path: string): string {
  try {
    const { size } = statSync(path);
    if (size > maxBytes)
      throw new UserError(exit.invalid, `${path} has ${size} bytes; a checklist may have ${maxBytes}`);
    return utf8(path, readFileSync(path));
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError(exit.missing, `cannot read the checklist ${path}`, {
      cause,
      hint: 'give a path or a milestone name',
    });
  }
}

/** @throws UserError 65 where the bytes are no UTF-8, with the line of the first that is not */
function utf8(path: string, bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  let line = 1;
  // Lines are whole characters: one of them is not.
  for (let at = 0; at < bytes.length; line++) {
    const end = bytes.indexOf(10, at);
    const next = end < 0 ? bytes.length : end + 1;
    if (!isUtf8(bytes.subarray(at, next))) break;
    at = next;
  }
  throw new UserError(exit.invalid, `${path} is not a valid checklist: 1 problem`, {
    diagnostics: [{ message: 'a byte that is not UTF-8', file: path, line, hint: 'save the file as UTF-8' }],
  });
}
