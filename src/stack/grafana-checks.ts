import type { StepContext } from '../core/step.ts';
import { isPrometheus, routePrefix, type ComposeService } from '../formats/compose/model.ts';
import { dashboardFile } from '../formats/grafana/board.ts';
import { provisioningFile, type DataSource, type ProvisioningFault } from '../formats/grafana/provisioning.ts';
import { brokenReference, type SourceReference } from '../formats/grafana/source-references.ts';
import type { Tree } from '../core/tree.ts';
import type { Container } from './container.ts';
import { isScript } from './filled-in.ts';
import {
  dashboardsBelow,
  judgeProviders,
  lookAtProvider,
  provisioningElsewhere,
  type SeenProvider,
} from './grafana-providers.ts';
import { judgeHost, located, short, yaml, type Around, type StackJudge } from './checks.ts';

/** What Grafana's container would find. Paths are relative to the target where they lie in it. */
export interface SeenGrafana {
  service: string;
  /** Container path of the provisioning folder, and where it lies on the host. */
  provisioning: { path: string; host?: string; mayHold: boolean };
  dataSourceFiles: {
    file: string;
    sources: DataSource[];
    references: SourceReference[];
    unreadable: boolean;
  }[];
  providers: SeenProvider[];
  dashboardFiles: string[];
  faults: (ProvisioningFault & { file: string })[];
  /** Provisioning files that lie in the folder itself, or below the two in it, where Grafana does not look. */
  misplaced: string[];
  /** Variables of Grafana's own that it takes for the environment's. */
  dollars: { file: string; line: number; variable: string }[];
  /** A mounted folder that holds dashboards. */
  mountsDashboards: boolean;
  /** A script or document of the repository that gives dashboards to Grafana’s HTTP API. */
  postedBy?: string;
}

export async function lookAtGrafana(container: Container, ctx: StepContext): Promise<SeenGrafana> {
  const { service } = container;
  const ini = await container.find('/etc/grafana/grafana.ini');
  const set = ini?.kind === 'file' ? /^\s*provisioning\s*=\s*(\/\S+)/m.exec(await container.read(ini))?.[1] : undefined;
  const path = (set ?? service.provisioningPath).replace(/\/+$/, '');
  const root = await container.find(path);
  const dataSourceFiles: SeenGrafana['dataSourceFiles'] = [];
  const dollars: SeenGrafana['dollars'] = [];
  const faults: SeenGrafana['faults'] = [];
  for (const { file, text } of await filesOf(`${path}/datasources`, container, ctx)) {
    const { parses, sources, references, faults: own } = provisioningFile(text);
    faults.push(...own.map((one) => ({ ...one, file })));
    dollars.push(...filledIn(text).map((one) => ({ ...one, file })));
    dataSourceFiles.push({ file, sources, references, unreadable: !parses });
  }
  const providers: SeenGrafana['providers'] = [];
  const dashboardFiles = await filesOf(`${path}/dashboards`, container, ctx);
  for (const { file, text } of dashboardFiles) {
    const read = provisioningFile(text);
    faults.push(...read.faults.map((one) => ({ ...one, file })));
    for (const provider of read.providers) providers.push(await lookAtProvider(file, provider, container, ctx));
  }
  const postedBy = (await ctx.tree()).get(postsDashboards);
  return {
    service: service.name,
    ...(postedBy !== undefined && { postedBy }),
    provisioning: { path, ...located(ctx, root?.host), mayHold: container.mayHold(`${path}/dashboards`) },
    dataSourceFiles,
    providers,
    dashboardFiles: dashboardFiles.map(({ file }) => file),
    faults,
    misplaced: await misplacedIn(path, container, ctx),
    dollars,
    mountsDashboards: await mountsDashboards(path, container, ctx),
  };
}

/** The YAML files that lie directly in a folder of the container. */
async function filesOf(
  folder: string,
  container: Container,
  ctx: StepContext,
): Promise<{ file: string; text: string }[]> {
  const files: { file: string; text: string }[] = [];
  for (const one of (await container.list(folder)).filter(({ name }) => yaml(name))) {
    const seen = await container.find(one.path);
    if (seen?.kind === 'file') files.push({ file: short(ctx, seen.host), text: await container.read(seen) });
  }
  return files;
}

