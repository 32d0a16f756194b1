import { isMainThread, Worker } from 'node:worker_threads';

/** Seconds of computing that the main thread may spend without a pause while a step runs; then it is cut, whatever is left of the step. */
const maxStretch = 15;
/** Milliseconds between two signs of life of the main thread. */
const pulse = 250;

// Runs in a thread of its own. Through the inspector it ends what the main thread executes: that comes between two instructions of
// JavaScript and in the middle of a regular expression too, leaves the process as it is, and the event loop goes on. What was cut
// settles nothing and catches nothing. The inspector is attached for the moment only: attached, it would hold up the exit.
const watching = `
const { Session } = require('node:inspector');
const { readFileSync } = require('node:fs');
const { workerData } = require('node:worker_threads');
const state = new Float64Array(workerData.state);
const now = () => performance.timeOrigin + performance.now();
const computed = () => {
  try {
    const stat = readFileSync('/proc/self/task/' + process.pid + '/stat', 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  }
};
let beat = 0;
let atBeat = 0;
setInterval(() => {
  if (state[0] !== beat) {
    beat = state[0];
    atBeat = computed();
    return;
  }
  if (state[1] === 0 || now() - beat < 4 * workerData.pulse) return;
  const stretch = computed() - atBeat;
  if (stretch < (now() > state[1] ? 0.5 : workerData.maxStretch)) return;
  atBeat = computed();
  const session = new Session();
  session.connectToMainThread();
  session.post('Runtime.terminateExecution', () => {
    state[2] += 1;
    session.disconnect();
  });
}, workerData.pulse);
`;

/**
 * Ends what never yields: a regular expression that backtracks without end, a parser in a loop. Timers and signals are of no use
 * then, since the event loop does not turn; a thread of its own sees that the main thread computes past the time of its step.
 */
export class Watchdog {
  /** When the main thread was last seen alive; when the first step must have ended (0: none runs); how often something was cut. */
  readonly #state = new Float64Array(new SharedArrayBuffer(24));
  readonly #ends = new Map<symbol, { endsAt: number; cut: () => void }>();
  readonly #worker: Worker | undefined;
  readonly #timer: NodeJS.Timeout;
  #cuts = 0;

  constructor() {
    this.#beat();
    this.#timer = setInterval(() => this.#beat(), pulse).unref();
    // Only the main thread can be cut; elsewhere (a test runner's thread) nothing is watched.
    if (!isMainThread) return;
    this.#worker = new Worker(watching, {
      eval: true,
      workerData: { state: this.#state.buffer, pulse, maxStretch },
      resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 },
      execArgv: [],
      stdin: false,
    });
    this.#worker.unref();
    // Without an inspector (a Node that was built so) nothing is watched either.
    this.#worker.on('error', () => undefined);
  }

  /**
   * A step runs until `endsAt` (as `performance.now()` counts) at most.
   * @param cut called where something was cut while this was the only step that ran
   * @returns to be called when it has ended
   */
  guard(endsAt: number, cut: () => void): () => void {
    const key = Symbol('step');
    this.#ends.set(key, { endsAt, cut });
    this.#beat();
    return () => {
      this.#ends.delete(key);
      this.#beat();
    };
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#worker?.terminate();
  }

  #beat(): void {
    const first = Math.min(...[...this.#ends.values()].map(({ endsAt }) => endsAt));
    this.#state[1] = Number.isFinite(first) ? performance.timeOrigin + first : 0;
    this.#state[0] = performance.timeOrigin + performance.now();
    const cuts = this.#state[2] ?? 0;
    if (cuts === this.#cuts) return;
    this.#cuts = cuts;
    if (this.#ends.size === 1) for (const { cut } of this.#ends.values()) cut();
  }
}
