/**
 * A test double of Grafana: an HTTP server that speaks the API and the page contract that verify relies on, in the shapes of
 * Grafana 9, 10, 11+ (scenes) and 13 (schema v2 by 406), with every failure as a switch. It is no Grafana: it proves that
 * verify tells its answers apart, not that Grafana gives them. `npm run test:grafana` runs the same suite against a real one.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { changePasswordPage, dashboardPage, loginPage } from './page.ts';

export interface DoublePanel {
  id: number;
  title: string;
  type: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { refId: string; expr?: string; datasource?: { uid: string; type: string }; [key: string]: unknown }[];
  datasource?: { uid: string; type: string };
  options?: Record<string, unknown>;
  panels?: DoublePanel[];
  libraryPanel?: { uid: string };
  collapsed?: boolean;
}
export interface DoubleBoard {
  uid: string;
  title: string;
  panels: DoublePanel[];
  templating?: { list: Record<string, unknown>[] };
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
  foreignRequest?: string;
}

export interface DoubleOptions {
  version: '9.5.0' | '10.4.0' | '11.5.0' | '13.0.0';
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
  /** Address and port to listen on; without it, any port of this machine alone. */
  listen?: { host: string; port: number };
}

const recorded = [1, 3, 2, 5, 4, 6, 5, 8];
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
  board.panels.flatMap((panel) => (panel.type === 'row' ? (panel.panels ?? []) : [panel]));

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
  const testIds = options.version !== '9.5.0';
  if (path === '/api/health')
    return json(faults.databaseFailing === true ? 503 : 200, {
      database: faults.databaseFailing === true ? 'failing' : 'ok',
      version: options.version,
      commit: 'double',
    });
  if (path === '/login' && request.method === 'POST') {
    const given = JSON.parse(body) as Record<string, string>;
    const { user, password } = accountOf(options);
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
    if (!known || faults.loginPage === true) return void response.writeHead(302, { location: '/login' }).end();
    if (faults.loginInPlace === true) return html(loginPage(testIds));
    if (faults.changePassword === true) return html(changePasswordPage());
    if (faults.redirect !== undefined) return void response.writeHead(302, { location: faults.redirect }).end();
    if (faults.page500 === true) return html('<h1>Internal error of the double</h1>', 500);
    return page(own, options, url, html);
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

async function api(own: Double, options: DoubleOptions, { url, path, body, json }: Call): Promise<void> {
  const { faults } = own;
  const boards = faults.dashboardMissing === true ? [] : options.boards;
  const source = sourceOf(options);
  const sources = faults.sourceMissing === true ? [{ ...source, uid: 'another', name: 'Another' }] : [source];
  if (path === '/api/org') return json(200, { id: 1, name: 'The double' });
  if (path === '/api/datasources') return json(200, sources);
  if (/^\/api\/datasources\/uid\/[^/]+\/health$/.test(path))
    return faults.sourceUnhealthy === true
      ? json(400, { status: 'ERROR', message: 'dial tcp: connection refused' })
      : json(200, { status: 'OK', message: 'Successfully queried the Prometheus API.' });
  const resource = /^\/api\/datasources\/uid\/[^/]+\/resources\/(.*)$/.exec(path);
  if (resource) {
    if (faults.emptyVariable === true) return json(200, { status: 'success', data: [] });
    if (options.prometheus === undefined) return json(200, { status: 'success', data: ['a', 'b'] });
    return json(200, await (await fetch(`${options.prometheus}/${resource[1]}${url.search}`)).json());
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
  if (uid !== undefined) {
    const board = boards.find((one) => one.uid === uid);
    if (!board) return json(404, { message: 'Dashboard not found' });
    const from = faults.unprovisioned === true ? '' : `${uid}.json`;
    if (path.startsWith('/apis/')) return json(200, resourceOf(board, from));
    if (options.version === '13.0.0') return json(406, { message: 'dashboard is in the v2 schema' });
    return json(200, { dashboard: board, meta: { provisioned: false, provisionedExternalId: from } });
  }
  if (path === '/apis/dashboard.grafana.app')
    return json(200, { kind: 'APIGroup', versions: [{ version: 'v1beta1' }, { version: 'v2beta1' }] });
  const library = /^\/api\/library-elements\/(.+)$/.exec(path)?.[1];
  if (library !== undefined) return json(200, { result: { uid: library, model: options.library?.[library] } });
  if (path === '/api/ds/query') return json(...(await query(own, options, body)));
  const drawn = /^\/double\/panel\/([^/]+)\/(\d+)$/.exec(path);
  if (drawn) return json(200, await panelData(own, options, drawn[1] ?? '', Number(drawn[2]), url));
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
              x: panel.gridPos.x,
              y: panel.gridPos.y,
              width: panel.gridPos.w,
              height: panel.gridPos.h,
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

async function query(own: Double, options: DoubleOptions, body: string): Promise<[number, unknown]> {
  const { faults } = own;
  if (faults.queries500 === true) return [500, { message: 'Query data error' }];
  if (faults.slowQueries !== undefined) await wait(faults.slowQueries);
  const { queries, from, to } = JSON.parse(body) as {
    from: string;
    to: string;
    queries: {
      refId: string;
      expr?: string;
      instant?: boolean;
      intervalMs: number;
      datasource: { uid: string };
      expression?: string;
    }[];
  };
  const results: Record<string, unknown> = {};
  for (const one of queries) {
    if (one.datasource.uid === '__expr__') {
      const input = /\$?(\w+)/.exec(one.expression ?? '')?.[1] ?? '';
      results[one.refId] = results[input] ?? { status: 500, error: `expression: no ${input}` };
      continue;
    }
    if (one.datasource.uid !== sourceOf(options).uid && faults.sourceMissing !== true)
      return [404, { message: 'Data source not found' }];
    const id = panelOf(options, one.expr ?? '');
    if (id !== undefined && id === faults.panelError)
      results[one.refId] = { status: 400, error: 'parse error: unexpected end of input' };
    else if (id !== undefined && id === faults.noData)
      results[one.refId] = { status: 200, frames: [{ schema: { fields: [] }, data: { values: [] } }] };
    else if (id !== undefined && id === faults.allNaN)
      results[one.refId] = { status: 200, frames: [frame([null, null], { entities: [null, { NaN: [0, 1] }] })] };
    else if (options.prometheus === undefined) results[one.refId] = { status: 200, frames: [frame(recorded)] };
    else results[one.refId] = await real(options.prometheus, one.expr ?? '', Number(from), Number(to), one.intervalMs);
  }
  const bad = Object.values(results).some((result) => 'error' in (result as object));
  return [bad ? 400 : 200, { results }];
}

const frame = (values: (number | null)[], extra: object = {}): unknown => ({
  schema: {
    fields: [
      { name: 'Time', type: 'time' },
      { name: 'Value', type: 'number' },
    ],
  },
  data: { values: [values.map((_, n) => 1_700_000_000_000 + n * 15_000), values], ...extra },
});

async function series(
  prometheus: string,
  expr: string,
  from: number,
  to: number,
  stepMs: number,
): Promise<{ error?: string; values: (number | null)[][] }> {
  const filled = expr
    .replace(/\$__rate_interval|\$\{__rate_interval\}/g, '60s')
    .replace(/\$__interval|\$__range/g, '60s')
    .replace(/\$\w+|\$\{\w+\}/g, '.*');
  const search = new URLSearchParams({
    query: filled,
    start: String(from / 1000),
    end: String(to / 1000),
    step: String(stepMs / 1000),
  });
  const read = (await (await fetch(`${prometheus}/api/v1/query_range?${search.toString()}`)).json()) as {
    status: string;
    error?: string;
    data?: { result: { values: [number, string][] }[] };
  };
  if (read.status !== 'success') return { error: read.error ?? 'error', values: [] };
  return {
    values: (read.data?.result ?? []).map((one) =>
      one.values.map(([, value]) => (Number.isFinite(Number(value)) ? Number(value) : null)),
    ),
  };
}

async function real(prometheus: string, expr: string, from: number, to: number, stepMs: number): Promise<unknown> {
  const { error, values } = await series(prometheus, expr, from, to, stepMs);
  return error === undefined ? { status: 200, frames: values.map((one) => frame(one)) } : { status: 400, error };
}

/** What a panel of a page shows. */
async function panelData(
  own: Double,
  options: DoubleOptions,
  uid: string,
  id: number,
  url: URL,
): Promise<{ error?: string; points: (number | null)[] }> {
  const { faults } = own;
  if (faults.slowQueries !== undefined) await wait(faults.slowQueries);
  if (id === faults.hangingPanel) await wait(600_000);
  if (id === faults.noData || id === faults.noDataOnPage || id === faults.allNaN) return { points: [] };
  if (id === faults.panelError || id === faults.errorOnPage) return { error: 'the query failed', points: [] };
  const board = options.boards.find((one) => one.uid === uid);
  const panel = allPanels(board ?? { uid, title: '', panels: [] }).find((one) => one.id === id);
  const model = panel?.libraryPanel ? options.library?.[panel.libraryPanel.uid] : panel;
  const expr = model?.targets?.find((one) => one.expr !== undefined)?.expr;
  if (options.prometheus === undefined || expr === undefined) return { points: recorded };
  const { error, values } = await series(
    options.prometheus,
    expr,
    Number(url.searchParams.get('from')),
    Number(url.searchParams.get('to')),
    15_000,
  );
  return { ...(error !== undefined && { error }), points: values[0] ?? [] };
}

function page(own: Double, options: DoubleOptions, url: URL, html: (text: string, status?: number) => void): void {
  const { faults } = own;
  const uid = url.pathname.split('/')[2] ?? '';
  const board = options.boards.find((one) => one.uid === uid);
  if (!board) return html('<h1>Dashboard not found</h1>', 404);
  const only = /(\d+)$/.exec(url.searchParams.get('viewPanel') ?? '')?.[1];
  const panels = allPanels(board)
    .filter((panel) => panel.id !== faults.panelNotOnPage && (only === undefined || panel.id === Number(only)))
    .map((panel) => ({
      id: panel.id,
      title: panel.title,
      ...panel.gridPos,
      ...(panel.type === 'text' && { text: 'text' }),
      ...(only !== undefined && { x: 0, y: 0, w: 24, h: 12 }),
    }));
  const script = [
    faults.dialog === true ? "alert('hello from the double');" : '',
    faults.endlessScript === true ? 'for(;;){}' : '',
    faults.lateEndlessScript === true ? 'setTimeout(()=>{for(;;){}},600);' : '',
    faults.neverIdle === true
      ? 'setInterval(()=>{document.getElementById("clock").dataset.tick=String(Math.random());},50);'
      : '',
    faults.foreignRequest === undefined ? '' : `fetch(${JSON.stringify(faults.foreignRequest)}).catch(()=>{});`,
  ].join('\n');
  const [major = 0] = options.version.split('.').map(Number);
  html(
    dashboardPage({
      uid,
      title: board.title,
      panels,
      scenes: major >= 11,
      testIds: major >= 10,
      theme: url.searchParams.get('theme') ?? 'dark',
      script,
    }),
  );
}
