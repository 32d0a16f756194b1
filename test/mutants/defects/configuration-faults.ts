import { one, suspected, type Mutant } from '../mutant.ts';

const compose = 'deployments/docker/docker-compose.yml';
const provider = 'deployments/grafana/provisioning/dashboards/engram.yml';
const prometheus = 'deployments/prometheus/prometheus.yml';
const overview = 'deployments/grafana/dashboards/system-overview.json';
const recording = 'deployments/prometheus/recording_rules.yml';

/** What the stack, the dashboards and the rules are loaded with all the same. */
export default [
  one(
    'a healthcheck in one word',
    'compose-config',
    'healthcheck-command',
    compose,
    '[CMD, engram, status, --url, "http://127.0.0.1:7432"]',
    '[CMD, "engram status --url http://127.0.0.1:7432"]',
  ),
  one(
    'a healthcheck with a shell’s or',
    'compose-config',
    'healthcheck-command',
    compose,
    '"http://127.0.0.1:7432"]',
    '"http://127.0.0.1:7432", "||", exit, "1"]',
  ),
  one(
    'a healthcheck at another port',
    'compose-config',
    'healthcheck-localhost',
    compose,
    '--url, "http://127.0.0.1:7432"',
    '--url, "http://127.0.0.1:7433"',
  ),
  one(
    'two sources at one path',
    'compose-config',
    'mount-lost',
    compose,
    '      - grafana-data:/var/lib/grafana\n',
    '      - grafana-data:/var/lib/grafana\n      - ../prometheus:/etc/grafana/provisioning:ro\n',
  ),
  one(
    'two providers of one folder',
    'compose-config',
    'provider-overlap',
    provider,
    'providers:\n',
    'providers:\n  - { name: other, type: file, options: { path: /var/lib/grafana/dashboards } }\n',
  ),
  one('a provider of no known type', 'compose-config', 'provisioning-refused', provider, 'type: file', 'type: folder'),
  one(
    'samples that are sent to nobody',
    'compose-config',
    'remote-host',
    prometheus,
    'rule_files:',
    'remote_write:\n  - url: http://mimir:9009/api/v1/push\n\nrule_files:',
  ),
  one(
    'samples that are sent to a Prometheus that does not take them',
    'compose-config',
    'remote-refused',
    prometheus,
    'rule_files:',
    'remote_write:\n  - url: http://prometheus:9090/api/v1/write\n\nrule_files:',
  ),
  suspected(
    one(
      'a scrape every ten minutes',
      'compose-config',
      'scrape-interval-long',
      prometheus,
      '  - job_name: engram\n',
      '  - job_name: engram\n    scrape_interval: 10m\n',
    ),
  ),
  {
    name: 'a file of targets that Prometheus does not take',
    step: 'compose-config',
    code: 'targets-refused',
    edits: {
      [prometheus]: [
        [
          '  - job_name: prometheus\n',
          '  - job_name: more\n    file_sd_configs: [{ files: [targets.yml] }]\n  - job_name: prometheus\n',
        ],
      ],
      'deployments/prometheus/targets.yml': '- target: ["engram:7432"]\n',
    },
  },
  suspected(one('panels with one id', 'dashboards-lint', 'panel-id', overview, '      "id": 2,', '      "id": 1,')),
  {
    name: 'a file of JSON that is no dashboard',
    step: 'dashboards-lint',
    code: 'not-a-dashboard',
    level: 'warning',
    edits: { 'deployments/grafana/dashboards/list.json': '{ "name": "a", "version": "1" }\n' },
  },
  one(
    'a range that ends before it begins',
    'dashboards-lint',
    'range-reversed',
    overview,
    '"from": "now-30m",\n    "to": "now"',
    '"from": "now",\n    "to": "now-30m"',
  ),
  suspected(
    one(
      'a time that Grafana does not know',
      'dashboards-lint',
      'range-unreadable',
      overview,
      '"from": "now-30m"',
      '"from": "now-30minutes"',
    ),
  ),
  {
    name: 'variables that need each other',
    step: 'dashboards-lint',
    code: 'variable-circular',
    edits: {
      [overview]: [
        [
          '"list": []',
          '"list": [{"name":"a","type":"query","datasource":{"type":"prometheus","uid":"prometheus"},"query":"label_values(up{job=\\"$b\\"}, instance)"},{"name":"b","type":"query","datasource":{"type":"prometheus","uid":"prometheus"},"query":"label_values(up{instance=\\"$a\\"}, job)"}]',
        ],
        ['up{job=\\"engram\\"}', 'up{job=\\"$b\\",instance=~\\"$a\\"}'],
      ],
    },
  },
  suspected(
    one(
      'a variable that nothing uses',
      'dashboards-lint',
      'variable-unused',
      overview,
      '"list": []',
      '"list": [{"name":"zone","type":"query","datasource":{"type":"prometheus","uid":"prometheus"},"query":"label_values(up, job)"}]',
    ),
  ),
  {
    name: 'a custom variable without values',
    step: 'dashboards-lint',
    code: 'variable-setting',
    level: 'warning',
    edits: {
      [overview]: [
        ['"list": []', '"list": [{"name":"job","type":"custom","query":""}]'],
        ['up{job=\\"engram\\"}', 'up{job=\\"$job\\"}'],
      ],
    },
  },
  one(
    'an expression of a query that the panel does not have',
    'dashboards-lint',
    'query-reference',
    overview,
    '          "expr": "up{job=\\"engram\\"}",\n          "legendFormat": ""\n        }',
    '          "expr": "up{job=\\"engram\\"}",\n          "legendFormat": ""\n        },\n        { "refId": "B", "datasource": { "type": "__expr__", "uid": "__expr__" }, "type": "math", "expression": "$C * 2" }',
  ),
  suspected(
    one(
      'an override for a series that no query gives',
      'dashboards-lint',
      'field-unknown',
      overview,
      '"unit": "none"\n        },\n        "overrides": []',
      '"unit": "none"\n        },\n        "overrides": [{"matcher":{"id":"byFrameRefID","options":"Q"},"properties":[{"id":"unit","value":"s"}]}]',
    ),
  ),
  suspected(
    one(
      'delta over a counter',
      'rules-static',
      'delta-on-counter',
      recording,
      'rate(engram_operation_total[5m])',
      'delta(engram_operation_total[5m])',
    ),
  ),
  suspected(
    one(
      'a sum by a label that the metric does not have',
      'rules-static',
      'grouping-unknown',
      recording,
      'sum by (operation) (rate(engram_operation_total[5m]))',
      'sum by (operationn) (rate(engram_operation_total[5m]))',
    ),
  ),
] satisfies Mutant[];
