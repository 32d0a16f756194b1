import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { RunRecord } from '../../src/core/record.ts';
import { namespace } from '../../src/core/sign-off.ts';
import { verify, type Ended } from '../rig/cli.ts';
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

/** The same steps on every machine; `external` is what differs between them. */
const checklist = (external: object): string =>
  stringify({
    version: 1,
    milestone: 'm1',
    title: 'Dashboards',
    target: '..',
    stack: { external },
    items: [
      {
        id: 'dashboards',
        title: 'Dashboards',
        steps: [
          { id: 'stack', uses: 'stack/up', with: { stableFor: '100ms' } },
          {
            id: 'health',
            uses: 'grafana/health',
            needs: ['stack'],
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
              with: { url: '${{ facts.stack.prometheus.url }}', dashboards: ['small.json'], at, themes: ['light'] },
            },
          },
        ],
      },
    ],
    signoff: { roles: { 'release-manager': 1 }, fidelity: 'full' },
  });

describe.skipIf(skip)(title, () => {
  let keys: string;
  let prometheus: string;
  let grafana: string;
  const folder = (external: object): string =>
    committed({
      'checklists/m1.yaml': checklist(external),
      'small.json': JSON.stringify(small('small')),
      '.gitignore': 'reports/\n',
      '.verify/allowed_signers': `alice@example.org namespaces="${namespace}" ${readFileSync(join(keys, 'alice.pub'), 'utf8')}`,
    });
  const call = (cwd: string, ...args: string[]): Promise<Ended> => verify(args, { cwd, env });
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
  }, 60_000);

  it('where the stack has Grafana: full, signed and gated', async () => {
    const cwd = folder({ prometheus: { url: prometheus }, grafana: { url: grafana, ready: 'api/health' } });
    const ran = await call(cwd, 'm1', '--ui', 'plain');
    expect(ran.code, ran.stdout + ran.stderr).toBe(0);
    expect(recordOf(cwd)).toMatchObject({ fidelity: 'full', verdict: 'PASSED' });
    expect(recordOf(cwd).steps.map((step) => step.uses)).toEqual(['stack/up', 'grafana/health', 'grafana/screenshot']);
    expect((await sign(cwd)).code).toBe(0);
    const gate = await call(cwd, 'gate', 'm1');
    expect(gate.code, gate.stdout).toBe(0);
  }, 120_000);

  it('where it has none: the stand-ins, reduced, said everywhere, and not to be gated', async () => {
    const cwd = folder({ prometheus: { url: prometheus } });
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
  }, 120_000);
});
