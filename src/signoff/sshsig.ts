import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto';
import { namespace } from '../core/sign-off.ts';

/** A public key of SSH: its wire form (RFC 4253 §6.6) and what can be told of it. */
export interface SshKey {
  type: string;
  blob: Buffer;
  /** `SHA256:…`, as ssh-keygen -l prints it. */
  fingerprint: string;
}

class Reader {
  #at = 0;
  readonly #data: Buffer;

  constructor(data: Buffer) {
    this.#data = data;
  }

  bytes(n: number): Buffer {
    if (this.#at + n > this.#data.length) throw new Error('it ends too early');
    return this.#data.subarray(this.#at, (this.#at += n));
  }

  u8(): number {
    return this.bytes(1).readUInt8();
  }

  u32(): number {
    return this.bytes(4).readUInt32BE();
  }

  u64(): bigint {
    return this.bytes(8).readBigUInt64BE();
  }

  string(): Buffer {
    return this.bytes(this.u32());
  }

  text(): string {
    return this.string().toString('latin1');
  }

  get left(): number {
    return this.#data.length - this.#at;
  }

  end(): void {
    if (this.left > 0) throw new Error('something follows its end');
  }
}

export { Reader as WireReader };

/** A string of SSH's wire form: its length, then its bytes. */
export function field(data: Buffer | string): Buffer {
  const bytes = Buffer.from(data as Buffer);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

export const fingerprintOf = (blob: Buffer): string =>
  `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;

/** @throws Error where the text is no base64 as it is written, to the last bit */
function strictBase64(text: string): Buffer {
  const data = Buffer.from(text, 'base64');
  if (data.toString('base64') !== text) throw new Error('not base64');
  return data;
}

/** `ssh-ed25519 AAAA… comment`. @throws Error */
export function parsePublicKey(line: string): SshKey {
  const [type = '', base64 = ''] = line.trim().split(/\s+/);
  return keyOfBlob(strictBase64(base64), type);
}

/** @throws Error where the blob is no key of a kind that we verify */
export function keyOfBlob(blob: Buffer, type?: string): SshKey {
  const named = new Reader(blob).text();
  if (type !== undefined && type !== named) throw new Error(`a key called ${type} that is ${named}`);
  nodeKey(blob);
  return { type: named, blob, fingerprint: fingerprintOf(blob) };
}

const curves: Record<string, { crv: string; bytes: number; hash: string }> = {
  nistp256: { crv: 'P-256', bytes: 32, hash: 'sha256' },
  nistp384: { crv: 'P-384', bytes: 48, hash: 'sha384' },
  nistp521: { crv: 'P-521', bytes: 66, hash: 'sha512' },
};

const url = (data: Buffer): string => data.toString('base64url');

/** An unsigned number without the zero byte that keeps it from being negative. */
const unsigned = (data: Buffer): Buffer => (data[0] === 0 ? data.subarray(1) : data);

interface Verifier {
  key: KeyObject;
  kind: 'ed25519' | 'ecdsa' | 'rsa';
  curve?: { bytes: number; hash: string };
  /** The application of a FIDO key; its signatures cover a counter and flags too (PROTOCOL.u2f of OpenSSH). */
  application?: Buffer;
}

function nodeKey(blob: Buffer): Verifier {
  const read = new Reader(blob);
  const type = read.text();
  const done = (made: Verifier): Verifier => {
    read.end();
    return made;
  };
  switch (type) {
    case 'ssh-ed25519':
    case 'sk-ssh-ed25519@openssh.com': {
      const point = read.string();
      if (point.length !== 32) throw new Error('an ed25519 key has 32 bytes');
      const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: url(point) }, format: 'jwk' });
      return done({ key, kind: 'ed25519', ...(type.startsWith('sk-') && { application: read.string() }) });
    }
    case 'ecdsa-sha2-nistp256':
    case 'ecdsa-sha2-nistp384':
    case 'ecdsa-sha2-nistp521':
    case 'sk-ecdsa-sha2-nistp256@openssh.com': {
      const curve = curves[read.text()];
      const point = read.string();
      if (!curve || point[0] !== 4 || point.length !== 1 + 2 * curve.bytes)
        throw new Error('an unknown curve or point');
      const [x, y] = [point.subarray(1, 1 + curve.bytes), point.subarray(1 + curve.bytes)];
      const key = createPublicKey({ key: { kty: 'EC', crv: curve.crv, x: url(x), y: url(y) }, format: 'jwk' });
      return done({ key, kind: 'ecdsa', curve, ...(type.startsWith('sk-') && { application: read.string() }) });
    }
    case 'ssh-rsa': {
      const e = unsigned(read.string());
      const n = unsigned(read.string());
      if (n.length < 256) throw new Error(`an RSA key of ${n.length * 8} bits is too weak; 2048 are needed`);
      const key = createPublicKey({ key: { kty: 'RSA', n: url(n), e: url(e) }, format: 'jwk' });
      return done({ key, kind: 'rsa' });
    }
    default:
      throw new Error(`keys of the type ${JSON.stringify(type.slice(0, 60))} are not supported`);
  }
}

/** @throws Error where the blob is no key of a kind that we verify */
export const publicKeyOf = ({ blob }: SshKey): KeyObject => nodeKey(blob).key;

const begin = '-----BEGIN SSH SIGNATURE-----';
const end = '-----END SSH SIGNATURE-----';

/**
 * Verifies a signature that `ssh-keygen -Y sign` made (PROTOCOL.sshsig of OpenSSH). The armour must be as ssh-keygen writes it.
 * @returns the key that signed, which is yet to be found among the allowed ones
 * @throws Error saying why it is not a valid signature of this message in this namespace
 */
export function verifySshSignature(armoured: string, message: Uint8Array, wanted: string = namespace): SshKey {
  const lines = armoured.split('\n');
  if (lines[0] !== begin || lines.at(-2) !== end || lines.at(-1) !== '') throw new Error('it is not an SSH signature');
  const body = lines.slice(1, -2);
  if (body.some((line, n) => line.length > 70 || (n < body.length - 1 && line.length !== 70)))
    throw new Error('its lines are not as ssh-keygen writes them');
  const read = new Reader(strictBase64(body.join('')));
  if (read.bytes(6).toString('latin1') !== 'SSHSIG' || read.u32() !== 1)
    throw new Error('it is not an SSHSIG of version 1');
  const blob = Buffer.from(read.string());
  const inNamespace = read.text();
  const reserved = read.string();
  const hashName = read.text();
  const signature = read.string();
  read.end();
  if (inNamespace !== wanted)
    throw new Error(`it was made in the namespace ${JSON.stringify(inNamespace)}, not in ${JSON.stringify(wanted)}`);
  if (reserved.length > 0) throw new Error('its reserved field is not empty');
  if (hashName !== 'sha256' && hashName !== 'sha512') throw new Error('its hash is unknown');
  const digest = createHash(hashName).update(message).digest();
  const signed = Buffer.concat([Buffer.from('SSHSIG'), field(inNamespace), field(''), field(hashName), field(digest)]);
  if (!verifyBlob(blob, signature, signed)) throw new Error('it does not belong to these bytes and this key');
  return keyOfBlob(blob);
}

function verifyBlob(blob: Buffer, signature: Buffer, message: Buffer): boolean {
  const { key, kind, curve, application } = nodeKey(blob);
  const type = new Reader(blob).text();
  const read = new Reader(signature);
  const algorithm = read.text();
  const raw = read.string();
  let signed = message;
  if (application !== undefined) {
    const flags = read.u8();
    const counter = read.bytes(4);
    if ((flags & 1) === 0) return false;
    const sha = (data: Buffer): Buffer => createHash('sha256').update(data).digest();
    signed = Buffer.concat([sha(application), Buffer.from([flags]), counter, sha(message)]);
  }
  read.end();
  switch (kind) {
    case 'ed25519':
      return algorithm === type && verify(null, signed, key, raw);
    case 'rsa': {
      const hash = { 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' }[algorithm];
      return hash !== undefined && verify(hash, signed, key, raw);
    }
    case 'ecdsa': {
      const parts = new Reader(raw);
      const [r, s] = [unsigned(parts.string()), unsigned(parts.string())];
      parts.end();
      const { bytes, hash } = curve ?? { bytes: 0, hash: '' };
      if (algorithm !== type || r.length > bytes || s.length > bytes) return false;
      const fill = (data: Buffer): Buffer => Buffer.concat([Buffer.alloc(bytes - data.length), data]);
      return verify(hash, signed, { key, dsaEncoding: 'ieee-p1363' }, Buffer.concat([fill(r), fill(s)]));
    }
  }
}
