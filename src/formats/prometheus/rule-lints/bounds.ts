import type { KnownMetrics } from '../known-metrics.ts';
import { comparisonOps, constant, type Expr, type Matcher } from '../../promql/tree.ts';

/** The least and the greatest value that an expression can have, whatever its series; ±Infinity where nothing is known. */
export interface Bounds {
  min: number;
  max: number;
}
type Selector = Extract<Expr, { kind: 'selector' }>;

const mirrored: Record<string, string> = { '>': '<', '<': '>', '>=': '<=', '<=': '>=' };
const anything: Bounds = { min: -Infinity, max: Infinity };
const positive: Bounds = { min: 0, max: Infinity };
const atLeastOne: Bounds = { min: 1, max: Infinity };
const oneBounds: Bounds = { min: 1, max: 1 };

// Functions whose value does not depend on what they are given.
const fixed: Record<string, Bounds> = {
  absent: oneBounds,
  absent_over_time: oneBounds,
  present_over_time: oneBounds,
  count_over_time: atLeastOne,
  changes: positive,
  resets: positive,
  abs: positive,
  sgn: { min: -1, max: 1 },
  sqrt: positive,
  exp: positive,
  stddev_over_time: positive,
  stdvar_over_time: positive,
  time: { min: 1e9, max: Infinity },
  hour: { min: 0, max: 23 },
  minute: { min: 0, max: 59 },
  day_of_week: { min: 0, max: 6 },
  day_of_month: { min: 1, max: 31 },
  day_of_year: { min: 1, max: 366 },
  days_in_month: { min: 28, max: 31 },
  month: { min: 1, max: 12 },
};
const through = new Set(
  'min_over_time max_over_time avg_over_time last_over_time scalar vector sort sort_desc label_replace label_join'.split(
    ' ',
  ),
);

/** Is it a counter: by the exporter's TYPE, or by the suffix that the naming conventions keep for counters? */
export function isCounter(name: string | undefined, known: KnownMetrics): boolean {
  if (name === undefined) return false;
  const type = known.typeOf(name);
  return type === undefined || type === 'unknown' || type === 'untyped'
    ? /_(?:total|bucket|count)$/.test(name)
    : type === 'counter';
}

export function boundsOf(expr: Expr, known: KnownMetrics): Bounds {
  const exact = constant(expr);
  if (exact !== undefined && !Number.isNaN(exact)) return { min: exact, max: exact };
  switch (expr.kind) {
    case 'selector': {
      const rule = expr.name?.includes(':') === true ? known.computed(expr.name) : undefined;
      if (rule) return boundsOf(rule, known);
      if (expr.name === 'up' || expr.name === 'probe_success') return { min: 0, max: 1 };
      return isCounter(expr.name, known) ? positive : anything;
    }
    case 'subquery':
      return boundsOf(expr.of, known);
    case 'minus':
      return negative(boundsOf(expr.of, known));
    case 'call':
      return ofCall(expr.name, expr.args, known);
    case 'aggregate':
      if (expr.op === 'quantile' && !isFraction(expr.param && constant(expr.param))) return anything;
      return ofAggregate(expr.op, boundsOf(expr.of, known));
    case 'binary':
      return ofBinary(expr, known);
    default:
      return anything;
  }
}

const isFraction = (value: number | undefined): boolean => value !== undefined && value >= 0 && value <= 1;
const negative = ({ min, max }: Bounds): Bounds => ({ min: -max, max: -min });

