import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RunRecord } from '../../core/record.ts';
import { canonicalJson, sha256 } from '../../evidence/digest.ts';
import { writeAtomically } from '../../evidence/store.ts';
import { junit } from '../../reporters/junit.ts';
import { markdown } from '../../reporters/markdown.ts';

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
  const status = markdown(record, sha256(text));
  writeAtomically(join(folder, 'FINAL_STATUS.md'), status);
  writeAtomically(join(folder, 'junit.xml'), junit(record));
  if (options.writeTo !== undefined) {
    const path = join(options.target, options.writeTo);
    mkdirSync(dirname(path), { recursive: true });
    writeAtomically(path, status);
  }
}
