import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ProcessService, StackSpec } from '../core/checklist.ts';
import { expressionsIn, fillIn } from '../core/expressions.ts';
import type { Stack, StackService } from '../core/stack.ts';
import { findGrafana, howToGetGrafana } from './find-grafana.ts';
import { poll, Unobservable, type Background, type StepContext } from '../core/step.ts';
import { askedPorts, portOf, probed } from './process-probe.ts';

/** What was seen of one host process that stands for a service. */
export interface ProcessSeen {
  name: string;
  standsFor?: string;
  argv: string[];
  url?: string;
  ports: Record<string, number>;
  /** The last thing that it got to. */
  state: 'ready' | 'taken' | 'other-server' | 'build-failed' | 'not-started' | 'exited' | 'not-ready' | 'not-reached';
  /** Who else listens on the port that its probe or its address names. */
  holder?: string;
  /** Milliseconds from its start to its first ready answer. */
  readyMs?: number;
  /** False where it ended or stopped answering while it was watched. */
  stable?: boolean;
  exit?: { code: number | null; signal: string | null };
  /** What the last probe answered, in words. */
  probe?: string;
  /** The last lines that it wrote. */
  output?: string;
  /** Literal texts of `files[].replace` that the file does not hold. */
  unused: { file: string; text: string }[];
}

export interface ProcessesObserved {
  driver: 'processes';
  stableForMs: number;
  services: ProcessSeen[];
  /** Services whose program this machine does not have, and need not have. */
  leftOut?: { name: string; why: string }[];
}

interface Running {
  seen: ProcessSeen;
  service: ProcessService;
  program: Background;
}

const pause = 150;

/** Services in an order in which each comes after those that it names in `after`. @throws Unobservable on a circle */
function ordered(services: Readonly<Record<string, ProcessService>>): [string, ProcessService][] {
  const done = new Map<string, ProcessService>();
  const visit = (name: string, path: readonly string[]): void => {
    const service = services[name];
    if (done.has(name)) return;
    if (!service)
      throw new Unobservable(
        'stack-invalid',
        `stack.processes: ${path.at(-1)} comes after ${name}, which is not there`,
      );
    if (path.includes(name))
      throw new Unobservable(
        'stack-invalid',
        `stack.processes: ${[...path, name].join(' → ')} depend on each other in a circle`,
      );
    for (const before of service.after) visit(before, [...path, name]);
    done.set(name, service);
  };
  for (const name of Object.keys(services)) visit(name, []);
  return [...done];
}

/** Programs whose services are no processes of theirs. */
const startsElsewhere =
  /(?:^|\/)(?:docker|docker-compose|podman|nerdctl|kubectl|ssh|systemctl|systemd-run|minikube|kind|limactl|multipass)$/;

/** Who listens, before the service is started, where its probe or its address will ask. */
async function heldPort(service: ProcessService, ctx: StepContext): Promise<string | undefined> {
  for (const port of askedPorts(service)) {
    const holder = await ctx.portHolder(port);
    if (holder !== undefined) return `${holder}, at port ${port}`;
  }
  return undefined;
}

/** Who answers where the probe asks, where it is no process of the service. */
async function intruderAt(one: Running, ctx: StepContext): Promise<string | undefined> {
  if (startsElsewhere.test(one.service.argv[0] ?? '')) return undefined;
  for (const port of askedPorts(one.service)) {
    const intruder = await ctx.portIntruder(port, one.program.pid);
    if (intruder !== undefined) return `${intruder}, at port ${port}`;
  }
  const { url } = one.service.ready;
  const port = url === undefined ? undefined : portOf(url);
  // What answers and does not listen here is another machine.
  return url !== undefined && (port === undefined || (await ctx.portHolder(port)) === undefined)
    ? `another machine, ${url},`
    : undefined;
}

