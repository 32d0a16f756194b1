import { anchoredRegex } from './regex.ts';
import type { Matcher } from './tree.ts';

/** Can the matcher be true of a series without the label? */
export function matchesEmpty({ op, value }: Matcher): boolean {
  if (op === '=') return value === '';
  if (op === '!=') return value !== '';
  const test = anchoredRegex(value);
  return test === undefined || (op === '=~' ? test.test('') : !test.test(''));
}
