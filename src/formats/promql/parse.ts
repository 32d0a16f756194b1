import { unquote, withoutComments } from './literals.ts';
import { readPromQl } from './read.ts';
import { comparisonOps, constant, walk, type Expr, type Matcher } from './tree.ts';

/** A series selector as it stands in an expression. `name` is undefined where the metric is chosen by a matcher alone. */
export interface Selector {
  name: string | undefined;
  matchers: Matcher[];
  /** The selector's own text, without range and offset. */
  text: string;
  /** Milliseconds of its range, where it has one. */
  rangeMs?: number;
  /** Names of the functions around it, innermost first. */
  inside: string[];
  /** True where its absence is meant: inside absent(), right of `unless`, or an operand of `or`. */
  mayBeAbsent: boolean;
}

export interface PromQl {
  /** Offset of the first thing that does not parse. */
  errorAt?: number;
  selectors: Selector[];
  /** First argument of every histogram_quantile; NaN where it is no number. */
  quantiles: number[];
  /** Does the whole expression filter (comparison, absent, a set operation)? An alert that does not fires for every series. */
  filters: boolean;
  /** White space and comments taken out of account: equal for equal expressions. */
  canonical: string;
}

function filtersSeries(expr: Expr): boolean {
  switch (expr.kind) {
    case 'subquery':
    case 'minus':
    case 'aggregate':
      return filtersSeries(expr.of);
    case 'call':
      return (
        expr.name.startsWith('absent') || (!/^(?:scalar|vector)$/.test(expr.name) && expr.args.some(filtersSeries))
      );
    case 'binary': {
      const sides = [expr.left, expr.right];
      if (comparisonOps.has(expr.op) && !expr.bool) return true;
      if (expr.op === 'unless' || expr.op === 'and') return true;
      return expr.op === 'or' ? sides.every(filtersSeries) : sides.some(filtersSeries);
    }
    default:
      return false;
  }
}

/** Is an expression's absence meant, by what it stands in? `above`: innermost first. */
function mayBeAbsent(expr: Expr, above: readonly Expr[]): boolean {
  return above.some((one, n) => {
    if (one.kind === 'call') return one.name.startsWith('absent');
    if (one.kind !== 'binary') return false;
    return one.op === 'or' || (one.op === 'unless' && one.right === (above[n - 1] ?? expr));
  });
}

function canonical(text: string): string {
  // Strings are kept as they are; outside them white space does not matter but between words.
  return withoutComments(text)
    .split(/("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)/)
    .map((part, n) =>
      n % 2 === 1 ? JSON.stringify(unquote(part)) : part.replace(/\s+/g, ' ').replace(/ ?([^\w ]) ?/g, '$1'),
    )
    .join('')
    .trim();
}

/** Where an expression stops being PromQL, in words; undefined where it parses. */
export function parseFault(text: string): string | undefined {
  const { errorAt } = readPromQl(text);
  if (errorAt === undefined) return undefined;
  const rest = text.slice(errorAt, errorAt + 30);
  return rest.trim() === ''
    ? `does not parse: it ends too early, after "${text.trimEnd().slice(-30)}"`
    : `does not parse at "${rest}"`;
}

/** What is asked most of an expression. */
export function parsePromQl(source: string): PromQl {
  const { expr: tree, errorAt } = readPromQl(source);
  const selectors: Selector[] = [];
  const quantiles: number[] = [];
  for (const [expr, above] of walk(tree)) {
    if (expr.kind === 'call' && expr.name === 'histogram_quantile')
      quantiles.push((expr.args[0] && constant(expr.args[0])) ?? Number.NaN);
    if (expr.kind !== 'selector') continue;
    const { name, matchers, from, to, rangeMs } = expr;
    selectors.push({
      name,
      matchers,
      text: source.slice(from, to),
      inside: above.flatMap((one) => (one.kind === 'call' ? [one.name] : one.kind === 'aggregate' ? [one.op] : [])),
      mayBeAbsent: mayBeAbsent(expr, above),
      ...(rangeMs !== undefined && !Number.isNaN(rangeMs) && { rangeMs }),
    });
  }
  return {
    ...(errorAt !== undefined && { errorAt }),
    selectors,
    quantiles,
    filters: filtersSeries(tree),
    canonical: canonical(source),
  };
}
