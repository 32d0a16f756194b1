import { showDuration } from '../core/duration.ts';
import type { RunRecord, StepRecord } from '../core/record.ts';
import { toldOnce } from '../core/told-once.ts';
import type { ShownSignOff } from '../core/sign-off.ts';
import {
  aboveAll,
  countLine,
  plural,
  countSteps,
  dutyText,
  evidenceFolders,
  calledIn,
  isOpen,
  itemOutcome,
  outcomeMark,
  reusedByRun,
  reusedText,
  stepsOf,
  meaningOf,
  verdictText,
  whereText,
  reducedText,
  clip,
} from '../core/words.ts';
import { accepted } from '../core/waive.ts';
import { confirmationsSection, environmentSection } from './markdown-environment.ts';
import { factsSection } from './markdown-facts.ts';
import { numbersSection, sinceSection } from './markdown-numbers.ts';
import { codeSpan, escapeText, fence, table } from './markdown-text.ts';

/**
 * FINAL_STATUS.md: the verdict first, then what it rests on. The same record always gives the same bytes.
 * @param recordSha256 of record.json, which the signature binds
 * @param signOffs in their order; whether their signatures hold is for the gate to say
 */
export function markdown(record: RunRecord, recordSha256: string, signOffs: readonly ShownSignOff[] = []): string {
  const counts = countSteps(record);
  const out: string[] = [
    `# FINAL STATUS: ${escapeText(record.run.milestone)}, ${verdictText(record)}`,
    '',
    `**${escapeText(record.run.title)}**`,
    '',
    `> **${verdictText(record)}.** ${escapeText(meaningOf(record))} ${countLine(counts)}; ${plural(counts.proofs, 'assertion')} held.`,
    ...aboveAll(record).flatMap((text) => ['> ', `> **${escapeText(text)}**`]),
    ...(record.fidelity === 'reduced' ? ['> ', `> *Reduced fidelity*: ${escapeText(reducedText(record) ?? '')}.`] : []),
    '',
    ...table(
      ['', ''],
      [
        ['Milestone', escapeText(record.run.milestone)],
        ...(record.run.source === undefined ? [] : [['Makes true', codeSpan(record.run.source)]]),
        ['Commit', record.tree.commit === undefined ? 'none' : codeSpan(record.tree.commit)],
        ...(record.tree.tags === undefined ? [] : [['Tag', record.tree.tags.map(codeSpan).join(', ')]]),
        [
          'Tree',
          record.tree.dirty.length === 0
            ? `clean, ${record.tree.files} files`
            : `**not clean**: ${record.tree.dirty.length} ${record.tree.dirty.length === 1 ? 'path differs' : 'paths differ'} from the commit`,
        ],
        ...(ignoredInputs(record).length === 0
          ? []
          : [['Ignored inputs', `${ignoredInputs(record).map(codeSpan).join(', ')}: read, and in no commit`]]),
        ['Run', `${codeSpan(record.run.id)}, ${record.run.startedAt}, ${showDuration(record.run.durationMs)}`],
        ...(record.merged ? [['Shards', `${record.merged.shards.length} of ${record.merged.of}, merged`]] : []),
        ['Checklist', `${codeSpan(record.checklist.path)}, sha256 ${codeSpan(record.checklist.sha256.slice(0, 16))}…`],
        ['Made by', escapeText(`verify ${record.tool.version}, driver ${record.run.driver}`)],
      ],
    ),
    '',
    ...numbersSection(record),
    ...sinceSection(record),
    ...itemsSection(record),
    ...acceptedSection(record),
    ...findingsSection(record),
    ...notRunSection(record),
    ...reusedSection(record),
    ...provenSection(record),
    ...tablesSection(record),
    ...factsSection(record),
    ...waiversSection(record),
    ...environmentSection(record),
    ...confirmationsSection(record),
    ...signOffSection(record, signOffs),
    `Record: ${codeSpan('record.json')}, sha256 ${codeSpan(recordSha256)}. Evidence: ${record.manifest.length} files, each with its sha256 in the record.`,
    '',
  ];
  return out.join('\n');
}

