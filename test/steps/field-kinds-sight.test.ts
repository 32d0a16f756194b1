import { describe, expect, it } from 'vitest';
import { parseFault } from '../../src/formats/promql/parse.ts';
import { needing } from '../rig/have.ts';
import { tempDir } from '../rig/run-step.ts';
import { weighty } from '../rig/weighty.ts';

// What a fourth set of public repositories taught: each false alarm with the defect beside it that must still be found.

const [title, skip] = needing('compose/config: one cause, one finding', 'compose');

describe.skipIf(skip)(title, () => {
  const config = (files: Record<string, string>): Promise<string[]> =>
    weighty({ uses: 'compose/config', target: tempDir(files), with: { files: ['compose.yml'] } });
  const built = (...names: string[]): string =>
    `services:\n${names.map((name) => `  ${name}:\n    build: ./${name}\n`).join('')}`;

  it('folders of other repositories that are all missing', async () => {
    expect(await config({ 'compose.yml': built('a', 'b', 'c') })).toEqual(['error build-context-missing 2']);
    expect(await config({ 'compose.yml': built('a', 'b') })).toHaveLength(2);
    expect(await config({ 'compose.yml': built('a'), 'a/Dockerfile': 'FROM scratch\n' })).toEqual([]);
  });

  it('two services that are called alike and publish one port', async () => {
    const pair = (name: string, port: string): string =>
      `services:\n  a:\n    image: x\n    container_name: cc\n    ports: ["80:80"]\n  b:\n    image: x\n    container_name: ${name}\n    ports: ["${port}:80"]\n`;
    expect(await config({ 'compose.yml': pair('cc', '80') })).toEqual(['error port-conflict 6']);
    expect(await config({ 'compose.yml': pair('cc', '81') })).toEqual(['error name-conflict 6']);
    expect(await config({ 'compose.yml': pair('dd', '80') })).toEqual(['error port-conflict 6']);
    expect(await config({ 'compose.yml': pair('dd', '81') })).toEqual([]);
  });

  it('a port that the Dockerfile of a service exposes beside the published one', async () => {
    const files = (exposed: string): Record<string, string> => ({
      'compose.yml':
        'services:\n  app:\n    build: ./app\n    ports: ["5000:5000"]\n  p:\n    image: prom/prometheus:v2.53.0\n    volumes: ["./p.yml:/etc/prometheus/prometheus.yml"]\n',
      'app/Dockerfile': `FROM python:3.12\nCOPY a.py .\nEXPOSE 5000\n${exposed}CMD ["python", "a.py"]\n`,
      'app/a.py': '',
      'p.yml': 'scrape_configs: [{ job_name: app, static_configs: [{ targets: ["app:8000"] }] }]\n',
    });
    expect(await config(files('EXPOSE 8000\n'))).toEqual([]);
    expect(await config(files('EXPOSE $PORT\n'))).toEqual([]);
    expect(await config(files(''))).toEqual(['warning scrape-port 1']);
  });

  it('an Alertmanager file full of placeholders', async () => {
    const files = (key: string, user: string): Record<string, string> => ({
      'compose.yml':
        'services:\n  am:\n    image: prom/alertmanager:v0.27.0\n    volumes: ["./am.yml:/etc/alertmanager/alertmanager.yml"]\n',
      'am.yml': `route: { receiver: a }\nreceivers:\n  - name: a\n    pushover_configs:\n      - token: "${key}"\n        user_key: "${user}"\n`,
    });
    expect(await config(files('${KEY}', '${USER}'))).toEqual(['error alertmanager-literal 5']);
    expect(await config(files('abc', '${USER}'))).toEqual(['error alertmanager-literal 6']);
    expect(await config(files('abc', 'def'))).toEqual([]);
  });
});

it('where an expression ends too early', () => {
  expect(parseFault('sum(rate(a[5m])) > ')).toBe('does not parse: it ends too early, after "sum(rate(a[5m])) >"');
  expect(parseFault('sum(rate(a[5m]))) > 1')).toBe('does not parse at ") > 1"');
  expect(parseFault('sum(rate(a[5m])) > 1')).toBeUndefined();
});

it('a recorded rate over a subquery’s time', async () => {
  const rules = (expr: string): Promise<string[]> =>
    weighty({
      uses: 'prometheus/rules-static',
      target: tempDir({
        'r.yml': `groups:\n  - name: g\n    rules:\n      - record: shop:requests:rate1h\n        expr: ${expr}\n`,
      }),
      with: { rules: ['r.yml'] },
    });
  expect(await rules('avg_over_time(rate(http_requests_total[5m])[1h:])')).toEqual([]);
  expect(await rules('avg_over_time(rate(http_requests_total[5m])[2h:])')).toEqual(['warning text-contradicts 5']);
});

