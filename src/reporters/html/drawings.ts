import { showDuration } from '../../core/duration.ts';
import type { PlotOf } from '../../core/plot.ts';
import { markup, plural, scrolls, type Markup } from './markup.ts';
import { lineChart, px, scientific, ticks } from './plots.ts';

/** A service level over time, with the limit that it was held against. */
export function courseDrawing(plot: PlotOf<'course'>, title: string): Markup {
  const start = Date.parse(plot.from);
  const clock = (seconds: number): string => new Date(start + seconds * 1000).toISOString().slice(11, 19);
  const all = plot.series.flatMap(({ points }) => points.flatMap(([, value]) => (value === null ? [] : [value])));
  if (!Number.isFinite(start) || all.length === 0)
    return markup`<p class="by">Nothing to draw: no sample is a number.</p>`;
  const { limit } = plot;
  return lineChart(
    plot.series.map(({ name, points }) => ({ name, points: points.map(([x, y]) => ({ x, y })) })),
    `${title}: ${plot.series.map(({ name }) => name).join(', ')} from ${clock(0)} to ${clock(plot.to)} UTC`,
    {
      x: 'time in UTC',
      y: '',
      showX: clock,
      ticksX: clockTicks(start, plot),
      ...(limit && { limit: limit.than, limitText: `promised: ${limit.op} ${scientific(limit.than)}` }),
    },
  );
}

/** Seconds since the start at which a clock on the wall shows a round time. */
function clockTicks(start: number, { series }: PlotOf<'course'>): number[] {
  const xs = series.flatMap(({ points }) => points.map(([x]) => x));
  const [from, to] = [Math.min(...xs), Math.max(...xs)];
  const step = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200].find((one) => (to - from) / one <= 6);
  if (step === undefined) return ticks(to - from, 5).map((v) => v + from);
  const first = Math.ceil((start / 1000 + from) / step) * step - start / 1000;
  return Array.from({ length: Math.floor((to - first) / step) + 1 }, (_, n) => first + n * step);
}

const wayOf: Record<string, string> = {
  promtool: 'promtool, in simulated time',
  unit: 'promtool, in simulated time',
  sandbox: 'a Prometheus of its own',
  inject: 'the running Prometheus, with series put in',
  fault: 'the running stack, with a real fault',
};
export const wayName = (way: string): string => wayOf[way] ?? way;

const phaseClass: Record<string, string> = {
  inactive: 'ph-inactive',
  pending: 'ph-pending',
  firing: 'ph-firing',
  resolved: 'ph-resolved',
};

/** The courses of a drill, a track an alert, along one axis for each clock. */
export function phasesDrawing(plot: PlotOf<'phases'>, label: string): Markup {
  const clocks = [...new Set(plot.rows.map((row) => row.clock))];
  return markup`${clocks.map((clock) => {
    const rows = plot.rows.filter((row) => row.clock === clock);
    const max = Math.max(1, ...rows.flatMap(({ events }) => events.map(({ at }) => at)));
    return markup`<p class="by drill">In ${wayName(clock)}</p>${scrolls(
      `${label}, ${wayName(clock)}`,
      markup`<table class="tracks"><thead><tr><th scope="col">Alert</th><th scope="col">${timeAxis(max)}</th></tr></thead><tbody>${rows.map(
        ({ name, events }) =>
          markup`<tr><th scope="row">${name}</th><td>${track(events, max)}<span class="by">${events.map(({ at, what }, n) => markup`${n > 0 && ' → '}${what} ${showDuration(at)}`)}</span></td></tr>`,
      )}</tbody></table>`,
    )}`;
  })}<p class="legend"><span class="ph-inactive">inactive</span><span class="ph-pending">pending</span><span class="ph-firing">firing</span><span class="ph-delivered">delivered</span><span class="ph-resolved">resolved</span></p>`;
}

