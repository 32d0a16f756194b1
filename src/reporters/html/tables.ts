import { outcomeMark } from '../../core/words.ts';
import type { Table } from '../../core/judgement.ts';
import type { RunRecord } from '../../core/record.ts';
import { anchor, markup, type Markup } from './markup.ts';
import { dataBar, lineChart, phaseTrack, quantity, type Quantity } from './plots.ts';

const maxRows = 500;

/** A part of the page that may be wider than a phone, to be moved by keyboard too. */
export const scrolls = (label: string, inner: Markup): Markup =>
  markup`<div class="scroll" role="region" aria-label="Table: ${label}" tabindex="0">${inner}</div>`;

export function tablesSection(record: RunRecord): Markup | undefined {
  const all = record.steps.flatMap((step) => step.tables.map((table) => ({ step, table })));
  if (all.length === 0) return undefined;
  return markup`<section id="tables" aria-labelledby="tables-h"><h2 id="tables-h">Measured</h2> ${all.map(
    ({ step, table }) =>
      markup`<section class="measured"><h3>${table.title}</h3><p class="by"> by step <a href="#${anchor('step', step.id)}"><code>${step.id}</code></a></p> ${drawn(table, `${table.title}, by ${step.id}`)}</section>`,
  )}</section>`;
}

/** A course over time is a plot, with its numbers folded below; anything else is a table. */
export function drawn(table: Table, label: string): Markup {
  const plot = chart(table);
  if (!plot) return tableMarkup(table, label);
  return markup`${plot}<details><summary>The numbers</summary>${tableMarkup(table, label)}</details>`;
}

/** Each column as numbers of one unit, or undefined where it is text. Empty cells and dashes are gaps. */
function numericColumns(table: Table): (({ cells: (Quantity | undefined)[] } & { unit: string }) | undefined)[] {
  return table.columns.map((_, n) => {
    const cells = table.rows.map((row) => row[n] ?? '');
    const filled = cells.filter((cell) => !/^[–—-]?$/.test(cell.trim()));
    const numbers = filled.map(quantity);
    const unit = numbers[0]?.unit ?? '';
    if (filled.length === 0 || numbers.some((q) => q === undefined || q.unit !== unit)) return undefined;
    return { cells: cells.map(quantity), unit };
  });
}

/** A table whose first column rises, with numbers beside it, is a course over time: it is drawn as lines. */
function chart(table: Table): Markup | undefined {
  const columns = numericColumns(table);
  const [first, ...others] = columns;
  const along = first?.cells;
  if (!along || along.length < 6 || along.some((q) => q === undefined)) return undefined;
  const xs = along.flatMap((q) => (q ? [q.value] : []));
  if (xs.some((x, n) => n > 0 && x <= (xs[n - 1] ?? x))) return undefined;
  const drawn = others.flatMap((column, n) => (column ? [{ column, name: table.columns[n + 1] ?? '' }] : []));
  const unit = drawn[0]?.column.unit ?? '';
  const same = drawn.filter(({ column }) => column.unit === unit);
  if (same.length === 0) return undefined;
  return lineChart(
    same.map(({ column, name }) => ({
      name,
      points: column.cells.flatMap((q, n) => (q ? [{ x: xs[n] ?? 0, y: q.value }] : [])),
    })),
    `${table.title}: ${same.map(({ name }) => name).join(', ')} over ${table.columns[0] ?? ''}`,
    { x: [table.columns[0] ?? '', first?.unit ?? ''].filter(Boolean).join(', '), y: unit },
  );
}

const times = new Set(['ms', 's', 'm', 'min', 'h']);

/** Columns of times that rise from left to right in every row, three or more: phases that something went through. */
function phaseColumns(table: Table, columns: ReturnType<typeof numericColumns>): number[] {
  const first = columns.findIndex((column) => column !== undefined && times.has(column.unit));
  const unit = columns[first]?.unit;
  const along = columns.flatMap((column, n) => (column && column.unit === unit ? [n] : []));
  const rising = table.rows.every((_, row) => {
    const values = along.flatMap((n) => columns[n]?.cells[row]?.value ?? []);
    return values.every((value, n) => n === 0 || value >= (values[n - 1] ?? value));
  });
  return along.length >= 3 && rising ? along : [];
}

/** Numbers stand right, with a bar where three or more of one unit can be compared; phases get a track of their own. */
function tableMarkup(table: Table, label: string): Markup {
  const columns = numericColumns(table);
  const phases = phaseColumns(table, columns);
  const rows = table.rows.slice(0, maxRows);
  const highest = new Map<string, number>();
  for (const column of columns) {
    if (!column) continue;
    const max = Math.max(0, ...column.cells.map((q) => Math.abs(q?.value ?? 0)));
    highest.set(column.unit, Math.max(highest.get(column.unit) ?? 0, max));
  }
  const barred = columns.map((column, n) => {
    const values = column?.cells.flatMap((q) => (q ? [q.value] : [])) ?? [];
    return n > 0 && !phases.includes(n) && values.length >= 3 && new Set(values).size > 1;
  });
  const longest = highest.get(columns[phases[0] ?? -1]?.unit ?? '') ?? 0;
  return markup`${scrolls(
    label,
    markup`<table><thead><tr>${table.columns.map((name, n) => markup`<th scope="col"${columns[n] && markup` class="n"`}>${name}</th>`)}${phases.length > 0 && markup`<th scope="col">Course</th>`}</tr></thead><tbody>${rows.map(
      (row, at) =>
        markup`<tr>${row.map((cell, n) => {
          const column = columns[n];
          const q = column?.cells[at];
          if (n === 0) return markup`<th scope="row"${column && markup` class="n"`}>${cell}</th>`;
          if (!column || !q) return markup`<td${tone(cell)}>${cell}</td>`;
          return markup`<td class="n">${cell}${barred[n] && dataBar(q.value, highest.get(column.unit) ?? 0)}</td>`;
        })}${
          phases.length > 0 &&
          markup`<td>${phaseTrack(
            phases.flatMap((n) => columns[n]?.cells[at]?.value ?? []),
            longest,
          )}</td>`
        }</tr>`,
    )}</tbody></table>`,
  )}${table.rows.length > rows.length && markup`<p class="by">… and ${table.rows.length - rows.length} more rows, in the record</p>`}`;
}

/** Cells that begin with an outcome's mark, or say yes or no, are coloured; the word stays. */
function tone(cell: string): Markup | undefined {
  if (cell.startsWith(outcomeMark.passed) || /^yes$/i.test(cell)) return markup` class="good"`;
  if (cell.startsWith(outcomeMark.failed) || /^(?:no|never|failed)$/i.test(cell)) return markup` class="bad"`;
  return undefined;
}
