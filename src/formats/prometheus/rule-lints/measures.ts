import { isNear } from '../../data/quantity.ts';
import { constant, type Expr } from '../../promql/tree.ts';
import { boundsOf, innerName } from './bounds.ts';
import type { KnownMetrics } from '../known-metrics.ts';

/** What an expression's value measures, and how many of the value make one of the base unit. */
export type Measure =
  /** Events per second, times `factor`. */
  | { of: 'rate'; factor: number }
  /** Events within a range. */
  | { of: 'count'; factor: number; seconds: number }
  | { of: 'seconds'; factor: number }
  | { of: 'bytes'; factor: number }
  /** Bytes per second. */
  | { of: 'byte-rate'; factor: number }
  /** All events since the process started: a counter as it is. */
  | { of: 'total'; factor: number }
  /** A fraction; `proven`: it lies between 0 and 1 whatever the series; `named`: only the metric's name says so. */
  | { of: 'ratio'; factor: number; proven: boolean; named?: true | undefined };

const pass = new Set('sum avg max min quantile topk bottomk'.split(' '));
const over = new Set('avg_over_time max_over_time min_over_time last_over_time quantile_over_time'.split(' '));

/** @returns undefined where the unit cannot be told */
export function measureOf(expr: Expr, known: KnownMetrics): Measure | undefined {
  // The mean over processors of the seconds that each spends in a mode, per second.
  if (expr.kind === 'aggregate' && expr.op === 'avg' && innerName(expr.of) === 'node_cpu_seconds_total')
    return { of: 'ratio', factor: 1, proven: false };
  if (expr.kind === 'aggregate') return pass.has(expr.op) ? measureOf(expr.of, known) : undefined;
  if (expr.kind === 'subquery') return measureOf(expr.of, known);
  if (expr.kind === 'selector') {
    const recorded = expr.name?.includes(':') === true ? known.computed(expr.name) : undefined;
    if (recorded) return measureOf(recorded, known);
    const name = expr.name ?? '';
    return ofName(name) ?? (isTotal(name, known) ? { of: 'total', factor: 1 } : undefined);
  }
  if (expr.kind === 'call') return ofCall(expr, known);
  if (expr.kind !== 'binary') return undefined;
  const [left, right] = [constant(expr.left), constant(expr.right)];
  const scaled = (of: Expr, by: number): Measure | undefined => {
    const measure = measureOf(of, known);
    // By any other number, as by the 20 that are asked in five minutes, it becomes a share of something.
    if (measure && !isScale(by, measure)) return undefined;
    // Who multiplies what is named a ratio by 100 knows that it is one.
    if (measure?.of === 'ratio' && measure.factor * by === 100) return { ...measure, factor: 100, named: undefined };
    return measure && { ...measure, factor: measure.factor * by };
  };
  if (expr.op === '*' && (right !== undefined || left !== undefined)) {
    const [of, by] = right === undefined ? [expr.right, left ?? 1] : [expr.left, right];
    const quotient = by === 100 && of.kind === 'binary' && of.op === '/' && measureOf(of, known) === undefined;
    return quotient && isLike(of.left, of.right, known) ? { of: 'ratio', factor: 100, proven: false } : scaled(of, by);
  }
  if (expr.op === '/' && right !== undefined && right !== 0) return scaled(expr.left, 1 / right);
  // 100 * a / b is (100 * a) / b.
  if (expr.op === '/' && expr.left.kind === 'binary' && expr.left.op === '*') {
    const [by, of] =
      constant(expr.left.left) === undefined
        ? [constant(expr.left.right), expr.left.left]
        : [constant(expr.left.left), expr.left.right];
    const quotient = { ...expr, left: of };
    // Who multiplies like over like by 100 means a percentage.
    if (by === 100 && measureOf(quotient, known) === undefined && isLike(of, expr.right, known))
      return { of: 'ratio', factor: 100, proven: false };
    if (by !== undefined) return scaled(quotient, by);
  }
  if (expr.op === '/' && left === undefined) return ofQuotient(expr, known);
  if (expr.op === '-' && isMoment(expr.left) && isMoment(expr.right)) return { of: 'seconds', factor: 1 };
  // What is left of a fraction, or of a percentage.
  if (expr.op === '-' && (left === 1 || left === 100)) {
    const measure = measureOf(expr.right, known);
    return measure?.of === 'ratio' && measure.factor === left ? measure : undefined;
  }
  return undefined;
}

