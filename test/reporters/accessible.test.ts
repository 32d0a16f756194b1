import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { render } from '../../src/runs/render.ts';
import { launchBrowser } from '../../src/hosts/browser.ts';
import { historyPage, type HistoryRun } from '../../src/reporters/html/history.ts';
import { needing } from '../rig/have.ts';
import { until } from '../rig/until.ts';
import { richRecord, runRecord, stepRecord, storeRun } from '../rig/record.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const run = (n: number): HistoryRun => ({
  id: `run-${n}`,
  milestone: n % 2 === 0 ? 'milestone-16' : 'milestone-17',
  title: 'A title',
  startedAt: `2026-11-0${n}T10:00:00Z`,
  durationMs: n * 1000,
  verdict: (['PASSED', 'FAILED', 'INCONCLUSIVE', 'INCOMPLETE'] as const)[n % 4] ?? 'PASSED',
  fidelity: 'full',
  commit: 'a'.repeat(40),
  whole: n !== 3,
  passed: n,
  waived: 0,
  steps: 9,
  findings: 1,
  roles: { 'release-manager': 2 },
  signOffs: [
    { role: 'release-manager', decision: n === 5 ? 'reject' : 'approve', principal: 'alice@example.org' },
  ].slice(n % 3) as HistoryRun['signOffs'],
  facts: { 'alerts.count': n },
});

const [title, skip] = needing('the pages, by axe in a real Chromium', 'chromium');

describe.skipIf(skip)(title, () => {
  let browser: Browser;
  let page: Page;
  const paths: Record<string, string> = {};
  beforeAll(async () => {
    browser = await launchBrowser();
    page = await browser.newPage();
    const rich = storeRun(richRecord('A text of a usual length, with a word or two more, so that lines must break'));
    const good = storeRun(runRecord([stepRecord({})]));
    for (const [name, stored] of Object.entries({ rich, good })) {
      paths[name] = join(stored.folder, 'FINAL_STATUS.html');
      writeFileSync(paths[name], render('html', stored.folder, stored.record, stored.text));
    }
    paths['history'] = join(rich.folder, 'index.html');
    writeFileSync(paths['history'], historyPage([1, 2, 3, 4, 5, 6].map(run), ['m/dead']));
  });
  afterAll(() => browser.close());

  it.each(
    ['rich', 'history'].flatMap((name) =>
      (['light', 'dark'] as const).flatMap((scheme) => [1280, 390].map((width) => [name, scheme, width] as const)),
    ),
  )('%s, %s, %d pixels wide: no violation, nothing wider than the window', async (name, scheme, width) => {
    await page.setViewport({ width, height: 900 });
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
    await page.goto(pathToFileURL(paths[name] ?? '').href);
    await page.evaluate(`document.querySelectorAll('details').forEach((one) => one.setAttribute('open', ''))`);
    await page.evaluate(axe);
    const { violations, passes } = (await page.evaluate(`axe.run()`)) as AxeResults;
    const said = violations.flatMap((v) =>
      v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 160)} ${n.failureSummary ?? ''}`),
    );
    expect(said).toEqual([]);
    expect(passes.length).toBeGreaterThan(20);
    expect(await page.evaluate(`document.documentElement.scrollWidth`)).toBe(width);
  });

  it('a run without findings: no violation', async () => {
    await page.goto(pathToFileURL(paths['good'] ?? '').href);
    await page.evaluate(axe);
    expect(((await page.evaluate(`axe.run()`)) as AxeResults).violations).toEqual([]);
  });

  it('a picture opens where it stands by keyboard, without script', async () => {
    await page.setViewport({ width: 1280, height: 900 });
    await page.setJavaScriptEnabled(false);
    await page.goto(pathToFileURL(paths['rich'] ?? '').href);
    const width = () => page.$eval('.shot img', (image) => image.getBoundingClientRect().width);
    const before = await width();
    await page.focus('.shot > summary');
    await page.keyboard.press('Enter');
    await until('the open picture', async () => (await width()) > before * 2);
    expect(await page.$eval('.before img', (image) => image.checkVisibility())).toBe(true);
    await page.keyboard.press('Enter');
    await until('the picture folded again', async () => (await width()) === before);
    await page.setJavaScriptEnabled(true);
  });
  it('a link to a step opens the item that it is folded into', async () => {
    await page.goto(`${pathToFileURL(paths['good'] ?? '').href}#step-step`);
    expect(await page.$eval('#step-step', (step) => step.checkVisibility())).toBe(true);
  });
  it('in print the items are unfolded and the navigation is gone', async () => {
    await page.goto(pathToFileURL(paths['good'] ?? '').href);
    await page.emulateMediaType('print');
    const seen = () => page.$eval('#step-step', (step) => step.checkVisibility({ contentVisibilityAuto: true }));
    await until('the unfolded step', seen);
    expect(await page.$eval('nav', (nav) => nav.checkVisibility())).toBe(false);
    await page.emulateMediaType('screen');
  });

  it('the first stop of the keyboard leads past the navigation', async () => {
    await page.goto(pathToFileURL(paths['rich'] ?? '').href);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await until('the main part in focus', async () => (await page.evaluate(`document.activeElement.id`)) === 'main');
  });
});
