import type { Tree } from '../core/tree.ts';
import type { Deployed } from '../formats/prometheus/deployed.ts';
import { promDuration } from '../formats/promql/literals.ts';

const files =
  /(?:^|\/)(?:(?:docker-)?compose[^/]*|[^/]*(?:prometheus|monitoring|node-exporter|deployment|statefulset)[^/]*)\.ya?ml$|(?:^|\/)[^/]*prometheus[^/]*\.service$/;
const image = /^\s*-?\s*image:\s*["']?(?:[\w.:-]+\/)*([\w-]+):v?(\d+)\.(\d+)/gm;

/** What image tags and Prometheus's flags say in Compose files, manifests and units. */
export function deployedIn(tree: Tree): Deployed {
  const deployed: Deployed = { images: {}, features: [] };
  for (const path of tree.paths.filter((one) => files.test(one))) {
    const text = (tree.size(path) ?? 0) > 1 << 18 ? '' : (tree.text(path) ?? '');
    for (const [, name = '', major, minor] of text.matchAll(image))
      (deployed.images[name] ??= []).push([Number(major), Number(minor)]);
    for (const [, names = ''] of text.matchAll(/--enable-feature[= "']+([\w,-]+)/g))
      deployed.features.push(...names.split(','));
    for (const [, flag, time = ''] of text.matchAll(
      /--(storage\.tsdb\.retention(?:\.time)?|query\.lookback-delta)[= "',]+(\w+)/g,
    )) {
      const [ms, key] = [promDuration(time), flag === 'query.lookback-delta' ? 'lookbackMs' : 'retentionMs'] as const;
      if (ms !== undefined) deployed[key] = Math.max(ms, deployed[key] ?? 0);
    }
  }
  return deployed;
}
