import { showDuration, type Judge } from '../core/step.ts';
import { judgeBinds } from './bind-checks.ts';
import type { ComposeObserved } from './compose.ts';
import type { FromOutside } from './from-outside.ts';
import { judgeRefusals } from './service-checks.ts';
import type { ReplicaSeen, ServiceSeen } from './compose-look.ts';
import type { upProblems } from './up-problems.ts';

export type ComposeJudge = Judge<typeof upProblems>;

export function judgeCompose(j: ComposeJudge, seen: ComposeObserved): void {
  const file = { file: seen.files[0] ?? '' };
  const at = (key: string, service = key): { file: string; line?: number } =>
    seen.lines[key] ?? seen.lines[service] ?? file;
  j.fact('stack.engine', seen.engine.version)
    .fact('stack.compose', seen.engine.compose)
    .fact('stack.project', seen.project);
  for (const name of seen.unset)
    j.find('variable-not-set', `the variable ${name} is not set: Compose replaces it with nothing`, {
      subject: name,
      where: file,
    });
  if (seen.refused !== undefined) {
    j.find('config-refused', seen.refused.split('\n').at(-1) ?? '', { where: file, detail: seen.refused });
    return;
  }
  for (const name of seen.unknown)
    j.find('service-missing', `there is no service ${name} in ${seen.files.join(', ')}`, {
      subject: name,
      where: file,
    });
  if (seen.none && seen.unknown.length === 0)
    j.find('service-missing', `${seen.files.join(', ')} has no service to start in these profiles`, { where: file });
  judgeBinds(j, seen.binds, at, seen.lines);
  judgeRefusals(j, seen.refusals, seen.forSwarm, at);
  for (const { what, holder, service } of seen.taken)
    j.find(
      'taken',
      service === ''
        ? `${what} belongs to ${holder}`
        : holder.startsWith('it ')
          ? `${what}: ${holder}`
          : `${service} needs ${what}: ${holder} has it`,
      {
        where: at(service),
        ...(service !== '' && { subject: service }),
        ...(seen.isolated && { hint: 'stop that, or run this service with isolate: false' }),
      },
    );
  for (const image of seen.images)
    j.find(
      image.how === 'refused' ? 'image-refused' : 'build-failed',
      image.how === 'refused'
        ? `the registry refuses ${image.image} of ${image.service}: ${image.message}`
        : `${image.service} could not be built: ${image.message}`,
      { subject: image.service, where: at(image.service), detail: image.detail },
    );
  for (const note of seen.notes) j.find('isolation', note, { where: file });
  let ready = 0;
  for (const service of seen.services) if (judgeService(j, seen, service, at(service.name))) ready++;
  if (seen.up) judgeUp(j, seen.up, seen.outside ?? [], file);
  const names = seen.services.filter((one) => one.stable !== true).map((one) => one.name);
  if (ready < seen.services.length && !j.findings.some((one) => one.level === 'error' || one.level === 'inconclusive'))
    j.find('not-watched', `${names.join(', ')} ended before it could be watched`, { where: file });
  j.fact('stack.services', ready);
  const standIns = seen.services.filter((one) => one.standsIn !== undefined || one.prebuilt !== undefined);
  if (standIns.length > 0)
    j.reduced(standIns.map((one) => `${one.image} of ${one.name}: ${one.standsIn ?? one.prebuilt}`).join('; '));
}

/** What `up` printed counts where no service explains it. */
function judgeUp(
  j: ComposeJudge,
  up: NonNullable<ComposeObserved['up']>,
  outside: readonly FromOutside[],
  where: { file: string },
): void {
  const text =
    up.text
      .split('\n')
      .findLast((line) => line.trim() !== '')
      ?.trim() ?? '';
  const about = { where, detail: up.text };
  if (up.problem === 'port-taken' || up.problem === 'name-taken' || up.problem === 'subnet-taken')
    j.find('taken', text, about);
  else if (up.problem === 'external-missing') {
    // Nothing in the repository makes it: on no machine would the stack come up by what the repository says.
    const unmade = outside.filter((one) => one.madeBy === undefined && text.includes(one.name));
    j.find('external-missing', unmade.length > 0 ? `${text}; no script or document of the repository makes it` : text, {
      ...about,
      ...(unmade.length > 0 && { level: 'error' as const }),
    });
  } else if (up.problem === 'bind-missing') j.find('bind-missing', text, about);
  else if (!j.findings.some((finding) => finding.level === 'error')) j.find('up-failed', text, about);
}

