import { readdirSync, readFileSync, readlinkSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Entry, entryOf, startedAfter, table } from './process-table.ts';
import { bearsMark, bootId, bornHere, marked, runMark } from './processes.ts';

/** A process that outlived the command that started it. */
export interface LeftProcess {
  pid: number;
  start: number;
  /** Its command line, or its name. */
  command: string;
}

const cwdOf = (pid: number): string | undefined => {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
};
const mine = (pid: number): boolean => {
  try {
    return statSync(`/proc/${pid}`).uid === process.getuid?.();
  } catch {
    return false;
  }
};

/**
 * What a command starts bears the run's mark, unless its environment was cleared: a process with the mark is told by it, and one with
 * a whole environment and no mark was started by somebody else, an editor or the browser of another step, say.
 */
function belongsElsewhere(pid: number): boolean {
  try {
    const entries = readFileSync(`/proc/${pid}/environ`, 'latin1')
      .split('\0')
      .filter((entry) => /^\w+=/.test(entry));
    return entries.length > 10 || entries.some((entry) => entry.startsWith(`${runMark}=`));
  } catch {
    return true;
  }
}

/** Programs that take on processes whose parent is gone. */
const reapers = /^(?:systemd|init|tini|dumb-init|docker-init|s6-svscan|containerd-shim.*|conmon|catatonit)$/;
const nameOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
};

function commandOf(pid: number): string {
  try {
    const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim().slice(0, 200);
    if (line !== '') return line;
  } catch {
    // It has just ended.
  }
  return nameOf(pid) || `process ${pid}`;
}

