/**
 * A test double of Grafana: an HTTP server that speaks the API and the page contract that verify relies on. The shape 9.3.2 answers
 * as a real Grafana 9.3.2 was recorded to answer; 9.5, 10, 11+ (scenes) and 13 (schema v2 by 406) are after their sources and were
 * never met. Every failure is a switch. It is no Grafana: it proves that verify tells its answers apart, not that Grafana gives them.
 * `npm run test:grafana` runs the same suite against a real one.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { api } from './api.ts';
import type { Variables } from './data.ts';
import { placesOf } from './layout.ts';
import { account, accountOf, type Double, type DoubleOptions } from './options.ts';
import { changePasswordPage, dashboardPage, loginPage, shapeOf } from './page.ts';
import { variablesOf } from './variables.ts';

export type { Double, DoubleBoard, DoubleOptions, DoublePanel, DoubleVersion, Faults } from './options.ts';

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
  const [, script] = /^\/public\/build\/(\d+)\.js$/.exec(path) ?? [];
  if (script !== undefined) {
    response.writeHead(200, { 'content-type': 'text/javascript', 'cache-control': 'public, max-age=31536000' });
    return void response.end(options.scripts?.[Number(script)]);
  }
  if (path === '/home') return html('<!doctype html><h1>Home of the double</h1>');
  if (!known) return json(401, { message: 'Unauthorized' });
  if (faults.api500 === true) return json(500, { message: 'Internal Server Error' });
  return api(own, options, { url, path, body, json, method: request.method ?? 'GET' });
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
  const first = board.panels?.[0]?.tab;
  const places = placesOf(board, variables)
    .filter((place) => only !== undefined || place.panel.tab === first)
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
      scripts: options.scripts?.length ?? 0,
      script,
    }),
  );
}
