import { byLine, count, type Runner } from './tally.ts';

const sum = (text: string, words: readonly string[], behind = false): number =>
  words.reduce((all, word) => all + count(text, word, behind), 0);
const word = (program: string): RegExp =>
  new RegExp(`^(?:(?:yarn|pnpm|bun|mix)(?: run)? )?(?:\\S*/)?${program}(?=\\s|$)`);

/** One line that holds the counts: what it looks like, and the words before (or, where `behind`, after) which they stand. */
const line = (
  name: string,
  command: RegExp,
  closing: RegExp,
  words: {
    good: readonly string[];
    bad: readonly string[];
    all?: RegExp;
    idle?: readonly string[];
    behind?: boolean;
    none?: RegExp;
  },
  after?: RegExp,
): Runner => ({
  name,
  command,
  ...(after && { after }),
  read: byLine((text) => {
    if (words.none?.test(text) === true) return { executed: 0, failed: 0 };
    if (!closing.test(text)) return undefined;
    const failed = sum(text, words.bad, words.behind);
    const all = words.all && Number(words.all.exec(text)?.[1] ?? 0);
    const idle = sum(text, words.idle ?? [], words.behind);
    return { executed: (all ?? sum(text, words.good, words.behind) + failed) - idle, failed };
  }),
});

