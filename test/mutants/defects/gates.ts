import { inYard, one, suspected, type Mutant } from '../mutant.ts';

const compose = 'deployments/docker/docker-compose.yml';
const prometheus = 'deployments/prometheus/prometheus.yml';
const alerts = 'deployments/prometheus/alerts.yml';
const records = 'deployments/prometheus/recording_rules.yml';
const operations = 'deployments/grafana/dashboards/memory-operations.json';
const tiers = 'deployments/grafana/dashboards/storage-tiers.json';
const server = 'engram-cli/src/server.rs';
const exporter = 'engram-core/src/metrics/prometheus.rs';
const alerting = 'grafana/alerting.yml';
const manifest = 'k8s/pump.yaml';

const grafana = '  grafana:\n    image';
const configured = (name: string, code: string, file: string, from: string, to: string): Mutant =>
  one(name, 'compose-config', code, file, from, to);
const beside = (name: string, code: string, service: string): Mutant =>
  configured(name, code, compose, grafana, `${service}\n\n${grafana}`);

/** What lets a release through whose stack, rules or record do not hold: each code guards a PASS of its step. */
export default [
  one(
    'a health that is not ok',
    'engram-health',
    'json-value',
    server,
    '{{\\"status\\":\\"ok\\",',
    '{{\\"status\\":\\"down\\", \\"was\\":{{\\"status\\":\\"ok\\"}},',
  ),
  one(
    'a health without its status',
    'engram-health',
    'json-missing',
    server,
    '{{\\"status\\":\\"ok\\",',
    '{{\\"was\\":{{\\"status\\":\\"ok\\"}},',
  ),
  one(
    'a gauge under another name',
    'samples',
    'no-data',
    exporter,
    '"engram_active_memories"',
    '"engram_active_memory"',
  ),
  one(
    'the group of the service levels renamed',
    'rules',
    'group-missing',
    alerts,
    'name: engram_cognitive_slos',
    'name: engram_slos',
  ),
  suspected(
    one(
      'an absence that one missed scrape makes',
      'rules-static',
      'absent-without-for',
      alerts,
      'expr: up{job="engram"} == 0\n        for: 1m',
      'expr: absent(up{job="engram"})',
    ),
  ),
  suspected(
    one(
      'rates of a sum',
      'rules-static',
      'rate-of-sum',
      records,
      'sum by (operation) (rate(engram_operation_total[5m]))',
      'rate(sum by (operation) (engram_operation_total)[5m:10s])',
    ),
  ),
  one(
    'a panel over a range of one scrape',
    'dashboards-lint',
    'range-short',
    operations,
    'rate(engram_operation_total{operation=~\\"$operation\\"}[$__rate_interval])',
    'rate(engram_operation_total{operation=~\\"$operation\\"}[5s])',
  ),
  one(
    'a panel that takes the rate of a gauge',
    'dashboards-lint',
    'rate-on-gauge',
    tiers,
    '"expr": "engram_wal_lag_seconds"',
    '"expr": "rate(engram_wal_lag_seconds[5m])"',
  ),
  {
    name: 'an interface of Alertmanager that is gone',
    step: 'compose-config',
    code: 'api-removed',
    edits: {
      [compose]: [['prom/prometheus:v2.53.0', 'prom/prometheus:v3.1.0']],
      [prometheus]: [
        [
          'rule_files:',
          'alerting: { alertmanagers: [{ api_version: v1, static_configs: [{ targets: ["alertmanager:9093"] }] }] }\n\nrule_files:',
        ],
      ],
    },
  },
  {
    name: 'a database that is scraped itself',
    step: 'compose-config',
    code: 'scrape-no-http',
    edits: {
      [compose]: [[grafana, `  redis:\n    image: redis:7.4\n    profiles: [monitoring]\n\n${grafana}`]],
      [prometheus]: [
        [
          '  - job_name: prometheus',
          '  - job_name: redis\n    static_configs:\n      - targets: ["redis:6379"]\n  - job_name: prometheus',
        ],
      ],
    },
  },
  {
    name: 'a port on internal networks alone',
    step: 'compose-config',
    code: 'port-secluded',
    edits: {
      [compose]: [
        [
          grafana,
          `  web:\n    image: nginx:1.27\n    profiles: [monitoring]\n    networks: [inside]\n    ports: ["127.0.0.1:8081:80"]\n\n${grafana}`,
        ],
        ['\nvolumes:\n  prometheus-data', '\nnetworks:\n  inside: { internal: true }\n\nvolumes:\n  prometheus-data'],
      ],
    },
  },
  beside(
    'operators of the shell without a shell',
    'command-unshelled',
    '  web:\n    image: nginx:1.27\n    profiles: [monitoring]\n    command: [echo, a, "&&", nginx]',
  ),
  ...[
    { name: 'a file of alerting that is gone', step: 'alerting', code: 'file-missing', edits: { [alerting]: null } },
    one(
      'a query of an alert that does not parse',
      'alerting',
      'bad-expression',
      alerting,
      'expr: pump_level_metres',
      'expr: "pump_level_metres > > 1"',
    ),
    { name: 'a changelog that is gone', step: 'release', code: 'changelog-missing', edits: { 'CHANGELOG.md': null } },
    one('a manifest without a version', 'release', 'version-missing', 'pyproject.toml', 'version = "1.2.0"\n', ''),
    one(
      'a manifest that the cluster refuses',
      'calls',
      'manifest-refused',
      manifest,
      'containerPort: 8080',
      'containerPort: 80800',
    ),
  ].map(inYard),
] satisfies Mutant[];
