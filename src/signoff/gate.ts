import type { SignoffPolicy } from '../core/checklist.ts';
import { exit } from '../core/errors.ts';
import type { RunRecord } from '../core/record.ts';
import type { ShownSignOff } from '../core/sign-off.ts';
import { belowFidelity, exitCodeOf, outcomeOf } from '../core/verdict.ts';
import { shardDifferences } from '../core/merge.ts';
import { setByHand, setByHandText } from '../core/set-by-hand.ts';
import { nearEnough, unwaived, waive, waiverNotices } from '../core/waive.ts';
import { few, fidelityAsked, reducedText, reusedByRun, reusedText } from '../core/words.ts';
import { sha256 } from '../evidence/digest.ts';
import type { Bundle } from './bundle.ts';
import { aloneNotice } from './alone.ts';
import {
  checkThresholds,
  countApprovals,
  readSignOffs,
  shown,
  skewMs,
  type Electorate,
  type SignOff,
} from './decisions.ts';
import { checkFreshness, otherRuns, type RepositoryFacts } from './freshness.ts';
import { openBundle, type Opened } from './integrity.ts';
import { checkMachine, machineNamespace, machineSignature } from './machine.ts';
import type { Reasons } from './reason.ts';
import type { SshKey } from './sshsig.ts';
import { judgeRecord, type JudgeTools } from './shards.ts';
import { fairly, gateWith } from './versions.ts';
import { readRevoked, readSigners, readSignersIn } from './signers.ts';

/** What the gate needs from the rest of verify, so that it stays free of doors to the world. */
export interface GateTools extends JudgeTools {
  /** The files that are rendered from a record. */
  render: (
    record: RunRecord,
    recordSha256: string,
    signOffs: readonly ShownSignOff[],
    bundle: Bundle,
  ) => Map<string, string>;
  /** Names of all files that `render` makes. */
  renderings: ReadonlySet<string>;
}

/** A run whose bytes belong together and whose verdict follows from its evidence. */
export interface Examined extends Opened {
  /** The machine's key, where the attestation is signed. */
  machine: SshKey | undefined;
  signOffs: SignOff[];
}

/** The first half: what the folder alone can tell. @returns no run where it cannot be gone by */
export async function examine(bundle: Bundle, tools: GateTools, reasons: Reasons): Promise<Examined | undefined> {
  const opened = await openBundle(bundle, tools.renderings, tools.version, reasons);
  if (!opened) return undefined;
  const { record } = opened;
  const signOffs = readSignOffs(bundle, opened, reasons);
  const versions = { own: tools.version, made: record.tool.version, milestone: record.run.milestone };
  if (!reasons.has(exit.tampered, exit.invalid)) {
    const by = signOffs.at(-1)?.said.rendered;
    // Where another version wrote the reports last, what they must be is in the last sign-off, below its signature.
    const said = by !== undefined && by.version !== tools.version ? by.files : undefined;
    const unsigned = signOffs.length === 0 && record.tool.version !== tools.version;
    if (!unsigned)
      await fairly(said ? { ...versions, made: tools.version } : versions, reasons, (own) =>
        checkRenderings(bundle, tools, said ?? renderedNow(opened, signOffs, bundle, tools), own),
      );
  }
  await fairly(versions, reasons, (own) => judgeRecord(record, bundle, tools, own));
  return { ...opened, signOffs, machine: machineSignature(bundle, reasons) };
}

/** sha256 of each rendering as this version makes it. */
function renderedNow(
  { record, recordSha256 }: Opened,
  signOffs: readonly SignOff[],
  bundle: Bundle,
  tools: GateTools,
): Record<string, string> {
  const rendered = tools.render(record, recordSha256, signOffs.map(shown), bundle);
  return Object.fromEntries([...rendered].map(([name, text]) => [name, sha256(text)]));
}

function checkRenderings(
  bundle: Bundle,
  { renderings }: GateTools,
  expected: Readonly<Record<string, string>>,
  reasons: Reasons,
): void {
  for (const name of renderings) {
    const file = bundle.get(name);
    if (file?.sha256 !== expected[name])
      reasons.add(
        exit.tampered,
        `${name} ${file === undefined ? 'was removed' : 'is not what the record and its sign-offs say'}`,
        'restore it as the run or the last sign-off left it',
      );
  }
}

/** What the policy's own files say. */
export interface PolicyFiles {
  policy: SignoffPolicy;
  signers: { path: string; text: string | undefined };
  revoked?: { path: string; data: Buffer | undefined } | undefined;
}

