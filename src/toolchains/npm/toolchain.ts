import { npmPrograms } from './programs.ts';
import { z } from 'zod';
import type { StepContext } from '../../core/step.ts';
import { jsonOf, listOf, objectOf, textOf, type JsonObject } from '../../formats/data/json-parts.ts';
import { howToInstall } from '../../formats/programs/how-to-install.ts';
import { parseShell } from '../../formats/programs/shell.ts';
import { testsOf, type CannotTest, type SharedParams, type TestCommand, type Toolchain } from '../contract.ts';
import { type ProjectTree } from '../drafted.ts';
import { lintFor } from '../lint-for.ts';
import { settingsAbove, settingsAtHome } from '../outside-settings.ts';
import { managerAt, managerIn } from './environment.ts';
import { npmLints } from './lints.ts';
import { packageManager, type PackageManager } from './package-manager.ts';
import { readScript, runnerOf, runners } from './runners.ts';
import { inFolder, upward } from '../../formats/data/paths.ts';

const params = {
  script: z.string().min(1).default('test').describe('the package script that runs the tests'),
  run: z.array(z.string()).min(1).optional().describe('the runner’s argv, instead of a script: [npx, vitest, run]'),
};
type Params = z.infer<z.ZodObject<typeof params>> & SharedParams;

/** The script itself, or the one that it is nothing else than a call of. */
function scriptOf(scripts: JsonObject, name: string): { name: string; runner?: string } {
  let [current, steps] = [name, 0];
  for (;;) {
    const { runner, calls } = readScript(textOf(scripts[current]));
    if (runner !== undefined) return { name: current, runner };
    if (calls === undefined || !(calls in scripts) || steps++ > 5) return { name };
    current = calls;
  }
}

const scriptArgv = ({ program }: PackageManager, script: string, args: readonly string[]): string[] =>
  program === 'npm'
    ? ['npm', 'run', '--silent', script, ...(args.length > 0 ? ['--', ...args] : [])]
    : [program, 'run', script, ...args];

async function command(
  p: Params,
  ctx: StepContext,
  out: { results: string; coverage: string | undefined },
): Promise<TestCommand | CannotTest> {
  const path = inFolder(p.cwd, 'package.json');
  if ((await ctx.files.kind(path)) !== 'file')
    return { missing: `${path} is not there`, remedy: 'give the folder of the package as cwd' };
  const manager = await managerIn(p.cwd, ctx);
  const scripts = objectOf(manager.manifest['scripts']);
  const text = textOf(scripts[p.script]);
  if (!p.run && (text === '' || /no test specified/.test(text)))
    return {
      missing:
        text === ''
          ? `${path} has no script ${p.script}`
          : `the script ${p.script} of ${path} says that there is no test`,
      remedy: 'name the script that runs the tests',
    };
  const needs = ['dependencies', 'devDependencies'].some(
    (key) => Object.keys(objectOf(manager.manifest[key])).length > 0,
  );
  if (needs && !(await isInstalled(p.cwd, ctx)))
    return {
      missing: `the packages of ${path} are not installed`,
      remedy: `run \`${manager.install}\``,
      packages: true,
    };
  const { name, runner: called } = p.run
    ? { name: '', runner: runnerOf(p.run.join(' ')) }
    : scriptOf(scripts, p.script);
  const runner = called === undefined ? undefined : runners[called];
  const env = { CI: 'true', NO_COLOR: '1', FORCE_COLOR: '0', ...p.env };
  if (!runner)
    return { argv: p.run ? [...p.run, ...p.args] : scriptArgv(manager, p.script, p.args), env, counted: true };
  const args = [
    ...p.args,
    ...runner.args(out.results),
    ...(out.coverage === undefined ? [] : (runner.coverage?.(out.coverage) ?? [])),
  ];
  const own = runner.env?.(out.results) ?? {};
  const outer = ctx.variables(/^NODE_OPTIONS$/)['NODE_OPTIONS'];
  const options = [p.env['NODE_OPTIONS'] ?? outer, own['NODE_OPTIONS']]
    .filter((one) => one !== undefined && one !== '')
    .join(' ');
  return {
    argv: p.run ? [...p.run, ...args] : scriptArgv(manager, name, args),
    env: { ...env, ...own, ...(options !== '' && { NODE_OPTIONS: options }) },
    ...(runner.printed === true && { printed: true }),
  };
}

