import { suggest } from '../../core/suggest.ts';
import type { AlertmanagerConfig, AlertmanagerFile } from './config.ts';
import { covers, holds, showMatcher, showMatchers, type AlertmanagerMatcher } from './matchers.ts';
import { allRoutes } from './routing.ts';
import { shadowed, upsideDown } from './shadowed-routes.ts';
import { alwaysSilent } from './time-intervals.ts';
import { reviewUnmatched } from './unmatched.ts';
import type { AlertLabels, Remark } from './remark.ts';

/** What can be said of the configuration alone: it holds whatever the alerts are. */
export function reviewRoutes(config: AlertmanagerConfig): Remark[] {
  const found: Remark[] = [];
  for (const [route, above] of allRoutes(config.tree)) {
    if (route.shortRepeat)
      found.push({
        code: 'repeat-short',
        level: 'warning',
        message: `repeat_interval: ${route.shortRepeat.text} is shorter than group_interval (${route.groupInterval / 1000} s): a group is looked at once in a group_interval, so that it is not told again sooner`,
        line: route.shortRepeat.line,
      });
    const dead = contradiction([...above.flatMap((one) => one.matchers), ...route.matchers]);
    if (dead) {
      // Those below a route that nothing reaches are no finding of their own.
      if (above.every((one, n) => !contradiction(above.slice(0, n + 1).flatMap((a) => a.matchers)) || one === route))
        found.push({
          code: 'route-unreachable',
          level: 'error',
          message: `no alert can reach the route to ${route.receiver}: ${showMatcher(dead[0])} and ${showMatcher(dead[1])} cannot both hold`,
          line: route.line,
        });
      continue;
    }
    route.children.forEach((child, n) => {
      const first = route.children.slice(0, n).find((one) => !one.goesOn && covers(one.matchers, child.matchers));
      if (!first) return;
      const same = first.receiver === child.receiver && first.children.length + child.children.length === 0;
      found.push({
        code: 'route-unreachable',
        level: same ? 'note' : 'error',
        message: `the route to ${child.receiver} (${showMatchers(child.matchers)}) is never reached: the one to ${first.receiver} (${showMatchers(first.matchers)}) stands before it, takes all of its alerts, and has no continue`,
        line: child.line,
      });
    });
  }
  for (const { line, why } of config.broken)
    found.push({
      code: 'template-undefined',
      level: 'error',
      message: `a notification cannot be made: ${why}`,
      line,
    });
  // Alertmanager's own are called slack.default.title and __subject.
  for (const { name, line } of config.templates.length > 0 ? [] : config.used)
    if (!/^__|\.default\./.test(name))
      found.push({
        code: 'template-undefined',
        level: 'error',
        message: `the template ${name} is defined nowhere: the configuration names no files under templates`,
        line,
      });
  const reached = new Set([...allRoutes(config.tree)].map(([route]) => route.receiver));
  for (const { name, line } of config.receivers)
    if (name !== '' && !reached.has(name))
      found.push({
        code: 'receiver-unused',
        level: 'note',
        message: `no route leads to the receiver ${name}`,
        line,
      });
  return found;
}

/** Two of the matchers that no value satisfies together. */
function contradiction(
  matchers: readonly AlertmanagerMatcher[],
): [AlertmanagerMatcher, AlertmanagerMatcher] | undefined {
  for (const fixed of matchers.filter(({ op }) => op === '=')) {
    const other = matchers.find((one) => one.label === fixed.label && !holds(one, fixed.value));
    if (other) return [fixed, other];
  }
  return undefined;
}

/** Routes that are muted at every hour of the year to come. */
export function mutedForEver({ config, intervals }: AlertmanagerFile, from: Date): Remark[] {
  return (config ? [...allRoutes(config.tree)] : []).flatMap(([route]): Remark[] =>
    alwaysSilent(route, intervals, from) === true
      ? [
          {
            code: 'route-muted',
            level: silent.test(route.receiver) ? 'note' : 'error',
            message: `the route to ${route.receiver} (${showMatchers(route.matchers)}) is muted at every hour of the year to come, by ${[...route.muted, ...route.active].join(', ')}`,
            line: route.timesLine,
          },
        ]
      : [],
  );
}

/** Names of receivers that are meant to tell nobody. */
export const silent =
  /null|nowhere|none|black.?hole|dev.?null|no.?op|silen|drop|discard|ignore|empty|mute|watchdog|dead/i;

