import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { runStep, tempDir } from '../rig/run-step.ts';

/** What weighs in the documents, as `level code line`. */
async function seen(files: Record<string, string>, ...documents: string[]): Promise<string[]> {
  const target = tempDir(files);
  execFileSync('git', ['init', '-q'], { cwd: target });
  const record = await runStep({ uses: 'docs/claims', with: { documents }, target });
  return record.findings
    .filter((one) => !one.code.startsWith('nothing-') && one.level !== 'note')
    .map((one) => `${one.level} ${one.code} ${one.where?.line}`);
}
const sh = (...lines: string[]): string => `\`\`\`bash\n${lines.join('\n')}\n\`\`\`\n`;

const heronry = {
  'Cargo.toml': '[package]\nname = "heronry"\nversion = "0.3.0"\nedition = "2021"\nrust-version = "1.80"\n',
  'src/lib.rs': 'pub struct Nest;\nimpl Nest { pub fn hatch(&self) {} }\n',
  'src/flight.rs': 'fn soar() {}\n',
  'src/main.rs':
    'use clap::{Parser, Subcommand};\n#[derive(Parser)]\nstruct Cli { #[command(subcommand)] c: C }\n#[derive(Subcommand)]\nenum C { Ring { #[arg(long)] wing: bool } }\nfn main() { let _ = Cli::parse(); }\n',
};
const server = {
  'package.json': '{"name":"weir","dependencies":{"express":"4"}}',
  'server.js':
    'const app = require("express")();\napp.get("/api/eels", f);\napp.post("/api/eels", f);\napp.get("/api/traps", f);\napp.get("/api/gates", f);\n',
};

