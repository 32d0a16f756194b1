/** One defect of the sample target and the finding that must name it. */
export interface Mutant {
  name: string;
  /** What the sample target does not have is in `yard/`, with a checklist of its own. */
  target?: 'yard';
  /** Id of the step in checklists/milestone-16.yaml, or in that of its target, and the finding's code. */
  step: string;
  code: string;
  /**
   * `inconclusive`: the defect keeps the step from observing, and that is all that can be said; `warning`: that the text means what it
   * seems to is only suspected, and the step may pass. Without it the finding must be an error, and the step must not pass.
   */
  level?: 'inconclusive' | 'warning';
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

/** A defect that can only be suspected. */
export const suspected = (mutant: Mutant): Mutant => ({ ...mutant, level: 'warning' });

/** A defect of the yard. */
export const inYard = (mutant: Mutant): Mutant => ({ ...mutant, target: 'yard' });

/** The checklist of a target, relative to the root of the repository. */
export const checklistOf = (target: Mutant['target']): string =>
  target === 'yard' ? 'test/mutants/yard/checklists/yard.yaml' : 'checklists/milestone-16.yaml';

/** A defect that keeps its step from observing. */
export const blind = (mutant: Mutant): Mutant => ({ ...mutant, level: 'inconclusive' });
