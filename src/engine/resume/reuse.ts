import { copyFileSync, constants, existsSync, lstatSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { LoadedChecklist, LoadedStep } from '../../checklist/load.ts';
import type { Waiver } from '../../core/checklist.ts';
import { ms, showDuration } from '../../core/duration.ts';
import { exit, UserError } from '../../core/errors.ts';
import type { Outcome } from '../../core/outcome.ts';
import type { ReusedFrom, RunRecord, StepRecord, Surroundings } from '../../core/record.ts';
import { runAgain } from '../../core/reuse.ts';
import { outcomeOf } from '../../core/verdict.ts';
import { unwaived, waive } from '../../core/waive.ts';
import { canonicalJson, digestFile } from '../../evidence/digest.ts';
import type { Redactor } from '../../evidence/redact.ts';
import { type EvidenceStore, ioError } from '../../evidence/store.ts';
import type { LeftOut } from '../../hosts/left-out.ts';
import type { Snapshot } from '../../hosts/tree.ts';
import { newestWrite } from '../../hosts/written.ts';
import { inMemory } from '../../signoff/bundle.ts';
import { skewMs } from '../../signoff/decisions.ts';
import { differs } from '../../signoff/rejudge.ts';
import { stampsOf, type Bases } from './basis.ts';
import { blankRecord } from '../execute.ts';
import type { Earlier } from './earlier.ts';

const ended: Readonly<Record<Exclude<Outcome, 'passed'>, string>> = {
  failed: 'it failed',
  error: 'it could not be checked',
  'timed-out': 'it timed out',
  skipped: 'it was not run',
  'not-reviewed': 'it waits for a person',
  waived: 'a waiver accepted what it found',
};

/** What a resumed run is now. */
export interface Now {
  loaded: LoadedChecklist;
  chosen: ReadonlySet<string>;
  /** Milliseconds since the epoch when the run began. */
  startedAt: number;
  tree: Snapshot;
  host: RunRecord['host'];
  leave: LeftOut;
  /** As the earlier run took them, with its salt. */
  surroundings: Surroundings;
  waivers: readonly Waiver[];
  redactor: Redactor;
  bases: Bases;
}

export interface Reuse {
  earlier: Earlier;
  /** Step → its record in the new run; its evidence has still to be brought over. */
  taken: Map<string, StepRecord>;
  /** Step → why it runs again. */
  again: Map<string, string>;
  /** Why nothing at all can be taken over. */
  whole?: string;
}

/**
 * Which steps of an earlier run can be taken over. In doubt a step runs again: a false pass is worse than a run that takes longer.
 * Only passes are taken over, only where tree, commit, host, definition, programs, environment and evidence are as they were, and
 * never what was about a stack or another service: it has ended with its run, or may have changed since.
 */
export async function decideReuse(earlier: Earlier, now: Now): Promise<Reuse> {
  const { loaded, chosen, bases } = now;
  const whole = differsAsAWhole(earlier, now);
  const taken = new Map<string, StepRecord>();
  const nodes = [];
  const newest = whole === undefined ? newestWrite(now.tree.state.path, now.leave) : Number.POSITIVE_INFINITY;
  for (const step of loaded.steps) {
    const { id, needs } = step.spec;
    if (!chosen.has(id)) continue;
    const then = earlier.steps.get(id);
    const made = whole ?? (await takeOver(step, then, earlier, now));
    if (typeof made !== 'string') taken.set(id, made);
    const basis = then?.basis && !('bound' in then.basis) ? then.basis : undefined;
    nodes.push({
      id,
      needs,
      restsOn: [...needs, ...(basis?.facts ?? [])],
      left: basis?.ran !== true ? 'nothing' : step.type.leaves === 'nothing' ? 'cache' : 'anything',
      touched: then === undefined || touchedAfter(then, newest),
      usesBuilt: bases.usesBuilt(step),
      asksElsewhere: bases.mayAskElsewhere(step, then?.basis),
      again: typeof made === 'string' ? made : undefined,
    } as const);
  }
  const again = runAgain(nodes);
  for (const id of again.keys()) taken.delete(id);
  return { earlier, taken, again, ...(whole !== undefined && { whole }) };
}

/** Was something written in the target after this step had ended? */
const touchedAfter = (step: StepRecord, newest: number): boolean =>
  !(newest <= Date.parse(step.startedAt ?? '') + step.durationMs);

/** What keeps every step of the run from being taken over. */
function differsAsAWhole(earlier: Earlier, { tree: { state, files }, host, startedAt }: Now): string | undefined {
  const then = earlier.tree;
  const other = (what: string, a: string | undefined, b: string | undefined): string =>
    `${what} was ${a ?? 'none'}, and is ${b ?? 'none'}`;
  const dirt = (dirty: RunRecord['tree']['dirty']): string => canonicalJson(dirty);
  const unseen = state.dirty.find(({ path, why }) => !files.has(path) && !/^(?:deleted|removed)/.test(why));
  if (Date.parse(earlier.startedAt) > startedAt + skewMs) return 'the earlier run is from the future: set the clock';
  if (then.path !== state.path || then.prefix !== state.prefix) return other('the target', then.path, state.path);
  if (then.repository !== state.repository) return other('the repository', then.repository, state.repository);
  if (then.commit !== state.commit) return other('the commit', then.commit?.slice(0, 12), state.commit?.slice(0, 12));
  if (canonicalJson([then.outputs, then.reports]) !== canonicalJson([state.outputs, state.reports]))
    return `other paths were left out of the tree then (${[...then.outputs, then.reports ?? ''].filter(Boolean).join(', ') || 'none'}): give the same --write-to and --reports`;
  if (then.digest !== state.digest || dirt(then.dirty) !== dirt(state.dirty))
    return 'the files of the tree are not those of then';
  if (unseen !== undefined) return `what differs in ${unseen.path} cannot be compared`;
  if (earlier.changed !== undefined && earlier.changed.length > 0)
    return `the tree changed while the earlier run went on: ${earlier.changed.slice(0, 3).join(', ')}`;
  if (earlier.stamps !== undefined && earlier.stamps !== stampsOf(files))
    return 'files of the tree were written since the earlier run began, and it died before it could say whether they were as before';
  if (earlier.host.fingerprint !== host.fingerprint || earlier.host.os !== host.os)
    return other('the machine', `${earlier.host.fingerprint}, ${earlier.host.os}`, `${host.fingerprint}, ${host.os}`);
  return undefined;
}

/** The record of the step in the new run, or why it must run again. */
async function takeOver(
  step: LoadedStep,
  then: StepRecord | undefined,
  earlier: Earlier,
  now: Now,
): Promise<StepRecord | string> {
  const { bases, startedAt } = now;
  if (earlier.spoilt.has(step.spec.id)) return 'its line in the journal was altered';
  if (!then)
    return earlier.changed === undefined ? 'it had not ended when the run died' : 'the earlier run had no such step';
  if (then.outcome !== 'passed') return ended[then.outcome];
  const from: ReusedFrom = then.reusedFrom ?? { run: earlier.id, startedAt: earlier.startedAt };
  const age = startedAt - Date.parse(from.startedAt);
  const { maxAge } = now.loaded.checklist.signoff;
  if (!(age <= ms(maxAge))) return `its evidence is ${showDuration(age)} old; signoff.maxAge allows ${maxAge}`;
  const { basis, confirmation } = then;
  if (basis === undefined) return 'the earlier run did not record what it depends on';
  const bound = 'bound' in basis ? basis.bound : bases.boundBy(step);
  if (bound !== undefined) return bound;
  if ('bound' in basis) return basis.bound;
  const changed =
    (basis.ran ? otherSurroundings(earlier.surroundings, now.surroundings) : undefined) ??
    (await bases.changed(step, basis));
  if (changed !== undefined) return changed;
  if (confirmation?.expires !== undefined && Date.parse(confirmation.expires) < startedAt)
    return `the confirmation by ${confirmation.by} held until ${confirmation.expires}`;
  const record = inNewRun(step, then, from, now);
  return evidenceProblem(record, step, earlier, now) ?? record;
}

function otherSurroundings(then: Surroundings | undefined, now: Surroundings): string | undefined {
  if (then === undefined) return 'the earlier run did not note its environment';
  const names = new Set(then.names);
  const more = now.names.filter((name) => !names.has(name));
  const less = then.names.filter((name) => !now.names.includes(name));
  if (more.length > 0) return `${more.slice(0, 3).join(', ')} was not set in the environment then`;
  if (less.length > 0) return `${less.slice(0, 3).join(', ')} is no longer set in the environment`;
  return then.digest === now.digest ? undefined : 'a variable of the environment has another value than then';
}

function inNewRun(step: LoadedStep, then: StepRecord, from: ReusedFrom, now: Now): StepRecord {
  const commit = now.tree.state.commit;
  const findings = waive(
    { id: step.spec.id, locked: step.spec.locked },
    unwaived(then.findings),
    now.waivers,
    now.startedAt,
    commit,
  );
  const { id, item, title, uses, needs, tags, where, locked, strict } = blankRecord(step);
  return {
    ...then,
    id,
    item,
    title,
    uses,
    needs,
    tags,
    where,
    locked,
    strict,
    findings,
    offsetMs: 0,
    reusedFrom: from,
  };
}

/** Why the evidence cannot be gone by: it is not what was hashed, a secret is in it, or it does not amount to this pass. */
function evidenceProblem(record: StepRecord, step: LoadedStep, earlier: Earlier, now: Now): string | undefined {
  for (const file of record.evidence) {
    const path = join(earlier.folder, file.path);
    if (!file.path.startsWith(`evidence/${record.id}/`) || file.path.includes('..'))
      return `its evidence ${file.path} is not its own`;
    if (lstatSync(path, { throwIfNoEntry: false })?.isFile() !== true) return `its evidence ${file.path} is gone`;
    const digest = digestFile(path);
    if (digest.sha256 !== file.sha256 || digest.bytes !== file.bytes)
      return `its evidence ${file.path} was altered since`;
    if (now.redactor.holds(path)) return `its evidence ${file.path} holds what is a secret now`;
  }
  if (canonicalJson(now.redactor.deep(record)) !== canonicalJson(record))
    return 'its record holds what is a secret now';
  if (outcomeOf(record, record.strict) !== 'passed') return 'by the waivers of today it amounts to something else';
  const observed = record.observed === undefined ? undefined : join(earlier.folder, record.observed);
  const bundle = new Map(
    observed !== undefined && existsSync(observed) && record.observed !== undefined
      ? [[record.observed, inMemory(readFileSync(observed))] as const]
      : [],
  );
  const judged = {
    run: { startedAt: new Date(now.startedAt).toISOString() },
    waivers: [...now.waivers],
    tree: now.tree.state,
  };
  const other = differs(judged, record, step.type, bundle);
  return other === undefined ? undefined : `judged again, ${other}`;
}

/**
 * Brings the evidence of the steps over as files of their own, and hashes it once more.
 * @throws UserError 73, 74, also where it changed meanwhile
 */
export function adopt({ earlier, taken }: Reuse, store: EvidenceStore): void {
  for (const record of taken.values()) {
    if (record.evidence.length > 0) store.stepFolder(record.id);
    for (const { path, truncated } of record.evidence) {
      const to = join(store.folder, path);
      try {
        mkdirSync(dirname(to), { recursive: true });
        copyFileSync(join(earlier.folder, path), to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
      } catch (cause) {
        throw ioError(cause, to);
      }
      if (truncated) store.noteTruncation(to, truncated);
    }
    if (canonicalJson(store.seal(record.id)) !== canonicalJson(record.evidence))
      throw new UserError(exit.io, `the evidence of ${record.id} in ${earlier.folder} changed while it was copied`, {
        hint: 'see what writes there, and resume again',
      });
  }
}
