import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { LoadedChecklist } from '../checklist/load.ts';
import { exit, UserError } from '../core/errors.ts';
import { namespace, type Decision } from '../core/sign-off.ts';
import { sha256 } from '../evidence/digest.ts';
import { ioError, writeAtomically } from '../evidence/store.ts';
import { type Asking, type SigningKey, signingKeys, sshSign } from '../hosts/ssh.ts';
import { readBundle, type Bundle } from '../signoff/bundle.ts';
import { checkThresholds, objections, shown, type Electorate } from '../signoff/decisions.ts';
import { seal, type readDsseKey } from '../signoff/dsse.ts';
import { checkRun, electorateOf, examine, type Examined } from '../signoff/gate.ts';
import { codeOf, inOrder, Reasons } from '../signoff/reason.ts';
import { parsePublicKey, type SshKey, verifySshSignature } from '../signoff/sshsig.ts';
import { signOffText, type SignOffPredicate } from '../signoff/statement.ts';
import { checkCarried } from './carried.ts';
import { findRun, gather, gateTools } from './gate-facts.ts';
import { refreshIndex } from '../runs/history.ts';
import { takeLock } from '../engine/lock.ts';
import { writeRenderings } from '../engine/write.ts';

/** A run that is about to be signed or rejected. */
export interface Signing {
  milestone: string;
  target: string;
  folder: string;
  bundle: Bundle;
  run: Examined;
  electorate: Electorate;
  /** What does not keep it from being approved, and is to be known besides what the run itself says. */
  notices: string[];
  /** What keeps it from being approved; what keeps it from being signed at all was thrown. */
  reasons: Reasons;
  /** Milliseconds since the epoch by which it was judged. */
  now: number;
}

export interface Signer {
  use: SigningKey;
  key: SshKey;
  principal: string;
}

/**
 * Holds the milestone's lock while a run is looked at and signed.
 * @throws UserError 66 where there is no run, 75 while a run goes on
 */
export async function whileLocked<T>(
  milestone: string,
  reports: string,
  run: string | undefined,
  work: () => Promise<T>,
): Promise<T> {
  findRun(resolve(reports), milestone, run);
  const lock = await takeLock(join(resolve(reports), milestone), `sign-off-${process.pid}`);
  try {
    return await work();
  } finally {
    lock.release();
  }
}

/**
 * Reads a run and says whether it may be signed.
 * @param see is shown the run before it is refused for what repository and policy say
 * @throws UserError 12, 20, 21, 22, 65, 66 with every reason
 */
export async function openSigning(
  loaded: LoadedChecklist & { targetPath: string },
  options: { reports?: string | undefined; run?: string | undefined; policyFrom?: string | undefined },
  see: (signing: Signing) => void = () => {},
): Promise<Signing> {
  const now = Date.now();
  const { milestone } = loaded.checklist;
  const { folder } = findRun(resolve(options.reports ?? 'reports'), milestone, options.run);
  const reasons = new Reasons();
  const bundle = readBundle(folder);
  const run = await examine(bundle, gateTools, reasons);
  if (!run || reasons.has(exit.tampered, exit.invalid)) throw refusal(reasons);
  const subject = { target: loaded.targetPath, checklist: loaded, policyFrom: options.policyFrom };
  const { facts, files } = await gather(subject, run.record);
  checkRun({ run, bundle, milestone, facts, files, tools: gateTools, now }, reasons);
  const notices = await checkCarried(folder, bundle, 'sign-off', reasons);
  const electorate = electorateOf(files, facts.identities, now, reasons);
  if (!electorate) throw refusal(reasons);
  checkThresholds(electorate, reasons);
  const signing = { milestone, target: loaded.targetPath, folder, bundle, run, electorate, reasons, notices, now };
  see(signing);
  // A person may reject what has failed or is not whole; nobody signs what is not what it says or is not of this commit.
  if (reasons.has(exit.tampered, exit.stale, exit.invalid, exit.missing)) throw refusal(reasons);
  return signing;
}

export const listed = (reasons: Reasons): string =>
  inOrder(reasons.all)
    .map((reason) => `✘ ${reason.code} ${reason.text} → ${reason.todo}`)
    .join('\n');

export function refusal(reasons: Reasons): UserError {
  return new UserError(codeOf(reasons.all), 'this run cannot be signed', { hint: listed(reasons) });
}

/** May this key sign in the role? @returns the signer, or undefined with the reasons added */
export function signerOf(
  use: SigningKey,
  role: string,
  electorate: Electorate,
  as: string | undefined,
  reasons: Reasons,
): Signer | undefined {
  let key: SshKey;
  try {
    key = parsePublicKey(use.publicKey);
  } catch (error) {
    reasons.add(
      exit.notApproved,
      `a key cannot be used: ${(error as Error).message}`,
      'use an ed25519, ecdsa or RSA key',
    );
    return undefined;
  }
  const names = electorate.signers.filter((one) => one.key.blob.equals(key.blob)).flatMap((one) => one.principals);
  const members = electorate.policy.members[role];
  const principal = as ?? names.find((one) => members?.includes(one) ?? true) ?? names[0] ?? '';
  const own = new Reasons();
  objections({ key, principal, role }, electorate, own, 'the sign-off');
  reasons.all.push(...own.all);
  return own.all.length === 0 ? { use, key, principal } : undefined;
}

