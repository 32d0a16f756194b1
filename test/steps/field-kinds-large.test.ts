import { describe, expect, it } from 'vitest';
import { guard } from '../../src/checklist/guard.ts';
import { composeSets } from '../../src/draft/compose-sets.ts';
import { needing } from '../rig/have.ts';
import { tempDir } from '../rig/run-step.ts';
import { treeOf, weighty } from '../rig/weighty.ts';

// What large public repositories taught: each false alarm with the defect beside it that must still be found.

const [title, skip] = needing('compose/config: large repositories', 'compose');

describe.skipIf(skip)(title, () => {
  const config = (files: Record<string, string>): Promise<string[]> =>
    weighty({ uses: 'compose/config', target: tempDir(files), with: { files: ['compose.yml'] } });
  const prometheus = (more: string): string =>
    `services:\n  prometheus:\n    image: prom/prometheus:v2.53.5\n    command: ["--config.file=/etc/prometheus/prometheus.yml"${more}]\n`;

  it('Prometheus with the configuration of its image, to which samples are sent', async () => {
    expect(await config({ 'compose.yml': prometheus(', "--web.enable-remote-write-receiver"') })).toEqual([]);
    expect(await config({ 'compose.yml': prometheus('') })).toEqual(['warning prometheus-config-unread 2']);
  });

  it('another Compose file of the folder mounts the configuration, or moves the service to the host’s network', async () => {
    const grafana = `  grafana:\n    image: grafana/grafana:11.0.0\n    volumes: ["./p:/etc/grafana/provisioning"]\n`;
    const files = {
      'compose.yml': prometheus('') + grafana,
      'p/datasources/a.yml':
        'apiVersion: 1\ndatasources:\n  - { name: P, type: prometheus, url: "http://localhost:9090" }\n',
    };
    expect(await config(files)).toEqual(['error datasource-host 3', 'warning prometheus-config-unread 2']);
    const overlay = (key: string): string =>
      `services:\n  prometheus:\n    ${key}\n  grafana:\n    network_mode: host\n`;
    expect(await config({ ...files, 'compose.linux.yml': overlay('volumes: ["./x:/etc/prometheus"]') })).toEqual([]);
    // What it sets beside does not matter here, and a file of another folder is of another project.
    expect(await config({ ...files, 'compose.linux.yml': overlay('restart: always') })).toEqual([
      'warning prometheus-config-unread 2',
    ]);
    expect(await config({ ...files, 'other/compose.linux.yml': overlay('restart: always') })).toHaveLength(2);
  });

  it('a folder of dashboards that is a submodule', async () => {
    const files = {
      'compose.yml': `services:\n  grafana:\n    image: grafana/grafana:11.0.0\n    volumes: ["./p:/etc/grafana/provisioning"]\n`,
      'p/dashboards/all.yml':
        'apiVersion: 1\nproviders: [{ name: a, type: file, options: { path: /etc/grafana/provisioning/boards } }]\n',
      'p/boards/README': '',
    };
    const module = '[submodule "b"]\n\tpath = p/boards\n\turl = https://example.com/boards\n';
    expect(await config(files)).toEqual(['error provider-empty 2']);
    expect(await config({ ...files, '.gitmodules': module })).toEqual([]);
  });

  it('alternatives on one port are a warning, two different services an error', async () => {
    const stack = (...names: string[]): Record<string, string> => ({
      'compose.yml': `services:\n${names.map((one) => `  ${one}:\n    image: nginx:1.27\n    ports: ["9200:80"]\n`).join('')}`,
    });
    expect(await config(stack('search', 'shop'))).toEqual(['error port-conflict 5']);
    expect(await config(stack('search', 'search8'))).toEqual(['warning port-conflict 5']);
    expect(await config(stack('search', 'search8', 'zoo'))).toEqual(['warning port-conflict 8']);
  });

  it('a mount whose variable a script of the repository sets', async () => {
    const files = { 'compose.yml': 'services:\n  a:\n    image: nginx:1.27\n    volumes: ["${base_dir}/x:/x"]\n' };
    expect(await config(files)).toEqual(['error mount-variable-unset 4']);
    expect(await config({ ...files, 'start.sh': 'base_dir=$(pwd)\nexport base_dir\n' })).toEqual([
      'warning mount-variable-unset 4',
    ]);
  });

  it('values that the files need, of which an example names the variables', async () => {
    const files = {
      'compose.yml':
        'services:\n  a:\n    image: nginx:1.27\n    container_name: a-${NAME}\n    volumes: ["${CONFIG}:/etc/a.json"]\n',
    };
    expect(await config(files)).toContain('warning does-not-resolve');
    expect(await config(files)).not.toContainEqual(expect.stringContaining('engine-refuses'));
    expect(await config({ ...files, '.env.template': 'NAME=<name>\nCONFIG=<path>\n' })).toEqual([
      'inconclusive value-needed',
    ]);
  });
});

