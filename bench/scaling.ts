/**
 * `npm run scaling [-- KIND…]`: how time and memory grow with the size of a checklist and of a repository, each size in a folder of
 * its own, with the exponent that fits best: 1 is linear. `--write` keeps the table in docs/performance.md. Some minutes on a quiet
 * machine.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { alerts, checklist, dashboards, sources, trivial } from './inputs.ts';
import { type Ran, run } from './measure.ts';
import { shipped } from './shipped.ts';

interface Kind {
  what: string;
  sizes: readonly number[];
  make(folder: string, size: number): void;
  argv: readonly string[];
  /** A drill of alerts that cannot be satisfied ends with another code. */
  anyEnd?: true;
}

const plain = ['--ui', 'plain', '--jobs', '2'];
const kinds: Readonly<Record<string, Kind>> = {
  steps: {
    what: 'steps that run `true`, two at once',
    sizes: [10, 100, 1000, 10_000],
    make: (folder, size) => checklist(folder, 'c', trivial(size)),
    argv: ['c', ...plain],
  },
  plan: {
    what: 'steps, `verify plan`',
    sizes: [10, 100, 1000, 10_000],
    make: (folder, size) => checklist(folder, 'c', trivial(size)),
    argv: ['plan', 'c'],
  },
  files: {
    what: 'source files, two steps',
    sizes: [100, 1000, 5000, 20_000],
    make: sources,
    argv: ['files', ...plain],
  },
  dashboards: {
    what: 'dashboards, `dashboards/lint`',
    sizes: [10, 50, 200, 500],
    make: dashboards,
    argv: ['boards', ...plain],
  },
  alerts: {
    what: 'alerts, `prometheus/rules-static`',
    sizes: [10, 100, 500, 2000],
    make: alerts,
    argv: ['rules', ...plain],
  },
  drills: {
    what: 'alerts, `prometheus/drill` in `unit`',
    sizes: [10, 30, 100],
    make: alerts,
    argv: ['drill', ...plain],
    anyEnd: true,
  },
};

/** The slope of log(time − start) over log(size): by least squares over what takes longer than twice the start. */
function exponent(points: readonly { size: number; ms: number }[], start: number): number | undefined {
  const used = points
    .filter(({ ms }) => ms > 2 * start)
    .map(({ size, ms }) => [Math.log(size), Math.log(ms - start)] as const);
  if (used.length < 2) return undefined;
  const mean = (at: 0 | 1): number => used.reduce((sum, point) => sum + point[at], 0) / used.length;
  const [x, y] = [mean(0), mean(1)];
  const over = used.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0);
  return over / used.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
}

const wanted = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const { folder, verify } = shipped();
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const rows: string[] = [];
const say = (row: string): void => {
  rows.push(row);
  process.stdout.write(`${row}\n`);
};

say('| | size | seconds | ms for each | peak MiB | exponent |');
say('|---|---:|---:|---:|---:|---:|');
for (const [name, { what, sizes, make, argv, anyEnd }] of Object.entries(kinds)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const measured: (Ran & { size: number })[] = [];
  const work = async (size: number): Promise<Ran> => {
    const own = join(folder, `${name}-${size}`);
    make(own, size);
    const ran = await run([...verify, ...argv], own, anyEnd);
    rmSync(own, { recursive: true, force: true });
    return ran;
  };
  const start = await work(1);
  for (const size of sizes) measured.push({ size, ...(await work(size)) });
  const fitted = exponent(measured, start.ms);
  for (const [n, { size, ms, mib }] of measured.entries())
    say(
      `| ${n === 0 ? what : ''} | ${size.toLocaleString('en')} | ${(ms / 1000).toFixed(2)} | ${(ms / size).toFixed(2)} | ${mib.toFixed(0)} | ${n < measured.length - 1 ? '' : (fitted?.toFixed(2) ?? 'too quick to tell')} |`,
    );
}

if (process.argv.includes('--write')) {
  const page = `# How time and memory grow

Written by \`npm run scaling -- --write\`, with Node ${process.versions.node} on ${availableParallelism()} cores. One run of each size, the start of Node and of \`verify\` included. The exponent is fitted to what takes longer than twice a run of size 1, without that start: 1 is linear.

${rows.join('\n')}

\`npm run bench\` holds the figures that have a budget beside their peers.
`;
  writeFileSync(join(import.meta.dirname, '..', 'docs', 'performance.md'), page);
}
