import { z } from 'zod';
import type { StepContext } from '../../core/doors.ts';
import { Unobservable } from '../../core/errors.ts';
import { defineStep, Duration, error, inconclusive, Judge, poll, showDuration } from '../../core/step.ts';
import { objectOf, textOf } from '../../formats/data/json-parts.ts';
import { api, atLeast, grafanaParams, health, type Health } from '../../grafana/api.ts';
import { sourceHealth } from '../../grafana/source-health.ts';
import { dataSources } from '../../grafana/library.ts';
import { markStandIn } from '../../grafana/stand-in.ts';

const params = z.strictObject({
  ...grafanaParams,
  minVersion: z
    .string()
    .regex(/^\d+\.\d+$/, { error: 'write it like 10.4' })
    .optional()
    .describe('the least version, e.g. 10.4'),
  datasources: z
    .array(z.string().min(1))
    .default([])
    .describe('uids or names of the data sources that must be there and healthy'),
  others: z.enum(['healthy', 'ignore']).default('healthy').describe('what is required of other data sources'),
  within: Duration.default('30s').describe('how long to wait until Grafana answers and its database is ok'),
});
type Params = z.infer<typeof params>;

interface SeenSource {
  uid: string;
  name: string;
  type: string;
  /** `OK`, `ERROR`, or `unknown` where the plugin has no health check. */
  status: string;
  message: string;
}
interface Observed {
  health: Health;
  organisation: string;
  sources: SeenSource[];
}

const problems = {
  'database-failing': error('Grafana’s database is not ok', 'see the log of Grafana'),
  'version-too-old': error('Grafana is older than promised', 'update it, or correct `minVersion`'),
  'version-hidden': inconclusive('Grafana does not say its version', 'give credentials, or turn `hide_version` off'),
  'datasource-missing': error(
    'A promised data source is not there',
    'see Grafana’s log for its provisioning: the file must lie directly in provisioning/datasources',
  ),
  'datasource-unhealthy': error(
    'A data source is not healthy',
    'is its URL right as seen from Grafana, and is the service up?',
  ),
  'datasource-unchecked': inconclusive(
    'A promised data source cannot be checked',
    'its plugin has no health check: prove it with grafana/dashboards',
  ),
  'other-unhealthy': error(
    'A data source that is not named is not healthy',
    'correct it, or take it out; `others: ignore` where it is not part of this',
  ),
} as const;

export default defineStep<Params, Observed>({
  kind: 'grafana/health',
  summary: 'Grafana answers, its database is ok, and its data sources are healthy.',
  description: `Asks \`/api/health\`, then with the account \`/api/org\`, \`/api/datasources\` and each data source’s own health check; where its plugin has none (Prometheus in Grafana 8.5 to 9.3), a query goes through the data source. A data source that is dead is an error, named or not. The account is a service-account token (best), or a user with password; both are named by environment variables under \`secrets\` and never stand in a URL. A 401 is not tried again, since that locks an account.`,
  example: `- id: grafana-health
  uses: grafana/health
  secrets: [GRAFANA_TOKEN]
  with:
    url: \${{ facts.stack.grafana.url }}
    token: GRAFANA_TOKEN
    datasources: [prometheus]`,
  params,
  facts: { 'grafana.version': 'version of the Grafana that answered', 'grafana.datasources': 'data sources in all' },
  problems,
  timeout: '90s',
  plan: (p) => [
    `GET ${p.url}/api/health, /api/org, /api/datasources`,
    `GET ${p.url}/api/datasources/uid/…/health of each data source, and where its plugin has no such check, a query through it`,
  ],
  weak: (p) => (p.datasources.length === 0 && p.others === 'ignore' ? 'no data source is named' : undefined),
  async gather(p, ctx) {
    const seen = await waitFor(p, ctx);
    const org = await api(ctx, p, '/api/org');
    const organisation = textOf(objectOf(org.json)['name']);
    if (organisation === '')
      throw new Unobservable('not-grafana', `/api/org answered HTTP ${org.status} without a name`);
    const sources: SeenSource[] = [];
    for (const source of await dataSources(ctx, p)) {
      ctx.progress(`data source ${source.name}`);
      const { uid, name, type } = source;
      sources.push({ uid, name, type, ...(await sourceHealth(ctx, p, source)) });
    }
    return { health: seen, organisation, sources };
  },
  judge(p, { health: seen, organisation, sources }) {
    const j = new Judge(problems);
    markStandIn(j, seen);
    j.check(
      seen.database === 'ok',
      `Grafana ${seen.version ?? ''} answers, its database is ok`,
      'database-failing',
      `the database is ${seen.database}`,
    );
    j.prove(`the account sees the organisation ${organisation}`);
    if (seen.version !== undefined) j.fact('grafana.version', seen.version);
    j.fact('grafana.datasources', sources.length);
    if (p.minVersion !== undefined) {
      const [major = '0', minor = '0'] = p.minVersion.split('.');
      if (seen.version === undefined) j.find('version-hidden', 'the version is not in the answer of /api/health');
      else
        j.check(
          atLeast(seen.version, Number(major), Number(minor)),
          `it is ${p.minVersion} or newer`,
          'version-too-old',
          `it is ${seen.version}, expected ${p.minVersion} or newer`,
        );
    }
    const named = new Set<SeenSource>();
    for (const wanted of p.datasources) {
      const source = sources.find((one) => one.uid === wanted) ?? sources.find((one) => one.name === wanted);
      if (!source) {
        const others = sources.map((one) => one.uid).join(', ');
        j.find('datasource-missing', `there is no data source ${wanted}${others === '' ? '' : `, but ${others}`}`, {
          subject: wanted,
        });
        continue;
      }
      named.add(source);
      if (source.status === 'unknown')
        j.find('datasource-unchecked', `${wanted} (${source.type}): ${source.message}`, { subject: wanted });
      else
        j.check(
          source.status === 'OK',
          `the data source ${wanted} is healthy: ${source.message}`,
          'datasource-unhealthy',
          `${wanted} (${source.type}): ${source.message}`,
          { subject: wanted },
        );
    }
    if (p.others === 'healthy')
      for (const source of sources)
        if (!named.has(source) && source.status !== 'unknown')
          j.check(
            source.status === 'OK',
            `the data source ${source.name} is healthy: ${source.message}`,
            'other-unhealthy',
            `${source.name} (${source.uid}): ${source.message}`,
            { subject: source.uid },
          );
    return j.done();
  },
});

/** Asks until the database is ok, at most `within`; then says what was seen last. @throws Unobservable see health */
async function waitFor(p: Params, ctx: StepContext): Promise<Health> {
  const seen = await poll(ctx, {
    within: p.within,
    every: 500,
    reserve: 5000,
    look: () =>
      health(ctx, p).catch((error: unknown) => {
        if (error instanceof Unobservable && error.code === 'unreachable') return error;
        throw error;
      }),
    done: (now) => !(now instanceof Unobservable) && now.database === 'ok',
    waiting: (_, waited) => `waiting for Grafana, ${showDuration(waited)}`,
  });
  if (seen instanceof Unobservable) throw seen;
  return seen;
}
