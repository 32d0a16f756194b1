import { one, type Mutant } from '../mutant.ts';

const compose = 'deployments/docker/docker-compose.yml';
const prometheus = 'deployments/prometheus/prometheus.yml';
const alerts = 'deployments/prometheus/alerts.yml';
const source = 'deployments/grafana/provisioning/datasources/prometheus.yml';

export default [
  one(
    'a data source at a port that the image does not listen on',
    'compose-config',
    'datasource-port',
    source,
    'http://prometheus:9090',
    'http://prometheus:9900',
  ),
  one(
    'a pattern of another ending than the rule files',
    'compose-config',
    'rule-files-unread',
    prometheus,
    '- alerts.yml\n  - recording_rules.yml',
    '- "*.rules"',
  ),
  one(
    'provisioning mounted at a misspelt path',
    'compose-config',
    'provisioning-missing',
    compose,
    '../grafana/provisioning:/etc/grafana/provisioning',
    '../grafana/provisioning:/etc/grafana/provisionning',
  ),
  {
    name: 'two data sources of one uid',
    step: 'compose-config',
    code: 'datasource-duplicate',
    edits: {
      [source]: [
        [
          'datasources:\n',
          'datasources:\n  - { name: Other, uid: prometheus, type: prometheus, url: "http://prometheus:9090" }\n',
        ],
      ],
    },
  },
  {
    name: 'an Alertmanager whose configuration is not mounted',
    step: 'compose-config',
    code: 'config-unread',
    edits: {
      [compose]: [
        [
          '  grafana:\n    image',
          '  alertmanager:\n    image: prom/alertmanager:v0.27.0\n    profiles: [monitoring]\n    command: ["--config.file=/config/alertmanager.yml"]\n\n  grafana:\n    image',
        ],
      ],
    },
  },
  one(
    'a percentile for a quantile',
    'rules-static',
    'quantile-range',
    alerts,
    'histogram_quantile(0.95',
    'histogram_quantile(95',
  ),
] satisfies Mutant[];