/** The verdict, what was narrowed or interrupted, waivers and confirmations that have ended since, fidelity, reused steps. */
export function checkVerdict(record: RunRecord, policy: SignoffPolicy, now: number, reasons: Reasons): void {
  const { run, tree, verdict, steps } = record;
  const again = `verify ${run.milestone}`;
  if (verdict !== 'PASSED') {
    const open = steps
      .filter((step) => step.outcome !== 'passed' && step.outcome !== 'waived')
      .map((step) => `${step.id} ${step.outcome}`);
    const why = [
      ...(tree.unversioned === undefined ? [] : [`git could not say what was verified: ${tree.unversioned.why}`]),
      ...(tree.changed.length > 0 ? [`the tree changed during the run: ${tree.changed.slice(0, 3).join(', ')}`] : []),
      ...(run.narrowedBy.length > 0 ? [`it was narrowed by ${run.narrowedBy.join(' ')}`] : []),
      ...(run.interrupted === undefined ? [] : [`it was interrupted (${run.interrupted})`]),
      ...(run.bug === undefined ? [] : ['verify itself failed']),
      ...(open.length > 0 ? [few(open)] : []),
    ];
    reasons.add(exitCodeOf(verdict), `the run is ${verdict}: ${why.join('; ')}`, `see FINAL_STATUS.md; then ${again}`);
  }
  checkWaivers(record, policy, now, reasons);
  for (const { id, findings } of steps)
    for (const { message, until, waived } of findings)
      if (until !== undefined && waived === undefined && Date.parse(`${until}T23:59:59.999Z`) < now)
        reasons.add(exit.failed, `what ${id} accepted has ended: ${message}`, `repair it; then ${again}`);
  for (const { id, confirmation } of steps)
    if (confirmation?.expires !== undefined && Date.parse(confirmation.expires) < now)
      reasons.add(
        exit.incomplete,
        `the confirmation of ${id} by ${confirmation.by} held until ${confirmation.expires}`,
        `ask again: ${again}`,
      );
  const standIns = belowFidelity(steps, policy.fidelity).map((step) => step.id);
  if (standIns.length > 0)
    reasons.add(
      exit.incomplete,
      `stand-ins were exercised in place of the real thing (${standIns.slice(0, 5).join(', ')}), and the policy demands ${fidelityAsked(policy.fidelity)}`,
      'run where the real thing is, or set `signoff.fidelity` in the checklist: `reduced`, or the items that must be full',
    );
  const unknown = Array.isArray(policy.fidelity)
    ? policy.fidelity.filter((id) => !record.items.some((item) => item.id === id))
    : [];
  if (unknown.length > 0)
    reasons.add(
      exit.incomplete,
      `the policy demands full fidelity of ${unknown.join(', ')}, and the run has no such item`,
      'correct `signoff.fidelity` in the checklist',
    );
  const reused = steps.filter((step) => step.reusedFrom !== undefined).map((step) => step.id);
  if (!policy.resume && reused.length > 0)
    reasons.add(
      exit.stale,
      `steps were taken over from an earlier run (${reused.slice(0, 5).join(', ')}), which the policy does not allow`,
      `${again}, without --resume`,
    );
}

/** Waivers that have ended since the run, and those that end later than the policy accepts. */
function checkWaivers(
  { run, tree, steps, waivers }: RunRecord,
  policy: SignoffPolicy,
  now: number,
  reasons: Reasons,
): void {
  const again = `verify ${run.milestone}`;
  for (const step of steps) {
    if (step.outcome !== 'waived' && step.outcome !== 'passed' && step.outcome !== 'not-reviewed') continue;
    const findings = waive(step, unwaived(step.findings), waivers, now, tree.commit);
    if (
      step.findings.some((finding, n) => finding.waived !== findings[n]?.waived) &&
      outcomeOf({ ...step, findings }, step.strict) !== step.outcome
    )
      reasons.add(
        exit.failed,
        `the waiver for ${step.id} has ended, so that what it accepted counts again`,
        `repair it, or have the waiver renewed in the checklist; then ${again}`,
      );
  }
  const near = nearEnough(waivers, Date.parse(run.startedAt), policy.waivers);
  for (const step of near.length < waivers.length ? steps : []) {
    const [all, held] = [waivers, near].map((some) => waive(step, unwaived(step.findings), some, now, tree.commit));
    if (
      outcomeOf({ ...step, findings: held ?? [] }, step.strict) ===
      outcomeOf({ ...step, findings: all ?? [] }, step.strict)
    )
      continue;
    reasons.add(
      exit.failed,
      `the waiver for ${step.id} ends more than ${policy.waivers} after the run, and the policy accepts none that does`,
      `let it end earlier, or set \`signoff.waivers\` in the checklist; then ${again}`,
    );
  }
}

/** A value given with the command may loosen what the checklist asserts: the policy says which may be signed. */
function checkSetByHand(record: RunRecord, policy: SignoffPolicy, reasons: Reasons): void {
  const all = setByHand(record.run);
  const others = policy.vars === 'any' ? [] : policy.vars === 'addresses' ? all.filter((one) => !one.address) : all;
  for (const one of others)
    reasons.add(
      exit.incomplete,
      `${setByHandText(one)}, and the policy takes ${policy.vars === 'addresses' ? 'addresses only' : 'none'} (signoff.vars)`,
      `run without --var ${one.name}, or write the value into the checklist`,
    );
}

