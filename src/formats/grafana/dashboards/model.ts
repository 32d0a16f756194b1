import { variablesIn } from './variables.ts';
import { promDuration } from '../../promql/literals.ts';
import { listOf, objectOf, textOf, type JsonObject } from '../../data/json-parts.ts';
import type { LocatedJson } from '../../data/located-json.ts';

/** A reference to a data source. `id` is its uid, its name or a variable; empty where the default is meant. */
export interface SourceRef {
  type: string;
  id: string;
  line: number;
}

export interface Query {
  refId: string;
  /** PromQL, LogQL or the like; undefined where the query has no `expr`. */
  expr: string | undefined;
  /** Does it ask for anything? */
  filled: boolean;
  /** `{{label}}` in it is the label's value. */
  legend: string;
  hidden: boolean;
  source: SourceRef | undefined;
  /** The plugin that the target was made for, as older Grafanas wrote it down (`dsType`); empty where it does not say. */
  madeFor: string;
  /** The query's own least step, as `30s`; empty where there is none. */
  least: string;
  line: number;
}

export interface Panel {
  id: number | undefined;
  title: string;
  type: string;
  line: number;
  /** The panel's least step, as `30s`; empty where there is none. */
  least: string;
  /** How many points it asks for, at the width of a large screen. */
  points: number;
  /** Its content is kept in Grafana as a library panel. */
  library: boolean;
  source: SourceRef | undefined;
  /** The unit of all its values; empty where there is none, or where overrides and transformations may change it. */
  unit: string;
  queries: Query[];
}

export interface Variable {
  name: string;
  type: string;
  line: number;
  /** What a query variable asks: `label_values(up, job)`. */
  query: string;
  queryLine: number;
  source: SourceRef | undefined;
  /** For the type `datasource`: the plugin whose data sources it offers. For others: the values that it can have, where they are written down. */
  values: string[];
  /** Several of its values may be chosen at once, or all. */
  several: boolean;
  /** Variables that it needs for its own query. */
  uses: string[];
}

/** A place in the dashboard where a variable's value is asked for. */
export interface Use {
  name: string;
  line: number;
  /** `query`, `datasource`, `repeat`, `variable`: nothing works there without it; `text`: a title or link. */
  place: 'query' | 'datasource' | 'repeat' | 'variable' | 'text';
  panel: string;
}

export interface Board {
  format: 'classic' | 'v2';
  title: string;
  uid: string;
  uidLine: number;
  titleLine: number;
  panels: Panel[];
  /** Milliseconds that it shows when it is opened. */
  spanMs: number;
  variables: Variable[];
  annotations: { name: string; query: Query }[];
  uses: Use[];
  /** Every variable that any text of the dashboard mentions. */
  mentioned: string[];
  /** A link hands all variables on. */
  handsOnAll: boolean;
  /** Names that the import dialogue asks for (`__inputs`). */
  inputs: string[];
}

/** A member of an object, and its place. */
export interface Member {
  holder: JsonObject;
  key: string;
}

/** Reads the `datasource` of a panel, query, variable or annotation: a name, an object, or nothing. */
export function sourceRef(holder: JsonObject, doc: LocatedJson): SourceRef | undefined {
  const value = holder['datasource'];
  if (value === undefined || value === null || value === '') return undefined;
  const line = doc.lineOf(holder, 'datasource');
  if (typeof value === 'string') return { type: '', id: value, line };
  const ref = objectOf(value);
  const id = textOf(ref['uid']) || textOf(ref['name']);
  const type = textOf(ref['type']);
  return id === '' && type === '' ? undefined : { type, id, line };
}

// What a query holds besides its question.
const beside = new Set(
  'refId datasource hide key format intervalFactor interval step legendFormat instant range editorMode exemplar requestId metric useBackend disableTextWrap fullMetaSearch includeNullMetadata'.split(
    ' ',
  ),
);

// Where plugins other than Prometheus keep their question.
const questions = ['query', 'rawSql', 'rawQueryText', 'queryText', 'target', 'sql', 'url'];

