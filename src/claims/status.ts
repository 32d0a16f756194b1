import { posix } from 'node:path';
import { recompute, type Recomputed } from '../formats/bench/document.ts';
import { isHistory } from '../formats/documents/path-text.ts';
import { headingsAbove, isYetToCome, labelAbove } from '../formats/documents/surroundings.ts';
import { doubt, holds, remark, wrong, type Claim, type Reading } from './reading.ts';

/** The state of the whole, as a line of the document's head gives it; a phase or a part of it is another thing. */
const allDone =
  /^[^\p{L}]*(?:(?:milestone|overall|project|current|final)\s+)?(?:status|progress|completion)\b[^\p{L}\d]*(?:\p{L}+\s+)?(100\s?%(?:\s+(?:complete[d]?|done|finished))?|all (?:tasks|items|criteria|deliverables) (?:are )?(?:complete[d]?|done|met)|complete[d]?(?=\W*$)|done(?=\W*$)|production[- ]ready(?=\W*$))/iu;
const headLines = 30;
const later =
  /\b(?:optional|stretch|future|deferred|later|next|follow-?ups?|out of scope|post-|nice|kpis?|(?:success|business|launch) metrics|rankings?|template|example|checklist for|how to|release|backlog|ideas)\b/i;
/** Headings of what a reader does with it. */
const ofUsers =
  /\b(?:getting started|quick ?start|set-?up|deploy\w*|install\w*|configur\w*|prerequisites?|before you|usage|go[- ]live|production|kpis?)\b/i;
/** The label of a form for each change that is yet to come. */
const ofReviews = /\b(?:PR|pull[ -]request|merge[ -]request|code|review)\b.*\bcheck-?list\b/i;
/** Headings of work that has its time. */
const timed =
  /\bmetrics to (?:track|watch|monitor)\b|^\W*(?:pending|immediate\w*|(?:short|medium|long)[- ]term|(?:this|next) (?:week|month|sprint|quarter)|Q[1-4]|20\d\d)\b/i;

const ofWork =
  /\b(?:acceptance|criteria|definition of done|deliverables?|tasks?|requirements?|to-?dos?|goals?|objectives?|implementation|verif\w+|validation|gates?)\b/i;

/** Figures that do not show what the mark says. */
const unclearWords: Partial<Record<Recomputed['holds'], string>> = {
  estimated: 'it is only an estimate',
  relative: 'its figure is a ratio, and the target is not',
  'other-unit': 'its figure counts something else than the target',
};

/** What the document says of its own state, held against its own check boxes and tables of figures. */
export function statusClaims({ document, parsed }: Reading): Claim[] {
  const claims: Claim[] = [];
  // A list of what to set up, of which nothing was ever ticked, is for whoever comes after.
  const begun = new Set(parsed.boxes.filter((box) => box.ticked).map((box) => box.heading));
  const open = parsed.boxes.filter(
    (box) =>
      !box.ticked &&
      (begun.has(box.heading) || !ofUsers.test(box.heading)) &&
      !/[<>≥≤]\s?\d/.test(box.text) &&
      !later.test(box.text) &&
      !isYetToCome('', headingsAbove(parsed, box.line)) &&
      !later.test(box.heading) &&
      (begun.has(box.heading) || !ofReviews.test(labelAbove(parsed, box.line))) &&
      !headingsAbove(parsed, box.line)
        .split(' / ')
        .some((heading) => timed.test(heading)),
  );
  // Boxes of which none was ever ticked are a form, or a list of wishes; a guide and a specification are forms.
  const weighs =
    parsed.boxes.some((box) => box.ticked) ||
    (!/guide|spec|matrix|runbook|playbook|template|how-?to/i.test(posix.basename(document)) &&
      open.some((box) => ofWork.test(headingsAbove(parsed, box.line))));
  if (!isHistory(document) && weighs)
    for (const [n, line] of parsed.prose.entries()) {
      const match = allDone.exec(line.replace(/[*_`]/g, ''));
      if (!match || n >= headLines) continue;
      const [first] = open;
      claims.push({
        kind: 'value',
        line: n + 1,
        text: match[1] ?? '',
        ...(first
          ? doubt(
              `${open.length} of its ${parsed.boxes.length} boxes are open, the first at line ${first.line}: ${first.text.slice(0, 80)}`,
              'tick them, say that they are optional or deferred, or correct the sentence',
            )
          : holds(`none of its ${parsed.boxes.length} boxes is open`)),
      });
    }
  const tables = parsed.tables.map(({ header, rows }) => ({ heading: '', head: header, rows }));
  for (const row of recompute(tables)) {
    if (row.holds === 'some' || row.holds === 'absent') continue;
    const base = { kind: 'value' as const, line: row.line, text: `${row.name}: ${row.says}` };
    const hint = 'correct the mark or the figures, and see how it came to be';
    const unclear = unclearWords[row.holds];
    const agrees = (row.says === 'pass') === (row.holds === 'yes');
    if (unclear !== undefined) {
      // A figure that is only rounded, on the right side, is worth knowing, and no more.
      const say =
        row.holds === 'estimated' && !/\b(?:est|proj|deriv|expect|extrapol)/i.test(row.numbers) ? remark : doubt;
      claims.push({ ...base, ...say(`${unclear}: ${row.numbers}`, hint) });
    } else if (agrees) claims.push({ ...base, ...holds(row.numbers) });
    else {
      const say = row.says === 'pass' ? wrong : doubt;
      const why = row.holds === 'unmeasured' ? 'nothing was measured' : 'by its own numbers it is not';
      claims.push({ ...base, ...say(`${why}: ${row.numbers}`, hint) });
    }
  }
  return claims;
}
