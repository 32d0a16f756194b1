import type { Finding } from './finding.ts';
import type { FactValue } from './judgement.ts';
import type { Outcome, Verdict } from './outcome.ts';
import { picturesOf } from './pictures.ts';
import type { RunRecord, StepRecord } from './record.ts';
import { isOpen } from './words.ts';

export interface Change<T> {
  step: string;
  before: T | undefined;
  after: T | undefined;
}

/** What is different in a run against an earlier one. */
export interface RunDiff {
  verdict: { before: Verdict; after: Verdict };
  outcomes: Change<Outcome>[];
  findings: { appeared: { step: string; finding: Finding }[]; gone: { step: string; finding: Finding }[] };
  facts: (Change<FactValue> & { name: string })[];
  /** Milliseconds; only what differs by a fifth and by a second at least. */
  durations: Change<number>[];
  /** sha256 of pictures among the evidence, and how much of them differs where somebody has looked. */
  pictures: (Change<string> & { path: string; differing?: number; total?: number })[];
  /**
   * True where a step that had passed has not, a defect or a check that cannot be made has appeared, or the whole passed no more,
   * or at less fidelity.
   */
  worse: boolean;
}

const good = (outcome: Outcome | undefined): boolean => outcome === 'passed' || outcome === 'waived';
/** Findings are the same where they say the same of the same thing; the line may have moved. */
const keyOf = (finding: Finding, run: string): string =>
  [
    finding.code,
    finding.subject ?? '',
    finding.where?.file ?? '',
    // The run's own id and the ports that it was given differ from run to run, and say nothing by it.
    finding.message.replaceAll(run, '<run>').replace(/\b(127\.0\.0\.1|localhost|\[::1\]):\d{4,5}\b/g, '$1:<port>'),
    finding.waived === undefined,
  ].join('\0');

/** Compares two runs, step by step; steps are the same where their ids are. */
export function diffRuns(before: RunRecord, after: RunRecord): RunDiff {
  const old = new Map(before.steps.map((step) => [step.id, step]));
  const now = new Map(after.steps.map((step) => [step.id, step]));
  const ids = [...new Set([...now.keys(), ...old.keys()])];
  const pairs = ids.map((id) => ({ id, before: old.get(id), after: now.get(id) }));
  const outcomes = changes(pairs, (step) => step.outcome);
  const findings: RunDiff['findings'] = { appeared: [], gone: [] };
  const facts: RunDiff['facts'] = [];
  const pictures: RunDiff['pictures'] = [];
  for (const pair of pairs) {
    findings.appeared.push(...onlyIn(pair.id, [pair.after, after.run.id], [pair.before, before.run.id]));
    findings.gone.push(...onlyIn(pair.id, [pair.before, before.run.id], [pair.after, after.run.id]));
    for (const [name, b, a] of keyed(pair.before?.facts ?? {}, pair.after?.facts ?? {}))
      facts.push({ step: pair.id, name, before: b, after: a });
    for (const [path, b, a] of keyed(digestsOf(pair.before), digestsOf(pair.after)))
      pictures.push({ step: pair.id, path, before: b, after: a });
  }
  const durations = changes(pairs, (step) =>
    // How long a person took says nothing of the product.
    step.startedAt === undefined || step.uses === 'manual/confirm' ? undefined : step.durationMs,
  ).filter(({ before: b = 0, after: a = 0 }) => Math.abs(a - b) >= 1000 && Math.abs(a - b) >= Math.max(a, b) / 5);
  const worse =
    // A failure that is accepted is still one.
    outcomes.some(
      ({ before, after }) => good(before) && (!good(after) || (before === 'passed' && after === 'waived')),
    ) ||
    findings.appeared.some(({ finding }) => isOpen(finding)) ||
    // A tree that changed, an interruption, a narrowed run: no step says so. Nor does one that a stand-in took the place of.
    (before.verdict === 'PASSED' && after.verdict !== 'PASSED') ||
    (before.fidelity === 'full' && after.fidelity === 'reduced');
  return {
    verdict: { before: before.verdict, after: after.verdict },
    outcomes,
    findings,
    facts,
    durations,
    pictures,
    worse,
  };
}

interface Pair {
  id: string;
  before: StepRecord | undefined;
  after: StepRecord | undefined;
}

function changes<T>(pairs: readonly Pair[], of: (step: StepRecord) => T | undefined): Change<T>[] {
  return pairs.flatMap((pair) => {
    const before = pair.before && of(pair.before);
    const after = pair.after && of(pair.after);
    return before === after ? [] : [{ step: pair.id, before, after }];
  });
}

type OfRun = readonly [step: StepRecord | undefined, run: string];

function onlyIn(step: string, [here, run]: OfRun, [there, other]: OfRun) {
  const known = new Set(there?.findings.map((finding) => keyOf(finding, other)));
  return (here?.findings ?? [])
    .filter((finding) => !known.has(keyOf(finding, run)))
    .map((finding) => ({ step, finding }));
}

/** Names whose values differ, with both. */
function keyed<T>(before: Record<string, T>, after: Record<string, T>): [string, T | undefined, T | undefined][] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .toSorted()
    .filter((name) => before[name] !== after[name])
    .map((name) => [name, before[name], after[name]]);
}

function digestsOf(step: StepRecord | undefined): Record<string, string> {
  // In a merged run those of the shard that counts, by the names that they have in any run.
  const own = step?.shard === undefined ? '' : `shards/${step.shard}/`;
  const files = step ? picturesOf(step).filter((file) => file.path.startsWith(own)) : [];
  return Object.fromEntries(files.map((file) => [file.path.slice(own.length), file.sha256]));
}
