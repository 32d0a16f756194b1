import { z } from 'zod';
import { RunStatement, runPredicateType, SignOffStatement, signOffPredicateType } from './statement.ts';

/** JSON schemas of the two statements, by the name of their file in docs/. */
export function statementSchemas(): Record<string, string> {
  const text = (schema: z.ZodType, id: string, title: string): string =>
    `${JSON.stringify({ $id: id, title, ...z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input' }) }, undefined, 1)}\n`;
  return {
    'run.schema.json': text(
      RunStatement,
      `${runPredicateType}.schema.json`,
      'What verify says of a run: attestation.json',
    ),
    'sign-off.schema.json': text(
      SignOffStatement,
      `${signOffPredicateType}.schema.json`,
      'What a person says of a run: signoffs/<n>-<role>.json',
    ),
  };
}
