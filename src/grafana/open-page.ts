import type { Page } from 'puppeteer-core';
import { z } from 'zod';
import { Unobservable } from '../core/errors.ts';
import type { StepContext } from '../core/step.ts';
import { beforeScripts, ink, look, openRows, scrollTo } from './page-script.ts';
import { orAborted, withPage } from './pictures.ts';
import type { Selectors } from './selectors.ts';
import { PanelFacts, pairs, stateOf, type PanelWanted, type ShownPanel } from './shown-panel.ts';

const Shown = z.object({
  path: z.string(),
  scene: z.boolean(),
  running: z.number().optional(),
  login: z.boolean(),
  changePassword: z.boolean(),
  panels: z.array(PanelFacts),
  hash: z.number(),
  /** Where the lowest panel or row ends. */
  bottom: z.number(),
});
type Shown = z.infer<typeof Shown>;

export interface PageRequest {
  url: string;
  theme: 'light' | 'dark';
  size: { width: number; height: number };
  /** Milliseconds since the epoch at which the page's clock stands. */
  now: number;
  /** The panels that must show. */
  panels: PanelWanted[];
  selectors: Selectors;
  cookie: { name: string; value: string } | undefined;
  /** Sent to Grafana's origin only. */
  headers: Record<string, string>;
  /** Milliseconds until the page must be ready. */
  limit: number;
  /** Ends the path of the page that is wanted: `/d/<uid>`. */
  path: string;
  /** One panel alone: the picture is as high as the window. */
  alone?: boolean;
}

export interface PageSeen {
  /** Path of the final URL, without its query. */
  finalPath: string;
  status: 'ready' | 'not-ready' | 'login' | 'change-password' | 'elsewhere' | 'http-error' | 'hung';
  why: string;
  /** Ids of panels that were not there, or still loading. */
  waiting: number[];
  /** Ids of the panels that were asked for, by the place in `panels` that shows each. */
  shows: (number | undefined)[];
  /** The page stayed empty, and was loaded once more. */
  reloaded?: true;
  panels: ShownPanel[];
  dialogs: string[];
  /** Addresses outside Grafana that the page was kept from. */
  kept: string[];
}

/** A picture, or of a dashboard that is too tall for one the parts of it, from the top. */
export interface Part {
  png: Uint8Array;
  height: number;
}

/** Above this a browser draws no picture in one piece. CSS pixels. */
const tallest = 16_000;
/** More parts than this are not taken: the last one is then cut off, which the step says. */
const mostParts = 6;

/** Opens a page, waits until it is ready by Grafana's own signals, and takes its picture; a page that is not ready gives a picture too, as evidence. */
export async function openPage(
  ctx: StepContext,
  request: PageRequest,
): Promise<{ seen: PageSeen; parts: Part[]; cutAt?: number }> {
  return withPage(ctx, async (page, dialogs) => {
    const kept: string[] = [];
    const flight = await prepare(page, request, kept);
    const base = { finalPath: '', waiting: request.panels.map((one) => one.id), panels: [], shows: [], dialogs, kept };
    const until = performance.now() + request.limit;
    const left = (): number => Math.max(1, Math.min(until - performance.now(), ctx.remaining() - 1500));
    let status = 0;
    try {
      const response = await page.goto(request.url, { waitUntil: 'domcontentloaded', timeout: left() });
      status = response?.status() ?? 0;
    } catch (error) {
      const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
      const how = /timeout/i.test(why) ? 'hung' : 'http-error';
      return { seen: { ...base, finalPath: pathOf(page), status: how, why }, parts: [] };
    }
    const { size } = request;
    if (status >= 400)
      return {
        seen: { ...base, finalPath: pathOf(page), status: 'http-error', why: `HTTP ${status}` },
        parts: await pictureOf(page, left(), { y: 0, ...size }),
      };
    const view = { page, request, flight, left, ctx };
    let waited = await waitReady(view);
    if (waited.empty && left() > 3000) {
      await page.reload({ waitUntil: 'domcontentloaded', timeout: left() }).catch(() => undefined);
      waited = { ...(await waitReady(view)), reloaded: true };
    }
    const { bottom, empty: _, ...seen } = waited;
    if (seen.status === 'hung') return { seen: { ...base, ...seen }, parts: [] };
    if (seen.status !== 'ready')
      return { seen: { ...base, ...seen }, parts: await pictureOf(page, Math.max(5000, left()), { y: 0, ...size }) };
    const { parts, last, cutAt } = await pictures(view, { ...seen, bottom });
    const done = { ...base, ...seen, ...last };
    if (parts.length === 0 && done.status === 'ready')
      return { seen: { ...done, status: 'hung', why: 'the page was ready, but gave no picture' }, parts };
    return { seen: done, parts, ...(cutAt !== undefined && { cutAt }) };
  });
}

