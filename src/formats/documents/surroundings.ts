import type { MarkdownDocument, TableSeen } from './markdown.ts';

/** A sentence, figure or mark of a document, held against another place of the same document or of one beside it. */
export interface SelfClaim {
  line: number;
  text: string;
  holds: boolean;
  seen: string;
  /** Absent: an error. */
  level?: 'warning';
}

const item = /^\s*(?:>\s*)*(?:[-*+]|\d+[.)])\s/;
const isLabel = (line: string): boolean => /:\**\s*$/.test(line) || /^\s*(?:\*\*|__)[^*_]+(?:\*\*|__):?\s*$/.test(line);

/** The line that introduces the list in which `line` stands: it ends in a colon, or is bold as a whole. '' where there is none. */
export function labelAbove({ prose }: Pick<MarkdownDocument, 'prose'>, line: number): string {
  if (!item.test(prose[line - 1] ?? '')) return '';
  const indent = (text: string): number => /^\s*/.exec(text)?.[0].length ?? 0;
  let depth = indent(prose[line - 1] ?? '');
  for (let at = line - 2; at >= 0; at--) {
    const text = prose[at] ?? '';
    if (text.trim() === '' || /^#{1,6}\s/.test(text)) {
      if (text.startsWith('#')) return '';
      continue;
    }
    if (item.test(text)) {
      // An item above, further out, may introduce its own list.
      if (indent(text) < depth) {
        if (isLabel(text)) return text.replace(item, '').trim();
        depth = indent(text);
      }
    } else if (indent(text) <= depth) return isLabel(text) ? text.trim() : '';
  }
  return '';
}

/** The heading above `line` and those that it stands under, outermost first, joined. */
export function headingsAbove({ headings }: Pick<MarkdownDocument, 'headings'>, line: number): string {
  const open: { text: string; depth: number }[] = [];
  for (const heading of headings) {
    if (heading.line > line) break;
    while ((open.at(-1)?.depth ?? 0) >= heading.depth) open.pop();
    open.push(heading);
  }
  return open.map((one) => one.text).join(' / ');
}

const pending =
  /^\W*status\W*(?:pending|planned|not (?:yet )?started|to ?do|proposed|upcoming|designed|future|draft|⏳|🔜|📋|🔵)/iu;

const proposed = /^\W*status\W*(?:proposed|proposal|planned|not (?:yet )?started|future|rfc)\b/iu;

const takes =
  /(?:^\W*(?:timeline|eta|effort|time|estimate[d]?(?: time| effort)?)\W+|\()~?\d+(?:[-–]\d+)?\+?\s*(?:(?:min(?:ute)?s?|h|hours?|days?|weeks?)\b|(?:мин|час|дн|дней|недел))/im;

/** Does a line between the heading and `line` say that the section is yet to be done (`**Status:** Pending`)? */
export function isPendingSection(
  { headings, prose }: Pick<MarkdownDocument, 'headings' | 'prose'>,
  line: number,
): boolean {
  const heading = headings.findLast((one) => one.line <= line);
  if (heading && /\((?:designed|planned|pending|proposed|not started|future)\)\s*$/i.test(heading.text)) return true;
  // The whole document is a proposal, as its head says.
  const second = headings.find((one) => one.depth > 1)?.line ?? prose.length;
  if (prose.slice(0, Math.min(second, 30)).some((one) => proposed.test(one))) return true;
  // What is given the time that it will take.
  const about = `${heading?.text ?? ''} ${prose[line - 1] ?? ''}`;
  if (
    !/[✅✓☑]|\[x\]|\b(?:actual|complete[d]?|done|took)\b/i.test(about) &&
    takes.test([about, ...prose.slice(line, line + 3)].join('\n'))
  )
    return true;
  return prose.slice(heading?.line ?? 0, line).some((one) => pending.test(one));
}

const aboutLater =
  /\b(?:next (?:steps?|actions?|phases?)|what['’]?s next|future(?: work)?|road ?map|recommend(?:ed|ations?)|action items|upcoming|follow-?ups?|backlog|planned|proposed|proposals?|to ?do|ideas|templates?|files to (?:create|add)|expected (?:deliverables?|artifacts?|files)|new files|implementation plan|preview|remain(?:s|ing (?:work|tasks?|phases?))|next sessions?|hand-?over|kick-?off|out of scope|not (?:yet|started))\b|^\W*(?:\d[\d.]*\)?\s+)?(?:create|add)\b(?! *(?:ed|ing))|(?:^\W*(?:\d+[.)]\s*)?|\bwhat(?:['’]?s| is) (?:still )?)(?:missing|remaining)\b/i;
