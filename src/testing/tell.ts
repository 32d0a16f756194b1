import { isBad, meansTest, wholeName, type TestCase, type TestResults } from '../formats/test-results/results.ts';
import type { ObservedTests } from './observed.ts';
import type { Expectations } from './parameters.ts';
import type { Places } from './places.ts';

/** At most so many failing tests are told one by one. */
const mostFailures = 200;
const mostNames = 50;
const mostDetail = 4000;

type Told = Pick<
  ObservedTests,
  'contradictions' | 'broken' | 'suites' | 'passed' | 'skipped' | 'failures' | 'flaky' | 'required' | 'quarantined'
>;

/**
 * What all results together say, as far as the judgement needs it: numbers, what failed, and the tests that the checklist names.
 * A test that stands in several files counts in each.
 */
export function tellOf(
  all: readonly { path: string; results: TestResults }[],
  expected: Expectations,
  places: Places,
): Told {
  const cases = all.flatMap(({ results }) => results.cases);
  const bad = cases.filter(isBad);
  const skipped = cases.filter((one) => one.state === 'skipped');
  const placed = (one: TestCase): TestCase => {
    const { file, line, detail, ...rest } = one;
    const found = file === undefined ? undefined : places.resolve(file, `${one.suite}/${file}`);
    return {
      ...rest,
      ...(found !== undefined && { file: found, ...(line !== undefined && { line }) }),
      ...(detail !== undefined && { detail: detail.slice(0, mostDetail) }),
    };
  };
  const suites = Map.groupBy(cases, (one) => suiteOf(one));
  const inQuarantine = expected.quarantine.map(({ test: name }) => {
    const mine = cases.filter((one) => meansTest(name, one));
    return { name, found: mine.length > 0, failed: mine.some(isBad) };
  });
  // Those that the checklist names come first, so that none of them is among what is only counted.
  const named = (one: TestCase): boolean => expected.quarantine.some(({ test }) => meansTest(test, one));
  return {
    contradictions: all.flatMap(({ path, results }) =>
      results.contradictions.slice(0, 20).map((what) => ({ path, what })),
    ),
    broken: all
      .flatMap(({ results }) => results.broken)
      .slice(0, mostFailures)
      .map(({ what, file, line, detail }) => {
        const found = file === undefined ? undefined : places.resolve(file, what);
        return {
          what: what.slice(0, 500),
          ...(found !== undefined && { file: found, ...(line !== undefined && { line }) }),
          ...(detail !== undefined && { detail: detail.slice(0, mostDetail) }),
        };
      }),
    suites: [...suites].map(([name, own]) => ({
      name,
      passed: own.filter((one) => one.state === 'passed').length,
      failed: own.filter(isBad).length,
      skipped: own.filter((one) => one.state === 'skipped').length,
    })),
    passed: cases.length - bad.length - skipped.length,
    skipped: {
      count: skipped.length,
      names: skipped
        .slice(0, mostNames)
        .map((one) => `${wholeName(one)}${one.message === undefined ? '' : ` (${one.message.slice(0, 80)})`}`),
    },
    failures: {
      count: bad.length,
      cases: [...bad.filter(named), ...bad.filter((one) => !named(one))].slice(0, mostFailures).map(placed),
    },
    flaky: cases
      .filter((one) => one.state === 'passed' && (one.failedBefore ?? 0) > 0)
      .slice(0, mostFailures)
      .map(placed),
    required: expected.required.map((name) => ({
      name,
      states: [...new Set(cases.filter((one) => meansTest(name, one)).map((one) => one.state))],
    })),
    quarantined: inQuarantine,
  };
}

/** By what tests are grouped in the report: their suite; of titles in titles the outermost, or the file. */
function suiteOf({ suite, file }: TestCase): string {
  const first = suite.split(' › ')[0] ?? '';
  if (suite.includes(' › ') || first === '' || /\s/.test(first)) return file === undefined ? first : shortened(file);
  return first;
}

const shortened = (file: string): string => file.replaceAll('\\', '/').split('/').slice(-3).join('/');
