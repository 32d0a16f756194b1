import { z } from 'zod';
import { Duration, ms, showDuration } from '../../core/duration.ts';
import { Judge } from '../../core/judgement.ts';
import { defineStep } from '../../core/step.ts';
import { ask, identity, numberOf, prometheusParams, QueryData } from '../../formats/prometheus-api.ts';

const ops = ['==', '!=', '>', '>=', '<', '<='] as const;
const params = z.strictObject({
  ...prometheusParams,
  expr: z.string().trim().min(1).describe('PromQL, evaluated now'),
  series: z
    .strictObject({ min: z.int().min(1).optional(), max: z.int().min(0).optional() })
    .refine((s) => s.min !== undefined || s.max !== undefined, { error: 'give min, max or both' })
    .describe('how many series the answer must have; `max: 0` asserts that there is none'),
  value: z
    .strictObject({ op: z.enum(ops), than: z.number() })
    .optional()
    .describe('must hold for every series'),
  maxAge: Duration.optional().describe(
    'the newest sample that the expression reads may be at most this old: checked through timestamp(EXPR)',
  ),
  within: Duration.optional().describe('asked again until it holds, at most this long'),
  fact: z.string().optional().describe('name of the fact that takes the value, where one series answers'),
});
type Params = z.infer<typeof params>;

interface Observed {
  version: string;
  refused?: string;
  data?: QueryData;
  unreadable?: boolean;
  warnings: string[];
  /** Seconds: age of the oldest sample. */
  age?: number;
  waitedMs: number;
}

const problems = {
  'query-refused': { level: 'error', title: 'Prometheus refuses the query', hint: 'correct the expression' },
  'no-data': {
    level: 'error',
    title: 'The query has no data',
    hint: 'is the metric exported, scraped and named like this?',
  },
  cardinality: {
    level: 'error',
    title: 'Another number of series than promised',
    hint: 'see which series are there in the evidence',
  },
  value: { level: 'error', title: 'The value is not as promised', hint: 'look at the metric, or correct the promise' },
  'not-finite': {
    level: 'error',
    title: 'The value is no finite number',
    hint: '0/0 is NaN: nothing was counted yet, or the divisor is missing',
  },
  stale: { level: 'error', title: 'The newest sample is too old', hint: 'the target is no longer scraped' },
  'not-instant': {
    level: 'error',
    title: 'The query gives no instant value',
    hint: 'take the range away, or aggregate over it',
  },
  'query-warning': {
    level: 'warning',
    title: 'Prometheus warns about the query',
    hint: 'read the warning; partial data comes with one',
  },
  'unreadable-answer': {
    level: 'inconclusive',
    title: 'The answer is none that Prometheus gives',
    hint: 'is this a Prometheus?',
  },
} as const;

const holds = (value: number, op: (typeof ops)[number], than: number): boolean => {
  switch (op) {
    case '==':
      return value === than;
    case '!=':
      return value !== than;
    case '>':
      return value > than;
    case '>=':
      return value >= than;
    case '<':
      return value < than;
    case '<=':
      return value <= than;
  }
};

export default defineStep<Params, Observed>({
  kind: 'prometheus/query',
  summary: 'A query has the promised number of series, values and age.',
  description: `Evaluates one PromQL expression now. \`series\` is required: an empty vector comes with HTTP 200, and nothing is not zero. Every value must be finite; NaN is data to Prometheus, and no pass here.`,
  example: `- id: scraped
  uses: prometheus/query
  with:
    url: \${{ facts.stack.prometheus.url }}
    expr: up{job="engram"}
    series: { min: 1 }
    value: { op: "==", than: 1 }`,
  params,
  facts: { 'query.series': 'series in the answer', '<fact>': 'the value, where `fact` names one' },
  problems,
  timeout: '60s',
  plan: (p) => [`GET ${p.url}/api/v1/query?query=${p.expr}`],
  async gather(p, ctx) {
    const version = await identity(ctx, p);
    const began = ctx.now();
    for (;;) {
      const observed = await once(p, ctx, version, began);
      const good = judge(p, observed).findings.every((f) => f.level === 'warning' || f.level === 'note');
      const limit = p.within === undefined ? 0 : ms(p.within);
      if (good || observed.refused !== undefined || ctx.now() - began >= limit || ctx.remaining() < 2000)
        return observed;
      ctx.progress(`waiting for the query to hold, ${showDuration(ctx.now() - began)}`);
      await ctx.sleep(500);
    }
  },
  judge: (p, observed) => judge(p, observed),
});

