import { parseDocument } from 'yaml';

/**
 * What the first document of a YAML text holds, with anchors and merge keys filled in and the last of keys that stand twice;
 * undefined where it does not parse. Aliases are counted with those that they hold: a text of more than a million, which is
 * made to exhaust memory, does not parse either.
 */
export function yamlOf(source: string): unknown {
  const document = parseDocument(source, { merge: true, logLevel: 'silent', uniqueKeys: false });
  if (document.errors.some((error) => error.code !== 'MULTIPLE_DOCS')) return undefined;
  try {
    return document.toJS({ maxAliasCount: 1_000_000 });
  } catch {
    return undefined;
  }
}
