import { suggest } from '../../core/suggest.ts';
import { listOf, objectOf, textOf, type JsonObject, namesIn } from '../data/json-parts.ts';

/** A setting of a service that the container engine refuses, in its own words where it has some. */
export interface RefusedSetting {
  text: string;
  hint: string;
}

// Source: moby, daemon/logger; an option that a driver does not know is refused when the container is made.
const ofFiles = 'max-size max-file compress'.split(' ');
const always = 'labels labels-regex env env-regex tag mode max-buffer-size'.split(' ');
// What an option must look like. Source: the same drivers' validation.
const logValues: Record<string, RegExp> = {
  'max-size': /^-?\d+(?:\.\d+)?\s*(?:[kKmMgGtTpP]i?)?[bB]?$/,
  'max-file': /^[1-9]\d*$/,
  compress: /^(?:1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)$/,
  mode: /^(?:blocking|non-blocking)$/,
  'gelf-address': /^(?:udp|tcp):\/\/[^/]+:\d+$/,
  'syslog-address': /^(?:udp|tcp|tcp\+tls|unix|unixgram):\/\//,
};
const logNeeds: Record<string, string> = { gelf: 'gelf-address', awslogs: 'awslogs-group', splunk: 'splunk-token' };
const logOptions: Record<string, readonly string[]> = {
  'json-file': [...ofFiles, ...always],
  local: ofFiles.concat('mode', 'max-buffer-size'),
  none: [],
};
const logDrivers = [...Object.keys(logOptions), ...'syslog journald gelf fluentd awslogs splunk gcplogs'.split(' ')];

// Source: runc, libcontainer/configs/validate: what a container may set for itself alone.
const ownSysctl =
  /^(?:net\.|fs\.mqueue\.|kernel\.(?:msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced|domainname)$)/;

const signals = new Set(
  `ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU
  URG USR1 USR2 VTALRM WINCH XCPU XFSZ`.split(/\s+/),
);

const mountFlags = new Set(
  `ro rw suid nosuid dev nodev exec noexec sync async dirsync remount mand nomand atime noatime diratime nodiratime bind rbind unbindable
  runbindable private rprivate shared rshared slave rslave relatime norelatime strictatime nostrictatime`.split(/\s+/),
);
/** What joins another's network has its name, hosts and DNS. */
const ofTheNetwork = ['hostname', 'extra_hosts', 'dns', 'expose', 'mac_address', 'links'];
const isSet = (value: unknown): boolean =>
  value !== undefined &&
  value !== null &&
  value !== '' &&
  listOf(value).length + Object.keys(objectOf(value)).length + textOf(value).length > 0;

/** Collects what is refused. */
class Refusals {
  readonly found: RefusedSetting[] = [];

  add(wrong: boolean, text: string, hint: string): void {
    if (wrong) this.found.push({ text, hint });
  }
}

/** Each was tried on Docker 20.10 with Compose 2.26: `config` takes it, and `up` ends with an error. */
export const refusedSettings = (service: JsonObject, project: JsonObject): RefusedSetting[] => [
  ...deployment(service),
  ...limits(service),
  ...words(service),
  ...network(service),
  ...logging(service),
  ...sysctls(service),
  ...mounts(service),
  ...sharedMemory(service, project),
];

function deployment(service: JsonObject): RefusedSetting[] {
  const refusals = new Refusals();
  const deploy = objectOf(service['deploy']);
  const condition = textOf(objectOf(deploy['restart_policy'])['condition']);
  refusals.add(
    !/^(?:none|any|on-failure|always|unless-stopped|)$|\$/.test(condition),
    `deploy.restart_policy.condition: ${condition}`,
    'write none, on-failure or any',
  );
  refusals.add(Number(deploy['replicas']) < 0, 'deploy.replicas is below 0', 'write 0 or more');
  return refusals.found;
}

