/**
 * `npm run bench`: start-up, overhead, planning and memory, each beside a peer, in one run on one machine.
 * goss is measured where it is on PATH (Debian trixie: apt-get install goss).
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { sha256 } from '../src/evidence/digest.ts';

const root = join(import.meta.dirname, '..');
// What is shipped is measured, not the sources.
const built = spawnSync(join(root, 'node_modules', '.bin', 'tsdown'), {
  cwd: root,
  stdio: ['ignore', 'ignore', 'inherit'],
});
if (built.status !== 0) throw new Error('the build failed');
const verify = [process.execPath, join(root, 'dist', 'cli.js')] as const;
const folder = mkdtempSync(join(tmpdir(), 'verify-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

function time(argv: readonly string[], times: number, cwd = root): number {
  const [file = '', ...args] = argv;
  return median(
    Array.from({ length: times }, () => {
      const began = performance.now();
      spawnSync(file, args, { cwd, stdio: 'ignore' });
      return performance.now() - began;
    }),
  );
}

/** Peak resident memory in MiB and wall time of a command, its output thrown away. */
async function peak(argv: readonly string[], cwd: string): Promise<{ ms: number; mib: number }> {
  const [file = '', ...args] = argv;
  const began = performance.now();
  const child = spawn(file, args, { cwd, stdio: 'ignore' });
  let mib = 0;
  const { readFileSync } = await import('node:fs');
  const watch = setInterval(() => {
    try {
      mib = Math.max(
        mib,
        Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024,
      );
    } catch {
      // it has ended
    }
  }, 50);
  await new Promise((done) => child.once('close', done));
  clearInterval(watch);
  return { ms: performance.now() - began, mib };
}

function checklist(steps: number): string {
  const rows = Array.from({ length: steps }, (_, n) => `      - { id: s${n}, uses: command, with: { run: ["true"] } }`);
  return `version: 1\nmilestone: m\ntitle: Bench\nitems:\n  - id: item\n    title: Item\n    steps:\n${rows.join('\n')}\n`;
}
mkdirSync(join(folder, 'checklists'));
const write = (name: string, text: string): void =>
  writeFileSync(join(folder, 'checklists', `${name}.yaml`), text.replace('milestone: m\n', `milestone: ${name}\n`));
const row = (what: string, value: number, peer: string, of: number, target: string): void =>
  say(
    `${what.padEnd(44)} ${value.toFixed(0).padStart(7)} ms   ${peer} ${of.toFixed(0)} ms   ${(value / of).toFixed(2)} ×   (target ${target})`,
  );

say('Start-up, median of 9');
const node = time([process.execPath, '-e', '0'], 9);
row('verify --version', time([...verify, '--version'], 9), 'node -e 0', node, '≤ 1.5 ×');
row('verify plan milestone-16', time([...verify, 'plan', 'milestone-16'], 9), 'node -e 0', node, '≤ 4 ×');

const count = 1000;
write('m1', checklist(count));
say(`\n${count} times \`true\``);
const loopFile = join(folder, 'loop.mjs');
const execaUrl = import.meta.resolve('execa');
writeFileSync(
  loopFile,
  `import { execa } from '${execaUrl}';\nlet next = 0;\nconst worker = async () => { while (next++ < ${count}) await execa('true', { buffer: false, stdin: 'ignore', stdout: 'ignore', stderr: 'ignore', cleanup: false }); };\nawait Promise.all([worker(), worker()]);\n`,
);
const loop = time([process.execPath, loopFile], 3);
const plain = await peak([...verify, 'm1', '--jobs', '2', '--ui', 'plain'], folder);
row('verify, plain', plain.ms, 'execa loop', loop, '≤ 1.15 ×');
try {
  const { spawn: pty } = await import('@lydell/node-pty');
  const began = performance.now();
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name, value]) => name !== 'CI' && value !== undefined),
  ) as Record<string, string>;
  const terminal = pty(verify[0], [verify[1], 'm1', '--jobs', '2', '--ui', 'live'], {
    cols: 100,
    rows: 30,
    cwd: folder,
    env: { ...env, TERM: 'xterm-256color' },
  });
  terminal.onData(() => {});
  await new Promise<void>((done) => {
    terminal.onExit(() => done());
  });
  row('verify, live view on a pseudo-terminal', performance.now() - began, 'execa loop', loop, '≤ 1.15 ×');
} catch (error) {
  say(`live view: not measured, because ${String(error)}`);
}
if (spawnSync('goss', ['--version'], { stdio: 'ignore' }).status === 0) {
  writeFileSync(
    join(folder, 'goss.json'),
    JSON.stringify({
      command: Object.fromEntries(Array.from({ length: count }, (_, n) => [`true #${n}`, { 'exit-status': 0 }])),
    }),
  );
  const goss = time(['goss', '-g', 'goss.json', 'validate', '--max-concurrent', '2'], 3, folder);
  row('verify, plain', plain.ms, 'goss', goss, '≤ 4 ×');
} else say('goss: not measured, because it is not on PATH (Debian trixie: apt-get install goss)');

const big = checklist(10_000);
write('m10', big);
say('\nA checklist of 10,000 steps');
const parse = median(
  Array.from({ length: 3 }, () => {
    const began = performance.now();
    parseDocument(big, { lineCounter: new LineCounter() }).toJS();
    return performance.now() - began;
  }),
);
row('verify plan', time([...verify, 'plan', 'm10'], 3, folder), 'parsing with positions', parse, '≤ 1.2 × + start-up');
say(`memory of ${count} steps, plain view: peak ${plain.mib.toFixed(0)} MiB (target ≤ 150 MiB)`);

say('\nThe page of a record of 10,000 steps, without pictures');
const { renderings } = await import('../src/commands/render.ts');
const { runRecord, stepRecord } = await import('../test/rig/record.ts');
const evidence = (n: number) =>
  ['command.stderr', 'command.stdout', 'observed.json'].map((name) => ({
    path: `evidence/s${n}/${name}`,
    sha256: 'a'.repeat(64),
    bytes: 300,
  }));
const large = runRecord(
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
const largeText = JSON.stringify(large);
const rendering = median(
  Array.from({ length: 3 }, () => {
    const began = performance.now();
    renderings(large, sha256(largeText), [], () => undefined);
    return performance.now() - began;
  }),
);
const page = renderings(large, sha256(largeText), [], () => undefined).get('FINAL_STATUS.html') ?? '';
say(`all renderings                               ${rendering.toFixed(0).padStart(7)} ms   (target < 2,000 ms)`);
say(`FINAL_STATUS.html                            ${(page.length / 1e6).toFixed(2).padStart(7)} MB   (target < 5 MB)`);
