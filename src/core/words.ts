import type { Outcome, Verdict } from './outcome.ts';
import type { Finding } from './finding.ts';
import type { RunRecord, StepRecord } from './record.ts';

/** What a verdict means, in one sentence for somebody who has never seen the project. */
export const verdictMeaning: Record<Verdict, string> = {
  PASSED: 'Every required step ran and passed.',
  FAILED: 'At least one check found a defect.',
  INCONCLUSIVE: 'No defect was proven, but something could not be checked, so nothing may be concluded.',
  INCOMPLETE: 'What ran has passed, but something was not run or still waits for a person.',
};

/** What a person can answer to a manual step. */
export const answerWords = {
  yes: 'yes, I have looked and it holds',
  no: 'no',
  later: 'not now: it stays open',
} as const;

export const outcomeMark: Record<Outcome, string> = {
  passed: '✔',
  failed: '✘',
  error: '⚠',
  'timed-out': '⏱',
  skipped: '↷',
  'not-reviewed': '☐',
  waived: '≈',
};

export interface Counts {
  steps: Record<Outcome, number>;
  total: number;
  waivedFindings: number;
  proofs: number;
}

export function countSteps(record: RunRecord): Counts {
  const steps: Record<Outcome, number> = {
    failed: 0,
    error: 0,
    'timed-out': 0,
    skipped: 0,
    'not-reviewed': 0,
    waived: 0,
    passed: 0,
  };
  for (const step of record.steps) steps[step.outcome]++;
  return {
    steps,
    total: record.steps.length,
    waivedFindings: record.steps.flatMap((step) => step.findings).filter((f) => f.waived !== undefined).length,
    proofs: record.steps.reduce((n, step) => n + step.proofs.length, 0),
  };
}

/** `14 passed, 1 failed, 2 waived`, zero counts left out. */
export function countLine(counts: Counts): string {
  const order: Outcome[] = ['passed', 'failed', 'error', 'timed-out', 'not-reviewed', 'skipped', 'waived'];
  return order
    .filter((outcome) => counts.steps[outcome] > 0)
    .map((outcome) => `${counts.steps[outcome]} ${outcome}`)
    .join(', ');
}

/** The worst outcome of an item's steps. */
export function itemOutcome(record: RunRecord, item: RunRecord['items'][number]): Outcome {
  const order: Outcome[] = ['failed', 'error', 'timed-out', 'skipped', 'not-reviewed', 'waived', 'passed'];
  const mine = new Set(stepsOf(record, item).map((step) => step.outcome));
  return order.find((outcome) => mine.has(outcome)) ?? 'skipped';
}

export function stepsOf(record: RunRecord, item: { id: string }): StepRecord[] {
  return record.steps.filter((step) => step.item === item.id);
}

export function whereText(finding: Finding): string {
  const { where } = finding;
  if (!where) return '';
  return [where.file, where.line, where.col].filter((part) => part !== undefined).join(':');
}

export const isOpen = (finding: Finding): boolean =>
  finding.waived === undefined && (finding.level === 'error' || finding.level === 'inconclusive');

/** Entries by name, so that a rendering does not depend on the order in which they were measured. */
export const entries = <T>(values: Readonly<Record<string, T>>): [string, T][] =>
  Object.entries(values).toSorted(([a], [b]) => (a < b ? -1 : 1));
