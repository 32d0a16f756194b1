import { readFileSync } from 'node:fs';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { getCookie, setCookie } from 'hono/cookie';
import { streamSSE } from 'hono/streaming';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { exit, UserError } from '../core/errors.ts';
import { markup, type Markup } from '../reporters/html/markup.ts';
import { serveFile, serveReport } from './files.ts';
import { readAnswer, readSaid } from './forms.ts';
import { isStation, notice, problem, room, whole, type Room } from './layout.ts';
import { gatePage } from './pages/gate.ts';
import { picturesPage } from './pages/pictures.ts';
import { questionsPage } from './pages/questions.ts';
import { runPage } from './pages/run.ts';
import { signPage } from './pages/sign.ts';
import { startPage } from './pages/start.ts';
import { pageCss } from './style.ts';

/** The page's script lies beside this file, in source and build alike. */
const script = readFileSync(new URL('page.js', import.meta.url), 'utf8');

const maxBody = 32 * 1024;
/** Pages that follow a run at once. */
const maxFollowers = 24;
const beatMs = 10_000;
/** A page is told of changes at most this often. */
const pauseMs = 100;

/** On every answer; a file brings a stricter policy. */
const guards = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

const again = markup`<p>The first line in the terminal where <code>verify serve</code> runs says how to get a new link. Or end it there, and start it again: runs and signatures are kept on disk.</p>`;

/** The pages, and who may see them. */
export function pages(where: Room): Hono {
  const app = new Hono();
  outside(app, where);
  const inside = new Hono();
  admit(inside, where);
  runPages(inside, where);
  follow(inside, where);
  questionPages(inside, where);
  keptPages(inside, where);
  signPages(inside, where);
  app.route(where.door.folder, inside);
  app.notFound(missing);
  failures(app, where);
  return app;
}

/** What anybody may ask for, and what every answer bears. */
function outside(app: Hono, where: Room): void {
  const { door } = where;
  app.use(async (c, next) => {
    for (const [name, value] of Object.entries(guards)) c.header(name, value);
    await next();
    c.header('Cache-Control', 'no-store');
  });
  // A name that was made to lead here (DNS rebinding) brings its own Host.
  app.use(async (c, next) => {
    if (c.req.header('host') === door.host) return next();
    return said(
      c,
      421,
      'Another address is meant',
      markup`<p>This page is at <code>${door.origin}</code> and nowhere else.</p>`,
    );
  });
  app.get('/style.css', (c) => c.body(pageCss, 200, { 'content-type': 'text/css; charset=utf-8' }));
  app.get('/page.js', (c) => c.body(script, 200, { 'content-type': 'text/javascript; charset=utf-8' }));
  app.get('/favicon.ico', (c) => c.body(null, 204));
  app.get('/', (c) => enter(c, where));
}

/** Who may come in, and which forms are this page's own. */
function admit(inside: Hono, { door }: Room): void {
  inside.use(async (c, next) => {
    if (door.knows(getCookie(c, door.cookie))) return next();
    return said(
      c,
      403,
      'This browser has no session',
      markup`<p>The link that <code>verify serve</code> prints opens these pages once, in one browser. This browser is not the one, its session has ended, or a newer link has been used since.</p>${again}`,
    );
  });
  const foreign = (c: Context, what: string): Response =>
    said(
      c,
      403,
      'This was not sent from here',
      markup`<p>${what} Nothing was done.</p><p><a href="${door.folder}">Go back to the page</a>, and send it from there.</p>`,
    );
  inside.use(async (c, next) => {
    if (c.req.method === 'GET') return next();
    if (c.req.method !== 'POST')
      return said(c, 405, 'That cannot be done', markup`<p>Pages are read and forms are sent, nothing else.</p>`);
    if (c.req.header('origin') !== door.origin) return foreign(c, 'Another page sent it (its Origin is not this one).');
    const site = c.req.header('sec-fetch-site');
    if (site !== undefined && site !== 'same-origin') return foreign(c, 'Another page sent it.');
    if (!/^application\/x-www-form-urlencoded\b/.test(c.req.header('content-type') ?? ''))
      return said(c, 415, 'That is not a form of this page', markup`<p>Nothing was done.</p>`);
    return next();
  });
  inside.use(
    bodyLimit({
      maxSize: maxBody,
      onError: (c) =>
        said(
          c,
          413,
          'That is too much',
          markup`<p>A form may hold ${maxBody / 1024} KiB. Nothing was done: go back, and shorten the comment.</p>`,
        ),
    }),
  );
  inside.use(async (c, next) => {
    if (c.req.method !== 'POST') return next();
    const proof = (await c.req.parseBody())['proof'];
    if (typeof proof === 'string' && door.proves(proof)) return next();
    return foreign(c, 'The form does not belong to this session: it is from an earlier session, or from elsewhere.');
  });
}

