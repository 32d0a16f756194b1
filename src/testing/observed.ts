import type { FileCoverage } from '../formats/code-coverage/coverage.ts';
import type { TestCase } from '../formats/test-results/results.ts';

/** How the command that ran the tests ended. */
export interface Ran {
  command: string;
  code: number | null;
  signal: string | null;
  timedOut: boolean;
  durationMs: number;
  /** The end of its output. */
  tail: string;
  /** The program that is not there, and what to do. */
  missing?: { what: string; remedy?: string };
  /** Packages that are not installed, and what to do. */
  unprepared?: { what: string; remedy: string };
  /** What it says of something that it could not fetch. */
  unreached?: string;
  left: { pid: number; command: string }[];
}

/** Results or coverage reports that were looked for. */
export interface Reports {
  /** Globs that match nothing. */
  unmatched: string[];
  stale: { path: string; why: string }[];
  unreadable: { path: string; why: string }[];
  read: { path: string; format: string }[];
  /** Of those, the files that were there before, byte for byte. */
  same?: string[];
  /** Of those, beside a command, the files of which only the time may have been set. */
  touched?: string[];
}

/** One suite's numbers. */
export interface SuiteCounts {
  name: string;
  passed: number;
  failed: number;
  skipped: number;
}

/** What was seen of the tests; names of those that passed are kept only where the checklist names them. */
export interface ObservedTests {
  ran?: Ran;
  /** Why nothing was run. */
  cannot?: { missing: string; remedy: string; packages?: boolean };
  reports: Reports;
  contradictions: { path: string; what: string }[];
  broken: { what: string; file?: string; line?: number; detail?: string }[];
  suites: SuiteCounts[];
  passed: number;
  skipped: { count: number; names: string[] };
  failures: { count: number; cases: TestCase[] };
  flaky: TestCase[];
  /** Each required name, and the states of the tests that it means. */
  required: { name: string; states: string[] }[];
  /** Each quarantined name, and whether it means a test. */
  quarantined: { name: string; found: boolean; failed: boolean }[];
  /** Runners whose closing line was counted, where there are no results by name. */
  counted: { runner: string; executed: number; failed: number; says: string }[];
  silenced: string[];
  coverage?: Reports & { files: FileCoverage[]; approved?: { run: string; lines?: number } };
  /** Milliseconds since the epoch, when it was seen. */
  at: number;
}
