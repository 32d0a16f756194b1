import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { foregroundChild } from 'foreground-child';

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
  // Hands every signal on, and ends as the other one ends.
  foregroundChild(found, [fileURLToPath(new URL('./verify.js', import.meta.url)), ...words]);
}
