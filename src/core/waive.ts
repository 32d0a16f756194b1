import type { Waiver } from './checklist.ts';
import type { Finding } from './finding.ts';

const endOf = (waiver: Waiver): number => Date.parse(`${waiver.expires}T23:59:59.999Z`);

/** Days before its end from which on a waiver is warned of. */
const warnDays = 14;

/** What is to be said of waivers at `now`: those that have ended, and those that end within 14 days. */
export function waiverNotices(waivers: readonly Waiver[], now: number): string[] {
  return waivers.flatMap((waiver) => {
    const left = endOf(waiver) - now;
    const what = `the waiver for ${waiver.step}${waiver.finding === undefined ? '' : ` (${waiver.finding})`}, owner ${waiver.owner},`;
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

/** Marks the findings of one step that a waiver in force accepts. A locked step's findings are never waived. */
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
        (w.finding === undefined || w.finding === finding.code) &&
        (w.subject === undefined || w.subject === finding.subject),
    );
    return by
      ? { ...finding, waived: `${by.reason} (owner ${by.owner}, approved by ${by.approver}, until ${by.expires})` }
      : finding;
  });
}
