import { z } from 'zod';

const Port = z.object({
  target: z.number(),
  published: z.union([z.string(), z.number()]).optional(),
  host_ip: z.string().optional(),
  protocol: z.string().optional(),
});
const Volume = z.object({
  type: z.string(),
  source: z.string().optional(),
  target: z.string(),
  read_only: z.boolean().optional(),
  bind: z.object({ create_host_path: z.boolean().optional() }).nullish(),
});
/** One service as `docker compose config` prints it, as far as it is read. */
export const ConfigService = z.object({
  image: z.string().optional(),
  build: z
    .object({
      context: z.string(),
      dockerfile: z.string().default('Dockerfile'),
      dockerfile_inline: z.string().optional(),
      target: z.string().optional(),
    })
    .nullish(),
  depends_on: z.record(z.string(), z.object({ condition: z.string().optional() })).nullish(),
  command: z.union([z.array(z.string()), z.string()]).nullish(),
  entrypoint: z.union([z.array(z.string()), z.string()]).nullish(),
  links: z.array(z.string()).nullish(),
  configs: z.array(z.object({ source: z.string(), target: z.string().optional() })).nullish(),
  secrets: z.array(z.object({ source: z.string(), target: z.string().optional() })).nullish(),
  container_name: z.string().optional(),
  restart: z.string().optional(),
  hostname: z.string().optional(),
  environment: z.record(z.string(), z.string().nullable()).nullish(),
  volumes: z.array(Volume).nullish(),
  ports: z.array(Port).nullish(),
  expose: z.array(z.union([z.string(), z.number()])).nullish(),
  networks: z.record(z.string(), z.object({ aliases: z.array(z.string()).nullish() }).nullable()).nullish(),
  network_mode: z.string().optional(),
  extra_hosts: z.unknown().optional(),
  healthcheck: z
    .object({ test: z.union([z.array(z.string()), z.string()]).nullish(), disable: z.boolean().optional() })
    .nullish(),
});
const FileSource = z
  .record(z.string(), z.object({ file: z.string().optional(), content: z.string().optional() }))
  .nullish();

/** What `docker compose config --format json` prints, as far as it is read. Published ports are strings there, `$` is doubled. */
export const ComposeConfig = z.object({
  name: z.string().optional(),
  services: z.record(z.string(), ConfigService).default({}),
  networks: z
    .record(z.string(), z.object({ external: z.unknown().optional(), internal: z.boolean().optional() }).nullable())
    .nullish(),
  configs: FileSource,
  secrets: FileSource,
});
export type ComposeConfig = z.infer<typeof ComposeConfig>;

export interface Mount {
  /** As Compose's; `config`: a file of configs: or secrets:. */
  type: string;
  /** Empty for one whose content stands in the compose file or in a variable. */
  source: string;
  target: string;
  /** The service may not write there. */
  readOnly?: true;
}

/** A service, reduced to what the checks need; of its environment only Grafana's path, so that no secret is kept. */
export interface ComposeService {
  name: string;
  image: string;
  built: boolean;
  /** Paths are absolute, or a URL. */
  build?: { context: string; dockerfile: string; inline?: string; target?: string };
  /** What its entrypoint, where one is given, and its command say. */
  command: string[];
  /** It starts by a shell or script of its own, which may write files before the program starts. */
  scripted: boolean;
  /** Variables of its environment that speak of ports and addresses → the port, or empty where the value is none. */
  portEnv: Record<string, string>;
  /** What Compose would call its first container. */
  firstContainer: string;
  containerName?: string;
  mounts: Mount[];
  published: { ip: string; port: string; protocol: string; target?: number }[];
  /** Container ports that it says it listens on. */
  listens: number[];
  networks: string[];
  aliases: string[];
  onExternalNetwork: boolean;
  /** All of its networks are internal. */
  secluded?: true;
  hostNetwork: boolean;
  /** The service whose network it shares (`network_mode: service:x`). */
  networkOf?: string;
  /** Another name that `links` gives a service → that service. */
  links: Record<string, string>;
  extraHosts: string[];
  health: string[];
  healthcheck: 'none' | 'given' | 'disabled';
  /** Services whose health it waits for before it starts. */
  waitsForHealth: string[];
  /** Services whose end it waits for. */
  waitsForEnd: string[];
  /** It is started again whenever it ends. */
  restarts?: true;
  provisioningPath: string;
}

