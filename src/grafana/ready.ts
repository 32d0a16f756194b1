import type { Page } from 'puppeteer-core';
import { z } from 'zod';
import { Unobservable, type StepContext } from '../core/step.ts';
import { look, openRows } from './page-script.ts';
import type { Selectors } from './selectors.ts';
import { PanelFacts, pairs, stateOf, type PanelWanted, type ShownPanel } from './shown-panel.ts';

export const Shown = z.object({
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
  /** For each of `panels`, the number of the panel that it shows; undefined where none was asked for. */
  shows: (number | undefined)[];
  /** The page stayed empty, and was loaded once more. */
  reloaded?: true;
  panels: ShownPanel[];
  dialogs: string[];
  /** Addresses outside Grafana that the page was kept from. */
  kept: string[];
}

/** An open page, and what is waited for on it. */
export interface View {
  page: Page;
  request: PageRequest;
  /** Requests that are open. */
  flight: () => number;
  /** Milliseconds that are left. */
  left: () => number;
  ctx: StepContext;
}

export const pathOf = (page: Page): string => {
  const url = page.url();
  return URL.canParse(url) ? new URL(url).pathname : url;
};

/** Every panel of the page with its state, and which of the wanted ones it is. `final`: what still has no content gets none. */
export function statesOf(
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
    if (final && one.seen && state === 'loading' && !one.loading && one.section)
      [state, message] = ['blank', 'it never shows its content'];
    if (state === 'loading' && one.seen) waiting.push(panel?.id ?? id);
    return { id, key, title, state, message, x, y, width, height };
  });
  return { panels, shows: facts.map((one) => of.get(one)?.index), waiting };
}

/** A question to the page's script, which an endless loop of its own would keep from ever being answered. */
export async function ask(page: Page, script: string, limit: number): Promise<unknown> {
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

/** Has the browser draw the page once. @returns false where it has not come to it within the limit */
async function drawFrame(page: Page, limit: number): Promise<boolean> {
  const clip = { x: 0, y: 0, width: 1, height: 1 };
  const drawn = page.screenshot({ clip, captureBeyondViewport: false });
  const late = new Promise<false>((done) => setTimeout(() => done(false), limit).unref());
  return Promise.race([drawn.then(() => true).catch(() => false), late]);
}

export type Waited = Pick<PageSeen, 'finalPath' | 'status' | 'why' | 'waiting' | 'panels' | 'shows' | 'reloaded'> & {
  bottom: number;
  /** The page rests, and shows nothing of a dashboard. */
  empty?: boolean;
};

/** How long a page must rest until what has not come will not come, in milliseconds. */
const rest = 3000;
/** And how often it must have answered meanwhile: on a busy machine its own script may not have come to run. */
const restLooks = 22;

/**
 * Ready: every wanted panel is there and none loads; no query runs (several zeros in a row, after one was seen or 3 s); no request is
 * open; and the page does not change. Source: Grafana's own reporting. A panel whose frame is there, without content and without a
 * sign of loading, while the page rests and a frame was drawn, stays so: its data source is not there.
 */
export async function waitReady({ page, request, flight, left, ctx }: View): Promise<Waited> {
  const began = performance.now();
  let [calm, hash, seenRunning, opened, restingSince, looks, nudged] = [0, 0, false, false, began, 0, false];
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
    // A board may lie in collapsed rows as a whole, and shows no panel before they are opened.
    if (!opened) {
      const rows = await ask(page, openRows, 2000);
      opened = shown.panels.length > 0 || (typeof rows === 'number' && rows > 0);
      if (opened) continue;
    }
    seenRunning ||= (shown.running ?? 0) > 0;
    const settled = !shown.scene || seenRunning || performance.now() - began > 3000;
    const busy = (shown.running ?? 0) > 0 || flight() > 0 || shown.hash !== hash;
    if (busy) restingSince = performance.now();
    looks = busy ? 0 : looks + 1;
    const rests = performance.now() - restingSince > rest && looks >= restLooks;
    const why = reasonOf(shown, states.waiting, flight(), settled);
    calm = why === undefined && shown.hash === hash ? calm + 1 : 0;
    hash = shown.hash;
    last = { ...states, finalPath, status: 'not-ready', why: why ?? 'the page goes on changing', bottom };
    if (calm >= 3) return { ...last, status: 'ready', why: '' };
    if (rests && settled && shown.panels.length > 0) {
      const final = statesOf(shown.panels, request.panels, [], true);
      if (final.waiting.length === 0 && nudged) return { ...last, ...final, status: 'ready', why: '' };
      // Panels begin to load with the frame in which they come into view, and a busy browser may have drawn none since.
      nudged ||= await drawFrame(page, Math.max(5000, left() - 5000));
      [restingSince, looks] = [performance.now(), 0];
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
