/** One defect of the sample target and the finding that must name it. */
export interface Mutant {
  name: string;
  /** Id of the step in checklists/milestone-16.yaml, and the finding's code. */
  step: string;
  code: string;
  /** `inconclusive`: the defect keeps the step from observing, and that is all that can be said. Without it the finding must be an error. */
  level?: 'inconclusive';
  /** File → replacements of literal text (each must be there), `null` removes the file, a string is its new content. */
  edits: Record<string, [from: string, to: string][] | string | null>;
}

/** The common kind: one literal text of one file replaced by another. */
export const one = (name: string, step: string, code: string, file: string, from: string, to: string): Mutant => ({
  name,
  step,
  code,
  edits: { [file]: [[from, to]] },
});

/** A defect that keeps its step from observing. */
export const blind = (mutant: Mutant): Mutant => ({ ...mutant, level: 'inconclusive' });
