import type { StepContext } from '../core/step.ts';
import type { Tree } from '../core/tree.ts';
import { volumesOf, type ComposeFile } from '../formats/compose/written.ts';
import { objectOf, textOf } from '../formats/data/json-parts.ts';
import { provisioningFile, type Provider } from '../formats/grafana/provisioning.ts';
import { composeFiles } from './compose-files.ts';
import { derivedIfThere } from './derived.ts';
import { folderOf, inFolder, resolveFrom } from '../formats/data/paths.ts';

/** A folder of the repository that a provider loads; `into`: the one folder of Grafana's that all of it comes into. */
export interface LoadedFolder {
  path: string;
  into?: string;
}

/** Where Grafana's providers look for dashboards. */
export interface ProvisionedFolders {
  providers: Pick<Provider, 'path' | 'orgId' | 'folder'>[];
  /** Folders of the repository that they load; undefined where the path of one of them cannot be followed out of the container. */
  folders?: LoadedFolder[];
  /** Some file of the repository, wherever it lies, names a folder or a file of dashboards for Grafana to load. */
  named: boolean;
}

const providerFiles = '**/provisioning/dashboards/*.{yml,yaml}';

/**
 * The providers in the files given, in the folder dashboards/ beside their own and in every provisioning folder; and the
 * folders that they load, by the volumes of the Compose files.
 */
export async function provisionedFolders(paths: readonly string[], ctx: StepContext): Promise<ProvisionedFolders> {
  const beside = new Set(paths.map((path) => inFolder(folderOf(path), '../dashboards')));
  const more: string[] = [];
  for (const folder of beside)
    for (const name of await ctx.files.list(folder))
      if (/\.ya?ml$/.test(name)) more.push(resolveFrom(folder, name) ?? name);
  const providers: ProvisionedFolders['providers'] = [];
  const mounts: Mount[] = [];
  for (const [path, file] of (await ctx.tree()).get(composeFiles)) mounts.push(...mountsOf(file, folderOf(path)));
  const files = new Set([
    ...paths,
    ...more,
    ...(await ctx.files.glob([providerFiles, ...mounts.flatMap(mountedProviders)])).slice(0, 50),
  ]);
  for (const path of files)
    for (const { path: folder, orgId, folder: into } of (await derivedIfThere(ctx, path, provisioningFile))
      ?.providers ?? [])
      providers.push({ path: folder, orgId, ...(into !== undefined && { folder: into }) });
  if (providers.length === 0) return { providers, named: (await ctx.tree()).get(namesProviders) };
  const followed = providers.map(({ path, orgId, folder }) =>
    mounts
      .filter((one) => within(path, one.target))
      .flatMap((one): LoadedFolder[] => {
        const own = resolveFrom(one.source, path.slice(one.target.length));
        return own === undefined ? [] : [{ path: own, ...(folder !== undefined && { into: `${orgId} ${folder}` }) }];
      }),
  );
  return {
    providers,
    named: true,
    ...(followed.every((folders) => folders.length > 0) && { folders: followed.flat() }),
  };
}

/** A provider's file under another name, in a chart's values, a ConfigMap, a role or a script; or a Grafana that nothing here starts. */
const namesProviders = (tree: Tree): boolean => {
  const grafana = tree.get(composeFiles).some(([, { services }]) =>
    Object.entries(services).some(([name, service]) => {
      const { image, build } = objectOf(service);
      return (
        /(?:^|\/)grafana(?:-oss|-enterprise)?(?::|$)/.test(textOf(image)) ||
        (build !== undefined && /(?:^|[-_])grafana$/.test(name))
      );
    }),
  );
  return (
    !grafana ||
    tree.paths.some(
      (path) =>
        (tree.size(path) ?? 0) < 1 << 18 &&
        !/\.(?:json|md|svg|lock)$/.test(path) &&
        /^[\s-]*providers:[^]*?\bpath:|grafana_dashboard|api\/dashboards\/|provisioning\/dashboards/m.test(
          tree.text(path) ?? '',
        ),
    )
  );
};

/** Does one of the folders hold the file, itself or below? */
export const heldBy = (file: string, folders: readonly LoadedFolder[]): boolean =>
  folders.some(({ path }) => within(file, path));

interface Mount {
  source: string;
  target: string;
}

/** Files of providers under another name, which a Compose file puts where Grafana looks for them. */
function mountedProviders({ source, target }: Mount): string[] {
  const [, below] = /^\/etc\/grafana\/provisioning(?:\/(.*))?$/.exec(target) ?? [];
  if (target === '/etc/grafana/provisioning') return [`${source}/dashboards/*.{yml,yaml}`];
  if (below === 'dashboards') return [`${source}/*.{yml,yaml}`];
  return below?.startsWith('dashboards/') === true && /\.ya?ml$/.test(source) ? [source] : [];
}

const within = (path: string, folder: string): boolean =>
  folder === '' || path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);

const mountsOf = ({ services }: ComposeFile, folder: string): Mount[] =>
  Object.values(services)
    .flatMap(volumesOf)
    // A named volume or a path of the machine is none of the repository's.
    .flatMap(({ source, target }) => {
      const own = source.startsWith('.') && target !== '' ? resolveFrom(folder, source) : undefined;
      return own === undefined ? [] : [{ source: own, target: target.replace(/\/$/, '') }];
    });
