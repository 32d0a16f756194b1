import { z } from 'zod';
import { defineStep, Duration, Judge, ms, showDuration, Unobservable, type StepContext } from '../../core/step.ts';
import type { ComposeObserved } from '../../stack/compose.ts';
import { judgeCompose } from '../../stack/compose-judge.ts';
import { notHere } from '../../stack/engine.ts';
import type { ExternalObserved } from '../../stack/external.ts';
import type { ProcessesObserved, ProcessSeen } from '../../stack/processes.ts';
import { upProblems as problems } from '../../stack/up-problems.ts';

const params = z.strictObject({
  stableFor: Duration.default('3s').describe(
    'how long every service must stay up, without a restart, once all are ready',
  ),
});
type Params = z.infer<typeof params>;
type Observed = (ProcessesObserved & { chosen?: string }) | ComposeObserved | ExternalObserved;

/**
 * Compose where an engine answers and every image can be had or built here, else host processes, else the addresses of a stack that
 * somebody else runs.
 */
async function gather(p: Params, ctx: StepContext): Promise<Observed> {
  const { driver, stackSpec: spec = {} } = ctx;
  const options = { stableForMs: ms(p.stableFor) };
  const processes = async (): Promise<Observed | undefined> =>
    spec.processes && (await import('../../stack/processes.ts')).processesUp(spec.processes, ctx, options);
  const external = async (): Promise<Observed | undefined> =>
    spec.external && (await import('../../stack/external.ts')).externalUp(spec.external, ctx, options);
  const compose = async (strict: boolean): Promise<Observed | undefined> => {
    if (!spec.compose) return undefined;
    const aliases = Object.entries(spec.processes ?? {}).map(([name, { standsFor }]) => [name, standsFor ?? name]);
    const { composeUp } = await import('../../stack/compose.ts');
    return composeUp(spec.compose, ctx, {
      ...options,
      strict,
      aliases: Object.fromEntries(aliases) as Record<string, string>,
    });
  };
  const auto = async (): Promise<Observed | undefined> => {
    if (!spec.processes) return (await compose(false)) ?? external();
    try {
      const up = await compose(true);
      return up ? { ...up, chosen: 'a container engine answers, and every image is here' } : await processes();
    } catch (error) {
      if (!(error instanceof Unobservable) || !notHere.has(error.code)) throw error;
      const up = await processes();
      return up && { ...up, chosen: error.message };
    }
  };
  const up = await { auto, processes, external, compose: () => compose(false) }[driver]();
  if (up) return up;
  throw new Unobservable('no-stack', `the checklist's stack has no \`${driver}\` part`, {
    hint: 'add it under `stack:`, or choose another --driver',
  });
}

export default defineStep<Params, Observed>({
  kind: 'stack/up',
  summary: 'The stack runs, is ready by its own probes, and stays so.',
  description: `Brings up what the checklist's \`stack:\` describes, with the driver that \`--driver\` names: \`compose\`, \`processes\`, \`external\` (a stack that somebody else runs, by its addresses), or \`auto\`: Compose where an engine answers and every image can be had and built here, else host processes; a note says why.

A service is up when its healthcheck and its readiness probe say so *and* it is the process or container that this run started; then all are watched for \`stableFor\`: running, not started again, healthy, still answering. \`docker compose up --wait\` is not relied on: it passes a crash loop. All replicas are looked at; a service that ends with 0 is taken for a one-shot where another waits for that, or where nothing says that it is meant to stay.

With Compose, everything bears the run's id as a label and a project name of its own. \`isolate\` (the default) also takes container names, host ports, explicit names of volumes and networks, addresses and subnets away by an override file, which is kept as evidence, so that a stack that runs already is not touched. Without it, a name or port that is taken is inconclusive and its holder named. Services with \`build:\` are built under a name of the run (\`build: missing\` or \`never\` to use what is there); where that cannot be done and an image is there under the declared name, it is used and the run's fidelity is *reduced*. Stand-ins are marked too: host processes, images made of this machine's programs, test doubles.

Evidence: the configuration without interpolated values, the override, what \`up\`, \`build\` and \`pull\` printed, and every service's log (redacted; the last 20,000 lines; compressed above 1 MB). Whatever happens, the stack is taken down at the end, with the volumes that this run created (\`--keep\` leaves it up and says how to stop it); after a kill the next run does it, or \`verify clean\`.

Needs Compose 2.24.4 or newer and an engine on this machine. Compose v1, podman and engines on other machines are recognised and said to be unsupported. Later steps find the addresses as facts: \`\${{ facts.stack.prometheus.url }}\`.`,
  example: `- id: stack
  uses: stack/up
  with: { stableFor: 5s }`,
  params,
  facts: {
    'stack.driver': 'processes, compose or external',
    'stack.services': 'services that are up',
    'stack.<service>.url': 'base URL of the service, as reached from this machine',
    'stack.<service>.port.<name>': 'port on this machine',
    'stack.engine': 'version of the container engine',
    'stack.compose': 'version of Compose',
    'stack.project': 'name of the Compose project of this run',
    'stack.<service>.image': 'the image as the compose files name it',
    'stack.<service>.imageId': 'sha256 of the image that its containers run',
    'stack.<service>.digest': 'the image’s digest in its registry, where it came from one',
    'stack.<service>.readyMs': 'milliseconds from its start to its first ready answer',
  },
  problems,
  timeout: '10m',
  locks: () => ['stack'],
  plan: (p) => [
    `brings up the checklist's stack, waits for every readiness probe, watches it for ${p.stableFor}; takes it down at the end`,
  ],
  gather,
  judge(_, observed) {
    const j = new Judge(problems);
    j.fact('stack.driver', observed.driver);
    if (observed.chosen !== undefined)
      j.find('driver-chosen', `the driver is ${observed.driver}: ${observed.chosen}`, { subject: observed.driver });
    switch (observed.driver) {
      case 'compose':
        judgeCompose(j, observed);
        break;
      case 'external':
        judgeExternal(j, observed);
        break;
      case 'processes':
        for (const { name, why } of observed.leftOut ?? [])
          j.find('service-left-out', `${name} is not started: ${why}`, { subject: name });
        for (const service of observed.services) judgeProcess(j, service, observed.stableForMs);
        j.fact('stack.services', observed.services.filter((s) => s.stable === true).length);
        if (observed.services.length > 0)
          j.reduced(`host processes stand for the containers: ${observed.services.map((one) => one.name).join(', ')}`);
    }
    return j.done();
  },
});

