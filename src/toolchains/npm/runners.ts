import { parseShell } from '../../formats/programs/shell.ts';

/** A test runner of Node’s world: how it is told to write its results, and its coverage, elsewhere. */
interface NodeRunner {
  /** Matches the words of a command from the runner on. */
  command: RegExp;
  /** Words that make it something else than a run of tests. */
  not?: RegExp;
  args: (results: string) => string[];
  env?: (results: string) => Record<string, string>;
  /** It prints its results. */
  printed?: boolean;
  coverage?: (folder: string) => string[];
}

/** Sources: the runners’ own manuals and `--help` (vitest 5, jest 30, mocha 11, node 24, bun 1.2, playwright 1.50, ava 6). */
export const runners: Readonly<Record<string, NodeRunner>> = {
  vitest: {
    command: /^vitest(?: |$)/,
    not: /^vitest (?:bench|list|init|typecheck)\b| --typecheck\.only/,
    args: (results) => ['--run', '--reporter=json', `--outputFile.json=${results}/vitest.json`],
    coverage: (folder) => [
      '--coverage.enabled=true',
      '--coverage.reporter=lcovonly',
      `--coverage.reportsDirectory=${folder}`,
      '--coverage.reportOnFailure=true',
    ],
  },
  jest: {
    command: /^(?:jest|react-scripts test|craco test)(?: |$)/,
    not: / --(?:listTests|showConfig|watch)\b/,
    args: (results) => ['--watchAll=false', '--json', `--outputFile=${results}/jest.json`],
    coverage: (folder) => ['--coverage', '--coverageReporters=lcovonly', `--coverageDirectory=${folder}`],
  },
  mocha: {
    command: /^_?mocha(?: |$)/,
    not: / --(?:watch|dry-run)\b| -w\b/,
    args: (results) => ['--reporter=json', `--reporter-option=output=${results}/mocha.json`],
  },
  node: {
    command: /^node (?:.* )?--test(?: |$)/,
    not: / --watch\b/,
    // Its options must stand before the files, where nothing can be put from outside.
    args: () => [],
    env: (results) => ({
      NODE_OPTIONS: `--test-reporter=junit --test-reporter-destination="${results}/node.xml" --test-reporter=spec --test-reporter-destination=stdout`,
    }),
  },
  ava: { command: /^ava(?: |$)/, not: / (?:-w|--watch|debug)\b/, args: () => ['--tap'], printed: true },
  bun: {
    command: /^bun test(?: |$)/,
    args: (results) => ['--reporter=junit', `--reporter-outfile=${results}/bun.xml`],
    coverage: (folder) => ['--coverage', '--coverage-reporter=lcov', `--coverage-dir=${folder}`],
  },
  playwright: {
    command: /^playwright test(?: |$)/,
    not: / --(?:list|ui)\b/,
    args: () => ['--reporter=junit'],
    env: (results) => ({
      PLAYWRIGHT_JUNIT_OUTPUT_FILE: `${results}/playwright.xml`,
      PLAYWRIGHT_JUNIT_OUTPUT_NAME: `${results}/playwright.xml`,
    }),
  },
};

/** Programs that only start another one, with their own options. */
const starters =
  /^(?:(?:\w+=\S*|cross-env(?:-shell)?|env|npx(?: --?[\w-]+)*|bunx|pnpm exec|yarn exec|npm exec(?: --)?|dotenv(?: -\S+ \S+)*(?: --)?|(?:c8|nyc)(?: --?[\w-]+(?:=\S+)?(?: (?:text|lcov|html|json)\b)?)*|time|node(?: --[\w-]+(?:=\S+)?)*(?= \S*(?:node_modules|\/bin\/))) )+/;

/** The runner that a command’s words come to. */
export function runnerOf(words: string): string | undefined {
  const bare = words.replace(starters, '').replace(/^\S*\/(?:\.bin\/)?([\w-]+)(?:\.[cm]?js)?(?= |$)/, '$1');
  return Object.entries(runners).find(([, one]) => one.command.test(bare) && one.not?.test(bare) !== true)?.[0];
}

/** A package script: the runner that further words would reach, or the other script that it is nothing else than a call of. */
export function readScript(text: string): { runner?: string; calls?: string } {
  const commands = parseShell(text);
  const last = commands.at(-1);
  if (!last || last.piped || last.writes.length > 0) return {};
  const words = last.argv
    .slice(last.argv.findIndex((word) => !/^\w+=/.test(word.text)))
    .map((word) => word.text)
    .join(' ');
  const call = /^(?:npm(?= test$)|npm run(?:-script)?|pnpm(?: run)?|yarn(?: run)?|bun run) ([\w:.-]+)$/.exec(
    words,
  )?.[1];
  if (call !== undefined && commands.length === 1) return { calls: call };
  // Further words stand at the end of the whole text.
  if (!text.trimEnd().endsWith(last.raw.trimEnd())) return {};
  const runner = runnerOf(words);
  return runner === undefined ? {} : { runner };
}
