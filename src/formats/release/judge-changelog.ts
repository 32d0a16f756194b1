import { error, note, warning, type Judge } from '../../core/step.ts';
import type { Entry } from './changelog.ts';
import { sameVersion } from './version.ts';

/** What can be found of a release's changelog. */
export const changelogProblems = {
  'changelog-missing': error('The changelog is not there', 'correct its path, or say `changelog: false`'),
  'changelog-unread': note(
    'The changelog has no entries by version, and is not judged',
    'name it as `changelog`, if it should have them',
  ),
  'changelog-entry': error(
    'The changelog does not lead with this version',
    'move what is unreleased below a heading with the version',
  ),
  'changelog-date': error(
    'The changelog entry has no date, or one in the future',
    'write the day of the release: ## [1.4.0] - 2026-05-01',
  ),
  'changelog-empty': warning('The entry of the changelog says nothing', 'write what changed'),
} as const;

/** Holds a changelog against the version to be released. @param today `YYYY-MM-DD`, UTC */
export function judgeChangelog(
  j: Judge<typeof changelogProblems>,
  p: { dated?: boolean | undefined; changelog?: string | false | undefined },
  version: string,
  { path, entries }: { path: string; entries: readonly Entry[] },
  today: string,
): void {
  // The heading of a version that is yet to come leads a changelog, too.
  const released = entries.filter(
    (entry) => entry.version !== undefined && (entry.coming !== true || sameVersion(entry.version, version)),
  );
  const [first] = released;
  const own = released.find((entry) => sameVersion(entry.version ?? '', version));
  const at = (entry: Entry | undefined) => ({ where: { file: path, ...(entry && { line: entry.line }) } });
  // A file of that name may hold something else, e.g. where the entries of each version lie.
  if (entries.length === 0 && p.changelog === undefined)
    return void j.find('changelog-unread', `${path} has no heading with a version`, at(undefined));
  if (!own || own !== first)
    return void j.find(
      'changelog-entry',
      `the newest release in ${path} is ${first?.version ?? 'none'}, expected ${version}`,
      at(own ?? first),
    );
  j.prove(`the newest release in ${path} is ${own.version}`);
  if (own.lines === 0) j.find('changelog-empty', `there is nothing below ${version} in ${path}`, at(own));
  // A changelog that never had days needs none, unless that is asked for.
  const older = released.slice(1);
  if (p.dated === undefined && older.length > 0 && released.every((entry) => entry.date === undefined))
    return void j.find('changelog-date', `no entry of ${path} has a date`, { ...at(own), level: 'note' });
  if (p.dated === false) return;
  if (own.date === undefined) j.find('changelog-date', `the entry ${version} of ${path} has no date`, at(own));
  else {
    j.fact('release.date', own.date);
    const grace = new Date(Date.parse(`${today}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
    j.check(
      own.date <= grace,
      `it is of ${own.date}`,
      'changelog-date',
      `the entry ${version} of ${path} is of ${own.date}, which is in the future (today is ${today})`,
      at(own),
    );
  }
}
