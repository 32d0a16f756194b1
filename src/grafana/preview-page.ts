import { clock } from './preview-table.ts';
import type { Board, Panel } from '../formats/grafana/board-model.ts';
import { interpolateText, scopeOf } from '../formats/grafana/variables.ts';
import type { drawChart } from './draw-chart.ts';
import { looks, type Look, type Theme } from './look.ts';
import type { Frame, PanelRun } from './panel-run.ts';
import { escapeHtml } from './escape-html.ts';
import { panelBody } from './preview-panel.ts';
import type { Scope } from '../formats/grafana/variables.ts';

/** Grafana's grid: 24 columns, rows of 30 px with a gap of 8. */
const [width, gap, cell, side, head] = [1600, 8, 30, 16, 92];

interface Placed {
  panel: Panel;
  y: number;
}
interface PlacedRow {
  title: string;
  y: number;
}

/** Where everything lies with all rows opened: the panels of a collapsed row push what follows down. */
export function layOut(board: Board): { panels: Placed[]; rows: PlacedRow[]; height: number } {
  const panels: Placed[] = [];
  const rows: PlacedRow[] = [];
  let shift = 0;
  const open = board.panels.filter((panel) => panel.collapsedIn === undefined);
  const sorted = board.rows.toSorted((a, b) => a.y - b.y);
  const bands = [undefined, ...sorted];
  bands.forEach((band, n) => {
    const begin = band?.y ?? -1;
    const until = bands[n + 1]?.y ?? Infinity;
    if (band) rows.push({ title: band.title, y: band.y + shift });
    for (const panel of open.filter((one) => one.grid.y >= begin && one.grid.y < until))
      panels.push({ panel, y: panel.grid.y + shift });
    const at = band ? board.rows.indexOf(band) : -1;
    const hidden = board.panels.filter((one) => one.collapsedIn !== undefined && one.row === at);
    if (hidden.length === 0) return;
    const top = Math.min(...hidden.map((one) => one.grid.y));
    for (const panel of hidden) panels.push({ panel, y: begin + shift + 1 + panel.grid.y - top });
    shift += Math.max(...hidden.map((one) => one.grid.y + one.grid.h)) - top;
  });
  const height = Math.max(1, ...panels.map(({ panel, y }) => y + panel.grid.h), ...rows.map((row) => row.y + 1));
  return { panels, rows, height };
}

export interface Page {
  html: string;
  width: number;
  height: number;
}

export interface PageInput {
  board: Board;
  runs: ReadonlyMap<Panel, { run: PanelRun; frames: Frame[] }>;
  scope: Scope;
  range: { from: number; to: number };
  theme: Theme;
  draw: typeof drawChart;
  /** Where the dashboard and its data come from. */
  origin: string;
}

/** The page of one dashboard: no script, nothing loaded; it says on itself that it is a preview. */
export function previewPage(input: PageInput): Page {
  const { board, runs, scope, range, theme, draw, origin } = input;
  const look = looks[theme];
  const { panels, rows, height } = layOut(board);
  const column = (width - 2 * side + gap) / 24;
  const boxes = panels.map(({ panel, y }) => {
    const w = Math.round(Math.min(24, panel.grid.w) * column - gap);
    const h = panel.grid.h * (cell + gap) - gap;
    const result = runs.get(panel);
    const own = scopeOf(panel, scope);
    const title = interpolateText(panel.title, own);
    const inner = { width: w - 18, height: h - (title === '' ? 14 : 42) };
    const frames = (result?.frames ?? []).map((frame) => ({ ...frame, name: interpolateText(frame.name, own) }));
    const body = panelBody(panel, result?.run, frames, inner, { draw, look, scope: own, range });
    const bad = result !== undefined && result.run.state !== 'data' && result.run.noValue === undefined;
    return `<section class="panel${bad ? ' bad' : ''}" style="left:${Math.round(side + panel.grid.x * column)}px;top:${head + y * (cell + gap)}px;width:${w}px;height:${h}px">${title === '' ? '' : `<h2>${escapeHtml(title)}</h2>`}<div class="body">${body}</div></section>`;
  });
  const bars = rows.map(
    (row) =>
      `<div class="row" style="top:${head + row.y * (cell + gap)}px">▾&ensp;${escapeHtml(interpolateText(row.title, scope))}</div>`,
  );
  const variables = [...scope]
    .filter(([, value]) => value.values.length > 0 || value.all)
    .slice(0, 6)
    .map(
      ([name, value]) =>
        `<span class="variable"><b>${escapeHtml(name)}</b>${escapeHtml(value.all ? 'All' : value.values.slice(0, 4).join(' + '))}</span>`,
    );
  const total = head + height * (cell + gap) + 12;
  const html = `<!doctype html><html><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><title>${escapeHtml(board.title)}</title><style>${style(look)}</style></head>
<body style="width:${width}px;height:${total}px">
<header><div><h1>${escapeHtml(board.title)}</h1><div class="meta">${variables.join('')}<span>${clock(range.from)} to ${clock(range.to)} UTC</span><span>${escapeHtml(origin)}</span></div></div>
<div class="mark"><b>Preview, reduced fidelity</b><span>drawn by verify from the dashboard’s JSON and Prometheus’s data, not by Grafana</span></div></header>
${bars.join('\n')}
${boxes.join('\n')}
</body></html>`;
  return { html, width, height: total };
}

