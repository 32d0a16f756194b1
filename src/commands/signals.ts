/** The signals that end a run in order, with the exit code of a shell for each. */
export const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
export type Signal = keyof typeof signals;

/**
 * Milliseconds within which the same signal counts once: a terminal sends Ctrl-C to the whole group, and a launcher that is in it
 * hands its own on.
 */
const once = 400;

/**
 * Calls `first` at the first signal. At the second the process ends at once; the lock stays, so that the next run clears what is left.
 * @returns stops listening
 */
export function onSignal(first: (signal: Signal) => void): () => void {
  let got: { signal: Signal; at: number } | undefined;
  const listener = (signal: Signal): void => {
    if (got === undefined) {
      got = { signal, at: performance.now() };
      first(signal);
    } else if (signal !== got.signal || performance.now() - got.at > once) {
      process.stderr.write('\nended at once; the next run, or `verify clean`, clears what is left\n');
      process.exit(signals[signal]);
    }
  };
  for (const signal of Object.keys(signals) as Signal[]) process.on(signal, listener);
  return () => {
    for (const signal of Object.keys(signals) as Signal[]) process.removeListener(signal, listener);
  };
}

/** Ends this process by the signal that it got, so that whoever waits for it sees that. @returns the exit code where that fails */
export async function raise(signal: Signal): Promise<number> {
  process.kill(process.pid, signal);
  await new Promise((done) => setTimeout(done, 1000));
  return signals[signal];
}
