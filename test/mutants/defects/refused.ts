import { one, type Mutant } from '../mutant.ts';

const compose = 'deployments/docker/docker-compose.yml';
const dockerfile = 'deployments/docker/Dockerfile';
const provider = 'deployments/grafana/provisioning/dashboards/engram.yml';
const sources = 'deployments/grafana/provisioning/datasources/prometheus.yml';
const alerts = 'deployments/prometheus/alerts.yml';
const records = 'deployments/prometheus/recording_rules.yml';
const scrapes = 'deployments/prometheus/prometheus.yml';

/** What Compose, its engine, Grafana or Prometheus would refuse or not find, seen in the files alone. */
export default [
  one(
    'a provider that reads a folder without dashboards',
    'compose-config',
    'provider-empty',
    provider,
    'path: /var/lib/grafana/dashboards',
    'path: /etc/grafana/provisioning/datasources',
  ),
  one(
    'a provisioning file that does not parse',
    'compose-config',
    'provisioning-unreadable',
    sources,
    'apiVersion: 1',
    'apiVersion: [1',
  ),
  one(
    'mounted rules with a key that Prometheus refuses',
    'compose-config',
    'rules-refused',
    alerts,
    '    interval: 5s',
    '    intervall: 5s',
  ),
  one(
    'a build of a stage that the Dockerfile does not have',
    'compose-config',
    'build-stage-missing',
    compose,
    '      dockerfile: deployments/docker/Dockerfile',
    '      dockerfile: deployments/docker/Dockerfile\n      target: runtime',
  ),
  one(
    'an image that copies what is not there',
    'compose-config',
    'copy-source-missing',
    dockerfile,
    'COPY . .',
    'COPY Cargo.toml rust-toolchain.toml ./\nCOPY . .',
  ),
  one(
    'a restart policy that the engine does not know',
    'compose-config',
    'engine-refuses',
    compose,
    '    restart: unless-stopped\n\n  prometheus:',
    '    restart: unless-stoped\n\n  prometheus:',
  ),
  one(
    'waiting for the health of a service without a healthcheck',
    'compose-config',
    'health-dependency',
    compose,
    'depends_on: [prometheus]',
    'depends_on: { prometheus: { condition: service_healthy } }',
  ),
  {
    name: 'two containers of one name',
    step: 'compose-config',
    code: 'name-conflict',
    edits: {
      [compose]: [
        ['    image: prom/prometheus', '    container_name: engram\n    image: prom/prometheus'],
        ['    image: grafana/grafana', '    container_name: engram\n    image: grafana/grafana'],
      ],
    },
  },
  one(
    'a volume on a folder by a path that does not begin with a slash',
    'compose-config',
    'volume-device',
    compose,
    '  grafana-data:\n',
    '  grafana-data:\n    driver_opts: { type: none, o: bind, device: ./data }\n',
  ),
  one(
    'targets in a file that is not mounted',
    'compose-config',
    'sd-files-unread',
    scrapes,
    '    static_configs:\n      - targets: ["engram:7432"]',
    '    file_sd_configs:\n      - files: [targets/*.yml]',
  ),
  { name: 'no configuration', step: 'prometheus-config', code: 'config-missing', edits: { [scrapes]: null } },
  { name: 'a rule file that is gone', step: 'prometheus-config', code: 'rules-missing', edits: { [records]: null } },
  {
    name: 'a rule file of no rules',
    step: 'prometheus-config',
    code: 'no-rules',
    edits: { [records]: 'groups: []\n' },
  },
] satisfies Mutant[];
