import { error, inconclusive, warning, type Judge } from '../core/step.ts';
import { ownContacts, type AlertingFile, type AlertRule } from '../formats/grafana/alerting.ts';
import type { Alerting, SeenRule } from './alerting.ts';
import { unreduced } from '../formats/grafana/expressions.ts';
import { queryFault } from '../formats/grafana/dashboards/query-fault.ts';
import { replaceVariables } from '../formats/grafana/variable-uses.ts';
import { objectOf, textOf } from '../formats/data/json-parts.ts';
import { labelsOf, mayHave } from '../formats/prometheus/expression-labels.ts';
import { promqlTree } from '../formats/promql/read.ts';
import { speaksPromQl } from './sources.ts';

/** A provisioning file of Grafana's alerting. */
export interface Read {
  file: string;
  /** undefined: Grafana cannot read it. */
  alerting?: AlertingFile;
}
export const alertingProblems = {
  'file-missing': error('A provisioning file is not there', 'correct the path, or make the file'),
  'file-unreadable': error(
    'Grafana cannot read a provisioning file of its alerting',
    'expected YAML or JSON with `groups`, `contactPoints`, `policies`, `muteTimes` or `templates`',
  ),
  'nothing-provisioned': error(
    'The files of Grafana’s alerting provision nothing',
    'is this the right file, and the right `orgId`?',
  ),
  'alerting-refused': error(
    'Grafana refuses what a file of its alerting says',
    'one such fault keeps Grafana from starting: correct it',
  ),
  'uid-duplicate': error(
    'Two alert rules, or two receivers, have the same uid',
    'Grafana keeps one of them at best: give each its own',
  ),
  'title-duplicate': warning(
    'Two alert rules of one folder have the same title',
    'Grafana up to 11 refuses the second: give each its own title',
  ),
  'receiver-missing': error(
    'A policy or rule notifies a contact point that no file makes',
    'make the contact point in a file, correct the name, or list it under `contacts` where it is made elsewhere',
  ),
  'mute-missing': error('A mute timing that is named is not there', 'make it under `muteTimes`, or correct the name'),
  'template-missing': warning(
    'A contact point uses a template that no file defines',
    'define it under `templates`, or correct the name: the notification fails without it',
  ),
  'series-unreduced': error(
    'An alert rule compares a series over time',
    'ask the query with `instant: true`, or reduce it before the threshold: Grafana alerts on single numbers alone',
  ),
  'bad-expression': error('A query of an alert rule does not parse', 'correct the PromQL: the rule ends in an error'),
  'label-dropped': warning(
    'An annotation prints a label that the query does not keep',
    'keep the label in by (…), or take it out of the text: it is empty in every notification',
  ),
  'file-unread': warning(
    'A file of Grafana’s alerting lies where Grafana does not look',
    'put it directly into provisioning/alerting: folders below it are not read',
  ),
  'datasource-missing': error(
    'A rule asks a data source that is not there',
    'rules name data sources by uid: give the data source this uid in its provisioning file',
  ),
  'rule-paused': error('An alert rule is paused', 'it fires for nobody: resume it, or list its uid under `paused`'),
  'rule-missing': error(
    'An alert rule of the files is not in Grafana',
    'see Grafana’s log for its provisioning: files must lie directly in provisioning/alerting',
  ),
  'rule-failing': error('Grafana cannot evaluate an alert rule', 'correct its queries; see the rule in Grafana'),
  'rule-no-data': warning(
    'The queries of an alert rule give no data',
    'is the metric exported and scraped under this name? Where no data is right, let the query end in `or vector(0)`',
  ),
  'rule-unevaluated': inconclusive(
    'An alert rule was not evaluated in time',
    'raise `within` above the interval of its group',
  ),
  'contact-missing': error('A contact point of the files is not in Grafana', 'see Grafana’s log for its provisioning'),
  'policy-differs': error(
    'Grafana notifies another contact point than the files say',
    'see Grafana’s log for its provisioning: an organisation has one policy tree, and the last file wins',
  ),
} as const;

