import { beforeAll, describe, expect, it } from 'vitest';
import type { StepRecord } from '../../src/core/record.ts';
import { overview, panel, samples } from '../rig/grafana/boards.ts';
import type { DoublePanel } from '../rig/grafana/double.ts';
import { needing } from '../rig/have.ts';
import { frozenPrometheus } from '../rig/prometheus.ts';
import { codes, runStep, runSteps, tempDir, type RigStep } from '../rig/run-step.ts';
import { nothings, serve } from '../rig/serve.ts';

const at = '2024-06-01T12:00:00Z';
const board = (panels: unknown[], more: object = {}): string =>
  JSON.stringify({ uid: 'b', title: 'Board', panels, ...more });
const single = (expr: string, more: Partial<DoublePanel> = {}): string =>
  board([panel(1, 'The panel', expr, 0, 0, more)]);
const variable = (query: string): object => ({
  templating: {
    list: [{ name: 'v', type: 'query', datasource: { type: 'prometheus', uid: 'prometheus' }, query, current: {} }],
  },
});
/** A panel of which neither the query nor, perhaps, the panel names a data source. */
const unnamed = (datasource: object | null): string =>
  JSON.stringify({
    uid: `u${datasource ? 1 : 0}`,
    title: `Unnamed ${datasource ? 1 : 0}`,
    panels: [{ id: 1, title: 'P', type: 'timeseries', datasource, targets: [{ refId: 'A', expr: 'queue_depth' }] }],
  });
const source =
  'apiVersion: 1\ndatasources: [{ name: Prometheus, uid: prometheus, type: prometheus, url: "http://p:9090", isDefault: true }]\n';

const cases: [string, string, string[]][] = [
  ['a metric that nobody exports', single('no_such_metric'), ['panel-empty']],
  ['a rate over a window without two samples', single('rate(queue_depth[5s])'), ['panel-empty']],
  ['PromQL that does not parse', single('sum(rate(requests_total[5m])'), ['panel-error']],
  ['nothing but NaN', single('never_total / never_total'), ['panel-all-nan']],
  [
    'a variable whose query gives nothing',
    board([panel(1, 'P', 'queue_depth{job="$v"}', 0, 0)], variable('label_values(no_such, job)')),
    ['panel-variable-empty'],
  ],
  [
    'a variable whose query is refused',
    board([panel(1, 'P', 'queue_depth{job="$v"}', 0, 0)], variable('query_result(sum()')),
    ['panel-variable-empty'],
  ],
  [
    'a data source that is not provisioned',
    single('queue_depth', { datasource: { uid: 'thanos', type: 'prometheus' } }),
    ['panel-datasource-missing'],
  ],
  [
    'the placeholder of an exported dashboard',
    single('queue_depth', { datasource: { uid: '${DS_PROMETHEUS}', type: 'prometheus' } }),
    ['panel-datasource-missing'],
  ],
  [
    'a query of a mixed panel that leads nowhere',
    single('queue_depth', {
      datasource: { uid: '-- Mixed --', type: 'datasource' },
      targets: [{ refId: 'A', expr: 'queue_depth', datasource: { uid: 'thanos', type: 'prometheus' } }],
    }),
    ['panel-datasource-missing'],
  ],
  [
    'an expression that reads no query',
    single('queue_depth', {
      targets: [
        { refId: 'A', expr: 'queue_depth' },
        { refId: 'B', type: 'math', expression: '$Z * 2', datasource: { uid: '__expr__', type: '__expr__' } },
      ],
    }),
    ['panel-error'],
  ],
  ['a panel without queries', board([{ ...panel(1, 'P', 'x', 0, 0), targets: [] }]), ['panel-no-query']],
  [
    'a panel whose only query is hidden',
    single('queue_depth', { targets: [{ refId: 'A', expr: 'queue_depth', hide: true }] }),
    ['panel-no-query'],
  ],
  [
    'a library panel',
    board([{ id: 1, title: 'P', type: 'stat', gridPos: {}, libraryPanel: { uid: 'l' } }]),
    ['panel-not-asked'],
  ],
  [
    'a panel in a collapsed row',
    board([{ id: 9, type: 'row', collapsed: true, title: 'R', panels: [panel(1, 'P', 'no_such_metric', 0, 1)] }]),
    ['panel-empty'],
  ],
  [
    'a dashboard of text alone',
    board([{ id: 1, type: 'text', title: 'T', options: { content: 'x' } }]),
    ['dashboard-blank'],
  ],
  [
    'a dashboard wrapped as the API takes it',
    JSON.stringify({ dashboard: { title: 'T', panels: [panel(1, 'P', 'up', 0, 0)] } }),
    ['dashboard-unreadable'],
  ],
  ['a file that is no JSON', '{"title": ', ['dashboard-unreadable']],
  ['an empty object', '{}', ['dashboard-unreadable']],
];
const healthy: [string, string][] = [
  [
    'a query’s own data source that the panel’s overrides',
    single('queue_depth', {
      targets: [{ refId: 'A', expr: 'queue_depth', datasource: { uid: 'thanos', type: 'prometheus' } }],
    }),
  ],
  ['values that differ by rounding alone', single('nearly_equal')],
  [
    'instant queries and tables',
    single('queue_depth', { type: 'table', targets: [{ refId: 'A', expr: 'queue_depth', instant: true }] }),
  ],
  [
    'an expression over a hidden query',
    single('x', {
      targets: [
        { refId: 'A', expr: 'queue_depth', hide: true },
        { refId: 'B', expression: '$A', datasource: { uid: '__expr__', type: '__expr__' } },
      ],
    }),
  ],
  [
    'a variable by regex',
    board([panel(1, 'P', 'requests_total{code=~"$v"}', 0, 0)], {
      templating: {
        list: [
          {
            name: 'v',
            type: 'query',
            query: 'label_values(requests_total, code)',
            regex: '/5../',
            current: { value: 'gone' },
          },
        ],
      },
    }),
  ],
  [
    'a data source variable, an interval, a custom and a text box',
    board(
      [
        panel(1, 'P', 'rate(requests_total{code="$c",job="${t}"}[$i])', 0, 0, {
          targets: [
            {
              refId: 'A',
              expr: 'rate(requests_total{code="$c",job="${t}"}[$i])',
              datasource: { uid: '$ds', type: 'prometheus' },
            },
          ],
        }),
      ],
      {
        templating: {
          list: [
            { name: 'ds', type: 'datasource', query: 'prometheus', current: { value: 'default' } },
            { name: 'i', type: 'interval', query: '1m,5m', current: { value: '1m' } },
            { name: 'c', type: 'custom', query: '200, 500' },
            { name: 't', type: 'textbox', query: 'web' },
          ],
        },
      },
    ),
  ],
  [
    'a data source by name, as old files have it',
    JSON.stringify({
      title: 'Old',
      panels: [
        { id: 1, title: 'P', type: 'graph', datasource: 'Prometheus', targets: [{ refId: 'A', expr: 'queue_depth' }] },
      ],
    }),
  ],
  [
    'a panel that shows another’s data',
    board([
      panel(1, 'P', 'queue_depth', 0, 0),
      {
        id: 2,
        title: 'Q',
        type: 'stat',
        datasource: { uid: '-- Dashboard --', type: 'datasource' },
        targets: [{ refId: 'A', panelId: 1 }],
      },
    ]),
  ],
];

