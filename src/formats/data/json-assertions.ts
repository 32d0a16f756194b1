import { z } from 'zod';
import { keysOf, pathProblem, valuesAt } from './json-path.ts';
import { AssertedExpression } from './regular-expression.ts';
import { repeatedKeys } from '../../core/repeated-keys.ts';

const Scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
/** What a value of a JSON document must be. */
export const JsonAssertion = z
  .strictObject({
    path: z.string().refine((text) => pathProblem(text) === undefined, {
      error: 'not a path: write $.a.b, $.list[0].c or $.list[*].c',
    }),
    equals: Scalar.optional(),
    matches: AssertedExpression.optional().describe('regular expression over the value as text'),
    min: z.number().optional(),
    max: z.number().optional(),
    count: z.int().min(1).default(1).describe('values that the path must give at least; each must satisfy the rest'),
  })
  .refine((a) => a.equals !== undefined || a.matches !== undefined || a.min !== undefined || a.max !== undefined, {
    error: 'assert something of the value: equals, matches, min or max',
  });
export type JsonAssertion = z.infer<typeof JsonAssertion>;

/** One value held against what is promised of it; `missing` where the path gave too few. */
export interface HeldJson {
  holds: boolean;
  missing: boolean;
  text: string;
  subject: string;
}

/** Every value of a JSON text that the assertions are of, and whether it holds. @throws SyntaxError where it does not parse */
export function holdJson(json: string, assertions: readonly JsonAssertion[]): HeldJson[] {
  const document: unknown = JSON.parse(json);
  const repeated = repeatedKeys(json);
  return assertions.flatMap((assertion): HeldJson[] => {
    const { path: subject, count } = assertion;
    const twice = keysOf(subject).find((key) => repeated.has(key));
    if (twice !== undefined)
      return [
        {
          holds: false,
          missing: true,
          subject,
          text: `${subject} is not one value: the key ${JSON.stringify(twice)} appears twice in one object`,
        },
      ];
    const values = valuesAt(document, subject);
    if (values.length < count)
      return [
        {
          holds: false,
          missing: true,
          subject,
          text: `${subject} gives ${values.length} values, expected at least ${count}`,
        },
      ];
    return values.map((value) => {
      const wrong = whatIsWrong(value, assertion);
      const text = `${subject} is ${textOf(value)}${wrong.length > 0 ? `, expected ${wrong.join(', ')}` : ''}`;
      return { holds: wrong.length === 0, missing: false, subject, text };
    });
  });
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function whatIsWrong(value: unknown, { equals, matches, min, max }: JsonAssertion): string[] {
  const wrong: string[] = [];
  if (equals !== undefined && value !== equals) wrong.push(`equals ${JSON.stringify(equals)}`);
  if (matches !== undefined && !new RegExp(matches).test(textOf(value))) wrong.push(`matches /${matches}/`);
  if (min !== undefined && !(typeof value === 'number' && value >= min)) wrong.push(`at least ${min}`);
  if (max !== undefined && !(typeof value === 'number' && value <= max)) wrong.push(`at most ${max}`);
  return wrong;
}

/**
 * Holds a program's output against assertions: as one document, or as the list of the objects that stand one a line (lines that are
 * none are progress, warnings and the like).
 * @returns why it does not parse, or what became of each assertion
 */
export function holdJsonText(
  output: string,
  assertions: readonly JsonAssertion[],
  lines: boolean,
): string | ReturnType<typeof holdJson> {
  const objects = output.split('\n').filter((line) => line.trimStart().startsWith('{'));
  try {
    return holdJson(lines ? `[${objects.join(',')}]` : output, assertions);
  } catch (error) {
    return (error as Error).message;
  }
}
