import { isExternal } from './project.ts';
import { distance, suggest } from '../../core/suggest.ts';
import { listOf, objectOf, textOf, type JsonObject } from '../data/json-parts.ts';
import { addressProblems } from './addresses.ts';
import { portConflicts, type ComposeService } from './model.ts';
import type { Refusal } from './refusal.ts';
import { refusedSettings } from './setting-refusals.ts';

/** A file that is meant for `docker stack deploy` may say what `docker compose up` refuses. */
export function isForSwarm(config: unknown): boolean {
  const { services, networks, secrets, configs } = objectOf(config);
  const swarmKeys = ['placement', 'update_config', 'rollback_config', 'endpoint_mode', 'mode'];
  const external = (map: unknown): boolean =>
    Object.values(objectOf(map)).some((one) => isExternal(objectOf(one)['external']));
  return (
    Object.values(objectOf(services)).some((one) => {
      const deploy = objectOf(objectOf(one)['deploy']);
      const placement = objectOf(deploy['placement']);
      return swarmKeys.some((key) => (key === 'placement' ? Object.keys(placement).length > 0 : key in deploy));
    }) ||
    Object.values(objectOf(networks)).some((one) => textOf(objectOf(one)['driver']) === 'overlay') ||
    external(secrets) ||
    external(configs)
  );
}

/** @param config what `docker compose config --format json` prints, whole */
export function refusals(config: unknown): Refusal[] {
  const project = objectOf(config);
  const found = Object.entries(objectOf(project['services'])).flatMap(([name, one]) =>
    ofService(name, objectOf(one), project),
  );
  // Compose puts variables in: one that is left stands in a file that it refuses, and which is read as it is written.
  return [...found, ...addressProblems(project), ...resourceRefusals(project)].filter(
    ({ text }) => !text.includes('${'),
  );
}

/** Services that are started together and publish one port of the host: the second finds it taken. */
export const takenTwice = (services: readonly ComposeService[]): Refusal[] =>
  portConflicts(services).map(({ a, b, port }) => ({
    service: b,
    text: a === b ? `${a} publishes ${port} twice` : `${a} and ${b} both publish ${port}`,
    hint: 'give one of them another port',
    kind: 'port',
  }));

// The grammar of a reference: github.com/distribution/reference, regexp.go. Engines up to 24 refuse upper case in the first part too.
const component = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const host =
  '(?:\\[[0-9a-fA-F:]+\\]|[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*)(?::\\d+)?';
const reference = new RegExp(
  `^(?:(?=[^/]*[.:]|localhost/)${host}/)?${component}(?:/${component})*(?::\\w[\\w.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$`,
);

