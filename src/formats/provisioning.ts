import { parse } from 'yaml';

export interface Provider {
  name: string;
  path: string;
  orgId: number;
}
export interface DataSource {
  name: string;
  uid: string;
  type: string;
  url: string;
  isDefault: boolean;
  orgId: number;
  direct: boolean;
  /** `jsonData.timeInterval`: the scrape interval that rates are computed for. */
  timeInterval: string;
}

const object = (value: unknown): Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';

/** A YAML document; undefined where it does not parse. */
export function yamlOf(source: string): unknown {
  try {
    return parse(source, { logLevel: 'silent', uniqueKeys: false }) as unknown;
  } catch {
    return undefined;
  }
}

/** Dashboard providers of a Grafana provisioning file (`apiVersion: 1`, or the older plain list). */
export function providersOf(document: unknown): Provider[] {
  const providers = Array.isArray(document) ? document : list(object(document)['providers']);
  return providers
    .map((one) => ({
      name: text(object(one)['name']),
      path: text(object(object(one)['options'])['path'] ?? object(object(one)['options'])['folder']),
      orgId: Number(object(one)['orgId'] ?? object(one)['org_id'] ?? 1) || 1,
    }))
    .filter((one) => one.path !== '');
}

export function dataSourcesOf(document: unknown): DataSource[] {
  return list(object(document)['datasources']).map((one) => {
    const source = object(one);
    return {
      name: text(source['name']),
      uid: text(source['uid']),
      type: text(source['type']),
      url: text(source['url']),
      isDefault: source['isDefault'] === true,
      orgId: Number(source['orgId'] ?? 1),
      direct: source['access'] === 'direct' || source['access'] === 'browser',
      timeInterval: text(object(source['jsonData'])['timeInterval']),
    };
  });
}

export interface DashboardFile {
  title: string;
  uid: string;
  /** Why Grafana would refuse the file; undefined where it would not. */
  refused?: string;
  /** It looks like no dashboard at all: another file that lies among them. */
  alien?: boolean;
}

/** What Grafana's file provisioning needs of a dashboard: JSON with a title at the top, no `{"dashboard": …}` wrapper. */
export function dashboardFile(source: string): DashboardFile {
  let document: unknown;
  try {
    document = JSON.parse(source.replace(/^\ufeff/, ''));
  } catch (error) {
    return { title: '', uid: '', refused: `it is no JSON (${error instanceof Error ? error.message : ''})` };
  }
  const board = object(document);
  // Dynamic dashboards of Grafana 13 are resources with a spec.
  const resource = object(board['spec']);
  const title = text(board['title']) || text(resource['title']);
  if (title === '' && Object.keys(object(board['dashboard'])).length > 0)
    return {
      title,
      uid: '',
      refused:
        'it is wrapped in {"dashboard": …}, as the HTTP API takes it; a provisioned file needs its content at the top',
    };
  return {
    title,
    uid: text(board['uid']) || text(object(board['metadata'])['name']),
    ...(title === '' && {
      refused: 'it has no title',
      alien: !['panels', 'rows', 'templating', 'schemaVersion', 'annotations', 'spec', 'uid'].some(
        (key) => key in board,
      ),
    }),
  };
}

/** `rule_files`, scrape targets and Alertmanagers of a Prometheus configuration. */
export function prometheusConfig(document: unknown): {
  ruleFiles: string[];
  targets: { job: string; address: string }[];
  alertmanagers: string[];
  /** Files of file_sd_configs. */
  discovered: { job: string; pattern: string }[];
} {
  const config = object(document);
  const addresses = (value: unknown): string[] => list(value).flatMap((one) => list(object(one)['targets']).map(text));
  return {
    ruleFiles: list(config['rule_files'])
      .map(text)
      .filter((path) => path !== ''),
    targets: list(config['scrape_configs']).flatMap((one) => {
      const scrape = object(one);
      // Relabelling may put another address in the target's place (the blackbox exporter's way).
      const moves = list(scrape['relabel_configs'])
        .map(object)
        .filter((rule) => rule['target_label'] === '__address__');
      const job = text(scrape['job_name']);
      if (moves.length === 0) return addresses(scrape['static_configs']).map((address) => ({ job, address }));
      const fixed = text(moves.at(-1)?.['replacement']);
      return /^[\w.-]+:\d+$/.test(fixed) && !('source_labels' in (moves.at(-1) ?? {})) ? [{ job, address: fixed }] : [];
    }),
    discovered: list(config['scrape_configs'])
      .map(object)
      .flatMap((job) =>
        list(job['file_sd_configs']).flatMap((one) =>
          list(object(one)['files']).map((file) => ({ job: text(job['job_name']), pattern: text(file) })),
        ),
      ),
    alertmanagers: list(object(config['alerting'])['alertmanagers']).flatMap((one) =>
      addresses(object(one)['static_configs']),
    ),
  };
}
