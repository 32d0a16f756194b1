import { sampleNumber } from './sample-number.ts';
import type { Family } from './family.ts';

/** One histogram of a family: its labels without `le`. */
export interface HistogramSeries {
  /** `a="1", b="2"`, sorted. */
  labels: string;
  buckets: { le: number; value: number; line: number }[];
  count?: number;
  sum?: number;
  line: number;
}

/** Labels as one text, sorted: `a="1", b="2"`. */
export const labelText = (labels: Record<string, string>): string =>
  Object.entries(labels)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([k, v]) => `${k}="${v}"`)
    .join(', ');

export function histogramsOf(family: Family): HistogramSeries[] {
  const all = new Map<string, HistogramSeries>();
  for (const sample of family.samples) {
    const { le, ...rest } = sample.labels;
    const labels = labelText(rest);
    const one = all.get(labels) ?? { labels, buckets: [], line: sample.line };
    all.set(labels, one);
    if (sample.name.endsWith('_bucket'))
      one.buckets.push({ le: sampleNumber(le ?? '') ?? Number.NaN, value: sample.value, line: sample.line });
    else if (sample.name.endsWith('_count')) one.count = sample.value;
    else if (sample.name.endsWith('_sum')) one.sum = sample.value;
  }
  return [...all.values()];
}

export interface HistogramProblem {
  /** `sum`: by its buckets the sum is impossible; one scrape of it may have caught an observation half done. */
  code: 'histogram' | 'sum';
  message: string;
  line: number;
}

/** What of a histogram breaks its rules, with lines. */
export function histogramProblems(family: Family): HistogramProblem[] {
  const problems: HistogramProblem[] = [];
  const say = (line: number, message: string, code: HistogramProblem['code'] = 'histogram'): void => {
    problems.push({ code, message: `${family.name}${message}`, line });
  };
  for (const one of histogramsOf(family)) {
    const who = `{${one.labels}}`;
    const buckets = one.buckets.toSorted((a, b) => a.le - b.le);
    const last = buckets.at(-1);
    if (!last) say(one.line, `${who} has no buckets`);
    else if (buckets.some((b) => Number.isNaN(b.le))) say(one.line, `${who} has a bucket without a number in le`);
    else if (last.le !== Infinity) say(one.line, `${who} has no bucket le="+Inf"`);
    for (const [n, bucket] of buckets.entries()) {
      const before = buckets[n - 1];
      if (!before) continue;
      if (bucket.le === before.le) say(bucket.line, `${who} has two buckets for le="${bucket.le}"`);
      else if (bucket.value < before.value)
        say(
          bucket.line,
          `${who} is not cumulative: le="${bucket.le}" counts ${bucket.value}, le="${before.le}" ${before.value}`,
        );
    }
    if (one.count === undefined) say(one.line, `${who} has no _count`);
    else if (last?.le === Infinity && last.value !== one.count)
      say(one.line, `${who}: le="+Inf" counts ${last.value}, _count is ${one.count}`);
    if (one.sum === undefined) say(one.line, `${who} has no _sum`);
    else {
      const wrong = sumProblem(one, buckets);
      if (wrong !== undefined) say(one.line, `${who}: ${wrong}`, 'sum');
    }
  }
  return problems;
}

/**
 * Why `_sum` cannot be the sum of what the buckets counted. A scrape is no transaction: one observation more or less, and a
 * hundredth, are allowed. Values below zero are thought possible only where a bound is.
 */
function sumProblem(one: HistogramSeries, buckets: HistogramSeries['buckets']): string | undefined {
  const { sum } = one;
  const finite = buckets.filter((b) => Number.isFinite(b.le));
  const highest = finite.at(-1)?.le;
  if (sum === undefined || !Number.isFinite(sum) || highest === undefined || (finite[0]?.le ?? 0) < 0) return undefined;
  if (buckets.some((b) => !Number.isFinite(b.value) || b.value < 0)) return undefined;
  let [least, most, before, bound] = [0, 0, 0, 0];
  for (const { le, value } of buckets) {
    const n = Math.max(0, value - before);
    least += n * bound;
    // What lies above every bound may be of any size.
    most += n === 0 ? 0 : n * le;
    [before, bound] = [Math.max(before, value), le];
  }
  const largest = Math.max(0, ...finite.filter((b, n) => b.value > (finite[n - 1]?.value ?? 0)).map((b) => b.le));
  const slack = largest + 0.01 * Math.max(least, Math.abs(sum));
  const average = `the average would be ${Number((sum / Math.max(1, before)).toPrecision(3))}`;
  if (sum > most + slack) return `_sum is ${sum}, at most ${Number(most.toPrecision(4))} by its buckets (${average})`;
  if (sum < least - slack)
    return `_sum is ${sum}, at least ${Number(least.toPrecision(4))} by its buckets (${average})`;
  return undefined;
}

/** What was counted between two states of one histogram, as buckets that are cumulative again. */
export function between(before: HistogramSeries | undefined, after: HistogramSeries): HistogramSeries['buckets'] {
  const olds = new Map(before?.buckets.map((b) => [b.le, b.value]));
  return after.buckets.toSorted((a, b) => a.le - b.le).map((b) => ({ ...b, value: b.value - (olds.get(b.le) ?? 0) }));
}

/**
 * The bucket that holds a quantile (its place in the order of bounds), and the value that `histogram_quantile` gives for it:
 * linear within the bucket, the highest finite bound for what lies above. Undefined where nothing was counted.
 */
export function bucketQuantile(
  buckets: HistogramSeries['buckets'],
  q: number,
): { bucket: number; value: number } | undefined {
  const total = buckets.at(-1)?.value ?? 0;
  if (total <= 0) return undefined;
  const rank = q * total;
  const bucket = buckets.findIndex((b) => b.value >= rank);
  const at = buckets[bucket];
  if (!at) return undefined;
  const [low, below] = [buckets[bucket - 1]?.le ?? 0, buckets[bucket - 1]?.value ?? 0];
  if (at.le === Infinity) return { bucket, value: low };
  const share = at.value === below ? 1 : (rank - below) / (at.value - below);
  return { bucket, value: low + (at.le - low) * share };
}

/** The place of the bucket that a value falls into; far above the highest finite bound it is the one after +Inf. */
export function bucketOf(buckets: HistogramSeries['buckets'], value: number): number {
  const at = buckets.findIndex((b) => value <= b.le);
  const [second, highest] = buckets.filter((b) => Number.isFinite(b.le)).slice(-2);
  const growth = second && highest && second.le > 0 ? highest.le / second.le : 10;
  return buckets[at]?.le === Infinity && value > (highest ?? second ?? { le: value }).le * growth ? at + 1 : at;
}
