import { distance } from '../../core/suggest.ts';
import { listOf, objectOf, textOf, type JsonObject } from '../data/json-parts.ts';
import type { Lacking } from './image-needs.ts';
import { imageName } from './model.ts';

interface Reads {
  image: RegExp;
  /** What the names of its own variables begin with. */
  own: RegExp;
  names: readonly string[];
  /** Where files may name other variables, so that nothing is certain. */
  also: RegExp;
}

const words = (text: string): string[] => text.split(/\s+/);
const initScripts = /docker-entrypoint-initdb\.d/;

// Sources: the entrypoint scripts of the images, and Grafana's conf/defaults.ini (of which these are the usual ones).
const images: readonly Reads[] = [
  {
    image: /^(?:postgres|postgis\/postgis|timescale\/timescaledb(?:-ha)?|pgvector\/pgvector)$/,
    own: /^POSTGRES_/,
    names: words(
      'POSTGRES_PASSWORD POSTGRES_USER POSTGRES_DB POSTGRES_INITDB_ARGS POSTGRES_INITDB_WALDIR POSTGRES_HOST_AUTH_METHOD',
    ),
    also: initScripts,
  },
  {
    image: /^(?:mysql|mariadb)$/,
    own: /^(?:MYSQL|MARIADB)_/,
    names: ['MYSQL', 'MARIADB'].flatMap((name) =>
      words(
        'ROOT_PASSWORD DATABASE USER PASSWORD ALLOW_EMPTY_PASSWORD ALLOW_EMPTY_ROOT_PASSWORD RANDOM_ROOT_PASSWORD ROOT_HOST',
      ).map((one) => `${name}_${one}`),
    ),
    also: initScripts,
  },
  {
    image: /^mongo$/,
    own: /^MONGO_/,
    names: words('MONGO_INITDB_ROOT_USERNAME MONGO_INITDB_ROOT_PASSWORD MONGO_INITDB_DATABASE'),
    also: initScripts,
  },
  {
    image: /^rabbitmq$/,
    own: /^RABBITMQ_/,
    names: words('RABBITMQ_DEFAULT_USER RABBITMQ_DEFAULT_PASS RABBITMQ_DEFAULT_VHOST'),
    also: /rabbitmq\.conf|definitions|\/etc\/rabbitmq/,
  },
  {
    image: /^minio\/minio$/,
    own: /^MINIO_/,
    names: words('MINIO_ROOT_USER MINIO_ROOT_PASSWORD MINIO_ACCESS_KEY MINIO_SECRET_KEY'),
    also: /\/etc\/config\.env/,
  },
  {
    image: /^grafana\/grafana(?:-oss|-enterprise)?$/,
    own: /^GF_/,
    names: words(
      `GF_INSTALL_PLUGINS GF_PLUGINS_PREINSTALL GF_PATHS_DATA GF_PATHS_LOGS GF_PATHS_PLUGINS GF_PATHS_PROVISIONING GF_PATHS_CONFIG GF_PATHS_HOME
      GF_SECURITY_ADMIN_USER GF_SECURITY_ADMIN_PASSWORD GF_SECURITY_ADMIN_EMAIL GF_SECURITY_ALLOW_EMBEDDING GF_SECURITY_SECRET_KEY
      GF_SECURITY_COOKIE_SECURE GF_SECURITY_COOKIE_SAMESITE GF_SECURITY_DISABLE_GRAVATAR GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION
      GF_AUTH_ANONYMOUS_ENABLED GF_AUTH_ANONYMOUS_ORG_ROLE GF_AUTH_ANONYMOUS_ORG_NAME GF_AUTH_BASIC_ENABLED GF_AUTH_PROXY_ENABLED
      GF_AUTH_DISABLE_LOGIN_FORM GF_AUTH_DISABLE_SIGNOUT_MENU GF_USERS_ALLOW_SIGN_UP GF_USERS_ALLOW_ORG_CREATE GF_USERS_AUTO_ASSIGN_ORG
      GF_USERS_AUTO_ASSIGN_ORG_ROLE GF_USERS_AUTO_ASSIGN_ORG_ID GF_USERS_DEFAULT_THEME GF_USERS_VIEWERS_CAN_EDIT GF_SERVER_ROOT_URL
      GF_SERVER_DOMAIN GF_SERVER_HTTP_PORT GF_SERVER_HTTP_ADDR GF_SERVER_PROTOCOL GF_SERVER_SERVE_FROM_SUB_PATH GF_SERVER_ENFORCE_DOMAIN
      GF_SMTP_ENABLED GF_SMTP_HOST GF_SMTP_USER GF_SMTP_PASSWORD GF_SMTP_FROM_ADDRESS GF_SMTP_FROM_NAME GF_SMTP_SKIP_VERIFY GF_DATABASE_TYPE
      GF_DATABASE_HOST GF_DATABASE_NAME GF_DATABASE_USER GF_DATABASE_PASSWORD GF_DATABASE_URL GF_DATABASE_PATH GF_DATABASE_SSL_MODE
      GF_ANALYTICS_REPORTING_ENABLED GF_ANALYTICS_CHECK_FOR_UPDATES GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES GF_UNIFIED_ALERTING_ENABLED
      GF_ALERTING_ENABLED GF_EXPLORE_ENABLED GF_METRICS_ENABLED GF_LOG_LEVEL GF_LOG_MODE GF_LOG_FILTERS GF_FEATURE_TOGGLES_ENABLE
      GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH GF_DASHBOARDS_MIN_REFRESH_INTERVAL GF_RENDERING_SERVER_URL GF_RENDERING_CALLBACK_URL`,
    ),
    also: /\.ini$/,
  },
];

