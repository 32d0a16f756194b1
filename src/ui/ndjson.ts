import type { RunEvent, View } from '../core/event.ts';

/** Every event as one line of JSON. */
export class NdjsonView implements View {
  readonly #write: (text: string) => void;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  on(event: RunEvent): void {
    this.#write(`${JSON.stringify(event)}\n`);
  }

  async close(): Promise<void> {}

  prompt: View['prompt'] = (_step, prompt, config, signal) => prompt(config, { signal });
}
