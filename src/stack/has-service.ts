import type { StackSpec } from '../core/checklist.ts';
import type { StepContext } from '../core/step.ts';
import { findGrafana } from './find-grafana.ts';
import { composeServices, type Forecast } from './forecast.ts';

/**
 * Would the stack have a service here? Of Compose the files say it, with their profiles and `services:`; they are read once.
 * @returns undefined where no stack would come up
 */
export function serviceFinder(
  spec: StackSpec | undefined,
  { driver }: Pick<Forecast, 'driver'>,
  machine: Pick<StepContext, 'exec'>,
): (service: string) => Promise<boolean | undefined> {
  let ofCompose: Promise<string[] | undefined> | undefined;
  return async (service) => {
    if (!spec || driver === 'none') return undefined;
    if (driver === 'compose') return (await (ofCompose ??= read(spec, machine)))?.includes(service);
    if (driver === 'external') return service in (spec.external ?? {});
    const own = spec.processes?.[service];
    if (!own) return false;
    return own.program === undefined || (await findGrafana(machine)) !== undefined;
  };
}

const read = async (spec: StackSpec, machine: Pick<StepContext, 'exec'>): Promise<string[] | undefined> =>
  spec.compose && composeServices(spec.compose, machine);
