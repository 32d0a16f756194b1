import { poll, type StepContext } from '../core/step.ts';
import type { ContainerSeen } from '../formats/docker/inspect.ts';
import { logTail } from './compose-logs.ts';
import { containers, docker, lastLine } from './engine.ts';
import { inspectImage } from './images.ts';
import { lookAt, loop, replica, type ServiceSeen, type Watched } from './compose-look.ts';

const pause = 300;
/**
 * Waits until every service is ready, then watches all of them for `stableFor`.
 * @param limitMs how long to wait; 0 looks once
 * @param broken `up` has failed: what is not up yet never will be
 */
export async function watchServices(
  ctx: StepContext,
  of: Watched,
  limitMs: number,
  broken: boolean,
): Promise<ServiceSeen[]> {
  const seen = new Map<string, ServiceSeen>();
  const { waiting, failed } = await poll(ctx, {
    within: Math.min(limitMs, Math.max(0, ctx.remaining() - of.stableForMs) * 0.85),
    every: pause,
    look: async () => {
      const all = await containers(ctx, of.label);
      for (const name of of.names) seen.set(name, await lookAt(ctx, of, name, all, seen.get(name)));
      const each = [...seen.values()];
      return {
        waiting: each.filter((one) => !settled(one)),
        failed: each.some(({ state }) => state === 'exited' || state === 'not-started' || state === 'absent'),
      };
    },
    done: (now) => now.waiting.length === 0 || now.failed,
    waiting: ({ waiting: [first, ...more] }, waited) =>
      `${[first, ...more].map((one) => one?.name).join(', ')}: waiting (${first?.probe ?? first?.replicas[0]?.health ?? ''} ${first?.state ?? ''}, ${Math.round(waited / 1000)} s)`,
  });
  for (const one of waiting) {
    // What was not given its time is not judged.
    if ((failed || broken) && one.state !== 'crash-loop' && one.state !== 'unhealthy') one.state = 'starting';
    // One that has not been started yet waits for another.
    else if (one.state === 'starting' && one.replicas.every((each) => each.state !== 'created')) one.state = 'late';
  }
  const services = [...seen.values()];
  if (services.every((one) => one.state === 'ready' || one.state === 'completed')) await watch(ctx, of, services);
  for (const one of services) await complete(ctx, of, one);
  return services;
}

const settled = (one: ServiceSeen): boolean =>
  ['ready', 'completed', 'exited', 'not-started'].includes(one.state) ||
  (one.state === 'crash-loop' && one.replicas.some((replica) => replica.restarts >= loop));

/** All are ready; does each stay as it is? */
async function watch(ctx: StepContext, of: Watched, services: readonly ServiceSeen[]): Promise<void> {
  const until = performance.now() + of.stableForMs;
  for (const one of services) one.stable = true;
  while (services.every((one) => one.stable === true)) {
    const left = until - performance.now();
    ctx.progress(`all are ready; watching for ${Math.ceil(Math.max(0, left) / 1000)} s more`);
    await ctx.sleep(Math.max(0, Math.min(pause, left)));
    const all = await containers(ctx, of.label);
    for (const one of services) compare(one, all);
    if (left <= 0) break;
  }
  const all = await containers(ctx, of.label);
  for (const one of services) {
    if (one.state === 'completed' || one.stable !== true) continue;
    const again = await lookAt(ctx, of, one.name, all, one);
    if (again.probe !== undefined) one.probe = again.probe;
    if (again.state === 'ready') continue;
    one.stable = false;
    one.broke = again.probe ?? again.state;
    one.replicas = again.replicas;
  }
}

function compare(one: ServiceSeen, all: readonly ContainerSeen[]): void {
  const now = all.filter((each) => each.service === one.name);
  for (const before of one.replicas) {
    const after = now.find((each) => each.name === before.name);
    const broke = !after
      ? 'its container is gone'
      : after.state !== before.state
        ? `it is ${after.state}${after.state === 'exited' || after.state === 'restarting' ? ` (exit ${after.exitCode}${after.oomKilled ? ', out of memory' : ''})` : ''}`
        : after.restarts !== before.restarts || after.startedAt !== before.startedAt
          ? `it was started again (${after.restarts} restarts)`
          : after.health === 'unhealthy'
            ? 'its healthcheck fails'
            : undefined;
    if (broke === undefined) continue;
    one.stable = false;
    one.broke ??= broke;
    if (after && after.exitCode !== 0) one.lastExit = after.exitCode;
  }
  if (one.stable === false) one.replicas = now.map(replica);
}

/** What only the end needs: the image, and the last lines of what failed. */
async function complete(ctx: StepContext, of: Watched, one: ServiceSeen): Promise<void> {
  const id = one.replicas[0]?.image ?? of.prepared.built.get(one.name) ?? one.image;
  const image = id === '' ? undefined : await inspectImage(ctx, id);
  if (image) {
    one.imageId = image.id;
    if (image.digest !== '') one.digest = image.digest;
    if (image.standsIn !== '') one.standsIn = image.standsIn;
  }
  if ((one.state === 'ready' || one.state === 'completed') && one.stable !== false) return;
  const worst = one.replicas.find((each) => each.state !== 'running') ?? one.replicas[0];
  if (!worst) return;
  one.log = await logTail(ctx, worst.name, 40);
  if (worst.restarts === 0 || one.lastExit !== undefined) return;
  // While it runs, its last exit code is known to the engine's event log only.
  const since = String(Math.floor(worst.createdAt / 1000));
  const until = String(Math.ceil(ctx.now() / 1000) + 1);
  const filters = ['--filter', `container=${worst.name}`, '--filter', 'event=die'];
  const died = await docker(ctx, [
    'events',
    '--since',
    since,
    '--until',
    until,
    ...filters,
    '--format',
    '{{.Actor.Attributes.exitCode}}',
  ]);
  const exit = lastLine(died.stdout);
  if (/^\d+$/.test(exit)) one.lastExit = Number(exit);
}
