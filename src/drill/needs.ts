import { lenientTree } from '../formats/promql/read.ts';
import { type Matcher, childrenOf, comparisonOps, constant, setOps, type Expr } from '../formats/promql/tree.ts';

/** How an expression uses a series: decides which courses are tried for it. */
export type Usage = 'gauge' | 'counter' | 'bucket' | 'trend' | 'swing' | 'density' | 'stamp';

/** One series selector of an expression, with what would make the expression true. */
export interface Source {
  /** Name and matchers: selectors that are alike are one source. */
  key: string;
  name: string | undefined;
  matchers: Matcher[];
  /** Does a larger value help (1), a smaller one (-1), or is it not that simple (0)? */
  direction: -1 | 0 | 1;
  usage: Usage;
  /** 1: it has to be there; -1: its absence is what is asked for; 0: both. */
  presence: -1 | 0 | 1;
  /** Numbers that the value is compared with, carried through the arithmetic. */
  thresholds: number[];
  /** Labels that an aggregation over it takes away (`without`): of its series alone. */
  own: string[];
}

/** What has to be found: courses of the sources that make the expression true, and others that do not. */
export interface Needs {
  sources: Source[];
  /** Numbers of like series that counts ask for. */
  copies: number[];
  /** Series of one kind are compared with each other: max - min, stddev, count by (version). */
  spread: boolean;
  /** The hour, the day or the time itself takes part. */
  clock: boolean;
  /** Metrics whose values are points in time: they are taken from time(), or it from them. */
  stamps: string[];
  /** Seconds of history that the ranges reach back, and the largest offset. */
  range: number;
  offset: number;
  /** Seconds of the shortest range; 0 where there is none. */
  shortest: number;
  /** Labels by which series are grouped or joined, and labels by which they are not. */
  joined: string[];
  dropped: string[];
  /** Labels of `without (…)`: the sources below have them, the others not. */
  without: string[];
  /** Labels that tell apart what a count over groups counts. */
  parted: string[];
  /** Labels of label_replace: taken from `from` by a pattern, put into `to`. */
  replaced: { from: string; to: string; pattern: string; value: string }[];
  /** Matchers of recorded series whose expressions stand in their place. */
  outer: Matcher[];
}

interface Way {
  direction: -1 | 0 | 1;
  presence: -1 | 1;
  thresholds: number[];
  usage: Usage;
  own: readonly string[];
}

const usages: Record<string, Usage> = {
  rate: 'counter',
  irate: 'counter',
  increase: 'counter',
  resets: 'swing',
  changes: 'swing',
  stddev_over_time: 'swing',
  stdvar_over_time: 'swing',
  mad_over_time: 'swing',
  idelta: 'trend',
  delta: 'trend',
  deriv: 'trend',
  predict_linear: 'trend',
  double_exponential_smoothing: 'trend',
  holt_winters: 'trend',
  count_over_time: 'density',
  timestamp: 'stamp',
};
const clocks: ReadonlySet<string> = new Set(
  'time hour minute day_of_week day_of_month day_of_year days_in_month month year'.split(' '),
);
const counting: ReadonlySet<string> = new Set(['count', 'group', 'count_values']);
const spreading: ReadonlySet<string> = new Set(['stddev', 'stdvar', 'count_values']);

/** Reads what an expression needs in order to be true. */
export function needsOf(expr: string, outer: Matcher[] = []): Needs {
  const tree = lenientTree(expr);
  const needs: Needs = {
    sources: [],
    copies: [],
    spread: false,
    clock: false,
    stamps: [],
    range: 0,
    offset: 0,
    shortest: 0,
    joined: [],
    dropped: [],
    without: [],
    parted: [],
    replaced: [],
    outer,
  };
  gather(tree, needs, 0, 0);
  needs.spread ||= /\bmax\b/.test(expr) && /\bmin\b/.test(expr);
  goal(tree, true, { direction: 0, presence: 1, thresholds: [], usage: 'gauge', own: [] }, needs);
  for (const source of needs.sources) source.thresholds = [...new Set(source.thresholds)].filter(Number.isFinite);
  return needs;
}

