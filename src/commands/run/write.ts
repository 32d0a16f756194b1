import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RunRecord } from '../../core/record.ts';
import { canonicalJson } from '../../evidence/digest.ts';
import { writeAtomically } from '../../evidence/store.ts';
import { renderings } from '../render.ts';

/** Writes the record, then what is rendered from it, each whole or not at all. */
export async function writeReports(
  folder: string,
  record: RunRecord,
  options: { target: string; writeTo: string | undefined },
  checklistText: string,
): Promise<void> {
  const text = canonicalJson(RunRecord.parse(record), 1);
  writeAtomically(join(folder, 'checklist.yaml'), checklistText);
  writeAtomically(join(folder, 'record.json'), text);
  // Rendered from the text, as `verify report` will do, so that the same bytes come out again.
  const rendered = renderings(folder, JSON.parse(text) as RunRecord, text);
  for (const [name, body] of Object.entries(rendered)) writeAtomically(join(folder, name), body);
  if (options.writeTo !== undefined) {
    const path = join(options.target, options.writeTo);
    mkdirSync(dirname(path), { recursive: true });
    writeAtomically(path, rendered['FINAL_STATUS.md'] ?? '');
  }
}
