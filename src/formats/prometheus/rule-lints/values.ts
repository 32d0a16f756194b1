import { isNear } from '../../data/quantity.ts';
import type { KnownMetrics } from '../known-metrics.ts';
import { comparisonOps, constant, walk, type Expr } from '../../promql/tree.ts';
import { innerName } from './bounds.ts';
import { measureOf, measureWords, type Measure } from './measures.ts';

/** The part of an alert's expression whose value is `$value`; undefined where it is one of several. */
function valued(expr: Expr): Expr | undefined {
  if (expr.kind !== 'binary') return expr;
  if (expr.op === 'and' || expr.op === 'unless') return valued(expr.left);
  if (expr.op === 'or' || (comparisonOps.has(expr.op) && expr.bool)) return undefined;
  if (!comparisonOps.has(expr.op)) return expr;
  return valued(constant(expr.left) === undefined ? expr.left : expr.right);
}

/** What a panel or `$value` measures. A rate of what counts time is a share of it, and no rate of events. */
export function measured(tree: Expr, known: KnownMetrics): Measure | undefined {
  const of = valued(tree);
  const measure = of && measureOf(of, known);
  const counted = measure?.of === 'rate' || measure?.of === 'count';
  return counted && /cpu|second|time|duration|busy|idle|wait/i.test(innerName(of ?? tree) ?? '') ? undefined : measure;
}

const scale: Record<string, number> = { ms: 1e3, milliseconds: 1e3, s: 1, sec: 1, secs: 1, second: 1, seconds: 1 };
const perSeconds = (unit: string): number => (unit.startsWith('s') ? 1 : unit.startsWith('m') ? 60 : 3600);

// {{ $value }}, {{ $value | f }}, {{ f $value }}, {{ printf "%.1f" $value }}, and what is written behind it.
const printed =
  /\{\{-?\s*(?:(?:(\w+)\s+)?(?:"[^"]*"\s+)?(?:\$value|\.Value)\s*((?:\|[^}]*)?))-?\}\}\s*(%|(?:percent|ms|milliseconds|s|secs?|seconds?|[KMG]i?B)\b)?([\w ]{0,24}?(?:\bper |\/)\s*(s|sec|second|min|minute|h|hour)\b)?/g;

/** Where a text prints the value as what it is not. Source: the template functions of Prometheus's documentation. */
export function printedFaults(text: string, measure: Measure): string[] {
  const words = measureWords(measure);
  return [...text.matchAll(printed)].flatMap((match): string[] => {
    const [, before = '', pipes = '', unit = '', , per] = match;
    const shown = match[0].trim();
    const does = (name: string): boolean => before === name || new RegExp(`\\|\\s*${name}\\b`).test(pipes);
    const wrong = (needs: string): string[] => [`"${shown}" needs ${needs}, and the value is ${words}`];
    const { factor } = measure;
    if (does('humanizePercentage'))
      return measure.of === 'ratio' && isNear(factor, 1) ? [] : wrong('a fraction between 0 and 1');
    if (does('humanizeTimestamp')) return measure.of === 'seconds' ? wrong('a time since 1970') : [];
    if (does('humanizeDuration')) return measure.of === 'seconds' && isNear(factor, 1) ? [] : wrong('seconds');
    // What other functions make of it is not followed.
    if (/\|\s*(?!printf|humanize\b)\w/.test(pipes) || !['', 'printf', 'humanize'].includes(before)) return [];
    if (unit === '%' || unit === 'percent')
      return measure.of === 'ratio' && isNear(factor, 100) ? [] : wrong('a percentage');
    const second = scale[unit];
    if (second !== undefined && measure.of === 'seconds' && !isNear(factor, second))
      return wrong(second === 1 ? 'seconds' : 'milliseconds');
    if (/^[KMG]i?B$/.test(unit) && measure.of === 'bytes' && isNear(factor, 1) && !/humanize/.test(before + pipes))
      return wrong(unit);
    if (per === undefined) return [];
    if (measure.of === 'rate' && !isNear(factor, perSeconds(per))) return wrong(`events per ${perSeconds(per)} s`);
    return measure.of === 'count' && !isNear(measure.seconds * factor, perSeconds(per))
      ? wrong(`events per ${perSeconds(per)} s`)
      : [];
  });
}

/** A verb of printf that takes no number with a fraction: Go prints `%!d(float64=5)` in its place. Source: Go's package fmt. */
export const wrongVerbs = (text: string): string[] =>
  [
    ...text.matchAll(
      /\{\{-?\s*(?:printf\s+"([^"]*)"\s+(?:\$value|\.Value)|(?:\$value|\.Value)\s*\|\s*printf\s+"([^"]*)")\s*-?\}\}/g,
    ),
  ].flatMap(([whole, first, second]) =>
    /%[-+# 0]*[\d.]*[dcosqtU](?!\w*%)/.test((first ?? second ?? '').replaceAll('%%', '')) ? [whole] : [],
  );

const waiting =
  /\bfor\s+(more than\s+|longer than\s+|over\s+|at least\s+)?(\d+)\s*(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)\b/gi;
const unitSeconds: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

/**
 * Does a text say "for more than 5 minutes" where the alert waits 5 hours, or less than that? What the expression says
 * by a range or a number may be what the text speaks of.
 */
export function waitingFault(text: string, waitsMs: number, tree: Expr): { said: string; slip: boolean } | undefined {
  const spoken = new Set<number>();
  for (const [expr] of walk(tree)) {
    if ((expr.kind === 'selector' || expr.kind === 'subquery') && expr.rangeMs !== undefined) spoken.add(expr.rangeMs);
    if (expr.kind === 'selector' || expr.kind === 'subquery') spoken.add(expr.offsetMs);
    // A recorded name says its range itself: rate5m.
    if (expr.kind === 'selector' && expr.name?.includes(':') === true) return undefined;
    const value = constant(expr);
    if (value !== undefined) spoken.add(value).add(value * 1000);
  }
  for (const [said, more = '', number = '', unit = ''] of text.replace(/\{\{.*?\}\}/gs, '…').matchAll(waiting)) {
    const ms = Number(number) * (unitSeconds[unit.charAt(0).toLowerCase()] ?? 1) * 1000;
    // "over 24 hours" of `seconds / 3600 > 24`.
    const scaled = spoken.has(Number(number)) && spoken.has(ms / 1000 / Number(number));
    if (ms === waitsMs || spoken.has(ms) || scaled) continue;
    // 5h for 5 minutes.
    const slip = Object.values(unitSeconds).some((one) => Number(number) * one * 1000 === waitsMs);
    if (slip || (more !== '' && ms > waitsMs && ms <= 86_400_000)) return { said: said.trim(), slip };
  }
  return undefined;
}
