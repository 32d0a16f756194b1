import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { grafanaDouble, type DoubleBoard, type DoublePanel } from '../rig/grafana/double.ts';
import {
  all,
  alone,
  board,
  codesOf,
  hide,
  list,
  only,
  panel,
  scenario,
  source,
  stat,
  variable,
  type Expected,
  boardsHold,
} from '../rig/grafana/kinds.ts';
import { needing } from '../rig/have.ts';
import { runSteps } from '../rig/run-step.ts';

/** The same defects and healthy ways as in grafana-boards, each in another spelling, another kind of panel, or one level deeper. */
const row = (title: string, panels: DoublePanel[], more: object = {}): DoublePanel => ({
  id: 500,
  type: 'row',
  title,
  collapsed: true,
  gridPos: { x: 0, y: 40, w: 24, h: 1 },
  panels,
  ...more,
});
const dashboard = { uid: '-- Dashboard --', type: 'datasource' };
const of = (title: string, panelId: number | string): DoublePanel =>
  panel(title, '', {
    type: 'stat',
    datasource: dashboard,
    targets: [{ refId: 'A', datasource: dashboard, panelId: panelId as number }],
  });
const second = (query: object): Partial<DoublePanel> => ({
  targets: [
    { refId: 'A', expr: 'up', datasource: source },
    { refId: 'B', datasource: source, ...query },
  ],
});
const transformation = (id: string, options: object): object => ({ transformations: [{ id, options }] });
const custom = (own: object, defaults: object = {}): object => ({
  fieldConfig: { defaults: { ...defaults, custom: own }, overrides: [] },
});
const adhoc = (filters: object[], more: object = {}): object =>
  list({ name: 'Filters', type: 'adhoc', datasource: source, filters, ...more });
const hidden = { properties: [{ id: 'custom.hideFrom', value: hide }] };
const table = {
  type: 'table',
  targets: [{ refId: 'A', expr: 'up', format: 'table', instant: true, datasource: source }],
};
const annotation = (own: object): object => ({
  annotations: { list: [{ name: 'Deploys', enable: true, iconColor: 'red', ...own }] },
});

const healthy: DoubleBoard[] = [
  board('s-adhoc', [panel('Up', 'up'), panel('Rate', 'rate(requests_total[$__rate_interval])')], {
    ...adhoc([{ key: 'job', operator: '=~', value: 'w.*' }]),
  }),
  board('s-adhoc-elsewhere', [panel('Up', 'up')], {
    ...adhoc([{ key: 'job', operator: '=', value: 'nope' }], { datasource: { uid: 'dead', type: 'prometheus' } }),
  }),
  board('s-some-hidden', [
    panel('One', 'up', alone({ matcher: { id: 'byRegexp', options: '/instance="a"/' }, ...hidden })),
    panel('Of no query', 'up', alone({ matcher: { id: 'byFrameRefID', options: 'C' }, ...hidden })),
  ]),
  board('s-columns', [
    panel('No time', 'up', { ...table, ...transformation('organize', { excludeByName: { Time: true } }) }),
    panel('Of A', 'up', {
      ...second({ expr: 'queue_depth' }),
      ...transformation('filterByRefId', { include: 'A' }),
    }),
  ]),
  board(
    's-formats',
    [
      panel('Custom', 'up{job=~"${one:pipe}"}'),
      panel('Old', 'up{job=~"[[one]]"}'),
      panel('Text', 'up{job="$text"}'),
      panel('Chained', 'up{job=~"$one", instance=~"$instance"}'),
      panel('Regex', 'up{job=~"${one:regex}"}'),
    ],
    list(
      {
        name: 'one',
        type: 'custom',
        query: 'The web : web, The base : db',
        multi: true,
        current: { value: ['web', 'db'] },
      },
      { name: 'text', type: 'textbox', query: 'web', current: { value: 'web' } },
      variable('instance', 'label_values(up{job=~"$one"}, instance)', all),
    ),
  ),
  board('s-in-rows', [
    panel('Up', 'up', { id: 1 }),
    row('Closed', [panel('Deep', 'up', { id: 2, gridPos: { x: 0, y: 41, w: 12, h: 8 } }), of('Of panel 1', 1)]),
  ]),
  board('s-of-the-panel', [panel('Up', 'up', second({ expr: 'up', datasource: { uid: 'gone', type: 'prometheus' } }))]),
  board('s-left-behind', [
    panel('Up', 'up'),
    panel('Words', '', { type: 'text', options: { content: 'No data' } }),
    panel('Boards', 'sum(up', { type: 'dashlist', options: {} }),
  ]),
  board('s-hidden-query', [panel('Up', 'up', second({ expr: 'sum(up', hide: true }))]),
  board('s-drawn', [
    panel('Points', 'up', custom({ drawStyle: 'points', lineWidth: 0 })),
    panel('Bars', 'up', custom({ drawStyle: 'bars', lineWidth: 0, fillOpacity: 80 })),
    panel('In view', 'up', custom({}, { min: 0, max: 2 })),
  ]),
  board('s-titles', [panel('Up "quoted" [x]', 'up'), panel('Größe ≥ 1 ⚡', 'up'), stat('Up "quoted" [x]', 'up')]),
  board('s-annotated', [panel('Up', 'up')], {
    ...annotation({ datasource: source, expr: 'changes(up[5m]) > 0', titleFormat: 'changed' }),
  }),
  board('s-not-annotated', [panel('Up', 'up')], {
    ...annotation({ datasource: { uid: 'gone', type: 'prometheus' }, expr: 'up', enable: false }),
  }),
  board('s-today', [panel('Up', 'up')], { time: { from: 'now/d', to: 'now' } }),
];

