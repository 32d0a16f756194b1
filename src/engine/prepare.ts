import type { Redactor } from '../evidence/redact.ts';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { checklistInputs } from '../checklist/inputs.ts';
import type { LoadedChecklist } from '../checklist/load.ts';
import type { Surroundings } from '../core/record.ts';
import type { Shard } from '../core/shard.ts';
import type { Answer, Driver, Files, Question } from '../core/step.ts';
import { EvidenceStore, makeFolder } from '../evidence/store.ts';
import type { LeftOut } from '../hosts/left-out.ts';
import { snapshot, type Snapshot } from '../hosts/tree.ts';
import { FolderWatch } from '../hosts/folder-watch.ts';
import { targetFiles } from '../hosts/files.ts';
import { hostFacts } from '../hosts/host.ts';
import type { MachineKey } from '../signoff/machine.ts';
import { passwordsOf } from '../stack/passwords.ts';
import { makeUp, redactorOf } from './secrets.ts';
import { Shared, type RunState } from './context/shared.ts';
import { Checkout } from '../hosts/checkout.ts';
import { lookAtIgnored } from './ignored.ts';
import { leftOut } from './own-output.ts';
import type { Bases } from './resume/basis.ts';
import { findEarlier } from './resume/earlier.ts';
import type { Journal } from './resume/journal.ts';
import { lookBack, openJournal } from './resume/resume.ts';
import type { Reuse } from './resume/reuse.ts';
import type { Chosen } from './selection.ts';
import { TreeWatch } from './tree-watch.ts';
import { z } from 'zod';

const Produces = z.object({ produces: z.array(z.string()) });

/** Paths that a checklist says are built: its `outputs`, and what its commands produce. */
const builtBy = ({ checklist, steps }: LoadedChecklist): string[] => [
  ...checklist.outputs,
  ...steps.flatMap(({ params }) => Produces.safeParse(params).data?.produces ?? []),
];

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

/** The name of a run and the time of its beginning. */
export interface Named {
  id: string;
  startedAt: Date;
}

/**
 * Names a run by its beginning, to the second and then by six hexadecimal digits: three that count the milliseconds, so that names
 * sort by time, and three by chance.
 */
export function nameRun(startedAt: Date): Named {
  const second = startedAt
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '-');
  const within = startedAt.getUTCMilliseconds().toString(16).padStart(3, '0');
  return { id: `${second}-${within}${randomBytes(2).toString('hex').slice(1)}`, startedAt };
}

/** What is there once a run is ready to take its first step. */
export interface Prepared {
  chosen: Chosen;
  /** The run's folder. */
  folder: string;
  store: EvidenceStore;
  redactor: Redactor;
  leave: LeftOut;
  /** The tree as it was at the beginning. */
  before: Snapshot;
  surroundings: Surroundings;
  bases: Bases;
  reuse: Reuse | undefined;
  journal: Journal;
  /** Digests of the files that the checklist leans on. */
  inputs: Record<string, string>;
  ignored: Awaited<ReturnType<typeof lookAtIgnored>>;
  state: RunState;
  /** Hears what comes and goes in the folders of the tree. */
  folders: FolderWatch;
}

/** The files that the checklist leans on: of the tree, and of those that git ignores. */
async function lookAtInputs(
  loaded: LoadedChecklist,
  checkout: Checkout,
  { files }: Snapshot,
  leave: LeftOut,
): Promise<Pick<Prepared, 'inputs' | 'ignored'>> {
  const { inputs, others } = checklistInputs(
    loaded,
    checkout.root,
    (path) => files.has(path),
    (path) => checkout.text(path),
  );
  return { inputs, ignored: await lookAtIgnored(checkout, Object.keys(inputs), others, leave) };
}

/** What the types of the chosen steps note before the first one. */
async function notedAtStart({ steps }: LoadedChecklist, chosen: Chosen, files: Files): Promise<Map<string, unknown>> {
  const noted = new Map<string, unknown>();
  for (const { spec, type, params } of steps)
    if (type.atStart && chosen.steps.has(spec.id)) noted.set(spec.id, await type.atStart(params, files));
  return noted;
}

/** Snapshot, evidence store, what an earlier run has left to be taken over. @throws UserError before anything has run */
export async function prepare(
  loaded: LoadedChecklist,
  options: RunOptions,
  chosen: Chosen,
  { id: runId, startedAt }: Named,
): Promise<Prepared> {
  const { checklist } = loaded;
  const { target } = options;
  const earlier =
    options.resume && findEarlier(options.reports, checklist.milestone, options.resume.run, options.version);
  const folder = join(options.reports, checklist.milestone, runId);
  makeFolder(join(folder, 'evidence'));
  const passwords = passwordsOf(loaded.stack, options.driver);
  makeUp(passwords, process.env);
  const redactor = redactorOf(loaded, options.target, passwords);
  const store = new EvidenceStore(folder, redactor);
  const leave = leftOut(checklist.outputs, { ...options, run: runId });
  const before = await snapshot(target, leave);
  const host = hostFacts();
  const checkout = new Checkout(target);
  const begin = {
    loaded,
    target,
    checkout,
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
  const { inputs, ignored } = await lookAtInputs(loaded, checkout, before, leave);
  const state: RunState = {
    runId,
    kept: { reports: options.reports, milestone: checklist.milestone },
    target,
    host,
    startedAt: startedAt.getTime(),
    driver: options.driver,
    keepStack: options.keep,
    stackSpec: loaded.stack,
    treeDigest: before.state.digest,
    built: builtBy(loaded),
    atStart: await notedAtStart(loaded, chosen, targetFiles(checkout)),
    store,
    redactor,
    signal: options.signal,
    facts: new Map(),
    lateSteps: new Set(),
    teardowns: [],
    ask: options.ask,
    stack: undefined,
    shared: new Shared(runId, checkout),
    tree: new TreeWatch(target, before),
    uses: (step) => bases.of(step),
  };
  return {
    chosen,
    folder,
    store,
    redactor,
    leave,
    before,
    surroundings,
    bases,
    reuse,
    journal,
    inputs,
    ignored,
    state,
    folders: new FolderWatch(target, before, leave),
  };
}