/** @returns whether the service is up */
function judgeService(
  j: ComposeJudge,
  seen: ComposeObserved,
  one: ServiceSeen,
  where: { file: string; line?: number },
): boolean {
  const { name } = one;
  const worst = one.replicas.find((each) => each.state !== 'running' || each.health === 'unhealthy') ?? one.replicas[0];
  const detail = [worst?.health === 'unhealthy' ? `healthcheck: ${worst.healthLog}` : '', one.log ?? '']
    .filter((text) => text !== '')
    .join('\n');
  const about = { subject: name, where, ...(detail !== '' && { detail }) };
  const end = worst ? ended(worst) : '';
  const last = one.log?.trim().split('\n').at(-1) ?? '';
  const saying = last === '' ? '' : `; its last line: ${last.slice(0, 300)}`;
  facts(j, seen, one);
  if (one.replicas.some((each) => each.startedAt > 0 && each.createdAt < seen.runStartedAt - 2000))
    j.find('stale-container', `by the engine’s clock a container of ${name} was created before this run began`, about);
  const restarts = Math.max(0, ...one.replicas.map((each) => each.restarts));
  const waited = one.state === 'crash-loop' || one.state === 'not-ready' || one.state === 'unhealthy';
  // Caught between two starts it may look like one that is only slow.
  if (one.state === 'crash-loop' || (waited && restarts >= 1) || (one.stable === false && restarts >= 2)) {
    const code =
      one.lastExit === undefined ? end : `exit ${one.lastExit}${worst?.oomKilled === true ? ', out of memory' : ''}`;
    j.find('crash-loop', `${name} ends again and again (${code}, started ${restarts + 1} times)${saying}`, about);
    return false;
  }
  switch (one.state) {
    case 'starting':
      return false;
    case 'late':
      j.find(
        'not-ready',
        `${name} is not ready after ${showDuration(seen.withinMs)}: ${worst?.health === 'starting' ? `its healthcheck has not passed (${worst.healthLog})` : one.oneShot === 'declared' ? 'it has not ended' : `its container is ${worst?.state ?? 'not there'}`}${saying}`,
        about,
      );
      return false;
    case 'absent':
      if (!seen.up) j.find('not-created', `${name} has ${one.replicas.length} of ${one.wanted} containers`, about);
      return false;
    case 'not-started':
      j.find('not-started', `${name} could not be started: ${worst?.error ?? ''}`, {
        ...about,
        // What the image or the files have wrong is proven; what the machine lacks is not their fault.
        level: wrongInFiles.test(worst?.error ?? '') ? 'error' : 'inconclusive',
        hint: 'correct its command, its user or its mounts',
      });
      return false;
    case 'exited':
      j.find('service-exited', `${name} ended (${end}) before it was ready${saying}`, about);
      return false;
    case 'unhealthy':
      j.find('unhealthy', `the healthcheck of ${name} fails: ${worst?.healthLog ?? ''}`, about);
      return false;
    case 'unclear':
      j.find('readiness-unclear', `${name} at ${one.probeUrl ?? 'no address'}: ${one.probe ?? ''}`, about);
      return false;
    case 'not-ready':
      judgeNotReady(j, seen, one, about, saying);
      return false;
    case 'completed':
      if (one.stable === false) {
        j.find('unstable', `${name} had ended with 0, then ${one.broke ?? 'changed'}`, about);
        return false;
      }
      if (one.oneShot === 'declared') j.prove(`${name} ended with 0, as the service that waits for it needs`);
      else {
        j.prove(`${name} ran and ended with 0`);
        j.find('ended-with-0', `${name} ran and ended with 0, so it is treated as a one-shot`, about);
      }
      return true;
    case 'ready':
  }
  return judgeReady(j, seen, one, about, { restarts, saying });
}

