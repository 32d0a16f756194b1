import { createHash } from 'node:crypto';
import { exit } from '../core/errors.ts';
import { namespace } from '../core/sign-off.ts';
import { fingerprintOf, parsePublicKey, WireReader, type SshKey } from './sshsig.ts';
import type { Reasons } from './reason.ts';

export interface Signer {
  principals: string[];
  key: SshKey;
  /** Milliseconds since the epoch. */
  validAfter?: number;
  validBefore?: number;
  line: number;
}

/** `20260101`, `202601011200[30]`, with or without Z; always read as UTC. */
function time(text: string): number {
  const match = /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?Z?$/.exec(text);
  if (!match) throw new Error(`${text} is not a time: write YYYYMMDD or YYYYMMDDHHMM`);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  const at = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  if (at.getUTCMonth() !== month - 1 || at.getUTCDate() !== day || at.getUTCHours() !== hour)
    throw new Error(`${text} is not a time of the calendar`);
  return at.getTime();
}

/** Splits at blanks (or commas) outside double quotes. */
function split(text: string, at: RegExp): string[] {
  const parts: string[] = [''];
  let quoted = false;
  for (const char of text) {
    if (char === '"') quoted = !quoted;
    if (!quoted && at.test(char)) parts.push('');
    else parts[parts.length - 1] += char;
  }
  if (quoted) throw new Error('a quotation mark is not closed');
  return parts.filter((part) => part !== '');
}

function parseLine(text: string, line: number, wanted: string): Signer | undefined {
  const [who = '', ...rest] = split(text, /[ \t]/);
  const isKey = (word: string | undefined): boolean => /^(?:ssh|ecdsa|sk)-/.test(word ?? '');
  const options = isKey(rest[0]) ? '' : (rest.shift() ?? '');
  const principals = split(who.replaceAll('"', ''), /,/);
  for (const principal of principals) {
    // ssh-keygen takes patterns: `*@example.org` would let anybody@example.org sign.
    if (/[*?!]/.test(principal)) throw new Error(`${principal} is a pattern; name each person`);
    const why = deceptive(principal);
    if (why !== undefined) throw new Error(`the name ${JSON.stringify(principal)} ${why}`);
  }
  if (principals.length === 0) throw new Error('it names nobody');
  const signer: Signer = { principals, key: parsePublicKey(rest.slice(0, 2).join(' ')), line };
  let namespaces: string[] | undefined;
  const given = new Set<string>();
  for (const option of split(options, /,/)) {
    const [, name = '', value = ''] = /^([a-z-]+)(?:="(.*)")?$/i.exec(option) ?? [];
    // ssh-keygen refuses the line; to take one of the two would be to choose who may sign.
    if (given.has(name.toLowerCase())) throw new Error(`the option ${name} is given twice`);
    given.add(name.toLowerCase());
    switch (name.toLowerCase()) {
      case 'namespaces':
        namespaces = value.split(',');
        break;
      case 'valid-after':
        signer.validAfter = time(value);
        break;
      case 'valid-before':
        signer.validBefore = time(value);
        break;
      case 'cert-authority':
        throw new Error('certificates are not supported; name the key itself');
      default:
        throw new Error(`the option ${option} is not known`);
    }
  }
  // ssh-keygen takes a line without namespaces for every namespace, so that any signature of the key would do.
  if (namespaces === undefined) throw new Error(`it has no namespaces="${namespace}"`);
  const pattern = namespaces.find((one) => /[*?!]/.test(one));
  if (pattern !== undefined) throw new Error(`the namespace ${pattern} is a pattern`);
  return namespaces.includes(wanted) ? signer : undefined;
}

/** Blanks and tabs at both ends out, as ssh-keygen does; not a byte order mark, which String.trim takes for a blank. */
const trimmed = (raw: string): string => raw.replace(/^[ \t]+|[ \t]+$/g, '');

/**
 * The allowed signers file, read more strictly than ssh-keygen does: namespaces are demanded, patterns and certificates refused.
 * @returns undefined where no key can be trusted for anything
 */
