import { type JsonObject, listOf, objectOf, textOf } from '../data/json-parts.ts';
import { type LocatedYaml, locatedYaml } from '../data/yaml.ts';
import { lookbackMs, promDuration } from '../promql/literals.ts';
import { dropsOf, type Drops } from './drops.ts';
import { relabelled as relabelledBy, targetsOf } from './relabel.ts';

/** One job of a Prometheus configuration, as far as it tells which series can come from it. */
export interface ScrapeJob extends Drops {
  name: string;
  intervalMs: number;
  /** Distinct static targets. */
  targets: number;
  /** Its targets, labels or metric names are known only at run time (service discovery, federation, labelmap). */
  open: boolean;
  /** Series of one scrape above which Prometheus refuses all of them. */
  sampleLimit?: number;
  /** Labels that its targets get beside `job` and `instance`. */
  labels: string[];
}

/** Which series a configuration can bring. */
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

/** Something that promtool accepts, and that does not work. */
export interface PrometheusFault {
  code: 'job-without-targets' | 'config-literal' | 'scrape-interval-long' | 'probe-unmoved' | 'api-removed';
  message: string;
  line: number;
  /** It may be meant: an empty list to be filled. */
  doubtful: boolean;
}

/** A Prometheus configuration, each part with its line. */
export interface PrometheusConfig {
  /** Undefined where it has neither jobs nor settings for all: it is no configuration. */
  scrape?: ScrapeConfig;
  ruleFiles: { pattern: string; line: number }[];
  /** Fixed targets, as they are asked: relabelling may put another address in their place. `module`: of the blackbox exporter there. */
  targets: { job: string; address: string; line: number; module?: string; path?: string; scheme?: string }[];
  /** Files of file_sd_configs. */
  discovered: { job: string; pattern: string; line: number }[];
  /** `prefix`: its path_prefix, where one is given; `v1`: it is spoken to by the API's first version. */
  alertmanagers: { address: string; line: number; prefix?: string; scheme?: string; v1?: true }[];
  /** Where remote_write and remote_read lead. */
  remotes: { kind: 'remote_write' | 'remote_read'; url: string; line: number }[];
  /** Files that are read beside it (passwords, certificates), and sockets that are asked. */
  files: { key: string; path: string; line: number }[];
  /** What becomes of alerts on their way to Alertmanager. */
  alertRelabel: { rules: JsonObject[]; line: number };
  /** An Alertmanager is named, in whatever way. */
  alerting: boolean;
  /** There is a place for one, and it is empty. */
  alertingEmpty: boolean;
  faults: PrometheusFault[];
  /** All of it as JSON, comments left out. */
  said: string;
}

const discovers = (one: JsonObject): boolean => Object.keys(one).some((key) => key.endsWith('_sd_configs'));
const federates = (job: JsonObject): boolean => textOf(job['metrics_path']).endsWith('/federate');
const relabelled = (job: JsonObject): JsonObject[] =>
  [...listOf(job['relabel_configs']), ...listOf(job['metric_relabel_configs'])].map(objectOf);

