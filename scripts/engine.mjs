#!/usr/bin/env node
/** Brings up a real container engine for the end-to-end tests where the machine allows it. */
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { askEngine, defaultSocket, logFile, ourDaemon, startDockerd, stopDockerd } from './lib/dockerd.mjs';
import { helpIfAsked, progress, say } from './lib/say.mjs';
import { EX_UNAVAILABLE, isRoot, which } from './lib/sh.mjs';

const help = `
Usage: node scripts/engine.mjs start|stop|status [--timeout SECONDS]

  start   does nothing where an engine answers already; else starts dockerd (root only) and waits until it can run a
          container. Its data is in /var/lib/verify-engine, its log beside it.
  stop    stops the dockerd that \`start\` started, and its containers; no other.
  status  says which engine answers.

  --timeout SECONDS  how long to wait for it (30)
  --help             this text

Exit codes: 0 an engine runs (stop: none of ours does), ${EX_UNAVAILABLE} no engine, and why; 64 wrong arguments
`;

/** @returns {Promise<{version: string, started: boolean, flags: string[]} | {reason: string}>} */
export async function startEngine({ timeoutMs = 30_000 } = {}) {
  if (which('docker') === undefined)
    return { reason: 'the docker client is not installed (node scripts/setup.mjs --only engine)' };
  const running = await askEngine();
  if (running.version !== undefined) return { version: running.version, started: false, flags: [] };
  const host = process.env.DOCKER_HOST;
  if (host && host !== `unix://${defaultSocket}`)
    return { reason: `DOCKER_HOST is ${host}, and no engine answers there: ${running.reason}` };
  if (process.platform === 'darwin') return { reason: 'no engine answers: start Docker Desktop, OrbStack or colima' };
  if (/permission denied/i.test(running.reason))
    return { reason: `an engine is there, but not for this user: ${running.reason}` };
  if (process.platform !== 'linux') return { reason: `no engine answers: ${running.reason}` };
  if (which('dockerd') === undefined)
    return { reason: 'dockerd is not installed (node scripts/setup.mjs --only engine)' };
  if (!isRoot) return { reason: 'no engine answers, and only root can start dockerd' };
  const result = await progress(
    'starting a container engine',
    () => startDockerd({ timeoutMs }),
    (r) => r.ok,
  );
  if (!result.ok) return { reason: `${result.reason}; log: ${logFile}` };
  // The client may be set to look elsewhere than at the usual socket.
  const again = await askEngine();
  if (again.version === undefined)
    return { reason: `it runs at ${defaultSocket}, but docker looks elsewhere: ${again.reason}` };
  return { version: result.version, started: !result.byOther, flags: result.flags };
}

export const stopEngine = stopDockerd;

const commands = {
  async start({ timeoutMs }) {
    const engine = await startEngine({ timeoutMs });
    if (engine.reason !== undefined) {
      say(`No container engine: ${engine.reason}`);
      return EX_UNAVAILABLE;
    }
    if (!engine.started) say(`A container engine runs already (${engine.version}); nothing to do.`);
    else
      say(
        `The container engine runs: ${engine.version}, flags: ${engine.flags.join(' ') || 'none needed'}; log: ${logFile}`,
      );
    return 0;
  },
  async stop() {
    const stopped = await progress('stopping the container engine', () => stopEngine());
    say(stopped ? 'Stopped.' : 'No engine of ours runs; nothing to do.');
    return 0;
  },
  async status() {
    const { version, reason } = which('docker') ? await askEngine() : { reason: 'the docker client is not installed' };
    const ours = ourDaemon();
    if (version === undefined) say(`No container engine answers: ${reason}`);
    else
      say(
        `A container engine runs: ${version}${ours === undefined ? '' : `, started by this script (process ${ours.pid}, log ${logFile})`}`,
      );
    return version === undefined ? EX_UNAVAILABLE : 0;
  },
};

async function main() {
  helpIfAsked(help);
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { timeout: { type: 'string', default: '30' } },
    });
    const seconds = Number(values.timeout);
    if (positionals.length !== 1 || !Object.hasOwn(commands, positionals[0]))
      throw new Error('say start, stop or status');
    if (!(seconds > 0)) throw new Error(`--timeout ${values.timeout}: a number of seconds`);
    return await commands[positionals[0]]({ timeoutMs: seconds * 1000 });
  } catch (error) {
    if (
      !(error instanceof TypeError) &&
      error.message !== 'say start, stop or status' &&
      !error.message.startsWith('--timeout')
    )
      throw error;
    say(`engine: ${error.message}`);
    return 64;
  }
}

if (realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) process.exitCode = await main();
