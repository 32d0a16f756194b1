import { start } from '../../test/rig/cli.ts';
import type { Answer } from '../faults.ts';
import { lastRecord, peakMiB, repository } from './checklist.ts';

/** A step prints 10 GB: what verify takes of memory, and what it keeps. */
export async function flood(folder: string, scale: number): Promise<Answer> {
  const bytes = Math.round(10e9 * scale);
  repository(folder, `- { id: a, uses: command, timeout: 30m, with: { run: [head, -c, "${bytes}", /dev/zero] } }`);
  const { child, ended } = start(['m1', '--no-ask'], { cwd: folder });
  let peak = 0;
  const timer = setInterval(() => (peak = Math.max(peak, peakMiB(child.pid))), 100);
  const { code } = await ended;
  clearInterval(timer);
  const kept = lastRecord(folder)?.manifest.find((file) => file.path === 'evidence/a/command.stdout' || file.truncated);
  const bad: string[] = [];
  if (peak >= 200) bad.push(`it took ${Math.round(peak)} MiB`);
  if (code !== 0) bad.push(`the run ended with ${code}`);
  if (kept?.truncated?.bytes !== bytes)
    bad.push(`the evidence does not say that ${bytes} bytes were seen: ${JSON.stringify(kept)}`);
  return {
    figure: `${bytes / 1e9} GB printed: at most ${Math.round(peak)} MiB of memory, ${(kept?.bytes ?? 0) / 2 ** 20} MiB kept, the whole hashed`,
    bad,
  };
}
