import { afterEach, describe, expect, it, vi } from 'vitest';
import { codes, runStep, tempDir } from '../rig/run-step.ts';

/** The rig has the gate judge each run again from its folder. */
const run = (secret: string, rest: object) => {
  vi.stubEnv('API_TOKEN', secret);
  return runStep({ uses: 'command', with: rest, target: tempDir({ 'page.txt': 'error: disk full\n' }) });
};
afterEach(() => vi.unstubAllEnvs());

describe('redaction never decides', () => {
  const failing = {
    shell: 'echo "error: disk full"; echo done',
    expect: { stdout: { contains: ['done'], lacks: ['error'] } },
  };
  it('what fails without a secret in the environment', async () =>
    expect(codes(await run('something-else', failing))).toEqual(['output']));
  it.each([
    ['the failing text is a secret', 'error: disk full', failing],
    ['a part of it is', 'error: di', failing],
    [
      'a pattern would be missed',
      'status=broken',
      { shell: 'echo status=broken ok', expect: { stdout: { matches: ['^(?!.*broken).*ok$'] } } },
    ],
    [
      'a printed mark would satisfy',
      'sesame-open',
      { shell: 'echo "[redacted]"', expect: { stdout: { contains: ['sesame-open'] } } },
    ],
    [
      'a JSON value would be another',
      'deployed-by-hand',
      {
        shell: `echo '{"state":"deployed-by-hand"}'`,
        expect: { stdout: { json: [{ path: '$.state', matches: '^(?!deployed)' }] } },
      },
    ],
    [
      'it would fail by being redacted',
      '12345678',
      { shell: 'echo 12345678', expect: { stdout: { matches: ['^\\d+$'] } } },
    ],
  ])('%s: nothing is concluded', async (_, secret, rest) => {
    const step = await run(secret, rest);
    expect(step.outcome).not.toBe('passed');
    expect(codes(step)).toContain('hidden-by-redaction');
  });
  it.each([
    [
      'a secret that is printed beside what is asserted',
      { shell: 'echo token my-own-secret; echo done', expect: { stdout: { contains: ['done'] } } },
    ],
    [
      'a secret that is itself asserted',
      { shell: 'echo my-own-secret', expect: { stdout: { contains: ['my-own-secret'] } } },
    ],
  ])('%s changes nothing', async (_, rest) =>
    expect(await run('my-own-secret', rest)).toMatchObject({ outcome: 'passed', findings: [] }),
  );
});
