import { parser } from '@prometheus-io/lezer-promql';
import type { SyntaxNode } from '@lezer/common';
import { promDuration, readSelector, withoutComments, type Matcher } from './promql.ts';

/** A PromQL expression as a tree. Brackets are left out. */
export type Expr =
  | { kind: 'number'; value: number }
  | { kind: 'string'; text: string }
  | {
      kind: 'selector';
      name: string | undefined;
      matchers: Matcher[];
      text: string;
      /** Milliseconds of its range, where it has one; NaN where the range is no literal. */
      rangeMs: number | undefined;
      /** An `offset` or `@` reads it at another time. */
      shifted: boolean;
    }
  | { kind: 'subquery'; of: Expr }
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
      matching: 'on' | 'ignoring' | undefined;
      labels: string[];
      group: 'left' | 'right' | undefined;
    }
  | { kind: 'minus'; of: Expr }
  | { kind: 'unknown' };

export const comparisonOps: readonly string[] = ['>', '>=', '<', '<=', '==', '!='];
export const setOps: readonly string[] = ['and', 'or', 'unless'];

/** @returns undefined where the text does not parse */
export function promqlTree(source: string): Expr | undefined {
  const text = withoutComments(source);
  const tree = parser.parse(text);
  let broken = text.trim() === '';
  tree.iterate({
    enter(node) {
      if (node.type.isError) broken = true;
    },
  });
  const top = tree.topNode.firstChild;
  return broken || !top ? undefined : read(top, text);
}

const unknown: Expr = { kind: 'unknown' };

function read(node: SyntaxNode, text: string): Expr {
  const own = text.slice(node.from, node.to);
  const inner = (): Expr => (node.firstChild ? read(node.firstChild, text) : unknown);
  switch (node.name) {
    case 'ParenExpr':
    case 'PromQL':
      return inner();
    case 'StepInvariantExpr':
    case 'OffsetExpr':
      return shifted(inner());
    case 'NumberDurationLiteral':
      return { kind: 'number', value: numberOf(own) };
    case 'StringLiteral':
      return { kind: 'string', text: own.slice(1, -1) };
    case 'VectorSelector': {
      const { name, matchers } = readSelector(node, text);
      return { kind: 'selector', name, matchers, text: own, rangeMs: undefined, shifted: false };
    }
    case 'MatrixSelector': {
      const of = inner();
      const range = /\[\s*([^\]]+?)\s*\]\s*$/.exec(own)?.[1] ?? '';
      return of.kind === 'selector' ? { ...of, rangeMs: promDuration(range) ?? Number.NaN } : unknown;
    }
    case 'SubqueryExpr':
      return { kind: 'subquery', of: inner() };
    case 'UnaryExpr': {
      const of = node.lastChild ? read(node.lastChild, text) : unknown;
      if (!own.trimStart().startsWith('-')) return of;
      return of.kind === 'number' ? { kind: 'number', value: -of.value } : { kind: 'minus', of };
    }
    case 'FunctionCall':
      return { kind: 'call', name: nameOf(node, text), args: argumentsOf(node).map((arg) => read(arg, text)) };
    case 'AggregateExpr': {
      const args = argumentsOf(node).map((arg) => read(arg, text));
      const modifier = node.getChild('AggregateModifier');
      const grouping = !modifier ? 'all' : modifier.getChild('By') ? 'by' : 'without';
      const [param, of] = args.length > 1 ? args : [undefined, args[0]];
      return {
        kind: 'aggregate',
        op: nameOf(node, text),
        grouping,
        labels: modifier ? labelsOf(modifier.getChild('GroupingLabels'), text) : [],
        param,
        of: of ?? unknown,
      };
    }
    case 'BinaryExpr':
      return binary(node, text);
    default:
      return unknown;
  }
}

/** The grammar binds a trailing `offset` to all that stands before it; it is the last selector's. */
function shifted(expr: Expr): Expr {
  if (expr.kind === 'selector') return { ...expr, shifted: true };
  if (expr.kind === 'binary') return { ...expr, right: shifted(expr.right) };
  return expr.kind === 'minus' ? { ...expr, of: shifted(expr.of) } : expr;
}

function binary(node: SyntaxNode, text: string): Expr {
  const [left, right] = [node.firstChild, node.lastChild];
  const op = left?.nextSibling;
  if (!left || !right || !op) return unknown;
  const clause = node.getChild('MatchingModifierClause') ?? node.getChild('BoolModifier');
  const source = clause ? text.slice(clause.from, clause.to) : '';
  const on = /\b(on|ignoring)\s*\(/i.exec(source)?.[1]?.toLowerCase();
  const group = /\bgroup_(left|right)\b/i.exec(source)?.[1]?.toLowerCase();
  const whole = text.slice(op.to, right.from);
  return {
    kind: 'binary',
    op: text.slice(op.from, op.to).toLowerCase(),
    bool: /^\s*bool\b/i.test(whole),
    left: read(left, text),
    right: read(right, text),
    matching: on === 'on' || on === 'ignoring' ? on : undefined,
    labels: on === undefined ? [] : labelsOf(clause?.getChild('GroupingLabels') ?? null, text),
    group: group === 'left' || group === 'right' ? group : undefined,
  };
}

const nameOf = (node: SyntaxNode, text: string): string =>
  node.firstChild ? text.slice(node.firstChild.from, node.firstChild.to).toLowerCase() : '';

function argumentsOf(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  const body = node.getChild('FunctionCallBody');
  for (let child = body?.firstChild ?? null; child; child = child.nextSibling)
    if (!['(', ')', ','].includes(child.name)) found.push(child);
  return found;
}

const labelsOf = (node: SyntaxNode | null, text: string): string[] =>
  node
    ? text
        .slice(node.from + 1, node.to - 1)
        .split(',')
        .map((label) => label.trim().replace(/^(["'])(.*)\1$/, '$2'))
        .filter((label) => label !== '')
    : [];

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
