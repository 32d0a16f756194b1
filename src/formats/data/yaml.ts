import {
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  parseDocument,
  type Document,
  type Node,
  type Scalar,
} from 'yaml';
import { textOf } from './json-parts.ts';
import { quotedLinesIndented } from './lenient-quotes.ts';
import { lineAt } from './lines.ts';

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

/** What a YAML text holds, and where. */
export interface LocatedYaml {
  value: unknown;
  /** The line of what stands at a path, from 1: of its key, or of the item of a list; of the nearest above it that is written there. */
  lineOf(path: readonly (string | number)[]): number;
}

/**
 * The first document of a YAML text, with anchors and merge keys filled in and the last of keys that stand twice; undefined where
 * it does not parse, or would have more than a million values once its aliases are written out.
 */
export function locatedYaml(source: string): LocatedYaml | undefined {
  const parse = (one: string): Document.Parsed =>
    parseDocument(one, { merge: true, logLevel: 'silent', uniqueKeys: false });
  const broken = (one: Document): boolean => one.errors.some((error) => error.code !== 'MULTIPLE_DOCS');
  let text = source;
  let document = parse(text);
  if (broken(document)) document = parse((text = quotedLinesIndented(source)));
  if (broken(document) || writtenOut(document) > maxSize) return undefined;
  const offsetOf = (path: readonly (string | number)[]): number => {
    let node: unknown = document.contents;
    let at = 0;
    for (const part of path) {
      if (isMap(node)) {
        const pair = node.items.findLast((one) => isScalar(one.key) && one.key.value === part);
        if (!pair) return at;
        at = (pair.key as Scalar).range?.[0] ?? at;
        node = pair.value;
      } else if (isSeq(node) && isNode(node.items[Number(part)])) {
        node = node.items[Number(part)];
        at = (node as Node).range?.[0] ?? at;
      } else return at;
    }
    return at;
  };
  try {
    return {
      value: document.toJS({ maxAliasCount: -1 }),
      lineOf: (path) => lineAt(text, offsetOf(path)),
    };
  } catch {
    return undefined;
  }
}

/** Every document of a stream, with the lines of the stream; those that do not parse are left out. */
export function locatedDocuments(stream: string): LocatedYaml[] {
  let first = 0;
  return stream.split(/^---.*$/m).flatMap((part) => {
    const before = first;
    first += part.split('\n').length - 1;
    const found = locatedYaml(part);
    return found ? [{ value: found.value, lineOf: (path) => before + found.lineOf(path) }] : [];
  });
}

/** Where the first key or value that satisfies a test stands, in the order of the document. @param test is told of a value below which key */
export function firstPlace(
  value: unknown,
  test: (text: string, at?: string) => boolean,
  at?: string,
): (string | number)[] | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value !== 'object') return test(textOf(value), at) ? [] : undefined;
  for (const [key, one] of Array.isArray(value) ? value.entries() : Object.entries(value)) {
    if (typeof key === 'string' && test(key)) return [key];
    const below = firstPlace(one, test, typeof key === 'string' ? key : at);
    if (below) return [key, ...below];
  }
  return undefined;
}

/** What `locatedYaml` holds. */
export const yamlOf = (source: string): unknown => locatedYaml(source)?.value;
