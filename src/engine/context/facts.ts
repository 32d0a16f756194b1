import type { FactValue } from '../../core/judgement.ts';
import type { StepContext } from '../../core/step.ts';
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

/** What earlier steps have measured. */
export const factsDoor = ({ run, uses }: Attempt): Pick<StepContext, 'fact' | 'facts'> => ({
  fact: (name) => lookUpFact(run.facts, name, uses),
  facts: () => {
    for (const id of run.facts.keys()) uses.facts.add(id);
    return Object.assign({}, ...run.facts.values()) as Record<string, FactValue>;
  },
});
