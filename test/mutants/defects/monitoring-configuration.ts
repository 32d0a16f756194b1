import { one, type Mutant } from '../mutant.ts';

const compose = 'deployments/docker/docker-compose.yml';
const prometheus = 'deployments/prometheus/prometheus.yml';
const alerts = 'deployments/prometheus/alerts.yml';
const source = 'deployments/grafana/provisioning/datasources/prometheus.yml';
const tiers = 'deployments/grafana/dashboards/storage-tiers.json';
const alertmanager = 'deployments/alertmanager/alertmanager.yml';

/** An Alertmanager that the stack has and Prometheus knows, with a configuration of its own. */
const managed = (name: string, code: string, config: string): Mutant => ({
  name,
  step: 'compose-config',
  code,
  edits: {
    [alertmanager]: config,
    [prometheus]: [
      [
        'rule_files:',
        'alerting: { alertmanagers: [{ static_configs: [{ targets: ["alertmanager:9093"] }] }] }\n\nrule_files:',
      ],
    ],
    [compose]: [
      [
        '  grafana:\n    image',
        '  alertmanager:\n    image: prom/alertmanager:v0.27.0\n    profiles: [monitoring]\n    volumes: ["../alertmanager:/etc/alertmanager:ro"]\n\n  grafana:\n    image',
      ],
    ],
  },
});
const hook = 'webhook_configs: [{ url: "http://example.org" }]';

export default [
  one(
    'a fraction that a text prints as a percent',
    'rules-static',
    'value-unit',
    alerts,
    'tier is {{ $value | humanizePercentage }} full',
    'tier is {{ $value }}% full',
  ),
  {
    name: 'hours for minutes',
    step: 'rules-static',
    code: 'for-contradicts',
    edits: {
      [alerts]: [
        ['{{ $labels.instance }} does not answer', '{{ $labels.instance }} has not answered for 1 minute'],
        ['for: 1m', 'for: 1h'],
      ],
    },
  },
  one(
    'a sum divided by every series',
    'rules-static',
    'sides-never-match',
    alerts,
    'sum by (operation) (rate(engram_operation_errors_total[5m])) / sum by (operation) (rate(engram_operation_total[5m]))',
    'sum by (operation) (rate(engram_operation_errors_total[5m])) / rate(engram_operation_total[5m])',
  ),
  {
    name: 'a label that a recording rule has dropped',
    step: 'rules-static',
    code: 'label-dropped',
    edits: {
      [alerts]: [
        [
          'histogram_quantile(0.95, sum by (le, tier) (rate(engram_spreading_latency_seconds_bucket[5m]))) > 0.1',
          'tier:engram_spreading_latency_seconds:p95_5m > 0.1',
        ],
        ['component: spreading', 'component: "{{ $labels.instance }}"'],
      ],
    },
  },
  one('rules that nothing loads', 'compose-config', 'rules-unloaded', prometheus, '  - recording_rules.yml\n', ''),
  one(
    'a misspelt flag of Prometheus',
    'compose-config',
    'flag-refused',
    compose,
    '--storage.tsdb.retention.time',
    '--storage.tsdb.retention.tme',
  ),
  one(
    'a job without a target',
    'compose-config',
    'job-without-targets',
    prometheus,
    '    static_configs:\n      - targets: ["localhost:9090"]\n',
    '',
  ),
  one(
    'a variable in prometheus.yml',
    'compose-config',
    'config-literal',
    prometheus,
    '"engram:7432"',
    '"${ENGRAM_HOST}:7432"',
  ),
  {
    name: 'a link of a data source without its second dollar',
    step: 'compose-config',
    code: 'provisioning-dollar',
    edits: {
      [source]: [
        [
          'datasources:\n',
          'datasources:\n  - { name: Logs, uid: logs, type: loki, url: "http://example.org", jsonData: { derivedFields: [{ name: T, matcherRegex: "t=(\\\\w+)", url: "http://example.org/${__value.raw}" }] } }\n',
        ],
      ],
    },
  },
  one(
    'a healthcheck with a tool that the image has not',
    'compose-config',
    'healthcheck-tool',
    compose,
    'test: [CMD, engram, status, --url, "http://127.0.0.1:7432"]',
    'test: [CMD, curl, -f, "http://127.0.0.1:7432/health"]',
  ),
  one('a fraction in percent', 'dashboards-lint', 'panel-unit', tiers, '"unit": "percentunit"', '"unit": "percent"'),
  managed(
    'a key that Alertmanager does not know',
    'alertmanager-refused',
    'route: { receiver: a }\nreceivers: [{ name: a, email_configs: [{ to: a@b.c, from: a@b.c, smarthost: "h:25", body: x }] }]\n',
  ),
  managed(
    'a secret that nothing fills in',
    'alertmanager-literal',
    'route: { receiver: a }\nreceivers: [{ name: a, pagerduty_configs: [{ routing_key: "${PAGERDUTY_KEY}" }] }]\n',
  ),
  managed(
    'alerts that reach nobody',
    'receiver-empty',
    `route: { receiver: a, routes: [{ receiver: b, matchers: [severity="critical"] }] }\nreceivers: [{ name: a, ${hook} }, { name: b }]\n`,
  ),
  managed(
    'a template that no file defines',
    'template-undefined',
    `route: { receiver: a }\nreceivers: [{ name: a, slack_configs: [{ api_url: "http://example.org", text: '{{ template "mine" . }}' }] }]\n`,
  ),
] satisfies Mutant[];
