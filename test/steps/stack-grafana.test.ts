import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { root } from '../rig/cli.ts';
import { small } from '../rig/grafana/boards.ts';
import { runSteps, tempDir } from '../rig/run-step.ts';

const path = process.env['PATH'] ?? '';
afterEach(() => {
  process.env['PATH'] = path;
  delete process.env['GRAFANA_HOME'];
});
process.env['STACK_PASSWORD'] = 'chosen-for-the-run';

/** A program of that name that is the double, and reads what Grafana reads. */
function program(name: string, folder: string): void {
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\nexec ${process.execPath} ${join(root, 'test/rig/grafana/server.ts')} "$@"\n`);
  chmodSync(file, 0o755);
}

const page = "require('node:http').createServer((q,r)=>r.end('ok')).listen(Number(process.argv[1]),'127.0.0.1')";
const stack = {
  processes: {
    web: {
      argv: [process.execPath, '-e', page, '${{ port.web }}'],
      ready: { url: 'http://127.0.0.1:${{ port.web }}/' },
      url: 'http://127.0.0.1:${{ port.web }}',
    },
    grafana: {
      program: 'grafana',
      argv: [],
      files: [
        {
          from: 'sources.yml',
          to: 'provisioning/datasources/a.yml',
          replace: { 'http://prometheus:9090': 'http://127.0.0.1:1' },
        },
        {
          from: 'boards.yml',
          to: 'provisioning/dashboards/a.yml',
          replace: { '/var/lib/dashboards': '${{ target }}/boards' },
        },
      ],
      env: {
        GF_PATHS_PROVISIONING: '${{ dir }}/provisioning',
        GF_SERVER_HTTP_ADDR: '127.0.0.1',
        GF_SERVER_HTTP_PORT: '${{ port.grafana }}',
        GF_SECURITY_ADMIN_PASSWORD: '$__env{STACK_PASSWORD}',
      },
      ready: { url: 'http://127.0.0.1:${{ port.grafana }}/api/health', contains: 'ok', within: '120s' },
      url: 'http://127.0.0.1:${{ port.grafana }}',
    },
  },
};
const steps = [
  { id: 'stack', uses: 'stack/up', with: { stableFor: '100ms' } },
  {
    id: 'health',
    uses: 'grafana/health',
    needs: ['stack'],
    secrets: ['STACK_PASSWORD'],
    with: {
      url: '${{ facts.stack.grafana.url }}',
      user: 'admin',
      password: 'STACK_PASSWORD',
      datasources: ['prometheus'],
    },
    standIn: { unless: 'grafana', uses: 'files/exist', with: { files: ['boards/small.json'] } },
  },
];
const run = () =>
  runSteps(steps, {
    stack,
    driver: 'processes',
    target: tempDir({
      'boards/small.json': JSON.stringify(small('small')),
      'sources.yml':
        'datasources: [{ name: Prometheus, uid: prometheus, type: prometheus, url: "http://prometheus:9090" }]\n',
      'boards.yml': 'providers: [{ name: all, type: file, options: { path: /var/lib/dashboards } }]\n',
    }),
  });

describe('a Grafana that is installed on the machine', () => {
  it.each(['grafana', 'grafana-server'])('is found on PATH as %s, and asked', async (name) => {
    const folder = tempDir();
    program(name, folder);
    process.env['PATH'] = `${folder}:${path}`;
    const { record } = await run();
    const [up, health] = record.steps;
    expect(up?.outcome, JSON.stringify(up?.findings)).toBe('passed');
    expect(health).toMatchObject({ uses: 'grafana/health', outcome: 'passed' });
    expect(health?.standsIn).toBeUndefined();
    expect(JSON.stringify(record)).not.toContain('chosen-for-the-run');
  });

  it.skipIf(existsSync('/usr/share/grafana'))('is left out where there is none, and the stand-in runs', async () => {
    const { record } = await run();
    expect(record.steps.map((step) => [step.uses, step.outcome, step.standsIn?.for])).toEqual([
      ['stack/up', 'passed', undefined],
      ['files/exist', 'passed', 'grafana/health'],
    ]);
    expect(record.steps[0]?.findings.map((one) => one.code)).toContain('service-left-out');
    expect(record.steps[1]?.reduced).toContain('the stack of this run has no service grafana');
  });

  it('is found below GRAFANA_HOME', async () => {
    const home = tempDir({ 'conf/defaults.ini': '', 'bin/.keep': '' });
    program('grafana', join(home, 'bin'));
    process.env['GRAFANA_HOME'] = home;
    const { record } = await run();
    expect(record.steps.map((step) => [step.uses, step.outcome])).toEqual([
      ['stack/up', 'passed'],
      ['grafana/health', 'passed'],
    ]);
  });
});
