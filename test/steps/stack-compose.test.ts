import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { stepContext } from '../../src/engine/context/context.ts';
import { Shared, type RunState } from '../../src/engine/context/shared.ts';
import { Checkout } from '../../src/hosts/checkout.ts';
import { StackSpec } from '../../src/core/checklist.ts';
import { Redactor } from '../../src/evidence/redact.ts';
import { EvidenceStore } from '../../src/evidence/store.ts';
import { dockerClient } from '../../src/hosts/docker.ts';
import { composeUp } from '../../src/stack/compose.ts';
import { leftovers, removeLeftovers } from '../../src/stack/leftovers.ts';
import { docker, engineDoor, needingImages } from '../rig/engine.ts';
import { codes, runStep, tempDir } from '../rig/run-step.ts';
import { serve } from '../rig/serve.ts';
import { until } from '../rig/until.ts';
import { TreeWatch } from '../../src/engine/tree-watch.ts';
import { Uses } from '../../src/engine/resume/doors-used.ts';
import { hostFacts } from '../../src/hosts/host.ts';
import { Programs } from '../../src/hosts/programs.ts';

/** The images of the sample target bring busybox along. */
const image = 'engram:0.16.0';
const prometheus = 'prom/prometheus:v2.53.0';
const sh = (script: string, more: object = {}) => ({
  image,
  user: 'root',
  entrypoint: ['/bin/sh', '-c', script.replaceAll('$', '$$$$')],
  ...more,
});
const web = 'mkdir -p /tmp/w; echo hello > /tmp/w/index.html; ';
const server = (more = {}) => sh(`${web} exec httpd -f -p 8080 -h /tmp/w`, { ports: ['8080'], ...more });

interface Case {
  services: Record<string, object>;
  more?: object;
  compose?: object;
  files?: Record<string, string>;
  stableFor?: string;
}
const up = ({ services, more = {}, compose = {}, files = {}, stableFor = '1500ms' }: Case) =>
  runStep({
    uses: 'stack/up',
    with: { stableFor },
    driver: 'compose',
    target: tempDir({ 'compose.yml': JSON.stringify({ services, ...more }), ...files }),
    stack: { compose: { files: ['compose.yml'], within: '5s', ...compose } },
  });
const ready = { ready: { app: { path: '/', port: 8080, contains: 'hello' } } };

const [title, skip] = needingImages('stack/up with Compose', image, prometheus);
afterAll(async () => {
  if (skip) return;
  const left = await leftovers(dockerClient);
  expect(Array.isArray(left) && left.filter((one) => one.owner.startsWith(`${process.pid} `))).toEqual([]);
});

