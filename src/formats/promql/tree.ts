import type { SyntaxNode } from '@lezer/common';
import { library } from '../data/libraries.ts';
import { promDuration, readSelector, unquote, withoutComments, type Matcher } from './parse.ts';

/** A PromQL expression as a tree. Brackets are left out; `from` and `to` are offsets into the source. */
export type Expr =
  | { kind: 'number'; value: number }
  | { kind: 'string'; text: string }
  | {
      kind: 'selector';
      name: string | undefined;
      matchers: Matcher[];
      /** Where it stands, without range and offset. */
      from: number;
      to: number;
      /** Milliseconds of its range, where it has one; NaN where the range is no literal. */
      rangeMs: number | undefined;
      offsetMs: number;
      /** An `offset` or `@` reads it at another time. */
      shifted: boolean;
    }
  | { kind: 'subquery'; of: Expr; rangeMs: number; offsetMs: number }
  | { kind: 'call'; name: string; args: Expr[] }
  | {
      kind: 'aggregate';
      op: string;
      /** `all`: no modifier, so that no label is kept. */
      grouping: 'by' | 'without' | 'all';
      labels: string[];
      param: Expr | undefined;
      of: Expr;
    }
  | {
      kind: 'binary';
      op: string;
      bool: boolean;
      left: Expr;
      right: Expr;
      /** The sides as they are written, without brackets around the whole. */
      leftText: string;
      rightText: string;
      matching: 'on' | 'ignoring' | undefined;
      /** The labels of `on` or `ignoring`. */
      labels: string[];
      group: 'left' | 'right' | undefined;
      /** `on (…) group_left (…)` as it is written; empty where there is none. */
      modifier: string;
    }
  | { kind: 'minus'; of: Expr }
  | { kind: 'unknown' };

export const comparisonOps: ReadonlySet<string> = new Set(['>', '>=', '<', '<=', '==', '!=']);
export const setOps: ReadonlySet<string> = new Set(['and', 'or', 'unless']);

/** @returns undefined where the text does not parse */
export function promqlTree(source: string): Expr | undefined {
  const text = withoutComments(source);
  const tree = library('@prometheus-io/lezer-promql').parser.parse(text);
  let broken = text.trim() === '';
  tree.iterate({
    enter(node) {
      if (node.type.isError) broken = true;
    },
  });
  const top = tree.topNode.firstChild;
  return broken || !top ? undefined : read(top, text);
}

/** As `promqlTree`, of whatever parses: the rest is `unknown`. */
export function lenientTree(source: string): Expr {
  const text = withoutComments(source);
  const top = library('@prometheus-io/lezer-promql').parser.parse(text).topNode.firstChild;
  return top ? read(top, text) : unknown;
}

const unknown: Expr = { kind: 'unknown' };

const expressions: ReadonlySet<string> = new Set([
  'NumberDurationLiteral',
  'NumberLiteral',
  'StringLiteral',
  'VectorSelector',
  'MatrixSelector',
  'SubqueryExpr',
  'OffsetExpr',
  'StepInvariantExpr',
  'ParenExpr',
  'UnaryExpr',
  'BinaryExpr',
  'FunctionCall',
  'AggregateExpr',
]);

const children = (node: SyntaxNode): SyntaxNode[] => {
  const found: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) found.push(child);
  return found;
};
const written = (node: SyntaxNode, text: string): string => text.slice(node.from, node.to);

function read(node: SyntaxNode, text: string): Expr {
  const own = written(node, text);
  const child = children(node).find((one) => expressions.has(one.name));
  const inner = (): Expr => (child ? read(child, text) : unknown);
  switch (node.name) {
    case 'NumberDurationLiteral':
    case 'NumberLiteral':
      return { kind: 'number', value: numberOf(own) };
    case 'StringLiteral':
      return { kind: 'string', text: unquote(own) };
    case 'VectorSelector': {
      const { name, matchers } = readSelector(node, text);
      const place = { from: node.from, to: node.to };
      return { kind: 'selector', name, matchers, ...place, rangeMs: undefined, offsetMs: 0, shifted: false };
    }
    case 'MatrixSelector':
    case 'SubqueryExpr': {
      const of = inner();
      const range = msOf(/^\s*\[\s*([^\]:]+?)\s*[\]:]/.exec(text.slice(child?.to ?? node.from, node.to))?.[1] ?? '');
      if (node.name === 'MatrixSelector') return of.kind === 'selector' ? { ...of, rangeMs: range } : unknown;
      const whole = (one: Expr): Expr => ({ kind: 'subquery', of: one, rangeMs: range, offsetMs: 0 });
      return child?.name === 'ParenExpr' ? whole(of) : toLast(of, whole);
    }
    case 'StepInvariantExpr':
    case 'OffsetExpr': {
      const [, sign, duration] = /offset\s+(-?)\s*(\w+)\s*$/i.exec(own) ?? [];
      const ms = duration === undefined ? undefined : msOf(duration) * (sign === '-' ? -1 : 1);
      return toLast(inner(), (one) => shifted(one, ms));
    }
    case 'UnaryExpr': {
      const of = inner();
      if (!own.startsWith('-')) return of;
      return of.kind === 'number' ? { kind: 'number', value: -of.value } : { kind: 'minus', of };
    }
    case 'FunctionCall':
      return { kind: 'call', name: nameOf(node, text), args: argumentsOf(node, text) };
    case 'AggregateExpr': {
      const args = argumentsOf(node, text);
      const modifier = node.getChild('AggregateModifier');
      const grouping = !modifier ? 'all' : modifier.getChild('By') ? 'by' : 'without';
      const [param, of] = args.length > 1 ? args : [undefined, args[0]];
      return {
        kind: 'aggregate',
        op: nameOf(node, text),
        grouping,
        labels: labelsOf(modifier, text),
        param,
        of: of ?? unknown,
      };
    }
    case 'BinaryExpr':
      return binary(node, text);
    default:
      return inner();
  }
}

