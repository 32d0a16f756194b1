import { listOf, objectOf, textOf, type JsonObject } from '../data/json-parts.ts';
import { locatedJson, type LocatedJson } from '../data/located-json.ts';
import { readClassic } from './board-classic.ts';
import type { Board } from './board-model.ts';
import { readDynamic } from './board-v2.ts';

export type ParsedBoard =
  | { board: Board; pathAt?: LocatedJson['pathAt'] }
  | { refused: string; line: number; alien: boolean };

/**
 * Reads a dashboard file as Grafana's provisioning would: classic JSON (also in a v1 resource), or a dynamic (v2) one.
 * `alien`: the file is JSON, but looks like no dashboard at all.
 */
export const parseDashboard = (source: string): ParsedBoard => readFile(locatedJson(source));

/** The same; of a file of one line all lines are columns, and `pathAt` says what stands there. */
export function parseByColumn(source: string): ParsedBoard {
  const doc = locatedJson(source, true);
  const parsed = readFile(doc);
  return 'board' in parsed && 'pathAt' in doc ? { ...parsed, pathAt: doc.pathAt } : parsed;
}

function readFile(doc: ReturnType<typeof locatedJson>): ParsedBoard {
  if ('refused' in doc) return { ...doc, alien: false };
  const root = objectOf(doc.value);
  const spec = objectOf(root['spec']);
  // Resources of Grafana's own API, and of Grizzly, which gives them to it.
  if (
    textOf(root['apiVersion']).startsWith('dashboard.grafana.app/') ||
    (isGrizzly(root) && textOf(spec['title']) !== '')
  ) {
    const uid = { holder: objectOf(root['metadata']), key: 'name' };
    return titled('elements' in spec ? readDynamic(spec, uid, doc) : readClassic(spec, uid, doc));
  }
  const own = { holder: root, key: 'uid' };
  if ('elements' in root && 'layout' in root) return titled(readDynamic(root, own, doc));
  if (textOf(root['title']) === '' && Object.keys(objectOf(root['dashboard'])).length > 0)
    return {
      refused:
        'it is wrapped in {"dashboard": …}, as the HTTP API takes it; a provisioned file needs its content at the top',
      // Not the column of a file of one line.
      line: doc.pathAt ? 1 : doc.lineOf(root, 'dashboard'),
      alien: false,
    };
  if (Array.isArray(doc.value) && doc.value.some((one) => isDashboard(objectOf(one))))
    return { refused: 'it is a list; a provisioned file holds one dashboard, at the top', line: 1, alien: false };
  const looks = ['panels', 'rows', 'templating', 'schemaVersion', 'annotations'].some((key) => key in root);
  if (textOf(root['title']) === '' || Array.isArray(doc.value))
    return { refused: looks ? 'it has no title' : 'it looks like no dashboard', line: 1, alien: !looks };
  return titled(readClassic(root, own, doc));
}

const isGrizzly = (root: Record<string, unknown>): boolean =>
  textOf(root['apiVersion']).startsWith('grizzly.grafana.com/') && root['kind'] === 'Dashboard';

const titled = (board: Board): ParsedBoard =>
  board.title.trim() === '' ? { refused: 'it has no title', line: 1, alien: false } : { board };

/** Is a JSON document a dashboard, by what it holds? For files that nobody has named as one. */
export const isDashboard = (root: JsonObject): boolean =>
  textOf(root['apiVersion']).startsWith('dashboard.grafana.app/') ||
  ('elements' in root && 'layout' in root) ||
  ('title' in root && (Array.isArray(root['panels']) || Array.isArray(root['rows'])) && 'schemaVersion' in root) ||
  ('title' in root && Array.isArray(root['panels']) && ('templating' in root || 'uid' in root || 'time' in root));

export interface DashboardFile {
  title: string;
  uid: string;
  /** Why Grafana would refuse the file; undefined where it would not. */
  refused?: string;
  /** It looks like no dashboard at all: another file that lies among them. */
  alien?: boolean;
  /** Of what is refused. */
  line?: number;
}

/** What Grafana's file provisioning needs of a dashboard. */
export function dashboardFile(source: string): DashboardFile {
  const parsed = /"apiVersion"\s*:\s*"grizzly\.grafana\.com\//.test(source)
    ? { refused: 'it is a resource for Grizzly: a provisioned file needs its `spec` at the top', line: 1, alien: false }
    : parseDashboard(source);
  return 'board' in parsed
    ? { title: parsed.board.title, uid: parsed.board.uid }
    : { title: '', uid: '', refused: parsed.refused, line: parsed.line, alien: parsed.alien };
}

/** Reads what Grafana's API answers: a dashboard, a resource, or what `/api/dashboards/uid` wraps. undefined: it is none. */
export function readBoard(document: unknown): Board | undefined {
  const doc: LocatedJson = { value: document, lineOf: () => 1 };
  const root = objectOf(document);
  const spec = objectOf(root['spec']);
  const name = { holder: objectOf(root['metadata']), key: 'name' };
  if ('elements' in spec) return readDynamic(spec, name, doc);
  if ('elements' in root && 'layout' in root) return readDynamic(root, name, doc);
  if (textOf(spec['title']) !== '')
    return readClassic(spec, textOf(spec['uid']) === '' ? name : { holder: spec, key: 'uid' }, doc);
  const inner = 'panels' in root || 'rows' in root ? root : objectOf(root['dashboard']);
  return textOf(inner['title']) === '' && listOf(inner['panels']).length === 0
    ? undefined
    : readClassic(inner, { holder: inner, key: 'uid' }, doc);
}
