/** Are node_modules what package-lock.json says? If not, `npm ci`. */
import { existsSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { pathWithoutProject, root, run, which } from './sh.mjs';

const lockFile = join(root, 'package-lock.json');
const stampFile = join(root, 'node_modules', '.verify-setup.json');
const hiddenLockFile = join(root, 'node_modules', '.package-lock.json');
const currentNode = join(root, 'node_modules', 'node', 'bin', 'node');

const wanted = () => ({
  lock: createHash('sha256').update(readFileSync(lockFile)).digest('hex'),
  platform: `${process.platform}-${process.arch}`,
});

function json(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Why the packages must be installed, or undefined where they need not be. */
export function npmReason() {
  if (!existsSync(join(root, 'node_modules'))) return 'node_modules is not there';
  if (!existsSync(currentNode) || statSync(currentNode).size === 0)
    return 'the current Node in node_modules is not there';
  const want = wanted();
  const stamp = json(stampFile);
  if (stamp?.lock === want.lock && stamp?.platform === want.platform) return undefined;
  // Somebody may have run npm by hand: npm keeps its own record of what it installed.
  const reason = differs(json(lockFile)?.packages, json(hiddenLockFile)?.packages);
  if (reason === undefined) stampNow();
  return reason;
}

function differs(lock, installed) {
  if (lock === undefined) return 'package-lock.json cannot be read';
  if (installed === undefined) return 'node_modules is unfinished';
  for (const [path, entry] of Object.entries(lock)) {
    if (path === '' || entry.link) continue;
    const has = installed[path];
    if (has === undefined && (entry.optional || entry.peer)) continue; // another platform's binary, say
    if (has?.version !== entry.version) return `${path} is not ${entry.version}`;
  }
  for (const path of Object.keys(installed)) {
    if (lock[path] === undefined) return `${path} is no longer in package-lock.json`;
  }
  return undefined;
}

function stampNow() {
  try {
    writeFileSync(stampFile, `${JSON.stringify(wanted())}\n`);
  } catch {
    // A read-only tree: the next run compares again.
  }
}

/** `npm ci`, quiet. The Node inside node_modules must not run it: npm deletes that folder first. */
export async function npmCi() {
  const path = pathWithoutProject();
  const npm = which('npm', { path });
  if (npm === undefined) return { code: 127, all: 'npm is not on PATH' };
  if (existsSync(stampFile)) unlinkSync(stampFile);
  const env = { PATH: path, npm_config_progress: 'false', npm_config_update_notifier: 'false' };
  const result = await run(npm, ['ci', '--no-fund', '--no-audit'], { env });
  if (result.code === 0 && existsSync(currentNode)) stampNow();
  else if (result.code === 0)
    return { code: 1, all: `${result.all}\nnpm ci did not install the package "node" (is ignore-scripts set?)` };
  return result;
}
