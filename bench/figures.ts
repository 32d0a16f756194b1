/**
 * `npm run figures [-- --quick] [--only part,…] [--seed N] [--plan]`: what docs/figures.md says, measured anew. Each part is a program
 * of its own that ends with 1 where something does not hold; they run one after the other, and each row is written when it is known.
 * They run the build. Rows of parts that were not asked for stay. `--quick` runs little of each, for CI, and writes nothing. Linux only.
 */
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const root = join(import.meta.dirname, '..');
const table = join(root, 'docs/figures.tsv');
const page = join(root, 'docs/figures.md');

interface Part {
  name: string;
  what: string;
  /** How many are published, and how many `--quick` runs. */
  full: number;
  quick: number;
  /** Seconds that one takes on an idle machine with two processors. */
  each: number;
  argv: (n: number, seed: number) => string[];
  /** The line of its output that is the figure. */
  says: RegExp;
  /** Is it a matter of chance, so that its seed is said? */
  seeded: boolean;
}

const faults = (name: string, what: string, full: number, quick: number, each: number, seeded = false): Part => ({
  name,
  what,
  full,
  quick,
  each,
  argv: (n, seed) => ['bench/faults.ts', name, '--scale', String(n / full), '--seed', String(seed)],
  says: new RegExp(`^[✔✖] ${name}: (.*)$`, 'm'),
  seeded,
});

const parts: readonly Part[] = [
  {
    name: 'bit flips',
    what: 'one bit of a signed bundle (record, evidence, attestation, sign-offs, renderings, checklist) is turned; the gate must answer 21',
    full: 100_000,
    quick: 300,
    each: 0.004,
    argv: (n, seed) => ['test/bitflips.ts', String(n), String(seed)],
    says: /^(found \d+ of \d+ bit flips in \d+ files)/m,
    seeded: true,
  },
  {
    name: 'kills',
    what: 'a run is ended at a random moment by SIGINT, SIGTERM or SIGKILL; no record is torn, no process is left',
    full: 1000,
    quick: 6,
    each: 0.3,
    argv: (n, seed) => ['bench/kills.ts', String(n), String(seed)],
    says: /^(\d+ runs ended at random points .*?)(?:; seed \d+)?\): (.*)$/m,
    seeded: true,
  },
  {
    name: 'fuzz',
    what: 'a checklist is damaged at random and read, valid ones of hopeless steps are run; nothing crashes, passes or takes more than 1 s',
    full: 100_000,
    quick: 500,
    each: 0.004,
    argv: (n, seed) => ['bench/fuzz.ts', String(n), String(seed)],
    says: /^(\d+ fuzzed checklists)(?: \(seed \d+\)): (.*)$/m,
    seeded: true,
  },
  faults(
    'nth',
    'the n-th write, open, start of a program or connection fails, for each n (the share of them that ran, in percent)',
    100,
    2,
    1.5,
  ),
  faults(
    'escapes',
    'a child gets out of its process group in one of seven ways, and a signal ends the run (times each)',
    20,
    1,
    10,
    true,
  ),
  faults('flood', 'steps print 10 GB in ten parts, and 2 GB at once (share in percent)', 100, 5, 0.6),
  faults(
    'servers',
    'a server says nothing, drips, pours without end, sends a gzip bomb (64 MiB in 64 KiB, again and again) …; below 150 MiB, in time',
    13,
    13,
    6,
  ),
  faults(
    'secrets',
    'canaries in environment, file, address, header and Compose configuration are looked for in all that is written and shown',
    1,
    1,
    20,
  ),
  {
    name: 'canaries',
    what: 'secrets known by name, from `.env` files or by their shape are printed in 13 encodings',
    full: 1,
    quick: 1,
    each: 5,
    argv: () => ['test/secrets-table.ts'],
    says: /^secrets: (.*)$/m,
    seeded: false,
  },
];

interface Row {
  name: string;
  ran: string;
  seed: string;
  holds: string;
  figure: string;
}

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    plan: { type: 'boolean', default: false },
    only: { type: 'string' },
    share: { type: 'string', default: '1' },
    seed: { type: 'string', default: '20261127' },
  },
});
const wanted = values.only?.split(',') ?? parts.map(({ name }) => name);
const unknown = wanted.filter((name) => !parts.some((part) => part.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `there is no part ${unknown.join(', ')}; there are ${parts.map(({ name }) => name).join(', ')}\n`,
  );
  process.exit(64);
}
const seed = Number(values.seed);
const countOf = (part: Part): number =>
  values.quick ? part.quick : Math.min(part.full, Math.max(part.quick, Math.round(part.full * Number(values.share))));
