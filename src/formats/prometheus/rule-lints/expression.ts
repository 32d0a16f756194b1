import { registeredWithout } from '../registered-faults.ts';
import type { KnownMetrics } from '../known-metrics.ts';
import { standIn, comparisonOps, constant, setOps, walk, type Expr } from '../../promql/tree.ts';
import { dividesItself, innerName, isCounter } from './bounds.ts';
import { contraryMatchers, emptyTogether } from './contradictions.ts';
import { contrary, isScalar, labelsOf, lostByOn, mayHave, unmatchable } from '../expression-labels.ts';
import { prometheusMajor } from '../deployed.ts';
import { lookbackMs } from '../../promql/literals.ts';
import { showDuration } from '../../../core/duration.ts';
import { experimentalAggregations, signatures } from '../../promql/functions.ts';
import { isWellKnownGauge, severalPerTarget, valuesOf } from '../well-known-metrics.ts';
import { matchesEmpty } from '../../promql/matchers.ts';
import { anchoredRegex } from '../../promql/regex.ts';
import { lintExported, lintLost } from './joins.ts';
import { expressionLintProblems, type ExpressionLintCode, type ExpressionSay, type Fault } from './problems.ts';

const rated = new Set(
  'rate irate increase delta idelta deriv predict_linear holt_winters double_exponential_smoothing'.split(' '),
);

/** What is true of any expression, a panel's too. `alert`: a wrong value would alert somebody. */
export function lintExpression(tree: Expr, known: KnownMetrics, alert: boolean): Fault<ExpressionLintCode>[] {
  const faults: Fault<ExpressionLintCode>[] = [];
  const say: ExpressionSay = (code, message, level = expressionLintProblems[code].level) => {
    faults.push({ code, level, message });
  };
  lintDeployed(tree, known, say);
  lintReads(tree, alert, known, say);
  lintShape(tree, known, say);
  return faults;
}

/** What the Prometheus that is deployed does not give: a function without its flag, samples older than it keeps. */
function lintDeployed(tree: Expr, known: KnownMetrics, say: ExpressionSay): void {
  const { features, retentionMs } = known.deployed;
  const major = prometheusMajor(known.deployed);
  const flag = 'promql-experimental-functions';
  for (const [expr] of walk(tree)) {
    const name = expr.kind === 'call' ? expr.name : expr.kind === 'aggregate' ? expr.op : '';
    const experimental = signatures.get(name)?.experimental === true || experimentalAggregations.has(name);
    if (experimental && !features.includes(flag) && major !== undefined)
      say('feature-missing', `${name} is there only with --enable-feature=${flag}, which no deployment file gives`);
    if (name === 'holt_winters' && major !== undefined && major >= 3)
      say(
        'feature-missing',
        `Prometheus ${major}, which is deployed, calls holt_winters double_exponential_smoothing, and asks for --enable-feature=${flag}`,
      );
    if (retentionMs === undefined || (expr.kind !== 'selector' && expr.kind !== 'subquery')) continue;
    const back = (expr.rangeMs ?? 0) + expr.offsetMs;
    if (back > retentionMs)
      say(
        'beyond-retention',
        `it looks back ${inDays(back)}, and the deployed Prometheus keeps ${inDays(retentionMs)}`,
      );
  }
}

const inDays = (ms: number): string =>
  ms < 86_400_000 ? `${round(ms / 3_600_000)} h` : `${round(ms / 86_400_000)} days`;
const round = (value: number): number => Math.round(value * 100) / 100;

