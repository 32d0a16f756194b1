import { keyNumbers } from '../core/numbers.ts';
import type { RunRecord } from '../core/record.ts';
import { escapeText, table } from './markdown-text.ts';

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
