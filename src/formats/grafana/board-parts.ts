import { listOf, numberOf, objectOf, textOf, type JsonObject } from '../data/json-parts.ts';

/** A reference to a data source as a dashboard writes it: by uid, by name (old files) or only by type. */
export interface SourceRef {
  uid?: string;
  type?: string;
}

/** One query of a panel. */
export interface Query {
  refId: string;
  /** PromQL, where the query has an expression of that kind. */
  expr?: string;
  hidden: boolean;
  source?: SourceRef;
  instant: boolean;
  /** `time_series`, `table` or `heatmap`. */
  format: string;
  legend: string;
  /** The query's own least step, e.g. `30s`. */
  interval?: string;
  /** As it stands in the file, for Grafana's own query API. */
  raw: Record<string, unknown>;
}

export interface Threshold {
  /** undefined: from minus infinity. */
  value?: number;
  color: string;
}

export interface Panel {
  id: number;
  title: string;
  type: string;
  grid: { x: number; y: number; w: number; h: number };
  queries: Query[];
  source?: SourceRef;
  interval?: string;
  maxDataPoints?: number;
  unit: string;
  decimals?: number;
  min?: number;
  max?: number;
  thresholds: Threshold[];
  options: Record<string, unknown>;
  /** `fieldConfig.defaults.custom`: line width, fill, stacking. */
  custom: Record<string, unknown>;
  /** Title of the collapsed row that hides it. */
  collapsedIn?: string;
  /** uid of the library panel whose content stands elsewhere. */
  library?: string;
  /** Grafana has no library panel of this uid. */
  libraryMissing?: true;
  /** Variable for each of whose values a copy is shown, side by side or `down`. */
  repeat?: { variable: string; down: boolean; perRow: number };
  /** The id that the panel has in the file, of which this is a copy. */
  copyOf?: number;
  /** A copy's own values of variables: of its panel's repeat and of its row's. */
  scoped?: ReadonlyMap<string, string>;
  /** Number of its row in `rows`; undefined above the first. */
  row?: number;
  /** Its own range: `timeFrom` in place of the dashboard's beginning, `timeShift` back in time. */
  timeFrom?: string;
  timeShift?: string;
  /** What is shown in place of nothing. */
  noValue?: string;
  /** Texts that its value mappings show. */
  mapped: string[];
  /** Its series have a colour of the author's choice, which may be a grey. */
  ownColor: boolean;
  /** `fieldConfig.overrides`, as they stand in the file. */
  overrides: Record<string, unknown>[];
  /** Kinds of its transformations. */
  transformations: string[];
}

export interface Row {
  title: string;
  y: number;
  collapsed: boolean;
  /** Variable for each of whose values the row is shown again. */
  repeat?: string;
}

export interface Variable {
  name: string;
  /** `query`, `custom`, `constant`, `interval`, `textbox`, `datasource`, `adhoc` … */
  type: string;
  multi: boolean;
  includeAll: boolean;
  allValue?: string;
  current: string[];
  options: string[];
  query: string;
  regex: string;
  source?: SourceRef;
  /** Of an ad hoc variable: matchers that go onto every query of its data source. */
  filters: string[];
  /** Of an interval variable: how many steps the range has on `auto`, and the least step. */
  auto?: { steps: number; least: string };
}

export interface Board {
  uid: string;
  title: string;
  panels: Panel[];
  /** Annotations that are on and ask a data source, as panels of one query. */
  annotations: Panel[];
  rows: Row[];
  variables: Variable[];
  from: string;
  to: string;
  /** A dynamic dashboard: a resource of schema v2. */
  v2: boolean;
}

/** Panels that show something else than the answer to a query. */
const unqueried = new Set([
  'text',
  'row',
  'dashlist',
  'news',
  'alertlist',
  'annolist',
  'welcome',
  'gettingstarted',
  'pluginlist',
]);
export const asksNothing = (panel: Panel): boolean => unqueried.has(panel.type) && panel.queries.length === 0;

