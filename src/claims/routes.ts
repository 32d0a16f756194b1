import { escapeRegex } from '../core/patterns.ts';
import { didYouMean } from '../core/suggest.ts';
import type { MarkdownDocument } from '../formats/documents/markdown.ts';
import { excuseOf } from '../formats/documents/path-text.ts';
import { headingsAbove, isPendingSection, isYetToCome, labelAbove } from '../formats/documents/surroundings.ts';
import { any, patternOf, rest, segmentsOf, type RouteBook, type Segment } from '../formats/http/routes.ts';
import { commandsOfFence, parseShell } from '../formats/programs/shell.ts';
import { routeBook } from '../repository/routes.ts';
import { unmountedRoutes } from '../repository/unmounted-routes.ts';
import type { Sources } from '../repository/sources.ts';
import { dated, doubt, holds, suspected, unjudged, type Verdict, wrong } from '../formats/documents/verdict.ts';
import { isAdvice, spokenLines, type Claim, type Reading } from './reading.ts';

interface Named {
  line: number;
  method: string | undefined;
  path: string;
  context: string;
}

const verbs = 'GET|POST|PUT|PATCH|DELETE';
/** `GET /api/x`, `| POST | /api/x |`, `**GET** \`/api/x\``, and an address of this machine in the place of the path. */
const inProse = new RegExp(
  String.raw`(?<![\w-])(${verbs})\b[\s*\`|:\]]{1,8}(?:https?:\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0)(?::\d+)?)?(\/[^\s\`|,;"'<>()]*(?:<\w+>[^\s\`|,;"'()]*)*)`,
  'g',
);
const turned = new RegExp(String.raw`\|\s*\`?(\/[^\s\`|]+)\`?\s*\|\s*\`?(${verbs})\`?\s*\|`, 'g');
/** What Prometheus, Alertmanager, Grafana, Loki, an engine, a cluster and servers of language models answer. */
const ofOthers =
  /^\/(?:-\/|api\/v1\/(?:query|query_range|query_exemplars|format_query|parse_query|series|labels?|targets|rules|alerts|alertmanagers|metadata|status|admin|write|read|otlp|notifications)\b|api\/v[12]\/(?:alerts|silences?|status|receivers|traces|search|spans)\b|api\/(?:health|dashboards|datasources|search|orgs?|folders|annotations|traces|prom|ruler|alertmanager|v1\/provisioning|ds|plugins|serviceaccounts|snapshots)\b|loki\/|_\w|apis?\/\w+\.\w+|v\d\.\d+\/|actuator\b|v1\/(?:chat\/)?(?:completions|embeddings|models|messages)\b|metrics$|mcp$|sse$|graphiql$|openapi\.json|swagger|redoc$|debug\/pprof|federate)/;

/** A route that is asked for because it is not there. */
const standsForNone = /\/(?:non-?existent|not-?found|invalid|unknown|missing)\b/i;
const baseAddress = /\bbase ?url\b\W{1,8}https?:\/\/([\w-]+(?:\.[\w-]+)+)/i;

