import type { Selectors } from './selectors.ts';

/**
 * Scripts that run in Grafana's pages, as source text. Test ids come by version (selectors.ts); what has none is here: the classes
 * `panel-content`, `panel-empty` and `panel-loading`, and Grafana's own readiness signals (`__grafanaSceneContext`,
 * `__grafanaRunningQueryCount`).
 */

/**
 * Before the page's own scripts: the clock stands still at `now`, so that pages do not differ by the time of day, and a relative
 * range is the one that the API was asked for; timers go on. No animation, no caret.
 */
export const beforeScripts = (now: number): string => `(() => {
  const Real = Date;
  const at = ${Math.floor(now)};
  class Frozen extends Real {
    constructor(...args) { if (args.length === 0) super(at); else super(...args); }
    static now() { return at; }
  }
  globalThis.Date = Frozen;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync('*,*::before,*::after{animation:none!important;transition:none!important;caret-color:transparent!important;scroll-behavior:auto!important}');
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
})()`;

/** Opens collapsed rows; gives how many there were. One list, so that a row which two versions' marks name is opened, and not closed again. */
export const openRows = `(() => {
  const closed = [...document.querySelectorAll('[aria-label^="Expand row"], [data-testid^="data-testid dashboard-row-title"][aria-expanded="false"], .dashboard-row--collapsed .dashboard-row__title')];
  for (const one of closed) one.click();
  return closed.length;
})()`;

/** Scrolls the part that scrolls to \`top\`; gives where it then is and how high its content is. */
export const scrollTo = (top: number): string => `(() => {
  const all = [document.scrollingElement, ...document.querySelectorAll('*')];
  const tallest = all.filter((one) => one && one.scrollHeight > one.clientHeight + 4 && (one === document.scrollingElement || /auto|scroll/.test(getComputedStyle(one).overflowY)))
    .sort((a, b) => b.scrollHeight - a.scrollHeight)[0];
  if (!tallest) return { top: 0 };
  tallest.scrollTop = ${Math.floor(top)};
  return { top: tallest.scrollTop };
})()`;

/** Is there ink on a panel's canvases: nothing at all, only greys (axes and labels), or colours? By the panel's place in \`look\`. */
export const ink = `(() => {
  const found = [...document.querySelectorAll('[data-viz-panel-key],[data-panelid]')];
  return found.map((node) => {
    let seen = '';
    for (const one of node.querySelectorAll('canvas')) {
      if (one.width === 0 || one.height === 0) continue;
      let data;
      try { data = one.getContext('2d')?.getImageData(0, 0, one.width, one.height).data; } catch { return 'colour'; }
      if (!data) return 'colour';
      if (seen === '') seen = 'none';
      for (let n = 0; n < data.length; n += 4) {
        if (data[n + 3] < 40) continue;
        seen = 'grey';
        if (Math.max(data[n], data[n + 1], data[n + 2]) - Math.min(data[n], data[n + 1], data[n + 2]) > 48) return 'colour';
      }
    }
    return seen;
  });
})()`;

/** What the page shows now. */
export const look = (selectors: Selectors): string => `(() => {
  const by = ${JSON.stringify(selectors)};
  const shown = (node) => node !== null && node.getClientRects().length > 0;
  const scene = typeof globalThis.__grafanaSceneContext !== 'undefined';
  const running = globalThis.__grafanaRunningQueryCount;
  const text = (node) => (node?.textContent ?? '').trim();
  const panels = [];
  const rows = [...document.querySelectorAll('.dashboard-row, [data-testid^="data-testid dashboard-row-title"]')];
  for (const node of document.querySelectorAll('[data-viz-panel-key],[data-panelid]')) {
    const key = node.dataset.vizPanelKey ?? node.dataset.panelid ?? '';
    const id = /(\\d+)/.exec(/panel-\\d+/.exec(key)?.[0] ?? key)?.[1];
    // Rows bear the attribute too.
    if (id === undefined || (node.querySelector('.dashboard-row') && !node.querySelector('.panel-container'))) continue;
    const box = node.getBoundingClientRect();
    const header = node.querySelector(by.panelTitle) ?? node.querySelector('[aria-label$=" panel"], .panel-title');
    const named = header?.dataset?.testid?.replace(/^data-testid Panel header /, '');
    const content = node.querySelector("[class$='panel-content'], [class*='panel-content'], [data-testid='data-testid panel content']");
    const error = node.querySelector(by.error);
    const table = node.querySelector(by.tableHeader);
    panels.push({
      key, id: Number(id),
      title: named ?? (text(node.querySelector('h2, h6')) || text(header)),
      section: header !== null || node.querySelector('section') !== null,
      content: content !== null && content.childElementCount > 0,
      text: text(content).slice(0, 400),
      words: text(node.querySelector(by.noData)) || text(content?.querySelector('.panel-empty, .datapoints-warning')),
      empty: content?.querySelector('.panel-empty, .datapoints-warning') != null,
      headed: table ? text(table).length : undefined,
      error: error ? error.getAttribute('title') ?? text(error) : undefined,
      alert: node.querySelector(by.alert) ? text(node.querySelector(by.alert)) : undefined,
      loading: node.querySelector(by.loading) !== null,
      seen: box.bottom > 0 && box.top < globalThis.innerHeight,
      drawn: content?.querySelectorAll('canvas, svg, img, iframe, video').length ?? 0,
      x: Math.round(box.x), y: Math.round(box.y + globalThis.scrollY), width: Math.round(box.width), height: Math.round(box.height),
    });
  }
  let hash = 0;
  for (const char of (document.body?.innerHTML ?? '').replace(/\\d\\d?:\\d\\d(:\\d\\d)?/g, '')) hash = (hash * 31 + char.codePointAt(0)) | 0;
  const bottom = Math.max(0, ...panels.map((one) => one.y + one.height), ...rows.map((one) => one.getBoundingClientRect().bottom + globalThis.scrollY));
  return {
    path: location.pathname,
    scene,
    ...(typeof running === 'number' && { running }),
    login: shown(document.querySelector(by.user)) || shown(document.querySelector('input[name="user"] ~ input[name="password"], form[name="loginForm"]')),
    changePassword: shown(document.querySelector('[data-testid="data-testid New password input field"], [aria-label="New password input field"]')) || shown(document.querySelector('input[name="newPassword"]')),
    panels,
    hash,
    bottom: Math.ceil(bottom),
  };
})()`;
