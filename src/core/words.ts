import { showDuration } from './duration.ts';
import { outcomes, worstOf, type Outcome, type Verdict } from './outcome.ts';
import type { FactValue } from './judgement.ts';
import type { SignoffPolicy } from './checklist.ts';
import type { Finding } from './finding.ts';
import type { ReusedFrom, RunRecord, StepRecord } from './record.ts';
import { setByHand, setByHandText } from './set-by-hand.ts';
import { accepted } from './waive.ts';

/** `1,234`. The locale's formatter takes 10 ms to start: it is asked only where it has something to do. */
export const grouped = (n: number): string =>
  Number.isInteger(n) && Math.abs(n) < 1000 ? String(n) : n.toLocaleString('en');

/** `3 steps`, `1 step` */
export const plural = (n: number, word: string, many = `${word}s`): string => `${grouped(n)} ${n === 1 ? word : many}`;

export const clip = (text: string, max: number): string => (text.length > max ? `${text.slice(0, max - 1)}…` : text);

/** How verify was called for this run, so that what is left to do is told in the same words: `npx verify-milestone`. */
export function calledIn({ run }: Pick<RunRecord, 'run'>): string {
  const last = run.command.findIndex((word) => /^verify(?:-milestone)?$/.test(word));
  return last < 0 ? 'verify' : run.command.slice(0, last + 1).join(' ');
}

/** What a verdict means, in one sentence for somebody who has never seen the project. */
export const verdictMeaning: Record<Verdict, string> = {
  PASSED: 'Every required step ran and passed.',
  FAILED: 'At least one check found a defect.',
  INCONCLUSIVE: 'No defect was proven, but something could not be checked, so nothing may be concluded.',
  INCOMPLETE: 'What ran has passed, but something was not run or still waits for a person.',
};

/** Failing tests that a quarantine accepts, by step. */
const inQuarantine = (steps: RunRecord['steps']): { step: string; tests: number }[] =>
  steps.flatMap(({ id, findings }) => {
    const tests = findings.filter((one) => one.until !== undefined && one.waived === undefined).length;
    return tests > 0 ? [{ step: id, tests }] : [];
  });

/** The verdict as it is shown: a pass that rests on what was accepted says so. `PASSED with 1 waiver` */
export function verdictText(record: Pick<RunRecord, 'verdict' | 'steps'>): string {
  if (record.verdict !== 'PASSED') return record.verdict;
  const waivers = accepted(record.steps).length;
  const tests = inQuarantine(record.steps).reduce((sum, one) => sum + one.tests, 0);
  const what = [
    ...(waivers > 0 ? [`${waivers} ${waivers === 1 ? 'waiver' : 'waivers'}`] : []),
    ...(tests > 0 ? [`${tests} failing ${tests === 1 ? 'test' : 'tests'} in quarantine`] : []),
  ];
  return what.length === 0 ? record.verdict : `${record.verdict} with ${what.join(' and ')}`;
}

/** The first of a list, and how many more there are. */
export const few = (all: readonly string[], most = 5): string =>
  `${all.slice(0, most).join(', ')}${all.length > most ? ` and ${all.length - most} more` : ''}`;

/** What the verdict means, with what was accepted and what proves little. */
export function meaningOf(record: Pick<RunRecord, 'verdict' | 'steps'>): string {
  const found = accepted(record.steps);
  const steps = new Set(found.map((one) => one.step)).size;
  const weak = record.steps.filter((step) => step.weak !== undefined).map((step) => step.id);
  const quarantined = inQuarantine(record.steps).map(({ step }) => step);
  return [
    record.verdict === 'PASSED' && steps > 0
      ? `Every required step ran; ${steps} of them failed, and that was accepted.`
      : verdictMeaning[record.verdict],
    ...(quarantined.length > 0 ? [`Failing tests are accepted by a quarantine: ${few(quarantined)}.`] : []),
    ...(weak.length > 0
      ? [`${weak.length === 1 ? 'One pass has' : `${weak.length} passes have`} only weak evidence: ${few(weak)}.`]
      : []),
  ].join(' ');
}

/** Where stand-ins were exercised, by items: everywhere else the real thing was. undefined: nowhere. */
export function reducedText({ items, steps }: Pick<RunRecord, 'items' | 'steps'>): string | undefined {
  const reduced = items.filter((item) => steps.some((step) => step.item === item.id && step.reduced !== undefined));
  if (reduced.length === 0) return undefined;
  const where = reduced.map((item) => item.id).join(', ');
  return `stand-ins were exercised in place of the real thing in ${reduced.length} of ${items.length} items: ${where}`;
}

/** The least fidelity that a policy takes, in words. */
export const fidelityAsked = (asked: SignoffPolicy['fidelity']): string =>
  Array.isArray(asked)
    ? `full fidelity of ${asked.join(', ')}`
    : asked === 'full'
      ? 'full fidelity'
      : 'full or reduced fidelity';

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

/** What the policy says of authors who sign, to follow `the policy takes a run …`. */
export const dutyText = ({ separationOfDuty }: Pick<RunRecord['signoff'], 'separationOfDuty'>): string =>
  separationOfDuty
    ? '; nobody signs their own change'
    : '; who wrote the change may sign it alone, so that a signature need not be a second pair of eyes';

/** A fact's value with its unit: `87.5 %`. */
export function withUnit(step: Pick<StepRecord, 'units'>, name: string, value: FactValue): string {
  const unit = step.units?.[name];
  return `${String(value)}${unit === undefined ? '' : ` ${unit}`}`;
}

/** Of a pass that was taken over from an earlier run. */
export const reusedMark = '↺';

