import { byLine, count } from './tally.ts';

const none = { executed: 0, failed: 0 };
const numbers = (passed: number, failed: number): { executed: number; failed: number } => ({
  executed: passed + failed,
  failed,
});
/** A sum of counts that stand before their words: `1 failed, 2 passed`. */
const counted = (text: string, passed: readonly string[], failed: readonly string[]) => {
  const sum = (words: readonly string[]): number => words.reduce((all, word) => all + count(text, word), 0);
  return numbers(sum(passed), sum(failed));
};

/** `go test -json`: an event a line. */
function goEvent(line: string): { executed: number; failed: number } | undefined {
  if (!/^\{"(?:Time|Action)"/.test(line) || !line.includes('"Action"')) return undefined;
  const action = /"Action":"(\w+)"/.exec(line)?.[1];
  const test = line.includes('"Test":');
  if (action === 'skip' && !test) return none;
  if (!test || (action !== 'pass' && action !== 'fail')) return undefined;
  return numbers(action === 'pass' ? 1 : 0, action === 'fail' ? 1 : 0);
}

/** With `-v`: did no test of the package whose closing line this is run, since each is skipped or its TestMain did not come to them? */
function ranNone(lines: readonly string[], at: number): boolean {
  const before = lines.slice(0, at).findLastIndex((line) => /^(?:ok|FAIL|\?)\s+\S+/.test(line));
  const own = lines.slice(before + 1, at);
  const ends = own.flatMap((line) => /^--- (PASS|FAIL|SKIP): /.exec(line)?.[1] ?? []);
  if (ends.length > 0) return ends.every((one) => one === 'SKIP');
  return lines.includes('PASS') && !own.some((line) => line.endsWith('PASS'));
}

export const go = byLine((line, lines, at) => {
  const ok = /^ok\s+\S+\s+(?:[\d.]+s|\(cached\))(.*)$/.exec(line);
  if (ok) return ok[1]?.includes('[no tests to run]') === true || ranNone(lines, at) ? none : numbers(1, 0);
  if (/^\?\s+\S+\s+\[no test files\]|^\s+\S+\s+coverage: 0\.0% of statements$/.test(line)) return none;
  if (/^FAIL\s+\S+\s+(?:[\d.]+s|\[(?:build|setup) failed\])/.test(line)) return numbers(0, 1);
  const sum = /^DONE (\d+) tests?(?:, (\d+) skipped)?(?:, (\d+) failures?)?(?:, \d+ errors?)? in /.exec(line);
  if (sum) return { executed: Number(sum[1]) - Number(sum[2] ?? 0), failed: Number(sum[3] ?? 0) };
  return goEvent(line);
});

export const cargo = byLine((line) => {
  const suite = /^test result: \S+\. (\d+) passed; (\d+) failed; \d+ ignored; (\d+) measured;/.exec(line);
  if (suite) return numbers(Number(suite[1]) + Number(suite[3]), Number(suite[2]));
  const next = /^\s*Summary \[\s*[\d.]+s\] +(\d+)(?:\/\d+)? tests? run:(.*)$/.exec(line);
  if (next)
    return { executed: Number(next[1]), failed: count(next[2] ?? '', 'failed') + count(next[2] ?? '', 'timed out') };
  if (line.startsWith('error: test failed, to rerun pass')) return numbers(0, 1);
  return undefined;
});

export const pytest = byLine((line) => {
  const sum = /^(?:=+ )?((?:\d+ [a-z]+(?:, )?)+|no tests ran) in [\d.]+s(?: \([\d:]+\))?(?: =+)?$/.exec(line.trim());
  if (!sum?.[1]) return undefined;
  if (!/passed|failed|error|skipped|deselected|xfailed|xpassed|no tests ran|warning/.test(sum[1])) return undefined;
  return counted(sum[1], ['passed', 'xfailed', 'xpassed'], ['failed', 'errors?']);
});

/** `Ran 3 tests in 0.1s`, and some lines later `OK (skipped=1)` or `FAILED (failures=1)`. */
export const unittest = byLine((line, lines, at) => {
  const ran = /^Ran (\d+) tests? in [\d.]+s$/.exec(
    lines.slice(Math.max(0, at - 4), at).findLast((l) => l.trim() !== '') ?? '',
  );
  const end = /^(OK|FAILED|NO TESTS RAN)(?: \(([^)]*)\))?$/.exec(line.trim());
  // The rest may have been cut away: `| tail -1`.
  if (!ran && end?.[1] === 'FAILED' && /^(?:failures|errors|unexpected successes)=\d/.test(end[2] ?? ''))
    return numbers(0, Math.max(1, count(end[2] ?? '', 'failures', true) + count(end[2] ?? '', 'errors', true)));
  if (!ran || !end) return undefined;
  const details = end[2] ?? '';
  const failed =
    count(details, 'failures', true) + count(details, 'errors', true) + count(details, 'unexpected successes', true);
  const executed = Number(ran[1]) - count(details, 'skipped', true);
  return { executed, failed: end[1] === 'FAILED' ? Math.max(1, failed) : 0 };
});