/** `time()`, or a metric that by its name holds a Unix time: the difference of two is a number of seconds. */
export function isMoment(expr: Expr): boolean {
  if (expr.kind === 'call') {
    if (expr.name === 'time' || expr.name === 'timestamp') return true;
    return over.has(expr.name) && expr.args.some(isMoment);
  }
  if (expr.kind === 'aggregate') return pass.has(expr.op) && isMoment(expr.of);
  return (
    expr.kind === 'selector' &&
    /(?:_timestamp(?:_seconds)?|_(?:start|boot|creation|completion)_time(?:_seconds)?|_cert_expiry|_not_after|_created)$/.test(
      expr.name ?? '',
    )
  );
}

const times = [1, 60, 3600, 86_400, 604_800, 24, 1440];
const thousandfold = [1e3, 1e6, 1e9, 1e12];
const sizes = [1, 1024, 1024 ** 2, 1024 ** 3, 1024 ** 4, ...thousandfold];
const scales: Record<Measure['of'], readonly number[]> = {
  rate: [...times, 10, ...thousandfold],
  count: [...times, 10, ...thousandfold],
  total: [1, ...thousandfold],
  seconds: [...times, ...thousandfold],
  bytes: [...sizes, 8],
  'byte-rate': [...sizes, 8, 60, 3600],
  ratio: [1, 100, 1e3],
};

/** Does a factor only change the unit, or count events over the range's own length? */
function isScale(by: number, measure: Measure): boolean {
  const factor = Math.abs(by) < 1 ? 1 / Math.abs(by) : Math.abs(by);
  const own = measure.of === 'count' ? [measure.seconds, measure.seconds / 60, measure.seconds / 3600] : [];
  return [...scales[measure.of], ...own].some((one) => Math.abs(factor - one) <= 1e-6 * factor);
}

/** A counter by its TYPE, of neither time nor bytes. */
const isTotal = (name: string, known: KnownMetrics): boolean =>
  known.typeOf(name) === 'counter' &&
  name.endsWith('_total') &&
  !/_(?:seconds|bytes|ms|milliseconds)_total$/.test(name);

// Another unit within the name: squid's kbytes_out_bytes.
const twoUnits =
  /_(?:[kmg]i?b(?:ytes)?|bytes|bits|ms|milliseconds|seconds|minutes|hours|percent|ratio)_(?:\w+_)?(?:bytes|seconds|milliseconds|ms|ratio)(?:_total|_sum)?$/;

function ofName(name: string): Measure | undefined {
  if (twoUnits.test(name)) return undefined;
  // Prometheus's own, in milliseconds whatever its name says. Source: its tsdb/compact.go.
  if (name === 'prometheus_tsdb_compaction_chunk_range_seconds') return { of: 'seconds', factor: 1000 };
  if (/_(?:seconds)$/.test(name) && !/timestamp_seconds$|start_time_seconds$/.test(name))
    return { of: 'seconds', factor: 1 };
  if (/_(?:milliseconds|ms)$/.test(name)) return { of: 'seconds', factor: 1000 };
  if (name.endsWith('_bytes')) return { of: 'bytes', factor: 1 };
  if (/_(?:percent|percentage)$/.test(name)) return { of: 'ratio', factor: 100, proven: false, named: true };
  return name.endsWith('_ratio') ? { of: 'ratio', factor: 1, proven: false, named: true } : undefined;
}

