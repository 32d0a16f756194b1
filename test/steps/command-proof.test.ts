import { execFileSync } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { codes, runStep, tempDir, writeIn } from '../rig/run-step.ts';

const inFolder = (files: Record<string, string>, rest: object) => {
  const target = tempDir(files);
  for (const path of Object.keys(files))
    if (/^[a-z0-9]+(?:\.sh)?$/.test(path) && path !== 'there') chmodSync(join(target, path), 0o755);
  return runStep({ uses: 'command', with: rest, target });
};
const failing = 'Ran 2 tests in 0.1s\n\nFAILED (failures=1)';
const passing = 'Ran 2 tests in 0.1s\n\nOK';
const none = 'Ran 0 tests in 0.0s\n\nOK';
const python = (says: string): Record<string, string> => ({
  python3: `#!/bin/sh\nprintf '${says.replaceAll('\n', '\\n')}\\n'\n`,
});

describe('what a test runner says, held against its exit code', () => {
  const lossy = (body: string): Record<string, string> => ({ 'check.sh': `#!/bin/sh\n${body}\n` });
  const show = (says: string): string => `printf '%s\\n' '${says.replaceAll('\n', "' '")}'`;
  it.each([
    ['a failure at the end of the output', lossy(show(failing)), ['./check.sh'], 'output-says-failed'],
    [
      'a failure piped into tee',
      lossy(`(${show(failing)}; false) | tee log.txt`),
      ['./check.sh'],
      'output-says-failed',
    ],
    [
      'a failure lost in the middle of a script',
      {
        ...python(failing),
        'check.sh': '#!/bin/sh\nPATH=$PWD:$PATH\npython3 -m unittest 2>&1 | tee log.txt\necho over and out\n',
      },
      ['sh', './check.sh'],
      'output-says-failed',
    ],
    ['no test at the end of the output', lossy(show(none)), ['./check.sh'], 'nothing-executed'],
    [
      'a package script that runs none',
      { 'package.json': '{"scripts":{"test":"node --test none-here-*.mjs || true"}}' },
      ['npm', 'test'],
      'nothing-executed',
    ],
    [
      'a recipe that runs none',
      { Makefile: 'test:\n\t@node --test none-here-*.mjs || true\n' },
      ['make', 'test'],
      'nothing-executed',
    ],
    [
      'a failure behind a function in a condition',
      {
        ...python(failing),
        'check.sh':
          '#!/bin/bash\nset -euo pipefail\nPATH=$PWD:$PATH\ncheck() {\n  python3 -m unittest\n  echo checked\n}\ncheck && echo good\necho over\n',
      },
      ['./check.sh'],
      'output-says-failed',
    ],
    [
      'a failure that make passes over',
      { ...python(failing), Makefile: 'PY = ./python3\nall: unit\nunit:\n\t-$(PY) -m unittest\n\techo over\n' },
      ['make', 'all'],
      'output-says-failed',
    ],
    [
      'a script before the one that was asked for',
      {
        ...python(failing),
        'package.json': '{"scripts":{"pretest":"./python3 -m unittest || exit 0","test":"echo tested"}}',
      },
      ['npm', 'test'],
      'output-says-failed',
    ],
    [
      'a package script that is not there',
      { 'package.json': '{"scripts":{}}' },
      ['npm', 'run', 'lint', '--if-present'],
      'nothing-executed',
    ],
    [
      'a target of make with the name of a folder',
      { Makefile: 'test:\n\tfalse\n', 'test/a.txt': 'x' },
      ['make', 'test'],
      'nothing-executed',
    ],
    [
      'a runner of which nothing is seen',
      { ...python(failing) },
      ['sh', '-c', './python3 -m unittest >log.txt 2>&1 || true'],
      'result-lost',
    ],
    [
      'a script whose `-e` stands only behind `#!`',
      { ...python(`${failing}\\n\\nover`), 'check.sh': '#!/bin/sh -e\n(./python3 -m unittest; false)\necho over\n' },
      ['sh', 'check.sh'],
      'output-says-failed',
    ],
    [
      'a runner that finds none, and whose flag says that this is fine',
      { jest: '#!/bin/sh\necho "No tests found, exiting with code 0"\n' },
      ['sh', '-c', 'PATH=$PWD:$PATH; chmod +x jest; jest --passWithNoTests'],
      'nothing-executed',
    ],
    [
      'a runner itself that finds none',
      { 'a.txt': 'x' },
      ['node', '--test', 'a.txt', '--test-name-pattern=zzz'],
      undefined,
    ],
  ])('%s', async (_, files, run, code) => {
    const step = await inFolder(files, { run, tree: 'may-change' });
    if (code === undefined) expect(step.outcome).not.toBe('passed');
    else expect(codes(step)).toContain(code);
  });

  it.each([
    ['tests that pass, through a script', lossy(`set -e\n${show(passing)}`), { run: ['./check.sh'] }],
    ['a log that is shown', { 'log.txt': `${failing}\n` }, { run: ['cat', 'log.txt'] }],
    ['a log that a shell shows', { 'log.txt': `${failing}\n` }, { shell: 'cd .; tail -n 5 log.txt' }],
    [
      'a failure that the checklist asks for',
      lossy(show(failing)),
      { run: ['./check.sh'], expect: { stdout: { contains: ['FAILED (failures=1)'] } } },
    ],
    ['a failure that is expected', lossy(`${show(failing)}\nexit 1`), { run: ['./check.sh'], expect: { exit: 1 } }],
    ['what is said to be ignored', lossy(show(failing)), { run: ['./check.sh'], tests: 'ignored' }],
    [
      'none, which the checklist accepts',
      { jest: '#!/bin/sh\necho "No tests found, exiting with code 0"\n' },
      { shell: 'PATH=$PWD:$PATH; chmod +x jest; jest --passWithNoTests', tests: 'ignored' },
    ],
    [
      'a failure whose exit code goes to the end through a variable',
      { ...python(passing), 'check.sh': '#!/bin/sh\nrc=0\n./python3 -m unittest || rc=$?\necho over\nexit $rc\n' },
      { run: ['./check.sh'] },
    ],
    [
      'a failure of another that a passing runner shows',
      { ...python(`${failing}\n\n${passing}`) },
      { run: ['./python3', '-m', 'unittest'] },
    ],
    [
      'a runner in a branch that is not taken',
      { 'check.sh': '#!/bin/sh\nif [ -n "$NOT_SET_HERE" ]; then python3 -m unittest | tee log; fi\necho fine\n' },
      { run: ['./check.sh'] },
    ],
    [
      'a build that is up to date',
      { Makefile: 'all: out.txt\nout.txt: in.txt\n\tcp in.txt out.txt\n', 'in.txt': 'x', 'out.txt': 'x' },
      { run: ['make'] },
    ],
    [
      'counts in the middle of the output',
      lossy(`${show(failing)}\necho this was the demo of a failure`),
      { run: ['./check.sh'] },
    ],
  ])('%s is no finding', async (_, files, rest) =>
    expect(await inFolder(files, { tree: 'may-change', ...rest })).toMatchObject({
      outcome: 'passed',
      findings: [],
    }),
  );

  it('a failure that an unknown program shows, and whose exit code is lost, is suspected', async () => {
    const files = {
      'check.sh': '#!/bin/sh\nsh ./ci.py || true\necho over\n',
      'ci.py': `${show(failing)}\necho then\nexit 1\n`,
    };
    const step = await inFolder(files, { run: ['./check.sh'] });
    expect(step).toMatchObject({ outcome: 'passed', findings: [{ code: 'output-says-failed', level: 'warning' }] });
    expect(step.findings[0]?.message).toContain('lost behind `|| true`');
  });

  it('counts are an assertion, so that the step is not weak', async () => {
    const files = { 'a.test.mjs': "import test from 'node:test';\ntest('a', () => {});\n" };
    const step = await inFolder(files, { run: ['node', '--test', '--test-reporter=tap', 'a.test.mjs'] });
    expect(step).toMatchObject({ outcome: 'passed', findings: [] });
    expect(step.weak).toBeUndefined();
    expect(step.proofs).toContain('node --test executed 1 tests, and none failed');
  });

  it('an exit code that is not the one of what runs is said to be', async () => {
    const step = await inFolder(
      { 'check.sh': '#!/bin/sh\n./build.sh | tee log.txt\n', 'build.sh': '#!/bin/sh\nexit 3\n' },
      { run: ['./check.sh'], tree: 'may-change' },
    );
    expect(step.weak).toMatch(/check\.sh:2: `\.\/build\.sh`: its exit code is lost in the pipe into tee/);
  });
});