function judgeExternal(j: Judge<typeof problems>, { services, stableForMs }: ExternalObserved): void {
  j.fact('stack.services', services.filter((one) => one.stable).length);
  for (const one of services) {
    const about = { subject: one.name };
    // Whether it is down, or not to be reached from here, cannot be told.
    if (!one.reached) j.find('unreachable', `${one.name} does not answer at ${one.asked}: ${one.text}`, about);
    else if (!one.ready) j.find('not-ready', `${one.name} is not ready: ${one.asked}: ${one.text}`, about);
    else if (one.stable) {
      j.prove(`${one.name} answers at ${one.asked} (${one.text}), also after ${showDuration(stableForMs)}`);
      j.fact(`stack.${one.name}.url`, one.url.replace(/\/+$/, ''));
    } else if (services.every((each) => each.ready))
      j.find('unstable', `${one.name} was ready, then answered ${one.text}`, about);
  }
}

function judgeProcess(j: Judge<typeof problems>, seen: ProcessSeen, stableForMs: number): void {
  const { name } = seen;
  const about = { subject: name, ...(seen.output !== undefined && seen.output !== '' && { detail: seen.output }) };
  for (const { file, text } of seen.unused)
    j.find('replacement-unused', `${file} does not hold ${JSON.stringify(text)}`, { subject: name, where: { file } });
  const end = seen.exit ? (seen.exit.signal ?? `exit ${seen.exit.code}`) : '';
  switch (seen.state) {
    case 'build-failed':
      j.find('build-failed', `${name} could not be built: ${end}`, about);
      return;
    case 'not-started':
      j.find('not-started', `${name} could not be started: ${seen.argv[0]}`, about);
      return;
    case 'exited':
      j.find('service-exited', `${name} ended (${end}) before it was ready`, about);
      return;
    case 'not-ready':
      j.find('not-ready', `${name} is not ready: ${seen.probe ?? 'no answer'}`, about);
      return;
    case 'taken':
      j.find('taken', `${name} was not started: its address belongs to ${seen.holder}`, {
        ...about,
        hint: 'stop that, or use a port of the run: ${{ port.NAME }}',
      });
      return;
    case 'other-server':
      j.find('taken', `${seen.holder} answers at the address of ${name}`, {
        ...about,
        hint: 'stop that, or use a port of the run: ${{ port.NAME }}',
      });
      return;
    case 'not-reached':
      return;
    case 'ready':
  }
  // Another service kept the stack from coming up: nobody watched whether this one stayed so.
  if (seen.stable === undefined) return;
  j.check(
    seen.stable,
    `${name} was ready after ${showDuration(seen.readyMs ?? 0)} (${seen.probe}) and stayed so for ${showDuration(stableForMs)}`,
    'unstable',
    seen.exit ? `${name} was ready, then ended (${end})` : `${name} was ready, then answered ${seen.probe}`,
    about,
  );
  if (seen.url !== undefined) j.fact(`stack.${name}.url`, seen.url);
  for (const [port, number] of Object.entries(seen.ports)) j.fact(`stack.${name}.port.${port}`, number);
  if (seen.readyMs !== undefined) j.fact(`stack.${name}.readyMs`, seen.readyMs);
}
