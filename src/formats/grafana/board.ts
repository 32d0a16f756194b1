import {
  builtIn,
  fieldParts,
  query,
  rangeParts,
  sourceRef,
  variable,
  type Board,
  type Panel,
  type Row,
} from './board-parts.ts';
import { dynamic } from './board-v2.ts';
import { listOf, numberOf, objectOf, textOf, type JsonObject } from '../data/json-parts.ts';

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
} from './board-parts.ts';

function panel(value: unknown, collapsedIn?: string): Panel {
  const raw = objectOf(value);
  const grid = objectOf(raw['gridPos']);
  const source = sourceRef(raw['datasource']);
  const library = textOf(objectOf(raw['libraryPanel'])['uid']);
  const points = numberOf(raw['maxDataPoints']);
  return {
    id: numberOf(raw['id']) ?? 0,
    title: textOf(raw['title']),
    type: textOf(raw['type']),
    grid: {
      x: numberOf(grid['x']) ?? 0,
      y: numberOf(grid['y']) ?? 0,
      w: numberOf(grid['w']) ?? 12,
      h: numberOf(grid['h']) ?? 8,
    },
    queries: listOf(raw['targets']).map(query),
    ...(source && { source }),
    ...(textOf(raw['interval']) !== '' && { interval: textOf(raw['interval']) }),
    ...(points !== undefined && { maxDataPoints: points }),
    ...fieldParts(raw['fieldConfig']),
    options: objectOf(raw['options']),
    ...(collapsedIn !== undefined && { collapsedIn }),
    ...(library !== '' && { library }),
    ...(raw['libraryMissing'] === true && { libraryMissing: true }),
    ...(textOf(raw['repeat']) !== '' && {
      repeat: {
        variable: textOf(raw['repeat']),
        down: raw['repeatDirection'] === 'v',
        perRow: numberOf(raw['maxPerRow']) ?? 4,
      },
    }),
    ...rangeParts(raw),
    transformations: listOf(raw['transformations']).map((one) => textOf(objectOf(one)['id'])),
  };
}

/** Panels without an id are numbered after the highest. Source: Grafana's DashboardModel, ensurePanelsHaveUniqueIds. */
function number(panels: Panel[]): void {
  let next = Math.max(0, ...panels.map((one) => one.id)) + 1;
  for (const one of panels) if (one.id === 0) one.id = next++;
}

/** Is an annotation on, and of another data source than Grafana's own? */
const asksSource = (one: JsonObject): boolean =>
  one['enable'] === true && one['builtIn'] !== 1 && !builtIn(sourceRef(one['datasource']));

/** A classic dashboard, also with the `rows` of Grafana 4. */
function classic(board: JsonObject): Board {
  const panels: Panel[] = [];
  const rows: Row[] = [];
  let y = 0;
  for (const row of listOf(board['rows'])) {
    let x = 0;
    const height = 8;
    rows.push({ title: textOf(objectOf(row)['title']), y, collapsed: objectOf(row)['collapse'] === true });
    for (const one of listOf(objectOf(row)['panels'])) {
      const w = Math.min(24, (numberOf(objectOf(one)['span']) ?? 12) * 2);
      if (x + w > 24) [x, y] = [0, y + height];
      panels.push({ ...panel(one), grid: { x, y: y + 1, w, h: height } });
      x += w;
    }
    y += height + 1;
  }
  for (const one of listOf(board['panels'])) {
    const row = objectOf(one);
    if (row['type'] !== 'row') {
      panels.push({ ...panel(one), ...(rows.length > 0 && { row: rows.length - 1 }) });
      continue;
    }
    const collapsed = row['collapsed'] === true;
    rows.push({
      title: textOf(row['title']),
      y: numberOf(objectOf(row['gridPos'])['y']) ?? 0,
      collapsed,
      ...(textOf(row['repeat']) !== '' && { repeat: textOf(row['repeat']) }),
    });
    for (const inner of listOf(row['panels']))
      panels.push({ ...panel(inner, collapsed ? textOf(row['title']) : undefined), row: rows.length - 1 });
  }
  number(panels);
  const annotations = listOf(objectOf(board['annotations'])['list']).map(objectOf).filter(asksSource);
  const time = objectOf(board['time']);
  return {
    uid: textOf(board['uid']),
    title: textOf(board['title']),
    panels,
    annotations: annotations.map((one) => {
      const { name, datasource, target } = one;
      const asked = textOf(objectOf(target)['expr']) === '' ? one : objectOf(target);
      return panel({ title: name, type: 'annotations', targets: [{ expr: asked['expr'], datasource }] });
    }),
    rows,
    variables: listOf(objectOf(board['templating'])['list'])
      .map(variable)
      .filter((one) => one.name !== ''),
    from: textOf(time['from']) || 'now-6h',
    to: textOf(time['to']) || 'now',
    v2: false,
  };
}

/** Reads a dashboard's JSON: classic, a v2 resource, or what `/api/dashboards/uid` wraps. undefined: it is none. */
export function readBoard(document: unknown): Board | undefined {
  const board = objectOf(document);
  const spec = objectOf(board['spec']);
  const uid = textOf(objectOf(board['metadata'])['name']);
  if ('elements' in spec) return dynamic(spec, uid);
  if ('elements' in board && 'layout' in board) return dynamic(board, uid);
  if (textOf(spec['title']) !== '') return { ...classic(spec), uid: textOf(spec['uid']) || uid };
  const inner = 'panels' in board || 'rows' in board ? board : objectOf(board['dashboard']);
  return textOf(inner['title']) === '' && listOf(inner['panels']).length === 0 ? undefined : classic(inner);
}
