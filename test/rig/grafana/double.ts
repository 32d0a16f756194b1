/**
 * A test double of Grafana: an HTTP server that speaks the API and the page contract that verify relies on. The shape 9.3.2 answers
 * as a real Grafana 9.3.2 was recorded to answer; 9.5, 10, 11+ (scenes) and 13 (schema v2 by 406) are after their sources and were
 * never met. Every failure is a switch. It is no Grafana: it proves that verify tells its answers apart, not that Grafana gives them.
 * `npm run test:grafana` runs the same suite against a real one.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  interpolated,
  prometheusAnswer,
  recordedFrame,
  sent,
  testData,
  type Answer,
  type Target,
  type Variables,
} from './data.ts';
import { placesOf, type Place } from './layout.ts';
import { changePasswordPage, dashboardPage, loginPage, shapeOf } from './page.ts';
import { installed, kinds, nothing, shownOf, shownWithoutQuery, type ShownInPlace } from './shown.ts';

export interface DoublePanel {
  id?: number;
  title?: string;
  type: string;
  gridPos?: { x: number; y: number; w: number; h: number };
  targets?: Target[];
  datasource?: { uid?: string; type?: string } | string | null;
  options?: Record<string, unknown>;
  panels?: DoublePanel[];
  libraryPanel?: { uid: string };
  collapsed?: boolean;
  [key: string]: unknown;
}
export interface DoubleBoard {
  uid: string;
  title: string;
  panels?: DoublePanel[];
  templating?: { list: Record<string, unknown>[] };
  /** The file that provisioning read it from. */
  [key: string]: unknown;
}

export interface Faults {
  databaseFailing?: boolean;
  sourceUnhealthy?: boolean;
  sourceMissing?: boolean;
  unprovisioned?: boolean;
  dashboardMissing?: boolean;
  api500?: boolean;
  queries500?: boolean;
  page500?: boolean;
  loginPage?: boolean;
  loginInPlace?: boolean;
  changePassword?: boolean;
  /** Where the dashboard's page sends to. */
  redirect?: string;
  slowQueries?: number;
  hangingPanel?: number;
  noData?: number;
  allNaN?: number;
  panelError?: number;
  /** The API has data, the page does not show it. */
  noDataOnPage?: number;
  errorOnPage?: number;
  panelNotOnPage?: number;
  emptyVariable?: boolean;
  dialog?: boolean;
  endlessScript?: boolean;
  lateEndlessScript?: boolean;
  neverIdle?: boolean;
  /** The login form is turned off; the API takes passwords all the same. */
  formOff?: boolean;
  /** The first so many loads of a dashboard's page stay empty. */
  blankLoads?: number;
  foreignRequest?: string;
}

export type DoubleVersion = '9.3.2' | '9.5.0' | '10.4.0' | '11.5.0' | '13.0.0';
export interface DoubleOptions {
  version: DoubleVersion;
  boards: DoubleBoard[];
  /** A real Prometheus that gives the data; without it, every query has the same recorded points. */
  prometheus?: string;
  library?: Record<string, DoublePanel>;
  faults?: Faults;
  /** Anonymous access: no login is needed. */
  anonymous?: boolean;
  /** The one user; the token is fixed. */
  user?: { name: string; password: string };
  /** The one data source, as it is provisioned. */
  source?: { uid: string; name: string };
  /** Milliseconds at which variables are asked for: a Prometheus of the past has nothing now. */
  clock?: number;
  /** More data sources: one whose server does not answer, and TestData. */
  more?: ('dead' | 'testdata')[];
  /** It says of itself that it is a release, so that a test can see what full fidelity does. Never of a product. */
  full?: boolean;
  /** Address and port to listen on; without it, any port of this machine alone. */
  listen?: { host: string; port: number };
}

