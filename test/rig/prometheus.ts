import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { until } from './until.ts';
import { afterAll } from 'vitest';
import { freePort } from '../../src/hosts/ports.ts';
import { tempDir } from './run-step.ts';

const running: (() => void)[] = [];
afterAll(() => {
  for (const stop of running) stop();
});

/**
 * A real Prometheus that scrapes nothing and holds samples of the past: the same answers at every run.
 * @param samples series → its value at each step
 * @param end milliseconds of the last step
 */
export async function frozenPrometheus(
  samples: Record<string, (step: number) => number>,
  end: number,
  steps = 60,
  everySeconds = 15,
): Promise<string> {
  const lines = Object.entries(samples).flatMap(([series, value]) =>
    Array.from({ length: steps }, (_, n) => `${series} ${value(n)} ${end / 1000 - (steps - 1 - n) * everySeconds}`),
  );
  const folder = tempDir({ 'data.om': `${lines.join('\n')}\n# EOF\n`, 'prometheus.yml': 'scrape_configs: []\n' });
  execFileSync(
    'promtool',
    ['tsdb', 'create-blocks-from', 'openmetrics', join(folder, 'data.om'), join(folder, 'data')],
    { stdio: 'ignore' },
  );
  const port = await freePort();
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      '--storage.tsdb.retention.time=100y',
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  );
  running.push(() => child.kill('SIGKILL'));
  const url = `http://127.0.0.1:${port}`;
  await until('Prometheus', async () => (await fetch(`${url}/-/ready`).catch(() => undefined))?.ok === true);
  return url;
}
