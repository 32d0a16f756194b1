import { z } from 'zod';
import type { Judge } from '../core/judgement.ts';
import type { StepContext } from '../core/step.ts';
import { parseExposition } from '../formats/prometheus/exposition.ts';
import { library } from '../formats/data/libraries.ts';
import { yamlOf } from '../formats/data/yaml.ts';
import { deployedPrograms } from './deployed-programs.ts';
import type { Deployed } from '../formats/prometheus/deployed.ts';
import { parseRuleFile } from '../formats/prometheus/rule-files.ts';
import { scrapeConfig, type ScrapeConfig } from '../formats/prometheus/scrape-config.ts';

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
}
export interface SeenExporter {
  name: string;
  job?: string;
  /** Why nothing could be read. */
  failed?: string;
  /** It answered, but with no metrics. */
  empty?: string;
  families: SeenFamily[];
}
export interface SeenSources {
  exporters: SeenExporter[];
  /** Recording rules: name → labels that the rule sets. */
  records: { name: string; expr: string; labels: string[] }[];
  ruleFiles: string[];
  config?: ScrapeConfig;
  /** undefined: not looked for. */
  deployed?: Deployed;
  configFailed?: string;
  /** Metric that is not exported → a file of the source that names it. */
  named: Record<string, string>;
  /** Metric that the repository's source should name and does not → how many others like it are named there. */
  unsourced?: Record<string, number>;
}

/** Every problem that reading the sources can have. */
export const metricSourceProblems = {
  'exporter-unreachable': {
    level: 'inconclusive',
    title: 'An exporter could not be read',
    hint: 'is it up, and is this its address? Without it no metric can be judged',
  },
  'exporter-empty': {
    level: 'error',
    title: 'An exporter holds no metric',
    hint: 'is the path right? An HTML page is what a wrong path often gives',
  },
  'config-unreadable': {
    level: 'error',
    title: 'The Prometheus configuration cannot be read',
    hint: 'correct its path or its content',
  },
} as const;

/** Says what could not be read of the sources. */
export function judgeSources(j: Judge<typeof metricSourceProblems>, p: MetricSourceParams, seen: SeenSources): void {
  if (seen.configFailed !== undefined)
    j.find('config-unreadable', seen.configFailed, { where: { file: p.config ?? '' } });
  for (const one of seen.exporters) {
    if (one.failed !== undefined) j.find('exporter-unreachable', `${one.name}: ${one.failed}`, { subject: one.name });
    else if (one.empty !== undefined)
      j.find('exporter-empty', `${one.name} holds no sample`, { subject: one.name, detail: one.empty });
  }
}

/** Paths of the files that a list of paths and globs names, and those that name none. */
export async function matchedFiles(
  patterns: readonly string[],
  ctx: StepContext,
): Promise<{ paths: string[]; unmatched: string[] }> {
  const paths = new Set<string>();
  const unmatched: string[] = [];
  for (const pattern of patterns) {
    const found = (await ctx.files.kind(pattern)) === 'file' ? [pattern] : await ctx.files.glob([pattern]);
    if (found.length === 0) unmatched.push(pattern);
    for (const path of found) paths.add(path);
  }
  return { paths: [...paths], unmatched };
}

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
    ruleFiles: [...ruleFiles],
    named: {},
    deployed: await deployedPrograms(ctx),
  };
  const text = p.config === undefined ? undefined : await ctx.files.readIfThere(p.config);
  const config = text === undefined ? undefined : scrapeConfig(yamlOf(text));
  // Files that the configuration loads too, though the step was not given them; their paths are the container's.
  const loaded = (config?.ruleFiles ?? []).map((pattern) => `**/${nameOf(pattern)}`);
  for (const file of new Set([...ruleFiles, ...(loaded.length > 0 ? await ctx.files.glob(loaded) : [])]))
    for (const rule of parseRuleFile(await ctx.files.read(file), true).groups.flatMap((group) => group.rules))
      if (rule.kind === 'record')
        seen.records.push({ name: rule.name, expr: rule.expr, labels: Object.keys(rule.labels) });
  if (p.config === undefined) return seen;
  if (config) return { ...seen, config };
  return {
    ...seen,
    configFailed: text === undefined ? `${p.config} is not there` : `${p.config} is no Prometheus configuration`,
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
    if (answer.truncated) return { ...base, failed: 'its answer is too long to be read whole' };
    text = answer.body;
  } else text = await ctx.files.readIfThere(name);
  if (text === undefined) return { ...base, failed: 'there is no such file' };
  const families = [...parseExposition(text).families.values()].map((family): SeenFamily => {
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
    return { name: family.name, type: family.type, samples };
  });
  return Object.values(families).some((family) => Object.keys(family.samples).length > 0)
    ? { ...base, families }
    : { ...base, empty: text.slice(0, 200) };
}

const code = '**/*.{rs,go,py,ts,tsx,js,mjs,java,kt,scala,c,cc,cpp,h,hpp,cs,rb,ex,exs,erl,php,swift,zig}';

/**
 * Which of the names does the source code speak of? Libraries put a name together from a prefix and a rest, and add
 * `_total`, `_bucket` and the like by themselves: a quoted text that is the name's tail counts.
 */
export async function namedInSource(names: readonly string[], ctx: StepContext): Promise<Record<string, string>> {
  if (names.length === 0) return {};
  const tails = new Map<string, string[]>();
  for (const name of names) for (const tail of tailsOf(name)) tails.set(tail, [...(tails.get(tail) ?? []), name]);
  const named: Record<string, string> = {};
  for (const path of (await ctx.files.glob([code])).slice(0, 5000)) {
    if ((await ctx.files.size(path)) > 1 << 20) continue;
    const text = await ctx.files.read(path);
    for (const [, quoted = ''] of text.matchAll(/["'`]([a-zA-Z_:][\w:]{2,})["'`]/g))
      for (const name of tails.get(quoted) ?? []) named[name] ??= path;
  }
  return named;
}

/** The name, and its tails of at least two words and half of its length, each also without what libraries add. */
function tailsOf(name: string): string[] {
  const stems = [name, name.replace(/_(?:bucket|sum|count|total|created|info)$/, '')];
  return [...new Set(stems)].flatMap((stem) => {
    const words = stem.split('_');
    return words
      .map((_, n) => words.slice(n).join('_'))
      .filter((tail, n) => n === 0 || (words.length - n >= 2 && tail.length * 2 >= stem.length));
  });
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

/**
 * Are the rule files that were read all that the configuration loads? Compared by name, since its paths are the container's;
 * patterns of one name in several folders need files of as many folders.
 */
export const allRulesKnown = (seen: SeenSources): boolean =>
  seen.config !== undefined &&
  seen.config.ruleFiles.length > 0 &&
  seen.config.ruleFiles.every((pattern, _, all) => {
    const name = nameOf(pattern);
    const folders = new Set(
      seen.ruleFiles.filter((file) => library('picomatch').isMatch(nameOf(file), name)).map((file) => folderOf(file)),
    );
    const asked = new Set(all.filter((other) => nameOf(other) === name).map((other) => folderOf(other)));
    return folders.size >= asked.size;
  });
