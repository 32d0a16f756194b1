import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunRecord } from '../../src/core/record.ts';
import { namespace } from '../../src/core/sign-off.ts';
import { root, verify, type Ended } from '../rig/cli.ts';
import { engramImage } from '../rig/compose-kills.ts';
import { docker, needingImages, onEngine } from '../rig/engine.ts';
import { tempDir, writeIn } from '../rig/run-step.ts';
import { keys as keysOf, terminal } from '../rig/terminal.ts';
import { until } from '../rig/until.ts';

const sample = join(root, 'examples/engram');
const prometheusImage = 'prom/prometheus:v2.53.0';
const grafanaImage = 'grafana/grafana:11.2.0';
const env = { GIT_CONFIG_GLOBAL: '/dev/null', SSH_AUTH_SOCK: '', GRAFANA_PASSWORD: '' };

/** The same image without the labels that tell a stand-in: the switch of this test. */
const unlabelled = (image: string, more = ''): string => {
  const { User, Entrypoint, Cmd, WorkingDir } = JSON.parse(
    docker('image', 'inspect', image, '-f', '{{json .Config}}'),
  ) as { User: string; Entrypoint: string[]; Cmd?: string[] | null; WorkingDir?: string };
  return `FROM scratch
COPY --from=${image} / /
${WorkingDir === undefined || WorkingDir === '' ? '' : `WORKDIR ${WorkingDir}\n`}USER ${User}
ENTRYPOINT ${JSON.stringify(Entrypoint)}
${Cmd ? `CMD ${JSON.stringify(Cmd)}\n` : ''}${more}`;
};
const full = { prometheus: 'verify-test-full/prometheus:1', grafana: 'verify-test-full/grafana:1' };

const [title, skip] = needingImages(
  'the whole milestone with Compose and Grafana',
  engramImage,
  prometheusImage,
  grafanaImage,
);
describe.skipIf(skip)(title, () => {
  let keys: string;
  let cwd: string;
  const call = (...args: string[]): Promise<Ended> => verify(args, { cwd, env });

  beforeAll(() => {
    keys = tempDir();
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'carol', '-f', join(keys, 'carol')]);
    const own = { grafana: 'COPY . /usr/share/grafana\nENV VERIFY_TEST_FULL=true\n', prometheus: '' };
    for (const [name, image] of Object.entries({ prometheus: prometheusImage, grafana: grafanaImage })) {
      const input = unlabelled(image, own[name as keyof typeof own]);
      const argv = ['build', '-q', '-t', full[name as keyof typeof full], '-f', '-', join(root, 'test/rig/grafana')];
      const built = spawnSync('docker', argv, { input, encoding: 'utf8' });
      expect(built.status, built.stderr).toBe(0);
    }
    const compose = readFileSync(join(sample, 'deployments/docker/docker-compose.yml'), 'utf8')
      .replace(prometheusImage, full.prometheus)
      .replace(grafanaImage, full.grafana);
    // The sample as it is shipped, in a repository of its own; only its images are other ones.
    const checklist = readFileSync(join(root, 'checklists/milestone-16.yaml'), 'utf8');
    cwd = tempDir();
    cpSync(sample, cwd, { recursive: true, filter: (path) => basename(path) !== 'target' });
    const files = {
      'checklists/milestone-16.yaml': checklist.replace('target: ../examples/engram', 'target: ..'),
      '.gitignore': 'reports/\ntarget/\n',
      '.verify/allowed_signers': `carol@example.org namespaces="${namespace}" ${readFileSync(join(keys, 'carol.pub'), 'utf8')}`,
      'deployments/docker/docker-compose.yml': compose,
      'deployments/docker/Dockerfile': unlabelled(engramImage),
    };
    for (const [path, text] of Object.entries(files)) writeIn(cwd, path, text);
    const git = (...args: string[]): unknown => execFileSync('git', args, { cwd, env: { ...process.env, ...env } });
    git('init', '-q', '-b', 'main');
    git('add', '-A');
    git('-c', 'user.name=Dave', '-c', 'user.email=dave@example.org', 'commit', '-qm', 'one');
    git('remote', 'add', 'origin', 'https://example.org/team/repo.git');
  });
  afterAll(() => void docker('image', 'rm', '-f', ...Object.values(full)));

  it('the shipped checklist, all of it, is full with a password of its own, signed and gated', async () => {
    const screen = terminal(['milestone-16', '--driver', 'compose'], { cwd, env });
    await until('the question', () => screen.text().includes('not now'), 900_000);
    screen.type(keysOf.up + keysOf.up + keysOf.enter);
    await screen.shows('Your name');
    screen.type(`Carol${keysOf.enter}`);
    await screen.shows('Comment');
    screen.type(`it holds${keysOf.enter}`);
    const { code } = await screen.ended;
    const all = readFileSync(join(cwd, 'reports/milestone-16/latest/FINAL_STATUS.md'), 'utf8');
    expect(code, all).toBe(0);
    const record = RunRecord.parse(
      JSON.parse(readFileSync(join(cwd, 'reports/milestone-16/latest/record.json'), 'utf8')),
    );
    expect(record.steps.flatMap((step) => step.reduced ?? [])).toEqual([]);
    expect(record).toMatchObject({ fidelity: 'full', verdict: 'PASSED' });
    expect(record.run.narrowedBy).toEqual([]);
    expect(record.items.map((item) => item.id)).toHaveLength(13);
    expect(record.steps.map((step) => step.uses)).toEqual(
      expect.arrayContaining(['grafana/health', 'grafana/dashboards', 'grafana/screenshot']),
    );
    expect(onEngine([record.run.id])).toEqual([]);
    const key = join(keys, 'carol');
    const approval = ['--role', 'release-manager', '--key', key, '--approve', '--comment', 'seen', '--yes'];
    const signed = await call('sign-off', 'milestone-16', ...approval);
    expect(signed.code, signed.stdout + signed.stderr).toBe(0);
    const gate = await call('gate', 'milestone-16');
    expect(gate.code, gate.stdout + gate.stderr).toBe(0);
  }, 1_200_000);
});