const usual = {
  uid: 'prometheus',
  name: 'Prometheus',
  type: 'prometheus',
  isDefault: true,
  jsonData: { timeInterval: '15s' },
};
const account = { user: 'admin', password: 'double-password', token: 'glsa_double_token' };
const sourceOf = (options: DoubleOptions): typeof usual => ({ ...usual, ...options.source });
const accountOf = ({ user }: DoubleOptions): typeof account =>
  user ? { ...account, user: user.name, password: user.password } : account;

export interface Double {
  url: string;
  /** Changed between requests. */
  faults: Faults;
  /** Paths with their queries, as they came in. */
  requests: string[];
  /** Authorization headers that came in, by path. */
  authorizations: { path: string; header: string }[];
  close(): void;
}

const allPanels = (board: DoubleBoard): DoublePanel[] =>
  (board.panels ?? []).flatMap((panel) => (panel.type === 'row' ? (panel.panels ?? []) : [panel]));

export async function grafanaDouble(options: DoubleOptions): Promise<Double> {
  const requests: string[] = [];
  const authorizations: Double['authorizations'] = [];
  const own: Double = { url: '', faults: { ...options.faults }, requests, authorizations, close: () => stop(server) };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      requests.push(request.url ?? '');
      authorizations.push({ path: request.url ?? '', header: request.headers.authorization ?? '' });
      answer(own, options, request, response, body).catch((error: unknown) => {
        response.writeHead(500, { 'content-type': 'application/json' }).end(JSON.stringify({ message: String(error) }));
      });
    });
  });
  await new Promise<void>((done) => {
    server.listen(options.listen?.port ?? 0, options.listen?.host ?? '127.0.0.1', done);
  });
  own.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return own;
}

const stop = (server: Server): void => {
  server.close();
  server.closeAllConnections();
};

async function answer(
  own: Double,
  options: DoubleOptions,
  request: IncomingMessage,
  response: ServerResponse,
  body: string,
): Promise<void> {
  const { faults } = own;
  const url = new URL(request.url ?? '/', own.url);
  const path = url.pathname;
  const json = (status: number, value: unknown, headers: Record<string, string> = {}): void => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
  };
  const html = (text: string, status = 200): void => {
    response.writeHead(status, { 'content-type': 'text/html' }).end(text);
  };
  const { formIds: testIds } = shapeOf(options.version);
  if (path === '/api/health')
    return json(faults.databaseFailing === true ? 503 : 200, {
      database: faults.databaseFailing === true ? 'failing' : 'ok',
      version: options.version,
      commit: options.full === true ? 'measure' : 'double',
    });
  if (path === '/login' && request.method === 'POST') {
    const given = JSON.parse(body) as Record<string, string>;
    const { user, password } = accountOf(options);
    if (faults.formOff === true) return json(401, { message: 'Unauthorized' });
    if (given['user'] !== user || given['password'] !== password)
      return json(401, { message: 'Invalid username or password' });
    return json(200, { message: 'Logged in' }, { 'set-cookie': 'grafana_session=double-session; Path=/; HttpOnly' });
  }
  if (path === '/login') return html(loginPage(testIds));
  const header = request.headers.authorization ?? '';
  const known =
    options.anonymous === true ||
    header === `Bearer ${account.token}` ||
    header === `Basic ${Buffer.from(`${accountOf(options).user}:${accountOf(options).password}`).toString('base64')}` ||
    (request.headers.cookie ?? '').includes('grafana_session=double-session');
  if (path.startsWith('/d/')) {
    if (!known || faults.loginPage === true) {
      response.writeHead(302, {
        location: '/login',
        'set-cookie': `redirect_to=${encodeURIComponent(path)}; Path=/; HttpOnly`,
      });
      return void response.end();
    }
    if (faults.loginInPlace === true) return html(loginPage(testIds));
    if (faults.changePassword === true) return html(changePasswordPage());
    if (faults.redirect !== undefined) return void response.writeHead(302, { location: faults.redirect }).end();
    if (faults.page500 === true) return html('<h1>Internal error of the double</h1>', 500);
    return await page(own, options, url, html);
  }
  if (path === '/home') return html('<!doctype html><h1>Home of the double</h1>');
  if (!known) return json(401, { message: 'Unauthorized' });
  if (faults.api500 === true) return json(500, { message: 'Internal Server Error' });
  return api(own, options, { url, path, body, json, method: request.method ?? 'GET' });
}

