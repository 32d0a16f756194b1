import { z } from 'zod';
import { Unobservable, type StepContext } from '../core/step.ts';
import type { Query } from '../formats/grafana/board-model.ts';
import { panelRange, type ViewRange } from '../formats/grafana/time.ts';
import { interpolateQuery, scopeOf, timing } from '../formats/grafana/variables.ts';
import { withoutDrills } from '../clients/drill-samples.ts';
import { ask, valueOf, type PrometheusParams } from '../clients/prometheus.ts';
import { stateOfPoints, type Ask, type Frame } from './panel-run.ts';
import { withFilters, type Asker, type Resolution } from './scope.ts';
import { speaksPromQl } from './sources.ts';

const Sample = z.tuple([z.number(), z.string()]);
/** A native histogram sample: its count stands for it. */
const Histogram = z.tuple([z.number(), z.object({ count: z.string() })]);
const Data = z.object({
  resultType: z.string(),
  result: z.union([
    z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        values: z.array(Sample).optional(),
        value: Sample.optional(),
        histograms: z.array(Histogram).optional(),
        histogram: Histogram.optional(),
      }),
    ),
    Sample,
  ]),
});

/** A series' name: the legend format, or as Grafana names it by itself. */
export function seriesName(
  query: Query,
  labels: Readonly<Record<string, string>>,
  all: readonly Readonly<Record<string, string>>[],
): string {
  const { __name__: metric = '', ...rest } = labels;
  const braces = (keys: string[]): string =>
    keys.length === 0 ? '' : `{${keys.map((key) => `${key}="${rest[key] ?? ''}"`).join(', ')}}`;
  if (query.legend === '__auto') {
    const differing = Object.keys(rest).filter((key) => all.some((other) => other[key] !== labels[key]));
    if (differing.length === 1) return rest[differing[0] ?? ''] ?? '';
    return differing.length === 0 ? metric || (query.expr ?? '') : braces(differing);
  }
  if (query.legend !== '') return query.legend.replace(/\{\{\s*(.+?)\s*\}\}/g, (_, key: string) => labels[key] ?? '');
  return `${metric}${braces(Object.keys(rest))}` || (query.expr ?? '');
}

/** Asks the Prometheus itself, whatever data source is named. */
export const prometheusAsker =
  (ctx: StepContext, p: PrometheusParams): Asker =>
  (_source, path, query) =>
    ask(ctx, p, path, query);

/** Runs a panel's queries against a Prometheus: `query_range` on the panel's own step, or `query` where it asks for an instant. */
export function prometheusPanels(ctx: StepContext, p: PrometheusParams, found: Resolution, range: ViewRange): Ask {
  return async (panel, query, source) => {
    const head = { refId: query.refId, series: 0 };
    if (!speaksPromQl(source.type))
      return {
        run: { ...head, expr: query.expr ?? '', state: 'not-asked', why: `a query of a ${source.type} data source` },
        frames: [],
      };
    if (query.expr === undefined || query.expr.trim() === '')
      return { run: { ...head, expr: '', state: 'no-query', why: 'the query has no expression' }, frames: [] };
    const own = panelRange(panel, range);
    const time = timing(panel, query, own, source.scrapeMs);
    const expr = withFilters(interpolateQuery(query.expr, scopeOf(panel, found.scope), time.builtIns), source, found);
    const asked = await withoutDrills(ctx, p, expr);
    const answer = query.instant
      ? await ask(ctx, p, 'query', { query: asked, time: String(own.to / 1000) })
      : await ask(ctx, p, 'query_range', {
          query: asked,
          start: String(time.from / 1000),
          end: String(time.to / 1000),
          step: String(time.stepMs / 1000),
        });
    if (answer.state === 'refused')
      return { run: { ...head, expr, state: 'error', why: answer.error ?? 'refused' }, frames: [] };
    const data = Data.safeParse(answer.data);
    if (!data.success)
      throw new Unobservable('not-prometheus', `the answer to ${expr} is of an unknown kind`, {
        hint: 'is this a Prometheus?',
      });
    const frames = framesOf(query, data.data);
    const last = frames[0]?.points.at(-1)?.[1];
    return {
      run: {
        ...head,
        expr,
        state: stateOfPoints(frames),
        series: frames.length,
        names: frames.map((one) => one.name),
        ...(last !== undefined && { last: Number.isFinite(last) ? last : null }),
      },
      frames,
    };
  };
}

function framesOf(query: Query, data: z.infer<typeof Data>): Frame[] {
  const { result } = data;
  if (isSample(result)) return [{ name: query.legend, labels: {}, refId: query.refId, points: [point(result)] }];
  const labels = result.map((one) => one.metric);
  return result.map((one) => ({
    name: seriesName(query, one.metric, labels),
    labels: one.metric,
    refId: query.refId,
    points: [
      ...(one.values ?? (one.value ? [one.value] : [])).map(point),
      ...(one.histograms ?? (one.histogram ? [one.histogram] : [])).map(([at, { count }]): [number, number] => [
        at * 1000,
        valueOf(count),
      ]),
    ],
  }));
}

const isSample = (result: z.infer<typeof Data>['result']): result is [number, string] => typeof result[0] === 'number';
const point = ([at, value]: [number, string]): [number, number] => [at * 1000, valueOf(value)];
