import { parser } from '@prometheus-io/lezer-promql';
import type { SyntaxNode } from '@lezer/common';
import { promDuration, readSelector, unquote, type Selector } from '../formats/promql.ts';

/** An expression as the solver needs it: brackets gone, durations in seconds. */
export type Tree =
  | { kind: 'number'; value: number }
  | { kind: 'string'; value: string }
  | { kind: 'selector'; selector: Selector; from: number; to: number; range: number; offset: number }
  | { kind: 'call'; name: string; args: Tree[] }
  | { kind: 'aggregate'; name: string; by: string[] | undefined; without: string[] | undefined; args: Tree[] }
  | {
      kind: 'binary';
      op: string;
      bool: boolean;
      on: string[];
      ignoring: string[];
      left: Tree;
      right: Tree;
      /** As they are written, and what stands between operator and right side. */
      leftText: string;
      rightText: string;
      matching: string;
    }
  | { kind: 'subquery'; of: Tree; range: number; offset: number }
  | { kind: 'unknown' };

const operators: Record<string, string> = {
  Add: '+',
  Sub: '-',
  Mul: '*',
  Div: '/',
  Mod: '%',
  Pow: '^',
  Atan2: 'atan2',
  EqlC: '==',
  Eql: '==',
  Neq: '!=',
  Gtr: '>',
  Gte: '>=',
  Lss: '<',
  Lte: '<=',
  And: 'and',
  Or: 'or',
  Unless: 'unless',
};
export const comparisons: ReadonlySet<string> = new Set(['==', '!=', '>', '>=', '<', '<=']);
export const setOperators: ReadonlySet<string> = new Set(['and', 'or', 'unless']);

/** The syntax tree of an expression. What it does not know becomes `unknown`. */
export function treeOf(text: string): Tree {
  const top = parser.parse(text).topNode.firstChild;
  return top ? read(top, text) : { kind: 'unknown' };
}

const children = (node: SyntaxNode): SyntaxNode[] => {
  const found: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) found.push(child);
  return found;
};
const source = (node: SyntaxNode, text: string): string => text.slice(node.from, node.to);

/** The first child that is an expression. */
const inner = (node: SyntaxNode): SyntaxNode | undefined => children(node).find((child) => expressions.has(child.name));

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

/** Seconds of a duration in a range or an offset; a bare number is seconds (Prometheus 3). */
function seconds(text: string): number {
  const duration = promDuration(text.trim());
  return duration === undefined ? Number(text) || 0 : duration / 1000;
}

function read(node: SyntaxNode, text: string): Tree {
  switch (node.name) {
    case 'NumberDurationLiteral':
    case 'NumberLiteral':
      return { kind: 'number', value: numberOf(source(node, text)) };
    case 'StringLiteral':
      return { kind: 'string', value: unquote(source(node, text)) };
    case 'VectorSelector':
      return {
        kind: 'selector',
        selector: readSelector(node, text),
        from: node.from,
        to: node.to,
        range: 0,
        offset: 0,
      };
    case 'MatrixSelector':
    case 'SubqueryExpr':
      return readRange(node, text);
    case 'OffsetExpr':
      return readOffset(node, text);
    case 'UnaryExpr':
      return readUnary(node, text);
    case 'BinaryExpr':
      return readBinary(node, text);
    case 'FunctionCall':
    case 'AggregateExpr':
      return readCall(node, text);
    default: {
      const child = inner(node);
      return child ? read(child, text) : { kind: 'unknown' };
    }
  }
}

