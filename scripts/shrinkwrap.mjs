#!/usr/bin/env node
/**
 * The package is published with a shrinkwrap: what is installed is what was tested, every version and digest of it. It is the lock
 * file without what only development needs, made before packing and taken away after.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const path = join(root, 'npm-shrinkwrap.json');
if (process.argv[2] === '--remove') rmSync(path, { force: true });
else {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const { devDependencies: _, ...own } = lock.packages[''];
  const packages = Object.entries(lock.packages).filter(([name, one]) => name !== '' && one.dev !== true);
  const loose = packages.filter(([, one]) => !one.integrity || !one.version).map(([name]) => name);
  if (loose.length > 0) throw new Error(`without version or digest: ${loose.join(', ')}`);
  const kept = { ...lock, packages: { '': own, ...Object.fromEntries(packages) } };
  writeFileSync(path, `${JSON.stringify(kept, undefined, 2)}\n`);
}
