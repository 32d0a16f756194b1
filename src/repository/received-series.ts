import type { Tree } from '../core/tree.ts';

const deployment = /\.(?:ya?ml|service|sh|json|tf|nix|j2)$/;
const takes = /--web\.enable-(?:remote-write|otlp)-receiver|enable-feature=[\w,-]*remote-write-receiver/;
const senders = /\.(?:alloy|river|ya?ml|toml|conf|hcl|json)$/;
const sends = /remote_?write|otlp|api\/v1\/write/i;

/**
 * The words in quotes of the configurations that send series, where some deployment file has Prometheus take them: their jobs are
 * in no scrape configuration. Undefined where none is sent any.
 */
export function receivedSeries(tree: Tree): string[] | undefined {
  const small = (path: string): string => ((tree.size(path) ?? 0) > 1 << 18 ? '' : (tree.text(path) ?? ''));
  if (!tree.paths.some((path) => deployment.test(path) && takes.test(small(path)))) return undefined;
  const words = new Set<string>();
  for (const path of tree.paths.filter((one) => senders.test(one) && !/dashboard|package|(?:^|\/)tests?\//.test(one)))
    if (sends.test(small(path)))
      for (const [, quoted = '', bare = ''] of small(path).matchAll(
        /["']([\w./-]{2,60})["']|\b(?:job|job_name|service\.name|replacement)["']?\s*[:=]\s*([\w./-]{2,60})/g,
      ))
        words.add(quoted || bare);
  return [...words];
}
