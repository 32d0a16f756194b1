/** What a variable asks of a Prometheus. */
export interface VariableQuery {
  form: 'values' | 'result' | 'names' | 'series';
  /** The PromQL in it, where there is any. */
  expression?: string;
  /** The label whose values it offers. */
  label?: string;
}

export const variableForms =
  'expected label_values(…), label_names(), metrics(…), query_result(…) or a series selector: Prometheus refuses anything else';

/** Source of the forms: Grafana's Prometheus data source, template variable queries. */
export function variableQuery(text: string): VariableQuery {
  const values = /^\s*label_values\(\s*(?:(.+)\s*,)?\s*([\w$]+)\s*\)\s*$/s.exec(text);
  if (values) {
    const [, expression, label] = values;
    return { form: 'values', ...(expression !== undefined && { expression }), ...(label !== undefined && { label }) };
  }
  const result = /^\s*query_result\((.*)\)\s*$/s.exec(text)?.[1];
  if (result !== undefined) return { form: 'result', expression: result };
  return /^\s*(?:label_names|metrics)\(/.test(text) ? { form: 'names' } : { form: 'series', expression: text };
}
