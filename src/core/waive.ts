import type { Waiver } from './checklist.ts';
import { ms } from './duration.ts';
import type { Finding } from './finding.ts';

const endOf = (waiver: Waiver): number => Date.parse(`${waiver.expires}T23:59:59.999Z`);

/** Days before its end from which on a waiver is warned of. */
const warnDays = 14;

/** Those that end no later than a policy allows. @param longest `30d`, counted from the day of `now` */
export const nearEnough = (waivers: readonly Waiver[], now: number, longest: string): Waiver[] =>
  waivers.filter((waiver) => endOf(waiver) <= now + ms(longest) + 86_400_000);

/** What is to be said of waivers at `now`: those that have ended, those that end within 14 days, and those that end too late. */
export function waiverNotices(waivers: readonly Waiver[], now: number, longest: string): string[] {
  const near = nearEnough(waivers, now, longest);
  return waivers.flatMap((waiver) => {
    const left = endOf(waiver) - now;
    const what = `the waiver for ${waiver.step}${waiver.finding === undefined ? '' : ` (${waiver.finding})`}, owner ${waiver.owner},`;
    if (!near.includes(waiver))
      return [
        `${what} ends on ${waiver.expires}, and the policy accepts none that ends more than ${longest} ahead: a run that rests on it cannot be approved`,
      ];
    if (left < 0) return [`${what} ended on ${waiver.expires} and no longer counts`];
    if (left > warnDays * 86_400_000) return [];
    return [`${what} ends on ${waiver.expires}: repair what it accepts, or have it renewed`];
  });
}

/** Is the waiver in force at `now` (milliseconds since the epoch) for this commit? It holds to the end of its last day, UTC. */
export function inForce(waiver: Waiver, now: number, commit: string | undefined): boolean {
  return now <= endOf(waiver) && (waiver.commit === undefined || waiver.commit === commit);
}

/** The findings as they were before any waiver was looked at. */
export function unwaived(findings: readonly Finding[]): Finding[] {
  return findings.map((finding) => {
    const bare = { ...finding };
    delete bare.waived;
    return bare;
  });
}

/**
 * Marks the findings of one step that a waiver in force accepts. A locked step's findings are never waived; and a waiver that names
 * no finding accepts defects, not that something could not be checked.
 */
export function waive(
  step: { id: string; locked: boolean },
  findings: readonly Finding[],
  waivers: readonly Waiver[],
  now: number,
  commit: string | undefined,
): Finding[] {
  const mine = step.locked ? [] : waivers.filter((w) => w.step === step.id && inForce(w, now, commit));
  return findings.map((finding) => {
    const by = mine.find(
      (w) =>
        (w.finding === undefined ? finding.level !== 'inconclusive' : w.finding === finding.code) &&
        (w.subject === undefined || w.subject === finding.subject),
    );
    return by
      ? { ...finding, waived: `${by.reason} (owner ${by.owner}, approved by ${by.approver}, until ${by.expires})` }
      : finding;
  });
}

/** What one waiver accepts of one step, and the waiver's own words. */
export interface Accepted {
  step: string;
  /** `exit-code: the script exited with 1`; of many findings the first three with their places, and how many more. */
  what: string;
  /** Reason, owner, approver, last day. */
  why: string;
}

/** The findings that would have kept the run from passing, had nobody waived them. */
export function accepted(steps: readonly { id: string; strict: boolean; findings: readonly Finding[] }[]): Accepted[] {
  return steps.flatMap(({ id, strict, findings }) => {
    const byWaiver = Map.groupBy(
      findings.filter((f) => f.level === 'error' || f.level === 'inconclusive' || (strict && f.level === 'warning')),
      (f) => f.waived,
    );
    return [...byWaiver].flatMap(([why, found]) => {
      const where = (f: Finding): string =>
        found.length === 1 || f.where === undefined
          ? ''
          : ` (${[f.where.file, f.where.line].filter(Boolean).join(':')})`;
      const first = found.slice(0, 3).map((f) => `${f.code}: ${f.message}${where(f)}`);
      const more = found.length > 3 ? `; and ${found.length - 3} more` : '';
      return why === undefined ? [] : [{ step: id, what: `${first.join('; ')}${more}`, why }];
    });
  });
}
