import type { styleText } from 'node:util';
import type { Finding } from '../core/finding.ts';
import type { StepRecord } from '../core/record.ts';
import { isOpen, outcomeMark, whereText } from '../core/words.ts';

type Paint = (style: Parameters<typeof styleText>[0], text: string) => string;

/** How many lines of what proves a finding stand below it. */
const maxLines = 10;

/**
 * A finding as a terminal or a log shows it: code and message, its place, what to do, and the last lines of the text that proves it.
 * @param folder the run's, where the whole of a program's output lies
 */
export function findingLines(finding: Finding, step: StepRecord, folder: string, paint: Paint): string[] {
  const error = finding.level === 'error';
  const warning = finding.level === 'warning';
  const where = whereText(finding);
  const place = where === '' || finding.message.includes(where) ? '' : paint('dim', ` (${where})`);
  const mark = error ? outcomeMark.failed : outcomeMark.error;
  const lines = [`${paint(error ? 'red' : 'yellow', `${mark} ${finding.code}`)} ${finding.message}${place}`];
  if (!isOpen(finding) || warning) return lines;
  if (finding.hint !== undefined) lines.push(paint('dim', `  → ${finding.hint}`));
  if (finding.detail !== undefined && finding.detail.trim() !== '')
    lines.push(...proofLines(finding.detail, step, folder, paint));
  return lines;
}

function proofLines(detail: string, step: StepRecord, folder: string, paint: Paint): string[] {
  const all = detail.split('\n').filter((line) => line.trim() !== '');
  const last = all.slice(-maxLines).map((line) => paint('dim', `  │ ${line.slice(0, 200)}`));
  const files = step.evidence.map((file) => file.path).filter((path) => /\.(?:stdout|stderr)$/.test(path));
  const whole =
    files.length === 0
      ? 'the rest is in the report'
      : `all of it: ${files.map((file) => `${folder}/${file}`).join(', ')}`;
  return all.length > maxLines || detail.startsWith('…') ? [...last, paint('dim', `  │ (${whole})`)] : last;
}
