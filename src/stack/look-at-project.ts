import type { ExecResult, StepContext } from '../core/step.ts';
import { composeFile, projectAsWritten } from '../formats/compose/written.ts';
import { ComposeConfig, filesOf, servicesOf, type ComposeService } from '../formats/compose/model.ts';
import { isForSwarm, refusals } from '../formats/compose/refusals.ts';
import { lackingAtStart, type Lacking } from '../formats/compose/image-needs.ts';
import { unmountedFolders, unreadVariables } from '../formats/compose/image-variables.ts';
import { wrongAddresses, type WrongAddress } from '../formats/compose/given-addresses.ts';
import { derivedIfThere } from '../repository/derived.ts';
import { linesOf, lookAtBinds, type Bind, type Lines } from './bind-checks.ts';
import { lookAtBuilds, type SeenBuild, type SeenFile } from './build-checks.ts';
import { short, type Around } from './checks.ts';
import { lookAtContainers, noContainers, type SeenContainers } from './containers.ts';
import { lookOutside, type FromOutside } from './from-outside.ts';
import { lookAtPrograms, noPrograms, type SeenPrograms } from './programs.ts';
import { lookAtUnsetMounts, type UnsetMount } from './unset-mounts.ts';
import type { Refusal } from '../formats/compose/refusal.ts';
import { posix } from 'node:path';
import { jsonOf, listOf, textOf } from '../formats/data/json-parts.ts';

/** What a Compose project's services would find and reach, as far as its files and the repository show. */
export interface SeenProject {
  services: ComposeService[];
  binds: Bind[];
  builds: SeenBuild[];
  files: SeenFile[];
  /** What the engine refuses of what Compose accepts. */
  refusals: Refusal[];
  /** What programs need at their start and are not given. */
  lacking: Lacking[];
  /** What services are given as the address of another, and what is not so. */
  addresses: WrongAddress[];
  forSwarm: boolean;
  outside: FromOutside[];
  containers: SeenContainers;
  programs: SeenPrograms;
  elsewhere: Around['elsewhere'];
  overlaid: Around['overlaid'];
  unsetMounts: UnsetMount[];
  /** Line of each service in the first compose file that has it, and of mount targets. */
  lines: Lines;
}

export const nothingSeen: SeenProject = {
  services: [],
  binds: [],
  builds: [],
  files: [],
  refusals: [],
  lacking: [],
  addresses: [],
  forSwarm: false,
  outside: [],
  programs: noPrograms,
  lines: {},
  containers: noContainers,
  elsewhere: {},
  overlaid: {},
  unsetMounts: [],
};

interface Resolved {
  parsed: unknown;
  config: ComposeConfig;
}

/** One refusal must not hide what else is wrong: resolved once more without the check that refused, else as the files have it. */
export async function behindTheRefusal(
  files: readonly string[],
  resolveLeniently: () => Promise<ExecResult>,
  ctx: StepContext,
): Promise<Resolved | undefined> {
  const lenient = await resolveLeniently();
  if (lenient.code === 0) {
    // Compose without that option prints something else.
    const parsed = jsonOf(lenient.stdout);
    const config = ComposeConfig.safeParse(parsed);
    if (config.success) return { parsed, config: config.data };
  }
  const read = await Promise.all(files.map((file) => derivedIfThere(ctx, file, composeFile)));
  const folder = ctx.files.absolute(files[0] ?? '').replace(/\/[^/]*$/, '');
  const parsed = projectAsWritten(
    read.filter((one) => one !== undefined),
    folder,
  );
  const config = ComposeConfig.safeParse(parsed);
  return config.success ? { parsed, config: config.data } : undefined;
}

/** What the services of a project would find and reach. */
export async function lookAtProject(
  { parsed, config }: Resolved,
  files: readonly string[],
  unset: readonly string[],
  ctx: StepContext,
): Promise<SeenProject> {
  const services = servicesOf(config);
  const handed: SeenFile[] = [];
  for (const one of filesOf(config))
    handed.push({
      ...one,
      path: short(ctx, one.path),
      there: (await ctx.files.kind(one.path)) === 'file',
      inTarget: `${one.path}/`.startsWith(`${ctx.target}/`),
    });
  const written = await Promise.all(files.map((file) => derivedIfThere(ctx, file, composeFile)));
  const writes = (service: string, variable: string): boolean =>
    !written.some((file) => file && service in file.services) ||
    written.some((file) => JSON.stringify(file?.services[service] ?? '').includes(variable));
  return {
    services: services.map((service) => ({
      ...service,
      ...(service.build && { build: { ...service.build, context: short(ctx, service.build.context) } }),
      mounts: service.mounts.map((mount) => ({ ...mount, source: short(ctx, mount.source) })),
    })),
    binds: await lookAtBinds(services, ctx),
    builds: await lookAtBuilds(services, ctx),
    files: handed,
    refusals: refusals(parsed),
    lacking: [...lackingAtStart(parsed), ...unreadVariables(parsed), ...unmountedFolders(parsed)].filter(
      ({ service, variable }) => variable === undefined || writes(service, variable),
    ),
    addresses: wrongAddresses(parsed),
    forSwarm: isForSwarm(parsed),
    outside: await lookOutside(parsed, files, ctx),
    containers: await lookAtContainers(services, config, files[0] ?? '', ctx),
    unsetMounts: await lookAtUnsetMounts(files, unset, ctx),
    programs: await lookAtPrograms(services, config, files[0] ?? '', ctx),
    ...(await lookElsewhere(files, services, ctx)),
    lines: await linesOf(files, ctx, services),
  };
}

/** Compose files of one repository that are looked at for services of other stacks. */
const maxFiles = 300;

/**
 * Services that other compose files of the repository declare, or a profile that is off, and that the resolved configuration does
 * not have. Files of one folder are one project to Compose, and share its default network; any of them may be given with a second -f.
 */
async function lookElsewhere(
  files: readonly string[],
  services: readonly ComposeService[],
  ctx: StepContext,
): Promise<Pick<Around, 'elsewhere' | 'overlaid'>> {
  const overlaid: Record<string, string[]> = {};
  const found: Record<string, { file: string; profiles: string[]; beside: boolean }> = {};
  const folder = posix.dirname(files[0] ?? '');
  const beside = (await ctx.files.list(folder === '.' ? ctx.target : folder))
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => posix.join(folder, name));
  const others = (await ctx.files.glob(['**/*{compose,stack,docker,overlay,override}*.{yml,yaml}'])).slice(0, maxFiles);
  for (const file of new Set([...files, ...beside, ...others])) {
    const text = (await ctx.files.readIfThere(file)) ?? '';
    if (!/^["']?services["']?\s*:/m.test(text)) continue;
    for (const [name, service] of Object.entries((await derivedIfThere(ctx, file, composeFile))?.services ?? {})) {
      const profiles = files.includes(file) ? listOf(service['profiles']).map(textOf) : [];
      // Without an image it is no service of its own: it is laid over this one, for some people.
      if (!files.includes(file) && beside.includes(file) && !('image' in service) && !('build' in service))
        overlaid[name] = [...(overlaid[name] ?? []), ...Object.keys(service)];
      for (const alias of [name, textOf(service['container_name'])])
        if (alias !== '' && !services.some((other) => other.name === name))
          found[alias] ??= { file, profiles, beside: files.includes(file) || beside.includes(file) };
    }
  }
  return { elsewhere: found, overlaid };
}
