import { describe, expect, it } from 'vitest';
import { readCoverage } from '../../src/formats/code-coverage/read.ts';
import { readResults } from '../../src/formats/test-results/read.ts';
import { meansTest, type TestResults } from '../../src/formats/test-results/results.ts';

const xml = (body: string): string => `<?xml version="1.0" encoding="UTF-8"?>\n${body}`;
const lines = (...all: object[]): string => all.map((one) => JSON.stringify(one)).join('\n');

/** Each runner's own words: two tests of which one fails in calc_test at line 7, and one that is skipped. */
const dialects: Record<string, string> = {
  surefire: xml(`<testsuite name="org.x.CalcTest" time="0.1" tests="3" errors="0" skipped="1" failures="1">
  <properties><property name="java.version" value="21"/></properties>
  <testcase name="adds" classname="org.x.CalcTest" time="0.01"/>
  <testcase name="divides" classname="org.x.CalcTest"><failure message="expected: 2 but was: 3" type="AssertionError"><![CDATA[org.opentest4j.AssertionFailedError: expected: 2 but was: 3
	at org.junit.Assert.fail(Assert.java:89)
	at org.x.CalcTest.divides(CalcTest.java:7)]]></failure></testcase>
  <testcase name="later" classname="org.x.CalcTest"><skipped message="soon"/></testcase></testsuite>`),
  pytest: xml(`<testsuites name="pytest tests"><testsuite name="pytest" errors="0" failures="1" skipped="1" tests="3">
  <testcase classname="tests.calc_test" name="test_adds"/><testcase classname="tests.calc_test" name="test_divides"><failure message="assert 2 == 3">def test_divides():
&gt;       assert 2 == 3
tests/calc_test.py:7: AssertionError</failure></testcase>
  <testcase classname="tests.calc_test" name="test_later"><skipped type="pytest.skip" message="soon">calc_test.py:9: soon</skipped></testcase></testsuite></testsuites>`),
  'jest-junit':
    xml(`<testsuites name="jest tests" tests="3" failures="1" errors="0"><testsuite name="calc" errors="0" failures="1" skipped="1" tests="3">
  <testcase classname="calc adds" name="calc adds"></testcase><testcase classname="calc divides" name="calc divides"><failure>Error: expect(received).toBe(expected)
    at Object.toBe (src/calc_test.js:7:20)</failure></testcase>
  <testcase classname="calc later" name="calc later"><skipped/></testcase></testsuite></testsuites>`),
  gotestsum:
    xml(`<testsuites tests="3" failures="1" errors="0"><testsuite tests="3" failures="1" skipped="1" name="example.org/calc">
  <properties><property name="go.version" value="go1.26"></property></properties>
  <testcase classname="example.org/calc" name="TestAdds"></testcase><testcase classname="example.org/calc" name="TestDivides"><failure message="Failed" type="">    calc_test.go:7: want 2, got 3</failure></testcase>
  <testcase classname="example.org/calc" name="TestLater"><skipped message="soon"></skipped></testcase></testsuite></testsuites>`),
  nextest:
    xml(`<testsuites name="nextest-run" tests="3" failures="1" errors="0"><testsuite name="calc" tests="3" disabled="1" errors="0" failures="1">
  <testcase name="adds" classname="calc"/><testcase name="divides" classname="calc"><failure message="thread 'divides' panicked at src/calc_test.rs:7:5" type="test failure">thread 'divides' panicked at src/calc_test.rs:7:5:
assertion failed</failure></testcase><testcase name="later" classname="calc"><skipped/></testcase></testsuite></testsuites>`),
  phpunit:
    xml(`<testsuites><testsuite name="all" tests="3" assertions="2" errors="0" failures="1" skipped="1"><testsuite name="CalcTest" file="/app/tests/calc_test.php" tests="3" errors="0" failures="1" skipped="1">
  <testcase name="testAdds" file="/app/tests/calc_test.php" line="4" class="CalcTest"/><testcase name="testDivides" file="/app/tests/calc_test.php" line="6" class="CalcTest"><failure type="E">CalcTest::testDivides
Failed asserting that 3 is 2.

/app/tests/calc_test.php:7</failure></testcase><testcase name="testLater" file="/app/tests/calc_test.php" line="9" class="CalcTest"><skipped/></testcase></testsuite></testsuite></testsuites>`),
  node: xml(`<testsuites><testsuite name="calc" disabled="0" errors="0" tests="3" failures="1" skipped="1">
  <testcase name="adds" classname="calc" file="/app/calc_test.mjs"/><testcase name="divides" classname="calc" file="/app/calc_test.mjs"><failure message="1 == 2">Error
    at file:///app/calc_test.mjs:7:1</failure></testcase><testcase name="later" classname="calc"><skipped type="skipped"/></testcase></testsuite></testsuites>`),
  googletest:
    xml(`<testsuites tests="3" failures="1" disabled="1" errors="0" name="AllTests"><testsuite name="Calc" tests="3" failures="1" disabled="1" skipped="0" errors="0">
  <testcase name="Adds" status="run" result="completed" classname="Calc"/><testcase name="Divides" file="calc_test.cc" line="5" status="run" classname="Calc"><failure message="calc_test.cc:7&#x0A;Expected equality">calc_test.cc:7
Expected equality</failure></testcase><testcase name="DISABLED_Later" status="notrun" result="suppressed" classname="Calc"/></testsuite></testsuites>`),
  trx: xml(`<TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010"><Results>
  <UnitTestResult testId="1" testName="Adds" outcome="Passed"/><UnitTestResult testId="2" testName="Divides" outcome="Failed"><Output><ErrorInfo><Message>Assert.Equal() Failure</Message><StackTrace>   at X.CalcTest.Divides() in /app/calc_test.cs:line 7</StackTrace></ErrorInfo></Output></UnitTestResult>
  <UnitTestResult testId="3" testName="Later" outcome="NotExecuted"/></Results><ResultSummary outcome="Failed"><Counters total="3" executed="2" passed="1" failed="1"/></ResultSummary></TestRun>`),
  ctrf: JSON.stringify({
    reportFormat: 'CTRF',
    results: {
      tool: { name: 'x' },
      summary: { tests: 3, passed: 1, failed: 1, pending: 0, skipped: 1, other: 0, start: 1, stop: 2 },
      tests: [
        { name: 'adds', status: 'passed', duration: 1 },
        {
          name: 'divides',
          status: 'failed',
          duration: 1,
          message: 'no',
          filePath: 'calc_test.ts',
          line: 7,
          suite: ['calc'],
        },
        { name: 'later', status: 'skipped', duration: 0 },
      ],
    },
  }),
  'go test -json': lines(
    { Action: 'start', Package: 'example.org/calc' },
    ...['pass', 'fail', 'skip'].flatMap((end) => [
      { Action: 'run', Package: 'example.org/calc', Test: `Test_${end}` },
      { Action: 'output', Package: 'example.org/calc', Test: `Test_${end}`, Output: `    calc_test.go:7: ${end}\n` },
      { Action: end, Package: 'example.org/calc', Test: `Test_${end}` },
    ]),
    { Action: 'fail', Package: 'example.org/calc' },
  ),
  'jest JSON': JSON.stringify({
    numTotalTests: 3,
    numPassedTests: 1,
    numFailedTests: 1,
    success: false,
    testResults: [
      {
        name: '/app/calc_test.js',
        status: 'failed',
        assertionResults: [
          { ancestorTitles: ['calc'], title: 'adds', status: 'passed', failureMessages: [] },
          {
            ancestorTitles: ['calc'],
            title: 'divides',
            status: 'failed',
            failureMessages: ['Error: no\n    at /app/calc_test.js:7:3'],
          },
          { ancestorTitles: ['calc'], title: 'later', status: 'todo', failureMessages: [] },
        ],
      },
    ],
  }),
  'mocha JSON': JSON.stringify({
    stats: { tests: 3, passes: 1, pending: 1, failures: 1 },
    tests: [
      { title: 'adds', fullTitle: 'calc adds', file: '/app/calc_test.js', err: {} },
      {
        title: 'divides',
        fullTitle: 'calc divides',
        file: '/app/calc_test.js',
        err: { message: 'no', stack: 'Error: no\n at /app/calc_test.js:7:1' },
      },
      { title: 'later', fullTitle: 'calc later', file: '/app/calc_test.js', err: {} },
    ],
    pending: [{ title: 'later', fullTitle: 'calc later', file: '/app/calc_test.js' }],
    failures: [{ title: 'divides', fullTitle: 'calc divides', file: '/app/calc_test.js' }],
    passes: [{ title: 'adds', fullTitle: 'calc adds', file: '/app/calc_test.js' }],
  }),
  TAP: `TAP version 14
# Subtest: calc
    ok 1 - adds
    not ok 2 - divides
      ---
      location: '/app/calc_test.js:7:3'
      error: 'no'
      ...
    ok 3 - later # SKIP soon
    1..3
not ok 1 - calc
1..1`,
  'libtest JSON': lines(
    { type: 'suite', event: 'started', test_count: 3 },
    { type: 'test', event: 'started', name: 'adds' },
    { type: 'test', name: 'adds', event: 'ok' },
    { type: 'test', event: 'started', name: 'divides' },
    {
      type: 'test',
      name: 'divides',
      event: 'failed',
      stdout: "thread 'divides' panicked at src/calc_test.rs:7:5:\nno",
    },
    { type: 'test', name: 'later', event: 'ignored' },
    { type: 'suite', event: 'failed', passed: 1, failed: 1, ignored: 1, measured: 0, filtered_out: 0 },
  ),
};