async function isInstalled(folder: string, ctx: StepContext): Promise<boolean> {
  for (const one of upward(folder))
    for (const name of ['node_modules', '.pnp.cjs', '.pnp.js'])
      if ((await ctx.files.kind(inFolder(one, name))) !== 'missing') return true;
  return false;
}

/** Packages that a failure says are not there, by the names that imports have. */
function missingPackages(output: string): string[] {
  const found = [
    ...output.matchAll(
      /Cannot find (?:package|module) '([^'./][^']*)'|Failed to resolve import "([^"./][^"]*)"|Error: Cannot find dependency '([^']+)'|MISSING DEPENDENCY\s+Cannot find dependency '([^']+)'/g,
    ),
  ].map((match) => match.slice(1).find((one) => one !== undefined) ?? '');
  return [
    ...new Set(
      found
        .filter((name) => !/^(?:node:|file:|\/)/.test(name))
        .map((name) => /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name),
    ),
  ];
}

/**
 * May options of Node or mocha in a variable leave tests out? Code that they load may do anything; VS Code's own for its debugger is
 * in every terminal of it, and Yarn's own for Plug'n'Play in every script.
 */
const leavesOut = (name: string, value: string): boolean =>
  /^MOCHA_/i.test(name)
    ? /(?:^|\s)(?:-[fgir]\b|--(?:f?grep|invert|ignore|exclude|spec|config|package|opts|require|dry-run|file|extension))/.test(
        value,
      )
    : /--test-(?:name-pattern|skip-pattern|only|shard|isolation)|(?:^|\s)(?:-r|--(?:require|import|loader|experimental-loader))(?=[\s=])(?![\s=]+\S*(?:ms-vscode|\.pnp\.(?:c?js|loader\.mjs)["']?(?:\s|$)))/.test(
        value,
      );

const npm: Toolchain = {
  name: 'npm',
  title: 'JavaScript',
  manifests: /^package\.json$/,
  tools: [
    {
      name: 'npm',
      version: ['npm', '--version'],
      remedy:
        'install Node.js from https://nodejs.org, and the package manager that the project names (corepack enable)',
    },
  ],
  steps: { 'npm/test': 'test', 'npm/lint': 'lint' },
  lints: npmLints,
  results: ['**/junit.xml', '**/test-results/**/*.xml'],
  unasked: ['.npmrc', '.yarnrc.yml', 'pnpm-workspace.yaml'],
  programs: npmPrograms,
  ambient: {
    of: /^(?:\S*\/)?(?:node(?: -\S+)* --test|(?:npm|pnpm|yarn|bun)(?: run)? test|vitest|jest|mocha|ava|c8|nyc|tap|tape|jasmine|playwright)\b/,
    variables:
      /^(?:NODE_OPTIONS|NODE_ENV|npm_config_(?:ignore_scripts|script_shell|if_present)|VITEST_\w+|JEST_\w+|MOCHA_\w+)$/i,
    silences: (name, value) =>
      /^npm_config_(?:ignore_scripts|if_present)$/i.test(name)
        ? value === 'true'
        : /^npm_config_script_shell$/i.test(name)
          ? value !== ''
          : leavesOut(name, value),
    // npm hands the settings of the project's own file on to what npx starts.
    async ofTree(name, value, ctx, cwd) {
      const key = /^npm_config_(\w+)$/i.exec(name)?.[1]?.replaceAll('_', '-').toLowerCase();
      if (key === undefined) return false;
      const text = (await ctx.files.readIfThere(inFolder(cwd, '.npmrc'))) ?? '';
      return text.split('\n').some((line) => line.replace(/\s/g, '') === `${key}=${value}`);
    },
    async files(ctx, cwd) {
      const found: string[] = [];
      const options = /^\s*(?:node-options|script-shell)\s*=\s*(.*)$/m;
      for (const path of await settingsAtHome(ctx, ['.npmrc'], (text) => {
        const line = options.exec(text);
        return line !== null && (/script-shell/.test(line[0]) || leavesOut('NODE_OPTIONS', line[1] ?? ''));
      }))
        found.push(`${path}: npm starts scripts by it`);
      if (/\bmocha\b/.test((await ctx.files.readIfThere(inFolder(cwd, 'package.json'))) ?? '')) {
        const names = ['js', 'cjs', 'mjs', 'yaml', 'yml', 'jsonc', 'json'].map((ending) => `.mocharc.${ending}`);
        const { above } = await settingsAbove(ctx, cwd, names, () => true);
        if (above !== undefined) found.push(`${above}: mocha reads it, and it is not part of the tree`);
      }
      return found;
    },
  },
  tests: testsOf<Params>({
    params,
    summary: 'The tests of a JavaScript package pass, and at least the promised number of them was executed.',
    description: `Runs the package's \`test\` script (or another, or \`run\`) with the package manager that the project names (npm, pnpm, yarn, bun), and has the runner at its end write its results as JSON or JUnit XML: vitest, jest, mocha, node --test, ava, bun, Playwright. A script that comes to another runner, or in which something follows the runner, is run as it is, and what the runner prints at its end is counted; no names are known then.

\`coverage\` has vitest, jest and bun measure it (vitest needs @vitest/coverage-v8 or -istanbul). Packages that are not installed make the step inconclusive.`,
    example: `- id: unit-tests
  uses: npm/test
  with: { minimum: 100, coverage: { minimum: 80 } }`,
    plan: (p) =>
      [...(p.run ?? ['(npm, pnpm, yarn or bun)', 'run', p.script]), ...p.args, '(results as JSON or JUnit XML)'].join(
        ' ',
      ),
    starts: ({ cwd, run }, read) => run?.[0] ?? managerAt(cwd, read),
    command,
    async unprepared({ stdout, stderr, code }, p, ctx, broken) {
      const output = `${stderr}\n${stdout.slice(-200_000)}\n${broken}`;
      const { manifest, install } = await managerIn(p.cwd, ctx);
      const root = objectOf(jsonOf(await ctx.files.readIfThere('package.json')));
      const declared = (name: string): boolean =>
        [manifest, root].some((one) =>
          ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'].some(
            (key) => name in objectOf(one[key]),
          ),
        );
      const remedy = `run \`${install}\``;
      const gone = missingPackages(output).filter(declared);
      if (gone.length > 0)
        return { what: `packages that package.json names are not installed: ${gone.slice(0, 5).join(', ')}`, remedy };
      const program = /(?:^|[\s:])([\w.-]+): (?:command )?not found\b/m.exec(output)?.[1];
      if (code === 127 && program !== undefined) {
        const how = howToInstall(program);
        return { what: `${program} is not installed`, remedy: how === undefined ? remedy : `install it: ${how}` };
      }
      const provider = /(@vitest\/coverage-\w+)/.exec(output)?.[1];
      if (
        provider !== undefined &&
        /MISSING DEPENDENCY|Cannot find (?:dependency|package)|Failed to load/i.test(output)
      )
        return {
          what: `${provider}, with which vitest measures coverage, is not installed`,
          remedy: `add ${provider} to the development dependencies`,
        };
      return undefined;
    },
  }),
  stepFor: ({ words, starter, cwd }, tree) => {
    const found = withOf(words, cwd, tree) ?? runOf(words, starter);
    if (!found) return lintFor('npm', npmLints, lintWords(words, cwd, tree), cwd);
    return { id: 'test', uses: 'npm/test', with: { ...(cwd !== '' && { cwd }), ...found } };
  },
  covers: ({ with: given }) => {
    const run = listOf(given?.['run']).map(textOf);
    const runner = run.length === 0 || run[0] === 'bun' ? undefined : runnerOf(run.join(' '));
    return [
      {
        key: textOf(given?.['linter']) || (runner ?? `script:${textOf(given?.['script']) || 'test'}`),
        cwd: textOf(given?.['cwd']),
      },
    ];
  },
  items: () => [],
  outputs: () => [],
  checks: () => [],
};
export default npm;

/** The words of a linter's command, also where it is the whole of a package script. */
function lintWords(words: readonly string[], cwd: string, tree: ProjectTree): readonly string[] {
  const [program = '', first = '', second = '', ...more] = words;
  if (!['npm', 'pnpm', 'yarn', 'bun'].includes(program)) return words;
  const name = /^run(?:-script)?$/.test(first) ? second : first;
  const left = name === first ? [second, ...more].filter((word) => word !== '') : more;
  const scripts = objectOf(objectOf(jsonOf(tree.text(inFolder(cwd, 'package.json'))))['scripts']);
  // What runs before or after it by its name is part of it.
  if (left.length > 0 || `pre${name}` in scripts || `post${name}` in scripts) return [];
  const [only, ...others] = parseShell(textOf(scripts[name]));
  if (!only || others.length > 0 || only.piped || only.writes.length > 0) return [];
  const own = only.argv.map((word) => word.text);
  return own.some((word) => /[$*?{~]/.test(word)) || /["'`$]/.test(only.raw) ? [] : own;
}

/** Parameters for a command that is a known runner itself: `npx vitest run`, `bun test`. Where results go is the step's. */
function runOf(words: readonly string[], starter: string): Record<string, unknown> | undefined {
  const [program = ''] = words;
  if (
    runnerOf(words.join(' ')) === undefined ||
    words.some((word) => /[$*?~`]|^--?(?:reporter|outputFile|output-file|watch|w$|ui$)/.test(word))
  )
    return undefined;
  if (program === starter) return program === 'bun' ? { run: [...words] } : undefined;
  if (/^(?:npx|bunx)$/.test(starter)) return { run: [starter, ...words] };
  return /^(?:pnpm|yarn)$/.test(starter) ? { run: [starter, 'exec', ...words] } : undefined;
}

/** Parameters for a command that runs a script whose runner is known. */
function withOf(words: readonly string[], cwd: string, tree: ProjectTree): Record<string, unknown> | undefined {
  const manifest = objectOf(jsonOf(tree.text(inFolder(cwd, 'package.json'))));
  const scripts = objectOf(manifest['scripts']);
  const [program = '', first = ''] = words;
  if (!['npm', 'pnpm', 'yarn', 'bun'].includes(program) || (program === 'bun' && first === 'test')) return undefined;
  // CI may try several managers; the step takes the project's own.
  if (program !== packageManager(tree, cwd).program && program !== 'npm') return undefined;
  const at = /^run(?:-script)?$/.test(first) ? 2 : 1;
  const called = at === 1 && /^(?:t|tst)$/.test(first) ? 'test' : (words[at] ?? '');
  const name = measuredScript(scripts, called, cwd, tree) ?? called;
  if (!(name in scripts) || scriptOf(scripts, name).runner === undefined) return undefined;
  const args = words.slice(at + 1).filter((word, n) => !(n === 0 && word === '--'));
  return { ...(name !== 'test' && { script: name }), ...(args.length > 0 && { args }) };
}

/** The script whose coverage another one measures, and asserts nothing on it: the step of the tests names them, which this one hides. */
function measuredScript(scripts: JsonObject, name: string, cwd: string, tree: ProjectTree): string | undefined {
  const inner = /^(?:nyc|c8)\s[^&|;]*?\s(?:npm|pnpm|yarn|bun)(?: run(?:-script)?)? ([\w:.-]+)$/.exec(
    textOf(scripts[name]),
  )?.[1];
  const settings = ['package.json', '.nycrc', '.nycrc.json', '.nycrc.yml', '.nycrc.yaml', '.c8rc.json', '.c8rc'];
  const asserts = [textOf(scripts[name]), ...settings.map((file) => tree.text(inFolder(cwd, file)) ?? '')].some(
    (text) => /check-?coverage|--100\b/i.test(text),
  );
  return inner !== undefined && inner in scripts && !asserts ? inner : undefined;
}
