import { below, type XmlElement } from '../data/xml.ts';
import {
  claims,
  emptyResults,
  isBad,
  newest,
  numberOf,
  placeIn,
  timeOf,
  type TestCase,
  type TestResults,
} from './results.ts';

const textOf = (element: XmlElement): string =>
  [element.attributes['message'] ?? '', element.text.trim()].filter((one) => one !== '').join('\n');

/** Words of a `status` or `result` attribute; googletest, ctest and CTRF's converters have no element for some of them. */
const failedWords = /^(?:fail|failed|failure|error|errored|broken|timedout|aborted|regression)$/i;
/** What is none of these, and does not say that it failed, was not executed as far as anybody can tell. */
const passedWords =
  /^(?:|run|pass|passed|passing|success|succeeded|successful|ok|okay|complete|completed|done|finished|executed|fixed|expected|true|warn|warning|\d+)$/i;
const nameOf = (element: XmlElement): string => element.name.toLowerCase();

/**
 * JUnit's XML in its dialects: surefire and Gradle (`flakyFailure`, `rerunFailure`), pytest (a teardown's error stands in the test
 * that passed), jest-junit, gotestsum, nextest, phpunit (suites in suites), node, bun, googletest, ctest, JunitXml.TestLogger.
 * Source: the writers' own code and output; there is no standard.
 */
export function readJunit(root: XmlElement): TestResults {
  const results = emptyResults('JUnit XML');
  const times = [root, ...below(root, 'testsuite')].flatMap((one) => timeOf(one.attributes['timestamp']) ?? []);
  if (times.length > 0) results.began = newest(times);
  const go = [...below(root, 'property')].some((one) => one.attributes['name'] === 'go.version');
  const counted = suite(root, results, '', undefined);
  // What a suite says wrongly, the sum above it says again.
  if (results.contradictions.length === 0) hold(root, counted, results);
  const stray = [...everyTest(root)].length - results.cases.length;
  if (stray > 0) results.contradictions.push(`${stray} of its tests stand in no suite, so that nobody counts them`);
  uncollected(results);
  if (go) results.cases = retried(results.cases);
  return results;
}

function* everyTest(element: XmlElement): Generator<XmlElement> {
  for (const child of element.children) {
    if (nameOf(child) === 'testcase') yield child;
    yield* everyTest(child);
  }
}

/** A file that pytest could not import stands as a test of its own: no test of it was executed. */
function uncollected(results: TestResults): void {
  const gone = results.cases.filter((one) => one.state === 'errored' && one.message === 'collection failure');
  if (gone.length === 0) return;
  results.cases = results.cases.filter((one) => !gone.includes(one));
  for (const { suite, name, file, line, detail = '' } of gone) {
    const why =
      detail
        .split('\n')
        .findLast((text) => text.startsWith('E '))
        ?.slice(1)
        .trim() ?? 'it cannot be imported';
    results.broken.push({
      what: `${file ?? [suite, name].filter((part) => part !== '').join('.')}: ${why}`,
      detail,
      ...(file !== undefined && { file, ...(line !== undefined && { line }) }),
    });
  }
}

/** What lies in a suite, counted in the ways in which writers count it. */
interface Counted {
  cases: TestCase[];
  direct: TestCase[];
  /** Suites directly in it, and those of them that hold a failure. */
  suites: number;
  badSuites: number;
  skippedSuites: number;
}

function suite(element: XmlElement, results: TestResults, above: string, file: string | undefined): Counted {
  const own = element.attributes['name'] ?? '';
  const title = nameOf(element) === 'testsuites' ? '' : own;
  const path = element.attributes['file'] ?? element.attributes['filepath'] ?? file;
  const counted: Counted = { cases: [], direct: [], suites: 0, badSuites: 0, skippedSuites: 0 };
  for (const child of element.children) {
    if (nameOf(child) === 'testcase') {
      const test = caseOf(child, title || above, path);
      counted.direct.push(test);
      counted.cases.push(test);
      results.cases.push(test);
    } else if (nameOf(child) === 'testsuite' || nameOf(child) === 'testsuites') {
      const inner = suite(child, results, title || above, path);
      hold(child, inner, results);
      counted.suites++;
      if (inner.cases.some(isBad)) counted.badSuites++;
      if (inner.cases.length > 0 && inner.cases.every((one) => one.state === 'skipped')) counted.skippedSuites++;
      counted.cases.push(...inner.cases);
    } else if (nameOf(child) === 'failure' || nameOf(child) === 'error') {
      const detail = textOf(child);
      const place = placeIn(detail, path);
      results.broken.push({
        what: `${own === '' ? 'a suite' : own}: ${detail.split('\n')[0] || child.name}`,
        detail,
        line: place?.line ?? child.line,
        ...((place?.file ?? path) !== undefined && { file: place?.file ?? path ?? '' }),
      });
    }
  }
  return counted;
}

