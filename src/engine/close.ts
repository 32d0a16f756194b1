import { join, relative } from 'node:path';
import type { LoadedChecklist } from '../checklist/load.ts';
import { sinceRun } from '../core/since.ts';
import { fidelityOf, verdictOf } from '../core/verdict.ts';
import { type RunRecord, recordSchema, type StepRecord } from '../core/record.ts';
import type { Heard } from '../hosts/folder-watch.ts';
import { snapshot, type Snapshot } from '../hosts/tree.ts';
import { toolVersions } from '../hosts/tools.ts';
import { lastApproved } from '../runs/approved.ts';
import { writeIndex } from '../runs/history.ts';
import { readRun } from '../runs/runs.ts';
import { unlessChanged } from './ignored.ts';
import { posixPath } from './own-output.ts';
import { journalName } from './resume/journal.ts';
import { keepPictures } from './pictures.ts';
import type { Prepared, RunOptions } from './prepare.ts';
import { unversionedOf, varsOf } from './record-parts.ts';
import { changesOf } from './tree-watch.ts';
import { pointLatest, writeReports } from './write.ts';

/** What the steps have come to. */
export interface Outcome {
  records: StepRecord[];
  /** Exceptions that are defects of ours. */
  bugs: string[];
  /** `performance.now()` at the run's beginning. */
  began: number;
}

/**
 * Looks at the tree once more, and writes record, attestation and reports.
 * @throws UserError 73, 74
 */
export async function close(
  loaded: LoadedChecklist,
  options: RunOptions,
  run: Prepared,
  outcome: Outcome,
): Promise<RunRecord> {
  const { store, state, folder, chosen, leave } = run;
  const { milestone } = loaded.checklist;
  for (const record of outcome.records) if (state.lateSteps.has(record.id)) record.evidence = store.seal(record.id);
  await keepPictures(outcome.records, store, options.reports, { milestone, id: state.runId });
  const after = await snapshot(options.target, leave, run.before);
  const heard = await run.folders.heard();
  const draft = await draftOf(loaded, options, run, outcome, { after, heard });
  const judged: RunRecord = { ...draft, verdict: verdictOf(draft) };
  const since = chosen.shard ? undefined : sinceApproved(options.reports, judged);
  const record: RunRecord = since ? { ...judged, since } : judged;
  store.onlyOwn([journalName, 'record.json']);
  // A shard's report is not the milestone's: the merged run's is written there.
  const { target, writeTo, machineKey } = options;
  await writeReports(folder, record, { target, writeTo: chosen.shard ? undefined : writeTo }, loaded.text, machineKey);
  run.journal.remove();
  pointLatest(join(options.reports, milestone), state.runId);
  writeIndex(options.reports);
  return record;
}

/** What has changed since the run that was approved last; nothing where there is none, or where it cannot be read. */
function sinceApproved(reports: string, record: RunRecord): RunRecord['since'] {
  const { milestone, id } = record.run;
  const found = lastApproved(reports, { milestone, id });
  if (!found) return undefined;
  try {
    const { record: before } = readRun(join(reports, found.milestone, found.id));
    return sinceRun(`${found.milestone}/${found.id}`, before, record);
  } catch {
    return undefined;
  }
}

async function draftOf(
  loaded: LoadedChecklist,
  options: RunOptions,
  run: Prepared,
  { records, bugs, began }: Outcome,
  { after, heard }: { after: Snapshot; heard: Heard },
): Promise<Omit<RunRecord, 'verdict'>> {
  const { checklist } = loaded;
  const { chosen, state, redactor, before } = run;
  return {
    schema: recordSchema,
    tool: { name: 'verify-milestone', version: options.version },
    run: {
      id: state.runId,
      milestone: checklist.milestone,
      title: checklist.title,
      ...(checklist.source !== undefined && { source: checklist.source }),
      startedAt: new Date(state.startedAt).toISOString(),
      endedAt: new Date().toISOString(),
      durationMs: performance.now() - began,
      driver: state.stack?.driver ?? options.driver,
      ...varsOf(loaded, redactor),
      ...(options.writeTo !== undefined && { writeTo: posixPath(options.writeTo) }),
      narrowedBy: chosen.narrowedBy,
      ...(chosen.shard && { shard: chosen.shard }),
      ...(options.signal.aborted && {
        interrupted: (options.signal.reason as Error | undefined)?.message ?? 'interrupted',
      }),
      ...(bugs.length > 0 && { bug: bugs.join('\n').slice(0, 8000) }),
      command: redactor.deep(options.command),
    },
    tree: {
      ...before.state,
      ...changesOf(before, after, state.tree, heard),
      ...unlessChanged(options.target, run.ignored),
      ...unversionedOf([before, after], checklist),
    },
    host: state.host,
    tools: await toolVersions(
      loaded.steps
        .filter((step) => chosen.steps.has(step.spec.id))
        .flatMap((step) => step.type.requires?.(step.params) ?? []),
    ),
    surroundings: run.surroundings,
    checklist: {
      path: relative(options.target, loaded.path) || loaded.path,
      sha256: loaded.sha256,
      inputs: run.inputs,
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
    manifest: run.store.manifest(),
  };
}
