import type { StepContext } from '../core/step.ts';
import {
  seenFamilies,
  type MetricSourceParams,
  type SeenExporter,
  type SeenSources,
} from '../formats/prometheus/metric-sources.ts';
import { ruleFile } from '../formats/prometheus/rule-files.ts';
import { parseExposition } from '../formats/prometheus/exposition.ts';
import { prometheusConfig, type PrometheusConfig } from '../formats/prometheus/prometheus-config.ts';
import { derivedIfThere, derivedOf } from './derived.ts';
import { deployedIn } from './deployed-programs.ts';
import { metricNames } from './metric-names.ts';
import { baseOf } from '../formats/data/paths.ts';
import type { Tree } from '../core/tree.ts';
import { textOf } from '../formats/data/json-parts.ts';
import { composeFile } from '../formats/compose/written.ts';
import { exporters } from '../formats/prometheus/well-known-metrics.ts';

/** Reads the exporters, the recording rules of `ruleFiles` and the configuration. */
export async function gatherSources(
  p: MetricSourceParams,
  ruleFiles: readonly string[],
  ctx: StepContext,
): Promise<SeenSources> {
  const exporters: SeenExporter[] = [];
  for (const one of p.exporters) exporters.push(await readExporter(one, ctx));
  const seen: SeenSources = {
    exporters,
    records: [],
    alerts: [],
    ruleFiles: [...ruleFiles],
    named: {},
    deployed: (await ctx.tree()).get(deployedIn),
  };
  const config = p.config === undefined ? undefined : await derivedIfThere(ctx, p.config, prometheusConfig);
  // Files that the configuration loads too, though the step was not given them; their paths are the container's.
  const loaded = (config?.ruleFiles ?? []).map(({ pattern }) => `**/${baseOf(pattern)}`);
  for (const file of new Set([...ruleFiles, ...(loaded.length > 0 ? await ctx.files.glob(loaded) : [])]))
    for (const rule of (await derivedOf(ctx, file, ruleFile)).groups.flatMap((group) => group.rules))
      if (rule.kind === 'record')
        seen.records.push({ name: rule.name, expr: rule.expr, labels: Object.keys(rule.labels) });
      else seen.alerts?.push(rule.name);
  if (p.config === undefined) return seen;
  if (config?.scrape) {
    const received = (await ctx.tree()).get(receivedSeries);
    return {
      ...seen,
      config: config.scrape,
      unscraped: unscrapedExporters(config, await ctx.tree()),
      ...(received && { received }),
    };
  }
  return {
    ...seen,
    configFailed:
      (await ctx.files.kind(p.config)) === 'file'
        ? `${p.config} is not a Prometheus configuration`
        : `${p.config} is not there`,
  };
}

async function readExporter(one: MetricSourceParams['exporters'][number], ctx: StepContext): Promise<SeenExporter> {
  const name = one.url ?? one.file ?? '';
  const base = { name, ...(one.job !== undefined && { job: one.job }), families: [] };
  let text: string | undefined;
  if (one.url !== undefined) {
    const answer = await ctx.http(one.url, { headers: { accept: 'text/plain;version=0.0.4' }, maxBody: 32 << 20 });
    if (!answer.reached) return { ...base, failed: `${answer.error}, ${answer.message}` };
    if (answer.status !== 200) return { ...base, failed: `it answers HTTP ${answer.status}` };
    if (answer.truncated) return { ...base, failed: 'its answer is too long to read in full' };
    text = answer.body;
  } else text = await ctx.files.readIfThere(name);
  if (text === undefined) return { ...base, failed: 'there is no such file' };
  const families = seenFamilies(text);
  return Object.values(families).some((family) => Object.keys(family.samples).length > 0)
    ? { ...base, families, series: parseExposition(text).samples }
    : { ...base, empty: text.slice(0, 200) };
}

/** Which of the names do the sources speak of, and in which file? */
export async function namedInSource(names: readonly string[], ctx: StepContext): Promise<Record<string, string>> {
  if (names.length === 0) return {};
  const sources = (await ctx.tree()).get(metricNames);
  return Object.fromEntries(
    names.flatMap((name) => {
      const file = sources.names(name);
      return file === undefined ? [] : [[name, file]];
    }),
  );
}

const deployment = /\.(?:ya?ml|service|sh|json|tf|nix|j2)$/;
const takes = /--web\.enable-(?:remote-write|otlp)-receiver|enable-feature=[\w,-]*remote-write-receiver/;
const senders = /\.(?:alloy|river|ya?ml|toml|conf|hcl|json)$/;
const sends = /remote_?write|otlp|api\/v1\/write/i;

/**
 * The words in quotes of the configurations that send series, where some deployment file has Prometheus take them: their jobs are
 * in no scrape configuration. Undefined where none is sent any.
 */
function receivedSeries(tree: Tree): string[] | undefined {
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

const namedCompose = /(?:^|\/)[^/]*compose[^/]*\.ya?ml$/;
/** What else can bring series: agents that push, and Prometheus's doors for them. */
const pushes =
  /remote-write-receiver|remote_write|prometheusremotewrite|otlp|pushgateway|grafana\/(?:alloy|agent)|telegraf|vmagent/i;

/** The services of the repository's Compose files: name → image, or `built`. */
function servicesOf(tree: Tree): { images: Map<string, string>; pushed: boolean } {
  const images = new Map<string, string>();
  let pushed = false;
  for (const path of tree.paths.filter((one) => namedCompose.test(one))) {
    const text = (tree.size(path) ?? 0) > 1 << 18 ? '' : (tree.text(path) ?? '');
    pushed ||= pushes.test(text);
    for (const [name, service] of Object.entries(tree.of(path, composeFile)?.services ?? {})) {
      const said = `${textOf(service['image'])} ${JSON.stringify(service['build'] ?? '')}`;
      for (const alias of [name, textOf(service['container_name']), textOf(service['hostname'])])
        images.set(alias, `${images.get(alias) ?? ''} ${said}`);
    }
  }
  return { images, pushed };
}

/**
 * The well-known exporters that nothing asks, by the configuration: every job has fixed targets, each is Prometheus itself or a
 * service of the repository's Compose files that is none of them, and nothing pushes. Empty where that cannot be told.
 */
function unscrapedExporters({ scrape, targets, said: written }: PrometheusConfig, tree: Tree): string[] {
  if (!scrape || scrape.elsewhere.length > 0 || scrape.jobs.some((job) => job.open) || targets.length === 0) return [];
  const { images, pushed } = tree.get(servicesOf);
  if (pushed || images.size === 0 || pushes.test(written)) return [];
  const said = targets.map(({ job, address }) => {
    const [, host = '', port = ''] = /^(?:https?:\/\/)?([\w.-]+)(?::(\d+))?/.exec(address) ?? [];
    const own = /^(?:localhost|127\.0\.0\.1)$/.test(host) && port === '9090';
    const image = own ? 'prometheus' : images.get(host);
    return image === undefined ? undefined : `${job} ${address} ${image}`;
  });
  if (said.includes(undefined)) return [];
  return exporters.filter(({ known }) => !said.some((one) => known.test(one ?? ''))).map(({ name }) => name);
}
