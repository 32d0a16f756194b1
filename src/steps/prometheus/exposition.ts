import { JsonPath } from '../../formats/data/named-facts.ts';
import { z } from 'zod';
import type { ExecResult, HttpResult, StepContext } from '../../core/doors.ts';
import { defineStep, Duration, Judge, ms } from '../../core/step.ts';
import { type Exposition, parseExposition } from '../../formats/prometheus/exposition.ts';
import {
  judgeChange,
  judgeFamily,
  judgeFormat,
  judgeNames,
  judgeTimes,
  problems,
} from '../../formats/prometheus/exposition-findings.ts';
import { judgeLoad } from '../../clients/exposition-load.ts';
import { unitOf } from '../../formats/data/quantity.ts';

const types = ['counter', 'gauge', 'histogram', 'summary', 'untyped'] as const;
const params = z.strictObject({
  url: z.string().min(1).describe('the address that Prometheus scrapes'),
  format: z
    .enum(['auto', 'text', 'openmetrics'])
    .default('auto')
    .describe('auto asks as Prometheus does, and reads what is answered'),
  metrics: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        type: z.enum(types).optional(),
        min: z.int().min(1).default(1).describe('samples at least'),
        maxSeries: z.int().min(1).optional().describe('label sets at most, buckets of one histogram counted once'),
      }),
    )
    .default([])
    .describe('metrics that are promised; a histogram by its base name'),
  apart: Duration.default('2s').describe('time between the two scrapes; with `load` they are as far apart as it takes'),
  load: z
    .strictObject({
      run: z.array(z.string()).min(1).describe('literal argv that does a known amount of work'),
      adds: z
        .array(
          z.strictObject({
            series: z.string().min(1).describe('NAME or NAME{label="value"} as it stands in the text'),
            by: z.int().min(1),
            tolerance: z.int().min(0).default(0).describe('how much more, by other work that goes on meanwhile'),
          }),
        )
        .default([]),
      quantiles: z
        .array(
          z.strictObject({
            histogram: z.string().min(1).describe('base name'),
            labels: z.record(z.string(), z.string()).default({}),
            q: z.number().gt(0).lt(1),
            path: JsonPath.describe('where the load’s stdout, a JSON document, gives the true quantile'),
            unit: z
              .string()
              .refine((text) => unitOf(text) !== undefined, { error: 'not a unit: write s, ms, µs, ns, B, MiB …' })
              .default('s')
              .describe('unit of the true quantile; the histogram is in base units'),
          }),
        )
        .default([]),
    })
    .refine((load) => load.adds.length + load.quantiles.length > 0, {
      error: 'say what the load adds, or its quantiles',
    })
    .optional()
    .describe('run between the scrapes: known work in, known figures out'),
  maxSamples: z.int().min(1).optional().describe('samples of one scrape at most'),
});
type Params = z.infer<typeof params>;

type Scrape =
  | { reached: false; why: string }
  | { reached: true; status: number; contentType: string; text: string; truncated: boolean; at: number };
interface Observed {
  first: Scrape;
  /** Scrapes while the load ran. */
  during?: Scrape[];
  second?: Scrape;
  load?: ExecResult;
}

/** What Prometheus itself sends (2.43 to 3.x; protobuf left out). */
const accepts: Record<Params['format'], string> = {
  auto: 'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
  openmetrics: 'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8',
  text: 'text/plain;version=0.0.4',
};

