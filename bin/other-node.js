import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Runs verify under another Node than this one, which is too old for it. */
export function start(words) {
  const own = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));
  const beside = fileURLToPath(new URL('../../node/bin/node', import.meta.url));
  const found = [process.env.VERIFY_NODE, own, beside].find((path) => path && existsSync(path));
  if (!found) {
    // With `ignore-scripts` npm installs the package without the program.
    const unset = [own, beside].some((path) => existsSync(path.replace(/bin\/node$/, 'package.json')))
      ? '\n  The npm package node is here without its program, because npm ran no install script: npm rebuild node --ignore-scripts=false'
      : '';
    process.stderr.write(
      `verify needs Node 22.22, 24.15 or 26 and later; this is ${process.version}.\n  Install a newer one beside verify (npm install --save-dev node, after a global install: npm install --global node),\n  or from https://nodejs.org; or set VERIFY_NODE to the path of one.${unset}\n`,
    );
    process.exitCode = 69;
    return;
  }
  // SIGKILL cannot be handed on: the other one looks whether this one is still there.
  const env = { ...process.env, VERIFY_LAUNCHER: String(process.pid) };
  const program = fileURLToPath(new URL('./verify.js', import.meta.url));
  const child = spawn(found, [program, ...words], { stdio: 'inherit', env });
  // Hands signals on, and ends as the other one ends.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`${found} could not be started: ${error.message}\n`);
    process.exitCode = 69;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 70;
    if (signal === null) return;
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
