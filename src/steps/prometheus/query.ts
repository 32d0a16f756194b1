import { z } from 'zod';
import { labelText } from '../../formats/prometheus/histogram.ts';
import { AnyDuration } from '../../core/duration.ts';
import { defineStep, Duration, error, inconclusive, Judge, ms, poll, showDuration, warning } from '../../core/step.ts';
import { ask, identity, valueOf, prometheusParams, QueryData, type Series } from '../../clients/prometheus.ts';
import { ageOf, type Age } from '../../clients/prometheus-age.ts';
import { withoutDrills } from '../../clients/drill-samples.ts';
import { courseOf, finite, plotOf, type Course } from '../../clients/prometheus-course.ts';

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
  maxAge: AnyDuration.optional().describe(
    'the newest sample of each series that the expression reads may be at most this old: asked of every selector in it',
  ),
  within: Duration.optional().describe('asked again until it holds, at most this long'),
  range: AnyDuration.optional().describe(
    'the course over this window up to now as well: `value` must hold for every sample of it, and the report draws it',
  ),
  fact: z
    .string()
    .optional()
    .describe('name of the fact that takes the value; of several series the one that is closest to breaking `value`'),
});
type Params = z.infer<typeof params>;

interface Observed {
  version: string;
  refused?: string;
  data?: QueryData;
  unreadable?: boolean;
  warnings: string[];
  infos: string[];
  age?: Age;
  waitedMs: number;
  /** Over the window `range`. */
  course?: Course;
}

const problems = {
  'query-refused': error('Prometheus refuses the query', 'correct the expression'),
  'no-data': error('The query has no data', 'is the metric exported, scraped and named like this?'),
  cardinality: error('The number of series is not the promised one', 'see which series are there in the evidence'),
  value: error('The value is not as promised', 'look at the metric, or correct the promise'),
  course: error(
    'The value was not as promised within the window',
    'see the plot in the report for when; a promise over a window is one for every moment of it',
  ),
  'not-finite': error(
    'The value is not a finite number',
    '0/0 is NaN: nothing was counted yet, or the divisor is missing',
  ),
  stale: error('The newest sample is too old', 'the target is no longer scraped'),
  'not-instant': error('The query gives no instant value', 'take the range away, or aggregate over it'),
  'query-warning': error(
    'Prometheus warns about the query',
    'a warning comes with partial data: what is not there was not judged',
  ),
  'query-info': warning('Prometheus remarks on the query', 'read the remark; the value may not mean what it seems to'),
  'unreadable-answer': inconclusive('The answer is not one that Prometheus gives', 'is this a Prometheus?'),
} as const;

const compared: Record<(typeof ops)[number], (value: number, than: number) => boolean> = {
  '==': (value, than) => value === than,
  '!=': (value, than) => value !== than,
  '>': (value, than) => value > than,
  '>=': (value, than) => value >= than,
  '<': (value, than) => value < than,
  '<=': (value, than) => value <= than,
};
const holds = (value: number, op: (typeof ops)[number], than: number): boolean => compared[op](value, than);

export default defineStep<Params, Observed>({
  kind: 'prometheus/query',
  summary: 'A query has the promised number of series, values and age.',
  description: `Evaluates one PromQL expression now. \`series\` is required: an empty vector comes with HTTP 200, and nothing is not zero. Every value must be finite; NaN is data to Prometheus, and no pass here.

Samples that a drill injected (label \`verify_drill\`) are not seen. With \`maxAge\` each series selector in the expression is asked for its newest sample, and a recorded series for what its rule reads.

With \`range\` the same expression is asked over a window that ends now (\`query_range\`, 120 samples at most): a service level holds for every moment of it, not for the last one. A window that begins before the first sample is judged from that sample on; NaN is a gap there, and a window of nothing but gaps is not a pass.`,
  example: `- id: scraped
  uses: prometheus/query
  with:
    url: \${{ facts.stack.prometheus.url }}
    expr: up{job="engram"}
    series: { min: 1 }
    value: { op: "==", than: 1 }`,
  params,
  facts: { 'query.series': 'series in the answer' },
  yields: (p) => (p.fact === undefined ? {} : { [p.fact]: 'the value of the query' }),
  problems,
  timeout: '60s',
  plan: (p) => [
    `GET ${p.url}/api/v1/query?query=${p.expr}`,
    ...(p.range === undefined ? [] : [`GET ${p.url}/api/v1/query_range over ${p.range}`]),
  ],
  async gather(p, ctx) {
    const version = await identity(ctx, p);
    const began = ctx.now();
    const observed = await poll(ctx, {
      within: p.within,
      every: 500,
      look: () => once(p, ctx, version, began),
      done: (seen) =>
        seen.refused !== undefined ||
        judgeNow(p, seen).j.findings.every((f) => f.level === 'warning' || f.level === 'note'),
      waiting: (_, waited) => `waiting for the query to hold, ${showDuration(waited)}`,
    });
    return p.range === undefined || observed.refused !== undefined
      ? observed
      : { ...observed, course: await courseOf(ctx, p, p.expr, p.range) };
  },
  judge: (p, observed) => judge(p, observed),
});

