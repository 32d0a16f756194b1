import { execFileSync } from 'node:child_process';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runStep, tempDir, writeIn } from '../rig/run-step.ts';

const panels = (n: number): string =>
  JSON.stringify({
    uid: `u${n}`,
    title: `B${n}`,
    schemaVersion: 38,
    panels: Array.from({ length: n }, (_, id) => ({ id, type: 'stat' })),
  });

/** A fish pond: a Node package, a Go module, dashboards, Compose in two folders. */
const target = tempDir({
  'package.json': JSON.stringify({
    name: 'pondlib',
    repository: 'https://github.com/pond-keepers/pond',
    scripts: { build: 'tsc', start: 'node x' },
    devDependencies: { vitest: '2', typescript: '5' },
  }),
  'Taskfile.yml': 'version: "3"\ntasks:\n  lint:go: { cmds: [a] }\n  lint:helm: { cmds: [b] }\n',
  Makefile: 'test-a:\n\ttrue\ntest-b:\n\ttrue\n',
  'src/a.py': 'x = 1\n',
  'pondctl/main.py':
    'import argparse\np = argparse.ArgumentParser()\np.add_subparsers().add_parser("feed")\np.parse_args()\n',
  'pyproject.toml': '[project]\nname = "pondctl"\n[project.scripts]\npondctl = "pondctl.main:main"\n',
  'sdk/py/Makefile': 'wheel-all:\n\ttrue\n',
  'go.mod': 'module example.org/pond\n\ngo 1.23\n',
  'src/pump/motor.ts': 'x\n'.repeat(120),
  'tools/send_fish.py': '',
  'boards/small.json': panels(3),
  'boards/large.json': panels(5),
  'deploy/docker-compose.yml':
    'services:\n  db:\n    image: postgres:16\n    command: postgres -c max_connections=200 -c max_wal_senders=20\n    ports: ["7432:7432"]\n',
  'examples/two/docker-compose.yml': 'services:\n  heron: { image: "h:1" }\n',
  'docker-compose.yml': 'services:\n  web: { image: "nginx:1.27" }\n',
  'docs/guide/pump.md': '# Pump\n\n## Set up\n',
});
execFileSync('git', ['init', '-q'], { cwd: target });

let n = 0;
/** The findings of one document that weigh, as `level code line`. */
async function seen(text: string, folder = 'docs'): Promise<string[]> {
  const name = `${folder}/doc-${n++}.md`;
  writeIn(target, name, text);
  const record = await runStep({ uses: 'docs/claims', with: { documents: [name] }, target });
  return record.findings
    .filter((one) => !one.code.startsWith('nothing-') && one.level !== 'note')
    .map((one) => `${one.level} ${one.code} ${one.where?.line}`);
}

const sh = (...lines: string[]): string => `\`\`\`bash\n${lines.join('\n')}\n\`\`\`\n`;
const tree = (...lines: string[]): string => `\`\`\`\n${lines.join('\n')}\n\`\`\`\n`;

