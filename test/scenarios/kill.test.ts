import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { start, verify } from '../rig/cli.ts';
import { tempDir } from '../rig/run-step.ts';

const text = `version: 1
milestone: m1
title: T
items:
  - id: item
    title: Item
    steps:
      - { id: a, uses: command, with: { shell: "echo a" } }
      - { id: b, uses: command, needs: [a], with: { shell: "(setsid sleep 61 &) ; sleep 61 & sleep 60" } }
`;

/** Processes that bear the mark of a run kept in this folder. */
function left(folder: string): string[] {
  const runs = new Set(existsSync(join(folder, 'reports/m1')) ? readdirSync(join(folder, 'reports/m1')) : []);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const mark = /(?:^|\0)VERIFY_RUN_ID=([^\0]*)/.exec(readFileSync(`/proc/${pid}/environ`, 'latin1'))?.[1];
        return mark !== undefined && runs.has(mark);
      } catch {
        return false;
      }
    });
}

const torn = (folder: string): string[] =>
  readdirSync(join(folder, 'reports/m1'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('record.json'))
    .filter((path) => {
      try {
        JSON.parse(readFileSync(join(folder, 'reports/m1', path), 'utf8'));
        return false;
      } catch {
        return true;
      }
    });

describe.skipIf(!existsSync('/proc/self/environ'))('a run that is ended (skipped where there is no /proc)', () => {
  it.each([
    ['SIGINT', 700],
    ['SIGTERM', 900],
    ['SIGHUP', 1300],
  ] as const)(
    '%s after %d ms: torn down, recorded, re-raised',
    async (signal, after) => {
      const cwd = tempDir({ 'checklists/m1.yaml': text });
      const { child, ended } = start(['m1'], { cwd });
      await new Promise((done) => setTimeout(done, after));
      child.kill(signal);
      const end = await ended;
      expect(end.signal).toBe(signal);
      expect(left(cwd)).toEqual([]);
      const record = JSON.parse(readFileSync(join(cwd, 'reports/m1/latest/record.json'), 'utf8')) as {
        run: { interrupted?: string };
        verdict: string;
      };
      expect(record.run.interrupted).toBe(signal);
      expect(record.verdict).not.toBe('PASSED');
    },
    30_000,
  );

  it.each([300, 600, 1000, 1500])(
    'SIGKILL after %d ms: nothing torn, and the next run clears what is left',
    async (after) => {
      const cwd = tempDir({ 'checklists/m1.yaml': text });
      const { child, ended } = start(['m1'], { cwd });
      await new Promise((done) => setTimeout(done, after));
      child.kill('SIGKILL');
      await ended;
      if (existsSync(join(cwd, 'reports/m1'))) expect(torn(cwd)).toEqual([]);
      expect((await verify(['m1', '--only', 'a'], { cwd })).code).toBe(11);
      expect(left(cwd)).toEqual([]);
    },
    30_000,
  );
});
