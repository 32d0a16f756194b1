import { readdirSync, readFileSync } from 'node:fs';

/** A process as the kernel's table has it. */
export interface Entry {
  pid: number;
  parent: number;
  group: number;
  session: number;
  /** Clock ticks since boot. */
  start: number;
}

/** The process (or thread) of this number, or undefined where there is none, or it has ended. */
export function entryOf(pid: number): Entry | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') return undefined;
    const [parent = 0, group = 0, session = 0, start = 0] = [1, 2, 3, 19].map((n) => Number(fields[n] ?? 0));
    return { pid, parent, group, session, start };
  } catch {
    return undefined;
  }
}

/** Every process of the machine; Linux only, empty elsewhere. */
export function table(): Entry[] {
  let names: string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return [];
  }
  return names.flatMap((name) => (/^\d+$/.test(name) ? (entryOf(Number(name)) ?? []) : []));
}

/** Numbers above a process's own that are worth asking for one by one. */
const few = 256;

/**
 * The processes that were started after the process `first`, where that was a moment ago: Linux gives out numbers in turn, so they
 * are between its number and the last one that was given out (proc_loadavg(5)). Undefined where that is not to be relied upon: too
 * many, the numbers have begun anew, or the system does not say.
 */
export function startedAfter(first: number): Entry[] | undefined {
  let last: number;
  try {
    last = Number(readFileSync('/proc/loadavg', 'latin1').trim().split(' ').at(-1));
  } catch {
    return undefined;
  }
  if (!(last >= first && last - first <= few)) return undefined;
  const found: Entry[] = [];
  for (let pid = first + 1; pid <= last; pid++) {
    const entry = entryOf(pid);
    if (entry && !isThread(pid)) found.push(entry);
  }
  return found;
}

/** Threads have numbers too, and a folder in /proc that is not listed. */
function isThread(pid: number): boolean {
  try {
    return Number(/^Tgid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]) !== pid;
  } catch {
    return true;
  }
}

/** Clock ticks since boot, a hundred a second. */
export function clockTicks(): number {
  try {
    return Math.floor(Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0]) * 100);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
