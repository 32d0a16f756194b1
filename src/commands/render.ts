import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunRecord } from '../core/record.ts';
import type { ShownSignOff } from '../core/sign-off.ts';
import { sha256 } from '../evidence/digest.ts';
import { ctrf } from '../reporters/ctrf.ts';
import { jobSummary } from '../reporters/job-summary.ts';
import { isPicture, type Picture } from '../reporters/html/gallery.ts';
import { htmlReport } from '../reporters/html/report.ts';
import { junit } from '../reporters/junit.ts';
import { markdown } from '../reporters/markdown.ts';
import { sarif } from '../reporters/sarif.ts';
import { shown } from '../signoff/decisions.ts';
import { SignOffStatement } from '../signoff/statement.ts';

/** A picture up to this size is put into the page, while all of them stay below the sum; others are linked beside it. */
const maxInline = 192 * 1024;
const maxInlineSum = 3 * 1024 * 1024;

export const formats = ['md', 'html', 'junit', 'ctrf', 'sarif', 'json', 'github'] as const;
export type Format = (typeof formats)[number];

/** Gives a file of the evidence, or undefined where it is missing. */
type ReadEvidence = (path: string) => Buffer | undefined;

export const fromFolder =
  (folder: string): ReadEvidence =>
  (path) => {
    const full = join(folder, path);
    return lstatSync(full, { throwIfNoEntry: false })?.isFile() ? readFileSync(full) : undefined;
  };

/** One rendering of a stored run, with its sign-offs. The same record, evidence and sign-offs always give the same bytes. */
export function render(format: Format, folder: string, record: RunRecord, recordText: string): string {
  const digest = sha256(recordText);
  switch (format) {
    case 'md':
      return markdown(record, digest, signOffsIn(folder));
    case 'html':
      return htmlReport(record, digest, picturesOf(record, fromFolder(folder)), signOffsIn(folder));
    case 'junit':
      return junit(record);
    case 'ctrf':
      return ctrf(record);
    case 'sarif':
      return sarif(record);
    case 'github':
      return jobSummary(record, digest);
    case 'json':
      return recordText;
  }
}

/** Names of the files that every run writes beside its record, rendered from it. */
export const renderedNames: ReadonlySet<string> = new Set(['FINAL_STATUS.md', 'FINAL_STATUS.html', 'junit.xml']);

/** The files of `renderedNames`. The gate makes them again and compares. */
export function renderings(
  record: RunRecord,
  recordSha256: string,
  signOffs: readonly ShownSignOff[],
  read: ReadEvidence,
): Map<string, string> {
  return new Map([
    ['FINAL_STATUS.md', markdown(record, recordSha256, signOffs)],
    ['FINAL_STATUS.html', htmlReport(record, recordSha256, picturesOf(record, read), signOffs)],
    ['junit.xml', junit(record)],
  ]);
}

/** The sign-offs beside a record, as they are written; whether their signatures hold is for the gate to say. */
export function signOffsIn(folder: string): ShownSignOff[] {
  const home = join(folder, 'signoffs');
  if (!existsSync(home)) return [];
  return readdirSync(home)
    .filter((name) => /^\d+-.*\.json$/.test(name))
    .toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
    .flatMap((name) => {
      const statement = SignOffStatement.safeParse(jsonOf(readFileSync(join(home, name), 'utf8')));
      return statement.success ? [shown({ said: statement.data.predicate })] : [];
    });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The pictures among the evidence. One that is missing or is not what the record names is said to be altered, and not shown. */
function picturesOf(record: RunRecord, read: ReadEvidence): Picture[] {
  let sum = 0;
  return record.steps
    .flatMap((step) => step.evidence)
    .filter((file) => isPicture(file.path))
    .map((file): Picture => {
      const data = read(file.path);
      if (data === undefined) return { path: file.path, altered: 'This file is missing.' };
      if (sha256(data) !== file.sha256)
        return { path: file.path, altered: 'This file is not the one that the run recorded.' };
      const small = data.length <= maxInline && sum + data.length <= maxInlineSum;
      if (small) sum += data.length;
      return {
        path: file.path,
        ...pngSize(data),
        ...(small && { inline: `data:${mime(file.path)};base64,${data.toString('base64')}` }),
      };
    });
}

const mime = (path: string): string =>
  /\.png$/i.test(path) ? 'image/png' : /\.webp$/i.test(path) ? 'image/webp' : 'image/jpeg';

/** Width and height from a PNG's first chunk (PNG specification, 11.2.2 IHDR). */
function pngSize(data: Buffer): { width: number; height: number } | undefined {
  if (data.length < 24 || data.toString('latin1', 1, 4) !== 'PNG' || data.toString('latin1', 12, 16) !== 'IHDR')
    return undefined;
  return { width: data.readUInt32BE(16), height: data.readUInt32BE(20) };
}
