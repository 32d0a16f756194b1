import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '../../src/hosts/browser.ts';
import { verify } from '../rig/cli.ts';
import { overview, samples } from '../rig/grafana/boards.ts';
import { needing } from '../rig/have.ts';
import { frozenPrometheus } from '../rig/prometheus.ts';
import { tempDir } from '../rig/run-step.ts';
import { alone, milestone, served, sshKeys, type Served } from '../rig/served.ts';
import { awaiting, until } from '../rig/until.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const at = '2024-06-01T12:00:00Z';
const evil = '<img src=http://127.0.0.1:9/x onerror=window.ran=1><script>window.ran=1</script>';
const sources =
  'apiVersion: 1\ndatasources: [{ name: Prometheus, uid: prometheus, type: prometheus, url: "http://p:9090", isDefault: true }]\n';

const checklist = (prometheus: string, go: string): string => `version: 1
tree: none
milestone: m1
title: First milestone
target: ..
items:
  - id: built
    title: It is built
    steps:
      - { id: build, title: The build, uses: command, with: { shell: "echo one; ${awaiting(go)}; echo built", expect: { stdout: { contains: [built] } } } }
  - id: shown
    title: The dashboards show data
    steps:
      - { id: boards, title: Every panel has data, uses: dashboards/preview, with: { url: "${prometheus}", dashboards: [overview.json], datasources: ["sources/*.yml"], at: "${at}", range: 10m, themes: [light] } }
      - { id: seen, title: A person looks, uses: manual/confirm, needs: [boards, build], with: { question: Do the dashboards look right?, about: [docs/runbook.md], pictures: [boards] } }
signoff: { roles: { release-manager: 1 }, fidelity: reduced }
`;

const hostile = `version: 1
tree: none
milestone: m1
title: ${JSON.stringify(evil)}
target: ..
items:
  - id: item
    title: ${JSON.stringify(evil)}
    steps:
      - { id: loud, title: ${JSON.stringify(evil)}, uses: command, with: { shell: "cat evil; cat evil >&2; ${awaiting('GO')}; exit 3", expect: { stdout: { contains: [${JSON.stringify(evil)}] } } } }
      - { id: asks, uses: manual/confirm, with: { role: ${JSON.stringify(evil)}, question: ${JSON.stringify(evil)}, about: [evil] } }
signoff: { roles: { release-manager: 1 } }
`;

const [title, skip] = needing(
  'a person at the page, in a real Chromium',
  'chromium',
  'ssh-keygen',
  'prometheus',
  'promtool',
);

