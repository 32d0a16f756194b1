import { escapeRegex } from '../../../core/patterns.ts';
import { parseQuantity, type Quantity } from '../../data/quantity.ts';
import type { MarkdownDocument } from '../markdown.ts';
import { headingsAbove, type SelfClaim, suspect } from '../surroundings.ts';

const figure = String.raw`[\d][\d,]*(?:\.\d+)?\s?(?:[kKM](?![A-Za-z])\s?)?(?:ns|µs|μs|us|ms|s|%|[KMG]i?B(?:\/s)?|(?:ops|requests|reqs?|events|queries)\s?(?:\/\s?s(?:ec)?|per second)|qps|rps)(?![\w/])`;
const limit = new RegExp(
  String.raw`(?:[<>≤≥~≈]|\b(?:target|goal|slo|budget|limit|threshold|objective|baseline|under|below|above|over|within|from|was|up to|at least|at most|previously|before|vs\.?|against|than|every|after|for|last)\b)[^.;,|\d]{0,24}${figure}`,
  'gi',
);
/** Tables and sentences of other times, other machines, or of what is wished for. */
const other =
  /\b(?:target|goal|budget|limit|threshold|expected|planned|estimate\w*|projected|baseline|before|previous\w*|old|history|v\d|example|competitor|vs|comparison|(?:phase|experiment|scenario|trial|run) \d|road ?map|week|day|month|regression|config\w*|default|timeout|interval|alert|slo|issues?|bugs?|fix(?:es|ed)?|problems?)\b/i;

const ofFigures =
  /\b(?:value|actual|results?|measured|achieved|current|latency|time|duration|throughput|rate|size|mean|average|avg|p\d\d)\b/i;

/** A figure of a table: the name of its row, and the head of its column. */
export interface Cell {
  name: string;
  head: string;
  line: number;
  text: string;
  is: Quantity;
}

/** The measured figures of a document's tables, by rows that are called by a name of their own. */
export const measuredCells = (document: MarkdownDocument): Cell[] =>
  document.tables.flatMap(({ header, rows, line }) => {
    if (other.test(headingsAbove(document, line))) return [];
    return rows.flatMap((row) =>
      row.cells.flatMap((text, n): Cell[] => {
        const head = header[n] ?? '';
        // Of two figures in one cell none is the row's.
        const is =
          n === 0 || other.test(head) || (text.match(/\d[\d.,]*\s?(?:[a-zµμ%]+)/gi) ?? []).length > 1
            ? undefined
            : parseQuantity(text, /\(([^)]+)\)/.exec(head)?.[1]);
        const name = (row.cells[0] ?? '').replace(/[`*]/g, '').trim();
        return is && is.kind !== 'count' && is.op === undefined && (isName(name) || isWord.test(name))
          ? [{ name, head: head.replace(/[`*]/g, '').trim(), line: row.line, text, is }]
          : [];
      }),
    );
  });
/** What is called by more than a common word. */
const isName = (name: string): boolean =>
  /^\S*[a-z][A-Z]\S*$|^\w+[_:]\w+|^\S+ \S+/.test(name) && name.length > 5 && name.length < 50;

/** One common word: it is that row's where the sentence begins with it, and names the column too ("Recall takes 120 µs at P95"). */
const isWord = /^[A-Z]?[a-z]{3,}$/;

/** "Max response time" is not what a row calls "Response time". */
const isQualified = (sentence: string, name: string): boolean =>
  new RegExp(
    `\\b(?:max\\w*|min\\w*|peak|worst|best|average|mean|median|total|p\\d\\d)\\s+(?:of\\s+)?${escapeRegex(name)}`,
    'i',
  ).test(sentence);

/** Two figures are the same as far as the one is written out. */
function agree(said: Quantity, written: string, is: Quantity): boolean {
  const digits = written
    .replace(/[^\d.].*$/, '')
    .replace(/^0+|\.|,/g, '')
    .replace(/0+$/, '').length;
  return Math.abs(said.value - is.value) <= Math.max(digits < 3 ? 0.06 : 0.011, 0.001) * Math.abs(is.value);
}

/** A sentence that gives what a row of a table measured another figure. @param at where the table stands, if elsewhere */
export function rowFigures(document: MarkdownDocument, cells: readonly Cell[], at = ''): SelfClaim[] {
  const names = [...new Set(cells.map((one) => one.name))];
  if (names.length === 0) return [];
  const any = new RegExp(names.map(escapeRegex).join('|'), 'i');
  return document.prose.flatMap((raw, n): SelfClaim[] => {
    if (
      /^\s*(?:[|#]|[-*+] \[ \])/.test(raw) ||
      !any.test(raw.replace(/[`*]/g, '')) ||
      other.test(headingsAbove(document, n + 1))
    )
      return [];
    return raw
      .replace(/[`*]/g, '')
      .split(/(?<=[.;!?])\s/)
      .flatMap((sentence): SelfClaim[] => {
        const named = names.filter((name) =>
          new RegExp(`${isWord.test(name) ? '^\\W*' : ''}(?<![\\w-])${escapeRegex(name)}(?![\\w-])`, 'i').test(
            sentence,
          ),
        );
        const [name = ''] = named;
        const plain = sentence.replace(limit, ' ');
        const said = [...plain.matchAll(new RegExp(`(?<![\\w.,~≈<>+-])${figure}`, 'g'))].flatMap(([text]) => {
          const is = parseQuantity(text.replace(/\s?per second/i, '/s'));
          return is ? [{ text, is }] : [];
        });
        if (
          name === '' ||
          named.length > 1 ||
          said.length === 0 ||
          /\b(?:not|would|should|could|example|if|vs)\b|→|->/i.test(sentence)
        )
          return [];
        return said.flatMap(({ text, is }): SelfClaim[] => {
          if (said.filter((one) => one.is.kind === is.kind).length > 1) return [];
          const own = cells.filter((one) => one.name === name && one.is.kind === is.kind);
          const heads = own.filter((one) => new RegExp(`(?<!\\w)${escapeRegex(one.head)}(?!\\w)`, 'i').test(sentence));
          const meant = heads.length > 0 ? heads : own;
          const [first, second] = meant;
          // A column of another name may be of something else than the sentence.
          if (
            !first ||
            second ||
            (heads.length === 0 && isWord.test(name)) ||
            (heads.length === 0 && (!ofFigures.test(first.head) || isQualified(sentence, name))) ||
            agree(is, text, first.is)
          )
            return [];
          const seen = `${at}${at === '' ? 'line ' : ''}${first.line} says ${first.text.trim()} (${first.head})`;
          return [suspect(n + 1, `${name}: ${text.trim()}`, false, seen)];
        });
      });
  });
}