const broken: Expected[] = [
  [
    board('s-adhoc-none', [panel('Up', 'up')], { ...adhoc([{ key: 'job', operator: '=', value: 'nope' }]) }),
    'panel-empty',
    'panel-empty',
    /job="nope"/,
  ],
  [
    board('s-adhoc-all-out', [stat('Up', 'sum(up)')], { ...adhoc([{ key: 'job', operator: '!~', value: '.+' }]) }),
    'panel-empty',
    'panel-empty',
    /Up: empty/,
  ],
  ...(
    [
      ['regexp', { id: 'byRegexp', options: '/.*/' }],
      ['name', { id: 'byType', options: 'number' }],
    ] as const
  ).map(([name, matcher]): Expected => [
    board(`s-hidden-${name}`, [panel('Up', 'up', alone({ matcher, ...hidden }))]),
    'panel-series-hidden',
    'panel-series-hidden',
    /hideFrom/,
  ]),
  [
    board('s-hidden-states', [panel('Up', 'up', { type: 'barchart', ...custom({ hideFrom: hide }) })]),
    'panel-series-hidden',
    'panel-series-hidden',
    /hideFrom/,
  ],
  [
    board('s-hidden-query-id', [
      panel('Up', 'up', alone({ matcher: { id: 'byFrameRefID', options: 'A' }, ...hidden })),
    ]),
    '',
    'panel-blank',
    /no series/,
  ],
  [
    board('s-no-width', [panel('Up', 'up', custom({ lineWidth: 0, showPoints: 'never' }))]),
    '',
    'panel-blank',
    /no series/,
  ],
  [board('s-out-of-view', [panel('Up', 'up', custom({}, { min: 100, max: 200 }))]), '', 'panel-blank', /no series/],
  [
    board('s-no-column', [panel('Up', 'up', transformation('organize', { excludeByName: { Value: true } }))]),
    '',
    'panel-disagrees',
    /missing a number field/,
  ],
  [
    board('s-no-such-query', [panel('Up', 'up', transformation('filterByRefId', { include: 'Z' }))]),
    '',
    'panel-disagrees',
    /No data/,
  ],
  [
    board('s-no-rows', [panel('Up', 'up', { ...table, ...transformation('limit', { limitField: 0 }) })]),
    '',
    'panel-disagrees',
    /table without rows/,
  ],
  ...(
    [
      ['empty', panel('Deep', 'gone', { id: 7 }), 'panel-empty', /Deep/],
      ['plugin', panel('Deep', 'up', { id: 7, type: 'Timeseries' }), 'panel-plugin-missing', /Timeseries/],
      [
        'uid',
        panel('Deep', 'up', { id: 7, datasource: 'Nowhere', targets: [{ refId: 'A', expr: 'up' }] }),
        'panel-datasource-missing',
        /Nowhere/,
      ],
      [
        'library',
        { id: 7, type: 'stat', gridPos: { x: 0, y: 41, w: 12, h: 8 }, libraryPanel: { uid: 'gone' } },
        'panel-library-missing',
        /gone/,
      ],
    ] as [string, DoublePanel, string, RegExp][]
  ).map(([name, deep, code, message]): Expected => [
    board(`s-deep-${name}`, [
      panel('Fine', 'up', { id: 1 }),
      row('Closed', [{ ...deep, gridPos: { x: 0, y: 41, w: 12, h: 8 } }]),
    ]),
    code,
    code,
    message,
  ]),
  [
    board('s-deep-crash', [
      panel('Fine', 'up', { id: 1 }),
      row('Closed', [stat('Crash', 'up', { options: { reduceOptions: 'no' }, gridPos: { x: 0, y: 41, w: 12, h: 8 } })]),
    ]),
    '',
    'panel-disagrees',
    /shows error/,
  ],
  [
    board(
      's-row-copy',
      [row('Row $job', [panel('Queue of $job', 'queue_depth{job="$job"}', { id: 3 })], { repeat: 'job' })],
      list(variable('job', 'label_values(up, job)', all)),
    ),
    'panel-empty',
    'panel-empty',
    /Queue of db/,
  ],
  [board('s-second-refused', [panel('Two', 'up', second({ expr: 'sum(up' }))]), 'panel-error', 'panel-error', /Two/],
  [
    board('s-second-missing', [
      panel('Two', 'up', {
        ...second({ expr: 'up', datasource: { uid: 'gone', type: 'prometheus' } }),
        datasource: { uid: '-- Mixed --', type: 'datasource' },
      }),
    ]),
    'panel-datasource-missing',
    'panel-datasource-missing',
    /gone/,
  ],
  [board('s-blank-query', [panel('Blank', '  '), panel('Fine', 'up')]), 'panel-no-query', 'panel-no-query', /Blank/],
  [
    board(
      's-filtered-variable',
      [panel('Reads it', 'up{job=~"$thing"}')],
      list(variable('thing', 'label_values(up, job)', { ...all, regex: '/nothing-like-it/' })),
    ),
    'panel-variable-empty',
    'panel-variable-empty',
    /thing/,
  ],
  [
    board(
      's-chained-variable',
      [panel('Reads it', 'up{instance=~"$inner"}')],
      list(
        variable('outer', 'label_values(gone, job)'),
        variable('inner', 'label_values(up{job="$outer"}, instance)', all),
      ),
    ),
    'panel-variable-empty',
    'panel-variable-empty',
    /inner/,
  ],
  [
    board(
      's-variable-of-no-source',
      [panel('Reads it', 'up{job=~"$thing"}')],
      list(variable('thing', 'label_values(up, job)', { ...all, datasource: { uid: 'old-uid', type: 'prometheus' } })),
    ),
    'panel-variable-empty',
    'panel-variable-empty',
    /variable thing fails: there is no data source old-uid/,
  ],
  [
    board('s-last-week', [panel('Last week', 'up', { type: 'gauge', timeShift: '1w' })]),
    'panel-empty',
    'panel-empty',
    /Last week/,
  ],
  ...(['custom', 'constant', 'textbox'] as const).map((type): Expected => [
    board(
      `s-wrong-${type}`,
      [panel('Reads it', 'up{job="$job"}')],
      list({ name: 'job', type, query: 'nope', current: { value: 'nope' } }),
    ),
    'panel-empty',
    'panel-empty',
    /nope/,
  ]),
  [
    board(
      's-no-source-of-type',
      [
        panel('Reads it', 'up', {
          datasource: { uid: '$ds', type: 'prometheus' },
          targets: [{ refId: 'A', expr: 'up' }],
        }),
      ],
      list({ name: 'ds', type: 'datasource', query: 'influxdb', current: {} }),
    ),
    'panel-datasource-missing',
    'panel-datasource-missing',
    /ds/,
  ],
  [board('s-unknown-variable', [panel('Reads it', 'up{job="$nope"}')]), 'panel-empty', 'panel-empty', /nope/],
  [
    board('s-yesterday', [panel('Up', 'up')], { time: { from: 'now-1d/d', to: 'now-1d/d' } }),
    'panel-empty',
    'panel-empty',
    /Up/,
  ],
  [
    board('s-nan-table', [
      panel('NaN', '0 * up / 0', {
        ...table,
        targets: [{ refId: 'A', expr: '0 * up / 0', format: 'table', instant: true, datasource: source }],
      }),
      panel('Fine', 'up'),
    ]),
    'panel-all-nan',
    'panel-all-nan',
    /NaN/,
  ],
  [
    board('s-of-itself', [panel('Up', 'up', { id: 1 }), { ...of('Mirror', 2), id: 2 }]),
    'panel-datasource-missing',
    'panel-datasource-missing',
    /Mirror/,
  ],
  [
    board('s-of-empty', [panel('Gone', 'gone', { id: 1 }), { ...of('Mirror', 1), id: 2 }]),
    'panel-empty',
    'panel-empty',
    /Mirror/,
  ],
  [
    board('s-of-text', [panel('Up', 'up', { id: 1 }), { ...of('Mirror', '99'), id: 2 }]),
    'panel-datasource-missing',
    'panel-datasource-missing',
    /no such panel/,
  ],
  [
    board('s-only-text', [
      { id: 1, type: 'text', title: 'Home', gridPos: { x: 0, y: 0, w: 12, h: 4 }, options: { content: '# Hello' } },
      { id: 2, type: 'dashlist', title: 'All', gridPos: { x: 12, y: 0, w: 12, h: 4 }, options: {} },
    ]),
    'dashboard-blank',
    'dashboard-blank',
    /no panel/,
  ],
  [board('s-only-rows', [row('Empty', [])]), 'dashboard-blank', 'dashboard-blank', /no panel/],
  [
    board('s-annotation-gone', [panel('Up', 'up')], {
      ...annotation({ datasource: { uid: 'gone', type: 'prometheus' }, expr: 'up' }),
    }),
    'annotation-failing',
    'annotation-failing',
    /Deploys/,
  ],
  [
    board('s-annotation-refused', [panel('Up', 'up')], { ...annotation({ datasource: source, expr: 'sum(up' }) }),
    'annotation-failing',
    'annotation-failing',
    /Deploys/,
  ],
  [
    board('s-no-points', [scenario('Nothing', 'no_data_points', { type: 'table' }), panel('Fine', 'up')]),
    'panel-empty',
    'panel-empty',
    /no answer/,
  ],
  [board('s-filtered-stat', [stat('None', 'up', only(['Time']))]), '', 'panel-disagrees', /No data/],
];

