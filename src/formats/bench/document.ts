import type { Stat } from './results.ts';
import type { MarkdownTable } from '../documents/tables.ts';
import { headUnit, moreIsBetter, parseQuantity, type Quantity } from '../data/quantity.ts';

/** What a document promises for one class of operation. Shares are parts of one, limits are in base units. */
export interface Promised {
  name: string;
  line: number;
  regression: Partial<Record<Measure, number>>;
  limits: Partial<Record<Measure, number>>;
}
/** What a threshold is of: a statistic of a time, or a throughput, or memory. */
export type Measure = Stat | 'throughput' | 'memory';

const statOf = (text: string): Stat | undefined => {
  if (/\bp\s?99(?!\.?\d)/i.test(text)) return 'p99';
  if (/\bp\s?95/i.test(text)) return 'p95';
  return /\bp\s?50|\bmedian/i.test(text) ? 'p50' : undefined;
};
const measureOf = (head: string): Measure | undefined =>
  statOf(head) ??
  (/throughput|per second|a second|ops?\/s|qps/i.test(head)
    ? 'throughput'
    : /\bmemory|\brss\b|\bheap/i.test(head)
      ? 'memory'
      : undefined);
/** The quantity of a target, whichever figure it names beside it: `P99 < 10 ms`, `<10ms P99`. */
const targetOf = (cell: string, head: string): Quantity | undefined =>
  parseQuantity(cell.replace(/[(]?\bp\s?\d{2}(?:\.\d+)?\b[):]?|\bmedian\b/gi, '').trim(), headUnit(head));
const isTarget = (head: string): boolean => /\b(?:target|objective|slo|goal|budget|limit|required?)\b/i.test(head);
const isStatus = (head: string): boolean =>
  /^(?:status|result|verdict|met\??|pass(?:ed)?\??|ok\??|within.*|meets.*)$/i.test(head.trim());

/** Rows of the tables below a heading that matches: percents are regressions, other quantities limits. */
export function thresholdsOf(tables: readonly MarkdownTable[], heading: string): Promised[] {
  const found: Promised[] = [];
  for (const table of tables) {
    if (!(table.below ?? [table.heading]).some((one) => one.toLowerCase().includes(heading.toLowerCase()))) continue;
    for (const { cells, line } of table.rows) {
      const row: Promised = { name: cells[0] ?? '', line, regression: {}, limits: {} };
      for (const [n, head] of table.head.entries()) {
        if (n === 0 || /warn/i.test(head)) continue;
        const general = /regress|threshold|fail|critical|max|allowed|tolerance/i.test(head) ? 'value' : undefined;
        const measure = measureOf(head) ?? (general && (measureOf(row.name) ?? general));
        const quantity = parseQuantity((cells[n] ?? '').replace(/^\s*(?:±|\+\/-)/, ''), headUnit(head));
        if (measure === undefined || !quantity) continue;
        if (quantity.kind === 'percent') row.regression[measure] = Math.abs(quantity.value);
        else if (quantity.kind !== 'count') row.limits[measure] = quantity.value;
      }
      if (Object.keys({ ...row.regression, ...row.limits }).length > 0) found.push(row);
    }
  }
  return found;
}

/** Objectives that stand in any table beside the figure they are of: `objective (P95)` of the row's operation. */
export function objectivesOf(tables: readonly MarkdownTable[]): Promised[] {
  const found: Promised[] = [];
  for (const table of tables)
    for (const { cells, line } of table.rows) {
      const limits: Promised['limits'] = {};
      for (const [n, head] of table.head.entries()) {
        const cell = cells[n] ?? '';
        const measure = isTarget(head) && n > 0 ? (measureOf(head) ?? statOf(cell)) : undefined;
        const quantity = targetOf(cell, head);
        if (measure !== undefined && quantity && quantity.kind !== 'percent' && quantity.kind !== 'count')
          limits[measure] = quantity.value;
      }
      if (Object.keys(limits).length > 0) found.push({ name: cells[0] ?? '', line, regression: {}, limits });
    }
  return found;
}

/** A row that claims to meet its target (or to miss it), held against its own numbers. */
export interface Recomputed {
  line: number;
  name: string;
  says: 'pass' | 'fail';
  /**
   * `yes`, `no`, `some` (of several figures, and the target does not say of which), `unmeasured` (TBD where a number belongs),
   * `absent` (a dash or nothing there), `estimated` (no figure that meets it was measured), `relative` (a ratio to something
   * else stands where the target wants a figure), `other-unit` (other things are counted than the target counts)
   */
  holds: 'yes' | 'no' | 'some' | 'unmeasured' | 'absent' | 'estimated' | 'relative' | 'other-unit';
  /** `P95 2.2 ms, objective (P95) < 1 ms` */
  numbers: string;
}

const passWord = /^(?:✅|✔️?|✓|🟢|pass(?:ed|es)?|ok|met|meets|yes$|within target|achieved)\b|^(?:✅|✔️?|✓|🟢)/iu;
const failWord = /^(?:❌|✖️?|✗|🔴|fail(?:ed|s)?|missed|no$|not met|breach(?:ed)?)\b|^(?:❌|✖️?|✗|🔴)/iu;
const openWord = /^(?:tbd|tba|todo|pending|not (?:yet )?(?:measured|run|available)|unknown|\?+)$/i;
const noWord = /^(?:n\/?a|-*|–|—)$/i;