/** The sums of an element's attributes against what is in it. */
function hold(element: XmlElement, { cases, direct, suites, badSuites }: Counted, results: TestResults): void {
  const { attributes, line, name } = element;
  const what = `<${name}${attributes['name'] === undefined ? '' : ` name="${attributes['name'].slice(0, 80)}"`}> at line ${line}`;
  const says = (key: string): number | undefined => numberOf(attributes[key]);
  const of = (list: readonly TestCase[], state: TestCase['state']): number =>
    list.filter((one) => one.state === state).length;
  const skipped = [of(cases, 'skipped'), of(direct, 'skipped')];
  const errored = of(cases, 'errored');
  // Some leave skipped or disabled tests out of the sum, pytest counts a test and its teardown's error as two.
  const leftOut = Math.max(says('skipped') ?? 0, says('disabled') ?? 0, says('ignored') ?? 0);
  const tests = [cases.length, direct.length, direct.length + suites];
  const all = [
    ...tests,
    ...skipped.map((n, at) => (tests[at] ?? 0) - n),
    cases.length - leftOut,
    cases.length + leftOut,
  ];
  const twice = Array.from({ length: Math.min(errored, 1000) + 1 }, (_, n) => cases.length + n);
  // pytest (9, or with pytest-subtests) counts subtests that passed, and names none of them.
  const subtests = attributes['name'] === 'pytest' && (says('tests') ?? 0) > cases.length;
  if (!subtests) results.contradictions.push(...claims(what, says('tests'), [...all, ...twice], 'tests'));
  const [failures, errors] = [says('failures') ?? 0, says('errors') ?? 0];
  const bad = cases.filter(isBad).length;
  const directBad = direct.filter(isBad).length;
  const fits = (n: number): boolean => n >= Math.max(failures, errors) && n <= failures + errors;
  // A suite of its own that broke is said as an element beside the tests.
  const said = attributes['failures'] !== undefined || attributes['errors'] !== undefined;
  const outside = element.children.filter((one) => nameOf(one) === 'error' || nameOf(one) === 'failure').length;
  if (
    said &&
    ![bad, directBad, directBad + badSuites, bad + outside, badSuites].some(fits) &&
    results.broken.length === 0
  ) {
    results.contradictions.push(
      `${what} says ${failures} failures${errors > 0 ? ` and ${errors} errors` : ''}, and ${bad} of its tests failed`,
    );
  }
}

function caseOf(element: XmlElement, around: string, path: string | undefined): TestCase {
  const { attributes, children, line } = element;
  const first = (...names: string[]): XmlElement | undefined => children.find((one) => names.includes(nameOf(one)));
  const failure = first('failure');
  const error = first('error');
  const status = attributes['status'] ?? '';
  const result = attributes['result'] ?? attributes['outcome'] ?? '';
  const flag = (...names: string[]): string | undefined =>
    names.map((one) => attributes[one]?.toLowerCase()).find((value) => value !== undefined);
  const skip = first('skipped', 'disabled', 'ignored', 'pending');
  const unknown = [status, result].find((word) => !passedWords.test(word) && !failedWords.test(word));
  // A test that is still to be written may fail: node tells of both.
  const todo = skip?.attributes['type'] === 'todo';
  const state: TestCase['state'] = todo
    ? 'skipped'
    : failure
      ? 'failed'
      : error
        ? 'errored'
        : failedWords.test(status) ||
            failedWords.test(result) ||
            flag('success', 'passed') === 'false' ||
            flag('failed', 'failure') === 'true'
          ? 'failed'
          : skip ||
              unknown !== undefined ||
              flag('executed') === 'false' ||
              flag('skipped', 'ignored', 'disabled') === 'true'
            ? 'skipped'
            : 'passed';
  const why = (todo ? skip : (failure ?? error)) ?? (state === 'skipped' ? skip : undefined);
  const before = children.filter((one) => /^(?:flaky|rerun)(?:failure|error)$/.test(nameOf(one))).length;
  const detail = why ? textOf(why) : '';
  const file = attributes['file'] ?? attributes['filepath'] ?? path;
  const named = numberOf(attributes['line']);
  const suite = attributes['classname'] ?? attributes['class'] ?? around;
  const place = detail === '' ? undefined : placeIn(detail, file ?? suite.split(/[.$]/).findLast((one) => one !== ''));
  return {
    suite,
    name: attributes['name'] ?? `a test without a name at line ${line}`,
    state,
    ...(state === 'failed' || state === 'errored'
      ? placed(place, file, named)
      : file !== undefined && { file, ...(named !== undefined && named > 0 && { line: named }) }),
    ...(detail !== '' && {
      message: (detail.split('\n').find((one) => one.trim() !== '') ?? '').slice(0, 500),
      detail,
    }),
    ...(before > 0 && { failedBefore: before }),
    ...(suite === 'test' &&
      file?.replaceAll('\\', '/').endsWith(`/${attributes['name'] ?? '/'}`) === true && { wholeFile: true }),
  };
}

/** Where it failed: the line of the trace in the test's own file, else what the file says of the test, else what the trace names. */
function placed(
  place: { file: string; line: number } | undefined,
  file: string | undefined,
  line: number | undefined,
): { file?: string; line?: number } {
  const tail = (path: string): string => path.replaceAll('\\', '/').split('/').at(-1) ?? path;
  if (file === undefined) return place ?? {};
  if (place && tail(place.file) === tail(file)) return { file, line: place.line };
  return { file, ...(line !== undefined && line > 0 && { line }) };
}

/** Go gives each test of a package a name of its own: where one stands twice it was run again, and the last attempt counts. */
function retried(cases: readonly TestCase[]): TestCase[] {
  const groups = Map.groupBy(cases, ({ suite, name }) => `${suite}\n${name}`);
  return [...groups.values()].flatMap((group) => {
    const bad = group.filter(isBad);
    const good = group.find((one) => one.state === 'passed');
    // gotestsum lists the failed attempts first, whatever their order.
    return good && bad.length > 0 ? [{ ...good, failedBefore: bad.length }] : bad.length > 1 ? bad.slice(-1) : group;
  });
}
