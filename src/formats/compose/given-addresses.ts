import { listOf, objectOf, textOf, type JsonObject } from '../data/json-parts.ts';
import { percentDecoded } from '../../core/patterns.ts';
import { desktopHint, desktopHost, imageName } from './model.ts';

/** An address in a service's environment at which nobody answers, or a login that the other service does not have. */
export interface WrongAddress {
  kind: 'address' | 'login';
  service: string;
  variable: string;
  /** The host that is asked. */
  host: string;
  level: 'error' | 'warning';
  /** Without any password. */
  text: string;
  hint: string;
}

interface Store {
  /** The scheme of its addresses. */
  scheme: RegExp;
  /** The program of its images. */
  image: RegExp;
  port: number;
  /** Variables that are its address, without a scheme. */
  variable: RegExp;
}

// Default ports: each project's documentation.
const stores: readonly Store[] = [
  {
    scheme: /^postgres(?:ql)?(?:\+\w+)?$/,
    image: /^(?:postgres|postgis|timescaledb|pgvector)/,
    port: 5432,
    variable: /^(?:PG|POSTGRES(?:QL)?_?|DB_?|DATABASE_?)HOST(?:NAME)?$/,
  },
  {
    scheme: /^(?:mysql|mariadb)(?:\+\w+)?$/,
    image: /^(?:mysql|mariadb|percona)/,
    port: 3306,
    variable: /^(?:MYSQL_?|MARIADB_?|DB_?|DATABASE_?)HOST(?:NAME)?$/,
  },
  {
    scheme: /^rediss?$/,
    image: /^(?:redis|valkey|keydb|dragonfly)/,
    port: 6379,
    variable: /^REDIS_?(?:HOST|HOSTNAME|ADDR)$/,
  },
  { scheme: /^mongodb$/, image: /^mongo$/, port: 27_017, variable: /^MONGO(?:DB)?_?HOST(?:NAME)?$/ },
  { scheme: /^amqps?$/, image: /^rabbitmq$/, port: 5672, variable: /^(?:RABBITMQ|AMQP)_?HOST(?:NAME)?$/ },
];

const address =
  /^(?:jdbc:)?([a-z][a-z\d+.-]*):\/\/(?:([^:@/\s]*)(?::([^@/\s]*))?@)?([A-Za-z\d][\w.-]*)(?::(\d+))?(?:\/([\w-]*))?(?:\?\S*)?$/;
const own = /^(?:localhost|127\.0\.0\.1|::1)$/;

const variablesOf = (service: JsonObject): [string, string][] =>
  Object.entries(objectOf(service['environment'])).map(([name, value]) => [name, textOf(value).replaceAll('$$', '$')]);

/** @param config what `docker compose config --format json` prints, whole, with every env_file read */
export function wrongAddresses(config: unknown): WrongAddress[] {
  const services = Object.entries(objectOf(objectOf(config)['services'])).map(([name, one]): [string, JsonObject] => [
    name,
    objectOf(one),
  ]);
  const external = new Set(
    Object.entries(objectOf(objectOf(config)['networks'])).flatMap(([name, one]) =>
      [undefined, false].includes(objectOf(one)['external'] as undefined) ? [] : [name],
    ),
  );
  return services.flatMap(([name, service]) => {
    // What a foreign image makes of its variables is not known; one environment is often given to all.
    if (textOf(service['network_mode']) !== '' || service['build'] === undefined) return [];
    const hosts = [...listOf(service['extra_hosts']).map(textOf), ...Object.keys(objectOf(service['extra_hosts']))].map(
      (one) => one.split(/[:=]/)[0] ?? '',
    );
    const links = listOf(service['links']).map((one) => textOf(one).split(':').at(-1) ?? '');
    // Others' names may be found there.
    const open = Object.keys(objectOf(service['networks'])).some((one) => external.has(one));
    return variablesOf(service).flatMap(([variable, value]): WrongAddress[] => {
      const asked = askedBy(variable, value);
      if (!asked || hosts.includes(asked.host) || links.includes(asked.host)) return [];
      const found = services.find(([other, one]) => namesOf(other, one).includes(asked.host));
      const base = { service: name, variable, host: asked.host };
      if (found)
        return [
          ...wrongPort(base, asked, found),
          ...wrongLogin(base, asked, found[1]),
          ...redisLogin(base, asked, found[1], service),
        ];
      if (own.test(asked.host)) return ownAddress(base, asked, service, services);
      if (asked.host === desktopHost)
        return [
          {
            ...base,
            kind: 'address',
            level: 'warning',
            text: `${variable} of ${name} asks ${desktopHost}, which only Docker Desktop knows by itself`,
            hint: desktopHint,
          },
        ];
      // Where the project has no such program, it may run beside it.
      const meant = services.find(([, one]) => isStore(one, asked.store))?.[0];
      if (open || asked.host.includes('.') || meant === undefined) return [];
      return [
        {
          ...base,
          kind: 'address',
          level: asked.written ? 'error' : 'warning',
          text: `${variable} of ${name} asks ${asked.host}, but there is no such service; did you mean ${meant}?`,
          hint: 'use the name of the service that is meant',
        },
      ];
    });
  });
}

