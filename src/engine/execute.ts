import type { LoadedStep } from '../checklist/load.ts';
import type { Retry, Waiver } from '../core/checklist.ts';
import { UserError } from '../core/errors.ts';
import type { Finding } from '../core/finding.ts';
import { ms, showDuration, titleOf, Unobservable, type Judgement, type StepContext } from '../core/step.ts';
import type { Outcome } from '../core/outcome.ts';
import { pause } from '../core/poll.ts';
import type { StepRecord } from '../core/record.ts';
import { hiddenByRedaction, outcomeOf, withNothingAsserted } from '../core/verdict.ts';
import { waive } from '../core/waive.ts';
import { canonicalJson, isSame } from '../evidence/digest.ts';
import { stepContext } from './context/context.ts';
import type { RunState } from './context/shared.ts';
import type { Watchdog } from '../hosts/watchdog.ts';
import { framesOf } from './frames.ts';
import { parametersNow } from './parameters.ts';

/** Milliseconds that a step gets to end by itself once its time is up, before it is left behind. */
const grace = 3500;
/** The same once the run is interrupted: what a step has disturbed it may still put right. */
const graceOfInterruption = 10_000;

class StepTimeout extends Error {
  override readonly name = 'StepTimeout';
}

/** The record of a step before it has run; `skipped` until something else is known. */
export function blankRecord(step: LoadedStep): StepRecord {
  const { spec } = step;
  return {
    id: spec.id,
    item: step.item,
    title: titleOf(step),
    uses: spec.uses,
    needs: spec.needs,
    tags: spec.tags,
    where: step.where,
    locked: spec.locked,
    strict: spec.strict,
    with: step.with,
    outcome: 'skipped',
    offsetMs: 0,
    durationMs: 0,
    attempts: [],
    proofs: [],
    findings: [],
    facts: {},
    tables: [],
    evidence: [],
  };
}

interface Attempted {
  /** Where the observation lies that was judged, below the run's folder. */
  observed?: string;
  /** Why a pass would prove little. */
  weak?: string;
  /** What was redacted would have been judged otherwise. */
  hidden?: boolean;
  judgement: Judgement;
  outcome: Outcome;
  reason?: string | undefined;
  bug?: string | undefined;
}

const nothing = (findings: Finding[]): Judgement => ({ proofs: [], findings, facts: {}, tables: [] });

/** What the engine is told while a step runs. `bug`: of an exception that is a defect of ours. */
interface Hooks {
  attempt: (n: number) => void;
  progress: (line: string) => void;
  bug: (text: string) => void;
  /** See `Watchdog`. */
  guard: Watchdog['guard'];
}

/**
 * Runs one step, with its retries, to its record. Never throws but for errors of writing evidence.
 */
export async function executeStep(
  run: RunState,
  step: LoadedStep,
  hooks: Hooks,
  policy: { waivers: readonly Waiver[]; commit: string | undefined },
): Promise<StepRecord> {
  const began = performance.now();
  const record: StepRecord = { ...blankRecord(step), startedAt: new Date().toISOString(), offsetMs: 0 };
  if (step.spec.title === undefined) record.title = run.redactor.text(record.title);
  const last = await attempts(run, step, record, hooks);
  const { judgement } = last;
  judgement.findings = waive(
    { id: record.id, locked: record.locked },
    judgement.findings,
    policy.waivers,
    run.startedAt,
    policy.commit,
  );
  const timedOut = last.outcome === 'timed-out';
  record.outcome = timedOut ? 'timed-out' : outcomeOf(judgement, record.strict);
  const reason = last.reason ?? judgement.pending;
  if (reason !== undefined && record.outcome !== 'passed') record.reason = run.redactor.text(reason);
  const { redactor } = run;
  record.proofs = redactor.deep(judgement.proofs);
  record.findings = redactor.deep(judgement.findings);
  record.facts = redactor.deep(judgement.facts);
  if (judgement.units) record.units = redactor.deep(judgement.units);
  record.tables = redactor.deep(judgement.tables);
  record.with = redactor.deep(record.with);
  const frames = framesOf(judgement.findings, run.shared.checkout, redactor);
  if (frames.length > 0) record.frames = frames;
  if (judgement.reduced !== undefined) record.reduced = judgement.reduced;
  if (judgement.confirmation !== undefined) record.confirmation = redactor.deep(judgement.confirmation);
  if (last.observed !== undefined) record.observed = last.observed;
  if (record.outcome === 'passed' && last.weak !== undefined) record.weak = last.weak;
  if (last.hidden === true) record.hiddenByRedaction = true;
  if (record.outcome === 'passed' || record.outcome === 'waived' || record.outcome === 'failed')
    run.facts.set(record.id, record.facts);
  record.durationMs = performance.now() - began;
  return record;
}