describe('a control', () => {
  const check = { 'check.sh': '#!/bin/sh\ntest -f there\n', there: '', 'package.json': '{}' };
  it.each([
    ['is not found by the shell', { shell: 'chekc.sh' }, 'control-not-run'],
    ['is not found, with arguments', { shell: 'gone x' }, 'control-not-run'],
    ['is not found as a program', { run: ['gone', 'x'] }, 'not-started'],
    ['is no program', { shell: './there' }, 'control-not-run'],
    ['is killed', { shell: 'kill -9 $$' }, 'control-not-run'],
    ['is killed below a shell', { shell: 'bash -c "kill -9 \\$\\$"' }, 'control-not-run'],
    ['breaks off with a syntax error', { shell: 'if ./check.sh' }, 'control-not-run'],
    ['breaks off with an unset variable', { shell: './check.sh "$NOT_SET_HERE"' }, 'control-not-run'],
    ['goes to a folder that is not there', { shell: 'cd nowhere; ./check.sh' }, 'control-not-run'],
    ['looks for a text in a file that is not there', { run: ['grep', 'x', 'gone.txt'] }, 'control-not-run'],
    ['gives an interpreter a script that is not there', { run: ['sh', 'chekc.sh'] }, 'control-not-run'],
    ['gives Node a script that is not there', { run: ['node', 'chekc.js'] }, 'control-not-run'],
    ['gives Python a script that is not there', { run: ['python3', 'chekc.py'] }, 'control-not-run'],
    ['asks make for what it does not know', { run: ['make', 'chekc'] }, 'control-not-run'],
    ['asks npm for what it does not know', { run: ['npm', 'run', 'chekc'] }, 'control-not-run'],
    ['lacks a module', { run: ['python3', '-c', 'import no_such_module'] }, 'control-not-run'],
    ['uses a name that is not there', { run: ['node', '-e', 'noSuchName()'] }, 'control-not-run'],
    ['is called with an option that is not there', { run: ['ls', '--no-such-option'] }, 'control-not-run'],
    ['is called with a command that is not there', { run: ['git', 'no-such-command'] }, 'control-not-run'],
    ['runs out of time by itself', { run: ['timeout', '0.1', 'sleep', '9'] }, 'control-not-run'],
    ['is called without its words', { run: ['sh', '-c', 'echo "usage: check FILE" >&2; exit 2'] }, 'control-not-run'],
    ['asks git for what is not there', { run: ['git', 'diff', '--exit-code', 'no-such-commit'] }, 'control-not-run'],
    ['reads rules that are not there', { run: ['awk', '-f', 'gone.awk'] }, 'control-not-run'],
    ['passes', { run: ['./check.sh'] }, 'control-passed'],
  ])('that %s proves nothing', async (_, control, code) =>
    expect(codes(await inFolder(check, { run: ['./check.sh'], control, timeout: undefined }))).toEqual([code]),
  );

  it.each([
    ['as the check fails', { shell: 'mkdir -p d; cd d; ../check.sh' }],
    ['with the code that it names', { shell: 'chekc.sh', exit: 127 }],
    ['with an assertion', { run: ['python3', '-c', 'assert 1 == 2, "the option is unknown to nobody"'] }],
    ['with an error of its own', { run: ['node', '-e', 'throw new Error("no such user")'] }],
  ])('that fails %s proves that the check can', async (_, control) => {
    const step = await inFolder(check, { run: ['./check.sh'], control, tree: 'may-change' });
    expect(step).toMatchObject({ outcome: 'passed', findings: [] });
  });

  it('must have another exit code than the command', async () => {
    const control = { run: ['./check.sh'], exit: 0 };
    await expect(inFolder(check, { run: ['./check.sh'], control })).rejects.toThrow('not a valid checklist');
  });
  it('that leaves a process behind is told of it', async () => {
    const control = { shell: './check.sh; sleep 71 >/dev/null 2>&1 & exit 1' };
    const step = await inFolder(check, { run: ['./check.sh'], control });
    expect(step.findings).toMatchObject([{ code: 'process-left', level: 'error' }]);
    expect(step.findings[0]?.message).toContain('still ran when the control had ended');
  });
  it.each(['./check.sh; exit 1', './check.sh\nfalse'])('that fails by itself (%j) leaves it weak', async (shell) => {
    const step = await inFolder(check, { run: ['./check.sh'], control: { shell } });
    expect(step.weak).toMatch(/the control ends with a failure of its own/);
  });
  it('that says itself what its failure is does not', async () => {
    const control = { shell: 'mkdir -p d; cd d; if ../check.sh; then exit 0; fi\nexit 1' };
    expect((await inFolder(check, { run: ['./check.sh'], control, tree: 'may-change' })).weak).toBeUndefined();
  });

  it('of another program leaves the evidence weak', async () => {
    const step = await inFolder(check, { run: ['./check.sh'], control: { run: ['false'] } });
    expect(step.weak).toMatch(/the control runs nothing of what the command runs/);
  });

  it.each([
    ['cat notes.txt; ./check.sh', 'cat nowhere.txt'],
    ['tar cf a.tar notes.txt; ./check.sh', 'tar xf nowhere.tar'],
    ['tar cf a.tar notes.txt', 'tar xf nowhere.tar'],
    ['python3 -m json.tool good.json', 'python3 -c "raise SystemExit(1)"'],
    ['mkdir -p d; cp notes.txt d/; ./check.sh', 'cp nowhere.txt d/'],
  ])('of %s, `%s` is another program', async (shell, control) => {
    const step = await inFolder(
      { ...check, 'notes.txt': 'x', 'good.json': '{}' },
      { shell, control: { shell: control } },
    );
    expect(step.weak).toMatch(/the control runs nothing of what the command runs/);
  });

  it.each([
    ['grep -q pond notes.txt', 'grep -q pond other.txt'],
    ['tar -tf a.tar', 'tar -tf nowhere.tar'],
    ['bash -c "./check.sh"', 'mkdir -p d; cd d; ../check.sh'],
    ['python3 -m json.tool good.json', 'python3 -m json.tool notes.txt'],
  ])('of %s, `%s` is the same check', async (shell, control) => {
    const target = { ...check, 'notes.txt': 'pond', 'other.txt': 'river', 'good.json': '{}' };
    const step = await inFolder(target, {
      shell: `[ -e a.tar ] || tar cf a.tar notes.txt; ${shell}`.replace(shell.startsWith('tar') ? /^$/ : /^.*?; /, ''),
      control: { shell: control },
      tree: 'may-change',
    });
    expect([step.outcome, step.weak]).toEqual(['passed', undefined]);
  });

  it('a shell’s missing program is as one that could not be started', async () =>
    expect(codes(await inFolder({}, { shell: 'gone x' }))).toEqual(['not-started']));
});

