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
    closed: true,
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
export function fieldFaults(panel: Panel, transformations: readonly Transformation[]): PanelFault[] {
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
    const nothing = leftBy({ id, options }, known ? fields : undefined, panel);
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

/** Kinds of panels that need a number to draw; a table shows times and texts as well. */
const drawsNumbers = new Set(
  'timeseries graph state-timeline status-history barchart bargauge gauge piechart heatmap histogram trend'.split(' '),
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
