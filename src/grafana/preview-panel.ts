import type { Panel } from '../formats/grafana/board-model.ts';
import { formatValue, palette } from '../formats/grafana/units.ts';
import { interpolateText, type Scope } from '../formats/grafana/variables.ts';
import { escapeHtml } from './escape-html.ts';
import { gaugeChart, heatmapChart, pieChart, sparkline, timeChart } from './charts.ts';
import type { drawChart } from './draw-chart.ts';
import { bounds, calculationOf, reduced, type Look } from './look.ts';
import type { Frame, PanelRun, PanelState } from './panel-run.ts';
import { tableOf } from './preview-table.ts';
import { shownValue } from './shown-value.ts';

export interface Drawing {
  draw: typeof drawChart;
  look: Look;
  scope: Scope;
  range: { from: number; to: number };
}

interface Box {
  width: number;
  height: number;
}

export const stateWords: Record<Exclude<PanelState, 'data'>, string> = {
  empty: 'No data',
  'all-NaN': 'Only NaN',
  error: 'Query error',
  'variable-empty': 'Empty variable',
  'datasource-missing': 'Data source not found',
  'no-query': 'No query',
  'not-asked': 'Not asked',
  browser: 'Not asked',
  'library-missing': 'Library panel not found',
  'plugin-missing': 'Panel plugin not found',
  'source-type': 'Data source of another type',
  'series-hidden': 'Every series is hidden',
};

const chartTypes = new Set(['timeseries', 'graph', 'trend']);

/** What stands in the body of a panel. */
export function panelBody(
  panel: Panel,
  run: PanelRun | undefined,
  frames: readonly Frame[],
  box: Box,
  drawing: Drawing,
): string {
  if (panel.type === 'text')
    return `<div class="prose">${prose(interpolateText(typeof panel.options['content'] === 'string' ? panel.options['content'] : '', drawing.scope))}</div>`;
  if (!run) return `<div class="state quiet">${escapeHtml(panel.type)}: nothing to draw from Prometheus</div>`;
  if (run.noValue !== undefined && ['empty', 'variable-empty'].includes(run.state))
    return `<div class="state"><strong>${escapeHtml(run.noValue)}</strong></div>`;
  if (run.state !== 'data') {
    const why = run.why === undefined ? '' : `<span>${escapeHtml(run.why.slice(0, 160))}</span>`;
    return `<div class="state ${run.state}"><b>${stateWords[run.state]}</b>${why}</div>`;
  }
  const filled = frames.filter((frame) => frame.points.length > 0);
  try {
    return drawn(panel, filled, box, drawing);
  } catch {
    // The chart library refuses odd values: the data are shown all the same.
    return tableOf(panel, filled, box, drawing);
  }
}

function drawn(panel: Panel, filled: readonly Frame[], box: Box, drawing: Drawing): string {
  if (chartTypes.has(panel.type)) return withLegend(panel, filled, box, drawing);
  switch (panel.type) {
    case 'stat':
    case 'singlestat':
      return stat(panel, filled, box, drawing);
    case 'gauge':
      return gauges(panel, filled, box, drawing);
    case 'bargauge':
      return bars(panel, filled, box, drawing);
    case 'heatmap':
      return drawing.draw(heatmapChart(filled, drawing.look), box);
    case 'piechart':
      return withLegend(panel, filled, box, drawing);
    case 'table':
    case 'table-old':
      return tableOf(panel, filled, box, drawing);
    default:
      // A picture of another kind would mislead: the series are listed.
      return `<div class="undrawn">${escapeHtml(panel.type)}: not drawn, its series are listed</div>${tableOf(panel, filled, { ...box, height: box.height - 20 }, drawing)}`;
  }
}

function withLegend(panel: Panel, frames: readonly Frame[], box: Box, drawing: Drawing): string {
  const legend = panel.options['legend'] as
    | { showLegend?: boolean; displayMode?: string; placement?: string; calcs?: unknown }
    | undefined;
  const hidden = legend?.showLegend === false || legend?.displayMode === 'hidden';
  const right = legend?.placement === 'right' && !hidden;
  const calcs = Array.isArray(legend?.calcs)
    ? legend.calcs.filter((one): one is string => typeof one === 'string')
    : [];
  const pie = panel.type === 'piechart';
  const shown = frames.slice(0, right ? Math.floor(box.height / 20) : 24);
  const entries = shown.map((frame, n) => {
    const extra = (calcs.length > 0 ? calcs : pie ? [calculationOf(panel)] : [])
      .map(
        (calc) =>
          `<em>${calcs.length > 0 ? `${calcLabel(calc)}: ` : ''}${escapeHtml(formatValue(reduced(frame, calc), panel.unit, panel.decimals))}</em>`,
      )
      .join('');
    return `<span class="key"><i style="background:${palette[n % palette.length]}"></i>${escapeHtml(frame.name)}${extra}</span>`;
  });
  if (frames.length > shown.length) entries.push(`<span class="key">… ${frames.length - shown.length} more</span>`);
  // A row of the legend for about every so many characters of its names.
  const letters = shown.reduce((sum, frame) => sum + Math.min(60, frame.name.length) + 5 + calcs.length * 20, 0);
  const rows = hidden || right ? 0 : Math.min(3, Math.max(1, Math.ceil((letters * 6.6) / box.width)));
  const size = right
    ? { width: Math.round(box.width * 0.72), height: box.height }
    : { width: box.width, height: Math.max(40, box.height - rows * 20) };
  const option = pie ? pieChart(panel, frames, drawing.look) : timeChart(panel, frames, drawing.range, drawing.look);
  return `<div class="plot${right ? ' right' : ''}">${drawing.draw(option, size)}${hidden ? '' : `<div class="legend" style="max-height:${right ? box.height : rows * 20}px">${entries.join('')}</div>`}</div>`;
}

