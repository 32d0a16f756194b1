import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { toolStep } from '../../src/draft/tool-steps.ts';
import { codes, runStep, tempDir, writeIn } from '../rig/run-step.ts';

const environment = { ...process.env };
afterEach(() => {
  process.env = { ...environment };
});

// As surefire 3.5 writes it, without its properties.
const surefire = (failed: boolean): string => `<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="x.CalcTest" time="0.05" tests="3" errors="0" skipped="1" failures="${failed ? 1 : 0}">
  <testcase name="adds" classname="x.CalcTest" time="0.02"/>
  <testcase name="breaks" classname="x.CalcTest" time="0.01">${
    failed
      ? '<failure message="expected: &lt;3&gt; but was: &lt;2&gt;" type="org.opentest4j.AssertionFailedError">org.opentest4j.AssertionFailedError: expected\n\tat x.CalcTest.breaks(CalcTest.java:6)</failure>'
      : ''
  }</testcase>
  <testcase name="later" classname="x.CalcTest" time="0.0"><skipped message="later"/></testcase>
</testsuite>
`;
const trx = (outcome: string): string => `<?xml version="1.0" encoding="utf-8"?>
<TestRun id="1" name="ci" xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010">
  <Results>
    <UnitTestResult executionId="e1" testId="t1" testName="Acme.CalcTests.Adds" duration="00:00:00.01" outcome="${outcome}">${
      outcome === 'Failed'
        ? '<Output><ErrorInfo><Message>Assert.Equal() Failure</Message><StackTrace>at Acme.CalcTests.Adds() in /src/tests/CalcTests.cs:line 9</StackTrace></ErrorInfo></Output>'
        : ''
    }</UnitTestResult>
  </Results>
  <TestDefinitions><UnitTest name="Adds" id="t1"><Execution id="e1"/><TestMethod className="Acme.CalcTests" name="Adds"/></UnitTest></TestDefinitions>
  <ResultSummary outcome="Completed"><Counters total="1" executed="1" passed="${outcome === 'Passed' ? 1 : 0}" failed="${outcome === 'Failed' ? 1 : 0}"/></ResultSummary>
</TestRun>
`;

/** A project whose wrapper, or a program of PATH, does what the script says. */
function project(files: Record<string, string>, program: string, script: string): string {
  const target = tempDir(files);
  const folder = program.startsWith('./') ? target : tempDir();
  writeIn(folder, program, `#!/bin/bash\n${script}\n`);
  chmodSync(join(folder, program), 0o755);
  process.env['PATH'] = `${folder}:${environment['PATH']}`;
  return target;
}
const writes = (path: string, text: string): string =>
  `mkdir -p "$(dirname "${path}")"; cat > "${path}" <<'E'\n${text}E\n`;
const reports = 'core/target/surefire-reports/TEST-x.CalcTest.xml';
const maven = { 'pom.xml': '<project/>', 'core/src/test/java/x/CalcTest.java': 'a\nb\nc\nd\ne\nf\n' };

