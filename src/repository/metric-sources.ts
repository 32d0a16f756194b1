import type { StepContext } from '../core/step.ts';
import {
  seenFamilies,
  type MetricSourceParams,
  type SeenExporter,
  type SeenSources,
} from '../formats/prometheus/metric-sources.ts';
import { ruleFile } from '../formats/prometheus/rule-files.ts';
import { parseExposition } from '../formats/prometheus/exposition.ts';
import { prometheusConfig } from '../formats/prometheus/prometheus-config.ts';
import { derivedIfThere, derivedOf } from './derived.ts';
import { deployedIn } from './deployed-programs.ts';
import { metricNames } from './metric-names.ts';
import { receivedSeries } from './received-series.ts';
import { unscrapedExporters } from './unscraped-exporters.ts';
import { baseOf } from '../formats/data/paths.ts';

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
