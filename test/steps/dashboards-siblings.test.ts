import { beforeAll, describe, expect, it } from 'vitest';
import type { StepRecord } from '../../src/core/record.ts';
import { runStep, tempDir } from '../rig/run-step.ts';

type Json = Record<string, unknown>;
/** One defect, and the same dashboard without it. */
interface Pair {
  name: string;
  bad: Json;
  good: Json;
  finds: string;
}

const source = { type: 'prometheus', uid: 'main' };
const gone = { type: 'prometheus', uid: 'gone' };
const query = (expr: string, refId = 'A', more: Json = {}): Json => ({ refId, datasource: source, expr, ...more });
const panel = (targets: Json[], more: Json = {}): Json => ({
  type: 'timeseries',
  title: 'P',
  datasource: source,
  targets,
  ...more,
});
const board = (panels: Json[], more: Json = {}): Json => ({
  panels: panels.map((one, n) => ({ id: n + 1, gridPos: { x: 0, y: n * 8, w: 12, h: 8 }, ...one })),
  ...more,
});
const variables = (...list: Json[]): Json => ({ templating: { list } });
const asking = (name: string, asked = 'label_values(shop_orders_total, state)', more: Json = {}): Json => ({
  name,
  type: 'query',
  datasource: source,
  query: asked,
  ...more,
});
const of = (defaults: Json, more: Json = {}): Json => ({ fieldConfig: { defaults, overrides: [] }, ...more });
const overriding = (matcher: Json): Json => ({
  fieldConfig: { defaults: {}, overrides: [{ matcher, properties: [{ id: 'unit', value: 'ops' }] }] },
});
const hiding = (matcher: Json): Json => ({
  fieldConfig: {
    defaults: {},
    overrides: [
      { matcher, properties: [{ id: 'custom.hideFrom', value: { viz: true, legend: true, tooltip: true } }] },
    ],
  },
});
const unitOver = (unit: string): Json => ({
  fieldConfig: {
    defaults: { unit: 'none' },
    overrides: [{ matcher: { id: 'byName', options: 'p90' }, properties: [{ id: 'unit', value: unit }] }],
  },
});
const steps = (...values: number[]): Json => ({
  thresholds: {
    mode: 'absolute',
    steps: [{ color: 'green', value: null }, ...values.map((value) => ({ color: 'red', value }))],
  },
});
const byState = 'sum by (state) (rate(shop_orders_total[5m]))';
const table = (more: Json): Json =>
  panel([query(byState, 'A', { format: 'table', instant: true })], { type: 'table', ...more });
const named = (more: Json): Json =>
  panel([query('sum(rate(shop_orders_total[5m]))', 'A', { legendFormat: 'Orders' })], more);
const done = (id: string, options: Json): Json => ({ transformations: [{ id, options }] });
const filtered = (name: string): Json => panel([query(`rate(shop_orders_total{state=~"$${name}"}[5m])`)]);
const own = { type: '__expr__', uid: '__expr__' };
const dashboard = { type: 'datasource', uid: '-- Dashboard --' };
const stat = (defaults: Json, expr = 'shop_queue_depth', type = 'stat'): Json =>
  panel([query(expr)], of(defaults, { type }));
const share = 'sum(rate(shop_failed_total[5m])) / sum(rate(shop_orders_total[5m]))';
const quantileOf = (q: number): string => `histogram_quantile(${q}, sum by (le) (rate(shop_wait_seconds_bucket[5m])))`;
const ordersOver = (range: string): string => `sum(rate(shop_orders_total[${range}]))`;
const dynamic = (element: string): Json => ({
  apiVersion: 'dashboard.grafana.app/v2beta1',
  kind: 'Dashboard',
  spec: {
    elements: {
      one: {
        kind: 'Panel',
        spec: {
          id: 1,
          title: 'P',
          data: { spec: { queries: [] } },
          vizConfig: { kind: 'VizConfig', group: 'text', spec: {} },
        },
      },
    },
    layout: { kind: 'GridLayout', spec: { items: [{ spec: { width: 12, height: 8, element: { name: element } } }] } },
  },
});

