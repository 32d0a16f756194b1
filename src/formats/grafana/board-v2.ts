import { listOf, numberOf, objectOf, textOf, type JsonObject } from '../data/json-parts.ts';
import type { LocatedJson } from '../data/located-json.ts';
import type { Board, Panel, Query, Row, Use, Variable } from './board-model.ts';
import { panelFaults } from './panel-faults.ts';
import { fieldParts, readQuery, timeParts, usesOf, variable, wholeBoard, type Member } from './board-parts.ts';

/**
 * The query of a holder of schema v2 (a panel's query, an annotation, a variable) in the classic form.
 * v2beta1 has `group` and `datasource.name`, v2alpha1 the plugin as `kind` and the data source beside it.
 */
function classicQuery(holder: JsonObject): JsonObject {
  const query = objectOf(holder['query']);
  const alpha = objectOf(holder['datasource']);
  const kind = textOf(query['kind']);
  const type = textOf(query['group']) || textOf(alpha['type']) || (kind === 'DataQuery' ? '' : kind);
  const uid = textOf(objectOf(query['datasource'])['name']) || textOf(alpha['uid']);
  return {
    ...objectOf(query['spec']),
    refId: holder['refId'],
    hide: holder['hidden'],
    ...(uid + type !== '' && { datasource: { uid, type } }),
  };
}

function readHeld(holder: JsonObject, n: number, doc: LocatedJson): Query {
  const query = objectOf(holder['query']);
  const { source, ...read } = readQuery(classicQuery(holder), n, doc, objectOf(query['spec']));
  return { ...read, ...(source && { source: { ...source, line: doc.lineOf(query) } }) };
}

function readPanel(element: JsonObject, { grid, ...layout }: Placed, doc: LocatedJson): Panel {
  const spec = objectOf(element['spec']);
  const viz = objectOf(spec['vizConfig']);
  const group = objectOf(objectOf(spec['data'])['spec']);
  const vizSpec = objectOf(viz['spec']);
  const transformations = listOf(group['transformations'])
    .map(objectOf)
    .filter((one) => objectOf(one['spec'])['disabled'] !== true)
    .map((one) => ({
      id: textOf(one['group']) || textOf(objectOf(one['spec'])['id']) || textOf(one['kind']),
      options: objectOf(objectOf(one['spec'])['options']),
    }));
  const panel: Panel = {
    id: numberOf(spec['id']) ?? 0,
    title: textOf(spec['title']),
    description: textOf(spec['description']),
    type: textOf(viz['group']) || textOf(viz['kind']),
    line: doc.lineOf(spec, 'title'),
    grid,
    queries: listOf(group['queries']).map((one, n) => readHeld(objectOf(objectOf(one)['spec']), n, doc)),
    ...fieldParts(vizSpec['fieldConfig'], transformations),
    options: objectOf(vizSpec['options']),
    ...(element['kind'] === 'LibraryPanel' && { library: textOf(objectOf(spec['libraryPanel'])['uid']) }),
    ...timeParts(objectOf(group['queryOptions'])),
    ...layout,
  };
  return { ...panel, faults: panelFaults(panel, vizSpec['fieldConfig'], transformations) };
}
/** Where a layout puts an element. */
type Placed = Pick<Panel, 'grid' | 'repeat' | 'row' | 'tab'>;

const repeated = (value: unknown, item: JsonObject): Pick<Panel, 'repeat'> => {
  const own = objectOf(value);
  if (textOf(own['value']) === '') return {};
  const perRow = numberOf(own['maxPerRow']) ?? numberOf(item['maxPerRow']) ?? 4;
  return { repeat: { variable: textOf(own['value']), down: own['direction'] === 'v', perRow } };
};

