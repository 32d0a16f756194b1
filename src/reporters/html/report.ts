import type { ShownSignOff } from '../../core/sign-off.ts';
import type { RunRecord } from '../../core/record.ts';
import { isOpen, verdictText } from '../../core/words.ts';
import { confirmationsSection, environmentSection, waiversSection } from './environment.ts';
import { findingsSection } from './findings.ts';
import { gallerySection, type Picture } from './gallery.ts';
import { itemsSection } from './items.ts';
import { lanesSection } from './lanes.ts';
import { markup, type Markup } from './markup.ts';
import { page } from './page.ts';
import { signoffSection } from './signoff.ts';
import { summarySection } from './summary.ts';
import { benchmarksSection, drillsSection, levelsSection, tablesSection } from './tables.ts';
import { timelineSection } from './timeline.ts';

type Section = [id: string, title: string, body: Markup | undefined];

/**
 * FINAL_STATUS.html: one file without script or request. The same record and pictures always give the same bytes.
 * @param recordSha256 of record.json, which a signature binds
 * @param signOffs in their order; they are no part of the record
 * @param notices what is to be said of the record itself, above all else
 */
export function htmlReport(
  record: RunRecord,
  recordSha256: string,
  pictures: readonly Picture[],
  signOffs: readonly ShownSignOff[] = [],
  notices: readonly string[] = [],
): string {
  const open = record.steps.flatMap((step) => step.findings).filter(isOpen).length;
  // What is wrong stands first; where nothing is, the items do.
  const heavy = record.steps.some((step) => step.findings.some((f) => f.waived === undefined && f.level !== 'note'));
  const findings: Section = ['findings', open > 0 ? `Findings (${open})` : 'Findings', findingsSection(record)];
  const sections: Section[] = [
    ...(heavy ? [findings] : []),
    ['items', `Items (${record.items.length})`, itemsSection(record)],
    ...(heavy ? [] : [findings]),
    ['timeline', 'Timeline', record.merged ? lanesSection(record) : timelineSection(record)],
    ['gallery', 'Pictures', gallerySection(record, pictures)],
    ['drills', 'Alert drills', drillsSection(record)],
    ['levels', 'Service levels', levelsSection(record)],
    ['benchmarks', 'Benchmarks', benchmarksSection(record)],
    ['tables', 'Tables', tablesSection(record)],
    ['waivers', 'Waivers', waiversSection(record)],
    ['confirmations', 'Confirmations', confirmationsSection(record)],
    ['signoff', 'Sign-off', signoffSection(record, recordSha256, signOffs)],
    ['environment', 'Environment', environmentSection(record)],
  ];
  const there = sections.filter(([, , body]) => body !== undefined);
  return page({
    title: `${verdictText(record)}: ${record.run.milestone}, ${record.run.title}`,
    linksPictures: pictures.some((picture) => picture.inline === undefined && picture.altered === undefined),
    body: markup`<div class="page"><nav aria-label="Sections"><ul>${there.map(([id, title]) => markup`<li><a href="#${id}">${title}</a></li>`)}</ul></nav><main id="main" tabindex="-1">${summarySection(record, signOffs, notices)} ${there.map(([, , body]) => body)}</main></div>`,
  });
}
