import { z } from 'zod';
import { Unobservable, type StepContext } from '../core/step.ts';
import { readBoard } from '../formats/grafana/board.ts';
import type { Board } from '../formats/grafana/board-model.ts';
import { listOf, objectOf, textOf } from '../formats/data/json-parts.ts';
import { api, type GrafanaParams } from './api.ts';
import { scrapeOf, type Source } from './sources.ts';

/** All data sources. Those of a Viewer without the permission cannot be seen: see api. */
export async function dataSources(ctx: StepContext, p: GrafanaParams): Promise<Source[]> {
  const { json, status } = await api(ctx, p, '/api/datasources');
  if (status !== 200 || !Array.isArray(json))
    throw new Unobservable('not-grafana', `/api/datasources answered HTTP ${status} without a list`);
  return json.map((one) => {
    const own = objectOf(one);
    return {
      uid: textOf(own['uid']),
      name: textOf(own['name']),
      type: textOf(own['type']),
      isDefault: own['isDefault'] === true,
      scrapeMs: scrapeOf(textOf(objectOf(own['jsonData'])['timeInterval'])),
    };
  });
}

export interface Found {
  uid: string;
  title: string;
}
const Hits = z.array(z.object({ uid: z.string(), title: z.string() }));

/** Every dashboard that the account sees, page by page. */
export async function search(ctx: StepContext, p: GrafanaParams): Promise<Found[]> {
  const found: Found[] = [];
  for (let page = 1; page <= 100; page++) {
    const { json, status } = await api(ctx, p, `/api/search?type=dash-db&limit=1000&page=${page}`);
    const hits = Hits.safeParse(json);
    if (status !== 200 || !hits.success)
      throw new Unobservable('not-grafana', `/api/search answered HTTP ${status} without a list`);
    found.push(...hits.data);
    if (hits.data.length < 1000) break;
  }
  return found;
}

export interface Loaded {
  board: Board;
  /** File provisioning made it. */
  provisioned: boolean;
}

/** API versions of dynamic dashboards, newest first, as the server names them. */
async function dynamicVersions(ctx: StepContext, p: GrafanaParams): Promise<string[]> {
  const { json } = await api(ctx, p, '/apis/dashboard.grafana.app');
  const named = listOf(objectOf(json)['versions']).map((one) => textOf(objectOf(one)['version']));
  const known = ['v2', 'v2beta1', 'v2alpha1'];
  const offered = known.filter((one) => named.includes(one));
  return offered.length > 0 ? offered : known;
}

/**
 * A dashboard by uid. One in the schema v2 answers 406 on the classic API and is read as a resource.
 * Provisioned: `meta.provisionedExternalId`; `meta.provisioned` stays false with `allowUiUpdates`. Source: Grafana's dashboard API.
 * @returns undefined where there is none
 */
export async function loadBoard(ctx: StepContext, p: GrafanaParams, uid: string): Promise<Loaded | undefined> {
  const id = encodeURIComponent(uid);
  const classic = await api(ctx, p, `/api/dashboards/uid/${id}`);
  if (classic.status === 404) return undefined;
  if (classic.status === 406) {
    const namespace = p.orgId === 1 ? 'default' : `org-${p.orgId}`;
    for (const version of await dynamicVersions(ctx, p)) {
      const { status, json } = await api(
        ctx,
        p,
        `/apis/dashboard.grafana.app/${version}/namespaces/${namespace}/dashboards/${id}`,
      );
      if (status !== 200) continue;
      const board = readBoard(json);
      const notes = objectOf(objectOf(objectOf(json)['metadata'])['annotations']);
      if (board) return { board, provisioned: textOf(notes['grafana.app/managedBy']).includes('provisioning') };
    }
    throw new Unobservable(
      'dashboard-unreadable',
      `the dashboard ${uid} answers 406, and no version of the resource API gives it`,
    );
  }
  if (classic.status !== 200)
    throw new Unobservable(
      'grafana-error',
      `the dashboard ${uid} answers HTTP ${classic.status}: ${textOf(objectOf(classic.json)['message'])}`,
      {
        hint: 'see the log of Grafana',
      },
    );
  const board = readBoard(await withLibraryPanels(ctx, p, objectOf(classic.json)['dashboard']));
  if (!board) throw new Unobservable('not-grafana', `the dashboard ${uid} has neither title nor panels`);
  const meta = objectOf(objectOf(classic.json)['meta']);
  return { board, provisioned: textOf(meta['provisionedExternalId']) !== '' };
}

/**
 * Kinds of panels that this Grafana has: what its own pages are told (`panels` of the settings that every page loads, whoever
 * looks). undefined where neither this nor the list of plugins can be read.
 */
export async function panelKinds(ctx: StepContext, p: GrafanaParams): Promise<Set<string> | undefined> {
  const settings = await api(ctx, p, '/api/frontend/settings').catch(unlessAborted);
  let kinds = Object.keys(objectOf(objectOf(settings?.json)['panels']));
  if (kinds.length === 0) {
    const list = await api(ctx, p, '/api/plugins?embedded=0').catch(unlessAborted);
    kinds = listOf(list?.json)
      .map(objectOf)
      .filter((one) => one['type'] === 'panel')
      .map((one) => textOf(one['id']));
  }
  // A list without these is no whole list.
  return ['timeseries', 'text'].every((kind) => kinds.includes(kind)) ? new Set(kinds) : undefined;
}

const unlessAborted = (error: unknown): undefined => {
  if (!(error instanceof Unobservable)) throw error;
  return undefined;
};

/** Puts the content of library panels in their places. */
async function withLibraryPanels(ctx: StepContext, p: GrafanaParams, value: unknown): Promise<unknown> {
  const fill = async (panel: unknown): Promise<unknown> => {
    const own = objectOf(panel);
    const uid = textOf(objectOf(own['libraryPanel'])['uid']);
    const inner = listOf(own['panels']);
    if (inner.length > 0) return { ...own, panels: await Promise.all(inner.map(fill)) };
    if (uid === '' || listOf(own['targets']).length > 0) return panel;
    const { json, status } = await api(ctx, p, `/api/library-elements/${encodeURIComponent(uid)}`);
    if (status === 404) return { ...own, libraryMissing: true };
    const model = objectOf(objectOf(objectOf(json)['result'])['model']);
    return {
      ...model,
      id: own['id'],
      gridPos: own['gridPos'],
      title: own['title'] ?? model['title'],
      libraryPanel: own['libraryPanel'],
    };
  };
  const board = objectOf(value);
  return { ...board, panels: await Promise.all(listOf(board['panels']).map(fill)) };
}