const alone =
  /\b(?:served|exposed|available|reachable|answers?|health ?checks?|endpoint|probe[sd]?|admin \w+)\b[^.;|`]{0,40}\b(?:at|on|under|is|endpoint)\s+`(\/[a-z][\w/-]*)`/gi;

/** "The health check is served at `/healthz`": a route without a method, of which nothing but documents has the words. */
async function servedClaims({ sources, parsed }: Reading): Promise<Claim[]> {
  const claims: Claim[] = [];
  for (const { line, text } of spokenLines(parsed))
    for (const { 1: path = '', index } of text.matchAll(alone)) {
      if (isAdvice(text, index) || ofOthers.test(path) || !sources.whole) continue;
      const parts = path.split('/').slice(1);
      const texts = [...(await sources.texts()).values()];
      // It may be put together, and it may be said in any notation.
      const isThere = parts.every((part) =>
        texts.some((one) => new RegExp(`["'\`/]${escapeRegex(part)}["'\`/?]`).test(one)),
      );
      // Where no code writes a route out, none is known.
      if (!texts.some((one) => /["'`]\/[a-z]/.test(one))) continue;
      if (!isThere || (parts.length === 1 && !(await sources.containText(path))))
        claims.push({
          kind: 'name',
          line,
          text: path,
          ...doubt('no code or configuration of the repository has this route', 'correct the route'),
        });
    }
  return claims;
}

/** HTTP routes that a document names, with a method or in a call of `curl`, held against those that the sources tell their frameworks of. */
export async function routeClaims(reading: Reading): Promise<Claim[]> {
  const { sources, parsed } = reading;
  const named = [...namedIn(parsed), ...calledIn(parsed)];
  const served = await servedClaims(reading);
  if (named.length === 0) return served;
  // The routes of another server, which the sources ask.
  const host = baseAddress.exec([...parsed.prose, ...parsed.fences.map((fence) => fence.text)].join('\n'))?.[1];
  if (host !== undefined && (await sources.containText(host))) return served;
  const isAnother = host !== undefined && !/^(?:api|app|www|dev|staging)\.|example|your|domain/i.test(host);
  const book = await routeBook(sources);
  // Of a framework's own pages the routes stand in their blocks.
  const shown = parsed.fences.filter((fence) => commandsOfFence(fence.lang, fence.text) === undefined);
  const claims: Claim[] = served;
  const done = new Set<string>();
  for (const { line, method, path, context } of named) {
    const text = `${method ?? ''} ${path}`.trim();
    const segments = segmentsOf(path);
    const headings = headingsAbove(parsed, line).replace(path, ' ');
    if (
      done.has(text) ||
      segments.length === 0 ||
      standsForNone.test(path) ||
      // What was asked before, and what it answered then.
      /^\W*(?:before|old|previously|was)\b|(?:→|->|=>|returns?)\W*(?:404|405|410)\b/i.test(context) ||
      excuseOf(context.replace(path, ' '), headings) === 'absent' ||
      isYetToCome(labelAbove(parsed, line), headings) ||
      isPendingSection(parsed, line) ||
      shown.some((fence) => new RegExp(`["'\`]/?${patternOf(segments)}`).test(fence.text))
    )
      continue;
    done.add(text);
    const verdict = await judge(
      sources,
      book,
      method,
      path,
      segments,
      claims.filter((one) => one.state === 'holds').length,
    );
    if (verdict) claims.push({ kind: 'name', line, text, ...(isAnother ? suspected(verdict) : verdict) });
  }
  return claims;
}

function namedIn(parsed: MarkdownDocument): Named[] {
  return parsed.prose.flatMap((line, n) => {
    const found: Named[] = [];
    for (const [, method, path = ''] of line.matchAll(inProse))
      found.push({ line: n + 1, method, path: clean(path), context: line });
    for (const [, path = '', method] of line.matchAll(turned))
      found.push({ line: n + 1, method, path: clean(path), context: line });
    return found;
  });
}
/** Of `/{a,b}/:id` the pattern takes a part only. */
const clean = (path: string): string => (/\{[^}]*$/.test(path) ? '' : path.replace(/[.:*_]+$/, '').replace(/\\/g, ''));

/** Calls of `curl` to this machine, and first lines of HTTP requests. */
function calledIn(parsed: MarkdownDocument): Named[] {
  const found: Named[] = [];
  for (const fence of parsed.fences) {
    for (const [n, line] of fence.text.split('\n').entries()) {
      const request = new RegExp(`^\\s*(${verbs}) (/\\S*)(?: HTTP/[\\d.]+)?\\s*$`).exec(line);
      if (request && /^(?:http|rest|text|)$/.test(fence.lang))
        found.push({ line: fence.line + n, method: request[1], path: request[2] ?? '', context: fence.heading });
    }
    const text = commandsOfFence(fence.lang, fence.text);
    if (text !== undefined) found.push(...curlsIn(text, fence.line, fence.heading));
  }
  for (const { text, line, context } of parsed.spans)
    if (text.startsWith('curl ')) found.push(...curlsIn(text, line, context));
  return found;
}

/** @param first line of the text in its document */
function curlsIn(text: string, first: number, context: string): Named[] {
  if (!/\bcurl\b/.test(text)) return [];
  return parseShell(text).flatMap(({ argv, line }) => {
    const words = argv.map((word) => word.text);
    const at = words.findIndex((word) => word === 'curl');
    if (at < 0) return [];
    const url = words
      .slice(at + 1)
      .map((word) => /^(?:https?:\/\/)?(?:localhost|127\.0\.0\.1|0\.0\.0\.0)(?::(\d+))?(\/.*)$/.exec(word))
      .find((one) => one !== null);
    if (!url || /^(?:9090|9093|3100|9200|2375)$/.test(url[1] ?? '')) return [];
    const given = words.findIndex((word) => /^(?:-X|--request)/.test(word));
    const explicit =
      given < 0
        ? undefined
        : (/^-X(\w+)|=(\w+)/
            .exec(words[given] ?? '')
            ?.slice(1)
            .find(Boolean) ?? words[given + 1]);
    const sends = words.some((word) => /^(?:-d|--data(?:-\w+)?|--json|-F|--form)(?:=|$)/.test(word));
    const turnedRound = words.some((word) => /^(?:-I|--head|-G|--get)$/.test(word));
    const method = explicit ?? (turnedRound ? undefined : sends ? 'POST' : 'GET');
    return [{ line: first + line - 1, method, path: url[2] ?? '', context }];
  });
}

async function judge(
  sources: Sources,
  book: RouteBook,
  method: string | undefined,
  path: string,
  segments: readonly Segment[],
  /** Routes of the document that the sources have. */
  known: number,
): Promise<Verdict | undefined> {
  const told = book.told;
  const answering = book.answering(segments);
  // A server's framework answers these of itself.
  if (method === 'OPTIONS' || method === 'HEAD') return unjudged('not known');
  if (answering.length > 0) {
    const methods = answering.map(({ route }) => route.methods);
    if (method === undefined || methods.some((one) => one === undefined || one.includes(method))) {
      const meant = (from: RouteBook): number =>
        from.answering(segments).filter(({ route, alone }) => isMeant(route.segments, segments, alone)).length;
      const file = (await unmountedRoutes(sources)).find(
        (one) => meant(one.book) > 0 && meant(one.book) === meant(book),
      )?.file;
      if (file === undefined) return holds('the sources have this route');
      // A server in a language whose routes are not read.
      const written = new RegExp(`["'\`]/?${patternOf(segments)}["'\`]`);
      return [...(await sources.texts())].some(
        ([path, text]) => /\.(?:cs|exs?|go|java|kts?|php|rb|rs|scala)$/.test(path) && written.test(text),
      )
        ? unjudged('another source names it')
        : {
            ...doubt(
              `only ${file} has it, and nothing but tests and examples imports its router`,
              'mount the router, or take the route out',
            ),
            cause: `${file} is not mounted`,
            more: ', and {n} more routes of it',
          };
    }
    // Behind a slash at the end may stand what is empty here; a parameter answers what another server may be asked.
    if (path.endsWith('/') || !answering.some(({ route, alone }) => isMeant(route.segments, segments, alone)))
      return unjudged('not known');
    // `r.Put(prefix + "/x", f)`
    const called = new RegExp(`\\.${method}\\(\\s*[^"'\`\\n]{1,40}["'\`]${patternOf(segments)}["'\`]`, 'i');
    if ([...(await sources.texts()).values()].some((text) => called.test(text))) return unjudged('it is put together');
    const all = [...new Set(methods.flat())].join(', ');
    const sure = !book.open && answering.every(({ alone }) => alone);
    const seen = `the sources answer it to ${all} only`;
    return sure ? dated(wrong(seen, 'correct the method, or add it')) : doubt(seen, 'correct the method, or add it');
  }
  if (told.length < 2 || ofOthers.test(path)) return unjudged('not known');
  const near = book.beside(segments);
  const hint = nearest(path, told);
  if (segments.every((one) => one === any || one === rest)) return unjudged('not known');
  const seen = `none of the ${told.length} routes that the sources tell their frameworks of is this one`;
  const sure = near >= 2 && told.length >= 3 && !book.open && sources.whole;
  // Among routes that are all there, one with its method is meant to be there too.
  const listed = known >= 2 && method !== undefined && !book.open && sources.whole;
  if (!sure && !listed && !(hint !== undefined && near >= 1)) return unjudged('it may be of another server');
  // What stands before a server may take the first part away.
  const below = segments.slice(1);
  const isBehind = below.length > 1 && book.answering(below).some(({ route }) => isMeant(route.segments, below, false));
  if (isBehind && (await isProxied(sources, segments[0]))) return unjudged('a proxy may take its first part away');
  // Every source is looked through: only where something would be said.
  if (await isNamed(sources, segments)) return unjudged('a source names it');
  return sure && !isBehind ? dated(wrong(seen, hint)) : doubt(seen, hint);
}

/** Does a proxy, an ingress or a server of the repository name the folder? */
async function isProxied(sources: Sources, first: Segment | undefined): Promise<boolean> {
  if (typeof first !== 'string') return false;
  const name = escapeRegex(first);
  const pattern = new RegExp(
    `\\b(?:location|rewrite|PathPrefix|StripPrefix|handle_path|root_path|prefix|path|mount)\\b[^\\n]{0,20}/${name}\\b|["'\`]\\^?/${name}/?["'\`]\\s*:`,
  );
  return [...(await sources.matching(/\.(?:conf|ya?ml|json|toml|[cm]?[jt]s|py)$|Caddyfile/)).values()].some((text) =>
    pattern.test(text),
  );
}

/** Is the route the one that is meant? It begins like the path, or has as texts what the path has, but for numbers. */
const isMeant = (route: readonly Segment[], path: readonly Segment[], alone: boolean): boolean =>
  (alone && typeof route[0] === 'string') ||
  (route.some((segment) => typeof segment === 'string') &&
    route.every((segment, n) => {
      const own = path[path.length - route.length + n];
      return typeof segment === 'string' || typeof own !== 'string' || /\d/.test(own);
    }));

/** Does any source write the path out, or its end, so that it may be put together? */
async function isNamed(sources: Sources, segments: readonly Segment[]): Promise<boolean> {
  const ends = segments.flatMap((_, n) =>
    n === 0
      ? // Of one segment a parameter would be found in any source.
        [segments.length === 1 ? `["'\`/]${patternOf(segments, true)}(?![\\w-])` : `${patternOf(segments)}(?![\\w-])`]
      : segments.length - n > 1 && typeof segments.at(-1) === 'string'
        ? [`["'\`}]/?${patternOf(segments.slice(n), true)}["'\`/?]`]
        : [],
  );
  const pattern = new RegExp(ends.join('|'));
  return [...(await sources.texts()).values()].some((text) => pattern.test(text));
}

function nearest(path: string, told: RouteBook['told']): string | undefined {
  const known = told.map(
    ({ segments }) => `/${segments.map((one) => (typeof one === 'string' ? one : one === any ? '{}' : '*')).join('/')}`,
  );
  return didYouMean(path.replace(/[?#].*$/, ''), known);
}
