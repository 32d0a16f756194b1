import type { StackSpec } from '../core/checklist.ts';
import type { StepContext } from '../core/step.ts';
import { findGrafana } from './find-grafana.ts';
import type { Forecast } from './forecast.ts';

/**
 * Would the stack have the service here? Of Compose it is taken for granted, since a checklist names services of its files; undefined
 * where no stack would come up.
 */
export async function hasService(
  spec: StackSpec | undefined,
  { driver }: Pick<Forecast, 'driver'>,
  service: string,
  machine: Pick<StepContext, 'exec'>,
): Promise<boolean | undefined> {
  if (!spec || driver === 'none') return undefined;
  if (driver === 'compose') return spec.compose !== undefined;
  if (driver === 'external') return service in (spec.external ?? {});
  const own = spec.processes?.[service];
  if (!own) return false;
  return own.program === undefined || (await findGrafana(machine)) !== undefined;
}
