import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { prometheusConfig } from '../../src/formats/prometheus/prometheus-config.ts';
import { saidBy } from '../../src/stack/promtool-rest.ts';
import { needing } from '../rig/have.ts';
import { tempDir } from '../rig/run-step.ts';
import { weighty } from '../rig/weighty.ts';

// What stacks of public repositories taught: each false alarm with the defect beside it that must still be found.

/** A checkout whose git ignores what is named. */
const ignoring = (files: Record<string, string>, ignored: string): string => {
  const folder = tempDir({ ...files, '.gitignore': ignored });
  execFileSync('git', ['init', '-q'], { cwd: folder });
  return folder;
};
const [title, skip] = needing('compose/config: stacks in the field', 'compose');

describe.skipIf(skip)(title, () => {
  const at = (target: string, files = ['compose.yml']): Promise<string[]> =>
    weighty({ uses: 'compose/config', target, with: { files } });
  const config = (files: Record<string, string>): Promise<string[]> => at(tempDir(files));

  const grafana =
    'services:\n  g:\n    image: grafana/grafana:11.0.0\n    volumes: ["./p:/etc/grafana/provisioning"]\n';
  const provider = (path: string): Record<string, string> => ({
    'compose.yml': grafana,
    'p/dashboards/all.yml': `apiVersion: 1\nproviders: [{ name: a, type: file, options: { path: ${path} } }]\n`,
    'p/dashboards/one.json': '{ "title": "One", "uid": "one", "panels": [], "schemaVersion": 39 }\n',
  });
  it('a provider that reads one dashboard’s file', async () => {
    expect(await config(provider('/etc/grafana/provisioning/dashboards/one.json'))).toEqual([]);
    expect(await config(provider('/etc/grafana/provisioning/dashboards/two.json'))).toEqual(['error provider-path 2']);
    expect(await config(provider('/etc/grafana/provisioning/dashboards/all.yml'))).toEqual(['error provider-path 2']);
  });
  const source = (url: string): Record<string, string> => ({
    'compose.yml': grafana,
    'p/datasources/s.yml': `datasources:\n  - { name: S, type: frser-sqlite-datasource, url: ${url} }\n`,
  });
  it('a data source whose address is a file', async () => {
    expect(await config(source('/data/shop.db'))).toEqual([]);
    expect(await config(source('http://data/shop.db'))).toEqual(['error datasource-host 2']);
  });

  it('a folder to build from that git ignores, since another repository is put there', async () => {
    const files = { 'compose.yml': 'services:\n  a:\n    build: ./other-app\n' };
    expect(await at(ignoring(files, '/other-app\n'))).toEqual([]);
    expect(await at(ignoring(files, '/another\n'))).toEqual(['error build-context-missing 2']);
  });

  it('what lies in a submodule that is not checked out', async () => {
    const files = (folder: string): Record<string, string> => ({
      'compose.yml': 'services:\n  a:\n    build: .\n',
      Dockerfile: 'FROM alpine:3.20\nCOPY node/go.mod /app/\n',
      '.gitmodules': `[submodule "x"]\n\tpath = ${folder}\n\turl = https://example.com/x.git\n`,
    });
    expect(await at(ignoring(files('node'), '*.log\n'))).toEqual([]);
    expect(await at(ignoring(files('node-two'), '*.log\n'))).toEqual(['error copy-source-missing 2']);
  });
  it('a folder of sockets, which Docker makes', async () => {
    const files = (target: string): Record<string, string> => ({
      'compose.yml': `services:\n  a:\n    image: alpine:3.20\n    volumes: ["./sock:${target}"]\n`,
    });
    expect(await config(files('/var/run/postgresql'))).toEqual([]);
    expect(await config(files('/docker-entrypoint-initdb.d'))).toEqual(['error bind-missing 4']);
  });

  const prometheus = (command = ''): Record<string, string> => ({
    'compose.yml': `services:\n  p:\n    image: prom/prometheus:v2.53.0\n    volumes: ["./prom:/etc/prometheus"]\n${command}`,
    'prom/prometheus.tmpl.yml': 'scrape_configs: []\n',
  });
  it('a configuration that git ignores or a script writes', async () => {
    expect(await at(ignoring(prometheus(), 'prometheus.yml\n'))).toEqual([]);
    const start = (to: string): Record<string, string> => ({
      ...prometheus(),
      'start.sh': `#!/bin/sh\nenvsubst < prom/prometheus.tmpl.yml > ${to}\n`,
    });
    expect(await config(start('prom/prometheus.yml'))).toEqual([]);
    expect(await config(start('prom/other.yml'))).toEqual(['error prometheus-config-unread 2']);
  });
  const targets = (target: string, entrypoint: string): Record<string, string> => ({
    'compose.yml': 'services:\n  p:\n    build: ./prom\n',
    'prom/Dockerfile': `FROM prom/prometheus:v2.53.0\nCOPY prometheus.yml /etc/prometheus/prometheus.yml\n${entrypoint}`,
    'prom/start.sh': '#!/bin/sh\nexec prometheus\n',
    'prom/prometheus.yml': `scrape_configs:\n  - job_name: api\n    static_configs: [{ targets: ["${target}"] }]\n`,
  });
  it('a target that the entrypoint puts in', async () => {
    const scripted = 'COPY start.sh /start.sh\nENTRYPOINT ["/start.sh"]\n';
    expect(await config(targets('API_TARGET', scripted))).toEqual([]);
    expect(await config(targets('API_TARGET', ''))).toEqual(['error scrape-host 3']);
    expect(await config(targets('api:80', scripted))).toEqual(['error scrape-host 3']);
  });
  it.each(['YOUR_IP:3030', '<node>:9100', 'your-host:9100', 'CHANGE_ME:80'])(
    'the target %s, which a person is to replace',
    async (target) => expect(await config(targets(target, ''))).toEqual([]),
  );
  it('an edition of a known program that is not its project’s holds what nobody knows', async () => {
    const alertmanager = (image: string): Record<string, string> => ({
      'compose.yml': `services:\n  a: { image: "${image}", command: ["--config.file=/etc/alertmanager/config.yml"] }\n`,
    });
    expect(await config(alertmanager('shop/alertmanager:latest'))).toEqual([]);
    expect(await config(alertmanager('prom/alertmanager:v0.27.0'))).toEqual(['error config-unread 2']);
    expect(await config(alertmanager('quay.io/prometheus/alertmanager:v0.27.0'))).toEqual(['error config-unread 2']);
  });
  it('dashboards that a script gives to the API of Grafana', async () => {
    const files = {
      'compose.yml': 'services:\n  g:\n    image: grafana/grafana:11.0.0\n    volumes: ["./d:/dashboards"]\n',
      'd/one.json': '{ "title": "One", "uid": "one", "panels": [], "schemaVersion": 39 }\n',
    };
    const post = 'curl -d @d/one.json http://localhost:3000/api/dashboards/db\n';
    expect(await config(files)).toEqual(['error provisioning-missing 2']);
    expect(await config({ ...files, 'setup.sh': post })).toEqual([]);
    expect(await config({ ...files, 'setup.sh': post.replace('dashboards/db', 'health') })).toEqual([
      'error provisioning-missing 2',
    ]);
  });
  it('a volume from outside that a comment of its own file says how to make', async () => {
    const volume = (comment: string): Record<string, string> => ({
      'compose.yml': `services:\n  a: { image: "a:1", volumes: ["store:/data"] }\nvolumes:\n  # ${comment}\n  store: { external: true, name: shop-data }\n`,
    });
    expect(await config(volume('docker volume create shop-data'))).toEqual([]);
    expect(await config(volume('docker volume create shop'))).toEqual(['warning external-missing']);
  });
  it('a file that a comment of the Compose file says how to get, from its own folder', async () => {
    const files = (comment: string): Record<string, string> => ({
      'app/compose.yml': `services:\n  # ${comment}\n  a: { image: "a:1", volumes: ["./lib/otel/agent.yml:/otel/agent.yml"] }\n`,
    });
    const found = (comment: string): Promise<string[]> => at(tempDir(files(comment)), ['app/compose.yml']);
    expect(await found('curl -O --output-dir ./lib/otel https://example.org/latest/agent.yml')).toEqual([]);
    expect(await found('curl -O --output-dir ./lib/otel https://example.org/latest/other.yml')).toEqual([
      'error bind-missing 3',
    ]);
  });
  it('paths that count from the folder of --project-directory', async () => {
    const files = {
      'ci/compose.yml':
        'services:\n  a: { build: "ci/a" }\n  b: { image: "b:1", volumes: ["./ci/b.conf:/etc/b.conf"] }\n',
      'ci/a/Dockerfile': 'FROM alpine\n',
      'ci/b.conf': '',
    };
    const from = (projectDirectory: string): Promise<string[]> =>
      weighty({
        uses: 'compose/config',
        target: tempDir(files),
        with: { files: ['ci/compose.yml'], projectDirectory },
      });
    expect(await from('.')).toEqual([]);
    expect(await from('ci')).toEqual(['error bind-missing 3', 'error build-context-missing 2']);
  });

  const named = (more: Record<string, string>): Record<string, string> => ({
    'compose.yml': `services:\n  a:\n    image: \${OWNER}/shop:\${TAG}\n`,
    ...more,
  });
  it('an image without its owner, where the document says to set it; the other variable is in .env', async () => {
    const env = { '.env': 'TAG=latest\n' };
    expect(await config(named({ ...env, 'README.md': '    $ export OWNER=<your login>\n' }))).toEqual([]);
    expect(await config(named(env))).toEqual(['error variable-not-set 3']);
  });
  it('an image that a script of the repository builds holds what its Dockerfile puts there', async () => {
    const built = (name: string): Record<string, string> => ({
      'compose.yml':
        'services:\n  am:\n    image: alertmanager\n    command: ["--config.file=/etc/alertmanager/config.yml"]\n',
      'am/build.sh': `#!/bin/sh\ndocker build -t ${name} .\n`,
    });
    expect(await config(built('alertmanager'))).toEqual([]);
    expect(await config(built('other'))).toEqual(['error config-unread 2']);
  });

  const networks = {
    'shop/compose.yml': 'services:\n  a: { image: alpine, networks: [app] }\nnetworks: { app: {} }\n',
    'shop/compose.watch.yml':
      'services:\n  b: { image: alpine, networks: [out] }\nnetworks: { out: { external: true, name: shop_app } }\n',
  };
  it('a network of the other file, also where both are asked at once', async () => {
    const both = ['shop/compose.yml', 'shop/compose.watch.yml'];
    expect(await at(tempDir(networks), both)).toEqual([]);
    const other = networks['shop/compose.watch.yml'].replace('shop_app', 'shop_web');
    expect(await at(tempDir({ ...networks, 'shop/compose.watch.yml': other }), both)).toEqual([
      'warning external-missing',
    ]);
  });
});

