/** Stands in an expression where a variable stood whose value is not known; a metric or value that holds it cannot be judged. */
export const standIn = 'zzvariablezz';

/** One label matcher of a selector. */
export interface Matcher {
  label: string;
  op: '=' | '!=' | '=~' | '!~';
  value: string;
}

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
      /** How many arguments are written. */
      arity: number;
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
      /** The labels that `group_left (…)` brings over. */
      include: string[];
      /** `on (…) group_left (…)` as it is written; empty where there is none. */
      modifier: string;
    }
  | { kind: 'minus'; of: Expr }
  | { kind: 'unknown' };

export const comparisonOps: ReadonlySet<string> = new Set(['>', '>=', '<', '<=', '==', '!=']);
export const setOps: ReadonlySet<string> = new Set(['and', 'or', 'unless']);

/** One kind of expression of the tree. */
export type Node<Kind extends Expr['kind']> = Extract<Expr, { kind: Kind }>;

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
