import type { Needs, Source } from './needs.ts';

/** The course of a series' value over the drill's time, in seconds from its start. */
export type Course =
  | { kind: 'none' }
  | { kind: 'flat'; value: number }
  /** Grows by `slope` a second from 0: a counter. */
  | { kind: 'count'; slope: number }
  /** Reaches `end` at the end, with `slope` a second. */
  | { kind: 'line'; end: number; slope: number }
  | { kind: 'step'; before: number; after: number }
  | { kind: 'bend'; before: number; after: number }
  | { kind: 'swing'; low: number; high: number }
  /** Jumps only just before the hold begins. */
  | { kind: 'spike'; low: number; high: number }
  /** One sample in `every` seconds. */
  | { kind: 'sparse'; value: number; every: number }
  /** A histogram whose observations all fall into the bucket that ends at `les[at]`. */
  | { kind: 'mass'; les: number[]; at: number; slope: number };

/** Seconds: when samples come, when rules are evaluated, how long all of it takes. */
export interface Schedule {
  step: number;
  evaluation: number;
  hold: number;
  total: number;
  /** Where `step` and `bend` turn. */
  turn: number;
}

const longest = 6 * 3600;

/** @param evaluation the group's interval; @param hold the rule's `for`; both in seconds */
export function scheduleOf(needs: Needs, evaluation: number, hold: number): Schedule {
  const history = Math.min(needs.range, longest);
  const rough = needs.offset + history + hold + 4 * evaluation;
  // What counts changes needs as many samples in its range.
  const turns = Math.max(
    0,
    ...needs.sources.flatMap(({ usage, thresholds }) => (usage === 'swing' ? thresholds.filter((n) => n < 60) : [])),
  );
  const samples = Math.max(4, 2 * (turns + 2));
  const fine = Math.max(1, Math.min(60, Math.floor(needs.shortest > 0 ? needs.shortest / samples : 60)));
  const coarse = needs.shortest > 0 ? Math.min(240, Math.floor(needs.shortest / 3)) : 240;
  const step = Math.max(1, rough / fine > 3000 ? Math.min(Math.max(coarse, fine), Math.ceil(rough / 3000)) : fine);
  // Thousands of evaluations prove no more than hundreds; the hold is what has to be met.
  const every = Math.max(evaluation, Math.ceil(rough / 1500 / evaluation) * evaluation);
  const total = Math.ceil((needs.offset + history + hold + 4 * every + 2 * step) / every) * every;
  return { step, evaluation: every, hold, total, turn: total - (needs.offset + hold + history) / 2 };
}

/** The value at a time; undefined where there is no sample. */
export function valueAt(course: Course, time: number, schedule: Schedule, le?: number): number | undefined {
  switch (course.kind) {
    case 'none':
      return undefined;
    case 'flat':
      return course.value;
    case 'count':
      return course.slope * time;
    case 'line':
      return course.end + course.slope * (time - schedule.total);
    case 'step':
      return time < schedule.turn ? course.before : course.after;
    case 'bend':
      return course.before * Math.min(time, schedule.turn) + course.after * Math.max(0, time - schedule.turn);
    case 'swing':
      return Math.round(time / schedule.step) % 2 === 0 ? course.low : course.high;
    case 'spike':
      return time < schedule.total - schedule.hold - 2 * schedule.evaluation - schedule.step ? course.low : course.high;
    case 'sparse':
      return time % (Math.ceil(course.every / schedule.step) * schedule.step) === 0 ? course.value : undefined;
    case 'mass':
      return (le ?? Infinity) >= (course.les[course.at] ?? Infinity) ? course.slope * time : 0;
  }
}

const round = (n: number): number => Number(n.toPrecision(10));
const distinct = <T>(list: readonly T[]): T[] => {
  const seen = new Map(list.map((one) => [JSON.stringify(one), one]));
  return [...seen.values()];
};

/** Values above, below and at the thresholds, likeliest first. */
function ladder(thresholds: readonly number[]): { up: number[]; down: number[]; at: number[] } {
  const near = thresholds.slice(0, 6);
  const size = Math.max(1, ...near.map(Math.abs));
  const up = near.map((c) => (c > 0 ? 1.5 * c : c < 0 ? 0.5 * c : 1));
  const down = near.map((c) => (c > 0 ? 0.5 * c : c < 0 ? 1.5 * c : -1));
  const between = near.flatMap((a, n) => near.slice(n + 1).map((b) => (a + b) / 2));
  return {
    up: distinct([...up, 1, ...between, 100 * size, 1e4 * size, 1e8 * size, ...near].map(round)),
    down: distinct(
      [
        ...down.filter((v) => v >= 0),
        0,
        ...between,
        ...down,
        ...near.map((c) => c / 1000),
        -100 * size,
        -1e9 * size,
        ...near,
      ].map(round),
    ),
    at: distinct([...near, ...between, ...near.flatMap((c) => [c + 1, c - 1])].map(round)),
  };
}