/** Reads prometheus.yml; undefined where it is no YAML. Defaults are Prometheus's own (scrape_interval 1m). */
export function prometheusConfig(text: string): PrometheusConfig | undefined {
  const yaml = locatedYaml(text);
  if (!yaml) return undefined;
  const config = objectOf(yaml.value);
  const jobs = listOf(config['scrape_configs']).map(objectOf);
  const managers = listOf(objectOf(config['alerting'])['alertmanagers']).map(objectOf);
  const alerting = managers.some(
    (one) =>
      listOf(one['static_configs']).some((group) => listOf(objectOf(group)['targets']).length > 0) || discovers(one),
  );
  const said = JSON.stringify(config);
  return {
    ...(('scrape_configs' in config || 'global' in config) && { scrape: scrapeConfig(config, jobs, said) }),
    ruleFiles: listOf(config['rule_files'])
      .map((pattern, n) => ({ pattern: textOf(pattern), line: yaml.lineOf(['rule_files', n]) }))
      .filter(({ pattern }) => pattern !== ''),
    targets: jobs.flatMap((scrape, n) => scrapedBy(scrape, ['scrape_configs', n], yaml)),
    discovered: jobs.flatMap((job, n) =>
      listOf(job['file_sd_configs']).flatMap((one, m) =>
        listOf(objectOf(one)['files']).map((file, k) => ({
          job: textOf(job['job_name']),
          pattern: textOf(file),
          line: yaml.lineOf(['scrape_configs', n, 'file_sd_configs', m, 'files', k]),
        })),
      ),
    ),
    alertmanagers: managers.flatMap((one, n) =>
      addressesOf(one, ['alerting', 'alertmanagers', n], yaml).map((address) => ({
        ...address,
        ...(textOf(one['path_prefix']) !== '' && { prefix: textOf(one['path_prefix']) }),
        ...(!('relabel_configs' in one) && { scheme: textOf(one['scheme']) || 'http' }),
        ...(one['api_version'] === 'v1' && { v1: true as const }),
      })),
    ),
    remotes: (['remote_write', 'remote_read'] as const).flatMap((kind) =>
      listOf(config[kind]).map((one, n) => ({
        kind,
        url: textOf(objectOf(one)['url']),
        line: yaml.lineOf([kind, n, 'url']),
      })),
    ),
    files: filesIn(config, yaml),
    alertRelabel: {
      rules: listOf(objectOf(config['alerting'])['alert_relabel_configs']).map(objectOf),
      line: yaml.lineOf(['alerting', 'alert_relabel_configs', 0]),
    },
    alerting,
    alertingEmpty: managers.length > 0 && !alerting,
    faults: faultsOf(config, jobs, yaml),
    said,
  };
}

const addressesOf = (one: JsonObject, at: Place, yaml: LocatedYaml): { address: string; line: number }[] =>
  listOf(one['static_configs']).flatMap((group, g) =>
    listOf(objectOf(group)['targets']).map((target, n) => ({
      address: textOf(target),
      line: yaml.lineOf([...at, 'static_configs', g, 'targets', n]),
    })),
  );

/** What a job scrapes by the addresses that stand there. */
function scrapedBy(scrape: JsonObject, at: Place, yaml: LocatedYaml): PrometheusConfig['targets'] {
  const job = textOf(scrape['job_name']);
  // Relabelling may put another address in the target's place (the blackbox exporter's way).
  const rules = listOf(scrape['relabel_configs']).map(objectOf);
  const last = rules.findLastIndex((rule) => rule['target_label'] === '__address__');
  const move = rules[last];
  const said = JSON.stringify(rules);
  const path = {
    ...(!said.includes('__metrics_path__') && { path: textOf(scrape['metrics_path']) || '/metrics' }),
    ...(!said.includes('__scheme__') && { scheme: textOf(scrape['scheme']) || 'http' }),
  };
  if (!move) return addressesOf(scrape, at, yaml).map((one) => ({ job, ...one, ...path }));
  const address = textOf(move['replacement']);
  if (!/^[\w.-]+:\d+$/.test(address) || 'source_labels' in move) return [];
  const line = yaml.lineOf([...at, 'relabel_configs', last, 'replacement']);
  return [{ job, address, line, ...moduleOf(scrape, rules) }];
}

/** The module that a probe asks for, where no relabelling chooses it; without one the exporter takes http_2xx. */
function moduleOf(scrape: JsonObject, rules: readonly JsonObject[]): { module?: string } {
  const chosen = rules.some((rule) => textOf(rule['target_label']) === '__param_module');
  if (chosen || discovers(scrape) || !textOf(scrape['metrics_path']).endsWith('/probe')) return {};
  return { module: textOf(listOf(objectOf(scrape['params'])['module'])[0]) || 'http_2xx' };
}

