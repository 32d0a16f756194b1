import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { composeSets } from '../../src/draft/compose-sets.ts';
import { lookAtMonitoring } from '../../src/draft/monitoring.ts';
import { releaseItem } from '../../src/draft/release-item.ts';
import { Ids } from '../../src/draft/draft.ts';
import { tempDir } from '../rig/run-step.ts';
import { treeOf, weighty as allWeighty } from '../rig/weighty.ts';

// What small public stacks and programs taught: each false alarm with the defect beside it that must still be found.

// Texts that claim nothing are no matter here.
const weighty = async (step: Parameters<typeof allWeighty>[0]): Promise<string[]> =>
  (await allWeighty(step)).filter((one) => !one.includes(' nothing-'));

describe('documents of small repositories', () => {
  const seen = (document: string, files: Record<string, string> = {}, name = 'README.md'): Promise<string[]> => {
    const target = tempDir({ ...files, [name]: document });
    execFileSync('git', ['init', '-q'], { cwd: target });
    return weighty({ uses: 'docs/claims', with: { documents: [name] }, target });
  };
  const config = {
    'config/config.go':
      'package config\n\ntype Config struct {\n\tTTL time.Duration `env:"LAMP_STREAM_TTL" env-default:"30s"`\n}\n',
  };
  it.each([
    ['idle stream, RFC 3550 §6.3.5 timeout (default 30s)', []],
    ['base wait after a 200 OK (default 30s; another path has its own)', []],
    ['base wait after a 200 OK (default 40s)', ['warning value-wrong 1']],
  ])('a default in brackets: %s', async (text, expected) =>
    expect(await seen(`- \`LAMP_STREAM_TTL\` - ${text}\n`, config)).toEqual(expected),
  );

  const routes = {
    'src/app.ts':
      "app.get('/api/lamps', list);\napp.get('/api/lamps/:id', one);\napp.patch('/api/wicks/:id', cut);\napp.patch('/api/lamps/:id', cut);\n",
  };
  it.each([
    ['`GET /api/lamps` and `PATCH /api/{lamps,wicks}/:id`', []],
    ['`GET /api/lamps` and `PATCH /api/lamps`', ['error name-unknown 1']],
  ])('a route: %s', async (text, expected) => expect(await seen(`${text}\n`, routes)).toEqual(expected));

  const metrics = {
    'metrics.go':
      'package m\n\nfunc a(reg R) {\n\tcl := []string{"carrier", "kind"}\n\tx := newCounterVecWith("lamp_oil_total", "Oil", cl, reg)\n\ty := newGaugeVecWith("lamp_wick_length", "Wick",\n\t\t[]string{"carrier"}, reg)\n}\n',
  };
  it.each([
    ['lamp_oil_total{kind="a"}', []],
    ['lamp_wick_length{kind="a"}', ['warning name-unknown 2']],
  ])('the labels of a metric are those of its own call: %s', async (text, expected) =>
    expect(await seen(`\`\`\`promql\n${text}\n\`\`\`\n`, metrics)).toEqual(expected),
  );

  it('a drawing with a second root', async () => {
    const drawing = (root: string): string =>
      `\`\`\`\nmodels/\n├── one.json   # first\n├── two.json   # second\n└── three.json\n\n${root}\n└── 0/\n    └── four.json\n\`\`\`\n`;
    const files = { 'models/one.json': '', 'models/two.json': '', 'models/three.json': '', 'src/a.ts': '' };
    expect(await seen(drawing('runs/      # what is kept of runs'), files)).toEqual([]);
    expect(await seen(drawing('├── five.json'), files)).toHaveLength(1);
  });

  it.each([
    ['Próximos Passos', []],
    ['Tarefas', ['warning value-wrong 3']],
  ])('boxes below %s', async (heading, expected) =>
    expect(await seen(`# Fase 3\n\n## Status: 100% concluída\n\n## ${heading}\n\n- [x] one\n- [ ] two\n`)).toEqual(
      expected,
    ),
  );

  it.each([
    ['### Deleted\n\n| File | Why |\n|---|---|\n| `src/old.ts` | gone |\n', []],
    ['### Changed\n\n| File | Why |\n|---|---|\n| `src/old.ts` | new |\n', ['error path-missing 5']],
    ['1. Implement `src/old.ts`\n2. Wire `src/a.ts`\n3. Complete the rest\n', []],
    ['1. Read `src/old.ts`\n2. Then `src/a.ts`\n', ['error path-missing 1']],
  ])('a path that is accounted for: %j', async (text, expected) =>
    expect(await seen(text, { 'src/a.ts': '' })).toEqual(expected),
  );

  it.each([
    ['4 AM by default', '"0 0 4 * * *"', []],
    ['4 by default', '"5"', ['warning value-wrong 1']],
  ])('a schedule is no figure: %s', async (text, value, expected) =>
    expect(
      await seen(`It is sent (\`lamp.report.cron\`, ${text}).\n`, {
        'application.yml': `lamp.report.cron: ${value}\n`,
      }),
    ).toEqual(expected),
  );

  it.each([
    ['docker compose -f .\\deploy\\compose.yaml up -d', []],
    ['docker compose -f .\\deploy\\compose.prod.yaml up -d', ['error command-wrong 5']],
  ])('a command of PowerShell: %s', async (text, expected) =>
    expect(
      await seen(`\`\`\`powershell\n${text}\n\`\`\`\n\nOr \`${text}\`.\n`, {
        'deploy/compose.yaml': 'services:\n  a:\n    image: b\n',
      }),
    ).toEqual(expected),
  );

  it.each([
    ['LAMP_OIL_ENABLED: true', []],
    ['LAMP_OIL_ENABLED: ${LAMP_OIL_ENABLED:-true}', ['warning value-wrong 3']],
  ])('a default beside a Compose file with %s', async (text, expected) =>
    expect(
      await seen('| Variable | Default | What |\n|---|---|---|\n| `LAMP_OIL_ENABLED` | false | oil |\n', {
        'compose.yml': `services:\n  a:\n    image: b\n    environment:\n      ${text}\n`,
      }),
    ).toEqual(expected),
  );

  it.each([
    [5, []],
    [4, ['warning value-wrong 3']],
  ])('a default of %d that a field has whose name is put together', async (value, expected) =>
    expect(
      await seen(`| Variable | Default | What |\n|---|---|---|\n| \`AUTH_MAX_RETRIES\` | \`${value}\` | tries |\n`, {
        'src/config.py':
          'class Auth(BaseSettings):\n    max_retries: int = 5\n    model_config = SettingsConfigDict(env_prefix="AUTH_")\n',
        '.env.example': 'AUTH_MAX_RETRIES=3\n',
      }),
    ).toEqual(expected),
  );

  it.each([
    ['with 30s group_wait, 2m group_interval', []],
    ['with a group_wait of 2m', ['warning value-wrong 1']],
  ])('an interval before its name: %s', async (text, expected) =>
    expect(
      await seen(`Alertmanager groups ${text}.\n`, {
        'alertmanager.yml':
          'route:\n  receiver: a\n  group_wait: 30s\n  group_interval: 2m\nreceivers: [{ name: a }]\n',
      }),
    ).toEqual(expected),
  );

  it.each([
    ['After the run, open `load/results/index.html`.', []],
    ['Open `load/results/index.html`.', ['error path-missing 1']],
    ['```bash\ngo test ./path/to/package -run TestName\n```', []],
    ['```bash\ngo test ./lamp/wick -run TestName\n```', ['error command-wrong 2']],
  ])('what a run leaves, and what stands for any: %j', async (text, expected) =>
    expect(
      await seen(`${text}\n`, { 'load/plan.jmx': '', 'go.mod': 'module a.org/b\n', 'lamp/a.go': 'package lamp\n' }),
    ).toEqual(expected),
  );

  it('what the document’s own block sets', async () => {
    const files = { 'chart/values.yaml': 'lampReplicaCount: 1\n', 'chart/Chart.yaml': 'name: lamp\nversion: 1.0.0\n' };
    const block = '```yaml\nlampReplicaCount: 3\n```\n\n';
    expect(await seen(`${block}\`lampReplicaCount: 3\` is enough.\n`, files)).toEqual([]);
    expect(await seen('`lampReplicaCount: 3` is enough.\n', files)).toEqual(['warning value-wrong 1']);
  });

  it('a licence of a theme is the theme’s', async () => {
    const agpl = 'GNU AFFERO GENERAL PUBLIC LICENSE\nVersion 3, 19 November 2007\n';
    const text = (what: string): string => `# Pink\n\nThis ${what} is licensed under GPLv3\n`;
    expect(await seen(text('theme'), { LICENSE: agpl }, 'themes/pink/README.md')).toEqual([]);
    expect(await seen(text('project'), { LICENSE: agpl })).toHaveLength(1);
  });

  it('two shares of which the brackets say what they leave out', async () => {
    const table = (a: string, b: string): string =>
      `# Report\n\n## Summary\n\n| Metric | Value |\n|---|---|\n| **Coverage${a}** | **81%** |\n| Coverage${b} | 76% |\n`;
    expect(await seen(table(' (excl. pages)', ' (including pages)'))).toEqual([]);
    expect(await seen(table('', ''))).toHaveLength(1);
  });

  it('a source that has a NUL far down is one', async () => {
    const source = `${'// a lamp\n'.repeat(1000)}process.env.LAMP_OIL_FILE;\nprocess.env.LAMP_WICK;\nprocess.env.LAMP_PORT;\nconst key = "a\0b";\n`;
    const text = (name: string): string => `Oil is kept in the file of the environment variable \`${name}\`.\n`;
    expect(await seen(text('LAMP_OIL_FILE'), { 'src/a.ts': source })).toEqual([]);
    expect(await seen(text('LAMP_OIL_FOLDER'), { 'src/a.ts': source })).toHaveLength(1);
  });
  const planned = '# Harbour split — Planning Brief (v2)\n\n';
  it.each([
    ['a plan by its title', `${planned}It moves \`src/old.ts\`.\n`, []],
    ['a report', '# Harbour split\n\nIt is in `src/old.ts`.\n', ['error path-missing 3']],
  ])('a path of %s', async (_, text, expected) =>
    expect(await seen(text, { 'src/a.ts': '', 'src/b.ts': '' }, 'docs/split.md')).toEqual(expected),
  );

  it.each([
    ['6.4 avg', []],
    ['28', ['error contradiction 6']],
  ])('a row of totals that says %s', async (last, expected) =>
    expect(
      await seen(`| Sprint | Points |\n|---|---|\n| 1 | 11.3 |\n| 2 | 5.0 |\n| 3 | 5.0 |\n| Total | ${last} |\n`),
    ).toEqual(expected),
  );

  it.each([
    ['cp .env.example .env', {}, ['error command-wrong 2']],
    ['cp .env.example .env', { '.gitignore': '.env*\n' }, ['error command-wrong 2']],
    ['cp .env.example .env', { 'app/.env.example': '' }, []],
    ['cd app\ncp config.sample.yml config.yml', { 'app/a.py': '' }, ['error command-wrong 3']],
    ['cd app\ncp config.sample.yml config.yml', { 'app/config.sample.yml': '' }, []],
    ['cp notes.txt copy.txt', {}, []],
  ])('an example that is to be copied: %s beside %j', async (command, files, expected) =>
    expect(await seen(`\`\`\`bash\n${command}\n\`\`\`\n\nSee \`src/a.ts\`.\n`, { 'src/a.ts': '', ...files })).toEqual(
      expected,
    ),
  );

  it.each([
    ['exposes Prometheus metrics on port 9100', []],
    ['serves prometheus on port 9100', ['warning value-wrong 1']],
  ])('a port of whom: %s', async (text, expected) =>
    expect(
      await seen(`- \`src/a.ts\` ${text}.\n`, {
        'src/a.ts': '',
        'compose.yml': 'services:\n  prometheus:\n    image: prom/prometheus\n    ports: ["9090:9090"]\n',
      }),
    ).toEqual(expected),
  );

  it('a list of routes in braces', async () => {
    const text = (list: string): string => `Open: \`${list}\`; see \`src/a.ts\`.\n`;
    expect(await seen(text('{/health, /metrics, /openapi.json, /}'), { 'src/a.ts': '' })).toEqual([]);
    expect(await seen(text('src/{a,b}.ts'), { 'src/a.ts': '' })).toEqual(['error path-missing 1']);
  });

  it.each([
    ['3', []],
    ['2', ['error contradiction 1']],
  ])('%s panels, of which one is an average', async (count, expected) =>
    expect(
      await seen(
        `It has ${count} panels:\n\n| Panel | Type |\n|---|---|\n| Oil | line |\n| Average wick | bar |\n| Light | bar |\n`,
      ),
    ).toEqual(expected),
  );

  it.each([
    ['30 s', []],
    ['45 s', ['warning value-wrong 1']],
  ])('an evaluation interval of %s, which a group of rules has of its own', async (said, expected) =>
    expect(
      await seen(`Evaluation interval: ${said}\n`, {
        'prometheus.yml': 'global:\n  evaluation_interval: 15s\nscrape_configs: []\n',
        'rules.yml': 'groups:\n  - name: lamps\n    interval: 30s\n    rules: []\n',
      }),
    ).toEqual(expected),
  );

  it.each([
    ['- Implement horizontal pod autoscaling', []],
    ['- Horizontal pod autoscaling of the lamp', ['warning value-wrong 1']],
  ])('what is advised of a cluster: %s', async (text, expected) =>
    expect(
      await seen(`${text}\n`, { 'k8s/lamp.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: lamp }\n' }),
    ).toEqual(expected),
  );

  it.each([
    ['0', []],
    ['7', ['warning value-wrong 3']],
  ])('a default of %s that one of two sources has', async (value, expected) =>
    expect(
      await seen(`| Variable | Default |\n|---|---|\n| \`LAMP_NUMBER\` | \`${value}\` |\n`, {
        'src/config.py': "class Settings(BaseSettings):\n    LAMP_NUMBER: str = '0'\n",
        'src/ids.py': "worker = int(os.environ.get('LAMP_NUMBER', '1'))\n",
      }),
    ).toEqual(expected),
  );

  it('a licence that lies beside the document', async () => {
    const apache = 'Apache License\nVersion 2.0, January 2004\nhttp://www.apache.org/licenses/\n';
    const text = '# Pink\n\nThis project is licensed under the MIT License\n';
    const beside = { LICENSE: apache, 'vendored/pink/LICENSE': 'MIT License\n' };
    expect(await seen(text, beside, 'vendored/pink/README.md')).toEqual([]);
    expect(await seen(text, beside)).toHaveLength(1);
  });

  describe('flags of typer', () => {
    const cli = (type: string, head: string): string =>
      `import typer\nfrom typing import Annotated\n${head}\napp = typer.Typer()\n\n\n@app.command()\ndef light(oil: ${type} = None):\n    pass\n\n\n@app.command()\ndef dark():\n    pass\n`;
    const own = 'Oil = Annotated[\n    str,\n    typer.Option("--oil-kind"),\n]\n';
    const made = `${own}\n\ndef of(name):\n    return app.command(name)(light)\n`;
    it.each([
      ['--oil-kind x', cli('Oil', own), []],
      ['--wick x', cli('Oil', own), ['error command-wrong 4']],
      ['--wick x', cli('Oil', 'from .options import Oil'), ['warning command-wrong 4']],
      ['--wick x', cli('Oil', made), ['warning command-wrong 4']],
    ])('%s', async (flags, source, expected) =>
      expect(
        await seen(`# Lamp\n\n\`\`\`sh\nlamp light ${flags}\n\`\`\`\n`, {
          'pyproject.toml': '[project]\nname = "lamp"\nversion = "1.0"\n[project.scripts]\nlamp = "lamp.cli:app"\n',
          'lamp/__init__.py': '',
          'lamp/cli.py': source,
        }),
      ).toEqual(expected),
    );
  });
});

