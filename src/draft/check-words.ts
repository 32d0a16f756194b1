import { optionValues } from '../formats/programs/option-values.ts';
import { programOf } from '../toolchains/programs.ts';
import { plainWords, proof, provesByName, type Proof, type Proves } from '../toolchains/program-words.ts';
import { isHarmless } from './commands.ts';

/** A command that checks the project, as it would be run. */
export interface Check {
  proves: Proves;
  /** The program and what of it is run, by which two places that run the same are known: `pytest`, `script:lint`. */
  key: string;
  run?: string[];
  shell?: string;
  cwd: string;
  env: Record<string, string>;
  /** `FILE:LINE` or FILE. */
  from: string;
  note?: string;
  /** The key of what a script runs, where that is one command. */
  runs?: string;
}

/** Programs that run another one, with the number of their own words before it. */
const runners: readonly [first: string, second: string | undefined][] = [
  ['uv', 'run'],
  ['poetry', 'run'],
  ['pdm', 'run'],
  ['hatch', 'run'],
  ['pipenv', 'run'],
  ['rye', 'run'],
  ['pixi', 'run'],
  ['uvx', undefined],
  ['pipx', 'run'],
  ['npx', undefined],
  ['bunx', undefined],
  ['pnpm', 'exec'],
  ['pnpm', 'dlx'],
  ['yarn', 'exec'],
  ['yarn', 'dlx'],
  ['npm', 'exec'],
  ['bundle', 'exec'],
  ['nx-cloud', 'record'],
  ['xvfb-run', undefined],
  ['time', undefined],
  ['sudo', undefined],
  ['env', undefined],
];
/** Options of those programs that are followed by a value. */
const valued = /^(?:--with|--with-requirements|--extra|--group|--python|-p|--package|--project|--directory|-c|--from)$/;

/** The words of the program that is run in the end: `uv run --frozen pytest -q` is `pytest -q`. */
export function innerWords(words: readonly string[]): readonly string[] {
  const runner = runners.find(([first, second]) => words[0] === first && (second === undefined || words[1] === second));
  if (!runner) {
    // `yarn jest`, `pnpm turbo lint`: no script, but a program of the packages.
    if (/^(?:yarn|pnpm)$/.test(words[0] ?? '') && isPackagesProgram(words[1] ?? '')) return innerWords(words.slice(1));
    const inner = words[0] === 'nix' ? words.findIndex((word) => word === '--command' || word === '-c') : -1;
    return inner < 0 || inner + 1 >= words.length ? words : innerWords(words.slice(inner + 1));
  }
  let at = runner[1] === undefined ? 1 : 2;
  while (at < words.length && (words[at]?.startsWith('-') === true || /^\w+=/.test(words[at] ?? '')))
    at += valued.test(words[at] ?? '') ? 2 : 1;
  return at >= words.length ? words : innerWords(words.slice(at));
}

const tests = new Set(
  'pytest py.test tox nox jest vitest mocha ava tap karma ctest rspec phpunit pest bats gotestsum nosetests trial stestr busted ward'.split(
    ' ',
  ),
);
const ends = new Set('playwright cypress wdio testcafe nightwatch'.split(' '));
const types = new Set('mypy pyright basedpyright tsc vue-tsc pytype pyre svelte-check ty'.split(' '));
const lints = new Set(
  'ruff flake8 pylint bandit isort eslint oxlint biome stylelint golangci-lint staticcheck govulncheck shellcheck hadolint actionlint yamllint markdownlint markdownlint-cli2 promtool amtool codespell typos pre-commit prek kubeconform kubeval kube-linter rubocop interrogate djlint vulture deptry xo standard go-licenses knip tflint zizmor buf sqlfluff pydocstyle'.split(
    ' ',
  ),
);
/** Formatters: they write unless they are told only to look. */
const formatters = new Set('black prettier gofmt gofumpt rustfmt dprint yapf shfmt ruff biome isort'.split(' '));
const isPackagesProgram = (name: string): boolean =>
  /^(?:turbo|nx|nx-cloud|manypkg)$/.test(name) ||
  [tests, ends, types, lints, formatters].some((programs) => programs.has(name));
const onlyLooks = /^(?:--check|--check-only|-c|-l|-d|--list-different|--diff|check|lint|ci)$/;

/** tox and nox only install, list or show with these. */
const onlyPrepares =
  /^(?:--notest|--install-only|--collect-only|--co|--list|--listenvs|--list-sessions|-l|--version|--showconfig)$/;

/** What the environments of tox, or the sessions of nox, are there for, by their names; tests where none says another thing. */
function provesByEnvironment(program: string, words: readonly string[]): Proof | undefined {
  const given = optionValues(words, ['-e', '-s', '--session', '--sessions', '--env']).flatMap((one) => one.split(','));
  if (given.length > 0 && given.every((one) => /^(?:dev|develop|devenv|venv|shell)$/.test(one))) return undefined;
  const names = given.filter((one) => !/^(?:py|pypy|graalpy)?[\d.]*t?$/.test(one));
  const others = names.map((name) => (/^docs?\b|^build|^pkg|^package/.test(name) ? 'build' : provesByName(name)));
  const [first] = others;
  // Of several the one that shows most decides.
  const proves = names.length === 0 || others.some((one) => one === 'test' || one === undefined) ? 'test' : first;
  return { proves: proves ?? 'test', key: names.length === 0 ? program : `${program}:${names.join(' ')}` };
}

