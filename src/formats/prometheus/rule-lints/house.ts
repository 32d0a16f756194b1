import { z } from 'zod';
import { promDuration } from '../../promql/literals.ts';
import { anchoredRegex } from '../../promql/regex.ts';
import type { Expr } from '../../promql/tree.ts';
import type { KnownMetrics } from '../known-metrics.ts';
import type { Rule } from '../rule-files.ts';
import { labelsOf, mayHave } from '../expression-labels.ts';

const pattern = z
  .string()
  .min(1)
  .refine((text) => anchoredRegex(text) !== undefined, { error: 'this is not a regular expression' });
const duration = z.string().refine((text) => promDuration(text) !== undefined, { error: 'write it as 5m or 1h' });

/** What a repository asks of its own rules, beyond what is right. Patterns must match the whole text. */
export const HouseRule = z.strictObject({
  kind: z.enum(['alert', 'record']).default('alert').describe('which rules it is about'),
  match: pattern.optional().describe('only rules whose name matches this pattern as a whole'),
  name: pattern.optional().describe('what their names must look like'),
  labels: z
    .record(z.string(), pattern)
    .default({})
    .describe('labels that they must have, and what their values must look like'),
  annotations: z.record(z.string(), pattern).default({}).describe('annotations that they must have, likewise'),
  forbidden: z.array(z.string().min(1)).default([]).describe('labels and annotations that they must not have'),
  keeps: z.array(z.string().min(1)).default([]).describe('labels that their expressions must keep'),
  drops: z.array(z.string().min(1)).default([]).describe('labels that their expressions must aggregate away'),
  for: z
    .strictObject({ min: duration.optional(), max: duration.optional() })
    .optional()
    .describe('how long they must wait at least and at most'),
});
export type HouseRule = z.infer<typeof HouseRule>;

const fits = (text: string, wanted: string): boolean => anchoredRegex(wanted)?.test(text) === true;

/** Does the house ask anything of this rule? */
export const concerns = (house: HouseRule, rule: Rule): boolean =>
  rule.kind === house.kind && (house.match === undefined || fits(rule.name, house.match));

/** What a rule does not do of what the house asks; undefined where the house does not ask it of this rule. */
export function houseFaults(rule: Rule, tree: Expr, house: HouseRule, known: KnownMetrics): string[] | undefined {
  if (!concerns(house, rule)) return undefined;
  const faults: string[] = [];
  if (house.name !== undefined && !fits(rule.name, house.name)) faults.push(`its name must match ${house.name}`);
  for (const part of ['labels', 'annotations'] as const) {
    const what = part === 'labels' ? 'label' : 'annotation';
    for (const [name, wanted] of Object.entries(house[part])) {
      const value = rule[part][name];
      if (value === undefined) faults.push(`expected the ${what} ${name}, found none`);
      else if (!fits(value, wanted)) faults.push(`expected the ${what} ${name} to match ${wanted}, found "${value}"`);
    }
    for (const name of house.forbidden)
      if (rule[part][name] !== undefined) faults.push(`the ${what} ${name} must not be there`);
  }
  const kept = labelsOf(tree, known.recorded);
  for (const label of house.keeps)
    if (!mayHave(kept, label)) faults.push(`its expression must keep the label ${label}`);
  for (const label of house.drops)
    if (mayHave(kept, label)) faults.push(`its expression must aggregate the label ${label} away`);
  const waits = promDuration(rule.for ?? '') ?? 0;
  const { min, max } = house.for ?? {};
  if (min !== undefined && waits < (promDuration(min) ?? 0))
    faults.push(`it must wait ${min} at least, and waits ${rule.for ?? 'not at all'}`);
  if (max !== undefined && waits > (promDuration(max) ?? Infinity))
    faults.push(`it must wait ${max} at most, and waits ${rule.for ?? ''}`);
  return faults;
}
