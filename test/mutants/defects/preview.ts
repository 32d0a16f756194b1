import { blind, one, type Mutant } from '../mutant.ts';

const folder = 'deployments/grafana/dashboards';
const [overview, operations, tiers, api] = [
  'system-overview',
  'memory-operations',
  'storage-tiers',
  'api-performance',
].map((name) => `${folder}/${name}.json`) as [string, string, string, string];
// Where no Grafana is, the preview stands in for it under this step.
const step = 'grafana-dashboards';

export default [
  one(
    'a panel on a metric that nobody exports',
    'grafana-dashboards',
    'panel-empty',
    tiers,
    '"engram_wal_lag_seconds"',
    '"engram_wal_delay_seconds"',
  ),
  one(
    'a panel on a recording rule of another name',
    step,
    'panel-empty',
    overview,
    '"operation:engram_operation:rate_5m"',
    '"operation:engram_operations:rate5m"',
  ),
  one(
    'a panel on a job of another name',
    step,
    'panel-empty',
    overview,
    'up{job=\\"engram\\"}',
    'up{job=\\"engram-server\\"}',
  ),
  one(
    'a rate over less than two scrapes',
    step,
    'panel-empty',
    operations,
    'rate(engram_operation_total{operation=~\\"$operation\\"}[$__rate_interval])',
    'rate(engram_operation_total{operation=~\\"$operation\\"}[2s])',
  ),
  one('a panel whose PromQL does not parse', step, 'panel-error', api, '[$__rate_interval])))', '[$__rate_interval]))'),
  one(
    'a panel that aggregates over a range without a function',
    step,
    'panel-error',
    overview,
    '"engram_active_memories"',
    '"sum(engram_active_memories[5m])"',
  ),
  one(
    'a panel that divides nothing by nothing',
    step,
    'panel-all-nan',
    tiers,
    '"engram_wal_lag_seconds"',
    '"(engram_active_memories * 0) / (engram_active_memories * 0)"',
  ),
  one(
    'a panel of a data source that is not provisioned',
    step,
    'panel-datasource-missing',
    api,
    // The panel's own decides, whatever its queries name.
    '"uid": "prometheus"\n      },\n      "gridPos"',
    '"uid": "thanos"\n      },\n      "gridPos"',
  ),
  one(
    'the data source provisioned under another uid',
    step,
    'panel-datasource-missing',
    'deployments/grafana/provisioning/datasources/prometheus.yml',
    'uid: prometheus',
    'uid: prom',
  ),
  {
    name: 'a variable over a label that is not there',
    step,
    code: 'panel-variable-empty',
    edits: {
      [operations]: [
        ['label_values(engram_operation_total, operation)', 'label_values(engram_operation_total, op)'],
        ['"allValue": ".*",', ''],
      ],
    },
  },
  one(
    'a panel that lost its queries',
    'grafana-dashboards',
    'panel-no-query',
    overview,
    '"targets": [',
    '"queries": [',
  ),
  blind(
    one(
      'a dashboard as the HTTP API takes it',
      'grafana-dashboards',
      'dashboard-unreadable',
      api,
      '{\n  "uid": "api-performance",\n  "title"',
      '{\n  "uid": "api-performance",\n  "name"',
    ),
  ),
] satisfies Mutant[];