describe.skipIf(needing('', 'chromium', 'prometheus', 'promtool')[1])(
  needing('siblings of the boards of Grafana 9.3.2', 'chromium', 'prometheus', 'promtool')[0],
  () => {
    boardsHold(healthy, broken);
  },
);

describe.skipIf(needing('', 'chromium')[1])(needing('a narrow picture', 'chromium')[0], () => {
  it('below 769 px every panel is below the last, and the picture ends with them', async () => {
    const narrow = board('narrow', [panel('One', 'up'), panel('Two', 'up'), stat('Three', 'up'), stat('Four', 'up')]);
    const { url } = await grafanaDouble({ version: '9.3.2', boards: [narrow], anonymous: true });
    const { record, folder } = await runSteps([
      { id: 'page', uses: 'grafana/screenshot', with: { url, dashboards: ['narrow'], width: 700, themes: ['light'] } },
    ]);
    expect([record.steps[0]?.outcome, record.steps[0]?.findings]).toEqual(['passed', []]);
    const [picture] = JSON.parse(readFileSync(join(folder, 'evidence/page/pictures.json'), 'utf8')) as {
      panels: { x: number; y: number; height: number }[];
    }[];
    const places = picture?.panels ?? [];
    expect(new Set(places.map((one) => one.x)).size).toBe(1);
    expect(places.map((one) => one.y)).toEqual(places.map((one) => one.y).toSorted((a, b) => a - b));
    const end = Math.max(...places.map((one) => one.y + one.height));
    const { height } = PNG.sync.read(readFileSync(join(folder, 'evidence/page/narrow-light.png')));
    expect(height - end).toBeGreaterThanOrEqual(0);
    expect(height - end).toBeLessThan(40);
  });
});

