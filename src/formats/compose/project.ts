import { stringify, YAMLSeq, type CollectionTag, type ScalarTag } from 'yaml';
import { z } from 'zod';
import { ConfigService } from './model.ts';

const external = z.unknown().optional();
/** Is a network or volume taken from outside the project? */
export const isExternal = (value: unknown): boolean => value !== undefined && value !== false && value !== null;

const Service = ConfigService.extend({
  depends_on: z.record(z.string(), z.object({ condition: z.string().optional() }).nullable()).nullish(),
  restart: z.string().nullish(),
  scale: z.number().nullish(),
  deploy: z
    .object({
      replicas: z.number().nullish(),
      restart_policy: z.object({ condition: z.string().optional() }).nullish(),
    })
    .nullish(),
  networks: z
    .record(
      z.string(),
      z
        .object({
          aliases: z.array(z.string()).nullish(),
          ipv4_address: z.string().optional(),
          ipv6_address: z.string().optional(),
        })
        .nullable(),
    )
    .nullish(),
});

/** What `docker compose config --format json` prints, as far as running it needs. */
export const ComposeProject = z.object({
  services: z.record(z.string(), Service).default({}),
  networks: z
    .record(z.string(), z.object({ name: z.string().optional(), external, ipam: z.unknown().optional() }).nullable())
    .nullish(),
  volumes: z.record(z.string(), z.object({ name: z.string().optional(), external }).nullable()).nullish(),
});
export type ComposeProject = z.infer<typeof ComposeProject>;
export type ProjectService = z.infer<typeof Service>;

/** The services that are meant and those that they depend on, each after what it depends on. Empty `wanted`: all. */
export function chosenServices(project: ComposeProject, wanted: readonly string[]): string[] {
  const chosen = new Set<string>();
  const visit = (name: string, path: readonly string[]): void => {
    const service = project.services[name];
    if (!service || chosen.has(name) || path.includes(name)) return;
    for (const other of Object.keys(service.depends_on ?? {})) visit(other, [...path, name]);
    chosen.add(name);
  };
  for (const name of wanted.length > 0 ? wanted : Object.keys(project.services)) visit(name, []);
  return [...chosen];
}

export const replicasOf = (service: ProjectService): number => service.deploy?.replicas ?? service.scale ?? 1;

/** Does the engine start the service's containers again when they end? */
export const restarts = (service: ProjectService): boolean => {
  const policy = service.restart ?? service.deploy?.restart_policy?.condition ?? 'no';
  return policy !== 'no' && policy !== 'none';
};

/** Services that another one waits for until they have ended with 0. */
export const oneShots = (project: ComposeProject): Set<string> =>
  new Set(
    Object.values(project.services).flatMap((service) =>
      Object.entries(service.depends_on ?? {})
        .filter(([, how]) => how?.condition === 'service_completed_successfully')
        .map(([name]) => name),
    ),
  );

/** What keeps services from being run beside a stack that runs already. */
export function sharedWithHost(project: ComposeProject, names: readonly string[]): { service: string; why: string }[] {
  return names.flatMap((service) => {
    const mode = project.services[service]?.network_mode ?? '';
    if (mode === 'host') return [{ service, why: 'it uses the network of the machine itself (network_mode: host)' }];
    return mode.startsWith('container:')
      ? [{ service, why: `it uses the network of a container outside the project (network_mode: ${mode})` }]
      : [];
  });
}

/** The services' environments, in which secrets may be. */
export const environmentsOf = (project: ComposeProject): Record<string, string>[] =>
  Object.values(project.services).map((service) =>
    Object.fromEntries(
      Object.entries(service.environment ?? {}).flatMap(([key, value]) =>
        value === null || value === undefined ? [] : [[key, value.replaceAll('$$', '$')]],
      ),
    ),
  );

export interface OverrideOptions {
  project: string;
  services: readonly string[];
  labels: Readonly<Record<string, string>>;
  isolate: boolean;
  /** `service target protocol` → port of the host; a port without one gets whatever the engine chooses. */
  ports: ReadonlyMap<string, number>;
  /** service → name of the image that this run builds for it */
  built: ReadonlyMap<string, string>;
}

