import type { DoubleBoard, DoublePanel } from './options.ts';

const prometheus = { uid: 'prometheus', type: 'prometheus' };

export const panel = (
  id: number,
  title: string,
  expr: string,
  x: number,
  y: number,
  more: Partial<DoublePanel> = {},
): DoublePanel => ({
  id,
  title,
  type: 'timeseries',
  datasource: prometheus,
  gridPos: { x, y, w: 12, h: 8 },
  targets: [{ refId: 'A', expr, datasource: prometheus }],
  ...more,
});

/** A dashboard taller than any screen, with a variable, a text panel and a collapsed row. */
export const overview = (): DoubleBoard => ({
  uid: 'overview',
  title: 'Overview',
  schemaVersion: 39,
  time: { from: 'now-15m', to: 'now' },
  templating: {
    list: [
      {
        name: 'code',
        type: 'query',
        datasource: prometheus,
        query: 'label_values(requests_total, code)',
        includeAll: true,
        multi: true,
        current: { value: ['$__all'] },
      },
    ],
  },
  panels: [
    panel(1, 'Requests', 'sum(rate(requests_total{code=~"$code"}[$__rate_interval]))', 0, 0),
    panel(2, 'Temperature', 'temperature_celsius', 12, 0),
    panel(3, 'Depth', 'queue_depth', 0, 8),
    panel(4, 'Low on the page', 'queue_depth * 2', 0, 36),
    {
      id: 5,
      title: '',
      type: 'text',
      gridPos: { x: 12, y: 8, w: 12, h: 8 },
      options: { content: '# Hello\n**bold** <script>alert(1)</script>' },
    },
    {
      id: 6,
      title: 'More',
      type: 'row',
      collapsed: true,
      gridPos: { x: 0, y: 44, w: 24, h: 1 },
      panels: [panel(7, 'In a row', 'queue_depth + 1', 0, 45)],
    },
  ],
});

export const small = (uid: string): DoubleBoard => ({
  uid,
  title: `Small ${uid}`,
  schemaVersion: 39,
  time: { from: 'now-15m', to: 'now' },
  panels: [panel(1, 'Depth', 'queue_depth', 0, 0), panel(2, 'Temperature', 'temperature_celsius', 12, 0)],
});

/** Series that fill every panel of these dashboards. */
export const samples: Record<string, (step: number) => number> = {
  'requests_total{code="200",job="web"}': (n) => n * 30,
  'requests_total{code="500",job="web"}': (n) => n,
  'temperature_celsius{job="web"}': (n) => 20 + 5 * Math.sin(n / 6),
  'queue_depth{job="web"}': (n) => n % 7,
  'latency_seconds_bucket{job="web",le="0.1"}': (n) => n * 3,
  'latency_seconds_bucket{job="web",le="0.5"}': (n) => n * 5,
  'latency_seconds_bucket{job="web",le="+Inf"}': (n) => n * 6,
  'never_total{job="web"}': () => 0,
  // Equal but for rounding, as rates and quantiles are.
  'nearly_equal{job="web"}': (n) => (n % 2 === 0 ? 0.000_047_5 : 0.000_047_500_000_000_000_016),
};
