import type { UnobservableCode } from './unobservable.ts';
/** Exit codes of the command line; the contract is documented in ARCHITECTURE.md. 1 is never chosen. */
export const exit = {
  passed: 0,
  failed: 10,
  incomplete: 11,
  inconclusive: 12,
  notApproved: 20,
  tampered: 21,
  stale: 22,
  usage: 64,
  invalid: 65,
  missing: 66,
  bug: 70,
  cannotCreate: 73,
  io: 74,
  locked: 75,
  untrusted: 77,
  nothingSelected: 78,
} as const;
export type ExitCode = (typeof exit)[keyof typeof exit];

/** One thing that is wrong with an input, shown with its place, a code frame and a hint. */
export interface Diagnostic {
  message: string;
  file?: string;
  line?: number;
  col?: number;
  /** The source lines around it, ready to print. */
  frame?: string;
  hint?: string;
}

/** An error that the user can do something about. Anything else that is thrown is a bug of ours (exit 70). */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly code: ExitCode;
  readonly hint: string | undefined;
  readonly diagnostics: readonly Diagnostic[];

  constructor(
    code: ExitCode,
    message: string,
    options: { hint?: string | undefined; cause?: unknown; diagnostics?: readonly Diagnostic[] } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.diagnostics = options.diagnostics ?? [];
  }
}

/**
 * Thrown by a step's `gather` when the outside world keeps it from observing (tool not there, connection refused).
 * The step ends in `error` with an `inconclusive` finding; the run goes on.
 */
export class Unobservable extends Error {
  override readonly name = 'Unobservable';
  readonly code: UnobservableCode;
  readonly hint: string | undefined;

  constructor(code: UnobservableCode, message: string, options: { hint?: string | undefined; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }
}