/** The first key at hand that may sign in the role. @throws UserError 20, 21, 22 with why none may, 64 for no such role */
export async function chooseSigner(
  signing: Signing,
  role: string,
  options: { key?: string | undefined; as?: string | undefined },
): Promise<Signer> {
  const { policy } = signing.electorate;
  if (!Object.hasOwn(policy.roles, role))
    throw new UserError(exit.usage, `the policy asks for no role ${role}`, {
      hint: `its roles: ${Object.keys(policy.roles).join(', ')}`,
    });
  const all = new Reasons();
  for (const use of await signingKeys(options.key, signing.target)) {
    const signer = signerOf(use, role, signing.electorate, options.as, all);
    if (signer) return signer;
  }
  throw refusal(all);
}

/**
 * Signs the decision through ssh-keygen, writes it beside the record, and renders the reports again.
 * @returns the file of the sign-off
 * @throws UserError 12 where it could not be signed, 21 where the folder changed meanwhile, 73, 74
 */
export async function signDecision(
  signing: Signing,
  signer: Signer,
  said: { role: string; decision: Decision; comment: string; expires?: string | undefined },
  options: { asking: Asking; dsse?: ReturnType<typeof readDsseKey> | undefined },
): Promise<string> {
  const { run, bundle, folder, milestone } = signing;
  const { dsse } = options;
  const predicate: SignOffPredicate = {
    decision: said.decision,
    role: said.role,
    principal: signer.principal,
    key: signer.key.fingerprint,
    comment: said.comment,
    at: new Date().toISOString(),
    ...(said.expires !== undefined && { expires: said.expires }),
    number: run.signOffs.length + 1,
    ...(run.signOffs.length > 0 && { previous: previousOf(bundle, run) }),
    milestone,
    runId: run.record.run.id,
    verdict: run.record.verdict,
    ...(dsse && { dsse: { publicKey: dsse.publicKey, keyid: dsse.keyid } }),
  };
  const states = [...run.signOffs.map(shown), shown({ said: predicate })];
  const rendered = gateTools.render(run.record, run.recordSha256, states, bundle);
  predicate.rendered = {
    version: gateTools.version,
    files: Object.fromEntries([...rendered].map(([name, page]) => [name, sha256(page)])),
  };
  const text = signOffText(run.record, { record: run.recordSha256, attestation: run.attestationSha256 }, predicate);
  const signature = await sshSign(signer.use, namespace, text, options.asking);
  if (verifySshSignature(signature, Buffer.from(text)).fingerprint !== signer.key.fingerprint)
    throw new UserError(exit.untrusted, 'ssh-keygen signed with another key than the one that was chosen');
  await unchanged(folder, bundle);
  const file = join(folder, 'signoffs', `${predicate.number}-${predicate.role}.json`);
  writeSignOff(file, text, signature, dsse && seal(Buffer.from(text), dsse));
  writeRenderings(folder, run.record, run.recordSha256, states, {
    target: signing.target,
    writeTo: run.record.run.writeTo,
  });
  refreshIndex(folder);
  return file;
}

function previousOf(bundle: Bundle, run: Examined): string {
  const last = run.signOffs.at(-1);
  const digest = last && bundle.get(last.file)?.sha256;
  if (digest === undefined) throw new Error('the last sign-off is gone');
  return digest;
}

/** Nothing of the folder may have changed while the person was deciding. */
async function unchanged(folder: string, before: Bundle): Promise<void> {
  const now = readBundle(folder);
  const other = [...new Set([...before.keys(), ...now.keys()])].find(
    (path) => before.get(path)?.sha256 !== now.get(path)?.sha256 || before.get(path)?.kind !== now.get(path)?.kind,
  );
  if (other !== undefined)
    throw new UserError(exit.tampered, `${other} changed while it was being signed`, {
      hint: 'look at it, and sign again',
    });
}

function writeSignOff(
  file: string,
  text: string,
  signature: string,
  sealed: ReturnType<typeof seal> | undefined,
): void {
  try {
    mkdirSync(join(file, '..'), { recursive: true });
  } catch (cause) {
    throw ioError(cause, file);
  }
  if (sealed) {
    writeAtomically(`${file}.dsse`, sealed.dsse);
    writeAtomically(`${file}.sigstore`, sealed.bundle);
  }
  writeAtomically(`${file}.sig`, signature);
  writeAtomically(file, text);
}
