import type { Level } from '../../core/finding.ts';
import type { KnownMetrics } from '../known-metrics.ts';
import { walk, type Expr } from '../promql-tree.ts';
import { parsePromQl, promDuration } from '../promql.ts';
import type { Rule } from '../rule-files.ts';
import { boundsOf, decided, dividesItself, innerName, isCounter, thresholdsOf, type Threshold } from './bounds.ts';
import { contrary, isScalar, labelsOf, mayHave, templateLabels, unmatchable } from './labels.ts';
import { measureWords, unitFault } from './units.ts';

/** Kinds of finding about one rule. Each names pint's check where pint has one. */
export const ruleLintProblems = {
  'always-fires': {
    level: 'error',
    title: 'An alert has no condition',
    hint: 'compare its value with a threshold: as it stands it fires for every series',
  },
  'dead-threshold': {
    level: 'error',
    title: 'A comparison can never be true',
    hint: 'correct the threshold or its unit: as it stands the rule never fires',
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
  'range-short': {
    level: 'error',
    title: 'A range is too short for the scrape interval',
    hint: 'rate and the like need two samples: make the range four scrape intervals, at least two',
  },
  'raw-counter': {
    level: 'error',
    title: 'A counter is compared without rate',
    hint: 'use rate or increase: a counter only rises until the process restarts, so that the alert never resolves',
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
  'label-dropped': {
    level: 'error',
    title: 'A template prints a label that the expression does not keep',
    hint: 'keep the label in by (…), or take it out of the text: it is empty in every notification',
  },
  'le-dropped': {
    level: 'error',
    title: 'histogram_quantile is given buckets without their le',
    hint: 'add le to by (…): without it there is no quantile',
  },
  'sides-never-match': {
    level: 'error',
    title: 'The two sides of an operation have different labels',
    hint: 'aggregate both sides by the same labels, or say on (…) or group_left: as it stands there is never a result',
  },
  'divides-itself': {
    level: 'error',
    title: 'Every series is divided by itself',
    hint: 'aggregate both sides, sum by (…) (…) / sum by (…) (…): without it a series matches only itself, and the quotient is 1',
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
export interface RuleFault {
  code: RuleLintCode;
  level: Level;
  message: string;
}

/** pint's names of the same checks, for `# pint disable NAME`. */
export const pintNames: Record<string, readonly string[]> = {
  'always-fires': ['alerts/comparison'],
  'dead-threshold': ['promql/impossible'],
  'range-short': ['promql/rate'],
  'rate-on-gauge': ['promql/rate'],
  'raw-counter': ['promql/counter'],
  'label-dropped': ['alerts/template'],
  'sides-never-match': ['promql/vector_matching'],
  'absent-without-for': ['alerts/absent'],
  'rule-duplicate': ['rule/duplicate'],
  'metric-missing': ['promql/series'],
  'label-missing': ['promql/series'],
  'label-value': ['promql/series'],
  'job-unknown': ['promql/series'],
  'bad-expression': ['promql/syntax'],
  'runbook-missing': ['rule/link', 'alerts/annotation'],
};

const rated = new Set(
  'rate irate increase delta idelta deriv predict_linear holt_winters double_exponential_smoothing'.split(' '),
);

/** Everything that can be said of one rule without a server. Level `error` only where it is proven. */
export function lintRule(rule: Rule, tree: Expr, known: KnownMetrics): RuleFault[] {
  const faults: RuleFault[] = [];
  const say: Say = (code, message, level = ruleLintProblems[code].level) => {
    faults.push({ code, level, message });
  };
  const thresholds = thresholdsOf(tree);
  if (rule.kind === 'alert') lintAlert(rule, tree, thresholds, known, say);
  for (const threshold of thresholds) lintThreshold(rule, threshold, thresholds.length === 1, known, say);
  faults.push(...lintExpression(tree, known, rule.kind === 'alert'));
  return faults;
}

/** What is true of any expression, a panel's too. `alert`: a wrong value would alert somebody. */
export function lintExpression(tree: Expr, known: KnownMetrics, alert: boolean): RuleFault[] {
  const faults: RuleFault[] = [];
  const say: Say = (code, message, level = ruleLintProblems[code].level) => {
    faults.push({ code, level, message });
  };
  lintReads(tree, alert, known, say);
  lintShape(tree, known, say);
  return faults;
}

type Say = (code: RuleLintCode, message: string, level?: Level) => void;

function lintAlert(rule: Rule, tree: Expr, thresholds: readonly Threshold[], known: KnownMetrics, say: Say): void {
  const parsed = parsePromQl(rule.expr);
  // An alert of no series at all, vector(1), fires on purpose: the watchdog pattern.
  if (!parsed.filters && parsed.selectors.length > 0) {
    const there = parsed.selectors.every(
      (one) => one.name !== undefined && !one.name.startsWith('ALERTS') && known.look(one).state === 'there',
    );
    say('always-fires', `${rule.name} has no comparison: ${rule.expr}`, there ? 'error' : 'warning');
  }
  const kept = labelsOf(tree);
  // An empty label in a text is a blemish; in a label it sends the notification elsewhere.
  for (const [texts, level] of [
    [rule.annotations, 'warning'],
    [rule.labels, 'error'],
  ] as const)
    for (const [where, text] of Object.entries(texts))
      for (const label of new Set(templateLabels(text)))
        if (!mayHave(kept, label)) say('label-dropped', `${where} prints $labels.${label}; ${keptWords(kept)}`, level);
  const waits = promDuration(rule.for ?? '') ?? 0;
  const missing = [...walk(tree)].some(([one]) => one.kind === 'call' && one.name === 'absent');
  if (missing && waits === 0) say('absent-without-for', `${rule.name} fires at the first missing sample`);
  for (const { of, op, value } of thresholds) {
    if (of.kind !== 'call' || !['increase', 'changes', 'resets'].includes(of.name)) continue;
    const [range] = of.args;
    if (range?.kind !== 'selector' || range.rangeMs === undefined || value !== 0 || op !== '>') continue;
    if (waits >= range.rangeMs)
      say('for-exceeds-range', `one event is seen for ${range.rangeMs / 1000} s, and ${rule.name} waits ${rule.for}`);
  }
}

const keptWords = (kept: ReturnType<typeof labelsOf>): string =>
  'only' in kept
    ? `the expression keeps ${[...kept.only].join(', ') || 'no label'}`
    : `the expression drops ${[...kept.but].join(', ')}`;

function lintThreshold(rule: Rule, threshold: Threshold, single: boolean, known: KnownMetrics, say: Say): void {
  const { of, op, value, alternative } = threshold;
  const bounds = boundsOf(of, known);
  const verdict = decided(bounds, op, value);
  const range = `between ${bounds.min} and ${bounds.max}`.replaceAll('-Infinity', '-∞').replaceAll('Infinity', '∞');
  if (verdict === 'never')
    say(
      'dead-threshold',
      `${op} ${value} is never true: the value lies ${range}`,
      alternative || rule.kind === 'record' ? 'warning' : 'error',
    );
  // `count(x) > 0`, `absent(x) == 1` and the like ask whether anything is there.
  const exists =
    of.kind === 'aggregate'
      ? ['count', 'group'].includes(of.op)
      : of.kind === 'call' && /absent|present|count_over/.test(of.name);
  if (rule.kind === 'alert' && verdict === 'always' && single && !exists)
    say('always-fires', `${op} ${value} is always true: the value lies ${range}`);
  if (rule.kind !== 'alert') return;
  const counter = rawCounter(of, known);
  if (counter !== undefined && ['>', '>='].includes(op)) {
    const proven = known.typeOf(counter) === 'counter' && known.exclusive(counter) && value > 0;
    const level = proven ? 'error' : known.typeOf(counter) === 'counter' ? 'warning' : 'note';
    say('raw-counter', `${counter} ${op} ${value}: once true, it stays true`, level);
  }
  // The text speaks of the alert's condition; where it has several, of which one cannot be told.
  if (!single) return;
  for (const [key, text] of Object.entries(rule.annotations)) {
    if (!/^(?:summary|description|message|validation)$/i.test(key)) continue;
    const fault = unitFault(text, threshold, known);
    if (!fault) continue;
    const means = Number(fault.means.toPrecision(6));
    const message = `${key} says "${fault.said}", which is ${means} here; the expression (${measureWords(fault.measure)}) says ${op} ${value}`;
    if (fault.kind === 'unit' || /^validation$/i.test(key)) say('unit-mismatch', message);
    else say('text-contradicts', message);
  }
}

/** The counter whose running total is compared: itself, or a sum of it. */
function rawCounter(expr: Expr, known: KnownMetrics): string | undefined {
  if (expr.kind === 'aggregate' && ['sum', 'max', 'avg', 'min'].includes(expr.op)) return rawCounter(expr.of, known);
  if (expr.kind !== 'selector' || expr.rangeMs !== undefined || expr.name === undefined) return undefined;
  // Gauges are named _count too; without a TYPE only _total says what it is.
  return known.typeOf(expr.name) === 'counter' || (isCounter(expr.name, known) && expr.name.endsWith('_total'))
    ? expr.name
    : undefined;
}

function lintReads(tree: Expr, alert: boolean, known: KnownMetrics, say: Say): void {
  for (const [expr, above] of walk(tree)) {
    if (expr.kind !== 'selector' || expr.rangeMs === undefined || expr.name === undefined) continue;
    const [call] = above;
    if (call?.kind !== 'call' || !rated.has(call.name)) continue;
    const { name } = expr;
    const type = known.typeOf(name);
    if (['rate', 'irate', 'increase'].includes(call.name) && type === 'gauge') {
      // Many exporters call a counter a gauge: its name then still says what it is.
      const proven = known.exclusive(name) && !/_(?:total|count|sum|bucket)$/.test(name) && alert;
      say('rate-on-gauge', `${call.name} of ${name}, which is exported as a gauge`, proven ? 'error' : 'warning');
    }
    if (['delta', 'idelta', 'deriv', 'predict_linear'].includes(call.name) && type === 'counter')
      say('delta-on-counter', `${call.name} of ${name}, which is exported as a counter`);
    const interval = name.includes(':') ? undefined : known.intervalOf({ name, matchers: expr.matchers });
    if (interval === undefined || Number.isNaN(expr.rangeMs) || expr.rangeMs >= 2 * interval) continue;
    say(
      'range-short',
      `${call.name} of ${name} over ${expr.rangeMs / 1000} s, which is scraped every ${interval / 1000} s: ${expr.rangeMs <= interval ? 'there are never two samples' : 'there are not always two samples'}`,
      expr.rangeMs <= interval ? 'error' : 'warning',
    );
  }
}

function lintShape(tree: Expr, known: KnownMetrics, say: Say): void {
  for (const [expr] of walk(tree)) {
    if (expr.kind === 'call' && expr.name === 'histogram_quantile' && expr.args[1]) {
      const name = innerName(expr.args[1]);
      if (name?.endsWith('_bucket') === true && !mayHave(labelsOf(expr.args[1]), 'le'))
        say('le-dropped', `histogram_quantile over ${name}: the aggregation drops le`);
    }
    if (dividesItself(expr)) say('divides-itself', `both sides read the same series, so that the quotient is always 1`);
    const apart = contrary(expr);
    if (apart && expr.kind === 'binary')
      say(
        'sides-never-match',
        `${expr.op} matches ${apart.label}="${apart.left}" with ${apart.label}="${apart.right}"; say ignoring (${apart.label})`,
      );
    const labels = unmatchable(expr);
    if (labels.length === 0 || expr.kind !== 'binary') continue;
    const proven = labels.filter((label) =>
      [expr.left, expr.right].some((side) => !isScalar(side) && surelyHas(side, label, known)),
    );
    say(
      'sides-never-match',
      `one side of ${expr.op} has the label ${labels.join(', ')}, and the other has not`,
      proven.length > 0 ? 'error' : 'warning',
    );
  }
}

/** Has every series of that side a value of the label? */
function surelyHas(side: Expr, label: string, known: KnownMetrics): boolean {
  const name = innerName(side);
  if (name === undefined || name.includes(':') || !mayHave(labelsOf(side), label)) return false;
  return label === 'job' || label === 'instance' || known.labelsOf(name)?.has(label) === true;
}
