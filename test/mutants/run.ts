/**
 * The project's measure of itself: applies each defect of defects/ to a copy of the sample target, runs the step that must
 * catch it through the real command line, and the whole checklist on the healthy copy, which must have no finding.
 *
 * Usage: npm run mutants [-- part of a name, or a step…] [-- 2/8: the second of eight parts]. Prints `caught N of N, false alarms 0` last; exits with 1 otherwise.
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { RunRecord } from '../../src/core/record.ts';
import type { Mutant } from './mutant.ts';

const root = join(import.meta.dirname, '..', '..');
const healthy = join(root, 'examples', 'engram');
const scratch = mkdtempSync(join(tmpdir(), 'verify-mutants-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

/** A copy that is used again and again, so that cargo builds what has changed only. */
class Copy {
  readonly folder: string;
  constructor(n: number) {
    this.folder = join(scratch, `engram-${n}`);
    cpSync(healthy, this.folder, {
      recursive: true,
      preserveTimestamps: true,
      filter: (path) => !(basename(path) === 'target' && dirname(path) === healthy),
    });
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

async function verify(target: string, reports: string, args: readonly string[]): Promise<RunRecord> {
  // The record of a run that did not come about must not be that of the one before.
  rmSync(join(reports, 'milestone-16', 'latest'), { force: true });
  const child = spawn(
    process.execPath,
    [
      join(root, 'bin', 'verify.js'),
      'milestone-16',
      '--target',
      target,
      '--reports',
      reports,
      '--no-ask',
      '--driver',
      'processes',
      '--ui',
      'plain',
      ...args,
    ],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let text = '';
  child.stdout.on('data', (part: Buffer) => (text += part.toString()));
  child.stderr.on('data', (part: Buffer) => (text += part.toString()));
  await new Promise((done) => child.once('close', done));
  const record = readIf(join(reports, 'milestone-16', 'latest', 'record.json'));
  if (record === undefined) throw new Error(`no record:\n${text.slice(-2000)}`);
  return RunRecord.parse(JSON.parse(record));
}

const weighs = (record: RunRecord): string[] =>
  record.steps.flatMap((step) =>
    step.findings.filter((f) => f.level !== 'note').map((f) => `${step.id}: ${f.code}: ${f.message}`),
  );

async function tryOne(copy: Copy, mutant: Mutant, reports: string): Promise<string | undefined> {
  const undo = copy.apply(mutant.edits);
  try {
    const record = await verify(copy.folder, reports, ['--only', mutant.step, '--var', 'patience=14s']);
    const step = record.steps.find((one) => one.id === mutant.step);
    const found = step?.findings.some((f) => f.code === mutant.code && f.level === (mutant.level ?? 'error')) === true;
    if (found && step?.outcome !== 'passed') return undefined;
    return `${mutant.step} is ${step?.outcome}; found: ${weighs(record).join(' | ') || 'nothing'}`;
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
  .filter((mutant) => wanted.length === 0 || wanted.some((text) => mutant.name.includes(text) || mutant.step === text))
  .filter((_, n) => n % of === part - 1);
const copies = [new Copy(0), new Copy(1)];
const falseAlarms: string[] = [];
if (wanted.length === 0 && part === 1) {
  const record = await verify(copies[0]?.folder ?? '', join(scratch, 'healthy'), []);
  falseAlarms.push(
    ...weighs(record),
    ...record.steps
      .filter((s) => !['passed', 'not-reviewed'].includes(s.outcome))
      .map((s) => `${s.id} is ${s.outcome}`),
  );
  process.stdout.write(
    `${falseAlarms.length === 0 ? '✔' : '✖'} the healthy target: ${record.verdict}, ${record.steps.filter((s) => s.outcome === 'passed').length} of ${record.steps.length} steps passed\n`,
  );
  for (const alarm of falseAlarms) process.stdout.write(`    ${alarm}\n`);
}
let caught = 0;
let next = 0;
await Promise.all(
  copies.map(async (copy, n) => {
    for (let mutant = chosen[next++]; mutant; mutant = chosen[next++]) {
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
