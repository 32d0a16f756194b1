import { execFileSync } from 'node:child_process';
import { statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { meaningOf, verdictText } from '../../src/core/words.ts';
import { Milestone, said } from '../rig/milestone.ts';
import { until } from '../rig/until.ts';
import { Base, gate } from '../rig/signed.ts';
import { codes, runStep, runSteps, tempDir, writeIn } from '../rig/run-step.ts';

const junit = (
  cases: string,
  tests = cases.split('<testcase').length - 1,
  failures = cases.split('<failure').length - 1,
): string => `<testsuite name="calc" tests="${tests}" failures="${failures}">${cases}</testsuite>`;
const good = '<testcase classname="calc" name="adds"/>';
const later = '<testcase classname="calc" name="later"><skipped message="soon"/></testcase>';
const bad =
  '<testcase classname="calc" name="divides" file="src/calc.test.js" line="7"><failure message="no"/></testcase>';
const flaky = '<testcase classname="calc" name="tries"><flakyFailure message="no"/></testcase>';

/** Writes `text` to r.xml and ends with `code`, through the real engine. */
const step = (text: string, rest: object = {}, code = 0, files: Record<string, string> = {}) =>
  runStep({
    uses: 'tests/results',
    with: { shell: `mkdir -p out; cp given.txt out/r.xml; exit ${code}`, files: ['out/*.xml'], ...rest },
    target: tempDir({ 'given.txt': text, 'src/calc.test.js': '\n'.repeat(9), ...files }),
  });
const day = (from: number): string => new Date(Date.now() + from * 86_400_000).toISOString().slice(0, 10);
const quarantine = (until: string): object => ({ quarantine: [{ test: 'divides', reason: 'known', until }] });

describe('tests/results', () => {
  it('enough tests, none failed: numbers are facts, and the suites a table', async () => {
    const { outcome, findings, facts, tables, proofs } = await step(junit(good + later), {
      required: ['calc.adds'],
      maxSkipped: 1,
    });
    expect([outcome, findings]).toEqual(['passed', []]);
    expect(facts).toMatchObject({ 'tests.executed': 1, 'tests.passed': 1, 'tests.skipped': 1, 'tests.failed': 0 });
    expect(tables[0]?.rows).toEqual([['calc', '1', '1', '0', '1']]);
    expect(proofs.join()).toContain('the required test calc.adds was executed');
  });

  it('a failing test is a finding with file, line and message', async () => {
    const { findings } = await step(junit(good + bad), {}, 1);
    expect(findings).toMatchObject([
      {
        code: 'test-failed',
        level: 'error',
        message: 'calc › divides fails: no',
        where: { file: 'src/calc.test.js', line: 7 },
      },
    ]);
  });

  it.each<[string, string, object, number, string[]]>([
    ['no test', junit(''), {}, 0, ['nothing-executed']],
    ['only skipped ones', junit(later), {}, 0, ['nothing-executed']],
    ['too few', junit(good), { minimum: 2 }, 0, ['too-few-tests']],
    ['too many skipped', junit(good + later), { maxSkipped: 0 }, 0, ['too-many-skipped']],
    ['too many that needed another attempt', junit(flaky), { maxFlaky: 0 }, 0, ['too-many-flaky']],
    ['a required one is gone', junit(good), { required: ['gone'] }, 0, ['required-missing']],
    ['a required one is skipped', junit(good + later), { required: ['later'] }, 0, ['required-missing']],
    [
      'a required one is in quarantine',
      junit(good + bad),
      { required: ['divides'], ...quarantine(day(2)) },
      1,
      ['required-missing'],
    ],
    ['a quarantine that ended', junit(good + bad), quarantine(day(-2)), 1, ['quarantine-ended']],
    ['all in quarantine', junit(bad), quarantine(day(2)), 1, ['too-few-tests']],
    ['too few beside the quarantine', junit(good + bad), { minimum: 2, ...quarantine(day(2)) }, 1, ['too-few-tests']],
    ['a quarantine without end', junit(good + bad), quarantine('2999-12-31'), 1, ['quarantine-ended']],
    ['a status that nobody knows', junit('<testcase name="a" status="incomplete"/>'), {}, 0, ['nothing-executed']],
    ['a failure in capitals', junit('<testcase name="a"><FAILURE message="no"/></testcase>'), {}, 0, ['test-failed']],
    [
      'an old content with a new time',
      junit(good).replace(' name', ' timestamp="2026-01-01T10:00:00" name'),
      {},
      0,
      ['results-stale'],
    ],
    ['exit 0 with failures', junit(good + bad), {}, 0, ['test-failed']],
    ['exit 1 without failures', junit(good), {}, 1, ['runner-failed']],
    ['killed', junit(good), { shell: 'mkdir out; cp given.txt out/r.xml; kill -9 $$' }, 0, ['runner-failed']],
    ['half a file', junit(good).slice(0, -5), {}, 0, ['results-unreadable']],
    ['sums that are not its own', junit(good, 40), {}, 0, ['results-contradict']],
    ['nothing written', junit(good), { shell: 'true' }, 0, ['results-missing']],
    ['nothing written by a program that failed', junit(good), { shell: 'exit 3' }, 0, ['runner-failed']],
    ['a program that is not there', junit(good), { shell: 'no-such-program-here' }, 0, ['runner-missing']],
    ['coverage that is not there', junit(good), { coverage: { files: ['cov/*'], minimum: 1 } }, 0, ['results-missing']],
  ])('%s', async (_, text, rest, code, expected) => {
    const record = await step(text, rest, code);
    expect(record.outcome).not.toBe('passed');
    expect(codes(record)).toEqual(expected);
  });

  it('a time that is to come makes no file new, and a quarantine stands in the verdict', async () => {
    const target = tempDir({ 'r.xml': junit(good) });
    utimesSync(join(target, 'r.xml'), new Date(Date.now() + 86_400_000), new Date(Date.now() + 86_400_000));
    // The kernel's clock has steps, within which what came first cannot be told.
    const { ctimeMs } = statSync(join(target, 'r.xml'));
    await until('the file is older than a step of the clock', () => Date.now() > ctimeMs + 200);
    const old = await runStep({ uses: 'tests/results', with: { files: ['r.xml'] }, target });
    expect(codes(old)).toEqual(['results-stale']);
    const shell = 'cp given.txt r.xml';
    const { record } = await runSteps(
      [{ uses: 'tests/results', with: { shell, files: ['r.xml'], ...quarantine(day(2)) } }],
      { target: tempDir({ 'given.txt': junit(good + bad) }) },
    );
    const passed = { ...record, verdict: 'PASSED' as const };
    expect(record.steps[0]?.outcome).toBe('passed');
    expect(verdictText(passed)).toBe('PASSED with 1 failing test in quarantine');
    expect(meaningOf(passed)).toContain('Failing tests are accepted by a quarantine');
    await expect(
      runStep({ uses: 'tests/results', with: { shell, quarantine: [{ test: '*', reason: 'x', until: day(2) }] } }),
    ).rejects.toThrow('not a valid checklist');
  });

  it('results that were copied count nothing: of a commit, of an earlier run, whatever their times', async () => {
    const timed = (seconds: string): string => junit(good.replace(' name', ` time="${seconds}" name`));
    const m = new Milestone({
      '.gitignore': '/out/\n/cache/\n/reports/\n',
      'keep/r.xml': timed('0.00123457'),
      'checklists/m1.yaml':
        'version: 1\nmilestone: m1\ntitle: T\ntarget: ..\nitems:\n  - id: i\n    title: I\n    steps: [{ id: s, uses: tests/results, with: { run: [sh, check.sh], files: ["out/*.xml"] } }]\n',
    }).committed();
    const runOf = async (shell: string): Promise<string[]> => {
      writeIn(m.cwd, 'check.sh', `rm -rf out; mkdir out; ${shell}`);
      const { code } = await m.run();
      return [String(code), ...(m.record().steps[0]?.findings ?? []).map((one) => `${one.code}: ${one.message}`)];
    };
    const fresh = (seconds: string): string => `printf '%s' '${timed(seconds)}' >out/r.xml`;
    expect(await runOf(`mkdir -p cache; ${fresh('0.00234567')}; cp out/r.xml cache/`)).toEqual(['0']);
    expect((await runOf('cp cache/r.xml out/')).join()).toMatch(/^10.*what the run m1\/\S+ kept as evidence/);
    expect((await runOf('cp -p cache/r.xml out/; touch out/r.xml')).join()).toMatch(/^10/);
    expect((await runOf('cat keep/r.xml >out/r.xml')).join()).toMatch(/^10.*a file that was committed before/);
    expect(await runOf(fresh('0.00345678'))).toEqual(['0']);
    // Without a time of its own every run writes the same.
    expect(await runOf(`printf '%s' '${junit(good)}' >out/r.xml`)).toEqual(['0']);
    expect(await runOf(`printf '%s' '${junit(good)}' >out/r.xml`)).toEqual(['0']);
  });

  it('exit 0 beside failures is named, and so is a test that passed on another attempt', async () => {
    const { findings } = await step(junit(flaky + bad));
    expect(findings.map((one) => `${one.level} ${one.code}`).toSorted()).toEqual([
      'error test-failed',
      'warning exit-hides',
      'warning flaky',
    ]);
  });

  it('a quarantine accepts until its day, and is idle where the test passes or is gone', async () => {
    const holds = await step(junit(good + bad), quarantine(day(2)), 1);
    expect([holds.outcome, ...holds.findings.map((one) => one.code)]).toEqual(['passed', 'quarantined']);
    const idle = await step(junit(good), quarantine(day(2)));
    expect([idle.outcome, ...idle.findings.map((one) => one.code)]).toEqual(['passed', 'quarantine-idle']);
  });

  it('results that this run did not write count nothing: files as they were, touched ones, old ones beside new ones', async () => {
    const old = { 'out/a.xml': junit(good) };
    const untouched = await step(junit(good), { shell: 'true' }, 0, old);
    expect(codes(untouched)).toEqual(['results-stale']);
    const touched = await step(junit(good), { shell: 'touch out/a.xml' }, 0, old);
    expect(codes(touched)).toEqual(['results-stale']);
    const beside = await step(junit(good), {}, 0, old);
    expect(codes(beside)).toEqual(['results-stale']);
    expect(beside.facts['tests.executed']).toBe(1);
    const again = await step(junit(good), { shell: 'cp given.txt out/a.xml' }, 0, { 'out/a.xml': junit(good + later) });
    expect(again.outcome).toBe('passed');
  });

  it.each([
    ['touched', 'touch -m old.xml', 'timestamp="2026-01-02T03:04:05"', 'error results-stale'],
    ['touched and read', 'touch old.xml; cat old.xml', 'time="0.01"', 'inconclusive results-stale'],
    ['copied onto itself', 'cp old.xml x; mv x old.xml', 'time="0.012345"', 'error results-stale'],
    ['left as they were', 'true', 'time="0.01"', 'error results-stale'],
    ['written again', 'sed -i s/0.01/0.02/ old.xml', 'time="0.01"', undefined],
    ['written again, the same', 'cat old.xml > new.xml; mv new.xml old.xml', 'time="0"', undefined],
  ])('old results that an earlier step %s', async (_, shell, attribute, expected) => {
    const target = tempDir({ 'old.xml': junit(good).replace('<testsuite ', `<testsuite ${attribute} `) });
    const { findings } = await runStep({
      uses: 'tests/results',
      target,
      with: { files: ['old.xml'] },
      before: [{ uses: 'command', with: { shell, tree: 'may-change' } }],
    });
    expect(findings.map((one) => `${one.level} ${one.code}`)).toEqual(expected === undefined ? [] : [expected]);
  });

  const tap = 'TAP version 13\nok 1 - adds\n1..1\n';
  it.each([
    ['given a new time by a program', `python3 -c 'import os; os.utime("r.tap")'; cat r.tap`, 'inconclusive'],
    ['given a time of its own', `python3 -c 'import os, time; os.utime("r.tap", (1, time.time()))'`, 'inconclusive'],
    ['given a time that leaves that of its reading', 'touch -m r.tap', 'inconclusive'],
    ['as they were', 'true', 'error'],
    ['moved here, older than the command', 'mv saved/old.tap r.tap', 'error'],
    ['copied by the command, as a stand-in for a runner does', 'cp golden.tap r.tap', undefined],
    ['taken from an archive', 'tar xf old.tar', 'error'],
    ['written again, other ones', 'printf "TAP version 13\\nok 1 - adds more\\n1..1\\n" > r.tap', undefined],
    ['written again, the same', 'printf "TAP version 13\\nok 1 - adds\\n1..1\\n" > r.tap', undefined],
    ['written anew, the same', 'rm r.tap; printf "TAP version 13\\nok 1 - adds\\n1..1\\n" > r.tap', undefined],
  ])('results without a time, beside a command of the step, %s', async (_, shell, level) => {
    const golden = tap.replace('adds', 'subtracts');
    const target = tempDir({ 'r.tap': tap, 'saved/old.tap': golden, 'golden.tap': golden });
    for (const name of ['r.tap', 'saved/old.tap', 'golden.tap']) utimesSync(join(target, name), 1e9, 1e9);
    execFileSync('tar', ['cf', 'old.tar', 'r.tap'], { cwd: target });
    const { outcome, findings } = await runStep({ uses: 'tests/results', target, with: { shell, files: ['r.tap'] } });
    expect(findings.map((one) => `${one.level} ${one.code}`)).toEqual(level ? [`${level} results-stale`] : []);
    expect(outcome === 'passed').toBe(level === undefined);
  });

  it('a copy of the results counts once', async () => {
    const twice = await step(junit(good), {
      shell: 'mkdir out; cp given.txt out/a.xml; cp given.txt out/b.xml',
      minimum: 2,
    });
    expect([twice.facts['tests.executed'], ...codes(twice)]).toEqual([1, 'too-few-tests']);
  });

  it('without a command it reads what an earlier step of the run wrote, also below what builds fill', async () => {
    const target = tempDir({ 'given.txt': junit(good), 'target/old.xml': junit(good) });
    utimesSync(join(target, 'target/old.xml'), 1, 1);
    const { record } = await runSteps(
      [
        {
          id: 'make',
          uses: 'command',
          with: { shell: 'mkdir -p target/surefire-reports && cp given.txt target/surefire-reports/TEST-a.xml' },
        },
        {
          id: 'fresh',
          needs: ['make'],
          uses: 'tests/results',
          with: { files: ['**/target/surefire-reports/TEST-*.xml'] },
        },
        { id: 'old', needs: ['make'], uses: 'tests/results', with: { files: ['target/*.xml'] } },
      ],
      { target },
    );
    expect(record.steps.map((one) => [one.id, one.outcome, ...codes(one)])).toEqual([
      ['make', 'passed'],
      ['fresh', 'passed'],
      ['old', 'failed', 'results-stale'],
    ]);
  });

  it('without files it reads the output', async () => {
    const tap = (text: string) =>
      runStep({ uses: 'tests/results', with: { shell: `printf '${text}'` }, target: tempDir() });
    expect((await tap('TAP version 13\\nok 1 - a\\n1..1\\n')).outcome).toBe('passed');
    expect(codes(await tap('TAP version 13\\nok 1 - a\\n'))).toEqual(['results-contradict']);
    expect(codes(await tap('all good\\n'))).toEqual(['results-unreadable']);
    expect(codes(await tap(''))).toEqual(['results-unreadable']);
  });

  it('coverage: of all lines, of some files, and a path that names none', async () => {
    const lcov = 'SF:src/a.js\nDA:1,1\nDA:2,1\nend_of_record\nSF:src/core/b.js\nDA:1,1\nDA:2,0\nend_of_record\n';
    const covered = (rules: object) =>
      step(
        junit(good),
        {
          shell: 'mkdir out; cp given.txt out/r.xml; cp lcov.txt out/lcov.info',
          coverage: { files: ['out/lcov.info'], ...rules },
        },
        0,
        { 'lcov.txt': lcov },
      );
    const high = await covered({ minimum: 75, paths: [{ path: 'src/core/**', minimum: 50 }] });
    expect([high.outcome, high.facts['coverage.lines']]).toEqual(['passed', 75]);
    expect((await covered({ minimum: 75.1 })).findings).toMatchObject([
      { code: 'coverage-low', message: expect.stringContaining('75.00 %') as string },
    ]);
    expect(codes(await covered({ paths: [{ path: 'src/core/**', minimum: 51 }] }))).toEqual(['coverage-low']);
    expect(codes(await covered({ paths: [{ path: 'lib/**', minimum: 0 }] }))).toEqual(['coverage-nothing']);
  });

  it('what asserts or reads nothing is no valid step', async () => {
    for (const given of [
      {},
      { run: ['a'], shell: 'b' },
      { files: ['../x'] },
      { files: ['a'], coverage: { files: ['b'] } },
    ])
      await expect(runStep({ uses: 'tests/results', with: given })).rejects.toThrow();
  });

  it('coverage is held against the run that was approved last', async () => {
    const m = new Milestone();
    const lcov = (covered: number): string =>
      `SF:a.js\n${[1, 2, 3, 4].map((n) => `DA:${n},${n <= covered ? 1 : 0}`).join('\n')}\nend_of_record\n`;
    const with_ = `{ shell: "mkdir -p out && cp given.xml out/ && cp lcov.txt out/", files: [out/given.xml], coverage: { files: [out/lcov.txt], noLessThanApproved: true } }`;
    m.committed({
      'checklists/m1.yaml': `version: 1\nmilestone: m1\ntitle: T\ntarget: ..\noutputs: [out]\nitems:\n  - id: i\n    title: I\n    steps: [{ id: s, uses: tests/results, with: ${with_} }]\nsignoff: { roles: { rm: 1 } }\n`,
      '.gitignore': 'reports/\nout/\n',
      'given.xml': junit(good),
      'lcov.txt': lcov(3),
    });
    const step = () => m.record().steps[0];
    await m.run();
    expect(step()?.findings.map((one) => one.code)).toEqual(['coverage-first']);
    const signed = await m.sign();
    expect(signed.code, said(signed)).toBe(0);
    writeIn(m.cwd, 'lcov.txt', lcov(2));
    m.commit();
    expect((await m.run()).code).toBe(10);
    expect(step()?.findings).toMatchObject([{ code: 'coverage-fell' }]);
    writeIn(m.cwd, 'lcov.txt', lcov(4));
    m.commit();
    expect((await m.run()).code).toBe(0);
    expect(step()?.proofs.join()).toContain('75 % in the approved run m1/');
  });
});

it('a quarantine stands in the gate’s answer, and shuts it once it has ended', async () => {
  const base = await Base.make({
    'given.xml': junit(good + bad),
    '.gitignore': 'reports/\nout/\n',
    'checklists/m1.yaml': `version: 1
milestone: m1
title: First milestone
target: ..
items:
  - id: tests
    title: Tests
    steps:
      - id: tests
        uses: tests/results
        with: { shell: "mkdir out; cp given.xml out/r.xml", files: [out/r.xml], quarantine: [{ test: divides, reason: known, until: ${day(2)} }] }
signoff: { roles: { release-manager: 1, qa: 1 } }
`,
  });
  const open = await gate(base, {});
  expect([open.code, open.notices.join()]).toEqual([0, expect.stringContaining('divides fails: no (in quarantine')]);
  const shut = await gate(base, { now: base.now + 4 * 86_400_000 });
  expect([shut.code, shut.reasons.map(({ text }) => text).join()]).toEqual([
    10,
    expect.stringContaining('what tests accepted has ended'),
  ]);
});
