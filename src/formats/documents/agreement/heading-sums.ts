import type { MarkdownDocument } from '../markdown.ts';
import { valueOf } from '../number-ties.ts';
import type { SelfClaim } from '../self-claim.ts';

/** A number of things in brackets: of "(3 files, 1,000 lines)" the lines. */
const inBrackets = (units: string): RegExp =>
  new RegExp(String.raw`\(([^()]*?)([~≈]?)\s*(\d[\d,]*)(\+?)\s*(${units})\b[^()]*\)`, 'i');
const counted = [
  inBrackets('lines|loc'),
  inBrackets('files|tests|scripts|dashboards|panels|alerts|rules|endpoints'),
] as const;

interface Counted {
  line: number;
  text: string;
  value: number;
  unit: string;
  rough: boolean;
  least: boolean;
}

function countIn(text: string, line: number): Counted | undefined {
  const [all, before = '', rough = '', digits = '', plus = '', unit = ''] =
    counted[0].exec(text) ?? counted[1].exec(text) ?? [];
  return all === undefined || /\b(?:was|from|of)\s*$/i.test(before)
    ? undefined
    : {
        line,
        text: text.replace(/^[#\s]+|\*\*/g, '').slice(0, 100),
        value: valueOf(digits.replaceAll(',', '')),
        unit: unit.toLowerCase().replace('loc', 'lines'),
        rough: rough !== '',
        least: plus !== '',
      };
}

/** "Manifests (900 lines)" above parts of which each has its lines, and which come to another number. */
export function headingSums({ headings, prose }: MarkdownDocument): SelfClaim[] {
  return headings.flatMap((heading, n): SelfClaim[] => {
    const whole = countIn(prose[heading.line - 1] ?? '', heading.line);
    if (!whole) return [];
    const next = headings.slice(n + 1).find((one) => one.depth <= heading.depth)?.line ?? prose.length + 1;
    const inside = headings.filter((one) => one.line > heading.line && one.line < next);
    const depth = Math.min(...inside.map((one) => one.depth));
    const lines =
      inside.length > 0
        ? inside.filter((one) => one.depth === depth).map((one) => one.line)
        : prose
            .slice(heading.line, next - 1)
            .flatMap((one, m) => (/^(?:[-*+]|\d+[.)])\s/.test(one) ? [heading.line + m + 1] : []));
    const parts = lines.map((line) => countIn(prose[line - 1] ?? '', line));
    if (parts.length < 2 || parts.some((part) => part?.unit !== whole.unit)) return [];
    const known = parts.flatMap((part) => part ?? []);
    const sum = known.reduce((all, part) => all + part.value, 0);
    // Lines are rounded; more than at least so many is no fault.
    const room =
      whole.rough || known.some((part) => part.rough || part.least) ? 0.25 : whole.unit === 'lines' ? 0.1 : 0;
    const holds = (whole.least && sum >= whole.value) || Math.abs(sum - whole.value) <= room * whole.value;
    return [
      { line: whole.line, text: whole.text, holds, seen: `its ${known.length} parts come to ${sum}`, level: 'warning' },
    ];
  });
}
