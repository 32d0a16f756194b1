import { listOf, objectOf, textOf, type JsonObject } from '../data/json-parts.ts';
import { locatedYaml } from '../data/yaml.ts';
import { isFileDuration, promDuration } from '../promql/literals.ts';
import { expressionFaults, type Asked } from './expressions.ts';
import { lackingSettings, muteFaults, routeFaults } from './notifications.ts';

/** What a provisioning file of Grafana's alerting promises. */
export interface AlertingFile {
  rules: AlertRule[];
  /** Names of its contact points, with the uids of what they notify through. */
  contacts: { name: string; orgId: number; uids: string[] }[];
  /** Every receiver that a policy or a rule names. */
  receivers: { name: string; orgId: number; by: string }[];
  /** The receiver at the top of a policy tree, by organisation. */
  policies: { receiver: string; orgId: number }[];
  mutes: { name: string; orgId: number; by?: string }[];
  /** Notification templates: those that a file defines, and those that a contact point calls (`by`). */
  templates: { name: string; orgId: number; by?: string }[];
  /** Templates, and what it takes away. */
  others: number;
  /** What Grafana refuses of it, or can never evaluate. */
  faults: AlertingFault[];
}
export interface AlertRule {
  uid: string;
  title: string;
  line: number;
  group: string;
  folder: string;
  orgId: number;
  paused: boolean;
  condition: string;
  queries: (Asked & { source: string })[];
  /** Labels that its annotations print. */
  prints: string[];
  /** A recording rule: it fires nothing. */
  records: boolean;
}
export interface AlertingFault {
  what: string;
  line: number;
  /** Another version may take it. */
  guess?: true;
  /** What stands behind it, where a file says the same of many rules. */
  cause?: string;
}

const types = new Set(
  'prometheus-alertmanager dingding discord email googlechat jira kafka line mqtt oncall opsgenie pagerduty pushover sensugo slack sns teams telegram threema victorops webex webhook wecom'.split(
    ' ',
  ),
);
const expression = new Set(['__expr__', '-100']);
const states = {
  noDataState: ['', 'Alerting', 'NoData', 'OK', 'Ok', 'KeepLast'],
  execErrState: ['', 'Alerting', 'Error', 'OK', 'Ok', 'KeepLast'],
} as const;

const organisation = (one: JsonObject): number => Math.max(1, Number(one['orgId'] ?? 1) || 1);
const named = (value: unknown): string[] =>
  listOf(value)
    .map(textOf)
    .filter((one) => one !== '');

/**
 * Reads a provisioning file of Grafana's alerting; undefined where it is no YAML or JSON, or holds no list that Grafana reads.
 * Source of what it refuses: Grafana's pkg/services/provisioning/alerting (rules_types.go, contact_point_types.go).
 */
