import type { StackSpec } from '../core/checklist.ts';
import type { StepContext } from '../core/step.ts';
import { replicasOf, restarts, type ComposeProject, type ProjectService } from '../formats/compose/project.ts';
import type { ContainerSeen } from '../formats/docker/inspect.ts';
import type { Prepared } from './images.ts';
import { answerOf, probeOf, type Answered } from './probes.ts';
import { listeners } from '../formats/linux/proc-net.ts';

/** Container port → how it is listened on inside the container. Empty where that cannot be seen. */
type Sockets = Record<string, 'open' | 'loopback' | 'none'>;

/**
 * Whether anything listens on these ports in the containers' own network namespaces, from the kernel's tables: a published port
 * accepts connections on the host whoever listens behind it. Nothing is said where the engine's processes are not this machine's.
 */
async function socketsOf(
  ctx: StepContext,
  containers: readonly ContainerSeen[],
  ports: readonly number[],
): Promise<Sockets> {
  const sockets: Sockets = {};
  for (const { pid, id } of containers) {
    // An engine in a virtual machine has other process ids.
    const group = pid > 0 ? await ctx.files.readIfThere(`/proc/${pid}/cgroup`).catch(() => undefined) : undefined;
    if (group?.includes(id) !== true) return {};
    const tables = await Promise.all(
      ['tcp', 'tcp6'].map((table) => ctx.files.readIfThere(`/proc/${pid}/net/${table}`).catch(() => undefined)),
    );
    const open = listeners(tables.join('\n'));
    for (const port of ports) {
      const mine = open.filter((one) => one.port === port);
      const how = mine.length === 0 ? 'none' : mine.every((one) => one.loopback) ? 'loopback' : 'open';
      // The worst of all replicas counts.
      if (sockets[port] === undefined || sockets[port] === 'open') sockets[port] = how;
    }
  }
  return sockets;
}

export interface Watched {
  /** `org.verify.run=<id>`: which containers are meant. */
  label: string;
  project: ComposeProject;
  names: readonly string[];
  spec: NonNullable<StackSpec['compose']>;
  prepared: Prepared;
  /** Services that others wait for until they have ended with 0. */
  oneShots: ReadonlySet<string>;
  stableForMs: number;
}

export type ServiceState =
  | 'ready'
  | 'completed'
  | 'absent'
  | 'not-started'
  | 'exited'
  | 'crash-loop'
  | 'unhealthy'
  | 'not-ready'
  | 'unclear'
  | 'starting'
  | 'late';

export type ReplicaSeen = Pick<
  ContainerSeen,
  | 'name'
  | 'number'
  | 'state'
  | 'health'
  | 'healthLog'
  | 'exitCode'
  | 'oomKilled'
  | 'error'
  | 'restarts'
  | 'startedAt'
  | 'createdAt'
  | 'image'
>;

export interface ServiceSeen {
  name: string;
  /** As the files name it. */
  image: string;
  /** Why its image is not one that this run built, though it could be. */
  prebuilt?: string;
  imageId?: string;
  digest?: string;
  standsIn?: string;
  wanted: number;
  /** What it got to; `starting` where it was given up with another service, `late` where it had its time. */
  state: ServiceState;
  replicas: ReplicaSeen[];
  /** What the last probe answered, where there is one. */
  probe?: string;
  probeUrl?: string;
  /** Milliseconds from its start to when it was seen ready. */
  readyMs?: number;
  /** How its readiness was told. */
  by?: 'probe' | 'health' | 'listening' | 'running';
  /** Another service waits for its end, or it looks like one that is meant to end. */
  oneShot: 'declared' | 'presumed' | 'no';
  /** Exit code of a container that has since been started again. */
  lastExit?: number;
  /** False where it changed while it was watched; `broke` says how. */
  stable?: boolean;
  broke?: string;
  url?: string;
  ports: Record<string, number>;
  sockets: Sockets;
  log?: string;
}

/** Starts of a container that make a loop: the engine waits twice as long before each, so that eight take half a minute. */
export const loop = 8;

