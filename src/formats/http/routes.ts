import { jsonOf, objectOf, textOf } from '../data/json-parts.ts';
import { yamlOf } from '../data/yaml.ts';

/** One segment of a path: its text, any text (a parameter), or all that follows. */
export type Segment = string | typeof any | typeof rest;
export const any = Symbol('any');
export const rest = Symbol('rest');

/** What a source says of a path. */
export interface Route {
  segments: readonly Segment[];
  /** In upper case; absent where any, or where it is not known. */
  methods?: readonly string[];
  /** `route`: a framework is told to answer it; `prefix`: others are told to stand below it. */
  kind: 'route' | 'prefix';
}

export interface RoutesSeen {
  routes: Route[];
  /** A framework is told of a path that is not written out there. */
  open: boolean;
}

/** The path as a source may write it out: a pattern in which a parameter stands for any text; unless `exact`, the source may have one anywhere. */
export function patternOf(path: readonly Segment[], exact = false): string {
  const escaped = (text: string): string => text.replace(/[-/\\^$*+?.()|[\]{}]/g, String.raw`\$&`);
  return path
    .map((part) =>
      typeof part === 'string'
        ? exact
          ? escaped(part)
          : String.raw`(?:${escaped(part)}|[:{<$%[(*][^/"'\x60\s]*)`
        : String.raw`[^/"'\x60\s]+`,
    )
    .join('/');
}

