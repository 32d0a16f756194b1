/** Runs two things in turn and compares them pair by pair, so that a machine that is busy for a while slows both. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

export interface Ran {
  ms: number;
  /** Peak resident memory, where the system says it (Linux). */
  mib: number;
}

/**
 * Runs a command to its end, its output thrown away.
 * @param anyEnd whatever code it ends with
 * @throws Error where it ends with another code than 0
 */
export async function run(argv: readonly string[], cwd: string, anyEnd = false): Promise<Ran> {
  const [file = '', ...args] = argv;
  const began = performance.now();
  const child = spawn(file, args, { cwd, stdio: 'ignore' });
  let mib = 0;
  const watch = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      mib = Math.max(mib, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
    } catch {
      // it has ended, or there is no /proc
    }
  }, 20);
  const code = await new Promise((done, fail) => child.once('error', fail).once('close', done));
  const ms = performance.now() - began;
  clearInterval(watch);
  if (code !== 0 && !anyEnd) throw new Error(`${argv.join(' ')} ended with ${String(code)}`);
  return { ms, mib };
}

export interface Pair {
  /** Medians; `ratio` is the median of the pairs' own ratios. */
  ours: number;
  peer: number;
  ratio: number;
}

/** Each `times` times in turn, after one of each that does not count. */
export async function pairs(
  times: number,
  ours: () => Promise<number> | number,
  peer: () => Promise<number> | number,
): Promise<Pair> {
  await peer();
  await ours();
  const a: number[] = [];
  const b: number[] = [];
  for (let n = 0; n < times; n++) {
    b.push(await peer());
    a.push(await ours());
  }
  return { ours: median(a), peer: median(b), ratio: median(a.map((value, n) => value / (b[n] ?? Number.NaN))) };
}

let met = 0;
const missed: string[] = [];

/** Prints a budget: its figure, the limit, and whether it is met. */
export function budget(what: string, figure: string, value: number, limit: number, unit: string): void {
  const ok = value <= limit;
  if (ok) met++;
  else missed.push(what);
  const shown = unit === '×' ? value.toFixed(2) : value.toFixed(value < 100 ? 1 : 0);
  say(
    `${ok ? '✔' : '✘'} ${what.padEnd(36)} ${figure.padEnd(46)} ${shown.padStart(7)} ${unit} (at most ${Number(limit.toFixed(2))} ${unit})`,
  );
}

export function budgetOfPair(what: string, peer: string, pair: Pair, limit: number): void {
  budget(what, `${pair.ours.toFixed(0)} ms, ${peer} ${pair.peer.toFixed(0)} ms`, pair.ratio, limit, '×');
}

/** Prints a comparison that no budget is set for. */
export function compared(what: string, peer: string, pair: Pair): void {
  const figure = `${pair.ours.toFixed(0)} ms, ${peer} ${pair.peer.toFixed(0)} ms`;
  say(`  ${what.padEnd(36)} ${figure.padEnd(46)} ${pair.ratio.toFixed(2).padStart(7)} ×`);
}

export function unmeasured(what: string, why: string): void {
  missed.push(what);
  say(`? ${what.padEnd(36)} not measured: ${why}`);
}

export function total(): void {
  say(`\n${met} of ${met + missed.length} budgets met${missed.length > 0 ? `; not: ${missed.join(', ')}` : ''}`);
}