describe('documents', () => {
  const claims = (readme: string, files: Record<string, string>): Promise<string[]> =>
    weighty({
      uses: 'docs/claims',
      target: tempDir({ 'README.md': `# Harbour\n\n${readme}`, ...files }),
      with: { documents: ['README.md'] },
    });

  it('a variable that stands within a longer name alone', async () => {
    const names = ['SHIP_A', 'SHIP_B', 'SHIP_C', 'SHIP_D', 'SHIP_LOG_LEVEL'];
    const files = { 'main.py': `import os\n${names.map((name) => `os.environ["${name}"]\n`).join('')}` };
    expect(await claims('Set the environment variable `SHIP_LOG`.\n', files)).toEqual(['warning name-unknown 3']);
    expect(await claims('Set the environment variable `SHIP_LOG_LEVEL`.\n', files)).toEqual([]);
    const flags = { ...files, 'build.sh': 'cmake -DSHIP_LOG=1 .\n' };
    expect(await claims('Set the environment variable `SHIP_LOG`.\n', flags)).toEqual([]);
  });

  it('alert rules of Grafana beside those of Prometheus', async () => {
    const rule = (name: string): string => `      - alert: ${name}\n        expr: up == 0\n`;
    const own = (n: number): string =>
      `      - { uid: u${n}, title: T${n}, condition: A, for: 5m, noDataState: OK, execErrState: Error, data: [] }\n`;
    const files = {
      'rules.yml': `groups:\n  - name: g\n    rules:\n${['A', 'B', 'C'].map(rule).join('')}`,
      'alerting.yml': `apiVersion: 1\ngroups:\n  - orgId: 1\n    name: g\n    folder: f\n    interval: 1m\n    rules:\n${[1, 2].map(own).join('')}`,
    };
    expect(await claims('It has 2 alert rules.\n', files)).toEqual([]);
    expect(await claims('It has 4 alert rules.\n', files)).toEqual(['warning value-wrong 3']);
    expect(await claims('It has 2 Prometheus alert rules.\n', files)).toEqual(['error value-wrong 3']);
  });

  it('a link in back-ticks shows how to write one', async () => {
    const files = { 'docs/backend/a.md': '# A\n' };
    expect(await claims('- [A](docs/backend/a.md)\n- Use paths: `[Guide](docs/backend/GUIDE.md)`\n', files)).toEqual(
      [],
    );
    expect(await claims('- Read docs/backend/GUIDE.md first.\n', files)).toEqual(['warning path-missing 3']);
  });

  it('values of which one is the default of another setting', async () => {
    const files = { 'boats.go': 'package boats\n\nconst (\n\tFormatFast = "fast"\n\tFormatSlow = "slow"\n)\n' };
    expect(
      await claims('- [A](boats.go)\n- `Format`: `FormatFast` or `FormatSlow` (default: `FormatFast`).\n', files),
    ).toEqual([]);
    expect(await claims('- `FormatSlow` (default: `crawl`).\n', files)).toEqual(['warning value-wrong 3']);
  });

  it('a version of Python that programs beside the project ask for', async () => {
    const files = {
      'pyproject.toml': '[project]\nname = "harbour"\nrequires-python = ">=3.12"\n',
      'bench/README.md': '# Bench\n\n## Requirements\n\n- Python 3.10+\n',
    };
    const at = (document: string): Promise<string[]> =>
      weighty({
        uses: 'docs/claims',
        target: tempDir({ 'README.md': '# Harbour\n\n## Requirements\n\n- Python 3.10+\n', ...files }),
        with: { documents: [document] },
      });
    expect(await at('bench/README.md')).toEqual(['warning value-wrong 5']);
    expect(await at('README.md')).toEqual(['error value-wrong 5']);
  });

  it('a source in capitals stands for a name that the reader chooses', async () => {
    const files = { 'src/types/tide.js': 'export {};\n' };
    const named = (name: string): Promise<string[]> =>
      claims(`See [tide](src/types/tide.js).\n\n- \`src/types/${name}.js\` is the core of each type.\n`, files);
    expect(await named('SHIP_TYPE')).toEqual([]);
    expect(await named('ship_type')).toEqual(['error path-missing 5']);
  });

  it('a program of the root beside a workspace of its own, in a checkout that the reader makes', async () => {
    const manifest = (name: string, more = ''): string => `[package]\nname = "${name}"\nversion = "0.1.0"\n${more}`;
    const files = (folder: string): Record<string, string> => ({
      [`${folder}Cargo.toml`]: manifest('harbour', '\n[[bin]]\nname = "hb"\npath = "src/main.rs"\n'),
      [`${folder}src/main.rs`]: 'fn main() {}\n',
      'fuzz/Cargo.toml': manifest('fuzz', '\n[workspace]\n'),
      'fuzz/src/main.rs': 'fn main() {}\n',
    });
    const text = (program: string): string =>
      `[Fuzz](fuzz/Cargo.toml)\n\n\`\`\`sh\ngit clone https://example.org/o/harbour\ncd harbour\n./target/release/${program} --version\n\`\`\`\n`;
    expect(await claims(text('hb'), files(''))).toEqual([]);
    expect(await claims(text('hc'), files('crates/one/'))).toEqual(['error command-wrong 8']);
  });
});
