/**
 * `npm run field -- [--out DIR] [--time SECONDS] [--all-documents] FOLDER…`: the field trial. For each checkout it drafts a checklist as `verify init` does,
 * runs every step of it that needs neither a stack nor a build, and writes one row per finding code and cause to `DIR/rows.tsv`
 * (default: reports/field), with time and memory in `DIR/runs.tsv`. With `--all-documents` one more step reads every Markdown file.
 * Nothing is written into the checkouts.
 *
 * `npm run field -- --judge FILE [--out DIR] [--write]`: reads what a person judged (tab-separated: id, repository, code, level,
 * verdict), prints the precision by code, by level and by repository, and what has changed since. `--write` brings FILE up to date
 * with the rows that are there, and rewrites docs/precision.tsv, from which `npm run gen` takes what the reference shows.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { isMap, isSeq, parseDocument } from 'yaml';
import type { RunRecord } from '../src/core/record.ts';
import { compare, judgementsText, precision, readJudgements, tally, verdicts, type Tally } from './field/judgements.ts';
import { readRows, readTsv, rowsOf, rowsText, runsText, tsv, type Row, type Run } from './field/rows.ts';

const root = join(import.meta.dirname, '..');
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string', default: join(root, 'reports', 'field') },
    time: { type: 'string', default: '300' },
    'all-documents': { type: 'boolean', default: false },
    judge: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});

/** Step types that ask a running stack, build, or run what the repository holds. */
const needsMore =
  /^(?:command|cargo\/(?:clippy|test|fmt)|stack\/|http\/|manual\/|grafana\/|dashboards\/preview|prometheus\/(?:query|rules|targets|exposition|drill)|\w+\/test|tests\/|github\/|sql\/|bench\/)$|^(?:stack|http|manual|grafana|github|sql|bench|go|npm|python)\//;

/** Runs verify. @returns exit code (undefined where it was ended for its time) and peak memory of the process in MiB */
async function verify(
  args: readonly string[],
  cwd: string,
  limit: number,
): Promise<{ code: number | undefined; mib: number; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [join(root, 'src', 'cli.ts'), ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  let mib = 0;
  let late = false;
  child.stdout.on('data', (part: Buffer) => (stdout += part.toString()));
  child.stderr.on('data', (part: Buffer) => (stderr += part.toString()));
  const watch = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      mib = Math.max(mib, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
    } catch {
      // it has ended, or there is no /proc
    }
  }, 50);
  const end = setTimeout(() => {
    late = true;
    child.kill('SIGTERM');
  }, limit);
  const code = await new Promise<number | null>((done, fail) => child.once('error', fail).once('close', done));
  clearInterval(watch);
  clearTimeout(end);
  return { code: late ? undefined : (code ?? -1), mib: Math.round(mib), stdout, stderr };
}

/** The drafted checklist without the steps that need more than files, their needs and the stack. */
function staticPart(text: string): string {
  const document = parseDocument(text);
  document.delete('stack');
  const items = document.get('items');
  if (!isSeq(items)) throw new Error('the draft has no items');
  if (values['all-documents'])
    items.add(
      document.createNode({
        id: 'every-document',
        title: 'Every document',
        steps: [{ id: 'every-document', uses: 'docs/claims', timeout: '5m', with: { documents: ['**/*.md'] } }],
      }),
    );
  for (const item of items.items) {
    const steps = isMap(item) ? item.get('steps') : undefined;
    if (!isSeq(steps)) continue;
    steps.items = steps.items.filter((step) => isMap(step) && !needsMore.test(String(step.get('uses'))));
    for (const step of steps.items) if (isMap(step)) step.delete('needs');
  }
  items.items = items.items.filter((item) => isMap(item) && isSeq(item.get('steps')) && size(item.get('steps')) > 0);
  return items.items.length === 0 ? '' : document.toString({ lineWidth: 0 });
}
const size = (value: unknown): number => (isSeq(value) ? value.items.length : 0);

