import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root, verify } from '../rig/cli.ts';
import { needing } from '../rig/have.ts';
import { codes, runStep, tempDir, writeIn } from '../rig/run-step.ts';

/** A messy repository: a Rust workspace, a web part, Compose files, a Makefile, ignored output. */
const target = tempDir({
  '.gitignore': '/generated/\n*.log\n/.env\n/docs/plans/\n/deploy/*.env\n',
  'Cargo.toml': '[workspace]\nresolver = "2"\nmembers = ["crates/*"]\n',
  'crates/lantern/Cargo.toml':
    '[package]\nname = "lantern"\nversion = "0.1.0"\nedition = "2021"\n[features]\ntls = []\n[[bench]]\nname = "burn"\nharness = false\n',
  'crates/lantern/src/main.rs': 'fn main() {}\n',
  'crates/lantern/src/wick.rs': '',
  'crates/lantern/benches/burn.rs': 'fn main() {}\n',
  'crates/oil/Cargo.toml': '[package]\nname = "oil"\nversion = "0.1.0"\nedition = "2021"\n',
  'crates/oil/src/lib.rs': '',
  'web/package.json': '{"name":"web","scripts":{"build":"x","lint":"y"}}',
  'web/src/app.ts': '',
  'deploy/compose.yml':
    'services:\n  lamp:\n    image: lamp\n  grafana:\n    image: grafana\n    profiles: [monitoring]\n',
  'deploy/rules/alerts.yml': 'groups: []\n',
  'scripts/release.sh': '#!/bin/sh\n',
  Makefile: 'all: build\n\nbuild:\n\techo $(shell touch /tmp/never)\n\ntest lint:\n\techo\n',
  'docs/guide.md': '# Guide\n\n## Set up\n\n## Set up\n\n## ✅ Done & dusted (v1.2)\n\n<a id="hand-made"></a>\n',
  'docs/img/lamp.png': 'png',
});
execFileSync('git', ['init', '-q'], { cwd: target });

let n = 0;
/** One document a text, all judged by one step: each text's findings as `level code line`, with the first hint. */
function together(texts: readonly string[]) {
  let judged: Promise<Map<string, { seen: string[]; hint: string | undefined }>> | undefined;
  return async (text: string): Promise<{ seen: string[]; hint: string | undefined }> => {
    judged ??= (async () => {
      const names = texts.map((one) => {
        const name = `docs/README-${n++}.md`;
        writeIn(target, name, one);
        return name;
      });
      const record = await runStep({ uses: 'docs/claims', with: { documents: names }, target });
      return new Map(
        texts.map((one, at) => {
          // One cause is one finding, with its other places in the detail.
          const mine = record.findings
            .filter((f) => f.code !== 'not-judged')
            .flatMap((f) => {
              const places = [
                `${f.where?.file}:${f.where?.line}`,
                ...(f.detail?.replace('also at ', '').split(', ') ?? []),
              ];
              const own = places.filter((place) => place.startsWith(`${names[at]}:`));
              return own.map((place) => ({ ...f, line: place.split(':')[1] }));
            });
          return [one, { seen: mine.map((f) => `${f.level} ${f.code} ${f.line}`), hint: mine[0]?.hint }];
        }),
      );
    })();
    const own = (await judged).get(text);
    if (!own) throw new Error('a text that was not judged');
    return own;
  };
}

async function say(text: string, more: Record<string, unknown> = {}) {
  const name = `docs/doc-${n++}.md`;
  writeIn(target, name, text);
  return runStep({ uses: 'docs/claims', with: { documents: [name], ...more }, target });
}

