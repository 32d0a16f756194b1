/**
 * `npm run bench:screenshots`: 12 dashboards of the Grafana double photographed one after the other and in parallel, in one
 * browser each, on one machine in one run; without scripts, and with 5.6 MB of them, about what a page of Grafana loads. Needs
 * Chrome or Chromium.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { panel } from '../test/rig/grafana/boards.ts';
import { grafanaDouble, type DoubleBoard } from '../test/rig/grafana/double.ts';
import { runSteps } from '../test/rig/run-step.ts';

process.env['DOUBLE_TOKEN'] = 'glsa_double_token';
const boards = Array.from({ length: 12 }, (_, n): DoubleBoard => ({
  uid: `board-${n}`,
  title: `Board ${n}`,
  panels: Array.from({ length: 12 }, (_, at) =>
    panel(at + 1, `Panel ${at + 1}`, `metric_${at}`, (at % 2) * 12, Math.floor(at / 2) * 8),
  ),
}));
const library = readFileSync('node_modules/echarts/dist/echarts.min.js', 'utf8');
// Five texts, so that the browser cannot take one for another.
const scripts = Array.from({ length: 5 }, (_, n) => `/* ${n} */${library}`);

async function once(url: string, parallel: number): Promise<number> {
  const { record } = await runSteps([
    {
      uses: 'grafana/screenshot',
      secrets: ['DOUBLE_TOKEN'],
      with: {
        url,
        token: 'DOUBLE_TOKEN',
        dashboards: boards.map((board) => board.uid),
        themes: ['dark'],
        at: '2024-06-01T12:00:00Z',
        within: '60s',
        parallel,
      },
    },
  ]);
  const [step] = record.steps;
  if (step?.outcome !== 'passed') throw new Error(`the step is ${step?.outcome}: ${step?.findings[0]?.message}`);
  return step.durationMs;
}

for (const [name, more] of [
  ['without scripts', {}],
  ['with 5.6 MB of scripts', { scripts }],
] as const) {
  const double = await grafanaDouble({ version: '11.5.0', boards, faults: { slowQueries: 150 }, ...more });
  await once(double.url, 2);
  process.stdout.write(`12 dashboards of 12 panels ${name}, ${availableParallelism()} cores:\n`);
  for (const parallel of [1, 2, 4]) {
    const before = double.requests.length;
    const took = await once(double.url, parallel);
    const loaded = double.requests.slice(before).filter((one) => one.startsWith('/public/')).length;
    process.stdout.write(`  ${parallel} at a time ${(took / 1000).toFixed(1)} s, ${loaded} scripts loaded\n`);
  }
  double.close();
}
process.exit(0);
