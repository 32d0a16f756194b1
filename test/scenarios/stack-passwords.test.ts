import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { RunRecord } from '../../src/core/record.ts';
import { verify } from '../rig/cli.ts';
import { tempDir } from '../rig/run-step.ts';

const names = { STORE_PASSWORD: '' };

/** A server that tells its password to whoever asks, and a step that holds it against its own. */
const folder = (stack: object): string =>
  tempDir({
    'server.js': `require('node:http').createServer((_, answer) => answer.end('password ' + process.env.STORE_PASSWORD)).listen(Number(process.argv[2]), '127.0.0.1')`,
    'checklists/m1.yaml': stringify({
      version: 1,
      tree: 'none',
      milestone: 'm1',
      title: 'T',
      target: '..',
      stack,
      items: [
        {
          id: 'item',
          title: 'Item',
          steps: [
            { id: 'stack', uses: 'stack/up', with: { stableFor: '100ms' } },
            {
              id: 'same',
              uses: 'command',
              needs: ['stack'],
              secrets: ['STORE_PASSWORD'],
              with: {
                run: [
                  process.execPath,
                  '-e',
                  `fetch(process.argv[1]).then((a) => a.text()).then((text) => { const own = process.env.STORE_PASSWORD ?? ''; console.log(text, own.length > 20 || own === 'mine-alone' ? 'strong' : 'weak'); process.exit(text === 'password ' + own ? 0 : 1); })`,
                  '${{ facts.stack.store.url }}',
                ],
                expect: { stdout: { contains: ['strong'] } },
              },
            },
          ],
        },
      ],
    }),
  });
const processes = {
  store: {
    argv: [process.execPath, 'server.js', '${{ port.store }}'],
    ready: { url: 'http://127.0.0.1:${{ port.store }}/' },
    url: 'http://127.0.0.1:${{ port.store }}',
  },
};
const run = async (
  stack: object,
  env: NodeJS.ProcessEnv = names,
): Promise<{ code: number | null; stdout: string; record: RunRecord; log: string }> => {
  const cwd = folder(stack);
  const { code, stdout } = await verify(['m1', '--driver', 'processes'], { cwd, env });
  const latest = join(cwd, 'reports/m1/latest');
  const record = RunRecord.parse(JSON.parse(readFileSync(join(latest, 'record.json'), 'utf8')));
  const log = record.manifest
    .filter((file) => file.path.includes('same'))
    .map((file) => readFileSync(join(latest, file.path), 'utf8'))
    .join('\n');
  return { code, stdout, record, log };
};

describe('passwords of the stack', () => {
  it('get a value for the run where they have none, which services and steps share and no evidence shows', async () => {
    const { code, stdout, log } = await run({ processes, passwords: ['STORE_PASSWORD'] });
    expect(code, stdout).toBe(0);
    expect(log).toMatch(/password \S*redacted\S* strong/i);
  });
  it('stay what somebody has set', async () => {
    const { code, stdout, log } = await run(
      { processes, passwords: ['STORE_PASSWORD'] },
      { STORE_PASSWORD: 'mine-alone' },
    );
    expect(code, stdout).toBe(0);
    expect(log).not.toContain('mine-alone');
  });
  it('are not made up where the checklist does not name them', async () => {
    const { code, stdout } = await run({ processes });
    expect(code, stdout).toBe(10);
  });
  it('doctor misses none that the run makes up, and those of services that others run', async () => {
    const missed = 'the environment variable STORE_PASSWORD is not set';
    const external = { store: { url: 'http://127.0.0.1:1' } };
    const doctor = async (stack: object): Promise<string> =>
      (await verify(['doctor', 'm1'], { cwd: folder(stack), env: names })).stdout;
    expect(await doctor({ processes, passwords: ['STORE_PASSWORD'] })).not.toContain(missed);
    expect(await doctor({ processes })).toContain(missed);
    expect(await doctor({ external, passwords: ['STORE_PASSWORD'] })).toContain(missed);
  });
});
