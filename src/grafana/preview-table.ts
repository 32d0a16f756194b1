import type { Panel } from '../formats/grafana/board-model.ts';
import { escapeHtml } from './escape-html.ts';
import { calculationOf, reduced, type Look } from './look.ts';
import type { Frame } from './panel-run.ts';
import { shownValue } from './shown-value.ts';

interface Table {
  head: string[];
  /** The last cell is a number. */
  rows: string[][];
  /** What is not in the rows, in words. */
  more: string;
}

/**
 * A panel's table. Grafana shows one frame at a time: of a query with `format: table` all of its series, of any other query the first
 * series alone, time by time; the others are behind a choice below it. A panel with transformations, which are not done here, and
 * panels that are no tables get a row for each series.
 */
export function tableOf(
  panel: Panel,
  frames: readonly Frame[],
  box: { height: number },
  { look }: { look: Look },
): string {
  const room = Math.max(1, Math.floor((box.height - 30) / 30));
  const asGrafana = /^table(-old)?$/.test(panel.type) && panel.transformations.length === 0;
  const { head, rows, more } = asGrafana ? firstFrame(panel, frames) : bySeries(panel, frames);
  const cut = rows.length > (more === '' ? room : room - 1);
  const shown = cut ? rows.slice(0, Math.max(0, room - 1)) : rows;
  const below = [cut ? `… ${rows.length - shown.length} more` : '', more].filter((one) => one !== '').join('; ');
  const cell = (tag: string, text: string, n: number): string =>
    `<${tag}${n === head.length - 1 ? ' class="number"' : ''}>${escapeHtml(text)}</${tag}>`;
  const line = (tag: string, cells: readonly string[]): string =>
    `<tr>${cells.map((text, n) => cell(tag, text, n)).join('')}</tr>`;
  const last =
    below === ''
      ? ''
      : `<tr><td colspan="${head.length}" class="more" style="color:${look.faint}">${escapeHtml(below)}</td></tr>`;
  return `<table><thead>${line('th', head)}</thead><tbody>${shown.map((row) => line('td', row)).join('')}${last}</tbody></table>`;
}

const labelsOf = (frames: readonly Frame[]): string[] =>
  [...new Set(frames.flatMap((frame) => Object.keys(frame.labels)))].filter((name) => name !== '__name__').slice(0, 6);

/** `2026-01-31 12:00:00` */
export const clock = (at: number): string => new Date(at).toISOString().slice(0, 19).replace('T', ' ');

function firstFrame(panel: Panel, frames: readonly Frame[]): Table {
  const [first] = frames;
  const value = (one: number | null): string => shownValue(panel, one).text;
  if (!first) return { head: ['Time', 'Value'], rows: [], more: '' };
  const formats = new Map(panel.queries.map((query) => [query.refId, query.format]));
  const tables = frames.filter((frame) => formats.get(frame.refId) === 'table');
  const choices = frames.length - tables.length + new Set(tables.map((frame) => frame.refId)).size;
  const more = choices > 1 ? `1 of ${choices} tables; the others are behind a choice` : '';
  if (formats.get(first.refId) !== 'table')
    return { head: ['Time', first.name], rows: first.points.map(([at, one]) => [clock(at), value(one)]), more };
  const own = tables.filter((frame) => frame.refId === first.refId);
  const labels = labelsOf(own);
  const rows = own
    .flatMap((frame) => frame.points.map(([at, one]) => ({ at, one, frame })))
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, one, frame }) => [clock(at), ...labels.map((name) => frame.labels[name] ?? ''), value(one)]);
  return { head: ['Time', ...labels, 'Value'], rows, more };
}

function bySeries(panel: Panel, frames: readonly Frame[]): Table {
  const labels = labelsOf(frames);
  const rows = frames.map((frame) => [
    ...labels.map((name) => frame.labels[name] ?? ''),
    shownValue(panel, reduced(frame, calculationOf(panel))).text,
  ]);
  return { head: [...labels, 'Value'], rows, more: '' };
}
