import type { MarkdownDocument } from '../markdown.ts';
import { headingsAbove, endOfHead, type SelfClaim } from '../surroundings.ts';
import { valueOf } from '../number-ties.ts';
import { summing } from './labels.ts';

/** How many of how many, as a line says it of the whole. */
export interface Share {
  line: number;
  text: string;
  part: number;
  whole: number;
  noun: string;
  /** What stands between the number and the noun: "API" tests are not "native" tests. */
  of: string;
}

const nouns =
  'tasks?|criteria|tests?|phases?|deliverables?|checks?|items?|requirements?|targets?|milestones?|goals?|objectives?|gates?|benchmarks?|dashboards?|alerts?|issues?|features?|steps?';
const share = new RegExp(
  String.raw`(?<![\w./:-])(\d{1,4})\s*(?:\/|of|out of)\s*(\d{1,4})(?![\d/:]|\.\d)\s+((?:[a-z][a-z-]*\s+){0,2}?)(${nouns})\b`,
  'gi',
);
const turned = new RegExp(
  String.raw`((?:[a-z-]+[\s.]+){0,2}?)\b(${nouns})\b(?:\s+(?:(?:are|is)\s+)?(?:met|complete[d]?|done|pass(?:ed|ing)?|status|progress))?\W{0,5}(?:\(\s*)?(\d{1,4})\s*(?:\/|of|out of)\s*(\d{1,4})(?![\d/:]|\.\d)`,
  'gi',
);
/** "All eight deliverables are done": as many as there are. */
const allOf = new RegExp(
  String.raw`\ball\s+(?:of\s+the\s+|the\s+)?(\d{1,4}|${'two three four five six seven eight nine ten eleven twelve'.replaceAll(' ', '|')})\s+((?:[a-z-]+\s+){0,1}?)(${nouns})\s+(?:(?:are|were|is|have been|now)\s+){0,2}(?:done|complete[d]?|met|pass(?:ed|ing)?|delivered|finished|implemented|closed)\b`,
  'gi',
);
const ofPart =
  /\b(?:phase|week|day|sprint|round|step|stage|task|wave|batch|group|part)\s*#?\d|\b(?:was|were|previous\w*|initial\w*|originally|before|from|up from|earlier|start(?:ing|ed)?|ending|session|target|at least|minimum|goal|critical|high|major|minor|first|last|p[0-3]|each|per)\b/i;

/** A label that names something of its own: of "ES2023: 8/8 features" the share is that of ES2023. */
const ownLabel = (line: string, at: number): boolean => {
  const label = /^\W*((?:[^\s:]+ ){0,4}[^\s:]+)\s*(?::|\s[–—-]\s|\s\((?=$|\d))/.exec(line.slice(0, at))?.[1];
  return (
    label !== undefined &&
    !new RegExp(
      `\\b(?:status|state|progress|overall|total|complet\\w+|results?|score|summary|acceptance|success|${nouns})\\b`,
      'i',
    ).test(label)
  );
};

/** The shares of the whole: in the head, or below a heading that sums up. */
export function sharesOfWhole(document: MarkdownDocument): Share[] {
  const second = endOfHead(document);
  return document.prose.flatMap((raw, n) => {
    if (!/\d\W{0,5}(?:\/|of)\W{0,5}\d|\ball\b/i.test(raw)) return [];
    const line = raw.replace(/[*_`]/g, '');
    const headings = headingsAbove(document, n + 1);
    const own = headings.split(' / ').at(-1) ?? '';
    if (/^\s*\|/.test(line) || ofPart.test(line) || ofPart.test(own) || !(n + 1 < second || summing.test(own)))
      return [];
    const found = [
      ...[...line.matchAll(share)].map(({ 0: text, 1: part, 2: whole, 3: of = '', 4: noun, index }) => ({
        text,
        part,
        whole,
        of,
        noun,
        index,
      })),
      ...[...line.matchAll(turned)].map(({ 0: text, 1: of = '', 2: noun, 3: part, 4: whole, index }) => ({
        text,
        part,
        whole,
        of,
        noun,
        index,
      })),
      ...[...line.matchAll(allOf)].map(({ 0: text, 1: all = '', 2: of = '', 3: noun, index }) => {
        const number = String(valueOf(all));
        return { text, part: number, whole: number, of, noun, index };
      }),
    ].filter(({ index }) => !ownLabel(line, index));
    const suite = /\b(?:unit|integration|e2e|end-to-end|performance|smoke|regression|security|load|acceptance)\b/i.exec(
      line,
    );
    return found.map(({ text, part, whole, of, noun }) => ({
      line: n + 1,
      text: text.trim(),
      part: Number(part),
      whole: Number(whole),
      of: (of.trim() === '' && /^tests?$/i.test(noun ?? '') ? (suite?.[0] ?? '') : of)
        .replace(/\b(?:all|the|of|status|total|overall)\b|\./gi, ' ')
        .trim()
        .toLowerCase(),
      noun: (noun ?? '').toLowerCase().replace(/ion$|ia$|s$/, ''),
    }));
  });
}

const isAll = (one: Share): boolean => one.part === one.whole && one.of === '';

/** "(1/3)", "(2/3)", "(3/3)": the parts of a row, each with its number. */
const isCounted = (shares: readonly Share[]): boolean => {
  const [whole = 0] = shares.map((one) => one.whole);
  return shares.length === whole && shares.every((one, n) => one.whole === whole && one.part === n + 1);
};

/** "10/10 criteria" here and "8/10 criteria" there. */
export function wholeClaims(document: MarkdownDocument): SelfClaim[] {
  const all = sharesOfWhole(document);
  const done = new Set<string>();
  return all.flatMap((one, n): SelfClaim[] => {
    const other = all.slice(0, n).find(
      (before) =>
        before.noun === one.noun &&
        (before.of === one.of || (before.whole === one.whole && (before.of === '' || one.of === ''))) &&
        (before.part !== one.part || before.whole !== one.whole) &&
        // Another number of tests is another suite.
        (one.noun !== 'test' || before.whole === one.whole || (isAll(before) && isAll(one))) &&
        before.line !== one.line,
    );
    if (!other || done.has(one.noun) || isCounted(all.filter((same) => same.noun === one.noun))) return [];
    done.add(one.noun);
    return [
      {
        line: one.line,
        text: one.text,
        holds: false,
        seen: `line ${other.line} says ${other.text}`,
        // Two suites may have as many tests, and two counts that are both of some may be of two days.
        ...((one.noun === 'test' || isAll(one) === isAll(other) || one.whole !== other.whole) && {
          level: 'warning' as const,
        }),
      },
    ];
  });
}
