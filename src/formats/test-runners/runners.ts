import * as readers from './readers.ts';
import { checkers, moreRunners } from './more-readers.ts';
import type { Runner } from './tally.ts';

/** A script's own words before a program: variables, and programs that only start another. */
const before =
  '^(?:(?:(?:php|node|ruby|java|python[\\d.]*)(?: -\\S+)*|docker(?:-compose| compose)?(?: -\\S+)* (?:run|exec) .*?|(?:yarn|pnpm|bun)(?: run)?|npm exec(?: --)?|coverage run(?: -\\S+)*) )?(?:\\S*/)?';
const word = (program: string): string => `${before}${program}(?:\\.(?:exe|cmd|bat|js|mjs|cjs))?(?=\\s|$)`;
/** Counts in words that are not its usual ones: a reporter of another kind. */
const counts =
  /\d+\W{0,3}(?:pass|fail|tests?\b|success|spec|example)|\b(?:pass|fail|test|spec|success)\w*["']?\W{0,4}\d+/i;
/** A program at the front with its subcommand. */
const at = (pattern: string): RegExp => new RegExp(`${before}${pattern}(?=\\s|$)`);

/**
 * Test runners and what their output ends with.
 * Sources: the programs' own reporters (go 1.26, cargo 1.95, unittest of Python 3.11 and 3.13, Node 24, vitest 4: seen; the others as
 * their manuals and sources print them).
 */
export const runners: readonly Runner[] = [
  {
    name: 'go test',
    command: at('(?:go(?: -C \\S+)? test|gotestsum)'),
    onPurpose: /\s-{1,2}(?:c|list|n)(?:[\s=]|$)/,
    read: readers.go,
    after: /^(?:FAIL|PASS|coverage:.*|exit status \d+)$/,
  },
  {
    name: 'cargo test',
    command: at('cargo(?: \\+\\S+)?(?: --?[\\w-]+(?:[= ]\\S+)?)* (?:test|t|nextest run|llvm-cov|tarpaulin)'),
    onPurpose: /\s--(?:no-run|list|help)(?=\s|$)/,
    read: readers.cargo,
    // Suites without libtest's harness say what they like.
    closes: { opens: /^running \d+ tests?$/, unless: /\s--format[= ]|\snextest\s/ },
    after: /^(?:error: test failed, to rerun pass.*|error: \d+ targets? failed:|\s+`.*`)$/,
  },
  {
    name: 'pytest',
    command: new RegExp(
      `${word('(?:py\\.?test[\\d.-]*)')}|^(?:\\S*/)?(?:python[\\d.]*|coverage run)(?: -\\S+)* (?:-m coverage run .*)?-m pytest(?=\\s|$)|^(?:\\S*/)?(?:tox|nox|hatch test)(?=\\s|$)`,
    ),
    onPurpose: /\s(?:--collect-only|--co|--version|--fixtures|--markers|--setup-plan)(?=\s|$)/,
    read: readers.pytest,
    closes: { unless: /\s-\w*qq|\s-q\s(?:.*\s)?-q|no:terminal|^(?:\S*\/)?(?:tox|nox|hatch)\s/, end: /\[100%\]\s*$/ },
  },
  {
    name: 'unittest',
    command:
      /^(?:\S*\/)?(?:python[\d.]*|coverage run)(?: -\S+)* -m (?:unittest|django test|nose2|xmlrunner)(?=\s|$)|^(?:\S*python[\d.]* )?(?:\S*\/)?manage\.py test(?=\s|$)/,
    read: readers.unittest,
    closes: {},
    after: /^Destroying test database.*$/,
  },
  {
    name: 'jest',
    command: new RegExp(word('(?:jest|react-scripts test)')),
    onPurpose: /--(?:listTests|showConfig)\b/,
    read: readers.jest,
    closes: { unless: /--(?:json|reporters|outputFile)\b/, end: counts },
    after: /^(?:Tests|Snapshots|Time):|^Ran all test suites|^Force exiting|^Jest did not exit/,
  },
  {
    name: 'vitest',
    command: new RegExp(word('vitest')),
    onPurpose: /\svitest list\b/,
    read: readers.vitest,
    after: /^\s*(?:Tests|Errors|Type Errors|Start at|Duration|Snapshots|JUNIT report)\b/,
  },
  {
    name: 'mocha',
    command: new RegExp(word('_?mocha')),
    onPurpose: /--(?:dry-run|pass-on-failing)/,
    read: readers.mocha,
    closes: { unless: /(?:--reporter|\s-R)(?:=|\s+)(?!spec|dot|list|min|nyan|progress)/, end: counts },
    after: /^\s*\d+ (?:pending|failing)$/,
  },
  {
    name: 'node --test',
    command: /^(?:\S*\/)?node(?=\s).*\s--test(?=\s|$)/,
    read: readers.node,
    closes: { unless: /--(?:test-reporter|watch)\b/, end: counts },
    after: /^(?:ℹ|#) (?:fail|cancelled|skipped|todo|duration_ms) /,
  },
  { name: 'prove', command: new RegExp(word('prove')), read: readers.prove, after: /^Result: / },
  { name: 'TAP', onlyNamed: true, command: new RegExp(word('(?:tap|tape|bats)')), read: readers.tap, after: /^# / },
  { name: 'bats', command: new RegExp(word('bats')), read: readers.bats },
  {
    name: 'Maven',
    command: new RegExp(`${word('(?:mvnw?|mvnd)')}.*\\s(?:test|verify|integration-test)(?=\\s|$)`),
    onPurpose:
      /-DskipTests(?!=false)|-Dmaven\.test\.skip(?!=false)|-D(?:surefire\.)?failIfNoTests=false|-D(?:surefire\.)?failIfNoSpecifiedTests=false/,
    read: readers.maven,
    after: /^\[(?:INFO|WARNING|ERROR)\]/,
  },
  {
    name: 'JUnit',
    command: /^(?:\S*\/)?java .*(?:org\.junit\.runner\.JUnitCore|junit-platform-console)/,
    read: readers.junit,
    after: /^\[\s*\d+ (?:tests|containers) \w+\s*\]$/,
  },
  {
    name: 'Gradle',
    command: new RegExp(`${word('gradlew?')}.*\\s(?:\\S*:)?(?:test|check|build|\\w+Test)(?=\\s|$)`),
    onPurpose: /(?:-x|--exclude-task) (?:\S*:)?test\b|\s(?:\S*:)?build(?=\s|$)/,
    read: readers.gradle,
    after: /^(?:BUILD |\d+ actionable tasks?:|Configuration cache|Deprecated Gradle|You can use|For more on this)/,
  },
  {
    name: 'PHPUnit',
    command: new RegExp(word('(?:phpunit|paratest|pest)(?:\\.phar)?')),
    onPurpose: /--(?:list-tests|list-suites)/,
    read: readers.phpunit,
    closes: { opens: /^PHPUnit [\d.]+\S* by Sebastian Bergmann/, unless: /--(?:no-output|no-results|teamcity)\b/ },
    after: /^(?:Duration:|Generating code coverage)/,
  },
  {
    name: 'RSpec',
    command: new RegExp(word('rspec')),
    onPurpose: /--dry-run/,
    read: readers.rspec,
    closes: { unless: /(?:--format|\s-f)(?:=|\s*)(?!d\b|doc|p\b|prog)/, end: counts },
    after: /^(?:Failed examples:|rspec \S+|Randomized with seed|Coverage report|Line Coverage|Top \d+ slowest)/,
  },
  {
    name: 'minitest',
    command: /^(?:\S*\/)?(?:rails|rake) test(?=\s|:|$)|^(?:\S*\/)?ruby .*-I(?:lib:)?test\b/,
    read: readers.minitest,
  },
  {
    name: 'dotnet test',
    command: at('dotnet (?:test|vstest)'),
    onPurpose: /\s(?:--list-tests|-t)(?=\s|$)/,
    read: readers.dotnet,
    after:
      /^\s*(?:Passed|Failed|Skipped|Total time|total|failed|succeeded|skipped|duration)\s*:|^Test Run (?:Successful|Failed)\.$|^Build succeeded/,
  },
  {
    name: 'CTest',
    command: new RegExp(word('ctest')),
    onPurpose: /\s(?:-N|--show-only\S*|--print-labels)(?=\s|$)/,
    read: readers.ctest,
    after:
      /^(?:Label Time Summary|Total Test time|The following tests|\s+\d+ - |Errors while running CTest|Output from these tests|\s*$)/,
  },
  {
    name: 'deno test',
    command: at('deno test'),
    onPurpose: /--no-run/,
    read: readers.deno,
    after: /^error: Test failed$/,
  },
  {
    name: 'bun test',
    command: at('bun test'),
    read: readers.bun,
    closes: { opens: /^bun test v[\d.]+/ },
  },
  {
    name: 'Playwright',
    command: at('playwright test'),
    onPurpose: /--list\b/,
    read: readers.playwright,
    after: /^(?:To open last HTML report run:|\s*npx playwright show-report.*|Serving HTML report)/,
  },
  {
    name: 'GoogleTest',
    command: /--gtest_\w+/,
    onPurpose: /--gtest_list_tests/,
    read: readers.googletest,
    closes: { opens: /^\[=+\] Running \d+ tests? from \d+ test (?:suites?|cases?)\./ },
    after: /^\[  (?:PASSED|FAILED|SKIPPED)  \]|^\s*\d+ FAILED TESTS?$|YOU HAVE \d+ DISABLED/,
  },
  {
    name: 'Catch2',
    command: /(?!)/,
    read: readers.catch2,
    after: /^(?:assertions:|\[doctest\] (?:assertions:|Status:)|=+$)/,
  },
  { name: 'swift test', command: at('swift test'), onPurpose: /\slist(?=\s|$)/, read: readers.swift },
  ...moreRunners,
  ...checkers,
];
