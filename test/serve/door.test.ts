import { existsSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verify } from '../rig/cli.ts';
import { needing } from '../rig/have.ts';
import { runsIn } from '../rig/compose-kills.ts';
import { ask, begin, enter, milestone, phase, served, sshKeys, type Served, type Session } from '../rig/served.ts';
import { until } from '../rig/until.ts';

const checklist = `version: 1
tree: none
milestone: m1
title: First milestone
target: ..
items:
  - id: item
    title: Item
    steps:
      - { id: a, uses: command, with: { shell: "echo 'a<b>c</b>'", expect: { stdout: { contains: [a] } } } }
`;
const [title, skip] = needing('who may come in', 'ssh-keygen');

describe.skipIf(skip)(title, () => {
  let cwd: string;
  let server: Served;
  let session: Session;
  let run: string;
  const used: string[] = [];
  beforeAll(async () => {
    cwd = milestone(checklist, sshKeys('alice'), ['alice']);
    server = await served(cwd);
    used.push(server.link);
    session = await enter(server);
    expect((await begin(session)).status).toBe(303);
    await phase(session, 'ended');
    run = runsIn(cwd)[0] ?? '';
  });
  afterAll(() => server.end());

  const path = (): string => new URL(server.link).pathname + new URL(server.link).search;

  it('a link opens once; then it says why it does not, and what to do', async () => {
    const again = await ask(server.origin, path());
    expect(again.status).toBe(403);
    expect(again.text).toContain('This link has been used');
    expect(again.text).toContain('how to get a new link');
    expect(again.headers['set-cookie']).toBeUndefined();
    expect((await session.get('')).status).toBe(200);
  });

  it('no token, and a wrong one', async () => {
    expect((await ask(server.origin, '/')).status).toBe(403);
    expect((await ask(server.origin, '/?token=')).status).toBe(403);
    expect((await ask(server.origin, `/?token=${'A'.repeat(32)}`)).status).toBe(403);
  });

  it('the cookie is out of reach of scripts and other sites, and bound to a folder that cannot be guessed', async () => {
    const own = await served(cwd);
    try {
      const link = new URL(own.link);
      expect((await ask(own.origin, link.pathname + link.search, { method: 'HEAD' })).headers['set-cookie']).toBe(
        undefined,
      );
      const first = await ask(own.origin, link.pathname + link.search);
      expect(first.headers['set-cookie']?.[0]).toMatch(
        /^verify-\d+=[\w-]{32}; Path=\/[\w-]{32}\/; HttpOnly; SameSite=Strict$/,
      );
    } finally {
      await own.end();
    }
  });

  it('without the cookie, and with another one, there is nothing', async () => {
    for (const headers of [{}, { cookie: 'verify-1=x' }, { cookie: session.cookie.replace(/=.*/, '=x') }])
      for (const page of ['', 'run', 'questions', 'sign', 'gate', 'events', `runs/${run}/record.json`])
        expect((await ask(server.origin, session.folder + page, { headers })).status).toBe(403);
  });

  it.each([
    'localhost',
    'evil.example',
    'evil.example:PORT',
    '127.0.0.1',
    '127.0.0.1:1',
    '[::1]:PORT',
    'localhost:PORT',
  ])('Host %s is refused, with the session’s own cookie', async (name) => {
    const host = name.replace('PORT', new URL(server.origin).port);
    for (const at of ['/', '/style.css', session.folder, `${session.folder}gate`]) {
      const reply = await ask(server.origin, at, { headers: { host, cookie: session.cookie } });
      expect(reply.status).toBe(421);
      expect(reply.text).not.toContain('First milestone');
    }
  });

  it.each<[string, Record<string, string>, Record<string, string>, number]>([
    ['from another origin', { origin: 'http://evil.example' }, {}, 403],
    ['from another port', { origin: 'http://127.0.0.1:1' }, {}, 403],
    ['from an origin that hides', { origin: 'null' }, {}, 403],
    ['from another site, by the browser’s word', { 'sec-fetch-site': 'cross-site' }, {}, 403],
    ['from the same site, by the browser’s word', { 'sec-fetch-site': 'same-site' }, {}, 403],
    ['without the form’s proof', {}, { proof: '' }, 403],
    ['with another proof', {}, { proof: 'A'.repeat(32) }, 403],
    ['as text', { 'content-type': 'text/plain' }, {}, 415],
    ['as JSON', { 'content-type': 'application/json' }, {}, 415],
    ['of a size that nobody types', {}, { comment: 'x'.repeat(40_000) }, 413],
    ['without a session', { cookie: '' }, {}, 403],
    ['under another name', { host: 'evil.example' }, {}, 421],
  ])('a form %s does nothing', async (_, headers, fields, status) => {
    const before = runsIn(cwd);
    for (const action of ['start', 'stop', 'answer', 'sign']) {
      const reply = await session.post(action, { sha256: 'x', ...fields }, headers);
      expect(`${action} ${reply.status}`).toBe(`${action} ${status}`);
    }
    expect(runsIn(cwd)).toEqual(before);
    expect(existsSync(join(cwd, 'reports/m1', run, 'signoffs'))).toBe(false);
  });

  it('a form without an Origin does nothing', async () => {
    const reply = await ask(server.origin, `${session.folder}stop`, {
      method: 'POST',
      body: 'proof=x',
      headers: { cookie: session.cookie, 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(reply.status).toBe(403);
    expect(reply.text).toContain('Nothing was done');
  });

  it.each(['OPTIONS', 'PUT', 'DELETE', 'HEAD', 'PATCH'])('%s is not answered', async (method) => {
    const reply = await ask(server.origin, session.folder, {
      method,
      headers: { cookie: session.cookie, origin: 'http://evil.example' },
    });
    expect(reply.status).toBe(405);
    expect(Object.keys(reply.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('every answer forbids scripts from elsewhere, frames, guessing of types, and keeping', async () => {
    for (const [at, status] of [
      [session.folder, 200],
      [`${session.folder}run`, 200],
      [`${session.folder}none`, 404],
      [`${session.folder}runs/${run}/record.json`, 200],
      [`${session.folder}runs/${run}/FINAL_STATUS.html`, 200],
      ['/page.js', 200],
      ['/', 403],
      ['/other/', 404],
    ] as const) {
      const { headers, status: got } = await ask(server.origin, at, { headers: { cookie: session.cookie } });
      expect(`${at} ${got}`).toBe(`${at} ${status}`);
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'/);
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
      expect(headers['content-security-policy']).not.toMatch(/script-src [^;]*unsafe|\*/);
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
      });
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  it('evidence is text in a sandbox; what the record does not name, or not like this, is not there', async () => {
    const folder = join(cwd, 'reports/m1', run);
    const files = readdirSync(join(folder, 'evidence/a')).map((name) => `evidence/a/${name}`);
    const stdout = files.find((name) => name.includes('stdout')) ?? '';
    const good = await session.get(`runs/${run}/${stdout}`);
    expect(good.status).toBe(200);
    expect(good.text).toContain('a<b>c</b>');
    expect(good.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(good.headers['content-security-policy']).toContain('sandbox');

    writeFileSync(join(folder, 'evidence/a/extra.html'), '<script>1</script>');
    for (const bad of [
      `runs/${run}/../../../checklists/m1.yaml`,
      `runs/${run}/%2e%2e/%2e%2e/%2e%2e/checklists/m1.yaml`,
      `runs/${run}/..%2f..%2f..%2fchecklists%2fm1.yaml`,
      `runs/${run}/evidence/a/..%2f..%2fattestation.json`,
      `runs/${run}/%00`,
      `runs/${run}/%zz`,
      `runs/${run}//etc/passwd`,
      `runs/${run}/%2fetc%2fpasswd`,
      `runs/${run}/evidence/a/extra.html`,
      `runs/${run}/attestation.json`,
      `runs/..%2f..%2fchecklists/m1.yaml`,
      `runs/latest/${stdout}`,
      'runs/../../../../etc/passwd',
      'subject/x/0',
      'subject/..%2f..%2fx/0',
    ])
      expect(`${bad} ${(await session.get(bad)).status}`).toBe(`${bad} 404`);

    // No address at all.
    expect((await session.get(`runs/${run}/evidence\\a\\stdout`)).status).toBe(400);

    // The same name, other bytes; and a link that leads elsewhere.
    const at = join(folder, stdout);
    renameSync(at, `${at}.kept`);
    writeFileSync(at, 'other');
    expect((await session.get(`runs/${run}/${stdout}`)).status).toBe(404);
    writeFileSync(join(cwd, 'elsewhere'), good.data);
    renameSync(at, `${at}.other`);
    symlinkSync(join(cwd, 'elsewhere'), at);
    expect((await session.get(`runs/${run}/${stdout}`)).status).toBe(404);
  });

  it('SIGUSR2 prints another link; the session before it ends when that is used', async () => {
    const own = await served(cwd);
    try {
      const first = await enter(own);
      own.child.kill('SIGUSR2');
      await until('another link', () => (own.said().match(/\?token=/g) ?? []).length === 2);
      expect((await first.get('')).status).toBe(200);
      const second = await enter({ origin: own.origin, link: own.said().match(/http:\S+\?token=\S+/g)?.[1] ?? '' });
      expect((await second.get('')).status).toBe(200);
      expect((await first.get('')).status).toBe(403);
    } finally {
      await own.end();
    }
  });

  it('a port that is taken, a wrong option: one line, and the exit code', async () => {
    const taken = await verify(['serve', 'm1', '--port', new URL(server.origin).port], { cwd });
    expect(taken).toMatchObject({ code: 73, stderr: expect.stringContaining('EADDRINUSE') as string });
    expect(await verify(['serve', 'm1', '--port', 'x'], { cwd })).toMatchObject({ code: 64 });
    expect(await verify(['serve', 'none'], { cwd })).toMatchObject({ code: 66 });
  });

  it('ended without a run: 11', async () => {
    expect((await (await served(cwd)).end()).code).toBe(11);
  });
});
