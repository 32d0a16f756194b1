import type { KnownMetrics } from '../known-metrics.ts';
<<<<<<< HEAD

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
  | { of: 'ratio'; factor: number; proven: boolean; named?: true };

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
  if (/_(?:seconds)$/.test(name) && !/timestamp_seconds$|start_time_seconds$/.test(name))
    return { of: 'seconds', factor: 1 };
  if (/_(?:milliseconds|ms)$/.test(name)) return { of: 'seconds', factor: 1000 };
  if (name.endsWith('_bytes')) return { of: 'bytes', factor: 1 };
  return name.endsWith('_ratio') ? { of: 'ratio', factor: 1, proven: false, named: true } : undefined;
}

function ofCall(expr: Extract<Expr, { kind: 'call' }>, known: KnownMetrics): Measure | undefined {
  const [first, second] = expr.args;
  if (!first) return undefined;
  if (over.has(expr.name)) return measureOf(expr.name === 'quantile_over_time' ? (second ?? first) : first, known);
  if (expr.name === 'histogram_quantile' && second) return ofName((innerName(second) ?? '').replace(/_bucket$/, ''));
  if (first.kind !== 'selector' || first.name === undefined || twoUnits.test(first.name)) return undefined;
  if (['rate', 'irate'].includes(expr.name) && /_bytes(?:_total|_sum)?$/.test(first.name))
    return { of: 'byte-rate', factor: 1 };
  // A rate of seconds or bytes is no rate of events.
  if (/_(?:seconds|bytes|ms|milliseconds)(?:_total|_sum)?$/.test(first.name)) return undefined;
  if (['rate', 'irate'].includes(expr.name)) return { of: 'rate', factor: 1 };
  if (
    ['increase', 'delta', 'changes', 'resets'].includes(expr.name) &&
    first.rangeMs !== undefined &&
    first.rangeMs > 0
  )
    return { of: 'count', factor: 1, seconds: first.rangeMs / 1000 };
  return undefined;
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
=======
import type { Threshold } from './bounds.ts';
import { measureOf, misnamed, type Measure } from './measures.ts';
>>>>>>> main

/** A quantity that a text speaks of: "above 5 %", "more than 1000 operations per hour", "> 200ms". */
export interface Quantity {
  text: string;
  number: number;
  unit: string;
  /** Seconds of "per hour" and the like. */
  perSeconds: number | undefined;
  /** Seconds of "in the last 10 minutes" behind a bare number. */
  withinSeconds: number | undefined;
}

const window =
  /^[^.;,{<>%]{0,40}?\b(?:in|within|over|during)\s+(?:the\s+)?(?:(?:last|past|previous)\s+)?(\d+|(?<=\b(?:last|past|previous)\s+))\s*(seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d)\b/i;

function windowOf(behind: string): number | undefined {
  const [, number, unit = ''] = window.exec(behind) ?? [];
  return number === undefined ? undefined : Number(number || 1) * perOf(unit.toLowerCase());
}

const quantity =
  /(?:threshold(?:\s*(?::|of|is|=))?|above|over|more than|older than|expir(?:e|es|ing) (?:in|within)(?: less than)?|greater than|higher than|exceed(?:s|ed|ing)?|at least|below|under|less than|fewer than|lower than|beyond|[<>]=?|≥|≤)\s*(?:an?\s+|the\s+)?(\d[\d,_]*(?:\.\d+)?)([kKMG](?![\w]))?\s*(?:(%|percent\b)|(ms|milliseconds?|s|sec|secs|seconds?|m|min|mins|minutes?|h|hours?|d|days?|weeks?|gib|gb|mib|mb|kib|kb|bytes|b)\b)?([^.;,{<>]{0,40}?(?:\bper\b|\/|\ban?\b)\s*(seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d)\b)?/gi;

const thousands: Record<string, number> = { k: 1e3, m: 1e6, g: 1e9 };
const perOf = (unit: string): number =>
  unit.startsWith('s') ? 1 : unit.startsWith('m') ? 60 : unit.startsWith('h') ? 3600 : 86_400;

/** Quantities with a word of comparison before them; "for more than 5 minutes" is a duration of the alert's, and no threshold. */
export function quantitiesIn(text: string): Quantity[] {
  const plain = text.replace(/\{\{.*?\}\}/gs, '…');
  return [...plain.matchAll(quantity)]
    .filter((match) => !/\b(?:for|within|in|during|last|past|every)\s+(?:the\s+)?$/i.test(plain.slice(0, match.index)))
    .map((match) => ({
      text: match[0].trim(),
      number: Number((match[1] ?? '').replace(/[,_]/g, '')) * (thousands[(match[2] ?? '').toLowerCase()] ?? 1),
      unit: match[3] === undefined ? (match[4] ?? '').toLowerCase() : '%',
      // "above 100 for a minute" is no 100 per minute.
      perSeconds:
        match[6] === undefined || /\b(?:for|over|during|within|last|past|since|after)\b/i.test(match[5] ?? '')
          ? undefined
          : perOf(match[6].toLowerCase()),
      withinSeconds:
        match[3] === undefined && match[4] === undefined && match[6] === undefined
          ? windowOf(plain.slice(match.index + match[0].length))
          : undefined,
    }));
}

const seconds: Record<string, number> = {
  ms: 1e-3,
  mil: 1e-3,
  s: 1,
  sec: 1,
  m: 60,
  min: 60,
  h: 3600,
  hou: 3600,
  d: 86_400,
  day: 86_400,
  wee: 604_800,
};
const bytes: Record<string, number[]> = {
  gib: [2 ** 30, 1e9],
  gb: [1e9, 2 ** 30],
  mib: [2 ** 20, 1e6],
  mb: [1e6, 2 ** 20],
  kib: [1024, 1e3],
  kb: [1e3, 1024],
  bytes: [1],
  b: [1],
};

/** Values of the threshold that would agree with the text; undefined where the text speaks of something else. */
function agreeing(q: Quantity, measure: Measure): number[] | undefined {
  const { number, unit, withinSeconds } = q;
  const perSeconds = q.perSeconds ?? (measure.of === 'count' ? withinSeconds : undefined);
  switch (measure.of) {
    case 'rate':
      return perSeconds === undefined || unit !== '' ? undefined : [(number / perSeconds) * measure.factor];
    case 'count':
      return perSeconds === undefined || unit !== ''
        ? undefined
        : [((number * measure.seconds) / perSeconds) * measure.factor];
    case 'seconds': {
      const scale = seconds[unit] ?? seconds[unit.slice(0, 3)];
      return scale === undefined || perSeconds !== undefined ? undefined : [number * scale * measure.factor];
    }
    case 'bytes':
      return perSeconds === undefined ? bytes[unit]?.map((scale) => number * scale * measure.factor) : undefined;
    case 'byte-rate':
    case 'total':
      return undefined;
    case 'ratio':
      return unit === '%'
        ? [
            (number / 100) * measure.factor,
            (1 - number / 100) * measure.factor,
            // 150 % of something is half as much again.
            ...(number > 100 ? [(number / 100 - 1) * measure.factor] : []),
          ]
        : undefined;
  }
}

const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-6 * Math.max(Math.abs(a), Math.abs(b), 1e-12);

export interface UnitFault {
  /** `unit`: the text's number stands in the expression without its unit; `text`: the two name different thresholds. */
  kind: 'unit' | 'text';
  said: string;
  /** The threshold that the text means. */
  means: number;
  /** The text's number stands in the expression as it is. */
  bare: boolean;
  measure: Measure;
}

/** Does a text name another threshold than the expression? Only where the text names one, and the unit can be computed. */
export function unitFault(text: string, threshold: Threshold, known: KnownMetrics): UnitFault | undefined {
  const measure = measureOf(threshold.of, known);
  if (!measure || misnamed(measure, threshold.value)) return undefined;
  const spoken = quantitiesIn(text).flatMap((q) => {
    const values = agreeing(q, measure);
    return values === undefined ? [] : [{ q, values }];
  });
  const [only] = spoken;
  if (!only || spoken.length > 1) return undefined;
  const { value } = threshold;
  // "over 100" of `> 99`, which is the same for whole numbers.
  const whole = Number.isInteger(value) && value >= 10;
  if (only.values.some((one) => near(one, value) || (whole && Math.abs(one - value) === 1))) return undefined;
  const means = only.values[0] ?? 0;
  // The bare number, or a unit's power of ten beside it.
  const slip =
    near(only.q.number, value) || [10, 100, 1000].some((n) => near(means * n, value) || near(means / n, value));
  return { kind: slip ? 'unit' : 'text', said: only.q.text, means, bare: near(only.q.number, value), measure };
}
