import { z } from 'zod';

/** In a step's record: what ran in the place of the step that the checklist means, and why. */
export const StandsIn = z.strictObject({
  /** The step type of the real thing, which could not run here. */
  for: z.string(),
  why: z.string(),
});
export type StandsIn = z.infer<typeof StandsIn>;

/** Why the stand-in of a step runs; undefined where the stack has what the step itself needs. */
export function standsInSince(unless: string, services: readonly { name: string }[] | undefined): string | undefined {
  if (services === undefined) return `there is no stack, and so no service ${unless}`;
  return services.some((one) => one.name === unless) ? undefined : `the stack of this run has no service ${unless}`;
}

/** What the record says of reduced fidelity: a stand-in is never the real thing, whatever it says of itself. */
export const reducedWith = (reduced: string | undefined, standsIn: StandsIn | undefined): string | undefined =>
  standsIn ? [`stands in for ${standsIn.for}, since ${standsIn.why}`, reduced].filter(Boolean).join('; ') : reduced;