type J = Judge<typeof alertingProblems>;
export type Rule = AlertRule & { file: string };

export const rulesOf = (files: readonly Read[], orgId: number): Rule[] =>
  files.flatMap(({ file, alerting }) =>
    (alerting?.rules ?? []).filter((rule) => rule.orgId === orgId).map((rule) => ({ ...rule, file })),
  );

/** What must be there once, and what must be there at all. */
export function judgeNames(j: J, files: readonly Read[], p: { orgId: number; contacts: readonly string[] }): void {
  const all = <T>(pick: (one: AlertingFile) => readonly T[]): (T & { file: string })[] =>
    files.flatMap(({ file, alerting }) => (alerting ? pick(alerting) : []).map((one) => ({ ...one, file })));
  const rules = all((one) => one.rules);
  const contacts = all((one) => one.contacts);
  const uids = [
    ...rules.map(({ uid, orgId, file }) => ({ key: `rule ${orgId} ${uid}`, uid, file })),
    ...contacts.flatMap(({ uids: own, orgId, file }) =>
      own.map((uid) => ({ key: `receiver ${orgId} ${uid}`, uid, file })),
    ),
  ].filter((one) => one.uid !== '');
  twice(uids, (key, { uid, file }) =>
    j.find('uid-duplicate', `the uid ${uid} appears twice among the ${key.split(' ')[0]}s`, {
      subject: uid,
      where: { file },
    }),
  );
  const titles = rules.map(({ orgId, folder, title, file }) => ({
    key: `${orgId} ${folder} ${title}`,
    folder,
    title,
    file,
  }));
  twice(titles, (_, { folder, title, file }) =>
    j.find('title-duplicate', `the folder ${folder} has two rules with the title ${title}`, {
      subject: title,
      where: { file },
    }),
  );
  const made = new Set([
    ...contacts.map((one) => `${one.orgId} ${one.name}`),
    ...p.contacts.map((name) => `${p.orgId} ${name}`),
  ]);
  for (const { name, orgId, by, file } of all((one) => one.receivers))
    if (!name.includes('$') && !ownContacts.has(name) && !made.has(`${orgId} ${name}`))
      j.find('receiver-missing', `${by} notifies ${name}, and no file makes such a contact point`, {
        subject: name,
        where: { file },
      });
  const templates = all((one) => one.templates);
  for (const { name, orgId, by, file } of templates)
    if (
      by !== undefined &&
      // Grafana's own: default.title, slack.default.text, __alert_summary.
      !/^(?:__|default\.|\w+\.default\.)/.test(name) &&
      !templates.some((one) => one.by === undefined && one.name === name && one.orgId === orgId)
    )
      j.find('template-missing', `${by} uses the template ${name}, and no file defines it`, {
        subject: name,
        where: { file },
      });
  const mutes = all((one) => one.mutes);
  for (const { name, orgId, by, file } of mutes)
    if (by !== undefined && !mutes.some((one) => one.by === undefined && one.name === name && one.orgId === orgId))
      j.find('mute-missing', `${by} names the mute timing ${name}, and no file makes it`, {
        subject: name,
        where: { file },
      });
}

/** That files are read shows nothing where nothing stands in them. */
export function judgeHeld(j: J, files: readonly Read[], orgId: number | undefined): void {
  const read = files.flatMap(({ alerting }) => alerting ?? []);
  const held = read.reduce(
    (sum, { rules, contacts, policies, mutes, others }) =>
      sum +
      others +
      [...rules, ...contacts, ...policies, ...mutes].filter((one) => orgId === undefined || one.orgId === orgId).length,
    0,
  );
  if (read.length > 0 && held === 0)
    j.find(
      'nothing-provisioned',
      `${files.map((one) => one.file).join(', ')}: expected a rule, a contact point or a policy${orgId === undefined ? '' : ` of the organisation ${orgId}`}, found none`,
    );
}

