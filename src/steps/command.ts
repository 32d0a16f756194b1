import { z } from 'zod';
import { missingTool } from '../formats/programs/missing-tool.ts';
import { Judge } from '../core/judgement.ts';
import { sayTreeChanges, type TreeChanges } from '../core/tree-change.ts';
import { defineStep, type EntryKind, type ExecResult, type StepContext } from '../core/step.ts';
import { holdJson, JsonAssertion } from '../formats/data/json-assertions.ts';

const Argv = z.array(z.string()).min(1).describe('literal argv: no shell, no expansion');
const Pattern = z.string().refine(
  (text) => {
    try {
      return new RegExp(text, 'm') instanceof RegExp;
    } catch {
      return false;
    }
  },
  { error: 'not a regular expression' },
);

const Expect = z
  .strictObject({
    exit: z.int().min(0).max(255).default(0).describe('the exit code'),
    stdout: z
      .strictObject({
        contains: z.array(z.string().min(1)).default([]),
        matches: z.array(Pattern).default([]).describe('regular expressions, ^ and $ at line ends'),
        lacks: z.array(z.string().min(1)).default([]),
        empty: z.boolean().optional(),
        json: z.array(JsonAssertion).min(1).optional().describe('assertions over the output as one JSON document'),
        jsonLines: z
          .array(JsonAssertion)
          .min(1)
          .optional()
          .describe('assertions over the list of the JSON objects of the output, one a line: `$[*].level`'),
      })
      .optional(),
    stderr: z
      .strictObject({
        contains: z.array(z.string().min(1)).default([]),
        lacks: z.array(z.string().min(1)).default([]),
        empty: z.boolean().optional(),
      })
      .optional(),
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
      .array(z.string().min(1))
      .default([])
      .describe('files of the target that must be there, not empty, and written by this run'),
    tree: z
      .enum(['unchanged', 'may-change'])
      .default('unchanged')
      .describe('the tracked files of the target must be as before; may-change lets the command write them'),
    control: z
      .strictObject({ ...Run, exit: z.int().optional().describe('the exit code; default any but the expected one') })
      .optional()
      .describe('the same check where it must fail: proves that the command can fail at all'),
  })
  .refine((p) => (p.run === undefined) !== (p.shell === undefined), { error: 'give either run or shell' })
  .refine((p) => !p.control || (p.control.run === undefined) !== (p.control.shell === undefined), {
    error: 'control: give either run or shell',
  });
type Params = z.infer<typeof params>;

interface Observed {
  main: ExecResult;
  /** Tracked files that changed meanwhile, and how, where git can say. */
  tree?: TreeChanges;
  control?: ExecResult;
  produced: { path: string; kind: string; bytes: number; fresh: boolean }[];
}

const problems = {
  'not-started': {
    level: 'inconclusive',
    title: 'The command could not be started',
    hint: 'install the program, or correct its name or the working directory',
  },
  'exit-code': {
    level: 'error',
    title: 'The command ended with another exit code',
    hint: 'read its output in the evidence',
  },
  'killed-by-signal': {
    level: 'error',
    title: 'The command was killed by a signal',
    hint: 'read its output in the evidence; out of memory is a common cause of SIGKILL',
  },
  'timed-out': {
    level: 'inconclusive',
    title: 'The command did not end in time',
    hint: 'raise the timeout, or find out what it waits for',
  },
  output: { level: 'error', title: 'The output is not as expected', hint: 'read it in the evidence' },
  'output-cut': {
    level: 'inconclusive',
    title: 'The output was too long to be judged whole',
    hint: 'make the command print less, or assert on a file',
  },
  'not-produced': {
    level: 'error',
    title: 'A file that the command promises is not there',
    hint: 'see whether the command still writes it',
  },
  'stale-product': {
    level: 'error',
    title: 'A promised file is older than this run',
    hint: 'remove it before, and see whether the command writes it at all',
  },
  'not-json': {
    level: 'error',
    title: 'The output is no JSON',
    hint: 'read it in the evidence; a banner before the JSON is a common cause',
  },
  'tree-changed': {
    level: 'error',
    title: 'The command changed tracked files',
    hint: 'a check must not write: use its --check form, write to an ignored folder, or say `tree: may-change`',
  },
  'control-passed': {
    level: 'error',
    title: 'The negative control passed: the command cannot fail',
    hint: 'a check that passes where it must fail proves nothing; repair the command',
  },
} as const;