interface Call {
  url: URL;
  path: string;
  body: string;
  method: string;
  json: (status: number, value: unknown) => void;
}

/** The plugins' health checks that are not there: Prometheus and TestData from 8.5 to 9.3. */
const withoutHealth = (version: DoubleVersion): boolean => version === '9.3.2';

const sourcesOf = ({ faults }: Double, options: DoubleOptions): { uid: string; name: string; type: string }[] => {
  const source = sourceOf(options);
  const more = {
    dead: { uid: 'dead', name: 'Dead', type: 'prometheus' },
    testdata: { uid: 'testdata', name: 'TestData', type: 'testdata' },
  };
  return [
    ...(faults.sourceMissing === true ? [{ ...source, uid: 'another', name: 'Another' }] : [source]),
    ...(options.more ?? []).map((one) => ({ ...more[one], isDefault: false, jsonData: {} })),
  ];
};

async function api(own: Double, options: DoubleOptions, { url, path, body, json }: Call): Promise<void> {
  const { faults } = own;
  const boards = faults.dashboardMissing === true ? [] : options.boards;
  const sources = sourcesOf(own, options);
  if (path === '/api/org') return json(200, { id: 1, name: 'The double' });
  if (path === '/api/datasources') return json(200, sources);
  if (path === '/api/frontend/settings')
    return json(200, { panels: Object.fromEntries(kinds.map((id) => [id, { id }])) });
  const [, healthOf] = /^\/api\/datasources\/uid\/([^/]+)\/health$/.exec(path) ?? [];
  if (healthOf !== undefined) {
    const bad = faults.sourceUnhealthy === true || healthOf === 'dead';
    if (!sources.some((one) => one.uid === healthOf))
      return json(500, { message: 'Unable to load datasource metadata' });
    if (withoutHealth(options.version)) return json(404, { message: 'Not found' });
    return bad
      ? json(400, { status: 'ERROR', message: 'dial tcp: connection refused' })
      : json(200, { status: 'OK', message: 'Successfully queried the Prometheus API.' });
  }
  const [, way, behind, rest] =
    /^\/api\/datasources\/(?:(proxy)\/uid|uid)\/([^/]+)\/(?:resources\/)?(.*)$/.exec(path) ?? [];
  if (behind !== undefined) {
    if (behind === 'dead' || faults.sourceUnhealthy === true)
      return way === undefined ? json(500, { message: 'Failed to call resource' }) : json(502, undefined);
    if (faults.emptyVariable === true) return json(200, { status: 'success', data: [] });
    if (options.prometheus === undefined) return json(200, { status: 'success', data: ['a', 'b'] });
    const answered = await fetch(`${options.prometheus}/${rest}${url.search}`);
    return json(answered.status, await answered.json());
  }
  if (path === '/api/search')
    return json(
      200,
      Number(url.searchParams.get('page')) > 1 ? [] : boards.map(({ uid, title }) => ({ uid, title, type: 'dash-db' })),
    );
  const uid =
    /^\/(?:api\/dashboards\/uid|apis\/dashboard\.grafana\.app\/v2beta1\/namespaces\/default\/dashboards)\/([^/]+)$/.exec(
      path,
    )?.[1];
  const old = options.version === '9.3.2';
  if (uid !== undefined && !(old && path.startsWith('/apis/'))) {
    const board = boards.find((one) => one.uid === uid);
    if (!board) return json(404, { message: 'Dashboard not found' });
    const from = faults.unprovisioned === true ? '' : `${uid}.json`;
    if (path.startsWith('/apis/')) return json(200, resourceOf(board, from));
    if (options.version === '13.0.0') return json(406, { message: 'dashboard is in the v2 schema' });
    return json(200, { dashboard: board, meta: { provisioned: old && from !== '', provisionedExternalId: from } });
  }
  if (path === '/apis/dashboard.grafana.app' && !old)
    return json(200, { kind: 'APIGroup', versions: [{ version: 'v1beta1' }, { version: 'v2beta1' }] });
  const library = /^\/api\/library-elements\/(.+)$/.exec(path)?.[1];
  if (library !== undefined)
    return options.library?.[library]
      ? json(200, { result: { uid: library, model: options.library[library] } })
      : json(404, { message: 'library element could not be found' });
  if (path === '/api/ds/query') return json(...(await query(own, options, body)));
  const drawn = /^\/double\/panel\/([^/]+)\/(\d+)$/.exec(path);
  if (drawn) return json(200, await shownInPlace(own, options, drawn[1] ?? '', Number(drawn[2]), url));
  return json(404, { message: 'Not found' });
}

