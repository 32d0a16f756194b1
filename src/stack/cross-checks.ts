import picomatch from 'picomatch';
import type { Judge } from '../core/judgement.ts';
import type { EntryKind, StepContext } from '../core/step.ts';
import { hostPath, reach, type ComposeService } from '../formats/compose-model.ts';
import {
  dashboardFile,
  dataSourcesOf,
  prometheusConfig,
  providersOf,
  yamlOf,
  type DashboardFile,
  type DataSource,
} from '../formats/provisioning.ts';
import { parseRuleFile } from '../formats/rule-files.ts';

/** What Grafana's container would find. Paths are relative to the target where they lie in it. */
export interface SeenGrafana {
  service: string;
  /** Container path of the provisioning folder, and where it lies on the host. */
  provisioning: { path: string; host?: string };
  dataSourceFiles: { file: string; sources: DataSource[]; unreadable: boolean }[];
  providers: {
    file: string;
    line: number;
    name: string;
    path: string;
    host?: string;
    kind: EntryKind;
    dashboards: ({ file: string } & DashboardFile)[];
  }[];
  dashboardFiles: string[];
  /** YAML files that lie in the provisioning folder itself, where Grafana does not look. */
  misplaced: string[];
  /** A mounted folder that holds dashboards. */
  mountsDashboards: boolean;
}

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

export const stackProblems = {
  'provisioning-misplaced': {
    level: 'error',
    title: 'Provisioning files lie where Grafana does not look',
    hint: 'put them into datasources/ and dashboards/ below the provisioning folder',
  },
  'provisioning-missing': {
    level: 'error',
    title: 'Dashboards are mounted, but nothing makes Grafana load them',
    hint: 'add a provider file to provisioning/dashboards/',
  },
  'provider-path': {
    level: 'error',
    title: 'A dashboard provider reads a folder that is not mounted',
    hint: 'make options.path the container path at which the dashboards are mounted',
  },
  'provider-empty': {
    level: 'error',
    title: 'A dashboard provider’s folder holds no dashboard',
    hint: 'is it the right folder?',
  },
  'dashboard-refused': { level: 'error', title: 'Grafana refuses a dashboard file', hint: 'correct the file' },
  'dashboard-duplicate': {
    level: 'error',
    title: 'Two dashboards have the same uid or title',
    hint: 'Grafana then refuses to update either: give each its own',
  },
  'datasource-host': {
    level: 'error',
    title: 'A data source’s host is no service that Grafana reaches',
    hint: 'use the service’s name, on a network that both share',
  },
  'datasource-port': {
    level: 'warning',
    title: 'A data source’s port is not one that the service names',
    hint: 'see on which port the service listens',
  },
  'datasource-default': {
    level: 'error',
    title: 'Several data sources are the default',
    hint: 'Grafana does not start with more than one isDefault per organisation',
  },
  'provisioning-unreadable': {
    level: 'error',
    title: 'A provisioning file is no YAML',
    hint: 'correct it: Grafana does not start',
  },
  'prometheus-config-unread': {
    level: 'error',
    title: 'Prometheus will not find its configuration',
    hint: 'mount the file at the path that --config.file names',
  },
  'rule-files-unread': {
    level: 'error',
    title: 'Prometheus will not find a rules file',
    hint: 'rule_files is relative to the configuration’s folder in the container',
  },
  'rules-refused': {
    level: 'error',
    title: 'Prometheus refuses a rules file',
    hint: 'correct it: Prometheus does not start with it',
  },
  'scrape-host': {
    level: 'error',
    title: 'A scrape target’s host is no service that Prometheus reaches',
    hint: 'use the service’s name, on a network that both share',
  },
  'scrape-port': {
    level: 'warning',
    title: 'A scrape target’s port is not one that the service names',
    hint: 'see on which port the service listens',
  },
  'alertmanager-host': {
    level: 'error',
    title: 'The Alertmanager’s host is no service that Prometheus reaches',
    hint: 'add the service, or take the alerting section away',
  },
} as const;
type StackJudge = Judge<typeof stackProblems>;

const short = (ctx: StepContext, path: string): string =>
  path.startsWith(`${ctx.target}/`) ? path.slice(ctx.target.length + 1) : path;
const lineOf = (text: string, part: string): number =>
  Math.max(1, text.split('\n').findIndex((line) => line.includes(part)) + 1);
const yaml = (name: string): boolean => /\.ya?ml$/.test(name);
const located = (ctx: StepContext, host: string | undefined): { host?: string } =>
  host === undefined ? {} : { host: short(ctx, host) };

