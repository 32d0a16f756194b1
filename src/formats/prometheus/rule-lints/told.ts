import { isNear } from '../../data/quantity.ts';
import type { KnownMetrics } from '../known-metrics.ts';
import { constant, walk, type Expr } from '../../promql/tree.ts';
import { quantitiesIn } from './units.ts';
import type { Threshold } from './bounds.ts';
import { measureWords, type Measure } from './measures.ts';

const percentile =
  /(?<![A-Za-z0-9])p(50|75|90|95|98|99(?:[._]?9+)?)(?![0-9])|(?<=^|[a-z_])P(50|75|90|95|98|99(?:[._]?9+)?)(?![0-9])|\b(\d{2}(?:\.\d+)?)(?:th|st|nd|rd)?[- ]percentile/g;

/** Percentiles that a text speaks of, as fractions: p99, P99Latency, 99th percentile. */
const percentilesIn = (text: string): number[] => [
  ...new Set(
    [...text.replace(/\{\{.*?\}\}/gs, '…').matchAll(percentile)].map(([, small, great, spoken]) =>
      Number(`0.${(small ?? great ?? spoken ?? '').replace(/\D/g, '')}`),
    ),
  ),
];

/** The quantiles that an expression computes, or that its summaries are asked for. */
function quantilesOf(tree: Expr, known: KnownMetrics): number[] {
  const found: number[] = [];
  for (const [expr] of walk(tree)) {
    if (expr.kind === 'call' && /^(?:histogram_quantile|quantile_over_time)$/.test(expr.name) && expr.args[0])
      found.push(constant(expr.args[0]) ?? NaN);
    if (expr.kind === 'aggregate' && expr.op === 'quantile' && expr.param) found.push(constant(expr.param) ?? NaN);
    if (expr.kind !== 'selector') continue;
    for (const { label, op, value } of expr.matchers)
      if (label === 'quantile') found.push(op === '=' ? Number(value) : NaN);
    const recorded = expr.name?.includes(':') === true ? known.computed(expr.name) : undefined;
    if (recorded) found.push(...quantilesOf(recorded, known));
  }
  return found;
}

/** Does a text speak of one percentile, and the expression compute another? */
export function percentileFault(text: string, tree: Expr, known: KnownMetrics): string | undefined {
  const [said, ...more] = percentilesIn(text);
  if (said === undefined || more.length > 0) return undefined;
  const [asked, ...others] = new Set(quantilesOf(tree, known));
  if (asked === undefined || others.length > 0 || !(asked > 0 && asked < 1) || Math.abs(asked - said) < 1e-9)
    return undefined;
  return `"${text.length > 60 ? `p${shown(said)}` : text}" speaks of the ${shown(said)}th percentile, and the expression computes the ${shown(asked)}th`;
}
const shown = (fraction: number): number => Number((fraction * 100).toPrecision(6));

const ahead =
  /\b(?:in|within)\s+(?:the\s+)?(?:(?:next|less than|under)\s+)?(\d+)\s*(minutes?|mins?|hours?|hrs?|h|days?|d)\b/gi;
const unitSeconds: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** `predict_linear(…, 4 * 3600) < 0` with a text that says "full in 24 hours". */
export function horizonFault(text: string, tree: Expr, waitsMs: number): string | undefined {
  const calls = [...walk(tree)].map(([expr]) => expr).filter((expr) => expr.kind === 'call');
  const [only, ...more] = calls.filter((expr) => expr.name === 'predict_linear');
  const horizon = only?.args[1] && constant(only.args[1]);
  const [range] = only?.args ?? [];
  if (horizon === undefined || more.length > 0) return undefined;
  const [said, ...others] = [...text.replace(/\{\{.*?\}\}/gs, '…').matchAll(ahead)];
  if (!said || others.length > 0) return undefined;
  const [words, number, unit = ''] = said;
  const spoken = Number(number) * (unitSeconds[unit.charAt(0).toLowerCase()] ?? 1);
  const looksBack = (range?.kind === 'selector' || range?.kind === 'subquery' ? range.rangeMs : undefined) ?? 0;
  // Seven days are a week less a little: rounded figures are no contradiction.
  if (Math.abs(spoken - horizon) <= 0.05 * horizon || spoken * 1000 === waitsMs || spoken * 1000 === looksBack)
    return undefined;
  return `says "${words}", and the expression looks ${horizon} s ahead`;
}

const lookedBack = /\b(?:last|past|previous)\s+(\d+)\s*(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)\b/gi;

/** "In the last 15 minutes" of what looks back an hour. `others`: milliseconds that the text may mean instead, such as an alert's wait. */
export function windowFault(text: string, tree: Expr, others: readonly number[]): string | undefined {
  const [said, ...more] = [...text.replace(/\{\{.*?\}\}/gs, '…').matchAll(lookedBack)];
  // A number within that time is judged as a threshold.
  if (!said || more.length > 0 || quantitiesIn(text).some((one) => one.withinSeconds !== undefined)) return undefined;
  const spoken = Number(said[1]) * (unitSeconds[(said[2] ?? '').charAt(0).toLowerCase()] ?? 1) * 1000;
  const ranges = new Set<number>();
  for (const [expr] of walk(tree)) {
    // A recorded name says its range itself.
    if (expr.kind === 'selector' && expr.name?.includes(':') === true) return undefined;
    if (expr.kind !== 'selector' && expr.kind !== 'subquery') continue;
    if (expr.rangeMs !== undefined) ranges.add(expr.rangeMs);
    if (expr.offsetMs !== 0) ranges.add(Math.abs(expr.offsetMs));
  }
  if (ranges.size === 0 || others.includes(spoken)) return undefined;
  const fits = [...ranges].some((one) => one === spoken || others.some((other) => one + other === spoken));
  return fits
    ? undefined
    : `says "${said[0]}", and the expression looks back ${[...ranges].map((one) => `${one / 1000} s`).join(', ')}`;
}

