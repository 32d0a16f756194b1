import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Marked, type Token, type Tokens } from 'marked';
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { render } from '../../src/runs/render.ts';
import { launchBrowser } from '../../src/hosts/browser.ts';
import { historyPage } from '../../src/reporters/html/history.ts';
import { needing } from '../rig/have.ts';
import { richRecord, storeRun } from '../rig/record.ts';

const url = 'http://127.0.0.1:9/x';
const payloads: Record<string, string> = {
  'a script': `<script>window.ran=1</script><img src=x onerror="window.ran=1"><svg onload="window.ran=1">`,
  'an end of what is around it': `</pre></code></td></table></style></title></main><script>window.ran=1</script><iframe src="${url}">`,
  attributes: `" onmouseover="window.ran=1" style="background:url(${url})" x='' autofocus onfocus=window.ran=1 `,
  Markdown: `![a](${url}) [b](javascript:window.ran=1) <${url}> ${url} | x | **c** \`\`\` ~~~ \n\n# heading\n\n| a | b |\n|---|---|\n<b>`,
  'ticks and pipes': '` `` ``` ```` | \\| \\\\| |||',
  'a fence': 'one\n```\n<script>window.ran=1</script>\n~~~\n````',
  'terminal sequences': `\u001b]52;c;aGk=\u0007\u001b]8;;${url}\u001b\\link\u001b]8;;\u001b\\\u001bP1;1|x\u001b\\\u001b[2J\u009b31mred\rover\b\b`,
  'bidirectional overrides and NUL': 'a\u202Egnp.exe\u2066b\u2069\u0000\uFFFE\uFFFFc\uD800',
  'an end of CDATA':
    ']]><!--<![CDATA[ <?xml version="1.0"?> &bogus; &#0; <!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>&e;',
  'template syntax': '${7*7} {{7*7}} <%= 7*7 %> $& $1 $$',
  'an address with a scheme': `javascript:window.ran=1//${url}`,
  'a workflow command': '::set-output name=x::y\n##[error]z',
};

const [title, skip] = needing('hostile content in a real Chromium', 'chromium');

