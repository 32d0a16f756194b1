import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { runStep, tempDir, writeIn } from '../rig/run-step.ts';

const board = (title: string, panels: number): string =>
  JSON.stringify({
    uid: title,
    title,
    schemaVersion: 39,
    panels: Array.from({ length: panels }, () => ({ type: 'stat' })),
  });
const alert = (name: string): string => `      - alert: ${name}\n        expr: lamp_oil_bytes < 1\n`;

/** A repository with a program, scripts, monitoring, manifests of four languages, and its address at GitHub. */
const target = tempDir({
  'Cargo.toml':
    '[workspace]\nmembers = ["lamp", "wick"]\n[workspace.package]\nrust-version = "1.85"\nedition = "2024"\nrepository = "https://github.com/shore/lantern"\n',
  'lamp/Cargo.toml': '[package]\nname = "lamp"\nversion = "0.1.0"\nedition = "2024"\n',
  'lamp/src/main.rs':
    'use clap::Parser;\n#[derive(Parser)]\nstruct Args {\n    #[arg(long)]\n    oil_level: u8,\n    #[arg(long = "no-wind")]\n    calm: bool,\n}\nfn main() {\n    let _ = (std::env::var("LAMP_OIL"), std::env::var("LAMP_WICK"), std::env::var("LAMP_PORT"));\n}\n',
  'lamp/src/metrics.rs':
    'const NAMES: [&str; 4] = ["lamp_oil_bytes", "lamp_burn_seconds", "lamp_lit_total", "lamp_errors_total"];\n',
  'wick/Cargo.toml': '[package]\nname = "wick"\nversion = "0.1.0"\nedition = "2024"\n',
  'wick/src/lib.rs': '',
  'web/package.json': '{"name":"web","engines":{"node":">=20.9"},"scripts":{"build":"x"}}',
  'web/README.md': '# Web\n\nNeeds Node.js 18+.\n',
  'py/pyproject.toml': '[project]\nname = "py"\nrequires-python = ">=3.10"\n',
  'py/README.md': '# Py\n\nPython 3.8 or newer.\n',
  'go/go.mod': 'module example.org/x\n\ngo 1.23\n',
  'go/README.md': '# Go\n\nGo 1.20+.\n',
  'obs/alerts.yml': `groups:\n  - name: a\n    rules:\n${alert('OilLow')}${alert('LampOut')}  - name: b\n    rules:\n${alert('WickShort')}`,
  'obs/boards/one.json': board('one', 3),
  'obs/boards/two.json': board('two', 4),
  'compose.yaml':
    'services:\n  grafana:\n    image: grafana/grafana\n    ports: ["3001:3000"]\n  lamp:\n    build: .\n    ports: ["7000:7000"]\n',
  'scripts/light.sh': '#!/bin/sh\ncase "$1" in\n  --slow) sleep 1 ;;\nesac\n',
  'scripts/pass.sh': '#!/bin/sh\nexec lamp "$@"\n',
  'scripts/trim.py':
    'import argparse\np = argparse.ArgumentParser()\np.add_argument("--wick-length")\np.parse_args()\n',
  'manage.py':
    'import sys\nfrom django.core.management import execute_from_command_line\nexecute_from_command_line(sys.argv)\n',
  'scripts/hand.py': 'import sys\nfrom lamp import main\nsys.exit(main(sys.argv[1:]))\n',
  'scripts/own.py': 'import sys\nfor word in list(sys.argv): print(word == "--dim", len(sys.argv))\n',
  '.github/workflows/ci.yml': 'on: push\n',
  'Taskfile.yml': 'version: "3"\ntasks:\n  light: { cmds: [x], aliases: [l] }\n',
  'web/src/a.ts': '',
  'go/cmd/tool/main.go': 'package main\n\nfunc main() {}\n',
});
execFileSync('git', ['init', '-q'], { cwd: target });

let n = 0;
/** The findings of one document as `level code line`, and its first message. */
async function seen(text: string): Promise<string[]> {
  const name = `doc-${n++}.md`;
  writeIn(target, name, text);
  const record = await runStep({ uses: 'docs/claims', with: { documents: [name] }, target });
  return record.findings
    .filter((one) => !one.code.startsWith('nothing-') && one.level !== 'note')
    .map((one) => `${one.level} ${one.code} ${one.where?.line}`);
}

