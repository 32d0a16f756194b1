import { suspect } from '../surroundings.ts';
import type { MarkdownDocument } from '../markdown.ts';
import type { SelfClaim } from '../surroundings.ts';

const kind = String.raw`(?:unit|integration|e2e|end-to-end|functional|doc|smoke|property(?:-based)?|component|api|contract|performance|load|security|regression|system|acceptance|snapshot|ui|frontend|backend)`;
const kinds = String.raw`(?:\d{1,5} ${kind}(?: tests?)?)`;
/** `60 tests (45 unit + 12 integration)`, `60 tests: 45 unit tests and 12 integration tests`. */
const inline = new RegExp(
  String.raw`(?<![\d.,+~≈/-])(\d{1,5})(?: total)? (?:tests?|test cases)(?: in total)?\s*(?:\(|:|[–—=-])\s*(${kinds}(?:(?:\s*[+,&]\s*|,?\s+and\s+)${kinds})+)\s*(?=[).;]|$)`,
  'gi',
);
const entry = new RegExp(
  String.raw`^(\s*)[-*+]\s+[^\p{L}\d]*(${kind}|total|overall|all)(?: tests?| test cases)?\s*(?:\((?:total|all)\))?\s*[:=–—-]\s*(\d{1,5})(?:\s+tests?)?\s*$`,
  'iu',
);
const isWhole = (label: string): boolean => /^(?:total|overall|all)$/i.test(label);

/** Tests of each kind, beside the number of all of them. */
export function testParts({ prose }: MarkdownDocument): SelfClaim[] {
  const lines = prose.map((raw) => raw.replace(/[*_`]/g, ''));
  const found = lines.flatMap((text, n) =>
    [...text.matchAll(inline)].flatMap((match) => {
      const parts = [...(match[2] ?? '').matchAll(/(?<![\w.])\d+/g)].map(Number);
      return claim(n, match[0].trim(), Number(match[1]), parts);
    }),
  );
  for (let n = 0; n < lines.length; n++) {
    const block: { n: number; depth: number; label: string; value: number }[] = [];
    for (; n < lines.length; n++) {
      const [, indent, label = '', value] = entry.exec(lines[n] ?? '') ?? [];
      if (indent === undefined) break;
      block.push({ n, depth: indent.length, label, value: Number(value) });
    }
    const wholes = block.filter((one) => isWhole(one.label));
    const parts = block.filter((one) => !isWhole(one.label));
    const [whole] = wholes;
    // Beside it, or below it, and nothing else is in the list.
    if (!whole || wholes.length > 1 || parts.length < 2 || new Set(parts.map((one) => one.depth)).size > 1) continue;
    const isAlone = ![block[0], block.at(-1)].some((edge, end) => {
      const beside = lines[(edge?.n ?? 0) + (end === 0 ? -1 : 1)] ?? '';
      return /^\s*[-*+]\s.*\d/.test(beside) && /^\s*/.exec(beside)?.[0].length === parts[0]?.depth;
    });
    if (isAlone)
      found.push(
        ...claim(
          whole.n,
          (lines[whole.n] ?? '').trim().replace(/^[-*+]\s+/, ''),
          whole.value,
          parts.map((one) => one.value),
        ),
      );
  }
  return found;
}

const claim = (n: number, text: string, whole: number, parts: readonly number[]): SelfClaim[] => {
  const sum = parts.reduce((all, one) => all + one, 0);
  return [suspect(n + 1, text, sum === whole, `${parts.join(' + ')} are ${sum}`)];
};
