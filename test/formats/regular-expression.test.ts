import { describe, expect, it } from 'vitest';
import { AssertedExpression } from '../../src/formats/data/regular-expression.ts';

describe('what an assertion may be made by', () => {
  it.each(['', '^', '$', '.*', '^.*$', 'down|', '(a|b|)', '\\d*', 'a?', '(?:)', '[\\s\\S]*', '[^x]*'])(
    'not by what every text matches: %j',
    (text) => expect(AssertedExpression.safeParse(text).success).toBe(false),
  );
  it.each(['ok', '\\d+', '\\bok\\b', '^(?!error)', '^[^!]*$', '^((?!ERROR).)*$', '^$', '^\\s+$'])(
    'by what some text does not match: %j',
    (text) => expect(AssertedExpression.safeParse(text).success).toBe(true),
  );
});