const caught: [string, string, string[]][] = [
  ['an alert by a part of its name', '`obs/alerts.yml`: OilLow, LampOu, WickShort', ['warning name-unknown 1']],
  ['an alert in a sentence, by a part of its name', 'The alert `LampOu` fires.', ['warning name-unknown 1']],
  ['a Rust that is too old', '# L\n\nRust 1.75+ is needed.', ['error value-wrong 3']],
  ['an MSRV that is out of date', 'Our MSRV is 1.70.', ['error value-wrong 1']],
  ['a count beside its file', '`obs/alerts.yml` holds 5 alert rules', ['error value-wrong 1']],
  ['a count of the whole', 'It ships 17 alert rules.', ['error value-wrong 1']],
  ['panels of a dashboard', '`obs/boards/one.json` has 9 panels', ['error value-wrong 1']],
  ['dashboards of a folder', 'Grafana has 3 dashboards.', ['error value-wrong 1']],
  ['dashboards of who knows what', 'It has 3 dashboards.', ['warning value-wrong 1']],
  [
    'a port of a service, after Compose',
    '`docker compose up`\n\n- Grafana: http://localhost:3000',
    ['error value-wrong 3'],
  ],
  ['crates', 'A workspace of 5 crates.', ['error value-wrong 1']],
  ['services', '`compose.yaml` has 4 services.', ['error value-wrong 1']],
  ['a port that another is published at', '- Grafana: http://localhost:3000', ['warning value-wrong 1']],
  ['a slip in a port that is published', 'Open http://localhost:3010/health.', ['warning value-wrong 1']],
  [
    'a state that its own boxes deny',
    '# M\n\n**Milestone Status**: 100% Complete\n\n- [x] a\n- [ ] b',
    ['warning value-wrong 3'],
  ],
  [
    'a PASS that its numbers deny',
    '| op | P95 | target (P95) | status |\n|---|---|---|---|\n| get | 12 ms | < 10 ms | ✅ PASS |',
    ['error value-wrong 3'],
  ],
  ['a variable that nothing reads', 'The environment variable `LAMP_COLOUR` sets it.', ['error name-unknown 1']],
  ['a metric that nobody exports', 'The metric `lamp_smoke_total` counts smoke.', ['warning name-unknown 1']],
  [
    'an alert that the file does not have',
    '`obs/alerts.yml` has OilLow, LampOut and WindHigh',
    ['error name-unknown 1'],
  ],
  ['a flag of a script', '```sh\n./scripts/light.sh --fast\n```', ['error command-wrong 2']],
  [
    'a flag of a script that reads its words itself',
    '```sh\npython scripts/own.py --dimmer\n```',
    ['error command-wrong 2'],
  ],
  ['a flag of a Python script', '```sh\npython scripts/trim.py --wick-size 3\n```', ['error command-wrong 2']],
  ['a flag of the program', '```sh\ncargo run -p lamp -- --oil-depth 3\n```', ['error command-wrong 2']],
  ['a flag of what it builds', '```sh\n./target/release/lamp --level 3\n```', ['error command-wrong 2']],
  ['a task', '```sh\ntask lights\n```', ['error command-wrong 2']],
  ['a script of a folder that --prefix names', '```sh\nnpm --prefix web run serve\n```', ['error command-wrong 2']],
  ['a word that is no script', '```sh\ncd web\nyarn serve\n```', ['warning command-wrong 3']],
  ['a Go package', '```sh\ncd go && go run ./cmd/tools\n```', ['error command-wrong 2']],
  ['requirements', '```sh\npip install -r requirements.txt\n```', ['warning command-wrong 2']],
  ['JSON that does not parse', '```json\n{ "a": 1, }\n```', ['warning block-broken 3']],
  ['YAML that does not parse', '```yaml\na: [1\nb: 2\n```', ['warning block-broken 4']],
  ['TOML that does not parse', '```toml\n[a\nb = 1\n```', ['warning block-broken 2']],
  [
    'a badge of a workflow that is not there',
    '![ci](https://github.com/shore/lantern/actions/workflows/build.yml/badge.svg)',
    ['error link-broken 1'],
  ],
  [
    'a page of its own that is not there',
    '[x](https://github.com/shore/lantern/blob/main/docs/gone.md)',
    ['error link-broken 1'],
  ],
];

