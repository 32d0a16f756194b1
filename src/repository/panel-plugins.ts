import type { StepContext } from '../core/step.ts';
import { bringsKind } from '../formats/grafana/panel-kinds.ts';

/** Panels that the Grafana of a Compose file cannot show. */
export interface LackingPlugins {
  /** The Compose file, and the image of its Grafana. */
  file: string;
  image: string;
  kinds: string[];
}

const compose = /(?:^|\/)[^/]*compose[^/]*\.ya?ml$/;
const grafana =
  /^\s*image:\s*["']?((?:docker\.io\/)?grafana\/grafana(?:-oss|-enterprise)?(?::v?(\d+)\.(\d+)[\w.-]*)?)["']?\s*$/m;
/** A dashboard names the kind without installing it; so does what is compiled. */
const silent = /\.(?:json|lock|svg|png|map|min\.js)$/;
const plugin = /(?:^|\/)(?:plugin|package)\.json$/;

/**
 * Kinds of panels that Grafana's own image does not bring, where a Compose file runs that image and no file of the repository names the
 * plugin (GF_INSTALL_PLUGINS, a Dockerfile, a folder of plugins, a script). undefined where there is no such Grafana: then nothing is known.
 */
export async function lackingPlugins(
  kinds: readonly string[],
  ctx: Pick<StepContext, 'tree'>,
): Promise<LackingPlugins | undefined> {
  if (kinds.every((kind) => bringsKind(kind, [0, 0]))) return undefined;
  const tree = await ctx.tree();
  const text = (path: string): string => ((tree.size(path) ?? 0) > 1 << 20 ? '' : (tree.text(path) ?? ''));
  for (const file of tree.paths.filter((path) => compose.test(path))) {
    const [, image, major, minor] = grafana.exec(text(file)) ?? [];
    if (image === undefined) continue;
    const version = major === undefined ? undefined : ([Number(major), Number(minor)] as const);
    const left = new Set(kinds.filter((kind) => !bringsKind(kind, version)));
    for (const path of tree.paths) {
      if (left.size === 0) break;
      if (silent.test(path) && !plugin.test(path)) continue;
      const own = text(path);
      for (const kind of left) if (path.includes(`/${kind}/`) || own.includes(kind)) left.delete(kind);
    }
    return { file, image, kinds: [...left].toSorted() };
  }
  return undefined;
}
