import { regexFault } from './regex.ts';
import { signatures } from './functions.ts';
import { readPromQl } from './read.ts';
import { matchesEmpty } from './matchers.ts';
import { standIn, comparisonOps, setOps, walk, type Expr, type Node } from './tree.ts';

type Type = 'v' | 'm' | 's' | 't';
const words: Record<Type, string> = { v: 'an instant vector', m: 'a range', s: 'a number', t: 'a text' };

/** What Prometheus takes an expression for; undefined where a variable decides, or a function that is not known. */
export function typeOf(expr: Expr): Type | undefined {
  switch (expr.kind) {
    case 'number':
      return 's';
    case 'string':
      return 't';
    case 'selector':
      if (expr.name?.includes(standIn) === true) return undefined;
      return expr.rangeMs === undefined ? 'v' : 'm';
    case 'subquery':
      return 'm';
    case 'call':
      return signatures.get(expr.name)?.gives;
    case 'aggregate':
      return 'v';
    case 'minus':
      return typeOf(expr.of);
    case 'binary': {
      const sides = [typeOf(expr.left), typeOf(expr.right)];
      return sides.includes('v') ? 'v' : sides.every((side) => side === 's') ? 's' : undefined;
    }
    default:
      return undefined;
  }
}

/**
 * Why Prometheus refuses an expression that its grammar takes; undefined where it does not.
 * Source: Prometheus's parser (checkAST, and the actions of its grammar).
 */
export function refusal(source: string): string | undefined {
  const { expr, errorAt, refusals } = readPromQl(source);
  if (errorAt !== undefined) return undefined;
  if (refusals[0] !== undefined) return refusals[0];
  for (const [one, above] of walk(expr)) {
    const fault = faultOf(one, above[0]);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function faultOf(expr: Expr, above: Expr | undefined): string | undefined {
  switch (expr.kind) {
    case 'call':
      return ofCall(expr);
    case 'aggregate':
      return ofAggregate(expr);
    case 'binary':
      return ofBinary(expr);
    case 'minus': {
      const of = typeOf(expr.of);
      return of === 'm' || of === 't' ? `there is a minus before ${words[of]}` : undefined;
    }
    case 'subquery': {
      const of = typeOf(expr.of);
      return of === undefined || of === 'v'
        ? undefined
        : `a subquery, [5m:], is of ${words[of]}; it takes an instant vector`;
    }
    case 'selector':
      return ofSelector(expr, above?.kind === 'call' && above.name === 'info' && above.args[1] === expr);
    default:
      return undefined;
  }
}

const needs = (what: string, expected: Type, expr: Expr): string | undefined => {
  const type = typeOf(expr);
  if (type === undefined || type === expected) return undefined;
  const hint = expected === 'm' ? `, as in x[5m]` : type === 'm' ? ': put rate or the like around it' : '';
  return `${what} takes ${words[expected]}, and is given ${words[type]}${hint}`;
};

function ofCall({ name, args }: Node<'call'>): string | undefined {
  const signature = signatures.get(name);
  if (!signature) return undefined;
  const { takes, more } = signature;
  const least = more === 0 ? takes.length : takes.length - 1;
  const most = more < 0 ? Infinity : least + more;
  if (args.length < least || args.length > most) {
    const expected = most === Infinity ? `at least ${least}` : least === most ? `${least}` : `${least} to ${most}`;
    return `${name} takes ${expected} ${expected === '1' ? 'argument' : 'arguments'}, and is given ${args.length}`;
  }
  for (const [n, arg] of args.entries()) {
    const fault = needs(name, (takes[n] ?? takes.at(-1)) as Type, arg);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

// What an aggregation takes before its vector.
const parameters: Record<string, Type> = {
  topk: 's',
  bottomk: 's',
  quantile: 's',
  limitk: 's',
  limit_ratio: 's',
  count_values: 't',
};

function ofAggregate({ op, param, of, arity }: Node<'aggregate'>): string | undefined {
  // A variable that names the aggregation may need a parameter or none.
  if (op.includes(standIn)) return undefined;
  const parameter = parameters[op];
  const expected = parameter === undefined ? 1 : 2;
  if (arity !== expected)
    return `${op} takes ${expected === 1 ? 'one argument' : 'two arguments'}, and is given ${arity === 0 ? 'none' : arity}`;
  return needs(op, 'v', of) ?? (parameter && param && needs(op, parameter, param));
}

function ofBinary({ op, bool, left, right, matching, labels, group, include }: Node<'binary'>): string | undefined {
  const sides = [typeOf(left), typeOf(right)];
  for (const side of sides)
    if (side === 'm' || side === 't') return `${op} takes no ${side === 'm' ? 'range' : 'text'}`;
  if (bool && !comparisonOps.has(op)) return `bool stands behind ${op}, which compares nothing`;
  const scalars = sides.every((side) => side === 's');
  if (scalars && comparisonOps.has(op) && !bool)
    return `${op} compares two numbers: that needs bool, as in 1 ${op} bool 2`;
  const scalar = sides.includes('s');
  if (setOps.has(op) && scalar)
    return `${op} takes instant vectors on both sides, and one is a number: write vector(…)`;
  if (setOps.has(op) && group !== undefined) return `${op} takes no group_${group}`;
  if (matching !== undefined && labels.length > 0 && scalar)
    return `${matching} (…) is used with a number: nothing is matched`;
  const twice = matching === 'on' ? labels.find((label) => include.includes(label)) : undefined;
  return twice === undefined ? undefined : `${twice} stands both in on (…) and in group_${group} (…)`;
}

function ofSelector({ name, matchers }: Node<'selector'>, filtersInfo: boolean): string | undefined {
  for (const { label, op, value } of matchers)
    if (op === '=~' || op === '!~') {
      const fault = regexFault(value);
      if (fault !== undefined)
        return `${label}${op}"${value.replaceAll(standIn, '…')}" is not a regular expression: ${fault}`;
    }
  if (name !== undefined || filtersInfo || matchers.some((one) => !matchesEmpty(one))) return undefined;
  return matchers.length === 0
    ? '{} chooses every series: at least one matcher must ask for something'
    : 'every matcher of the selector takes an empty value too, so that it chooses every series';
}
