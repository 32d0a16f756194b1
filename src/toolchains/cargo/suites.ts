import type { TestCounts } from './output.ts';

type Place = { file: string; line: number; col: number };

interface Suite {
  /** Tests that it said it would run. */
  running: number;
  passed: number;
  failed: number;
  ignored: number;
  filtered: number;
  failing: string[];
  ignoredNames: string[];
}

const open = (running: number): Suite => ({
  running,
  passed: 0,
  failed: 0,
  ignored: 0,
  filtered: 0,
  failing: [],
  ignoredNames: [],
});

/**
 * The suites of libtest's human output (its JSON needs nightly). A suite begins with `running N tests` and ends with the
 * `test result:` line whose counts are N; what stands in between and does not fit is a test's own output, or that of a program
 * that it started: no suite.
 * @returns the suites that lie in no other, how many result lines are none of theirs, and how many that had tests never ended
 */
export function suitesOf(stdout: string): { suites: Suite[]; foreign: number; unended: number } {
  const suites: Suite[] = [];
  const stack: Suite[] = [];
  let foreign = 0;
  for (const line of stdout.split('\n')) {
    const running = /^running (\d+) tests?$/.exec(line);
    if (running) {
      stack.push(open(Number(running[1])));
      continue;
    }
    const result =
      /^test result: \S+\. (\d+) passed; (\d+) failed; (\d+) ignored; (\d+) measured; (\d+) filtered out/.exec(line);
    if (result) {
      const [passed = 0, failed = 0, ignored = 0, measured = 0, filtered = 0] = result.slice(1).map(Number);
      const at = stack.findLastIndex((one) => one.running === passed + failed + ignored + measured);
      if (at < 0) {
        foreign++;
        continue;
      }
      const [ended] = stack.splice(at);
      if (stack.length > 0) foreign++;
      else if (ended) suites.push({ ...ended, passed, failed, ignored, filtered });
      continue;
    }
    const test = /^test (.+?)(?: - should panic)? \.\.\. (FAILED|ignored)/.exec(line);
    const current = stack.at(-1);
    if (test?.[1] !== undefined && current)
      (test[2] === 'ignored' ? current.ignoredNames : current.failing).push(test[1]);
  }
  return { suites, foreign, unended: stack.filter((one) => one.running > 0).length };
}

/** A suite that cargo said it runs: the name of its binary without the hash; none of a documentation test. */
export interface Announced {
  binary?: string;
}

/** What cargo itself says that it runs: `Running unittests src/lib.rs (target/debug/deps/demo-1f…)`, `Doc-tests demo`. */
export function announcedIn(stderr: string): Announced[] {
  return stderr.split('\n').flatMap((line): Announced[] => {
    const running = /^\s+Running .+ \((\S.*?)\)$/.exec(line);
    if (running) {
      const name = running[1]?.split(/[\\/]/).at(-1) ?? '';
      return [{ binary: name.replace(/(?:-[0-9a-f]{16})?(?:\.exe)?$/, '') }];
    }
    return /^\s+Doc-tests \S/.test(line) ? [{}] : [];
  });
}

/** How many tests the binaries list, by `-- --list`; undefined where the output has no count. */
export function listedIn(stdout: string): number | undefined {
  const counts = [...stdout.matchAll(/^(\d+) tests?, \d+ benchmarks?$/gm)].map((match) => Number(match[1]));
  return counts.length === 0 ? undefined : counts.reduce((sum, one) => sum + one, 0);
}

/** Targets of a manifest that have a `main` of their own: `harness = false`. */
export function unharnessedIn(manifest: Record<string, unknown>): string[] {
  const name = (one: unknown): string[] =>
    one !== null && typeof one === 'object' && 'harness' in one && one.harness === false && 'name' in one
      ? [String(one.name).replaceAll('-', '_')]
      : [];
  return ['test', 'bench', 'example', 'bin', 'lib'].flatMap((kind) => {
    const found = manifest[kind];
    return Array.isArray(found) ? found.flatMap(name) : name(found);
  });
}

/** Counts the tests of `cargo test`: those of the suites that cargo announced. */
export function countTests(stdout: string, stderr: string, unharnessed: readonly string[]): TestCounts {
  const { suites, foreign, unended } = suitesOf(stdout);
  const announced = announcedIn(stderr);
  const own = (one: Announced | undefined): boolean => one?.binary !== undefined && unharnessed.includes(one.binary);
  const without = announced.filter((one) => !own(one));
  const docs = announced.filter((one) => one.binary === undefined).length;
  // Since edition 2024 documentation tests may run in two groups.
  const silent = without.length < announced.length;
  const plain = suites.length >= without.length && suites.length <= without.length + (silent ? 0 : docs);
  const aligned = suites.length === announced.length;
  const counted = plain || !aligned ? suites : suites.filter((_, n) => !own(announced[n]));
  const sum = (of: (one: Suite) => number): number => counted.reduce((all, one) => all + of(one), 0);
  const panics = panicsIn(stdout);
  return {
    suites: suites.length,
    announced: announced.length,
    passed: sum((one) => one.passed),
    failed: suites.reduce((all, one) => all + one.failed, 0),
    ignored: sum((one) => one.ignored),
    filtered: sum((one) => one.filtered),
    foreign,
    unended,
    unharnessed: announced.flatMap((one) => (own(one) && one.binary !== undefined ? [one.binary] : [])),
    certain: foreign === 0 && (plain || aligned),
    failures: suites.flatMap((suite) =>
      suite.failed === 0
        ? []
        : suite.failing.slice(0, suite.failed).map((name) => {
            const where = panics.get(name);
            return { name, ...(where && { where }) };
          }),
    ),
    ignoredNames: counted.flatMap((one) => (one.ignored > 0 ? one.ignoredNames : [])),
  };
}

function panicsIn(stdout: string): Map<string, Place> {
  const panics = new Map<string, Place>();
  for (const [, name, file, line, col] of stdout.matchAll(/^thread '([^']+)'.*? panicked at ([^\s:]+):(\d+):(\d+)/gm)) {
    if (name !== undefined && file !== undefined) panics.set(name, { file, line: Number(line), col: Number(col) });
  }
  return panics;
}