/** One look at a service: its containers, its healthcheck, its probe. */
export async function lookAt(
  ctx: StepContext,
  of: Watched,
  name: string,
  all: readonly ContainerSeen[],
  before?: ServiceSeen,
): Promise<ServiceSeen> {
  const service = of.project.services[name] ?? {};
  const mine = all.filter((one) => one.service === name);
  const probe = probeOf(name, service, of.spec);
  const serves =
    (service.ports ?? []).length > 0 ||
    (service.healthcheck?.test ?? []).length > 0 ||
    of.spec.ready[name] !== undefined;
  const one: ServiceSeen = {
    name,
    image: service.image ?? '',
    wanted: replicasOf(service),
    state: 'starting',
    replicas: mine.map(replica),
    oneShot: of.oneShots.has(name) ? 'declared' : serves || alwaysUp(service) ? 'no' : 'presumed',
    ports: mine[0]?.ports ?? {},
    sockets: {},
  };
  const lastExit = mine.find((each) => each.exitCode !== 0)?.exitCode ?? before?.lastExit;
  if (lastExit !== undefined) one.lastExit = lastExit;
  const prebuilt = of.prepared.prebuilt.get(name);
  if (prebuilt !== undefined) one.prebuilt = prebuilt;
  one.state = stateOf(service, mine, one);
  const tcp = (service.ports ?? []).filter((port) => (port.protocol ?? 'tcp') === 'tcp').map((port) => port.target);
  const port = probe?.port ?? (tcp.length === 1 ? tcp[0] : undefined);
  const base = mine[0] && baseUrl(service, mine[0], port ?? tcp[0]);
  if (base !== undefined) one.url = base;
  if (one.state !== 'ready') return one;
  one.by = mine.some((each) => each.health !== '') ? 'health' : 'running';
  if (probe) await probeAll(ctx, one, service, mine, probe, port);
  if (one.state === 'ready' && tcp.length > 0) {
    one.sockets = await socketsOf(ctx, mine, tcp);
    const open = Object.values(one.sockets);
    // A healthcheck asks from inside: what listens on the container's loopback, or on another port, answers it.
    if (open.includes('loopback') || (open.length > 0 && !open.includes('open'))) one.state = 'not-ready';
    else if (one.by === 'running' && open.includes('open')) one.by = 'listening';
  }
  if (one.state === 'ready')
    one.readyMs = before?.readyMs ?? Math.max(0, ctx.now() - Math.max(...mine.map((each) => each.startedAt)));
  return one;
}

/** Asks every replica; the first that is not ready decides. */
async function probeAll(
  ctx: StepContext,
  one: ServiceSeen,
  service: ProjectService,
  mine: readonly ContainerSeen[],
  probe: NonNullable<ReturnType<typeof probeOf>>,
  port: number | undefined,
): Promise<void> {
  let answer: Answered = {
    how: 'unclear',
    text: 'its probe has no port to ask: the compose files publish none, or several',
  };
  for (const each of mine) {
    const base = port === undefined ? undefined : baseUrl(service, each, port);
    // What is known of an image is no promise that its port is published.
    if (base === undefined && probe.builtIn) return;
    if (base === undefined) {
      answer = { how: 'unclear', text: `the port ${port ?? 'of its probe'} is not published` };
      break;
    }
    one.probeUrl = new URL(probe.path, base).href;
    answer = answerOf(probe, await ctx.http(one.probeUrl, { timeout: 3000 }));
    if (answer.how !== 'ready') break;
  }
  one.probe = answer.text;
  if (answer.how === 'unclear' && probe.builtIn && mine.every((each) => each.health === 'healthy')) return;
  one.by = 'probe';
  if (answer.how === 'ready') return;
  one.state = answer.how;
  if (port !== undefined) one.sockets = await socketsOf(ctx, mine, [port]);
}

function baseUrl(service: ProjectService, container: ContainerSeen, port: number | undefined): string | undefined {
  if (port === undefined) return undefined;
  const host = service.network_mode === 'host' ? port : container.ports[`${port}/tcp`];
  return host === undefined ? undefined : `http://127.0.0.1:${host}`;
}

const alwaysUp = (service: ProjectService): boolean =>
  /^(?:always|unless-stopped|any)/.test(service.restart ?? service.deploy?.restart_policy?.condition ?? '');

function stateOf(service: ProjectService, mine: readonly ContainerSeen[], one: ServiceSeen): ServiceState {
  if (mine.length < one.wanted) return 'absent';
  if (mine.some((each) => each.error !== '' && each.startedAt === 0)) return 'not-started';
  const ended = mine.filter((each) => each.state === 'exited' || each.state === 'dead');
  if (ended.length > 0) {
    if (one.oneShot !== 'no' && ended.every((each) => each.exitCode === 0))
      return ended.length === mine.length ? 'completed' : 'starting';
    return ended.some((each) => each.error !== '') ? 'not-started' : 'exited';
  }
  if (
    mine.some(
      (each) => each.state === 'restarting' || (each.restarts > 0 && restarts(service) && each.state !== 'running'),
    )
  )
    return 'crash-loop';
  if (mine.some((each) => each.restarts >= loop)) return 'crash-loop';
  if (mine.some((each) => each.state !== 'running')) return 'starting';
  if (mine.some((each) => each.health === 'unhealthy')) return 'unhealthy';
  if (mine.some((each) => each.health === 'starting')) return 'starting';
  return one.oneShot === 'declared' ? 'starting' : 'ready';
}

/** What is kept of a container. */
export const replica = (one: ContainerSeen): ReplicaSeen => ({
  name: one.name,
  number: one.number,
  state: one.state,
  health: one.health,
  healthLog: one.healthLog,
  exitCode: one.exitCode,
  oomKilled: one.oomKilled,
  error: one.error,
  restarts: one.restarts,
  startedAt: one.startedAt,
  createdAt: one.createdAt,
  image: one.image,
});
