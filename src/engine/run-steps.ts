import { join } from 'node:path';
import type { LoadedChecklist, LoadedStep } from '../checklist/load.ts';
import type { View } from '../core/event.ts';
import type { StepRecord } from '../core/record.ts';
import { schedule, type Job } from '../core/schedule.ts';
import { yields } from '../core/shard.ts';
import { reducedWith, standsInSince } from '../core/stand-in.ts';
import { ms, titleOf } from '../core/step.ts';
import { inForce } from '../core/waive.ts';
import type { Watchdog } from '../hosts/watchdog.ts';
import { lastDurations } from '../runs/durations.ts';
import { blankRecord, executeStep } from './execute.ts';
import type { Prepared, RunOptions } from './prepare.ts';
import { sayReuse } from './resume/resume.ts';
import { tearDown } from './tear-down.ts';

/** Runs what is chosen, and says what became of every step of the checklist, in its order. @throws UserError 73, 74 */
export async function runSteps(
  loaded: LoadedChecklist,
  options: RunOptions,
  view: View,
  run: Prepared,
  { began, bugs, watchdog }: { began: number; bugs: string[]; watchdog: Watchdog },
): Promise<StepRecord[]> {
  const { state, chosen, before } = run;
  const records = new Map<string, StepRecord>();
  const { commit } = before.state;
  const waivers = loaded.checklist.waivers.filter((waiver) => inForce(waiver, state.startedAt, commit));
  const steps = loaded.steps.filter((step) => chosen.steps.has(step.spec.id));
  const typical = lastDurations(join(options.reports, loaded.checklist.milestone));
  announce(loaded, view, run, steps, typical);
  const at = (): number => performance.now() - began;
  const end = (record: StepRecord): void => {
    records.set(record.id, record);
    view.on({ type: 'step-ended', id: record.id, at: at(), record });
  };
  if (run.reuse) sayReuse(run.reuse, loaded.checklist.signoff.resume, view);
  for (const record of run.reuse?.taken.values() ?? []) {
    state.facts.set(record.id, record.facts);
    end(record);
  }
  let failure: unknown;
  const broken = new AbortController();
  await schedule(jobsOf(steps, run, typical), {
    jobs: options.jobs,
    failFast: options.failFast,
    signal: AbortSignal.any([options.signal, broken.signal]),
    skip: ({ step }, reason) => end({ ...blankRecord(step), reason, offsetMs: at() }),
    async execute({ step, id }) {
      const offsetMs = at();
      const hooks = {
        attempt: (n: number) => view.on({ type: 'step-started', id, at: offsetMs, attempt: n }),
        progress: (line: string) => view.on({ type: 'step-progress', id, line }),
        bug: (text: string) => bugs.push(text),
        guard: (endsAt: number, cut: () => void) => watchdog.guard(endsAt, cut),
      };
      try {
        const why = step.spec.standIn && standsInSince(step.spec.standIn.unless, state.stack?.services);
        const actual = why === undefined ? step : (step.standIn ?? step);
        if (why !== undefined)
          view.on({
            type: 'notice',
            level: 'info',
            text: `${id}: ${actual.spec.uses} stands in for ${step.spec.uses}, since ${why}`,
          });
        const record = await executeStep(state, actual, hooks, { waivers, commit });
        if (why !== undefined) {
          record.standsIn = { for: step.spec.uses, why };
          const reduced = reducedWith(record.reduced, record.standsIn);
          if (reduced !== undefined) record.reduced = reduced;
        }
        record.offsetMs = offsetMs;
        record.evidence = state.store.seal(id);
        const basis = await run.bases.basisOf(actual, record);
        if (basis) record.basis = basis;
        run.journal.add(record);
        end(record);
        return record.outcome;
      } catch (error) {
        failure ??= error;
        broken.abort();
        return 'error';
      }
    },
  });
  if (failure !== undefined) {
    await tearDown(state, view);
    throw failure;
  }
  return loaded.steps.map(
    (step) => records.get(step.spec.id) ?? { ...blankRecord(step), reason: chosen.leftOut(step.spec.id) },
  );
}

function announce(
  loaded: LoadedChecklist,
  view: View,
  { state, folder }: Prepared,
  steps: readonly LoadedStep[],
  typical: ReadonlyMap<string, number>,
): void {
  view.on({
    type: 'run-started',
    milestone: loaded.checklist.milestone,
    title: loaded.checklist.title,
    runId: state.runId,
    folder,
    steps: steps.map((step) => {
      const { id, uses, needs } = step.spec;
      const typicalMs = typical.get(id);
      const base = { id, item: step.item, title: state.redactor.text(titleOf(step)), uses, needs };
      return typicalMs === undefined ? base : { ...base, typicalMs };
    }),
  });
}

/**
 * What is to be scheduled. A step weighs what it took in the last run; without one, its time limit, so that what may take long and
 * is not known yet begins early.
 */
function jobsOf(
  steps: readonly LoadedStep[],
  { reuse }: Prepared,
  typical: ReadonlyMap<string, number>,
): (Job & { step: LoadedStep })[] {
  const taken = reuse?.taken ?? new Map<string, StepRecord>();
  return steps
    .filter((step) => !taken.has(step.spec.id))
    .map((step) => ({ step, first: undisturbedBefore(steps, step) }))
    .map(({ step, first }) => ({
      id: step.spec.id,
      needs: [...step.spec.needs, ...first].filter((need) => !taken.has(need)),
      spares: new Set([...step.spec.needs.filter((need) => onlyMeasures(steps, step, need)), ...first]),
      locks: [...step.spec.locks, ...(step.type.locks?.(step.params) ?? [])],
      weight: typical.get(step.spec.id) ?? ms(step.spec.timeout ?? step.type.timeout),
      step,
    }));
}

/** Of a step that disturbs the stack: the steps that are to see it undisturbed, and do not come after it by their needs. */
function undisturbedBefore(steps: readonly LoadedStep[], { spec, type, params }: LoadedStep): string[] {
  if (params === undefined || type.disturbs?.(params) !== true) return [];
  const behind = new Set([spec.id]);
  for (let grew = true; grew;) {
    const more = steps.filter((one) => !behind.has(one.spec.id) && one.spec.needs.some((need) => behind.has(need)));
    for (const one of more) behind.add(one.spec.id);
    grew = more.length > 0;
  }
  return steps
    .filter((one) => one.type.undisturbed === true && !behind.has(one.spec.id) && !spec.needs.includes(one.spec.id))
    .map((one) => one.spec.id);
}

/** Does the step need the other for nothing but facts, which it can do without? */
function onlyMeasures(steps: readonly LoadedStep[], { type, params }: LoadedStep, need: string): boolean {
  const read = params === undefined ? [] : (type.readsFacts?.(params) ?? []);
  const other = steps.find(({ spec }) => spec.id === need);
  if (read.length === 0 || !other) return false;
  return read.some((fact) => yields(other, fact));
}
