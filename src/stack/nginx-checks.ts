import { imageName } from '../formats/compose/model.ts';
import type { StepContext } from '../core/step.ts';
import { judgeHost, short, type Around, type StackJudge } from './checks.ts';
import type { Container } from './container.ts';

/** What an nginx would be told by the files of its container. */
export interface SeenNginx {
  service: string;
  /** Hosts that it passes requests to, written out: nginx resolves them once, when it starts. */
  passes: { file: string; line: number; text: string; host: string; port: number }[];
  /** Ports that its servers listen on. */
  listens: number[];
  /** Everything that it reads was seen. */
  whole: boolean;
}

const passed =
  /\b(?:proxy_pass\s+https?:\/\/|grpc_pass\s+grpcs?:\/\/|(?:uwsgi|fastcgi)_pass\s+|server\s+)(?<host>[A-Za-z\d][\w.-]*)(?::(?<port>\d+))?(?=[\s/;])/g;

/** Source: nginx's documentation of proxy_pass, upstream and listen; the image's of /etc/nginx/conf.d and /etc/nginx/templates. */
export async function lookAtNginx(container: Container, ctx: StepContext): Promise<SeenNginx | undefined> {
  const { service } = container;
  if (!/^(?:nginx|nginx-unprivileged|openresty)$/.test(imageName(service.image)) || service.scripted) return undefined;
  const folder = '/etc/nginx/conf.d';
  const main = await container.find('/etc/nginx/nginx.conf');
  const files = [
    ...(main?.kind === 'file' ? [main] : []),
    ...(await filesOf(container, folder, '.conf')),
    ...(await filesOf(container, '/etc/nginx/templates', '.template')),
  ];
  if (files.length === 0) return undefined;
  const seen: SeenNginx = {
    service: service.name,
    passes: [],
    listens: [],
    // The image's own default.conf and nginx.conf, and what those include, were not read.
    whole:
      main === undefined &&
      !container.mayHold(folder) &&
      (await container.find(`${folder}/default.conf`)) !== undefined,
  };
  const texts = await Promise.all(files.map((one) => container.read(one)));
  const upstreams = new Set(
    texts.flatMap((text) => [...text.matchAll(/\bupstream\s+([\w.-]+)/g)].map(([, name]) => name)),
  );
  for (const [n, whole] of texts.entries()) {
    const text = whole.replace(/#[^\n]*/g, (comment) => ' '.repeat(comment.length));
    for (const match of text.matchAll(passed)) {
      const { host = '', port } = match.groups ?? {};
      if (upstreams.has(host) || host === 'unix') continue;
      seen.passes.push({
        file: short(ctx, files[n]?.host ?? ''),
        line: text.slice(0, match.index).split('\n').length,
        text: match[0].trim().replace(/\s+/g, ' '),
        host,
        port: Number(port ?? (match[0].includes('https://') ? 443 : 80)),
      });
    }
    for (const [, port] of text.matchAll(/\blisten\s+(?:[\w.*]+:|\[[^\]]*\]:)?(\d+)\b/g))
      seen.listens.push(Number(port));
    if (/\blisten\s+[^;]*\$|\binclude\s+(?!mime|\/etc\/nginx\/mime|fastcgi|uwsgi)/.test(text)) seen.whole = false;
  }
  return seen;
}

async function filesOf(container: Container, folder: string, ending: string) {
  const files = [];
  for (const one of await container.list(folder)) {
    const found = one.name.endsWith(ending) ? await container.find(one.path) : undefined;
    if (found?.kind === 'file') files.push(found);
  }
  return files;
}

/** Do the hosts resolve, and does it listen on what it publishes? */
export function judgeNginx(j: StackJudge, seen: SeenNginx, around: Around, at: { file: string; line?: number }): void {
  const own = around.services.find(({ name }) => name === seen.service);
  if (!own) return;
  for (const { file, line, text, host, port } of seen.passes) {
    // A domain of somebody else's.
    if (host.includes('.') && !host.startsWith('127.')) continue;
    const mine = /^(?:localhost|127\.)/.test(host) && seen.listens.includes(port);
    if (!mine)
      judgeHost(
        j,
        { own, ownPort: -1, around },
        {
          host,
          port,
          what: `${file}: ${text}`,
          codes: { host: 'upstream-host', port: 'upstream-port' },
          about: { subject: own.name, where: { file, line } },
        },
      );
  }
  for (const { target, port } of seen.whole ? own.published : [])
    if (target !== undefined && seen.listens.length > 0 && !seen.listens.includes(target))
      j.find(
        'port-unheard',
        `${own.name} publishes its port ${target} as ${port}, but nginx listens on ${[...new Set(seen.listens)].join(', ')}`,
        {
          subject: own.name,
          where: at,
        },
      );
}
