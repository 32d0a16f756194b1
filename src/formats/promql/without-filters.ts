import type { SyntaxNode } from '@lezer/common';
import { library } from '../data/libraries.ts';
import { withoutComments } from './literals.ts';
import { lenientTree } from './read.ts';
import { comparisonOps, constant } from './tree.ts';

/**
 * The same expression with its comparisons taken out, so that it has every series that it compares: `a > 5` becomes `a`, a
 * comparison of two vectors one with `bool`. The labels of the result stay as they are.
 */
export function withoutFilters(source: string): string {
  const text = withoutComments(source);
  const top = library('@prometheus-io/lezer-promql').parser.parse(text).topNode.firstChild;
  return top ? render(top, text) : source;
}

function render(node: SyntaxNode, text: string): string {
  if (node.name === 'StringLiteral' || !node.firstChild) return text.slice(node.from, node.to);
  if (node.name === 'BinaryExpr') {
    const made = comparison(node, text);
    if (made !== undefined) return made;
  }
  let [made, at] = ['', node.from];
  for (let child: SyntaxNode | null = node.firstChild; child; child = child.nextSibling) {
    made += text.slice(at, child.from) + render(child, text);
    at = child.to;
  }
  return made + text.slice(at, node.to);
}

function comparison(node: SyntaxNode, text: string): string | undefined {
  const [left, right] = [node.firstChild, node.lastChild];
  if (!left || !right || left === right) return undefined;
  const between = text.slice(left.to, right.from);
  const op = /^\s*(==|!=|>=|<=|>|<)/.exec(between)?.[1];
  if (op === undefined || !comparisonOps.has(op) || /^\W*bool\b/i.test(between)) return undefined;
  const isNumber = (side: SyntaxNode): boolean => {
    const tree = lenientTree(text.slice(side.from, side.to));
    return constant(tree) !== undefined || (tree.kind === 'call' && (tree.name === 'scalar' || tree.name === 'time'));
  };
  if (isNumber(left) && isNumber(right)) return undefined;
  if (isNumber(right)) return `(${render(left, text)})`;
  if (isNumber(left)) return `(${render(right, text)})`;
  return `(${render(left, text)}${between.replace(op, `${op} bool`)}${render(right, text)})`;
}