describe('docs/claims: paths', () => {
  const wrong: [string, string, string[]][] = [
    ['a file that is not there', '\nSee `deploy/rules/missing.yml`.', ['error path-missing 2']],
    ['one of a brace list', '`deploy/{compose,missing}.yml`', ['error path-missing 1']],
    ['a glob of nothing', '`deploy/rules/*.json`', ['warning path-missing 1']],
    ['from the document', '`../deploy/rulez/alerts.yml`', []],
    ['relative to the file that the line names', '`deploy/compose.yml` mounts `./rulez/`', []],
    [
      'beside the file that the line names',
      '`deploy/rules/alerts.yml` is read with `../compose.yaml`',
      ['error path-missing 1'],
    ],
    ['a folder', '`crates/oils/`', ['error path-missing 1']],
    ['a line beyond the end', '`docs/guide.md:400`', ['warning path-missing 1']],
    ['a first folder that is misspelt', '`deployments/rules/alerts.yml`', ['warning path-missing 1']],
    ['in a table', '| a | b |\n|---|---|\n| x | y |\n| x | `scripts/gone.sh` |', ['error path-missing 4']],
    ['in a list in a list', '- a\n  - b `docs/gone.md`', ['error path-missing 2']],
    ['in a quote, wrapped', '> some\n> text `docs/gone.md`', ['error path-missing 2']],
  ];
  const right = [
    '`crates/{lantern,oil}/Cargo.toml`, `docs/*.md`, `./guide.md`, `guide.md`, `src/wick.rs`, `crates/lantern/src/wick`',
    '`/api/v1/rules`, `/etc/prometheus/prometheus.yml`, `~/.config/x.toml`, `$HOME/x.sh`, `https://a.b/c.json`',
    '`application/json`, `grafana/grafana`, `docs/fix-typo`, `a/b`, `and/or`, `@scope/pkg`, `github.com/x/y.go`',
    '`docs/<name>.md`, `docs/{id}.md`, `path/to/file.md`, `docs/...`, `docs/YYYY-MM.md`, `x = a/b.c`',
    '`target/release/lantern`, `web/node_modules/x/index.js`, `web/dist/app.js`, `generated/out.json`, `docs/x.log`',
    '`docs/plans/june.md`, `deploy/local.env`, and all of `docs/plans/`',
    'We removed `docs/old.md`. `docs/report.md` is generated. `docs/later.md` does not exist yet.',
    '~~`docs/old.md`~~ <!-- `docs/older.md` -->',
    '```\ndocs/none.md\n```\n\n    `docs/none.md`\n',
  ];
  const judge = together([...wrong.map(([, text]) => text), ...right]);
  it.each(wrong)('%s', async (_, text, expected) => expect((await judge(text)).seen).toEqual(expected));

  it.each(right)('no false alarm: %s', async (text) => expect((await judge(text)).seen).toEqual([]));
});

describe('docs/claims: links', () => {
  const wrong: [string, string, string[]][] = [
    ['a file', '[x](gone.md)', ['error link-broken 1']],
    ['an image', '![x](img/gone.png)', ['error link-broken 1']],
    ['HTML', '<p>\n<img src="img/gone.png">\n</p>', ['error link-broken 2']],
    ['a reference', '[x][y]\n\n[y]: gone.md', ['error link-broken 1']],
    ['an anchor of its own', '# A\n\n[x](#b)', ['error anchor-missing 3']],
    ['an anchor elsewhere', '[x](guide.md#set-up-2)', ['error anchor-missing 1']],
    ['without an ending', '[x](./gone/part)', ['warning link-broken 1']],
  ];
  const judge = together(wrong.map(([, text]) => text));
  it.each(wrong)('%s that is not there', async (_, text, expected) =>
    expect((await judge(text)).seen).toEqual(expected),
  );

  it('no false alarm', async () => {
    const record = await say(
      '# Top of it\n\n[a](guide.md#set-up) [b](guide.md#set-up-1) [c](guide.md#-done--dusted-v12) [d](guide.md#hand-made) [e](#top-of-it) ' +
        '[f](../crates) [g](/docs/guide.md) [h](../../../issues) [i](mailto:a@b.c) [j](https://x.y/z#q) [k](guide#set-up) ' +
        '[l](img/lamp.png?raw=true) [m](<../deploy/compose.yml>) [n](#) [o](../Cargo.toml#L3) [p](#top)',
    );
    expect(record.findings).toEqual([]);
    expect(record.outcome).toBe('passed');
  });
});

