import { randomBytes } from 'node:crypto';
import { join, normalize, relative, sep } from 'node:path';
import { checklistInputs } from '../../checklist/inputs.ts';
import type { LoadedChecklist, LoadedStep } from '../../checklist/load.ts';
import { exitCodeOf, fidelityOf, verdictOf } from '../../core/verdict.ts';
import { exit, UserError } from '../../core/errors.ts';
import type { View } from '../../core/event.ts';
import { interpolate } from '../../core/interpolate.ts';
import { select } from '../../core/plan.ts';
import { type RunRecord, recordSchema, type StepRecord, type TreeState } from '../../core/record.ts';
import { schedule, type Job } from '../../core/schedule.ts';
import type { Answer, Driver, Question } from '../../core/step.ts';
import { suggest } from '../../core/suggest.ts';
import { inForce, waiverNotices } from '../../core/waive.ts';
import { Redactor } from '../../evidence/redact.ts';
import { EvidenceStore, makeFolder } from '../../evidence/store.ts';
import { changedPaths, type LeftOut, type Snapshot, snapshot } from '../../hosts/git.ts';
import { hostFacts } from '../../hosts/host.ts';
import { sweep } from '../../hosts/processes.ts';
import { toolVersions } from '../../hosts/tools.ts';
import { writeIndex } from '../history.ts';
import { Shared, type RunState } from './context.ts';
import { blankRecord, executeStep } from './execute.ts';
import { takeLock } from './lock.ts';
import type { MachineKey } from '../../signoff/machine.ts';
import { lookAtIgnored, unlessChanged } from './ignored.ts';
import { TreeWatch } from './tree-watch.ts';
import { mayWriteTo, pointLatest, writeReports } from './write.ts';

export interface RunOptions {
  target: string;
  reports: string;
  jobs: number;
  failFast: boolean;
  only: string[];
  skip: string[];
  tags: string[];
  driver: Driver;
  keep: boolean;
  writeTo: string | undefined;
  /** Signs the attestation. */
  machineKey?: MachineKey | undefined;
  /** How the run was called, for "how to reproduce". */
  command: string[];
  version: string;
  ask: ((question: Question, step: string) => Promise<Answer | undefined>) | undefined;
  signal: AbortSignal;
}

export interface RunResult {
  record: RunRecord;
  folder: string;
  code: number;
}

/**
 * Runs a checklist: lock, snapshot, steps, teardown, record, reports.
 * @throws UserError before the first step where it cannot be run at all, and 73/74 where the evidence cannot be written
 */