export function readSigners(text: string | undefined, path: string, reasons: Reasons): Signer[] | undefined {
  const todo = `write lines like: alice@example.org namespaces="${namespace}" ssh-ed25519 AAAA…`;
  if (text === undefined) {
    reasons.add(exit.missing, `the allowed signers file ${path} is not there`, todo);
    return undefined;
  }
  const signers: Signer[] = [];
  let good = true;
  for (const [n, raw] of text.split(/\r?\n/).entries()) {
    const line = trimmed(raw);
    if (line === '' || line.startsWith('#')) continue;
    try {
      const signer = parseLine(line, n + 1, namespace);
      if (signer) signers.push(signer);
    } catch (error) {
      good = false;
      reasons.add(exit.invalid, `${path}:${n + 1}: ${(error as Error).message}`, todo);
    }
  }
  if (!good) return undefined;
  if (signers.length > 0) return signers;
  reasons.add(exit.missing, `${path} allows no key to sign in the namespace ${namespace}`, todo);
  return undefined;
}

/** The keys that may sign in another namespace than a person's; a line that cannot be read is `readSigners`' to tell of. */
export function readSignersIn(wanted: string, text: string | undefined): Signer[] {
  return (text ?? '').split(/\r?\n/).flatMap((raw, n) => {
    const line = trimmed(raw);
    if (line === '' || line.startsWith('#')) return [];
    try {
      return parseLine(line, n + 1, wanted) ?? [];
    } catch {
      return [];
    }
  });
}

/** Is this key revoked? */
export type Revoked = (key: SshKey) => boolean;

/** The sections of a KRL that are keys and not certificates (PROTOCOL.krl of OpenSSH). */
function readKrl(data: Buffer): { revoked: Revoked; count: number } {
  const blobs = new Set<string>();
  const sha1 = new Set<string>();
  const sha256 = new Set<string>();
  const read = new WireReader(data);
  read.bytes(8);
  if (read.u32() !== 1) throw new Error('a key revocation list of an unknown version');
  read.u64();
  read.u64();
  read.u64();
  read.string();
  read.string();
  while (read.left > 0) {
    const type = read.u8();
    const section = new WireReader(read.string());
    const into = { 2: blobs, 3: sha1, 5: sha256 }[type];
    if (type > 5 && type !== 255) throw new Error(`a section of the unknown type ${type}`);
    if (into) while (section.left > 0) into.add(section.string().toString('base64'));
  }
  const digest = (name: string, blob: Buffer): string => createHash(name).update(blob).digest('base64');
  return {
    count: blobs.size + sha1.size + sha256.size,
    revoked: ({ blob }) =>
      blobs.has(blob.toString('base64')) || sha1.has(digest('sha1', blob)) || sha256.has(digest('sha256', blob)),
  };
}

/** A revocation file as ssh-keygen takes it: a KRL, or public keys one a line. An empty one is an error, not an empty list. */
export function readRevoked(data: Buffer | undefined, path: string, reasons: Reasons): Revoked {
  const none: Revoked = () => false;
  const todo =
    'list the revoked public keys one a line (a KRL of ssh-keygen -k does too), or take `revoked` out of the checklist';
  if (data === undefined) {
    reasons.add(exit.missing, `the revocation file ${path} is not there`, todo);
    return none;
  }
  try {
    if (data.subarray(0, 8).toString('latin1') === 'SSHKRL\n\0') {
      const list = readKrl(data);
      if (list.count === 0) throw new Error('it revokes no key');
      return list.revoked;
    }
    const lines = data
      .toString('utf8')
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#'));
    if (lines.length === 0) throw new Error('it is empty');
    const prints = new Set(
      lines.map((line) => (line.startsWith('SHA256:') ? line : fingerprintOf(parsePublicKey(line).blob))),
    );
    return ({ fingerprint }) => prints.has(fingerprint);
  } catch (error) {
    reasons.add(exit.invalid, `the revocation file ${path} cannot be used: ${(error as Error).message}`, todo);
    return none;
  }
}

const scripts = ['Latin', 'Cyrillic', 'Greek', 'Armenian', 'Cherokee', 'Coptic'].map(
  (name) => [name, new RegExp(`\\p{Script=${name}}`, 'u')] as const,
);

/** Why a name cannot be told from another by looking at it; undefined where it can. */
function deceptive(name: string): string | undefined {
  const hidden = /[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Co}\p{Cn}\u2028\u2029]/u.exec(name)?.[0];
  if (hidden !== undefined)
    return `holds a character that cannot be seen (U+${(hidden.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')})`;
  if (/\p{White_Space}/u.test(name)) return 'holds a blank';
  for (const word of name.normalize('NFKC').split(/[^\p{L}\p{M}]+/u)) {
    const mixed = scripts.filter(([, script]) => script.test(word)).map(([script]) => script);
    if (mixed.length > 1) return `mixes letters of ${mixed.join(' and ')} in one word (${word})`;
  }
  return undefined;
}