const fence = (command: string, lang = 'sh'): string => `\`\`\`${lang}\n${command}\n\`\`\``;

const [cargoTitle, noCargo] = needing('docs/claims: cargo', 'cargo');
describe.skipIf(noCargo)(cargoTitle, () => {
  const wrong: [string, string, string | undefined][] = [
    ['a lint flag', 'cargo clippy --all-targets -D warnings', 'write: cargo clippy --all-targets -- -D warnings'],
    ['a harness flag', 'cargo test --nocapture', 'write: cargo test -- --nocapture'],
    ['an unknown flag', 'cargo build --relase', 'see cargo build --help'],
    ['a package', 'cargo test -p lanten', 'did you mean lantern?'],
    ['a binary', 'cargo run --bin lanter -- --flag', 'did you mean lantern?'],
    ['a bench of another package', 'cargo bench -p oil --bench burn', undefined],
    ['a feature', 'cargo build --features tlss', 'did you mean tls?'],
    ['a program that no build makes', './target/release/lamp --help', undefined],
  ];
  const right = [
    'cargo clippy --all -- -D warnings -W clippy::pedantic && cargo fmt --all -- --check',
    'RUST_LOG=debug cargo +nightly test -Z unstable-options --frobnicate',
    'cargo test -p "$PKG" --features tls,lantern/tls\ncargo test --exclude oil --workspace',
    'cargo run -p lantern -- --any --flag -D x\ncargo b -r -p lantern\ncargo -q t -vv -j4',
    'cargo nextest run --profile ci\ncargo xtask dist\ncargo install ripgrep\ncargo add serde',
    'cargo test -p <package>\ncargo bench -- --save-baseline main\ncd crates/oil && cargo test --lib',
    'cat <<\'EOF\' > x.sh\ncargo test -p nonsense\nEOF\necho "cargo test -p nonsense"',
    'cd /tmp/other\ncargo test -p other',
    'git clone https://x.y/z.git && cd z\ncargo test -p z\n./scripts/z.sh',
    'git clone https://x.y/crates.git\ncd crates/docs',
  ];
  const inFence = (command: string): string =>
    `Text.\n\n${fence(`set -e\n${command} 2>&1 | tee out.txt   # remark`, 'bash')}`;
  const unworkable = '`cargo clippy -D warnings` does not parse.';
  const judge = together([
    ...wrong.map(([, command]) => inFence(command)),
    ...wrong.map(([, command]) => `Run \`${command}\`.`),
    ...right.map((command) => fence(command)),
    unworkable,
  ]);
  it.each(wrong)('%s', async (_, command, hint) => {
    const { seen, hint: own } = await judge(inFence(command));
    expect(seen).toEqual(['error command-wrong 5']);
    if (hint !== undefined) expect(own).toBe(hint);
    if (command.startsWith('cargo'))
      expect((await judge(`Run \`${command}\`.`)).seen).toEqual(['error command-wrong 1']);
  });
  it.each(right)('no false alarm: %s', async (command) => expect((await judge(fence(command))).seen).toEqual([]));
  it('believes a sentence that says that it does not work', async () =>
    expect((await judge(unworkable)).seen).toEqual([]));
});

