import { Unobservable, type StepContext } from '../core/step.ts';
import { isExpression, type Panel, type Query } from '../formats/grafana/board-model.ts';
import { askedSource } from '../formats/grafana/find-source.ts';
import { readResult } from '../formats/grafana/frames.ts';
import { panelRange, type ViewRange } from '../formats/grafana/time.ts';
import { interpolateQuery, mentioned, scopeOf, timing, type Scope, type Timing } from '../formats/grafana/variables.ts';
import { objectOf, textOf } from '../formats/data/json-parts.ts';
import { drillLabel } from '../clients/drill-samples.ts';
import { readAnswer } from '../clients/prometheus.ts';
import { withMatcher } from '../formats/promql/with-matcher.ts';
import { api, authorization, type GrafanaParams } from './api.ts';
import type { Ask, QueryRun } from './panel-run.ts';
import { withFilters, type Asker, type Resolution } from './scope.ts';
import { resolveSource, speaksPromQl, type Source } from './sources.ts';

/** Asks the Prometheus behind a data source through Grafana, for the options of variables. */
export const grafanaAsker =
  (ctx: StepContext, p: GrafanaParams): Asker =>
  async (source, path, query) => {
    const url = `${p.url.replace(/\/+$/, '')}/api/datasources/uid/${encodeURIComponent(source.uid)}/resources/api/v1/${path}?${new URLSearchParams(query).toString()}`;
    const headers = { accept: 'application/json', ...authorization(ctx, p), 'x-grafana-org-id': String(p.orgId) };
    const result = await ctx.http(url, { headers, timeout: 30_000 });
    // Grafana's own words, not Prometheus's: its source does not answer.
    if (result.reached && result.status >= 500)
      return {
        state: 'refused',
        data: undefined,
        error: `HTTP ${result.status}: ${result.body.slice(0, 200)}`,
        warnings: [],
        infos: [],
      };
    return readAnswer(result, url);
  };

/** Strings anywhere in a query, variables put in. `$__interval`, `$__rate_interval` and `$__range` are the server's to put in. */
function filled(value: unknown, scope: Scope, time: Timing): unknown {
  if (typeof value === 'string')
    return interpolateQuery(value, scope, {
      __from: time.builtIns['__from'] ?? '',
      __to: time.builtIns['__to'] ?? '',
    });
  if (Array.isArray(value)) return value.map((one) => filled(one, scope, time));
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, filled(one, scope, time)]));
  return value;
}

/** Runs a panel's queries through `POST /api/ds/query`; an expression together with the queries that it reads. */
export function grafanaPanels(
  ctx: StepContext,
  p: GrafanaParams,
  found: Resolution,
  sources: readonly Source[],
  range: ViewRange,
): Ask {
  const drilled = new Map<string, Promise<boolean>>();
  const hasDrills = (source: Source): Promise<boolean> => {
    const { uid, type } = source;
    const asked =
      drilled.get(uid) ?? (speaksPromQl(type) ? drillsIn(grafanaAsker(ctx, p), source, range) : Promise.resolve(false));
    drilled.set(uid, asked);
    return asked;
  };
  return async (panel, query, source) => {
    const head = { refId: query.refId, expr: query.expr ?? textOf(query.raw['expression']), series: 0 };
    const promQl = speaksPromQl(source.type) || source.type === 'loki';
    const scope = scopeOf(panel, found.scope);
    const own = panelRange(panel, range);
    const variables = mentioned(JSON.stringify(query.raw)).filter((name) => scope.has(name));
    if (!promQl && !isExpression(query) && variables.length > 0)
      return done({
        ...head,
        state: 'not-asked',
        why: `how the data source type ${source.type} writes the variable ${variables[0]} is not known here`,
      });
    if (promQl && (query.expr ?? '').trim() === '')
      return done({ ...head, state: 'no-query', why: 'the query has no expression' });
    const queries = isExpression(query) ? panel.queries : [query];
    const bodies = await Promise.all(
      queries.map((one) =>
        bodyOf(panel, one, scope, one === query ? source : undefined, { found, sources, range, hasDrills }),
      ),
    );
    const body = bodies.flat();
    const { status, json } = await api(ctx, p, '/api/ds/query', {
      method: 'POST',
      body: JSON.stringify({ from: String(own.from), to: String(own.to), queries: body }),
    });
    const expr = textOf(objectOf(body.find((one) => one['refId'] === query.refId))['expr']) || head.expr;
    const result = objectOf(objectOf(json)['results'])[query.refId];
    if (result === undefined) return done({ ...head, expr, ...refusal(status, json, query, source) });
    const { state, series, last, error, names, nothing } = readResult(result);
    return done({
      ...head,
      expr,
      state,
      series,
      names,
      ...(nothing && { nothing }),
      ...(last !== undefined && { last }),
      ...(error !== undefined && { why: error }),
    });
  };
}

