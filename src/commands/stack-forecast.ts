import type { Driver } from '../core/step.ts';
import { bareExec } from '../hosts/exec-outside-run.ts';
import { forecastDriver, forecastNeeds, type Forecast } from '../stack/forecast.ts';
import type { load } from './shared.ts';

/**
 * How the checklist's stack would come up on this machine; undefined where no step brings one up.
 * @param needs look at images and programs too, for which Compose reads the compose files
 */
export async function lookAtStack(
  loaded: Awaited<ReturnType<typeof load>>,
  driver: Driver,
  needs: boolean,
): Promise<{ forecast: Forecast; steps: string[] } | undefined> {
  const steps = loaded.steps.filter((step) => step.spec.uses === 'stack/up').map((step) => step.spec.id);
  const spec = loaded.stack;
  if (steps.length === 0 || !spec) return undefined;
  const machine = bareExec(loaded.targetPath);
  const forecast = await forecastDriver(spec, driver, machine);
  if (needs) forecast.checks.push(...(await forecastNeeds(spec, forecast, machine)));
  return { forecast, steps };
}

export const driverLine = ({ driver, why }: Forecast): string =>
  driver === 'none' ? `it would not come up: ${why}` : `${driver}, since ${why}`;