export function readQuery(target: JsonObject, doc: LocatedJson): Query {
  const expr = target['expr'];
  const source = sourceRef(target, doc);
  const asks = Object.entries(target).some(
    ([key, value]) => !beside.has(key) && key !== 'expr' && value !== '' && value !== null,
  );
  const madeFor = textOf(target['dsType']);
  const elsewhere = questions.some((key) => textOf(target[key]).trim() !== '');
  // An empty `expr` beside another question, or one of another plugin, is left over.
  const asked = typeof expr === 'string' && (expr.trim() !== '' || !elsewhere) ? expr : undefined;
  return {
    refId: textOf(target['refId']),
    expr: asked,
    madeFor,
    least: textOf(target['interval']),
    // Other plugins may ask for something by default.
    filled:
      asked === undefined ? asks || !['', 'prometheus', 'loki'].includes(source?.type ?? '') : asked.trim() !== '',
    legend: textOf(target['legendFormat']),
    hidden: target['hide'] === true,
    source,
    line: doc.lineOf(target, typeof expr === 'string' ? 'expr' : undefined),
  };
}

/** Points that a panel asks for: its own number, else one a pixel of 1,600. */
export const pointsOf = (maxDataPoints: unknown, width: unknown): number =>
  typeof maxDataPoints === 'number' && maxDataPoints > 0
    ? maxDataPoints
    : Math.max(100, Math.round(((typeof width === 'number' ? width : 24) / 24) * 1600));

/** Milliseconds of `now-6h`; Grafana's default where it is no such text. */
export const spanOf = (from: string): number => promDuration(/^now-(\w+)$/.exec(from)?.[1] ?? '') ?? 21_600_000;

/** Notes every variable that a text uses. */
export function usesOf(text: string, line: number, place: Use['place'], panel: string, uses: Use[]): void {
  for (const { name, from } of variablesIn(text)) {
    // A named group of label_replace's regex is no variable; a dollar behind a backslash is meant as one.
    if (!text.includes(`?P<${name}>`) && text.charAt(from - 1) !== '\\') uses.push({ name, line, place, panel });
  }
}

/** `fieldConfig.defaults.unit`, where no override sets another and nothing is computed of the values. */
export function unitOf(fieldConfig: unknown, transformations: unknown): string {
  const config = objectOf(fieldConfig);
  const other = JSON.stringify([config['overrides'] ?? []]).includes('"unit"') || listOf(transformations).length > 0;
  return other ? '' : textOf(objectOf(config['defaults'])['unit']);
}

/** Does a link of the dashboard or of a panel hand all variables on? */
export const handsOn = (root: JsonObject): boolean =>
  /"includeVars":true|__all_variables/.test(JSON.stringify(root, (_, value: unknown) => value));

/** Without what is empty, and each once. */
export const distinct = (values: readonly string[]): string[] => [...new Set(values.filter((one) => one !== ''))];

/**
 * The values that a variable's own definition lists: `a,b` or `Name : a, Other : b`.
 * Source: Grafana's custom variables (its documentation).
 */
export const listedValues = (type: string, query: string): string[] =>
  type !== 'custom' && type !== 'interval' && type !== 'constant'
    ? []
    : (type === 'constant' ? [query] : query.split(/(?<!\\),/))
        .map((one) => (/^.+?\s:\s+(.+)$/.exec(one)?.[1] ?? one).trim().replaceAll('\\,', ','))
        .filter((one) => one !== '');

/** Names of the variables in any text below, and of `repeat`s; what declares variables is left out. */
export function mentionedIn(root: JsonObject, skip: (holder: unknown) => boolean): string[] {
  const names = new Set<string>();
  const visit = (value: unknown, key: string): void => {
    if (typeof value === 'string') {
      for (const use of variablesIn(value)) names.add(use.name);
      if (key === 'repeat' || key === 'repeatByVariable') names.add(value);
    } else if (Array.isArray(value)) for (const item of value) visit(item, key);
    else if (value !== null && typeof value === 'object' && !skip(value))
      for (const [name, item] of Object.entries(value)) visit(item, name);
  };
  visit(root, '');
  return [...names];
}