/** Are dashboards mounted, into a folder of that name or where the provider files belong? */
async function mountsDashboards(path: string, container: Container, ctx: StepContext): Promise<boolean> {
  for (const mount of container.service.mounts.filter((one) => one.type === 'bind' && /dashboards?$/.test(one.target)))
    if ((await dashboardsBelow(mount.source, ctx)).some((board) => board.refused === undefined)) return true;
  for (const one of (await container.list(`${path}/dashboards`)).filter(({ name }) => name.endsWith('.json'))) {
    const seen = await container.find(one.path);
    if (seen?.kind === 'file' && dashboardFile(await container.read(seen)).refused === undefined) return true;
  }
  return false;
}

/** YAML files in the provisioning folder itself, and those deeper or beside it that are meant to provision something. */
async function misplacedIn(path: string, container: Container, ctx: StepContext): Promise<string[]> {
  const misplaced = (await filesOf(path, container, ctx)).map(({ file }) => file);
  const deeper = [...(await container.list(`${path}/datasources`)), ...(await container.list(`${path}/dashboards`))];
  const folders = [...deeper.map((one) => one.path), ...(await provisioningElsewhere(container, path))];
  for (const folder of folders)
    for (const { file, text } of await filesOf(folder, container, ctx)) {
      const { providers, sources } = provisioningFile(text);
      if (providers.length + sources.length > 0) misplaced.push(file);
    }
  return misplaced;
}

/** The first script or document that speaks to the part of Grafana's API that takes dashboards. */
const postsDashboards = (tree: Tree): string | undefined =>
  tree.paths.find(
    (path) =>
      isScript(path) &&
      (tree.size(path) ?? 0) <= 1 << 18 &&
      /\/api\/dashboards\/(?:db|import)\b/.test(tree.text(path) ?? ''),
  );

/** `${__value.raw}` and the like without a second `$`. Source: Grafana's provisioning, in which `$$` is a literal `$`. */
function filledIn(text: string): { line: number; variable: string }[] {
  return text.split('\n').flatMap((line, n) => {
    const variable = line.trim().startsWith('#') ? undefined : /\$\{__\w[\w.]*\}/.exec(line.replaceAll('$$', ''))?.[0];
    return variable === undefined ? [] : [{ line: n + 1, variable }];
  });
}

export function judgeGrafana(
  j: StackJudge,
  seen: SeenGrafana,
  around: Around,
  at: { file: string; line?: number },
): void {
  const own = around.services.find((service) => service.name === seen.service);
  const about = { subject: seen.service };
  const { path } = seen.provisioning;
  if (seen.misplaced.length > 0 && (seen.dataSourceFiles.length === 0 || seen.dashboardFiles.length === 0)) {
    for (const file of seen.misplaced)
      j.find(
        'provisioning-misplaced',
        `${file} comes to lie below ${path}, but Grafana reads only what lies directly in ${path}/datasources and ${path}/dashboards`,
        { ...about, where: { file } },
      );
  } else if (
    seen.mountsDashboards &&
    seen.dashboardFiles.length === 0 &&
    // Its start script puts them there.
    own?.command.some((word) => word.includes(`${path}/dashboards`)) !== true
  )
    j.find(
      'provisioning-missing',
      `${seen.service} mounts dashboards, but ${path}/dashboards has no provider file${seen.postedBy === undefined ? '' : `; ${seen.postedBy} speaks to Grafana’s API for dashboards`}`,
      {
        ...about,
        where: at,
        ...((seen.provisioning.mayHold || seen.postedBy !== undefined) && { level: 'note' as const }),
      },
    );
  for (const file of seen.dataSourceFiles.filter((one) => one.unreadable))
    j.find('provisioning-unreadable', `${file.file} does not parse`, { ...about, where: { file: file.file } });
  for (const { file, line, variable } of seen.dollars)
    j.find('provisioning-dollar', `${file}: Grafana puts the environment’s ${variable} here, which is empty`, {
      ...about,
      where: { file, line },
    });
  for (const { what, file, line, guess } of seen.faults)
    j.find('provisioning-refused', `${file}: ${what}`, {
      ...about,
      where: { file, line },
      ...(guess && { level: 'warning' as const }),
    });
  judgeProviders(j, seen);
  judgeBoards(j, seen);
  judgeSources(j, seen, own, around);
  judgeReferences(j, seen);
}