const undollar = (text: string): string => text.replaceAll('$$', '$');

/** No other value of the environment is kept, since it may be a secret. */
export const portsOf = (environment: Readonly<Record<string, string | null>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment)
      .filter(([name]) => /port|listen|addr|bind/i.test(name))
      .map(([name, value]) => [name, /(?:^|:)(\d{1,5})$/.exec(value ?? '')?.[1] ?? '']),
  );

const wordsOf = (value: string | string[] | null | undefined): string[] =>
  (typeof value === 'string' ? value.split(/\s+/) : (value ?? [])).map(undollar);

type ConfigService = z.infer<typeof ConfigService>;

const buildOf = (build: NonNullable<ConfigService['build']>): NonNullable<ComposeService['build']> => ({
  context: undollar(build.context).replace(/(.)\/+$/, '$1'),
  dockerfile: undollar(build.dockerfile),
  ...(build.dockerfile_inline !== undefined && { inline: undollar(build.dockerfile_inline) }),
  ...(build.target !== undefined && { target: build.target }),
});

const mountsOf = (service: ConfigService, config: ComposeConfig): Mount[] => [
  ...(service.volumes ?? []).map((volume) => ({
    type: volume.type,
    source: undollar(volume.source ?? ''),
    target: undollar(volume.target).replace(/(.)\/+$/, '$1'),
    ...(volume.read_only === true && { readOnly: true as const }),
  })),
  ...(service.configs ?? []).map(({ source, target }) => ({
    type: 'config',
    source: undollar(config.configs?.[source]?.file ?? ''),
    target: target ?? `/${source}`,
  })),
  ...(service.secrets ?? []).map(({ source, target = source }) => ({
    type: 'config',
    source: undollar(config.secrets?.[source]?.file ?? ''),
    target: target.startsWith('/') ? target : `/run/secrets/${target}`,
  })),
];

/** Services for which it waits so. */
const waitsFor = (service: ConfigService, condition: string): string[] =>
  Object.entries(service.depends_on ?? {}).flatMap(([other, on]) => (on.condition === condition ? [other] : []));

export const servicesOf = (config: ComposeConfig): ComposeService[] =>
  Object.entries(config.services).map(([name, service]) => serviceOf(name, service, config));

