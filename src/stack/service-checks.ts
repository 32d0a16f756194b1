import { error, warning, type Judge } from '../core/step.ts';
import { healthFault, vacuousHealth } from '../formats/compose/healthcheck.ts';
import { portConflicts, type ComposeService } from '../formats/compose/model.ts';
import type { Refusal } from '../formats/compose/refusal.ts';
import { refusedFlags } from '../formats/compose/program-flags.ts';
import type { Lacking } from '../formats/compose/image-needs.ts';
import type { WrongAddress } from '../formats/compose/given-addresses.ts';
import type { SeenBuild } from './build-checks.ts';
import { stackProblems } from './checks.ts';
import { dataFault } from './data-folders.ts';
import { healthProblems } from './program-problems.ts';

export const refusalProblems = {
  'port-conflict': error('Two containers publish the same port', 'give one of them another port'),
  'engine-refuses': error(
    'The container engine refuses a service',
    'correct what it names: Compose accepts the file, and `docker compose up` fails',
  ),
} as const;

export const serviceProblems = {
  ...refusalProblems,
  'name-conflict': error(
    'Two services have the same container name',
    'take one container_name away; Compose itself calls a container <project>-<service>-1',
  ),
  'healthcheck-command': healthProblems['healthcheck-command'],
  'healthcheck-vacuous': error('A healthcheck can never fail', 'let its command fail when the service does'),
  'health-dependency': error(
    'A service waits for a state that another never reaches',
    'give it a healthcheck, or wait for service_started',
  ),
  'start-refused': error('A service’s program ends at once with what it is given', 'give it what its image asks for'),
  'data-unkept': warning(
    'A volume is mounted where the program keeps nothing',
    'mount it at the folder in which the image keeps its data: as it stands they are gone with the container',
  ),
  'port-secluded': error(
    'A port is published on internal networks alone',
    'add a network that is not internal: the engine publishes no port of a container that has only such',
  ),
  'address-wrong': error(
    'A service is given an address at which nobody answers',
    'use the other service’s name, and the port of its container',
  ),
  'login-wrong': error(
    'A service is given a login that the other service does not have',
    'make the address and the other service’s variables agree',
  ),
  'command-unshelled': error(
    'A program is given operators of the shell as words',
    'write sh -c "…", with all of it in one text: without a shell && and | are ordinary words',
  ),
  'variable-unread': error(
    'A service is given a variable that its image does not read',
    'write the name that the image reads',
  ),
  'variable-quoted': error(
    'Quotes are part of a variable’s value',
    'write NAME=value without quotes: in a list of `environment` Compose takes them as they stand',
  ),
  'file-unmounted': stackProblems['file-unmounted'],
  'flag-refused': error('A service’s program does not know one of its flags', 'correct it: the program ends at once'),
} as const;

type ServiceJudge = Judge<typeof serviceProblems>;
type At = (key: string) => { file: string; line?: number };

/**
 * Do two services take the same port or name; can each healthcheck fail?
 * @param together false where they are of different profiles, which nobody may switch on at once
 */
