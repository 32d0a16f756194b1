import { coursesOf, type Course } from './courses.ts';
import type { LabelPlan } from './labels.ts';
import type { Needs, Source } from './needs.ts';

/** One thing to try: a course for each source (in their order), and how the series are laid out. */
export interface Combination {
  courses: Course[];
  copies: number;
  /** The n-th copy has n times the value. */
  fan: boolean;
  vary: LabelPlan['vary'];
  apart: boolean;
  /** Courses of the copies after the first, where like series differ. */
  others?: Course[];
  /** Seconds before the first sample: brings the clock to the hour or day that is asked for. */
  lead: number;
}

type Lists = ReturnType<typeof coursesOf>;
type Role = 'with' | 'against' | 'mixed';

/** What a source has to do for the expression to be true (or, reversed, false). */
function listFor(source: Source, lists: Lists, reversed: boolean): Course[] {
  const absent: Course = { kind: 'none' };
  const wanted = reversed ? -source.presence : source.presence;
  const direction = reversed ? -source.direction : source.direction;
  const courses = direction === 1 ? lists.up : direction === -1 ? lists.down : lists.both;
  if (source.presence === 1) return courses;
  return wanted === -1 ? [absent, ...courses] : [...courses, absent];
}

/** Every way to lay the series out that the expression gives reason to try; the plain one first. */
function layouts(needs: Needs): Omit<Combination, 'courses'>[] {
  const plain = { copies: 1, fan: false, vary: 'all' as const, apart: true, lead: 0 };
  const found: Omit<Combination, 'courses'>[] = [plain];
  const counts = [...new Set([...needs.copies, ...(needs.spread ? [3] : [])])]
    .filter((n) => n > 1 && n <= 150)
    .slice(0, 4);
  for (const copies of counts)
    found.push(
      { ...plain, copies, vary: 'ungrouped' },
      { ...plain, copies },
      ...(needs.parted.length > 0 ? [{ ...plain, copies, vary: 'parted' as const }] : []),
      ...(needs.spread
        ? [
            { ...plain, copies, fan: true },
            { ...plain, copies, fan: true, vary: 'ungrouped' as const },
          ]
        : []),
    );
  if (needs.sources.some((a) => needs.sources.some((b) => a !== b && a.name === b.name)))
    found.push({ ...plain, apart: false });
  if (needs.clock) {
    const hour = 3600;
    for (const lead of [3, 7, 10, 14, 18, 22, 48 + 10, 72 + 10, 72 + 22, 96 + 10, 120 + 10, 30 * 24])
      found.push({ ...plain, lead: lead * hour });
  }
  return found;
}

/**
 * What to try, likeliest first: sources that a larger value helps climb their ladder together, those that a smaller one
 * helps go down theirs, and the rest walk through all they have. `reversed` aims at an expression that is false.
 */
export function combinations(needs: Needs, reversed: boolean, limit: number): Combination[] {
  const lists = needs.sources.map((source) => listFor(source, coursesOf(source, needs), reversed));
  const roles = needs.sources.map((source): Role =>
    source.direction === 0 ? 'mixed' : source.direction === 1 ? 'with' : 'against',
  );
  const length = (role: Role): number => Math.max(1, ...lists.map((list, n) => (roles[n] === role ? list.length : 1)));
  const mixed = roles.flatMap((role, n) => (role === 'mixed' ? [n] : []));
  const indices: { up: number; down: number; own: number[] }[] = [];
  const [ups, downs] = [length('with'), length('against')];
  // Sums of indices in order: what is near the top of every ladder comes first.
  const walks = mixedWalks(
    mixed.map((n) => lists[n]?.length ?? 1),
    400,
  );
  for (let sum = 0; sum < ups + downs + 40 && indices.length < limit * 2; sum++)
    for (let up = 0; up <= Math.min(sum, ups - 1); up++)
      for (let down = 0; down <= Math.min(sum - up, downs - 1); down++)
        for (const own of walks.get(sum - up - down) ?? []) indices.push({ up, down, own });
  const made: Combination[] = [];
  const plans = layouts(needs);
  const each = Math.max(8, Math.floor(limit / plans.length));
  for (const plan of plans) {
    for (const { up, down, own } of indices.slice(0, plan === plans[0] ? Math.max(each, limit / 2) : each)) {
      const courses = lists.map((list, n): Course => {
        const index = roles[n] === 'with' ? up : roles[n] === 'against' ? down : (own[mixed.indexOf(n)] ?? 0);
        return list[Math.min(index, list.length - 1)] ?? { kind: 'none' };
      });
      made.push({ courses, ...plan });
    }
  }
  // Some combinations of unlike series always have a place, behind the first half of the rest.
  made.splice(Math.floor(Math.min(made.length, limit) / 2), 0, ...unlike(needs, lists));
  const seen = new Set<string>();
  return made
    .filter((one) => {
      const key = JSON.stringify(one);
      return seen.has(key) ? false : seen.add(key) !== undefined;
    })
    .slice(0, limit);
}

/**
 * Two series of each kind, one up and one down: a source that is asked for itself and in an aggregate, or that both helps and
 * hinders, needs them (`x == 0 and on (job) sum by (job) (x) > 0`).
 */
function unlike(needs: Needs, lists: readonly Course[][]): Combination[] {
  const mixed = needs.sources.flatMap(({ direction }, n) => (direction === 0 ? [n] : []));
  if (mixed.length === 0) return [];
  const flats = [0, 1, ...new Set(needs.sources.flatMap(({ thresholds }) => thresholds.flatMap((v) => [v, v + 1])))]
    .filter((value, n, all) => all.indexOf(value) === n)
    .slice(0, 5)
    .map((value): Course => ({ kind: 'flat', value }));
  const first = lists.map((list) => list[0] ?? ({ kind: 'none' } satisfies Course));
  return flats.flatMap((one) =>
    flats
      .filter((other) => other !== one)
      .flatMap((other) =>
        (
          [
            ['ungrouped', 2],
            ['all', 2],
            ['ungrouped', 3],
          ] as const
        ).map(([vary, copies]): Combination => ({
          courses: first.map((course, n) => (mixed.includes(n) ? one : course)),
          others: first.map((course, n) => (mixed.includes(n) ? other : course)),
          copies,
          fan: false,
          vary,
          apart: true,
          lead: 0,
        })),
      ),
  );
}

/** Index tuples of the sources that walk by themselves, by the sum of their indices. */
function mixedWalks(lengths: readonly number[], limit: number): Map<number, number[][]> {
  const walks = new Map<number, number[][]>([[0, [[]]]]);
  let now = walks;
  for (const length of lengths) {
    const next = new Map<number, number[][]>();
    for (const [sum, tuples] of now)
      for (const tuple of tuples)
        for (let index = 0; index < length; index++) {
          const list = next.get(sum + index) ?? [];
          if (list.length < limit) list.push([...tuple, index]);
          next.set(sum + index, list);
        }
    now = next;
  }
  return now;
}
