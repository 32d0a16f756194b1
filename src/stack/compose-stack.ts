import type { Stack, StackService } from '../core/stack.ts';
import { ms, poll, Unobservable, type StepContext } from '../core/step.ts';
import type { ContainerSeen } from '../formats/docker/inspect.ts';
import { lookAt, type ServiceSeen, type Watched } from './compose-look.ts';
import { containers, docker, lastLine } from './engine.ts';

/** Milliseconds that one fault, and one recovery beyond what readiness may take, are given. */
const faultMs = 60_000;

/** The running project, for drills: faults act on all containers of a service. */
export function composeStack(ctx: StepContext, of: Watched, services: readonly ServiceSeen[]): Stack {
  const apart = new Map<string, ContainerSeen[]>();
  const mine = async (late: StepContext, service: string): Promise<ContainerSeen[]> => {
    const found = (await containers(late, of.label)).filter((one) => one.service === service);
    if (found.length === 0)
      throw new Unobservable('no-such-service', `the stack has no service ${service}`, {
        hint: `it has ${services.map(({ name }) => name).join(', ')}`,
      });
    return found;
  };
  const act = async (late: StepContext, args: readonly string[], ids: readonly string[]): Promise<void> => {
    const result = await docker(late, [...args, ...ids], { timeout: faultMs });
    if (result.code !== 0)
      throw new Unobservable('fault-failed', `docker ${args.join(' ')}: ${lastLine(result.stderr)}`);
  };
  const prometheus = services.find((one) => /(?:^|\/)prometheus(?::|@|$)/.test(one.image))?.replicas[0];
  return {
    driver: 'compose',
    startedAt: ctx.now(),
    services: services.map(({ name, url, ports }): StackService => ({
      name,
      ports: Object.fromEntries(Object.entries(ports).map(([port, host]) => [port.replace(/\/tcp$/, ''), host])),
      ...(url !== undefined && { url }),
    })),
    async fault(service, how) {
      const late = ctx.late(faultMs);
      const found = await mine(late, service);
      const ids = found.map((one) => one.id);
      if (how !== 'disconnect') return act(late, how === 'stop' ? ['stop', '-t', '10'] : [how], ids);
      apart.set(service, found);
      for (const one of found)
        for (const network of one.networks) await act(late, ['network', 'disconnect', network.id], [one.id]);
    },
    async recover(service) {
      const limit = ms(of.spec.within);
      const late = ctx.late(limit + faultMs);
      const found = await mine(late, service);
      const inState = (...states: string[]): string[] =>
        found.filter((one) => states.includes(one.state)).map((one) => one.id);
      const paused = inState('paused');
      if (paused.length > 0) await act(late, ['unpause'], paused);
      for (const one of apart.get(service) ?? []) {
        for (const { id, aliases } of one.networks)
          await act(late, ['network', 'connect', ...aliases.flatMap((alias) => ['--alias', alias])], [id, one.id]);
      }
      apart.delete(service);
      const ended = inState('exited', 'created', 'dead');
      if (ended.length > 0) await act(late, ['start'], ended);
      const seen = await poll(late, {
        within: limit,
        every: 300,
        look: async () => lookAt(late, of, service, await containers(late, of.label)),
        done: ({ state }) => state === 'ready',
      });
      if (seen.state === 'ready') return;
      throw new Unobservable(
        'not-recovered',
        `${service} was brought back but is ${seen.state}${seen.probe === undefined ? '' : `: ${seen.probe}`}`,
      );
    },
    ...(prometheus && { promtool: (args) => ['docker', 'exec', prometheus.name, 'promtool', ...args] }),
  };
}
