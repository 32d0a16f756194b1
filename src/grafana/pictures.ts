import { createHash } from 'node:crypto';
import type { BrowserContext, Page } from 'puppeteer-core';
import { Unobservable, UserError } from '../core/errors.ts';
import type { StepContext } from '../core/step.ts';

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

/**
 * Runs `work` with a page in a browser context of its own: a page of a shared context is a background tab, which draws nothing.
 * Dialogs are dismissed, so that an alert() cannot hold the page.
 * @throws Unobservable `browser-failed` where the browser breaks down
 */
export async function withPage<T>(ctx: StepContext, work: (page: Page, dialogs: string[]) => Promise<T>): Promise<T> {
  let context: BrowserContext | undefined;
  try {
    const browser = await orAborted(ctx.browser(), ctx.signal);
    context = await orAborted(browser.createBrowserContext(), ctx.signal);
    const page = await orAborted(context.newPage(), ctx.signal);
    const dialogs: string[] = [];
    page.on('dialog', (dialog) => {
      dialogs.push(`${dialog.type()}: ${dialog.message().slice(0, 200)}`);
      void dialog.dismiss().catch(() => undefined);
    });
    return await orAborted(work(page, dialogs), ctx.signal);
  } catch (error) {
    if (error instanceof Unobservable || error instanceof UserError || ctx.signal.aborted) throw error;
    const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new Unobservable('browser-failed', `the browser did not do as it was told: ${said}`, {
      cause: error,
      hint: 'run again; where it comes back, look at the page by hand',
    });
  } finally {
    await Promise.race([
      context?.close().catch(() => undefined),
      new Promise((done) => setTimeout(done, 2000).unref()),
    ]);
  }
}

/** Draws a page that we made ourselves, without scripts and without network. */
export async function photograph(
  ctx: StepContext,
  html: string,
  size: { width: number; height: number },
): Promise<Uint8Array> {
  return withPage(ctx, async (page) => {
    await page.setJavaScriptEnabled(false);
    await page.setOfflineMode(true);
    await page.setViewport({ ...size, deviceScaleFactor: 1 });
    await page.setContent(html, { waitUntil: 'load', timeout: Math.max(1000, Math.min(20_000, ctx.remaining())) });
    return page.screenshot({ type: 'png', captureBeyondViewport: false });
  });
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
