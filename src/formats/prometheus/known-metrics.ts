import { escapeRegex } from '../../core/patterns.ts';
import { common, ofPrometheus, onFirstUse, samplesOf } from './metric-words.ts';
import type { Deployed } from './deployed.ts';
import { droppedBy, labelDroppedBy, type Dropped } from './dropped-series.ts';
import {
  allRulesKnown,
  type DeclaredSeries,
  type SeenExporter,
  type SeenSources,
  type Unsourced,
} from './metric-sources.ts';
import { standIn, type Expr, type Matcher } from '../promql/tree.ts';
import { Recordings } from './recordings.ts';
import { isSlip, nearestBy } from './nearest-name.ts';
import { exporters, isWellKnownGauge } from './well-known-metrics.ts';
import type { LabelSet } from './expression-labels.ts';
import { anchoredRegex } from '../promql/regex.ts';

/** Is a metric there? */
export type Look =
  | { state: 'there'; by: 'exporter' | 'rule' | 'prometheus' }
  /** Proven: every exporter from which it could come was read. */
  | { state: 'missing'; why: string }
  /** Not exported now, but it may come into being on use. */
  | { state: 'later'; why: string }
  /** It may come from something that was not read. */
  | { state: 'unknown'; why: string };

export interface MetricRead {
  name: string | undefined;
  matchers: readonly Matcher[];
}

/** What the exporters, recording rules and configuration of a project say of its metrics. */
export class KnownMetrics {
  readonly #seen: SeenSources;
  readonly #families = new Map<string, { type: string; name: string }>();
  readonly #samples = new Map<string, { labels: Map<string, string[]>; exporters: Set<SeenExporter> }>();
  readonly #recordings: Recordings;
  readonly #records: Map<string, string[]>;
  /** Metrics of which some series have a label that others lack. */
  readonly #partial = new Set<string>();
  /** First words that belong to an exporter that was read. */
  readonly #own = new Map<string, SeenExporter>();
  /** Words of what sends series to Prometheus, which has none of its jobs; undefined where nothing does. */
  readonly received: readonly string[] | undefined;
  /** Every series comes from an exporter that was read. */
  readonly complete: boolean;
  readonly #uncovered: string[];
  // Made once, when first asked for: thousands of reads ask.
  #names: readonly string[] | undefined;
  #counts: Map<string, number> | undefined;
  #withSamples: ReadonlySet<string> | undefined;
  #nearest: ((name: string) => string | undefined) | undefined;

  constructor(seen: SeenSources) {
    this.#seen = seen;
    this.received = seen.received;
    this.#recordings = new Recordings(seen.records, (seen.config?.elsewhere ?? []).length > 0);
    this.#records = new Map(seen.records.map((record) => [record.name, record.labels]));
    for (const exporter of seen.exporters) this.#readExporter(exporter);
    const { config } = seen;
    const count = (job: string): number => seen.exporters.filter((one) => one.job === job && readable(one)).length;
    this.#uncovered = (config?.jobs ?? [])
      .filter((job) => job.open || count(job.name) === 0 || (job.targets > 1 && count(job.name) < job.targets))
      .map((job) => job.name);
    this.complete =
      config !== undefined &&
      config.jobs.length > 0 &&
      this.#uncovered.length === 0 &&
      config.elsewhere.length === 0 &&
      seen.exporters.every(readable);
  }

