import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { runStep, tempDir, writeIn } from '../rig/run-step.ts';

/** A lighthouse: a crate, a Go tool, its monitoring, its manifests and its licence. */
const files = {
  LICENSE: 'MIT License\n\nPermission is hereby granted, free of charge, to any person\n',
  'Cargo.toml': '[package]\nname = "lamp"\nversion = "0.1.0"\nedition = "2024"\n\n[features]\nfog-horn = []\n',
  'src/lib.rs': `/// A lens.
pub struct LensMount;
impl LensMount {
    /// Turns it.
    pub fn turn_by(&self) { self.try_turn().unwrap() }
    /// Cleans it.
    pub fn polish_glass(&self) { todo!() }
}
/// What goes wrong.
pub enum LensFault { Cracked, Dusty }
#[test]
#[ignore]
fn keeps_turning() { assert!(true_turn()) }
#[test]
fn stays_lit() { assert_eq!(light(), 1) }
#[test]
fn survives_wind() { blow(); }
`,
  'src/metrics.rs':
    'pub fn meters() {\n    register_counter_vec!("lamp_flashes_total", "flashes", &["colour"]);\n    register_gauge!("lamp_oil_litres", "oil");\n    register_gauge!("lamp_heat_celsius", "heat");\n}\n',
  'obs/prometheus.yml':
    'global:\n  scrape_interval: 20s\n  evaluation_interval: 20s\nscrape_configs:\n  - job_name: lamp\n    static_configs: [{ targets: ["lamp:7000"] }]\n',
  'obs/rules.yml': `groups:
  - name: lamp_light
    rules:
      - { record: "lamp:flashes:rate5m", expr: "rate(lamp_flashes_total[5m])" }
      - alert: LampOilLow
        expr: lamp_oil_litres < 3
        for: 5m
        labels: { severity: critical }
        annotations: { runbook_url: "https://shore.example/oil" }
      - alert: LampTooHot
        expr: lamp_heat_celsius > 80
        for: 5m
        labels: { severity: warning }
`,
  'obs/alertmanager.yml': 'route: { receiver: keepers, repeat_interval: 3h }\nreceivers:\n  - name: keepers\n',
  'obs/boards/lamp.json': JSON.stringify({
    uid: 'lamp-room',
    title: 'Lamp room',
    schemaVersion: 39,
    refresh: '30s',
    panels: [{ id: 1, type: 'stat', title: 'Oil left' }],
  }),
  'k8s/lamp.yaml':
    'apiVersion: apps/v1\nkind: StatefulSet\nmetadata: { name: lamp, namespace: shore }\nspec:\n  replicas: 3\n  selector: { matchLabels: { app: lamp } }\n  template:\n    metadata: { labels: { app: lamp } }\n    spec:\n      containers: [{ name: lamp, image: "lamp:1" }]\n',
  'compose.yaml':
    'services:\n  lamp:\n    build: .\n    restart: always\n    healthcheck: { test: ["CMD", "true"] }\n  grafana:\n    image: grafana/grafana:11.2.0\n    restart: always\n    mem_limit: 512m\n',
  '.github/workflows/ci.yml': 'on: push\njobs: { a: { runs-on: ubuntu-24.04, steps: [{ run: cargo clippy }] } }\n',
};
const day = '2024-05-01T10:00:00Z';
function repository(own: Record<string, string>): string {
  const target = tempDir(own);
  const git = (...args: string[]): unknown =>
    execFileSync('git', ['-c', 'user.name=k', '-c', 'user.email=k@shore.example', ...args], {
      cwd: target,
      env: { ...process.env, GIT_AUTHOR_DATE: day, GIT_COMMITTER_DATE: day },
    });
  git('init', '-q');
  git('add', '-A');
  git('commit', '-q', '--allow-empty', '-m', 'Light');
  return target;
}
const target = repository(files);
const empty = repository({ 'notes.txt': 'none\n' });

let n = 0;
/** The findings of one document that are more than notes, as `level line message`. */
async function seen(text: string, where = target): Promise<string[]> {
  const name = `page-${n++}.md`;
  writeIn(where, name, text);
  const record = await runStep({ uses: 'docs/claims', with: { documents: [name] }, target: where });
  return record.findings
    .filter((one) => !one.code.startsWith('nothing-') && one.level !== 'note')
    .map((one) => `${one.level} ${one.where?.line} ${one.message} ${one.hint ?? ''}`);
}

