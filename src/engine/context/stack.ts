import type { StepContext } from '../../core/step.ts';
import { ofStack, type Attempt } from './attempt.ts';

/** The stack that a step leaves to later ones, and what is undone at the end of the run. */
export function stackDoor({ run, step, uses }: Attempt): Pick<StepContext, 'publishStack' | 'teardown'> {
  return {
    publishStack(stack) {
      uses.bind(ofStack);
      run.stack = stack;
    },
    teardown(label, undo, options = {}) {
      uses.bind(ofStack);
      run.lateSteps.add(step.id);
      run.teardowns.push({ label, undo, ...options });
    },
  };
}
