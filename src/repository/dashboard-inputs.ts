import type { StepContext } from '../core/step.ts';

const scripts = /\.(?:sh|bash|ya?ml|py|js|mjs|ts|jsonnet|tf|mk)$|(?:^|\/)(?:[^/]*Dockerfile[^/]*|Makefile|justfile)$/;

const fills = /\bsed\b|envsubst|\breplace|gsub|\bperl\b|gomplate|jq /;

/**
 * Inputs of the import dialogue that something else of the repository names: a start script or a build that puts the
 * data source's name in their place before Grafana reads the dashboards. Of other `placeholders`, `${NAME}`, it must also do that.
 */
export async function filledInputs(
  inputs: readonly string[],
  placeholders: readonly string[],
  skip: readonly string[],
  ctx: StepContext,
): Promise<string[]> {
  const left = new Set([...inputs, ...placeholders].filter((name) => name !== ''));
  if (left.size === 0) return [];
  const tree = await ctx.tree();
  const filled: string[] = [];
  for (const path of tree.paths) {
    if (!scripts.test(path) || skip.includes(path) || (tree.size(path) ?? 0) > 1 << 20) continue;
    const text = tree.text(path) ?? '';
    for (const name of left)
      if (text.includes(name) && (inputs.includes(name) || (fills.test(text) && text.includes(`{${name}}`)))) {
        filled.push(name);
        left.delete(name);
      }
    if (left.size === 0) break;
  }
  return filled;
}
