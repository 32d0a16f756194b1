import type { Outcome } from './outcome.ts';

export interface Job {
  readonly id: string;
  readonly needs: readonly string[];
  /** Of these, those that may end otherwise than passed: it runs all the same. */
  readonly spares?: ReadonlySet<string>;
  readonly locks: readonly string[];
  /** How long it is expected to take, in any unit; the longest chain goes first. */
  readonly weight: number;
}

export interface ScheduleOptions<J extends Job> {
  /** How many run at once. */
  jobs: number;
  /** Start nothing more once a job has not passed. */
  failFast: boolean;
  signal: AbortSignal;
  /** Must not reject. */
  execute: (job: J) => Promise<Outcome>;
  /** Called instead of `execute` for what cannot run any more. */
  skip: (job: J, reason: string) => void;
}

const goesOn = (outcome: Outcome): boolean => outcome === 'passed' || outcome === 'waived';

/**
 * Runs every job after the jobs that it needs, at most `jobs` at once, never two with a lock in common, the longest remaining
 * chain first. Resolves when each has been executed or skipped. An unknown need or a cycle must have been refused before.
 */
export async function schedule<J extends Job>(all: readonly J[], options: ScheduleOptions<J>): Promise<void> {
  const { execute, skip, signal } = options;
  const dependents = dependentsOf(all);
  const waiting = new Map(all.map((job) => [job.id, job.needs.length]));
  const rank = chainLengths(all, dependents);
  const before = (a: J, b: J): number => (rank.get(b.id) ?? 0) - (rank.get(a.id) ?? 0);
  const ready = all.filter((job) => job.needs.length === 0).toSorted(before);
  const held = new Set<string>();
  const skipped = new Set<string>();
  let running = 0;
  let stop: string | undefined;

  /** One of the jobs that it needs has ended. */
  const ended = (dependent: J): void => {
    const left = (waiting.get(dependent.id) ?? 1) - 1;
    waiting.set(dependent.id, left);
    if (left === 0 && !skipped.has(dependent.id)) insert(ready, dependent, before);
  };
  const skipWithDependents = (root: J, reason: string): void => {
    const todo: [J, string][] = [[root, reason]];
    for (let next = todo.pop(); next; next = todo.pop()) {
      const [job, why] = next;
      if (skipped.has(job.id)) continue;
      skipped.add(job.id);
      skip(job, why);
      for (const dependent of dependents.get(job.id) ?? [])
        if (stop === undefined && dependent.spares?.has(job.id) === true) ended(dependent);
        else todo.push([dependent, `needs ${job.id}, which was skipped`]);
    }
  };

  await new Promise<void>((resolve) => {
    const pump = (): void => {
      if (signal.aborted) stop ??= 'the run was interrupted';
      if (stop !== undefined) {
        for (const job of ready.splice(0)) skipWithDependents(job, stop);
      }
      let at = 0;
      while (running < options.jobs && at < ready.length) {
        const job = ready[at];
        if (!job) break;
        if (job.locks.some((lock) => held.has(lock))) {
          at++;
          continue;
        }
        ready.splice(at, 1);
        start(job);
      }
      if (running === 0 && ready.length === 0) resolve();
    };
    const start = (job: J): void => {
      running++;
      for (const lock of job.locks) held.add(lock);
      void execute(job).then((outcome) => {
        running--;
        for (const lock of job.locks) held.delete(lock);
        if (options.failFast && !goesOn(outcome)) stop ??= `--fail-fast: ${job.id} ended as ${outcome}`;
        for (const dependent of dependents.get(job.id) ?? []) {
          if (goesOn(outcome) || dependent.spares?.has(job.id) === true) ended(dependent);
          else skipWithDependents(dependent, `needs ${job.id}, which ended as ${outcome}`);
        }
        pump();
      });
    };
    signal.addEventListener('abort', pump, { once: true });
    pump();
  });
}

/** For each job those that need it. */
function dependentsOf<J extends Job>(all: readonly J[]): Map<string, J[]> {
  const dependents = new Map<string, J[]>();
  for (const job of all) {
    for (const need of job.needs) {
      const list = dependents.get(need);
      if (list) list.push(job);
      else dependents.set(need, [job]);
    }
  }
  return dependents;
}

/** Behind all that are not shorter: by halving, since to sort thousands again for each one would take longer than they do. */
function insert<J>(ready: J[], job: J, before: (a: J, b: J) => number): void {
  let [low, high] = [0, ready.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = ready[middle];
    if (other !== undefined && before(other, job) <= 0) low = middle + 1;
    else high = middle;
  }
  ready.splice(low, 0, job);
}

/** For each job the weight of the heaviest chain that begins with it. */
function chainLengths<J extends Job>(all: readonly J[], dependents: ReadonlyMap<string, J[]>): Map<string, number> {
  const rank = new Map<string, number>();
  for (const root of all) {
    const path = [{ job: root, at: 0, longest: 0 }];
    while (path.length > 0) {
      const top = path.at(-1);
      if (!top) break;
      const next = rank.has(top.job.id) ? undefined : dependents.get(top.job.id)?.[top.at];
      const known = next && rank.get(next.id);
      if (known !== undefined) {
        top.at++;
        top.longest = Math.max(top.longest, known);
      } else if (next) path.push({ job: next, at: 0, longest: 0 });
      else {
        path.pop();
        if (!rank.has(top.job.id)) rank.set(top.job.id, top.job.weight + top.longest);
      }
    }
  }
  return rank;
}
