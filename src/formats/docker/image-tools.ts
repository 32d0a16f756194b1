import type { From } from 'dockerfile-ast';
import { library } from '../data/libraries.ts';
import { execForm } from './dockerfile.ts';

/** What a Dockerfile's last stage, and those that it is built upon, say of the tools in the image. */
export interface StageTools {
  /** The image that the last stage goes back to. */
  base: string;
  /** All that is run and copied there. */
  text: string;
  /** Its HEALTHCHECK, as Compose writes one; empty where there is none. */
  health: string[];
}

export function stageTools(dockerfile: string): StageTools {
  let one: StageTools = { base: '', text: '', health: [] };
  const stages = new Map<string, StageTools>();
  for (const instruction of library('dockerfile-ast').DockerfileParser.parse(dockerfile).getInstructions()) {
    const keyword = instruction.getKeyword();
    const words = instruction.getArgumentsContent()?.trim() ?? '';
    if (keyword === 'FROM') {
      const from = instruction as From;
      const before = stages.get((from.getImage() ?? '').toLowerCase());
      one = before ? { ...before } : { base: from.getImage() ?? '', text: '', health: [] };
      const name = from.getBuildStage()?.toLowerCase();
      if (name !== undefined) stages.set(name, one);
    } else if (keyword === 'HEALTHCHECK') {
      const command =
        /\bCMD\s+(.*)$/s
          .exec(words)?.[1]
          ?.replace(/\\\r?\n/g, ' ')
          .trim() ?? '';
      one.health =
        command === '' ? [] : command.startsWith('[') ? ['CMD', ...(execForm(command) ?? [])] : ['CMD-SHELL', command];
    } else if (['RUN', 'COPY', 'ADD'].includes(keyword)) one.text += `${keyword} ${words}\n`;
  }
  return one;
}

type Tool = 'curl' | 'wget' | 'a shell';
const bare: readonly Tool[] = ['curl', 'wget', 'a shell'];

/**
 * Tools that an image has not, as its own Dockerfile shows: busybox brings wget, Debian and its slim variants neither wget
 * nor curl, distroless and scratch not even a shell. Only images of which that is certain.
 */
function lacks(image: string): readonly Tool[] {
  const name = image.replace(/@.*$/, '').replace(/^docker\.io\/(?:library\/)?/, '');
  if (name === 'scratch' || bareImages.test(name)) return bare;
  if (name.startsWith('gcr.io/distroless/')) return /:debug|-debug/.test(name) ? ['curl'] : bare;
  if (busyboxImages.test(name)) return ['curl'];
  if (/^mcr\.microsoft\.com\/dotnet\/(?:aspnet|runtime|runtime-deps):/.test(name))
    return /alpine/.test(name) ? ['curl'] : /chiseled|distroless/.test(name) ? bare : ['curl', 'wget'];
  const tag = /:([^/]*)$/.exec(name)?.[1] ?? '';
  const repository = name.replace(/:[^/]*$/, '');
  if (repository === 'alpine') return ['curl'];
  if (repository === 'debian' || repository === 'ubuntu') return ['curl', 'wget'];
  if (!withoutCurl.has(repository)) return [];
  // The Alpine images of nginx and PHP bring curl.
  if (/^(?:nginx|php)$/.test(repository)) return /alpine-slim/.test(tag) ? ['curl'] : [];
  if (/alpine/.test(tag) || ['traefik', 'caddy'].includes(repository)) return ['curl'];
  // A tag that a variable gives may be any.
  if (tag.includes('$') && !/slim/.test(tag)) return [];
  if (repository === 'mysql') return ['wget'];
  return /slim/.test(tag) || withoutBoth.has(repository) ? ['curl', 'wget'] : [];
}

// Sources: the Dockerfiles of Docker's Official Images, and of the projects named.
const bareImages =
  /^(?:otel\/opentelemetry-collector(?:-contrib)?|cloudflare\/cloudflared|traefik\/whoami|containous\/whoami|hashicorp\/http-echo|nginx\/nginx-prometheus-exporter)(?::(?!.*(?:alpine|debug))|$)|^(?:nats|oliver006\/redis_exporter)(?::(?!.*alpine)|$)/;
const busyboxImages =
  /^(?:prom|quay\.io\/prometheus|prometheuscommunity|quay\.io\/prometheuscommunity|victoriametrics)\/|^grafana\/loki(?::|$)|^busybox(?::|$)/;
/** Official images whose final stage installs neither curl nor wget. */
const withoutBoth = new Set('redis postgres mongo mariadb httpd memcached haproxy'.split(' '));
const withoutCurl = new Set([
  ...withoutBoth,
  ...'node python golang rust ruby nginx php openjdk eclipse-temurin amazoncorretto traefik caddy mysql rabbitmq'.split(
    ' ',
  ),
]);

/** What a healthcheck needs to run and its image has not; undefined where that is not certain. */
export function missingTool(health: readonly string[], image: string, stage: StageTools | undefined): Tool | undefined {
  const [kind, ...rest] = health;
  const command = rest.join(' ');
  const tools = lacks(image);
  if (kind === undefined || kind === 'NONE' || command === '' || tools.length === 0) return undefined;
  const text = stage?.text ?? '';
  // What scripts, variables and copied folders bring is not known.
  if (/(?:install|add)\b[^\n&;|]*\$|\.sh\b|\bmake\b|\bxargs\b/.test(text)) return undefined;
  if (/^COPY --from=\S+ (?:\/|\/usr|\/usr\/local|\/usr\/bin|\/bin)\/? /m.test(text)) return undefined;
  if (tools.includes('a shell') && (kind === 'CMD-SHELL' || /^(?:\/bin\/)?(?:ba)?sh$/.test(rest[0] ?? '')))
    return /busybox|\/bin\/sh\b/.test(text) ? undefined : 'a shell';
  const first = kind === 'CMD' ? [rest[0] ?? ''] : [];
  const used =
    kind === 'CMD' && !/^(?:\/bin\/)?(?:ba)?sh$/.test(rest[0] ?? '')
      ? first.map((word) => word.replace(/^\/usr\/bin\//, ''))
      : [...command.matchAll(/(?:^|[|;&(`]\s*|\b(?:if|then|!|-c)\s+['"]?)(curl|wget)\b/g)].map(([, tool = '']) => tool);
  const known = used.filter((tool): tool is Tool => tool === 'curl' || tool === 'wget');
  // Where one of several is there, the other may stand in for it.
  if (known.length === 0 || known.some((tool) => !tools.includes(tool) || new RegExp(`\\b${tool}\\b`).test(text)))
    return undefined;
  return known[0];
}