describe('dashboards of small stacks', () => {
  const source = { type: 'prometheus', uid: 'main' };
  const lint = async (panel: object, files: Record<string, string> = {}, more: object = {}): Promise<string[]> => {
    const board = { title: 'B', uid: 'b', schemaVersion: 39, panels: [{ id: 1, type: 'timeseries', ...panel }] };
    const target = tempDir({ ...files, 'board.json': JSON.stringify(board) });
    return (await weighty({ uses: 'dashboards/lint', target, with: { dashboards: ['board.json'], ...more } })).map(
      (one) => one.replace(/ \d+$/, ''),
    );
  };
  const of = (expr: string, legendFormat = '', defaults: object = {}): object => ({
    title: 'P',
    datasource: source,
    targets: [{ refId: 'A', datasource: source, expr, legendFormat }],
    fieldConfig: { defaults, overrides: [] },
  });

  it('a legend with the doubled braces of a format string', async () => {
    const sum = 'sum by (instance) (up)';
    expect(await lint(of(sum, '{{{{instance}}}} up'))).toEqual(['warning legend-label']);
    expect(await lint(of(sum, '{{instance}} up'))).toEqual([]);
  });

  it('a mean of percentages is no share', async () => {
    const percent = { unit: 'percent' };
    expect(await lint(of('rate(loss_percent_sum[5m]) / rate(loss_percent_count[5m])', '', percent))).toEqual([]);
    expect(await lint(of('rate(loss_total[5m]) / rate(sent_total[5m])', '', percent))).toEqual(['warning panel-unit']);
  });

  it('a hundredth may be a bound', async () => {
    const stat = (expr: string, ...values: number[]): object => ({
      ...of(expr, '', {
        unit: 'percent',
        thresholds: { mode: 'absolute', steps: [{ value: null }, ...values.map((value) => ({ value }))] },
      }),
      type: 'stat',
    });
    const share = 'sum(rate(loss_total[5m])) / sum(rate(sent_total[5m])) * 100';
    expect(await lint(stat(share, 0.1, 1))).toEqual([]);
    expect(await lint(stat(share, 0.7, 0.9))).toEqual(['warning panel-setting']);
    expect(await lint(stat('loss', 0.1, 1))).toEqual(['warning panel-setting']);
  });

  it('a row that is open and holds panels is one cause', async () => {
    const row = { type: 'row', title: 'R', collapsed: false, panels: [of('up'), of('up'), of('up')] };
    expect(await lint(row)).toEqual(['error panel-hidden']);
  });

  it('jobs of what is sent to Prometheus', async () => {
    const config = 'scrape_configs:\n  - job_name: own\n    static_configs: [{ targets: ["localhost:9090"] }]\n';
    const compose = (flag: string): string =>
      `services:\n  p:\n    image: prom/prometheus:v3.0.0\n    command: ["--config.file=/p.yml"${flag}]\n`;
    const asks = (job: string, files: Record<string, string>): Promise<string[]> =>
      lint(of(`lamp_oil{job="${job}"}`), { 'prometheus.yml': config, ...files }, { config: 'prometheus.yml' });
    const takes = { 'compose.yml': compose(', "--web.enable-remote-write-receiver"') };
    const agent = {
      'agent/config.alloy':
        'prometheus.remote_write "x" { }\nrule { target_label = "job"\n replacement = "shore/host" }\n',
    };
    expect(await asks('shore/host', { ...takes, ...agent })).toEqual([]);
    expect(await asks('shore/hots', { ...takes, ...agent })).toEqual(['warning job-unknown']);
    expect(await asks('shore/host', { 'compose.yml': compose('') })).toEqual(['warning job-unknown']);
  });

  it('an input of a dashboard beside the folder that a provider of another name loads', async () => {
    const input = { ...of('up'), datasource: '${DS_MAIN}' };
    const board = {
      title: 'B',
      uid: 'b',
      schemaVersion: 39,
      __inputs: [{ name: 'DS_MAIN' }],
      panels: [{ id: 1, type: 'stat', ...input }],
    };
    const run = (path: string): Promise<string[]> =>
      weighty({
        uses: 'dashboards/lint',
        target: tempDir({
          [path]: JSON.stringify(board),
          'demo/compose.yml':
            'services:\n  g:\n    image: grafana/grafana:11.0.0\n    volumes:\n      - ./g/sources.yaml:/etc/grafana/provisioning/datasources/default.yaml\n      - ./g/boards.yaml:/etc/grafana/provisioning/dashboards/default.yaml\n      - ./g/boards:/var/lib/grafana/dashboards\n',
          'demo/g/sources.yaml':
            'apiVersion: 1\ndatasources: [{ name: Main, uid: main, type: prometheus, url: "http://p:9090", isDefault: true }]\n',
          'demo/g/boards.yaml':
            'apiVersion: 1\nproviders: [{ name: a, type: file, options: { path: /var/lib/grafana/dashboards } }]\n',
        }),
        with: { dashboards: [path], provisioning: ['demo/g/sources.yaml'] },
      });
    expect(await run('boards/one.json')).toEqual([]);
    expect(await run('demo/g/boards/one.json')).toEqual([expect.stringContaining('error inputs-unfilled')]);
  });
});

