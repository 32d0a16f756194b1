import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verify } from '../rig/cli.ts';
import { tempDir } from '../rig/run-step.ts';

/** A docker client that answers as this case of it would. */
interface Client {
  server?: string;
  compose?: string;
  images?: readonly string[];
}
const project = JSON.stringify({
  name: 'p',
  services: {
    app: { build: { context: '.' }, image: 'app:1' },
    db: { image: 'postgres:16' },
    lone: { image: 'mine:2' },
  },
});
const answering = `echo '{"Version":"27.0.1","ApiVersion":"1.46"}'`;
const docker = ({
  server = answering,
  compose = 'echo "Docker Compose version v2.30.1"',
  images = [],
}: Client): string =>
  `#!/bin/sh
case "$1 $2" in
  "--version "*) echo "Docker version 27.0.1";;
  "context "*) echo unix:///var/run/docker.sock;;
  "version "*) ${server};;
  "compose version") ${compose};;
  "compose -f") echo '${project}';;
  "image inspect") case "$3" in ${[...images, 'none'].join('|')}) ;; *) exit 1;; esac;;
  *) exit 1;;
esac
`;
const checklist = (stack: string): Record<string, string> => ({
  'checklists/m1.yaml': `version: 1
milestone: m1
title: A stack
stack:
${stack}
items: [{ id: i, title: I, steps: [{ id: up, uses: stack/up }] }]
`,
  'compose.yml': 'services: {}\n',
});
const composeOnly = '  compose: { files: [compose.yml] }';
const both = `${composeOnly}\n  processes: { app: { argv: [no-such-program-here], ready: { url: "http://127.0.0.1:1" } } }`;

async function ask(client: Client, stack: string, ...args: string[]): Promise<{ code: number | null; stdout: string }> {
  const bin = tempDir({ docker: docker(client), 'docker-compose': '#!/bin/sh\nexit 127\n' });
  for (const name of ['docker', 'docker-compose']) chmodSync(join(bin, name), 0o755);
  const env = { PATH: `${bin}:${process.env['PATH']}`, DOCKER_HOST: '' };
  return verify(args, { cwd: tempDir(checklist(stack)), env });
}

describe('verify doctor and verify plan say how the stack would come up', () => {
  it('an engine with what is needed: Compose, the images that are here, and those that are not', async () => {
    const { code, stdout } = await ask({ images: ['postgres:16'] }, composeOnly, 'doctor', 'm1');
    expect(stdout).toContain('stack: compose, since a container engine answers');
    expect(stdout).toContain('✔ engine 27.0.1, Compose 2.30.1');
    expect(stdout).toContain('✔ app: built from this tree');
    expect(stdout).toContain('✔ db: postgres:16 is here');
    expect(stdout).toMatch(/⚠ lone: mine:2 is not here, the run pulls it\n +docker pull mine:2/);
    expect(code).toBe(0);
  });

  const denied = 'echo "permission denied while trying to connect to the Docker daemon socket" >&2; exit 1';
  it.each<[string, Client, string, string]>([
    ['a socket that this user may not use', { server: denied }, 'permission denied', 'usermod -aG docker'],
    [
      'a Compose that is too old',
      { compose: 'echo "Docker Compose version v2.20.0"' },
      '2.24.4 or newer',
      'install a newer Compose',
    ],
    ['no Compose', { compose: 'exit 1' }, 'docker compose is not on this machine', 'install the Compose v2 plugin'],
  ])('%s: the remedy, and 12', async (_, client, why, remedy) => {
    const { code, stdout } = await ask(client, composeOnly, 'doctor', 'm1');
    expect(stdout).toContain('stack: it would not come up');
    expect(stdout).toContain(why);
    expect(stdout).toContain(remedy);
    expect(code).toBe(12);
    const plan = await ask(client, both, 'plan', 'm1', '--driver', 'auto');
    expect(plan.stdout).toMatch(/driver +processes, since /);
    expect(plan.stdout).toContain(why);
    expect(plan.code).toBe(0);
  });

  it('a program of a process that is not here', async () => {
    const { code, stdout } = await ask({}, both, 'doctor', 'm1', '--driver', 'processes');
    expect(stdout).toContain('stack: processes, since it was asked for');
    expect(stdout).toContain('✘ no-such-program-here of app is not on PATH');
    expect(code).toBe(12);
  });

  it('a driver that the stack has no part for, and a checklist without a stack', async () => {
    const { code, stdout } = await ask({}, composeOnly, 'doctor', 'm1', '--driver', 'external');
    expect(stdout).toContain("it would not come up: the checklist's stack has no `external` part");
    expect(code).toBe(12);
    const cwd = tempDir({
      'checklists/m1.yaml':
        'version: 1\nmilestone: m1\ntitle: T\nitems: [{ id: i, title: I, steps: [{ id: f, uses: files/exist, with: { files: [a] } }] }]\n',
    });
    const without = await verify(['doctor', 'm1'], { cwd });
    expect([without.code, without.stdout.includes('stack')]).toEqual([0, false]);
  });

  it('plan --json holds the driver', async () => {
    const { stdout } = await ask({}, composeOnly, 'plan', 'm1', '--driver', 'auto', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ driver: { driver: 'compose', checks: [{ state: 'ok' }] } });
  });
});