function ofCall(name: string, args: readonly Expr[], known: KnownMetrics): Bounds {
  const always = fixed[name];
  if (always) return always;
  const [first] = args;
  if (!first) return anything;
  // Of what falls below 0 a rate has no meaning.
  if (['rate', 'irate', 'increase'].includes(name))
    return first.kind === 'selector' && known.typeOf(first.name ?? '') === 'gauge' ? anything : positive;
  if (through.has(name)) return boundsOf(first, known);
  if (name === 'sum_over_time') return boundsOf(first, known).min >= 0 ? positive : anything;
  if (name === 'histogram_quantile' && args[1]) return ofQuantile(args[1], known);
  if (name === 'quantile_over_time' && args[1] && isFraction(constant(first))) return boundsOf(args[1], known);
  const bounds = boundsOf(first, known);
  const [low, high] = args.slice(1).map(constant);
  if (name === 'clamp_min' && low !== undefined)
    return { min: Math.max(bounds.min, low), max: Math.max(bounds.max, low) };
  if (name === 'clamp_max' && low !== undefined)
    return { min: Math.min(bounds.min, low), max: Math.min(bounds.max, low) };
  if (name === 'clamp' && low !== undefined && high !== undefined) return { min: low, max: high };
  return anything;
}

/** The quantile of a classic histogram never exceeds its greatest finite bound (Prometheus, histogram_quantile). */
function ofQuantile(of: Expr, known: KnownMetrics): Bounds {
  const name = innerName(of);
  if (name === undefined || !name.endsWith('_bucket') || !known.exclusive(name)) return anything;
  const les = known.labelsOf(name)?.get('le') ?? [];
  const finite = les.map(Number).filter((le) => Number.isFinite(le));
  return finite.length > 0 && les.includes('+Inf')
    ? { min: Math.min(0, ...finite), max: Math.max(...finite) }
    : anything;
}

/** The one metric below aggregations and rates. */
export function innerName(expr: Expr): string | undefined {
  if (expr.kind === 'selector') return expr.name;
  if (expr.kind === 'aggregate' || expr.kind === 'subquery') return innerName(expr.of);
  if (expr.kind === 'call') return expr.args[0] && innerName(expr.args[0]);
  return undefined;
}

function ofAggregate(op: string, of: Bounds): Bounds {
  if (op === 'count' || op === 'count_values') return atLeastOne;
  if (op === 'group') return oneBounds;
  if (op === 'stddev' || op === 'stdvar') return positive;
  if (op === 'sum') return { min: of.min >= 0 ? of.min : -Infinity, max: of.max <= 0 ? of.max : Infinity };
  return of;
}

function ofBinary(expr: Extract<Expr, { kind: 'binary' }>, known: KnownMetrics): Bounds {
  const [left, right] = [boundsOf(expr.left, known), boundsOf(expr.right, known)];
  const span = (values: number[]): Bounds =>
    values.some((value) => Number.isNaN(value)) ? anything : { min: Math.min(...values), max: Math.max(...values) };
  if (comparisonOps.has(expr.op)) {
    if (expr.bool) return { min: 0, max: 1 };
    const [low, high] = [constant(expr.left), constant(expr.right)];
    if (low !== undefined) return narrowed(right, mirrored[expr.op] ?? expr.op, low);
    return high === undefined ? left : narrowed(left, expr.op, high);
  }
  switch (expr.op) {
    case 'and':
    case 'unless':
      return left;
    case 'or':
      return { min: Math.min(left.min, right.min), max: Math.max(left.max, right.max) };
    case '+':
      return { min: left.min + right.min, max: left.max + right.max };
    case '-':
      return { min: left.min - right.max, max: left.max - right.min };
    case '*':
      return left.min >= 0 && right.min >= 0 && !Number.isFinite(left.max * right.max)
        ? { min: 0, max: Infinity }
        : span([left.min * right.min, left.min * right.max, left.max * right.min, left.max * right.max]);
    case '/':
      if (isSame(expr.left, expr.right)) return oneBounds;
      if (partOfWhole(expr.left, expr.right) || shareOfTrue(expr.left, expr.right)) return { min: 0, max: 1 };
      if (right.min === right.max && right.min !== 0) return span([left.min / right.min, left.max / right.min]);
      return left.min >= 0 && right.min >= 0 ? positive : anything;
    default:
      return anything;
  }
}

/** The same aggregation on both sides: the quotient is 1, or 0 by 0. */
const isSame = (left: Expr, right: Expr): boolean =>
  left.kind === 'aggregate' && right.kind === 'aggregate' && textOf(left) === textOf(right);

