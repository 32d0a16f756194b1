import { z } from 'zod';

const Container = z.object({
  Id: z.string(),
  Name: z.string(),
  Created: z.string(),
  Image: z.string(),
  RestartCount: z.number(),
  State: z.object({
    Status: z.string(),
    Pid: z.number().optional(),
    ExitCode: z.number(),
    OOMKilled: z.boolean().optional(),
    Error: z.string().optional(),
    StartedAt: z.string(),
    Health: z
      .object({ Status: z.string(), Log: z.array(z.object({ ExitCode: z.number(), Output: z.string() })).nullish() })
      .nullish(),
  }),
  Config: z.object({ Labels: z.record(z.string(), z.string()).nullish() }),
  Mounts: z
    .array(
      z.object({
        Type: z.string(),
        Name: z.string().optional(),
        Source: z.string().optional(),
        RW: z.boolean().optional(),
      }),
    )
    .nullish(),
  NetworkSettings: z.object({
    Ports: z.record(z.string(), z.array(z.object({ HostIp: z.string(), HostPort: z.string() })).nullable()).nullish(),
    Networks: z
      .record(z.string(), z.object({ NetworkID: z.string(), Aliases: z.array(z.string()).nullish() }))
      .nullish(),
  }),
});

/** A container at one moment. */
export interface ContainerSeen {
  id: string;
  name: string;
  /** The Compose service, and which of its replicas. */
  service: string;
  number: number;
  /** `created running paused restarting exited dead` */
  state: string;
  /** `starting healthy unhealthy`; empty where it has no healthcheck */
  health: string;
  /** What the last healthcheck printed, and its exit code. */
  healthLog: string;
  exitCode: number;
  oomKilled: boolean;
  /** The engine's own words where it could not be started. */
  error: string;
  restarts: number;
  /** Milliseconds since the epoch; 0 where it never started. */
  startedAt: number;
  createdAt: number;
  /** sha256:… */
  image: string;
  pid: number;
  /** `7432/tcp` → host port */
  ports: Record<string, number>;
  networks: { id: string; name: string; aliases: string[] }[];
  /** What it may write to: folders of the host, and `volume <name>`. */
  writes: string[];
}

const time = (text: string): number => {
  const value = Date.parse(text);
  return Number.isNaN(value) || value < 0 ? 0 : value;
};

/** What `docker inspect` of containers prints. @throws ZodError, SyntaxError where it is something else */
export function containersOf(json: string): ContainerSeen[] {
  return z
    .array(Container)
    .parse(JSON.parse(json))
    .map((one): ContainerSeen => {
      const labels = one.Config.Labels ?? {};
      const check = one.State.Health?.Log?.at(-1);
      return {
        id: one.Id,
        name: one.Name.replace(/^\//, ''),
        service: labels['com.docker.compose.service'] ?? '',
        number: Number(labels['com.docker.compose.container-number'] ?? 1),
        state: one.State.Status,
        health: one.State.Health?.Status === 'none' ? '' : (one.State.Health?.Status ?? ''),
        healthLog: check ? `exit ${check.ExitCode}: ${check.Output.trim().slice(-1000)}` : '',
        exitCode: one.State.ExitCode,
        oomKilled: one.State.OOMKilled === true,
        error: one.State.Error ?? '',
        restarts: one.RestartCount,
        startedAt: time(one.State.StartedAt),
        createdAt: time(one.Created),
        image: one.Image,
        pid: one.State.Pid ?? 0,
        ports: Object.fromEntries(
          Object.entries(one.NetworkSettings.Ports ?? {}).flatMap(([port, bindings]) =>
            bindings?.[0] ? [[port, Number(bindings[0].HostPort)] as const] : [],
          ),
        ),
        networks: Object.entries(one.NetworkSettings.Networks ?? {}).map(([name, network]) => ({
          id: network.NetworkID,
          name,
          aliases: (network.Aliases ?? []).filter((alias) => !one.Id.startsWith(alias)),
        })),
        writes: (one.Mounts ?? [])
          .filter((mount) => mount.RW === true)
          .map((mount) => (mount.Type === 'volume' ? `volume ${mount.Name ?? ''}` : (mount.Source ?? ''))),
      };
    })
    .toSorted((a, b) => (a.service === b.service ? a.number - b.number : a.service < b.service ? -1 : 1));
}

const Image = z.object({
  Id: z.string(),
  RepoDigests: z.array(z.string()).nullish(),
  Created: z.string(),
  Config: z.object({ Labels: z.record(z.string(), z.string()).nullish() }).nullish(),
});

export interface ImageSeen {
  id: string;
  /** `prom/prometheus@sha256:…` where it came from a registry. */
  digest: string;
  createdAt: number;
  /** Why it is a stand-in for the published image, by its labels; empty where it is not. */
  standsIn: string;
}

/** What `docker image inspect` of one image prints. */
export function imageOf(json: string): ImageSeen {
  const [image] = z.array(Image).min(1).parse(JSON.parse(json));
  if (!image) throw new Error('no image');
  const labels = image.Config?.Labels ?? {};
  const double = labels['verify.double'];
  return {
    id: image.Id,
    digest: image.RepoDigests?.[0] ?? '',
    createdAt: time(image.Created),
    standsIn:
      double !== undefined
        ? `it is a test double of ${double}`
        : labels['org.verify.local-build'] === 'true'
          ? 'it was made of programs of this machine'
          : '',
  };
}

/** Why `docker` or Compose could not do what it was told, from what it printed; undefined where it is nothing that is known. */
export function engineProblem(
  output: string,
):
  | 'engine-gone'
  | 'port-taken'
  | 'name-taken'
  | 'subnet-taken'
  | 'bind-missing'
  | 'external-missing'
  | 'disk-full'
  | undefined {
  if (
    /Cannot connect to the Docker daemon|error during connect|connection reset by peer.*docker\.sock|docker\.sock: connect/i.test(
      output,
    )
  )
    return 'engine-gone';
  if (
    /port is already allocated|address already in use|Ports are not available|failed to bind (?:host )?port/i.test(
      output,
    )
  )
    return 'port-taken';
  if (/container name "[^"]*" is already in use/i.test(output)) return 'name-taken';
  if (
    /Pool overlaps with other one|invalid pool request|all predefined address pools have been fully subnetted/i.test(
      output,
    )
  )
    return 'subnet-taken';
  if (/bind source path does not exist/i.test(output)) return 'bind-missing';
  if (
    /declared as external, but could not be found|external (?:network|volume) "[^"]*" not found|Error response from daemon: network \S+ not found/i.test(
      output,
    )
  )
    return 'external-missing';
  return /no space left on device/i.test(output) ? 'disk-full' : undefined;
}

/** Is the image refused by a registry that answered (`refused`), or could nobody be asked (`unavailable`)? */
export function pullProblem(message: string): 'refused' | 'unavailable' {
  return /manifest unknown|manifest for .* not found|: not found$|no matching manifest|invalid reference format/im.test(
    message,
  )
    ? 'refused'
    : 'unavailable';
}

/** Did a build fail since what it starts from, or fetches, could not be had here, rather than by itself? */
export function buildUnavailable(log: string): boolean {
  return /failed to do request|failed to resolve|no such host|dial tcp|i\/o timeout|TLS handshake timeout|toomanyrequests|pull access denied|network is unreachable|Could not resolve host|Temporary failure (?:in name resolution|resolving)|failed to fetch anonymous token|buildx component is missing|spurious network error/i.test(
    log,
  );
}
