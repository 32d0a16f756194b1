import { z } from 'zod';

/**
 * What a report draws of a table: numbers, where the table has words. Made by a step's `judge`, kept in the record beside the
 * table, so that a drawing says nothing that was not judged.
 */
export const Plot = z.discriminatedUnion('kind', [
  /** Values over time, and the limit that they were held against. A value that is none (no sample, NaN) is null. */
  z.strictObject({
    kind: z.literal('course'),
    from: z.string(),
    /** Seconds that the window is long; points are [seconds since `from`, value]. */
    to: z.number(),
    series: z.array(
      z.strictObject({ name: z.string(), points: z.array(z.tuple([z.number(), z.number().nullable()])) }),
    ),
    limit: z.strictObject({ op: z.string(), than: z.number() }).optional(),
  }),
  /** Figures beside the baseline and the limit that they were held against; texts say them with their units. */
  z.strictObject({
    kind: z.literal('levels'),
    rows: z.array(
      z.strictObject({
        group: z.string(),
        name: z.string(),
        at: z.number(),
        low: z.number().optional(),
        high: z.number().optional(),
        text: z.string(),
        base: z.strictObject({ at: z.number(), text: z.string() }).optional(),
        /** Where a regression begins: the baseline and what it may lose. */
        allowed: z.strictObject({ at: z.number(), text: z.string() }).optional(),
        limit: z.strictObject({ at: z.number(), text: z.string() }).optional(),
        /** More is better. */
        more: z.boolean(),
        held: z.boolean(),
      }),
    ),
  }),
  /** What happened one after the other; `at` is milliseconds since the start. */
  z.strictObject({
    kind: z.literal('phases'),
    rows: z.array(
      z.strictObject({
        name: z.string(),
        /** The clock that the times are of: `promtool`, whose time is simulated, or a real one. */
        clock: z.string(),
        events: z.array(z.strictObject({ at: z.number(), what: z.string() })),
      }),
    ),
  }),
  /** Which alerts were drilled, and how far each went. */
  z.strictObject({
    kind: z.literal('coverage'),
    way: z.string(),
    rows: z.array(
      z.strictObject({
        name: z.string(),
        state: z.enum(['drilled', 'failed', 'waived', 'never', 'earlier']),
        said: z.string(),
        delivered: z.boolean(),
      }),
    ),
  }),
  /** Dashboards, with the states of their panels and the pictures of them; `file` is a name in the step's evidence. */
  z.strictObject({
    kind: z.literal('boards'),
    boards: z.array(
      z.strictObject({
        title: z.string(),
        panels: z.array(z.strictObject({ title: z.string(), state: z.string(), good: z.boolean() })),
        pictures: z.array(z.strictObject({ file: z.string(), theme: z.string(), panel: z.int().optional() })),
      }),
    ),
  }),
]);
export type Plot = z.infer<typeof Plot>;
export type PlotOf<K extends Plot['kind']> = Extract<Plot, { kind: K }>;
