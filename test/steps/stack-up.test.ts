import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { freePort } from '../../src/hosts/ports.ts';
import { codes, runStep, tempDir } from '../rig/run-step.ts';
import { until } from '../rig/until.ts';

const server = (more = '') =>
  `const s = require('http').createServer((q, r) => r.end('ok')); s.listen(Number(process.argv[2]), '127.0.0.1'); ${more}`;
const afterFirstAnswer = (what: string): string => `s.once('request', () => setTimeout(() => ${what}, 200));`;
const up = (script: string, rest: object = {}, within = '20s') =>
  runStep({
    uses: 'stack/up',
    with: { stableFor: '700ms' },
    target: tempDir({ 'server.cjs': script, 'app.conf': 'listen db:5432\n' }),
    stack: {
      processes: {
        app: {
          argv: [process.execPath, 'server.cjs', '${{ port.app }}'],
          ready: { url: 'http://127.0.0.1:${{ port.app }}/', contains: 'ok', within },
          url: 'http://127.0.0.1:${{ port.app }}',
          ...rest,
        },
      },
    },
  });

describe('stack/up with host processes', () => {
  it('is up when it answers and stays so', async () => {
    const record = await up(server());
    expect(record).toMatchObject({ outcome: 'passed', findings: [] });
    expect(record.facts['stack.app.url']).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    await expect(fetch(String(record.facts['stack.app.url']))).rejects.toThrow('fetch failed');
  });
  it.each([
    ['one that ends at once', 'process.exit(3)', 'service-exited'],
    ['one that never listens', 'setInterval(() => {}, 1000)', 'not-ready'],
    ['one that dies after it was ready', server(afterFirstAnswer('process.exit(1)')), 'unstable'],
    [
      'one that stops answering',
      server(`${afterFirstAnswer('s.close(() => {}) || s.closeAllConnections()')} setInterval(() => {}, 1000)`),
      'unstable',
    ],
    ['one that answers with something else', server().replace("'ok'", "'starting'"), 'not-ready'],
    ['one that answers with an error', server().replace('r.end', 'r.writeHead(503).end'), 'not-ready'],
  ])('finds %s', async (_, script, code) => {
    const record = await up(script, {}, code === 'not-ready' ? '2s' : '20s');
    expect(record.outcome).toBe('failed');
    expect(codes(record)).toEqual([code]);
  });
  const listens = { tcp: '${{ port.app }}', within: '20s' };
  const asks = {
    run: [process.execPath, '-e', "fetch('http://127.0.0.1:${{ port.app }}/').catch(() => process.exit(7))"],
    within: '20s',
  };
  it.each([
    ['it listens', server(), listens, 'passed', []],
    ['its command ends with 0', server(), asks, 'passed', []],
    ['it never listens', 'setInterval(() => {}, 1000)', { ...listens, within: '2s' }, 'failed', ['not-ready']],
    ['its command fails', 'setInterval(() => {}, 1000)', { ...asks, within: '2s' }, 'failed', ['not-ready']],
    ['its command is not there', server(), { run: ['no-such-program'], within: '2s' }, 'failed', ['not-ready']],
    [
      'it listens no more',
      server(`setTimeout(() => s.close(), 1500); setInterval(() => {}, 1000)`),
      { ...listens },
      'failed',
      ['unstable'],
    ],
    ['its port is none', server(), { tcp: 'db', within: '2s' }, 'error', ['stack-invalid']],
  ])('%s', async (_, script, ready, outcome, found) => {
    const record = await runStep({
      uses: 'stack/up',
      with: { stableFor: '3s' },
      target: tempDir({ 'server.cjs': script }),
      stack: { processes: { app: { argv: [process.execPath, 'server.cjs', '${{ port.app }}'], ready } } },
    });
    expect([record.outcome, codes(record)], JSON.stringify(record.findings)).toEqual([outcome, found]);
  });

  it.each(['tcp', 'run'])('what another process answers is none, by %s', async (how) => {
    const port = await freePort();
    const other = createServer((_request, response) => response.end('ok')).listen(port, '127.0.0.1');
    await until('the other server', () => other.listening);
    const ready = how === 'tcp' ? { tcp: String(port) } : { run: ['true', '-h', `127.0.0.1:${port}`] };
    const record = await up('', { argv: ['sleep', '60'], ready, url: undefined });
    other.close();
    expect([record.outcome, codes(record)]).toEqual(['error', ['taken']]);
  });

  it.each(['that was there before', 'that comes once the service has been started'])(
    'an answer of another server %s is none',
    async (when) => {
      const port = await freePort();
      const other = createServer((_request, response) => response.end('ok'));
      const started = join(tempDir(), 'started');
      const listen = async (): Promise<void> => {
        if (when !== 'that was there before') await until('the service', () => existsSync(started));
        other.listen(port, '127.0.0.1');
        await until('the other server', () => other.listening);
      };
      const listening = listen();
      if (when === 'that was there before') await listening;
      const record = await up('', {
        argv: ['sh', '-c', `touch '${started}'; exec sleep 60`],
        ready: { url: `http://127.0.0.1:${port}/`, within: '20s' },
        url: `http://127.0.0.1:${port}`,
      });
      other.close();
      expect(codes(record)).toEqual(['taken']);
      expect(record.findings[0]?.message).toContain(`process ${process.pid} `);
      expect(record.facts['stack.app.url']).toBeUndefined();
    },
  );
  const elsewhere = { argv: ['sleep', '60'], url: undefined };
  it.each<[string, (port: number) => object, string]>([
    ['a name of this machine', (port) => ({ ...elsewhere, ready: { url: `http://${hostname()}:${port}/` } }), '::'],
    [
      'an address of another form',
      (port) => ({ ...elsewhere, ready: { url: `http://[::ffff:127.0.0.1]:${port}/` } }),
      '::',
    ],
    [
      'a port that the service holds at another address',
      (port) => ({
        argv: [process.execPath, '-e', `require('http').createServer().listen(${port}, '127.0.0.2')`],
        ready: { url: `http://127.0.0.1:${port}/` },
        url: undefined,
      }),
      '127.0.0.1',
    ],
  ])('what another process answers is none, at %s', async (_, service, address) => {
    const port = await freePort();
    const other = createServer((_request, response) => response.end('ok'));
    const started = join(tempDir(), 'started');
    const { argv, ...rest } = service(port) as { argv: string[] };
    const listening = until('the service', () => existsSync(started)).then(() => other.listen(port, address));
    const record = await up('', {
      argv: ['sh', '-c', `touch '${started}'; exec "$0" "$@"`, ...argv],
      ...rest,
      ...('ready' in rest && { ready: { ...(rest.ready as object), within: '20s' } }),
    });
    await listening;
    other.close();
    expect(codes(record), JSON.stringify(record.findings)).toEqual(['taken']);
  });

  it('a server that a child of the service is, also in a session of its own, is the service', async () => {
    for (const argv of [
      ['sh', '-c', `"$0" server.cjs "$1" & wait`, process.execPath, '${{ port.app }}'],
      ['sh', '-c', `setsid "$0" server.cjs "$1" & wait`, process.execPath, '${{ port.app }}'],
    ])
      expect(await up(server(), { argv })).toMatchObject({ outcome: 'passed', findings: [] });
  });
  it('says nothing of a service that nobody watched, since another one failed', async () => {
    const service = (name: string, after: string[]) => ({
      argv: [process.execPath, `${name}.cjs`, `\${{ port.${name} }}`],
      ready: { url: `http://127.0.0.1:\${{ port.${name} }}/`, within: '20s' },
      after,
    });
    const record = await runStep({
      uses: 'stack/up',
      with: { stableFor: '700ms' },
      target: tempDir({ 'good.cjs': server(), 'bad.cjs': 'process.exit(3)' }),
      stack: { processes: { good: service('good', []), bad: service('bad', ['good']) } },
    });
    expect(record.findings.map((f) => [f.code, f.subject])).toEqual([['service-exited', 'bad']]);
  });
  it('finds a build that fails', async () =>
    expect(codes(await up(server(), { build: [process.execPath, '-e', 'process.exit(2)'] }))).toEqual([
      'build-failed',
    ]));
  it('a program that is not there is inconclusive', async () =>
    expect(codes(await up(server(), { argv: ['no-such-program'] }))).toEqual(['not-started']));
  it('so is one that would build it', async () =>
    expect(await up(server(), { build: ['no-such-builder', 'all'] })).toMatchObject({
      outcome: 'error',
      findings: [{ code: 'not-started', message: expect.stringContaining('no-such-builder') as string }],
    }));
  it('says when a replacement no longer applies', async () =>
    expect(
      (
        await up(server(), { files: [{ from: 'app.conf', to: 'app.conf', replace: { 'cache:6379': 'x' } }] })
      ).findings.map((f) => f.code),
    ).toEqual(['replacement-unused']));
  it('a checklist without a stack proves nothing', async () =>
    expect(codes(await runStep({ uses: 'stack/up', with: {} }))).toEqual(['no-stack']));
});
