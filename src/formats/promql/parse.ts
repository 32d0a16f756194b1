import type { SyntaxNode, Tree } from '@lezer/common';
import { library } from '../data/libraries.ts';

/** One label matcher of a selector. */
export interface Matcher {
  label: string;
  op: '=' | '!=' | '=~' | '!~';
  value: string;
}

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
  text: string;
  /** Offset of the first thing that does not parse. */
  errorAt?: number;
  selectors: Selector[];
  /** First argument of every histogram_quantile; NaN where it is no number. */
  quantiles: number[];
  /** Does the whole expression filter (comparison, absent, a set operation)? An alert that does not fires for every series. */
  filters: boolean;
  /** Labels that aggregations at the top keep; undefined where nothing aggregates. */
  keptBy: string[] | undefined;
  /** White space and brackets taken out of account: equal for equal expressions. */
  canonical: string;
}

const units: Record<string, number> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/** How far a query looks back for a series' last sample (Prometheus, --query.lookback-delta). */
export const lookbackMs = 300_000;

/** Milliseconds of a Prometheus duration such as `5m` or `1h30m`. */
export function promDuration(text: string): number | undefined {
  if (!/^(?:\d+(?:ms|[smhdwy]))+$/.test(text)) return undefined;
  return [...text.matchAll(/(\d+)(ms|[smhdwy])/g)].reduce(
    (sum, [, n, unit]) => sum + Number(n) * (units[unit ?? ''] ?? 0),
    0,
  );
}

/** Unquotes a PromQL string literal. Go's escapes in double and single quotes, none in back-ticks. */
export function unquote(text: string): string {
  const inner = text.slice(1, -1);
  if (text.startsWith('`')) return inner;
  return inner.replace(/\\(.)/g, (_, c: string) => ({ n: '\n', t: '\t', r: '\r' })[c] ?? c);
}

function firstError(tree: Tree): number | undefined {
  let at: number | undefined;
  tree.iterate({
    enter(node) {
      if (at === undefined && node.type.isError) at = node.from;
    },
  });
  return at;
}

/** The function's name of a FunctionCall or AggregateExpr. */
function callName(node: SyntaxNode, text: string): string {
  const id = node.firstChild;
  return id ? text.slice(id.from, id.to).toLowerCase() : '';
}

/** Reads a VectorSelector of the syntax tree. */
export function readSelector(node: SyntaxNode, text: string): Selector {
  let name: string | undefined;
  const matchers: Matcher[] = [];
  const identifier = node.getChild('Identifier');
  if (identifier) name = text.slice(identifier.from, identifier.to);
  const visit = (at: SyntaxNode): void => {
    for (let child = at.firstChild; child; child = child.nextSibling) {
      if (
        child.name === 'UnquotedLabelMatcher' ||
        child.name === 'QuotedLabelMatcher' ||
        child.name === 'LabelMatcher'
      ) {
        const source = text.slice(child.from, child.to);
        const match =
          /^\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[A-Za-z_][\w]*)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)\s*$/s.exec(
            source,
          );
        if (!match) continue;
        const [, label = '', op = '=', value = '""'] = match;
        matchers.push({
          label: /^["']/.test(label) ? unquote(label) : label,
          op: op as Matcher['op'],
          value: unquote(value),
        });
      } else if (child.name === 'QuotedLabelName') name ??= unquote(text.slice(child.from, child.to));
      else visit(child);
    }
  };
  visit(node);
  const named = matchers.find((m) => m.label === '__name__' && m.op === '=');
  name ??= named?.value;
  return {
    name,
    matchers: matchers.filter((m) => m !== named),
    text: text.slice(node.from, node.to),
    inside: [],
    mayBeAbsent: false,
  };
}

/** Is this operand the side of a binary operation that may be empty on purpose? */
function optionalIn(binary: SyntaxNode, child: SyntaxNode, text: string): boolean {
  const [left, right] = [binary.firstChild, binary.lastChild];
  const isRight = right !== null && right.from === child.from && right.to === child.to && left?.from !== child.from;
  if (binary.getChild('Or')) return true;
  return binary.getChild('Unless') !== null && isRight && text.length > 0;
}

function context(node: SyntaxNode, text: string): Pick<Selector, 'inside' | 'mayBeAbsent' | 'rangeMs'> {
  const inside: string[] = [];
  let mayBeAbsent = false;
  let rangeMs: number | undefined;
  for (let child = node, at = node.parent; at; child = at, at = at.parent) {
    if (at.name === 'MatrixSelector' && rangeMs === undefined) {
      const range = /\[\s*([0-9a-z]+)\s*\]$/.exec(text.slice(at.from, at.to))?.[1];
      rangeMs = range === undefined ? undefined : promDuration(range);
    } else if (at.name === 'FunctionCall' || at.name === 'AggregateExpr') {
      const name = callName(at, text);
      inside.push(name);
      if (name === 'absent' || name === 'absent_over_time') mayBeAbsent = true;
    } else if (at.name === 'BinaryExpr' && optionalIn(at, child, text)) mayBeAbsent = true;
  }
  return { inside, mayBeAbsent, ...(rangeMs !== undefined && { rangeMs }) };
}

const comparisons = ['Gtr', 'Gte', 'Lss', 'Lte', 'Eql', 'EqlC', 'Neq'];

