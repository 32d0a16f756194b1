import type { StepContext } from '../core/step.ts';
import type { Deployed } from '../formats/prometheus/deployed.ts';
import { promDuration } from '../formats/promql/literals.ts';

const files = [
  '**/{docker-,}compose*.{yml,yaml}',
  '**/*{prometheus,monitoring,node-exporter,deployment,statefulset}*.{yml,yaml}',
  '**/*prometheus*.service',
];
const image = /^\s*-?\s*image:\s*["']?(?:[\w.:-]+\/)*([\w-]+):v?(\d+)\.(\d+)/gm;

/** Reads image tags and Prometheus's flags out of Compose files, manifests and units. */
export async function deployedPrograms(ctx: StepContext): Promise<Deployed> {
  const deployed: Deployed = { images: {}, features: [] };
  for (const path of (await ctx.files.glob(files)).slice(0, 200)) {
    if ((await ctx.files.size(path)) > 1 << 18) continue;
    const text = await ctx.files.read(path);
    for (const [, name = '', major, minor] of text.matchAll(image))
      (deployed.images[name] ??= []).push([Number(major), Number(minor)]);
    for (const [, names = ''] of text.matchAll(/--enable-feature[= "']+([\w,-]+)/g))
      deployed.features.push(...names.split(','));
    for (const [, time = ''] of text.matchAll(/--storage\.tsdb\.retention(?:\.time)?[= "']+(\w+)/g)) {
      const ms = promDuration(time);
      if (ms !== undefined) deployed.retentionMs = Math.min(ms, deployed.retentionMs ?? Infinity);
    }
  }
  return deployed;
}