/** From which run an outcome was taken over, and when that began: `from the run of 2026-11-24 19:54 UTC (9c2f1e)`. */
export const reusedText = ({ run, startedAt }: ReusedFrom): string =>
  `from the run of ${startedAt.replace('T', ' ').replace(/:\d\d(?:\.\d+)?Z$/, ' UTC')} (${run.slice(-6)})`;

/** The runs that steps were taken over from, the oldest first, each with its steps. */
export function reusedByRun(steps: readonly StepRecord[]): { from: ReusedFrom; steps: string[] }[] {
  const runs = new Map<string, { from: ReusedFrom; steps: string[] }>();
  for (const { id, reusedFrom: from } of steps) {
    if (!from) continue;
    const run = runs.get(from.run) ?? { from, steps: [] };
    run.steps.push(id);
    runs.set(from.run, run);
  }
  return [...runs.values()].toSorted((a, b) => (a.from.startedAt < b.from.startedAt ? -1 : 1));
}

export interface Counts {
  steps: Record<Outcome, number>;
  total: number;
  proofs: number;
}

export function countSteps(record: RunRecord): Counts {
  const steps = Object.fromEntries(outcomes.map((outcome) => [outcome, 0])) as Record<Outcome, number>;
  for (const step of record.steps) steps[step.outcome]++;
  return {
    steps,
    total: record.steps.length,
    proofs: record.steps.reduce((n, step) => n + step.proofs.length, 0),
  };
}

/** What went well first, then the others, the worst first. */
const countOrder: readonly Outcome[] = ['passed', ...outcomes.filter((outcome) => outcome !== 'passed')];

/** `14 passed, 1 failed, 2 waived, of 17 steps`, zero counts left out. */
export function countLine(counts: Counts): string {
  return countOrder
    .filter((outcome) => counts.steps[outcome] > 0)
    .map((outcome) => `${counts.steps[outcome]} ${outcome}`)
    .concat(`of ${plural(counts.total, 'step')}`)
    .join(', ');
}

/** The worst outcome of an item's steps. */
export function itemOutcome(record: RunRecord, item: RunRecord['items'][number]): Outcome {
  return worstOf(stepsOf(record, item).map((step) => step.outcome));
}

export function stepsOf(record: RunRecord, item: { id: string }): StepRecord[] {
  return record.steps.filter((step) => step.item === item.id);
}

export function whereText(finding: Finding): string {
  const { where } = finding;
  if (!where) return '';
  return [where.file, where.line, where.col].filter((part) => part !== undefined).join(':');
}

export const isOpen = (finding: { level: string; waived?: string | undefined }): boolean =>
  finding.waived === undefined && (finding.level === 'error' || finding.level === 'inconclusive');

/** A fact's number with the unit that its name tells: seconds of percentiles, milliseconds, rates, percentages. */
export function showFact(name: string, value: number): string {
  const digits = (n: number): string => String(Number(n.toPrecision(3)));
  if (/\.p\d+$/.test(name)) {
    const size = Math.abs(value);
    if (size >= 1 || size === 0) return `${digits(value)} s`;
    if (size >= 1e-3) return `${digits(value * 1e3)} ms`;
    return size >= 1e-6 ? `${digits(value * 1e6)} µs` : `${digits(value * 1e9)} ns`;
  }
  if (name.endsWith('Ms')) return showDuration(value);
  if (name.endsWith('.throughput')) return `${grouped(Math.round(value))} /s`;
  if (/\.coverage$|^bench\.worst$/.test(name)) return `${digits(value)} %`;
  return Number(value.toPrecision(6)).toLocaleString('en', { maximumSignificantDigits: 6 });
}

/** Facts that name a thing rather than measure it: they differ from run to run and say nothing by it. */
export const namesThing = (fact: string): boolean =>
  /(?:^|[./])(?:port|pid|id|url|sha256)(?:\.|$)|^(?:.+\/)?(?:picture|drill)\./i.test(fact);

/** Entries by name, so that a rendering does not depend on the order in which they were measured. */
export const entries = <T>(values: Readonly<Record<string, T>>): [string, T][] =>
  Object.entries(values).toSorted(([a], [b]) => (a < b ? -1 : 1));

/** The folders of the run in which a step's evidence lies: one, or in a merged run one of each shard that ran it. */
export const evidenceFolders = (step: Pick<StepRecord, 'evidence'>): string[] => [
  ...new Set(step.evidence.flatMap((file) => /^(?:shards\/\d+\/)?evidence\/[^/]+\//.exec(file.path)?.[0] ?? [])),
];

/** What a reader must know before all else: that a run can never be signed, and what was given with the command. */
export function aboveAll({ tree, run }: Pick<RunRecord, 'tree' | 'run'>): string[] {
  return [
    ...(tree.unversioned
      ? [`This run cannot be signed: git could not say what was verified (${tree.unversioned.why}).`]
      : []),
    ...(tree.cameAndWent
      ? [
          `Files came and went in the tree during the run, and programs may have read them: ${tree.cameAndWent.slice(0, 5).join(', ')}.`,
        ]
      : []),
    ...setByHand(run).map(
      (one) => `${one.address ? 'Another address' : 'Not as the checklist has it'}: ${setByHandText(one)}.`,
    ),
  ];
}

/**
 * Text in which GitHub's runner finds no workflow command: it reads a line that begins with `::`, after blanks, and `##[` wherever it
 * stands. Source: actions/runner, ActionCommand.cs (TryParseV2, TryParse).
 */
export const withoutCommands = (text: string): string =>
  text.replace(/^([^\S\n]*)(?=::)/gm, '$1\u200b').replaceAll('##[', '##\u200b[');