describe.skipIf(skip)(title, { concurrent: true }, () => {
  it('is up when it is ready and stays so; its address is a fact', async ({ expect }) => {
    const record = await up({ services: { app: server() }, compose: ready });
    expect(record.outcome, JSON.stringify(record.findings)).toBe('passed');
    expect(record.facts['stack.app.url']).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(record.facts['stack.app.imageId']).toMatch(/^sha256:/);
    expect(record.reduced).toContain('programs of this machine');
    expect(record.evidence.map((file) => file.path.split('/').at(-1))).toEqual(
      expect.arrayContaining(['app.log', 'compose-config.yaml', 'compose-override.yaml', 'up.stderr']),
    );
  });
  it.each<[string, string, RegExp, Case]>([
    [
      'a crash loop',
      'crash-loop',
      /exit 3.*cannot start/,
      { services: { app: sh('echo cannot start >&2; exit 3', { restart: 'always' }) } },
    ],
    ['one that ends at once', 'service-exited', /exit 4/, { services: { app: sh('exit 4') } }],
    [
      'one that dies after 2 s',
      'unstable',
      /exited \(exit 1\)/,
      {
        services: { app: sh(`${web} httpd -p 8080 -h /tmp/w; sleep 2; exit 1`, { ports: ['8080'] }) },
        compose: ready,
        stableFor: '4s',
      },
    ],
    [
      'one that dies after 2 s and is started again',
      'unstable',
      /started again|restarting/,
      {
        services: {
          app: sh(`${web} httpd -p 8080 -h /tmp/w; sleep 2; exit 1`, { ports: ['8080'], restart: 'always' }),
        },
        compose: ready,
        stableFor: '4s',
      },
    ],
    [
      'one that is healthy, then not',
      'unstable',
      /healthcheck fails/,
      {
        services: {
          app: sh('touch /tmp/ok; sleep 2; rm /tmp/ok; sleep 60', {
            healthcheck: { test: ['CMD', 'test', '-f', '/tmp/ok'], interval: '300ms', retries: 1 },
          }),
        },
        stableFor: '5s',
      },
    ],
    [
      'one that answers, then no more',
      'unstable',
      /was ready, then/,
      {
        services: {
          app: sh(`${web} (httpd -f -p 8080 -h /tmp/w & P=$!; sleep 2; kill $P); sleep 60`, { ports: ['8080'] }),
        },
        compose: ready,
        stableFor: '4s',
      },
    ],
    [
      'a bind source that is not there',
      'bind-missing',
      /settings\.yml/,
      { services: { app: server({ volumes: ['./settings.yml:/etc/settings.yml:ro'] }) } },
    ],
    [
      'a wrong flag',
      'crash-loop',
      /unknown long flag/,
      {
        services: {
          app: { image: prometheus, command: ['--no-such-flag'], ports: ['9090'], restart: 'unless-stopped' },
        },
      },
    ],
    [
      'one that listens on loopback only',
      'loopback-only',
      /8080 of 127\.0\.0\.1/,
      {
        services: { app: sh(`${web} exec httpd -f -p 127.0.0.1:8080 -h /tmp/w`, { ports: ['8080'] }) },
        compose: ready,
      },
    ],
    [
      'one that listens on loopback only, without a probe',
      'loopback-only',
      /8080 of 127\.0\.0\.1/,
      { services: { app: sh(`${web} exec httpd -f -p 127.0.0.1:8080 -h /tmp/w`, { ports: ['8080'] }) } },
    ],
    [
      'a second port on loopback only, beside a healthcheck that passes',
      'loopback-only',
      /9090 of 127\.0\.0\.1/,
      {
        services: {
          app: sh(`${web} httpd -p 8080 -h /tmp/w; exec httpd -f -p 127.0.0.1:9090 -h /tmp/w`, {
            ports: ['8080', '9090'],
            healthcheck: { test: ['CMD', 'wget', '-q', '-O-', 'http://127.0.0.1:9090/'], interval: '300ms' },
          }),
        },
      },
    ],
    [
      'a port that isolation takes away, and that two services publish',
      'port-conflict',
      /app and b both publish 8080/,
      { services: { app: server({ ports: ['127.0.0.1:8080:8080'] }), b: server({ ports: ['8080:8080'] }) } },
    ],
    [
      'one that is unhealthy',
      'unhealthy',
      /no database/,
      {
        services: {
          app: server({
            healthcheck: { test: ['CMD-SHELL', 'echo no database; exit 1'], interval: '300ms', retries: 1 },
          }),
        },
      },
    ],
    [
      'one whose healthcheck does not come to an end',
      'not-ready',
      /its healthcheck has not passed/,
      {
        services: {
          app: server({
            healthcheck: { test: ['CMD', 'false'], interval: '500ms', retries: 2, start_period: '60s' },
          }),
        },
      },
    ],
    [
      'a one-shot that does not end',
      'not-ready',
      /it has not ended/,
      {
        services: {
          job: sh('sleep 60'),
          app: server({ depends_on: { job: { condition: 'service_completed_successfully' } } }),
        },
        compose: { within: '4s' },
      },
    ],
    [
      'one that answers something else',
      'not-ready',
      /without "hello"/,
      {
        services: {
          app: sh(`${web} echo wait > /tmp/w/index.html; exec httpd -f -p 8080 -h /tmp/w`, { ports: ['8080'] }),
        },
        compose: ready,
      },
    ],
    [
      'an image without the program',
      'not-started',
      /no\/such/,
      { services: { app: { image, entrypoint: ['/no/such'] } } },
    ],
    [
      'an image of something else',
      'crash-loop',
      /app/,
      {
        services: {
          app: { image, command: ['--config.file=/etc/prometheus/prometheus.yml'], ports: ['9090'], restart: 'always' },
        },
      },
    ],
    [
      'a variable that is needed',
      'config-refused',
      /NEEDED.*must be set/,
      { services: { app: server({ environment: { X: '${NEEDED:?must be set}' } }) } },
    ],
    [
      'a file that is no YAML',
      'config-refused',
      /./,
      { services: {}, compose: { files: ['broken.yml'] }, files: { 'broken.yml': 'services: [}\n' } },
    ],
    [
      'a service that is not there',
      'service-missing',
      /worker/,
      { services: { app: server() }, compose: { services: ['worker'] } },
    ],
    ['no replica to start', 'service-missing', /./, { services: { app: server({ deploy: { replicas: 0 } }) } }],
    ['nothing to start', 'service-missing', /./, { services: { app: server({ profiles: ['x'] }) } }],
    [
      'a replica that ends',
      'service-exited',
      /exit 5/,
      {
        services: { app: sh('mkdir /v/first || exit 5; sleep 60', { volumes: ['vol:/v'], deploy: { replicas: 2 } }) },
        more: { volumes: { vol: {} } },
      },
    ],
    [
      'a one-shot that fails',
      'service-exited',
      /exit 6/,
      {
        services: {
          app: server({ depends_on: { job: { condition: 'service_completed_successfully' } } }),
          job: sh('exit 6'),
        },
      },
    ],
    [
      'a dependency that never gets healthy',
      'unhealthy',
      /db is down/,
      {
        services: {
          app: server({ depends_on: { db: { condition: 'service_healthy' } } }),
          db: sh('sleep 60', {
            healthcheck: { test: ['CMD-SHELL', 'echo db is down; exit 1'], interval: '200ms', retries: 2 },
          }),
        },
      },
    ],
    ['a server that ends with 0', 'service-exited', /exit 0/, { services: { app: sh('exit 0', { ports: ['8080'] }) } }],
    [
      'a build that fails by itself',
      'build-failed',
      /./,
      { services: { app: { build: { context: '.', dockerfile_inline: 'FROM scratch\nCOPY nowhere /x\n' } } } },
    ],
  ])('finds %s', async (_, code, text, given) => {
    const record = await up(given);
    const findings = record.findings.filter((finding) => finding.level === 'error');
    expect(codes(record), JSON.stringify(record.findings)).toEqual([code]);
    expect(findings[0]?.message).toMatch(text);
    expect(record.outcome).toBe('failed');
  });
  it('asks a published port from outside, whatever the healthcheck says', async ({ expect }) => {
    const healthy = { healthcheck: { test: ['CMD', 'true'], interval: '300ms' } };
    const [none, some] = await Promise.all([
      up({ services: { app: server({ ports: ['9090'], ...healthy }) } }),
      up({ services: { app: server({ ports: ['8080', '9090'], ...healthy }) } }),
    ]);
    expect([none.outcome, codes(none)]).toEqual(['error', ['nothing-listens']]);
    expect([some.outcome, codes(some)]).toEqual(['passed', []]);
    expect(some.findings.map(({ level, code, message }) => `${level} ${code}: ${message}`)).toContain(
      'warning nothing-listens: app is ready, and nothing listens on port 9090 of its container, which it publishes',
    );
  });
  it.each<[string, Case]>([
    [
      'a one-shot that another service waits for',
      {
        services: {
          app: server({ depends_on: { job: { condition: 'service_completed_successfully' } } }),
          job: sh('exit 0'),
        },
      },
    ],
    ['a service that ends with 0 and says nothing of staying', { services: { app: server(), job: sh('exit 0') } }],
    ['a Prometheus whose port nobody outside is to reach', { services: { app: { image: prometheus } } }],
    [
      'one number for a port of each address and protocol',
      {
        services: {
          app: server({ ports: ['127.0.0.1:8080:8080', '127.0.0.2:8080:8080'] }),
          b: server({ ports: ['127.0.0.3:8080:8080'] }),
        },
      },
    ],
    ['two replicas of a server', { services: { app: server({ deploy: { replicas: 2 } }) }, compose: ready }],
    [
      'one that needs a moment, and is started again until then',
      {
        services: {
          app: sh(`[ -f /v/x ] || { touch /v/x; exit 1; }; ${web} exec httpd -f -p 8080 -h /tmp/w`, {
            ports: ['8080'],
            restart: 'on-failure',
            volumes: ['vol:/v'],
          }),
        },
        more: { volumes: { vol: {} } },
        compose: ready,
      },
    ],
    [
      'one that is reached by its container name and has a fixed address',
      {
        services: {
          app: server({ container_name: 'verify-fixed', networks: { n: { ipv4_address: '172.30.201.7' } } }),
          b: sh('wget -q -O- http://verify-fixed:8080/ || exit 7; sleep 60', {
            networks: ['n'],
            depends_on: ['app'],
            restart: 'on-failure',
          }),
        },
        more: { networks: { n: { ipam: { config: [{ subnet: '172.30.201.0/24' }] } } } },
        compose: ready,
      },
    ],
  ])('does not mind %s', async (_, given) => {
    const record = await up(given);
    expect(record.outcome, JSON.stringify(record.findings)).toBe('passed');
  });
  it('a folder that Docker makes by itself is not a reason to stop', async ({ expect }) => {
    const record = await up({ services: { app: server({ volumes: ['./data:/data'] }) }, compose: ready });
    expect(record).toMatchObject({ outcome: 'passed' });
    expect(record.findings.map((finding) => finding.code)).toContain('bind-missing');
  });
  it('secrets of the environment files are in nothing that is kept', async ({ expect }) => {
    const record = await up({
      services: {
        app: sh('echo "pw $DB_PASSWORD"; exit 9', { environment: { DB_PASSWORD: '${PW}' }, env_file: ['app.env'] }),
      },
      files: { '.env': 'PW=hunter2-hunter2\n', 'app.env': 'API_TOKEN=tok-123456789\n' },
    });
    expect(JSON.stringify(record)).not.toMatch(/hunter2|tok-123456789/);
    expect(record.findings[0]?.message).toContain('[redacted]');
  });
  it('builds from the tree under a name of the run, for every service that uses the image, and removes it', async ({
    expect,
  }) => {
    const own = `verify-test-built-${process.pid}:1`;
    const run = { image: own, user: 'root', entrypoint: ['httpd', '-f', '-p', '8080', '-h', '/www'], ports: ['8080'] };
    const record = await up({
      services: { app: { ...run, build: { context: '.' } }, b: run },
      files: { Dockerfile: `FROM ${image}\nCOPY index.html /www/index.html\n`, 'index.html': 'hello of this tree' },
      compose: { ready: { app: ready.ready.app, b: { path: '/', contains: 'of this tree' } } },
    });
    expect(record.outcome, JSON.stringify(record.findings)).toBe('passed');
    expect(record.findings.map((finding) => finding.code)).toEqual([]);
    expect(record.facts['stack.b.imageId']).toBe(record.facts['stack.app.imageId']);
    expect(docker('image', 'ls', '-q', own)).toBe('');
    expect(docker('image', 'inspect', '--format', '{{.Id}}', String(record.facts['stack.app.imageId']))).toBe('');
  });
  it('auto takes Compose where all is here; addresses go by the names of the processes too', async ({ expect }) => {
    const record = await runStep({
      uses: 'stack/up',
      with: { stableFor: '500ms' },
      target: tempDir({ 'compose.yml': JSON.stringify({ services: { app: server() } }) }),
      stack: {
        compose: { files: ['compose.yml'], ...ready },
        processes: { web: { standsFor: 'app', argv: ['false'], ready: { url: 'http://127.0.0.1:1/' } } },
      },
    });
    expect(record.outcome, JSON.stringify(record.findings)).toBe('passed');
    expect(record.facts).toMatchObject({ 'stack.driver': 'compose', 'stack.web.url': record.facts['stack.app.url'] });
    expect(record.findings.map((finding) => finding.code)).toEqual(['driver-chosen']);
  });
  it('a registry that does not know the image', async ({ expect }) => {
    const registry = await serve({
      '/v2/': { body: '{}' },
      '/v2/app/': { status: 404, body: '{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}' },
    });
    const record = await up({ services: { app: { image: `${registry.replace('http://', '')}/app:1` } } });
    expect(codes(record), JSON.stringify(record.findings)).toEqual(['image-refused']);
  });
  it('a registry that is not reached proves nothing', async ({ expect }) =>
    expect(codes(await up({ services: { app: { image: '127.0.0.1:1/app:1' } } }))).toEqual(['image-unavailable']));
});

