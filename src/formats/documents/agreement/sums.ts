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

/** Columns of what is counted, which a row called "Overall" adds up as well. */
const isCount =
  /^\W*(?:#\s*)?(?:tests?|files?|lines|loc|panels?|alerts?|rules?|tasks?|endpoints?|routes?|dashboards?|scenarios?|cases|commits?|issues?|bugs?)(?: count)?\W*$/i;

/** The row `Total` of a table, held against the rows above it, and a total that stands right below the table. */
export function sums({ tables, prose }: MarkdownDocument): SelfClaim[] {
  return tables.flatMap((table) => {
    const at = table.rows.findIndex(({ cells }) => isTotal(cells[0] ?? '') || /^\W*overall\W*$/i.test(cells[0] ?? ''));
    const last = table.rows[at];
    if (!last) return totalBelow(table, prose);
    const above = table.rows.slice(0, at);
    const rest = table.rows.slice(at + 1);
    if (above.length < 2 || (rest.length > 0 && isTotal(last.cells[0] ?? ''))) return [];
    if (above.some(({ cells }) => /\b(?:sub-?)?total\b|\bsum\b|of which|included/i.test(cells[0] ?? ''))) return [];
    return table.header.flatMap((head, n) =>
      n === 0 ||
      noSum.test(head) ||
      (!isTotal(last.cells[0] ?? '') && !isCount.test(head)) ||
      rest.some(({ cells }) => numberOf(cells[n] ?? '') !== undefined)
        ? []
        : sumOf(table, last, above, n).map((one) =>
            isTotal(last.cells[0] ?? '') || one.holds ? one : { ...one, level: 'warning' as const },
          ),
    );
  });
}

/** "**Total tests**: 165" right below a table that has the tests of each part. */
function totalBelow(table: TableSeen, prose: readonly string[]): SelfClaim[] {
  const end = table.rows.at(-1)?.line ?? table.line;
  const line = end + prose.slice(end, end + 3).findIndex((text) => text.trim() !== '') + 1;
  const text = (prose[line - 1] ?? '').replace(/[*_`]/g, '');
  const [, noun = '', said = ''] = /^\W*total (?:number of )?([a-z]+)\W{1,4}(\d[\d,]*)(?![\d.+%])/i.exec(text) ?? [];
  const n = table.header.findIndex(
    (head, at) => at > 0 && isCount.test(head) && head.toLowerCase().includes(noun.toLowerCase()),
  );
  if (line <= end || said === '' || n < 0 || table.rows.length < 2) return [];
  return sumOf(table, { line, cells: [text.trim(), ...table.header.slice(1).map(() => said)] }, table.rows, n).map(
    (one) => ({ ...one, text: text.trim(), ...(!one.holds && { level: 'warning' as const }) }),
  );
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
