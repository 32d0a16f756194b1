import type { SyntaxNode } from '@lezer/common';
import { library } from '../data/libraries.ts';
import { badEscape, literalNumber, promDuration, unquote, withoutComments } from './literals.ts';
import { comparisonOps, type Expr, type Matcher } from './tree.ts';

/** An expression as it was read. */
export interface Reading {
  /** As far as it parses: what does not is `unknown`. */
  expr: Expr;
  /** Offset of the first thing that does not parse. */
  errorAt: number | undefined;
  /** What Prometheus refuses though its grammar takes it, and what the tree does not keep. */
  refusals: string[];
}

const kept = new Map<string, Reading>();

/**
 * Reads a PromQL expression: the one place that knows the syntax tree.
 * Source of the grammar: the lezer grammar that Prometheus's own web interface uses.
 */
export function readPromQl(source: string): Reading {
  const before = kept.get(source);
  if (before) return before;
  const text = withoutComments(source);
  // What Prometheus 2 calls holt_winters is none of the grammar's functions; one of the same length stands in its place.
  const tree = library('@prometheus-io/lezer-promql').parser.parse(
    text.replace(/\bholt_winters(?=\s*\()/g, 'day_of_month'),
  );
  let errorAt = text.trim() === '' ? 0 : undefined;
  tree.iterate({
    enter(node) {
      if (errorAt === undefined && node.type.isError) errorAt = node.from;
    },
  });
  const reader = new Reader(text);
  const top = tree.topNode.firstChild;
  const reading = { expr: top ? reader.read(top) : unknown, errorAt, refusals: reader.refusals };
  if (kept.size > 20_000) kept.clear();
  kept.set(source, reading);
  return reading;
}

/** @returns undefined where the text does not parse */
export function promqlTree(source: string): Expr | undefined {
  const { expr, errorAt } = readPromQl(source);
  return errorAt === undefined ? expr : undefined;
}

/** As `promqlTree`, of whatever parses: the rest is `unknown`. */
export const lenientTree = (source: string): Expr => readPromQl(source).expr;

const unknown: Expr = { kind: 'unknown' };

const expressions: ReadonlySet<string> = new Set(
  `NumberDurationLiteral NumberLiteral StringLiteral VectorSelector
  MatrixSelector SubqueryExpr OffsetExpr StepInvariantExpr AnchoredExpr SmoothedExpr ParenExpr UnaryExpr BinaryExpr
  FunctionCall AggregateExpr`.split(/\s+/),
);

function children(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) found.push(child);
  return found;
}

/** Milliseconds of a range or an offset; a bare number is seconds (Prometheus 3). NaN where it is no literal. */
const msOf = (text: string): number => promDuration(text) ?? (text === '' ? Number.NaN : Number(text) * 1000);

const matcher =
  /^\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[A-Za-z_][\w]*)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)\s*$/s;

const signed = (own: string, of: Expr): Expr =>
  !own.startsWith('-') ? of : of.kind === 'number' ? { kind: 'number', value: -of.value } : { kind: 'minus', of };

/** How closely an operator binds. Source: Prometheus's documentation of operators. */
function closeness(op: string): number {
  if (op === 'or') return 1;
  if (op === 'and' || op === 'unless') return 2;
  if (comparisonOps.has(op)) return 3;
  if (op === '+' || op === '-') return 4;
  return op === '^' ? 6 : 5;
}

/** Does the left of two operators leave its right operand to the other? */
const looser = (left: string, right: string): boolean =>
  closeness(left) < closeness(right) || (left === '^' && right === '^');

class Reader {
  readonly #text: string;
  readonly refusals: string[] = [];
  /** What stands in brackets of its own. */
  readonly #bracketed = new WeakSet<Expr>();
  /** Where the right operand of an operation begins. */
  readonly #rightFrom = new WeakMap<Expr, number>();

  constructor(text: string) {
    this.#text = text;
  }