/** What a command proves, and by which key it is known; undefined where it proves nothing that is known here. */
export function provesOf(given: readonly string[]): Proof | undefined {
  const words = innerWords(given);
  const [path = '', first = '', second = ''] = words;
  const program = path.replace(/^.*\//, '');
  if (/^python[\d.]*$/.test(program) && /^-\w*m$/.test(first)) {
    if (second === 'unittest') return proof('test', 'unittest');
    return second === 'build' ? proof('build', 'python-build') : provesOf(words.slice(2));
  }
  if (/^(?:python[\d.]*|coverage)$/.test(program)) {
    const at = words.findIndex((word) => word.endsWith('manage.py'));
    if (at >= 0) return words[at + 1] === 'test' ? proof('test', 'manage.py test') : undefined;
    return program === 'coverage' && first === 'run' ? proof('test', 'pytest') : undefined;
  }
  if (formatters.has(program) && /^(?:ruff|biome)$/.test(program) && first === 'format')
    return words.some((word) => onlyLooks.test(word)) ? proof('lint', `${program} format`) : undefined;
  if (formatters.has(program) && !lints.has(program))
    return words.some((word) => onlyLooks.test(word)) ? proof('lint', program) : undefined;
  if (tests.has(program) && words.some((word) => onlyPrepares.test(word))) return undefined;
  if (program === 'tox' || program === 'nox') return provesByEnvironment(program, words);
  if (tests.has(program)) return proof('test', program);
  if (ends.has(program)) return /^(?:install|open)$/.test(first) ? undefined : proof('e2e', program);
  if (types.has(program)) return proof('types', program);
  if (lints.has(program)) return /^(?:install|--version|cache)$/.test(first) ? undefined : proof('lint', program);
  return provesBySubcommand(program, words) ?? provesByOwnScript(given, words);
}

/** Scripts of Python projects, called by their name: `pdm run lint`, `hatch run test:cov`, `poe check`. */
function provesByOwnScript(
  [manager = '']: readonly string[],
  [program = '', first = '']: readonly string[],
): Proof | undefined {
  const name = program === 'poe' ? first : /^(?:pdm|hatch|rye|pixi)$/.test(manager) ? program : '';
  return proof(provesByName(name), `script:${name}`);
}

/** What a program of many subcommands proves by the one that is called. */
function provesBySubcommand(program: string, words: readonly string[]): Proof | undefined {
  const [path = '', first = ''] = words;
  const own = programOf(program)?.proves;
  if (own) return own(words);
  switch (program) {
    case 'make':
    case 'gmake':
    case 'just':
    case 'task': {
      const targets = plainWords(words);
      return proof(
        targets.map(provesByName).find((one) => one !== undefined),
        `${program}:${targets.join(' ')}`,
      );
    }
    case 'helm':
      return /^(?:lint|template|unittest)$/.test(first) ? proof('lint', `helm ${first}`) : undefined;
    case 'ct':
      return first === 'lint' ? proof('lint', 'ct lint') : undefined;
    case 'terraform':
      return first === 'validate' ? proof('lint', 'terraform validate') : undefined;
    case 'composer':
      return proof(
        provesByName(/^run(?:-script)?$/.test(first) ? (words[2] ?? '') : first),
        `composer ${plainWords(words).join(' ')}`,
      );
    case 'mix':
    case 'swift':
    case 'rake':
    case 'zig':
    case 'flutter':
      return proof(provesByName(first), `${program} ${first}`);
    case 'bash':
    case 'sh':
      return proof(provesByName(first.replace(/^.*\//, '').replace(/\.\w+$/, '')), first);
    default:
      // A program that is told only to look: `cog --check README.md`.
      if (words.some((word) => /^--check(?:=|$)/.test(word)) && !program.includes('.'))
        return proof('lint', `${program} --check`);
      return /\.(?:sh|bash|py|ps1)$/.test(program)
        ? proof(provesByName(program.replace(/\.\w+$/, '')), path)
        : undefined;
  }
}

/** Why a command that checks is not drafted: it does more than check. Undefined where it may run. */
export function whyNotRun(words: readonly string[]): string | undefined {
  const inner = innerWords(words);
  if (words.includes('sudo')) return 'it runs as root';
  if (words.some((word) => /^(?:--fix|--write|--in-place|--apply|-w)$/.test(word))) return 'it writes';
  const known = provesOf(words);
  // A program that is made for checking is harmless; a script or target must be so by its name.
  if (known && !/^(?:script|make|gmake|just|task):|\//.test(known.key)) return undefined;
  return isHarmless({ words: inner }) || (known && known.key.startsWith('script:') && !isRisky(known.key))
    ? undefined
    : 'it is not known to be harmless';
}
const isRisky = (name: string): boolean => /deploy|publish|push|release|prod|live|remote|migrat|seed/i.test(name);
