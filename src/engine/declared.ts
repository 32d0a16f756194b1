import { z } from 'zod';
import type { LoadedChecklist } from '../checklist/load.ts';

const Produces = z.object({ produces: z.array(z.string()) });

/** Paths that a checklist says are built: its `outputs`, and what its commands produce. */
export const builtBy = ({ checklist, steps }: LoadedChecklist): string[] => [
  ...checklist.outputs,
  ...steps.flatMap(({ params }) => Produces.safeParse(params).data?.produces ?? []),
];
