import { escapeRegex } from '../core/patterns.ts';
import { suggest } from '../core/suggest.ts';
import { readPath } from '../formats/documents/path-text.ts';
import { headingsAbove, isYetToCome, labelAbove } from '../formats/documents/surroundings.ts';
import { foldersAbove } from '../formats/data/paths.ts';
import { namedPaths } from './measures.ts';
import { doubt, holds, isOfAVersion, type Claim, type Reading } from './reading.ts';

const code = /\.(?:rs|go|py|[cm]?[jt]sx?|java|kt|rb|cs|swift|scala|php)$/;
/** `- ✅ \`get_user()\` - …`, `- **\`RingBuffer\`**: …` */
const entry = /^\s*[-*+]\s+[^\p{L}\p{N}`]*`(?:async |def |fn |func |class |struct )?([A-Za-z_]\w{3,})(\([^`]*\))?`/u;
const isNameOfCode = (name: string, call: boolean): boolean => call || /[a-z\d][A-Z]\w*[a-z]|[a-z]_[a-z]/.test(name);
export const excused =
  /\b(?:not|no|planned|future|todo|removed?|renamed?|deprecated|replac\w+|missing|could|should|will|would|instead|e\.g|example|from|via)\b|[❌✖⏳🔲⬜→]/iu;

interface Part {
  path: string;
  names: { name: string; call: boolean; line: number }[];
}

/** The parts of a document that are about one file, by its path in their heading, with the names that their lists begin with. */
async function partsOf({ repository, document, parsed }: Reading): Promise<Part[]> {
  const { prose, headings } = parsed;
  const above = foldersAbove(document);
  const named = Map.groupBy(namedPaths(parsed), ({ line }) => line);
  const parts: Part[] = [];
  for (const [n, heading] of headings.entries()) {
    const paths = (named.get(heading.line) ?? []).filter(({ text }) => code.test(text));
    const [only] = paths;
    if (paths.length !== 1 || !only || readPath(only.text) === undefined) continue;
    const path = (await repository.find(only.text, above)) ?? (await repository.findBySuffix(only.text));
    if (path === undefined || !code.test(path)) continue;
    const end = headings.slice(n + 1).find((one) => one.depth <= heading.depth || named.has(one.line))?.line;
    const names: Part['names'] = [];
    for (let line = heading.line + 1; line < (end ?? prose.length + 1); line++) {
      const [, name = '', args] = entry.exec(prose[line - 1] ?? '') ?? [];
      // A list that names other files is about them.
      if (named.has(line) || !isNameOfCode(name, args !== undefined)) continue;
      if (excused.test((prose[line - 1] ?? '').replace(/`[^`]*`/g, ' '))) continue;
      if (isYetToCome(labelAbove(parsed, line), headingsAbove(parsed, line))) continue;
      names.push({ name, call: args !== undefined, line });
    }
    if (names.length > 2) parts.push({ path, names });
  }
  return parts;
}

/** Functions and types that a document lists below the path of one file: most are in it, and one of them no source defines. */
export async function memberClaims(reading: Reading): Promise<Claim[]> {
  const { sources, parsed } = reading;
  const claims: Claim[] = [];
  if (!sources.whole) return claims;
  for (const { path, names } of await partsOf(reading)) {
    if (isOfAVersion(headingsAbove(parsed, names[0]?.line ?? 1))) continue;
    const own = (await sources.texts()).get(path);
    if (own === undefined) continue;
    const isIn = (name: string): boolean => new RegExp(`\\b${escapeRegex(name)}\\b`).test(own);
    const lost = names.filter(({ name }) => !isIn(name));
    const known = names.filter(({ name }) => isIn(name));
    for (const { name, line } of known) claims.push({ kind: 'name', line, text: name, ...holds(`${path} has it`) });
    if (known.length < 2 || lost.length > known.length) continue;
    const files = await sources.matching(code);
    const { joined } = await sources.words();
    for (const { name, call, line } of lost) {
      const defined = new RegExp(
        String.raw`\b(?:def|class|function\*?|fn|func|fun|struct|enum|trait|interface|type|const|let|var|static|record|object)\s+(?:\([^)]*\)\s*)?${name}\b|\b${name}["']?\s*[:=]|\b${name}\s*(?:<[^>]*>)?\([^)]*\)[^;\n]*(?:\{|=>)\s*$`,
        'm',
      );
      const isSomewhere = call
        ? [...files.values()].some((text) => text.includes(name) && defined.test(text))
        : new RegExp(name, 'i').test(joined);
      if (isSomewhere) continue;
      const meant = suggest(name, own.match(/\b[A-Za-z_]\w{3,}\b/g) ?? []);
      claims.push({
        kind: 'name',
        line,
        text: name,
        ...doubt(
          `${path} has ${known.length} of the names that are listed for it, and no source ${call ? 'defines' : 'has'} this one`,
          meant === undefined ? 'correct the name' : `did you mean ${meant}?`,
        ),
      });
    }
  }
  return claims;
}
