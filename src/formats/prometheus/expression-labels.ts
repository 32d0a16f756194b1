import { standIn, comparisonOps, setOps, type Expr } from '../promql/tree.ts';

/** The labels that an expression's series can have: only some, or all but some. */
export type LabelSet = { only: ReadonlySet<string> } | { but: ReadonlySet<string> };

const none: LabelSet = { only: new Set() };
const all: LabelSet = { but: new Set() };

/** What several rules of one name record: a label of any of them. */
export const union = (sets: readonly LabelSet[]): LabelSet | undefined =>
  sets.length === 0 ? undefined : sets.reduce((a, b) => either(a, b));
export const withLabels = (set: LabelSet, labels: readonly string[]): LabelSet => plus(set, labels);

export const mayHave = (set: LabelSet, label: string): boolean =>
  'only' in set ? set.only.has(label) : !set.but.has(label);

const minus = (set: LabelSet, labels: readonly string[]): LabelSet =>
  'only' in set
    ? { only: new Set([...set.only].filter((label) => !labels.includes(label))) }
    : { but: new Set([...set.but, ...labels]) };
const plus = (set: LabelSet, labels: readonly string[]): LabelSet =>
  'only' in set
    ? { only: new Set([...set.only, ...labels]) }
    : { but: new Set([...set.but].filter((label) => !labels.includes(label))) };
const keep = (set: LabelSet, labels: readonly string[]): LabelSet => ({
  only: new Set(labels.filter((label) => mayHave(set, label))),
});
function either(a: LabelSet, b: LabelSet): LabelSet {
  if ('only' in a) return plus(b, [...a.only]);
  if ('only' in b) return plus(a, [...b.only]);
  return { but: new Set([...a.but].filter((label) => b.but.has(label))) };
}

/** Is its value a scalar, without labels and without series to match? */
export function isScalar(expr: Expr): boolean {
  if (expr.kind === 'number' || expr.kind === 'string') return true;
  if (expr.kind === 'call') return ['scalar', 'time', 'pi'].includes(expr.name);
  if (expr.kind === 'minus') return isScalar(expr.of);
  return expr.kind === 'binary' && isScalar(expr.left) && isScalar(expr.right);
}

/** The labels of what a recording rule records; undefined where that is not known. */
export type Recorded = (name: string) => LabelSet | undefined;
const unrecorded: Recorded = () => undefined;

/** Source of the matching rules: Prometheus's engine (resultMetric) and its documentation of operators. */
export function labelsOf(expr: Expr, recorded: Recorded = unrecorded): LabelSet {
  switch (expr.kind) {
    case 'selector':
      return (expr.name === undefined ? undefined : recorded(expr.name)) ?? all;
    case 'unknown':
      return all;
    case 'number':
    case 'string':
      return none;
    case 'subquery':
    case 'minus':
      return labelsOf(expr.of, recorded);
    case 'call':
      return ofCall(expr.name, expr.args, recorded);
    case 'aggregate': {
      const of = labelsOf(expr.of, recorded);
      if (['topk', 'bottomk', 'limitk', 'limit_ratio'].includes(expr.op)) return of;
      if (expr.labels.some((label) => label.includes(standIn))) return all;
      const kept =
        expr.grouping === 'without' ? minus(of, expr.labels) : keep(of, expr.grouping === 'by' ? expr.labels : []);
      return expr.op === 'count_values' && expr.param?.kind === 'string' ? plus(kept, [expr.param.text]) : kept;
    }
    case 'binary':
      return ofBinary(expr, recorded);
  }
}

function ofCall(name: string, args: readonly Expr[], recorded: Recorded): LabelSet {
  if (name === 'absent' || name === 'absent_over_time') {
    const [of] = args;
    return of?.kind === 'selector'
      ? { only: new Set(of.matchers.filter((m) => m.op === '=').map((m) => m.label)) }
      : none;
  }
  if (['vector', 'time', 'scalar', 'pi'].includes(name)) return none;
  if (name === 'info') return all;
  const of = args.find((arg) => !isScalar(arg));
  if (!of) return none;
  const labels = labelsOf(of, recorded);
  if (name === 'histogram_quantile') return minus(labels, ['le']);
  const made = args[1];
  return (name === 'label_replace' || name === 'label_join') && made?.kind === 'string'
    ? plus(labels, [made.text])
    : labels;
}

function ofBinary(expr: Extract<Expr, { kind: 'binary' }>, recorded: Recorded): LabelSet {
  if (isScalar(expr.left)) return labelsOf(expr.right, recorded);
  const left = labelsOf(expr.left, recorded);
  if (isScalar(expr.right) || expr.op === 'and' || expr.op === 'unless') return left;
  if (expr.op === 'or') return either(left, labelsOf(expr.right, recorded));
  if (expr.group !== undefined) {
    const [many, one] =
      expr.group === 'left' ? [left, labelsOf(expr.right, recorded)] : [labelsOf(expr.right, recorded), left];
    if (expr.include.some((label) => label.includes(standIn))) return either(many, one);
    // A label that is brought over replaces the many's own, also by nothing.
    return plus(
      minus(many, expr.include),
      expr.include.filter((label) => mayHave(one, label)),
    );
  }
  if (expr.labels.some((label) => label.includes(standIn))) return left;
  if (expr.matching === 'on') return keep(left, expr.labels);
  return expr.matching === 'ignoring' ? minus(left, expr.labels) : left;
}