describe('docs/claims: large repositories', () => {
  const claims = async (text: string, files: Record<string, string> = {}): Promise<string[]> => {
    const found = await weighty({
      uses: 'docs/claims',
      target: tempDir({ 'README.md': `# A\n\n${text}\n`, ...files }),
      with: { documents: ['README.md'] },
    });
    return found.filter((one) => one !== 'inconclusive nothing-claimed');
  };
  const block = (lang: string, text: string): string => `\`\`\`${lang}\n${text}\n\`\`\``;

  it.each([
    [`Write \`.vscode/launch.json\`:\n\n${block('json', '{\n  "a": [\n    1,\n  ],\n}')}`, 0],
    [`The answer:\n\n${block('json', '{\n  "a": [\n    1,\n  ],\n}')}`, 1],
    [block('json', '{\n  "type": "measure",\n  "child": { datastore being wrapped }\n}'), 0],
    [block('toml', 'a = 1\n.\n.\n[b]\nc = 2'), 0],
    [block('toml', 'a = 1\n= 2'), 1],
    [block('toml', 'root = true\n[*]\nindent_style = tab'), 0],
    [block('yaml', '$ cat conf.yaml\nversion: 0\ntls:\n  a: ""'), 0],
    [block('yaml', '# one.yml\n    volumes:\n      - a\n\n# two.yml\n   volumes:\n      - b'), 0],
    [block('yaml', '# one.yml\n    volumes:\n      - a\n\n   volumes:\n      - b'), 1],
  ])('a block: %s', async (text, found) => expect(await claims(text)).toHaveLength(found));

  it('a setting and a figure of another clause', async () => {
    const files = { 'src/options.go': 'package a\n\nconst DefaultDepthAhead = 4\n' };
    expect(await claims('It is 4 (`DefaultDepthAhead`); local ones default to 0.', files)).toEqual([]);
    expect(await claims('By default `DefaultDepthAhead` is 5 here.', files)).toEqual(['warning value-wrong 3']);
  });

  it('commands that are run in another repository', async () => {
    const text = (where: string): string =>
      `## Result\n\nRun from the ${where}:\n\n${block('sh', './script/table.sh')}`;
    expect(await claims(text('`qa-infra` repository'), { 'script/x.sh': '' })).toEqual([]);
    expect(await claims(text('root of the repository'), { 'script/x.sh': '' })).toHaveLength(1);
  });

  it('paths of annotations that stand in constants', async () => {
    const controller = (base: string): string =>
      `@RestController\n@RequestMapping(${base})\npublic class C {\n  @PostMapping(value = "run/{name}/{version}", produces = JSON)\n  void a() {}\n  @GetMapping("/{id}")\n  void b() {}\n  @DeleteMapping("/{id}")\n  void c() {}\n}\n`;
    const files = {
      'src/C.java': controller('FLOWS'),
      'src/Paths.java': 'interface Paths {\n  String PREFIX = "/api/";\n  String FLOWS = PREFIX + "flows";\n}\n',
    };
    expect(await claims('`POST /api/flows/run/orders/1` starts, `GET /api/flows/7` shows.', files)).toEqual([]);
    expect(await claims('`POST /api/flows/walk/orders/1` starts, `GET /api/flows/7` shows.', files)).toEqual([
      expect.stringContaining('name-unknown 3'),
    ]);
  });

  it('a metric of one short name behind its namespace and subsystem', async () => {
    const opts = (subsystem: string, name: string): string =>
      `var a${name} = promauto.NewGaugeVec(prometheus.GaugeOpts{\n\tNamespace: "shop",\n\tSubsystem: "${subsystem}",\n\tName: "${name}",\n}, []string{"b"})\n`;
    const files = {
      'a.go': `package a\n\n${opts('health', 'checks')}${opts('orders', 'open')}${opts('orders', 'closed')}${opts('basket', 'items')}`,
    };
    const row = (name: string): string => `| Metric | Type |\n|---|---|\n| \`${name}\` | Gauge |`;
    expect(await claims(row('shop_health_checks'), files)).toEqual([]);
  });

  it('a variable whose beginning a source puts before the rest', async () => {
    const files = (prefix: string): Record<string, string> => ({
      'a.go': `package a\n\nimport "os"\n\nvar a, b = os.Getenv("SHOP_ENV_MODE"), os.Getenv(${prefix} + name)\n`,
    });
    const text = 'The process reads `SHOP_ENV_NODE` from its environment.';
    expect(await claims(text, files('"SHOP_ENV_"'))).toEqual([]);
    expect(await claims(text, files('""'))).toEqual(['warning name-unknown 3']);
  });

  it('a constant of another package is not this one’s setting', async () => {
    const files = {
      'crates/a/Cargo.toml': '[package]\nname = "a"\nversion = "0.1.0"\n',
      'crates/a/README.md': '# A\n\n| Variable | Default |\n|---|---|\n| `MAX_CONNECTIONS_OPEN` | `10` |\n',
      'crates/b/src/lib.rs': 'const MAX_CONNECTIONS_OPEN: u32 = 80;\n',
    };
    const read = (more: Record<string, string>): Promise<string[]> =>
      weighty({
        uses: 'docs/claims',
        target: tempDir({ ...files, ...more }),
        with: { documents: ['crates/a/README.md'] },
      });
    expect(await read({})).not.toContainEqual(expect.stringContaining('value-wrong'));
    expect(await read({ 'crates/a/src/lib.rs': 'const MAX_CONNECTIONS_OPEN: u32 = 80;\n' })).toContainEqual(
      expect.stringContaining('value-wrong'),
    );
  });

  it('what the reader is told to see to is no claim', async () => {
    const files = { 'src/lib.rs': 'pub fn a() {}\n\n/// B\npub fn b() {}\n', 'Cargo.toml': '[package]\nname = "a"\n' };
    expect(await claims('1. Ensure all public functions are documented', files)).toEqual([]);
    expect(await claims('All public functions are documented.', files)).toHaveLength(1);
  });

  it('what a program says of its use is no command', async () => {
    const files = {
      'src/main.go':
        'package main\n\nimport "github.com/spf13/cobra"\n\nvar c = &cobra.Command{Use: "planner"}\nfunc main() { c.AddCommand(&cobra.Command{Use: "serve"}) }\n',
      'go.mod': 'module example.com/planner\n\ngo 1.22\n',
      'cmd/planner/main.go': 'package main\n\nfunc main() {}\n',
    };
    expect(await claims(block('bash', 'planner tools\n\nUsage:\n  planner [flags]'), files)).toEqual([]);
  });

  it('a name that its own section tells is removed', async () => {
    const files = {
      'a.go': 'package config\n\ntype Gateway struct {\n\tHeaders string\n}\n',
    };
    const text = (said: string): string => `- [\`Gateway.Paths\`](#gatewaypaths)\n\n## \`Gateway.Paths\`\n\n${said}\n`;
    expect(await claims(text('**REMOVED**: see the notes.'), files)).toEqual([]);
    expect(await claims(text('The paths that are served.'), files)).toHaveLength(1);
  });

  it('an anchor of the page’s readme', async () => {
    expect(await claims('[up](#readme), [down](#reedme)')).toEqual(['error anchor-missing 3']);
  });

  it('a program that the document installs itself has its own port', async () => {
    const files = {
      'compose.yml': 'services:\n  grafana:\n    image: grafana/grafana:11.0.0\n    ports: ["13000:3000"]\n',
    };
    const text = '- Grafana (http://localhost:3000): log in';
    expect(await claims(`${block('sh', 'brew install grafana')}\n\n${text}`, files)).toEqual([]);
    expect(await claims(text, files)).toHaveLength(1);
  });

  it('a folder of another repository', async () => {
    const text = 'Change into the `basic-transfer` folder';
    expect(await claims(`${text} of the \`samples\` directory.`)).toEqual([]);
    expect(await claims(`${block('sh', 'cd samples/basic-transfer')}\n\n${text} again.`)).not.toContainEqual(
      expect.stringContaining('path-missing'),
    );
    expect(await claims(`${text}.`)).toEqual(['warning path-missing 3']);
  });
});

