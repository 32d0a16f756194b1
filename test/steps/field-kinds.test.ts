import { describe, expect, it } from 'vitest';
import { Judge } from '../../src/core/judgement.ts';
import { composeSets } from '../../src/draft/compose-sets.ts';
import { quotedLinesIndented } from '../../src/formats/data/lenient-quotes.ts';
import { yamlOf } from '../../src/formats/data/yaml.ts';
import { parseRuleFile, ruleFile } from '../../src/formats/prometheus/rule-files.ts';
import { Redactor } from '../../src/evidence/redact.ts';
import { needing } from '../rig/have.ts';
import { tempDir } from '../rig/run-step.ts';
import { treeOf, weighty } from '../rig/weighty.ts';

// What the field trial over public repositories taught: each false alarm with the defect beside it that must still be found.

const alerts = (...expressions: string[]): string =>
  `groups:\n  - name: g\n    rules:\n${expressions.map((expr, n) => `      - { alert: A${n}, expr: '${expr}', for: 5m }\n`).join('')}`;
const rulesIn = (files: Record<string, string>, more: object = {}): Promise<string[]> =>
  weighty({ uses: 'prometheus/rules-static', target: tempDir(files), with: { rules: ['rules.yml'], ...more } });

describe('findings of one cause', () => {
  const problems = { old: { level: 'warning', title: 'T', hint: 'H' } } as const;
  it('are one, with the places below, and stand for no single subject', () => {
    const j = new Judge(problems);
    for (const line of [1, 2, 2, 3])
      j.find('old', `m${line} is old`, { cause: 'v1', subject: `m${line}`, where: { file: 'a.yml', line } });
    j.find('old', 'other', { cause: 'v2' });
    expect(j.done().findings).toEqual([
      {
        code: 'old',
        level: 'warning',
        message: 'm1 is old (and 2 more of this cause)',
        hint: 'H',
        where: { file: 'a.yml', line: 1 },
        detail: 'a.yml:1: m1 is old\na.yml:2: m2 is old\na.yml:3: m3 is old',
      },
      { code: 'old', level: 'warning', message: 'other', hint: 'H' },
    ]);
    expect(j.weighty).toBe(5);
  });
});

describe('rule files as Prometheus reads them', () => {
  const wrapped = `groups:
  - name: g
    rules:
      - alert: A
        expr: up == 0
        annotations:
          summary: "one
          two"
          description: 'three
          four'
`;
  it('a quoted text that goes on at its key’s indentation is no fault', () => {
    const { groups, problems } = parseRuleFile(wrapped);
    expect(problems).toEqual([]);
    expect(groups[0]?.rules[0]?.annotations).toEqual({ summary: 'one two', description: 'three four' });
    expect(yamlOf(wrapped)).toBeDefined();
    expect(quotedLinesIndented(wrapped).split('\n')).toHaveLength(wrapped.split('\n').length);
  });
  it('a quote that nothing closes is one, and said once, without a colon at its end', () => {
    const { problems } = parseRuleFile(wrapped.replace('two"', 'two'));
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toMatch(/^it is not YAML: .*[^:]$/);
  });
  it('of several documents the first is read', () => {
    const { groups, problems } = parseRuleFile(`${alerts('up == 0')}---\n${alerts('up ==')}`);
    expect([problems, groups.map(({ rules }) => rules.length)]).toEqual([[], [1]]);
  });
  it('the format of Prometheus 1 is named', () =>
    expect(parseRuleFile('ALERT Down\n  IF up == 0\n  FOR 5m\n').problems).toEqual([
      { message: 'it is written in the format of Prometheus 1, which no later one reads', at: expect.anything() },
    ]));
  const old = { 'rules.yml': 'ALERT Down\n  IF up == 0\n  FOR 5m\n' };
  const stack = (tag: string): Record<string, string> => ({
    'compose.yml': `services:\n  p:\n    image: "prom/prometheus:${tag}"\n`,
  });
  it('and is a fault for a Prometheus that is none of version 1', async () => {
    expect(await rulesIn({ ...old, ...stack('v2.50.0') })).toContain('error rules-refused 1');
    expect(await rulesIn({ ...old, ...stack('v1.8.2') })).not.toContain('error rules-refused 1');
  });
  it('a file of vmalert is not held to PromQL', async () => {
    const file = alerts('lag(up[1h]) > 900', 'sum(up[5m]) > 1', 'up == 0');
    expect(ruleFile(file).vmalert).toBe(true);
    expect(await rulesIn({ 'rules.yml': file })).toEqual([]);
    expect(await rulesIn({ 'rules.yml': alerts('sum(up[5m]) > 1') })).toEqual(['error bad-expression 4']);
  });
});

