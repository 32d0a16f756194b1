import { listOf, objectOf, textOf } from '../data/json-parts.ts';

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

/** Dashboard providers of a Grafana provisioning file (`apiVersion: 1`, or the older plain list). */
export function providersOf(document: unknown): Provider[] {
  const providers = Array.isArray(document) ? document : listOf(objectOf(document)['providers']);
  return providers
    .map((one) => ({
      name: textOf(objectOf(one)['name']),
      path: textOf(objectOf(objectOf(one)['options'])['path'] ?? objectOf(objectOf(one)['options'])['folder']),
      orgId: Number(objectOf(one)['orgId'] ?? objectOf(one)['org_id'] ?? 1) || 1,
    }))
    .filter((one) => one.path !== '');
}

export function dataSourcesOf(document: unknown): DataSource[] {
  return listOf(objectOf(document)['datasources']).map((one) => {
    const source = objectOf(one);
    return {
      name: textOf(source['name']),
      uid: textOf(source['uid']),
      type: textOf(source['type']),
      url: textOf(source['url']),
      isDefault: source['isDefault'] === true,
      orgId: Number(source['orgId'] ?? 1),
      direct: source['access'] === 'direct' || source['access'] === 'browser',
      timeInterval: textOf(objectOf(source['jsonData'])['timeInterval']),
    };
  });
}

/**
 * The uid of a provisioned data source, where it has none the one that Grafana makes of its name.
 * Source: Grafana's provisioning (safeUIDFromName); its own test vector is `Prometheus` → PBFA97CFB590B2093.
 */
export async function sourceUid({ uid, name }: Pick<DataSource, 'uid' | 'name'>): Promise<string> {
  if (uid !== '') return uid;
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(name));
  return `P${Buffer.from(hash).toString('hex').slice(0, 16).toUpperCase()}`;
}
