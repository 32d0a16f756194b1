import type { StackSpec } from '../core/checklist.ts';
import { Judge, ms, showDuration, type ExecResult, type StepContext } from '../core/step.ts';
import { ComposeConfig, servicesOf } from '../formats/compose/model.ts';
import {
  chosenServices,
  ComposeProject,
  isolationNotes,
  oneShots,
  overrideFile,
  portKey,
  replicasOf,
  environmentsOf,
  sharedWithHost,
} from '../formats/compose/project.ts';
import { isForSwarm, refusals, takenTwice } from '../formats/compose/refusals.ts';
import { engineProblem } from '../formats/docker/inspect.ts';
import { bindProblems, judgeBinds, linesOf, lookAtBinds, type Bind, type Lines } from './bind-checks.ts';
import { lookOutside, type FromOutside } from './from-outside.ts';
import { composeStack } from './compose-stack.ts';
import { keepLogs } from './compose-logs.ts';
import type { ServiceSeen, Watched } from './compose-look.ts';
import { composeOptions, refusalIn, unsetIn } from './compose-question.ts';
import { watchServices } from './compose-watch.ts';
import { demandEngine, docker, findEngine, type Engine } from './engine.ts';
import { prepareImages, type Compose, type ImageProblem, type Prepared } from './images.ts';
import { label, removeLeftovers } from './leftovers.ts';
import { holders, type Taken } from './holders.ts';
import type { Refusal } from '../formats/compose/refusal.ts';

type Spec = NonNullable<StackSpec['compose']>;

/** What was seen of a Compose project that this run started, as far as it got. */
export interface ComposeObserved {
  driver: 'compose';
  /** Why this driver, where it was chosen. */
  chosen?: string;
  project: string;
  engine: { version: string; compose: string };
  runStartedAt: number;
  stableForMs: number;
  withinMs: number;
  isolated: boolean;
  notes: string[];
  lines: Lines;
  files: string[];
  unset: string[];
  /** Compose refused the files, in its own words. */
  refused?: string;
  /** Services that `services:` names and the files do not have. */
  unknown: string[];
  /** The files have no service to start in the profiles. */
  none: boolean;
  binds: Bind[];
  /** What the engine refuses of what Compose accepts, isolated or not. */
  refusals: Refusal[];
  forSwarm: boolean;
  /** Where `up` missed an external network or volume: which there are, and who makes them. */
  outside?: FromOutside[];
  taken: Taken[];
  images: ImageProblem[];
  /** `docker compose up` ended otherwise than with 0; `slow` where it did not finish in time. */
  up?: { problem: string; text: string };
  services: ServiceSeen[];
  /** Name of a process of the checklist → the Compose service that it stands for. */
  aliases: Record<string, string>;
  kept: boolean;
}

/** run id → a project name of its own: `verify-20261124t164529z-abc123`. */
const projectName = (runId: string): string =>
  `verify-${runId
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '')
    .replace(/z([0-9a-f]+)$/, 'z-$1')}`;

/**
 * Brings the project up in containers of its own, waits until every service is ready by health and probe, and watches it.
 * @param strict services with `build:` must be built from this tree
 * @throws Unobservable where there is no engine to do it with, or it stops answering
 */
