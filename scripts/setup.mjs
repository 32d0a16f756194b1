#!/usr/bin/env node
/** Makes a machine ready for the demo, the tests or the benchmark. Idempotent. */
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { asRoot, candidates, disableServices, hasApt, install, updateOnce } from './lib/apt.mjs';
import { npmCi, npmReason } from './lib/npm-packages.mjs';
import { helpIfAsked, progress, say } from './lib/say.mjs';
import { EX_UNAVAILABLE, lastLines, which } from './lib/sh.mjs';
import { purposes, tools } from './lib/tools.mjs';

const known = ['npm', ...Object.keys(tools)];

const help = `
Usage: node scripts/setup.mjs [--for demo|test|bench] [--only a,b] [--dry-run]

Makes this machine ready, and does nothing where it is. npm packages come from package-lock.json; programs are found
first, and installed through apt only where they are not there (as root, or by sudo).

  --for PURPOSE  what for: demo (the default), test or bench
  --only NAMES   only these: ${known.join(', ')}
  --dry-run      say what would be installed, and why; install nothing
  --help         this text

Exit codes: 0 ready, ${EX_UNAVAILABLE} something required is missing (said how to install it), 64 wrong arguments
`;

/**
 * @param {{purpose?: 'demo' | 'test' | 'bench', only?: string[], dryRun?: boolean}} options
 * @returns {Promise<{code: number, missing: {name: string, required: boolean, reason: string}[]}>}
 */
export async function setUp({ purpose = 'demo', only, dryRun = false } = {}) {
  const { required, optional } = purposes[purpose];
  const names = only ?? [...required, ...optional];
  const isRequired = (name) => only !== undefined || required.includes(name);
  const there = [];
  const lacking = [];
  await Promise.all(
    names.map(async (name) => {
      if (name === 'npm') return npmReason() === undefined ? there.push('npm packages') : lacking.push(name);
      return (await tools[name].found()) === undefined ? lacking.push(name) : there.push(tools[name].title);
    }),
  );
  if (lacking.length === 0) {
    say(`Set-up: everything is there (${there.join(', ')}).`);
    return { code: 0, missing: [] };
  }
  lacking.sort((a, b) => names.indexOf(a) - names.indexOf(b));
  const plan = await planFor(lacking);
  say(`Set-up for the ${purpose === 'bench' ? 'benchmark' : purpose}:`);
  for (const row of plan) {
    const what = row.name === 'npm' ? 'npm packages' : tools[row.name].title;
    say(`  ${what}: ${row.why}${row.via === undefined ? '' : `; by ${row.via}`}`);
  }
  if (dryRun) return { code: 0, missing: [] };
  const failures = await carryOut(plan);
  return report(plan, failures, isRequired);
}

/** What will be done about each missing thing: {name, why, via, packages?, act?}; no `via` where nothing can be. */
async function planFor(lacking) {
  const apt = hasApt();
  const prefix = await asRoot();
  const rows = [];
  for (const name of lacking) {
    if (name === 'npm') {
      rows.push({ name, why: npmReason(), via: 'npm ci', act: npmCi });
      continue;
    }
    const tool = tools[name];
    const row = { name, why: tool.why };
    if (apt && tool.packages !== undefined) {
      const packages = await installable(tool, prefix !== undefined);
      if (packages.length > 0 && prefix !== undefined) {
        row.packages = packages;
        row.via = `apt-get${prefix.length > 0 ? ' with sudo' : ''}: ${packages.join(', ')}`;
      } else if (packages.length > 0 && tool.withoutRoot) {
        row.act = tool.withoutRoot;
        row.via = `apt-get download, unpacked into ~/.local/bin (no root here)`;
      } else if (packages.length === 0 && tool.other) {
        row.act = tool.other.run;
        row.via = tool.other.via;
      }
    }
    rows.push(row);
  }
  return rows;
}

