import { picturesOf } from '../core/pictures.ts';
import { readdirSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { LoadedChecklist } from '../checklist/load.ts';
import { exit, UserError } from '../core/errors.ts';
import { leftBehind } from '../hosts/carried.ts';
import { git } from '../hosts/git.ts';
import { signingKeys, type Asking, type SigningKey } from '../hosts/ssh.ts';
import { word } from '../reporters/html/environment.ts';
import type { Ballot, GateView, Said, SigningView } from '../serve/desk.ts';
import { noticesOf } from '../signoff/gate.ts';
import { inOrder, Reasons } from '../signoff/reason.ts';
import { parsePublicKey } from '../signoff/sshsig.ts';
import { askGate } from './gate.ts';
import { signOffSummary } from './sign-off-screen.ts';
import { openSigning, refusal, signDecision, signerOf, whileLocked, type Signing } from './signing.ts';

type Loaded = LoadedChecklist & { targetPath: string };

export interface SigningOptions {
  reports: string;
  key: string | undefined;
  policyFrom: string | undefined;
}

/**
 * Where ssh-keygen can ask for a passphrase: in a window where the desktop has one, else on the terminal where somebody sits at
 * it. The page itself never sees one.
 */
export function whereToAsk(): Asking {
  const { env } = process;
  const desktop = process.platform === 'darwin' || env['DISPLAY'] !== undefined || env['WAYLAND_DISPLAY'] !== undefined;
  if (env['SSH_ASKPASS'] !== undefined && desktop) return 'window';
  return process.stdin.isTTY && process.stderr.isTTY ? 'terminal' : 'nobody';
}

/** What `verify sign-off` would show of the last run, and which keys at hand may sign it. @throws UserError as openSigning */
export async function signingView(loaded: Loaded, options: SigningOptions): Promise<SigningView> {
  let seen: Signing | undefined;
  let signable = true;
  try {
    await openSigning(loaded, options, (signing) => (seen = signing));
  } catch (error) {
    if (!(error instanceof UserError) || seen === undefined) throw error;
    signable = false;
  }
  if (seen === undefined) throw new Error('a run was opened and not shown');
  const { run, folder, now, notices, reasons } = seen;
  return {
    summary: signOffSummary(run, folder, {
      notices: [...noticesOf(run.record, now, run.record.signoff.waivers), ...notices],
      now,
    }),
    runId: run.record.run.id,
    recordSha256: run.recordSha256,
    pictures: run.record.steps.some((step) => picturesOf(step).length > 0),
    signed: run.signOffs.length,
    signable,
    reasons: inOrder(reasons.all),
    ballots: signable ? await ballots(seen, options.key) : [],
    asking: whereToAsk(),
  };
}

async function ballots(signing: Signing, option: string | undefined): Promise<Ballot[]> {
  const roles = Object.keys(signing.electorate.policy.roles);
  let keys: SigningKey[];
  try {
    keys = await signingKeys(option, signing.target, 'nobody');
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [{ role: roles.join(', '), fingerprint: '', comment: '', why: [error.message, error.hint ?? ''] }];
  }
  return roles.flatMap((role) =>
    keys.map((use): Ballot => {
      const reasons = new Reasons();
      const signer = signerOf(use, role, signing.electorate, undefined, reasons);
      return {
        role,
        ...named(use),
        ...(signer && { principal: signer.principal }),
        why: reasons.all.map(({ text, todo }) => `${text} → ${todo}`),
      };
    }),
  );
}

function named({ publicKey }: SigningKey): { fingerprint: string; comment: string } {
  const comment = publicKey.split(' ').slice(2).join(' ');
  try {
    return { fingerprint: parsePublicKey(publicKey).fingerprint, comment };
  } catch {
    return { fingerprint: '', comment };
  }
}

/**
 * Signs what was shown, by the code of `verify sign-off`.
 * @returns the path of the sign-off
 * @throws UserError 22 where it is no longer what was shown, and as openSigning and signDecision
 */
export function signShown(loaded: Loaded, said: Said, options: SigningOptions): Promise<string> {
  return whileLocked(loaded.checklist.milestone, options.reports, undefined, async () => {
    const signing = await openSigning(loaded, options);
    if (signing.run.recordSha256 !== said.recordSha256 || signing.run.signOffs.length !== said.signed)
      throw new UserError(exit.stale, 'there is a newer run or signature than the page had shown; nothing was signed', {
        hint: 'look at it below, and decide again',
      });
    if (said.decision === 'approve' && signing.reasons.all.length > 0) throw refusal(signing.reasons);
    const reasons = new Reasons();
    const signer = (await signingKeys(options.key, signing.target, 'nobody'))
      .filter((use) => named(use).fingerprint === said.fingerprint)
      .map((use) => signerOf(use, said.role, signing.electorate, undefined, reasons))
      .find((one) => one !== undefined);
    if (signer === undefined) {
      if (reasons.all.length > 0) throw refusal(reasons);
      throw new UserError(exit.missing, `the key ${said.fingerprint} is no longer at hand; nothing was signed`, {
        hint: 'add it to the agent (ssh-add), and decide again',
      });
    }
    return signDecision(signing, signer, said, { asking: whereToAsk() });
  });
}

/** What the gate says of the last run, and how its signatures are committed. @throws UserError 66 */
export async function gateView(
  loaded: Loaded,
  name: string,
  options: SigningOptions & { target: string | undefined },
): Promise<GateView> {
  const { answer, run } = await askGate(loaded, options);
  const command = [
    'verify',
    'gate',
    name,
    ...(options.target === undefined ? [] : ['--target', options.target]),
    ...(options.reports === resolve('reports') ? [] : ['--reports', options.reports]),
    ...(options.policyFrom === undefined ? [] : ['--policy-from', options.policyFrom]),
  ];
  return {
    answer,
    commit: await committing(answer.folder, loaded.targetPath, run?.record.run.writeTo, answer.milestone),
    command: command.map(word).join(' '),
  };
}

async function committing(
  folder: string,
  target: string,
  writeTo: string | undefined,
  milestone: string,
): Promise<GateView['commit']> {
  const root = (await git(folder, ['rev-parse', '--show-toplevel']))?.trim();
  if (root === undefined)
    return {
      commands: [],
      note: `${folder} lies in no git repository: keep the whole folder, byte for byte, where the gate finds it (--reports).`,
    };
  const paths = [folder, join(dirname(folder), 'latest'), ...(writeTo === undefined ? [] : [join(target, writeTo)])]
    .map((path) => relative(root, path))
    .filter((path) => !path.startsWith('..') && !isAbsolute(path));
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  const ignored = ((await leftBehind(folder, files)) ?? []).length > 0;
  const kept = (await git(root, ['check-attr', 'text', '--', `${paths[0]}/record.json`]))?.includes(': unset') === true;
  const runs = relative(root, dirname(dirname(folder))) || '.';
  return {
    commands: [
      ...(root === process.cwd() ? [] : [`cd ${word(root)}`]),
      ...(kept ? [] : [`echo ${word(`${runs}/** -text`)} >> .gitattributes`]),
      `git add ${ignored ? '-f ' : ''}${[...(kept ? [] : ['.gitattributes']), ...paths].map(word).join(' ')}`,
      `git commit -m ${word(`${milestone}: run and sign-off`)}`,
    ],
    note: kept
      ? undefined
      : 'A run’s files must come back byte for byte: the first line keeps git from changing their line ends. It changes the tree; have it committed before the run next time.',
  };
}
