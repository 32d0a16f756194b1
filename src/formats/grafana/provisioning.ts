import { createHash } from 'node:crypto';
import { type JsonObject, listOf, objectOf, textOf } from '../data/json-parts.ts';
import { locatedYaml } from '../data/yaml.ts';
import { sourceReferences, type SourceReference } from './source-references.ts';

export interface Provider {
  name: string;
  path: string;
  orgId: number;
  line: number;
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
}

export function provisioningFile(text: string): ProvisioningFile {
  const yaml = locatedYaml(text);
  if (!yaml) return { parses: false, sources: [], references: [], providers: [] };
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
        line: yaml.lineOf([...(listed ? [] : ['providers']), n, 'options', 'path']),
      }))
      .filter((one) => one.path !== ''),
  };
}

function readSource(source: JsonObject, line: number): DataSource {
  const [name, uid] = [textOf(source['name']), textOf(source['uid'])];
  return {
    name,
    uid,
    given: uid === '' ? uidOfName(name) : uid,
    type: textOf(source['type']),
    url: textOf(source['url']),
    isDefault: source['isDefault'] === true,
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