/** Does Grafana take each dashboard that it is given? */
function judgeBoards(j: StackJudge, seen: SeenGrafana): void {
  const about = { subject: seen.service };
  // Each organisation has its own uids.
  const boards = new Map(
    seen.providers.flatMap(({ orgId, dashboards }) =>
      dashboards.map((board) => [`${orgId} ${board.file}`, { ...board, orgId }]),
    ),
  );
  const uids = new Map<string, string>();
  for (const board of boards.values()) {
    if (board.refused !== undefined)
      j.find(board.alien === true ? 'not-a-dashboard' : 'not-importable', `${board.file}: ${board.refused}`, {
        ...about,
        where: { file: board.file, ...(board.line !== undefined && { line: board.line }) },
      });
    const key = `${board.orgId} ${board.uid}`;
    const before = board.uid === '' ? undefined : uids.get(key);
    if (before !== undefined)
      j.find('uid-duplicate', `${board.file} has the same uid, ${board.uid}, as ${before}`, {
        ...about,
        where: { file: board.file },
      });
    else if (board.uid !== '') uids.set(key, board.file);
  }
}

/** Links between data sources; where a file cannot be read, or a script may write more, nothing is certain. */
function judgeReferences(j: StackJudge, { dataSourceFiles, provisioning }: SeenGrafana): void {
  const sources = dataSourceFiles.flatMap((one) => one.sources).map((one) => ({ ...one, uid: one.given }));
  if (dataSourceFiles.some((one) => one.unreadable)) return;
  for (const { file, references } of dataSourceFiles)
    for (const { line, ...reference } of references) {
      const why = brokenReference(reference, sources);
      if (why !== undefined)
        j.find('datasource-reference', why, {
          subject: reference.from,
          where: { file, line },
          ...(provisioning.mayHold && { level: 'warning' as const }),
        });
    }
}

function judgeSources(j: StackJudge, seen: SeenGrafana, own: ComposeService | undefined, around: Around): void {
  const all = seen.dataSourceFiles.flatMap(({ file, sources }) => sources.map((source) => ({ file, ...source })));
  for (const org of new Set(all.map((source) => source.orgId))) {
    const defaults = all.filter((source) => source.orgId === org && source.isDefault);
    if (defaults.length > 1)
      j.find('datasource-default', `${defaults.map((source) => source.name).join(' and ')} are both the default`, {
        subject: defaults[1]?.name,
        where: { file: defaults[1]?.file ?? '' },
      });
  }
  for (const [n, source] of all.entries()) {
    const twin = all
      .slice(0, n)
      .find(
        (one) =>
          one.orgId === source.orgId &&
          (one.name === source.name
            ? one.url !== source.url || (one.uid !== '' && source.uid !== '' && one.uid !== source.uid)
            : one.uid !== '' && one.uid === source.uid),
      );
    if (twin)
      j.find(
        'datasource-duplicate',
        `${twin.name} and ${source.name} have the same ${twin.name === source.name ? 'name' : `uid ${source.uid}`}`,
        { subject: source.name, where: { file: source.file, line: source.line } },
      );
    // A path is that of a file, as a source for SQLite or CSV has it.
    if (!own || source.url === '' || /[$]|^(?:\/|file:)/.test(source.url) || source.direct) continue;
    if (!URL.canParse(source.url.includes('://') ? source.url : `http://${source.url}`)) continue;
    const url = new URL(source.url.includes('://') ? source.url : `http://${source.url}`);
    const asked = around.services.find((one) => one.aliases.includes(url.hostname));
    const serves = asked && isPrometheus(asked) ? routePrefix(asked.command) : '';
    if (serves !== '' && !serves.includes('$') && !`${url.pathname}/`.replace(/\/+/g, '/').startsWith(`${serves}/`))
      j.find(
        'prefix-wrong',
        `the data source ${source.name} asks ${source.url}, and ${url.hostname} answers at ${serves}`,
        {
          subject: source.name,
          where: { file: source.file, line: source.line },
        },
      );
    judgeHost(
      j,
      { own, ownPort: 3000, around },
      {
        host: url.hostname,
        scheme: url.protocol.slice(0, -1),
        port: Number(url.port || (url.protocol === 'https:' ? 443 : 80)),
        what: `the data source ${source.name} asks ${source.url}`,
        codes: { host: 'datasource-host', port: 'datasource-port' },
        about: { subject: source.name, where: { file: source.file, line: source.line } },
        vital: source.isDefault,
      },
    );
  }
}