describe('drafts of small repositories', () => {
  const sets = (files: Record<string, string>): string[][] => composeSets(treeOf(files)).sets.map((one) => one.files);

  it('a file that the services of another extend', () => {
    const base = (from: string): string =>
      `services:\n  a:\n    image: b\n    extends: { file: ${from}, service: x }\n`;
    const parts = 'services:\n  x:\n    image: c\n  y:\n    extends: { file: z.yml, service: y }\n';
    expect(sets({ 'compose.yml': base('./compose.parts.yml'), 'compose.parts.yml': parts })).toEqual([['compose.yml']]);
    expect(sets({ 'compose.yml': base('other.yml'), 'compose.parts.yml': parts })).toHaveLength(2);
  });

  it('a file whose services something else names', () => {
    const of = (name: string): string => `services:\n  ${name}:\n    image: b\n`;
    expect(sets({ 'compose.yml': of('{{ hosts.lamp }}') })).toEqual([]);
    expect(sets({ 'compose.yml': of('lamp') })).toHaveLength(1);
  });

  it('the example of the file that a service needs', () => {
    const of = (needs: string): string =>
      `services:\n  a:\n    image: b\n    ports: ["\${A:-80}:80", "\${B:-80}:81"]\n${needs}`;
    const files = (needs: string): Record<string, string> => ({ 'compose.yml': of(needs), '.env.dist': 'A=1\nB=2\n' });
    const envFile = (needs: string): string | undefined => composeSets(treeOf(files(needs))).sets[0]?.envFile;
    expect(envFile('    env_file: .env\n')).toBe('.env.dist');
    expect(envFile('')).toBeUndefined();
  });

  it('package.json of the pages of a program in another language is no release', () => {
    const files = { 'package.json': '{"name":"a","version":"2.6.0"}', 'CHANGELOG.md': '# Changes\n\n## 2.6.13\n\nx\n' };
    expect(releaseItem(treeOf(files) as never, new Ids())).toHaveLength(1);
    expect(releaseItem(treeOf({ ...files, 'composer.json': '{}' }) as never, new Ids())).toEqual([]);
  });
});