describe('dashboards/lint: large repositories', () => {
  const lint = (targets: object[], more: object = {}): Promise<string[]> =>
    weighty({
      uses: 'dashboards/lint',
      target: tempDir({
        'd/a.json': JSON.stringify(
          {
            uid: 'detailed-2024',
            title: 'A',
            schemaVersion: 39,
            templating: {
              list: [
                { name: 'by', type: 'custom', query: 'instance,dc' },
                { name: 'func', type: 'custom', query: 'sum,avg' },
                { name: 'top', type: 'custom', query: 'topk,bottomk' },
                { name: 'version', type: 'custom', query: '2024' },
              ],
            },
            panels: [
              {
                id: 1,
                type: 'timeseries',
                title: 'P $by $func $top $version',
                gridPos: { x: 0, y: 0, w: 12, h: 8 },
                datasource: { type: 'prometheus', uid: 'p' },
                targets: targets.map((one, n) => ({ refId: 'ABC'[n], ...one })),
                ...more,
              },
            ],
          },
          null,
          1,
        ),
      }),
      with: { dashboards: ['d/*.json'] },
    });
  const codes = async (...given: Parameters<typeof lint>): Promise<string[]> =>
    (await lint(...given)).map((one) => one.split(' ')[1] ?? '');

  it('a dashboard in the wrapper of the API, among what a generator has put out', async () => {
    const of = (path: string): Promise<string[]> =>
      weighty({
        uses: 'dashboards/lint',
        target: tempDir({ [path]: '{ "dashboard": { "title": "x", "panels": [] } }' }),
        with: { dashboards: ['**/*.json'] },
      });
    expect(await of('examples/output/a.json')).toContainEqual(expect.stringContaining('warning not-importable'));
    expect(await of('boards/a.json')).toContainEqual(expect.stringContaining('error not-importable'));
  });

  it('sides that a variable groups', async () => {
    const expr = (by: string): string =>
      `$func(rate(op_total{op="a"}[5m])) by (${by}) / $func(rate(op_total{op="b"}[5m])) by (${by})`;
    expect(await codes([{ expr: expr('[[by]]') }])).toEqual([]);
    expect(await codes([{ expr: expr('op') }])).toEqual(['sides-never-match']);
  });

  it('the legend of what a variable picks', async () => {
    expect(await codes([{ expr: '[[top]](5, lat{a="b"})', legendFormat: '{{shard}}' }])).toEqual([]);
    expect(await codes([{ expr: '$func(lat{a="b"}) by (dc)', legendFormat: '{{shard}}' }])).toEqual(['legend-label']);
  });

  it('a metric that is asked for by its old and its new name', async () => {
    const old = { expr: 'node_filesystem_size{mountpoint="/"}' };
    expect(await codes([old, { expr: 'node_filesystem_size_bytes{mountpoint="/"}' }])).toEqual([]);
    expect(await codes([old])).toEqual(['metric-renamed']);
  });

  it.each(['[[version]]', '$version', '${version}'])('a link to a dashboard whose uid ends in %s', async (variable) => {
    const links = (uid: string): object => ({ links: [{ title: 'x', url: `/d/${uid}/x` }] });
    const expr = [{ expr: 'up' }];
    expect(await codes(expr, links(`detailed-${variable}`))).toEqual([]);
    expect(await codes(expr, links('detailed-2023'))).toEqual(['link-missing']);
  });
});

it('a file that lies over one which is not called as Compose looks for it', () => {
  const service = (more: string): string => `services:\n  app:\n    ${more}\n  db:\n    image: postgres:16\n`;
  const files: Record<string, string> = {
    'compose.yml': 'services:\n  app:\n    image: app:1\n',
    'compose-postgres.yml': service('image: app:1'),
    'compose-ports.yml': service('ports: ["8000:8080"]'),
  };
  const { sets } = composeSets(treeOf(files));
  expect(sets.map((one) => one.files)).toContainEqual(['compose-postgres.yml', 'compose-ports.yml']);
});

it('a comment of a checklist is no collection', () => {
  const long = '${{ a }}, '.repeat(80);
  expect(() => guard('a.yaml', `# ${long}\na: 1\n`)).not.toThrow();
  expect(() => guard('a.yaml', `a: ${long}\n`)).toThrow('not a valid checklist');
});
