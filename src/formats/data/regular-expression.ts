import { z } from 'zod';

const compiles = (text: string): boolean => {
  try {
    return new RegExp(text, 'm') instanceof RegExp;
  } catch {
    return false;
  }
};

export const RegularExpression = z.string().refine(compiles, { error: 'not a regular expression' });

/** Texts of which no expression that says anything takes all: nothing, a letter, a digit, lines. */
const anything = ['', 'a', '0', '{}', ' ', '\u00e9\n-\n'];

/** What an expression names it may forbid (`^(?!error)`, `^[^!]*$`): its words and its characters, each alone. */
const named = (text: string): string[] => [...(text.match(/[\w-]+/g) ?? []), ...text.split('')];

/** A regular expression that something is asserted by. */
export const AssertedExpression = RegularExpression.refine(
  (text) => !compiles(text) || ![...anything, ...named(text)].every((one) => new RegExp(text, 'm').test(one)),
  { error: 'it matches every text, the empty one too, so that nothing is asserted' },
);
