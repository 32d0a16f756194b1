import { one, type Mutant } from '../mutant.ts';

const alerts = 'deployments/prometheus/alerts.yml';
const prometheus = 'deployments/prometheus/prometheus.yml';

export default [
  one(
    'a P95 that is recorded in microseconds',
    'spreading-slo',
    'course',
    'deployments/prometheus/recording_rules.yml',
    'rate(engram_spreading_latency_seconds_bucket[5m])))',
    'rate(engram_spreading_latency_seconds_bucket[5m]))) * 1e6',
  ),
  one(
    'a rules file with a top-level key that Prometheus refuses',
    'prometheus-config',
    'rules-refused',
    alerts,
    'groups:',
    'version: 1\ngroups:',
  ),
  one(
    'a key in a rule that Prometheus refuses',
    'prometheus-config',
    'rules-refused',
    alerts,
    '        for: 1m\n',
    '        for: 1m\n        severity: critical\n',
  ),
  one(
    'a rules file with an expression that does not parse',
    'prometheus-config',
    'bad-expression',
    alerts,
    'engram_wal_lag_seconds > 30',
    'engram_wal_lag_seconds > > 30',
  ),
  one(
    'the group renamed',
    'prometheus-config',
    'group-missing',
    alerts,
    'name: engram_cognitive_slos',
    'name: engram_slos',
  ),
  {
    name: 'a rules file that lost its rules',
    step: 'prometheus-config',
    code: 'group-missing',
    edits: { [alerts]: 'groups: []\n' },
  },
  one(
    'an unknown key in prometheus.yml',
    'prometheus-config',
    'config-refused',
    prometheus,
    'scrape_configs:',
    'scrape_timeout: 5s\nscrape_configs:',
  ),
  one(
    'an alert on a metric that nobody exports',
    'rules',
    'series-missing',
    alerts,
    'engram_wal_lag_seconds > 30',
    'engram_wal_lag_ms > 30',
  ),
  one(
    'a quantile that is not the one promised',
    'rules',
    'wrong-quantile',
    alerts,
    'histogram_quantile(0.95, sum by (le, tier)',
    'histogram_quantile(0.5, sum by (le, tier)',
  ),
  one('an alert renamed', 'rules', 'rule-missing', alerts, 'alert: HighErrorRate', 'alert: HighErrorsRate'),
  one('an alert without a condition', 'rules', 'always-fires', alerts, 'up{job="engram"} == 0', 'up{job="engram"}'),
  one(
    'a rule that fails when it is evaluated',
    'rules',
    'rule-unhealthy',
    alerts,
    'engram_tier_utilization_ratio > 0.9',
    'engram_tier_utilization_ratio * on (job) engram_tier_episodes > 0.9',
  ),
  one('a scrape port that nobody listens on', 'targets', 'target-down', prometheus, 'engram:7432', 'engram:7433'),
  one('a metrics path that is not there', 'targets', 'target-down', prometheus, '/metrics/prometheus', '/metrics'),
  one('a job renamed', 'targets', 'job-missing', prometheus, 'job_name: engram', 'job_name: engram-server'),
  {
    name: 'rule files without a rule',
    step: 'prometheus-config',
    code: 'no-rules',
    edits: {
      'deployments/prometheus/alerts.yml': 'groups: []\n',
      'deployments/prometheus/recording_rules.yml': 'groups: []\n',
    },
  },
] satisfies Mutant[];
