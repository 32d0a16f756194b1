import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { RunRecord } from '../../src/core/record.ts';
import { namespace } from '../../src/core/sign-off.ts';
import { root, verify, type Ended } from '../rig/cli.ts';
import { samples, small } from '../rig/grafana/boards.ts';
import { grafanaDouble } from '../rig/grafana/double.ts';
import { needing } from '../rig/have.ts';
import { frozenPrometheus } from '../rig/prometheus.ts';
import { tempDir } from '../rig/run-step.ts';
import { committed } from '../rig/signed.ts';

const at = '2024-06-01T12:00:00Z';
const env = { GIT_CONFIG_GLOBAL: '/dev/null', SSH_AUTH_SOCK: '', GRAFANA_PASSWORD: 'double-password' };
const account = { url: '${{ facts.stack.grafana.url }}', user: 'admin', password: 'GRAFANA_PASSWORD' };
const [title, skip] = needing(
  'one checklist with and without Grafana',
  'chromium',
  'prometheus',
  'promtool',
  'ssh-keygen',
);

/** The same steps on every machine; the stack is what differs between them. */
const checklist = (stack: object, fidelity: string | string[]): string =>
  stringify({
    version: 1,
    milestone: 'm1',
    title: 'Dashboards',
    target: '..',
    stack,
    items: [
      { id: 'stack', title: 'Stack', steps: [{ id: 'up', uses: 'stack/up', with: { stableFor: '100ms' } }] },
      {
        id: 'dashboards',
        title: 'Dashboards',
        steps: [
          {
            id: 'health',
            uses: 'grafana/health',
            needs: ['up'],
            secrets: ['GRAFANA_PASSWORD'],
            with: { ...account, datasources: ['prometheus'] },
            standIn: {
              unless: 'grafana',
              uses: 'http/get',
              with: {
                url: '${{ facts.stack.prometheus.url }}/api/v1/query?query=1',
                json: [{ path: '$.status', equals: 'success' }],
              },
            },
          },
          {
            id: 'pictures',
            uses: 'grafana/screenshot',
            needs: ['health'],
            secrets: ['GRAFANA_PASSWORD'],
            with: { ...account, dashboards: ['small'], at, themes: ['light'] },
            standIn: {
              unless: 'grafana',
              uses: 'dashboards/preview',
              with: {
                url: '${{ facts.stack.prometheus.url }}',
                dashboards: ['boards/small.json'],
                at,
                themes: ['light'],
              },
            },
          },
        ],
      },
    ],
    signoff: { roles: { 'release-manager': 1 }, fidelity },
  });

