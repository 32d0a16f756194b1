import { howToInstall } from '../formats/programs/how-to-install.ts';
import { z } from 'zod';
import type { ExecResult, StepContext } from '../core/step.ts';
import type { FileCoverage } from '../formats/code-coverage/coverage.ts';
import { readCoverage } from '../formats/code-coverage/read.ts';
import { missingTool } from '../formats/programs/missing-tool.ts';
import { unreached } from '../formats/programs/unreached.ts';
import { ranCommands } from '../repository/ran-commands.ts';
import { readResults } from '../formats/test-results/read.ts';
import type { TestCase, TestResults } from '../formats/test-results/results.ts';
import { keep, readReports, reportsBefore, type Before, type Since } from './find-reports.ts';
import type { ObservedTests, Ran, Reports } from './observed.ts';
import type { CoverageRules, Expectations } from './parameters.ts';
import { Places } from './places.ts';
import { tellOf } from './tell.ts';

/** Milliseconds that a file's time may lag behind the clock: the kernel stamps files with its tick. */
const clockStep = 20;
const tail = 4000;

/** What is to be run and read. */
export interface Asked {
  run?: {
    argv: string[];
    env: Record<string, string>;
    cwd?: string | undefined;
    /** Its results are its output. */
    printed: boolean;
    /** What keeps it from running at all, known by its output: packages that are not installed. */
    unprepared?: (result: ExecResult, broken: string) => Promise<{ what: string; remedy: string } | undefined>;
    /** What to do where the program is not there. */
    remedy?: string | undefined;
  };
  /** Globs of results, relative to the target. */
  files: readonly string[];
  /** A folder outside of the target that the command was told to write its results to; all files in it are read. */
  folder?: string;
  expected: Expectations;
  coverage?: { rules: CoverageRules; files: readonly string[]; folder?: string };
  /** Settings from outside of the checklist that may leave tests out, in words. */
  silenced?: string[];
  /** Why nothing can be run. */
  cannot?: { missing: string; remedy: string; packages?: boolean };
  /** Counts what a runner printed at its end, where it wrote no results by name. */
  count?: (result: ExecResult) => Promise<ObservedTests['counted']>;
}

/** Runs what is to be run, reads what it wrote, and keeps both as evidence. */
export async function observeTests(asked: Asked, ctx: StepContext): Promise<ObservedTests> {
  const { run, files, coverage } = asked;
  const patterns = [...files, ...(coverage?.files ?? [])];
  const before = run ? await reportsBefore(patterns, ctx.files) : (ctx.atStart as Before | undefined);
  const began = (run ? ctx.now() : ctx.runStartedAt) - clockStep;
  const since: Since = { began, before, ran: run?.argv.join(' ') };
  const result = run && (await execute(run, ctx));
  const all: { path: string; results: TestResults }[] = [];
  const contents = new Set<string>();
  const take = (bytes: Uint8Array | string, path: string): TestResults => {
    const results = readResults(bytes);
    // A copy of a file counts once; the same tests of two environments differ in their times.
    const content = typeof bytes === 'string' ? bytes : new TextDecoder('latin1').decode(bytes);
    if (!contents.has(content)) all.push({ path, results });
    contents.add(content);
    return results;
  };
  const reports = await readReports(files, since, ctx, take);
  if (asked.folder !== undefined) await readFolder(asked.folder, ctx, take, reports);
  if (run?.printed === true && result) readPrinted(result, take, reports);
  const places = new Places((await ctx.tree()).paths, ctx.target, run?.cwd ?? '');
  for (const { results } of all) results.cases = await withoutEmptyFiles(results.cases, places, ctx);
  const counted =
    result && reports.read.length + reports.unreadable.length === 0 ? await asked.count?.(result) : undefined;
  return {
    ...(run && result && { ran: await ranOf(run, result, brokenIn(all), ctx) }),
    ...(asked.cannot && { cannot: asked.cannot }),
    reports,
    ...tellOf(all, asked.expected, places),
    counted: counted ?? [],
    silenced: asked.silenced ?? [],
    ...(coverage && { coverage: await coverageOf(coverage, since, places, ctx) }),
    at: ctx.now(),
  };
}

const execute = (run: NonNullable<Asked['run']>, ctx: StepContext): Promise<ExecResult> =>
  ctx.exec(run.argv, {
    env: run.env,
    ...(run.cwd !== undefined && run.cwd !== '' && { cwd: run.cwd }),
    name: 'tests',
    tellsLeft: 'end',
    maxText: 64_000_000,
    onLine: ctx.progress,
  });

function readPrinted(result: ExecResult, take: (text: string, path: string) => TestResults, reports: Reports): void {
  const path = 'the output';
  if (result.truncated) reports.unreadable.push({ path, why: 'it is longer than what is read' });
  // A program that printed nothing did not run: its exit code says why.
  else if (result.stdout.trim() !== '' || result.code === 0) {
    try {
      reports.read.push({ path, format: take(result.stdout, path).format });
    } catch (cause) {
      if (result.code === 0) reports.unreadable.push({ path, why: (cause as Error).message });
    }
  }
}