describe('rules', () => {
  it.each([
    ['what is counted is not read', 'count(rate(container_last_seen{name="a"}[5m])) < 3'],
    ['a histogram of VictoriaMetrics', 'histogram_quantile(0.9, sum by (vmrange) (rate(a_bucket[5m]))) > 1'],
    ['labels that tell a state', 'link_info{operstate="down"}'],
    ['labels that leave out what is well', 'owner_kind{kind!~"Job|Node"}'],
    ['labels that are empty', 'pod_owner{kind=""}'],
  ])('%s is no fault', async (_, expr) => expect(await rulesIn({ 'rules.yml': alerts(expr) })).toEqual([]));
  it.each([
    ['rate of a gauge', 'rate(container_last_seen{name="a"}[5m]) < 1', 'error rate-on-gauge 4'],
    ['le dropped', 'histogram_quantile(0.9, sum by (job) (rate(a_bucket[5m]))) > 1', 'error le-dropped 4'],
    ['no comparison', 'queue_length{queue="a"}', 'warning always-fires 4'],
    ['info of any instance', 'link_info{instance="a"}', 'warning always-fires 4'],
  ])('%s is one', async (_, expr, expected) =>
    expect(await rulesIn({ 'rules.yml': alerts(expr) })).toEqual([expected]),
  );
});

describe('an exporter that no job scrapes', () => {
  const files = (targets: string, compose = '', more = ''): Record<string, string> => ({
    'rules.yml': alerts('node_load1 > 4', 'rate(container_cpu_usage_seconds_total[5m]) > 4'),
    'prometheus.yml': `scrape_configs:\n  - job_name: all\n    static_configs: [{ targets: [${targets}] }]\n${more}`,
    'compose.yml': `services:\n  shop: { build: . }\n  metrics: { image: "quay.io/prometheus/node-exporter:v1.8.0" }\n${compose}`,
  });
  const seen = (given: Record<string, string>): Promise<string[]> => rulesIn(given, { config: 'prometheus.yml' });
  it('is named', async () =>
    expect(await seen(files('"shop:80"'))).toEqual(['warning metric-missing 4', 'warning metric-missing 5']));
  it('one that is scraped under another name is known by its image', async () =>
    expect(await seen(files('"shop:80", "metrics:9100"'))).toEqual(['warning metric-missing 5']));
  it.each([
    ['a host that is not in the stack', files('"10.0.0.7:9100"')],
    ['targets that are discovered', files('"shop:80"', '', '    dns_sd_configs: [{ names: [a] }]\n')],
    ['an agent that pushes', files('"shop:80"', '  a: { image: "grafana/alloy:v1" }\n')],
  ])('%s may be it', async (_, given) => expect(await seen(given)).toEqual([]));
});

describe('dashboards', () => {
  const board = JSON.stringify(
    {
      title: 'Pond',
      uid: 'pond',
      schemaVersion: 39,
      panels: [
        {
          type: 'timeseries',
          title: 'P',
          datasource: { type: 'prometheus', uid: '${DS_PROM}' },
          targets: [{ refId: 'A', expr: 'up' }],
        },
      ],
    },
    null,
    1,
  );
  const lint = (start: string): Promise<string[]> =>
    weighty({
      uses: 'dashboards/lint',
      target: tempDir({ 'd/pond.json': board, 'start.sh': start }),
      with: { dashboards: ['d/*.json'] },
    });
  it('a placeholder that a start script fills in is declared by it', async () =>
    expect(await lint("sed -i 's/${DS_PROM}/Prom/g' /var/lib/d/*.json\n")).toEqual([]));
  it('one that is only named is not', async () =>
    expect(await lint('echo DS_PROM is set by nobody\n')).toEqual(['error variable-undeclared 9']));
});

