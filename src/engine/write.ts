import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RunRecord } from '../core/record.ts';
import type { ShownSignOff } from '../core/sign-off.ts';
import { canonicalJson, sha256 } from '../evidence/digest.ts';
import { ioError, writeAtomically } from '../evidence/store.ts';
import { signAttestation, type MachineKey } from '../signoff/machine.ts';
import { attestation } from '../signoff/statement.ts';
import { fromFolder, renderings } from '../runs/render.ts';
import { mayWriteTo } from './write-to.ts';

/** Writes the record and its attestation, then what is rendered from them, each whole or not at all. */
export async function writeReports(
  folder: string,
  record: RunRecord,
  options: { target: string; writeTo: string | undefined },
  checklistText: string,
  machine: MachineKey | undefined,
): Promise<void> {
  const text = canonicalJson(RunRecord.parse(record), 1);
  // Rendered from what is on disk, with its order of keys, as gate and sign-off will do again.
  const checked = RunRecord.parse(JSON.parse(text));
  const digest = sha256(text);
  writeAtomically(join(folder, 'checklist.yaml'), checklistText);
  writeAtomically(join(folder, 'record.json'), text);
  const statement = attestation(checked, digest);
  writeAtomically(join(folder, 'attestation.json'), statement);
  for (const [name, signed] of machine ? signAttestation(statement, machine) : [])
    writeAtomically(join(folder, name), signed);
  writeRenderings(folder, checked, digest, [], options);
}

/** Writes what is rendered from the record and its sign-offs; FINAL_STATUS.md also to the target, where the run did. */
export function writeRenderings(
  folder: string,
  record: RunRecord,
  recordSha256: string,
  signOffs: readonly ShownSignOff[],
  options: { target: string; writeTo: string | undefined },
): void {
  let elsewhere = '';
  for (const [name, text] of renderings(record, recordSha256, signOffs, fromFolder(folder))) {
    writeAtomically(join(folder, name), text);
    if (options.writeTo !== undefined && name === 'FINAL_STATUS.md') elsewhere = text;
  }
  if (options.writeTo === undefined) return;
  // A step may have put something else there.
  mayWriteTo(options.target, options.writeTo);
  const path = join(options.target, options.writeTo);
  mkdirSync(dirname(path), { recursive: true });
  writeAtomically(path, elsewhere);
}

/** Makes `latest` a link to the run, at once. @throws UserError 73, 74 */
export function pointLatest(folder: string, runId: string): void {
  const link = join(folder, 'latest');
  const temporary = join(folder, `.latest-${process.pid}`);
  try {
    rmSync(temporary, { force: true });
    symlinkSync(runId, temporary);
    renameSync(temporary, link);
  } catch (cause) {
    throw ioError(cause, link);
  }
}
