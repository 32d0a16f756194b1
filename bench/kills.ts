/**
 * `npm run kills [-- runs [seed]]`: ends a run at random points, with SIGINT, SIGTERM and SIGKILL in turn, and counts torn records and
 * processes that are left (after SIGKILL: after the next run). Linux only: it looks into /proc.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { start, verify } from '../test/rig/cli.ts';
import { escaping, left, torn } from '../test/rig/kills.ts';
import { random } from '../test/rig/random.ts';
import { sideBySide } from './parts.ts';

const runs = Number(process.argv[2] ?? 100);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
const next = random(seed);
const folder = mkdtempSync(join(tmpdir(), 'verify-kills-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const bad: string[] = [];
const counts = { SIGINT: 0, SIGTERM: 0, SIGKILL: 0 };
const moments = Array.from({ length: runs }, () => Math.round(next() * 1600));
/** Most of a run is waiting for its end. */
const atATime = 2 * availableParallelism();
await sideBySide(runs, atATime, async (n, lane) => {
  const cwd = join(folder, String(lane));
  mkdirSync(join(cwd, 'checklists'), { recursive: true });
  writeFileSync(join(cwd, 'checklists/m1.yaml'), escaping);
  const signal = (['SIGINT', 'SIGTERM', 'SIGKILL'] as const)[n % 3] ?? 'SIGKILL';
  const after = moments[n] ?? 0;
  const { child, ended } = start(['m1'], { cwd });
  await new Promise((done) => setTimeout(done, after));
  child.kill(signal);
  const end = await ended;
  counts[signal]++;
  const say = (what: string): void => void bad.push(`${signal} after ${after} ms: ${what}`);
  if (end.signal !== signal) say(`ended with ${end.signal ?? end.code}`);
  if (signal === 'SIGKILL') await verify(['m1', '--only', 'a'], { cwd });
  const processes = existsSync(join(cwd, 'reports')) ? left(cwd) : [];
  if (processes.length > 0) say(`${processes.length} processes left`);
  const broken = existsSync(join(cwd, 'reports/m1')) ? torn(cwd) : [];
  if (broken.length > 0) say(`torn: ${broken.join(', ')}`);
  // Hundreds of runs in one folder would be looked through again and again.
  rmSync(join(cwd, 'reports'), { recursive: true, force: true });
  if (process.stdout.isTTY) process.stdout.write(`\r${n + 1} of ${runs}`);
});
for (const line of bad) process.stdout.write(`\n${line}`);
process.stdout.write(
  `\n${runs} runs ended at random points (${Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ')}; seed ${seed}): ${bad.length} with a torn record or a process left\n`,
);
process.exitCode = bad.length === 0 ? 0 : 1;