function ofCall(expr: Extract<Expr, { kind: 'call' }>, known: KnownMetrics): Measure | undefined {
  const [first, second] = expr.args;
  if (!first) return undefined;
  if (over.has(expr.name)) return measureOf(expr.name === 'quantile_over_time' ? (second ?? first) : first, known);
  if (expr.name === 'histogram_quantile' && second) return ofName((innerName(second) ?? '').replace(/_bucket$/, ''));
  if (first.kind !== 'selector' || first.name === undefined) return undefined;
  const seconds = (first.rangeMs ?? 0) / 1000;
  // Whatever changes, it is counted how often.
  if (['changes', 'resets'].includes(expr.name) && seconds > 0) return { of: 'count', factor: 1, seconds };
  if (twoUnits.test(first.name)) return undefined;
  if (['rate', 'irate'].includes(expr.name) && /_bytes(?:_total|_sum)?$/.test(first.name))
    return { of: 'byte-rate', factor: 1 };
  // A rate of seconds or bytes is no rate of events.
  if (/_(?:seconds|bytes|ms|milliseconds)(?:_total|_sum)?$/.test(first.name)) return undefined;
  if (['rate', 'irate'].includes(expr.name)) return { of: 'rate', factor: 1 };
  return ['increase', 'delta'].includes(expr.name) && seconds > 0 ? { of: 'count', factor: 1, seconds } : undefined;
}

function ofQuotient(quotient: Extract<Expr, { kind: 'binary' }>, known: KnownMetrics): Measure | undefined {
  const { left, right } = quotient;
  const names = [innerName(left), innerName(right)];
  // (all - free) / all
  if (left.kind === 'binary' && left.op === '-' && left.leftText.trim() === quotient.rightText.trim())
    return { of: 'ratio', factor: 1, proven: false };
  const base = /^(.*)_sum$/.exec(names[0] ?? '')?.[1];
  if (base !== undefined && names[1] === `${base}_count`) return ofName(base);
  if (boundsOf(quotient, known).max === 1) return { of: 'ratio', factor: 1, proven: true };
  // Like over like has no unit; only a count of failures and the like over a count of all is a fraction.
  const like = isLike(left, right, known);
  const part = /error|fail|miss|hit|drop|reject|timeout|success|bad|good|used|free|avail/i.test(names[0] ?? '');
  return like && part ? { of: 'ratio', factor: 1, proven: false } : undefined;
}

/** Do both sides measure the same, in the same unit? */
export function isLike(left: Expr, right: Expr, known: KnownMetrics): boolean {
  const [a, b] = [measureOf(left, known), measureOf(right, known)];
  return a !== undefined && b !== undefined && a.of === b.of && a.factor === b.factor && a.of !== 'ratio';
}

export const measureWords = (measure: Measure): string => {
  const times = measure.factor === 1 ? '' : ` × ${Number(measure.factor.toPrecision(6))}`;
  switch (measure.of) {
    case 'rate':
      return `events per second${times}`;
    case 'count':
      return `events within ${measure.seconds} s${times}`;
    case 'seconds':
      return measure.factor === 1000 ? 'milliseconds' : `seconds${times}`;
    case 'bytes':
      return `bytes${times}`;
    case 'byte-rate':
      return isNear(measure.factor, 8) ? 'bits per second' : `bytes per second${times}`;
    case 'total':
      return 'a running total of events';
    case 'ratio':
      return `a fraction${times}`;
  }
};

/** Some exporters call a percentage a ratio, or the reverse: what is compared with more than 1 is one, what with at most 1 is none. */
export const misnamed = (measure: Measure, value: number): boolean =>
  measure.of === 'ratio' &&
  measure.named === true &&
  (Math.abs(value) > measure.factor || (measure.factor === 100 && value !== 0 && Math.abs(value) <= 1));