/** Tries as often as `retry` says. An interruption ends it: what an earlier attempt has found stays found. */
async function attempts(run: RunState, step: LoadedStep, record: StepRecord, hooks: Hooks): Promise<Attempted> {
  const retry: Retry | undefined = step.spec.retry;
  const most = retry?.attempts ?? 1;
  let last: Attempted | undefined;
  for (let n = 1; ; n++) {
    hooks.attempt(n);
    const start = performance.now();
    const own = await attempt(run, step, record, hooks);
    record.attempts.push({
      outcome: own.outcome,
      reason: run.redactor.text(own.reason ?? summary(own.judgement.findings)),
      durationMs: performance.now() - start,
    });
    if (own.bug !== undefined) hooks.bug(run.redactor.text(`${step.spec.id}: ${own.bug}`));
    if (last === undefined || !run.signal.aborted) last = own;
    if (n >= most || own.outcome === 'passed' || own.outcome === 'not-reviewed' || run.signal.aborted) return last;
    hooks.progress(`attempt ${n} ended as ${own.outcome}; again in ${retry?.delay}`);
    await pause(ms(retry?.delay ?? '1s'), run.signal);
    if (run.signal.aborted) return last;
  }
}

const summary = (findings: readonly Finding[]): string => {
  const worst = findings.find((f) => f.level === 'error') ?? findings.find((f) => f.level === 'inconclusive');
  return worst ? `${worst.code}: ${worst.message}` : '';
};

/** One attempt. It settles soon after its time is up or the run is interrupted, whatever the step does: also where it never yields. */
async function attempt(run: RunState, step: LoadedStep, record: StepRecord, hooks: Hooks): Promise<Attempted> {
  const limit = ms(step.spec.timeout ?? step.type.timeout);
  const endsAt = performance.now() + limit;
  const control = new AbortController();
  const onAbort = (): void => control.abort(new Error('the run was interrupted'));
  if (run.signal.aborted) onAbort();
  run.signal.addEventListener('abort', onAbort, { once: true });
  const { context, close } = stepContext(run, step.spec, { signal: control.signal, endsAt }, hooks.progress);
  const timers: NodeJS.Timeout[] = [];
  let release: (() => void) | undefined;
  try {
    const ended = new Promise<never>((_, fail) => {
      const leave = (): void => {
        const why = control.signal.reason as Error;
        timers.push(setTimeout(() => fail(why), why instanceof StepTimeout ? grace : graceOfInterruption));
      };
      if (control.signal.aborted) leave();
      else control.signal.addEventListener('abort', leave, { once: true });
      timers.push(
        setTimeout(() => control.abort(new StepTimeout(`the step's time of ${showDuration(limit)} is up`)), limit),
      );
      release = hooks.guard(endsAt, () =>
        fail(new StepTimeout('the step computed without a pause, would not end, and was cut off')),
      );
    });
    return await Promise.race([observeAndJudge(run, step, record, context, control.signal), ended]);
  } catch (error) {
    return failed(error, control.signal, run);
  } finally {
    for (const timer of timers) clearTimeout(timer);
    release?.();
    run.signal.removeEventListener('abort', onAbort);
    await close();
  }
}

