import { createHash, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import type { SignoffPolicy } from '../core/checklist.ts';
import { exit } from '../core/errors.ts';
import type { Bundle } from './bundle.ts';
import { checkEnvelope, describeKey, seal } from './dsse.ts';
import type { Reasons } from './reason.ts';
import type { Revoked, Signer } from './signers.ts';
import { field, publicKeyOf, verifySshSignature, WireReader, type SshKey } from './sshsig.ts';

/** The namespace of a machine's signatures: none of them is ever a person's sign-off. */
export const machineNamespace = 'run@verify-milestone.dev';

/** What a signed attestation has beside it. */
export const machineFiles = ['attestation.json.sig', 'attestation.json.dsse', 'attestation.json.sigstore'] as const;

/** The ed25519 key that a machine (CI) signs its attestations with. */
export interface MachineKey {
  key: KeyObject;
  /** Its public half in SSH's wire form. */
  blob: Buffer;
}

/**
 * Reads a private ed25519 key without passphrase: as `ssh-keygen -t ed25519` writes it, or as PEM (PKCS #8).
 * @throws Error saying what it is instead
 */
export function readMachineKey(text: string): MachineKey {
  const key = text.includes('BEGIN OPENSSH PRIVATE KEY') ? fromOpenSsh(text) : createPrivateKey(text);
  if (key.asymmetricKeyType !== 'ed25519') throw new Error(`an ed25519 key is needed, not ${key.asymmetricKeyType}`);
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
  return { key, blob: Buffer.concat([field('ssh-ed25519'), field(Buffer.from(x, 'base64url'))]) };
}

/** PROTOCOL.key of OpenSSH. */
function fromOpenSsh(text: string): KeyObject {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END/.exec(text)?.[1]?.replaceAll(/\s/g, '') ?? '';
  const whole = new WireReader(Buffer.from(body, 'base64'));
  if (whole.bytes(15).toString('latin1') !== 'openssh-key-v1\0') throw new Error('it is not an OpenSSH private key');
  const cipher = whole.text();
  if (cipher !== 'none') throw new Error('it has a passphrase, and nobody is there to give it');
  whole.string();
  whole.string();
  if (whole.u32() !== 1) throw new Error('it holds more than one key');
  whole.string();
  const secret = new WireReader(whole.string());
  if (secret.u32() !== secret.u32()) throw new Error('it is damaged');
  const type = secret.text();
  if (type !== 'ssh-ed25519') throw new Error(`an ed25519 key is needed, not ${type}`);
  const x = secret.string();
  const d = secret.string().subarray(0, 32);
  const url = (data: Buffer): string => data.toString('base64url');
  return createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', x: url(x), d: url(d) }, format: 'jwk' });
}

/** The attestation signed by the machine: as ssh-keygen -Y sign does it, as a DSSE envelope, and that in a sigstore bundle. */
export function signAttestation(text: string, { key, blob }: MachineKey): Map<string, string> {
  const data = Buffer.from(text);
  const head = [field(machineNamespace), field(''), field('sha512')];
  const signed = Buffer.concat([Buffer.from('SSHSIG'), ...head, field(createHash('sha512').update(data).digest())]);
  const signature = Buffer.concat([field('ssh-ed25519'), field(sign(null, signed, key))]);
  const version = Buffer.from([0, 0, 0, 1]);
  const whole = Buffer.concat([Buffer.from('SSHSIG'), version, field(blob), ...head, field(signature)]);
  const lines = whole.toString('base64').match(/.{1,70}/g) ?? [];
  const { dsse, bundle } = seal(data, { key, keyid: describeKey(createPublicKey(key)).keyid });
  const [sig, envelope, sigstore] = machineFiles;
  return new Map([
    [sig, ['-----BEGIN SSH SIGNATURE-----', ...lines, '-----END SSH SIGNATURE-----', ''].join('\n')],
    [envelope, dsse],
    [sigstore, bundle],
  ]);
}

/**
 * Do the machine's signatures belong to this attestation, and all to one key? Whether the key may be trusted is the policy's.
 * @returns the key; undefined where the attestation is not signed, or the reasons say what is wrong
 */
export function machineSignature(bundle: Bundle, reasons: Reasons): SshKey | undefined {
  const tampered = (text: string): void =>
    reasons.add(exit.tampered, text, 'restore the folder as the run left it, or run again');
  const there = machineFiles.filter((name) => bundle.has(name));
  if (there.length === 0) return undefined;
  const gone = machineFiles.filter((name) => !there.includes(name));
  if (gone.length > 0) {
    tampered(`${gone.join(' and ')} was removed, or ${there.join(' and ')} added`);
    return undefined;
  }
  const read = (name: string): Buffer => bundle.get(name)?.read() ?? Buffer.alloc(0);
  const data = read('attestation.json');
  const [sig, envelope, sigstore] = machineFiles;
  let at: string = sig;
  try {
    const key = verifySshSignature(read(sig).toString('latin1'), data, machineNamespace);
    const by = describeKey(publicKeyOf(key));
    at = envelope;
    checkEnvelope(read(envelope).toString('utf8'), 'dsse', data, by);
    at = sigstore;
    checkEnvelope(read(sigstore).toString('utf8'), 'bundle', data, by);
    return key;
  } catch (error) {
    tampered(`${at} does not hold: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

/** Is the attestation signed by a machine that the policy knows? Nothing is asked of it where the policy does not demand it. */
export function checkMachine(
  key: SshKey | undefined,
  machines: readonly Signer[],
  revoked: Revoked,
  policy: SignoffPolicy,
  now: number,
  reasons: Reasons,
): string[] {
  if (key && revoked(key))
    reasons.add(
      exit.tampered,
      `the attestation is signed by a revoked key (${key.fingerprint})`,
      'run again where the machine has another key',
    );
  const known = key === undefined ? [] : machines.filter((signer) => signer.key.blob.equals(key.blob));
  if (policy.attestation !== 'signed')
    return key === undefined || known.length > 0
      ? []
      : [`the attestation is signed by a key that no line of the allowed signers knows (${key.fingerprint})`];
  const todo = `run with --attest-key, and allow the key: ci@example.org namespaces="${machineNamespace}" ssh-ed25519 AAAA…`;
  if (key === undefined)
    reasons.add(exit.notApproved, 'the attestation is not signed by a machine, which the policy demands', todo);
  else if (known.length === 0)
    reasons.add(
      exit.notApproved,
      `the attestation is signed by a key of none of the allowed machines (${key.fingerprint})`,
      todo,
    );
  else if (!known.some(({ validAfter = -Infinity, validBefore = Infinity }) => validAfter <= now && now < validBefore))
    reasons.add(
      exit.stale,
      `the attestation is signed by a key that is not valid at this time, by the clock of the gate (${key.fingerprint})`,
      'run again where the machine has a valid key',
    );
  return [];
}