const perTime = /\bper[ -](min(?:ute)?|h(?:ou)?r|day)\b|\/ ?(min(?:ute)?|hour|day)\b|\b[or]pm\b/i;

/** "Per minute" of what rate() counts per second. */
export function perTimeFault(text: string, measure: Measure | undefined): string | undefined {
  const said = perTime.exec(text);
  return said && measure?.of === 'rate' && measure.factor === 1
    ? `says "${said[0]}", and the expression counts events per second`
    : undefined;
}

const inUnit = /(?:[([]|\bin\s)\s*(ms|milliseconds|s|sec|seconds|%|percent)[)\]]?\s*$|\s(%)$/i;

/** "Latency (ms)" of seconds, "Errors %" of a fraction, where nothing else says the unit. */
export function namedUnitFault(text: string, measure: Measure | undefined): string | undefined {
  const [, first, second] = inUnit.exec(text) ?? [];
  const said = (first ?? second ?? '').toLowerCase();
  if (said === '' || !measure) return undefined;
  const expected = /^[%p]/.test(said) ? 100 : said.startsWith('m') ? 1000 : 1;
  const counts = measure.of === (expected === 100 ? 'ratio' : 'seconds') && !('named' in measure);
  // Only the slips: seconds for milliseconds, and fractions for percents.
  return counts && measure.factor !== expected && [1, 1000].includes(measure.factor)
    ? `says "${first ?? second}", and the expression gives ${measureWords(measure)}`
    : undefined;
}

const noCount =
  /^[\s)\]]*(?:%|x\b|times\b|percent|standard|sigma|σ|consecutive|in a row|(?:per|an?)\b|\/|°|degrees?\b|[kmgt]i?b?\b|(?:kilo|mega|giga)|[a-zµ]?s(?:ec\w*)?\b|min|hour|day|week|month|year|version|of\b)/i;
const downwards = /^(?:below|under|less|fewer|lower|<|≤)/i;

/** A text that names one bare number as the threshold, where the expression has another and that number nowhere. */
export function numberFault(text: string, { op, value }: Threshold, expr: string): string | undefined {
  const spoken = quantitiesIn(text);
  const [only, ...more] = spoken;
  if (!only || more.length > 0 || only.unit !== '' || value === 0) return undefined;
  if (only.perSeconds !== undefined || only.withinSeconds !== undefined) return undefined;
  const behind = text.slice(text.indexOf(only.text) + only.text.length);
  if (noCount.test(behind) || downwards.test(only.text) !== op.startsWith('<') || !/^[<>]/.test(op)) return undefined;
  if ([...expr.matchAll(/(?<![\w.])\d+(?:\.\d+)?(?![\w.])/g)].some(([one]) => isNear(Number(one), only.number)))
    return undefined;
  // Another unit of the same: thousands, kibibytes, bits, minutes, hours, days, percent.
  const factor = Math.max(only.number / value, value / only.number);
  const exponent = Math.log10(factor);
  if (
    (isNear(exponent, Math.round(exponent)) && !isNear(exponent, 1)) ||
    factor < 1 ||
    [8, 60, 3600, 86_400].some((one) => isNear(factor, one))
  )
    return undefined;
  if ([1, 2, 3, 4].some((power) => isNear(factor, 1024 ** power))) return undefined;
  // "over 4" of `>= 5`, which is the same for whole numbers.
  if (Math.abs(only.number - value) <= 1) return undefined;
  return `says "${only.text}", and the expression says ${op} ${value}`;
}
const upwards = /^(?:above|over|more|greater|higher|exceed|>|≥)/i;
const wished =
  /\b(?:not?|never|without|should|must|expect\w*|target|sl[aoi]s?|objective|until|unless|normal\w*|healthy|fails? to|requires?|needs?|recover\w*|want\w*|usual\w*|check\w*|ensur\w*|guarant\w*|keeps?|stays?)\b|n't\b/i;

/** Which side a text says: `>`, `<`, or that of the threshold where it says neither. */
const sideOf = (text: string, op: string): string =>
  upwards.test(text) ? '>' : downwards.test(text) ? '<' : op.charAt(0);

/** "SLO < 1 %" of `> 0.05`: a text that says the other side speaks of what is wanted, not of the threshold. */
export const isWish = (said: string, op: string): boolean => /^[<>]/.test(op) && sideOf(said, op) !== op.charAt(0);

/** "Above 90 %" of `< 0.9`: the number is the same, and the side is not. */
export function directionFault(text: string, { op, value }: Threshold): string | undefined {
  const [only, ...more] = quantitiesIn(text);
  if (!only || more.length > 0 || value === 0 || !/^[<>]/.test(op) || wished.test(text)) return undefined;
  const same = isNear(only.number, value) || (only.unit === '%' && isNear(only.number, value * 100));
  return same && /^[a-z]/i.test(only.text) && sideOf(only.text, op) !== op.charAt(0)
    ? `says "${only.text}", and the expression says ${op} ${value}`
    : undefined;
}
