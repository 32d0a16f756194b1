import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { healthFault, vacuousHealth } from '../../src/formats/compose/healthcheck.ts';
import { isForSwarm, refusals, wrongImage } from '../../src/formats/compose/refusals.ts';
import { needing } from '../rig/have.ts';
import { codes, runStep, tempDir } from '../rig/run-step.ts';

const [title, skip] = needing('compose/config: what only `up` would refuse', 'compose');
const check = (compose: string, files: Record<string, string> = {}) =>
  runStep({
    uses: 'compose/config',
    target: tempDir({ 'compose.yml': compose, ...files }),
    with: { files: ['compose.yml'] },
  });
const one = (more: string, rest = ''): string => `services:\n  a:\n    image: "busybox:1"\n${more}${rest}`;
const loud = (findings: readonly { level: string; code: string }[]): string[] =>
  findings.filter(({ level }) => level !== 'note').map(({ code }) => code);

describe.skipIf(skip)(title, () => {
  // Each was refused by a real engine (Docker 20.10, Compose 2.26), and its twin was started by it.
  it.each([
    [
      'an image in upper case',
      'services: { a: { image: Foo/Bar } }',
      'services: { a: { image: "host.example:5000/foo/bar:1.0" } }',
    ],
    [
      'an image without its tag',
      'services: { a: { image: "x:" } }',
      'services: { a: { image: "x@sha256:0123456789abcdef0123456789abcdef" } }',
    ],
    [
      'a mount at no path',
      one('    volumes: ["data:data"]\n', 'volumes: { data: }\n'),
      one('    volumes: ["data:/data"]\n', 'volumes: { data: }\n'),
    ],
    [
      'a volume of one letter',
      one('    volumes: ["v:/d"]\n', 'volumes: { v: }\n'),
      one('    volumes: ["vol:/d"]\n', 'volumes: { vol: }\n'),
    ],
    ['a tmpfs at no path', one('    tmpfs: [run]\n'), one('    tmpfs: ["/run:size=64m"]\n')],
    ['a working directory that is relative', one('    working_dir: app\n'), one('    working_dir: /app\n')],
    ['a restart policy that is none', one('    restart: sometimes\n'), one('    restart: on-failure:3\n')],
    ['a count with another policy', one('    restart: always:3\n'), one('    restart: unless-stopped\n')],
    ['a name that is none', one('    container_name: bad name\n'), one('    container_name: good.name_1\n')],
    ['too little memory', one('    mem_limit: 4m\n'), one('    mem_limit: 6m\n')],
    [
      'less swap than memory',
      one('    mem_limit: 64m\n    memswap_limit: 32m\n'),
      one('    mem_limit: 64m\n    memswap_limit: 64m\n'),
    ],
    [
      'more reserved than allowed',
      one('    mem_limit: 64m\n    mem_reservation: 128m\n'),
      one('    mem_limit: 64m\n    mem_reservation: 32m\n'),
    ],
    [
      'a capability that is none',
      one('    cap_add: [NET_ADMINS]\n'),
      one('    cap_add: [CAP_NET_ADMIN, SYS_PTRACE]\n'),
    ],
    [
      'a limit that is none',
      one('    ulimits: { files: 5 }\n'),
      one('    ulimits: { nofile: { soft: 50, hard: 100 } }\n'),
    ],
    [
      'a soft limit above the hard',
      one('    ulimits: { nofile: { soft: 100, hard: 50 } }\n'),
      one('    ulimits: { nofile: 100 }\n'),
    ],
    [
      'a host without address',
      one('    extra_hosts: ["db:database"]\n'),
      one('    extra_hosts: ["db:host-gateway", "v6:::1", "v4:10.0.0.1"]\n'),
    ],
    [
      'ports in another’s network',
      one('    network_mode: "service:b"\n    ports: ["80:80"]\n', '  b: { image: "busybox:1" }\n'),
      one('    network_mode: "service:b"\n', '  b: { image: "busybox:1", ports: ["80:80"] }\n'),
    ],
    [
      'an address outside of its subnet',
      one(
        '    networks: { n: { ipv4_address: 10.78.0.5 } }\n',
        'networks: { n: { ipam: { config: [{ subnet: 10.77.0.0/24 }] } } }\n',
      ),
      one(
        '    networks: { n: { ipv4_address: 10.77.0.5 } }\n',
        'networks: { n: { ipam: { config: [{ subnet: 10.77.0.0/24 }] } } }\n',
      ),
    ],
    [
      'the broadcast address of a subnet',
      one(
        '    networks: { n: { ipv4_address: 10.77.0.255 } }\n',
        'networks: { n: { ipam: { config: [{ subnet: 10.77.0.0/24 }] } } }\n',
      ),
      one(
        '    networks: { n: { ipv4_address: 10.77.0.254 } }\n',
        'networks: { n: { ipam: { config: [{ subnet: 10.77.0.0/24 }] } } }\n',
      ),
    ],
    [
      'one address for two containers',
      one(
        '    scale: 2\n    networks: { n: { ipv4_address: 10.77.0.5 } }\n',
        'networks: { n: { ipam: { config: [{ subnet: 10.77.0.0/24 }] } } }\n',
      ),
      one('    scale: 2\n    networks: [n]\n', 'networks: { n: { ipam: { config: [{ subnet: 10.77.0.0/24 }] } } }\n'),
    ],
    [
      'a subnet that is too long',
      one('    networks: [n]\n', 'networks: { n: { ipam: { config: [{ subnet: 10.77.0.0/33 }] } } }\n'),
      one('    networks: [n]\n', 'networks: { n: { ipam: { config: [{ subnet: 10.77.0.0/30 }] } } }\n'),
    ],
    [
      'an address without a subnet',
      one('    networks: { n: { ipv4_address: 10.78.0.5 } }\n', 'networks: { n: }\n'),
      one('    networks: [n]\n', 'networks: { n: }\n'),
    ],
    [
      'subnets that overlap',
      one(
        '    networks: [m, n]\n',
        'networks: { m: { ipam: { config: [{ subnet: 10.77.0.0/16 }] } }, n: { ipam: { config: [{ subnet: 10.77.9.0/24 }] } } }\n',
      ),
      one(
        '    networks: [m, n]\n',
        'networks: { m: { ipam: { config: [{ subnet: 10.77.0.0/24 }] } }, n: { ipam: { config: [{ subnet: 10.77.9.0/24 }] } } }\n',
      ),
    ],
    [
      'more kept for it than it may use',
      one('    deploy: { resources: { limits: { memory: 64M }, reservations: { memory: 128M } } }\n'),
      one('    deploy: { resources: { limits: { memory: 64M }, reservations: { memory: 32M } } }\n'),
    ],
    [
      'a condition of restarting that is none',
      one('    deploy: { restart_policy: { condition: sometimes } }\n'),
      one('    deploy: { restart_policy: { condition: on-failure } }\n'),
    ],
    [
      'an option of logging that is none',
      one('    logging: { driver: json-file, options: { max-files: "3" } }\n'),
      one('    logging: { driver: json-file, options: { max-file: "3", max-size: 10m } }\n'),
    ],
    [
      'a misspelt driver of logging',
      one('    logging: { driver: json-files }\n'),
      one('    logging: { driver: loki, options: { loki-url: "http://x" } }\n'),
    ],
    [
      'a setting of the whole machine',
      one('    sysctls: [vm.max_map_count=262144]\n'),
      one('    sysctls: { net.core.somaxconn: 1024 }\n'),
    ],
    [
      'a setting of the machine’s network',
      one('    network_mode: host\n    sysctls: { net.core.somaxconn: 1024 }\n'),
      one('    network_mode: host\n'),
    ],
    ['a signal that is none', one('    stop_signal: SIGSTOPP\n'), one('    stop_signal: SIGINT\n')],
    ['hardly any processor', one('    cpus: 0.001\n'), one('    cpus: 0.5\n')],
    ['an ipc that is none', one('    ipc: shared\n'), one('    ipc: shareable\n')],
  ])('%s', async (_, bad, good) => {
    expect(loud((await check(bad)).findings)).toContain('engine-refuses');
    expect(loud((await check(good)).findings)).toEqual([]);
  });
  it('replicas that cannot share a port; a range, no port and a file for Swarm are fine', async () => {
    const replicas = (ports: string, more = ''): string =>
      one(`    ports: [${ports}]\n    deploy: { replicas: 3${more} }\n`);
    expect(loud((await check(replicas('"8080:80"'))).findings)).toEqual(['port-conflict']);
    expect(loud((await check(one('    ports: ["8080:80"]\n    scale: 2\n'))).findings)).toEqual(['port-conflict']);
    expect(loud((await check(replicas('"8080-8081:80"'))).findings)).toEqual(['port-conflict']);
    for (const good of [
      replicas('"8080-8082:80"'),
      replicas('"80"'),
      replicas('"8080:80"', ', update_config: { parallelism: 1 }'),
    ])
      expect(loud((await check(good)).findings)).toEqual([]);
  });
  it('one refusal does not hide the rest', async () => {
    const step = await check(
      one('    container_name: x\n    deploy: { replicas: 2 }\n    volumes: ["./gone.conf:/etc/gone.conf"]\n'),
    );
    expect(codes(step)).toEqual(expect.arrayContaining(['does-not-resolve', 'bind-missing']));
    // Nothing of Compose's model is left here: what the file shows all the same.
    const undefinedVolume = await check(one('    volumes: ["./gone.conf:/etc/gone.conf", "no-such-volume:/d"]\n'));
    expect(codes(undefinedVolume)).toEqual(expect.arrayContaining(['does-not-resolve', 'bind-missing']));
  });
  it('variables without a value: proven where they spoil an image or stand in an env_file only', async () => {
    const levels = async (compose: string, files: Record<string, string> = {}) =>
      (await check(compose, files)).findings.map(({ code, level }) => `${code} ${level}`);
    expect(await levels('services: { a: { image: "x:${TAG}" } }')).toEqual(['variable-not-set error']);
    expect(await levels(one('    environment: { V: "${V}" }\n'))).toEqual(['variable-not-set note']);
    expect(await levels(one('    env_file: [v.env]\n    command: ["echo", "${V}"]\n'), { 'v.env': 'V=1\n' })).toEqual([
      'variable-not-set error',
    ]);
    for (const [file, text] of [
      ['run.sh', 'TAG=dev docker compose up -d\n'],
      ['.env.example', 'TAG=1\n'],
      ['README.md', 'Set `export TAG=1` first.\n'],
    ] as const)
      expect(await levels('services: { a: { image: "x:${TAG}" } }', { [file]: text })).toEqual([
        'variable-not-set note',
      ]);
    expect(await levels('services: { a: { image: "x:${TAG}" } }', { '.env': 'TAG=1\n' })).toEqual([]);
  });
  it('variables that are merely not set are told of together, by what names them', async () => {
    const example = { '.env.example': 'KEY=\nTOKEN=\n' };
    const said = async (...names: string[]): Promise<string[]> =>
      (
        await check(one(`    environment: { ${names.map((name) => `${name}: "$\{${name}}"`).join(', ')} }\n`), example)
      ).findings.map(({ message }) => message);
    expect(await said('KEY', 'TOKEN')).toEqual([
      'the variable KEY is not set, nor is TOKEN: Compose replaces it with nothing; .env.example names it',
    ]);
    expect(await said('KEY', 'OTHER')).toHaveLength(2);
  });
  it('external networks and volumes: a warning where nothing makes them', async () => {
    const external = one('    networks: [proxy]\n', 'networks: { proxy: { external: true } }\n');
    expect(loud((await check(external)).findings)).toEqual(['external-missing']);
    expect(
      loud((await check(external, { 'README.md': '```sh\ndocker network create proxy\n```\n' })).findings),
    ).toEqual([]);
    expect(loud((await check(one('', 'networks: { proxy: { external: true } }\n'))).findings)).toEqual([]);
  });
  it('the folder behind a volume of the local driver', async () => {
    const device = (path: string): string =>
      one(
        '    volumes: ["data:/d"]\n',
        `volumes: { data: { driver_opts: { type: none, o: bind, device: "${path}" } } }\n`,
      );
    expect(loud((await check(device('./data'))).findings)).toEqual(['volume-device']);
    const folder = tempDir({ 'data/x': '' });
    expect(loud((await check(device(`${folder}/data`))).findings)).toEqual([]);
    writeFileSync(join(folder, 'compose.yml'), device(`${folder}/gone`));
    const step = await runStep({ uses: 'compose/config', target: folder, with: { files: ['compose.yml'] } });
    expect(codes(step)).toContain('volume-device');
  });
  it('a healthcheck that asks localhost of busybox’s wget', async () => {
    const compose = (host: string): string =>
      `services:\n  a:\n    build: .\n    healthcheck: { test: ["CMD-SHELL", "wget -qO- http://${host}:80/ || exit 1"] }\n`;
    const files = (from: string, more = ''): Record<string, string> => ({
      Dockerfile: `FROM ${from}\n${more}COPY app.py /\nCMD ["python", "/app.py"]\n`,
      'app.py': 'serve("0.0.0.0", 80)\n',
    });
    expect(loud((await check(compose('localhost'), files('python:3.12-alpine'))).findings)).toEqual([
      'healthcheck-localhost',
    ]);
    expect(loud((await check(compose('127.0.0.1'), files('python:3.12-alpine'))).findings)).toEqual([]);
    expect(
      loud((await check(compose('localhost'), files('python:3.12-alpine', 'RUN apk add wget\n'))).findings),
    ).toEqual([]);
    expect(
      loud(
        (await check(compose('localhost'), { ...files('python:3.12-alpine'), 'app.py': 'serve("::", 80)\n' })).findings,
      ),
    ).toEqual([]);
  });
  it.each<[string, () => Record<string, string>]>([
    [
      'a program in a folder',
      () => ({
        Dockerfile: 'FROM node:20-alpine\nCOPY src ./src\nCMD ["node", "src/server.js"]\n',
        'src/server.js': 'http.createServer(f).listen(80, "0.0.0.0");\n',
      }),
    ],
    [
      'a program that is built',
      () => ({
        Dockerfile:
          'FROM golang:1 AS b\nCOPY main.go .\nRUN go build -o /a .\nFROM alpine:3\nCOPY --from=b /a /a\nCMD ["/a"]\n',
        'main.go': 'func main() { http.ListenAndServe("0.0.0.0:80", nil) }\n',
      }),
    ],
    [
      'an address in the CMD',
      () => ({ Dockerfile: 'FROM python:3.12-alpine\nRUN pip install x\nCMD ["x", "--host", "0.0.0.0"]\n' }),
    ],
    [
      'nginx by its file',
      () => ({
        Dockerfile: 'FROM nginx:1.27-alpine\nCOPY site.conf /etc/nginx/conf.d/default.conf\n',
        'site.conf': 'server {\n  listen 80;\n}\n',
      }),
    ],
  ])('localhost asked of %s that listens on IPv4 only', async (_, files) => {
    const found = async (host: string, change = (text: string): string => text) => {
      const all = Object.entries(files()).map(([name, text]) => [name, change(text)] as const);
      const compose = `services:\n  a:\n    build: .\n    healthcheck: { test: ["CMD", "wget", "-q", "http://${host}/"] }\n`;
      return loud((await check(compose, Object.fromEntries(all))).findings);
    };
    expect(await found('localhost')).toEqual(['healthcheck-localhost']);
    expect(await found('127.0.0.1')).toEqual([]);
    const both = (text: string): string =>
      text.replace('0.0.0.0', '[::]').replace('listen 80;', 'listen 80; listen [::]:80;');
    expect(await found('localhost', both)).toEqual([]);
  });
  it.each<[string, string, Record<string, string>?]>([
    ['a flag', '    image: "prom/node-exporter:v1.8.1"\n    command: ["--web.listen-address=127.0.0.1:90"]\n'],
    ['a server', '    image: "acme/own:1"\n    command: uvicorn app:app --host 127.0.0.1 --port 90\n'],
    ['a Dockerfile', '    build: .\n', { Dockerfile: 'FROM node:20\nCMD ["vite", "--host", "127.0.0.1"]\n' }],
    [
      'a source',
      '    build: .\n',
      {
        Dockerfile: 'FROM golang:1\nRUN go build -o /a .\nCMD ["/a"]\n',
        'main.go': 'func main() { http.ListenAndServe("127.0.0.1:90", nil) }\n',
      },
    ],
  ])('what listens for itself alone, by %s', async (_, body, files = {}) => {
    const found = async (change: (text: string) => string): Promise<string[]> => {
      const compose = `services:\n  a:\n${body}    ports: ["90:90"]\n`;
      const all = Object.entries(files).map(([name, text]) => [name, change(text)]);
      return loud((await check(change(compose), Object.fromEntries(all))).findings);
    };
    expect(await found((text) => text)).toEqual(['loopback-only']);
    expect(await found((text) => text.replace('127.0.0.1', '0.0.0.0'))).toEqual([]);
    expect(await found((text) => text.replace('    ports: ["90:90"]\n', ''))).toEqual([]);
  });
  it('shell words behind a program that takes words of its own', async () => {
    const health = (test: string): string =>
      `services:\n  a:\n    image: redis:7\n    healthcheck: { test: [CMD, redis-cli, ${test}] }\n`;
    expect(loud((await check(health('ping, "&&", exit, "0"'))).findings)).toEqual(['healthcheck-command']);
    expect(loud((await check(health('zrangebyscore, a, "<", "5"'))).findings)).toEqual([]);
  });
  it('services that are all behind profiles are looked at, and not as if they ran together', async () => {
    const profiles = (image: string): string =>
      `services:\n  a: { image: "${image}", profiles: [x], ports: ["80:80"], container_name: one }\n  b: { image: "busybox:1", profiles: [y], ports: ["80:80"], container_name: one }\n`;
    const good = await check(profiles('busybox:1'));
    expect([loud(good.findings), good.findings.map(({ code }) => code)]).toEqual([[], ['profiles-all']]);
    expect(loud((await check(profiles('Bad'))).findings)).toEqual(['engine-refuses']);
  });
  it('${PWD} is the folder of the file, or the repository, whichever holds what is named', async () => {
    const compose = (path: string): string => one(`    volumes: ["\${PWD}/${path}:/etc/x.conf"]\n`);
    const step = (file: string, files: Record<string, string>) =>
      runStep({ uses: 'compose/config', target: tempDir(files), with: { files: [file] } });
    for (const conf of ['deploy/x.conf', 'x.conf'])
      expect(
        loud((await step('deploy/compose.yml', { 'deploy/compose.yml': compose('x.conf'), [conf]: '' })).findings),
      ).toEqual([]);
    expect(codes(await step('deploy/compose.yml', { 'deploy/compose.yml': compose('x.conf') }))).toEqual([
      'bind-missing',
    ]);
  });
  it('a healthcheck that asks another port than the service listens on', async () => {
    const levels = async (body: string, files: Record<string, string> = {}) =>
      (await check(`services:\n  a:\n${body}`, files)).findings
        .filter(({ code }) => code === 'healthcheck-localhost')
        .map(({ level }) => level);
    const asks = (image: string, test: string): string => `    image: "${image}"\n    healthcheck: { test: ${test} }\n`;
    expect(await levels(asks('nginx:1.27', 'curl -f http://127.0.0.1:8080/'))).toEqual(['error']);
    expect(await levels(asks('redis:7', '["CMD", "redis-cli", "-p", "6380", "ping"]'))).toEqual(['error']);
    expect(await levels(asks('prom/prometheus:v2.53.0', 'wget -q http://localhost:9091/-/ready'))).toEqual(['error']);
    for (const good of [
      asks('nginx:1.27', 'curl -f http://127.0.0.1/'),
      asks('nginx:1.27', 'curl -f http://127.0.0.1:8080/ || curl -f http://127.0.0.1/'),
      `${asks('nginx:1.27', 'curl -f http://127.0.0.1:8080/')}    volumes: ["web:/etc/nginx/conf.d"]\nvolumes: { web: }\n`,
      `${asks('redis:7', 'redis-cli -p 6380 ping')}    command: redis-server --port 6380\n`,
      asks('acme/own:1', 'curl -f http://127.0.0.1:8080/'),
    ])
      expect(await levels(good)).toEqual([]);
    const built = (port: number, command: string): Record<string, string> => ({
      Dockerfile: `FROM python:3.12\nCOPY app.py /\nEXPOSE 8000\nHEALTHCHECK CMD curl -f http://127.0.0.1:${port}/\n${command}\n`,
      'app.py': 'run()\n',
    });
    const flagged = 'CMD ["uvicorn", "app:app", "--port", "8000"]';
    expect(await levels('    build: .\n', built(8080, flagged))).toEqual(['error']);
    expect(await levels('    build: .\n', built(8080, 'CMD ["python", "/app.py"]'))).toEqual(['warning']);
    expect(await levels('    build: .\n', built(8000, flagged))).toEqual([]);
    expect(
      await levels('    build: .\n', { ...built(8080, 'CMD ["python", "/app.py"]'), 'app.py': 'run(port=8080)\n' }),
    ).toEqual([]);
  });
  it('a variable of the container that Compose fills in before there is one', async () => {
    const levels = async (dollar: string, key: string) =>
      (
        await check(
          `services:\n  a:\n    image: "postgres:16"\n    environment: { DB_USER: pear, POSTGRES_PASSWORD: x }\n    ${key}: ${key === 'command' ? '' : '{ test: '}["CMD-SHELL", "pg_isready -U ${dollar}DB_USER"]${key === 'command' ? '' : ' }'}\n`,
        )
      ).findings.map(({ code, level }) => `${code} ${level}`);
    expect(await levels('$', 'healthcheck')).toEqual(['variable-not-set error']);
    expect(await levels('$', 'command')).toEqual(['variable-not-set error']);
    expect(await levels('$$', 'healthcheck')).toEqual([]);
  });
  it('waits for the end of a server', async () => {
    const waits = (image: string, more = ''): string =>
      `services:\n  a: { image: "busybox:1", depends_on: { b: { condition: service_completed_successfully } } }\n  b: { image: "${image}", environment: { POSTGRES_PASSWORD: x }${more} }\n`;
    expect(loud((await check(waits('postgres:16'))).findings)).toEqual(['health-dependency']);
    expect(loud((await check(waits('postgres:16', ', command: [psql, -f, /x.sql]'))).findings)).toEqual([]);
    expect(loud((await check(waits('acme/migrate:1'))).findings)).toEqual([]);
  });
  it('stages and mounts of a Dockerfile that are not there', async () => {
    const build = async (dockerfile: string) =>
      (await check('services: { a: { build: . } }', { Dockerfile: dockerfile, 'app.py': '' })).findings.map(
        ({ code, level }) => `${code} ${level}`,
      );
    expect(await build('FROM alpine AS compile\nFROM alpine\nCOPY --from=builder /x /x\n')).toEqual([
      'build-stage-missing error',
    ]);
    expect(await build('FROM alpine AS builder\nFROM alpine\nCOPY --from=builder /x /x\n')).toEqual([]);
    expect(await build('FROM alpine\nCOPY --from=busybox:1 /bin/busybox /x\n')).toEqual([]);
    expect(await build('FROM alpine\nCOPY "app.py" /x\n')).toEqual([]);
    const mount = (source: string): string => `FROM alpine\nRUN --mount=type=bind,source=${source},target=/x cat /x\n`;
    expect(await build(mount('package.json'))).toEqual(['copy-source-missing error']);
    expect(await build(mount('app.py'))).toEqual([]);
    expect(await build(mount('x').replace('source', 'from=alpine,source'))).toEqual([]);
  });
  it('curl and wget that an image has not', async () => {
    const tool = async (image: string, command: string) =>
      loud(
        (
          await check(
            `services: { a: { image: "${image}", healthcheck: { test: ${command} http://127.0.0.1/x || exit 1 } } }`,
          )
        ).findings,
      ).filter((code) => code === 'healthcheck-tool').length;
    for (const [image, command] of [
      ['mongo:7', 'curl -f'],
      ['mariadb:11', 'wget -q'],
      ['mysql:8.4', 'wget -q'],
      ['httpd:2.4', 'curl -f'],
      ['traefik:v3.1', 'curl -f'],
      ['eclipse-temurin:21-jre-alpine', 'curl -f'],
      ['mcr.microsoft.com/dotnet/aspnet:8.0', 'curl -f'],
      ['nats:2.10', 'wget -q'],
    ] as const)
      expect([image, await tool(image, command)]).toEqual([image, 1]);
    for (const [image, command] of [
      ['nginx:1.27-alpine', 'curl -f'],
      ['php:8.3-fpm-alpine', 'curl -f'],
      ['eclipse-temurin:21-jre', 'curl -f'],
      ['nats:2.10-alpine', 'wget -q'],
      ['traefik:v3.1', 'wget -q'],
    ] as const)
      expect([image, await tool(image, command)]).toEqual([image, 0]);
  });
  it('waits for the health of what has no check', async () => {
    const waits = (image: string): string =>
      `services:\n  a: { image: "busybox:1", depends_on: { b: { condition: service_healthy } } }\n  b: { image: "${image}" }\n`;
    const levels = async (image: string) =>
      (await check(waits(image))).findings
        .filter(({ code }) => code === 'health-dependency')
        .map(({ code, level }) => `${code} ${level}`);
    expect(await levels('redis:7')).toEqual(['health-dependency error']);
    expect(await levels('prom/prometheus:v3.0.0')).toEqual(['health-dependency error']);
    // An image of somebody else may bring a check.
    expect(await levels('acme/worker:1')).toEqual(['health-dependency note']);
  });
  it('many that wait for one are one finding', async () => {
    const services = ['a', 'c'].map(
      (name) => `  ${name}: { image: "busybox:1", depends_on: { b: { condition: service_healthy } } }\n`,
    );
    const found = (await check(`services:\n${services.join('')}  b: { image: "redis:7" }\n`)).findings;
    expect(found.map(({ code, message }) => [code, message])).toEqual([
      ['health-dependency', 'a, c wait until b is healthy, and b has no healthcheck'],
    ]);
  });
});