export function alertingFileOf(text: string): AlertingFile | undefined {
  const yaml = locatedYaml(text);
  const root = objectOf(yaml?.value);
  const known = ['groups', 'contactPoints', 'policies', 'muteTimes', 'templates'];
  const deleting = ['deleteRules', 'deleteContactPoints', 'resetPolicies', 'deleteMuteTimes', 'deleteTemplates'];
  if (!yaml || ![...known, ...deleting].some((key) => key in root)) return undefined;
  const file: AlertingFile = {
    rules: [],
    contacts: [],
    receivers: [],
    policies: [],
    mutes: [],
    templates: [],
    others: 0,
    faults: [],
  };
  const at =
    (...base: (string | number)[]): LineOf =>
    (...more) =>
      yaml.lineOf([...base, ...more]);
  for (const [n, group] of listOf(root['groups']).entries()) readGroup(objectOf(group), at('groups', n), file);
  for (const [n, one] of listOf(root['contactPoints']).entries())
    readContact(objectOf(one), at('contactPoints', n), file);
  for (const [n, outer] of listOf(root['policies']).map(objectOf).entries()) {
    const orgId = organisation(outer);
    const one = 'policy' in outer ? objectOf(outer['policy']) : outer;
    file.policies.push({ receiver: textOf(one['receiver']), orgId });
    if (textOf(one['receiver']) === '')
      file.faults.push({ what: 'the policy tree names no receiver', line: yaml.lineOf(['policies', n]) });
    const path = 'policy' in outer ? ['policies', n, 'policy'] : ['policies', n];
    readRoute(one, at(...path), orgId, file);
  }
  for (const [n, one] of listOf(root['muteTimes']).map(objectOf).entries()) {
    const name = textOf(one['name']);
    file.mutes.push({ name, orgId: organisation(one) });
    for (const what of muteFaults(one))
      file.faults.push({ what: `the mute timing ${name} ${what}`, line: yaml.lineOf(['muteTimes', n]) });
  }
  for (const one of listOf(root['templates']).map(objectOf)) {
    // One that defines nothing is itself the definition of its name.
    file.templates.push({ name: textOf(one['name']), orgId: organisation(one) });
    for (const [, name = ''] of textOf(one['template']).matchAll(/\{\{-?\s*(?:define|block)\s+"([^"]+)"/g))
      file.templates.push({ name, orgId: organisation(one) });
  }
  file.others = ['templates', ...deleting].reduce((sum, key) => sum + listOf(root[key]).length, 0);
  return file;
}

/** The line of what stands below a part of the file. */
type LineOf = (...path: (string | number)[]) => number;

function readGroup(group: JsonObject, lineOf: LineOf, file: AlertingFile): void {
  const [name, folder, interval] = [textOf(group['name']), textOf(group['folder']), textOf(group['interval'])];
  const orgId = organisation(group);
  const fault = (what: string, key = 'name'): void => void file.faults.push({ what, line: lineOf(key) });
  const what = `the group ${name || 'without a name'}`;
  if (name.trim() === '') fault('a group has no name');
  if (folder.trim() === '') fault(`${what} has no folder`);
  if (!isFileDuration(interval))
    fault(`${what} has the interval ${interval || 'none'}, expected one like 1m`, 'interval');
  // Its scheduler ticks every 10 s. Source: ValidateRuleGroupInterval.
  else if ((promDuration(interval) ?? 0) % 10_000 !== 0 || promDuration(interval) === 0)
    fault(`${what} has the interval ${interval}, expected a multiple of 10s`, 'interval');
  for (const [n, rule] of listOf(group['rules']).entries())
    readRule(objectOf(rule), (...at) => lineOf('rules', n, ...at), { name, folder, orgId }, file);
}

/** Notes what is wrong with a rule, by where it stands below it. */
type Fault = (text: string, at?: readonly (string | number)[], guess?: true, cause?: string) => void;

function readRule(
  rule: JsonObject,
  lineOf: LineOf,
  group: { name: string; folder: string; orgId: number },
  file: AlertingFile,
): void {
  const [uid, title, condition] = [textOf(rule['uid']), textOf(rule['title']), textOf(rule['condition'])];
  const what = `the rule ${title || uid || 'without a title'}`;
  const fault: Fault = (text, at = [], guess, cause) =>
    void file.faults.push({
      what: `${what} ${text}`,
      line: lineOf(...at),
      ...(guess && { guess }),
      ...(cause !== undefined && { cause }),
    });
  ruleWords(rule, fault);
  const queries = queriesOf(rule, fault);
  const settings = objectOf(rule['notification_settings']);
  if ('receiver' in settings) file.receivers.push({ name: textOf(settings['receiver']), orgId: group.orgId, by: what });
  for (const name of named(settings['mute_time_intervals'])) file.mutes.push({ name, orgId: group.orgId, by: what });
  for (const { what: why, guess } of routeFaults(settings)) fault(why, ['notification_settings'], guess);
  const notes = objectOf(rule['annotations']);
  const dashboard = textOf(rule['dashboardUid']) || textOf(rule['dasboardUid']) || textOf(notes['__dashboardUid__']);
  const panel = Number(rule['panelId'] ?? notes['__panelId__'] ?? 0);
  if ((dashboard === '') !== (panel === 0))
    fault('names a dashboard without a panel, or a panel without a dashboard', [], true);
  file.rules.push({
    uid,
    title,
    line: lineOf(),
    group: group.name,
    folder: group.folder,
    orgId: group.orgId,
    paused: rule['isPaused'] === true,
    condition,
    queries,
    prints: Object.values(notes).flatMap((text) =>
      [...textOf(text).matchAll(/\{\{-?[^}]*?(?:\$labels|\.Labels)\.(\w+)/g)].map(([, label = '']) => label),
    ),
    records: 'record' in rule,
  });
}

/** Its identity, times and states, and the labels that it writes. */
function ruleWords(rule: JsonObject, fault: Fault): void {
  const uid = textOf(rule['uid']);
  if (textOf(rule['title']) === '') fault('has no title');
  if (uid === '') fault('has no uid');
  else if (uid.length > 40 || !/^[\w-]+$/.test(uid.replace(/\$\{?\w+\}?/g, 'x')))
    fault(`has the uid ${uid}: at most 40 letters, digits, - and _`, ['uid']);
  for (const key of ['for', 'keepFiringFor'] as const) {
    const value = textOf(rule[key]);
    if (value !== '' && value !== '0' && !isFileDuration(value))
      fault(`has \`${key}: ${value}\`, expected one like 5m`, [key]);
  }
  for (const [key, allowed] of Object.entries(states)) {
    const value = textOf(rule[key]).trim();
    if (!(allowed as readonly string[]).includes(value))
      fault(`has \`${key}: ${value}\`, expected one of ${allowed.slice(1).join(', ')}`, [key]);
  }
  // Values of labels go through the environment; those of annotations do not.
  for (const [key, value] of Object.entries(objectOf(rule['labels'])))
    if (/(?:^|[^$])\$(?:labels|values?)\b/.test(textOf(value)))
      fault(
        `has the label ${key}: ${textOf(value)}; Grafana takes $… for a variable of the environment, so write $$…`,
        ['labels', key],
        true,
      );
}

/** What it asks, and its condition. */
function queriesOf(rule: JsonObject, fault: Fault): AlertRule['queries'] {
  const condition = textOf(rule['condition']);
  const data = listOf(rule['data']).map(objectOf);
  if (data.length === 0) fault('has no data: it asks nothing');
  const ids = data.map((one) => textOf(one['refId']));
  if (condition === '' && !('record' in rule)) fault('has no condition');
  else if (condition !== '' && data.length > 0 && !ids.includes(condition))
    fault(`has the condition ${condition}, and its queries are ${ids.join(', ')}`, ['condition']);
  const queries = data.map((one) => ({
    refId: textOf(one['refId']),
    source: textOf(one['datasourceUid']),
    expression: expression.has(textOf(one['datasourceUid'])),
    model: objectOf(one['model']),
  }));
  for (const { refId, why } of expressionFaults(queries))
    fault(`has the expression ${refId}, which ${why}`, ['data', ids.indexOf(refId)]);
  const bare = queries.filter(({ source }) => source === '').map(({ refId }) => refId);
  if (bare.length > 0)
    fault(
      `has the ${bare.length > 1 ? 'queries' : 'query'} ${bare.join(', ')} without datasourceUid`,
      ['data'],
      undefined,
      'source',
    );
  for (const [n, { refId, source, expression: own }] of queries.entries()) {
    if (ids.indexOf(refId) < n) fault(`has two queries with the refId ${refId}`, ['data', n], true);
    const range = objectOf(data[n]?.['relativeTimeRange']);
    const [from, to] = [Number(range['from'] ?? 0), Number(range['to'] ?? 0)];
    // Source: AlertQuery.PreSave.
    if (!own && source !== '' && from <= to)
      fault(
        `has the query ${refId} with the range from ${from} s to ${to} s ago, expected relativeTimeRange: { from: 600, to: 0 }`,
        ['data', n],
        undefined,
        'range',
      );
  }
  return queries;
}

function readContact(one: JsonObject, lineOf: LineOf, file: AlertingFile): void {
  const name = textOf(one['name']).trim();
  const what = `the contact point ${name || 'without a name'}`;
  const fault = (text: string, at: readonly (string | number)[] = [], guess?: true): void =>
    void file.faults.push({ what: `${what} ${text}`, line: lineOf(...at), ...(guess && { guess }) });
  if (name === '') fault('needs a name');
  const receivers = listOf(one['receivers']).map(objectOf);
  if (receivers.length === 0) fault('notifies nobody: it has no receiver');
  for (const [n, receiver] of receivers.entries()) {
    const at = ['receivers', n] as const;
    const [uid, type] = [textOf(receiver['uid']).trim(), textOf(receiver['type']).trim()];
    if (uid === '') fault(`has a receiver without uid (${type})`, at);
    if (type === '') fault(`has a receiver without type (${uid})`, at);
    else if (!types.has(type.toLowerCase()))
      fault(`has a receiver of the type ${type}, which is not one of Grafana's`, [...at, 'type'], true);
    if (Object.keys(objectOf(receiver['settings'])).length === 0)
      fault(`has a receiver without settings (${uid || type})`, at);
    else {
      const lacks = lackingSettings(type, receiver);
      if (lacks.length > 0)
        fault(`has a receiver of the type ${type} without ${lacks.join(' and ').replaceAll('|', ' or ')}`, at);
    }
    for (const [, called = ''] of JSON.stringify(receiver['settings'] ?? {}).matchAll(
      /\{\{-?\s*template\s+\\"([^"\\]+)\\"/g,
    ))
      file.templates.push({ name: called, orgId: organisation(one), by: what });
  }
  file.contacts.push({ name, orgId: organisation(one), uids: receivers.map((receiver) => textOf(receiver['uid'])) });
}

function readRoute(route: JsonObject, lineOf: LineOf, orgId: number, file: AlertingFile): void {
  const receiver = textOf(route['receiver']);
  if (receiver !== '') file.receivers.push({ name: receiver, orgId, by: 'a notification policy' });
  for (const { what, guess } of routeFaults(route))
    file.faults.push({
      what: `the notification policy${receiver === '' ? '' : ` to ${receiver}`} ${what}`,
      line: lineOf(),
      ...(guess && { guess }),
    });
  for (const name of [...named(route['mute_time_intervals']), ...named(route['active_time_intervals'])])
    file.mutes.push({ name, orgId, by: 'a notification policy' });
  for (const [n, one] of listOf(route['routes']).entries())
    readRoute(objectOf(one), (...at) => lineOf('routes', n, ...at), orgId, file);
}

/** Contact points that every Grafana makes for itself. */
export const ownContacts: ReadonlySet<string> = new Set(['grafana-default-email', 'email receiver', 'empty']);
