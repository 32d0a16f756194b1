import type { MarkdownDocument } from '../markdown.ts';
import { headingsAbove, type SelfClaim } from '../surroundings.ts';

const dated = (words: string): RegExp =>
  new RegExp(String.raw`^\W*(?:${words})(?: (?:date|on|at))?\W{1,6}(\d{4}-\d{2}-\d{2})(?!\d)`, 'i');
const begun = dated('start(?:ed)?|begun|began|kick-?off');
const ended = dated('end(?:ed)?|complet(?:ed|ion)|finish(?:ed)?|closed|delivered|done');

/** "Started: 2026-03-10" and "Completed: 2026-03-01" below one heading. */
export function dates(document: MarkdownDocument): SelfClaim[] {
  const starts = new Map<string, string>();
  return document.prose.flatMap((raw, n): SelfClaim[] => {
    const line = raw.replace(/[*_`]/g, '');
    const headings = headingsAbove(document, n + 1);
    const start = begun.exec(line)?.[1];
    if (start !== undefined) starts.set(headings, start);
    const [text, end = ''] = ended.exec(line) ?? [];
    const from = starts.get(headings);
    if (text === undefined || from === undefined) return [];
    return [{ line: n + 1, text: text.trim(), holds: end >= from, seen: `it was started on ${from}` }];
  });
}
