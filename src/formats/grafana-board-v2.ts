import { fieldParts, query, sourceRef, variable, type Board, type Panel, type Row } from './grafana-board-parts.ts';
import { list, number, object, text, type Json } from './json-parts.ts';

function dynamicPanel(element: unknown, place: Panel['grid']): Panel {
  const spec = object(object(element)['spec']);
  const viz = object(spec['vizConfig']);
  const group = object(object(spec['data'])['spec']);
  const queries = list(group['queries']).map((one, n) => {
    const own = object(object(one)['spec']);
    const asked = object(own['query']);
    const name = text(object(asked['datasource'])['name']) || text(object(own['datasource'])['uid']);
    const type = text(asked['group']) || (text(asked['kind']) === 'DataQuery' ? '' : text(asked['kind']));
    const ref = sourceRef({ uid: name, type });
    const inner = object(asked['spec']);
    return query({ ...inner, refId: own['refId'], hide: own['hidden'], ...(ref && { datasource: ref }) }, n);
  });
  const vizSpec = object(viz['spec']);
  const points = number(object(group['queryOptions'])['maxDataPoints']);
  const interval = text(object(group['queryOptions'])['interval']);
  return {
    id: number(spec['id']) ?? 0,
    title: text(spec['title']),
    type: text(viz['group']) || text(viz['kind']),
    grid: place,
    queries,
    ...(interval !== '' && { interval }),
    ...(points !== undefined && { maxDataPoints: points }),
    ...fieldParts(vizSpec['fieldConfig']),
    options: object(vizSpec['options']),
    ...(object(element)['kind'] === 'LibraryPanel' && { library: text(object(spec['libraryPanel'])['uid']) }),
  };
}

/** Elements in the order and at the places of a layout; grids of rows and tabs one below the other. */
function places(layout: unknown, top: number, found: { name: string; grid: Panel['grid'] }[], rows: Row[]): number {
  const { kind } = object(layout);
  const spec = object(object(layout)['spec']);
  let y = top;
  if (kind === 'RowsLayout' || kind === 'TabsLayout') {
    for (const part of [...list(spec['rows']), ...list(spec['tabs'])]) {
      const own = object(object(part)['spec']);
      rows.push({ title: text(own['title']), y, collapsed: own['collapse'] === true });
      y = places(own['layout'], y + 1, found, rows);
    }
    return y;
  }
  list(spec['items']).forEach((item, n) => {
    const own = object(object(item)['spec']);
    const auto = kind === 'AutoGridLayout';
    const grid = auto
      ? { x: (n % 3) * 8, y: top + Math.floor(n / 3) * 8, w: 8, h: 8 }
      : {
          x: number(own['x']) ?? 0,
          y: top + (number(own['y']) ?? 0),
          w: number(own['width']) ?? 12,
          h: number(own['height']) ?? 8,
        };
    found.push({ name: text(object(own['element'])['name']), grid });
    y = Math.max(y, grid.y + grid.h);
  });
  return y;
}

/** A dynamic dashboard: elements and a layout that names them. Source: Grafana's schema v2 (kinds of dashboard.grafana.app). */
export function dynamic(spec: Json, uid: string): Board {
  const found: { name: string; grid: Panel['grid'] }[] = [];
  const rows: Row[] = [];
  places(spec['layout'], 0, found, rows);
  const elements = object(spec['elements']);
  const laidOut = new Set(found.map((one) => one.name));
  for (const name of Object.keys(elements))
    if (!laidOut.has(name)) found.push({ name, grid: { x: 0, y: 0, w: 12, h: 8 } });
  const time = object(spec['timeSettings']);
  return {
    uid,
    title: text(spec['title']),
    panels: found.filter(({ name }) => name in elements).map(({ name, grid }) => dynamicPanel(elements[name], grid)),
    rows,
    variables: list(spec['variables']).map((one) => {
      const own = object(object(one)['spec']);
      const asked = object(own['query']);
      const inner = object(asked['spec']);
      const name = text(object(asked['datasource'])['name']);
      return variable({
        ...own,
        type: text(object(one)['kind'])
          .replace(/Variable$/, '')
          .toLowerCase(),
        ...(Object.keys(asked).length > 0 && {
          query: inner['query'] ?? inner['expr'] ?? inner['__legacyStringValue'] ?? '',
        }),
        ...(name !== '' && { datasource: { uid: name } }),
      });
    }),
    from: text(time['from']) || 'now-6h',
    to: text(time['to']) || 'now',
    v2: true,
  };
}
