import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../evidence/digest.ts';

export const payloadType = 'application/vnd.in-toto+json';

/** https://github.com/secure-systems-lab/dsse/blob/master/envelope.md, with exactly one signature. */
const Envelope = z.strictObject({
  payload: z.base64(),
  payloadType: z.literal(payloadType),
  signatures: z.array(z.strictObject({ keyid: z.string(), sig: z.base64() })).length(1),
});

const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
/** https://github.com/sigstore/protobuf-specs: a bundle of a key that is not a certificate. */
const SigstoreBundle = z.strictObject({
  mediaType: z.literal(bundleType),
  verificationMaterial: z.strictObject({ publicKey: z.strictObject({ hint: z.string() }), tlogEntries: z.tuple([]) }),
  dsseEnvelope: Envelope,
});

/** What is signed: type and payload with their lengths, so that neither can be taken for a part of the other. */
export function preAuthentication(payload: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `), payload]);
}

export interface DsseKey {
  /** PEM of the public key (SPKI). */
  publicKey: string;
  /** sha256 of its DER form. */
  keyid: string;
}

export const describeKey = (key: KeyObject): DsseKey => ({
  publicKey: key.export({ type: 'spki', format: 'pem' }) as string,
  keyid: createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex'),
});

/** @throws Error where the PEM holds no ed25519 private key */
export function readDsseKey(pem: string): { key: KeyObject } & DsseKey {
  const key = createPrivateKey(pem);
  if (key.asymmetricKeyType !== 'ed25519') throw new Error(`an ed25519 key is needed, not ${key.asymmetricKeyType}`);
  return { key, ...describeKey(createPublicKey(key)) };
}

/** The payload in a signed envelope, and the same envelope in a sigstore bundle, which cosign reads. */
export function seal(
  payload: Uint8Array,
  { key, keyid }: { key: KeyObject; keyid: string },
): { dsse: string; bundle: string } {
  const envelope: z.infer<typeof Envelope> = {
    payload: Buffer.from(payload).toString('base64'),
    payloadType,
    signatures: [{ keyid, sig: sign(null, preAuthentication(payload), key).toString('base64') }],
  };
  const bundle: z.infer<typeof SigstoreBundle> = {
    mediaType: bundleType,
    verificationMaterial: { publicKey: { hint: keyid }, tlogEntries: [] },
    dsseEnvelope: envelope,
  };
  return { dsse: canonicalJson(envelope, 1), bundle: canonicalJson(bundle, 1) };
}

/**
 * Is `text` an envelope (or a bundle) of just this payload, signed by this key, and written as we write it?
 * @throws Error saying why not
 */
export function checkEnvelope(text: string, form: 'dsse' | 'bundle', payload: Uint8Array, by: DsseKey): void {
  const whole: unknown = JSON.parse(text);
  const parsed = form === 'dsse' ? Envelope.safeParse(whole) : SigstoreBundle.safeParse(whole);
  if (!parsed.success)
    throw new Error(`it is not ${form === 'dsse' ? 'a DSSE envelope' : 'a sigstore bundle v0.3'} of one signature`);
  if (canonicalJson(parsed.data, 1) !== text) throw new Error('it is not written as verify writes it');
  const envelope = 'dsseEnvelope' in parsed.data ? parsed.data.dsseEnvelope : parsed.data;
  const hint = 'dsseEnvelope' in parsed.data ? parsed.data.verificationMaterial.publicKey.hint : by.keyid;
  const [signature] = envelope.signatures;
  const key = createPublicKey(by.publicKey);
  const own = describeKey(key);
  if (key.asymmetricKeyType !== 'ed25519' || own.keyid !== by.keyid || own.publicKey !== by.publicKey)
    throw new Error('the key that is named is not the one that is described');
  if (hint !== by.keyid || signature?.keyid !== by.keyid)
    throw new Error('it names another key than it was signed with');
  if (envelope.payload !== Buffer.from(payload).toString('base64'))
    throw new Error('it holds other bytes than what was signed');
  const sig = Buffer.from(signature.sig, 'base64');
  if (sig.toString('base64') !== signature.sig || !verify(null, preAuthentication(payload), key, sig))
    throw new Error('its signature does not hold');
}
