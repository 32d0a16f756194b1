import { listOf, objectOf, textOf } from '../data/json-parts.ts';
import type { LocatedYaml } from '../data/yaml.ts';
import { error } from '../../core/judgement.ts';

/** A data source that another one leads to: traces to logs, exemplars to traces, a service map, an Alertmanager. */
export interface SourceReference {
  /** Name of the data source that leads there. */
  from: string;
  orgId: number;
  /** `jsonData.tracesToLogsV2.datasourceUid` */
  key: string;
  uid: string;
  line: number;
}

export const referenceProblems = {
  'datasource-reference': error(
    'A data source leads to one that is not provisioned',
    'put the uid of the data source that is meant there: links from traces, logs and exemplars use it',
  ),
} as const;

// Source: Grafana's provisioning of Loki, Tempo, Jaeger, Zipkin and Prometheus; correlations name their end `targetUID`.
const keys = new Set(['datasourceUid', 'datasourceUID', 'alertmanagerUid', 'targetUID']);
// Grafana's own, and what the environment fills.
const notJudged = /^(?:grafana|-- \w+ --|__expr__)?$|\$/;

/** Every reference by uid in the data sources of a provisioning file. */
export function sourceReferences(yaml: LocatedYaml): SourceReference[] {
  return listOf(objectOf(yaml.value)['datasources']).flatMap((one, n) => {
    const source = objectOf(one);
    const found: SourceReference[] = [];
    const visit = (value: unknown, path: string, at: readonly (string | number)[]): void => {
      if (Array.isArray(value)) for (const [m, part] of value.entries()) visit(part, `${path}[${m}]`, [...at, m]);
      else
        for (const [key, part] of Object.entries(objectOf(value))) {
          const uid = keys.has(key) ? textOf(part) : '';
          if (!notJudged.test(uid))
            found.push({
              from: textOf(source['name']),
              orgId: Number(source['orgId'] ?? 1),
              key: `${path}.${key}`,
              uid,
              line: yaml.lineOf([...at, key]),
            });
          visit(part, `${path}.${key}`, [...at, key]);
        }
    };
    for (const key of ['jsonData', 'correlations']) visit(source[key], key, ['datasources', n, key]);
    return found;
  });
}

/** Why a reference leads nowhere; undefined where it leads to a provisioned data source, or may. `sources` have the uids that Grafana gives. */
export function brokenReference(
  { from, orgId, key, uid }: Omit<SourceReference, 'line'>,
  sources: readonly { name: string; uid: string; orgId: number }[],
): string | undefined {
  const own = sources.filter((one) => one.orgId === orgId);
  if (own.some((one) => one.uid === uid || `${one.uid}${one.name}`.includes('$'))) return undefined;
  const named = own.find((one) => one.name === uid);
  const elsewhere = sources.find((one) => one.uid === uid);
  const why = named
    ? `that is a name; its uid is ${named.uid}`
    : elsewhere
      ? `${elsewhere.name} has it in organisation ${elsewhere.orgId}, ${from} is in ${orgId}`
      : `provisioned: ${own.map((one) => `${one.name} (uid ${one.uid})`).join(', ')}`;
  return `${from}: ${key} is ${uid}, which no data source has; ${why}`;
}
