import { describe, expect, it } from 'vitest';
import { readScript, runnerOf } from '../../src/toolchains/npm/runners.ts';
import { codes, runStep, tempDir } from '../rig/run-step.ts';

const manifest = (scripts: object, more: object = {}): Record<string, string> => ({
  'package.json': JSON.stringify({ name: 'p', type: 'module', scripts, ...more }),
});
const node = (body: string): Record<string, string> => ({
  'a.test.js': `import { test } from 'node:test';\nimport assert from 'node:assert';\n${body}\n`,
});
const good = node("test('adds', () => assert.equal(1 + 1, 2));");
const bad = node("test('adds', () => assert.equal(1 + 1, 3));");
const own = { test: 'node --test' };

const npm = (files: Record<string, string>, rest: object = {}) =>
  runStep({ uses: 'npm/test', with: rest, target: tempDir(files) });

describe('npm/test', () => {
  it('counts by name, without a change of the package', async () => {
    const { outcome, facts, findings } = await npm({ ...manifest(own), ...good }, { required: ['adds'] });
    expect([outcome, findings]).toEqual(['passed', []]);
    expect(facts['tests.executed']).toBe(1);
  });

  it('names the test that fails, with file and line', async () => {
    const { findings } = await npm({ ...manifest(own), ...bad });
    expect(findings).toMatchObject([{ code: 'test-failed', where: { file: 'a.test.js', line: 3 } }]);
  });

  it.each<[string, Record<string, string>, object, string[]]>([
    [
      'a filter that leaves nothing',
      { ...manifest(own), ...good },
      { run: ['node', '--test', '--test-name-pattern=gone', 'a.test.js'] },
      ['nothing-executed'],
    ],
    [
      'a script that swallows the exit code',
      { ...manifest({ test: 'node --test || true' }), ...bad },
      {},
      ['test-failed'],
    ],
    [
      'a script with something behind the runner',
      { ...manifest({ test: 'node --test; exit 3' }), ...good },
      {},
      ['runner-failed'],
    ],
    ['no script', { ...manifest({}), ...good }, {}, ['nothing-executed']],
    [
      'the script that npm init writes',
      manifest({ test: 'echo "Error: no test specified" && exit 1' }),
      {},
      ['nothing-executed'],
    ],
    ['no package.json', good, {}, ['nothing-executed']],
    [
      'packages that are not installed',
      { ...manifest(own, { devDependencies: { vitest: '1' } }), ...good },
      {},
      ['packages-missing'],
    ],
    [
      'one package that is not installed',
      {
        ...manifest(own, { dependencies: { gone: '1' } }),
        ...node("import 'gone';\ntest('a', () => {});"),
        'node_modules/.keep': '',
      },
      {},
      ['packages-missing'],
    ],
    [
      'an import that nothing declares',
      { ...manifest(own), ...node("import 'gone';\ntest('a', () => {});") },
      {},
      ['test-failed'],
    ],
    [
      'a runner that is not installed',
      { ...manifest({ test: 'ava' }, { devDependencies: { ava: '1' } }), 'node_modules/.keep': '' },
      {},
      ['packages-missing'],
    ],
    ['a script that runs no test', { ...manifest({ test: 'true' }) }, {}, ['not-countable']],
  ])('%s', async (_, files, rest, expected) => {
    const record = await npm(files, rest);
    expect(record.outcome).not.toBe('passed');
    expect(codes(record), JSON.stringify(record.findings)).toEqual(expected);
  });

  it('a script in which something follows the runner is run as it is, and what the runner prints is counted', async () => {
    const { outcome, facts, proofs } = await npm({ ...manifest({ test: 'node --test && node -e 0' }), ...good });
    expect([outcome, facts['tests.executed']], proofs.join()).toEqual(['passed', 1]);
  });

  it.each([
    ['vitest run', 'vitest'],
    ['vitest bench', undefined],
    ['NODE_OPTIONS="${NODE_OPTIONS} --experimental-vm-modules" npx jest --silent', 'jest'],
    ['cross-env CI=1 react-scripts test', 'jest'],
    ['node --experimental-vm-modules node_modules/jest/bin/jest.js', 'jest'],
    ['node --experimental-vm-modules node_modules/.bin/jest', 'jest'],
    ['tsc && mocha -r ts-node/register test', 'mocha'],
    ['c8 --reporter=lcov node --test test/', 'node'],
    ['nyc mocha', 'mocha'],
    ['playwright test', 'playwright'],
    ['vitest run && eslint .', undefined],
    ['vitest run | tee log', undefined],
    ['vitest run > log', undefined],
    ['vitest list', undefined],
    ['karma start', undefined],
    ['jest && echo done', undefined],
    ['(vitest run)', undefined],
  ])('%s comes to %s', (text, runner) => {
    expect(readScript(text).runner).toBe(runner);
  });

  it('a script that only calls another is followed; a program of another name is none', () => {
    expect([readScript('npm run unit'), readScript('pnpm unit'), readScript('npm run a && npm run b')]).toEqual([
      { calls: 'unit' },
      { calls: 'unit' },
      {},
    ]);
    expect(runnerOf('vitest-preview run')).toBeUndefined();
  });
});