describe('dashboards that are only imported', () => {
  const board = JSON.stringify({
    __inputs: [{ name: 'DS_PROM', type: 'datasource', pluginId: 'prometheus' }],
    title: 'B',
    uid: 'b',
    schemaVersion: 39,
    panels: [
      {
        type: 'timeseries',
        title: 'P',
        id: 1,
        gridPos: { h: 8, w: 8, x: 0, y: 0 },
        datasource: { type: 'prometheus', uid: '${DS_PROM}' },
        targets: [{ refId: 'A', expr: 'up' }],
      },
    ],
  });
  const lint = (volume: string, more: Record<string, string> = {}): Promise<string[]> =>
    weighty({
      uses: 'dashboards/lint',
      target: tempDir({
        'g/board.json': board,
        'g/ds.yml': 'apiVersion: 1\ndatasources: [{ name: P, type: prometheus, uid: p, url: "http://p:9090" }]\n',
        'compose.yml': `services:\n  g: { image: "grafana/grafana:11.0.0", volumes: ["./g:${volume}"] }\n`,
        ...more,
      }),
      with: { dashboards: ['g/board.json'], provisioning: ['g/ds.yml'] },
    });
  it('may have inputs: no file of the repository is a provider', async () => {
    expect(await lint('/etc/grafana/provisioning/datasources')).toEqual([]);
    const built = {
      'compose.yml':
        'services:\n  grafana: { build: ./grafana, volumes: ["./g:/etc/grafana/provisioning/datasources"] }\n',
    };
    expect(await lint('', built)).toEqual([]);
    const provider = { 'x/all.yaml': 'apiVersion: 1\nproviders:\n  - options: { path: /boards }\n' };
    expect((await lint('', { ...built, ...provider })).map((one) => one.replace(/ \d+$/, ''))).toEqual([
      'error inputs-unfilled',
    ]);
    expect((await lint('/boards', provider)).map((one) => one.replace(/ \d+$/, ''))).toEqual(['error inputs-unfilled']);
  });
});

