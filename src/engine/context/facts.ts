import { join } from 'node:path';
import { Unobservable, type FactValue, type StepContext } from '../../core/step.ts';
import { keptBefore, lastApproved } from '../../runs/approved.ts';
import { readRun } from '../../runs/runs.ts';
import type { Uses } from '../resume/doors-used.ts';
import type { Attempt } from './attempt.ts';

/** Looks a fact up: `<step>/<name>`, or `<name>` where the steps that yield it agree. */
export function lookUpFact(
  facts: ReadonlyMap<string, Record<string, FactValue>>,
  name: string,
  readBy: Pick<Uses, 'facts'>,
): FactValue | undefined {
  for (const [step, own] of facts) if (own[name] !== undefined || name.startsWith(`${step}/`)) readBy.facts.add(step);
  const slash = name.indexOf('/');
  if (slash > 0) {
    const own = facts.get(name.slice(0, slash))?.[name.slice(slash + 1)];
    if (own !== undefined) return own;
  }
  const values = new Set<FactValue>();
  for (const record of facts.values()) {
    const value = record[name];
    if (value !== undefined) values.add(value);
  }
  return values.size === 1 ? [...values][0] : undefined;
}

/** What earlier steps have measured, of this run and of the one that was approved last. */
export const factsDoor = ({
  run,
  step,
  uses,
}: Attempt): Pick<StepContext, 'fact' | 'facts' | 'approved' | 'keptBefore'> => ({
  fact: (name) => lookUpFact(run.facts, name, uses),
  facts: () => {
    for (const id of run.facts.keys()) uses.facts.add(id);
    return Object.assign({}, ...run.facts.values()) as Record<string, FactValue>;
  },
  keptBefore: async (digests) =>
    run.kept
      ? keptBefore(run.kept.reports, { milestone: run.kept.milestone, id: run.runId }, digests)
      : new Map<string, string>(),
  async approved() {
    uses.bind('it is held against the run that was approved last, which may be another by the next');
    if (!run.kept) return undefined;
    const { reports, milestone } = run.kept;
    const found = lastApproved(reports, { milestone, id: run.runId });
    if (!found) return undefined;
    let record;
    try {
      ({ record } = readRun(join(reports, found.milestone, found.id)));
    } catch (cause) {
      throw new Unobservable('unreadable', `the approved run cannot be compared with: ${(cause as Error).message}`, {
        cause,
      });
    }
    return {
      run: `${found.milestone}/${found.id}`,
      facts: record.steps.find((one) => one.id === step.id && one.uses === step.uses)?.facts ?? {},
    };
  },
});
