import { Judge } from '../core/judgement.ts';
import { leftFindings } from '../formats/programs/left-behind.ts';
import { meansTest, wholeName, type TestCase } from '../formats/test-results/results.ts';
import { judgeCoverage } from './judge-coverage.ts';
import type { ObservedTests, Ran, Reports } from './observed.ts';
import type { CoverageRules, Expectations } from './parameters.ts';
import { problems } from './problems.ts';

export type TestJudge = Judge<typeof problems>;

/** Suites that the table, and facts of their own, are given for. */
const mostSuites = 100;

/**
 * Judges what was seen of tests. Facts and the table of suites are given whatever comes of it.
 * @param source where the results come from, for messages: the command, or the files
 */
export function judgeTests(
  expected: Expectations & { coverage?: CoverageRules | undefined },
  observed: ObservedTests,
  source: string,
): TestJudge {
  const j = new Judge(problems);
  const { ran, reports } = observed;
  const { cannot } = observed;
  if (cannot)
    return j.find(cannot.packages === true ? 'packages-missing' : 'nothing-executed', cannot.missing, {
      hint: cannot.remedy,
    });
  if (ran?.missing) return j.find('runner-missing', ran.missing.what, { hint: ran.missing.remedy, detail: ran.tail });
  if (ran?.unprepared)
    return j.find('packages-missing', ran.unprepared.what, { hint: ran.unprepared.remedy, detail: ran.tail });
  for (const text of observed.silenced) j.find('silenced', text, { subject: text });
  // A run that failed without a word in any results says so once, by its exit code.
  const failedFirst = ran !== undefined && ran.code !== 0 && reports.read.length + reports.unreadable.length === 0;
  judgeReports(j, failedFirst ? { ...reports, unmatched: [], stale: [] } : reports, 'results', ran);
  const executed = tellNumbers(j, observed);
  const accepted = judgeFailures(j, expected, observed);
  for (const { path, what } of observed.contradictions) {
    const line = /at line (\d+)/.exec(what)?.[1];
    j.find('results-contradict', `${path}: ${what}`, {
      subject: path,
      where: { file: path, ...(line !== undefined && { line: Number(line) }) },
    });
  }
  if (ran) judgeRun(j, ran, observed, { accepted, nothing: executed === 0 && saysNothing(observed) });
  judgeNumbers(j, expected, observed, { executed, accepted }, source);
  if (observed.coverage && expected.coverage) {
    judgeReports(j, observed.coverage, 'coverage', ran);
    judgeCoverage(j, expected.coverage, observed.coverage);
  }
  return j;
}

/** What was looked for and is not there, not of this run, or not to be read. */
function judgeReports(j: TestJudge, reports: Reports, what: 'results' | 'coverage', ran?: Ran): void {
  const noun = what === 'results' ? 'results' : 'coverage report';
  for (const glob of reports.unmatched)
    j.find(
      'results-missing',
      `${glob} matches no file: the ${noun} that it promises ${what === 'results' ? 'are' : 'is'} not there`,
      { subject: glob },
    );
  for (const { path, why } of reports.stale)
    j.find('results-stale', why.startsWith(path) ? why : `${path}: ${why}`, { where: { file: path }, subject: path });
  // Who runs the tests in the same step wrote them, unless it may have set their time only.
  const unsure = what === 'coverage' ? [] : [...(ran ? [] : (reports.same ?? [])), ...(reports.touched ?? [])];
  for (const path of unsure)
    j.find(
      'results-stale',
      `${path} has a new time and the bytes that it had before: whether it was written again cannot be told`,
      {
        where: { file: path },
        subject: path,
        level: 'inconclusive',
        hint: 'delete it before the run',
      },
    );
  for (const { path, why } of reports.unreadable) {
    const line = /^line (\d+): /.exec(why)?.[1];
    j.find('results-unreadable', `${path} cannot be read as ${noun}: ${why}`, {
      where: { file: path, ...(line !== undefined && Number(line) > 0 && { line: Number(line) }) },
      subject: path,
    });
  }
}

/** Facts and table. @returns tests that were executed */
function tellNumbers(j: TestJudge, observed: ObservedTests): number {
  const { passed, failures, skipped, suites, flaky, counted } = observed;
  const sum = (of: (one: (typeof counted)[number]) => number): number => counted.reduce((all, one) => all + of(one), 0);
  const failed = failures.count + sum((one) => one.failed);
  const executed = passed + failures.count + sum((one) => one.executed);
  j.fact('tests.executed', executed)
    .fact('tests.passed', executed - failed)
    .fact('tests.failed', failed)
    .fact('tests.skipped', skipped.count)
    .fact('tests.flaky', flaky.length)
    .fact('tests.suites', suites.length + counted.length);
  const shown = suites.toSorted((a, b) => b.failed - a.failed || (a.name < b.name ? -1 : 1)).slice(0, mostSuites);
  if (suites.length > 1)
    for (const one of shown) {
      const name = one.name.replace(/[^\w./-]+/g, '-').slice(0, 80);
      if (name !== '') j.fact(`tests.suite.${name}`, one.passed + one.failed);
    }
  if (suites.length > 0)
    j.table(
      suites.length > mostSuites ? `Tests by suite (${mostSuites} of ${suites.length})` : 'Tests by suite',
      ['suite', 'executed', 'passed', 'failed', 'skipped'],
      shown.map((one) => [
        one.name || '(no suite)',
        ...[one.passed + one.failed, one.passed, one.failed, one.skipped].map(String),
      ]),
    );
  return executed;
}

