#!/usr/bin/env node
/** `npm run demo`: sets the machine up, runs the milestone's checklist on the sample target, and says what came of it. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setUp } from './setup.mjs';
import { helpIfAsked, say } from './lib/say.mjs';
import { pathForChildren, root, runInherit } from './lib/sh.mjs';

const help = `
Usage: npm run demo [-- OPTIONS OF VERIFY]

Sets this machine up (npm packages, Prometheus, Docker Compose, Chromium: only what is not there), then runs
\`verify milestone-16 --target examples/engram\`, and ends with the verdict and where the report is.

Exit codes: 0 the demo ran to its verdict and nothing failed (PASSED, or INCOMPLETE, which verify itself answers with
11); 10 and 12 are verify's own, FAILED and INCONCLUSIVE; anything else: it ended before a verdict.
\`npx verify-milestone milestone-16 --target examples/engram\` always answers with the verdict's own code.
`;

const milestone = 'milestone-16';
const report = join('reports', milestone, 'latest', 'FINAL_STATUS.html');

const verdicts = {
  0: { name: 'PASSED', means: 'every item of the checklist was run and proven.', exit: 0 },
  10: {
    name: 'FAILED',
    means: 'at least one item was checked and does not hold; the report names it, where, and what to do.',
    exit: 10,
  },
  11: {
    name: 'INCOMPLETE',
    means:
      'nothing that ran has failed, but some items were not run or still wait for a person. They are no pass; the report lists them.',
    exit: 0,
  },
  12: {
    name: 'INCONCLUSIVE',
    means:
      'something could not be measured (a tool or service is missing, or time ran out); nothing is claimed about it.',
    exit: 12,
  },
};

const signals = { 129: 'SIGHUP', 130: 'SIGINT', 143: 'SIGTERM' };

async function main() {
  const args = process.argv.slice(2);
  helpIfAsked(help, args);
  const ready = await setUp({ purpose: 'demo' });
  if (ready.code !== 0) return ready.code;
  say();
  const began = Date.now();
  const node = join(root, 'node_modules', '.bin', 'node');
  const argv = [join(root, 'bin', 'verify.js'), milestone, '--target', 'examples/engram', ...args];
  const { code } = await runInherit(node, argv, { env: { PATH: pathForChildren() } });
  say();
  if (code in signals) {
    say(`Ended by ${signals[code]}; there is no verdict.`);
    return code;
  }
  const verdict = verdicts[code];
  const written = existsSync(join(root, report)) && statSync(join(root, report)).mtimeMs >= began - 1000;
  if (verdict === undefined) {
    say(`verify exited with ${code}, before a verdict: the lines above say why.`);
    return code;
  }
  say(`verify exited with ${code}: ${verdict.name}`);
  say(`  It means: ${verdict.means}`);
  say(written ? `  The report: ${report}, with its evidence beside it` : '  No report was written by this run.');
  say(`  Next: read the report; \`npx verify-milestone plan ${milestone}\` shows every command that was run;`);
  say(
    `        \`npx verify-milestone ${milestone} --target DIR\` runs it on a repository of yours, and answers with the verdict's code.`,
  );
  if (verdict.exit === 0 && code !== 0)
    say(`  (The demo itself is done and ends with 0; verify's own code is ${code}.)`);
  return verdict.exit;
}

process.exitCode = await main();
