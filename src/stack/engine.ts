import { Unobservable, type ExecOptions, type ExecResult, type StepContext } from '../core/step.ts';
import { containersOf, type ContainerSeen } from '../formats/docker/inspect.ts';

/** An engine that answers, and the Compose that drives it. */
export interface Engine {
  version: string;
  composeVersion: string;
  /** `docker compose`, or the stand-alone `docker-compose` of v2. */
  compose: readonly string[];
}

/** The first Compose with `!override` (release notes of docker/compose v2.24.4). */
const oldest = [2, 24, 4] as const;

/** Codes with which no container can be run here, so that `--driver auto` takes something else. */
export const notHere = new Set(
  `engine-missing engine-unsupported engine-not-answering engine-remote compose-missing
  compose-unsupported image-unavailable build-unavailable`.split(/\s+/),
);

/**
 * Finds engine and Compose.
 * @throws Unobservable with a code of `notHere`
 */
export async function findEngine(ctx: Pick<StepContext, 'exec'>): Promise<Engine> {
  const client = await ctx.exec(['docker', '--version'], { unkept: true });
  if (client.code !== 0) {
    const podman = await ctx.exec(['podman', '--version'], { unkept: true });
    throw new Unobservable(
      podman.code === 0 ? 'engine-unsupported' : 'engine-missing',
      podman.code === 0
        ? `${podman.stdout.trim()} is here, but no docker: podman compose and podman-compose are not supported`
        : 'docker is not on this machine',
      { hint: 'install Docker with Compose v2, or use --driver processes' },
    );
  }
  const shim = /podman/i.test(client.stdout + client.stderr);
  if (!shim) await refuseRemote(ctx);
  const server = shim
    ? undefined
    : await ctx.exec(['docker', 'version', '--format', '{{json .Server}}'], { unkept: true, timeout: 20_000 });
  if (shim || /Podman Engine/.test(server?.stdout ?? ''))
    throw new Unobservable(
      'engine-unsupported',
      'docker is podman here, which is not supported: its Compose keeps other names, labels and restart rules',
      {
        hint: 'use a Docker engine, or --driver processes',
      },
    );
  const version =
    /"Version":"([^"]+)","ApiVersion/.exec(server?.stdout ?? '')?.[1] ??
    /"Version":"([^"]+)"/.exec(server?.stdout ?? '')?.[1];
  if (server?.code !== 0 || version === undefined)
    throw new Unobservable(
      'engine-not-answering',
      `no container engine answers: ${lastLine(server?.stderr ?? '') || (server?.timedOut === true ? 'it did not answer within 20 s' : 'docker version says nothing')}`,
      {
        hint: /permission denied/i.test(server?.stderr ?? '')
          ? 'this user may not use the engine’s socket: `sudo usermod -aG docker $USER`, then log in anew'
          : 'start it, and see whether this user may use its socket',
      },
    );
  return { version, ...(await findCompose(ctx)) };
}

async function findCompose(ctx: Pick<StepContext, 'exec'>): Promise<Pick<Engine, 'compose' | 'composeVersion'>> {
  const seen: string[] = [];
  for (const compose of [['docker', 'compose'], ['docker-compose']]) {
    const asked = await ctx.exec([...compose, 'version'], { unkept: true, timeout: 20_000 });
    if (asked.notStarted !== undefined || asked.code !== 0) continue;
    const text = `${asked.stdout}\n${asked.stderr}`;
    const version = /v?(\d+)\.(\d+)\.(\d+)/.exec(text);
    if (/podman/i.test(text)) {
      seen.push('podman-compose');
      continue;
    }
    const parts = version?.slice(1).map(Number) ?? [];
    const at = parts.findIndex((part, n) => part !== oldest[n]);
    if (version && (at < 0 || (parts[at] ?? 0) > (oldest[at] ?? 0)))
      return { compose, composeVersion: parts.join('.') };
    seen.push(`${compose.join(' ')} ${version?.[0] ?? 'of no version'}`);
  }
  if (seen.length === 0)
    throw new Unobservable('compose-missing', 'docker compose is not on this machine', {
      hint: 'install the Compose v2 plugin (Debian 13: apt-get install docker-compose)',
    });
  throw new Unobservable(
    'compose-unsupported',
    `${seen.join(' and ')} cannot run a stack beside another: Compose ${oldest.join('.')} or newer is needed; v1 and podman-compose are not supported`,
    { hint: 'install a newer Compose v2 plugin' },
  );
}

/** Bind mounts and loopback ports of an engine on another machine are that machine's. */
async function refuseRemote(ctx: Pick<StepContext, 'exec'>): Promise<void> {
  const context = await ctx.exec(['docker', 'context', 'inspect', '--format', '{{.Endpoints.docker.Host}}'], {
    unkept: true,
  });
  const endpoint = process.env['DOCKER_HOST'] || context.stdout.trim();
  const host = /^(?:tcp|ssh|https?):\/\/(?:[^@/]*@)?(\[[^\]]*\]|[^:/]+)/.exec(endpoint)?.[1];
  if (host === undefined || /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(host)) return;
  throw new Unobservable(
    'engine-remote',
    `the engine is on another machine (${endpoint}): mounts and ports would be its own, not this machine's`,
    {
      hint: 'run verify there, or bring the stack up there and use --driver external with its addresses',
    },
  );
}

export const lastLine = (text: string): string =>
  text
    .split('\n')
    .findLast((line) => line.trim() !== '')
    ?.trim() ?? '';

/** @throws Unobservable `engine-gone` where the engine does not answer any more */
export function demandEngine(result: ExecResult): void {
  if (/Cannot connect to the Docker daemon|error during connect|docker\.sock: connect/i.test(result.stderr))
    throw new Unobservable('engine-gone', 'the container engine stopped answering while the stack was up', {
      hint: 'see the engine’s own log; run again once it is back',
    });
  if (result.timedOut)
    throw new Unobservable(
      'engine-gone',
      `the container engine did not answer in time: ${result.argv.slice(0, 3).join(' ')}`,
      {
        hint: 'see the engine’s own log',
      },
    );
}

/** `docker …`, its output not kept: inspect prints the environment. @throws Unobservable `engine-gone`, or why it was aborted */
export async function docker(
  ctx: StepContext,
  args: readonly string[],
  options: ExecOptions = {},
): Promise<ExecResult> {
  const result = await ctx.exec(['docker', ...args], { unkept: true, timeout: 30_000, ...options });
  ctx.signal.throwIfAborted();
  demandEngine(result);
  return result;
}

/** All containers with a label, ended ones too. @throws Unobservable `engine-gone` */
export async function containers(ctx: StepContext, label: string): Promise<ContainerSeen[]> {
  for (let tries = 0; ; tries++) {
    const listed = await docker(ctx, ['ps', '-aq', '--no-trunc', '--filter', `label=${label}`]);
    if (listed.code !== 0) throw new Unobservable('engine-unreadable', `docker ps: ${lastLine(listed.stderr)}`);
    const ids = listed.stdout.split('\n').filter((id) => id !== '');
    if (ids.length === 0) return [];
    const inspected = await docker(ctx, ['inspect', '--type', 'container', ...ids], { maxText: 16_000_000 });
    if (inspected.code === 0) return containersOf(inspected.stdout);
    // One that went between the two calls.
    if (tries >= 3) throw new Unobservable('engine-unreadable', `docker inspect: ${lastLine(inspected.stderr)}`);
  }
}
