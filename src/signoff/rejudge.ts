import { filledPattern } from '../core/expressions.ts';
import { escapeRegex } from '../core/patterns.ts';
import type { Checklist } from '../core/checklist.ts';
import { exit } from '../core/errors.ts';
import type { RunRecord, StepRecord } from '../core/record.ts';
import { reducedWith } from '../core/stand-in.ts';
import type { Judgement, StepType } from '../core/step.ts';
import { fidelityOf, hiddenByRedaction, outcomeOf, verdictOf, withNothingAsserted } from '../core/verdict.ts';
import { unwaived, waive } from '../core/waive.ts';
import { isSame } from '../evidence/digest.ts';
import type { Bundle } from './bundle.ts';
import type { Reasons } from './reason.ts';

const again = 'run again; do not edit the record';

/** What a checklist demands of the record of its run. */
export interface Expected {
  checklist: Checklist;
  steps: readonly {
    spec: Checklist['items'][number]['steps'][number];
    item: string;
    with: unknown;
    params: unknown;
    type: StepType;
    standIn?: { with: unknown };
  }[];
}

/** Judges the stored observation of every step again, and holds outcome, findings, fidelity and verdict against the record. */
export async function rejudge(
  record: RunRecord,
  bundle: Bundle,
  loadKind: (kind: string) => Promise<StepType | undefined>,
  reasons: Reasons,
): Promise<void> {
  for (const step of record.steps) {
    const type = await loadKind(step.uses);
    if (!type) {
      reasons.add(exit.invalid, `step ${step.id} uses ${step.uses}, which this verify does not know`, again);
      continue;
    }
    const why = differs(record, step, type, bundle);
    if (why !== undefined) reasons.add(exit.tampered, `step ${step.id}: ${why}`, again);
  }
  const verdict = verdictOf(record);
  if (verdict !== record.verdict)
    reasons.add(exit.tampered, `the record says ${record.verdict}, its steps amount to ${verdict}`, again);
  if (fidelityOf(record.steps) !== record.fidelity)
    reasons.add(exit.tampered, `the record says fidelity ${record.fidelity}, its steps say otherwise`, again);
}

/** The observation of the last attempt: the one with the highest number. */
function lastObservation(step: StepRecord): string | undefined {
  const number = (path: string): number => Number(/observed(?:-(\d+))?\.json$/.exec(path)?.[1] ?? 1);
  return step.evidence
    .map((file) => file.path)
    .filter((path) => /\/observed(?:-\d+)?\.json$/.test(path))
    .toSorted((a, b) => number(b) - number(a))[0];
}

/** What the judgement of a step depends on besides its own record. */
export type Judging = Pick<RunRecord, 'waivers'> & {
  run: Pick<RunRecord['run'], 'startedAt'>;
  tree: Pick<RunRecord['tree'], 'commit'>;
};

/** In which way a step's stored observation, judged again, says something else than its record; undefined where it does not. */
export function differs(record: Judging, step: StepRecord, type: StepType, bundle: Bundle): string | undefined {
  if (step.outcome === 'skipped')
    return step.proofs.length > 0 || step.observed !== undefined
      ? 'it was skipped, and yet it proves something'
      : undefined;
  let judgement: Judgement;
  let weak: string | undefined;
  if (step.observed === undefined) {
    if (step.outcome === 'passed' || step.outcome === 'not-reviewed' || step.proofs.length > 0)
      return `it says ${step.outcome} without an observation`;
    judgement = { proofs: [], findings: unwaived(step.findings), facts: step.facts, tables: step.tables };
    if (step.units) judgement.units = step.units;
  } else {
    if (step.observed !== lastObservation(step)) return 'it is judged from an observation that is not its last';
    if (step.outcome === 'timed-out') return undefined;
    try {
      const params = type.params.parse(step.with);
      const observed: unknown = JSON.parse(bundle.get(step.observed)?.read().toString('utf8') ?? '');
      judgement = withNothingAsserted(type.judge(params, observed));
      if (step.hiddenByRedaction === true) judgement.findings.push(hiddenByRedaction);
      weak = type.weak?.(params, observed);
    } catch (error) {
      return `its observation cannot be judged (${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)})`;
    }
  }
  const { startedAt } = record.run;
  const findings = waive(step, judgement.findings, record.waivers, Date.parse(startedAt), record.tree.commit);
  const outcome = step.outcome === 'timed-out' ? 'timed-out' : outcomeOf({ ...judgement, findings }, step.strict);
  if (outcome !== step.outcome) return `the record says ${step.outcome}, its evidence amounts to ${outcome}`;
  const claims: [string, unknown, unknown][] = [
    ['findings', findings, step.findings],
    ['proofs', judgement.proofs, step.proofs],
    ['facts', judgement.facts, step.facts],
    ['units', judgement.units, step.units],
    ['tables', judgement.tables, step.tables],
    ['stand-in', reducedWith(judgement.reduced, step.standsIn), step.reduced],
    ['confirmation', judgement.confirmation, step.confirmation],
    ['remark on weak evidence', outcome === 'passed' ? weak : undefined, step.weak],
  ];
  const other = claims.find(([, now, then]) => !isSame(now, then));
  return other && `the ${other[0]} of the record are not those that its evidence gives`;
}

