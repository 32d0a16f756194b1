import { z } from 'zod';
import type { Verdict } from './outcome.ts';
import type { Accepted } from './waive.ts';

/** The namespace of our signatures: one made for git, files or e-mail is never a sign-off. */
export const namespace = 'sign-off@verify-milestone.dev';

/** A person's decision over a run. */
export const Decision = z.enum(['approve', 'reject']);
export type Decision = z.infer<typeof Decision>;

/** A sign-off as reports show it. Whether its signature holds is for the gate to say. */
export interface ShownSignOff {
  role: string;
  decision: Decision;
  /** The signer's name in the allowed signers file. */
  principal: string;
  /** `SHA256:…` of the key, as ssh-keygen prints it. */
  fingerprint: string;
  at: string;
  comment: string;
  expires?: string | undefined;
}

/** What is being signed, in words, for terminal and page. */
export interface SignOffSummary {
  title: string;
  run: string;
  verdict: Verdict;
  /** The verdict in words, with what was accepted. */
  said: string;
  meaning: string;
  /** Commit and tree; fidelity, age, and how the run was made. */
  facts: string[];
  blocks: { title: string; lines: string[] }[];
  /** Path of the report, as seen from here. */
  report: string;
}

/** What the gate says of a run. */
export interface GateAnswer {
  milestone: string;
  before?: string;
  run: string;
  folder: string;
  passed: boolean;
  /** The exit code. */
  code: number;
  at: string;
  verdict?: Verdict;
  commit?: string | undefined;
  recordSha256?: string;
  approvals: { role: string; by: string; key: string; at: string }[];
  /** The weightiest first. */
  reasons: { code: number; text: string; todo: string }[];
  /** Failures that a waiver of the checklist accepts. */
  waived: Accepted[];
  /** What does not keep it shut, and yet should be known. */
  notices: string[];
}
