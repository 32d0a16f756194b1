import { levels, type Finding } from './finding.ts';
import type { StepRecord } from './record.ts';

/** A finding as a reader is to see it: what several steps say of one place stands once. */
export interface Told {
  step: StepRecord;
  finding: Finding;
  /** Further steps that say it. */
  also: StepRecord[];
}

/**
 * What a finding says of which place; undefined where it has no place, since the same words then may be of two things. What
 * stands in parentheses is left out: it lists what is around, which differs from one Compose set to another. So is the code:
 * two step types call one cause by names of their own.
 */
export function saidOf({ where, message, waived }: Finding): string | undefined {
  if (where === undefined) return undefined;
  const text = message.replace(/ \([^()]*\)/g, '');
  return [waived, where.file, where.line, where.col, text].join('\0');
}

/** The findings of all steps, in their order; of those that say the same the one that weighs most. */
export function toldOnce(steps: readonly StepRecord[]): Told[] {
  const told: Told[] = [];
  const known = new Map<string, Told[]>();
  for (const step of steps)
    for (const finding of step.findings) {
      const key = saidOf(finding);
      const alike = (key === undefined ? undefined : known.get(key)) ?? [];
      const same = alike.find((one) => one.step !== step && !one.also.includes(step));
      if (!same) {
        const one = { step, finding, also: [] };
        told.push(one);
        if (key !== undefined) known.set(key, [...alike, one]);
      } else if (levels.indexOf(finding.level) < levels.indexOf(same.finding.level)) {
        same.also.unshift(same.step);
        same.step = step;
        same.finding = finding;
      } else same.also.push(step);
    }
  return told;
}
