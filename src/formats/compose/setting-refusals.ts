import { suggest } from '../../core/suggest.ts';
import { listOf, objectOf, textOf, type JsonObject } from '../data/json-parts.ts';

/** A setting of a service that the container engine refuses, in its own words where it has some. */
export interface RefusedSetting {
  text: string;
  hint: string;
}

// Source: moby, daemon/logger; an option that a driver does not know is refused when the container is made.
const ofFiles = 'max-size max-file compress'.split(' ');
const always = 'labels labels-regex env env-regex tag mode max-buffer-size'.split(' ');
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

/** Each was tried on Docker 20.10 with Compose 2.26: `config` takes it, and `up` ends with an error. */
export function refusedSettings(service: JsonObject): RefusedSetting[] {
  const found: RefusedSetting[] = [];
  const deploy = objectOf(service['deploy']);
  const condition = textOf(objectOf(deploy['restart_policy'])['condition']);
  if (!/^(?:none|any|on-failure|always|unless-stopped|)$|\$/.test(condition))
    found.push({ text: `deploy.restart_policy.condition: ${condition}`, hint: 'write none, on-failure or any' });
  const resources = objectOf(deploy['resources']);
  const cpus = [service['cpus'], objectOf(resources['limits'])['cpus']].map((one) => Number(textOf(one) || NaN));
  if (cpus.some((one) => one > 0 && one < 0.01))
    found.push({ text: 'it may use less than 0.01 of a processor', hint: 'the engine allows no less' });
  found.push(...logging(service), ...sysctls(service));
  const signal = textOf(service['stop_signal']).replace(/^SIG/i, '').toUpperCase();
  if (signal !== '' && !/^\d+$|^RTM(?:IN|AX)/.test(signal) && !signal.includes('$') && !signals.has(signal))
    found.push({ text: `stop_signal: there is no signal ${signal}`, hint: 'see signal(7) for their names' });
  const ipc = textOf(service['ipc']);
  if (!/^(?:none|private|shareable|host|service:.*|container:.*|)$|\$/.test(ipc))
    found.push({ text: `ipc: ${ipc}`, hint: 'write private, shareable, host or service:NAME' });
  return found;
}

function logging(service: JsonObject): RefusedSetting[] {
  const { driver, options } = objectOf(service['logging']);
  const name = textOf(driver);
  // Plugins bring drivers of any name; one that is nearly a built-in's is a slip.
  const near = logDrivers.includes(name) || !/^[a-z-]+$/.test(name) ? undefined : suggest(name, logDrivers);
  if (near !== undefined) return [{ text: `there is no logging driver ${name}`, hint: `did you mean ${near}?` }];
  const known = logOptions[name];
  if (!known) return [];
  const given = objectOf(options);
  const unknown = Object.keys(given)
    .filter((key) => !known.includes(key))
    .map((key) => ({
      text: `logging: ${name} has no option ${key}`,
      hint: known.length === 0 ? 'take it out' : `it has ${known.join(', ')}`,
    }));
  const size = textOf(given['max-size']);
  return size === '' || /^-?\d+(?:\.\d+)?\s*(?:[kKmMgGtTpP]i?)?[bB]?$/.test(size) || size.includes('$')
    ? unknown
    : [...unknown, { text: `logging: max-size: ${size} is not a size`, hint: 'write a number and k, m or g' }];
}

function sysctls(service: JsonObject): RefusedSetting[] {
  const given = service['sysctls'];
  const names = Array.isArray(given)
    ? listOf(given).map((one) => textOf(one).replace(/=.*$/s, ''))
    : Object.keys(objectOf(given));
  const onHost = textOf(service['network_mode']) === 'host';
  return names
    .filter((name) => !name.includes('$') && (!ownSysctl.test(name) || (onHost && name.startsWith('net.'))))
    .map((name) => ({
      text: `sysctls: ${name} is of the whole machine${onHost && name.startsWith('net.') ? ', whose network it uses' : ''}: no container may set it`,
      hint: 'set it on the machine (sysctl -w), and take it out here',
    }));
}