const shell = (command: string): string => `# Help\n\n\`\`\`sh\n${command}\n\`\`\`\n`;
const alert = (name: string, text: string): string => `# Alerts\n\n## ${name}\n\n${text}\n`;

/** What is said, what is said wrongly, its healthy twin, and what the finding says. */
const cases: [kind: string, bad: string, good: string, message: RegExp][] = [
  ['an absence', 'No `unwrap()` in production code.', 'No `dbg!` in production code.', /1 unwrap: src\/lib\.rs:5/],
  ['a macro that is absent', 'The crate has no `todo!()` left.', 'The crate has no `println!` left.', /1 todo!/],
  ['no ignored test', 'There are no ignored tests.', 'One test is ignored.', /1 ignored test: src\/lib\.rs/],
  [
    'an interval',
    'Prometheus scrapes all targets every 5 seconds.',
    'Prometheus scrapes all targets every 20 seconds.',
    /scrape interval/,
  ],
  ['an interval by its key', '`evaluation_interval`: 1m', '`evaluation_interval`: 20s', /evaluation interval/],
  ['a repetition', '`repeat_interval` is 4h.', '`repeat_interval` is 3 hours.', /has 3h/],
  ['replicas', 'The StatefulSet runs 5 replicas.', 'The StatefulSet runs three replicas.', /k8s\/lamp\.yaml has 3/],
  ['a refresh', 'The dashboard refreshes every 10s.', 'The dashboard refreshes every 30s.', /refresh of a dashboard/],
  ['a limit', 'It has a memory limit of 2 GB.', 'It has a memory limit of 512 MB.', /memory limit/],
  ['a receiver', 'Alertmanager pages the receiver `harbour`.', 'Alertmanager pages the receiver `keepers`.', /keepers/],
  [
    'a group of rules',
    'Alerts are in the group `lamp_lights`.',
    'Alerts are in the group `lamp_light`.',
    /did you mean lamp_light/,
  ],
  [
    'a recording rule',
    'The rule `lamp:flashes:rate1h` is recorded.',
    'The rule `lamp:flashes:rate5m` is recorded.',
    /recording rule/,
  ],
  ['a dashboard', 'Open the "Harbour view" dashboard.', 'Open the "Lamp Room" dashboard.', /Lamp room/],
  ['a panel', 'Grafana: look at the panel "Wind speed".', 'Grafana: look at the panel "Oil left".', /panel Wind speed/],
  [
    'an address of a dashboard',
    'See http://localhost:3000/d/harbour-view',
    'See http://localhost:3000/d/lamp-room',
    /dashboard uid/,
  ],
  ['a feature', 'Build with the cargo feature `siren`.', 'Build with the cargo feature `fog-horn`.', /fog-horn/],
  [
    'a namespace of kubectl',
    shell('kubectl -n harbour get pods'),
    shell('kubectl -n shore get pods'),
    /namespace shore/,
  ],
  [
    'a kind of kubectl',
    shell('kubectl rollout restart deployment/lamp'),
    shell('kubectl rollout restart statefulset/lamp'),
    /StatefulSet/,
  ],
  [
    'a name of kubectl',
    shell('kubectl scale sts lamps --replicas=3'),
    shell('kubectl scale sts lamp --replicas=3'),
    /did you mean lamp/,
  ],
  [
    'a label of kubectl',
    shell('kubectl logs -l app=lens'),
    shell('kubectl logs -l app=lamp'),
    /app with the values lamp/,
  ],
  ['a licence', 'Licensed under the Apache License 2.0.', 'Licensed under the MIT license.', /text of MIT/],
  ['a day to come', '**Completed**: 2199-01-01', '**Completed**: 2024-06-01', /still to come/],
  ['a day before all', '**Started**: 2021-01-01', '**Started**: 2024-04-01', /first commit/],
  ['an image', 'The stack runs Grafana 10.1.', 'The stack runs Grafana 11.2.', /11\.2\.0/],
  ['what CI runs', 'CI runs miri on each push.', 'CI runs clippy on each push.', /names miri/],
  ['a member', '`LensMount.turn_around()` moves it.', '`LensMount.turn_by()` moves it.', /defines? LensMount/],
  [
    'a variant',
    '`LensFault` has the variants `Cracked` and `Foggy`.',
    '`LensFault` has the variants `Cracked` and `Dusty`.',
    /LensFault: Foggy/,
  ],
  ['a body', '`LensMount::polish_glass` is fully implemented.', '`LensMount::turn_by` is fully implemented.', /todo!/],
  ['an ignored proof', 'Proven by the test `keeps_turning`.', 'Proven by the test `stays_lit`.', /is ignored/],
  [
    'a proof without asserting',
    'Proven by the test `survives_wind`.',
    'Proven by the test `stays_lit`.',
    /asserts nothing/,
  ],
  ['each alert', 'Every alert has a runbook.', 'Every alert has a severity.', /LampTooHot/],
  ['all services', 'All services have healthchecks.', 'All services have a restart policy.', /grafana/],
  [
    'a threshold',
    alert('LampTooHot', 'Fires when the lamp is above 90.'),
    alert('LampTooHot', 'Fires when the lamp is above 80.'),
    /compares with 80/,
  ],
  [
    'a wait in words',
    alert('LampOilLow', 'Fires when oil is low, below 3 for 10 minutes.'),
    alert('LampOilLow', 'Fires when oil is low, below 3 for 5 minutes.'),
    /has for 5m/,
  ],
  [
    'a path in a table',
    '| File | Use |\n| --- | --- |\n| src/meters.rs | all |\n',
    '| File | Use |\n| --- | --- |\n| src/metrics.rs | all |\n',
    /src\/meters\.rs/,
  ],
  [
    'a path in a heading',
    '## obs/rule.yml\n\nIt holds the rules.\n',
    '## obs/rules.yml\n\nIt holds the rules.\n',
    /obs\/rule\.yml/,
  ],
  [
    'a label in a table',
    '| Metric | Labels |\n| --- | --- |\n| lamp_flashes_total | status |\n',
    '| Metric | Labels |\n| --- | --- |\n| lamp_flashes_total | colour |\n',
    /colour/,
  ],
  [
    'a query',
    '```promql\nrate(lamp_flashes_total[5m]) by (colour)\n```\n',
    '```promql\nsum by (colour) (rate(lamp_flashes_total[5m]))\n```\n',
    /not PromQL/,
  ],
];

