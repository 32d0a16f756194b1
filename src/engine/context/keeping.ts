import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StepContext } from '../../core/step.ts';
import type { Attempt } from './attempt.ts';

/** Evidence and what is asked of a person, told while the step goes on, or kept from all. */
export function keepingDoor(
  { run, step, clean }: Attempt,
  progress: (line: string) => void,
): Pick<StepContext, 'evidence' | 'secret' | 'ask' | 'progress'> {
  return {
    evidence: {
      async write(name, data) {
        run.store.write(step.id, name, data);
      },
      path: (name) => run.store.freshPath(step.id, name),
      scratch(files = {}) {
        const folder = mkdtempSync(join(run.shared.scratch(), 'step-'));
        for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
        return folder;
      },
    },
    secret: (name) => (step.secrets.includes(name) ? process.env[name] : undefined),
    ask: async (question) => {
      // A person may take any time, and change files meanwhile.
      const answer = await run.ask?.(question, step.id);
      run.shared.checkout.touch();
      return answer;
    },
    progress: (line) => progress(clean(line)),
  };
}
