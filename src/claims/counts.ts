import { posix } from 'node:path';
import { escapeRegex } from '../core/patterns.ts';
import type { MarkdownDocument } from '../formats/documents/markdown.ts';
import { numberPhrases, valueOf, type NumberSeen } from '../formats/documents/number-ties.ts';
import { excuseOf, isGlob, readPath } from '../formats/documents/path-text.ts';
import { headingsAbove, labelAbove } from '../formats/documents/surroundings.ts';
import { pathsOfTree } from './drawn-paths.ts';
import { namedPaths } from './measures.ts';
import type { Sources } from '../repository/sources.ts';
import { doubt, holds, wrong, type Claim, type Reading, type Verdict } from './reading.ts';
import { foldersAbove } from '../formats/data/paths.ts';
import { counted, type Counted } from './counted-things.ts';
import { groupClaims, tableClaims } from './counted-parts.ts';

const aside =
  /^(?:total|configured|visuali[sz]ation|individual|distinct|unique|different|production|complete|working|custom)\s+/i;
const participle =
  /\s+(?:total|configured|defined|provisioned|created|added|implemented|loaded|deployed|available|exposed|exported|documented|delivered|active|with|set|written)$/i;

/** `path`: the file of a drawing beside which it stands. */
type Phrase = NumberSeen & { claim: string; path?: string; note?: string };

