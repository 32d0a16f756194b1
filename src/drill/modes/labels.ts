import type { StepContext } from '../../core/step.ts';
import { withoutDrills } from '../../clients/drill-samples.ts';
import { ask, QueryData, type PrometheusParams } from '../../clients/prometheus.ts';
import { unguardedLabels, type AlertRule } from '../alerts.ts';
import { bearer, joinsOf, neverMatch } from '../joins.ts';
import type { LiveSeen } from '../observed.ts';

/** Labels of the series of an expression now; undefined where it was refused. */
async function labelsOf(
  ctx: StepContext,
  p: PrometheusParams,
  query: string,
): Promise<Record<string, string>[] | undefined> {
  const answer = await ask(ctx, p, 'query', { query: await withoutDrills(ctx, p, query) });
  const data = QueryData.safeParse(answer.data);
  if (answer.state === 'refused' || !data.success || data.data.resultType !== 'vector') return undefined;
  return data.data.result.map(({ metric }) => metric);
}

/** Do the sides of its operations find each other among the series that are there, and do its texts find their labels? */
export async function lookLabels(
  ctx: StepContext,
  p: PrometheusParams,
  alert: AlertRule,
): Promise<Pick<LiveSeen, 'joins' | 'unborne'>> {
  const joins: LiveSeen['joins'] = [];
  for (const join of joinsOf(alert.rule.expr)) {
    const whole = await labelsOf(ctx, p, `count(${join.whole})`);
    if (whole === undefined || whole.length > 0) continue;
    const left = await labelsOf(ctx, p, join.left);
    const right = await labelsOf(ctx, p, join.right);
    const names = (series: Record<string, string>[]): string[][] => series.map((labels) => Object.keys(labels));
    if (!left || !right || !neverMatch(join, names(left), names(right))) continue;
    const show = (series: Record<string, string>[]): string =>
      Object.keys(series[0] ?? {})
        .filter((l) => l !== '__name__')
        .join(', ') || 'no label';
    joins.push({ op: join.op, left: join.left, right: join.right, leftLabels: show(left), rightLabels: show(right) });
  }
  const unborne: LiveSeen['unborne'] = [];
  const value = bearer(alert.rule.expr);
  for (const [name, text] of value === undefined ? [] : Object.entries(alert.rule.annotations))
    for (const label of unguardedLabels(text)) {
      // The rule's own labels and the alert's name are not among $labels (rules/alerting.go).
      const groups = await labelsOf(ctx, p, `group by (${label}) (${value})`);
      if (groups && groups.length > 0 && groups.every((labels) => (labels[label] ?? '') === ''))
        unborne.push({ annotation: name, label });
    }
  return { joins, unborne };
}
