import { exit, type ExitCode } from '../core/errors.ts';

/** Why a gate stays shut, or a run cannot be signed: one line, and what to do about it. */
export interface Reason {
  code: ExitCode;
  text: string;
  todo: string;
}

/** Which reason gives the exit code where there are several; the contract is in ARCHITECTURE.md. */
const precedence: readonly ExitCode[] = [
  exit.tampered,
  exit.invalid,
  exit.missing,
  exit.failed,
  exit.inconclusive,
  exit.stale,
  exit.notApproved,
  exit.incomplete,
];

export function codeOf(reasons: readonly Reason[]): ExitCode {
  if (reasons.length === 0) return exit.passed;
  const codes = new Set(reasons.map((reason) => reason.code));
  return precedence.find((code) => codes.has(code)) ?? exit.tampered;
}

/** The weightiest first, otherwise as they were found. */
export function inOrder(reasons: readonly Reason[]): Reason[] {
  const rank = (reason: Reason): number => precedence.indexOf(reason.code);
  return reasons.toSorted((a, b) => rank(a) - rank(b));
}

/** Collects reasons. */
export class Reasons {
  readonly all: Reason[] = [];

  add(code: ExitCode, text: string, todo: string): void {
    this.all.push({ code, text, todo });
  }

  has(...codes: ExitCode[]): boolean {
    return this.all.some((reason) => codes.includes(reason.code));
  }
}
