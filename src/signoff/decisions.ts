import type { SignoffPolicy } from '../core/checklist.ts';
import { exit } from '../core/errors.ts';
import type { ShownSignOff } from '../core/sign-off.ts';
import type { Bundle } from './bundle.ts';
import { checkEnvelope } from './dsse.ts';
import { type Opened, signOffName } from './integrity.ts';
import { Reasons } from './reason.ts';
import { authorBehind } from './alone.ts';
import { folded, Persons } from './persons.ts';
import type { Revoked, Signer } from './signers.ts';
import { verifySshSignature, type SshKey } from './sshsig.ts';
import { SignOffStatement, signOffText, type SignOffPredicate } from './statement.ts';
import { jsonOf } from '../core/json-of.ts';

/** Clocks of two machines may differ by this much: 5 min. */
export const skewMs = 5 * 60_000;

/** A sign-off whose signature holds over its bytes, and whose bytes are about this run. */
export interface SignOff {
  file: string;
  key: SshKey;
  said: SignOffPredicate;
}

const restore = 'restore the folder as it was signed, or have it signed again';

export const shown = ({ said }: Pick<SignOff, 'said'>): ShownSignOff => ({
  role: said.role,
  decision: said.decision,
  principal: said.principal,
  fingerprint: said.key,
  at: said.at,
  comment: said.comment,
  expires: said.expires,
});

/** The sign-offs of the folder in their order, each with a valid signature in our namespace over a statement about this very run. */
export function readSignOffs(bundle: Bundle, opened: Opened, reasons: Reasons): SignOff[] {
  const tampered = (text: string): void => reasons.add(exit.tampered, text, restore);
  const byNumber = new Map<number, { file: string; role: string; beside: Set<string> }>();
  for (const path of bundle.keys()) {
    const [, n, role = '', ending = ''] = signOffName.exec(path) ?? [];
    if (n === undefined) continue;
    const file = `signoffs/${n}-${role}.json`;
    const slot = byNumber.get(Number(n)) ?? { file, role, beside: new Set<string>() };
    if (slot.file !== file) tampered(`two sign-offs have the number ${n}`);
    slot.beside.add(ending);
    byNumber.set(Number(n), slot);
  }
  const found: SignOff[] = [];
  let previous: string | undefined;
  for (let n = 1; n <= byNumber.size; n++) {
    const slot = byNumber.get(n);
    if (!slot) {
      tampered(`sign-off ${n} was removed`);
      break;
    }
    const text = bundle.get(slot.file);
    const signature = bundle.get(`${slot.file}.sig`);
    if (!text || !signature) {
      tampered(`${slot.file} has no ${text ? 'signature' : 'statement'}`);
      break;
    }
    const data = text.read();
    let key: SshKey;
    try {
      key = verifySshSignature(signature.read().toString('latin1'), data);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      tampered(`the signature of ${slot.file} does not hold: ${why}${crlf(text, signature)}`);
      previous = text.sha256;
      continue;
    }
    const said = readStatement(slot, n, data, key, previous, opened, reasons);
    previous = text.sha256;
    if (!said) continue;
    checkEnvelopes(bundle, slot, said, data, tampered);
    found.push({ file: slot.file, key, said });
  }
  return found;
}

const crlf = (...files: { read(): Buffer }[]): string =>
  files.some((file) => file.read().includes('\r\n'))
    ? ' (its line ends were turned into CRLF: git’s core.autocrlf; write `reports/** -text` into .gitattributes)'
    : '';

