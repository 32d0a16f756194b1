import type { MarkdownDocument } from '../markdown.ts';
import type { SelfClaim } from '../surroundings.ts';

const fraction = String.raw`(?<![\d./:,-])(\d{1,3}(?:,\d{3})+|\d{1,6})\s*(?:\/|of|out of)\s*(\d{1,3}(?:,\d{3})+|\d{1,6})(?![\d./:+])(?:\s+[a-z][a-z-]*){0,5}`;
const percent = String.raw`(?<![\d.,+-]|[<>≥≤~]\s?)(\d{1,3}(?:\.\d+)?)\s?%`;
/** `11/12 tasks (92%)` and `92% complete (11 of 12 tasks)`. */
const notations = [
  new RegExp(`${fraction}\\s*[(=:–—]\\s*(?:[≈~]\\s*)?${percent}`, 'gi'),
  new RegExp(
    `${percent}(?:\\s+[a-z][a-z-]*){0,2}\\s*\\((?:(?!phase|step|week|sprint|day|part|stage|milestone)[a-z]+\\s+)?${fraction}`,
    'gi',
  ),
];
const ofAnother =
  /\b(?:fail\w*|remain\w*|left|missing|open|skip\w*|cover\w*|faster|slower|less|fewer|more|reduc\w*|increas\w*|improv\w*|confidence|functional|ready|accura\w+|limits?|thresholds?|at least|up to|targets?|goals?|cpu|load(?!-)|weight\w*|mean|average|avg|median|recall|precision|scores?)\b|@\d|\bp\d\d\b/i;

/** What names the figure: the words before it in its cell, or the cell before. */
const labelOf = (line: string, at: number): string => line.slice(0, at).split('|').slice(-2).join(' ').slice(-60);

/** Percentages that stand beside the two numbers that they are of. */
export function shares({ prose }: MarkdownDocument): SelfClaim[] {
  return prose.flatMap((raw, n) => {
    if (!raw.includes('%')) return [];
    const line = raw.replace(/[*_`]/g, '');
    return notations.flatMap((notation, turned) =>
      [...line.matchAll(notation)].flatMap((match): SelfClaim[] => {
        const numbers = match.slice(1, 4).map((one) => one.replaceAll(',', ''));
        const [part, whole, said] = (turned === 0 ? numbers : [numbers[1], numbers[2], numbers[0]]) as string[];
        const [a, b] = [Number(part), Number(whole)];
        const rest = line.slice(match.index + match[0].length);
        const behind = /^[^).,;|]{0,24}/.exec(rest)?.[0] ?? '';
        // A score below 100% beside all of them weighs them, or is of another whole.
        const weighed = a === b && Number(said) < 100;
        if (
          b === 0 ||
          b === 100 ||
          a > b ||
          weighed ||
          ofAnother.test(`${labelOf(line, match.index)}${match[0]}${behind}`)
        )
          return [];
        // What was left out on purpose may be left out of the share.
        if (/^[^)]*\b(?:skip|exclud|except|defer|partial)/i.test(rest)) return [];
        const is = (100 * a) / b;
        const digits = /\.(\d+)/.exec(said ?? '')?.[1]?.length ?? 0;
        const holds = Math.abs(is - Number(said)) < 10 ** -digits;
        return [
          {
            line: n + 1,
            text: match[0].trim(),
            holds,
            seen: `${a} of ${b} are ${Number(is.toFixed(digits + 1))}%`,
            // A share with decimals before the numbers was worked out of something, and they may be of some of it.
            ...(turned === 1 && digits > 0 && Math.abs(is - Number(said)) > 2 && { level: 'warning' as const }),
          },
        ];
      }),
    );
  });
}
