import { listOf, objectOf, textOf, type JsonObject } from '../data/json-parts.ts';

/** A query of a panel or an alert rule, as far as Grafana's server-side expressions go by it. */
export interface Asked {
  refId: string;
  /** One of Grafana's own expressions, which reads other queries. */
  expression: boolean;
  model: JsonObject;
}

/** How many numbers the comparisons of a threshold need. Source: Grafana's pkg/expr/threshold.go and classic/evaluator.go. */
const evaluators: Readonly<Record<string, number>> = {
  ...Object.fromEntries(['gt', 'lt', 'eq', 'ne', 'gte', 'lte'].map((one) => [one, 1])),
  ...Object.fromEntries(
    ['within_range', 'outside_range', 'within_range_included', 'outside_range_included'].map((one) => [one, 2]),
  ),
  no_value: 0,
};

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
    const classic = textOf(one.model['type']) === 'classic_conditions';
    for (const refId of new Set(readBy(one))) {
      if (refId === one.refId) say('reads itself');
      else if (!ids.includes(refId)) say(`reads ${refId}, and the queries are ${ids.join(', ')}`);
      else if (classic && all.find((other) => other.refId === refId)?.expression === true)
        say(`is of classic conditions and reads the expression ${refId}: they take queries of data sources alone`);
    }
    if (classic || textOf(one.model['type']) === 'threshold')
      for (const condition of listOf(one.model['conditions']).map(objectOf)) {
        const evaluator = objectOf(condition['evaluator']);
        const type = textOf(evaluator['type']);
        const needs = Object.hasOwn(evaluators, type) ? evaluators[type] : undefined;
        const given = listOf(evaluator['params']).length;
        if (type === '') continue;
        if (needs === undefined) say(`compares by ${type}, expected one of ${Object.keys(evaluators).join(', ')}`);
        else if (given < needs) say(`compares by ${type} with ${given} numbers, expected ${needs}`);
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