function itemsSection(record: RunRecord): string[] {
  const rows = record.items.map((item) => {
    const steps = stepsOf(record, item);
    const outcome = itemOutcome(record, item);
    const proof = steps.flatMap((step) => step.proofs);
    const duration = steps.reduce((sum, step) => sum + step.durationMs, 0);
    const links = steps.flatMap((step) =>
      evidenceFolders(step).map((folder, n) => `[${step.id}${n > 0 ? ` ${n + 1}` : ''}](${folder})`),
    );
    return [
      `${outcomeMark[outcome]} ${outcome}`,
      escapeText(item.title),
      item.impact,
      showDuration(duration),
      proof.length === 0
        ? '–'
        : `${escapeText(clip(proof[0] ?? '', 100))}${proof.length > 1 ? ` and ${proof.length - 1} more` : ''}`,
      links.join(' ') || '–',
    ];
  });
  return ['## Items', '', ...table(['outcome', 'item', 'impact', 'time', 'proven', 'evidence'], rows), ''];
}

/** Failures that a waiver accepts: what was found, why it is accepted, by whom, until when. */
function acceptedSection(record: RunRecord): string[] {
  const found = accepted(record.steps);
  if (found.length === 0) return [];
  return [
    '## Accepted failures',
    '',
    ...table(
      ['step', 'found', 'waived'],
      found.map(({ step, what, why }) => [codeSpan(step), escapeText(clip(what, 300)), escapeText(why)]),
    ),
    '',
  ];
}

function findingsSection(record: RunRecord): string[] {
  const all = toldOnce(record.steps);
  const open = all.filter(({ finding }) => isOpen(finding));
  const warnings = all.filter(({ finding }) => finding.waived === undefined && finding.level === 'warning');
  if (open.length + warnings.length === 0)
    return ['## Findings', '', accepted(record.steps).length > 0 ? 'None besides the accepted failures.' : 'None.', ''];
  const out = ['## Findings', ''];
  for (const { step, finding, also } of [...open, ...warnings]) {
    const where = whereText(finding);
    out.push(
      `### ${finding.level === 'warning' ? 'Warning: ' : finding.level === 'inconclusive' ? 'Not provable: ' : ''}${escapeText(clip(finding.message, 200))}`,
      '',
    );
    out.push(
      `${codeSpan(finding.code)} in step ${codeSpan(step.id)} (${codeSpan(step.uses)})${where === '' ? '' : `, at ${codeSpan(where)}`}${also.length === 0 ? '' : `; also in ${also.map(({ id }) => codeSpan(id)).join(', ')}`}`,
      '',
    );
    if (finding.message.length > 200) out.push(escapeText(finding.message), '');
    if (finding.hint !== undefined) out.push(`**What to do:** ${escapeText(finding.hint)}`, '');
    if (finding.detail !== undefined && finding.detail.trim() !== '') out.push(...fence(finding.detail), '');
  }
  return out;
}

function notRunSection(record: RunRecord): string[] {
  const open = record.steps.filter((step) => ['skipped', 'not-reviewed', 'timed-out'].includes(step.outcome));
  const narrowed =
    record.run.narrowedBy.length > 0
      ? [`The run was narrowed by ${record.run.narrowedBy.map(codeSpan).join(', ')}: it cannot be signed.`, '']
      : [];
  if (open.length === 0 && narrowed.length === 0) return [];
  return [
    '## Not run, not reviewed',
    '',
    ...narrowed,
    ...table(
      ['step', 'outcome', 'why'],
      open.map((step) => [codeSpan(step.id), step.outcome, escapeText(step.reason ?? '')]),
    ),
    '',
  ];
}

function reusedSection({ steps }: RunRecord): string[] {
  const runs = reusedByRun(steps);
  if (runs.length === 0) return [];
  return [
    '## Taken over from earlier runs',
    '',
    'These steps did not run in this run: nothing they depend on has changed since. Their evidence was copied, hashed and judged again, and counts as old as its run.',
    '',
    ...table(
      ['run', 'began', 'steps'],
      runs.map(({ from, steps: ids }) => [
        codeSpan(from.run),
        escapeText(from.startedAt),
        ids.map(codeSpan).join(', '),
      ]),
    ),
    '',
  ];
}

function provenSection(record: RunRecord): string[] {
  const out = ['## What was proven', ''];
  for (const item of record.items) {
    out.push(`### ${escapeText(item.title)}`, '');
    if (item.ref !== undefined) out.push(`Claim: ${codeSpan(item.ref)}`, '');
    for (const step of stepsOf(record, item)) out.push(...stepLines(step));
    out.push('');
  }
  return out;
}