interface Asked {
  store: Store;
  host: string;
  port: number;
  /** It is a whole address. */
  written: boolean;
  user: string;
  password: string;
  database: string;
}

function askedBy(variable: string, value: string): Asked | undefined {
  const [, scheme = '', user = '', password = '', host = '', port, database = ''] = address.exec(value) ?? [];
  const store = stores.find((one) => one.scheme.test(scheme));
  if (store)
    return {
      store,
      host,
      port: Number(port ?? store.port),
      written: true,
      user: percentDecoded(user),
      password: percentDecoded(password),
      database,
    };
  const [, only = '', at] = /^([a-zA-Z\d][\w-]*)(?::(\d+))?$/.exec(value) ?? [];
  const named = only === '' ? undefined : stores.find((one) => one.variable.test(variable));
  return (
    named && {
      store: named,
      host: only,
      port: Number(at ?? named.port),
      written: false,
      user: '',
      password: '',
      database: '',
    }
  );
}

const namesOf = (name: string, service: JsonObject): string[] => [
  name,
  textOf(service['container_name']),
  textOf(service['hostname']),
  ...Object.values(objectOf(service['networks'])).flatMap((one) => listOf(objectOf(one)['aliases']).map(textOf)),
];

type Base = Pick<WrongAddress, 'service' | 'variable' | 'host'>;
const isStore = (service: JsonObject, { image }: Store): boolean => image.test(imageName(textOf(service['image'])));

function ownAddress(
  base: Base,
  { store, port }: Asked,
  service: JsonObject,
  services: readonly (readonly [string, JsonObject])[],
): WrongAddress[] {
  const other = services.find(([name, one]) => name !== base.service && isStore(one, store));
  if (!other || isStore(service, store)) return [];
  return [
    {
      ...base,
      kind: 'address',
      level: 'warning',
      text: `${base.variable} of ${base.service} asks ${base.host}:${port}: in its container that is ${base.service} itself, not ${other[0]}`,
      hint: `write ${other[0]} as the host`,
    },
  ];
}

function wrongPort(
  base: Base,
  { store, port, written }: Asked,
  [name, other]: readonly [string, JsonObject],
): WrongAddress[] {
  if (!isStore(other, store) || port === store.port || !written) return [];
  const published = listOf(other['ports']).some((one) => textOf(objectOf(one)['published']) === String(port));
  const said = JSON.stringify([other['command'], other['entrypoint'], other['environment']]).includes(String(port));
  if (said) return [];
  return [
    {
      ...base,
      kind: 'address',
      level: published ? 'error' : 'warning',
      text: `${base.variable} of ${base.service} asks ${base.host}:${port}, but ${name} listens on ${store.port}${published ? `; ${port} is what it publishes on the machine` : ''}`,
      hint: 'between containers the port of the container counts',
    },
  ];
}

