import { z } from 'zod';

/**
 * How much a finding weighs.
 * - `error`: a defect that was proven; the step fails.
 * - `inconclusive`: the check could not be made (tool or service missing, another host); the step ends in `error`, never passed.
 * - `warning`: worth a person's look, but no proof of a defect; the outcome does not change.
 * - `note`: context.
 */
export const levels = ['error', 'inconclusive', 'warning', 'note'] as const;
export const Level = z.enum(levels);
export type Level = z.infer<typeof Level>;

/** A place in a file. `file` is relative to the target's root (or absolute outside it); line and column count from 1. */
export const Where = z.object({
  file: z.string(),
  line: z.int().positive().optional(),
  col: z.int().positive().optional(),
});
export type Where = z.infer<typeof Where>;

export const Finding = z.object({
  code: z.string(),
  level: Level,
  message: z.string(),
  /** What the finding is about, for waivers and for grouping: an alert's name, a panel, a service. */
  subject: z.string().optional(),
  where: Where.optional(),
  /** What to do about it. */
  hint: z.string().optional(),
  /** Text that proves it, already cut to a readable size. */
  detail: z.string().optional(),
  /** It is of a failure that the step accepts until the end of this day (UTC): a test in quarantine. */
  until: z.string().optional(),
  /** Set when a waiver of the checklist accepts this finding: the waiver's reason and owner. */
  waived: z.string().optional(),
});
export type Finding = z.infer<typeof Finding>;