/** What the alerts' labels show as well. @param named does the name of a label stand anywhere else in the repository? */
export function reviewLabels(
  config: AlertmanagerConfig,
  alerts: readonly AlertLabels[],
  named: (label: string) => boolean,
): Remark[] {
  if (alerts.length === 0) return [];
  const asked = [
    ...[...allRoutes(config.tree)].flatMap(([route]) => route.matchers),
    ...config.inhibits.flatMap(({ source, target }) => [...source, ...target]),
  ];
  const found = [
    ...misspeltLabels(alerts, asked),
    ...misspeltMatchers(alerts, asked, named),
    ...unknownInTexts(config, alerts, named),
    ...withoutEqual(config, alerts, named),
    ...upsideDown(config),
    ...shadowed(config, alerts),
  ];
  const groups = (label: string): string | undefined =>
    usual.has(label) || named(label)
      ? undefined
      : suggest(
          label,
          [...usual].filter((one) => one.length > 5),
        );
  return [...found, ...reviewUnmatched(config, alerts, found, groups)];
}

const withoutName = (labels: AlertLabels): [string, string][] =>
  Object.entries(labels).filter(([label]) => label !== 'alertname');

/** Values that are known of a label: asked for by matchers, or borne by alerts. */
function valuesOf(label: string, alerts: readonly AlertLabels[], asked: readonly AlertmanagerMatcher[]): Set<string> {
  return new Set([
    ...alerts.flatMap((labels) => labels[label] ?? []),
    ...asked.flatMap((one) => (one.label === label && one.op === '=' ? one.value : [])),
  ]);
}

function misspeltLabels(alerts: readonly AlertLabels[], asked: readonly AlertmanagerMatcher[]): Remark[] {
  // What no alert bears at all is the matcher's fault.
  const borne = asked.map(({ label }) => label).filter((label) => alerts.some((labels) => label in labels));
  const names = new Set(borne.filter((label) => label.length > 3));
  return alerts.flatMap((labels) =>
    withoutName(labels).flatMap(([label, value]): Remark[] => {
      if (names.has(label)) return misspeltValue(labels, label, value, alerts, asked);
      const meant = suggest(
        label,
        [...names].filter((name) => !(name in labels)),
      );
      if (meant === undefined || !valuesOf(meant, alerts, asked).has(value)) return [];
      return [
        {
          code: 'label-misspelt',
          level: 'error',
          message: `the alert ${labels['alertname']} has ${label}=${JSON.stringify(value)}, and no ${meant}, which the routes ask for`,
          line: asked.find((one) => one.label === meant)?.line ?? 1,
          label: meant,
        },
      ];
    }),
  );
}

/** A value that no matcher takes, and that is almost one that a matcher asks for. */
function misspeltValue(
  labels: AlertLabels,
  label: string,
  value: string,
  alerts: readonly AlertLabels[],
  asked: readonly AlertmanagerMatcher[],
): Remark[] {
  const own = asked.filter((one) => one.label === label && !one.op.startsWith('!'));
  const wanted = own.filter(({ op, value: text }) => op === '=' && text.length > 3).map((one) => one.value);
  const alone = alerts.filter((other) => other[label] === value).length < 2;
  const meant =
    value.includes('{{') || own.some((one) => holds(one, value)) || !alone ? undefined : suggest(value, wanted);
  if (meant === undefined) return [];
  return [
    {
      code: 'label-misspelt',
      level: 'warning',
      message: `the alert ${labels['alertname']} has ${label}=${JSON.stringify(value)}, and the routes ask for ${JSON.stringify(meant)}`,
      line: own.find((one) => one.value === meant)?.line ?? 1,
    },
  ];
}

/** Texts print annotations that only rules give, and that none gives; of labels only a slip of a usual one is told. */
function unknownInTexts(
  config: AlertmanagerConfig,
  alerts: readonly AlertLabels[],
  named: (label: string) => boolean,
): Remark[] {
  return config.asked.flatMap(({ kind, name, line }): Remark[] => {
    if (named(name) || usual.has(name) || annotations.has(name) || alerts.some((labels) => name in labels)) return [];
    const meant = suggest(name, kind === 'label' ? usual : annotations);
    if (kind === 'label' && (meant === undefined || name.length < 5)) return [];
    return [
      {
        code: 'label-misspelt',
        level: 'warning',
        message: `a notification prints the ${kind} ${name}, which nothing else in this repository names${meant === undefined ? '' : `; ${meant} is likely meant`}`,
        line,
      },
    ];
  });
}
const annotations = new Set('summary description message runbook_url dashboard_url runbook dashboard title'.split(' '));

