import { describe, expect, it } from 'vitest';
import { readBoard } from '../../src/formats/grafana/board.ts';
import { readResult } from '../../src/formats/grafana/frames.ts';
import { colorOf, formatValue } from '../../src/formats/grafana/units.ts';
import {
  emptyVariables,
  interpolateQuery,
  mentioned,
  timing,
  type VariableValue,
} from '../../src/formats/grafana/variables.ts';
import { timeOf } from '../../src/formats/grafana/time.ts';

const variable = (values: string[], more: Partial<VariableValue> = {}): VariableValue => ({
  values,
  all: false,
  multi: false,
  includeAll: false,
  options: values,
  ...more,
});

describe('variables', () => {
  const scope = new Map([
    ['one', variable(['a.b'])],
    ['many', variable(['a.b', 'c'], { multi: true })],
    ['single', variable(['a.b'], { multi: true })],
    ['all', variable([], { all: true, includeAll: true, options: ['x', 'y+z'] })],
    ['allValue', variable([], { all: true, includeAll: true, options: ['x'], allValue: '.*' })],
    ['none', variable([])],
    ['noneOfAll', variable([], { all: true, includeAll: true, options: [] })],
  ]);
  it.each([
    ['{a="$one"}', '{a="a.b"}'],
    ['{a=~"$many"}', '{a=~"(a\\\\.b|c)"}'],
    ['{a=~"${single}"}', '{a=~"a\\\\.b"}'],
    ['{a=~"[[all]]"}', '{a=~"(x|y\\\\+z)"}'],
    ['{a=~"$allValue"}', '{a=~".*"}'],
    ['${many:pipe} ${many:csv} ${many:json} ${many:raw}', 'a.b|c a.b,c ["a.b","c"] a.b,c'],
    ['${many:regex}', '(a\\.b|c)'],
    ['rate(x[$__rate_interval]) $unknown', 'rate(x[$__rate_interval]) $unknown'],
  ])('%s', (text, expected) => expect(interpolateQuery(text, scope)).toBe(expected));
  it('built-ins are put in where they are given', () =>
    expect(
      interpolateQuery('rate(x[$__rate_interval]) + ${__range_s} + $one', scope, {
        __rate_interval: '1m',
        __range_s: '60',
      }),
    ).toBe('rate(x[1m]) + 60 + a.b'));
  it('finds what is mentioned and what is empty', () => {
    expect(mentioned('$a ${b:csv} [[c]] ${d.text}')).toEqual(['a', 'b', 'c', 'd']);
    expect(emptyVariables('$one $none $noneOfAll $allValue', scope)).toEqual(['none', 'noneOfAll']);
  });
});

describe('timing', () => {
  const [panel] =
    readBoard({
      title: 'x',
      panels: [{ id: 1, type: 'timeseries', gridPos: { x: 0, y: 0, w: 24, h: 8 }, targets: [{ expr: 'x' }] }],
    })?.panels ?? [];
  const query = panel?.queries[0];
  it('computes the step and the rate interval as Grafana does', () => {
    if (!panel || !query) throw new Error('no panel');
    const hour = timing(panel, query, { from: 0, to: 3_600_000 }, 15_000);
    expect([
      hour.stepMs,
      hour.builtIns['__interval'],
      hour.builtIns['__rate_interval'],
      hour.builtIns['__range'],
    ]).toEqual([15_000, '15s', '60s', '3600s']);
    const day = timing({ ...panel, interval: '1m' }, query, { from: 0, to: 86_400_000 }, 30_000);
    expect([day.stepMs, day.builtIns['__rate_interval']]).toEqual([60_000, '120s']);
    const twice = timing(panel, { ...query, interval: '1m', intervalFactor: 2 }, { from: 0, to: 3_600_000 }, 15_000);
    expect([twice.stepMs, twice.builtIns['__rate_interval']]).toEqual([120_000, '240s']);
    const year = timing({ ...panel, maxDataPoints: 1e6 }, query, { from: 0, to: 31_536_000_000 }, 1000);
    expect(31_536_000_000 / year.stepMs).toBeLessThanOrEqual(11_000);
  });
  it.each([
    ['now', 1_000_000_000_000],
    ['now-1h', 999_996_400_000],
    ['now-1d/d', 999_907_200_000],
    ['now/w', 999_993_600_000],
    ['now-1d/w', 999_388_800_000],
    ['now-1M', Date.UTC(2001, 7, 9, 1, 46, 40)],
    ['2001-09-09T01:46:40Z', 1_000_000_000_000],
    ['1000000000000', 1_000_000_000_000],
    ['yesterday', undefined],
  ])('%s', (text, expected) => expect(timeOf(text, 1_000_000_000_000)).toBe(expected));
});

describe('units', () => {
  it.each([
    [0.000_047, 's', undefined, '47 µs'],
    [90, 's', undefined, '1.5 min'],
    [250, 'ms', undefined, '250 ms'],
    [1536, 'bytes', undefined, '1.5 KiB'],
    [0.25, 'percentunit', undefined, '25%'],
    [1_234_567, 'short', undefined, '1.23 Mil'],
    [0, 's', undefined, '0 s'],
    [0, 'bytes', 1, '0.0 B'],
    [3, 'ops', undefined, '3 ops/s'],
    [1.005, 'none', 2, '1.00'],
    [7, 'suffix:boats', undefined, '7 boats'],
    [Number.NaN, 's', undefined, 'NaN'],
    [null, 's', undefined, '–'],
  ])('%s %s', (value, unit, decimals, expected) => expect(formatValue(value, unit, decimals)).toBe(expected));
  it('a colour that is none cannot be markup', () => expect(colorOf('red;}</style><script>')).toBe('#8e9299'));
});