describe.skipIf(needing('', 'prometheus', 'promtool', 'chromium')[1])(
  needing('dashboards/preview', 'prometheus', 'promtool', 'chromium')[0],
  () => {
    let url: string;
    let records: Map<string, StepRecord>;
    const step = (id: string, file: string, more: object = {}): RigStep => ({
      id,
      uses: 'dashboards/preview',
      with: { url, dashboards: [file], datasources: ['sources/*.yml'], at, range: '10m', themes: ['dark'], ...more },
    });

    beforeAll(async () => {
      url = await frozenPrometheus(samples, Date.parse(at));
      const hostile = board([
        panel(1, '<img src=x onerror=alert(1)>', 'queue_depth', 0, 0),
        {
          id: 2,
          type: 'text',
          title: 'T',
          gridPos: { x: 12, y: 0, w: 12, h: 8 },
          options: { content: '<script>alert(1)</script>[x](javascript:alert(1))' },
        },
      ]);
      const files = Object.fromEntries([
        ...cases.map(([, text], n) => [`bad/${n}.json`, text]),
        ...healthy.map(([, text], n) => [`good/${n}.json`, text]),
      ]);
      const target = tempDir({
        ...files,
        'sources/p.yml': source,
        'overview.json': JSON.stringify(overview()),
        'hostile.json': hostile,
        'sources/none-default.yml':
          'datasources: [{ name: L, uid: l, type: loki, url: "http://l" }, { name: P, uid: p, type: prometheus, url: "http://p" }]\n',
        'unnamed.json': unnamed(null),
        'typed.json': unnamed({ type: 'prometheus' }),
      });
      const { record } = await runSteps(
        [
          ...cases.map((_, n) => step(`bad-${n}`, `bad/${n}.json`)),
          ...healthy.map((_, n) => step(`good-${n}`, `good/${n}.json`)),
          step('overview', 'overview.json', { themes: ['light', 'dark'] }),
          step('again', 'overview.json', { themes: ['light', 'dark'] }),
          step('allowed', 'bad/0.json', { allowEmpty: [{ dashboard: 'b', panel: 1, reason: 'a test' }] }),
          step('allowed-wrongly', 'bad/2.json', { allowEmpty: [{ dashboard: 'b', panel: 1, reason: 'a test' }] }),
          step('unmatched', 'nowhere/*.json'),
          step('no-sources', 'overview.json', { datasources: ['nowhere/*.yml'] }),
          step('hostile', 'hostile.json'),
          step('none-default', 'unnamed.json', { datasources: ['sources/none-default.yml'] }),
          step('of-a-type', 'typed.json', { datasources: ['sources/none-default.yml'] }),
          {
            id: 'lint-none-default',
            uses: 'dashboards/lint',
            with: { dashboards: ['unnamed.json', 'typed.json'], provisioning: ['sources/none-default.yml'] },
          },
        ],
        { target },
      );
      records = new Map(record.steps.map((one) => [one.id, one]));
    });
    const of = (id: string): StepRecord => {
      const record = records.get(id);
      if (!record) throw new Error(id);
      return record;
    };

    it.each(cases.map(([name, , expected], n) => [name, n, expected] as const))('finds %s', (_, n, expected) => {
      expect(codes(of(`bad-${n}`))).toEqual(expected);
      expect(of(`bad-${n}`).outcome).not.toBe('passed');
    });
    it.each(healthy.map(([name], n) => [name, n] as const))('accepts %s', (_, n) => {
      expect(of(`good-${n}`).findings).toEqual([]);
      expect(of(`good-${n}`).outcome).toBe('passed');
    });
    it('names the file and the line', () => {
      const [finding] = of('bad-0').findings;
      expect(finding).toMatchObject({ subject: 'Board / The panel', where: { file: 'bad/0.json', line: 1 } });
      expect(finding?.message).toContain('no_such_metric');
    });
    it('no data source is named, and none is the default: preview and lint say the same', () => {
      expect(codes(of('none-default'))).toEqual(['panel-datasource-missing']);
      expect(of('none-default').findings[0]?.message).toContain('no provisioned one is the default');
      expect(of('lint-none-default').findings.filter((one) => one.level !== 'note')).toMatchObject([
        { code: 'datasource-default', where: { file: 'unnamed.json' } },
      ]);
      expect(of('of-a-type')).toMatchObject({ outcome: 'passed', findings: [] });
    });
    it('draws whole dashboards, marked as reduced; the same data give the same picture', () => {
      expect(of('overview')).toMatchObject({
        outcome: 'passed',
        findings: [],
        reduced: expect.stringContaining('in place of Grafana') as string,
        facts: { 'dashboards.panels': 5, 'dashboards.populated': 5 },
      });
      const pictures = (id: string): unknown[] =>
        Object.entries(of(id).facts).filter(([name]) => name.startsWith('picture.'));
      expect(pictures('overview')).toHaveLength(2);
      expect(pictures('again')).toEqual(pictures('overview'));
      const kept = of('overview').evidence.filter((one) => one.path.endsWith('.png'));
      expect(kept).toHaveLength(2);
      for (const file of kept) expect(of('overview').facts[`picture.${file.path.split('/').at(-1)}`]).toBe(file.sha256);
    });
    it('a second run keeps the pictures of the first beside its own, and the gate makes the same page of them', async () => {
      const reports = tempDir();
      const target = tempDir({ 'sources/p.yml': source, 'overview.json': JSON.stringify(overview()) });
      const shots = (range: string): RigStep[] => [step('shots', 'overview.json', { range })];
      const first = await runSteps(shots('10m'), { target, reports });
      expect(first.record.steps[0]?.pictures).toBeUndefined();
      // runSteps has the gate examine the folder: closed world, evidence judged again, page rendered again.
      const { record } = await runSteps(shots('5m'), { target, reports });
      const [picture] = record.steps[0]?.pictures ?? [];
      expect(picture?.before).toMatchObject({ run: `rig/${first.record.run.id}`, total: expect.any(Number) as number });
      expect(picture?.before?.differing).toBeGreaterThan(0);
      expect(record.manifest.map((file) => file.path)).toEqual(
        expect.arrayContaining([picture?.path, picture?.before?.path, picture?.before?.difference]),
      );
      const plot = record.steps[0]?.tables.find((table) => table.plot?.kind === 'boards')?.plot;
      expect(plot).toMatchObject({ boards: [{ pictures: [{ theme: 'dark' }] }] });
    });
    it('a panel may be empty with a reason, but not broken', () => {
      expect(of('allowed').outcome).toBe('passed');
      expect(codes(of('allowed-wrongly'))).toEqual(['panel-error']);
    });
    it('nothing matched is a finding', () => {
      expect(codes(of('unmatched'))).toEqual(['dashboard-missing']);
      expect(codes(of('no-sources'))).toEqual(['datasources-missing']);
    });
    it('markup in a dashboard is text', () => expect(of('hostile')).toMatchObject({ outcome: 'passed', findings: [] }));
    it.each(Object.entries(nothings))('%s is no pass', async (_, reply) => {
      const target = tempDir({ 'overview.json': JSON.stringify(overview()) });
      const record = await runStep({
        target,
        uses: 'dashboards/preview',
        with: { url: await serve({ '/': reply }), dashboards: ['overview.json'] },
      });
      expect(record.outcome).toBe('error');
    });
  },
);
