import { markup, type Markup } from './markup.ts';

/** Numbers in SVG with as few digits as can be seen. */
export const px = (n: number): string => String(Math.round(n * 10) / 10);

/** A value read from a table's cell: `1,234`, `3.2 ms`, `95 %`, `-0.5`. */
export interface Quantity {
  value: number;
  unit: string;
}

export function quantity(cell: string): Quantity | undefined {
  const match = /^([+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*([%A-Za-zµ/]{0,12})$/i.exec(
    cell.trim(),
  );
  if (!match) return undefined;
  const value = Number((match[1] ?? '').replaceAll(',', ''));
  return Number.isFinite(value) ? { value, unit: match[2] ?? '' } : undefined;
}

/** Ticks at round values that cover 0 to `max`, at most `count`. */
export function ticks(max: number, count: number): number[] {
  if (!(max > 0)) return [0];
  const raw = max / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5, 10].find((m) => m * power >= raw) ?? 10) * power;
  return Array.from({ length: Math.floor(max / step + 1e-9) + 1 }, (_, n) => n * step);
}

/** A number's bar in a table's cell; what it says stands beside it as text. */
export function dataBar(value: number, max: number): Markup {
  const width = max > 0 ? Math.max(1, (Math.abs(value) / max) * 100) : 0;
  return markup`<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="6"/><rect class="fill" width="${px(width)}" height="6"/></svg>`;
}

/** A small line of values in order, the last one dotted. `label` says it in words. */
export function sparkline(values: readonly number[], label: string): Markup {
  const [w, h, pad] = [160, 36, 4];
  const low = Math.min(...values);
  const span = Math.max(...values) - low;
  const x = (n: number): number => pad + (values.length < 2 ? 0 : (n / (values.length - 1)) * (w - 2 * pad));
  const y = (v: number): number => (span === 0 ? h / 2 : h - pad - ((v - low) / span) * (h - 2 * pad));
  const points = values.map((v, n) => `${px(x(n))},${px(y(v))}`);
  return markup`<svg class="spark" viewBox="0 0 ${w} ${h}" role="img" aria-label="${label}"><polyline points="${points.join(' ')}"/><circle cx="${px(x(values.length - 1))}" cy="${px(y(values.at(-1) ?? 0))}" r="3"/></svg>`;
}

/** A number with three digits that count; very small and very large ones as `9.5 × 10⁻⁶`. */
export function scientific(value: number): string {
  const size = Math.abs(value);
  if (value === 0 || (size >= 1e-3 && size < 1e6)) return String(Number(value.toPrecision(3)));
  const [digits = '', power = ''] = value.toExponential(2).split('e');
  const raised = power.replace('+', '').replace(/./g, (c) => (c === '-' ? '⁻' : ('⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(c)] ?? '')));
  return `${Number(digits)} × 10${raised}`;
}

export interface Series {
  name: string;
  /** A value of null is a gap. */
  points: { x: number; y: number | null }[];
}

export interface Axes {
  x: string;
  y: string;
  /** Places on the x axis that are written, and how. */
  ticksX?: readonly number[];
  showX?: (value: number) => string;
  /** A value that is drawn across, where it is not far from the lines, and what is said of it. */
  limit?: number;
  limitText?: string;
}

/** Lines over a common axis, from 0 or the lowest value upwards. At most eight series are told apart by colour and dash. */
export function lineChart(series: readonly Series[], label: string, axes: Axes): Markup {
  const [w, h, left, right, top, bottom] = [720, 220, 76, 16, 12, 28];
  const shown = series.slice(0, 8);
  const all = shown.flatMap((one) => one.points.flatMap(({ y }) => (y === null ? [] : [y])));
  const xs = shown.flatMap((one) => one.points.map(({ x }) => x));
  const most = Math.max(...all.map(Math.abs));
  const near = axes.limit !== undefined && Math.abs(axes.limit) <= 5 * most ? [axes.limit] : [];
  const low = Math.min(0, ...all, ...near);
  const high = Math.max(low + Number.MIN_VALUE, ...all, ...near) + (near.length > 0 ? most * 0.05 : 0);
  const [from, to] = [Math.min(...xs), Math.max(...xs)];
  const x = (v: number): number => left + ((v - from) / Math.max(1e-9, to - from)) * (w - left - right);
  const y = (v: number): number => h - bottom - ((v - low) / (high - low)) * (h - top - bottom);
  const showX = axes.showX ?? scientific;
  const lines = ticks(high, 5).filter((v) => v >= low);
  const across = axes.ticksX?.filter((v) => v >= from && v <= to) ?? ticks(to - from, 5).map((v) => v + from);
  const anchorOf = (v: number): string => (x(v) > w - 60 ? 'end' : 'middle');
  return markup`<figure class="chart"><svg viewBox="0 0 ${w} ${h}" role="img" aria-label="${label}"> ${lines.map((v) => markup`<path class="grid" d="M${left} ${px(y(v))}H${w - right}"/><text x="${left - 6}" y="${px(y(v) + 4)}" text-anchor="end">${scientific(v)}</text>`)} ${across.map((v) => markup`<text x="${px(x(v))}" y="${h - 8}" text-anchor="${anchorOf(v)}">${showX(v)}</text>`)} ${near.map((v) => markup`<path class="limit" d="M${left} ${px(y(v))}H${w - right}"/>`)} ${shown.map(
    (one, n) =>
      pieces(one).map((piece) =>
        drawn(
          piece.map((p) => [x(p.x), y(p.y)]),
          n,
        ),
      ),
  )} </svg><figcaption>${shown.map((one, n) => markup`<span class="key c${n % 6}">${one.name}</span>`)}${series.length > shown.length && markup`<span>and ${series.length - shown.length} more</span>`}${axes.y !== '' && markup`<span>in ${axes.y}</span>`}${axes.x !== '' && markup`<span>over ${axes.x}</span>`}${axes.limitText !== undefined && markup`<span class="key lm">${axes.limitText}${near.length === 0 && ', beyond what is drawn'}</span>`}</figcaption></figure>`;
}

/** The stretches of a line between its gaps. */
function pieces({ points }: Series): { x: number; y: number }[][] {
  const found: { x: number; y: number }[][] = [[]];
  for (const { x, y } of points) {
    if (y === null) found.push([]);
    else found.at(-1)?.push({ x, y });
  }
  return found.filter((one) => one.length > 0);
}

const drawn = (at: readonly number[][], n: number): Markup =>
  at.length === 1
    ? markup`<circle class="dot c${n % 6}" cx="${px(at[0]?.[0] ?? 0)}" cy="${px(at[0]?.[1] ?? 0)}" r="2.5"/>`
    : markup`<polyline class="line c${n % 6}" points="${at.map(([x = 0, y = 0]) => `${px(x)},${px(y)}`).join(' ')}"/>`;