/** Ranges, labels and the like, wherever they stand. */
function gather(tree: Expr, needs: Needs, range: number, offset: number): void {
  if (tree.kind === 'selector' || tree.kind === 'subquery') {
    const [own, back] = [rangeOf(tree), offset + (tree.offsetMs / 1000 || 0)];
    if (own > 0) needs.shortest = needs.shortest === 0 ? own : Math.min(needs.shortest, own);
    needs.range = Math.max(needs.range, range + own);
    needs.offset = Math.max(needs.offset, back);
    for (const child of childrenOf(tree)) gather(child, needs, range + own, back);
    return;
  }
  if (tree.kind === 'aggregate') {
    (tree.grouping === 'without' ? needs.without : needs.joined).push(...tree.labels);
    if (spreading.has(tree.op)) needs.spread = true;
    // count(count by (version) (…)): as many groups as the outer count asks for.
    if (counting.has(tree.op) && tree.of.kind === 'aggregate') {
      needs.spread = true;
      const keeps = (label: string): boolean =>
        tree.grouping === 'all' ? false : tree.labels.includes(label) === (tree.grouping === 'by');
      if (tree.of.grouping === 'by') needs.parted.push(...tree.of.labels.filter((label) => !keeps(label)));
    }
  }
  if (tree.kind === 'binary') {
    if (tree.op === '-' || comparisonOps.has(tree.op))
      needs.stamps.push(...stampsIn(tree.left, tree.right), ...stampsIn(tree.right, tree.left));
    (tree.matching === 'ignoring' ? needs.dropped : needs.joined).push(...tree.labels);
  }
  if (tree.kind === 'call') {
    if (clocks.has(tree.name)) needs.clock = true;
    const [to, value, from, pattern] = tree.args.slice(1).map((arg) => (arg.kind === 'string' ? arg.text : ''));
    if (tree.name === 'label_replace')
      needs.replaced.push({ to: to ?? '', value: value ?? '', from: from ?? '', pattern: pattern ?? '' });
    if (tree.name === 'label_join')
      needs.joined.push(...tree.args.slice(3).flatMap((arg) => (arg.kind === 'string' ? [arg.text] : [])));
  }
  for (const child of childrenOf(tree)) gather(child, needs, range, offset);
}

/** Seconds of a range; 0 where there is none. */
const rangeOf = ({ rangeMs }: Extract<Expr, { kind: 'selector' | 'subquery' }>): number => (rangeMs ?? 0) / 1000 || 0;

/** Names in a tree that stands against time(). */
function stampsIn(tree: Expr, other: Expr): string[] {
  const isTime = other.kind === 'call' && other.name === 'time';
  const names = (at: Expr): string[] =>
    at.kind === 'selector' ? (at.name === undefined ? [] : [at.name]) : childrenOf(at).flatMap(names);
  return isTime ? names(tree) : [];
}

const flip = (direction: -1 | 0 | 1): -1 | 0 | 1 => (direction === 1 ? -1 : direction === -1 ? 1 : 0);

/** Walks an expression that is to have a result (`want`), or none. */
function goal(tree: Expr, want: boolean, way: Way, needs: Needs): void {
  const presence = want ? 1 : -1;
  if (tree.kind === 'selector') return record(tree, { ...way, direction: 0, presence }, needs);
  if (tree.kind === 'binary' && comparisonOps.has(tree.op)) {
    const up = tree.op.startsWith('>') ? 1 : tree.op.startsWith('<') ? -1 : 0;
    const direction = want ? up : flip(up);
    value(tree.left, { ...way, direction, presence: 1, thresholds: constants(tree.right) }, needs);
    value(tree.right, { ...way, direction: flip(direction), presence: 1, thresholds: constants(tree.left) }, needs);
    return;
  }
  if (tree.kind === 'binary' && setOps.has(tree.op)) {
    goal(tree.left, want, way, needs);
    goal(tree.right, tree.op === 'unless' ? !want : want, way, needs);
    return;
  }
  if (tree.kind === 'call' && (tree.name === 'absent' || tree.name === 'absent_over_time')) {
    for (const arg of tree.args) goal(arg, !want, way, needs);
    return;
  }
  if (tree.kind === 'binary' || tree.kind === 'minus' || (tree.kind === 'call' && usages[tree.name] !== undefined))
    return value(tree, { ...way, presence }, needs);
  for (const child of childrenOf(tree)) goal(child, want, below(tree, way), needs);
}

/** The way below a tree: under `without` the sources have the labels that it takes away. */
const below = (tree: Expr, way: Way): Way =>
  tree.kind === 'aggregate' && tree.grouping === 'without' ? { ...way, own: [...way.own, ...tree.labels] } : way;