export function judgeServices(j: ServiceJudge, services: readonly ComposeService[], at: At, together: boolean): void {
  const namesTold = new Set<string>();
  for (const [port, clashes] of Map.groupBy(together ? portConflicts(services) : [], (one) => one.port)) {
    const who = [...new Set(clashes.flatMap(({ a, b }) => [a, b]))];
    const [first = '', last = ''] = [who[0], who.at(-1)];
    // Versions of one program, and many of one kind, are alternatives: people start one of them by its name.
    const bases = new Set(who.map((name) => name.replace(/[-_.]?v?\d[\d.]*$/, '')));
    const alternatives = who.length > 1 && (who.length > 2 || bases.size === 1);
    const names = new Set(services.filter(({ name }) => who.includes(name)).map((one) => one.containerName));
    const called = who.length > 1 && names.size === 1 ? [...names][0] : undefined;
    if (called !== undefined) namesTold.add(called);
    j.find(
      'port-conflict',
      who.length === 1
        ? `${first} publishes ${port} twice`
        : `${who.slice(0, -1).join(', ')} and ${last} ${who.length > 2 ? 'all' : 'both'} publish ${port}${called === undefined ? '' : `, and are called ${called}`}`,
      { subject: last, where: at(last), ...(alternatives && { level: 'warning' as const }) },
    );
  }
  const named = together
    ? services.filter(({ containerName }) => containerName !== undefined && !namesTold.has(containerName))
    : [];
  for (const [n, service] of named.entries()) {
    const other =
      named.slice(0, n).find((one) => one.containerName === service.containerName) ??
      services.find(
        (one) => one !== service && one.containerName === undefined && one.firstContainer === service.containerName,
      );
    if (other)
      j.find('name-conflict', `${other.name} and ${service.name} are both called ${service.containerName}`, {
        subject: service.name,
        where: at(service.name),
      });
  }
  for (const service of services) {
    const flags = refusedFlags(service);
    if (flags.length > 0)
      j.find('flag-refused', `${service.name}: ${flags.map((one) => one.message).join('; ')}`, {
        subject: service.name,
        where: at(service.name),
        ...(!flags.some((one) => one.sure) && { level: 'warning' as const }),
      });
    const data = dataFault(service);
    if (data) j.find(data.code, `${service.name}: ${data.text}`, { subject: service.name, where: at(service.name) });
    if (service.secluded === true && service.published.length > 0)
      j.find(
        'port-secluded',
        `${service.name} publishes ${service.published.map(({ port }) => port).join(', ')}, and its networks (${service.networks.join(', ')}) are internal: nobody outside can reach it`,
        { subject: service.name, where: at(service.name) },
      );
    const operator = shellWord(service.command);
    if (operator !== undefined)
      j.find('command-unshelled', `the command of ${service.name} contains ${operator}, but no shell reads it`, {
        subject: service.name,
        where: at(service.name),
        detail: service.command.join(' '),
      });
    const fault = healthFault(service.health);
    if (fault)
      j.find('healthcheck-command', `the healthcheck of ${service.name}: ${fault.text}`, {
        subject: service.name,
        where: at(service.name),
        hint: fault.hint,
      });
    const vacuous = service.healthcheck === 'disabled' ? undefined : vacuousHealth(service.health);
    if (vacuous !== undefined)
      j.find('healthcheck-vacuous', `the healthcheck of ${service.name} always passes: ${vacuous}`, {
        subject: service.name,
        where: at(service.name),
      });
  }
}

/** A word that only a shell understands, or a built-in of the shell that is called as a program; behind `sh -c` only the first word is read. */
function shellWord(command: readonly string[]): string | undefined {
  const operator = command.find((word) => /^(?:&&|\|\||\||\d?>{1,2}|2>&1|<)$/.test(word));
  const builtin = /^(?:cd|export|source|set)$/.test(command[0] ?? '') ? command[0] : undefined;
  return operator ?? builtin;
}

/** `depends_on: {x: {condition: service_healthy}}` where x can never be healthy: Compose then ends with an error. */
export function judgeHealthDependencies(
  j: ServiceJudge,
  services: readonly ComposeService[],
  builds: readonly SeenBuild[],
  images: Readonly<Record<string, string>>,
  at: At,
): void {
  for (const service of services)
    for (const name of service.waitsForEnd) {
      const other = services.find((one) => one.name === name);
      if (other?.restarts === true)
        j.find(
          'health-dependency',
          `${service.name} waits until ${name} has ended, and ${name} is started again whenever it ends`,
          {
            subject: service.name,
            where: at(service.name),
            hint: `give ${name} restart: "no" or on-failure, or wait for service_healthy`,
          },
        );
      else if (other && other.built && other.healthcheck === 'given' && other.published.length > 0)
        j.find(
          'health-dependency',
          `${service.name} waits until ${name} has ended, and ${name} publishes a port and has a healthcheck, as a server does`,
          {
            subject: service.name,
            where: at(service.name),
            level: 'warning',
            hint: 'wait for service_healthy or service_started',
          },
        );
      if (
        !other ||
        other.restarts === true ||
        other.built ||
        other.command.length > 0 ||
        !servers.test(bareName(images[name] ?? other.image))
      )
        continue;
      j.find(
        'health-dependency',
        `${service.name} waits until ${name} has ended, and ${other.image} is a server that never does`,
        {
          subject: service.name,
          where: at(service.name),
          hint: 'wait for service_healthy or service_started',
        },
      );
    }
  for (const other of services) {
    const names = services.filter(({ waitsForHealth }) => waitsForHealth.includes(other.name)).map(({ name }) => name);
    const [first] = names;
    if (first === undefined || (other.healthcheck === 'given' && other.health[0] !== 'NONE')) continue;
    const off = other.healthcheck === 'disabled' || other.health[0] === 'NONE';
    const build = builds.find((one) => one.service === other.name);
    if (!off && build?.hasHealthcheck === true) continue;
    j.find(
      'health-dependency',
      `${names.join(', ')} ${names.length > 1 ? 'wait' : 'waits'} until ${other.name} is healthy, and ${other.name} ${off ? 'has its healthcheck turned off' : 'has no healthcheck'}`,
      {
        subject: first,
        where: at(first),
        // What is in another image was not looked at.
        ...(!off &&
          !bringsNone(images[other.name] ?? other.image) && {
            level: 'note' as const,
            hint: `see whether its image has a HEALTHCHECK: where it has none, \`docker compose up\` fails`,
          }),
      },
    );
  }
}