describe('a part that did not find its program or its file', () => {
  it.each<[string, object, string]>([
    ['a check that is turned round', { shell: '! ./gone.sh' }, 'inconclusive'],
    ['a search in a folder that is not there', { shell: '! grep -rq TODO srcs/' }, 'inconclusive'],
    ['a condition', { shell: 'if gone a; then exit 1; fi; echo over' }, 'inconclusive'],
    ['a program whose exit code nobody reads', { run: ['sh', '-c', 'gone a; echo over'] }, 'warning'],
    ['a line of a script', { run: ['./check.sh'] }, 'warning'],
  ])('%s', async (_, rest, level) => {
    const step = await inFolder({ 'check.sh': '#!/bin/sh\ngone --check\necho over\n', 'a.txt': 'x' }, rest);
    expect(step.findings).toMatchObject([{ code: 'inside-not-found', level }]);
    expect(step.outcome).toBe(level === 'warning' ? 'passed' : 'error');
  });
  it.each([
    ['what is there', '! grep -rq TODO .'],
    ['what the script has thought of', 'gone --version || echo none'],
    ['what is asked for first', 'if command -v gone; then exit 1; fi'],
    ['what is read quietly', 'if [ -f gone.txt ]; then exit 1; fi; ! grep -qs x gone.txt'],
    ['a text that only says so', 'echo "sh: 1: gone: not found" >&2'],
  ])('%s is no finding', async (_, shell) =>
    expect((await inFolder({ 'a.txt': 'x' }, { shell })).findings).toEqual([]),
  );
});