describe.skipIf(skip)(title, () => {
  let browser: Browser;
  let page: Page;
  let requests: string[] = [];
  beforeAll(async () => {
    browser = await launchBrowser();
    page = await browser.newPage();
    page.on('request', (request) => requests.push(request.url()));
    page.on('dialog', (dialog) => void dialog.dismiss());
  });
  afterAll(() => browser.close());

  /** Opens a page, and says what it ran, fetched and holds. */
  async function visit(path: string) {
    requests = [];
    await page.goto(pathToFileURL(path).href);
    const seen = (await page.evaluate(`({
      ran: window.ran,
      active: [...document.querySelectorAll('script,iframe,object,embed,link,base,form,input,button')].map((one) => one.outerHTML),
      handlers: [...document.querySelectorAll('*')].filter((one) => [...one.attributes].some((a) => /^on|^style$|^srcdoc$/i.test(a.name))).length,
      hrefs: [...document.querySelectorAll('[href],[src]')].map((one) => one.getAttribute('href') ?? one.getAttribute('src')),
      text: document.body.innerText.length,
    })`)) as { ran?: number; active: string[]; handlers: number; hrefs: string[]; text: number };
    return {
      ...seen,
      requests: requests.filter((one) => one !== pathToFileURL(path).href && !one.startsWith('data:')),
    };
  }

  it.each(Object.entries(payloads))('%s: no script runs, nothing is fetched', async (_, text) => {
    const {
      folder,
      record,
      text: json,
    } = storeRun(richRecord(text), { 'evidence/a/page.html': text, 'evidence/a/drawing.svg': text });
    const html = render('html', folder, record, json);
    const withPolicy = join(folder, 'FINAL_STATUS.html');
    // Without the policy too: what escapes is caught by one net only when it must be.
    const bare = join(folder, 'bare.html');
    writeFileSync(withPolicy, html);
    writeFileSync(bare, html.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, ''));
    expect(html).toContain("content=\"default-src 'none';");
    for (const path of [withPolicy, bare]) {
      const seen = await visit(path);
      expect(seen).toMatchObject({ active: [], handlers: 0, requests: [] });
      expect(seen.ran).toBeUndefined();
      expect(seen.text).toBeGreaterThan(1000);
      for (const href of seen.hrefs)
        expect(href).toMatch(
          /^#|^evidence\/a\/(?:picture|other|before-picture|difference-picture)\.png$|^record\.json$|^data:image\/png;/,
        );
    }
    expect(html).not.toMatch(/[\u0000\u0007\u001b\u0080-\u009f\u202a-\u202e\u2066-\u2069]/);
    const history = join(folder, 'index.html');
    const run = {
      id: text,
      milestone: text,
      title: text,
      startedAt: text,
      durationMs: 1,
      verdict: 'PASSED',
      fidelity: 'full',
      commit: text,
      whole: true,
      passed: 1,
      waived: 0,
      steps: 1,
      findings: 0,
      roles: { [text]: 2 },
      signOffs: [{ role: text, decision: 'approve', principal: text }],
      facts: { [`a/${text}`]: 1 },
    } as const;
    writeFileSync(history, historyPage([run, { ...run, facts: { [`a/${text}`]: 2 } }], [text]));
    const index = await visit(history);
    expect(index).toMatchObject({ active: [], handlers: 0, requests: [] });
    expect(index.ran).toBeUndefined();
  });

  it.each(['program.stdout', 'program.stderr', 'body', 'service.log', 'a.txt', 'a.json', 'a.md'])(
    'evidence that is linked, %s, is shown as text, also where it is a page',
    async (name) => {
      const script = '<!doctype html><html><script>window.ran=1</script></html>';
      const { folder, record, text } = storeRun(richRecord('text'), { [`evidence/a/${name}`]: script });
      expect(render('html', folder, record, text)).toContain(`href="evidence/a/${name}"`);
      await page.goto(pathToFileURL(join(folder, 'evidence/a', name)).href);
      expect(await page.evaluate('window.ran')).toBeUndefined();
    },
  );
  it('evidence that a browser would run is not linked', () => {
    const names = ['a.html', 'a.htm', 'a.xhtml', 'a.svg', 'a.xml', 'a.mhtml', 'a.pdf', 'a.js', 'a.txt.html'];
    const { folder, record, text } = storeRun(
      richRecord('text'),
      Object.fromEntries(names.map((name) => [`evidence/a/${name}`, '<script>window.ran=1</script>'])),
    );
    const html = render('html', folder, record, text);
    for (const name of names) {
      expect(html).toContain(`<code>${name}</code>`);
      expect(html).not.toContain(`href="evidence/a/${name}"`);
    }
  });

  it.each(Object.entries(payloads))('%s: JUnit is well-formed XML', async (_, text) => {
    const { folder, record, text: json } = storeRun(richRecord(text));
    const xml = render('junit', folder, record, json);
    const parsed = await page.evaluate(`(() => {
      const document = new DOMParser().parseFromString(${JSON.stringify(xml)}, 'application/xml');
      return [document.querySelector('parsererror')?.textContent ?? 'well-formed', document.querySelectorAll('testcase').length];
    })()`);
    expect(parsed).toEqual(['well-formed', 6]);
  });
});

describe('hostile content in Markdown', () => {
  const all = (tokens: readonly Token[]): Token[] => {
    const found: Token[] = [];
    void new Marked().walkTokens([...tokens], (token) => void found.push(token));
    return found;
  };
  it.each(Object.entries(payloads))('%s: tables stay whole, no markup, no picture, no address', (_, text) => {
    const plain = richRecord('harmless');
    const { folder, record, text: json } = storeRun(richRecord(text));
    const shape = (one: string) =>
      all(new Marked().lexer(one))
        .filter((token): token is Tokens.Table => token.type === 'table')
        .map((table) => [table.header.length, ...table.rows.map((row) => row.length)]);
    const markdown = render('md', folder, record, json);
    const same = storeRun(plain);
    expect(shape(markdown)).toEqual(shape(render('md', same.folder, same.record, same.text)));
    const tokens = all(new Marked().lexer(markdown));
    expect(tokens.filter((token) => token.type === 'html' || token.type === 'image').map((token) => token.raw)).toEqual(
      [],
    );
    for (const token of tokens) if (token.type === 'link') expect((token as Tokens.Link).href).toMatch(/^evidence\//);
    const headings = tokens.filter((token) => token.type === 'heading').length;
    expect(headings).toBe(
      all(new Marked().lexer(render('md', same.folder, same.record, same.text))).filter(
        (token) => token.type === 'heading',
      ).length,
    );
    expect(markdown).not.toMatch(/[\u0000\u0007\u001b\u0080-\u009f\u202a-\u202e\u2066-\u2069]/);
  });
});
