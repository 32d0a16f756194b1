import type { SignoffPolicy } from '../core/checklist.ts';
import { ms, showDuration } from '../core/duration.ts';
import { exit } from '../core/errors.ts';
import type { ReusedFrom, RunRecord, StepRecord } from '../core/record.ts';
import { skewMs } from './decisions.ts';
import type { Reasons } from './reason.ts';

/** The beginning of a run's id: its start, to the second. */
const secondOf = (startedAt: string): string => startedAt.replace(/\.\d+Z$/, 'Z').replaceAll(':', '-');

/** What `reused` claims of a step must fit its run, its times and the steps that it rests on; what ran must have run in this run. */
export function checkReused(record: RunRecord, reasons: Reasons): void {
  const reused = new Set(record.steps.filter((step) => step.reusedFrom !== undefined).map((step) => step.id));
  for (const step of record.steps) {
    const why = step.reusedFrom === undefined ? ranBefore(step, record) : wrong(step, step.reusedFrom, record, reused);
    if (why !== undefined) reasons.add(exit.tampered, `step ${step.id}: ${why}`, 'run again; do not edit the record');
  }
}

function ranBefore(step: StepRecord, { run }: RunRecord): string | undefined {
  return step.startedAt !== undefined && Date.parse(step.startedAt) + skewMs < Date.parse(run.startedAt)
    ? 'it ran before the run began, and does not say from which run it was taken over'
    : undefined;
}

function wrong(
  step: StepRecord,
  from: ReusedFrom,
  { run, steps }: RunRecord,
  reused: ReadonlySet<string>,
): string | undefined {
  const [began, now] = [Date.parse(from.startedAt), Date.parse(run.startedAt)];
  const at = Date.parse(step.startedAt ?? '');
  const answered = step.confirmation && Date.parse(step.confirmation.at);
  if (step.outcome !== 'passed') return `it was taken over as ${step.outcome}, and only a pass can be`;
  if (!from.run.startsWith(`${secondOf(from.startedAt)}-`))
    return `it is said to be taken over from the run ${from.run}, which did not begin at ${from.startedAt}`;
  if (from.run === run.id || !(began <= now)) return 'it is said to be taken over from a run that is not earlier';
  if (!(began - skewMs <= at) || !(at + step.durationMs <= now + skewMs))
    return `it ran at ${step.startedAt ?? 'no time'}, which is not between the run that it was taken over from and this one`;
  if (answered !== undefined && !(at - skewMs <= answered && answered <= at + step.durationMs + skewMs))
    return 'its confirmation was not given when it is said to have run';
  if (step.basis === undefined) return 'it was reused, but the record does not say what it depends on';
  if ('bound' in step.basis) return `it was taken over, and yet is bound to its run: ${step.basis.bound}`;
  const known = new Set(steps.map((one) => one.id));
  const fresh = [...step.needs, ...step.basis.facts].find((id) => !reused.has(id) || !known.has(id));
  return fresh === undefined ? undefined : `it was reused, but ${fresh}, which it depends on, was not`;
}

/** The oldest evidence counts: is a step taken over from a run that is older than the policy allows? */
export function checkReusedAge(
  { steps }: RunRecord,
  policy: SignoffPolicy,
  now: number,
  stale: (text: string, todo: string) => void,
): void {
  const tooOld = steps.flatMap(({ id, reusedFrom }) =>
    reusedFrom !== undefined && !(now - Date.parse(reusedFrom.startedAt) <= ms(policy.maxAge))
      ? [{ id, ...reusedFrom, age: now - Date.parse(reusedFrom.startedAt) }]
      : [],
  );
  const oldest = tooOld.toSorted((a, b) => b.age - a.age)[0];
  if (oldest)
    stale(
      `${oldest.id} was taken over from the run ${oldest.run}, which is ${showDuration(oldest.age)} old; the policy allows ${policy.maxAge}`,
      'run again, without --resume',
    );
}