describe('a product', () => {
  const old = new Date('2026-01-02T03:04:05Z');
  const withOld = (shell: string) => {
    const target = tempDir({ 'src/a.txt': 'old\n', out: 'old\n' });
    utimesSync(join(target, 'out'), old, old);
    return runStep({ uses: 'command', target, with: { shell, produces: ['out'], tree: 'may-change' } });
  };
  it.each([
    ['a link to what is there', 'ln -sf src/a.txt out', 'not-produced'],
    ['a link out of the target', 'ln -sf /etc/hostname out', 'not-produced'],
    ['a hard link to an older file', 'touch -d 2020-01-01 src/a.txt; ln -f src/a.txt out', 'stale-product'],
    ['an empty folder', 'rm out; mkdir out', 'not-produced'],
    ['a folder of old files', 'rm out; mkdir out; touch -d 2020-01-01 x; sleep 0.05; true', 'not-produced'],
    ['an old file with a new time', 'touch out', 'stale-product'],
    ['an old file with a new time that was read then', 'touch out; cat out', 'stale-product'],
    ['an old file', 'true', 'stale-product'],
    ['a pipe', 'rm out; mkfifo out', 'not-produced'],
    ['a pointer of git-annex', 'echo /annex/objects/SHA256E-s12345--4d7a.bin > out', 'lfs-pointer'],
    [
      'a pointer of git-lfs',
      "printf 'version https://git-lfs.github.com/spec/v1\\noid sha256:%064d\\nsize 12345\\n' 0 > out",
      'lfs-pointer',
    ],
  ])('that is %s is none', async (_, shell, code) => expect(codes(await withOld(shell))).toEqual([code]));

  it.each([
    ['written', 'echo new > out'],
    ['written again as it was', 'cat src/a.txt > copy; cat copy > out'],
    ['written beside and put in its place', 'echo new > tmp; mv tmp out'],
    ['a folder with a file that was written', 'rm out; mkdir -p out/deep; echo new > out/deep/x'],
  ])('that is %s is one', async (_, shell) =>
    expect(await withOld(shell)).toMatchObject({ outcome: 'passed', findings: [] }),
  );

  it('behind a folder that leads out of the target is none', async () => {
    const [target, elsewhere] = [tempDir(), tempDir()];
    symlinkSync(elsewhere, join(target, 'dist'));
    const step = await runStep({
      uses: 'command',
      target,
      with: { shell: 'echo x > dist/out', produces: ['dist/out'] },
    });
    expect(codes(step)).toEqual(['outside']);
  });

  it.each([['/etc/hostname'], ['../out'], ['a/../../out']])('%s is refused before anything runs', async (path) =>
    expect(runStep({ uses: 'command', with: { run: ['true'], produces: [path] } })).rejects.toMatchObject({
      code: 65,
      diagnostics: [{ message: expect.stringMatching(/leads out of the target/) }],
    }),
  );
});