describe('jvm/test', () => {
  it('reads what surefire wrote in this run', async () => {
    const target = project(maven, './mvnw', writes(reports, surefire(false)));
    const { outcome, facts } = await runStep({ uses: 'jvm/test', with: { required: ['x.CalcTest.adds'] }, target });
    expect([outcome, facts['tests.executed'], facts['tests.skipped']]).toEqual(['passed', 2, 1]);
  });

  it('names the test that fails, with file and line', async () => {
    const target = project(maven, './mvnw', `${writes(reports, surefire(true))}exit 1`);
    const { outcome, findings } = await runStep({ uses: 'jvm/test', target });
    expect(outcome).toBe('failed');
    expect(findings[0]).toMatchObject({
      code: 'test-failed',
      where: { file: 'core/src/test/java/x/CalcTest.java', line: 6 },
    });
  });

  it.each<[string, Record<string, string>, string, string, string[]]>([
    [
      'results of an earlier run',
      { ...maven, [reports]: surefire(false) },
      'exit 0',
      'failed',
      ['nothing-executed', 'results-stale'],
    ],
    ['a build that fails', maven, 'echo "[ERROR] COMPILATION ERROR"; exit 1', 'failed', ['runner-failed']],
    [
      'artifacts that cannot be fetched',
      maven,
      'echo "[ERROR] Could not transfer artifact x:y:pom:1 from/to central"; exit 1',
      'error',
      ['packages-missing'],
    ],
    [
      'another Java than the build asks for',
      maven,
      'echo "[ERROR] Detected JDK version 17.0.15 (JAVA_HOME=/x) is not in the allowed range [21,)."; exit 1',
      'error',
      ['packages-missing'],
    ],
    ['no project', {}, 'exit 0', 'failed', ['nothing-executed']],
  ])('%s', async (_, files, script, outcome, found) => {
    const step = await runStep({ uses: 'jvm/test', target: project(files, './mvnw', script) });
    expect(step.outcome).toBe(outcome);
    expect(
      codes(step).every((code) => found.includes(code)) && codes(step).length > 0,
      JSON.stringify(step.findings),
    ).toBe(true);
  });

  it('options from outside that leave tests out are no pass', async () => {
    process.env['MAVEN_ARGS'] = '-Dtest=x.CalcTest';
    const step = await runStep({
      uses: 'jvm/test',
      target: project(maven, './mvnw', writes(reports, surefire(false))),
    });
    expect([step.outcome, codes(step)]).toEqual(['error', ['silenced']]);
  });

  it('has Gradle write its results anew', async () => {
    const script = `[[ "$*" == *--rerun-tasks* ]] || exit 9\n${writes('app/build/test-results/test/TEST-x.CalcTest.xml', surefire(false))}`;
    const target = project({ 'settings.gradle.kts': '' }, './gradlew', script);
    expect((await runStep({ uses: 'jvm/test', with: { goals: ['check'] }, target })).outcome).toBe('passed');
  });
});

describe('dotnet/test', () => {
  const files = { 'Acme.sln': '', 'tests/CalcTests.cs': '\n'.repeat(12) };
  const results = 'for one; do [ "$before" = --results-directory ] && folder="$one"; before="$one"; done\n';
  it.each([
    ['Passed', 0, 'passed', []],
    ['Failed', 1, 'failed', ['test-failed']],
    ['NotExecuted', 0, 'failed', ['nothing-executed']],
  ])('%s', async (outcome, code, expected, found) => {
    const target = project(files, 'dotnet', `${results}${writes('$folder/ci.trx', trx(outcome))}exit ${code}`);
    const step = await runStep({ uses: 'dotnet/test', target });
    expect([step.outcome, codes(step)], JSON.stringify(step.findings)).toEqual([expected, found]);
  });

  it('an SDK that is too old, and no results, are no pass', async () => {
    const old = 'echo "error NETSDK1045: The current .NET SDK does not support targeting .NET 10.0."; exit 1';
    const step = await runStep({ uses: 'dotnet/test', target: project(files, 'dotnet', old) });
    expect([step.outcome, codes(step)]).toEqual(['error', ['packages-missing']]);
    const silent = await runStep({ uses: 'dotnet/test', target: project(files, 'dotnet', 'exit 0') });
    expect([silent.outcome, codes(silent)]).toEqual(['error', ['not-countable']]);
  });
});

it.each([
  ['./mvnw -B verify', 'jvm/test', { goals: ['verify'] }],
  ['mvn install -Dextended-test', 'jvm/test', { goals: ['verify'], args: ['-Dextended-test'] }],
  ['mvn -B package', 'jvm/test', { goals: ['package'] }],
  ['mvn test -Pci', 'jvm/test', { args: ['-Pci'] }],
  ['mvn -B package -DskipTests', undefined, undefined],
  ['mvn deploy', undefined, undefined],
  ['./gradlew clean build --no-daemon', undefined, undefined],
  ['dotnet test --no-build -c Release', 'dotnet/test', { args: ['--no-build', '-c', 'Release'] }],
  ['dotnet test --list-tests', undefined, undefined],
])('%s is drafted as %s', (text, uses, own) => {
  const step = toolStep(text.split(' '), '', { paths: ['pom.xml'], text: () => '' } as never);
  expect([step?.uses, step?.with]).toEqual([uses, own]);
});
