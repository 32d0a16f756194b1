import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Checklist } from '../src/core/checklist.ts';
import { RunRecord } from '../src/core/record.ts';
import { root, verify } from './rig/cli.ts';
import { needing } from './rig/have.ts';
import { tempDir, writeIn } from './rig/run-step.ts';
import { until } from './rig/until.ts';

const git = (cwd: string, ...args: string[]): void => {
  spawnSync('git', ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.org', ...args], { cwd });
};
/** A git repository of these files. */
function repository(files: Record<string, string>): string {
  const folder = tempDir(files);
  git(folder, 'init', '-q');
  git(folder, 'add', '-A');
  git(folder, 'commit', '-qm', 'files');
  return folder;
}
type Steps = Checklist['items'][number]['steps'];
const read = (cwd: string, milestone: string): Checklist =>
  parse(readFileSync(join(cwd, 'checklists', `${milestone}.yaml`), 'utf8')) as Checklist;
const stepsOf = (checklist: Checklist): Steps => checklist.items.flatMap((item) => item.steps);
const kindsOf = (checklist: Checklist): string[] =>
  [...new Set(stepsOf(checklist).map((step) => step.uses))].toSorted();
const paramsOf = (checklist: Checklist, kind: string): unknown[] =>
  stepsOf(checklist)
    .filter((step) => step.uses === kind)
    .map((step) => step.with);

/** Drafts, lints, and gives the checklist back. */
async function init(
  cwd: string,
  ...args: string[]
): Promise<{ checklist: Checklist; stdout: string; text: string; name: string }> {
  const drafted = await verify(['init', ...args], { cwd });
  expect(drafted.code, drafted.stderr).toBe(0);
  const path = /wrote checklists\/(\S+)\.yaml/.exec(drafted.stdout)?.[1] ?? '';
  const lint = await verify(['lint', `checklists/${path}.yaml`], { cwd });
  expect(lint.code, lint.stderr).toBe(0);
  const text = readFileSync(join(cwd, 'checklists', `${path}.yaml`), 'utf8');
  return { checklist: read(cwd, path), stdout: drafted.stdout, text, name: path };
}

/** One for all runs here; not the sample's own, whose benchmarks have its path built in. */
const builds = tempDir();

async function run(
  cwd: string,
  name: string,
  ...args: string[]
): Promise<{ code: number | null; record: RunRecord; found: string[] }> {
  const { code, stderr } = await verify([name, '--no-ask', '--ui', 'plain', ...args], {
    cwd,
    env: { CARGO_TARGET_DIR: builds },
  });
  const path = join(cwd, 'reports', name, 'latest', 'record.json');
  expect(existsSync(path), stderr).toBe(true);
  const record = RunRecord.parse(JSON.parse(readFileSync(path, 'utf8')));
  const found = record.steps.flatMap((step) =>
    step.findings
      .filter((one) => one.level !== 'note')
      .map((one) => `${step.uses} ${one.code} ${one.level}: ${one.message}`),
  );
  return { code, record, found };
}

const panel = (expr: string): object => ({
  type: 'timeseries',
  title: 'P',
  datasource: { type: 'prometheus', uid: 'prom' },
  targets: [{ refId: 'A', expr }],
});
const board = (uid: string, title: string, expr = 'up'): string =>
  JSON.stringify({ uid, title, schemaVersion: 39, panels: [panel(expr)], templating: { list: [] } });
const rules = (more = ''): string => `groups:
  - name: shop
    rules:
      - alert: Down
        expr: up == 0
        for: 2m
${more}`;
/** Monitoring with odd names in odd folders. */
const monitoring: Record<string, string> = {
  'infra/obs/stack/compose.yaml': `services:
  metrics:
    image: prom/prometheus:v2.53.0
    command: [--config.file=/etc/prometheus/scraping.yaml]
    volumes: [../scraping:/etc/prometheus:ro]
    ports: ["9090:9090"]
  boards:
    image: grafana/grafana:11.2.0
    profiles: [eyes]
    volumes:
      - ../pictures:/boards:ro
      - ../prov:/etc/grafana/provisioning:ro
`,
  'infra/obs/stack/compose.override.yaml': 'services:\n  metrics:\n    restart: always\n',
  'infra/obs/scraping/scraping.yaml':
    'global: { scrape_interval: 15s }\nrule_files: [pager.rules.yaml]\nscrape_configs:\n  - job_name: self\n    static_configs: [{ targets: ["localhost:9090"] }]\n',
  'infra/obs/scraping/pager.rules.yaml': rules(),
  'infra/obs/pictures/a.json': board('a', 'A'),
  'infra/obs/pictures/b.json': board('b', 'B'),
  'infra/obs/prov/datasources/x.yaml':
    'apiVersion: 1\ndatasources: [{ name: P, type: prometheus, uid: prom, url: "http://metrics:9090" }]\n',
  'infra/obs/prov/dashboards/y.yaml':
    'apiVersion: 1\nproviders: [{ name: p, type: file, options: { path: /boards } }]\n',
};

describe('verify init', () => {
  it('an empty repository gets a question, never a checklist that passes', async () => {
    const cwd = repository({});
    const { checklist, name, text } = await init(cwd);
    expect(kindsOf(checklist)).toEqual(['manual/confirm']);
    expect(text).toContain('nothing was found');
    expect((await run(cwd, name)).code).toBe(11);
  });

  it('writes the checklist, the attributes once, and a template of signers; says what comes next', async () => {
    const cwd = repository({ '.gitattributes': '*.png binary' });
    const first = await verify(['init', '--milestone', 'm1'], { cwd });
    expect(first.stdout).toContain('verify plan m1');
    const again = await verify(['init', '--milestone', 'm1'], { cwd });
    expect(again.code).toBe(73);
    expect(again.stderr).toContain('--force');
    writeIn(cwd, '.verify/allowed_signers', 'ann@example.org ssh-ed25519 AAAA\n');
    expect((await verify(['init', '--milestone', 'm1', '--force'], { cwd })).code).toBe(0);
    expect(readFileSync(join(cwd, '.gitattributes'), 'utf8')).toBe('*.png binary\nreports/** -text\n');
    expect(readFileSync(join(cwd, '.verify/allowed_signers'), 'utf8')).toBe('ann@example.org ssh-ed25519 AAAA\n');
  });

  it('the template of signers holds comments only, and the namespace', async () => {
    const cwd = repository({});
    await init(cwd);
    const lines = readFileSync(join(cwd, '.verify/allowed_signers'), 'utf8').trim().split('\n');
    expect(lines.filter((line) => !line.startsWith('#'))).toEqual([]);
    expect(lines.join('\n')).toContain('namespaces="sign-off@verify-milestone.dev"');
  });

  it('a folder of a repository is drafted alone, and says so', async () => {
    const cwd = repository({ 'svc/go.mod': 'module a\n', 'checklists/m1.yaml': '' });
    const { code, stdout } = await verify(['init'], { cwd: join(cwd, 'svc') });
    expect(code).toBe(0);
    expect(stdout).toContain('note: svc is a folder of the repository');
    expect(stdout).toContain('which has checklists/ of its own');
    expect(stdout).toMatch(/init --target \.\.` drafts for the whole/);
    expect((await verify(['init'], { cwd })).stdout).not.toContain('is a folder of the repository');
  });

  it('broken off by Ctrl-C it leaves no checklist that a second call stumbles over', async () => {
    const cwd = repository({ 'go.mod': 'module a\n' });
    const child = spawn(process.execPath, [join(root, 'bin/verify.js'), 'init'], { cwd, stdio: 'ignore' });
    const ended = once(child, 'exit');
    await until('the first file', () => existsSync(join(cwd, '.gitattributes')) || child.exitCode !== null);
    child.kill('SIGINT');
    await ended;
    if (child.exitCode === null) expect(child.signalCode).toBe('SIGINT');
    // The checklist is written last: it is there whole, or a second call writes it.
    const whole = existsSync(join(cwd, 'checklists/release.yaml'));
    expect((await verify(['init'], { cwd })).code).toBe(whole ? 73 : 0);
    expect(readdirSync(cwd).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('--print writes nothing', async () => {
    const cwd = repository(monitoring);
    const printed = await verify(['init', '--print'], { cwd });
    expect(parse(printed.stdout)).toMatchObject({ version: 1, milestone: 'release' });
    expect(existsSync(join(cwd, 'checklists'))).toBe(false);
    expect(existsSync(join(cwd, '.verify'))).toBe(false);
  });

  it.each([
    ['a target that is not there', ['--target', 'nowhere'], 66],
    ['a document that is not there', ['--from', 'nowhere.md'], 66],
    ['a document of elsewhere', ['--from', join(root, 'README.md')], 66],
    ['a name that is a path', ['--milestone', '../x'], 64],
  ])('refuses %s', async (_, args, code) => {
    expect((await verify(['init', ...args], { cwd: repository({}) })).code).toBe(code);
  });

  it('finds monitoring by what files hold, with override and profiles', async () => {
    const { checklist } = await init(repository(monitoring));
    expect(paramsOf(checklist, 'compose/config')).toEqual([
      { files: ['infra/obs/stack/compose.yaml', 'infra/obs/stack/compose.override.yaml'], profiles: ['eyes'] },
    ]);
    expect(paramsOf(checklist, 'prometheus/config')).toEqual([
      { config: 'infra/obs/scraping/scraping.yaml', rules: ['infra/obs/scraping/pager.rules.yaml'] },
    ]);
    expect(paramsOf(checklist, 'dashboards/lint')).toMatchObject([
      { dashboards: ['infra/obs/pictures/*.json'], provisioning: ['infra/obs/prov/datasources/x.yaml'] },
    ]);
  });

  it('a configuration of Alertmanager is a step where no Compose file mounts it, and where it is no template', async () => {
    const routed = (url = 'https://hooks.example/x'): string =>
      `route: { receiver: a }\nreceivers: [{ name: a, webhook_configs: [{ url: "${url}" }] }]\n`;
    const cwd = repository({
      'a/alertmanager.yml': routed(),
      'b/am.yml': routed(),
      'c/am.yml': routed('${HOOK}'),
      'examples/am.yml': routed(),
      'compose.yaml':
        'services:\n  am:\n    image: prom/alertmanager:v0.27.0\n    volumes: [./b/am.yml:/etc/alertmanager/alertmanager.yml]\n',
      'r.yml': 'groups:\n  - name: g\n    rules: [{ alert: E, expr: up == 0 }]\n',
    });
    const { checklist } = await init(cwd);
    expect(paramsOf(checklist, 'alertmanager/config')).toEqual([{ config: 'a/alertmanager.yml' }]);
  });

  it('takes nothing that only looks alike', async () => {
    const cwd = repository({
      'config/services.yaml': 'services:\n  _defaults: { autowire: true }\n  App\\Foo: { class: App\\Foo }\n',
      '.github/workflows/ci.yml': 'on: push\njobs:\n  t:\n    services: { db: { image: postgres } }\n',
      'k8s/service.yaml': 'apiVersion: v1\nkind: Service\nspec: {}\n',
      'loki/alerts.yml':
        'groups:\n  - name: l\n    rules:\n      - { alert: E, expr: \'sum(rate({app="x"} |= "error" [5m])) > 1\' }\n',
      'vm/alerts.yml': 'groups:\n  - name: v\n    concurrency: 2\n    rules: [{ alert: E, expr: up == 0 }]\n',
      'grafana/alerting.yml':
        'apiVersion: 1\ngroups:\n  - { orgId: 1, name: g, folder: f, interval: 1m, rules: [{ uid: u, title: t, condition: A }] }\n',
      'chart/templates/rules.yaml':
        'groups:\n{{- range .Values.groups }}\n  - name: {{ .name }}\n    rules:\n      - alert: X\n        expr: up == 0\n{{- end }}\n',
      'rules_test.yml': 'rule_files: [x.yml]\ntests: []\n',
      'promtail.yml': 'clients: [{ url: "http://loki" }]\nscrape_configs: [{ job_name: system }]\n',
      'schema.json': '{ "title": "A schema", "type": "object" }',
      'api/dashboard.json': JSON.stringify({ dashboard: JSON.parse(board('a', 'A')) as object, overwrite: true }),
      'test/fixtures/dashboard.json': board('x', 'X'),
      'vendor/x/docker-compose.yml': 'services: { a: { image: x } }\n',
      'node_modules/x/package.json': '{ "scripts": { "test": "exit 1" } }',
    });
    const { checklist, stdout } = await init(cwd);
    // Grafana's own alert rules are no rules of Prometheus.
    expect(kindsOf(checklist)).toEqual(['grafana/alerting', 'manual/confirm']);
    for (const name of ['loki/alerts.yml', 'vm/alerts.yml', 'chart/templates/rules.yaml'])
      expect(stdout).toContain(`left out: ${name}`);
  });

  it('overlays go with their base, and what needs more than is known is named', async () => {
    const service = (more = ''): string => `services:\n  web:\n    image: x\n${more}`;
    const { checklist, stdout } = await init(
      repository({
        'docker-compose.yml': service(),
        'docker-compose.prod.yml': 'services:\n  web:\n    restart: always\n',
        'docker-compose.tools.yml': 'services:\n  adminer: { image: adminer }\n',
        'ops/docker-compose.gpu.yml': 'services:\n  web:\n    runtime: nvidia\n',
        'alt/compose.yml':
          'services:\n  cpu: { image: x, profiles: [cpu], ports: ["80:80"] }\n  gpu: { image: x, profiles: [gpu], ports: ["80:80"] }\n',
      }),
    );
    expect(paramsOf(checklist, 'compose/config')).toEqual([
      { files: ['alt/compose.yml'], profiles: ['cpu'] },
      { files: ['alt/compose.yml'], profiles: ['gpu'] },
      { files: ['docker-compose.yml'] },
      { files: ['docker-compose.yml', 'docker-compose.prod.yml'] },
      { files: ['docker-compose.yml', 'docker-compose.tools.yml'] },
    ]);
    expect(stdout).toContain('left out: ops/docker-compose.gpu.yml');
  });

  it('an overlay whose mounts count from the folder above goes with the file there', async () => {
    const files = {
      'docker-compose.yml': 'services:\n  web:\n    image: x\n',
      'checks/tls/docker-compose.test.yml':
        'services:\n  fixture:\n    image: x\n    volumes: ["./checks/tls/conf:/c:ro"]\n',
      'checks/tls/conf/a.conf': '',
      'own/docker-compose.test.yml': 'services:\n  own:\n    image: x\n    volumes: ["./conf:/c:ro"]\n',
      'own/conf/a.conf': '',
    };
    expect(paramsOf((await init(repository(files))).checklist, 'compose/config')).toEqual([
      { files: ['docker-compose.yml', 'checks/tls/docker-compose.test.yml'] },
      { files: ['docker-compose.yml'] },
      { files: ['own/docker-compose.test.yml'] },
    ]);
  });

  it('of several configurations the one that names the rules says which jobs there are', async () => {
    const { checklist } = await init(
      repository({
        'p/prometheus.yml': 'rule_files: [a.rules]\nscrape_configs: [{ job_name: node }]\n',
        'p/a.rules': rules(),
        'q/prometheus.yml': 'scrape_configs: [{ job_name: other }]\n',
      }),
    );
    expect(paramsOf(checklist, 'prometheus/rules-static')).toEqual([
      { rules: ['p/a.rules'], config: 'p/prometheus.yml' },
    ]);
  });

  it.each([
    ['of the place that it is for', 'local', [{ config: 'deploy/local/prometheus.yml' }]],
    ['of another place', 'prod', [{}]],
  ])('a configuration of one place is held against dashboards %s', async (_, place, expected) => {
    const { checklist } = await init(
      repository({
        'deploy/local/compose.yml':
          'services:\n  prometheus:\n    image: prom/prometheus:v3.1.0\n    volumes: ["./prometheus.yml:/etc/prometheus/prometheus.yml"]\n  grafana: { image: "grafana/grafana:12.1.0" }\n',
        'deploy/local/prometheus.yml': 'scrape_configs: [{ job_name: collector }]\n',
        [`deploy/${place}/boards/1.json`]: board('a', 'A'),
      }),
    );
    expect(paramsOf(checklist, 'dashboards/lint')).toEqual(
      expected.map((more) => ({ dashboards: [`deploy/${place}/boards/*.json`], ...more })),
    );
  });

  it('folders of dashboards are one step, but for rivals of the same name', async () => {
    const { checklist } = await init(
      repository({
        'a/1.json': board('a', 'A'),
        'b/1.json': board('b', 'B'),
        'old/1.json': board('a', 'A'),
      }),
    );
    expect(paramsOf(checklist, 'dashboards/lint')).toEqual([
      { dashboards: ['a/*.json', 'b/*.json'] },
      { dashboards: ['old/*.json'] },
    ]);
  });

  it('Grafana’s own alerting is read by folders, with the data sources beside it and what other folders make', async () => {
    const { checklist } = await init(
      repository({
        'g/provisioning/alerting/rules.yml':
          'apiVersion: 1\ngroups:\n  - { name: a, folder: F, interval: 1m, rules: [{ uid: a, title: A, condition: A, data: [] }] }\n',
        'g/provisioning/alerting/policies.yaml': 'apiVersion: 1\npolicies: [{ receiver: mail }]\n',
        'g/provisioning/datasources/p.yml':
          'apiVersion: 1\ndatasources: [{ name: P, type: prometheus, url: "http://p" }]\n',
        'other/contacts.yml': 'apiVersion: 1\ncontactPoints: [{ name: mail, receivers: [] }]\n',
        // A rule of Prometheus, and an object of Kubernetes with the same keys.
        'p/a.rules.yml': rules(),
        'k/policies.yml': 'apiVersion: v1\nkind: PolicySet\npolicies: [{ receiver: mail }]\n',
      }),
    );
    expect(paramsOf(checklist, 'grafana/alerting')).toEqual([
      {
        files: ['g/provisioning/alerting/policies.yaml', 'g/provisioning/alerting/rules.yml'],
        datasources: ['g/provisioning/datasources/p.yml'],
        contacts: ['mail'],
      },
      { files: ['other/contacts.yml'], datasources: ['g/provisioning/datasources/p.yml'] },
    ]);
  });

  it.each([
    ['a device', '    devices: ["/dev/kmsg:/dev/kmsg"]\n', 'stack/up of compose.yml: p needs the device /dev/kmsg'],
    ['no Prometheus', undefined, 'stack/up: there is no Compose file'],
    ['no configuration', '    ports: ["9090:9090"]\n', 'the configuration of its Prometheus was not found'],
  ])('--stack says why there is none: %s', async (_, more, why) => {
    const files: Record<string, string> =
      more === undefined ? {} : { 'compose.yml': `services:\n  p:\n    image: prom/prometheus\n${more}` };
    const printed = await verify(['init', '--stack', '--print'], { cwd: repository(files) });
    expect(printed.stdout).toContain(why);
  });

  it('a configuration that is at home in its container is not given to promtool', async () => {
    const files = {
      'prom/prometheus.yml':
        'rule_files: [/etc/prometheus/alerts.yml]\nscrape_configs: [{ job_name: a, static_configs: [{ targets: ["a:1"] }] }]\n',
      'prom/alerts.yml': rules(),
    };
    const { checklist, text } = await init(repository(files));
    expect(paramsOf(checklist, 'prometheus/config')).toEqual([{ rules: ['prom/alerts.yml'] }]);
    expect(text).toContain('without prom/prometheus.yml, since /etc/prometheus/alerts.yml');
  });

  it('Cargo: the edition of all members, and what the project promises', async () => {
    const { checklist, text } = await init(
      repository({
        'Cargo.toml': '[workspace]\nmembers = ["a", "b"]\nresolver = "2"\n[workspace.package]\nedition = "2021"\n',
        'a/Cargo.toml': '[package]\nname = "a"\nversion = "0.1.0"\nedition.workspace = true\n',
        'a/src/lib.rs': '#[test]\nfn t() {}\n',
        'b/Cargo.toml': '[package]\nname = "b"\nversion = "0.1.0"\nedition = "2021"\n',
        'b/src/lib.rs': '',
        'old/Cargo.toml': '[workspace]\n[package]\nname = "old"\nversion = "0.1.0"\n',
        'old/src/lib.rs': '#![feature(test)]\n',
        'README.md': '# A\n\nRun `cargo fmt`.\n',
      }),
    );
    expect(paramsOf(checklist, 'code/edition')).toEqual([
      { edition: '2021' },
      { manifest: 'old/Cargo.toml', edition: '2015', nightly: 'allowed' },
    ]);
    expect(paramsOf(checklist, 'cargo/test')).toEqual([{ minimum: 1 }]);
    expect(paramsOf(checklist, 'cargo/clippy')).toMatchObject([
      { allFeatures: false, deny: ['clippy::correctness'] },
      {},
    ]);
    expect(text).toContain('left out: cargo test of old/Cargo.toml');
  });

  it('package.json and go.mod: what can be run is, and what cannot is named', async () => {
    const { checklist } = await init(
      repository({
        'package.json': '{ "scripts": { "test": "node --test" }, "devDependencies": { "x": "1" } }',
        'go.mod': 'module example.org/x\n',
        'main.go': 'package main\nfunc main() {}\n',
        'main_test.go': 'package main\n',
      }),
    );
    const uses = checklist.items.flatMap((item) => item.steps.map((step) => step.uses));
    expect(uses.filter((one) => /\/(?:test|lint)$/.test(one))).toEqual(['go/lint', 'go/test', 'npm/test']);
    const bare = await init(repository({ 'package.json': '{ "scripts": { "test": "node -e 0" } }' }));
    expect(paramsOf(bare.checklist, 'command')).toMatchObject([{ run: ['npm', 'run', 'test'] }]);
  });
});

const [title, skipped] = needing('a drafted checklist, run', 'compose', 'promtool', 'cargo');
describe.skipIf(skipped)(title, () => {
  it('has nothing against monitoring that is right', async () => {
    const cwd = repository({
      ...monitoring,
      // A project within the repository: its runbooks are relative to its own root.
      'infra/obs/scraping/pager.rules.yaml': rules('        annotations: { runbook: "guides/pager.md#down" }\n'),
      'infra/guides/pager.md': '# Pager\n\n## Down\n\nStart it.\n',
      '.gitignore': 'infra/*.txt\n',
      'README.md':
        '# Shop\n\nSee [the rules](infra/obs/scraping/pager.rules.yaml); a list is kept in `infra/list.txt`.\n',
    });
    const { name } = await init(cwd);
    const { code, found } = await run(cwd, name);
    expect(found).toEqual([]);
    // Nothing tests the product: that stays a question.
    expect(code).toBe(11);
  });

  it('finds what is wrong in a repository that nobody prepared', async () => {
    const cwd = repository({
      ...monitoring,
      'infra/obs/scraping/pager.rules.yaml': rules('        sevrity: page\n'),
      'infra/obs/prov/dashboards/y.yaml':
        'apiVersion: 1\nproviders: [{ name: p, type: file, options: { path: /nowhere } }]\n',
      'infra/obs/pictures/b.json': board('b', 'B', 'sum(rate(up[5m])'),
      'README.md': '# Shop\n\nSee [the guide](docs/guide.md).\n',
    });
    const { name } = await init(cwd);
    const { code, found } = await run(cwd, name);
    expect(code).toBe(10);
    const all = found.join('\n');
    expect(all).toMatch(/prometheus\/config rules-refused error: .*sevrity/);
    expect(all).toMatch(/compose\/config provider-path error/);
    expect(all).toMatch(/docs\/claims link-broken error: .*docs\/guide\.md/);
    expect(all).toMatch(/dashboards\/lint \S+ error: .*(?:parse|P)/);
  });

  it('a crate that keeps no lock file leaves the tree as it was; its defects are found', async () => {
    const cwd = repository({
      'Cargo.toml': '[package]\nname = "k"\nversion = "0.1.0"\nedition = "2021"\n',
      'src/lib.rs':
        'pub fn add(a: u32, b: u32) -> u32 {\n    a + b\n}\n\n#[test]\nfn adds() {\n    assert_eq!(add(1, 2), 3);\n}\n',
      'README.md': '# K\n\nSee `src/lib.rs`; `cargo clippy -- -D warnings` passes.\n',
      '.gitignore': '/target\n',
    });
    const { name } = await init(cwd);
    expect(await run(cwd, name)).toMatchObject({ code: 0, found: [] });
    writeIn(
      cwd,
      'src/lib.rs',
      'pub fn add(a: u32, b: u32) -> u32 {\n    let c = 1;\n   a + b\n}\n\n#[test]\nfn adds() {\n    assert_eq!(add(1, 2), 4);\n}\n',
    );
    const { code, found } = await run(cwd, name);
    expect(code).toBe(10);
    expect([...new Set(found.map((text) => text.split(' ').slice(0, 2).join(' ')))].toSorted()).toEqual([
      'cargo/clippy lint',
      'cargo/fmt unformatted',
      'cargo/test test-failed',
    ]);
  });

  it('has nothing against the healthy sample target, drafted from its folders and from its document', async () => {
    const cwd = tempDir();
    cpSync(join(root, 'examples/engram'), cwd, { recursive: true, filter: (path) => !/\/target(?:\/|$)/.test(path) });
    git(cwd, 'init', '-q');
    git(cwd, 'add', '-A');
    git(cwd, 'commit', '-qm', 'files');
    const plain = await init(cwd);
    expect(plain.name).toBe('milestone-16');
    expect(kindsOf(plain.checklist)).toEqual(
      'cargo/clippy cargo/fmt cargo/test code/edition compose/config dashboards/lint docs/claims docs/tasks prometheus/config prometheus/rules-static'.split(
        ' ',
      ),
    );
    expect(await run(cwd, plain.name)).toMatchObject({ code: 0, found: [] });
    const told = await init(cwd, '--force', '--from', 'roadmap/milestone-16/NEXT_STEPS.md');
    const ties = paramsOf(told.checklist, 'docs/claims') as { claims?: { fact: string }[] }[];
    expect(ties.flatMap((one) => one.claims ?? []).map((one) => one.fact)).toContain('rulefiles.alerts');
    // The stack needs a container engine: without it that is open, and nothing else is.
    const { found } = await run(cwd, told.name, '--skip', 'stack');
    expect(found).toEqual([]);
  });
});

describe('what init writes into .gitignore', () => {
  it('the folders that Python’s tools make with a .gitignore of their own, but not those that are ignored already', async () => {
    const cwd = repository({
      'pyproject.toml': '[project]\nname = "x"\n[tool.mypy]\nstrict = true\n[tool.ruff]\n',
      'uv.lock': '# of uv\n',
      'tests/test_x.py': 'def test_x():\n    assert True\n',
      '.gitignore': '.ruff_cache',
    });
    const { stdout } = await init(cwd);
    expect(readFileSync(join(cwd, '.gitignore'), 'utf8')).toBe('.ruff_cache\n.venv/\n.mypy_cache/\n');
    expect(stdout).toContain('(.venv/, .mypy_cache/)');
    expect(stdout.match(/git add .* && git commit/)?.[0].split('.gitignore')).toHaveLength(2);
  });

  it('a rule about builds that bears the milestone’s name, of which a gate elsewhere would lack the run', async () => {
    const cwd = repository({ 'a.txt': '', '.gitignore': '[Rr]elease/\n' });
    await init(cwd);
    const ignored = (path: string): boolean => spawnSync('git', ['check-ignore', '-q', path], { cwd }).status === 0;
    expect(ignored('reports/release/2026-01-01T00-00-00Z-000000/record.json')).toBe(false);
    expect(ignored('src/release/a.o')).toBe(true);
  });

  it('nothing where reports are ignored as a whole', async () => {
    const cwd = repository({ 'a.txt': '', '.gitignore': 'reports/\n' });
    const { stdout } = await init(cwd);
    expect(readFileSync(join(cwd, '.gitignore'), 'utf8')).toBe('reports/\n');
    expect(stdout).toContain('git ignores the folder of the runs (.gitignore:1: reports/)');
  });
});

it('a table of a release checklist: each row is a point of its own, where one of them has a box', async () => {
  const rows = '| Rotate the keys | ops | [ ] |\n| Back up the database | dba | no |\n| Warn the users | pm | [x] |\n';
  const cwd = repository({ 'R.md': `# Release checklist\n\n| Step | Owner | Done |\n|---|---|---|\n${rows}` });
  const { stdout } = await verify(['init', '--from', 'R.md', '--print'], { cwd });
  for (const said of ['Rotate the keys?', 'Back up the database?', 'Warn the users?']) expect(stdout).toContain(said);
});

it('a folder of the run that something removes meanwhile is told with 74, as no defect of verify', async () => {
  const step = `{ id: a, uses: command, with: { shell: 'rm -rf "$PWD"' } }`;
  const cwd = repository({
    'checklists/m1.yaml': `version: 1\nmilestone: m1\ntitle: T\nitems: [{ id: i, title: I, steps: [${step}] }]\n`,
  });
  const { code, stderr } = await verify(['m1', '--target', cwd], { cwd });
  expect([code, stderr]).toEqual([74, expect.stringMatching(/is no longer there: something removed it/)]);
});
