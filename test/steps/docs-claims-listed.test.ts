import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { runStep, tempDir, writeIn } from '../rig/run-step.ts';

/** A mill: a program with two binaries, its stack, its rules in a ConfigMap, a dashboard and a workflow. */
const files = {
  LICENSE: 'Mill Licence\n\nGrind what you like.\n',
  'Cargo.toml':
    '[package]\nname = "mill"\nversion = "2.3.0"\nedition = "2024"\nrust-version = "1.90.1"\n\n[dependencies]\ntonic = "0.14"\nclap = { version = "4.5" }\n\n[profile.tiny]\ninherits = "dev"\n',
  'src/main.rs': `#[derive(Parser, Debug)]
#[clap(author = "a", version, long_about = None)]
struct Args {
    /// File to read.
    #[clap(value_parser)]
    file: String,
}
fn main() { std::process::Command::new("true"); }
`,
  'src/bin/mill_check.rs': `#[derive(Debug, Clone, ValueEnum)]
enum Grind { CoarseFlour, Fine }
#[derive(Parser)]
struct Args {
    #[arg(long)]
    grind: Grind,
    #[arg(short, long)]
    key: Option<String>,
}
`,
  'src/settings.rs': `pub const MILL_STONE_SPEED: u32 = 4;
/// How.
#[derive(Default)]
pub enum SackPolicy {
    /// One at a time.
    #[default]
    OneSack,
    Everything,
}
pub struct Settings {
    /// Time to wait for the miller.
    /// Default: 5 seconds
    #[serde(default)]
    pub miller_wait_time_s: u64,
    pub hopper_refill_tries: u32,
    pub sluice_open_time: u32,
}
pub fn kinds() -> [&'static str; 4] { ["rye_flour", "oat_flour", "wheat_bran", "barley_meal"] }
pub fn log() -> String { std::env::var("MILL_LOG").unwrap_or_else(|_| "plain".to_string()) }
`,
  'src/tests.rs': `#[mill_test]
fn grinds_rye_to_a_fine_flour_test() { assert!(true_flour()) }
#[mill_test]
fn keeps_the_stones_from_touching_test() { assert!(gap()) }
#[mill_test]
fn stops_the_wheel_when_empty_test() { assert!(still()) }
`,
  'proto/mill.proto':
    'package mill;\nservice Millstone {\n  rpc GrindBatch(A) returns (B);\n  rpc StopWheel(A) returns (B);\n}\n',
  'compose.yaml':
    'services:\n  mill:\n    build: .\n    ports: ["7431:7431"]\n  grain-collector:\n    image: otel/grain-collector:1.2\n    ports: ["4900:4900", "13133:13133"]\n  grafana:\n    image: grafana/grafana:11.2.0\n    ports: ["3000:3000"]\n',
  'k8s/rules.yaml': `apiVersion: v1
kind: ConfigMap
metadata: { name: rules }
data:
  mill.yml: |
    groups:
      - name: mill_water
        interval: 30s
        rules:
          - alert: MillWaterLow
            expr: mill_water_litres < 30
            for: 10m
            labels: { severity: warning }
          - alert: MillStonesHot
            expr: mill_stone_celsius > 80
            for: 5m
            labels: { severity: critical }
          - alert: MillBatchesFail
            expr: rate(mill_failed_total[5m]) / rate(mill_batches_total[5m]) > 0.5
          - alert: MillBatchOld
            expr: time() - mill_last_batch_seconds > 7200
`,
  'boards/mill.json': JSON.stringify({
    uid: 'mill',
    title: 'Mill',
    schemaVersion: 39,
    refresh: '10s',
    time: { from: 'now-15m', to: 'now' },
    panels: [{ id: 1, type: 'stat', title: 'Water' }],
  }),
  'boards/providers.yaml': "apiVersion: 1\nproviders:\n  - name: a\n    folder: 'Mill'\n    type: file\n",
  '.github/workflows/ci.yml':
    'on: push\njobs:\n  mill-tests:\n    runs-on: ubuntu-24.04\n    steps: [{ run: cargo test }]\n',
  '.github/workflows/docs.yml': 'on: push\njobs:\n  pages:\n    runs-on: ubuntu-24.04\n    steps: [{ run: make }]\n',
  'src/http.rs': 'pub fn routes() -> Router { Router::new().route("/wheel", get(turn)).route("/stones", get(show)) }\n',
  'src/stones/upper.rs': '//! Stone.\n',
  'src/stones/deep/lower.rs': '//! Stone.\n',
};
const day = '2024-05-01T10:00:00Z';
function repository(own: Record<string, string>): string {
  const target = tempDir(own);
  const git = (...args: string[]): unknown =>
    execFileSync('git', ['-c', 'user.name=k', '-c', 'user.email=k@mill.example', ...args], {
      cwd: target,
      env: { ...process.env, GIT_AUTHOR_DATE: day, GIT_COMMITTER_DATE: day },
    });
  git('init', '-q');
  git('add', '-A');
  for (const message of ['Stones', 'Wheel', 'Water']) git('commit', '-q', '--allow-empty', '-m', message);
  return target;
}
const target = repository(files);
const empty = repository({ 'notes.txt': 'none\n' });