const fine: [string, string][] = [
  ['a phrase that begins with a program’s name', 'Its type is `pondctl fish tank signature`.\n'],
  ['the user of sudo', sh('sudo -u pondctl touch x', 'sudo -E pondctl feed')],
  ['a folder below the repository’s own', `${sh(`cd ${basename(target)}/sdk/py`)}\n${sh('make wheel-all')}`],
  ['a placeholder for a path', 'Follow the pattern: `src/something.py`.\n'],
  ['a path that the sentence denies', 'There is no `src/gone.py`, and never was without `src/lost.py`.\n'],
  ['a symbol of a package', 'See `src/pump.Motor`.\n'],
  ['what remains to be done', '## What remains\n\n### Phase 2\n\n- `src/gone.py`\n'],
  ['a section that has not begun', '## Phase 5\n\n**Status:** Pending approval\n\n- `src/gone.py`\n'],
  ['a list of new modules', '**New Go modules:**\n\n- `src/gone.py`\n'],
  ['a path that is to come, in Japanese', '- `src/gone.py` (新規)\n'],
  ['a strategy', '# Strategy for filters\n\n`src/gone.py` filters.\n'],
  ['the name of the repository before a path', 'See `Pond-Lib/src/a.py`.\n'],
  ['a command that must be there', 'A release MUST run `make test-everything`.\n'],
  ['a page of GitHub', '<a href="graphs/contributors">x</a>\n'],
  ['a link that may not be there', '- [x](./gone.md) - if it exists\n'],
  ['an anchor of docsify', '## Pumps :id=motors\n\n[x](#motors)\n'],
  ['an anchor of an attribute', '## Pumps { id=motors }\n\n[x](#motors)\n'],
  ['services of an architecture', 'All 6 services talk to each other.\n'],
  ['a placeholder for a service', sh('docker compose logs service-name')],
  ['since when a language has something', 'Strings are fast in Go 1.10+ (a trick).\n'],
  ['tests of several suites', '# S\n\n- Core.Tests: 6/6\n- Data.Tests: 8/8\n'],
  ['a share of something else', 'The pump is 95% functional (76/76 tests passing).\n'],
  ['the number of a phase', '25% complete (phase 1 of 8)\n'],
  ['drawbacks below a phase', '# S\n\nAll phases complete.\n\n## Phase 2\n\n### Cons\n\n- ❌ More parts\n'],
  ['a test that is supposed', 'If `test_filter_lasts` passes, the test is a bluff.\n'],
  ['two ways in one block', '```toml\n[a]\nb = 1\n\n[a]\nb = 2\n```\n'],
  ['the shape of an object', '```json\n{ "a": value, "b": 1 }\n```\n'],
  ['a route of the site', '---\ntitle: x\n---\n\n[x](/docs/cloud/intro)\n'],
  ['a port beside a dashboard', ':8444 Dashboard and :8445 dashboard\n'],
  ['a manifest of the reader’s', sh('cargo run --manifest-path /path/to/pond/Cargo.toml -- 1')],
  ['files to create', '**Files to create:**\n\n- `src/filter.py`\n- `src/heater.py`\n'],
  ['new files', '**New files**:\n\n1. `src/heater.py`\n'],
  ['a file that is new', '- `src/pump.py` (new)\n'],
  ['a list below its label, one level deeper', '- Modules to add:\n  - `src/heater.py`\n'],
  ['next steps', '## Next steps\n\n1. **Document baselines** in `docs/baselines.md`\n'],
  ['below next steps and what is done', '# Status\n\n## Next steps\n\nThe pump goes into `src/pump.py`.\n'],
  ['below next steps', '## Next steps\n\n### Week 2\n\nThe pump goes into `src/pump.py`.\n'],
  ['where something is saved', 'It is saved to `docs/out.md`.\n'],
  ['a template', '## Report template\n\nSee `docs/summary.md`.\n'],
  ['there is none', 'The old ingester has no `src/ingester/` directory.\n'],
  ['without one', 'It works without a `src/config.py`, and there is no `src/conf.py`.\n'],
  ['a target of another folder', sh('make wheel-all')],
  ['a folder entered before', `${sh('cd deploy', 'docker compose up -d')}\n${sh('docker compose logs db')}`],
  ['the Compose file beside the document', sh('docker compose logs heron')],
  ['exec without a terminal', sh('cd deploy && docker compose exec -T db psql')],
  ['a program of a dependency', sh('yarn vitest --run', 'yarn tsc --noEmit', 'pnpm vitest')],
  ['tasks in braces', `${sh('task lint:{go,helm}', 'make test-{a,b}')}\nRun \`task lint:{go,helm}\`.\n`],
  ['a script that was fetched', sh('wget https://x.org/pond/main/tools/send_fish.py', 'python3 send_fish.py')],
  ['fetched with curl', sh('curl -sLO https://x.org/send_fish.py?raw=1', 'python3 ./send_fish.py')],
  ['a port that the document opens', sh('docker run -p 7435:7432 app', 'curl http://localhost:7435/health')],
  ['an address that a command is told', sh('pond --http-address 0.0.0.0:7433', 'curl http://localhost:7433/')],
  ['a port that is forwarded', sh('kubectl port-forward svc/pond 7431:80', 'curl localhost:7431')],
  ['sample output', '```json\n{"ip": "127.0.0.1:7433"}\n```\n'],
  ['more than a number', 'It runs >20 services.\n'],
  ['the number of a section', '## 4 Panels\n\n### 2.1 Dashboards\n'],
  ['a block indented throughout', '```yaml\n    - source: [pod]\n      target: instance\n```\n'],
  ['a block with marks', '```json\n{\n  "a": 1,   <-- the first\n}\n```\n'],
  [
    'a heading with a space that does not break',
    '### `_bulk` &nbsp; Batch endpoint\n\nSee [it](#_bulk--batch-endpoint).\n',
  ],
  ['another case', '## PondEmpty\n\n[x](#pondempty) [y](#PondEmpty)\n'],
  ['a label of MyST', '(roles)=\n## Roles of a user\n\n[x](#roles)\n'],
  ['another project', sh('npm init fastpond', 'npm run dev', 'npm test')],
  ['a user of the package', `${sh('npm i pondlib')}\n${sh('npm run serve')}`],
  ['a file that the tutorial makes', `Create a file \`index.js\` in your project.\n\n${sh('node index.js')}`],
  [
    'a file that mkdocs puts into a block',
    '```yaml\n{!deploy/pond.yaml!}\n```\n\n```yaml\n--8<-- "deploy/pond.yaml"\n```\n',
  ],
  ['a block with types in place of values', '```json\n{\n  "id": number,\n  "tags": [string]\n}\n```\n'],
  ['a block with its title', `\`\`\`js\n// tools/hello.js\nx()\n\`\`\`\n\n${sh('node tools/hello.js')}`],
  ['the right number of panels', '1. small.json (1KB, 3 panels)\n2. `boards/large.json` (5 panels)\n'],
  ['lines and files', '`src/pump/motor.ts` (120 lines) and `src/pump/` (1 file)\n'],
  ['a rough number of lines', '`src/pump/motor.ts` (~100 lines)\n'],
  ['from the root', 'See `/src/a.py`; the container has `/etc/pond/x.yml`; `GET /src/list.json`?\n'],
  ['a tree', tree('pond/', '├── src/', '│   ├── a.py', '│   └── pump/', '└── Makefile')],
  ['a tree of something else', tree('app/', '├── lib/', '│   └── b.py', '└── gone.py')],
  ['a tree with a new file', tree('.', '├── src/', '│   └── new.py  # new', '└── Makefile')],
  ['a setting as it is', '`max_connections` is set to 200.\n'],
  ['a setting of the past', '`max_connections` was set to 100 previously.\n'],
  ['a folder that is there', 'In the `pump` directory run the following.\n'],
  ['a folder of a running program', 'Data is kept in the `pond-data` folder.\n'],
  ['a file that the reader puts there', 'Put your rules into `src/own.yml`. Then create `src/more.yml`.\n'],
  ['a folder entered twice, as two ways to begin', sh('cd src/pump', 'ls', 'cd src/pump', 'ls')],
  [
    'a Compose file that the document gives',
    `\`\`\`yaml\nservices:\n  x: {}\n\`\`\`\n\n${sh('cd /tmp/x', 'docker compose up')}`,
  ],
  ['a script that the document gives', `\`\`\`json\n"scripts": { "dev": "x" }\n\`\`\`\n\n${sh('npm run dev')}`],
  ['an address that looks like a setting', 'Send it to `localhost:4317` as `image: 1`.\n'],
  ['a tree that is somebody’s', `Suppose this:\n\n${tree('.', '├── package.json', '├── Makefile', '└── x.ts')}`],
  ['a block that is shown as a mistake', 'The following is invalid TOML:\n\n```toml\npath = "C:\\Program"\n```\n'],
  ['since when something is there', 'Prefer inline variable syntax in format strings (Go 1.13+).\n'],
  ['an update of a dependency', 'Update one package: `cargo update -p libc`\n'],
];

