import type { Level } from '../../../core/finding.ts';

/** Kinds of finding about any expression, a panel's too. */
export const expressionLintProblems = {
  'range-short': {
    level: 'error',
    title: 'A range is too short for the scrape interval',
    hint: 'rate and the like need two samples: make the range four scrape intervals, at least two',
  },
  'rate-on-gauge': {
    level: 'error',
    title: 'rate is taken of a gauge',
    hint: 'use delta or deriv: rate takes every fall for a restart',
  },
  'delta-on-counter': {
    level: 'warning',
    title: 'delta is taken of a counter',
    hint: 'use increase: delta is wrong across a restart',
  },
  'le-dropped': {
    level: 'error',
    title: 'histogram_quantile is given buckets without their le',
    hint: 'add le to by (…): without it there is no quantile',
  },
  'quantile-without-bucket': {
    level: 'error',
    title: 'histogram_quantile is given what has no buckets',
    hint: 'read the _bucket series; a native histogram is given without le, by its plain name',
  },
  'quantile-range': {
    level: 'error',
    title: 'A quantile lies outside 0 to 1',
    hint: 'write 0.99 for the 99th percentile: above 1 the result is always infinite',
  },
  'sides-never-match': {
    level: 'error',
    title: 'The two sides of an operation have different labels',
    hint: 'aggregate both sides by the same labels, or say on (…) or group_left: as it stands there is never a result',
  },
  'dead-threshold': {
    level: 'error',
    title: 'A comparison can never be true',
    hint: 'correct the threshold or its unit: as it stands the rule never fires',
  },
  'dead-selector': {
    level: 'error',
    title: 'A selector asks for what no series can have',
    hint: 'correct the label or its value; two matchers that contradict each other are one regular expression, a=~"x|y"',
  },
  'many-to-many': {
    level: 'error',
    title: 'An operation finds several series where it needs one',
    hint: 'aggregate that side by the labels of on (…): as it stands Prometheus refuses the evaluation (many-to-many matching not allowed)',
  },
  'feature-missing': {
    level: 'error',
    title: 'An expression needs what the deployed Prometheus does not give',
    hint: 'switch the feature on where Prometheus is started, or say it with what is there',
  },
  'beyond-retention': {
    level: 'warning',
    title: 'An expression looks back further than samples are kept',
    hint: 'keep them longer (--storage.tsdb.retention.time), or look back less',
  },
  'rate-of-sum': {
    level: 'warning',
    title: 'rate is taken of a sum of counters',
    hint: 'sum the rates, not the counters: when one process restarts, the sum falls, and rate takes that for a restart of all',
  },
  'grouping-lost': {
    level: 'warning',
    title: 'An aggregation is by a label that is gone already',
    hint: 'keep the label in the inner by (…), or take it out of the outer',
  },
  'divides-itself': {
    level: 'error',
    title: 'Every series is divided by itself',
    hint: 'aggregate both sides, sum by (…) (…) / sum by (…) (…): without it a series matches only itself, and the quotient is 1',
  },
  'grouping-unknown': {
    level: 'warning',
    title: 'An aggregation is by a label that the metric does not have',
    hint: 'correct the label’s name: as it stands everything falls into one group',
  },
  'metric-suffix': {
    level: 'note',
    title: 'A metric’s name does not fit its type',
    hint: 'a counter’s name ends in _total, and only a counter’s does (Prometheus’s naming conventions)',
  },
} as const;

/** Kinds of finding about one rule. */
export const ruleLintProblems = {
  ...expressionLintProblems,
  'always-fires': {
    level: 'error',
    title: 'An alert has no condition',
    hint: 'compare its value with a threshold: as it stands it fires for every series',
  },
  'unit-mismatch': {
    level: 'error',
    title: 'The text of a rule means another unit than its expression',
    hint: 'bring the expression and the text to one unit',
  },
  'text-contradicts': {
    level: 'warning',
    title: 'The text of a rule names another threshold than its expression',
    hint: 'correct the one that is wrong',
  },
  'value-unit': {
    level: 'error',
    title: 'The text of a rule prints its value in another unit',
    hint: 'use the function that fits: humanizePercentage takes a fraction, humanizeDuration takes seconds',
  },
  'for-contradicts': {
    level: 'warning',
    title: 'The text of a rule names another time than it waits',
    hint: 'bring for and the text together',
  },
  'raw-counter': {
    level: 'error',
    title: 'A counter is compared without rate',
    hint: 'use rate or increase: a counter only rises until the process restarts, so that the alert never resolves',
  },
  'value-in-label': {
    level: 'error',
    title: 'A label of an alert holds its value',
    hint: 'put the value into an annotation: with each new value it is another alert, which waits anew',
  },
  'label-misspelt': {
    level: 'error',
    title: 'A label’s name is misspelt',
    hint: 'correct it: routes, inhibitions and silences go by the name of the label',
  },
  'house-rule': {
    level: 'error',
    title: 'A rule is not as the house asks',
    hint: 'bring it to the house rule of the checklist, or silence it with a reason',
  },
  'label-dropped': {
    level: 'error',
    title: 'A template prints a label that the expression does not keep',
    hint: 'keep the label in by (…), or take it out of the text: it is empty in every notification',
  },
  'absent-without-for': {
    level: 'warning',
    title: 'absent() without for',
    hint: 'give it a for of some scrape intervals: one missed scrape or a restart of Prometheus fires it',
  },
  'for-exceeds-range': {
    level: 'note',
    title: 'A single event cannot hold as long as the alert waits',
    hint: 'if one event is to alert, make the range longer than for',
  },
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
  'house-rule': [
    'alerts/annotation',
    'rule/label',
    'rule/name',
    'rule/reject',
    'rule/for',
    'alerts/for',
    'promql/aggregate',
  ],
  'absent-without-for': ['alerts/absent'],
  'rule-duplicate': ['rule/duplicate'],
  'metric-missing': ['promql/series'],
  'label-missing': ['promql/series'],
  'label-value': ['promql/series'],
  'job-unknown': ['promql/series'],
  'bad-expression': ['promql/syntax'],
  'runbook-missing': ['rule/link', 'alerts/annotation'],
};
