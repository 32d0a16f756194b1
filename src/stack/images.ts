import type { StackSpec } from '../core/checklist.ts';
import { Unobservable, type ExecResult, type StepContext } from '../core/step.ts';
import { isBuilt, type ComposeProject } from '../formats/compose/project.ts';
import { buildUnavailable, engineProblem, imageOf, pullProblem, type ImageSeen } from '../formats/docker/inspect.ts';
import { demandEngine, docker, lastLine } from './engine.ts';

type Spec = NonNullable<StackSpec['compose']>;

/** Runs `docker compose …` on the project's files. */
export type Compose = (
  args: readonly string[],
  options: { files?: readonly string[]; name: string; timeout: number },
) => Promise<ExecResult>;

export interface ImageProblem {
  service: string;
  image: string;
  how: 'refused' | 'build-failed';
  message: string;
  detail: string;
}
export interface Prepared {
  /** service → image that this run built for it */
  built: Map<string, string>;
  /** Services with `build:` whose image was not built by this run, and why. */
  prebuilt: Map<string, string>;
  problems: ImageProblem[];
}

export async function inspectImage(ctx: StepContext, name: string): Promise<ImageSeen | undefined> {
  const result = await docker(ctx, ['image', 'inspect', name]);
  return result.code === 0 ? imageOf(result.stdout) : undefined;
}

/**
 * Builds what has a `build:` under names of this run and pulls what is missing.
 * @param strict nothing but the tree's own build will do for services with `build:`
 * @throws Unobservable `image-unavailable`, `build-unavailable` where an image can neither be made nor had here
 */
export async function prepareImages(
  ctx: StepContext,
  compose: Compose,
  spec: Spec,
  of: {
    project: ComposeProject;
    name: string;
    services: readonly string[];
    strict: boolean;
    buildFile: (built: ReadonlyMap<string, string>) => Promise<string>;
  },
): Promise<Prepared> {
  const { project, services } = of;
  const prepared: Prepared = { built: new Map(), prebuilt: new Map(), problems: [] };
  const declared = (service: string): string => project.services[service]?.image ?? `${of.name}-${service}`;
  const toPull = services.filter((service) => !isBuilt(project.services[service]));
  const toBuild = services.filter((service) => isBuilt(project.services[service]));
  // Another service may use the image that one builds.
  const made = new Set(toBuild.map(declared));
  for (const service of toPull) {
    const image = declared(service);
    if (!made.has(image) && !(await inspectImage(ctx, image))) await pull(ctx, compose, service, image, prepared);
  }
  const renamed = new Map<string, string>();
  for (const service of toBuild) {
    const image = declared(service);
    const there = await inspectImage(ctx, image);
    if (spec.build === 'never' || (spec.build === 'missing' && there)) {
      if (!there)
        throw new Unobservable(
          'image-unavailable',
          `${image} of ${service} is not on this machine, and is not to be built (build: never)`,
          { hint: 'build it beforehand' },
        );
      prepared.prebuilt.set(service, `build: ${spec.build}`);
      continue;
    }
    const own = `${of.name}-${service}`;
    ctx.progress(`${service}: building`);
    const file = await of.buildFile(new Map([[service, own]]));
    const result = await compose(['build', service], {
      files: [file],
      name: `${service}-build`,
      timeout: ctx.remaining() * 0.8,
    });
    if (result.code === 0) {
      prepared.built.set(service, own);
      renamed.set(image, own);
      continue;
    }
    demandEngineOnly(result);
    const log = `${result.stdout}\n${result.stderr}`;
    const message = lastLine(log);
    if (!buildUnavailable(log) && !result.timedOut) {
      prepared.problems.push({ service, image, how: 'build-failed', message, detail: log.trim().slice(-3900) });
      continue;
    }
    const why = result.timedOut
      ? 'building it took too long'
      : `it cannot be built here: ${message.replace(/^.*failed to do request: /, '').slice(-300)}`;
    if (!there || of.strict)
      throw new Unobservable('build-unavailable', `${image} of ${service}: ${why}`, {
        hint: 'give the engine what the build starts from (base images, network), or use --driver processes',
      });
    prepared.prebuilt.set(service, why);
  }
  for (const service of toPull) {
    const own = renamed.get(declared(service));
    if (own !== undefined) prepared.built.set(service, own);
  }
  return prepared;
}

/** @throws Unobservable `image-unavailable` where nobody can be asked for it */
async function pull(
  ctx: StepContext,
  compose: Compose,
  service: string,
  image: string,
  prepared: Prepared,
): Promise<void> {
  ctx.progress(`${service}: pulling ${image}`);
  const pulled = await compose(['pull', service], { name: `${service}-pull`, timeout: ctx.remaining() * 0.7 });
  if (pulled.code === 0) return;
  demandEngineOnly(pulled);
  const message = lastLine(pulled.stderr).replace(/^Error response from daemon: /, '');
  if (pullProblem(message) === 'unavailable' || pulled.timedOut)
    throw new Unobservable(
      'image-unavailable',
      `${image} of ${service} is not on this machine and cannot be pulled: ${pulled.timedOut ? 'it took too long' : message}`,
      {
        hint: 'pull or build it beforehand, log in to its registry, or see whether its name is right',
      },
    );
  prepared.problems.push({ service, image, how: 'refused', message, detail: pulled.stderr.slice(-3000) });
}

/** A pull or build that ran out of time says nothing of the engine. */
function demandEngineOnly(result: ExecResult): void {
  if (engineProblem(result.stderr) === 'engine-gone') demandEngine(result);
}
