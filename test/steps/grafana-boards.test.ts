import { describe, expect, it } from 'vitest';
import type { DoubleBoard } from '../rig/grafana/double.ts';
import {
  all,
  alone,
  board,
  hide,
  list,
  only,
  panel,
  scenario,
  source,
  stat,
  variable,
  test,
  type Expected,
  boardsHold,
} from '../rig/grafana/kinds.ts';
import { needing } from '../rig/have.ts';

/**
 * Dashboards, healthy and broken, each in the way in which a real Grafana 9.3.2 was seen to show it, with the double in that shape and
 * a real Prometheus. Beside each: what grafana/dashboards and grafana/screenshot find.
 */
const healthy: DoubleBoard[] = [
  board('kinds', [
    ...['timeseries', 'bargauge', 'piechart', 'heatmap', 'histogram', 'state-timeline', 'status-history', 'graph'].map(
      (type) => panel(type, 'up', { type }),
    ),
    stat('stat', 'up'),
    panel('table', 'up', {
      type: 'table',
      targets: [{ refId: 'A', expr: 'up', format: 'table', instant: true, datasource: source }],
    }),
    panel('bars', 'up', { type: 'barchart' }),
    { ...stat('old stat', 'up'), type: 'singlestat' },
  ]),
  board(
    'repeated',
    [panel('Job $job', 'up{job="$job"}', { repeat: 'job', maxPerRow: 2 }), stat('Below', 'up')],
    list(variable('job', 'label_values(up, job)', all)),
  ),
  board(
    'repeated-rows',
    [
      {
        id: 50,
        type: 'row',
        title: 'Row $job',
        repeat: 'job',
        collapsed: true,
        gridPos: { x: 0, y: 0, w: 24, h: 1 },
        panels: [stat('In $job', 'up{job="$job"}')],
      },
    ],
    list(variable('job', 'label_values(up, job)', all)),
  ),
  board('own-range', [panel('Five minutes', 'up', { timeFrom: '5m' }), stat('Hour before', 'up', { timeShift: '5m' })]),
  // The dashboard's end lies before the data; its panel's own range does not.
  board('own-range-only', [panel('Five minutes', 'up', { timeFrom: '5m' })], {
    time: { from: 'now-3d', to: 'now-2d' },
  }),
  // Grafana widens the step to what Prometheus gives; dashboards/lint says so.
  board('much-asked', [panel('Eleven thousand', 'up', { maxDataPoints: 100_000, interval: '1s' })], {
    time: { from: 'now-12h', to: 'now' },
  }),
  board('mapped', [
    stat('Mapped', 'up', {
      fieldConfig: { defaults: { mappings: [{ type: 'value', options: { 1: { text: 'No data' } } }] }, overrides: [] },
    }),
    scenario('A cell', 'csv_content', {
      type: 'table',
      targets: [{ refId: 'A', datasource: test, scenarioId: 'csv_content', csvContent: 'a\nNo data' }],
      options: { showHeader: false },
    }),
    { id: 70, type: 'text', title: 'Note', gridPos: { x: 0, y: 40, w: 12, h: 4 }, options: { content: 'No data' } },
  ]),
  board(
    'empty-variable',
    [panel('Equals', 'up{cluster="$cluster"}'), panel('Matches', 'up{cluster=~"$cluster"}')],
    list(variable('cluster', 'label_values(up, cluster)')),
  ),
  board(
    'auto-interval',
    [panel('Auto', 'rate(requests_total[$step])'), panel('By name', 'rate(requests_total[$__auto_interval_step])')],
    list({
      name: 'step',
      type: 'interval',
      query: '1m,5m',
      auto: true,
      auto_count: 10,
      auto_min: '1m',
      current: { text: 'auto', value: '$__auto_interval_step' },
    }),
  ),
  board(
    'saved-is-gone',
    [panel('Up', 'up{job="$job"}')],
    list(variable('job', 'label_values(up, job)', { current: { text: 'gone', value: 'gone' } })),
  ),
  board('no-ids', [panel('First', 'up', { id: undefined as never }), stat('Second', 'up', { id: undefined as never })]),
  board('same-ids', [panel('First', 'up', { id: 3 }), stat('Second', 'up', { id: 3 })]),
  board('in-the-browser', [scenario('Nodes', 'node_graph', { type: 'nodeGraph' }), panel('Up', 'up')]),
  board('another-hidden', [
    panel(
      'Up',
      'up',
      alone({
        matcher: { id: 'byNames', options: { mode: 'exclude', names: ['up{instance="a", job="web"}'] } },
        properties: [{ id: 'custom.hideFrom', value: hide }],
      }),
    ),
  ]),
  board('zero', [stat('Zero', 'vector(0)'), panel('Below zero', '-1 * up')]),
  board('old-rows', undefined as never, {
    rows: [
      {
        title: 'R',
        height: '250px',
        panels: [{ id: 1, type: 'graph', title: 'Old', span: 6, targets: [{ refId: 'A', expr: 'up' }] }],
      },
    ],
  }),
  board(
    'tall',
    Array.from({ length: 60 }, (_, n) => panel(`P${n}`, 'up', { gridPos: { x: 0, y: n * 8, w: 24, h: 8 } })),
  ),
];

