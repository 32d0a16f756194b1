import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** The environment variable that every process of a run bears, so that even one that left its group and session is found. */
export const runMark = 'VERIFY_RUN_ID';
/** The one that names the run's own process, as `ownerOf` does. */
export const ownerMark = 'VERIFY_OWNER';
/** `true` on what `--keep` leaves running. */
export const keptMark = 'VERIFY_KEPT';

/** A process that outlived its run. */
export interface OrphanProcess {
  pid: number;
  run: string;
  kept: boolean;
}

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Signals a process group, or the process alone where it leads none. Silent where it is gone. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, signal);
      return;
    } catch {
      // no such group: try the process itself, then let it be
    }
  }
}

/** Is a process of this group left? */
export function groupAlive(pid: number): boolean {
  return alive(-pid);
}

/** Does the environment of this process, which is not our own, hold `VERIFY_RUN_ID=<id>`? @param also another pair that it must hold */
export function bearsMark(pid: number, runId: string, also = ''): boolean {
  if (pid === process.pid) return false;
  try {
    const environment = `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}\0`;
    return (
      environment.includes(`${runMark}=${runId}\0`) &&
      (also === '' || environment.includes(`\0${also}\0`)) &&
      !isZombie(String(pid))
    );
  } catch {
    return false; // gone, or another user's
  }
}

/** pids (not our own) whose environment holds `VERIFY_RUN_ID=<id>`; Linux only, empty elsewhere. */
export function marked(runId: string): number[] {
  let names: string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return [];
  }
  return names.flatMap((name) => (/^\d+$/.test(name) && bearsMark(Number(name), runId) ? [Number(name)] : []));
}

function isZombie(pid: string): boolean {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) === 'Z';
}

/** Kills every process that bears the run's mark. @returns pids that were found */
export async function sweep(runId: string): Promise<number[]> {
  const swept = new Set<number>();
  for (let round = 0; round < 5; round++) {
    const pids = marked(runId);
    if (pids.length === 0) break;
    for (const pid of pids) {
      swept.add(pid);
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // it went by itself
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  return [...swept];
}

/**
 * Start time of a process in clock ticks since boot, or undefined where it is gone (or has ended, and nobody has asked for its exit
 * code yet); with the boot id it names a process for good.
 */
export function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return alive(pid) ? 'unknown' : undefined;
  }
}

export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return 'unknown';
  }
}

/** pid, start time and boot id in one word: `4711 98765 6f1c…`. */
export const ownerOf = (pid: number): string => `${pid} ${startTime(pid) ?? ''} ${bootId()}`;

/** Does the process that `ownerOf` named still run? */
export function ownerAlive(owner: string): boolean {
  const [pid = '', start] = owner.split(' ');
  return start !== '' && /^\d+$/.test(pid) && ownerOf(Number(pid)) === owner;
}

/** Processes of runs whose own process is gone; Linux only, empty elsewhere. */
export function orphans(): OrphanProcess[] {
  const found: OrphanProcess[] = [];
  for (const entry of existsSync('/proc/self/environ') ? readdirSync('/proc') : []) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const environment = new Map(
        readFileSync(`/proc/${entry}/environ`, 'utf8')
          .split('\0')
          .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
      );
      const [run, owner] = [environment.get(runMark), environment.get(ownerMark)];
      if (run === undefined || owner === undefined || ownerAlive(owner) || isZombie(entry)) continue;
      found.push({ pid: Number(entry), run, kept: environment.get(keptMark) === 'true' });
    } catch {
      // gone, or another user's
    }
  }
  return found;
}

let born: number | undefined | null = null;

const badness = (pid: number | 'self'): number | undefined => {
  try {
    return Number(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8'));
  } catch {
    return undefined;
  }
};

/**
 * Gives this process, and so whatever it starts from now on, a mark that no child can lay down by clearing its environment, leaving its
 * session or changing its folder: an odd weight for the out-of-memory killer, a few thousandths above the one it had, which children
 * inherit. Source: proc_pid_oom_score_adj(5). Linux only.
 */
export function markBirth(): void {
  if (born !== null) return;
  const now = badness('self');
  born = now === undefined ? undefined : now + 3 + 2 * Math.floor(Math.random() * 24);
  try {
    if (born !== undefined) writeFileSync('/proc/self/oom_score_adj', String(born));
  } catch {
    born = undefined;
  }
}

/** Was it started from here, by its birth mark? */
export const bornHere = (pid: number): boolean => typeof born === 'number' && badness(pid) === born;
