/** How each image of the sample target is made out of what is on this machine. */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { download, unpack } from './apt.mjs';
import { Rootfs } from './rootfs.mjs';
import { lastLines, root, run, which } from './sh.mjs';

/** Why an image cannot be made here. */
export class Skip extends Error {}

const nobody = 65534;
const cache = join(root, 'node_modules', '.cache', 'verify-images');

/** A static busybox: this machine's, or Debian's package unpacked into a cache, not installed. */
async function busybox() {
  const there = which('busybox');
  if (there !== undefined) return there;
  const file = join(cache, 'busybox');
  if (existsSync(file)) return file;
  const got = await download(['busybox-static']);
  try {
    if (got.debs.length !== 1)
      throw new Skip(`busybox is not here, and apt-get download busybox-static failed: ${lastLines(got.all, 1)[0]}`);
    const path = (await run('dpkg-deb', ['-c', got.debs[0]])).stdout.match(/\.\/((?:usr\/)?bin\/busybox)\b/)?.[1];
    const result = await unpack(got.debs[0], { [path]: file });
    if (result.code !== 0) throw new Skip(`busybox could not be unpacked: ${result.all}`);
    return file;
  } finally {
    got.dispose();
  }
}

async function base(service, user) {
  const fs = new Rootfs();
  fs.text(
    '/etc/passwd',
    `root:x:0:0:root:/:/bin/sh\nnobody:x:${nobody}:${nobody}:nobody:/:/bin/false\n${user ? `${user.name}:x:${user.uid}:${user.uid}::/:/bin/sh\n` : ''}`,
  );
  fs.text('/etc/group', `root:x:0:\nnogroup:x:${nobody}:\n${user ? `${user.name}:x:${user.uid}:\n` : ''}`);
  fs.text('/etc/nsswitch.conf', 'hosts: files dns\n');
  await fs.busybox(await busybox());
  const check = [service.healthcheck?.test ?? []].flat().join(' ');
  if (/\bcurl\b/.test(check)) {
    if (!which('curl')) throw new Skip('its healthcheck calls curl, which is not on this machine');
    await fs.program(which('curl'), '/usr/bin/curl');
  }
  return fs;
}

/** Debian's binaries where prom/prometheus has them, started as it starts them. */
async function prometheus(service) {
  for (const name of ['prometheus', 'promtool'])
    if (!which(name)) throw new Skip(`${name} is not on this machine (node scripts/setup.mjs --only prometheus)`);
  const fs = await base(service);
  for (const name of ['prometheus', 'promtool']) await fs.program(which(name), `/bin/${name}`, `/usr/bin/${name}`);
  if (existsSync('/usr/share/prometheus/web')) fs.tree('/usr/share/prometheus/web', '/usr/share/prometheus/web');
  fs.text(
    '/etc/prometheus/prometheus.yml',
    'scrape_configs:\n  - job_name: prometheus\n    static_configs: [{ targets: ["localhost:9090"] }]\n',
  );
  return fs
    .folder('/prometheus', { uid: nobody })
    .change('USER nobody', 'EXPOSE 9090', 'VOLUME /prometheus', 'WORKDIR /prometheus', 'ENTRYPOINT ["/bin/prometheus"]')
    .change('CMD ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"]');
}

