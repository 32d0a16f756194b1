import { exit, type ExitCode } from './errors.ts';
import type { SignoffPolicy } from './checklist.ts';
import type { Finding } from './finding.ts';
import type { Judgement } from './judgement.ts';
import type { Fidelity, Outcome, Verdict } from './outcome.ts';
import type { RunRecord, StepRecord } from './record.ts';

/**
 * The outcome that a judgement amounts to. Nothing asserted is an error, never a pass; findings that a waiver accepts
 * (`waived` set) turn a failure into `waived`, unless an unwaived one is left.
 */
export function outcomeOf(judgement: Pick<Judgement, 'findings' | 'proofs' | 'pending'>, strict = false): Outcome {
  const weighs = (f: Finding): boolean => f.level === 'error' || (strict && f.level === 'warning');
  const open = judgement.findings.filter((f) => f.waived === undefined);
  if (open.some(weighs)) return 'failed';
  if (open.some((f) => f.level === 'inconclusive')) return 'error';
  // A waiver accepts what was found; it does not answer what was asked.
  if (judgement.pending !== undefined) return 'not-reviewed';
  if (judgement.findings.some((f) => f.waived !== undefined && (weighs(f) || f.level === 'inconclusive')))
    return 'waived';
  return judgement.proofs.length > 0 ? 'passed' : 'error';
}

/** Of a step whose outcome hangs on what was redacted: the evidence that is kept would be judged otherwise than what was seen. */
export const hiddenByRedaction: Finding = {
  code: 'hidden-by-redaction',
  level: 'inconclusive',
  message: 'what was observed holds a secret, and is judged otherwise with the secret than without it',
  hint: 'see which value of the environment stands in the output (a short or ordinary word is not a secret), and take it out of the output, or assert on something else',
};

/** A judgement that neither proves nor finds anything asserts nothing; that is an error, never a pass. */
export function withNothingAsserted(judgement: Judgement): Judgement {
  const weighs = judgement.findings.some((f) => f.level === 'error' || f.level === 'inconclusive');
  if (judgement.proofs.length > 0 || weighs || judgement.pending !== undefined) return judgement;
  const finding: Finding = {
    code: 'nothing-asserted',
    level: 'inconclusive',
    message: 'no assertion was evaluated: there was nothing to check',
    hint: 'give the step something to assert, or take it out',
  };
  return { ...judgement, findings: [...judgement.findings, finding] };
}

/** The verdict of a run, from its steps alone. Precedence: FAILED, INCONCLUSIVE, INCOMPLETE, PASSED. */
export function verdictOf(
  record: Pick<RunRecord, 'run' | 'tree'> & { steps: readonly Pick<StepRecord, 'outcome'>[] },
): Verdict {
  const seen = new Set(record.steps.map((step) => step.outcome));
  if (seen.has('failed')) return 'FAILED';
  if (seen.has('error') || seen.has('timed-out') || record.tree.changed.length > 0) return 'INCONCLUSIVE';
  if (record.tree.unversioned?.declared === false) return 'INCONCLUSIVE';
  if (
    record.steps.length === 0 ||
    seen.has('skipped') ||
    seen.has('not-reviewed') ||
    record.run.narrowedBy.length > 0 ||
    record.run.shard !== undefined ||
    record.run.interrupted !== undefined ||
    record.run.bug !== undefined
  ) {
    return 'INCOMPLETE';
  }
  return 'PASSED';
}

/** Reduced as soon as one step that counts was. */
export function fidelityOf(steps: readonly Pick<StepRecord, 'reduced'>[]): Fidelity {
  return steps.some((step) => step.reduced !== undefined) ? 'reduced' : 'full';
}

/** The steps whose stand-in a policy does not take. */
export function belowFidelity<S extends Pick<StepRecord, 'reduced' | 'item'>>(
  steps: readonly S[],
  asked: SignoffPolicy['fidelity'],
): S[] {
  if (asked === 'reduced') return [];
  return steps.filter((step) => step.reduced !== undefined && (asked === 'full' || asked.includes(step.item)));
}

export function exitCodeOf(verdict: Verdict): ExitCode {
  switch (verdict) {
    case 'PASSED':
      return exit.passed;
    case 'FAILED':
      return exit.failed;
    case 'INCONCLUSIVE':
      return exit.inconclusive;
    case 'INCOMPLETE':
      return exit.incomplete;
  }
}
