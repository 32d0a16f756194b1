import { escapeRegex } from '../../core/patterns.ts';
/** A number that a document gives, where the wording of a tie stands. */
export interface NumberSeen {
  line: number;
  /** The words as they stand in the document. */
  text: string;
  value: number;
  /** A plus follows (`60+`): at least. */
  atLeast: boolean;
}

const small =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const tens = ['twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];
const words = new Map<string, number>([
  ...small.map((word, n) => [word, n] as const),
  ...tens.map((word, n) => [word, 20 + n * 10] as const),
  ...tens.flatMap((ten, n) => small.slice(1, 10).map((one, m) => [`${ten}-${one}`, 20 + n * 10 + m + 1] as const)),
  ['a hundred', 100],
  ['one hundred', 100],
  ['no', 0],
  ['a dozen', 12],
]);
const digits = String.raw`\d{1,3}(?:[,_  ']\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?`;
const wordList = [...words.keys()].toSorted((a, b) => b.length - a.length).join('|');
/** A number as documents write it: thousands separators, words, a plus or a percent sign after it. */
const anyNumber = String.raw`(?<![\w.,/–-])(?:${digits}|(?:${wordList})\b)(?:\s?%|\+)?`;

/** The value of digits with separators, or of a number word. */
export function valueOf(text: string): number {
  const clean = text.toLowerCase().replace(/[+%]/g, '').trim();
  return words.get(clean) ?? Number(clean.replace(/[,_  ']/g, ''));
}

/**
 * Lines joined and marks of emphasis and code taken away, with the line of each character. `_` stays, since names hold it.
 */
function flatten(lines: readonly string[]): { text: string; lineAt: (offset: number) => number } {
  const starts: number[] = [];
  let text = '';
  for (const line of lines) {
    starts.push(text.length);
    text += `${line.replace(/[*`]/g, '')}\n`;
  }
  return {
    text,
    lineAt: (offset) => {
      const after = starts.findIndex((start) => start > offset);
      return after < 0 ? starts.length : after;
    },
  };
}

/**
 * Where the wording of a tie stands in the prose: `{n}` is the number, `{*}` any other number, and white space any white space,
 * also a line's end.
 */
export function findNumbers(lines: readonly string[], claim: string): NumberSeen[] {
  const { text, lineAt } = flatten(lines);
  const pattern = claim
    .replace(/[*`](?!\})/g, (mark, at: number) => (claim[at - 1] === '{' ? mark : ''))
    .split(/(\{n\}|\{\*\})/)
    .map((part) => {
      if (part === '{n}') return `(?<n>${anyNumber})`;
      if (part === '{*}') return anyNumber;
      return part
        .split(/\s+/)
        .map(escapeRegex)
        .join(String.raw`(?:\s|>\s)+`);
    })
    .join('');
  const edge = /\w$/.test(claim) ? String.raw`(?!\w)` : '';
  const before = /^\w/.test(claim) ? String.raw`(?<!\w)` : '';
  return [...text.matchAll(new RegExp(before + pattern + edge, 'gi'))].map((match) => {
    const written = match.groups?.['n'] ?? '';
    return {
      line: lineAt(match.index + (match[0].length - match[0].trimStart().length)),
      text: match[0].replace(/\s+/g, ' ').trim(),
      value: valueOf(written),
      atLeast: written.endsWith('+'),
    };
  });
}

/** Numbers with the words after them, as a tie could be made of: `8 alert rules`. Years, percentages and units of time are left out. */
export function numberPhrases(lines: readonly string[]): (NumberSeen & { claim: string })[] {
  const { text, lineAt } = flatten(lines);
  const pattern = new RegExp(`(${anyNumber})[ \\t]+((?:of \\d+ )?[a-z][a-z-]*(?: [a-z][a-z-]*){0,2})`, 'gi');
  return [...text.matchAll(pattern)].flatMap((match) => {
    const [whole = '', written = '', after = ''] = match;
    const tail = after.replace(
      /\s(?:in|of|and|with|or|for|are|is|that|to|on|at|from|by|the|a|each|after|before)\b.*$/i,
      '',
    );
    if (
      /^(?:ms|s|m|h|days?|hours?|minutes?|seconds?|weeks?|months?|years?|kb|mb|gb|µs|us|ns|x|of|and|or|to|in)$/i.test(
        tail,
      )
    )
      return [];
    if (/%$|^(?:no|zero|a hundred|a dozen|one)$/i.test(written) || /^(?:19|20)\d\d$/.test(written)) return [];
    return [
      {
        line: lineAt(match.index),
        text: whole.replace(/\s+/g, ' ').trim(),
        value: valueOf(written),
        atLeast: written.endsWith('+'),
        claim: `{n} ${tail}`,
      },
    ];
  });
}
