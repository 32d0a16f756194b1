import type { Rule } from '../formats/prometheus/rule-files.ts';
import { courseSeries, type DrillSeries } from './series.ts';
import { labelling } from './labels.ts';
import { needsOf } from './needs.ts';
import type { Schedule } from './courses.ts';

/** Expressions that a rule's templates query: `{{ query "count(x)" }}`. */
export function templateQueries(rule: Pick<Rule, 'annotations' | 'labels'>): string[] {
  const texts = [...Object.values(rule.annotations), ...Object.values(rule.labels)];
  return texts.flatMap((text) =>
    [...text.matchAll(/\{\{-?([\s\S]*?)\}\}/g)].flatMap(([, action = '']) =>
      [...action.matchAll(/\bquery\s+(?:"((?:[^"\\]|\\.)*)"|`([^`]*)`)/g)].map(([, quoted, raw]) =>
        quoted === undefined ? (raw ?? '') : quoted.replace(/\\(.)/g, '$1'),
      ),
    ),
  );
}

/**
 * Series for what the templates query beside what the rule reads: one at each value that their comparisons ask for, so that
 * every query has a result. The rule's own metrics are left alone.
 * @param taken metrics that the rule reads
 */
export function templateSeries(
  rule: Pick<Rule, 'annotations' | 'labels'>,
  taken: ReadonlySet<string>,
  schedule: Schedule,
): DrillSeries[] {
  const made = new Map<string, DrillSeries>();
  for (const query of templateQueries(rule)) {
    const needs = needsOf(query);
    const labels = labelling(needs, { vary: 'all', apart: true, wanted: [] });
    for (const source of needs.sources) {
      if (source.name === undefined || taken.has(source.name)) continue;
      const values = [...new Set([1, 0, ...source.thresholds.flatMap((n) => [n, n + 1, n - 1])])].slice(0, 8);
      values.forEach((value, n) => {
        const own = { ...labels.of(source, 0), ...(n > 0 && { drill_copy: String(n) }) };
        const counts = source.usage === 'counter' || source.usage === 'bucket';
        const course = counts
          ? ({ kind: 'count', slope: Math.abs(value) + 1 } as const)
          : ({ kind: 'flat', value } as const);
        made.set(`${source.name}${JSON.stringify(own)}`, courseSeries(source.name ?? '', own, course, schedule));
      });
    }
  }
  return [...made.values()];
}
