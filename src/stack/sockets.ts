import type { StepContext } from '../core/step.ts';
import type { ContainerSeen } from '../formats/docker/inspect.ts';
import { listeners } from '../formats/linux/proc-net.ts';

/** Container port → how it is listened on inside the container. Empty where that cannot be seen. */
export type Sockets = Record<string, 'open' | 'loopback' | 'none'>;

/**
 * Whether anything listens on these ports in the containers' own network namespaces, from the kernel's tables: a published port
 * accepts connections on the host whoever listens behind it. Nothing is said where the engine's processes are not this machine's.
 */
export async function socketsOf(
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