async function waitReady(ctx: StepContext, one: Running): Promise<void> {
  const { ready } = one.service;
  await poll(ctx, {
    within: ready.within,
    every: pause,
    look: async (waited) => {
      if (!one.program.running()) {
        one.seen.state = 'exited';
        one.seen.exit = await one.program.exited;
        return;
      }
      const { ok, text } = await probed(one.service, ctx, ready.run ? 10_000 : 2000);
      one.seen.probe = text;
      // Another server may hold the port: an answer counts only while the program of this run lives, and listens there itself.
      const intruder = ok ? await intruderAt(one, ctx) : undefined;
      one.seen.state = intruder !== undefined ? 'other-server' : ok && one.program.running() ? 'ready' : 'not-ready';
      if (intruder !== undefined) one.seen.holder = intruder;
      if (one.seen.state === 'ready') one.seen.readyMs = Math.round(waited);
    },
    done: () => one.seen.state !== 'not-ready',
    waiting: (_, waited) => `${one.seen.name}: ${one.seen.probe}, ${Math.round(waited / 1000)} s`,
  });
}

/**
 * Brings the stack up as host processes: the embedded default where there is no container engine. Each service gets free ports
 * of its own (`${'${{ port.NAME }}'}`) and copies of its configuration with this run's addresses; it is up when its probe answers
 * and it is still the process that was started here.
 */
export async function processesUp(
  spec: NonNullable<StackSpec['processes']>,
  ctx: StepContext,
  options: { stableForMs: number },
): Promise<ProcessesObserved> {
  const ports = await choosePorts(spec, ctx);
  const running: Running[] = [];
  const services: ProcessSeen[] = [];
  let broken = false;
  const leftOut: { name: string; why: string }[] = [];
  for (const [name, declared] of ordered(spec)) {
    const raw = await withProgram(declared, ctx);
    if (!raw) {
      leftOut.push({ name, why: `there is no ${declared.program} on this machine: ${howToGetGrafana}` });
      continue;
    }
    const dir = ctx.evidence.scratch();
    const service = fillIn(
      raw,
      { dir: () => dir, target: () => ctx.target, port: (key) => ports.get(key)?.toString() },
      'last',
    ) as ProcessService;
    const seen: ProcessSeen = {
      name,
      argv: service.argv,
      ports: Object.fromEntries(
        [...portNames([raw.argv, raw.env, raw.ready])].map((port) => [port, ports.get(port) ?? 0]),
      ),
      state: 'not-reached',
      unused: [],
      ...(service.standsFor !== undefined && { standsFor: service.standsFor }),
      ...(service.url !== undefined && { url: service.url }),
    };
    services.push(seen);
    if (broken) continue;
    ctx.progress(`${name}: starting`);
    const held = await heldPort(service, ctx);
    if (held !== undefined) {
      Object.assign(seen, { state: 'taken', holder: held });
      broken = true;
      continue;
    }
    const one = await startService(ctx, name, service, seen, dir);
    if (one) {
      await waitReady(ctx, one);
      running.push(one);
      if (seen.state !== 'ready') seen.output = one.program.output();
    }
    broken = seen.state !== 'ready';
  }
  if (!broken) {
    await ctx.sleep(options.stableForMs);
    for (const one of running) {
      const alive = one.program.running();
      const probe = alive ? await probed(one.service, ctx, one.service.ready.run ? 10_000 : 3000) : undefined;
      const intruder = probe?.ok === true ? await intruderAt(one, ctx) : undefined;
      one.seen.stable = probe?.ok === true && intruder === undefined;
      if (probe) one.seen.probe = intruder === undefined ? probe.text : `${probe.text} by ${intruder}`;
      if (!alive) one.seen.exit = await one.program.exited;
      if (!one.seen.stable) one.seen.output = one.program.output();
    }
    ctx.publishStack(stackOf(ctx, running));
  }
  return { driver: 'processes', stableForMs: options.stableForMs, services, ...(leftOut.length > 0 && { leftOut }) };
}

/** A service with the program that was looked for; undefined where this machine does not have it. */
async function withProgram(service: ProcessService, ctx: StepContext): Promise<ProcessService | undefined> {
  if (service.program === undefined) return service;
  const found = await findGrafana(ctx);
  if (!found) return undefined;
  const home = found.home === undefined ? [] : ['--homepath', found.home];
  return { ...service, argv: [...found.argv, ...home, ...service.argv] };
}

