import { posix } from 'node:path';
import { escapeRegex } from '../core/patterns.ts';
import { didYouMean } from '../core/suggest.ts';
import { isBuilt } from '../formats/documents/path-text.ts';
import { headingsAbove, isYetToCome, labelAbove } from '../formats/documents/surroundings.ts';
import { excused } from './listed-members.ts';
import { doubt, holds, isOfAVersion, type Claim, type Reading } from './reading.ts';

/** `- **MetricsConfig.java**: …`, `2. ✅ \`load_test.js\` - …` */
const entry =
  /^\s*(?:[-*+]|\d+[.)])\s+[^\p{L}\p{N}`*]*(?:\*\*|`){1,2}([\w.-]*\w\.(?:rs|go|py|[cm]?[jt]sx?|java|kts?|rb|cs|swift|scala|php|vue|dart|sql|sh|ps1|tf|proto))(?:\*\*|`){1,2}/u;

/**
 * Files that a document lists by their names alone. Such a name may be meant of another place; where three that are listed alike
 * are here, and at most half as many are not, those are missing.
 */
export async function listedFileClaims({ repository, sources, document, parsed }: Reading): Promise<Claim[]> {
  const listed = parsed.prose.flatMap((raw, n) => {
    const name = entry.exec(raw)?.[1];
    const line = n + 1;
    return name === undefined ||
      excused.test(raw.replace(/`[^`]*`/g, ' ')) ||
      isOfAVersion(headingsAbove(parsed, line)) ||
      isYetToCome(labelAbove(parsed, line), headingsAbove(parsed, line))
      ? []
      : [{ name, line }];
  });
  const names = new Map(repository.files.map((file) => [posix.basename(file).toLowerCase(), file]));
  const [known, lost] = [true, false].map((is) => listed.filter(({ name }) => names.has(name.toLowerCase()) === is));
  if (!known || !lost || known.length < 3 || lost.length * 2 > known.length || !sources.whole) return [];
  const claims: Claim[] = known.map(({ name, line }) => ({
    kind: 'path',
    line,
    text: name,
    ...holds(names.get(name.toLowerCase()) ?? name),
  }));
  const texts = [...(await sources.texts()).values()];
  for (const { name, line } of lost) {
    // It may have moved into another file.
    const stem = escapeRegex(name.replace(/\..*$/, ''));
    const defined = new RegExp(
      String.raw`\b(?:class|interface|object|record|struct|enum|trait|module|mod)\s+${stem}\b`,
    );
    if (isBuilt(name) || (await repository.isIgnored(name)) || texts.some((text) => defined.test(text))) continue;
    claims.push({
      kind: 'path',
      line,
      text: name,
      ...doubt(
        `no file of the repository is called so, and ${known.length} that are listed alike are there`,
        didYouMean(
          name,
          [...names.values()].map((file) => posix.basename(file)),
          'correct the name, or take it out of the list',
        ),
      ),
      cause: `files that ${document} lists`,
      more: ', and {n} more names of its lists',
    });
  }
  return claims;
}