export async function runChecklist(loaded: LoadedChecklist, options: RunOptions, view: View): Promise<RunResult> {
  const { checklist } = loaded;
  const nodes = loaded.steps.map((step) => ({
    id: step.spec.id,
    item: step.item,
    tags: step.spec.tags,
    needs: step.spec.needs,
  }));
  const { chosen, unknown } = select(nodes, options);
  if (unknown.length > 0) {
    const meant = suggest(
      unknown[0] ?? '',
      nodes.flatMap((node) => [node.id, node.item, ...node.tags]),
    );
    throw new UserError(exit.nothingSelected, `no step, item or tag is called ${unknown.join(', ')}`, {
      hint: meant && `did you mean ${meant}?`,
    });
  }
  if (chosen.size === 0) throw new UserError(exit.nothingSelected, 'nothing is selected: no step would run');

  if (options.writeTo !== undefined) mayWriteTo(options.target, options.writeTo);

  const startedAt = new Date();
  const runId = `${startedAt
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '-')}-${randomBytes(3).toString('hex')}`;
  const milestoneFolder = join(options.reports, checklist.milestone);
  const lock = await takeLock(milestoneFolder, runId);
  const began = performance.now();
  try {
    if (lock.orphan) {
      const { runId: dead, killed, left } = lock.orphan;
      view.on({
        type: 'notice',
        level: 'warning',
        text: `the run ${dead} died; ${killed.length} of its processes were ended${left.length > 0 ? `; not removed: ${left.join(', ')}` : ''}`,
      });
    }
    for (const text of waiverNotices(checklist.waivers, startedAt.getTime()))
      view.on({ type: 'notice', level: 'warning', text });
    const folder = join(milestoneFolder, runId);
    makeFolder(join(folder, 'evidence'));
    const secrets = new Set(loaded.steps.flatMap((step) => step.spec.secrets));
    const redactor = Redactor.ofEnvironment(process.env, secrets);
    const store = new EvidenceStore(folder, redactor);
    const leave = leftOut(checklist.outputs, options);
    const before = await snapshot(options.target, leave);
    const { inputs, others } = checklistInputs(loaded, options.target, (path) => before.files.has(path));
    const ignored = await lookAtIgnored(options.target, Object.keys(inputs), others, leave);
    const state: RunState = {
      runId,
      target: options.target,
      host: hostFacts(),
      startedAt: startedAt.getTime(),
      driver: options.driver,
      keepStack: options.keep,
      stackSpec: interpolate(checklist.stack, (name) =>
        name.startsWith('vars.') ? checklist.vars[name.slice(5)] : undefined,
      ) as RunState['stackSpec'],
      store,
      redactor,
      signal: options.signal,
      facts: new Map(),
      lateSteps: new Set(),
      teardowns: [],
      ask: options.ask,
      stack: undefined,
      shared: new Shared(runId),
      tree: new TreeWatch(options.target, before),
    };
    const bugs: string[] = [];
    const records = await runSteps(loaded, options, view, state, {
      chosen,
      began,
      folder,
      commit: before.state.commit,
      bugs,
    });
    await tearDown(state, view);
    for (const record of records) if (state.lateSteps.has(record.id)) record.evidence = store.seal(record.id);
    const after = await snapshot(options.target, leave, before);
    const narrowedBy = [
      ...options.only.map((name) => `--only ${name}`),
      ...options.skip.map((name) => `--skip ${name}`),
      ...options.tags.map((name) => `--tags ${name}`),
    ];
    const draft: Omit<RunRecord, 'verdict'> = {
      schema: recordSchema,
      tool: { name: 'verify-milestone', version: options.version },
      run: {
        id: runId,
        milestone: checklist.milestone,
        title: checklist.title,
        ...(checklist.source !== undefined && { source: checklist.source }),
        startedAt: startedAt.toISOString(),
        endedAt: new Date().toISOString(),
        durationMs: performance.now() - began,
        driver: state.stack?.driver ?? options.driver,
        vars: redactor.deep(loaded.vars),
        ...(options.writeTo !== undefined && { writeTo: posixPath(options.writeTo) }),
        narrowedBy,
        ...(options.signal.aborted && {
          interrupted: (options.signal.reason as Error | undefined)?.message ?? 'interrupted',
        }),
        ...(bugs.length > 0 && { bug: bugs.join('\n').slice(0, 8000) }),
        command: redactor.deep(options.command),
      },
      tree: { ...before.state, ...treeChanges(before, after, state), ...unlessChanged(options.target, ignored) },
      host: state.host,
      tools: await toolVersions(
        loaded.steps.flatMap((step) => step.type.requires?.(step.type.params.safeParse(step.with).data ?? {}) ?? []),
      ),
      checklist: {
        path: relative(options.target, loaded.path) || loaded.path,
        sha256: loaded.sha256,
        inputs,
      },
      signoff: checklist.signoff,
      waivers: checklist.waivers,
      items: checklist.items.map((item) => ({
        id: item.id,
        title: item.title,
        impact: item.impact,
        ...(item.ref !== undefined && { ref: item.ref }),
        steps: item.steps.map((step) => step.id),
      })),
      steps: records,
      fidelity: fidelityOf(records),
      manifest: store.manifest(),
    };
    const record: RunRecord = { ...draft, verdict: verdictOf(draft) };
    await writeReports(folder, record, options, loaded.text, options.machineKey);
    pointLatest(milestoneFolder, runId);
    writeIndex(options.reports);
    view.on({ type: 'run-ended', at: performance.now() - began, verdict: record.verdict });
    return { record, folder, code: bugs.length > 0 ? exit.bug : exitCodeOf(record.verdict) };
  } finally {
    lock.release();
  }
}

/** What changed between start and end of the run, and which steps ran then. */
function treeChanges(before: Snapshot, after: Snapshot, { tree }: RunState): Pick<TreeState, 'changed' | 'changedBy'> {
  const changed = changedPaths(before, after).slice(0, 200);
  return changed.length > 0 ? { changed, changedBy: tree.suspects() } : { changed };
}

