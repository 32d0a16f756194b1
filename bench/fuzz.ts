/**
 * `npm run fuzz [-- count [seed]]`: damages checklists at random, reads each as every command does, and runs those that are valid. Their
 * steps cannot pass, so that no exit code 0 can be right. A crash is any error that is no answer to the person who wrote the checklist.
 * Ends with 1 where something crashed, passed, or took more than a second to read.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answer, inParts, partOf } from './parts.ts';
import { parseChecklist, type LoadedChecklist } from '../src/checklist/load.ts';
import { runChecklist } from '../src/engine/run.ts';
import { version } from '../src/commands/shared.ts';
import { exit, UserError } from '../src/core/errors.ts';
import { random } from '../test/rig/random.ts';

interface Found {
  refused: number;
  valid: number;
  run: number;
  slowest: number;
  bad: string[];
}
const part = partOf(process.argv);
if (!part) {
  const all = Number(process.argv[2] ?? 100_000);
  const begin = Number(process.argv[3] ?? Date.now() % 1_000_000);
  const found = await inParts<Found>(import.meta.filename, all, begin);
  const sum = (of: (one: Found) => number): number => found.reduce((whole, one) => whole + of(one), 0);
  for (const line of found.flatMap((one) => one.bad)) process.stdout.write(`\n${line}`);
  const wrong = sum((one) => one.bad.length);
  process.stdout.write(
    `\n${sum((one) => one.refused + one.valid)} fuzzed checklists (seed ${begin}): ${sum((one) => one.refused)} refused, ${sum((one) => one.valid)} valid, ${sum((one) => one.run)} of these run; the slowest took ${Math.round(Math.max(...found.map((one) => one.slowest)))} ms; ${wrong} crashed, passed or took more than 1 s\n`,
  );
  process.exit(wrong === 0 ? 0 : 1);
}
const { count, seed } = part;
/** Of the valid ones; a run takes a hundred times as long as reading. */
const maxRuns = Math.max(15, Math.floor(count / 100));

const next = random(seed);
const below = (n: number): number => Math.floor(next() * n);
const one = <T>(list: readonly T[]): T => list[below(list.length)] as T;

const hopeless = `# A checklist whose steps cannot pass.
version: 1
milestone: m1
title: Hopeless
vars: { gone: no/such/file-1, port: 1 }
items:
  - id: files
    title: Files
    impact: critical
    steps:
      - { id: a, uses: files/exist, with: { files: ["\${{ vars.gone }}", { path: no/such/file-2, contains: ["x"] }] } }
      - { id: b, uses: http/get, needs: [a], with: { url: "http://127.0.0.1:\${{ vars.port }}/", json: [{ path: $.a, equals: 1 }] } }
  - id: people
    title: People
    steps:
      - { id: c, uses: manual/confirm, with: { question: Is it so?, about: [no/such/file-3] } }
signoff: { roles: { release-manager: 1 } }
waivers: []
`;
const real = readFileSync(join(import.meta.dirname, '..', 'checklists', 'milestone-16.yaml'), 'utf8');
const words = [
  '&a ',
  '*a',
  '<<: *a',
  '!!js/function x',
  '!x ',
  '---\n',
  '...\n',
  '%YAML 9\n',
  '{',
  '}',
  '[',
  ']',
  ': ',
  '- ',
  '? ',
  '| ',
  '>-\n',
  '#',
  '\0',
  '\u00a0',
  '\u202e',
  '\u{1f600}',
  '\ufeff',
  '\t',
  '\r',
  '\n',
  '"',
  "'",
  '\\',
  '${{ vars.gone }}',
  '${{ facts.x.y }}',
  '${{',
  '}}',
  '__proto__: {}',
  'constructor: x',
  'toString',
  'null',
  '~',
  'true',
  '.nan',
  '-.inf',
  '1e999',
  '0x7fffffffffffffff',
  '2999-12-31',
  '- - - -',
];
const bulks = [
  () => '['.repeat(10_000),
  () => `x: &a [${'*a,'.repeat(1000)}]`,
  () => Array.from({ length: 5000 }, (_, n) => `k${n}: 1`).join('\n'),
  () => 'a'.repeat(200_000),
  () =>
    [
      'a: &a [x,x]',
      ...Array.from(
        { length: 24 },
        (_, n) => `b${n}: &b${n} [*${n === 0 ? 'a' : `b${n - 1}`}, *${n === 0 ? 'a' : `b${n - 1}`}]`,
      ),
    ].join('\n'),
];