function readStatement(
  slot: { file: string; role: string },
  n: number,
  data: Buffer,
  key: SshKey,
  previous: string | undefined,
  { record, recordSha256, attestationSha256 }: Opened,
  reasons: Reasons,
): SignOffPredicate | undefined {
  const whole = jsonOf(data.toString('utf8'));
  const parsed = SignOffStatement.safeParse(whole);
  if (!parsed.success) {
    const type = (whole as { predicateType?: unknown } | undefined)?.predicateType;
    reasons.add(
      exit.invalid,
      `${slot.file} is signed, but is not a sign-off that this verify knows (${JSON.stringify(type)})`,
      'gate with the version of verify that signed it',
    );
    return undefined;
  }
  const said = parsed.data.predicate;
  const digests = { record: recordSha256, attestation: attestationSha256 };
  const wrong =
    signOffText(record, digests, said) !== data.toString('utf8')
      ? 'was signed over another run, record or tree'
      : said.number !== n || said.role !== slot.role || said.previous !== previous
        ? 'stands at another place than it was signed for: a sign-off was removed, renamed or put in'
        : said.milestone !== record.run.milestone || said.runId !== record.run.id || said.verdict !== record.verdict
          ? 'names another run or verdict'
          : said.key !== key.fingerprint
            ? 'names another key than the one that signed it'
            : undefined;
  if (wrong === undefined) return said;
  reasons.add(exit.tampered, `${slot.file} ${wrong}`, restore);
  return undefined;
}

