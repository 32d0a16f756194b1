import type { Provider } from '../provisioning.ts';

const partsOf = (path: string): string[] => path.split('/').filter((part) => part !== '' && part !== '.');

/**
 * The Grafana organisations that a dashboard file may be provisioned into. A provider's path is the container's, of which the folders'
 * names are known alone: the provider whose path ends as the file's folder, or one above it, ends longest is the one.
 * Without a provider, or without any that fits, it is the first organisation or any of the providers'.
 */
export function organisationsOf(file: string, providers: readonly Pick<Provider, 'path' | 'orgId'>[]): number[] {
  const folders = partsOf(file).slice(0, -1);
  const scored = providers.map(({ path, orgId }) => ({ orgId, score: commonEnd(folders, partsOf(path)) }));
  const best = Math.max(0, ...scored.map((one) => one.score));
  const orgs = new Set(scored.filter((one) => one.score === best).map((one) => one.orgId));
  return orgs.size === 0 ? [1] : [...orgs].toSorted((a, b) => a - b);
}

/** Does the path of a provider end as the file's folder does, or one above it? */
export const folderIsProvided = (file: string, providers: readonly Pick<Provider, 'path'>[]): boolean =>
  providers.some(({ path }) => commonEnd(partsOf(file).slice(0, -1), partsOf(path)) > 0);

/** How many names the path's end shares with that of the file's folder or of one above it; nearer folders weigh more. */
function commonEnd(folders: readonly string[], path: readonly string[]): number {
  let best = 0;
  for (let above = 0; above < folders.length; above++) {
    const end = folders.slice(0, folders.length - above);
    let same = 0;
    while (same < Math.min(end.length, path.length) && end.at(-1 - same) === path.at(-1 - same)) same++;
    if (same > 0) best = Math.max(best, same - above / 100);
  }
  return best;
}
