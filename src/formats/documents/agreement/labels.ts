import { parseQuantity, showQuantity, type Quantity } from '../../data/quantity.ts';
import type { MarkdownDocument } from '../markdown.ts';
import { headingsAbove, endOfHead, type SelfClaim, suspect } from '../surroundings.ts';
import { stateOf } from '../task-file.ts';

interface Labelled {
  line: number;
  label: string;
  text: string;
  value: { state: 'complete' | 'pending' } | { part: number; whole: number } | { quantity: Quantity };
  /** It speaks of the whole: it stands in the document's head, or below a heading that sums up. */
  sumsUp: boolean;
  /** A table's head over the value, in lower case. */
  of: string;
  headings: string;
}

/** Headings of parts and of other times, below which the same label may have another value. */
export const ofPart =
  /\b(?:phase|week|day|sprint|iteration|round|run|step|stage|before|after|previous|initial\w*|original\w*|baseline|old|history|timeline|log|changelog|update|v\d|version|option|approach|scenario|example|target|goal|plan|planned|expected|estimate\w*|comparison|vs|next|future|risk|recommend\w*|alternative|config\w*|test \d|case|profile|environment|platform|(?:january|february|march|april|may|june|july|august|september|october|november|december)|20\d\d)\b/i;
export const summing =
  /\b(?:summary|status|overview|overall|conclusion|final|highlights|headline|at a glance|results?|sign[- ]?off|verdict|tl;?dr|zusammenfassung|résumé|resumen|fazit)\b/i;
const notMeasured =
  /\b(?:target|goal|objective|slo|limit|threshold|budget|max\w*|min\w*|required?|expected|planned|estimated?|baseline|before|previous\w*|was|from|default|timeout|interval|duration|date|updated?|owner|author|priority|version|effort|severity|impact|type|category|note\w*)\b/i;
