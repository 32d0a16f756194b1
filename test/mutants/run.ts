/**
 * The project's measure of itself: applies each defect of defects/ to a copy of the sample target, or of yard/ with what the sample
 * does not have, runs the step that must catch it through the real command line, and the whole checklists on the healthy copies,
 * which must have no finding. What asks a program that is not on this machine is left out, and said.
 *
 * Usage: npm run mutants [-- part of a name, or a step…] [-- 2/8: the second of eight parts]. Prints `caught N of N, false alarms 0` last; exits with 1 otherwise.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { parse } from 'yaml';
import { RunRecord } from '../../src/core/record.ts';
import { checklistOf, type Mutant } from './mutant.ts';

const root = join(import.meta.dirname, '..', '..');
const targets = { engram: join(root, 'examples', 'engram'), yard: join(import.meta.dirname, 'yard') } as const;
type Target = keyof typeof targets;
/** Steps of the yard that need a program which few machines have. */
const programs: Readonly<Record<string, string>> = { chart: 'helm', conform: 'kubeconform', dockerfile: 'hadolint' };
const isHere = (step: string): boolean =>
  programs[step] === undefined || spawnSync(programs[step], ['--version']).error === undefined;
const scratch = mkdtempSync(join(tmpdir(), 'verify-mutants-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

/** A copy that is used again and again, so that cargo builds what has changed only. */
class Copy {
  readonly folder: string;
  readonly target: Target;
  constructor(target: Target, n: number) {
    const folder = targets[target];
    this.target = target;
    this.folder = join(scratch, `${target}-${n}`);
    cpSync(folder, this.folder, {
      recursive: true,
      preserveTimestamps: true,
      filter: (path) => !(basename(path) === 'target' && dirname(path) === folder),
    });
    const git = (...args: string[]): unknown => execFileSync('git', ['-C', this.folder, ...args]);
    if (target !== 'yard') return;
    git('init', '-q');
    git('add', '.');
    git('-c', 'user.name=a', '-c', 'user.email=a@example.org', 'commit', '-qm', 'Release 1.2.0');
    git('tag', 'v1.2.0');
  }

  /** Applies the edits; returns what puts them right again. @throws where a text that is to be replaced is not there */
  apply(edits: Mutant['edits']): () => void {
    const before = Object.keys(edits).map((file) => [file, readIf(join(this.folder, file))] as const);
    for (const [file, edit] of Object.entries(edits)) {
      const path = join(this.folder, file);
      if (edit === null) rmSync(path);
      else if (typeof edit === 'string') {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, edit);
      } else {
        let text = readFileSync(path, 'utf8');
        for (const [from, to] of edit) {
          if (!text.includes(from)) throw new Error(`${file} does not hold ${JSON.stringify(from)}`);
          text = text.replace(from, () => to);
        }
        writeFileSync(path, text);
      }
    }
    return () => {
      for (const [file, text] of before) {
        const path = join(this.folder, file);
        if (text === undefined) rmSync(path, { force: true });
        else {
          mkdirSync(dirname(path), { recursive: true });
          writeFileSync(path, text);
        }
      }
    };
  }
}

const readIf = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

async function verify({ target, folder }: Copy, reports: string, args: readonly string[]): Promise<RunRecord> {
  const milestone = target === 'yard' ? 'yard' : 'milestone-16';
  // The record of a run that did not come about must not be that of the one before.
  rmSync(join(reports, milestone, 'latest'), { force: true });
  const own = target === 'yard' ? [] : ['--driver', 'processes', '--target', folder];
  const child = spawn(
    process.execPath,
    [join(root, 'bin', 'verify.js'), milestone, '--reports', reports, '--no-ask', '--ui', 'plain', ...own, ...args],
    { cwd: target === 'yard' ? folder : root, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let text = '';
  child.stdout.on('data', (part: Buffer) => (text += part.toString()));
  child.stderr.on('data', (part: Buffer) => (text += part.toString()));
  await new Promise((done) => child.once('close', done));
  const record = readIf(join(reports, milestone, 'latest', 'record.json'));
  if (record === undefined) throw new Error(`no record:\n${text.slice(-2000)}`);
  return RunRecord.parse(JSON.parse(record));
}

const weighs = (steps: RunRecord['steps']): string[] =>
  steps.flatMap((step) =>
    step.findings.filter((f) => f.level !== 'note').map((f) => `${step.id}: ${f.code}: ${f.message}`),
  );

/** Is code changed that is built? Where it does not come up, nothing else can be seen. */
const isBuilt = ({ edits }: Mutant): boolean => Object.keys(edits).some((file) => /\.rs$|Cargo|toolchain/.test(file));

const checklist = parse(readFileSync(join(root, checklistOf(undefined)), 'utf8')) as {
  items: { steps: { id: string; needs?: string[] }[] }[];
};
const needs = new Map(checklist.items.flatMap((item) => item.steps).map((step) => [step.id, step.needs ?? []]));
const asksStack = (step: string): boolean => step === 'stack' || (needs.get(step) ?? []).some(asksStack);

/**
 * Defects that one run can show: of one target, in different files, each with a code of its own. Steps that ask the stack are apart
 * from those that do not, whose defects may keep it from coming up.
 */
function together(all: readonly Mutant[]): Mutant[][] {
  const groups: Mutant[][] = [];
  for (const mutant of all) {
    const apart = (one: Mutant): boolean =>
      !isBuilt(one) &&
      one.target === mutant.target &&
      one.code !== mutant.code &&
      asksStack(one.step) === asksStack(mutant.step) &&
      !Object.keys(one.edits).some((file) => file in mutant.edits);
    const group = isBuilt(mutant) ? undefined : groups.find((one) => one.length < 8 && one.every(apart));
    if (group) group.push(mutant);
    else groups.push([mutant]);
  }
  return groups;
}

/** One run with these defects; returns what was missed, by defect. Of several, a finding counts for the one in whose file it is. */
async function tryAll(copy: Copy, group: readonly Mutant[], reports: string): Promise<Map<Mutant, string>> {
  const undo: (() => void)[] = [];
  try {
    for (const { edits } of group) undo.push(copy.apply(edits));
    const only = [...new Set(group.map(({ step }) => step))].join(',');
    const patience = copy.target === 'yard' ? [] : ['--var', 'patience=14s'];
    const run = (): Promise<RunRecord> => verify(copy, reports, ['--only', only, ...patience]);
    let { steps } = await run();
    // On a busy machine the time of a step can be up before it has said anything.
    if (group.length === 1 && steps.some((step) => step.outcome === 'timed-out')) ({ steps } = await run());
    const missed = new Map<Mutant, string>();
    for (const mutant of group) {
      const step = steps.find((one) => one.id === mutant.step);
      const isFound = step?.findings.some(
        ({ code, level, where }) =>
          code === mutant.code &&
          level === (mutant.level ?? 'error') &&
          (group.length === 1 || (where !== undefined && where.file in mutant.edits)),
      );
      if (isFound !== true || (step?.outcome === 'passed' && mutant.level !== 'warning'))
        missed.set(mutant, `${mutant.step} is ${step?.outcome}; found: ${weighs(steps).join(' | ') || 'nothing'}`);
    }
    return missed;
  } finally {
    for (const one of undo) one();
  }
}

const mutants: Mutant[] = [];
for (const file of readdirSync(join(import.meta.dirname, 'defects')).toSorted())
  mutants.push(...((await import(`./defects/${file}`)) as { default: Mutant[] }).default);
const isPart = (word: string): boolean => /^\d+\/\d+$/.test(word);
const [part, of] = (process.argv.slice(2).find(isPart) ?? '1/1').split('/').map(Number) as [number, number];
const wanted = process.argv.slice(2).filter((word) => !isPart(word));
const chosen = mutants
  // A chart's values are judged without helm too.
  .filter((mutant) => isHere(mutant.step) || mutant.code.startsWith('value-'))
  .filter((mutant) => wanted.length === 0 || wanted.some((text) => mutant.name.includes(text) || mutant.step === text));
const groups = together(chosen).filter((_, n) => n % of === part - 1);
const copies = {
  engram: [new Copy('engram', 0), new Copy('engram', 1)],
  yard: [new Copy('yard', 0), new Copy('yard', 1)],
};
const falseAlarms: string[] = [];
for (const target of ['engram', 'yard'] as const) {
  const [copy] = copies[target];
  if (wanted.length > 0 || part !== 1 || !copy) continue;
  const { verdict, steps } = await verify(copy, join(scratch, 'healthy'), []);
  const asked = steps.filter((step) => isHere(step.id));
  const passed = asked.filter((step) => step.outcome === 'passed');
  const alarms = [
    ...weighs(asked),
    ...asked.filter((s) => !['passed', 'not-reviewed'].includes(s.outcome)).map((s) => `${s.id} is ${s.outcome}`),
  ];
  process.stdout.write(
    `${alarms.length === 0 ? '✔' : '✖'} healthy, ${target}: ${verdict}, ${passed.length} of ${steps.length} steps passed\n`,
  );
  for (const step of steps.filter((one) => !isHere(one.id)))
    process.stdout.write(`  ${step.id} is left out: ${programs[step.id]} is not here\n`);
  for (const alarm of alarms) process.stdout.write(`    ${alarm}\n`);
  falseAlarms.push(...alarms);
}
const began = Date.now();
const tried = groups.flat().length;
let caught = 0;
let runs = 0;
let next = 0;
await Promise.all(
  [0, 1].map(async (n) => {
    for (let group = groups[next++]; group; group = groups[next++]) {
      const copy = copies[group[0]?.target ?? 'engram'][n];
      if (!copy) continue;
      const attempt = (some: readonly Mutant[]): Promise<Map<Mutant, string>> => {
        runs++;
        return tryAll(copy, some, join(scratch, `reports-${n}`)).catch(
          (error: unknown) => new Map(some.map((mutant) => [mutant, String(error)])),
        );
      };
      const left = await attempt(group);
      for (const mutant of group) {
        // Beside others it may be hidden, or hide its own reason: alone it is judged.
        const missed = left.has(mutant) && group.length > 1 ? await attempt([mutant]) : left;
        if (!missed.has(mutant)) caught++;
        process.stdout.write(
          `${missed.has(mutant) ? '✖' : '✔'} ${mutant.name}: ${mutant.step} ${mutant.code}\n${missed.has(mutant) ? `    ${missed.get(mutant)}\n` : ''}`,
        );
      }
    }
  }),
);
process.stdout.write(`${runs} runs in ${Math.round((Date.now() - began) / 1000)} s\n`);
process.stdout.write(`caught ${caught} of ${tried}, false alarms ${falseAlarms.length}\n`);
// Words or a part that choose nothing have shown nothing.
process.exitCode = tried > 0 && caught === tried && falseAlarms.length === 0 ? 0 : 1;