export const portKey = (service: string, port: { target: number; protocol?: string | undefined }): string =>
  `${service} ${port.target} ${port.protocol ?? 'tcp'}`;

/**
 * The compose file that is laid over the project's own for one run: labels on all that is created, images built for the run under
 * names of their own and, isolated, no name, port, address or subnet that a stack which runs already may have.
 * `!reset` and `!override` need Compose 2.24.4 (docs.docker.com/reference/compose-file/merge).
 */
export function overrideFile(project: ComposeProject, options: OverrideOptions): string {
  const { labels, isolate } = options;
  const services = Object.fromEntries(
    options.services.map((name) => [name, serviceOverride(project, name, options)] as const),
  );
  const networks: Record<string, unknown> = { default: { labels } };
  for (const [key, network] of Object.entries(project.networks ?? {})) {
    if (isExternal(network?.external)) delete networks[key];
    else networks[key] = { labels, ...(isolate && { name: `${options.project}_${key}`, ipam: nothing }) };
  }
  const volumes: Record<string, unknown> = {};
  for (const [key, volume] of Object.entries(project.volumes ?? {}))
    if (!isExternal(volume?.external)) volumes[key] = { labels, ...(isolate && { name: `${options.project}_${key}` }) };
  return stringify(
    { services, networks, ...(Object.keys(volumes).length > 0 && { volumes }) },
    { customTags: [reset, override], aliasDuplicateObjects: false },
  );
}

/** A value that takes away what the files below have. */
const nothing = Object.freeze({ reset: true });
/** A list that replaces theirs instead of being appended. */
class Override {
  readonly items: readonly unknown[];
  constructor(items: readonly unknown[]) {
    this.items = items;
  }
}
const reset: ScalarTag = {
  tag: '!reset',
  identify: (value) => value === nothing,
  resolve: () => nothing,
  stringify: () => 'null',
};
const override: CollectionTag = {
  tag: '!override',
  collection: 'seq',
  identify: (value) => value instanceof Override,
  createNode: (schema, value, context) => YAMLSeq.from(schema, (value as Override).items, context),
};

function serviceOverride(project: ComposeProject, name: string, options: OverrideOptions): Record<string, unknown> {
  const service = project.services[name];
  const { labels, isolate } = options;
  const image = options.built.get(name);
  const own: Record<string, unknown> = {
    labels,
    ...(image !== undefined && { image }),
    ...(image !== undefined && isBuilt(service) && { build: { labels } }),
  };
  if (!service || !isolate) return own;
  // A container port that is published twice is published once.
  const ports = [...new Map((service.ports ?? []).map((port) => [portKey(name, port), port])).values()];
  const networks = service.networks ?? {};
  return {
    ...own,
    ...(service.container_name !== undefined && { container_name: nothing }),
    ...(ports.length > 0 && {
      ports: new Override(
        ports.map((port) => {
          const chosen = options.ports.get(portKey(name, port));
          return {
            target: port.target,
            host_ip: '127.0.0.1',
            protocol: port.protocol ?? 'tcp',
            ...(chosen !== undefined && { published: String(chosen) }),
          };
        }),
      ),
    }),
    ...(service.network_mode === undefined && {
      networks: Object.fromEntries(
        Object.entries(Object.keys(networks).length > 0 ? networks : { default: null }).map(([key, network]) => [
          key,
          {
            // Others may reach it by the name that it no longer has.
            ...(service.container_name !== undefined && { aliases: [service.container_name] }),
            ...(network?.ipv4_address !== undefined && { ipv4_address: nothing }),
            ...(network?.ipv6_address !== undefined && { ipv6_address: nothing }),
          },
        ]),
      ),
    }),
  };
}

export const isBuilt = (service: ProjectService | undefined): boolean =>
  service?.build !== undefined && service.build !== null;

/** What isolation takes from the project, in words: a check of theirs may rest on it. */
export function isolationNotes(project: ComposeProject, names: readonly string[]): string[] {
  return names.flatMap((name) =>
    Object.values(project.services[name]?.networks ?? {}).flatMap((network) =>
      [network?.ipv4_address, network?.ipv6_address]
        .filter((address) => address !== undefined)
        .map((address) => `${name} does not have its fixed address ${address} here`),
    ),
  );
}
