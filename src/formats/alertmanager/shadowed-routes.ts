import type { AlertmanagerConfig } from './config.ts';
import { covers, holds, showMatchers, type AlertmanagerMatcher } from './matchers.ts';
import type { AlertLabels, Remark } from './remark.ts';
import { allRoutes } from './routing.ts';

const ranks = ['none', 'info', 'notice', 'minor', 'warning', 'major', 'error', 'critical', 'page', 'emergency'];

/** A less severe alert that silences more severe ones. */
export function upsideDown(config: AlertmanagerConfig): Remark[] {
  const rank = (list: readonly AlertmanagerMatcher[]): number =>
    ranks.indexOf(list.find(({ label, op }) => label === 'severity' && op === '=')?.value.toLowerCase() ?? '');
  return config.inhibits.flatMap(({ source, target, equalLine }): Remark[] => {
    const [from, to] = [rank(source), rank(target)];
    // What names an alert beside its severity is meant so: a maintenance, a machine that is down.
    const named = source.some(({ label }) => label !== 'severity');
    if (from < 0 || to < 0 || from >= to || named) return [];
    return [
      {
        code: 'inhibits-all',
        level: 'warning',
        message: `an alert with ${showMatchers(source)} silences those with ${showMatchers(target)}, which are more severe: source and target are probably swapped`,
        line: source[0]?.line ?? equalLine,
      },
    ];
  });
}

/** Routes whose every alert, by the labels that the rules set, an earlier one beside them takes for itself. */
export function shadowed(config: AlertmanagerConfig, alerts: readonly AlertLabels[]): Remark[] {
  const fixed = alerts.filter((labels) => !Object.values(labels).some((value) => value.includes('{{')));
  // What only some rules set, the series of the others may have.
  const known = (matchers: readonly AlertmanagerMatcher[]): boolean =>
    fixed.length === alerts.length && matchers.every(({ label }) => alerts.every((labels) => label in labels));
  const takes = (matchers: readonly AlertmanagerMatcher[], labels: AlertLabels): boolean =>
    matchers.every((one) => holds(one, labels[one.label] ?? ''));
  return [...allRoutes(config.tree)].flatMap(([route, above]) => {
    const path = [...above, route].flatMap((one) => one.matchers);
    return route.children.flatMap((child, n): Remark[] => {
      const before = route.children.slice(0, n).filter((one) => !one.goesOn);
      if (before.some((one) => covers(one.matchers, child.matchers)) || !known([...path, ...child.matchers])) return [];
      const mine = alerts.filter((labels) => takes([...path, ...child.matchers], labels));
      const by = mine.map((labels) => before.find((one) => known(one.matchers) && takes(one.matchers, labels)));
      const [first] = by;
      if (first === undefined || by.includes(undefined) || first.receiver === child.receiver) return [];
      return [
        {
          code: 'route-unreachable',
          level: 'warning',
          message: `the route to ${child.receiver} (${showMatchers(child.matchers)}) gets none of the alerts that it asks for: the one to ${first.receiver} (${showMatchers(first.matchers)}) stands before it, takes ${mine.map((labels) => labels['alertname']).join(', ')}, and has no continue`,
          line: child.line,
        },
      ];
    });
  });
}