describe('findings that one cause has', () => {
  it('metrics of an exporter that no job scrapes are one finding of the dashboard', async () => {
    const panel = (id: number, expr: string): object => ({
      type: 'timeseries',
      title: `P${id}`,
      id,
      gridPos: { h: 8, w: 8, x: 0, y: 8 * id },
      targets: [{ refId: 'A', expr }],
    });
    const panels = [panel(1, 'node_load1'), panel(2, 'node_load5'), panel(3, 'container_memory_usage_bytes')];
    const found = (jobs: string): Promise<string[]> =>
      weighty({
        uses: 'dashboards/lint',
        target: tempDir({
          'b.json': JSON.stringify({ title: 'B', uid: 'b', schemaVersion: 39, panels }),
          'prometheus.yml': `scrape_configs:\n${jobs}`,
          'compose.yml':
            'services:\n  shop: { image: shop/shop }\n  node-exporter: { image: prom/node-exporter }\n  cadvisor: { image: gcr.io/cadvisor/cadvisor }\n',
        }),
        with: { dashboards: ['b.json'], config: 'prometheus.yml' },
      });
    const job = (name: string, target: string): string =>
      `  - { job_name: ${name}, static_configs: [{ targets: ["${target}"] }] }\n`;
    expect(await found(job('shop', 'shop:8000'))).toEqual(['warning metric-missing 1', 'warning metric-missing 1']);
    expect(await found(job('node', 'node-exporter:9100') + job('cadvisor', 'cadvisor:8080'))).toEqual([]);
  });

  it('the old name of a metric, by the age of what is deployed', async () => {
    const found = (image: string): Promise<string[]> =>
      weighty({
        uses: 'prometheus/rules-static',
        target: tempDir({
          'rules.yml':
            'groups:\n  - name: g\n    rules:\n      - { alert: A, expr: node_memory_MemTotal < 5, for: 5m }\n',
          'compose.yml': `services:\n  n:\n    image: prom/node-exporter${image}\n`,
        }),
        with: { rules: ['rules.yml'] },
      });
    const renamed = async (image: string): Promise<string[]> =>
      (await found(image)).filter((one) => one.includes('metric-renamed'));
    expect(await renamed(':v0.15.2')).toEqual([]);
    expect(await renamed('')).toEqual(['warning metric-renamed 4']);
    expect(await renamed(':v1.8.0')).toEqual(['error metric-renamed 4']);
  });

  it('a placeholder in place of the targets is a placeholder, not also a job without targets', () => {
    const codes = (groups: string): string[] =>
      (
        prometheusConfig(`# \${targets}\nscrape_configs:\n  - job_name: a\n    static_configs: ${groups}\n`)?.faults ??
        []
      ).map(({ code, line }) => `${code} ${line}`);
    expect(codes('${targets}')).toEqual(['config-literal 4']);
    expect(codes('[]')).toEqual(['job-without-targets 3']);
  });

  it('promtool’s own words stand before the name of the file', () =>
    expect(saidBy('Checking a.yml\n  FAILED: parsing YAML file a.yml: found multiple scrape configs\n')).toEqual({
      message: 'found multiple scrape configs',
      file: 'a.yml',
    }));
});

describe('values that documents give', () => {
  it('a variable of the env file that Compose hands on, though one service has its own', async () => {
    const found = (line: string, env = 'SHOP_WEB_PORT=80\n'): Promise<string[]> =>
      weighty({
        uses: 'docs/claims',
        target: tempDir({
          'README.md': '# Shop\n\nMany services receive `SHOP_WEB_PORT=80` from the env file.\n',
          '.env': env,
          'compose.yml': `services:\n  a:\n    image: alpine\n    environment:\n      - SHOP_WEB_PORT=8097\n  b:\n    image: alpine\n    environment:\n      - ${line}\n`,
        }),
        with: { documents: ['README.md'] },
      });
    expect(await found('SHOP_WEB_PORT')).toEqual([]);
    // The env file says so, whatever services have of their own.
    expect(await found('SHOP_WEB_PORT=8098')).toEqual([]);
    expect(await found('SHOP_WEB_PORT=8098', 'OTHER=1\n')).toEqual(['warning value-wrong 3']);
  });
});
