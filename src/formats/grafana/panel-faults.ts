import { listOf, numberOf, objectOf, textOf, type JsonObject } from '../data/json-parts.ts';
import { isSlip } from '../prometheus/nearest-name.ts';
import { labelsOf, mayHave, type LabelSet } from '../prometheus/expression-labels.ts';
import { promqlTree } from '../promql/read.ts';
import type { Panel, PanelFault, Query } from './board-model.ts';
import { expressionFaults } from './expressions.ts';
import { replaceVariables, variablesIn } from './variable-uses.ts';

/** A transformation of a panel: `id` in classic dashboards, `group` or `kind` in dynamic ones. */
export interface Transformation {
  id: string;
  options: JsonObject;
}

/** A regular expression as Grafana writes it (`/…/i`, or bare, of the whole text); undefined where JavaScript refuses it. */
export function patternOf(text: string): RegExp | undefined {
  const [, inner = `^(?:${text})$`, flags = ''] = /^\/(.*)\/([a-z]*)$/s.exec(text) ?? [];
  try {
    return new RegExp(inner, flags);
  } catch {
    return undefined;
  }
}

const overTime = new Set(['timeseries', 'graph']);

/** Thresholds, bounds and mappings that can never act. Source: grafana-data's getActiveThreshold and valueMappings. */
function settings(defaults: JsonObject, type: string): string[] {
  const found: string[] = [];
  const [min, max] = [numberOf(defaults['min']), numberOf(defaults['max'])];
  if (min !== undefined && max !== undefined && min >= max) found.push(`its min is ${min} and its max ${max}`);
  const thresholds = objectOf(defaults['thresholds']);
  const steps = listOf(thresholds['steps'])
    .slice(1)
    .flatMap((one) => numberOf(objectOf(one)['value']) ?? []);
  const list = steps.join(', ');
  if (steps.some((one, n) => n > 0 && one < (steps[n - 1] ?? one)))
    found.push(`its thresholds ${list} do not rise: Grafana stops at the first that is not reached`);
  const unit = textOf(defaults['unit']);
  const style = textOf(objectOf(objectOf(defaults['custom'])['thresholdsStyle'])['mode']);
  // Those that every new panel has, red from 80, or that are not shown, say nothing.
  const shown = list !== '80' && (!overTime.has(type) || (style !== '' && style !== 'off'));
  const absolute = textOf(thresholds['mode']) !== 'percentage' && steps.length > 0 && shown;
  if (absolute && unit === 'percentunit' && steps.every((one) => one >= 2) && (max ?? 1) <= 1)
    found.push(`its unit is percentunit, 1 for 100 %, and its thresholds are ${list}`);
  else if (
    absolute &&
    unit === 'percent' &&
    steps.length > 1 &&
    steps.every((one) => one > 0 && one <= 1) &&
    (max ?? 100) >= 100
  )
    found.push(`its unit is percent, 100 for 100 %, and its thresholds are ${list}`);
  else if (absolute && ['gauge', 'bargauge'].includes(type) && max !== undefined && steps.every((one) => one > max))
    found.push(`its max is ${max}, and its thresholds are ${list}`);
  if (unit === 'percent' && max === 1) found.push('its unit is percent, 100 for 100 %, and its max is 1');
  if (unit === 'percentunit' && max === 100) found.push('its unit is percentunit, 1 for 100 %, and its max is 100');
  for (const mapping of listOf(defaults['mappings']).map(objectOf)) {
    const options = objectOf(mapping['options']);
    const [from, to] = [numberOf(options['from']), numberOf(options['to'])];
    if (mapping['type'] === 'range' && from !== undefined && to !== undefined && from > to)
      found.push(`it maps the range from ${from} to ${to}, which holds nothing`);
    const pattern = textOf(options['pattern']);
    if (mapping['type'] === 'regex' && !patternOf(pattern))
      found.push(`it maps ${pattern}, which is not a regular expression`);
  }
  return found;
}

/** `up` is 1 or 0, and 1 is well. */
function mappingsOfUp(defaults: JsonObject, queries: readonly Query[]): string[] {
  if (!queries.every(({ expr }) => /^\s*up\s*(?:\{[^}]*\})?\s*$/.test(expr ?? '')) || queries.length === 0) return [];
  const texts = new Map<string, string>();
  for (const mapping of listOf(defaults['mappings']).map(objectOf))
    if (mapping['type'] === 'value')
      for (const [value, to] of Object.entries(objectOf(mapping['options'])))
        texts.set(value, textOf(objectOf(to)['text']));
  const bad = /\b(?:down|offline|dead|unhealthy|failed|critical)\b/i;
  const numbers = [...texts.keys()].filter((one) => /^-?\d/.test(one));
  if (bad.test(texts.get('1') ?? '') || /^\s*(?:up|online|healthy|ok)\s*$/i.test(texts.get('0') ?? ''))
    return [`it shows up = 1 as ${texts.get('1') ?? 'itself'}, and up = 0 as ${texts.get('0') ?? 'itself'}`];
  return numbers.length > 0 && !texts.has('0') && !texts.has('1')
    ? [`it maps ${numbers.join(', ')}, and up is 0 or 1`]
    : [];
}