const states = ({ cases }: TestResults): string[] => cases.map((one) => one.state);

describe('results of test runners', () => {
  it.each(Object.entries(dialects))('%s: what passed, failed with its place, and was skipped', (name, text) => {
    const results = readResults(text);
    expect(results.contradictions).toEqual([]);
    expect(states(results)).toEqual(['passed', 'failed', 'skipped']);
    const failed = results.cases[1];
    expect(`${name}: ${failed?.file}:${failed?.line}`).toMatch(/[Cc]alc_?[Tt]est\.\w+:7$/);
    expect(failed?.message).toMatch(/\w/);
    // Byte order mark, and the same as UTF-16 with its mark.
    expect(states(readResults(new TextEncoder().encode(`\uFEFF${text}`)))).toEqual(states(results));
    const wide = Buffer.from(`\uFEFF${text.replace('encoding="UTF-8"', 'encoding="UTF-16"')}`, 'utf16le');
    expect(states(readResults(wide))).toEqual(states(results));
  });

  it.each([
    ['surefire', 'tests="3"', 'tests="30"', '3 are in it'],
    ['pytest', 'failures="1"', 'failures="4"', '1 of its tests failed'],
    ['phpunit', 'tests="3"', 'tests="9"', '3 are in it'],
    ['trx', 'total="3"', 'total="5"', '3 are in it'],
    ['ctrf', '"tests":3', '"tests":7', '3 are in it'],
    ['jest JSON', '"numFailedTests":1', '"numFailedTests":0', '1 is in it'],
    ['mocha JSON', '"failures":1', '"failures":0', '1 is in it'],
    ['libtest JSON', '"passed":1', '"passed":12', '1 is in it'],
    ['TAP', '1..3', '1..8', '3 were told'],
  ])('%s: sums that are not those of its tests', (name, from, to, says) => {
    const text = dialects[name] ?? '';
    expect(text).toContain(from);
    expect(readResults(text.replace(from, to)).contradictions.join()).toContain(says);
  });

  const told = (...tests: string[]): string => xml(`<testsuite name="s">${tests.join('')}</testsuite>`);
  it.each([
    ['by an attribute success', told('<testcase name="a" success="false"/>'), 'failed'],
    ['by an attribute outcome', told('<testcase name="a" outcome="Failed"/>'), 'failed'],
    ['that was not executed', told('<testcase name="a" executed="False"/>'), 'skipped'],
    ['that was skipped by an attribute', told('<testcase name="a" skipped="true"/>'), 'skipped'],
    [
      'in suites in suites',
      xml(`<testsuites>${told('<testcase name="a"/>').replace(/<\?.*?\?>/, '')}</testsuites>`),
      'passed',
    ],
    [
      'whose attributes say that it is well',
      told('<testcase name="a" success="true" skipped="false" executed="True"/>'),
      'passed',
    ],
  ])('a test %s', (_, text, state) => expect(states(readResults(text))).toEqual([state]));

  it.each([
    ['tests in a wrapper', told('<testcase name="a"/><group><testcase name="b"><failure/></testcase></group>')],
    ['a test in a test', told('<testcase name="a"><testcase name="b"><failure/></testcase></testcase>')],
    ['two plans', '1..5\nok 1\nok 2\nok 3\n1..3'],
    ['negative sums', told('<testcase name="a"/>').replace('name="s"', 'name="s" tests="-1"')],
    ['negative failures', told('<testcase name="a"/>').replace('name="s"', 'name="s" tests="1" failures="-1"')],
  ])('%s contradict themselves', (_, text) => expect(readResults(text).contradictions).toHaveLength(1));

  it('a key that stands twice makes JSON results unreadable', () =>
    expect(() => readResults('{"results":{"tests":[{"name":"a","status":"failed"}],"tests":[]}}')).toThrow(
      '"tests" appears twice',
    ));

  it.each([
    ['{"Action":"run","Package":"p","Test":"A"}', '{"Action":"fail","Action":"pass","Package":"p","Test":"A"}'],
    ['{"type":"suite","event":"started","test_count":1}', '{"type":"test","name":"a","event":"failed","event":"ok"}'],
  ])('%s: a line with a key that stands twice is no event', (first, line) =>
    expect(readResults(`${first}\n${line}\n`).contradictions.join()).toContain('has a key twice'),
  );

  const go = { Action: 'pass', Package: 'p' };
  const passes = [{ ...go, Action: 'run', Test: 'A' }, { ...go, Test: 'A' }, go];
  const vstest = (summary: string): string =>
    xml(`<TestRun><Results><UnitTestResult testName="a" outcome="Passed"/></Results>${summary}</TestRun>`);
  it.each([
    ['go: a package that does not build', lines(...passes, { Action: 'build-fail', ImportPath: 'q' })],
    ['go: a line for one that cannot be set up', `${lines(...passes)}\nFAIL\tq [setup failed]\n`],
    ['trx: a run that failed', vstest('<ResultSummary outcome="Failed"/>')],
    ['jest: one that was interrupted', JSON.stringify({ wasInterrupted: true, testResults: [] })],
    [
      'libtest: a suite that failed',
      lines(
        { type: 'suite', event: 'started', test_count: 1 },
        { type: 'test', name: 'a', event: 'ok' },
        { type: 'suite', event: 'failed', passed: 1, failed: 0 },
      ),
    ],
  ])('what failed besides the tests: %s', (_, text) => expect(readResults(text).broken).toHaveLength(1));
  it.each([lines(...passes), vstest('<ResultSummary outcome="Completed"/>')])('its healthy twin', (text) =>
    expect(readResults(text)).toMatchObject({ broken: [], contradictions: [] }),
  );

  it('a test that passed on another attempt is named, whoever tells', () => {
    const flaky = [
      xml(
        `<testsuite name="A" tests="1" failures="0"><testcase name="a" classname="A"><flakyFailure message="no"/></testcase></testsuite>`,
      ),
      xml(
        `<testsuite name="p" tests="2" failures="1"><properties><property name="go.version" value="go1.26"/></properties><testcase name="TestA" classname="p"><failure/></testcase><testcase name="TestA" classname="p"/></testsuite>`,
      ),
      lines(
        ...['fail', 'pass'].flatMap((end) => [
          { Action: 'run', Package: 'p', Test: 'TestA' },
          { Action: end, Package: 'p', Test: 'TestA' },
          { Action: end, Package: 'p' },
        ]),
      ),
      JSON.stringify({
        results: { tests: [{ name: 'a', status: 'passed', flaky: true, retries: 2 }], summary: { tests: 1 } },
      }),
      JSON.stringify({
        testResults: [
          {
            name: 'a',
            status: 'passed',
            assertionResults: [{ title: 'a', status: 'passed', invocations: 3, failureMessages: [] }],
          },
        ],
      }),
    ];
    expect(flaky.map((text) => readResults(text).cases.map((one) => [one.state, (one.failedBefore ?? 0) > 0]))).toEqual(
      flaky.map(() => [['passed', true]]),
    );
  });

  it('TAP: what bats and prove say in comments; nextest: an attempt after the first; a sum that is wrong is told once', () => {
    const tap = readResults(
      "1..3\nok 1 a\nnot ok 2 b\n# (in test file t/a.bats, line 7)\n#   `false' failed\nnot ok 3 - c\n#   Failed test 'c'\n#   at t/a.t line 9.\n",
    );
    expect(tap.cases.map((one) => [one.state, one.file, one.line])).toEqual([
      ['passed', undefined, undefined],
      ['failed', 't/a.bats', 7],
      ['failed', 't/a.t', 9],
    ]);
    const nextest = readResults(
      lines(
        { type: 'suite', event: 'started' },
        { type: 'test', event: 'started', name: 'c$t' },
        { type: 'test', event: 'ok', name: 'c$t#2' },
        { type: 'suite', event: 'ok', passed: 1, failed: 0 },
      ),
    );
    expect([nextest.broken, nextest.cases]).toMatchObject([[], [{ suite: 'c', name: 't', failedBefore: 1 }]]);
    const wrong = xml(
      `<testsuites tests="2" failures="1"><testsuite name="a" tests="2" failures="1"><testcase name="x"/><testcase name="y"/></testsuite></testsuites>`,
    );
    expect(readResults(wrong).contradictions).toHaveLength(1);
  });

  it('go: run twice with -count is no second attempt; a package that ends early and one that does not build are told', () => {
    const twice = lines(...['fail', 'pass'].map((end) => ({ Action: end, Package: 'p', Test: 'TestA' })), {
      Action: 'fail',
      Package: 'p',
    });
    expect(states(readResults(twice))).toEqual(['failed']);
    const early = readResults(
      lines(
        { Action: 'run', Package: 'p', Test: 'TestA' },
        { Action: 'output', Package: 'p', Output: 'exit status 3\n' },
      ),
    );
    expect(states(early)).toEqual(['errored']);
    expect(early.broken.map((one) => one.what)).toEqual(['p: it has no end']);
    const build = readResults(
      lines(
        { Action: 'build-output', ImportPath: 'p', Output: 'p/a_test.go:3:2: undefined: x\n' },
        { Action: 'build-fail', ImportPath: 'p' },
        { Action: 'fail', Package: 'p', FailedBuild: 'p' },
      ),
    );
    expect(build.broken).toMatchObject([{ what: 'p: it does not build', file: 'p/a_test.go', line: 3 }]);
  });

  it.each([
    ['    a_test.go:3: starting\n    a_test.go:9: got 3\n        want 2\n', 'a_test.go:9: got 3', 9],
    [
      '    a_test.go:4: starting\npanic: nil map [recovered]\n\ngoroutine 19 [running]:\n',
      'panic: nil map [recovered]',
      4,
    ],
    [
      '    a_test.go:3: starting\n    a_test.go:7: \n        \tError Trace:\ta_test.go:7\n        \tError:      \tNot equal: 1, 2\n',
      'a_test.go:7: Not equal: 1, 2',
      7,
    ],
    ['signal: killed\n', 'signal: killed', undefined],
  ])(
    'go: a failed test says what it said last with a place, not what it logged before: %#',
    (output, message, line) => {
      const test = { Package: 'p', Test: 'A' };
      const text = lines(
        { ...test, Action: 'run' },
        { ...test, Action: 'output', Output: output },
        { ...test, Action: 'fail' },
      );
      const [failed] = readResults(text).cases;
      expect([failed?.message, failed?.line]).toEqual([message, line]);
    },
  );

  it('pytest: subtests that passed are counted, and are no element', () => {
    const text = (tests: number): string =>
      `<testsuites name="pytest tests"><testsuite name="pytest" errors="0" failures="0" skipped="0" tests="${tests}"><testcase classname="a" name="b"/><testcase classname="a" name="c"/></testsuite></testsuites>`;
    expect(readResults(text(21)).contradictions).toEqual([]);
    expect(readResults(text(1)).contradictions).toHaveLength(1);
  });

  it('pytest: a file that cannot be imported is no test that was executed; an error of a teardown is not counted twice', () => {
    const collect = readResults(
      xml(
        `<testsuite name="pytest" errors="1" failures="0" tests="1"><testcase classname="" name="a.test_b" file="a/test_b.py"><error message="collection failure">E   ModuleNotFoundError: No module named 'x'</error></testcase></testsuite>`,
      ),
    );
    expect(collect.cases).toEqual([]);
    expect(collect.broken).toMatchObject([{ what: "a/test_b.py: ModuleNotFoundError: No module named 'x'" }]);
    const teardown = readResults(
      xml(
        `<testsuite name="pytest" errors="1" failures="0" tests="2"><testcase classname="a" name="b"><error message="failed on teardown"/></testcase></testsuite>`,
      ),
    );
    expect(teardown.contradictions).toEqual([]);
  });

  it.each([
    ['', 'it is empty'],
    ['<testsuite name="a" tests="1"><testcase name="b">', 'unclosed tag'],
    ['<!DOCTYPE t [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><testsuite name="&b;"/>', 'entities of its own'],
    [
      '<!DOCTYPE t [<!ENTITY a SYSTEM "file:///etc/passwd">]><testsuite><testcase name="&a;"/></testsuite>',
      'entities of its own',
    ],
    ['<testsuite><testcase name="&lol;"/></testsuite>', 'undefined entity'],
    ['<a>'.repeat(300), 'inside of one another'],
    ['<html><body>502</body></html>', 'not a test results file'],
    ['<assemblies/>', 'JUnit XML'],
    ['{"results": {"tests": [', 'not whole JSON'],
    ['{"a": 1}', 'neither CTRF'],
    ['all good', 'neither JUnit XML'],
    ['\0\0\0', 'a NUL'],
  ])('%s is refused in words', (text, says) => {
    expect(() => readResults(new TextEncoder().encode(text))).toThrow(says);
  });

  it('bytes that are not in the encoding that they declare are refused; one that is known is read', () => {
    const bytes = (encoding: string): Buffer =>
      Buffer.from(
        `<?xml version="1.0" encoding="${encoding}"?><testsuite tests="1"><testcase name="\u00e9"/></testsuite>`,
        'latin1',
      );
    expect(() => readResults(bytes('UTF-8'))).toThrow('not UTF-8 text');
    expect(() => readResults(bytes('x-nonesuch'))).toThrow('not known');
    expect(readResults(bytes('ISO-8859-1')).cases[0]?.name).toBe('é');
  });

  it('a name means a test as people write it', () => {
    const [test] = readResults(dialects['pytest'] ?? '').cases;
    const means = (name: string): boolean => test !== undefined && meansTest(name, test);
    expect(
      ['test_adds', 'tests/calc_test.py::test_adds', 'tests.calc_test.test_adds', 'test_a*', 'tests.*'].map(means),
    ).toEqual([true, true, true, true, true]);
    expect(['adds', 'test_add', 'other.test_adds', 'alc*'].map(means)).toEqual([false, false, false, false]);
  });
});