/** The address of a page. */
const addressIn =
  ({ door }: Room) =>
  (page: string): string =>
    `${door.folder}${page}`;

/** The plan, and the run that goes on. */
function runPages(inside: Hono, where: Room): void {
  const { desk } = where;
  const to = addressIn(where);
  inside.get('/', async (c) => c.html(startPage(where, await desk.plan(), desk.runs())));
  inside.post('/start', async (c) => {
    const { sha256 } = await fields(c);
    try {
      await desk.start(sha256 ?? '');
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return c.html(startPage(where, await desk.plan(), desk.runs(), trouble(error)), 409);
    }
    return c.redirect(to('run'), 303);
  });
  inside.get('/run', (c) => c.html(runPage(where)));
  inside.post('/stop', (c) => {
    desk.stop();
    return c.redirect(to('run'), 303);
  });
}

/** The stream by which open pages follow the run. */
function follow(inside: Hono, { desk }: Room): void {
  let followers = 0;
  inside.get('/events', (c) => {
    if (followers >= maxFollowers) return c.text('too many pages follow the run already', 503);
    return streamSSE(c, async (stream) => {
      followers++;
      try {
        const gone = new Promise<void>((done) => stream.onAbort(done));
        for (let seen = 0; !stream.aborted;) {
          const told = desk.board.told(seen);
          seen = told.version;
          await stream.writeSSE({ data: JSON.stringify(told) });
          await Promise.race([gone, desk.board.newer(seen), stream.sleep(beatMs)]);
          await Promise.race([gone, stream.sleep(pauseMs)]);
        }
      } finally {
        followers--;
      }
    });
  });
}

/** The questions of manual steps, and what they are about. */
function questionPages(inside: Hono, where: Room): void {
  const { desk } = where;
  const to = addressIn(where);
  inside.get('/questions', (c) => c.html(questionsPage(where)));
  inside.post('/answer', async (c) => {
    const read = readAnswer(await fields(c), new Date());
    if ('problems' in read)
      return c.html(questionsPage(where, read.draft, problem('The answer is not whole', read.problems)), 422);
    const taken = desk.board.questions.answer(read.question, read.answer);
    if (taken === 'taken') return c.redirect(to('run'), 303);
    const why = {
      already: 'It has been answered already; that answer stands.',
      over: 'It is over: its step’s time was up, or the run was stopped. The step stays open; run the checklist again to be asked again.',
      unknown: 'There is no such question in a run of this server.',
    }[taken];
    return c.html(questionsPage(where, undefined, problem('This answer was not taken', [why])), 409);
  });
  inside.get('/subject/:question/:n', (c) => {
    const asked = desk.board.questions.get(c.req.param('question'));
    const n = Number(c.req.param('n'));
    const about = Number.isInteger(n) ? asked?.question.about[n] : undefined;
    const data = asked && about && desk.subject(asked.id, n);
    return data === undefined ? missing(c) : serveFile(c, about?.path ?? '', data);
  });
}

/** What runs have left: pictures and files. */
function keptPages(inside: Hono, where: Room): void {
  const { desk, door } = where;
  inside.get('/pictures', (c) => c.html(picturesPage(where, desk.shelf(c.req.query('run')))));
  inside.get('/runs/:run/*', (c) => {
    const run = c.req.param('run');
    const path = decoded(new URL(c.req.url).pathname.slice(`${door.folder}runs/${run}/`.length));
    const data = path === undefined ? undefined : desk.file(run, path);
    if (path === undefined || data === undefined) return missing(c);
    return path === 'FINAL_STATUS.html' ? serveReport(c, data) : serveFile(c, path, data);
  });
}

