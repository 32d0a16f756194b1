import {
  askedV2,
  builtIn,
  fieldParts,
  query,
  rangeParts,
  sourceRef,
  variable,
  variableTypeV2,
  type Board,
  type Panel,
  type Row,
} from './board-parts.ts';
import { listOf, numberOf, objectOf, textOf, type JsonObject } from '../data/json-parts.ts';

function dynamicPanel(element: unknown, { grid: place, ...layout }: Placed): Panel {
  const spec = objectOf(objectOf(element)['spec']);
  const viz = objectOf(spec['vizConfig']);
  const group = objectOf(objectOf(spec['data'])['spec']);
  const queries = listOf(group['queries']).map((one, n) => {
    const own = objectOf(objectOf(one)['spec']);
    const { inner, type, id } = askedV2(objectOf(own['query']), own);
    const ref = sourceRef({ uid: id, type });
    return query({ ...inner, refId: own['refId'], hide: own['hidden'], ...(ref && { datasource: ref }) }, n);
  });
  const vizSpec = objectOf(viz['spec']);
  const points = numberOf(objectOf(group['queryOptions'])['maxDataPoints']);
  const interval = textOf(objectOf(group['queryOptions'])['interval']);
  return {
    id: numberOf(spec['id']) ?? 0,
    title: textOf(spec['title']),
    type: textOf(viz['group']) || textOf(viz['kind']),
    grid: place,
    queries,
    ...(interval !== '' && { interval }),
    ...(points !== undefined && { maxDataPoints: points }),
    ...fieldParts(vizSpec['fieldConfig']),
    options: objectOf(vizSpec['options']),
    ...(objectOf(element)['kind'] === 'LibraryPanel' && { library: textOf(objectOf(spec['libraryPanel'])['uid']) }),
    ...rangeParts(objectOf(group['queryOptions'])),
    transformations: listOf(group['transformations']).map(
      (one) => textOf(objectOf(one)['group']) || textOf(objectOf(one)['kind']),
    ),
    ...layout,
  };
}

/** Where a layout puts an element. */
type Placed = Pick<Panel, 'grid' | 'repeat' | 'row'>;

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
        collapsed: own['collapse'] === true,
        ...(textOf(objectOf(own['repeat'])['value']) !== '' && { repeat: textOf(objectOf(own['repeat'])['value']) }),
      });
      y = places(own['layout'], y + 1, found, rows);
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

function annotationV2(own: JsonObject): Panel[] {
  const { inner, type, id } = askedV2(objectOf(own['query']), own);
  const ref = sourceRef({ uid: id, type });
  if (own['enable'] !== true || own['builtIn'] === true || builtIn(ref)) return [];
  const asked = { kind: 'PanelQuery', spec: { refId: 'A', query: own['query'], datasource: own['datasource'] } };
  const data = { spec: { queries: textOf(inner['expr']) === '' ? [] : [asked] } };
  const element = { spec: { title: own['name'], vizConfig: { kind: 'annotations' }, data } };
  return [{ ...dynamicPanel(element, { grid: { x: 0, y: 0, w: 24, h: 8 } }), ...(ref && { source: ref }) }];
}

/** A dynamic dashboard: elements and a layout that names them. Source: Grafana's schema v2 (kinds of dashboard.grafana.app). */
export function dynamic(spec: JsonObject, uid: string): Board {
  const found: ({ name: string } & Placed)[] = [];
  const rows: Row[] = [];
  places(spec['layout'], 0, found, rows);
  const elements = objectOf(spec['elements']);
  const laidOut = new Set(found.map((one) => one.name));
  for (const name of Object.keys(elements))
    if (!laidOut.has(name)) found.push({ name, grid: { x: 0, y: 0, w: 12, h: 8 } });
  const time = objectOf(spec['timeSettings']);
  return {
    uid,
    title: textOf(spec['title']),
    panels: found
      .filter(({ name }) => name in elements)
      .map(({ name, ...place }) => dynamicPanel(elements[name], place)),
    annotations: listOf(spec['annotations']).flatMap((one) => annotationV2(objectOf(objectOf(one)['spec']))),
    rows,
    variables: listOf(spec['variables']).map((one) => {
      const own = objectOf(objectOf(one)['spec']);
      const type = variableTypeV2(textOf(objectOf(one)['kind']));
      if (type === 'datasource') return variable({ ...own, type, query: own['pluginId'] });
      if (type !== 'query') return variable({ ...own, type });
      const { inner, type: plugin, id } = askedV2(objectOf(own['query']), own);
      const asked = inner['query'] ?? inner['expr'] ?? inner['__legacyStringValue'] ?? '';
      return variable({ ...own, type, query: asked, datasource: { uid: id, type: plugin } });
    }),
    from: textOf(time['from']) || 'now-6h',
    to: textOf(time['to']) || 'now',
    v2: true,
  };
}