describe('answers of /api/ds/query', () => {
  const fields = (...types: string[]): object => ({ fields: types.map((type) => ({ name: type, type })) });
  it.each([
    ['values', { frames: [{ schema: fields('time', 'number'), data: { values: [[1], [2]] } }] }, 'data'],
    [
      'one value among nulls',
      {
        frames: [
          {
            schema: fields('time', 'number'),
            data: {
              values: [
                [1, 2],
                [null, 2],
              ],
            },
          },
        ],
      },
      'data',
    ],
    [
      'nothing but NaN',
      {
        frames: [{ schema: fields('time', 'number'), data: { values: [[1], [null]], entities: [null, { NaN: [0] }] } }],
      },
      'all-NaN',
    ],
    [
      'labels with a NaN',
      { frames: [{ schema: fields('time', 'string', 'number'), data: { values: [[1], ['a'], [null]] } }] },
      'all-NaN',
    ],
    ['text alone', { frames: [{ schema: fields('time', 'string'), data: { values: [[1], ['line']] } }] }, 'data'],
    ['an empty frame', { frames: [{ schema: { fields: [] }, data: { values: [] } }] }, 'empty'],
    ['no frame', { frames: [] }, 'empty'],
    ['nothing', undefined, 'empty'],
    ['an error', { error: 'bad', frames: [{ schema: fields('number'), data: { values: [[1]] } }] }, 'error'],
  ])('%s', (_, result, state) => expect(readResult(result).state).toBe(state));
});

describe('dashboards', () => {
  it('reads rows of Grafana 4, library panels, and what the API wraps', () => {
    const old = readBoard({
      title: 'Old',
      rows: [
        {
          title: 'R',
          panels: [
            { id: 1, span: 6, targets: [{ expr: 'a' }] },
            { id: 2, span: 6 },
          ],
        },
      ],
    });
    expect(old?.panels.map((panel) => panel.grid.x)).toEqual([0, 12]);
    expect(readBoard({ dashboard: { title: 'T', panels: [] }, meta: {} })?.title).toBe('T');
    expect(readBoard({ title: 'x', panels: [{ id: 1, libraryPanel: { uid: 'l' } }] })?.panels[0]?.library).toBe('l');
  });
  it('reads rows and tabs of schema v2', () => {
    const element = (id: number): object => ({
      kind: 'Panel',
      spec: {
        id,
        title: `P${id}`,
        vizConfig: { kind: 'stat', spec: {} },
        data: {
          kind: 'QueryGroup',
          spec: {
            queries: [
              {
                kind: 'PanelQuery',
                spec: { refId: 'A', query: { kind: 'prometheus', spec: { expr: 'up' } }, datasource: { uid: 'p' } },
              },
            ],
          },
        },
      },
    });
    const grid = (name: string): object => ({
      kind: 'GridLayout',
      spec: { items: [{ kind: 'GridLayoutItem', spec: { x: 0, y: 0, width: 24, height: 6, element: { name } } }] },
    });
    const board = readBoard({
      metadata: { name: 'v2' },
      spec: {
        title: 'V2',
        elements: { a: element(1), b: element(2), lost: element(3) },
        layout: {
          kind: 'RowsLayout',
          spec: {
            rows: [
              { kind: 'RowsLayoutRow', spec: { title: 'R1', layout: grid('a') } },
              { kind: 'RowsLayoutRow', spec: { title: 'R2', collapse: true, layout: grid('b') } },
            ],
          },
        },
        variables: [
          { kind: 'DatasourceVariable', spec: { name: 'd', pluginId: 'prometheus' } },
          { kind: 'TextVariable', spec: { name: 't', query: 'x' } },
          {
            kind: 'QueryVariable',
            spec: {
              name: 'v',
              multi: true,
              query: { kind: 'prometheus', spec: { query: 'label_values(x, y)' } },
              datasource: { type: 'prometheus', uid: '$d' },
              current: { value: ['a'] },
            },
          },
        ],
      },
    });
    expect(board).toMatchObject({
      uid: 'v2',
      v2: true,
      variables: [
        { name: 'd', type: 'datasource', query: 'prometheus' },
        { name: 't', type: 'textbox', query: 'x' },
        {
          name: 'v',
          type: 'query',
          query: 'label_values(x, y)',
          current: ['a'],
          source: { uid: '$d', type: 'prometheus' },
        },
      ],
    });
    expect(board?.panels.map((panel) => [panel.id, panel.type, panel.grid.y, panel.queries[0]?.expr])).toEqual([
      [1, 'stat', 1, 'up'],
      [2, 'stat', 8, 'up'],
      [3, 'stat', 0, 'up'],
    ]);
  });
  it.each([[null], [[]], ['x'], [{}], [{ hello: 1 }]])('%s is none', (document) =>
    expect(readBoard(document)).toBeUndefined(),
  );
});
