import type { StackSpec } from '../core/checklist.ts';
import type { Forecast } from './forecast.ts';

/** Would the stack have the service here? Of Compose it is taken for granted, since a checklist names services of its files; undefined where no stack would come up. */
export function hasService(
  spec: StackSpec | undefined,
  { driver }: Pick<Forecast, 'driver'>,
  service: string,
): boolean | undefined {
  if (!spec || driver === 'none') return undefined;
  if (driver === 'compose') return spec.compose !== undefined;
  return service in (spec[driver] ?? {});
}