interface View {
  page: Page;
  request: PageRequest;
  flight: () => number;
  left: () => number;
  ctx: StepContext;
}

/** Takes the whole dashboard as it is laid out: the window grows to its end; what is taller than a picture can be comes in parts. */
async function pictures(view: View, ready: Waited): Promise<{ parts: Part[]; last: Seen; cutAt?: number }> {
  const { page, request, left } = view;
  const { width } = request.size;
  let { height } = request.size;
  let waited = ready;
  for (let turn = 0; turn < 3 && request.alone !== true && waited.bottom > height && height < tallest; turn++) {
    height = Math.min(tallest, waited.bottom + margin);
    await page.setViewport({ width, height, deviceScaleFactor: 1 });
    waited = await waitReady(view);
    if (waited.status !== 'ready') break;
  }
  const states = await withInk(view, waited);
  const end = request.alone === true ? height : Math.max(200, waited.bottom + margin);
  const parts: Part[] = [];
  const count = Math.min(mostParts, Math.max(1, Math.ceil(end / height)));
  for (let n = 0; n < count; n++) {
    const wanted = n * height;
    let top = 0;
    if (n > 0) {
      const moved = z.object({ top: z.number() }).safeParse(await ask(page, scrollTo(wanted), 3000));
      top = moved.success ? moved.data.top : 0;
      await waitReady(view);
    }
    const y = n === 0 ? 0 : Math.max(0, wanted - top);
    const rest = Math.min(height - y, end - wanted);
    parts.push(...(await pictureOf(page, Math.max(5000, left()), { y, width, height: rest })));
  }
  const reached = count * height;
  return { parts, last: states, ...(end > reached && { cutAt: reached }) };
}

/** Pixels below the last panel. */
const margin = 12;

type Seen = Omit<Waited, 'bottom' | 'empty'>;

/** The states once more, with what is on the canvases. */
async function withInk({ page, request }: View, waited: Waited): Promise<Seen> {
  const { bottom: _, empty: __, ...seen } = waited;
  const [answer, inks] = [
    Shown.safeParse(await ask(page, look(request.selectors), 5000)),
    z.array(z.string()).safeParse(await ask(page, ink, 5000)),
  ];
  if (!answer.success || !inks.success || answer.data.panels.length !== inks.data.length) return seen;
  const judged = statesOf(answer.data.panels, request.panels, inks.data, true);
  return { ...seen, panels: judged.panels, shows: judged.shows };
}