const pairs: Pair[] = [
  ...(
    [
      ['thresholds that do not rise', stat(steps(80, 60)), stat(steps(60, 80))],
      [
        'thresholds of 0 to 100 on fractions',
        stat({ unit: 'percentunit', ...steps(70, 90) }),
        stat({ unit: 'percentunit', ...steps(0.7, 0.9) }),
      ],
      [
        'thresholds of percents on a share of what is given out twice',
        stat({ unit: 'percentunit', ...steps(20, 40) }),
        stat({ unit: 'percentunit', ...steps(2, 4) }),
      ],
      [
        'thresholds of 0 to 1 on percents',
        stat({ unit: 'percent', ...steps(0.7, 0.9) }),
        stat({ unit: 'percent', ...steps(70, 90) }),
      ],
      [
        'thresholds above the end of a gauge',
        stat({ max: 100, ...steps(200, 500) }, 'shop_queue_depth', 'gauge'),
        stat({ max: 100, ...steps(20, 80) }, 'shop_queue_depth', 'gauge'),
      ],
      ['a max below the min', stat({ min: 100, max: 0 }), stat({ min: 0, max: 100 })],
      ['percents up to 1', stat({ unit: 'percent', max: 1 }), stat({ unit: 'percentunit', max: 1 })],
      [
        'a mapped range that holds nothing',
        stat({ mappings: [{ type: 'range', options: { from: 9, to: 1 } }] }),
        stat({ mappings: [{ type: 'range', options: { from: 1, to: 9 } }] }),
      ],
      [
        'up mapped the wrong way round',
        stat({ mappings: [{ type: 'value', options: { 1: { text: 'Down' }, 0: { text: 'Up' } } }] }, 'up'),
        stat({ mappings: [{ type: 'value', options: { 0: { text: 'Down' }, 1: { text: 'Up' } } }] }, 'up'),
      ],
      [
        'values that up never has',
        stat({ mappings: [{ type: 'value', options: { 2: { text: 'Up' } } }] }, 'up'),
        stat({ mappings: [{ type: 'value', options: { 1: { text: 'Up' } } }] }, 'up'),
      ],
      [
        'a threshold above all of it',
        stat(
          { thresholds: { ...(steps(900)['thresholds'] as Json), mode: 'percentage' } },
          'shop_queue_depth',
          'gauge',
        ),
        stat({ thresholds: { ...(steps(90)['thresholds'] as Json), mode: 'percentage' } }, 'shop_queue_depth', 'gauge'),
      ],
      [
        'a reduction that there is not',
        panel([query('up')], { type: 'stat', options: { reduceOptions: { calcs: ['lastNotNul'] } } }),
        panel([query('up')], { type: 'stat', options: { reduceOptions: { calcs: ['lastNotNull', 'p95'] } } }),
      ],
      [
        'a panel beyond the right edge',
        panel([query('up')], { gridPos: { x: 20, y: 0, w: 12, h: 8 } }),
        panel([query('up')], { gridPos: { x: 12, y: 0, w: 12, h: 8 } }),
      ],
    ] as const
  ).map(([name, bad, good]): Pair => ({
    name,
    bad: board([bad]),
    good: board([good]),
    finds: 'warning panel-setting',
  })),
  ...(
    [
      [
        'a column renamed that is not there',
        table(done('organize', { renameByName: { stat: 'x' } })),
        table(
          done('organize', { renameByName: { state: 'x', Value: 'y' }, excludeByName: { Time: true, gone: true } }),
        ),
      ],
      [
        'fields kept that are not there',
        table(done('filterFieldsByName', { include: { names: ['zone'] } })),
        table(done('filterFieldsByName', { include: { names: ['state', 'Value'] } })),
      ],
      [
        'a join by what is not there',
        table(done('joinByField', { byField: 'zone' })),
        table(done('joinByField', { byField: 'state' })),
      ],
      [
        'a group by what is not there',
        table(done('groupBy', { fields: { staet: {}, Value: {} } })),
        table(done('groupBy', { fields: { state: {}, Value: {} } })),
      ],
      [
        'an order by what is not there',
        table(done('sortBy', { sort: [{ field: 'Valeu' }] })),
        table(done('sortBy', { sort: [{ field: 'Value' }] })),
      ],
      ...(
        [
          [
            'calculateField',
            { mode: 'binary', binary: { left: 'Amount', operator: '*', right: '2' } },
            {
              mode: 'binary',
              binary: { left: { matcher: { id: 'byName', options: 'Value' } }, operator: '*', right: '2' },
            },
          ],
          [
            'convertFieldType',
            { conversions: [{ targetField: 'When', destinationType: 'time' }] },
            { conversions: [{ targetField: 'Time', destinationType: 'time' }] },
          ],
          [
            'groupingToMatrix',
            { columnField: 'zone', rowField: 'Time', valueField: 'Value' },
            { columnField: 'state', rowField: 'Time', valueField: 'Value' },
          ],
          ['partitionByValues', { fields: ['zone'] }, { fields: ['state'] }],
        ] as const
      ).map(([id, bad, good]) => [`${id} of what is not there`, table(done(id, bad)), table(done(id, good))] as const),
      [
        'an order by the name before it was renamed',
        table({
          transformations: [
            { id: 'organize', options: { renameByName: { Value: 'Orders' } } },
            { id: 'sortBy', options: { sort: [{ field: 'Value' }] } },
          ],
        }),
        table({
          transformations: [
            { id: 'organize', options: { renameByName: { Value: 'Orders' } } },
            { id: 'sortBy', options: { sort: [{ field: 'Orders' }] } },
          ],
        }),
      ],
      [
        'a conversion after a renaming: the old name still finds its field, a third finds none',
        table({
          transformations: [
            { id: 'organize', options: { renameByName: { Value: 'Orders' } } },
            { id: 'convertFieldType', options: { conversions: [{ targetField: 'Sum', destinationType: 'time' }] } },
          ],
        }),
        table({
          transformations: [
            { id: 'organize', options: { renameByName: { Value: 'Orders' } } },
            { id: 'convertFieldType', options: { conversions: [{ targetField: 'Value', destinationType: 'time' }] } },
          ],
        }),
      ],
      [
        'bars along what is not there',
        table({ type: 'barchart', options: { xField: 'zone' } }),
        table({ type: 'barchart', options: { xField: 'state' } }),
      ],
      [
        'points of what is not there',
        table({ type: 'xychart', options: { series: [{ x: { matcher: { id: 'byName', options: 'zone' } } }] } }),
        table({ type: 'xychart', options: { series: [{ x: { matcher: { id: 'byName', options: 'state' } } }] } }),
      ],
      [
        'a number of what is not there',
        named({ type: 'stat', options: { reduceOptions: { fields: '/^Oders$/' } } }),
        named({ type: 'stat', options: { reduceOptions: { fields: '/^Orders$/' } } }),
      ],
      ['a transformation that there is not', table(done('organise', {})), table(done('organize', {}))],
      [
        'an override of a misspelt series',
        named(overriding({ id: 'byName', options: 'Oders' })),
        named(overriding({ id: 'byName', options: 'Orders' })),
      ],
      [
        'an override of a misspelt column',
        table(overriding({ id: 'byName', options: 'Vaule' })),
        table(overriding({ id: 'byName', options: 'Value' })),
      ],
      [
        'an override of a query that is not there',
        named(overriding({ id: 'byFrameRefID', options: 'B' })),
        named(overriding({ id: 'byFrameRefID', options: 'A' })),
      ],
      [
        'an override by a broken pattern',
        named(overriding({ id: 'byRegexp', options: '/(Ord/' })),
        named(overriding({ id: 'byRegexp', options: '/^Ord/' })),
      ],
    ] as const
  ).map(([name, bad, good]): Pair => ({
    name,
    bad: board([bad]),
    good: board([good]),
    finds: 'warning field-unknown',
  })),
  ...(
    [
      [
        'lines of one moment',
        panel([query('up', 'A', { instant: true })]),
        panel([query('up', 'A', { instant: true, range: true })]),
      ],
      ['lines of a table', panel([query('up', 'A', { format: 'table' })]), panel([query('up')])],
      ['logs of numbers', panel([query('up')], { type: 'logs' }), panel([query('up')])],
      [
        'a heatmap without buckets',
        panel([query('sum(shop_queue_depth)', 'A', { format: 'heatmap' })], { type: 'heatmap' }),
        panel([query('sum by (le) (rate(shop_wait_bucket[5m]))', 'A', { format: 'heatmap' })], { type: 'heatmap' }),
      ],
    ] as const
  ).map(([name, bad, good]): Pair => ({ name, bad: board([bad]), good: board([good]), finds: 'warning panel-format' })),
  ...(
    [
      [
        'an expression of no query',
        panel([query('up'), { refId: 'B', datasource: own, type: 'math', expression: '$Z * 2' }]),
        panel([query('up'), { refId: 'B', datasource: own, type: 'math', expression: '${A} * 2' }]),
      ],
      [
        'a reduction of no query',
        panel([query('up'), { refId: 'B', datasource: own, type: 'reduce', expression: 'D' }]),
        panel([query('up'), { refId: 'B', datasource: own, type: 'reduce', expression: 'A' }]),
      ],
      [
        'queries kept that there are not',
        table(done('filterByRefId', { include: 'B' })),
        table(done('filterByRefId', { include: 'A' })),
      ],
      [
        'the data of no panel',
        panel([{ refId: 'A', datasource: dashboard, panelId: 9 }], { datasource: dashboard }),
        panel([{ refId: 'A', datasource: dashboard, panelId: 2 }], { datasource: dashboard }),
      ],
    ] as const
  ).map(([name, bad, good]): Pair => ({
    name,
    bad: board([bad, panel([query('up')])]),
    good: board([good, panel([query('up')])]),
    finds: 'error query-reference',
  })),
  {
    name: 'settings of a query that is not there',
    bad: board([table(done('configFromData', { configRefId: 'C' }))]),
    good: board([table(done('configFromData', { configRefId: 'A' }))]),
    finds: 'warning query-reference',
  },
  {
    name: 'the data of itself',
    bad: board([panel([{ refId: 'A', panelId: 1 }], { datasource: '-- Dashboard --' })]),
    good: board([panel([{ refId: 'A', panelId: 2 }], { datasource: '-- Dashboard --' }), panel([query('up')])]),
    finds: 'error query-reference',
  },
  {
    name: 'bars of one moment over time',
    bad: board([panel([query('up', 'A', { instant: true })], { type: 'graph', xaxis: { mode: 'time' } })]),
    good: board([panel([query('up', 'A', { instant: true })], { type: 'graph', xaxis: { mode: 'series' } })]),
    finds: 'warning panel-format',
  },
  {
    name: 'no panel at all',
    bad: board([]),
    good: board([{ type: 'text', title: 'Read me', options: { content: 'x' } }]),
    finds: 'warning panel-empty',
  },
  {
    name: 'rows alone',
    bad: board([{ type: 'row', title: 'R', collapsed: true, panels: [] }]),
    good: board([{ type: 'row', title: 'R', collapsed: true, panels: [panel([query('up')], { id: 7 })] }]),
    finds: 'warning panel-empty',
  },
  {
    name: 'all but a series that there is not',
    bad: board([named(hiding({ id: 'byNames', options: { mode: 'exclude', names: ['Returns'] } }))]),
    good: board([named(hiding({ id: 'byNames', options: { mode: 'exclude', names: ['Orders'] } }))]),
    finds: 'warning panel-hidden',
  },
  {
    name: 'one letter twice',
    bad: board([panel([query('up'), query('shop_queue_depth')])]),
    good: board([panel([query('up'), query('shop_queue_depth', 'B')])]),
    finds: 'warning query-reference',
  },
  {
    name: 'a query where Prometheus does not look',
    bad: board([panel([{ refId: 'A', datasource: source, query: 'up' }])]),
    good: board([panel([query('up')])]),
    finds: 'error panel-empty',
  },
  {
    name: 'variables in a circle',
    bad: board(
      [filtered('a'), filtered('b')],
      variables(
        asking('a', 'label_values(shop_orders_total{state=~"$b"}, state)'),
        asking('b', 'label_values(shop_orders_total{state=~"$a"}, state)'),
      ),
    ),
    good: board(
      [filtered('a'), filtered('b')],
      variables(asking('a'), asking('b', 'label_values(shop_orders_total{state=~"$a"}, state)')),
    ),
    finds: 'error variable-circular',
  },
  {
    name: 'a variable of itself',
    bad: board([filtered('a')], variables(asking('a', 'label_values(shop_orders_total{state=~"$a"}, state)'))),
    good: board([filtered('a')], variables(asking('a'))),
    finds: 'error variable-circular',
  },
  {
    name: 'a variable twice',
    bad: board([filtered('a')], variables(asking('a'), asking('a'))),
    good: board([filtered('a')], variables(asking('a'))),
    finds: 'warning variable-setting',
  },
  {
    name: 'a broken pattern of a variable',
    bad: board([filtered('a')], variables(asking('a', undefined, { regex: '/(paid/' }))),
    good: board([filtered('a')], variables(asking('a', undefined, { regex: '/(paid)/' }))),
    finds: 'error variable-setting',
  },
  {
    name: 'a choice of nothing',
    bad: board([filtered('a')], variables({ name: 'a', type: 'custom', query: '' })),
    good: board([filtered('a')], variables({ name: 'a', type: 'custom', query: 'paid,open' })),
    finds: 'warning variable-setting',
  },
  {
    name: 'several values by =',
    bad: board([panel([query('shop_orders_total{state="$a"}')])], variables(asking('a', undefined, { multi: true }))),
    good: board(
      [panel([query('shop_orders_total{state="$a"}')], { repeat: 'a' })],
      variables(asking('a', undefined, { multi: true })),
    ),
    finds: 'warning variable-setting',
  },
  {
    name: 'a repeat for no variable',
    bad: board([panel([query(byState)], { repeat: 'stat' })]),
    good: board([panel([query('shop_orders_total{state="$state"}')], { repeat: 'state' })], variables(asking('state'))),
    finds: 'warning variable-undeclared',
  },
  {
    name: 'a misspelt variable of Grafana’s',
    bad: board([panel([query('rate(shop_orders_total[$__rate_intervall])')])]),
    good: board([panel([query('rate(shop_orders_total[$__rate_interval])')])]),
    finds: 'error variable-undeclared',
  },
  {
    name: 'an ad hoc filter of no data source',
    bad: board([panel([query('up')])], variables({ name: 'f', type: 'adhoc', datasource: gone })),
    good: board([panel([query('up')])], variables({ name: 'f', type: 'adhoc', datasource: source })),
    finds: 'warning datasource-unresolved',
  },
  {
    name: 'data sources by no name',
    bad: board(
      [panel([query('up')], { datasource: { uid: '$ds' } })],
      variables({ name: 'ds', type: 'datasource', query: 'prometheus', regex: '/^Other/' }),
    ),
    good: board(
      [panel([query('up')], { datasource: { uid: '$ds' } })],
      variables({ name: 'ds', type: 'datasource', query: 'prometheus', regex: '/^Prom/' }),
    ),
    finds: 'error datasource-unresolved',
  },
  {
    name: 'a range that ends first',
    bad: board([panel([query('up')])], { time: { from: 'now', to: 'now-6h' } }),
    good: board([panel([query('up')])], { time: { from: 'now-1d/d', to: 'now-1d/d' } }),
    finds: 'error range-reversed',
  },
  {
    name: 'a time that is none',
    bad: board([panel([query('up')])], { refresh: '5 sec' }),
    good: board([panel([query('up')])], { refresh: '5s' }),
    finds: 'warning range-unreadable',
  },
  {
    name: 'a link to no dashboard',
    bad: board([panel([query('up')], { links: [{ title: 'x', url: '/d/nowhere/x' }] })]),
    good: board([panel([query('up')], { links: [{ title: 'x', url: '/d/home/x?var-a=1' }] })]),
    finds: 'warning link-missing',
  },
  { name: 'an element that is not there', bad: dynamic('two'), good: dynamic('one'), finds: 'error element-missing' },
  {
    name: 'a legend of no label',
    bad: board([panel([query('shop_orders_total', 'A', { legendFormat: '{{stat}}' })])]),
    good: board([panel([query('shop_orders_total', 'A', { legendFormat: '{{state}} {{instance}}' })])]),
    finds: 'warning legend-label',
  },
  ...(
    [
      ['a variable’s query of no such function', 'label_value(shop_orders_total, state)'],
      ['a variable’s query with a semicolon', 'label_values(shop_orders_total; state)'],
      ['a variable’s query that counts', 'count(shop_orders_total)'],
      ['a variable’s query in the plural', 'query_results(shop_orders_total)'],
    ] as const
  ).map(([name, asked]): Pair => ({
    name,
    bad: board([filtered('a')], variables(asking('a', asked))),
    good: board(
      [filtered('a')],
      variables(asking('a', name.includes('counts') ? 'query_result(count(shop_orders_total))' : 'shop_orders_total')),
    ),
    finds: 'error variable-setting',
  })),
  {
    name: 'the values of a metric',
    bad: board([filtered('a')], variables(asking('a', 'label_values(shop_orders_total)'))),
    good: board([filtered('a')], variables(asking('a', 'label_values(state)'))),
    finds: 'warning variable-setting',
  },
  {
    name: 'a variable’s query that does not parse',
    bad: board([filtered('a')], variables(asking('a', 'query_result(sum(shop_orders_total)'))),
    good: board([filtered('a')], variables(asking('a', 'query_result(sum(shop_orders_total))'))),
    finds: 'error bad-expression',
  },
  {
    name: 'a data source called by another type',
    bad: board([panel([query('up')], { datasource: { type: 'loki', uid: 'main' } })]),
    good: board([panel([query('up')], { datasource: { uid: 'main' } })]),
    finds: 'error panel-format',
  },
  {
    name: 'an interval that nothing declares',
    bad: board([panel([query('rate(shop_orders_total[$interval])')])]),
    good: board(
      [panel([query('rate(shop_orders_total[$interval])')])],
      variables({ name: 'interval', type: 'interval', query: '1m,5m', current: { value: '5m' } }),
    ),
    finds: 'error variable-undeclared',
  },
  {
    name: 'the automatic step of no variable',
    bad: board([panel([query('rate(shop_orders_total[$__auto_interval_steps])')])]),
    good: board(
      [panel([query('rate(shop_orders_total[$__auto_interval_step])')])],
      variables({ name: 'step', type: 'interval', query: '1m,5m', auto: true, auto_min: '1m' }),
    ),
    finds: 'error variable-undeclared',
  },
  {
    name: 'a variable in a field’s link that is not there',
    bad: board([panel([query('up')], of({ links: [{ title: 'x', url: '/d/home?var-a=${stat}' }] }))]),
    good: board([panel([query('up')], of({ links: [{ title: 'x', url: '/d/home?var-a=${__field.labels.job}' }] }))]),
    finds: 'warning variable-undeclared',
  },
  {
    name: 'a panel’s own range in words',
    bad: board([panel([query('up')], { timeFrom: '5 minutes' }), panel([query('up')], { timeFrom: '1hr' })]),
    good: board([panel([query('up')], { timeFrom: 'now/d', timeShift: '1h' })]),
    finds: 'warning range-unreadable',
  },
  {
    name: 'a panel in the place of another',
    bad: board([panel([query('up')]), panel([query('up')], { gridPos: { x: 0, y: 0, w: 6, h: 8 } })]),
    good: board([panel([query('up')]), panel([query('up')], { gridPos: { x: 12, y: 0, w: 12, h: 8 } })]),
    finds: 'warning panel-setting',
  },
  {
    name: 'more points than Prometheus gives',
    bad: board([panel([query('up')], { maxDataPoints: 100_000, interval: '1s' })], {
      time: { from: 'now-12h', to: 'now' },
    }),
    good: board([panel([query('up')], { maxDataPoints: 100_000, interval: '10s' })], {
      time: { from: 'now-12h', to: 'now' },
    }),
    finds: 'warning panel-setting',
  },
  {
    // A step of 6.5 s is rounded to 5 s.
    name: 'more points than Prometheus gives, in a step that Grafana rounds down',
    bad: board([panel([query('up')], { maxDataPoints: 100_000, interval: '1s' })], {
      time: { from: 'now-20h', to: 'now' },
    }),
    good: board([panel([query('up')], { maxDataPoints: 10_000, interval: '1s' })], {
      time: { from: 'now-20h', to: 'now' },
    }),
    finds: 'error panel-setting',
  },
  {
    name: 'thresholds of an override that do not rise',
    bad: board([
      named({
        fieldConfig: {
          defaults: {},
          overrides: [
            {
              matcher: { id: 'byName', options: 'Orders' },
              properties: [{ id: 'thresholds', value: steps(9, 3)['thresholds'] }],
            },
          ],
        },
      }),
    ]),
    good: board([
      named({
        fieldConfig: {
          defaults: {},
          overrides: [
            {
              matcher: { id: 'byName', options: 'Orders' },
              properties: [{ id: 'thresholds', value: steps(3, 9)['thresholds'] }],
            },
          ],
        },
      }),
    ]),
    finds: 'warning panel-setting',
  },
  {
    name: 'up mapped the wrong way round in Grafana 7',
    bad: board([
      stat(
        {
          mappings: [
            { type: 1, value: '1', text: 'Down' },
            { type: 1, value: '0', text: 'Up' },
          ],
        },
        'up',
      ),
    ]),
    good: board([
      stat(
        {
          mappings: [
            { type: 1, value: '0', text: 'Down' },
            { type: 1, value: '1', text: 'Up' },
          ],
        },
        'up',
      ),
    ]),
    finds: 'warning panel-setting',
  },
  {
    name: 'a unit of an override',
    bad: board([
      panel(
        [
          query('histogram_quantile(0.9, sum by (le) (rate(shop_wait_seconds_bucket[5m])))', 'A', {
            legendFormat: 'p90',
          }),
        ],
        unitOver('ms'),
      ),
    ]),
    good: board([
      panel(
        [
          query('histogram_quantile(0.9, sum by (le) (rate(shop_wait_seconds_bucket[5m])))', 'A', {
            legendFormat: 'p90',
          }),
        ],
        unitOver('s'),
      ),
    ]),
    finds: 'error panel-unit',
  },
  {
    name: 'a query of another plugin in a panel of one',
    bad: board([
      panel([query('up'), query('sum(rate({app="x"}[5m]))', 'B', { datasource: { type: 'loki', uid: 'logs' } })]),
    ]),
    good: board([panel([query('up'), { refId: 'B', type: 'math', expression: '$A * 2', datasource: own }])]),
    finds: 'warning panel-format',
  },
  ...(
    [
      [
        'nothing but the time',
        { include: { names: ['Time'] } },
        { include: { names: ['Time', 'Orders'] } },
        'filterFieldsByName',
        named,
      ],
      [
        'a pattern that fits nothing',
        { include: { pattern: '/^host$/' } },
        { include: { pattern: '/state|Value/' } },
        'filterFieldsByName',
        table,
      ],
      [
        'every field taken away',
        { excludeByName: { Time: true, state: true, Value: true } },
        { excludeByName: { Time: true } },
        'organize',
        table,
      ],
      [
        'all that there is left out',
        { exclude: { pattern: '.*' } },
        { exclude: { pattern: 'Time' } },
        'filterFieldsByName',
        table,
      ],
      ['no row kept', { limitField: 0 }, { limitField: 5 }, 'limit', table],
    ] as const
  ).map(([name, bad, good, id, make]): Pair => ({
    name,
    bad: board([make(done(id, bad))]),
    good: board([make(done(id, good))]),
    finds: 'error panel-format',
  })),
  {
    name: 'every series hidden',
    bad: board([panel([query('up')], of({ custom: { hideFrom: { viz: true, legend: true, tooltip: true } } }))]),
    good: board([panel([query('up')], of({ custom: { hideFrom: { viz: true, legend: false, tooltip: true } } }))]),
    finds: 'error panel-hidden',
  },
  {
    name: 'every number hidden',
    bad: board([panel([query('up')], hiding({ id: 'byType', options: 'number' }))]),
    good: board([panel([query('up')], hiding({ id: 'byNames', options: { mode: 'exclude', names: ['up'] } }))]),
    finds: 'error panel-hidden',
  },
  {
    name: 'a panel within an open row',
    bad: board([{ type: 'row', title: 'R', collapsed: false, panels: [panel([query('up')], { id: 7 })] }]),
    good: board([{ type: 'row', title: 'R', collapsed: true, panels: [panel([query('up')], { id: 7 })] }]),
    finds: 'error panel-hidden',
  },
  ...(
    [
      ['expressions in a circle', '$C + 1'],
      ['arithmetic that is none', '$A + * 2'],
      ['arithmetic that ends early', '($A + 2'],
      ['arithmetic of two operands', '$A 2'],
    ] as const
  ).map(([name, expression]): Pair => {
    const of3 = (text: string): Json =>
      board([
        panel([
          query('up', 'A', { hide: true }),
          { refId: 'B', type: 'math', expression: text, datasource: own },
          { refId: 'C', type: 'math', expression: '$B + 1', datasource: own },
        ]),
      ]);
    return {
      name,
      bad: of3(expression),
      good: of3('-abs($A) ** 2 >= 1.5 && !is_nan(${A}) || round(pi() / ($A + 1))'),
      finds: 'error query-reference',
    };
  }),
  {
    name: 'a reduction of no such name',
    bad: board([
      panel([
        query('up', 'A', { hide: true }),
        { refId: 'B', type: 'reduce', expression: 'A', reducer: 'average', datasource: own },
      ]),
    ]),
    good: board([
      panel([
        query('up', 'A', { hide: true }),
        { refId: 'B', type: 'reduce', expression: 'A', reducer: 'mean', datasource: own },
      ]),
    ]),
    finds: 'error query-reference',
  },
  {
    name: 'a counter as a rate',
    bad: board([panel([query('shop_orders_total')], { title: 'Orders per second' })]),
    good: board([panel([query('rate(shop_orders_total[5m])')], { title: 'Orders per second' })]),
    finds: 'warning panel-raw-counter',
  },
  ...(
    [
      ['a share in percent', share, 'percent', `100 * ${share}`, 'percent'],
      ['bytes as a rate', 'shop_store_bytes', 'Bps', 'rate(shop_sent_bytes_total[5m])', 'Bps'],
      [
        'what Prometheus calls seconds and counts in milliseconds',
        'rate(prometheus_tsdb_compaction_chunk_range_seconds_sum[5m]) / rate(prometheus_tsdb_compaction_chunk_range_seconds_count[5m])',
        's',
        'rate(prometheus_tsdb_compaction_chunk_range_seconds_sum[5m]) / rate(prometheus_tsdb_compaction_chunk_range_seconds_count[5m])',
        'dtdurationms',
      ],
      ['milliseconds that are left', 'shop_wait_milliseconds * -1', 's', 'shop_wait_milliseconds * -1', 'ms'],
      [
        'a moment as a duration',
        'shop_last_order_timestamp_seconds',
        's',
        'time() - shop_last_order_timestamp_seconds',
        's',
      ],
      [
        'a moment in seconds as a date',
        'shop_last_order_timestamp_seconds',
        'dateTimeAsIso',
        'shop_last_order_timestamp_seconds * 1000',
        'dateTimeAsIso',
      ],
    ] as const
  ).map(([name, bad, badUnit, good, unit]): Pair => ({
    name,
    bad: board([panel([query(bad)], of({ unit: badUnit }))]),
    good: board([panel([query(good)], of({ unit }))]),
    finds: /^bytes as a rate|^what Prom|^milli/.test(name) ? 'error panel-unit' : 'warning panel-unit',
  })),
  ...(
    [
      ['another percentile in the title', { title: 'p99 wait' }, quantileOf(0.95), quantileOf(0.99)],
      [
        'another range in the description',
        { description: 'In the last 5 minutes' },
        ordersOver('1h'),
        ordersOver('5m'),
      ],
      [
        'another range in the title',
        { title: 'Orders in the last 24 hours', type: 'stat' },
        ordersOver('1h'),
        ordersOver('24h'),
      ],
      ['per minute of a rate', { title: 'Orders per minute' }, ordersOver('5m'), `60 * ${ordersOver('5m')}`],
      ['milliseconds of seconds', { title: 'Wait (ms)' }, quantileOf(0.9), `1000 * ${quantileOf(0.9)}`],
    ] as const
  ).map(([name, more, bad, good]): Pair => ({
    name,
    bad: board([panel([query(bad)], more)]),
    good: board([panel([query(good)], more)]),
    finds: 'warning text-contradicts',
  })),
  {
    name: 'another percentile in a legend',
    bad: board([
      panel([
        query(quantileOf(0.5), 'A', { legendFormat: 'p50' }),
        query(quantileOf(0.5), 'B', { legendFormat: 'p95' }),
      ]),
    ]),
    good: board([
      panel([
        query(quantileOf(0.5), 'A', { legendFormat: 'p50' }),
        query(quantileOf(0.95), 'B', { legendFormat: 'p95' }),
      ]),
    ]),
    finds: 'warning text-contradicts',
  },
  {
    name: 'a range that a viewer chooses',
    bad: board([panel([query(ordersOver('1h'))], { title: 'Orders of the last 2 hours' })]),
    good: board([
      panel([query(ordersOver('1h'))], { title: 'Orders of the last 6 hours' }),
      panel([query(ordersOver('$__range'))], { title: 'Orders of the last 2 hours' }),
      panel([query(ordersOver('1h'))], { title: 'Orders of the last 2 hours', timeFrom: '2h' }),
    ]),
    finds: 'warning text-contradicts',
  },
  {
    name: 'a pattern that keeps none of the values',
    bad: board([filtered('a')], variables(asking('a', undefined, { regex: '/^open/' }))),
    good: board([filtered('a')], variables(asking('a', undefined, { regex: '/^pai/' }))),
    finds: 'warning variable-setting',
  },
  ...(
    [
      [
        'a text for an object',
        { options: { reduceOptions: 'last' } },
        { options: { reduceOptions: { calcs: ['last'] } } },
      ],
      [
        'a number for an object',
        { options: { tooltip: 3 } },
        { options: { tooltip: { mode: 'multi' }, legend: false } },
      ],
      ['a number for a unit', of({ unit: 5 }), of({ unit: 's', mappings: null })],
      ['an object for mappings', of({ mappings: { 1: 'up' } }), of({ mappings: [] })],
      ['a text for steps', of({ thresholds: { steps: 'red' } }), of({ thresholds: { steps: '' } })],
      ['an object for targets', { targets: { expr: 'up' } }, {}],
    ] as const
  ).map(([name, bad, good]): Pair => ({
    name,
    bad: board([panel([query('up')], { type: 'stat', ...bad })]),
    good: board([panel([query('up')], { type: 'stat', ...good })]),
    finds: 'warning panel-setting',
  })),
  {
    name: 'nothing but the time of a stat',
    bad: board([
      panel([query('sum(up)')], { type: 'stat', ...done('filterFieldsByName', { include: { names: ['Time'] } }) }),
    ]),
    good: board([
      panel([query('sum(up)')], {
        type: 'stat',
        options: { reduceOptions: { fields: '/.*/' } },
        ...done('filterFieldsByName', { include: { names: ['Time'] } }),
      }),
    ]),
    finds: 'error panel-format',
  },
];

