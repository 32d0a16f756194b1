import { listOf, numberOf, objectOf, textOf, type JsonObject } from '../data/json-parts.ts';
import type { LocatedJson } from '../data/located-json.ts';
import type { Board, Panel, PanelFault, Row, Use } from './board-model.ts';
import { panelFaults } from './panel-faults.ts';
import {
  fieldParts,
  readQuery,
  sourceRef,
  timeParts,
  usesOf,
  variable,
  wholeBoard,
  type Member,
} from './board-parts.ts';

function readPanel(raw: JsonObject, doc: LocatedJson): Panel {
  const grid = objectOf(raw['gridPos']);
  const transformations = listOf(raw['transformations'])
    .map(objectOf)
    .filter((one) => one['disabled'] !== true)
    .map((one) => ({ id: textOf(one['id']), options: objectOf(one['options']) }));
  const parts = fieldParts(raw['fieldConfig'], transformations);
  const panel: Panel = {
    id: numberOf(raw['id']) ?? 0,
    title: textOf(raw['title']),
    description: textOf(raw['description']),
    type: textOf(raw['type']),
    line: doc.lineOf(raw, 'title'),
    grid: {
      x: numberOf(grid['x']) ?? 0,
      y: numberOf(grid['y']) ?? 0,
      w: numberOf(grid['w']) ?? 12,
      h: numberOf(grid['h']) ?? 8,
    },
    queries: listOf(raw['targets']).map((one, n) => readQuery(objectOf(one), n, doc, objectOf(one), raw)),
    ...sourceRef(raw, doc),
    ...parts,
    // The panel "graph" of Grafana 7 and before.
    unit: parts.unit || textOf(objectOf(listOf(raw['yaxes'])[0])['format']),
    options: objectOf(raw['options']),
    ...(raw['type'] === 'graph' &&
      ['series', 'histogram'].includes(textOf(objectOf(raw['xaxis'])['mode'])) && { bySeries: true as const }),
    ...('libraryPanel' in raw && { library: textOf(objectOf(raw['libraryPanel'])['uid']) }),
    ...(raw['libraryMissing'] === true && { libraryMissing: true }),
    ...(textOf(raw['repeat']) !== '' && {
      repeat: {
        variable: textOf(raw['repeat']),
        down: raw['repeatDirection'] === 'v',
        perRow: numberOf(raw['maxPerRow']) ?? 4,
      },
    }),
    ...timeParts(raw),
  };
  const { targets } = raw;
  const faults = panelFaults(panel, raw['fieldConfig'], transformations);
  if (targets && !Array.isArray(targets)) faults.push({ code: 'panel-setting', message: 'its targets are not a list' });
  return { ...panel, faults };
}

/** Source: Grafana's DashboardGrid and transformSaveModelToScene, which show what a row holds only where it is collapsed. */
const lostIn = (title: string, panels: number): PanelFault => ({
  code: 'panel-hidden',
  message: `the row ${title} is open and holds it${panels > 1 ? ` and ${panels - 1} more` : ''}: Grafana shows what follows an open row, and nothing within`,
  sure: true,
});

/** Notes what a panel or a row uses of variables. */
function usesOfPanel(raw: JsonObject, queries: Panel['queries'], doc: LocatedJson, uses: Use[]): void {
  const title = textOf(raw['title']);
  usesOf(title, doc.lineOf(raw, 'title'), 'text', title, uses);
  const repeat = textOf(raw['repeat']);
  if (repeat !== '') uses.push({ name: repeat, line: doc.lineOf(raw, 'repeat'), place: 'repeat', panel: title });
  for (const query of queries) usesOf(query.expr ?? '', query.line, 'query', title, uses);
}

/** Reads a classic dashboard, also with the `rows` of Grafana 4. */
export function readClassic(root: JsonObject, uid: Member, doc: LocatedJson): Board {
  const panels: Panel[] = [];
  const rows: Row[] = [];
  const uses: Use[] = [];
  const add = (value: unknown, more: (panel: Panel) => Partial<Panel>): void => {
    const raw = objectOf(value);
    const panel = readPanel(raw, doc);
    usesOfPanel(raw, panel.queries, doc, uses);
    // One without a place comes below the others.
    if (!('gridPos' in raw)) panel.grid.y = Math.max(0, ...panels.map(({ grid }) => grid.y + grid.h));
    panels.push({ ...panel, ...more(panel) });
  };
  rowsOfGrafana4(root, rows, (row) => usesOfPanel(row, [], doc, uses), add);
  for (const one of listOf(root['panels'])) {
    const row = objectOf(one);
    if (row['type'] !== 'row') {
      add(one, () => (rows.length > 0 ? { row: rows.length - 1 } : {}));
      continue;
    }
    usesOfPanel(row, [], doc, uses);
    const collapsed = row['collapsed'] === true;
    const title = textOf(row['title']);
    rows.push({
      title,
      y: numberOf(objectOf(row['gridPos'])['y']) ?? 0,
      ...(textOf(row['repeat']) !== '' && { repeat: textOf(row['repeat']) }),
    });
    // A row that is folded in holds its panels; an open one is followed by them.
    for (const [n, inner] of listOf(row['panels']).entries())
      add(inner, ({ faults = [] }) => ({
        row: rows.length - 1,
        ...(collapsed
          ? { collapsedIn: title }
          : { faults: n > 0 ? faults : [...faults, lostIn(title, listOf(row['panels']).length)] }),
      }));
  }
  const declared = listOf(objectOf(root['templating'])['list']);
  return wholeBoard(root, uid, doc, {
    panels,
    rows,
    uses,
    declared,
    variables: declared.map((one) => variable(objectOf(one), doc)),
    annotations: listOf(objectOf(root['annotations'])['list'])
      .map(objectOf)
      .filter((one) => one['builtIn'] !== 1 && one['enable'] !== false)
      .map((one) => {
        const target = objectOf(one['target']);
        const query = readQuery('expr' in target ? { ...target, datasource: one['datasource'] } : one, 0, doc);
        return { name: textOf(one['name']), query: { ...query, line: doc.lineOf(one), ...sourceRef(one, doc) } };
      }),
    time: objectOf(root['time']),
    v2: false,
  });
}

/** Panels in rows, by their spans of twelve. */
function rowsOfGrafana4(
  root: JsonObject,
  rows: Row[],
  found: (row: JsonObject) => void,
  add: (panel: unknown, more: (panel: Panel) => Partial<Panel>) => void,
): void {
  const height = 8;
  let y = 0;
  for (const row of listOf(root['rows']).map(objectOf)) {
    found(row);
    rows.push({ title: textOf(row['title']), y });
    let x = 0;
    for (const one of listOf(row['panels'])) {
      const w = Math.min(24, (numberOf(objectOf(one)['span']) ?? 12) * 2);
      if (x + w > 24) [x, y] = [0, y + height];
      const grid = { x, y: y + 1, w, h: height };
      add(one, () => ({ grid }));
      x += w;
    }
    y += height + 1;
  }
}
