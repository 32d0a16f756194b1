import type { StepContext } from '../../core/step.ts';
import { ask, TargetsData, type PrometheusParams } from '../../clients/prometheus.ts';
import { z } from 'zod';

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
