import { randomBytes } from 'node:crypto';
import { join, relative } from 'node:path';
import { checklistInputs } from '../checklist/inputs.ts';
import type { LoadedChecklist, LoadedStep } from '../checklist/load.ts';
import { exitCodeOf, fidelityOf, verdictOf } from '../core/verdict.ts';
import { exit } from '../core/errors.ts';
import type { View } from '../core/event.ts';
import { type RunRecord, recordSchema, type StepRecord } from '../core/record.ts';
import { schedule, type Job } from '../core/schedule.ts';
import type { Shard } from '../core/shard.ts';
import { titleOf, type Answer, type Driver, type Question } from '../core/step.ts';
import { inForce, waiverNotices } from '../core/waive.ts';
import { EvidenceStore, makeFolder } from '../evidence/store.ts';
import { snapshot } from '../hosts/git.ts';
import { hostFacts } from '../hosts/host.ts';
import { toolVersions } from '../hosts/tools.ts';
import { writeIndex } from '../runs/history.ts';
import { builtBy, stackOf } from './declared.ts';
import { Shared, type RunState } from './context/shared.ts';
import { blankRecord, executeStep } from './execute.ts';
import type { Bases } from './resume/basis.ts';
import { findEarlier } from './resume/earlier.ts';
import type { Journal } from './resume/journal.ts';
import { leftOut, posixPath } from './own-output.ts';
import { orphanNotice, takeLock } from './lock.ts';
import type { MachineKey } from '../signoff/machine.ts';
import { lookAtIgnored, unlessChanged } from './ignored.ts';
import { keepPictures } from './pictures.ts';
import { lookBack, openJournal, sayReuse } from './resume/resume.ts';
import type { Reuse } from './resume/reuse.ts';
import { redactorOf } from './secrets.ts';
import { choose, type Chosen } from './selection.ts';
import { tearDown } from './tear-down.ts';
import { changesOf, TreeWatch } from './tree-watch.ts';
import { mayWriteTo, pointLatest, writeReports } from './write.ts';

export interface RunOptions {
  target: string;
  reports: string;
  jobs: number;
  failFast: boolean;
  only: string[];
  skip: string[];
  tags: string[];
  /** Run only this part of it. */
  shard?: Shard | undefined;
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
  /** Take over from an earlier run what still holds: from the one of this id, or from the last. */
  resume?: { run?: string | undefined } | undefined;
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
  const chosen = choose(loaded, options);
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
    for (const text of [...orphanNotice(lock.orphan), ...waiverNotices(checklist.waivers, startedAt.getTime())])
      view.on({ type: 'notice', level: 'warning', text });
    const earlier =
      options.resume && findEarlier(options.reports, checklist.milestone, options.resume.run, options.version);
    const folder = join(milestoneFolder, runId);
    makeFolder(join(folder, 'evidence'));
    const redactor = redactorOf(loaded, options.target);
    const store = new EvidenceStore(folder, redactor);
    const leave = leftOut(checklist.outputs, options);
    const before = await snapshot(options.target, leave);
    const host = hostFacts();
    const begin = {
      loaded,
      target: options.target,
      chosen: chosen.steps,
      startedAt,
      tree: before,
      leave,
      host,
      redactor,
      earlier,
    };
    const { bases, surroundings, reuse } = await lookBack(begin);
    const journal = openJournal({ ...begin, runId, ...options, surroundings }, reuse, store);
    const { inputs, others } = checklistInputs(loaded, options.target, (path) => before.files.has(path));
    const ignored = await lookAtIgnored(options.target, Object.keys(inputs), others, leave);
    const state: RunState = {
      runId,
      target: options.target,
      host,
      startedAt: startedAt.getTime(),
      driver: options.driver,
      keepStack: options.keep,
      stackSpec: stackOf(checklist),
      treeDigest: before.state.digest,
      built: builtBy(loaded),
      store,
      redactor,
      signal: options.signal,
      facts: new Map(),
      lateSteps: new Set(),
      teardowns: [],
      ask: options.ask,
      stack: undefined,
      shared: new Shared(runId, options.target),
      tree: new TreeWatch(options.target, before),
      uses: (id) => bases.of(id),
    };
    const bugs: string[] = [];
    const records = await runSteps(loaded, options, view, state, {
      chosen,
      began,
      folder,
      commit: before.state.commit,
      bugs,
      bases,
      journal,
      reuse,
    });
    await tearDown(state, view);
    for (const record of records) if (state.lateSteps.has(record.id)) record.evidence = store.seal(record.id);
    await keepPictures(records, store, options.reports, { milestone: checklist.milestone, id: runId });
    const after = await snapshot(options.target, leave, before);
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
        narrowedBy: chosen.narrowedBy,
        ...(chosen.shard && { shard: chosen.shard }),
        ...(options.signal.aborted && {
          interrupted: (options.signal.reason as Error | undefined)?.message ?? 'interrupted',
        }),
        ...(bugs.length > 0 && { bug: bugs.join('\n').slice(0, 8000) }),
        command: redactor.deep(options.command),
      },
      tree: { ...before.state, ...changesOf(before, after, state.tree), ...unlessChanged(options.target, ignored) },
      host: state.host,
      tools: await toolVersions(
        loaded.steps
          .filter((step) => chosen.steps.has(step.spec.id))
          .flatMap((step) => step.type.requires?.(step.params) ?? []),
      ),
      surroundings,
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
    store.stillOwn();
    // A shard's report is not the milestone's: the merged run's is written there.
    const { target, writeTo, machineKey } = options;
    await writeReports(
      folder,
      record,
      { target, writeTo: chosen.shard ? undefined : writeTo },
      loaded.text,
      machineKey,
    );
    journal.remove();
    pointLatest(milestoneFolder, runId);
    writeIndex(options.reports);
    view.on({ type: 'run-ended', at: performance.now() - began, verdict: record.verdict });
    return { record, folder, code: bugs.length > 0 ? exit.bug : exitCodeOf(record.verdict) };
  } finally {
    lock.release();
  }
}