function lintReads(tree: Expr, alert: boolean, known: KnownMetrics, say: ExpressionSay): void {
  for (const [expr, above] of walk(tree)) {
    if (expr.kind !== 'selector' || expr.name === undefined) continue;
    lintSuffix(expr.name, known, say);
    lintMatchers(expr, known, say);
    if (expr.rangeMs === undefined) {
      if (alert) lintVanishing(expr, above, known, say);
      continue;
    }
    const [call] = above;
    if (call?.kind !== 'call' || !rated.has(call.name)) continue;
    const { name } = expr;
    const type = known.typeOf(name);
    // count(rate(x[5m])) counts what has been seen of late: the rate itself is not used.
    const counted = asksForPresence(above[1]);
    if (['rate', 'irate', 'increase'].includes(call.name) && type === 'gauge' && !counted) {
      // Many exporters call a counter a gauge: its name then still says what it is.
      const proven = (known.exclusive(name) && !/_(?:total|count|sum|bucket)$/.test(name)) || isWellKnownGauge(name);
      const level = proven && alert ? 'error' : 'warning';
      say('rate-on-gauge', `${call.name} of ${name}, which is exported as a gauge`, level);
    }
    if (['delta', 'idelta', 'deriv', 'predict_linear'].includes(call.name) && type === 'counter')
      say('delta-on-counter', `${call.name} of ${name}, which is exported as a counter`);
    else if (
      ['delta', 'idelta', 'deriv', 'predict_linear'].includes(call.name) &&
      type === undefined &&
      named.test(name)
    )
      say('delta-on-counter', `${call.name} of ${name}, which its name says to be a counter`);
    const interval = name.includes(':') ? undefined : known.intervalOf({ name, matchers: expr.matchers });
    if (interval === undefined || Number.isNaN(expr.rangeMs) || expr.rangeMs >= 2 * interval) continue;
    say(
      'range-short',
      `${call.name} of ${name} over ${expr.rangeMs / 1000} s, which is scraped every ${interval / 1000} s: ${expr.rangeMs <= interval ? 'there are never two samples' : 'there are not always two samples'}`,
      expr.rangeMs <= interval ? 'error' : 'warning',
    );
  }
}

/** Scraped more seldom than a query looks back, a series is gone for a while before each scrape, and the alert with it. */
function lintVanishing(expr: ReadExpr, above: readonly Expr[], known: KnownMetrics, say: ExpressionSay): void {
  const name = expr.name ?? '';
  const interval = known.maybeScraped(name) ? known.intervalOf(expr) : undefined;
  const back = known.deployed.lookbackMs ?? lookbackMs;
  if (interval === undefined || interval <= back || above.some((one) => one.kind === 'subquery')) return;
  say(
    'interval-long',
    `${name} is scraped every ${showDuration(interval)}, and a query looks back ${showDuration(back)}: before each scrape the series is gone, and the alert ends or begins to wait again`,
    'error',
  );
}
type ReadExpr = Extract<Expr, { kind: 'selector' }>;

// By the naming conventions; nothing that goes up and down is called so.
const named = /_(?:seconds|bytes|packets|requests|errors|errs|messages|operations|restarts)_total$/;

/** Where others may be added on the way: by external labels, in front of several Prometheis. */
const outer =
  /^(?:cluster|prometheus(?:_replica)?|replica|region|env|environment|dc|datacenter|tenant|site|zone|stage)$/;

const perTarget = new RegExp(`^(?:job|instance|${outer.source.slice(4, -2)})$`);