/** Runners of further languages. Sources: their manuals and reporters. */
export const moreRunners: readonly Runner[] = [
  line(
    'ExUnit',
    /^(?:\S+=\S+ )*mix(?: \S+)* test(?=\s|$)/,
    /^(?:\d+ (?:doctests?|properties|property), )*\d+ tests?, \d+ failures?(?:, \d+ \w+)*(?: \(\d+ excluded\))?$/,
    {
      good: [],
      bad: ['failures?'],
      all: /(\d+) tests?,/,
      // It counts them among its tests.
      idle: ['excluded(?!\\))', 'skipped'],
      none: /^There are no tests to run$/,
    },
    /^(?:Randomized|Running ExUnit) with seed/,
  ),
  line(
    'Robot Framework',
    word('(?:robot|pabot)'),
    /^\d+ tests?, \d+ passed, \d+ failed(?:, \d+ skipped)?$/,
    { good: ['passed'], bad: ['failed'] },
    /^(?:=+|(?:Output|Log|Report|XUnit):\s.*)$/,
  ),
  line(
    'behave',
    word('behave'),
    /^\d+ scenarios? passed, \d+ failed/,
    { good: ['scenarios? passed'], bad: ['failed'] },
    /^(?:\d+ steps? passed|Took )/,
  ),
  line(
    'Cucumber',
    word('(?:cucumber|cucumber-js|godog)'),
    /^\d+ scenarios?(?: \(.*\))?$/,
    { good: ['passed'], bad: ['failed', 'undefined', 'ambiguous'] },
    /^(?:\d+ steps?\b|\d+m[\d.]+s)/,
  ),
  {
    name: 'dart test',
    command: /^(?:dart|flutter|very_good)(?: --?\S+)* test(?=\s|$)/,
    read: byLine((text) => {
      const end = /^\d\d:\d\d \+(\d+)(?: ~\d+)?(?: -(\d+))?: (?:All tests passed!|Some tests failed\.)$/.exec(text);
      if (end) return { executed: Number(end[1]) + Number(end[2] ?? 0), failed: Number(end[2] ?? 0) };
      return /^No tests (?:ran|were found)\.$/.test(text) ? { executed: 0, failed: 0 } : undefined;
    }),
  },
  line('AVA', word('ava'), /^\s+\d+ tests? (?:passed|failed)$/, {
    good: ['tests? passed'],
    bad: ['tests? failed'],
    none: /^\s+✖ No tests found/,
  }),
  line(
    'Bazel',
    /^(?:\S*\/)?(?:bazel|bazelisk)(?: --?\S+)* (?:test|coverage)(?=\s|$)/,
    /^Executed \d+ out of \d+ tests?: /,
    { good: ['tests? pass(?:es)?'], bad: ['fails?(?: locally| remotely)?', 'tests? fails?'] },
    /^(?:There were tests whose|\S.*(?:PASSED|FAILED|NO STATUS))/,
  ),
  line(
    'sbt',
    word('sbt'),
    /^\[\w+\] (?:Passed|Failed): Total \d+, Failed \d+, Errors \d+, Passed \d+/,
    {
      good: ['Passed'],
      bad: ['Failed', 'Errors'],
      behind: true,
      none: /^\[info\] No tests (?:were executed|to run for)/,
    },
    /^\[\w+\]/,
  ),
  line('tasty', /(?!)/, /^(?:All \d+ tests passed|\d+ out of \d+ tests failed) \([\d.]+s\)$/, {
    good: ['tests passed'],
    bad: ['out of'],
  }),
  line(
    'cabal test',
    /^(?:cabal(?: new-| v2-| )test|stack(?: --?\S+)* test)(?=\s|$)/,
    /^\d+ of \d+ test suites \(\d+ of \d+ test cases\) (?:passed|failed)\.$/,
    { good: [], bad: [], all: /of (\d+) test cases/ },
  ),
  line(
    'zig test',
    /^zig (?:build )?test(?=\s|$)/,
    /^(?:All \d+ tests passed\.|\d+ passed; \d+ skipped; \d+ failed\.)$/,
    { good: ['tests passed', 'passed'], bad: ['failed'] },
  ),
  line(
    'Ginkgo',
    word('ginkgo'),
    /^(?:SUCCESS|FAIL)! -- \d+ Passed \| \d+ Failed \|/,
    { good: ['Passed'], bad: ['Failed'] },
    /^(?:PASS|FAIL|ok\s|Ginkgo ran|Test Suite (?:Passed|Failed)|-+)/,
  ),
  line(
    'Karma',
    word('karma start'),
    /^(?:.*: )?Executed \d+ of (?!0\b)\d+ .*(?:SUCCESS|FAILED)/,
    { good: [], bad: ['FAILED'], all: /Executed (\d+)/ },
    /^TOTAL/,
  ),
  line(
    'Jasmine',
    word('jasmine'),
    /^\d+ specs?, \d+ failures?(?:, \d+ pending specs?)?$/,
    { good: [], bad: ['failures?'], all: /^(\d+)/, none: /^(?:No specs found|Incomplete: No specs found)/ },
    /^(?:Finished in|Executed |Randomized with seed|Incomplete:)/,
  ),
  line('clojure.test', /^(?:lein|clj|clojure)(?=\s|$)/, /^\d+ failures, \d+ errors\.$/, {
    good: [],
    bad: ['failures', 'errors'],
    all: /(?!)/,
  }),
  line('busted', word('busted'), /^\d+ success(?:es)? \/ \d+ failures? \/ \d+ errors? \/ \d+ pending/, {
    good: ['success(?:es)?'],
    bad: ['failures?', 'errors?'],
  }),
  line('testthat', /^(?:R|Rscript)(?=\s|$)/, /^\[ FAIL \d+ \| WARN \d+ \| SKIP \d+ \| PASS \d+ \]/, {
    good: ['PASS'],
    bad: ['FAIL'],
    behind: true,
  }),
  line('trial', word('trial'), /^(?:PASSED|FAILED) \((?:[a-zA-Z]+=\d+(?:, )?)+\)$/, {
    good: ['successes'],
    bad: ['failures', 'errors'],
    behind: true,
  }),
  line(
    'Unity',
    /(?!)/,
    /^\d+ Tests \d+ Failures \d+ Ignored\s*$/,
    { good: [], bad: ['Failures'], all: /^(\d+)/ },
    /^(?:OK|FAIL)$/,
  ),
  line('Criterion', /(?!)/, /Synthesis: Tested: \d+ \| Passing: \d+ \| Failing: \d+ \| Crashing: \d+/, {
    good: ['Passing'],
    bad: ['Failing', 'Crashing'],
    behind: true,
  }),
  {
    name: 'meson test',
    command: /^(?:meson test|ninja(?: -C \S+)? test)(?=\s|$)/,
    read: byLine((text, lines, at) => {
      const ok = /^Ok:\s+(\d+)\s*$/.exec(text);
      if (!ok)
        return /^No tests defined\.$|No suitable tests defined/.test(text) ? { executed: 0, failed: 0 } : undefined;
      const bad = lines
        .slice(Math.max(0, at - 1), at + 7)
        .flatMap((next) => /^(?:Fail|Unexpected Pass|Timeout):\s+(\d+)/.exec(next)?.[1] ?? []);
      const failed = bad.reduce((all, one) => all + Number(one), 0);
      return { executed: Number(ok[1]) + failed, failed };
    }),
    after: /^(?:Expected Fail|Fail|Unexpected Pass|Skipped|Timeout):|^Full log written to/,
  },
  {
    name: 'pre-commit',
    command: word('(?:pre-commit|prek) run'),
    read: byLine((text) => {
      const hook = /\.{3,}(?:\((.*)\))?(Passed|Failed|Skipped)$/.exec(text);
      return hook ? { executed: hook[2] === 'Skipped' ? 0 : 1, failed: hook[2] === 'Failed' ? 1 : 0 } : undefined;
    }),
    noun: 'hooks',
  },
  {
    name: 'make',
    command: /^(?:\S*\/)?g?make(?=\s|$)/,
    // Where a file or folder has the target's name, nothing is run.
    read: byLine((text) => {
      const idle =
        /^g?make(?:\[\d+\])?: (?:[`'‘](\S+)['’] is up to date\.|Nothing to be done for [`'‘](\S+)['’]\.)$/.exec(text);
      const target = idle?.[1] ?? idle?.[2];
      return target !== undefined &&
        /^(?:tests?|check|lint|verify|validate|e2e|ci|(?:unit|integration|e2e|smoke)[-_.]?tests?|test[-_.]\S+)$/.test(
          target,
        )
        ? { executed: 0, failed: 0 }
        : undefined;
    }),
    noun: 'targets',
    onlyNamed: true,
  },
];