/** Elements in the order and at the places of a layout; grids of rows and tabs one below the other. */
function places(layout: unknown, top: number, found: ({ name: string } & Placed)[], rows: Row[]): number {
  const { kind } = objectOf(layout);
  const spec = objectOf(objectOf(layout)['spec']);
  let y = top;
  if (kind === 'RowsLayout' || kind === 'TabsLayout') {
    for (const part of [...listOf(spec['rows']), ...listOf(spec['tabs'])]) {
      const own = objectOf(objectOf(part)['spec']);
      rows.push({
        title: textOf(own['title']),
        y,
        ...(textOf(objectOf(own['repeat'])['value']) !== '' && { repeat: textOf(objectOf(own['repeat'])['value']) }),
      });
      const before = found.length;
      y = places(own['layout'], y + 1, found, rows);
      // A dashboard opens with its first tab.
      if (kind === 'TabsLayout' && part !== listOf(spec['tabs'])[0])
        for (const one of found.slice(before)) one.tab = textOf(own['title']);
    }
    return y;
  }
  listOf(spec['items']).forEach((item, n) => {
    const own = objectOf(objectOf(item)['spec']);
    const auto = kind === 'AutoGridLayout';
    const grid = auto
      ? { x: (n % 3) * 8, y: top + Math.floor(n / 3) * 8, w: 8, h: 8 }
      : {
          x: numberOf(own['x']) ?? 0,
          y: top + (numberOf(own['y']) ?? 0),
          w: numberOf(own['width']) ?? 12,
          h: numberOf(own['height']) ?? 8,
        };
    found.push({
      name: textOf(objectOf(own['element'])['name']),
      grid,
      ...repeated(own['repeat'], own),
      ...(rows.length > 0 && { row: rows.length - 1 }),
    });
    y = Math.max(y, grid.y + grid.h);
  });
  return y;
}

function readVariable(one: JsonObject, doc: LocatedJson): Variable {
  const spec = objectOf(one['spec']);
  const kind = textOf(one['kind']);
  const type = variableKinds[kind] ?? kind;
  if (type === 'datasource') return variable({ ...spec, type, query: spec['pluginId'] }, doc, spec);
  if (type !== 'query') return variable({ ...spec, type }, doc, spec);
  const { datasource, ...asked } = classicQuery(spec);
  const query = asked['query'] ?? asked['expr'] ?? asked['__legacyStringValue'];
  const { source, ...read } = variable({ ...spec, type, query, datasource }, doc, spec);
  return { ...read, ...(source && { source: { ...source, line: doc.lineOf(spec['query']) } }) };
}

/** The classic types of the kinds of variables. */
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

/**
 * Reads a dynamic dashboard: elements, and a layout that names them.
 * Source: Grafana's schema v2 (v2alpha1 and v2beta1 of dashboard.grafana.app: apps/dashboard/kinds in its repository).
 */
export function readDynamic(spec: JsonObject, uid: Member, doc: LocatedJson): Board {
  const found: ({ name: string } & Placed)[] = [];
  const rows: Row[] = [];
  places(spec['layout'], 0, found, rows);
  const elements = objectOf(spec['elements']);
  for (const name of Object.keys(elements))
    if (!found.some((one) => one.name === name)) found.push({ name, grid: { x: 0, y: 0, w: 12, h: 8 } });
  const uses: Use[] = [];
  const shown = new Set<string>();
  const panels = found
    .filter(({ name }) => name in elements)
    .map(({ name, ...place }): Panel => {
      const panel = readPanel(objectOf(elements[name]), place, doc);
      if (shown.has(name)) return { ...panel, again: true };
      shown.add(name);
      const { title, line } = panel;
      usesOf(title, line, 'text', title, uses);
      for (const query of panel.queries) usesOf(query.expr ?? '', query.line, 'query', title, uses);
      return panel;
    });
  const declared = listOf(spec['variables']);
  return wholeBoard(spec, uid, doc, {
    panels,
    rows,
    uses,
    declared,
    variables: declared.map((one) => readVariable(objectOf(one), doc)),
    annotations: listOf(spec['annotations'])
      .map((one) => objectOf(objectOf(one)['spec']))
      .filter((one) => one['builtIn'] !== true && one['enable'] !== false)
      .map((one) => ({ name: textOf(one['name']), query: readHeld(one, 0, doc) })),
    time: objectOf(spec['timeSettings']),
    v2: true,
    lost: found.map((one) => one.name).filter((name) => name !== '' && !(name in elements)),
  });
}