function damaged(text: string): string {
  const at = below(text.length);
  const to = Math.min(text.length, at + 1 + below(40));
  const lines = text.split('\n');
  switch (below(9)) {
    case 0:
      return text.slice(0, at) + String.fromCodePoint(1 + below(0x2ff)) + text.slice(at + 1);
    case 1:
      return text.slice(0, at) + text.slice(to);
    case 2:
      return text.slice(0, to) + text.slice(at);
    case 3:
      return text.slice(0, at) + one(words) + text.slice(at);
    case 4:
      lines.splice(below(lines.length), 1);
      return lines.join('\n');
    case 5:
      lines.splice(below(lines.length), 0, one(lines));
      return lines.join('\n');
    case 6:
      lines.splice(below(lines.length), 0, `${' '.repeat(below(8))}${one(real.split('\n')).trim()}`);
      return lines.join('\n');
    case 7:
      return text.slice(0, at);
    default:
      return next() < 0.02
        ? text.slice(0, at) + one(bulks)() + text.slice(at)
        : text.replace(/\d+/g, (n) => (next() < 0.2 ? String(below(1e9) - 5e8) : n));
  }
}

const folder = mkdtempSync(join(tmpdir(), 'verify-fuzz-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
mkdirSync(join(folder, 'checklists'));
const path = join(folder, 'checklists/m1.yaml');
const bad: string[] = [];
const say = (what: string, text: string): void => {
  const file = join(tmpdir(), `verify-fuzz-${seed}-${bad.length}.yaml`);
  writeFileSync(file, text);
  bad.push(`${what}; the checklist: ${file}`);
};

async function run(loaded: LoadedChecklist, text: string): Promise<void> {
  writeFileSync(path, text);
  const options = {
    target: folder,
    reports: join(folder, 'reports'),
    jobs: 2,
    failFast: false,
    only: [],
    skip: [],
    tags: [],
    driver: 'processes' as const,
    keep: false,
    writeTo: undefined,
    command: ['verify', 'm1'],
    version,
    ask: undefined,
    signal: AbortSignal.timeout(20_000),
  };
  try {
    const { code, record } = await runChecklist(loaded, options, {
      on() {},
      async close() {},
      prompt: (_, ask, config) => ask(config),
    });
    if (code === exit.passed || code === exit.bug)
      say(`a run ended with ${code} (${record.run.bug ?? record.verdict})`, text);
  } catch (error) {
    if (!(error instanceof UserError)) say(`a run crashed: ${String(error)}`, text);
  }
  rmSync(join(folder, 'reports'), { recursive: true, force: true });
}

const counts = { refused: 0, valid: 0, run: 0 };
let slowest = 0;
// The step types are loaded once.
await parseChecklist(path, real);
for (let n = 0; n < count; n++) {
  const ofOwn = next() < 0.7;
  let text = ofOwn ? hopeless : real;
  for (let times = 1 + below(4); times > 0; times--) text = damaged(text);
  const began = process.cpuUsage();
  let loaded: LoadedChecklist | undefined;
  try {
    loaded = await parseChecklist(path, text);
    counts.valid++;
  } catch (error) {
    if (error instanceof UserError && [exit.invalid, exit.missing, exit.nothingSelected].includes(error.code as 65))
      counts.refused++;
    else say(`crashed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`, text);
  }
  // Processor time: the machine may be busy.
  const took = process.cpuUsage(began).user / 1000;
  slowest = Math.max(slowest, took);
  if (took > 1000) say(`took ${Math.round(took)} ms to read`, text);
  // What came of the real one may start programs; of the other, nothing but these.
  const harmless =
    loaded?.steps.every((step) => ['files/exist', 'http/get', 'manual/confirm'].includes(step.spec.uses)) === true;
  if (loaded && ofOwn && harmless && counts.run < maxRuns && n % 7 === 0) {
    counts.run++;
    await run(loaded, text);
  }
}
answer({ ...counts, slowest, bad } satisfies Found);