export async function composeUp(
  spec: Spec,
  ctx: StepContext,
  options: { stableForMs: number; strict: boolean; aliases: Record<string, string> },
): Promise<ComposeObserved> {
  const engine = await findEngine(ctx);
  const name = projectName(ctx.runId);
  const compose = composeOf(spec, ctx, engine, name);
  const observed = nothingSeen(spec, ctx, engine, name, options);
  const resolved = await resolve(spec, ctx, compose, observed);
  if (!resolved) return observed;
  const { project } = resolved;
  const names = chosenServices(project, spec.services).filter(
    (service) => replicasOf(project.services[service] ?? {}) > 0,
  );
  observed.unknown = spec.services.filter((service) => !project.services[service]);
  observed.none = names.length === 0;
  if (names.length === 0 || observed.unknown.length > 0) return observed;
  observed.lines = await linesOf(spec.files, ctx, servicesOf(ComposeConfig.parse(project)));
  const started = servicesOf(ComposeConfig.parse(project)).filter((one) => names.includes(one.name));
  observed.binds = await lookAtBinds(started, ctx);
  // Docker would make a folder in the target in place of what is missing.
  const binds = new Judge(bindProblems);
  judgeBinds(binds, observed.binds, () => ({ file: '' }), {});
  if (binds.findings.some((finding) => finding.level === 'error')) return observed;
  // As the files have it: isolation takes ports, names and addresses away, and with them what `up` would refuse.
  const ending = oneShots(project);
  observed.refusals = [
    ...refusals(resolved.parsed).filter(({ service }) => service === '' || names.includes(service)),
    ...takenTwice(started.filter((one) => !ending.has(one.name))),
  ];
  observed.forSwarm = isForSwarm(resolved.parsed);
  if (observed.refusals.length > 0 && !observed.forSwarm) return observed;
  observed.taken = await holders(ctx, project, names, spec.isolate);
  if (spec.isolate) {
    for (const { service, why } of sharedWithHost(project, names))
      observed.taken.push({ what: `${service} cannot be isolated`, holder: why, service });
    observed.notes = isolationNotes(project, names);
  }
  if (observed.taken.length > 0) return observed;

  const labels = { [label.run]: ctx.runId, [label.owner]: ctx.owner, ...(ctx.keepStack && { [label.kept]: 'true' }) };
  const scratch = ctx.evidence.scratch();
  const { writeFile } = await import('node:fs/promises');
  let written = 0;
  const write = async (built: ReadonlyMap<string, string>, ports: ReadonlyMap<string, number>): Promise<string> => {
    const path = `${scratch}/override-${written++}.yml`;
    await writeFile(
      path,
      overrideFile(project, { project: name, services: names, labels, isolate: spec.isolate, ports, built }),
    );
    return path;
  };
  teardownOf(ctx, name);
  const prepared = await prepareImages(ctx, compose, spec, {
    project,
    name,
    services: names,
    strict: options.strict,
    buildFile: (built) => write(built, new Map()),
  });
  observed.images = prepared.problems;
  if (prepared.problems.length > 0) return observed;

  const began = performance.now();
  await start(spec, ctx, { ...resolved, compose, names, prepared, write, observed });
  const { stableForMs } = options;
  const own = `${label.run}=${ctx.runId}`;
  const watched: Watched = { label: own, project, names, spec, prepared, oneShots: ending, stableForMs };
  const { up } = observed;
  const left = Math.max(5000, observed.withinMs - (performance.now() - began));
  observed.services = await watchServices(ctx, watched, up ? 0 : left, up !== undefined && up.problem !== 'slow');
  ctx.publishStack(composeStack(ctx, watched, observed.services));
  return observed;
}

/** What is said of a project before anything was looked at. */
function nothingSeen(
  spec: Spec,
  ctx: StepContext,
  engine: Engine,
  name: string,
  options: { stableForMs: number; aliases: Record<string, string> },
): ComposeObserved {
  return {
    driver: 'compose',
    project: name,
    engine: { version: engine.version, compose: engine.composeVersion },
    runStartedAt: ctx.runStartedAt,
    stableForMs: options.stableForMs,
    withinMs: ms(spec.within),
    isolated: spec.isolate,
    notes: [],
    lines: {},
    files: spec.files,
    unset: [],
    unknown: [],
    none: false,
    binds: [],
    refusals: [],
    forSwarm: false,
    taken: [],
    images: [],
    services: [],
    aliases: options.aliases,
    kept: ctx.keepStack,
  };
}

function composeOf(spec: Spec, ctx: StepContext, engine: Engine, project: string): Compose {
  const base = [...engine.compose, '--progress', 'plain', '--ansi', 'never', '-p', project, ...composeOptions(spec)];
  return async (args, { files = [], name, timeout }) => {
    const result = await ctx.exec([...base, ...files.flatMap((file) => ['-f', file]), ...args], {
      env: spec.env,
      name,
      timeout,
      maxText: 8_000_000,
      unkept: args[0] === 'config',
      onLine: (line) => ctx.progress(inWords(line, project)),
    });
    ctx.signal.throwIfAborted();
    return result;
  };
}

/** ` Container verify-…-prometheus-1  Starting` → `prometheus-1: starting` */
const inWords = (line: string, project: string): string => {
  const match = /^\s*(?:(?:Container|Network|Volume)\s+)?"?(\S+?)"?\s+([A-Z][a-z]+(?: .*)?)$/.exec(line);
  const [, what = '', does = ''] = match ?? [];
  return match ? `${what.replace(`${project}-`, '').replace(`${project}_`, '')}: ${does.toLowerCase()}` : line;
};

