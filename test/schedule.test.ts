import { describe, expect, test } from 'vitest';
import { schedule, type Job } from '../src/core/schedule.ts';

/** Numbers that look random and are the same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7f_ff_ff_ff;
    return state % below;
  };
}

function graph(seed: number): Job[] {
  const next = numbers(seed);
  return Array.from({ length: 2 + next(60) }, (_, n) => ({
    id: `j${n}`,
    needs: [...new Set(Array.from({ length: n === 0 ? 0 : next(3) }, () => `j${next(n)}`))],
    locks: next(4) === 0 ? [`l${next(2)}`] : [],
    weight: 1 + next(9),
  }));
}

/** The weight of the heaviest chain that begins with each job, computed the plain way. */
function chains(jobs: readonly Job[]): Map<string, number> {
  const chain = new Map<string, number>();
  for (const job of jobs.toReversed()) {
    const after = jobs.filter((other) => other.needs.includes(job.id)).map((other) => chain.get(other.id) ?? 0);
    chain.set(job.id, job.weight + Math.max(0, ...after));
  }
  return chain;
}

describe('schedule', () => {
  test.each(Array.from({ length: 200 }, (_, n) => n + 1))(
    'any graph (%i): after its needs, bounded, longest chain first',
    async (seed) => {
      const jobs = graph(seed);
      const chain = chains(jobs);
      const limit = 1 + (seed % 4);
      const done = new Set<string>();
      const running = new Set<Job>();
      const begun = new Set<string>();
      const wrong: string[] = [];
      await schedule(jobs, {
        jobs: limit,
        failFast: false,
        signal: new AbortController().signal,
        skip: (job, reason) => void wrong.push(`${job.id} was skipped: ${reason}`),
        async execute(job) {
          if (!job.needs.every((need) => done.has(need))) wrong.push(`${job.id} before what it needs`);
          if ([...running].some((other) => other.locks.some((lock) => job.locks.includes(lock))))
            wrong.push(`${job.id} beside another with its lock`);
          const longer = jobs.find(
            (other) =>
              !begun.has(other.id) &&
              other.needs.every((need) => done.has(need)) &&
              (chain.get(other.id) ?? 0) > (chain.get(job.id) ?? 0),
          );
          // With several at once, what has just ended may not be known yet, and locks are held.
          if (limit === 1 && longer) wrong.push(`${job.id} before ${longer.id}, which begins a longer chain`);
          begun.add(job.id);
          running.add(job);
          if (running.size > limit) wrong.push(`${running.size} at once`);
          for (let n = seed % 5; n >= 0; n--) await Promise.resolve();
          running.delete(job);
          done.add(job.id);
          return 'passed';
        },
      });
      expect(wrong).toEqual([]);
      expect(done.size).toBe(jobs.length);
    },
  );

  test('what needs a job that failed is skipped, and what needs that', async () => {
    const skipped = new Map<string, string>();
    const job = (id: string, ...needs: string[]): Job => ({ id, needs, locks: [], weight: 1 });
    const run: string[] = [];
    await schedule([job('a'), job('b', 'a'), job('c', 'b'), job('d')], {
      jobs: 1,
      failFast: false,
      signal: new AbortController().signal,
      skip: ({ id }, reason) => void skipped.set(id, reason),
      async execute({ id }) {
        run.push(id);
        return id === 'a' ? 'failed' : 'passed';
      },
    });
    expect(run).toEqual(['a', 'd']);
    expect([...skipped]).toEqual([
      ['b', 'needs a, which ended as failed'],
      ['c', 'needs b, which was skipped'],
    ]);
  });

  test('what can do without it runs all the same, after it', async () => {
    const job = (id: string, spares: string[], ...needs: string[]): Job => ({
      id,
      needs,
      locks: [],
      weight: 1,
      spares: new Set(spares),
    });
    const run: string[] = [];
    const skipped: string[] = [];
    await schedule(
      [job('a', []), job('b', ['a', 'd'], 'a', 'd'), job('c', ['a'], 'a', 'e'), job('d', [], 'a'), job('e', [])],
      {
        jobs: 1,
        failFast: false,
        signal: new AbortController().signal,
        skip: ({ id }) => void skipped.push(id),
        async execute({ id }) {
          run.push(id);
          return id === 'a' || id === 'e' ? 'failed' : 'passed';
        },
      },
    );
    expect([run.toSorted(), skipped]).toEqual([
      ['a', 'b', 'e'],
      ['d', 'c'],
    ]);
  });
});