/** Names that differ only in the word that is used for a password, a user or a database come to the same. */
const plain = (name: string): string =>
  name
    .replace(/^GF_(?=ADMIN_)/, 'GF_SECURITY_')
    .replace(/^MONGO_(?:INITDB_)?(?:ROOT_)?/, 'MONGO_')
    .replace(/^RABBITMQ_(?:DEFAULT_)?/, 'RABBITMQ_')
    .replace(/_(?:PASSWORD|PASSWD|PASS|PWD)$/, '_PASSWORD')
    .replace(/_(?:USERNAME|USER_NAME|USER|USR)$/, '_USER')
    .replace(/_(?:DATABASE|DATABASE_NAME|DB_NAME|DBNAME|DB)$/, '_DB');

/** @param config what `docker compose config --format json` prints, whole, with every env_file read */
export const unreadVariables = (config: unknown): Lacking[] =>
  Object.entries(objectOf(objectOf(config)['services'])).flatMap(([name, one]) => unreadOf(name, objectOf(one)));

function unreadOf(service: string, one: JsonObject): Lacking[] {
  const image = textOf(one['image'])
    .replace(/@.*$/, '')
    .replace(/:[^/]*$/, '')
    .replace(/^(?:docker\.io\/)?(?:library\/)?/, '');
  // Its own entrypoint, its command or its healthcheck may read any variable.
  const said = JSON.stringify([one['entrypoint'], one['command'], one['healthcheck']]);
  const mounted = [...listOf(one['volumes']), ...listOf(one['configs'])].map((each) =>
    textOf(objectOf(each)['target']),
  );
  const given = Object.keys(objectOf(one['environment']));
  if (one['build'] !== undefined) return [];
  const found = (variable: string, why: string, hint: string): Lacking => ({
    code: 'variable-unread',
    service,
    text: `${service}: ${imageName(image)} does not read ${variable}${why}`,
    hint,
    variable,
  });
  if (/^(?:redis|valkey\/valkey)$/.test(image))
    return given
      .filter((variable) => /^(?:REDIS|VALKEY)_(?:PASSWORD|PASS|REQUIREPASS)$/.test(variable))
      .filter(() => !/requirepass|\.conf|_PASS|sh\b/.test(JSON.stringify([one['entrypoint'], one['command'], mounted])))
      .map((variable) =>
        found(variable, ': the server asks for no password', `write command: redis-server --requirepass …`),
      );
  const reads = images.find((each) => each.image.test(image));
  if (!reads || mounted.some((target) => reads.also.test(target))) return [];
  return given.flatMap((variable) => {
    const bare = variable.replace(/__?FILE$/, '');
    if (!reads.own.test(bare) || reads.names.includes(bare) || said.includes(variable)) return [];
    const meant =
      reads.names.find((known) => plain(known) === plain(bare)) ??
      reads.names.find((known) => known.length > 12 && distance(bare, known, 2) <= 2);
    if (meant === undefined || given.some((other) => other.replace(/__?FILE$/, '') === meant)) return [];
    return [found(variable, `; it reads ${meant}`, `write ${meant}`)];
  });
}

/** Folders of the machine that node_exporter's flags name, and that no mount of its container has. */
export const unmountedFolders = (config: unknown): Lacking[] =>
  Object.entries(objectOf(objectOf(config)['services'])).flatMap(([service, one]) => {
    const { image, command, entrypoint, volumes, build } = objectOf(one);
    if (imageName(textOf(image)) !== 'node-exporter' || build !== undefined || listOf(entrypoint).length > 0) return [];
    const targets = listOf(volumes).map((each) => textOf(objectOf(each)['target']));
    const flags = (listOf(command).length > 0 ? listOf(command).map(textOf) : textOf(command).split(/\s+/)).join(' ');
    return [...flags.matchAll(/--(path\.(?:rootfs|procfs|sysfs|udev\.data))[= ](\/[^\s$]+)/g)].flatMap(
      ([, flag = '', path = '']): Lacking[] =>
        /^\/(?:proc|sys|run)(?:\/|$)/.test(path) ||
        targets.some((target) => `${path}/`.startsWith(target.replace(/\/*$/, '/')) || target.startsWith(`${path}/`))
          ? []
          : [
              {
                code: 'file-unmounted',
                service,
                text: `${service}: --${flag} names ${path}, and nothing is mounted there`,
                hint: `mount the machine's folder there, read-only, or take the flag away`,
              },
            ],
    );
  });