describe.skipIf(skip)('beside a stack that runs already', () => {
  it('isolated, it takes nothing; not isolated, it refuses and names the holder', async () => {
    const name = `verify-test-${process.pid}`;
    const other = createServer((_, response) => response.end('other'));
    await new Promise<void>((done) => {
      other.listen(0, '127.0.0.1', done);
    });
    const { port } = other.address() as AddressInfo;
    docker('run', '-d', '--name', name, '--entrypoint', 'sleep', image, '60');
    try {
      const services = { app: server({ container_name: name, ports: [`127.0.0.1:${port}:8080`] }) };
      const id = docker('inspect', '--format', '{{.Id}} {{.State.StartedAt}}', name);
      expect(await up({ services, compose: ready })).toMatchObject({ outcome: 'passed' });
      expect(docker('inspect', '--format', '{{.Id}} {{.State.StartedAt}}', name)).toBe(id);
      const refused = await up({ services, compose: { ...ready, isolate: false } });
      expect(codes(refused)).toEqual(['taken', 'taken']);
      expect(refused.outcome).toBe('error');
      const text = refused.findings.map((finding) => finding.message).join('\n');
      expect(text).toContain(`a container of that name (docker inspect ${name})`);
      expect(text).toMatch(new RegExp(`port ${port}: process ${process.pid} \\(`));
      // A port that another container publishes.
      docker('rm', '-f', name);
      docker('run', '-d', '--name', name, '-p', '127.0.0.1::8080', '--entrypoint', 'sleep', image, '60');
      const published = docker('port', name, '8080').split(':').at(-1) ?? '';
      const again = await up({
        services: { app: server({ ports: [`${published}:8080`] }) },
        compose: { isolate: false },
      });
      expect(again.findings.map((finding) => finding.message).join()).toContain(`the container ${name} has it`);
    } finally {
      other.close();
      docker('rm', '-f', '-v', name);
    }
  });
  it.each<[string, (folder: string) => string[], object, object, string]>([
    ['a folder', (folder) => ['-v', `${folder}/data:/data`], { volumes: ['./data:/data'] }, {}, 'the folder'],
    [
      'an external volume',
      () => ['-v', `verify-test-ext-${process.pid}:/data`],
      { volumes: ['ext:/data'] },
      { volumes: { ext: { external: true, name: `verify-test-ext-${process.pid}` } } },
      'the volume',
    ],
  ])('%s that a running container writes to is not shared', async (_, args, own, more, text) => {
    const folder = tempDir({
      'compose.yml': JSON.stringify({ services: { app: server(own) }, ...more }),
      'data/x': '',
    });
    const name = `verify-test-w-${process.pid}`;
    docker('run', '-d', '--name', name, ...args(folder), '--entrypoint', 'sleep', image, '60');
    try {
      const record = await runStep({
        uses: 'stack/up',
        with: {},
        driver: 'compose',
        target: folder,
        stack: { compose: { files: ['compose.yml'] } },
      });
      expect(codes(record), JSON.stringify(record.findings)).toEqual(['taken']);
      expect(record.findings[0]?.message).toContain(text);
      expect(record.findings[0]?.message).toContain(`the container ${name} has it`);
    } finally {
      docker('rm', '-f', '-v', name);
      docker('volume', 'rm', `verify-test-ext-${process.pid}`);
    }
  });
  it('not isolated, it runs on the ports of the files, and a volume of the same name is not touched', async () => {
    const volume = `verify-test-${process.pid}`;
    docker('volume', 'create', volume);
    try {
      const more = { volumes: { vol: { name: volume } } };
      const services = { app: server({ volumes: ['vol:/v'] }) };
      expect(codes(await up({ services, more, compose: { ...ready, isolate: false } }))).toEqual(['taken']);
      expect(await up({ services, more, compose: ready })).toMatchObject({ outcome: 'passed' });
      expect(docker('volume', 'ls', '-q', '--filter', `name=${volume}`)).toBe(volume);
    } finally {
      docker('volume', 'rm', volume);
    }
    expect(await up({ services: { app: server() }, compose: { ...ready, isolate: false } })).toMatchObject({
      outcome: 'passed',
    });
  });
  it('an engine that stops half-way is inconclusive, and what it holds is found again', async () => {
    const { host, cut } = await engineDoor();
    process.env['DOCKER_HOST'] = host;
    try {
      const running = up({ services: { app: server() }, compose: ready, stableFor: '20s' });
      // Of this run: others may use the engine too.
      await until('a container', () =>
        docker('ps', '--format', '{{.Label "org.verify.owner"}}').includes(`${process.pid} `),
      );
      await new Promise((done) => setTimeout(done, 1500));
      cut();
      const record = await running;
      expect(codes(record)).toEqual(['engine-gone']);
      expect(record.outcome).toBe('error');
      expect(codes(await up({ services: { app: server() } }))).toEqual(['engine-not-answering']);
    } finally {
      delete process.env['DOCKER_HOST'];
    }
    const left = await leftovers(dockerClient);
    if (typeof left === 'string') throw new Error(left);
    const mine = left.filter((one) => one.owner.startsWith(`${process.pid} `));
    expect(mine.map((one) => one.kind)).toEqual(['container', 'network']);
    for (const run of new Set(mine.map((one) => one.run))) expect(await removeLeftovers(dockerClient, run)).toEqual([]);
  });
  it.each(['stop', 'kill', 'pause', 'disconnect'] as const)(
    '%s takes a service away, and recover brings it back at its address',
    async (how) => {
      const folder = tempDir({
        'compose.yml': JSON.stringify({
          services: { app: server({ restart: 'unless-stopped', init: true }), b: sh('sleep 60') },
        }),
      });
      const redactor = new Redactor([]);
      const runId = `2026-01-01T00-00-00Z-${Math.random().toString(16).slice(2, 8)}`;
      const run: RunState = {
        runId,
        target: folder,
        host: hostFacts(),
        tree: new TreeWatch(folder, { files: new Map(), folders: new Map() }),
        startedAt: Date.now(),
        driver: 'compose',
        keepStack: false,
        stackSpec: undefined,
        store: new EvidenceStore(tempDir({ 'evidence/.keep': '' }), redactor),
        redactor,
        signal: new AbortController().signal,
        facts: new Map(),
        lateSteps: new Set(),
        teardowns: [],
        treeDigest: '',
        built: [],
        ask: undefined,
        stack: undefined,
        shared: new Shared(runId, new Checkout(folder)),
        uses: () => new Uses(new Programs(folder)),
      };
      const spec = StackSpec.parse({ compose: { files: ['compose.yml'], within: '120s', ...ready } }).compose;
      if (!spec) throw new Error('no compose');
      const until = new AbortController();
      const { context } = stepContext(
        run,
        { id: 'stack', uses: 'stack/up', secrets: [] },
        { signal: until.signal, endsAt: performance.now() + 240_000 },
        () => {},
      );
      try {
        await composeUp(spec, context, { stableForMs: 300, strict: false, aliases: {} });
        // What happens later does not depend on the time of the step.
        until.abort(new Error('the step is over'));
        const { stack } = run;
        const url = stack?.services[0]?.url ?? '';
        const answers = (): Promise<boolean> =>
          fetch(url, { signal: AbortSignal.timeout(1000) }).then(
            (r) => r.ok,
            () => false,
          );
        const b = docker(
          'ps',
          '-q',
          '--filter',
          `label=org.verify.run=${run.runId}`,
          '--filter',
          'label=com.docker.compose.service=b',
        );
        const fromB = (): string => docker('exec', b, 'wget', '-q', '-O-', 'http://app:8080/');
        expect(await answers()).toBe(true);
        expect(fromB()).toBe('hello');
        await stack?.fault('app', how);
        expect(await answers()).toBe(false);
        await stack?.recover('app');
        expect(await answers()).toBe(true);
        expect(fromB()).toBe('hello');
        await expect(stack?.fault('nobody', 'stop')).rejects.toThrow('the stack has no service nobody');
      } finally {
        for (const { undo } of run.teardowns.toReversed()) await undo();
        await run.shared.close();
      }
    },
  );
});