/** Absolute paths that the configuration names, but for what it loads as configuration. */
export function filesIn(config: JsonObject, yaml: LocatedYaml): PrometheusConfig['files'] {
  const found: PrometheusConfig['files'] = [];
  const visit = (value: unknown, key: string, at: Place): void => {
    if (Array.isArray(value)) for (const [n, one] of value.entries()) visit(one, key, [...at, n]);
    else if (typeof value === 'string') {
      // Labels are anybody's; the logs of queries and scrapes are written, not read.
      const path =
        key.endsWith('_file') && !key.endsWith('log_file')
          ? value
          : key === 'host'
            ? (/^unix:\/\/(\/.*)/.exec(value)?.[1] ?? '')
            : '';
      if (path.startsWith('/') && !path.includes('$')) found.push({ key, path, line: yaml.lineOf(at) });
    } else
      for (const [name, one] of Object.entries(objectOf(value)))
        if (!/^(?:labels|external_labels|params)$/.test(name)) visit(one, name, [...at, name]);
  };
  visit(config, '', []);
  return found;
}

type Place = (string | number)[];

function scrapeConfig(config: JsonObject, all: readonly JsonObject[], said: string): ScrapeConfig {
  const global = objectOf(config['global']);
  const intervalMs = promDuration(textOf(global['scrape_interval'])) ?? 60_000;
  return {
    jobs: all.map((job) => readJob(job, intervalMs)),
    intervalMs,
    ruleFiles: listOf(config['rule_files']).map(textOf),
    externalLabels: Object.keys(objectOf(global['external_labels'])),
    elsewhere: [
      ...(listOf(config['scrape_config_files']).length > 0 ? ['scrape_config_files names more jobs'] : []),
      ...('otlp' in config ? ['metrics are pushed by OTLP'] : []),
      ...all.filter(federates).map((job) => `the job ${textOf(job['job_name'])} reads another Prometheus`),
      ...(listOf(config['remote_read']).length > 0 ? ['remote_read is set'] : []),
    ],
    jobsRenamed: all.some(
      (job) =>
        job['honor_labels'] === true ||
        // Labels of a target come before the job's name.
        'file_sd_configs' in job ||
        'http_sd_configs' in job ||
        listOf(job['static_configs']).some((group) => 'job' in objectOf(objectOf(group)['labels'])) ||
        relabelled(job).some((rule) => rule['target_label'] === 'job'),
    ),
    nativeHistograms: /(?:scrape_native_histograms|convert_classic_histograms_to_nhcb)"?:true/.test(said),
  };
}

function readJob(job: JsonObject, globalMs: number): ScrapeJob {
  const statics = listOf(job['static_configs']).map(objectOf);
  const rules = relabelled(job);
  const labels = [
    ...statics.flatMap((group) => Object.keys(objectOf(group['labels']))),
    ...rules.map((rule) => textOf(rule['target_label'])).filter((label) => label !== '' && !label.startsWith('__')),
  ];
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
    open: discovers(job) || relabels || job['honor_labels'] === true || federates(job),
    labels: [...new Set(labels)],
    ...(Number(job['sample_limit']) > 0 && { sampleLimit: Number(job['sample_limit']) }),
    ...dropsOf(job),
  };
}

