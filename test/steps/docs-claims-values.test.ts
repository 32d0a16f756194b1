import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { runStep, tempDir, writeIn } from '../rig/run-step.ts';

const board = (title: string, panels: number): string =>
  JSON.stringify({
    uid: title.toLowerCase(),
    title,
    schemaVersion: 39,
    panels: Array.from({ length: panels }, (_, id) => ({ id, type: 'stat' })),
  });

/** A fish pond with programs in four languages, settings, metrics, alerts and dashboards. */
const target = tempDir({
  'pump/config.rs': `#[derive(Deserialize)]
pub struct Settings { pub pump: PumpSettings }
#[derive(Deserialize)]
pub struct PumpSettings { pub litres_per_hour: u32, pub filter_dir: String }
pub const FEED_SECONDS: u64 = 40;
#[derive(Metrics)]
#[metrics(scope = "pond_net")]
pub struct Net {
    /// Fish.
    #[metric(describe = "caught")]
    pub caught: Counter,
}
#[derive(Parser)]
pub struct Args {
    #[arg(
        long,
        env,
        default_value = "45"
    )]
    pub net_mesh_mm: u32,
    #[arg(long("depth-limit"), default_value_t = 3)]
    pub deepest: u32,
}
pub const POND_MAX_BYTES: usize = 20 * 1024 * 1024;
#[derive(Deserialize)]
pub struct Flow {
    /// Litres.
    #[serde(default = "default_flow")]
    pub flow_limit_litres: u32,
}
fn default_flow() -> u32 {
    70
}
pub fn read() { std::env::var("POND_DIR"); std::env::var("POND_PORT"); std::env::var("POND_LEVEL"); }
pub fn meter() {
    register_counter_vec!("pond_feeds_total", "feeds", &["fish"]);
    register_gauge!("pond_depth_metres", "depth");
    register_gauge!("pond_heat_celsius", "heat");
}
`,
  'config/pond.toml': '[pump]\nlitres_per_hour = 900\nfilter_dir = "/filter"\n',
  'rules/pond.yml': `groups:
  - name: pond_levels
    rules:
      - { alert: PondDry, expr: pond_depth_metres < 1, for: 5m, labels: { severity: critical } }
      - { "alert": PondCold, expr: pond_heat_celsius < 4, for: 15m, labels: { severity: warning } }
`,
  'boards/pond.json': board('Pond', 4),
  'boards/fish.json': board('Fish', 2),
  'heron/test_nest.py': ['twigs', 'eggs', 'chicks']
    .map((one) => `def test_${one}():\n    assert lay("${one}")\n`)
    .join('\n'),
  'heron/test_wing.py': 'def test_wing():\n    assert flap()\n',
  'heron/meter.py': `import os
from prometheus_client import Counter

NEST_LIMIT = int(os.getenv("HERON_NEST_LIMIT", "12"))
built = Counter(
    f"{prefix}nests_built",
    "Nests.",
    ["tree"],
)
`,
  'tools/feed.sh': 'echo a\n'.repeat(12),
  'tools/drain.sh': 'true\n',
  'pyproject.toml': `[project]
name = "heron"
[project.scripts]
heron = "heron.main:main"
egret = "heron.click_cli:cli"
bittern = "heron.typer_cli:app"
`,
  'heron/main.py': `import argparse

def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers()
    watch = commands.add_parser("watch")
    watch.add_argument("--from-tree")
    scare = commands.add_parser("scare")
    scare.add_argument("--loud", action="store_true")
    scare.add_argument("--twice", action="store_true")
    parser.parse_args()
`,
  'heron/click_cli.py': `import click

@click.group()
def cli():
    pass

@cli.command()
@click.option("--nest")
@click.option(
    "--eggs-per-nest",
    type=int,
    default=2 * 2,
    help="How many (at most)",
)
def lay(nest, eggs_per_nest):
    pass

@cli.command("fly-away")
def away():
    pass
`,
  'heron/typer_cli.py': `import typer

app = typer.Typer()
nests = typer.Typer()
app.add_typer(nests, name="nests")

@app.command()
def boom(loud: bool = False):
    pass

@nests.command("build")
def build(place: str, reeds: int = typer.Option(3, "--reeds")):
    pass
`,
  'go.mod': 'module example.org/pond\n\ngo 1.23\n',
  'cmd/pondctl/main.go': `package main

import "github.com/spf13/cobra"

func main() {
	root := &cobra.Command{Use: "pondctl"}
	root.PersistentFlags().String("pond", "", "which")
	root.AddCommand(newFish())
	root.Execute()
}

func newFish() *cobra.Command {
	fish := &cobra.Command{Use: "fish"}
	count := &cobra.Command{Use: "count", Aliases: []string{"number"}}
	count.Flags().Bool("deep", false, "")
	fish.AddCommand(count)
	return fish
}
`,
  'cmd/pondping/main.go':
    'package main\n\nimport "flag"\n\nfunc main() {\n\tflag.String("pond", "", "")\n\tflag.Parse()\n}\n',
  'cmd/pondsync/main.go': `package main

import "github.com/urfave/cli/v2"

func main() {
	app := &cli.App{Name: "pondsync", Commands: []*cli.Command{
		{Name: "push", Flags: []cli.Flag{&cli.BoolFlag{Name: "dry-run"}}},
		{Name: "pull"},
	}}
	app.Run(nil)
}
`,
  'package.json': JSON.stringify({ name: 'pond-web', bin: { pondgen: 'bin/gen.js', pondlint: 'bin/lint.js' } }),
  'bin/gen.js': `import { Command } from 'commander';
const program = new Command();
program.command('map <pond>').option('-o, --out <dir>', 'folder').action(() => {});
const fish = program.command('fish');
fish.command('draw').option('--colour').action(() => {});
program.parse();
`,
  'bin/lint.js': `import yargs from 'yargs';
yargs(process.argv.slice(2))
  .command('check <file>', 'looks', (y) => y.option('depth', { type: 'number' }))
  .command('mend <file>', 'mends', (y) => y.option('dry-run', { type: 'boolean' }))
  .strict()
  .parse();
`,
});
execFileSync('git', ['init', '-q'], { cwd: target });

