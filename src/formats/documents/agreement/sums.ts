import type { MarkdownDocument, TableSeen } from '../markdown.ts';
import type { SelfClaim } from '../surroundings.ts';

const isTotal = (cell: string): boolean =>
  /^\W*(?:grand\s+)?(?:total|sum|totals|gesamt|summe|totale?|σ)\W*$/iu.test(cell);
/** Columns of which the last row gives no sum. */
const noSum =
  /%|\btotal\b|percent|rate|ratio|share|avg|average|mean|median|\bp\d\d|version|\bid\b|#|max|min|peak|score|coverage|latency|duration|time|speed|per\b|\/s\b|date|status|line\b/i;
const numberOf = (cell: string): { value: number; digits: number; unit: string } | undefined => {
  const match = /^[*_`\s]*(-?\d{1,3}(?:,\d{3})+|-?\d+)(\.\d+)?\s*([A-Za-z]{0,8})[*_`\s]*$/.exec(cell);
  return match
    ? {
        value: Number(`${(match[1] ?? '').replaceAll(',', '')}${match[2] ?? ''}`),
        digits: (match[2] ?? '.').length - 1,
        unit: match[3] ?? '',
      }
    : undefined;
};

/** The row `Total` of a table, held against the rows above it. */
export function sums({ tables }: MarkdownDocument): SelfClaim[] {
  return tables.flatMap((table) => {
    const last = table.rows.at(-1);
    const above = table.rows.slice(0, -1);
    if (!last || above.length < 2 || !isTotal(last.cells[0] ?? '')) return [];
    if (above.some(({ cells }) => /\b(?:sub-?)?total\b|\bsum\b|of which|included/i.test(cells[0] ?? ''))) return [];
    return table.header.flatMap((head, n) => (n === 0 || noSum.test(head) ? [] : sumOf(table, last, above, n)));
  });
}

function sumOf(table: TableSeen, last: TableSeen['rows'][number], above: TableSeen['rows'], n: number): SelfClaim[] {
  const total = numberOf(last.cells[n] ?? '');
  const parts = above.map(({ cells }) =>
    /^\W*$/.test(cells[n] ?? '') ? { value: 0, digits: 0, unit: '' } : numberOf(cells[n] ?? ''),
  );
  if (!total || parts.includes(undefined)) return [];
  const known = parts.flatMap((part) => part ?? []);
  // `21.2x` is a ratio, `6.4 avg` says itself what it is: neither adds up.
  if (/^\W*\d[\d.,]*\s?[x×]\W*$|\b(?:avg|average|mean|median|max|min)\b|[Øø⌀]/i.test(last.cells[n] ?? '')) return [];
  if (known.some((part) => part.unit !== '' && part.unit !== total.unit) || known.every((part) => part.value === 0))
    return [];
  const sum = known.reduce((all, part) => all + part.value, 0);
  const digits = Math.max(total.digits, ...known.map((part) => part.digits));
  const values = known.map((part) => part.value);
  // A mean or the largest is no wrong sum.
  if (
    [Math.max(...values), Math.min(...values)].includes(total.value) ||
    Math.abs(sum / values.length - total.value) < 0.51
  )
    return [];
  return [
    {
      line: last.line,
      text: `${last.cells[0]}: ${table.header[n]} ${last.cells[n]}`.replace(/[*_`]/g, ''),
      holds: Math.abs(sum - total.value) <= (digits === 0 ? 0 : known.length * 0.5 * 10 ** -digits),
      // A long table may show some of them only.
      ...(total.value > sum &&
        (above.length > 15 ||
          above.some(({ cells }) =>
            /\*(?!\*)[^*]*$|\.\.\.|…|\bothers?\b/i.test(cells[0]?.replace(/\*\*/g, '') ?? ''),
          )) && {
          level: 'warning' as const,
        }),
      seen: `the rows above it come to ${Number(sum.toFixed(digits))}`,
    },
  ];
}
