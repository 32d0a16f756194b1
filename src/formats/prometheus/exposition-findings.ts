import { error, inconclusive, note, warning, type Judge } from '../../core/step.ts';
import type { Exposition } from './exposition.ts';
import { lintNames } from './exposition-lint.ts';
import { histogramsOf, labelText } from './histogram.ts';

export const problems = {
  unreachable: inconclusive('The exporter does not answer', 'is it up, and is this its address?'),
  status: error('The exporter answers with an error', 'read the body in the evidence'),
  cut: inconclusive('The text is too long to be judged whole', 'export fewer series'),
  'not-metrics': error(
    'The answer is not exposition text',
    'is the path right? An HTML page is what a wrong path often gives',
  ),
  'content-type': warning(
    'The content type is not one that Prometheus accepts',
    'answer with text/plain; version=0.0.4: Prometheus 3 refuses others',
  ),
  'not-openmetrics': error(
    'The exporter does not speak OpenMetrics',
    'answer application/openmetrics-text where it is asked for, or promise format: text',
  ),
  'bad-exposition': error('The text breaks the format', 'correct the exporter: Prometheus drops the whole scrape'),
  'metric-missing': error('A promised metric is not exported', 'export it, or correct its name'),
  'wrong-type': error('A metric has another type than promised', 'correct the TYPE line, or the promise'),
  'false-histogram': error(
    'A histogram breaks its own rules',
    'buckets are cumulative, end in +Inf and equal _count, and _sum is in the unit of the bounds; quantiles over anything else are false',
  ),
  'bad-counter': error('A counter has a value that no counter can have', 'export a gauge, or count'),
  'buckets-change': error(
    'The bucket bounds differ between two scrapes',
    'use fixed bounds: rates over moving buckets mean nothing',
  ),
  'counter-falls': error(
    'A counter fell between two scrapes',
    'a counter only rises; export a gauge, or stop resetting it',
  ),
  'series-gone': warning(
    'A series is gone in the next scrape',
    'export a counter from the start to the end of the process; rates miss what comes and goes',
  ),
  naming: warning(
    'A metric is not named as Prometheus’s practices ask',
    'see https://prometheus.io/docs/practices/naming/; `promtool check metrics` says the same',
  ),
  'bad-timestamp': error(
    'A sample has a timestamp far from now',
    'leave times out; Prometheus stamps what it scrapes, and drops what is too old or in the future',
  ),
  timestamps: note(
    'Samples have timestamps of their own',
    'leave times out: with them Prometheus cannot tell that a target is gone',
  ),
  'load-failed': inconclusive('The load could not be applied', 'read its output in the evidence'),
  'wrong-count': error('Known work gives a different figure', 'the exporter counts something else than it says'),
  'wrong-quantile': error(
    'The quantile from the buckets is not the true one',
    'see what the histogram observes, in which unit, and whether its bounds fit',
  ),
  'no-true-quantile': inconclusive(
    'The load does not report the true quantile',
    'print one JSON document with a number at the path',
  ),
  'bounds-too-low': warning(
    'A quantile lies above every bucket',
    'add bounds: Prometheus reports the highest finite one instead',
  ),
  cardinality: error('Too many series', 'a label with unbounded values?'),
  'cardinality-high': warning(
    'A metric has very many series',
    'a label with unbounded values? Say `maxSeries` where it is meant',
  ),
} as const;
type J = Judge<typeof problems>;

/** Series of one metric above which a look is worth it: Prometheus's advice is to stay below ten, a hundred at most. */
const many = 1000;

export function judgeFormat(j: J, before: Exposition, text: Exposition, maxSamples: number | undefined): void {
  const codes = { histogram: 'false-histogram', sum: 'false-histogram', counter: 'bad-counter' } as const;
  const who = (message: string): string => message.split(': ')[0] ?? '';
  const sums = new Set(before.problems.filter((one) => one.code === 'sum').map((one) => who(one.message)));
  for (const { code, message, line } of text.problems.slice(0, 20))
    j.find(code in codes ? codes[code as keyof typeof codes] : 'bad-exposition', `line ${line}: ${message}`, {
      subject: message.split('{')[0] ?? '',
      // Against the standard, but Prometheus reads it; or seen once only, as a scrape amid an observation would show.
      ...((code === 'interleaved' || (code === 'sum' && !sums.has(who(message)))) && { level: 'warning' }),
    });
  if (text.problems.length > 20) j.find('bad-exposition', `and ${text.problems.length - 20} more`);
  if (text.problems.length === 0)
    j.prove(`${text.samples} samples of ${text.families.size} metrics are true to the format`);
  if (maxSamples !== undefined)
    j.check(
      text.samples <= maxSamples,
      `${text.samples} samples (at most ${maxSamples})`,
      'cardinality',
      `${text.samples} samples, expected at most ${maxSamples}`,
    );
  for (const family of text.families.values()) {
    const series = seriesOf(family.samples);
    if (series > many) j.find('cardinality-high', `${family.name} has ${series} label sets`, { subject: family.name });
  }
}

/** Label sets, the buckets and quantiles of one histogram or summary counted once. */
const seriesOf = (samples: readonly { labels: Record<string, string> }[]): number =>
  new Set(
    samples.map(({ labels }) =>
      labelText(Object.fromEntries(Object.entries(labels).filter(([name]) => name !== 'le' && name !== 'quantile'))),
    ),
  ).size;

