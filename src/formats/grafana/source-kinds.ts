/** Families of data source plugins that speak different languages; a plugin that is in none is not compared. */
const families: [RegExp, string][] = [
  [/prometheus|mimir|victoriametrics-metrics/, 'prometheus'],
  [/loki|victoriametrics-logs/, 'logs of Loki'],
  [/tempo/, 'tempo'],
  [/jaeger/, 'jaeger'],
  [/zipkin/, 'zipkin'],
  [/elasticsearch|opensearch/, 'elasticsearch'],
  [/influx/, 'influxdb'],
  [/graphite/, 'graphite'],
  [/mysql/, 'mysql'],
  [/mssql/, 'mssql'],
  [/postgres/, 'postgres'],
  [/testdata/, 'testdata'],
  [/cloudwatch/, 'cloudwatch'],
];
const familyOf = (type: string): string | undefined =>
  families.find(([pattern]) => pattern.test(type.toLowerCase()))?.[1];

/** Are two types of data sources of different families? Both must be known: plugins were renamed (postgres, testdata). */
export function otherKind(said: string | undefined, is: string): boolean {
  const [a, b] = [familyOf(said ?? ''), familyOf(is)];
  return a !== undefined && b !== undefined && a !== b;
}