async function once(p: Params, ctx: Parameters<typeof ask>[0], version: string, began: number): Promise<Observed> {
  const expr = await withoutDrills(ctx, p, p.expr);
  const answer = await ask(ctx, p, 'query', { query: expr }, 'taken');
  const rest = { version, warnings: answer.warnings, infos: answer.infos, waitedMs: ctx.now() - began };
  if (answer.state === 'refused') return { ...rest, refused: answer.error ?? '' };
  const data = QueryData.safeParse(answer.data);
  if (!data.success) return { ...rest, unreadable: true };
  if (p.maxAge === undefined) return { ...rest, data: data.data };
  const age = await ageOf(ctx, p, expr);
  return { ...rest, data: data.data, ...(age && { age }) };
}

/** One series is one, however often an answer names it and with whatever values: a label without a value is none. */
const countOf = (series: readonly Series[]): number =>
  new Set(
    series.map(({ metric }) =>
      JSON.stringify(
        Object.entries(metric)
          .filter(([, value]) => value !== '')
          .toSorted(([a], [b]) => (a < b ? -1 : 1)),
      ),
    ),
  ).size;

const label = ({ __name__: name = '', ...labels }: Record<string, string>): string => `${name}{${labelText(labels)}}`;

function judge(p: Params, observed: Observed) {
  const { j, asked } = judgeNow(p, observed);
  if (asked && p.range !== undefined) judgeCourse(j, p, p.range, observed.course);
  return j.done();
}

/** Does the value hold for every sample of the window? */
function judgeCourse(j: Judge<typeof problems>, p: Params, range: string, course: Course | undefined): void {
  if (!course) return void j.find('unreadable-answer', `${p.expr} was not asked over ${range}`);
  if (course.refused !== undefined)
    return void j.find('query-refused', `${p.expr} over ${range}: ${course.refused}`, { level: 'inconclusive' });
  for (const warning of course.warnings) j.find('query-warning', `${p.expr} over ${range}: ${warning}`);
  const seen = course.series.map(({ metric, values }) => ({ name: label(metric), values, real: finite(values) }));
  const count = seen.reduce((sum, { real }) => sum + real.length, 0);
  if (count === 0 && p.series.max === 0) return void j.prove(`${p.expr} had no sample within ${range}`);
  if (count === 0) return void j.find('no-data', `${p.expr} has no number within ${range}`);
  const clock = (at: number): string => new Date(at * 1000).toISOString().slice(11, 19);
  if (p.value) {
    const { op, than } = p.value;
    for (const { name, real } of seen) {
      const bad = real.filter(({ value }) => !holds(value, op, than));
      const [first] = bad;
      const last = bad.at(-1);
      if (!first || !last) continue;
      const worst = worstOf(
        op,
        bad.map(({ value }) => value),
      );
      j.find(
        'course',
        `${name}: ${bad.length} of ${real.length} samples within ${range} are not ${op} ${than}, the worst ${worst}`,
        { subject: name, detail: `from ${clock(first.at)} to ${clock(last.at)} UTC` },
      );
    }
    if (seen.every(({ real }) => real.every(({ value }) => holds(value, op, than))))
      j.prove(`${p.expr} was ${op} ${than} at each of ${count} samples within ${range}`);
  }
  const show = (value: number | undefined): string =>
    value === undefined ? '–' : String(Number(value.toPrecision(4)));
  j.table(
    p.expr,
    ['series', 'samples', 'lowest', 'highest', 'last'],
    seen.map(({ name, real }) => {
      const all = real.map(({ value }) => value);
      const [low, high] = all.length === 0 ? [] : [Math.min(...all), Math.max(...all)];
      return [name, String(all.length), show(low), show(high), show(all.at(-1))];
    }),
    plotOf(course, p.value),
  );
}

