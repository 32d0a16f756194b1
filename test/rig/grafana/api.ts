import { shownInPlace } from './in-place.ts';
import { sourcesOf, type Double, type DoubleOptions, type DoubleVersion } from './options.ts';
import { query } from './queries.ts';
import { resourceOf } from './resource.ts';
import { kinds } from './shown.ts';

interface Call {
  url: URL;
  path: string;
  body: string;
  method: string;
  json: (status: number, value: unknown) => void;
}

/** The plugins' health checks that are not there: Prometheus and TestData from 8.5 to 9.3. */
const withoutHealth = (version: DoubleVersion): boolean => version === '9.3.2';

export async function api(own: Double, options: DoubleOptions, { url, path, body, json }: Call): Promise<void> {
  const { faults } = own;
  const boards = faults.dashboardMissing === true ? [] : options.boards;
  const sources = sourcesOf(own, options);
  if (path === '/api/org') return json(200, { id: 1, name: 'The double' });
  if (path === '/api/datasources') return json(200, sources);
  if (path === '/api/plugins')
    return json(200, faults.settingsClosed === true ? kinds.map((id) => ({ id, type: 'panel' })) : []);
  if (path === '/api/frontend/settings')
    return faults.settingsClosed === true
      ? json(401, { message: 'Unauthorized' })
      : json(200, { panels: Object.fromEntries(kinds.map((id) => [id, { id }])) });
  const [, healthOf] = /^\/api\/datasources\/uid\/([^/]+)\/health$/.exec(path) ?? [];
  if (healthOf !== undefined) {
    const bad = faults.sourceUnhealthy === true || healthOf === 'dead';
    if (!sources.some((one) => one.uid === healthOf))
      return json(500, { message: 'Unable to load datasource metadata' });
    if (withoutHealth(options.version)) return json(404, { message: 'Not found' });
    return bad
      ? json(400, { status: 'ERROR', message: 'dial tcp: connection refused' })
      : json(200, { status: 'OK', message: 'Successfully queried the Prometheus API.' });
  }
  const [, way, behind, rest] =
    /^\/api\/datasources\/(?:(proxy)\/uid|uid)\/([^/]+)\/(?:resources\/)?(.*)$/.exec(path) ?? [];
  if (behind !== undefined) {
    if (behind === 'dead' || faults.sourceUnhealthy === true)
      return way === undefined ? json(500, { message: 'Failed to call resource' }) : json(502, undefined);
    if (faults.emptyVariable === true) return json(200, { status: 'success', data: [] });
    if (options.prometheus === undefined) return json(200, { status: 'success', data: ['a', 'b'] });
    const answered = await fetch(`${options.prometheus}/${rest}${url.search}`);
    return json(answered.status, await answered.json());
  }
  if (path === '/api/search')
    return json(
      200,
      Number(url.searchParams.get('page')) > 1 ? [] : boards.map(({ uid, title }) => ({ uid, title, type: 'dash-db' })),
    );
  const uid =
    /^\/(?:api\/dashboards\/uid|apis\/dashboard\.grafana\.app\/v2beta1\/namespaces\/default\/dashboards)\/([^/]+)$/.exec(
      path,
    )?.[1];
  const old = options.version === '9.3.2';
  if (uid !== undefined && !(old && path.startsWith('/apis/'))) {
    const board = boards.find((one) => one.uid === uid);
    if (!board) return json(404, { message: 'Dashboard not found' });
    const from = faults.unprovisioned === true ? '' : `${uid}.json`;
    if (path.startsWith('/apis/')) return json(200, resourceOf(board, from));
    if (options.version === '13.0.0') return json(406, { message: 'dashboard is in the v2 schema' });
    return json(200, { dashboard: board, meta: { provisioned: old && from !== '', provisionedExternalId: from } });
  }
  if (path === '/apis/dashboard.grafana.app' && !old)
    return json(200, { kind: 'APIGroup', versions: [{ version: 'v1beta1' }, { version: 'v2beta1' }] });
  const library = /^\/api\/library-elements\/(.+)$/.exec(path)?.[1];
  if (library !== undefined)
    return options.library?.[library]
      ? json(200, { result: { uid: library, model: options.library[library] } })
      : json(404, { message: 'library element could not be found' });
  const { alerting } = options;
  if (alerting && path === '/api/v1/provisioning/alert-rules') return json(200, alerting.rules);
  if (alerting && path === '/api/v1/provisioning/contact-points')
    return json(
      200,
      alerting.contacts.map((name) => ({ uid: name, name, type: 'email', settings: {}, provenance: 'file' })),
    );
  if (alerting && path === '/api/v1/provisioning/policies') return json(200, { receiver: alerting.receiver });
  if (alerting && path === '/api/prometheus/grafana/api/v1/rules')
    return json(200, { status: 'success', data: { groups: groupsOf(alerting.rules) } });
  if (path === '/api/ds/query') return json(...(await query(own, options, body)));
  const drawn = /^\/double\/panel\/([^/]+)\/(\d+)$/.exec(path);
  if (drawn) return json(200, await shownInPlace(own, options, drawn[1] ?? '', Number(drawn[2]), url));
  return json(404, { message: 'Not found' });
}

type Rules = NonNullable<DoubleOptions['alerting']>['rules'];

/** Rules as they are evaluated, in the shape of 9.3: by their titles, without uid; those that are paused are not among them. */
const groupsOf = (rules: Rules): unknown[] =>
  [...new Set(rules.map((one) => one.ruleGroup))].map((name) => ({
    name,
    rules: rules
      .filter((one) => one.ruleGroup === name && !one.isPaused)
      .map(({ title, health, lastError }) => ({ name: title, health, lastError, type: 'alerting', state: 'inactive' })),
  }));
