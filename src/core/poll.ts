import { ms } from './duration.ts';

/** Longest time that Node's timers can wait, in milliseconds (a signed 32-bit number); more would be over at once. */
export const longestWait = 2 ** 31 - 1;

/** Waits `ms` milliseconds; until the signal is aborted at most. Never rejects. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) return done();
    const over = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', over);
      done();
    };
    const timer = setTimeout(over, Math.min(ms, longestWait));
    signal.addEventListener('abort', over, { once: true });
  });
}

/** What `poll` needs of a step's context. */
export interface Waiting {
  now(): number;
  /** Milliseconds that the step has left. */
  remaining(): number;
  /** @throws what the step was ended with */
  sleep(ms: number): Promise<void>;
  progress(line: string): void;
}

export interface PollOptions<T> {
  /** How long to wait at most, in milliseconds or as a duration; 0, and none, looks once. */
  within: number | string | undefined;
  /** Milliseconds between two looks. */
  every: number;
  /** Milliseconds of the step that are left for what comes after: by then the last look is judged, not timed out. Default 2000, and of a short step a quarter. */
  reserve?: number;
  look: (waited: number) => Promise<T>;
  done: (seen: T, waited: number) => boolean;
  /** The line to show while it waits. */
  waiting?: (seen: T, waited: number) => string;
}

/** How long a wait may still take, for a line of progress. */
export const atMost = (left: number): string => `at most ${Math.ceil(Math.max(0, left) / 1000)} s more`;

/**
 * Looks again and again until `done` says that it is enough, or the time is up: that of `within`, or that of the step less `reserve`
 * and less what a look takes, so that what was seen can still be judged. Every wait of a step goes through here.
 * @returns what was seen last; there is always one look
 */
export async function poll<T>(ctx: Waiting, options: PollOptions<T>): Promise<T> {
  const { within = 0, every, look, done, waiting } = options;
  const most = typeof within === 'number' ? within : ms(within);
  const began = ctx.now();
  const reserve = options.reserve ?? Math.min(2000, ctx.remaining() / 4);
  let slowest = 0;
  for (;;) {
    const start = ctx.now();
    const seen = await look(start - began);
    const waited = ctx.now() - began;
    slowest = Math.max(slowest, ctx.now() - start);
    const left = Math.min(most - waited, ctx.remaining() - reserve - slowest - every);
    if (done(seen, waited) || left <= 0) return seen;
    if (waiting) ctx.progress(waiting(seen, waited));
    await ctx.sleep(Math.min(every, left));
  }
}
