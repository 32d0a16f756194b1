import type { EChartsOption, SeriesOption } from 'echarts';
import { objectOf, textOf } from '../formats/data/json-parts.ts';
import type { Panel } from '../formats/grafana/board-model.ts';
import { colorOf, formatValue, palette } from '../formats/grafana/units.ts';
import { bounds, calculationOf, reduced, stepsOf, thresholdColor, type Look } from './look.ts';
import type { Frame } from './panel-run.ts';
import { shownValue } from './shown-value.ts';

const custom = (panel: Panel, name: string): unknown => panel.custom[name];
const word = (value: unknown): string => (typeof value === 'string' ? value : '');

/** A value as it is plotted: null where there is none; what is next to nothing is nothing. */
const plotted = (value: number | null): number | null =>
  value === null || !Number.isFinite(value) ? null : Math.abs(value) < 1e-30 ? 0 : value;

/**
 * Bounds for values that are all but equal, as a rate's are: ECharts cannot divide an axis whose ends differ by rounding alone.
 * Empty where the values differ.
 */
function flat(frames: readonly Frame[]): { min?: number; max?: number } {
  const values = frames
    .flatMap((frame) => frame.points.map(([, value]) => plotted(value)))
    .filter((value) => value !== null);
  const [low, high] = values.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [Infinity, -Infinity]);
  const size = Math.max(Math.abs(low), Math.abs(high));
  if (values.length === 0 || size === 0 || high - low > size * 1e-6) return {};
  return low > 0 ? { min: 0, max: high * 1.25 } : { min: low * 1.25, max: 0 };
}

/** How a panel wants its series over time drawn. */
function styleOf(panel: Panel) {
  const modeOf = (key: string, part: 'mode' | 'type' = 'mode'): string => textOf(objectOf(custom(panel, key))[part]);
  const [fill, width, size] = [custom(panel, 'fillOpacity'), custom(panel, 'lineWidth'), custom(panel, 'pointSize')];
  const step = /^step(Before|After)$/.exec(word(custom(panel, 'lineInterpolation')))?.[1];
  return {
    bars: custom(panel, 'drawStyle') === 'bars',
    points: custom(panel, 'drawStyle') === 'points',
    stacked: ['normal', 'percent'].includes(modeOf('stacking')),
    // Source: Grafana's defaults of a time series (no area) and of the old graph (a tenth).
    fill: typeof fill === 'number' ? fill / 100 : panel.type === 'graph' ? 0.1 : 0,
    width: typeof width === 'number' ? Math.max(1, width) : 1,
    always: custom(panel, 'showPoints') === 'always',
    size: typeof size === 'number' ? size : 5,
    step: step === undefined ? undefined : step === 'Before' ? ('end' as const) : ('start' as const),
    marks: /line|dashed/.test(modeOf('thresholdsStyle'))
      ? panel.thresholds.filter((one) => one.value !== undefined)
      : [],
    logarithmic: modeOf('scaleDistribution', 'type') === 'log',
    gaps: custom(panel, 'spanNulls') === true,
  };
}

/** One series over time; the first bears the lines of the thresholds. */
function seriesOf(frame: Frame, n: number, style: ReturnType<typeof styleOf>): SeriesOption {
  const { bars, points, stacked, fill, width, step, marks, gaps, always, size } = style;
  const color = palette[n % palette.length] ?? '#73BF69';
  const data = frame.points.map(([at, value]) => [at, plotted(value)]);
  const shared = { name: frame.name, data, color, ...(stacked && { stack: 'all' }) };
  if (bars) return { ...shared, type: 'bar', barMaxWidth: 14 };
  const alone = frame.points.filter(([, value]) => value !== null && Number.isFinite(value)).length <= 1;
  return {
    ...shared,
    type: 'line',
    showSymbol: points || alone || always,
    symbolSize: alone ? 6 : size,
    symbol: 'circle',
    connectNulls: gaps,
    lineStyle: { width: points ? 0 : width, color },
    areaStyle: { color, opacity: fill },
    ...(step !== undefined && { step }),
    ...(n === 0 &&
      marks.length > 0 && {
        markLine: {
          silent: true,
          symbol: 'none',
          label: { show: false },
          data: marks.map((one) => ({
            yAxis: one.value ?? 0,
            lineStyle: { color: colorOf(one.color), type: 'dashed', width: 1.2 },
          })),
        },
      }),
  };
}

/** Lines (or bars, or points) over time. */
export function timeChart(
  panel: Panel,
  frames: readonly Frame[],
  range: { from: number; to: number },
  look: Look,
): EChartsOption {
  const style = styleOf(panel);
  const { bars, stacked, logarithmic } = style;
  return {
    grid: { left: 8, right: 22, top: 10, bottom: 4, containLabel: true },
    xAxis: {
      type: 'time',
      min: range.from,
      max: range.to,
      splitNumber: 5,
      axisLine: { lineStyle: { color: look.grid } },
      axisTick: { show: false },
      splitLine: { show: true, lineStyle: { color: look.grid, width: 0.7 } },
      axisLabel: {
        color: look.faint,
        fontSize: 11,
        fontFamily: look.font,
        hideOverlap: true,
        formatter:
          range.to - range.from < 600_000
            ? '{HH}:{mm}:{ss}'
            : range.to - range.from < 172_800_000
              ? '{HH}:{mm}'
              : '{MM}/{dd}',
      },
    },
    yAxis: {
      type: logarithmic ? 'log' : 'value',
      ...(logarithmic ? {} : flat(frames)),
      ...(panel.min !== undefined && { min: panel.min }),
      ...(panel.max !== undefined && { max: panel.max }),
      scale: panel.min === undefined && !bars && !stacked,
      splitNumber: 4,
      axisLabel: {
        color: look.faint,
        fontSize: 11,
        fontFamily: look.font,
        formatter: (value: number) => formatValue(value, panel.unit, panel.decimals),
      },
      splitLine: { lineStyle: { color: look.grid, width: 0.7 } },
    },
    series: frames.map((frame, n) => seriesOf(frame, n, style)),
  };
}

