import { z } from 'zod';

const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Milliseconds of a duration such as `500ms`, `30s`, `1m30s`, `14d`. `m` is always minutes; months do not exist.
 * @returns undefined where the text is no duration
 */
export function parseDuration(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(amount) * (units[unit ?? ''] ?? Number.NaN);
  }
  return Number.isFinite(total) ? total : undefined;
}

/** `ms` in words that a person reads at a glance: `340 ms`, `2.4 s`, `1 min 05 s`, `2 h 03 min`. */
export function showDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
  return `${Math.floor(seconds / 3600)} h ${String(Math.floor((seconds % 3600) / 60)).padStart(2, '0')} min`;
}

/** How long something may lie back: `500ms`, `30s`, `5m`, `1h`, `400d`. */
export const AnyDuration = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, {
    error: 'not a duration: write a number and its unit, as in 500ms, 30s, 5m, 1h or 14d',
  })
  .describe('a duration with its unit: 500ms, 30s, 5m, 1h, 14d (m is minutes)');

/** Days that may be waited: above them Node's timers are over at once (2^31 ms). */
const longestDays = 24;

/** A time that may be waited, at most 24 days: `500ms`, `30s`, `5m`, `1h`, `14d`. */
export const Duration = AnyDuration.refine((text) => (parseDuration(text) ?? 0) <= longestDays * 86_400_000, {
  error: `too long: nothing can wait for more than ${longestDays} days`,
});

/** A time limit: a duration that is not 0. */
export const TimeLimit = Duration.refine((text) => parseDuration(text) !== 0, {
  error: 'a time limit of 0 leaves no time for anything',
});

/** Milliseconds of a duration that a schema has already checked. */
export function ms(text: string): number {
  const value = parseDuration(text);
  if (value === undefined) throw new Error(`not a duration: ${text}`);
  return value;
}