/** Matchers that no series of that name can meet: by what records it, or by the values that its program gives the label. */
function lintMatchers(expr: Extract<Expr, { kind: 'selector' }>, known: KnownMetrics, say: ExpressionSay): void {
  const name = expr.name ?? '';
  const recorded = known.recorded(name);
  for (const matcher of expr.matchers) {
    const { label, op, value } = matcher;
    const alerts = /^ALERTS(?:_FOR_STATE)?$/.test(name) && label === 'alertname' ? known.alertNames : undefined;
    if (alerts && !matchesEmpty(matcher) && !value.includes(standIn) && (op === '=' || op === '=~')) {
      const wanted = op === '=~' ? anchoredRegex(value) : undefined;
      if (!alerts.some((one) => (op === '=' ? one === value : (wanted?.test(one) ?? true))))
        say('dead-selector', `${name}{alertname${op}"${value}"}: no alerting rule is called so`);
    }
    // What Prometheus itself writes of a target always has both.
    if (
      /^(?:up|scrape_\w+)$/.test(name) &&
      /^(?:job|instance)$/.test(label) &&
      ((op === '=' && value === '') || (op === '=~' && /^\^?\$?$/.test(value)))
    )
      say('dead-selector', `${name}{${label}${op}"${value}"}: no series of ${name} is without ${label}`, 'warning');
    if (value.includes(standIn) || label.includes(standIn) || !['=', '=~'].includes(op) || matchesEmpty(matcher))
      continue;
    if (recorded && !mayHave(recorded, label) && !outer.test(label) && label !== '__name__')
      say(
        'dead-selector',
        `${name}{${label}${op}"${value}"}: the rule that records ${name} keeps ${'only' in recorded ? [...recorded.only].join(', ') || 'no label' : `no ${label}`}`,
        'warning',
      );
    const values = valuesOf(name, label);
    const test = op === '=~' ? anchoredRegex(value) : undefined;
    if (values && !values.some((one) => (op === '=' ? one === value : (test?.test(one) ?? true))))
      say('dead-selector', `${name}{${label}${op}"${value}"}: ${label} is one of ${values.join(', ')}`);
  }
}

/** `on (instance)` with a side of which each target has several series: the engine refuses the operation. */
function lintSeveral(expr: Extract<Expr, { kind: 'binary' }>, known: KnownMetrics, say: ExpressionSay): void {
  if (expr.matching !== 'on' || setOps.has(expr.op) || expr.labels.some((label) => label.includes(standIn))) return;
  const sides = expr.group === 'left' ? [expr.right] : expr.group === 'right' ? [expr.left] : [expr.left, expr.right];
  for (const side of sides) {
    const of = rawSelector(side);
    const apart = of?.name === undefined ? [] : [...severalPerTarget(of.name), ...known.severalBy(of.name)];
    if (!of || apart.length === 0 || apart.some((label) => expr.labels.includes(label))) continue;
    // Any other matcher, by the kind of file system or of device, may leave one of them.
    if (of.matchers.some(({ label }) => (apart.includes('le') ? label === 'le' : !perTarget.test(label)))) continue;
    say(
      'many-to-many',
      `${expr.op} on (${expr.labels.join(', ')}): each target has several series of ${of.name}, one for each ${apart.join(' and ')}`,
    );
  }
}

/** The selector whose series a side has as they are. */
function rawSelector(expr: Expr): Extract<Expr, { kind: 'selector' }> | undefined {
  if (expr.kind === 'selector') return expr;
  if (expr.kind === 'minus' || expr.kind === 'subquery') return rawSelector(expr.of);
  // A comparison may leave one of them.
  if (expr.kind === 'binary' && isScalar(expr.right) && !comparisonOps.has(expr.op)) return rawSelector(expr.left);
  if (expr.kind !== 'call' || /^(?:absent|label_|info$|vector$|scalar$|histogram_)/.test(expr.name)) return undefined;
  const of = expr.args.find((arg) => !isScalar(arg));
  return of && rawSelector(of);
}

function lintSuffix(name: string, known: KnownMetrics, say: ExpressionSay): void {
  const type = known.typeOf(name);
  if (type === 'counter' && !/_(?:total|bucket|sum|count|created)$/.test(name))
    say('metric-suffix', `${name} is a counter, and does not end in _total`);
  if (type === 'gauge' && name.endsWith('_total')) say('metric-suffix', `${name} is a gauge, and ends in _total`);
}

