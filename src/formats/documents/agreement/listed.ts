import type { MarkdownDocument } from '../markdown.ts';
import { valueOf } from '../number-ties.ts';
import type { SelfClaim } from '../surroundings.ts';

/** What is counted one by one: a list or a table below its number has that many entries. */
const things =
  'panels?|alerts?|alert(?:ing)? rules?|rules?|endpoints?|routes?|metrics?|dashboards?|tests?|test cases?|cases?|scenarios?|services?|files?|scripts?|modules?|crates?|components?|commands?|subcommands?|steps?|phases?|tasks?|deliverables?|criteria|criterion|requirements?|issues?|bugs?|findings?|risks?|features?|benchmarks?|targets?|checks?|gates?|runbooks?|documents?|guides?|sections?|categories|types?|kinds?|variables?|settings?|options?|flags?|columns?|stages?|layers?|tiers?|levels?|states?|roles?|environments?|containers?|jobs?|workflows?|improvements?|changes?|fixes|blockers?|items?|reasons?|ways?|parts?|pillars?|groups?|queries|operations?|methods?|functions?|executables?|binaries|tables|views|pages|hooks|migrations|packages|librar(?:y|ies)|models|plugins|exporters|charts|diagrams|triggers|topics|tools|resources|manifests|templates|events|fields|policies|workers|providers|classes|structs|traits|suites|tests? suites|programs|examples|articles|reports|handlers|agents|pods|images|volumes';
const number = String.raw`\d{1,3}|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve`;
/** `5 panels:`, `**Panels** (5):`, `The dashboard shows five panels:`, `## Alerts (4)`. */
const before = new RegExp(
  String.raw`(?<![\w.,/<>≥≤~+-])(${number})\s+(?:[a-z][a-z-]*\s+){0,2}?(?:${things})\b\**\)?\**\s*:?\**\s*$|(?<![\w.,/<>≥≤~+-])(${number})\s+(?:[a-z][a-z-]*\s+){0,2}?(?:${things})\b(?:\s+(?:are|were|was|have|has|been|in|total|below|added|created|defined|implemented|delivered|provisioned|configured|exposed|exported|available|here|now|follow|identified|found|fixed|written|remain)){0,3}\s*:\**\s*$`,
  'i',
);
const inBrackets = new RegExp(
  String.raw`\b(?:${things})\b\**(?:\s+(?:added|configured|created|defined|delivered|exposed|implemented|provisioned|registered|written))?\s*\((\d{1,3})(?:\s+(?:total|in total|of them))?\)[^\w|]*$`,
  'i',
);
/** Capitals that begin a sentence, and name nothing of which the number could be a version. */
const opening =
  /^\W*(?:The|These|Those|All|Our|Its?|This|With|Has|Have|Total|Added|Created|Includes?|Contains?|Following|We|There|Shows?|Defines?)\b/;
const some =
  /\b(?:at least|at most|up to|more than|fewer than|less than|over|about|around|roughly|nearly|first|last|top|other|another|additional|remaining|more|some|of the|out of|each|every|per|main|major|key|most|e\.?g|including|among|such as|example|or|either|between|to|step|phase|week|day|level|tier|part|section|version|day)\b|[~≈]/i;