it('a test that is still to be written may fail, as node tells it; any other skip beside a failure is a failure', () => {
  const states = (skipped: string): (string | undefined)[] =>
    readResults(
      xml(
        `<testsuites><testcase name="a" classname="test">${skipped}<failure message="no">x</failure></testcase></testsuites>`,
      ),
    ).cases.map((one) => one.state);
  expect(states('<skipped type="todo" message="true"/>')).toEqual(['skipped']);
  expect(states('<skipped/>')).toEqual(['failed']);
  expect(states('')).toEqual(['failed']);
});

const reports: Record<string, string> = {
  lcov: 'TN:\nSF:src/a.ts\nDA:1,1\nDA:2,0\nLF:9\nLH:9\nend_of_record\n',
  Cobertura:
    '<coverage line-rate="1"><packages><package><classes><class filename="src/a.ts"><methods><method><lines><line number="1" hits="2"/></lines></method></methods><lines><line number="1" hits="2"/><line number="2" hits="0"/></lines></class></classes></package></packages></coverage>',
  JaCoCo:
    '<!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd"><report name="x"><package name="src"><sourcefile name="a.ts"><line nr="1" mi="0" ci="3"/><line nr="2" mi="1" ci="0"/><counter type="INSTRUCTION" missed="1" covered="3"/><counter type="LINE" missed="1" covered="1"/></sourcefile></package></report>',
  'Go coverprofile': 'mode: set\nsrc/a.ts:1.1,2.2 1 1\nsrc/a.ts:3.1,4.2 1 0\nsrc/a.ts:1.1,2.2 1 0\n',
  'Istanbul JSON': JSON.stringify({
    '/x/a.ts': {
      path: 'src/a.ts',
      statementMap: { 0: { start: { line: 1 } }, 1: { start: { line: 2 } } },
      s: { 0: 1, 1: 0 },
    },
  }),
  'coverage.py JSON': JSON.stringify({
    meta: {},
    files: { 'src/a.ts': { summary: { covered_lines: 1, num_statements: 2 } } },
    totals: {},
  }),
};

