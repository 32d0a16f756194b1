import { z } from 'zod';
import { type Kind, moreIsBetter, unitOf } from '../data/quantity.ts';
import { jsonOf } from '../../core/json-of.ts';
import { onceOnly } from '../../core/repeated-keys.ts';

/** A figure in the base unit of its kind, with the interval that the benchmark itself gives it. */
export interface Figure {
  at: number;
  low?: number;
  high?: number;
}
export const stats = ['value', 'p50', 'p95', 'p99'] as const;
export type Stat = (typeof stats)[number];

/** Results as they lie on disk. */
export interface Collected {
  benchmarks: Benchmark[];
  /** Fingerprint that the results themselves bear. */
  host?: string;
  /** Files older than asked for, left out. */
  stale: string[];
  /** Files that cannot be read, and why. */
  bad: string[];
}
export interface Baseline {
  benchmarks?: Benchmark[];
  /** Where it is from: a path, or the name of criterion's. */
  from?: string;
  /** Why there is none. */
  missing?: string;
}

/** One benchmark. A criterion benchmark with a throughput gives two: a time and a rate of the same name. */
export interface Benchmark {
  name: string;
  kind: Kind;
  /** Is more of it better? By its kind: more a second is, more time, memory or anything else is not. */
  more: boolean;
  figures: Partial<Record<Stat, Figure>>;
}

const Number_ = z.union([z.number(), z.object({ value: z.number(), spread: z.number().nonnegative().optional() })]);
const Row = z.object({
  name: z.string().min(1),
  unit: z.string(),
  value: z.number(),
  /** Half the width of the interval of `value`. */
  spread: z.number().nonnegative().optional(),
  better: z.enum(['lower', 'higher']).optional(),
  p50: Number_.optional(),
  p95: Number_.optional(),
  p99: Number_.optional(),
});
const Results = z.union([
  z.array(Row).transform((results) => ({ results, host: undefined })),
  z.object({ host: z.string().optional(), results: z.array(Row) }),
]);

export interface ResultsFile {
  /** Fingerprint of the host that it was measured on, where the file says so. */
  host?: string | undefined;
  benchmarks: Benchmark[];
}

/**
 * Reads the small JSON: `[{ name, unit, value, spread?, p50?, p95?, p99?, better? }]`, or `{ host?, results: […] }`.
 * @returns the reason, as text, where it is not that
 */
export function parseResults(text: string): ResultsFile | string {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
    onceOnly(text);
  } catch (error) {
    return `it cannot be read as JSON: ${(error as Error).message}`;
  }
  const parsed = Results.safeParse(raw);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return `not a list of { name, unit, value }: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim();
  }
  const benchmarks: Benchmark[] = [];
  const seen = new Set<string>();
  for (const row of parsed.data.results) {
    const unit = unitOf(row.unit);
    if (!unit) return `${row.name}: the unit ${JSON.stringify(row.unit)} is not known`;
    if (![row.value, row.spread ?? 0].every(Number.isFinite)) return `${row.name}: a value is not a number`;
    if (seen.has(`${row.name}\0${unit.kind}`)) return `${row.name} is there twice`;
    seen.add(`${row.name}\0${unit.kind}`);
    const figure = (value: number, spread?: number): Figure => ({
      at: value * unit.factor,
      ...(spread !== undefined && { low: (value - spread) * unit.factor, high: (value + spread) * unit.factor }),
    });
    const figures: Benchmark['figures'] = { value: figure(row.value, row.spread) };
    for (const stat of ['p50', 'p95', 'p99'] as const) {
      const own = row[stat];
      if (own !== undefined) figures[stat] = typeof own === 'number' ? figure(own) : figure(own.value, own.spread);
    }
    const more = row.better === undefined ? moreIsBetter(unit.kind) === true : row.better === 'higher';
    benchmarks.push({ name: row.name, kind: unit.kind, more, figures });
  }
  return { host: parsed.data.host, benchmarks };
}

const baseUnits: Record<Kind, [unit: string, factor: number]> = {
  time: ['ns', 1e9],
  bytes: ['B', 1],
  rate: ['ops/s', 1],
  byterate: ['B/s', 1],
  percent: ['%', 100],
  count: ['', 1],
};

/** The small JSON of what was measured, bound to its host: what a later run can be held against. */
export function writeResults(benchmarks: readonly Benchmark[], host: string): string {
  const results = benchmarks.map(({ name, kind, more, figures }) => {
    const [unit, factor] = baseUnits[kind];
    const round = (n: number): number => Number((n * factor).toPrecision(6));
    const spread = ({ at, low, high }: Figure): number | undefined =>
      low === undefined || high === undefined ? undefined : round(Math.max(at - low, high - at));
    const entries = Object.entries(figures).flatMap(([stat, figure]): [string, unknown][] =>
      stat === 'value'
        ? [
            ['value', round(figure.at)],
            ['spread', spread(figure)],
          ]
        : [
            [
              stat,
              spread(figure) === undefined ? round(figure.at) : { value: round(figure.at), spread: spread(figure) },
            ],
          ],
    );
    return { name, unit, better: more ? 'higher' : 'lower', ...Object.fromEntries(entries) };
  });
  return `${JSON.stringify({ host, results }, undefined, 2)}\n`;
}

const Estimate = z.object({
  point_estimate: z.number(),
  confidence_interval: z.object({ lower_bound: z.number(), upper_bound: z.number() }),
});
const Estimates = z.object({ mean: Estimate, median: Estimate, slope: Estimate.nullish() });
const Identity = z.object({
  full_id: z.string(),
  throughput: z.record(z.string(), z.unknown()).nullish(),
});

/**
 * Reads one benchmark of criterion: `estimates.json` (nanoseconds for one iteration) and `benchmark.json` beside it. The value is
 * the slope where there is one, else the mean, as criterion prints it; P50 is the median. Criterion keeps no higher percentiles.
 * @param fallback the name where `benchmark.json` is missing
 * @returns undefined where `estimates.json` is none
 */
export function parseCriterion(
  estimates: string,
  identity: string | undefined,
  fallback: string,
): Benchmark[] | undefined {
  const [parsed, who] = [Estimates.safeParse(jsonOf(estimates)).data, Identity.safeParse(jsonOf(identity)).data];
  if (!parsed) return undefined;
  const name = who?.full_id ?? fallback;
  const seconds = (one: z.infer<typeof Estimate>): Figure => ({
    at: one.point_estimate / 1e9,
    low: one.confidence_interval.lower_bound / 1e9,
    high: one.confidence_interval.upper_bound / 1e9,
  });
  const value = seconds(parsed.slope ?? parsed.mean);
  const found: Benchmark[] = [{ name, kind: 'time', more: false, figures: { value, p50: seconds(parsed.median) } }];
  for (const [unit, amount] of Object.entries(who?.throughput ?? {})) {
    if (typeof amount !== 'number' || value.low === undefined || value.high === undefined || value.low <= 0) continue;
    const figures = { value: { at: amount / value.at, low: amount / value.high, high: amount / value.low } };
    if (unit === 'Elements') found.push({ name, kind: 'rate', more: true, figures });
    else if (unit.startsWith('Bytes')) found.push({ name, kind: 'byterate', more: true, figures });
  }
  return found;
}
