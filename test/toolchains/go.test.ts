import { describe, expect, it } from 'vitest';
import { needing } from '../rig/have.ts';
import { codes, runStep, tempDir } from '../rig/run-step.ts';

const module_ = {
  'go.mod': 'module example.org/m\n\ngo 1.21\n',
  'calc/calc.go': 'package calc\n\nfunc Add(a, b int) int { return a + b }\n\nfunc Never() int {\n\treturn 1\n}\n',
};
const test = (body: string): Record<string, string> => ({
  'calc/calc_test.go': `package calc\n\nimport "testing"\n\n${body}\n`,
});
const good = test('func TestAdd(t *testing.T) {\n\tif Add(1, 2) != 3 {\n\t\tt.Fatal("no")\n\t}\n}');
const bad = test('func TestAdd(t *testing.T) {\n\tt.Run("two", func(t *testing.T) {\n\t\tt.Error("want 2")\n\t})\n}');

const go = (files: Record<string, string>, rest: object = {}) =>
  runStep({
    uses: 'go/test',
    with: { env: { GOFLAGS: '-mod=mod' }, ...rest },
    target: tempDir({ ...module_, ...files }),
  });

const [title, skip] = needing('go/test', 'go');
describe.skipIf(skip)(title, () => {
  it('counts what was executed, and covers', async () => {
    const { outcome, findings, facts } = await go(good, {
      coverage: { minimum: 50, paths: [{ path: 'calc/**', minimum: 50 }] },
    });
    expect([outcome, findings]).toEqual(['passed', []]);
    expect(facts).toMatchObject({ 'tests.executed': 1, 'coverage.lines': 50 });
  });

  it('names the subtest that fails, with file and line', async () => {
    const { findings } = await go(bad);
    expect(findings).toMatchObject([
      {
        code: 'test-failed',
        message: expect.stringContaining('TestAdd/two fails: calc_test.go:7: want 2') as string,
        where: { file: 'calc/calc_test.go', line: 7 },
      },
    ]);
  });

  it.each<[string, Record<string, string>, object, string[]]>([
    ['no test files', {}, {}, ['nothing-executed']],
    ['a filter that leaves nothing', good, { filter: 'Nonesuch' }, ['nothing-executed']],
    ['a package that does not build', test('func TestAdd(t *testing.T) { gone() }'), {}, ['suite-broken']],
    ['a panic', test('func TestAdd(t *testing.T) { panic("no") }'), {}, ['test-failed']],
    [
      'an exit in the middle',
      {
        'calc/calc_test.go':
          'package calc\n\nimport (\n\t"os"\n\t"testing"\n)\n\nfunc TestAdd(t *testing.T) { os.Exit(0) }\n',
      },
      {},
      ['test-failed'],
    ],
    [
      'tests that are left out by TestMain',
      {
        'calc/calc_test.go':
          'package calc\n\nimport (\n\t"os"\n\t"testing"\n)\n\nfunc TestMain(m *testing.M) { os.Exit(0) }\nfunc TestAdd(t *testing.T) { t.Fatal("no") }\n',
      },
      {},
      ['nothing-executed'],
    ],
    [
      'a module that cannot be fetched',
      { 'calc/x_test.go': 'package calc\n\nimport _ "example.org/gone"\n' },
      { env: { GOFLAGS: '-mod=mod', GOPROXY: 'off' } },
      ['packages-missing'],
    ],
    ['a folder without a module', good, { cwd: 'calc' }, ['nothing-executed']],
  ])('%s', async (_, files, rest, expected) => {
    const record = await go(files, rest);
    expect(record.outcome).not.toBe('passed');
    expect(codes(record), JSON.stringify(record.findings)).toEqual(expected);
  });

  it.each([
    ['does nothing', 'func TestMain(m *testing.M) {}', 'of other packages'],
    ['has no name for what it is given', 'func TestMain(_ *testing.M) { println("m.Run") }', 'of other packages'],
    ['runs them', 'func TestMain(m *testing.M) { os.Exit(m.Run()) }', undefined],
    [
      'hands it on',
      'func TestMain(m *testing.M) { os.Exit(run(m)) }\nfunc run(m *testing.M) int { return m.Run() }',
      undefined,
    ],
  ])('a package beside others whose TestMain %s', async (_, main, left) => {
    const files = {
      ...good,
      'a/a.go': 'package a\n',
      'a/a_test.go': `package a\n\nimport (\n\t"os"\n\t"testing"\n)\n\nvar _ = os.Exit\n\n${main}\nfunc TestA(t *testing.T) {}\n`,
    };
    const events = await go(files);
    expect(events.facts).toMatchObject({ 'tests.executed': left ? 1 : 2, 'tests.skipped': left ? 1 : 0 });
    for (const [run, expected] of [
      [['go', 'test', './...'], left],
      [['go', 'test', '-v', './...'], left],
      [['go', 'test', './calc'], undefined],
    ] as const) {
      const { findings } = await runStep({ uses: 'command', with: { run }, target: tempDir({ ...module_, ...files }) });
      expect(
        findings.map((one) => one.code),
        run.join(' '),
      ).toEqual(expected === undefined ? [] : ['nothing-executed']);
    }
  });

  it('a setting of the environment that may leave tests out makes it inconclusive, and is no matter where the checklist says it', async () => {
    process.env['GOFLAGS'] = '-short -mod=mod';
    try {
      const target = tempDir({ ...module_, ...good });
      expect(codes(await runStep({ uses: 'go/test', target }))).toEqual(['silenced']);
      expect((await runStep({ uses: 'go/test', with: { env: { GOFLAGS: '-short -mod=mod' } }, target })).outcome).toBe(
        'passed',
      );
    } finally {
      delete process.env['GOFLAGS'];
    }
  });
});
