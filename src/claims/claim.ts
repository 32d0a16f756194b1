import type { StepContext } from '../core/step.ts';

/**
 * What a document says that can be looked up. `holds`: it was found; `false`: proven not to be so; `doubtful`: it looks false,
 * but may be meant otherwise; `remarked`: more often than not it is meant otherwise; `unjudged`: it is not known what it names.
 */
export interface Claim {
  kind: 'path' | 'link' | 'anchor' | 'command' | 'value' | 'name' | 'block';
  line: number;
  text: string;
  state: 'holds' | 'false' | 'doubtful' | 'remarked' | 'unjudged';
  /** What was found, in words. */
  seen: string;
  hint?: string;
  /** What stands behind it, where that makes many claims false: a folder that is gone. */
  cause?: string;
  /** What is said of the other claims of that cause, with `{n}` for how many they are. */
  more?: string;
}

/** The doors that reading claims needs. */
export type Doors = Pick<StepContext, 'files' | 'tree' | 'exec' | 'evidence'>;

/** A verdict on one claim, before it has its place. */
export type Verdict = Pick<Claim, 'state' | 'seen' | 'hint' | 'cause' | 'more'>;

export const holds = (seen: string): Verdict => ({ state: 'holds', seen });
export const wrong = (seen: string, hint?: string): Verdict => ({
  state: 'false',
  seen,
  ...(hint !== undefined && { hint }),
});
export const doubt = (seen: string, hint?: string): Verdict => ({
  state: 'doubtful',
  seen,
  ...(hint !== undefined && { hint }),
});
export const remark = (seen: string, hint: string): Verdict => ({ state: 'remarked', seen, hint });
export const unjudged = (seen: string): Verdict => ({ state: 'unjudged', seen });
