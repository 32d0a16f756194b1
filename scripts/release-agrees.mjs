#!/usr/bin/env node
/**
 * `node scripts/release-agrees.mjs [TAG]`: package.json, package-lock.json, CHANGELOG.md, the action and the CI examples name one version, and so does the
 * tag where one is given. Exit code 0, or 1 with a line for each that does not.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './lib/sh.mjs';

const read = (path) => readFileSync(join(root, path), 'utf8');
const { version } = JSON.parse(read('package.json'));
const wrong = [];
const hold = (what, found) => {
  if (found !== version) wrong.push(`${what}: expected ${version}, found ${found ?? 'nothing'}`);
};

const [tag] = process.argv.slice(2);
if (tag !== undefined) {
  hold('the tag', tag.replace(/^v/, ''));
  hold('the newest entry of CHANGELOG.md', /^## \[(\d[^\]]*)\] - \d{4}-\d\d-\d\d$/m.exec(read('CHANGELOG.md'))?.[1]);
}
hold('package-lock.json', JSON.parse(read('package-lock.json')).version);
for (const file of readdirSync(join(root, 'examples/ci')))
  for (const [, found] of read(`examples/ci/${file}`).matchAll(/verify-milestone@([\w.-]+)/g))
    hold(`examples/ci/${file}`, found);

for (const line of wrong) process.stderr.write(`${line}\n`);
if (wrong.length === 0) process.stdout.write(`all name ${version}\n`);
process.exitCode = wrong.length > 0 ? 1 : 0;
