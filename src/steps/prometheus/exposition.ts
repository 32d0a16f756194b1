import { z } from 'zod';
import { Duration, ms } from '../../core/duration.ts';
import { Judge } from '../../core/judgement.ts';
import { defineStep, type ExecResult, type HttpResult } from '../../core/step.ts';
import { histogramsOf, parseExposition, type Exposition } from '../../formats/exposition.ts';

const types = ['counter', 'gauge', 'histogram', 'summary', 'untyped'] as const;
const params = z.strictObject({
  url: z.string().min(1).describe('the address that Prometheus scrapes'),
  metrics: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        type: z.enum(types).optional(),
        min: z.int().min(1).default(1).describe('samples at least'),
      }),
    )
    .min(1)
    .describe('metrics that are promised; a histogram by its base name'),
  apart: Duration.default('2s').describe('time between the two scrapes'),
  load: z
    .strictObject({
      run: z.array(z.string()).min(1).describe('literal argv that does a known amount of work'),
      adds: z
        .array(
          z.strictObject({
            series: z.string().min(1).describe('NAME or NAME{label="value"} as it stands in the text'),
            by: z.int().min(1),
            tolerance: z.int().min(0).default(0),
          }),
        )
        .min(1),
    })
    .optional()
    .describe('run between the scrapes: known work in, known figures out'),
  maxSamples: z.int().min(1).default(10_000),
});
type Params = z.infer<typeof params>;

type Scrape =
  | { reached: false; why: string }
  | { reached: true; status: number; contentType: string; text: string; truncated: boolean };
interface Observed {
  first: Scrape;
  second?: Scrape;
  load?: ExecResult;
}

const problems = {
  unreachable: {
    level: 'inconclusive',
    title: 'The exporter does not answer',
    hint: 'is it up, and is this its address?',
  },
  status: { level: 'error', title: 'The exporter answers with an error', hint: 'read the body in the evidence' },
  'not-metrics': {
    level: 'error',
    title: 'The answer is no exposition text',
    hint: 'is the path right? An HTML page is what a wrong path often gives',
  },
  'content-type': {
    level: 'warning',
    title: 'The content type is none of Prometheus’s',
    hint: 'answer with text/plain; version=0.0.4: Prometheus 3 refuses others',
  },
  'bad-exposition': {
    level: 'error',
    title: 'The text breaks the format',
    hint: 'correct the exporter: Prometheus drops the whole scrape',
  },
  'metric-missing': {
    level: 'error',
    title: 'A promised metric is not exported',
    hint: 'export it, or correct its name',
  },
  'wrong-type': {
    level: 'error',
    title: 'A metric has another type than promised',
    hint: 'correct the TYPE line, or the promise',
  },
  'false-histogram': {
    level: 'error',
    title: 'A histogram breaks its own rules',
    hint: 'buckets are cumulative, end in +Inf and equal _count; quantiles over anything else are false',
  },
  'buckets-change': {
    level: 'error',
    title: 'The bucket bounds differ between two scrapes',
    hint: 'use fixed bounds: rates over moving buckets mean nothing',
  },
  'counter-falls': {
    level: 'error',
    title: 'A counter fell between two scrapes',
    hint: 'a counter only rises; export a gauge, or stop resetting it',
  },
  'load-failed': {
    level: 'inconclusive',
    title: 'The load could not be put on',
    hint: 'read its output in the evidence',
  },
  'wrong-count': {
    level: 'error',
    title: 'Known work gives another figure',
    hint: 'the exporter counts something else than it says',
  },
  cardinality: { level: 'error', title: 'Too many series', hint: 'a label with unbounded values?' },
} as const;

export default defineStep<Params, Observed>({
  kind: 'prometheus/exposition',
  summary: 'The exporter’s own text is true to the format, has the promised metrics, and counts what it says.',
  description: `Scrapes the exporter twice: parses the text with line numbers (HELP and TYPE once, no duplicate series), asks for the promised metrics and types, and holds histograms to their rules: cumulative, ending in \`+Inf\` = \`_count\`, **the same bounds in both scrapes**. Counters must not fall. With \`load\`, a known amount of work must move the named series by that amount.`,
  example: `- id: exporter
  uses: prometheus/exposition
  with:
    url: \${{ facts.stack.engram.url }}/metrics/prometheus
    metrics:
      - { name: engram_operation_total, type: counter }
      - { name: engram_spreading_latency_seconds, type: histogram }`,
  params,
  facts: { 'exposition.families': 'metric families', 'exposition.samples': 'samples in the second scrape' },
  problems,
  timeout: '60s',
  plan: (p) => [`GET ${p.url}, twice, ${p.apart} apart`, ...(p.load ? [p.load.run.join(' ')] : [])],
  async gather(p, ctx) {
    const scrape = async (evidence: string): Promise<Scrape> =>
      read(await ctx.http(p.url, { headers: { accept: 'text/plain;version=0.0.4' }, evidence }));
    const first = await scrape('scrape-1.txt');
    if (!first.reached || first.status !== 200) return { first };
    const load = p.load && (await ctx.exec(p.load.run, { name: 'load', onLine: ctx.progress }));
    if (!load) await ctx.sleep(ms(p.apart));
    return { first, second: await scrape('scrape-2.txt'), ...(load && { load }) };
  },
  judge(p, { first, second, load }) {
    const j = new Judge(problems);
    for (const one of [first, second]) {
      if (!one) continue;
      if (!one.reached) return j.find('unreachable', `${p.url}: ${one.why}`).done();
      if (one.status !== 200)
        return j.find('status', `${p.url} answers HTTP ${one.status}`, { detail: one.text.slice(0, 500) }).done();
    }
    if (!first.reached || !second?.reached) return j.done();
    const [before, after] = [parseExposition(first.text), parseExposition(second.text)];
    if (after.samples === 0)
      return j
        .find('not-metrics', `${p.url} holds no sample (${second.contentType || 'no content type'})`, {
          detail: second.text.slice(0, 500),
        })
        .done();
    if (!/^(?:text\/plain|application\/openmetrics-text)/.test(second.contentType))
      j.find('content-type', `the content type is ${second.contentType || 'missing'}`);
    judgeFormat(j, p, after);
    for (const metric of p.metrics) judgeMetric(j, metric, after);
    judgeChange(j, before, after);
    if (p.load && load) judgeLoad(j, p.load.adds, load, before, after);
    j.fact('exposition.families', after.families.size).fact('exposition.samples', after.samples);
    return j.done();
  },
});

