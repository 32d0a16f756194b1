import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { maxInline, picturesOf } from '../core/pictures.ts';
import { completed } from '../core/old-record.ts';
import type { RunRecord } from '../core/record.ts';
import type { ShownSignOff } from '../core/sign-off.ts';
import { sha256 } from '../evidence/digest.ts';
import { pngSize } from '../evidence/png.ts';
import { ctrf } from '../reporters/ctrf.ts';
import { jobSummary } from '../reporters/job-summary.ts';
import { isPicture, type Picture } from '../reporters/html/gallery.ts';
import { htmlReport } from '../reporters/html/report.ts';
import { junit } from '../reporters/junit.ts';
import { markdown } from '../reporters/markdown.ts';
import { sarif } from '../reporters/sarif.ts';
import { version } from '../version.ts';
import { signOffsIn } from './sign-offs-in.ts';

/** Bytes of all pictures that are put into a page; others are linked beside it. */
const maxInlineSum = 6 * 1024 * 1024;

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
      return htmlReport(
        record,
        digest,
        readPictures(record, fromFolder(folder)),
        signOffsIn(folder),
        noticesOf(recordText),
      );
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

/** What is to be said of a record that another version has written; nothing of one of this version. */
function noticesOf(recordText: string): string[] {
  const value: unknown = JSON.parse(recordText);
  const by = (value as { tool?: { version?: unknown } }).tool?.version;
  const { unknown } = completed(value);
  if (by === version && unknown.length === 0) return [];
  const who = by === version ? `an earlier state of verify ${version}` : `verify ${String(by)}`;
  return [
    `This record was written by ${who}, and is rendered here by verify ${version}. The gate takes it only with the version that wrote it.`,
    ...(unknown.length > 0 ? [`It does not say ${unknown.join(', nor ')}.`] : []),
  ];
}

/** Is it a record of this very version, so that its renderings are those that the run wrote? */
export const isOwn = (recordText: string): boolean => noticesOf(recordText).length === 0;

/** Names of the files that every run writes beside its record, rendered from it. */
export const renderedNames: ReadonlySet<string> = new Set(['FINAL_STATUS.md', 'FINAL_STATUS.html', 'junit.xml']);

/**
 * The files of `renderedNames`, each made when it is asked for: of a large run they need not be in memory together. The gate makes
 * them again and compares.
 */
export function* renderings(
  record: RunRecord,
  recordSha256: string,
  signOffs: readonly ShownSignOff[],
  read: ReadEvidence,
): Generator<[name: string, text: string], void, undefined> {
  yield ['FINAL_STATUS.md', markdown(record, recordSha256, signOffs)];
  yield ['FINAL_STATUS.html', htmlReport(record, recordSha256, readPictures(record, read), signOffs)];
  yield ['junit.xml', junit(record)];
}

/**
 * The pictures among the evidence: first those that steps made, then those that stand beside them. One that is missing or is not
 * what the record names is said to be altered, and not shown. Where a picture is too large, its smaller copy goes into the page.
 */
function readPictures(record: RunRecord, read: ReadEvidence): Picture[] {
  const files = new Map(record.steps.flatMap((step) => step.evidence.map((file) => [file.path, file])));
  const smaller = new Map<string, string>();
  const beside: string[] = [];
  for (const { path, small, before } of record.steps.flatMap((step) => step.pictures ?? [])) {
    if (small !== undefined) smaller.set(path, small);
    if (before?.path !== undefined && before.small !== undefined) smaller.set(before.path, before.small);
    beside.push(...[before?.path, before?.difference].filter((one) => one !== undefined));
  }
  let sum = 0;
  /** What the record names, or why it is not that. */
  const whole = (path: string): Buffer | string => {
    const data = isPicture(path) && files.has(path) ? read(path) : undefined;
    if (data === undefined) return 'This file is missing.';
    return sha256(data) === files.get(path)?.sha256 ? data : 'This file is not the one that the run recorded.';
  };
  const inside = (path: string, data: Buffer | string): string | undefined => {
    if (typeof data === 'string' || data.length > maxInline || sum + data.length > maxInlineSum) return undefined;
    sum += data.length;
    return `data:${mime(path)};base64,${data.toString('base64')}`;
  };
  return [...record.steps.flatMap(picturesOf).map((file) => file.path), ...beside].flatMap((path): Picture[] => {
    if (!isPicture(path)) return [];
    const data = whole(path);
    if (typeof data === 'string') return [{ path, altered: data }];
    const small = smaller.get(path);
    const inline = inside(path, data) ?? (small === undefined ? undefined : inside(small, whole(small)));
    return [{ path, ...pngSize(data), ...(inline !== undefined && { inline }) }];
  });
}

const mime = (path: string): string =>
  /\.png$/i.test(path) ? 'image/png' : /\.webp$/i.test(path) ? 'image/webp' : 'image/jpeg';