/** Data sources of Grafana's own making, which no Prometheus answers. */
export const builtIn = (ref: SourceRef | undefined): boolean =>
  ref !== undefined &&
  ['-- Grafana --', '-- Dashboard --', 'grafana', '__expr__', '-- Expression --'].includes(ref.uid ?? ref.type ?? '');
export const isMixed = (ref: SourceRef | undefined): boolean => ref?.uid === '-- Mixed --';
export const isExpression = (query: Query): boolean =>
  query.source?.type === '__expr__' || query.source?.uid === '__expr__' || query.source?.uid === '-100';

export function sourceRef(value: unknown): SourceRef | undefined {
  if (typeof value === 'string' && value !== '') return { uid: value };
  const { uid, type } = objectOf(value);
  if (textOf(uid) === '' && textOf(type) === '') return undefined;
  return { ...(textOf(uid) !== '' && { uid: textOf(uid) }), ...(textOf(type) !== '' && { type: textOf(type) }) };
}

export function query(value: unknown, n: number): Query {
  const raw = objectOf(value);
  const source = sourceRef(raw['datasource']);
  return {
    refId: textOf(raw['refId']) || String.fromCodePoint(65 + (n % 26)),
    ...(typeof raw['expr'] === 'string' && { expr: raw['expr'] }),
    hidden: raw['hide'] === true,
    ...(source && { source }),
    instant: raw['instant'] === true && raw['range'] !== true,
    format: textOf(raw['format']) || 'time_series',
    legend: textOf(raw['legendFormat']),
    ...(textOf(raw['interval']) !== '' && { interval: textOf(raw['interval']) }),
    raw,
  };
}

export function fieldParts(
  fieldConfig: unknown,
): Pick<
  Panel,
  'unit' | 'decimals' | 'min' | 'max' | 'thresholds' | 'custom' | 'noValue' | 'mapped' | 'ownColor' | 'overrides'
> {
  const overrides = listOf(objectOf(fieldConfig)['overrides']).map(objectOf);
  const defaults = objectOf(objectOf(fieldConfig)['defaults']);
  const [decimals, min, max] = [numberOf(defaults['decimals']), numberOf(defaults['min']), numberOf(defaults['max'])];
  return {
    unit: textOf(defaults['unit']),
    ...(decimals !== undefined && { decimals }),
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    thresholds: listOf(objectOf(defaults['thresholds'])['steps']).map((step) => {
      const value = numberOf(objectOf(step)['value']);
      return { color: textOf(objectOf(step)['color']) || 'green', ...(value !== undefined && { value }) };
    }),
    custom: objectOf(defaults['custom']),
    ...(textOf(defaults['noValue']) !== '' && { noValue: textOf(defaults['noValue']) }),
    mapped: [defaults['mappings'], ...overrides.flatMap(valuesSet('mappings'))].flatMap(mappedTexts),
    ownColor:
      !['', 'palette-classic', 'palette-classic-by-name'].includes(textOf(objectOf(defaults['color'])['mode'])) ||
      overrides.some((one) => valuesSet('color')(one).length > 0),
    overrides,
  };
}

const valuesSet =
  (id: string) =>
  (override: JsonObject): unknown[] =>
    listOf(override['properties'])
      .map(objectOf)
      .filter((one) => one['id'] === id)
      .map((one) => one['value']);

/** Every text that value mappings put in the place of a value: of Grafana 8 and later, and the older ones. */
const mappedTexts = (mappings: unknown): string[] =>
  listOf(mappings)
    .map(objectOf)
    .flatMap((one) => [
      one['text'],
      ...Object.values(objectOf(one['options'])).map((to) => objectOf(to)['text']),
      objectOf(objectOf(one['options'])['result'])['text'],
    ])
    .map(textOf)
    .filter((text) => text !== '');

