import type { StackSpec } from '../core/checklist.ts';
import type { Driver } from '../core/step.ts';

/** Variables that get a password for the run where they have none: of services that the run starts, never of external ones. */
export function passwordsOf(spec: StackSpec | undefined, driver: Driver | 'none'): readonly string[] {
  if (!spec || driver === 'external' || (spec.compose === undefined && spec.processes === undefined)) return [];
  return spec.passwords ?? [];
}
