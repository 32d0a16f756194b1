import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Checklist } from '../../src/core/checklist.ts';
import { RunRecord } from '../../src/core/record.ts';
import { root, start, verify } from '../rig/cli.ts';
import { engramImage, runsIn, smallStack } from '../rig/compose-kills.ts';
import { docker, hasImage, needingImages, onEngine } from '../rig/engine.ts';
import { tempDir } from '../rig/run-step.ts';
import { until } from '../rig/until.ts';

const prometheus = 'prom/prometheus:v2.53.0';
const grafana = 'grafana/grafana:11.2.0';
const engram = join(root, 'examples/engram');
const recordIn = (folder: string, milestone = 'm1'): RunRecord =>
  RunRecord.parse(JSON.parse(readFileSync(join(folder, 'reports', milestone, 'latest/record.json'), 'utf8')));
const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

const [title, skip] = needingImages('the milestone with Compose', engramImage, prometheus);
describe.skipIf(skip)(title, () => {
  /** The shipped checklist; where the engine has no Grafana, without that service: its stand-ins run. */
  function folder(): string {
    const checklist = parse(readFileSync(join(root, 'checklists/milestone-16.yaml'), 'utf8')) as Checklist;
    if (!hasImage(grafana) && checklist.stack?.compose) checklist.stack.compose.services = ['engram', 'prometheus'];
    return tempDir({ 'checklists/milestone-16.yaml': stringify(checklist, { aliasDuplicateObjects: false }) });
  }
  const run = async (driver: string): Promise<{ code: number | null; text: string; record: RunRecord }> => {
    const cwd = folder();
    const { code, stdout, stderr } = await verify(
      ['milestone-16', '--target', engram, '--driver', driver, '--no-ask'],
      { cwd },
    );
    return { code, text: stdout + stderr, record: recordIn(cwd, 'milestone-16') };
  };
  const byItem = (record: RunRecord): Record<string, string> =>
    Object.fromEntries(
      record.items.map((item) => [
        item.id,
        record.steps
          .filter((step) => step.item === item.id)
          .map((step) => `${step.id} ${step.outcome}`)
          .join(', '),
      ]),
    );

  it('is green but for what a person must say, leaves nothing, and host processes say the same, item by item', async () => {
    const compose = await run('compose');
    expect(compose.code, compose.text).toBe(11);
    expect(compose.record.run.driver).toBe('compose');
    expect(
      compose.record.steps.filter((step) => !['passed', 'not-reviewed'].includes(step.outcome)).map((step) => step.id),
    ).toEqual([]);
    expect(onEngine([compose.record.run.id])).toEqual([]);
    const stack = compose.record.steps.find((step) => step.id === 'stack');
    expect(stack?.facts).toMatchObject({ 'stack.driver': 'compose', 'stack.prometheus.image': prometheus });
    expect(compose.record.manifest.map((file) => file.path)).toContain('evidence/stack/prometheus.log');

    if (hasImage(grafana)) {
      const asked = compose.record.steps.filter((step) => step.uses.startsWith('grafana/'));
      expect(asked.map((step) => [step.id, step.outcome])).toEqual([
        ['grafana-health', 'passed'],
        ['grafana-dashboards', 'passed'],
        ['dashboards-populated', 'passed'],
      ]);
      expect(asked[1]?.facts).toMatchObject({ 'dashboards.count': 4 });
      const double =
        docker('image', 'inspect', '-f', '{{index .Config.Labels "verify.double"}}', grafana) === 'grafana';
      // A double of Grafana is never taken for one, neither by its image nor by what it answers.
      expect(asked.map((step) => step.reduced?.includes('test double') === true)).toEqual(asked.map(() => double));
      expect(stack?.reduced ?? '').toContain(double ? 'it is a test double of grafana' : '');
    }

    const processes = await run('processes');
    expect(processes.code, processes.text).toBe(11);
    expect(byItem(processes.record)).toEqual(byItem(compose.record));
    const stoodIn = processes.record.steps.filter((step) => step.standsIn !== undefined);
    expect(stoodIn.map((step) => [step.id, step.uses, step.standsIn?.for])).toEqual([
      ['grafana-health', 'http/get', 'grafana/health'],
      ['grafana-dashboards', 'dashboards/preview', 'grafana/dashboards'],
      ['dashboards-populated', 'dashboards/preview', 'grafana/screenshot'],
    ]);
    expect(stoodIn.every((step) => step.reduced?.includes('has no service grafana'))).toBe(true);
  }, 480_000);

  it.skipIf(hasImage(grafana))('says so where an image cannot be had, and passes nothing', async () => {
    const { code, stdout } = await verify([
      'milestone-16',
      '--driver',
      'compose',
      '--only',
      'stack',
      '--reports',
      tempDir(),
    ]);
    expect(code, stdout).toBe(12);
    expect(stdout).toContain(`image-unavailable ${grafana} of grafana is not on this machine and cannot be pulled`);
  });

  it('auto takes host processes where an image cannot be built from the tree, and says why', async () => {
    const cwd = folder();
    const { stdout } = await verify(['milestone-16', '--target', engram, '--only', 'stack', '--no-ask'], { cwd });
    const record = recordIn(cwd, 'milestone-16');
    const note = record.steps.flatMap((step) => step.findings).find((finding) => finding.code === 'driver-chosen');
    // On a machine with a registry the images are built and pulled.
    expect(note?.message, stdout).toMatch(
      /^the driver is (?:processes: \S+ of \w+: it cannot be built here|compose: a container engine answers)/,
    );
    expect(record.steps.find((step) => step.id === 'stack')?.outcome).toBe('passed');
  });
});

