import { z } from 'zod';
import { leftFindings } from '../../formats/programs/left-behind.ts';
import { cargo, cargoError, cargoParams, cargoSelection, selectionFlags } from '../../toolchains/cargo/parameters.ts';
import { cargoTool } from '../../toolchains/cargo/tools.ts';
import type { ExecResult, StepContext } from '../../core/doors.ts';
import { defineStep, error, inconclusive, Judge, note, warning } from '../../core/step.ts';
import { ambientSettings, type Setting } from '../../toolchains/cargo/ambient.ts';
import { buildFromTree, foldersOf, workspaceOf, type Workspace } from '../../toolchains/cargo/built-from.ts';
import { isUnfetched, type TestCounts } from '../../toolchains/cargo/output.ts';
import { countTests, listedIn, unharnessedIn } from '../../toolchains/cargo/suites.ts';
import { tomlOf } from '../../formats/data/toml.ts';

const params = z.strictObject({
  ...cargoParams,
  ...cargoSelection,
  allTargets: z.boolean().default(false).describe('--all-targets leaves doc tests out and runs benches as tests'),
  allFeatures: z.boolean().default(false),
  release: z.boolean().default(false),
  filter: z.string().optional().describe('only tests whose name contains this'),
  minimum: z.int().min(1).default(1).describe('tests that must have been executed and passed'),
  maxIgnored: z
    .int()
    .min(0)
    .optional()
    .describe('ignored tests that are accepted at most; default any, named in the report'),
});
type Params = z.infer<typeof params>;

interface Observed {
  result: ExecResult;
  counts: TestCounts;
  settings: Setting[];
}

const problems = {
  'test-failed': error('A test fails', 'read its output in the evidence'),
  'too-few-tests': error(
    'Fewer tests were executed than promised',
    'a filter, a cfg or a removed file leaves tests out; `cargo test` of nothing exits 0',
  ),
  'process-left': error('A test left a process running', 'wait for it or end it in what started it'),
  'not-countable': inconclusive(
    'It cannot be told how many tests were executed',
    'give a `minimum` that the suites of libtest reach by themselves; take a runner out of the environment or the configuration',
  ),
  settings: note(
    'A setting from outside of the checklist changes how the tests are built',
    'check that it is intended',
  ),
  'too-many-ignored': error(
    'More tests are ignored than accepted',
    'take #[ignore] away, or raise maxIgnored knowingly',
  ),
  ignored: warning('Tests are ignored', 'set maxIgnored to accept them knowingly'),
  'does-not-compile': error('The tests do not compile', 'read the diagnostics'),
  'cargo-failed': error('cargo test failed for another reason', 'read its output in the evidence'),
  'cargo-missing': inconclusive('cargo is not there', 'install Rust from https://rustup.rs'),
  'dependencies-missing': inconclusive(
    'Dependencies could not be fetched',
    'check the network, or run `cargo fetch` before',
  ),
  'not-ended': inconclusive('The tests did not finish in time', 'raise the timeout, or find the test that hangs'),
} as const;

const argv = (p: Params): string[] => [
  ...cargo(p.toolchain),
  'test',
  '--manifest-path',
  p.manifest,
  ...selectionFlags(p),
  ...(p.release ? ['--release'] : []),
  '--no-fail-fast',
  ...(p.filter === undefined ? [] : ['--', p.filter]),
];