/** Every row with a status, a target and a figure, recomputed. Rows that cannot be read are left out. */
export function recompute(tables: readonly MarkdownTable[]): Recomputed[] {
  return tables.flatMap((table) => table.rows.flatMap((row) => recomputeRow(table, row) ?? []));
}

function recomputeRow(
  { head, rows }: MarkdownTable,
  { cells, line }: MarkdownTable['rows'][number],
): Recomputed | undefined {
  const statusAt = head.findIndex(
    (text, n) =>
      n > 0 &&
      ((isStatus(text) && rows.some((row) => isVerdict(row.cells[n] ?? ''))) ||
        rows.every((row) => isVerdict(row.cells[n] ?? ''))),
  );
  const targetAt = head.findIndex((text, n) => n > 0 && n !== statusAt && isTarget(text));
  const status = cells[statusAt] ?? '';
  if (statusAt < 0 || targetAt < 0 || !isVerdict(status)) return undefined;
  const says = failWord.test(status) ? 'fail' : 'pass';
  const targetHead = head[targetAt] ?? '';
  const target = targetOf(cells[targetAt] ?? '', targetHead);
  const stat = measureOf(targetHead) ?? measureOf(cells[targetAt] ?? '');
  const columns = head
    .map((text, n) => ({ text, n }))
    .filter(({ text, n }) => n > 0 && n !== statusAt && !isTarget(text))
    .filter(({ text }) => stat === undefined || measureOf(text) === stat || measuredWord.test(text))
    .filter(({ text }) => !/baseline|previous|before|change|delta|margin|headroom|notes?\b|±|std|dev/i.test(text));
  const name = cells[0] ?? '';
  if (!target || columns.length === 0) return undefined;
  const figures = columns.map(({ text, n }) => ({
    text,
    cell: cells[n] ?? '',
    quantity: parseQuantity(
      (cells[n] ?? '')
        .replace(estimateWord, '')
        .trim()
        .replace(/(?<=[\d%])\s*\+$/, ''),
      headUnit(text),
    ),
  }));
  const readable = figures.flatMap((one) =>
    one.quantity?.kind === target.kind ? [{ ...one, quantity: one.quantity }] : [],
  );
  const numbers = `${figures.map(({ text, cell }) => `${text} ${cell}`).join(', ')}; ${targetHead} ${cells[targetAt] ?? ''}`;
  if (readable.length === 0) {
    const cellsAre = (word: RegExp): boolean => figures.every(({ cell }) => word.test(cell));
    const holds = cellsAre(openWord)
      ? 'unmeasured'
      : cellsAre(noWord)
        ? 'absent'
        : says === 'pass' && cellsAre(ratio)
          ? 'relative'
          : undefined;
    return holds && { line, name, says, holds, numbers };
  }
  const met = readable.map(({ quantity }) => meets(quantity, target));
  if (met.some((one) => one === undefined)) return undefined;
  // An estimate proves nothing; where it misses the target, the mark does not even follow from it.
  if (says === 'pass' && met.every(Boolean) && readable.every(isEstimate))
    return { line, name, says, holds: 'estimated', numbers };
  const things = new Set([cells[targetAt] ?? '', ...readable.map((one) => one.cell)].flatMap(countedIn));
  if (says === 'pass' && target.kind === 'rate' && things.size > 1)
    return { line, name, says, holds: 'other-unit', numbers };
  return { line, name, says, holds: met.every(Boolean) ? 'yes' : met.some(Boolean) ? 'some' : 'no', numbers };
}

/** `3.3x better`, `12% faster`: of what, nobody knows. */
const ratio =
  /^\W*\d+(?:\.\d+)?\s*(?:[x×]|%)\s*(?:better|faster|slower|lower|higher|less|more|under|below|above|improve\w*|reduc\w*)?\W*$/i;
/** `stores` of `165K stores/sec`; requests of whatever name are one thing. */
const countedIn = (cell: string): string[] => {
  const unit = /\d\s*[kKMG]?\s*([a-z]+)\s*(?:\/|per\s)\s*s(?:ec(?:ond)?s?)?\b/i.exec(cell)?.[1]?.toLowerCase();
  return unit === undefined || unit.length < 2
    ? []
    : [unit.replace(/^(?:requests?|reqs?|queries|calls)$/, 'op').replace(/s$/, '')];
};

const estimateWord =
  /\b(?:est\.?|estimate[ds]?|estimation|approx\.?|approximate(?:ly)?|about|circa|ca\.|projected|projection|extrapolated|theoretical|expected|assumed|predicted|calculated|guess(?:ed)?)(?![\w-])/i;
/** A figure that says of itself, or in its head, that nobody measured it. */
const isEstimate = ({ text, cell }: { text: string; cell: string }): boolean =>
  /^\W*[~≈∼]/.test(cell) || estimateWord.test(cell) || estimateWord.test(text);

const measuredWord = /^(?:measured|actual|current|value|result|observed|achieved|latency|time|mean|average|avg)\b/i;
const isVerdict = (cell: string): boolean => passWord.test(cell) || failWord.test(cell);

function meets(figure: Quantity, target: Quantity): boolean | undefined {
  const more = moreIsBetter(target.kind);
  const op = target.op ?? (more === undefined ? undefined : more ? '>=' : '<=');
  if (op === undefined) return undefined;
  // Both are rounded: what reads equal contradicts nothing.
  return op.startsWith('<') ? figure.value <= target.value : figure.value >= target.value;
}