/** A small line without axes below a stat's value. */
export function sparkline(frame: Frame, color: string): EChartsOption {
  return {
    grid: { left: 0, right: 0, top: 4, bottom: 0 },
    xAxis: { type: 'time', show: false, min: 'dataMin', max: 'dataMax' },
    yAxis: { type: 'value', show: false, scale: true, ...flat([frame]) },
    series: [
      {
        type: 'line',
        showSymbol: false,
        data: frame.points.map(([at, value]) => [at, plotted(value)]),
        lineStyle: { color, width: 1.5 },
        areaStyle: { color, opacity: 0.18 },
      },
    ],
  };
}

export function gaugeChart(panel: Panel, value: number | null, look: Look, size: number): EChartsOption {
  const { min, max } = bounds(panel, [value]);
  const color = thresholdColor(panel, value);
  const at = (one: number): number => Math.min(1, Math.max(0, (one - min) / (max - min)));
  const steps = stepsOf(panel);
  const bands = steps.map((step, n): [number, string] => [at(steps[n + 1]?.value ?? max), colorOf(step.color)]);
  const thick = Math.max(10, size * 0.12);
  const common = {
    type: 'gauge' as const,
    startAngle: 205,
    endAngle: -25,
    min,
    max,
    center: ['50%', '58%'],
    pointer: { show: false },
    axisTick: { show: false },
    splitLine: { show: false },
    axisLabel: { show: false },
  };
  return {
    series: [
      {
        ...common,
        radius: '100%',
        axisLine: { lineStyle: { width: 3, color: bands } },
        detail: { show: false },
        data: [],
      },
      {
        ...common,
        radius: '94%',
        axisLine: { lineStyle: { width: thick, color: [[1, look.track]] } },
        progress: { show: true, width: thick, itemStyle: { color } },
        detail: {
          formatter: () => shownValue(panel, value).text,
          color,
          fontFamily: look.font,
          fontSize: Math.max(18, size * 0.17),
          fontWeight: 500,
          offsetCenter: [0, '2%'],
        },
        data: [{ value: value !== null && Number.isFinite(value) ? value : min }],
      },
    ],
  };
}

/** Buckets over time. Cumulative `le` series are turned into their differences. */
export function heatmapChart(frames: readonly Frame[], look: Look): EChartsOption {
  const bound = (frame: Frame): number => {
    const le = frame.labels['le'] ?? frame.name;
    return le === '+Inf' ? Infinity : Number(le);
  };
  const sorted = frames.every((frame) => !Number.isNaN(bound(frame)))
    ? frames.toSorted((a, b) => bound(a) - bound(b))
    : [...frames];
  const times = [...new Set(sorted.flatMap((frame) => frame.points.map(([at]) => at)))].toSorted((a, b) => a - b);
  const cumulative = sorted.every((frame) => 'le' in frame.labels);
  const cells: [number, number, number][] = [];
  const before = new Map<number, number>();
  sorted.forEach((frame, y) => {
    for (const [at, value] of frame.points) {
      if (value === null || !Number.isFinite(value)) continue;
      const own = cumulative ? Math.max(0, value - (before.get(at) ?? 0)) : value;
      before.set(at, value);
      if (own > 0) cells.push([times.indexOf(at), y, own]);
    }
  });
  const label = { color: look.faint, fontSize: 11, fontFamily: look.font };
  return {
    grid: { left: 8, right: 22, top: 10, bottom: 4, containLabel: true },
    xAxis: {
      type: 'category',
      data: times.map((at) => new Date(at).toISOString().slice(11, 19)),
      axisLabel: { ...label, hideOverlap: true },
      axisTick: { show: false },
      axisLine: { lineStyle: { color: look.grid } },
    },
    yAxis: {
      type: 'category',
      data: sorted.map((frame) => frame.labels['le'] ?? frame.name),
      axisLabel: label,
      axisTick: { show: false },
      axisLine: { show: false },
    },
    visualMap: {
      show: false,
      min: 0,
      max: Math.max(1e-9, ...cells.map(([, , value]) => value)),
      inRange: { color: ['#fff5bf', '#fdae61', '#f46d43', '#9e0142'] },
    },
    series: [{ type: 'heatmap', data: cells, itemStyle: { borderWidth: 0.5, borderColor: look.panel } }],
  };
}

export function pieChart(panel: Panel, frames: readonly Frame[], look: Look): EChartsOption {
  const calculation = calculationOf(panel);
  return {
    series: [
      {
        type: 'pie',
        radius: panel.options['pieType'] === 'donut' ? ['48%', '82%'] : [0, '82%'],
        label: { show: false },
        itemStyle: { borderColor: look.panel, borderWidth: 2 },
        data: frames.map((frame, n) => ({
          name: frame.name,
          value: Math.max(0, reduced(frame, calculation) ?? 0),
          itemStyle: { color: palette[n % palette.length] ?? '#73BF69' },
        })),
      },
    ],
  };
}