async function observeAndJudge(
  run: RunState,
  step: LoadedStep,
  record: StepRecord,
  context: StepContext,
  signal: AbortSignal,
): Promise<Attempted> {
  const { values, params, secret } = parametersNow(run, step);
  record.with = values;
  const observed = await step.type.gather(secret, context);
  // What the interruption itself ended, a program above all, says nothing of the thing that was looked at.
  if (signal.aborted && !(signal.reason instanceof StepTimeout)) return failed(signal.reason, signal, run);
  const judged = judgeAgain(run, step, values, params, observed);
  const path = run.store.write(step.spec.id, 'observed.json', judged.text);
  const kept = {
    observed: run.store.nameOf(path),
    ...(judged.weak !== undefined && { weak: judged.weak }),
    ...(judged.hidden && { hidden: true }),
  };
  if (signal.aborted && signal.reason instanceof StepTimeout)
    return { ...kept, ...timeUp(judged.judgement, signal.reason.message) };
  return { ...kept, judgement: judged.judgement, outcome: outcomeOf(judged.judgement, step.spec.strict) };
}

/**
 * Judges what was observed as report and gate will: from its redacted JSON text, not from the objects in memory, and with the
 * parameters redacted. What is redacted must not decide: where the raw text is judged otherwise, nothing is concluded.
 */
function judgeAgain(
  run: RunState,
  step: LoadedStep,
  values: unknown,
  params: unknown,
  observed: unknown,
): { judgement: Judgement; text: string; weak: string | undefined; hidden: boolean } {
  const { type, spec } = step;
  const raw = canonicalJson(observed ?? null);
  const text = run.redactor.text(canonicalJson(run.redactor.deep(observed ?? null)));
  const shown = run.redactor.deep(values);
  const same = text === raw && isSame(shown, values);
  const judgedBy = same ? params : (type.params.safeParse(shown).data ?? params);
  const judge = (by: unknown, of: string): Judgement => withNothingAsserted(type.judge(by, JSON.parse(of)));
  const judgement = judge(judgedBy, text);
  const hidden = !same && decidesOtherwise(judge(params, raw), judgement, spec.strict, run);
  if (hidden) judgement.findings.push(hiddenByRedaction);
  return { text, judgement, weak: type.weak?.(judgedBy, JSON.parse(text)), hidden };
}

/** Do two judgements differ in more than what is redacted? */
function decidesOtherwise(raw: Judgement, shown: Judgement, strict: boolean, { redactor }: RunState): boolean {
  const weighs = ({ findings }: Judgement): string[] =>
    findings.filter((f) => f.level === 'error' || f.level === 'inconclusive').map((f) => f.code);
  const essence = (one: Judgement): string =>
    canonicalJson([outcomeOf(one, strict), weighs(one), one.pending !== undefined, redactor.deep(one.facts)]);
  return essence(raw) !== essence(shown);
}

function timeUp(judgement: Judgement, message: string): Attempted {
  const finding: Finding = {
    code: 'timed-out',
    level: 'inconclusive',
    message,
    hint: 'raise `timeout`, or find out what it waits for',
  };
  return {
    judgement: { ...judgement, findings: [...judgement.findings, finding] },
    outcome: 'timed-out',
    reason: message,
  };
}

function failed(error: unknown, signal: AbortSignal, run: RunState): Attempted {
  if (error instanceof UserError) throw error;
  if (error instanceof StepTimeout || (signal.aborted && signal.reason instanceof StepTimeout)) {
    return timeUp(nothing([]), (error instanceof StepTimeout ? error : (signal.reason as Error)).message);
  }
  if (run.signal.aborted) {
    const finding: Finding = {
      code: 'interrupted',
      level: 'inconclusive',
      message: 'the run was interrupted while this step ran',
      hint: 'run again',
    };
    return { judgement: nothing([finding]), outcome: 'error', reason: finding.message };
  }
  if (error instanceof Unobservable) {
    const finding: Finding = {
      code: error.code,
      level: 'inconclusive',
      message: error.message,
      ...(error.hint !== undefined && { hint: error.hint }),
    };
    return { judgement: nothing([finding]), outcome: 'error', reason: error.message };
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const finding: Finding = {
    code: 'internal-error',
    level: 'inconclusive',
    message: `a defect of verify: ${error instanceof Error ? error.message : String(error)}`,
    hint: 'please report it with the detail below',
    detail: text.slice(0, 4000),
  };
  return { judgement: nothing([finding]), outcome: 'error', reason: finding.message, bug: text };
}