const fine = [
  // Versions: newer, exact, of something else, compared, of the past.
  'Rust 1.85 or newer. Rust 1.90+ is fine. The `cstr` crate MSRV is 1.64.',
  'Pin `xlsx = 0.96` (MSRV 1.83); 0.97 has MSRV 1.88.',
  '- raised from Rust 1.60+ to 1.85+\n- Rust 1.70+ is no longer supported',
  'Node 18+ is nothing that a manifest here asks for.',
  // Counts: of a group, of a file, of some, at least, of another time.
  'There are 3 alert rules, 2 alert rules in the group a, 4 panels and 2 dashboards, 7 panels in all.',
  'We added 5 alert rules. Another 2 dashboards will follow. At most 4 services run.',
  'Setup 8 alerts fired last night; the first 6 panels; up to 9 crates.',
  '`obs/alerts.yml` holds 3 alert rules; `compose.yaml` has 2 services; 2 crates.',
  // Ports: published, named, of a framework.
  '- Grafana: http://localhost:3001\n- Lamp: http://localhost:7000/health\n- http://localhost:5173',
  'Grafana panels read Prometheus at http://localhost:9090.',
  // States: of a phase, of the past, of a part; a table that agrees, or has no numbers.
  '# M\n\nPrevious session: 14 (100% Complete)\n\n## Student pages ✅ 100% COMPLETE\n\n- [ ] b',
  '**Status**: 60% complete\n\n- [ ] b',
  '**Status**: 100% complete\n\n- [x] a\n- [ ] b (optional)\n\n## Next steps\n\n- [ ] c',
  '| op | P95 | target (P95) | status |\n|---|---|---|---|\n| get | 2 ms | < 10 ms | PASS |\n| x | Actual value | Target value | ✅ Met |',
  // Names: known, of others, absent by their own sentence, of another kind.
  'The environment variables `LAMP_OIL`, `RUST_LOG` and `DATABASE_URL`; `LAMP_OLD` was removed.',
  'Metrics: `lamp_lit_total`, `lamp_burn_seconds_bucket`, `process_cpu_seconds_total`, `http_requests_total`.',
  '`obs/alerts.yml` has OilLow, LampOut and WickShort for PostgreSQL and GitHub users',
  '`obs/alerts.yml` is read by PostgreSQL',
  // What a program takes besides its flags, its help does not say.
  '```sh\n./target/release/lamp kindle --oil-level 3\n```',
  // Commands: known flags, handed on, after the dashes.
  '```sh\n./scripts/light.sh --slow\n./scripts/pass.sh --anything\npython scripts/trim.py --wick-length 3 --help\n./manage.py smtpd --port 25\npython scripts/hand.py --any\npython scripts/own.py --dim\n```',
  '```sh\ncargo run -p lamp -- --oil-level 3 --no-wind\n./target/debug/lamp --oil-level=3 -- --other\n```',
  '```sh\ntask light l\nnpm --prefix web run build\nnpm --prefix gone run build\ncd web\nyarn build\nyarn add x\npnpm install\n```',
  '```sh\ncd go && go run ./cmd/tool && go test ./... && go build ./cmd/tool\npip install -r py/requirements-dev.txt.in\n```',
  // Blocks: whole, elided, a fragment, several answers.
  '```json\n{ "a": 1 }\n```\n\n```json\n{ "a": ... }\n```\n\n```json\n"a": 1\n```\n\n```json\n{"a":1}\n{"a":2}\n```',
  '```json\n// a comment\n{ "a": 1 }\n```\n\n```yaml\na: {{ .Values.x }}\n```\n\n```yaml\na: 1\n---\nb: 2\n```\n\n```toml\nx = <yours>\n```',
  // Pages: there, of others, of another branch.
  '![ci](https://github.com/shore/lantern/actions/workflows/ci.yml/badge.svg) [x](https://github.com/other/x/blob/main/a.md)',
  '[x](https://github.com/shore/lantern/blob/v1/docs/gone.md) [y](https://github.com/shore/lantern/blob/main/scripts/pass.sh)',
];

describe('docs/claims: what the repository says of versions, counts, ports, names, flags, blocks and its pages', () => {
  it.each(caught)('finds %s', async (_, text, expected) => {
    expect(expected).not.toEqual([]);
    expect(await seen(text)).toEqual(expected);
  });

  it.each(fine)('no false alarm: %s', async (text) => expect(await seen(text)).toEqual([]), 30_000);

  it('reads the manifest above each document', async () => {
    const record = await runStep({ uses: 'docs/claims', with: { documents: ['*/README.md'] }, target });
    expect(record.findings.map((one) => `${one.level} ${one.where?.file}:${one.where?.line}`)).toEqual([
      'warning go/README.md:3',
      'error py/README.md:3',
      'error web/README.md:3',
    ]);
  });

  it('names and values can be left out', async () => {
    writeIn(target, 'off.md', 'Rust 1.75+; the variable `LAMP_COLOUR`; [x](compose.yaml)');
    const record = await runStep({
      uses: 'docs/claims',
      with: { documents: ['off.md'], names: false, values: false },
      target,
    });
    expect(record.findings).toEqual([]);
  });
});
