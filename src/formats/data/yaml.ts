import { isAlias, isCollection, isPair, parseDocument, type Document } from 'yaml';
import { quotedLinesIndented } from './lenient-quotes.ts';

/** Values that a document may have once its aliases are written out; one that has more was made to exhaust memory. */
const maxSize = 1_000_000;

/**
 * How many values a document has once every alias is written out, counted without writing them out. Infinity where an alias stands
 * inside of what it names.
 */
export function writtenOut(document: Document): number {
  const anchors = new Map<string, number>();
  const sizeOf = (node: unknown): number => {
    if (isAlias(node)) return anchors.get(node.source) ?? 1;
    if (isPair(node)) return sizeOf(node.key) + sizeOf(node.value);
    const anchor = (node as { anchor?: string } | null)?.anchor;
    // Until it is counted, whatever names it stands inside of it.
    if (anchor !== undefined) anchors.set(anchor, Number.POSITIVE_INFINITY);
    let size = 1;
    if (isCollection(node)) for (const item of node.items) size += sizeOf(item);
    if (anchor !== undefined) anchors.set(anchor, size);
    return size;
  };
  return sizeOf(document.contents);
}

/**
 * What the first document of a YAML text holds, with anchors and merge keys filled in and the last of keys that stand twice;
 * undefined where it does not parse, or would have more than a million values once its aliases are written out.
 */
export function yamlOf(source: string): unknown {
  const parse = (text: string): Document.Parsed =>
    parseDocument(text, { merge: true, logLevel: 'silent', uniqueKeys: false });
  const broken = (one: Document): boolean => one.errors.some((error) => error.code !== 'MULTIPLE_DOCS');
  let document = parse(source);
  if (broken(document)) document = parse(quotedLinesIndented(source));
  if (broken(document)) return undefined;
  if (writtenOut(document) > maxSize) return undefined;
  try {
    return document.toJS({ maxAliasCount: -1 });
  } catch {
    return undefined;
  }
}
