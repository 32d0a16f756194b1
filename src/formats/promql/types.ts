import { walk, type Expr } from './tree.ts';

const overRange =
  /^(?:rate|irate|increase|delta|idelta|deriv|predict_linear|holt_winters|double_exponential_smoothing|changes|resets|\w+_over_time)$/;

const isRange = (expr: Expr): boolean =>
  expr.kind === 'subquery' || (expr.kind === 'selector' && expr.rangeMs !== undefined);

/**
 * What Prometheus's type check refuses and the grammar does not: a function over a range that is given none, and a range
 * where single values are meant. Source: Prometheus's parser (checkAST).
 */
export function typeFault(tree: Expr): string | undefined {
  for (const [expr] of walk(tree)) {
    if (expr.kind === 'call') {
      const of = expr.name === 'quantile_over_time' ? expr.args[1] : expr.args[0];
      if (overRange.test(expr.name)) {
        if (of && of.kind !== 'unknown' && !isRange(of)) return `${expr.name} needs a range, as in ${expr.name}(x[5m])`;
      } else if (expr.args.some(isRange)) return `${expr.name} takes no range`;
    }
    if (expr.kind === 'aggregate' && isRange(expr.of))
      return `${expr.op} takes no range: put rate or the like around it`;
    if (expr.kind === 'binary' && (isRange(expr.left) || isRange(expr.right))) return `${expr.op} takes no range`;
    if (expr.kind === 'subquery' && isRange(expr.of)) return 'a subquery takes no range inside';
  }
  return undefined;
}