describe('docs/claims: other programs', () => {
  const wrong: [string, string, string][] = [
    ['a script', './scripts/gone.sh --now', 'error'],
    ['a script of a shell', 'bash scripts/gone.sh', 'error'],
    ['a make target', 'make biuld', 'error'],
    ['an npm script', 'cd web && npm run biuld', 'error'],
    ['a folder', 'cd crates/gone\ncargo test', 'error'],
    ['a file to read', 'promtool check rules deploy/rules/gone.yml', 'error'],
    ['with a prompt', '$ ./scripts/gone.sh', 'error'],
    ['after a quote with escapes', String.raw`printf $'it\'s\n'; bash scripts/gone.sh`, 'error'],
    ['in a branch of a case', 'case $1 in a|b) bash scripts/gone.sh ;; esac', 'error'],
    ['after a tree of no-break spaces', 'bash scripts/gone.sh\n├── a\n│\u00a0\u00a0 └── b', 'error'],
  ];
  const right = [
    './scripts/release.sh && make -j4 build test && make -C web x',
    'curl -sf http://localhost:9090/api/v1/rules | jq ".data"\ncurl -O https://x/install.sh\nbash install.sh',
    'cd web\nnpm ci\nnpm run lint -- --fix\nnpx vite',
    'mkdir -p deploy/own && cp deploy/rules/alerts.yml deploy/own/a.yml\ncat deploy/own/a.yml',
    'docker run -v $PWD:/w img ./scripts/gone.sh\nssh host ./scripts/gone.sh',
    'for f in a b; do ./scripts/release.sh "$f"; done\nif [ -f x ]; then make test; fi',
    'python -m venv .venv\nnode server.js\n./configure\n./build/lamp',
    '[[ $T =~ ^(bash scripts/gone.sh|make)$ ]]\nNAMES=(bash scripts/gone.sh)',
    'tree\n├── src\n│\u00a0\u00a0 └── a\n│\u3000b\n\fmake test\n\u2003x',
  ];
  const output = '```console\n$ make test\nmake biuld\n```\n\n```yaml\nrun: ./scripts/gone.sh\n```\n';
  const judge = together([...wrong.map(([, command]) => fence(command)), ...right.map((one) => fence(one)), output]);
  it.each(wrong)('%s', async (_, command, level) =>
    expect((await judge(fence(command))).seen).toEqual([`${level} command-wrong 2`]),
  );
  it.each(right)('no false alarm: %s', async (command) => expect((await judge(fence(command))).seen).toEqual([]));
  it('output and other languages are no commands', async () => expect((await judge(output)).seen).toEqual([]));
});

const [composeTitle, noCompose] = needing('docs/claims: compose', 'compose');
describe.skipIf(noCompose)(composeTitle, () => {
  const wrong: [string, string, string][] = [
    ['a file', 'docker compose -f deploy/gone.yml up', 'error'],
    ['a profile', 'docker compose -f deploy/compose.yml --profile monitorng config', 'error'],
    ['a service', 'docker compose -f deploy/compose.yml logs -f lamps', 'error'],
    ['a flag', 'docker compose -f deploy/compose.yml up --detachd', 'error'],
    ['a flag after the subcommand', 'docker compose up -f deploy/compose.yml', 'error'],
  ];
  const right = [
    // There is one in another folder, to which the reader is likely to have gone.
    'docker compose up -d',
    'docker compose -f deploy/compose.yml --profile monitoring up -d grafana lamp',
    'cd deploy\ndocker compose up -d && docker compose logs -f lamp\ndocker compose exec lamp sh -c "x -y"',
    'docker compose -f "$FILE" up\ndocker compose -f <file> up\ndocker compose',
  ];
  const judge = together([...wrong.map(([, command]) => fence(command)), ...right.map((one) => fence(one))]);
  it.each(wrong)('%s', async (_, command, level) =>
    expect((await judge(fence(command))).seen).toEqual([`${level} command-wrong 2`]),
  );
  it.each(right)('no false alarm: %s', async (command) => expect((await judge(fence(command))).seen).toEqual([]));
});