/** Relabelling that leaves a job nothing to scrape, nothing of what it scrapes, or another target than is meant. */
function faultsOfRelabelling(
  job: JsonObject,
  at: Place,
  fault: (code: PrometheusFault['code'], message: string, at: Place) => void,
): void {
  const name = textOf(job['job_name']);
  const rules = listOf(job['relabel_configs']).map(objectOf);
  const targets = targetsOf(job) ?? [];
  const left = targets.map((labels) => ({ labels, as: relabelledBy(labels, rules) }));
  if (targets.length > 0 && left.every(({ as }) => as === 'dropped'))
    fault('job-without-targets', `the job ${name} drops all of its targets in relabel_configs, so it scrapes nothing`, [
      ...at,
      'relabel_configs',
    ]);
  // The exporters that are asked for others: /probe?target=…
  const unmoved = left.find(
    ({ labels, as }) =>
      typeof as === 'object' &&
      /\/(?:probe|snmp)$/.test(as['__metrics_path__'] ?? '') &&
      as['__param_target'] === labels['__address__'] &&
      as['__address__'] === labels['__address__'],
  );
  if (unmoved)
    fault(
      'probe-unmoved',
      `the job ${name} asks ${unmoved.labels['__address__']} itself for ${textOf(job['metrics_path'])}: no relabelling puts the exporter's address into __address__`,
      [...at, 'relabel_configs'],
    );
  for (const [n, rule] of listOf(job['metric_relabel_configs']).map(objectOf).entries())
    if (
      textOf(rule['action']).toLowerCase() === 'drop' &&
      (!('regex' in rule) || /^\(?\.[*+]\)?$/.test(textOf(rule['regex']))) &&
      listOf(rule['source_labels']).every((label) => textOf(label) === '__name__')
    )
      fault('job-without-targets', `the job ${name} drops every series that it scrapes`, [
        ...at,
        'metric_relabel_configs',
        n,
      ]);
}

/** `external` labels alone are filled in from the environment (Prometheus 3, or its feature expand-external-labels). */
function faultsOf(config: JsonObject, jobs: readonly JsonObject[], yaml: LocatedYaml): PrometheusFault[] {
  const faults: PrometheusFault[] = [];
  const fault = (code: PrometheusFault['code'], message: string, at: Place, doubtful = false): void =>
    void faults.push({ code, message, line: yaml.lineOf(at), doubtful });
  for (const [n, job] of jobs.entries()) {
    const targets = listOf(job['static_configs']).flatMap((group) => listOf(objectOf(group)['targets']));
    if (!discovers(job) && targets.length === 0 && typeof job['static_configs'] !== 'string')
      fault(
        'job-without-targets',
        `the job ${textOf(job['job_name'])} has no target: it scrapes nothing`,
        ['scrape_configs', n, 'job_name'],
        'static_configs' in job,
      );
  }
  for (const [n, one] of listOf(objectOf(config['alerting'])['alertmanagers']).map(objectOf).entries())
    if (one['api_version'] === 'v1')
      fault('api-removed', 'api_version: v1: Prometheus 3 refuses it, since it speaks v2 alone', [
        'alerting',
        'alertmanagers',
        n,
        'api_version',
      ]);
  for (const [n, job] of jobs.entries()) faultsOfRelabelling(job, ['scrape_configs', n], fault);
  const intervals: [JsonObject, Place][] = [
    [objectOf(config['global']), ['global']],
    ...jobs.map((job, n): [JsonObject, Place] => [job, ['scrape_configs', n]]),
  ];
  for (const [one, at] of intervals) {
    const interval = textOf(one['scrape_interval']);
    if ((promDuration(interval) ?? 0) > lookbackMs)
      fault(
        'scrape-interval-long',
        `scrape_interval: ${interval}: a query looks back 5m, so that the series are gone between two scrapes`,
        [...at, 'scrape_interval'],
      );
  }
  const visit = (value: unknown, key: string, at: Place): void => {
    if (typeof value === 'string') {
      const variable = /\$\{[A-Za-z_]\w*(?::-[^}]*)?\}/.exec(value)?.[0];
      // A replacement's ${1} and ${name} are groups of its regex.
      if (variable !== undefined && !['replacement', 'target_label', 'regex'].includes(key))
        fault(
          'config-literal',
          `${key}: ${variable} is taken as it stands: Prometheus does not expand variables there`,
          at,
        );
    } else if (Array.isArray(value)) for (const [n, one] of value.entries()) visit(one, key, [...at, n]);
    else
      for (const [name, one] of Object.entries(objectOf(value)))
        if (name !== 'external_labels') visit(one, name, [...at, name]);
  };
  visit(config, '', []);
  return faults;
}