/** [what it is, files, what must not be said of, what must be found beside it, and as what] */
const twins: [string, Record<string, string>, string, string, string][] = [
  [
    'routes under what remains to be done',
    server,
    "# Session\n\n## What's remaining\n\n#### Part 6: endpoints\n- `DELETE /api/eels/{id}`\n",
    '# Session\n\n## Done\n\n#### Part 6: endpoints\n- `DELETE /api/eels/{id}`\n',
    'error name-unknown 6',
  ],
  [
    'members that are listed as missing',
    heronry,
    '**Missing methods**:\n\n1. `Nest::hatch_all(eggs)` - several at once\n',
    '**Methods**:\n\n1. `Nest::hatch_all(eggs)` - several at once\n',
    'warning name-unknown 3',
  ],
  [
    'a date that is to be filled in',
    { ...heronry, 'src/moves/20250101_first.rs': '' },
    'It made `src/moves/YYYYMMDD_second.rs`.\n',
    'Its schema is `src/moves/20250102_second.rs`.\n',
    'error path-missing 1',
  ],
  [
    'what lies in the wrong one of two folders of a name, and is ignored in the right one',
    { ...heronry, 'docs/ci/a.md': '', 'ci/weir/kept.json': '', '.gitignore': 'ci/weir/\n' },
    'Keep `ci/weir/results.json` with the report.\n',
    'Keep `ci/heron/results.json` with the report.\n',
    'error path-missing 1',
  ],
  [
    'what a workflow writes',
    {
      ...heronry,
      'evidence/a.txt': '',
      '.github/workflows/weekly.yml':
        'jobs:\n  a:\n    steps:\n      - run: |\n          cat > evidence/backlog/now.md << EOF\n',
    },
    'Weekly, read `evidence/backlog/now.md`.\n',
    'Weekly, read `evidence/backlog/then.txt`.\n',
    'error path-missing 1',
  ],
  [
    'what stands under the output of a command',
    { ...heronry, 'scan/a.rs': '' },
    '**Output**:\n- `scan/inventory.json` - all parts\n',
    '**Parts**:\n- `scan/inventory.json` - all parts\n',
    'error path-missing 2',
  ],
  [
    'a file that an open box has made',
    { ...heronry, 'docs/a.md': '' },
    '- [ ] Runbook for floods (`docs/runbooks/flood.md`)\n',
    '- [x] Runbook for floods (`docs/runbooks/flood.md`)\n',
    'error path-missing 1',
  ],
  [
    'a path that is the name of a job',
    { ...heronry, 'ci/bench/a.rs': '' },
    'It is gated under the `ci/bench/slow` job name.\n',
    'It lies in `ci/bench/slow`, as before.\n',
    'warning path-missing 1',
  ],
  [
    'the repository’s own name before a glob',
    { ...heronry, '.git-name': '', 'docs/sketches/one.html': '' },
    'Sketches: `src/*.rs`\n',
    'Sketches: `docs/sketches/*.svg`\n',
    'warning path-missing 1',
  ],
  [
    'what an open box has made, with what stands below it',
    heronry,
    '- [ ] Add a `cargo run --bin ring` step\n- [ ] Set up the nests\n  - `src/nests.rs`\n',
    '- [x] Add a `cargo run --bin ring` step\n- [ ] Review the nests\n  - `src/flight.rs`\n',
    'error command-wrong 1',
  ],
  [
    'a command of which its comment says that it has yet to be made',
    heronry,
    sh('./src/ring.sh  # (to be created)', '# Wings (if implemented)', './src/wings.sh'),
    sh('./src/ring.sh  # (two rings)'),
    'error command-wrong 2',
  ],
  [
    'what the program before it may write',
    heronry,
    sh('cargo run', 'cat src/eggs.json'),
    sh('cat src/eggs.json', 'cargo run'),
    'error command-wrong 2',
  ],
  [
    'names that are good and bad ones, and a folder of which there are to be no two',
    heronry,
    'There is no duplicate `src/src/` folder. Files match the pattern:\n\n- ✅ `src/egg_test.rs`\n- ❌ `src/eggs.rs`\n',
    'Tests:\n\n- ✅ `src/egg_test.rs`\n',
    'error path-missing 3',
  ],
  [
    'an archive, and what was superseded',
    heronry,
    '# Old\n\n## Superseded\n\nIt was replaced: `src/old.rs`, later `src/older.rs` (removed).\n',
    '# New\n\nIt is `src/new.rs`.\n',
    'error path-missing 3',
  ],
  [
    'a branch that is for others, and a method that is to be overridden',
    {
      ...heronry,
      'src/a.py':
        'class A(EggBase):\n    def f(self):\n        raise NotImplementedError\n\ndef g(x):\n    if x:\n        return 1\n    else:\n        raise NotImplementedError("no")\n',
      'src/b.py': 'def f():\n    raise NotImplementedError\n',
    },
    '`src/a.py` is complete.\n',
    '`src/b.py` is complete.\n',
    'warning value-wrong 1',
  ],
  [
    'the title of a listing, which the reader is to write',
    heronry,
    '### 3.4 The wings\n\n**File**: `src/wings.rs`\n\n```rust\nfn fly() {}\n```\n',
    '### 3.4 The wings\n\nThe file is `src/wings.rs`.\n',
    'error path-missing 3',
  ],
  [
    'what a framework answers of itself, and what an option needs',
    { ...server, 'package.json': '{"name":"weir","engines":{"node":">=22"},"dependencies":{"express":"4"}}' },
    '- `GET /actuator/metrics/eels`\n- `OPTIONS /api/eels`\n\n> - This option requires Node.js 15.10 or newer.\n',
    '- `GET /api/weirs`\n',
    'error name-unknown 1',
  ],
  [
    'words that begin like a mark of what is left',
    {
      ...heronry,
      'src/a.ts': 'if (x) throw new Error("todos must be a list");\n',
      'src/b.ts': 'throw new Error("TODO: rings");\n',
    },
    '- ✅ `src/a.ts`\n',
    '- ✅ `src/b.ts`\n',
    'error value-wrong 1',
  ],
  [
    'names that stand for the reader’s',
    heronry,
    sh('cargo run --bin example-name', 'cargo test -p crate-name'),
    sh('cargo run --bin heronries'),
    'error command-wrong 2',
  ],
  [
    'a workspace whose toolchain is not installed here',
    { ...heronry, 'rust-toolchain.toml': '[toolchain]\nchannel = "1.61.0"\n' },
    sh('cargo run --bin heronry'),
    sh('cargo run --bin heronries'),
    'error command-wrong 2',
  ],
  [
    'a route that a sentence asks for',
    server,
    'Run `curl -f http://localhost:7000/api/eels` and `curl http://localhost:9090/api/v1/rules`.\n',
    'Run `curl -f http://localhost:7000/api/otters`.\n',
    'error name-unknown 1',
  ],
  [
    'a count of boxes beside those of another milestone',
    {},
    '# P\n\n## Milestone 1\n\n**Status**: COMPLETE (2/2 tasks)\n\n- [x] a\n- [x] b\n\n## Milestone 10\n\n- [ ] c\n',
    '# P\n\n## Milestone 1\n\n**Status**: COMPLETE (2/2 tasks)\n\n- [x] a\n- [ ] b\n\n## Milestone 10\n\n- [ ] c\n',
    'warning contradiction 5',
  ],
  [
    'what a variable of Grafana asks',
    {},
    '```promql\nlabel_values(eels_caught_total, trap)\n```\n',
    '```promql\nsum(rate(eels_caught_total[5m])\n```\n',
    'warning block-broken 2',
  ],
  [
    'labels beside the options of the metric',
    {
      'src/metrics.rs':
        'static ref CAUGHT: IntCounterVec = IntCounterVec::new(\n    Opts::new("eels_caught_total", "Eels caught"),\n    &["trap", "weir"]\n).unwrap();\n',
    },
    '| Metric | Type | Labels |\n|---|---|---|\n| `eels_caught_total` | counter | `trap`, `weir` |\n',
    '| Metric | Type | Labels |\n|---|---|---|\n| `eels_caught_total` | counter | `river` |\n',
    'warning name-unknown 3',
  ],
  [
    'commands that stand for their kind',
    { 'package.json': '{"name":"a","scripts":{"build":"x"}}' },
    'Run local commands (`npm test`, `go test`, etc.) as you like.\n',
    'Run `npm run tests` before you push.\n',
    'error command-wrong 1',
  ],
  [
    'the arguments of a program that is run',
    { 'go.mod': 'module example.org/eel\n\ngo 1.23\n', 'main.go': 'package main\nfunc main() {}\n' },
    sh('go run . -input ./catch', 'go build -o ./bin/eel .'),
    sh('go run ./cmd/eel -input ./catch'),
    'error command-wrong 2',
  ],
  [
    'the least version that an earlier release needed',
    heronry,
    '# Changes to know of\n\n## v0.2.0\n\n### MSRV is 1.65\n',
    '# Set-up\n\n## 2.1 Tools\n\nMSRV is 1.65\n',
    'error value-wrong 5',
  ],
  [
    'a place in a file that is finished there',
    {
      ...heronry,
      'src/wing.py': 'def a():\n    """The tail."""\n    raise NotImplementedError\n\ndef b():\n    return 1\n',
    },
    '## Completed\n- `src/wing.py:5-6` - the second\n',
    '## Completed\n- `src/wing.py:1-3` - the first\n',
    'warning value-wrong 2',
  ],
  [
    'boxes of later work, and boxes that nobody ever ticked',
    heronry,
    '# Report\n\n**Status**: COMPLETE\n\n- [x] eggs\n\n## Immediate (this week)\n- [ ] rings\n\n## 2027 Q1\n- [ ] wings\n',
    '# Report\n\n**Status**: COMPLETE\n\n- [x] eggs\n\n## Quality\n- [ ] rings\n',
    'warning value-wrong 3',
  ],
  [
    'a figure of one trial, and a goal, beside the whole',
    heronry,
    '# Load\n\n## Experiment 1: no cache\n\nThe k6 error rate is 0.4%.\n\n## Left\n\n- [ ] Reach a k6 error rate of 0.2%\n\n## All\n\n| Metric | Value |\n|---|---|\n| k6 error rate | 0.1% |\n',
    '# Load\n\n## Analysis\n\nThe k6 error rate is 0.4%.\n\n## All\n\n| Metric | Value |\n|---|---|\n| k6 error rate | 0.1% |\n',
    'warning contradiction 5',
  ],
  [
    'variables of a program, and the one of its runtime',
    { ...heronry, 'src/env.rs': 'a("HERON_EGGS"); a("HERON_NEST"); a("HERON_WING"); a("HERON_REED");' },
    '| Variable | Use |\n|---|---|\n| `HERON_EGGS` | a |\n| `HERON_NEST` | b |\n| `HERON_WING` | c |\n| `HERON_REED` | d |\n| `RUST_LOG` | levels |\n',
    '| Variable | Use |\n|---|---|\n| `HERON_EGGS` | a |\n| `HERON_NEST` | b |\n| `HERON_WING` | c |\n| `HERON_REED` | d |\n| `HERON_TAIL` | e |\n',
    'warning name-unknown 7',
  ],
  [
    'boxes of a form for reviews, and of what is to be watched',
    heronry,
    '# Report\n\n**Status**: COMPLETE\n\n- [x] eggs\n\n## Use\n\n**PR review checklist**:\n- [ ] rings\n\n## Metrics to track\n\n### Nests\n- [ ] eggs of a nest\n',
    '# Report\n\n**Status**: COMPLETE\n\n- [x] eggs\n\n## Use\n\n**Parts**:\n- [ ] rings\n',
    'warning value-wrong 3',
  ],
  [
    'files that are expected, and those of another day',
    heronry,
    '## Expected deliverables\n\n1. `src/beak.py` - the beak\n\n## Parts\n\n**Existing**:\n- `src/flight.rs`\n\n**New (Day 3)**:\n- `src/feet.py`\n',
    '## Delivered\n\n1. `src/beak.py` - the beak\n',
    'error path-missing 3',
  ],
  [
    'a score beside all that there are, and ratios under a total',
    heronry,
    '| Of | Gain |\n|---|---|\n| a | 8.0x |\n| b | 9.5x |\n| **Total** | **3.2x** |\n\nCovered: 95% (10/10 parts, 1 in part)\n',
    '| Of | Gain |\n|---|---|\n| a | 8 |\n| b | 9 |\n| **Total** | **19** |\n',
    'error contradiction 5',
  ],
  [
    'shares with a plus',
    heronry,
    '| Metric | Target | Actual | Status |\n|---|---|---|---|\n| Coverage | >90% | 95%+ | ✅ |\n',
    '| Metric | Target | Actual | Status |\n|---|---|---|---|\n| Coverage | >90% | 85% | ✅ |\n',
    'error value-wrong 3',
  ],
  [
    'a default that one place sets otherwise',
    { ...heronry, 'develop/dev.env': 'EGG_COST=10\n', 'eggs.py': 'x = 1\n' },
    '- `EGG_COST` (default: `12`) — of one egg.\n',
    '- `EGG_COST` is 12 in `develop/dev.env`, one egg is `EGG_COST=12`.\n',
    'warning value-wrong 1',
  ],
  [
    'crates that were published',
    {
      ...heronry,
      'Cargo.toml': '[workspace]\nmembers = ["a", "b"]\n',
      'a/Cargo.toml': '[package]\nname = "a"\n',
      'b/Cargo.toml': '[package]\nname = "b"\n',
    },
    '| v0.1 | Engine and 9 crates |\n|---|---|\n| v0.2 | 9 crates on crates.io |\n',
    'The workspace has 9 crates.\n',
    'error value-wrong 1',
  ],
  [
    'a comment for later in a file that is done',
    { ...heronry, 'src/tail.go': 'package tail\n\n// TODO: implement colours\nfunc Wag() {}\n' },
    '## Completed\n- `src/tail.go`\n',
    '## Completed\n- `src/wings.go`\n',
    'error path-missing 2',
  ],
  [
    'figures with thousands',
    { ...heronry, 'src/log.py': 'x = 1\n'.repeat(1092) },
    '- `src/log.py` (new, 1,092 lines)\n\n| File | Lines |\n|---|---|\n| `src/log.py` | 1, 9, 24 |\n',
    '- `src/log.py` (new, 2,092 lines)\n',
    'warning value-wrong 1',
  ],
  [
    'what is to be made, what was, and what is imported',
    heronry,
    '- [ ] **src/nest.rs**: later\n\n**Deleted**:\n- `src/old.rs`\n\n`src/egg.rs` → `src/flight.rs`, which imports from `../egg.js`.\n',
    '**src/nest.rs**: here\n',
    'error path-missing 1',
  ],
  [
    'what is given the time that it will take',
    heronry,
    '## Tests\n\n**Artifact:** `src/ring_test.rs`\n**Timeline:** 5 days\n',
    '## Tests\n\n**Artifact:** `src/ring_test.rs`\n**Owner:** all\n',
    'error path-missing 3',
  ],
  [
    'a folder of a drawing that is a label',
    heronry,
    '```\nsrc/\n├── flight.rs\n├── lib.rs\n├── main.rs   lib.rs\n└── (changed)\n    └── main.rs\n```\n',
    '```\nsrc/\n├── flight.rs\n├── lib.rs\n└── egg.rs\n```\n',
    'warning path-missing 5',
  ],
  [
    'a route behind a proxy, one that is asked for in vain, and one of another server',
    {
      ...server,
      'nginx.conf': 'location /outer/ { rewrite ^/outer/(.*)$ /$1 break; }\n',
      'ask.js': 'get("https://eels.example.org")\n',
    },
    '- `GET /outer/api/eels`\n- `GET /api/nonexistent`\n',
    '- `GET /api/herons`\n',
    'error name-unknown 1',
  ],
  [
    'a row of a table that is still open',
    heronry,
    '| Part | File | Done |\n|---|---|---|\n| Egg | `src/egg.rs` | ⬜ |\n| Nest | `src/nest.rs` | Deferred |\n',
    '| Part | File | Done |\n|---|---|---|\n| Egg | `src/egg.rs` | ✅ |\n',
    'error path-missing 3',
  ],
  [
    'names that a table replaces',
    {
      ...heronry,
      'src/env.rs': 'fn e() { let _ = (env::var("HERON_A"), env::var("HERON_B"), env::var("HERON_C")); }\n',
    },
    '# Environment\n\n| Old Variable | New Variable |\n|---|---|\n| `HERON_OLD` | `HERON_A` |\n',
    '# Environment\n\n| Variable | Use |\n|---|---|\n| `HERON_OLD` | wings |\n',
    'error name-unknown 5',
  ],
  [
    'queries one a line beside one over several',
    heronry,
    '```promql\nsum(\n  up\n)\n\na > 9\nb > 9\n```\n',
    '```promql\nsum(\n  up\n)\n\na > > 9\nb > 9\n```\n',
    'warning block-broken 6',
  ],
  [
    'targets of another folder in prose, and a block that draws',
    { ...heronry, Makefile: 'ring:\n\ttrue\n', 'wing/Makefile': 'flap:\n\ttrue\n' },
    'Then `make flap` is asked for.\n\n```yaml\nwing/\n├── a.yml\n└── b.yml\n```\n',
    'Then `make flop` is asked for.\n',
    'error command-wrong 1',
  ],
  [
    'thresholds, open ends and parts of a whole',
    heronry,
    'Thresholds of 90% thresholds (2 of 3 blocks), 13% of it (7/50+ nests).\n',
    'Half: 13% (7/50 nests).\n',
    'error contradiction 1',
  ],
  [
    'a setting that is to be changed, and one that the sentence holds against another',
    { ...heronry, 'eggs.toml': 'egg_cost = 10\n' },
    'Flip `egg_cost = 12` in `eggs.toml`. The map says `egg_cost = 12`, but `eggs.toml` has ten.\n',
    'In `eggs.toml`, `egg_cost` is 12.\n',
    'warning value-wrong 1',
  ],
];

