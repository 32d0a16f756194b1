import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { isSecret, passwordsIn, withoutShapes } from '../../src/evidence/secret-shapes.ts';
import { Redactor } from '../../src/evidence/redact.ts';
import { verify } from '../rig/cli.ts';
import { tempDir } from '../rig/run-step.ts';
import { secretsTable } from '../secrets-table.ts';

describe('secrets', () => {
  it('67 canaries in 13 encodings are seen nowhere', async () => {
    const { canaries, hits } = await secretsTable();
    expect(canaries).toBe(67);
    expect(hits).toEqual([]);
  });

  it.each([
    ['AWS_SECRET_ACCESS_KEY', 'wJalrXUtnFEMI/K7MDENG'],
    ['GH_PAT', 'abc123def456'],
    ['stripeKey', 'abc123def456'],
    ['DB_PASS', 'hunter2hunter2!'],
    ['TOKEN2', 'abc123def456'],
    ['PGPASSWORD', 'abc123def456'],
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
    ['AUTH0_DOMAIN', 'tenant1.eu.example.org'],
    ['TOKENIZERS_PARALLELISM', 'false-by-default1'],
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
  const random = (n: number): string =>
    Array.from({ length: n }, (_, at) => 'aB3dE5gH7jK9mN1pQ2rS4tU6vW8x'[(at * 11) % 28]).join('');
  const digits = (n: number): string => random(n).replace(/[^0-9]/g, (char) => (char.charCodeAt(0) % 16).toString(16));
  it.each([
    `X-Api-Key: ${random(32)}`,
    `{"PRIVATE-TOKEN":"${random(20)}"}`,
    `Set-Cookie: sid=${random(30)}; HttpOnly`,
    `mytool --token ${random(24)}`,
    `export DEPLOY_TOKEN=${random(24)}`,
    `aws_secret_access_key = ${random(40)}`,
    `{"password":"${random(18)}"}`,
    `{"auths":{"r":{"auth":"${Buffer.from(`u:${random(16)}`).toString('base64')}"}}}`,
    `machine example.org login u password ${random(12)}`,
    `Endpoint=sb://x/;SharedAccessKey=${random(43)}=`,
    `PrivateKey = ${random(43)}=`,
    `curl -u user:${random(12)} https://example.org`,
    `https://discord.com/api/webhooks/123456789012345678/${random(68)}`,
    `123456789:${random(35)}`,
    `dapi${digits(32)}`,
    `pul-${digits(40)}`,
    `key-${digits(32)}`,
    `sntrys_${random(60)}`,
    `r8_${random(37)}`,
    `gsk_${random(52)}`,
  ])('%s is not shown', (text) => {
    const shown = withoutShapes(text, '[redacted]');
    expect(shown).toContain('[redacted]');
    expect(shown).not.toContain(random(12));
  });
  it.each([
    'password: changeme, or --password=$PW',
    'token: /run/secrets/token',
    'secretKeyRef: { name: my-app, key: password }',
    'the token handlerOfRequests is renewed',
    '{"auth": "authentication"}',
    'key-value stores, cookie: none',
    'const token = createHmacSha256WithSalt128Bits(secret)',
    'src/main.ts:12:5:error:unexpected',
    '02:42:ac:11:00:02 is at 10.0.0.1:9090',
    'npm config set //registry.example.org/:_authToken=${NPM_TOKEN}',
    'login with your user name and password below',
    `certificate-authority-data: ${Buffer.from(`-----BEGIN CERTIFICATE-----\n${'MIIB'.repeat(20)}`).toString('base64')}`,
    '<token>t</token> user@tcp(db:3306)/x',
    '{"auth":"c29tZSB3b3Jkcw=="}',
    'https://git@example.org/a-repository-of-mine.git',
    'password=$PGPASSWORD host=db',
  ])('%s is no secret', (text) => expect(withoutShapes(text, '[redacted]')).toBe(text));

  it.each([
    ['in two lines', 'Zq7RtPl29X\ncVbN4mKj8W'],
    ['in two lines of a mail', 'Zq7RtPl29X=\ncVbN4mKj8W'],
    ['in UTF-16', Buffer.from('Zq7RtPl29XcVbN4mKj8W', 'utf16le').toString('latin1').replace(/\0$/, '')],
    ['in lines of hexadecimal digits', Buffer.from('Zq7RtPl29XcVbN4mKj8W').toString('hex').replace(/.{30}/, '$&\n')],
  ])('a secret %s is not shown', (_, text) =>
    expect(new Redactor(['Zq7RtPl29XcVbN4mKj8W']).text(`a ${text} b`)).toBe('a [redacted] b'),
  );

  it('what a Compose file hands in as a secret is seen nowhere', async () => {
    const cwd = tempDir({
      'deploy/compose.yml':
        'services:\n  a: { image: a, env_file: [conf/a.txt], secrets: [db] }\nsecrets:\n  db: { file: ../kept/db.txt }\n',
      'kept/db.txt': 'word-of-the-file-7\n',
      'deploy/conf/a.txt': 'APP_SECRET=word-of-the-env-7\nMODE=plain-word-here\n',
      'm1.yaml':
        'version: 1\nmilestone: m1\ntitle: T\ntree: none\nstack: { compose: { files: [deploy/compose.yml] } }\nitems:\n  - { id: i, title: I, steps: [{ id: s, uses: command, with: { run: [cat, kept/db.txt, deploy/conf/a.txt] } }] }\n',
    });
    const { code } = await verify(['m1.yaml'], { cwd });
    expect(code).toBe(0);
    const shown = execFileSync('grep', ['-rhoE', 'word-of-the-[a-z]+-7|plain-word-here', 'reports'], {
      cwd,
      encoding: 'utf8',
    });
    expect([...new Set(shown.trim().split('\n'))]).toEqual(['plain-word-here']);
  });

  it.each([
    ['a line of JSON', '{"token":"x12","value":1.5},'],
    ['beginnings of tokens', '-eyJabcdefghij'],
    ['beginnings of keys', '-----BEGIN PRIVATE KEY-----'],
    ['letters without end', 'abcdefgh'],
    ['addresses', 'http://a-b-c.example.org:9090/x,'],
    ['fields of hosts', 'host=db-and-more,'],
  ])('4 MB of %s without a blank are read in time', (_, part) => {
    const text = part.repeat(4_000_000 / part.length);
    const began = process.cpuUsage().user;
    withoutShapes(text, '[redacted]');
    expect((process.cpuUsage().user - began) / 1e6).toBeLessThan(15);
  });

  const secret = 'Tr0ub4dor&3/x+y=Zq"7';
  const bytes = [...Buffer.from(secret)].map((byte) => byte.toString(16).padStart(2, '0'));
  it.each([
    ['each byte in percent', bytes.map((byte) => `%${byte.toUpperCase()}`).join('')],
    ['letters of escapes small and not', encodeURIComponent(secret).replaceAll('%2F', '%2f')],
    ['percent twice', encodeURIComponent(encodeURIComponent(secret))],
    ['hex with blanks', bytes.join(' ')],
    ['hex with colons', bytes.join(':')],
    ['as xxd groups it', bytes.join('').replace(/(.{4})/g, '$1 ')],
    ['escapes of JavaScript', bytes.map((byte) => `\\u00${byte}`).join('')],
    ['entities', bytes.map((byte) => `&#${parseInt(byte, 16)};`).join('')],
    ['octal', bytes.map((byte) => `\\${parseInt(byte, 16).toString(8).padStart(3, '0')}`).join('')],
    ['quoted-printable', secret.replace('=', '=3D')],
    ['base64 of UTF-16', Buffer.from(secret, 'utf16le').toString('base64')],
    ['base64 of base64', Buffer.from(Buffer.from(secret).toString('base64')).toString('base64')],
    ['with blanks', Array.from(secret).join(' ')],
  ])('a secret is seen in %s', (_, text) =>
    expect(new Redactor([secret]).text(`x ${text} y`)).toMatch(/^x \[redacted\]=* {1,2}y$/),
  );

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
