import type { StepContext } from '../core/step.ts';
import { listOf, objectOf, textOf } from '../formats/data/json-parts.ts';
import { yamlOf } from '../formats/data/yaml.ts';
import { providersOf, type Provider } from '../formats/grafana/provisioning.ts';

/** Where Grafana's providers look for dashboards. */
export interface ProvisionedFolders {
  providers: Pick<Provider, 'path' | 'orgId'>[];
  /** Folders of the repository that they load; undefined where the path of one of them cannot be followed out of the container. */
  folders?: string[];
}

const composeFiles = '**/{docker-,}compose*.{yml,yaml}';
const providerFiles = '**/provisioning/dashboards/*.{yml,yaml}';

/**
 * The providers in the files given, in the folder dashboards/ beside their own and in every provisioning folder; and the
 * folders that they load, by the volumes of the Compose files.
 */
export async function provisionedFolders(paths: readonly string[], ctx: StepContext): Promise<ProvisionedFolders> {
  const beside = new Set(paths.map((path) => `${path.slice(0, path.lastIndexOf('/') + 1)}../dashboards`));
  const more: string[] = [];
  for (const folder of beside)
    for (const name of await ctx.files.list(folder)) if (/\.ya?ml$/.test(name)) more.push(joined(folder, name));
  const providers: ProvisionedFolders['providers'] = [];
  const files = new Set([...paths, ...more, ...(await ctx.files.glob([providerFiles])).slice(0, 50)]);
  for (const path of files)
    for (const { path: folder, orgId } of providersOf(yamlOf((await ctx.files.readIfThere(path)) ?? '')))
      providers.push({ path: folder, orgId });
  if (providers.length === 0) return { providers };
  const mounts: Mount[] = [];
  for (const path of (await ctx.files.glob([composeFiles])).slice(0, 100))
    mounts.push(...mountsOf(yamlOf(await ctx.files.read(path)), path.slice(0, path.lastIndexOf('/') + 1)));
  const followed = providers.map(({ path }) =>
    mounts.filter((one) => within(path, one.target)).map((one) => joined(one.source, path.slice(one.target.length))),
  );
  return followed.some((folders) => folders.length === 0) ? { providers } : { providers, folders: followed.flat() };
}

/** Does one of the folders hold the file, itself or below? */
export const heldBy = (file: string, folders: readonly string[]): boolean =>
  folders.some((folder) => within(file, folder));

interface Mount {
  source: string;
  target: string;
}

const within = (path: string, folder: string): boolean =>
  folder === '' || path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);

/** A path below a folder, without `.` and `..`; relative to the repository. */
function joined(folder: string, rest: string): string {
  const parts: string[] = [];
  for (const part of `${folder}/${rest}`.split('/'))
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  return parts.join('/');
}

function mountsOf(document: unknown, folder: string): Mount[] {
  return Object.values(objectOf(objectOf(document)['services'])).flatMap((service) =>
    listOf(objectOf(service)['volumes']).flatMap((one): Mount[] => {
      const [source = '', target = ''] =
        typeof one === 'string' ? one.split(':') : [textOf(objectOf(one)['source']), textOf(objectOf(one)['target'])];
      // A named volume or a path of the machine is none of the repository's.
      return source.startsWith('.') && target !== ''
        ? [{ source: joined(folder, source), target: target.replace(/\/$/, '') }]
        : [];
    }),
  );
}
