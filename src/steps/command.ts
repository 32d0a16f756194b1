import { z } from 'zod';
import { problems } from '../formats/programs/command-problems.ts';
import { leftFindings } from '../formats/programs/left-behind.ts';
import { missingTool } from '../formats/programs/missing-tool.ts';
import { hintFor } from '../formats/programs/how-to-install.ts';
import { judgeControl, shownOf } from '../formats/programs/command-control.ts';
import { unreached } from '../formats/programs/unreached.ts';
import { type Followed, weakControl } from '../formats/test-runners/followed.ts';
import { notFoundFindings } from '../formats/test-runners/not-found.ts';
import { countNamed, heldAgainstExit, namedRunners } from '../formats/test-runners/judge-output.ts';
import { afterProduct, beforeProduct, type Product } from '../repository/products.ts';
import { treeDiff } from '../repository/tree-diff.ts';
import { ranCommands } from '../repository/ran-commands.ts';
import { bash } from '../toolchains/tools.ts';
import { sayTreeChanges, type TreeChanges } from '../core/tree-change.ts';
import { FactName } from '../core/own-judgement.ts';
import { pathIntoRun } from '../core/run-name.ts';
import { entries } from '../core/words.ts';
import { defineStep, Judge, ownPath, type ExecResult, type StepContext } from '../core/step.ts';
import { NamedFact } from '../formats/data/named-facts.ts';
import { holdText, measure, TextAssertions } from '../formats/programs/command-texts.ts';
import { bindCommands } from '../toolchains/bind-commands.ts';
import type { Bound } from '../toolchains/contract.ts';

const Argv = z.array(z.string()).min(1).describe('literal argv: no shell, no expansion');
const Expect = z
  .strictObject({
    exit: z.int().min(0).max(255).default(0).describe('the exit code'),
    stdout: TextAssertions.optional(),
    stderr: TextAssertions.optional(),
    files: z
      .record(ownPath, TextAssertions)
      .default({})
      .describe('path → what the file holds: one that the command writes in this run, or one of the verified tree'),
  })
  .prefault({});

const Run = {
  run: Argv.optional(),
  shell: z.string().min(1).optional().describe('a script for bash -euo pipefail, instead of run'),
};

const params = z
  .strictObject({
    ...Run,
    cwd: z.string().optional().describe('relative to the target'),
    env: z.record(z.string(), z.string()).default({}),
    input: z.string().optional().describe('text for stdin; otherwise stdin is at its end'),
    expect: Expect,
    produces: z
      .array(ownPath)
      .default([])
      .describe(
        'files of the target that must be there, not empty, and written by this run; of a folder, a file in it',
      ),
    facts: z
      .record(FactName, NamedFact)
      .default({})
      .describe(
        'name → where its value stands, by JSON path or regular expression: shown in the report, `${{ facts.NAME }}` for later steps, tied to documents by docs/claims',
      ),
    tree: z
      .enum(['unchanged', 'may-change'])
      .default('unchanged')
      .describe('the tracked files of the target must be as before; may-change lets the command write them'),
    background: z.boolean().default(false).describe('it may leave processes running; they are ended with the run'),
    tests: z
      .enum(['counted', 'ignored'])
      .default('counted')
      .describe(
        'what a known test runner prints at its end is judged: no test executed, or some that failed; ignored leaves that to the exit code',
      ),
    control: z
      .strictObject({ ...Run, exit: z.int().optional().describe('the exit code; default any but the expected one') })
      .optional()
      .describe('the same check where it must fail: proves that the command can fail at all'),
  })
  .refine((p) => (p.run === undefined) !== (p.shell === undefined), { error: 'give either run or shell' })
  .refine((p) => !Object.hasOwn(p.facts, 'command.exit'), { error: 'command.exit is measured anyway', path: ['facts'] })
  .refine((p) => !p.control || (p.control.run === undefined) !== (p.control.shell === undefined), {
    error: 'control: give either run or shell',
  })
  .refine((p) => p.control?.exit !== p.expect.exit || p.control === undefined, {
    error: 'the control must fail: give another exit code than the one that the command must have',
    path: ['control', 'exit'],
  });
type Params = z.infer<typeof params>;

interface Observed {
  main: ExecResult;
  /** Tracked files that changed meanwhile, and how, where git can say. */
  tree?: TreeChanges;
  control?: ExecResult;
  produced: Product[];
  /** Files that are asserted on or measured: their text, or why it is not judged. */
  texts?: { path: string; text?: string; tooLarge?: number; missing?: boolean }[];
  /** The simple commands that it comes to. */
  commands: Followed[];
  /** What may keep a tool silent that it calls. */
  silenced?: Bound['silenced'];
}

