import { describe, expect, it } from 'vitest';
import { poll, type Waiting } from '../../src/core/poll.ts';

/** A step's context whose time passes only where somebody waits. */
function clock(left: number): Waiting & { lines: string[]; pass(ms: number): void } {
  let now = 0;
  const lines: string[] = [];
  return {
    lines,
    now: () => now,
    remaining: () => left - now,
    pass: (ms) => void (now += ms),
    sleep: (ms) => Promise.resolve(void (now += ms)),
    progress: (line) => void lines.push(line),
  };
}

describe('a wait', () => {
  it.each<[what: string, within: number, left: number, reserve: number | undefined, takes: number, ended: number]>([
    ['looks once where it is not to wait', 0, 60_000, undefined, 0, 0],
    ['ends with its own time', 1000, 60_000, undefined, 0, 1000],
    ['ends two seconds before the time of the step', 60_000, 10_000, undefined, 0, 8000],
    ['ends by a quarter of a short step before', 60_000, 4000, undefined, 0, 3000],
    ['keeps back what it is told to', 60_000, 10_000, 5000, 0, 5000],
    ['leaves room for one more slow look', 60_000, 10_000, 1000, 2000, 9000],
  ])('%s', async (_, within, left, reserve, takes, ended) => {
    const ctx = clock(left);
    let looks = 0;
    const seen = await poll(ctx, {
      within,
      every: 100,
      ...(reserve !== undefined && { reserve }),
      look: async () => {
        ctx.pass(takes);
        return ++looks;
      },
      done: () => false,
    });
    expect(seen).toBe(looks);
    expect(looks).toBeGreaterThan(0);
    expect(ctx.now()).toBeLessThanOrEqual(ended);
    expect(ctx.now()).toBeGreaterThanOrEqual(ended - takes - 200);
  });
  it('ends with the look that is enough, and says meanwhile what it waits for', async () => {
    const ctx = clock(60_000);
    let looks = 0;
    const seen = await poll(ctx, {
      within: 10_000,
      every: 100,
      look: () => Promise.resolve(++looks),
      done: (one) => one === 3,
      waiting: (one, waited) => `${one} after ${waited}`,
    });
    expect([seen, ctx.now(), ctx.lines]).toEqual([3, 200, ['1 after 0', '2 after 100']]);
  });
  it('passes on what a look throws', async () => {
    const failed = poll(clock(60_000), {
      within: 1000,
      every: 100,
      look: () => Promise.reject(new Error('gone')),
      done: () => true,
    });
    await expect(failed).rejects.toThrow('gone');
  });
});
