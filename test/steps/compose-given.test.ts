import { describe, expect, it } from 'vitest';
import { needing } from '../rig/have.ts';
import { runStep, tempDir } from '../rig/run-step.ts';

/** What services are given: variables, folders, hosts, protocols; and what becomes of alerts on their way. */
const healthy: Record<string, string> = {
  'compose.yml': `services:
  prometheus:
    image: prom/prometheus:v2.53.0
    command: ["--config.file=/etc/prometheus/prometheus.yml"]
    volumes: ["./prometheus:/etc/prometheus:ro"]
  alertmanager:
    image: prom/alertmanager:v0.27.0
    command: ["--config.file=/etc/alertmanager/alertmanager.yml"]
    volumes: ["./alertmanager:/etc/alertmanager:ro"]
  node:
    image: prom/node-exporter:v1.8.0
    command: ["--path.rootfs=/host"]
    volumes: ["/:/host:ro"]
  db:
    image: postgres:16
    environment: { POSTGRES_PASSWORD: apple, POSTGRES_DB: shop }
  cache:
    image: redis:7
  grafana:
    image: grafana/grafana:11.1.0
    environment: { GF_AUTH_ANONYMOUS_ENABLED: "true" }
    volumes: ["./provisioning:/etc/grafana/provisioning:ro"]
`,
  'app/Dockerfile': 'FROM python:3.12-alpine\nRUN apk add --no-cache git\nCMD ["python", "-V"]\n',
  'reload.sh': '',
  'prometheus/prometheus.yml': `alerting:
  alertmanagers:
    - static_configs: [{ targets: ["alertmanager:9093"] }]
rule_files: [rules.yml]
scrape_configs:
  - job_name: node
    static_configs: [{ targets: ["node:9100"] }]
`,
  'prometheus/rules.yml': `groups:
  - name: shop
    rules:
      - alert: ShopDown
        expr: up == 0
        for: 2m
        labels: { severity: critical }
      - alert: Spoils
        expr: up == 2
        labels: { severity: warning }
`,
  'alertmanager/alertmanager.yml': `route:
  receiver: barn
  group_interval: 5m
  repeat_interval: 4h
receivers:
  - name: barn
    webhook_configs: [{ url: "http://hooks.invalid/barn" }]
inhibit_rules:
  - source_matchers: [severity="critical"]
    target_matchers: [severity="warning"]
    equal: [instance]
`,
  'provisioning/datasources/prom.yml':
    'apiVersion: 1\ndatasources:\n  - { name: Prometheus, uid: prom, type: prometheus, url: "http://prometheus:9090" }\n',
};

type Edit = [file: string, from: string, to: string];
async function found(edits: readonly Edit[], level: (level: string) => boolean = (one) => one !== 'note') {
  const files = { ...healthy };
  for (const [file, from, to] of edits) {
    expect(files[file], `${file} has the text that is changed`).toContain(from);
    files[file] = (files[file] ?? '').replace(from, () => to);
  }
  const { findings } = await runStep({
    uses: 'compose/config',
    target: tempDir(files),
    with: { files: ['compose.yml'] },
  });
  return findings.filter((one) => level(one.level)).map((one) => `${one.level} ${one.code}`);
}
const compose = (from: string, to: string): Edit => ['compose.yml', from, to];
const prometheus = (from: string, to: string): Edit => ['prometheus/prometheus.yml', from, to];
const scraped = (scheme: string): Edit =>
  prometheus('  - job_name: node\n', `  - job_name: node\n    scheme: ${scheme}\n`);
const web = compose(
  '["--path.rootfs=/host"]\n    volumes: ["/:/host:ro"]',
  '["--path.rootfs=/host", "--web.config.file=/etc/web.yml"]\n    volumes: ["/:/host:ro"]\n    configs: [{ source: web, target: /etc/web.yml }]',
);
const tls = (text: string): Edit => compose('services:\n', `configs:\n  web:\n    content: |\n${text}\nservices:\n`);
const withTls = tls('      tls_server_config:\n        cert_file: a.crt\n        key_file: a.key');
const withLogin = tls('      basic_auth_users: {}');
const relabelled = (rule: string): Edit => prometheus('alerting:\n', `alerting:\n  alert_relabel_configs: [${rule}]\n`);