/** Milliseconds: a year and a day. */
const longestQuarantine = 366 * 86_400_000;

/** @returns how many failures a quarantine accepts */
function judgeFailures(j: TestJudge, expected: Expectations, observed: ObservedTests): number {
  const { failures, broken, flaky, quarantined, counted } = observed;
  const today = new Date(observed.at).toISOString().slice(0, 10);
  let accepted = 0;
  for (const test of failures.cases) {
    const entry = expected.quarantine.find((one) => meansTest(one.test, test));
    const endless = entry && Date.parse(entry.until) > observed.at + longestQuarantine;
    const holds = entry && entry.until >= today && endless !== true;
    if (holds) accepted++;
    const code = !entry ? 'test-failed' : holds ? 'quarantined' : 'quarantine-ended';
    const why = !entry
      ? ''
      : holds
        ? ` (in quarantine until ${entry.until}: ${entry.reason})`
        : endless === true
          ? ` (a quarantine until ${entry.until} ends too far in the future, so it does not count: ${entry.reason})`
          : ` (its quarantine ended on ${entry.until}: ${entry.reason})`;
    j.find(code, `${wholeName(test)} ${test.state === 'errored' ? 'breaks off' : 'fails'}${messageOf(test)}${why}`, {
      ...optionsOf(test),
      ...(holds && { until: entry.until }),
    });
  }
  if (failures.count > failures.cases.length)
    j.find('test-failed', `${failures.count - failures.cases.length} more tests fail`);
  for (const { what, file, line, detail } of broken)
    j.find('suite-broken', what, {
      subject: what,
      ...(file !== undefined && { where: { file, ...(line !== undefined && { line }) } }),
      detail,
    });
  for (const { runner, failed, says } of counted)
    if (failed > 0)
      j.find('test-failed', `${failed} ${failed === 1 ? 'test' : 'tests'} of ${runner} failed: ${says}`, {
        subject: runner,
        detail: observed.ran?.tail,
      });
  for (const one of quarantined)
    if (!one.found) j.find('quarantine-idle', `no test is called ${one.name}`, { subject: one.name });
    else if (!one.failed) j.find('quarantine-idle', `${one.name} passes`, { subject: one.name });
  for (const test of flaky)
    j.find(
      'flaky',
      `${wholeName(test)} passed after ${test.failedBefore ?? 1} failed ${test.failedBefore === 1 ? 'attempt' : 'attempts'}`,
      optionsOf(test),
    );
  if (expected.maxFlaky !== undefined)
    j.check(
      flaky.length <= expected.maxFlaky,
      `${flaky.length} tests passed only on another attempt, at most ${expected.maxFlaky} accepted`,
      'too-many-flaky',
      `${flaky.length} tests passed only on another attempt, at most ${expected.maxFlaky} are accepted`,
    );
  return accepted;
}

const messageOf = ({ message }: TestCase): string => {
  const line = (message ?? '').replace(/\s+/g, ' ').trim();
  return line === '' ? '' : `: ${line.slice(0, 300)}`;
};

const optionsOf = (
  test: TestCase,
): { subject: string; detail?: string | undefined; where?: { file: string; line?: number } } => ({
  subject: wholeName(test),
  detail: test.detail,
  ...(test.file !== undefined && {
    where: { file: test.file, ...(test.line !== undefined && test.line > 0 && { line: test.line }) },
  }),
});

/** Some runners end with an exit code of their own where there is no test to run. */
const saysNothing = ({ ran, reports, broken }: ObservedTests): boolean =>
  broken.length === 0 &&
  ran?.code != null &&
  !ran.timedOut &&
  (reports.read.length > 0 ||
    /\bno tests? (?:files? )?(?:were )?(?:found|collected|to run|ran)\b|no packages to test/i.test(ran.tail));

/** Nothing was read, and nobody promised results at a place. */
const uncounted = ({ ran, reports, counted }: ObservedTests): boolean =>
  ran?.code === 0 && counted.length + Object.values(reports).flat().length === 0;

