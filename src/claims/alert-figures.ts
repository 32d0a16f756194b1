import { doubt, holds, type Claim } from './reading.ts';

/** The figures that an expression compares with. */
const limitsOf = (expr: string): number[] =>
  [...expr.matchAll(/(?:[<>]=?|==|!=)\s*(?:bool\s+)?(-?\d[\d.]*(?:e[+-]?\d+)?)(?!\w|\s*[*/])/gi)].map(
    ([, digits = '']) => Number(digits),
  );

/** Every reading of a figure: of a share, of seconds, of bytes. */
function readings(text: string): number[] {
  const [, digits = '', unit = ''] =
    /^([\d.,]+?)[.,]?\s?(%|per\s?cent|ms|milliseconds?|s|seconds?|minutes?|hours?|[KMG]i?B|k)?$/i.exec(text.trim()) ??
    [];
  const value = Number(digits.replaceAll(',', ''));
  if (digits === '' || !Number.isFinite(value)) return [];
  const power = 'KMG'.indexOf(unit.charAt(0).toUpperCase()) + 1;
  if (/^[KMG]i?B$/i.test(unit)) return [value * 1000 ** power, value * 1024 ** power, value];
  if (/^(?:%|per)/i.test(unit)) return [value, value / 100, 1 - value / 100, 100 - value];
  if (/^m(?:s|illi)/i.test(unit)) return [value, value / 1000, value * 1000, value * 1e6];
  if (/^(?:minute|hour)/i.test(unit))
    return [1, 1000, 1e9].map((of) => value * of * (/^m/i.test(unit) ? 60 : 3600)).concat(value);
  return unit === 'k' ? [value * 1000, value] : [value, value * 1000, value / 1000, value * 1e6, value * 1e9];
}

/** A figure that the text gives, where the expression compares with one other figure only. */
export function thresholdClaim(name: string, value: string, line: number, expr: string): Claim[] {
  const limits = limitsOf(expr);
  const said = readings(value);
  const [limit] = limits;
  if (limits.length !== 1 || limit === undefined || said.length === 0 || limit === 0) return [];
  const same = said.some((one) => Math.abs(one - limit) <= 1e-9 * Math.max(1, Math.abs(limit)));
  return [
    {
      kind: 'value',
      line,
      text: `${name}: threshold ${value.trim()}`,
      ...(same
        ? holds(`its rule compares with ${limit}`)
        : doubt(`its rule compares with ${limit}`, 'correct the document, or the rule')),
    },
  ];
}

/** The labels by which the alert is said to be grouped, where its expression groups by others. */
export function groupingClaim(name: string, value: string, line: number, expr: string): Claim[] {
  const listOf = (text: string): string =>
    text
      .split(/[\s,]+/)
      .filter(Boolean)
      .toSorted()
      .join(', ');
  const groups = [...expr.matchAll(/\bby\s*\(([^)]*)\)/g)].map(([, one = '']) => listOf(one));
  if (groups.length === 0 || /\bwithout\b/.test(expr)) return [];
  return [
    {
      kind: 'value',
      line,
      text: `${name}: by (${value})`,
      ...(groups.includes(listOf(value))
        ? holds(`its rule groups by ${value}`)
        : doubt(`its rule groups by ${groups.join('; ')}`, 'correct the document, or the rule')),
    },
  ];
}