/** Ticks at round times; without a view box, so that the text keeps its shape at any width. */
export function timeAxis(total: number): Markup {
  return markup`<span class="hidden">When</span><svg class="axis" aria-hidden="true">${timeTicks(total).map((t) => {
    const at = px((t / total) * 100);
    const side = t === 0 ? 'start' : t / total > 0.9 ? 'end' : 'middle';
    return markup`<rect x="${at}%" y="15" width="1" height="5"/><text x="${at}%" y="11" text-anchor="${side}">${t === 0 ? '0' : tick(t, total)}</text>`;
  })}</svg>`;
}

const units = [1, 2, 5, 10, 15, 20, 30];
/** Times that a clock shows: 4 to 8 of them, in milliseconds. */
function timeTicks(total: number): number[] {
  if (total < 4000) return ticks(total, 5);
  const scale = total < 240_000 ? 1000 : total < 14_400_000 ? 60_000 : 3_600_000;
  const step = units.map((n) => n * scale).find((one) => total / one <= 7);
  return step === undefined
    ? ticks(total, 6)
    : Array.from({ length: Math.floor(total / step) + 1 }, (_, n) => n * step);
}

/** A round time, all of an axis in one unit: `500 ms`, `20 s`, `5 min`. */
const tick = (t: number, total: number): string =>
  total < 4000
    ? `${Math.round(t)} ms`
    : total < 240_000
      ? `${Number((t / 1000).toFixed(1))} s`
      : total < 14_400_000
        ? `${Number((t / 60_000).toFixed(1))} min`
        : `${Number((t / 3_600_000).toFixed(1))} h`;

function track(events: PlotOf<'phases'>['rows'][number]['events'], max: number): Markup {
  const x = (at: number): number => (at / max) * 98 + 1;
  const states = events.filter(({ what }) => phaseClass[what] !== undefined);
  const end = Math.max(max, ...events.map(({ at }) => at));
  const segments = states.map(({ at, what }, n) => {
    const to = states[n + 1]?.at ?? end;
    return markup`<rect class="${phaseClass[what] ?? ''}" x="${px(x(at))}%" y="4" width="${px(Math.max(0.3, x(to) - x(at)))}%" height="8"/>`;
  });
  const others = events.filter(({ what }) => phaseClass[what] === undefined);
  return markup`<svg class="track" aria-hidden="true">${segments}${others.map(
    ({ at, what }) =>
      markup`<rect class="${what === 'delivered' ? 'ph-delivered' : 'tick'}" x="${px(x(at))}%" y="0" width="${what === 'delivered' ? 4 : 2}" height="16"/>`,
  )}</svg>`;
}

/** Figures beside baseline and limit, a group of operations at a time: a bar, its interval, and where it would break. */
export function levelsDrawing(plot: PlotOf<'levels'>, label: string): Markup {
  const groups = [...new Set(plot.rows.map((row) => row.group))];
  const based = plot.rows.some((row) => row.base);
  return markup`${scrolls(
    label,
    markup`<table class="levels"><thead><tr><th scope="col">Benchmark</th><th scope="col"><span class="hidden">Drawn</span></th><th scope="col" class="n">Measured</th>${based && markup`<th scope="col" class="n">Baseline</th>`}<th scope="col" class="n">Limit</th></tr></thead>${groups.map(
      (group) =>
        markup`<tbody>${group !== '' && groups.length > 1 && markup`<tr><th class="group" colspan="${based ? 5 : 4}" scope="rowgroup">${group}</th></tr>`}${plot.rows
          .filter((row) => row.group === group)
          .map((row) => levelRow(row, based))}</tbody>`,
    )}</table>`,
  )}<p class="legend"><span class="lv-bar">measured</span>${plot.rows.some((row) => row.low !== undefined) && markup`<span class="lv-interval">its interval</span>`}${based && markup`<span class="lv-base">baseline</span><span class="lv-allowed">where a regression begins</span>`}<span class="lv-limit">limit</span></p>`;
}