const parameter = /^[:$%<[({]|[{}<>*$]|%[sdv]/;
const remainder =
  /^\*+\w*$|^\{\*|\.\.\.\}?$|^\{[^}]*:\s*\.[*+]\}?$|^<path:|^<[\w]+\.\.>$|^\{proxy\+\}$|^\(\.[*+]\)|^:\w+[*+]$|^\[\.\.\./;

/** `/a/{id}/b?x=1` → its segments. A `tail` begins with a part that is not known. */
export function segmentsOf(path: string): Segment[] {
  return path
    .replace(/[?#].*$/, '')
    .replace(/^\^/, '')
    .replace(/\/?\$$/, '')
    .split('/')
    .filter((part) => part !== '')
    .map((part) => (remainder.test(part) ? rest : parameter.test(part) ? any : part));
}

const anything: readonly Segment[] = [any];

/** Does the route, from its segment `at` on, answer the path? `whole`: to its end, else as far as it goes. */
function matches(route: readonly Segment[], path: readonly Segment[], at: number): number | undefined {
  for (const [n, segment] of route.entries()) {
    if (segment === rest) return path.length;
    const own = path[at + n];
    if (own === undefined) return undefined;
    if (segment !== any && own !== any && own !== rest && segment !== own) return undefined;
  }
  return at + route.length;
}

/** Routes of a repository, asked whether a path is among them. */
export class RouteBook {
  readonly routes: readonly Route[];
  readonly open: boolean;
  readonly #prefixes: readonly Route[];

  constructor(seen: readonly RoutesSeen[]) {
    this.routes = seen.flatMap((one) => one.routes);
    this.open = seen.some((one) => one.open);
    this.#prefixes = this.routes.filter((one) => one.kind === 'prefix' && one.segments.length > 0);
  }

  /** Paths that a framework is told of, as they stand below the prefixes that are written out whole. */
  get told(): readonly Route[] {
    return this.routes.filter((one) => one.kind === 'route');
  }

  /** The registrations that answer the path, alone or below prefixes. */
  answering(path: readonly Segment[]): { route: Route; alone: boolean }[] {
    const found: { route: Route; alone: boolean }[] = [];
    const starts = new Set([0]);
    // Prefixes may stand below prefixes.
    for (const start of starts)
      for (const prefix of this.#prefixes) {
        const end = matches(prefix.segments, path, start);
        if (end !== undefined && end > start && end <= path.length) starts.add(end);
      }
    for (const start of starts) {
      for (const route of this.told)
        if (matches(route.segments, path, start) === path.length) found.push({ route, alone: start === 0 });
    }
    return found;
  }

  /** How many of the told routes lie, or may lie, below the path's own beginning. */
  beside(path: readonly Segment[]): number {
    const [first] = path;
    if (typeof first !== 'string') return 0;
    const below = this.#prefixes.some(({ segments }) => segments[0] === first);
    return below ? this.told.length : this.told.filter((one) => one.segments[0] === first).length;
  }
}

const quoted = String.raw`(?:[bru]{0,2}["'\x60])`;
const path = String.raw`(\/?[^"'\x60\s]*)`;
const verbs = 'get|post|put|delete|patch|head|options';
const upper = (text: string | undefined): string[] =>
  [...(text ?? '').matchAll(new RegExp(`\\b(${verbs})\\b`, 'gi'))].map(([, verb = '']) => verb.toUpperCase());

interface Notation {
  files: RegExp;
  /** Its groups: `path`, and `method` or `methods` where it says them. */
  pattern: RegExp;
  kind?: 'prefix';
}
const route = (files: RegExp, pattern: string, kind?: 'prefix'): Notation => ({
  files,
  pattern: new RegExp(pattern, 'gi'),
  ...(kind && { kind }),
});
const rust = /\.rs$/;
const node = /\.[cm]?[jt]sx?$/;
const python = /\.py$/;
const go = /\.go$/;
const jvm = /\.(?:java|kt|groovy|scala)$/;
const q = quoted;

/** How frameworks are told of routes: axum, actix, rocket, poem, salvo, warp; express, fastify, koa, hono, Nest; Flask, FastAPI, Django, aiohttp, Starlette; net/http, gorilla, chi, gin, echo, fiber; Spring, JAX-RS, ktor; Laravel, Rails, ASP.NET, Phoenix. */
const notations: Notation[] = [
  route(
    rust,
    String.raw`\.(?:route|route_service|at|route_with_tsr)\(\s*${q}(?<path>\/[^"]*)"\s*,(?<methods>(?:[^()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*)\)`,
  ),
  route(rust, String.raw`\.(?:nest|nest_service|scope|mount)\(\s*${q}${path.replace('(', '(?<path>')}"`, 'prefix'),
  route(rust, String.raw`web::scope\(\s*"(?<path>[^"]*)"`, 'prefix'),
  route(rust, String.raw`web::resource\(\s*"(?<path>[^"]*)"`),
  route(rust, String.raw`#\[(?:\w+::)*(?<method>${verbs})\(\s*"(?<path>[^"]*)"`),
  route(rust, String.raw`#\[(?:\w+::)*route\((?:[^"\]]*,\s*)?"(?<path>\/[^"]*)"(?<methods>[^\]]*)\]`),
  route(rust, String.raw`utoipa::path\(\s*(?<method>${verbs})\s*,[^\]]*?path\s*=\s*"(?<path>[^"]*)"`),
  route(rust, String.raw`Router::with_path\(\s*"(?<path>[^"]*)"`, 'prefix'),
  route(rust, String.raw`warp::path\(\s*"(?<path>[^"]*)"`, 'prefix'),
  route(rust, String.raw`(?:warp::)?path!\(\s*(?<path>"[^)]*)\)`),
  route(rust, String.raw`\(\s*(?:&?(?:hyper::|http::)?Method::)(?<method>${verbs})\s*,\s*"(?<path>\/[^"]*)"`),
  // Servers of one's own match on the two texts of a request.
  route(rust, String.raw`\(\s*"(?<method>${verbs})"\s*,\s*"(?<path>\/[^"]*)"\s*\)\s*(?:=>|\||if\b)`),
  route(
    node,
    String.raw`\b[\w$.]*(?:app|router|server|fastify|api|route[sr]?|hono|instance|koa|web|r)\b\s*\.\s*(?<method>${verbs}|all)\s*(?:<[^>()]*>)?\(\s*${q}(?<path>\/[^"'\x60]*)["'\x60]`,
  ),
  route(
    node,
    String.raw`\b[\w$.]*(?:app|router|server|fastify|api|hono)\b\s*\.\s*(?:use|route|basePath|mount|prefix)\(\s*${q}(?<path>\/[^"'\x60]*)["'\x60]`,
    'prefix',
  ),
  route(node, String.raw`\bprefix\s*:\s*${q}(?<path>\/[^"'\x60]*)["'\x60]`, 'prefix'),
  route(
    node,
    String.raw`\bmethod\s*:\s*(?<methods>\[[^\]]*\]|["'][A-Za-z]+["'])\s*,[^{}]{0,80}?\b(?:url|path)\s*:\s*${q}(?<path>\/[^"'\x60]*)["'\x60]`,
  ),
  route(
    node,
    String.raw`\b(?:url|path)\s*:\s*${q}(?<path>\/[^"'\x60]*)["'\x60]\s*,[^{}]{0,80}?\bmethod\s*:\s*(?<methods>\[[^\]]*\]|["'][A-Za-z]+["'])`,
  ),
  route(node, String.raw`@(?<method>${verbs}|all)\(\s*(?:${q}(?<path>[^"'\x60]*)["'\x60])?\s*\)`),
  route(node, String.raw`@Controller\(\s*(?:\{\s*path:\s*)?${q}(?<path>[^"'\x60]*)["'\x60]`, 'prefix'),
  route(node, String.raw`setGlobalPrefix\(\s*${q}(?<path>[^"'\x60]*)["'\x60]`, 'prefix'),
  route(python, String.raw`@[\w.]+\.(?<method>${verbs})\(\s*${q}(?<path>\/?[^"']*)["']`),
  route(python, String.raw`@[\w.]+\.(?:route|websocket|api_route)\(\s*${q}(?<path>\/[^"']*)["'](?<methods>[^)]*)\)`),
  route(
    python,
    String.raw`\b(?:add_url_rule|add_api_route|add_route|add_resource|Route|Mount|WebSocketRoute|url|path|re_path)\(\s*(?:\w+\s*,\s*)?${q}(?<path>[^"']*)["']`,
  ),
  route(python, String.raw`\b(?:url_prefix|prefix|root_path)\s*=\s*${q}(?<path>\/[^"']*)["']`, 'prefix'),
  route(python, String.raw`\b(?:path|re_path|url)\(\s*${q}(?<path>[^"']*)["']\s*,\s*include\(`, 'prefix'),
  route(python, String.raw`\brouter\.register\(\s*${q}(?<path>[^"']*)["']`, 'prefix'),
  route(python, String.raw`\b(?:web|router)\.(?:add_)?(?<method>${verbs})\(\s*${q}(?<path>\/[^"']*)["']`),
  route(python, String.raw`\(\s*r?["'](?<path>\/[^"']*)["']\s*,\s*\w+Handler\b`),
  route(
    go,
    String.raw`\b(?:HandleFunc|Handle)\(\s*["\x60](?:(?<method>[A-Z]+)\s+)?(?<path>\/[^"\x60]*)["\x60](?<methods>[^\n]*)`,
  ),
  route(go, String.raw`\.(?<method>${verbs}|any|all)\(\s*["\x60](?<path>\/[^"\x60]*|)["\x60]\s*,`),
  route(go, String.raw`\.(?:Group|Route|Mount|PathPrefix)\(\s*["\x60](?<path>\/[^"\x60]*)["\x60]`, 'prefix'),
  route(go, String.raw`\.Path\(\s*["\x60](?<path>\/[^"\x60]*)["\x60]`),
  route(
    go,
    String.raw`\.(?:Method|MethodFunc|Add|Match|RegisterRoute\w*)\(\s*(?:(?:http\.Method)?["\x60]?(?<method>\w+)["\x60]?\s*,\s*)?["\x60](?<path>\/[^"\x60]*)["\x60]`,
  ),
  route(
    jvm,
    String.raw`@(?<method>Get|Post|Put|Delete|Patch)(?:Mapping)?\(\s*(?:(?:value|path|uri)\s*=\s*)?\{?\s*"(?<path>[^"]*)"`,
  ),
  route(jvm, String.raw`@(?<method>Get|Post|Put|Delete|Patch)Mapping(?<path>)(?!\s*\()`),
  route(
    jvm,
    String.raw`@(?:RequestMapping|Path|Controller)\(\s*(?:(?:value|path)\s*=\s*)?\{?\s*"(?<path>[^"]*)"`,
    'prefix',
  ),
  route(jvm, String.raw`\b(?<method>${verbs})\(\s*"(?<path>\/[^"]*)"\s*\)\s*\{`),
  route(jvm, String.raw`\broute\(\s*"(?<path>[^"]*)"\s*\)\s*\{`, 'prefix'),
  route(/\.php$/, String.raw`\bRoute::(?<method>${verbs}|any)\(\s*["'](?<path>[^"']*)["']`),
  route(/\.php$/, String.raw`\bprefix\(\s*["'](?<path>[^"']*)["']`, 'prefix'),
  route(/\.rb$/, String.raw`^\s*(?<method>${verbs})\s+["'](?<path>\/?[^"']*)["']`),
  route(/\.rb$/, String.raw`^\s*(?:namespace|scope|resources?)\s+[:"'](?<path>[\w/]+)`, 'prefix'),
  route(/\.cs$/, String.raw`\.Map(?<method>${verbs})\(\s*"(?<path>[^"]*)"`),
  route(/\.cs$/, String.raw`\[(?:Http)(?<method>${verbs})\(\s*"(?<path>[^"]*)"`),
  route(/\.cs$/, String.raw`(?:\[Route|\.MapGroup)\(\s*"(?<path>[^"]*)"`, 'prefix'),
  route(/\.exs?$/, String.raw`^\s*(?<method>${verbs})\s*\(?\s*"(?<path>\/[^"]*)"`),
  route(/\.exs?$/, String.raw`^\s*(?:scope|forward|pipe_through)\s*\(?\s*"(?<path>\/[^"]*)"`, 'prefix'),
  route(/\.proto$/, String.raw`^\s*(?<method>${verbs})\s*:\s*"(?<path>\/[^"]*)"`),
];
for (const one of notations) one.pattern = new RegExp(one.pattern.source, 'gim');

/** A framework that is told of a path by a name, a call or a template. */
const dynamic =
  /\.(?:route|nest|route_service)\(\s*(?:&?format!|&?[a-z_][\w.]*\s*[,+]|[A-Z][A-Z0-9_:]+\s*,)|web::(?:resource|scope)\(\s*(?:&|[A-Za-z])|\b(?:app|router|server|fastify)\.(?:get|post|put|delete|patch|all|use|route)\(\s*(?:[A-Za-z_$][\w$.]*\s*[,+][^)]|\x60[^\x60]*\$\{)|\b(?:HandleFunc|Handle|RegisterRoute\w*)\(\s*(?:[a-z][\w.]*\s*[,+]|fmt\.|path\.Join)|\.(?:GET|POST|PUT|DELETE|PATCH)\(\s*[A-Za-z][\w.]*\s*[,+]|add_(?:url_rule|api_route|route)\(\s*[A-Za-z_f]/;
const code =
  /\.(?:rs|[cm]?[jt]sx?|py|go|java|kt|groovy|scala|php|rb|cs|exs?|proto|vue|svelte|sh|bash|conf|ya?ml|toml|json|tf|lua|hcl)$/;

/** The paths of one source. Text, not syntax: what is not understood is a literal, and what is not written out leaves the whole open. */
export function routesOf(file: string, text: string): RoutesSeen {
  const seen: RoutesSeen = { routes: [], open: false };
  if (!code.test(file)) return seen;
  if (/\.(?:ya?ml|json)$/.test(file) && /["']?(?:openapi|swagger)["']?\s*:/.test(text.slice(0, 4000)))
    seen.routes.push(...openApi(file, text));
  if (
    !/["'`](?:[A-Z]+ )?\^?\/|@\w+|\bMap\w+\(|\bpath!?\(|^\s*(?:get|post|put|patch|delete|resources?|namespace|scope) /im.test(
      text,
    )
  )
    return seen;
  for (const { files, pattern, kind } of notations) {
    if (!files.test(file)) continue;
    for (const match of text.matchAll(pattern)) {
      const groups = match.groups ?? {};
      const methods = groups['method'] === undefined ? upper(groups['methods']) : upper(groups['method']);
      const raw = groups['path'] ?? '';
      if (/^(?:https?:)?\/\//.test(raw)) continue;
      const written = raw.startsWith('"') ? warpPath(raw) : raw;
      seen.routes.push({
        segments: segmentsOf(written),
        kind: kind ?? 'route',
        ...(kind === undefined && methods.length > 0 && { methods }),
      });
    }
  }
  if (/(?:^|\/)(?:pages|app)\/api\/.*\.[jt]sx?$|(?:^|\/)app\/.*\/route\.[jt]s$/.test(file)) {
    const below = file.replace(/^.*?(?:^|\/)(?:pages|app)\//, '').replace(/(?:\/(?:route|index))?\.[jt]sx?$/, '');
    seen.routes.push({ segments: segmentsOf(below.replace(/\([^)]*\)\/?/g, '')), kind: 'route' });
  }
  // Filters of warp stand for one segment each, and are put together elsewhere.
  if (/\bwarp::path\(/.test(text)) {
    const pieces = seen.routes.filter((one) => one.kind === 'prefix').map(({ segments }) => segments);
    for (const segments of [...pieces, ...(text.includes('path::param') ? [anything] : [])])
      seen.routes.push({ segments, kind: 'prefix' }, { segments, kind: 'route' });
  }
  seen.open = dynamic.test(text);
  return seen;
}

/** `"a" / String / "b"` of warp. */
const warpPath = (text: string): string =>
  text
    .split('/')
    .map((part) => /"([^"]*)"/.exec(part)?.[1] ?? ':any')
    .join('/');

function openApi(file: string, text: string): Route[] {
  const root = objectOf(file.endsWith('.json') ? jsonOf(text) : yamlOf(text));
  const base = textOf(root['basePath']);
  const servers = Array.isArray(root['servers'])
    ? root['servers'].map((one) => textOf(objectOf(one)['url']).replace(/^https?:\/\/[^/]*/, ''))
    : [];
  const prefixes = [...new Set([base, ...servers].filter((one) => one.length > 1))];
  return Object.entries(objectOf(root['paths'])).flatMap(([path, item]) => {
    const methods = Object.keys(objectOf(item)).flatMap((key) => upper(key));
    return ['', ...prefixes].map((prefix) => ({
      segments: segmentsOf(`${prefix}/${path}`),
      kind: 'route' as const,
      ...(methods.length > 0 && { methods }),
    }));
  });
}