  #written(node: SyntaxNode): string {
    return this.#text.slice(node.from, node.to);
  }

  #string(text: string): string {
    const escape = badEscape(text);
    if (escape !== undefined)
      this.refusals.push(
        `${text} holds the escape ${escape}, which PromQL does not know: write ${escape.replace('\\', '\\\\')}`,
      );
    return unquote(text);
  }

  read(node: SyntaxNode): Expr {
    const own = this.#written(node);
    const child = children(node).find((one) => expressions.has(one.name));
    const inner = (): Expr => (child ? this.read(child) : unknown);
    switch (node.name) {
      case 'NumberDurationLiteral':
      case 'NumberLiteral':
        return { kind: 'number', value: literalNumber(own) };
      case 'StringLiteral':
        return { kind: 'string', text: this.#string(own) };
      case 'VectorSelector':
        return this.#selector(node);
      case 'MatrixSelector':
      case 'SubqueryExpr':
        return child ? this.#ranged(node, child) : unknown;
      case 'StepInvariantExpr':
      case 'OffsetExpr':
        return child ? this.#shifted(node, child) : unknown;
      case 'UnaryExpr':
        return signed(own, inner());
      case 'ParenExpr': {
        const of = inner();
        if (of !== unknown) this.#bracketed.add(of);
        return of;
      }
      case 'FunctionCall':
        return { kind: 'call', name: this.#name(node), args: this.#arguments(node) };
      case 'AggregateExpr':
        return this.#aggregate(node);
      case 'BinaryExpr':
        return this.#binary(node);
      default:
        return inner();
    }
  }

  #selector(node: SyntaxNode): Expr {
    const identifier = node.getChild('Identifier');
    let name = identifier ? this.#written(identifier) : undefined;
    const matchers: Matcher[] = [];
    const visit = (at: SyntaxNode): void => {
      for (const child of children(at)) {
        if (/^(?:Unquoted|Quoted)?LabelMatcher$/.test(child.name)) {
          const [, label, op = '=', value = '""'] = matcher.exec(this.#written(child)) ?? [];
          if (label === undefined) continue;
          matchers.push({
            label: /^["']/.test(label) ? this.#string(label) : label,
            op: op as Matcher['op'],
            value: this.#string(value),
          });
        } else if (child.name === 'QuotedLabelName') name ??= this.#string(this.#written(child));
        else visit(child);
      }
    };
    visit(node);
    const named = matchers.find((m) => m.label === '__name__' && m.op === '=');
    if (name !== undefined && matchers.some((m) => m.label === '__name__'))
      this.refusals.push(`${this.#written(node)} names its metric twice`);
    name ??= named?.value;
    return {
      kind: 'selector',
      name,
      matchers: matchers.filter((m) => m !== named),
      from: node.from,
      to: node.to,
      rangeMs: undefined,
      offsetMs: 0,
      shifted: false,
    };
  }

  /** The grammar lets what follows an expression, as in `a / b offset 1h`, embrace the whole of it: it is the last operand's. */
  #last(node: SyntaxNode, change: (last: Expr, bracketed: boolean) => Expr): Expr {
    if (node.name === 'BinaryExpr' && node.lastChild) return this.#binary(node, this.#last(node.lastChild, change));
    if (node.name === 'UnaryExpr' && node.lastChild)
      return signed(this.#written(node), this.#last(node.lastChild, change));
    return change(this.read(node), node.name === 'ParenExpr');
  }

  /** `x[5m]` and `x[5m:1m]`. */
  #ranged(node: SyntaxNode, child: SyntaxNode): Expr {
    const written = this.#text.slice(child.to, node.to);
    const range = msOf(/^\s*\[\s*([^\]:]+?)\s*[\]:]/.exec(written)?.[1] ?? '');
    if (range <= 0) this.refusals.push(`the range ${written.trim()} must be above 0`);
    return this.#last(child, (of, bracketed) => {
      if (node.name === 'SubqueryExpr') return { kind: 'subquery', of, rangeMs: range, offsetMs: 0 };
      if (of.kind === 'selector' && !bracketed && of.rangeMs === undefined) {
        if (of.shifted) this.refusals.push(`${written.trim()} stands behind offset or @: the range comes first`);
        return { ...of, rangeMs: range };
      }
      if (of.kind !== 'unknown')
        this.refusals.push(
          `a range, ${written.trim()}, stands behind something that is not a selector: put rate and its range around the selector alone, or write a subquery, [5m:]`,
        );
      return unknown;
    });
  }

  #shifted(node: SyntaxNode, child: SyntaxNode): Expr {
    const own = this.#written(node);
    const what = node.name === 'OffsetExpr' ? 'offset' : '@';
    const [, sign, duration] = /offset\s+(-?)\s*(\w+)\s*$/i.exec(own) ?? [];
    const ms = duration === undefined ? undefined : msOf(duration) * (sign === '-' ? -1 : 1);
    if (child.name === node.name) this.refusals.push(`${what} appears twice after one selector: ${own}`);
    return this.#last(child, (of, bracketed) => {
      if (bracketed || !['selector', 'subquery', 'unknown'].includes(of.kind))
        this.refusals.push(`${what} stands behind something that is not a selector: ${own}`);
      if (of.kind === 'selector') return { ...of, offsetMs: ms ?? of.offsetMs, shifted: true };
      return of.kind === 'subquery' ? { ...of, offsetMs: ms ?? of.offsetMs } : of;
    });
  }

  #aggregate(node: SyntaxNode): Expr {
    const args = this.#arguments(node);
    const modifier = node.getChild('AggregateModifier');
    const grouping = !modifier ? 'all' : modifier.getChild('By') ? 'by' : 'without';
    const [param, of] = args.length > 1 ? args : [undefined, args[0]];
    return {
      kind: 'aggregate',
      op: this.#name(node).toLowerCase(),
      grouping,
      labels: this.#labels(modifier?.getChild('GroupingLabels')),
      param,
      of: of ?? unknown,
      arity: args.length,
    };
  }

  /**
   * The grammar lets `a > b offset 1h * 2` be `(a > b offset 1h) * 2`: what binds more closely belongs to the last operand.
   * @param last the right side, where it was read already
   */
  #binary(node: SyntaxNode, last?: Expr): Expr {
    const [left, right] = [node.firstChild, node.lastChild];
    const op = children(node)
      .slice(1)
      .find((child) => !child.type.isError);
    if (!left || !right || !op) return unknown;
    const written = this.#written(op).toLowerCase();
    const put = (expr: Expr, from: number): Expr => {
      const loose = !this.#bracketed.has(expr);
      if (loose && expr.kind === 'minus' && written === '^') return { ...expr, of: put(expr.of, from) };
      const start = this.#rightFrom.get(expr);
      if (!loose || expr.kind !== 'binary' || start === undefined || !looser(expr.op, written))
        return this.#joined(node, op, expr, this.#text.slice(from, left.to), last ?? this.read(right));
      const whole = { ...expr, right: put(expr.right, start), rightText: this.#text.slice(start, node.to) };
      this.#rightFrom.set(whole, start);
      return whole;
    };
    return put(this.read(left), left.from);
  }

  #joined(node: SyntaxNode, op: SyntaxNode, left: Expr, leftText: string, right: Expr): Expr {
    const clause = node.getChild('MatchingModifierClause');
    const modifier = clause ? this.#written(clause) : '';
    const group = /\bgroup_(left|right)\b/i.exec(modifier)?.[1]?.toLowerCase();
    const lists = clause?.getChildren('GroupingLabels') ?? [];
    const rightNode = node.lastChild;
    const joined: Expr = {
      kind: 'binary',
      op: this.#written(op).toLowerCase(),
      bool: /^\s*bool\b/i.test(this.#text.slice(op.to, rightNode?.from)),
      left,
      right,
      leftText,
      rightText: rightNode ? this.#written(rightNode) : '',
      matching: clause?.getChild('On') ? 'on' : clause?.getChild('Ignoring') ? 'ignoring' : undefined,
      labels: this.#labels(lists[0]),
      group: group === 'left' || group === 'right' ? group : undefined,
      include: this.#labels(lists[1]),
      modifier,
    };
    if (rightNode) this.#rightFrom.set(joined, rightNode.from);
    return joined;
  }

  /** A function's name is written in lower case, or it is none; that of an aggregation in any. */
  #name(node: SyntaxNode): string {
    return node.firstChild ? this.#written(node.firstChild) : '';
  }

  /** A call's body nests where it has several arguments. */
  #arguments(call: SyntaxNode): Expr[] {
    const of = (body: SyntaxNode): Expr[] =>
      children(body).flatMap((child) =>
        child.name === 'FunctionCallBody' ? of(child) : expressions.has(child.name) ? [this.read(child)] : [],
      );
    const body = call.getChild('FunctionCallBody');
    return body ? of(body) : [];
  }

  #labels(list: SyntaxNode | null | undefined): string[] {
    if (!list) return [];
    return this.#written(list)
      .replace(/^\(|\)$/g, '')
      .split(',')
      .map((label) => label.trim().replace(/^(["'])(.*)\1$/, '$2'))
      .filter((label) => label !== '');
  }
}