/** The same dashboard as a resource of schema v2. */
function resourceOf(board: DoubleBoard, from: string): unknown {
  return {
    apiVersion: 'dashboard.grafana.app/v2beta1',
    kind: 'Dashboard',
    metadata: {
      name: board.uid,
      annotations:
        from === '' ? {} : { 'grafana.app/managedBy': 'classic-file-provisioning', 'grafana.app/sourcePath': from },
    },
    spec: {
      title: board.title,
      elements: Object.fromEntries(
        allPanels(board).map((panel) => [
          `panel-${panel.id}`,
          {
            kind: 'Panel',
            spec: {
              id: panel.id,
              title: panel.title,
              vizConfig: { kind: 'VizConfig', group: panel.type, spec: { fieldConfig: { defaults: {} }, options: {} } },
              data: {
                kind: 'QueryGroup',
                spec: {
                  queries: (panel.targets ?? []).map(({ refId, ...spec }) => ({
                    kind: 'PanelQuery',
                    spec: {
                      refId,
                      hidden: false,
                      query: { kind: 'DataQuery', group: 'prometheus', datasource: { name: 'prometheus' }, spec },
                    },
                  })),
                },
              },
            },
          },
        ]),
      ),
      layout: {
        kind: 'GridLayout',
        spec: {
          items: allPanels(board).map((panel) => ({
            kind: 'GridLayoutItem',
            spec: {
              x: panel.gridPos?.x ?? 0,
              y: panel.gridPos?.y ?? 0,
              width: panel.gridPos?.w ?? 12,
              height: panel.gridPos?.h ?? 8,
              element: { kind: 'ElementReference', name: `panel-${panel.id}` },
            },
          })),
        },
      },
      variables: [],
      timeSettings: { from: 'now-15m', to: 'now' },
    },
  };
}

const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms).unref());

/** The id of the panel that a query stands in; the double's faults are by panel. */
function panelOf(options: DoubleOptions, expr: string): number | undefined {
  const plain = (text: string): string => text.replace(/\$\w+|\(?[a-z](?:\|[a-z])+\)?|\.\*/g, '');
  for (const board of options.boards)
    for (const panel of [...allPanels(board), ...Object.values(options.library ?? {})])
      if (panel.targets?.some((target) => plain(target.expr ?? '') === plain(expr))) return panel.id;
  return undefined;
}

interface Asked {
  from: string;
  to: string;
  queries: (Target & { datasource: { uid: string } })[];
}

