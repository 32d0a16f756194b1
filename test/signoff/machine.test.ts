import { execFileSync, spawnSync } from 'node:child_process';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleFromJSON } from '@sigstore/bundle';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import { beforeAll, describe, expect, it } from 'vitest';
import { inMemory, type BundleFile } from '../../src/signoff/bundle.ts';
import {
  machineFiles,
  machineNamespace,
  readMachineKey,
  signAttestation,
  type MachineKey,
} from '../../src/signoff/machine.ts';
import { verify } from '../rig/cli.ts';
import { needing } from '../rig/have.ts';
import { tempDir } from '../rig/run-step.ts';
import { Base, gate, keys, repository, signerLine } from '../rig/signed.ts';

const pem = (): string => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
const [own, other] = [readMachineKey(pem()), readMachineKey(pem())];
const line = ({ blob }: MachineKey, options = `namespaces="${machineNamespace}"`): string =>
  `ci@example.org ${options} ssh-ed25519 ${blob.toString('base64')}\n`;

let base: Base;
beforeAll(async () => {
  base = await Base.make();
});

/** The healthy folder with the machine's signatures, some of them spoilt. */
function signed(
  by: MachineKey,
  change: Record<string, ((text: string) => string) | null> = {},
): Map<string, BundleFile> {
  const made = new Map(base.bundle);
  const text = made.get('attestation.json')?.read().toString('utf8') ?? '';
  for (const [name, data] of signAttestation(text, by)) made.set(name, inMemory(Buffer.from(data)));
  for (const [name, edit] of Object.entries(change))
    if (edit === null) made.delete(name);
    else made.set(name, inMemory(Buffer.from(edit(made.get(name)?.read().toString('utf8') ?? ''))));
  return made;
}
const [sig, dsse, sigstore] = machineFiles;
const allowing = (text: string): object => ({
  signers: { path: 'allowed_signers', text: `${base.files.signers.text}${text}` },
});
const demanded = { attestation: 'signed' as const };

describe('the machine’s signature and the gate', () => {
  it('without it the gate opens, unless the policy demands it', async () => {
    expect((await gate(base, {})).code).toBe(0);
    const { code, reasons } = await gate(base, { policy: demanded });
    expect([code, reasons[0]?.text]).toEqual([
      20,
      'the attestation is not signed by a machine, which the policy demands',
    ]);
  });

  it('by a key that the allowed signers have in its namespace it opens', async () => {
    const answer = await gate(base, { bundle: signed(own), policy: demanded, files: allowing(line(own)) });
    expect(answer).toMatchObject({ code: 0, reasons: [] });
    expect(answer.notices.join()).not.toContain('attestation');
  });

  it('by a key that nobody knows: shut where it is demanded, else said', async () => {
    const bundle = signed(other);
    const files = allowing(line(own));
    expect((await gate(base, { bundle, policy: demanded, files })).code).toBe(20);
    const free = await gate(base, { bundle, files });
    expect(free.code).toBe(0);
    expect(free.notices.join()).toContain('a key that no line of the allowed signers knows');
  });

  it('by a person’s key, or in a person’s namespace, it is no machine’s', async () => {
    const files = allowing(line(own, 'namespaces="sign-off@verify-milestone.dev"'));
    expect((await gate(base, { bundle: signed(own), policy: demanded, files })).code).toBe(20);
    const text = base.bundle.get('attestation.json')?.read().toString('utf8') ?? '';
    const bundle = signed(own, { [sig]: () => keys.alice.sign(text) });
    expect((await gate(base, { bundle, files: allowing(line(own)) })).code).toBe(21);
  });

  it('a machine’s key is no vote', async () => {
    const text = [signerLine('alice@example.org', keys.alice), line(own)].join('\n');
    const { reasons } = await gate(base, { bundle: signed(own), files: { signers: { path: 'a', text } } });
    expect(reasons.map((one) => one.text)).toContain(
      'the roles need 2 approvals by different keys, and only 1 keys are allowed',
    );
  });

  it.each<[string, number, string]>([
    ['valid-before="20000101"', 22, 'not valid at this time'],
    ['valid-after="29990101"', 22, 'not valid at this time'],
  ])('a key with %s: %d', async (option, code, why) => {
    const files = allowing(line(own, `namespaces="${machineNamespace}",${option}`));
    const answer = await gate(base, { bundle: signed(own), policy: demanded, files });
    expect([answer.code, answer.reasons[0]?.text.includes(why)]).toEqual([code, true]);
  });

  it('a revoked key: 21, also where no signature is demanded', async () => {
    const data = Buffer.from(`ssh-ed25519 ${own.blob.toString('base64')}\n`);
    const files = { ...allowing(line(own)), revoked: { path: 'revoked', data } };
    for (const policy of [demanded, {}])
      expect((await gate(base, { bundle: signed(own), policy, files })).code).toBe(21);
  });

  it.each<[string, Record<string, ((text: string) => string) | null>]>([
    ['the SSH signature is removed', { [sig]: null }],
    ['the envelope is removed', { [dsse]: null }],
    ['the bundle is removed', { [sigstore]: null }],
    ['the SSH signature is empty', { [sig]: () => '' }],
    [
      'the SSH signature is another key’s',
      {
        [sig]: () =>
          signAttestation(base.bundle.get('attestation.json')?.read().toString('utf8') ?? '', other).get(sig) ?? '',
      },
    ],
    [
      'the envelope is another key’s',
      {
        [dsse]: () =>
          signAttestation(base.bundle.get('attestation.json')?.read().toString('utf8') ?? '', other).get(dsse) ?? '',
      },
    ],
    ['the envelope is of other bytes', { [dsse]: () => signAttestation('{}', own).get(dsse) ?? '' }],
    ['the signature is of other bytes', { [sig]: () => signAttestation('{}', own).get(sig) ?? '' }],
    ['a blank is put into the bundle', { [sigstore]: (text) => `${text} ` }],
  ])('%s: 21', async (_, change) => {
    const bundle = signed(own, change);
    for (const policy of [demanded, {}]) {
      const { code } = await gate(base, { bundle, policy, files: allowing(line(own)) });
      expect(code).toBe(21);
    }
  });
});

