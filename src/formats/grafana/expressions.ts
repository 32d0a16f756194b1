import { listOf, objectOf, textOf, type JsonObject } from '../data/json-parts.ts';

/** A query of a panel or an alert rule, as far as Grafana's server-side expressions go by it. */
export interface Asked {
  refId: string;
  /** One of Grafana's own expressions, which reads other queries. */
  expression: boolean;
  model: JsonObject;
}

/** Source: Grafana's pkg/expr/mathexp/reduce.go. */
const reducers = ['sum', 'mean', 'min', 'max', 'count', 'last', 'median'];

/** How many numbers the comparisons of a threshold need. Source: Grafana's pkg/expr/threshold.go and classic/evaluator.go. */
const compared: Readonly<Record<string, number>> = {
  ...Object.fromEntries(['gt', 'lt', 'eq', 'ne', 'gte', 'lte'].map((one) => [one, 1])),
  ...Object.fromEntries(
    ['within_range', 'outside_range', 'within_range_included', 'outside_range_included'].map((one) => [one, 2]),
  ),
};
const evaluators = { threshold: compared, classic_conditions: { ...compared, ge: 1, le: 1, no_value: 0 } };
/** Source: Grafana's pkg/expr/classic/reduce.go. */
const classicReducers =
  'avg sum min max count last median diff diff_abs percent_diff percent_diff_abs count_non_null count_not_null'.split(
    ' ',
  );

/** Does one query need another, over however many? */
function circular(from: string, to: string, all: readonly Asked[], seen: ReadonlySet<string> = new Set()): boolean {
  const one = all.find(({ refId, expression }) => expression && refId === from);
  return (
    one !== undefined &&
    !seen.has(from) &&
    readBy(one).some((read) => read === to || circular(read, to, all, new Set([...seen, from])))
  );
}

/** Is a text a whole expression of Grafana's arithmetic? Source: pkg/expr/mathexp/parse (lex.go, parse.go). */
function isMath(text: string): boolean {
  const token =
    /\s*(?:(\$\{[^}]+\}|\$\w+|\d[\d.]*(?:[eE][-+]?\d+)?|0x[\da-fA-F]+|"[^"]*")|(\w+)\s*(?=\()|(\()|(\))|(,)|(\*\*|&&|\|\||[=!<>]=|[-+*/%<>!]))/y;
  let depth = 0;
  // An operand is due; else an operator.
  let due = true;
  while (token.lastIndex < text.trimEnd().length) {
    const match = token.exec(text);
    if (!match) return false;
    const [, value, call, open, close, comma, operator] = match;
    if (value !== undefined || call !== undefined || open !== undefined) {
      // The parenthesis of a call is read as the next token: an operand is due still.
      if (!due) return false;
      if (open !== undefined) depth++;
      due = value === undefined;
    } else if (close !== undefined) {
      // pi() and the like have nothing in theirs.
      if ((due && !/\(\s*\)$/.test(text.slice(0, token.lastIndex))) || --depth < 0) return false;
      due = false;
    } else if (comma !== undefined) {
      if (due || depth === 0) return false;
      due = true;
    } else if (due) {
      if (operator !== '-' && operator !== '!') return false;
    } else due = true;
  }
  return !due && depth === 0;
}

/** The queries that an expression reads, by their letters; none where it is of a kind that is not followed. */
function readBy({ model }: Asked): string[] {
  const type = textOf(model['type']);
  const expression = textOf(model['expression']);
  if (type === 'math')
    return [...expression.matchAll(/\$(?:\{([^}]+)\}|([A-Za-z_]\w*))/g)].map((one) => one[1] ?? one[2] ?? '');
  if (type === 'classic_conditions')
    return listOf(model['conditions']).flatMap((one) => {
      const [refId] = listOf(objectOf(objectOf(one)['query'])['params']);
      return typeof refId === 'string' ? [refId] : [];
    });
  return ['reduce', 'resample', 'threshold'].includes(type) && expression !== '' ? [expression.replace(/^\$/, '')] : [];
}

/**
 * What Grafana refuses of the expressions among some queries; each text follows the letter of its query.
 * Source: Grafana's pkg/expr (graph.go: buildGraphEdges; threshold.go).
 */
export function expressionFaults(all: readonly Asked[]): { refId: string; why: string }[] {
  const faults: { refId: string; why: string }[] = [];
  const ids = all.map((one) => one.refId);
  for (const one of all.filter(({ expression }) => expression)) {
    const say = (why: string): void => void faults.push({ refId: one.refId, why });
    const [type, expression] = [textOf(one.model['type']), textOf(one.model['expression'])];
    const classic = type === 'classic_conditions';
    if (type === 'math' && !isMath(expression)) say(`is not arithmetic that Grafana reads: ${expression}`);
    const reducer = textOf(one.model['reducer']);
    if (type === 'reduce' && reducer !== '' && !reducers.includes(reducer))
      say(`reduces by ${reducer}, expected one of ${reducers.join(', ')}`);
    for (const refId of new Set(readBy(one))) {
      if (refId === one.refId) say('reads itself');
      else if (circular(refId, one.refId, all)) say(`reads ${refId}, which needs ${one.refId} itself`);
      else if (!ids.includes(refId)) say(`reads ${refId}, and the queries are ${ids.join(', ')}`);
      else if (classic && all.find((other) => other.refId === refId)?.expression === true)
        say(`is of classic conditions and reads the expression ${refId}: they take queries of data sources alone`);
    }
    if (type !== 'threshold' && type !== 'classic_conditions') continue;
    const conditions = listOf(one.model['conditions']).map(objectOf);
    if (type === 'threshold' && conditions.length !== 1) say(`has ${conditions.length} conditions, expected one`);
    for (const condition of conditions) {
      const known: Readonly<Record<string, number>> = evaluators[type];
      const evaluator = objectOf(condition['evaluator']);
      const kind = textOf(evaluator['type']);
      const needs = Object.hasOwn(known, kind) ? known[kind] : undefined;
      const given = listOf(evaluator['params']).length;
      const by = textOf(objectOf(condition['reducer'])['type']);
      if (classic && by !== '' && !classicReducers.includes(by))
        say(`reduces by ${by}, expected one of ${classicReducers.join(', ')}`);
      if (kind === '') continue;
      if (needs === undefined) say(`compares by ${kind}, expected one of ${Object.keys(known).join(', ')}`);
      else if (given < needs) say(`compares by ${kind} with ${given} numbers, expected ${needs}`);
    }
  }
  return faults;
}

/**
 * The query that gives a series over time where an alert needs one number; undefined where there is none, or it is not known.
 * @param series does the query give a series over time? undefined: not known
 */
export function unreduced(
  condition: string,
  all: readonly Asked[],
  series: (one: Asked) => boolean | undefined,
): string | undefined {
  const seen = new Set<string>();
  const visit = (refId: string): string | undefined => {
    const one = all.find((other) => other.refId === refId);
    if (!one || seen.has(refId)) return undefined;
    seen.add(refId);
    if (!one.expression) return series(one) === true ? refId : undefined;
    // The others make one number of each series.
    if (!['math', 'threshold', 'resample'].includes(textOf(one.model['type']))) return undefined;
    for (const read of readBy(one)) {
      const found = visit(read);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return visit(condition);
}