describe.skipIf(needing('', 'chromium')[1])(needing('a dynamic dashboard with tabs', 'chromium')[0], () => {
  it('panels of every tab are looked at, those of the hidden ones by themselves, and named where they have nothing', async () => {
    const tabs = (uid: string, last: Partial<DoublePanel>): DoubleBoard =>
      board(uid, [
        panel('First', 'up', { tab: 'Overview' }),
        panel('Second', 'up', { tab: 'Details' }),
        stat('Third', 'up', { tab: 'Details', ...last }),
      ]);
    const { url } = await grafanaDouble({
      version: '13.0.0',
      boards: [tabs('tabs', {}), tabs('tabs-broken', { id: 9 })],
      anonymous: true,
      faults: { noDataOnPage: 9 },
    });
    const { record } = await runSteps(
      ['tabs', 'tabs-broken'].map((uid) => ({
        id: uid,
        uses: 'grafana/screenshot',
        with: { url, dashboards: [uid], themes: ['light'] },
      })),
    );
    const [good, bad] = record.steps;
    expect([good?.outcome, good?.findings]).toEqual(['passed', []]);
    expect(Object.keys(good?.facts ?? {}).filter((name) => name.startsWith('picture.'))).toHaveLength(3);
    expect(codesOf(bad)).toEqual(['panel-disagrees']);
    expect(bad?.findings[0]?.message).toMatch(/panel 9 \(light\): Third/);
  });
});
