import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { runStep, tempDir, writeIn } from '../rig/run-step.ts';

/** A kiln: a server of its own with metrics written by hand, its alerts and its stack. */
const files = {
  'Cargo.toml': '[package]\nname = "kilnd"\nversion = "0.4.0"\nedition = "2024"\nlicense = "Apache-2.0"\n',
  'src/main.rs': `fn answer(method: &str, path: &str) -> u16 {
    match (method, path) {
        ("GET", "/heat") => 200,
        ("POST", "/firings") => 201,
        ("GET", "/firings/last") => 200,
        _ => 404,
    }
}
fn render(out: &mut String) {
    head(out, "kilnd_heat_celsius", "gauge", "Heat.");
    gauge(&mut out, "kilnd_door_open_ratio", "Door.");
}
fn main() {
    let port = 7800;
    println!("{} {}", std::env::args().count(), env!("CARGO_PKG_VERSION"));
}
#[test]
fn the_door_stays_shut() { assert_eq!(answer("GET", "/heat"), 200) }
`,
  'obs/rules.yml': `groups:
  - name: kiln
    rules:
      - alert: KilnTooHot
        expr: kilnd_heat_celsius > 1300
        for: 2m
        labels: { severity: critical }
        annotations: { runbook: docs/runbook.md, summary: hot }
      - alert: KilnDoorOpen
        expr: kilnd_door_open_ratio > 0.1
        for: 5m
        labels: { severity: warning }
        annotations: { runbook: docs/runbook.md, summary: open }
`,
  'obs/prometheus.yml':
    'rule_files: [rules.yml]\nscrape_configs:\n  - job_name: kilnd\n    static_configs: [{ targets: ["kilnd:7800"] }]\n',
  'compose.yaml':
    'services:\n  kilnd:\n    build: .\n    ports: ["7800:7800"]\n  prometheus:\n    image: prom/prometheus:v3.1.0\n',
};
function repository(own: Record<string, string>): string {
  const target = tempDir(own);
  const git = (...args: string[]): unknown =>
    execFileSync('git', ['-c', 'user.name=k', '-c', 'user.email=k@kiln.example', ...args], { cwd: target });
  git('init', '-q');
  git('add', '-A');
  git('commit', '-q', '-m', 'Fire');
  return target;
}
const target = repository(files);

let n = 0;
async function seen(text: string, name: string): Promise<string[]> {
  writeIn(target, name, text);
  const record = await runStep({ uses: 'docs/claims', with: { documents: [name] }, target });
  return record.findings
    .filter((one) => !one.code.startsWith('nothing-') && one.level !== 'note')
    .map((one) => `${one.level} ${one.where?.line} ${one.message} ${one.hint ?? ''}`);
}
const table = (head: string, ...rows: string[]): string =>
  [head, head.replace(/[^|]+/g, '---'), ...rows].map((row) => `|${row}|`).join('\n');