const shellArgv = (script: string): string[] => ['bash', '-euo', 'pipefail', '-c', script];
const argvOf = (p: { run?: string[] | undefined; shell?: string | undefined }): string[] =>
  p.run ?? shellArgv(p.shell ?? '');

const show = (result: ExecResult): string => {
  const text = `${result.stdout}\n${result.stderr}`.trim();
  return text.length > 1500 ? `…${text.slice(-1500)}` : text;
};

export default defineStep<Params, Observed>({
  kind: 'command',
  summary: 'A command ends as it should: exit code, output, files that it writes.',
  description: `Runs an argv as it stands (or, with \`shell\`, a bash script under \`-euo pipefail\`). The process gets an own group, an stdin that is at its end, and a time limit after which its whole tree is ended. An exit by a signal is a failure; so is an exit code other than the expected one.

The tracked files of the target must be as they were before (\`tree: unchanged\`): what the command changed is a finding with the diff. Files are compared by size and times first, then by content; one that was written again with the same content is unchanged. Where the target is no git repository, every file that was there when the run began counts as tracked, but for \`produces\`, the checklist's \`outputs\` and folders such as target/ and node_modules/. Where another step or a program of the stack ran at the same moment, nobody can say whose change it was: inconclusive.

A command of which only the exit code is asserted is *weak evidence*, and the report says so: give \`expect.stdout\`, \`produces\`, or a negative \`control\`, the same check where it must fail.`,
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
  problems,
  timeout: '5m',
  requires: (p) => (p.shell !== undefined || p.control?.shell !== undefined ? ['bash'] : []),
  plan: (p) => [argvOf(p).join(' '), ...(p.control ? [`${argvOf(p.control).join(' ')}   (must fail)`] : [])],
  title: (p) => p.run?.join(' ') ?? p.shell ?? '',
  weak: (p) =>
    p.control === undefined && p.expect.stdout === undefined && p.expect.stderr === undefined && p.produces.length === 0
      ? 'nothing but the exit code is asserted, and no control shows that it can fail'
      : undefined,
  async gather(p, ctx) {
    const options = { env: p.env, ...(p.cwd !== undefined && { cwd: p.cwd }) };
    const before = await Promise.all(p.produces.map((path) => stampOf(path, ctx)));
    const main = await ctx.exec(argvOf(p), {
      ...options,
      ...(p.input !== undefined && { input: p.input }),
      name: 'command',
      onLine: ctx.progress,
    });
    const control =
      p.control && (await ctx.exec(argvOf(p.control), { ...options, name: 'control', onLine: ctx.progress }));
    const produced = await Promise.all(
      p.produces.map(async (path, n) => {
        const { kind, modified } = await stampOf(path, ctx);
        const bytes = modified === undefined ? 0 : await ctx.files.size(path);
        return { path, kind, bytes, fresh: modified !== before[n]?.modified };
      }),
    );
    const tree = p.tree === 'unchanged' ? await treeOf(p, ctx) : undefined;
    return { main, produced, ...(control && { control }), ...(tree && { tree }) };
  },
  judge(p, { main, control, produced, tree }) {
    const j = new Judge(problems);
    const command = p.run?.join(' ') ?? 'the script';
    if (main.notStarted !== undefined) return j.find('not-started', `${command}: ${main.notStarted}`).done();
    for (const { message, options } of tree ? sayTreeChanges(tree) : []) j.find('tree-changed', message, options);
    const detail = show(main);
    const ended = `${command} was ended after ${Math.round(main.durationMs)} ms`;
    if (main.timedOut) return j.find('timed-out', ended, { detail }).done();
    const killed = `${command} was killed by ${main.signal ?? 'an unknown signal'}`;
    if (main.code === null) return j.find('killed-by-signal', killed, { detail }).done();
    const missing = main.code === p.expect.exit ? undefined : missingTool(main);
    if (missing !== undefined)
      return j.find('not-started', `${command}: ${missing} is not on this machine`, { detail }).done();
    j.fact('command.exit', main.code);
    j.check(
      main.code === p.expect.exit,
      `${command} exited with ${main.code}`,
      'exit-code',
      `${command} exited with ${main.code}, expected ${p.expect.exit}`,
      { detail },
    );
    for (const stream of ['stdout', 'stderr'] as const) {
      const expected = p.expect[stream];
      if (!expected) continue;
      if (main.truncated) j.find('output-cut', `${stream} is longer than what is judged`);
      const text = main[stream];
      const say = (holds: boolean, what: string): void => {
        j.check(holds, `${stream} ${what}`, 'output', `${stream} does not hold: ${what}`, { detail });
      };
      for (const part of expected.contains) say(text.includes(part), `contains ${JSON.stringify(part)}`);
      for (const part of expected.lacks) say(!text.includes(part), `lacks ${JSON.stringify(part)}`);
      if (expected.empty !== undefined)
        say((text.trim() === '') === expected.empty, expected.empty ? 'is empty' : 'is not empty');
      if ('matches' in expected)
        for (const pattern of expected.matches) say(new RegExp(pattern, 'm').test(text), `matches /${pattern}/`);
    }
    if (p.expect.stdout) judgeJson(j, p.expect.stdout, main);
    for (const file of produced) {
      if (file.kind === 'missing' || file.kind === 'symlink')
        j.find('not-produced', `${file.path} is not there`, { where: { file: file.path } });
      else if (file.kind === 'file' && file.bytes === 0)
        j.find('not-produced', `${file.path} is empty`, { where: { file: file.path } });
      else
        j.check(
          file.fresh,
          `${file.path} was written (${file.bytes} bytes)`,
          'stale-product',
          `${file.path} was not written by this run`,
          { where: { file: file.path } },
        );
    }
    if (control) {
      const failed =
        control.notStarted === undefined &&
        !control.timedOut &&
        control.code !== null &&
        (p.control?.exit === undefined ? control.code !== p.expect.exit : control.code === p.control.exit);
      if (control.notStarted !== undefined) j.find('not-started', `control: ${control.notStarted}`);
      else if (control.timedOut) j.find('timed-out', 'the control did not end in time');
      else
        j.check(
          failed,
          `the control failed as it must (exit ${control.code})`,
          'control-passed',
          `the control exited with ${control.code ?? control.signal}`,
          { detail: show(control) },
        );
    }
    return j.done();
  },
});

