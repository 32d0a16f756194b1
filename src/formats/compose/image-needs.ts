import { listOf, objectOf, textOf, type JsonObject, namesIn } from '../data/json-parts.ts';
import { imageName } from './model.ts';

/** What a service is not given, or given in vain, and what to do. */
export interface Lacking {
  code: 'start-refused' | 'variable-unread' | 'file-unmounted' | 'variable-quoted';
  service: string;
  text: string;
  hint: string;
  /** The variable that says so: given to all by a shared env_file, it need not be read by each. */
  variable?: string;
  level?: 'warning';
}

interface Need {
  /** The image, with what stands before its name where the name alone says too little. */
  image: RegExp;
  /** Each group needs one of its variables. */
  variables?: readonly (readonly string[])[];
  /** Without a command the program says how it is used, and ends. */
  command?: true;
}

const databasePassword = (name: string): readonly string[] => [
  `${name}_ROOT_PASSWORD`,
  `${name}_ROOT_PASSWORD_FILE`,
  `${name}_ALLOW_EMPTY_PASSWORD`,
  `${name}_ALLOW_EMPTY_ROOT_PASSWORD`,
  `${name}_RANDOM_ROOT_PASSWORD`,
  `${name}_ROOT_PASSWORD_HASH`,
  `${name}_ROOT_PASSWORD_HASH_FILE`,
];

// Sources: the entrypoint scripts of the images (docker-entrypoint.sh, /etc/confluent/docker/configure, pgadmin's entrypoint.sh).
const needs: readonly Need[] = [
  {
    image: /^(?:postgres|postgis\/postgis|timescale\/timescaledb(?:-ha)?|pgvector\/pgvector)$/,
    variables: [['POSTGRES_PASSWORD', 'POSTGRES_PASSWORD_FILE', 'POSTGRES_HOST_AUTH_METHOD']],
  },
  { image: /^mysql$/, variables: [databasePassword('MYSQL')] },
  { image: /^mariadb$/, variables: [[...databasePassword('MARIADB'), ...databasePassword('MYSQL')]] },
  {
    image: /^dpage\/pgadmin4$/,
    variables: [['PGADMIN_DEFAULT_EMAIL'], ['PGADMIN_DEFAULT_PASSWORD', 'PGADMIN_DEFAULT_PASSWORD_FILE']],
  },
  { image: /^mcr\.microsoft\.com\/mssql\/server$/, variables: [['ACCEPT_EULA'], ['MSSQL_SA_PASSWORD', 'SA_PASSWORD']] },
  { image: /^confluentinc\/cp-zookeeper$/, variables: [['ZOOKEEPER_CLIENT_PORT', 'ZOOKEEPER_SECURE_CLIENT_PORT']] },
  { image: /^confluentinc\/cp-kafka$/, variables: [['KAFKA_ZOOKEEPER_CONNECT', 'KAFKA_PROCESS_ROLES']] },
  { image: /^minio\/minio$/, command: true },
  { image: /^(?:quay\.io\/)?keycloak\/keycloak$/, command: true },
];

/** @param config what `docker compose config --format json` prints, whole, with every env_file read */
export const lackingAtStart = (config: unknown): Lacking[] =>
  Object.entries(objectOf(objectOf(config)['services'])).flatMap(([name, one]) => [
    ...lackingSettings(name, objectOf(one)),
    ...lackingSecrets(name, objectOf(one)),
    ...quotedValues(name, objectOf(one)),
  ]);

/** `- NAME="value"`: the program is given the quotes too. An address or a number with quotes is neither. */
const quotedValues = (service: string, given: JsonObject): Lacking[] =>
  Object.entries(objectOf(given['environment'])).flatMap(([variable, value]): Lacking[] => {
    const [, , inner = ''] = /^(["'])([^"'{}[\]]+)\1$/.exec(textOf(value)) ?? [];
    if (inner === '') return [];
    return [
      {
        code: 'variable-quoted',
        service,
        variable,
        text: `${variable} of ${service} begins and ends with quotes: they are part of its value`,
        hint: `write ${variable}=… without quotes, or as a key with a value`,
        ...(!/^[a-z][\w+.-]*:\/\/|^\d+$/.test(inner) && { level: 'warning' as const }),
      },
    ];
  });

/**
 * A service whose image ends at once, since it is not given what its own start asks for. Where the environment, the entrypoint or
 * the data come from elsewhere, nothing is said.
 */
function lackingSettings(name: string, service: JsonObject): Lacking[] {
  const image = textOf(service['image'])
    .replace(/@.*$/, '')
    .replace(/:[^/]*$/, '')
    .replace(/^(?:docker\.io\/)?(?:library\/)?/, '');
  const need = service['build'] === undefined ? needs.find((one) => one.image.test(image)) : undefined;
  const given = listOf(service['command']).length > 0 || textOf(service['command']) !== '';
  if (
    !need ||
    'env_file' in service ||
    listOf(service['entrypoint']).length > 0 ||
    textOf(service['entrypoint']) !== ''
  )
    return [];
  const program = imageName(image);
  const refused = (text: string, hint: string): Lacking => ({
    code: 'start-refused',
    service: name,
    text: `${name}: ${text}`,
    hint,
  });
  if (need.command === true)
    return given
      ? []
      : [refused(`${program} ends at once without a command`, 'give it its command, as its reference says')];
  // Options of the server leave its start as it is; another program takes its place.
  const [first] = [...listOf(service['command']).map(textOf), textOf(service['command'])];
  if (
    given &&
    first !== undefined &&
    first !== '' &&
    !first.startsWith('-') &&
    !/^(?:postgres|mysqld|mariadbd)\b/.test(first)
  )
    return [];
  const names = namesIn(service['environment']);
  return (need.variables ?? [])
    .filter((group) => !group.some((one) => names.includes(one)))
    .map((group) => refused(`${program} does not start without ${group[0]}`, `set one of ${group.join(', ')}`));
}

/** Files below /run/secrets that the environment names, and that no secret of the service puts there. */
function lackingSecrets(name: string, service: JsonObject): Lacking[] {
  const mounts = [
    ...listOf(service['volumes']).map((one) => textOf(objectOf(one)['target'])),
    ...listOf(service['tmpfs']).map(textOf),
  ];
  if (service['build'] !== undefined || mounts.some((one) => /^\/(?:var\/)?run(?:\/|$)/.test(one))) return [];
  const secrets = listOf(service['secrets']).map(objectOf);
  const there = secrets.map((one) => textOf(one['target']) || textOf(one['source']));
  return Object.entries(objectOf(service['environment'])).flatMap(([key, value]) => {
    const file = /^\/run\/secrets\/([^/$]+)$/.exec(textOf(value))?.[1];
    if (
      file === undefined ||
      !/_FILE$/i.test(key) ||
      there.some((one) => one === file || one === `/run/secrets/${file}`)
    )
      return [];
    return [
      {
        code: 'start-refused',
        service: name,
        text: `${name}: ${key} names /run/secrets/${file}, and ${there.length === 0 ? 'no secret is given to it' : `the secrets given to it are ${there.join(', ')}`}`,
        hint: `write secrets: [${file}] below the service`,
        variable: key,
      },
    ];
  });
}