const broken: Expected[] = [
  [
    board('plugin', [panel('Widget', 'up', { type: 'acme-widget-panel' }), panel('Fine', 'up')]),
    'panel-plugin-missing',
    'panel-plugin-missing',
    /acme-widget-panel/,
  ],
  [
    board('library', [
      { id: 1, type: 'timeseries', gridPos: { x: 0, y: 0, w: 12, h: 8 }, libraryPanel: { uid: 'gone' } },
      panel('Fine', 'up', { id: 2 }),
    ]),
    'panel-library-missing',
    'panel-library-missing',
    /gone/,
  ],
  [
    board('wrong-uid', [
      panel('Wrong', 'up', {
        datasource: { uid: 'nowhere', type: 'prometheus' },
        targets: [{ refId: 'A', expr: 'up' }],
      }),
      panel('Fine', 'up'),
    ]),
    'panel-datasource-missing',
    'panel-datasource-missing',
    /nowhere/,
  ],
  [
    board('dead-source', [
      panel('Dead', 'up', {
        datasource: { uid: 'dead', type: 'prometheus' },
        targets: [{ refId: 'A', expr: 'up', datasource: { uid: 'dead' } }],
      }),
      panel('Fine', 'up'),
    ]),
    'panel-error',
    'panel-error',
    /within the plugin/,
  ],
  [
    board(
      'dead-variable',
      [panel('Reads it', 'up{job=~"$thing"}'), panel('Fine', 'up')],
      list(variable('thing', 'label_values(up, job)', { datasource: { uid: 'dead', type: 'prometheus' } })),
    ),
    'panel-variable-empty',
    'panel-variable-empty',
    /variable thing fails/,
  ],
  [
    board(
      'empty-variable-bad',
      [panel('Reads it', 'up{job=~"$thing"}')],
      list(variable('thing', 'label_values(gone, job)', all)),
    ),
    'panel-variable-empty',
    'panel-variable-empty',
    /thing has no options/,
  ],
  [
    board(
      'types-empty',
      [
        'timeseries',
        'stat',
        'table',
        'gauge',
        'bargauge',
        'state-timeline',
        'status-history',
        'heatmap',
        'piechart',
        'barchart',
        'histogram',
      ].map((type) => panel(type, 'gone', { type })),
    ),
    'panel-empty',
    'panel-empty',
    /empty \(gone\)/,
  ],
  [
    board('rows-gone', [
      panel('Rows', 'up', {
        type: 'table',
        targets: [{ refId: 'A', expr: 'up', format: 'table', instant: true, datasource: source }],
        transformations: [
          {
            id: 'filterByValue',
            options: { filters: [{ fieldName: 'Value', config: { id: 'greater', options: { value: 9 } } }] },
          },
        ],
      }),
    ]),
    '',
    'panel-disagrees',
    /table without rows/,
  ],
  ...['state-timeline', 'gauge', 'bargauge', 'piechart', 'heatmap'].map((type): Expected => [
    board(`filtered-${type}`, [panel('Filtered', 'up', { type, ...only(['Time']) })]),
    '',
    'panel-disagrees',
    /No graphable fields|No data/,
  ]),
  [
    board('filtered-series', [panel('Filtered', 'up', only(['Time']))]),
    '',
    'panel-disagrees',
    /missing a number field/,
  ],
  [
    board('no-time', [
      scenario('No time', 'csv_content', {
        targets: [{ refId: 'A', datasource: test, scenarioId: 'csv_content', csvContent: 'a,b\n1,2' }],
      }),
    ]),
    '',
    'panel-disagrees',
    /missing a time field/,
  ],
  [
    board('no-field', [
      stat('None', 'up', {
        options: { reduceOptions: { calcs: ['lastNotNull'], fields: '/nomatch/', values: false } },
      }),
    ]),
    '',
    'panel-disagrees',
    /No data/,
  ],
  [
    board('too-many', [panel('History', 'up', { type: 'status-history', maxDataPoints: 5000 })], {
      time: { from: 'now-40m', to: 'now' },
    }),
    '',
    'panel-disagrees',
    /Too many points/,
  ],
  [
    board('absolute', [panel('Long ago', 'up')], {
      time: { from: '2020-01-01T00:00:00.000Z', to: '2020-01-01T06:00:00.000Z' },
    }),
    'panel-empty',
    'panel-empty',
    /empty \(up\)/,
  ],
  [
    board('own-end', [panel('Days ago', 'up')], { time: { from: 'now-3d', to: 'now-2d' } }),
    'panel-empty',
    'panel-empty',
    /empty \(up\)/,
  ],
  [
    board('shifted', [panel('Shifted', 'up', { timeShift: '3d' }), panel('Fine', 'up')]),
    'panel-empty',
    'panel-empty',
    /Shifted/,
  ],
  [
    board(
      'one-copy',
      [panel('Queue of $job', 'queue_depth{job="$job"}', { repeat: 'job' })],
      list(variable('job', 'label_values(up, job)', all)),
    ),
    'panel-empty',
    'panel-empty',
    /Queue of db/,
  ],
  [
    board(
      'one-copy-down',
      [panel('Queue of $job', 'queue_depth{job="$job"}', { repeat: 'job', repeatDirection: 'v' })],
      list(variable('job', 'label_values(up, job)', all)),
    ),
    'panel-empty',
    'panel-empty',
    /Queue of db/,
  ],
  [
    board('hidden', [
      panel('All hidden', 'up', { fieldConfig: { defaults: { custom: { hideFrom: hide } }, overrides: [] } }),
    ]),
    'panel-series-hidden',
    'panel-series-hidden',
    /every one of its 2 series/,
  ],
  [
    board('left-behind', [
      panel(
        'Legend',
        'up',
        alone({
          matcher: { id: 'byNames', options: { mode: 'exclude', names: ['up{job="gone"}'] } },
          properties: [{ id: 'custom.hideFrom', value: hide }],
        }),
      ),
    ]),
    'panel-series-hidden',
    'panel-series-hidden',
    /hideFrom/,
  ],
  [
    board('crash', [stat('Crash', 'up', { options: { reduceOptions: 'no' } }), panel('Fine', 'up')]),
    '',
    'panel-disagrees',
    /shows error/,
  ],
  [
    board('blank-panel', [panel('Odd option', 'up', { options: { tooltip: 3 } })]),
    '',
    'panel-blank',
    /nothing is drawn/,
  ],
  [
    board('of-no-panel', [
      panel('Of 99', '', {
        datasource: { uid: '-- Dashboard --', type: 'datasource' },
        targets: [{ refId: 'A', datasource: { uid: '-- Dashboard --', type: 'datasource' }, panelId: 99 }],
      }),
      panel('Fine', 'up'),
    ]),
    'panel-datasource-missing',
    'panel-datasource-missing',
    /no such panel/,
  ],
  [
    board('of-no-query', [
      panel('Math', 'up', {
        targets: [
          { refId: 'A', expr: 'up', datasource: source },
          { refId: 'B', type: 'math', expression: '$Z * 2', datasource: { uid: '__expr__', type: '__expr__' } },
        ],
      }),
    ]),
    'panel-error',
    'panel-error',
    /Query data error/,
  ],
  [
    board('other-type', [
      panel('Logs', 'up', {
        datasource: { uid: 'prometheus', type: 'loki' },
        targets: [{ refId: 'A', expr: 'up', datasource: { uid: 'prometheus', type: 'loki' } }],
      }),
    ]),
    'panel-source-type',
    'panel-source-type',
    /is a loki/,
  ],
  [
    board('no-answer', [scenario('Nothing', 'no_data_points'), panel('Fine', 'up')]),
    'panel-empty',
    'panel-empty',
    /no answer/,
  ],
];

describe.skipIf(needing('', 'chromium', 'prometheus', 'promtool')[1])(
  needing('dashboards in the shape of Grafana 9.3.2', 'chromium', 'prometheus', 'promtool')[0],
  () => {
    const records = boardsHold(healthy, broken);
    it('what the server does not answer is said, and left to the page', () =>
      expect(
        records()
          .get('api-in-the-browser')
          ?.findings.map((one) => one.code),
      ).toEqual(['panel-in-browser']));
    it('a data source that is not there is found long before the time is up', () =>
      expect(records().get('page-wrong-uid')?.durationMs).toBeLessThan(110_000));
    it('a dashboard taller than a picture comes in parts', () => {
      const pictures = records()
        .get('page-tall')
        ?.evidence.map((file) => file.path.split('/').at(-1))
        .filter((name) => name?.endsWith('.png') && !name.startsWith('small-'));
      expect(pictures).toEqual(['tall-light-part-2.png', 'tall-light.png']);
    });
  },
);