it('a program that is not here, with the command that installs it', async () => {
  const steps = [
    '{ id: a, uses: command, with: { run: [govulncheck, ./...] } }',
    '{ id: b, uses: go/lint, with: { linter: golangci-lint } }',
    '{ id: c, uses: python/lint, with: { linter: ruff } }',
    '{ id: d, uses: command, with: { run: [no-such-program-here] } }',
  ];
  const files = {
    'checklists/m1.yaml': `version: 1\nmilestone: m1\ntitle: T\nitems: [{ id: i, title: I, steps: [${steps.join(', ')}] }]\n`,
    'go.mod': 'module a\n',
  };
  const env = { PATH: '/usr/bin:/bin' };
  const { stdout } = await verify(['doctor', 'm1'], { cwd: tempDir(files), env });
  expect(stdout).toContain('go install golang.org/x/vuln/cmd/govulncheck@latest');
  expect(stdout).toContain('go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@latest');
  expect(stdout).toContain('ruff: not found. Install it (python3 -m pip install ruff), or add its folder to PATH');
  expect(stdout).toContain('no-such-program-here: not found. Install it, or add its folder to PATH');
  const locked = await verify(['doctor', 'm1'], { cwd: tempDir({ ...files, 'uv.lock': '' }), env });
  expect(locked.stdout).toContain('uv: not found. Install it (pipx install uv)');
  const run = await verify(['m1'], { cwd: tempDir(files), env });
  expect(run.stdout).toContain('→ install it: go install golang.org/x/vuln/cmd/govulncheck@latest');
});

it('what starts pytest, and a module that a Python is asked for, are looked for too', async () => {
  const steps = [
    '{ id: a, uses: python/test }',
    '{ id: b, uses: command, with: { run: [python3, -m, no_such_module_here] } }',
    '{ id: c, uses: command, with: { run: [python3, -m, json.tool, --help] } }',
  ];
  const files = {
    'checklists/m1.yaml': `version: 1\nmilestone: m1\ntitle: T\nitems: [{ id: i, title: I, steps: [${steps.join(', ')}] }]\n`,
    'pyproject.toml': '[project]\nname = "x"\n',
    'uv.lock': '',
  };
  const env = { PATH: '/usr/bin:/bin' };
  const { code, stdout } = await verify(['doctor', 'm1'], { cwd: tempDir(files), env });
  expect(stdout).toMatch(/uv: not found\. Install it \(pipx install uv\).*\(a\)/);
  expect(stdout).toMatch(/python3 -m no_such_module_here: this Python has no such module.*pip install.*\(b\)/);
  expect(stdout).not.toContain('json.tool');
  expect(code).toBe(12);
  const run = await verify(['m1', '--only', 'a'], { cwd: tempDir(files), env });
  expect(run.stdout).toContain('→ install it: pipx install uv');
});

it('the build tool or package manager that a project needs is looked for, unless it brings its own', async () => {
  const steps = ['jvm', 'web', 'own'].map(
    (id) => `{ id: ${id}, uses: ${id === 'web' ? 'npm' : 'jvm'}/test, with: { cwd: ${id} } }`,
  );
  const files = {
    'checklists/m1.yaml': `version: 1\nmilestone: m1\ntitle: T\nitems: [{ id: i, title: I, steps: [${steps.join(', ')}] }]\n`,
    'jvm/pom.xml': '<project/>',
    'own/pom.xml': '<project/>',
    'own/mvnw': '',
    'web/package.json': '{"packageManager":"yarn@4.0.0"}',
  };
  const { stdout } = await verify(['doctor', 'm1'], { cwd: tempDir(files), env: { PATH: tempDir() } });
  expect(stdout).toMatch(/mvn: not found\. Install it, or add its folder to PATH.*\(jvm\)/);
  expect(stdout).toMatch(/yarn: not found\. Install it \(corepack enable yarn\).*\(web\)/);
});
