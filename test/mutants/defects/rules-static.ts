import { one, type Mutant } from '../mutant.ts';

const alerts = 'deployments/prometheus/alerts.yml';
const runbook = 'docs/operations/runbook.md';
const ratio =
  'sum by (operation) (rate(engram_operation_errors_total[5m])) / sum by (operation) (rate(engram_operation_total[5m])) > 0.05';
const summary = '"{{ $value | humanizePercentage }} of {{ $labels.operation }} operations fail"';

/** A defect of the rules that prometheus/rules-static must name. */
const rule = (name: string, code: string, from: string, to: string): Mutant =>
  one(name, 'rules-static', code, alerts, from, to);

export default [
  rule(
    'without a server: a metric that nobody exports',
    'metric-missing',
    'engram_wal_lag_seconds > 30',
    'engram_wal_lag_ms > 30',
  ),
  rule('a threshold above the greatest bucket', 'dead-threshold', '[5m]))) > 0.1', '[5m]))) > 10'),
  rule('a count that is to be zero', 'dead-threshold', 'up{job="engram"} == 0', 'count(up{job="engram"} == 1) == 0'),
  rule(
    'without a server: an alert without a condition',
    'always-fires',
    'engram_wal_lag_seconds > 30',
    'engram_wal_lag_seconds',
  ),
  rule('a counter that is compared by itself', 'raw-counter', ratio, 'engram_operation_errors_total > 100'),
  rule('the rate of a gauge', 'rate-on-gauge', 'delta(engram_active_memories[1h])', 'rate(engram_active_memories[1h])'),
  rule(
    'a range of one scrape',
    'range-short',
    'sum by (le, tier) (rate(engram_spreading_latency_seconds_bucket[5m]',
    'sum by (le, tier) (rate(engram_spreading_latency_seconds_bucket[5s]',
  ),
  rule('an alert over buckets without le', 'le-dropped', 'sum by (le, operation)', 'sum by (operation)'),
  rule('a ratio whose sides have different labels', 'sides-never-match', '/ sum by (operation) (', '/ sum('),
  rule(
    'a ratio of each series over itself',
    'divides-itself',
    ratio,
    'rate(engram_operation_total{operation="recall"}[5m]) / rate(engram_operation_total[5m]) > 0.9',
  ),
  {
    name: 'a percentage against a fraction',
    step: 'rules-static',
    code: 'unit-mismatch',
    edits: {
      [alerts]: [
        ['> 0.05', '> 0.5'],
        [summary, '"More than 5% of {{ $labels.operation }} operations fail"'],
      ],
    },
  },
  rule(
    'so many a minute against so many an hour',
    'unit-mismatch',
    '"{{ $value }} more memories within an hour"',
    '"more than 20000 memories per minute"',
  ),
  rule(
    'milliseconds against seconds',
    'unit-mismatch',
    'runbook: docs/operations/runbook.md#wallaghigh',
    'description: "the lag is above 30ms"\n          runbook: docs/operations/runbook.md#wallaghigh',
  ),
  rule('an alert on a job that is not scraped', 'job-unknown', 'up{job="engram"}', 'up{job="engram-server"}'),
  rule(
    'a selector with a label that is not there',
    'label-missing',
    'engram_tier_utilization_ratio > 0.9',
    'engram_tier_utilization_ratio{store="hot"} > 0.9',
  ),
  rule(
    'an alert on a summary’s quantile of a histogram',
    'quantile-on-histogram',
    'engram_consolidation_freshness_seconds > 300',
    'engram_spreading_latency_seconds{quantile="0.95"} > 300',
  ),
  rule(
    'a label for routing that the expression drops',
    'label-dropped',
    'labels: { severity: critical, component: memory_operations }',
    'labels: { severity: critical, component: "{{ $labels.tier }}" }',
  ),
  rule('an alert without a runbook', 'no-runbook', '          runbook: docs/operations/runbook.md#engramdown\n', ''),
  rule(
    'a runbook that is not there',
    'runbook-missing',
    'docs/operations/runbook.md#wallaghigh',
    'docs/runbooks/wal.md',
  ),
  one(
    'a section of the runbook renamed',
    'rules-static',
    'runbook-missing',
    runbook,
    '## WalLagHigh',
    '## Lag of the log',
  ),
  rule(
    'a selector that asks for both and neither',
    'dead-selector',
    'up{job="engram"} == 0',
    'up{job="engram", job!="engram"} == 0',
  ),
  rule(
    'a value in a label',
    'value-in-label',
    'critical, component: storage }',
    'critical, component: storage, lag: "{{ $value }}" }',
  ),
  rule('a label that is misspelt in one rule', 'label-misspelt', 'component: server }', 'componnet: server }'),
  rule(
    'a quantile of a counter',
    'quantile-without-bucket',
    'sum by (le, operation) (rate(engram_memory_operation_duration_seconds_bucket[5m]))',
    'sum by (le, operation) (rate(engram_operation_total[5m]))',
  ),
] satisfies Mutant[];
