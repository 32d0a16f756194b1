import { beforeAll, describe, expect, it } from 'vitest';
import { stateOf, type PanelFacts, type PanelWanted } from '../../src/grafana/shown-panel.ts';
import { grafanaDouble } from '../rig/grafana/double.ts';
import { small } from '../rig/grafana/boards.ts';
import { nothing } from '../rig/grafana/shown.ts';

/** What a real Grafana 9.3.2 answered and showed, recorded. The double is held against it, and so is the reading of its pages. */
const prometheus = { uid: 'prometheus', type: 'prometheus' };
const ask = (...queries: object[]): string => JSON.stringify({ from: '0', to: '60000', queries });
const recorded: [what: string, path: string, body: string | undefined, status: number, answer: object | undefined][] = [
  ['health', '/api/health', undefined, 200, { database: 'ok', version: '9.3.2' }],
  ['health of a Prometheus', '/api/datasources/uid/prometheus/health', undefined, 404, { message: 'Not found' }],
  ['health of a dead one', '/api/datasources/uid/dead/health', undefined, 404, { message: 'Not found' }],
  ['health of TestData', '/api/datasources/uid/testdata/health', undefined, 404, { message: 'Not found' }],
  [
    'health of none',
    '/api/datasources/uid/nowhere/health',
    undefined,
    500,
    { message: 'Unable to load datasource metadata' },
  ],
  ['a dead one through the proxy', '/api/datasources/proxy/uid/dead/api/v1/query?query=1', undefined, 502, undefined],
  [
    'a resource of a dead one',
    '/api/datasources/uid/dead/resources/api/v1/label/job/values',
    undefined,
    500,
    { message: 'Failed to call resource' },
  ],
  ['no such dashboard', '/api/dashboards/uid/no-such', undefined, 404, { message: 'Dashboard not found' }],
  [
    'no such library panel',
    '/api/library-elements/no-such',
    undefined,
    404,
    { message: 'library element could not be found' },
  ],
  ['no resource API', '/apis/dashboard.grafana.app', undefined, 404, { message: 'Not found' }],
  [
    'a provisioned dashboard',
    '/api/dashboards/uid/small',
    undefined,
    200,
    { meta: { provisioned: true, provisionedExternalId: 'small.json' } },
  ],
  ['no query', '/api/ds/query', ask(), 400, { message: 'No queries found' }],
  [
    'a query of a dead one',
    '/api/ds/query',
    ask({ refId: 'A', expr: 'up', datasource: { uid: 'dead' } }),
    500,
    { message: 'An error occurred within the plugin', messageId: 'plugin.downstreamError' },
  ],
  [
    'a query of none',
    '/api/ds/query',
    ask({ refId: 'A', expr: 'up', datasource: { uid: 'nowhere' } }),
    404,
    { message: 'Data source not found' },
  ],
  [
    'an expression of nothing',
    '/api/ds/query',
    ask({ refId: 'B', type: 'math', expression: '$Z*2', datasource: { uid: '__expr__' } }),
    500,
    { message: 'Query data error' },
  ],
  [
    'no data points',
    '/api/ds/query',
    ask({ refId: 'A', scenarioId: 'no_data_points', datasource: { uid: 'testdata' } }),
    200,
    { results: {} },
  ],
  [
    'data of the browser',
    '/api/ds/query',
    ask({ refId: 'A', scenarioId: 'streaming_client', datasource: { uid: 'testdata' } }),
    200,
    { results: {} },
  ],
  [
    'a server error',
    '/api/ds/query',
    ask({ refId: 'A', scenarioId: 'server_error_500', datasource: { uid: 'testdata' } }),
    500,
    { error: 'Server Error' },
  ],
  [
    'data',
    '/api/ds/query',
    ask({ refId: 'A', expr: 'up', datasource: prometheus }),
    200,
    {
      results: {
        A: {
          status: 200,
          frames: [
            {
              schema: {
                fields: [
                  { name: 'Time', type: 'time' },
                  { name: 'Value', type: 'number' },
                ],
              },
            },
          ],
        },
      },
    },
  ],
];

