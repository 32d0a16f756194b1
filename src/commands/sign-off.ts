import { mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Day } from '../core/checklist.ts';
import { exit, UserError } from '../core/errors.ts';
import type { Decision } from '../core/sign-off.ts';
import { ioError, writeAtomically } from '../evidence/store.ts';
import { askDecision, canAsk } from '../hosts/prompt.ts';
import { type SigningKey, signingKeys, sshSign } from '../hosts/ssh.ts';
import { readBundle, type Bundle } from '../signoff/bundle.ts';
import { checkThresholds, objections, shown, type Electorate } from '../signoff/decisions.ts';
import { readDsseKey, seal } from '../signoff/dsse.ts';
import { checkRun, electorateOf, examine, noticesOf, type Examined } from '../signoff/gate.ts';
import { codeOf, inOrder, Reasons } from '../signoff/reason.ts';
import { namespace, parsePublicKey, type SshKey, verifySshSignature } from '../signoff/sshsig.ts';
import { signOffText, type SignOffPredicate } from '../signoff/statement.ts';
import { painter } from '../ui/plain.ts';
import { findRun, gather, gateTools } from './gate-facts.ts';
import { refreshIndex } from './history.ts';
import { takeLock } from './run/lock.ts';
import { writeRenderings } from './run/write.ts';
import { load, type LoadOptions } from './shared.ts';
import { signOffScreen } from './sign-off-screen.ts';

export interface SignOffOptions extends LoadOptions {
  role: string;
  reports?: string;
  run?: string;
  key?: string;
  as?: string;
  approve?: boolean;
  reject?: boolean;
  comment?: string;
  expires?: string;
  dsseKey?: string;
  policyFrom?: string;
  yes?: boolean;
}

interface Signer {
  use: SigningKey;
  key: SshKey;
  principal: string;
}

/** `verify sign-off <milestone> --role R`: shows what is signed, asks for the decision, and signs it with an SSH key. */
export async function signOffCommand(name: string, options: SignOffOptions): Promise<number> {
  const flags = flagsOf(options);
  const loaded = await load(name, options);
  const { milestone } = loaded.checklist;
  const reports = resolve(options.reports ?? 'reports');
  const found = findRun(reports, milestone, options.run);
  const lock = await takeLock(join(reports, milestone), `sign-off-${process.pid}`);
  try {
    const now = Date.now();
    const { folder } = options.run === undefined ? findRun(reports, milestone, undefined) : found;
    const reasons = new Reasons();
    const bundle = readBundle(folder);
    const run = await examine(bundle, gateTools, reasons);
    if (!run || reasons.has(exit.tampered, exit.invalid)) throw refusal(reasons);
    const subject = { target: loaded.targetPath, checklist: loaded, policyFrom: options.policyFrom };
    const { facts, files } = await gather(subject, run.record);
    checkRun(run, milestone, facts, files.policy, gateTools, bundle, now, reasons);
    const electorate = electorateOf(files, facts.identities, now, reasons);
    if (!electorate) throw refusal(reasons);
    checkThresholds(electorate, reasons);
    const paint = painter(process.stdout.isTTY && !('NO_COLOR' in process.env));
    process.stdout.write(`\n${signOffScreen(run, folder, { notices: noticesOf(run.record, now), now }, paint)}`);
    const approvable = reasons.all.length === 0;
    // A person may reject what has failed or is not whole; nobody signs what is not what it says or is not of this commit.
    if (reasons.has(exit.tampered, exit.stale, exit.invalid, exit.missing)) throw refusal(reasons);
    if (!approvable && flags?.decision !== 'reject') {
      if (flags !== undefined) throw refusal(reasons);
      process.stdout.write(`${listed(reasons)}\n`);
    }
    const signer = await chooseSigner(options, loaded.targetPath, electorate);
    const dsse = options.dsseKey === undefined ? undefined : dsseKey(options.dsseKey);
    const decided =
      flags ?? (await askDecision(`Sign ${milestone} as ${signer.principal} (${options.role})?`, approvable));
    if (decided === undefined) {
      process.stdout.write('Nothing was signed.\n');
      return exit.incomplete;
    }
    const predicate: SignOffPredicate = {
      decision: decided.decision,
      role: options.role,
      principal: signer.principal,
      key: signer.key.fingerprint,
      comment: decided.comment,
      at: new Date().toISOString(),
      ...(options.expires !== undefined && { expires: options.expires }),
      number: run.signOffs.length + 1,
      ...(run.signOffs.length > 0 && { previous: previousOf(bundle, run) }),
      milestone,
      runId: run.record.run.id,
      verdict: run.record.verdict,
      ...(dsse && { dsse: { publicKey: dsse.publicKey, keyid: dsse.keyid } }),
    };
    const text = signOffText(run.record, { record: run.recordSha256, attestation: run.attestationSha256 }, predicate);
    const signature = await sshSign(signer.use, namespace, text, flags === undefined);
    if (verifySshSignature(signature, Buffer.from(text)).fingerprint !== signer.key.fingerprint)
      throw new UserError(exit.untrusted, 'ssh-keygen signed with another key than the one that was chosen');
    await unchanged(folder, bundle);
    const file = join(folder, 'signoffs', `${predicate.number}-${predicate.role}.json`);
    writeSignOff(file, text, signature, dsse && seal(Buffer.from(text), dsse));
    writeRenderings(folder, run.record, run.recordSha256, [...run.signOffs.map(shown), shown({ said: predicate })], {
      target: loaded.targetPath,
      writeTo: run.record.run.writeTo,
    });
    refreshIndex(folder);
    process.stdout.write(
      `${decided.decision === 'approve' ? 'Approved' : 'Rejected'} by ${signer.principal} (${options.role}), key ${signer.key.fingerprint}\n  ${file}\n  next: verify gate ${milestone}\n`,
    );
    return exit.passed;
  } finally {
    lock.release();
  }
}