export const jest = byLine((line) => {
  const tests = /^Tests:\s+(.*?)(\d+) total$/.exec(line.trim());
  if (tests) return counted(tests[1] ?? '', ['passed'], ['failed']);
  const suites = /^Test Suites:\s+(?:.*?)(\d+) failed/.exec(line.trim());
  if (suites) return numbers(0, Number(suites[1]));
  return /^No tests found(?:, exiting with code \d| related to files changed since )/.test(line) ? none : undefined;
});

export const vitest = byLine((line) => {
  const tests = /^\s*(?:Tests|Test Files)\s+(?:(no tests)|((?:\d+ [a-z ]+?(?: \| )?)+) \((\d+)\))$/.exec(line);
  if (tests) {
    const files = line.trim().startsWith('Test Files');
    const found = tests[1] === undefined ? counted(tests[2] ?? '', ['passed'], ['failed']) : none;
    // A file that fails without a test of its own is counted only here.
    return files ? (found.failed > 0 ? numbers(0, found.failed) : undefined) : found;
  }
  return /^No test (?:files|suite) found(?:, exiting with code \d)?/.test(line.trim()) ? none : undefined;
});

/** `  3 passing (5ms)`, then `  1 pending` and `  1 failing`. */
export const mocha = byLine((line, lines, at) => {
  const passing = /^\s*(\d+) passing \(\d+\w+\)$/.exec(line);
  if (!passing) return undefined;
  const failing = lines.slice(at + 1, at + 4).flatMap((next) => /^\s*(\d+) failing$/.exec(next)?.[1] ?? []);
  return numbers(Number(passing[1]), Number(failing[0] ?? 0));
});

