import { posix } from 'node:path';
import type { StepContext } from '../core/step.ts';
import { healthFault, type HealthFault } from '../formats/compose/healthcheck.ts';
import type { ComposeService } from '../formats/compose/model.ts';
import { missingTool, stageTools, type StageTools } from '../formats/docker/image-tools.ts';
import type { StackJudge } from './checks.ts';
import { dockerfileText } from './container.ts';
import { lookAtAskedPort, type AskedPort } from './health-ports.ts';
import type { Listening } from '../formats/compose/image-ports.ts';

/** A healthcheck that cannot pass. */
export interface SeenHealth {
  service: string;
  image: string;
  command: string;
  /** Its program is not in the image. */
  tool?: string;
  /** It stands in the Dockerfile, and cannot work as it is written. */
  fault?: HealthFault;
  /** It asks `localhost` by busybox's wget, and this says that the server listens on IPv4 only. */
  ipv4Only?: string;
  port?: AskedPort;
}

/** Healthchecks, of Compose or of the Dockerfile, that cannot pass. */
export async function lookAtHealth(services: readonly ComposeService[], ctx: StepContext): Promise<SeenHealth[]> {
  const seen: SeenHealth[] = [];
  for (const service of services) {
    if (service.healthcheck === 'disabled') continue;
    const dockerfile = service.build && (await dockerfileText(service, ctx));
    // A stage that is not the last: its tools are another's.
    if (service.build && (dockerfile === undefined || service.build.target !== undefined)) continue;
    const stage = dockerfile === undefined ? undefined : stageTools(dockerfile);
    const health = service.healthcheck === 'given' ? service.health : (stage?.health ?? []);
    const image = stage?.base ?? service.image;
    const one: SeenHealth = { service: service.name, image, command: health.slice(1).join(' ').slice(0, 120) };
    const tool = missingTool(health, image, stage);
    // What Compose itself gives is judged with the other services' settings.
    const fault = service.healthcheck === 'given' ? undefined : healthFault(health);
    const ipv4Only = asksLocalhost(health, image, stage)
      ? await listensOnIpv4(service, (dockerfile ?? '').replace(/^\s*#.*$/gm, ''), ctx)
      : undefined;
    if (tool !== undefined) seen.push({ ...one, tool });
    else if (fault) seen.push({ ...one, fault });
    else if (ipv4Only !== undefined) seen.push({ ...one, ipv4Only });
    else {
      const port = await lookAtAskedPort(health, service, dockerfile, ctx);
      if (port) seen.push({ ...one, port });
    }
  }
  return seen;
}

/**
 * In Alpine's images `localhost` is ::1 first, and busybox's wget tries no second address
 * (musl's getaddrinfo over Docker's /etc/hosts; busybox: networking/wget.c asks for one address).
 */
function asksLocalhost(health: readonly string[], image: string, stage: StageTools | undefined): boolean {
  const alpine = /(?:^|\/)alpine(?::|@|$)|:[^/]*alpine/.test(image);
  const command = health.slice(1).join(' ');
  return (
    alpine &&
    /\bwget\b[^|;&]*\/\/localhost\b/.test(command) &&
    !/\bapk\b[^\n]*\b(?:wget|curl)\b/.test(stage?.text ?? '') &&
    !/\bcurl\b|127\.0\.0\.1/.test(command)
  );
}

/** What says that the server listens on IPv4 only: its command, its Dockerfile, nginx's configuration, or the file that it starts. */
async function listensOnIpv4(
  service: ComposeService,
  dockerfile: string,
  ctx: StepContext,
): Promise<string | undefined> {
  const says = (text: string): boolean =>
    /\b0\.0\.0\.0\b/.test(text) && !/\[::\]|["'`]::["'`]|\bIPV6\b|AF_INET6/i.test(text);
  if (says(service.command.join(' '))) return 'its command';
  const { context } = service.build ?? { context: undefined };
  const nginx = [
    ...service.mounts.filter((one) => ofNginx.test(one.target)).map((one) => one.source),
    ...(context === undefined
      ? []
      : [...dockerfile.matchAll(/^COPY\s+(\S+)\s+(\S+)/gim)].flatMap(([, from = '', to = '']) =>
          ofNginx.test(to) ? posix.join(context, from) : [],
        )),
  ];
  for (const path of nginx) {
    const text = await ctx.files.readIfThere(path);
    // With `listen 80` alone nginx takes no IPv6.
    if (text !== undefined && /^\s*(?:server\s*\{\s*)?listen\s+\S/m.test(text) && !/listen\s+\[/.test(text))
      return posix.basename(path);
  }
  if (context === undefined) return undefined;
  if (says(dockerfile)) return 'its Dockerfile';
  const words = [...service.command, ...dockerfile.split(/[\s"',[\]]+/)].filter((word) =>
    /\.(?:py|js|mjs|cjs|ts|rb|pl|php)$/.test(word),
  );
  const compiled = /\bgo build\b/.test(dockerfile)
    ? 'main.go'
    : /\bcargo build\b/.test(dockerfile)
      ? 'src/main.rs'
      : [];
  for (const name of new Set(words.flatMap((word) => [word, posix.basename(word)]).concat(compiled)))
    if (says((await ctx.files.readIfThere(posix.join(context, name))) ?? '')) return posix.basename(name);
  return undefined;
}

const ofNginx = /^\/etc\/nginx\/(?:\S+\.conf(?:\.template)?|conf\.d\/|templates\/\S+)$/;

export function judgeHealth(
  j: StackJudge,
  seen: readonly SeenHealth[],
  listening: Readonly<Record<string, Listening>>,
  at: (key: string) => { file: string; line?: number },
): void {
  for (const { service, image, command, tool, fault, ipv4Only, port } of seen) {
    const about = { subject: service, where: at(service) };
    if (tool !== undefined)
      j.find(
        'healthcheck-tool',
        `the healthcheck of ${service} runs "${command}", and ${image} has no ${tool.replace('a ', '')}`,
        about,
      );
    if (fault)
      j.find('healthcheck-command', `the healthcheck in the Dockerfile of ${service}: ${fault.text}`, {
        ...about,
        hint: fault.hint,
      });
    if (ipv4Only !== undefined)
      j.find(
        'healthcheck-localhost',
        `the healthcheck of ${service} asks localhost, which ${image} takes for ::1, and ${ipv4Only} says that the server listens on 0.0.0.0, IPv4 only`,
        about,
      );
    const listens = port && (port.listens ?? listening[service]);
    if (port && listens && !listens.ports.includes(port.asked))
      j.find(
        'healthcheck-localhost',
        `the healthcheck of ${service} asks port ${port.asked}, and it listens on ${listens.ports.join(', ')} ${listens.by}`,
        {
          ...about,
          hint: 'ask the port on which it listens: as it stands the service is never healthy',
          ...('sure' in listens && !listens.sure && { level: 'warning' as const }),
        },
      );
  }
}
