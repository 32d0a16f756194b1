import { readFileSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { exit, UserError } from '../core/errors.ts';
import { runName } from '../core/run-name.ts';
import { entryAt } from '../evidence/entry.ts';
import { isIndex, mayReplace } from '../evidence/own-mark.ts';

const hint = 'keep runs in another folder (--reports), or remove it first';

/**
 * A run writes the index of the runs and the link to the last one anew: what is there must be verify's own.
 * @throws UserError 73 where something else is there
 */
export function mayKeepRunsIn(reports: string, milestone: string): void {
  mayReplace(join(reports, 'index.html'), isIndex, hint);
  const latest = join(reports, milestone, 'latest');
  const last = entryAt(latest);
  const to =
    last?.isSymbolicLink() === true
      ? readlinkSync(latest)
      : last?.isFile() === true
        ? readFileSync(latest, 'utf8')
        : '';
  // A copy of the folder may have made the link an absolute one.
  if (last && !runName.test(basename(to.trim())))
    throw new UserError(exit.cannotCreate, `${latest} is there, and verify did not make it: it would be written over`, {
      hint,
    });
}