/** The decision as flags, or undefined where it is to be asked for. Half of the flags are none: nobody signs by accident. */
function flagsOf(options: SignOffOptions): { decision: Decision; comment: string } | undefined {
  const usage = (text: string): UserError =>
    new UserError(exit.usage, text, {
      hint: 'without a terminal all three are needed: --approve or --reject, --comment TEXT, --yes',
    });
  if (options.expires !== undefined && !Day.safeParse(options.expires).success)
    throw usage(`--expires ${options.expires}: write YYYY-MM-DD`);
  const given = [options.approve, options.reject, options.yes].some((flag) => flag === true);
  if (options.approve === true && options.reject === true) throw usage('--approve and --reject exclude each other');
  if (!given && options.comment === undefined) {
    if (!canAsk()) throw usage('nobody can be asked: there is no terminal');
    return undefined;
  }
  if (options.yes !== true || (options.approve !== true && options.reject !== true) || options.comment === undefined)
    throw usage('a decision by flags must be whole');
  return { decision: options.approve === true ? 'approve' : 'reject', comment: options.comment.trim() };
}

const listed = (reasons: Reasons): string =>
  inOrder(reasons.all)
    .map((reason) => `✘ ${reason.code} ${reason.text} → ${reason.todo}`)
    .join('\n');

function refusal(reasons: Reasons): UserError {
  return new UserError(codeOf(reasons.all), 'this run cannot be signed', { hint: listed(reasons) });
}

/** The first key at hand that may sign in the role. @throws UserError 20, 21, 22 with why none may */
async function chooseSigner(options: SignOffOptions, target: string, electorate: Electorate): Promise<Signer> {
  const { policy, signers } = electorate;
  if (!Object.hasOwn(policy.roles, options.role))
    throw new UserError(exit.usage, `the policy asks for no role ${options.role}`, {
      hint: `its roles: ${Object.keys(policy.roles).join(', ')}`,
    });
  const all = new Reasons();
  for (const use of await signingKeys(options.key, target)) {
    let key: SshKey;
    try {
      key = parsePublicKey(use.publicKey);
    } catch (error) {
      all.add(
        exit.notApproved,
        `a key cannot be used: ${(error as Error).message}`,
        'use an ed25519, ecdsa or RSA key',
      );
      continue;
    }
    const names = signers.filter((one) => one.key.blob.equals(key.blob)).flatMap((one) => one.principals);
    const members = policy.members[options.role];
    const principal = options.as ?? names.find((one) => members?.includes(one) ?? true) ?? names[0] ?? '';
    const own = new Reasons();
    objections({ key, principal, role: options.role }, electorate, own, 'the sign-off');
    if (own.all.length === 0) return { use, key, principal };
    all.all.push(...own.all);
  }
  throw refusal(all);
}

function dsseKey(path: string): ReturnType<typeof readDsseKey> {
  try {
    return readDsseKey(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new UserError(exit.usage, `--dsse-key ${path}: ${(cause as Error).message}`, {
      cause,
      hint: 'make one: openssl genpkey -algorithm ed25519 -out key.pem',
    });
  }
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
