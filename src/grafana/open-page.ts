import type { Page } from 'puppeteer-core';
import { z } from 'zod';
import { Unobservable } from '../core/errors.ts';
import type { StepContext } from '../core/step.ts';
import { beforeScripts, look, openRows } from './page-script.ts';
import { orAborted, withPage } from './pictures.ts';

/** A panel as the page shows it. Coordinates in CSS pixels of the whole page. */
export const ShownPanel = z.object({
  id: z.number(),
  title: z.string(),
  state: z.enum(['data', 'no-data', 'error', 'loading']),
  message: z.string(),
  x: z.number(),
  y: z.number(),
  width: z.number(),
  height: z.number(),
});
export type ShownPanel = z.infer<typeof ShownPanel>;

const Shown = z.object({
  path: z.string(),
  scene: z.boolean(),
  running: z.number().optional(),
  login: z.boolean(),
  changePassword: z.boolean(),
  panels: z.array(ShownPanel),
  rows: z.number(),
  hash: z.number(),
  height: z.number(),
});
type Shown = z.infer<typeof Shown>;

export interface PageRequest {
  url: string;
  theme: 'light' | 'dark';
  size: { width: number; height: number };
  /** Milliseconds since the epoch at which the page's clock stands. */
  now: number;
  /** Ids of the panels that must show. */
  panels: number[];
  cookie: { name: string; value: string } | undefined;
  /** Sent to Grafana's origin only. */
  headers: Record<string, string>;
  /** Milliseconds until the page must be ready. */
  limit: number;
  /** Ends the path of the page that is wanted: `/d/<uid>`. */
  path: string;
}

export interface PageSeen {
  /** Path of the final URL, without its query. */
  finalPath: string;
  status: 'ready' | 'not-ready' | 'login' | 'change-password' | 'elsewhere' | 'http-error' | 'hung';
  why: string;
  /** Ids of panels that were not there, or still loading. */
  waiting: number[];
  panels: ShownPanel[];
  dialogs: string[];
  /** Addresses outside Grafana that the page was kept from. */
  kept: string[];
}

/** Opens a page, waits until it is ready by Grafana's own signals, and takes its picture; a page that is not ready gives a picture too, as evidence. */
export async function openPage(ctx: StepContext, request: PageRequest): Promise<{ seen: PageSeen; png?: Uint8Array }> {
  return withPage(ctx, async (page, dialogs) => {
    const kept: string[] = [];
    const flight = await prepare(page, request, kept);
    const base = { finalPath: '', waiting: request.panels, panels: [], dialogs, kept };
    const until = performance.now() + request.limit;
    const left = (): number => Math.max(1, Math.min(until - performance.now(), ctx.remaining() - 1500));
    let status = 0;
    try {
      const response = await page.goto(request.url, { waitUntil: 'domcontentloaded', timeout: left() });
      status = response?.status() ?? 0;
    } catch (error) {
      const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
      return { seen: { ...base, finalPath: pathOf(page), status: /timeout/i.test(why) ? 'hung' : 'http-error', why } };
    }
    if (status >= 400)
      return {
        seen: { ...base, finalPath: pathOf(page), status: 'http-error', why: `HTTP ${status}` },
        ...(await pictureOf(page, left())),
      };
    const waited = await waitReady(page, request, flight, left, ctx);
    const picture = waited.status === 'hung' ? {} : await pictureOf(page, Math.max(5000, left()));
    if (waited.status === 'ready' && !('png' in picture))
      return { seen: { ...base, ...waited, status: 'hung', why: 'the page was ready, but gave no picture' } };
    return { seen: { ...base, ...waited }, ...picture };
  });
}

const pathOf = (page: Page): string => {
  const url = page.url();
  return URL.canParse(url) ? new URL(url).pathname : url;
};

/** Size, clock, colours, session, and the rule of what the page may load. @returns how many requests are open */
async function prepare(page: Page, request: PageRequest, kept: string[]): Promise<() => number> {
  const { origin, hostname } = new URL(request.url);
  await page.setViewport({ ...request.size, deviceScaleFactor: 1 });
  await page.emulateTimezone('UTC');
  await page.emulateMediaFeatures([
    { name: 'prefers-reduced-motion', value: 'reduce' },
    { name: 'prefers-color-scheme', value: request.theme },
  ]);
  await page.evaluateOnNewDocument(beforeScripts(request.now));
  if (request.cookie)
    await page.browserContext().setCookie({ ...request.cookie, domain: hostname, path: '/', httpOnly: true });
  const open = new Set<unknown>();
  await page.setRequestInterception(true);
  page.on('request', (one) => {
    const url = one.url();
    if (one.isInterceptResolutionHandled()) return;
    const local = url.startsWith('data:') || url.startsWith('blob:');
    if (!local && (!URL.canParse(url) || new URL(url).origin !== origin)) {
      kept.push(url.slice(0, 200));
      void one.abort('blockedbyclient').catch(() => undefined);
      return;
    }
    if (!['websocket', 'eventsource'].includes(one.resourceType())) open.add(one);
    void one.continue(local ? {} : { headers: { ...one.headers(), ...request.headers } }).catch(() => undefined);
  });
  const ended = (one: unknown): void => void open.delete(one);
  page.on('requestfinished', ended).on('requestfailed', ended);
  return () => open.size;
}

