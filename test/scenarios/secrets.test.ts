import { describe, expect, it } from 'vitest';
import { isSecret, passwordsIn, withoutShapes } from '../../src/evidence/secret-shapes.ts';
import { Redactor } from '../../src/evidence/redact.ts';
import { verify } from '../rig/cli.ts';
import { tempDir } from '../rig/run-step.ts';
import { secretsTable } from '../secrets-table.ts';

describe('secrets', () => {
  it('40 canaries in 13 encodings are seen nowhere', async () => {
    const { canaries, hits } = await secretsTable();
    expect(canaries).toBe(40);
    expect(hits).toEqual([]);
  });

  it.each([
    ['AWS_SECRET_ACCESS_KEY', 'wJalrXUtnFEMI/K7MDENG'],
    ['GH_PAT', 'abc123def456'],
    ['stripeKey', 'abc123def456'],
    ['DB_PASS', 'hunter2hunter2!'],
    ['SENTRY_DSN', 'https://abc@o1.example.org/2'],
  ])('%s=%s is one', (name, value) => expect(isSecret(name, value)).toBe(true));
  it.each([
    ['PWD', '/home/somebody/work1'],
    ['SSH_AUTH_SOCK', '/tmp/ssh-abc123/agent.1'],
    ['AUTH_METHOD', 'ldap-and-more1'],
    ['CACHE_KEY', 'production'],
    ['API_KEY_FILE', '/run/secrets/api-key1'],
    ['PASSWORD_MIN_LENGTH', '12345678'],
    ['KEYBOARD_LAYOUT', 'de-nodeadkeys1'],
    ['PATH', '/usr/bin:/bin:/sbin1'],
    ['TOKEN', 'short'],
  ])('%s=%s is none', (name, value) => expect(isSecret(name, value)).toBe(false));

  it.each([
    ['postgres://app:hunter2-really@db/x', 'postgres://app:[redacted]@db/x'],
    ['GET /v1?x=1&api_key=abcdef123456&y=2', 'GET /v1?x=1&api_key=[redacted]&y=2'],
    ['Authorization: Bearer abc.def-ghi', 'Authorization: Bearer [redacted]'],
    ['{"a":"x\\nghp_abcdefghijklmnopqrstuvwxyz0123456789"}', '{"a":"x\\n[redacted]"}'],
  ])('%s is shown as %s', (text, shown) => expect(withoutShapes(text, '[redacted]')).toBe(shown));
  it.each([
    ['postgres://app:${DB_PASSWORD}@db/x'],
    ['https://user:<password>@example.org'],
    ['http://localhost:9090/api?query=up'],
    ['see https://example.org/a:b and me@example.org'],
    ['the token=value form of a pair'],
    ['sk-learn is a library, AKIA a prefix'],
    ['commit 0123456789abcdef0123456789abcdef01234567'],
  ])('%s is left as it is', (text) => expect(withoutShapes(text, '[redacted]')).toBe(text));
  it('a password in an address is one by itself too', () =>
    expect(passwordsIn('postgres://app:p%40ssword@db/x')).toEqual(['p%40ssword', 'p@ssword']));
  it('what is taken out is taken out of files as of texts, and the rest of the bytes stays', () => {
    const redactor = new Redactor(['a ünique secret']);
    expect(redactor.text('x a%20%c3%bcnique%20secret y')).toBe('x [redacted] y');
    expect(redactor.text('x a &uuml; b')).toBe('x a &uuml; b');
  });

  it('a password that is a plain word is taken out alone, not out of other names', () => {
    const redactor = new Redactor(['temporal']);
    expect(redactor.text('rate(temporal_requests_total[5m]) of temporal-ui')).toBe(
      'rate(temporal_requests_total[5m]) of temporal-ui',
    );
    expect(redactor.text('PGPASSWORD=temporal&x "temporal" postgres://db:temporal@h')).not.toContain('temporal');
  });

  it('a plan shows no password of an address', async () => {
    const target = tempDir({
      'checklists/m.yaml':
        'version: 1\nmilestone: m\ntitle: T\ntarget: ..\ntree: none\nitems:\n  - id: a\n    title: A\n    steps:\n      - { id: a, uses: command, with: { run: [echo, "postgres://app:hunter2-really@db/x"] } }\n',
    });
    const plan = await verify(['plan', 'm'], { cwd: target });
    const run = await verify(['m', '--ui', 'plain', '--no-ask'], { cwd: target });
    expect(run.code).toBe(0);
    for (const text of [plan.stdout, plan.stderr, run.stdout, run.stderr]) expect(text).not.toContain('hunter2');
  });
});
