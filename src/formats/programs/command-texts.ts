import { z } from 'zod';
import type { ExecResult, Judge } from '../../core/step.ts';
import { entries } from '../../core/words.ts';
import { holdJsonText, JsonAssertion } from '../data/json-assertions.ts';
import { type NamedFact, readFact } from '../data/named-facts.ts';
import { AssertedExpression } from '../data/regular-expression.ts';
import type { problems } from './command-problems.ts';

/** What a text must hold: an output of a command, or a file. */
export const TextAssertions = z
  .strictObject({
    contains: z.array(z.string().min(1)).default([]),
    matches: z.array(AssertedExpression).default([]).describe('regular expressions, ^ and $ at line ends'),
    lacks: z.array(z.string().min(1)).default([]),
    empty: z.boolean().optional(),
    json: z.array(JsonAssertion).min(1).optional().describe('assertions over the text as one JSON document'),
    jsonLines: z
      .array(JsonAssertion)
      .min(1)
      .optional()
      .describe('assertions over the list of the JSON objects of the text, one a line: `$[*].level`'),
  })
  .refine(
    ({ contains, matches, lacks, empty, json, jsonLines }) =>
      contains.length + matches.length + lacks.length > 0 || (empty ?? json ?? jsonLines) !== undefined,
    { error: 'it asserts nothing: give contains, matches, lacks, empty, json or jsonLines' },
  );
export type TextAssertions = z.infer<typeof TextAssertions>;

/** Holds a text against what it must hold. `name`: `stdout`, or the path of a file; `cut`: it is not the whole. */
export function holdText(
  j: Judge<typeof problems>,
  name: string,
  text: string,
  expected: TextAssertions,
  { cut, detail, file }: { cut: boolean; detail?: string; file?: string },
): void {
  const where = file === undefined ? undefined : { file };
  if (cut) j.find('output-cut', `${name} is longer than what is judged`, { where });
  const say = (holds: boolean, what: string, wrong: string): void => {
    j.check(holds, `${name} ${what}`, 'output', `${name} ${wrong}`, { detail, where });
  };
  for (const part of expected.contains) {
    const quoted = JSON.stringify(part);
    say(text.includes(part), `contains ${quoted}`, `should contain ${quoted}, and does not`);
  }
  for (const part of expected.lacks) {
    const quoted = JSON.stringify(part);
    say(!text.includes(part), `lacks ${quoted}`, `should not contain ${quoted}, and does`);
  }
  if (expected.empty === true) say(text.trim() === '', 'is empty', 'should be empty, and is not');
  if (expected.empty === false) say(text.trim() !== '', 'is not empty', 'should not be empty, and is');
  for (const pattern of expected.matches)
    say(new RegExp(pattern, 'm').test(text), `matches /${pattern}/`, `should match /${pattern}/, and does not`);
  for (const [assertions, lines] of [
    [expected.json, false],
    [expected.jsonLines, true],
  ] as const) {
    if (!assertions || cut) continue;
    const found = holdJsonText(text, assertions, lines);
    const start = text.slice(0, 1500);
    if (typeof found === 'string') j.find('not-json', `${name} does not parse: ${found}`, { detail: start, where });
    else
      for (const { holds, text: said, subject } of found)
        j.check(holds, said, 'output', said, { subject, detail: start, where });
  }
}

/** Measures every named value in the text that it stands in; `texts` are those of files that are there. */
export function measure(
  j: Judge<typeof problems>,
  facts: Readonly<Record<string, NamedFact>>,
  main: ExecResult,
  texts: ReadonlyMap<string, string>,
): void {
  for (const [name, fact] of entries(facts)) {
    const text = fact.file === undefined ? main[fact.from] : texts.get(fact.file);
    // What is wrong with a file that is not there has been said.
    if (text === undefined) continue;
    const place = fact.file ?? fact.from;
    const about = { subject: name, ...(fact.file !== undefined && { where: { file: fact.file } }) };
    if (fact.file === undefined && main.truncated) {
      j.find('output-cut', `${place} is longer than what is judged: ${name} was not measured`, about);
      continue;
    }
    const read = readFact(text, fact);
    if ('code' in read) {
      j.find(read.code, `${name}: ${read.text} in ${place}`, { ...about, detail: text.slice(0, 1500) });
      continue;
    }
    j.fact(name, read.value, fact.unit);
    j.check(
      read.wrong.length === 0,
      `${name} is ${read.said}`,
      'fact-wrong',
      `${name} is ${read.said}, expected ${read.wrong.join(' and ')}`,
      about,
    );
  }
}
