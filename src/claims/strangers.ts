import { escapeRegex } from '../core/patterns.ts';
import { excuseOf } from '../formats/documents/path-text.ts';
import { headingsAbove, isYetToCome, labelAbove } from '../formats/documents/surroundings.ts';
import { doubt } from '../formats/documents/verdict.ts';
import type { Sources } from '../repository/sources.ts';
import type { Claim } from './claim.ts';
import type { Reading } from './reading.ts';
import { isOfAVersion } from './spoken.ts';

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

/** How a source may write the name: an enum's variant for a word of its configuration, and the other way round. */
function spellings(text: string): string[] {
  const own = text.replace(/\(\)$/, '');
  const words = own.split(/[_-]|(?<=[a-z\d])(?=[A-Z])/).map((one) => one.toLowerCase());
  const pascal = words.map((one) => one.charAt(0).toUpperCase() + one.slice(1)).join('');
  return [
    ...new Set([own, words.join('_'), words.join('-'), pascal, pascal.charAt(0).toLowerCase() + pascal.slice(1)]),
  ];
}

/** Does the text have the name: in quotes, as a variant of its own, or, where it is put together, anywhere as a whole? */
const standsIn = (text: string, one: string): boolean =>
  spellings(one).some((word) => {
    if (!text.includes(word)) return false;
    const own = escapeRegex(word);
    return (
      isPutTogether(word)
        ? new RegExp(`(?<![\\w-])${own}(?![\\w-])`)
        : new RegExp(`["'\`]${own}["'\`]|^\\s*(?:-\\s+)?${own}\\s*(?:[:,({=]|$)`, 'm')
    ).test(text);
  });

/** Is there no file in which it stands as a word, in whatever spelling, nor one that is called so? */
async function isNowhere(sources: Sources, one: string): Promise<boolean> {
  const words = spellings(one).map(escapeRegex);
  const pattern = new RegExp(`(?<![A-Za-z])(?:${words.join('|')})(?![A-Za-z])`, 'i');
  return [...(await sources.texts())].every(([path, text]) => !pattern.test(path) && !pattern.test(text));
}

const ofCode = /\.(?:rs|go|py|[cm]?[jt]sx?|java|kt|rb|cs|proto|ya?ml|json|toml)$/;
const aside = /(?:^|\/)(?:node_modules|vendor|testdata|fixtures?|tests?|examples?|\.github)\//;

/** In a row of names that one file of the repository has together, the one that stands nowhere. */
export async function strangerClaims(reading: Reading): Promise<Claim[]> {
  const { sources, parsed } = reading;
  const claims: Claim[] = [];
  if (!sources.whole) return claims;
  for (const { names, context } of listsOf(reading)) {
    const [first] = names;
    if (!first || !names.every((one) => name.test(one.name) && one.name.length > 2)) continue;
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
    const least = first.context === '' ? 3 : 2;
    let best: string | undefined;
    let known: typeof names = [];
    for (const [path, text] of await sources.matching(ofCode)) {
      if (aside.test(path)) continue;
      const here = names.filter((one) => standsIn(text, one.name));
      if (here.length > known.length) [best, known] = [path, here];
      if (known.length === names.length) break;
    }
    if (best === undefined || known.length < Math.max(least, names.length - most) || known.length === names.length)
      continue;
    for (const one of names) {
      if (known.includes(one) || !(await isNowhere(sources, one.name))) continue;
      claims.push({
        kind: 'name',
        line: one.line,
        text: one.name,
        ...doubt(
          `${best} has the other ${known.length} names that are listed with it, and no file has this one`,
          'correct the name',
        ),
      });
    }
  }
  return claims;
}
