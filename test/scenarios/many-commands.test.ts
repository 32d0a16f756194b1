import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { StepRecord } from '../../src/core/record.ts';
import { start, verify } from '../rig/cli.ts';
import { tempDir } from '../rig/run-step.ts';
import { until } from '../rig/until.ts';

/** More commands than a run starts by itself: what comes after them is started by the helper. */
const many = Array.from({ length: 45 }, (_, n) => `{ id: t${n}, uses: command, with: { run: ["true"] } }`);
/** Steps that end in every way that a command may end, each once before and once after the many. */
const ways = (when: string): [string, string][] => [
  [
    'zero',
    `{ id: ${when}-zero, uses: command, with: { shell: 'echo "$VERIFY_STEP" | cut -d- -f2; pwd; echo "$OWN"', env: { OWN: "a b" } } }`,
  ],
  ['three', `{ id: ${when}-three, uses: command, with: { shell: "echo out; echo err >&2; exit 3" } }`],
  ['signal', `{ id: ${when}-signal, uses: command, with: { shell: "kill -SEGV $$" } }`],
  ['missing', `{ id: ${when}-missing, uses: command, with: { run: [no-such-program] } }`],
  ['folder', `{ id: ${when}-folder, uses: command, with: { run: ["true"], cwd: nowhere } }`],
  ['refused', `{ id: ${when}-refused, uses: command, with: { run: [./m1.yaml] } }`],
  ['slow', `{ id: ${when}-slow, uses: command, timeout: 1s, with: { shell: "trap '' TERM; sleep 66" } }`],
  ['input', `{ id: ${when}-input, uses: command, with: { run: [cat], input: hello } }`],
  [
    'left',
    `{ id: ${when}-left, uses: command, with: { shell: "(env -i setsid sleep 67 >/dev/null 2>&1 &); sleep 0.2" } }`,
  ],
  ['apart', `{ id: ${when}-apart, uses: command, with: { shell: "setsid sleep 67 &" } }`],
];
const checklist = (steps: readonly string[]): string =>
  `version: 1\nmilestone: m1\ntitle: T\ntree: none\nitems:\n  - id: i\n    title: I\n    steps:\n${steps.map((step) => `      - ${step}\n`).join('')}`;

function records(cwd: string): Map<string, StepRecord> {
  const folder = join(cwd, 'reports', 'm1');
  const run = readdirSync(folder).find((name) => /^\d{4}-/.test(name)) ?? '';
  const { steps } = JSON.parse(readFileSync(join(folder, run, 'record.json'), 'utf8')) as { steps: StepRecord[] };
  return new Map(steps.map((step) => [step.id, step]));
}
/** What the step says, without what differs from one run of the same command to the next. */
const said = (step: StepRecord | undefined): string =>
  JSON.stringify([
    step?.outcome,
    step?.reason,
    step?.findings,
    step?.proofs,
    step?.evidence.map(({ path, bytes }) => [path, path.endsWith('.json') || bytes]),
  ])
    .replaceAll(/(?:early|late)-/g, '')
    .replaceAll(/sleep 6\d \(\d+\)|process \d+|pid \d+/g, 'a process')
    .replaceAll(/\b\d+(?:\.\d+)? ?m?s\b/g, 'a time');

describe('a run of many commands', () => {
  let steps: Map<string, StepRecord>;
  beforeAll(async () => {
    const all = [...ways('early').map(([, step]) => step), ...many, ...ways('late').map(([, step]) => step)];
    const cwd = tempDir({ 'm1.yaml': checklist(all) });
    await verify(['m1.yaml', '--ui', 'plain', '--jobs', '1'], { cwd });
    steps = records(cwd);
  });

  it.each(ways('').map(([name]) => name))('%s: is told alike, whoever started it', (name) => {
    expect(said(steps.get(`late-${name}`))).toBe(said(steps.get(`early-${name}`)));
  });

  it('and what is told is what happened', () => {
    const outcome = (name: string) => steps.get(`late-${name}`)?.outcome;
    expect(outcome('zero')).toBe('passed');
    for (const name of ['three', 'signal', 'left', 'apart']) expect([name, outcome(name)]).toEqual([name, 'failed']);
    expect(outcome('slow')).toBe('timed-out');
    expect(outcome('input')).toBe('passed');
    for (const name of ['missing', 'folder', 'refused']) expect(outcome(name)).not.toBe('passed');
  });

  it('a command that ends whoever started it does not pass, and the run goes on', async () => {
    const end = '{ id: end, uses: command, with: { shell: "kill -KILL $PPID; sleep 1" } }';
    const after = '{ id: after, uses: command, needs: [], with: { run: [echo, on] } }';
    const cwd = tempDir({ 'm1.yaml': checklist([...many, end, after]) });
    const { code } = await verify(['m1.yaml', '--ui', 'plain', '--jobs', '1'], { cwd });
    const seen = records(cwd);
    expect(code).not.toBe(0);
    expect(seen.get('end')?.outcome).not.toBe('passed');
    expect(seen.get('after')?.outcome).toBe('passed');
  });

  it('a signal and a kill of the run end whoever starts its commands', async () => {
    for (const signal of ['SIGINT', 'SIGKILL'] as const) {
      const last = '{ id: last, uses: command, with: { shell: "echo $PPID > helper; sleep 68" } }';
      const cwd = tempDir({ 'm1.yaml': checklist([...many, last]) });
      const { child, ended } = start(['m1.yaml', '--ui', 'plain', '--jobs', '1'], { cwd });
      let helper = 0;
      await until('the last command runs', () => {
        try {
          helper = Number(readFileSync(join(cwd, 'helper'), 'utf8'));
        } catch {
          helper = 0;
        }
        return helper > 0;
      });
      expect(helper).not.toBe(child.pid);
      child.kill(signal);
      expect((await ended).signal).toBe(signal);
      await until('the helper is gone', () => {
        try {
          return /^\d+ \([^)]*\) Z/.test(readFileSync(`/proc/${helper}/stat`, 'latin1'));
        } catch {
          return true;
        }
      });
      if (signal === 'SIGKILL') await verify(['clean', '--yes'], { cwd });
    }
  });

  it('a stream that stays empty makes no file, and each command has its own output in one', async () => {
    const shell = (n: number): string => `echo out ${n}; test $((${n} % 3)) = 0 || echo err ${n} >&2`;
    const talk = Array.from({ length: 60 }, (_, n) =>
      n % 2 === 0
        ? `{ id: t${n}, uses: command, with: { run: ["true"] } }`
        : `{ id: t${n}, uses: command, with: { shell: "${shell(n)}", expect: { stdout: { contains: ["out ${n}"] } } } }`,
    );
    const cwd = tempDir({ 'm1.yaml': checklist(talk) });
    expect((await verify(['m1.yaml', '--ui', 'plain', '--jobs', '2'], { cwd })).code).toBe(0);
    const milestone = join(cwd, 'reports', 'm1');
    const run = join(milestone, readdirSync(milestone).find((name) => /^\d{4}-/.test(name)) ?? '');
    expect(readdirSync(run)).not.toContain('.outputs');
    for (let n = 0; n < 60; n++) {
      const streams = n % 2 === 0 ? [] : n % 3 === 0 ? ['stdout'] : ['stderr', 'stdout'];
      const folder = join(run, 'evidence', `t${n}`);
      expect(readdirSync(folder), `t${n}`).toEqual([...streams.map((name) => `command.${name}`), 'observed.json']);
      for (const name of streams)
        expect(readFileSync(join(folder, `command.${name}`), 'utf8')).toBe(`${name.slice(3)} ${n}\n`);
    }
  });
});