describe.skipIf(skip)(title, () => {
  let keys: string;
  let prometheus: string;
  let grafana: string;
  const folder = (stack: object, fidelity: string | string[] = 'full'): string =>
    committed({
      'checklists/m1.yaml': checklist(stack, fidelity),
      'sources.yml': stringify({
        datasources: [{ name: 'Prometheus', uid: 'prometheus', type: 'prometheus', url: 'http://prometheus:9090' }],
      }),
      'boards.yml': stringify({ providers: [{ name: 'all', type: 'file', options: { path: '/var/lib/dashboards' } }] }),
      'boards/small.json': JSON.stringify(small('small')),
      '.gitignore': 'reports/\n',
      '.verify/allowed_signers': `alice@example.org namespaces="${namespace}" ${readFileSync(join(keys, 'alice.pub'), 'utf8')}`,
    });
  let path = process.env['PATH'] ?? '';
  const call = (cwd: string, ...args: string[]): Promise<Ended> => verify(args, { cwd, env: { ...env, PATH: path } });
  const sign = (cwd: string): Promise<Ended> =>
    call(
      cwd,
      'sign-off',
      'm1',
      '--role',
      'release-manager',
      '--key',
      join(keys, 'alice'),
      '--approve',
      '--comment',
      'seen',
      '--yes',
    );
  const recordOf = (cwd: string): RunRecord =>
    RunRecord.parse(JSON.parse(readFileSync(join(cwd, 'reports/m1/latest/record.json'), 'utf8')));

  beforeAll(async () => {
    keys = tempDir();
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'alice', '-f', join(keys, 'alice')]);
    prometheus = await frozenPrometheus(samples, Date.parse(at));
    const boards = [small('small')];
    // The switch of this test: a double that does not say of itself that it is one.
    grafana = (await grafanaDouble({ version: '11.5.0', boards, prometheus, full: true })).url;
  });

  it('where the stack has Grafana: full, signed and gated', async () => {
    const cwd = folder({
      external: { prometheus: { url: prometheus }, grafana: { url: grafana, ready: 'api/health' } },
    });
    const ran = await call(cwd, 'm1', '--ui', 'plain');
    expect(ran.code, ran.stdout + ran.stderr).toBe(0);
    expect(recordOf(cwd)).toMatchObject({ fidelity: 'full', verdict: 'PASSED' });
    expect(recordOf(cwd).steps.map((step) => step.uses)).toEqual(['stack/up', 'grafana/health', 'grafana/screenshot']);
    expect((await sign(cwd)).code).toBe(0);
    const gate = await call(cwd, 'gate', 'm1');
    expect(gate.code, gate.stdout).toBe(0);
  });

  it('where it has none: the stand-ins, reduced, said everywhere, and not to be gated', async () => {
    const cwd = folder({ external: { prometheus: { url: prometheus } } });
    const plan = await call(cwd, 'plan', 'm1', '--driver', 'auto');
    expect(plan.stdout).toContain(
      'stands in: dashboards/preview, reduced, where the stack has no service grafana; so it is here',
    );
    const doctor = await call(cwd, 'doctor', 'm1');
    expect(doctor.stdout).toMatch(
      /no grafana in the stack here, so that stand-ins run, with reduced fidelity: http\/get for health/,
    );
    expect(doctor.stdout).toContain('For full fidelity run where the stack has grafana');
    const ran = await call(cwd, 'm1', '--ui', 'plain');
    expect(ran.code, ran.stdout + ran.stderr).toBe(0);
    expect(ran.stdout + ran.stderr).toContain('pictures: dashboards/preview stands in for grafana/screenshot');
    const record = recordOf(cwd);
    expect(record).toMatchObject({ fidelity: 'reduced', verdict: 'PASSED' });
    expect(record.steps.map((step) => [step.uses, step.standsIn?.for])).toEqual([
      ['stack/up', undefined],
      ['http/get', 'grafana/health'],
      ['dashboards/preview', 'grafana/screenshot'],
    ]);
    expect(readFileSync(join(cwd, 'reports/m1/latest/FINAL_STATUS.md'), 'utf8')).toContain(
      'stands in for grafana/screenshot, since the stack of this run has no service grafana',
    );
    await sign(cwd);
    const gate = await call(cwd, 'gate', 'm1');
    expect(gate.code).not.toBe(0);
    expect(gate.stdout).toMatch(/stand-ins were exercised in place of the real thing \(health, pictures\)/);
    expect(gate.stdout).not.toContain('✘ 21');
  });

  it('a Grafana that is started as a host process: its pictures are full, the stack is not, and the policy says what is asked', async () => {
    const bin = tempDir();
    const program = join(bin, 'grafana');
    // The switch of this test again, in the program.
    const started = `exec ${process.execPath} ${join(root, 'test/rig/grafana/server.ts')}`;
    writeFileSync(program, `#!/bin/sh\nVERIFY_TEST_FULL=true ${started} "$@"\n`, { mode: 0o755 });
    path = `${bin}:${path}`;
    const own = {
      program: 'grafana',
      argv: [],
      files: [
        {
          from: 'sources.yml',
          to: 'provisioning/datasources/a.yml',
          replace: { 'http://prometheus:9090': prometheus },
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
        GF_SECURITY_ADMIN_PASSWORD: '$__env{GRAFANA_PASSWORD}',
      },
      ready: { url: 'http://127.0.0.1:${{ port.grafana }}/api/health', contains: 'ok', within: '60s' },
      url: 'http://127.0.0.1:${{ port.grafana }}',
    };
    for (const [fidelity, code] of [
      [['dashboards'], 0],
      ['full', 20],
    ] as const) {
      const cwd = folder({ processes: { grafana: own } }, fidelity as string | string[]);
      const ran = await call(cwd, 'm1', '--ui', 'plain', '--driver', 'processes');
      expect(ran.code, ran.stdout + ran.stderr).toBe(0);
      const record = recordOf(cwd);
      expect(record.steps.map((step) => [step.uses, step.reduced])).toEqual([
        ['stack/up', 'host processes stand for the containers: grafana'],
        ['grafana/health', undefined],
        ['grafana/screenshot', undefined],
      ]);
      expect(readFileSync(join(cwd, 'reports/m1/latest/FINAL_STATUS.md'), 'utf8')).toContain(
        'stand-ins were exercised in place of the real thing in 1 of 2 items: stack.',
      );
      await sign(cwd);
      const gate = await call(cwd, 'gate', 'm1');
      expect(gate.code, gate.stdout).toBe(code);
      if (code !== 0) expect(gate.stdout).toContain('(up), and the policy demands full fidelity');
    }
  });

  it('a policy that names an item which is not there is no checklist', async () => {
    const linted = await call(folder({ external: { prometheus: { url: prometheus } } }, ['dashboard']), 'lint', 'm1');
    expect(linted.code).toBe(65);
    expect(linted.stdout + linted.stderr).toMatch(
      /names dashboard, which is not an item[\s\S]*did you mean dashboards/,
    );
  });
});
