import type { StepContext } from '../core/step.ts';
import { isExternal, replicasOf, type ComposeProject } from '../formats/compose/project.ts';
import { containersOf, type ContainerSeen } from '../formats/docker/inspect.ts';
import { docker } from './engine.ts';

/** Something that the project needs for itself and somebody else has. */
export interface Taken {
  service: string;
  what: string;
  holder: string;
}

/** Folders that many containers write to without getting into each other's way. */
const common = /^\/(?:$|etc(?:\/|$)|proc|sys|dev|run|var\/(?:run|log|lib\/docker)(?:\/|$)|tmp$)/;

/**
 * Who has what the project would take: folders that a running container writes to, and, without isolation, names of containers,
 * networks and volumes, and ports of this machine.
 */
export async function holders(
  ctx: StepContext,
  project: ComposeProject,
  names: readonly string[],
  isolate: boolean,
): Promise<Taken[]> {
  const others = await running(ctx);
  const taken: Taken[] = [];
  for (const service of names) {
    for (const mount of project.services[service]?.volumes ?? []) {
      const source = mount.source ?? '';
      const volume = mount.type === 'volume' ? project.volumes?.[source] : undefined;
      if (volume && isExternal(volume.external) && mount.read_only !== true) {
        const holder = others.find((one) => one.writes.includes(`volume ${volume.name ?? source}`));
        if (holder)
          taken.push({
            service,
            what: `the volume ${volume.name ?? source}, which it writes to`,
            holder: `the container ${holder.name}`,
          });
      }
      if (mount.type !== 'bind' || mount.read_only === true || common.test(source)) continue;
      const holder = others.find((one) => one.writes.includes(source));
      if (holder && (await ctx.files.kind(source)) === 'directory')
        taken.push({
          service,
          what: `the folder ${source}, which it writes to`,
          holder: `the container ${holder.name}`,
        });
    }
  }
  if (isolate) return taken;
  for (const service of names) {
    const spec = project.services[service];
    const name = spec?.container_name;
    if (name !== undefined && (await there(ctx, 'container', name)))
      taken.push({ service, what: `the name ${name}`, holder: `a container of that name (docker inspect ${name})` });
    if (!spec || replicasOf(spec) === 0) continue;
    for (const port of spec.ports ?? []) {
      const published = Number(port.published);
      if (!Number.isInteger(published) || published === 0 || port.protocol === 'udp') continue;
      const container = others.find((one) => Object.values(one.ports).includes(published));
      const holder = container ? `the container ${container.name}` : await ctx.portHolder(published);
      if (holder !== undefined) taken.push({ service, what: `the port ${published}`, holder });
    }
  }
  for (const [kind, list] of [
    ['network', project.networks],
    ['volume', project.volumes],
  ] as const) {
    for (const entry of Object.values(list ?? {})) {
      if (entry?.name !== undefined && !isExternal(entry.external) && (await there(ctx, kind, entry.name)))
        taken.push({
          service: '',
          what: `the ${kind} ${entry.name}`,
          holder: `a ${kind} of that name (docker ${kind} inspect ${entry.name})`,
        });
    }
  }
  return taken;
}

const there = async (ctx: StepContext, kind: 'container' | 'network' | 'volume', name: string): Promise<boolean> =>
  (await docker(ctx, [kind, 'inspect', '--format', '{{.Name}}', name])).code === 0;

async function running(ctx: StepContext): Promise<ContainerSeen[]> {
  const ids = (await docker(ctx, ['ps', '-q', '--no-trunc'])).stdout.split('\n').filter((id) => id !== '');
  if (ids.length === 0) return [];
  // One that went between the two calls makes the code 1; the others are there all the same.
  const { stdout } = await docker(ctx, ['inspect', '--type', 'container', ...ids], { maxText: 64_000_000 });
  return containersOf(stdout);
}
