import type { z } from 'zod';
import type { Files, StepContext } from './doors.ts';
import type { Judgement, Problems } from './judgement.ts';

// A step type, and what helps it to observe and judge, needs one import: this file.
export type * from './doors.ts';
export { Duration, ms, showDuration } from './duration.ts';
export { Unobservable } from './errors.ts';
export { Judge, type FactValue, type Judgement } from './judgement.ts';
export { ownPath } from './own-path.ts';
export { poll } from './poll.ts';
export { error, inconclusive, note, warning, type Problem, type Problems } from './judgement.ts';

/** A program or service that a step needs from the machine, for `plan` and `doctor`. Each toolchain and client names its own. */
export interface Requirement {
  readonly name: string;
  /** The command whose first line says its version. */
  readonly version: readonly string[];
  /** What to do where it is missing. */
  readonly remedy: string;
}

/**
 * A step type: data, in one file of src/steps. `gather` observes through the context and returns JSON;
 * `judge` is pure, so that report and gate can judge the same observation again.
 */
export interface StepType<W = unknown, O = unknown> {
  /** `prometheus/rules`: the file's path below src/steps. */
  readonly kind: string;
  /** One line: what it establishes. */
  readonly summary: string;
  /** Markdown for the reference: behaviour, limits, sources of outside facts. */
  readonly description: string;
  /** A whole step in YAML. */
  readonly example: string;
  readonly params: z.ZodType<W>;
  /** Name (or pattern) of each fact → what it is and its unit. */
  readonly facts: Readonly<Record<string, string>>;
  /** Further facts, whose names stand in the parameters: name → what it is. */
  yields?(params: W): Readonly<Record<string, string>>;
  readonly problems: Problems;
  /** Default time limit, e.g. `60s`. */
  readonly timeout: string;
  requires?(params: W): Requirement[];
  /** Facts that it reads and can do without: it also runs where the step that measures them did not pass, and judges the rest. */
  readsFacts?(params: W): string[];
  /** Named locks: two steps with a lock in common never run at once. */
  locks?(params: W): string[];
  /** It breaks something of the stack, or puts data into it that are none: what is to see the stack as it is runs before. */
  disturbs?(params: W): boolean;
  /** It is to see the stack as it is: where its needs allow it, it runs before the steps that disturb it. */
  undisturbed?: true;
  /** What will be done, a line each: argv, URLs. Shown by `plan` before anything runs. */
  plan(params: W): string[];
  /** What a step without a title of its own is called, where its parameters say more than the type's summary. */
  title?(params: W): string;
  /** A reason why a pass of this step proves little, e.g. nothing but an exit code; before the run without what was observed. */
  weak?(params: W, observed?: O): string | undefined;
  /** Notes, before the first step of the run, what lies there of the files that an earlier step is to write. */
  atStart?(params: W, files: Files): Promise<unknown>;
  /** Its programs leave nothing behind that a later step may rely on, but for caches that are held against the sources. */
  readonly leaves?: 'nothing';
  gather(params: W, context: StepContext): Promise<O>;
  judge(params: W, observed: O): Judgement;
}

/** Gives a step type its types; returns it as it is. */
export function defineStep<W, O>(type: StepType<W, O>): StepType<W, O> {
  return type;
}

/** A step's title: its own, else what its parameters say, else what its type establishes; one line of at most 90 characters. */
export function titleOf(step: {
  spec: { title?: string | undefined };
  type: Pick<StepType, 'summary' | 'title'>;
  params: unknown;
}): string {
  if (step.spec.title !== undefined) return step.spec.title;
  const text = (step.type.title?.(step.params) ?? step.type.summary).replace(/\s+/g, ' ').trim();
  if (text.length <= 90) return text;
  // What a summary names behind its colon is for the reference.
  const head = text === step.type.summary ? text.split(': ')[0] : undefined;
  return head !== undefined && head.length <= 90 ? head : `${text.slice(0, 89).trimEnd()}…`;
}
