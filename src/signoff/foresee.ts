import { exit } from '../core/errors.ts';
import { checkThresholds, isAmong, type Electorate } from './decisions.ts';
import { electorateOf, type PolicyFiles } from './gate.ts';
import { type Reason, Reasons } from './reason.ts';

/**
 * What will keep any run of this policy from being approved: known before the run, so that nobody runs a milestone in vain.
 * @param identities who wrote the commit that would be verified, in lower case
 * @param now milliseconds since the epoch
 */
export function foreseeable(files: PolicyFiles, identities: ReadonlySet<string>, now: number): Reason[] {
  const reasons = new Reasons();
  const electorate = electorateOf(files, identities, now, reasons);
  if (!electorate) return reasons.all;
  checkThresholds(electorate, reasons);
  if (reasons.all.length === 0) lackOfSigners(electorate, reasons);
  return reasons.all;
}

/** Enough keys are allowed; are there enough whose owner did not write what is verified, and which are valid today? */
function lackOfSigners({ policy, signers, identities, now }: Electorate, reasons: Reasons): void {
  for (const [role, needed] of Object.entries(policy.roles)) {
    const members = policy.members[role];
    const inRole = signers.filter(
      (one) => members === undefined || one.principals.some((name) => isAmong(name, members)),
    );
    const valid = inRole.filter((one) => (one.validAfter ?? now) <= now && now <= (one.validBefore ?? now));
    const free = valid.filter(
      (one) => !policy.separationOfDuty || !one.principals.some((name) => isAmong(name, [...identities])),
    );
    if (new Set(free.map((one) => one.key.fingerprint)).size >= needed) continue;
    const wrote = valid.filter((one) => !free.includes(one)).flatMap((one) => one.principals);
    const expired = inRole.length > valid.length ? 'a key is not valid today' : '';
    reasons.add(
      exit.notApproved,
      `the role ${role} needs ${needed} approval${needed === 1 ? '' : 's'}, and ${free.length} can give one: ${[
        wrote.length > 0 ? `${wrote.join(', ')} wrote this commit` : '',
        expired,
      ]
        .filter((part) => part !== '')
        .join('; ')}`,
      wrote.length > 0
        ? 'allow a key of somebody else, or set `separationOfDuty: false` if you work alone; commit it before the run'
        : 'renew the key in the allowed signers file; commit it before the run',
    );
  }
}