const shellArgv = (script: string): string[] => ['bash', '-euo', 'pipefail', '-c', script];
const argvOf = (p: { run?: string[] | undefined; shell?: string | undefined }): string[] =>
  p.run ?? shellArgv(p.shell ?? '');

export default defineStep<Params, Observed>({
  kind: 'command',
  summary: 'A command ends as it should: exit code, output, files that it writes.',
  description: `Runs an argv as it stands (or, with \`shell\`, a bash script under \`-euo pipefail\`). The process gets an own group, an stdin that is at its end, and a time limit after which its whole tree is ended. An exit by a signal is a failure; so is an exit code other than the expected one.

The tracked files of the target must be as they were before (\`tree: unchanged\`): what the command changed is a finding with the diff. Files are compared by size and times first, then by content; one that was written again with the same content is unchanged. Where the target is not a git repository, every file that was there when the run began counts as tracked, but for \`produces\`, the checklist's \`outputs\` and folders such as target/ and node_modules/. Where another step or a program of the stack ran at the same moment, nobody can say whose change it was: inconclusive.

What the common test runners print at their end is read (go, cargo, pytest, unittest, jest, vitest, mocha, node, TAP, Maven, Gradle, JUnit, PHPUnit, RSpec, minitest, dotnet, CTest, deno, bun, Playwright, GoogleTest, Catch2, swift, ExUnit, Robot Framework, behave, Cucumber, dart, AVA, Bazel, sbt, zig, Ginkgo, Karma, Jasmine, busted, meson, pre-commit and more; of linters, formatters and compilers what they say where they found something): a runner that executed no test, or counts that say failed beside an exit code that says passed, is an error. The message says how the exit code was lost: \`|| true\`, a pipe without \`pipefail\`, a function in a condition, \`-\` in a Makefile, a substitution, \`find -exec\`. A runner is judged where the command, or a shell script, package script, Makefile or justfile that it calls, names it; otherwise only the last line of the output is. \`tests: ignored\` leaves it to the exit code.

Where it calls cargo, what holds for cargo's own steps holds too: members of a workspace whose build folder was filled from another tree are built anew, and settings from outside that silence clippy or rustfmt make the step inconclusive. So do settings that may have another runner or linter leave something out: variables such as \`PYTEST_ADDOPTS\`, \`GOFLAGS\` and \`NODE_OPTIONS\`, and configurations above the target or in the home folder.

A program that could not fetch what it judges by (the database of govulncheck, trivy, \`npm audit\`, pip-audit or cargo-deny, the packages of a build) judged nothing: inconclusive, with what it said of the network.

A \`control\` must fail as a check fails: where it is not found, cannot be executed, is killed, breaks off with an error of the shell, lacks a module or does not know its own options, it proves nothing and the step is inconclusive.

A process that still runs when the command has ended is an error, and is ended; \`background: true\` allows it until the end of the run. Daemons of known build tools are a note.

A product must be a regular file of the target (or a folder with one), no link, and written by this run: what only got a new time is stale. Whether a program wrote the same bytes again into the same file cannot always be told from a new time alone: where the command calls \`touch\` for it, it is stale, else the proof says that its bytes are the same.

\`facts\` names values: exactly one match, of the type that is said, else it is a finding, never an empty value. A file that \`facts\` or \`expect.files\` read must be of the verified tree, or written by this run as a product is; a text of another run is stale.

A command of which only the exit code is asserted is *weak evidence*, and the summary says so: give \`expect.stdout\`, \`produces\`, or a negative \`control\`, the same check where it must fail. A test runner's counts are an assertion.`,
  example: `- id: server-status
  uses: command
  with:
    run: [./target/release/engram, status, --json]
    expect:
      stdout: { contains: ['"status":"ok"'] }
    control:
      run: [./target/release/engram, status, --json, --url, "http://127.0.0.1:1"]`,
  params,
  facts: { 'command.exit': 'exit code' },
  yields: (p) => Object.fromEntries(Object.keys(p.facts).map((name) => [name, 'a value that the checklist names'])),
  problems,
  timeout: '5m',
  locks: (p) => (/\b(?:cargo|make|just)\b/.test(scriptText(p)) ? ['cargo-target'] : []),
  requires: (p) => (p.shell !== undefined || p.control?.shell !== undefined ? [bash] : []),
  plan: (p) => [argvOf(p).join(' '), ...(p.control ? [`${argvOf(p.control).join(' ')}   (must fail)`] : [])],
  title: (p) => p.run?.join(' ') ?? p.shell ?? '',
  weak(p, observed) {
    const { stdout, stderr } = p.expect;
    if (stdout !== undefined || stderr !== undefined || p.produces.length > 0 || readsOf(p).length > 0)
      return undefined;
    if (Object.keys(p.facts).length > 0) return undefined;
    if (
      observed &&
      p.tests === 'counted' &&
      countNamed(namedRunners(observed.commands), streamsOf(observed.main)).some((one) => one.executed > 0)
    )
      return undefined;
    if (p.control) return weakControl(scriptText(p), scriptText(p.control));
    const lost = observed?.commands.find((one) => one.lost !== undefined && !one.asked);
    if (!lost) return 'nothing but the exit code is asserted, and no control shows that it can fail';
    const place = lost.file === undefined ? '' : `${lost.file}:${lost.line}: `;
    return `nothing but the exit code is asserted, and it is not the one of what runs: ${place}\`${lost.text}\`: ${lost.lost}`;
  },
  async gather(p, ctx) {
    const options = { env: p.env, ...(p.cwd !== undefined && { cwd: p.cwd }) };
    const reads = readsOf(p);
    const written = [...new Set([...p.produces, ...reads.filter((path) => !ctx.ofTree(path))])];
    const before = await Promise.all(written.map((path) => beforeProduct(path, ctx.files)));
    const commands = await ranCommands(argvOf(p), p.shell, p.cwd ?? '.', ctx.files);
    const cwd = p.cwd === undefined ? {} : { at: p.cwd };
    const bound = await bindCommands(
      commands.map((one) => ({ ...cwd, ...one })),
      p.env,
      ctx,
    );
    const began = ctx.now();
    const main = await ctx.exec(argvOf(p), {
      ...options,
      ...(p.input !== undefined && { input: p.input }),
      name: 'command',
      tellsLeft: p.background ? 'keep' : 'end',
      onLine: ctx.progress,
    });
    const produced: Product[] = [];
    for (const [n, path] of written.entries()) {
      const was = before[n];
      if (was) produced.push(await afterProduct(path, was, began - clockStep, ctx.files));
    }
    const texts = await Promise.all(reads.map((path) => textOf(path, ctx)));
    const control =
      p.control &&
      (await ctx.exec(argvOf(p.control), { ...options, name: 'control', tellsLeft: 'end', onLine: ctx.progress }));
    await bound.ended();
    const tree = p.tree === 'unchanged' ? await treeDiff(ctx, p.produces) : undefined;
    return {
      main,
      produced,
      commands,
      ...(bound.silenced.length > 0 && { silenced: bound.silenced }),
      ...(reads.length > 0 && { texts }),
      ...(control && { control }),
      ...(tree && { tree }),
    };
  },
  judge(p, observed) {
    const { main, control, produced, tree } = observed;
    const j = new Judge(problems);
    const command = p.run?.join(' ') ?? 'the script';
    if (main.notStarted !== undefined)
      return j.find('not-started', `${command}: ${notStarted(main)}`, hintFor(main.argv[0])).done();
    for (const { message, options } of tree ? sayTreeChanges(tree) : []) j.find('tree-changed', message, options);
    const detail = shownOf(main);
    const ended = `${command} was stopped after ${Math.round(main.durationMs)} ms`;
    if (main.timedOut) return j.find('timed-out', ended, { detail }).done();
    const killed = `${command} was killed by ${main.signal ?? 'an unknown signal'}`;
    if (main.code === null) return j.find('killed-by-signal', killed, { detail }).done();
    const missing = main.code === p.expect.exit ? undefined : missingTool(main);
    if (missing !== undefined)
      return j
        .find('not-started', `${command}: ${missing} is not on this machine`, { detail, ...hintFor(missing) })
        .done();
    const left = [...leftFindings('the command', main.left), ...leftFindings('the control', control?.left)];
    for (const { message, options } of p.background ? [] : left) j.find('process-left', message, options);
    j.fact('command.exit', main.code);
    const ok = main.code === p.expect.exit;
    const unfetched = ok || p.expect.exit !== 0 ? undefined : notFetched(main, p, observed.commands);
    if (unfetched !== undefined)
      return j.find('not-reached', `${command} could not fetch what it needs: ${unfetched}`, { detail }).done();
    j.check(
      ok,
      `${command} exited with ${main.code}`,
      'exit-code',
      `${command} exited with ${main.code}, expected ${p.expect.exit}`,
      {
        detail,
        ...(pathIntoRun.test(main.stdout + main.stderr) && {
          hint: 'it read the reports of earlier runs: leave their folder out of what it reads (biome: files.includes, prettier: .prettierignore), or read its output in the evidence',
        }),
      },
    );
    for (const stream of ['stdout', 'stderr'] as const) {
      const expected = p.expect[stream];
      // The finding of a wrong exit code shows it all already.
      if (expected) holdText(j, stream, main[stream], expected, { cut: main.truncated, ...(ok && { detail }) });
    }
    // A product that is wrong (missing, stale, a link) is not read as if it were right.
    const wrongFiles = new Set(produced.flatMap(({ path, wrong }) => (wrong ? [path] : [])));
    const texts = new Map<string, string>();
    for (const { path, text, tooLarge, missing } of observed.texts ?? []) {
      if (wrongFiles.has(path)) continue;
      const about = { where: { file: path }, subject: path };
      if (missing === true) j.find('not-produced', `${path} is not there`, about);
      else if (text === undefined) j.find('file-cut', `${path} has ${tooLarge} bytes, more than are judged`, about);
      else texts.set(path, text);
    }
    for (const [path, expected] of entries(p.expect.files)) {
      const text = texts.get(path);
      if (text !== undefined)
        holdText(j, path, text, expected, { cut: false, detail: text.slice(0, 1500), file: path });
    }
    measure(j, p.facts, main, texts);
    for (const { path, bytes, files, wrong, same } of produced) {
      const about = { where: { file: path }, subject: path };
      const touched = same === true ? observed.commands.find(({ text }) => touches(text, path)) : undefined;
      if (wrong) j.find(wrong.code, wrong.text, about);
      else if (touched)
        j.find('stale-product', `${path} holds what it held before, and \`${touched.text}\` sets its time`, about);
      else if (same === true) j.prove(`${path} has a new time and the same ${bytes} bytes as before`);
      else j.prove(`${path} was written (${files === undefined ? '' : `${files} files, `}${bytes} bytes)`);
    }
    if (p.tests === 'counted' && p.expect.exit === 0 && main.code === 0) {
      const { proofs, findings } = heldAgainstExit(observed.commands, streamsOf(main), (text) => asksFor(p, text));
      for (const proof of proofs) j.prove(proof);
      for (const { code, message, where, subject, level } of findings)
        j.find(code, message, { where, subject, detail, ...(level && { level }) });
    }
    for (const { message, options } of ok ? notFoundFindings(observed.commands, main.stderr) : [])
      j.find('inside-not-found', message, options);
    for (const { message, file } of observed.silenced ?? [])
      j.find('silenced', message, { subject: message, ...(file !== undefined && { where: { file } }) });
    if (control && p.control)
      judgeControl(j, { exit: p.expect.exit, wanted: p.control.exit, script: scriptText(p.control) }, control);
    return j.done();
  },
});