const [small, skipSmall] = needingImages('a Compose stack and its end', engramImage);
describe.skipIf(skipSmall)(small, () => {
  const begun = async (cwd: string): Promise<void> => {
    const there = (): boolean => onEngine(runsIn(cwd)).some((line) => line.startsWith('container'));
    await until('a container', () => runsIn(cwd).length > 0 && there());
  };

  it.each([
    ['passed', '', 'true', 0],
    ['failed', '', 'exit 1', 10],
    ['out of time', ', timeout: 1500ms', 'true', 12],
  ])('nothing is left where it %s', async (_, more, shell, code) => {
    const cwd = smallStack(more, shell);
    const ended = await verify(['m1', '--driver', 'compose'], { cwd });
    expect(ended.code, ended.stdout).toBe(code);
    expect(onEngine(runsIn(cwd))).toEqual([]);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('%s while it comes up: torn down, re-raised', async (signal) => {
    const cwd = smallStack();
    const { child, ended } = start(['m1', '--driver', 'compose'], { cwd });
    await begun(cwd);
    child.kill(signal);
    expect((await ended).signal).toBe(signal);
    expect(recordIn(cwd).verdict).toBe('INCONCLUSIVE');
    expect(onEngine(runsIn(cwd))).toEqual([]);
  });

  it.each([700, 2000, 4000])(
    'SIGKILL %d ms into a run: verify clean lists it, and removes it when told',
    async (after) => {
      const cwd = smallStack();
      const { child, ended } = start(['m1', '--driver', 'compose'], { cwd });
      await until('a run', () => runsIn(cwd).length > 0);
      await wait(after);
      child.kill('SIGKILL');
      await ended;
      const left = onEngine(runsIn(cwd));
      const [run = 'none'] = runsIn(cwd);
      const listed = await verify(['clean'], { cwd });
      if (left.length > 0) expect(listed.stdout).toContain(run);
      expect(listed.code).toBe(0);
      expect((await verify(['clean', '--yes'], { cwd })).code).toBe(0);
      expect(onEngine(runsIn(cwd))).toEqual([]);
      expect(readdirSync(tmpdir()).filter((name) => name.startsWith(`verify-run-${run}-`))).toEqual([]);
    },
  );

  it('SIGKILL, and the next run removes it', async () => {
    const cwd = smallStack();
    const { child, ended } = start(['m1', '--driver', 'compose'], { cwd });
    await begun(cwd);
    child.kill('SIGKILL');
    await ended;
    writeFileSync(
      join(cwd, 'checklists/m1.yaml'),
      readFileSync(join(cwd, 'checklists/m1.yaml'), 'utf8').replace('sleep 60', 'true'),
    );
    const next = await verify(['m1', '--driver', 'compose'], { cwd });
    expect(next.stdout + next.stderr).toMatch(/the run \S+ died/);
    expect(next.code, next.stdout).toBe(0);
    expect(onEngine(runsIn(cwd))).toEqual([]);
  });

  it('--keep leaves it up and says how to stop it; clean touches it only when it is named', async () => {
    const cwd = smallStack('', 'true');
    const { stdout, stderr } = await verify(['m1', '--driver', 'compose', '--keep'], { cwd });
    const [run = 'none'] = runsIn(cwd);
    try {
      expect(stdout + stderr).toContain(`verify clean --yes ${run}`);
      const url = String(recordIn(cwd).steps[0]?.facts['stack.app.url']);
      expect(await (await fetch(url)).text()).toBe('hello\n');
      expect((await verify(['clean', '--yes'], { cwd })).stdout).toContain(
        `${run}: 2 containers, 1 network, 1 volume, kept by --keep`,
      );
      expect(onEngine([run])).toHaveLength(4);
    } finally {
      expect((await verify(['clean', '--yes', run], { cwd })).stdout).toContain('removed');
    }
    expect(onEngine([run])).toEqual([]);
    expect((await verify(['clean', '--yes', run], { cwd })).code).toBe(78);
  });

  it('what goes on is not cleaned away', async () => {
    const cwd = smallStack();
    const { child, ended } = start(['m1', '--driver', 'compose'], { cwd });
    await begun(cwd);
    const before = onEngine(runsIn(cwd)).length;
    expect((await verify(['clean', '--yes'], { cwd })).stdout).toContain('still running');
    expect(onEngine(runsIn(cwd)).length).toBeGreaterThanOrEqual(before);
    child.kill('SIGTERM');
    await ended;
    expect(onEngine(runsIn(cwd))).toEqual([]);
  });
});

describe('verify clean', () => {
  it('where no engine answers, it says so and claims nothing', async () => {
    const bin = tempDir({
      docker: '#!/bin/sh\n[ "$1" = --version ] && exit 0\necho "Cannot connect to the Docker daemon" >&2; exit 1\n',
    });
    chmodSync(join(bin, 'docker'), 0o755);
    const { code, stdout } = await verify(['clean'], { env: { PATH: `${bin}:${process.env['PATH']}` } });
    expect(stdout).toContain('No container engine answers (Cannot connect to the Docker daemon)');
    expect(code).toBe(12);
  });
});