/** Every panel of the page with its state, and which of the wanted ones it is. `final`: what still has no content gets none. */
function statesOf(
  facts: readonly PanelFacts[],
  wanted: readonly PanelWanted[],
  inks: readonly string[],
  final: boolean,
): Pick<PageSeen, 'panels' | 'shows' | 'waiting'> {
  const { of, missing } = pairs(wanted, facts);
  const waiting = missing.map((one) => one.id);
  const panels = facts.map((one, n): ShownPanel => {
    const panel = of.get(one);
    const { id, key, title, x, y, width, height } = one;
    let { state, message } = stateOf(one, panel, inks[n]);
    if (final && state === 'loading' && !one.loading && one.section)
      [state, message] = ['blank', 'it never shows its content'];
    if (state === 'loading') waiting.push(panel?.id ?? id);
    return { id, key, title, state, message, x, y, width, height };
  });
  return { panels, shows: facts.map((one) => of.get(one)?.id), waiting };
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

async function pictureOf(
  page: Page,
  limit: number,
  clip: { y: number; width: number; height: number },
): Promise<Part[]> {
  const png = await orAborted(
    page.screenshot({ type: 'png', captureBeyondViewport: false, clip: { x: 0, ...clip } }),
    AbortSignal.timeout(Math.ceil(limit)),
  ).catch(() => undefined);
  return png ? [{ png, height: clip.height }] : [];
}

type Waited = Pick<PageSeen, 'finalPath' | 'status' | 'why' | 'waiting' | 'panels' | 'shows' | 'reloaded'> & {
  bottom: number;
  /** The page rests, and shows nothing of a dashboard. */
  empty?: boolean;
};

/** How long a page must rest until what has not come will not come, in milliseconds. */
const rest = 3000;

/**
 * Ready: every wanted panel is there and none loads; no query runs (several zeros in a row, after one was seen or 3 s); no request is
 * open; and the page does not change. Source: Grafana's own reporting. A panel whose frame is there, without content and without a
 * sign of loading, while the page rests, stays so: its data source is not there.
 */
async function waitReady({ page, request, flight, left, ctx }: View): Promise<Waited> {
  const began = performance.now();
  let [calm, hash, seenRunning, opened, restingSince] = [0, 0, false, false, began];
  let last: Waited = {
    finalPath: pathOf(page),
    status: 'not-ready',
    why: 'nothing was shown',
    waiting: request.panels.map((one) => one.id),
    panels: [],
    shows: [],
    bottom: 0,
  };
  const script = look(request.selectors);
  while (left() > 1) {
    const answer = Shown.safeParse(await ask(page, script, Math.min(5000, left())));
    if (page.isClosed() || !page.browser().connected)
      throw new Unobservable('browser-failed', 'the browser broke down while the page was open', {
        hint: 'run again; where it comes back, see the memory of the machine',
      });
    if (!answer.success) {
      if (left() > 1) continue;
      // A busy machine is slow to answer as well: the page gets a moment more to show that it lives.
      const late = Shown.safeParse(await ask(page, script, 3000));
      if (late.success) return { ...last, ...statesOf(late.data.panels, request.panels, [], false) };
      return { ...last, status: 'hung', why: 'the page’s own script does not come to an end, or the page broke down' };
    }
    const shown = answer.data;
    const { path: finalPath, bottom } = shown;
    const states = statesOf(shown.panels, request.panels, [], false);
    const place = wrongPlace(shown, request);
    if (place) return { ...last, ...states, finalPath, ...place };
    if (!opened && shown.panels.length > 0) {
      opened = true;
      await ask(page, openRows, 2000);
      continue;
    }
    seenRunning ||= (shown.running ?? 0) > 0;
    const settled = !shown.scene || seenRunning || performance.now() - began > 3000;
    const busy = (shown.running ?? 0) > 0 || flight() > 0 || shown.hash !== hash;
    if (busy) restingSince = performance.now();
    const rests = performance.now() - restingSince > rest;
    const why = reasonOf(shown, states.waiting, flight(), settled);
    calm = why === undefined && shown.hash === hash ? calm + 1 : 0;
    hash = shown.hash;
    last = { ...states, finalPath, status: 'not-ready', why: why ?? 'the page goes on changing', bottom };
    if (calm >= 3) return { ...last, status: 'ready', why: '' };
    if (rests && settled && shown.panels.length > 0) {
      const final = statesOf(shown.panels, request.panels, [], true);
      if (final.waiting.length === 0) return { ...last, ...final, status: 'ready', why: '' };
    }
    if (rests && shown.panels.length === 0 && request.panels.length > 0 && performance.now() - began > 2 * rest)
      return { ...last, empty: true, why: 'the page rests, and shows no panel' };
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
