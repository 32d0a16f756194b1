import { describe, expect, it } from 'vitest';
import { parseChecklist } from '../src/checklist/load.ts';
import type { Tree } from '../src/core/tree.ts';
import { toYaml, type Draft } from '../src/draft/draft.ts';
import { type DraftStep } from '../src/toolchains/drafted.ts';
import { draftOf } from '../src/draft/draft-of.ts';

const treeOf = (files: Record<string, string>): Tree => ({
  paths: Object.keys(files).toSorted(),
  size: (path) => files[path]?.length,
  text: (path) => files[path],
  of: (path, derive) => (files[path] === undefined ? undefined : derive(files[path], path)),
  get(derive) {
    return derive(this);
  },
});
const draft = (files: Record<string, string>, stack = true, from?: string): Draft =>
  draftOf(treeOf(files), {
    milestone: 'm',
    title: 'M',
    ...(from !== undefined && { from }),
    stack,
  });
const stepsOf = (drafted: Draft): DraftStep[] => drafted.items.flatMap((item) => item.steps);
/** The steps of a kind, but for the question that a draft without a test always holds. */
const of = (drafted: Draft, kind: string): DraftStep[] =>
  stepsOf(drafted).filter((step) => step.uses === kind && step.id !== 'promised');

const compose = `services:
  shop:
    build: .
    ports: ["8080:8000"]
    healthcheck: { test: [CMD, curl, -f, "http://localhost:8000/healthz"] }
  prometheus:
    image: prom/prometheus:v3.0.0
    ports: ["9090:9090"]
    volumes: ["./obs:/etc/prometheus"]
`;
const files = {
  'compose.yaml': compose,
  'obs/prometheus.yml':
    'rule_files: [rules.yml]\nscrape_configs:\n  - job_name: shop\n    static_configs: [{ targets: ["shop:8000"] }]\n  - job_name: node\n    static_configs: [{ targets: ["host-7:9100"] }]\n',
  'obs/rules.yml':
    'groups:\n  - name: shop\n    rules:\n      - alert: Down\n        expr: up == 0\n        labels: { severity: page }\n',
  'boards/a.json': JSON.stringify({ uid: 'a', title: 'A', schemaVersion: 39, panels: [] }),
};
const document = (...points: string[]): Record<string, string> => ({
  ...files,
  'M.md': `# M\n\n## Checklist\n\n${points.map((point, n) => `${n + 1}. ${point}`).join('\n')}\n`,
});

describe('a stack that can be observed', () => {
  it('is brought up where it is asked for: jobs of its services, groups, healthchecks', async () => {
    const drafted = draft(files);
    expect(drafted.stack).toEqual({ compose: { files: ['compose.yaml'] } });
    expect(stepsOf(drafted).find((step) => step.uses === 'stack/up')?.id).toBe('stack');
    // The job of a host that is no service of the stack is not promised.
    expect(of(drafted, 'prometheus/targets')).toMatchObject([{ needs: ['stack'], with: { jobs: [{ name: 'shop' }] } }]);
    expect(of(drafted, 'prometheus/rules')).toMatchObject([{ needs: ['stack'], with: { groups: [{ name: 'shop' }] } }]);
    expect(of(drafted, 'http/get')).toMatchObject([{ with: { url: '${{ facts.stack.shop.url }}/healthz' } }]);
    await expect(parseChecklist('/x/checklists/m.yaml', toYaml(drafted, []))).resolves.toBeDefined();
  });

  it('is left out and named where nobody asks', () => {
    const drafted = draft(files, false);
    expect(drafted.stack).toBeUndefined();
    expect(stepsOf(drafted).filter((step) => /stack|targets|http/.test(step.uses))).toEqual([]);
    expect(drafted.leftOut.join('\n')).toContain('stack/up of compose.yaml: nobody asked for it');
  });

  const needy: [string, string][] = [
    ['a value that is not set', compose.replace('build: .', 'image: "shop:${TAG}"')],
    ['a network from outside', `${compose}networks:\n  web:\n    external: true\n`],
    ['a path of the machine', compose.replace('./obs:/etc', '/srv/obs:/etc')],
    ['an env file', compose.replace('build: .', 'build: .\n    env_file: .env')],
    ['no Prometheus', compose.replace('prom/prometheus', 'prom/alertmanager')],
  ];
  it.each(needy)('is not brought up unasked with %s', (_, text) => {
    expect(draft({ ...files, 'compose.yaml': text }).stack).toBeUndefined();
  });

  it('comes up with the step that a document asks for, once', () => {
    const drafted = draft(document('`docker compose up -d`', 'Alerts fire in a drill'), false, 'M.md');
    expect(of(drafted, 'stack/up')).toHaveLength(1);
    expect(of(drafted, 'prometheus/targets')).toHaveLength(1);
    expect(of(drafted, 'prometheus/drill').map((step) => step.needs)).toEqual([undefined, ['stack']]);
  });
});

