import { months } from '../data/months.ts';
import { isVersion, versionPattern } from './version.ts';

/** An entry of a changelog: a heading with a version, or the one of what is yet to come. */
export interface Entry {
  /** Undefined: what is not released. */
  version: string | undefined;
  /** As it stands, `YYYY-MM-DD` or whatever is written in its place. */
  date: string | undefined;
  line: number;
  /** Lines of text below it that say something: no blank ones, no headings. */
  lines: number;
  /** Its heading says that it is yet to be released. */
  coming?: true;
}

/** Is a file of this name, in the root, a changelog? */
export const isChangelog = (name: string): boolean =>
  /^(?:changelog|changes|history|news|releases)\.(?:md|markdown|rst|txt)$/i.test(name);

const iso = /\b(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\b/;
const named = new RegExp(
  String.raw`\b(?:(\d{1,2})(?:st|nd|rd|th)?\.?\s+([A-Za-z]{3,9})\.?,?\s+(\d{4})|([A-Za-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4}))\b`,
);
const two = (text: string | number): string => String(text).padStart(2, '0');

/** The day in a heading, as `YYYY-MM-DD`; undefined where there is none, or none that the calendar has. */
function dayIn(text: string): string | undefined {
  const [, year, month, day] = iso.exec(text) ?? [];
  const [, d1, m1, y1, m2, d2, y2] = named.exec(text) ?? [];
  const name = (m1 ?? m2 ?? '').toLowerCase();
  const n = name.length >= 3 ? months.findIndex((one) => one.startsWith(name.slice(0, 3))) + 1 : 0;
  const found =
    year !== undefined
      ? `${year}-${two(month ?? '')}-${two(day ?? '')}`
      : n > 0
        ? `${y1 ?? y2}-${two(n)}-${two(d1 ?? d2 ?? '')}`
        : undefined;
  if (found === undefined) return undefined;
  const at = new Date(`${found}T00:00:00Z`);
  return Number.isNaN(at.getTime()) || at.toISOString().slice(0, 10) !== found ? undefined : found;
}

// `## [1.4.0] - 2024-05-01`, `## [1.4.0](https://…) (2024-05-01)`, `# v1.4.0 / May 1, 2024`, `## app 1.4.0`, `# Release app 1.4.0`, `## Version 1.4.0`
const heading = new RegExp(
  String.raw`^(?:release )?(?:[\w@/.-]+[ @])?(?:version |release )?\[?v?(${versionPattern})\]?(?![\w.])(.*)$`,
  'i',
);
const unreleased = /^\[?(?:unreleased|next|upcoming|head|main|master|development|todo)\b/i;

/** Before the first entry: newer versions are told of elsewhere. */
const movedTo =
  /(?:\bno longer\b|\bmov(?:ed|ing)\b|\bnow on\b|\bfrom v?\d|\bsince v?\d|\bstarting (?:with|from)\b|\bnewer\b|\blater\b|\bafter v?\d|\bgoing forward\b|\bsee\b).*\breleases\b|\breleases\b.*(?:\binstead\b|\bfrom now\b|\bgoing forward\b)/i;

/** Reads the entries of a changelog: Markdown with `#` or underlined headings, reStructuredText with underlined ones; none where it says that versions are told of elsewhere now. */
export function readChangelog(text: string): Entry[] {
  // What stands in a comment is not shown.
  const lines = text.replace(/<!--[\s\S]*?-->/g, (comment) => comment.replace(/[^\n]/g, '')).split(/\r?\n/);
  const entries: Entry[] = [];
  let fenced = false;
  for (const [n, raw] of lines.entries()) {
    if (entries.length === 0 && movedTo.test(raw)) return [];
    if (/^\s*(?:```|~~~)/.test(raw)) fenced = !fenced;
    if (fenced) continue;
    const hash = /^ {0,3}#{1,4}\s+(.+?)\s*#*\s*$/.exec(raw)?.[1];
    const underlined =
      /^\s*(?:=+|-{3,}|~{3,}|\^{3,})\s*$/.test(lines[n + 1] ?? '') && raw.trim() !== '' ? raw.trim() : undefined;
    const title = (hash ?? underlined)?.replace(/[*_`]/g, '');
    const last = entries.at(-1);
    if (title === undefined) {
      if (last && raw.trim() !== '' && !/^[\s=~^-]+$/.test(raw)) last.lines++;
      continue;
    }
    const [, version, rest = ''] = heading.exec(title) ?? [];
    const line = n + 1;
    if (version !== undefined && isVersion(version) && !iso.test(version))
      entries.push({
        version,
        date: dayIn(rest.replace(/\]\([^)]*\)|^\([^)]*:\/\/[^)]*\)/, '')),
        line,
        lines: 0,
        ...(/\b(?:unreleased|not (?:yet )?released|tbd|tba|in progress|in development)\b/i.test(rest) && {
          coming: true as const,
        }),
      });
    else if (unreleased.test(title)) entries.push({ version: undefined, date: undefined, line, lines: 0 });
  }
  return entries;
}