describe('docs/claims: numbers', () => {
  const measured = { uses: 'files/exist', with: { files: ['docs/guide.md', 'docs/img/lamp.png'] } };
  const tie = (text: string, claim: string, more = {}) => {
    writeIn(target, 'docs/numbers.md', text);
    return runStep({
      uses: 'docs/claims',
      with: { documents: ['docs/numbers.md'], claims: [{ claim, fact: 'files.count', ...more }] },
      target,
      before: [measured],
    });
  };
  it.each([
    ['There are 2 lamps.', '{n} lamps', {}],
    ['There are **two** lamps.', '{n} lamps', {}],
    ['There are `2`\nlamps, 1+ lamps.', '{n} lamps', {}],
    ['Two lamps, over 1 lamps', '{n} lamps,', {}],
    ['2 of 7 lamps', '{n} of {*} lamps', {}],
    ['up to 5 lamps', 'up to {n} lamps', { op: '<=' }],
    ['2% lamps', '{n} lamps', {}],
  ])('%s holds', async (text, claim, more) =>
    expect(await tie(text, claim, more)).toMatchObject({ outcome: 'passed' }),
  );

  it.each([
    ['There are 3 lamps.', '{n} lamps', {}, 'number-wrong'],
    ['2 lamps here and 12 lamps there', '{n} lamps', {}, 'number-wrong'],
    ['1,002 lamps', '{n} lamps', {}, 'number-wrong'],
    ['60+ lamps', '{n} lamps', {}, 'number-wrong'],
    ['No number of lamps', '{n} of lamps', {}, 'claim-not-found'],
    ['v1.2 lamps', '{n} lamps', {}, 'claim-not-found'],
    ['2 lampshades', '{n} lamp', {}, 'claim-not-found'],
    ['```\n2 lamps\n```', '{n} lamps', {}, 'claim-not-found'],
    ['2 lamps', '{n} lamps', { fact: 'lamps.count' }, 'fact-not-measured'],
  ])('%s does not', async (text, claim, more, code) => {
    const record = await tie(text, claim, more);
    expect(record.outcome).not.toBe('passed');
    expect(codes(record)).toContain(code);
  });
});

it('a Compose file with 36 merges of a merge is read for its ports and services', async () => {
  const many = Array.from({ length: 36 }, (_, n) => `  a${n}: { <<: *base }\n  b${n}: { <<: *restart, image: i }\n`);
  const compose = `x-r: &restart { restart: always }\nx-b: &base { <<: *restart, image: i }\nservices:\n${many.join('')}  web: { <<: *base, ports: ["8123:80"] }\n`;
  const own = tempDir({
    'compose.yml': compose,
    'README.md': '- web: http://localhost:8124\n\n```sh\ndocker compose up -d\n```\n',
  });
  const record = await runStep({ uses: 'docs/claims', with: { documents: ['README.md'] }, target: own });
  expect(record.findings.map((one) => `${one.level} ${one.code} ${one.where?.line}`)).toEqual(['error value-wrong 1']);
});

describe('docs/claims: itself, and nothing', () => {
  const table = '| Task | Status |\n|---|---|\n| a | ✅ Complete |\n| b | in progress |\n';
  it.each([
    [`2 of 2 tasks complete\n\n${table}`, ['contradiction']],
    [`**1/2 tasks** complete\n\n${table}`, []],
    [`2 of 2 tasks complete\n\n${table.replace('in progress', 'who knows')}[g](guide.md)`, []],
  ])('%j', async (text, expected) => expect(codes(await say(text))).toEqual(expected));

  it('a document without a claim, and no document', async () => {
    expect(codes(await say('Nothing here.'))).toEqual(['nothing-claimed']);
    expect(codes(await say(''))).toEqual(['nothing-claimed']);
    const record = await runStep({ uses: 'docs/claims', with: { documents: ['none/*.md'] }, target });
    expect([record.outcome, codes(record)]).toEqual(['failed', ['document-missing']]);
  });

  it('what is ignored is not judged', async () =>
    expect(codes(await say('[g](guide.md) `docs/gone.md`', { ignore: ['docs/go*'] }))).toEqual([]));
});

describe('verify claims', () => {
  it('drafts the ties of a document, and says what does not hold', async () => {
    writeIn(target, 'NOTES.md', 'It has 12 alert rules and `docs/gone.md`.\n');
    const { stdout, code } = await verify(['claims', join(target, 'NOTES.md')]);
    expect(stdout).toContain('# ✘ 1: path docs/gone.md');
    expect(stdout).toMatch(/claim: "\{n\} alert rules", fact: \w+\.\w+ \} # line 1: 12 alert rules/);
    expect(code).toBe(10);
    const own = await verify(['claims', 'README.md'], { cwd: root });
    expect([own.code, own.stderr]).toEqual([0, '']);
    expect((await verify(['claims', 'none.md'])).code).toBe(66);
  });
});
