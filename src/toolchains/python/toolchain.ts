import { pythonPrograms } from './programs.ts';
import { z } from 'zod';
import type { StepContext } from '../../core/step.ts';
import { textOf } from '../../formats/data/json-parts.ts';
import { testsOf, type CannotTest, type SharedParams, type TestCommand, type Toolchain } from '../contract.ts';
import { pythonChecks } from './checks.ts';
import { before, installOf, locks, managers, ownModule } from './environment.ts';
import { inFolder } from '../../formats/data/paths.ts';
import { lintFor } from '../lint-for.ts';
import { pythonLints } from './lints.ts';
import { settingsAbove } from '../outside-settings.ts';

/** Modules that Python runs before anything else, in folders outside of the target that `PYTHONPATH` names. */
async function startedWith(ctx: StepContext): Promise<string[]> {
  const found: string[] = [];
  const folders = (ctx.variables(/^PYTHONPATH$/)['PYTHONPATH'] ?? '').split(':');
  for (const folder of folders.filter((one) => one.startsWith('/') && !`${one}/`.startsWith(`${ctx.target}/`)))
    for (const name of ['sitecustomize', 'usercustomize'])
      if ((await ctx.files.kind(`${folder}/${name}.py`)) === 'file')
        found.push(`${folder}/${name}.py: Python runs it first, by PYTHONPATH, and it is not part of the tree`);
  return found;
}

const params = {
  runner: z
    .enum(['pytest', 'unittest', 'django', 'tox'])
    .default('pytest')
    .describe('the tests of unittest and of Django’s `manage.py test` are counted, not named'),
  manager: z
    .enum(managers)
    .default('auto')
    .describe(
      'what runs the runner; auto: the project’s own .venv, else what its lock file names, else python3 of the PATH',
    ),
};
type Params = z.infer<z.ZodObject<typeof params>> & SharedParams;

async function command(
  p: Params,
  ctx: StepContext,
  out: { results: string; coverage: string | undefined },
): Promise<TestCommand | CannotTest> {
  if (p.cwd !== '' && (await ctx.files.kind(p.cwd)) !== 'directory')
    return { missing: `${p.cwd} is not there`, remedy: 'give the folder of the Python project as cwd' };
  // No byte code and no cache: an untracked file would be a change of the tree.
  const env = { PYTHONDONTWRITEBYTECODE: '1', NO_COLOR: '1', ...p.env };
  const own = ['-o', 'junit_family=xunit1', '-o', `cache_dir=${out.results}/cache`];
  const coverage = out.coverage === undefined ? [] : ['--cov', `--cov-report=lcov:${out.coverage}/lcov.info`];
  const withData = { ...env, ...(out.coverage !== undefined && { COVERAGE_FILE: `${out.coverage}/.coverage` }) };
  const { words, manager } = await before(p, ctx);
  if (p.runner === 'tox')
    return {
      argv: [
        ...(manager === 'none' || manager === 'auto' ? [] : [manager, 'run']),
        'tox',
        'run',
        '--override',
        'testenv.pass_env+=PYTEST_ADDOPTS,COVERAGE_FILE',
        ...p.args,
      ],
      // Each environment writes a file of its own: pytest puts the variable in.
      env: {
        ...withData,
        PYTEST_ADDOPTS: [
          p.env['PYTEST_ADDOPTS'],
          // pytest takes it apart as a shell does.
          ...[`--junitxml=${out.results}/$TOX_ENV_NAME.xml`, ...own, ...coverage].map((word) => `"${word}"`),
        ]
          .filter((one) => one !== undefined)
          .join(' '),
      },
    };
  if (p.runner === 'unittest') {
    const python = words.at(-1) === '-m' ? words : [...words, 'python', '-m'];
    return { argv: [...python, 'unittest', ...(p.args.length > 0 ? p.args : ['discover'])], env, counted: 'stderr' };
  }
  if (p.runner === 'django') {
    const python = words.at(-1) === '-m' ? words.slice(0, -1) : [...words, 'python'];
    return { argv: [...python, 'manage.py', 'test', ...p.args], env, counted: 'stderr' };
  }
  return {
    argv: [...words, 'pytest', `--junitxml=${out.results}/pytest.xml`, ...own, ...coverage, ...p.args],
    env: withData,
  };
}

