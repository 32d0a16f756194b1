import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { codes, runStep, runSteps, tempDir } from '../rig/run-step.ts';
import { awaiting } from '../rig/until.ts';

const sh = (script: string, rest: object = {}, more: object = {}) =>
  runStep({ uses: 'command', with: { shell: script, ...rest }, target: tempDir(), ...more });

describe('command', () => {
  const audit = (registry: string) => ({
    shell: `npm audit --registry ${registry}`,
    env: { npm_config_fetch_retries: '0' },
  });
  const locked = {
    'package.json': '{"name":"a","version":"1.0.0","dependencies":{"b":"1.0.0"}}',
    'package-lock.json':
      '{"name":"a","version":"1.0.0","lockfileVersion":3,"packages":{"":{"name":"a","version":"1.0.0","dependencies":{"b":"1.0.0"}},"node_modules/b":{"version":"1.0.0"}}}',
  };
  it('a program that could not fetch what it judges by judged nothing', async () => {
    const target = tempDir(locked);
    const run = await runStep({ uses: 'command', with: audit('http://127.0.0.1:1/'), target });
    expect(codes(run)).toEqual(['not-reached']);
    expect(run.outcome).toBe('error');
    const control = { shell: 'true', control: { shell: 'npm audit --registry http://127.0.0.1:1/' } };
    expect(codes(await runStep({ uses: 'command', with: control, target }))).toEqual(['control-not-run']);
  });

  it.each([
    ['output', 'echo hello', { expect: { stdout: { contains: ['hello'] } } }],
    ['a pattern', 'echo v1.2', { expect: { stdout: { matches: ['^v\\d'] } } }],
    ['another exit code', 'exit 3', { expect: { exit: 3 } }],
    ['a product', 'echo x > out.txt', { produces: ['out.txt'] }],
    ['a control that fails', 'true', { control: { shell: 'false' } }],
    [
      'JSON',
      'echo \'{"a":[{"b":1},{"b":2}]}\'',
      { expect: { stdout: { json: [{ path: '$.a[*].b', min: 1, count: 2 }] } } },
    ],
    [
      'JSON lines',
      'echo start; echo \'{"n":1}\'; echo \'{"n":2}\'',
      { expect: { stdout: { jsonLines: [{ path: '$[1].n', equals: 2 }] } } },
    ],
  ])('%s holds', async (_, script, rest) =>
    expect(await sh(script, rest)).toMatchObject({ outcome: 'passed', findings: [] }),
  );

  it.each([
    ['a folder', './folder', 'mkdir folder'],
    ['a device', '/dev/null', 'true'],
    ['a pipe with a name', './pipe', 'mkfifo pipe'],
    ['what lies below a file', './file/x', ': > file'],
    ['a link to itself', './loop', 'ln -s loop loop'],
  ])('%s is no program: not started, also as a control', async (_, program, made) => {
    const target = tempDir();
    execFileSync('sh', ['-c', made], { cwd: target });
    const main = await runStep({ uses: 'command', with: { run: [program] }, target });
    expect([main.outcome, codes(main)]).toEqual(['error', ['not-started']]);
    const control = { run: ['true'], control: { run: [program] } };
    expect(codes(await runStep({ uses: 'command', with: control, target }))).toEqual(['not-started']);
  });

  it.each([
    ['an exit code', 'exit 4', {}, 'exit-code'],
    ['a failure inside a pipe', 'false | cat', {}, 'exit-code'],
    ['an unset variable', 'echo "$NOPE_NOT_SET"', {}, 'exit-code'],
    ['a signal', 'kill -9 $$', {}, 'killed-by-signal'],
    ['output that is not there', 'true', { expect: { stdout: { contains: ['x'] } } }, 'output'],
    ['output that must not be', 'echo bad', { expect: { stdout: { lacks: ['bad'] } } }, 'output'],
    ['a product that is not there', 'true', { produces: ['out.txt'] }, 'not-produced'],
    ['an empty product', ': > out.txt', { produces: ['out.txt'] }, 'not-produced'],
    ['a control that passes', 'true', { control: { shell: 'true' } }, 'control-passed'],
    ['a JSON value', 'echo \'{"a":1}\'', { expect: { stdout: { json: [{ path: '$.a', equals: 2 }] } } }, 'output'],
    [
      'a JSON value that is not there',
      'echo \'{"a":1}\'',
      { expect: { stdout: { json: [{ path: '$.b', equals: 1 }] } } },
      'output',
    ],
    ['JSON of nothing', 'true', { expect: { stdout: { json: [{ path: '$.a', equals: 2 }] } } }, 'not-json'],
    [
      'a banner before the JSON',
      'echo hi; echo \'{"a":2}\'',
      { expect: { stdout: { json: [{ path: '$.a', equals: 2 }] } } },
      'not-json',
    ],
    ['no JSON line', 'echo hi', { expect: { stdout: { jsonLines: [{ path: '$[*].a', equals: 2 }] } } }, 'output'],
    [
      'a cut JSON line',
      'echo \'{"a":\'',
      { expect: { stdout: { jsonLines: [{ path: '$[*].a', equals: 2 }] } } },
      'not-json',
    ],
  ])('%s fails', async (_, script, rest, code) => {
    const record = await sh(script, rest);
    expect(record.outcome).toBe('failed');
    expect(codes(record)).toContain(code);
  });

  it('a stale product fails', async () => {
    const target = tempDir({ 'out.txt': 'old' });
    const { utimesSync } = await import('node:fs');
    utimesSync(`${target}/out.txt`, 1, 1);
    expect(codes(await runStep({ uses: 'command', with: { run: ['true'], produces: ['out.txt'] }, target }))).toEqual([
      'stale-product',
    ]);
  });
  it('a missing program is inconclusive', async () =>
    expect(codes(await runStep({ uses: 'command', with: { run: ['no-such-program'] } }))).toEqual(['not-started']));
  it('ends a whole tree at the time limit', async () => {
    // Each sleeps for longer than a test may take.
    const record = await sh('(trap "" TERM; sleep 600) & sleep 600', {}, { timeout: '500ms' });
    expect(record.outcome).toBe('timed-out');
  });
  it('settles although a grandchild keeps the output', async () => {
    const expected = { expect: { stdout: { contains: ['done'] } }, background: true };
    expect((await sh('sleep 600 & echo done', expected)).outcome).toBe('passed');
  });
  it('arguments are literal', async () => {
    const record = await runStep({
      uses: 'command',
      with: { run: ['printf', '%s', '$(id); `x` *'], expect: { stdout: { contains: ['$(id); `x` *'] } } },
    });
    expect(record.outcome).toBe('passed');
  });
  it('stdin is at its end', async () =>
    expect((await sh('cat; echo end', { expect: { stdout: { contains: ['end'] } } })).outcome).toBe('passed'));
  it('an exit code alone is weak evidence', async () => expect((await sh('true')).weak).toMatch(/exit code/));
  it('secrets are taken out', async () => {
    process.env['CANARY_VALUE'] = 'canary-1234567890';
    const record = await sh('echo "x $CANARY_VALUE y"; exit 1', {}, { secrets: ['CANARY_VALUE'] });
    expect(JSON.stringify(record)).not.toContain('canary-1234567890');
    expect(JSON.stringify(record)).toContain('[redacted]');
  });
});

