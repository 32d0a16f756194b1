import { distance } from '../core/suggest.ts';
import type { EntryKind, StepContext } from '../core/step.ts';
import { liesIn } from '../formats/data/paths.ts';
import { dashboardFile, type DashboardFile } from '../formats/grafana/board.ts';
import type { Provider } from '../formats/grafana/provisioning.ts';
import { submodulesOf } from '../repository/repository.ts';
import { located, short, type StackJudge } from './checks.ts';
import type { Container } from './container.ts';

/** A provider of dashboards, and what its folder holds. */
export interface SeenProvider {
  file: string;
  line: number;
  name: string;
  path: string;
  orgId: number;
  host?: string;
  kind: EntryKind;
  /** A script, a volume or the image may put dashboards there. */
  mayHold: boolean;
  /** It holds a .gitkeep or is a submodule: it is there to be filled. */
  madeEmpty: boolean;
  dashboards: ({ file: string } & DashboardFile)[];
}

/** What a provider's folder, or its one file, would give to Grafana. */
export async function lookAtProvider(
  file: string,
  provider: Provider,
  container: Container,
  ctx: StepContext,
): Promise<SeenProvider> {
  const folder = provider.path.replace(/\/+$/, '');
  const found = await container.find(folder);
  const dashboards = found?.kind === 'directory' ? await dashboardsBelow(found.host, ctx) : [];
  // Grafana's walk begins with the path itself, so that it may be one file. Source: file_reader.go, validateWalkablePath.
  const single = found?.kind === 'file' && folder.endsWith('.json');
  if (single) dashboards.push({ file: short(ctx, found.host), ...dashboardFile(await container.read(found)) });
  // Mounted one by one, into the folder too.
  for (const one of (await container.list(folder)).filter(({ name }) => name.endsWith('.json'))) {
    const seen = await container.find(one.path);
    const isIn = found?.kind === 'directory' && seen !== undefined && liesIn(seen.host, found.host);
    if (seen?.kind === 'file' && !isIn)
      dashboards.push({ file: short(ctx, seen.host), ...dashboardFile(await container.read(seen)) });
  }
  return {
    file,
    ...provider,
    ...located(ctx, found?.host),
    kind: single ? 'directory' : (found?.kind ?? (dashboards.length > 0 ? 'directory' : 'missing')),
    mayHold: container.mayHold(folder),
    madeEmpty: found?.kind === 'directory' && (await isToBeFilled(found.host, ctx)),
    dashboards,
  };
}

/** Does a folder hold a .gitkeep, or is it a submodule that is not fetched? Then it is there to be filled. */
async function isToBeFilled(folder: string, ctx: StepContext): Promise<boolean> {
  if ((await ctx.files.kind(`${folder}/.gitkeep`)) === 'file') return true;
  const own = short(ctx, folder);
  return (await submodulesOf(ctx)).some((one) => own === one || own.startsWith(`${one}/`));
}

/** Every dashboard file below a folder of the host. */
export async function dashboardsBelow(
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

/** Does each dashboard provider find dashboards, and none of another's? */
export function judgeProviders(j: StackJudge, seen: { service: string; providers: readonly SeenProvider[] }): void {
  const about = { subject: seen.service };
  for (const [n, provider] of seen.providers.entries()) {
    const { name, path, file, line, orgId } = provider;
    for (const other of seen.providers
      .slice(0, n)
      .filter((one) => one.orgId === orgId && !`${one.path}${path}`.includes('$'))) {
      const [outer, inner] = other.path.length <= path.length ? [other, provider] : [provider, other];
      const both = `${inner.path}/`.startsWith(`${outer.path.replace(/\/+$/, '')}/`) && inner.dashboards.length > 0;
      if (both)
        j.find('provider-overlap', `the providers ${outer.name} and ${inner.name} both load what is in ${inner.path}`, {
          ...about,
          where: { file, line },
        });
      else if (other.name === name && other.path !== path && name !== '')
        j.find('provider-overlap', `two providers have the name ${name}: each takes away what the other has loaded`, {
          ...about,
          where: { file, line },
        });
    }
  }
  for (const provider of seen.providers) {
    const where = { file: provider.file, line: provider.line };
    if (provider.path.includes('$')) continue;
    if (provider.kind === 'missing' && provider.host === undefined)
      j.find(
        'provider-path',
        `the provider ${provider.name} reads ${provider.path}, where nothing of the repository is mounted`,
        // What its start script, a volume or the image puts there was not looked at.
        { ...about, where, ...(provider.mayHold && { level: 'note' as const }) },
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
        `the provider ${provider.name} reads ${provider.path}, and ${provider.host} contains no .json file`,
        { ...about, where, ...(provider.madeEmpty && { level: 'note' as const }) },
      );
    else if (provider.dashboards.every((board) => board.refused === undefined))
      j.prove(`Grafana finds ${provider.dashboards.length} dashboards at ${provider.path}`);
  }
}

/** Folders that are called almost as Grafana's own are, or whose parent is mounted beside the provisioning folder. */
export async function provisioningElsewhere(container: Container, path: string): Promise<string[]> {
  const { mounts, scripted } = container.service;
  const roots = mounts
    .filter(({ type, target }) => type === 'bind' && distance(target, path, 3) <= 3 && target !== path)
    .map(({ target }) => target);
  const beside = (await container.list(path))
    .filter(
      ({ name }) => /^(?:dash-?boards?|data-?sources?)$/i.test(name) && !/^(?:dashboards|datasources)$/.test(name),
    )
    .map((one) => one.path);
  return scripted ? beside : [...beside, ...roots.flatMap((root) => [`${root}/datasources`, `${root}/dashboards`])];
}
