import { describe, expect, it } from 'vitest';
import { readBoard } from '../../src/formats/grafana/board.ts';
import type { Panel } from '../../src/formats/grafana/board-model.ts';
import { colorOf } from '../../src/formats/grafana/units.ts';
import { timeChart } from '../../src/grafana/charts.ts';
import { looks, thresholdColor } from '../../src/grafana/look.ts';
import type { Frame } from '../../src/grafana/panel-run.ts';
import { panelBody } from '../../src/grafana/preview-panel.ts';

const panelOf = (more: object): Panel => {
  const [panel] = readBoard({ title: 'B', panels: [{ id: 1, title: 'P', ...more }] })?.panels ?? [];
  if (!panel) throw new Error('no panel');
  return panel;
};
const frame = (name: string, labels: Record<string, string>, ...values: number[]): Frame => ({
  name,
  labels,
  refId: 'A',
  points: values.map((value, n) => [Date.UTC(2024, 0, 1) + n * 15_000, value]),
});
const frames = [frame('one', { job: 'a' }, 1, 2), frame('two', { job: 'b' }, 3, 4)];
const drawn = (panel: Panel, box = { width: 400, height: 300 }, series: readonly Frame[] = frames): string =>
  panelBody(panel, { id: 1, title: 'P', type: panel.type, state: 'data', queries: [] }, series, box, {
    draw: () => '<svg></svg>',
    look: looks.dark,
    scope: new Map(),
    range: { from: 0, to: 1 },
  });
/** The cells of a table, row by row. */
const cells = (html: string): string[][] =>
  [...html.matchAll(/<tr>(.*?)<\/tr>/g)].map(([, row = '']) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/g)].map(([, cell = '']) => cell),
  );
const table = (query: object, more: object = {}): string[][] =>
  cells(drawn(panelOf({ type: 'table', targets: [{ refId: 'A', expr: 'up', ...query }], ...more })));
const first = '2024-01-01 00:00:00';
const second = '2024-01-01 00:00:15';

describe('values in the preview', () => {
  const mappings = [
    { type: 'value', options: { 2: { text: 'UP', color: 'blue' } } },
    { type: 'range', options: { from: 3, to: null, result: { text: 'MANY' } } },
  ];
  it.each(['stat', 'bargauge', 'table', 'state-timeline'])('are shown in the words of the mappings of a %s', (type) => {
    const html = drawn(panelOf({ type, fieldConfig: { defaults: { mappings }, overrides: [] } }));
    expect(html).toContain(type === 'table' ? '<td class="number">UP</td>' : 'UP');
    if (type !== 'table') expect(html).toContain('MANY');
    if (type === 'stat') expect(html).toContain(`color:${colorOf('blue')}`);
  });
  it('are shown in the words of Grafana 7', () =>
    expect(
      drawn(panelOf({ type: 'stat', fieldConfig: { defaults: { mappings: [{ type: 1, value: '2', text: 'UP' }] } } })),
    ).toContain('UP'));
  it('that there are none of are `noValue`', () =>
    expect(
      panelBody(
        panelOf({ type: 'stat' }),
        { id: 1, title: 'P', type: 'stat', state: 'empty', noValue: '0', queries: [] },
        [],
        { width: 400, height: 300 },
        {
          draw: () => '',
          look: looks.dark,
          scope: new Map(),
          range: { from: 0, to: 1 },
        },
      ),
    ).toBe('<div class="state"><strong>0</strong></div>'));
});

