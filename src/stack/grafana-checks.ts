import type { EntryKind, StepContext } from '../core/step.ts';
import { hostPath, type ComposeService } from '../formats/compose-model.ts';
import { dashboardFile, type DashboardFile } from '../formats/dashboards/parse.ts';
import { dataSourcesOf, providersOf, yamlOf, type DataSource } from '../formats/provisioning.ts';
import { judgeHost, lineOf, located, short, yaml, type StackJudge } from './checks.ts';

/** What Grafana's container would find. Paths are relative to the target where they lie in it. */
export interface SeenGrafana {
  service: string;
  /** Container path of the provisioning folder, and where it lies on the host. */
  provisioning: { path: string; host?: string };
  dataSourceFiles: { file: string; sources: (DataSource & { line: number })[]; unreadable: boolean }[];
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

export async function lookAtGrafana(service: ComposeService, ctx: StepContext): Promise<SeenGrafana> {
  const path = service.provisioningPath.replace(/\/+$/, '');
  const list = async (folder: string): Promise<string[]> => {
    const host = hostPath(service, `${path}/${folder}`);
    return host === undefined ? [] : (await ctx.files.list(host)).filter(yaml).map((name) => `${host}/${name}`);
  };
  const root = hostPath(service, path);
  const dataSourceFiles: SeenGrafana['dataSourceFiles'] = [];
  for (const file of await list('datasources')) {
    const text = await ctx.files.read(file);
    const document = yamlOf(text);
    dataSourceFiles.push({
      file: short(ctx, file),
      sources: dataSourcesOf(document).map((one) => ({ ...one, line: lineOf(text, one.url || one.name) })),
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
      { subject: source.name, where: { file: source.file, line: source.line } },
    );
  }
}