describe('docs/claims: what is excused, and what stands beside it and is not', () => {
  it.each(twins)('%s', async (_, files, healthy, broken, finding) => {
    expect(await seen({ ...files, 'docs/report.md': healthy }, 'docs/report.md')).toEqual([]);
    expect(await seen({ ...files, 'docs/report.md': broken }, 'docs/report.md')).toEqual([finding]);
  });

  it('passes over commands of posts, changelogs and pages of what was deprecated', async () => {
    const text = `# Ring them\n\n${sh('heronry ring --tail')}`;
    for (const path of ['docs/blog/one.md', 'docs/deprecations.md', 'CHANGELOG.md'])
      expect(await seen({ ...heronry, [path]: text }, path)).toEqual([]);
    expect(await seen({ ...heronry, 'docs/use.md': text }, 'docs/use.md')).toEqual(['error command-wrong 4']);
  });

  it('passes over what a glob finds among test data and templates, unless it is named', async () => {
    const files = {
      'README.md': '[a](b.md)\n',
      'b.md': '# b\n',
      'tests/format/links/one.md': '[x](gone.md)\n',
      '.github/ISSUE_TEMPLATE/bug.md': '[x](gone.md)\n',
      'tests/README.md': '\n[x](gone.md)\n',
    };
    expect(await seen(files, '**/*.md')).toEqual(['error link-broken 2']);
    expect(await seen(files, 'tests/format/links/one.md')).toEqual(['error link-broken 1']);
  });

  it('passes over lists of work, of what is to go, and the folders of tools', async () => {
    const files = { ...heronry, 'docs/plan.txt': '' };
    const text = 'See `src/gone.rs` and `heronry ring --tail`.\n';
    for (const path of ['TODOS.md', 'docs/backlog/one.md', 'docs/AUDIT_UNUSED_PARTS.md', 'docs/spikes/a.md'])
      expect(await seen({ ...files, [path]: text }, path)).toEqual([]);
    expect(await seen({ ...files, '.tool/agents/a.md': text, 'a.md': '[x](docs/plan.txt)\n' }, '**/*.md')).toEqual([]);
    expect(await seen({ ...files, 'docs/use.md': text }, 'docs/use.md')).toEqual([
      'error path-missing 1',
      'error command-wrong 1',
    ]);
  });

  it('passes over the records of stages after which others were recorded, unless they are named', async () => {
    const text = '`src/gone.rs` filters.\n';
    const stages = (names: string[]): Record<string, string> => Object.fromEntries(names.map((name) => [name, text]));
    const folders = stages(['phases/01-egg/SUMMARY.md', 'phases/02-ring/SUMMARY.md', 'phases/03-wing/SUMMARY.md']);
    expect(await seen({ ...heronry, ...folders }, '**/*.md')).toEqual(['warning path-missing 1']);
    expect(await seen({ ...heronry, ...folders }, 'phases/01-egg/SUMMARY.md')).toEqual(['error path-missing 1']);
    // What comes later may only be planned.
    const planned = stages(['milestone-1/SUMMARY.md', 'milestone-2/PLAN.md', 'milestone-3/README.md']);
    expect(await seen({ ...heronry, ...planned }, 'milestone-1/*.md')).toEqual(['warning path-missing 1']);
  });

  it('knows nothing of a cluster into which charts are put', async () => {
    const files = {
      'k8s/a.yaml': 'apiVersion: v1\nkind: Service\nmetadata: { name: weir }\n',
      'docs/a.md': sh('kubectl get svc weir-grafana', 'kubectl get svc weirs'),
    };
    expect(await seen(files, 'docs/a.md')).toHaveLength(2);
    const chart = { ...files, 'Chart.yaml': 'name: weir\ndependencies:\n  - name: grafana\n' };
    expect(await seen(chart, 'docs/a.md')).toEqual(['warning command-wrong 3']);
  });

  it('proves a path in what is read to be used, and in what is named alone; others tell of when they were written', async () => {
    const text = 'See `src/gone.rs`.\n';
    const files = {
      ...heronry,
      'README.md': text,
      'REPORT.md': text,
      'docs/runbooks/a.md': text,
      'a.md': '',
      'b.md': '',
    };
    const found = async (...documents: string[]): Promise<number> =>
      (await seen(files, ...documents)).filter((one) => one.startsWith('error path-missing')).length;
    expect(await found('REPORT.md')).toBe(1);
    expect(await found('REPORT.md', 'README.md', 'a.md', 'b.md')).toBe(1);
    expect(await found('**/*.md')).toBe(1);
    expect(await seen(files, 'REPO*.md')).toEqual(['warning path-missing 1']);
    expect(await seen(files, 'docs/**/*.md')).toEqual(['error path-missing 1']);
  });

  it('a path whose folder is gone and whose file lies elsewhere is proven everywhere', async () => {
    const files = { ...heronry, 'src/nests/ring.rs': '', 'docs/reports/a.md': 'See `src/wings/ring.rs` here.\n' };
    expect(await seen(files, 'docs/reports/*.md')).toEqual(['error path-missing 1']);
  });

  it('knows nothing of repositories that scripts clone beside this one', async () => {
    const text = sh('make fly', 'cd nests && make hatch');
    const files = {
      Makefile: 'build:\n\tcd nests && make\nsetup:\n\ttrue\n',
      'a.md': text,
    };
    expect(await seen(files, 'a.md')).toEqual(['error command-wrong 2']);
    const cloned = {
      ...files,
      'setup.sh': 'if [ ! -d nests ]; then git clone https://github.com/heron/nests.git; fi\n',
    };
    expect(await seen(cloned, 'a.md')).toEqual([]);
  });

  it('knows that squashed branches leave no commits', async () => {
    const history = async (subject: string): Promise<string[]> => {
      const target = tempDir({ 'a.md': 'Merged as `abc1234`.\n' });
      const git = (...args: string[]): unknown =>
        execFileSync('git', ['-c', 'user.name=k', '-c', 'user.email=k@e.invalid', ...args], { cwd: target });
      git('init', '-q');
      for (let n = 0; n < 22; n++) git('commit', '-q', '--allow-empty', '-m', `${subject}${n})`);
      const { findings } = await runStep({ uses: 'docs/claims', with: { documents: ['a.md'] }, target });
      return findings.map((one) => `${one.level} ${one.code}`);
    };
    expect(await history('Ring them (')).toEqual(['error value-wrong']);
    expect(await history('Ring them (#')).toEqual(['warning value-wrong']);
  });

  it.each([
    ['a notice of another holder is of what lies beside it', 'Copyright 2025 Broom Inc.\n\n', []],
    ['a licence that is said of the parts is held against the file', '', ['warning value-wrong 1']],
  ])('%s', async (_, notice, expected) => {
    const LICENSE = 'MIT License\n\nPermission is hereby granted, free of charge, to any person obtaining a copy\n';
    const said = {
      'parts/egg/README.md': `${notice}Licensed under the Apache License, Version 2.0 (the "License");\n`,
    };
    expect(await seen({ ...heronry, LICENSE, ...said }, 'parts/egg/README.md')).toEqual(expected);
  });

  it('knows that ExDoc puts all pages beside each other', async () => {
    const files = {
      'mix.exs': 'defp deps, do: [{:ex_doc, "~> 0.38", only: :docs}]\n',
      'guides/start/first.md': '# First\n\n## Wings\n',
      'lib/otter.ex': '',
    };
    const text = 'See `lib/otter_web/router.ex`.\n[a](first.html#wings) [b](first.md) [c](`Otter.swim/2`)\n';
    expect(await seen({ ...files, 'guides/testing/page.md': text }, 'guides/testing/page.md')).toEqual([]);
    expect(
      await seen({ ...files, 'guides/testing/page.md': '\n[a](first.md#tail)\n' }, 'guides/testing/page.md'),
    ).toEqual(['warning anchor-missing 2']);
  });

  it('does not judge the anchors of a page that another file fills', async () => {
    const files = {
      'docs/.vitepress/config.mts': 'export default {}\n',
      'docs/guide/all.md': '# All\n\n<!--@include: ./rest.md-->\n',
      'docs/guide/whole.md': '# Whole\n',
    };
    const of = (page: string): Record<string, string> => ({ ...files, 'docs/guide/a.md': `[x](./${page}#flag)\n` });
    expect(await seen(of('all'), 'docs/guide/a.md')).toEqual([]);
    expect(await seen(of('whole'), 'docs/guide/a.md')).toEqual(['warning anchor-missing 1']);
    // A table of contents that does not fit its page is one thing.
    const contents = { ...files, 'docs/guide/a.md': '[x](./whole#flag)\n[y](./whole#mast)\n' };
    expect(await seen(contents, 'docs/guide/a.md')).toEqual(['warning anchor-missing 1']);
  });

  it('a target is no claim that holds where cargo tells of none', async () => {
    const codes = async (manifest: string): Promise<string[]> => {
      const target = tempDir({ ...heronry, 'Cargo.toml': manifest, 'A.md': sh('cargo run --bin heronries') });
      execFileSync('git', ['init', '-q'], { cwd: target });
      const record = await runStep({ uses: 'docs/claims', with: { documents: ['A.md'] }, target });
      return [record.outcome, ...record.findings.filter((one) => one.level !== 'note').map((one) => one.code)];
    };
    expect(await codes('[package\n')).toEqual(['error', 'nothing-claimed']);
    expect(await codes(heronry['Cargo.toml'])).toEqual(['failed', 'command-wrong']);
  });
});
