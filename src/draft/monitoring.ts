import { jsonOf, listOf, objectOf, textOf } from '../formats/data/json-parts.ts';
import { yamlOf } from '../formats/data/yaml.ts';
import { alertingFileOf } from '../formats/grafana/alerting.ts';
import { provisioningFile } from '../formats/grafana/provisioning.ts';
import { isTemplateName } from './compose-sets.ts';
import { prometheusConfig } from '../formats/prometheus/prometheus-config.ts';
import { ruleFile } from '../formats/prometheus/rule-files.ts';
import { type ProjectTree as Tree } from '../toolchains/drafted.ts';
import { resolveFrom, baseOf, folderOf, inFolder } from '../formats/data/paths.ts';
import { isDashboard, readBoard } from '../formats/grafana/board.ts';

export interface RulesSeen {
  path: string;
  /** `prometheus`: promtool reads it; `resource`: a Kubernetes PrometheusRule, or keys of Thanos or Mimir. */
  flavour: 'prometheus' | 'resource';
  groups: string[];
  alerts: number;
  records: number;
}

export interface ConfigSeen {
  path: string;
  /** Rule files of the repository that it reads. */
  rules: string[];
  /** Why promtool would refuse it outside its container, though nothing may be wrong. */
  elsewhere?: string;
}

export interface Monitoring {
  configs: ConfigSeen[];
  rules: RulesSeen[];
  /** Folder → its dashboards; `whole` where every JSON file of the folder is one. */
  dashboards: { folder: string; files: string[]; whole: boolean; uids: string[]; titles: string[] }[];
  /** Panels of all dashboards, rows left out; undefined where a dashboard could not be counted. */
  panels: number;
  dataSources: string[];
  /** Configurations of Alertmanager. */
  alertmanagers: string[];
  /** Provisioning files of Grafana's alerting. */
  alerting: string[];
  leftOut: string[];
}

