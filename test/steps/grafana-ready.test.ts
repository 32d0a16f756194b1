import { setTimeout as after } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { StepContext } from '../../src/core/step.ts';
import { waitReady, type View } from '../../src/grafana/ready.ts';
import { selectorsOf } from '../../src/grafana/selectors.ts';

/** A page of one panel, which loads with the first frame that is drawn. The browser comes to draw one after so many milliseconds. */
function pageOf(drawsAfter: number, fills: boolean): View['page'] {
  let drawn = false;
  const panel = {
    key: '1',
    id: 1,
    title: 'P',
    section: true,
    text: '',
    words: '',
    empty: false,
    loading: false,
    seen: true,
    x: 0,
    y: 0,
    width: 400,
    height: 300,
  };
  const page = {
    url: () => 'http://grafana.test/d/tall',
    isClosed: () => false,
    browser: () => ({ connected: true }),
    evaluate: () => {
      const content = drawn && fills;
      return Promise.resolve({
        path: '/d/tall',
        scene: false,
        login: false,
        changePassword: false,
        panels: [{ ...panel, content, drawn: content ? 1 : 0 }],
        hash: content ? 1 : 0,
        bottom: 300,
      });
    },
    screenshot: async () => {
      await after(drawsAfter);
      drawn = true;
      return new Uint8Array();
    },
  };
  return page as unknown as View['page'];
}

async function seenOf(page: View['page'], limit: number): Promise<string> {
  const began = performance.now();
  const { status, panels } = await waitReady({
    page,
    request: {
      url: 'http://grafana.test/d/tall',
      path: '/d/tall',
      theme: 'light',
      size: { width: 800, height: 600 },
      now: 0,
      panels: [{ id: 1, index: 0, title: 'P', type: 'timeseries', asks: true, ownWords: false, coloured: false }],
      selectors: await selectorsOf('9.3.2'),
      cookie: undefined,
      headers: {},
      limit,
    } as unknown as View['request'],
    flight: () => 0,
    left: () => limit - (performance.now() - began),
    ctx: { progress: () => undefined, sleep: (ms: number) => after(ms) } as unknown as StepContext,
  });
  return `${status} ${panels[0]?.state}`;
}

describe('a page whose browser draws slowly', () => {
  it.concurrent('a panel that waits for its frame is not taken for one that stays blank', async () => {
    expect(await seenOf(pageOf(12_000, true), 90_000)).toBe('ready data');
  }, 120_000);
  it.concurrent('one that has had its frame, and shows nothing, stays blank', async () => {
    expect(await seenOf(pageOf(10, false), 90_000)).toBe('ready blank');
  }, 120_000);
  it.concurrent('where no frame is drawn at all, nothing is said of it', async () => {
    expect(await seenOf(pageOf(120_000, true), 16_000)).toBe('not-ready loading');
  }, 180_000);
});
