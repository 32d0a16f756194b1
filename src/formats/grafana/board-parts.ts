import { listOf, numberOf, objectOf, textOf, type JsonObject } from '../data/json-parts.ts';
import type { LocatedJson } from '../data/located-json.ts';
import type { Board, Panel, Query, SourceRef, Use, Variable } from './board-model.ts';
import type { Transformation } from './panel-fields.ts';
import { declaredAs, variablesIn } from './variable-uses.ts';

/** A member of an object, and its place. */
export interface Member {
  holder: JsonObject;
  key: string;
}

/** Reads the `datasource` of a panel, query, variable or annotation: a name, an object, or nothing. */
export function sourceRef(holder: JsonObject, doc: LocatedJson): { source?: SourceRef } {
  const value = holder['datasource'];
  const line = doc.lineOf(holder, 'datasource');
  if (typeof value === 'string') return value === '' ? {} : { source: { uid: value, type: '', line } };
  const ref = objectOf(value);
  const uid = textOf(ref['uid']) || textOf(ref['name']);
  const type = textOf(ref['type']);
  return uid === '' && type === '' ? {} : { source: { uid, type, line } };
}

// What a query holds besides its question.
const beside = new Set(
  'refId datasource hide key format intervalFactor interval step legendFormat instant range editorMode exemplar requestId metric useBackend disableTextWrap fullMetaSearch includeNullMetadata'.split(
    ' ',
  ),
);

// Where plugins other than Prometheus keep their question.
const questions = ['query', 'rawSql', 'rawQueryText', 'queryText', 'target', 'sql', 'url'];

/**
 * Reads a query in the classic form.
 * @param n its number among the panel's queries, of which its letter is made where it has none
 * @param at what stands in the document
 * @param panel whose query it is, where it can say the data source
 */
export function readQuery(
  target: JsonObject,
  n: number,
  doc: LocatedJson,
  at: JsonObject = target,
  panel: JsonObject = {},
): Query {
  const expr = target['expr'];
  const { source } = sourceRef(target, doc);
  const asks = Object.entries(target).some(
    ([key, value]) => !beside.has(key) && key !== 'expr' && value !== '' && value !== null,
  );
  const elsewhere = questions.some((key) => textOf(target[key]).trim() !== '');
  const misplaced =
    expr === undefined && elsewhere && source?.type === 'prometheus' && textOf(target['queryType']) === '';
  // An empty `expr` beside another question, or one of another plugin, is left over.
  const asked = typeof expr === 'string' && (expr.trim() !== '' || !elsewhere) ? expr : undefined;
  return {
    refId: textOf(target['refId']) || String.fromCodePoint(65 + (n % 26)),
    ...(asked !== undefined && { expr: asked }),
    // Other plugins may ask for something by default.
    filled:
      asked === undefined
        ? (asks && !misplaced) || !['', 'prometheus', 'loki'].includes(source?.type ?? '')
        : asked.trim() !== '',
    hidden: target['hide'] === true,
    ...(source && { source }),
    madeFor: textOf(target['dsType']),
    instant: target['instant'] === true && target['range'] !== true,
    format: textOf(target['format']) || 'time_series',
    legend: textOf(target['legendFormat']),
    ...(textOf(target['interval']) !== '' && { interval: textOf(target['interval']) }),
    ...((numberOf(target['intervalFactor']) ?? 1) > 1 && { intervalFactor: Number(target['intervalFactor']) }),
    line: doc.lineOf(at, typeof expr === 'string' ? 'expr' : undefined),
    ...((source ?? sourceRef(panel, doc).source)?.uid === '-- Dashboard --' &&
      Number(target['panelId']) > 0 && { ofPanel: Number(target['panelId']) }),
    raw: target,
  };
}

type FieldParts = Pick<
  Panel,
  | 'unit'
  | 'otherUnits'
  | 'decimals'
  | 'min'
  | 'max'
  | 'thresholds'
  | 'custom'
  | 'noValue'
  | 'mapped'
  | 'mappings'
  | 'ownColor'
  | 'renamed'
  | 'overrides'
  | 'transformations'
>;

