import { describe, expect, it } from 'vitest';
import { codes, runStep, tempDir } from '../rig/run-step.ts';

const sh = (script: string, rest: object = {}, more: object = {}) =>
  runStep({ uses: 'command', with: { shell: script, ...rest }, target: tempDir(), ...more });

describe('command', () => {
  it.each([
    ['output', 'echo hello', { expect: { stdout: { contains: ['hello'] } } }],
    ['a pattern', 'echo v1.2', { expect: { stdout: { matches: ['^v\\d'] } } }],
    ['another exit code', 'exit 3', { expect: { exit: 3 } }],
    ['a product', 'echo x > out.txt', { produces: ['out.txt'] }],
    ['a control that fails', 'true', { control: { shell: 'false' } }],
  ])('%s holds', async (_, script, rest) =>
    expect(await sh(script, rest)).toMatchObject({ outcome: 'passed', findings: [] }),
  );

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
    const began = performance.now();
    const record = await sh('(trap "" TERM; sleep 30) & sleep 30', {}, { timeout: '500ms' });
    expect(record.outcome).toBe('timed-out');
    expect(performance.now() - began).toBeLessThan(6000);
  });
  it('settles although a grandchild keeps the output', async () => {
    const began = performance.now();
    expect((await sh('sleep 20 & echo done', { expect: { stdout: { contains: ['done'] } } })).outcome).toBe('passed');
    expect(performance.now() - began).toBeLessThan(5000);
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