/** The server built from the Rust workspace, with the settings of the Dockerfile's last stage where there is one. */
async function engram(service, { target }) {
  const cargo = which('cargo', { extra: [join(homedir(), '.cargo', 'bin')] });
  if (cargo === undefined) throw new Skip('cargo is not on this machine (https://rustup.rs)');
  if (!existsSync(join(target, 'Cargo.toml'))) throw new Skip(`there is no Cargo.toml in ${target}`);
  const args = ['build', '--release', '--bins', '--message-format=json-render-diagnostics'];
  const built = await run(cargo, args, { cwd: target });
  if (built.code !== 0) throw new Error(`cargo build failed:\n${lastLines(built.stderr).join('\n')}`);
  const messages = built.stdout
    .split('\n')
    .filter((l) => l.startsWith('{'))
    .map((l) => JSON.parse(l));
  const programs = messages.map((m) => m.executable).filter((file) => typeof file === 'string');
  const program = programs.find((file) => basename(file) === 'engram') ?? programs[0];
  if (program === undefined) throw new Skip('the workspace has no program');

  const lines = settingsOf(dockerfileOf(service, target));
  const name = lines
    .findLast((l) => l.startsWith('USER '))
    ?.slice(5)
    .split(':')[0];
  const user =
    name === undefined || /^\d+$/.test(name) || name === 'nobody' || name === 'root' ? undefined : { name, uid: 10001 };
  const uid = user?.uid ?? (name === 'nobody' ? nobody : Number(/^\d+$/.exec(name ?? '')?.[0] ?? 0));
  const fs = await base(service, user);
  await fs.program(
    program,
    `/usr/local/bin/${basename(program)}`,
    `/usr/bin/${basename(program)}`,
    `/${basename(program)}`,
  );
  const volumes = lines.filter((l) => /^(VOLUME|WORKDIR) /.test(l)).flatMap((l) => l.match(/\/[\w./-]+/g) ?? []);
  const mounts = (service.volumes ?? []).filter((v) => v.type === 'volume').map((v) => v.target);
  for (const path of [...volumes, ...mounts]) if (path !== '/') fs.folder(path, { uid });
  if (!lines.some((l) => l.startsWith('ENTRYPOINT ') || l.startsWith('CMD ')))
    fs.change(`ENTRYPOINT ["/usr/local/bin/${basename(program)}"]`);
  return fs.change(...lines);
}

function dockerfileOf(service, target) {
  const named = service.build && resolve(service.build.context ?? target, service.build.dockerfile ?? 'Dockerfile');
  return [named, join(target, 'deployments/docker/Dockerfile'), join(target, 'Dockerfile')].find(
    (f) => f && existsSync(f),
  );
}

/** The last stage's settings that `docker import --change` knows, one line each. */
function settingsOf(file) {
  if (file === undefined) return [];
  const joined = readFileSync(file, 'utf8').replace(/\\\r?\n/g, ' ');
  const stage = joined.slice(Math.max(0, joined.search(/^FROM (?![\s\S]*^FROM )/im)));
  return stage
    .split('\n')
    .map((line) => line.trim().replace(/^(\w+)\s+/, (_, word) => `${word.toUpperCase()} `))
    .filter((line) => /^(CMD|ENTRYPOINT|ENV|EXPOSE|HEALTHCHECK|STOPSIGNAL|USER|VOLUME|WORKDIR) /.test(line));
}

/** Debian has no Grafana: the tests' double stands in, and says so in the label verify.double. */
async function grafana(service) {
  const node = join(root, 'node_modules', 'node', 'bin', 'node');
  if (!existsSync(node)) throw new Skip('the current Node is not in node_modules (npm ci)');
  const fs = await base(service, { name: 'grafana', uid: 472 });
  await fs.program(node, '/usr/local/bin/node');
  const home = '/usr/share/grafana';
  return fs
    .tree(join(root, 'test', 'rig', 'grafana'), home)
    .tree(join(root, 'node_modules', 'yaml'), `${home}/node_modules/yaml`)
    .text(`${home}/package.json`, '{"type":"module"}\n')
    .folder('/var/lib/grafana', { uid: 472 })
    .folder('/etc/grafana/provisioning/dashboards')
    .folder('/etc/grafana/provisioning/datasources')
    .change('USER 472', 'EXPOSE 3000', `WORKDIR ${home}`, 'LABEL verify.double=grafana')
    .change(`ENTRYPOINT ["/usr/local/bin/node", "${home}/server.ts"]`);
}

/** The recipe for a service of the compose file, by what its image is called. */
export function recipeFor(name, image) {
  const last = basename(image).replace(/[:@].*$/, '');
  if (/prometheus/.test(last)) return prometheus;
  if (/grafana/.test(last)) return grafana;
  if (/engram/.test(last) || name === 'engram') return engram;
  return undefined;
}

export const defaultCompose = (target) => join(target, 'deployments', 'docker', 'docker-compose.yml');
