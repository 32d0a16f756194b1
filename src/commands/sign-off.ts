import { readFileSync } from 'node:fs';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Day } from '../core/checklist.ts';
import { exit, UserError } from '../core/errors.ts';
import type { Decision } from '../core/sign-off.ts';
import { askDecision, canAsk } from '../hosts/prompt.ts';
import { readDsseKey } from '../signoff/dsse.ts';
import { noticesOf } from '../signoff/gate.ts';
import { asCalled } from './called-as.ts';
import { load, nearPath, type LoadOptions, stdoutPainter } from './shared.ts';
import { signOffScreen, signOffSummary } from './sign-off-screen.ts';
import { chooseSigner, listed, openSigning, refusal, signDecision, whileLocked, type Signing } from './signing.ts';

export interface SignOffOptions extends LoadOptions {
  role?: string;
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

/** `verify sign-off <milestone> --role R`: shows what is signed, asks for the decision, and signs it with an SSH key. */
export async function signOffCommand(name: string, options: SignOffOptions): Promise<number> {
  const flags = flagsOf(options);
  const loaded = await load(name, options);
  const role = options.role ?? onlyRole(loaded.checklist.signoff.roles);
  const { milestone } = loaded.checklist;
  const paint = stdoutPainter();
  const show = ({ run, folder, notices, now }: Signing): void => {
    const summary = signOffSummary(run, folder, {
      notices: [...noticesOf(run.record, now, run.record.signoff.waivers), ...notices],
      now,
    });
    process.stdout.write(`\n${signOffScreen(summary, paint)}`);
  };
  return whileLocked(milestone, options.reports ?? 'reports', options.run, async () => {
    const signing = await openSigning(loaded, options, show);
    const approvable = signing.reasons.all.length === 0;
    if (!approvable && flags?.decision !== 'reject') {
      if (flags !== undefined) throw refusal(signing.reasons);
      process.stdout.write(`${listed(signing.reasons)}\n`);
    }
    const signer = await chooseSigner(signing, role, options);
    const dsse = options.dsseKey === undefined ? undefined : dsseKey(options.dsseKey);
    const decided = flags ?? (await askDecision(`Sign ${milestone} as ${signer.principal} (${role})?`, approvable));
    if (decided === undefined) {
      process.stdout.write('Nothing was signed.\n');
      return exit.incomplete;
    }
    const file = await signDecision(
      signing,
      signer,
      { role, ...decided, expires: options.expires },
      { asking: flags === undefined ? 'terminal' : 'nobody', dsse },
    );
    const runs = dirname(dirname(dirname(file)));
    const index = join(dirname(runs), 'index.html');
    const made = [runs, ...(existsSync(index) ? [index] : [])].map(nearPath).join(' and ');
    process.stdout.write(
      `${decided.decision === 'approve' ? 'Approved' : 'Rejected'} by ${signer.principal} (${role}), key ${signer.key.fingerprint}\n  ${file}\n  next: commit ${made}, then ${asCalled(`verify gate ${milestone}`)}\n`,
    );
    return exit.passed;
  });
}

/** @throws UserError 64 where the policy names several */
function onlyRole(roles: Readonly<Record<string, number>>): string {
  const [role, ...others] = Object.keys(roles);
  if (role !== undefined && others.length === 0) return role;
  throw new UserError(exit.usage, '--role is missing', {
    hint: `the policy names several roles: ${Object.keys(roles).join(', ')}`,
  });
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