/** A value that only another label has: `squad="core"`, where alerts have `team`. */
function heldByAnother(
  { label, op, value, line }: AlertmanagerMatcher,
  alerts: readonly AlertLabels[],
  named: (label: string) => boolean,
): Remark[] {
  const holder = alerts.flatMap((labels) => withoutName(labels).filter(([, one]) => one === value))[0]?.[0];
  if (op !== '=' || value.length < 3 || holder === undefined || usual.has(label) || named(label)) return [];
  return [
    {
      code: 'label-misspelt',
      level: 'warning',
      message: `${label}=${JSON.stringify(value)} is expected, and nothing in this repository gives an alert ${label}: ${holder} has that value`,
      line,
      label,
    },
  ];
}

function misspeltMatchers(
  alerts: readonly AlertLabels[],
  asked: readonly AlertmanagerMatcher[],
  named: (label: string) => boolean,
): Remark[] {
  const borne = new Set(alerts.flatMap((labels) => withoutName(labels).map(([label]) => label)));
  const seen = new Set<string>();
  return asked.flatMap((one): Remark[] => {
    if (borne.has(one.label) || one.label === 'alertname' || seen.has(one.label)) return [];
    const meant = suggest(
      one.label,
      [...borne].filter((label) => label.length > 3),
    );
    if (meant === undefined) return heldByAnother(one, alerts, named);
    if (one.op.startsWith('!') || ![...valuesOf(meant, alerts, [])].some((value) => holds(one, value))) return [];
    seen.add(one.label);
    return [
      {
        code: 'label-misspelt',
        level: 'error',
        message: `${showMatcher(one)} is expected, and no alert has ${one.label}: they have ${meant}`,
        line: one.line,
        label: one.label,
      },
    ];
  });
}

/** Labels that a cluster's discovery and exporters give, or external labels. */
const ofClusters = new Set(
  `cluster namespace pod node container service endpoint prometheus prometheus_replica replica node_name deployment
  daemonset statefulset persistentvolumeclaim`.split(/\s+/),
);
/** Words of which one stands in a repository that runs in a cluster. */
export const clusterWords =
  'kubernetes_sd_configs kubernetes kubelet kube k8s cadvisor helm ServiceMonitor PodMonitor PrometheusRule'.split(' ');
/** The key of the jobs: where it stands nowhere, nobody knows what is scraped. */
export const jobsWord = 'scrape_configs';

/** Labels that scraping itself, the usual discovery and the usual exporters give. */
const usual = new Set([
  ...ofClusters,
  ...`alertname job instance severity exported_job exported_instance host hostname device mountpoint fstype cpu mode name id
  image code status method handler path route queue topic partition consumergroup group database datname db server target url
  nodename resource reason phase condition`.split(/\s+/),
]);

/** By severity alone, and without `equal`: then one alert anywhere silences all. What names an alert is meant so. */
const withoutAny = (
  source: readonly AlertmanagerMatcher[],
  target: readonly AlertmanagerMatcher[],
  line: number,
): Remark[] =>
  [...source, ...target].every(({ label }) => label === 'severity') && source.length * target.length > 0
    ? [
        {
          code: 'inhibits-all',
          level: 'warning',
          message: `an inhibition has no equal: one alert with ${showMatchers(source)}, of whatever target, silences every one with ${showMatchers(target)}`,
          line,
        },
      ]
    : [];

/** `equal` of labels that nobody bears is none: one source silences every target. */
function withoutEqual(
  config: AlertmanagerConfig,
  alerts: readonly AlertLabels[],
  named: (label: string) => boolean,
): Remark[] {
  return config.inhibits.flatMap(({ source, target, equal, equalLine }): Remark[] => {
    const outside = !named(jobsWord) || clusterWords.some(named);
    const known = (label: string): boolean =>
      (usual.has(label) && (outside || !ofClusters.has(label))) ||
      alerts.some((labels) => label in labels) ||
      named(label);
    if (equal.length === 0) return withoutAny(source, target, equalLine);
    if (equal.some(known)) return [];
    return [
      {
        code: 'inhibits-all',
        level: 'error',
        message: `equal: [${equal.join(', ')}] names labels that nothing else in this repository knows: no alert has them, so that one alert with ${showMatchers(source)} silences every one with ${showMatchers(target)}`,
        line: equalLine,
      },
    ];
  });
}
