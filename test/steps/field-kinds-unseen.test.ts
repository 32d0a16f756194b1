import { describe, expect, it } from 'vitest';
import { composeSets } from '../../src/draft/compose-sets.ts';
import { isUnitTemplate } from '../../src/formats/programs/systemd-verify.ts';
import { needing } from '../rig/have.ts';
import { tempDir } from '../rig/run-step.ts';
import { treeOf, weighty } from '../rig/weighty.ts';

// What a third set of public stacks taught: each false alarm with the defect beside it that must still be found.

const [title, skip] = needing('compose/config: a third set of stacks', 'compose');

describe.skipIf(skip)(title, () => {
  const config = (files: Record<string, string>): Promise<string[]> =>
    weighty({ uses: 'compose/config', target: tempDir(files), with: { files: ['compose.yml'] } });

  it.each(['copy.yml.example', 'copy.example.yml', 'example.copy.yml', 'copy.yml.dist', 'copy-sample.yml'])(
    'what is mounted is to be copied from %s, which lies beside it',
    async (example) => {
      const stack = {
        'compose.yml': 'services:\n  a:\n    image: alpine:3.20\n    volumes: ["./copy.yml:/etc/copy.yml"]\n',
      };
      expect(await config({ ...stack, [example]: 'a: 1\n' })).toEqual([]);
      expect(await config({ ...stack, 'other.yml.example': 'a: 1\n' })).toEqual(['error bind-missing 4']);
    },
  );

  it.each([
    ['prom/prometheus:v2.53.0', '/etc/prometheus/prometheus.yml'],
    ['grafana/promtail:2.9.0', '/etc/promtail/config.yml'],
  ])('a configuration of %s that is not there is one cause', async (image, target) => {
    const stack = {
      'compose.yml': `services:\n  a:\n    image: ${image}\n    command: ["--config.file=${target}"]\n    volumes: ["./a.yml:${target}:ro"]\n`,
    };
    expect(await config(stack)).toEqual(['error bind-missing 5']);
  });

  it('a dashboard that is mounted by itself into the provider’s folder', async () => {
    const stack = (source: string): Record<string, string> => ({
      'compose.yml': `services:\n  g:\n    image: grafana/grafana:11.0.0\n    volumes:\n      - ./p:/etc/grafana/provisioning\n      - ./${source}:/etc/grafana/provisioning/dashboards/one.json:ro\n`,
      'p/dashboards/all.yml':
        'apiVersion: 1\nproviders: [{ name: a, type: file, options: { path: /etc/grafana/provisioning/dashboards } }]\n',
      'boards/one.json': '{ "title": "One", "uid": "one", "panels": [], "schemaVersion": 39 }\n',
    });
    expect(await config(stack('boards/one.json'))).toEqual([]);
    expect(await config(stack('boards/two.json'))).toEqual(['error bind-missing 6', 'error provider-empty 2']);
  });

  it('two sources at one path', async () => {
    const stack = (second: string): Record<string, string> => ({
      'compose.yml': `services:\n  w:\n    image: nginx:1.27\n    volumes:\n      - ./a:/data\n      - ${second}\n`,
      'a/x': '',
      'b/x': '',
    });
    expect(await config(stack('./b:/data'))).toEqual(['error mount-lost 6']);
    expect(await config(stack('./b:/data/'))).toEqual(['error mount-lost 6']);
    expect(await config(stack('./b:/data/b'))).toEqual([]);
    expect(await config(stack('./a:/data'))).toEqual([]);
  });

  it.each([
    ['dns.google', ['error engine-refuses 2']],
    ['8.8.8.8', []],
    ['"2001:4860:4860::8888"', []],
  ])('a name server called %s', async (server, expected) =>
    expect(await config({ 'compose.yml': `services:\n  w:\n    image: nginx:1.27\n    dns: [${server}]\n` })).toEqual(
      expected,
    ),
  );

  it('an edition of the collector that is somebody’s own brings its configurations', async () => {
    const stack = (image: string): Record<string, string> => ({
      'compose.yml': `services:\n  o:\n    image: ${image}\n    command: ["--config", "/etc/collector/logging.yaml"]\n`,
    });
    expect(await config(stack('harbour/opentelemetry-collector:6.1'))).toEqual([]);
    expect(await config(stack('otel/opentelemetry-collector:0.100.0'))).toEqual(['error config-unread 2']);
  });
});

describe('drafts', () => {
  const sets = (files: Record<string, string>): ReturnType<typeof composeSets> => composeSets(treeOf(files));

  it('the empty profile is none to choose', () =>
    expect(
      sets({ 'compose.yml': 'services:\n  a:\n    image: b\n    profiles: [""]\n  c:\n    image: d\n' }).sets[0]
        ?.profiles,
    ).toEqual([]));

  it('an example in a folder of documents, whose files lie at the top', () => {
    const mounts = ['prom/rules', 'loki/rules', 'loki/conf/loki.yaml', 'grafana/build', 'prom/made.yml', 'prom/x.yml'];
    const example = `services:\n  a:\n    image: b\n    volumes: [${mounts.map((one) => `"./${one}:/${one}"`).join(', ')}]\n`;
    const files = {
      'docs/install/docker-compose.example.yml': example,
      'prom/rules/a.yml': '',
      'loki/rules/a.yml': '',
    };
    expect(sets({ ...files, 'loki/conf/loki.yaml': '' }).sets).toEqual([]);
    expect(sets(files).sets).toHaveLength(1);
  });
});

