import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { codes, runStep, tempDir } from '../rig/run-step.ts';
import { nothings, serve } from '../rig/serve.ts';

const up = (external: object) =>
  runStep({ uses: 'stack/up', with: { stableFor: '300ms' }, driver: 'external', stack: { external } });

describe('stack/up with a stack that somebody else runs', () => {
  it('gives its addresses as facts', async () => {
    const url = await serve({ '/-/ready': { body: 'Ready.' }, '/': { status: 404 } });
    const record = await up({ prometheus: { url: `${url}/`, ready: '/-/ready' }, app: { url } });
    expect(record, JSON.stringify(record.findings)).toMatchObject({ outcome: 'passed', findings: [] });
    expect(record.facts).toMatchObject({
      'stack.driver': 'external',
      'stack.prometheus.url': url,
      'stack.app.url': url,
    });
  });
  it('what does not answer proves nothing', async () =>
    expect(codes(await up({ app: { url: 'http://127.0.0.1:1' } }))).toEqual(['unreachable']));
  it.each(['404', '500', '401', '503 JSON'])('is not ready where its probe gives %s', async (name) => {
    const url = await serve({ '/': nothings[name] ?? {} });
    expect(codes(await up({ app: { url, ready: '/ready' } }))).toEqual(['not-ready']);
  });
  it('finds one that stops answering', async () => {
    let asked = 0;
    const url = await serve({ '/': (response) => response.writeHead(asked++ === 0 ? 200 : 503).end() });
    expect(codes(await up({ app: { url, ready: '/ready' } }))).toEqual(['unstable']);
  });
  it('nothing to ask passes nothing', async () => expect((await up({})).outcome).toBe('error'));
});

/** A `docker` of our own before the machine's. */
async function withPrograms<T>(programs: Record<string, string>, during: () => Promise<T>): Promise<T> {
  const bin = tempDir(
    Object.fromEntries(Object.entries(programs).map(([name, text]) => [name, `#!/bin/sh\n${text}\n`])),
  );
  for (const name of Object.keys(programs)) chmodSync(join(bin, name), 0o755);
  const { PATH: before } = process.env;
  process.env['PATH'] = `${bin}:/usr/bin:/bin`;
  try {
    return await during();
  } finally {
    process.env['PATH'] = before;
  }
}
const compose = { compose: { files: ['compose.yml'] } };
const processes = {
  processes: {
    app: {
      argv: [
        process.execPath,
        '-e',
        "require('http').createServer((q, r) => r.end()).listen(Number(process.argv[1]))",
        '${{ port.app }}',
      ],
      ready: { url: 'http://127.0.0.1:${{ port.app }}/' },
    },
  },
};
const engine =
  'case "$1 $2" in "--version ") echo Docker version 28.0;; "context inspect") echo unix:///var/run/docker.sock;; "version --format") echo \'{"Version":"28.0.1","ApiVersion":"1.48"}\';;';

describe('an engine or a Compose that is not supported', () => {
  it.each<[string, string, string, Record<string, string>]>([
    ['podman in docker’s place', 'engine-unsupported', 'podman', { docker: 'echo podman version 4.3.1' }],
    [
      'podman behind docker’s client',
      'engine-unsupported',
      'podman',
      { docker: engine.replace('{"Version"', '{"Components":[{"Name":"Podman Engine"}],"Version"') + ' esac' },
    ],
    [
      'podman alone',
      'engine-unsupported',
      'podman version 4.3.1',
      { docker: 'exit 127', podman: 'echo podman version 4.3.1' },
    ],
    [
      'Compose v1',
      'compose-unsupported',
      '1.29.2',
      { docker: `${engine} *) exit 1;; esac`, 'docker-compose': 'echo docker-compose version 1.29.2, build 5becea4c' },
    ],
    [
      'podman-compose',
      'compose-unsupported',
      'podman-compose',
      { docker: `${engine} *) exit 1;; esac`, 'docker-compose': 'echo podman-compose version 1.0.6' },
    ],
    [
      'an old Compose v2',
      'compose-unsupported',
      '2.20.3',
      { docker: `${engine} "compose version") echo Docker Compose version v2.20.3;; esac`, 'docker-compose': 'exit 1' },
    ],
    [
      'no Compose',
      'compose-missing',
      'docker compose',
      { docker: `${engine} *) exit 1;; esac`, 'docker-compose': 'exit 1' },
    ],
    [
      'an engine on another machine',
      'engine-remote',
      'ssh://ops@stage.example.org',
      { docker: engine.replace('unix:///var/run/docker.sock', 'ssh://ops@stage.example.org') + ' esac' },
    ],
    [
      'an engine that does not answer',
      'engine-not-answering',
      'Is it running?',
      { docker: `${engine.replace(/"version --format"\).*$/, '')} *) echo 'Is it running?' >&2; exit 1;; esac` },
    ],
  ])('%s', async (_, code, text, programs) => {
    const only = await withPrograms(programs, () =>
      runStep({ uses: 'stack/up', with: {}, driver: 'compose', stack: compose }),
    );
    expect(only.outcome).toBe('error');
    expect(codes(only), JSON.stringify(only.findings)).toEqual([code]);
    expect(only.findings[0]?.message).toContain(text);
    const auto = await withPrograms(programs, () =>
      runStep({ uses: 'stack/up', with: { stableFor: '200ms' }, stack: { ...compose, ...processes } }),
    );
    expect(auto, JSON.stringify(auto.findings)).toMatchObject({
      outcome: 'passed',
      facts: { 'stack.driver': 'processes' },
    });
    expect(auto.findings.find((finding) => finding.code === 'driver-chosen')?.message).toContain(text);
  });
});
