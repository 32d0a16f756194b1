import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needing } from '../rig/have.ts';
import { codes, runStep, tempDir } from '../rig/run-step.ts';

const check = (compose: string, files: Record<string, string> = {}, rest: object = {}) =>
  runStep({
    uses: 'compose/config',
    target: tempDir({ 'compose.yml': compose, ...files }),
    with: { files: ['compose.yml'], ...rest },
  });
const rules = 'groups: [{ name: g, rules: [{ alert: A, expr: "up == 0" }] }]\n';
const provider = 'apiVersion: 1\nproviders: [{ name: d, options: { path: /var/lib/grafana/dashboards } }]\n';
const board = '{"uid":"u","title":"T","panels":[]}';
const grafana = (volumes: string): string =>
  `services:\n  g:\n    image: grafana/grafana\n    volumes: ["./p:/etc/grafana/provisioning"${volumes}]\n`;
const prometheusAsks = (target: string): Record<string, string> => ({
  'p.yml': `scrape_configs: [{ job_name: a, static_configs: [{ targets: ["${target}"] }] }]\n`,
});
const prometheus =
  'services:\n  p:\n    image: prom/prometheus\n    volumes: ["./p.yml:/etc/prometheus/prometheus.yml"]\n';
const [title, skip] = needing('compose/config with a real Compose', 'compose');

const socket = join(tempDir(), 'engine.sock');
const server = createServer();