/** The exit code against what the results say. */
function judgeRun(
  j: TestJudge,
  ran: Ran,
  { failures, broken, counted }: ObservedTests,
  { accepted, nothing }: { accepted: number; nothing: boolean },
): void {
  for (const { message, options } of leftFindings('the command', ran.left)) j.find('process-left', message, options);
  const bad = failures.count + broken.length + counted.reduce((sum, one) => sum + one.failed, 0);
  if (ran.timedOut)
    return void j.find('not-ended', `${ran.command} was stopped after ${Math.round(ran.durationMs / 1000)} s`, {
      detail: ran.tail,
    });
  if (ran.code === 0) {
    if (bad > 0)
      j.find('exit-hides', `${ran.command} ended with 0, and ${bad} of its tests failed`, { subject: ran.command });
    return;
  }
  // Failures that are accepted explain the exit code as others do; a signal is explained by none.
  if ((bad > 0 && ran.code !== null) || nothing) return;
  if (ran.unreached !== undefined)
    return void j.find('not-reached', `${ran.command} could not fetch what it needs: ${ran.unreached}`, {
      subject: ran.command,
      detail: ran.tail,
    });
  const ended = ran.code === null ? `was killed by ${ran.signal ?? 'a signal'}` : `exited with ${ran.code}`;
  j.find(
    'runner-failed',
    `${ran.command} ${ended}, and ${accepted > 0 ? 'only accepted tests' : 'no test'} failed in its results`,
    {
      subject: ran.command,
      detail: ran.tail,
    },
  );
}

function judgeNumbers(
  j: TestJudge,
  expected: Expectations,
  observed: ObservedTests,
  { executed, accepted }: { executed: number; accepted: number },
  source: string,
): void {
  const { failures, skipped, ran } = observed;
  const skippedText = skipped.count === 0 ? '' : `; ${skipped.count} ${skipped.count === 1 ? 'was' : 'were'} skipped`;
  const failed = failures.count > 0 || observed.broken.length > 0 || observed.counted.some((one) => one.failed > 0);
  // A run that broke off says by itself why little was executed.
  const brokeOff = ran !== undefined && (ran.timedOut || ran.code !== 0);
  const { unmatched, unreadable, stale } = observed.reports;
  if (executed === 0) {
    if (uncounted(observed))
      j.find('not-countable', `${source} ended with 0, and left neither results nor a closing line that is known`, {
        detail: ran?.tail,
      });
    else if (
      brokeOff
        ? saysNothing(observed)
        : observed.broken.length + unreadable.length + unmatched.length + stale.length === 0
    )
      j.find(
        'nothing-executed',
        `${source} executed no test${skippedText}`,
        skipped.count > 0
          ? {
              detail: skipped.names.join('\n'),
              hint: 'give the tests what they wait for: a skipped test proves nothing',
            }
          : { detail: ran?.tail },
      );
  } else if (executed - accepted < expected.minimum)
    j.find(
      'too-few-tests',
      `${executed - accepted === 1 ? '1 test was' : `${executed - accepted} tests were`} executed${accepted > 0 ? ` beside the ${accepted} that fail in quarantine` : ''}, expected at least ${expected.minimum}${skippedText}`,
    );
  else if (!failed && !brokeOff)
    j.prove(
      `${executed === 1 ? '1 test was executed and did not fail' : `${executed} tests were executed and none failed`} (expected at least ${expected.minimum})`,
    );
  else if (
    failed &&
    failures.count > 0 &&
    j.findings.every((one) => one.level !== 'error' && one.level !== 'inconclusive')
  )
    j.prove(`${executed} tests were executed, and only those in quarantine failed`);
  for (const { name, states } of observed.required) {
    const bad = states.some((one) => one === 'failed' || one === 'errored');
    // That it failed was said, unless a quarantine made less of it.
    if (bad && !observed.quarantined.some((one) => one.failed)) continue;
    j.check(
      states.includes('passed') && !bad,
      `the required test ${name} was executed and passed`,
      'required-missing',
      bad
        ? `the required test ${name} failed; a quarantine does not change that`
        : states.length === 0
          ? `no test is called ${name}`
          : `the required test ${name} was skipped`,
      { subject: name },
    );
  }
  const names = skipped.names.slice(0, 5).join(', ');
  if (expected.maxSkipped !== undefined)
    j.check(
      skipped.count <= expected.maxSkipped,
      `${skipped.count} tests are skipped, at most ${expected.maxSkipped} accepted`,
      'too-many-skipped',
      `${skipped.count} tests are skipped, at most ${expected.maxSkipped} are accepted: ${names}`,
    );
  else if (skipped.count > 0)
    j.find('skipped', `${skipped.count === 1 ? '1 test is' : `${skipped.count} tests are`} skipped: ${names}`, {
      detail: skipped.names.join('\n'),
    });
}