let n = 0;
/** The findings of one document that are more than notes, as `level message`. */
async function seen(text: string, where = target, name = `page-${n++}.md`): Promise<string[]> {
  writeIn(where, name, text);
  const record = await runStep({ uses: 'docs/claims', with: { documents: [name] }, target: where });
  return (record.findings ?? [])
    .filter(({ level, code }) => level !== 'note' && !code.startsWith('nothing-'))
    .map(({ level, message }) => `${level} ${message}`);
}
const table = (head: string, ...rows: string[]): string => [head, head.replace(/[^|]+/g, '---'), ...rows].join('\n');
const shell = (text: string): string => `\`\`\`bash\n${text}\n\`\`\``;

const cases: [kind: string, bad: string, good: string, part: string][] = [
  [
    'a row of names',
    'It grinds `rye_flour`, `oat_flour` and `rice_flour`.',
    'It grinds `rye_flour`, `oat_flour` and `wheat_bran`.',
    'warning `rice_flour`: src/settings.rs has the other 2 names',
  ],
  [
    'a row of variants for words',
    'One of `RyeFlour`, `OatFlour`, `WheatBran`, `CornMeal`.',
    'One of `RyeFlour`, `OatFlour`, `WheatBran`, `BarleyMeal`.',
    'warning `CornMeal`',
  ],
  [
    'a column of names',
    table(
      '| Kind | For |',
      '| `rye_flour` | a |',
      '| `oat_flour` | b |',
      '| `wheat_bran` | c |',
      '| `rice_bran` | d |',
    ),
    table(
      '| Kind | For |',
      '| `rye_flour` | a |',
      '| `oat_flour` | b |',
      '| `wheat_bran` | c |',
      '| `barley_meal` | d |',
    ),
    'warning `rice_bran`',
  ],
  [
    'settings of one line',
    'With `hopper_refill_tries` at 3 and `sluice_open_time` at 4, `sluice_shut_time` matters little.',
    'With `hopper_refill_tries` at 3 and `sluice_open_time` at 4, `miller_wait_time_s` matters little.',
    'warning `sluice_shut_time`',
  ],
  [
    'a constant',
    'The limit is `MILL_STONE_WIDTH`.',
    'The limit is `MILL_STONE_SPEED`.',
    'though the sources have MILL_STONE_SPEED',
  ],
  [
    'methods of a service',
    '- `Millstone`: `GrindBatch`, `DrainWheel`',
    '- `Millstone`: `GrindBatch`, `StopWheel`',
    'warning `DrainWheel`',
  ],
  [
    'a default that a comment gives',
    'It stops after `miller_wait_time_s` (default 30 seconds).',
    'It stops after `miller_wait_time_s` (default 5 seconds).',
    'warning `miller_wait_time_s 30 seconds`',
  ],
  [
    'the default of an enum',
    '`SackPolicy` defaults to `Everything`.',
    '`SackPolicy` defaults to `OneSack`.',
    'warning `SackPolicy everything`',
  ],
  [
    'the default of a variable',
    table('| Variable | Default |', '| `MILL_LOG` | `json` |'),
    table('| Variable | Default |', '| `MILL_LOG` | `plain` |'),
    '`MILL_LOG json`',
  ],
  [
    'a flag of a flat parser',
    shell('cargo run --bin mill -- --config mill.toml'),
    shell('cargo run --bin mill -- mill.toml'),
    'has no flag --config',
  ],
  [
    'a value of an enum',
    shell('mill_check --grind rough'),
    shell('mill_check --grind coarse-flour'),
    'does not take rough',
  ],
  ['a profile', shell('cargo build --profile=small'), shell('cargo build --profile=tiny'), 'error'],
  [
    'the name of a test',
    'Verified by `grinds_oats_to_a_fine_flour_test`.',
    'Verified by `grinds_rye_to_a_fine_flour_test`.',
    'error `grinds_oats_to_a_fine_flour_test`',
  ],
  ['tests of a file', '- `src/tests.rs` (9 tests)', '- `src/tests.rs` (3 tests)', '`9 tests`: src/tests.rs has 3'],
  [
    'the port of a row',
    table('| Service | Port |', '| grafana | 3009 |'),
    table('| Service | Port |', '| grafana | 3000 |'),
    'warning `port 3009 of grafana`',
  ],
  [
    'the port of a sentence',
    'Open Grafana on port 3009.',
    'Open Grafana on port 3000.',
    'warning `port 3009 of grafana`',
  ],
  [
    'a service by its last word',
    'The health of the collector is on port 13134.',
    'The health of the collector is on port 13133.',
    'warning `port 13134 of collector`',
  ],
  ['a port that nobody has', 'It listens on port 7555.', 'It listens on port 7431.', 'has this port'],
  ['an edition', 'Rust Edition 2021.', 'Rust Edition 2024.', 'have the edition 2024'],
  [
    'a least version',
    'Edition 2024 / MSRV: Edition 2024, Rust 1.85.0',
    'Edition 2024 / MSRV: Edition 2024, Rust 1.90.1',
    'rust-version 1.90.1',
  ],
  ['a release', '**Release**: v2.4.0', '**Release**: v2.3.0', 'warning `release 2.4.0`'],
  [
    'the version of a dependency',
    'It speaks through `tonic` 0.12.',
    'It speaks through `tonic` 0.14.',
    'ask for tonic 0.14',
  ],
  ['a dependency', 'It runs on the `flax` crate.', 'It runs on the `tonic` crate.', 'warning `crate flax`'],
  [
    'a rule of a ConfigMap',
    table('| Alert | Condition | For | Severity |', '| MillWaterLow | < 50 litres | 10m | warning |'),
    table('| Alert | Condition | For | Severity |', '| MillWaterLow | < 30 litres | 10m | warning |'),
    'warning `MillWaterLow: threshold 50`',
  ],
  [
    'a merge that was never settled',
    '<<<<<<< HEAD\nThe mill has a wheel.\n=======\nThe mill has two wheels.\n>>>>>>> topic/wheels\n',
    'The wheels\n=======\n\nGit marks a conflict:\n\n```\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> x\n```\n',
    'error `<<<<<<< HEAD`',
  ],
  [
    'a share in words',
    '## Alerts\n\n- `MillBatchesFail`: more than > 40 percent of the batches fail.\n\n### MillBatchesFail\n\nBatches fail above 40 percent.',
    '## Alerts\n\n- `MillBatchesFail`: > 50 percent of the batches fail.\n\n### MillBatchesFail\n\nBatches fail above 50 percent.',
    'warning `MillBatchesFail: threshold 40 percent`',
  ],
  [
    'a time in words',
    table('| Alert | Condition |', '| MillBatchOld | older: over 3 hours |'),
    table('| Alert | Condition |', '| MillBatchOld | older: over 2 hours |'),
    'warning `MillBatchOld: threshold 3 hours`',
  ],
  [
    'the interval of a group',
    table('| Group | Interval |', '| mill_water | 60s |'),
    table('| Group | Interval |', '| mill_water | 30s |'),
    'warning `mill_water: interval 60s`',
  ],
  [
    'the refresh of a dashboard',
    '## Dashboard\n\n- Refresh: 30s',
    '## Dashboard\n\n- Refresh: 10s',
    'refresh of the dashboards',
  ],
  [
    'the range of a dashboard',
    'The dashboard: default range last 1 hour',
    'The dashboard: default range last 15 minutes',
    'time range',
  ],
  [
    'a folder of Grafana',
    'Grafana shows it in the folder "Stream".',
    'Grafana shows it in the folder "Mill".',
    'folder of Grafana Stream',
  ],
  ['a runner', 'It passes on macos-15.', 'It passes on ubuntu-24.04.', 'warning `macos-15`'],
  ['a job', 'CI has the job `mill-build`.', 'CI has the job `mill-tests`.', 'CI job mill-build'],
  [
    'workflows',
    'There are 5 workflows in `.github/workflows/`.',
    'There are 2 workflows in `.github/workflows/`.',
    '`5 workflows in`',
  ],
  [
    'a licence',
    'This project is licensed under the MIT License.',
    'This project is licensed under the Mill Licence.',
    'is not the text of MIT',
  ],
  [
    'a day',
    '# Done\n\nStatus: complete\n\n**Date**: 2019-02-03',
    '# Done\n\nStatus: complete\n\n**Date**: 2024-05-02',
    '2019-02-03',
  ],
  ['a route', 'The wheel is served at `/wheelz`.', 'The wheel is mentioned at `/wheelz`.', 'warning `/wheelz`'],
  [
    'a path in prose',
    '- Lower: src/stones/deep/under.rs turns it.',
    '- Lower: src/stones/deep/lower.rs turns it.',
    'warning `src/stones/deep/under.rs`',
  ],
  [
    'a path before a colon',
    'The stones are in `src/stones/deep/under.rs`, of two kinds:\n\n- a\n- b',
    'The stones are in `src/stones/deep/lower.rs`, of two kinds:\n\n- a\n- b',
    '`src/stones/deep/under.rs`',
  ],
  [
    'a figure of a row',
    `${table('| Operation | P50 | P99 |', '| GrindBatch | 2 ms | 9 ms |')}\n\nP99 of GrindBatch is 7 ms against a target of 10 ms.`,
    `${table('| Operation | P50 | P99 |', '| GrindBatch | 2 ms | 9 ms |')}\n\nP99 of GrindBatch is 9 ms against a target of 10 ms.`,
    'GrindBatch: 7 ms',
  ],
  [
    'a part that is open',
    '# M\n\n**Status**: Complete\n\nTask 3 remains blocked.',
    '# M\n\n**Status**: Complete\n\nTask 3 was blocked for a week.',
    'Task 3 remains blocked',
  ],
];