function lintShape(tree: Expr, known: KnownMetrics, say: ExpressionSay): void {
  for (const [expr] of walk(tree)) {
    if (expr.kind === 'call' && expr.name === 'histogram_quantile' && expr.args[1]) {
      const name = innerName(expr.args[1]);
      // VictoriaMetrics's own histograms have their bounds in the label vmrange.
      const kept = labelsOf(expr.args[1], known.recorded);
      const recorded = name === undefined ? undefined : known.computed(name);
      const read = recorded ? innerName(recorded) : name;
      if (read?.endsWith('_bucket') === true && !mayHave(kept, 'le') && !groupsBy(expr.args[1], 'vmrange'))
        say(
          'le-dropped',
          `histogram_quantile over ${name}: ${recorded && mayHave(labelsOf(expr.args[1]), 'le') ? 'what records it' : 'the aggregation'} drops le`,
        );
      if (name !== undefined && /_(?:sum|count|total)$/.test(name) && known.maybeScraped(name))
        say('quantile-without-bucket', `histogram_quantile reads ${name}, which has no buckets`);
      else if (groupsBy(expr.args[1], 'le') && name !== undefined && !/bucket|:/.test(name) && known.maybeScraped(name))
        say('quantile-without-bucket', `histogram_quantile aggregates ${name} by le, which only ${name}_bucket has`);
    }
    if (expr.kind === 'call' && /^(?:histogram_quantile|quantile_over_time)$/.test(expr.name) && expr.args[0]) {
      const phi = constant(expr.args[0]);
      if (phi !== undefined && (phi < 0 || phi > 1))
        say('quantile-range', `${expr.name} of ${phi} is always ${phi < 0 ? '-∞' : '+∞'}`);
    }
    if (expr.kind === 'aggregate' && expr.op === 'quantile' && expr.param) {
      const phi = constant(expr.param);
      if (phi !== undefined && (phi < 0 || phi > 1))
        say('quantile-range', `quantile of ${phi} is always ${phi < 0 ? '-∞' : '+∞'}`);
    }
    if (dividesItself(expr)) say('divides-itself', `both sides read the same series, so that the quotient is always 1`);
    const apart = contrary(expr);
    if (apart && expr.kind === 'binary')
      say(
        'sides-never-match',
        `${expr.op} matches ${apart.label}="${apart.left}" with ${apart.label}="${apart.right}"; say ignoring (${apart.label})`,
      );
    if (expr.kind === 'selector') {
      const contraries = contraryMatchers(expr);
      if (contraries) say('dead-selector', `${contraries.join(' and ')} are never both true`);
    }
    if (expr.kind === 'binary') lintSeveral(expr, known, say);
    const empty = emptyTogether(expr, known);
    if (empty !== undefined) say('dead-threshold', empty);
    lintSums(expr, known, say);
    if (expr.kind === 'aggregate' && expr.grouping === 'by') lintGrouping(expr, known, say);
    lintLost(expr, known, say);
    const lostOn = lostByOn(expr, known.recorded);
    if (lostOn && expr.kind === 'binary')
      say(
        'sides-never-match',
        lostOn.unlike
          ? `${expr.op} on (${lostOn.label}): one side is grouped by ${lostOn.label}, and the other has lost it`
          : `${expr.op} on (${lostOn.label}): both sides have lost that label, so that every series matches every other`,
        lostOn.unlike ? 'error' : 'warning',
      );
    const labels = unmatchable(expr, known.recorded);
    if (labels.length === 0 && expr.kind === 'binary') lintExported(expr, known, say);
    if (labels.length === 0 || expr.kind !== 'binary') continue;
    const proven = labels.filter((label) =>
      [expr.left, expr.right].some((side) => !isScalar(side) && surelyHas(side, label, known)),
    );
    say(
      'sides-never-match',
      `one side of ${expr.op} has the label ${labels.join(', ')}, and the other has not`,
      proven.length > 0 ? 'error' : 'warning',
    );
  }
}

