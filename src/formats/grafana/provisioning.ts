import { createHash } from 'node:crypto';
import { type JsonObject, listOf, objectOf, textOf } from '../data/json-parts.ts';
import { isSlip } from '../prometheus/nearest-name.ts';
import { locatedYaml, type LocatedYaml } from '../data/yaml.ts';
import { sourceReferences, type SourceReference } from './source-references.ts';

export interface Provider {
  name: string;
  path: string;
  orgId: number;
  /** The folder of Grafana's that its dashboards come into: its uid, else its title; undefined: one for each folder of files. */
  folder?: string;
  line: number;
}
/** What Grafana refuses of a provisioning file, or reads otherwise than it is meant. */
export interface ProvisioningFault {
  what: string;
  line: number;
  guess?: true;
}
export interface DataSource {
  name: string;
  /** As it is written; '' where it is not. */
  uid: string;
  /** The uid that Grafana gives it. */
  given: string;
  type: string;
  url: string;
  isDefault: boolean;
  orgId: number;
  direct: boolean;
  /** `jsonData.timeInterval`: the scrape interval that rates are computed for. */
  timeInterval: string;
  line: number;
}

/** A provisioning file of Grafana's for data sources or dashboards (`apiVersion: 1`, or the older plain list of providers). */
export interface ProvisioningFile {
  parses: boolean;
  sources: DataSource[];
  references: SourceReference[];
  providers: Provider[];
  faults: ProvisioningFault[];
}

export function provisioningFile(text: string): ProvisioningFile {
  const yaml = locatedYaml(text);
  if (!yaml) return { parses: false, sources: [], references: [], providers: [], faults: [] };
  const root = objectOf(yaml.value);
  const listed = Array.isArray(yaml.value);
  const providers = (listed ? listOf(yaml.value) : listOf(root['providers'])).map(objectOf);
  return {
    parses: true,
    sources: listOf(root['datasources'])
      .map(objectOf)
      .map((one, n) => readSource(one, yaml.lineOf(['datasources', n, textOf(one['url']) === '' ? 'name' : 'url']))),
    references: sourceReferences(yaml),
    providers: providers
      .map((one, n) => ({
        name: textOf(one['name']),
        path: textOf(objectOf(one['options'])['path'] ?? objectOf(one['options'])['folder']),
        orgId: Number(one['orgId'] ?? one['org_id'] ?? 1) || 1,
        ...(objectOf(one['options'])['foldersFromFilesStructure'] !== true && {
          folder: textOf(one['folderUid']) || textOf(one['folder']),
        }),
        line: yaml.lineOf([...(listed ? [] : ['providers']), n, 'options', 'path']),
      }))
      .filter((one) => one.path !== ''),
    faults: [...providerFaults(root, providers, yaml), ...sourceFaults(root, yaml)],
  };
}

/** Source: Grafana's pkg/services/provisioning/dashboards (config_reader.go, dashboard.go, file_reader.go). */
function providerFaults(root: JsonObject, providers: readonly JsonObject[], yaml: LocatedYaml): ProvisioningFault[] {
  if (!('providers' in root)) return [];
  if (!(Number(root['apiVersion'] ?? 0) > 0))
    return [
      {
        what: 'it has no `apiVersion: 1`: Grafana then expects a plain list, and does not start',
        line: yaml.lineOf(['providers']),
      },
    ];
  return providers.flatMap((one, n) => {
    const [name, type, options] = [textOf(one['name']), textOf(one['type']), objectOf(one['options'])];
    const say = (what: string, key: string): ProvisioningFault[] => [
      { what: `the provider ${name || n + 1} ${what}`, line: yaml.lineOf(['providers', n, key]) },
    ];
    if (type !== '' && type !== 'file' && !type.includes('$'))
      return say(`has the type ${type}, expected file`, 'type');
    if (typeof options['path'] !== 'string' && typeof options['folder'] !== 'string')
      return say('has no options.path', 'name');
    return options['foldersFromFilesStructure'] === true &&
      textOf(one['folder']) !== '' &&
      textOf(one['folderUid']) !== ''
      ? say('has foldersFromFilesStructure, and a folder and folderUid too', 'folderUid')
      : [];
  });
}

/** Plugins that Grafana brings. */
const ownPlugins =
  'prometheus loki tempo jaeger zipkin graphite influxdb elasticsearch mysql postgres mssql opentsdb cloudwatch alertmanager testdata stackdriver'.split(
    ' ',
  );

/** Source: Grafana's pkg/services/provisioning/datasources (types.go): files without apiVersion have other names for these keys. */
function sourceFaults(root: JsonObject, yaml: LocatedYaml): ProvisioningFault[] {
  const found: ProvisioningFault[] = [];
  for (const [n, source] of listOf(root['datasources']).map(objectOf).entries()) {
    const [name, type, access] = [textOf(source['name']), textOf(source['type']), textOf(source['access'])];
    const at = (key: string): number => yaml.lineOf(['datasources', n, key]);
    const unread = ['isDefault', 'jsonData', 'secureJsonData', 'orgId', 'basicAuth'].filter((key) => key in source);
    if (!(Number(root['apiVersion'] ?? 0) > 0) && unread.length > 0)
      found.push({
        what: `it has no \`apiVersion: 1\`: Grafana then does not read ${unread.join(', ')} of ${name}`,
        line: at('name'),
      });
    const meant = ownPlugins.find((one) => one !== type && isSlip(one, type));
    if (meant !== undefined && !ownPlugins.includes(type))
      found.push({
        what: `the data source ${name} has the type ${type}; is ${meant} meant?`,
        line: at('type'),
        guess: true,
      });
    if (!['', 'proxy', 'direct', 'browser', 'server'].includes(access) && !access.includes('$'))
      found.push({
        what: `the data source ${name} has \`access: ${access}\`, expected proxy or direct`,
        line: at('access'),
        guess: true,
      });
  }
  return found;
}

function readSource(source: JsonObject, line: number): DataSource {
  const [name, uid] = [textOf(source['name']), textOf(source['uid'])];
  return {
    name,
    uid,
    given: uid === '' ? uidOfName(name) : uid,
    type: textOf(source['type']),
    url: textOf(source['url']),
    // Files without apiVersion have other names for the keys.
    isDefault: source['isDefault'] === true || source['is_default'] === true,
    orgId: Number(source['orgId'] ?? 1),
    direct: source['access'] === 'direct' || source['access'] === 'browser',
    timeInterval: textOf(objectOf(source['jsonData'])['timeInterval']),
    line,
  };
}

/**
 * The uid of a provisioned data source that has none. Source: Grafana's provisioning (safeUIDFromName); its own test vector is
 * `Prometheus` → PBFA97CFB590B2093.
 */
const uidOfName = (name: string): string =>
  `P${createHash('sha256').update(name).digest('hex').slice(0, 16).toUpperCase()}`;