const style = (look: Look): string => `
*{box-sizing:border-box;margin:0;padding:0}
body{position:relative;background:${look.canvas};color:${look.text};font:13px/1.4 ${look.font};-webkit-font-smoothing:antialiased;overflow:hidden}
header{position:absolute;left:${side}px;right:${side}px;top:14px;height:62px;display:flex;justify-content:space-between;align-items:center}
h1{font-size:22px;font-weight:500;line-height:1.3}
.meta{display:flex;gap:16px;align-items:center;color:${look.faint};font-size:12px;margin-top:5px}
.variable{border:1px solid ${look.border};border-radius:3px;padding:1px 8px;background:${look.panel};color:${look.text}}
.variable b{font-weight:500;color:${look.faint};margin-right:8px}
.mark{border:1px solid #FF9830;border-radius:4px;padding:7px 14px;text-align:right;color:${look.text}}
.mark b{display:block;color:#E8821A;font-weight:600;font-size:14px}
.mark span{color:${look.faint};font-size:11.5px}
.panel{position:absolute;background:${look.panel};border:1px solid ${look.border};border-radius:4px;overflow:hidden}
.panel.bad{border-color:#E02F4488}
.panel h2{font-size:14px;font-weight:500;padding:8px 10px 4px;height:32px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.body{position:absolute;left:8px;right:8px;bottom:8px;top:34px}
section:not(:has(h2)) .body{top:6px}
.row{position:absolute;left:${side}px;right:${side}px;height:${cell}px;line-height:${cell}px;font-size:15px;font-weight:500}
.plot{height:100%;display:flex;flex-direction:column}
.plot.right{flex-direction:row;gap:8px}
.plot.right .legend{flex-direction:column;flex-wrap:nowrap;padding-top:6px}
.plot svg,.gauge svg,.spark svg,.body>svg{display:block}
.legend{display:flex;flex-wrap:wrap;gap:0 16px;overflow:hidden;padding-left:6px}
.key{display:flex;align-items:center;height:20px;font-size:12px;max-width:100%;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.key i{flex:none;display:inline-block;width:14px;height:4px;border-radius:2px;margin-right:7px}
.key em{font-style:normal;color:${look.faint};margin-left:8px}
.stats{display:flex;height:100%;gap:4px}
.stat{position:relative;flex:1;display:flex;flex-direction:column;align-items:center;justify-content:center;border-radius:3px;overflow:hidden;min-width:0}
.stat strong{font-weight:500;line-height:1.15;position:relative}
.stat small,.gauge small{font-size:12.5px;color:${look.text};max-width:100%;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.stat:has(.spark) strong{margin-bottom:22%}
.spark{position:absolute;left:0;right:0;bottom:0}
.gauge{flex:1;text-align:center;min-width:0}
.bars{height:100%;display:grid;grid-template-columns:max-content 1fr max-content;grid-auto-rows:minmax(0,46px);align-content:space-evenly;gap:6px 14px;padding:2px 4px}
.bar{display:contents}.bar>*{align-self:center}
.bar .name{white-space:nowrap;overflow:hidden;text-overflow:ellipsis;max-width:280px;font-size:13px}
.bar .track{height:100%;min-height:8px;max-height:46px;border-radius:3px;overflow:hidden;display:block}
.bar .track span{display:block;height:100%;border-radius:3px}
.bars.upright{display:flex;gap:14px}.upright .bar{flex:1;min-width:0;display:flex;flex-direction:column-reverse;text-align:center}
.upright .bar>*{align-self:stretch}.upright .bar .name{max-width:none}.upright .bar .track{flex:1;min-height:0;max-height:none;display:flex;align-items:flex-end}.upright .bar .track span{width:100%}.upright .bar .value{text-align:center}
.bar .value{font-size:17px;font-weight:500;text-align:right;white-space:nowrap}
table{width:100%;border-collapse:collapse;font-size:13px}
th{text-align:left;font-weight:500;color:#5794F2;height:30px;padding:0 8px;border-bottom:1px solid ${look.border}}
td{height:30px;padding:0 8px;border-bottom:1px solid ${look.border};white-space:nowrap;overflow:hidden;text-overflow:ellipsis;max-width:340px}
.number{text-align:right;font-variant-numeric:tabular-nums}
.undrawn{font-size:11px;font-style:italic;opacity:.75;padding:2px 4px;height:16px}
.state{height:100%;display:flex;flex-direction:column;align-items:center;justify-content:center;gap:6px;color:${look.faint};text-align:center;padding:0 12px}
.state b{font-weight:500;font-size:16px;color:#E02F44}
.state strong{font-weight:500;font-size:32px;color:${look.text}}
.state.quiet{font-size:12px}
.state span{font-size:12px;max-width:90%;overflow:hidden}
.prose{padding:2px 6px;overflow:hidden;height:100%}
.prose h1,.prose h2,.prose h3,.prose h4{padding:0;margin:0 0 6px;height:auto;font-weight:500}
.prose p{margin:0 0 6px}.prose .item{padding-left:14px;text-indent:-10px}.prose .item:before{content:"•  "}
.prose code{font-family:monospace;background:${look.track};padding:0 4px;border-radius:2px}`;