/** A process that is just being replaced by another program has no environment for a moment, and so nothing that tells whose it is. */
function isUntold(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`).length === 0;
  } catch {
    return false;
  }
}

/** Milliseconds in which the numbers of processes do not come round. */
const soon = 1000;

/** Commands that run now, so that an orphan is put down to one only where no other could have left it. */
const running = new Set<Descendants>();

/**
 * The processes that a command started, also those that left its group and session and cleared their environment. The process table
 * is looked at again and again: whoever descends from a known process, or is in the group or session of one, is known from then on.
 * One whose parent went between two looks is known by what it keeps: begun since, of this user, without a living parent of its own,
 * with the mark of its birth or working in the folder that the command works in, and with an environment that was cleared.
 */
export class Descendants {
  readonly #known = new Map<number, number>();
  readonly #root: number;
  readonly #since: number;
  readonly #began = performance.now();
  readonly #folders: readonly string[];
  readonly #list: string | undefined;
  readonly #mark: { run: string; step: string } | undefined;
  readonly #timer: NodeJS.Timeout;
  #alone: boolean;
  #written = '';
  /** At the last look somebody was there of whom nobody can say yet whose it is. */
  #untold = false;

  /**
   * @param since `clockTicks()` before the command was started: it may have ended by now
   * @param list file in which those that left are written down, for whoever clears up after a run that died
   */
  constructor(
    root: number,
    since: number,
    folders: readonly string[],
    list: string | undefined,
    mark: { run: string; step: string } | undefined,
  ) {
    this.#mark = mark;
    this.#root = root;
    this.#folders = folders;
    this.#list = list;
    this.#since = since - 1;
    this.#known.set(root, entryOf(root)?.start ?? since);
    this.#alone = running.size === 0;
    for (const other of running) other.#alone = false;
    running.add(this);
    let looks = 0;
    this.#timer = setInterval(() => {
      // Often at first: most of what detaches itself does so at once.
      if (looks++ < 25 || looks % 10 === 0) this.#look();
    }, 20);
    this.#timer.unref();
  }

  #look(marks = false): Entry[] {
    const entries = (performance.now() - this.#began < soon ? startedAfter(this.#root) : undefined) ?? table();
    const alive = new Map(entries.map((one) => [one.pid, one]));
    const known = (pid: number): boolean => {
      const start = this.#known.get(pid);
      return start !== undefined && (alive.get(pid)?.start ?? start) === start;
    };
    const { run, step } = this.#mark ?? {};
    const bearing = new Set(
      !marks || run === undefined
        ? []
        : entries
            .filter((one) => one.start >= this.#since && bearsMark(one.pid, run, `VERIFY_STEP=${step}`))
            .map((one) => one.pid),
    );
    for (let grew = true; grew;) {
      grew = false;
      for (const one of entries) {
        if (known(one.pid) || one.start < this.#since || one.pid === process.pid) continue;
        if (
          !known(one.parent) &&
          !known(one.group) &&
          !known(one.session) &&
          !bearing.has(one.pid) &&
          !this.#orphaned(one)
        )
          continue;
        this.#known.set(one.pid, one.start);
        grew = true;
      }
    }
    this.#untold =
      marks &&
      entries.some(
        // The children of 2 are the kernel's own.
        ({ pid, parent, start }) => start >= this.#since && parent !== 2 && !known(pid) && mine(pid) && isUntold(pid),
      );
    const left = entries.filter((one) => one.pid !== this.#root && this.#known.get(one.pid) === one.start);
    if (left.some((one) => one.session !== this.#root)) this.#writeDown(left);
    return left;
  }

  /** Whole or not at all: the run may be killed at any moment. */
  #writeDown(left: readonly Entry[]): void {
    const text = [bootId(), ...left.map((one) => `${one.pid} ${one.start}`), ''].join('\n');
    if (this.#list === undefined || text === this.#written) return;
    writeFileSync(`${this.#list}.new`, text);
    renameSync(`${this.#list}.new`, this.#list);
    this.#written = text;
  }

  /** Its parent is gone: init, or a process that was there before the command, has taken it on. */
  #orphaned(one: Entry): boolean {
    if (!this.#alone || one.parent === process.pid || one.session === entryOf(process.pid)?.session) return false;
    if (one.parent !== 1 && !reapers.test(nameOf(one.parent))) return false;
    const cwd = cwdOf(one.pid);
    if (belongsElsewhere(one.pid)) return false;
    return (
      cwd !== undefined &&
      mine(one.pid) &&
      (bornHere(one.pid) || this.#folders.some((folder) => `${cwd}/`.startsWith(`${folder}/`)))
    );
  }

  /** Who is left, a last time: of this command, or with the mark of its step. */
  async end(settle: number): Promise<LeftProcess[]> {
    clearInterval(this.#timer);
    let left = this.#look(true);
    // What ends by itself in a moment is not left, and who is untold now is told in a moment.
    const [now, told] = [performance.now(), 100];
    const waits = (ms: number): boolean => ms < settle && (left.length > 0 || (this.#untold && ms < told));
    while (waits(performance.now() - now)) {
      await new Promise((done) => setTimeout(done, 25));
      left = this.#look(true);
    }
    running.delete(this);
    return left.map(({ pid, start }) => ({ pid, start, command: commandOf(pid) }));
  }

  /** Ends those that are left, and what they have started since. */
  async endAll(left: readonly LeftProcess[]): Promise<void> {
    let alive: readonly { pid: number }[] = left;
    for (let round = 0; alive.length > 0 && round < 40; round++) {
      for (const { pid } of alive) end(pid);
      await new Promise((done) => setTimeout(done, 5));
      alive = this.#look(true);
    }
  }
}

const listName = /^left-\d+$/;
let lists = 0;
/** A file in a run's temporary folder for the processes that one command leaves. */
export const listFile = (scratch: string): string => join(scratch, `left-${++lists}`);

/** Processes that a run wrote down in its temporary folder, and that are still the same ones. */
export function listedIn(scratch: string): number[] {
  let names: string[] = [];
  try {
    names = readdirSync(scratch).filter((name) => listName.test(name));
  } catch {
    return [];
  }
  if (names.length === 0) return [];
  const alive = new Map(table().map((one) => [one.pid, one.start]));
  const pids = names.flatMap((name) => {
    const [boot, ...lines] = readFileSync(join(scratch, name), 'utf8').split('\n');
    if (boot !== bootId()) return [];
    return lines.flatMap((line) => {
      const [pid = 0, start = 0] = line.split(' ').map(Number);
      return pid > 1 && alive.get(pid) === start ? [pid] : [];
    });
  });
  return [...new Set(pids)];
}

export function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it went by itself
  }
}

/** The processes of the groups in which marked ones are: what cleared its environment and stayed in the group. */
export function besideMarked(run: string): number[] {
  const pids = new Set(marked(run));
  const entries = table();
  const groups = new Set(entries.filter((one) => pids.has(one.pid)).map((one) => one.group));
  const own = entries.find((one) => one.pid === process.pid)?.group;
  return entries
    .filter((one) => groups.has(one.group) && one.group !== own && !pids.has(one.pid) && mine(one.pid))
    .map((one) => one.pid);
}
