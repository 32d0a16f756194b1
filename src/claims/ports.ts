import { escapeRegex } from '../core/patterns.ts';
import { publishedPorts } from '../formats/compose/ports.ts';
import { commandsOfFence } from '../formats/programs/shell.ts';
import type { Sources } from '../repository/sources.ts';
import { doubt, holds, remark, wrong, type Claim, type Reading, type Verdict } from './reading.ts';

/** Ports that frameworks and servers take by themselves, so that no file of the project names them. */
const byDefault = new Set(
  '80 443 1313 3000 3100 3306 4000 4173 4200 4317 4318 5000 5173 5432 5601 5672 6006 6379 6831 8000 8080 8081 8086 8443 8501 8888 9000 9090 9091 9092 9093 9100 9200 9411 11211 11434 15672 16686 19000 19006 27017 35729'.split(
    ' ',
  ),
);
const local = /\b(?:localhost|127\.0\.0\.1|0\.0\.0\.0):(\d{2,5})\b/g;

/** Addresses on this machine: is their port one that anything in the repository names or publishes? */
export async function portClaims({ sources, parsed }: Reading): Promise<Claim[]> {
  const claims: Claim[] = [];
  const published = await portsOfStacks(sources);
  const texts = [...parsed.prose.entries()].map(([n, text]) => ({ line: n + 1, text }));
  // A block that is no command shows an answer, or a file of the reader's own.
  for (const fence of parsed.fences)
    if (commandsOfFence(fence.lang, fence.text) !== undefined)
      for (const [n, text] of fence.text.split('\n').entries()) texts.push({ line: fence.line + n, text });
  // What a command of the document opens, forwards or is told to listen on is there.
  const opened = new Set(
    texts.flatMap(({ text }) => [
      ...[...text.matchAll(/(?:^|\s)(?:-p|--publish|-L)[ =]?["']?(?:[\d.]+:)?(\d{2,5}):/g)].map(
        (match) => match[1] ?? '',
      ),
      ...[...text.matchAll(/\bport-forward\b.*?\s(\d{2,5})(?::\d+)?\b/g)].map((match) => match[1] ?? ''),
      ...[
        ...text.matchAll(
          /--?[\w-]*(?:port|addr(?:ess)?|listen|bind|host|url)[\w-]*[ =]["']?[\w.:/[\]]*?:?(\d{2,5})\b/gi,
        ),
      ].map((match) => match[1] ?? ''),
      ...[...text.matchAll(/\b[A-Z_]*PORT=["']?(\d{2,5})\b/g)].map((match) => match[1] ?? ''),
    ]),
  );
  const done = new Set<string>();
  const whole = texts.map(({ text }) => text).join('\n');
  const byCompose = /docker[ -]compose/.test(whole) && !/kubectl|port-forward|minikube|helm/.test(whole);
  for (const { line, text } of texts)
    for (const [, port = ''] of text.matchAll(local)) {
      const service = [...published.keys()].find((name) => labels(text, name));
      const key = `${port} ${service ?? ''}`;
      if (done.has(key) || opened.has(port)) continue;
      // The document installs the program itself, outside of Compose.
      if (
        service !== undefined &&
        new RegExp(`\\b(?:install|start)\\s+(?:-\\S+\\s+)*${escapeRegex(service)}\\b`, 'i').test(whole)
      )
        continue;
      done.add(key);
      const verdict = await portVerdict(sources, port, service, { published, byCompose });
      if (verdict) claims.push({ kind: 'value', line, text: `port ${port}`, ...verdict });
    }
  return claims;
}

/** Does the text name the service before the address, as a label does: `- Grafana: http://…`, `| Grafana | http://…`? */
const labels = (text: string, service: string): boolean => {
  const [head = ''] = text.split(/https?:|localhost|127\.0/);
  // The sentence before is of another service.
  const before = head.split(/[.;]\s/).at(-1) ?? '';
  const words = before
    .replace(/[^\p{L}\p{N}_-]+/gu, ' ')
    .replace(/^[\s-]+|[\s-]+$/g, '')
    .toLowerCase();
  return words === service.toLowerCase() || words === `open ${service.toLowerCase()}`;
};

async function portVerdict(
  sources: Sources,
  port: string,
  service: string | undefined,
  { published, byCompose }: { published: ReadonlyMap<string, ReadonlySet<string>>; byCompose: boolean },
): Promise<Verdict | undefined> {
  const own = service === undefined ? undefined : published.get(service);
  const any = [...published.values()].some((ports) => ports.has(port));
  if (own?.has(port) === true) return holds(`${service} publishes it`);
  if (own && own.size > 0 && !any)
    return (byCompose ? wrong : doubt)(
      `the Compose files publish ${service} at ${[...own].join(', ')}`,
      `write ${[...own][0]}`,
    );
  if (any) return holds('a Compose service publishes it');
  const texts = [...(await sources.texts()).values()];
  const word = new RegExp(`(?<!\\d)${port}(?!\\d)`);
  if (texts.some((text) => word.test(text))) return holds('the repository names it');
  if (byDefault.has(port) || !sources.whole || texts.length === 0) return undefined;
  // Far more often than not it is the reader's own choice, or another program's: only a slip in a published port is a doubt.
  const known = [...published.values()].flatMap((ports) => [...ports]);
  if (known.length === 0) return undefined;
  const near = known.find((one) => isSlip(one, port));
  const seen = 'no code or configuration of the repository names this port';
  return near === undefined ? remark(seen, 'write the port that it listens on') : doubt(seen, `did you mean ${near}?`);
}

/** Two neighbouring digits have changed places. That one digit is another says little: the next port is often another instance's. */
function isSlip(a: string, b: string): boolean {
  const at = a.split('').flatMap((digit, n) => (digit === b[n] ? [] : [n]));
  const [first = 0, second = 0] = at;
  return (
    a.length === b.length && at.length === 2 && second === first + 1 && a[first] === b[second] && a[second] === b[first]
  );
}

/** Compose service → the ports that it publishes on the machine, of all Compose files; one with a value that is not known is left out. */
async function portsOfStacks(sources: Sources): Promise<Map<string, Set<string>>> {
  const found = new Map<string, Set<string>>();
  for (const [, { services }] of await sources.composeFiles()) {
    for (const [name, service] of Object.entries(services)) {
      const ports = [...publishedPorts(service).values()];
      if (ports.some((port) => port === '' || /\D/.test(port))) continue;
      const all = found.get(name) ?? new Set();
      for (const port of ports) all.add(port);
      found.set(name, all);
    }
  }
  return found;
}
