import { posix } from 'node:path';
import { measuredCells, rowFigures } from '../formats/documents/agreement/row-figures.ts';
import type { MarkdownDocument } from '../formats/documents/markdown.ts';
import { isHistory } from '../formats/documents/path-text.ts';
import type { SelfClaim } from '../formats/documents/self-claim.ts';
import { headingsAbove } from '../formats/documents/surroundings.ts';
import { statementsOf } from '../formats/documents/task-file.ts';
import type { Repository } from '../repository/repository.ts';

const report = /README|STATUS|SUMMARY|REPORT|RESULT|COMPLET|PROGRESS|BENCH|PERFORMANCE|ACCEPTANCE|RELEASE/i;
/** Put together as in code, or of three words. */
const isOwnName = /[a-z][A-Z]|\w[_:]\w|\S+ \S+ \S+/;
const left =
  /\b(?:tasks?|phases?|items?|criteri(?:on|a)|deliverables?|steps?)\s+#?(\d[\w.]*)\s+(?:remains?|is|are)\s+(?:still\s+|currently\s+)?(?:blocked|pending|open|incomplete|outstanding|unfinished|in progress|not (?:yet )?(?:done|complete|started|finished))\b/i;

const isOpen = /\b(?:pending|in[- ]progress|planned|not (?:yet )?started|blocked|to ?do|wip|incomplete)\b/i;

/** A file whose name says that its task is complete, and whose status says that it is not; and a complete whole of which a part is said to be open. */
export function ownState(path: string, parsed: MarkdownDocument): SelfClaim[] {
  if (isHistory(path)) return [];
  const statements = statementsOf(path, parsed);
  const named = statements.find((one) => one.from === 'file name');
  const said = statements.find((one) => one.from === 'status line' || one.from === 'front matter');
  if (named?.state === 'complete' && said?.state === 'pending' && isOpen.test(said.text))
    return [
      {
        line: said.line,
        text: `Status: ${said.text}`,
        holds: false,
        seen: `the file is called ${posix.basename(path)}`,
      },
    ];
  if ((said ?? statements[0])?.state !== 'complete') return [];
  return parsed.prose.flatMap((raw, n): SelfClaim[] => {
    const text = left.exec(raw.replace(/[*_`]/g, ''))?.[0];
    if (text === undefined || /\b(?:if|when|until|optional|deferred|was)\b/i.test(raw)) return [];
    if (/\b(?:previous|history|log|before|risk)\b/i.test(headingsAbove(parsed, n + 1))) return [];
    const first = said ?? statements[0];
    return [{ line: n + 1, text, holds: false, seen: `line ${first?.line} says ${first?.text}`, level: 'warning' }];
  });
}

/** Figures of a report that another report gives in a table. @param others the documents that are read together */
export async function figuresElsewhere(
  repository: Repository,
  path: string,
  parsed: MarkdownDocument,
  others: ReadonlySet<string>,
): Promise<SelfClaim[]> {
  const own = measuredCells(parsed);
  const found = rowFigures(parsed, own);
  if (!report.test(path) || isHistory(path)) return found;
  const near = [...others].filter((one) => one !== path && report.test(one) && !isHistory(one));
  if (near.length > 40) return found;
  for (const one of near) {
    const cells = measuredCells(await repository.document(one)).filter(
      // A name of two common words may be of two things.
      (cell) => isOwnName.test(cell.name) && !own.some((mine) => mine.name === cell.name),
    );
    const told = rowFigures(parsed, cells, `${one}:`);
    found.push(...told.filter((claim) => !found.some((other) => other.line === claim.line)));
  }
  return found;
}