/** Parts of a panel that stand the same way in all schemas: its own range, and what is done with its data. */
export const rangeParts = (raw: JsonObject): Pick<Panel, 'timeFrom' | 'timeShift'> => ({
  ...(textOf(raw['timeFrom']) !== '' && { timeFrom: textOf(raw['timeFrom']) }),
  ...(textOf(raw['timeShift']) !== '' && { timeShift: textOf(raw['timeShift']) }),
});

/** `current.value` and `options[].value` are a string or a list of them. */
const values = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value])
    .map((one: unknown) => (typeof one === 'boolean' ? String(one) : textOf(one)))
    .filter((one) => one !== '');

export function variable(value: unknown): Variable {
  const raw = objectOf(value);
  const source = sourceRef(raw['datasource']);
  const asked = raw['query'];
  const definition =
    typeof asked === 'string'
      ? asked
      : textOf(objectOf(asked)['query']) || textOf(objectOf(asked)['expr']) || textOf(raw['definition']);
  const type = textOf(raw['type']) || 'query';
  const listed = listOf(raw['options']).flatMap((one) => values(objectOf(one)['value']));
  return {
    name: textOf(raw['name']),
    type,
    multi: raw['multi'] === true,
    includeAll: raw['includeAll'] === true,
    ...(textOf(raw['allValue']) !== '' && { allValue: textOf(raw['allValue']) }),
    current: values(objectOf(raw['current'])['value']),
    options:
      type === 'custom' || type === 'interval' ? customOptions(definition) : listed.filter((one) => one !== '$__all'),
    query: definition,
    regex: textOf(raw['regex']),
    filters: [...listOf(raw['baseFilters']), ...listOf(raw['filters'])].map(objectOf).flatMap(matcherOf),
    ...(source && { source }),
    ...(type === 'interval' && {
      auto: { steps: numberOf(raw['auto_count']) ?? 30, least: textOf(raw['auto_min']) || '10s' },
    }),
  };
}

/** A filter as a PromQL matcher; one that is not filled in yet is none. Source: Grafana's Prometheus data source, adhoc filters. */
function matcherOf(filter: JsonObject): string[] {
  const [label, op] = [textOf(filter['key']), textOf(filter['operator']) || '='];
  const several = listOf(filter['values']).map(textOf);
  const value = op.endsWith('|') ? several.join('|') : textOf(filter['value']);
  if (label === '' || value === '') return [];
  return [`${label}${op === '=|' ? '=~' : op === '!=|' ? '!~' : op}${JSON.stringify(value)}`];
}

/** `a, b : 2, c\,d` → a, 2, "c,d" */
const customOptions = (definition: string): string[] =>
  [...definition.matchAll(/(?:\\,|[^,])+/g)]
    .map(([one]) => one.replaceAll('\\,', ',').trim())
    .map((one) => /^.+?\s+:\s+(.+)$/.exec(one)?.[1] ?? one)
    .filter((one) => one !== '');

/**
 * The question of a DataQuery kind of schema v2, its plugin and its data source; empty where they are not named.
 * v2beta1 has `group` and `datasource.name`, v2alpha1 the plugin as `kind` and the data source beside it.
 */
export function askedV2(query: JsonObject, beside: JsonObject): { inner: JsonObject; type: string; id: string } {
  const alpha = objectOf(beside['datasource']);
  const kind = textOf(query['kind']);
  return {
    inner: objectOf(query['spec']),
    type: textOf(query['group']) || textOf(alpha['type']) || (kind === 'DataQuery' ? '' : kind),
    id: textOf(objectOf(query['datasource'])['name']) || textOf(alpha['uid']),
  };
}

const variableKinds: Record<string, string> = {
  QueryVariable: 'query',
  DatasourceVariable: 'datasource',
  CustomVariable: 'custom',
  ConstantVariable: 'constant',
  IntervalVariable: 'interval',
  TextVariable: 'textbox',
  AdhocVariable: 'adhoc',
  GroupByVariable: 'groupby',
  SwitchVariable: 'switch',
};

/** The classic type of a variable's kind in schema v2. */
export const variableTypeV2 = (kind: string): string => variableKinds[kind] ?? kind;