describe('what a document asks a person to see', () => {
  it('is proven by a step that names its line, where there is one', async () => {
    const drafted = draft(
      document(
        '`docker compose up -d`, then confirm that the dashboards show data',
        'Record fire drills of the alerts and screenshots',
        'The service answers at `http://localhost:8080/healthz`',
      ),
      false,
      'M.md',
    );
    expect(of(drafted, 'dashboards/preview')).toMatchObject([{ needs: ['stack'], from: 'M.md:5' }]);
    expect(of(drafted, 'prometheus/drill')).toMatchObject([{ from: 'M.md:6' }, { from: 'M.md:6' }]);
    expect(of(drafted, 'http/get')).toMatchObject([{ from: 'M.md:7' }]);
    expect(of(drafted, 'manual/confirm')).toEqual([]);
    await expect(parseChecklist('/x/checklists/m.yaml', toYaml(drafted, []))).resolves.toBeDefined();
  });

  it('of two things the one that nothing proves stays a question', () => {
    const drafted = draft(document('Record fire drills and screenshots'), false, 'M.md');
    expect(of(drafted, 'prometheus/drill')).toMatchObject([{ with: { require: ['logic'] } }]);
    expect(of(drafted, 'manual/confirm').map((step) => step.with?.['question'])).toEqual([
      expect.stringContaining('Screenshots are on record'),
    ]);
  });

  it('a review stays a person’s, also of what is measured', () => {
    const drafted = draft(document('Review and approve the fire drills'), false, 'M.md');
    expect(stepsOf(drafted).map((step) => step.uses)).toEqual(
      expect.arrayContaining(['prometheus/drill', 'manual/confirm']),
    );
  });

  it('without rules, dashboards and benchmarks all of it is asked', () => {
    const drafted = draft(
      { 'M.md': document('Fire drills', 'Screenshots', 'Benchmarks are as before')['M.md'] ?? '' },
      false,
      'M.md',
    );
    expect(of(drafted, 'manual/confirm')).toHaveLength(3);
    expect(stepsOf(drafted).filter((step) => !/manual|docs/.test(step.uses))).toEqual([]);
  });
});

describe('benchmarks against a document', () => {
  const table = '| op | P95 | objective (P95) |\n|---|---|---|\n| get | 1 ms | 2 ms |\n';
  const bench = (more: Record<string, string>): Record<string, string> => ({
    'M.md': '# M\n\n## Checklist\n\n1. Benchmarks are in `docs/bench.md`\n',
    'docs/bench.md': `# B\n\n${table}`,
    'core/Cargo.toml': '[package]\nname = "core"\n[[bench]]\nname = "ops"\n',
    ...more,
  });
  it('are run where criterion writes them, or the bench names its one file', () => {
    const criterion = draft(
      bench({
        'core/Cargo.toml': '[package]\nname = "core"\n[[bench]]\nname = "ops"\n[dev-dependencies]\ncriterion = "0.5"\n',
      }),
      false,
      'M.md',
    );
    expect(of(criterion, 'bench/compare')).toMatchObject([
      {
        with: {
          run: ['cargo', 'bench', '--manifest-path', 'core/Cargo.toml'],
          document: { file: 'docs/bench.md', thresholds: false },
        },
      },
    ]);
    const own = draft(bench({ 'core/benches/ops.rs': 'let p = "../target/bench/ops.json";' }), false, 'M.md');
    expect(of(own, 'bench/compare')).toMatchObject([{ with: { results: 'target/bench/ops.json' } }]);
  });

  it('are asked where nobody can tell what they write, or the document has no figure to hold', () => {
    expect(of(draft(bench({ 'core/benches/ops.rs': 'fn main() {}' }), false, 'M.md'), 'bench/compare')).toEqual([]);
    const bare = draft(bench({ 'docs/bench.md': '# B\n', 'core/benches/ops.rs': '"target/b.json"' }), false, 'M.md');
    expect(of(bare, 'bench/compare')).toEqual([]);
    expect(of(bare, 'manual/confirm')).toHaveLength(1);
  });
});

it('what only prepares the shell is no step and no question', () => {
  const drafted = draft(document('Run:\n   ```sh\n   export A=b\n   go vet ./...\n   ```'), false, 'M.md');
  expect(of(drafted, 'command').map((step) => step.with)).toEqual([{ run: ['go', 'vet', './...'] }]);
  expect(of(drafted, 'manual/confirm')).toEqual([]);
});

describe('documents that only run something', () => {
  const claims = (more: Record<string, string>): unknown[] =>
    of(draft({ 'docs/setup.md': '# S\n\n```sh\nmake light\n./scripts/a.sh\n```\n', ...more }, false), 'docs/claims');
  it('are looked into where what they run is there', () => {
    expect(claims({ Makefile: 'light:\n' })).toHaveLength(1);
    expect(claims({ 'scripts/a.sh': '' })).toHaveLength(1);
  });
  it('are left out where nothing can be said of it', () => expect(claims({})).toEqual([]));
});
