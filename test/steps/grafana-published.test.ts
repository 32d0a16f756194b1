import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { look, openRows } from '../../src/grafana/page-script.ts';
import { Shown, statesOf } from '../../src/grafana/ready.ts';
import { selectorsOf } from '../../src/grafana/selectors.ts';
import type { PanelWanted } from '../../src/grafana/shown-panel.ts';
import { launchBrowser } from '../../src/hosts/browser.ts';
import { published, publishedVersions } from '../rig/grafana/page.ts';
import { needing } from '../rig/have.ts';

/** Panels as Grafana's own components draw them (scripts/grafana-panels.ts), read by the selectors of their version. */
const wanted = (id: number, title: string): PanelWanted => ({
  index: id,
  id,
  title,
  type: 'timeseries',
  asks: true,
  ownWords: false,
  coloured: false,
});

describe.skipIf(needing('', 'chromium')[1])(needing('panels of Grafana’s own components', 'chromium')[0], () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  }, 120_000);
  afterAll(() => browser.close());
  const opened = async (html: string): Promise<Page> => {
    const page = await browser.newPage();
    await page.setViewport({ width: 1250, height: 1500 });
    await page.setContent(html);
    return page;
  };

  // `undefined`: a Grafana that keeps its version to itself.
  it.each(publishedVersions.flatMap((version) => [version, undefined].map((told) => [version, told] as const)))(
    'of %s are told apart (version told: %s)',
    async (version, told) => {
      const page = await opened(published(version));
      const shown = Shown.parse(await page.evaluate(look(await selectorsOf(told))));
      const titles = ['Drawn', 'Loading', 'Refused', 'Of no plugin', 'Crash', '', 'Header on hover', 'Streaming'];
      const { panels, shows } = statesOf(
        shown.panels,
        [...titles, 'Described'].map((title, n) => wanted(n + 1, title)),
        [],
        false,
      );
      expect(shows).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
      expect(panels.map((one) => [one.title, one.state])).toEqual([
        ['Drawn', 'data'],
        ['Loading', 'loading'],
        ['Refused', 'error'],
        ['Of no plugin', 'error'],
        ['Crash', 'error'],
        ['', 'data'],
        ['Header on hover', 'data'],
        ['Streaming', 'data'],
        ['Described', 'data'],
      ]);
      expect(panels.find((one) => one.title === 'Crash')?.message).toContain('Cannot read properties of undefined');
      await page.close();
    },
    120_000,
  );

  it.each(publishedVersions)(
    'a collapsed row of %s is found, and clicked once',
    async (version) => {
      const page = await opened(published(version));
      await page.evaluate(
        'globalThis.clicks = []; addEventListener("click", (one) => globalThis.clicks.push(one.target.textContent.trim()))',
      );
      expect(await page.evaluate(openRows)).toBe(1);
      expect(await page.evaluate('globalThis.clicks')).toEqual(['Closed']);
      await page.close();
    },
    120_000,
  );

  it('a collapsed row that bears the marks of two versions is clicked once', async () => {
    const page = await opened(
      '<div class="dashboard-row dashboard-row--collapsed"><button class="dashboard-row__title" aria-expanded="false" data-testid="data-testid dashboard-row-title-R">R</button></div>',
    );
    expect(await page.evaluate(openRows)).toBe(1);
    await page.close();
  }, 120_000);
});
