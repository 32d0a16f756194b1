import { blind, one, type Mutant } from '../mutant.ts';

const alerts = 'deployments/prometheus/alerts.yml';
const prometheus = 'deployments/prometheus/prometheus.yml';
const drill = (name: string, code: string, from: string, to: string): Mutant =>
  one(name, 'fire-drills', code, alerts, from, to);

export default [
  blind(
    drill(
      'a condition that can never hold',
      'unsolved',
      'engram_wal_lag_seconds > 30',
      'engram_wal_lag_seconds > 30 and engram_wal_lag_seconds < 30',
    ),
  ),
  blind(
    drill(
      'a threshold that no quantile can reach',
      'unsolved',
      '(rate(engram_spreading_latency_seconds_bucket[5m]))) > 0.1',
      '(rate(engram_spreading_latency_seconds_bucket[5m]))) / 0 < -1',
    ),
  ),
  blind(
    drill(
      'a label lost from one side of a division',
      'unsolved',
      '/ sum by (operation) (rate(engram_operation_total[5m]))',
      '/ sum (rate(engram_operation_total[5m]))',
    ),
  ),
  blind(
    drill(
      'a share above one of itself',
      'unsolved',
      'engram_tier_utilization_ratio > 0.9',
      'engram_tier_utilization_ratio / engram_tier_utilization_ratio > 1',
    ),
  ),
  drill(
    'an alert that is always true',
    'unconditional',
    'engram_consolidation_freshness_seconds > 300',
    'engram_consolidation_freshness_seconds * 0 >= 0',
  ),
  drill(
    'a rate that is compared with less than nothing',
    'unconditional',
    '(rate(engram_operation_total[5m])) > 0.05',
    '(rate(engram_operation_total[5m])) > -1',
  ),
  drill(
    'a misspelt metric',
    'series-missing',
    'engram_tier_utilization_ratio > 0.9',
    'engram_tier_utilisation_ratio > 0.9',
  ),
  drill(
    'a matcher on a label that the metric lacks',
    'label-missing',
    'engram_wal_lag_seconds > 30',
    'engram_wal_lag_seconds{shard="0"} > 30',
  ),
  drill(
    'an annotation that reads an aggregated label',
    'annotation-label',
    'P95 of {{ $labels.operation }} is',
    'P95 of {{ $labels.instance }} is',
  ),
  drill(
    'an annotation that cannot be rendered',
    'annotation-broken',
    '{{ $value }} more memories',
    '{{ $value | humanizeTimestamp }} {{ .Memories }} more memories',
  ),
  drill(
    'an alert without a runbook',
    'annotation-missing',
    '\n          runbook: docs/operations/runbook.md#wallaghigh',
    '',
  ),
  drill('an alert that waits ten hours', 'fires-late', 'for: 2m', 'for: 10h'),
  drill(
    'an annotation that reads a label the metric never had',
    'annotation-label',
    'The oldest unwritten record is',
    'The oldest unwritten record of {{ $labels.shard }} is',
  ),
  drill(
    'two metrics without a label in common',
    'never-joins',
    'engram_wal_lag_seconds > 30',
    'engram_wal_lag_seconds / on (job, instance, tier) engram_tier_utilization_ratio > 30',
  ),
  {
    name: 'a rules file that nobody loads',
    step: 'fire-drills',
    code: 'not-loaded',
    edits: { [prometheus]: [['  - alerts.yml\n', '']] },
  },
  one(
    'an alert that a dead server cannot raise',
    'outage-drill',
    'not-fired',
    alerts,
    'up{job="engram"} == 0',
    'up{job="engram"} < 0',
  ),
] satisfies Mutant[];
