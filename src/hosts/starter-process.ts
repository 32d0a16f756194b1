/**
 * A program of its own, started by `starter.ts`: it starts programs for a run and says how they end. It stays small, since each start
 * copies what the starting process has in memory, and it loads nothing but Node. It ends with the process that it works for.
 */
import { spawn, type StdioOptions } from 'node:child_process';
import { closeSync, constants, fstatSync, openSync } from 'node:fs';

/** What is to be started. The two files are there, and still have these numbers; the program appends to them. */
export interface Order {
  n: number;
  argv: [string, ...string[]];
  cwd: string;
  /** Added to the environment; null takes a variable out of it. */
  env: Record<string, string | null>;
  stdout: { path: string; inode: number };
  stderr: { path: string; inode: number };
}

export type Report =
  | { n: number; pid: number }
  /** It could not be started: the system's code. */
  | { n: number; failed: string }
  | { n: number; code: number | null; signal: NodeJS.Signals | null };

const tell = (report: Report): void => void process.send?.(report);

function start({ n, argv: [file, ...args], cwd, env, stdout, stderr }: Order): void {
  const open: number[] = [];
  try {
    const append = ({ path, inode }: Order['stdout']): number => {
      const fd = openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW);
      open.push(fd);
      if (fstatSync(fd).ino !== inode) throw new Error('the file for its output is another one now');
      return fd;
    };
    const stdio: StdioOptions = ['ignore', append(stdout), append(stderr)];
    const whole = { ...process.env, ...env };
    const set = Object.entries(whole).filter((pair): pair is [string, string] => typeof pair[1] === 'string');
    const child = spawn(file, args, { cwd, env: Object.fromEntries(set), stdio, detached: true });
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (child.pid === undefined) tell({ n, failed: error.code ?? error.message });
    });
    if (child.pid === undefined) return;
    tell({ n, pid: child.pid });
    child.once('exit', (code, signal) => tell({ n, code, signal }));
  } catch (error) {
    tell({ n, failed: (error as NodeJS.ErrnoException).code ?? String(error) });
  } finally {
    for (const fd of open) closeSync(fd);
  }
}

// Signals of the terminal and of whoever ends the run are the run's own matter: it tears down, and then this process ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('message', (order) => start(order as Order));
process.on('disconnect', () => process.exit(0));
