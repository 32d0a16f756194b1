import { listOf, objectOf, textOf, type JsonObject } from '../data/json-parts.ts';
import { isSlip } from '../prometheus/nearest-name.ts';
import { labelsOf, mayHave, type LabelSet } from '../prometheus/expression-labels.ts';
import { promqlTree } from '../promql/read.ts';
import type { Panel, PanelFault, Query } from './board-model.ts';
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

/** The labels of a query's series; undefined where it is no PromQL that can be read. */
export function keptBy({ expr = '', source }: Query, panel: Panel): LabelSet | undefined {
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
  /** They have no others. */
  closed: boolean;
  /** Series, each called by its legend alone. */
  series: boolean;
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
      series: false,
      closed: kept.every((one) => one !== undefined && 'only' in one),
      names: [
        'Time',
        ...(shown.length === 1 ? ['Value'] : shown.map(({ refId }) => `Value #${refId}`)),
        ...kept.flatMap((one) => (one && 'only' in one ? [...one.only] : [])),
      ],
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
    series: true,
    closed: true,
    names: ['Time', 'Value', ...constants],
    has: (name) => name === 'Time' || name === 'Value' || constants.has(name.replace(/ \d+$/, '')),
  };
}

/** The names of a panel's series, where each has one that is written down. */
export function seriesNames(panel: Panel): string[] {
  const fields = fieldsOf(panel);
  return fields?.series ? fields.names.slice(2) : [];
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
  groupToNestedTable: (o) => Object.keys(objectOf(o['fields'])),
  sortBy: (o) => listOf(o['sort']).map((one) => objectOf(one)['field']),
  filterByValue: (o) => listOf(o['filters']).map((one) => objectOf(one)['fieldName']),
  convertFieldType: (o) => listOf(o['conversions']).map((one) => objectOf(one)['targetField']),
  formatTime: (o) => [o['timeField']],
  formatString: (o) => [o['stringField']],
  extractFields: (o) => [o['source']],
  partitionByValues: (o) => listOf(o['fields']),
  groupingToMatrix: (o) => [o['columnField'], o['rowField'], o['valueField']],
  calculateField: (o) =>
    o['mode'] === 'binary'
      ? ['left', 'right'].map((side) => objectOf(o['binary'])[side]).map(nameOf)
      : listOf(objectOf(o['reduce'])['include']),
};
/** A field that is named as it is, or by a matcher; a number is none. */
const nameOf = (side: unknown): unknown => {
  const { id, options } = objectOf(objectOf(side)['matcher']);
  const name = id === 'byName' ? options : side;
  return typeof name === 'string' && Number.isNaN(Number(name)) ? name : undefined;
};
/** Without one of their fields they do nothing. */
const needsAll = new Set(['groupingToMatrix', 'calculateField']);
// Transformations that leave the names of fields as they are.
const keepsNames = new Set(
  'sortBy limit filterByValue filterByRefId merge convertFieldType formatTime formatString'.split(' '),
);

/** These find a renamed field by its old name too. Source: grafana-data's fieldNameMatcher. */
const matchesOldNames = new Set(['convertFieldType', 'formatTime', 'formatString', 'extractFields']);
/** The fields that an `organize` renames, each with its new name. */
const renamesOf = (options: JsonObject): (readonly [from: string, to: string])[] =>
  Object.entries(objectOf(options['renameByName'])).flatMap(([from, to]) =>
    typeof to === 'string' && to !== '' && to !== from ? [[from, to] as const] : [],
  );