describe('command and the tree', () => {
  const repository = (files: Record<string, string>): string => {
    const target = tempDir(files);
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@example.org', ...args], {
        cwd: target,
        stdio: 'ignore',
      });
    git('init');
    git('add', '-A');
    git('commit', '-m', 'all');
    return target;
  };
  const files = { 'a.txt': 'one\n', 'b.txt': 'two\n', '.gitignore': 'build/\n' };
  const run = (script: string, rest: object = {}, target = repository(files)) =>
    runStep({ uses: 'command', with: { shell: script, ...rest }, target });

  it('a tracked file that changes is named, with the diff', async () => {
    const record = await run('echo three >> a.txt; rm b.txt');
    expect(record.outcome).toBe('failed');
    expect(record.findings).toMatchObject([
      { code: 'tree-changed', level: 'error', where: { file: 'a.txt' } },
      { code: 'tree-changed', level: 'error', where: { file: 'b.txt' }, message: 'b.txt was removed' },
    ]);
    expect(record.findings[0]?.detail).toContain('+three');
    expect(record.findings[0]?.detail).not.toContain('b.txt');
  });
  it.each([
    ['the same content', 'cp a.txt x; cat x > a.txt; rm x'],
    ['an ignored file', 'mkdir build; echo x > build/x'],
    ['an untracked file', 'echo x > new.txt'],
  ])('%s is no change', async (_, script) => expect((await run(script)).outcome).toBe('passed'));
  it('an executable bit is a change', async () => expect(codes(await run('chmod +x a.txt'))).toEqual(['tree-changed']));
  it('may be allowed', async () =>
    expect((await run('echo x > a.txt', { tree: 'may-change' })).outcome).toBe('passed'));
  it('without git every file counts, but for what the command produces', async () => {
    expect(codes(await run('echo x > a.txt', {}, tempDir(files)))).toEqual(['tree-changed']);
    expect(
      (await run('echo x > a.txt; echo y > new.txt', { produces: ['a.txt', 'new.txt'] }, tempDir(files))).outcome,
    ).toBe('passed');
  });
  it('the step that changed it is named, not the one after', async () => {
    const { record } = await runSteps(
      [
        { uses: 'command', with: { shell: 'echo x > a.txt' } },
        {
          uses: 'command',
          needs: [],
          locks: ['one'],
          with: { shell: 'true', control: { shell: 'false' } },
          id: 'after',
        },
      ].map((step, n) => (n === 0 ? { ...step, locks: ['one'] } : step)),
      { target: repository(files) },
    );
    expect(record.steps.map((step) => step.outcome)).toEqual(['failed', 'passed']);
    expect(record.tree.changedBy).toEqual({ 'a.txt': ['step-0'] });
  });
  it('of two at once, neither passes and neither is accused', async () => {
    const folder = tempDir();
    const [begun, changed] = [join(folder, 'begun'), join(folder, 'changed')];
    const { record } = await runSteps(
      [
        { uses: 'command', with: { shell: `${awaiting(begun)}; echo x > a.txt; touch '${changed}'` } },
        { uses: 'command', with: { shell: `touch '${begun}'; ${awaiting(changed)}` } },
      ],
      { target: repository(files) },
    );
    expect(record.steps.map(codes)).toEqual([['tree-changed'], ['tree-changed']]);
    expect(record.steps.map((step) => step.outcome)).toEqual(['error', 'error']);
  });

  it('a linter that reads the reports of earlier runs: it says so', async () => {
    const hint = (shell: string) => run(shell).then(({ findings }) => findings[0]?.hint);
    const at = 'reports/m1/2026-11-27T23-05-20Z-219f87/attestation.json';
    expect(await hint(`echo ${at} format; exit 1`)).toMatch(/leave their folder out/);
    expect(await hint('echo reports/m1/notes.json format; exit 1')).not.toMatch(/leave their folder out/);
  });
});