describe('coverage reports', () => {
  it.each(Object.entries(reports))('%s: lines that ran, whatever its own sums say', (format, text) => {
    const coverage = readCoverage(text);
    expect(coverage.format).toBe(format);
    expect(coverage.files).toEqual([{ path: expect.stringMatching(/a\.ts$/) as string, covered: 1, total: 2 }]);
  });

  it('lcov that tells only the number of lines counts them, and lines that it tells come before', () => {
    const files = (text: string) => readCoverage(`SF:a\n${text}end_of_record\n`).files;
    expect(files('LF:10\nLH:3\n')).toEqual([{ path: 'a', covered: 3, total: 10 }]);
    expect(files('LH:0\nLF:4\n')).toEqual([{ path: 'a', covered: 0, total: 4 }]);
    expect(files('DA:1,1\nLH:1\n')).toEqual([{ path: 'a', covered: 1, total: 1 }]);
  });

  it.each([
    ['SF:a\nLF:2\nLH:9\nend_of_record\n', '9 of 2 lines'],
    ['SF:a\nDA:1,1\n', 'cut'],
    ['mode: set\nnonsense\n', 'line 2'],
    ['<report', ''],
    ['{}x', 'not whole JSON'],
    ['hello', 'neither lcov'],
  ])('%s is refused', (text, says) => {
    expect(() => readCoverage(text)).toThrow(says);
  });
});
