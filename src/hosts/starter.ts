import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Order, Report } from './starter-process.ts';

/** How a program that was started ended; `code` is the system's where it could not be started. */
export interface Ended {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  code?: string;
}

/** A program that was asked for. */
export interface Started {
  pid: number | undefined;
  ended: Promise<Ended>;
}

interface Waiting {
  started: (pid: number | undefined) => void;
  ended: (how: Ended) => void;
}

/** Programs that this process has started by itself before it takes on a helper: for fewer the helper would cost more than it saves. */
const worthwhile = 40;

/**
 * Starts programs through a small process of its own (`starter-process.ts`): Node starts a program by a copy of the process, which
 * takes the longer the more there is in memory, and nothing else happens meanwhile.
 */
class Starter {
  readonly #helper: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #orders = 0;
  gone = false;

  constructor(file: string) {
    const { NODE_OPTIONS: _, ...env } = process.env;
    // Its own session: signals of the terminal reach the run alone.
    this.#helper = spawn(process.execPath, [file], {
      env,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      detached: true,
    });
    this.#helper.on('message', (report) => this.#hear(report as Report));
    for (const event of ['error', 'exit', 'disconnect'] as const) this.#helper.on(event, () => this.#lost());
    this.#helper.unref();
    this.#helper.channel?.unref();
  }

  async start(order: Omit<Order, 'n'>): Promise<Started> {
    const n = ++this.#orders;
    let ended!: (how: Ended) => void;
    const end = new Promise<Ended>((done) => (ended = done));
    const pid = await new Promise<number | undefined>((started) => {
      this.#waiting.set(n, { started, ended });
      this.#helper.channel?.ref();
      this.#helper.send({ n, ...order }, (error) => error && this.#lost());
    });
    return { pid, ended: end };
  }

  /** It is to end, and has ended. */
  async close(): Promise<void> {
    if (this.gone || this.#helper.exitCode !== null) return;
    const exited = new Promise<void>((done) => {
      this.#helper.once('exit', () => done());
    });
    this.gone = true;
    this.#helper.ref();
    this.#helper.disconnect();
    await exited;
  }

  #hear(report: Report): void {
    const waiting = this.#waiting.get(report.n);
    if ('pid' in report) return waiting?.started(report.pid);
    this.#waiting.delete(report.n);
    if (this.#waiting.size === 0) this.#helper.channel?.unref();
    if ('failed' in report) {
      waiting?.started(undefined);
      waiting?.ended({ exitCode: null, signal: null, code: report.failed });
    } else waiting?.ended({ exitCode: report.code, signal: report.signal });
  }

  /** Somebody has ended it: how its programs ended is not known any more. */
  #lost(): void {
    this.gone = true;
    for (const { started, ended } of this.#waiting.values()) {
      started(undefined);
      ended({ exitCode: null, signal: null, code: 'the process that started it was ended' });
    }
    this.#waiting.clear();
  }
}

let direct = 0;
/** Runs of this process that go on. */
let runs = 0;
let starter: Starter | undefined;

/** The helper, where so many programs were started that it is worth its while. Counts the call as one that starts a program. */
export function starterIfWorthwhile(): Starter | undefined {
  if (starter !== undefined) return starter.gone ? undefined : starter;
  if (++direct < worthwhile || process.env['NODE_V8_COVERAGE'] !== undefined) return undefined;
  const file = fileURLToPath(
    new URL(import.meta.url.endsWith('.ts') ? './starter-process.ts' : './starter-process.js', import.meta.url),
  );
  return existsSync(file) ? (starter = new Starter(file)) : undefined;
}

/** A run begins that may use the helper; it calls `closeStarter` at its end. */
export function holdStarter(): void {
  runs++;
}

/** A run has ended; with the last one of this process the helper, where there is one, is to end. */
export async function closeStarter(): Promise<void> {
  if (--runs > 0) return;
  await starter?.close();
  starter = undefined;
  direct = 0;
}
