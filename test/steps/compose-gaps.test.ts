import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DockerIgnore } from '../../src/formats/docker/ignore-file.ts';
import { needing } from '../rig/have.ts';
import { codes, runStep, tempDir } from '../rig/run-step.ts';

const check = (compose: string, files: Record<string, string> = {}, rest: object = {}) =>
  runStep({
    uses: 'compose/config',
    target: tempDir({ 'compose.yml': compose, ...files }),
    with: { files: ['compose.yml'], ...rest },
  });
const built = (dockerfile: string, more: Record<string, string>): Record<string, string> => ({
  Dockerfile: dockerfile,
  'src/main.rs': 'fn main() {}',
  'docs/a.md': '',
  ...more,
});
const app = 'services:\n  app: { build: . }\n';
const rules = 'groups: [{ name: g, rules: [{ alert: A, expr: "up == 0" }] }]\n';
const records = 'groups: [{ name: g, rules: [{ record: "a:b", expr: "up" }] }]\n';
/** A Grafana with one data source, and one more service. */
const asks = (url: string, service: string, more = ''): [string, Record<string, string>] => [
  `services:\n  g: { image: grafana/grafana, volumes: ["./p:/etc/grafana/provisioning"] }\n  s: ${service}\n`,
  { 'p/datasources/d.yml': `apiVersion: 1\ndatasources: [{ name: D, type: x, url: "${url}" }]\n`, 'c.yml': more },
];
/** A Grafana whose Tempo has links of this jsonData. */
const links = (jsonData: string, more = ''): [string, Record<string, string>] => [
  'services:\n  g: { image: grafana/grafana, volumes: ["./p:/etc/grafana/provisioning"] }\n  tempo: { image: grafana/tempo }\n  loki: { image: grafana/loki }\n',
  {
    'p/datasources/a.yml': `apiVersion: 1\ndatasources:\n  - name: Tempo\n    type: tempo\n    url: http://tempo:3200\n    jsonData: ${jsonData}\n`,
    'p/datasources/b.yml': `apiVersion: 1\ndatasources:\n  - { name: Logs, type: loki, uid: loki, url: "http://loki:3100" }\n  - { name: Prometheus, type: prometheus, url: "" }\n${more}`,
  },
];
const alerting = (config: string, more = '', rule = rules): [string, Record<string, string>] => [
  `services:\n  p: { image: prom/prometheus, volumes: ["./p:/etc/prometheus"] }\n  am: { image: prom/alertmanager }\n${more}`,
  { 'p/prometheus.yml': `rule_files: [r.yml]\n${config}`, 'p/r.yml': rule },
];
const [title, skip] = needing('compose/config: what earlier versions missed', 'compose');

