import { z } from 'zod';
import type { Notification } from '../observed.ts';

/** A notification of a sandbox, told apart by the drill that its external label names. */
export interface Received extends Notification {
  drill: string;
}

const Posted = z.array(
  z.object({
    labels: z.record(z.string(), z.string()),
    annotations: z.record(z.string(), z.string()).default({}),
    startsAt: z.string(),
    endsAt: z.string(),
  }),
);

/** Reads the body of `POST /api/v2/alerts`; an alert whose end has passed is resolved. */
export function readPosted(body: string, at: number): Received[] {
  try {
    return Posted.parse(JSON.parse(body)).map(({ labels, ...rest }) => {
      const { verify_drill: drill = '', ...own } = labels;
      return { ...rest, labels: own, drill, at, resolved: Date.parse(rest.endsAt) <= at };
    });
  } catch {
    return [];
  }
}