function serviceOf(name: string, service: ConfigService, config: ComposeConfig): ComposeService {
  const networks = service.networks ?? {};
  const command = [...wordsOf(service.entrypoint), ...wordsOf(service.command)];
  const networkOf = /^service:(.+)$/.exec(service.network_mode ?? '')?.[1];
  const test = service.healthcheck?.test ?? [];
  return {
    name,
    image: service.image ?? '',
    built: service.build !== undefined && service.build !== null,
    ...(service.build && { build: buildOf(service.build) }),
    command,
    scripted: command.some((word) => /(?:^|\/)(?:ba|da|a)?sh$|\.sh$/.test(word)),
    portEnv: portsOf(service.environment ?? {}),
    firstContainer: `${config.name ?? ''}-${name}-1`,
    ...(service.container_name !== undefined && { containerName: service.container_name }),
    mounts: mountsOf(service, config),
    published: (service.ports ?? [])
      .filter((port) => port.published !== undefined && String(port.published) !== '')
      .map((port) => ({
        ip: port.host_ip ?? '0.0.0.0',
        port: String(port.published),
        protocol: port.protocol ?? 'tcp',
        target: port.target,
      })),
    listens: [...(service.ports ?? []).map((port) => port.target), ...(service.expose ?? []).map(Number)],
    networks: Object.keys(networks),
    aliases: [
      name,
      ...(service.container_name === undefined ? [] : [service.container_name]),
      ...(service.hostname === undefined ? [] : [service.hostname]),
      ...Object.values(networks).flatMap((network) => network?.aliases ?? []),
    ],
    onExternalNetwork: Object.keys(networks).some(
      (network) => config.networks?.[network]?.external !== undefined && config.networks[network]?.external !== false,
    ),
    ...(Object.keys(networks).length > 0 &&
      Object.keys(networks).every((network) => config.networks?.[network]?.internal === true) && {
        secluded: true as const,
      }),
    hostNetwork: service.network_mode === 'host',
    ...(networkOf !== undefined && { networkOf }),
    links: Object.fromEntries(
      (service.links ?? []).map((link): [string, string] => {
        const [to = '', alias = to] = link.split(':');
        return [alias, to];
      }),
    ),
    extraHosts: hostsOf(service.extra_hosts),
    health: (typeof test === 'string' ? ['CMD-SHELL', test] : test).map(undollar),
    healthcheck: service.healthcheck?.disable === true ? 'disabled' : test.length > 0 ? 'given' : 'none',
    waitsForHealth: waitsFor(service, 'service_healthy'),
    waitsForEnd: waitsFor(service, 'service_completed_successfully'),
    ...(/^(?:always|unless-stopped)$/.test(service.restart ?? '') && { restarts: true as const }),
    provisioningPath:
      service.environment?.['GF_PATHS_PROVISIONING'] ??
      (ofBitnami(service.image) ? '/opt/bitnami/grafana/conf/provisioning' : '/etc/grafana/provisioning'),
  };
}

/** Files that the configuration hands into containers as configs and secrets. */
export function filesOf(config: ComposeConfig): { kind: 'config' | 'secret'; name: string; path: string }[] {
  const of = (kind: 'config' | 'secret', map: ComposeConfig['configs']) =>
    Object.entries(map ?? {}).flatMap(([name, { file }]) =>
      file === undefined ? [] : [{ kind, name, path: undollar(file) }],
    );
  return [...of('config', config.configs), ...of('secret', config.secrets)];
}

function hostsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.map((entry) => String(entry).split(/[:=]/)[0] ?? '');
  return value !== null && typeof value === 'object' ? Object.keys(value) : [];
}

/** `grafana/grafana:11` → `grafana`. */
export const imageName = (image: string): string =>
  image
    .replace(/@.*$/, '')
    .replace(/:[^/]*$/, '')
    .split('/')
    .at(-1) ?? '';
export const isGrafana = (service: Pick<ComposeService, 'image'>): boolean =>
  /^grafana(?:-oss|-enterprise)?$/.test(imageName(service.image));
/** Bitnami's images keep their files below /opt. */
export const ofBitnami = (image = ''): boolean => /(?:^|\/)bitnami(?:legacy)?\//.test(image);
/**
 * Prometheus and Alertmanager serve below `--web.route-prefix`, by default the path of `--web.external-url`.
 * @returns `/prometheus`, or empty where they serve at the root
 */
