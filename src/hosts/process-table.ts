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

/** The number that was given out last (proc_loadavg(5)); undefined where the system does not say. */
function lastNumber(): number | undefined {
  try {
    return Number(readFileSync('/proc/loadavg', 'latin1').trim().split(' ').at(-1));
  } catch {
    return undefined;
  }
}

/** Numbers above a process's own that are worth asking for one by one. */
const few = 256;

/** Every process of the machine; Linux only, empty elsewhere. */
export function table(): Entry[] {
  const last = lastNumber();
  let names: string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return [];
  }
  const listed = names.flatMap((name) => (/^\d+$/.test(name) ? (entryOf(Number(name)) ?? []) : []));
  const known = new Set(listed.map(({ pid }) => pid));
  return [...listed, ...(last === undefined ? [] : (startedAfter(last) ?? [])).filter(({ pid }) => !known.has(pid))];
}

/**
 * The processes that were started after the process `first`, where that was a moment ago: Linux gives out numbers in turn, so they
 * are between its number and the last one that was given out. Those are among them that are started while it looks: their parent may
 * end before it is looked at. Undefined where that is not to be relied upon: too many, the numbers have begun anew, or the system does
 * not say.
 */
export function startedAfter(first: number): Entry[] | undefined {
  const found: Entry[] = [];
  let next = first + 1;
  for (;;) {
    const last = lastNumber();
    if (last === undefined || last < next - 1 || last - first > few) return undefined;
    if (last < next) return found;
    for (; next <= last; next++) {
      const entry = entryOf(next);
      if (entry && !isThread(next)) found.push(entry);
    }
  }
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
