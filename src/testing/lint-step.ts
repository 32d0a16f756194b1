import { z } from 'zod';
import type { ExecResult, StepContext } from '../core/doors.ts';
import { defineStep, error, inconclusive, Judge, ownPath, type StepType } from '../core/step.ts';
import { readDiagnostics, readEslint, type Diagnostic } from '../formats/programs/diagnostics.ts';
import { inFolder, upward } from '../formats/data/paths.ts';
import { howToInstall } from '../formats/programs/how-to-install.ts';
import { missingTool } from '../formats/programs/missing-tool.ts';
import type { CannotTest, Linter, Lints, SharedParams, Toolchain } from '../toolchains/contract.ts';
import { outsideLinter } from '../toolchains/outside-settings.ts';
import { Places } from './places.ts';

type Params = SharedParams & { linter: string };

interface Observed {
  command: string;
  /** Why it could not be run. */
  cannot?: CannotTest;
  result?: Pick<ExecResult, 'code' | 'signal' | 'timedOut' | 'truncated'> & { tail: string };
  diagnostics: Diagnostic[];
  /** Files that it says it looked at. */
  files?: number;
  /** Settings from outside of the tree that it may go by. */
  outside: string[];
  /** Why it cannot fail. */
  mute?: string;
}

const problems = {
  lint: error('A linter finds something', 'correct the code, or allow it there with a reason'),
  'nothing-checked': error(
    'The linter looked at no file',
    'correct `cwd` and `args`, and what its configuration leaves out',
  ),
  'linter-failed': error('The linter could not check', 'read its output: most often its configuration is wrong'),
  'linter-missing': inconclusive(
    'The linter, or a package that it needs, is not installed',
    'install the packages of the project',
  ),
  silenced: inconclusive(
    'The linter cannot fail, or may follow settings that are not part of the repository',
    'take them away, or commit what is meant; a variable can be said under `env`',
  ),
  'output-cut': inconclusive('The output is too long to read in full', 'lint fewer files'),
} as const;

const linterOf = ({ linters }: Lints, name: string): Linter => {
  const one = linters[name];
  if (!one) throw new Error(`no linter ${name}`);
  return one;
};
const argvOf = (linter: Linter, args: readonly string[]): string[] => [
  ...linter.words,
  ...(linter.output ?? []),
  ...(args.length > 0 ? args : linter.all),
];