export function fieldParts(fieldConfig: unknown, done: readonly Transformation[]): FieldParts {
  const transformations = done.map((one) => one.id);
  const overrides = listOf(objectOf(fieldConfig)['overrides']).map(objectOf);
  const defaults = objectOf(objectOf(fieldConfig)['defaults']);
  const [decimals, min, max] = [numberOf(defaults['decimals']), numberOf(defaults['min']), numberOf(defaults['max'])];
  return {
    unit: textOf(defaults['unit']),
    otherUnits: transformations.length > 0 || JSON.stringify(overrides).includes('"unit"'),
    transformations,
    ...(decimals !== undefined && { decimals }),
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    thresholds: listOf(objectOf(defaults['thresholds'])['steps']).map((step) => {
      const value = numberOf(objectOf(step)['value']);
      return { color: textOf(objectOf(step)['color']) || 'green', ...(value !== undefined && { value }) };
    }),
    custom: objectOf(defaults['custom']),
    ...(textOf(defaults['displayName']) !== '' && { renamed: true as const }),
    ...(textOf(defaults['noValue']) !== '' && { noValue: textOf(defaults['noValue']) }),
    mappings: listOf(defaults['mappings']).map(objectOf),
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

/** Parts of a panel that stand the same way in all schemas, where its queries are set up: steps, points and its own range. */
export function timeParts(raw: JsonObject): Pick<Panel, 'interval' | 'maxDataPoints' | 'timeFrom' | 'timeShift'> {
  const points = numberOf(raw['maxDataPoints']);
  const text = <K extends string>(key: K): { [P in K]?: string } =>
    textOf(raw[key]) === '' ? {} : ({ [key]: textOf(raw[key]) } as { [P in K]: string });
  return {
    ...text('interval'),
    ...(points !== undefined && { maxDataPoints: points }),
    ...text('timeFrom'),
    ...text('timeShift'),
  };
}

/** `current.value` and `options[].value` are a string or a list of them. */
const values = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value])
    .map((one: unknown) => (typeof one === 'boolean' ? String(one) : textOf(one)))
    .filter((one) => one !== '');

/**
 * Reads a variable in the classic form.
 * @param raw the variable, or what was made of one of schema v2
 * @param at what stands in the document
 */
