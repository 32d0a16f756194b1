import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { runsInOrder } from './runs.ts';

/** Runs that are looked through, the newest first: a step that was left out of the last may have run in the one before. */
const maxRuns = 3;
/** Bytes of a record that are read at most: a run must not wait for it. */
const maxBytes = 32 * 1024 * 1024;

const Took = z.object({
  steps: z.array(
    z.object({ id: z.string(), outcome: z.string(), durationMs: z.number(), reusedFrom: z.unknown().optional() }),
  ),
});

/** Milliseconds that each step took when it last ran to an end of its own, from the records below a milestone's folder. */
export function lastDurations(milestoneFolder: string): Map<string, number> {
  const durations = new Map<string, number>();
  for (const id of runsInOrder(milestoneFolder).toReversed().slice(0, maxRuns))
    for (const [step, took] of durationsOf(join(milestoneFolder, id, 'record.json')))
      if (!durations.has(step)) durations.set(step, took);
  return durations;
}

function durationsOf(path: string): [string, number][] {
  try {
    if (statSync(path).size > maxBytes) return [];
    const { steps } = Took.parse(JSON.parse(readFileSync(path, 'utf8')));
    return steps.flatMap(({ id, outcome, durationMs, reusedFrom }) =>
      (outcome === 'passed' || outcome === 'failed' || outcome === 'waived') && reusedFrom === undefined
        ? [[id, durationMs]]
        : [],
    );
  } catch {
    return [];
  }
}
