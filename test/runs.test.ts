import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nameRun } from '../src/engine/prepare.ts';
import { lastDurations } from '../src/runs/durations.ts';
import { runName } from '../src/core/run-name.ts';
import { runsInOrder } from '../src/runs/runs.ts';
import { tempDir } from './rig/run-step.ts';

const at = (startedAt: string, steps: object[] = []): string => JSON.stringify({ run: { startedAt }, steps });
const step = (id: string, outcome: string, durationMs: number, more: object = {}): object => ({
  id,
  outcome,
  durationMs,
  ...more,
});

describe('names of runs', () => {
  it('sort by time, within the same second too', () => {
    const times = [0, 1, 9, 10, 99, 100, 500, 999, 1000, 1001, 59_999, 60_000].map((ms) => new Date(1.8e12 + ms));
    const names = times.map((time) => nameRun(time).id);
    expect(names.every((name) => runName.test(name))).toBe(true);
    expect(names.toSorted()).toEqual(names);
  });

  it('of an earlier version: what began first in the same second, the records say', () => {
    const folder = tempDir({
      '2026-01-01T10-00-00Z-ffffff/record.json': at('2026-01-01T10:00:00.100Z'),
      '2026-01-01T10-00-00Z-000000/record.json': at('2026-01-01T10:00:00.900Z'),
      '2026-01-01T10-00-00Z-888888/record.json': at('2026-01-01T10:00:00.500Z'),
      '2026-01-01T09-59-59Z-eeeeee/record.json': at('2026-01-01T09:59:59.000Z'),
      '2026-01-01T10-00-01Z-111111/record.json': 'torn',
    });
    expect(runsInOrder(folder).map((name) => name.slice(-6))).toEqual([
      'eeeeee',
      'ffffff',
      '888888',
      '000000',
      '111111',
    ]);
  });

  it('there are none where there is no folder', () => expect(runsInOrder(join(tempDir(), 'gone'))).toEqual([]));
});

describe('what a step last took', () => {
  it('is what the newest run says in which it ran to an end of its own', () => {
    const folder = tempDir({
      '2026-01-01T10-00-00Z-aaaaaa/record.json': at('2026-01-01T10:00:00.000Z', [
        step('a', 'passed', 1000),
        step('b', 'failed', 2000),
        step('c', 'passed', 3000),
        step('d', 'passed', 4000),
      ]),
      '2026-01-01T11-00-00Z-aaaaaa/record.json': at('2026-01-01T11:00:00.000Z', [
        step('a', 'passed', 1500),
        step('b', 'skipped', 0),
        step('c', 'timed-out', 9000),
        step('d', 'passed', 1, { reusedFrom: {} }),
      ]),
      '2026-01-01T12-00-00Z-aaaaaa/record.json': 'torn',
    });
    expect([...lastDurations(folder)].toSorted()).toEqual([
      ['a', 1500],
      ['b', 2000],
      ['c', 3000],
      ['d', 4000],
    ]);
  });
  it('is nothing where nothing ran', () => expect([...lastDurations(tempDir())]).toEqual([]));
});