const block = (lang: string, text: string): string => `\`\`\`${lang}\n${text}\n\`\`\`\n`;
const sh = (text: string): string => block('bash', text);
const command = ['error command-wrong 2'];

/** What is said, what is false of it, and the same said rightly. */
const cases: [what: string, bad: string, expected: string[], good: string][] = [
  ['argparse: a subcommand', sh('heron sing'), command, sh('heron watch --from-tree oak')],
  ['argparse: a flag of another command', sh('heron watch --loud'), command, sh('heron scare --loud')],
  ['argparse: by its module', sh('python -m heron.main scare --quietly'), command, sh('python -m heron.main scare')],
  ['click: a command', sh('egret hatch'), command, sh('egret fly-away')],
  ['click: a flag of another command', sh('egret fly-away --nest a'), command, sh('egret lay --nest a')],
  ['typer: a nested command', sh('bittern nests burn x'), command, sh('bittern nests build x --reeds 5')],
  ['typer: a flag', sh('bittern boom --quiet-please'), command, sh('bittern boom --no-loud')],
  ['cobra: a nested command', sh('pondctl fish weigh'), command, sh('pondctl fish number --pond a')],
  [
    'cobra: by go run',
    sh('go run ./cmd/pondctl fish count --wide'),
    command,
    sh('go run ./cmd/pondctl fish count --deep'),
  ],
  ['flag', sh('pondping -lake x'), command, sh('pondping -pond x')],
  ['urfave', sh('pondsync pull --dry-run'), command, sh('pondsync push --dry-run')],
  ['commander: a nested command', sh('pondgen fish paint'), command, sh('pondgen fish draw --colour')],
  ['commander: by npx', sh('npx pondgen map a --target b'), command, sh('npx pondgen map a --out b')],
  ['yargs', sh('pondlint check a --dry-run'), command, sh('pondlint mend a --dry-run')],
  ['in a container', sh('docker exec pond pondctl fish weigh'), command, sh('docker exec pond pondctl fish count')],
  ['in a pod', sh('kubectl exec pond-0 -- pondctl lake'), command, sh('kubectl exec pond-0 -- pondctl fish count')],
  [
    'in a unit',
    block('ini', '[Service]\nExecStart=/usr/local/bin/pondctl serve'),
    ['error command-wrong 3'],
    block('ini', '[Service]\nExecStart=/usr/local/bin/pondctl fish count'),
  ],
  ['a variable that is exported', sh('export POND_TINT=blue'), ['error name-unknown 2'], sh('export POND_LEVEL=high')],
  [
    'a variable of a table',
    '| Variable | Default |\n|---|---|\n| `POND_SHAPE` | round |\n',
    ['error name-unknown 3'],
    '| Variable | Default |\n|---|---|\n| `POND_DIR` | /pond |\n',
  ],
  [
    'a key of a block',
    block('toml', '[pump]\nlitres_per_hour = 1\nnoise_limit = 2'),
    ['warning name-unknown 4'],
    block('toml', '[pump]\nlitres_per_hour = 1\nfilter_dir = "a"'),
  ],
  [
    'a dotted key beside its file',
    'Set `pump.noise_limit` in `config/pond.toml`.\n',
    ['error name-unknown 1'],
    'Set `pump.filter_dir` in `config/pond.toml`.\n',
  ],
  [
    'a key of a block that is of no file here',
    block('toml', '# config/pond.toml\n[pump]\nlitres_per_hour = 1\nnoise_limit = 2'),
    ['warning name-unknown 5'],
    `In \`pond/other.toml\`:\n\n${block('toml', '[pump]\nlitres_per_hour = 1\nnoise_limit = 2')}\n${block('toml', '# pond/other.toml\n[pump]\nlitres_per_hour = 1\nnoise_limit = 2')}` +
      block('yaml', 'lake:\n  stage: build\n  script: [make]\n  allow_failure: true'),
  ],
  [
    'an assignment that is told to the reader',
    'The file has `FEED_SECONDS=60` in `pump/config.rs`.\n',
    ['warning value-wrong 1'],
    'For more fish run with `FEED_SECONDS=60`. If `FEED_SECONDS` is 60, they grow.\n',
  ],
  [
    'tests of a file, and some of them',
    '- `heron/test_nest.py`: 9 tests\n',
    ['error value-wrong 1'],
    '- `heron/test_nest.py`: 3 tests\n- `heron/test_nest.py`: fixed 2 tests\n',
  ],
  [
    'tests that have come to be more',
    '- `heron/test_nest.py`: 2 tests\n',
    ['warning value-wrong 1'],
    '- `heron/test_nest.py`: 3 tests\n',
  ],
  [
    'lines that have come to be more',
    '| File | Lines |\n|---|---|\n| `tools/feed.sh` | 4 |\n',
    ['warning value-wrong 3'],
    '| File | Lines |\n|---|---|\n| `tools/feed.sh` | 9 |\n',
  ],
  ['a constant', '`FEED_SECONDS` is 60.\n', ['warning value-wrong 1'], '`FEED_SECONDS` is 40.\n'],
  [
    'a value beside its file',
    '`litres_per_hour = 700` in `config/pond.toml`\n',
    ['warning value-wrong 1'],
    '`litres_per_hour = 900` in `config/pond.toml`\n',
  ],
  [
    'a default without its file',
    '`litres_per_hour` defaults to 700.\n',
    ['warning value-wrong 1'],
    '`litres_per_hour` defaults to 900.\n',
  ],
  [
    'the default of an option',
    '| Option | Default |\n|---|---|\n| `--eggs-per-nest` | 9 |\n',
    ['warning value-wrong 3'],
    '| Option | Default |\n|---|---|\n| `--eggs-per-nest` | 4 |\n',
  ],
  [
    'the default of a variable that clap names after its field',
    '| Variable | Default |\n|---|---|\n| `NET_MESH_MM` | 60 |\n',
    ['warning value-wrong 3'],
    '| Variable | Default |\n|---|---|\n| `NET_MESH_MM` | 45 |\n',
  ],
  [
    'a mark beside a column of results',
    '| Measure | Target | Result | Met |\n|---|---|---|---|\n| Pump | < 50 ms | 62 ms | ✅ |\n',
    ['error value-wrong 3'],
    '| Measure | Target | Result | Met |\n|---|---|---|---|\n| Pump | < 50 ms | 42 ms | ✅ |\n',
  ],
  [
    'a derived metric',
    '| Metric | Type |\n|---|---|\n| `pond_net_caught` | gauge |\n',
    ['error name-unknown 3'],
    '| Metric | Type |\n|---|---|\n| `pond_net_caught` | counter |\n',
  ],
  [
    'an option of a table that no source has',
    '| Option | Use |\n|---|---|\n| `--from-tree` | where |\n| `--loud` | how |\n| `--twice` | again |\n| `--splash-guard` | no |\n',
    ['warning name-unknown 6'],
    '| Option | Use |\n|---|---|\n| `--from-tree` | where |\n| `--loud` | how |\n| `--twice` | again |\n| `--nest` | of another |\n',
  ],
  [
    'the default of a variable',
    '| Variable | Default | Use |\n|---|---|---|\n| `HERON_NEST_LIMIT` | 40 | what you can have |\n',
    ['warning value-wrong 3'],
    '| Variable | Default | Use |\n|---|---|---|\n| `HERON_NEST_LIMIT` | 12 | what you can have |\n',
  ],
  [
    'the default of a field, by the function that makes it',
    '`flow_limit_litres` defaults to 90.\n',
    ['warning value-wrong 1'],
    '`flow_limit_litres` defaults to 70. For a lake set it to 90 (`flow_limit_litres`).\n',
  ],
  [
    'a constant in brackets behind a length of time',
    'Fish are fed after two minutes (`FEED_SECONDS`).\n',
    ['warning value-wrong 1'],
    'Fish are fed after 40 seconds (`FEED_SECONDS`); it was 20 seconds (`FEED_SECONDS`) once.\n',
  ],
  [
    'a constant that is a product',
    'A pond holds at most 16 MiB (`POND_MAX_BYTES`).\n',
    ['warning value-wrong 1'],
    'A pond holds at most 20 MiB (`POND_MAX_BYTES`), or 20 MB (`POND_MAX_BYTES`).\n',
  ],
  [
    'the kind of a metric in a list',
    '- the metric `pond_depth_metres`: counter\n',
    ['error name-unknown 1'],
    '- the metric `pond_depth_metres`: gauge\n',
  ],
  [
    'a label of a metric whose beginning is variable',
    '| Metric | Labels |\n|---|---|\n| `heron_nests_built_total` | bush |\n',
    ['warning name-unknown 3'],
    '| Metric | Labels |\n|---|---|\n| `heron_nests_built_total` | tree |\n',
  ],
  [
    'tests of two files in one line',
    '`heron/test_nest.py` has 3 tests, `heron/test_wing.py` has 5 tests.\n',
    ['error value-wrong 1'],
    '`heron/test_nest.py` has 3 tests, `heron/test_wing.py` has 1 test.\n',
  ],
  [
    'a metric',
    'The metric `pond_fish_seen_total` counts them.\n',
    ['error name-unknown 1'],
    'The metric `pond_feeds_total` counts them.\n',
  ],
  [
    'a metric that is asked for',
    block('promql', 'rate(pond_splashes_total[5m])'),
    ['error name-unknown 2'],
    block('promql', 'rate(pond_feeds_total[5m])'),
  ],
  [
    'a metric that is to be',
    '| Métrica | Tipo |\n|---|---|\n| `pond_fish_seen_total` | Counter |\n',
    ['error name-unknown 3'],
    '| Métrica Nueva | Tipo |\n|---|---|\n| `pond_fish_seen_total` | Counter |\n',
  ],
  [
    'the kind of a metric',
    '| Metric | Type |\n|---|---|\n| `pond_depth_metres` | counter |\n',
    ['error name-unknown 3'],
    '| Metric | Type |\n|---|---|\n| `pond_depth_metres` | gauge |\n',
  ],
  [
    'a label of a metric',
    'The metric `pond_feeds_total{bird="a"}`.\n',
    ['warning name-unknown 1'],
    'The metric `pond_feeds_total{fish="a",job="b"}`.\n',
  ],
  [
    'an alert of a table',
    '| Alert | Severity |\n|---|---|\n| PondDry | critical |\n| PondFrozen | critical |\n',
    ['error name-unknown 4'],
    '| Alert | Severity |\n|---|---|\n| PondDry | critical |\n| PondCold | warning |\n',
  ],
  ['an alert as a heading', '### Alert: PondFrozen\n\nx\n', ['error name-unknown 1'], '### Alert: PondCold\n\nx\n'],
  [
    'severity and wait of an alert',
    '| Alert | Severity | For |\n|---|---|---|\n| PondDry | warning | 1m |\n',
    ['error value-wrong 3', 'error value-wrong 3'],
    '| Alert | Severity | For |\n|---|---|---|\n| PondDry | critical | 5m |\n',
  ],
  ['alert rules as a label', '**Alert rules**: 7\n', ['error value-wrong 1'], '**Alert rules**: 2\n'],
  [
    'alert rules in a table',
    '| Deliverable | Count |\n|---|---|\n| Alert rules | 7 |\n',
    ['error value-wrong 3'],
    '| Deliverable | Count |\n|---|---|\n| Alert rules | 2 |\n',
  ],
  [
    'panels by the board’s title',
    '| Dashboard | Panels |\n|---|---|\n| Pond | 9 |\n| Fish | 2 |\n',
    ['error value-wrong 3'],
    '| Dashboard | Panels |\n|---|---|\n| Pond | 4 |\n| fish.json | 2 |\n',
  ],
  ['panels in all', '- 9 panels total\n', ['error value-wrong 1'], '- 6 panels total\n'],
  [
    'lines of a table',
    '| File | Lines |\n|---|---|\n| `tools/feed.sh` | 300 |\n',
    ['warning value-wrong 3'],
    '| File | Lines |\n|---|---|\n| `tools/feed.sh` | 12 |\n',
  ],
  [
    'scripts of a folder',
    '- 7 shell scripts in `tools/`\n',
    ['error value-wrong 1'],
    '- 2 shell scripts in `tools/`\n',
  ],
];