describe.skipIf(skip)(title, () => {
  beforeAll(() => {
    server.listen(socket);
  });
  afterAll(() => {
    server.close();
  });
  it.each([
    [
      'the name that Compose itself gives it',
      'name: shop\nservices:\n  a:\n    image: b\n    container_name: shop-a-1\n  b:\n    image: b\n',
      {},
    ],
    ['a plain service', 'services:\n  a:\n    image: busybox\n', {}],
    [
      'a data folder of its own volume',
      'services:\n  a:\n    image: busybox\n    volumes: [data:/data]\nvolumes: { data: {} }\n',
      {},
    ],
    [
      'a socket of the machine',
      `services:\n  a:\n    image: busybox\n    volumes: ["${socket}:/var/run/docker.sock"]\n`,
      {},
    ],
    [
      'a Prometheus that scrapes itself and the world',
      'services:\n  p:\n    image: prom/prometheus\n    extra_hosts: ["host.docker.internal:host-gateway"]\n    volumes: ["./p.yml:/etc/prometheus/prometheus.yml"]\n',
      {
        'p.yml':
          'scrape_configs:\n  - job_name: p\n    static_configs: [{ targets: ["localhost:9090", "host.docker.internal:1", "example.org:80", "10.0.0.1:9100"] }]\n',
      },
    ],
    [
      'the blackbox way of relabelling',
      'services:\n  p:\n    image: prom/prometheus\n    volumes: ["./p.yml:/etc/prometheus/prometheus.yml"]\n',
      {
        'p.yml':
          'scrape_configs:\n  - job_name: p\n    static_configs: [{ targets: [nowhere] }]\n    relabel_configs: [{ target_label: __address__, replacement: "example.org:1" }]\n',
      },
    ],
    [
      'Grafana’s siblings',
      'services:\n  loki:\n    image: grafana/loki:3\n    volumes: ["./x:/etc/grafana/provisioning"]\n',
      { 'x/a.yml': 'x: 1\n' },
    ],
    [
      'two ports of two addresses',
      'services:\n  a:\n    image: b\n    ports: ["127.0.0.1:80:80"]\n  b:\n    image: b\n    ports: ["127.0.0.2:80:80"]\n',
      {},
    ],
    [
      'a healthcheck that can fail',
      'services:\n  a:\n    image: b\n    healthcheck: { test: "curl -f http://localhost || exit 1" }\n',
      {},
    ],
    [
      'an image that is built from what is there',
      'services:\n  a:\n    build: { context: app, target: Prod }\n    depends_on: { b: { condition: service_healthy } }\n  b:\n    build: { context: ., dockerfile: app/Dockerfile }\n  c:\n    build: { context: "https://github.com/x/y.git#main" }\n  d:\n    build: { context: ., dockerfile_inline: "FROM scratch" }\n',
      {
        'app/Dockerfile':
          'ARG V=1\nFROM x:$V AS build\nARG V\nCOPY --from=other /a /b\nCOPY src/ *.lock ${V}.txt ./\nADD https://example.org/a.tar /a\nCOPY <<EOF /etc/x\nhello\nEOF\nCOPY . .\nFROM build AS prod\nCOPY ["src", "/src"]\nHEALTHCHECK CMD curl -f http://localhost\n',
        'app/src/x': '1',
        'src/x': '1',
      },
    ],
    [
      'a config file that is there',
      'services:\n  a:\n    image: b\n    configs: [c]\nconfigs: { c: { file: ./c.txt } }\n',
      { 'c.txt': 'x' },
    ],
    [
      'a Grafana and a Prometheus whose files are mounted one by one',
      `services:
  p:
    image: prom/prometheus
    links: ["app:backend"]
    volumes: ["./p.yml:/etc/prometheus/prometheus.yml", "./r.yml:/etc/prometheus/rules/r.yml"]
  side: { image: s, network_mode: "service:p" }
  app: { image: a }
  g:
    image: docker.io/grafana/grafana:11
    volumes:
      - ./ds.yml:/etc/grafana/provisioning/datasources/ds.yml
      - ./pr.yml:/etc/grafana/provisioning/dashboards/pr.yml
      - ./boards:/var/lib/grafana/dashboards
`,
      {
        'p.yml':
          'rule_files: ["rules/*.yml"]\nscrape_configs:\n  - job_name: a\n    static_configs: [{ targets: ["backend:80", "localhost:10902"] }]\n',
        'r.yml': rules,
        'ds.yml': 'apiVersion: 1\ndatasources: [{ name: P, type: prometheus, url: "http://p:9090" }]\n',
        'pr.yml': provider,
        'boards/a.json': board,
      },
    ],
    [
      'configs, of files and written down',
      `services:
  p: { image: prom/prometheus, configs: [{ source: p, target: /etc/prometheus/prometheus.yml }] }
  g:
    image: grafana/grafana
    configs: [{ source: pr, target: /etc/grafana/provisioning/dashboards/pr.yml }]
    volumes: ["./boards:/var/lib/grafana/dashboards", "data:/var/lib/grafana"]
configs:
  p: { file: ./p.yml }
  pr: { content: '${provider.trim()}' }
volumes: { data: {} }
`,
      { 'p.yml': 'scrape_configs: []\n', 'boards/a.json': board },
    ],
    [
      'Bitnami’s images, and a Grafana whose ini moves its provisioning',
      `services:
  p: { image: "bitnami/prometheus:2", volumes: ["./p.yml:/opt/bitnami/prometheus/conf/prometheus.yml"] }
  g:
    image: bitnami/grafana
    volumes: ["./p:/opt/bitnami/grafana/conf/provisioning", "./b:/var/lib/grafana/dashboards"]
  h:
    image: grafana/grafana
    volumes: ["./g.ini:/etc/grafana/grafana.ini", "./p:/prov", "./b:/var/lib/grafana/dashboards"]
`,
      {
        'p.yml': 'scrape_configs: []\n',
        'g.ini': '[paths]\nprovisioning = /prov\n',
        'p/dashboards/p.yml': provider,
        'b/a.json': board,
      },
    ],
    [
      'targets of files that are mounted, or that a volume holds',
      'services:\n  p:\n    image: prom/prometheus\n    volumes: ["./p:/etc/prometheus", "sd:/sd"]\nvolumes: { sd: {} }\n',
      {
        'p/prometheus.yml':
          'scrape_configs: [{ job_name: a, file_sd_configs: [{ files: [targets/*.json, /sd/x.yml] }] }]\n',
        'p/targets/a.json': '[]',
      },
    ],
    [
      'services that find their configuration',
      `services:
  a: { image: "prom/alertmanager", volumes: ["./am:/etc/alertmanager"] }
  b: { image: "prom/blackbox-exporter", command: ["--config.file=/c/b.yml"], volumes: ["./b.yml:/c/b.yml"] }
  l: { image: "grafana/loki:3", command: -config.file=/etc/loki/local-config.yaml }
  o: { image: otel/opentelemetry-collector-contrib, command: ["--config", /o.yml], configs: [{ source: o, target: /o.yml }] }
  x: { image: mine, command: ["--config=/etc/mine.yml"] }
configs: { o: { content: "a: 1" } }
`,
      {
        'am/alertmanager.yml':
          'route: { receiver: a }\nreceivers: [{ name: a, webhook_configs: [{ url: "http://example.org" }] }]\n',
        'b.yml': 'modules: {}\n',
      },
    ],
    [
      'a port that a flag or a variable sets',
      `${prometheus}  n: { image: prom/node-exporter, command: ["--web.listen-address=:9111"] }\n  r: { image: oliver006/redis_exporter, environment: { REDIS_EXPORTER_WEB_LISTEN_ADDRESS: ":1" } }\n`,
      { 'p.yml': 'scrape_configs: [{ job_name: a, static_configs: [{ targets: ["n:9111", "r:1"] }] }]\n' },
    ],
    [
      'images that are built with their configuration',
      'services:\n  p: { build: p }\n  g: { build: g }\n',
      {
        'p/Dockerfile': 'FROM prom/prometheus AS base\nFROM base\nCOPY prometheus.yml r.yml /etc/prometheus/\n',
        'p/prometheus.yml': 'rule_files: [r.yml]\nscrape_configs: []\n',
        'p/r.yml': rules,
        'g/Dockerfile':
          'FROM grafana/grafana:11\nCOPY provisioning /etc/grafana/provisioning\nCOPY boards /var/lib/grafana/dashboards/\n',
        'g/provisioning/dashboards/p.yml': provider,
        'g/boards/a.json': board,
      },
    ],
    [
      'dashboards of two organisations with one uid',
      'services:\n  g:\n    image: grafana/grafana\n    volumes: ["./p:/etc/grafana/provisioning", "./b:/b"]\n',
      {
        'p/dashboards/p.yml':
          'apiVersion: 1\nproviders: [{ name: a, orgId: 1, options: { path: /b/1 } }, { name: b, orgId: 2, options: { path: /b/2 } }]\n',
        'b/1/a.json': board,
        'b/2/a.json': board,
      },
    ],
  ])('%s gives no alarm', async (_, compose, files) =>
    expect(await check(compose, files)).toMatchObject({ outcome: 'passed', findings: [] }),
  );

  it.each([
    [
      'a file that is missing',
      'services:\n  a:\n    image: b\n    volumes: ["./a.yml:/etc/a.yml"]\n',
      {},
      'bind-missing',
    ],
    [
      'a folder for a file',
      'services:\n  a:\n    image: b\n    volumes: ["./a:/etc/a.yml"]\n',
      { 'a/x': '' },
      'bind-kind',
    ],
    ['no service at all', 'services: {}\n', {}, 'service-missing'],
    ['YAML that does not parse', 'services: [\n', {}, 'does-not-resolve'],
    ['an unknown key', 'services:\n  a:\n    imagee: b\n', {}, 'does-not-resolve'],
    [
      'a health command that always passes',
      'services:\n  a:\n    image: b\n    healthcheck: { test: [CMD, "true"] }\n',
      {},
      'healthcheck-vacuous',
    ],
    [
      'a port published twice',
      'services:\n  a:\n    image: b\n    ports: ["80:80"]\n  b:\n    image: b\n    ports: ["127.0.0.1:80:8080"]\n',
      {},
      'port-conflict',
    ],
    [
      'a name given twice',
      'services:\n  a:\n    image: b\n    container_name: x\n  b:\n    image: b\n    container_name: x\n',
      {},
      'name-conflict',
    ],
    [
      'a name that Compose itself gives another service',
      'name: shop\nservices:\n  a:\n    image: b\n    container_name: shop-b-1\n  b:\n    image: b\n',
      {},
      'name-conflict',
    ],
    [
      'a data source on another network',
      'services:\n  g:\n    image: grafana/grafana\n    networks: [a]\n    volumes: ["./p:/etc/grafana/provisioning"]\n  db:\n    image: b\n    networks: [b]\nnetworks: { a: {}, b: {} }\n',
      { 'p/datasources/d.yml': 'datasources:\n  - { name: D, type: prometheus, url: "http://db:9090" }\n' },
      'datasource-host',
    ],
    ['a build folder that is missing', 'services:\n  a:\n    build: ./app\n', {}, 'build-context-missing'],
    [
      'a Dockerfile that is missing',
      'services:\n  a:\n    build: { context: ., dockerfile: docker/Dockerfile }\n',
      { Dockerfile: 'FROM scratch\n' },
      'dockerfile-missing',
    ],
    [
      'a stage that is missing',
      'services:\n  a:\n    build: { context: ., target: prod }\n',
      { Dockerfile: 'FROM scratch AS production\n' },
      'build-stage-missing',
    ],
    [
      'a copy of what is not in the context',
      'services:\n  a:\n    build: app\n',
      { 'app/Dockerfile': 'FROM scratch\nCOPY ../package.json /app/\n', 'package.json': '{}' },
      'copy-source-missing',
    ],
    [
      'a config file that is missing',
      'services:\n  a:\n    image: b\n    configs: [c]\nconfigs: { c: { file: ./c.txt } }\n',
      {},
      'config-file-missing',
    ],
    [
      'waiting for the health of what has its check turned off',
      'services:\n  a:\n    image: b\n    depends_on: { b: { condition: service_healthy } }\n  b:\n    image: b\n    healthcheck: { disable: true }\n',
      {},
      'health-dependency',
    ],
    [
      'rules that Prometheus refuses',
      'services:\n  p:\n    image: prom/prometheus\n    volumes: ["./p:/etc/prometheus"]\n',
      { 'p/prometheus.yml': 'rule_files: ["*.rules.yml"]\n', 'p/a.rules.yml': 'version: 1\n' },
      'rules-refused',
    ],
    [
      'a configuration that is a folder',
      'services:\n  p:\n    image: prom/prometheus\n    volumes: ["./p:/etc/prometheus"]\n',
      { 'p/prometheus.yml/x': '' },
      'prometheus-config-unread',
    ],
    [
      'an Alertmanager without its configuration',
      'services:\n  a:\n    image: prom/alertmanager\n    command: ["--config.file=/config/alertmanager.yml"]\n',
      {},
      'config-unread',
    ],
    [
      'a configuration whose name is misspelt',
      'services:\n  a:\n    image: mine\n    command: ["--config.file=/config/alertmanagr.yml"]\n    volumes: ["./am:/config"]\n',
      { 'am/alertmanager.yml': '' },
      'config-unread',
    ],
    [
      'an Alertmanager that sends to nobody',
      'services:\n  a:\n    image: prom/alertmanager\n    volumes: ["./am.yml:/etc/alertmanager/alertmanager.yml"]\n',
      { 'am.yml': 'route: { receiver: a, routes: [{ receiver: b }] }\nreceivers: [{ name: a }]\n' },
      'alertmanager-refused',
    ],
    [
      'a port that an exporter does not listen on',
      `${prometheus}  node: { image: prom/node-exporter }\n`,
      prometheusAsks('node:9101'),
      'scrape-port',
    ],
    [
      'a blackbox exporter by a wrong name',
      prometheus,
      {
        'p.yml':
          'scrape_configs: [{ job_name: a, static_configs: [{ targets: [x] }], relabel_configs: [{ target_label: __address__, replacement: "blackbx:9115" }] }]\n',
      },
      'scrape-host',
    ],
    [
      'rules of another ending than the pattern',
      'services:\n  p:\n    image: prom/prometheus\n    volumes: ["./p:/etc/prometheus"]\n',
      { 'p/prometheus.yml': 'rule_files: ["rules/*.rules"]\n', 'p/rules/a.yml': rules },
      'rule-files-unread',
    ],
    [
      'targets of a file that is not mounted',
      prometheus,
      {
        'p.yml': 'scrape_configs: [{ job_name: a, file_sd_configs: [{ files: [targets/*.json] }] }]\n',
        'targets/a.json': '[]',
      },
      'sd-files-unread',
    ],
    [
      'two data sources of one uid',
      grafana(''),
      {
        'p/datasources/d.yml':
          'apiVersion: 1\ndatasources: [{ name: A, uid: a, type: x }, { name: B, uid: a, type: y }]\n',
      },
      'datasource-duplicate',
    ],
    ...(
      [
        ['without its version', provider.replace('apiVersion: 1', '#'), 'provisioning-refused'],
        ['of a type that there is not', provider.replace('options', 'type: files, options'), 'provisioning-refused'],
        ['without a path', 'apiVersion: 1\nproviders: [{ name: a, options: {} }]\n', 'provisioning-refused'],
        [
          'with a folder of its own and those of the files',
          'apiVersion: 1\nproviders: [{ name: a, folder: F, folderUid: f, options: { path: /var/lib/grafana/dashboards, foldersFromFilesStructure: true } }]\n',
          'provisioning-refused',
        ],
        [
          'that loads what another loads',
          'apiVersion: 1\nproviders: [{ name: a, options: { path: /var/lib/grafana/dashboards } }, { name: b, options: { path: /var/lib/grafana/dashboards/team/ } }]\n',
          'provider-overlap',
        ],
        [
          'of the name of another',
          'apiVersion: 1\nproviders: [{ name: a, options: { path: /var/lib/grafana/dashboards/team } }, { name: a, options: { path: /var/lib/grafana/dashboards/more } }]\n',
          'provider-overlap',
        ],
      ] as const
    ).map(([name, text, code]): [string, string, Record<string, string>, string] => [
      `a provider ${name}`,
      grafana(', "./b:/var/lib/grafana/dashboards"'),
      {
        'p/dashboards/p.yml': text,
        'b/team/a.json': board,
        'b/more/b.json': board.replace(/"uid": ?"[^"]*"/, '"uid": "b"'),
      },
      code,
    ]),
    [
      'data sources without a version',
      grafana(''),
      { 'p/datasources/d.yml': 'datasources: [{ name: A, uid: a, type: x, isDefault: true }]\n' },
      'provisioning-refused',
    ],
    [
      'provisioning at a misspelt path',
      'services:\n  g:\n    image: grafana/grafana\n    volumes: ["./p:/etc/grafana/provisionning", "./b:/var/lib/grafana/dashboards"]\n',
      { 'p/dashboards/p.yml': provider, 'b/team/a.json': board },
      'provisioning-misplaced',
    ],
    [
      'a built Grafana whose provider reads another folder',
      'services:\n  g: { build: g }\n',
      {
        'g/Dockerfile': 'FROM grafana/grafana\nCOPY p /etc/grafana/provisioning\nCOPY b /boards\n',
        'g/p/dashboards/p.yml': provider,
        'g/b/a.json': board,
      },
      'provider-path',
    ],
    [
      'a target on the network of the host, by its name',
      `${prometheus}  node:\n    image: b\n    network_mode: host\n`,
      prometheusAsks('node:9100'),
      'scrape-host',
    ],
    [
      'a default data source in a profile that is off',
      `${grafana('')}  p:\n    image: b\n    profiles: [more]\n`,
      {
        'p/datasources/d.yml':
          'apiVersion: 1\ndatasources: [{ name: D, type: prometheus, url: "http://p:9090", isDefault: true }]\n',
      },
      'datasource-host',
    ],
  ])('%s fails', async (_, compose, files, code) => {
    const record = await check(compose, files);
    expect(record.outcome).toBe('failed');
    expect(codes(record)).toContain(code);
    expect(record.findings.find((f) => f.code === code)?.where?.file).toBeDefined();
  });

  it.each([
    [
      'dashboards of a Grafana whose start script writes the provider',
      'services:\n  g:\n    image: grafana/grafana\n    entrypoint: [sh, -c, "cat x > y; /run.sh"]\n    volumes: ["./b:/var/lib/grafana/dashboards"]\n',
      { 'b/a.json': board },
      'provisioning-missing',
    ],
    [
      'a Prometheus whose start script writes its configuration',
      'services:\n  p:\n    image: prom/prometheus\n    entrypoint: [/bin/sh, -c]\n    command: ["sed s/a/b/ /etc/prometheus/x.tmpl > /tmp/p.yml && prometheus --config.file=/tmp/p.yml"]\n    volumes: ["./p:/etc/prometheus"]\n',
      { 'p/x.tmpl': '' },
      'prometheus-config-unread',
    ],
    [
      'a target in a profile that is off',
      `${prometheus}  extra:\n    image: b\n    profiles: [more]\n`,
      prometheusAsks('extra:1'),
      'scrape-host',
    ],
    [
      'a target in the compose file beside',
      prometheus,
      { ...prometheusAsks('api:1'), 'docker-compose.app.yml': 'services: { api: { image: b } }\n' },
      'scrape-host',
    ],
    [
      'a volume that another service fills',
      `${grafana(', "made:/made"')}volumes: { made: {} }\n`,
      { 'p/dashboards/p.yml': provider.replace('/var/lib/grafana/dashboards', '/made') },
      'provider-path',
    ],
    [
      'a folder for dashboards to come',
      grafana(', "./b:/var/lib/grafana/dashboards"'),
      { 'p/dashboards/p.yml': provider, 'b/.gitkeep': '' },
      'provider-empty',
    ],
    [
      'an env_file that only its example stands for',
      'services:\n  a:\n    image: b\n    env_file: [.env]\n',
      { '.env.example': 'A=1\n' },
      'env-file-missing',
    ],
    [
      'a mount of what a build makes',
      'services:\n  a:\n    image: b\n    volumes: ["./dist/app.conf:/etc/app.conf"]\n',
      {},
      'bind-missing',
    ],
    [
      'another file among the dashboards',
      grafana(', "./b:/var/lib/grafana/dashboards"'),
      { 'p/dashboards/p.yml': provider, 'b/a.json': board, 'b/jsonnetfile.json': '{"dependencies":[]}' },
      'not-a-dashboard',
    ],
  ])('%s is no more than a warning', async (_, compose, files, code) => {
    const record = await check(compose, files);
    expect(record.outcome).toBe('passed');
    expect(record.findings.map((f) => [f.code, f.level === 'error'])).toEqual([[code, false]]);
  });
  it('a folder that Docker will make is a note', async () => {
    const record = await check('services:\n  a:\n    image: b\n    volumes: ["./data:/var/lib/a"]\n');
    expect(record.outcome).toBe('passed');
    expect(record.findings.map((f) => [f.code, f.level, f.where?.line])).toEqual([['bind-missing', 'note', 4]]);
    const other = await check('services:\n  a:\n    image: b\n    volumes: ["./plugins:/app/plugins"]\n');
    expect(other.findings.map((f) => [f.code, f.level])).toEqual([['bind-missing', 'note']]);
  });
  it('waiting for the health of an image that may have a check is a note', async () =>
    expect(
      (
        await check(
          'services:\n  a:\n    image: b\n    depends_on: { b: { condition: service_healthy } }\n  b:\n    image: b\n',
        )
      ).findings.map((f) => [f.code, f.level]),
    ).toEqual([['health-dependency', 'note']]));
  it('a build output that git ignores, and a secret, are notes', async () => {
    const record = await check('services:\n  a:\n    build: .\n    secrets: [s]\nsecrets: { s: { file: ./s.txt } }\n', {
      Dockerfile: 'FROM scratch\nCOPY dist/app /app\n',
    });
    expect(record.outcome).toBe('passed');
    expect(record.findings.map((f) => [f.code, f.level])).toEqual([
      ['copy-source-missing', 'note'],
      ['secret-file-missing', 'note'],
    ]);
  });
  it.each([
    ['a variable', 'services:\n  a:\n    image: "b:${NEEDED_TAG:?set it}"\n'],
    ['a file', 'services:\n  a:\n    image: b\n    env_file: [.env.local]\n'],
  ])('%s that must be given is inconclusive', async (_, compose) => {
    const record = await check(compose);
    expect(record.outcome).toBe('error');
    expect(codes(record)).toEqual(['value-needed']);
  });
  it('what is wrong beside an env file that is missing is found all the same', async () => {
    const yaml =
      'services:\n  a:\n    image: b\n    env_file: [.env.local]\n    volumes: ["./lost.yml:/etc/lost.yml:ro"]\n  c: { image: d }\n';
    const record = await check(yaml);
    expect(codes(record).toSorted()).toEqual(['bind-missing', 'value-needed']);
    expect(record.outcome).toBe('failed');
  });
  it('what is wrong beside a variable that must be given is found where its value decides nothing', async () => {
    const secrets = '"LOCK=${LOCK:?set it}", "KEY=${KEY:?set it}"';
    const needing = (more: string): string =>
      `services:\n  a:\n    image: b\n    environment: [${secrets}]\n    ${more}\n`;
    const record = await check(needing('volumes: ["./lost.yml:/etc/lost.yml:ro"]'));
    expect(codes(record).toSorted()).toEqual(['bind-missing', 'value-needed']);
    expect(record.findings.find((one) => one.code === 'value-needed')?.message).toContain('LOCK');
    expect(codes(await check(needing('volumes: ["${KEY:?set it}/a.yml:/etc/a.yml:ro"]')))).toEqual(['value-needed']);
    expect(codes(await check(needing('restart: always')))).toEqual(['value-needed']);
  });
  it('a variable that the checklist gives is there', async () =>
    expect(
      await check('services:\n  a:\n    image: "b:${NEEDED_TAG:?set it}"\n', {}, { env: { NEEDED_TAG: '1' } }),
    ).toMatchObject({ outcome: 'passed', findings: [] }));
  it('a variable without a value is a warning', async () =>
    expect((await check('services:\n  a:\n    image: "b:${TAG_NOT_SET}"\n')).findings.map((f) => f.code)).toEqual([
      'variable-not-set',
    ]));
  it('keeps no value of the environment', async () => {
    const record = await check('services:\n  a:\n    image: b\n    environment: { DB_PASS: hunter2hunter2 }\n');
    expect(record.outcome).toBe('passed');
    expect(JSON.stringify(record)).not.toContain('hunter2');
    expect(record.evidence.map((file) => file.path)).toEqual(['evidence/step/observed.json']);
  });
});