const [title, skip] = needing('compose/config: what services are given', 'compose');
describe.skipIf(skip)(title, () => {
  it('says nothing of a stack in which nothing is wrong', async () => expect(await found([])).toEqual([]));

  it.each<[string, Edit[], string[], Edit[]]>([
    [
      'a variable of Grafana that is misspelt',
      [compose('ANONYMOUS_ENABLED', 'ANONYMOUS_ENABLE')],
      ['error variable-unread'],
      [compose('ANONYMOUS_ENABLED', 'PROXY_WHITELIST')],
    ],
    [
      'a database by another word than the image’s',
      [compose('POSTGRES_DB', 'POSTGRES_DATABASE')],
      ['error variable-unread'],
      [compose('POSTGRES_DB: shop', 'POSTGRES_DB: shop, POSTGRES_DATABASE: shop, POSTGRES_HOST: db')],
    ],
    [
      'a database whose name a script of its start may read',
      [compose('POSTGRES_DB', 'POSTGRES_DBNAME')],
      ['error variable-unread'],
      [
        compose('POSTGRES_DB: shop }', 'POSTGRES_DBNAME: shop }\n    volumes: ["init:/docker-entrypoint-initdb.d"]'),
        compose('services:\n', 'volumes: { init: {} }\nservices:\n'),
      ],
    ],
    [
      'a password that Redis does not ask for',
      [compose('image: redis:7\n', 'image: redis:7\n    environment: { REDIS_PASSWORD: apple }\n')],
      ['error variable-unread'],
      [
        compose(
          'image: redis:7\n',
          'image: redis:7\n    environment: { REDIS_PASSWORD: apple }\n    command: ["redis-server", "--requirepass", "apple"]\n',
        ),
      ],
    ],
    [
      'a folder of the machine that is not mounted',
      [compose('["/:/host:ro"]', '["/proc:/hostproc:ro"]')],
      ['error file-unmounted'],
      [compose('["--path.rootfs=/host"]', '["--path.procfs=/host/proc", "--path.sysfs=/sys"]')],
    ],
    [
      'a tag that is a slip of latest',
      [compose('grafana:11.1.0', 'grafana:lastest')],
      ['error engine-refuses'],
      [compose('grafana:11.1.0', 'grafana:main')],
    ],
    [
      'the machine by the name that Docker Desktop alone gives it',
      [prometheus('node:9100', 'host.docker.internal:9100')],
      ['warning scrape-host'],
      [
        prometheus('node:9100', 'host.docker.internal:9100'),
        compose(
          '    image: prom/prometheus:v2.53.0\n',
          '    image: prom/prometheus:v2.53.0\n    extra_hosts: ["host.docker.internal:host-gateway"]\n',
        ),
      ],
    ],
    ['HTTPS, of a server without it', [scraped('https')], ['error protocol-wrong'], [scraped('http')]],
    ['HTTP, of a server with TLS alone', [web, withTls], ['error protocol-wrong'], [web, withTls, scraped('https')]],
    [
      'HTTPS, of a server with a login alone',
      [web, withLogin, scraped('https')],
      ['error protocol-wrong'],
      [web, withLogin],
    ],
    [
      'a data source by HTTPS',
      [['provisioning/datasources/prom.yml', 'http://prometheus', 'https://prometheus']],
      ['error protocol-wrong'],
      [['provisioning/datasources/prom.yml', 'http://prometheus', 'prometheus']],
    ],
    [
      'alerts that are dropped on their way',
      [relabelled('{ source_labels: [severity], regex: "critical|warning", action: drop }')],
      ['error alert-lost'],
      [relabelled('{ source_labels: [instance], regex: "a.*", action: drop }')],
    ],
    [
      'some of them, which may be meant',
      [relabelled('{ source_labels: [severity], regex: warning, action: drop }')],
      ['warning alert-lost'],
      [relabelled('{ source_labels: [severity], regex: info, action: drop }')],
    ],
    [
      'the severity, taken away on the way',
      [relabelled('{ regex: severity, action: labeldrop }')],
      ['error alert-lost'],
      [relabelled('{ regex: replica, action: labeldrop }')],
    ],
    [
      'an inhibition of all by one',
      [['alertmanager/alertmanager.yml', '    equal: [instance]\n', '']],
      ['warning inhibits-all'],
      [
        ['alertmanager/alertmanager.yml', '    equal: [instance]\n', ''],
        ['alertmanager/alertmanager.yml', '[severity="critical"]', '[alertname="ShopDown"]'],
      ],
    ],
    [
      'a repetition sooner than the group is looked at',
      [['alertmanager/alertmanager.yml', 'repeat_interval: 4h', 'repeat_interval: 1m']],
      ['warning repeat-short'],
      [['alertmanager/alertmanager.yml', 'repeat_interval: 4h', 'repeat_interval: 5m']],
    ],
    [
      'a provisioning folder that is mounted beside Grafana’s',
      [compose('/etc/grafana/provisioning', '/etc/grafana/provisionning')],
      ['error provisioning-misplaced'],
      [compose('/etc/grafana/provisioning', '/etc/grafana/provisioning/')],
    ],
    [
      'a reload that the flags of Prometheus do not allow',
      [
        compose(
          '    image: prom/prometheus:v2.53.0\n',
          '    image: prom/prometheus:v2.53.0\n    ports: ["9090:9090"]\n',
        ),
        ['reload.sh', '', 'curl -X POST http://localhost:9090/-/reload\n'],
      ],
      ['warning flag-needed'],
      [
        compose(
          '    image: prom/prometheus:v2.53.0\n',
          '    image: prom/prometheus:v2.53.0\n    ports: ["9090:9090"]\n',
        ),
        compose('prometheus.yml"]', 'prometheus.yml", "--web.enable-lifecycle"]'),
        ['reload.sh', '', 'curl -X POST http://localhost:9090/-/reload\n'],
      ],
    ],
    [
      'an administration that the flags do not allow',
      [['reload.sh', '', 'curl -X POST http://prometheus:9090/api/v1/admin/tsdb/snapshot\n']],
      ['warning flag-needed'],
      [['reload.sh', '', 'curl -X POST http://localhost:9093/-/reload\n']],
    ],
    [
      'a password that nothing sets, without which the database does not start',
      [compose('POSTGRES_PASSWORD: apple', 'POSTGRES_PASSWORD: "${DB_PASSWORD}"')],
      ['error variable-not-set'],
      [compose('POSTGRES_PASSWORD: apple', 'POSTGRES_PASSWORD: "${DB_PASSWORD:-apple}"')],
    ],
    [
      'a time that Prometheus does not take',
      [compose('prometheus.yml"]', 'prometheus.yml", "--storage.tsdb.retention.time=30days"]')],
      ['error flag-refused'],
      [compose('prometheus.yml"]', 'prometheus.yml", "--storage.tsdb.retention.time=30d"]')],
    ],
    [
      'days, of which Alertmanager knows none',
      [compose('alertmanager.yml"]', 'alertmanager.yml", "--data.retention=5d"]')],
      ['error flag-refused'],
      [compose('alertmanager.yml"]', 'alertmanager.yml", "--data.retention=120h"]')],
    ],
    [
      'Redis with a password, asked without one',
      [
        compose('image: redis:7\n', 'image: redis:7\n    command: ["redis-server", "--requirepass", "apple"]\n'),
        compose(
          '  grafana:\n',
          '  shop:\n    build: app\n    environment: { STORE: "redis://cache:6379/0" }\n  grafana:\n',
        ),
      ],
      ['error login-wrong'],
      [
        compose('image: redis:7\n', 'image: redis:7\n    command: ["redis-server", "--requirepass", "apple"]\n'),
        compose(
          '  grafana:\n',
          '  shop:\n    build: app\n    environment: { STORE: "redis://:apple@cache:6379/0" }\n  grafana:\n',
        ),
      ],
    ],
    [
      'the package manager of another system',
      [
        compose('  grafana:\n', '  shop:\n    build: app\n  grafana:\n'),
        ['app/Dockerfile', '3.12-alpine', '3.12-slim'],
      ],
      ['error manager-missing'],
      [compose('  grafana:\n', '  shop:\n    build: app\n  grafana:\n')],
    ],
  ])('%s', async (_, bad, expected, good) => {
    expect(await found(bad)).toEqual(expected);
    expect(await found(good)).toEqual([]);
  });

  it('patterns of templates that match nothing are worth knowing', async () =>
    expect(
      await found(
        [['alertmanager/alertmanager.yml', 'route:\n', 'templates: [/etc/alertmanager/*.tmpl]\nroute:\n']],
        () => true,
      ),
    ).toEqual(['note file-unmounted']));
});
