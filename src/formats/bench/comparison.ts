import { escapeRegex } from '../../core/patterns.ts';
import type { Measure, Promised } from './document.ts';
import type { Benchmark, Figure } from './results.ts';
import type { Kind } from '../data/quantity.ts';

/** A class of operation, its thresholds, and which benchmarks are of it. */
export interface OperationClass extends Promised {
  /** Patterns with `*`; without one the words of its name must all be in the benchmark's. */
  match?: string[];
}

/** One figure of one benchmark beside its baseline and its limit. */
export interface Compared {
  name: string;
  kind: Kind;
  measure: Measure;
  class: string;
  /** Line of the document that its class stands in. */
  line?: number;
  figure: Figure;
  base?: Figure;
  /** Worse by this share of the baseline; negative where it is better. */
  change?: number;
  threshold?: number;
  limit?: number;
  /** More is better. */
  more: boolean;
  /**
   * `regressed`: worse by more than the threshold, and the intervals do not overlap. `unclear`: worse by more, but they do.
   * `above`: past the limit with its whole interval. `unclear-limit`: past the limit with a part of it.
   */
  verdict: 'held' | 'regressed' | 'unclear' | 'above' | 'unclear-limit';
}

/** Words that say which figure or that it is one, not of what. */
const dropped = /^(?:operations?|ops|latency|throughput|benchmarks?|median|p\d+|per|second|all|any|overall|the|of)$/;

const words = (text: string): string[] =>
  text
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\d]+/u)
    .filter((word) => word !== '' && !dropped.test(word));

const globbed = (pattern: string): RegExp => new RegExp(`^${pattern.split('*').map(escapeRegex).join('.*')}$`);

/** Is a benchmark of a class? */
export function isOf(name: string, of: OperationClass): boolean {
  if (of.match) return of.match.some((pattern) => globbed(pattern).test(name));
  const wanted = words(of.name).filter((word, _, all) => word !== 'memory' || all.length > 1);
  const have = new Set(words(name));
  // A row such as “P95 latency” names no operation: it is of all of them.
  return of.name !== '' && wanted.every((word) => have.has(word));
}

/** The class of a benchmark: the first that names it by a pattern, else the one that has most words in common. */
function classOf(name: string, classes: readonly OperationClass[]): OperationClass | undefined {
  const fitting = classes.filter((one) => isOf(name, one));
  return fitting.find((one) => one.match) ?? fitting.toSorted((a, b) => words(b.name).length - words(a.name).length)[0];
}

const keyOf = ({ name, kind }: Benchmark): string => `${kind}\0${name}`;

/** Every figure that a threshold or a limit is of. */
export function compare(
  results: readonly Benchmark[],
  baseline: readonly Benchmark[] | undefined,
  classes: readonly OperationClass[],
  standard: number,
): Compared[] {
  const bases = new Map(baseline?.map((one) => [keyOf(one), one]));
  const found: Compared[] = [];
  for (const one of results) {
    const of = classOf(one.name, classes);
    for (const [measure, figure] of measuresOf(one)) {
      const base = measuresOf(bases.get(keyOf(one))).find(([name]) => name === measure)?.[1];
      const threshold = thresholdOf(measure, one, of, standard);
      const limit = of?.limits[measure];
      if ((threshold === undefined || !base) && limit === undefined) continue;
      found.push(
        judge({
          name: one.name,
          kind: one.kind,
          measure,
          class: of?.name ?? '',
          ...(of && of.line > 0 && { line: of.line }),
          figure,
          more: one.more,
          ...(base && threshold !== undefined && { base, threshold }),
          ...(limit !== undefined && { limit }),
        }),
      );
    }
  }
  return found;
}

/** The figures of a benchmark by what a threshold calls them: those of a time by statistic, a rate as throughput, bytes as memory. */
export function measuresOf(one: Benchmark | undefined): [Measure, Figure][] {
  if (!one) return [];
  const { value } = one.figures;
  if (one.kind === 'rate' || one.kind === 'byterate') return value ? [['throughput', value]] : [];
  if (one.kind === 'bytes') return value ? [['memory', value]] : [];
  return Object.entries(one.figures) as [Measure, Figure][];
}

function thresholdOf(
  measure: Measure,
  one: Benchmark,
  of: OperationClass | undefined,
  standard: number,
): number | undefined {
  const own = of?.regression[measure];
  if (own !== undefined) return own;
  if (measure === 'throughput' || measure === 'memory') return of?.regression.value ?? standard;
  if (measure !== 'value') return undefined;
  const applies = Object.keys(of?.regression ?? {}).some((name) => name in one.figures);
  return applies ? undefined : standard;
}

function judge(one: Omit<Compared, 'verdict'>): Compared {
  const { figure, base, threshold, limit, more } = one;
  const worse = (a: number, b: number): boolean => (more ? a < b : a > b);
  // The end of an interval that speaks best, or worst, for what was measured.
  const best = ({ at, low, high }: Figure): number => (more ? high : low) ?? at;
  const worst = ({ at, low, high }: Figure): number => (more ? low : high) ?? at;
  let change: number | undefined;
  let verdict: Compared['verdict'] = 'held';
  if (limit !== undefined && worse(figure.at, limit)) verdict = worse(best(figure), limit) ? 'above' : 'unclear-limit';
  if (base && threshold !== undefined) {
    change = more ? (base.at - figure.at) / base.at : (figure.at - base.at) / base.at;
    if (change > threshold && verdict !== 'above')
      verdict = worse(best(figure), worst(base)) ? 'regressed' : verdict === 'held' ? 'unclear' : verdict;
  }
  return { ...one, ...(change !== undefined && { change }), verdict };
}

/** Puts what the document and the checklist say of the same class together; the checklist has the last word. */
export function mergeClasses(document: readonly Promised[], own: readonly OperationClass[]): OperationClass[] {
  const merged: OperationClass[] = own.map((one) => ({ ...one }));
  for (const row of document) {
    const at = merged.findIndex(({ name }) => words(name).join(' ') === words(row.name).join(' '));
    const there = merged[at];
    if (!there) merged.push({ ...row });
    else
      merged[at] = {
        ...there,
        line: there.line || row.line,
        regression: { ...row.regression, ...there.regression },
        limits: { ...row.limits, ...there.limits },
      };
  }
  return merged;
}