describe('names and figures beside others', () => {
  it.each(cases)('%s', async (_, bad, good, part) => {
    expect(await seen(bad)).toEqual([expect.stringContaining(part)]);
    expect(await seen(good)).toEqual([]);
  });

  it('a file that is called complete', async () => {
    expect(await seen('# T\n\n**Status**: Pending\n', target, '001_stone_complete.md')).toEqual([
      expect.stringContaining('the file is called 001_stone_complete.md'),
    ]);
    expect(await seen('# T\n\n**Status**: Complete\n', target, '002_wheel_complete.md')).toEqual([]);
  });

  it('a figure of another report', async () => {
    writeIn(target, 'FINAL_REPORT.md', table('| Operation | P50 |', '| GrindBatch | 2 ms |'));
    writeIn(target, 'STATUS.md', 'GrindBatch takes 5 ms.\n\nGrindBatch takes 2 ms.\n');
    const documents = ['FINAL_REPORT.md', 'STATUS.md'];
    const record = await runStep({ uses: 'docs/claims', with: { documents }, target });
    expect(
      (record.findings ?? []).filter(({ code }) => code === 'contradiction').map(({ message }) => message),
    ).toEqual(['"GrindBatch: 5 ms", but FINAL_REPORT.md:3 says 2 ms (P50)']);
  });

  it('nothing is said of a repository that has none of it', async () => {
    const all = cases.filter(([kind]) => !/^a (?:figure|part|day|merge)/.test(kind)).map(([, bad]) => bad);
    expect(await seen(all.join('\n\n'), empty)).toEqual([]);
  });

  it.each([
    ['a list of tools', 'Install the tools `rye_flour`, `oat_flour` and `rice_flour`.'],
    ['what is yet to come', '## Next steps\n\nIt grinds `rye_flour`, `oat_flour` and `rice_flour`.'],
    ['names that nobody has', 'It grinds `tin_ore`, `iron_ore` and `copper_ore`.'],
    ['a forwarded port', `Open Grafana on port 3009.\n\n${shell('ssh -L 3009:localhost:3000 mill')}`],
    ['advice', 'You should let Grafana listen on port 3009.'],
    ['an upgrade', 'Migrated from `tonic` 0.12.'],
    ['a renamed constant', 'The old `MILL_STONE_WIDTH` was renamed.'],
    ['a target', `${table('| Operation | P99 |', '| GrindBatch | 9 ms |')}\n\nThe target of GrindBatch is 7 ms.`],
    ['a baseline', `${table('| Operation | P99 |', '| GrindBatch | 9 ms |')}\n\nGrindBatch fell from 14 ms.`],
    ['an old version', '# Changes\n\n## 1.0.0\n\nRust Edition 2021.'],
  ])('nothing is said of %s', async (_, text) => {
    expect(await seen(text)).toEqual([]);
  });
});
