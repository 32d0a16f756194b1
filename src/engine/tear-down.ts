import type { View } from '../core/event.ts';
import { end } from '../hosts/descendants.ts';
import { sweep } from '../hosts/processes.ts';
import type { RunState } from './context/shared.ts';

/** Last in, first out; one that fails or hangs does not keep the others from running. What escaped is killed by its mark. */
export async function tearDown(state: RunState, view: View): Promise<void> {
  for (const { label, undo, kept } of state.teardowns.splice(0).toReversed()) {
    let timer: NodeJS.Timeout | undefined;
    try {
      const late = new Promise<never>((_, fail) => {
        timer = setTimeout(() => fail(new Error('it did not end within 60 s')), 60_000);
      });
      await Promise.race([undo(), late]);
      view.on(kept === true ? { type: 'notice', level: 'info', text: label } : { type: 'teardown', label });
    } catch (error) {
      view.on({ type: 'teardown', label, error: error instanceof Error ? error.message : String(error) });
    } finally {
      clearTimeout(timer);
    }
  }
  for (const pid of state.shared.listed()) end(pid);
  await state.shared.close();
  if (!state.keepStack || state.stack === undefined) await sweep(state.runId);
}
