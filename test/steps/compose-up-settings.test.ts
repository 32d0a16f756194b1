import { describe, expect, it } from 'vitest';
import { refusals } from '../../src/formats/compose/refusals.ts';
import { needing } from '../rig/have.ts';
import { runStep, tempDir } from '../rig/run-step.ts';

type Part = Record<string, unknown>;
const of = (service: Part, more: Part = {}): string[] =>
  refusals({ services: { a: { image: 'busybox:1', ...service } }, ...more }).map(({ text }) => text);
const log = (driver: string, options: Part): Part => ({ logging: { driver, options } });
const mount = (more: Part): Part => ({ volumes: [{ type: 'bind', source: '/s', target: '/d', ...more }] });

describe('settings that `docker compose config` takes and the engine refuses', () => {
  // Each bad side was refused by a real engine (Docker 20.10, Compose 2.26), and its twin was started by it.
  it.each<[string, Part, Part]>([
    ['processors and a period', { cpus: 0.5, cpu_period: 100_000 }, { cpu_quota: 50_000, cpu_period: 100_000 }],
    ['a quota below a millisecond', { cpu_quota: 10 }, { cpu_quota: -1 }],
    ['fewer than no processors', { cpus: -1 }, { cpus: 0 }],
    ['processors that are no numbers', { cpuset: 'a' }, { cpuset: '0,1' }],
    ['swap without memory', { memswap_limit: '1073741824' }, { memswap_limit: '-1' }],
    ['swappiness above 100', { mem_swappiness: 200 }, { mem_swappiness: -1 }],
    ['too little reserved', { mem_reservation: '1048576' }, { mem_reservation: '67108864' }],
    ['a count below 0', { restart: 'on-failure:-1' }, { restart: 'on-failure:0' }],
    ['replicas below 0', { deploy: { replicas: -1 } }, { deploy: { replicas: 0 } }],
    ['a long hostname', { hostname: 'a'.repeat(70) }, { hostname: 'a'.repeat(63) }],
    ['a broken MAC address', { mac_address: 'zz:zz' }, { mac_address: '02-42-ac-11-00-02' }],
    ['another isolation', { isolation: 'hyperv' }, { isolation: 'default' }],
    [
      'a security option that is none',
      { security_opt: ['foo:bar'] },
      { security_opt: ['label:disable', 'seccomp:unconfined', 'apparmor=unconfined', 'no-new-privileges'] },
    ],
    [
      'a protocol that is none',
      { ports: [{ target: 80, published: '8080', protocol: 'xyz' }] },
      { ports: [{ target: 80, published: '8080', protocol: 'TCP' }] },
    ],
    [
      'DNS in another’s network',
      { network_mode: 'service:b', dns: ['1.1.1.1'] },
      { network_mode: 'host', dns: ['1.1.1.1'] },
    ],
    [
      'hosts in another’s network',
      { network_mode: 'service:b', extra_hosts: ['a=1.2.3.4'] },
      { network_mode: 'service:b', domainname: 'x' },
    ],
    ['links on the host’s network', { network_mode: 'host', links: ['b'] }, { network_mode: 'bridge', links: ['b'] }],
    [
      'sysctls of the host’s memory',
      { ipc: 'host', sysctls: { 'kernel.msgmax': 65536 } },
      { sysctls: { 'kernel.msgmax': 65536 } },
    ],
    [
      'a file to keep that is none',
      log('json-file', { 'max-file': '0' }),
      log('json-file', { 'max-file': '3', 'max-size': '10m' }),
    ],
    [
      'a buffer without its mode',
      log('json-file', { 'max-buffer-size': '4m' }),
      log('json-file', { mode: 'non-blocking', 'max-buffer-size': '4m' }),
    ],
    ['a log driver without its address', log('gelf', {}), log('gelf', { 'gelf-address': 'udp://127.0.0.1:12201' })],
    [
      'an address without a protocol',
      log('syslog', { 'syslog-address': 'foo' }),
      log('syslog', { 'syslog-address': 'udp://127.0.0.1:514' }),
    ],
    ['a mount at the root', mount({ target: '/' }), mount({ target: '/d' })],
    ['a type of mount that is none', mount({ type: 'foo' }), mount({ type: 'tmpfs' })],
    ['a propagation that is none', mount({ bind: { propagation: 'foo' } }), mount({ bind: { propagation: 'rslave' } })],
    ['a tmpfs over a mount', { ...mount({}), tmpfs: ['/d'] }, { ...mount({}), tmpfs: ['/d/tmp'] }],
    [
      'an option of tmpfs that is none',
      { tmpfs: ['/t:size=10q'] },
      { tmpfs: ['/t:rw,noexec,size=65536k,mode=1777', '/y:size=50%'] },
    ],
    ['a variable without a name', { environment: { '': 'x' } }, { environment: { A: '' } }],
  ])('%s', (_, bad, good) => {
    expect(of(bad)).toHaveLength(1);
    expect(of(good)).toEqual([]);
  });

  it.each<[string, Part, Part]>([
    [
      'the name of a volume',
      { volumes: { d: { name: 'a b' } } },
      { volumes: { d: { name: 'x-data.1', driver: 'local' }, e: null } },
    ],
    [
      'an option of a volume',
      { volumes: { d: { driver_opts: { foo: 'bar' } } } },
      { volumes: { d: { driver: 'other', driver_opts: { foo: 'bar' } } } },
    ],
    [
      'half of a device',
      { volumes: { d: { driver_opts: { type: 'none' } } } },
      { volumes: { d: { driver_opts: { type: 'tmpfs', device: 'tmpfs', o: 'size=10m' } } } },
    ],
    ['a misspelt driver', { networks: { n: { driver: 'brigde' } } }, { networks: { n: { driver: 'weave' } } }],
    [
      'a second host network',
      { networks: { n: { driver: 'host' } } },
      { networks: { n: { external: true, name: 'host' } } },
    ],
    [
      'a long name of a bridge',
      { networks: { n: { driver_opts: { 'com.docker.network.bridge.name': 'averyverylongname' } } } },
      {
        networks: {
          n: { driver_opts: { 'com.docker.network.bridge.name': 'br-one', 'com.docker.network.driver.mtu': '1400' } },
        },
      },
    ],
    [
      'a subnet without its length',
      { networks: { n: { ipam: { config: [{ subnet: '172.30.0.0' }] } } } },
      { networks: { n: { ipam: { config: [{ subnet: '172.30.0.0/24' }] } } } },
    ],
    [
      'a gateway of another subnet',
      { networks: { n: { ipam: { config: [{ subnet: '172.31.0.0/24', gateway: '172.32.0.1' }] } } } },
      { networks: { n: { ipam: { config: [{ subnet: '172.31.0.0/24', gateway: '172.31.0.254' }] } } } },
    ],
  ])('%s', (_, bad, good) => {
    expect(of({}, bad)).toHaveLength(1);
    expect(of({}, good)).toEqual([]);
  });

  it('gives the gateway’s address to no service', () => {
    const at = (address: string, gateway?: string): string[] =>
      of(
        { networks: { n: { ipv4_address: address } } },
        {
          networks: {
            n: { ipam: { config: [{ subnet: '172.33.0.0/24', ...(gateway !== undefined && { gateway }) }] } },
          },
        },
      );
    expect(at('172.33.0.1')).toHaveLength(1);
    expect(at('172.33.0.254', '172.33.0.254')).toHaveLength(1);
    expect(at('172.33.0.1', '172.33.0.254')).toEqual([]);
  });

  it('joins no memory that is kept private', () => {
    const joined = (ipc?: string) =>
      refusals({
        services: { a: { image: 'x', ipc: 'service:b' }, b: { image: 'x', ...(ipc !== undefined && { ipc }) } },
      });
    expect(joined()).toHaveLength(1);
    expect(joined('shareable')).toEqual([]);
  });
});

