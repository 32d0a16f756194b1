import { library } from '../data/libraries.ts';
import type { Matcher } from './tree.ts';

const regexes = new Map<string, { matches(text: string): boolean } | string>();

function compiled(pattern: string): { matches(text: string): boolean } | string {
  const before = regexes.get(pattern);
  if (before !== undefined) return before;
  const { RE2JS } = library('re2js');
  let made: { matches(text: string): boolean } | string;
  try {
    const regex = RE2JS.compile(pattern, RE2JS.DOTALL);
    made = { matches: (text) => regex.matches(text) };
  } catch (error) {
    made = (error instanceof Error ? error.message : String(error)).replace(/^error parsing regexp: /, '');
  }
  regexes.set(pattern, made);
  return made;
}

/** Why Prometheus's RE2 refuses a pattern; undefined where it does not. */
export function regexFault(pattern: string): string | undefined {
  const made = compiled(pattern);
  return typeof made === 'string' ? made : undefined;
}

/** A matcher's regular expression, by RE2, anchored at both ends as Prometheus does; undefined where it is none. */
export function matcherRegex(pattern: string): { test(text: string): boolean } | undefined {
  const made = compiled(pattern);
  return typeof made === 'string' ? undefined : { test: (text) => made.matches(text) };
}

/** Can the matcher be true of a series without the label? */
export function matchesEmpty({ op, value }: Matcher): boolean {
  if (op === '=') return value === '';
  if (op === '!=') return value !== '';
  const test = matcherRegex(value);
  return test === undefined || (op === '=~' ? test.test('') : !test.test(''));
}