describe('a table in the preview', () => {
  it('without `format: table` is the first series, time by time, and the others are behind a choice', () =>
    expect(table({})).toEqual([
      ['Time', 'one'],
      [first, '1'],
      [second, '2'],
      ['1 of 2 tables; the others are behind a choice'],
    ]));
  it('with `format: table` has all series, with their labels', () =>
    expect(table({ format: 'table' })).toEqual([
      ['Time', 'job', 'Value'],
      [first, 'a', '1'],
      [first, 'b', '3'],
      [second, 'a', '2'],
      [second, 'b', '4'],
    ]));
  it('with transformations has a row for each series', () =>
    expect(table({}, { transformations: [{ id: 'reduce', options: {} }] })).toEqual([
      ['job', 'Value'],
      ['a', '2'],
      ['b', '4'],
    ]));
  it('says how many rows have no room', () => {
    const many = frame('one', {}, ...Array.from({ length: 40 }, (_, n) => n));
    const rows = cells(drawn(panelOf({ type: 'table', targets: [{ refId: 'A' }] }), undefined, [many]));
    expect(rows).toHaveLength(10);
    expect(rows.at(-1)).toEqual(['… 32 more']);
  });
});

describe('a threshold', () => {
  const steps = (...list: object[]): Panel =>
    panelOf({ type: 'stat', fieldConfig: { defaults: { thresholds: { steps: list } } } });
  it.each([
    ['none, below 80', steps(), 79.9, 'green'],
    ['none, from 80', steps(), 80, 'red'],
    ['none, no value', steps(), null, 'green'],
    ['its own', steps({ color: 'blue', value: null }), 80, 'blue'],
    ['its own two', steps({ color: 'blue', value: null }, { color: 'orange', value: 90 }), 95, 'orange'],
  ])('%s', (_, panel, value, color) => expect(thresholdColor(panel, value)).toBe(colorOf(color)));
});

describe('bars of a bar gauge', () => {
  const wide = { width: 500, height: 200 };
  const high = { width: 200, height: 500 };
  it.each([
    ['no orientation, wide', {}, wide, true],
    ['no orientation, high', {}, high, false],
    ['auto, wide', { orientation: 'auto' }, wide, true],
    ['horizontal, wide', { orientation: 'horizontal' }, wide, false],
    ['vertical, high', { orientation: 'vertical' }, high, true],
  ])('%s', (_, options, box, upright) =>
    expect(drawn(panelOf({ type: 'bargauge', options }), box).includes('bars upright')).toBe(upright),
  );
});

describe('kinds that the preview does not draw', () => {
  it.each(['histogram', 'state-timeline', 'status-history', 'barchart', 'candlestick', 'xychart'])(
    'a %s is a table of its series, and says so',
    (type) => {
      const html = drawn(panelOf({ type, targets: [{ refId: 'A', expr: 'up' }] }));
      expect(html).toContain(`${type}: not drawn, its series are listed`);
      expect(html).not.toContain('<svg');
      expect(cells(html).flat()).toEqual(expect.arrayContaining(['a', '2', 'b', '4']));
    },
  );
  it.each(['timeseries', 'graph', 'table', 'stat'])('a %s is drawn', (type) =>
    expect(drawn(panelOf({ type, targets: [{ refId: 'A', expr: 'up' }] }))).not.toContain('not drawn'),
  );
});

describe('a time series in the preview', () => {
  const seriesOf = (more: object): { areaStyle?: { opacity?: number }; showSymbol?: boolean; symbolSize?: number } => {
    const { series } = timeChart(panelOf({ type: 'timeseries', ...more }), frames, { from: 0, to: 1 }, looks.dark);
    return (series as object[])[0] ?? {};
  };
  const custom = (own: object): object => ({ fieldConfig: { defaults: { custom: own } } });
  it('has no area unless it asks for one, and points as it asks for them', () => {
    expect(seriesOf({})).toMatchObject({ areaStyle: { opacity: 0 }, showSymbol: false });
    expect(seriesOf({ type: 'graph' })).toMatchObject({ areaStyle: { opacity: 0.1 } });
    expect(seriesOf(custom({ fillOpacity: 30, stacking: { mode: 'normal' } }))).toMatchObject({
      areaStyle: { opacity: 0.3 },
    });
    expect(seriesOf(custom({ showPoints: 'always', pointSize: 9 }))).toMatchObject({ showSymbol: true, symbolSize: 9 });
  });
});