const caught: [string, string, string[]][] = [
  ['a path in an ordinary list', '**Files:**\n\n- `src/filter.py`\n', ['error path-missing 3']],
  ['a subcommand that is none', 'Call `pondctl feet`.\n', ['error command-wrong 1']],
  ['a subcommand behind sudo', sh('sudo -u keeper pondctl touch x'), ['error command-wrong 2']],
  ['a route where no site is', '[x](/docs/cloud/intro)\n', ['warning link-broken 1']],
  ['a target of no folder', sh('make wheel-none'), ['error command-wrong 2']],
  [
    'links below one folder that is gone, once',
    '[a](gone/a.md) [b](gone/b.md)\n\n[c](gone/c.md)\n',
    ['error link-broken 1'],
  ],
  ['a path after the next steps', '## Next steps\n\n## Layout\n\n`src/filter.py` filters.\n', ['error path-missing 5']],
  [
    'a path of what is completed, in a document of next steps',
    '# Release: next steps\n\n## Completed actions\n\n`src/filter.py` filters.\n',
    ['error path-missing 5'],
  ],
  ['a service of no Compose file', sh('docker compose logs egret'), ['error command-wrong 2']],
  ['no such flag', sh('cd deploy && docker compose exec -Y db psql'), ['error command-wrong 2']],
  ['one of the braces', sh('task lint:{go,rust}'), ['error command-wrong 2']],
  ['a slip in a script', sh('yarn buld'), ['warning command-wrong 2']],
  ['a script that npm run names', sh('npm run serve'), ['error command-wrong 2']],
  ['panels beside a bare name', '1. small.json (1KB, 5 panels)\n', ['error value-wrong 1']],
  ['panels in a list', '1. small.json (7 panels)\n2. large.json (5 panels)\n', ['error value-wrong 1']],
  ['lines of a file', '`src/pump/motor.ts` (450 lines)\n', ['warning value-wrong 1']],
  ['size of a file', '- **boards/small.json** (40 KB)\n', ['warning value-wrong 1']],
  ['files of a folder', '`src/pump/`: 9 files\n', ['warning value-wrong 1']],
  ['a path from the root', 'The file `/src/gone.py` is there.\n', ['error path-missing 1']],
  ['a bold path', '- **src/gone.py** is there\n', ['error path-missing 1']],
  [
    'a file in a tree',
    tree('pond/', '├── src/', '│   ├── a.py', '│   └── gone.py', '└── Makefile'),
    ['warning path-missing 5'],
  ],
  ['a folder in prose', 'In the `pond-with-traefik` directory run the following:\n', ['warning path-missing 1']],
  ['a setting', 'PostgreSQL’s `max_connections` is set to 100.\n', ['warning value-wrong 1']],
  ['a setting in one span', 'We run with `max_wal_senders=10`.\n', ['warning value-wrong 1']],
  [
    'a version that is asked for in brackets',
    '## Requirements\n\nInstall the go tool chain first (Go 1.13+).\n',
    ['warning value-wrong 3'],
  ],
  ['an anchor that is not there', '## Set up\n\n[x](#set-down)\n', ['error anchor-missing 3']],
  ['JSON with the words of another language', '```json\n{\n  "id": True\n}\n```\n', ['warning block-broken 2']],
  ['YAML that is broken when it is indented', '```yaml\n    - a: 1\n        b: 2\n```\n', ['warning block-broken 3']],
];

