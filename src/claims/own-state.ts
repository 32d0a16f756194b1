import { posix } from 'node:path';
import { measuredCells, rowFigures } from '../formats/documents/agreement/row-figures.ts';
import { sharesOfWhole } from '../formats/documents/agreement/whole.ts';
import type { MarkdownDocument } from '../formats/documents/markdown.ts';
import { isHistory } from '../formats/documents/path-text.ts';
import { headingsAbove, headingAbove, type SelfClaim, suspect } from '../formats/documents/surroundings.ts';
import { statementsOf } from '../formats/documents/task-file.ts';
import type { Repository } from '../repository/repository.ts';

const report = /README|STATUS|SUMMARY|REPORT|RESULT|COMPLET|PROGRESS|BENCH|PERFORMANCE|ACCEPTANCE|RELEASE/i;
/** Put together as in code, or of three words. */
const isOwnName = /[a-z][A-Z]|\w[_:]\w|\S+ \S+ \S+/;
const left =
  /\b(?:tasks?|phases?|items?|criteri(?:on|a)|deliverables?|steps?)\s+#?(\d[\w.]*)\s+(?:\([^)]*\)\s+)?(?:remains?|is|are)\s+(?:still\s+|currently\s+)?(?:blocked|pending|open|incomplete|outstanding|unfinished|in progress|not (?:yet )?(?:done|complete|started|finished))\b/i;

const settled =
  /\[x\]|[✅✔☑]|~~|\b(?:none|nothing|fixed|resolved|closed|done|deferred|optional|future|milestone|next|accepted|by design)\b/iu;
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
  const whole = said ?? statements[0];
  const head = parsed.prose.findIndex(
    (one, n) =>
      n < 12 &&
      /^\W*(?:overall|status|state)\b\W*(?:status\W*)?(?:complete|done|100\s?%)/i.test(one.replace(/[*_`]/g, '')),
  );
  if (whole === undefined ? head < 0 : whole.state !== 'complete') return [];
  const first = whole ?? { line: head + 1, text: (parsed.prose[head] ?? '').replace(/[*_`]/g, '').slice(0, 40) };
  const lists = parsed.headings.flatMap((heading, n): SelfClaim[] => {
    if (
      !/^\W*(?:\d[\d.]*\s*)?(?:open|outstanding|unresolved|remaining) (?:points?|items?|issues?|work|tasks?|questions?)\W*$/i.test(
        heading.text,
      )
    )
      return [];
    const end = parsed.headings[n + 1]?.line ?? parsed.prose.length + 1;
    const lines = parsed.prose.slice(heading.line, end - 1);
    const item = lines.findIndex((one) => /^\s*(?:[-*+]|\d+[.)])\s+\S/.test(one));
    if (item < 0 || settled.test(lines.join(' '))) return [];
    const seen = `line ${first.line} says ${first.text}`;
    return [suspect(heading.line + item + 1, (lines[item] ?? '').replace(/^[\s*+-]+/, '').slice(0, 80), false, seen)];
  });
  const parts = parsed.prose.flatMap((raw, n): SelfClaim[] => {
    const text = left.exec(raw.replace(/[*_`]/g, ''))?.[0];
    if (text === undefined || /\b(?:if|when|optional|deferred|was)\b/i.test(raw)) return [];
    if (/\b(?:previous|history|log|before|risk)\b/i.test(headingsAbove(parsed, n + 1))) return [];
    return [suspect(n + 1, text, false, `line ${first.line} says ${first.text}`)];
  });
  return [...lists, ...parts];
}

async function sharesElsewhere(
  repository: Repository,
  parsed: MarkdownDocument,
  other: string,
  number: string,
): Promise<SelfClaim[]> {
  const theirs = sharesOfWhole(await repository.document(other));
  return parsed.prose.flatMap((raw, n): SelfClaim[] => {
    const text = raw.replace(/[*_`]/g, '');
    if (
      !new RegExp(`\\bmilestone[- ]?${number.replaceAll('.', '\\.')}\\b`, 'i').test(
        `${text} ${headingAbove(parsed, n + 1)}`,
      )
    )
      return [];
    const [all, part, whole, noun = ''] =
      /(?<![\w./:-])(\d{1,4})\s*(?:\/|of|out of)\s*(\d{1,4})(?![\d/.:])\s+(?:[a-z-]+\s+){0,2}?(tasks?|items?|criteria|deliverables?)\b/i.exec(
        text,
      ) ?? [];
    const against = theirs.find(
      (one) => one.noun === noun.toLowerCase().replace(/s$/, '') && one.whole === Number(whole),
    );
    return all === undefined || !against || against.part === Number(part)
      ? []
      : [suspect(n + 1, all, false, `${other}:${against.line} says ${against.text}`)];
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
  // "Milestone 12: 11/12 tasks" in a README, beside the milestone's own documents.
  const isReadme = /^README\.mdx?$/i.test(path);
  for (const one of near) {
    const number = /(?:^|\/)milestone[-_ ]?(\d[\d.]*)\//i.exec(one)?.[1];
    if (isReadme && number !== undefined) found.push(...(await sharesElsewhere(repository, parsed, one, number)));
    const cells = measuredCells(await repository.document(one)).filter(
      // A name of two common words may be of two things.
      (cell) => isOwnName.test(cell.name) && !own.some((mine) => mine.name === cell.name),
    );
    const told = rowFigures(parsed, cells, `${one}:`);
    found.push(...told.filter((claim) => !found.some((other) => other.line === claim.line)));
  }
  return found;
}