const [title, skip] = needing('compose/config: what a program needs at its start', 'compose');
const check = async (compose: string, files: Record<string, string> = {}): Promise<string[]> =>
  (
    await runStep({
      uses: 'compose/config',
      target: tempDir({ 'compose.yml': compose, ...files }),
      with: { files: ['compose.yml'] },
    })
  ).findings
    .filter((one) => one.level !== 'note')
    .map((one) => one.code);
const service = (image: string, more = ''): string => `services:\n  a:\n    image: ${image}\n${more}`;
const jobs = 'scrape_configs: [{ job_name: p, static_configs: [{ targets: ["localhost:9090"] }] }]\n';
const hook = 'webhook_configs: [{ url: "http://example.org" }]';

describe.skipIf(skip)(title, () => {
  it.each<[string, string, string]>([
    ['start-refused', service('postgres:16'), service('postgres:16', '    environment: { POSTGRES_PASSWORD: x }\n')],
    [
      'start-refused',
      service('mysql:8', '    command: --max-connections=10\n'),
      service('mysql:8', '    environment: [MYSQL_ALLOW_EMPTY_PASSWORD=yes]\n'),
    ],
    ['start-refused', service('minio/minio'), service('minio/minio', '    command: server /data\n')],
    [
      'start-refused',
      service('dpage/pgadmin4', '    environment: { PGADMIN_DEFAULT_EMAIL: a@b.c }\n'),
      service('dpage/pgadmin4', '    environment: { PGADMIN_DEFAULT_EMAIL: a@b.c, PGADMIN_DEFAULT_PASSWORD: x }\n'),
    ],
    [
      'start-refused',
      service(
        'postgres:16',
        '    environment: { POSTGRES_PASSWORD_FILE: /run/secrets/db-password }\n    secrets: [pw]\nsecrets: { pw: { file: ./pw } }\n',
      ),
      service(
        'postgres:16',
        '    environment: { POSTGRES_PASSWORD_FILE: /run/secrets/pw }\n    secrets: [pw]\nsecrets: { pw: { file: ./pw } }\n',
      ),
    ],
    [
      'config-unread',
      service(
        'prom/prometheus:v2.53.0',
        '    command: ["--storage.tsdb.retention.time=30d"]\n    volumes: ["./p.yml:/etc/prometheus/prometheus.yml"]\n',
      ),
      service(
        'prom/prometheus:v2.53.0',
        '    command: ["--config.file=/etc/prometheus/prometheus.yml"]\n    volumes: ["./p.yml:/etc/prometheus/prometheus.yml"]\n',
      ),
    ],
    [
      'config-unread',
      service('prom/alertmanager:v0.27.0', '    volumes: ["./am.yml:/etc/alertmanager/config.yml"]\n'),
      service('prom/alertmanager:v0.27.0', '    volumes: ["./am.yml:/etc/alertmanager/alertmanager.yml"]\n'),
    ],
    [
      'config-unread',
      service('grafana/loki:3.0.0', '    volumes: ["./l.yml:/etc/loki/loki.yml"]\n'),
      service(
        'grafana/loki:3.0.0',
        '    command: -config.file=/etc/loki/loki.yml\n    volumes: ["./l.yml:/etc/loki/loki.yml"]\n',
      ),
    ],
  ])('%s', async (code, bad, good) => {
    const files = {
      pw: 'x',
      'p.yml': jobs,
      'am.yml': `route: { receiver: a }\nreceivers: [{ name: a, ${hook} }]\n`,
      'l.yml': 'auth_enabled: false\n',
    };
    expect(await check(bad, files)).toEqual([code]);
    expect(await check(good, files)).toEqual([]);
  });

  it('says nothing where another program is started, or the environment stands in a file that is not there', async () => {
    expect(await check(service('postgres:16', '    command: pg_dump -h db x\n'))).toEqual([]);
    expect(await check(service('postgres:16', '    entrypoint: [sleep, "1"]\n'))).toEqual([]);
    expect(
      await check(service('postgres:16', '    env_file: [db.env]\n'), { 'db.env': 'POSTGRES_PASSWORD=x\n' }),
    ).toEqual([]);
    expect(
      await check(service('postgres:16', '    env_file: [.env.db]\n'), { '.gitignore': '.env.db\n' }),
    ).not.toContain('start-refused');
  });

  it('holds files that Alertmanager reads against what is mounted', async () => {
    const compose = (more: string): string =>
      service('prom/alertmanager:v0.27.0', `    volumes: ["./am.yml:/etc/alertmanager/alertmanager.yml"]\n${more}`);
    const files = {
      s: 'x',
      'am.yml':
        'route: { receiver: a }\nreceivers: [{ name: a, slack_configs: [{ api_url_file: /run/secrets/slack, channel: "#a" }] }]\n',
    };
    expect(await check(compose(''), files)).toEqual(['file-unmounted']);
    expect(await check(compose('    secrets: [slack]\nsecrets: { slack: { file: ./s } }\n'), files)).toEqual([]);
  });

  it('asks a blackbox exporter for modules that it has', async () => {
    const files = (module: string) => ({
      'p/prometheus.yml': `scrape_configs:\n- job_name: web\n  metrics_path: /probe\n  params: { module: [${module}] }\n  static_configs: [{ targets: ["https://example.com"] }]\n  relabel_configs:\n  - { source_labels: [__address__], target_label: __param_target }\n  - { target_label: __address__, replacement: "bb:9115" }\n`,
      'bb.yml': 'modules: { http_2xx: { prober: http } }\n',
    });
    const compose = (more: string): string =>
      `services:\n  bb:\n    image: prom/blackbox-exporter:v0.25.0\n${more}  p:\n    image: prom/prometheus:v2.53.0\n    volumes: ["./p:/etc/prometheus"]\n`;
    const own = compose('    command: [--config.file=/etc/bb.yml]\n    volumes: ["./bb.yml:/etc/bb.yml"]\n');
    expect(await check(own, files('http_post_2xx'))).toEqual(['probe-module']);
    expect(await check(own, files('http_2xx'))).toEqual([]);
    expect(await check(compose(''), files('http_post_2xx'))).toEqual([]);
    expect(await check(compose(''), files('http_post'))).toEqual(['probe-module']);
  });

  it('takes a part of a project for a part', async () => {
    const part = service('busybox:1', '    depends_on: [b]\n');
    expect(await check(part)).toContain('does-not-resolve');
    expect(await check(part, { 'compose.rest.yml': 'services:\n  b:\n    image: busybox:1\n' })).toContain(
      'part-of-another',
    );
  });
});

describe('what something else fills in', () => {
  it('is not held for a name of an image', () => {
    expect(of({ image: '{{ registry }}/web:1' })).toEqual([]);
    expect(of({ image: 'Registry/web:1' })).toHaveLength(1);
  });
});