describe('docs/claims: kinds that the field trial and other people’s documents taught', () => {
  it.each(fine)('no false alarm: %s', async (name, text) =>
    expect(await seen(text, name.includes('beside the document') ? 'examples/two' : 'docs')).toEqual([]),
  );
  it('commands of Compose without a Compose file are one finding; none where a source writes the file', async () => {
    const files = {
      'README.md': `${sh('docker compose up')}\n${sh('docker compose logs')}\n${sh('docker compose down')}`,
      'make.py': 'print(1)\n',
    };
    const findings = async (part: Record<string, string>): Promise<string[]> => {
      const record = await runStep({
        uses: 'docs/claims',
        with: { documents: ['README.md'] },
        target: tempDir({ ...files, ...part }),
      });
      return record.findings
        .filter((one) => one.level !== 'note')
        .map((one) => `${one.level} ${one.code}: ${one.message}`);
    };
    const [first, ...others] = await findings({});
    expect(first).toContain('warning command-wrong: `docker compose up`: no Compose file');
    expect(others).toEqual([]);
    expect((await findings({ 'make.py': 'open("out/docker-compose.yml", "w")\n' })).join('\n')).not.toContain(
      'no Compose',
    );
  });
  it('two slashes in a link to the repository itself are one', async () => {
    const at = 'https://github.com/pond-keepers/pond/blob/main/';
    const files = { 'src/a.py': 'x\n', 'README.md': `[x](${at}/src//a.py)\n\n[y](${at}/gone//a.py)\n` };
    const own = tempDir(files);
    execFileSync('git', ['init', '-q'], { cwd: own });
    execFileSync('git', ['remote', 'add', 'origin', 'https://github.com/pond-keepers/pond.git'], { cwd: own });
    const { findings } = await runStep({ uses: 'docs/claims', with: { documents: ['README.md'] }, target: own });
    expect(findings.map((one) => `${one.level} ${one.code} ${one.where?.line}`)).toEqual(['error link-broken 3']);
  });
  it('what lies in a submodule is not there until it is checked out', async () => {
    const own = tempDir({
      '.gitmodules': '[submodule "engines/pump"]\n\tpath = engines/pump\n\turl = https://example.org/pump.git\n',
      'engines/own/a.rs': '',
      'README.md': '`engines/pump/src/lib.rs`, [x](engines/pump/README.md) and `engines/own/b.rs`.\n',
    });
    const { findings } = await runStep({ uses: 'docs/claims', with: { documents: ['README.md'] }, target: own });
    expect(findings.map((one) => one.message)).toEqual(['`engines/own/b.rs`: engines/own/b.rs is not there']);
  });
  it('a document of which most paths are not there is one finding; a plan is a note', async () => {
    const paths = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `- \`src/deep/${name}.py\` filters\n`).join('');
    const own = async (name: string): Promise<string[]> => {
      const target = tempDir({ 'src/deep/z.py': '', [name]: `# Filters\n\n${paths}` });
      const { findings } = await runStep({ uses: 'docs/claims', with: { documents: [name] }, target });
      return findings.map((one) => `${one.level} ${one.message}`);
    };
    expect(await own('STATUS.md')).toEqual([
      'warning `src/deep/a.py`: of 6 paths that the document names, 6 are not there',
    ]);
    expect(await own('filters.md')).toEqual([
      'note `src/deep/a.py`: of 6 paths that the document names, 6 are not there',
      expect.stringContaining('nothing'),
    ]);
  });
  it('a module that was split lies in a folder of its name', async () => {
    const target = tempDir({
      'src/pump/mod.rs': '',
      'src/b.rs': '',
      'README.md': 'See `src/pump.rs` and `src/c.rs`.\n',
    });
    const { findings } = await runStep({ uses: 'docs/claims', with: { documents: ['README.md'] }, target });
    expect(findings.map((one) => `${one.level} ${one.hint}`)).toEqual([
      'warning did you mean src/pump/?',
      'error did you mean src/b.rs?',
    ]);
  });
  it('the pages of a site tell of their readers’ projects, those for its own people of the repository', async () => {
    const text = 'Put it into `docs/javascripts/a.js`: MSRV: 1.51\n\n' + sh('npm run docs', 'cargo build -F x');
    const target = tempDir({
      'mkdocs.yml': 'site_name: x\n',
      'package.json': '{"scripts":{"build":"x"}}',
      'Cargo.toml': '[package]\nname = "pond"\nversion = "1.0.0"\nrust-version = "1.90"\n',
      'docs/guide/math.md': text,
      'docs/contributing.md': text,
    });
    const run = async (path: string): Promise<string[]> => {
      const { findings } = await runStep({ uses: 'docs/claims', with: { documents: [path] }, target });
      return findings.filter((one) => one.level === 'error').map((one) => one.code);
    };
    expect(await run('docs/guide/math.md')).not.toContain('command-wrong');
    expect(await run('docs/contributing.md')).toContain('command-wrong');
  });
  it('a document that is too large is not read, and a note says so', async () => {
    const target = tempDir({
      'MANUAL.md': `# Pond\n\n\`src/gone.py\`\n${'x '.repeat(600_000)}\n`,
      'src/a.py': '',
      'README.md': '[x](MANUAL.md#gone) and `src/a.py`\n',
    });
    const { findings } = await runStep({ uses: 'docs/claims', with: { documents: ['*.md'] }, target });
    expect(findings.map((one) => `${one.level} ${one.message}`)).toEqual([
      'note MANUAL.md has more than 1 MiB and is not read',
    ]);
  });
  it('a plan and the page of an older version name what is not there', async () => {
    const text = '`src/filter.py` filters.\n';
    expect(await seen(text, 'docs/rfcs')).toEqual([]);
    expect(await seen(text, 'roadmap/milestone-3/proposals')).toEqual(['error path-missing 1']);
    expect(await seen(text, 'site/versioned_docs')).toEqual(['warning path-missing 1']);
    expect(await seen(text, 'docs/audit-2024')).toEqual(['warning path-missing 1']);
    expect(await seen(text, 'docs/audit')).toEqual(['error path-missing 1']);
  });
  it.each(caught)('finds %s', async (_, text, expected) => expect(await seen(text)).toEqual(expected));
});
