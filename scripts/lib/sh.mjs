/** Running programs and finding them. No packages: this runs before `npm ci`. */
import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const isRoot = process.getuid?.() === 0;
/** Where programs go that are unpacked for one user rather than installed. */
export const userBin = join(homedir(), '.local', 'bin');

/** BSD's EX_UNAVAILABLE: something required is not on this machine. */
export const EX_UNAVAILABLE = 69;

/** PATH as children should see it: the project's current Node first, the user's own programs last. */
export function pathForChildren(path = process.env.PATH ?? '') {
  const parts = path.split(delimiter).filter((p) => p !== '');
  const bin = join(root, 'node_modules', '.bin');
  const last = [userBin, join(homedir(), '.cargo', 'bin')];
  return [bin, ...parts.filter((p) => p !== bin), ...last.filter((p) => !parts.includes(p))].join(delimiter);
}

/** PATH without any node_modules/.bin: `npm ci` deletes that folder, and must not run the node inside it. */
export function pathWithoutProject(path = process.env.PATH ?? '') {
  return path
    .split(delimiter)
    .filter((p) => !/node_modules[\\/]\.bin$|node-gyp-bin$/.test(p))
    .join(delimiter);
}

export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The first executable of that name on PATH or in the extra folders, or undefined. */
export function which(name, { path = process.env.PATH ?? '', extra = [userBin, '/usr/sbin', '/sbin'] } = {}) {
  if (name.includes('/')) return isExecutable(name) ? name : undefined;
  for (const dir of [...path.split(delimiter), ...extra]) {
    if (dir !== '' && isExecutable(join(dir, name))) return join(dir, name);
  }
  return undefined;
}

/**
 * Runs a program and keeps its output. Never throws: a program that cannot start has code 127, one that ran into
 * its time limit code 124.
 * @returns {Promise<{code: number, stdout: string, stderr: string, all: string}>}
 */
export function run(command, args = [], { env, cwd = root, input, timeoutMs, stdin = 'ignore' } = {}) {
  return new Promise((done) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: [input === undefined ? stdin : 'pipe', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    let all = '';
    let late = false;
    child.stdout.setEncoding('utf8').on('data', (s) => ((stdout += s), (all += s)));
    child.stderr.setEncoding('utf8').on('data', (s) => ((stderr += s), (all += s)));
    const timer =
      timeoutMs === undefined ? undefined : setTimeout(() => ((late = true), child.kill('SIGKILL')), timeoutMs);
    const end = (code) => {
      clearTimeout(timer);
      done({ code, stdout, stderr, all });
    };
    child.on('error', (error) => {
      all += error.message;
      end(127);
    });
    child.on('close', (code, signal) => end(late ? 124 : (code ?? (signal ? 137 : 1))));
    if (input !== undefined) child.stdin.on('error', () => {}).end(input);
  });
}

/** Runs a program with this terminal as its own; Ctrl-C reaches it, and this process waits for its answer. */
export function runInherit(command, args = [], { env, cwd = root } = {}) {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: 'inherit' });
    // A terminal signals the whole group, so the child has had its SIGINT; a `kill` reaches this process only.
    const ignore = () => {};
    const pass = (signal) => child.kill(signal);
    process.on('SIGINT', process.stdin.isTTY ? ignore : pass);
    process.on('SIGTERM', pass);
    process.on('SIGHUP', pass);
    const end = (code, signal) => {
      process.off('SIGINT', ignore);
      process.off('SIGINT', pass);
      process.off('SIGTERM', pass);
      process.off('SIGHUP', pass);
      done({ code: code ?? 128 + ({ SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }[signal] ?? 0), signal });
    };
    child.on('error', () => end(127, null));
    child.on('close', end);
  });
}

/** The last lines of a program's output, for a failure's message. */
export function lastLines(text, count = 20) {
  return text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .slice(-count);
}
