/** What the figures do in several processes, or side by side, so that all processors work. The same seed does the same on any machine. */
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Parts into which the work is cut, whatever the number of processors. */
const parts = 4;

/** Runs `task` for 0 … n-1, so many at a time; those that begin earlier have the smaller numbers. */
export async function sideBySide(
  n: number,
  atATime: number,
  task: (index: number, lane: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async (number: number): Promise<void> => {
    while (next < n) await task(next++, number);
  };
  await Promise.all(Array.from({ length: Math.min(n, atATime) }, (_, number) => lane(number)));
}

/**
 * Runs a program once for each part, as many at a time as there are processors: `argv` behind `--part COUNT SEED`, and what it hands to
 * `answer`. @throws Error where one ends without an answer
 */
export async function inParts<T>(program: string, count: number, seed: number): Promise<T[]> {
  const answers: T[] = [];
  await sideBySide(Math.min(parts, count), availableParallelism(), async (index) => {
    const own = Math.floor(count / parts) + (index < count % parts ? 1 : 0);
    const child = fork(program, ['--part', String(own), String(seed + index)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    let answer: { answer: T } | undefined;
    child.on('message', (said) => (answer = said as { answer: T }));
    await new Promise((done) => child.once('exit', done));
    if (!answer) throw new Error(`part ${index + 1} of ${program} ended without an answer`);
    answers.push(answer.answer);
  });
  return answers;
}

/** Count and seed, in a process that is one part; undefined in the first one. */
export const partOf = (argv: readonly string[]): { count: number; seed: number } | undefined =>
  argv[2] === '--part' ? { count: Number(argv[3]), seed: Number(argv[4]) } : undefined;

/** Hands the answer of a part to the first process. */
export const answer = (said: object): void => void process.send?.({ answer: said });
