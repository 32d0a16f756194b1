import type { RunRecord } from '../../core/record.ts';
import type { ShownSignOff } from '../../core/sign-off.ts';
import { junit } from '../../reporters/junit.ts';
import { markdown } from '../../reporters/markdown.ts';

/** Names of the files that are rendered from a record. */
export const renderedNames: ReadonlySet<string> = new Set(['FINAL_STATUS.md', 'junit.xml']);

/**
 * The files that are rendered from a record and its sign-offs. The same input always gives the same bytes: the gate makes them
 * again and compares.
 */
export function render(
  record: RunRecord,
  recordSha256: string,
  signOffs: readonly ShownSignOff[],
): Map<string, string> {
  return new Map([
    ['FINAL_STATUS.md', markdown(record, recordSha256, signOffs)],
    ['junit.xml', junit(record)],
  ]);
}
