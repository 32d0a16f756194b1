/**
 * `npm run bench`: every budget beside its peer, in one run on one machine, each as the median of pairs that run in turn. What is
 * measured is laid out as npm installs it. It takes some minutes on a quiet machine. The budget of the screenshots has its own:
 * `npm run bench:screenshots`. goss is measured where it is on PATH (`node scripts/setup.mjs --for bench`).
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestFile, sha256 } from '../src/evidence/digest.ts';
import { renderings } from '../src/runs/render.ts';
import { runRecord, stepRecord } from '../test/rig/record.ts';
import { alerts, checklist, dashboards, trivial } from './inputs.ts';
import { budget, budgetOfPair, compared, pairs, run, total, unmeasured } from './measure.ts';
import { peer, peers } from './peers.ts';
import { shipped } from './shipped.ts';

const { folder, verify } = shipped();
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const title = (text: string): void => void process.stdout.write(`\n${text}\n`);

const ms = (argv: readonly string[]) => async (): Promise<number> => (await run(argv, folder)).ms;

title('Start');
const node = ms([process.execPath, '-e', '0']);
budgetOfPair('verify --version', 'node -e 0', await pairs(15, ms([...verify, '--version']), node), 1.3);
budgetOfPair(
  'verify plan milestone-16',
  'node -e 0',
  await pairs(15, ms([...verify, 'plan', 'milestone-16']), node),
  3,
);

const count = 1000;
title(`${count} times \`true\``);
checklist(folder, 'm1', trivial(count));
checklist(folder, 'm100', trivial(100));
const loopFile = join(folder, 'loop.mjs');
writeFileSync(
  loopFile,
  `import { execa } from '${import.meta.resolve('execa')}';\nlet next = 0;\nconst worker = async () => { while (next++ < ${count}) await execa('true', { buffer: false, stdin: 'ignore', stdout: 'ignore', stderr: 'ignore', cleanup: false }); };\nawait Promise.all([worker(), worker()]);\n`,
);
const loop = ms([process.execPath, loopFile]);
let peak = 0;
/** The index of earlier runs is part of each run: all are measured as the first. */
const asFirst = (): void => rmSync(join(folder, 'reports'), { recursive: true, force: true });
const plain = async (): Promise<number> => {
  asFirst();
  const ran = await run([...verify, 'm1', '--jobs', '2', '--ui', 'plain'], folder);
  peak = Math.max(peak, ran.mib);
  return ran.ms;
};
const plainBesideLoop = await pairs(5, plain, loop);
budgetOfPair('plain lines', 'execa loop', plainBesideLoop, 1.05);
try {
  const { spawn: pty } = await import('@lydell/node-pty');
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name, value]) => name !== 'CI' && value !== undefined),
  ) as Record<string, string>;
  const live = async (): Promise<number> => {
    asFirst();
    const began = performance.now();
    const terminal = pty(verify[0], [verify[1], 'm1', '--jobs', '2', '--ui', 'live'], {
      cols: 100,
      rows: 30,
      cwd: folder,
      env: { ...env, TERM: 'xterm-256color' },
    });
    terminal.onData(() => {});
    const { exitCode } = await new Promise<{ exitCode: number }>((done) => {
      terminal.onExit(done);
    });
    if (exitCode !== 0) throw new Error(`the run ended with ${exitCode}`);
    return performance.now() - began;
  };
  budgetOfPair('live view on a pseudo-terminal', 'plain lines', await pairs(5, live, plain), 1.1);
} catch (error) {
  unmeasured('live view on a pseudo-terminal', String(error));
}
const hundred = ms([...verify, 'm100', '--jobs', '2', '--ui', 'plain']);
for (const name of peers) {
  const found = peer(name, folder, count);
  if (typeof found === 'string') {
    if (name === 'goss') unmeasured('beside goss', found);
    continue;
  }
  const pair = await pairs(3, found.count === count ? plain : hundred, ms(found.argv));
  if (name === 'goss') budgetOfPair('plain lines', name, pair, 3);
  else compared(`plain lines, ${found.count} commands`, name, pair);
}
budget(`memory, ${count} steps`, 'peak resident', peak, 110, 'MiB');

