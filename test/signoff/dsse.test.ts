import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { bundleFromJSON } from '@sigstore/bundle';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import { describe, expect, it } from 'vitest';
import { checkEnvelope, preAuthentication, readDsseKey, seal } from '../../src/signoff/dsse.ts';

const key = (): ReturnType<typeof readDsseKey> =>
  readDsseKey(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string);
const own = key();
const payload = Buffer.from('{"_type": "https://in-toto.io/Statement/v1"}\n');
const sealed = seal(payload, own);

/** What somebody else's verifier says. */
function sigstoreAccepts(text: string, pem: string): boolean {
  const none = { mediaType: '', certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [] };
  const material = toTrustMaterial(none, () => ({ publicKey: createPublicKey(pem), validFor: () => true }));
  const verifier = new Verifier(material, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 });
  try {
    verifier.verify(toSignedEntity(bundleFromJSON(JSON.parse(text))));
    return true;
  } catch {
    return false;
  }
}

describe('a DSSE envelope', () => {
  it('is signed over type and payload with their lengths', () =>
    expect(preAuthentication(Buffer.from('hi')).toString()).toBe('DSSEv1 28 application/vnd.in-toto+json 2 hi'));

  it('is accepted by us and by @sigstore/verify', () => {
    checkEnvelope(sealed.dsse, 'dsse', payload, own);
    checkEnvelope(sealed.bundle, 'bundle', payload, own);
    expect(sigstoreAccepts(sealed.bundle, own.publicKey)).toBe(true);
  });

  it.each([
    ['another payload', (text: string) => text.replace(/"payload": "[^"]*"/, '"payload": "e30="')],
    [
      'another signature',
      (text: string) => text.replace(/"sig": "(.)/, (_, c: string) => `"sig": "${c === 'A' ? 'B' : 'A'}`),
    ],
    ['an empty signature', (text: string) => text.replace(/"sig": "[^"]*"/, '"sig": ""')],
    ['another type of the payload', (text: string) => text.replace('in-toto+json', 'in-toto+yaml')],
    ['no signature', (text: string) => text.replace(/"signatures": \[[^]*?\]/, '"signatures": []')],
    ['no JSON', () => '{'],
  ])('with %s is refused by both', (_, change) => {
    const bad = change(sealed.bundle);
    expect(bad).not.toBe(sealed.bundle);
    expect(() => checkEnvelope(change(sealed.dsse), 'dsse', payload, own)).toThrow();
    expect(() => checkEnvelope(bad, 'bundle', payload, own)).toThrow();
    let accepted = false;
    try {
      accepted = sigstoreAccepts(bad, own.publicKey);
    } catch {
      accepted = false;
    }
    expect(accepted).toBe(false);
  });

  it('of another key is refused by both', () => {
    const other = key();
    expect(() => checkEnvelope(sealed.dsse, 'dsse', payload, other)).toThrow();
    expect(() => checkEnvelope(sealed.dsse, 'dsse', payload, { ...own, publicKey: other.publicKey })).toThrow();
    expect(sigstoreAccepts(sealed.bundle, other.publicKey)).toBe(false);
  });

  it('is not made with a key of another kind', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' });
    expect(() => readDsseKey(rsa as string)).toThrow(/ed25519/);
  });
});
