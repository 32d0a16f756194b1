import { Unobservable } from '../core/errors.ts';
import type { Board, Variable } from '../formats/grafana/board-model.ts';
import type { Range } from '../formats/grafana/time.ts';
import {
  interpolateQuery,
  mentioned,
  roundedInterval,
  shownInterval,
  type VariableValue,
} from '../formats/grafana/variables.ts';
import { promDuration } from '../formats/promql/literals.ts';
import { withMatcher } from '../formats/promql/with-matcher.ts';
import { QueryData, type Answer } from '../clients/prometheus.ts';
import { resolveSource, speaksPromQl, type Source } from './sources.ts';

/** Asks the Prometheus API behind a data source, directly or through Grafana. */
export type Asker = (source: Source, path: string, query: Record<string, string>) => Promise<Answer>;

export interface Resolution {
  scope: Map<string, VariableValue>;
  /** Variables whose values cannot be known here → why. */
  unknown: Map<string, string>;
  /** Variables whose query was refused → what was said. */
  refused: Map<string, string>;
  /** uid of a data source → matchers that ad hoc filters put onto its queries. */
  filters: Map<string, string[]>;
}

/** A query with the matchers of the dashboard's ad hoc filters on each of its selectors. */
export const withFilters = (expr: string, source: Source, { filters }: Pick<Resolution, 'filters'>): string =>
  (filters.get(source.uid) ?? []).reduce(withMatcher, expr);

/** The options that a query of a variable gives. Source of the functions: Grafana's Prometheus data source, metricFindQuery. */
async function optionsOf(
  text: string,
  ask: (path: string, query: Record<string, string>) => Promise<Answer>,
  range: Range,
): Promise<string[] | string> {
  const window = { start: String(range.from / 1000), end: String(range.to / 1000) };
  const read = async (path: string, query: Record<string, string>): Promise<string[] | string> => {
    const answer = await ask(path, { ...query, ...window });
    if (answer.state === 'refused') return answer.error ?? 'refused';
    return Array.isArray(answer.data) ? answer.data.filter((one): one is string => typeof one === 'string') : [];
  };
  const label = /^label_values\(\s*(?:(.+?)\s*,\s*)?([A-Za-z_]\w*)\s*\)\s*$/s.exec(text);
  if (label) {
    const [, metric, name = ''] = label;
    return read(`label/${name}/values`, metric === undefined ? {} : { 'match[]': metric });
  }
  if (/^label_names\(\s*\)\s*$/.test(text)) return read('labels', {});
  const metrics = /^metrics\((.*)\)\s*$/s.exec(text);
  if (metrics) {
    const names = await read('label/__name__/values', {});
    const pattern = regexOf(metrics[1] ?? '');
    return typeof names === 'string' || !pattern ? names : names.filter((name) => pattern.test(name));
  }
  const inner = /^query_result\((.*)\)\s*$/s.exec(text)?.[1] ?? text;
  const answer = await ask('query', { query: inner, time: window.end });
  if (answer.state === 'refused') return answer.error ?? 'refused';
  const data = QueryData.safeParse(answer.data);
  if (!data.success) return [];
  if (data.data.resultType === 'scalar') return [data.data.result[1]];
  if (data.data.resultType !== 'vector') return [];
  return data.data.result.map(({ metric, value }) => {
    const { __name__: name = '', ...labels } = metric;
    const inside = Object.entries(labels).map(([key, one]) => `${key}="${one}"`);
    return `${name}{${inside.join(',')}}${text === inner ? '' : ` ${value?.[1] ?? ''} ${(value?.[0] ?? 0) * 1000}`}`;
  });
}

function regexOf(source: string): RegExp | undefined {
  const delimited = /^\/(.*)\/([a-z]*)$/s.exec(source);
  try {
    return delimited
      ? new RegExp(delimited[1] ?? '', (delimited[2] ?? '').replace('g', ''))
      : new RegExp(`^(?:${source})$`);
  } catch {
    return undefined;
  }
}

/** Applies a variable's regex: what does not match goes, a group (or the one called `value`) is what stays. */
function filtered(options: readonly string[], regex: string): string[] {
  const pattern = regex === '' ? undefined : regexOf(regex);
  const kept = pattern
    ? options.flatMap((option) => {
        const match = pattern.exec(option);
        return match ? [match.groups?.['value'] ?? match[1] ?? option] : [];
      })
    : options;
  return [...new Set(kept)];
}

/** The step that an interval variable on `auto` stands for. Source: Grafana's IntervalVariable, updateAutoValue. */
function autoStep({ auto }: Variable, range: Range): string {
  const step = roundedInterval((range.to - range.from) / Math.max(1, auto?.steps ?? 30));
  return shownInterval(Math.max(step, promDuration(auto?.least ?? '10s') ?? 10_000));
}

/** What is chosen when the dashboard opens: the saved value where it is still offered, else All, else the first option. */
function choose(variable: Variable, options: string[]): VariableValue {
  const { multi, includeAll, allValue } = variable;
  const rest = { multi, includeAll, options, ...(allValue !== undefined && { allValue }) };
  if (includeAll && variable.current.includes('$__all')) return { ...rest, values: [], all: true };
  const still = variable.current.filter((one) => options.includes(one));
  if (still.length > 0) return { ...rest, values: still, all: false };
  if (includeAll) return { ...rest, values: [], all: true };
  return { ...rest, values: options.slice(0, 1), all: false };
}

