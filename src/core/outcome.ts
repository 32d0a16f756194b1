import { z } from 'zod';

/** What became of one step. The order is the order of reports: worst first. */
export const outcomes = ['failed', 'error', 'timed-out', 'skipped', 'not-reviewed', 'waived', 'passed'] as const;
export const Outcome = z.enum(outcomes);
export type Outcome = z.infer<typeof Outcome>;

/** The worst of some outcomes; `skipped` where there is none. */
export const worstOf = (seen: readonly Outcome[]): Outcome => outcomes.find((one) => seen.includes(one)) ?? 'skipped';

/** What became of a run. Only PASSED lets a milestone be signed and gated on. */
export const verdicts = ['PASSED', 'FAILED', 'INCONCLUSIVE', 'INCOMPLETE'] as const;
export const Verdict = z.enum(verdicts);
export type Verdict = z.infer<typeof Verdict>;

/** `full`: the real thing was exercised. `reduced`: a stand-in was (a host process for a container, a preview for Grafana). */
export const Fidelity = z.enum(['full', 'reduced']);
export type Fidelity = z.infer<typeof Fidelity>;

export const impacts = ['critical', 'major', 'minor'] as const;
export const Impact = z.enum(impacts);
export type Impact = z.infer<typeof Impact>;
