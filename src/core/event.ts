import type { Verdict } from './outcome.ts';
import type { StepRecord } from './record.ts';

/** What the engine tells the views; they only draw. `at` is milliseconds from the run's start. */
export type RunEvent =
  | { type: 'run-started'; milestone: string; title: string; runId: string; steps: PlannedStep[]; folder: string }
  | { type: 'step-started'; id: string; at: number; attempt: number }
  | { type: 'step-progress'; id: string; line: string }
  | { type: 'step-ended'; id: string; at: number; record: StepRecord }
  | { type: 'notice'; level: 'info' | 'warning'; text: string }
  | { type: 'teardown'; label: string; error?: string }
  | { type: 'run-ended'; at: number; verdict: Verdict };

export interface PlannedStep {
  id: string;
  item: string;
  title: string;
  uses: string;
  needs: readonly string[];
  /** How long it took in the last run, for the live view. */
  typicalMs?: number;
}

/** Draws the run. */
export interface View {
  on(event: RunEvent): void;
  /** Called once at the end, also after an interrupt; leaves the terminal as it was. */
  close(): Promise<void>;
  /** Gives the terminal to a question, and takes it back. */
  suspend<T>(during: () => Promise<T>): Promise<T>;
}
