import { escapeRegex } from '../core/patterns.ts';
import { excuseOf } from '../formats/documents/path-text.ts';
import { headingsAbove, isYetToCome, labelAbove } from '../formats/documents/surroundings.ts';
import type { Sources } from '../repository/sources.ts';
import { memberClaims } from './listed-members.ts';
import { doubt, isOfAVersion, once, type Claim, type Reading } from './reading.ts';

/** Variables that a runtime or a library reads for itself. */
const ofRuntimes =
  /^(?:RUST_(?:LOG|BACKTRACE)|NODE_(?:ENV|OPTIONS)|GO(?:MAXPROCS|MEMLIMIT|GC)|PYTHON[A-Z]+|(?:HTTPS?|NO)_PROXY|TZ)$/;

/** Names that a document lists together: a row of them in back-ticks, or a column of a table. */
interface Listed {
  names: { name: string; line: number; context: string }[];
  /** What the sentence or the table's head says. */
  context: string;
}

const name = /^[A-Za-z][\w-]*(?:[.:][\w-]+)*(?:\(\))?$/;
/** More than a word of a language: it is put together. */
const isPutTogether = (text: string): boolean => /[a-z\d][A-Z]|[A-Za-z\d][_.:-][A-Za-z\d]/.test(text);
/** The sentence tells of what is not there, not yet, or of somebody else's. */
const excused =
  /\b(?:not|no|without|missing|unlike|instead|planned|proposed|future|will|would|could|should|may|add(?:s|ed|ing)?|new|removed?|renamed?|deprecated|replac\w+|install\w*|requires?|prerequisites?|similar|alternatives?|compared|vs|external|upstream|your|you|e\.g|example|such as|like|tools?|librar(?:y|ies)|crates?|packages?|dependenc\w+|languages?|apt|brew|pip|npm)\b|[❌✖⏳🔲⬜]/iu;
const notInTable =
  /\b(?:planned|proposed|future|old|before|previous|removed|deprecated|missing|todo|alternative|competitor|tool)s?\b|[❌✖⏳🔲⬜]/iu;
const row = /(`[^`\n]+`)(?:(?:\s*,\s*(?:and\s+|or\s+)?|\s+(?:and|or|&)\s+|\s*\/\s*)`[^`\n]+`){2,}/g;

function listsOf({ parsed }: Reading): Listed[] {
  const found: Listed[] = [];
  for (const [n, text] of parsed.prose.entries()) {
    if (/^\s*\|/.test(text)) continue;
    for (const [all] of text.matchAll(row)) {
      const names = [...all.matchAll(/`([^`\n]+)`/g)].map(([, one = '']) => ({
        name: one,
        line: n + 1,
        context: text,
      }));
      found.push({ names, context: text.replace(/`[^`]*`/g, ' ') });
    }
    // Names of one style, of three words at least, in one line.
    const snake = [...text.matchAll(/`([a-z]\w*_[a-z]\w*_\w+)`/g)].map(([, one = '']) => one);
    if (snake.length > 2 && new Set(snake).size === snake.length)
      found.push({
        names: snake.map((one) => ({ name: one, line: n + 1, context: text })),
        context: text.replace(/`[^`]*`/g, ' '),
      });
  }
  for (const { header, rows } of parsed.tables) {
    const at = rows.every(({ cells }) => name.test(bare(cells[0]))) ? 0 : -1;
    if (at < 0 || rows.length < 4 || notInTable.test(header.join(' '))) continue;
    const names = rows
      .filter(({ cells }) => !notInTable.test(cells.join(' ')))
      .map(({ cells, line }) => ({ name: bare(cells[0]), line, context: '' }));
    found.push({ names, context: '' });
  }
  return found;
}
const bare = (cell = ''): string => cell.replace(/[`*]/g, '').trim();

const wordsOf = (text: string): string[] => text.split(/[_-]|(?<=[a-z\d])(?=[A-Z])/).map((one) => one.toLowerCase());

/** How a source may write the name: an enum's variant for a word of its configuration, and the other way round. */
function spellings(text: string): string[] {
  const own = text.replace(/\(\)$/, '');
  const words = wordsOf(own);
  const pascal = words.map((one) => one.charAt(0).toUpperCase() + one.slice(1)).join('');
  return [
    ...new Set([own, words.join('_'), words.join('-'), pascal, pascal.charAt(0).toLowerCase() + pascal.slice(1)]),
  ];
}

/** How a name is looked for: each spelling, and how it stands in quotes, as a variant, or, where it is put together, as a whole. */
const patternsOf = (one: string): { word: string; pattern: RegExp }[] =>
  spellings(one).map((word) => {
    const own = escapeRegex(word);
    const pattern = isPutTogether(word)
      ? new RegExp(`(?<![\\w-])${own}(?![\\w-])`)
      : new RegExp(`["'\`]${own}["'\`]|^\\s*(?:-\\s+)?${own}\\s*(?:[:,({=]|$)`, 'm');
    return { word, pattern };
  });

