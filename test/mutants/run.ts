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
import { RunRecord } from '../../src/core/record.ts';
import type { Mutant } from './mutant.ts';

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

async function tryOne(copy: Copy, mutant: Mutant, reports: string): Promise<string | undefined> {
  const undo = copy.apply(mutant.edits);
  try {
    const patience = copy.target === 'yard' ? [] : ['--var', 'patience=14s'];
    const record = await verify(copy, reports, ['--only', mutant.step, ...patience]);
    const step = record.steps.find((one) => one.id === mutant.step);
    const found = step?.findings.some((f) => f.code === mutant.code && f.level === (mutant.level ?? 'error')) === true;
    if (found && (step?.outcome !== 'passed' || mutant.level === 'warning')) return undefined;
    return `${mutant.step} is ${step?.outcome}; found: ${weighs(record.steps).join(' | ') || 'nothing'}`;
  } finally {
    undo();
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
  .filter((mutant) => wanted.length === 0 || wanted.some((text) => mutant.name.includes(text) || mutant.step === text))
  .filter((_, n) => n % of === part - 1);
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
let caught = 0;
let next = 0;
await Promise.all(
  [0, 1].map(async (n) => {
    for (let mutant = chosen[next++]; mutant; mutant = chosen[next++]) {
      const copy = copies[mutant.target ?? 'engram'][n];
      if (!copy) continue;
      const missed = await tryOne(copy, mutant, join(scratch, `reports-${n}`)).catch((error: unknown) => String(error));
      if (missed === undefined) caught++;
      process.stdout.write(
        `${missed === undefined ? '✔' : '✖'} ${mutant.name}: ${mutant.step} ${mutant.code}\n${missed === undefined ? '' : `    ${missed}\n`}`,
      );
    }
  }),
);
process.stdout.write(`caught ${caught} of ${chosen.length}, false alarms ${falseAlarms.length}\n`);
process.exitCode = caught === chosen.length && falseAlarms.length === 0 ? 0 : 1;
