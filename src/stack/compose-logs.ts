import { gzipSync } from 'node:zlib';
import type { StepContext } from '../core/step.ts';
import { containers, docker } from './engine.ts';

/** Lines of each container that are kept at most, and characters above which they are kept compressed. */
const keptLines = 20_000;
const keptText = 32_000_000;
const plainText = 1_000_000;

/** Both streams of a container, in the order in which the lines were written. */
async function logOf(ctx: StepContext, container: string, lines: number): Promise<{ text: string; cut: boolean }> {
  const result = await docker(ctx, ['logs', '--timestamps', '--tail', String(lines), container], { maxText: keptText });
  const all = [...result.stdout.split('\n'), ...result.stderr.split('\n')].filter((line) => line !== '');
  // RFC 3339 in UTC sorts as text.
  return { text: all.toSorted().join('\n'), cut: result.truncated || all.length >= lines };
}

/** The last lines, without their times, for a finding. */
export async function logTail(ctx: StepContext, container: string, lines: number): Promise<string> {
  const { text } = await logOf(ctx, container, lines);
  return text.replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z /gm, '').slice(-3000);
}

/** Keeps the log of every container as evidence, redacted; compressed where it is large. */
export async function keepLogs(ctx: StepContext, label: string): Promise<void> {
  for (const { id, service, number } of await containers(ctx, label)) {
    const { text, cut } = await logOf(ctx, id, keptLines);
    const whole = `${cut ? `(the last ${keptLines} lines at most)\n` : ''}${text}\n`;
    const name = `${service}${number > 1 ? `-${number}` : ''}.log`;
    if (whole.length > plainText) await ctx.evidence.write(`${name}.gz`, gzipSync(whole));
    else await ctx.evidence.write(name, whole);
  }
}
