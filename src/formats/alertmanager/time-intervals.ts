import { months } from '../data/months.ts';
import { listOf, objectOf, textOf, type JsonObject } from '../data/json-parts.ts';
import type { Place } from './matchers.ts';

/** Is a moment within a time interval (any of its parts)? Undefined where it cannot be read. */
export type Within = (at: Date) => boolean | undefined;

const days = 'sunday monday tuesday wednesday thursday friday saturday'.split(' ');

/** The named time intervals of a configuration. Source: Alertmanager's documentation, "time_interval". */
export function timeIntervals(config: JsonObject): Map<string, Within> {
  const all = [...listOf(config['time_intervals']), ...listOf(config['mute_time_intervals'])].map(objectOf);
  return new Map(
    all.map((one) => {
      const parts = listOf(one['time_intervals']).map((part) => reader(objectOf(part)));
      return [
        textOf(one['name']),
        (at) => (parts.some((part) => part === undefined) ? undefined : parts.some((part) => part?.(at) === true)),
      ];
    }),
  );
}

/** What Alertmanager refuses of time intervals. Source: timeinterval.go. */
export function timeFaults(config: JsonObject, refuse: (message: string, at: Place) => void): void {
  const names = new Set<string>();
  for (const list of ['mute_time_intervals', 'time_intervals'])
    for (const [n, interval] of listOf(config[list]).map(objectOf).entries()) {
      const name = textOf(interval['name']);
      if (name === '') refuse('a time interval has no name', [list, n]);
      else if (names.has(name)) refuse(`two time intervals are called ${name}`, [list, n, 'name']);
      names.add(name);
      for (const [k, part] of listOf(interval['time_intervals']).map(objectOf).entries()) {
        const at = [list, n, 'time_intervals', k];
        for (const [key, value] of Object.entries(part)) {
          const why =
            key in parts
              ? listOf(value)
                  .map(parts[key] ?? (() => undefined))
                  .find((one) => one !== undefined)
              : '';
          if (key === 'location' && formatOf(textOf(value)) === undefined)
            refuse(`location: there is no time zone ${textOf(value)}`, [...at, key]);
          else if (key !== 'location' && why !== undefined)
            refuse(why === '' ? `${key} is not a key of a time interval` : `${key}: ${why}`, [...at, key]);
        }
      }
    }
}

/** Why a range is refused: `from:to`, both of which `of` reads and whose order is from low to high. */
const range =
  (of: (text: string) => number | undefined, low: number, high: number) =>
  (one: unknown): string | undefined => {
    const text = String(one);
    const [from, to = from, ...more] = text.split(':').map((part) => of(part.trim().toLowerCase()));
    if (from === undefined || to === undefined || more.length > 0) return `"${text}" cannot be read`;
    if ([from, to].some((n) => Math.abs(n) < low || Math.abs(n) > high || (n < 0 && low !== 1)))
      return `"${text}" is out of range`;
    return from > to && from * to > 0 ? `"${text}" ends before it begins` : undefined;
  };
const numeric = (text: string): number | undefined => (/^-?\d+$/.test(text) ? Number(text) : undefined);
const parts: Record<string, (one: unknown) => string | undefined> = {
  times: (one) => {
    const [from, to] = ['start_time', 'end_time'].map((key) => minutes(objectOf(one)[key]));
    if (from === undefined || to === undefined) return 'expected start_time and end_time as "HH:MM"';
    if (from > 1440 || to > 1440) return 'a time is at most 24:00';
    return from >= to ? 'it ends before it begins; split it at midnight' : undefined;
  },
  weekdays: range((text) => (days.includes(text) ? days.indexOf(text) : undefined), 0, 6),
  days_of_month: range(numeric, 1, 31),
  months: range((text) => (months.includes(text) ? months.indexOf(text) + 1 : numeric(text)), 0, Infinity),
  years: range(numeric, 0, 9999),
  location: () => undefined,
};

type Clock = Record<'minute' | 'weekday' | 'day' | 'last' | 'month' | 'year', number>;

