import { isAlias, isMap, isNode, isScalar, isSeq, visit, type Document, type Node, type Pair } from 'yaml';

/** Puts in what aliases and merge keys (`<<`) stand for, as Prometheus's YAML library does. */
export function writeAliasesOut(document: Document): void {
  const anchored = new Map<string, Node>();
  visit(document, (_, node) => {
    if (isAlias(node)) return (anchored.get(node.source) ?? node.resolve(document))?.clone() as Node | undefined;
    if (isNode(node) && 'anchor' in node && typeof node.anchor === 'string') anchored.set(node.anchor, node);
    return undefined;
  });
  visit(document, {
    Map(_, map) {
      const merged = (map.items as Pair<Node, Node>[]).filter((pair) => isScalar(pair.key) && pair.key.value === '<<');
      map.items = map.items.filter((pair) => !merged.includes(pair as Pair<Node, Node>));
      for (const { value } of merged)
        for (const from of isSeq(value) ? (value.items as Node[]) : [value])
          if (isMap(from)) for (const pair of from.items) if (!map.has(pair.key)) map.items.push(pair);
    },
  });
}
