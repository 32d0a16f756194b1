import { appendFileSync, readFileSync, statSync } from 'node:fs';
import { calledAnywhere } from './called-as.ts';
import { join, resolve } from 'node:path';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { View } from '../core/event.ts';
import type { Driver } from '../core/step.ts';
import { accepted } from '../core/waive.ts';
import { countLine, countSteps, isOpen, meaningOf, outcomeMark, verdictText } from '../core/words.ts';
import type { RunRecord } from '../core/record.ts';
import { toldOnce } from '../core/told-once.ts';
import { findingLines } from '../ui/finding-lines.ts';
import { painter, outcomeStyle } from '../ui/plain.ts';
import { sha256 } from '../evidence/digest.ts';
import type { RunResult } from '../engine/run.ts';
import { attestKey } from './attest-key.ts';
import { jobsOf, load, nearPath, shardNamed, version, hasColour } from './shared.ts';
import { onSignal, raise, type Signal } from './signals.ts';

/** Findings of one step that the terminal shows at the end; the report has all. */
const maxFindings = 10;

export interface RunCommandOptions {
  target?: string;
  reports?: string;
  jobs?: string;
  failFast?: boolean;
  only: string[];
  skip: string[];
  tags: string[];
  shard?: string;
  var: string[];
  driver: Driver;
  keep?: boolean;
  writeTo?: string;
  trust?: string;
  ui: 'auto' | 'live' | 'plain' | 'ndjson' | 'github';
  ask: boolean;
  resume?: string | true;
  attestKey?: string;
}

/** The option as the engine takes it: `--resume` alone is the last run. */
export const resumeOf = (option: string | true | undefined): { run?: string } | undefined =>
  option === undefined ? undefined : option === true ? {} : { run: option };

/**
 * Memory is what each start of a program has to copy page tables of. The young generation does not grow, and what has become old is
 * collected when it is twice what was left the last time, where Node would wait for four times that. A run that holds much anyway, of
 * a large repository, is left to Node's own measure. (Node's option for the latter, `--heap-growing-percent`, counts buffers too, and
 * collects without end where many files are read.)
 */
function staySmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  let left = 18 * 1024 * 1024;
  const look = setInterval(() => {
    const used = getHeapStatistics().used_heap_size;
    if (used > 120 * 1024 * 1024) return clearInterval(look);
    if (used < 2 * left) return;
    collect();
    left = getHeapStatistics().used_heap_size;
  }, 100);
  look.unref();
}

/** `verify [run] <milestone>`. @returns the exit code; a run that a signal ended re-raises it instead */
export async function runCommand(name: string, options: RunCommandOptions): Promise<number> {
  staySmall();
  const loaded = await load(name, options);
  const jobs = jobsOf(options.jobs);
  const shard = options.shard === undefined ? undefined : shardNamed(options.shard);
  const machineKey = await attestKey(options.attestKey);
  const { runChecklist } = await import('../engine/run.ts');
  const { askOnTerminal, canAsk } = await import('../hosts/prompt.ts');
  const colour = hasColour();
  const kind = viewFor(options.ui);
  const view = await makeView(kind, colour, new Map(loaded.checklist.items.map((item) => [item.id, item.title])));

  const control = new AbortController();
  let got: Signal | undefined;
  const release = onSignal((signal) => {
    got = signal;
    process.stderr.write(`\n${signal}: stopping and tearing down (again: at once)\n`);
    control.abort(new Error(signal));
  });
  try {
    const result = await runChecklist(
      loaded,
      {
        target: loaded.targetPath,
        reports: resolve(options.reports ?? 'reports'),
        jobs,
        failFast: options.failFast === true,
        only: options.only,
        skip: options.skip,
        tags: options.tags,
        shard,
        driver: options.driver,
        keep: options.keep === true,
        writeTo: options.writeTo,
        machineKey,
        command: [...calledAnywhere(), ...process.argv.slice(2)],
        version,
        ask:
          options.ask && canAsk()
            ? (question, step) => askOnTerminal(question, step, view.prompt, control.signal)
            : undefined,
        signal: control.signal,
        resume: resumeOf(options.resume),
      },
      view,
    );
    await view.close();
    if (options.ui !== 'ndjson')
      process.stdout.write(
        summary(result.record, result.folder, painter(colour), kind === 'live' ? 'in full' : 'counted'),
      );
    const summaryFile = process.env['GITHUB_STEP_SUMMARY'];
    if (options.ui === 'github' && summaryFile !== undefined) await summarise(result, summaryFile);
    if (got !== undefined) {
      release();
      return await raise(got);
    }
    return result.code;
  } finally {
    await view.close().catch(() => undefined);
    release();
  }
}

/** Adds the report to the job's summary on GitHub, as much of it as there is room for. */
export async function summarise(result: Pick<RunResult, 'record' | 'folder'>, file: string): Promise<void> {
  const { jobSummary } = await import('../reporters/job-summary.ts');
  const taken = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  const digest = sha256(readFileSync(join(result.folder, 'record.json')));
  appendFileSync(file, jobSummary(result.record, digest, taken));
}