export function routePrefix(command: readonly string[]): string {
  const words = command.join(' ');
  const flag = (name: string): string | undefined => new RegExp(`--${name}[= ]"?([^\\s"]+)`).exec(words)?.[1];
  const external = flag('web\\.external-url')?.replace(/^https?:\/\/[^/]*/, '');
  return asPrefix(flag('web\\.route-prefix') ?? external ?? '');
}
/** `am/`, `/am` → `/am`; `/` → empty. */
export const asPrefix = (path: string): string =>
  path.replace(/^\/*(.*?)\/*$/, (_, inner: string) => (inner === '' ? '' : `/${inner}`));
export const isPrometheus = (service: Pick<ComposeService, 'image'>): boolean =>
  imageName(service.image) === 'prometheus';

/** The mount that covers a path of the container: of several the deepest. */
export const mountOf = (service: ComposeService, path: string): Mount | undefined =>
  service.mounts
    .filter((one) => path === one.target || path.startsWith(one.target === '/' ? '/' : `${one.target}/`))
    .toSorted((a, b) => b.target.length - a.target.length)[0];

/** The machine, as Docker Desktop alone calls it by itself. */
export const desktopHost = 'host.docker.internal';
export const desktopHint = `add extra_hosts: ["${desktopHost}:host-gateway"] to the service`;

/** How a host name is resolved from inside a service's container. */
export type Reach = 'service' | 'self' | 'outside' | 'other-network' | 'host-network' | 'desktop-only' | 'unknown';

export function reach(
  from: ComposeService,
  host: string,
  all: readonly ComposeService[],
): { how: Reach; service?: ComposeService } {
  const by = from.networkOf === undefined ? from : (all.find((one) => one.name === from.networkOf) ?? from);
  if (host === 'localhost' || host === '127.0.0.1' || host === '::1' || host === '[::1]') {
    // Services that share one network reach each other by localhost.
    const shares = by !== from || all.some((one) => one.networkOf === from.name);
    return { how: by.hostNetwork || shares ? 'outside' : 'self' };
  }
  const found =
    all.find((service) => service.name === by.links[host]) ??
    all.find((service) => service.aliases.includes(host) || service.firstContainer === host);
  if (found && by.hostNetwork) return { how: 'outside', service: found };
  if (found?.hostNetwork === true && !by.extraHosts.includes(host)) return { how: 'host-network', service: found };
  if (found && found.networkOf === undefined) {
    const shared =
      found.networks.length === 0 ||
      by.networks.length === 0 ||
      found.networks.some((network) => by.networks.includes(network));
    return { how: shared ? 'service' : 'other-network', service: found };
  }
  if (host === desktopHost && !by.hostNetwork && !by.extraHosts.includes(host)) return { how: 'desktop-only' };
  // A name with a dot, an address, a placeholder or a name from elsewhere cannot be judged from here.
  if (found || /[.:$]/.test(host) || by.hostNetwork || by.onExternalNetwork || by.extraHosts.includes(host))
    return { how: 'outside' };
  return { how: 'unknown' };
}

const ranges = (text: string): [number, number] => {
  const [from = Number.NaN, to = from] = text.split('-').map(Number);
  return [from, to];
};

/** Pairs of services that publish the same port of the host. */
export function portConflicts(services: readonly ComposeService[]): { a: string; b: string; port: string }[] {
  const all = services.flatMap((service) => service.published.map((port) => ({ ...port, service: service.name })));
  const any = (ip: string): boolean => ip === '0.0.0.0' || ip === '' || ip === '::';
  return all.flatMap((a, n) =>
    all.slice(n + 1).flatMap((b) => {
      const [[a1, a2], [b1, b2]] = [ranges(a.port), ranges(b.port)];
      // A range of more than one port lets the engine choose a free one.
      const clash =
        (a.service !== b.service || a.target !== b.target) &&
        a.protocol === b.protocol &&
        a1 === a2 &&
        b1 === b2 &&
        a1 === b1 &&
        (a.ip === b.ip || any(a.ip) || any(b.ip));
      return clash ? [{ a: a.service, b: b.service, port: a.port }] : [];
    }),
  );
}

const filelike =
  /\.(?:ya?ml|json|toml|ini|conf|cfg|cnf|env|xml|properties|sql|sh|pem|crt|key|rules|tmpl|lua|py|js|html?|txt|md|sock)$/i;
/** Does the path name a file rather than a folder? */
export const namesFile = (path: string): boolean => filelike.test(path);