/** Options of `PYTEST_ADDOPTS` that change only what is shown and how tests are spread: whatever else stands there may leave some out. */
const harmless =
  /(?:^|\s)["']?(?:-[vqsl]+|-r\w+|-W[ =]?\S+|-n[ =]?\w+|-p[ =]?no:(?:cacheprovider|randomly|sugar|warnings|xdist)|--(?:verbose|quiet|showlocals|full-trace|cache-clear|failed-first|ff|instafail|no-header|no-summary|disable-(?:pytest-)?warnings|strict(?:-\w+)?)|(?:-o|--override-ini)[ =]?(?:cache_dir|console_output_style|junit_\w+|log_\w+)=\S+|--self-contained-html|--(?:tb|color|import-mode|html|maxprocesses|alluredir|report-log|code-highlight|durations(?:-min)?|numprocesses|dist|capture|timeout(?:-method)?|randomly-seed|basetemp|junit-?xml|log-(?:cli-)?level)[ =]\S+|--(?:no-)?cov\S*)["']?(?=\s|$)/g;

/** Options that plugins bring; without the plugin pytest does not know them. */
const ofPlugin =
  /^(?:--cov|-n$|--numprocesses|--dist|--asyncio|--timeout|--reruns|--randomly|--benchmark|--mypy|--flake8|--django|--ds|--nbval|--xdist|--doctest-plus|--remote-data|--mpl|--snapshot|--html|--alluredir|--splits|--memray|--codspeed|--instafail|--picked|--testmon|--strict-config)/;

const python: Toolchain = {
  name: 'python',
  title: 'Python',
  manifests:
    /^(?:pyproject\.toml|setup\.cfg|setup\.py|tox\.ini|noxfile\.py|pytest\.ini|manage\.py|requirements[\w.-]*\.txt)$/,
  tools: [
    {
      name: 'python',
      version: ['python3', '--version'],
      remedy: 'install Python, and what the project’s lock file names (uv, poetry, pdm, pipenv)',
    },
  ],
  steps: { 'python/test': 'test', 'python/lint': 'lint' },
  lints: pythonLints,
  results: ['**/junit.xml', '**/report.xml'],
  unasked: ['.python-version', '.coveragerc'],
  programs: pythonPrograms,
  ambient: {
    of: /^(?:\S*\/)?(?:pytest|py\.test|tox|nox|python[\d.]*(?: -\S+)* -m (?:pytest|unittest)|coverage run)\b/,
    variables: /^(?:PYTEST_ADDOPTS|PYTEST_PLUGINS|PYTEST_DISABLE_PLUGIN_AUTOLOAD|PYTHONSTARTUP|PYTHONOPTIMIZE)$/,
    silences: (name, value) =>
      name === 'PYTEST_ADDOPTS'
        ? value.replace(harmless, '').trim() !== ''
        : // With -O no assert is executed, and a plugin may do anything.
          name !== 'PYTHONSTARTUP' && value !== '' && value !== '0',
    async files(ctx, cwd) {
      const { above } = await settingsAbove(
        ctx,
        cwd,
        ['pytest.toml', '.pytest.toml', 'pytest.ini', '.pytest.ini', 'pyproject.toml', 'tox.ini', 'setup.cfg'],
        // Those that bear its name count also when they are empty.
        (text, name) => name.includes('pytest') || /^\[(?:tool[:.])?pytest(?:\.ini_options)?\]/m.test(text),
      );
      return [
        ...(above === undefined ? [] : [`${above}: pytest reads it, and it is not part of the tree`]),
        ...(await startedWith(ctx)),
      ];
    },
  },
  tests: testsOf<Params>({
    params,
    summary: 'The Python tests pass, and at least the promised number of them was executed.',
    description: `Runs pytest with \`--junitxml\`: with the project's own \`.venv\`, else as its lock file says (\`uv run\`, \`poetry run\`, \`pdm run\`, \`pipenv run\`), else with \`python3 -m\`. \`runner: tox\` runs tox, whose environments write a file each; \`runner: unittest\` and \`runner: django\` (\`manage.py test\`) count what unittest prints. Cache, byte code and coverage data go to folders outside of the repository.

A test that is expected to fail (xfail) counts as skipped. \`coverage\` needs pytest-cov; what it measures is set in the project's own configuration. Modules that are not installed, a missing plugin or runner make the step inconclusive; a module of the repository itself that cannot be imported is a failure. \`PYTEST_ADDOPTS\` that may leave tests out, \`PYTEST_PLUGINS\`, \`PYTHONOPTIMIZE\` (no assert is executed), a \`sitecustomize\` that \`PYTHONPATH\` names and a configuration above the target are named, and make it inconclusive.`,
    example: `- id: py-tests
  uses: python/test
  with: { args: [tests], minimum: 60, coverage: { minimum: 85 } }`,
    plan: (p) =>
      p.runner === 'tox'
        ? ['tox run', ...p.args].join(' ')
        : [
            p.manager === 'auto' ? '(the project’s Python)' : p.manager === 'none' ? 'python3' : `${p.manager} run`,
            ...(p.runner === 'django' ? ['manage.py', 'test'] : ['-m', p.runner]),
            ...p.args,
          ].join(' '),
    command,
    async unprepared({ stdout, stderr }, p, ctx, broken) {
      const output = `${stderr}\n${stdout.slice(-200_000)}\n${broken}`;
      const { manager } = await before(p, ctx);
      const remedy = `install what the tests need: ${await installOf(manager, p.cwd, ctx, p.runner)}`;
      const gone = /No module named ['"]?(pytest|tox|coverage|pytest_cov)['"]?\s*$/m.exec(output)?.[1];
      if (gone !== undefined) return { what: `${gone} is not installed`, remedy };
      const program = /(?:error: Failed to spawn: `|Command not found: |command not found: )([\w-]+)/i.exec(
        output,
      )?.[1];
      if (program === p.runner) return { what: `${program} is not installed`, remedy };
      const unknown = /error: unrecognized arguments: (.+)$/m
        .exec(output)?.[1]
        ?.split(' ')
        .find((word) => ofPlugin.test(word));
      if (unknown !== undefined)
        return { what: `pytest does not know ${unknown}: the plugin that brings it is not installed`, remedy };
      const plugins =
        /Missing required plugins: (.+)$/m.exec(output)?.[1] ?? /Error importing plugin "([^"]+)"/.exec(output)?.[1];
      if (plugins !== undefined) return { what: `plugins of pytest are not installed: ${plugins.trim()}`, remedy };
      const modules = new Set(
        [...output.matchAll(/ModuleNotFoundError: No module named '([\w.]+)'/g)].map((match) => match[1] ?? ''),
      );
      for (const module of modules) {
        const [first = ''] = module.split('.');
        const own = await ownModule(first, p.cwd, ctx);
        if (own === 'none' || (own === 'installed' && first === module))
          return {
            what:
              own === 'none'
                ? `the module ${module} is not installed`
                : `the project itself is not installed: there is no module ${module}`,
            remedy,
          };
      }
      return undefined;
    },
  }),
  stepFor({ words, starter, cwd }, tree) {
    const found = withOf(words);
    const named =
      locks.every(([file]) => !tree.paths.includes(inFolder(cwd, file))) && managers.some((one) => one === starter);
    // Which manager runs a linter is told by its lock file alone.
    if (!found)
      return named ? undefined : lintFor('python', pythonLints, words[1] === '-m' ? words.slice(2) : words, cwd);
    return {
      id: found['runner'] === 'django' ? 'django-test' : textOf(found['runner']) || 'pytest',
      uses: 'python/test',
      with: { ...(cwd !== '' && { cwd }), ...(named && { manager: starter }), ...found },
    };
  },
  covers: (step) => [
    {
      key:
        textOf(step.with?.['linter']) ||
        (step.with?.['runner'] === 'django' ? 'manage.py test' : textOf(step.with?.['runner'])) ||
        'pytest',
      cwd: textOf(step.with?.['cwd']),
    },
  ],
  items: () => [],
  outputs: () => [],
  checks: pythonChecks,
};
export default python;

/** Parameters of `python/test` for the words of a command; what only changes the output is dropped. */
function withOf(words: readonly string[]): Record<string, unknown> | undefined {
  let rest = [...words];
  const coverage = rest[0] === 'coverage' && rest[1] === 'run';
  // What stands before the module or script is for the coverage.
  if (coverage) rest = rest.slice(rest.findIndex((word) => word === '-m' || word === 'manage.py'));
  if (/^(?:\S*\/)?python[\d.]*$/.test(rest[0] ?? '')) rest = rest.slice(1);
  if (rest[0] === '-m') rest = rest.slice(1);
  const [program = '', ...given] = rest;
  if (/^(?:\.\/)?manage\.py$/.test(program) && given[0] === 'test') {
    const args = given
      .slice(1)
      .filter((word) => !/^(?:-v\d?|--verbosity=\d|--no-?input|--noinput|--traceback)$/.test(word));
    return { runner: 'django', ...(args.length > 0 && { args }) };
  }
  if (program === 'tox') {
    const args = given[0] === 'run' || given[0] === 'r' ? given.slice(1) : given;
    // An environment called `coverage` most often puts together what others measured.
    return args.some((word) => /^(?:cov(?:erage)?\S*|p|run-parallel|-p|--parallel|list|l|config|c|--)$/.test(word))
      ? undefined
      : { runner: 'tox', ...(args.length > 0 && { args }) };
  }
  if (program === 'unittest') return { runner: 'unittest', ...(given.length > 0 && { args: given }) };
  if (program !== 'pytest' && program !== 'py.test') return undefined;
  if (
    given.some((word) => /^(?:--collect-only|--co|--version|--fixtures|--markers|--setup-plan|-h|--help)$/.test(word))
  )
    return undefined;
  const valued =
    /^(?:--cov|--cov-report|--cov-config|--junitxml|--junit-xml|--junit-prefix|--tb|--color|--durations|-r|--cov-fail-under|--cov-context)$/;
  const idle =
    /^(?:-[vqs]+|-r\w*|--verbose|--quiet|--tb=.*|--color=.*|--durations=.*|--junit-?xml=.*|--cov(?:-report|-append|-branch|-config|-context|-fail-under)?(?:=.*)?|--no-header|--no-summary|--show-capture=.*|--code-highlight=.*|--html=.*|--self-contained-html)$/;
  const args: string[] = [];
  for (let n = 0; n < given.length; n++) {
    const word = given[n] ?? '';
    const next = given[n + 1];
    if (valued.test(word)) {
      // `--cov tests`: what follows may be the folder of the tests.
      if (word !== '--cov' || (next !== undefined && !next.startsWith('-') && !/tests?(?:\/|$)/.test(next))) n++;
    } else if (!idle.test(word)) args.push(word);
  }
  return { ...(args.length > 0 && { args }) };
}