/** `ℹ tests 3` … or, as TAP, `# tests 3`: its counts follow each other. */
export const node = byLine((line, lines, at) => {
  const mark = /^(?:ℹ|#) pass (\d+)$/.exec(line);
  if (!mark) return undefined;
  const rest = lines.slice(at, at + 8);
  const own = (name: string): number =>
    Number(rest.flatMap((next) => new RegExp(`^(?:ℹ|#) ${name} (\\d+)$`).exec(next)?.[1] ?? [])[0] ?? 0);
  const failed = own('fail') + own('cancelled');
  return { ...numbers(Number(mark[1]), failed), says: `pass ${mark[1]}, fail ${failed}` };
});

/** The plan and the lines of one TAP stream. */
export function tap(lines: readonly string[]) {
  const plan = lines.findIndex((line) => /^1\.\.\d+(?:\s*#.*)?$/.test(line));
  if (plan < 0) return [];
  const own = lines.filter((line) => /^(?:not )?ok\b(?: \d+)?/.test(line) && !/#\s*skip\b/i.test(line));
  const failed = own.filter((line) => line.startsWith('not ok') && !/#\s*todo\b/i.test(line)).length;
  const planned = Number(/^1\.\.(\d+)/.exec(lines[plan] ?? '')?.[1]);
  if (own.length === 0 && planned > 0 && !lines.some((line) => /^ok\b.*#\s*skip\b/i.test(line))) return [];
  const line = Math.max(
    plan,
    lines.findLastIndex((one) => /^(?:not )?ok\b/.test(one)),
  );
  return [
    {
      line,
      executed: own.length,
      failed,
      says: failed > 0 ? `${failed} × not ok` : `${lines[plan]}, ${own.length} × ok`,
    },
  ];
}

export const prove = byLine((line, lines, at) => {
  const files = /^Files=(\d+), Tests=(\d+),/.exec(line);
  if (!files) return undefined;
  const result = lines.slice(at, at + 3).flatMap((next) => /^Result: (\w+)$/.exec(next)?.[1] ?? [])[0];
  return { executed: Number(files[2]), failed: result === 'FAIL' ? 1 : 0 };
});

export const bats = byLine((line) => {
  const sum = /^(\d+) tests?, (\d+) failures?(?:, (\d+) skipped)?(?: in .*)?$/.exec(line.trim());
  return sum ? { executed: Number(sum[1]) - Number(sum[3] ?? 0), failed: Number(sum[2]) } : undefined;
});

export const maven = byLine((line) => {
  const text = line.replace(/^\[\w+\]\s*/, '');
  const sum = /^Tests run: (\d+), {1,2}Failures: (\d+)(?:, Errors: (\d+))?(?:, Skipped: (\d+))?\s*$/.exec(text);
  if (sum) return { executed: Number(sum[1]) - Number(sum[4] ?? 0), failed: Number(sum[2]) + Number(sum[3] ?? 0) };
  return /^No tests to run\.$/.test(text) ? none : undefined;
});

/** JUnit's own runners: `OK (3 tests)`; `[ 3 tests successful ]`, `[ 0 tests failed ]`. */
export const junit = byLine((line, lines, at) => {
  const four = /^OK \((\d+) tests?\)$/.exec(line);
  if (four) return numbers(Number(four[1]), 0);
  const good = /^\[\s*(\d+) tests successful\s*\]$/.exec(line);
  if (!good) return undefined;
  const bad = lines.slice(at + 1, at + 3).flatMap((next) => /^\[\s*(\d+) tests failed\s*\]$/.exec(next)?.[1] ?? []);
  return numbers(Number(good[1]), Number(bad[0] ?? 0));
});

/** Gradle says little of tests that pass: a task that had none is `NO-SOURCE`, one that ran has no word behind it. */
export function gradle(lines: readonly string[]) {
  const found = byLine((line) => {
    const task = /^> Task \S*:\w*[tT]est\w*(?: (\S+))?$/.exec(line);
    if (task && !/[cC]lasses|compile|[rR]esources|[jJ]ar\b|[rR]eport/.test(line))
      return task[1] === 'NO-SOURCE'
        ? none
        : task[1] === 'FAILED'
          ? numbers(0, 1)
          : task[1] === 'SKIPPED'
            ? undefined
            : numbers(1, 0);
    const sum = /^(\d+) tests? completed(?:, (\d+) failed)?(?:, (\d+) skipped)?$/.exec(line);
    if (sum) return { executed: Number(sum[1]) - Number(sum[3] ?? 0), failed: Number(sum[2] ?? 0) };
    return line.startsWith('There were failing tests. See the report') ? numbers(0, 1) : undefined;
  });
  return found(lines);
}

export const phpunit = byLine((line) => {
  const ok = /^OK \((\d+) tests?, \d+ assertions?\)$/.exec(line);
  if (ok) return numbers(Number(ok[1]), 0);
  const sum = /^Tests: (\d+), Assertions: \d+(.*)\.$/.exec(line);
  if (sum) {
    const rest = sum[2] ?? '';
    return {
      executed: Number(sum[1]) - count(rest, 'Skipped', true) - count(rest, 'Incomplete', true),
      failed: count(rest, 'Failures', true) + count(rest, 'Errors', true),
    };
  }
  const pest = /^Tests:\s+(.*\d+ \w+) \(\d+ assertions?\)$/.exec(line.trim());
  if (pest) return counted(pest[1] ?? '', ['passed'], ['failed']);
  return /^No tests executed!$/.test(line) ? none : undefined;
});

export const rspec = byLine((line) => {
  const sum =
    /^(\d+) examples?, (\d+) failures?(?:, (\d+) pending)?(?:, (\d+) errors? occurred outside of examples)?$/.exec(
      line,
    );
  return sum
    ? { executed: Number(sum[1]) - Number(sum[3] ?? 0), failed: Number(sum[2]) + Number(sum[4] ?? 0) }
    : undefined;
});
export const minitest = byLine((line) => {
  const sum =
    /^(\d+) (?:runs|tests), \d+ assertions, (\d+) failures, (\d+) errors(?:, (?:(\d+) skips|.*?(\d+) omissions.*))?/.exec(
      line,
    );
  return sum
    ? { executed: Number(sum[1]) - Number(sum[4] ?? sum[5] ?? 0), failed: Number(sum[2]) + Number(sum[3]) }
    : undefined;
});

export const dotnet = byLine((line, lines, at) => {
  const old = /^(?:Passed|Failed|Skipped)!\s+- Failed:\s*(\d+), Passed:\s*(\d+), Skipped:\s*\d+, Total:/.exec(
    line.trim(),
  );
  if (old) return numbers(Number(old[2]), Number(old[1]));
  const sum = /^Test (?:run )?summary:.*?total: \d+, failed: (\d+), succeeded: (\d+)/.exec(line.trim());
  if (sum) return numbers(Number(sum[2]), Number(sum[1]));
  if (line.startsWith('Test run summary: ')) {
    const rest = lines.slice(at + 1, at + 6).join('\n');
    return /total: \d+/.test(rest) ? numbers(count(rest, 'succeeded', true), count(rest, 'failed', true)) : undefined;
  }
  const total = /^Total tests: (\d+)$/.exec(line.trim());
  if (total) {
    const rest = lines.slice(at + 1, at + 4).join('\n');
    return numbers(count(rest, 'Passed', true), count(rest, 'Failed', true));
  }
  return /^(?:No test is available in |No test matches the given testcase filter|Zero tests ran)/.test(line.trim())
    ? none
    : undefined;
});

export const ctest = byLine((line) => {
  const sum = /^\d+% tests passed, (\d+) tests? failed out of (\d+)$/.exec(line);
  if (sum) return { executed: Number(sum[2]), failed: Number(sum[1]) };
  return /^No tests were found!!!$/.test(line) ? none : undefined;
});

export const deno = byLine((line) => {
  const sum = /^(?:ok|FAILED) \| (\d+) passed(?: \(\d+ steps?\))? \| (\d+) failed/.exec(line.trim());
  return sum ? numbers(Number(sum[1]), Number(sum[2])) : undefined;
});

/** ` 3 pass`, ` 0 fail`, and below `Ran 3 tests across 1 file.` */
export const bun = byLine((line, lines, at) => {
  if (!/^Ran \d+ tests? across \d+ files?/.test(line)) return undefined;
  const before = lines.slice(Math.max(0, at - 8), at).join('\n');
  return numbers(Number(/^ *(\d+) pass$/m.exec(before)?.[1] ?? 0), Number(/^ *(\d+) fail$/m.exec(before)?.[1] ?? 0));
});

/** `  1 failed`, the names of those that did, `  2 passed (3.0s)`: each on a line of its own. */
export const playwright = byLine((line, lines, at) => {
  if (/^Error: No tests found$/.test(line.trim())) return none;
  const passed = /^ {2}(\d+) (passed|failed|skipped|flaky|did not run)(?: \([\d.]+(?:ms|s|m|h)\))?$/.exec(line);
  const below = lines.slice(at + 1).find((next) => /^ {2}\d+ (?:passed|failed|skipped|flaky|did not run)\b/.test(next));
  if (!passed || below !== undefined) return undefined;
  const block = lines
    .slice(Math.max(0, at - 60), at + 1)
    .filter((next) => /^ {2}\d+ (?:passed|failed|flaky)\b/.test(next))
    .join('\n');
  return counted(block, ['passed', 'flaky'], ['failed']);
});

export const googletest = byLine((line, lines, at) => {
  const ran = /^\[=+\] (\d+) tests? from \d+ test (?:suites?|cases?) ran\./.exec(line);
  if (!ran) return undefined;
  const rest = lines.slice(at + 1);
  const of = (word: string): number =>
    Number(rest.flatMap((next) => new RegExp(`^\\[  ${word}  \\] (\\d+) tests?\\b`).exec(next)?.[1] ?? [])[0] ?? 0);
  return { executed: Number(ran[1]), failed: of('FAILED') };
});
export const catch2 = byLine((line) => {
  const good = /^All tests passed \((\d+) assertions? in (\d+) test cases?\)$/.exec(line);
  if (good) return numbers(Number(good[2]), 0);
  const sum = /^(?:\[doctest\] )?test cases:\s+(\d+) \|\s+(\d+) passed(?: \|\s+(\d+) failed)?/.exec(line);
  if (sum) return numbers(Number(sum[2]), Number(sum[3] ?? 0));
  return /^No tests ran$/.test(line) ? none : undefined;
});
export const swift = byLine((line) => {
  const xctest = /^\s*Executed (\d+) tests?, with (?:(\d+) tests? skipped and )?(\d+) failures?/.exec(line);
  if (xctest) return { executed: Number(xctest[1]) - Number(xctest[2] ?? 0), failed: Number(xctest[3]) };
  const testing = /Test run with (\d+) tests?(?: in \d+ suites?)? (passed|failed) after/.exec(line);
  return testing ? { executed: Number(testing[1]), failed: testing[2] === 'failed' ? 1 : 0 } : undefined;
});
