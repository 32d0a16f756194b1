import type { Level } from '../../../core/finding.ts';
import { error, note, warning } from '../../../core/judgement.ts';

/** Kinds of finding about any expression, a panel's too. */
export const expressionLintProblems = {
  'range-short': error(
    'A range is too short for the scrape interval',
    'rate and the like need two samples: make the range four scrape intervals, at least two',
  ),
  'rate-on-gauge': error('rate is applied to a gauge', 'use delta or deriv: rate takes every fall for a restart'),
  'delta-on-counter': warning('delta is applied to a counter', 'use increase: delta is wrong across a restart'),
  'le-dropped': error(
    'histogram_quantile is given buckets without their le',
    'add le to by (…): without it there is no quantile',
  ),
  'quantile-without-bucket': error(
    'histogram_quantile is given a series without buckets',
    'read the _bucket series; a native histogram is given without le, by its plain name',
  ),
  'quantile-range': error(
    'A quantile lies outside 0 to 1',
    'write 0.99 for the 99th percentile: above 1 the result is always infinite',
  ),
  'sides-never-match': error(
    'The two sides of an operation have different labels',
    'aggregate both sides by the same labels, or say on (…) or group_left: as it stands there is never a result',
  ),
  'dead-threshold': error(
    'A comparison can never be true',
    'correct the threshold or its unit: as it stands the rule never fires',
  ),
  'dead-selector': error(
    'A selector asks for what no series can have',
    'correct the label or its value; two matchers that contradict each other are one regular expression, a=~"x|y"',
  ),
  'many-to-many': error(
    'An operation finds several series where it needs one',
    'aggregate that side by the labels of on (…): as it stands Prometheus refuses the evaluation (many-to-many matching not allowed)',
  ),
  'feature-missing': error(
    'An expression needs what the deployed Prometheus does not have',
    'switch the feature on where Prometheus is started, or write it without',
  ),
  'beyond-retention': warning(
    'An expression looks back further than samples are kept',
    'keep them longer (--storage.tsdb.retention.time), or look back less',
  ),
  'interval-long': warning(
    'Series vanish between two evaluations or scrapes',
    'evaluate and scrape more often, best every two minutes or less: a query looks back 5 minutes (--query.lookback-delta)',
  ),
  'rate-of-sum': warning(
    'rate is applied to a sum of counters',
    'sum the rates, not the counters: when one process restarts, the sum falls, and rate takes that for a restart of all',
  ),
  'grouping-lost': warning(
    'An aggregation is by a label that is gone already',
    'keep the label in the inner by (…), or take it out of the outer',
  ),
  'divides-itself': error(
    'Every series is divided by itself',
    'aggregate both sides, sum by (…) (…) / sum by (…) (…): without it a series matches only itself, and the quotient is 1',
  ),
  'grouping-unknown': warning(
    'An aggregation is by a label that the metric does not have',
    'correct the label’s name: as it stands everything falls into one group',
  ),
  'metric-suffix': note(
    'A metric’s name does not fit its type',
    'a counter’s name ends in _total, and only a counter’s does (Prometheus’s naming conventions)',
  ),
} as const;

/** Kinds of finding about one rule. */
export const ruleLintProblems = {
  ...expressionLintProblems,
  'always-fires': error(
    'An alert has no condition',
    'compare its value with a threshold: as it stands it fires for every series',
  ),
  'unit-mismatch': error(
    'The text of a rule means another unit than its expression',
    'bring the expression and the text to one unit',
  ),
  'text-contradicts': warning(
    'The text of a rule names another threshold than its expression',
    'correct the one that is wrong',
  ),
  'value-unit': error(
    'The text of a rule prints its value in another unit',
    'use the function that fits: humanizePercentage takes a fraction, humanizeDuration takes seconds',
  ),
  'for-contradicts': warning('The text of a rule names a different time than its for', 'make for and the text agree'),
  'raw-counter': error(
    'A counter is compared without rate',
    'use rate or increase: a counter only rises until the process restarts, so that the alert never resolves',
  ),
  'value-in-label': error(
    'A label of an alert holds its value',
    'put the value into an annotation: with each new value it becomes a new alert, which starts to wait again',
  ),
  'label-misspelt': error(
    'A label’s name is misspelt',
    'correct it: routes, inhibitions and silences go by the name of the label',
  ),
  'house-rule': error(
    'A rule breaks a house rule',
    'follow the house rule of the checklist, or silence it with a reason',
  ),
  'label-dropped': error(
    'A template prints a label that the expression does not keep',
    'keep the label in by (…), or take it out of the text: it is empty in every notification',
  ),
  'absent-without-for': warning(
    'absent() without for',
    'give it a for of some scrape intervals: one missed scrape or a restart of Prometheus fires it',
  ),
  'for-exceeds-range': note(
    'A single event cannot hold as long as the alert waits',
    'if one event is to alert, make the range longer than for',
  ),
} as const;

export type RuleLintCode = keyof typeof ruleLintProblems;
/** `C`: the codes that it may have. */
export interface Fault<C extends RuleLintCode = RuleLintCode> {
  code: C;
  level: Level;
  message: string;
}

export type ExpressionLintCode = keyof typeof expressionLintProblems;
export type Say<C extends RuleLintCode = RuleLintCode> = (code: C, message: string, level?: Level) => void;
export type ExpressionSay = Say<ExpressionLintCode>;

/** pint's names of the same checks, for `# pint disable NAME`. */
export const pintNames: Record<string, readonly string[]> = {
  'always-fires': ['alerts/comparison'],
  'dead-threshold': ['promql/impossible'],
  'range-short': ['promql/rate'],
  'rate-on-gauge': ['promql/rate'],
  'raw-counter': ['promql/counter'],
  'label-dropped': ['alerts/template'],
  'sides-never-match': ['promql/vector_matching'],
  'dead-selector': ['promql/impossible'],
  'grouping-lost': ['promql/impossible'],
  'rate-of-sum': ['promql/rate'],
  'feature-missing': ['promql/features'],
  'beyond-retention': ['promql/range_query'],
  'value-in-label': ['alerts/template'],
  'house-rule': 'alerts/annotation rule/label rule/name rule/reject rule/for alerts/for promql/aggregate'.split(' '),
  'absent-without-for': ['alerts/absent'],
  'rule-duplicate': ['rule/duplicate'],
  'metric-missing': ['promql/series'],
  'label-missing': ['promql/series'],
  'label-value': ['promql/series'],
  'job-unknown': ['promql/series'],
  'bad-expression': ['promql/syntax'],
  'runbook-missing': ['rule/link', 'alerts/annotation'],
};