/** The decision and the gate. */
function signPages(inside: Hono, where: Room): void {
  const { desk } = where;
  const to = addressIn(where);
  inside.get('/sign', async (c) => c.html(signPage(where, await desk.signing())));
  inside.post('/sign', async (c) => {
    const read = readSaid(await fields(c));
    const back = async (why: Markup): Promise<Response> =>
      c.html(signPage(where, await desk.signing(), read.draft, why), 422);
    if ('problems' in read) return back(problem('The decision is not whole', read.problems));
    try {
      await desk.sign(read.said);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return back(trouble(error));
    }
    return c.redirect(to('gate'), 303);
  });
  inside.get('/gate', async (c) => c.html(gatePage(where, await desk.gate())));
}

/** What a page says where something went wrong. */
function failures(app: Hono, where: Room): void {
  const { door } = where;
  app.onError((error, c) => {
    if (error instanceof UserError) {
      const name = new URL(c.req.url).pathname.slice(door.folder.length);
      const title = `${error.message.slice(0, 1).toUpperCase()}${error.message.slice(1)}`;
      const body = markup`<h1>${title}</h1>${problem(c.req.method === 'GET' ? '' : 'Nothing was done.', detail(error))}`;
      return c.html(room(where, isStation(name) ? name : '', title, body), error.code === exit.missing ? 404 : 409);
    }
    process.stderr.write(`a defect of verify: ${error.stack ?? error.message}\n`);
    return said(
      c,
      500,
      'A defect of verify',
      markup`<p>${error.message}</p><p>Please report it with the text in the terminal.</p>`,
    );
  });
}

/** A link's first use: the cookie, and on to the pages. A redirect would not do: a browser that came from elsewhere keeps a strict cookie back. */
function enter(c: Context, { door }: Room): Response {
  const token = c.req.query('token');
  if (token === undefined)
    return said(
      c,
      403,
      'This page is opened by a link',
      markup`<p>By the one that <code>verify serve</code> prints.</p>${again}`,
    );
  // Who only asks for the headers has not opened it.
  const session = c.req.method === 'GET' ? door.exchange(token) : undefined;
  if (session === undefined)
    return said(
      c,
      403,
      'This link has been used',
      markup`<p>It opens the pages once, in one browser, so that nobody who reads it later gets in. If it was you: the pages are still open in the browser that used it first.</p><p><strong>If it was not you</strong>, somebody else who can read that terminal or this address was quicker: end <code>verify serve</code>.</p>${again}`,
    );
  setCookie(c, door.cookie, session, { path: door.folder, httpOnly: true, sameSite: 'Strict' });
  return c.html(
    whole(
      'verify',
      markup`<div class="page"><div></div><main id="main" tabindex="-1"><h1>verify</h1><p><a href="${door.folder}">Go on</a></p></main></div>`,
      'verify',
      door.folder,
    ),
  );
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

const said = (c: Context, status: ContentfulStatusCode, title: string, body: Markup): Response =>
  c.body(notice(title, body), status, { 'content-type': 'text/html; charset=utf-8' });

const missing = (c: Context): Response =>
  said(
    c,
    404,
    'There is nothing here',
    markup`<p>Only the pages, and the files that a run’s record names, are shown.</p>`,
  );

const trouble = (error: UserError): Markup => problem(error.message, detail(error));

const detail = ({ hint, diagnostics }: UserError): string[] => [
  ...(hint?.split('\n') ?? []),
  ...diagnostics
    .slice(0, 10)
    .map(({ file, line, message }) => `${file ?? ''}${line === undefined ? '' : `:${line}`}: ${message}`),
];

async function fields(c: Context): Promise<Partial<Record<string, string>>> {
  const body = await c.req.parseBody();
  return Object.fromEntries(
    Object.entries(body).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