function judgeAge(
  j: Judge<typeof problems>,
  expr: string,
  maxAge: string,
  age: Age | undefined,
  hasValue: boolean,
): void {
  for (const text of hasValue ? (age?.gone ?? []) : [])
    j.find(
      'stale',
      `${text} no longer has a sample, but ${expr} still has a value, expected none that is older than ${maxAge}`,
    );
  if (age?.seconds === undefined) {
    if (!hasValue || (age?.gone ?? []).length === 0)
      j.find('stale', `the age of what ${expr} reads could not be measured: it has no series selector with a sample`, {
        level: 'inconclusive',
      });
    return;
  }
  const seconds = `${age.seconds.toFixed(1)} s old`;
  j.check(
    age.seconds <= ms(maxAge) / 1000,
    `the newest sample of every series of ${expr} is at most ${seconds} (at most ${maxAge})`,
    'stale',
    `the newest sample of ${age.of} is ${seconds}, expected at most ${maxAge}`,
  );
}

/** Of values, the one that is furthest on the wrong side, or closest to it. */
const worstOf = (op: (typeof ops)[number] | undefined, values: readonly number[]): number =>
  op === '>' || op === '>=' ? Math.min(...values) : Math.max(...values);

/** What is judged of the moment. `asked` is false where there was no answer to judge. */
function judgeNow(p: Params, observed: Observed): { j: Judge<typeof problems>; asked: boolean } {
  const j = new Judge(problems);
  const none = { j, asked: false };
  if (observed.refused !== undefined) {
    j.find('query-refused', `${p.expr}: ${observed.refused}`);
    return none;
  }
  const { data } = observed;
  if (!data) {
    j.find('unreadable-answer', `the answer to ${p.expr} is of an unknown kind`);
    return none;
  }
  for (const warning of observed.warnings) j.find('query-warning', warning);
  for (const info of observed.infos) j.find('query-info', info);
  if (data.resultType === 'matrix' || data.resultType === 'string') {
    j.find('not-instant', `${p.expr} is a ${data.resultType}`);
    return none;
  }
  const series = data.resultType === 'scalar' ? [{ metric: {}, value: data.result }] : data.result;
  const count = countOf(series);
  const { min, max } = p.series;
  j.fact('query.series', count);
  if (series.length === 0 && (min ?? 0) > 0) {
    j.find('no-data', `${p.expr} has no series, expected at least ${min}`);
    return none;
  }
  const wanted = `${min === undefined ? '' : `at least ${min}`}${min !== undefined && max !== undefined ? ', ' : ''}${max === undefined ? '' : `at most ${max}`}`;
  j.check(
    count >= (min ?? 0) && count <= (max ?? Infinity),
    `${p.expr} has ${count} series (${wanted})`,
    'cardinality',
    `${p.expr} has ${count} series, expected ${wanted}`,
    {
      detail: series
        .slice(0, 20)
        .map((one) => label(one.metric))
        .join('\n'),
    },
  );
  for (const one of series) {
    if (one.value === undefined) continue; // a native histogram has no single value
    const value = valueOf(one.value[1]);
    const what = `${label(one.metric)} = ${one.value[1]}`;
    if (!Number.isFinite(value)) j.find('not-finite', what, { subject: label(one.metric) });
    else if (p.value)
      j.check(
        holds(value, p.value.op, p.value.than),
        `${what} (${p.value.op} ${p.value.than})`,
        'value',
        `${what}, expected ${p.value.op} ${p.value.than}`,
        { subject: label(one.metric) },
      );
  }
  if (p.value && series.some((one) => one.value === undefined))
    j.find('not-instant', `${p.expr} gives native histograms, which have no single value`);
  if (p.maxAge !== undefined) judgeAge(j, p.expr, p.maxAge, observed.age, series.length > 0);
  if (p.fact !== undefined && (count === 1 || p.value)) {
    const values = series.flatMap(({ value }) => (value ? [valueOf(value[1])] : []));
    if (values.length > 0 && values.every(Number.isFinite)) j.fact(p.fact, worstOf(p.value?.op, values));
  }
  return { j, asked: true };
}