/** Labels that every series of an expression bears with one value, by its selector's `=` matchers. */
function fixedLabels(expr: Expr): Map<string, string> {
  switch (expr.kind) {
    case 'selector':
      return new Map(
        expr.matchers
          .filter((m) => m.op === '=' && m.value !== '' && !m.value.includes(standIn))
          .map((m) => [m.label, m.value]),
      );
    case 'subquery':
    case 'minus':
      return fixedLabels(expr.of);
    case 'aggregate': {
      // What a variable groups by is not known.
      if (expr.labels.some((label) => label.includes(standIn))) return new Map();
      const kept = labelsOf(expr);
      return new Map([...fixedLabels(expr.of)].filter(([label]) => mayHave(kept, label)));
    }
    case 'call': {
      const of = expr.args.find((arg) => !isScalar(arg));
      return !of || /^(?:absent|label_|info|vector|scalar)/.test(expr.name) ? new Map() : fixedLabels(of);
    }
    case 'binary':
      if (isScalar(expr.left)) return fixedLabels(expr.right);
      return isScalar(expr.right) || expr.op === 'and' || expr.op === 'unless' ? fixedLabels(expr.left) : new Map();
    default:
      return new Map();
  }
}

/** A label that has one value on one side and another on the other, though the match compares it: the sides never match. */
export function contrary(expr: Expr): { label: string; left: string; right: string } | undefined {
  if (expr.kind !== 'binary' || expr.op === 'or' || expr.op === 'unless') return undefined;
  if (isScalar(expr.left) || isScalar(expr.right)) return undefined;
  const right = fixedLabels(expr.right);
  for (const [label, value] of fixedLabels(expr.left)) {
    const other = right.get(label);
    const compared =
      expr.matching === undefined || (expr.matching === 'on') === expr.labels.some((one) => one === label);
    if (other !== undefined && other !== value && compared && !expr.labels.some((one) => one.includes(standIn)))
      return { label, left: value, right: other };
  }
  return undefined;
}

/** Is every label compared that is not ignored, and can either side have series? */
const matchesAll = (expr: Expr): expr is Extract<Expr, { kind: 'binary' }> =>
  expr.kind === 'binary' &&
  expr.group === undefined &&
  expr.matching !== 'on' &&
  !['or', 'unless'].includes(expr.op) &&
  (comparisonOps.has(expr.op) || setOps.has(expr.op) || /^[-+*/%^]|atan2/.test(expr.op)) &&
  !isScalar(expr.left) &&
  !isScalar(expr.right) &&
  !expr.labels.some((label) => label.includes(standIn));

/** Labels that stand on one side only of a match over all labels: if they have values, the sides never match. */
export function unmatchable(expr: Expr, recorded: Recorded = unrecorded): string[] {
  if (!matchesAll(expr)) return [];
  const [left, right] = [labelsOf(expr.left, recorded), labelsOf(expr.right, recorded)];
  if (!('only' in left) || !('only' in right)) return [];
  const differ = [
    ...[...left.only].filter((label) => !right.only.has(label)),
    ...[...right.only].filter((label) => !left.only.has(label)),
  ];
  return differ.filter((label) => !expr.labels.includes(label));
}

/**
 * One side is aggregated and has lost `instance` or `job`, which every scraped series of the other side bears, and which
 * the match compares: the sides never match. `raw`: that other side.
 */
export function lostByAggregation(
  expr: Expr,
  recorded: Recorded = unrecorded,
): { label: 'instance' | 'job'; raw: Expr } | undefined {
  if (expr.kind !== 'binary' || ['or', 'unless'].includes(expr.op)) return undefined;
  if (isScalar(expr.left) || isScalar(expr.right) || expr.labels.some((label) => label.includes(standIn)))
    return undefined;
  const compared = (label: string): boolean => (expr.matching === 'on') === expr.labels.includes(label);
  for (const [side, raw] of [
    [expr.left, expr.right],
    [expr.right, expr.left],
  ] as const) {
    const [kept, other] = [labelsOf(side, recorded), labelsOf(raw, recorded)];
    if ('only' in other) continue;
    for (const label of ['instance', 'job'] as const)
      if (compared(label) && !mayHave(kept, label) && mayHave(other, label)) return { label, raw };
  }
  return undefined;
}

/**
 * A label that `on (…)` compares and that one side, or either, has lost. `unlike`: the other side bears it by what it is grouped by,
 * so that the sides never match; without it all match all.
 */
export function lostByOn(expr: Expr, recorded: Recorded = unrecorded): { label: string; unlike: boolean } | undefined {
  if (expr.kind !== 'binary' || expr.matching !== 'on' || expr.op === 'or') return undefined;
  if (isScalar(expr.left) || isScalar(expr.right) || expr.labels.some((label) => label.includes(standIn)))
    return undefined;
  const sides = [labelsOf(expr.left, recorded), labelsOf(expr.right, recorded)];
  for (const label of expr.labels) {
    const bearers = sides.filter((side) => mayHave(side, label));
    if (bearers.length === 1 && bearers.some((side) => 'only' in side)) return { label, unlike: true };
  }
  const nobodys = expr.labels.filter((label) => !sides.some((side) => mayHave(side, label)));
  const grouped = sides.some((side) => !('only' in side) || side.only.size > 0);
  return grouped && nobodys[0] !== undefined && nobodys.length === expr.labels.length
    ? { label: nobodys[0], unlike: false }
    : undefined;
}
