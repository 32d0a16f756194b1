import { lenientTree } from '../formats/promql/read.ts';
import { withoutFilters } from '../formats/promql/without-filters.ts';
import { childrenOf, comparisonOps, constant, type Expr } from '../formats/promql/tree.ts';

/** An operation that finds its partners by labels. */
export interface Join {
  op: string;
  left: string;
  right: string;
  on: string[];
  ignoring: string[];
  /** The operation so that it has a result wherever the labels match. */
  whole: string;
}

/**
 * Operations between series in which a partner is to be found: arithmetic, comparisons, `and`, `unless`. Their sides are
 * without comparisons: a side that is empty while all is well would hide labels that can never match.
 */
export function joinsOf(expr: string): Join[] {
  const found: Join[] = [];
  const visit = (tree: Expr): void => {
    for (const child of childrenOf(tree)) visit(child);
    if (tree.kind !== 'binary' || tree.op === 'or') return;
    if (!isVector(tree.left) || !isVector(tree.right)) return;
    const { op, modifier } = tree;
    const [left, right] = [withoutFilters(tree.leftText), withoutFilters(tree.rightText)];
    const [on, ignoring] = tree.matching === 'on' ? [tree.labels, []] : [[], tree.labels];
    const bool = comparisonOps.has(op) ? ' bool' : '';
    found.push({
      op,
      left,
      right,
      on,
      ignoring,
      whole: `(${left}) ${op === 'unless' ? 'and' : op}${bool} ${modifier} (${right})`,
    });
  };
  visit(lenientTree(expr));
  return found;
}

/** Is it a vector, and not a number or the time? */
function isVector(tree: Expr): boolean {
  if (tree.kind === 'selector') return true;
  if (constant(tree) !== undefined || tree.kind === 'number') return false;
  if (tree.kind === 'call' && ['scalar', 'time', 'vector', 'pi'].includes(tree.name)) return false;
  return childrenOf(tree).some(isVector);
}

/** The labels by which a series is matched. */
const matched = (join: Join, labels: readonly string[]): string[] =>
  (join.on.length > 0
    ? labels.filter((label) => join.on.includes(label))
    : labels.filter((label) => !join.ignoring.includes(label))
  )
    .filter((label) => label !== '__name__')
    .toSorted();

/**
 * Can no pair of these series match, because their label names differ?
 * @param left, right label names of each series
 */
export function neverMatch(join: Join, left: readonly string[][], right: readonly string[][]): boolean {
  if (left.length === 0 || right.length === 0 || / on\s*\(\s*\)/.test(join.whole)) return false;
  const keys = new Set(right.map((labels) => matched(join, labels).join()));
  return left.every((labels) => !keys.has(matched(join, labels).join()));
}

/** The value whose labels an alert's instances bear: the left side of its comparison, of `and` and of `unless`. */
export function bearer(expr: string): string | undefined {
  let tree = lenientTree(expr);
  let text: string | undefined;
  while (tree.kind === 'binary' && (comparisonOps.has(tree.op) || tree.op === 'and' || tree.op === 'unless')) {
    if (comparisonOps.has(tree.op) && !isVector(tree.left)) return undefined;
    // A comparison one to one by `on` keeps those labels alone.
    if (comparisonOps.has(tree.op) && tree.modifier !== '') return undefined;
    text = tree.leftText;
    tree = tree.left;
  }
  return text;
}

/**
 * Does the expression compare values, or ask for an absence? Where it only counts series, or does not compare, that a series
 * is there is the condition.
 */
export function conditional(expr: string): boolean {
  const visit = (tree: Expr): boolean =>
    (tree.kind === 'binary' && (comparisonOps.has(tree.op) || tree.op === 'unless')) ||
    (tree.kind === 'call' && tree.name.startsWith('absent')) ||
    childrenOf(tree).some(visit);
  const counts = (tree: Expr): boolean =>
    ((tree.kind === 'aggregate' || tree.kind === 'call') &&
      /^(?:count|group|present)/.test(tree.kind === 'call' ? tree.name : tree.op)) ||
    childrenOf(tree).some(counts);
  const tree = lenientTree(expr);
  return visit(tree) && !counts(tree);
}
