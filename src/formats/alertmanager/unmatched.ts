import { suggest } from '../../core/suggest.ts';
import type { AlertmanagerConfig } from './config.ts';
import { holds, showMatcher, type AlertmanagerMatcher } from './matchers.ts';
import type { AlertLabels, Remark } from './remark.ts';
import { allRoutes, type Route } from './routing.ts';

/** Can an alert of the rule match? What a rule does not set, the series may, but for its name. */
function mayMatch(one: AlertmanagerMatcher, labels: AlertLabels): boolean {
  const has = labels[one.label];
  if (has === undefined || has.includes('{{')) return one.label !== 'alertname' || has !== undefined;
  return holds(one, has);
}

/** The value of a rule that was likely meant by one that no rule has: `warning` by `warn`, `critical` by `critcal`. */
function meantValue(dead: AlertmanagerMatcher, alerts: readonly AlertLabels[]): string | undefined {
  const values = new Set(alerts.flatMap((labels) => labels[dead.label] ?? []).filter((one) => !one.includes('{{')));
  const { op, value } = dead;
  if (op === '=~' && /^[\w -]+$/.test(value)) {
    const whole = [...values].find((one) => one.includes(value));
    if (whole !== undefined) return whole;
  }
  for (const part of op === '=~' ? value.split('|') : [value]) {
    const near = [...values].find((one) => part.length > 2 && (one.startsWith(part) || part.startsWith(one)));
    const found = near ?? (part.length > 3 ? suggest(part, values) : undefined);
    if (found !== undefined && !/[()[\]*+?.^$\\]/.test(part)) return found;
  }
  return undefined;
}

/** Routes and inhibitions that wait for alerts that no rule makes. Only labels that rules themselves set can be judged. */
export function reviewUnmatched(
  config: AlertmanagerConfig,
  alerts: readonly AlertLabels[],
  said: readonly Remark[],
  /** The usual label of which one that nothing else names is a slip. */
  slipOf: (label: string) => string | undefined,
): Remark[] {
  if (alerts.length === 0) return [];
  const below = [...allRoutes(config.tree)].slice(1);
  const routes = below.map(([route]) => route);
  const silent = new Set(config.receivers.filter(({ integrations }) => integrations === 0).map(({ name }) => name));
  const nobody = (list: readonly AlertmanagerMatcher[]): AlertmanagerMatcher | undefined => {
    const dead = list.find((one) => !alerts.some((labels) => mayMatch(one, labels)));
    return dead?.op.startsWith('!') === true || said.some(({ label }) => label !== undefined && label === dead?.label)
      ? undefined
      : dead;
  };
  const values = (label: string): string =>
    [...new Set(alerts.map((labels) => labels[label] ?? ''))]
      .filter((one) => one !== '')
      .slice(0, 6)
      .join(', ');
  const remark = (dead: AlertmanagerMatcher, what: string, likely: boolean): Remark => {
    const meant = meantValue(dead, alerts);
    const hint = meant === undefined ? '' : `; ${meant} is likely meant`;
    return {
      code: 'route-unmatched',
      level: likely || meant !== undefined ? 'warning' : 'note',
      message: `${what} ${showMatcher(dead)}, and no rule makes such an alert (${dead.label} is ${values(dead.label)})${hint}`,
      line: dead.line,
    };
  };
  return [
    ...below.flatMap(([route, above]): Remark[] => {
      const dead = nobody(route.matchers);
      if (!dead) return [];
      // A receiver that tells nobody, and a route that narrows one of more values, are meant for what may come.
      const ready =
        silent.has(route.receiver) || above.some(({ matchers }) => matchers.some(({ label }) => label === dead.label));
      // Alerts that have another value of the label, which no route asks for, were likely meant.
      const stray = alerts.some(
        (labels) =>
          labels[dead.label] !== undefined &&
          !routes.some((one) => one.matchers.some((m) => m.label === dead.label && mayMatch(m, labels))),
      );
      return [remark(dead, `the route to ${route.receiver} asks for`, !ready && (stray || dead.label === 'alertname'))];
    }),
    ...config.inhibits.flatMap(({ source, target }) =>
      (
        [
          ['source', source],
          ['target', target],
        ] as const
      ).flatMap(([word, list]): Remark[] => {
        const dead = nobody(list);
        return dead ? [remark(dead, `an inhibition’s ${word} is`, dead.label === 'alertname')] : [];
      }),
    ),
    ...routes.flatMap(({ groupBy }) => misspeltGroups(groupBy, alerts, slipOf)),
    ...misspeltGroups(config.tree.groupBy, alerts, slipOf),
  ];
}

/** A label of `group_by` that no alert bears, and that is almost one that all do. */
const misspeltGroups = (
  groupBy: Route['groupBy'],
  alerts: readonly AlertLabels[],
  slipOf: (label: string) => string | undefined,
): Remark[] =>
  groupBy.flatMap(({ label, line }): Remark[] => {
    const borne = Object.keys(alerts[0] ?? {}).filter((one) => alerts.every((labels) => one in labels));
    if (label === '...' || label.length < 5 || alerts.some((labels) => label in labels)) return [];
    const meant = suggest(label, borne) ?? slipOf(label);
    return meant === undefined
      ? []
      : [
          {
            code: 'label-misspelt',
            level: 'warning',
            message: `group_by names ${label}, but no alert has it: ${meant} is likely meant`,
            line,
          },
        ];
  });
