import { join } from 'node:path';
import type { LoadedChecklist } from '../checklist/load.ts';
import { exit } from '../core/errors.ts';
import type { View } from '../core/event.ts';
import type { RunRecord } from '../core/record.ts';
import { exitCodeOf } from '../core/verdict.ts';
import { waiverNotices } from '../core/waive.ts';
import type { FolderWatch } from '../hosts/folder-watch.ts';
import { closeStarter, holdStarter } from '../hosts/starter.ts';
import { Watchdog } from '../hosts/watchdog.ts';
import { close } from './close.ts';
import { orphanNotice, takeLock } from './lock.ts';
import { nameRun, prepare, type RunOptions } from './prepare.ts';
import { runSteps } from './run-steps.ts';
import { choose } from './selection.ts';
import { tearDown } from './tear-down.ts';
import { mayKeepRunsIn } from './own-place.ts';
import { unversionedNotice } from './record-parts.ts';
import { mayWriteTo } from './write-to.ts';

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
  const { milestone, waivers } = loaded.checklist;
  const chosen = choose(loaded, options);
  if (options.writeTo !== undefined) mayWriteTo(options.target, options.writeTo);
  mayKeepRunsIn(options.reports, milestone);
  const named = nameRun(new Date());
  const lock = await takeLock(join(options.reports, milestone), named.id);
  const began = performance.now();
  const watchdog = new Watchdog();
  holdStarter();
  let folders: FolderWatch | undefined;
  try {
    for (const text of [
      ...orphanNotice(lock.orphan),
      ...waiverNotices(waivers, named.startedAt.getTime(), loaded.checklist.signoff.waivers),
    ])
      view.on({ type: 'notice', level: 'warning', text });
    const run = await prepare(loaded, options, chosen, named);
    folders = run.folders;
    for (const text of unversionedNotice(run.before, loaded.checklist))
      view.on({ type: 'notice', level: 'warning', text });
    const bugs: string[] = [];
    const records = await runSteps(loaded, options, view, run, { began, bugs, watchdog });
    await tearDown(run.state, view);
    const record = await close(loaded, options, run, { records, bugs, began });
    view.on({ type: 'run-ended', at: performance.now() - began, verdict: record.verdict });
    return { record, folder: run.folder, code: bugs.length > 0 ? exit.bug : exitCodeOf(record.verdict) };
  } finally {
    folders?.close();
    await closeStarter();
    await watchdog.close();
    lock.release();
  }
}