/** The grammar lets what follows an expression, as in `a / b offset 1h`, embrace the whole of it: it is the last operand's. */
function toLast(expr: Expr, change: (last: Expr) => Expr): Expr {
  if (expr.kind === 'binary') return { ...expr, right: toLast(expr.right, change) };
  return expr.kind === 'minus' ? { ...expr, of: toLast(expr.of, change) } : change(expr);
}

/** @param ms undefined where it is read at a time of its own (`@`) */
function shifted(expr: Expr, ms: number | undefined): Expr {
  if (expr.kind === 'selector') return { ...expr, offsetMs: ms ?? expr.offsetMs, shifted: true };
  return expr.kind === 'subquery' ? { ...expr, offsetMs: ms ?? expr.offsetMs } : expr;
}

function binary(node: SyntaxNode, text: string): Expr {
  const [left, right] = [node.firstChild, node.lastChild];
  const op = children(node)
    .slice(1)
    .find((child) => !child.type.isError);
  if (!left || !right || !op) return unknown;
  const clause = node.getChild('MatchingModifierClause');
  const modifier = clause ? written(clause, text) : '';
  const group = /\bgroup_(left|right)\b/i.exec(modifier)?.[1]?.toLowerCase();
  return {
    kind: 'binary',
    op: written(op, text).toLowerCase(),
    bool: /^\s*bool\b/i.test(text.slice(op.to, right.from)),
    left: read(left, text),
    right: read(right, text),
    leftText: written(left, text),
    rightText: written(right, text),
    matching: clause?.getChild('On') ? 'on' : clause?.getChild('Ignoring') ? 'ignoring' : undefined,
    labels: labelsOf(clause, text),
    group: group === 'left' || group === 'right' ? group : undefined,
    modifier,
  };
}

const nameOf = (node: SyntaxNode, text: string): string =>
  node.firstChild ? written(node.firstChild, text).toLowerCase() : '';

/** A call's body nests where it has several arguments. */
function argumentsOf(call: SyntaxNode, text: string): Expr[] {
  const of = (body: SyntaxNode): Expr[] =>
    children(body).flatMap((child) =>
      child.name === 'FunctionCallBody' ? of(child) : expressions.has(child.name) ? [read(child, text)] : [],
    );
  const body = call.getChild('FunctionCallBody');
  return body ? of(body) : [];
}

/** The labels that a modifier lists first. */
function labelsOf(modifier: SyntaxNode | null, text: string): string[] {
  const list = modifier?.getChild('GroupingLabels');
  if (!list) return [];
  return written(list, text)
    .replace(/^\(|\)$/g, '')
    .split(',')
    .map((label) => label.trim().replace(/^(["'])(.*)\1$/, '$2'))
    .filter((label) => label !== '');
}

/** Milliseconds of a range or an offset; a bare number is seconds (Prometheus 3). NaN where it is no literal. */
const msOf = (text: string): number => promDuration(text) ?? (text === '' ? Number.NaN : Number(text) * 1000);

/** A number as PromQL writes it: decimal, hexadecimal, Inf, NaN, or a duration in seconds. */
function numberOf(text: string): number {
  if (/^inf$/i.test(text)) return Infinity;
  const duration = promDuration(text);
  return duration === undefined ? Number(text.replaceAll('_', '')) : duration / 1000;
}

/** All expressions below, the outermost first, each with the ones that it stands in (innermost first). */
export function* walk(expr: Expr, above: readonly Expr[] = []): Generator<[expr: Expr, above: readonly Expr[]]> {
  yield [expr, above];
  for (const child of childrenOf(expr)) yield* walk(child, [expr, ...above]);
}

export function childrenOf(expr: Expr): Expr[] {
  switch (expr.kind) {
    case 'subquery':
    case 'minus':
      return [expr.of];
    case 'call':
      return expr.args;
    case 'aggregate':
      return expr.param ? [expr.param, expr.of] : [expr.of];
    case 'binary':
      return [expr.left, expr.right];
    default:
      return [];
  }
}

/** A number that the expression is by its text alone; undefined where it is none. */
export function constant(expr: Expr): number | undefined {
  if (expr.kind === 'number') return expr.value;
  if (expr.kind === 'call' && ['vector', 'scalar'].includes(expr.name) && expr.args[0]) return constant(expr.args[0]);
  if (expr.kind === 'minus') {
    const of = constant(expr.of);
    return of === undefined ? undefined : -of;
  }
  if (expr.kind !== 'binary') return undefined;
  const [left, right] = [constant(expr.left), constant(expr.right)];
  if (left === undefined || right === undefined) return undefined;
  switch (expr.op) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    case '%':
      return left % right;
    case '^':
      return left ** right;
    default:
      return undefined;
  }
}