export async function lookAtGrafana(service: ComposeService, ctx: StepContext): Promise<SeenGrafana> {
  const path = service.provisioningPath.replace(/\/+$/, '');
  const list = async (folder: string): Promise<string[]> => {
    const host = hostPath(service, `${path}/${folder}`);
    return host === undefined ? [] : (await ctx.files.list(host)).filter(yaml).map((name) => `${host}/${name}`);
  };
  const root = hostPath(service, path);
  const dataSourceFiles: SeenGrafana['dataSourceFiles'] = [];
  for (const file of await list('datasources')) {
    const document = yamlOf(await ctx.files.read(file));
    dataSourceFiles.push({
      file: short(ctx, file),
      sources: dataSourcesOf(document),
      unreadable: document === undefined,
    });
  }
  const providers: SeenGrafana['providers'] = [];
  const dashboardFiles = await list('dashboards');
  for (const file of dashboardFiles) {
    const text = await ctx.files.read(file);
    for (const provider of providersOf(yamlOf(text))) {
      const host = hostPath(service, provider.path.replace(/\/+$/, ''));
      const kind = host === undefined ? 'missing' : await ctx.files.kind(host);
      const dashboards = host !== undefined && kind === 'directory' ? await dashboardsBelow(host, ctx) : [];
      providers.push({
        file: short(ctx, file),
        line: lineOf(text, provider.path),
        ...provider,
        ...located(ctx, host),
        kind,
        dashboards,
      });
    }
  }
  let mountsDashboards = false;
  for (const mount of service.mounts.filter((one) => one.type === 'bind' && /dashboards?$/.test(one.target))) {
    if ((await ctx.files.list(mount.source)).some((name) => name.endsWith('.json'))) mountsDashboards = true;
  }
  return {
    service: service.name,
    provisioning: { path, ...located(ctx, root) },
    dataSourceFiles,
    providers,
    dashboardFiles: dashboardFiles.map((file) => short(ctx, file)),
    misplaced:
      root === undefined ? [] : (await ctx.files.list(root)).filter(yaml).map((name) => short(ctx, `${root}/${name}`)),
    mountsDashboards,
  };
}

async function dashboardsBelow(
  folder: string,
  ctx: StepContext,
  depth = 0,
): Promise<({ file: string } & DashboardFile)[]> {
  const found: ({ file: string } & DashboardFile)[] = [];
  for (const name of await ctx.files.list(folder)) {
    const path = `${folder}/${name}`;
    const kind = await ctx.files.kind(path);
    if (kind === 'directory' && depth < 6) found.push(...(await dashboardsBelow(path, ctx, depth + 1)));
    else if (kind === 'file' && name.endsWith('.json'))
      found.push({ file: short(ctx, path), ...dashboardFile(await ctx.files.read(path)) });
  }
  return found;
}

export function judgeGrafana(
  j: StackJudge,
  seen: SeenGrafana,
  services: readonly ComposeService[],
  at: { file: string; line?: number },
): void {
  const own = services.find((service) => service.name === seen.service);
  const about = { subject: seen.service };
  const { path } = seen.provisioning;
  if (seen.misplaced.length > 0 && (seen.dataSourceFiles.length === 0 || seen.dashboardFiles.length === 0)) {
    for (const file of seen.misplaced)
      j.find(
        'provisioning-misplaced',
        `${file} is mounted at ${path}, but Grafana reads ${path}/datasources and ${path}/dashboards only`,
        { ...about, where: { file } },
      );
  } else if (seen.mountsDashboards && seen.dashboardFiles.length === 0)
    j.find('provisioning-missing', `${seen.service} mounts dashboards, but ${path}/dashboards has no provider file`, {
      ...about,
      where: at,
    });
  for (const file of seen.dataSourceFiles.filter((one) => one.unreadable))
    j.find('provisioning-unreadable', `${file.file} does not parse`, { ...about, where: { file: file.file } });
  for (const provider of seen.providers) {
    const where = { file: provider.file, line: provider.line };
    if (provider.path.includes('$')) continue;
    if (provider.host === undefined)
      j.find(
        'provider-path',
        `the provider ${provider.name} reads ${provider.path}, where nothing of the repository is mounted`,
        { ...about, where, ...(own?.built === true && { level: 'warning' as const }) },
      );
    else if (provider.kind !== 'directory')
      j.find(
        'provider-path',
        `the provider ${provider.name} reads ${provider.path}, which is ${provider.host}: ${provider.kind === 'missing' ? 'not there' : 'no folder'}`,
        { ...about, where },
      );
    else if (provider.dashboards.length === 0)
      j.find(
        'provider-empty',
        `the provider ${provider.name} reads ${provider.path}, and ${provider.host} holds no .json`,
        { ...about, where },
      );
    else if (provider.dashboards.every((board) => board.refused === undefined))
      j.prove(`Grafana finds ${provider.dashboards.length} dashboards at ${provider.path}`);
  }
  const boards = new Map(seen.providers.flatMap((provider) => provider.dashboards).map((board) => [board.file, board]));
  const uids = new Map<string, string>();
  for (const board of boards.values()) {
    if (board.refused !== undefined)
      j.find('dashboard-refused', `${board.file}: ${board.refused}`, { ...about, where: { file: board.file } });
    const before = board.uid === '' ? undefined : uids.get(board.uid);
    if (before !== undefined)
      j.find('dashboard-duplicate', `${board.file} has the uid ${board.uid} of ${before}`, {
        ...about,
        where: { file: board.file },
      });
    else if (board.uid !== '') uids.set(board.uid, board.file);
  }
  judgeSources(j, seen, own, services);
}