function numberOf(text: string): number {
  if (/^[+-]?inf$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  const plain = Number(text.replaceAll('_', ''));
  return Number.isNaN(plain) ? seconds(text) : plain;
}

function readRange(node: SyntaxNode, text: string): Tree {
  const child = inner(node);
  const of: Tree = child ? read(child, text) : { kind: 'unknown' };
  const range = seconds(/\[\s*([^\]:]+)/.exec(text.slice(child?.to ?? node.from, node.to))?.[1] ?? '');
  if (node.name === 'MatrixSelector' && of.kind === 'selector') return { ...of, range };
  return child?.name === 'ParenExpr' ? { kind: 'subquery', of, range, offset: 0 } : ranged(of, range);
}

/** As with an offset, the grammar lets the range of a subquery embrace more than its operand. */
function ranged(tree: Tree, range: number): Tree {
  if (tree.kind === 'binary') return { ...tree, right: ranged(tree.right, range) };
  return { kind: 'subquery', of: tree, range, offset: 0 };
}

function readOffset(node: SyntaxNode, text: string): Tree {
  const child = inner(node);
  const of: Tree = child ? read(child, text) : { kind: 'unknown' };
  const match = /offset\s+(-?)\s*(\w+)\s*$/i.exec(source(node, text));
  return child?.name === 'ParenExpr' ? of : shifted(of, seconds(match?.[2] ?? '') * (match?.[1] === '-' ? -1 : 1));
}

/** The grammar lets an offset at the end embrace the whole of `a / b offset 1h`: it belongs to the last operand. */
function shifted(tree: Tree, offset: number): Tree {
  if (tree.kind === 'binary') return { ...tree, right: shifted(tree.right, offset) };
  return tree.kind === 'selector' || tree.kind === 'subquery' ? { ...tree, offset } : tree;
}

function readUnary(node: SyntaxNode, text: string): Tree {
  const child = inner(node);
  const of: Tree = child ? read(child, text) : { kind: 'unknown' };
  if (!source(node, text).startsWith('-')) return of;
  if (of.kind === 'number') return { kind: 'number', value: -of.value };
  return binary('-', { kind: 'number', value: 0 }, of);
}

const binary = (op: string, left: Tree, right: Tree): Tree & { kind: 'binary' } => ({
  kind: 'binary',
  op,
  bool: false,
  on: [],
  ignoring: [],
  left,
  right,
  leftText: '',
  rightText: '',
  matching: '',
});

const names = (node: SyntaxNode | null, text: string): string[] =>
  node
    ? source(node, text)
        .replace(/^\(|\)$/g, '')
        .split(',')
        .map((name) => name.trim().replace(/^["']|["']$/g, ''))
        .filter((name) => name !== '')
    : [];

function readBinary(node: SyntaxNode, text: string): Tree {
  const [left, right] = [node.firstChild, node.lastChild];
  const op = children(node)
    .map((child) => operators[child.name])
    .find((found) => found !== undefined);
  if (!left || !right || op === undefined) return { kind: 'unknown' };
  const modifier = node.getChild('MatchingModifierClause');
  const labels = names(modifier?.getChild('GroupingLabels') ?? null, text);
  return {
    ...binary(op, read(left, text), read(right, text)),
    bool: /\bbool\b/.test(text.slice(left.to, right.from)),
    on: modifier?.getChild('On') ? labels : [],
    ignoring: modifier?.getChild('Ignoring') ? labels : [],
    leftText: source(left, text),
    rightText: source(right, text),
    matching: modifier ? source(modifier, text) : '',
  };
}

function readCall(node: SyntaxNode, text: string): Tree {
  const id = node.firstChild;
  const name = id ? source(id, text).toLowerCase() : '';
  const body = node.getChild('FunctionCallBody');
  const args = body ? arguments_(body, text) : [];
  if (node.name === 'FunctionCall') return { kind: 'call', name, args };
  const modifier = node.getChild('AggregateModifier');
  const labels = names(modifier?.getChild('GroupingLabels') ?? null, text);
  return {
    kind: 'aggregate',
    name,
    by: modifier?.getChild('By') ? labels : undefined,
    without: modifier?.getChild('Without') ? labels : undefined,
    args,
  };
}

/** A body nests where it has several arguments. */
function arguments_(body: SyntaxNode, text: string): Tree[] {
  return children(body).flatMap((child) =>
    child.name === 'FunctionCallBody'
      ? arguments_(child, text)
      : expressions.has(child.name)
        ? [read(child, text)]
        : [],
  );
}

/** The value of an expression of numbers alone. */
export function constant(tree: Tree): number | undefined {
  if (tree.kind === 'number') return tree.value;
  if (tree.kind === 'call' && (tree.name === 'vector' || tree.name === 'scalar') && tree.args[0])
    return constant(tree.args[0]);
  if (tree.kind !== 'binary') return undefined;
  const [left, right] = [constant(tree.left), constant(tree.right)];
  if (left === undefined || right === undefined) return undefined;
  switch (tree.op) {
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

/** The trees directly below. */
export function below(tree: Tree): Tree[] {
  switch (tree.kind) {
    case 'call':
    case 'aggregate':
      return tree.args;
    case 'binary':
      return [tree.left, tree.right];
    case 'subquery':
      return [tree.of];
    case 'number':
    case 'string':
    case 'selector':
    case 'unknown':
      return [];
  }
}

/** Numbers in an expression, folded where an operation is of numbers alone. */
export function constants(tree: Tree): number[] {
  const value = constant(tree);
  return value === undefined ? below(tree).flatMap(constants) : [value];
}

/**
 * Does the expression compare values, or ask for an absence? Where it only counts series, or does not compare, that a series
 * is there is the condition.
 */
export function conditional(expr: string): boolean {
  const visit = (tree: Tree): boolean =>
    (tree.kind === 'binary' && (comparisons.has(tree.op) || tree.op === 'unless')) ||
    (tree.kind === 'call' && tree.name.startsWith('absent')) ||
    below(tree).some(visit);
  const counts = (tree: Tree): boolean =>
    ((tree.kind === 'aggregate' || tree.kind === 'call') && /^(?:count|group|present)/.test(tree.name)) ||
    below(tree).some(counts);
  const tree = treeOf(expr);
  return visit(tree) && !counts(tree);
}
