import { join } from 'node:path';
import { start } from '../../test/rig/cli.ts';
import type { Answer } from './answer.ts';
import { lastRecord, peakMiB, repository } from './checklist.ts';

/**
 * Ten steps print 1 GB each, one after the other, and ten 200 MB each at once: what verify takes of memory, and what it keeps. In
 * ten parts, since what one prints lies on the disk until it has ended.
 */
export async function flood(folder: string, scale: number): Promise<Answer> {
  const bad: string[] = [];
  const figures: string[] = [];
  for (const [each, jobs] of [
    [1e9, 1],
    [2e8, 10],
  ] as const) {
    const bytes = Math.round(each * scale);
    const cwd = join(folder, String(jobs));
    const steps = Array.from(
      { length: 10 },
      (_, n) => `- { id: s${n}, uses: command, timeout: 30m, with: { run: [head, -c, "${bytes}", /dev/zero] } }`,
    );
    repository(cwd, steps.join('\n'));
    const { child, ended } = start(['m1', '--no-ask', '--jobs', String(jobs)], { cwd });
    let peak = 0;
    const timer = setInterval(() => (peak = Math.max(peak, peakMiB(child.pid))), 100);
    const { code } = await ended;
    clearInterval(timer);
    const kept = (lastRecord(cwd)?.manifest ?? []).filter((file) => file.path.endsWith('/command.stdout'));
    const cut = 64 * 2 ** 20;
    if (peak >= 200) bad.push(`10 × ${bytes} bytes, ${jobs} at once: it took ${Math.round(peak)} MiB`);
    if (code !== 0) bad.push(`the run ended with ${code}`);
    for (const file of kept)
      if ((file.truncated?.bytes ?? file.bytes) !== bytes || file.bytes > cut)
        bad.push(`the evidence does not say that ${bytes} bytes were seen: ${JSON.stringify(file)}`);
    if (kept.length !== 10) bad.push(`${kept.length} of 10 outputs are kept`);
    figures.push(`10 × ${bytes / 1e9} GB, ${jobs} at once: at most ${Math.round(peak)} MiB of memory`);
  }
  return { figure: `${figures.join('; ')}; at most 64 MiB of each kept, the whole hashed`, bad };
}
