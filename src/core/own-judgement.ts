import { z } from 'zod';
import { FactValue } from './judgement.ts';
import { Level } from './finding.ts';
import { ownPath } from './own-path.ts';

/**
 * What a check of a repository's own prints: one JSON document on its standard output. `docs/judgement.schema.json` is made of it.
 * Its findings and proofs are judged as those of verify's own steps are: an error fails the step, and a judgement with neither
 * proof nor finding is `nothing-asserted`.
 */

const Line = z
  .string()
  .trim()
  .min(1)
  .max(2000)
  .refine((text) => /[\p{L}\p{N}]/u.test(text.replaceAll('[redacted]', '')), { error: 'it says nothing' });

/** A name that a checklist, or a check, gives to a value: no slash, which parts the step from the name, and no space. */
export const FactName = z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]{0,99}$/, {
  error: 'a fact is named like coverage.lines: letters, digits, dots, dashes, underscores',
});

const OwnFinding = z.strictObject({
  code: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, { error: 'a code is lower-case letters, digits and dashes' })
    .describe('names the kind of defect; waivers go by it'),
  level: Level.default('error').describe(
    'error: proven; inconclusive: could not be checked; warning: suspected; note: worth knowing',
  ),
  message: Line.describe('what is wrong: expected X, found Y'),
  subject: Line.optional().describe('what it is about: a package, a table'),
  where: z
    .strictObject({
      file: ownPath.describe('relative to the target'),
      line: z.int().positive().optional(),
      col: z.int().positive().optional(),
    })
    .optional(),
  hint: Line.optional().describe('what to do'),
  detail: z.string().max(20_000).optional().describe('text that proves it; 4,000 characters are kept'),
});

const OwnTable = z
  .strictObject({
    title: Line,
    columns: z.array(z.string().max(200)).min(1).max(20),
    rows: z.array(z.array(z.string().max(2000))).max(5000),
  })
  .refine((table) => table.rows.every((row) => row.length === table.columns.length), {
    error: 'each row has as many cells as there are columns',
  });

export const OwnJudgement = z.strictObject({
  version: z.literal(1).describe('of this format'),
  proofs: z.array(Line).max(5000).default([]).describe('assertions that were evaluated and held; a pass needs one'),
  findings: z.array(OwnFinding).max(5000).default([]),
  facts: z
    .record(
      FactName,
      z.union([FactValue, z.strictObject({ value: FactValue, unit: z.string().trim().min(1).max(20).optional() })]),
    )
    .default({})
    .describe('named values that were measured: 12, or { "value": 12, "unit": "ms" }'),
  tables: z.array(OwnTable).max(50).default([]).describe('for the report; cells are plain text'),
  evidence: z
    .array(ownPath)
    .max(200)
    .default([])
    .describe('files below $VERIFY_EVIDENCE that the check wrote and that are kept'),
  reduced: Line.optional().describe('a stand-in was exercised in place of the real thing: which'),
});
export type OwnJudgement = z.infer<typeof OwnJudgement>;
