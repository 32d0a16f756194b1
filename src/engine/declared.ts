import { z } from 'zod';
import type { Checklist } from '../core/checklist.ts';
import { interpolate } from '../core/interpolate.ts';
import type { LoadedChecklist } from '../checklist/load.ts';

const Produces = z.object({ produces: z.array(z.string()) });

/** Paths that a checklist says are built: its `outputs`, and what its commands produce. */
export const builtBy = ({ checklist, steps }: LoadedChecklist): string[] => [
  ...checklist.outputs,
  ...steps.flatMap(({ params }) => Produces.safeParse(params).data?.produces ?? []),
];

/** The checklist's stack, variables put in. */
export const stackOf = ({ stack, vars }: Checklist): Checklist['stack'] =>
  interpolate(stack, (name) => (name.startsWith('vars.') ? vars[name.slice(5)] : undefined)) as Checklist['stack'];
