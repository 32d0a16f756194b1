import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { verify } from '../rig/cli.ts';
import { have } from '../rig/have.ts';
import { tempDir } from '../rig/run-step.ts';
import { spawnSync } from 'node:child_process';

/** The machine's own Compose, behind an engine that only says its version: to read compose files no engine is needed. */
function machine(): string {
  const real = spawnSync('sh', ['-c', 'command -v docker'], { encoding: 'utf8' }).stdout.trim();
  const bin = tempDir({
    docker: `#!/bin/sh
case "$1" in
version) echo '{"Version":"27.0.0","ApiVersion":"1.46"}' ;;
image) exit 1 ;;
*) exec ${real} "$@" ;;
esac
`,
  });
  chmodSync(join(bin, 'docker'), 0o755);
  return `${bin}:${process.env['PATH']}`;
}

const service = { image: 'example/app:1' };
const folder = (services: object, compose: object = {}): string =>
  tempDir({
    'compose.yml': stringify({ services }),
    'checklists/m1.yaml': stringify({
      version: 1,
      tree: 'none',
      milestone: 'm1',
      title: 'T',
      target: '..',
      stack: { compose: { files: ['compose.yml'], ...compose } },
      items: [
        {
          id: 'item',
          title: 'Item',
          steps: [
            { id: 'stack', uses: 'stack/up' },
            {
              id: 'health',
              uses: 'grafana/health',
              needs: ['stack'],
              with: { url: '${{ facts.stack.grafana.url }}', datasources: ['prometheus'] },
              standIn: {
                unless: 'grafana',
                uses: 'http/get',
                with: { url: '${{ facts.stack.app.url }}', contains: ['ok'] },
              },
            },
          ],
        },
      ],
    }),
  });

const full = 'health: the stack has grafana, so that they run in full';
const reduced = 'no grafana in the stack here, so that stand-ins run';
const title = 'which services a Compose stack has here';
describe.skipIf(!have('compose'))(have('compose') ? title : `${title} (skipped, because there is no Compose)`, () => {
  it.each([
    ['the files have it', { app: service, grafana: service }, {}, full],
    ['they do not', { app: service }, {}, reduced],
    ['one of another name', { app: service, grafana2: service }, {}, reduced],
    ['its profile is off', { app: service, grafana: { ...service, profiles: ['monitoring'] } }, {}, reduced],
    [
      'its profile is on',
      { app: service, grafana: { ...service, profiles: ['monitoring'] } },
      { profiles: ['monitoring'] },
      full,
    ],
    ['`services` leaves it out', { app: service, grafana: service }, { services: ['app'] }, reduced],
    [
      'another needs it',
      { app: { ...service, depends_on: ['grafana'] }, grafana: service },
      { services: ['app'] },
      full,
    ],
  ])('%s', async (_, services, compose, expected) => {
    const cwd = folder(services, compose);
    const env = { PATH: machine() };
    const { stdout } = await verify(['doctor', 'm1', '--driver', 'compose'], { cwd, env });
    expect(stdout).toContain(expected);
    const plan = await verify(['plan', 'm1', '--driver', 'compose'], { cwd, env });
    expect(plan.stdout).toContain(
      `where the stack has no service grafana${expected === full ? '; not here' : '; so it is here'}`,
    );
  });
});
