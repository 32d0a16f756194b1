import type { Waiver } from './checklist.ts';
import type { Finding } from './finding.ts';

/** Is the waiver in force at `now` (milliseconds since the epoch) for this commit? It holds to the end of its last day, UTC. */
export function inForce(waiver: Waiver, now: number, commit: string | undefined): boolean {
  const end = Date.parse(`${waiver.expires}T23:59:59.999Z`);
  return now <= end && (waiver.commit === undefined || waiver.commit === commit);
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
