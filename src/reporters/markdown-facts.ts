import type { RunRecord } from '../core/record.ts';
import { entries, withUnit } from '../core/words.ts';
import { codeSpan, table } from './markdown-text.ts';

/** What the steps measured, with units. */
export function factsSection(record: RunRecord): string[] {
  const rows = record.steps.flatMap((step) =>
    entries(step.facts).map(([name, value]) => [
      codeSpan(name),
      codeSpan(withUnit(step, name, value)),
      codeSpan(step.id),
    ]),
  );
  return rows.length === 0 ? [] : ['## Facts measured', '', ...table(['fact', 'value', 'step'], rows), ''];
}