/** One that was ready: did it stay so, and what says that it was? */
function judgeReady(
  j: ComposeJudge,
  seen: ComposeObserved,
  one: ServiceSeen,
  about: { subject: string; where: { file: string; line?: number }; detail?: string },
  { restarts, saying }: { restarts: number; saying: string },
): boolean {
  const { name } = one;
  // Another service has kept this one from being watched.
  if (one.stable === undefined) return false;
  if (!one.stable) {
    j.find('unstable', `${name} was ready, then ${one.broke ?? 'changed'}${saying}`, about);
    return false;
  }
  const how = {
    probe: `${one.probeUrl ?? ''}: ${one.probe ?? ''}${one.replicas.some((each) => each.health !== '') ? ', healthy' : ''}`,
    health: 'its healthcheck',
    listening: 'it listens on its port',
    running: 'it runs',
  }[one.by ?? 'running'];
  const count = one.wanted === 1 ? '' : `, ${one.wanted} containers`;
  j.prove(
    `${name} was ready after ${showDuration(one.readyMs ?? 0)} (${how}${count}) and stayed so for ${showDuration(seen.stableForMs)}, without a restart`,
  );
  const silent = Object.keys(one.sockets).filter((port) => one.sockets[port] === 'none');
  if (silent.length > 0)
    j.find(
      'nothing-listens',
      `${name} is ready, and nothing listens on port ${silent.join(', ')} of its container, which it publishes`,
      // A debugger's port, or one of a range for data, may be silent until it is needed.
      { ...about, level: 'warning' },
    );
  if (one.by === 'running')
    j.find('no-probe', `${name} was only seen running: it has neither a healthcheck nor a probe`, about);
  if (restarts > 0)
    j.find('restarted-at-start', `${name} was started ${restarts + 1} times before it was ready`, about);
  if (one.prebuilt !== undefined)
    j.find(
      'image-prebuilt',
      `${one.image} of ${name} was not built from this tree by this run: ${one.prebuilt}`,
      about,
    );
  return true;
}

function judgeNotReady(
  j: ComposeJudge,
  seen: ComposeObserved,
  one: ServiceSeen,
  about: { subject: string; where: { file: string; line?: number }; detail?: string },
  saying: string,
): void {
  const sockets = Object.entries(one.sockets);
  const loopback = sockets.filter(([, how]) => how === 'loopback').map(([port]) => port);
  if (loopback.length > 0)
    j.find(
      'loopback-only',
      `${one.name} listens on port ${loopback.join(', ')} of 127.0.0.1 in its container: nobody reaches it from outside`,
      about,
    );
  else if (one.probe === undefined)
    j.find(
      'nothing-listens',
      `nothing listens on the ports of ${one.name} (${sockets.map(([port]) => port).join(', ')}) after ${showDuration(seen.withinMs)}`,
      about,
    );
  else
    j.find(
      'not-ready',
      `${one.name} is not ready after ${showDuration(seen.withinMs)}: ${one.probeUrl ?? ''}: ${one.probe}${sockets.some(([, how]) => how === 'none') ? ` (nothing listens on port ${sockets.map(([port]) => port).join(', ')} in its container)` : ''}${saying}`,
      about,
    );
}

const wrongInFiles =
  /executable file not found|no such file or directory|permission denied|not a directory|is a directory|unable to find user|no matching entries in passwd/i;

const ended = (one: ReplicaSeen): string =>
  `exit ${one.exitCode}${one.oomKilled ? ', killed since it was out of memory' : ''}${one.error === '' ? '' : `: ${one.error}`}`;

function facts(j: ComposeJudge, seen: ComposeObserved, one: ServiceSeen): void {
  const names = [
    one.name,
    ...Object.entries(seen.aliases)
      .filter(([, service]) => service === one.name)
      .map(([alias]) => alias),
  ];
  for (const name of new Set(names)) {
    if (one.stable === true && one.url !== undefined) j.fact(`stack.${name}.url`, one.url);
    for (const [port, host] of Object.entries(one.ports))
      j.fact(`stack.${name}.port.${port.replace(/\/tcp$/, '')}`, host);
    if (one.readyMs !== undefined) j.fact(`stack.${name}.readyMs`, one.readyMs);
  }
  if (one.image !== '') j.fact(`stack.${one.name}.image`, one.image);
  if (one.imageId !== undefined) j.fact(`stack.${one.name}.imageId`, one.imageId);
  if (one.digest !== undefined) j.fact(`stack.${one.name}.digest`, one.digest);
}
