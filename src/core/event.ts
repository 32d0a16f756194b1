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
  /** How long it took in the last run, where there was one. */
  typicalMs?: number;
}

/** Calls `prompt` with its configuration and whatever the view must add for it to be seen. */
export type Prompting = <T, C extends object>(
  step: string,
  prompt: (config: C, context?: { signal?: AbortSignal }) => Promise<T>,
  config: C,
  signal: AbortSignal,
) => Promise<T>;

/** Draws the run. */
export interface View {
  on(event: RunEvent): void;
  /** Called once at the end, also after an interrupt; leaves the terminal as it was. */
  close(): Promise<void>;
  /** Shows a prompt of a library (for the step of this id) in the view's own way, and gives its answer. */
  prompt: Prompting;
}
