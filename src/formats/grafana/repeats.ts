import type { Board, Panel, Row } from './board-model.ts';
import { chosen, type Scope } from './variables.ts';

const columns = 24;

/** Values of a repeat's variable; undefined where it has none, and then nothing is repeated. */
function valuesOf(name: string | undefined, scope: Scope): string[] | undefined {
  const variable = name === undefined ? undefined : scope.get(name);
  const values = variable ? chosen(variable) : [];
  return values.length === 0 ? undefined : values;
}

const withValue = (panel: Panel, name: string, value: string): ReadonlyMap<string, string> =>
  new Map([...(panel.scoped ?? []), [name, value]]);

/** Copies of a panel at their places. Source of the places: Grafana's DashboardModel, repeatPanel. */
function copiesOf(panel: Panel, scope: Scope): { copies: Panel[]; added: number } {
  const { repeat, grid } = panel;
  const values = valuesOf(repeat?.variable, scope);
  if (!repeat || !values) return { copies: [panel], added: 0 };
  const w = Math.max(columns / values.length, columns / repeat.perRow);
  let [x, y] = [0, grid.y];
  let last = y;
  const copies = values.map((value): Panel => {
    const scoped = withValue(panel, repeat.variable, value);
    if (repeat.down) {
      const place = { ...grid, y };
      [last, y] = [y, y + grid.h];
      return { ...panel, grid: place, scoped };
    }
    if (x + w > columns) [x, y] = [0, y + grid.h];
    const place = { ...grid, x, y, w };
    [x, last] = [x + w, y];
    return { ...panel, grid: place, scoped };
  });
  return { copies, added: last - grid.y };
}

/** The panels of one band, those that are repeated in their copies; what lies below a repeated one is pushed down. */
function bandOf(panels: readonly Panel[], scope: Scope): { panels: Panel[]; added: number } {
  let shift = 0;
  const out: Panel[] = [];
  for (const [at, panel] of panels.entries()) {
    const { copies, added } = copiesOf({ ...panel, grid: { ...panel.grid, y: panel.grid.y + shift } }, scope);
    out.push(...copies);
    // What stands beside it stays where it is.
    const next = panels[at + 1];
    if (next && next.grid.y >= panel.grid.y + panel.grid.h) shift += added;
    else if (!next) shift += added;
  }
  return { panels: out, added: shift };
}

/**
 * The dashboard as its page lays it out: a copy of each repeated panel and row for each chosen value, with the value in `scoped`
 * and an id of its own, counted on from the highest, as Grafana does up to 11.2.
 */
export function expandRepeats(board: Board, scope: Scope): Board {
  if (!board.panels.some((one) => one.repeat) && !board.rows.some((one) => one.repeat !== undefined)) return board;
  const panels: Panel[] = [];
  const rows: Row[] = [];
  let shift = 0;
  const bands: [Row | undefined, Panel[]][] = [
    [undefined, board.panels.filter((one) => one.row === undefined)],
    ...board.rows.map((row, n): [Row, Panel[]] => [row, board.panels.filter((one) => one.row === n)]),
  ];
  for (const [row, own] of bands) {
    const band = bandOf(own, scope);
    const top = row?.y ?? 0;
    const height = Math.max(1, ...band.panels.map((one) => one.grid.y + one.grid.h - top));
    const values = valuesOf(row?.repeat, scope) ?? [undefined];
    for (const [n, value] of values.entries()) {
      const down = shift + n * height;
      if (row) rows.push({ ...row, y: row.y + down });
      for (const panel of band.panels)
        panels.push({
          ...panel,
          grid: { ...panel.grid, y: panel.grid.y + down },
          ...(row && { row: rows.length - 1 }),
          ...(value !== undefined && row?.repeat !== undefined && { scoped: withValue(panel, row.repeat, value) }),
        });
    }
    shift += band.added + (values.length - 1) * height;
  }
  const used = new Set<number>();
  let next = Math.max(0, ...board.panels.map((one) => one.id)) + 1;
  for (const panel of panels) {
    // Two panels of the file with one id keep it: their pages do.
    if (panel.scoped && used.has(panel.id)) [panel.copyOf, panel.id] = [panel.id, next++];
    used.add(panel.id);
  }
  return { ...board, panels, rows };
}