/** Is it aggregated by that label? (Native histograms have no le.) */
const groupsBy = (expr: Expr, label: string): boolean =>
  expr.kind === 'aggregate' && expr.grouping === 'by' && (expr.labels.includes(label) || groupsBy(expr.of, label));

/** Functions and aggregations that ask only whether there are series, whatever their values. */
const asksForPresence = (expr: Expr | undefined): boolean =>
  expr?.kind === 'aggregate'
    ? ['count', 'group'].includes(expr.op)
    : expr?.kind === 'call' && expr.name.startsWith('absent');

/** rate of a sum: of what a recording rule has summed, or by a subquery. */
function lintSums(expr: Expr, known: KnownMetrics, say: ExpressionSay): void {
  if (expr.kind !== 'call' || !['rate', 'irate', 'increase'].includes(expr.name)) return;
  const [of] = expr.args;
  const summed = of?.kind === 'subquery' ? of.of : of?.kind === 'selector' ? known.computed(of.name ?? '') : undefined;
  const counter = summed && summedCounter(summed, known);
  if (counter !== undefined)
    say(
      'rate-of-sum',
      of?.kind === 'selector'
        ? `${of.name} sums ${counter}, and ${expr.name} is taken of it`
        : `${expr.name} is taken of a sum of ${counter}`,
    );
}

/** The counter that an aggregation adds up as it is. */
function summedCounter(expr: Expr, known: KnownMetrics): string | undefined {
  if (expr.kind !== 'aggregate' || !['sum', 'avg'].includes(expr.op)) return undefined;
  const recorded = expr.of.kind === 'selector' && expr.of.rangeMs === undefined && expr.of.name?.includes(':') === true;
  const inner = recorded && expr.of.kind === 'selector' ? known.computed(expr.of.name ?? '') : undefined;
  if (inner) return summedCounter(inner, known);
  if (expr.of.kind === 'aggregate') return summedCounter(expr.of, known);
  const { of } = expr;
  return of.kind === 'selector' && of.rangeMs === undefined && isCounter(of.name, known) ? of.name : undefined;
}

function lintGrouping(expr: Extract<Expr, { kind: 'aggregate' }>, known: KnownMetrics, say: ExpressionSay): void {
  const inner = labelsOf(expr.of, known.recorded);
  const lost = expr.labels.filter((label) => !mayHave(inner, label) && !label.includes(standIn));
  if (lost.length > 0 && !isScalar(expr.of))
    say('grouping-lost', `${expr.op} by (${lost.join(', ')}): what it aggregates no longer has that label`);
  const name = plainName(expr.of);
  if (name === undefined) return;
  const taken = expr.labels.find((label) => known.maybeScraped(name) && known.labelDropped(label) !== undefined);
  if (taken !== undefined)
    return say(
      'grouping-unknown',
      `${expr.op} by (${taken}): the labeldrop of the job ${known.labelDropped(taken)} takes that label from every series`,
    );
  const missing = expr.labels.filter(
    (label) =>
      (known.lacksLabel(name, label) || registeredWithout(name, label, known)?.sure === true) &&
      !label.includes(standIn),
  );
  if (missing.length > 0)
    say(
      'grouping-unknown',
      `${expr.op} by (${missing.join(', ')}): ${name} has only ${[...(known.labelsOf(name)?.keys() ?? [])].join(', ') || 'no labels'}`,
    );
}

/** The metric below rates and nothing that makes labels. */
function plainName(expr: Expr): string | undefined {
  if (expr.kind === 'selector') return expr.name;
  return expr.kind === 'call' && rated.has(expr.name) && expr.args[0] ? plainName(expr.args[0]) : undefined;
}

/** Has every series of that side a value of the label? */
function surelyHas(side: Expr, label: string, known: KnownMetrics): boolean {
  const name = innerName(side);
  if (name === undefined || name.includes(':') || !mayHave(labelsOf(side), label)) return false;
  return label === 'job' || label === 'instance' || known.labelsOf(name)?.has(label) === true;
}
