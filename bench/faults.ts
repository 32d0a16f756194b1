/**
 * `npm run faults [-- part…] [--scale N] [--seed N]`: what verify does where the world fails it. Parts: nth, flood, servers, escapes, secrets; all
 * without one. `--scale 1` is the published size; a smaller number makes less of it (0.1: a tenth). Linux only. Prints a line a part,
 * and ends with 1 where a line says that something does not hold.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { escapes } from './faults/escapes.ts';
import { flood } from './faults/flood.ts';
import { nth } from './faults/nth.ts';
import { secrets } from './faults/secrets.ts';
import { servers } from './faults/servers.ts';
import { random } from '../test/rig/random.ts';
import type { Answer } from './faults/answer.ts';

const parts: Record<string, (folder: string, scale: number, next: () => number) => Promise<Answer>> = {
  nth,
  flood,
  servers,
  escapes,
  secrets,
};

const { values, positionals } = parseArgs({
  options: {
    scale: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !(name in parts));
if (unknown.length > 0) {
  process.stderr.write(`there is no part ${unknown.join(', ')}; there are ${Object.keys(parts).join(', ')}\n`);
  process.exit(64);
}
let failed = false;
for (const [name, part] of Object.entries(parts)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  const folder = mkdtempSync(join(tmpdir(), `verify-faults-${name}-`));
  try {
    const { figure, bad } = await part(folder, Number(values.scale), random(Number(values.seed)));
    process.stdout.write(`${bad.length === 0 ? '✔' : '✖'} ${name}: ${figure}\n`);
    for (const line of bad) process.stdout.write(`    ${line}\n`);
    failed ||= bad.length > 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
process.exitCode = failed ? 1 : 0;