const checker = (
  name: string,
  command: RegExp,
  read: (text: string) => number | undefined,
  none?: RegExp,
  onPurpose?: RegExp,
): Runner => ({
  name,
  command,
  noun: 'checks',
  onlyNamed: true,
  ...(onPurpose && { onPurpose }),
  read: byLine((text) => {
    if (none?.test(text) === true) return { executed: 0, failed: 0 };
    const failed = read(text.trimEnd());
    return failed === undefined || failed === 0 ? undefined : { executed: failed, failed };
  }),
});
const found =
  (pattern: RegExp) =>
  (text: string): number | undefined => {
    const match = pattern.exec(text);
    return match ? Number(match[1] ?? 1) : undefined;
  };

/** Programs that look at sources: what they say where they found something, and where they looked at nothing. */
export const checkers: readonly Runner[] = [
  checker(
    'tsc',
    word('(?:tsc|vue-tsc|tsgo)'),
    found(/^(?:Found (\d+) errors?(?: in .*)?\.?|\S.*\(\d+,\d+\): error TS\d+: .*|error TS\d+: .*)$/),
  ),
  checker(
    'eslint',
    word('(?:eslint|oxlint|xo|stylelint)'),
    found(/^\s*(?:✖|×) \d+ problems? \((\d+) errors?, \d+ warnings?\)|^Found \d+ warnings? and (\d+) errors?\./),
  ),
  checker('prettier', word('prettier'), found(/^\[warn\] Code style issues found/)),
  checker('biome', word('biome'), found(/^Found (\d+) errors?\.$/)),
  checker(
    'ruff',
    word('ruff'),
    found(/^Found (\d+) errors?(?:\.| \()/),
    /^warning: No Python files found under the given path/,
  ),
  checker(
    'black',
    word('black'),
    found(/^(\d+) files? would be reformatted/),
    /^No Python files are present to be formatted/,
  ),
  checker(
    'mypy',
    /^(?:\S*\/)?(?:python[\d.]* -m )?(?:mypy|dmypy run)(?=\s|$)/,
    found(/^Found (\d+) errors? in \d+ files?/),
  ),
  checker('pyright', word('(?:based)?pyright'), found(/^(\d+) errors?, \d+ warnings?/), /^No source files found\.?$/),
  checker('golangci-lint', word('golangci-lint'), found(/^(\d+) issues:$/)),
  checker(
    'gofmt -l',
    /^(?:\S*\/)?(?:gofmt|gofumpt|goimports)(?=\s).*\s-(?:l|d|s)/,
    found(/^(?:\S.*\.go|diff (?:-u )?\S+\.go.*)$/),
    undefined,
    /\s-w(?=\s|$)/,
  ),
  checker(
    'cargo',
    /^cargo(?: \+\S+)? (?:build|b|check|c|clippy|doc|bench)(?=\s|$)/,
    found(/^error: could not (?:compile|document) `/),
  ),
  checker(
    'shellcheck',
    word('shellcheck'),
    found(/^In \S.* line \d+:$|^\S+:\d+:\d+: (?:error|warning): .* \[SC\d+\]$/),
  ),
  checker('rubocop', word('rubocop'), found(/^\d+ files? inspected, (\d+) offenses? detected/), /^0 files inspected,/),
  checker('phpstan', word('phpstan'), found(/^\s*\[ERROR\] Found (\d+) errors?$/)),
  checker(
    'helm lint',
    /^helm(?: --?\S+)* lint(?=\s|$)/,
    found(/^\d+ chart\(s\) linted, ([1-9]\d*) chart\(s\) failed$/),
  ),
];
