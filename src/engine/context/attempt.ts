import type { Files } from '../../core/step.ts';
import type { Uses } from '../resume/doors-used.ts';
import type { RunState } from './shared.ts';

/** One attempt of one step, as its doors see it. */
export interface Attempt {
  run: RunState;
  step: { id: string; uses: string; secrets: readonly string[] };
  /** Aborted when the step's time is up, or the run is interrupted. */
  signal: AbortSignal;
  /** Milliseconds that are left. */
  remaining: () => number;
  /** What the attempt uses, for --resume. */
  uses: Uses;
  files: Files;
  /** Redacts, and takes control characters out. */
  clean: (text: string) => string;
  /** Called when the attempt is over. */
  closers: (() => Promise<void>)[];
}

/** Why a step that went near the stack is of its run alone. */
export const ofStack = 'it is about the stack of its run, which has ended with it';
