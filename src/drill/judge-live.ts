import type { AlertSeen, SelectorSeen } from './observed.ts';
import { about, type DrillJudge } from './problems.ts';

/** Does the running Prometheus scrape what the alert reads? */
export function judgeLive(j: DrillJudge, alert: AlertSeen, needed: boolean): string {
  const { live, name } = alert;
  if (!live) {
    if (needed) j.find('live-unknown', `${name}: no running Prometheus was asked for its series`, about(alert));
    return needed ? '? not asked' : '· not asked';
  }
  const level = needed ? {} : { level: 'warning' as const };
  if (!live.loaded) {
    j.find('not-loaded', `${name} is not among the rules that the running Prometheus has loaded`, {
      ...about(alert),
      ...level,
    });
    return '✖ not loaded';
  }
  if (live.unhealthy !== undefined)
    j.find('rule-unhealthy', `the running Prometheus cannot evaluate ${name}: ${live.unhealthy}`, {
      ...about(alert),
      ...level,
    });
  if (live.other !== undefined)
    j.find('loaded-differs', `${name} is loaded as: ${live.other}`, { ...about(alert), ...level });
  const must = live.selectors.filter((one) => !one.optional);
  const choices = live.selectors.filter((one) => one.optional && !one.absence);
  const verdicts = must.map((one) => judgeSelector(j, alert, one, level));
  // Operands of `or`: one has to be there, where nothing else is asked for.
  if (
    must.length === 0 &&
    choices.length > 0 &&
    choices.every(({ metric }) => metric === 0) &&
    live.selectors.every((s) => !s.absence)
  ) {
    j.find('series-missing', `${name} reads ${choices.map(({ text }) => text).join(', ')}, and none of it is scraped`, {
      ...about(alert),
      ...level,
    });
    verdicts.push(false);
  }
  if (verdicts.includes(false)) return '✖ missing';
  if (live.other !== undefined) return '✖ another rule';
  if (live.unhealthy !== undefined) return '✖ unhealthy';
  const there = live.selectors.filter((one) => one.live > 0);
  if (live.selectors.length === 0) j.prove(`${name} is loaded as it stands in the file, and reads no series`);
  else if (there.length > 0)
    j.prove(
      `${name} is loaded, and ${there.map((one) => `${one.text} (${one.live})`).join(', ')} has samples of this run`,
    );
  for (const join of live.joins) {
    j.find(
      'never-joins',
      `${name}: ${join.left} has the labels ${join.leftLabels}, ${join.right} has ${join.rightLabels}: ${join.op} finds no pair`,
      // The alert fires all the same: what `unless` should have kept back is not.
      { ...about(alert), ...level, ...(join.op === 'unless' && { level: 'warning' as const }) },
    );
  }
  for (const { annotation, label } of live.unborne)
    j.find(
      'annotation-label',
      `${name}: ${annotation} reads {{ $labels.${label} }}, and no series that it watches has this label`,
      {
        ...about(alert),
        ...level,
      },
    );
  if (live.joins.some(({ op }) => op !== 'unless')) return '✖ sides never match';
  const partly = must.some((one) => one.live === 0);
  if (partly) return '~ metric there, not these labels';
  return there.length === 0 && live.selectors.length > 0
    ? '✔ absence is what it asks for'
    : `✔ ${there.length} of ${live.selectors.length} selectors`;
}

function judgeSelector(j: DrillJudge, alert: AlertSeen, seen: SelectorSeen, level: { level?: 'warning' }): boolean {
  if (seen.live > 0) return true;
  const at = { ...about(alert), ...level };
  if (seen.metric === 0) {
    j.find('series-missing', `${alert.name} reads ${seen.text}, of which there is no sample from this run`, at);
    return false;
  }
  const without = seen.labels.filter(({ series }) => series === 0);
  if (without.length > 0) {
    j.find(
      'label-missing',
      `${alert.name} reads ${seen.text}: none of the ${seen.metric} series of ${seen.name ?? 'the metric'} has the label ${without.map(({ label }) => label).join(', ')}`,
      at,
    );
    return false;
  }
  j.find(
    'value-missing',
    `${alert.name} reads ${seen.text}: ${seen.name ?? 'the metric'} has ${seen.metric} series, none with these values`,
    about(alert),
  );
  return true;
}
