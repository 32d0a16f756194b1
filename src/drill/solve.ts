import type { Rule } from '../formats/prometheus/rule-files.ts';
import { expand, templateLabels, type AlertRule } from './alerts.ts';
import { combinations, type Combination } from './combinations.ts';
import { scheduleOf, type Schedule } from './courses.ts';
import { needsOf, type Needs } from './needs.ts';
import { seriesOf, type DrillSeries } from './series.ts';
import { templateSeries } from './template-series.ts';
import type { Asked, Attempt } from './unit-file.ts';

/** An alert to be solved: which courses of which series make it fire, and which do not. */
export interface Problem {
  id: string;
  alert: AlertRule;
  /** What the search asks: the rule's expression, recorded expressions put in. */
  expr: string;
  /** Recording rules that the proof runs along; empty where recorded series are given directly. */
  records: Rule[];
  /** True where recorded series are given instead of being computed. */
  substituted: boolean;
  needs: Needs;
  schedule: Schedule;
  wanted: string[];
}

export interface Tried {
  id: string;
  combination: Combination;
}

/** @param substitute gives recorded series directly, where computing them did not work */
export function problemOf(
  id: string,
  alert: AlertRule,
  records: ReadonlyMap<string, Rule[]>,
  substitute = false,
): Problem {
  const expanded = expand(alert.rule.expr, records);
  const substituted = expanded.records.length > 0 && (substitute || !expanded.whole);
  const expr = substituted ? alert.rule.expr : expanded.expr;
  const needs = needsOf(expr, substituted ? [] : expanded.outer);
  return {
    id,
    alert,
    expr,
    records: substituted ? [] : expanded.records,
    substituted,
    needs,
    schedule: scheduleOf(needs, alert.interval, alert.hold),
    wanted: templateLabels(alert.rule),
  };
}

/** What to try in one round: combinations that should fire, then some that should not. */
export function attemptsOf(
  problem: Problem,
  limit: number,
): { attempts: (Attempt & { step: number })[]; tried: Tried[] } {
  const { needs, schedule, wanted, expr, id } = problem;
  if (needs.sources.length === 0) return { attempts: [], tried: [] };
  // A week of history is expensive: fewer are tried then.
  const affordable = Math.max(
    20,
    Math.min(limit, Math.floor(1_500_000 / (schedule.total / schedule.step) / needs.sources.length)),
  );
  const tried = [
    ...combinations(needs, false, affordable),
    ...combinations(needs, true, Math.ceil(affordable / 2)),
  ].map((combination, n): Tried => ({ id: `${id}-${n}`, combination }));
  return {
    tried,
    attempts: tried.map(({ id: own, combination }) => ({
      id: own,
      expr,
      step: schedule.step,
      series: seriesOf(combination, needs, schedule, wanted),
      times: times(schedule).map((time) => time + combination.lead),
    })),
  };
}

/** When the condition has to hold: at the beginning, the middle and the end of the hold. */
function times({ total, hold, evaluation }: Schedule): number[] {
  const begin = Math.max(0, Math.ceil((total - hold - evaluation) / evaluation) * evaluation);
  return [...new Set([begin, Math.ceil((begin + total) / 2 / evaluation) * evaluation, total])];
}

export interface Sorted {
  firing: Tried[];
  quiet: Tried[];
  /** Combinations that were evaluated without an error, with all series that the expression wants present. */
  complete: number;
  errors: string[];
}

/** Sorts what was tried: true throughout, never true. What changes in between is neither. */
export function sortTried(problem: Problem, tried: readonly Tried[], asked: ReadonlyMap<string, Asked>): Sorted {
  const sorted: Sorted = { firing: [], quiet: [], complete: 0, errors: [] };
  const wanted = times(problem.schedule).length;
  for (const one of tried) {
    const answer = asked.get(one.id) ?? { hits: [] };
    if (answer.error !== undefined) {
      if (!sorted.errors.includes(answer.error)) sorted.errors.push(answer.error);
      continue;
    }
    const present = problem.needs.sources.every(
      (source, n) => source.presence !== 1 || one.combination.courses[n]?.kind !== 'none',
    );
    if (present) sorted.complete++;
    if (answer.hits.length === wanted) sorted.firing.push(one);
    else if (answer.hits.length === 0 && present) sorted.quiet.push(one);
  }
  return sorted;
}

/** The quiet combinations nearest to a firing one: what differs is what the alert watches. */
export function nearest(firing: Tried, quiet: readonly Tried[]): Tried[] {
  const distance = ({ combination: c }: Tried): number =>
    c.courses.filter((course, n) => JSON.stringify(course) !== JSON.stringify(firing.combination.courses[n])).length +
    (c.copies === firing.combination.copies ? 0 : 2) +
    (c.lead === firing.combination.lead ? 0 : 2) +
    (c.apart === firing.combination.apart ? 0 : 1) +
    (JSON.stringify(c.others) === JSON.stringify(firing.combination.others) ? 0 : 1);
  return quiet.toSorted((a, b) => distance(a) - distance(b));
}

/** The series of something that was tried. */
export function seriesFor(problem: Problem, tried: Tried): DrillSeries[] {
  const { needs, schedule, wanted, alert } = problem;
  const series = seriesOf(tried.combination, needs, schedule, wanted);
  const taken = new Set([...needs.sources.map(({ name }) => name ?? ''), ...series.map(({ name }) => name)]);
  const { lead } = tried.combination;
  return [...series, ...templateSeries(alert.rule, taken, { ...schedule, total: schedule.total + lead })];
}

/** Series as promtool's notation has them: `1+2x10`, `5x3`, `_x2`, `1 2 3`. */
export function readValues(text: string): (number | undefined)[] {
  return text
    .trim()
    .split(/\s+/)
    .flatMap((part): (number | undefined)[] => {
      const gap = /^_(?:x(\d+))?$/.exec(part);
      if (gap) return Array.from({ length: Number(gap[1] ?? 1) }, () => undefined);
      const run = /^([+-]?[\d.]+(?:e[+-]?\d+)?|NaN|[+-]?Inf)(?:([+-])([\d.]+(?:e[+-]?\d+)?))?(?:x(\d+))?$/i.exec(part);
      if (!run) return [undefined];
      const start = Number(run[1]?.replace(/inf$/i, 'Infinity'));
      const delta = Number(run[3] ?? 0) * (run[2] === '-' ? -1 : 1);
      return Array.from({ length: Number(run[4] ?? 0) + 1 }, (_, n) => start + delta * n);
    });
}
