import type { Table } from '../../core/judgement.ts';
import type { Plot, PlotOf } from '../../core/plot.ts';
import type { RunRecord, StepRecord } from '../../core/record.ts';
import { entries, withUnit } from '../../core/words.ts';
import { coverageDrawing, courseDrawing, levelsDrawing, phasesDrawing } from './drawings.ts';
import { anchor, markup, plural, scrolls, type Markup } from './markup.ts';
import { dataBar, quantity, type Quantity } from './plots.ts';

const maxRows = 1000;

interface Of<K extends Plot['kind']> {
  step: StepRecord;
  table: Table;
  plot: PlotOf<K>;
}

function plotsOf<K extends Plot['kind']>(record: RunRecord, kind: K): Of<K>[] {
  return record.steps.flatMap((step) =>
    step.tables.flatMap((table) => (table.plot?.kind === kind ? [{ step, table, plot: table.plot as PlotOf<K> }] : [])),
  );
}

const link = (step: StepRecord): Markup => markup`<a href="#${anchor('step', step.id)}"><code>${step.id}</code></a>`;
const section = (id: string, title: string, inner: Markup): Markup =>
  markup`<section id="${id}" aria-labelledby="${id}-h"><h2 id="${id}-h">${title}</h2>${inner}</section>`;

/** Service levels over time. */
export function levelsSection(record: RunRecord): Markup | undefined {
  const all = plotsOf(record, 'course');
  if (all.length === 0) return undefined;
  return section(
    'levels',
    'Service levels',
    markup`${all.map(
      ({ step, table, plot }) =>
        markup`<section class="measured"><h3>${step.title}</h3><p class="by"><code>${table.title}</code>, by ${link(step)}</p>${courseDrawing(plot, table.title)}${folded(table, step, 'The numbers')}</section>`,
    )}`,
  );
}

/** Which alerts were drilled, and the course of each drill. */
export function drillsSection(record: RunRecord): Markup | undefined {
  const coverage = plotsOf(record, 'coverage');
  const phases = plotsOf(record, 'phases');
  if (coverage.length === 0) return undefined;
  return section(
    'drills',
    'Alert drills',
    markup`${coverageDrawing(coverage.map(({ step, plot }) => ({ id: step.id, plot, link: link(step) })))}${coverage.map(
      ({ step, table }) => {
        const course = phases.find((one) => one.step === step);
        return markup`<details class="measured"${step.outcome === 'passed' ? '' : markup` open`}><summary><h3>${step.title}</h3> <span class="by">${step.id}</span></summary>${course && phasesDrawing(course.plot, `Courses, by ${step.id}`)}${tableMarkup(table, labelOf(step, table))}</details>`;
      },
    )}`,
  );
}

/** Benchmarks beside baseline and limit. */
export function benchmarksSection(record: RunRecord): Markup | undefined {
  const all = plotsOf(record, 'levels').filter(({ plot }) => plot.rows.length > 0);
  if (all.length === 0) return undefined;
  return section(
    'benchmarks',
    'Benchmarks',
    markup`${all.map(
      ({ step, table, plot }) =>
        markup`<section class="measured"><h3>${step.title}</h3><p class="by">by ${link(step)}</p>${levelsDrawing(plot, `Figures, by ${step.id}`)}${folded(table, step, 'The numbers')}</section>`,
    )}`,
  );
}

/** What is drawn elsewhere in the page. */
const drawn = new Set<Plot['kind']>(['course', 'coverage', 'phases', 'levels']);

/** All other tables, folded where all is well. */
export function tablesSection(record: RunRecord): Markup | undefined {
  const all = record.steps.flatMap((step) =>
    step.tables.flatMap((table) =>
      (table.plot && drawn.has(table.plot.kind)) || table.rows.length === 0 ? [] : [{ step, table }],
    ),
  );
  const facts = factsTable(record);
  if (all.length === 0 && facts.rows.length === 0) return undefined;
  return section(
    'tables',
    'Tables',
    markup`${facts.rows.length > 0 && markup`<details class="measured"><summary><h3>Facts</h3> <span class="by">${plural(facts.rows.length, 'value')} that the steps measured</span></summary>${tableMarkup(facts, 'Facts')}</details>`}${all.map(({ step, table }) => folded(table, step, table.title, step.outcome === 'failed' && table.rows.some(isBad)))}`,
  );
}

const factsTable = (record: RunRecord): Table => ({
  title: 'Facts',
  columns: ['Fact', 'Value', 'Step'],
  rows: record.steps.flatMap((step) =>
    entries(step.facts).map(([name, value]) => [name, withUnit(step, name, value), step.id]),
  ),
});

/** A name of its own for each table, so that places of the page can be told apart by ear. */
function labelOf(step: StepRecord, table: Table): string {
  const n = step.tables.filter((one) => one.title === table.title).indexOf(table);
  return `${table.title}, by ${step.id}${n > 0 ? ` (${n + 1})` : ''}`;
}

function folded(table: Table, step: StepRecord, title: string, open = false): Markup {
  const bad = table.rows.filter(isBad).length;
  return markup`<details class="measured"${open && markup` open`}><summary><h3>${title}</h3> <span class="by">${plural(table.rows.length, 'row')}${title === table.title && `, by ${step.id}`}</span>${bad > 0 && markup` <span class="bad">✘ ${bad}</span>`}</summary>${tableMarkup(table, labelOf(step, table))}</details>`;
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

/** What does not hold stands first; numbers stand right, with a bar where three or more of one unit can be compared. */
export function tableMarkup(table: Table, label: string): Markup {
  const all = [...table.rows.filter(isBad), ...table.rows.filter((row) => !isBad(row))];
  const rows = all.slice(0, maxRows);
  const columns = numericColumns({ ...table, rows });
  const highest = columns.map((column) => Math.max(0, ...(column?.cells.map((q) => Math.abs(q?.value ?? 0)) ?? [])));
  const barred = columns.map((column, n) => {
    const values = column?.cells.flatMap((q) => (q ? [q.value] : [])) ?? [];
    return n > 0 && column !== undefined && column.unit !== '' && values.length >= 3 && new Set(values).size > 1;
  });
  return markup`${scrolls(
    label,
    markup`<table><thead><tr>${table.columns.map((name, n) => markup`<th scope="col"${columns[n] && markup` class="n"`}>${name}</th>`)}</tr></thead><tbody>${rows.map(
      (row, at) =>
        markup`<tr>${row.map((cell, n) => {
          const column = columns[n];
          const q = column?.cells[at];
          if (n === 0) return markup`<th scope="row"${column && markup` class="n"`}>${cell}</th>`;
          if (!column || !q) return markup`<td${tone(cell)}>${cell}</td>`;
          return markup`<td class="n">${cell}${barred[n] && dataBar(q.value, highest[n] ?? 0)}</td>`;
        })}</tr>`,
    )}</tbody></table>`,
  )}${all.length > rows.length && markup`<p class="by">… and ${all.length - rows.length} more rows, in the record</p>`}`;
}

const good = /^(?:✔|yes$|held$)/i;
const bad = /^(?:[✘✖]|(?:no|never|failed|false|regressed|above)$)/i;
const isBad = (row: readonly string[]): boolean => row.some((cell, n) => n > 0 && bad.test(cell));

/** Cells that begin with a mark, or say yes or no, are coloured; the word stays. */
function tone(cell: string): Markup | undefined {
  if (good.test(cell)) return markup` class="good"`;
  if (bad.test(cell)) return markup` class="bad"`;
  return undefined;
}
