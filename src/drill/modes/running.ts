import type { StepContext } from '../../core/step.ts';
import { ask, TargetsData, type PrometheusParams } from '../../clients/prometheus.ts';
import { z } from 'zod';
import { Unobservable } from '../../core/errors.ts';
import type { Notification } from '../observed.ts';

const Instances = z.object({
  alerts: z.array(
    z.object({ labels: z.record(z.string(), z.string()), state: z.string(), activeAt: z.string().optional() }),
  ),
});

/** The state of an alert in the running Prometheus; of those instances alone that bear `only`. */
export async function stateOf(
  ctx: StepContext,
  p: PrometheusParams,
  name: string,
  only: (labels: Readonly<Record<string, string>>) => boolean = () => true,
): Promise<'inactive' | 'pending' | 'firing'> {
  const { data } = await ask(ctx, p, 'alerts');
  const mine = Instances.parse(data ?? { alerts: [] }).alerts.filter(
    ({ labels }) => labels['alertname'] === name && only(labels),
  );
  if (mine.some(({ state }) => state === 'firing')) return 'firing';
  return mine.length > 0 ? 'pending' : 'inactive';
}

/** Targets that are up, by pool and URL. */
export async function targetsUp(ctx: StepContext, p: PrometheusParams): Promise<string[]> {
  const { data } = await ask(ctx, p, 'targets', { state: 'active' });
  return TargetsData.parse(data ?? { activeTargets: [] })
    .activeTargets.filter(({ health }) => health === 'up')
    .map(({ scrapePool, scrapeUrl }) => `${scrapePool} ${scrapeUrl}`);
}

const Managers = z.object({ activeAlertmanagers: z.array(z.object({ url: z.string() })) });
const Held = z.array(
  z.object({
    labels: z.record(z.string(), z.string()),
    annotations: z.record(z.string(), z.string()).default({}),
    startsAt: z.string(),
    endsAt: z.string(),
    status: z.object({ state: z.string() }).optional(),
  }),
);

/** Asks the Alertmanagers of the running Prometheus whether they hold the alert. A suppressed alert was received too. */
export async function notificationOf(
  ctx: StepContext,
  p: PrometheusParams,
  name: string,
): Promise<{ notification: Notification } | { undelivered: string }> {
  let managers: string[];
  try {
    const { data } = await ask(ctx, p, 'alertmanagers');
    managers = Managers.parse(data ?? { activeAlertmanagers: [] }).activeAlertmanagers.map(({ url }) => url);
  } catch (error) {
    if (!(error instanceof Unobservable)) throw error;
    return { undelivered: error.message };
  }
  if (managers.length === 0)
    return { undelivered: 'this Prometheus sends its alerts to nobody: no Alertmanager is configured' };
  const tried: string[] = [];
  for (const url of managers.map((one) => reachable(ctx, one))) {
    const answer = await ctx.http(
      `${url.replace(/\/$/, '')}?${new URLSearchParams({ filter: `alertname=${JSON.stringify(name)}` }).toString()}`,
    );
    if (!answer.reached || answer.status !== 200) {
      tried.push(`${url}: ${answer.reached ? `HTTP ${answer.status}` : answer.error}`);
      continue;
    }
    const held = Held.safeParse(JSON.parse(answer.body || 'null'));
    const found = held.data?.find(({ labels }) => labels['alertname'] === name);
    if (found) {
      const { labels, annotations, startsAt, endsAt } = found;
      return { notification: { at: ctx.now(), labels, annotations, startsAt, endsAt, resolved: false } };
    }
    tried.push(`${url} does not hold it`);
  }
  return { undelivered: tried.join('; ') };
}

/** The address of an Alertmanager as this machine reaches it: a service of the stack has a port of its own here. */
function reachable(ctx: StepContext, url: string): string {
  const parsed = new URL(url);
  const service = ctx.stack?.services.find(({ name }) => name === parsed.hostname);
  return service?.url === undefined ? url : `${service.url.replace(/\/$/, '')}${parsed.pathname}`;
}