/** A view that redraws for a person at a terminal; a log elsewhere. */
function viewFor(ui: RunCommandOptions['ui']): Exclude<RunCommandOptions['ui'], 'auto'> {
  if (ui !== 'auto') return ui;
  const { env } = process;
  if (process.stdout.isTTY && env['CI'] === undefined && env['TERM'] !== 'dumb') return 'live';
  return env['GITHUB_ACTIONS'] === 'true' ? 'github' : 'plain';
}

async function makeView(
  kind: ReturnType<typeof viewFor>,
  colour: boolean,
  titles: ReadonlyMap<string, string>,
): Promise<View> {
  const write = (text: string): void => {
    process.stdout.write(text);
  };
  switch (kind) {
    case 'live': {
      const { LiveView } = await import('../ui/live.ts');
      return new LiveView(process.stdout, colour, titles);
    }
    case 'ndjson': {
      const { NdjsonView } = await import('../ui/ndjson.ts');
      return new NdjsonView(write);
    }
    case 'github': {
      const { GithubView } = await import('../ui/github.ts');
      return new GithubView(write, nearPath);
    }
    case 'plain': {
      const { PlainView } = await import('../ui/plain.ts');
      return new PlainView(write, colour, nearPath);
    }
  }
}

/**
 * The last lines: what did not pass, counts, verdict, where the report is.
 * @param findings in full, or only counted by step, where the log above has them
 */
export function summary(
  record: RunRecord,
  folder: string,
  paint: ReturnType<typeof painter>,
  findings: 'in full' | 'counted',
): string {
  const counts = countSteps(record);
  const out: string[] = [''];
  const told = Map.groupBy(toldOnce(record.steps), ({ step }) => step);
  for (const step of record.steps) {
    const open = step.findings.filter(isOpen);
    if (open.length === 0) continue;
    const place = nearPath(folder);
    const mark = `${paint(outcomeStyle[step.outcome], outcomeMark[step.outcome])} ${step.id} ${paint('dim', step.outcome)}`;
    if (findings === 'counted') {
      const more = open.length > 1 ? `, and ${open.length - 1} more` : '';
      out.push(`${mark}${paint('dim', `: ${open[0]?.code}${more}`)}`);
      continue;
    }
    out.push(mark);
    const own = (told.get(step) ?? []).filter(({ finding }) => isOpen(finding));
    for (const { finding } of own.slice(0, maxFindings))
      out.push(...findingLines(finding, step, place, paint).map((line) => `    ${line}`));
    if (own.length > maxFindings) out.push(`    … and ${own.length - maxFindings} more, in the report`);
    if (own.length < open.length)
      out.push(`    ${open.length - own.length} ${own.length === 0 ? '' : 'more '}that another step says too`);
  }
  const { shard } = record.run;
  const open = record.steps.filter(
    (step) =>
      step.outcome === 'not-reviewed' ||
      (step.outcome === 'skipped' && (shard === undefined || shard.steps.includes(step.id))),
  );
  if (open.length > 0) {
    out.push('', 'Open:');
    for (const step of open.slice(0, 20))
      out.push(
        `  ${paint(outcomeStyle[step.outcome], outcomeMark[step.outcome])} ${step.id}: ${step.reason ?? step.outcome}`,
      );
    if (open.length > 20) out.push(`  … and ${open.length - 20} more`);
  }
  if (record.tree.changed.length > 0) {
    const named = record.tree.changed.slice(0, 5).map((path) => {
      const by = record.tree.changedBy?.[path] ?? [];
      return by.length === 0 ? path : `${path} (while ${by.join(', ')} ran)`;
    });
    out.push('', paint('yellow', `the tree changed during the run: ${named.join(', ')}`));
  }
  const waived = accepted(record.steps);
  if (waived.length > 0) {
    out.push('', 'Accepted by a waiver:');
    for (const { step, what, why } of waived.slice(0, 20))
      out.push(`  ${paint('yellow', outcomeMark.waived)} ${step}: ${what}`, paint('dim', `    ${why}`));
    if (waived.length > 20) out.push(`  … and ${waived.length - 20} more`);
  }
  const style =
    record.verdict === 'PASSED' && waived.length === 0 ? 'green' : record.verdict === 'FAILED' ? 'red' : 'yellow';
  out.push(
    '',
    ...(shard ? [shardLine(shard, record.steps.length)] : []),
    `${paint('dim', 'report')}  ${nearPath(join(folder, 'FINAL_STATUS.html'))}`,
    `${paint('bold', paint(style, verdictText(record)))}  ${meaningOf(record)} ${countLine(counts)}.`,
    '',
  );
  return out.join('\n');
}

/** What a shard is good for, lest its end be taken for the run's. */
function shardLine({ index, of, steps }: NonNullable<RunRecord['run']['shard']>, all: number): string {
  const what =
    steps.length === 0 ? 'nothing falls to it, and nothing was run' : `${steps.length} of ${all} steps fall to it`;
  return `shard ${index}/${of}: ${what}. Only the merged run can pass and be signed: verify merge, with all ${of}.`;
}