async function once(p: Params, ctx: Parameters<typeof ask>[0], version: string, began: number): Promise<Observed> {
  const answer = await ask(ctx, p, 'query', { query: p.expr });
  const rest = { version, warnings: answer.warnings, waitedMs: ctx.now() - began };
  if (answer.state === 'refused') return { ...rest, refused: answer.error ?? '' };
  const data = QueryData.safeParse(answer.data);
  if (!data.success) return { ...rest, unreadable: true };
  if (p.maxAge === undefined) return { ...rest, data: data.data };
  const times = await ask(ctx, p, 'query', { query: `time() - timestamp(${p.expr})` });
  const ages = QueryData.safeParse(times.data);
  const age =
    ages.success && ages.data.resultType === 'vector'
      ? Math.max(...ages.data.result.map((s) => numberOf(s.value?.[1] ?? 'NaN')))
      : undefined;
  return { ...rest, data: data.data, ...(age !== undefined && Number.isFinite(age) && { age }) };
}

const label = (metric: Record<string, string>): string =>
  `${metric['__name__'] ?? ''}{${Object.entries(metric)
    .filter(([name]) => name !== '__name__')
    .map(([name, value]) => `${name}="${value}"`)
    .join(', ')}}`;

function judge(p: Params, observed: Observed) {
  const j = new Judge(problems);
  if (observed.refused !== undefined) return j.find('query-refused', `${p.expr}: ${observed.refused}`).done();
  const { data } = observed;
  if (!data) return j.find('unreadable-answer', `the answer to ${p.expr} is of no known kind`).done();
  for (const warning of observed.warnings) j.find('query-warning', warning);
  if (data.resultType === 'matrix' || data.resultType === 'string')
    return j.find('not-instant', `${p.expr} is a ${data.resultType}`).done();
  const series = data.resultType === 'scalar' ? [{ metric: {}, value: data.result }] : data.result;
  const { min, max } = p.series;
  j.fact('query.series', series.length);
  if (series.length === 0 && (min ?? 0) > 0)
    return j.find('no-data', `${p.expr} has no series, at least ${min} promised`).done();
  const wanted = `${min === undefined ? '' : `at least ${min}`}${min !== undefined && max !== undefined ? ', ' : ''}${max === undefined ? '' : `at most ${max}`}`;
  j.check(
    series.length >= (min ?? 0) && series.length <= (max ?? Infinity),
    `${p.expr} has ${series.length} series (${wanted})`,
    'cardinality',
    `${p.expr} has ${series.length} series, ${wanted} promised`,
    {
      detail: series
        .slice(0, 20)
        .map((one) => label(one.metric))
        .join('\n'),
    },
  );
  for (const one of series) {
    if (one.value === undefined) continue; // a native histogram has no single value
    const value = numberOf(one.value[1]);
    const what = `${label(one.metric)} = ${one.value[1]}`;
    if (!Number.isFinite(value)) j.find('not-finite', what, { subject: label(one.metric) });
    else if (p.value)
      j.check(
        holds(value, p.value.op, p.value.than),
        `${what} (${p.value.op} ${p.value.than})`,
        'value',
        `${what}, promised ${p.value.op} ${p.value.than}`,
        { subject: label(one.metric) },
      );
  }
  if (p.value && series.length > 0 && series.every((one) => one.value === undefined))
    j.find('not-instant', `${p.expr} gives native histograms, which have no single value`);
  if (p.maxAge !== undefined && series.length > 0) {
    const limit = ms(p.maxAge) / 1000;
    if (observed.age === undefined)
      j.find(
        'stale',
        `the age of what ${p.expr} reads could not be measured: take the series itself, without a function around it`,
        { level: 'inconclusive' },
      );
    else
      j.check(
        observed.age <= limit,
        `the oldest sample is ${observed.age.toFixed(1)} s old (at most ${p.maxAge})`,
        'stale',
        `the oldest sample is ${observed.age.toFixed(1)} s old, at most ${p.maxAge} promised`,
      );
  }
  const [only] = series;
  if (p.fact !== undefined && series.length === 1 && only?.value) {
    const value = numberOf(only.value[1]);
    if (Number.isFinite(value)) j.fact(p.fact, value);
  }
  return j.done();
}