/** Courses of a source: those that help where a large value is asked for, those where a small one is, and the rest. */
export function coursesOf(source: Source, needs: Needs): { up: Course[]; down: Course[]; both: Course[] } {
  const { up, down, at } = ladder(source.thresholds);
  const flat = (value: number): Course => ({ kind: 'flat', value });
  const turned = needs.offset > 0;
  switch (source.usage) {
    case 'bucket':
      return bucketCourses(source);
    case 'counter': {
      const count = (slope: number): Course => ({ kind: 'count', slope });
      const bends: Course[] = turned
        ? [
            { kind: 'bend', before: 100, after: 0 },
            { kind: 'bend', before: 1, after: 1000 },
            { kind: 'bend', before: 1000, after: 1 },
          ]
        : [];
      const positive = (list: readonly number[]): Course[] => list.filter((v) => v >= 0).map(count);
      const highs = positive(up);
      const lows = positive([...down, 0]);
      return {
        up: [...bends, ...highs],
        down: distinct([...bends, ...lows]),
        both: distinct([...bends, ...positive(at), ...highs, ...lows]),
      };
    }
    case 'trend': {
      const rising = up.filter((v) => v > 0).flatMap((v): Course[] => [{ kind: 'line', end: v, slope: v }]);
      const falling = distinct(
        [...up, ...down]
          .filter((v) => v !== 0)
          .flatMap((v): Course[] => [
            { kind: 'line', end: Math.abs(v) / 10, slope: -Math.abs(v) },
            { kind: 'line', end: Math.abs(v), slope: -Math.abs(v) / 1000 },
            { kind: 'line', end: v, slope: -Math.abs(v) },
          ]),
      );
      const still = [...at, 0, ...up].map(flat);
      return {
        up: [...rising, ...still],
        down: [...falling, flat(0), ...down.map(flat)],
        both: distinct([...falling.slice(0, 6), ...rising, ...still, ...falling]),
      };
    }
    case 'swing': {
      const swings = [1, ...up.filter((v) => v > 0)].map((high): Course => ({ kind: 'swing', low: 0, high }));
      const spikes: Course[] = [
        { kind: 'spike', low: 1, high: 1000 },
        { kind: 'spike', low: 1000, high: 1 },
      ];
      return {
        up: [...swings, ...spikes, flat(1)],
        down: [flat(1), flat(0), ...swings],
        both: [...swings, ...spikes, flat(1), flat(0)],
      };
    }
    case 'density': {
      const thin = [240, 290, 600].map((every): Course => ({ kind: 'sparse', value: 1, every }));
      return { up: [flat(1), ...thin], down: [...thin, flat(1)], both: [flat(1), ...thin] };
    }
    case 'stamp': {
      const thin: Course[] = [{ kind: 'sparse', value: 1, every: 290 }];
      return { up: [flat(1), ...thin], down: [...thin, flat(1)], both: [flat(1), ...thin] };
    }
    case 'gauge': {
      const steps: Course[] = turned
        ? [
            { kind: 'step', before: 1, after: 100 * Math.max(10, ...source.thresholds.map(Math.abs)) },
            { kind: 'step', before: 1000, after: 1 },
            { kind: 'step', before: 100 * Math.max(10, ...source.thresholds.map(Math.abs)), after: 1 },
            { kind: 'step', before: 0, after: 1 },
            { kind: 'step', before: 1, after: 0 },
          ]
        : [];
      const lists = { up: [...steps, ...up.map(flat)], down: [...steps, ...down.map(flat)] };
      return { ...lists, both: distinct([...steps, ...at.map(flat), ...lists.up, ...lists.down]) };
    }
  }
}

function bucketCourses(source: Source): { up: Course[]; down: Course[]; both: Course[] } {
  const positive = source.thresholds.filter((c) => c > 0).slice(0, 4);
  const les = distinct(
    (positive.length === 0 ? [1] : positive).flatMap((c) => [c / 4, c / 2, c, 2 * c, 10 * c]).map(round),
  ).toSorted((a, b) => a - b);
  const mass = (at: number): Course => ({ kind: 'mass', les, at, slope: 10 });
  const all = les.map((_, at) => mass(at));
  return { up: all.toReversed(), down: all, both: all };
}