function judgeSources(
  j: StackJudge,
  seen: SeenGrafana,
  own: ComposeService | undefined,
  services: readonly ComposeService[],
): void {
  const all = seen.dataSourceFiles.flatMap(({ file, sources }) => sources.map((source) => ({ file, ...source })));
  for (const org of new Set(all.map((source) => source.orgId))) {
    const defaults = all.filter((source) => source.orgId === org && source.isDefault);
    if (defaults.length > 1)
      j.find('datasource-default', `${defaults.map((source) => source.name).join(' and ')} are both the default`, {
        subject: defaults[1]?.name,
        where: { file: defaults[1]?.file ?? '' },
      });
  }
  for (const source of all) {
    if (!own || source.url === '' || source.url.includes('$') || source.direct) continue;
    if (!URL.canParse(source.url.includes('://') ? source.url : `http://${source.url}`)) continue;
    const url = new URL(source.url.includes('://') ? source.url : `http://${source.url}`);
    judgeHost(
      j,
      own,
      url.hostname,
      Number(url.port || (url.protocol === 'https:' ? 443 : 80)),
      3000,
      services,
      `the data source ${source.name} asks ${source.url}`,
      { host: 'datasource-host', port: 'datasource-port' },
      { subject: source.name, where: { file: source.file } },
    );
  }
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
  for (const target of seen.targets) {
    const address = addressOf(target.address);
    if (address)
      judgeHost(
        j,
        own,
        address.host,
        address.port,
        seen.ownPort,
        services,
        `the job ${target.job} scrapes ${target.address}`,
        { host: 'scrape-host', port: 'scrape-port' },
        { subject: target.job, where: { file, line: target.line } },
      );
  }
  for (const { address: text, line } of seen.alertmanagers) {
    const address = addressOf(text);
    if (address)
      judgeHost(
        j,
        own,
        address.host,
        address.port,
        seen.ownPort,
        services,
        `alerts go to ${text}`,
        { host: 'alertmanager-host', port: 'scrape-port' },
        { subject: text, where: { file, line } },
      );
  }
}

function addressOf(text: string): { host: string; port: number } | undefined {
  const match = /^(?:https?:\/\/)?([^:/]+)(?::(\d+))?(?:\/.*)?$/.exec(text);
  return match?.[1] === undefined ? undefined : { host: match[1], port: Number(match[2] ?? 80) };
}

function judgeHost(
  j: StackJudge,
  own: ComposeService,
  host: string,
  port: number,
  ownPort: number,
  services: readonly ComposeService[],
  what: string,
  codes: { host: 'datasource-host' | 'scrape-host' | 'alertmanager-host'; port: 'datasource-port' | 'scrape-port' },
  about: { subject: string; where: { file: string; line?: number } },
): void {
  const { how, service } = reach(own, host, services);
  if (how === 'self') {
    if (port !== ownPort)
      j.find(
        codes.host,
        `${what}: in the container of ${own.name} that is ${own.name} itself, not ${own.name}'s host`,
        about,
      );
  } else if (how === 'unknown')
    j.find(
      codes.host,
      `${what}: there is no service ${host} (there are ${services.map((one) => one.name).join(', ')})`,
      about,
    );
  else if (how === 'other-network') j.find(codes.host, `${what}: ${own.name} and ${host} share no network`, about);
  else if (how === 'service' && service) {
    if (service.listens.length > 0 && !service.listens.includes(port))
      j.find(codes.port, `${what}: ${service.name} names the ports ${[...new Set(service.listens)].join(', ')}`, about);
    else j.prove(`${what}, a service on a shared network`);
  }
}
