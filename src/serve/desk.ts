import type { PlanRow } from '../core/plan.ts';
import type { RunRecord } from '../core/record.ts';
import type { Decision, GateAnswer, ShownSignOff, SignOffSummary } from '../core/sign-off.ts';
import type { HistoryRun } from '../reporters/html/history.ts';
import type { Board } from './board.ts';

export interface Plan {
  title: string;
  /** Path and sha256 of the checklist, as it is on disk now. */
  path: string;
  sha256: string;
  target: string;
  driver: string;
  items: { id: string; title: string; impact: string; ref?: string | undefined }[];
  rows: PlanRow[];
  /** The longest chain may take this long at most. */
  longestMs: number;
}

/** A key at hand, held against one role of the policy. */
export interface Ballot {
  role: string;
  /** `SHA256:…`; empty where there is no key. */
  fingerprint: string;
  /** What the public key's line says of itself. */
  comment: string;
  /** Whose key it is; undefined where it may not sign in this role, and `why` says why not. */
  principal?: string;
  why: string[];
}

/** What is to be signed, and by whom it can be. */
export interface SigningView {
  summary: SignOffSummary;
  runId: string;
  recordSha256: string;
  /** Are there pictures to look at? */
  pictures: boolean;
  /** How many have signed before: a decision is about what was shown. */
  signed: number;
  /** It may be rejected at least. */
  signable: boolean;
  /** Why it cannot be approved. */
  reasons: GateAnswer['reasons'];
  ballots: Ballot[];
  /** Where a passphrase would be asked for. */
  asking: 'terminal' | 'window' | 'nobody';
}

export interface Said {
  role: string;
  fingerprint: string;
  decision: Decision;
  comment: string;
  /** What was shown. */
  recordSha256: string;
  signed: number;
}

export interface Shelf {
  id: string;
  folder: string;
  record: RunRecord;
  signOffs: ShownSignOff[];
}

export interface GateView {
  answer: GateAnswer;
  /** To keep the signatures where others find them: commands, and what to know first. */
  commit: { commands: string[]; note: string | undefined };
  /** The gate as a command, for CI. */
  command: string;
}

/** What the page may have done, and may see. All that throws throws UserError where a person can do something about it. */
export interface Desk {
  readonly milestone: string;
  readonly board: Board;
  plan(): Promise<Plan>;
  /** Earlier runs, the newest first. */
  runs(): HistoryRun[];
  /** A whole run: the one that is named, else the last. @throws UserError 66 */
  shelf(id?: string): Shelf;
  /** A file of a run that its record names, with the bytes that it names; the rendered report too. */
  file(runId: string, path: string): Buffer | undefined;
  /** The n-th thing that an open question is about, if its bytes are still those. */
  subject(questionId: string, n: number): Buffer | undefined;
  /** Starts a run of the checklist that was shown. @throws UserError 75 where one is going on, 22 where it changed since */
  start(sha256: string): Promise<void>;
  stop(): void;
  signing(): Promise<SigningView>;
  /** @returns the path of the sign-off */
  sign(said: Said): Promise<string>;
  gate(): Promise<GateView>;
}