function read(result: HttpResult): Scrape {
  if (!result.reached) return { reached: false, why: `${result.error}, ${result.message}` };
  return {
    reached: true,
    status: result.status,
    contentType: result.contentType,
    text: result.body,
    truncated: result.truncated,
  };
}

function judgeFormat(j: Judge<typeof problems>, p: Params, text: Exposition): void {
  for (const problem of text.problems.slice(0, 20))
    j.find(
      problem.code === 'histogram' ? 'false-histogram' : 'bad-exposition',
      `line ${problem.line}: ${problem.message}`,
      { subject: problem.message.split('{')[0] ?? '' },
    );
  if (text.problems.length === 0)
    j.prove(`${text.samples} samples of ${text.families.size} metrics are true to the format`);
  j.check(
    text.samples <= p.maxSamples,
    `${text.samples} samples (at most ${p.maxSamples})`,
    'cardinality',
    `${text.samples} samples, at most ${p.maxSamples} promised`,
  );
}

function judgeMetric(j: Judge<typeof problems>, metric: Params['metrics'][number], text: Exposition): void {
  const family =
    text.families.get(metric.name) ??
    [...text.families.values()].find((f) => f.samples.some((s) => s.name === metric.name));
  const samples = family?.samples.length ?? 0;
  if (!family || samples < metric.min) {
    j.find(
      'metric-missing',
      family
        ? `${metric.name} has ${samples} samples, at least ${metric.min} promised`
        : `${metric.name} is not exported`,
      { subject: metric.name },
    );
    return;
  }
  const type = family.type === '' ? 'untyped' : family.type;
  if (metric.type !== undefined && metric.type !== type)
    j.find('wrong-type', `${metric.name} is a ${type}, ${metric.type} promised`, { subject: metric.name });
  else j.prove(`${metric.name} is exported as ${type} with ${samples} samples`);
}

const keyOf = (sample: { name: string; labels: Record<string, string> }): string =>
  `${sample.name}${JSON.stringify(Object.entries(sample.labels).toSorted(([a], [b]) => (a < b ? -1 : 1)))}`;

function judgeChange(j: Judge<typeof problems>, before: Exposition, after: Exposition): void {
  let histograms = 0;
  let counters = 0;
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
          j.find(
            'buckets-change',
            `${family.name}{${now.labels}} had the bounds ${bounds(then)}, then ${bounds(now)}`,
            { subject: family.name },
          );
      }
    }
    if (family.type === 'counter' || family.type === 'histogram') {
      const values = new Map(old.samples.map((s) => [keyOf(s), s.value]));
      for (const sample of family.samples) {
        if (sample.name.endsWith('_sum') || sample.name.endsWith('_created')) continue;
        counters++;
        const then = values.get(keyOf(sample));
        if (then !== undefined && sample.value < then)
          j.find('counter-falls', `${sample.name} was ${then}, then ${sample.value}`, { subject: family.name });
      }
    }
  }
  if (histograms > 0 && !j.findings.some((f) => f.code === 'buckets-change'))
    j.prove(`${histograms} histograms have the same bounds in both scrapes`);
  if (counters > 0 && !j.findings.some((f) => f.code === 'counter-falls')) j.prove(`${counters} counters did not fall`);
}

function judgeLoad(
  j: Judge<typeof problems>,
  adds: NonNullable<Params['load']>['adds'],
  load: ExecResult,
  before: Exposition,
  after: Exposition,
): void {
  if (load.code !== 0) {
    j.find('load-failed', `the load ended with ${load.notStarted ?? load.code ?? load.signal}`, {
      detail: `${load.stdout}\n${load.stderr}`.slice(-1500),
    });
    return;
  }
  const value = (text: Exposition, series: string): number | undefined => {
    const wanted = [...parseExposition(`${series} 0`).families.values()][0]?.samples[0];
    const all = [...text.families.values()].flatMap((family) => family.samples);
    return wanted && all.find((sample) => keyOf(sample) === keyOf(wanted))?.value;
  };
  for (const { series, by, tolerance } of adds) {
    const [then, now] = [value(before, series) ?? 0, value(after, series)];
    if (now === undefined) j.find('metric-missing', `${series} is not exported`, { subject: series });
    else
      j.check(
        now - then >= by && now - then <= by + tolerance,
        `the load moved ${series} by ${now - then}`,
        'wrong-count',
        `the load moved ${series} by ${now - then}, ${by}${tolerance > 0 ? ` to ${by + tolerance}` : ''} expected`,
        { subject: series },
      );
  }
}
