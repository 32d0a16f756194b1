import { one, type Mutant } from '../mutant.ts';

const folder = 'deployments/grafana/dashboards';
const overview = `${folder}/system-overview.json`;
const operations = `${folder}/memory-operations.json`;
const tiers = `${folder}/storage-tiers.json`;
const api = `${folder}/api-performance.json`;
const sources = 'deployments/grafana/provisioning/datasources/prometheus.yml';

/** A defect of a dashboard that dashboards/lint must name. */
const lint = (name: string, code: string, file: string, from: string, to: string): Mutant =>
  one(name, 'dashboards-lint', code, file, from, to);

export default [
  lint(
    'a panel over a metric that nobody exports',
    'metric-missing',
    tiers,
    '"expr": "engram_wal_lag_seconds"',
    '"expr": "engram_wal_lag_ms"',
  ),
  lint(
    'a panel over a recording rule under its old name',
    'metric-missing',
    'deployments/prometheus/recording_rules.yml',
    'record: operation:engram_operation:rate_5m',
    'record: operation:engram_operation:rate5m',
  ),
  lint(
    'a histogram read by its base name',
    'metric-missing',
    api,
    'engram_spreading_latency_seconds_bucket',
    'engram_spreading_latency_seconds',
  ),
  lint(
    'a variable over a metric that nobody exports',
    'metric-missing',
    tiers,
    'label_values(engram_tier_episodes, tier)',
    'label_values(engram_tier_memories, tier)',
  ),
  {
    name: 'a dashboard in the wrapper of the HTTP API',
    step: 'dashboards-lint',
    code: 'not-importable',
    edits: {
      [overview]: [
        ['{\n  "uid"', '{ "dashboard": {\n  "uid"'],
        ['\n  ]\n}', '\n  ]\n} }'],
      ],
    },
  },
  lint('a dashboard without a title', 'not-importable', api, '"title": "API performance",', ''),
  lint('a dashboard that is no JSON', 'not-importable', tiers, '"schemaVersion": 39,', '"schemaVersion": 39,,'),
  lint('two dashboards with one uid', 'uid-duplicate', overview, '"uid": "system-overview"', '"uid": "storage-tiers"'),
  lint(
    'two dashboards with one title',
    'title-duplicate',
    overview,
    '"title": "System overview"',
    '"title": "Storage tiers"',
  ),
  lint(
    'a panel on a data source that is not provisioned',
    'datasource-unresolved',
    overview,
    '"uid": "prometheus"',
    '"uid": "prom-main"',
  ),
  lint(
    'the data source provisioned without the uid that panels use',
    'datasource-unresolved',
    sources,
    '    uid: prometheus\n',
    '',
  ),
  lint(
    'a dashboard as it was exported for sharing',
    'inputs-unfilled',
    overview,
    '"uid": "system-overview",',
    '"uid": "system-overview",\n  "__inputs": [{ "name": "DS_PROM" }],\n  "links": [],\n  "annotations": { "list": [{ "name": "a", "datasource": "${DS_PROM}", "expr": "up" }] },',
  ),
  lint(
    'a variable renamed where it is declared',
    'variable-undeclared',
    operations,
    '"name": "operation"',
    '"name": "op"',
  ),
  lint(
    'a query that does not parse',
    'bad-expression',
    operations,
    'sum by (operation) (rate(',
    'sum by (operation) rate(',
  ),
  lint('a panel that lost its query', 'panel-empty', overview, '"expr": "engram_active_memories"', '"expr": ""'),
  lint(
    'a quantile label asked of a histogram',
    'quantile-on-histogram',
    api,
    '"expr": "engram_build_info"',
    '"expr": "engram_spreading_latency_seconds{quantile=\\"0.95\\"}"',
  ),
  lint(
    'a panel of a job that is not scraped',
    'job-unknown',
    overview,
    'up{job=\\"engram\\"}',
    'up{job=\\"engram-server\\"}',
  ),
  lint(
    'a label that the metric does not have',
    'label-missing',
    operations,
    'rate(engram_operation_errors_total{operation=~',
    'rate(engram_operation_errors_total{op=~\\"store\\", operation=~',
  ),
  lint('a quantile of buckets without le', 'le-dropped', api, 'sum by (le, tier)', 'sum by (tier)'),
  lint('a uid that Grafana refuses', 'uid-bad', overview, '"uid": "system-overview"', '"uid": "system overview!"'),
  {
    name: 'data sources that are provisioned nowhere',
    step: 'dashboards-lint',
    code: 'provisioning-unmatched',
    edits: { [sources]: null },
  },
] satisfies Mutant[];