describe('keys of a machine', () => {
  it.each([
    ['no key', () => 'hello', /./],
    [
      'an RSA key',
      () =>
        generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
          type: 'pkcs8',
          format: 'pem',
        }) as string,
      /ed25519 key is needed/,
    ],
    [
      'a damaged OpenSSH key',
      () => '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n',
      /./,
    ],
  ])('%s is refused', (_, text, why) => expect(() => readMachineKey(text())).toThrow(why));
});

const [title, skip] = needing('the machine’s signature and the tools of others', 'ssh-keygen');
describe.skipIf(skip)(title, () => {
  const keygen = (passphrase: string, type = 'ed25519'): string => {
    const file = join(tempDir(), 'key');
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', 'ci', '-f', file]);
    return file;
  };

  it('a run with --attest-key is verified by ssh-keygen, by @sigstore/verify and by the gate; the key is not shown', async () => {
    const file = keygen('');
    const cwd = repository();
    const env = { VERIFY_ATTEST_KEY: file };
    await verify(['m1', '--no-ask'], { cwd, env });
    const folder = join(cwd, 'reports/m1/latest');
    const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
    const signers = join(tempDir(), 'signers');
    writeFileSync(signers, `ci@example.org namespaces="${machineNamespace}" ${readFileSync(`${file}.pub`, 'utf8')}`);
    const args = [
      '-Y',
      'verify',
      '-f',
      signers,
      '-I',
      'ci@example.org',
      '-n',
      machineNamespace,
      '-s',
      join(folder, sig),
    ];
    const ask = (input: string): number | null => spawnSync('ssh-keygen', args, { input }).status;
    expect(ask(read('attestation.json'))).toBe(0);
    expect(ask(`${read('attestation.json')} `)).not.toBe(0);

    const jwk = {
      kty: 'OKP',
      crv: 'Ed25519',
      x: readMachineKey(readFileSync(file, 'utf8')).blob.subarray(-32).toString('base64url'),
    };
    const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
    const none = { mediaType: '', certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [] };
    const material = toTrustMaterial(none, () => ({ publicKey, validFor: () => true }));
    const verifier = new Verifier(material, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 });
    verifier.verify(toSignedEntity(bundleFromJSON(JSON.parse(read(sigstore)))));

    const said = await verify(['gate', 'm1', '--json'], { cwd });
    expect(said.stdout).toContain('a key that no line of the allowed signers knows');
    expect(said.stdout).not.toContain('attestation.json');
    expect(read('record.json')).not.toContain(file);
  });

  it.each([
    ['with a passphrase', () => keygen('secret words'), 64, 'passphrase'],
    ['of another kind', () => keygen('', 'ecdsa'), 64, 'ed25519'],
    ['that is not there', () => join(tempDir(), 'gone'), 66, 'ENOENT'],
  ])('a key %s is refused before anything runs', async (_, key, code, why) => {
    const cwd = repository();
    const ended = await verify(['m1', '--no-ask', '--attest-key', key()], { cwd });
    expect([ended.code, ended.stderr.includes(why)], ended.stderr).toEqual([code, true]);
    expect(() => readFileSync(join(cwd, 'reports/m1/latest/record.json'))).toThrow();
  });
});
