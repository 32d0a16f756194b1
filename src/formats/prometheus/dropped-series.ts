import { listOf, objectOf, textOf, type JsonObject } from '../data/json-parts.ts';
import { anchoredRegex } from '../promql/regex.ts';
import { standIn } from '../promql/stand-in.ts';
import type { Matcher } from '../promql/tree.ts';
import type { ScrapeConfig, ScrapeJob } from './prometheus-config.ts';

/** What a job's `metric_relabel_configs` take away, by the metric's name alone, in the order of the file. */
export interface Drops {
  drops?: { action: 'drop' | 'keep'; regex: string }[];
  /** Patterns of the labels that it takes from every series. */
  labelDrops?: string[];
}

/** Behind a rule that writes names or labels nothing is certain. Source: Prometheus's reference of `<relabel_config>`. */
export function dropsOf(job: JsonObject): Drops {
  const drops: NonNullable<Drops['drops']> = [];
  const labelDrops: string[] = [];
  for (const rule of listOf(job['metric_relabel_configs']).map(objectOf)) {
    const action = textOf(rule['action']) || 'replace';
    const regex = textOf(rule['regex']) || '(.*)';
    if (action === 'labelmap' || rule['target_label'] === '__name__') break;
    if (action === 'labeldrop') labelDrops.push(regex);
    const sources = listOf(rule['source_labels']).map(textOf);
    if ((action === 'drop' || action === 'keep') && sources.length === 1 && sources[0] === '__name__')
      drops.push({ action, regex });
  }
  return { ...(drops.length > 0 && { drops }), ...(labelDrops.length > 0 && { labelDrops }) };
}

/** The job that takes a metric away, and by what. `sure`: no job that could have it leaves it. */
export interface Dropped {
  job: string;
  by: string;
  sure: boolean;
}

const takenBy = (job: ScrapeJob, name: string): NonNullable<Drops['drops']>[number] | undefined =>
  job.drops?.find(({ action, regex }) => anchoredRegex(regex)?.test(name) === (action === 'drop'));

/** @param exporting the exporters of which alone the metric comes; empty where others may have it */
export function droppedBy(
  config: ScrapeConfig,
  name: string,
  matchers: readonly Matcher[],
  exporting: readonly { job?: string | undefined }[],
): Dropped | undefined {
  if (config.elsewhere.length > 0) return undefined;
  const job = matchers.find((m) => m.label === 'job' && m.op === '=' && !m.value.includes(standIn))?.value;
  const from = exporting.map((one) => one.job);
  const among = job !== undefined && !config.jobsRenamed ? [job] : from.includes(undefined) ? [] : from;
  const jobs = among.length > 0 ? config.jobs.filter((one) => among.includes(one.name)) : config.jobs;
  const rules = jobs.map((one) => ({ job: one.name, rule: takenBy(one, name) }));
  const first = rules.find(({ rule }) => rule?.action === 'drop') ?? rules.find(({ rule }) => rule !== undefined);
  if (first?.rule === undefined) return undefined;
  const { action, regex } = first.rule;
  const sure = rules.every(({ rule }) => rule !== undefined);
  // That a job drops this very metric says that it has it; what every process exports may come from any.
  const own = action === 'drop' && regex.includes(name) && !/^(?:go|process|promhttp|scrape)_/.test(name);
  return sure || own ? { job: first.job, by: `${action} ${regex}`, sure } : undefined;
}

/** The first job, where every job takes that label from all of its series. */
export const labelDroppedBy = (config: ScrapeConfig, label: string): string | undefined =>
  config.elsewhere.length === 0 &&
  config.jobs.every((job) => job.labelDrops?.some((regex) => anchoredRegex(regex)?.test(label) === true) === true)
    ? config.jobs[0]?.name
    : undefined;
