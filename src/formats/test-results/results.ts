/** How a test ended. `errored`: it could not run to its end, or what surrounds it failed. */
export type CaseState = 'passed' | 'failed' | 'errored' | 'skipped';

/** One test, as a results file tells of it. */
export interface TestCase {
  /** Class, file, package or the titles around it; empty where there is none. */
  suite: string;
  name: string;
  state: CaseState;
  /** As the file names it: relative or absolute, or only the last part. */
  file?: string;
  line?: number;
  message?: string;
  /** Output and stack trace. */
  detail?: string;
  /** It stands for a whole file, whose exit code is all that is known: node tells so of a file in which it ran no test. */
  wholeFile?: boolean;
  /** Attempts before the last that failed. */
  failedBefore?: number;
}

/** What one results file, or one output, says. */
export interface TestResults {
  format: string;
  cases: TestCase[];
  /** Where the file's own sums do not fit its cases, in words. */
  contradictions: string[];
  /** What failed besides a test: a suite that did not compile, a package that ended early. */
  broken: { what: string; file?: string; line?: number; detail?: string }[];
  /** When its newest suite began, as it says itself. */
  began?: SaidTime;
}

/** A moment that a file names, in milliseconds since the epoch; without a zone it may be off by that of whoever wrote it. */
export interface SaidTime {
  at: number;
  zoned: boolean;
}

/** A moment as writers write it: ISO 8601, or milliseconds since the epoch. Undefined where it is none, or none of a real clock. */
export function timeOf(value: unknown): SaidTime | undefined {
  if (typeof value === 'number') return value > 1e12 && value < 1e14 ? { at: value, zoned: true } : undefined;
  if (typeof value !== 'string') return undefined;
  const [, stamp, zone] =
    /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|[+-]\d\d:?\d\d)?$/i.exec(value.trim()) ?? [];
  if (stamp === undefined) return undefined;
  const at = Date.parse(`${stamp.replace(' ', 'T')}${zone ?? 'Z'}`);
  return at > 1e12 ? { at, zoned: zone !== undefined } : undefined;
}

export const newest = (times: readonly SaidTime[]): SaidTime =>
  times.reduce((last, one) => (one.at > last.at ? one : last));

/** Is a file that says so of itself surely older than `began`? Clocks of containers may be a little off, zones up to 14 hours. */
export const isOlder = ({ at, zoned }: SaidTime, began: number): boolean =>
  at < began - (zoned ? 10 * 60_000 : 15 * 3_600_000);

export const emptyResults = (format: string): TestResults => ({
  format,
  cases: [],
  contradictions: [],
  broken: [],
});

export const isBad = ({ state }: Pick<TestCase, 'state'>): boolean => state === 'failed' || state === 'errored';

/** The whole name, as it stands in messages. */
export const wholeName = ({ suite, name }: Pick<TestCase, 'suite' | 'name'>): string =>
  suite === '' || name.startsWith(suite) ? name : `${suite} › ${name}`;

/** How people write the name of a test: alone, and behind its suite in the ways of the common runners. */
export function spellings({ suite, name, file }: TestCase): string[] {
  const base = name.replace(/\[.*\]$/s, '').replace(/\(\)$/, '');
  const names = [...new Set([name, base])];
  const before = [...new Set([suite, suite.replace(/^.*[./\\]/, ''), file ?? ''])].filter((one) => one !== '');
  const joined = before.flatMap((one) =>
    names.flatMap((last) => ['.', '::', ' ', ' > ', ' › ', '#', '/', ':'].map((by) => `${one}${by}${last}`)),
  );
  // pytest's own ids: classname a.b.TestC is a/b.py::TestC.
  const parts = suite.split('.');
  const ids = parts.flatMap((_, n) =>
    n === 0 ? [] : names.map((last) => [`${parts.slice(0, n).join('/')}.py`, ...parts.slice(n), last].join('::')),
  );
  return [...names, ...joined, ...ids, ...names.map((last) => `${parts.join('/')}.py::${last}`)];
}

/** Does a name that a person wrote mean this test? `*` stands for any characters. */
export function meansTest(written: string, test: TestCase): boolean {
  if (!written.includes('*')) return spellings(test).includes(written);
  const pattern = new RegExp(`^${written.replace(/[\\^$.+?()[\]{}|]/g, '\\$&').replaceAll('*', '.*')}$`, 's');
  return spellings(test).some((one) => pattern.test(one));
}

/** A place that a stack trace or message names, best in a test's own file. */
export function placeIn(text: string, own?: string): { file: string; line: number } | undefined {
  const found: { file: string; line: number }[] = [];
  const patterns = [
    // at f (file:///a/b.ts:3:4), /a/b.py:12: AssertionError, a_test.go:7:, Foo.java:42
    /(?:file:\/\/)?((?:[A-Za-z]:)?[\w@./\\+~-]*[\w-]\.[A-Za-z]\w{0,9}):(\d+)/g,
    /File "([^"]+)", line (\d+)/g,
    // (in test file t/a.bats, line 7); at t/a.t line 7.
    /(?:file|at) ([\w./\\-]+\.\w+),? line (\d+)/g,
    // Foo.cs:line 12
    /((?:[A-Za-z]:)?[\w./\\-]+\.\w+):line (\d+)/g,
  ];
  for (const pattern of patterns)
    for (const [, file, line] of text.slice(0, 20_000).matchAll(pattern))
      if (file !== undefined && !/node_modules|node:|site-packages|dist-packages|^\d/.test(file) && Number(line) > 0)
        found.push({ file: file.replaceAll('\\', '/'), line: Number(line) });
  // A class stands for its file.
  const stem = (path: string): string => (path.replaceAll('\\', '/').split('/').at(-1) ?? '').replace(/\.\w+$/, '');
  return (own === undefined ? undefined : found.find((one) => stem(one.file) === stem(own))) ?? found[0];
}

/** The claim that a file makes of its own numbers, held against what is in it; each may be counted in several ways. */
export function claims(what: string, claimed: number | undefined, counted: readonly number[], noun: string): string[] {
  if (claimed === undefined || counted.includes(claimed)) return [];
  const [first = 0] = counted;
  return [`${what} says ${claimed} ${noun}, and ${first} ${first === 1 ? 'is' : 'are'} in it`];
}

export const numberOf = (value: unknown): number | undefined => {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
};
