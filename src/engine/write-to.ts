import { isAbsolute, join } from 'node:path';
import { exit, UserError } from '../core/errors.ts';
import { isOwnFile, isReport } from '../evidence/own-mark.ts';
import { entryAt } from '../evidence/entry.ts';
import { posixPath } from './own-output.ts';

/** `.git` in every spelling that some file system takes for it: case, dots and blanks at the end, short names, hidden letters. */
const gits = /^(?:\.git|git~\d+)[. ]*$/i;
const hidden = /\p{Default_Ignorable_Code_Point}/gu;
/** Names by which git is told what to ignore, and how to read files. */
const told = /^\.git(?:ignore|attributes|modules)$/i;

/**
 * The file of --write-to is no part of what is verified, so it is one plain file of the target, and may be nothing but an earlier
 * report.
 * @throws UserError 64 where the path leads out of the target or into git's folder, 77 where it goes through a link, 73 where
 * something else is there
 */
export function mayWriteTo(target: string, writeTo: string): void {
  const path = posixPath(writeTo);
  const parts = path.split('/').map((part) => part.replace(hidden, ''));
  const usage = (why: string): UserError =>
    new UserError(exit.usage, `--write-to ${writeTo}: ${why}`, {
      hint: 'name a file of the target, such as FINAL_STATUS.md',
    });
  if (isAbsolute(writeTo) || parts[0] === '..') throw usage('it leads out of the target');
  if (path === '.' || path.endsWith('/') || writeTo === '') throw usage('it names no file');
  if (parts.some((part) => gits.test(part))) throw usage('what lies there is git’s');
  if (told.test(parts.at(-1) ?? '')) throw usage('git would read it as its own');
  for (const [n] of parts.entries()) {
    const above = path.split('/').slice(0, n).join('/');
    const there = n === 0 ? undefined : entryAt(join(target, above));
    if (there?.isSymbolicLink() === true)
      throw new UserError(exit.untrusted, `--write-to ${writeTo}: ${above} is a link, and leads elsewhere`, {
        hint: 'name the place itself',
      });
    if (there && !there.isDirectory())
      throw new UserError(exit.cannotCreate, `--write-to ${writeTo}: ${above} is not a folder`, {
        hint: 'give another path',
      });
  }
  const there = entryAt(join(target, path));
  if (there?.isSymbolicLink() === true)
    throw new UserError(exit.untrusted, `--write-to ${writeTo}: a link is there`, { hint: 'remove it first' });
  if (there === undefined || isOwnFile(join(target, path), isReport)) return;
  throw new UserError(exit.cannotCreate, `--write-to ${writeTo}: what is there is not a report of verify`, {
    hint: 'give another path, or remove it first',
  });
}