function twice<T extends { key: string }>(all: readonly T[], found: (key: string, one: T) => void): void {
  const seen = new Set<string>();
  for (const one of all) {
    if (seen.has(one.key)) found(one.key, one);
    seen.add(one.key);
  }
}

/** What is wrong with the queries of a rule, before anything runs. `typeOf`: the plugin behind a uid, where it is known. */
export function judgeQueries(j: J, rule: Rule, typeOf: (uid: string) => string | undefined, about: object): void {
  const prometheus = ({ source, model }: Rule['queries'][number]): boolean =>
    speaksPromQl(typeOf(source) ?? textOf(objectOf(model['datasource'])['type']));
  const series = unreduced(rule.condition, rule.queries, (one) => {
    const query = rule.queries.find((other) => other.refId === one.refId);
    // Without either, Grafana's Prometheus asks for a range.
    return query && prometheus(query) && textOf(query.model['expr']) !== ''
      ? query.model['instant'] !== true
      : undefined;
  });
  if (series !== undefined && !rule.records)
    j.find(
      'series-unreduced',
      `${rule.title} compares ${series}, which gives a series over time: its condition is ${rule.condition}`,
      { ...about, cause: `${rule.file} series` },
    );
  const asked = rule.queries.filter((one) => !one.expression);
  for (const query of asked.filter(prometheus)) {
    const text = textOf(query.model['expr']);
    const read = replaceVariables(text);
    const fault = text === '' || read.undecided.length > 0 ? undefined : queryFault(read.text);
    if (fault !== undefined) j.find('bad-expression', `${rule.title}: ${fault}`, { ...about, detail: text });
    const tree = fault === undefined && asked.length === 1 ? promqlTree(read.text) : undefined;
    if (!tree) continue;
    const lost = rule.prints.filter((label) => !mayHave(labelsOf(tree), label) && !ownLabels.has(label));
    for (const label of new Set(lost))
      j.find('label-dropped', `${rule.title} prints ${label}, which its query does not keep`, {
        ...about,
        detail: text,
      });
  }
}

/** Labels that Grafana itself adds to every alert. */
const ownLabels = new Set(['alertname', 'grafana_folder']);

export function judgeRule(j: J, rule: Rule, seen: readonly SeenRule[], about: object, mayPause: boolean): void {
  const found = seen.find((one) => one.uid === rule.uid);
  if (!found) return void j.find('rule-missing', `${rule.title} (${rule.uid}) is not there`, about);
  if (found.paused) {
    if (!mayPause && !rule.paused) j.find('rule-paused', `${rule.title} is paused in Grafana`, about);
    return;
  }
  const said = found.error === undefined ? '' : `: ${found.error}`;
  if (found.health === 'error') j.find('rule-failing', `${rule.title} ends in an error${said}`, about);
  else if (found.health === 'nodata') j.find('rule-no-data', `${rule.title} has no data${said}`, about);
  else if (found.health === 'ok') j.prove(`${rule.title} is there, and was evaluated`);
  else j.find('rule-unevaluated', `${rule.title} is there, and its health is ${found.health ?? 'unknown'}`, about);
}

export function judgeContacts(j: J, files: readonly Read[], live: Alerting, orgId: number): void {
  for (const { file, alerting } of files) {
    for (const { name } of (alerting?.contacts ?? []).filter((one) => one.orgId === orgId))
      j.check(
        name.includes('$') || live.contacts.includes(name),
        `the contact point ${name} is there`,
        'contact-missing',
        `the contact point ${name} is not there; Grafana has ${live.contacts.join(', ') || 'none'}`,
        { subject: name, where: { file } },
      );
    for (const { receiver } of (alerting?.policies ?? []).filter((one) => one.orgId === orgId))
      j.check(
        receiver.includes('$') || live.receiver === receiver,
        `notifications go to ${receiver} first`,
        'policy-differs',
        `notifications go to ${live.receiver}, the file says ${receiver}`,
        { subject: receiver, where: { file } },
      );
  }
}