describe.skipIf(skip)(title, () => {
  let browser: Browser;
  let keys: string;
  beforeAll(async () => {
    browser = await launchBrowser();
    keys = sshKeys('alice');
  });
  afterAll(() => browser.close());

  const visitor = async (): Promise<{ page: Page; requests: string[]; errors: string[] }> => {
    const context = await browser.createBrowserContext();
    const page = await context.newPage();
    const requests: string[] = [];
    const errors: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    page.on('dialog', (dialog) => {
      errors.push(dialog.message());
      void dialog.dismiss();
    });
    return { page, requests, errors };
  };

  /** Waits for the page to be so; it may reload meanwhile. @throws Error with what stands on it instead */
  const becomes = async (page: Page, expression: string): Promise<void> => {
    const so = async (): Promise<boolean> => (await page.evaluate(expression).catch(() => false)) === true;
    await until(expression, so, 60_000).catch(async (cause: unknown) => {
      const text = (await page.evaluate(`document.body.innerText`)) as string;
      throw new Error(`${page.url()} holds:\n${text}`, { cause });
    });
  };
  const open = async (page: Page, server: Served): Promise<void> => {
    await page.goto(server.link);
    await becomes(page, `document.querySelector('nav') !== null`);
  };
  const to = async (page: Page, name: string): Promise<void> => {
    await page.goto(new URL(name, page.url()).href);
  };
  const press = async (page: Page, label: string): Promise<void> => {
    const button = await page.waitForSelector(
      `::-p-xpath(//main//*[self::a or self::button][contains(., "${label}")])`,
    );
    await Promise.all([page.waitForNavigation(), button?.click()]);
  };
  const state = (step: string, wanted: string): string =>
    `document.querySelector('[data-step="${step}"]')?.className === 'o-${wanted}'`;

  /** No violation, and nothing wider than the window: light, dark, on a phone. */
  const wellMade = async (page: Page, name: string): Promise<void> => {
    for (const [scheme, width] of [
      ['light', 1280],
      ['dark', 1280],
      ['light', 390],
      ['dark', 390],
    ] as const) {
      await page.setViewport({ width, height: 900 });
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
      await page.evaluate(axe);
      const { violations, passes } = (await page.evaluate(`axe.run()`)) as AxeResults;
      const said = violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 200)}`));
      expect({ name, scheme, width, said }).toEqual({ name, scheme, width, said: [] });
      expect(passes.length).toBeGreaterThan(12);
      // Text that stands out of the window, where something does.
      const wide = `(() => {
        if (document.documentElement.scrollWidth === ${width}) return [];
        const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        const found = [];
        for (let node = walk.nextNode(); node; node = walk.nextNode()) {
          const range = document.createRange();
          range.selectNodeContents(node);
          if ([...range.getClientRects()].some((one) => one.right > ${width})) found.push(node.textContent);
        }
        return [document.documentElement.scrollWidth, ...found];
      })()`;
      expect({ name, wide: await page.evaluate(wide) }).toEqual({ name, wide: [] });
    }
    await page.setViewport({ width: 1280, height: 900 });
  };

  it('opens, reads, starts, watches, answers, looks, signs, and the gate is open', async () => {
    const go = join(tempDir(), 'go');
    const prometheus = await frozenPrometheus(samples, Date.parse(at));
    const cwd = milestone(checklist(prometheus, go), keys, ['alice'], {
      'docs/runbook.md': '# Runbook\n\nWhat to do.\n',
      'overview.json': JSON.stringify(overview()),
      'sources/p.yml': sources,
    });
    const server = await served(cwd, ['--key', join(keys, 'alice')]);
    const { page, requests, errors } = await visitor();
    await open(page, server);
    const text = (): Promise<string> => page.evaluate(`document.body.innerText`) as Promise<string>;

    // What would run, before anything does.
    expect(await text()).toContain(awaiting(go));
    expect(await text()).toContain('asks release-manager: Do the dashboards look right?');
    expect(await text()).toContain('has not been run here');
    await wellMade(page, 'checklist');

    await press(page, 'Run 3 steps');
    await becomes(page, state('build', 'running'));
    await becomes(page, `document.querySelector('[data-step=build] .line').textContent === 'one'`);
    await becomes(page, `/^\\d+ s$/.test(document.querySelector('[data-step=build] [data-time]').textContent)`);
    await becomes(page, state('boards', 'passed'));
    await wellMade(page, 'run');
    expect(await page.evaluate(state('seen', 'waiting'))).toBe(true);

    // A second window, opened late, shows the same.
    const late = await page.browserContext().newPage();
    await late.goto(page.url());
    expect(await late.evaluate(`${state('boards', 'passed')} && ${state('build', 'running')}`)).toBe(true);

    // The page follows without being loaded again.
    await page.evaluate(`window.same = true`);
    writeFileSync(go, '');
    await becomes(page, `${state('build', 'passed')} && !document.querySelector('[data-ask]').hidden`);
    expect(await page.evaluate(`window.same`)).toBe(true);
    expect(await page.evaluate(`document.querySelector('[data-status]').textContent`)).toContain('A person is asked');
    await becomes(late, `!document.querySelector('[data-ask]').hidden`);
    await late.close();

    await press(page, 'Look and answer');
    await becomes(
      page,
      `[...document.images].length === 1 && [...document.images].every((one) => one.naturalWidth > 600)`,
    );
    expect(await text()).toContain('What to do.');
    expect(((await text()).match(/sha256 [0-9a-f]{64}/g) ?? []).length).toBe(2);
    await wellMade(page, 'questions');
    // Nothing is chosen, and the browser does not send what is not whole.
    expect(await page.evaluate(`document.querySelectorAll('input:checked').length`)).toBe(0);
    await page.click('button[type=submit]');
    expect(await page.evaluate(`document.querySelector('form').checkValidity()`)).toBe(false);
    // By keyboard alone.
    await page.focus('input[name=answer]');
    await page.keyboard.press('Space');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Rita Manager');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Looked at all of it.');
    await page.keyboard.press('Tab');
    await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);

    await becomes(page, `document.querySelector('.verdict h2')?.textContent.includes('PASSED') === true`);
    await wellMade(page, 'ended');
    await press(page, 'Look at the pictures');
    await becomes(page, `document.images.length === 1 && document.images[0].naturalWidth > 600`);
    expect(await text()).toMatch(/overview/i);
    await wellMade(page, 'pictures');
    await press(page, 'Open the whole report');
    expect(await page.evaluate(`document.querySelector('h1').textContent`)).toBe('First milestone');
    expect(await page.evaluate(`[...document.images].map((one) => one.naturalWidth > 600)`)).toEqual([true]);
    await page.goBack();

    await press(page, 'Sign or reject');
    const shown = await text();
    for (const part of ['PASSED', 'commit ', 'clean, ', 'Rita Manager', 'Looked at all of it.', 'alice@example.org'])
      expect(shown).toContain(part);
    await wellMade(page, 'sign');
    await page.click('#d-approve');
    await page.type('#comment', 'Seen the dashboards.');
    await page.click('#seen');
    await press(page, 'Sign');
    await becomes(page, `document.querySelector('.verdict h2').textContent.includes('GATE OPEN')`);
    expect(await text()).toContain('Exit code 0');
    await wellMade(page, 'gate');

    // The commands that it shows keep the gate open, for whoever asks it in a terminal.
    const commands = (await page.evaluate(`document.querySelector('main pre').textContent`)) as string;
    execFileSync('bash', ['-euc', commands], {
      cwd,
      env: {
        ...process.env,
        ...alone,
        GIT_AUTHOR_NAME: 'R',
        GIT_AUTHOR_EMAIL: 'r@example.org',
        GIT_COMMITTER_NAME: 'R',
        GIT_COMMITTER_EMAIL: 'r@example.org',
      },
      stdio: 'pipe',
    });
    const gate = await verify(['gate', 'm1'], { cwd, env: alone });
    expect(gate.stdout).toContain('GATE OPEN');
    expect(gate.code).toBe(0);

    expect(requests.filter((url) => new URL(url).origin !== server.origin && !url.startsWith('data:'))).toEqual([]);
    expect(errors).toEqual([]);
    const { code, stdout } = await server.end();
    expect(code).toBe(0);
    expect(stdout).toContain('PASSED: 3 passed, of 3 steps');
  });

  it('hostile output, names, files and questions run nothing and fetch nothing', async () => {
    const go = join(tempDir(), 'go');
    const cwd = milestone(hostile.replace('GO', go), keys, ['alice'], { evil: `${evil}\n</pre></main>${evil}\n` });
    const server = await served(cwd, ['--key', join(keys, 'alice')]);
    const { page, requests, errors } = await visitor();
    await open(page, server);
    const inert = async (name: string): Promise<void> => {
      const seen = await page.evaluate(`({
        ran: window.ran,
        scripts: [...document.scripts].map((one) => one.getAttribute('src')).join(),
        handlers: [...document.querySelectorAll('*')].filter((one) => [...one.attributes].some((a) => /^on|^style$/i.test(a.name))).length,
        shown: document.body.innerText.includes(${JSON.stringify(evil)}),
      })`);
      expect({ name, seen }).toEqual({ name, seen: { ran: undefined, scripts: '/page.js', handlers: 0, shown: true } });
    };
    await inert('checklist');
    await press(page, 'Run 2 steps');
    await becomes(
      page,
      `document.querySelector('[data-step=loud] .line')?.textContent === ${JSON.stringify(`</pre></main>${evil}`)}`,
    );
    await becomes(page, `!document.querySelector('[data-ask]').hidden`);
    await inert('run');
    await press(page, 'Look and answer');
    await inert('questions');
    await page.click('input[value=yes]');
    await page.type('input[name=by]', evil);
    await page.type('textarea', evil);
    await press(page, 'Give this answer');
    writeFileSync(go, '');
    await becomes(page, `document.querySelector('.verdict') !== null`);
    await inert('ended');
    for (const name of ['sign', 'gate', './']) {
      await to(page, name);
      if (name !== 'gate') await inert(name);
    }
    await page.click('tbody th a');
    await becomes(page, `document.querySelector('#findings') !== null`);
    expect(await page.evaluate(`window.ran`)).toBeUndefined();
    await page.goBack();
    expect(requests.filter((url) => new URL(url).origin !== server.origin && !url.startsWith('data:'))).toEqual([]);
    expect(errors).toEqual([]);
    expect((await server.end()).code).toBe(10);
  });

  describe('other servers on this machine', () => {
    let other: Server;
    let seen: string[] = [];
    let form = '';
    beforeAll(async () => {
      other = createServer((request, response) => {
        seen.push(`${request.url} ${request.headers.cookie ?? 'no cookie'}`);
        response.writeHead(200, { 'content-type': 'text/html' }).end(form);
      });
      await new Promise<void>((done) => {
        other.listen(0, '127.0.0.1', done);
      });
    });
    afterAll(() => other.close());

    it.each(['127.0.0.1', 'localhost'])('at %s get no cookie, and their forms do nothing', async (name) => {
      const cwd = milestone(checklist('http://127.0.0.1:1', 'none'), keys, ['alice']);
      const server = await served(cwd);
      const { page } = await visitor();
      await open(page, server);
      const folder = new URL(page.url()).pathname;
      const elsewhere = `http://${name}:${(other.address() as AddressInfo).port}/`;
      seen = [];
      // Even one that has learnt the folder, which no other server can.
      form = `<form method="post" action="${server.origin}${folder}start"><input name="proof" value="x"></form><script>document.forms[0].submit()</script>`;
      await page.goto(elsewhere);
      await becomes(page, `document.querySelector('h1')?.textContent !== undefined`);
      expect(await page.evaluate(`document.querySelector('h1').textContent`)).toMatch(
        /This was not sent from here|This browser has no session/,
      );
      expect(seen.filter((line) => !line.startsWith('/favicon'))).toEqual(['/ no cookie']);
      expect(spawnSync('ls', [join(cwd, 'reports')]).status).not.toBe(0);
      expect((await server.end()).code).toBe(11);
    });

    it('a link in a page of another site opens it all the same', async () => {
      const cwd = milestone(checklist('http://127.0.0.1:1', 'none'), keys, ['alice']);
      const server = await served(cwd);
      const { page } = await visitor();
      form = `<a href="${server.link}">open</a>`;
      await page.goto(`http://localhost:${(other.address() as AddressInfo).port}/`);
      await page.click('a');
      await becomes(page, `document.querySelector('nav') !== null`);
      await page.goto(server.link);
      expect(await page.evaluate(`document.querySelector('h1').textContent`)).toBe('This link has been used');
      await wellMade(page, 'used');
      await server.end();
    });
  });

  it('when the server ends, the page says so', async () => {
    const go = join(tempDir(), 'go');
    const cwd = milestone(checklist('http://127.0.0.1:1', go), keys, ['alice']);
    const server = await served(cwd);
    const { page } = await visitor();
    await open(page, server);
    await press(page, 'Run 3 steps');
    await becomes(page, state('build', 'running'));
    await server.end();
    await becomes(page, `document.querySelector('[data-lost]')?.hidden === false`);
  });
});