/** Of processors and memory. */
function limits(service: JsonObject): RefusedSetting[] {
  const refusals = new Refusals();
  const of = (key: string): string => textOf(service[key]);
  const number = (key: string): number => (of(key) === '' ? Number.NaN : Number(of(key)));
  const most = objectOf(objectOf(objectOf(service['deploy'])['resources'])['limits']);
  const cpus = [service['cpus'], most['cpus']].map((one) => Number(textOf(one) || NaN));
  refusals.add(
    cpus.some((one) => one !== 0 && one < 0.01),
    'it may use less than 0.01 of a processor',
    'the engine allows no less',
  );
  for (const key of ['cpu_period', 'cpu_quota']) {
    refusals.add(
      cpus.some((one) => one > 0) && number(key) > 0,
      `cpus and ${key}`,
      'both say how much of a processor it may use: keep one',
    );
    refusals.add(number(key) > 0 && number(key) < 1000, `${key}: ${of(key)}`, 'it counts microseconds, at least 1000');
  }
  refusals.add(
    number('cpu_period') > 1_000_000,
    `cpu_period: ${of('cpu_period')}`,
    'it counts microseconds, at most 1000000',
  );
  refusals.add(
    !/^(?:\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*|)$|\$/.test(of('cpuset')),
    `cpuset: ${of('cpuset')}`,
    'write numbers of processors: 0-3 or 0,2',
  );
  refusals.add(
    number('memswap_limit') > 0 && Number.isNaN(number('mem_limit')) && most['memory'] === undefined,
    'memswap_limit without mem_limit',
    'set mem_limit too',
  );
  refusals.add(
    number('mem_swappiness') > 100 || number('mem_swappiness') < -1,
    `mem_swappiness: ${of('mem_swappiness')}`,
    'write 0 to 100',
  );
  refusals.add(number('shm_size') < 0, `shm_size: ${of('shm_size')}`, 'write a size');
  return refusals.found;
}

/** Words that must be one of a list. */
function words(service: JsonObject): RefusedSetting[] {
  const refusals = new Refusals();
  const of = (key: string): string => textOf(service[key]);
  refusals.add(of('restart').startsWith('on-failure:-'), `restart: ${of('restart')}`, 'a count is 0 or more');
  refusals.add(
    !/^(?:default|)$|\$/.test(of('isolation')),
    `isolation: ${of('isolation')}`,
    'Linux has none but default',
  );
  for (const option of listOf(service['security_opt']).map(textOf))
    refusals.add(
      !/^(?:no-new-privileges(?:[:=](?:true|false))?|(?:apparmor|seccomp|label|systempaths)[:=].+)$|\$|^credentialspec/.test(
        option,
      ),
      `security_opt: ${option}`,
      'write no-new-privileges:true, or apparmor, seccomp, label and what they take, after a colon',
    );
  const signal = of('stop_signal').replace(/^SIG/i, '').toUpperCase();
  refusals.add(
    signal !== '' && !/^\d+$|^RTM(?:IN|AX)/.test(signal) && !signal.includes('$') && !signals.has(signal),
    `stop_signal: there is no signal ${signal}`,
    'see signal(7) for their names',
  );
  return refusals.found;
}

function network(service: JsonObject): RefusedSetting[] {
  const refusals = new Refusals();
  const of = (key: string): string => textOf(service[key]);
  refusals.add(of('hostname').length > 64, 'its hostname has more than 64 letters', 'Linux allows 64 at most');
  refusals.add(
    isSet(service['mac_address']) && !/^[0-9a-fA-F]{2}(?:[:-][0-9a-fA-F]{2}){5}$|\$/.test(of('mac_address')),
    `mac_address: ${of('mac_address')}`,
    'write six pairs of digits: 02:42:ac:11:00:02',
  );
  for (const port of listOf(service['ports']).map(objectOf))
    refusals.add(
      !/^(?:tcp|udp|sctp|)$/i.test(textOf(port['protocol'])),
      `ports: ${textOf(port['protocol'])} is not a protocol`,
      'write tcp, udp or sctp',
    );
  const joined = /^(?:service|container):(.+)$/.exec(of('network_mode'))?.[1];
  for (const key of joined === undefined ? [] : ofTheNetwork)
    refusals.add(
      isSet(service[key]),
      `${key} beside network_mode: ${of('network_mode')}`,
      `it has the network of ${joined}: say it there`,
    );
  refusals.add(
    of('network_mode') === 'host' && isSet(service['links']),
    'links beside network_mode: host',
    'take them out: on the network of the host it finds others at localhost',
  );
  return refusals.found;
}

function sharedMemory(service: JsonObject, project: JsonObject): RefusedSetting[] {
  const refusals = new Refusals();
  const ipc = textOf(service['ipc']);
  refusals.add(
    !/^(?:none|private|shareable|host|service:.*|container:.*|)$|\$/.test(ipc),
    `ipc: ${ipc}`,
    'write private, shareable, host or service:NAME',
  );
  const shared = /^service:(.+)$/.exec(ipc)?.[1];
  refusals.add(
    shared !== undefined &&
      !/^(?:shareable|host)$/.test(textOf(objectOf(objectOf(project['services'])[shared])['ipc'])),
    `ipc: ${ipc}, and ${shared} keeps it private`,
    `write ipc: shareable below ${shared}`,
  );
  return refusals.found;
}

