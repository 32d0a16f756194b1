import { fieldParts, query, sourceRef, variable, type Board, type Panel, type Row } from './grafana-board-parts.ts';
import { dynamic } from './grafana-board-v2.ts';
import { list, number, object, text, type Json } from './json-parts.ts';

export {
  asksNothing,
  builtIn,
  isExpression,
  isMixed,
  type Board,
  type Panel,
  type Query,
  type SourceRef,
  type Threshold,
  type Variable,
} from './grafana-board-parts.ts';

function panel(value: unknown, collapsedIn?: string): Panel {
  const raw = object(value);
  const grid = object(raw['gridPos']);
  const source = sourceRef(raw['datasource']);
  const library = text(object(raw['libraryPanel'])['uid']);
  const points = number(raw['maxDataPoints']);
  return {
    id: number(raw['id']) ?? 0,
    title: text(raw['title']),
    type: text(raw['type']),
    grid: {
      x: number(grid['x']) ?? 0,
      y: number(grid['y']) ?? 0,
      w: number(grid['w']) ?? 12,
      h: number(grid['h']) ?? 8,
    },
    queries: list(raw['targets']).map(query),
    ...(source && { source }),
    ...(text(raw['interval']) !== '' && { interval: text(raw['interval']) }),
    ...(points !== undefined && { maxDataPoints: points }),
    ...fieldParts(raw['fieldConfig']),
    options: object(raw['options']),
    ...(collapsedIn !== undefined && { collapsedIn }),
    ...(library !== '' && { library }),
    ...(text(raw['repeat']) !== '' && { repeat: text(raw['repeat']) }),
  };
}

/** A classic dashboard, also with the `rows` of Grafana 4. */
function classic(board: Json): Board {
  const panels: Panel[] = [];
  const rows: Row[] = [];
  let y = 0;
  for (const row of list(board['rows'])) {
    let x = 0;
    const height = 8;
    rows.push({ title: text(object(row)['title']), y, collapsed: object(row)['collapse'] === true });
    for (const one of list(object(row)['panels'])) {
      const w = Math.min(24, (number(object(one)['span']) ?? 12) * 2);
      if (x + w > 24) [x, y] = [0, y + height];
      panels.push({ ...panel(one), grid: { x, y: y + 1, w, h: height } });
      x += w;
    }
    y += height + 1;
  }
  for (const one of list(board['panels'])) {
    const row = object(one);
    if (row['type'] !== 'row') {
      panels.push(panel(one));
      continue;
    }
    const collapsed = row['collapsed'] === true;
    rows.push({ title: text(row['title']), y: number(object(row['gridPos'])['y']) ?? 0, collapsed });
    for (const inner of list(row['panels'])) panels.push(panel(inner, collapsed ? text(row['title']) : undefined));
  }
  const time = object(board['time']);
  return {
    uid: text(board['uid']),
    title: text(board['title']),
    panels,
    rows,
    variables: list(object(board['templating'])['list'])
      .map(variable)
      .filter((one) => one.name !== ''),
    from: text(time['from']) || 'now-6h',
    to: text(time['to']) || 'now',
    v2: false,
  };
}

/** Reads a dashboard's JSON: classic, a v2 resource, or what `/api/dashboards/uid` wraps. undefined: it is none. */
export function readBoard(document: unknown): Board | undefined {
  const board = object(document);
  const spec = object(board['spec']);
  const uid = text(object(board['metadata'])['name']);
  if ('elements' in spec) return dynamic(spec, uid);
  if ('elements' in board && 'layout' in board) return dynamic(board, uid);
  if (text(spec['title']) !== '') return { ...classic(spec), uid: text(spec['uid']) || uid };
  const inner = 'panels' in board || 'rows' in board ? board : object(board['dashboard']);
  return text(inner['title']) === '' && list(inner['panels']).length === 0 ? undefined : classic(inner);
}