describe('releases of small repositories', () => {
  const consistent = (files: Record<string, string>): Promise<string[]> =>
    weighty({ uses: 'release/consistent', target: tempDir(files), with: { tag: 'ignored' } });
  const cargo = { 'Cargo.toml': '[package]\nname = "lamp"\nversion = "0.14.8"\n' };
  it.each([
    ['## 0.14.9/0.15.0 - Unreleased\n\n- soon\n\n## 0.14.8 - 2026-08-13\n\n- x\n', []],
    ['## 0.14.9 - 2026-09-01\n\n- soon\n\n## 0.14.8 - 2026-08-13\n\n- x\n', ['error changelog-entry 7']],
  ])('a heading of what is to come: %j', async (text, expected) =>
    expect(await consistent({ ...cargo, 'CHANGELOG.md': `# Changes\n\n${text}` })).toEqual(expected),
  );

  it('a changelog whose newer versions are told of elsewhere', async () => {
    const text = (head: string): string => `# History\n\n${head}\n\n## 0.13.0 - 2025-02-11\n\n- x\n`;
    const moved = 'Moving forwards we use the [releases page](https://example.org/lamp/releases) for changelogs.';
    expect(await consistent({ ...cargo, 'CHANGELOG.md': text(moved) })).toEqual([]);
    expect(await consistent({ ...cargo, 'CHANGELOG.md': text('All notable releases.') })).toEqual([
      'error changelog-entry 5',
    ]);
  });

  it('a lock of a package.json without a version', async () => {
    const lock = '{\n  "name": "lamp",\n  "version": "1.42.0",\n  "lockfileVersion": 3,\n  "packages": {}\n}\n';
    const files = (own: string): Record<string, string> => ({
      'package-lock.json': lock,
      'package.json': `{"name":"lamp"${own}}`,
      'version.txt': '1.46.2\n',
    });
    expect(await consistent(files(''))).toEqual([]);
    expect(await consistent(files(',"version":"1.46.2"'))).toEqual(['error version-other 3']);
  });
});

