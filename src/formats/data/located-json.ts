import type { AnyNode, ValueNode } from '@humanwhocodes/momoa';
import type { JsonObject } from './json-parts.ts';
import { library } from './libraries.ts';

/** A JSON document with the line of everything in it. */
export interface LocatedJson {
  value: unknown;
  /** Line of an object or array, or of one of its members' values; 1 where it is none of this document's. */
  lineOf(holder: unknown, key?: string | number): number;
  /** The JSON path of what begins in a column, where every "line" is one: `.panels[2].title`. */
  pathAt?: (column: number) => string | undefined;
}

/**
 * @param columns a document of one line tells columns in the place of lines
 * @returns the reason and line where the text is no JSON
 */
export function locatedJson(source: string, columns = false): LocatedJson | { refused: string; line: number } {
  const byColumn = columns && !source.trim().includes('\n');
  let root: ValueNode;
  try {
    root = library('@humanwhocodes/momoa').parse(source.replace(/^\ufeff/, ''), { mode: 'json' }).body;
  } catch (error) {
    const line = (error as { line?: number }).line ?? 1;
    return { refused: `it is not JSON (${error instanceof Error ? error.message : ''})`, line };
  }
  const lines = new Map<unknown, { own: number; keys: Map<string | number, number> }>();
  const paths = new Map<number, string>();
  const startOf = ({ loc: { start } }: AnyNode): number => (byColumn ? start.column : start.line);
  const valueOf = (node: ValueNode, path: string): unknown => {
    if (byColumn) paths.set(startOf(node), path);
    switch (node.type) {
      case 'Object': {
        // Without a prototype, so that a key __proto__ is a key like any other.
        const made = Object.create(null) as JsonObject;
        const keys = new Map<string | number, number>();
        for (const member of node.members) {
          const key = member.name.type === 'String' ? member.name.value : member.name.name;
          made[key] = valueOf(member.value, `${path}.${key}`);
          keys.set(key, startOf(member.value));
        }
        lines.set(made, { own: startOf(node), keys });
        return made;
      }
      case 'Array': {
        const made = node.elements.map((element, n) => valueOf(element.value, `${path}[${n}]`));
        const keys = new Map<string | number, number>(
          node.elements.map((element, n) => [n, startOf(element.value)] as const),
        );
        lines.set(made, { own: startOf(node), keys });
        return made;
      }
      case 'String':
      case 'Number':
      case 'Boolean':
        return node.value;
      default:
        return null;
    }
  };
  return {
    value: valueOf(root, ''),
    ...(byColumn && { pathAt: (column) => paths.get(column) }),
    lineOf(holder, key) {
      const known = lines.get(holder);
      return (key === undefined ? undefined : known?.keys.get(key)) ?? known?.own ?? 1;
    },
  };
}