describe('what a document says in words', () => {
  it.each(cases)('%s', async (_, bad, good, message) => {
    const [first, ...others] = await seen(bad);
    expect(first).toMatch(/^warning /);
    expect(first).toMatch(message);
    expect(others).toEqual([]);
    expect(await seen(good)).toEqual([]);
  });

  it('nothing is said of a repository that has none of it', async () => {
    const all = cases.filter(([kind]) => !/^a (?:day|query|path)/.test(kind)).map(([, bad]) => bad);
    expect(await seen(all.join('\n\n'), empty)).toEqual([]);
  });

  it.each([
    ['another time', '# Changes\n\n## 0.1.0\n\nThe StatefulSet runs 5 replicas.'],
    ['a snapshot', '> Historical snapshot of May\n\nThe StatefulSet runs 5 replicas.'],
    ['a target', 'The StatefulSet of the cluster runs 3-5 replicas (target: 5 replicas).'],
    ['the id of a user', 'The keeper logs in with:\n\n- Firebase UID: `usEwgfqWJyd7nwN7fdIKFvztrfq2`'],
    ['the file of a dashboard’s notes', 'Of Grafana:\n\n- **Dashboard**: `lamp_dashboard_notes.md`'],
    ['advice', 'The StatefulSet should run at least 5 replicas.'],
    ['what is yet to come', '## Next steps\n\nThe StatefulSet runs 5 replicas.'],
    ['another retention', 'Backups of Prometheus: retention 7 days'],
    ['scopes of a token', 'The rules of the token: `write:packages`, `org:read`'],
    [
      'what the document makes',
      `${shell('kubectl create namespace harbour')}\n${shell('kubectl -n harbour get pods')}`,
    ],
    [
      'what a chart makes',
      `${shell('helm upgrade --install horn shore/horn')}\n${shell('kubectl scale sts horn-main --replicas=1')}`,
    ],
    ['what is not there', 'The function `turn_bye` is missing.'],
    ['the title of a listing', '### src/meters.rs\n\n```rust\nfn a() {}\n```\n'],
    ['days before the first commit', '**Created**: 2024-04-20'],
    ['another machine', '## Hardware\n\nThe host runs Grafana 10.1.'],
  ])('nothing is said of %s', async (_, text) => {
    expect(await seen(text)).toEqual([]);
  });
});