/** Has Compose resolve the files. What is kept of it has no interpolated value; secrets in it are redacted from now on. */
async function resolve(
  spec: Spec,
  ctx: StepContext,
  compose: Compose,
  observed: ComposeObserved,
): Promise<{ project: ComposeProject; parsed: unknown } | undefined> {
  const result = await compose(['config', '--format', 'json'], { name: 'config', timeout: 60_000 });
  observed.unset = unsetIn(result.stderr);
  if (result.code !== 0) {
    observed.refused = result.notStarted ?? refusalIn(result.stderr);
    return undefined;
  }
  const parsed: unknown = JSON.parse(result.stdout);
  const project = ComposeProject.parse(parsed);
  ctx.hide(environmentsOf(project));
  const shown = await compose(['config', '--no-interpolate'], { name: 'config', timeout: 60_000 });
  if (shown.code === 0) await ctx.evidence.write('compose-config.yaml', shown.stdout);
  return { project, parsed };
}

/** Registered before the first thing is made: nothing may be left, however the run ends. */
function teardownOf(ctx: StepContext, project: string): void {
  const undo = async (): Promise<void> => {
    const late = ctx.late(55_000, { evenAborted: true });
    // Logs that cannot be had must not keep the containers from being removed.
    const unkept = await keepLogs(late, `${label.run}=${ctx.runId}`).catch((error: unknown) => error);
    if (!ctx.keepStack) {
      const left = await removeLeftovers((args) => docker(late, args), ctx.runId);
      if (left.length > 0)
        throw new Error(`left behind: ${left.join(', ')}; remove it with: verify clean --yes ${ctx.runId}`);
    }
    if (unkept instanceof Error) throw unkept;
  };
  const how = `docker compose -p ${project} down -v, or verify clean --yes ${ctx.runId}`;
  if (ctx.keepStack) ctx.teardown(`left running: ${project} (stop it with: ${how})`, undo, { kept: true });
  else ctx.teardown(`take ${project} down`, undo);
}

/** `up -d`. A port that another program took in the meantime is chosen anew once. */
async function start(
  spec: Spec,
  ctx: StepContext,
  of: {
    compose: Compose;
    project: ComposeProject;
    parsed: unknown;
    names: readonly string[];
    prepared: Prepared;
    write: (built: ReadonlyMap<string, string>, ports: ReadonlyMap<string, number>) => Promise<string>;
    observed: ComposeObserved;
  },
): Promise<void> {
  for (let tries = 0; ; tries++) {
    const ports = spec.isolate ? await choosePorts(ctx, of.project, of.names) : new Map<string, number>();
    const file = await of.write(of.prepared.built, ports);
    if (tries === 0) await ctx.evidence.write('compose-override.yaml', await ctx.files.read(file));
    // It waits for what others depend on. Time is kept back to look at what did not come up.
    const timeout = Math.min(ms(spec.within) + 5000, ctx.remaining() * 0.8);
    const result: ExecResult = await of.compose(['up', '-d', '--no-build', ...of.names], {
      files: [file],
      name: 'up',
      timeout,
    });
    if (result.code === 0) return;
    const problem = engineProblem(result.stderr);
    if (problem === 'engine-gone') demandEngine(result);
    if (problem === 'port-taken' && spec.isolate && tries === 0) continue;
    if (problem === 'external-missing')
      of.observed.outside = (await lookOutside(of.parsed, spec.files, ctx)).filter(({ kind }) => kind !== 'device');
    of.observed.up = result.timedOut
      ? { problem: 'slow', text: `docker compose up did not end within ${showDuration(timeout)}` }
      : { problem: problem ?? 'other', text: result.stderr.trim().slice(-2000) };
    return;
  }
}

async function choosePorts(
  ctx: StepContext,
  project: ComposeProject,
  names: readonly string[],
): Promise<Map<string, number>> {
  const ports = new Map<string, number>();
  for (const name of names) {
    const service = project.services[name];
    // Replicas cannot share a port: the engine then chooses one for each.
    if (!service || replicasOf(service) !== 1) continue;
    for (const port of service.ports ?? [])
      if (!ports.has(portKey(name, port))) ports.set(portKey(name, port), await ctx.freePort());
  }
  return ports;
}
