import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readRevoked } from '../../src/signoff/signers.ts';
import { Reasons } from '../../src/signoff/reason.ts';
import { namespace } from '../../src/core/sign-off.ts';
import { fingerprintOf, parsePublicKey, verifySshSignature } from '../../src/signoff/sshsig.ts';
import { needing } from '../rig/have.ts';
import { tempDir } from '../rig/run-step.ts';
import { signerLine, TestKey } from '../rig/signed.ts';

const [title, skip] = needing('against ssh-keygen', 'ssh-keygen');
const message = 'a statement\n';

function make(type: string, bits?: string): { folder: string; key: string } {
  const folder = tempDir();
  const key = join(folder, 'key');
  execFileSync('ssh-keygen', [
    '-q',
    '-t',
    type,
    ...(bits === undefined ? [] : ['-b', bits]),
    '-N',
    '',
    '-C',
    'x',
    '-f',
    key,
  ]);
  return { folder, key };
}

function signed(folder: string, key: string, inNamespace: string = namespace): string {
  const file = join(folder, 'message');
  writeFileSync(file, message);
  rmSync(`${file}.sig`, { force: true });
  execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-n', inNamespace, '-f', key, file], { stdio: 'ignore' });
  return readFileSync(`${file}.sig`, 'utf8');
}

/** What ssh-keygen itself says of a signature. */
function sshKeygenAccepts(line: string, principal: string, armoured: string): boolean {
  const folder = tempDir({ signers: `${line}\n`, sig: armoured });
  return (
    spawnSync(
      'ssh-keygen',
      ['-Y', 'verify', '-f', join(folder, 'signers'), '-I', principal, '-n', namespace, '-s', join(folder, 'sig')],
      { input: message },
    ).status === 0
  );
}

describe.skipIf(skip)(title, () => {
  it.each([
    ['ed25519', undefined],
    ['ecdsa', '256'],
    ['ecdsa', '384'],
    ['ecdsa', '521'],
    ['rsa', '3072'],
  ])('what a key of the type %s (%s bits) signs is verified, and nothing else is', (type, bits) => {
    const { folder, key } = make(type, bits);
    const armoured = signed(folder, key);
    const publicKey = readFileSync(`${key}.pub`, 'utf8');
    const listed = execFileSync('ssh-keygen', ['-l', '-f', `${key}.pub`], { encoding: 'utf8' });
    const found = verifySshSignature(armoured, Buffer.from(message));
    expect(found.fingerprint).toBe(parsePublicKey(publicKey).fingerprint);
    expect(listed).toContain(found.fingerprint);
    expect(() => verifySshSignature(armoured, Buffer.from('a statement!'))).toThrow(/these bytes/);
    expect(() => verifySshSignature(signed(folder, key, 'git'), Buffer.from(message))).toThrow(/namespace "git"/);
  });

  it('a key that is too weak is refused', () => {
    const { key } = make('rsa', '1024');
    expect(() => parsePublicKey(readFileSync(`${key}.pub`, 'utf8'))).toThrow(/too weak/);
  });

  it('the keys of these tests sign as ssh-keygen does', () => {
    const key = new TestKey();
    const armoured = key.sign(message);
    expect(verifySshSignature(armoured, Buffer.from(message)).fingerprint).toBe(key.fingerprint);
    expect(sshKeygenAccepts(signerLine('a@example.org', key), 'a@example.org', armoured)).toBe(true);
    expect(sshKeygenAccepts(signerLine('a@example.org', key), 'a@example.org', new TestKey().sign(message))).toBe(
      false,
    );
  });

  it('a FIDO key’s signature covers its counter and flags, and needs a touch', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const field = (data: Buffer | string): Buffer => {
      const bytes = Buffer.from(data as Buffer);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return Buffer.concat([length, bytes]);
    };
    const type = 'sk-ssh-ed25519@openssh.com';
    const { x = '' } = createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })).export({ format: 'jwk' });
    const blob = Buffer.concat([field(type), field(Buffer.from(x, 'base64url')), field('ssh:')]);
    const head = [field(namespace), field(''), field('sha512')];
    const sha = (data: Buffer | string): Buffer => createHash('sha256').update(data).digest();
    const toBeSigned = Buffer.concat([
      Buffer.from('SSHSIG'),
      ...head,
      field(createHash('sha512').update(message).digest()),
    ]);
    const armour = (flags: number): string => {
      const tail = Buffer.from([flags, 0, 0, 0, 9]);
      const raw = sign(null, Buffer.concat([sha('ssh:'), tail, sha(toBeSigned)]), privateKey);
      const whole = Buffer.concat([
        Buffer.from('SSHSIG'),
        Buffer.from([0, 0, 0, 1]),
        field(blob),
        ...head,
        field(Buffer.concat([field(type), field(raw), tail])),
      ]).toString('base64');
      return [
        '-----BEGIN SSH SIGNATURE-----',
        ...(whole.match(/.{1,70}/g) ?? []),
        '-----END SSH SIGNATURE-----',
        '',
      ].join('\n');
    };
    expect(verifySshSignature(armour(1), Buffer.from(message)).type).toBe(type);
    expect(
      sshKeygenAccepts(
        `a@example.org namespaces="${namespace}" ${type} ${blob.toString('base64')}`,
        'a@example.org',
        armour(1),
      ),
    ).toBe(true);
    expect(() => verifySshSignature(armour(0), Buffer.from(message))).toThrow();
  });

  it.each(['key', 'sha256', 'sha1'])('a KRL of ssh-keygen that names the key by %s revokes it, and no other', (by) => {
    const { folder, key } = make('ed25519');
    const other = make('ed25519');
    const pub = readFileSync(`${key}.pub`, 'utf8');
    const krl = join(folder, 'krl');
    const spec = join(folder, 'spec');
    writeFileSync(spec, by === 'key' ? pub : by === 'sha1' ? `sha1: ${pub}` : `sha256: ${pub}`);
    execFileSync('ssh-keygen', ['-q', '-k', '-f', krl, by === 'key' ? `${key}.pub` : spec], { stdio: 'ignore' });
    const reasons = new Reasons();
    const revoked = readRevoked(readFileSync(krl), 'krl', reasons);
    expect(reasons.all).toEqual([]);
    expect(revoked(parsePublicKey(pub))).toBe(true);
    expect(revoked(parsePublicKey(readFileSync(`${other.key}.pub`, 'utf8')))).toBe(false);
  });

  it('a KRL that revokes nothing is an error, not an empty list', () => {
    const folder = tempDir({ none: '' });
    execFileSync('ssh-keygen', ['-q', '-k', '-f', join(folder, 'krl'), join(folder, 'none')], { stdio: 'ignore' });
    const reasons = new Reasons();
    readRevoked(readFileSync(join(folder, 'krl')), 'krl', reasons);
    expect(reasons.all.map((one) => one.code)).toEqual([65]);
  });
});

describe('fingerprints', () => {
  it('have no padding', () => expect(fingerprintOf(Buffer.from('x'))).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/));
});