/** A question to the page's script, which an endless loop of its own would keep from ever being answered. */
async function ask(page: Page, script: string, limit: number): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((done) => {
    timer = setTimeout(() => done(undefined), limit);
  });
  try {
    return await Promise.race([page.evaluate(script).catch(() => undefined), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function pictureOf(page: Page, limit: number): Promise<{ png?: Uint8Array }> {
  const png = await orAborted(
    page.screenshot({ type: 'png', captureBeyondViewport: false }),
    AbortSignal.timeout(Math.ceil(limit)),
  ).catch(() => undefined);
  return png ? { png } : {};
}

type Waited = Pick<PageSeen, 'finalPath' | 'status' | 'why' | 'waiting' | 'panels'>;

/**
 * Ready: every wanted panel is there and none loads; no query runs (several zeros in a row, after one was seen or 3 s); no request is
 * open; and the page does not change. Source: Grafana's own reporting.
 */
async function waitReady(
  page: Page,
  request: PageRequest,
  flight: () => number,
  left: () => number,
  ctx: StepContext,
): Promise<Waited> {
  const began = performance.now();
  let [calm, hash, seenRunning, opened] = [0, 0, false, false];
  let last: Waited = {
    finalPath: pathOf(page),
    status: 'not-ready',
    why: 'nothing was shown',
    waiting: request.panels,
    panels: [],
  };
  while (left() > 1) {
    const answer = Shown.safeParse(await ask(page, look, Math.min(5000, left())));
    if (page.isClosed() || !page.browser().connected)
      throw new Unobservable('browser-failed', 'the browser broke down while the page was open', {
        hint: 'run again; where it comes back, see the memory of the machine',
      });
    if (!answer.success) {
      if (left() > 1) continue;
      // A busy machine is slow to answer as well: the page gets a moment more to show that it lives.
      const late = Shown.safeParse(await ask(page, look, 3000));
      if (late.success) return { ...last, panels: late.data.panels };
      return { ...last, status: 'hung', why: 'the page’s own script does not come to an end, or the page broke down' };
    }
    const shown = answer.data;
    const finalPath = shown.path;
    const place = wrongPlace(shown, request);
    if (place) return { ...last, finalPath, ...place, panels: shown.panels };
    if (!opened && shown.panels.length > 0) {
      opened = true;
      await ask(page, openRows, 2000);
      continue;
    }
    const states = new Map<number, ShownPanel['state'][]>();
    for (const panel of shown.panels) states.set(panel.id, [...(states.get(panel.id) ?? []), panel.state]);
    const waiting = request.panels.filter((id) => states.get(id)?.includes('loading') ?? true);
    seenRunning ||= (shown.running ?? 0) > 0;
    const settled = !shown.scene || seenRunning || performance.now() - began > 3000;
    const why = reasonOf(shown, waiting, flight(), settled);
    calm = why === undefined && shown.hash === hash ? calm + 1 : 0;
    hash = shown.hash;
    last = { finalPath, status: 'not-ready', why: why ?? 'the page goes on changing', waiting, panels: shown.panels };
    if (calm >= 3) return { ...last, status: 'ready', why: '' };
    ctx.progress(`${request.path}: ${last.why}`);
    await ctx.sleep(120);
  }
  return last;
}

function wrongPlace(shown: Shown, request: PageRequest): Pick<PageSeen, 'status' | 'why'> | undefined {
  if (shown.changePassword) return { status: 'change-password', why: 'the page asks for a new password' };
  if (shown.login || shown.path.endsWith('/login')) return { status: 'login', why: 'the page is the login form' };
  const place = `${shown.path}/`;
  if (!place.includes(`${request.path}/`))
    return { status: 'elsewhere', why: `the page is ${shown.path}, not ${request.path}` };
  return undefined;
}

function reasonOf(shown: Shown, waiting: number[], open: number, settled: boolean): string | undefined {
  if (waiting.length > 0) return `panels ${waiting.slice(0, 10).join(', ')} are not ready`;
  if ((shown.running ?? 0) > 0) return `${shown.running} queries run`;
  if (!settled) return 'no query was seen yet';
  if (open > 0) return `${open} requests are open`;
  return undefined;
}
