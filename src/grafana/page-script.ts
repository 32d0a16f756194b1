/**
 * Scripts that run in Grafana's pages, as source text. Selectors by version, newest first. Source: Grafana's e2e-selectors and
 * its reporting's readiness signals (`__grafanaSceneContext`, `__grafanaRunningQueryCount`, `panel-content`).
 */

/**
 * Before the page's own scripts: the clock stands still at `now`, so that pages do not differ by the time of day; timers go on.
 * No animation, no caret.
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

/** Opens collapsed rows; gives how many there were. */
export const openRows = `(() => {
  const closed = [
    ...document.querySelectorAll('[aria-label="Expand row"], [data-testid^="data-testid dashboard-row-title"][aria-expanded="false"]'),
    ...document.querySelectorAll('.dashboard-row--collapsed .dashboard-row__title'),
  ];
  for (const one of closed) one.click();
  return closed.length;
})()`;

/** What the page shows now. */
export const look = `(() => {
  const shown = (node) => node !== null && node.getClientRects().length > 0;
  const scene = typeof globalThis.__grafanaSceneContext !== 'undefined';
  const running = globalThis.__grafanaRunningQueryCount;
  const text = (node) => (node?.textContent ?? '').trim();
  const panels = [];
  const found = scene || document.querySelector('[data-viz-panel-key]')
    ? [...document.querySelectorAll('[data-viz-panel-key]')].map((node) => [node, /panel-(\\d+)/.exec(node.dataset.vizPanelKey ?? '')?.[1]])
    : [...document.querySelectorAll('[data-panelid]')].map((node) => [node, node.dataset.panelid]);
  for (const [node, id] of found) {
    if (id === undefined) continue;
    const box = node.getBoundingClientRect();
    const header = node.querySelector('[data-testid^="data-testid Panel header "], [aria-label$=" panel"], .panel-title');
    const error = node.querySelector('[data-testid="data-testid Panel status error"], [aria-label="Panel status"], [aria-label="Panel header error"]');
    const none = node.querySelector('[data-testid="data-testid Panel data error message"]');
    const old = /^\\s*no data\\s*$/i.test(text(node.querySelector('.panel-empty, .datapoints-warning, [class*="panel-content"]') ?? node));
    const loading = node.querySelector('[aria-label="Panel loading bar"], .panel-loading');
    const content = node.querySelector("[class$='panel-content'], [class*='panel-content']");
    const named = (header?.dataset?.testid ?? '').replace(/^data-testid Panel header /, '');
    panels.push({
      id: Number(id),
      title: named || text(node.querySelector('h2, h6')) || text(header),
      state: loading ? 'loading' : error ? 'error' : none || old ? 'no-data' : content && content.childElementCount > 0 ? 'data' : 'loading',
      message: text(none) || (error?.getAttribute('title') ?? text(error)),
      x: Math.round(box.x), y: Math.round(box.y + globalThis.scrollY), width: Math.round(box.width), height: Math.round(box.height),
    });
  }
  const field = (name) => document.querySelector('[data-testid="data-testid ' + name + '"], [aria-label="' + name + '"]');
  let hash = 0;
  for (const char of (document.body?.innerHTML ?? '').replace(/\\d\\d?:\\d\\d(:\\d\\d)?/g, '')) hash = (hash * 31 + char.codePointAt(0)) | 0;
  return {
    path: location.pathname,
    scene,
    ...(typeof running === 'number' && { running }),
    login: shown(field('Username input field')) || shown(document.querySelector('input[name="user"] ~ input[name="password"], form[name="loginForm"]')),
    changePassword: shown(field('New password input field')) || shown(document.querySelector('input[name="newPassword"]')),
    panels,
    rows: document.querySelectorAll('.dashboard-row, [data-testid^="data-testid dashboard-row-title"]').length,
    hash,
    height: document.documentElement.scrollHeight,
  };
})()`;