/** Bytes of a file that is asserted on. */
const maxText = 4_000_000;

/** The files that are asserted on or measured. */
const readsOf = (p: Params): string[] => [
  ...new Set([
    ...Object.keys(p.expect.files),
    ...Object.values(p.facts).flatMap(({ file }) => (file === undefined ? [] : [file])),
  ]),
];

async function textOf(path: string, { files }: StepContext): Promise<NonNullable<Observed['texts']>[number]> {
  const { kind, bytes } = await files.stamp(path);
  if (kind !== 'file') return { path, missing: true };
  return bytes > maxText ? { path, tooLarge: bytes } : { path, text: await files.read(path) };
}

/** Milliseconds that a file's time may lag behind the clock: the kernel stamps files with its tick. */
const clockStep = 20;

/** Does the command give the file a new time? One whose words are not all known may. */
const touches = (text: string, path: string): boolean =>
  /^(?:\S*\/)?touch\s/.test(text) && (text.includes(path.split('/').at(-1) ?? path) || /[$*?{`]/.test(text));

const notStarted = ({ argv: [program = ''], notStarted: why = '' }: ExecResult): string =>
  why === 'not found' && !program.includes('/') ? `${program} is not on this machine` : why;

/** What it could not fetch, where no test failed beside it. */
const notFetched = (
  main: ExecResult,
  p: Params | Params['control'],
  commands: Observed['commands'],
): string | undefined =>
  countNamed(namedRunners(commands), streamsOf(main)).some((one) => one.failed > 0)
    ? undefined
    : unreached(main, [scriptText(p ?? {}), ...commands.map(({ text }) => text)]);

const streamsOf = (main: ExecResult): string[] => (main.truncated ? [] : [main.stdout, main.stderr]);
const scriptText = (p: { run?: string[] | undefined; shell?: string | undefined }): string =>
  p.shell ?? (p.run ?? []).join(' ');

/** Does the checklist itself ask for this text? */
const asksFor = (p: Params, text: string): boolean =>
  (p.expect.stdout?.contains.some((part) => text.includes(part)) ?? false) ||
  (p.expect.stderr?.contains.some((part) => text.includes(part)) ?? false) ||
  (p.expect.stdout?.matches.some((pattern) => new RegExp(pattern, 'm').test(text)) ?? false);
