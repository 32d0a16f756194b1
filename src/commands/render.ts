import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunRecord } from '../core/record.ts';
import { digestFile, sha256 } from '../evidence/digest.ts';
import { ctrf } from '../reporters/ctrf.ts';
import { jobSummary } from '../reporters/job-summary.ts';
import { isPicture, type Picture } from '../reporters/html/gallery.ts';
import { htmlReport } from '../reporters/html/report.ts';
import { junit } from '../reporters/junit.ts';
import { markdown } from '../reporters/markdown.ts';
import { sarif } from '../reporters/sarif.ts';

/** A picture up to this size is put into the page, while all of them stay below the sum; others are linked beside it. */
const maxInline = 192 * 1024;
const maxInlineSum = 3 * 1024 * 1024;

export const formats = ['md', 'html', 'junit', 'ctrf', 'sarif', 'json', 'github'] as const;
export type Format = (typeof formats)[number];

/** One rendering of a record. The same record and evidence always give the same bytes. */
export function render(format: Format, folder: string, record: RunRecord, recordText: string): string {
  switch (format) {
    case 'md':
      return markdown(record, sha256(recordText));
    case 'html':
      return htmlReport(record, sha256(recordText), picturesOf(folder, record));
    case 'junit':
      return junit(record);
    case 'ctrf':
      return ctrf(record);
    case 'sarif':
      return sarif(record);
    case 'github':
      return jobSummary(record, sha256(recordText));
    case 'json':
      return recordText;
  }
}

/** What every run writes beside its record: name → text. */
export function renderings(folder: string, record: RunRecord, recordText: string): Record<string, string> {
  return {
    'FINAL_STATUS.md': render('md', folder, record, recordText),
    'FINAL_STATUS.html': render('html', folder, record, recordText),
    'junit.xml': render('junit', folder, record, recordText),
  };
}

/** The pictures among the evidence. One that is missing or is not what the record names is said to be altered, and not shown. */
function picturesOf(folder: string, record: RunRecord): Picture[] {
  let sum = 0;
  return record.steps
    .flatMap((step) => step.evidence)
    .filter((file) => isPicture(file.path))
    .map((file): Picture => {
      const path = join(folder, file.path);
      try {
        if (digestFile(path).sha256 !== file.sha256)
          return { path: file.path, altered: 'This file is not the one that the run recorded.' };
      } catch {
        return { path: file.path, altered: 'This file is missing.' };
      }
      const data = readFileSync(path);
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
