import type { Judge } from '../core/judgement.ts';
import { percentOf } from '../formats/code-coverage/coverage.ts';
import { library } from '../formats/data/libraries.ts';
import type { ObservedTests } from './observed.ts';
import type { CoverageRules } from './parameters.ts';
import type { problems } from './problems.ts';

const show = (percent: number): string => `${(Math.floor(percent * 100) / 100).toFixed(2)} %`;
/** Files that the table shows, the least covered first. */
const shown = 20;

/** Coverage against what is promised of all lines, of some files, and of the last approved run. */
export function judgeCoverage(
  j: Judge<typeof problems>,
  rules: CoverageRules,
  { files, approved, unmatched, stale, unreadable }: NonNullable<ObservedTests['coverage']>,
): void {
  const all = percentOf(files);
  if (all === undefined) {
    // What is missing, old or broken was said.
    if (unmatched.length + stale.length + unreadable.length === 0)
      j.find(
        'coverage-nothing',
        files.length === 0 ? 'it names no file' : `it names ${files.length} files, and no line of them`,
      );
    return;
  }
  j.fact('coverage.lines', Math.floor(all * 100) / 100).fact('coverage.files', files.length);
  const least = files
    .filter((one) => one.total > 0)
    .toSorted((a, b) => a.covered / a.total - b.covered / b.total || b.total - a.total)
    .slice(0, shown);
  j.table(
    files.length > shown ? `Coverage (the least covered ${shown} of ${files.length} files)` : 'Coverage',
    ['file', 'covered', 'lines', 'percent'],
    least.map((one) => [one.path, String(one.covered), String(one.total), show((100 * one.covered) / one.total)]),
  );
  if (rules.minimum !== undefined)
    j.check(
      all >= rules.minimum,
      `${show(all)} of the lines are covered (expected at least ${rules.minimum} %)`,
      'coverage-low',
      `${show(all)} of the lines are covered, expected at least ${rules.minimum} %`,
      { subject: 'all' },
    );
  for (const { path, minimum } of rules.paths) {
    const match = library('picomatch')(path, { dot: true });
    const loose = library('picomatch')(`**/${path.replace(/^\//, '')}`, { dot: true });
    // Reports name files from their own root: a path of the repository may stand behind a module's name or an absolute folder.
    const own = files.filter((one) => match(one.path) || loose(one.path.replace(/^\//, '')));
    const percent = percentOf(own);
    if (percent === undefined)
      j.find(
        'coverage-nothing',
        own.length === 0 ? `${path} names no file of the report` : `${path} names ${own.length} files without a line`,
        { subject: path },
      );
    else
      j.check(
        percent >= minimum,
        `${show(percent)} of the lines of ${path} are covered (expected at least ${minimum} %)`,
        'coverage-low',
        `${show(percent)} of the lines of ${path} are covered, expected at least ${minimum} %`,
        { subject: path },
      );
  }
  if (rules.noLessThanApproved === false) return;
  const by = rules.noLessThanApproved === true ? 0 : rules.noLessThanApproved.by;
  if (approved?.lines === undefined) {
    j.find(
      'coverage-first',
      approved ? `the approved run ${approved.run} measured no coverage in this step` : 'no earlier run was approved',
    );
    // With nothing else asserted this would prove nothing; that it was measured is all that can be shown the first time.
    j.prove(`${show(all)} of the lines are covered; this is the first measure`);
  } else
    j.check(
      Math.floor(all * 100) / 100 >= approved.lines - by,
      `${show(all)} of the lines are covered, ${approved.lines} % in the approved run ${approved.run}`,
      'coverage-fell',
      `${show(all)} of the lines are covered, and ${approved.lines} % were in the approved run ${approved.run}${by > 0 ? ` (it may fall by ${by})` : ''}`,
      { subject: 'approved' },
    );
}
