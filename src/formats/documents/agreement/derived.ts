import { headUnit, parseQuantity, type Kind, type Quantity } from '../../data/quantity.ts';
import type { MarkdownDocument, TableSeen } from '../markdown.ts';
import type { SelfClaim } from '../self-claim.ts';
import { headingsAbove } from '../surroundings.ts';

const saysSo =
  /\b(?:deriv\w+|calculat\w+|comput\w+|reciprocal|theoretical|1\s?\/\s?latency|estimat\w+|implied|single[- ]thread\w*|sequential\w*|projected|model\w*)\b/i;
const estimated =
  /\((?:est\.?|estimated?|projected|extrapolated|theoretical|assumed|calculated)\)|\b(?:estimated|projected|extrapolated)\b/i;
const measuredHead = /\b(?:measured|actual|observed|benchmark results?|measurements?|load test results?)\b/i;
const target = /\b(?:target|goal|slo|budget|limit|expected|plan\w*|estimate[ds]?|estimation|projection)\b/i;

/** Figures that nobody measured, below a head that says so: a throughput that is the reciprocal of the latency beside it, an estimate. */
export function derived(document: MarkdownDocument): SelfClaim[] {
  const found = document.tables.flatMap((table) => reciprocal(document, table));
  for (const { header, rows } of document.tables)
    for (const [n, head] of header.entries())
      if (n > 0 && measuredHead.test(head) && !target.test(head))
        for (const { cells, line } of rows)
          if (estimated.test(cells[n] ?? ''))
            found.push({
              line,
              text: `${cells[0]}: ${head} ${cells[n]}`,
              holds: false,
              seen: 'its column says that it was measured',
            });
  for (const [n, raw] of document.prose.entries()) {
    if (
      !/^\s*[-*+]\s/.test(raw) ||
      !/\d/.test(raw) ||
      !/\((?:est\.?|estimated?|projected|extrapolated|theoretical)\)/i.test(raw)
    )
      continue;
    const own =
      headingsAbove(document, n + 1)
        .split(' / ')
        .at(-1) ?? '';
    if (measuredHead.test(own) && !target.test(own))
      found.push({
        line: n + 1,
        text: raw.replace(/[*_`]/g, '').trim().slice(0, 100),
        holds: false,
        seen: `its heading says ${own}`,
        level: 'warning',
      });
  }
  return found;
}

function reciprocal(document: MarkdownDocument, { header, rows, line }: TableSeen): SelfClaim[] {
  const columns = (kind: Kind): number[] =>
    header.flatMap((head, n) => {
      const read = rows.filter(({ cells }) => quantity(cells[n], head)?.kind === kind).length;
      return n > 0 && !target.test(head) && read * 2 > rows.length ? [n] : [];
    });
  const about = `${header.join(' ')} ${headingsAbove(document, line)} ${document.prose.slice(Math.max(0, line - 4), line - 1).join(' ')} ${document.prose.slice(line + rows.length, line + rows.length + 5).join(' ')}`;
  if (rows.length < 3 || saysSo.test(about)) return [];
  for (const time of columns('time'))
    for (const rate of columns('rate')) {
      const pairs = rows.flatMap(({ cells }) => {
        const [a, b] = [quantity(cells[time], header[time]), quantity(cells[rate], header[rate])];
        return a?.kind === 'time' && b?.kind === 'rate' && a.value > 0 ? [a.value * b.value] : [];
      });
      const [first = 0] = pairs;
      // As many at once as the first row says, in all rows alike.
      const workers = Math.round(first);
      if (pairs.length < 3 || workers < 1 || !pairs.every((one) => Math.abs(one / workers - 1) < 0.01)) continue;
      return [
        {
          line,
          text: `${header[rate]}`,
          holds: false,
          seen: `in all ${pairs.length} rows it is ${workers === 1 ? 'one' : workers} divided by ${header[time]}, so that it was worked out and not measured`,
          level: 'warning',
        },
      ];
    }
  return [];
}

const quantity = (cell = '', head = ''): Quantity | undefined => parseQuantity(cell, headUnit(head));