function levelRow(row: PlotOf<'levels'>['rows'][number], based: boolean): Markup {
  const { at, low, high, base, allowed, limit, more } = row;
  const own = [at, high ?? at, base?.at ?? 0, allowed?.at ?? 0];
  // A limit far away would press baseline and measurement into one: it is then told, not drawn.
  const far = limit !== undefined && base !== undefined && limit.at > 4 * Math.max(...own);
  const max = Math.max(Number.MIN_VALUE, ...own, ...(limit && !far ? [limit.at] : [])) * 1.04;
  const x = (value: number): string => `${px((Math.max(0, value) / max) * 100)}%`;
  const mark = (name: string, value: number | undefined): Markup | undefined =>
    value === undefined ? undefined : markup`<rect class="lv-${name}" x="${x(value)}" y="0" width="2" height="18"/>`;
  return markup`<tr><th scope="row">${row.name}</th><td class="drawn"><svg class="gauge" aria-hidden="true"><rect class="lv-track" width="100%" y="5" height="8"/><rect class="lv-bar${row.held ? '' : ' broken'}" width="${x(at)}" y="5" height="8"/>${low !== undefined && high !== undefined && markup`<rect class="lv-interval" x="${x(low)}" y="8" width="${px(((high - low) / max) * 100)}%" height="2"/>`}${mark('base', base?.at)}${mark('allowed', allowed?.at)}${mark('limit', far ? undefined : limit?.at)}</svg></td><td class="n ${row.held ? 'good' : 'bad'}"><span aria-hidden="true">${row.held ? '✔' : '✘'}</span> ${row.text}${!row.held && markup`<span class="hidden">, does not hold</span>`}</td>${based && markup`<td class="n">${base ? markup`${base.text}${allowed && markup` <small>${more ? 'down' : 'up'} to ${allowed.text}</small>`}` : '–'}</td>`}<td class="n">${limit ? markup`<small>${more ? 'at least' : 'at most'}</small> ${limit.text}` : '–'}</td></tr>`;
}

type Coverage = PlotOf<'coverage'>;

/** Every alert against every drill: what was drilled, how, and whether its notification arrived. */
export function coverageDrawing(drills: readonly { id: string; plot: Coverage; link: Markup }[]): Markup {
  const names = [...new Set(drills.flatMap(({ plot }) => plot.rows.map((row) => row.name)))];
  const rows = names.map((name) => {
    const cells = drills.map(({ plot }) => plot.rows.find((row) => row.name === name));
    const drilled = cells.some((cell) => cell?.state === 'drilled');
    const weight = cells.some((cell) => cell?.state === 'failed')
      ? 0
      : drilled
        ? 3
        : cells.some((cell) => cell?.state === 'waived')
          ? 2
          : 1;
    return { name, cells, drilled, weight, delivered: cells.some((cell) => cell?.delivered) };
  });
  const count = rows.filter((row) => row.drilled).length;
  const arrived = rows.filter((row) => row.delivered).length;
  return markup`<p><b class="${count === rows.length ? 'good' : 'bad'}">${count} of ${plural(rows.length, 'alert')} drilled</b>; of ${arrived} the notification arrived.</p>${scrolls(
    'Which alerts were drilled',
    markup`<table class="matrix"><thead><tr><th scope="col">Alert</th>${drills.map(({ plot, link }) => markup`<th scope="col">${plot.way}<br/>${link}</th>`)}<th scope="col">delivered</th></tr></thead><tbody>${rows
      .toSorted((a, b) => a.weight - b.weight)
      .map(
        ({ name, cells, delivered }) =>
          markup`<tr><th scope="row">${name}</th>${cells.map(cell)}<td class="${delivered ? 'good' : ''}">${delivered ? '✔ arrived' : '·'}</td></tr>`,
      )}</tbody></table>`,
  )}`;
}

function cell(row: Coverage['rows'][number] | undefined): Markup {
  switch (row?.state) {
    case 'drilled':
      return markup`<td class="good">✔ drilled</td>`;
    case 'failed':
      return markup`<td class="bad">✘ ${row.said.replace(/^[✖✘?·] ?/, '')}</td>`;
    case 'waived':
      return markup`<td class="waived">≈ waived: ${row.said}</td>`;
    case 'earlier':
    case 'never':
    case undefined:
      return markup`<td>·<span class="hidden"> not in this drill</span></td>`;
  }
}
