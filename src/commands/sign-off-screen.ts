import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { showDuration } from '../core/duration.ts';
import { picturesOf } from '../core/pictures.ts';
import { countLine, countSteps, isOpen, reusedText, verdictMeaning, whereText } from '../core/words.ts';
import { neutral } from '../evidence/redact.ts';
import type { Examined } from '../signoff/gate.ts';
import type { painter } from '../ui/plain.ts';

const few = (lines: string[], max: number): string[] =>
  lines.length > max ? [...lines.slice(0, max), `… and ${lines.length - max} more, in the report`] : lines;

/** What is being signed, on one screen: verdict, what was found and not run, fidelity, age, commit and tree, pictures to look at. */
export function signOffScreen(
  run: Examined,
  folder: string,
  about: { notices: readonly string[]; now: number },
  paint: ReturnType<typeof painter>,
): string {
  const { record } = run;
  const counts = countSteps(record);
  const { tree } = record;
  const way = (path: string): string => {
    const near = relative(process.cwd(), join(folder, path));
    return near.startsWith('..') ? join(folder, path) : near;
  };
  const findings = record.steps.flatMap((step) =>
    step.findings
      .filter((finding) => isOpen(finding) || finding.level === 'warning' || finding.waived !== undefined)
      .map((finding) => ({ step, finding })),
  );
  const rank = (waived: boolean, level: string): number =>
    waived ? 3 : level === 'error' ? 0 : level === 'inconclusive' ? 1 : 2;
  const shownFindings = findings
    .toSorted(
      (a, b) =>
        rank(a.finding.waived !== undefined, a.finding.level) - rank(b.finding.waived !== undefined, b.finding.level),
    )
    .map(({ step, finding }) => {
      const kind = finding.waived === undefined ? finding.level : 'waived';
      const where = whereText(finding);
      const text = finding.message.length > 160 ? `${finding.message.slice(0, 159)}…` : finding.message;
      return `${kind}: ${text} (${step.id}${where === '' ? '' : `, ${where}`})${finding.waived === undefined ? '' : `; ${finding.waived}`}`;
    });
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
  const report =
    ['FINAL_STATUS.html', 'FINAL_STATUS.md'].find((name) => existsSync(join(folder, name))) ?? 'record.json';
  const block = (title: string, lines: string[], max = 8): string[] =>
    lines.length === 0
      ? []
      : [paint('bold', title), ...few(lines, max).map((line) => `  ${neutral(line).replaceAll('\n', ' ')}`)];
  const style = record.verdict === 'PASSED' ? 'green' : record.verdict === 'FAILED' ? 'red' : 'yellow';
  const state = tree.dirty.length === 0 ? `clean, ${tree.files} files` : `NOT CLEAN, ${tree.dirty.length} paths differ`;
  return [
    `${paint('bold', neutral(record.run.title))} (${record.run.milestone}, run ${record.run.id})`,
    `${paint('bold', paint(style, record.verdict))}  ${verdictMeaning[record.verdict]} ${countLine(counts)}, of ${counts.total} steps; ${counts.proofs} assertions held, ${counts.waivedFindings} findings waived.`,
    `commit ${tree.commit ?? 'none'}, tree ${state}; ${neutral(tree.repository ?? 'no remote')}`,
    `fidelity ${record.fidelity}; ended ${showDuration(about.now - Date.parse(record.run.endedAt))} ago; made by ${neutral(record.run.command.join(' '))}`,
    ...block('Findings', shownFindings),
    ...block('Not run, not reviewed', open),
    ...block('Taken over from earlier runs', reused, 6),
    ...block('Stand-ins', standIns, 4),
    ...block('Confirmations', confirmed, 5),
    ...block('To know', [...about.notices], 5),
    ...block('Pictures to look at', pictures.map(way), 8),
    ...block('Signed so far', signed, 5),
    `${paint('dim', 'report')}  ${way(report)}`,
    '',
  ].join('\n');
}
