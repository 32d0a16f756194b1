import type { Level } from '../core/finding.ts';
import type { Tree } from '../core/tree.ts';
import { folderIsProvided } from '../formats/grafana/dashboards/organisations.ts';
import { heldBy, type ProvisionedFolders } from './provisioned-folders.ts';

/** Does a script give dashboards to Grafana’s API? */
export const postsDashboards = (tree: Tree): boolean =>
  tree.paths.some(
    (path) =>
      /\.(?:sh|bash|ps1|py|rb|go|m?[jt]s|ya?ml|mk)$|(?:^|\/)Makefile$/.test(path) &&
      (tree.size(path) ?? 0) < 1 << 18 &&
      /api\/dashboards\/(?:db|import)\b/.test(tree.text(path) ?? ''),
  );

/** Files in the API's wrapper are there to be posted to it where a script does so and no provider loads them; so, likely, are examples and outputs. */
export function wrappedLevel(
  file: string,
  refused: string,
  posted: boolean,
  { folders, providers }: ProvisionedFolders,
): Level | undefined {
  if (!refused.startsWith('it is wrapped')) return undefined;
  const loaded = folders ? heldBy(file, folders) : folderIsProvided(file, providers);
  if (posted && !loaded) return 'note';
  return /(?:^|\/)(?:examples?|samples?|outputs?)\//.test(file) ? 'warning' : undefined;
}
