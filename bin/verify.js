#!/usr/bin/env node
// Starts the command line under a Node that it can run on: this one, else the one that npm has on PATH (the `node` package).
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [major, minor] = process.versions.node.split('.').map(Number);
const current = (major === 22 && minor >= 22) || (major === 24 && minor >= 15) || major >= 26;
const source = new URL('../src/cli.ts', import.meta.url);
const entry = existsSync(source) ? source : new URL('../dist/cli.js', import.meta.url);

if (current) {
  await import(entry.href);
} else {
  const own = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));
  const beside = fileURLToPath(new URL('../../node/bin/node', import.meta.url));
  const found = [process.env.VERIFY_NODE, own, beside].find((path) => path && existsSync(path));
  if (!found) {
    process.stderr.write(
      `verify needs Node 22.22, 24.15 or 26 and later; this is ${process.version}.\n  Install one from https://nodejs.org, or add the npm package "node" beside verify, or set VERIFY_NODE.\n`,
    );
    process.exitCode = 69;
  } else {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
    const result = spawnSync(found, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
    if (result.signal) {
      process.removeAllListeners(result.signal);
      process.kill(process.pid, result.signal);
    } else process.exitCode = result.status ?? 70;
  }
}
