import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { foldersOf, runsInOrder } from './runs.ts';
import { signOffsIn } from './sign-offs-in.ts';

/** The newest runs of a milestone that are looked through for one that was approved. */
const maxLooked = 20;

/** Where a run is kept: `<reports>/<milestone>/<id>`. */
export interface RunPlace {
  milestone: string;
  id: string;
}

/** The runs of a milestone before this one that left a record, the newest first. */
export const runsBefore = (reports: string, milestone: string, here: RunPlace): string[] =>
  runsInOrder(join(reports, milestone))
    .filter((id) => existsSync(join(reports, milestone, id, 'record.json')))
    .filter((id) => milestone !== here.milestone || id !== here.id)
    .toReversed();

/**
 * The run that was approved last, of whatever milestone: somebody approved it, and nobody rejected it. Whether the signatures hold
 * is for the gate to say.
 */
export function lastApproved(reports: string, here: RunPlace): RunPlace | undefined {
  return foldersOf(reports)
    .flatMap((milestone): RunPlace[] => {
      const id = runsBefore(reports, milestone, here)
        .slice(0, maxLooked)
        .find((one) => {
          const given = signOffsIn(join(reports, milestone, one));
          return given.length > 0 && given.every(({ decision }) => decision === 'approve');
        });
      return id === undefined ? [] : [{ milestone, id }];
    })
    .toSorted((a, b) => (a.id < b.id ? 1 : -1))[0];
}

/** What is read of earlier records at most: a step must not wait long for them. */
const maxBytes = 64 * 1024 * 1024;

/** Which of these digests the records of runs before this one name, of whatever milestone, the newest first: the digest → the run. */
export function keptBefore(reports: string, here: RunPlace, digests: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  let bytes = 0;
  for (const milestone of foldersOf(reports))
    for (const id of runsBefore(reports, milestone, here)) {
      if (bytes > maxBytes) return found;
      const text = readFileSync(join(reports, milestone, id, 'record.json'), 'utf8');
      bytes += text.length;
      for (const digest of digests)
        if (!found.has(digest) && text.includes(digest)) found.set(digest, `${milestone}/${id}`);
    }
  return found;
}