const posixPath = (path: string): string => normalize(path).split(sep).join('/');

/** Paths of the target that verify writes itself, relative to it. */
function leftOut(declared: readonly string[], options: RunOptions): LeftOut {
  const reports = posixPath(relative(options.target, options.reports));
  return {
    outputs: [...declared, ...(options.writeTo === undefined ? [] : [posixPath(options.writeTo)])],
    ...(!reports.startsWith('..') && { reports: reports === '.' ? '' : reports }),
  };
}

async function runSteps(
  loaded: LoadedChecklist,
  options: RunOptions,
  view: View,
  state: RunState,
  run: { chosen: ReadonlySet<string>; began: number; folder: string; commit: string | undefined; bugs: string[] },
): Promise<StepRecord[]> {
  const records = new Map<string, StepRecord>();
  const waivers = loaded.checklist.waivers.filter((waiver) => inForce(waiver, state.startedAt, run.commit));
  const jobs = loaded.steps
    .filter((step) => run.chosen.has(step.spec.id))
    .map((step): Job & { step: LoadedStep } => ({
      id: step.spec.id,
      needs: step.spec.needs,
      locks: [...step.spec.locks, ...(step.type.locks?.(step.type.params.safeParse(step.with).data ?? {}) ?? [])],
      weight: 1,
      step,
    }));
  view.on({
    type: 'run-started',
    milestone: loaded.checklist.milestone,
    title: loaded.checklist.title,
    runId: state.runId,
    folder: run.folder,
    steps: jobs.map(({ step }) => ({
      id: step.spec.id,
      item: step.item,
      title: step.spec.title ?? step.type.summary,
      uses: step.spec.uses,
      needs: step.spec.needs,
    })),
  });
  const at = (): number => performance.now() - run.began;
  const end = (record: StepRecord): void => {
    records.set(record.id, record);
    view.on({ type: 'step-ended', id: record.id, at: at(), record });
  };
  let failure: unknown;
  const broken = new AbortController();
  await schedule(jobs, {
    jobs: options.jobs,
    failFast: options.failFast,
    signal: AbortSignal.any([options.signal, broken.signal]),
    skip: ({ step }, reason) => end({ ...blankRecord(step), reason, offsetMs: at() }),
    async execute({ step, id }) {
      const offsetMs = at();
      try {
        const record = await executeStep(
          state,
          step,
          {
            attempt: (n) => view.on({ type: 'step-started', id, at: offsetMs, attempt: n }),
            progress: (line) => view.on({ type: 'step-progress', id, line }),
            bug: (text) => run.bugs.push(text),
          },
          { waivers, commit: run.commit },
        );
        record.offsetMs = offsetMs;
        record.evidence = state.store.seal(id);
        end(record);
        return record.outcome;
      } catch (error) {
        failure ??= error;
        broken.abort();
        return 'error';
      }
    },
  });
  if (failure !== undefined) {
    await tearDown(state, view);
    throw failure;
  }
  for (const step of loaded.steps) {
    if (!records.has(step.spec.id))
      records.set(step.spec.id, { ...blankRecord(step), reason: 'left out by the selection' });
  }
  return loaded.steps.map((step) => records.get(step.spec.id) ?? blankRecord(step));
}

/** Last in, first out; one that fails or hangs does not keep the others from running. What escaped is killed by its mark. */
async function tearDown(state: RunState, view: View): Promise<void> {
  for (const { label, undo, kept } of state.teardowns.splice(0).toReversed()) {
    let timer: NodeJS.Timeout | undefined;
    try {
      const late = new Promise<never>((_, fail) => {
        timer = setTimeout(() => fail(new Error('it did not end within 60 s')), 60_000);
      });
      await Promise.race([undo(), late]);
      view.on(kept === true ? { type: 'notice', level: 'info', text: label } : { type: 'teardown', label });
    } catch (error) {
      view.on({ type: 'teardown', label, error: error instanceof Error ? error.message : String(error) });
    } finally {
      clearTimeout(timer);
    }
  }
  await state.shared.close();
  if (!state.keepStack || state.stack === undefined) await sweep(state.runId);
}
