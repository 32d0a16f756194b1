import { recompute } from '../formats/bench-document.ts';
import type { MarkdownDocument } from '../formats/markdown.ts';
import { isHistory } from '../formats/path-text.ts';
import { doubt, holds, wrong, type Claim } from './claim.ts';

const allDone =
  /\b100\s?%\s+(?:complete[d]?|done|finished|implemented)\b|\ball (?:tasks|items|steps|checks|deliverables|criteria)(?: (?:are|have been|were))? (?:complete[d]?|done|finished|met)\b/i;
const notMeant = /\b(?:when|once|if|until|before|after|unless|should|must|need|will|not|target|goal)\b/i;
const later =
  /\b(?:optional|stretch|future|deferred|later|next|follow-?ups?|out of scope|post-|nice|template|example|checklist for|how to|release|backlog|ideas)\b/i;

/** What the document says of its own state, held against its own check boxes and tables of figures. */
export function statusClaims(document: string, parsed: MarkdownDocument): Claim[] {
  const claims: Claim[] = [];
  const open = parsed.boxes.filter((box) => !box.ticked && !later.test(box.text) && !later.test(box.heading));
  if (!isHistory(document) && parsed.boxes.length > 0)
    for (const [n, line] of parsed.prose.entries()) {
      const match = allDone.exec(line.replace(/[*_`]/g, ''));
      // A box that says so is one of those that count.
      if (!match || notMeant.test(line) || /^\s*[-*+]\s+\[/.test(line)) continue;
      const [first] = open;
      claims.push({
        kind: 'value',
        line: n + 1,
        text: match[0],
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
    const agrees = (row.says === 'pass') === (row.holds === 'yes');
    const base = { kind: 'value' as const, line: row.line, text: `${row.name}: ${row.says}` };
    if (agrees) claims.push({ ...base, ...holds(row.numbers) });
    else
      claims.push({
        ...base,
        ...(row.says === 'pass' ? wrong : doubt)(
          row.holds === 'unmeasured' ? `nothing was measured: ${row.numbers}` : `by its own numbers it is not: ${row.numbers}`,
          'correct the mark or the figures, and see how it came to be',
        ),
      });
  }
  return claims;
}
