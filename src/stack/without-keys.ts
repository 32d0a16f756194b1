import { isScalar, parseDocument, visit } from 'yaml';

/** A YAML text without these keys, wherever they stand: what an older program does not know. */
export function withoutKeys(text: string, keys: readonly string[]): string {
  const document = parseDocument(text);
  visit(document, {
    Pair: (_, pair) => (isScalar(pair.key) && keys.includes(String(pair.key.value)) ? visit.REMOVE : undefined),
  });
  return document.toString();
}