/** Redis with a password in its command, and an address without it. The client may be given it by another variable. */
function redisLogin(
  base: Base,
  { store, password, written }: Asked,
  other: JsonObject,
  client: JsonObject,
): WrongAddress[] {
  const command = (listOf(other['command']).map(textOf).join(' ') || textOf(other['command'])).replaceAll('$$', '$');
  const asked = /--requirepass[ =]["']?([^\s"']+)/.exec(command)?.[1] ?? '';
  const apart = variablesOf(client).some(([name]) => name !== base.variable && /PASS|AUTH/i.test(name));
  if (!isStore(other, store) || !/redis/.test(String(store.scheme)) || !written || asked === '' || /[$]/.test(asked))
    return [];
  if (password === asked || (password === '' && apart)) return [];
  return [
    {
      ...base,
      kind: 'login',
      level: 'error',
      text: `${base.variable} of ${base.service} ${password === '' ? 'gives no password' : 'does not give the password'} that ${base.host} asks for (--requirepass)`,
      hint: 'write redis://:PASSWORD@HOST:PORT',
    },
  ];
}

/** By the variables with which the images make their user and their database. Source: the images' documentation. */
function wrongLogin(base: Base, { store, user, password, database }: Asked, other: JsonObject): WrongAddress[] {
  const given = new Map(variablesOf(other));
  const of = (...names: string[]): string => names.map((one) => given.get(one) ?? '').find((one) => one !== '') ?? '';
  const image = imageName(textOf(other['image']));
  const kind = image === 'postgres' ? 'POSTGRES' : image === 'mysql' || image === 'mariadb' ? 'MYSQL' : undefined;
  // Scripts of its start may make others; what a file holds is not seen.
  const scripts = JSON.stringify(other['volumes'] ?? '').includes('docker-entrypoint-initdb.d');
  if (
    kind === undefined ||
    !isStore(other, store) ||
    scripts ||
    [...given.keys()].some((name) => name.endsWith('_FILE'))
  )
    return [];
  const users: Record<string, string> =
    kind === 'POSTGRES'
      ? { [of('POSTGRES_USER') || 'postgres']: of('POSTGRES_PASSWORD') }
      : {
          root: of('MYSQL_ROOT_PASSWORD', 'MARIADB_ROOT_PASSWORD'),
          ...(of('MYSQL_USER', 'MARIADB_USER') !== '' && {
            [of('MYSQL_USER', 'MARIADB_USER')]: of('MYSQL_PASSWORD', 'MARIADB_PASSWORD'),
          }),
        };
  const trusted = given.get('POSTGRES_HOST_AUTH_METHOD') === 'trust';
  const say = (level: WrongAddress['level'], text: string, hint: string): WrongAddress => ({
    ...base,
    kind: 'login',
    level,
    text: `${base.variable} of ${base.service} ${text}`,
    hint,
  });
  const found: WrongAddress[] = [];
  const expected = users[user];
  if (user !== '' && expected === undefined)
    found.push(
      say(
        'warning',
        `logs in as ${user}, but ${base.host} makes the user ${Object.keys(users).join(', ')} only`,
        'make both agree',
      ),
    );
  else if (password !== '' && (expected ?? '') !== '' && expected !== password && !trusted)
    found.push(
      say('error', `logs in as ${user}, but not with the password that ${base.host} is given`, 'give both the same'),
    );
  const made =
    kind === 'POSTGRES'
      ? [of('POSTGRES_DB', 'POSTGRES_USER') || 'postgres', 'postgres']
      : [of('MYSQL_DATABASE', 'MARIADB_DATABASE'), 'mysql'];
  if (database !== '' && !made.includes(database))
    found.push(
      say(
        'warning',
        `asks for the database ${database}, but ${base.host} makes ${made[0] === '' ? 'none' : (made[0] ?? '')}`,
        'make both agree, unless the program makes it itself',
      ),
    );
  return found;
}