title('10,000 steps');
checklist(folder, 'm10', trivial(10_000));
const parser = join(folder, 'parse.mjs');
writeFileSync(
  parser,
  `import { LineCounter, parseDocument } from '${import.meta.resolve('yaml')}';\nimport { readFileSync } from 'node:fs';\nparseDocument(readFileSync('checklists/m10.yaml', 'utf8'), { lineCounter: new LineCounter() }).toJS();\n`,
);
const plan = await pairs(3, ms([...verify, 'plan', 'm10']), ms([process.execPath, parser]));
budgetOfPair('load, lint and plan', 'parsing with positions', plan, 1.1);
asFirst();
const ten = await run([...verify, 'm10', '--jobs', '2', '--ui', 'plain'], folder);
budget('memory', `peak resident, a run of ${(ten.ms / 1000).toFixed(0)} s`, ten.mib, 160, 'MiB');
budget(
  'a step, beside one of 1,000',
  `${(ten.ms / 10_000).toFixed(2)} ms, ${(plainBesideLoop.ours / count).toFixed(2)} ms`,
  ten.ms / 10 / plainBesideLoop.ours,
  1,
  '×',
);

title('A large repository, without a stack');
asFirst();
dashboards(folder, 300);
const boards = await run([...verify, 'boards', '--ui', 'plain'], folder);
budget('300 dashboards', 'dashboards/lint', boards.ms / 1000, 5, 's');
alerts(folder, 2000);
const rules = await run([...verify, 'rules', '--ui', 'plain'], folder);
budget('2,000 rules', 'prometheus/rules-static', rules.ms / 1000, 5, 's');

title('Schedule');
asFirst();
// Ten in a row and thirty that stand alone, four at once: no schedule takes less than ten seconds.
checklist(folder, 'chain', [
  ...Array.from({ length: 30 }, (_, n) => `{ id: alone-${n}, uses: command, with: { run: [sleep, "1"] } }`),
  ...Array.from(
    { length: 10 },
    (_, n) => `{ id: c${n}, ${n > 0 ? `needs: [c${n - 1}], ` : ''}uses: command, with: { run: [sleep, "1"] } }`,
  ),
]);
const wall = await run([...verify, 'chain', '--jobs', '4', '--ui', 'plain'], folder);
budget('a chain of 10 s beside 30 steps', `${wall.ms.toFixed(0)} ms`, wall.ms / 10_000, 1.03, '×');

title('Evidence');
const large = join(folder, 'large');
for (let n = 0; n < 256; n++) writeFileSync(large, Buffer.alloc(1024 * 1024, n), { flag: 'a' });
const hash = await pairs(
  5,
  () => {
    const began = performance.now();
    digestFile(large);
    return performance.now() - began;
  },
  ms(['sha256sum', large]),
);
budgetOfPair('hashing 256 MiB', 'sha256sum', hash, 1 / 0.9);

title('The reports of a record of 10,000 steps, without pictures');
const evidence = (n: number) =>
  ['command.stderr', 'command.stdout', 'observed.json'].map((name) => ({
    path: `evidence/s${n}/${name}`,
    sha256: 'a'.repeat(64),
    bytes: 300,
  }));
const record = runRecord(
  Array.from({ length: 10_000 }, (_, n) =>
    stepRecord({
      id: `s${n}`,
      item: `item-${n % 40}`,
      offsetMs: n * 9,
      durationMs: 17,
      proofs: [`step ${n} exited with 0`, 'stdout contains "ok"'],
      evidence: evidence(n),
      facts: { 'command.exit': 0 },
      ...(n % 50 === 0 && {
        outcome: 'failed' as const,
        findings: [{ code: 'exit-code', level: 'error' as const, message: `step ${n} exited with 1`, hint: 'read it' }],
      }),
    }),
  ),
);
const digest = sha256(JSON.stringify(record));
const began = performance.now();
const page = new Map(renderings(record, digest, [], () => undefined)).get('FINAL_STATUS.html') ?? '';
budget('all renderings', '', performance.now() - began, 2000, 'ms');
budget('FINAL_STATUS.html', '', page.length / 1e6, 5, 'MB');
total();
