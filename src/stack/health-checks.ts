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
  /** It listens on a published port for itself alone. */
  inside?: { port: number; by: string };
  port?: AskedPort;
}

/** Healthchecks, of Compose or of the Dockerfile, that cannot pass. */
export async function lookAtHealth(services: readonly ComposeService[], ctx: StepContext): Promise<SeenHealth[]> {
  const seen: SeenHealth[] = [];
  for (const service of services) {
    const dockerfile = service.build && (await dockerfileText(service, ctx));
    const inside = await listensForItself(service, dockerfile ?? '', ctx);
    if (inside) seen.push({ service: service.name, image: service.image, command: '', inside });
    if (service.healthcheck === 'disabled') continue;
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
  for (const [name, text] of await startedFiles(service, dockerfile, ctx)) if (says(text)) return name;
  return undefined;
}

/** The sources that a built service starts with: those that its command or Dockerfile names, or the main file of what is compiled. */
async function startedFiles(
  service: ComposeService,
  dockerfile: string,
  ctx: StepContext,
): Promise<[string, string][]> {
  const words = [...service.command, ...dockerfile.split(/[\s"',[\]]+/)].filter((word) =>
    /\.(?:py|js|mjs|cjs|ts|rb|pl|php)$/.test(word),
  );
  const compiled = /\bgo build\b/.test(dockerfile)
    ? 'main.go'
    : /\bcargo build\b/.test(dockerfile)
      ? 'src/main.rs'
      : [];
  const found: [string, string][] = [];
  for (const name of new Set(words.flatMap((word) => [word, posix.basename(word)]).concat(compiled))) {
    const text = await ctx.files.readIfThere(posix.join(service.build?.context ?? '', name));
    if (text !== undefined) found.push([posix.basename(name), text]);
  }
  return found;
}

const loopback = '(?:127\\.0\\.0\\.1|localhost)';
const address = new RegExp(
  `(?:^|\\s)(?:--?(?:web\\.listen-address|listen(?:-addr(?:ess)?)?|bind(?:-addr(?:ess)?)?|http\\.addr|httpListenAddr|host|b)[= ]|runserver )(?:http://)?${loopback}(?::(\\d+))?(?=\\s|$)`,
);
/** Servers whose `--host` is what they listen on; of other programs it may be whom they ask. */
const servers = /\b(?:uvicorn|gunicorn|hypercorn|fastapi|flask|vite|next|streamlit|mkdocs|runserver|puma|rails)\b/;

/** The published port at which a service listens for itself alone, and what says so. */
async function listensForItself(
  service: ComposeService,
  dockerfile: string,
  ctx: StepContext,
): Promise<{ port: number; by: string } | undefined> {
  const ports = service.published.flatMap(({ target }) => target ?? []);
  const [only] = ports;
  if (only === undefined || service.hostNetwork || service.networkOf !== undefined) return undefined;
  const started = /^CMD\s+(.*)$/m.exec(dockerfile)?.[1]?.replace(/[[\]"',\s]+/g, ' ') ?? '';
  for (const [by, text] of [
    ['its command', service.command.join(' ')],
    ['its Dockerfile', service.command.length === 0 ? started : ''],
  ] as const) {
    const found = address.exec(text);
    const port = Number(found?.[1] ?? (servers.test(text) && ports.length === 1 ? only : Number.NaN));
    if (found && ports.includes(port)) return { port, by };
  }
  // Another program serves what the source defines.
  if (!service.build || servers.test(`${dockerfile} ${service.command.join(' ')}`)) return undefined;
  for (const [by, text] of await startedFiles(service, dockerfile, ctx))
    for (const port of ports) if (listensInside(text, port)) return { port, by };
  return undefined;
}

/** Does a source listen on that port of the loopback address alone? */
function listensInside(text: string, port: number): boolean {
  const quoted = `["'\`]${loopback}["'\`]`;
  const ways = [
    `(?:listen|serve|bind)\\w*\\([^)\\n]{0,40}["'\`]${loopback}:${port}["'\`]`,
    `Server\\(\\(${quoted},\\s*${port}\\b`,
    `\\.listen\\(\\s*${port},\\s*${quoted}`,
    `\\.run\\([^)\\n]*host\\s*=\\s*${quoted},\\s*port\\s*=\\s*${port}\\b`,
  ];
  return new RegExp(ways.join('|'), 'i').test(text) && !/\b0\.0\.0\.0\b|\[::\]|["'`]::["'`]/.test(text);
}

const ofNginx = /^\/etc\/nginx\/(?:\S+\.conf(?:\.template)?|conf\.d\/|templates\/\S+)$/;

export function judgeHealth(
  j: StackJudge,
  seen: readonly SeenHealth[],
  listening: Readonly<Record<string, Listening>>,
  at: (key: string) => { file: string; line?: number },
): void {
  for (const { service, image, command, tool, fault, ipv4Only, inside, port } of seen) {
    const about = { subject: service, where: at(service) };
    if (inside)
      j.find(
        'loopback-only',
        `${service} publishes port ${inside.port}, and ${inside.by} says that it listens on 127.0.0.1, which nothing reaches from outside of its container`,
        about,
      );
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
