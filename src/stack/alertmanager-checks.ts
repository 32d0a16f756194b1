import { writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { askAmtool, type AmtoolSaid } from './amtool.ts';
import { library } from '../formats/data/libraries.ts';
import type { StepContext } from '../core/step.ts';
import { type AlertmanagerConfig } from '../formats/alertmanager/config.ts';
import { imageName } from '../formats/compose/model.ts';
import { judgeHost, short, type Around, type StackJudge } from './checks.ts';
import { namedConfig } from './config-checks.ts';
import type { Container } from './container.ts';
import { filledIn, isForAPerson, isPlaceholder } from './filled-in.ts';
import { lackingFiles, type SeenPrometheus } from './prometheus-checks.ts';
import { objectOf } from '../formats/data/json-parts.ts';
import { locatedYaml } from '../formats/data/yaml.ts';
import { filesIn } from '../formats/prometheus/prometheus-config.ts';
import { judgeRouting, lookAtRouting, noRouting, type SeenRouting, toldPlaceholder } from './alertmanager-file.ts';
import type { AlertLabels } from '../formats/alertmanager/remark.ts';
import { allRoutes } from '../formats/alertmanager/routing.ts';

/** What Alertmanager's container would read. */
export interface SeenAlertmanager extends SeenRouting {
  service: string;
  file: string;
  /** What amtool says of the file; undefined where it was not asked. */
  amtool?: AmtoolSaid;
  /** The repository says that its placeholders are filled in. */
  filled: boolean;
  /** Files that it names, and that its container has not. */
  lacking: SeenPrometheus['lacking'];
  /** Templates that the files of `templates` define; undefined where not all of them can be seen. */
  defined?: string[];
  /** Patterns of `templates` that match no file of the container. */
  unmatched?: string[];
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
    return { ...noRouting, service: service.name, file, lacking: [], filled: false };
  const read = await lookAtRouting(ctx, file, text);
  const filled = read.faults.some((fault) => fault.literal) && (await filledIn(file, ctx));
  const templates = read.config && (await definedTemplates(read.config, container));
  const amtool = await askCopy(ctx, text);
  const yaml = locatedYaml(text);
  const lacking = yaml ? await lackingFiles(container, filesIn(objectOf(yaml.value), yaml)) : [];
  return { ...read, service: service.name, file, amtool, lacking, filled, ...templates };
}

/** amtool's word on a copy: what is mounted may stand within the Compose file. */
async function askCopy(ctx: StepContext, text: string): Promise<AmtoolSaid> {
  const copy = join(ctx.evidence.scratch(), 'alertmanager.yml');
  await writeFile(copy, text);
  return askAmtool(ctx, copy, text);
}

async function definedTemplates(
  config: AlertmanagerConfig,
  container: Container,
): Promise<Pick<SeenAlertmanager, 'defined' | 'unmatched'>> {
  const folderOf = posix.dirname(namedConfig(container.service.command) ?? '/etc/alertmanager/alertmanager.yml');
  const defined: string[] = [];
  const unmatched: string[] = [];
  for (const pattern of config.templates) {
    const full = pattern.startsWith('/') ? pattern : posix.join(folderOf, pattern);
    const folder = posix.dirname(full);
    if (container.mayHold(folder)) return {};
    let found = false;
    for (const one of await container.list(folder)) {
      if (!library('picomatch').isMatch(one.name, posix.basename(full))) continue;
      const seen = await container.find(one.path);
      if (seen?.kind !== 'file') continue;
      found = true;
      for (const [, name = ''] of (await container.read(seen)).matchAll(
        /\{\{-?\s*(?:define|block)\s+["`]([^"`]+)["`]/g,
      ))
        defined.push(name);
    }
    if (!found) unmatched.push(pattern);
  }
  return { defined, unmatched };
}

export function judgeAlertmanager(j: StackJudge, seen: SeenAlertmanager, servers: readonly SeenPrometheus[]): void {
  const about = (line?: number) => ({
    subject: seen.service,
    where: { file: seen.file, ...(line !== undefined && { line }) },
  });
  const faults = settled(seen);
  if (seen.amtool && seen.amtool.left.length > 0)
    j.find(
      'unsupported-by-amtool',
      `${seen.file}: amtool ${seen.amtool.version} does not know ${seen.amtool.left.join(', ')}`,
      about(),
    );
  const told = toldPlaceholder(faults);
  for (const { kind, message, line, also } of [
    ...(told ? [told] : []),
    ...faults.filter((fault) => !fault.literal).map((fault) => ({ ...fault, also: undefined })),
  ])
    j.find(
      kind === 'refused' ? 'alertmanager-refused' : 'alertmanager-literal',
      `${seen.file}: ${message}${also ?? ''}`,
      { ...about(line), ...(also !== undefined && seen.filled && { level: 'note' as const }) },
    );
  const { config, defined } = seen;
  if (!config || faults.some((fault) => fault.kind === 'refused')) return;
  j.prove(
    seen.amtool?.state === 'accepted' && seen.amtool.left.length === 0
      ? `amtool ${seen.amtool.version} accepts ${seen.file}`
      : `Alertmanager takes what is looked at of ${seen.file}`,
  );
  for (const { key, path, line } of seen.lacking)
    j.find('file-unmounted', `${key} names ${path}, and nothing is mounted there`, about(line));
  // Without a template that is used, an example's line does no harm.
  for (const pattern of seen.unmatched ?? [])
    j.find('file-unmounted', `templates names ${pattern}, which matches nothing in the container of ${seen.service}`, {
      ...about(),
      level: 'note',
    });
  if (defined && config.templates.length > 0)
    for (const { name, line } of config.used)
      // Alertmanager's own are called slack.default.title and __subject.
      if (!defined.includes(name) && !/^__|\.default\./.test(name))
        j.find('template-undefined', `${seen.file}: the template ${name} is defined nowhere`, about(line));
  judgeRouting(j, seen, config, { file: seen.file, subject: seen.service, alerts: alertsOf(servers) });
}

/** The alerts of the one server whose rules were all seen. */
function alertsOf([server, ...more]: readonly SeenPrometheus[]): AlertLabels[] {
  if (!server || more.length > 0 || server.ruleFiles.some((one) => one.mayHold && one.matches.length === 0)) return [];
  return server.ruleFiles.flatMap((one) => one.matches).flatMap((match) => match.firing);
}

/** amtool is the judge of what Alertmanager refuses, but for placeholders that are filled in before it starts. */
function settled({ faults, amtool }: SeenAlertmanager): SeenAlertmanager['faults'] {
  if (!amtool || amtool.state === 'missing' || faults.some((fault) => fault.literal && fault.kind === 'refused'))
    return faults;
  const literal = faults.filter((fault) => fault.kind === 'literal');
  if (amtool.state === 'accepted') return literal;
  const line = amtool.line ?? faults[0]?.line ?? 1;
  const own = faults.map((fault) => fault.message).filter((message) => !amtool.message.includes(message));
  const message = [`amtool ${amtool.version}: ${amtool.message}`, ...own].join('; ');
  return [{ kind: 'refused', message, literal: false, line }, ...literal];
}

/** Do the webhooks of receivers that alerts are routed to call services that Alertmanager reaches? */
export function judgeHooks(j: StackJudge, seen: SeenAlertmanager, around: Around): void {
  const own = around.services.find((service) => service.name === seen.service);
  const reached = new Set(seen.config ? [...allRoutes(seen.config.tree)].map(([route]) => route.receiver) : []);
  const hooks = (own ? (seen.config?.hooks ?? []) : []).filter(({ receiver }) => reached.has(receiver));
  // One program that several receivers call is one cause.
  const address = (url: string): string => /^https?:\/\/[^/]+/.exec(url)?.[0] ?? url;
  for (const [one, ...more] of Map.groupBy(hooks, ({ url }) => address(url)).values()) {
    if (!one) continue;
    const { url, receiver, line } = one;
    const also = [...new Set(more.map((other) => other.receiver))].filter((name) => name !== receiver);
    const [, host, port] = /^https?:\/\/([\w.-]+)(?::(\d+))?(?:\/|$)/.exec(url) ?? [];
    if (!own || host === undefined || isForAPerson(url) || isPlaceholder(url)) continue;
    judgeHost(
      j,
      { own, ownPort: 9093, around },
      {
        host,
        port: Number(port ?? (url.startsWith('https') ? 443 : 80)),
        what: `the receiver ${receiver}${also.length > 0 ? ` (also ${also.join(', ')})` : ''} calls ${url}`,
        codes: { host: 'hook-host', port: 'scrape-port' },
        about: {
          subject: receiver,
          where: { file: seen.file, line },
          // Alertmanager's own example calls http://127.0.0.1:5001/: it stands for a webhook that somebody has yet to name.
          ...((seen.filled || /^(?:localhost|127\.)/.test(host)) && { level: 'note' as const }),
        },
      },
    );
  }
}