/** What a report says wrongly, its healthy twin, and what the finding says. */
const cases: [kind: string, bad: string, good: string, message: RegExp][] = [
  [
    'a script in a folder that is not there',
    'Backups are made by `scripts/backup.sh`.',
    'Alerts are in `obs/rules.yml`.',
    /scripts\/backup\.sh is not there/,
  ],
  [
    'a workflow of a repository without any',
    'CI runs on each push (`.github/workflows/ci.yml`).',
    'CI would run by `.github/workflows/ci.yml`; it is not there yet.',
    /ci\.yml is not there/,
  ],
  [
    'a route of a server of its own',
    '- `GET /heat`\n- `POST /firings`\n- `DELETE /firings`',
    '- `GET /heat`\n- `POST /firings`\n- `GET /firings/last`',
    /answer it to POST only/,
  ],
  [
    'a route that no arm has',
    '- `GET /heat`\n- `POST /firings`\n- `POST /cooling`',
    '- `GET /heat`\n- `POST /firings`',
    /none of the 3 routes/,
  ],
  ['rules of a file', '`obs/rules.yml` (6 rules)', '`obs/rules.yml` (2 rules)', /obs\/rules\.yml has 2/],
  ['a licence', '**License**: MIT', '**License**: Apache 2.0', /the manifests say Apache-2\.0/],
  [
    'the kind of a metric that is written by hand',
    '- `kilnd_heat_celsius`: counter of firings',
    '- `kilnd_heat_celsius`: gauge',
    /registers it as a gauge/,
  ],
  [
    'the kind of a metric of a helper',
    '- `kilnd_door_open_ratio` (histogram)',
    '- `kilnd_door_open_ratio` (gauge)',
    /registers it as a gauge/,
  ],
  [
    'a threshold in a sentence',
    '`KilnTooHot` pages when the heat is above 1400 for 2 minutes.',
    '`KilnTooHot` pages when the heat is above 1300 for 2 minutes.',
    /compares with 1300/,
  ],
  [
    'an annotation by its exact name',
    'All alert rules carry a `runbook_url` annotation.',
    'All alert rules carry a runbook.',
    /2 do not/,
  ],
  [
    'a variable of a program that reads none',
    'The environment variable `KILND_LOG_LEVEL` sets the level.',
    'The environment variable `RUST_LOG` sets the level.',
    /no source reads any environment variable/,
  ],
  [
    'a limit of memory where there is none',
    'The kilnd container is limited to 512 MB of memory.',
    'The container would be limited to 512 MB of memory.',
    /no deployment file limits/,
  ],
  [
    'a port that nothing has',
    'Metrics are served on port 9101 as well.',
    'Metrics are served on port 7800.',
    /has this port/,
  ],
  [
    'a test that is no test',
    '`wal_survives_a_crash` proves recovery.',
    '`the_door_stays_shut` proves safety.',
    /no test or function has this name/,
  ],
  [
    'a part of the stack that is not there',
    'Alerts are routed by Alertmanager to the potters.',
    'Metrics are collected by Prometheus. Alerts could be routed by Alertmanager.',
    /only documents of the repository name it/,
  ],
  [
    'a task in brackets that is still open',
    '**Status**: COMPLETE\n\n- Task 009 (glazing) is still in progress.',
    '**Status**: COMPLETE\n\n- Task 009 (glazing) was in progress until May.',
    /says COMPLETE/,
  ],
  [
    'a sentence with another share than the headline',
    '# Sign-off\n\n11 of 12 criteria are met.\n\nCriteria are met: 12/12.',
    '# Sign-off\n\n12 of 12 criteria are met.\n\nCriteria are met: 12/12.',
    /11 of 12 criteria/,
  ],
  [
    'a figure of a row that is one word',
    `${table(' operation | P50 | P95 ', ' recall | 79 µs | 88 µs ', ' store | 2 µs | 3 µs ')}\n\nRecall takes 120 µs at P95.`,
    `${table(' operation | P50 | P95 ', ' recall | 79 µs | 88 µs ', ' store | 2 µs | 3 µs ')}\n\nRecall takes 88 µs at P95. They recall 120 µs of it.`,
    /says 88 µs \(P95\)/,
  ],
  [
    'a pass that rests on an estimate',
    table(' operation | P95 | target | status ', ' spread | ~5 ms (est.) | 10 ms | PASS '),
    table(' operation | P95 | target | status ', ' spread | 5 ms | 10 ms | PASS ', ' bake | ~5 ms | 10 ms | PASS '),
    /only an estimate/,
  ],
];

describe('what a report promises', () => {
  it.each(cases)('%s', async (_, bad, good, message) => {
    n++;
    expect(await seen(bad, `R${n}_COMPLETE.md`)).toEqual([expect.stringMatching(message)]);
    expect(await seen(good, `R${n}_GOOD_COMPLETE.md`)).toEqual([]);
  });

  it('a guide may name folders of its readers', async () => {
    expect(await seen('Put it into `scripts/backup.sh`, and call `tests/smoke.rs`.', 'guide.md')).toEqual([]);
    expect(await seen('Alerts are routed by Alertmanager.', 'guide-two.md')).toEqual([]);
  });
});