const metrics = `# TYPE shop_orders_total counter
shop_orders_total{state="paid"} 12
# TYPE shop_failed_total counter
shop_failed_total 1
# TYPE shop_queue_depth gauge
shop_queue_depth 3
# TYPE shop_wait histogram
shop_wait_bucket{le="+Inf"} 5
shop_wait_sum 9
shop_wait_count 5
# TYPE shop_wait_seconds histogram
shop_wait_seconds_bucket{le="+Inf"} 5
shop_wait_seconds_sum 9
shop_wait_seconds_count 5
# TYPE shop_wait_milliseconds gauge
shop_wait_milliseconds 3
# TYPE shop_store_bytes gauge
shop_store_bytes 3
# TYPE shop_sent_bytes_total counter
shop_sent_bytes_total 3
# TYPE prometheus_tsdb_compaction_chunk_range_seconds histogram
prometheus_tsdb_compaction_chunk_range_seconds_sum 9
prometheus_tsdb_compaction_chunk_range_seconds_count 5
# TYPE shop_last_order_timestamp_seconds gauge
shop_last_order_timestamp_seconds 3
`;

describe('a dashboard and its healthy twin', () => {
  let record: StepRecord;
  const file = (side: string, name: string): string => `d/${side}/${name.replace(/\W+/g, '-')}.json`;
  beforeAll(async () => {
    const files = Object.fromEntries(
      pairs.flatMap(({ name, bad, good }, n) =>
        (['bad', 'good'] as const).map((side) => {
          const one = side === 'bad' ? bad : good;
          const [uid, title] = [`${side}-${n}`, `${side} ${name}`];
          const whole =
            'spec' in one
              ? { ...one, metadata: { name: uid }, spec: { ...(one['spec'] as Json), title } }
              : { uid, title, schemaVersion: 39, ...one };
          return [file(side, name), JSON.stringify(whole, null, 1)];
        }),
      ),
    );
    record = await runStep({
      uses: 'dashboards/lint',
      target: tempDir({
        ...files,
        'd/home.json': JSON.stringify({ uid: 'home', title: 'Home', ...board([panel([query('up')])]) }),
        'metrics.txt': metrics,
        'ds.yml':
          'apiVersion: 1\ndatasources: [{ name: Prometheus, uid: main, type: prometheus, url: "http://prometheus:9090", isDefault: true }]\n',
        'prometheus.yml':
          'global: { scrape_interval: 15s }\nscrape_configs: [{ job_name: shop, static_configs: [{ targets: ["shop:80"] }] }]\n',
      }),
      with: {
        dashboards: ['d/**/*.json'],
        provisioning: ['ds.yml'],
        config: 'prometheus.yml',
        exporters: [{ file: 'metrics.txt', job: 'shop' }],
      },
    });
  }, 120_000);
  const found = (side: string, name: string): string[] =>
    record.findings
      .filter((one) => one.level !== 'note' && one.where?.file === file(side, name))
      .map((one) => `${one.level} ${one.code}`);

  it.each(pairs.map(({ name, finds }) => [name, finds]))('finds %s', (name, finds) =>
    expect([...new Set(found('bad', name))]).toEqual([finds]),
  );
  it.each(pairs.map(({ name }) => name))('says nothing of the twin of %s', (name) =>
    expect(found('good', name)).toEqual([]),
  );
});