export function variable(raw: JsonObject, doc: LocatedJson, at: JsonObject = raw): Variable {
  const asked = raw['query'];
  const definition =
    typeof asked === 'string'
      ? asked
      : textOf(objectOf(asked)['query']) || textOf(objectOf(asked)['expr']) || textOf(raw['definition']);
  const type = textOf(raw['type']) || 'query';
  const listed = listOf(raw['options']).flatMap((one) => values(objectOf(one)['value']));
  const written = type === 'custom' || type === 'interval' ? customOptions(definition) : [];
  return {
    name: textOf(raw['name']),
    type,
    multi: raw['multi'] === true,
    includeAll: raw['includeAll'] === true,
    ...(textOf(raw['allValue']) !== '' && { allValue: textOf(raw['allValue']) }),
    current: values(objectOf(raw['current'])['value']),
    options: written.length > 0 ? written : listed.filter((one) => one !== '$__all'),
    query: definition,
    ...(Object.entries(objectOf(asked)).some(([key, value]) => key !== 'refId' && value !== '') && {
      asks: true as const,
    }),
    regex: textOf(raw['regex']),
    filters: [...listOf(raw['baseFilters']), ...listOf(raw['filters'])].map(objectOf).flatMap(matcherOf),
    ...sourceRef(raw, doc),
    ...(type === 'interval' && {
      auto: { steps: numberOf(raw['auto_count']) ?? 30, least: textOf(raw['auto_min']) || '10s' },
    }),
    line: doc.lineOf(at, 'name'),
    queryLine: doc.lineOf(at, 'query' in at ? 'query' : 'name'),
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

/**
 * `a, b : 2, c\,d, none : ` → a, 2, "c,d" and nothing at all.
 * Source: Grafana's custom variables (`/^\s*(.+)\s:\s(.+)$/` in CustomVariable.ts, in which the value may be blank).
 */
const customOptions = (definition: string): string[] =>
  [...definition.matchAll(/(?:\\,|[^,])+/g)]
    .map(([one]) => one.replaceAll('\\,', ','))
    .flatMap((one) => /^\s*.+?\s:\s(.+)$/.exec(one)?.[1]?.trim() ?? (one.trim() === '' ? [] : one.trim()));

/** Notes every variable that a text uses. */
export function usesOf(text: string, line: number, place: Use['place'], panel: string, uses: Use[]): void {
  for (const { name, from } of variablesIn(text)) {
    // A named group of label_replace's regex is no variable; a dollar behind a backslash is meant as one.
    if (!text.includes(`?P<${name}>`) && text.charAt(from - 1) !== '\\')
      uses.push({ name: declaredAs(name), line, place, panel });
  }
}

/** What of a dashboard is the same in all schemas, once its parts are read. */
export function wholeBoard(
  root: JsonObject,
  uid: Member,
  doc: LocatedJson,
  {
    time,
    declared,
    ...parts
  }: Pick<Board, 'panels' | 'rows' | 'variables' | 'annotations' | 'uses' | 'v2' | 'lost'> & {
    time: JsonObject;
    /** What declares the variables, in which none is used. */
    declared: unknown[];
  },
): Board {
  number(parts.panels);
  for (const { type, query, queryLine, name } of parts.variables)
    if (type === 'query') usesOf(query, queryLine, 'variable', name, parts.uses);
  for (const { query, name } of parts.annotations) usesOf(query.expr ?? '', query.line, 'query', name, parts.uses);
  return {
    uid: textOf(uid.holder[uid.key]),
    uidLine: doc.lineOf(uid.holder, uid.key),
    title: textOf(root['title']),
    titleLine: doc.lineOf(root, 'title'),
    ...parts,
    variables: parts.variables.filter((one) => one.name !== ''),
    from: textOf(time['from']) || 'now-6h',
    to: textOf(time['to']) || 'now',
    mentioned: mentionedIn(root, (holder) => declared.includes(holder)),
    handsOnAll: /"includeVars":true|__all_variables/.test(JSON.stringify(root)),
    tags: listOf(root['tags']).map(textOf),
    links: linksOf(root, doc, parts.uses),
    refresh: textOf(root['refresh']) || textOf(objectOf(root['timeSettings'])['autoRefresh']),
    inputs: listOf(root['__inputs']).map((one) => textOf(objectOf(one)['name'])),
  };
}

/** Links of the dashboard, of panels and of fields to other dashboards of the same Grafana; notes what they use of variables. */
function linksOf(root: JsonObject, doc: LocatedJson, uses: Use[]): Board['links'] {
  const found: Board['links'] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const one of value) visit(one);
    else if (value !== null && typeof value === 'object') {
      const holder = objectOf(value);
      const url = textOf(holder['url']);
      const [, uid] = /^\/?d\/((?:[\w-]|\$\w+|\$\{[^}]+\}|\[\[[\w:]+\]\])+)/.exec(url) ?? [];
      // Elsewhere a dollar is as likely to be another program's.
      if (uid !== undefined || /[?&]var-/.test(url))
        usesOf(url, doc.lineOf(holder, 'url'), 'text', textOf(holder['title']), uses);
      if (uid !== undefined) found.push({ uid, line: doc.lineOf(holder, 'url') });
      const tags = listOf(holder['tags']).map(textOf);
      if (holder['type'] === 'dashboards' && 'title' in holder && tags.length > 0)
        found.push({ tags, line: doc.lineOf(holder, 'tags') });
      for (const one of Object.values(holder)) visit(one);
    }
  };
  visit(root);
  return found;
}

/** Panels without an id are numbered after the highest. Source: Grafana's DashboardModel, ensurePanelsHaveUniqueIds. */
function number(panels: Panel[]): void {
  let next = Math.max(0, ...panels.map((one) => one.id)) + 1;
  for (const one of panels) if (one.id === 0) one.id = next++;
}

/** Names of the variables in any text below, of `repeat`s and of conditions; what declares variables is left out. */
function mentionedIn(root: JsonObject, skip: (holder: unknown) => boolean): string[] {
  const names = new Set<string>();
  const visit = (value: unknown, key: string): void => {
    if (typeof value === 'string') {
      for (const use of variablesIn(value)) names.add(declaredAs(use.name));
      // What is shown on a condition names its variable so (schema v2).
      if (key === 'repeat' || key === 'repeatByVariable' || key === 'variable') names.add(value);
    } else if (Array.isArray(value)) for (const item of value) visit(item, key);
    else if (value !== null && typeof value === 'object' && !skip(value))
      for (const [name, item] of Object.entries(value)) visit(item, name);
  };
  visit(root, '');
  return [...names];
}
