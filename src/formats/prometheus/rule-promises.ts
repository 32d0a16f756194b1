import { z } from 'zod';
import { error, type Judge } from '../../core/step.ts';
import type { Where } from '../../core/finding.ts';
import { parsePromQl } from '../promql/parse.ts';

/** A rule that a checklist promises. */
export const RulePromise = z.strictObject({
  name: z.string().min(1),
  kind: z.enum(['alert', 'record']).default('alert'),
  quantile: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('φ that its histogram_quantile must have, read from the syntax tree'),
  labels: z.record(z.string(), z.string()).default({}).describe('labels that it must have, e.g. severity'),
});
export type RulePromise = z.infer<typeof RulePromise>;

export const GroupPromise = z.strictObject({
  name: z.string().min(1),
  rules: z.array(RulePromise).default([]),
  min: z.int().min(1).default(1).describe('rules that the group must hold at least'),
});
export type GroupPromise = z.infer<typeof GroupPromise>;

export const promiseProblems = {
  'group-missing': error(
    'A promised group is not there',
    'does rule_files of the loaded configuration match the file, and does promtool accept it?',
  ),
  'rule-missing': error(
    'A promised rule is not there',
    'see the rules of the group; a misspelt name is a missing rule',
  ),
  'too-few-rules': error('The group has fewer rules than promised', 'see which are missing'),
  'wrong-quantile': error(
    'The rule reads another quantile than promised',
    'correct the first argument of histogram_quantile, or the promise',
  ),
  'wrong-label': error('A rule lacks a promised label', 'correct the rule’s labels'),
} as const;

/** A rule as it was found, in a file or by a server. */
export interface FoundRule {
  kind: 'alert' | 'record';
  name: string;
  expr: string;
  labels: Record<string, string>;
  where?: Where;
}

/** Holds one group against its promise. `rules`: those of the group; undefined where there is no such group. */
export function judgeGroup(
  j: Judge<typeof promiseProblems>,
  group: GroupPromise,
  rules: readonly FoundRule[] | undefined,
  others: readonly string[],
): void {
  if (!rules) {
    j.find('group-missing', `the group ${group.name} is not there; there are ${others.join(', ') || 'none at all'}`, {
      subject: group.name,
    });
    return;
  }
  j.check(
    rules.length >= group.min,
    `the group ${group.name} is there with ${rules.length} rules`,
    'too-few-rules',
    `the group ${group.name} has ${rules.length} rules, expected at least ${group.min}`,
    { subject: group.name },
  );
  for (const promise of group.rules) judgeRule(j, group.name, promise, rules);
}

function judgeRule(
  j: Judge<typeof promiseProblems>,
  group: string,
  promise: RulePromise,
  rules: readonly FoundRule[],
): void {
  const found = rules.filter((rule) => rule.name === promise.name && rule.kind === promise.kind);
  if (found.length === 0) {
    j.find('rule-missing', `${promise.name} is not in the group ${group}`, { subject: promise.name });
    return;
  }
  j.prove(`${promise.name} is there`);
  for (const rule of found) {
    const about = { subject: promise.name, where: rule.where };
    if (promise.quantile !== undefined) {
      const { quantiles } = parsePromQl(rule.expr);
      const right = quantiles.length > 0 && quantiles.every((q) => Math.abs(q - (promise.quantile ?? 0)) < 1e-9);
      j.check(
        right,
        `${promise.name} reads the quantile ${promise.quantile}`,
        'wrong-quantile',
        `${promise.name} reads ${quantiles.length === 0 ? 'no histogram_quantile' : `the quantile ${quantiles.join(', ')}`}, expected ${promise.quantile}`,
        { ...about, detail: rule.expr },
      );
    }
    for (const [name, value] of Object.entries(promise.labels)) {
      const real = rule.labels[name];
      j.check(
        real === value,
        `${promise.name} has ${name}="${value}"`,
        'wrong-label',
        `${promise.name} has ${name}=${real === undefined ? 'nothing' : `"${real}"`}, expected "${value}"`,
        about,
      );
    }
  }
}
