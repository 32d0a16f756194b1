import type { MarkdownDocument } from '../formats/documents/markdown.ts';
import type { Repository } from '../repository/repository.ts';
import type { Sources } from '../repository/sources.ts';
import type { Compose } from './compose.ts';
import type { ClaimedCommands } from '../toolchains/contract.ts';
import type { Verdict } from '../formats/documents/verdict.ts';
import { headingsAbove, isYetToCome } from '../formats/documents/surroundings.ts';
import { valueOf } from '../formats/documents/number-ties.ts';

// What looks up a claim needs one import: this file.
export { dated, doubt, holds, remark, suspected, unjudged, wrong, type Verdict } from '../formats/documents/verdict.ts';

/** What a document says that can be looked up. */
export interface Claim extends Verdict {
  kind: 'path' | 'link' | 'anchor' | 'command' | 'value' | 'name' | 'block';
  line: number;
  text: string;
}

/** A document in its repository, as what it says is looked up. */
export interface Reading {
  repository: Repository;
  sources: Sources;
  programs: Programs;
  /** Its path. */
  document: string;
  parsed: MarkdownDocument;
}

/** Programs that are asked, once for all documents. */
export interface Programs {
  /** One for each toolchain that judges commands. */
  tools: readonly ClaimedCommands[];
  compose: Compose;
  sources: Sources;
}

/** What is made of the sources once, however many documents ask for it. */
export function once<T>(make: (sources: Sources) => Promise<T>): (sources: Sources) => Promise<T> {
  const known = new WeakMap<Sources, Promise<T>>();
  return (sources) => {
    const found = known.get(sources) ?? make(sources);
    known.set(sources, found);
    return found;
  };
}

/** A line of prose, without marks of emphasis, that says how things are. */
interface Spoken {
  line: number;
  text: string;
  /** The headings that it stands under. */
  headings: string;
}

/** The sentence speaks of another time, or of what is not to be taken as it stands. */
const notNow =
  /\b(?:no longer|not (?:yet|implemented|present)|does(?:n['’]t| not) exist|planned|will(?: be)?|would|future|proposed|previously|formerly|used to|removed|deprecated|coming soon|tbd|e\.g\.|for example|for instance|placeholder)\b|\(new\)/i;
const advice =
  /\b(?:should|could|would|might|recommend\w*|suggest\w*|consider|e\.g\.|for example|for instance|such as|at least|at most|minimum|up to|instead of|increase|raise|reduce|lower|change|(?:if|when(?:ever)?) you|was|were|had|previously|formerly|before)\b|[<>≥≤~≈]/i;

/** The lines that say how things are: no advice, no example, nothing that is yet to be or was once. */
export function spokenLines(parsed: MarkdownDocument): readonly Spoken[] {
  const known = spoken.get(parsed) ?? spokenIn(parsed);
  spoken.set(parsed, known);
  return known;
}
/** Many kinds of claims ask for the lines of one document. */
const spoken = new WeakMap<MarkdownDocument, readonly Spoken[]>();

const spokenIn = (parsed: MarkdownDocument): Spoken[] =>
  parsed.prose.flatMap((raw, n) => {
    if (raw === '' || /^\s*[-*+]\s+\[ \]/.test(raw) || notNow.test(raw.replace(/`[^`]*`/g, ' '))) return [];
    const headings = headingsAbove(parsed, n + 1);
    return isYetToCome('', headings) || isOfAVersion(headings)
      ? []
      : [{ line: n + 1, text: raw.replace(/\*\*|__/g, ''), headings }];
  });

/** Below the heading of a version, or of a list of changes, stands what was so then. */
export const isOfAVersion = (headings: string): boolean =>
  /(?:^|\/ )\W*(?:version )?v?\d+\.\d+(?:\.\d+)?\b|\b(?:change ?log|release notes|version history|what['’]?s new|revisions?)\b/i.test(
    headings,
  );

/** Does the document's head say that it tells of another time? */
export const isSnapshot = (parsed: MarkdownDocument): boolean =>
  parsed.prose
    .slice(0, 12)
    .some((line) =>
      /\b(?:historical|snapshot|archived|superseded|point[- ]in[- ]time|outdated|obsolete)\b/i.test(line),
    );

/** Does the sentence around a match advise, or speak of another time? */
export function isAdvice(text: string, at: number): boolean {
  const from = Math.max(0, ...[...text.slice(0, at).matchAll(/[.;!?]\s|\|/g)].map(({ index }) => index + 1));
  const rest = /[.;!?](?:\s|$)|\|/.exec(text.slice(at));
  return advice.test(text.slice(from, rest ? at + rest.index : undefined).replace(/`[^`]*`/g, ' '));
}

const amount = String.raw`(?:\d[\d,]*(?:\.\d+)?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|sixty|ninety)`;
/** A length of time as documents write it, without a group. */
export const lengthOfTime = String.raw`${amount}[ -]?(?:ms|s|m|h|d|w|y|sec|secs|seconds?|mins?|minutes?|hours?|hrs?|days?|weeks?|years?)\b`;
/** A number, in digits or as a word. */
export const wholeNumber = String.raw`(?:\d{1,6}|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty)`;

const units: [pattern: RegExp, seconds: number][] = [
  [/^ms/i, 0.001],
  [/^(?:m|mins?|minutes?)$/i, 60],
  [/^s/i, 1],
  [/^h/i, 3600],
  [/^d/i, 86_400],
  [/^w/i, 604_800],
  [/^y/i, 31_536_000],
];

/** Seconds of `5 minutes`, `30d`, `1h30m`; undefined where it is no length of time. */
export function secondsOf(text: string): number | undefined {
  let all = 0;
  const rest = text
    .replace(/["'`]/g, '')
    .trim()
    .replace(
      new RegExp(`(\\d[\\d,]*(?:\\.\\d+)?[ -]?|${amount}[ -])([a-z]+)`, 'gi'),
      (_, digits: string, unit: string) => {
        all +=
          valueOf(digits.replace(/[ -]$/, '')) * (units.find(([pattern]) => pattern.test(unit))?.[1] ?? Number.NaN);
        return '';
      },
    );
  return rest === '' && Number.isFinite(all) ? all : undefined;
}