/** Walks an expression whose value is to be large (direction 1) or small (-1). */
function value(tree: Expr, way: Way, needs: Needs): void {
  switch (tree.kind) {
    case 'selector':
      return record(tree, way, needs);
    case 'subquery':
      return value(tree.of, way, needs);
    case 'minus': {
      const thresholds = [...way.thresholds.map((n) => 0 - n), ...way.thresholds];
      return value(tree.of, { ...way, direction: flip(way.direction), thresholds }, needs);
    }
    case 'binary':
      return ofBinary(tree, way, needs);
    case 'aggregate':
      // A sum of truths counts.
      if (counting.has(tree.op) || (tree.of.kind === 'binary' && tree.of.bool))
        needs.copies.push(...way.thresholds.map((n) => Math.ceil(n) + 2));
      for (const arg of childrenOf(tree)) {
        if (counting.has(tree.op)) goal(arg, way.direction >= 0, below(tree, way), needs);
        else value(arg, below(tree, way), needs);
      }
      return;
    case 'call':
      return ofCall(tree, way, needs);
    case 'number':
    case 'string':
    case 'unknown':
  }
}

function ofCall(tree: Expr & { kind: 'call' }, way: Way, needs: Needs): void {
  if (tree.name === 'absent' || tree.name === 'absent_over_time') return goal(tree, way.direction >= 0, way, needs);
  const usage = tree.name.startsWith('histogram_') ? 'bucket' : usages[tree.name];
  const first = tree.args[0];
  const seconds = first && (first.kind === 'selector' || first.kind === 'subquery') ? rangeOf(first) : 0;
  // What a threshold of an increase over a range asks of the slope.
  const perSecond = (tree.name === 'increase' || tree.name === 'delta') && seconds > 0;
  const thresholds = perSecond ? way.thresholds.map((n) => n / seconds) : way.thresholds;
  const under = way.usage === 'bucket' ? 'bucket' : (usage ?? way.usage);
  for (const arg of tree.args) value(arg, { ...way, usage: under, thresholds }, needs);
}

/** How a threshold of the whole carries over to the side that is not a number. */
const through: Record<string, (n: number, k: number, left: boolean) => number> = {
  '+': (n, k) => n - k,
  '-': (n, k, left) => (left ? n + k : k - n),
  '*': (n, k) => n / k,
  '/': (n, k, left) => (left ? n * k : k / n),
};

function ofBinary(tree: Expr & { kind: 'binary' }, way: Way, needs: Needs): void {
  if (comparisonOps.has(tree.op)) {
    if (tree.bool) return goal(tree, way.direction >= 0, way, needs);
    value(tree.left, { ...way, thresholds: [...constants(tree.right), ...way.thresholds] }, needs);
    value(tree.right, { ...way, direction: 0, thresholds: constants(tree.left) }, needs);
    return;
  }
  if (setOps.has(tree.op)) {
    value(tree.left, way, needs);
    if (tree.op === 'or') value(tree.right, way, needs);
    else goal(tree.right, tree.op === 'and', way, needs);
    return;
  }
  const side = (child: Expr, other: Expr, left: boolean): void => {
    const k = constant(other);
    const carry = through[tree.op];
    const thresholds =
      k === undefined || !carry
        ? [...way.thresholds, ...constants(other)]
        : [...way.thresholds.map((n) => carry(n, k, left)), ...way.thresholds];
    const against = !left && (tree.op === '-' || tree.op === '/');
    const negative = k !== undefined && k < 0 && (tree.op === '*' || tree.op === '/');
    const turned = against !== negative ? flip(way.direction) : way.direction;
    value(child, { ...way, thresholds, direction: tree.op === '%' ? 0 : turned }, needs);
  };
  side(tree.left, tree.right, true);
  side(tree.right, tree.left, false);
}

const importance: Usage[] = ['bucket', 'stamp', 'density', 'swing', 'trend', 'counter', 'gauge'];

function record(tree: Expr & { kind: 'selector' }, way: Way, needs: Needs): void {
  const { name, matchers } = tree;
  const key = `${name ?? ''}{${matchers
    .map((m) => `${m.label}${m.op}${JSON.stringify(m.value)}`)
    .toSorted()
    .join(',')}}`;
  const found = needs.sources.find((source) => source.key === key);
  if (!found) {
    needs.sources.push({ key, name, matchers, ...way, thresholds: [...way.thresholds], own: [...way.own] });
    return;
  }
  if (found.direction !== way.direction) found.direction = 0;
  if (found.presence !== way.presence) found.presence = 0;
  found.thresholds.push(...way.thresholds);
  found.own.push(...way.own);
  if (importance.indexOf(way.usage) < importance.indexOf(found.usage)) found.usage = way.usage;
}

/** Numbers in an expression, folded where an operation is of numbers alone. */
function constants(tree: Expr): number[] {
  const value = constant(tree);
  return value === undefined ? childrenOf(tree).flatMap(constants) : [value];
}