function reader(part: JsonObject): ((at: Date) => boolean) | undefined {
  const zone = textOf(part['location']) || 'UTC';
  const format = formatOf(zone);
  const ranges = (key: string, of: (text: string) => number | undefined): [number, number][] | undefined => {
    const found = listOf(part[key]).map((one): [number, number] | undefined => {
      const [from, to] = textOf(one)
        .split(':')
        .map((text) => of(text.trim().toLowerCase()));
      const end = textOf(one).includes(':') ? to : from;
      return from === undefined || end === undefined ? undefined : [from, end];
    });
    return found.some((one) => one === undefined) ? undefined : (found as [number, number][]);
  };
  const named = (names: readonly string[], base: number) => (text: string) =>
    names.includes(text) ? names.indexOf(text) + base : numeric(text);
  const times = listOf(part['times']).map((one): [number, number] | undefined => {
    const [from, to] = ['start_time', 'end_time'].map((key) => minutes(objectOf(one)[key]));
    return from === undefined || to === undefined ? undefined : [from, to];
  });
  const weekdays = ranges('weekdays', named(days, 0));
  const monthDays = ranges('days_of_month', numeric);
  const inMonths = ranges('months', named(months, 1));
  const years = ranges('years', numeric);
  if (!format || !weekdays || !monthDays || !inMonths || !years || times.some((one) => one === undefined))
    return undefined;
  const inside = (list: readonly [number, number][], value: number): boolean =>
    list.length === 0 || list.some(([from, to]) => value >= from && value <= to);
  return (at) => {
    const clock = clockOf(format, at);
    const fromEnd = (n: number): number => (n < 0 ? clock.last + n + 1 : n);
    return (
      (times.length === 0 || times.some((one) => one && clock.minute >= one[0] && clock.minute < one[1])) &&
      inside(weekdays, clock.weekday) &&
      inside(
        monthDays.map(([from, to]) => [fromEnd(from), fromEnd(to)]),
        clock.day,
      ) &&
      inside(inMonths, clock.month) &&
      inside(years, clock.year)
    );
  };
}

/** Minutes since midnight of `HH:MM`; YAML may have read it as a number to the base of 60. */
function minutes(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  const match = /^(\d{2}):(\d{2})$/.exec(textOf(value));
  return match ? Number(match[1]) * 60 + Number(match[2]) : undefined;
}

function formatOf(zone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-GB', {
      timeZone: zone === 'Local' ? 'UTC' : zone,
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      hourCycle: 'h23',
    });
  } catch {
    return undefined;
  }
}

function clockOf(format: Intl.DateTimeFormat, at: Date): Clock {
  const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const [year = 0, month = 1, day = 1] = [part['year'], part['month'], part['day']];
  return {
    minute: (part['hour'] ?? 0) * 60 + (part['minute'] ?? 0),
    weekday: new Date(Date.UTC(year, month - 1, day)).getUTCDay(),
    day,
    last: new Date(Date.UTC(year, month, 0)).getUTCDate(),
    month,
    year,
  };
}

/** Is a route that is muted in `muted`, or active only in `active`, silent at a moment? Undefined where that cannot be read. */
export function silentAt(
  route: { muted: readonly string[]; active: readonly string[] },
  intervals: ReadonlyMap<string, Within>,
  at: Date,
): boolean | undefined {
  const asked = (names: readonly string[]): (boolean | undefined)[] => names.map((name) => intervals.get(name)?.(at));
  const [muted, active] = [asked(route.muted), asked(route.active)];
  if (muted.includes(true)) return true;
  if (active.length > 0 && active.every((one) => one === false)) return true;
  return [...muted, ...active].includes(undefined) ? undefined : false;
}

/** Is it silent at every hour of the year to come? Undefined where that cannot be read. */
export function alwaysSilent(
  route: { muted: readonly string[]; active: readonly string[] },
  intervals: ReadonlyMap<string, Within>,
  from: Date,
): boolean | undefined {
  if (route.muted.length === 0 && route.active.length === 0) return false;
  // Odd minutes: bounds are mostly at full or half hours, and a gap of a few minutes is none that anybody relies on.
  const step = 29 * 60_000;
  for (let at = from.getTime(); at < from.getTime() + 366 * 86_400_000; at += step) {
    const silent = silentAt(route, intervals, new Date(at));
    if (silent !== true) return silent;
  }
  return true;
}
