import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Runs verify under another Node than this one, which is too old for it. */
export function start(words) {
  const own = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));
  const beside = fileURLToPath(new URL('../../node/bin/node', import.meta.url));
  const found = [process.env.VERIFY_NODE, own, beside].find((path) => path && existsSync(path));
  if (!found) {
    process.stderr.write(
      `verify needs Node 22.22, 24.15 or 26 and later; this is ${process.version}.\n  Install one from https://nodejs.org, or add the npm package "node" beside verify, or set VERIFY_NODE.\n`,
    );
    process.exitCode = 69;
    return;
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
  const result = spawnSync(found, [fileURLToPath(new URL('./verify.js', import.meta.url)), ...words], {
    stdio: 'inherit',
  });
  if (result.signal) {
    process.removeAllListeners(result.signal);
    process.kill(process.pid, result.signal);
  } else process.exitCode = result.status ?? 70;
}
