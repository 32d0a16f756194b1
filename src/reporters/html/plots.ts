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

/** A row's phases along one axis: a segment between each two times, a tick at each. The times stand beside it as text. */
export function phaseTrack(at: readonly number[], max: number): Markup {
  const x = (value: number): number => (max > 0 ? (value / max) * 98 + 1 : 1);
  return markup`<svg class="phases" aria-hidden="true">${at
    .slice(1)
    .map(
      (to, n) =>
        markup`<rect class="p${Math.min(n, 3)}" x="${px(x(at[n] ?? 0))}%" y="3" width="${px(x(to) - x(at[n] ?? 0))}%" height="8"/>`,
    )}${at.map((value) => markup`<rect class="tick" x="${px(x(value))}%" y="0" width="2" height="14"/>`)}</svg>`;
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

export interface Series {
  name: string;
  points: { x: number; y: number }[];
}

/** Lines over a common axis, from 0 or the lowest value upwards. At most six series are told apart by colour and dash. */
export function lineChart(series: readonly Series[], label: string, units: { x: string; y: string }): Markup {
  const [w, h, left, right, top, bottom] = [720, 220, 64, 12, 12, 28];
  const all = series.flatMap((one) => one.points);
  const low = Math.min(0, ...all.map((p) => p.y));
  const high = Math.max(low + 1e-9, ...all.map((p) => p.y));
  const from = Math.min(...all.map((p) => p.x));
  const to = Math.max(from + 1e-9, ...all.map((p) => p.x));
  const x = (v: number): number => left + ((v - from) / (to - from)) * (w - left - right);
  const y = (v: number): number => h - bottom - ((v - low) / (high - low)) * (h - top - bottom);
  const lines = ticks(high, 4).filter((v) => v >= low);
  const across = ticks(to - from, 6).map((v) => v + from);
  const show = (v: number): string => String(Number(v.toPrecision(4)));
  return markup`<figure class="chart"><svg viewBox="0 0 ${w} ${h}" role="img" aria-label="${label}"> ${lines.map((v) => markup`<path class="grid" d="M${left} ${px(y(v))}H${w - right}"/><text x="${left - 6}" y="${px(y(v) + 4)}" text-anchor="end">${show(v)}</text>`)} ${across.map((v) => markup`<text x="${px(x(v))}" y="${h - 8}" text-anchor="middle">${show(v)}</text>`)} ${series.slice(0, 6).map((one, n) => markup`<polyline class="line c${n}" points="${one.points.map((p) => `${px(x(p.x))},${px(y(p.y))}`).join(' ')}"/>`)} </svg><figcaption> ${series.slice(0, 6).map((one, n) => markup`<span class="key c${n}">${one.name}</span>`)}${units.y !== '' && markup`<span>in ${units.y}</span>`}${units.x !== '' && markup`<span>over ${units.x}</span>`} </figcaption></figure>`;
}
