import { isNear } from '../../data/quantity.ts';
import type { KnownMetrics } from '../known-metrics.ts';
import type { Threshold } from './bounds.ts';
import { measureOf, misnamed, type Measure } from './measures.ts';

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
  /(?:threshold(?:\s*(?::|of|is|=))?|above|over|more than|older than|expir(?:e|es|ing) (?:in|within)(?: less than)?|greater than|higher than|exceed(?:s|ed|ing)?|at least|below|under|less than|fewer than|lower than|beyond|[<>]=?|≥|≤)\s*(?:an?\s+|the\s+)?(\d[\d,_]*(?:\.\d+)?)([kKMG](?![\w])|\s*(?:thousand|million|billion)\b)?\s*(?:(%|percent\b)|(ms|milliseconds?|s|sec|secs|seconds?|m|min|mins|minutes?|h|hours?|d|days?|weeks?|gib|gb|mib|mb|kib|kb|bytes|b)\b)?([^.;,{<>]{0,40}?(?:\bper\b|\/|\ban?\b)\s*(seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d)\b)?/gi;

const thousands: Record<string, number> = { k: 1e3, m: 1e6, g: 1e9, thousand: 1e3, million: 1e6, billion: 1e9 };
const perOf = (unit: string): number =>
  unit.startsWith('s') ? 1 : unit.startsWith('m') ? 60 : unit.startsWith('h') ? 3600 : 86_400;

/** Quantities with a word of comparison before them; "for more than 5 minutes" is a duration of the alert's, and no threshold. */
export function quantitiesIn(text: string): Quantity[] {
  const plain = text.replace(/\{\{.*?\}\}/gs, '…');
  return [...plain.matchAll(quantity)]
    .filter((match) => !/\b(?:for|within|in|during|last|past|every)\s+(?:the\s+)?$/i.test(plain.slice(0, match.index)))
    .map((match) => ({
      text: match[0].trim(),
      number: Number((match[1] ?? '').replace(/[,_]/g, '')) * (thousands[(match[2] ?? '').trim().toLowerCase()] ?? 1),
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
  const perSeconds = q.perSeconds ?? (['count', 'rate'].includes(measure.of) ? withinSeconds : undefined);
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

export interface UnitFault {
  /** `unit`: the text's number stands in the expression without its unit; `text`: the two name different thresholds. */
  kind: 'unit' | 'text';
  said: string;
  /** The threshold that the text means. */
  means: number;
  /** The text's number stands in the expression as it is. */
  bare: boolean;
  /** Seconds within which the text counts. */
  within: number | undefined;
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
  if (only.values.some((one) => isNear(one, value) || (whole && Math.abs(one - value) === 1))) return undefined;
  const means = only.values[0] ?? 0;
  // The bare number, or a unit's power of ten beside it.
  const slip =
    isNear(only.q.number, value) || [10, 100, 1000].some((n) => isNear(means * n, value) || isNear(means / n, value));
  return {
    kind: slip ? 'unit' : 'text',
    said: only.q.text,
    means,
    bare: isNear(only.q.number, value),
    within: only.q.withinSeconds,
    measure,
  };
}
