import {
  distinct,
  handsOn,
  listedValues,
  mentionedIn,
  pointsOf,
  spanOf,
  readQuery,
  unitOf,
  usesOf,
  type Board,
  type Member,
  type Panel,
  type Query,
  type SourceRef,
  type Use,
  type Variable,
} from './model.ts';
import { listOf, objectOf, textOf, type JsonObject } from '../../data/json-parts.ts';
import type { LocatedJson } from '../../data/located-json.ts';
import { variablesIn } from './variables.ts';
import { askedV2, variableTypeV2 } from '../board-parts.ts';

/**
 * Reads a dynamic dashboard (schema v2: `elements`, `layout`, kinds with a `spec`).
 * Source: the dashboard.grafana.app v2alpha1 and v2beta1 schemas in Grafana's repository (apps/dashboard/kinds).
 */
export function readBoardV2(spec: JsonObject, uid: Member, doc: LocatedJson): Board {
  const uses: Use[] = [];
  const panels: Panel[] = [];
  for (const element of Object.values(objectOf(spec['elements'])).map(objectOf)) {
    const own = objectOf(element['spec']);
    const title = textOf(own['title']);
    const viz = objectOf(own['vizConfig']);
    const queries = listOf(objectOf(objectOf(own['data'])['spec'])['queries']).map((one) => {
      const holder = objectOf(objectOf(one)['spec']);
      const query = readAsked(objectOf(holder['query']), holder, doc);
      return { ...query, refId: textOf(holder['refId']), hidden: holder['hidden'] === true };
    });
    usesOf(title, doc.lineOf(own, 'title'), 'text', title, uses);
    for (const query of queries) usesOf(query.expr ?? '', query.line, 'query', title, uses);
    panels.push({
      id: typeof own['id'] === 'number' ? own['id'] : undefined,
      title,
      type: textOf(viz['group']) || textOf(viz['kind']),
      line: doc.lineOf(own, 'title'),
      least: textOf(objectOf(objectOf(objectOf(own['data'])['spec'])['queryOptions'])['interval']),
      points: pointsOf(objectOf(objectOf(objectOf(own['data'])['spec'])['queryOptions'])['maxDataPoints'], undefined),
      library: element['kind'] === 'LibraryPanel',
      source: undefined,
      unit: unitOf(objectOf(viz['spec'])['fieldConfig'], objectOf(objectOf(own['data'])['spec'])['transformations']),
      queries,
    });
  }
  const variables = listOf(spec['variables']).map((one) => readVariableV2(objectOf(one), doc, uses));
  const annotations = listOf(spec['annotations'])
    .map((one) => objectOf(objectOf(one)['spec']))
    .filter((one) => one['builtIn'] !== true && one['enable'] !== false)
    .map((one) => ({ name: textOf(one['name']), query: readAsked(objectOf(one['query']), one, doc) }));
  for (const { query, name } of annotations) usesOf(query.expr ?? '', query.line, 'query', name, uses);
  return {
    format: 'v2',
    title: textOf(spec['title']),
    uid: textOf(uid.holder[uid.key]),
    uidLine: doc.lineOf(uid.holder, uid.key),
    titleLine: doc.lineOf(spec, 'title'),
    panels,
    spanMs: spanOf(textOf(objectOf(spec['timeSettings'])['from'])),
    variables,
    annotations,
    uses,
    mentioned: mentionedIn(spec, (holder) => listOf(spec['variables']).includes(holder)),
    handsOnAll: handsOn(spec),
    inputs: [],
  };
}

function readAsked(query: JsonObject, beside: JsonObject, doc: LocatedJson): Query {
  const { inner, type, id } = askedV2(query, beside);
  const source: SourceRef | undefined = id === '' && type === '' ? undefined : { type, id, line: doc.lineOf(query) };
  return { ...readQuery(inner, doc), source };
}

function readVariableV2(one: JsonObject, doc: LocatedJson, uses: Use[]): Variable {
  const spec = objectOf(one['spec']);
  const type = variableTypeV2(textOf(one['kind']));
  const asked = objectOf(spec['query']);
  const inner = objectOf(asked['spec']);
  const query = textOf(inner['query']) || textOf(inner['expr']) || textOf(spec['definition']);
  const name = textOf(spec['name']);
  const source = type === 'query' ? readAsked(asked, spec, doc).source : undefined;
  const line = doc.lineOf(spec, 'name');
  if (type === 'query') usesOf(query, line, 'variable', name, uses);
  const options = listOf(spec['options']).map((option) => textOf(objectOf(option)['value']));
  return {
    name,
    type,
    line,
    query,
    queryLine: line,
    source,
    values:
      type === 'datasource'
        ? [textOf(spec['pluginId'])]
        : distinct([textOf(objectOf(spec['current'])['value']), ...options, ...listedValues(type, query)]),
    several: spec['multi'] === true || spec['includeAll'] === true,
    uses: variablesIn(`${query} ${textOf(spec['regex'])} ${source?.id ?? ''}`).map((use) => use.name),
  };
}