/** The step type `<toolchain>/lint` of a toolchain that has linters. @throws Error where it has none */
export function lintStep({
  name,
  title,
  lints,
}: Pick<Toolchain, 'name' | 'title' | 'lints'>): StepType<Params, Observed> {
  if (!lints) throw new Error(`${name} has no linters`);
  const names = Object.keys(lints.linters);
  return defineStep<Params, Observed>({
    kind: `${name}/lint`,
    summary: `A linter of ${title} finds nothing: ${names.join(', ')}.`,
    description: `Runs the linter as the project is set up for it, and reads what it says: each place is a finding. What it only warns of, with an exit code 0, is a warning. Caches go to folders outside of the repository.

That it looked at no file is an error, and so is an exit code without a finding. A linter that is not installed, and settings from outside of the repository that it may follow (a configuration above the target or in the home folder, variables), are inconclusive. ${Object.entries(
      lints.linters,
    )
      .map(([key, one]) => `\`${key}\` runs \`${argvOf(one, []).join(' ')}\``)
      .join(', ')}.`,
    example: lints.example,
    params: z.strictObject({
      linter: z.enum(names),
      cwd: ownPath.or(z.literal('')).default('').describe(`folder of the ${title} project, relative to the target`),
      env: z.record(z.string(), z.string()).default({}),
      args: z.array(z.string()).default([]).describe('words for the linter: what it is to look at, and options'),
    }),
    facts: { 'lint.findings': 'places that the linter names', 'lint.files': 'files that it says it looked at' },
    problems,
    timeout: '15m',
    leaves: 'nothing',
    plan: (p) => [argvOf(linterOf(lints, p.linter), p.args).join(' ')],
    title: (p) => `${p.linter}${p.cwd === '' ? '' : ` in ${p.cwd}`}`,
    gather: (p, ctx) => gather(p, lints, ctx),
    judge(p, { command, cannot, result, diagnostics, files, outside, mute }) {
      const j = new Judge(problems);
      if (cannot || !result)
        return j
          .find('linter-missing', cannot?.missing ?? `${p.linter} did not run`, { hint: cannot?.remedy ?? '' })
          .done();
      for (const one of outside) j.find('silenced', `${p.linter} may follow ${one}`, { subject: one });
      const weighing = result.code === 0 ? diagnostics.filter((one) => one.weighs).length : 0;
      if (mute !== undefined) j.find('silenced', `${p.linter} cannot fail: ${mute}`);
      else if (weighing > 0)
        j.find('silenced', `${p.linter} cannot fail: it names faults (${weighing}), and ended with 0`);
      if (result.truncated) j.find('output-cut', `${command} wrote more than is read`);
      j.fact('lint.findings', diagnostics.length);
      if (files !== undefined) j.fact('lint.files', files);
      // What it names with an exit code 0 is a warning of its own.
      for (const { file, line, col, text, weighs } of diagnostics)
        j.find('lint', text, {
          where: {
            file,
            ...(line !== undefined && line > 0 && { line }),
            ...(col !== undefined && col > 0 && { col }),
          },
          subject: file,
          ...((result.code === 0 || !weighs) && { level: 'warning' as const }),
        });
      const end = result.timedOut ? 'did not finish in time' : `exited with ${result.code ?? result.signal}`;
      if (files === 0) j.find('nothing-checked', `${command} looked at no file`, { detail: result.tail });
      else if (files === undefined && result.code === 0 && linterOf(lints, p.linter).tells === true)
        j.find('nothing-checked', `${command} ended with 0, and does not say at how many files it looked`, {
          level: 'inconclusive',
          detail: result.tail,
        });
      else if (result.code === 0)
        j.prove(
          `${command} ended with 0${files === undefined ? '' : `, over ${files} ${files === 1 ? 'file' : 'files'}`}`,
        );
      else if (!j.findings.some((one) => one.level === 'error'))
        j.find('linter-failed', `${command} ${end}`, {
          detail: result.tail,
          ...(result.timedOut && { level: 'inconclusive' as const }),
        });
      return j.done();
    },
  });
}

async function gather(p: Params, lints: Lints, ctx: StepContext): Promise<Observed> {
  const linter = linterOf(lints, p.linter);
  const own = argvOf(linter, p.args);
  const nothing = { command: own.join(' ').slice(0, 200), diagnostics: [], outside: [] };
  if (p.cwd !== '' && (await ctx.files.kind(p.cwd)) !== 'directory')
    return { ...nothing, cannot: { missing: `${p.cwd} is not there`, remedy: 'correct `cwd`' } };
  const [program = '', ...rest] = own;
  const starter = await lints.starter(program, p, ctx);
  if ('missing' in starter) return { ...nothing, cannot: starter };
  const result = await ctx.exec([...starter, ...rest], {
    env: { NO_COLOR: '1', FORCE_COLOR: '0', CI: 'true', ...linter.caches?.(ctx.evidence.scratch()), ...p.env },
    ...(p.cwd !== '' && { cwd: p.cwd }),
    name: p.linter,
    maxText: 64_000_000,
    onLine: ctx.progress,
  });
  const output = `${result.stdout}\n${result.stderr}`;
  const gone = result.notStarted === undefined ? missingTool(result) : starter[0];
  if (gone !== undefined) {
    const known = await lints.unprepared(`command not found: ${gone}`, p, ctx);
    const remedy = known?.remedy ?? `install ${gone}${inWords(gone)}, or add its folder to PATH`;
    return { ...nothing, cannot: { missing: `${gone} is not installed`, remedy } };
  }
  const unprepared = result.code === 0 ? undefined : await lints.unprepared(output, p, ctx);
  if (unprepared) return { ...nothing, cannot: unprepared };
  const places = new Places((await ctx.tree()).paths, ctx.target, p.cwd);
  const {
    diagnostics,
    paths = [],
    files = await countFiles(linter, result, [...starter, ...rest], p, ctx),
  } = read(linter, result);
  return {
    command: nothing.command,
    result: {
      code: result.code,
      signal: result.signal,
      timedOut: result.timedOut,
      truncated: result.truncated,
      tail: output.trim().slice(-2000),
    },
    diagnostics: diagnostics.flatMap((one) => {
      const file = places.resolve(one.file, '');
      return file === undefined ? [] : [{ ...one, file }];
    }),
    ...(files !== undefined && { files }),
    outside: await outsideLinter(linter, p, ctx),
    ...(result.code === 0 && (await whyMute(linter, starter, [...starter, ...rest], paths, p, ctx))),
  };
}

/** Why it would end with 0 whatever it saw: what it is told, how it is set up, or since it names no fault of a text that has one. */
async function whyMute(
  { words, output = [], mutes, settings, blank, configs, control }: Linter,
  starter: readonly string[],
  argv: readonly string[],
  paths: readonly string[],
  p: Params,
  ctx: StepContext,
): Promise<{ mute?: string }> {
  const said = mutes?.exec(` ${p.args.join(' ')} `)?.[0].trim();
  if (said !== undefined) return { mute: `the checklist hands it ${said}` };
  const ask = (words: string[], cwd: string, name: string, env?: Record<string, string>): Promise<ExecResult> =>
    ctx.exec(words, {
      env: { NO_COLOR: '1', ...p.env, ...env },
      ...(cwd !== '' && { cwd }),
      name: `${p.linter}-${name}`,
      readsOnly: true,
    });
  for (const path of blank ? upward(p.cwd).flatMap((folder) => configs.map((name) => inFolder(folder, name))) : []) {
    const text = await ctx.files.readIfThere(path);
    if (text === undefined) continue;
    const set = blank?.exec(text)?.[0].trim().replace(/\s+/g, ' ');
    if (set !== undefined) return { mute: `${path} leaves nothing to be found: ${set}` };
    break;
  }
  if (settings?.ofFile !== undefined) {
    // Files of each ending, and in several places: they may be set up differently.
    const own = paths.filter((path) => !/(?:^|[/\\.])[\w-]*(?:config|rc)\.\w+$/.test(path));
    const some = Object.values(Object.groupBy(own, (path) => path.replace(/^.*\./, ''))).flatMap((all = []) => [
      all[0],
      all.at(-1),
      all[all.length >> 1],
    ]);
    let blind = some.length > 0;
    for (const path of new Set(some.flatMap((one) => one ?? [])))
      blind &&= settings.mute.test((await ask([...starter, ...settings.words, path], p.cwd, 'settings')).stdout);
    if (blind) return { mute: `it is set up with ${settings.ofFile}` };
  } else if (settings) {
    const set = settings.mute.exec((await ask([...argv, ...settings.words], p.cwd, 'settings')).stdout)?.[0];
    if (set !== undefined) return { mute: `it is set up with ${set}` };
  }
  if (!control) return {};
  const folder = ctx.evidence.scratch(control.files);
  const { look } = control;
  const own = [...starter, ...words.slice(1), ...output];
  const seen =
    look === undefined
      ? await ask(own, folder, 'control', control.env)
      : await ask([...own, `${folder}/${look}`], p.cwd, 'control');
  return seen.code !== 0 && control.says.test(`${seen.stdout}${seen.stderr}`)
    ? {}
    : { mute: 'it ends with 0, or names nothing, where a file is broken' };
}

function read(
  linter: Linter,
  { stdout, stderr }: ExecResult,
): { diagnostics: Diagnostic[]; files?: number; paths?: string[] } {
  const output = `${stdout}\n${stderr}`;
  // Without JSON it says in words why.
  if (linter.json === true) return readEslint(stdout) ?? { diagnostics: [] };
  const looked = linter.looked?.exec(output);
  return { diagnostics: readDiagnostics(output), ...(looked && { files: Number(looked.slice(1).find(Boolean) ?? 0) }) };
}

/** Asks the linter which files it looked at, where it found nothing and did not say it. */
async function countFiles(
  { listed }: Linter,
  { code }: ExecResult,
  argv: readonly string[],
  p: Params,
  ctx: StepContext,
): Promise<number | undefined> {
  if (!listed || code !== 0) return undefined;
  const answer = await ctx.exec([...argv, ...listed.words], {
    env: { NO_COLOR: '1', ...p.env },
    ...(p.cwd !== '' && { cwd: p.cwd }),
    name: `${p.linter}-files`,
    readsOnly: true,
    maxText: 64_000_000,
  });
  if (answer.code !== 0 || answer.truncated) return undefined;
  const lines = answer.stdout.split('\n').filter((line) => line.trim() !== '');
  // Something else than a list of files tells nothing.
  return lines.every((line) => line.startsWith('/'))
    ? lines.filter((line) => listed.file.test(line.trim())).length
    : undefined;
}

const inWords = (program: string): string => {
  const how = howToInstall(program);
  return how === undefined ? '' : ` (${how})`;
};
