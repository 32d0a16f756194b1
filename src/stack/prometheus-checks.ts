import picomatch from 'picomatch';
import type { EntryKind, StepContext } from '../core/step.ts';
import { hostPath, type ComposeService } from '../formats/compose-model.ts';
import { yamlOf } from '../formats/provisioning.ts';
import { parseRuleFile } from '../formats/rule-files.ts';
import { prometheusConfig } from '../formats/scrape-config.ts';
import { judgeHost, lineOf, located, short, type StackJudge } from './checks.ts';

/** What Prometheus's container would find. */
export interface SeenPrometheus {
  service: string;
  config: { path: string; host?: string; kind: EntryKind; unreadable: boolean };
  ownPort: number;
  ruleFiles: {
    pattern: string;
    line: number;
    host?: string;
    matches: { file: string; problems: { message: string; line: number; col: number }[]; rules: number }[];
  }[];
  targets: { job: string; address: string; line: number }[];
  alertmanagers: { address: string; line: number }[];
}

export async function lookAtPrometheus(service: ComposeService, ctx: StepContext): Promise<SeenPrometheus> {
  const flag = (name: string): string | undefined => {
    const at = service.command.findIndex((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`));
    const arg = service.command[at];
    return arg?.includes('=') === true ? arg.slice(arg.indexOf('=') + 1) : service.command[at + 1];
  };
  const has = (name: string): boolean =>
    service.command.some((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`));
  const path = (has('config.file') ? flag('config.file') : undefined) ?? '/etc/prometheus/prometheus.yml';
  const listen = has('web.listen-address') ? flag('web.listen-address') : undefined;
  const host = hostPath(service, path);
  const kind = host === undefined ? 'missing' : await ctx.files.kind(host);
  const text = host !== undefined && kind === 'file' ? await ctx.files.read(host) : '';
  const document = yamlOf(text);
  const config = prometheusConfig(document);
  const ruleFiles: SeenPrometheus['ruleFiles'] = [];
  for (const pattern of config.ruleFiles) {
    const full = pattern.startsWith('/') ? pattern : `${path.slice(0, path.lastIndexOf('/'))}/${pattern}`;
    const folder = full.slice(0, full.lastIndexOf('/'));
    const at = /[*?[]/.test(folder)
      ? undefined
      : (hostPath(service, folder) ?? hostPath(service, full)?.replace(/\/[^/]*$/, ''));
    const names =
      at === undefined
        ? []
        : (await ctx.files.list(at)).filter((name) => picomatch.isMatch(name, full.slice(folder.length + 1)));
    const matches: SeenPrometheus['ruleFiles'][number]['matches'] = [];
    for (const name of names) {
      if ((await ctx.files.kind(`${at}/${name}`)) !== 'file') continue;
      const { groups, problems } = parseRuleFile(await ctx.files.read(`${at}/${name}`));
      matches.push({
        file: short(ctx, `${at}/${name}`),
        problems: problems.map(({ message, at: place }) => ({ message, ...place })),
        rules: groups.flatMap((group) => group.rules).length,
      });
    }
    ruleFiles.push({ pattern, line: lineOf(text, pattern), ...located(ctx, at), matches });
  }
  return {
    service: service.name,
    config: { path, ...located(ctx, host), kind, unreadable: text !== '' && document === undefined },
    ownPort: Number(listen?.split(':').at(-1) ?? 9090),
    ruleFiles,
    targets: config.targets.map((target) => ({ ...target, line: lineOf(text, target.address) })),
    alertmanagers: config.alertmanagers.map((address) => ({ address, line: lineOf(text, address) })),
  };
}

export function judgePrometheus(
  j: StackJudge,
  seen: SeenPrometheus,
  services: readonly ComposeService[],
  at: { file: string; line?: number },
): void {
  const own = services.find((service) => service.name === seen.service);
  const about = { subject: seen.service };
  const { config } = seen;
  if (config.host === undefined) {
    j.find(
      'prometheus-config-unread',
      `${seen.service} reads ${config.path}, where nothing of the repository is mounted: it runs with its image's own configuration`,
      { ...about, where: at, level: own?.built === true ? 'note' : 'warning' },
    );
    return;
  }
  if (config.kind !== 'file') {
    j.find(
      'prometheus-config-unread',
      `${seen.service} reads ${config.path}, which is ${config.host}: ${config.kind === 'missing' ? 'not there' : `a ${config.kind}`}`,
      { ...about, where: at },
    );
    return;
  }
  const file = config.host;
  let read = 0;
  for (const rules of seen.ruleFiles) {
    const where = { file, line: rules.line };
    const wild = /[*?[]/.test(rules.pattern);
    if (rules.matches.length === 0)
      j.find(
        'rule-files-unread',
        `rule_files: ${rules.pattern} matches ${rules.host === undefined ? 'nothing that is mounted' : `nothing in ${rules.host}`}`,
        { ...about, where, ...(wild && rules.host !== undefined && { level: 'warning' as const }) },
      );
    for (const match of rules.matches) {
      for (const problem of match.problems)
        j.find('rules-refused', `${match.file}: ${problem.message}`, {
          ...about,
          where: { file: match.file, line: problem.line, col: problem.col },
        });
      if (match.problems.length === 0) read++;
    }
  }
  if (read > 0) j.prove(`Prometheus finds ${read} rule files by ${file}`);
  if (!own) return;
  const ends = [
    ...seen.targets.map(({ job, address, line }) => ({
      address,
      line,
      what: `the job ${job} scrapes ${address}`,
      host: 'scrape-host' as const,
      subject: job,
    })),
    ...seen.alertmanagers.map(({ address, line }) => ({
      address,
      line,
      what: `alerts go to ${address}`,
      host: 'alertmanager-host' as const,
      subject: address,
    })),
  ];
  for (const { address: text, line, what, host, subject } of ends) {
    const address = addressOf(text);
    if (!address) continue;
    const at = { subject, where: { file, line } };
    judgeHost(j, own, address.host, address.port, seen.ownPort, services, what, { host, port: 'scrape-port' }, at);
  }
}

function addressOf(text: string): { host: string; port: number } | undefined {
  const match = /^(?:https?:\/\/)?([^:/]+)(?::(\d+))?(?:\/.*)?$/.exec(text);
  return match?.[1] === undefined ? undefined : { host: match[1], port: Number(match[2] ?? 80) };
}
