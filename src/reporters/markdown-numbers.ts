import { keyNumbers } from '../core/numbers.ts';
import { sinceLines } from '../core/since.ts';
import type { RunRecord } from '../core/record.ts';
import { codeSpan, escapeText, table } from './markdown-text.ts';

/** The numbers that readers look for first. */
export function numbersSection(record: RunRecord): string[] {
  const found = keyNumbers(record);
  if (found.length === 0) return [];
  const row = ({ label, value, note }: (typeof found)[number]): string[] => [
    label,
    escapeText(note === undefined ? value : `${value}, ${note}`),
  ];
  return ['## The numbers', '', ...table(['', ''], found.map(row)), ''];
}

/** What has changed since the run that was approved last. */
export function sinceSection({ since }: RunRecord): string[] {
  if (since === undefined) return [];
  const lines = sinceLines(since);
  const at = since.commit === undefined ? '' : `, commit ${codeSpan(since.commit)}`;
  return [
    '## Since the last approved run',
    '',
    `${codeSpan(since.run)}, ${since.startedAt}${at}: ${since.verdict}`,
    '',
    ...(lines.length === 0
      ? ['Every step came out the same, with the same numbers.']
      : lines.map((line) => `- ${escapeText(line)}`)),
    '',
  ];
}
