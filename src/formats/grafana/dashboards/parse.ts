import { readBoardV2 } from './v2.ts';
import {
  distinct,
  handsOn,
  listedValues,
  mentionedIn,
  pointsOf,
  spanOf,
  readQuery,
  sourceRef,
  unitOf,
  usesOf,
  type Board,
  type Member,
  type Panel,
  type Use,
  type Variable,
} from './model.ts';
import { variablesIn } from './variables.ts';
import { listOf, objectOf, textOf, type JsonObject } from '../../data/json-parts.ts';
import { locatedJson, type LocatedJson } from '../../data/located-json.ts';

export type ParsedBoard = { board: Board } | { refused: string; line: number; alien: boolean };

/**
 * Reads a dashboard as Grafana's provisioning would: classic JSON (also in a v1 resource), or a dynamic (v2) one.
 * `alien`: the file is JSON, but looks like no dashboard at all.
 */
export function parseDashboard(source: string): ParsedBoard {
  const doc = locatedJson(source);
  if ('refused' in doc) return { ...doc, alien: false };
  const root = objectOf(doc.value);
  const api = textOf(root['apiVersion']);
  if (api.startsWith('dashboard.grafana.app/')) {
    const spec = objectOf(root['spec']);
    const uid = { holder: objectOf(root['metadata']), key: 'name' };
    return 'elements' in spec ? finish(readBoardV2(spec, uid, doc)) : finish(readClassic(spec, uid, doc));
  }
  if ('elements' in root && 'layout' in root) return finish(readBoardV2(root, { holder: root, key: 'uid' }, doc));
  const wrapped = objectOf(root['dashboard']);
  if (textOf(root['title']) === '' && Object.keys(wrapped).length > 0)
    return {
      refused:
        'it is wrapped in {"dashboard": …}, as the HTTP API takes it; a provisioned file needs its content at the top',
      line: doc.lineOf(root, 'dashboard'),
      alien: false,
    };
  const looks = ['panels', 'rows', 'templating', 'schemaVersion', 'annotations'].some((key) => key in root);
  if (textOf(root['title']) === '' || Array.isArray(doc.value))
    return { refused: looks ? 'it has no title' : 'it looks like no dashboard', line: 1, alien: !looks };
  return finish(readClassic(root, { holder: root, key: 'uid' }, doc));
}

export interface DashboardFile {
  title: string;
  uid: string;
  /** Why Grafana would refuse the file; undefined where it would not. */
  refused?: string;
  /** It looks like no dashboard at all: another file that lies among them. */
  alien?: boolean;
}

/** What Grafana's file provisioning needs of a dashboard. */
export function dashboardFile(source: string): DashboardFile {
  const parsed = parseDashboard(source);
  return 'board' in parsed
    ? { title: parsed.board.title, uid: parsed.board.uid }
    : { title: '', uid: '', refused: parsed.refused, alien: parsed.alien };
}

const finish = (board: Board): ParsedBoard =>
  board.title.trim() === '' ? { refused: 'it has no title', line: 1, alien: false } : { board };

function readClassic(root: JsonObject, uid: Member, doc: LocatedJson): Board {
  const panels: Panel[] = [];
  const uses: Use[] = [];
  const nested = (list: unknown): void => {
    for (const one of listOf(list)) {
      const panel = objectOf(one);
      const title = textOf(panel['title']);
      usesOfPanel(panel, title, doc, uses);
      // A row that is folded in holds its panels; an open one is followed by them.
      nested(panel['panels']);
      if (panel['type'] === 'row') continue;
      const queries = listOf(panel['targets']).map((target) => readQuery(objectOf(target), doc));
      for (const query of queries) usesOf(query.expr ?? '', query.line, 'query', title, uses);
      panels.push({
        id: typeof panel['id'] === 'number' ? panel['id'] : undefined,
        title,
        type: textOf(panel['type']),
        line: doc.lineOf(panel, 'title'),
        least: textOf(panel['interval']),
        points: pointsOf(panel['maxDataPoints'], objectOf(panel['gridPos'])['w']),
        library: 'libraryPanel' in panel,
        source: sourceRef(panel, doc),
        unit:
          unitOf(panel['fieldConfig'], panel['transformations']) ||
          // The panel "graph" of Grafana 7 and before.
          textOf(objectOf(listOf(panel['yaxes'])[0])['format']),
        queries,
      });
    }
  };
  nested(root['panels']);
  // Dashboards of Grafana 4 and before lay their panels in rows.
  for (const row of listOf(root['rows'])) {
    usesOfPanel(objectOf(row), textOf(objectOf(row)['title']), doc, uses);
    nested(objectOf(row)['panels']);
  }
  const variables = listOf(objectOf(root['templating'])['list']).map((one) => readVariable(objectOf(one), doc, uses));
  const annotations = listOf(objectOf(root['annotations'])['list'])
    .map(objectOf)
    .filter((one) => one['builtIn'] !== 1 && one['enable'] !== false)
    .map((one) => {
      const target = objectOf(one['target']);
      const query = readQuery('expr' in target ? { ...target, datasource: one['datasource'] } : one, doc);
      return { name: textOf(one['name']), query: { ...query, line: doc.lineOf(one), source: sourceRef(one, doc) } };
    });
  for (const { query, name } of annotations) usesOf(query.expr ?? '', query.line, 'query', name, uses);
  return {
    format: 'classic',
    title: textOf(root['title']),
    uid: textOf(uid.holder[uid.key]),
    uidLine: doc.lineOf(uid.holder, uid.key),
    titleLine: doc.lineOf(root, 'title'),
    panels,
    spanMs: spanOf(textOf(objectOf(root['time'])['from'])),
    variables,
    annotations,
    uses,
    mentioned: mentionedIn(root, (holder) => listOf(objectOf(root['templating'])['list']).includes(holder)),
    handsOnAll: handsOn(root),
    inputs: listOf(root['__inputs']).map((one) => textOf(objectOf(one)['name'])),
  };
}

function usesOfPanel(panel: JsonObject, title: string, doc: LocatedJson, uses: Use[]): void {
  usesOf(title, doc.lineOf(panel, 'title'), 'text', title, uses);
  const repeat = textOf(panel['repeat']);
  if (repeat !== '') uses.push({ name: repeat, line: doc.lineOf(panel, 'repeat'), place: 'repeat', panel: title });
}

function readVariable(one: JsonObject, doc: LocatedJson, uses: Use[]): Variable {
  const asked = one['query'];
  const query = typeof asked === 'string' ? asked : textOf(objectOf(asked)['query']) || textOf(one['definition']);
  const name = textOf(one['name']);
  const type = textOf(one['type']);
  const queryLine = doc.lineOf(one, 'query' in one ? 'query' : 'name');
  if (type === 'query') usesOf(query, queryLine, 'variable', name, uses);
  const options = listOf(one['options']).map((option) => textOf(objectOf(option)['value']));
  return {
    name,
    type,
    line: doc.lineOf(one, 'name'),
    query,
    queryLine,
    source: sourceRef(one, doc),
    values:
      type === 'datasource'
        ? [query]
        : distinct([textOf(objectOf(one['current'])['value']), ...options, ...listedValues(type, query)]),
    several: one['multi'] === true || one['includeAll'] === true,
    uses: variablesIn(`${query} ${textOf(one['regex'])} ${sourceRef(one, doc)?.id ?? ''}`).map((use) => use.name),
  };
}