describe.skipIf(skip)(title, () => {
  it.each<[string, string, Record<string, string>]>([
    [
      'a .dockerignore that keeps out what nothing copies',
      app,
      built('FROM a\nCOPY src /s\n', { '.dockerignore': '# src\n\ndocs\n*.log\n' }),
    ],
    [
      'a folder that is taken in again',
      app,
      built('FROM a\nCOPY src/main.rs /s\nCOPY . .\n', { '.dockerignore': '*\n!src\n' }),
    ],
    [
      'a folder of which one file is taken in again',
      app,
      built('FROM a\nCOPY docs /d\n', { '.dockerignore': 'docs/*\n!docs/a.md\n' }),
    ],
    [
      'an ignored folder below which a file is taken in',
      app,
      built('FROM a\nCOPY docs /d\n', { '.dockerignore': 'docs\n!docs/a.md\n' }),
    ],
    [
      'what another stage or image has',
      app,
      built('FROM a AS b\nFROM c\nCOPY --from=b src /s\nCOPY --from=x docs /d\n', { '.dockerignore': 'src\ndocs\n' }),
    ],
    [
      'an ignore file of the Dockerfile’s own that allows it',
      app,
      built('FROM a\nCOPY src /s\n', { '.dockerignore': 'src\n', 'Dockerfile.dockerignore': 'docs\n' }),
    ],
    [
      'an ignore file that lies outside of the context',
      'services:\n  app: { build: { context: src, dockerfile: ../Dockerfile } }\n',
      built('FROM a\nCOPY main.rs /s\n', { '.dockerignore': '*\n' }),
    ],
    ['a pattern for the root only', app, built('FROM a\nCOPY docs/a.md /d\n', { '.dockerignore': '*.md\n/a.md\n' })],
    ['a Loki at its port', ...asks('http://s:3100', '{ image: "grafana/loki:3" }')],
    [
      'a Loki at the port of its configuration',
      ...asks(
        'http://s:3101',
        '{ image: grafana/loki, command: "-config.file=/c.yml", volumes: ["./c.yml:/c.yml"] }',
        'server:\n  # http_listen_port: 3100\n  http_listen_port: 3101\n',
      ),
    ],
    [
      'a Loki at the port of its flag',
      ...asks('http://s:3102', '{ image: grafana/loki, command: ["-server.http-listen-port=3102"] }'),
    ],
    [
      'a Loki whose port the environment fills',
      ...asks(
        'http://s:9',
        '{ image: grafana/loki, command: "-config.file=/c.yml -config.expand-env=true", volumes: ["./c.yml:/c.yml"] }',
        'server: { http_listen_port: "${PORT}" }\n',
      ),
    ],
    [
      'a Loki whose configuration cannot be seen',
      ...asks(
        'http://s:9',
        '{ image: grafana/loki, command: "-config.file=/c/l.yml", volumes: ["conf:/c"] }\nvolumes:\n  conf: {}',
      ),
    ],
    ['a Tempo of either default', ...asks('http://s:80', '{ image: grafana/tempo }')],
    [
      'a Jaeger that takes Zipkin’s spans',
      ...asks(
        'http://s:16686',
        '{ image: "jaegertracing/all-in-one:1", environment: { COLLECTOR_ZIPKIN_HOST_PORT: ":9411" } }',
      ),
    ],
    [
      'a Jaeger whose port the environment moves',
      ...asks(
        'http://s:8000',
        '{ image: "jaegertracing/all-in-one:1", environment: { QUERY_HTTP_SERVER_HOST_PORT: ":8000" } }',
      ),
    ],
    ['an image that nobody knows', ...asks('http://s:1234', '{ image: mine }')],
    [
      'a Prometheus at the port of its flag',
      ...asks(
        'http://s:9095',
        '{ image: prom/prometheus, command: ["--config.file=/c.yml", "--web.listen-address", "0.0.0.0:9095"], volumes: ["./c.yml:/c.yml"] }',
        'scrape_configs: []\n',
      ),
    ],
    [
      'an OpenTelemetry collector scraped at its own port and at its exporter’s',
      'services:\n  p: { image: prom/prometheus, volumes: ["./p.yml:/etc/prometheus/prometheus.yml"] }\n  o: { image: otel/opentelemetry-collector-contrib, command: ["--config=/o.yml"], volumes: ["./o.yml:/o.yml"] }\n',
      {
        'p.yml': 'scrape_configs: [{ job_name: a, static_configs: [{ targets: ["o:8888", "o:8889"] }] }]\n',
        'o.yml': 'exporters: { prometheus: { endpoint: "0.0.0.0:8889" } }\n',
      },
    ],
    [
      'links by uids that are there',
      ...links(
        '{ tracesToLogsV2: { datasourceUid: loki }, serviceMap: { datasourceUid: PBFA97CFB590B2093 }, nodeGraph: { enabled: true } }',
      ),
    ],
    ['links that the environment fills', ...links('{ tracesToLogsV2: { datasourceUid: "$LOKI_UID" } }')],
    [
      'links beside data sources that the environment fills',
      ...links('{ tracesToLogsV2: { datasourceUid: logs2 } }', '  - { name: E, type: loki, uid: "${E}" }\n'),
    ],
    [
      'alerts that are sent',
      ...alerting('alerting: { alertmanagers: [{ static_configs: [{ targets: ["am:9093"] }] }] }\n'),
    ],
    [
      'an Alertmanager that is found by DNS',
      ...alerting('alerting: { alertmanagers: [{ dns_sd_configs: [{ names: [am] }] }] }\n'),
    ],
    ['recording rules alone', ...alerting('', '', records)],
    [
      'a mount by a variable that has a default',
      'services:\n  a: { image: b, volumes: ["${DATA_NOT_SET:-/srv}/x:/x"] }\n',
      {},
    ],
  ])('%s gives no alarm', async (_, compose, files) => {
    const record = await check(compose, files);
    expect(record.findings.filter((f) => f.level !== 'note')).toEqual([]);
    expect(record.outcome).toBe('passed');
  });

  it.each<[string, string, string, Record<string, string>]>([
    [
      'copy-source-ignored',
      'a folder that .dockerignore names',
      app,
      built('FROM a\nCOPY src /s\n', { '.dockerignore': 'src/\n' }),
    ],
    [
      'copy-source-ignored',
      'a file below an ignored folder',
      app,
      built('FROM a\nCOPY src/main.rs /s\n', { '.dockerignore': '**/src\n' }),
    ],
    [
      'copy-source-ignored',
      'a build output that is not there yet',
      app,
      built('FROM a\nCOPY target/release/app /app\n', { '.dockerignore': 'target\n' }),
    ],
    [
      'copy-source-ignored',
      'what an earlier stage copies',
      app,
      built('FROM a AS b\nADD ["src", "/s"]\nFROM c\nCOPY --from=b /s /s\n', { '.dockerignore': '/src\n' }),
    ],
    [
      'copy-source-ignored',
      'what everything but docs keeps out',
      app,
      built('FROM a\nCOPY src/ /s\n', { '.dockerignore': '*\n!docs/**\n' }),
    ],
    [
      'copy-source-ignored',
      'the ignore file of the Dockerfile itself',
      app,
      built('FROM a\nCOPY src /s\n', { '.dockerignore': '', 'Dockerfile.dockerignore': 'src\n' }),
    ],
    ['datasource-port', 'Loki at another port than its default', ...asks('http://s:3200', '{ image: grafana/loki }')],
    [
      'datasource-port',
      'Loki at another port than its configuration’s',
      ...asks(
        'http://s:3100',
        '{ image: grafana/loki, command: "-config.file=/c.yml", volumes: ["./c.yml:/c.yml"] }',
        'server:\n  http_listen_port: 3101\n',
      ),
    ],
    ['datasource-port', 'Tempo at Loki’s port', ...asks('http://s:3100', '{ image: "grafana/tempo:2" }')],
    ['datasource-port', 'Mimir at Prometheus’s port', ...asks('http://s:9090/prometheus', '{ image: grafana/mimir }')],
    [
      'datasource-port',
      'Jaeger at its collector’s port',
      ...asks('http://s:14268', '{ image: "jaegertracing/all-in-one:1" }'),
    ],
    ['datasource-port', 'Pyroscope without a port', ...asks('http://s', '{ image: grafana/pyroscope }')],
    [
      'datasource-port',
      'an Alertmanager at its cluster’s port',
      ...asks('http://s:9094', '{ image: prom/alertmanager }'),
    ],
    [
      'datasource-port',
      'VictoriaMetrics at the default that its flag moves',
      ...asks('http://s:8428', '{ image: victoriametrics/victoria-metrics, command: ["-httpListenAddr=:8429"] }'),
    ],
    [
      'scrape-port',
      'a collector at a port that its configuration does not open',
      'services:\n  p: { image: prom/prometheus, volumes: ["./p.yml:/etc/prometheus/prometheus.yml"] }\n  o: { image: otel/opentelemetry-collector, command: ["--config=/o.yml"], volumes: ["./o.yml:/o.yml"] }\n',
      {
        'p.yml': 'scrape_configs: [{ job_name: a, static_configs: [{ targets: ["o:8890"] }] }]\n',
        'o.yml': 'exporters: { prometheus: { endpoint: "0.0.0.0:8889" } }\n',
      },
    ],
    [
      'datasource-reference',
      'traces to logs that nobody keeps',
      ...links('{ tracesToLogsV2: { datasourceUid: lokki } }'),
    ],
    ['datasource-reference', 'a service map by a name', ...links('{ serviceMap: { datasourceUid: Prometheus } }')],
    [
      'datasource-reference',
      'one derived field of two',
      ...links('{ derivedFields: [{ datasourceUid: loki }, { datasourceUid: jaeger }] }'),
    ],
    [
      'datasource-reference',
      'a data source of another organisation',
      ...links('{ tracesToLogs: { datasourceUid: other } }', '  - { name: O, uid: other, type: loki, orgId: 2 }\n'),
    ],
    ['alerting-missing', 'alert rules beside an Alertmanager', ...alerting('')],
    ['alerting-missing', 'an alerting section without Alertmanagers', ...alerting('alerting: { alertmanagers: [] }\n')],
    [
      'alertmanager-host',
      'an Alertmanager by another name',
      ...alerting('alerting: { alertmanagers: [{ static_configs: [{ targets: ["alertmanager:9093"] }] }] }\n'),
    ],
    [
      'mount-variable-unset',
      'a mount below a variable that nobody sets',
      'services:\n  a: { image: b, volumes: ["${DATA_NOT_SET}/x:/x"] }\n',
      {},
    ],
    [
      'mount-variable-unset',
      'the same in the long form',
      'services:\n  a: { image: b, volumes: [{ type: bind, source: $DATA_NOT_SET/x, target: /x }] }\n',
      {},
    ],
  ])('%s: %s', async (code, _, compose, files) => {
    const record = await check(compose, files);
    expect(record.findings.filter((f) => f.level === 'error').map((f) => f.code)).toEqual([code]);
    expect(record.outcome).toBe('failed');
    const where = record.findings.find((f) => f.code === code)?.where;
    expect(where?.line ?? 1).toBeGreaterThan(0);
    expect(where?.file).toMatch(/^(?:compose\.yml|Dockerfile|p\/.*|p\.yml)$/);
  });

  it.each<[string, string, string, Record<string, string>]>([
    [
      'copy-source-ignored',
      'in a stage that is not built',
      app,
      built('FROM a AS dev\nCOPY src /s\nFROM b\n', { '.dockerignore': 'src\n' }),
    ],
    [
      'copy-source-ignored',
      'a folder without its files',
      app,
      built('FROM a\nCOPY docs /d\n', { '.dockerignore': '**/*.md\n' }),
    ],
    [
      'datasource-port',
      'a port that the compose file names as the service’s',
      ...asks('http://s:3101', '{ image: grafana/loki, expose: ["3101"] }'),
    ],
    ['alerting-missing', 'an Alertmanager that may be Loki’s', ...alerting('', '  l: { image: grafana/loki }\n')],
    [
      'mount-variable-unset',
      'a variable that the example of an env file names',
      'services:\n  a: { image: b, volumes: ["${DATA_NOT_SET}/x:/x"] }\n',
      { '.env.example': 'DATA_NOT_SET=/srv\n' },
    ],
  ])('%s, no more than a warning: %s', async (code, _, compose, files) => {
    const record = await check(compose, files);
    expect(record.outcome).toBe('passed');
    expect(record.findings.map((f) => [f.code, f.level])).toContainEqual([code, 'warning']);
  });

  it('one port of three services is one finding', async () => {
    const of = (name: string): string => `  ${name}: { image: nginx, ports: ["5411:80"] }\n`;
    const record = await check(`services:\n${['a', 'b', 'c'].map(of).join('')}`);
    expect(record.findings.map((f) => f.message)).toEqual(['a, b and c all publish 5411']);
  });

  it('reads past a link that leads to nothing', async () => {
    const target = tempDir({
      'compose.yml': 'services:\n  app: { image: nginx, environment: { HOST: "${HOST_NOT_SET}" } }\n',
    });
    symlinkSync('made-later.conf', join(target, '.env'));
    symlinkSync('made-later.yml', join(target, 'linked.yml'));
    const record = await runStep({ uses: 'compose/config', target, with: { files: ['compose.yml'] } });
    expect([record.outcome, codes(record)]).toEqual(['passed', []]);
  });

  it('nothing there: an Alertmanager without a Prometheus, a Prometheus without rules, ignore files without a build', async () => {
    const alone = await check('services:\n  am: { image: prom/alertmanager }\n', { '.dockerignore': '*\n' });
    expect(codes(alone)).toEqual([]);
    const bare = await check(alerting('')[0], { 'p/prometheus.yml': 'scrape_configs: []\n' });
    expect(codes(bare)).toEqual([]);
  });
});

describe('.dockerignore', () => {
  it.each([
    ['a', 'a', 'a'],
    ['a/b', 'a', 'a'],
    ['a/b', '/a', '/a'],
    ['a/b', './a/', './a/'],
    ['x/a', 'a', undefined],
    ['x/a', '*/a', '*/a'],
    ['x/y/a', '*/a', undefined],
    ['x/y/a', '**/a', '**/a'],
    ['a', '**/a', '**/a'],
    ['x/y.go', '**.go', '**.go'],
    ['x/y.go', '*.go', undefined],
    ['a.go', '?.go', '?.go'],
    ['b.go', '[ac].go', undefined],
    ['c.go', '[a-c].go', '[a-c].go'],
    ['a', '#a', undefined],
    ['a', '*\n!a', undefined],
    ['a', '!a\n*', '*'],
    ['a{b}', 'a{b}', 'a{b}'],
    ['a/b', 'c/../a', 'c/../a'],
    ['.', '*', undefined],
  ])('%s under %j: %s', (path, text, pattern) => expect(new DockerIgnore(text).excludes(path)?.pattern).toBe(pattern));
});