/** Reads what a command wrote into a folder that was made for it. */
async function readFolder(
  folder: string,
  ctx: StepContext,
  take: (bytes: Uint8Array, path: string) => { format: string },
  reports: Reports,
): Promise<void> {
  for (const [n, name] of (await ctx.files.list(folder)).entries()) {
    const full = `${folder}/${name}`;
    if (name.startsWith('.') || (await ctx.files.kind(full)) !== 'file') continue;
    const bytes = await ctx.files.readBytes(full);
    await keep(name, bytes, n, ctx);
    try {
      reports.read.push({ path: name, format: take(bytes, name).format });
    } catch (cause) {
      reports.unreadable.push({ path: name, why: (cause as Error).message });
    }
  }
}

async function ranOf(
  run: NonNullable<Asked['run']>,
  result: ExecResult,
  broken: string,
  { files }: StepContext,
): Promise<Ran> {
  const { code, signal, timedOut, durationMs, notStarted } = result;
  const said = [result.stderr, run.printed ? '' : result.stdout]
    .map((text) => text.trim())
    .filter((text) => text !== '');
  const unprepared = code === 0 || notStarted !== undefined ? undefined : await run.unprepared?.(result, broken);
  const gone = notStarted === undefined ? (code === 0 || unprepared ? undefined : missingTool(result)) : run.argv[0];
  const commands = code === 0 || code === null ? [] : await ranCommands(run.argv, undefined, run.cwd || '.', files);
  const unfetched = unreached(
    result,
    commands.map(({ text }) => text),
  );
  return {
    command:
      run.argv[0] === 'bash'
        ? 'the script'
        : run.argv
            .map((word) => word.slice(0, 80))
            .join(' ')
            .slice(0, 200),
    code,
    signal,
    timedOut,
    durationMs,
    tail: said
      .map((text) => text.slice(-tail))
      .join('\n')
      .slice(-tail),
    ...(gone !== undefined && {
      missing: {
        what: notStarted === undefined ? `${gone} is not on this machine` : `${gone}: ${notStarted}`,
        ...remedyFor(gone, run.remedy),
      },
    }),
    ...(unprepared && { unprepared }),
    ...(unfetched !== undefined && { unreached: unfetched }),
    left: result.left ?? [],
  };
}

const remedyFor = (program: string, otherwise: string | undefined): { remedy?: string } => {
  const how = howToInstall(program);
  const remedy = how === undefined ? otherwise : `install it: ${how}`;
  return remedy === undefined ? {} : { remedy };
};

/**
 * Node calls a file in which it ran no test a test that passed. Where the file asks for node:test, a filter or an empty file left
 * nothing of it; one that only asserts is what it says.
 */
async function withoutEmptyFiles(cases: readonly TestCase[], places: Places, ctx: StepContext): Promise<TestCase[]> {
  const kept: TestCase[] = [];
  for (const one of cases) {
    const path = one.wholeFile === true && one.state === 'passed' ? places.resolve(one.file ?? '', '') : undefined;
    if (path === undefined || !/['"](?:node:)?test['"]/.test((await ctx.files.readIfThere(path)) ?? '')) kept.push(one);
  }
  return kept;
}

/** What results say of what did not run, as one text. */
const brokenIn = (all: readonly { results: TestResults }[]): string =>
  all
    .flatMap(({ results }) => results.broken.map((one) => `${one.what}\n${one.detail ?? ''}`))
    .join('\n')
    .slice(0, 1_000_000);

async function coverageOf(
  { rules, files, folder }: NonNullable<Asked['coverage']>,
  since: Since,
  places: Places,
  ctx: StepContext,
): Promise<NonNullable<ObservedTests['coverage']>> {
  const byPath = new Map<string, FileCoverage>();
  const take = (bytes: Uint8Array): { format: string } => {
    const coverage = readCoverage(bytes);
    for (const one of coverage.files) {
      const path = places.resolve(one.path, one.path) ?? one.path;
      const known = byPath.get(path);
      // Two reports of one file: which lines both ran is not known, so that the better one counts.
      if (!known || one.covered / (one.total || 1) > known.covered / (known.total || 1))
        byPath.set(path, { ...one, path });
    }
    return coverage;
  };
  const reports = await readReports(files, since, ctx, take);
  if (folder !== undefined) {
    await readFolder(folder, ctx, take, reports);
    if (reports.read.length + reports.unreadable.length === 0)
      reports.unmatched.push('the coverage that the runner was told to measure');
  }
  const approved = rules.noLessThanApproved === false ? undefined : await ctx.approved();
  const lines = z.number().safeParse(approved?.facts['coverage.lines']);
  return {
    ...reports,
    files: [...byPath.values()],
    ...(approved && { approved: { run: approved.run, ...(lines.success && { lines: lines.data }) } }),
  };
}