/** Why an image's name is none; undefined where it is one, or where a variable is left in it. */
export function wrongImage(image: string): string | undefined {
  // A marker of a template that something else fills in is none of Compose's.
  if (image === '' || /\$|\{\{/.test(image) || reference.test(image)) return undefined;
  if (image.endsWith(':')) return 'its tag is empty';
  if (reference.test(image.toLowerCase())) return 'a repository name must be lower-case';
  return 'it is not a name of an image';
}

const restart = /^(?:no|always|unless-stopped|on-failure(?::.*)?|)$/;
const capability = new Set(
  `ALL AUDIT_CONTROL AUDIT_READ AUDIT_WRITE BLOCK_SUSPEND BPF CHECKPOINT_RESTORE CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID IPC_LOCK
  IPC_OWNER KILL LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN NET_BIND_SERVICE NET_BROADCAST NET_RAW PERFMON SETFCAP SETGID
  SETPCAP SETUID SYSLOG SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_MODULE SYS_NICE SYS_PACCT SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME
  SYS_TTY_CONFIG WAKE_ALARM`.split(/\s+/),
);
const limits = new Set(
  'core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack'.split(' '),
);
const sixMiB = 6 * 1024 * 1024;

function ofService(name: string, service: JsonObject, project: JsonObject): Refusal[] {
  const found: Refusal[] = [];
  const refuse: Refuse = (text, hint, kind = 'refused') => {
    found.push({ service: name, text: `${name}: ${text}`, hint, kind });
  };
  const image = textOf(service['image']);
  const why = wrongImage(image);
  if (why !== undefined)
    found.push({
      service: name,
      text: `${name}: the image "${image}": ${why}`,
      hint: image.endsWith(':')
        ? 'give the tag; where a variable stands for it, set it or give it a default'
        : 'correct the name',
      kind: 'refused',
      image,
    });
  const tag = /:([a-z]+)$/.exec(image)?.[1] ?? 'latest';
  if (service['build'] === undefined && tag !== 'latest' && tag !== 'fastest' && distance(tag, 'latest', 2) <= 2)
    refuse(`the image ${image}: ${tag} is a slip of latest, a tag that it does not have`, 'write latest, or a version');
  const container = textOf(service['container_name']);
  if (container !== '' && !/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(container))
    refuse(
      `the container_name "${container}"`,
      'use letters, digits, _ . and -, at least two, the first a letter or digit',
    );
  const policy = textOf(service['restart']);
  if (!restart.test(policy))
    refuse(`restart: ${policy}`, 'write no, always, unless-stopped, on-failure or on-failure:N (a count only there)');
  paths(service, refuse);
  memory(service, refuse);
  for (const key of ['cap_add', 'cap_drop'])
    for (const one of listOf(service[key]).map(textOf))
      if (!one.includes('$') && !capability.has(one.toUpperCase().replace(/^CAP_/, '')))
        refuse(`${key}: ${one} is not a capability`, 'see capabilities(7) for their names');
  for (const [limit, value] of Object.entries(objectOf(service['ulimits']))) {
    const { soft, hard } = objectOf(value);
    if (!limits.has(limit))
      refuse(`ulimits: there is no limit called ${limit}`, `write one of ${[...limits].join(', ')}`);
    else if (typeof soft === 'number' && typeof hard === 'number' && hard >= 0 && soft > hard)
      refuse(`ulimits: ${limit}: the soft limit ${soft} is above the hard limit ${hard}`, 'raise the hard limit');
  }
  for (const server of listOf(service['dns']).map(textOf))
    if (!/^[\d.]+$|:|\$/.test(server)) refuse(`dns: ${server} is not an IP address`, 'a name server needs an address');
  for (const entry of listOf(service['extra_hosts']).map(textOf)) {
    const at = entry.search(/[=:]/);
    const address = entry.slice(at + 1).replace(/^\[|\]$/g, '');
    if (
      at > 0 &&
      address !== 'host-gateway' &&
      !address.includes('$') &&
      !/^[\d.]+$|^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*$/.test(address)
    )
      refuse(`extra_hosts: ${address} is not an IP address`, 'an extra host needs an address, or host-gateway');
  }
  if (
    listOf(service['environment']).some((one) => textOf(one).startsWith('=')) ||
    '' in objectOf(service['environment'])
  )
    refuse('a variable of its environment has no name', 'take it out');
  const networkMode = textOf(service['network_mode']);
  if (/^(?:service|container):/.test(networkMode) && listOf(service['ports']).length > 0)
    refuse(
      `it publishes ports and has network_mode: ${networkMode}`,
      'publish the ports of the service whose network it uses',
    );
  for (const key of ['secrets', 'configs'])
    for (const one of listOf(service[key])) {
      const source = textOf(objectOf(one)['source']);
      if (isExternal(objectOf(objectOf(project[key])[source])['external']))
        refuse(`the ${key.slice(0, -1)} ${source} is external`, 'only Swarm has external ones: give it a file');
    }
  for (const { text, hint } of refusedSettings(service, project)) refuse(text, hint);
  replicas(service, refuse);
  return found;
}

type Refuse = (text: string, hint: string, kind?: Refusal['kind']) => void;

function paths(service: JsonObject, refuse: Refuse): void {
  const absolute = (path: string): boolean => path.startsWith('/') || path.includes('$');
  for (const one of listOf(service['volumes']).map(objectOf)) {
    const target = textOf(one['target']);
    if (absolute(target)) continue;
    refuse(
      `the mount at "${target}": a path in the container must begin with /`,
      /^[A-Za-z]:\//.test(target)
        ? 'Compose reads a volume name of one letter as a drive of Windows: use a longer name'
        : 'write the whole path',
    );
  }
  for (const target of listOf(service['tmpfs']).map((one) => textOf(one).replace(/:.*$/, '')))
    if (!absolute(target)) refuse(`tmpfs: "${target}" must begin with /`, 'write the whole path');
  const folder = textOf(service['working_dir']);
  if (folder !== '' && !absolute(folder) && !/^[A-Za-z]:\\/.test(folder))
    refuse(`working_dir: "${folder}" must begin with /`, 'write the whole path');
}

function memory(service: JsonObject, refuse: Refuse): void {
  const resources = objectOf(objectOf(service['deploy'])['resources']);
  const [deployed, kept] = [objectOf(resources['limits']), objectOf(resources['reservations'])];
  const bytes = (value: unknown): number | undefined =>
    /^-?\d+$/.test(textOf(value)) ? Number(textOf(value)) : undefined;
  const limit = bytes(service['mem_limit']) ?? bytes(deployed['memory']);
  const swap = bytes(service['memswap_limit']);
  const reserved = bytes(service['mem_reservation']) ?? bytes(kept['memory']);
  if (reserved !== undefined && reserved > 0 && reserved < sixMiB)
    refuse(`a memory reservation of ${reserved} bytes`, 'the engine allows no less than 6 MB');
  if (limit === undefined || limit <= 0) return;
  if (limit < sixMiB) refuse(`a memory limit of ${limit} bytes`, 'the engine allows no less than 6 MB');
  if (swap !== undefined && swap > 0 && swap < limit)
    refuse(`memswap_limit is below mem_limit`, 'it counts memory and swap together: raise it, or set -1');
  if (reserved !== undefined && reserved > limit)
    refuse('mem_reservation is above mem_limit', 'reserve no more than the limit');
}

/** Several containers of one service and one port of the host: the second finds it taken. */
function replicas(service: JsonObject, refuse: Refuse): void {
  const deploy = objectOf(service['deploy']);
  const count = [deploy['replicas'], service['scale']].find((value) => typeof value === 'number');
  if (count === undefined || count < 2) return;
  for (const port of listOf(service['ports']).map(objectOf)) {
    const published = textOf(port['published']);
    const [from, to = from] = published.split('-').map(Number);
    if (published === '' || from === undefined || to === undefined || Number.isNaN(from) || to - from + 1 >= count)
      continue;
    refuse(
      `${count} containers cannot all publish port ${published} of the host`,
      `publish no fixed port, or a range of at least ${count}`,
      'port',
    );
  }
}

const networkDrivers = ['bridge', 'host', 'overlay', 'ipvlan', 'macvlan', 'none'];
// Source: moby, volume/local: validOpts and mandatoryOpts.
const volumeOptions = ['type', 'o', 'device', 'size'];
const asks: Record<string, readonly string[]> = { device: ['type'], type: ['device'], o: ['device', 'type'] };

/** Volumes and networks of a project that the engine does not make. */
function resourceRefusals(project: JsonObject): Refusal[] {
  const found: Refusal[] = [];
  const refuse = (text: string, hint: string): void => void found.push({ service: '', text, hint, kind: 'refused' });
  const own = (key: string): [string, JsonObject][] =>
    Object.entries(objectOf(project[key]))
      .map(([name, one]): [string, JsonObject] => [name, objectOf(one)])
      .filter(([, one]) => one['external'] === undefined || one['external'] === false);
  for (const [key, one] of own('volumes')) {
    const [name, driver, options] = [textOf(one['name']), textOf(one['driver']), objectOf(one['driver_opts'])];
    if (name !== '' && !name.includes('$') && !/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name))
      refuse(
        `the volume ${key} is called "${name}"`,
        'use letters, digits, _ . and -, at least two, the first a letter or digit',
      );
    if (driver !== '' && driver !== 'local') continue;
    for (const option of Object.keys(options))
      if (!volumeOptions.includes(option))
        refuse(`the volume ${key}: the driver local has no option ${option}`, `it has ${volumeOptions.join(', ')}`);
      else
        for (const other of asks[option] ?? [])
          if (textOf(options[other]) === '')
            refuse(`the volume ${key}: ${option} without ${other}`, `set ${other} too`);
  }
  for (const [key, one] of own('networks')) {
    const [driver, options] = [textOf(one['driver']), objectOf(one['driver_opts'])];
    // Plugins bring drivers of any name; one that is nearly a built-in's is a slip.
    const near = driver === '' || networkDrivers.includes(driver) ? undefined : suggest(driver, networkDrivers);
    if (near !== undefined) refuse(`the network ${key}: there is no driver ${driver}`, `did you mean ${near}?`);
    if (driver === 'host' || driver === 'none')
      refuse(
        `the network ${key}: there is one network of the driver ${driver}, the engine's own`,
        `write network_mode: ${driver} below the services`,
      );
    const mtu = textOf(options['com.docker.network.driver.mtu']);
    if (!/^\d*$|\$/.test(mtu)) refuse(`the network ${key}: its mtu is ${mtu}`, 'write a number');
    const bridge = textOf(options['com.docker.network.bridge.name']);
    if (bridge.length > 15)
      refuse(
        `the network ${key}: the name ${bridge} has more than 15 letters`,
        'Linux allows 15 letters for an interface',
      );
  }
  return found;
}