const portNames = (value: unknown): Set<string> =>
  new Set(expressionsIn(value).flatMap(({ name }) => (name?.startsWith('port.') ? [name.slice(5)] : [])));

async function choosePorts(spec: NonNullable<StackSpec['processes']>, ctx: StepContext): Promise<Map<string, number>> {
  const ports = new Map<string, number>();
  for (const name of portNames(spec)) ports.set(name, await ctx.freePort());
  return ports;
}

async function startService(
  ctx: StepContext,
  name: string,
  service: ProcessService,
  seen: ProcessSeen,
  dir: string,
): Promise<Running | undefined> {
  const place = service.cwd === undefined ? {} : { cwd: service.cwd };
  if (service.build) {
    const built = await ctx.exec(service.build, {
      ...place,
      env: service.env,
      name: `${name}-build`,
      onLine: ctx.progress,
    });
    if (built.notStarted !== undefined) {
      // That the machine lacks what builds it is no fault of the service.
      seen.state = 'not-started';
      seen.argv = [...service.build];
      return undefined;
    }
    if (built.code !== 0) {
      seen.state = 'build-failed';
      seen.exit = { code: built.code, signal: built.signal };
      seen.output = (built.stderr || built.stdout).slice(-4000);
      return undefined;
    }
  }
  for (const file of service.files) {
    let text = await ctx.files.read(file.from);
    for (const [from, to] of Object.entries(file.replace)) {
      if (!text.includes(from)) seen.unused.push({ file: file.from, text: from });
      text = text.replaceAll(from, to);
    }
    await ctx.evidence.write(`${name}-${file.to.replaceAll('/', '-')}`, text);
    await mkdir(dirname(join(dir, file.to)), { recursive: true });
    await writeFile(join(dir, file.to), text);
  }
  try {
    const program = await ctx.background(service.argv, { ...place, env: service.env, name, kept: true });
    return { seen, service, program };
  } catch (error) {
    if (!(error instanceof Unobservable)) throw error;
    seen.state = 'not-started';
    seen.output = error.message;
    return undefined;
  }
}

function stackOf(ctx: StepContext, running: readonly Running[]): Stack {
  const services = running.map(({ seen }): StackService => ({
    name: seen.name,
    ports: seen.ports,
    ...(seen.url !== undefined && { url: seen.url }),
  }));
  const find = (name: string): Running => {
    const one = running.find(({ seen }) => seen.name === name || seen.standsFor === name);
    if (!one)
      throw new Unobservable('no-such-service', `the stack has no service ${name}`, {
        hint: `it has ${running.map(({ seen }) => seen.name).join(', ')}`,
      });
    return one;
  };
  return {
    driver: 'processes',
    startedAt: ctx.now(),
    services,
    async fault(name, how) {
      const one = find(name);
      if (how === 'disconnect')
        throw new Unobservable(
          'fault-unsupported',
          'a host process has no network of its own to be disconnected from',
          { hint: 'use stop, kill or pause, or the compose driver' },
        );
      if (how === 'pause') one.program.signal('SIGSTOP');
      else if (how === 'stop') await one.program.stop();
      else {
        one.program.signal('SIGKILL');
        await one.program.exited;
      }
    },
    async recover(name) {
      const one = find(name);
      if (one.program.running()) one.program.signal('SIGCONT');
      else
        one.program = await ctx.background(one.service.argv, {
          env: one.service.env,
          name: `${one.seen.name}-again`,
          kept: true,
          ...(one.service.cwd !== undefined && { cwd: one.service.cwd }),
        });
      await waitReady(ctx, one);
      if (one.seen.state !== 'ready')
        throw new Unobservable(
          'not-recovered',
          `${name} was started again but is ${one.seen.state}: ${one.seen.probe ?? ''}`,
        );
    },
  };
}