async function weighing(texts: readonly string[], side: string, at = target): Promise<string[][]> {
  const documents = texts.map((text, n) => {
    writeIn(at, `docs/README-${side}${n}.md`, text);
    return `docs/README-${side}${n}.md`;
  });
  const record = await runStep({ uses: 'docs/claims', timeout: '120s', with: { documents }, target: at });
  return documents.map((file) =>
    record.findings
      .filter((one) => one.level !== 'note' && !one.code.startsWith('nothing-'))
      .flatMap((one) =>
        [`${one.where?.file}:${one.where?.line}`, ...(one.detail?.match(/docs\/\S+?:\d+/g) ?? [])]
          .filter((place) => place.startsWith(`${file}:`))
          .map((place) => `${one.level} ${one.code} ${place.split(':').at(-1)}`),
      ),
  );
}

describe('docs/claims: interfaces, settings, metrics and counts of the sources', () => {
  it('tells of what they do not have', async () => {
    const seen = await weighing(
      cases.map(([, bad]) => bad),
      'bad',
    );
    expect(cases.map(([what], n) => [what, seen[n]])).toEqual(cases.map(([what, , expected]) => [what, expected]));
  }, 300_000);
  it('says nothing of the same said rightly', async () => {
    const seen = await weighing(
      cases.map(([, , , good]) => good),
      'good',
    );
    expect(cases.map(([what], n) => [what, seen[n]])).toEqual(cases.map(([what]) => [what, []]));
  }, 300_000);
  it('what a submodule may have is not known where it is not there', async () => {
    const text = 'The metric `pond_fish_seen_total` counts them.\n';
    expect((await weighing([text], 'whole'))[0]).toEqual(['error name-unknown 1']);
    writeIn(target, '.gitmodules', '[submodule "lake"]\n\tpath = lake\n\turl = https://example.org/lake\n');
    expect((await weighing([text], 'lake'))[0]).toEqual([]);
    writeIn(target, 'lake/a.rs', '// there\n');
    expect((await weighing([text], 'full'))[0]).toEqual(['error name-unknown 1']);
  }, 300_000);
  it('takes for the default what the code falls back to, not what an example sets', async () => {
    const hatchery = tempDir({
      'hatch/config.toml': 'hatch_open = true\nhatch_rows = 5\n',
      'hatch/src/lib.rs': `pub struct Hatch {
    pub hatch_open: Option<bool>,
    pub hatch_rows: Option<u32>,
}
fn open(given: &Hatch) -> (bool, u32) {
    (given.hatch_open.unwrap_or(false), given.hatch_rows.unwrap_or(50))
}
`,
    });
    const table = (rows: string): string => `| Setting | Default |\n|---|---|\n${rows}\n`;
    const seen = await weighing(
      [
        table('| `hatch_rows` | `100` |'),
        table('| `hatch_rows` | `50` |\n| `hatch_open` | `false` |'),
        '`hatch_open=false` only skips the hatch.\n',
      ],
      'hatch',
      hatchery,
    );
    expect(seen).toEqual([['warning value-wrong 3'], [], []]);
  }, 300_000);
});