/** The record has the steps, parameters, waivers and policy of its checklist: none left out, none loosened. */
export function checkAgainstChecklist(record: RunRecord, { checklist, steps }: Expected, reasons: Reasons): void {
  const tampered = (text: string): void => reasons.add(exit.tampered, text, again);
  if (checklist.milestone !== record.run.milestone) tampered('the record is of another milestone than its checklist');
  if (!isSame(checklist.waivers, record.waivers)) tampered('the waivers of the record are not those of its checklist');
  if (!isSame(checklist.signoff, record.signoff))
    tampered('the sign-off policy of the record is not that of its checklist');
  if (!isSame([checklist.title, checklist.source], [record.run.title, record.run.source]))
    tampered('the title of the record is not that of its checklist');
  const items = checklist.items.map((item) => ({ ...item, steps: item.steps.map((step) => step.id) }));
  if (!isSame(items, record.items)) tampered('the items of the record are not those of its checklist');
  if (record.tree.unversioned && record.tree.unversioned.declared !== (checklist.tree === 'none'))
    tampered('the record does not say of git what its checklist says');
  const { vars, declared = {} } = record.run;
  const other = Object.keys(vars).find((name) => !matches(String(checklist.vars[name]), declared[name]));
  if (other !== undefined) tampered(`the record does not say what the checklist has for the variable ${other}`);
  const allowed = new Set([...checklist.outputs, ...(record.run.writeTo === undefined ? [] : [record.run.writeTo])]);
  const hidden = record.tree.outputs.find((path) => !allowed.has(path));
  if (hidden !== undefined) tampered(`the tree was digested without ${hidden}, which is not a declared output`);
  if (steps.length !== record.steps.length) {
    tampered(`the checklist has ${steps.length} steps, the record ${record.steps.length}`);
    return;
  }
  for (const [n, { spec, item, with: own, standIn }] of steps.entries()) {
    const step = record.steps[n];
    if (!step) continue;
    const { id, needs, locked, strict } = spec;
    // A step that says that it stood in for another ran as the checklist declares its stand-in.
    const stood = step.standsIn !== undefined && standIn !== undefined && step.standsIn.for === spec.uses;
    if (step.standsIn !== undefined && !stood)
      tampered(
        `step ${id} says that it stood in for ${step.standsIn.for}, and the checklist declares no such stand-in`,
      );
    const uses = stood ? (spec.standIn?.uses ?? spec.uses) : spec.uses;
    const parameters = stood ? standIn.with : own;
    const claimed = {
      id: step.id,
      item: step.item,
      uses: step.uses,
      needs: step.needs,
      locked: step.locked,
      strict: step.strict,
    };
    if (!isSame({ id, item, uses, needs, locked, strict }, claimed))
      tampered(`step ${id} is not in the record as the checklist has it`);
    else if (spec.title !== undefined && spec.title !== step.title)
      tampered(`step ${id} has another title than in the checklist`);
    else if (!spec.reuse && step.reusedFrom !== undefined)
      tampered(`step ${id} was taken over from another run, and the checklist says \`reuse: false\``);
    else if (!matches(parameters, step.with))
      tampered(`step ${id} ran with other parameters than the checklist gives it`);
  }
}

/** A pattern of these texts in this order, with anything between them. */
const literal = (parts: readonly string[]): string => parts.map(escapeRegex).join('[^]*');

/** Are these the parameters, apart from values that are put in while the run goes on and secrets that were taken out? */
function matches(expected: unknown, actual: unknown): boolean {
  if (typeof expected === 'string') {
    if (expected === actual) return true;
    if (/^\$\{\{[^{}]*\}\}$/.test(expected)) return actual === null || typeof actual !== 'object';
    if (typeof actual !== 'string') return false;
    const cleaned = new RegExp(`^${literal(actual.split('[redacted]'))}$`);
    return filledPattern(expected)?.test(actual) === true || (actual.includes('[redacted]') && cleaned.test(expected));
  }
  if (Array.isArray(expected))
    return (
      Array.isArray(actual) && actual.length === expected.length && expected.every((one, n) => matches(one, actual[n]))
    );
  if (expected !== null && typeof expected === 'object') {
    if (actual === null || typeof actual !== 'object' || Array.isArray(actual)) return false;
    const keys = Object.keys(expected).filter((key) => (expected as Record<string, unknown>)[key] !== undefined);
    const own = actual as Record<string, unknown>;
    return (
      keys.length === Object.keys(own).length &&
      keys.every((key) => Object.hasOwn(own, key) && matches((expected as Record<string, unknown>)[key], own[key]))
    );
  }
  return isSame(expected, actual);
}