async function runOne(folder: string, limit: number): Promise<{ run: Run; rows: Row[] }> {
  const repository = basename(folder).replace('__', '/');
  const work = mkdtempSync(join(tmpdir(), 'verify-field-'));
  const began = performance.now();
  const seconds = (): number => Math.round((performance.now() - began) / 100) / 10;
  const ended = (exit: string, mib: number, rows: Row[] = [], files = 0): { run: Run; rows: Row[] } => ({
    run: { repository, files, seconds: seconds(), mib, exit, rows: rows.length },
    rows,
  });
  try {
    const drafted = await verify(['init', '--print', '--target', folder, '--milestone', 'field'], work, limit);
    if (drafted.code !== 0) return ended(`init ${drafted.code ?? 'timed out'}`, drafted.mib);
    const checklist = staticPart(drafted.stdout);
    if (checklist === '') return ended('nothing static', drafted.mib);
    mkdirSync(join(work, 'checklists'));
    writeFileSync(join(work, 'checklists', 'field.yaml'), checklist);
    const ran = await verify(['field', '--target', folder, '--ui', 'plain', '--no-ask', '--jobs', '1'], work, limit);
    const mib = Math.max(ran.mib, drafted.mib);
    const runs = join(work, 'reports', 'field');
    const record = (existsSync(runs) ? readdirSync(runs) : [])
      .map((name) => join(runs, name, 'record.json'))
      .find((path) => existsSync(path));
    if (record === undefined) {
      say(ran.stderr.split('\n').slice(0, 5).join('\n'));
      return ended(String(ran.code ?? 'timed out'), mib);
    }
    const read = JSON.parse(readFileSync(record, 'utf8')) as RunRecord;
    return ended(String(ran.code ?? 'timed out'), mib, rowsOf(repository, read), read.tree.files);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const inOut = (name: string): string => join(values.out, name);
const readOut = (name: string): string => (existsSync(inOut(name)) ? readFileSync(inOut(name), 'utf8') : '');

/** Runs the checkouts; what is there of others stays. */
async function trial(folders: readonly string[]): Promise<void> {
  mkdirSync(values.out, { recursive: true });
  for (const folder of folders) {
    const { run, rows } = await runOne(resolve(folder), Number(values.time) * 1000);
    say(
      `${run.repository}: ${run.files} files, ${run.seconds} s, ${run.mib} MiB, exit ${run.exit}, ${rows.length} rows`,
    );
    const other = (one: { repository: string }): boolean => one.repository !== run.repository;
    writeFileSync(inOut('rows.tsv'), rowsText([...readRows(readOut('rows.tsv')).filter(other), ...rows]));
    const runs = readTsv(readOut('runs.tsv')).filter((one) => one['repository'] !== run.repository);
    writeFileSync(inOut('runs.tsv'), runsText([...(runs as unknown as Run[]), run]));
  }
}

const show = (title: string, tallies: readonly Tally[]): void => {
  say(`\n${title.padEnd(44)} precision  right : wrong  trivial  unclear  repositories`);
  for (const one of tallies)
    say(
      `${one.key.padEnd(44)} ${precision(one).padStart(9)}  ${String(one.right).padStart(5)} : ${String(one.wrong).padEnd(5)}  ${String(one.trivial).padStart(7)}  ${String(one.unclear).padStart(7)}  ${String(one.repositories).padStart(12)}`,
    );
};

function judge(file: string): void {
  const judged = existsSync(file) ? readJudgements(readFileSync(file, 'utf8')) : [];
  const rows = readRows(readOut('rows.tsv'));
  const ran = new Set(readTsv(readOut('runs.tsv')).map((one) => one['repository'] ?? ''));
  const { now, unjudged, gone, moved } = compare(rows, ran, judged);
  show(
    'by code',
    tally(now, (one) => `${one.code} (${one.level})`),
  );
  show(
    'by level',
    tally(now, (one) => one.level),
  );
  show(
    'by repository (errors and warnings)',
    tally(
      now.filter((one) => /^(?:error|warning)$/.test(one.level)),
      (one) => one.repository,
    ),
  );
  say(`\n${unjudged.length} not judged yet`);
  for (const row of unjudged)
    say([row.id, row.repository, row.code, row.level, row.places[0], row.message].join('\t').slice(0, 400));
  for (const verdict of verdicts) {
    const some = gone.filter((one) => one.verdict === verdict);
    if (some.length > 0) say(`${some.length} ${verdict} no longer there: ${some.map((one) => one.id).join(' ')}`);
  }
  for (const { before, level } of moved)
    say(`${before.id} ${before.repository} ${before.code} (${before.verdict}): ${before.level} → ${level}`);
  if (!values.write) return;
  const elsewhere = judged.filter((one) => !ran.has(one.repository));
  const kept = [...now, ...elsewhere];
  writeFileSync(file, judgementsText(kept));
  const byCode = tally(kept, (one) => `${one.code} ${one.level}`).map(({ key, ...rest }) => {
    const [code, level] = key.split(' ');
    return { code, level, ...rest };
  });
  writeFileSync(
    join(root, 'docs', 'precision.tsv'),
    tsv(['code', 'level', 'right', 'wrong', 'trivial', 'unclear', 'repositories'], byCode),
  );
}

if (values.judge !== undefined) judge(values.judge);
else if (positionals.length > 0) await trial(positionals);
else say('name checkouts, or --judge FILE');