export function judgeFamily(
  j: J,
  metric: { name: string; type?: string | undefined; min: number; maxSeries?: number | undefined },
  text: Exposition,
): void {
  const { name: subject } = metric;
  const family =
    text.families.get(metric.name) ??
    [...text.families.values()].find((f) => f.samples.some((s) => s.name === metric.name)) ??
    // To a Prometheus that asks for no other names, the exporter gives this one with underscores.
    [...text.families.values()].find((f) => f.name.replaceAll(/[^\w:]/g, '_') === metric.name);
  const samples = family?.samples.length ?? 0;
  if (!family || samples < metric.min) {
    j.find(
      'metric-missing',
      family
        ? `${metric.name} has ${samples} samples, expected at least ${metric.min}`
        : `${metric.name} is not exported`,
      { subject },
    );
    return;
  }
  const type = family.type === '' || family.type === 'unknown' ? 'untyped' : family.type;
  if (metric.type !== undefined && metric.type !== type)
    j.find('wrong-type', `${metric.name} is a ${type}, expected ${metric.type}`, { subject });
  else j.prove(`${metric.name} is exported as ${type} with ${samples} samples`);
  const series = seriesOf(family.samples);
  if (metric.maxSeries !== undefined)
    j.check(
      series <= metric.maxSeries,
      `${metric.name} has ${series} label sets (at most ${metric.maxSeries})`,
      'cardinality',
      `${metric.name} has ${series} label sets, expected at most ${metric.maxSeries}`,
      { subject },
    );
}

export function judgeNames(j: J, text: Exposition): void {
  for (const { name, message, line } of lintNames(text).slice(0, 30))
    j.find('naming', `line ${line}: ${name}: ${message}`, {
      subject: name,
      ...(message === 'no help text' && { level: 'note' }),
    });
}

/** @param at when the text was asked for, milliseconds since the epoch */
export function judgeTimes(j: J, text: Exposition, at: number): void {
  const timed = [...text.families.values()].flatMap((f) => f.samples.filter((s) => s.timestamp !== undefined));
  const far = timed.filter((one) => Math.abs((one.timestamp ?? at) - at) > 3_600_000);
  for (const { name, line, timestamp } of far.slice(0, 5)) {
    const date = new Date(timestamp ?? 0);
    const text = Number.isNaN(date.getTime()) ? String(timestamp) : date.toISOString();
    j.find('bad-timestamp', `line ${line}: ${name} has the timestamp ${text}`, { subject: name });
  }
  if (timed.length > far.length) j.find('timestamps', `${timed.length} samples have a timestamp`);
}

const keyOf = (sample: { name: string; labels: Record<string, string> }): string =>
  `${sample.name}{${labelText(sample.labels)}}`;

/** Holds two scrapes against each other. @param proving whether what holds is said too (once is enough) */
export function judgeChange(j: J, before: Exposition, after: Exposition, proving: boolean): void {
  let histograms = 0;
  let counters = 0;
  const said = new Map<string, number>();
  const find = (code: 'buckets-change' | 'series-gone' | 'counter-falls', message: string, subject: string): void => {
    const n = (said.get(code) ?? 0) + 1;
    said.set(code, n);
    if (n <= 10) j.find(code, message, { subject });
  };
  for (const family of after.families.values()) {
    const old = before.families.get(family.name);
    if (!old) continue;
    if (family.type === 'histogram') {
      const olds = new Map(histogramsOf(old).map((h) => [h.labels, h]));
      for (const now of histogramsOf(family)) {
        const then = olds.get(now.labels);
        if (!then) continue;
        histograms++;
        const bounds = (h: typeof now): string => h.buckets.map((b) => b.le).join(', ');
        if (bounds(now) !== bounds(then))
          find(
            'buckets-change',
            `${family.name}{${now.labels}} had the bounds ${bounds(then)}, then ${bounds(now)}`,
            family.name,
          );
      }
    }
    if (family.type !== 'counter' && family.type !== 'histogram') continue;
    const values = new Map(family.samples.map((s) => [keyOf(s), s.value]));
    for (const { name, labels, value: then } of old.samples) {
      if (name.endsWith('_sum') || name.endsWith('_created')) continue;
      const key = keyOf({ name, labels });
      const now = values.get(key);
      if (now === undefined) {
        if (!name.endsWith('_bucket')) find('series-gone', `${key} is not there any more`, family.name);
        continue;
      }
      counters++;
      if (now < then) find('counter-falls', `${key} was ${then}, then ${now}`, family.name);
    }
  }
  for (const [code, n] of said) if (n > 10) j.find(code as keyof typeof problems, `and ${n - 10} series more`);
  if (!proving) return;
  if (histograms > 0 && !j.findings.some((f) => f.code === 'buckets-change'))
    j.prove(`${histograms} histograms have the same bounds in every scrape`);
  if (counters > 0 && !j.findings.some((f) => f.code === 'counter-falls')) j.prove(`${counters} counts did not fall`);
}

/** The value of a series, given as it stands in the text. */
export function valueOf(
  text: Exposition,
  wanted: { name: string; labels: Record<string, string> },
): number | undefined {
  const all = [...text.families.values()].flatMap((family) => family.samples);
  return all.find((sample) => keyOf(sample) === keyOf(wanted))?.value;
}
