import { describe, expect, it } from 'vitest';
import { needing } from '../rig/have.ts';
import { codes, runStep, tempDir } from '../rig/run-step.ts';

const py = (files: Record<string, string>, rest: object = {}) =>
  runStep({ uses: 'python/test', with: rest, target: tempDir({ 'pytest.ini': '[pytest]\n', ...files }) });
const good = { 'test_calc.py': 'def test_adds():\n    assert 1 + 1 == 2\n' };
const bad = { 'test_calc.py': 'def test_adds():\n    assert 1 + 1 == 3\n' };

const [title, skip] = needing('python/test', 'pytest');
describe.skipIf(skip)(title, () => {
  it('counts by name', async () => {
    const { outcome, findings, facts } = await py(good, { required: ['test_calc.py::test_adds'] });
    expect([outcome, findings]).toEqual(['passed', []]);
    expect(facts['tests.executed']).toBe(1);
  });

  it('names the test that fails, with file and line', async () => {
    expect((await py(bad)).findings).toMatchObject([{ code: 'test-failed', where: { file: 'test_calc.py', line: 2 } }]);
  });

  it.each<[string, Record<string, string>, object, string[]]>([
    ['no test', {}, {}, ['nothing-executed']],
    ['a filter that leaves nothing', good, { args: ['-k', 'nonesuch'] }, ['nothing-executed']],
    [
      'only skipped tests',
      { 'test_a.py': 'import pytest\n@pytest.mark.skip\ndef test_a(): pass\n' },
      {},
      ['nothing-executed'],
    ],
    [
      'a module that is not installed',
      { 'test_a.py': 'import no_such_module_here\ndef test_a(): pass\n' },
      {},
      ['packages-missing'],
    ],
    [
      'the project itself is not installed',
      { 'src/own/__init__.py': '', 'test_a.py': 'import own\ndef test_a(): pass\n' },
      {},
      ['packages-missing'],
    ],
    [
      'a module of its own that is gone',
      { 'own/__init__.py': '', 'test_a.py': 'import own.gone\ndef test_a(): pass\n' },
      {},
      ['suite-broken'],
    ],
    ['a syntax error', { 'test_a.py': 'def test_a(:\n' }, {}, ['suite-broken']],
    [
      'a fixture that breaks off',
      { 'test_a.py': 'import pytest\n@pytest.fixture\ndef f(): raise RuntimeError("no")\ndef test_a(f): pass\n' },
      {},
      ['test-failed'],
    ],
    [
      'a plugin that is not installed',
      { ...good, 'pytest.ini': '[pytest]\naddopts = --nbval-lax-of-nobody\n' },
      {},
      ['packages-missing'],
    ],
    ['an option that nobody knows', good, { args: ['--nonesuch'] }, ['runner-failed']],
    ['a manager that is not there', good, { manager: 'hatch' }, ['runner-missing']],
    ['a folder that is not there', good, { cwd: 'gone' }, ['nothing-executed']],
    ['unittest without a test', good, { runner: 'unittest' }, ['nothing-executed']],
  ])('%s', async (_, files, rest, expected) => {
    const record = await py(files, rest);
    expect(record.outcome).not.toBe('passed');
    expect(codes(record), JSON.stringify(record.findings)).toEqual(expected);
  });

  it.each<[string, Record<string, string>, string]>([
    ['nothing', {}, 'pip install pytest'],
    [
      'extras',
      { 'pyproject.toml': '[project.optional-dependencies]\ntest = []\ndocs = []\n' },
      "pip install -e '.[test]'",
    ],
    ['groups', { 'pyproject.toml': '[dependency-groups]\ndev = []\n' }, 'pip install -e . --group dev'],
    ['a file', { 'requirements-dev.txt': '' }, 'pip install -r requirements-dev.txt'],
    ['a lock file', { 'uv.lock': '' }, 'uv sync --all-extras --all-groups'],
  ])('what is missing is installed by what the project names: %s', async (_, files, expected) => {
    const record = await py(
      { 'test_a.py': 'import no_such_module_here\ndef test_a(): pass\n', ...files },
      files['uv.lock'] === undefined ? {} : { manager: 'uv' },
    );
    // Where the manager itself is not here, that is said instead.
    if (record.findings[0]?.code !== 'runner-missing') expect(record.findings[0]?.hint).toContain(expected);
  });

  it('only skipped tests: it says which, and what helps', async () => {
    const { findings } = await py({ 'test_a.py': 'import pytest\n@pytest.mark.skip\ndef test_b(): pass\n' });
    expect(findings[0]?.message).toMatch(/executed no test; 1 was skipped$/);
    expect(findings[0]).toMatchObject({
      hint: expect.stringContaining('wait for') as string,
      detail: expect.stringContaining('test_b') as string,
    });
  });

  it('unittest is counted by what it prints', async () => {
    const { outcome, facts } = await py(
      { 'test_a.py': 'import unittest\nclass T(unittest.TestCase):\n    def test_a(self): self.assertTrue(1)\n' },
      { runner: 'unittest' },
    );
    expect([outcome, facts['tests.executed']]).toEqual(['passed', 1]);
  });

  it.each([
    ['the tests pass', 'self.assertTrue(1)', 'passed', []],
    ['a test fails', 'self.assertTrue(0)', 'failed', ['test-failed']],
  ])('Django’s manage.py runs its tests: %s', async (_, body, outcome, expected) => {
    const record = await py(
      {
        'tests.py': `import unittest\nclass T(unittest.TestCase):\n    def test_a(self): ${body}\n`,
        'manage.py': "import sys, unittest\nassert sys.argv[1] == 'test'\nunittest.main('tests', argv=['x'])\n",
      },
      { runner: 'django' },
    );
    expect([record.outcome, codes(record)]).toEqual([outcome, expected]);
  });
  it('Django that is not installed is no failed test', async () => {
    const record = await py(
      { 'manage.py': 'from django_of_nobody import x\n', 'requirements.txt': '' },
      { runner: 'django' },
    );
    expect(codes(record)).toEqual(['packages-missing']);
    expect(record.findings[0]?.hint).toContain('pip install -r requirements.txt django');
  });

  it('what a test prints is no count of unittest', async () => {
    const body = `print('Ran 30 tests in 0.1s\\n\\nOK', file=sys.stderr); print('Ran 40 tests in 0.1s\\n\\nOK')`;
    const text = `import sys, unittest\nclass T(unittest.TestCase):\n    def test_a(self): ${body}\n`;
    const { outcome, facts } = await py({ 'test_a.py': text }, { runner: 'unittest' });
    expect([outcome, facts['tests.executed']]).toEqual(['passed', 1]);
  });

  it('options of the environment that leave tests out make it inconclusive', async () => {
    process.env['PYTEST_ADDOPTS'] = '-k adds';
    try {
      expect(codes(await py(good))).toEqual(['silenced']);
    } finally {
      delete process.env['PYTEST_ADDOPTS'];
    }
  });
});