/** LogQL has filters and parsers behind a selector; PromQL has none. */
const logql =
  /\}\s*(?:\|=|\|~|!=\s*["`]|!~\s*["`]|\|\s*(?:json|logfmt|pattern|regexp|unpack|unwrap|line_format|label_format|decolorize))|_over_time\s*\(\s*\{|\brate\s*\(\s*\{/;
const ofVmalert = new Set(
  'type concurrency params eval_offset eval_delay eval_alignment notifier_headers update_entries_limit debug tenant'.split(
    ' ',
  ),
);
/** Keys that Thanos and Mimir take and promtool refuses. */
const ofOthers = ['namespace', 'partial_response_strategy', 'source_tenants'];
const isTemplate = (text: string): boolean =>
  /\{\{-|-\}\}|\{\{\s*(?:\.|include|if|range|with|end|template|toYaml)\b|\{%|<%/.test(withoutRuleTemplates(text));
/** Prometheus's own templates are in the values of labels and annotations, and speak of $labels and $value. */
const withoutRuleTemplates = (text: string): string =>
  text.replace(
    /\{\{-?[^{}]*(?:\$labels|\$value|\.Labels|\.Value|\$externalLabels|query|humanize|printf)[^{}]*-?\}\}/g,
    '',
  );

/** What the repository has for Prometheus and Grafana, by what the files hold. */
export function lookAtMonitoring(tree: Tree): Monitoring {
  const found: Monitoring = {
    configs: [],
    rules: [],
    dashboards: [],
    panels: 0,
    dataSources: [],
    alertmanagers: [],
    alerting: [],
    leftOut: [],
  };
  for (const path of tree.paths) {
    if (!/\.(?:ya?ml|rules)(?:\.ya?ml)?$/.test(path)) continue;
    const text = tree.text(path);
    if (text === undefined) continue;
    if (isGrafanaAlerting(path, text, tree)) found.alerting.push(path);
    else if (/^\s*["']?groups["']?\s*:/m.test(text)) readRules(path, text, tree, found);
    else if (/^scrape_configs\s*:/m.test(text)) readConfig(path, text, tree, found);
    else if (/^route\s*:/m.test(text) && isAlertmanager(path, text)) found.alertmanagers.push(path);
    else if (
      /^datasources\s*:/m.test(text) &&
      tree.of(path, provisioningFile)?.sources.some((one) => one.type !== '') === true
    )
      found.dataSources.push(path);
  }
  for (const config of found.configs)
    config.rules = config.rules.filter((path) => found.rules.some((one) => one.path === path));
  lookAtDashboards(tree, found);
  return found;
}

/** A tree of routes beside a list of receivers. What lies with tests and examples may be refused on purpose, and what has words to fill in is none yet. */
function isAlertmanager(path: string, text: string): boolean {
  const root = objectOf(yamlOf(text));
  return (
    !/(?:^|\/)(?:tests?|testdata|fixtures?)\/|exampl|sampl|templat|invalid/i.test(path) &&
    !('groups' in root) &&
    !/\$\{?[A-Z]\w+|<[A-Z][\w -]*>|(?<![\w${])[A-Z]+(?:_[A-Z]+)+(?!\w)|__\w+__/.test(text.replace(/#.*$/gm, '')) &&
    textOf(objectOf(root['route'])['receiver']) !== '' &&
    listOf(root['receivers']).some((one) => textOf(objectOf(one)['name']) !== '')
  );
}

/** Rules with uids, contact points or policies below an `apiVersion` that is a number: one of Kubernetes is a word. */
function isGrafanaAlerting(path: string, text: string, tree: Tree): boolean {
  if (!/^apiVersion\s*:\s*["']?\d/m.test(text)) return false;
  const file = tree.of(path, alertingFileOf);
  return file !== undefined && file.contacts.length + file.policies.length + file.rules.length > 0;
}

function readRules(path: string, text: string, tree: Tree, found: Monitoring): void {
  const document = yamlOf(text);
  // What a template leaves behind may happen to be YAML of another shape.
  if (document === undefined || !Array.isArray(objectOf(objectOf(document)['spec'] ?? document)['groups'])) {
    // A rules file that is no YAML is refused, and that is what the draft is to find; a template is something else.
    const looks = /^["']?groups["']?\s*:/m.test(text) && /^\s*-?\s*["']?(?:alert|record)["']?\s*:/m.test(text);
    if (looks && !isTemplate(text) && !/^\s*-?\s*(?:tests|rule_files)\s*:/m.test(text))
      found.rules.push({ path, flavour: 'prometheus', groups: [], alerts: 0, records: 0 });
    else if (looks) found.leftOut.push(`${path}: a template of rules`);
    return;
  }
  const whole = objectOf(document);
  const resource = textOf(whole['kind']) === 'PrometheusRule';
  const root = resource ? objectOf(whole['spec']) : whole;
  if (!resource && ('kind' in whole || 'apiVersion' in whole || 'rule_files' in whole)) return;
  const groups = listOf(root['groups']).map(objectOf);
  const rules = groups.flatMap((group) => listOf(group['rules']).map(objectOf));
  if (!rules.some((rule) => typeof rule['alert'] === 'string' || typeof rule['record'] === 'string')) return;
  if (groups.some((group) => Object.keys(group).some((key) => ofVmalert.has(key)))) {
    found.leftOut.push(`${path}: rules of vmalert, which Prometheus does not read`);
    return;
  }
  if (rules.some((rule) => logql.test(textOf(rule['expr'])))) {
    found.leftOut.push(`${path}: rules in LogQL, which Prometheus does not read`);
    return;
  }
  const others = [root, ...groups].some((one) => ofOthers.some((key) => key in one));
  const seen = (tree.of(path, ruleFile)?.groups ?? []).flatMap((group) => group.rules);
  found.rules.push({
    path,
    flavour: resource || others ? 'resource' : 'prometheus',
    groups: groups.map((group) => textOf(group['name'])),
    alerts: seen.filter((rule) => rule.kind === 'alert').length,
    records: seen.filter((rule) => rule.kind === 'record').length,
  });
}

/** The top-level keys of a Prometheus configuration. */
const ownKeys: ReadonlySet<string> = new Set(
  `global runtime scrape_configs scrape_config_files rule_files alerting remote_write remote_read storage tracing otlp`.split(
    ' ',
  ),
);

function readConfig(path: string, text: string, tree: Tree, found: Monitoring): void {
  const document = yamlOf(text);
  const root = objectOf(document);
  const jobs = listOf(root['scrape_configs']).map(objectOf);
  if (document !== undefined && !jobs.some((job) => 'job_name' in job)) return;
  // What is made of it lies elsewhere, with the rules that it names.
  if (isTemplateName(path) || (document === undefined && isTemplate(text)))
    return void found.leftOut.push(`${path}: a template of a configuration`);
  if (document === undefined) return void found.configs.push({ path, rules: [] });
  // The scrape_configs of Promtail, Parca and of the VictoriaMetrics agents look alike.
  const foreign = Object.keys(root).filter((key) => !ownKeys.has(key));
  if (
    foreign.length > 0 &&
    !/prom/i.test(path) &&
    Object.keys(root).every((key) => key === 'scrape_configs' || foreign.includes(key))
  )
    return;
  if (foreign.some((key) => ['clients', 'positions', 'server', 'receivers', 'object_storage'].includes(key))) return;
  const folder = folderOf(path);
  const rules: string[] = [];
  let elsewhere: string | undefined;
  for (const { pattern: name } of tree.of(path, prometheusConfig)?.ruleFiles ?? []) {
    const matched = ruleFilesNamed(tree, folder, name);
    rules.push(...matched);
    const here = !name.startsWith('/') && resolveFrom(folder, name);
    const beside = here !== false && here !== undefined && tree.paths.includes(here);
    if (!/[*?[]/.test(name) && !beside && (name.startsWith('/') || matched.length > 0))
      elsewhere ??= `${name} lies there in the container only`;
  }
  for (const [, key = '', value = ''] of text.matchAll(/^\s*-?\s*([a-z_]*_file)\s*:\s*["']?([^\s"'#]+)/gm)) {
    const at = value.startsWith('/') ? undefined : resolveFrom(folder, value);
    if (at === undefined || !tree.paths.includes(at)) elsewhere ??= `${key} ${value} is not in the repository`;
  }
  found.configs.push({ path, rules: [...new Set(rules)], ...(elsewhere !== undefined && { elsewhere }) });
}

/** Files of the repository that an entry of `rule_files` means: from the configuration's folder, else the nearest of its name. */
function ruleFilesNamed(tree: Tree, folder: string, name: string): string[] {
  const pattern = (text: string): RegExp =>
    new RegExp(
      `^${text
        .replace(/[.+^${}()|\\]/g, String.raw`\$&`)
        .replace(/\*+/g, '[^/]*')
        .replace(/\?/g, '[^/]')}$`,
    );
  const here = name.startsWith('/') ? undefined : resolveFrom(folder, name);
  const found = here === undefined ? [] : tree.paths.filter((path) => pattern(here).test(path));
  if (found.length > 0) return found;
  const last = pattern(baseOf(name));
  const all = tree.paths.filter((path) => last.test(baseOf(path)) && /\.(?:ya?ml|rules)$/.test(path));
  const near = all.filter(
    (path) => folder === '' || path.startsWith(`${folderOf(folder)}/`) || folderOf(folder) === '',
  );
  return near;
}

function lookAtDashboards(tree: Tree, found: Monitoring): void {
  const folders = new Map<
    string,
    { good: string[]; doubtful: string[]; all: number; uids: string[]; titles: string[] }
  >();
  for (const path of tree.paths) {
    if (!path.endsWith('.json')) continue;
    const folder = folderOf(path);
    const here = folders.get(folder) ?? { good: [], doubtful: [], all: 0, uids: [], titles: [] };
    folders.set(folder, here);
    here.all++;
    const text = tree.text(path) ?? '';
    const document = jsonOf(text.replace(/^\ufeff/, ''));
    if (document === undefined) {
      if (/"(?:panels|schemaVersion|templating)"/.test(text)) here.doubtful.push(path);
      continue;
    }
    const root = objectOf(document);
    if (isDashboard(root)) {
      here.good.push(path);
      found.panels += readBoard(root)?.panels.length ?? 0;
      here.uids.push(textOf(root['uid']));
      here.titles.push(textOf(root['title']));
    } else if (isDashboard(objectOf(root['dashboard'])) || Array.isArray(root['panels'])) here.doubtful.push(path);
  }
  for (const [folder, { good, doubtful, all, uids, titles }] of folders) {
    // Beside dashboards, what Grafana refuses is a defect; alone, it may be meant for the HTTP API.
    const files =
      good.length > 0 ? [...good, ...doubtful].toSorted() : doubtful.filter(() => /dashboard/i.test(folder));
    if (files.length > 0) found.dashboards.push({ folder, files, whole: files.length === all, uids, titles });
    else if (doubtful.length > 0) found.leftOut.push(`${doubtful.join(', ')}: not as Grafana provisions a dashboard`);
  }
}

/** The globs or paths that name the dashboards of a folder. */
export const dashboardPatterns = ({ folder, files, whole }: Monitoring['dashboards'][number]): string[] =>
  whole && !/[*?[\]{}()!]/.test(folder) ? [inFolder(folder, '*.json')] : files;