/** An expression as a text by which equal ones are known; where it stands does not matter. */
export const textOf = (expr: Expr): string =>
  JSON.stringify(expr, (key, value: unknown) =>
    ['from', 'to', 'leftText', 'rightText', 'modifier'].includes(key) ? undefined : value,
  );

/** `sum(x == bool 0) / count(x)`: how many of all series it is true of. */
function shareOfTrue(left: Expr, right: Expr): boolean {
  if (left.kind !== 'aggregate' || left.op !== 'sum' || right.kind !== 'aggregate' || right.op !== 'count')
    return false;
  if (left.grouping !== right.grouping || !sameSet(left.labels, right.labels)) return false;
  return left.of.kind === 'binary' && left.of.bool && textOf(left.of.left) === textOf(right.of);
}

/** Does the left side count some of what the right side counts? Then their quotient is at most 1. */
export function partOfWhole(left: Expr, right: Expr): boolean {
  if (left.kind === 'aggregate' && right.kind === 'aggregate') {
    if (left.op !== right.op || (left.op !== 'sum' && left.op !== 'count')) return false;
    if (left.grouping !== right.grouping || !sameSet(left.labels, right.labels)) return false;
    return partOfWhole(left.of, right.of);
  }
  if (left.kind === 'call' && right.kind === 'call') {
    if (left.name !== right.name || !['rate', 'increase', 'irate'].includes(left.name)) return false;
    const [a, b] = [left.args[0], right.args[0]];
    return a !== undefined && b !== undefined && partOfWhole(a, b);
  }
  return left.kind === 'selector' && right.kind === 'selector' && isPart(left, right);
}

function isPart(left: Selector, right: Selector): boolean {
  // What was counted at another time is no whole of what is counted now.
  if (left.shifted || right.shifted) return false;
  if (left.rangeMs !== right.rangeMs || left.name === undefined || right.name === undefined) return false;
  const base = /^(.*)_bucket$/.exec(left.name)?.[1];
  const bucket = base !== undefined && right.name === `${base}_count`;
  if (bucket && !left.matchers.some((m) => m.label === 'le' && m.op === '=')) return false;
  if (!bucket && left.name !== right.name) return false;
  // Buckets of one histogram count the same things again and again.
  if (!bucket && left.name.endsWith('_bucket')) return false;
  const counted = /_(?:total|count|bucket)$/.test(left.name);
  return counted && right.matchers.every((m) => left.matchers.some((one) => sameMatcher(one, m)));
}

/**
 * Is each series divided by itself? Without on or ignoring, a series matches only the one with the same labels; where both
 * sides read one metric, and no aggregation adds others to the right side, that is the same series, and the quotient is 1.
 */
export function dividesItself(expr: Expr): boolean {
  if (expr.kind !== 'binary' || expr.op !== '/' || expr.matching !== undefined) return false;
  // A small constant against a division by zero changes nothing of that.
  const { right } = expr;
  const added = right.kind === 'binary' && right.op === '+' && constant(right.right) !== undefined;
  // The very same on both sides is a mask: 1 wherever the series is there.
  if (!added && bare(expr.leftText) === bare(expr.rightText)) return false;
  const { left } = expr;
  const scaled = left.kind === 'binary' && left.op === '*' && constant(left.left) !== undefined;
  return sameSeries(scaled ? left.right : left, added ? right.left : right);
}

const bare = (text: string): string => text.replace(/\s+/g, '');

/** @param kept whether the aggregation that both stand in keeps a label, so that choosing one of its values changes no quotient */
function sameSeries(left: Expr, right: Expr, kept = (_label: string): boolean => true): boolean {
  if (left.kind === 'aggregate' && right.kind === 'aggregate') {
    const { op, grouping, labels } = left;
    if (grouping === 'all' || op !== right.op || grouping !== right.grouping || !sameSet(labels, right.labels))
      return false;
    return sameSeries(left.of, right.of, (label) => kept(label) && labels.includes(label) === (grouping === 'by'));
  }
  if (left.kind === 'call' && right.kind === 'call') {
    const [a, b] = [left.args[0], right.args[0]];
    const rates = left.name === right.name && ['rate', 'increase', 'irate'].includes(left.name);
    return rates && a !== undefined && b !== undefined && sameSeries(a, b, kept);
  }
  if (left.kind !== 'selector' || right.kind !== 'selector' || left.name !== right.name) return false;
  return (
    left.name !== undefined &&
    left.rangeMs === right.rangeMs &&
    !left.shifted &&
    !right.shifted &&
    right.matchers.every((m) => left.matchers.some((one) => sameMatcher(one, m))) &&
    left.matchers.every((m) => kept(m.label) || right.matchers.some((one) => sameMatcher(one, m)))
  );
}

