import { anchoredRegex } from '../../promql/regex.ts';
import { standIn } from '../../promql/stand-in.ts';
import { comparisonOps, constant, type Expr, type Matcher, type Node } from '../../promql/tree.ts';
import { boundsOf, narrowed, textOf, thresholdsOf, type Bounds } from './bounds.ts';
import type { KnownMetrics } from '../known-metrics.ts';

const shown = ({ label, op, value }: Matcher): string => `${label}${op}"${value}"`;

function holds({ op, value }: Matcher, text: string): boolean | undefined {
  if (op === '=') return text === value;
  if (op === '!=') return text !== value;
  const regex = anchoredRegex(value);
  return regex && regex.test(text) === (op === '=~');
}

/** Two matchers of one selector that no label value can satisfy together. */
export function contraryMatchers({ matchers }: Node<'selector'>): [string, string] | undefined {
  for (const one of matchers) {
    if (one.op !== '=' || one.value.includes(standIn)) continue;
    const other = matchers.find(
      (two) => two.label === one.label && !two.value.includes(standIn) && holds(two, one.value) === false,
    );
    if (other) return [shown(one), shown(other)];
  }
  return undefined;
}

/** The bounds in which each expression lies wherever `expr` gives something, of those that a match compares whole. */
function conditions(expr: Expr, known: KnownMetrics): Map<string, Bounds> {
  const found = new Map<string, Bounds>();
  if (expr.kind !== 'binary' || expr.bool) return found;
  if (expr.op === 'and' && expr.matching === undefined)
    for (const side of [expr.left, expr.right])
      for (const [key, bounds] of conditions(side, known)) {
        const before = found.get(key);
        found.set(
          key,
          before ? { min: Math.max(before.min, bounds.min), max: Math.min(before.max, bounds.max) } : bounds,
        );
      }
  else if (comparisonOps.has(expr.op) && constant(expr.left) === undefined && constant(expr.right) !== undefined)
    for (const { of, op, value } of thresholdsOf(expr))
      if (of.kind !== 'binary' || !comparisonOps.has(of.op))
        found.set(textOf(of), narrowed(boundsOf(of, known), op, value));
  return found;
}

/** Why the sides of `and` or `unless` leave nothing, by what they compare the same expression with. */
export function emptyTogether(expr: Expr, known: KnownMetrics): string | undefined {
  if (expr.kind !== 'binary' || expr.matching !== undefined || expr.bool) return undefined;
  if (expr.op === 'and') {
    const [left, right] = [conditions(expr.left, known), conditions(expr.right, known)];
    for (const [key, bounds] of left) {
      const other = right.get(key);
      if (bounds.min > bounds.max || (other && other.min > other.max)) continue;
      if (other && Math.max(bounds.min, other.min) > Math.min(bounds.max, other.max))
        return `${expr.leftText} and ${expr.rightText} are never both true`;
    }
  }
  if (expr.op === 'unless') {
    const right = conditions(expr.right, known);
    const left = conditions(expr.left, known);
    // Of several conditions on the right all must hold before it takes anything away.
    const [only] = right.size === 1 ? [...right] : [];
    const mine = only && left.get(only[0]);
    if (only && mine && mine.min >= only[1].min && mine.max <= only[1].max && !compound(expr.right))
      return `wherever ${expr.leftText} is true, ${expr.rightText} is true too, and takes it away`;
  }
  return undefined;
}

const compound = (expr: Expr): boolean => expr.kind === 'binary' && !comparisonOps.has(expr.op);
