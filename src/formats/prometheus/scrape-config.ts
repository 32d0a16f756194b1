import { promDuration } from '../promql/literals.ts';
import { type JsonObject, listOf, objectOf, textOf } from '../data/json-parts.ts';

/** One job of a Prometheus configuration, as far as it tells which series can come from it. */
export interface ScrapeJob {
  name: string;
  intervalMs: number;
  /** Distinct static targets. */
  targets: number;
  /** Its targets, labels or metric names are known only at run time (service discovery, federation, labelmap). */
  open: boolean;
  /** Labels that its targets get beside `job` and `instance`. */
  labels: string[];
}

export interface ScrapeConfig {
  jobs: ScrapeJob[];
  intervalMs: number;
  ruleFiles: string[];
  externalLabels: string[];
  /** Why series may come from elsewhere than the jobs; empty where they cannot. */
  elsewhere: string[];
  /** Jobs may be named otherwise in the series (relabelling of `job`, or labels honoured). */
  jobsRenamed: boolean;
  nativeHistograms: boolean;
}

/**
 * Reads prometheus.yml. Defaults are Prometheus's own (scrape_interval 1m).
 * @returns undefined where it is no configuration
 */
export function scrapeConfig(document: unknown): ScrapeConfig | undefined {
  const config = objectOf(document);
  if (!('scrape_configs' in config) && !('global' in config)) return undefined;
  const global = objectOf(config['global']);
  const intervalMs = promDuration(textOf(global['scrape_interval'])) ?? 60_000;
  const jobs = listOf(config['scrape_configs']).map((one) => readJob(one, intervalMs));
  const elsewhere = [
    ...(listOf(config['scrape_config_files']).length > 0 ? ['scrape_config_files names more jobs'] : []),
    ...('otlp' in config ? ['metrics are pushed by OTLP'] : []),
    ...listOf(config['scrape_configs'])
      .map(objectOf)
      .filter((job) => textOf(job['metrics_path']).endsWith('/federate'))
      .map((job) => `the job ${textOf(job['job_name'])} reads another Prometheus`),
    ...(listOf(config['remote_read']).length > 0 ? ['remote_read is set'] : []),
  ];
  return {
    jobs,
    intervalMs,
    ruleFiles: listOf(config['rule_files']).map(textOf),
    externalLabels: Object.keys(objectOf(global['external_labels'])),
    elsewhere,
    jobsRenamed: listOf(config['scrape_configs']).some((one) => {
      const job = objectOf(one);
      return (
        job['honor_labels'] === true ||
        // Labels of a target come before the job's name.
        'file_sd_configs' in job ||
        'http_sd_configs' in job ||
        listOf(job['static_configs']).some((group) => 'job' in objectOf(objectOf(group)['labels'])) ||
        [...listOf(job['relabel_configs']), ...listOf(job['metric_relabel_configs'])].some(
          (rule) => objectOf(rule)['target_label'] === 'job',
        )
      );
    }),
    nativeHistograms: /(?:scrape_native_histograms|convert_classic_histograms_to_nhcb)"?:true/.test(
      JSON.stringify(config),
    ),
  };
}

function readJob(one: unknown, globalMs: number): ScrapeJob {
  const job = objectOf(one);
  const statics = listOf(job['static_configs']).map(objectOf);
  const rules = [...listOf(job['relabel_configs']), ...listOf(job['metric_relabel_configs'])].map(objectOf);
  const labels = [
    ...statics.flatMap((group) => Object.keys(objectOf(group['labels']))),
    ...rules.map((rule) => textOf(rule['target_label'])).filter((label) => label !== '' && !label.startsWith('__')),
  ];
  const discovers = Object.keys(job).some((key) => key.endsWith('_sd_configs'));
  const relabels = rules.some(
    (rule) =>
      ['labelmap', 'labeldrop', 'labelkeep'].includes(textOf(rule['action'])) ||
      ['__name__', '__address__', '__metrics_path__'].includes(textOf(rule['target_label'])) ||
      textOf(rule['target_label']).includes('$'),
  );
  return {
    name: textOf(job['job_name']),
    intervalMs: promDuration(textOf(job['scrape_interval'])) ?? globalMs,
    targets: new Set(statics.flatMap((group) => listOf(group['targets']).map(textOf))).size,
    open: discovers || relabels || job['honor_labels'] === true || textOf(job['metrics_path']).endsWith('/federate'),
    labels: [...new Set(labels)],
  };
}

/** `rule_files`, scrape targets and Alertmanagers of a Prometheus configuration. */
export function prometheusConfig(document: unknown): {
  ruleFiles: string[];
  targets: { job: string; address: string }[];
  alertmanagers: string[];
  /** An Alertmanager is named, in whatever way. */
  alerting: boolean;
  /** There is a place for one, and it is empty. */
  alertingEmpty: boolean;
  /** Files of file_sd_configs. */
  discovered: { job: string; pattern: string }[];
} {
  const config = objectOf(document);
  const addresses = (value: unknown): string[] =>
    listOf(value).flatMap((one) => listOf(objectOf(one)['targets']).map(textOf));
  const managers = listOf(objectOf(config['alerting'])['alertmanagers']).map(objectOf);
  const discovers = (one: JsonObject): boolean => Object.keys(one).some((key) => key.endsWith('_sd_configs'));
  return {
    ruleFiles: listOf(config['rule_files'])
      .map(textOf)
      .filter((path) => path !== ''),
    targets: listOf(config['scrape_configs']).flatMap((one) => {
      const scrape = objectOf(one);
      // Relabelling may put another address in the target's place (the blackbox exporter's way).
      const moves = listOf(scrape['relabel_configs'])
        .map(objectOf)
        .filter((rule) => rule['target_label'] === '__address__');
      const job = textOf(scrape['job_name']);
      if (moves.length === 0) return addresses(scrape['static_configs']).map((address) => ({ job, address }));
      const fixed = textOf(moves.at(-1)?.['replacement']);
      return /^[\w.-]+:\d+$/.test(fixed) && !('source_labels' in (moves.at(-1) ?? {})) ? [{ job, address: fixed }] : [];
    }),
    discovered: listOf(config['scrape_configs'])
      .map(objectOf)
      .flatMap((job) =>
        listOf(job['file_sd_configs']).flatMap((one) =>
          listOf(objectOf(one)['files']).map((file) => ({ job: textOf(job['job_name']), pattern: textOf(file) })),
        ),
      ),
    alerting: managers.some((one) => addresses(one['static_configs']).length > 0 || discovers(one)),
    alertingEmpty:
      managers.length > 0 && !managers.some((one) => addresses(one['static_configs']).length > 0 || discovers(one)),
    alertmanagers: listOf(objectOf(config['alerting'])['alertmanagers']).flatMap((one) =>
      addresses(objectOf(one)['static_configs']),
    ),
  };
}