async function query(own: Double, options: DoubleOptions, body: string): Promise<[number, unknown]> {
  const { faults } = own;
  if (faults.queries500 === true) return [500, { message: 'Query data error' }];
  if (faults.slowQueries !== undefined) await wait(faults.slowQueries);
  const { queries, from, to } = JSON.parse(body) as Asked;
  if (queries.length === 0)
    return [400, { message: 'No queries found', messageId: 'query.noQueries', statusCode: 400 }];
  const answers = new Map<string, Answer>();
  for (const one of queries) {
    const id = panelOf(options, one.expr ?? '');
    const answer = await answerOf(own, options, one, { from: Number(from), to: Number(to) }, answers, false);
    if (answer.refused) return [answer.refused.status, answer.refused.body];
    if (id !== undefined && id === faults.panelError)
      answers.set(one.refId, { frames: [], error: 'parse error: unexpected end of input' });
    else if (id !== undefined && id === faults.noData) answers.set(one.refId, { frames: [] });
    else if (id !== undefined && id === faults.allNaN)
      answers.set(one.refId, { frames: [recordedFrame([null, null])] });
    else answers.set(one.refId, answer);
  }
  const results = [...answers]
    .filter(([, { silent }]) => silent !== true)
    .map(([refId, { error, frames }]) =>
      error === undefined
        ? [refId, { status: 200, frames: frames.map(sent) }]
        : [refId, { error, status: 500, frames: [] }],
    );
  const bad = [...answers.values()].some(({ error }) => error !== undefined);
  return [bad ? 400 : 200, { results: Object.fromEntries(results) as unknown }];
}

/** One query's answer, as the server gives it, or as the page gets it. */
async function answerOf(
  own: Double,
  options: DoubleOptions,
  target: Target,
  range: { from: number; to: number },
  before: ReadonlyMap<string, Answer>,
  page: boolean,
): Promise<Answer> {
  const ref = typeof target.datasource === 'string' ? { uid: target.datasource } : (target.datasource ?? {});
  if (ref.uid === '__expr__') {
    const input = /\$?(\w+)/.exec(target.expression ?? '')?.[1] ?? '';
    return before.get(input) ?? { frames: [], refused: { status: 500, body: { message: 'Query data error' } } };
  }
  const { uid = '' } = ref;
  const source = sourcesOf(own, options).find(
    (one) => uid === one.uid || uid === one.name || ['', 'default'].includes(uid),
  );
  if (!source) return { frames: [], refused: { status: 404, body: { message: 'Data source not found' } } };
  if (source.uid === 'dead')
    return {
      frames: [],
      refused: {
        status: 500,
        body: { message: 'An error occurred within the plugin', messageId: 'plugin.downstreamError', statusCode: 500 },
      },
    };
  if (source.type === 'testdata') return testData(target, page);
  if (options.prometheus === undefined) return { frames: [recordedFrame()] };
  return prometheusAnswer(options.prometheus, target, range);
}

const unitOf: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
function instant(text: string, now: number): number {
  const [, n, unit] = /^now-(\d+)([smhd])$/.exec(text) ?? [];
  if (n !== undefined) return now - Number(n) * (unitOf[unit ?? ''] ?? 0);
  return text === 'now' ? now : Number(text);
}

/** The range of a place on the page: the panel's own beginning counts where the page's is relative. */
function rangeOfPlace(panel: DoublePanel, url: URL): { from: number; to: number } {
  const now = Number(url.searchParams.get('clock'));
  const [raw, end] = [url.searchParams.get('from') ?? '', url.searchParams.get('to') ?? ''];
  const { timeFrom, timeShift } = panel as { timeFrom?: string; timeShift?: string };
  const own = timeFrom !== undefined && raw.startsWith('now');
  const shift = timeShift === undefined ? 0 : now - instant(`now-${timeShift}`, now);
  return {
    from: instant(own ? `now-${timeFrom}` : raw, now) - shift,
    to: (own ? now : instant(end, now)) - shift,
  };
}

interface DoubleVariable {
  name: string;
  type: string;
  datasource?: { uid?: string };
  current?: { value?: string | string[] };
  query?: string | { query?: string };
  includeAll?: boolean;
  multi?: boolean;
  allValue?: string | null;
  regex?: string;
}

