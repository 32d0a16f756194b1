import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { start, verify } from '../rig/cli.ts';
import { begun, escaping, left, torn } from '../rig/kills.ts';
import { tempDir } from '../rig/run-step.ts';
import { until } from '../rig/until.ts';

describe.skipIf(!existsSync('/proc/self/environ'))('a run that is ended (skipped where there is no /proc)', () => {
  it.each([
    ['SIGINT', 0],
    ['SIGTERM', 200],
    ['SIGHUP', 600],
  ] as const)('%s, %d ms into a step: torn down, recorded, re-raised', async (signal, after) => {
    const cwd = tempDir({ 'checklists/m1.yaml': escaping });
    const { child, ended } = start(['m1'], { cwd });
    await begun(cwd, 'b');
    await new Promise((done) => setTimeout(done, after));
    child.kill(signal);
    const end = await ended;
    expect(end.signal).toBe(signal);
    expect(left(cwd)).toEqual([]);
    const record = JSON.parse(readFileSync(join(cwd, 'reports/m1/latest/record.json'), 'utf8')) as {
      run: { interrupted?: string };
      verdict: string;
      steps: { id: string; outcome: string; findings: { code: string }[] }[];
    };
    expect(record.run.interrupted).toBe(signal);
    // What a signal ended has proven nothing, neither good nor bad.
    expect(record.steps.find((step) => step.id === 'b')).toMatchObject({
      outcome: 'error',
      findings: [{ code: 'interrupted' }],
    });
    expect(record.verdict).toBe('INCONCLUSIVE');
  });

  it.each([0, 300, 900, 1500])(
    'SIGKILL %d ms into a run: nothing torn, and the next run clears what is left',
    async (after) => {
      const cwd = tempDir({ 'checklists/m1.yaml': escaping });
      const { child, ended } = start(['m1'], { cwd });
      await until('a run', () => existsSync(join(cwd, 'reports/m1')));
      await new Promise((done) => setTimeout(done, after));
      child.kill('SIGKILL');
      await ended;
      expect(torn(cwd)).toEqual([]);
      expect((await verify(['m1', '--only', 'a'], { cwd })).code).toBe(11);
      expect(left(cwd)).toEqual([]);
    },
  );
});