describe('stacks of beginners', () => {
  const compose = (files: Record<string, string>): Promise<string[]> =>
    weighty({ uses: 'compose/config', target: tempDir(files), with: { files: ['compose.yml'] } });
  const asks = (target: string, service: string): Promise<string[]> =>
    compose({
      'compose.yml': `services:\n  p:\n    image: prom/prometheus\n    volumes: ["./p.yml:/etc/prometheus/prometheus.yml"]\n  ${service}\n`,
      'p.yml': `scrape_configs:\n  - job_name: a\n    static_configs: [{ targets: ["${target}"] }]\n`,
    });
  it.each([
    ['a cache itself', 'cache:6379', 'cache: { image: "redis:7-alpine" }', ['error scrape-no-http 3']],
    ['a database, at the port of its exporter', 'db:9187', 'db: { image: postgres:16 }', ['error scrape-no-http 3']],
    [
      'a database with a start script of its own',
      'db:9216',
      'db: { image: "mongo:6", entrypoint: ["/start.sh"] }',
      ['warning scrape-no-http 3'],
    ],
    ['the port of a broker', 'k:9092', 'k: { image: "confluentinc/cp-kafka:7.4.0" }', ['error scrape-no-http 3']],
    ['an agent beside a broker', 'k:7071', 'k: { image: "confluentinc/cp-kafka:7.4.0" }', []],
    ['its exporter', 'cache:9121', 'cache: { image: oliver006/redis_exporter }', []],
    ['what is built here', 'db:9187', 'db: { image: postgres, build: . }', []],
  ])('Prometheus scrapes %s', async (_, target, service, expected) =>
    expect((await asks(target, service)).filter((one) => one.includes('scrape'))).toEqual(expected),
  );

  it('an env file that is not there, of a service in two files', async () => {
    const service = 'services:\n  a:\n    image: busybox:1.36\n    env_file: .env\n';
    const target = tempDir({ 'compose.yml': service, 'compose.prod.yml': service, '.env.example': 'A=1\n' });
    expect(
      await weighty({ uses: 'compose/config', target, with: { files: ['compose.yml', 'compose.prod.yml'] } }),
    ).toEqual([]);
  });

  it.each([
    ['datasources/dashboards', ['error provisioning-misplaced']],
    ['dashboards', []],
  ])('a provider of dashboards in provisioning/%s', async (folder, expected) =>
    expect(
      (
        await compose({
          'compose.yml':
            'services:\n  g:\n    image: grafana/grafana\n    volumes: ["./provisioning:/etc/grafana/provisioning"]\n',
          'provisioning/datasources/a.yml':
            'apiVersion: 1\ndatasources: [{ name: A, type: prometheus, url: "https://example.org" }]\n',
          [`provisioning/${folder}/b.yml`]:
            'apiVersion: 1\nproviders: [{ name: a, type: file, options: { path: /boards } }]\n',
        })
      ).filter((one) => one.includes('provisioning')),
    ).toEqual(expected),
  );

  it.each([
    ['template_prometheus.yml', []],
    ['prometheus.yml', ['prometheus.yml']],
  ])('the configuration %s', (path, expected) =>
    expect(
      lookAtMonitoring(
        treeOf({ [path]: 'rule_files: [made.yml]\nscrape_configs: [{ job_name: a }]\n' }) as never,
      ).configs.map((one) => one.path),
    ).toEqual(expected),
  );
});
