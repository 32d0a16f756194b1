import { anchoredRegex } from '../promql/regex.ts';
import { standIn, type Matcher } from '../promql/tree.ts';
import type { ScrapeConfig, ScrapeJob } from './prometheus-config.ts';
import type { Drops } from './drops.ts';

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