async function runSteps(
  loaded: LoadedChecklist,
  options: RunOptions,
  view: View,
  state: RunState,
  run: {
    chosen: Chosen;
    began: number;
    folder: string;
    commit: string | undefined;
    bugs: string[];
    bases: Bases;
    journal: Journal;
    reuse: Reuse | undefined;
  },
): Promise<StepRecord[]> {
  const records = new Map<string, StepRecord>();
  const waivers = loaded.checklist.waivers.filter((waiver) => inForce(waiver, state.startedAt, run.commit));
  const taken = run.reuse?.taken ?? new Map<string, StepRecord>();
  const steps = loaded.steps.filter((step) => run.chosen.steps.has(step.spec.id));
  const jobs = steps
    .filter((step) => !taken.has(step.spec.id))
    .map((step): Job & { step: LoadedStep } => ({
      id: step.spec.id,
      needs: step.spec.needs.filter((need) => !taken.has(need)),
      locks: [...step.spec.locks, ...(step.type.locks?.(step.params) ?? [])],
      weight: 1,
      step,
    }));
  view.on({
    type: 'run-started',
    milestone: loaded.checklist.milestone,
    title: loaded.checklist.title,
    runId: state.runId,
    folder: run.folder,
    steps: steps.map((step) => ({
      id: step.spec.id,
      item: step.item,
      title: state.redactor.text(titleOf(step)),
      uses: step.spec.uses,
      needs: step.spec.needs,
    })),
  });
  const at = (): number => performance.now() - run.began;
  const end = (record: StepRecord): void => {
    records.set(record.id, record);
    view.on({ type: 'step-ended', id: record.id, at: at(), record });
  };
  if (run.reuse) sayReuse(run.reuse, loaded.checklist.signoff.resume, view);
  for (const record of taken.values()) {
    state.facts.set(record.id, record.facts);
    end(record);
  }
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
        const basis = await run.bases.basisOf(step, record);
        if (basis) record.basis = basis;
        run.journal.add(record);
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
    const { id } = step.spec;
    if (!records.has(id)) records.set(id, { ...blankRecord(step), reason: run.chosen.leftOut(id) });
  }
  return loaded.steps.map((step) => records.get(step.spec.id) ?? blankRecord(step));
}
