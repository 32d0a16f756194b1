import { createHash } from 'node:crypto';
import type { RunRecord } from '../../src/core/record.ts';

/** One cause in one repository: the findings that say the same, from whatever step, are one row. */
export interface Row {
  /** Made of repository, code, file and wording without numbers, so that it outlives a shifted line. */
  id: string;
  repository: string;
  code: string;
  level: string;
  /** The step types that said it. */
  kinds: string[];
  places: string[];
  message: string;
}

/** A checkout that was run. */
export interface Run {
  repository: string;
  files: number;
  seconds: number;
  mib: number;
  /** Exit code, or `timed out`. */
  exit: string;
  rows: number;
}

const idOf = (parts: readonly string[]): string =>
  createHash('sha256').update(parts.join('\0').replace(/\d+/g, '0')).digest('hex').slice(0, 12);

/** The rows of one run's record. */
export function rowsOf(repository: string, record: RunRecord): Row[] {
  const rows = new Map<string, Row>();
  for (const step of record.steps)
    for (const { code, level, message, where } of step.findings) {
      const place = where === undefined ? '' : `${where.file}${where.line === undefined ? '' : `:${where.line}`}`;
      const id = idOf([repository, code, where?.file ?? '', message]);
      const known = rows.get(id);
      if (!known) rows.set(id, { id, repository, code, level, kinds: [step.uses], places: [place], message });
      else {
        if (!known.kinds.includes(step.uses)) known.kinds.push(step.uses);
        if (!known.places.includes(place)) known.places.push(place);
      }
    }
  return [...rows.values()];
}

const rowNames = ['id', 'repository', 'code', 'level', 'kinds', 'places', 'message'] as const;
const runNames = ['repository', 'files', 'seconds', 'mib', 'exit', 'rows'] as const;
const flat = (value: unknown): string => (Array.isArray(value) ? value.join(' ') : String(value)).replace(/\s+/g, ' ');

/** Tab-separated lines under a head. */
export const tsv = (names: readonly string[], lines: readonly object[]): string =>
  [names.join('\t'), ...lines.map((one) => names.map((name) => flat((one as never)[name])).join('\t')), ''].join('\n');
export const rowsText = (rows: readonly Row[]): string => tsv(rowNames, rows);
export const runsText = (runs: readonly Run[]): string => tsv(runNames, runs);

/** The lines of such a text, by the names of its head; comments (`# …`) and empty lines left out. */
export function readTsv(text: string): Record<string, string>[] {
  const [head = '', ...lines] = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const names = head.split('\t');
  return lines.map((line) => Object.fromEntries(line.split('\t').map((cell, n) => [names[n] ?? '', cell])));
}

export const readRows = (text: string): Row[] =>
  readTsv(text).map((one) => ({
    id: one['id'] ?? '',
    repository: one['repository'] ?? '',
    code: one['code'] ?? '',
    level: one['level'] ?? '',
    kinds: (one['kinds'] ?? '').split(' '),
    places: (one['places'] ?? '').split(' '),
    message: one['message'] ?? '',
  }));
