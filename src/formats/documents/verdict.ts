/**
 * A verdict on what a document says. `holds`: it was found; `false`: proven not to be so; `doubtful`: it looks false, but may be
 * meant otherwise; `remarked`: more often than not it is meant otherwise; `unjudged`: it is not known what it names.
 */
export interface Verdict {
  state: 'holds' | 'false' | 'doubtful' | 'remarked' | 'unjudged';
  /** What was found, in words. */
  seen: string;
  hint?: string;
  /** What stands behind it, where that makes many claims false: a folder that is gone. */
  cause?: string;
  /** What is said of the other claims of that cause, with `{n}` for how many they are. */
  more?: string;
  /** It may have been so when the document was written. */
  dated?: true;
}

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
/** The same verdict, as a suspicion where it was a proof. */
export const suspected = <V extends Verdict>(verdict: V): V =>
  verdict.state === 'false' ? { ...verdict, state: 'doubtful' } : verdict;
export const dated = (verdict: Verdict): Verdict => ({ ...verdict, dated: true });
export const remark = (seen: string, hint: string): Verdict => ({ state: 'remarked', seen, hint });
export const unjudged = (seen: string): Verdict => ({ state: 'unjudged', seen });