/** The labels of a query's series; undefined where it is no PromQL that can be read. */
function keptBy({ expr = '', source }: Query, panel: Panel): LabelSet | undefined {
  if (!['', 'prometheus'].includes(source?.type ?? panel.source?.type ?? '')) return undefined;
  const { text, undecided } = replaceVariables(expr);
  // A variable among the labels of by (…) may be any.
  if (expr === '' || undecided.length > 0) return undefined;
  const tree = promqlTree(text);
  return tree && labelsOf(tree);
}

interface Fields {
  /** Can the data have a field of that name? */
  has: (name: string) => boolean;
  /** Names that they have for sure, or may have. */
  names: string[];
}

/** What fields the data have, where nothing of what makes their names is unknown. */
function fieldsOf(panel: Panel): Fields | undefined {
  const shown = panel.queries.filter((one) => one.filled && !one.hidden);
  if (shown.length === 0) return undefined;
  const tables = shown.map(({ format }) => format === 'table');
  const kept = shown.map((one) => keptBy(one, panel));
  if (kept.some((one) => one === undefined)) return undefined;
  const constants = new Set(shown.map(({ legend }) => legend));
  if (tables.every(Boolean))
    return {
      names: ['Time', 'Value', ...kept.flatMap((one) => (one && 'only' in one ? [...one.only] : []))],
      has: (name) =>
        name === 'Time' ||
        name === 'Value' ||
        shown.some(({ refId }) => name === `Value #${refId}` || name === refId) ||
        // A number behind it is what a join makes of it.
        kept.some((one) => one !== undefined && mayHave(one, name.replace(/ \d+$/, ''))),
    };
  if (
    tables.some(Boolean) ||
    shown.some(({ legend }) => legend === '' || legend === '__auto' || /\{\{|\$|\[\[/.test(legend))
  )
    return undefined;
  return {
    names: ['Time', 'Value', ...constants],
    has: (name) => name === 'Time' || name === 'Value' || constants.has(name.replace(/ \d+$/, '')),
  };
}

/** Does a name differ from one that is there by a slip of the keyboard? */
const isNearly = (name: string, names: readonly string[]): boolean =>
  name.length > 3 && names.some((one) => one.length > 3 && one.charAt(0) === name.charAt(0) && isSlip(one, name));

/** Source: grafana-data's DataTransformerID. */
const brought =
  'append calculateField concatenate configFromData convertFieldType convertFrameType extractFields fieldLookup filterByValue filterFieldsByName filterByName filterByRefId formatString formatTime groupBy groupToNestedTable groupingToMatrix heatmap histogram joinByField joinByLabels joinDataFrames labelsToFields limit merge noop organize partitionByValues prepareTimeSeries reduce regression renameByRegex rowsToFields seriesToColumns seriesToRows smoothing sortBy spatial timeSeriesTable transpose'.split(
    ' ',
  );

const fieldsNamed: Readonly<Record<string, (options: JsonObject) => unknown[]>> = {
  organize: (o) => [...Object.keys(objectOf(o['renameByName'])), ...Object.keys(objectOf(o['excludeByName']))],
  filterFieldsByName: (o) => listOf(objectOf(o['include'])['names']),
  joinByField: (o) => [o['byField']],
  seriesToColumns: (o) => [o['byField']],
  groupBy: (o) => Object.keys(objectOf(o['fields'])),
  sortBy: (o) => listOf(o['sort']).map((one) => objectOf(one)['field']),
  filterByValue: (o) => listOf(o['filters']).map((one) => objectOf(one)['fieldName']),
};
// Transformations that leave the names of fields as they are.
const keepsNames = new Set([
  'sortBy',
  'limit',
  'filterByValue',
  'filterByRefId',
  'merge',
  'convertFieldType',
  'formatTime',
  'formatString',
]);

/** Transformations and overrides that name what the panel does not have. */
function names(panel: Panel, transformations: readonly Transformation[]): PanelFault[] {
  const found: PanelFault[] = [];
  const refIds = panel.queries.map((one) => one.refId);
  const fields = fieldsOf(panel);
  let known = fields !== undefined;
  let joins = false;
  for (const { id, options } of transformations) {
    const meant = brought.find((one) => one !== id && isSlip(one.toLowerCase(), id.toLowerCase()));
    if (!brought.includes(id) && meant !== undefined)
      found.push({
        code: 'field-unknown',
        message: `it has a transformation ${id}, which Grafana does not bring; is ${meant} meant?`,
      });
    const named = (fieldsNamed[id]?.(options) ?? []).filter((one) => typeof one === 'string');
    const absent =
      known && fields ? named.filter((one) => one !== '' && variablesIn(one).length === 0 && !fields.has(one)) : [];
    // What is left over in a list does no harm: nothing of it is there, or a name has a slip.
    const wanted =
      (absent.length === named.length && id !== 'organize') ||
      (fields !== undefined && absent.some((one) => isNearly(one, fields.names)));
    if (absent.length > 0 && !joins)
      found.push({
        code: 'field-unknown',
        message: `its transformation ${id} names ${absent.join(', ')}, which its data do not have`,
        ...(!wanted && { harmless: true }),
      });
    const include = textOf(options['include']);
    const keeps = patternOf(include);
    if (id === 'filterByRefId' && include !== '' && keeps && !refIds.some((one) => keeps.test(one)))
      found.push({
        code: 'query-reference',
        message: `its transformation filterByRefId keeps ${include}, and its queries are ${refIds.join(', ')}`,
      });
    if (!keepsNames.has(id)) known = false;
    joins ||= /join|seriesToColumns|merge/i.test(id);
  }
  const lost = lostOverrides(panel, transformations.length > 0 ? undefined : fields);
  if (lost.length > 0)
    found.push({
      code: 'field-unknown',
      message: `it overrides ${lost.map((one) => one.name).join(', ')}, which its data do not have`,
      // Overrides that are left over from another panel do no harm; the only one of a name, or a name with a slip, was meant.
      ...(!(lost.length <= 2 && lost.some((one) => one.slip)) && { harmless: true }),
    });
  return found;
}

/** Overrides whose matcher matches nothing. `slip`: it is surely meant to match. */
function lostOverrides(panel: Panel, fields: Fields | undefined): { name: string; slip: boolean }[] {
  const refIds = panel.queries.map((one) => one.refId);
  const tables = panel.queries.some(({ format }) => format === 'table');
  const only = panel.overrides.length === 1;
  return panel.overrides.flatMap((override) => {
    const { id, options } = objectOf(override['matcher']);
    const name = typeof options === 'string' ? options : '';
    if (name === '' || variablesIn(name).length > 0) return [];
    if (id === 'byFrameRefID') return refIds.includes(name) || refIds.length === 0 ? [] : [{ name, slip: only }];
    if (id === 'byName') return !fields || fields.has(name) ? [] : [{ name, slip: isNearly(name, fields.names) }];
    if (id !== 'byRegexp') return [];
    const pattern = patternOf(name);
    if (!pattern) return [{ name, slip: true }];
    return !fields || tables || fields.names.some((one) => pattern.test(one)) ? [] : [{ name, slip: false }];
  });
}

/** Queries that refer to another, and formats that the kind of panel does not show. */
function queries(panel: Panel, transformed: boolean): PanelFault[] {
  const found: PanelFault[] = [];
  const asked = panel.queries.map(({ refId, source, raw }) => ({
    refId,
    expression: source?.type === '__expr__' || source?.uid === '__expr__' || source?.uid === '-100',
    model: raw,
  }));
  for (const { refId, why } of expressionFaults(asked))
    found.push({ code: 'query-reference', message: `its expression ${refId} ${why}` });
  const twice = panel.queries.filter(
    ({ refId, filled }, n) => filled && panel.queries.some((one, at) => at < n && one.filled && one.refId === refId),
  );
  if (twice.length > 0)
    found.push({
      code: 'query-reference',
      message: `two of its queries have the refId ${[...new Set(twice.map((one) => one.refId))].join(', ')}: Grafana refuses to run them`,
      guess: true,
    });
  if (transformed) return found;
  const shown = panel.queries.filter((one) => one.filled && !one.hidden && one.expr !== undefined);
  const kept = shown.map((one) => keptBy(one, panel));
  if (overTime.has(panel.type) && shown.length > 0 && shown.every((one, n) => one.instant && kept[n]))
    found.push({
      code: 'panel-format',
      message: 'it draws lines over time, and each query asks for one moment (instant)',
    });
  else if (overTime.has(panel.type) && shown.some((one, n) => one.format === 'table' && kept[n]))
    found.push({
      code: 'panel-format',
      message: 'it draws lines over time, and a query gives a table (format: table)',
    });
  if (
    panel.type === 'logs' &&
    shown.length > 0 &&
    shown.every((one) => (one.source ?? panel.source)?.type === 'prometheus')
  )
    found.push({ code: 'panel-format', message: 'it shows logs, and its queries give numbers' });
  if (
    panel.type === 'heatmap' &&
    shown.some((one, n) => one.format === 'heatmap' && kept[n] && !mayHave(kept[n], 'le'))
  )
    found.push({
      code: 'panel-format',
      message: 'its format is heatmap, and its query keeps no le: there are no buckets',
    });
  return found;
}

/** @param fieldConfig as it stands in the file */
export function panelFaults(
  panel: Panel,
  fieldConfig: unknown,
  transformations: readonly Transformation[],
): PanelFault[] {
  const defaults = objectOf(objectOf(fieldConfig)['defaults']);
  const active = transformations.filter(({ options }) => options['disabled'] !== true);
  return [
    ...[...settings(defaults, panel.type), ...mappingsOfUp(defaults, panel.queries)].map((message): PanelFault => ({
      code: 'panel-setting',
      message,
    })),
    ...names(panel, active),
    ...queries(panel, active.length > 0),
  ];
}
