import { posix } from 'node:path';
import { library } from '../formats/data/libraries.ts';
import type { StepContext } from '../core/step.ts';
import {
  alertmanagerConfig,
  alertmanagerFaults,
  type AlertmanagerConfig,
  type AlertmanagerFault,
} from '../formats/alertmanager/config.ts';
import type { AlertmanagerMatcher } from '../formats/alertmanager/matchers.ts';
import { imageName } from '../formats/compose/model.ts';
import { anchoredRegex } from '../formats/promql/regex.ts';
import { lineOf, short, type StackJudge } from './checks.ts';
import { namedConfig } from './config-checks.ts';
import type { Container } from './container.ts';
import { filledIn } from './filled-in.ts';
import type { SeenPrometheus } from './prometheus-checks.ts';

/** What Alertmanager's container would read. */
export interface SeenAlertmanager {
  service: string;
  file: string;
  faults: (AlertmanagerFault & { line: number })[];
  /** The repository says that its placeholders are filled in. */
  filled: boolean;
  config?: AlertmanagerConfig;
  /** Templates that the files of `templates` define; undefined where not all of them can be seen. */
  defined?: string[];
  lines: Record<string, number>;
}

export async function lookAtAlertmanager(
  container: Container,
  ctx: StepContext,
): Promise<SeenAlertmanager | undefined> {
  const { service } = container;
  if (imageName(service.image) !== 'alertmanager' || service.scripted) return undefined;
  const found = await container.find(namedConfig(service.command) ?? '/etc/alertmanager/alertmanager.yml');
  if (found?.kind !== 'file') return undefined;
  const text = await container.read(found);
  const file = short(ctx, found.host);
  // Markers of a template that something else fills in first.
  if (/\{\{.*\}\}/.test(text.replace(/["'].*["']|[|>]-?\n(?:\s+.*\n|\n)+/g, '')))
    return { service: service.name, file, faults: [], filled: false, lines: {} };
  const config = alertmanagerConfig(text);
  const faults = alertmanagerFaults(text).map((fault) => ({ ...fault, line: lineOf(text, fault.at) }));
  const filled = faults.some((fault) => fault.literal) && (await filledIn(file, ctx));
  if (!config) return { service: service.name, file, faults, filled, lines: {} };
  const lines = Object.fromEntries([
    ...config.receivers.map(({ name }) => [name, lineOfName(text, name)] as const),
    ...[
      ...config.used,
      ...[...config.routes.map((one) => one.matchers), ...config.inhibits.flatMap((one) => [one.source, one.target])]
        .flat()
        .map((one) => one.value),
    ].map((name) => [name, lineOf(text, name)] as const),
  ]);
  const defined = await definedTemplates(config, container);
  return { service: service.name, file, faults, filled, config, ...(defined && { defined }), lines };
}

const lineOfName = (text: string, name: string): number =>
  Math.max(1, text.split('\n').findIndex((line) => /\bname:/.test(line) && line.includes(name)) + 1);

async function definedTemplates(config: AlertmanagerConfig, container: Container): Promise<string[] | undefined> {
  const folderOf = posix.dirname(namedConfig(container.service.command) ?? '/etc/alertmanager/alertmanager.yml');
  const defined: string[] = [];
  for (const pattern of config.templates) {
    const full = pattern.startsWith('/') ? pattern : posix.join(folderOf, pattern);
    const folder = posix.dirname(full);
    if (container.mayHold(folder)) return undefined;
    for (const one of await container.list(folder)) {
      if (!library('picomatch').isMatch(one.name, posix.basename(full))) continue;
      const seen = await container.find(one.path);
      if (seen?.kind !== 'file') continue;
      for (const [, name = ''] of (await container.read(seen)).matchAll(
        /\{\{-?\s*(?:define|block)\s+["`]([^"`]+)["`]/g,
      ))
        defined.push(name);
    }
  }
  return defined;
}

const silent = /null|nowhere|none|black.?hole|dev.?null|no.?op|silen|drop|discard|ignore|empty|mute|watchdog|dead/i;

export function judgeAlertmanager(j: StackJudge, seen: SeenAlertmanager, servers: readonly SeenPrometheus[]): void {
  const about = (line?: number) => ({
    subject: seen.service,
    where: { file: seen.file, ...(line !== undefined && { line }) },
  });
  for (const { kind, message, line, literal } of seen.faults)
    j.find(kind === 'refused' ? 'alertmanager-refused' : 'alertmanager-literal', `${seen.file}: ${message}`, {
      ...about(line),
      ...(literal && seen.filled && { level: 'note' as const }),
    });
  const { config, defined } = seen;
  if (!config || seen.faults.some((fault) => fault.kind === 'refused')) return;
  j.prove(`Alertmanager takes what is looked at of ${seen.file}`);
  if (defined)
    for (const name of new Set(config.used))
      // Alertmanager's own are called slack.default.title and __subject.
      if (!defined.includes(name) && !/^__|\.default\./.test(name))
        j.find('template-undefined', `${seen.file}: the template ${name} is defined nowhere`, about(seen.lines[name]));
  const reached = new Set([config.rootReceiver, ...config.routes.map((route) => route.receiver)]);
  const empty = config.receivers.filter((one) => one.integrations === 0 && reached.has(one.name));
  const asked = new Set(config.routes.filter((route) => route.matchers.length > 0).map((route) => route.receiver));
  const all = config.receivers.every((one) => one.integrations === 0);
  for (const { name } of empty)
    if (!silent.test(name))
      j.find('receiver-empty', `${seen.file}: the receiver ${name} has no integration: its alerts reach nobody`, {
        ...about(seen.lines[name]),
        // A root that catches nothing of interest, where the routes do the work; and a route that asks for alerts by name or label means them to go somewhere.
        ...(asked.has(name) ? { level: 'error' as const } : !all && { level: 'note' as const }),
      });
  judgeLabels(j, seen, config, servers);
}

/** Are the alerts that matchers ask for made by any rule? Only labels that rules themselves set can be judged. */
function judgeLabels(
  j: StackJudge,
  seen: SeenAlertmanager,
  config: AlertmanagerConfig,
  servers: readonly SeenPrometheus[],
): void {
  const [server, ...more] = servers;
  if (!server || more.length > 0 || server.ruleFiles.some((one) => one.mayHold && one.matches.length === 0)) return;
  const alerts = server.ruleFiles.flatMap((one) => one.matches).flatMap((match) => match.firing);
  if (alerts.length === 0) return;
  const matches = ({ label, op, value }: AlertmanagerMatcher, labels: Readonly<Record<string, string>>): boolean => {
    const has = labels[label];
    // What a rule does not set, the series may.
    if (has === undefined || has.includes('{{')) return label !== 'alertname' || has !== undefined;
    const test = op.includes('~') ? anchoredRegex(value) : undefined;
    const holds = op.includes('~') ? (test?.test(has) ?? true) : has === value;
    return op.startsWith('!') ? !holds : holds;
  };
  const nobody = (list: readonly AlertmanagerMatcher[]): AlertmanagerMatcher | undefined =>
    list.find((one) => !alerts.some((labels) => matches(one, labels)));
  const values = (label: string): string =>
    [...new Set(alerts.map((labels) => labels[label] ?? ''))]
      .filter((one) => one !== '')
      .slice(0, 6)
      .join(', ');
  for (const route of config.routes) {
    const dead = nobody(route.matchers);
    if (!dead || dead.op.startsWith('!')) continue;
    // Alerts that have another value of the label, which no route asks for, were likely meant.
    const stray = alerts.some(
      (labels) =>
        labels[dead.label] !== undefined &&
        !config.routes.some((one) => one.matchers.some((m) => m.label === dead.label && matches(m, labels))),
    );
    j.find(
      'route-unmatched',
      `${seen.file}: the route to ${route.receiver} asks for ${dead.label}${dead.op}${dead.value}, and no rule makes such an alert (${dead.label} is ${values(dead.label)})`,
      {
        subject: seen.service,
        where: { file: seen.file, line: seen.lines[dead.value] ?? 1 },
        ...(!(stray || dead.label === 'alertname') && { level: 'note' as const }),
      },
    );
  }
  for (const { source, target } of config.inhibits)
    for (const [word, list] of [
      ['source', source],
      ['target', target],
    ] as const) {
      const dead = nobody(list);
      if (dead?.label === 'alertname')
        j.find(
          'route-unmatched',
          `${seen.file}: an inhibition’s ${word} is ${dead.value}, and no rule makes such an alert`,
          {
            subject: seen.service,
            where: { file: seen.file, line: seen.lines[dead.value] ?? 1 },
          },
        );
    }
}