function stepLines(step: StepRecord): string[] {
  const notes = [
    step.reduced === undefined ? '' : ` *Reduced: ${escapeText(step.reduced)}.*`,
    step.weak === undefined ? '' : ` *Weak evidence: ${escapeText(step.weak)}.*`,
    step.attempts.length > 1
      ? ` *Attempt ${step.attempts.length}; before: ${step.attempts
          .slice(0, -1)
          .map((a) => a.outcome)
          .join(', ')}.*`
      : '',
    step.inShards !== undefined && step.inShards.length > 1
      ? ` *In ${step.inShards.length} shards: ${step.inShards.map((one) => `${one.outcome} in ${one.shard}`).join(', ')}.*`
      : '',
    step.reusedFrom === undefined ? '' : ` *Reused ${escapeText(reusedText(step.reusedFrom))}.*`,
  ].join('');
  const reason = step.reason !== undefined && step.outcome !== 'passed' ? `: ${escapeText(step.reason)}` : '';
  return [
    `- ${outcomeMark[step.outcome]} **${step.id}** ${codeSpan(step.uses)}, ${step.outcome} in ${showDuration(step.durationMs)}${reason}.${notes}`,
    ...step.proofs.slice(0, 50).map((proof) => `  - ${escapeText(proof)}`),
    ...(step.proofs.length > 50 ? [`  - … and ${step.proofs.length - 50} more, in the record`] : []),
  ];
}

function tablesSection(record: RunRecord): string[] {
  return record.steps.flatMap((step) =>
    step.tables.flatMap((t) => [
      `## ${escapeText(t.title)}`,
      '',
      `From step ${codeSpan(step.id)}.`,
      '',
      ...table(
        t.columns.map(escapeText),
        t.rows.map((cells) => cells.map(escapeText)),
      ),
      '',
    ]),
  );
}

function waiversSection(record: RunRecord): string[] {
  if (record.waivers.length === 0) return [];
  return [
    '## Waivers',
    '',
    ...table(
      ['step', 'finding', 'reason', 'owner', 'approved by', 'until'],
      record.waivers.map((w) => [
        codeSpan(w.step),
        w.finding === undefined ? 'any' : codeSpan(w.finding),
        escapeText(w.reason),
        escapeText(w.owner),
        escapeText(w.approver),
        w.expires,
      ]),
    ),
    '',
  ];
}

function signOffSection(record: RunRecord, signOffs: readonly ShownSignOff[]): string[] {
  const { milestone } = record.run;
  const rows = Object.entries(record.signoff.roles).flatMap(([role, needed]) => {
    const mine = signOffs.filter((one) => one.role === role);
    const blank = mine.length === 0 ? [[escapeText(role), String(needed), '', '', '', '']] : [];
    return [...mine.map((one) => signOffRow(one, needed)), ...blank];
  });
  const next = Object.entries(record.signoff.roles).find(
    ([role, needed]) => signOffs.filter((one) => one.role === role && one.decision === 'approve').length < needed,
  );
  return [
    '## Sign-off',
    '',
    ...(signOffs.length === 0 ? ['No one has signed this run.', ''] : []),
    ...(next === undefined
      ? []
      : ['The next to sign:', '', ...fence(`${calledIn(record)} sign-off ${milestone} --role ${next[0]}`), '']),
    ...table(['role', 'needed', 'signed by', 'decision', 'date', 'comment'], rows),
    '',
    ...(record.signoff.separationOfDuty ? [] : [`By the policy${dutyText(record.signoff).replace(/^; /, ', ')}.`, '']),
    ...(signOffs.length === 0
      ? []
      : [
          `Whether these signatures are valid is for ${codeSpan(`${calledIn(record)} gate ${milestone}`)} to say, not for this page.`,
          '',
        ]),
  ];
}

const signOffRow = (one: ShownSignOff, needed: number): string[] => [
  escapeText(one.role),
  String(needed),
  `${escapeText(one.principal)} ${codeSpan(one.fingerprint.slice(0, 23))}…`,
  `${one.decision === 'approve' ? 'approved' : '**rejected**'}${one.expires === undefined ? '' : ` until ${escapeText(one.expires)}`}`,
  escapeText(one.at),
  escapeText(one.comment),
];

/** Files that git ignores and that the run read. */
const ignoredInputs = ({ tree }: RunRecord): string[] =>
  (tree.ignored?.files ?? []).filter((file) => file.held).map((file) => file.path);