export default defineStep<Params, Observed>({
  kind: 'prometheus/exposition',
  summary: 'The exporter’s own text follows the format, has the promised metrics, and counts what it says.',
  description: `Scrapes the exporter twice, asking as Prometheus does. The text must parse, as 0.0.4 or as OpenMetrics by its content type (\`# EOF\`, \`_total\`, \`UNIT\`, exemplars where they may stand); HELP and TYPE once, no duplicate series or bucket, names in quotes as Prometheus 3 takes them. Promised metrics and types must be there. Histograms are cumulative, end in \`+Inf\` = \`_count\`, their \`_sum\` is possible by their buckets, and they have **the same bounds in both scrapes**; counters do not fall. Naming (units, suffixes, help) is judged with promtool's words, as warnings. Samples with a time far from now are what Prometheus drops.

With \`load\`, a known amount of work must move the named series by that amount, and the quantile that \`histogram_quantile\` gives over the buckets of that work must lie within one bucket of the true one, which the load prints as JSON. While it runs, further scrapes hold bounds and counters to the same rules.`,
  example: `- id: exporter
  uses: prometheus/exposition
  with:
    url: \${{ facts.stack.engram.url }}/metrics/prometheus
    metrics:
      - { name: engram_operation_total, type: counter }
      - { name: engram_spreading_latency_seconds, type: histogram, maxSeries: 3 }
    load:
      run: [./target/release/engram, load, --operations, "50", --json, --url, "\${{ facts.stack.engram.url }}"]
      adds: [{ series: 'engram_operation_total{operation="store"}', by: 50 }]
      quantiles:
        - histogram: engram_memory_operation_duration_seconds
          labels: { operation: store }
          q: 0.95
          path: $.store.p95`,
  params,
  facts: {
    'exposition.families': 'metric families',
    'exposition.samples': 'samples in the last scrape',
    'exposition.format': 'text or openmetrics',
    'exposition.scrapes': 'scrapes that were compared',
  },
  problems,
  timeout: '60s',
  plan: (p) => [`GET ${p.url}, twice${p.load ? '' : `, ${p.apart} apart`}`, ...(p.load ? [p.load.run.join(' ')] : [])],
  weak: (p) =>
    p.metrics.length === 0 && !p.load ? 'no metric is promised: any exporter may answer like this' : undefined,
  async gather(p, ctx) {
    const first = await scrape(p, ctx, 'scrape-1.txt');
    if (!first.reached || first.status !== 200) return { first };
    if (!p.load) {
      await ctx.sleep(ms(p.apart));
      return { first, second: await scrape(p, ctx, 'scrape-2.txt') };
    }
    let running = true;
    const work = ctx.exec(p.load.run, { name: 'load', onLine: ctx.progress }).finally(() => {
      running = false;
    });
    const during: Scrape[] = [];
    // A few looks are enough, further and further apart.
    for (let wait = 100; during.length < 4; wait *= 2) {
      await Promise.race([work, ctx.sleep(wait)]);
      if (!running) break;
      during.push(await scrape(p, ctx, undefined));
    }
    const load = await work;
    return { first, during, load, second: await scrape(p, ctx, 'scrape-2.txt') };
  },
  judge(p, o) {
    const j = new Judge(problems);
    const texts: Exposition[] = [];
    let last: Extract<Scrape, { reached: true }> | undefined;
    for (const one of [o.first, ...(o.during ?? []), o.second]) {
      if (!one) continue;
      if (!one.reached) return j.find('unreachable', `${p.url}: ${one.why}`).done();
      if (one.status !== 200)
        return j.find('status', `${p.url} answers HTTP ${one.status}`, { detail: one.text.slice(0, 500) }).done();
      if (one.truncated) return j.find('cut', `${p.url} sent more than is read`).done();
      last = one;
      texts.push(parseExposition(one.text, formatOf(one.contentType)));
    }
    const [before, after] = [texts[0], texts.at(-1)];
    if (!o.second || !last || !before || !after) return j.done();
    if (after.samples === 0)
      return j
        .find('not-metrics', `${p.url} has no samples (${last.contentType || 'no content type'})`, {
          detail: last.text.slice(0, 500),
        })
        .done();
    judgeContentType(j, p, last.contentType);
    judgeFormat(j, before, after, p.maxSamples);
    for (const metric of p.metrics) judgeFamily(j, metric, after);
    judgeNames(j, after);
    judgeTimes(j, after, last.at);
    for (const [n, text] of texts.entries())
      if (n > 0) judgeChange(j, texts[n - 1] ?? text, text, n === texts.length - 1);
    if (p.load && o.load) judgeLoad(j, p.load, o.load, before, after);
    return j
      .fact('exposition.families', after.families.size)
      .fact('exposition.samples', after.samples)
      .fact('exposition.format', formatOf(last.contentType))
      .fact('exposition.scrapes', texts.length)
      .done();
  },
});

const formatOf = (contentType: string): 'text' | 'openmetrics' =>
  contentType.startsWith('application/openmetrics-text') ? 'openmetrics' : 'text';

async function scrape(p: Params, ctx: StepContext, evidence: string | undefined): Promise<Scrape> {
  const at = ctx.now();
  const options = { headers: { accept: accepts[p.format] }, ...(evidence !== undefined && { evidence }) };
  const result: HttpResult = await ctx.http(p.url, options);
  if (!result.reached) return { reached: false, why: `${result.error}, ${result.message}` };
  const { status, contentType, body: text, truncated } = result;
  return { reached: true, status, contentType, text, truncated, at };
}

function judgeContentType(j: Judge<typeof problems>, p: Params, contentType: string): void {
  if (p.format === 'openmetrics' && formatOf(contentType) !== 'openmetrics')
    j.find('not-openmetrics', `the content type is ${contentType || 'missing'}`);
  else if (!/^(?:text\/plain|application\/openmetrics-text)/.test(contentType))
    j.find('content-type', `the content type is ${contentType || 'missing'}`);
}
