import { Unobservable, type StepContext } from '../core/step.ts';
import { jsonOf, objectOf, textOf } from '../formats/data/json-parts.ts';
import { api, authorization, type GrafanaParams } from './api.ts';
import { speaksPromQl, type Source } from './sources.ts';

export interface SourceHealth {
  /** `OK`, `ERROR`, or `unknown` where neither the plugin nor a query tells. */
  status: 'OK' | 'ERROR' | 'unknown';
  message: string;
}

/** The least question of a data source's own API, which it answers whatever it holds. */
const questions: [(type: string) => boolean, string][] = [
  [speaksPromQl, 'api/v1/query?query=1'],
  [(type) => type === 'loki', 'loki/api/v1/labels'],
];

/**
 * Is a data source alive? Its plugin's own check says so; one without a check answers 404, alive or dead (Prometheus in Grafana 8.5
 * to 9.3, met in 9.3.2), and is then asked through Grafana's proxy: 502 where nothing answers behind it.
 */
export async function sourceHealth(ctx: StepContext, p: GrafanaParams, source: Source): Promise<SourceHealth> {
  const uid = encodeURIComponent(source.uid);
  const { status, json } = await api(ctx, p, `/api/datasources/uid/${uid}/health`);
  const said = textOf(objectOf(json)['status']);
  const message = textOf(objectOf(json)['message']) || `HTTP ${status}`;
  if (said !== '') return { status: said === 'OK' && status < 400 ? 'OK' : 'ERROR', message };
  if (status !== 404 && status !== 501) return { status: status < 400 ? 'unknown' : 'ERROR', message };
  const question = questions.find(([fits]) => fits(source.type))?.[1];
  if (question === undefined) return { status: 'unknown', message: `its plugin has no health check (${message})` };
  for (const way of [
    `/api/datasources/proxy/uid/${uid}/${question}`,
    `/api/datasources/uid/${uid}/resources/${question}`,
  ]) {
    const answer = await through(ctx, p, way);
    if (answer) return answer;
  }
  return { status: 'unknown', message: `its plugin has no health check, and no query goes through it (${message})` };
}

/** The question asked through Grafana; undefined where this way is closed to the account. */
async function through(ctx: StepContext, p: GrafanaParams, path: string): Promise<SourceHealth | undefined> {
  const url = `${p.url.replace(/\/+$/, '')}${path}`;
  const headers = { accept: 'application/json', ...authorization(ctx, p), 'x-grafana-org-id': String(p.orgId) };
  const result = await ctx.http(url, { headers, timeout: 30_000 });
  if (!result.reached)
    throw new Unobservable('unreachable', `${url} does not answer (${result.error}: ${result.message})`);
  const { status, body } = result;
  if ([401, 403, 404, 405].includes(status)) return undefined;
  const asked = path.split('?')[0] ?? path;
  if (status >= 400)
    return {
      status: 'ERROR',
      message: `a query through it (${asked}) ends in HTTP ${status} ${body.slice(0, 120)}`.trim(),
    };
  return textOf(objectOf(jsonOf(body))['status']) === 'success'
    ? { status: 'OK', message: `it answers a query (${asked})` }
    : { status: 'ERROR', message: `a query through it (${asked}) is answered by something else` };
}
