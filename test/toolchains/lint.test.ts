import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { readDiagnostics } from '../../src/formats/programs/diagnostics.ts';
import { toolStep } from '../../src/draft/tool-steps.ts';
import { codes, runStep, tempDir, writeIn } from '../rig/run-step.ts';

const environment = { ...process.env };
afterEach(() => {
  process.env = { ...environment };
});

/** Programs that print what the real ones printed, by name; in node_modules/.bin, or in a folder of PATH. */
function programs(target: string, scripts: Record<string, string>): void {
  const bin = tempDir();
  for (const [name, body] of Object.entries(scripts)) {
    const folder = name.includes('/') ? target : bin;
    writeIn(folder, name, `#!/bin/sh\n${body}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  process.env['PATH'] = `${bin}:${environment['PATH']}`;
}
const python = { 'pyproject.toml': '[tool.ruff]\n[tool.mypy]\n', 'pkg/a.py': 'import os\n', 'pkg/a b.py': '' };
const lint = (uses: string, files: Record<string, string>, own: object, scripts: Record<string, string> = {}) => {
  const target = tempDir(files);
  programs(target, scripts);
  return runStep({ uses, with: own, target });
};
const main = (body: string): Record<string, string> => ({
  'go.mod': 'module x\n\ngo 1.21\n',
  'cmd/app/main.go': `package main\n\nimport "fmt"\n\nfunc main() {\n\t${body}\n}\n`,
});

describe('go/lint', () => {
  it('passes what vet has nothing against', async () => {
    const { outcome, findings, proofs } = await lint('go/lint', main('fmt.Println("a")'), { linter: 'vet' });
    expect([outcome, findings, proofs]).toEqual(['passed', [], ['go vet ./... ended with 0']]);
  });

  it.each<[string, Record<string, string>, string, number | undefined]>([
    ['a wrong verb', main('fmt.Printf("%d\\n", "a")'), 'lint', 6],
    ['code that does not compile', main('fmt.Printl("a")'), 'lint', 6],
    ['no package', { 'go.mod': 'module x\n' }, 'nothing-checked', undefined],
  ])('%s', async (_, files, code, line) => {
    const { outcome, findings } = await lint('go/lint', files, { linter: 'vet' });
    expect([outcome, findings.map((one) => [one.code, one.where?.line])]).toEqual(['failed', [[code, line]]]);
  });

  it.each([
    ['staticcheck', 'exit 0', [], 'error'],
    ['golangci-lint', 'echo "level=error msg=\\"no go\\""', [], 'error'],
    ['staticcheck', '[ ! -e control.go ] || { echo "control.go:3:6: expected"; exit 1; }', [], 'passed'],
    ['staticcheck', '[ ! -e control.go ] || { echo "control.go:3:6: expected"; exit 1; }', ['-fail', 'none'], 'error'],
  ])('a pass that nothing shows is none: %s, %s, %j', async (linter, script, args, outcome) => {
    const files = main('fmt.Println()');
    const step = await lint('go/lint', files, { linter, args }, { [linter]: script });
    expect([step.outcome, codes(step)], JSON.stringify(step.findings)).toEqual([
      outcome,
      outcome === 'error' ? ['silenced'] : [],
    ]);
  });

  it.each([
    ['golangci-lint', '.golangci.yml', 'linters:\n  exclusions:\n    paths: [".*"]\n', 'error'],
    ['golangci-lint', '.golangci.yml', "run:\n  skip-dirs:\n    - '.+'\n", 'error'],
    [
      'golangci-lint',
      '.golangci.yaml',
      'linters:\n  exclusions:\n    rules:\n      - path: .*\n        text: .*\n',
      'error',
    ],
    ['golangci-lint', '.golangci.yml', 'linters:\n  exclusions:\n    paths: [".*_gen.go", "third_party$"]\n', 'passed'],
    ['golangci-lint', '.golangci.yml', 'issues:\n  exclude-rules:\n    - path: .*\n      linters: [lll]\n', 'passed'],
    ['staticcheck', 'staticcheck.conf', 'checks = []\n', 'error'],
    ['staticcheck', 'staticcheck.conf', 'checks = ["all", "-all"]\n', 'error'],
    ['staticcheck', 'staticcheck.conf', 'checks = ["inherit", "-ST1000"]\n', 'passed'],
  ])('a configuration that leaves nothing to be found is no pass: %s, %s %j', async (linter, name, text, outcome) => {
    const body = '[ ! -e control.go ] || { echo "control.go:3:6: expected"; exit 1; }';
    const files = { ...main('fmt.Println()'), [name]: text };
    const step = await lint('go/lint', files, { linter }, { [linter]: body });
    expect([step.outcome, codes(step)]).toEqual([outcome, outcome === 'error' ? ['silenced'] : []]);
  });

  it('flags from outside that leave files out are no pass', async () => {
    process.env['GOFLAGS'] = '-tags=never';
    const silenced = await runStep({
      uses: 'go/lint',
      with: { linter: 'vet' },
      target: tempDir(main('fmt.Println()')),
    });
    expect([silenced.outcome, codes(silenced)]).toEqual(['error', ['silenced']]);
    const said = { linter: 'vet', env: { GOFLAGS: '-tags=never' } };
    expect((await runStep({ uses: 'go/lint', with: said, target: tempDir(main('fmt.Println()')) })).outcome).toBe(
      'passed',
    );
  });
});

describe('python/lint', () => {
  it.each<[string, string, string, number, string, string[]]>([
    ['finds', 'ruff', 'pkg/a.py:1:8: F401 [*] `os` imported but unused\nFound 1 error.', 1, 'failed', ['lint']],
    ['finds in a path with a blank', 'ruff', 'pkg/a b.py:1:1: E902 x\nFound 1 error.', 1, 'failed', ['lint']],
    ['has nothing to say', 'ruff', 'All checks passed!', 0, 'passed', []],
    [
      'sees no file',
      'ruff',
      'warning: No Python files found under the given path(s)\nAll checks passed!',
      0,
      'failed',
      ['nothing-checked'],
    ],
    [
      'cannot read its configuration',
      'ruff',
      'ruff failed\n  Cause: Failed to parse pyproject.toml',
      2,
      'failed',
      ['linter-failed'],
    ],
    [
      'finds',
      'mypy',
      'pkg/a.py:3:12: error: Incompatible return value type  [return-value]\npkg/a.py:3:12: note: See https://x\nFound 1 error in 1 file (checked 2 source files)',
      1,
      'failed',
      ['lint'],
    ],
    ['has nothing to say', 'mypy', 'Success: no issues found in 2 source files', 0, 'passed', []],
    [
      'finds no stubs',
      'mypy',
      'pkg/a.py:1:1: error: Library stubs not installed for "yaml"  [import-untyped]',
      1,
      'error',
      ['linter-missing'],
    ],
    [
      'finds no module of the repository',
      'mypy',
      'pkg/a.py:1:1: error: Cannot find implementation or library stub for module named "pkg.gone"  [import-not-found]',
      1,
      'failed',
      ['lint'],
    ],
    ['finds nothing in two files', 'flake8', '0.1 seconds elapsed\n2          total files processed', 0, 'passed', []],
    ['looks at no file', 'flake8', '0          total files processed', 0, 'failed', ['nothing-checked']],
    ['does not say how many files', 'flake8', '', 0, 'error', ['nothing-checked']],
    ['says nothing', 'mypy', '', 0, 'error', ['nothing-checked']],
    [
      'names faults and cannot fail',
      'flake8',
      "pkg/a.py:1:1: F401 'os' imported but unused\n2 total files processed",
      0,
      'error',
      ['silenced'],
    ],
    ['finds', 'flake8', "pkg/a.py:1:1: F401 'os' imported but unused\n2 total files processed", 1, 'failed', ['lint']],
  ])('%s: %s', async (_, linter, output, code, outcome, found) => {
    const step = await lint('python/lint', python, { linter }, { [linter]: `cat <<'E'\n${output}\nE\nexit ${code}` });
    expect([step.outcome, codes(step)], JSON.stringify(step.findings)).toEqual([outcome, found]);
  });

  it.each([
    ['two files', '$PWD/pkg/a.py\n$PWD/pkg/b.pyi', 'passed', []],
    ['no file', '', 'failed', ['nothing-checked']],
    ['only its own configuration', '$PWD/pyproject.toml', 'failed', ['nothing-checked']],
  ])('ruff is asked which files it looked at: %s', async (_, listed, outcome, found) => {
    const ruff = `case "$*" in *--show-files*) cat <<E\n${listed}\nE\n;; *) echo All checks passed!;; esac`;
    const step = await lint('python/lint', python, { linter: 'ruff' }, { ruff });
    expect([step.outcome, codes(step)], JSON.stringify(step.findings)).toEqual([outcome, found]);
  });

  it('a linter that is not there, and a configuration above the target, are no pass', async () => {
    const gone = await lint('python/lint', python, { linter: 'flake8', env: { PATH: '/usr/bin:/bin' } });
    expect([gone.outcome, codes(gone)]).toEqual(['error', ['linter-missing']]);
    const target = tempDir({ 'p/a.py': '' });
    writeIn(target, 'ruff.toml', 'exclude = ["*"]\n');
    programs(target, { ruff: 'echo All checks passed!' });
    const above = await runStep({ uses: 'python/lint', with: { linter: 'ruff' }, target: join(target, 'p') });
    expect([above.outcome, codes(above)]).toEqual(['error', ['silenced']]);
    writeIn(target, 'p/pyproject.toml', '[tool.ruff]\n');
    expect((await runStep({ uses: 'python/lint', with: { linter: 'ruff' }, target: join(target, 'p') })).outcome).toBe(
      'passed',
    );
  });
});

describe('npm/lint', () => {
  const files = { 'package.json': '{"devDependencies":{"eslint":"9"}}', 'src/a.js': '', 'eslint.config.js': '' };
  const message = (severity: number) => ({ ruleId: 'eqeqeq', severity, message: 'Expected ===', line: 1, column: 2 });
  const printed = (messages: object[], code: number) =>
    `cat <<E\n${JSON.stringify([{ filePath: '$PWD/src/a.js', messages }])}\nE\nexit ${code}`;

  const withRules = (rules: string): string =>
    `case "$*" in *--print-config*) echo '{"rules": ${rules}, "x": 1}'; exit 0;; esac\n${printed([], 0)}`;

  it.each<[string, string, string, string[]]>([
    ['finds', printed([message(2)], 1), 'failed', ['lint']],
    ['only warns', printed([message(1)], 0), 'passed', []],
    ['warns more than it may', printed([message(1)], 1), 'failed', ['linter-failed']],
    ['has nothing to say', printed([], 0), 'passed', []],
    ['has no rule', withRules('{}'), 'error', ['silenced']],
    ['has rules that are off', withRules('{ "eqeqeq": [0], "no-undef": [ 0, { "a": true } ] }'), 'error', ['silenced']],
    ['has a rule that is on', withRules('{ "eqeqeq": [0], "no-undef": [1] }'), 'passed', []],
    ['prints nothing', 'exit 0', 'error', ['nothing-checked']],
    ['prints an error', 'echo "Oops! Something went wrong"', 'error', ['nothing-checked']],
    ['looks at nothing', 'echo "[]"', 'failed', ['nothing-checked']],
    [
      'has no configuration',
      'echo "ESLint couldn\'t find an eslint.config file" >&2; exit 2',
      'failed',
      ['linter-failed'],
    ],
    [
      'lacks a plugin',
      'echo "Error: Cannot find package \'eslint-plugin-x\'" >&2; exit 2',
      'error',
      ['linter-missing'],
    ],
  ])('eslint %s', async (_, body, outcome, found) => {
    const step = await lint('npm/lint', files, { linter: 'eslint' }, { 'node_modules/.bin/eslint': body });
    expect([step.outcome, codes(step)], JSON.stringify(step.findings)).toEqual([outcome, found]);
  });

  const tsc = 'case "$*" in *--showConfig*) cat tsconfig.json;; *) echo "Files:  12";; esac';
  it.each<[string, string, string[], string, string[]]>([
    ['is set up well', '{}', [], 'passed', []],
    ['is set up to look at syntax only', '{ "compilerOptions": { "noCheck": true } }', [], 'error', ['silenced']],
    ['is told to look at syntax only', '{}', ['--noCheck'], 'error', ['silenced']],
  ])('tsc %s', async (_, config, args, outcome, found) => {
    const own = { ...files, 'tsconfig.json': config };
    const step = await lint('npm/lint', own, { linter: 'tsc', args }, { 'node_modules/.bin/tsc': tsc });
    expect([step.outcome, codes(step)], JSON.stringify(step.findings)).toEqual([outcome, found]);
  });

  it('says what to install', async () => {
    const { outcome, findings } = await lint('npm/lint', files, { linter: 'tsc' });
    expect(outcome).toBe('error');
    expect(findings).toMatchObject([{ code: 'linter-missing', hint: 'run `npm install`' }]);
  });
});

it('reads the places of compilers', () => {
  expect(
    readDiagnostics(
      'src/a.ts(3,5): error TS2322: No.\n\u001B[1mb.py:7: warning: x\u001B[0m\nvet: ./c.go:1:2: y\n# pkg\nhttp://x:80/ no',
    ),
  ).toEqual([
    { file: 'src/a.ts', line: 3, col: 5, text: 'error TS2322: No.', weighs: true },
    { file: 'b.py', line: 7, col: undefined, text: 'warning: x', weighs: false },
    { file: './c.go', line: 1, col: 2, text: 'y', weighs: true },
  ]);
});

const scripts = {
  lint: 'eslint . --max-warnings 0',
  types: 'tsc --noEmit',
  both: 'eslint . && tsc',
  fix: 'eslint . --fix',
};
it.each([
  ['uv run ruff check src', 'python/lint', { linter: 'ruff', args: ['src'] }],
  ['ruff check --output-format=github .', 'python/lint', { linter: 'ruff' }],
  ['ruff check --fix', undefined, undefined],
  ['python3 -m mypy --strict pkg', 'python/lint', { linter: 'mypy', args: ['--strict', 'pkg'] }],
  ['go vet -tags=x ./...', 'go/lint', { linter: 'vet', args: ['-tags=x', './...'] }],
  ['golangci-lint run --timeout 5m', 'go/lint', { linter: 'golangci-lint', args: ['--timeout', '5m'] }],
  ['npm run lint', 'npm/lint', { linter: 'eslint', args: ['.', '--max-warnings', '0'] }],
  ['npx eslint -f json src', 'npm/lint', { linter: 'eslint', args: ['src'] }],
  ['npm run types', 'npm/lint', { linter: 'tsc' }],
  ['npm run both', undefined, undefined],
  ['npm run fix', undefined, undefined],
])('%s is drafted as %s', (text, uses, own) => {
  const manifest = JSON.stringify({ scripts });
  const tree = {
    paths: ['package.json', 'go.mod', 'uv.lock'],
    text: (path: string) => (path === 'package.json' ? manifest : ''),
  };
  const step = toolStep(text.split(' '), '', tree as never);
  expect([step?.uses, step?.with]).toEqual([uses, own]);
});
