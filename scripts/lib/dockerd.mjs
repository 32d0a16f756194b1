/**
 * Starting and stopping a dockerd of our own: root only, with its own data folder, on the usual socket.
 *
 * Which flags it takes, tried on Debian 12 with docker.io 20.10.24 in a virtual machine without systemd (kernel 6.18,
 * cgroup v1 mounts, ext4): none. overlay2 is chosen by itself, the nf_tables flavour of iptables works, published ports
 * and DNS on user-defined networks work. The other attempts below are for places where that first one ends at once:
 * kernels without nf_tables (legacy iptables), no right to touch iptables at all (published ports then go through
 * docker's own proxy; containers do not reach the outside, which the sample stack does not need), and file systems
 * that overlay2 cannot stand on (vfs copies every layer: slow, but it works everywhere).
 */
import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run, which } from './sh.mjs';

const home = '/var/lib/verify-engine';
const runDir = '/run/verify-engine';
const stateFile = join(runDir, 'state.json');
export const logFile = join(home, 'dockerd.log');
export const defaultSocket = '/var/run/docker.sock';

const noIptables = ['--iptables=false', '--ip6tables=false', '--ip-masq=false'];
const attempts = [
  { flags: [] },
  { flags: [], legacy: true },
  { flags: noIptables },
  { flags: ['--storage-driver=vfs'] },
  { flags: ['--storage-driver=vfs'], legacy: true },
  { flags: ['--storage-driver=vfs', ...noIptables] },
];

/** The engine's version if one answers there (default: where `docker` looks by itself), else why none does. */
export async function askEngine(socket) {
  const env = socket === undefined ? {} : { DOCKER_HOST: `unix://${socket}`, DOCKER_CONTEXT: '' };
  const asked = await run('docker', ['version', '--format', '{{.Server.Version}}'], { env, timeoutMs: 5000 });
  if (asked.code === 0) return { version: asked.stdout.trim() };
  const reason = asked.code === 124 ? 'docker did not answer within 5 s' : asked.all.trim().split('\n').at(-1);
  return { reason };
}

/** What `startDockerd` noted of the daemon that it started, if that very process still runs. */
export function ourDaemon() {
  try {
    const state = JSON.parse(readFileSync(stateFile, 'utf8'));
    return state.born === birth(state.pid) ? state : undefined;
  } catch {
    return undefined;
  }
}

/** A living process's start time, which tells it from a later one of the same number. */
function birth(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19]; // ended, and nobody has asked for its exit code yet
  } catch {
    return undefined;
  }
}

/**
 * Starts dockerd and waits until it answers and can run a container.
 * @returns {Promise<{ok: true, flags: string[], version: string} | {ok: false, reason: string}>}
 */
export async function startDockerd({ socket = defaultSocket, timeoutMs = 30_000 } = {}) {
  mkdirSync(home, { recursive: true });
  mkdirSync(runDir, { recursive: true });
  const lock = join(runDir, 'starting');
  if (!takeLock(lock)) return waitForOther(socket, timeoutMs);
  try {
    let reason = 'no attempt was made';
    const until = Date.now() + timeoutMs;
    for (const attempt of attempts) {
      if (attempt.legacy && which('iptables-legacy') === undefined) continue;
      const result = await tryOnce(attempt, socket, until);
      if (result.ok || Date.now() > until) return result;
      reason = result.reason;
    }
    return { ok: false, reason };
  } finally {
    rmSync(lock, { force: true });
  }
}

function takeLock(file) {
  for (let again = 0; again < 2; again++) {
    try {
      const fd = openSync(file, 'wx');
      writeFileSync(fd, String(process.pid));
      closeSync(fd);
      return true;
    } catch {
      let holder;
      try {
        holder = Number(readFileSync(file, 'utf8'));
      } catch {
        continue;
      }
      if (holder > 0 && birth(holder) !== undefined) return false;
      rmSync(file, { force: true });
    }
  }
  return false;
}

async function waitForOther(socket, timeoutMs) {
  const until = Date.now() + timeoutMs;
  while (Date.now() < until) {
    const { version } = await askEngine(socket);
    if (version !== undefined) return { ok: true, flags: [], version, byOther: true };
    await sleep(300);
  }
  return { ok: false, reason: 'another process is starting it, and it does not answer' };
}

