import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Checklist } from '../src/core/checklist.ts';
import { verify } from './rig/cli.ts';
import { tempDir, writeIn } from './rig/run-step.ts';

type Step = Checklist['items'][number]['steps'][number];
interface Drafted {
  text: string;
  steps: Step[];
  /** argv or script of the command steps, with the folder before it where it has one. */
  commands: string[];
}

/** Drafts in a repository of these files, lints the draft, and gives it back. */
async function draft(files: Record<string, string>): Promise<Drafted> {
  const cwd = tempDir(files);
  const { code, stdout, stderr } = await verify(['init', '--print'], { cwd });
  expect(code, stderr).toBe(0);
  writeIn(cwd, 'checklists/release.yaml', stdout);
  const lint = await verify(['lint', 'checklists/release.yaml'], { cwd });
  expect(lint.code, lint.stderr).toBe(0);
  const steps = (parse(stdout) as Checklist).items.flatMap((item) => item.steps);
  const commands = steps.flatMap((step) => {
    const own = /^(?:go|npm|python|jvm|dotnet)\/(?:test|lint)$/.test(step.uses);
    if ((step.uses !== 'command' && !own) || step.id.startsWith('packages')) return [];
    const given = (step.with ?? {}) as { run?: string[]; shell?: string; cwd?: string; [key: string]: unknown };
    const { run, shell = '', cwd: folder, env: _, ...rest } = given;
    const more = Object.keys(rest).length === 0 ? '' : ` ${JSON.stringify(rest)}`;
    return [`${folder === undefined ? '' : `${folder}: `}${own ? `${step.uses}${more}` : (run?.join(' ') ?? shell)}`];
  });
  return { text: stdout, steps, commands };
}
const asked = ({ steps }: Drafted): boolean => steps.some((step) => step.uses === 'manual/confirm');
const workflow = (steps: string, more = ''): string =>
  `on: [push, pull_request]\njobs:\n  ci:\n    runs-on: ubuntu-latest\n${more}    steps:\n      - uses: actions/checkout@v4\n${steps}`;

describe('what CI runs', () => {
  it('GitHub: each check in its folder with its environment; preparations are no checks', async () => {
    const drafted = await draft({
      'svc/a.py': '',
      '.github/workflows/ci.yml': workflow(
        '      - run: pip install -r requirements.txt\n      - run: |\n          uv run ruff check .\n          uv run pytest -q tests\n        working-directory: svc\n        env: { MODE: strict, API_TOKEN: x }\n      - run: npm ci\n      - uses: pre-commit/action@v3\n',
      ),
    });
    expect(drafted.commands).toEqual([
      'svc: python/test {"manager":"uv","args":["tests"]}',
      'svc: uv run ruff check .',
      'pre-commit run --all-files',
    ]);
    expect(drafted.steps[0]?.with).toMatchObject({ env: { MODE: 'strict' } });
    expect(JSON.stringify(drafted.steps)).not.toContain('API_TOKEN');
    expect(asked(drafted)).toBe(false);
  });

  it('GitLab and CircleCI', async () => {
    const gitlab = await draft({
      '.gitlab-ci.yml':
        'image: python\nlint:\n  script:\n    - mypy app\ntest:\n  script: [pip install x, pytest -x]\ndeploy:\n  when: manual\n  script: [make test]\n',
    });
    expect(gitlab.commands).toEqual(['python/test {"args":["-x"]}', 'python/lint {"linter":"mypy","args":["app"]}']);
    expect(gitlab.text).toContain('left out: `make test` of .gitlab-ci.yml:');
    const circle = await draft({
      'web/a.rb': '',
      '.circleci/config.yml':
        'version: 2.1\njobs:\n  t:\n    steps:\n      - checkout\n      - run: bundle exec rspec\n      - run: { command: bundle exec rubocop, working_directory: web }\n',
    });
    expect(circle.commands).toEqual(['bundle exec rspec', 'web: bundle exec rubocop']);
  });

  const left: [string, string, string, string][] = [
    ['a value of CI', '      - run: pytest --token ${{ secrets.T }}\n', '', 'a value that only CI knows'],
    [
      'an expression with braces of its own',
      "      - run: pytest -k ${{ matrix.k || format('a{0}', matrix.b) }}\n",
      '',
      'a value that only CI knows',
    ],
    ['what writes', '      - run: ruff check --fix .\n', '', 'it writes'],
    ['root', '      - run: sudo pytest\n', '', 'it runs as root'],
    [
      'a service',
      '      - run: pytest\n',
      '    services: { db: { image: "postgres:16" } }\n',
      'CI starts db (postgres:16)',
    ],
    ['an action', '      - uses: some/checker@v1\n', '', 'only GitHub can run actions'],
    ['a folder that is not there', '      - run: cd nowhere && pytest\n', '', 'nowhere is not in the repository'],
  ];
  it.each(left)('%s is left out, and said', async (_, steps, more, why) => {
    const drafted = await draft({ '.github/workflows/ci.yml': workflow(steps, more) });
    expect(drafted.commands).toEqual([]);
    expect(drafted.text).toMatch(new RegExp(`^# left out: .*${why.replace(/[()]/g, '\\$&')}`, 'm'));
    expect(asked(drafted)).toBe(true);
  });

  it('a matrix of folders is a step for each; of systems those that are here', async () => {
    const drafted = await draft({
      'a/x.go': '',
      'b/x.go': '',
      '.github/workflows/ci.yml': workflow(
        '      - run: pytest\n        working-directory: ${{ matrix.dir }}\n',
        '    strategy: { matrix: { dir: [a, b], python: ["3.12"] } }\n',
      ),
      '.github/workflows/win.yml': workflow('      - run: tox\n').replace('ubuntu-latest', 'windows-latest'),
    });
    expect(drafted.commands).toEqual(['a: python/test', 'b: python/test']);
    expect(drafted.text).toContain('CI runs it on windows-latest');
  });
});

