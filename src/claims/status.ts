import { recompute } from '../formats/bench/document.ts';
import type { MarkdownDocument } from '../formats/documents/markdown.ts';
import { isHistory } from '../formats/documents/path-text.ts';
import { doubt, holds, wrong, type Claim } from './claim.ts';

/** The state of the whole, as a line of the document's head gives it; a phase or a part of it is another thing. */
const allDone =
  /^[^\p{L}]*(?:(?:milestone|overall|project|current)\s+)?(?:status|progress|completion)\b[^\p{L}\d]*(?:\p{L}+\s+)?(100\s?%(?:\s+(?:complete[d]?|done|finished))?|all (?:tasks|items|criteria|deliverables) (?:are )?(?:complete[d]?|done|met))/iu;
const headLines = 30;
const later =
  /\b(?:optional|stretch|future|deferred|later|next|follow-?ups?|out of scope|post-|nice|template|example|checklist for|how to|release|backlog|ideas)\b/i;

/** What the document says of its own state, held against its own check boxes and tables of figures. */
export function statusClaims(document: string, parsed: MarkdownDocument): Claim[] {
  const claims: Claim[] = [];
  const open = parsed.boxes.filter((box) => !box.ticked && !later.test(box.text) && !later.test(box.heading));
  if (!isHistory(document) && parsed.boxes.length > 0)
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
    const agrees = (row.says === 'pass') === (row.holds === 'yes');
    const base = { kind: 'value' as const, line: row.line, text: `${row.name}: ${row.says}` };
    if (agrees) claims.push({ ...base, ...holds(row.numbers) });
    else
      claims.push({
        ...base,
        ...(row.says === 'pass' ? wrong : doubt)(
          row.holds === 'unmeasured'
            ? `nothing was measured: ${row.numbers}`
            : `by its own numbers it is not: ${row.numbers}`,
          'correct the mark or the figures, and see how it came to be',
        ),
      });
  }
  return claims;
}