describe('healthchecks as they are written', () => {
  it.each([
    [['CMD', 'curl -f http://x || exit 1'], true],
    [['CMD', 'curl -f http://x'], true],
    [['CMD', 'wget', '-q', 'http://x', '||', 'exit', '1'], true],
    [['CMD-SHELL', 'pg_isready', '-U', 'x'], true],
    [['CMD-SHELL', 'pg_isready -U x', '||', 'exit 1'], true],
    [['CMD', 'sh', '-c', 'curl -f x', '||', 'exit 1'], true],
    [['CMD', 'curl', '-f', 'http://x'], false],
    [['CMD', 'sh', '-c', 'curl -f x || exit 1'], false],
    [['CMD', '/bin/bash', '-ec', 'a && b'], false],
    [['CMD', 'test', '-f', '/x', '|', '-d', '/y'], false],
    [['CMD-SHELL', 'curl -f x || exit 1'], false],
    [['CMD', '/opt/my app/check'], false],
    [['CMD', '/usr/bin/curl -f http://x'], true],
    [['NONE'], false],
    [[], false],
  ])('%j: %s', (test, faulty) => {
    expect(healthFault(test) !== undefined).toBe(faulty);
  });
  it.each([
    [['CMD-SHELL', 'curl x || exit 0'], true],
    [['CMD-SHELL', 'curl x || true'], true],
    [['CMD', 'true'], true],
    [['CMD-SHELL', 'curl x | grep -q Error && exit 1 || exit 0'], false],
    [['CMD-SHELL', 'curl x; exit $?'], false],
    [['CMD-SHELL', 'curl x || exit 1'], false],
  ])('%j can never fail: %s', (test, vacuous) => {
    expect(vacuousHealth(test) !== undefined).toBe(vacuous);
  });
});

describe('names of images', () => {
  it.each([
    'redis',
    'redis:7',
    'a/b/c:1.2-x',
    'localhost/x',
    'localhost:5000/x',
    'ghcr.io/A/b'.toLowerCase(),
    'x@sha256:' + 'a'.repeat(64),
    'a__b/c-d.e',
    '${X}',
    '',
  ])('%s is one, or cannot be judged', (name) => expect(wrongImage(name)).toBeUndefined());
  it.each(['Redis', 'a/B', 'x:', 'x y', 'x:a b', '-x', 'ghcr.io/Acme/x', 'x:v1:v2', 'https://x/y'])(
    '%s is none',
    (name) => expect(wrongImage(name)).toBeDefined(),
  );
  it('nothing is said of nothing', () => {
    for (const nothing of [undefined, null, {}, { services: null }, { services: { a: null } }, [], 'x']) {
      expect(refusals(nothing)).toEqual([]);
      expect(isForSwarm(nothing)).toBe(false);
    }
  });
});
