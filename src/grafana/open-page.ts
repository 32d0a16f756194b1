import type { HTTPRequest, Page } from 'puppeteer-core';
import { z } from 'zod';
import type { StepContext } from '../core/step.ts';
import { beforeScripts, ink, look, scrollTo } from './page-script.ts';
import { orAborted, type Tabs } from './pictures.ts';
import type { ShownPanel } from './shown-panel.ts';
import {
  ask,
  pathOf,
  Shown,
  statesOf,
  waitReady,
  type PageRequest,
  type PageSeen,
  type View,
  type Waited,
} from './ready.ts';

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
export async function openPage(ctx: StepContext, tabs: Tabs, request: PageRequest): Promise<Opened> {
  const began = performance.now();
  const opened = await tabs.use(
    (page, dialogs) => lookAt(ctx, request, page, dialogs),
    ({ seen }) => seen.status === 'ready' && seen.dialogs.length === 0,
  );
  return { ...opened, took: Math.round(performance.now() - began) };
}

interface Opened {
  seen: PageSeen;
  parts: Part[];
  cutAt?: number;
  /** Milliseconds, with its pictures. */
  took: number;
}

async function lookAt(
  ctx: StepContext,
  request: PageRequest,
  page: Page,
  dialogs: string[],
): Promise<Omit<Opened, 'took'>> {
  const kept: string[] = [];
  const { flight, leave } = await prepare(page, request, kept);
  try {
    return await seenOf(ctx, request, page, { dialogs, kept, flight });
  } finally {
    leave();
  }
}

async function seenOf(
  ctx: StepContext,
  request: PageRequest,
  page: Page,
  { dialogs, kept, flight }: { dialogs: string[]; kept: string[]; flight: () => number },
): Promise<Omit<Opened, 'took'>> {
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
  let states = await withInk(view, waited);
  const end = request.alone === true ? height : Math.max(200, waited.bottom + margin);
  const parts: Part[] = [];
  const count = Math.min(mostParts, Math.max(1, Math.ceil(end / height)));
  for (let n = 0; n < count; n++) {
    const wanted = n * height;
    let top = 0;
    if (n > 0) {
      const moved = z.object({ top: z.number() }).safeParse(await ask(page, scrollTo(wanted), 3000));
      top = moved.success ? moved.data.top : 0;
      states = together(states, await withInk(view, await waitReady(view)));
    }
    const y = n === 0 ? 0 : Math.max(0, wanted - top);
    const rest = Math.min(height - y, end - wanted);
    parts.push(...(await pictureOf(page, Math.max(5000, left()), { y, width, height: rest })));
  }
  const reached = count * height;
  return { parts, last: states, ...(end > reached && { cutAt: reached }) };
}

/** What was seen above, with what is seen now where it was not in the window before. Places are those of the whole page. */
function together(above: Seen, now: Seen): Seen {
  const panels = above.panels.map((one, n): ShownPanel => {
    const other = now.panels[n];
    return one.state === 'loading' && other && other.key === one.key
      ? { ...one, state: other.state, message: other.message }
      : one;
  });
  return {
    ...above,
    panels,
    ...(now.status !== 'ready' && { status: now.status, why: now.why, waiting: now.waiting }),
  };
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
  const judged = statesOf(answer.data.panels, request.panels, inks.data, waited.status === 'ready');
  return { ...seen, panels: judged.panels, shows: judged.shows };
}

/**
 * Size, clock, colours, session, and the rule of what the page may load.
 * @returns how many requests are open, and what takes the rule and the clock away again: until the next, the page loads nothing
 */
async function prepare(
  page: Page,
  request: PageRequest,
  kept: string[],
): Promise<{ flight: () => number; leave: () => void }> {
  const { origin, hostname } = new URL(request.url);
  await page.setViewport({ ...request.size, deviceScaleFactor: 1 });
  await page.emulateTimezone('UTC');
  await page.emulateMediaFeatures([
    { name: 'prefers-reduced-motion', value: 'reduce' },
    { name: 'prefers-color-scheme', value: request.theme },
  ]);
  const { identifier } = await page.evaluateOnNewDocument(beforeScripts(request.now));
  if (request.cookie)
    await page.browserContext().setCookie({ ...request.cookie, domain: hostname, path: '/', httpOnly: true });
  const open = new Set<unknown>();
  await page.setRequestInterception(true);
  const allow = (one: HTTPRequest): void => {
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
  };
  const ended = (one: unknown): void => void open.delete(one);
  page.on('request', allow).on('requestfinished', ended).on('requestfailed', ended);
  const leave = (): void => {
    page.off('request', allow).off('requestfinished', ended).off('requestfailed', ended);
    // A page that hangs never answers.
    void page.removeScriptToEvaluateOnNewDocument(identifier).catch(() => undefined);
  };
  return { flight: () => open.size, leave };
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