/** What services are given as another's address. @param elsewhere services that this configuration leaves out */
export function judgeAddresses(
  j: ServiceJudge,
  addresses: readonly WrongAddress[],
  elsewhere: Readonly<Record<string, unknown>>,
  at: At,
): void {
  for (const { kind, service, variable, host, level, text, hint } of addresses) {
    if (elsewhere[host] !== undefined) continue;
    j.find(kind === 'address' ? 'address-wrong' : 'login-wrong', text, {
      subject: service,
      where: at(service),
      level,
      hint,
      cause: `${service} ${variable} ${kind}`,
    });
  }
}

/** What programs need at their start and are not given, or are given in vain. */
export function judgeLacking(j: ServiceJudge, lacking: readonly Lacking[], at: At): void {
  for (const { code, service, text, hint, level } of lacking)
    j.find(code, text, { subject: service, where: at(service), hint, ...(level && { level }) });
}

/** What the engine will refuse. A file that is meant for Swarm is held to other rules: then it is a note. */
export function judgeRefusals(
  j: Judge<typeof refusalProblems>,
  refused: readonly Refusal[],
  forSwarm: boolean,
  at: At,
): void {
  for (const { service, text, hint, kind } of refused)
    j.find(kind === 'port' ? 'port-conflict' : 'engine-refuses', text, {
      ...(service !== '' && { subject: service }),
      where: at(service),
      hint: forSwarm ? `${hint}; it is not a fault where the file is only for docker stack deploy` : hint,
      ...(forSwarm && { level: 'note' as const }),
    });
}

const official = new Set(
  `adminer alpine amazoncorretto busybox caddy cassandra chronograf clickhouse consul couchdb debian eclipse-temurin elasticsearch fedora
  ghost golang gradle haproxy httpd influxdb jetty kapacitor kibana kong logstash mariadb maven memcached mongo mongo-express mysql nats
  neo4j nextcloud nginx node openjdk perl php postgres python rabbitmq redis registry ruby rust scratch solr swift telegraf tomcat traefik
  ubuntu vault wordpress zookeeper`.split(/\s+/),
);
const bareName = (image: string): string =>
  image.replace(/^(?:docker\.io\/)?(?:library\/)?/, '').replace(/[:@].*$/, '');
const servers =
  /^(?:postgres|mysql|mariadb|mongo|redis|memcached|nginx|httpd|rabbitmq|cassandra|elasticsearch|traefik|prom\/(?:prometheus|alertmanager)|grafana\/(?:grafana|loki|tempo|mimir))$/;
/**
 * Has the image no healthcheck of its own? Docker's Official Images have none by policy ("Explicit health checks are not added to
 * official images", docker-library's FAQ), nor have those of the Prometheus and Grafana projects.
 */
function bringsNone(image: string): boolean {
  const name = bareName(image);
  return official.has(name) || /^(?:prom\/[a-z0-9_-]+|grafana\/(?:grafana|loki|tempo|promtail|mimir))$/.test(name);
}
