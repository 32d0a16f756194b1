/** Made-up inputs of any size, for what the size of a repository does to the time that a run takes. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const engram = join(import.meta.dirname, '..', 'examples', 'engram', 'deployments');

/** A checklist of these steps (YAML flow mappings), in `checklists` below the folder. */
export function checklist(folder: string, name: string, steps: readonly string[]): void {
  mkdirSync(join(folder, 'checklists'), { recursive: true });
  const text = `version: 1\ntree: none\nmilestone: ${name}\ntitle: Bench\nitems:\n  - id: item\n    title: Item\n    steps:\n${steps.map((step) => `      - ${step}\n`).join('')}`;
  writeFileSync(join(folder, 'checklists', `${name}.yaml`), text);
}

export const trivial = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => `{ id: s${n}, uses: command, with: { run: ["true"] } }`);

/** Dashboards as the sample has them, each with an identity and metrics of its own, and a checklist `boards` that lints them. */
export function dashboards(folder: string, count: number): void {
  const from = join(engram, 'grafana', 'dashboards');
  const originals = readdirSync(from)
    .filter((name) => name.endsWith('.json'))
    .toSorted()
    .map((name) => readFileSync(join(from, name), 'utf8'));
  mkdirSync(join(folder, 'dashboards'), { recursive: true });
  for (let n = 0; n < count; n++) {
    const board = JSON.parse((originals[n % originals.length] ?? '').replaceAll('engram_', `app${n}_`)) as object;
    const own = { ...board, uid: `board-${n}`, title: `Board ${n}` };
    writeFileSync(join(folder, 'dashboards', `board-${n}.json`), JSON.stringify(own, undefined, 2));
  }
  checklist(folder, 'boards', [
    '{ id: boards, uses: dashboards/lint, timeout: 10m, with: { dashboards: ["dashboards/*.json"] } }',
  ]);
}

/** Alerts of four common shapes over metrics of their own, a hundred a file, and checklists `rules` and `drill` of them. */
export function alerts(folder: string, count: number): void {
  mkdirSync(join(folder, 'rules'), { recursive: true });
  const shapes = [
    (m: string) => `sum by (job) (rate(${m}_errors_total[5m])) / sum by (job) (rate(${m}_requests_total[5m])) > 0.05`,
    (m: string) => `histogram_quantile(0.99, sum by (le) (rate(${m}_seconds_bucket[5m]))) > 2`,
    (m: string) => `${m}_queue_length > 100 and on (job) ${m}_workers < 3`,
    (m: string) => `absent(up{job="${m}"} == 1)`,
  ];
  for (let from = 0; from < count; from += 100) {
    const rules = Array.from({ length: Math.min(100, count - from) }, (_, at) => {
      const n = from + at;
      const expr = shapes[n % shapes.length]?.(`app${n}`) ?? '';
      return `      - alert: Alert${n}\n        expr: ${JSON.stringify(expr)}\n        for: 5m\n        labels: { severity: warning }\n        annotations: { summary: "app${n} of {{ $labels.job }} is at {{ $value }}" }\n`;
    });
    writeFileSync(
      join(folder, 'rules', `rules-${from / 100}.yml`),
      `groups:\n  - name: group-${from / 100}\n    rules:\n${rules.join('')}`,
    );
  }
  checklist(folder, 'rules', [
    '{ id: rules, uses: prometheus/rules-static, timeout: 10m, with: { rules: ["rules/*.yml"] } }',
  ]);
  checklist(folder, 'drill', [
    '{ id: drill, uses: prometheus/drill, timeout: 30m, with: { mode: unit, rules: ["rules/*.yml"] } }',
  ]);
}

/** Sources of some kilobytes in folders of fifty, and a checklist `files` that reads them all. */
export function sources(folder: string, count: number): void {
  const body = Array.from(
    { length: 60 },
    (_, n) => `fn helper_${n}(x: u64) -> u64 { x.wrapping_mul(${n}) } // a line of text`,
  );
  for (let n = 0; n < count; n++) {
    const within = join(folder, 'src', `part-${Math.floor(n / 50)}`);
    if (n % 50 === 0) mkdirSync(within, { recursive: true });
    writeFileSync(join(within, `file-${n}.rs`), `// file ${n}\n${body.join('\n')}\n`);
  }
  writeFileSync(
    join(folder, 'README.md'),
    '# Guide\n\nSee [a file](src/part-0/file-0.rs). Metrics: `app_requests_total`.\n',
  );
  checklist(folder, 'files', [
    '{ id: there, uses: files/exist, timeout: 10m, with: { files: [{ path: "src/**/*.rs", min: 1 }] } }',
    '{ id: claims, uses: docs/claims, timeout: 10m, needs: [there], with: { documents: [README.md] } }',
  ]);
}