async function tryOnce({ flags, legacy }, socket, until) {
  const before = networkState();
  const log = openSync(logFile, 'a');
  const mark = readFileSync(logFile).length;
  const pidFile = join(runDir, 'dockerd.pid');
  const argv = ['--host', `unix://${socket}`, '--data-root', join(home, 'data'), '--exec-root', join(runDir, 'exec')];
  argv.push('--pidfile', pidFile, ...flags);
  const env = { ...process.env, PATH: legacy ? `${legacyIptables()}:${process.env.PATH}` : process.env.PATH };
  rmSync(pidFile, { force: true });
  const child = spawn(which('dockerd'), argv, { detached: true, stdio: ['ignore', log, log], env, cwd: '/' });
  closeSync(log);
  let ended;
  child.on('error', (error) => (ended = error.message));
  child.on('exit', (code, signal) => (ended = `dockerd ended with ${code ?? signal}`));
  child.unref();
  writeFileSync(stateFile, JSON.stringify({ pid: child.pid, born: birth(child.pid), socket, flags, before }));
  while (ended === undefined && Date.now() < until) {
    const { version } = await askEngine(socket);
    if (version !== undefined && ended === undefined) {
      const problem = await proveContainer(socket);
      if (problem === undefined) return { ok: true, flags: legacy ? ['(legacy iptables)', ...flags] : flags, version };
      ended = `dockerd runs but containers do not start: ${problem}`;
      break;
    }
    await sleep(150);
  }
  await stopDockerd();
  const last = readFileSync(logFile)
    .subarray(mark)
    .toString()
    .trim()
    .split('\n')
    .findLast((l) => /level=(fatal|error)|failed to start/.test(l));
  return { ok: false, reason: `${ended ?? 'dockerd did not answer in time'}${last === undefined ? '' : ` (${last})`}` };
}

/** A folder whose iptables are the legacy ones, to stand before the others on dockerd's PATH. */
function legacyIptables() {
  const dir = join(runDir, 'legacy-iptables');
  mkdirSync(dir, { recursive: true });
  for (const name of [
    'iptables',
    'ip6tables',
    'iptables-save',
    'ip6tables-save',
    'iptables-restore',
    'ip6tables-restore',
  ]) {
    const file = which(name.replace('tables', 'tables-legacy'));
    if (file !== undefined && !existsSync(join(dir, name))) symlinkSync(file, join(dir, name));
  }
  return dir;
}

/** Runs one tiny container on the default network; answers what went wrong. tini-static comes with docker.io. */
async function proveContainer(socket) {
  const program = which('tini-static');
  if (program === undefined) return undefined;
  const env = { DOCKER_HOST: `unix://${socket}`, DOCKER_CONTEXT: '' };
  const dir = mkdtempSync(join(tmpdir(), 'verify-probe-'));
  const tag = 'verify.local/engine-probe:latest';
  try {
    const tar = await run('tar', ['-cf', join(dir, 'probe.tar'), '-C', '/usr/bin', 'tini-static']);
    if (tar.code !== 0 || !existsSync(join('/usr/bin', 'tini-static'))) return undefined;
    const made = await run('docker', ['import', join(dir, 'probe.tar'), tag], { env, timeoutMs: 20_000 });
    if (made.code !== 0) return made.all.trim().split('\n').at(-1);
    const ran = await run('docker', ['run', '--rm', tag, '/tini-static', '--version'], { env, timeoutMs: 20_000 });
    return ran.code === 0 ? undefined : ran.all.trim().split('\n').at(-1);
  } finally {
    await run('docker', ['image', 'rm', '--force', tag], { env, timeoutMs: 10_000 });
    rmSync(dir, { recursive: true, force: true });
  }
}

/** What dockerd changes on the machine besides its own folders. */
function networkState() {
  const forward = existsSync('/proc/sys/net/ipv4/ip_forward')
    ? readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8').trim()
    : undefined;
  return { forward, bridge: existsSync('/sys/class/net/docker0') };
}

/** Ends the daemon that was started here, its containers with it, and puts the machine's network back. */
export async function stopDockerd({ timeoutMs = 20_000 } = {}) {
  const state = ourDaemon();
  if (state === undefined) return false;
  const until = Date.now() + timeoutMs;
  process.kill(state.pid, 'SIGTERM');
  while (birth(state.pid) === state.born) {
    if (Date.now() > until) process.kill(state.pid, 'SIGKILL');
    await sleep(100);
  }
  rmSync(stateFile, { force: true });
  rmSync(state.socket, { force: true });
  if (!state.before.bridge) {
    await run('ip', ['link', 'delete', 'docker0']);
    for (const tool of ['iptables', 'ip6tables']) if (which(tool)) await run(which(tool), ['-P', 'FORWARD', 'ACCEPT']);
  }
  if (state.before.forward === '0') {
    try {
      writeFileSync('/proc/sys/net/ipv4/ip_forward', '0');
    } catch {
      // It was not ours to set.
    }
  }
  return true;
}
