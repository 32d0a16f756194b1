import { describe, expect, it } from 'vitest';
import { codes, runStep } from '../rig/run-step.ts';
import { nothings, serve } from '../rig/serve.ts';

const get = async (url: string, rest: object = {}) =>
  runStep({ uses: 'http/get', with: { url, ...rest }, timeout: '10s' });

describe('http/get', async () => {
  const url = await serve({
    '/health': { body: '{"status":"ok","n":3,"list":[{"up":true},{"up":false}],"none":[]}' },
    '/slow': (response) => setTimeout(() => response.end('late'), 150),
    ...Object.fromEntries(
      Object.entries(nothings).map(([name, reply]) => [`/nothing/${encodeURIComponent(name)}`, reply]),
    ),
  });

  it.each([
    ['status', {}],
    ['a text', { contains: ['"status":"ok"'] }],
    ['a value', { json: [{ path: '$.status', equals: 'ok' }] }],
    ['a number', { json: [{ path: '$.n', min: 3, max: 3 }] }],
    ['an element', { json: [{ path: '$.list[0].up', equals: true }] }],
  ])('%s holds', async (_, rest) =>
    expect(await get(`${url}/health`, rest)).toMatchObject({ outcome: 'passed', findings: [] }),
  );

  it.each([
    ['another status', '/nowhere', {}, 'status'],
    ['a text that is not there', '/health', { contains: ['degraded'] }, 'body'],
    ['another value', '/health', { json: [{ path: '$.status', equals: 'up' }] }, 'json-value'],
    ['a value that is not there', '/health', { json: [{ path: '$.state', equals: 'ok' }] }, 'json-missing'],
    ['one of several', '/health', { json: [{ path: '$.list[*].up', equals: true }] }, 'json-value'],
    ['an empty list', '/health', { json: [{ path: '$.none[*]', equals: true }] }, 'json-missing'],
    ['text for a number', '/health', { json: [{ path: '$.status', min: 1 }] }, 'json-value'],
    ['another content type', '/health', { contentType: 'text/html' }, 'content-type'],
    ['a slow answer', '/slow', { maxLatency: '50ms' }, 'slow'],
  ])('%s fails', async (_, path, rest, code) => {
    const record = await get(`${url}${path}`, rest);
    expect(record.outcome).toBe('failed');
    expect(codes(record)).toContain(code);
  });

  it.each(Object.keys(nothings))('%s is never a pass', async (name) => {
    const record = await get(`${url}/nothing/${encodeURIComponent(name)}`, {
      json: [{ path: '$.status', equals: 'ok' }],
    });
    expect(record.outcome).not.toBe('passed');
    expect(codes(record).length).toBeGreaterThan(0);
  });

  it('refused is inconclusive', async () =>
    expect(await get('http://127.0.0.1:1/')).toMatchObject({ outcome: 'error' }));
  it('a cloud metadata service is never asked', async () =>
    expect(codes(await get('http://169.254.169.254/latest'))).toEqual(['unreachable']));
  it('says that a status alone is weak evidence', async () =>
    expect((await get(`${url}/health`)).weak).toMatch(/status/));
});
