import { statSync } from 'node:fs';
import { execa } from 'execa';
import type { Background, ExecResult } from '../core/step.ts';
import type { Truncation } from '../evidence/store.ts';
import { Descendants } from './descendants.ts';
import { OutputFile, type Outputs } from './outputs.ts';
import { clockTicks } from './process-table.ts';
import { groupAlive, markBirth, runMark, signalGroup } from './processes.ts';
import { type Started, starterIfWorthwhile } from './starter.ts';

const graceMs = 2000;
/** Milliseconds in which what a command leaves may still end by itself. */
const settleMs = 400;

export interface ExecJob {
  argv: readonly string[];
  cwd: string;
  env: Record<string, string | undefined>;
  runId: string;
  outputs: Outputs;
  /** Where the two streams go if something is written to them; undefined: they are not kept. */
  places: { stdout: string; stderr: string } | undefined;
  input?: string | undefined;
  /** Milliseconds. */
  timeout: number;
  maxText: number;
  signal: AbortSignal;
  onLine?: ((line: string) => void) | undefined;
  /** Redacts and takes control characters out. */
  clean: (text: string) => string;
  onTruncation: (path: string, whole: Truncation) => void;
  /** Watch for processes that it leaves: what becomes of them, the folders that the project works in, a file to write them down in. */
  left?: { then: 'end' | 'keep'; folders: readonly string[]; list: string } | undefined;
}

/** execa documents file descriptors for stdout and stderr; its types leave them out for these two streams. */
const descriptor = (fd: number): 'inherit' => fd as unknown as 'inherit';

function start(
  argv: readonly string[],
  cwd: string,
  env: Record<string, string | undefined>,
  input: string | undefined,
  stdout: number,
  stderr: number,
) {
  const [file = '', ...args] = argv;
  const child = execa(file, args, {
    cwd,
    env,
    stdio: [input === undefined ? 'ignore' : 'pipe', descriptor(stdout), descriptor(stderr)],
    reject: false,
    buffer: false,
    cleanup: false,
    detached: true,
    stripFinalNewline: false,
  });
  child.stdin?.on('error', () => {}); // a program may end without reading what it was given
  child.stdin?.end(input);
  return child;
}

const fileOf = ({ path, inode }: OutputFile): { path: string; inode: number } => ({ path, inode });

/** Starts a program by itself, or through the helper where many are started. */
async function started(job: ExecJob, stdout: OutputFile, stderr: OutputFile): Promise<Started> {
  const env = { ...job.env, [runMark]: job.runId };
  const [file = '', ...args] = job.argv;
  const helper = job.input === undefined ? starterIfWorthwhile() : undefined;
  if (helper) {
    const set = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value ?? null]));
    return helper.start({
      argv: [file, ...args],
      cwd: job.cwd,
      env: set,
      stdout: fileOf(stdout),
      stderr: fileOf(stderr),
    });
  }
  const child = start(job.argv, job.cwd, env, job.input, stdout.fd, stderr.fd);
  const ended = child.then(({ exitCode, signal, code }) => ({
    exitCode: exitCode ?? null,
    signal: signal ?? null,
    ...(code !== undefined && { code }),
  }));
  return { pid: child.pid, ended };
}

/** Where it fails, the program's end tells. */
function settleIfPossible(file: OutputFile): void {
  try {
    file.settle();
  } catch {
    // It is tried again.
  }
}

/** Why a program cannot even be asked to start, in the system's words; undefined where it can. */
const unstartable = (argv: readonly string[], cwd: string): string | undefined =>
  [...argv, cwd].some((word) => word.includes('\0')) ? 'its words hold a NUL character' : undefined;

function whyNotStarted(code: string | undefined, cwd: string): string {
  if (!statSync(cwd, { throwIfNoEntry: false })?.isDirectory()) return 'its working folder does not exist';
  if (code === 'ENOENT') return 'not found';
  if (code === 'EACCES') return 'not executable';
  return code ?? 'unknown';
}

type Ended = Pick<ExecResult, 'code' | 'signal' | 'timedOut' | 'notStarted' | 'left'>;

/** Reads what it wrote, and gives the files back. */
function resultOf(job: ExecJob, [out, err]: [OutputFile, OutputFile], end: Ended, durationMs: number): ExecResult {
  let truncated = false;
  // Nobody writes to it any more, as far as anybody can tell.
  const done =
    end.notStarted === undefined &&
    !end.timedOut &&
    !job.signal.aborted &&
    job.left !== undefined &&
    end.left === undefined &&
    process.platform === 'linux';
  const read = (file: OutputFile): string => {
    const whole = file.whole();
    file.settle();
    if (whole) job.onTruncation(file.path, whole);
    const { size } = file;
    if (whole || size > job.maxText) truncated = true;
    const text = size === 0 ? '' : job.clean(file.text(0, Math.min(size, job.maxText)));
    job.outputs.giveBack(file, done);
    return text;
  };
  const stdout = read(out);
  const stderr = read(err);
  return { argv: [...job.argv], ...end, stdout, stderr, truncated, durationMs };
}