const chosen = parts.filter(({ name }) => wanted.includes(name));
const minutes = (part: Part): string => `about ${Math.max(1, Math.round((countOf(part) * part.each) / 60))} min`;
for (const part of chosen)
  say(`${part.name.padEnd(10)} ${String(countOf(part)).padStart(7)} of ${part.full}   ${minutes(part)}`);
const whole = chosen.reduce((sum, part) => sum + countOf(part) * part.each, 0);
say(`in all about ${Math.max(1, Math.round(whole / 60))} min on an idle machine with two processors\n`);
if (values.plan) process.exit(0);

// What is published is what is measured: the build takes less memory than the sources.
execFileSync(join(root, 'node_modules/.bin/tsdown'), ['--logLevel', 'error'], { cwd: root, stdio: 'inherit' });
const env = { ...process.env, VERIFY_CLI: join(root, 'dist/cli.js') };
let failed = false;
for (const part of chosen) {
  const n = countOf(part);
  const { code, output } = await run(part.argv(n, seed));
  const found = part.says.exec(output);
  const figure = found
    ? found
        .slice(1)
        .filter(Boolean)
        .join('): ')
        .replace(/^([^(]*)\): /, '$1: ')
    : (output.trim().split('\n').at(-1) ?? 'nothing was said');
  // Nobody's time limits hold where several programs want each processor.
  const busy = (loadavg()[0] ?? 0) > 2 * availableParallelism() ? ' (on a busy machine)' : '';
  const holds = code === 0 && found !== null;
  failed ||= !holds;
  say(`${holds ? '✔' : '✖'} ${part.name}: ${figure}`);
  if (!holds) say(output.split('\n').slice(-30).join('\n'));
  if (!values.quick)
    write({
      name: part.name,
      ran: `${n} of ${part.full}`,
      seed: part.seeded ? String(seed) : '',
      holds: holds ? 'yes' : 'no',
      figure: `${figure}${busy}`,
    });
}
process.exitCode = failed ? 1 : 0;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function run(argv: readonly string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, argv, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (output += part.toString()));
  const code = await new Promise<number | null>((done) => child.once('close', done));
  return { code, output };
}

function rows(): Row[] {
  let text = '';
  try {
    text = readFileSync(table, 'utf8');
  } catch {
    // the first time
  }
  return text
    .split('\n')
    .slice(1)
    .filter((line) => line !== '')
    .map((line) => {
      const [name = '', ran = '', seed_ = '', holds = '', figure = ''] = line.split('\t');
      return { name, ran, seed: seed_, holds, figure };
    });
}

/** Writes one row into the table, and the page that is made of it. */
function write(row: Row): void {
  const all = [...rows().filter(({ name }) => name !== row.name), row];
  const ordered = parts.flatMap(({ name }) => all.filter((one) => one.name === name));
  const cells = ordered.map((one) => [one.name, one.ran, one.seed, one.holds, one.figure].join('\t'));
  writeFileSync(table, `${['part\tran\tseed\tholds\tfigure', ...cells].join('\n')}\n`);
  const lines = parts.map((part) => {
    const one = ordered.find(({ name }) => name === part.name);
    const cell = (text: string): string => text.replaceAll('|', '\\|');
    return one
      ? `| ${part.name} | ${part.what} | ${one.ran} | ${one.holds} | ${cell(one.figure)} | ${one.seed} |`
      : `| ${part.name} | ${part.what} | 0 of ${part.full} | not run | | |`;
  });
  writeFileSync(
    page,
    `# Figures

Made by \`npm run figures\`, which runs all of it again (\`--plan\` says how long that takes, \`--only\` runs a part, \`--share 0.05\` that share of each, \`--quick\` a little of each). *Ran* is how many of the published number ran; the same seed does the same again.

| part | what is done | ran | holds | figure | seed |
|---|---|---|---|---|---|
${lines.join('\n')}
`,
  );
}