function checkEnvelopes(
  bundle: Bundle,
  slot: { file: string; beside: ReadonlySet<string> },
  said: SignOffPredicate,
  data: Buffer,
  tampered: (text: string) => void,
): void {
  for (const form of ['dsse', 'sigstore'] as const) {
    const file = bundle.get(`${slot.file}.${form}`);
    if (said.dsse === undefined) {
      if (file) tampered(`${slot.file}.${form} was added: the sign-off speaks of no such envelope`);
      continue;
    }
    if (!file) {
      tampered(`${slot.file}.${form} was removed`);
      continue;
    }
    try {
      checkEnvelope(file.read().toString('utf8'), form === 'dsse' ? 'dsse' : 'bundle', data, said.dsse);
    } catch (error) {
      tampered(`${slot.file}.${form}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

/** What the counting needs to know. */
export interface Electorate {
  policy: SignoffPolicy;
  signers: readonly Signer[];
  revoked: Revoked;
  /** Names and addresses of those who wrote what was verified, in lower case. */
  identities: ReadonlySet<string>;
  /** Milliseconds since the epoch, by the gate's own clock. */
  now: number;
}

/** Is the name one of these, however it is written? */
export const isAmong = (name: string, names: readonly string[]): boolean =>
  names.some((one) => folded(one) === folded(name));

/** Are the thresholds such that they can be met, and mean something? */
export function checkThresholds({ policy, signers }: Electorate, reasons: Reasons): void {
  const bad = (text: string): void =>
    reasons.add(exit.invalid, text, 'correct `signoff` in the checklist, or the allowed signers');
  const roles = Object.entries(policy.roles);
  if (roles.length === 0) bad('no role must sign: `roles` is empty');
  const keysOf = (role: string): number => {
    const members = policy.members[role];
    return new Set(
      signers
        .filter((signer) => members === undefined || signer.principals.some((name) => isAmong(name, members)))
        .map((signer) => signer.key.fingerprint),
    ).size;
  };
  for (const [role, needed] of roles)
    if (needed > keysOf(role))
      bad(`the role ${role} needs ${needed} approvals, and only ${keysOf(role)} keys may give them`);
  const sum = roles.reduce((total, [, needed]) => total + needed, 0);
  const keys = new Set(signers.map((signer) => signer.key.fingerprint)).size;
  if (roles.length > 1 && sum > keys)
    bad(`the roles need ${sum} approvals by different keys, and only ${keys} keys are allowed`);
  for (const [role, members] of Object.entries(policy.members)) {
    if (!Object.hasOwn(policy.roles, role)) bad(`\`members\` names the role ${role}, which need not sign`);
    for (const name of members)
      if (!signers.some((signer) => isAmong(name, signer.principals)))
        bad(`${name}, a member of ${role}, is not an allowed signer`);
  }
}

/** Why this key may not sign as this principal in this role now; empty where it may. */
export function objections(
  who: { key: SshKey; principal: string; role: string },
  { policy, signers, revoked, identities, now }: Electorate,
  reasons: Reasons,
  what: string,
): void {
  const { key, principal, role } = who;
  const add = (code: 20 | 21 | 22, text: string, todo: string): void => reasons.add(code, `${what} ${text}`, todo);
  if (revoked(key)) add(exit.tampered, `is by a revoked key (${key.fingerprint})`, 'have it signed by another key');
  const entries = signers.filter((signer) => signer.key.blob.equals(key.blob));
  if (entries.length === 0) {
    add(
      exit.notApproved,
      `is signed with a key that no allowed signer has (${key.fingerprint})`,
      'add the key to the allowed signers by a reviewed change, or have somebody sign who is one',
    );
    return;
  }
  const named = entries.filter((signer) => signer.principals.includes(principal));
  if (named.length === 0)
    add(
      exit.tampered,
      `claims to be ${principal}'s, but the key is ${entries.flatMap((one) => one.principals).join(', ')}'s`,
      restore,
    );
  const inTime = named.filter(
    ({ validAfter = -Infinity, validBefore = Infinity }) => validAfter <= now && now < validBefore,
  );
  if (named.length > 0 && inTime.length === 0)
    add(
      exit.stale,
      `is by a key that is not valid at this time, by the clock of the gate (${key.fingerprint})`,
      'have it signed by a key that is valid',
    );
  if (!Object.hasOwn(policy.roles, role))
    add(
      exit.notApproved,
      `is in the role ${role}, which the policy does not ask for`,
      `sign as ${Object.keys(policy.roles).join(' or ')}`,
    );
  else if (policy.members[role] !== undefined && !isAmong(principal, policy.members[role]))
    add(
      exit.notApproved,
      `is by ${principal}, who is not a member of ${role}`,
      `have it signed by ${policy.members[role].join(' or ')}`,
    );
  const author = authorBehind(principal, signers, identities);
  if (policy.separationOfDuty && author !== undefined)
    add(
      exit.notApproved,
      `is by ${author}, who wrote what was verified`,
      'have it signed by somebody else; who works alone sets `signoff.separationOfDuty: false`, and the gate will say so',
    );
}

/** Counts: the last word of each key, one vote a key and a person, whatever names or roles they sign under. */
export function countApprovals(
  milestone: string,
  signOffs: readonly SignOff[],
  electorate: Electorate,
  reasons: Reasons,
): SignOff[] {
  const { policy, now } = electorate;
  const last = new Map<string, SignOff>();
  for (const signOff of signOffs) {
    const { said, key, file } = signOff;
    const own = new Reasons();
    objections({ key, principal: said.principal, role: said.role }, electorate, own, file);
    const at = Date.parse(said.at);
    if (at > now + skewMs)
      own.add(exit.stale, `${file} is from the future (${said.at})`, 'set the clocks, and sign again');
    if (said.expires !== undefined && now > Date.parse(`${said.expires}T23:59:59.999Z`))
      own.add(exit.stale, `${file} held until ${said.expires}`, 'have it signed again');
    reasons.all.push(...own.all);
    if (own.all.length === 0) last.set(key.fingerprint, signOff);
  }
  const counted: SignOff[] = [];
  const persons = new Persons(electorate.signers);
  const people = new Map<string, string>();
  for (const signOff of signOffs) {
    const { said, key, file } = signOff;
    if (last.get(key.fingerprint) !== signOff) continue;
    if (said.decision === 'reject') {
      const why = said.comment === '' ? '' : `: ${said.comment}`;
      reasons.add(
        exit.notApproved,
        `${said.principal} (${said.role}) rejected the run${why}`,
        'repair what was objected to and run again, or have the same key approve',
      );
      continue;
    }
    const person = persons.of(said.principal);
    const other = people.get(person);
    if (other !== undefined) {
      reasons.add(
        exit.notApproved,
        `${file} does not count: the person ${said.principal} has already approved (${other})`,
        'have another person sign',
      );
      continue;
    }
    people.set(person, file);
    counted.push(signOff);
  }
  for (const [role, needed] of Object.entries(policy.roles)) {
    const have = counted.filter(({ said }) => said.role === role).length;
    if (have < needed)
      reasons.add(
        exit.notApproved,
        `${have} of ${needed} approvals in the role ${role}`,
        `verify sign-off ${milestone} --role ${role}`,
      );
  }
  return counted;
}
