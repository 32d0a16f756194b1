import { valueAt, type Course, type Schedule } from './courses.ts';
import type { Combination } from './combinations.ts';
import { labelling, textMatching } from './labels.ts';
import type { Needs, Source } from './needs.ts';

/** One series of a drill: its labels, and its value at each step (undefined where there is no sample). */
export interface DrillSeries {
  name: string;
  labels: Record<string, string>;
  /** As promtool's `input_series` writes it, and the same as numbers. */
  text: string;
  values: (number | undefined)[];
}

/** The series of a combination. @param wanted labels that annotations read */
export function seriesOf(
  combination: Combination,
  needs: Needs,
  schedule: Schedule,
  wanted: readonly string[],
): DrillSeries[] {
  const { vary, apart, copies, fan, lead } = combination;
  const chosen = labelling(needs, { vary, apart, wanted });
  const made = new Map<string, DrillSeries>();
  needs.sources.forEach((source, n) => {
    for (let copy = 0; copy < copies; copy++) {
      const course = (copy > 0 ? combination.others?.[n] : undefined) ?? combination.courses[n] ?? { kind: 'none' };
      if (course.kind === 'none') continue;
      const labels = chosen.of(source, copy);
      const les = course.kind === 'mass' ? [...course.les, Infinity] : [undefined];
      for (const le of les) {
        const all = { ...labels, ...(le !== undefined && { le: le === Infinity ? '+Inf' : plain(le) }) };
        const one = { name: nameOf(source), labels: all };
        const id = identity(one.name, all);
        if (made.has(id)) continue;
        made.set(id, { ...one, ...courseText(course, schedule, fan ? copy + 1 : 1, lead, le) });
      }
    }
  });
  return [...made.values()];
}

/** One series that takes a course. */
export const courseSeries = (
  name: string,
  labels: Record<string, string>,
  course: Course,
  schedule: Schedule,
): DrillSeries => ({ name, labels, ...courseText(course, schedule, 1, 0, undefined) });

function nameOf(source: Source): string {
  if (source.name !== undefined) return source.name;
  const matcher = source.matchers.find((m) => m.label === '__name__');
  return (matcher?.op === '=~' ? textMatching(matcher.value) : undefined) ?? 'verify_metric';
}

/** A name of a metric or a label; in quotes where Prometheus 2 would not take it. */
export const quotedName = (name: string): string => (/^[A-Za-z_:][\w:]*$/.test(name) ? name : JSON.stringify(name));

/** `name{a="b"}` with labels in order. */
export function identity(name: string, labels: Readonly<Record<string, string>>): string {
  const inside = Object.entries(labels)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => `${quotedName(label)}=${JSON.stringify(value)}`);
  const named = quotedName(name);
  // A name as Prometheus 3 allows it stands in quotes among the labels.
  if (named !== name) return `{${[named, ...inside].join(',')}}`;
  return inside.length === 0 ? name : `${name}{${inside.join(',')}}`;
}

/** A number without exponent, as promtool's series notation wants it. */
export function plain(n: number): string {
  if (Number.isInteger(n)) return BigInt(n).toString();
  return n.toFixed(12).replace(/\.?0+$/, '');
}

function courseText(
  course: Course,
  schedule: Schedule,
  factor: number,
  lead: number,
  le: number | undefined,
): Pick<DrillSeries, 'text' | 'values'> {
  const before = Math.round(lead / schedule.step);
  const count = Math.ceil(schedule.total / schedule.step) + 1;
  const values: (number | undefined)[] = [];
  for (let n = 0; n < count; n++) {
    const value = valueAt(course, n * schedule.step, schedule, le);
    values.push(value === undefined ? undefined : value * factor);
  }
  const gap = before > 0 ? [`_x${before}`] : [];
  return {
    text: [...gap, ...runs(values)].join(' '),
    values: [...Array.from({ length: before }, () => undefined), ...values],
  };
}

/** Runs of equal steps as `a+bxN`, the rest one by one. */
function runs(values: readonly (number | undefined)[]): string[] {
  const parts: string[] = [];
  for (let at = 0; at < values.length;) {
    const first = values[at];
    const second = values[at + 1];
    let length = 1;
    if (first === undefined) {
      while (at + length < values.length && values[at + length] === undefined) length++;
      parts.push(`_x${length}`);
    } else if (second === undefined) parts.push(plain(first));
    else {
      const delta = second - first;
      const tolerance = 1e-9 * Math.max(1, Math.abs(first), Math.abs(second));
      const next = (n: number): number | undefined => values[at + n];
      for (
        let v = next(length);
        v !== undefined && Math.abs(v - (first + delta * length)) <= tolerance * length;
        v = next(length)
      )
        length++;
      parts.push(
        length < 2 ? plain(first) : `${plain(first)}${delta < 0 ? '-' : '+'}${plain(Math.abs(delta))}x${length - 1}`,
      );
    }
    at += length;
  }
  return parts;
}