describe('the double’s API against the recording', () => {
  let url: string;
  beforeAll(async () => {
    ({ url } = await grafanaDouble({
      version: '9.3.2',
      boards: [small('small')],
      anonymous: true,
      more: ['dead', 'testdata'],
    }));
  });
  it.each(recorded)('%s', async (_, path, body, status, answer) => {
    const reply = await fetch(`${url}${path}`, body === undefined ? {} : { method: 'POST', body });
    expect(reply.status).toBe(status);
    const text = await reply.text();
    if (answer === undefined) expect(text).toBe('');
    else expect(JSON.parse(text)).toMatchObject(answer);
  });
  it('nobody is sent to the login page, and where to is kept in a cookie', async () => {
    const closed = await grafanaDouble({ version: '9.3.2', boards: [] });
    const reply = await fetch(`${closed.url}/d/overview`, { redirect: 'manual' });
    expect([reply.status, reply.headers.get('location')]).toEqual([302, '/login']);
    expect(reply.headers.get('set-cookie')).toContain('redirect_to=%2Fd%2Foverview');
  });
  it.each([
    ['timeseries', 'No data'],
    ['stat', 'No data'],
    ['table', 'No data'],
    ['gauge', 'No data'],
    ['bargauge', 'No data'],
    ['heatmap', 'No data'],
    ['piechart', 'No data'],
    ['logs', 'No data'],
    ['state-timeline', 'No data in response'],
    ['status-history', 'No data in response'],
    ['barchart', 'No data in response'],
    ['histogram', 'No histogram found in response'],
  ])('the words of a %s without data', (type, words) => expect(nothing(type).text).toBe(words));
});

const facts = (more: Partial<PanelFacts>): PanelFacts => ({
  key: '1',
  id: 1,
  title: 'Panel',
  section: true,
  content: true,
  text: '',
  words: '',
  empty: false,
  loading: false,
  seen: true,
  drawn: 0,
  x: 0,
  y: 0,
  width: 800,
  height: 300,
  ...more,
});
const wanted = (type: string, more: Partial<PanelWanted> = {}): PanelWanted => ({
  index: 0,
  id: 1,
  title: 'Panel',
  type,
  asks: true,
  ownWords: false,
  coloured: false,
  ...more,
});

describe('a panel’s place on a recorded page', () => {
  it.each([
    ['series and a legend', 'timeseries', { text: 'up{job="web"}', drawn: 1 }, {}, 'data'],
    ['no data', 'timeseries', { text: 'No data' }, {}, 'no-data'],
    ['a gauge without data has canvases', 'gauge', { text: 'No data', drawn: 2 }, {}, 'no-data'],
    [
      'a panel that is empty',
      'state-timeline',
      { text: 'No data in response', empty: true, words: 'No data in response' },
      {},
      'no-data',
    ],
    [
      'no field to graph',
      'state-timeline',
      { text: 'No graphable fields', empty: true, words: 'No graphable fields' },
      {},
      'no-data',
    ],
    ['no histogram', 'histogram', { text: 'No histogram found in response', empty: true }, {}, 'no-data'],
    ['no number', 'timeseries', { text: 'Data is missing a number field' }, {}, 'no-data'],
    ['no time', 'timeseries', { text: 'Data is missing a time field' }, {}, 'no-data'],
    [
      'a table’s header, and no row',
      'table',
      { text: 'Time__name__instancejobValueNo data', headed: 28 },
      {},
      'no-data',
    ],
    ['a table with rows', 'table', { text: 'TimeValue2024 1', headed: 9 }, {}, 'data'],
    ['an error and no words', 'timeseries', { text: 'No data', error: '' }, {}, 'error'],
    ['a panel whose code throws', 'stat', { content: false, error: '' }, {}, 'error'],
    [
      'a plugin that is not there',
      'acme-widget-panel',
      { text: 'Panel plugin not found: acme-widget-panel', alert: 'Panel plugin not found: acme-widget-panel' },
      {},
      'plugin-missing',
    ],
    [
      'a library panel that is not there',
      '',
      { alert: 'Panel plugin not found: Unable to load library panel: gone' },
      {},
      'plugin-missing',
    ],
    ['an option of no known kind: no canvas, no word', 'timeseries', {}, {}, 'blank'],
    ['a frame without content', 'timeseries', { content: false }, {}, 'loading'],
    ['a value that is mapped to the words', 'stat', { text: 'No data' }, { ownWords: true }, 'data'],
    ['a text that has the words', 'text', { text: 'No data' }, { asks: false }, 'data'],
    ['a sentence that has the words', 'logs', { text: 'No data was lost by the importer' }, {}, 'data'],
    ['a list of alerts without one', 'alertlist', { text: 'No alerts matching filters' }, { asks: false }, 'data'],
  ] as const)('%s', (_, type, seen, known, state) =>
    expect(stateOf(facts(seen), wanted(type, known)).state).toBe(state),
  );
  it('axes without series are told from series by their colours, unless the author chose them', () => {
    const canvas = facts({ drawn: 1 });
    const states = (['none', 'grey', 'colour'] as const).map((ink) => stateOf(canvas, wanted('timeseries'), ink).state);
    expect(states).toEqual(['blank', 'blank', 'data']);
    expect(stateOf(canvas, wanted('timeseries', { coloured: true }), 'grey').state).toBe('data');
  });
});