export default defineStep<Params, Observed>({
  kind: 'cargo/test',
  summary: 'The tests pass, and at least the promised number of them was executed.',
  description: `Runs \`cargo test --workspace --no-fail-fast\` and counts from the \`test result:\` line of every suite that cargo announced: what a test prints itself, or a program that it starts, is not a suite. \`cargo test\` exits 0 where a filter or a missing file leaves no test to run, so a count below \`minimum\` fails. Suites with \`harness = false\` and those behind a \`runner\` count nothing: where they would be needed for \`minimum\`, the step is inconclusive.

Where the build folder was filled from another tree, or by somebody else since, the members of the workspace are built anew: cargo goes by times, and a restored cache or a checkout that keeps times would have old code tested.`,
  example: `- id: tests
  uses: cargo/test
  with: { minimum: 40 }`,
  params,
  facts: {
    'tests.passed': 'tests that passed',
    'tests.failed': 'tests that failed',
    'tests.ignored': 'tests that are ignored',
    'tests.suites': 'test binaries and doc test suites',
  },
  problems,
  timeout: '20m',
  requires: () => [cargoTool],
  locks: () => ['cargo-target'],
  plan: (p) => [`${argv(p).join(' ')}   (at least ${p.minimum} executed)`],
  leaves: 'nothing',
  async gather(p, ctx) {
    const workspace = await workspaceOf(p, ctx);
    const leaveMark = workspace && (await buildFromTree(p, workspace, ctx));
    const result = await ctx.exec(argv(p), {
      env: { RUST_BACKTRACE: '0', ...p.env, ...plainTerminal },
      name: 'cargo-test',
      tellsLeft: 'end',
      maxText: 64_000_000,
      onLine: ctx.progress,
    });
    await leaveMark?.();
    const counts = countTests(result.stdout, result.stderr, await unharnessed(workspace, ctx));
    if (result.code === 0 && !counts.certain) {
      const list = await ctx.exec([...argv(p), ...(p.filter === undefined ? ['--'] : []), '--list'], {
        env: { ...p.env, ...plainTerminal },
        name: 'cargo-test-list',
        maxText: 64_000_000,
      });
      const listed = list.code === 0 ? listedIn(list.stdout) : undefined;
      if (listed !== undefined) counts.listed = listed;
    }
    const settings = await ambientSettings(ctx, p.env, workspace ? foldersOf(workspace).manifests : []);
    return {
      result: { ...result, stdout: result.stdout.slice(-20_000), stderr: result.stderr.slice(-20_000) },
      counts,
      settings: settings.filter((one) => ['flags', 'runner', 'program', 'wrapper'].includes(one.what)),
    };
  },
  judge(p, { result, counts, settings }) {
    const j = new Judge(problems);
    if (result.notStarted !== undefined) return j.find('cargo-missing', `cargo: ${result.notStarted}`).done();
    j.fact('tests.passed', counts.passed)
      .fact('tests.failed', counts.failed)
      .fact('tests.ignored', counts.ignored)
      .fact('tests.suites', counts.suites);
    for (const failure of counts.failures) {
      j.find('test-failed', `${failure.name} fails`, {
        subject: failure.name,
        ...(failure.where && { where: failure.where }),
        detail: outputOf(result.stdout, failure.name),
      });
    }
    if (result.timedOut)
      return j
        .find(
          'not-ended',
          `cargo test was stopped after ${Math.round(result.durationMs / 1000)} s, ${counts.passed} tests had passed`,
        )
        .done();
    if (counts.failed > counts.failures.length)
      j.find('test-failed', `${counts.failed - counts.failures.length} more tests fail`);
    for (const { message, options } of leftFindings('cargo test', result.left))
      j.find('process-left', message, options);
    for (const { text, from } of settings) j.find('settings', `${from}: ${text}`, { subject: text });
    const doubt = result.code === 0 ? whyUncounted(counts, settings, p.minimum) : undefined;
    if (doubt !== undefined) j.find('not-countable', doubt, { where: { file: p.manifest } });
    else if (result.code === 0 && counts.failed === 0) {
      j.check(
        counts.passed >= p.minimum,
        `${counts.passed} tests in ${counts.suites} suites were executed and passed (expected at least ${p.minimum})`,
        'too-few-tests',
        `${counts.passed} tests passed, expected at least ${p.minimum}${counts.filtered > 0 ? `; ${counts.filtered} were filtered out` : ''}`,
        { where: { file: p.manifest } },
      );
    } else if (counts.failed === 0) {
      const why = cargoError(result.stderr);
      const code = /could not compile/.test(result.stderr)
        ? 'does-not-compile'
        : isUnfetched(result.stderr)
          ? 'dependencies-missing'
          : 'cargo-failed';
      j.find(code, `cargo test exited with ${result.code ?? result.signal}: ${why}`, {
        where: place(result.stderr) ?? { file: p.manifest },
        detail: why,
      });
    }
    if (p.maxIgnored !== undefined) {
      j.check(
        counts.ignored <= p.maxIgnored,
        `${counts.ignored} tests are ignored, at most ${p.maxIgnored} accepted`,
        'too-many-ignored',
        `${counts.ignored} tests are ignored: ${counts.ignoredNames.slice(0, 5).join(', ')}`,
      );
    } else if (counts.ignored > 0)
      j.find('ignored', `${counts.ignored} tests are ignored: ${counts.ignoredNames.slice(0, 5).join(', ')}`);
    return j.done();
  },
});

/** What cargo is to print, whatever the environment says. */
const plainTerminal = { CARGO_TERM_QUIET: 'false', CARGO_TERM_VERBOSE: 'false', CARGO_TERM_COLOR: 'never' };

async function unharnessed(workspace: Workspace | undefined, ctx: StepContext): Promise<string[]> {
  const found: string[] = [];
  for (const { manifest_path: path } of workspace?.packages ?? [])
    found.push(...unharnessedIn(tomlOf(await ctx.files.readIfThere(path)) ?? {}));
  return found;
}

/** Why the counts do not tell whether the minimum was reached; undefined where they do. */
function whyUncounted(counts: TestCounts, settings: readonly Setting[], minimum: number): string | undefined {
  const runner = settings.find((one) => one.what === 'runner');
  if (runner) return `the tests ran behind a runner (${runner.from}: ${runner.text}), whose output counts nothing`;
  const { unended = 0, unharnessed: own } = counts;
  if (unended > own.length)
    return `cargo test exited with 0, and ${unended === 1 ? 'a suite' : `${unended} suites`} with tests began and said no result: a test ended the process (std::process::exit)`;
  if (!counts.certain && (counts.listed === undefined || counts.passed > counts.listed))
    return `${counts.passed} tests are said to have passed in ${counts.suites} suites, and cargo announced ${counts.announced} suites${counts.listed === undefined ? '' : ` with ${counts.listed} tests`}: some lines are those of a program that a test started`;
  if (counts.passed < minimum && counts.unharnessed.length > 0)
    return `${counts.passed} tests passed, expected at least ${minimum}; ${counts.unharnessed.join(', ')} (harness = false) cannot be counted`;
  return undefined;
}

/** What libtest prints of one failing test, from its `---- NAME stdout ----` on. */
function outputOf(stdout: string, name: string): string {
  const from = stdout.indexOf(`---- ${name} stdout ----`);
  if (from < 0) return '';
  const next = stdout.indexOf('\n---- ', from + 5);
  return stdout.slice(from, next < 0 ? from + 2000 : Math.min(next, from + 2000)).trim();
}

function place(stderr: string): { file: string; line: number; col: number } | undefined {
  const match = /^\s*--> ([^\s:]+):(\d+):(\d+)/m.exec(stderr);
  return match?.[1] === undefined ? undefined : { file: match[1], line: Number(match[2]), col: Number(match[3]) };
}
