import { error, type EntryKind, type Judge, type StepContext } from '../core/step.ts';
import { namesFile, type ComposeService } from '../formats/compose/model.ts';
import { composeFile, volumesOf } from '../formats/compose/written.ts';
import { derivedIfThere } from '../repository/derived.ts';
import { gitIgnores } from './build-checks.ts';
import { short } from './checks.ts';
import { madeBy } from './made-by-scripts.ts';

/** A bind mount and what lies at its source. Paths of the target are relative to it. */
export interface Bind {
  service: string;
  source: string;
  target: string;
  kind: EntryKind;
  inTarget: boolean;
  /** It is not there, and git ignores it: it is made before the stack is started. */
  ignored: boolean;
  /** It is not there, and this script or document of the repository makes it. */
  madeBy?: string;
  /** The service only reads there. */
  readOnly?: true;
}
/** Service, or service and mount target → its place in the compose files. */
export type Lines = Record<string, { file: string; line: number; lost?: string }>;

export const bindProblems = {
  'bind-missing': error(
    'The source of a bind mount is not there',
    'Docker makes an empty folder in its place: correct the path, or add the file',
  ),
  'mount-lost': error(
    'A service mounts two sources at one path',
    'Compose keeps the last: mount the other elsewhere, or take it out',
  ),
  'bind-kind': error(
    'A bind mount’s source is of the wrong kind',
    'a folder is mounted where the program reads a file',
  ),
} as const;

export async function lookAtBinds(services: readonly ComposeService[], ctx: StepContext): Promise<Bind[]> {
  const binds: Bind[] = [];
  for (const service of services) {
    for (const { source, target, readOnly } of service.mounts.filter((one) => one.type === 'bind')) {
      const kind = await ctx.files.kind(source);
      const inTarget = `${source}/`.startsWith(`${ctx.target}/`);
      const ignored = kind === 'missing' && inTarget && (await gitIgnores(source, ctx));
      const script = kind === 'missing' && inTarget && !ignored ? await madeBy(short(ctx, source), ctx) : undefined;
      binds.push({
        service: service.name,
        source: short(ctx, source),
        target,
        kind,
        inTarget,
        ignored,
        ...(readOnly === true && { readOnly }),
        ...(script !== undefined && { madeBy: script }),
      });
    }
  }
  return binds;
}

/** Where services and mount targets stand in the compose files. */
export async function linesOf(
  files: readonly string[],
  ctx: StepContext,
  services: readonly ComposeService[],
): Promise<Lines> {
  const lines: Lines = {};
  for (const file of files) {
    const written = await derivedIfThere(ctx, file, composeFile);
    for (const { name, mounts } of written ? services : []) {
      const own = written?.services[name];
      if (!written || !own) continue;
      lines[name] ??= { file, line: written.lineOf(['services', name]) };
      const volumes = volumesOf(own);
      const targets = volumes.map(({ target }) => bare(target));
      for (const [n, target] of targets.entries()) {
        const lost = volumes[targets.indexOf(target)]?.source ?? '';
        if (target === '' || targets.indexOf(target) === n || lost === volumes[n]?.source) continue;
        lines[`${name} ${target} twice`] = { file, line: written.lineOf(['services', name, 'volumes', n]), lost };
      }
      for (const { target } of mounts) {
        const n = targets.indexOf(bare(target));
        if (n >= 0) lines[`${name} ${target}`] ??= { file, line: written.lineOf(['services', name, 'volumes', n]) };
      }
    }
  }
  return lines;
}

const bare = (path: string): string => path.replace(/(?<=.)\/+$/, '');

/** Mounts of one source at one place are one cause: the first, and the other services that have it. */
function bySource(binds: readonly Bind[]): { bind: Bind; others: string[] }[] {
  const groups = new Map<string, { bind: Bind; others: string[] }>();
  for (const bind of binds) {
    const key = `${bind.source}\0${bind.target}`;
    const group = groups.get(key);
    if (group) group.others.push(bind.service);
    else groups.set(key, { bind, others: [] });
  }
  return [...groups.values()];
}

/** Is every bind mount's source there, and of the kind that the container reads? */
export function judgeBinds(
  j: Judge<typeof bindProblems>,
  binds: readonly Bind[],
  at: (key: string, service: string) => { file: string; line?: number },
  lines: Lines,
): void {
  for (const [key, { lost, ...where }] of Object.entries(lines)) {
    const [service = '', target = ''] = key.split(' ');
    if (lost !== undefined)
      j.find('mount-lost', `${service} mounts ${lost} at ${target}, and something else behind it at the same path`, {
        subject: service,
        where,
      });
  }
  let good = 0;
  const filled = (source: string): boolean => {
    const all = binds.filter((one) => one.source === source);
    return !namesFile(source) && all.some((one) => one.readOnly === true) && all.some((one) => one.readOnly !== true);
  };
  for (const { bind, others } of bySource(binds)) {
    const about = { subject: bind.service, where: at(`${bind.service} ${bind.target}`, bind.service) };
    const also = others.length === 0 ? '' : ` (also ${others.join(', ')})`;
    const what = `${bind.service} mounts ${bind.source} at ${bind.target}${also}`;
    // Paths outside the repository belong to the machine that will run it, not to this one.
    if (!bind.inTarget) {
      if (bind.kind === 'missing')
        j.find('bind-missing', `${what}, which is outside the repository and not on this machine`, {
          ...about,
          level: 'note',
        });
      continue;
    }
    const read =
      namesFile(bind.target) ||
      namesFile(bind.source) ||
      /^\/etc\/(?:prometheus|alertmanager|grafana|loki|promtail|tempo|mimir|nginx|otel|blackbox)|provisioning|dashboards|entrypoint-initdb/.test(
        bind.target,
      );
    const why = bind.ignored
      ? '; git ignores it, so that it is made before the stack is started'
      : bind.madeBy !== undefined
        ? `; ${bind.madeBy} makes it`
        : filled(bind.source)
          ? '; one service writes there what another reads'
          : '';
    if (bind.kind === 'missing' || bind.kind === 'symlink')
      j.find('bind-missing', `${what}, which is not there${why}`, {
        ...about,
        // Docker makes a folder there, and that may be meant.
        ...((why !== '' || !read) && { level: 'note' as const }),
      });
    else if (bind.kind === 'directory' && namesFile(bind.target))
      j.find('bind-kind', `${what}: a folder where a file is meant`, about);
    else if (
      bind.kind === 'file' &&
      !namesFile(bind.target) &&
      /^\/etc\/(?:prometheus|grafana\/provisioning)$|\/dashboards$/.test(bind.target)
    )
      j.find('bind-kind', `${what}: a file where a folder is meant`, about);
    else good += 1 + others.length;
  }
  if (good > 0) j.prove(`${good} bind mounts have their source, of the right kind`);
}
