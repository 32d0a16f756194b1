import { rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { start, verify } from '../../test/rig/cli.ts';
import { begun, left, torn } from '../../test/rig/kills.ts';
import type { Answer } from './answer.ts';
import { sideBySide } from '../parts.ts';
import { repository } from './checklist.ts';

/** How a child gets out of its process group. */
const shapes: Record<string, string> = {
  'in the background': 'sleep 97 & sleep 96',
  'by setsid': '(setsid sleep 97 &); sleep 96',
  'by a double fork': '(setsid sh -c "(sleep 97 &) ; sleep 97" &); sleep 96',
  'by nohup, deaf to HUP': '(nohup sleep 97 >/dev/null 2>&1 &); sleep 96',
  'deaf to TERM and INT': `sh -c "trap '' TERM INT HUP; sleep 97 & wait; sleep 97"`,
  'without its environment': '(env -i setsid sleep 97 &); sleep 96',
  'holding the output': '(setsid sh -c "exec 3>&1; sleep 97" &); sleep 96',
};

/** Milliseconds for one run, at most, before the rest is left out: an idle machine takes a tenth of it. */
const mostEach = 60_000;

/** Starts a run whose second step has begun. A machine too busy to get so far is asked again. @returns why there is none */
async function begin(cwd: string): Promise<ReturnType<typeof start> | string> {
  let why = '';
  for (let attempt = 1; attempt <= 3; attempt++) {
    rmSync(join(cwd, 'reports'), { recursive: true, force: true });
    const run = start(['m1', '--no-ask'], { cwd });
    why = await Promise.race([
      begun(cwd, 'b').then(
        () => '',
        (error: Error) => error.message,
      ),
      run.ended.then(({ code, signal, stderr }) => `it ended with ${signal ?? code} before: ${stderr.slice(-300)}`),
    ]);
    if (why === '') return run;
    run.child.kill('SIGTERM');
    await run.ended;
  }
  return why;
}

/** Seven shapes × four signals × 20: processes that are left of a run that a signal ended; after SIGKILL, once the next run has begun. */
export async function escapes(folder: string, scale: number, next: () => number): Promise<Answer> {
  const times = Math.max(1, Math.round(20 * scale));
  const bad: string[] = [];
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const;
  const runs = Object.entries(shapes).flatMap(([name, shell]) =>
    signals.flatMap((signal) => Array.from({ length: times }, () => ({ name, shell, signal, after: next() * 400 }))),
  );
  const lanes = 2 * availableParallelism();
  const until = Date.now() + Math.max(10, runs.length / lanes) * mostEach;
  let ran = 0;
  await sideBySide(runs.length, lanes, async (n) => {
    if (Date.now() > until) return;
    const { name, shell, signal, after } = runs[n] ?? { name: '', shell: '', signal: 'SIGINT' as const, after: 0 };
    const cwd = join(folder, String(n));
    repository(
      cwd,
      `- { id: a, uses: command, with: { run: [echo, a] } }\n- { id: b, uses: command, needs: [a], with: { shell: ${JSON.stringify(shell)} } }`,
    );
    const run = await begin(cwd);
    ran++;
    if (typeof run === 'string') return void bad.push(`${name}, ${signal}: ${run}`);
    const { child, ended } = run;
    // Not a wait for something: the signal is to come at any moment of it.
    await sleep(after);
    child.kill(signal);
    const end = await ended;
    if (end.signal !== signal) bad.push(`${name}, ${signal}: it ended with ${end.signal ?? end.code}`);
    if (signal === 'SIGKILL') await verify(['m1', '--only', 'a'], { cwd });
    const there = left(cwd);
    if (there.length > 0) bad.push(`${name}, ${signal}: ${there.length} processes left`);
    if (torn(cwd).length > 0) bad.push(`${name}, ${signal}: a torn record`);
    rmSync(cwd, { recursive: true, force: true });
  });
  const figure = `${Object.keys(shapes).length} shapes of escape × 4 signals × ${times}, ${ran} of ${runs.length} runs: ${bad.length} with a process left or a torn record`;
  if (ran < runs.length) bad.push(`${runs.length - ran} runs were left out: the machine was too busy`);
  return { figure, bad };
}
