/**
 * `npm run kills:compose [-- runs]`: kills a run that brings a Compose stack up with SIGKILL at random points, lets
 * `verify clean --yes` do its work, and counts what of these runs is on the engine before and after. Needs a container engine and
 * the image of the sample target (scripts/engine.mjs, scripts/images.mjs).
 */
import { verify, start } from '../test/rig/cli.ts';
import { runsIn, smallStack } from '../test/rig/compose-kills.ts';
import { onEngine } from '../test/rig/engine.ts';

const runs = Number(process.argv[2] ?? 20);
const cwd = smallStack();
const bad: string[] = [];
let made = 0;
// How long a whole run takes here, to kill at any point of one.
const whole = performance.now();
await verify(['m1', '--driver', 'compose'], { cwd: smallStack('', 'true') });
const span = performance.now() - whole;
for (let n = 0; n < runs; n++) {
  const after = Math.round(Math.random() * span);
  const { child, ended } = start(['m1', '--driver', 'compose'], { cwd });
  await new Promise((done) => setTimeout(done, after));
  child.kill('SIGKILL');
  await ended;
  if (onEngine(runsIn(cwd)).length > 0) made++;
  const { code, stdout } = await verify(['clean', '--yes'], { cwd });
  const left = onEngine(runsIn(cwd));
  if (left.length > 0 || code !== 0) bad.push(`after ${after} ms: exit ${code}, left ${left.join(', ')}\n${stdout}`);
  if (process.stdout.isTTY) process.stdout.write(`\r${n + 1} of ${runs}`);
}
for (const line of bad) process.stdout.write(`\n${line}`);
process.stdout.write(
  `\n${runs} runs killed at random points, ${made} with something on the engine; after verify clean: ${bad.length} with something left\n`,
);
process.exitCode = bad.length === 0 ? 0 : 1;