/** A tool's packages, if the machine's sources have them; a fresh image has no package lists yet. */
async function installable(tool, mayUpdate) {
  const present = async () => {
    const packages = await tool.packages();
    const have = await candidates(packages);
    return packages.length > 0 && packages.every((p) => have.has(p)) ? packages : [];
  };
  const packages = await present();
  if (packages.length > 0 || !mayUpdate || tool.other) return packages;
  await updateOnce();
  return present();
}

async function carryOut(plan) {
  const failures = new Map();
  const note = (row, result) => {
    if (result.code !== 0) failures.set(row.name, result.all);
  };
  const ok = (result) => result.code === 0;
  const rows = plan.filter((row) => row.packages !== undefined);
  if (rows.length > 0) {
    const packages = [...new Set(rows.flatMap((row) => row.packages))];
    const result = await progress(`installing ${packages.join(', ')}`, () => install(packages), ok);
    if (result.code !== 0 && rows.length > 1) {
      // One package must not keep the others from being installed.
      for (const row of rows)
        note(row, await progress(`installing ${row.packages.join(', ')}`, () => install(row.packages), ok));
    } else for (const row of rows) note(row, result);
    const services = rows.filter((row) => !failures.has(row.name)).flatMap((row) => tools[row.name].services ?? []);
    if (services.length > 0) await disableServices(services);
  }
  for (const row of plan.filter((r) => r.act !== undefined)) {
    const title = row.name === 'npm' ? 'installing npm packages' : `installing ${tools[row.name].title}`;
    note(row, await progress(title, row.act, ok));
  }
  return failures;
}

async function report(plan, failures, isRequired) {
  const missing = [];
  for (const { name, via } of plan) {
    const there = name === 'npm' ? npmReason() === undefined : (await tools[name].found()) !== undefined;
    if (there) continue;
    const output = failures.get(name);
    const title = name === 'npm' ? 'npm packages' : tools[name].title;
    say();
    say(
      `${title}: ${output === undefined && via === undefined ? 'not on this machine' : 'could not be installed'}${isRequired(name) ? '' : ' (not required: what needs it is reported as not run)'}`,
    );
    if (output !== undefined) for (const line of lastLines(output)) say(`  | ${line}`);
    if (name !== 'npm') for (const line of howTo(tools[name])) say(`  ${line}`);
    missing.push({ name, required: isRequired(name), reason: `${title} could not be found or installed` });
  }
  const needed = missing.filter((m) => m.required).map((m) => m.name);
  if (needed.length > 0)
    say(`Set-up: missing and required: ${needed.join(', ')}. Install as said above, then run this again.`);
  else say('Set-up: ready.');
  return { code: needed.length > 0 ? EX_UNAVAILABLE : 0, missing };
}

function howTo({ how }) {
  const lines = [];
  if (how.apt && process.platform === 'linux' && hasApt()) lines.push(`install: ${how.apt}`);
  if (how.brew && (process.platform === 'darwin' || which('brew'))) lines.push(`install: ${how.brew}`);
  lines.push(`${lines.length > 0 ? 'or see' : 'see'}: ${how.page}${how.also ? `, ${how.also}` : ''}`);
  return lines;
}

async function main() {
  helpIfAsked(help);
  let values;
  try {
    ({ values } = parseArgs({
      options: {
        for: { type: 'string', default: 'demo' },
        only: { type: 'string', multiple: true },
        'dry-run': { type: 'boolean', default: false },
      },
    }));
    if (!Object.hasOwn(purposes, values.for))
      throw new Error(`--for ${values.for}: one of ${Object.keys(purposes).join(', ')}`);
  } catch (error) {
    say(`setup: ${error.message}`);
    return 64;
  }
  const only = values.only?.flatMap((list) => list.split(',')).filter((name) => name !== '');
  const unknown = only?.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    say(`setup: --only ${unknown}: one of ${known.join(', ')}`);
    return 64;
  }
  return (await setUp({ purpose: values.for, only, dryRun: values['dry-run'] })).code;
}

if (realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) process.exitCode = await main();