describe('compose files that stand for themselves', () => {
  const sets = (files: Record<string, string>) => composeSets(treeOf(files));
  const base = 'services:\n  app: { image: "a:1", networks: [inner] }\nnetworks: { inner: {} }\n';
  it.each([
    [
      'a part whose service another file completes',
      { 'base.compose.yml': base, 'x/compose.yml': 'services:\n  app: { environment: [A=1] }\n' },
    ],
    [
      'a part whose network another file declares',
      { 'base.compose.yml': base, 'x/compose.yml': 'services:\n  b: { image: "b:1", networks: [inner] }\n' },
    ],
    [
      'a part whose mounts are there from above',
      {
        'base.compose.yml': base,
        'x/compose.yml': 'services:\n  b: { image: "b:1", volumes: ["./conf/b.yml:/b.yml"] }\n',
        'conf/b.yml': '',
      },
    ],
  ])('%s is left out, and said', (_, files) => {
    const { sets: found, leftOut } = sets(files);
    expect(found.flatMap((one) => one.files)).not.toContain('x/compose.yml');
    expect(leftOut.join()).toContain('x/compose.yml');
  });
  it('a file whose paths count from the folder of --project-directory', () => {
    const file = 'services:\n  a: { build: "ci/a" }\n  b: { image: "b:1", volumes: ["./ci/b.conf:/etc/b.conf"] }\n';
    const files = { 'ci/compose.yml': file, 'ci/a/Dockerfile': 'FROM alpine\n', 'ci/b.conf': '' };
    const up = (option: string): string => `up:\n\tdocker compose ${option} -f ci/compose.yml up\n`;
    const from = (option: string): unknown =>
      sets({ ...files, Makefile: up(option) }).sets.map((one) => one.projectDirectory);
    expect(from('--project-directory .')).toEqual(['.']);
    expect(from('-p ci')).not.toEqual(['.']);
  });
  it('a file that wants the ports of the base stands for it', () => {
    const of = (name: string, port: number): string =>
      `services:\n  ${name}: { image: "a:1", ports: ["${port}:80"] }\n`;
    const files = (port: number): unknown =>
      sets({ 'compose.yml': of('app', 80), 'compose.prod.yml': of('app-prod', port) }).sets.map((one) => one.files);
    expect(files(80)).toEqual([['compose.yml'], ['compose.prod.yml']]);
    expect(files(81)).toEqual([['compose.yml'], ['compose.yml', 'compose.prod.yml']]);
    // A clash of what is meant to run together is for Compose to show.
    const monitoring =
      'services:\n  p: { image: "p:1", ports: ["80:9090"] }\n  g: { image: "g:1", ports: ["3000:3000"] }\n';
    const { sets: found } = sets({ 'compose.yml': of('app', 80), 'compose.monitoring.yml': monitoring });
    expect(found.map((one) => one.files)).toEqual([['compose.yml'], ['compose.yml', 'compose.monitoring.yml']]);
  });
  it('a template of a Compose file is left out where what it mounts is not beside it', () => {
    const text = 'services:\n  b: { image: "b:1", volumes: ["./b.yml:/b.yml"] }\n';
    expect(sets({ 'x/_templates/b/compose.yml': text }).sets).toEqual([]);
    expect(sets({ 'x/_templates/b/compose.yml': text, 'x/_templates/b/b.yml': '' }).sets).toHaveLength(1);
  });
  it.each([
    ['a service without an image that nothing completes', 'services:\n  app: { environment: [A=1] }\n'],
    ['a mount that is nowhere', 'services:\n  b: { image: "b:1", volumes: ["./conf/b.yml:/b.yml"] }\n'],
  ])('%s is drafted, for Compose to refuse', (_, text) =>
    expect(sets({ 'x/compose.yml': text }).sets.map((one) => one.files)).toEqual([['x/compose.yml']]),
  );
  it.each(['default.env', 'env.sample', '.env.local.example', 'sample.env', '.env.dist'])(
    '%s is taken for .env',
    (name) =>
      expect(
        sets({ 'compose.yml': 'services:\n  a: { image: "a:${TAG}" }\n', [name]: 'TAG=1\n' }).sets[0]?.envFile,
      ).toBe(name),
  );
});