/** Who may sign: reads the policy's files. */
export function electorateOf(
  files: PolicyFiles,
  identities: ReadonlySet<string>,
  now: number,
  reasons: Reasons,
): Electorate | undefined {
  const { policy } = files;
  const signers = readSigners(files.signers.text, files.signers.path, reasons);
  const revoked = files.revoked ? readRevoked(files.revoked.data, files.revoked.path, reasons) : () => false;
  return signers && { policy, signers, revoked, identities, now };
}

/** A run, and all that it is held against. */
export interface Gated {
  run: Examined;
  bundle: Bundle;
  milestone: string;
  facts: RepositoryFacts;
  files: PolicyFiles;
  tools: GateTools;
  /** Milliseconds since the epoch. */
  now: number;
}

/** Is this about what is at hand, and may it be signed or gone by? */
export function checkRun({ run, bundle, milestone, facts, files, tools, now }: Gated, reasons: Reasons): void {
  const { record } = run;
  const { policy } = files;
  checkVerdict(record, policy, now, reasons);
  checkSetByHand(record, policy, reasons);
  checkFreshness(record, milestone, facts, policy, now, reasons);
  if (facts.written !== undefined) {
    const states = run.signOffs.map((_, n) => run.signOffs.slice(0, n)).concat([run.signOffs]);
    const digest = sha256(facts.written);
    const known =
      run.signOffs.some(({ said }) => said.rendered?.files['FINAL_STATUS.md'] === digest) ||
      states.some(
        (some) =>
          tools.render(record, run.recordSha256, some.map(shown), bundle).get('FINAL_STATUS.md') === facts.written,
      );
    if (!known && record.tool.version !== tools.version)
      reasons.add(
        exit.stale,
        `${record.run.writeTo} is as no sign-off says, and verify ${tools.version} cannot tell whether verify ${record.tool.version} wrote it`,
        gateWith(record.tool.version, milestone),
      );
    else if (!known)
      reasons.add(
        exit.tampered,
        `${record.run.writeTo} is not what the record and its sign-offs say`,
        'copy FINAL_STATUS.md from the run’s folder over it',
      );
  }
}

/** The second half: may the milestone be passed? */
export function judgeGate(gated: Gated, reasons: Reasons): { counted: SignOff[]; notices: string[] } {
  const { milestone, facts, files, now } = gated;
  const { record, signOffs, machine } = gated.run;
  checkRun(gated, reasons);
  const electorate = electorateOf(files, facts.identities, now, reasons);
  let counted: SignOff[] = [];
  if (electorate) {
    checkThresholds(electorate, reasons);
    counted = countApprovals(milestone, signOffs, electorate, reasons);
  }
  for (const { said, file } of signOffs)
    if (Date.parse(said.at) + skewMs < Date.parse(record.run.endedAt))
      reasons.add(exit.stale, `${file} was signed before the run ended`, 'have it signed again');
  const machines = readSignersIn(machineNamespace, files.signers.text);
  const revoked = electorate?.revoked ?? (() => false);
  const unknown = checkMachine(machine, machines, revoked, files.policy, now, reasons);
  const alone = electorate ? aloneNotice(counted, electorate) : [];
  return {
    counted,
    notices: [...alone, ...noticesOf(record, now, files.policy.waivers), ...otherRuns(record, facts), ...unknown],
  };
}

/** What does not keep the gate shut, and yet should be known. */
export function noticesOf(record: RunRecord, now: number, longest: string): string[] {
  const weak = record.steps.filter((step) => step.weak !== undefined).map((step) => step.id);
  return [
    ...waiverNotices(record.waivers, now, longest),
    ...record.steps.flatMap(({ id, findings }) =>
      findings.flatMap(({ message, until }) => (until === undefined ? [] : [`${id}: ${message}`])),
    ),
    ...setByHand(record.run).map(setByHandText),
    ...(record.tree.cameAndWent
      ? [`files came and went in the tree during the run: ${record.tree.cameAndWent.slice(0, 5).join(', ')}`]
      : []),
    ...(weak.length > 0 ? [`weak evidence: ${weak.join(', ')}`] : []),
    ...reusedNotice(record),
    ...(record.fidelity === 'reduced' ? [`reduced fidelity: ${reducedText(record) ?? ''}`] : []),
    ...shardDifferences(record),
  ];
}

/** Which steps did not run in this run, and how old the oldest of them is. */
function reusedNotice({ steps }: RunRecord): string[] {
  const runs = reusedByRun(steps);
  const count = runs.reduce((sum, run) => sum + run.steps.length, 0);
  return runs[0] === undefined
    ? []
    : [`${count} of ${steps.length} steps were taken over from earlier runs, the oldest ${reusedText(runs[0].from)}`];
}