/** Strips the wrappers that do not change a value; the grammar binds a trailing `offset` or `@` to the whole expression. */
function bare(node: SyntaxNode | null): SyntaxNode | null {
  let at = node;
  while (at && ['PromQL', 'Expr', 'ParenExpr', 'StepInvariantExpr', 'OffsetExpr'].includes(at.name)) {
    let inner = at.firstChild;
    while (inner && (inner.name === '(' || inner.name === '⚠')) inner = inner.nextSibling;
    if (!inner) return at;
    at = inner;
  }
  return at;
}

function filtersSeries(node: SyntaxNode | null, text: string): boolean {
  const at = bare(node);
  if (!at) return false;
  if (at.name === 'FunctionCall') {
    const name = callName(at, text);
    return (
      name === 'absent' ||
      name === 'absent_over_time' ||
      ([
        'sort',
        'sort_desc',
        'label_replace',
        'label_join',
        'round',
        'abs',
        'floor',
        'ceil',
        'clamp',
        'clamp_min',
        'clamp_max',
        'timestamp',
      ].includes(name) &&
        childrenDeep(at).some((c) => filtersSeries(c, text)))
    );
  }
  if (at.name === 'AggregateExpr') return childrenDeep(at).some((c) => filtersSeries(c, text));
  if (at.name !== 'BinaryExpr') return false;
  if (
    at.getChild('BoolModifier')?.getChild('Bool') ||
    /^\s*bool\b/.test(text.slice(at.getChild('BoolModifier')?.from ?? text.length))
  )
    return sides(at).some((side) => filtersSeries(side, text));
  if (comparisons.some((name) => at.getChild(name))) return true;
  if (at.getChild('Unless') || at.getChild('And')) return true;
  if (at.getChild('Or')) return sides(at).every((side) => filtersSeries(side, text));
  return sides(at).some((side) => filtersSeries(side, text));
}

const sides = (node: SyntaxNode): SyntaxNode[] => [node.firstChild, node.lastChild].filter((side) => side !== null);

function childrenDeep(node: SyntaxNode): SyntaxNode[] {
  const body = node.getChild('FunctionCallBody');
  const found: SyntaxNode[] = [];
  for (let child = body?.firstChild ?? null; child; child = child.nextSibling)
    if (child.name !== '(' && child.name !== ')') found.push(child);
  return found;
}

function keptLabels(node: SyntaxNode | null, text: string): string[] | undefined {
  const at = bare(node);
  if (!at) return undefined;
  if (at.name === 'AggregateExpr') {
    const name = callName(at, text);
    if (['topk', 'bottomk', 'limitk', 'limit_ratio'].includes(name)) return undefined;
    const modifier = at.getChild('AggregateModifier');
    if (!modifier) return [];
    const source = text.slice(modifier.from, modifier.to);
    if (/^\s*without/i.test(source)) return undefined;
    return source
      .replace(/^\s*by\s*\(|\)\s*$/gi, '')
      .split(',')
      .map((label) => label.trim())
      .filter((label) => label !== '');
  }
  if (at.name === 'BinaryExpr') {
    if (/\bgroup_(?:left|right)\b/.test(text.slice(at.from, at.to)) || at.getChild('Or')) return undefined;
    const literal = (side: SyntaxNode | undefined): boolean =>
      ['NumberLiteral', 'NumberDurationLiteral'].includes(bare(side ?? null)?.name ?? '');
    const [left, right] = sides(at);
    if (left && literal(left)) return keptLabels(right ?? null, text);
    return keptLabels(left ?? null, text);
  }
  if (at.name === 'FunctionCall') {
    if (callName(at, text) !== 'histogram_quantile') return undefined;
    const kept = keptLabels(childrenDeep(at).at(-1) ?? null, text);
    return kept?.filter((label) => label !== 'le');
  }
  return undefined;
}

function canonical(text: string): string {
  // Strings are kept as they are; outside them white space does not matter but between words.
  return text
    .split(/("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)/)
    .map((part, n) =>
      n % 2 === 1
        ? JSON.stringify(unquote(part))
        : part
            .replace(/#.*$/gm, '')
            .replace(/\s+/g, ' ')
            .replace(/ ?([^\w ]) ?/g, '$1'),
    )
    .join('')
    .trim();
}

/** Spaces in the place of comments, so that no node of the tree is one and every offset stays. */
export const withoutComments = (text: string): string =>
  text.replace(/("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)|#[^\n]*/g, (whole, quoted?: string) =>
    quoted === undefined ? ' '.repeat(whole.length) : whole,
  );

/**
 * Reads a PromQL expression by its syntax tree.
 * Source of the grammar: the lezer grammar that Prometheus's own web interface uses.
 */
export function parsePromQl(source: string): PromQl {
  const text = withoutComments(source);
  const tree = library('@prometheus-io/lezer-promql').parser.parse(text);
  const errorAt = text.trim() === '' ? 0 : firstError(tree);
  const selectors: Selector[] = [];
  const quantiles: number[] = [];
  tree.iterate({
    enter({ name, node }) {
      if (name === 'VectorSelector') selectors.push({ ...readSelector(node, text), ...context(node, text) });
      if (name === 'FunctionCall' && callName(node, text) === 'histogram_quantile') {
        const source = text.slice(node.from, node.to);
        const first = /^histogram_quantile\s*\(\s*([^,]+),/i.exec(source)?.[1]?.trim() ?? '';
        quantiles.push(first === '' ? Number.NaN : Number(first));
      }
    },
  });
  const top = tree.topNode.firstChild;
  return {
    text: source,
    ...(errorAt !== undefined && { errorAt }),
    selectors,
    quantiles,
    filters: filtersSeries(top, text),
    keptBy: keptLabels(top, text),
    canonical: canonical(text),
  };
}