/** Is there no file in which it stands as a word, in whatever spelling, nor one that is called so? */
async function isNowhere(sources: Sources, one: string): Promise<boolean> {
  const whole = (words: readonly string[]): RegExp =>
    new RegExp(`(?<![A-Za-z])(?:${words.map(escapeRegex).join('|')})(?![A-Za-z])`, 'i');
  const all = spellings(one);
  const pattern = whole(all);
  const { joined } = await sources.words();
  const texts = await sources.texts();
  if (pattern.test(joined) || [...texts.keys()].some((path) => pattern.test(path))) return false;
  // What is no single word stands where each of its words does.
  const open = all.filter((word) => /\W/.test(word) && word.split(/\W+/).every((part) => whole([part]).test(joined)));
  // `client.Events.List`, `plugin.helm.kubeVersion`: a path of parts that the sources have, each at its own place.
  if (open.length > 0 && one.includes('.')) return false;
  const joinedUp = whole(open);
  return open.length === 0 || [...texts.values()].every((text) => !joinedUp.test(text));
}
const nowhere = once(() => Promise.resolve(new Map<string, Promise<boolean>>()));

/** Those of the names that stand nowhere; each name is looked for once. */
async function lostOf<N extends { name: string }>(sources: Sources, names: readonly N[]): Promise<N[]> {
  const known = await nowhere(sources);
  const lost: N[] = [];
  for (const one of names) {
    const asked = known.get(one.name) ?? isNowhere(sources, one.name);
    known.set(one.name, asked);
    if (await asked) lost.push(one);
  }
  return lost;
}

const ofCode = /\.(?:rs|go|py|[cm]?[jt]sx?|java|kt|rb|cs|proto|ya?ml|json|toml)$/;
const aside =
  /(?:^|\/)(?:node_modules|vendor|testdata|fixtures?|tests?|e2e|examples?|\.github)\/|_test\.go$|\.(?:test|spec)\.\w+$/;

/** In a row of names that one file of the repository has together, or a list below its path, the one that stands nowhere. */
export async function strangerClaims(reading: Reading): Promise<Claim[]> {
  const { sources, parsed } = reading;
  const claims = await memberClaims(reading);
  if (!sources.whole) return claims;
  for (const { names, context } of listsOf(reading)) {
    const [first] = names;
    if (!first || !names.every((one) => name.test(one.name) && one.name.length > 2)) continue;
    // Labels of rows are words, and no names of code.
    if (context === '' && names.every((one) => /^[A-Z][a-z]+$/.test(one.name))) continue;
    const headings = headingsAbove(parsed, first.line);
    const label = labelAbove(parsed, first.line);
    if (
      excused.test(context) ||
      excused.test(label) ||
      isYetToCome(label, headings) ||
      isOfAVersion(headings) ||
      excuseOf(context, '') === 'absent' ||
      /(?=[^\p{ASCII}])\p{L}/u.test(context)
    )
      continue;
    if (names.every((one) => claims.some((other) => other.text === one.name))) continue;
    const most = Math.max(1, Math.floor(names.length / 5));
    // Two short names may stand together in any file.
    const least =
      first.context === '' || !names.some((one) => one.name.includes('_') || wordsOf(one.name).length > 2) ? 3 : 2;
    const lost = (await lostOf(sources, names)).filter((one) => !ofRuntimes.test(one.name));
    if (lost.length === 0 || lost.length > most) continue;
    const others = names
      .filter((one) => !lost.includes(one))
      .map((one) => ({ ...one, patterns: patternsOf(one.name) }));
    const isIn = (text: string) => (one: (typeof others)[number]) =>
      one.patterns.some(({ word, pattern }) => text.includes(word) && pattern.test(text));
    // Which file a long list is of, a part of it shows.
    const some = others.slice(0, 24);
    let best: string | undefined;
    let greatest = 0;
    const files = await sources.matching(ofCode);
    for (const [path, text] of files) {
      if (aside.test(path)) continue;
      const here = some.filter(isIn(text)).length;
      if (here > greatest) [best, greatest] = [path, here];
      if (greatest === some.length) break;
    }
    const known = others.filter(isIn(files.get(best ?? '') ?? '')).length;
    if (best === undefined || known < Math.max(least, names.length - most)) continue;
    for (const one of lost)
      claims.push({
        kind: 'name',
        line: one.line,
        text: one.name,
        ...doubt(
          `${best} has the other ${known} names that are listed with it, and no file has this one`,
          'correct the name',
        ),
      });
  }
  return claims;
}
