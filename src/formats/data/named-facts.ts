import { z } from 'zod';
import { ownPath, type FactValue } from '../../core/step.ts';
import { keysOf, pathProblem, valuesAt } from './json-path.ts';
import { RegularExpression } from './regular-expression.ts';
import { repeatedKeys } from '../../core/repeated-keys.ts';

export const JsonPath = z.string().refine((text) => pathProblem(text) === undefined, {
  error: 'not a path: write $.a.b, $.list[0].c or $["odd key"]',
});

const Long = z
  .strictObject({
    from: z.enum(['stdout', 'stderr']).default('stdout').describe('the output that it stands in'),
    file: ownPath
      .optional()
      .describe('in place of the output: a file that the command writes in this run, or one of the verified tree'),
    json: JsonPath.optional().describe('path of the one value in a JSON document: `$.total.lines.pct`'),
    matches: RegularExpression.optional().describe(
      'regular expression, ^ and $ at line ends, that matches once; the value is its first group, or all of it',
    ),
    type: z
      .enum(['number', 'string', 'boolean'])
      .optional()
      .describe('what the value is; with `matches` it must be said, so that the version 1.10 does not become 1.1'),
    unit: z.string().trim().min(1).max(20).optional().describe('shown beside the value: %, ms, MiB'),
    equals: z.union([z.string(), z.number(), z.boolean()]).optional(),
    min: z.number().optional(),
    max: z.number().optional(),
  })
  .refine((one) => (one.json === undefined) !== (one.matches === undefined), {
    error: 'give either json or matches',
  })
  .refine((one) => one.matches === undefined || one.type !== undefined, {
    error: 'say `type: number`, `string` or `boolean` beside `matches`',
  });

/** Where one named value stands, and what it is. A path alone is short for `{ json: PATH }`. */
export const NamedFact = z.union([
  JsonPath.transform((json): z.infer<typeof Long> => ({ from: 'stdout', json })),
  Long,
]);
export type NamedFact = z.infer<typeof NamedFact>;

type Asked = 'json' | 'matches' | 'type' | 'unit' | 'equals' | 'min' | 'max';

type Read =
  | { value: FactValue; said: string; wrong: string[] }
  | { code: 'fact-not-found' | 'fact-ambiguous' | 'fact-not-typed' | 'not-json'; text: string };

/**
 * The one value that a text has for a fact, and what is promised of it and does not hold; or why it has none: nothing matches, more
 * than one does, or what matches is of another type.
 */
export function readFact(text: string, fact: Pick<NamedFact, Asked>): Read {
  const asked = fact.json ?? `/${fact.matches}/`;
  let found: unknown[];
  if (fact.json === undefined)
    found = [...text.matchAll(new RegExp(fact.matches ?? '', 'gm'))].map((m) => m[1] ?? m[0]);
  else
    try {
      found = valuesAt(JSON.parse(text), fact.json);
      const repeated = repeatedKeys(text);
      const twice = keysOf(fact.json).find((key) => repeated.has(key));
      if (found.length > 0 && twice !== undefined)
        return { code: 'fact-ambiguous', text: `the key ${JSON.stringify(twice)} appears twice in one object` };
    } catch (error) {
      return { code: 'not-json', text: `does not parse as JSON: ${(error as Error).message}` };
    }
  if (found.length === 0) return { code: 'fact-not-found', text: `${asked} matches nothing` };
  if (found.length > 1)
    return {
      code: 'fact-ambiguous',
      text: `${asked} matches ${found.length} times: ${found.slice(0, 5).map(shown).join(', ')}`,
    };
  const value = typed(found[0], fact.type);
  if (value === undefined)
    return {
      code: 'fact-not-typed',
      text: `${asked} gives ${shown(found[0])}, expected ${fact.type === undefined ? 'a number, a text or a truth value' : `a ${fact.type}`}`,
    };
  const said = `${shown(value)}${fact.unit === undefined ? '' : ` ${fact.unit}`}`;
  const wrong: string[] = [];
  if (fact.equals !== undefined && value !== fact.equals) wrong.push(shown(fact.equals));
  if (fact.min !== undefined && !(typeof value === 'number' && value >= fact.min)) wrong.push(`at least ${fact.min}`);
  if (fact.max !== undefined && !(typeof value === 'number' && value <= fact.max)) wrong.push(`at most ${fact.max}`);
  return { value, said, wrong };
}

const shown = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
};

/** The value as what it should be; undefined where it is not that, or no exact number. */
function typed(value: unknown, type: NamedFact['type']): FactValue | undefined {
  const text = typeof value === 'string' ? value.trim() : undefined;
  if (type === 'string') return text === '' ? undefined : typeof value === 'string' ? value : undefined;
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  if (type === 'number' && text !== undefined)
    return /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(text) ? exact(Number(text)) : undefined;
  if (type !== undefined && typeof value !== type) return undefined;
  if (typeof value === 'number') return exact(value);
  if (typeof value === 'boolean') return value;
  return text === '' || typeof value !== 'string' ? undefined : value;
}

/** A number that is none, or an integer beyond those that a double tells apart, says nothing. */
const exact = (value: number): number | undefined =>
  Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value)) ? value : undefined;