const sameMatcher = (a: Matcher, b: Matcher): boolean => a.label === b.label && a.op === b.op && a.value === b.value;
const sameSet = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((one) => b.includes(one));

/** A comparison with a number that decides whether the whole expression gives anything. */
export interface Threshold {
  of: Expr;
  op: string;
  value: number;
  /** One side of an `or`: the other side may still be true. */
  alternative: boolean;
}

/** The thresholds at the top of an expression, joined by and, or, unless; what is right of `unless` is left out. */
export function thresholdsOf(expr: Expr, alternative = false): Threshold[] {
  if (expr.kind === 'aggregate') return thresholdsOf(expr.of, alternative);
  if (expr.kind === 'call' && through.has(expr.name) && expr.args[0] && !expr.name.endsWith('_over_time'))
    return thresholdsOf(expr.args[0], alternative);
  if (expr.kind !== 'binary' || expr.bool) return [];
  if (expr.op === 'unless') return thresholdsOf(expr.left, alternative);
  if (expr.op === 'and' || expr.op === 'or')
    return [expr.left, expr.right].flatMap((side) => thresholdsOf(side, alternative || expr.op === 'or'));
  if (!comparisonOps.has(expr.op)) return [];
  const [left, right] = [constant(expr.left), constant(expr.right)];
  const inner = thresholdsOf(expr.left, alternative);
  if (right !== undefined) return [...inner, { of: expr.left, op: expr.op, value: right, alternative }];
  if (left !== undefined && right === undefined)
    return [{ of: expr.right, op: mirrored[expr.op] ?? expr.op, value: left, alternative }];
  return inner;
}

const bits = new DataView(new ArrayBuffer(8));
/** The next greater number of the same kind, so that `> 0` is a closed bound as well. */
function next(value: number): number {
  if (!Number.isFinite(value)) return value;
  if (value === 0) return Number.MIN_VALUE;
  bits.setFloat64(0, value);
  bits.setBigInt64(0, bits.getBigInt64(0) + (value > 0 ? 1n : -1n));
  return bits.getFloat64(0);
}

/** What is left of the bounds where the comparison is true; `min` above `max` where nothing is. */
export function narrowed({ min, max }: Bounds, op: string, value: number): Bounds {
  if (Number.isNaN(value)) return { min, max };
  switch (op) {
    case '>':
      return { min: Math.max(min, next(value)), max };
    case '>=':
      return { min: Math.max(min, value), max };
    case '<':
      return { min, max: Math.min(max, -next(-value)) };
    case '<=':
      return { min, max: Math.min(max, value) };
    case '==':
      return { min: Math.max(min, value), max: Math.min(max, value) };
    default:
      return { min, max };
  }
}

/** Is the comparison true of no value, of every value, or of some? */
export function decided({ min, max }: Bounds, op: string, value: number): 'never' | 'always' | 'sometimes' {
  if (Number.isNaN(value)) return op === '!=' ? 'always' : 'never';
  const never: Record<string, boolean> = {
    '>': max <= value,
    '>=': max < value,
    '<': min >= value,
    '<=': min > value,
    '==': value < min || value > max,
    '!=': min === max && min === value,
  };
  const always: Record<string, boolean> = {
    '>': min > value,
    '>=': min >= value,
    '<': max < value,
    '<=': max <= value,
    '==': min === max && min === value,
    '!=': value < min || value > max,
  };
  return never[op] === true ? 'never' : always[op] === true ? 'always' : 'sometimes';
}
