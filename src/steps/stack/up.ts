import { z } from 'zod';
import { Duration, ms, showDuration } from '../../core/duration.ts';
import { Unobservable } from '../../core/errors.ts';
import { Judge } from '../../core/judgement.ts';
import { defineStep, type Driver, type StepContext } from '../../core/step.ts';
import type { ProcessesObserved, ProcessSeen } from '../../stack/processes.ts';

const params = z.strictObject({
  stableFor: Duration.default('3s').describe(
    'how long every service must stay up, without a restart, once all are ready',
  ),
});
type Params = z.infer<typeof params>;
type Observed = ProcessesObserved;

const problems = {
  'build-failed': { level: 'error', title: 'A service could not be built', hint: 'read the end of the build’s output' },
  'service-exited': { level: 'error', title: 'A service ended by itself', hint: 'read its last lines' },
  'not-ready': {
    level: 'error',
    title: 'A service runs but does not get ready',
    hint: 'read its last lines, and see whether the probe asks the right address',
  },
  unstable: { level: 'error', title: 'A service was ready and did not stay so', hint: 'read its last lines' },
  'not-started': {
    level: 'inconclusive',
    title: 'A service’s program could not be started',
    hint: 'install it, or correct its name',
  },
  'replacement-unused': {
    level: 'warning',
    title: 'A text that was to be replaced is not in the file',
    hint: 'the file has changed: see whether it still holds the addresses that the checklist replaces',
  },
} as const;

/** The driver that is meant where the user named none: host processes where the checklist has them. */
function choose(ctx: StepContext): Exclude<Driver, 'auto'> {
  const { driver, stackSpec: spec } = ctx;
  if (driver !== 'auto') return driver;
  if (spec?.processes) return 'processes';
  return spec?.compose ? 'compose' : 'external';
}

export default defineStep<Params, Observed>({
  kind: 'stack/up',
  summary: 'The stack runs, is ready by its own probes, and stays so.',
  description: `Brings up what the checklist's \`stack:\` describes, with the driver that \`--driver\` names (\`auto\`: host processes where the checklist has them, else Compose, else the addresses of a stack that somebody else runs).

A service counts as up when its own readiness probe answers *and* it is the process or container that this run started; then all are watched for \`stableFor\`. Every service's log is evidence. Whatever happens, the stack is taken down at the end (\`--keep\` leaves it up and says how to stop it).

Host processes stand in for containers: the run's fidelity is then *reduced*.

Later steps find the addresses as facts: \`\${{ facts.stack.prometheus.url }}\`.`,
  example: `- id: stack
  uses: stack/up
  with: { stableFor: 5s }`,
  params,
  facts: {
    'stack.driver': 'processes, compose or external',
    'stack.services': 'services that are up',
    'stack.<service>.url': 'base URL of the service, as reached from this machine',
    'stack.<service>.port.<name>': 'port on this machine',
    'stack.<service>.readyMs': 'milliseconds from its start to its first ready answer',
  },
  problems,
  timeout: '10m',
  locks: () => ['stack'],
  plan: (p) => [
    `brings up the checklist's stack, waits for every readiness probe, watches it for ${p.stableFor}; takes it down at the end`,
  ],
  async gather(p, ctx) {
    const driver = choose(ctx);
    const spec = ctx.stackSpec;
    const stableForMs = ms(p.stableFor);
    if (driver === 'processes' && spec?.processes) {
      const { processesUp } = await import('../../stack/processes.ts');
      return processesUp(spec.processes, ctx, { stableForMs });
    }
    throw new Unobservable('no-stack', `the checklist's stack has no \`${driver}\` part`, {
      hint: 'add it under `stack:`, or choose another --driver',
    });
  },
  judge(_, observed) {
    const j = new Judge(problems);
    j.fact('stack.driver', observed.driver);
    for (const service of observed.services) judgeProcess(j, service, observed.stableForMs);
    j.fact('stack.services', observed.services.filter((s) => s.stable === true).length);
    if (observed.services.length > 0) j.reduced('host processes stand for the containers');
    return j.done();
  },
});

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
