import type { StepContext } from '../core/step.ts';
import { imageName, type ComposeService } from '../formats/compose/model.ts';
import { short } from './checks.ts';
import { builtImage } from '../formats/docker/dockerfile.ts';

/** A port of its own container that a healthcheck asks, and those on which the program is said to listen. */
export interface AskedPort {
  asked: number;
  /** Undefined where the image's list of ports decides. */
  listens?: { ports: number[]; by: string; sure: boolean };
}

const own = String.raw`(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])`;
const asking = [
  new RegExp(String.raw`\b(?:https?:\/\/)?${own}:(\d{2,5})\b`, 'g'),
  /\bredis-cli\b[^|;&]*\s-p[= ]?(\d{2,5})\b/g,
  /\bpg_isready\b[^|;&]*\s(?:-p|--port)[= ]?(\d{2,5})\b/g,
  /\bmysqladmin\b[^|;&]*\s(?:-P ?|--port[= ])(\d{2,5})\b/g,
  new RegExp(String.raw`\bnc\b[^|;&]*\s${own}\s+(\d{2,5})\b`, 'g'),
];

/** The one port that a healthcheck asks of its own container; undefined where it asks none, or several. */
export function askedPort(health: readonly string[]): number | undefined {
  const command = health.slice(1).join(' ');
  if (/\$|\|\|\s*(?!exit\b|false\b|kill\b)\S/.test(command)) return undefined;
  const ports = new Set(asking.flatMap((one) => [...command.matchAll(one)].map(([, port]) => Number(port))));
  if (ports.size === 1) return [...ports][0];
  // A URL without a port.
  const plain = new RegExp(String.raw`\b(https?):\/\/${own}(?=[\/\s"']|$)`).exec(command)?.[1];
  return ports.size === 0 && plain !== undefined ? (plain === 'http' ? 80 : 443) : undefined;
}

// Sources: the Dockerfiles (EXPOSE) and default configurations of Docker's Official Images.
const servers: Record<string, number[]> = {
  nginx: [80],
  httpd: [80],
  redis: [6379],
  postgres: [5432],
  mysql: [3306, 33060],
  mariadb: [3306],
  mongo: [27017],
  memcached: [11211],
};
const configured = /^\/(?:etc|usr\/local|opt|docker-entrypoint)|conf/;

/** Where nothing could have moved them, the ports of a well-known server. */
function ofServer(service: ComposeService): AskedPort['listens'] {
  const ports = servers[imageName(service.image)];
  const asItComes =
    !service.built &&
    service.command.length === 0 &&
    Object.keys(service.portEnv).length === 0 &&
    !service.mounts.some(({ target }) => configured.test(target) && !/initdb|ssl|cert|html/.test(target));
  return ports && asItComes ? { ports, by: 'by default', sure: true } : undefined;
}

/** The ports that the command of a Dockerfile names, or else those that it says to expose. */
async function ofDockerfile(
  text: string,
  service: ComposeService,
  asked: number,
  ctx: StepContext,
): Promise<AskedPort['listens']> {
  const { build } = service;
  if (!build) return undefined;
  const names = new RegExp(String.raw`(?<!\d)${asked}(?!\d)`);
  const elsewhere = text.replace(/^\s*HEALTHCHECK\b(?:[^\n]*\\\n)*[^\n]*/gim, '');
  if (names.test(elsewhere) || /\$\{?PORT/i.test(elsewhere)) return undefined;
  if (names.test([...service.command, ...Object.values(service.portEnv), ...service.listens].join(' ')))
    return undefined;
  // Any file of the image that names the port may be what listens on it.
  const folder = build.context === ctx.target ? '' : `${short(ctx, build.context)}/`;
  const files = await ctx.files.glob([`${folder}**/*`]);
  if (files.length > 400) return undefined;
  for (const path of files)
    if (
      !/(?:^|\/)(?:Dockerfile[^/]*|[^/]*compose[^/]*\.ya?ml|README[^/]*)$/.test(path) &&
      (await ctx.files.size(path)) < 1 << 18 &&
      names.test((await ctx.files.readIfThere(path)) ?? '')
    )
      return undefined;
  const image = builtImage(text);
  const words = (service.command.length > 0 ? service.command : image.command).join(' ');
  const flags = [
    ...words.matchAll(/(?:--(?:port|bind|listen|addr|http)\S*[= ]|(?:^|\s)-[pb][ =]?)(?:[\w.]*:)?(\d{2,5})\b/g),
  ];
  if (flags.length > 0) return { ports: flags.map(([, port]) => Number(port)), by: 'by its command', sure: true };
  const exposed = image.exposes.filter((port) => !Number.isNaN(port));
  return exposed.length > 0 ? { ports: exposed, by: 'by EXPOSE', sure: false } : undefined;
}

/** @param dockerfile text of what the service is built from */
export async function lookAtAskedPort(
  health: readonly string[],
  service: ComposeService,
  dockerfile: string | undefined,
  ctx: StepContext,
): Promise<AskedPort | undefined> {
  const asked = askedPort(health);
  if (asked === undefined || service.hostNetwork || service.networkOf !== undefined) return undefined;
  const listens = dockerfile === undefined ? ofServer(service) : await ofDockerfile(dockerfile, service, asked, ctx);
  return { asked, ...(listens && { listens }) };
}