/** Variables as the page resolves them when it opens. */
async function variablesOf(
  own: Double,
  options: DoubleOptions,
  board: DoubleBoard,
): Promise<Map<string, { values: string[]; many: boolean }>> {
  const found = new Map<string, { values: string[]; many: boolean }>();
  for (const one of (board.templating?.list ?? []) as unknown as DoubleVariable[]) {
    const { name, type, query: asked = '', regex = '' } = one;
    const chosen = [one.current?.value ?? []].flat();
    const text = typeof asked === 'string' ? asked : (asked.query ?? '');
    const offered = one.datasource?.uid === 'dead' ? [] : await offers(own, options, type, text, regex, found);
    const kept = chosen.filter((value) => offered.includes(value));
    const all = chosen.includes('$__all') || (one.includeAll === true && kept.length === 0);
    const own_ = all && (one.allValue ?? '') !== '' ? [one.allValue ?? ''] : undefined;
    const auto = chosen.some((value) => value.startsWith('$__auto'));
    const several = one.includeAll === true || one.multi === true;
    const values = auto ? ['1m'] : all ? (own_ ?? offered) : kept.length > 0 ? kept : offered.slice(0, 1);
    found.set(name, { values, many: several && own_ === undefined });
    found.set(`__auto_interval_${name}`, { values: ['1m'], many: false });
  }
  return found;
}

async function offers(
  own: Double,
  options: DoubleOptions,
  type: string,
  text: string,
  regex: string,
  found: Variables,
): Promise<string[]> {
  if (type === 'query')
    return own.faults.emptyVariable === true ? [] : optionsOf(options, interpolated(text, found), regex);
  if (type === 'datasource') return sourcesOf(own, options).map((source) => source.uid);
  if (type === 'constant' || type === 'textbox') return [text];
  return text
    .split(',')
    .map((value) => value.trim())
    .filter((value) => value !== '');
}

async function optionsOf(options: DoubleOptions, text: string, regex: string): Promise<string[]> {
  if (options.prometheus === undefined) return ['a', 'b'];
  const ask = async (path: string): Promise<unknown[]> => {
    const read = (await (await fetch(`${options.prometheus}/api/v1/${path}`)).json()) as { data?: unknown };
    const { data } = read;
    if (Array.isArray(data)) return data;
    const { result = [] } = (data ?? {}) as { result?: { metric: object; value: [number, string] }[] };
    return result.map(({ metric, value }) => `${JSON.stringify(metric)} ${value[1]} ${value[0] * 1000}`);
  };
  const [, metric, label] = /^label_values\((?:(.+),\s*)?(\w+)\)$/.exec(text) ?? [];
  const found = (
    label !== undefined
      ? await ask(`label/${label}/values${metric === undefined ? '' : `?match[]=${encodeURIComponent(metric)}`}`)
      : text === 'label_names()'
        ? await ask('labels')
        : text.startsWith('metrics(')
          ? (await ask('label/__name__/values')).filter((name) => new RegExp(text.slice(8, -1)).test(String(name)))
          : await ask(
              `query?query=${encodeURIComponent(/^query_result\((.*)\)$/.exec(text)?.[1] ?? text)}${options.clock === undefined ? '' : `&time=${options.clock / 1000}`}`,
            )
  ).map(String);
  const pattern = /^\/(.*)\/$/.exec(regex)?.[1];
  return pattern === undefined
    ? found
    : found.flatMap((one) => new RegExp(pattern).exec(one)?.[1] ?? (new RegExp(pattern).test(one) ? [one] : []));
}

/** What stands in a place of the page. */
async function shownInPlace(
  own: Double,
  options: DoubleOptions,
  uid: string,
  id: number,
  url: URL,
): Promise<ShownInPlace> {
  const { faults } = own;
  if (faults.slowQueries !== undefined) await wait(faults.slowQueries);
  const board = options.boards.find((one) => one.uid === uid);
  if (!board) return {};
  const variables = await variablesOf(own, options, board);
  const places = placesOf(board, variables);
  const place = places.find((one) => one.id === id && !one.row);
  if (!place) return {};
  const source = place.panel.id ?? id;
  if (source === faults.hangingPanel) await wait(600_000);
  if (source === faults.noData || source === faults.noDataOnPage || source === faults.allNaN)
    return nothing(place.panel.type);
  if (source === faults.panelError || source === faults.errorOnPage)
    return { ...nothing(place.panel.type), error: 'the query failed' };
  const { libraryPanel } = place.panel;
  const panel = libraryPanel ? options.library?.[libraryPanel.uid] : place.panel;
  if (!panel)
    return {
      content: 'alert',
      text: `Panel plugin not found: Unable to load library panel: ${libraryPanel?.uid ?? ''}`,
    };
  if (!installed(panel.type)) return { content: 'alert', text: `Panel plugin not found: ${panel.type}` };
  if (['text', 'news', 'alertlist', 'dashlist', 'annolist'].includes(panel.type)) return shownWithoutQuery(panel);
  const answer = await panelAnswer(own, options, panel, place, places, rangeOfPlace(panel, url));
  return answer === undefined ? {} : shownOf(panel, answer);
}

