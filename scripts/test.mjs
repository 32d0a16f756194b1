#!/usr/bin/env node
/** `npm test`: set-up, engine and images where the machine allows them, then every check and every test. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildImages } from './images.mjs';
import { startEngine, stopEngine } from './engine.mjs';
import { setUp } from './setup.mjs';
import { helpIfAsked, progress, say } from './lib/say.mjs';
import { lastLines, pathForChildren, root, run, runInherit } from './lib/sh.mjs';
import { countResults } from './lib/vitest-results.mjs';

const help = `
Usage: npm test [-- OPTIONS]

Sets this machine up, starts a container engine and builds the sample stack's images where that is possible, runs the
checks (format, lint, types, dead code: package.json's check:* scripts) and vitest, and ends with the line
"N passed, N failed". A check counts as one. Where no engine can run, the tests that need one are skipped and say why.

  --no-setup    the machine is ready
  --no-engine   start no engine; what needs one is skipped (the same: VERIFY_ENGINE=absent)
  --no-checks   tests only
  --help        this text
  anything else goes to vitest (a file's name, -t 'a test')

What the tests are told by the environment: VERIFY_ENGINE=present|absent, VERIFY_ENGINE_REASON where it is absent,
VERIFY_IMAGES the services whose images are there, VERIFY_IMAGES_MISSING the others as "service: reason" lines.

Exit codes: 0 all passed, 1 something failed, 130 and 143 ended by a signal
`;

const mine = ['--no-setup', '--no-engine', '--no-checks'];
let interrupted;
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
])
  process.on(signal, () => (interrupted ??= code));

async function prepareEngine(env, wanted) {
  const absent = (reason) => {
    say(`No container engine: ${reason}. Tests that need one are skipped.`);
    env.VERIFY_ENGINE = 'absent';
    env.VERIFY_ENGINE_REASON = reason;
    return false;
  };
  if (!wanted) return absent('it was turned off');
  const engine = await startEngine();
  if (engine.reason !== undefined) return absent(engine.reason);
  env.VERIFY_ENGINE = 'present';
  say(
    `Container engine: ${engine.version}${engine.started ? `, started here${engine.flags.length > 0 ? ` with ${engine.flags.join(' ')}` : ''}` : ''}.`,
  );
  const { images } = await progress(
    "building the sample stack's images",
    () => buildImages(),
    (r) => r.code === 0,
  );
  const there = images.filter((i) => i.state !== 'skipped' && i.state !== 'failed');
  env.VERIFY_IMAGES = there.map((i) => i.service).join(',');
  env.VERIFY_IMAGES_MISSING = images
    .filter((i) => !there.includes(i))
    .map((i) => `${i.service}: ${i.reason}`)
    .join('\n');
  return engine.started;
}

/** Each check:* script of package.json, in its order; a failing one shows all that it printed. */
async function runChecks(env) {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const counts = { passed: 0, failed: 0, notes: [] };
  for (const name of Object.keys(scripts).filter((s) => s.startsWith('check:'))) {
    if (interrupted !== undefined) break;
    const result = await progress(
      name,
      () => run('npm', ['run', '--silent', name], { env }),
      (r) => r.code === 0,
    );
    if (result.code === 0) counts.passed++;
    else {
      counts.failed++;
      counts.notes.push(`${name} failed`);
      say(lastLines(result.all, 400).join('\n'));
    }
  }
  return counts;
}

async function runVitest(args, env) {
  const file = join(root, 'test-results.json');
  rmSync(file, { force: true });
  const argv = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`, ...args];
  const { code } = await runInherit(join(root, 'node_modules', '.bin', 'vitest'), argv, { env });
  return countResults(file, code);
}

async function main() {
  const args = process.argv.slice(2);
  helpIfAsked(help, args);
  const has = (flag) => args.includes(flag);
  const env = { PATH: pathForChildren() };
  /** @type {{passed: number, failed: number, skipped: number, notes: string[]}} */
  const total = { passed: 0, failed: 0, skipped: 0, notes: [] };
  const add = ({ passed, failed, skipped = 0, notes = [] }) => {
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
    total.notes.push(...notes);
  };
  const ready = has('--no-setup') ? { code: 0, missing: [] } : await setUp({ purpose: 'test' });
  if (ready.code !== 0)
    add({ passed: 0, failed: 1, notes: ready.missing.filter((m) => m.required).map((m) => m.reason) });
  let started = false;
  try {
    if (!ready.missing.some((m) => m.name === 'npm') && interrupted === undefined) {
      started = await prepareEngine(env, !has('--no-engine') && process.env.VERIFY_ENGINE !== 'absent');
      if (!has('--no-checks')) add(await runChecks(env));
      if (interrupted === undefined)
        add(
          await runVitest(
            args.filter((a) => !mine.includes(a)),
            env,
          ),
        );
    }
  } finally {
    if (started) await progress('stopping the container engine', () => stopEngine());
  }
  for (const note of total.notes) say(`! ${note}`);
  if (interrupted !== undefined) say('! ended by a signal, before everything ran');
  if (total.skipped > 0) say(`${total.skipped} skipped`);
  const failed = total.failed + (interrupted === undefined ? 0 : 1);
  process.stdout.write(`${total.passed} passed, ${failed} failed\n`);
  return interrupted ?? (failed > 0 ? 1 : 0);
}

process.exitCode = await main();