const aboutLaterElsewhere =
  /待实现|未实现|待开发|待办|路线图|实现建议|改进建议|必须实现|需要实现|缺失|下一步|创建|⏳|后续计划|次のステップ|следующие шаги|\bpr[oó]ximos (?:passos|pasos)|\bprochaines étapes|\bnächste schritte|\bprossimi passi/iu;
const aboutNow =
  /\b(?:(?<!to )completed|done|finished|implemented|delivered|shipped|verified|verification|achieved|current(?:ly)?|existing|status)\b/i;

/**
 * Does the list's label or a heading say that what follows has yet to be made? Of the headings the nearest that says either
 * counts: below "Next steps" may stand "Completed actions".
 */
export const isYetToCome = (label: string, headings: string): boolean =>
  /\b(?:to (?:be )?(?:create|add|write|make|ma[dk]e|created|added|written)|new (?:[\w-]+ )?(?:files?|folders?|director(?:y|ies)|modules?|scripts?|documents?|tests?|crates?|packages?)|(?:will|would|should) (?:be )?(?:create|add|contain)\w*|planned|proposed|expected|save(?:d)? (?:to|as|in|under)|what remains|would look|suggested)\b/i.test(
    label,
  ) ||
  /^\W*(?:(?:still )?(?:missing|remaining)\b|new\W*\((?:day|week|phase|sprint) \d+\))/i.test(label) ||
  aboutLaterElsewhere.test(headings) ||
  aboutLater.test(
    headings
      .split(' / ')
      // "✅ 3. Create metrics" is done.
      .map((one) => one.replace(/^\s*[✅☑✔]\uFE0F?\s*(?:\d[\d.]*\)?\s+)?(?:create|add)\b/iu, ''))
      .findLast((one) => aboutLater.test(one) || aboutNow.test(one)) ?? '',
  );

const isToRun =
  /^\W*(?:apply|check|confirm|deploy|edit|ensure|execute|fix|follow|import|load|look|make sure|open|(?:re-?)?(?:read|run)|review|see|start|stop|test|update|use|validate|verify)\b|\b(?:checked|exists|in place|passe[sd]|passing|reviewed|tested|updated|verified)\W*$/i;

/** Lines of open boxes that may have something made, with what stands below them; what is to be read, run or checked is there. */
export function boxesToCome({ boxes, prose }: Pick<MarkdownDocument, 'boxes' | 'prose'>): Set<number> {
  const lines = new Set<number>();
  const depth = (line: number): number => /^\s*/.exec(prose[line - 1] ?? '')?.[0].length ?? 0;
  for (const { line, ticked, text } of boxes) {
    if (ticked || isToRun.test(text)) continue;
    lines.add(line);
    for (let at = line + 1; at <= prose.length; at++) {
      if ((prose[at - 1] ?? '').trim() !== '' && depth(at) <= depth(line)) break;
      if (boxes.some((box) => box.line === at)) break;
      lines.add(at);
    }
  }
  return lines;
}

const gone = new WeakMap<object, ReadonlySet<string>>();
/** Names in back-ticks in headings, below which stands that the thing is removed, or only another name of something: a list of contents has them too. */
export function toldGone(parsed: Pick<MarkdownDocument, 'headings' | 'prose'>): ReadonlySet<string> {
  const known = gone.get(parsed);
  if (known) return known;
  const names = new Set<string>();
  for (const { text, line } of parsed.headings) {
    const below = parsed.prose.slice(line, line + 8);
    const end = below.findIndex((one) => /^#{1,6}\s/.test(one));
    const said = below.slice(0, end < 0 ? undefined : end).join(' ');
    if (
      /^\W*(?:removed|deprecated|obsolete)\b|\bis a deprecated (?:alias|name)\b|\bno longer (?:available|supported|used)\b/i.test(
        said,
      )
    )
      names.add(text.replace(/`/g, '').trim());
  }
  gone.set(parsed, names);
  return names;
}

/** The table that has a row at this line. */
export const tableAt = ({ tables }: Pick<MarkdownDocument, 'tables'>, line: number): TableSeen | undefined =>
  tables.find((one) => one.rows.some((row) => row.line === line));

/** The line of the second heading of the document's first two levels: what stands before it is its head. */
export const endOfHead = ({ headings }: Pick<MarkdownDocument, 'headings'>): number =>
  headings.filter((heading) => heading.depth <= 2)[1]?.line ?? Number.POSITIVE_INFINITY;

/** The nearest heading above a line; '' where there is none. */
export const headingAbove = (document: Pick<MarkdownDocument, 'headings'>, line: number): string =>
  headingsAbove(document, line).split(' / ').at(-1) ?? '';

/** What a document may say of itself otherwise elsewhere: another count, another day may be meant. */
export const suspect = (line: number, text: string, holds: boolean, seen: string): SelfClaim => ({
  line,
  text,
  holds,
  seen,
  level: 'warning',
});