const calcLabel = (calc: string): string =>
  ({ lastNotNull: 'Last', last: 'Last', mean: 'Mean', max: 'Max', min: 'Min', sum: 'Total', firstNotNull: 'First' })[
    calc
  ] ?? calc;

function stat(panel: Panel, frames: readonly Frame[], box: Box, drawing: Drawing): string {
  const shown = frames.slice(0, 12);
  const across = box.width >= box.height;
  const width = across ? box.width / shown.length : box.width;
  const height = across ? box.height : box.height / shown.length;
  const graph = panel.options['graphMode'] !== 'none';
  const filled = panel.options['colorMode'] === 'background';
  const cells = shown.map((frame) => {
    const value = reduced(frame, calculationOf(panel));
    const { text, color } = shownValue(panel, value);
    const size = Math.max(16, Math.min(56, (width * 0.72) / Math.max(3, text.length * 0.6), height * 0.42));
    const line =
      graph && frame.points.length > 2 && height > 90
        ? drawing.draw(sparkline(frame, filled ? '#ffffff' : color), {
            width: Math.round(width),
            height: Math.round(height * 0.32),
          })
        : '';
    const name =
      shown.length > 1 || panel.options['textMode'] === 'value_and_name'
        ? `<small>${escapeHtml(frame.name)}</small>`
        : '';
    const style = filled ? `background:${color};color:#fff` : `color:${color}`;
    return `<div class="stat" style="${style}">${name}<strong style="font-size:${size.toFixed(0)}px">${escapeHtml(text)}</strong>${line === '' ? '' : `<div class="spark">${line}</div>`}</div>`;
  });
  return `<div class="stats" style="flex-direction:${across ? 'row' : 'column'}">${cells.join('')}</div>`;
}

function gauges(panel: Panel, frames: readonly Frame[], box: Box, drawing: Drawing): string {
  const shown = frames.slice(0, 8);
  const named = shown.length > 1 ? 18 : 0;
  const width = Math.floor(box.width / shown.length);
  return `<div class="stats">${shown
    .map((frame) => {
      const svg = drawing.draw(
        gaugeChart(panel, reduced(frame, calculationOf(panel)), drawing.look, Math.min(width, box.height - named)),
        { width, height: box.height - named },
      );
      return `<div class="gauge">${svg}${named > 0 ? `<small>${escapeHtml(frame.name)}</small>` : ''}</div>`;
    })
    .join('')}</div>`;
}

/** Side by side in a panel that is wider than high, else one below the other. Source: grafana-ui's VizRepeater on `auto`. */
function bars(panel: Panel, frames: readonly Frame[], box: Box, drawing: Drawing): string {
  const values = frames.map((frame) => reduced(frame, calculationOf(panel)));
  const { min, max } = bounds(panel, values);
  const wanted = panel.options['orientation'];
  const upright = wanted === 'vertical' || (wanted !== 'horizontal' && box.width > box.height);
  const cells = frames.slice(0, 14).map((frame, n) => {
    const value = values[n] ?? null;
    const { text, color } = shownValue(panel, value);
    const share =
      value === null || !Number.isFinite(value) ? 0 : Math.min(100, Math.max(0.6, ((value - min) / (max - min)) * 100));
    return `<div class="bar"><span class="name">${escapeHtml(frame.name)}</span><span class="track" style="background:${drawing.look.track}"><span style="${upright ? 'height' : 'width'}:${share.toFixed(1)}%;background:${color}"></span></span><span class="value" style="color:${color}">${escapeHtml(text)}</span></div>`;
  });
  return `<div class="bars${upright ? ' upright' : ''}">${cells.join('')}</div>`;
}

/** Headings, lists, emphasis and code of Markdown; everything else as text. Nothing of it can be markup of its own. */
function prose(source: string): string {
  const inline = (text: string): string =>
    escapeHtml(text)
      .replace(/`([^`]+)`/g, '<code>$1</code>')
      .replace(/\*\*([^*]+)\*\*/g, '<b>$1</b>')
      .replace(/\[([^\]]+)\]\([^)]*\)/g, '<u>$1</u>');
  return source
    .replace(/<[^>]*>/g, '')
    .split('\n')
    .map((line) => {
      const heading = /^(#{1,4})\s+(.*)$/.exec(line);
      if (heading) return `<h${heading[1]?.length}>${inline(heading[2] ?? '')}</h${heading[1]?.length}>`;
      const item = /^\s*[-*]\s+(.*)$/.exec(line);
      if (item) return `<p class="item">${inline(item[1] ?? '')}</p>`;
      return line.trim() === '' ? '' : `<p>${inline(line)}</p>`;
    })
    .join('');
}
