import { createHash } from 'node:crypto';
import type { BrowserContext, Page } from 'puppeteer-core';
import { UserError } from '../core/errors.ts';
import { Unobservable, type StepContext } from '../core/step.ts';

/** A picture that was kept as evidence. */
export interface Picture {
  /** Name of the evidence file. */
  file: string;
  sha256: string;
  width: number;
  height: number;
  theme: string;
  dashboard: string;
  /** Id of the panel where it shows one alone. */
  panel?: number;
}

/** A file name of its own for each dashboard, panel, theme and, from 1 on, part. */
export const pictureName = (uid: string, theme: string, panel?: number, part = 0): string =>
  `${uid.replace(/[^A-Za-z0-9_-]+/g, '-').slice(0, 60)}${panel === undefined ? '' : `-panel-${panel}`}-${theme}${part === 0 ? '' : `-part-${part + 1}`}.png`;

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** @throws the signal's reason, as soon as the step's time is up: a browser that hangs is not waited for */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(signal.reason as Error);
  return new Promise((done, fail) => {
    const abort = (): void => fail(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    work
      .then(done, fail)
      .finally(() => signal.removeEventListener('abort', abort))
      .catch(() => undefined);
  });
}

interface Tab {
  context: BrowserContext;
  page: Page;
  /** What the page of the moment has opened. */
  dialogs: string[];
}

/**
 * Browser tabs that one visitor looks at pages in, one after the other, as many at a time as are asked for. A tab keeps its cache and
 * the scripts that it has compiled, which is half of the work of a Grafana's page; cookies and storage do not outlast a page. Each has
 * a context of its own, since a second page of a context is a background tab, which draws nothing.
 */
export class Tabs {
  readonly #ctx: StepContext;
  readonly #free: Tab[] = [];
  #over = false;

  constructor(ctx: StepContext) {
    this.#ctx = ctx;
  }

  /**
   * Runs `work` in a tab. Dialogs are dismissed, so that an alert() cannot hold the page.
   * @param again may the tab be used once more, after such a result?
   * @throws Unobservable `browser-failed` where the browser breaks down
   */
  async use<T>(work: (page: Page, dialogs: string[]) => Promise<T>, again: (done: T) => boolean): Promise<T> {
    const { signal } = this.#ctx;
    let tab: Tab | undefined;
    try {
      tab = await orAborted(this.#tab(), signal);
      const done = await orAborted(work(tab.page, tab.dialogs), signal);
      if (!again(done)) return done;
      const { page } = tab;
      const cleared = await soon(forget(page)).catch(() => false);
      if (cleared && !this.#over) {
        this.#free.push(tab);
        tab = undefined;
      }
      return done;
    } catch (error) {
      if (error instanceof Unobservable || error instanceof UserError || signal.aborted) throw error;
      const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      throw new Unobservable('browser-failed', `the browser did not do as it was told: ${said}`, {
        cause: error,
        hint: 'run again; where it comes back, look at the page by hand',
      });
    } finally {
      await closed(tab);
    }
  }

  async close(): Promise<void> {
    this.#over = true;
    await Promise.all(this.#free.splice(0).map(closed));
  }

  async #tab(): Promise<Tab> {
    const known = this.#free.pop();
    if (known?.page.isClosed() === false) {
      known.dialogs = [];
      return known;
    }
    const context = await (await this.#ctx.browser()).createBrowserContext();
    const tab: Tab = { context, page: await context.newPage(), dialogs: [] };
    tab.page.on('dialog', (dialog) => {
      tab.dialogs.push(`${dialog.type()}: ${dialog.message().slice(0, 200)}`);
      void dialog.dismiss().catch(() => undefined);
    });
    return tab;
  }
}

/** @returns undefined where it takes longer than in a browser that is well */
const soon = <T>(work: Promise<T>): Promise<T | undefined> =>
  Promise.race([work, new Promise<undefined>((done) => setTimeout(() => done(undefined), 2000).unref())]);

const closed = async (tab: Tab | undefined): Promise<void> => {
  if (tab) await soon(tab.context.close().catch(() => undefined));
};

/** Takes away what the page has put down in the browser. */
async function forget(page: Page): Promise<true> {
  await page.evaluate('sessionStorage.clear()');
  const session = await page.createCDPSession();
  await session.send('Storage.clearDataForOrigin', { origin: new URL(page.url()).origin, storageTypes: 'all' });
  await session.send('Storage.clearCookies');
  await session.detach();
  return true;
}

/** Draws a page that we made ourselves, without scripts and without network. */
export async function photograph(
  ctx: StepContext,
  html: string,
  size: { width: number; height: number },
): Promise<Uint8Array> {
  const draw = async (page: Page): Promise<Uint8Array> => {
    await page.setJavaScriptEnabled(false);
    await page.setOfflineMode(true);
    await page.setViewport({ ...size, deviceScaleFactor: 1 });
    await page.setContent(html, { waitUntil: 'load', timeout: Math.max(1000, Math.min(20_000, ctx.remaining())) });
    return page.screenshot({ type: 'png', captureBeyondViewport: false });
  };
  return new Tabs(ctx).use(draw, () => false);
}

/** Runs `work` over `items`, `n` at a time, results in the items' order. */
export async function parallel<T, R>(items: readonly T[], n: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++) results[at] = await work(items[at] as T);
  };
  await Promise.all(Array.from({ length: Math.min(n, items.length) }, worker));
  return results;
}