/** What a panel's queries are put together with. */
interface Around {
  found: Resolution;
  sources: readonly Source[];
  range: ViewRange;
  /** Has a drill put samples of its own into this source? They are no data. */
  hasDrills: (source: Source) => Promise<boolean>;
}

/** A query as `/api/ds/query` takes it; none where it leads to no data source. */
async function bodyOf(
  panel: Panel,
  query: Query,
  scope: Scope,
  known: Source | undefined,
  { found, sources, range, hasDrills }: Around,
): Promise<Record<string, unknown>[]> {
  const target = known
    ? { kind: 'source' as const, source: known }
    : resolveSource(askedSource(panel, query), scope, sources);
  const ref = isExpression(query)
    ? { uid: '__expr__', type: '__expr__' }
    : target.kind === 'source'
      ? { uid: target.source.uid, type: target.source.type }
      : undefined;
  if (!ref) return [];
  const time = timing(
    panel,
    query,
    panelRange(panel, range),
    target.kind === 'source' ? target.source.scrapeMs : 15_000,
  );
  const raw = objectOf(filled(query.raw, scope, time));
  const own = target.kind === 'source' && speaksPromQl(target.source.type) ? target.source : undefined;
  const without = own !== undefined && (await hasDrills(own));
  const of = own !== undefined && (without || found.filters.has(own.uid)) ? own : undefined;
  const plain = of ? interpolateQuery(textOf(raw['expr']), new Map(), time.builtIns) : '';
  const expr = without && plain !== '' ? withMatcher(plain, `${drillLabel}=""`) : plain;
  return [
    {
      ...raw,
      ...(of && expr !== '' && { expr: withFilters(expr, of, found) }),
      refId: query.refId,
      datasource: ref,
      intervalMs: time.stepMs,
      maxDataPoints: panel.maxDataPoints ?? 1000,
    },
  ];
}

/** Do drills' samples lie in the range, as far as Prometheus looks? */
async function drillsIn(ask: Asker, source: Source, { from, to }: ViewRange): Promise<boolean> {
  try {
    const { data } = await ask(source, `label/${drillLabel}/values`, {
      start: String(Math.floor(from / 1000)),
      end: String(Math.ceil(to / 1000)),
    });
    return Array.isArray(data) && data.some((value) => typeof value === 'string' && value.startsWith('verify-'));
  } catch (error) {
    if (error instanceof Unobservable) return false;
    throw error;
  }
}

const done = (run: QueryRun): { run: QueryRun; frames: [] } => ({ run, frames: [] });

/** Scenarios of the plugin TestData that its browser part makes. Source: its datasource.ts, query. */
const browserScenarios = new Set(
  'annotations arrow flame_graph grafana_api live node_graph raw_frame streaming_client trace usa'.split(' '),
);

/** What an answer without the query's result means: an error, or a server that has nothing to say about it. */
function refusal(status: number, json: unknown, query: Query, source: Source): Pick<QueryRun, 'state' | 'why'> {
  const message = textOf(objectOf(json)['message']) || textOf(objectOf(json)['error']) || `HTTP ${status}`;
  if (status === 404) return { state: 'datasource-missing', why: message };
  if (status >= 400) return { state: 'error', why: message };
  if (/testdata/.test(source.type))
    return browserScenarios.has(textOf(query.raw['scenarioId']))
      ? { state: 'browser', why: 'its plugin makes the data in the browser' }
      : { state: 'empty', why: 'the server gives no answer to the query' };
  return { state: 'not-asked', why: 'the server gives no answer to the query: its plugin may ask in the browser' };
}
