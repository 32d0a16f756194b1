import type { StepContext } from '../core/step.ts';
import type { ComposeConfig, ComposeService } from '../formats/compose/model.ts';
import { judgeAlertmanager, judgeHooks, lookAtAlertmanager, type SeenAlertmanager } from './alertmanager-checks.ts';
import type { Around, StackJudge } from './checks.ts';
import { Container } from './container.ts';
import { judgeHealth, lookAtHealth, type SeenHealth } from './health-checks.ts';
import type { SeenContainers } from './containers.ts';

/** What the services' programs would find and run, beside what Grafana and Prometheus do. */
export interface SeenPrograms {
  alertmanagers: SeenAlertmanager[];
  health: SeenHealth[];
}
export const noPrograms: SeenPrograms = { alertmanagers: [], health: [] };

/** `file`: the compose file, in which contents of configs stand. */
export async function lookAtPrograms(
  services: readonly ComposeService[],
  config: ComposeConfig,
  file: string,
  ctx: StepContext,
): Promise<SeenPrograms> {
  const alertmanagers: SeenAlertmanager[] = [];
  for (const service of services) {
    const seen = await lookAtAlertmanager(await Container.of(service, config, file, ctx), ctx);
    if (seen) alertmanagers.push(seen);
  }
  return { alertmanagers, health: await lookAtHealth(services, ctx) };
}

export function judgePrograms(
  j: StackJudge,
  { alertmanagers, health }: SeenPrograms,
  { prometheus, listening }: Pick<SeenContainers, 'prometheus' | 'listening'>,
  around: Around,
  at: (key: string) => { file: string; line?: number },
): void {
  for (const seen of alertmanagers) {
    judgeAlertmanager(j, seen, prometheus);
    judgeHooks(j, seen, around);
  }
  judgeHealth(j, health, listening, at);
}