/**
 * Runs a program to its end with its output in two files, as the leader of an own process group. It settles on the program's exit,
 * not on the end of its output; what it leaves running in its group is killed. Past `timeout`, or on abort: TERM, then KILL.
 * Every process bears the run's mark, so that those which leave the group are found too.
 */
export async function run(job: ExecJob): Promise<ExecResult> {
  const began = performance.now();
  const out = job.outputs.take(job.places?.stdout);
  const err = job.outputs.take(job.places?.stderr);
  const result = (end: Ended): ExecResult => resultOf(job, [out, err], end, performance.now() - began);
  const refused = unstartable(job.argv, job.cwd);
  if (refused !== undefined) return result({ code: null, signal: null, timedOut: false, notStarted: refused });
  markBirth();
  const ticks = clockTicks();
  const { pid, ended } = await started(job, out, err);
  if (pid === undefined) {
    const failed = await ended;
    return result({ code: null, signal: null, timedOut: false, notStarted: whyNotStarted(failed.code, job.cwd) });
  }

  const descendants =
    job.left &&
    new Descendants(pid, ticks, job.left.folders, job.left.list, {
      run: job.runId,
      step: job.env['VERIFY_STEP'] ?? '',
    });
  let timedOut = false;
  let killTimer: NodeJS.Timeout | undefined;
  const end = (): void => {
    settleIfPossible(out);
    settleIfPossible(err);
    signalGroup(pid, 'SIGTERM');
    killTimer ??= setTimeout(() => signalGroup(pid, 'SIGKILL'), graceMs);
  };
  const deadline = setTimeout(() => {
    timedOut = true;
    end();
  }, job.timeout);
  if (job.signal.aborted) end();
  else job.signal.addEventListener('abort', end, { once: true });
  const watch = setInterval(() => {
    if (out.flooded || err.flooded) {
      signalGroup(pid, 'SIGSTOP');
      out.drop();
      err.drop();
      signalGroup(pid, 'SIGCONT');
    }
    // Whoever wants to read along finds it there.
    settleIfPossible(out);
    settleIfPossible(err);
    const line = job.onLine && (err.lastLine() ?? out.lastLine());
    if (line !== undefined) job.onLine?.(job.clean(line));
  }, 250);

  const { exitCode, signal, code: lost } = await ended;
  clearTimeout(deadline);
  clearTimeout(killTimer);
  clearInterval(watch);
  job.signal.removeEventListener('abort', end);
  const gone = timedOut || job.signal.aborted;
  const left = (await descendants?.end(gone ? 0 : settleMs)) ?? [];
  if (gone || job.left?.then !== 'keep') {
    await descendants?.endAll(left);
    if (groupAlive(pid)) signalGroup(pid, 'SIGKILL');
  }
  return result({
    code: exitCode,
    signal,
    timedOut,
    ...(lost !== undefined && exitCode === null && signal === null && { notStarted: lost }),
    ...(!gone && left.length > 0 && { left: left.map(({ pid: own, command }) => ({ pid: own, command })) }),
  });
}

/** Starts a program that goes on until `stop`. Both streams go to one file. */
export async function background(
  job: Omit<ExecJob, 'timeout' | 'input' | 'maxText' | 'outputs' | 'places'> & { path: string },
): Promise<Background | string> {
  const refused = unstartable(job.argv, job.cwd);
  if (refused !== undefined) return refused;
  const out = new OutputFile(job.path);
  const child = start(job.argv, job.cwd, { ...job.env, [runMark]: job.runId }, undefined, out.fd, out.fd);
  const pid = child.pid;
  if (pid === undefined) {
    const failed = await child;
    out.close();
    return whyNotStarted(failed.code, job.cwd);
  }
  let ended = false;
  const exited = child.then(({ exitCode, signal }) => {
    ended = true;
    return { code: exitCode ?? null, signal: signal ?? null };
  });
  const watch = setInterval(() => {
    if (!out.flooded) return;
    signalGroup(pid, 'SIGSTOP');
    out.drop();
    signalGroup(pid, 'SIGCONT');
  }, 500);
  watch.unref();
  let closed = false;
  return {
    pid,
    argv: [...job.argv],
    exited,
    running: () => !ended,
    output(max = 4000) {
      if (closed) return '';
      const { size } = out;
      return job.clean(out.text(Math.max(0, size - max), size));
    },
    signal: (signal) => signalGroup(pid, signal),
    async stop(grace = 5000) {
      signalGroup(pid, 'SIGCONT');
      signalGroup(pid, 'SIGTERM');
      const timer = setTimeout(() => signalGroup(pid, 'SIGKILL'), grace);
      await exited;
      clearTimeout(timer);
      clearInterval(watch);
      if (groupAlive(pid)) signalGroup(pid, 'SIGKILL');
      if (closed) return;
      const whole = out.whole();
      if (whole) job.onTruncation(out.path, whole);
      closed = true;
      out.close();
    },
  };
}