const [title, skip] = needing('compose/config: values from elsewhere', 'compose');
describe.skipIf(skip)(title, () => {
  const config = (files: Record<string, string>, file = 'compose.yml'): Promise<string[]> =>
    weighty({ uses: 'compose/config', target: tempDir(files), with: { files: [file] } });
  const extended = {
    'compose.yml': 'services:\n  a: { extends: { file: base/compose.yml, service: a } }\n',
    'base/compose.yml': 'services:\n  a: { image: "reg.example/a:${A_TAG}" }\n',
  };
  it('an image of an extended file whose tag a script exports', async () => {
    expect(await config({ ...extended, 'setup.sh': 'export A_TAG="1"\n' })).toEqual([]);
    expect(await config(extended)).toEqual(['error variable-not-set 2']);
  });
  const built = {
    'compose.yml': 'services:\n  a: { build: { context: a, dockerfile: "${A_FILE}" } }\n',
    'a/x.Dockerfile': 'FROM alpine\n',
  };
  it('a dockerfile in lower case is found, as buildx finds it; one by another name is not', async () => {
    const app = 'services:\n  a: { build: ./app }\n';
    expect(await config({ 'compose.yml': app, 'app/dockerfile': 'FROM alpine\n' })).toEqual([]);
    expect(await config({ 'compose.yml': app, 'app/DockerFile': 'FROM alpine\n' })).toEqual([
      'error dockerfile-missing 2',
    ]);
  });
  it('a Dockerfile that an env file names', async () => {
    expect(await config({ ...built, 'prod.env': 'A_FILE=x.Dockerfile\n' })).toEqual([]);
    expect(await config(built)).toContain('error dockerfile-missing 2');
  });
  const mounts = (mode: string): string =>
    `services:\n  web: { image: nginx, volumes: ["./tls/certs:/etc/nginx/certs:ro"] }\n  acme: { image: "acme:1", volumes: ["./tls/certs:/etc/nginx/certs${mode}"] }\n`;
  it('a folder that one service writes and another reads, or that a script makes', async () => {
    expect(await config({ 'compose.yml': mounts('') })).toEqual([]);
    expect(await config({ 'compose.yml': mounts(':ro') })).toEqual(['error bind-missing 3']);
    expect(await config({ 'compose.yml': mounts(':ro'), 'up.sh': 'mkdir -p tls/certs\n' })).toEqual([]);
  });
});

describe('documents', () => {
  const claims = (text: string, files: Record<string, string> = {}): Promise<string[]> =>
    weighty({
      uses: 'docs/claims',
      target: tempDir({ 'README.md': text, ...files }),
      with: { documents: ['README.md'] },
    });
  it('what all-contributors links is no anchor', async () => {
    const table = '# A\n\n[x](#ideas-octocat) [y](#a)\n';
    expect(await claims(`${table}\n<!-- ALL-CONTRIBUTORS-LIST:START -->\n`)).toEqual([]);
    expect(await claims(table)).toEqual(['error anchor-missing 3']);
  });
  it('links below a folder that is gone are one finding', async () => {
    const own = '# A\n\n[1](gone/a.md)\n\n[2](gone/b.md)\n\n[3](there/c.md)\n\n[4](#a)\n';
    expect(await claims(own, { 'there/x.md': '# X\n' })).toEqual(['error link-broken 3', 'error link-broken 7']);
  });
  it('a block with comments, placeholders or of a shell is no data', async () => {
    const blocks =
      '```json\n{ "a": 1, //what\n}\n```\n\n```yaml\na: @NAME@\n```\n\n```yaml\nkubectl apply -f - <<EOF\na: 1\nEOF\n```\n';
    expect(await claims(`# A\n\n[x](#a)\n\n${blocks}`)).toEqual([]);
    expect(await claims('# A\n\n```yaml\na: 1\n b: 2\n```\n')).toEqual(['warning block-broken 5']);
  });
  it('a folder that the document’s own stack mounts is there where it runs', async () => {
    const text = (mount: string): string =>
      `# A\n\nBack \`app/app_data/www.sql\` up.\n\n\`\`\`yaml\nvolumes:\n  - ./${mount}:/data\n\`\`\`\n\n[x](#a)\n`;
    expect(await claims(text('app_data'), { 'app/x': '' })).toEqual([]);
    expect(await claims(text('other'), { 'app/x': '' })).toEqual(['error path-missing 3']);
  });
  it('since when a language has something built in is not what the project needs', async () => {
    const manifest = { 'package.json': '{ "engines": { "node": ">=22" } }' };
    expect(await claims('# A\n\nNode.js v18+ has fetch built in.\n\n[x](#a)\n', manifest)).toEqual([]);
    expect(await claims('# A\n\nYou need Node.js v18+.\n', manifest)).toEqual(['error value-wrong 3']);
  });
});

describe('a password that is a word', () => {
  const redactor = new Redactor(['temporal']);
  it.each(['deploy/temporal.json', 'temporal/compose.yml', 'temporal_requests_total'])('%s keeps its name', (text) =>
    expect(redactor.text(text)).toBe(text),
  );
  it.each(['password: temporal', 'postgres://user:temporal@db', 'it is temporal.'])('%s does not', (text) =>
    expect(redactor.text(text)).not.toContain('temporal'),
  );
});
