import type { Panel } from './board-model.ts';

const units: Record<string, number> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** `at` moved by whole calendar units, in UTC. */
function moved(at: number, n: number, unit: string): number {
  if (unit === 'M' || unit === 'y' || unit === 'Q') {
    const months = n * (unit === 'y' ? 12 : unit === 'Q' ? 3 : 1);
    const date = new Date(at);
    const day = date.getUTCDate();
    date.setUTCDate(1);
    date.setUTCMonth(date.getUTCMonth() + months);
    const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
    return date.setUTCDate(Math.min(day, last));
  }
  return at + n * (units[unit] ?? 0);
}

/** The beginning of the unit that `at` lies in, in UTC; weeks begin on Sunday, as in Grafana's default. */
function beginning(at: number, unit: string): number {
  const date = new Date(at);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  if (unit === 'y') return Date.UTC(year, 0);
  if (unit === 'Q') return Date.UTC(year, month - (month % 3));
  if (unit === 'M') return Date.UTC(year, month);
  const day = Math.floor(at / 86_400_000) * 86_400_000;
  if (unit === 'w') return day - date.getUTCDay() * 86_400_000;
  return unit === 'd' ? day : Math.floor(at / (units[unit] ?? 1)) * (units[unit] ?? 1);
}

/**
 * Milliseconds since the epoch of `now-6h`, `now/d`, `now-1d/d`, a time stamp or milliseconds; undefined where it is none.
 * A rounding goes to the unit's beginning, at the end of a range to its last millisecond. Source: grafana-data datemath.
 */
export function timeOf(text: string, now: number, end = false): number | undefined {
  const [, steps] = /^now((?:[+-]\d+[smhdwMQy]|\/[smhdwMQy])*)$/.exec(text.trim()) ?? [];
  if (steps !== undefined)
    return [...steps.matchAll(/([+-])(\d+)([smhdwMQy])|\/([smhdwMQy])/g)].reduce((at, [, sign, n, unit, round]) => {
      if (round === undefined) return moved(at, (sign === '-' ? -1 : 1) * Number(n), unit ?? '');
      const from = beginning(at, round);
      return end ? moved(from, 1, round) - 1 : from;
    }, now);
  const plain = /^\d{10,}$/.test(text) ? Number(text) : Date.parse(text);
  return Number.isNaN(plain) ? undefined : plain;
}

/** What of a panel's own range Grafana does not understand: it then shows the dashboard's. Source: grafana-data's describeTextRange and datemath. */
export const rangeOfPanel = (panel: Pick<Panel, 'timeFrom' | 'timeShift'>): string[] =>
  (['timeFrom', 'timeShift'] as const).flatMap((key) => {
    const text = panel[key];
    const read =
      text === undefined || /[$[]/.test(text) || /^(?:now)?(?:[-+]?\d+[smhdwMQy]|\/f?[smhdwMQy])+$/.test(text);
    return read ? [] : [`its ${key} is ${text}, expected one like 5m`];
  });

/** Milliseconds since the epoch. */
export interface Range {
  from: number;
  to: number;
}

/** What a viewer sees who opens a dashboard at `now`. */
export interface ViewRange extends Range {
  now: number;
  /** Both ends as the page’s address has them: `now-6h`, or milliseconds. */
  raw: { from: string; to: string };
}

/** The range of a dashboard opened at `now`. An end that cannot be read is Grafana's default, six hours until now. */
export function viewRange(raw: { from: string; to: string }, now: number): ViewRange {
  const to = timeOf(raw.to, now, true);
  const from = timeOf(raw.from, now);
  if (to === undefined || from === undefined) return viewRange({ from: 'now-6h', to: 'now' }, now);
  const word = (text: string, at: number): string => (text.startsWith('now') ? text.trim() : String(at));
  return { from: Math.min(from, to - 1000), to, now, raw: { from: word(raw.from, from), to: word(raw.to, to) } };
}

/**
 * The range of one panel. `timeFrom` counts from now, whatever the dashboard's end, and only where the dashboard's beginning is
 * relative; `timeShift` moves both ends back. Source: Grafana's applyPanelTimeOverrides.
 */
export function panelRange(panel: Pick<Panel, 'timeFrom' | 'timeShift'>, view: ViewRange): Range {
  let own: Range = { from: view.from, to: view.to };
  if (panel.timeFrom !== undefined && view.raw.from.startsWith('now')) {
    const wanted = panel.timeFrom.startsWith('now') ? panel.timeFrom : `now-${panel.timeFrom}`;
    const from = timeOf(wanted, view.now);
    const to = /\/[a-zA-Z]$/.test(wanted) ? timeOf(wanted, view.now, true) : view.now;
    if (from !== undefined && to !== undefined) own = { from, to };
  }
  const shift = panel.timeShift === undefined ? undefined : timeOf(`now-${panel.timeShift}`, 0);
  return shift === undefined ? own : { from: own.from + shift, to: own.to + shift };
}