/** Transformations and overrides that name what the panel does not have. */
export function fieldFaults(panel: Panel, transformations: readonly Transformation[]): PanelFault[] {
  const found: PanelFault[] = [];
  const refIds = panel.queries.map((one) => one.refId);
  let fields = fieldsOf(panel);
  let joins = false;
  const former: string[] = [];
  for (const { id, options } of transformations) {
    const meant = brought.find((one) => one !== id && isSlip(one.toLowerCase(), id.toLowerCase()));
    if (!brought.includes(id) && meant !== undefined)
      found.push({
        code: 'field-unknown',
        message: `it has a transformation ${id}, which Grafana does not bring; is ${meant} meant?`,
      });
    const named = (fieldsNamed[id]?.(options) ?? []).filter((one) => typeof one === 'string');
    const has = (name: string): boolean =>
      (fields?.has(name) ?? true) || (matchesOldNames.has(id) && former.includes(name));
    const names = fields?.names ?? [];
    const absent =
      fields === undefined ? [] : named.filter((one) => one !== '' && variablesIn(one).length === 0 && !has(one));
    // What is left over in a list does no harm: nothing of it is there, or a name has a slip.
    const wanted =
      ((needsAll.has(id) || absent.length === named.length) && id !== 'organize') ||
      absent.some((one) => isNearly(one, names));
    const nothing = leftBy({ id, options }, fields, panel);
    if (nothing !== undefined)
      found.push({
        code: 'panel-format',
        message: `its transformation ${id} ${nothing}: there is nothing to show`,
        sure: true,
      });
    else if (absent.length > 0 && !joins)
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
    const from = textOf(options['configRefId']);
    if (id === 'configFromData' && from !== '' && transformations[0]?.id === id && !refIds.includes(from))
      found.push({
        code: 'query-reference',
        message: `its transformation configFromData reads ${from}, and its queries are ${refIds.join(', ')}`,
        guess: true,
      });
    if (id === 'organize') former.push(...renamesOf(options).map(([from]) => from));
    fields = fields && after({ id, options }, fields);
    joins ||= /join|seriesToColumns|merge/i.test(id);
  }
  found.push(...optionFaults(panel, fields));
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

/** The fields behind a transformation; undefined where they are not known. */
function after({ id, options }: Transformation, fields: Fields): Fields | undefined {
  if (keepsNames.has(id)) return fields;
  if (id !== 'organize') return undefined;
  const excluded = objectOf(options['excludeByName']);
  const renames = renamesOf(options);
  const stays = (name: string): boolean => excluded[name] !== true && !renames.some(([from]) => from === name);
  const made = renames.filter(([from]) => fields.has(from)).map(([, to]) => to);
  return {
    closed: fields.closed,
    series: fields.series,
    names: [...fields.names.filter(stays), ...made],
    has: (name) => made.includes(name) || (stays(name) && fields.has(name)),
  };
}

/** Options of a panel that name a field which its data do not have, or a reduction that Grafana does not know. */
function optionFaults({ type, options, overrides, renamed }: Panel, fields: Fields | undefined): PanelFault[] {
  const reduce = objectOf(options['reduceOptions']);
  const found = listOf(reduce['calcs']).flatMap((one): PanelFault[] => {
    const meant = reducers.includes(textOf(one)) ? undefined : reducers.find((other) => isSlip(other, textOf(one)));
    return meant === undefined
      ? []
      : [
          {
            code: 'panel-setting',
            message: `it reduces by ${textOf(one)}, which Grafana does not know; is ${meant} meant?`,
          },
        ];
  });
  if (!fields || renamed || JSON.stringify(overrides).includes('"displayName"')) return found;
  const named: unknown[] = [
    ...(type === 'barchart' || type === 'trend' ? [options['xField']] : []),
    ...(type === 'xychart' ? listOf(options['series']).flatMap((one) => [objectOf(one)['x'], objectOf(one)['y']]) : []),
  ];
  const absent = named
    .map(nameOf)
    .filter((one) => typeof one === 'string')
    .filter((one) => one !== '' && variablesIn(one).length === 0 && !fields.has(one));
  const chosen = textOf(reduce['fields']);
  const pattern = chosen === '' || variablesIn(chosen).length > 0 ? undefined : patternOf(chosen);
  // Of a table the one value may be shown by the name of its frame.
  if (pattern && fields.closed && fields.series && !fields.names.some((one) => pattern.test(one))) absent.push(chosen);
  return absent.length === 0
    ? found
    : [
        ...found,
        { code: 'field-unknown', message: `its options name ${absent.join(', ')}, which its data do not have` },
      ];
}

/** Source: grafana-data's ReducerID, and the aliases of its registry. */
const reducers =
  'sum max logmin min mean median variance stdDev last first count range diff diffperc delta step firstNotNull lastNotNull changeCount distinctCount allIsZero allIsNull allValues uniqueValues countAll current avg total'.split(
    ' ',
  );

/** Kinds of panels that need a number to draw; a table shows times and texts as well. */
const drawsNumbers = new Set(
  'timeseries graph stat state-timeline status-history barchart bargauge gauge piechart heatmap histogram trend'.split(
    ' ',
  ),
);

/** How a transformation takes away all that its panel could show; undefined where it surely leaves something, or it is not known. */
function leftBy({ id, options }: Transformation, fields: Fields | undefined, panel: Panel): string | undefined {
  if (id === 'limit' && Number(options['limitField']) === 0 && 'limitField' in options) return 'keeps no row';
  const chosen = textOf(objectOf(panel.options['reduceOptions'])['fields']);
  // A stat or gauge can be told to show the time itself.
  const wants = (name: string): boolean => !drawsNumbers.has(panel.type) || chosen !== '' || name !== 'Time';
  if (id === 'filterFieldsByName') {
    const include = objectOf(options['include']);
    const names = listOf(include['names']).map(textOf);
    const pattern = textOf(include['pattern']);
    const out = textOf(objectOf(options['exclude'])['pattern']);
    const excludes = variablesIn(out).length > 0 ? undefined : patternOf(out);
    if (
      out !== '' &&
      excludes &&
      fields?.closed === true &&
      !fields.names.some((one) => wants(one) && !excludes.test(one))
    )
      return `excludes what fits ${out}, and its data have ${fields.names.join(', ')}`;
    if (textOf(include['variable']) !== '' || [...names, pattern].some((one) => variablesIn(one).length > 0))
      return undefined;
    if (pattern === '') return names.length > 0 && !names.some(wants) ? `keeps ${names.join(', ')} alone` : undefined;
    const fits = patternOf(pattern);
    if (names.length > 0 || !fits || fields?.closed !== true) return undefined;
    return fields.names.some((one) => wants(one) && fits.test(one))
      ? undefined
      : `keeps what fits ${pattern}, and its data have ${fields.names.join(', ')}`;
  }
  if (id !== 'organize' || fields?.closed !== true) return undefined;
  const excluded = objectOf(options['excludeByName']);
  return fields.names.some((one) => wants(one) && excluded[one] !== true) ? undefined : 'excludes every field';
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
