import { one, type Mutant } from '../mutant.ts';

const compose = 'deployments/docker/docker-compose.yml';
const dockerfile = 'deployments/docker/Dockerfile';
const prometheus = 'deployments/prometheus/prometheus.yml';
const source = 'deployments/grafana/provisioning/datasources/prometheus.yml';

const beside = (service: string): [string, string] => [
  '  grafana:\n    image',
  `${service.replaceAll(/^/gm, '  ')}\n\n  grafana:\n    image`,
];
const dataSource = (rest: string): [string, string] => [
  'datasources:\n',
  `datasources:\n  - { name: Other, ${rest} }\n`,
];

export default [
  {
    name: 'a folder that is copied, and kept out of the context',
    step: 'compose-config',
    code: 'copy-source-ignored',
    edits: {
      [dockerfile]: [['COPY . .', 'COPY . .\nCOPY engram-core engram-core']],
      '.dockerignore': 'target\nengram-core\n',
    },
  },
  {
    name: 'a binary that is copied from an ignored target',
    step: 'compose-config',
    code: 'copy-source-ignored',
    edits: {
      [dockerfile]: [['COPY --from=build /src/target', 'COPY target']],
      '.dockerignore': '**/target\n',
    },
  },
  {
    name: 'Loki asked at another port than its configuration says',
    step: 'compose-config',
    code: 'datasource-port',
    edits: {
      [compose]: [
        beside(
          'loki:\n  image: grafana/loki:3.1.0\n  profiles: [monitoring]\n  command: [-config.file=/etc/loki/loki.yml]\n  volumes: ["../loki:/etc/loki:ro"]',
        ),
      ],
      'deployments/loki/loki.yml': 'server:\n  http_listen_port: 3101\n',
      [source]: [dataSource('uid: loki, type: loki, url: "http://loki:3100"')],
    },
  },
  {
    name: 'Tempo asked at Loki’s port',
    step: 'compose-config',
    code: 'datasource-port',
    edits: {
      [compose]: [beside('tempo:\n  image: grafana/tempo:2.6.0\n  profiles: [monitoring]')],
      [source]: [dataSource('uid: tempo, type: tempo, url: "http://tempo:3100"')],
    },
  },
  one(
    'a mount below a variable that nobody sets',
    'compose-config',
    'mount-variable-unset',
    compose,
    '- prometheus-data:/prometheus',
    '- ${ENGRAM_DATA_UNSET}/prometheus:/prometheus',
  ),
  {
    name: 'an Alertmanager that Prometheus does not know',
    step: 'compose-config',
    code: 'alerting-missing',
    edits: { [compose]: [beside('alertmanager:\n  image: prom/alertmanager:v0.27.0\n  profiles: [monitoring]')] },
  },
  one(
    'an Alertmanager that is not in the stack',
    'compose-config',
    'alertmanager-host',
    prometheus,
    'rule_files:',
    'alerting:\n  alertmanagers:\n    - static_configs:\n        - targets: ["alertmanager:9093"]\n\nrule_files:',
  ),
  {
    name: 'traces that lead to logs that nobody keeps',
    step: 'compose-config',
    code: 'datasource-reference',
    edits: {
      [source]: [dataSource('uid: tempo, type: tempo, jsonData: { tracesToLogsV2: { datasourceUid: loki } }')],
    },
  },
  {
    name: 'a service map by the name of its data source',
    step: 'dashboards-lint',
    code: 'datasource-reference',
    edits: {
      [source]: [dataSource('uid: tempo, type: tempo, jsonData: { serviceMap: { datasourceUid: Prometheus } }')],
    },
  },
] satisfies Mutant[];