/** `18 panels`, `Alert rules: 12`, `**Alerts configured**: 12`, `Recording rules (6)`, and rows of a table with a column `Count`. */
function phrasesOf(parsed: MarkdownDocument): Phrase[] {
  const found: Phrase[] = numberPhrases(parsed.prose);
  const add = (line: number, noun: string, written: string, text: string): void => {
    // "(15 total)" says of nothing what it counts.
    if (!found.some((one) => one.line === line && !one.claim.startsWith('{n} total')))
      found.push({ line, text, value: valueOf(written), atLeast: written.endsWith('+'), claim: `{n} ${noun.trim()}` });
  };
  for (const [n, raw] of parsed.prose.entries()) {
    if (/^\s*(?:\||#)/.test(raw)) continue;
    const line = raw.replace(/[*_`]/g, '');
    const [text = '', noun = '', written = ''] =
      /^\s*(?:[-+✅☑]\s*|\d+[.)]\s+)*((?:[A-Za-z]+ ){0,3}[A-Za-z]+)\s*(?:[:=]\s*|\()(\d{1,4}\+?)(?: total)?(?:\)|\s*$|\s*[,(.])/u.exec(
        line,
      ) ?? [];
    if (text !== '') add(n + 1, noun, written, text.trim().replace(/^[-+]\s+/, ''));
  }
  // `├── metrics.py  # 40+ metrics`
  for (const fence of parsed.fences)
    for (const { path, line, note } of /\d/.test(fence.text) ? pathsOfTree(fence.text) : []) {
      const said = note.replace(/^[^\p{L}\d]+/u, '');
      for (const phrase of numberPhrases([said])) found.push({ ...phrase, line: fence.line + line, path, note: said });
    }
  for (const { header, rows } of parsed.tables) {
    const at = header.findIndex(
      (head, n) => n > 0 && /^\W*(?:count|number|total|quantity|#|amount|delivered|actual|value)\W*$/i.test(head),
    );
    if (at < 0) continue;
    for (const { cells, line } of rows) {
      const written = /^\W*(\d{1,4}\+?)\W*$/.exec(cells[at] ?? '')?.[1];
      if (written !== undefined)
        add(line, (cells[0] ?? '').replace(/[^A-Za-z ]/g, '').trim(), written, `${cells[0]}: ${cells[at]}`);
    }
  }
  return found;
}

/** The sums of what lies in one folder, at any depth. */
function sumsByFolder(found: ReadonlyMap<string, number>): number[] {
  const sums = new Map<string, number>();
  for (const [path, count] of found)
    for (let folder = posix.dirname(path); folder !== '.'; folder = posix.dirname(folder))
      sums.set(folder, (sums.get(folder) ?? 0) + count);
  return [...sums.values()];
}

/** The sentence of a line in which `at` stands. */
function sentenceAt(line: string, at: number): string {
  const from = Math.max(0, ...[...line.slice(0, at).matchAll(/[.;!?]\s/g)].map((end) => end.index + 1));
  const end = /[.;!?](?:\s|$)/.exec(line.slice(at))?.index;
  return line.slice(from, end === undefined ? undefined : at + end);
}

/** A number that is of some of them, or of another time. */
const ofSome =
  /\b(?:add(?:s|ed|ing)?|new|more|additional|another|first|last|remaining|other|these|following|up to|at most|at least|least|over|under|about|around|roughly|between|per|each|any|split|fired?|firing|active|only|top|example|sample|across|within|by default|should|must|planned|total of|needs?|was|were|from|fail\w*|fix\w*|broken?|flaky|skip\w*|repair\w*|updat\w*|modif\w*|chang\w*|refactor\w*|extend\w*|publish\w*|on (?:crates\.io|npm|pypi))\b|[~≈]|^\s*\|\W*v?\d+\.\d+[\w.-]*\W*\|/i;

/**
 * Counts of what the repository holds: alert and recording rules, dashboards, panels, Compose services, crates. Beside the path
 * of one such file a number that is neither of it nor of one of its groups is false; a number that fits nothing is doubtful.
 */
export async function countClaims({ repository, sources, document, parsed }: Reading): Promise<Claim[]> {
  const claims = [...(await tableClaims(sources, parsed)), ...(await groupClaims(sources, parsed))];
  const above = foldersAbove(document);
  const bare = namedPaths(parsed);
  for (const phrase of phrasesOf(parsed)) {
    const line = phrase.note ?? parsed.prose[phrase.line - 1] ?? '';
    const what = countedBy(phrase, line);
    if (!what) continue;
    const found = await what.count(sources);
    const all = [...found.values()].reduce((a, b) => a + b, 0);
    if (all === 0) continue;
    const named = new Set<string>((await what.called?.(sources, line)) ?? []);
    const namedAt = (at: number): string[] =>
      [...parsed.spans, ...bare].filter((one) => one.line === at).map((one) => one.text);
    const own = phrase.path === undefined ? namedAt(phrase.line) : [phrase.path];
    // What is said below the heading of a file may still be of all.
    const isHeaded = own.length === 0 && phrase.value !== all;
    const onLine = new Set(isHeaded ? namedAt(subjectOf(parsed, phrase.line, what.ofKind === true) ?? 0) : own);
    const plain = line.replace(/[*`]/g, '');
    const at = Math.max(0, plain.indexOf(phrase.text));
    let nearest: string | undefined;
    for (const text of onLine)
      for (const path of readPath(text)?.paths ?? []) {
        const file = isGlob(path)
          ? undefined
          : ((await repository.find(path, above)) ??
            (await repository.findBySuffix(path)) ??
            // A drawing may begin with the repository's own folder.
            (phrase.path === undefined ? undefined : await repository.find(path.split('/').slice(1).join('/'), above)));
        if (file === undefined || !found.has(file)) continue;
        named.add(file);
        // "`a.py`: 12 tests, `b.py`: 3 tests": each number is of the file right before it.
        if (new RegExp(`${escapeRegex(text)}[^.;,\\d]{0,24}$`).test(plain.slice(0, at))) nearest = file;
      }
    if (nearest !== undefined && named.size > 1) {
      named.clear();
      named.add(nearest);
    }
    if (named.size === 0 && what.about?.test(`${line} ${headingsAbove(parsed, phrase.line)}`) === false) continue;
    if (phrase.atLeast) {
      // Of tests not all can be counted, but for those of a file that is named.
      const [file = ''] = named;
      const inFile = named.size === 1 ? (found.get(file) ?? 0) : 0;
      if (what.grows === true && inFile > 0 && inFile < phrase.value * 0.9 && !ofSome.test(sentenceAt(plain, at)))
        claims.push({
          kind: 'value',
          line: phrase.line,
          text: phrase.text,
          ...doubt(`${file} has ${inFile}`, 'correct the number, or what it counts'),
        });
      const total = what.grows === true ? Infinity : Math.max(all, (await what.most?.(sources)) ?? 0);
      // "Across all parts" speaks of the whole.
      const words = sentenceAt(plain, at).replace(/\b(?:across|within) (?:all|the|\d+)\b/gi, '');
      if (total < phrase.value * 0.95 && sources.whole && !ofSome.test(words))
        claims.push({
          kind: 'value',
          line: phrase.line,
          text: phrase.text,
          ...doubt(`the repository has ${total}`, 'correct the number'),
          cause: `${phrase.value} ${what.noun}`,
          more: ', and {n} more sentences say so',
        });
      continue;
    }
    const seen: Seen = {
      what,
      found,
      all,
      named,
      line,
      label: labelAbove(parsed, phrase.line),
      words: sentenceAt(plain, at),
      value: phrase.value,
    };
    const verdict = isTotal(seen) ? await judgeTotal(seen, sources) : await judgeCount(seen, sources);
    if (verdict) claims.push({ kind: 'value', line: phrase.line, text: phrase.text, ...verdict });
  }
  return claims;
}

const label = /^\W*(?:file|path|location|source|config(?:uration)?(?: file)?)\W*:\W*`/i;

/**
 * The line that names the file which this one is about: the heading right above it, or `**File:** \`x\`` as the one such line
 * below the heading.
 */
function subjectOf({ headings, prose }: MarkdownDocument, line: number, inLists: boolean): number | undefined {
  const heading = headings.findLast((one) => one.line < line)?.line ?? 0;
  const between = prose.slice(heading, line - 1);
  const labels = between.flatMap((text, n) => (label.test(text) ? [heading + n + 1] : []));
  // An entry of a list is of a part of it.
  const isPart = /^\s*(?:[-*+]|\d+[.)])\s|^\s*\|/.test(prose[line - 1] ?? '');
  if (labels.length > 0) return labels.length === 1 && (inLists || !isPart) ? labels[0] : undefined;
  return between.every((text) => text.trim() === '') && !isPart ? heading : undefined;
}

/** What a phrase counts; undefined where it says no number of anything that is known. */
function countedBy({ claim, value }: Phrase, line: string): Counted | undefined {
  const noun = claim
    .replace(/^\{n\} /, '')
    .replace(aside, '')
    .replace(/\s+(?:across|total|over|under|below|within)\b.*$/i, '')
    .replace(/\bmetric types$/i, 'metrics')
    .replace(participle, '');
  // `:8444 Dashboard` counts none.
  if (!Number.isInteger(value) || !(/s$/i.test(noun) || value === 1)) return undefined;
  // `>20 services` says no number, and the number of a section counts nothing.
  const isNone = new RegExp(`[<>≥≤~≈]\\s?${value}\\b|^\\s*(?:#+\\s*|\\*\\*)${value}\\b`).test(line);
  // Crates that are asked for are those of others.
  if (isNone || (/crates$/i.test(noun) && /\bdepend|\bdeps\b|\bexternal\b/i.test(line))) return undefined;
  return counted.find((one) => one.noun.test(noun));
}

interface Seen {
  what: Counted;
  found: ReadonlyMap<string, number>;
  all: number;
  /** The files that the line names. */
  named: ReadonlySet<string>;
  line: string;
  /** What introduces the list that it stands in. */
  label: string;
  /** The sentence. */
  words: string;
  value: number;
}

/** Is the number one of everything there is? */
const isTotal = ({ what, found, named, line, value }: Seen): boolean =>
  what.total === true &&
  named.size === 0 &&
  found.size <= 6 &&
  new RegExp(
    `\\btotal\\b[^.;,|]{0,24}\\b${value}\\b|\\b${value} (?:total |\\w+ ){0,2}panels (?:in all|in total|total|altogether|across)\\b|\\b${value} total\\b`,
    'i',
  ).test(line);

async function judgeTotal({ what, found, all, value }: Seen, sources: Sources): Promise<Verdict> {
  const sums = new Set([all, ...sumsByFolder(found)]);
  if (sums.has(value)) return holds(`${all} in the repository`);
  const whole = (await what.whole?.(sources, found)) === true && sums.size <= 2;
  return (whole ? wrong : doubt)(`the repository has ${all}`, 'correct the number, or say of what it is');
}

/** A number of one file, or of all of them; undefined where it may be of something else. */
async function judgeCount(
  { what, found, all, named, line, label, words, value }: Seen,
  sources: Sources,
): Promise<Verdict | undefined> {
  // "Two services (Prometheus + Grafana)" says itself which.
  if (/\w+s\s*\((?:`?[\w./ -]+`?(?:\s*(?:\+|,|&)\s*|\s+and\s+))+`?[\w./ -]+`?\)/.test(words)) return undefined;
  const counts = [...found.values()];
  const parts = (await what.parts?.(sources)) ?? [];
  const [only] = named;
  const own = only === undefined ? undefined : found.get(only);
  if (what.besidePath === true && named.size === 0 && !ofSome.test(words))
    return await what.overall?.(sources, value, words);
  if (what.besidePath === true && (named.size !== 1 || own === undefined)) return undefined;
  if (only !== undefined && value === (await what.also?.(sources))?.get(only)) return holds(`${only} has ${own}`);
  if ([...counts, ...parts, all].includes(value) && (own === undefined || own === value || parts.includes(value)))
    return holds(only === undefined ? `${all} in the repository` : `${only} has ${own}`);
  if (ofSome.test(words) || excuseOf(line.replace(/:\W*$/, '.'), '') === 'absent') return undefined;
  // "8 integration tests + 1 class test", and the tests of files that a list is about for another reason.
  if (what.grows === true && (/\btests?\b[^.;|]{0,12}\+\s?\d/i.test(line) || /\baffected\b/i.test(label)))
    return undefined;
  if (named.size === 1 && own !== undefined && own > 0)
    // Tests are added day by day: only more than there are were never there.
    return (what.grows === true && own > value ? doubt : wrong)(
      `${only} has ${own}`,
      'correct the number, or what it counts',
    );
  // Which of several files is meant is not known.
  const sure = what.sure?.test(line) === true;
  if (named.size > 0 || (found.size > 1 && !sure)) return undefined;
  const proven = found.size === 1 && sure && (await what.whole?.(sources, found)) === true;
  const each = counts.length > 1 && counts.length < 9 ? ` (${counts.join(' + ')})` : '';
  return (proven ? wrong : doubt)(`the repository has ${all}${each}`, 'correct the number, or say of what it is');
}