/** "5 panels:" above a list of four, and a heading "Alerts (4)" above a table of three rows. */
export function listed(document: MarkdownDocument): SelfClaim[] {
  return document.prose.flatMap((raw, n): SelfClaim[] => {
    if (!/\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b/i.test(raw) || /^\s*\|/.test(raw))
      return [];
    const line = raw.replace(/[`*_]/g, '').trimEnd();
    const heading = /^#{1,6}\s/.test(line);
    // `#### Cache metrics (6 metrics)`, and so in bold.
    const isLabel =
      line.endsWith(':') || (line.endsWith(')') && (heading || /^\s*(?:[-*+]\s+)?\*\*[^*]+\*\*\s*$/.test(raw)));
    const match = inBrackets.exec(line) ?? (isLabel ? before.exec(line) : undefined);
    const said = match?.slice(1).find(Boolean);
    if (match === undefined || match === null || said === undefined) return [];
    const lead = line.slice(0, match.index).replace(/^[\s#>*+-]*(?:\d+(?:\.\d+)*[.)]\s+)?/, '');
    // Of a heading's own number nothing is counted, and a number of some of them counts nothing here.
    if (
      some.test(lead) ||
      some.test(match[0].replace(said, ' ')) ||
      /\d/.test(lead) ||
      /[A-Z]\w*\s*$/.test(lead.replace(opening, ''))
    )
      return [];
    const entries = entriesBelow(document, n, raw, heading);
    if (entries === undefined || entries.count < 2) return [];
    const is = valueOf(said);
    if (entries.also?.includes(is) === true) return [];
    const off = Math.abs(is - entries.count);
    // "All 3 phases have been:" goes on in its list.
    if (/\bbeen\s*:$/i.test(line)) return [];
    // A list that is far from as long tells of them, and does not list them.
    if (is < 2 || is > 60 || (entries.what === 'list' && (off > 2 || (off > 1 && heading && !entries.named))))
      return [];
    return [
      {
        line: n + 1,
        text: line
          .trim()
          .replace(/^#+\s*|^[-*+]\s+/, '')
          .slice(-100),
        holds: is === entries.count,
        seen: `the ${entries.what} below it ${entries.inCells === true ? 'names' : 'has'} ${entries.count}`,
        // A list may put two in one entry, or leave some out.
        ...(entries.what === 'list' && off > 1 && { level: 'warning' as const }),
      },
    ];
  });
}

const item = /^(\s*)(?:[-*+]|\d+[.)])\s+\S/;
/** Another sign begins another list. */
const signOf = (text: string): string => (/^\s*\d/.test(text) ? '1' : text.trim().charAt(0));
const depthOf = (text: string): number => /^\s*/.exec(text)?.[0].length ?? 0;

interface Entries {
  count: number;
  what: 'list' | 'table';
  named: boolean;
  /** Its cells name several each. */
  inCells?: true;
  /** Other numbers that may be meant: rows, and what its columns of numbers come to. */
  also?: readonly number[];
}

const names = /^`?[\w./-]+`?(?:,\s*`?[\w./-]+`?)*$/;
/** The names in the last column of a table whose cells list them with commas; undefined where it has none such. */
function namesIn(rows: readonly { cells: readonly string[] }[]): number | undefined {
  const cells = rows.map((row) => (row.cells.at(-1) ?? '').trim());
  return cells.every((cell) => names.test(cell)) && cells.some((cell) => cell.includes(','))
    ? cells.flatMap((cell) => cell.split(',')).length
    : undefined;
}

/** What the columns of numbers of a table come to. */
const sumsOf = (rows: readonly { cells: readonly string[] }[]): number[] =>
  (rows[0]?.cells ?? []).flatMap((_, n) => {
    const values = rows.map(({ cells }) => Number(/^\W*(\d{1,4})\W*$/.exec(cells[n] ?? '')?.[1]));
    return values.every(Number.isFinite) ? [values.reduce((all, one) => all + one, 0)] : [];
  });

/** The list or table that stands right below the line, and nothing else does till the next paragraph or heading. */
function entriesBelow(document: MarkdownDocument, n: number, raw: string, heading: boolean): Entries | undefined {
  const { prose, tables, headings, fences } = document;
  let at = n + 1;
  while (at < prose.length && (prose[at] ?? '').trim() === '') at++;
  // What was blanked there is a block or a remark.
  if (fences.some((fence) => fence.line > n && fence.line <= at + 1)) return undefined;
  const table = tables.find((one) => one.line === at + 1);
  if (table) {
    const rows = table.rows.filter(
      ({ cells }, m) =>
        m < table.rows.length - 1 || !/^\W*(?:total|sum|all|average|mean|overall)\b/i.test(cells[0] ?? ''),
    );
    // Rows that go on in the one above, and rows that group others.
    if (rows.some(({ cells }) => (cells[0] ?? '').trim() === '' || cells.slice(1).every((cell) => cell.trim() === '')))
      return undefined;
    if (/^\W*(?:#{1,6}\s)?\W*$/.test(raw)) return undefined;
    const inCells = namesIn(rows);
    return {
      count: inCells ?? rows.length,
      what: 'table',
      named: true,
      ...(inCells !== undefined && { inCells: true }),
      also: [rows.length, ...sumsOf(rows)],
    };
  }
  const first = item.exec(prose[at] ?? '');
  if (!first) return undefined;
  const depth = (first[1] ?? '').length;
  const from = at;
  if (item.test(raw) && depth <= depthOf(raw)) return undefined;
  let count = 0;
  let named = true;
  const shapes = new Set<boolean>();
  for (; at < prose.length; at++) {
    const text = prose[at] ?? '';
    if (text.trim() === '') continue;
    const own = item.exec(text);
    if (own && (own[1] ?? '').length === depth) {
      if (signOf(text) !== signOf(prose[from] ?? '')) break;
      // An entry that holds several, or begins a group of its own.
      if (/\betc\b|\.\.\.|…|\band more\b|^\s*(?:[-*+]|\d+[.)])\s+\d+\s|\b(?:optional|note)\b/i.test(text))
        return undefined;
      // `a.ts`, `b.ts`: several in one entry.
      if (/(?:`[^`]*`|\*\*[^*]*\*\*)\s*(?:[,/&+]|and\b)\s*(?:and\s+)?[`*]|`[^`]*[*{][^`]*`/.test(text))
        return undefined;
      named &&= /^\s*(?:[-*+]|\d+[.)])\s+[^\p{L}\p{N}`*]*(?:`|\*\*[\w./-]+\.\w+\*\*)/u.test(text);
      shapes.add(/^\s*(?:[-*+]|\d+[.)])\s+[`*_]/.test(text));
      count++;
    } else if (depthOf(text) > depth || (prose[at - 1] ?? '').trim() !== '') continue;
    else break;
  }
  // Entries of which some begin with a name and some do not are not of one kind.
  if (shapes.size > 1) return undefined;
  // Below a heading another list may go on.
  if (heading) {
    const end = headings.find((one) => one.line > n + 1)?.line ?? prose.length + 1;
    if (prose.slice(at, end - 1).some((text) => item.test(text) || /^\s*\|/.test(text))) return undefined;
  }
  if (fences.some((fence) => fence.line > n && fence.line <= at + 1)) return undefined;
  return { count, what: 'list', named };
}