it('a unit with gaps for whoever installs it', () => {
  expect(isUnitTemplate('[Service]\nEnvironment=SERVERS=<server url(s)>\nExecStart=/bin/a\n')).toBe(true);
  expect(isUnitTemplate('[Service]\nEnvironment=SERVERS=nats://a\nExecStart=/bin/a < /dev/null\n')).toBe(false);
});

describe('prometheus/rules-static', () => {
  const rules = (text: string): Promise<string[]> =>
    weighty({
      uses: 'prometheus/rules-static',
      target: tempDir({ 'r.yml': text }),
      with: { rules: ['r.yml'] },
    });
  it('a target without what every target has', async () => {
    const alert = (expr: string): string =>
      `groups:\n  - name: g\n    rules:\n      - alert: Down\n        expr: '${expr} == 0'\n        for: 5m\n`;
    for (const dead of ['up{instance=""}', 'up{job=~"^$"}', 'scrape_duration_seconds{job=~""}'])
      expect([dead, await rules(alert(dead))]).toEqual([dead, ['warning dead-selector 5']]);
    for (const fine of ['up{instance!=""}', 'up{job=~".*"}', 'up{zone=""}', 'up{job=~"a|^$"}'])
      expect([fine, await rules(alert(fine))]).toEqual([fine, []]);
  });

  it('a number in words', async () => {
    const alert = (text: string): string =>
      `groups:\n  - name: g\n    rules:\n      - alert: Busy\n        expr: sum by (instance) (rate(orders_total[1m])) > 1000000\n        annotations: { summary: "more than ${text} orders per second" }\n`;
    expect(await rules(alert('1 million'))).toEqual([]);
    expect(await rules(alert('1000 thousand'))).toEqual([]);
    expect(await rules(alert('2 million'))).toEqual(['warning text-contradicts 5']);
  });
});

describe('documents', () => {
  const claims = (readme: string, files: Record<string, string>): Promise<string[]> =>
    weighty({
      uses: 'docs/claims',
      target: tempDir({ 'README.md': `# Harbour\n\n${readme}`, ...files }),
      with: { documents: ['README.md'] },
    });
  const command = (text: string): string => `Start it:\n\n\`\`\`sh\n${text}\n\`\`\`\n`;
  const service = (name: string): string => `services:\n  ${name}:\n    image: alpine\n`;

  it('services of the files that COMPOSE_FILE of an example names', async () => {
    const files = {
      'docker-compose.yml': service('web'),
      'more.yml': service('queue'),
      '.env.sample': 'COMPOSE_FILE=more.yml:docker-compose.yml\n',
    };
    expect(await claims(command('docker compose up queue -d'), files)).toEqual([]);
    expect(await claims(command('docker compose up line -d'), files)).toEqual(['error command-wrong 6']);
    expect(await claims(command('docker compose up line row -d'), files)).toEqual(['error command-wrong 6']);
  });

  it('JavaScript that a build makes of TypeScript', async () => {
    const files = { 'lib/boats.ts': 'export {};\n', 'lib/index.ts': 'export {};\n' };
    expect(await claims('The list is in `lib/boats.js`, see `lib/index.ts`.\n', files)).toEqual([]);
    expect(await claims('The list is in `lib/ships.js`, see `lib/index.ts`.\n', files)).toEqual([
      'error path-missing 3',
    ]);
  });

  it('kubectl in a namespace, where nothing that runs is deployed from here', async () => {
    const manifest = (kind: string): Record<string, string> => ({
      'k/a.yaml': `apiVersion: apps/v1\nkind: ${kind}\nmetadata: { name: a, namespace: harbour }\nspec: {}\n`,
    });
    const call = `See \`k/a.yaml\`.\n\n${command('kubectl -n shore get pods')}`;
    expect(await claims(call, manifest('PersesDashboard'))).toEqual([]);
    expect(await claims(call, manifest('Deployment'))).toEqual(['warning command-wrong 8']);
  });

  it('a table of metrics of other repositories', async () => {
    const table = (names: string[]): string =>
      `## Metrics\n\n| Metric | Type |\n|---|---|\n${names.map((one) => `| \`${one}\` | Gauge |\n`).join('')}`;
    const reader =
      'export const map = { harbour_ships_docked: 1, harbour_ships_waiting: 2, harbour_cranes_busy_total: 3 };';
    const files = { 'src/metrics.ts': `// counters and gauges of the prometheus dashboards\n${reader}\n` };
    const others = ['harbour_a_total', 'harbour_b_total', 'harbour_c_total', 'harbour_d_total', 'harbour_e_bytes'];
    expect(await claims(table(['harbour_ships_docked', ...others]), files)).toEqual([]);
  });
});