describe('files/exist', () => {
  const repository = (files: Record<string, string>): string => {
    const target = tempDir(files);
    execFileSync('git', ['init', '-q'], { cwd: target });
    return target;
  };
  const exist = (target: string, ...files: unknown[]) => runStep({ uses: 'files/exist', target, with: { files } });

  it('a link out of the target is no deliverable', async () => {
    const target = repository({});
    symlinkSync('/etc/hostname', join(target, 'l'));
    expect(codes(await exist(target, 'l'))).toEqual(['outside']);
  });
  it('a folder that leads out of the target is none', async () => {
    const target = repository({});
    symlinkSync(tempDir({ 'a.txt': 'x' }), join(target, 'd'));
    expect(codes(await exist(target, 'd/a.txt'))).toEqual(['outside']);
    expect(codes(await exist(target, { path: 'd', kind: 'directory' }))).toEqual(['outside']);
  });
  it('a link within the target is one', async () => {
    const target = repository({ 'a.txt': 'x' });
    symlinkSync('a.txt', join(target, 'l'));
    mkdirSync(join(target, 'd'));
    linkSync(join(target, 'a.txt'), join(target, 'd', 'hard'));
    expect(await exist(target, 'l', 'd/hard')).toMatchObject({ outcome: 'passed', findings: [] });
  });
  it.each([['/etc/hostname'], ['../x'], ['a/../../x']])('%s is refused', async (path) =>
    expect(exist(repository({}), path)).rejects.toMatchObject({
      code: 65,
      diagnostics: [{ message: expect.stringMatching(/leads out of the target/) }],
    }),
  );
  it('a pointer of git-lfs proves nothing, even where its text is asked for', async () => {
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 12345\n`;
    const target = repository({ 'big.bin': pointer, 'about.md': `a pointer is:\n${pointer}` });
    expect(codes(await exist(target, { path: 'big.bin', contains: ['size 12345'] }))).toEqual(['lfs-pointer']);
    expect(await exist(target, 'about.md')).toMatchObject({ outcome: 'passed', findings: [] });
  });
  it('what git ignores is warned of, unless this run built it', async () => {
    const target = repository({ '.gitignore': 'dist/\n', 'dist/out é.txt': 'x', 'kept.txt': 'x' });
    writeIn(target, 'dist/b.txt', 'x');
    const warned = await exist(target, 'dist/out é.txt', 'kept.txt', { path: 'dist/b.txt', built: true });
    expect(warned).toMatchObject({
      outcome: 'passed',
      findings: [
        { code: 'ignored', level: 'warning', subject: 'dist/out é.txt' },
        { code: 'older', level: 'warning', subject: 'dist/b.txt' },
      ],
    });
    const produced = await runStep({
      uses: 'files/exist',
      target,
      with: { files: ['dist/b.txt'] },
      before: [{ uses: 'command', with: { shell: 'echo y > dist/b.txt', produces: ['dist/'] } }],
    });
    expect(produced).toMatchObject({ outcome: 'passed', findings: [] });
  });
});

describe('a runner that does not come to its end', () => {
  const early =
    'import os, unittest\nclass T(unittest.TestCase):\n    def test_a(self): os._exit(0)\n    def test_b(self): self.fail()\n';
  const whole = 'import unittest\nclass T(unittest.TestCase):\n    def test_a(self): pass\n';
  const files = { 'test_early.py': early, 'whole.py': whole, Makefile: 'test:\n\tpython3 -m unittest -v\n' };
  it.each([
    ['python3 -m unittest'],
    ['python3 -m unittest -v test_early 2>&1 | tee log.txt'],
    ['make test'],
    ['cd . && python3 -m unittest'],
    ['python3 -m unittest whole; python3 -m unittest test_early'],
    ['env A=1 python3 -m unittest discover -p "test_*.py"'],
  ])('%s is not known to have passed', async (shell) =>
    expect(codes(await inFolder(files, { shell, tree: 'may-change' }))).toEqual(['result-lost']),
  );
  it.each([
    ['cargo', 'cargo test', ['result-lost']],
    ['phpunit', 'phpunit', ['result-lost']],
  ])('%s, told by the line that it begins with', async (_, shell, expected) => {
    const target = {
      cargo:
        '#!/bin/sh\nprintf "running 1 test\\ntest a ... ok\\n\\ntest result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\\n\\nrunning 2 tests\\n"\n',
      phpunit: '#!/bin/sh\necho "PHPUnit 10.5.2 by Sebastian Bergmann and contributors."\necho ..\n',
    };
    expect(codes(await inFolder(target, { shell: `PATH=$PWD:$PATH; ${shell}` }))).toEqual(expected);
  });
  it.each([
    ['python3 -m unittest whole'],
    ['python3 -m unittest whole 2>log.txt'],
    ['python3 -m unittest whole >log.txt 2>&1'],
    ['python3 -m unittest whole 2>&1 | grep -c OK'],
    ['if false; then python3 -m unittest; fi'],
    ['python3 -m unittest --help'],
  ])('%s is no such', async (shell) => expect(codes(await inFolder(files, { shell, tree: 'may-change' }))).toEqual([]));
});
