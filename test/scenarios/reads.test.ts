import { cpSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { root, verify } from '../rig/cli.ts';
import { tempDir, writeIn } from '../rig/run-step.ts';
import { git } from '../rig/signed.ts';

const many = 15_000;
const rule = (n: number) => ({ alert: `Late${n}`, expr: `shop_${n}_seconds > 1`, for: '5m', labels: {} });
const board = (n: number) => ({
  uid: `b${n}`,
  title: `B${n}`,
  schemaVersion: 39,
  panels: [{ id: 1, type: 'timeseries', title: 'P', targets: [{ refId: 'A', expr: `shop_${n}_seconds` }] }],
});

/** A monorepo: sources, rules, dashboards, documents, and files that are none of its own. */
function monorepo(): string {
  const files: Record<string, string> = {
    '.gitignore': 'node_modules/\n',
    'prometheus/prometheus.yml':
      'rule_files: [rules/*.yml]\nscrape_configs: [{ job_name: shop, static_configs: [{ targets: ["shop:80"] }] }]\n',
    'node_modules/x/index.js': 'new Counter({ name: "shop_x_total" })\n',
    'vendor/x/x.go': 'package x\n',
    'start.sh': 'envsubst < prometheus/prometheus.yml\n',
  };
  for (let n = 0; n < many; n++)
    files[`services/s${n % 150}/src/part${n}.py`] =
      `from x import y\n\nC${n} = Counter("shop_${n}_seconds", "How long")\n\ndef f${n}():\n    return "${n}"\n`;
  for (let n = 0; n < 20; n++) {
    files[`prometheus/rules/r${n}.yml`] = stringify({ groups: [{ name: `g${n}`, rules: [rule(n)] }] });
    files[`grafana/b${n}.json`] = JSON.stringify(board(n), undefined, 1);
    files[`docs/d${n}.md`] =
      `# D${n}\n\nSee \`services/s${n}/src/part${n}.py\` and [the next](d${(n + 1) % 20}.md#d${(n + 1) % 20}), at http://localhost:${20_000 + n}.\n\n- \`shop_${n}_seconds\`, \`shop_${n}_lost\`\n`;
  }
  const steps = [
    { id: 'rules', uses: 'prometheus/rules-static', with: { rules: ['prometheus/rules/*.yml'] } },
    { id: 'rules-again', uses: 'prometheus/rules-static', with: { rules: ['prometheus/rules/r1*.yml'] } },
    { id: 'boards', uses: 'dashboards/lint', with: { dashboards: ['grafana/*.json'] } },
    { id: 'boards-again', uses: 'dashboards/lint', with: { dashboards: ['grafana/b1*.json'] } },
    { id: 'docs', uses: 'docs/claims', with: { documents: ['docs/*.md'] } },
    { id: 'docs-again', uses: 'docs/claims', with: { documents: ['docs/d1*.md'] } },
  ];
  files['checklists/m.yaml'] = stringify({
    version: 1,
    milestone: 'm',
    title: 'Static',
    target: '..',
    items: [{ id: 'all', title: 'All', steps }],
  });
  return tempDir(files);
}

const readTwice = (reads: ReadonlyMap<string, number>): string[] =>
  [...reads].flatMap(([path, times]) => (times > 1 && !path.startsWith('checklists/') ? [path] : []));

/** How often each file below `cwd` was read whole; the digest of the tree, which streams, is not counted. */
async function readsOf(cwd: string, ...args: string[]): Promise<Map<string, number>> {
  const file = join(tempDir(), 'reads.json');
  const preload = pathToFileURL(join(root, 'test/rig/reads.mjs')).href;
  await verify(args, { cwd, env: { NODE_OPTIONS: `--import=${preload}`, VERIFY_READS: file } });
  const all = Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>);
  return new Map(
    all.flatMap(([path, times]): [string, number][] => {
      const way = relative(cwd, path);
      return way.startsWith('..') || way.startsWith('reports') || way.startsWith('.git/') ? [] : [[way, times]];
    }),
  );
}

describe('how often a run reads a file', () => {
  it('of 15,000: once for all steps, and what is not ours never', async () => {
    const cwd = monorepo();
    git(cwd, 'init', '-q');
    git(cwd, 'add', '.');
    git(cwd, 'commit', '-qm', 'All');
    const reads = await readsOf(cwd, 'm', '--no-ask');
    expect(readTwice(reads)).toEqual([]);
    expect(reads.get('services/s7/src/part7.py')).toBe(1);
    expect(reads.get('node_modules/x/index.js')).toBeUndefined();
    expect(reads.size).toBeGreaterThan(many);
  });
  it('of the sample: once for the checks of its stack, its rules, dashboards and documents', async () => {
    const cwd = tempDir();
    cpSync(join(root, 'examples/engram'), cwd, {
      recursive: true,
      filter: (path) => !/[/\\](?:target|reports)$/.test(path),
    });
    const compose = { files: ['deployments/docker/docker-compose.yml'] };
    const rules = ['deployments/prometheus/{alerts,recording_rules}.yml'];
    const dashboards = ['deployments/grafana/dashboards/*.json'];
    const steps = [
      { id: 'compose', uses: 'compose/config', with: { ...compose, profiles: ['monitoring'] } },
      { id: 'compose-again', uses: 'compose/config', with: compose },
      {
        id: 'rules',
        uses: 'prometheus/rules-static',
        with: { rules, config: 'deployments/prometheus/prometheus.yml' },
      },
      { id: 'files', uses: 'prometheus/config', with: { rules } },
      {
        id: 'boards',
        uses: 'dashboards/lint',
        with: { dashboards, provisioning: ['deployments/grafana/provisioning/datasources/*.yml'], rules },
      },
      { id: 'docs', uses: 'docs/claims', with: { documents: ['**/*.md'] } },
      { id: 'tasks', uses: 'docs/tasks', with: { files: ['roadmap/**/*.md'] } },
    ];
    const items = [{ id: 'all', title: 'All', steps }];
    writeIn(
      cwd,
      'checklists/m.yaml',
      stringify({ version: 1, milestone: 'm', title: 'Static', target: '..', items }, { aliasDuplicateObjects: false }),
    );
    git(cwd, 'init', '-q');
    git(cwd, 'add', '.');
    git(cwd, 'commit', '-qm', 'All');
    const reads = await readsOf(cwd, 'm', '--no-ask');
    expect(readTwice(reads)).toEqual([]);
    for (const path of [
      'deployments/docker/docker-compose.yml',
      'deployments/prometheus/alerts.yml',
      'deployments/grafana/dashboards/system-overview.json',
      'README.md',
    ])
      expect(reads.get(path), path).toBe(1);
  });
});
