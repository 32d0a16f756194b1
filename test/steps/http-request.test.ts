import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseChecklist } from '../../src/checklist/load.ts';
import { codes, runStep, runSteps } from '../rig/run-step.ts';
import { nothings, serve, type Reply } from '../rig/serve.ts';

/** A small shop: log in, order, look at the order. */
const shop = (over: Record<string, Reply> = {}) =>
  serve({
    '/login': (response, body) =>
      response.end(JSON.stringify({ token: `tok-${(JSON.parse(body) as { user: string }).user}-4711-canary` })),
    '/orders/7': (response, _body, _url, method) => {
      if (response.req.headers.authorization !== 'Bearer tok-sam-4711-canary') response.writeHead(401).end('who?');
      else if (method === 'DELETE') response.writeHead(204).end();
      else response.end(JSON.stringify({ id: 7, item: 'tea' }));
    },
    '/orders': (response, body) =>
      response
        .writeHead(201, { location: '/orders/7' })
        .end(JSON.stringify({ id: 7, item: (JSON.parse(body) as { item: string }).item })),
    ...over,
  });
const row = (url: string) => {
  const headers = { authorization: 'Bearer ${{ captured.token }}' };
  return [
    {
      method: 'POST',
      url: `${url}/login`,
      body: { user: 'sam' },
      capture: { token: { json: '$.token', secret: true } },
    },
    {
      method: 'POST',
      url: `${url}/orders`,
      headers,
      body: '{"item":"tea"}',
      status: 201,
      capture: { order: { json: '$.id' }, at: { header: 'Location' } },
    },
    { url: `${url}\${{ captured.at }}`, headers, json: [{ path: '$.item', equals: 'tea' }] },
    { method: 'DELETE', url: `${url}/orders/\${{ captured.order }}`, headers, status: 204 },
  ];
};
const run = (requests: object[]) => runStep({ uses: 'http/request', with: { requests } });

describe('http/request', () => {
  it('sends a row, each request with what those before it gave; a captured token is kept nowhere', async () => {
    const url = await shop();
    const { record, folder } = await runSteps([{ uses: 'http/request', with: { requests: row(url) } }]);
    const [step] = record.steps;
    expect([step?.outcome, step?.findings]).toEqual(['passed', []]);
    expect(step?.facts).toMatchObject({ 'http.requests': 4, order: 7, at: '/orders/7' });
    for (const { path } of record.manifest)
      expect(readFileSync(join(folder, path), 'utf8'), path).not.toContain('4711-canary');
    expect(JSON.stringify(record)).not.toContain('4711-canary');
  });

  it.each<[string, Record<string, Reply>, string]>([
    ['a login that gives no token', { '/login': { body: '{}' } }, 'capture-missing'],
    ['another status', { '/orders': { status: 200, body: '{"id":7}' } }, 'status'],
    ['another value', { '/orders/7': { body: '{"id":7,"item":"coffee"}' } }, 'json-value'],
    ['a value that is not there', { '/orders/7': { body: '{"id":7}' } }, 'json-missing'],
    ['HTML in the middle', { '/orders/7': { type: 'text/html', body: '<html>' } }, 'not-json'],
    ['a header that is missing', { '/orders': { status: 201, body: '{"id":7}' } }, 'capture-missing'],
    ['a redirect to a login page', { '/orders': { status: 302, headers: { location: '/login' } } }, 'redirect'],
  ])('%s ends the row, and is named', async (_, over, code) => {
    const step = await run(row(await shop(over)));
    expect(codes(step)).toEqual([code]);
    expect(step.outcome).not.toBe('passed');
  });

  it.each(Object.entries(nothings))('%s is no pass', async (_, reply) => {
    const url = await serve({ '/': reply });
    const step = await run([
      { url, json: [{ path: '$.status', equals: 'ok' }] },
      { url, contains: ['ok'] },
    ]);
    expect(step.outcome).not.toMatch(/passed|waived/);
  });

  it.each<[string, object]>([
    ['another assertion fails', { contains: ['no such text'], capture: { t: { json: '$.token', secret: true } } }],
    ['another status was promised', { status: 201, capture: { t: { json: '$.token', secret: true } } }],
    ['it stands there twice', { capture: { t: { matches: '[\\w-]+canary|token', secret: true } } }],
    ['another value is missing', { capture: { t: { json: '$.token', secret: true }, other: { json: '$.other' } } }],
  ])('a token that is to be captured is kept nowhere, also where %s', async (_, request) => {
    const url = await serve({ '/': { body: '{"token":"tok-4711-canary"}' } });
    const { record, folder } = await runSteps([{ uses: 'http/request', with: { requests: [{ url, ...request }] } }]);
    expect(record.steps[0]?.outcome).toBe('failed');
    for (const { path } of record.manifest)
      expect(readFileSync(join(folder, path), 'utf8'), path).not.toContain('4711-canary');
    expect(JSON.stringify(record)).not.toContain('4711-canary');
  });

  it.each<[string, object]>([
    ['an empty header', { capture: { a: { header: 'x-empty' } } }],
    ['a value that stands there twice', { json: [{ path: '$.a', equals: 2 }] }],
  ])('%s is no value', async (_, request) => {
    const url = await serve({ '/': { headers: { 'x-empty': '' }, body: '{"a":1,"a":2}' } });
    expect((await run([{ url, ...request }])).outcome).toBe('failed');
  });

  it.each<[string, object]>([
    ['an expression that matches everything', { json: [{ path: '$.a', matches: 'up|' }] }],
    ['no expression', { json: [{ path: '$.a', matches: '[' }] }],
    ['a name that is measured anyway', { capture: { 'http.latencyMs': { json: '$.a' } } }],
  ])('%s is refused', async (_, request) => {
    await expect(run([{ url: 'http://127.0.0.1:1', ...request }])).rejects.toThrow('not a valid checklist');
  });

  it('is inconclusive where nobody answers', async () => {
    const step = await run([{ url: 'http://127.0.0.1:1', contains: ['x'] }]);
    expect([codes(step), step.outcome]).toEqual([['unreachable'], 'error']);
  });

  it('sends what is no text as JSON, with its type', async () => {
    let seen = '';
    const url = await serve({
      '/': (response, body) => {
        seen = `${response.req.headers['content-type']} ${body}`;
        response.end('in');
      },
    });
    expect((await run([{ method: 'PUT', url, body: [1, { a: true }], contains: ['in'] }])).outcome).toBe('passed');
    expect(seen).toBe('application/json [1,{"a":true}]');
  });

  it('names what no request before it has captured; elsewhere it is no expression', async () => {
    const first = await run([{ url: 'http://127.0.0.1:1/${{ captured.id }}', contains: ['x'] }]);
    expect(codes(first)).toEqual(['capture-missing']);
    const elsewhere = `version: 1\nmilestone: m\ntitle: T\nitems: [{ id: i, title: I, steps: [{ id: s, uses: command, with: { run: [echo, "\${{ captured.id }}"] } }] }]\n`;
    await expect(parseChecklist('c.yaml', elsewhere)).rejects.toThrow('not a valid checklist');
  });
});
