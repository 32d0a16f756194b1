import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { showDuration } from '../core/duration.ts';
import { keyNumbers } from '../core/numbers.ts';
import { picturesOf } from '../core/pictures.ts';
import type { SignOffSummary } from '../core/sign-off.ts';
import { toldOnce } from '../core/told-once.ts';
import { accepted } from '../core/waive.ts';
import {
  countLine,
  plural,
  countSteps,
  isOpen,
  itemOutcome,
  meaningOf,
  outcomeMark,
  reducedText,
  reusedText,
  verdictText,
  whereText,
} from '../core/words.ts';
import { neutral } from '../evidence/redact.ts';
import type { Examined } from '../signoff/gate.ts';
import type { painter } from '../ui/plain.ts';

const few = (lines: readonly string[], max: number): readonly string[] =>
  lines.length > max ? [...lines.slice(0, max), `… and ${lines.length - max} more, in the report`] : lines;

const oneLine = (text: string): string => neutral(text).replaceAll('\n', ' ');

/** Verdict, what was found and not run, fidelity, age, commit and tree, pictures to look at. */
export function signOffSummary(
  run: Examined,
  folder: string,
  about: { notices: readonly string[]; now: number },
): SignOffSummary {
  const { record } = run;
  const counts = countSteps(record);
  const { tree } = record;
  const way = (path: string): string => {
    const near = relative(process.cwd(), join(folder, path));
    return near.startsWith('..') ? join(folder, path) : near;
  };
  const open = record.steps
    .filter((step) => ['skipped', 'not-reviewed', 'timed-out', 'error'].includes(step.outcome))
    .map((step) => `${step.id} ${step.outcome}${step.reason === undefined ? '' : `: ${step.reason}`}`);
  const confirmed = record.steps.flatMap(({ id, confirmation: c }) =>
    c === undefined
      ? []
      : [`${id}: ${c.answer}, by ${c.by} (${c.role}) at ${c.at}${c.comment === '' ? '' : `: ${c.comment}`}`],
  );
  const standIns = record.steps
    .filter((step) => step.reduced !== undefined)
    .map((step) => `${step.id}: ${step.reduced}`);
  const reused = record.steps.flatMap((step) =>
    step.reusedFrom ? [`${step.id}, ${reusedText(step.reusedFrom)}`] : [],
  );
  const pictures = record.steps.flatMap(picturesOf).map((file) => file.path);
  const signed = run.signOffs.map(
    ({ said }) =>
      `${said.principal} (${said.role}) ${said.decision === 'approve' ? 'approved' : 'rejected'} at ${said.at}`,
  );
  const items = record.items.map((item) => {
    const outcome = itemOutcome(record, item);
    return `${outcomeMark[outcome]} ${item.title} (${item.impact}): ${outcome}`;
  });
  const numbers = keyNumbers(record)
    .map(({ label, value, note }) => `${label}: ${value}${note === undefined ? '' : ` (${note})`}`)
    .join('; ');
  const tags = tree.tags === undefined ? '' : `, tag ${tree.tags.map(neutral).join(', ')}`;
  const report =
    ['FINAL_STATUS.html', 'FINAL_STATUS.md'].find((name) => existsSync(join(folder, name))) ?? 'record.json';
  const state =
    tree.dirty.length === 0
      ? `clean, ${tree.files} files`
      : `NOT CLEAN, ${tree.dirty.length} ${tree.dirty.length === 1 ? 'path differs' : 'paths differ'}`;
  const block = (title: string, lines: readonly string[], max = 8): SignOffSummary['blocks'] =>
    lines.length === 0 ? [] : [{ title, lines: few(lines, max).map(oneLine) }];
  return {
    title: neutral(record.run.title),
    run: `${record.run.milestone}, run ${record.run.id}`,
    verdict: record.verdict,
    said: verdictText(record),
    meaning: `${meaningOf(record)} ${countLine(counts)}; ${plural(counts.proofs, 'assertion')} held.`,
    facts: [
      `commit ${tree.commit ?? 'none'}${tags}, tree ${state}; ${neutral(tree.repository ?? 'no remote')}`,
      `fidelity ${record.fidelity}${record.fidelity === 'reduced' ? ` (${reducedText(record) ?? ''})` : ''}; ended ${showDuration(about.now - Date.parse(record.run.endedAt))} ago; the command was: ${neutral(record.run.command.join(' '))}`,
      ...(numbers === '' ? [] : [numbers]),
    ],
    blocks: [
      ...block('Items', items, 30),
      ...block(
        'Failures that a waiver accepts',
        accepted(record.steps).map(({ step, what, why }) => `${step}: ${what}: ${why}`),
        20,
      ),
      ...block('Findings', findingLines(record)),
      ...block('Not run, not reviewed', open),
      ...block('Taken over from earlier runs', reused, 6),
      ...block('Stand-ins', standIns, 4),
      ...block('Confirmations, each with the name that was typed', confirmed, 5),
      ...block('To know', about.notices, 5),
      ...block('Pictures to look at', pictures.map(way), 8),
      ...block('Signed so far', signed, 5),
    ],
    report: way(report),
  };
}

/** A line for each finding that weighs, the worst first; what was accepted has a block of its own. */
function findingLines(record: Examined['record']): string[] {
  const rank = { error: 0, inconclusive: 1, warning: 2, note: 3 };
  return toldOnce(record.steps)
    .filter(({ finding }) => finding.waived === undefined && (isOpen(finding) || finding.level === 'warning'))
    .toSorted((a, b) => rank[a.finding.level] - rank[b.finding.level])
    .map(({ step, finding, also }) => {
      const where = whereText(finding);
      const text = finding.message.length > 160 ? `${finding.message.slice(0, 159)}…` : finding.message;
      return `${finding.level}: ${text} (${[step, ...also].map(({ id }) => id).join(', ')}${where === '' ? '' : `, ${where}`})`;
    });
}

/** The summary on one screen of a terminal. */
export function signOffScreen(summary: SignOffSummary, paint: ReturnType<typeof painter>): string {
  const style = summary.verdict === 'PASSED' ? 'green' : summary.verdict === 'FAILED' ? 'red' : 'yellow';
  return [
    `${paint('bold', summary.title)} (${summary.run})`,
    `${paint('bold', paint(style, summary.said))}  ${summary.meaning}`,
    ...summary.facts,
    ...summary.blocks.flatMap(({ title, lines }) => [paint('bold', title), ...lines.map((line) => `  ${line}`)]),
    `${paint('dim', 'report')}  ${summary.report}`,
    '',
  ].join('\n');
}
