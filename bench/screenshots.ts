/**
 * `npm run bench:screenshots`: 12 dashboards of the Grafana double photographed one after the other and in parallel, in one
 * browser each, on one machine in one run. Target: at most 0.6 of the time. Needs Chrome or Chromium.
 */
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
const double = await grafanaDouble({ version: '11.5.0', boards, faults: { slowQueries: 150 } });

async function once(parallel: number): Promise<number> {
  const { record } = await runSteps([
    {
      uses: 'grafana/screenshot',
      secrets: ['DOUBLE_TOKEN'],
      with: {
        url: double.url,
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

await once(2);
const serial = await once(1);
process.stdout.write(
  `12 dashboards of 12 panels, ${availableParallelism()} cores: one after the other ${serial.toFixed(0)} ms\n`,
);
for (const parallel of [2, 4]) {
  const together = await once(parallel);
  process.stdout.write(
    `  ${parallel} at a time ${together.toFixed(0)} ms, ${(together / serial).toFixed(2)} × (target ≤ 0.6 ×)\n`,
  );
}
double.close();
process.exit(0);