  #readExporter(exporter: SeenExporter): void {
    const words = new Map<string, number>();
    for (const family of exporter.families) {
      const word = firstWord(family.name);
      words.set(word, (words.get(word) ?? 0) + 1);
      this.#families.set(family.name, { type: family.type, name: family.name });
      const names = Object.keys(family.samples);
      for (const name of Object.keys(family.partial ?? {})) this.#partial.add(name);
      // Declared, but without a sample yet.
      if (names.length === 0) names.push(...samplesOf(family.name, family.type));
      for (const name of names) {
        const sample = this.#samples.get(name) ?? { labels: new Map(), exporters: new Set() };
        this.#samples.set(name, sample);
        sample.exporters.add(exporter);
        this.#families.set(name, { type: family.type, name: family.name });
        for (const [label, values] of Object.entries(family.samples[name] ?? {})) {
          const before = sample.labels.get(label);
          sample.labels.set(label, !before ? values : before.length && values.length ? [...before, ...values] : []);
        }
      }
    }
    for (const [word, n] of words) if (n >= 2 && word.length >= 3 && !common.has(word)) this.#own.set(word, exporter);
  }

  /** See `Recordings`. */
  computed(name: string): Expr | undefined {
    return this.#recordings.computed(name);
  }

  /** See `Recordings`. Bound, so that it can be handed on. */
  readonly recorded = (name: string): LabelSet | undefined => this.#recordings.labelsOf(name);

  /**
   * The labels of a metric's series: of a recorded one as `recorded` has them; of one that comes from exporters that were read alone,
   * those that each of its series has there, and those of scraping; of one that only the sources register, theirs. Undefined where they
   * are not known.
   */
  readonly borne = (name: string): LabelSet | undefined => {
    const [recorded, scraped] = [this.recorded(name), this.targetLabels];
    const declared = this.declared(name);
    if (!recorded && declared?.own === true && declared.labels && scraped)
      return { only: new Set([...declared.labels, ...scraped]) };
    if (recorded || !this.maybeScraped(name) || !this.exclusive(name)) return recorded;
    const labels = this.labelsOf(name);
    if (!labels || !scraped || this.#partial.has(name)) return undefined;
    return { only: new Set([...labels.keys(), ...scraped]) };
  };

  /** Labels by which each target that exports the metric has several series of it. */
  severalBy(name: string): string[] {
    if (!this.exclusive(name) || this.#samples.get(name)?.exporters.size !== 1) return [];
    return [...(this.labelsOf(name) ?? [])].flatMap(([label, values]) => (values.length === 1 ? [] : [label]));
  }

  /** Alerts by that name; undefined where there may be rules that were not read. */
  get alertNames(): readonly string[] | undefined {
    const { alerts } = this.#seen;
    return alerts && allRulesKnown(this.#seen) && (this.#seen.config?.elsewhere ?? []).length === 0
      ? alerts
      : undefined;
  }

  /** Can series of that name come from scraping: is it no rule's, and none of Prometheus's own alerts? */
  maybeScraped(name: string): boolean {
    return !name.includes(':') && !name.includes(standIn) && !this.#records.has(name) && !name.startsWith('ALERTS');
  }

  /** Do they come from scraping alone, so that each bears `job` and `instance`? */
  scraped(name: string): boolean {
    return this.maybeScraped(name) && this.targetLabels !== undefined && (this.#seen.config?.jobs.length ?? 0) > 0;
  }

  /** What the repository's sources register beside the metric, where they should name it and do not. */
  unsourced(name: string): Unsourced | undefined {
    return this.#seen.unsourced?.[name];
  }

  /** What the repository's sources register the series as; undefined where that is not known, or a rule records it. */
  declared(name: string): DeclaredSeries | undefined {
    return this.maybeScraped(name) ? this.#seen.declared?.[name] : undefined;
  }

  /** The job whose `metric_relabel_configs` take the metric away; undefined where a series of it may be left. */
  dropped({ name, matchers }: MetricRead): Dropped | undefined {
    if (name === undefined || !this.#seen.config || !this.maybeScraped(name)) return undefined;
    const by = this.exclusive(name) ? [...(this.#samples.get(name)?.exporters ?? [])] : [];
    return droppedBy(this.#seen.config, name, matchers, by);
  }

  /** The job that takes the label from all of its series, where every job does. */
  labelDropped(label: string): string | undefined {
    return this.#seen.config && labelDroppedBy(this.#seen.config, label);
  }

  /** The exporter that the metric comes from, where nothing asks one. */
  unscraped(name: string): string | undefined {
    return exporters.find((one) => one.metrics.test(name) && this.#seen.unscraped?.includes(one.name) === true)?.name;
  }

  /** The jobs' names, for people. */
  get jobWords(): string {
    return (this.#seen.config?.jobs ?? []).map((job) => job.name).join(', ');
  }

  get judges(): boolean {
    return this.#seen.exporters.some(readable);
  }

  /** Do the sources name a metric that its exporter does not show yet? */
  bornOnUse(name: string): boolean {
    return this.#seen.named[name] !== undefined;
  }

  /** Does Prometheus put a zero in front of a series that is born, where its exporter says when that was? */
  get startsAtZero(): boolean {
    return this.deployed.features.some((one) => /^(?:created-timestamp|st)-/.test(one));
  }

  /** Does the metric come from the exporters that were read alone? */
  exclusive(name: string): boolean {
    return this.complete || this.#own.has(firstWord(name));
  }

  /** All names that are exported or recorded. */
  get names(): readonly string[] {
    return (this.#names ??= [...this.#samples.keys(), ...this.#records.keys()]);
  }

  look({ name, matchers }: MetricRead): Look {
    if (name === undefined || name.includes(standIn)) return this.#lookByPattern(name, matchers);
    if (ofPrometheus.test(name)) return { state: 'there', by: 'prometheus' };
    if (this.#records.has(name)) return { state: 'there', by: 'rule' };
    const job = matchers.find((m) => m.label === 'job' && m.op === '=' && !m.value.includes(standIn))?.value;
    const of = this.#seen.exporters.filter((one) => one.job !== undefined && one.job === job);
    const sample = this.#samples.get(name);
    if (sample) {
      // Exported, though not by the job that is asked for.
      const elsewhere = of.length > 0 && of.every((one) => readable(one) && !sample.exporters.has(one));
      if (elsewhere && this.#jobsTrue && !this.#uncovered.includes(job ?? ''))
        return { state: 'missing', why: `${name} is exported, but not by the job ${job}` };
      return { state: 'there', by: 'exporter' };
    }
    if (this.judges) return this.#absent(name, job);
    const record = name.includes(':') ? this.#absentRecord(name) : undefined;
    return record?.state === 'missing' ? record : { state: 'unknown', why: 'no exporter was read' };
  }

  get #jobsTrue(): boolean {
    return this.#seen.config !== undefined && !this.#seen.config.jobsRenamed;
  }

  #absent(name: string, job: string | undefined): Look {
    const family = this.#families.get(name);
    if (family?.type === 'histogram' && family.name === name) {
      const why = `${name} is a histogram: its series are ${name}_bucket, ${name}_sum and ${name}_count`;
      return this.#seen.config?.nativeHistograms === true ? { state: 'unknown', why } : { state: 'missing', why };
    }
    if (name.includes(':')) return this.#absentRecord(name);
    const by = (why: string): Look => {
      const file = this.#seen.named[name];
      return file === undefined
        ? { state: 'missing', why }
        : { state: 'later', why: `${why}; ${file} names it, so that it may come into being on use` };
    };
    const word = firstWord(name);
    const owner = this.#own.get(word);
    const near = this.near(name);
    const hint = near === undefined ? '' : `; there is ${near}`;
    const jobRead =
      this.#jobsTrue && job !== undefined && !this.#uncovered.includes(job) && this.#job(job) !== undefined;
    if (this.complete || (jobRead && !owner)) {
      const exporters = this.#seen.exporters
        .filter((one) => this.complete || one.job === job)
        .map((one) => one.name)
        .join(', ');
      if (!owner && (this.#countOf(word) > 0 || onFirstUse.has(word)))
        return { state: 'later', why: `${exporters} does not export it now, but may on use` };
      return by(`${exporters} does not export it${hint}`);
    }
    if (!owner) return { state: 'unknown', why: `no exporter that was read exports metrics that begin with ${word}_` };
    if (job !== undefined && owner.job !== undefined && owner.job !== job)
      return { state: 'unknown', why: `the job ${job} was not read` };
    const rival = this.#uncovered.find(
      (one) => one !== owner.job && (one.toLowerCase().includes(word.toLowerCase()) || this.#job(one)?.open === true),
    );
    if (rival !== undefined && owner.job !== undefined)
      return { state: 'unknown', why: `the job ${rival} may export it, and was not read` };
    return by(`${owner.name} exports ${this.#countOf(word)} metrics that begin with ${word}_, but not this one${hint}`);
  }

  #absentRecord(name: string): Look {
    const owned = name.split(':').some((part) => this.#own.has(firstWord(part)));
    const why = this.#seen.ruleFiles.length === 0 ? 'no rule files were given' : 'no rule that was read records it';
    if (allRulesKnown(this.#seen) && (this.#seen.config?.elsewhere ?? []).length === 0)
      return { state: 'missing', why: 'no rule records it' };
    return { state: owned && this.#seen.ruleFiles.length > 0 ? 'later' : 'unknown', why };
  }

  #lookByPattern(name: string | undefined, matchers: readonly Matcher[]): Look {
    const patterns = matchers.filter((m) => m.label === '__name__' && m.op === '=~').map((m) => m.value);
    if (name !== undefined) patterns.push(escapeRegex(name));
    if (patterns.length === 0) return { state: 'unknown', why: 'it names no metric' };
    const tests = patterns.map((pattern) => anchoredRegex(pattern.replaceAll(standIn, '.*')));
    if (tests.some((test) => test === undefined)) return { state: 'unknown', why: 'its pattern cannot be read' };
    const found = this.names.find((one) => tests.every((test) => test?.test(one)));
    if (found !== undefined) return { state: 'there', by: this.#records.has(found) ? 'rule' : 'exporter' };
    if (!this.judges) return { state: 'unknown', why: 'no exporter was read' };
    const prefix = /^[A-Za-z]\w*?_/.exec(patterns[0] ?? '')?.[0] ?? '';
    const certain = name === undefined && (this.complete || this.#own.has(prefix.slice(0, -1)));
    const why = `no metric that is exported matches ${patterns.join(' and ')}`;
    return certain ? { state: 'missing', why } : { state: 'unknown', why };
  }

  #job(name: string) {
    return this.#seen.config?.jobs.find((one) => one.name === name);
  }

  /** How many exported names begin with the word. */
  #countOf(word: string): number {
    if (!this.#counts) {
      this.#counts = new Map();
      for (const name of this.#samples.keys())
        this.#counts.set(firstWord(name), (this.#counts.get(firstWord(name)) ?? 0) + 1);
    }
    return this.#counts.get(word) ?? 0;
  }

  /** An exported or recorded name that differs little, for a hint. */
  near(name: string): string | undefined {
    this.#nearest ??= nearestBy(this.names);
    return this.#nearest(name);
  }

  /** The recording that a name is a slip of the keyboard away from; figures in names (rate5m, rate1h) are no slips. */
  misspeltRecord(name: string): string | undefined {
    const near = name.includes(':') ? this.near(name) : undefined;
    return near !== undefined && this.#records.has(near) && isSlip(name, near) ? near : undefined;
  }

  /** Type of the series of that name: those of a histogram and the sum and count of a summary are counters. */
  typeOf(name: string): string | undefined {
    const family = this.#families.get(name);
    if (!family) return this.declared(name)?.kind ?? (isWellKnownGauge(name) ? 'gauge' : undefined);
    if (family.type === '') return undefined;
    if (family.name === name || !['histogram', 'summary'].includes(family.type)) return family.type;
    return 'counter';
  }

  /** Is it a histogram's base name, or one of its series? */
  isHistogram(name: string): boolean {
    return this.#families.get(name)?.type === 'histogram';
  }

  /** The exporter's labels of a metric and their values (an empty list: too many to keep); undefined where it has no sample. */
  labelsOf(name: string): ReadonlyMap<string, string[]> | undefined {
    const sample = this.#samples.get(name);
    return sample && this.#hasSamples(name) ? sample.labels : undefined;
  }

  #hasSamples(name: string): boolean {
    this.#withSamples ??= new Set(
      this.#seen.exporters.flatMap((one) => one.families.flatMap((family) => Object.keys(family.samples))),
    );
    return this.#withSamples.has(name);
  }

  /** Labels that scraping adds to every series; undefined where that cannot be known. */
  get targetLabels(): ReadonlySet<string> | undefined {
    const { config } = this.#seen;
    if (!config || this.received || config.elsewhere.length > 0 || config.jobs.some(({ open }) => open))
      return undefined;
    return new Set(['job', 'instance', ...config.jobs.flatMap((job) => job.labels)]);
  }

  /** What the repository's deployment files say; nothing where they were not read. */
  get deployed(): Deployed {
    return this.#seen.deployed ?? { images: {}, features: [] };
  }

  /** A label that this Prometheus adds to what it sends, and that none of its own series bears. */
  isExternalLabel(label: string): boolean {
    return this.#seen.config?.externalLabels.includes(label) === true && this.targetLabels?.has(label) === false;
  }

  /** Is it certain that no series of the metric has that label, neither from its exporter nor from scraping? */
  lacksLabel(name: string, label: string): boolean {
    // Prometheus makes them itself, of the targets' labels alone.
    const own = name === 'up' || name.startsWith('scrape_');
    const labels = own ? new Map<string, string[]>() : this.exclusive(name) ? this.labelsOf(name) : undefined;
    const scraped = this.targetLabels;
    // A label of the exporter's that scraping sets too is kept under exported_.
    const kept = label.replace(/^exported_/, '');
    return labels !== undefined && scraped !== undefined && !labels.has(kept) && !scraped.has(kept);
  }

  /** Names of all jobs; undefined where there may be others. */
  get jobs(): string[] | undefined {
    const { config } = this.#seen;
    if (!config || config.jobsRenamed || config.elsewhere.length > 0 || config.jobs.length === 0) return undefined;
    return config.jobs.map((job) => job.name);
  }

  /** Milliseconds between two scrapes of that metric: of its job where it is known, else the shortest of all jobs. */
  intervalOf({ name, matchers }: MetricRead): number | undefined {
    const { config } = this.#seen;
    if (!config || config.elsewhere.length > 0) return undefined;
    const asked = matchers.find((m) => m.label === 'job' && m.op === '=')?.value;
    const exporters = [...(this.#samples.get(name ?? '')?.exporters ?? [])].map((one) => one.job);
    const jobs = config.jobs.filter((job) => (asked === undefined ? exporters.includes(job.name) : job.name === asked));
    const among = jobs.length > 0 ? jobs : config.jobs;
    return among.length === 0 ? config.intervalMs : Math.min(...among.map((job) => job.intervalMs));
  }
}

const readable = (one: SeenExporter): boolean => one.failed === undefined && one.empty === undefined;
const firstWord = (name: string): string => /^[^_:]*/.exec(name)?.[0] ?? '';
