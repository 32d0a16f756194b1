import type { PlotOf } from '../core/plot.ts';
import { ms, type StepContext } from '../core/step.ts';
import { withoutDrills } from './drill-samples.ts';
import { ask, valueOf, QueryData, type PrometheusParams } from './prometheus.ts';

/** An expression over a window of time, as Prometheus gave it. */
export interface Course {
  /** Seconds since 1970. */
  from: number;
  to: number;
  refused?: string;
  /** Why it may be partial. */
  warnings: string[];
  series: { metric: Record<string, string>; values: [number, string][] }[];
}

/** Samples of a window: as many as can be told apart in a plot. */
const samples = 120;

/** Asks for an expression over a window up to now. @throws Unobservable as `ask` does */
export async function courseOf(ctx: StepContext, p: PrometheusParams, expr: string, window: string): Promise<Course> {
  const to = Math.floor(ctx.now() / 1000);
  const from = to - Math.max(1, Math.round(ms(window) / 1000));
  const step = Math.max(1, Math.ceil((to - from) / samples));
  const range = { query: await withoutDrills(ctx, p, expr), start: String(from), end: String(to), step: String(step) };
  const answer = await ask(ctx, p, 'query_range', range, 'taken');
  if (answer.state === 'refused') return { from, to, refused: answer.error ?? '', warnings: [], series: [] };
  const data = QueryData.safeParse(answer.data);
  if (!data.success || data.data.resultType !== 'matrix')
    return { from, to, refused: 'the answer is not a range of values', warnings: [], series: [] };
  return { from, to, warnings: answer.warnings, series: data.data.result };
}

/** Its samples that are numbers: NaN and infinity are gaps. */
export const finite = (values: Course['series'][number]['values']): { at: number; value: number }[] =>
  values.flatMap(([at, text]) => (Number.isFinite(valueOf(text)) ? [{ at, value: valueOf(text) }] : []));

const maxSeries = 8;

/** The course as it is drawn, the series with the most samples of it. */
export function plotOf(
  { from, to, series }: Course,
  limit: { op: string; than: number } | undefined,
): PlotOf<'course'> {
  const names = namesOf(series.map(({ metric }) => metric));
  return {
    kind: 'course',
    from: new Date(from * 1000).toISOString(),
    to: to - from,
    series: series
      .toSorted((a, b) => finite(b.values).length - finite(a.values).length)
      .slice(0, maxSeries)
      .map(({ metric, values }) => ({
        name: names.get(metric) ?? '',
        points: values.map(([at, text]): [number, number | null] => {
          const value = valueOf(text);
          return [Math.round(at - from), Number.isFinite(value) ? Number(value.toPrecision(6)) : null];
        }),
      })),
    ...(limit && { limit }),
  };
}

/** What tells series apart: the labels whose values differ; all of one series alone. */
function namesOf(metrics: readonly Record<string, string>[]): Map<Record<string, string>, string> {
  const keys = [...new Set(metrics.flatMap((metric) => Object.keys(metric)))];
  const telling = keys.filter((key) => new Set(metrics.map((metric) => metric[key])).size > 1);
  const own = (metric: Record<string, string>): string =>
    telling.length > 0
      ? telling.map((key) => `${key}="${metric[key] ?? ''}"`).join(', ')
      : (metric['__name__'] ?? (keys.map((key) => `${key}="${metric[key]}"`).join(', ') || 'value'));
  return new Map(metrics.map((metric) => [metric, own(metric)]));
}