/** The answers of all of a panel's queries; undefined where its data source is not there. */
async function panelAnswer(
  own: Double,
  options: DoubleOptions,
  panel: DoublePanel,
  place: Place,
  places: readonly Place[],
  range: { from: number; to: number },
): Promise<Answer | undefined> {
  const answers = new Map<string, Answer>();
  const filled = (value: string): string => interpolated(value, place.variables);
  for (const target of panel.targets ?? []) {
    const given = target.datasource ?? panel.datasource ?? {};
    const ref = typeof given === 'string' ? { uid: given } : given;
    if (ref.uid === '-- Dashboard --') {
      const other = places.find((one) => one.id === target.panelId);
      const shared = other ? await panelAnswer(own, options, other.panel, other, places, range) : { frames: [] };
      answers.set(target.refId, shared ?? { frames: [] });
      continue;
    }
    const asked = { ...target, expr: filled(target.expr ?? ''), datasource: { ...ref, uid: filled(ref.uid ?? '') } };
    const answer = await answerOf(own, options, asked, range, answers, true);
    if (answer.refused?.status === 404) return undefined;
    answers.set(target.refId, answer);
  }
  const hidden = new Set((panel.targets ?? []).flatMap((target) => (target.hide === true ? [target.refId] : [])));
  const shown = [...answers].filter(([refId]) => !hidden.has(refId)).map(([, answer]) => answer);
  const failed = shown.find((one) => one.error !== undefined || one.refused);
  return failed ?? { frames: shown.flatMap((one) => one.frames) };
}

async function page(
  own: Double,
  options: DoubleOptions,
  url: URL,
  html: (text: string, status?: number) => void,
): Promise<void> {
  const { faults } = own;
  const uid = url.pathname.split('/')[2] ?? '';
  const board = options.boards.find((one) => one.uid === uid);
  if (!board) return html('<h1>Dashboard not found</h1>', 404);
  if ((faults.blankLoads ?? 0) > 0) {
    faults.blankLoads = (faults.blankLoads ?? 0) - 1;
    return html('<!doctype html><title>Grafana double</title><div id="reactRoot"></div>');
  }
  const only = /(\d+)$/.exec(url.searchParams.get('viewPanel') ?? '')?.[1];
  const variables: Variables = await variablesOf(own, options, board);
  const places = placesOf(board, variables)
    .filter(
      (place) =>
        (place.panel.id ?? place.id) !== faults.panelNotOnPage && (only === undefined || place.id === Number(only)),
    )
    .map((place) => (only === undefined ? place : { ...place, x: 0, y: 0, w: 24, h: 12 }));
  const script = [
    faults.dialog === true ? "alert('hello from the double');" : '',
    faults.endlessScript === true ? 'for(;;){}' : '',
    faults.lateEndlessScript === true ? 'setTimeout(()=>{for(;;){}},200);' : '',
    faults.neverIdle === true
      ? 'setInterval(()=>{document.getElementById("clock").dataset.tick=String(Math.random());},50);'
      : '',
    faults.foreignRequest === undefined ? '' : `fetch(${JSON.stringify(faults.foreignRequest)}).catch(()=>{});`,
  ].join('\n');
  html(
    dashboardPage({
      uid,
      title: board.title,
      places,
      shape: shapeOf(options.version),
      theme: url.searchParams.get('theme') ?? 'dark',
      script,
    }),
  );
}