describe('CI of other kinds', () => {
  it('what is split over machines, or looks at changes alone, is drafted whole', async () => {
    const drafted = await draft({
      'package.json':
        '{"scripts":{"jest":"jest","affected:lint":"nx affected -t lint"},"devDependencies":{"jest":"1"}}',
      '.circleci/config.yml':
        'version: 2.1\norbs: { node: circleci/node@5, nx: nrwl/nx@1, ship: acme/ship@1 }\njobs:\n  t:\n    steps:\n      - node/install-packages\n      - nx/set-shas\n      - run: npx jest --ci --shard=$(expr $CIRCLE_NODE_INDEX + 1)/$CIRCLE_NODE_TOTAL\n      - run: yarn nx affected --base=$NX_BASE --head=$NX_HEAD -t lint,test --parallel 4\nworkflows: { all: { jobs: [t, ship/to-staging] } }\n',
    });
    expect(drafted.commands).toEqual(['npm/test', 'yarn nx run-many -t lint,test']);
    expect(drafted.text).toContain('run: [npx, jest, --ci]');
    expect(drafted.text).toMatch(
      /left out: (?:nx\/set-shas, ship\/to-staging|ship\/to-staging, nx\/set-shas) of \.circleci\/config\.yml: only CircleCI can run/,
    );
    expect(drafted.text).toContain('script affected:lint of package.json: it checks only what changed');
  });
  it('of the versions of a language one; what tox only prepares is none; its environments are what their names say', async () => {
    const drafted = await draft({
      'tox.ini': '[testenv]\ncommands = pytest\n',
      '.github/workflows/ci.yml': workflow(
        '      - run: tox run --notest -e ${{ matrix.py }}\n      - run: tox run --skip-pkg-install -e ${{ matrix.py }}\n      - run: tox -e docs\n      - run: tox -e mypy\n      - run: tox -e dev\n      - run: uv build\n',
        '    strategy: { matrix: { py: ["3.15t", "3.14", "3.9", pypy3.11] } }\n',
      ),
    });
    expect(drafted.commands).toEqual([
      'python/test {"runner":"tox","args":["-e","py"]}',
      'tox -e mypy',
      'tox -e docs',
      'uv build',
    ]);
    expect(drafted.text).toContain('ci.yml:9: drafted once, and not for each of 3.15t, 3.14, 3.9, pypy3.11');
  });
  it('GitLab: files that it includes; others are named', async () => {
    const drafted = await draft({
      '.gitlab-ci.yml': 'include:\n  - local: /ci/*.yml\n  - project: team/pipelines\n    file: /scan.yml\n',
      'ci/tests.yml': 'include: /more/lint.yml\nunit:\n  script: [pytest]\n',
      'more/lint.yml': 'lint:\n  script: [ruff check lib]\n',
    });
    expect(drafted.commands).toEqual(['python/test', 'python/lint {"linter":"ruff","args":["lib"]}']);
    expect(drafted.text).toContain(
      'left out: team/pipelines, which .gitlab-ci.yml includes: it is not in the repository',
    );
  });
  it('a script that no shell runs, and a variable that only CI fills in, are named', async () => {
    const drafted = await draft({
      '.github/workflows/ci.yml': workflow(
        '      - shell: python\n        run: |\n          import os\n          os.rename("a", "b")\n      - run: nox -s "one(\'$WHICH\')"\n        env: { WHICH: "${{ github.actor }}" }\n',
      ),
    });
    expect(drafted.commands).toEqual([]);
    expect(drafted.text).toContain(
      'left out: a script in python of .github/workflows/ci.yml:9: only scripts of a shell are read',
    );
    expect(drafted.text).toMatch(/one\('\$WHICH'\)"` of \S+:11: it holds a value that only CI knows/);
    expect(drafted.text).not.toContain('os.rename');
  });
});

describe('what CI runs and a draft lacks is named, with its reason', () => {
  it('every command that is not known, on one line of its file; what only prepares is none', async () => {
    const { text } = await draft({
      '.github/workflows/ci.yml': workflow(
        '      - run: |\n          sudo apt-get install -y jq\n          go mod download\n          bin/conformance --all\n          python tools/check_licences.py\n      - run: |\n          sudo -u postgres createuser -s runner\n          cargo +nightly install x\n          npx changeset version\n          git diff --exit-code\n',
      ),
    });
    expect(text).toMatch(
      /^# left out: `bin\/conformance --all` \(line 10\), `python tools\/check_licences\.py` \(line 11\) of \.github\/workflows\/ci\.yml: what it checks is not known/m,
    );
    expect(text).not.toMatch(/left out: .*(?:apt-get|mod download|createuser|nightly)/);
    expect(text).toMatch(
      /left out: `git diff --exit-code` of \S+:16: it fails if the commands before it changed a file/,
    );
  });
  it('the same tests with and without coverage are one step; a script that others come to is none', async () => {
    const { commands, text } = await draft({
      'manage.py': '',
      'package.json':
        '{"scripts":{"test":"node skip.js || npm run suites && tap x","suites":"npm run unit:a && npm run unit:b","unit:a":"node a","unit:b":"node b"}}',
      '.github/workflows/ci.yml': workflow(
        '      - run: coverage run --omit=*/tests/* --source=app manage.py test\n      - run: python manage.py test --verbosity=2\n',
      ),
    });
    expect(commands).toEqual(['python/test {"runner":"django"}', 'npm run test']);
    expect(text).not.toMatch(/unit:a|suites/);
  });
  it('what belongs together in a matrix stays together; what runs elsewhere is named, with its line', async () => {
    const { commands, text } = await draft({
      '.github/workflows/ci.yml': workflow(
        "      - run: tox -e ${{ matrix.env }}\n      - if: matrix.os == 'macos-14'\n        run: >\n          ./gradlew check\n          -PtargetS=mac\n",
        '    strategy: { matrix: { include: [{ os: windows-latest, env: lint }, { os: ubuntu-24.04, env: py312 }] } }\n',
      ).replace('ubuntu-latest', '${{ matrix.os }}'),
    });
    expect(commands).toEqual(['python/test {"runner":"tox","args":["-e","py312"]}']);
    expect(text).toMatch(/left out: `tox -e lint` of \S+: CI runs it on windows-latest/);
    expect(text).toMatch(
      /left out: `\.\/gradlew check -PtargetS=mac` of \.github\/workflows\/ci\.yml:11: CI runs it where/,
    );
  });
  it('what a nightly run repeats is drafted; what tox, pre-commit and hatch start is drafted once', async () => {
    const project = '[project]\nname = "a"\n[tool.pytest.ini_options]\n[tool.mypy]\n[tool.ruff]\n';
    const tox = await draft({
      'pyproject.toml': project,
      'tests/test_a.py': 'def test_a(): pass\n',
      '.pre-commit-config.yaml': 'repos:\n  - repo: x\n    hooks: [{ id: ruff }]\n',
      '.github/workflows/a-nightly.yml':
        'on: { schedule: [] }\njobs: { a: { runs-on: ubuntu-latest, steps: [{ run: tox run }] } }\n',
      '.github/workflows/ci.yml': workflow(
        '      - run: tox run\n      - run: tox run -e typing\n      - run: pre-commit run --all-files\n',
      ),
    });
    expect(tox.commands).toEqual(['python/test {"runner":"tox"}', 'tox run -e typing', 'pre-commit run --all-files']);
    const hatch = await draft({
      'pyproject.toml': project,
      'tests/test_a.py': 'def test_a(): pass\n',
      '.github/workflows/ci.yml': workflow(
        '      - run: hatch fmt --check\n      - run: hatch run types:check\n      - run: hatch test\n      - run: hatch build --hooks-only\n      - run: hatch run coverage:combine\n',
      ),
    });
    expect(hatch.commands.toSorted()).toEqual([
      'hatch fmt --check',
      'hatch run types:check',
      'hatch test',
      'python/lint {"linter":"mypy","args":["."]}',
    ]);
    const rye = await draft({
      'pyproject.toml': project,
      'tests/test_a.py': 'def test_a(): pass\n',
      '.github/workflows/ci.yml': workflow(
        '      - run: rye sync\n      - run: rye fmt --check\n      - run: rye lint\n      - run: rye test\n',
      ),
    });
    expect(rye.commands.filter((one) => one.startsWith('rye')).toSorted()).toEqual([
      'rye fmt --check',
      'rye lint',
      'rye test',
    ]);
  });
  it('scripts that only run drafted ones, parts of a build, examples that are modules', async () => {
    const { commands, text } = await draft({
      'package.json': JSON.stringify({
        scripts: {
          build: 'npm-run-all build-a build-b',
          'build-a': 'x a',
          'build-b': 'x b',
          'build-icons': 'y',
          check: 'eslint .',
          test: 'node --test && npm run check',
          'test-all': 'node --test && npm run check',
        },
      }),
      '.github/workflows/ci.yml': workflow(
        '      - run: npm test\n      - run: npm run check\n      - run: npm run build\n',
      ),
      'go.mod': 'module a\n',
      'a.go': 'package a\n',
      'example/one/go.mod': 'module one\n',
      'example/one/main.go': 'package main\n',
      'example/two/go.mod': 'module two\n',
      'example/two/a_test.go': 'package main\n',
    });
    expect(commands.filter((one) => !one.startsWith('go/')).join('; ')).not.toMatch(/test-all|build-/);
    expect(text).toContain('`npm run build-icons` of package.json: another check of the kind is drafted');
    expect(text.match(/cwd: example\/two/g)).toHaveLength(2);
    expect(text).not.toContain('cwd: example/one');
    expect(text).toContain('left out: go vet of example/one: an example that is a module of its own');
  });
  it('of versions of a matrix the stable or newest one, also where one of them is the latest', async () => {
    const { commands } = await draft({
      'build.gradle': '',
      gradlew: '',
      '.github/workflows/ci.yml': workflow(
        '      - run: ./gradlew check -Pjava=${{ matrix.java }}\n',
        '    strategy: { matrix: { java: [8, 17, latest] } }\n',
      ),
    });
    expect(commands).toHaveLength(1);
  });
  it('targets of a Makefile that stand there twice are named once; composer’s scripts by their name', async () => {
    const { commands, text } = await draft({
      Makefile: 'test:\n\ttrue\nunit-test: X=1\nunit-test:\n\ttrue\nlint:\n\ttrue\n',
      '.github/workflows/ci.yml': workflow('      - run: composer run lint\n      - run: go-licenses check ./...\n'),
    });
    expect(commands).toEqual(expect.arrayContaining(['composer run lint', 'go-licenses check ./...']));
    expect(text.match(/make unit-test/g)).toHaveLength(1);
  });
  it('a composite action of the repository is looked into, with what it is given', async () => {
    const drafted = await draft({
      '.github/actions/check/action.yml':
        'inputs: { path: { default: src } }\nruns:\n  using: composite\n  steps:\n    - run: ruff check ${{ inputs.path }}\n      shell: bash\n    - uses: some/scanner@v1\n',
      '.github/workflows/ci.yml': workflow('      - uses: ./.github/actions/check\n        with: { path: lib }\n'),
    });
    expect(drafted.commands).toEqual(['python/lint {"linter":"ruff","args":["lib"]}']);
    expect(drafted.text).toContain(
      './.github/actions/check with lib (some/scanner) of .github/workflows/ci.yml: only GitHub',
    );
  });
  it('a workflow that runs on tags only, of which nothing is known', async () => {
    const { text } = await draft({
      '.github/workflows/release.yml':
        'on: { push: { tags: [v*] } }\njobs: { a: { runs-on: ubuntu-latest, steps: [{ run: ./ship.sh }] } }\n',
    });
    expect(text).toContain('left out: .github/workflows/release.yml: its workflow runs on pushed tags only');
  });
  it('the same program with other words than the step that is drafted', async () => {
    const { text } = await draft({
      'go.mod': 'module example.org/m\n',
      'a.go': 'package m\n',
      'a_test.go': 'package m\n',
      '.github/workflows/ci.yml': workflow(
        '      - run: go test ./...\n      - run: go test -tags=integration ./...\n',
      ),
    });
    expect(text).toMatch(/left out: `go test -tags=integration \.\/\.\.\.` of \S+:8: a step like it is drafted/);
  });
  it('a Go module of which a package has to be generated first', async () => {
    const drafted = await draft({
      'go.mod': 'module example.org/m\n',
      'a.go': 'package m\n\nimport (\n\t"fmt"\n\t"example.org/m/internal/gen"\n)\n',
    });
    expect(drafted.commands).toEqual([]);
    expect(drafted.text).toContain(
      'left out: the module of go.mod: example.org/m/internal/gen is imported and not in the repository',
    );
  });
});

describe('what a project is set up for', () => {
  it('Python: tests, linter and types, by the manager of its lock file', async () => {
    const files = {
      'pyproject.toml': '[project]\nname = "a"\n[tool.pytest.ini_options]\n[tool.ruff]\n[tool.mypy]\nstrict = true\n',
      'tests/test_a.py': 'def test_a(): assert True\n',
      'alembic.ini': '[alembic]\n',
    };
    const plain = await draft(files);
    expect(plain.commands).toEqual([
      'python/test',
      'python/lint {"linter":"mypy","args":["."]}',
      'python/lint {"linter":"ruff"}',
    ]);
    expect(plain.text).toContain('left out: alembic.ini: migrations of Alembic');
    expect((await draft({ ...files, 'uv.lock': '' })).commands[0]).toBe('python/test');
    expect((await draft({ 'tox.ini': '[testenv]\ncommands = x\n' })).commands).toEqual([
      'python/test {"runner":"tox"}',
    ]);
  });

  it('scripts of a package, and tasks of a workspace', async () => {
    const scripts = {
      test: 'vitest run',
      'test:watch': 'vitest --watch',
      'test:cov': 'vitest run --coverage',
      lint: 'eslint .',
      fix: 'eslint --fix .',
      typecheck: 'tsc --noEmit',
      build: 'vite build',
      dev: 'vite',
      deploy: 'x',
    };
    const drafted = await draft({
      'package.json': JSON.stringify({ scripts, devDependencies: { vitest: '1' } }),
      'pnpm-lock.yaml': '',
    });
    expect(drafted.commands).toEqual([
      'npm/test',
      'npm/lint {"linter":"tsc"}',
      'npm/lint {"linter":"eslint"}',
      'pnpm run build',
    ]);
    expect(drafted.text).toContain('left out: script test:cov of package.json: the script test runs the tests');
    expect(drafted.steps.find((step) => step.id === 'build')?.needs).toEqual(['packages']);
    const mono = await draft({
      'package.json': '{ "workspaces": ["p/*"], "devDependencies": { "turbo": "2" } }',
      'turbo.json': '{ "tasks": { "test": {}, "lint": {} } }',
      'p/a/package.json': '{ "scripts": { "test": "vitest run", "lint": "eslint .", "build": "tsc" } }',
    });
    expect(mono.commands).toEqual([
      'npx turbo run test',
      'npx turbo run lint',
      'npm run build --workspaces --if-present',
    ]);
  });

  it('a script that only prints is no proof', async () => {
    const drafted = await draft({ 'package.json': '{ "scripts": { "test": "echo ok", "lint": "true" } }' });
    expect(drafted.commands).toEqual([]);
    expect(drafted.text).toContain('`echo ok` checks nothing');
    expect(asked(drafted)).toBe(true);
  });

  it('scripts of Python’s managers that CI calls are drafted by what their names say', async () => {
    const drafted = await draft({
      'pyproject.toml': '[project]\nname = "x"\n',
      '.github/workflows/ci.yml': workflow(
        '      - run: uv run --python 3.12 poe check\n      - run: pdm run lint\n      - run: hatch run test:cov\n      - run: pixi run serve\n      - run: rye run publish\n',
      ),
    });
    expect(drafted.commands).toEqual(['hatch run test:cov', 'uv run --python 3.12 poe check', 'pdm run lint']);
    expect(drafted.text).toMatch(/left out: `pixi run serve`/);
  });

  const others: [string, Record<string, string>, string[]][] = [
    ['make', { Makefile: 'all:\ntest:\n\tx\ntest-watch:\nlint:\n\ty\ndeploy:\n' }, ['make test', 'make lint']],
    ['just', { justfile: 'test:\n  x\n' }, ['just test']],
    ['task', { 'Taskfile.yml': 'version: "3"\ntasks:\n  test: x\n' }, ['task test']],
    ['Gradle', { 'build.gradle.kts': '', gradlew: '' }, ['jvm/test']],
    [
      '.NET, whose tests lie in a folder of tests',
      { 'Acme.sln': '', 'test/Acme.Tests/Acme.Tests.csproj': '<Project><PackageReference Include="xunit"/></Project>' },
      ['dotnet/test'],
    ],
    ['Maven', { 'pom.xml': '<project/>' }, ['jvm/test']],
    ['Helm', { 'deploy/chart/Chart.yaml': 'name: x\n' }, ['deploy/chart: helm lint .']],
  ];
  it.each(others)('%s', async (_, files, expected) => {
    const drafted = await draft(files);
    expect(drafted.commands).toEqual(expected);
    expect(asked(drafted)).toBe(!expected.some((one) => one.includes('test')));
  });

  it.each([
    ['nothing else', 'go test -v ./...', ['go/lint {"linter":"vet"}', 'go/test {"race":true}']],
    ['something besides', './e2e.sh', ['go/lint {"linter":"vet"}', 'go/test {"race":true}', 'make test']],
  ])('a target of make that comes to what is drafted and %s', async (_, also, expected) => {
    const drafted = await draft({
      'go.mod': 'module example.org/m\n',
      'a.go': 'package m\n',
      'a_test.go': 'package m\n',
      Makefile: `GO ?= go\ntest: ## Run the tests\n\t@echo testing\n\t$(GO) test ./...\n\t${also}\n`,
      '.github/workflows/ci.yml': workflow('      - run: make test\n      - run: go test -race ./...\n'),
    });
    expect(drafted.commands).toEqual(expected);
  });

  it('a linter of all files is told to leave reports out', async () => {
    const cwd = tempDir({ 'package.json': '{ "scripts": { "lint": "prettier --check ." } }' });
    const { stdout } = await verify(['init'], { cwd });
    expect(stdout).toMatch(/note: prettier may read all files, the reports of runs too: leave reports\/ out/);
  });

  it('what CI runs already is not drafted twice', async () => {
    const drafted = await draft({
      'package.json': '{ "scripts": { "test": "vitest run" } }',
      'pyproject.toml': '[tool.pytest.ini_options]\n',
      'tests/test_a.py': 'def test_a(): pass\n',
      '.github/workflows/ci.yml': workflow('      - run: npm test\n      - run: pytest -n 4\n'),
    });
    expect(drafted.commands).toEqual(['npm/test', 'python/test {"args":["-n","4"]}']);
  });
});

it('a draft without a test never passes, also where everything else does', async () => {
  const cwd = tempDir({ 'README.md': '# A\n\nSee [b](b.md).\n', 'b.md': '# B\n' });
  for (const args of [
    ['init', '-q'],
    ['add', '-A'],
    ['-c', 'user.name=A', '-c', 'user.email=a@b.c', 'commit', '-qm', 'x'],
  ])
    spawnSync('git', args, { cwd });
  expect((await verify(['init'], { cwd })).code).toBe(0);
  expect((await verify(['release', '--no-ask', '--ui', 'plain'], { cwd })).code).toBe(11);
});

describe('package scripts that run the same tests', () => {
  const mocha = 'mocha --require test/env --check-leaks test/';
  const files = (scripts: object, more: Record<string, string> = {}) => ({
    'package.json': JSON.stringify({ name: 'a', scripts }),
    '.github/workflows/ci.yml': workflow('      - run: npm run test-ci\n'),
    ...more,
  });
  it('a measured script is the one that it measures; another reporter is no other check', async () => {
    const scripts = {
      test: mocha,
      'test-tap': mocha.replace('--check', '--reporter tap --check'),
      'test-ci': 'nyc --exclude examples --reporter=lcovonly npm test',
    };
    const drafted = await draft(files(scripts));
    expect(drafted.commands).toEqual(['npm/test']);
    expect(drafted.text).toContain('script test-tap of package.json: the script test runs the same tests');
  });
  it('one that asserts the coverage is run as it is', async () => {
    const asserted = { test: mocha, 'test-ci': 'nyc --check-coverage npm test' };
    expect((await draft(files(asserted))).commands).toEqual(['npm run test-ci']);
    const inFile = { test: mocha, 'test-ci': 'nyc npm test' };
    const settings = { '.nycrc': '{"check-coverage": true}' };
    expect((await draft(files(inFile, settings))).commands).toEqual(['npm run test-ci']);
  });
});

describe('what builds and tests without CI', () => {
  const php = { 'composer.json': '{"require-dev":{"phpunit/phpunit":"^11"}}', 'tests/ATest.php': '<?php' };
  it.each<[string, Record<string, string>, string[]]>([
    ['PHPUnit without a configuration is told the folder', php, ['vendor/bin/phpunit tests']],
    ['PHPUnit with one', { ...php, 'phpunit.xml.dist': '<phpunit/>' }, ['vendor/bin/phpunit']],
    ['PHP without PHPUnit', { ...php, 'composer.json': '{}' }, []],
    [
      'a program in Go is linked',
      { 'go.mod': 'module a\n', 'cmd/a/a.go': 'package main\nfunc main() {}\n' },
      ['go/lint {"linter":"vet"}', 'go build ./...'],
    ],
    ['a library in Go is not', { 'go.mod': 'module a\n', 'a.go': 'package a\n' }, ['go/lint {"linter":"vet"}']],
  ])('%s', async (_, files, commands) => expect((await draft(files)).commands).toEqual(commands));
});
