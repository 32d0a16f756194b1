import { z } from 'zod';
import { error, inconclusive, type Judge } from '../../core/step.ts';
import { library } from '../data/libraries.ts';
import type { Deployed } from './deployed.ts';
import { parseExposition } from './exposition.ts';
import type { ScrapeConfig } from './prometheus-config.ts';
import { baseOf, folderOf } from '../data/paths.ts';

/** Where series come from: what steps that hold expressions against the exporters take. */
export const metricSourceParams = {
  exporters: z
    .array(
      z
        .strictObject({
          url: z.string().min(1).optional().describe('the address that Prometheus scrapes'),
          file: z.string().min(1).optional().describe('an exposition text in the repository'),
          job: z.string().min(1).optional().describe('the job of prometheus.yml that scrapes it'),
        })
        .refine((one) => (one.url === undefined) !== (one.file === undefined), { error: 'give either url or file' }),
    )
    .default([])
    .describe('exporters whose metrics are known; without any, no metric is judged'),
  config: z
    .string()
    .min(1)
    .optional()
    .describe('prometheus.yml: its jobs say whether the exporters are all there are; also scrape intervals and labels'),
  lazy: z
    .boolean()
    .default(true)
    .describe('a metric that is not exported now but that the source code names is a warning; false: an error'),
};
export interface MetricSourceParams {
  exporters: { url?: string | undefined; file?: string | undefined; job?: string | undefined }[];
  config?: string | undefined;
  lazy: boolean;
}

/** Metrics of one exporter, by family. */
export interface SeenFamily {
  name: string;
  type: string;
  /** Name of a sample → label → its values; beyond 200 values an empty list. */
  samples: Record<string, Record<string, string[]>>;
  /** Name of a sample → labels that only some of its series have. */
  partial?: Record<string, string[]>;
}
export interface SeenExporter {
  name: string;
  job?: string;
  /** Why nothing could be read. */
  failed?: string;
  /** It answered, but with no metrics. */
  empty?: string;
  /** How many series it exports. */
  series?: number;
  families: SeenFamily[];
}
/** A metric that the sources should name and do not. */
export interface Unsourced {
  /** How many metrics of the same first word the sources register. */
  others: number;
  /** The registered metric that was probably meant. */
  meant?: string;
  /** The sources register it, or it without its ending, and this library exports that under another name. */
  otherwise?: { as: string; file: string; why: string; sure: boolean };
}
/** A metric as the repository's sources register it, through a client library that leaves names and labels as they are. */
export interface DeclaredSeries {
  kind: 'counter' | 'gauge' | 'histogram' | 'summary';
  /** undefined: not all written out. */
  labels?: string[];
  file: string;
  /** No other program has metrics that begin like it. */
  own: boolean;
}
export interface SeenSources {
  exporters: SeenExporter[];
  /** Recording rules: name → labels that the rule sets. */
  records: { name: string; expr: string; labels: string[] }[];
  /** Names of the alerting rules. */
  alerts?: string[];
  ruleFiles: string[];
  config?: ScrapeConfig;
  /** undefined: not looked for. */
  deployed?: Deployed;
  configFailed?: string;
  /** Metric that is not exported → a file of the source that names it. */
  named: Record<string, string>;
  /** Where Prometheus takes what others send it: the words in quotes of what may send, jobs among them. */
  received?: string[];
  /** Well-known exporters that, by the configuration, nothing asks. */
  unscraped?: string[];
  /** Metric that the repository's sources should name and do not. */
  unsourced?: Record<string, Unsourced>;
  /** Name of a series → what the sources register it as. */
  declared?: Record<string, DeclaredSeries>;
}

/** Every problem that reading the sources can have. */
export const metricSourceProblems = {
  'exporter-unreachable': inconclusive(
    'An exporter could not be read',
    'is it up, and is this its address? Without it no metric can be judged',
  ),
  'exporter-empty': error(
    'An exporter has no metrics',
    'is the path right? An HTML page is what a wrong path often gives',
  ),
  'sample-limit': error(
    'A target exports more series than its job takes',
    'raise sample_limit: as it stands Prometheus drops the whole scrape, and up is 0',
  ),
  'config-unreadable': error('The Prometheus configuration cannot be read', 'correct its path or its content'),
} as const;

/** Says what could not be read of the sources. */
export function judgeSources(j: Judge<typeof metricSourceProblems>, p: MetricSourceParams, seen: SeenSources): void {
  if (seen.configFailed !== undefined)
    j.find('config-unreadable', seen.configFailed, { where: { file: p.config ?? '' } });
  for (const one of seen.exporters) {
    if (one.failed !== undefined) j.find('exporter-unreachable', `${one.name}: ${one.failed}`, { subject: one.name });
    else if (one.empty !== undefined)
      j.find('exporter-empty', `${one.name} has no samples`, { subject: one.name, detail: one.empty });
    const job = seen.config?.jobs.find(({ name }) => name === one.job);
    // What relabelling drops does not count.
    if (job?.sampleLimit !== undefined && job.drops === undefined && (one.series ?? 0) > job.sampleLimit)
      j.find(
        'sample-limit',
        `${one.name} exports ${one.series} series, and the job ${job.name} takes ${job.sampleLimit}`,
        {
          where: { file: p.config ?? '' },
        },
      );
  }
}

/** The families of an exposition; of a label's values at most 200. */
export function seenFamilies(text: string): SeenFamily[] {
  return [...parseExposition(text).families.values()].map((family): SeenFamily => {
    const samples: SeenFamily['samples'] = {};
    for (const sample of family.samples) {
      const labels = (samples[sample.name] ??= {});
      for (const [label, value] of Object.entries(sample.labels)) {
        const values = (labels[label] ??= []);
        if (values.length < 201 && !values.includes(value)) values.push(value);
      }
    }
    for (const labels of Object.values(samples))
      for (const [label, values] of Object.entries(labels)) if (values.length > 200) labels[label] = [];
    const partial: Record<string, string[]> = {};
    for (const sample of family.samples)
      for (const label of Object.keys(samples[sample.name] ?? {}))
        if ((sample.labels[label] ?? '') === '' && !partial[sample.name]?.includes(label))
          (partial[sample.name] ??= []).push(label);
    const base = { name: family.name, type: family.type, samples };
    return Object.keys(partial).length > 0 ? { ...base, partial } : base;
  });
}

/**
 * Are the rule files that were read all that the configuration loads? Compared by name, since its paths are the container's;
 * patterns of one name in several folders need files of as many folders.
 */
export const allRulesKnown = (seen: SeenSources): boolean =>
  seen.config !== undefined &&
  seen.config.ruleFiles.length > 0 &&
  seen.config.ruleFiles.every((pattern, _, all) => {
    const name = baseOf(pattern);
    const folders = new Set(
      seen.ruleFiles.filter((file) => library('picomatch').isMatch(baseOf(file), name)).map((file) => folderOf(file)),
    );
    const asked = new Set(all.filter((other) => baseOf(other) === name).map((other) => folderOf(other)));
    return folders.size >= asked.size;
  });
