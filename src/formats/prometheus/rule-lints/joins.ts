import { standIn, type Expr } from '../../promql/tree.ts';
import { isScalar, labelsOf, lostByAggregation, lostByOn, mayHave } from '../expression-labels.ts';
import type { KnownMetrics } from '../known-metrics.ts';
import type { ExpressionSay } from './problems.ts';

/** Two metrics as they are exported, of which one has a label that the other lacks, or that are joined by a label of neither. */
export function lintExported(expr: Extract<Expr, { kind: 'binary' }>, known: KnownMetrics, say: ExpressionSay): void {
  if (expr.op === 'or' || expr.op === 'unless' || isScalar(expr.left) || isScalar(expr.right)) return;
  const sides = [expr.left, expr.right].map((side) => ({ side, name: scrapedName(side) ?? '' }));
  const lacks = (name: string, label: string): boolean => !label.includes(standIn) && known.lacksLabel(name, label);
  if (expr.matching === 'on') {
    const label = expr.labels.find((one) => sides.every(({ name }) => lacks(name, one)));
    if (label !== undefined)
      say(
        'sides-never-match',
        `${expr.op} on (${label}): neither ${sides.map(({ name }) => name).join(' nor ')} has that label`,
        'warning',
      );
    const lost = label === undefined ? lostByOn(expr, known.borne) : undefined;
    if (lost?.unlike === true && !lostByOn(expr, known.recorded) && sides.every(({ name }) => known.maybeScraped(name)))
      say(
        'sides-never-match',
        `${expr.op} on (${lost.label}): only one of ${sides.map(({ name }) => name).join(' and ')} is exported with that label`,
      );
    return;
  }
  for (const [n, { side, name }] of sides.entries()) {
    const other = sides[1 - n]?.name ?? '';
    const labels = known.exclusive(name) ? [...(known.labelsOf(name)?.keys() ?? [])] : [];
    const label = labels.find((one) => !expr.labels.includes(one) && mayHave(labelsOf(side), one) && lacks(other, one));
    if (label === undefined) continue;
    say(
      'sides-never-match',
      `${expr.op}: ${name} is exported with the label ${label}, and ${other} without it; say on (…) or ignoring (…)`,
      // Where only some of its series have the label, the others may match.
      known.borne(name) && known.maybeScraped(name) && known.maybeScraped(other) ? 'error' : 'warning',
    );
    return;
  }
}

export function lintLost(expr: Expr, known: KnownMetrics, say: ExpressionSay): void {
  const lost = lostByAggregation(expr, known.recorded);
  const name = lost && scrapedName(lost.raw);
  if (!lost || expr.kind !== 'binary' || name === undefined || !known.maybeScraped(name)) return;
  say(
    'sides-never-match',
    `${expr.op}: every series of ${name} has the label ${lost.label}, and the other side is aggregated without it; say on (…), or aggregate both sides`,
    known.scraped(name) ? 'error' : 'warning',
  );
}

/** The one metric whose labels an expression bears as they are; undefined where anything makes or takes labels. */
function scrapedName(expr: Expr): string | undefined {
  switch (expr.kind) {
    case 'selector':
      return expr.name;
    case 'subquery':
    case 'minus':
      return scrapedName(expr.of);
    case 'call': {
      const of = expr.args.find((arg) => !isScalar(arg));
      return !of || /^(?:absent|label_|info$|vector$|sort_by_label)/.test(expr.name) ? undefined : scrapedName(of);
    }
    case 'aggregate':
      return ['topk', 'bottomk'].includes(expr.op) ? scrapedName(expr.of) : undefined;
    case 'binary':
      if (isScalar(expr.left)) return scrapedName(expr.right);
      if (expr.op === 'or') return undefined;
      return scrapedName(expr.left);
    default:
      return undefined;
  }
}
