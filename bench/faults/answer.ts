/** What a part of `bench/faults.ts` comes to. */
export interface Answer {
  /** What was done, and the figure. */
  figure: string;
  /** What does not hold. */
  bad: string[];
}