/** What the values of variables are found with. */
interface Around {
  range: Range;
  /** undefined where it is not known which there are. */
  sources: readonly Source[] | undefined;
  ask: Asker;
  /** Values of the checklist, which take the place of what the dashboard would choose. */
  given: Readonly<Record<string, string[]>>;
}

/** The values of a dashboard's variables, in an order in which each comes after those that it mentions. */
export async function resolveVariables(board: Board, around: Around): Promise<Resolution> {
  const into: Resolution = { scope: new Map(), unknown: new Map(), refused: new Map(), filters: new Map() };
  const names = new Set(board.variables.map((one) => one.name));
  let waiting = board.variables.filter((one) => one.type !== 'adhoc' && one.type !== 'groupby');
  while (waiting.length > 0) {
    const open = (variable: Variable): boolean =>
      [variable.query, variable.source?.uid ?? ''].some((text) =>
        mentioned(text).some(
          (name) => name !== variable.name && names.has(name) && waiting.some((one) => one.name === name),
        ),
      );
    const free = waiting.filter((one) => !open(one));
    const now = free.length > 0 ? free : waiting; // a circle: take them as they come
    for (const variable of now) await resolveOne(variable, around, into);
    waiting = waiting.filter((one) => !now.includes(one));
  }
  for (const { type, source, filters } of board.variables) {
    const target = type === 'adhoc' ? resolveSource(source, into.scope, around.sources) : undefined;
    if (target?.kind !== 'source' || filters.length === 0) continue;
    into.filters.set(target.source.uid, [...(into.filters.get(target.source.uid) ?? []), ...filters]);
  }
  return into;
}

async function resolveOne(variable: Variable, around: Around, into: Resolution): Promise<void> {
  const { name } = variable;
  const own = around.given[name];
  const all = own?.includes('$__all') === true;
  if (own) {
    into.scope.set(name, { ...choose(variable, variable.options), values: all ? [] : own, all });
    if (!all) return;
  }
  switch (variable.type) {
    case 'query': {
      const found = await queried(variable, around, into);
      if (found) into.scope.set(name, choose(own ? { ...variable, current: own } : variable, found));
      return;
    }
    case 'datasource': {
      const value = sourceFor(variable, around.sources);
      into.scope.set(name, { ...choose(variable, []), values: value === undefined ? [] : [value], all: false });
      return;
    }
    case 'custom':
      into.scope.set(name, choose(variable, variable.options));
      return;
    case 'interval': {
      const step = autoStep(variable, around.range);
      into.scope.set(`__auto_interval_${name}`, { ...choose(variable, []), values: [step] });
      const auto = variable.current.some((one) => one.startsWith('$__auto_interval') || one === 'auto');
      into.scope.set(name, auto ? { ...choose(variable, []), values: [step] } : choose(variable, variable.options));
      return;
    }
    default:
      // constant, textbox: an empty text is a value
      into.scope.set(name, { ...choose(variable, []), values: [variable.current[0] ?? variable.query], all: false });
  }
}

/** The data source that a variable of that type chooses: the saved one where it fits, else the default, else the first. */
function sourceFor({ query, regex, current }: Variable, sources: Around['sources']): string | undefined {
  const pattern = regex === '' ? undefined : regexOf(regex);
  const fitting = (sources ?? []).filter(
    (one) => (query === '' || one.type === query) && (pattern?.test(one.name) ?? true),
  );
  return (
    current.find((one) => fitting.some(({ uid, name }) => uid === one || name === one)) ??
    fitting.find((one) => one.isDefault)?.uid ??
    fitting[0]?.uid ??
    (sources ? undefined : current[0])
  );
}

/** The options of a query variable; undefined where they cannot be known. */
async function queried(
  variable: Variable,
  { range, sources, ask }: Around,
  into: Resolution,
): Promise<string[] | undefined> {
  const target = resolveSource(variable.source, into.scope, sources);
  if (target.kind === 'missing') {
    into.refused.set(variable.name, target.why);
    return [];
  }
  if (target.kind !== 'source' || !speaksPromQl(target.source.type)) {
    into.unknown.set(variable.name, 'its data source is not Prometheus');
    return undefined;
  }
  const span = `${Math.max(1, Math.round((range.to - range.from) / 1000))}s`;
  const text = interpolateQuery(variable.query.trim(), into.scope, {
    __range: span,
    __interval: '1m',
    __rate_interval: '1m',
  });
  let found: string[] | string;
  try {
    found = text === '' ? [] : await optionsOf(text, (path, query) => ask(target.source, path, query), range);
  } catch (error) {
    // A source that is dead spoils its variable, and no other.
    if (!(error instanceof Unobservable) || sources === undefined) throw error;
    found = error.message;
  }
  if (typeof found === 'string') {
    into.refused.set(variable.name, found);
    return [];
  }
  return filtered(found, variable.regex);
}
