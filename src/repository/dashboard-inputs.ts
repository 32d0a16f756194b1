import type { StepContext } from '../core/step.ts';

const scripts = ['**/*.{sh,bash,yml,yaml,py,js,mjs,ts,jsonnet,tf,mk}', '**/*Dockerfile*', '**/{Makefile,justfile}'];

/**
 * Inputs of the import dialogue that something else of the repository names: a start script or a build that puts the
 * data source's name in their place before Grafana reads the dashboards.
 */
export async function filledInputs(
  inputs: readonly string[],
  skip: readonly string[],
  ctx: StepContext,
): Promise<string[]> {
  const left = new Set(inputs.filter((name) => name !== ''));
  const filled: string[] = [];
  for (const path of left.size === 0 ? [] : (await ctx.files.glob(scripts)).slice(0, 5000)) {
    if (skip.includes(path) || (await ctx.files.size(path)) > 1 << 20) continue;
    const text = await ctx.files.read(path);
    for (const name of left)
      if (text.includes(name)) {
        filled.push(name);
        left.delete(name);
      }
    if (left.size === 0) break;
  }
  return filled;
}