function mounts(service: JsonObject): RefusedSetting[] {
  const refusals = new Refusals();
  const plain = (path: string): string => path.replace(/(.)\/+$/, '$1');
  const volumes = listOf(service['volumes']).map(objectOf);
  for (const one of volumes) {
    const [type, propagation] = [textOf(one['type']), textOf(objectOf(one['bind'])['propagation'])];
    refusals.add(textOf(one['target']) === '/', 'a mount at /', 'mount at a folder below it');
    refusals.add(
      !/^(?:bind|volume|tmpfs|cluster|image)$/.test(type),
      `a mount of the type ${type}`,
      'write bind, volume or tmpfs',
    );
    refusals.add(
      !/^(?:r?(?:private|shared|slave)|)$/.test(propagation),
      `bind.propagation: ${propagation}`,
      'write private, shared or slave, or these with an r',
    );
  }
  for (const text of listOf(service['tmpfs']).map(textOf)) {
    const [path = '', options = ''] = text.split(/:(.*)/s);
    refusals.add(
      volumes.some((one) => plain(textOf(one['target'])) === plain(path)),
      `a tmpfs and a volume both at ${path}`,
      'keep one',
    );
    for (const option of options.split(',').filter((one) => one !== '' && !one.includes('$'))) {
      const [key = '', value] = option.split('=');
      const good =
        value === undefined
          ? mountFlags.has(key)
          : /^(?:mode|uid|gid|nr_inodes|nr_blocks|mpol)$/.test(key) ||
            (key === 'size' && /^\d+[kKmMgG%]?$/.test(value));
      refusals.add(!good, `tmpfs: the option ${option}`, 'write mode=1777, size=64m or a flag such as noexec');
    }
  }
  return refusals.found;
}

function logging(service: JsonObject): RefusedSetting[] {
  const { driver, options } = objectOf(service['logging']);
  const name = textOf(driver);
  // Plugins bring drivers of any name; one that is nearly a built-in's is a slip.
  const near = logDrivers.includes(name) || !/^[a-z-]+$/.test(name) ? undefined : suggest(name, logDrivers);
  if (near !== undefined) return [{ text: `there is no logging driver ${name}`, hint: `did you mean ${near}?` }];
  const given = objectOf(options);
  const needed = logNeeds[name];
  const known = logOptions[name] ?? Object.keys(given);
  const unknown = Object.keys(given)
    .filter((key) => !known.includes(key))
    .map((key) => ({
      text: `logging: ${name} has no option ${key}`,
      hint: known.length === 0 ? 'take it out' : `it has ${known.join(', ')}`,
    }));
  const values = Object.entries(given).flatMap(([key, value]) => {
    const text = textOf(value);
    return logValues[key]?.test(text) === false && text !== '' && !text.includes('$')
      ? [{ text: `logging: ${key}: ${text}`, hint: `see the reference of the driver ${name}` }]
      : [];
  });
  const buffer = 'max-buffer-size' in given && name !== 'local' && textOf(given['mode']) !== 'non-blocking';
  return [
    ...unknown,
    ...values,
    ...(needed !== undefined && !(needed in given)
      ? [{ text: `logging: ${name} needs ${needed}`, hint: 'set it' }]
      : []),
    ...(buffer
      ? [{ text: 'logging: max-buffer-size without mode: non-blocking', hint: 'set mode: non-blocking' }]
      : []),
  ];
}

function sysctls(service: JsonObject): RefusedSetting[] {
  const names = namesIn(service['sysctls']);
  const onHost = textOf(service['network_mode']) === 'host';
  const ofHost = (name: string): boolean =>
    (onHost && name.startsWith('net.')) || (textOf(service['ipc']) === 'host' && /^(?:kernel|fs)\./.test(name));
  return names
    .filter((name) => !name.includes('$') && (!ownSysctl.test(name) || ofHost(name)))
    .map((name) => ({
      text: `sysctls: ${name} is of the whole machine${ofHost(name) ? ', whose network or memory it uses' : ''}: no container may set it`,
      hint: 'set it on the machine (sysctl -w), and take it out here',
    }));
}
