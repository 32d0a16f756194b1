import { anchoredRegex } from '../../promql/regex.ts';
import { standIn, comparisonOps, constant, type Expr, type Matcher, type Node } from '../../promql/tree.ts';
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

/** `not`: a value within the bounds that it does not have. */
type Condition = Bounds & { not?: number };

/** The bounds in which each expression lies wherever `expr` gives something, of those that a match compares whole. */
function conditions(expr: Expr, known: KnownMetrics): Map<string, Condition> {
  const found = new Map<string, Condition>();
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
        found.set(textOf(of), { ...narrowed(boundsOf(of, known), op, value), ...(op === '!=' && { not: value }) });
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
      if (other && (apart(bounds, other) || only(bounds, other.not) || only(other, bounds.not)))
        return `${expr.leftText} and ${expr.rightText} are never both true`;
    }
  }
  if (expr.op === 'unless') {
    if (textOf(expr.left) === textOf(expr.right)) return `both sides of unless are ${expr.leftText}: nothing is left`;
    const right = conditions(expr.right, known);
    const left = conditions(expr.left, known);
    // Of several conditions on the right all must hold before it takes anything away.
    const [taken] = right.size === 1 ? [...right] : [];
    const mine = taken && left.get(taken[0]);
    if (
      taken &&
      mine &&
      taken[1].not === undefined &&
      mine.min >= taken[1].min &&
      mine.max <= taken[1].max &&
      !compound(expr.right)
    )
      return `wherever ${expr.leftText} is true, ${expr.rightText} is true too, and takes it away`;
  }
  return undefined;
}

const apart = (a: Bounds, b: Bounds): boolean => Math.max(a.min, b.min) > Math.min(a.max, b.max);
const only = ({ min, max }: Bounds, value: number | undefined): boolean => min === max && min === value;
const compound = (expr: Expr): boolean => expr.kind === 'binary' && !comparisonOps.has(expr.op);