const plain = (text: string): string => text.replace(/[*_`]/g, '').trim();
const key = (label: string): string =>
  plain(label)
    .replace(/\((?![^)]*\b(?:incl|excl|with|only))[^)]*\)/gi, ' ')
    .replace(/[^\p{L}\p{N}%]+/gu, ' ')
    .trim()
    .toLowerCase();

/** The bold line or label right above the list or lines in which it stands: `**BEFORE fixes:**`. */
function boldAbove({ prose }: MarkdownDocument, line: number): string {
  for (let at = line - 2; at >= 0 && at > line - 12; at--) {
    const text = (prose[at] ?? '').trim();
    if (/^\*\*[^*]+\*\*:?$/.test(text)) return text;
    if (text === '' || text.startsWith('#')) return '';
  }
  return '';
}

/** The value that a text gives, where it is one only. */
function valueOf(text: string, head = ''): Labelled['value'] | undefined {
  const words = plain(text).replace(/^[✅✔☑🟢]\s*/u, '');
  const fraction = /^(\d{1,5})\s*(?:\/|of|out of)\s*(\d{1,5})(?![\d/.])/.exec(words);
  if (fraction)
    return Number(fraction[2]) === 0 ? undefined : { part: Number(fraction[1]), whole: Number(fraction[2]) };
  const quantity = parseQuantity(
    words.split(/\s[–—-]\s|[;,](?!\d)|\s\(|\s(?:p\d\d|per|at|on|for|in|with|average|mean|median)\b/i)[0] ?? '',
  );
  if (quantity && quantity.op === undefined && !/^[<>≤≥~≈]/.test(words))
    return quantity.kind === 'count' && /[A-Za-z]/.test(words) ? undefined : { quantity };
  const state = /^(?:pass(?:ed|ing)?|green|operational)\b/i.test(words) ? 'complete' : stateOf(plain(text));
  // A tick before words that take it back says neither.
  if (state === 'pending' && /[✅✔☑]/u.test(text)) return undefined;
  return (state === 'complete' || state === 'pending') && words.split(/\s+/).length <= 6 && head !== 'priority'
    ? { state }
    : undefined;
}

function labelled(document: MarkdownDocument): Labelled[] {
  const found: Labelled[] = [];
  const second = endOfHead(document);
  const add = (line: number, label: string, text: string, of: string): void => {
    const name = key(label).replace(/^(?:milestone|project|final|current) status$/, 'overall status');
    if (name.length < 4 || name.length > 60 || /^\d+$/.test(name) || notMeasured.test(`${label} ${of}`)) return;
    const value = valueOf(text, of);
    if (value === undefined) return;
    const headings = headingsAbove(document, line);
    // The state of the whole is that, below whatever heading of what comes next it stands.
    const parts =
      name === 'overall status' ? headings.replace(/\b(?:next|future|plan|recommend\w*|risk) ?\w*/gi, '') : headings;
    if (ofPart.test(parts) || ofPart.test(boldAbove(document, line))) return;
    const own = headings.split(' / ').at(-1) ?? '';
    found.push({
      line,
      label: name === 'status' && line < second ? 'overall status' : name,
      text: `${plain(label)}: ${plain(text)}`.slice(0, 100),
      value,
      sumsUp: line < second || summing.test(own),
      of,
      headings,
    });
  };
  for (const [n, line] of document.prose.entries()) {
    if (!line.includes(':')) continue;
    const match =
      /^(?:[-*+]\s+(?:\[[xX ]\]\s+)?|\d+\.\s+)?(?:\*\*|__)?([^\s|:*][^|:*]{2,59}?)(?:\*\*|__)?\s*:\s*(?:\*\*|__)?\s*(\S.*)$/.exec(
        line.trim().replace(/\s{2,}/g, ' '),
      );
    if (match && !/^\s*\|/.test(line)) add(n + 1, match[1] ?? '', match[2] ?? '', '');
  }
  for (const table of document.tables) {
    const at = table.header.findIndex(
      (head, n) =>
        n > 0 &&
        /^\W*(?:status|state|value|actual|measured|result|current|achieved|stand|statut|estado)\W*$/i.test(head),
    );
    const column = at > 0 ? at : table.header.length === 2 ? 1 : -1;
    if (column < 0) continue;
    for (const row of table.rows)
      add(row.line, row.cells[0] ?? '', row.cells[column] ?? '', (table.header[column] ?? '').toLowerCase());
  }
  return found;
}

const shown = (value: Labelled['value']): string =>
  'state' in value ? value.state : 'part' in value ? `${value.part}/${value.whole}` : showQuantity(value.quantity);

/** Do two values of one label contradict each other? Undefined where they cannot be compared. */
function differ(a: Labelled['value'], b: Labelled['value']): boolean | undefined {
  if ('state' in a && 'state' in b) return a.state !== b.state;
  if ('part' in a && 'part' in b) return a.part !== b.part || a.whole !== b.whole;
  if ('quantity' in a && 'quantity' in b && a.quantity.kind === b.quantity.kind) {
    const [x, y] = [a.quantity.value, b.quantity.value];
    return Math.abs(x - y) > 0.05 * Math.max(Math.abs(x), Math.abs(y));
  }
  return undefined;
}

/** One label with two values: of a head or a summary, and of the place that it sums up. */
export function labelClaims(document: MarkdownDocument): SelfClaim[] {
  const byLabel = new Map<string, Labelled[]>();
  for (const one of labelled(document)) byLabel.set(one.label, [...(byLabel.get(one.label) ?? []), one]);
  return [...byLabel.values()].flatMap((all): SelfClaim[] => {
    // What is said again and again is said of parts.
    if (all.length < 2 || all.length > 3) return [];
    const [first] = all;
    // A table of measurements and one of states speak of different things.
    const alike = (one: Labelled): boolean => one.of === first?.of || one.of === '' || first?.of === '';
    const other = first && all.find((one) => one !== first && alike(one) && differ(first.value, one.value) === true);
    if (!first || !other || !(first.sumsUp || other.sumsUp) || first.label === 'status') return [];
    // Two tables may be of two things.
    const words = first.label.split(' ').length;
    if (
      'quantity' in first.value &&
      (!(first.sumsUp && other.sumsUp) || (words < 2 && !/coverage|throughput|latency/.test(first.label)))
    )
      return [];
    return [
      suspect(
        other.line,
        other.text,
        false,
        `line ${first.line} says ${first.text.split(': ').at(-1)} (${shown(first.value)})`,
      ),
    ];
  });
}
