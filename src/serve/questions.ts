import { randomBytes } from 'node:crypto';
import type { Answer, Question } from '../core/step.ts';

/** A question that waits for a person. */
export interface Asked {
  /** Unguessable, new for each question. */
  id: string;
  step: string;
  question: Question;
}

/** What became of an answer that was posted. */
export type Taken = 'taken' | 'already' | 'over' | 'unknown';

/** The questions of the runs of one server. Each is settled once: by an answer, by being put off, or by being withdrawn. */
export class Questions {
  readonly #open = new Map<string, Asked & { settle: (answer: Answer | undefined) => void }>();
  readonly #closed = new Map<string, 'already' | 'over'>();
  readonly #changed: () => void;

  /** @param changed is called when a question opens or closes */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Resolves with the answer, or undefined where the person puts it off, the step's time is up, or the run is ended. */
  ask(question: Question, step: string, signal: AbortSignal): Promise<Answer | undefined> {
    return new Promise((done) => {
      if (signal.aborted) {
        done(undefined);
        return;
      }
      const id = randomBytes(12).toString('base64url');
      const stop = (): void => this.#close(id, 'over', undefined);
      this.#open.set(id, {
        id,
        step,
        question,
        settle: (answer) => {
          signal.removeEventListener('abort', stop);
          done(answer);
        },
      });
      signal.addEventListener('abort', stop, { once: true });
      this.#changed();
    });
  }

  get open(): readonly Asked[] {
    return [...this.#open.values()];
  }

  get(id: string): Asked | undefined {
    return this.#open.get(id);
  }

  /** @param answer undefined puts it off: the step stays open */
  answer(id: string, answer: Answer | undefined): Taken {
    if (!this.#open.has(id)) return this.#closed.get(id) ?? 'unknown';
    this.#close(id, 'already', answer);
    return 'taken';
  }

  /** The step has ended, whoever ended it: nobody waits for its answer any more. */
  withdraw(step: string): void {
    for (const asked of this.open) if (asked.step === step) this.#close(asked.id, 'over', undefined);
  }

  #close(id: string, how: 'already' | 'over', answer: Answer | undefined): void {
    const asked = this.#open.get(id);
    if (!asked) return;
    this.#open.delete(id);
    this.#closed.set(id, how);
    asked.settle(answer);
    this.#changed();
  }
}
