import type { MarkdownDocument } from '../markdown.ts';
import { ofPart, summing } from './labels.ts';
import { headingsAbove, labelAbove, endOfHead, type SelfClaim } from '../surroundings.ts';

const nouns =
  'targets?|criteria|criterion|tests?|tasks?|checks?|checkpoints?|items?|requirements?|benchmarks?|slos?|goals?|objectives?|phases?|deliverables?|milestones?|gates?|features?|endpoints?|modules?|components?|services?|scenarios?|validations?|steps?|thresholds?|operations?|suites?|issues?|bugs?|findings?|runbooks?|dashboards?|alerts?';
const done =
  'met|pass(?:ed|ing|es)?|complete[d]?|done|achieved|satisfied|green|exceeded|implemented|validated|verified|delivered|closed|resolved|fixed|finished|reached|fulfilled';
const allOf = new RegExp(
  String.raw`(?<![\w-])(?:all|every|each)\s+(?:of\s+)?(?:the\s+)?(?:\d+\s+)?((?:[\w/-]+\s+){0,3}?)(${nouns})\s+(?:(?:are|is|were|was|have|has|been|now|successfully|fully|measured|tested|and)\s+){0,4}(${done})(?![\w-])`,
  'gi',
);
/** What makes the sentence one of a wish, a condition or a denial. */
const notSo =
  /\b(?:not|n['’]t|never|until|unless|when|once|if|after|before|ensure|ensures|verify|check|confirm|make sure|should|must|will|would|shall|to be|need\w*|require[sd]?|expect\w*|goal|aim|nearly|almost|except|but|other than|assuming|provided|so that|that|whether|target:|definition of done|acceptance|exit criteria)\b/i;
const open =
  /^\W*(?:fail(?:ed|ing|s|ure)?|not (?:yet )?(?:met|done|started|complete[d]?|implemented|passing|passed|achieved|verified)|missed|tb[ad]|not (?:yet )?(?:measured|run|tested)|partial(?:ly)?|pending|in[- ]progress|incomplete|to ?do|blocked|open|unmet|wip|offen|in arbeit|fehlgeschlagen|en cours|échec|pendiente|en progreso|falla)\b|^\s*(?:❌|✗|✖|🔴|🚧|⏳|🔄|⬜|☐|:x:)/iu;
const aside =
  /\b(?:optional|stretch|future|deferred|later|next|follow-?ups?|out of scope|nice[- ]to[- ]have|n\/a|not applicable|known|legend|example|before|previous(?:ly)?|was|baseline)\b/i;
const stem = (noun: string): string => noun.toLowerCase().replace(/ion$|ia$|s$/, '');

/**
 * Is the mark one of the things that are said to be all done? A row by its table and headings; an item of a list only where it is
 * called so itself, or stands below a label or heading that names them: "Phases", not "Phase 2" and its drawbacks.
 */
function isOf(mark: Mark, noun: string): boolean {
  const several = new RegExp(`\\b${stem(noun)}(?:s|ia|ion|\\s+(?:results?|status|list|overview))\\b`, 'i');
  if (mark.ofTable)
    return new RegExp(`\\b${stem(noun)}`, 'i').test(`${mark.label} ${mark.name}`) || several.test(mark.heading);
  return (
    new RegExp(`^\\W*${stem(noun)}(?:s|ion)?\\s*(?:#?\\d|[:–—-])`, 'i').test(mark.name) ||
    several.test(mark.label || mark.heading)
  );
}

interface Mark {
  line: number;
  name: string;
  says: string;
  /** Headings above it and the heads of its table. */
  about: string;
  heading: string;
  ofTable: boolean;
  /** What introduces the list that it stands in, or stands over the first column of its table. */
  label: string;
}

/** A row of a table whose first column is called so says that it failed; what is partly done, or an open box, may be of something else. */
const isSure = (mark: Mark, noun: string): boolean =>
  mark.ofTable &&
  /^\W*(?:fail|not met|missed|unmet)|^\s*(?:❌|✗|✖|🔴)/iu.test(mark.says) &&
  new RegExp(`^\\W*${stem(noun)}`, 'i').test(mark.label);
/** A box of a list in which none was ever ticked waits for somebody to work through it; an open box of tests is about writing some. */
const isOfList = (mark: Mark, noun: string, document: MarkdownDocument): boolean =>
  mark.says !== '[ ]' ||
  (!/test/i.test(mark.label || mark.heading) &&
    document.boxes.some((box) => box.ticked) &&
    (new RegExp(`^\\W*${stem(noun)}s?\\s*#?\\d`, 'i').test(mark.name) ||
      new RegExp(`^\\W*(?:[\\w-]+ ){0,2}(?:${nouns})(?: (?:results?|status|list|overview))?\\W*$`, 'i').test(
        mark.label || mark.heading,
      )));

/** "All targets met" above a row that says PARTIAL. */
export function allOfClaims(document: MarkdownDocument): SelfClaim[] {
  const marks = openMarks(document);
  const second = endOfHead(document);
  if (marks.length === 0) return [];
  return document.prose.flatMap((raw, n) => {
    const line = raw.replace(/[*_`]/g, '');
    // A row of a table speaks for itself, and an open box says that it is not so.
    if (/^\s*\||^\s*[-*+]\s+\[ \]/.test(line)) return [];
    return [...line.matchAll(allOf)].flatMap((match): SelfClaim[] => {
      const [text, adjectives = '', noun = ''] = match;
      const before =
        line
          .slice(0, match.index)
          .split(/[.;!?]\s/)
          .at(-1) ?? '';
      const behind = line.slice(match.index + text.length).split(/[.;!?](?:\s|$)/)[0] ?? '';
      if (
        notSo.test(before) ||
        /^\s*(?:before|after|when|if|unless|except|but|or|by|once|\?)/i.test(behind) ||
        aside.test(before)
      )
        return [];
      const headings = headingsAbove(document, n + 1);
      if (/\b(?:criteria|definition of done|requirements?|goals?|checklist)\b/i.test(labelAbove(document, n + 1)))
        return [];
      if (
        aside.test(headings) ||
        (/\b(?:criteria|definition|deliverables|requirements?|goals?|plan|steps?|checklist)\s*$/i.test(headings) &&
          /^\s*(?:[-*+]|\d+\.)\s/.test(raw) &&
          !/[✅☑✔]|\[x\]/iu.test(raw))
      )
        return [];
      const own = headings.split(' / ').at(-1) ?? '';
      const qualified = adjectives
        .trim()
        .toLowerCase()
        .split(/\s+/)
        .filter((word) => word.length > 3);
      const against = marks.filter(
        (mark) =>
          isOf(mark, noun) &&
          // What is said in one part is of that part; the head and a summary speak of them all.
          (n + 1 < second || mark.heading === own || (summing.test(own) && !ofPart.test(own))) &&
          (qualified.every((word) => mark.about.toLowerCase().includes(word.replace(/s$/, ''))) ||
            mark.heading === own),
      );
      const [first] = against;
      // An item of a list may be of something else than what its heading says, and an open box of work to come.
      const sure = against.some((mark) => isSure(mark, noun));
      if (!first || !against.some((mark) => isOfList(mark, noun, document))) return [];
      return [
        {
          line: n + 1,
          text,
          holds: false,
          ...(!sure && { level: 'warning' as const }),
          seen: `line ${first.line} says ${first.says} of ${first.name}${against.length > 1 ? `, and ${against.length - 1} more do so` : ''}`,
        },
      ];
    });
  });
}

/** Outputs of test runs that the document shows and that name failures, and rows of suites of which fewer passed than there are. */
function failingRuns(document: MarkdownDocument): Mark[] {
  const mark = (line: number, says: string, name: string): Mark[] => {
    const headings = headingsAbove(document, line);
    const heading = headings.split(' / ').at(-1) ?? '';
    return aside.test(headings) || ofPart.test(heading)
      ? []
      : [{ line, name, says, about: `${headings} tests`, heading, ofTable: false, label: 'Tests' }];
  };
  const shown = document.fences.flatMap((fence) =>
    fence.text.split('\n').flatMap((text, n) => {
      const says =
        /^(?:test result: FAILED\. .*?[1-9]\d* failed|=+ .*\b[1-9]\d* failed\b.* in [\d.]+s.*=+|Tests:\s+[1-9]\d* failed)\b/.exec(
          text.trim(),
        )?.[0];
      return says === undefined ? [] : mark(fence.line + n, says.slice(0, 60), 'the run');
    }),
  );
  const rows = document.tables.flatMap(({ header, rows: all }) => {
    const column = (pattern: RegExp): number => header.findIndex((head) => pattern.test(head));
    const [passed, total] = [column(/^\W*pass(?:ed|ing)?\W*$/i), column(/^\W*(?:total|tests|all|count)\W*$/i)];
    const others = column(/skip|ignor|disabled|flaky|pending/i);
    if (passed < 1 || total < 1 || others >= 0) return [];
    return all.flatMap(({ cells, line }) => {
      const [part, whole] = [passed, total].map((at) => /^\W*(\d+)\W*$/.exec(cells[at] ?? '')?.[1]);
      return part === undefined || whole === undefined || Number(part) >= Number(whole)
        ? []
        : mark(line, `${part} of ${whole}`, cells[0] ?? '');
    });
  });
  return [...shown, ...rows];
}

/** Rows and items that say of themselves that they are open, beside others that are not. */
function openMarks(document: MarkdownDocument): Mark[] {
  const marks: Mark[] = [];
  for (const table of document.tables) {
    const headings = headingsAbove(document, table.line);
    for (const [n, head] of table.header.entries()) {
      if (
        n === 0 ||
        !/^\W*(?:status|state|results?|actual|measured|met|pass\w*|verdict|outcome|done|complete\w*|stand|statut|estado|ergebnis)\W*$/i.test(
          head,
        )
      )
        continue;
      for (const row of table.rows) {
        const says = row.cells[n] ?? '';
        if (!open.test(says) || aside.test(row.cells.join(' '))) continue;
        marks.push({
          line: row.line,
          name: (row.cells[0] ?? '').slice(0, 60),
          says: says.slice(0, 40),
          about: `${headings} ${table.header.join(' ')}`,
          heading: headings.split(' / ').at(-1) ?? '',
          ofTable: true,
          label: table.header[0] ?? '',
        });
      }
    }
  }
  marks.push(...failingRuns(document));
  for (const [n, raw] of document.prose.entries()) {
    const item = /^\s*[-*+]\s+(.*)$/.exec(raw.replace(/[*_`]/g, ''))?.[1] ?? '';
    const mark =
      /^(❌|🚧|⏳|⬜|☐|\[ \])\s*(.+)$/u.exec(item) ??
      /^(.+?)\s*[:–—-]+\s*((?:❌|🚧|⏳|⚠️)?\s*(?:FAIL(?:ED)?|PARTIAL|PENDING|IN PROGRESS|INCOMPLETE|NOT MET)\b.*)$/u.exec(
        item,
      );
    if (!mark) continue;
    const [says, name] =
      open.test(mark[1] ?? '') || mark[1] === '[ ]' ? [mark[1] ?? '', mark[2] ?? ''] : [mark[2] ?? '', mark[1] ?? ''];
    const headings = headingsAbove(document, n + 1);
    if (aside.test(`${item} ${headings}`)) continue;
    marks.push({
      line: n + 1,
      name: name.slice(0, 60),
      says: says.slice(0, 40),
      about: headings,
      heading: headings.split(' / ').at(-1) ?? '',
      ofTable: false,
      label: labelAbove(document, n + 1),
    });
  }
  return marks;
}