async function stampOf(path: string, ctx: StepContext): Promise<{ kind: EntryKind; modified?: number }> {
  const kind = await ctx.files.kind(path);
  return kind === 'file' || kind === 'directory' ? { kind, modified: await ctx.files.modifiedAt(path) } : { kind };
}

async function treeOf(p: Params, ctx: StepContext): Promise<TreeChanges> {
  const changes = ctx.treeChanges();
  if (changes.length === 0) return { changes, diff: '' };
  const paths = changes.slice(0, 50).map((one) => one.path);
  const diff = await ctx.exec(['git', 'diff', '--no-color', '--no-ext-diff', '--', ...paths], {
    name: 'tree-diff',
    maxText: 20_000,
  });
  // Without git nobody can say which files are sources and which are what the command is there to write.
  return diff.code === 0
    ? { changes, diff: diff.stdout }
    : { changes: changes.filter((one) => !p.produces.some((path) => `${one.path}/`.startsWith(`${path}/`))), diff: '' };
}

function judgeJson(
  j: Judge<typeof problems>,
  { json, jsonLines }: NonNullable<Params['expect']['stdout']>,
  { stdout, truncated }: ExecResult,
): void {
  if (truncated) return;
  for (const [assertions, text] of [
    [json, stdout],
    // Lines that are no objects are progress, warnings and the like.
    [
      jsonLines,
      `[${stdout
        .split('\n')
        .filter((line) => line.trimStart().startsWith('{'))
        .join(',')}]`,
    ],
  ] as const) {
    if (!assertions) continue;
    let document: unknown;
    try {
      document = JSON.parse(text);
    } catch (error) {
      j.find('not-json', `stdout does not parse: ${(error as Error).message}`, { detail: stdout.slice(0, 1500) });
      continue;
    }
    for (const { holds, text, subject } of holdJson(document, assertions))
      j.check(holds, text, 'output', text, { subject, detail: stdout.slice(0, 1500) });
  }
}
