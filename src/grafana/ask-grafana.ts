import { Unobservable } from '../core/errors.ts';
import type { StepContext } from '../core/step.ts';
import { isExpression, type Panel, type Query } from '../formats/grafana/board.ts';
import { readResult } from '../formats/grafana/frames.ts';
import { interpolateQuery, mentioned, timing, type Timing } from '../formats/grafana/variables.ts';
import { objectOf, textOf } from '../formats/data/json-parts.ts';
import { readAnswer } from '../clients/prometheus.ts';
import { api, authorization, type GrafanaParams } from './api.ts';
import type { Ask, QueryRun } from './panel-run.ts';
import type { Asker, Resolution } from './scope.ts';
import { resolveSource, speaksPromQl, type Source } from './sources.ts';

/** Asks the Prometheus behind a data source through Grafana, for the options of variables. */
export const grafanaAsker =
  (ctx: StepContext, p: GrafanaParams): Asker =>
  async (source, path, query) => {
    const url = `${p.url.replace(/\/+$/, '')}/api/datasources/uid/${encodeURIComponent(source.uid)}/resources/api/v1/${path}?${new URLSearchParams(query).toString()}`;
    const headers = { accept: 'application/json', ...authorization(ctx, p), 'x-grafana-org-id': String(p.orgId) };
    return readAnswer(await ctx.http(url, { headers, timeout: 30_000 }), url);
  };

/** Strings anywhere in a query, variables put in. `$__interval`, `$__rate_interval` and `$__range` are the server's to put in. */
function filled(value: unknown, found: Resolution, time: Timing): unknown {
  if (typeof value === 'string')
    return interpolateQuery(value, found.scope, {
      __from: time.builtIns['__from'] ?? '',
      __to: time.builtIns['__to'] ?? '',
    });
  if (Array.isArray(value)) return value.map((one) => filled(one, found, time));
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, filled(one, found, time)]));
  return value;
}

/** Runs a panel's queries through `POST /api/ds/query`; an expression together with the queries that it reads. */
export function grafanaPanels(
  ctx: StepContext,
  p: GrafanaParams,
  found: Resolution,
  sources: readonly Source[],
  range: { from: number; to: number },
): Ask {
  return async (panel, query, source) => {
    const head = { refId: query.refId, expr: query.expr ?? textOf(query.raw['expression']), series: 0 };
    const promQl = speaksPromQl(source.type) || source.type === 'loki';
    const variables = mentioned(JSON.stringify(query.raw)).filter((name) => found.scope.has(name));
    if (!promQl && !isExpression(query) && variables.length > 0)
      return done({
        ...head,
        state: 'not-asked',
        why: `how the data source type ${source.type} writes the variable ${variables[0]} is not known here`,
      });
    if (promQl && (query.expr ?? '').trim() === '')
      return done({ ...head, state: 'no-query', why: 'the query has no expression' });
    const queries = isExpression(query) ? panel.queries : [query];
    const body = queries.flatMap((one) => bodyOf(panel, one, one === query ? source : undefined));
    const { status, json } = await api(ctx, p, '/api/ds/query', {
      method: 'POST',
      body: JSON.stringify({ from: String(range.from), to: String(range.to), queries: body }),
    });
    const expr = textOf(objectOf(body.find((one) => one['refId'] === query.refId))['expr']) || head.expr;
    const result = objectOf(objectOf(json)['results'])[query.refId];
    if (result === undefined) return done({ ...head, expr, ...refusal(status, json) });
    const { state, series, last, error } = readResult(result);
    return done({
      ...head,
      expr,
      state,
      series,
      ...(last !== undefined && { last }),
      ...(error !== undefined && { why: error }),
    });
  };

  function bodyOf(panel: Panel, query: Query, known: Source | undefined): Record<string, unknown>[] {
    const target = known
      ? { kind: 'source' as const, source: known }
      : resolveSource(query.source ?? panel.source, found.scope, sources);
    const ref = isExpression(query)
      ? { uid: '__expr__', type: '__expr__' }
      : target.kind === 'source'
        ? { uid: target.source.uid, type: target.source.type }
        : undefined;
    if (!ref) return [];
    const time = timing(panel, query, range, target.kind === 'source' ? target.source.scrapeMs : 15_000);
    const raw = objectOf(filled(query.raw, found, time));
    return [
      {
        ...raw,
        refId: query.refId,
        datasource: ref,
        intervalMs: time.stepMs,
        maxDataPoints: panel.maxDataPoints ?? 1000,
      },
    ];
  }
}

const done = (run: QueryRun): { run: QueryRun; frames: [] } => ({ run, frames: [] });

/** What an answer without the query's result means. @throws Unobservable where it is none of Grafana's */
function refusal(status: number, json: unknown): Pick<QueryRun, 'state' | 'why'> {
  const message = textOf(objectOf(json)['message']) || `HTTP ${status}`;
  if (status === 404) return { state: 'datasource-missing', why: message };
  if (status >= 400) return { state: 'error', why: message };
  throw new Unobservable('not-grafana', `/api/ds/query answered HTTP ${status} without the query’s result`, {
    hint: 'another server seems to listen there',
  });
}
