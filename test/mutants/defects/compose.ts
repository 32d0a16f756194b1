import { one, type Mutant } from '../mutant.ts';

const compose = 'deployments/docker/docker-compose.yml';
const prometheus = 'deployments/prometheus/prometheus.yml';
const provider = 'deployments/grafana/provisioning/dashboards/engram.yml';
const source = 'deployments/grafana/provisioning/datasources/prometheus.yml';
const overview = 'deployments/grafana/dashboards/system-overview.json';

export default [
  one(
    'a Dockerfile one folder off',
    'compose-config',
    'dockerfile-missing',
    compose,
    'dockerfile: deployments/docker/Dockerfile',
    'dockerfile: docker/Dockerfile',
  ),
  one(
    'a build context that is not there',
    'compose-config',
    'build-context-missing',
    compose,
    'context: ../..',
    'context: ../engram',
  ),
  one(
    'a provider path that is not the mount',
    'compose-config',
    'provider-path',
    provider,
    '/var/lib/grafana/dashboards',
    '/etc/grafana/dashboards',
  ),
  {
    name: 'provisioning files one folder too high',
    step: 'compose-config',
    code: 'provisioning-misplaced',
    edits: {
      [provider]: null,
      [source]: null,
      'deployments/grafana/provisioning/dashboards.yml':
        'apiVersion: 1\nproviders:\n  - name: a\n    options: { path: /var/lib/grafana/dashboards }\n',
      'deployments/grafana/provisioning/datasources.yml': 'apiVersion: 1\ndatasources: []\n',
    },
  },
  {
    name: 'dashboards mounted without a provider',
    step: 'compose-config',
    code: 'provisioning-missing',
    edits: { [provider]: null },
  },
  one(
    'a bind source that does not exist',
    'compose-config',
    'bind-missing',
    compose,
    '../grafana/dashboards:',
    '../grafana/dashboard:',
  ),
  one(
    'a bind source that is a folder',
    'compose-config',
    'bind-kind',
    compose,
    '- ../prometheus:/etc/prometheus:ro',
    '- ../prometheus:/etc/prometheus:ro\n      - ../grafana:/etc/prometheus/web.yml:ro',
  ),
  one(
    'a promised mount left out',
    'compose-config',
    'mount-missing',
    compose,
    '      - ../grafana/dashboards:/var/lib/grafana/dashboards:ro\n',
    '',
  ),
  one(
    'a data source host that is no service',
    'compose-config',
    'datasource-host',
    source,
    'http://prometheus:9090',
    'http://prom:9090',
  ),
  one(
    'a data source on localhost',
    'compose-config',
    'datasource-host',
    source,
    'http://prometheus:9090',
    'http://localhost:9090',
  ),
  {
    name: 'two default data sources',
    step: 'compose-config',
    code: 'datasource-default',
    edits: {
      [source]: [
        [
          'datasources:',
          'datasources:\n  - { name: Other, type: prometheus, url: "http://prometheus:9090", isDefault: true }',
        ],
      ],
    },
  },
  one(
    'rule_files that match nothing',
    'compose-config',
    'rule-files-unread',
    prometheus,
    '- alerts.yml',
    '- rules/alerts.yml',
  ),
  one('a scrape host that is no service', 'compose-config', 'scrape-host', prometheus, 'engram:7432', 'engramd:7432'),
  one(
    'a scrape of localhost from a container',
    'compose-config',
    'scrape-host',
    prometheus,
    'engram:7432',
    'localhost:7432',
  ),
  one(
    'a configuration path that is not mounted',
    'compose-config',
    'prometheus-config-unread',
    compose,
    '/etc/prometheus/prometheus.yml',
    '/etc/prometheus/config.yml',
  ),
  one(
    'a dashboard in a wrapper',
    'compose-config',
    'not-importable',
    overview,
    '{',
    '{"dashboard": {"title": "System overview"}, "was": {',
  ),
  one(
    'two dashboards of one uid',
    'compose-config',
    'uid-duplicate',
    overview,
    '"uid": "system-overview"',
    '"uid": "storage-tiers"',
  ),
  one(
    'two services on one port',
    'compose-config',
    'port-conflict',
    compose,
    '127.0.0.1:3000:3000',
    '127.0.0.1:9090:3000',
  ),
  one(
    'a healthcheck that cannot fail',
    'compose-config',
    'healthcheck-vacuous',
    compose,
    '[CMD, engram, status, --url, "http://127.0.0.1:7432"]',
    '[CMD-SHELL, "engram status || exit 0"]',
  ),
  one(
    'a compose key that does not exist',
    'compose-config',
    'does-not-resolve',
    compose,
    '    restart: unless-stopped',
    '    restarts: unless-stopped',
  ),
  one(
    'a service behind another profile',
    'compose-config',
    'service-missing',
    compose,
    'image: grafana/grafana:11.2.0\n    profiles: [monitoring]',
    'image: grafana/grafana:11.2.0\n    profiles: [observability]',
  ),
  {
    name: 'a configuration file that is not there',
    step: 'compose-config',
    code: 'config-file-missing',
    edits: {
      'deployments/docker/docker-compose.yml': [
        ['    depends_on: [engram]\n', '    depends_on: [engram]\n    configs: [web]\n'],
        [
          '\nvolumes:\n  prometheus-data',
          '\nconfigs:\n  web: { file: ../prometheus/web.yml }\n\nvolumes:\n  prometheus-data',
        ],
      ],
    },
  },
] satisfies Mutant[];
