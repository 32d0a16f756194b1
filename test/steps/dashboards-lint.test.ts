import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../rig/cli.ts';
import { codes, runStep, tempDir } from '../rig/run-step.ts';
import { serve } from '../rig/serve.ts';

const metrics = `# TYPE shop_orders_total counter
shop_orders_total{state="paid",region="eu"} 12
# TYPE shop_checkout_seconds histogram
shop_checkout_seconds_bucket{le="0.1"} 3
shop_checkout_seconds_bucket{le="1"} 4
shop_checkout_seconds_bucket{le="+Inf"} 5
shop_checkout_seconds_sum 9
shop_checkout_seconds_count 5
# TYPE shop_queue_depth gauge
shop_queue_depth{queue="mail"} 3
`;
const prometheus = `global: { scrape_interval: 15s }
rule_files: [/etc/prometheus/rules.yml]
scrape_configs:
  - job_name: shop
    static_configs: [{ targets: ["shop:80"], labels: { env: prod } }]
  - job_name: node
    static_configs: [{ targets: ["node:9100"] }]
`;
const rules =
  'groups: [{ name: r, rules: [{ record: "job:shop_orders:rate5m", expr: "sum by (job) (rate(shop_orders_total[5m]))" }] }]\n';
const dataSources = `datasources:
  - { name: Prometheus, type: prometheus, url: "http://prometheus:9090", isDefault: true }
  - { name: Logs, uid: loki, type: loki, url: "http://loki:3100" }
`;
// Grafana's own test vector for a data source without uid.
const source = { type: 'prometheus', uid: 'PBFA97CFB590B2093' };

type Json = Record<string, unknown>;
const panel = (title: string, expr: string | string[], more: Json = {}): Json => ({
  type: 'timeseries',
  title,
  datasource: source,
  targets: [expr].flat().map((one, n) => ({ refId: String.fromCodePoint(65 + n), expr: one })),
  ...more,
});
const board = (panels: Json[], more: Json = {}): string =>
  JSON.stringify(
    {
      title: 'Shop',
      uid: 'shop',
      schemaVersion: 39,
      panels: panels.map((one, id) => ({ id: id + 1, ...one })),
      ...more,
    },
    null,
    2,
  );
const variables = (...list: Json[]): Json => ({ templating: { list } });

const lint = (files: Record<string, string>, more: Json = {}) =>
  runStep({
    uses: 'dashboards/lint',
    target: tempDir({
      'metrics.txt': metrics,
      'prometheus.yml': prometheus,
      'rules.yml': rules,
      'ds.yml': dataSources,
      ...files,
    }),
    with: {
      dashboards: ['d/**/*.json'],
      provisioning: ['ds.yml'],
      rules: ['rules.yml'],
      config: 'prometheus.yml',
      exporters: [{ file: 'metrics.txt', job: 'shop' }],
      ...more,
    },
  });
const one = (text: string, more: Json = {}) => lint({ 'd/shop.json': text }, more);

describe('dashboards/lint', () => {
  it('a rich dashboard has no finding: every spelling of a variable, every kind of panel', async () => {
    const text = board(
      [
        {
          type: 'row',
          title: 'Row $region',
          collapsed: true,
          repeat: 'region',
          panels: [
            panel(
              'Orders',
              'sum by ($group) (rate(shop_orders_total{job=~"$job", region=~"${region:regex}"}[$__rate_interval]))',
              { id: 91 },
            ),
            panel('Range', 'rate(shop_orders_total{region=~"[[region]]"}[$range])', { id: 92 }),
          ],
        },
        panel('Function', '${fn} by (state) (shop_orders_total{env="prod"})', { datasource: { uid: '$source' } }),
        panel('Name', 'rate(shop_${metric}_total[5m])'),
        panel('Quantile', 'histogram_quantile($q, sum by (le) (rate(shop_checkout_seconds_bucket[$__range])))'),
        { type: 'text', title: 'Text', options: { content: 'echo $HOME' } },
        panel('Recorded', 'job:shop_orders:rate5m'),
        panel('Node', 'node_load1{instance=~".*"} / count without (cpu, mode) (node_cpu_seconds_total{mode="idle"})'),
        panel('Own', 'up{job="shop"} == 1 and on (job) scrape_duration_seconds < 3 unless ALERTS{severity="x"}'),
        panel('Logs', '{app="shop"} |= "$job" | json', { type: 'logs', datasource: { type: 'loki', uid: 'loki' } }),
        panel('Mixed', [], {
          datasource: { type: 'datasource', uid: '-- Mixed --' },
          targets: [{ refId: 'A', expr: 'shop_queue_depth', datasource: 'Prometheus' }],
        }),
        panel('Other panel', [], { datasource: { uid: '-- Dashboard --' }, targets: [{ refId: 'A', panelId: 3 }] }),
        panel('Computed', [], {
          targets: [
            { refId: 'A', expr: 'shop_queue_depth', hide: true },
            { refId: 'B', type: 'math', expression: '$A * 2', datasource: { type: '__expr__', uid: '__expr__' } },
          ],
        }),
        { type: 'library-panel-ref', title: 'Library', libraryPanel: { uid: 'x', name: 'y' } },
        { type: 'dashlist', title: 'List' },
        panel('Walk', [], {
          datasource: { type: 'datasource', uid: 'grafana' },
          targets: [{ refId: 'A', queryType: 'randomWalk' }],
        }),
        panel('Default', 'sum(increase(shop_orders_total[$__range])) / $__range_s', { datasource: null }),
        panel('Replace', 'label_replace(shop_queue_depth, "to", "$1", "queue", "(.*)")'),
        panel('Subquery', 'max_over_time(rate(shop_orders_total[5m])[$__range:$__interval])'),
        panel('Optional', 'shop_queue_depth offset $range or shop_queue_depth # last week'),
      ],
      variables(
        { name: 'source', type: 'datasource', query: 'prometheus' },
        {
          name: 'job',
          type: 'query',
          datasource: { uid: '${source}' },
          query: { query: 'label_values(shop_orders_total, job)' },
        },
        {
          name: 'region',
          type: 'query',
          datasource: { uid: '${source}' },
          query: 'label_values(shop_orders_total{job=~"$job"}, region)',
        },
        { name: 'range', type: 'interval', query: '1m,5m' },
        { name: 'group', type: 'custom', query: 'state,region' },
        { name: 'fn', type: 'custom', query: 'sum,avg' },
        { name: 'metric', type: 'custom', query: 'orders' },
        { name: 'q', type: 'constant', query: '0.95' },
        { name: 'Filters', type: 'adhoc', datasource: source },
      ),
    );
    const record = await one(text);
    expect(record.findings.filter((f) => f.level !== 'note')).toEqual([]);
    expect(record.findings.map((f) => f.message)).toEqual(['not judged: node_load1, node_cpu_seconds_total']);
    expect(record.facts).toEqual({ 'dashboards.count': 1, 'panels.count': 20, 'queries.count': 18 });
    expect(record.outcome).toBe('passed');
  });

  const undeclared = 'shop_queue_depth{queue="$queue"}';
  it.each([
    ['a metric that nobody exports', 'rate(shop_order_total[5m])', 'metric-missing'],
    ['a metric of a job that was read', 'shop_gone{job="shop"}', 'metric-missing'],
    ['a histogram’s base name', 'rate(shop_checkout_seconds[5m])', 'metric-missing'],
    ['a recording rule that is not there', 'job:shop_errors:rate5m', 'metric-missing'],
    ['a pattern that matches nothing', '{__name__=~"shop_foo_.*"}', 'metric-missing'],
    ['a quantile of a histogram', 'shop_checkout_seconds{quantile="0.95"}', 'quantile-on-histogram'],
    ['a job that is not there', 'up{job="shopp"}', 'job-unknown'],
    ['a label that is not there', 'shop_orders_total{status="paid"}', 'label-missing'],
    ['a bucket that is not there', 'shop_checkout_seconds_bucket{le="0.5"}', 'label-value'],
    ['PromQL that does not parse', 'sum(rate(shop_orders_total[5m])', 'bad-expression'],
    ['PromQL that does not parse with a variable in a string', 'sum(up{job="$__x"', 'bad-expression'],
    ['a variable that is not declared', undeclared, 'variable-undeclared'],
    ['a range without two samples', 'rate(shop_orders_total[15s])', 'range-short'],
    ['a quantile without le', 'histogram_quantile(0.9, sum(rate(shop_checkout_seconds_bucket[5m])))', 'le-dropped'],
    [
      'a series divided by itself',
      'rate(shop_orders_total{state="paid"}[5m]) / rate(shop_orders_total[5m])',
      'divides-itself',
    ],
    ['sides that never match', 'sum by (state) (shop_orders_total) / sum(shop_orders_total)', 'sides-never-match'],
    ['a function without its range', 'rate(shop_orders_total)', 'bad-expression'],
    ['no expression', '', 'panel-empty'],
  ])('%s is found, with file, line and panel', async (_, expr, code) => {
    const text = board([panel('First', 'up'), panel('Second', expr)]);
    const record = await one(text);
    expect(codes(record)).toEqual([code]);
    const found = record.findings.find((f) => f.code === code);
    const line =
      text
        .split('\n')
        .findIndex((row) => row.includes(typeof expr === 'string' && expr !== '' ? JSON.stringify(expr) : '"Second"')) +
      1;
    expect(found).toMatchObject({ subject: 'Second', where: { file: 'd/shop.json', line } });
  });

  it.each([
    ['what another exporter may have', 'node_load1 + container_x + go_goroutines', undefined],
    ['a legend over a label that is gone', 'sum(shop_queue_depth)', 'legend-label'],
    ['a label value that may come', 'shop_queue_depth{queue="sms"}', 'label-value'],
    ['what need not be there', 'shop_gone_total or vector(0)', 'metric-missing'],
    ['PromQL that a variable completes', 'shop_queue_depth $op 5', undefined],
  ])('%s is no error', async (_, expr, code) => {
    const text = board([panel('P', expr)], variables({ name: 'op', type: 'custom', query: '>,<' }));
    const record = await one(text.replace('"refId"', '"legendFormat": "{{queue}}", "refId"'));
    expect(codes(record)).toEqual([]);
    expect(
      record.findings.filter((f) => f.level === 'warning' && f.code !== 'variable-unused').map((f) => f.code),
    ).toEqual(code === undefined ? [] : [code]);
  });

  it.each([
    ['a name', 'prometheus', 'datasource-unresolved'],
    ['a uid', { type: 'prometheus', uid: 'prometheus' }, 'datasource-unresolved'],
    ['a variable without data sources', { uid: '$tempo' }, 'datasource-unresolved'],
    ['an undeclared variable', { uid: '$ds' }, 'variable-undeclared'],
    ['an import’s variable', { uid: '${DS_PROM}' }, 'inputs-unfilled'],
  ])('%s leads to no data source', async (_, datasource, code) => {
    const more = {
      ...variables({ name: 'tempo', type: 'datasource', query: 'tempo' }),
      __inputs: [{ name: 'DS_PROM' }],
    };
    expect(codes(await one(board([panel('P', 'up', { datasource })], more)))).toEqual([code]);
  });

  it.each([
    ['no JSON', '{"title": "x",\n}', 'not-importable'],
    ['a list of dashboards', `[${board([panel('A', 'up')])}]`, 'not-importable'],
    ['a wrapper', JSON.stringify({ dashboard: { title: 'x', panels: [] } }), 'not-importable'],
    ['no title', JSON.stringify({ uid: 'x', panels: [] }), 'not-importable'],
    ['an empty file', '', 'not-importable'],
    ['a list', '[]', undefined],
    ['another JSON', '{"a": 1}', undefined],
    ['a bad uid', board([], { uid: 'not good!' }), 'uid-bad'],
  ])('%s cannot be imported', async (_, text, code) => {
    const record = await one(text);
    expect(codes(record)).toEqual(code === undefined ? ['nothing-asserted'] : [code]);
    expect(record.outcome).not.toBe('passed');
  });

  it('two dashboards with one uid, and two of one title in a folder', async () => {
    const other = board([panel('P', 'up')], { uid: 'other' });
    const files = {
      'd/a.json': board([panel('Q', 'up')], { title: 'Another' }),
      'd/x/b.json': board([panel('P', 'up')]),
      'd/x/c.json': other,
    };
    const record = await lint(files);
    expect(codes(record)).toEqual(['title-duplicate', 'uid-duplicate']);
    expect(codes(await lint({ 'd/a.json': other, 'copy/a.json': other }, { dashboards: ['**/a.json'] }))).toEqual([]);
    // The same dashboard once more, for another way to deploy it.
    const again = { 'd/a.json': board([panel('P', 'up')]), 'd/x/a.json': board([panel('Q', 'up')]) };
    expect((await lint(again)).findings.filter(({ level }) => level !== 'note')).toEqual([]);
    // Two editions of one, which nothing loads both of.
    const editions = { 'd/shop.json': board([panel('P', 'up')]), 'd/shop-legacy.json': board([panel('Q', 'up')]) };
    expect((await lint(editions)).findings.filter(({ level }) => level !== 'note')).toEqual([]);
  });

  it('one uid in two organisations is no duplicate; where the organisation cannot be told it is a warning', async () => {
    const files = (first: string, second: string): Record<string, string> => ({
      'p/datasources/ds.yml': dataSources,
      'p/dashboards/a.yml': `providers: [{ name: a, orgId: 1, options: { path: ${first} } }, { name: b, orgId: 2, options: { path: ${second} } }]\n`,
      'd/one/a.json': board([panel('P', 'up')]),
      'd/two/a.json': board([panel('Q', 'up')], { title: 'Another' }),
    });
    const given = { provisioning: ['p/datasources/ds.yml'] };
    const record = await lint(files('/var/lib/grafana/one', '/var/lib/grafana/two'), given);
    expect(codes(record)).toEqual([]);
    const same = await lint(files('/d/one', '/d/one'), given);
    expect(same.findings.map((f) => [f.code, f.level])).toEqual([['uid-duplicate', 'warning']]);
    const alone = await lint({ ...files('/d/one', '/d/two'), 'p/dashboards/a.yml': 'providers: []\n' }, given);
    expect(alone.findings.map((f) => [f.code, f.level])).toEqual([['uid-duplicate', 'error']]);
    const third = { ...files('/d/one', '/d/two'), 'd/two/b.json': board([panel('R', 'up')], { title: 'R' }) };
    expect((await lint(third, given)).findings.map((f) => [f.code, f.where?.file])).toEqual([
      ['uid-duplicate', 'd/two/b.json'],
    ]);
  });

  it('a data source that leads to one that is not provisioned', async () => {
    const tempo = (uid: string): string =>
      `${dataSources}  - { name: T, type: tempo, jsonData: { tracesToLogsV2: { datasourceUid: ${uid} } } }\n`;
    const files = { 'd/a.json': board([panel('P', 'up')]) };
    expect(codes(await lint({ ...files, 'ds.yml': tempo('loki') }))).toEqual([]);
    const record = await lint({ ...files, 'ds.yml': tempo('Logs') });
    expect(record.findings.map((f) => [f.code, f.where])).toEqual([
      ['datasource-reference', { file: 'ds.yml', line: 4 }],
    ]);
  });

  it('variables: a query that offers no value, and one that nothing uses', async () => {
    const list = variables(
      { name: 'zone', type: 'query', datasource: source, query: 'label_values(shop_orders_total, zone)' },
      { name: 'gone', type: 'query', datasource: source, query: 'label_values(shop_gone, x)' },
      { name: 'unused', type: 'custom', query: 'a' },
    );
    const record = await one(board([panel('P', 'up{a="$zone", b="$gone"}')], list));
    expect(codes(record)).toEqual(['label-missing', 'metric-missing']);
    expect(record.findings.filter((f) => f.level === 'warning').map((f) => f.code)).toEqual(['variable-unused']);
  });

  it('one in the API’s wrapper is refused, unless a script posts it and no provider loads it', async () => {
    const post = { 'up.sh': 'curl -d @"$1" "$GRAFANA/api/dashboards/db"\n' };
    const wrapped = { 'd/w.json': `{ "dashboard": ${board([panel('A', 'up')])} }` };
    const provider = (path: string): Record<string, string> => ({
      'dashboards/p.yml': `apiVersion: 1\nproviders: [{ name: a, type: file, options: { path: ${path} } }]\n`,
    });
    const levels = async (files: Record<string, string>): Promise<string[]> =>
      (
        await lint(
          { ...wrapped, ...files },
          { provisioning: ['ds.yml', ...Object.keys(files).filter((one) => one.endsWith('.yml'))] },
        )
      ).findings
        .filter(({ code }) => code === 'not-importable')
        .map(({ level }) => level);
    expect(await levels({})).toEqual(['error']);
    expect(await levels(post)).toEqual(['note']);
    expect(await levels({ ...post, ...provider('/x/d') })).toEqual(['error']);
    expect(await levels({ ...post, ...provider('/x/other') })).toEqual(['note']);
  });

  it('reads dynamic dashboards and those of rows', async () => {
    const query = (expr: string, name: string): Json => ({
      kind: 'PanelQuery',
      spec: {
        refId: 'A',
        hidden: false,
        query: { kind: 'DataQuery', group: 'prometheus', datasource: { name }, spec: { expr } },
      },
    });
    const element = (id: number, title: string, ...queries: Json[]): Json => ({
      kind: 'Panel',
      spec: {
        id,
        title,
        data: { kind: 'QueryGroup', spec: { queries } },
        vizConfig: { kind: 'VizConfig', group: 'stat', spec: {} },
      },
    });
    const dynamic = JSON.stringify({
      apiVersion: 'dashboard.grafana.app/v2beta1',
      kind: 'Dashboard',
      metadata: { name: 'dynamic' },
      spec: {
        title: 'Dynamic',
        elements: {
          a: element(1, 'Good $state', query('shop_orders_total{state="$state"}', source.uid)),
          b: element(2, 'Bad', query('shop_nope', 'nope')),
          c: element(3, 'Empty', query('', source.uid)),
        },
        layout: {
          kind: 'TabsLayout',
          spec: {
            tabs: [
              {
                kind: 'TabsLayoutTab',
                spec: {
                  title: 'T',
                  layout: {},
                  conditionalRendering: {
                    kind: 'ConditionalRenderingGroup',
                    spec: {
                      items: [{ kind: 'ConditionalRenderingVariable', spec: { variable: 'shown', value: 'x' } }],
                    },
                  },
                },
              },
            ],
          },
        },
        variables: [
          { kind: 'CustomVariable', spec: { name: 'shown', query: 'x,y' } },
          {
            kind: 'QueryVariable',
            spec: {
              name: 'state',
              query: {
                kind: 'DataQuery',
                group: 'prometheus',
                spec: { query: 'label_values(shop_orders_total, state)' },
              },
            },
          },
        ],
        annotations: [],
      },
    });
    const old = JSON.stringify({ title: 'Old', uid: 'old', rows: [{ panels: [panel('G', 'shop_nope')] }] });
    expect(codes(await one(dynamic))).toEqual(['datasource-unresolved', 'metric-missing', 'panel-empty']);
    expect(codes(await one(old))).toEqual(['metric-missing']);
    const v1 = { apiVersion: 'dashboard.grafana.app/v1beta1', metadata: { name: 'v1' }, spec: JSON.parse(old) as Json };
    expect(codes(await one(JSON.stringify(v1)))).toEqual(['metric-missing']);
  });

  it('what the source names may come into being on use, unless lazy is false', async () => {
    const files = {
      'd/shop.json': board([panel('P', 'rate(shop_refunds_issued_total[5m])')]),
      'src/main.go': 'prometheus.CounterOpts{Namespace: "shop", Name: "refunds_issued_total"}',
    };
    const record = await lint(files);
    expect(record.findings.map((f) => [f.level, f.code])).toEqual([['warning', 'metric-missing']]);
    expect(codes(await lint(files, { lazy: false }))).toEqual(['metric-missing']);
  });

  it('what is not given is not judged', async () => {
    const text = board([panel('P', 'shop_gone', { datasource: 'nowhere' })]);
    const record = await one(text, { exporters: [], provisioning: [], rules: [], config: undefined });
    expect(record.findings.map((f) => [f.level, f.message])).toEqual([['note', 'not judged: shop_gone']]);
  });

  it('a quantile without its buckets, where the panel does not ask for them too: it is a native histogram then', async () => {
    const [classic, native] = ['_bucket', ''].map(
      (end) => `histogram_quantile(0.9, sum by (le) (rate(poll_seconds${end}[5m])))`,
    );
    const none = { exporters: [], provisioning: [], rules: [], config: undefined };
    expect(codes(await one(board([panel('P', native ?? '', { datasource: null })]), none))).toEqual([
      'quantile-without-bucket',
    ]);
    expect(codes(await one(board([panel('P', [classic ?? '', native ?? ''], { datasource: null })]), none))).toEqual(
      [],
    );
  });

  it('exporters are asked as Prometheus asks them; one that does not answer is inconclusive', async () => {
    const url = await serve({ '/metrics': { type: 'text/plain', body: metrics }, '/page': { body: '<html>' } });
    const text = board([panel('P', 'shop_queue_depth'), panel('Q', 'shop_gone')]);
    const from = (path: string) => one(text, { exporters: [{ url: `${url}${path}`, job: 'shop' }] });
    expect(codes(await from('/metrics'))).toEqual(['metric-missing']);
    expect(codes(await from('/page'))).toEqual(['exporter-empty']);
    expect(codes(await from('/nothing'))).toEqual(['exporter-unreachable']);
    expect((await from('/nothing')).outcome).toBe('error');
  });

  it.each([
    ['no dashboard', { dashboards: ['none/*.json'] }, ['dashboards-unmatched']],
    ['no provisioning', { provisioning: ['none.yml'] }, ['provisioning-unmatched']],
    ['no configuration', { config: 'none.yml' }, ['config-unreadable']],
    ['an exposition that is not there', { exporters: [{ file: 'none.txt' }] }, ['exporter-unreachable']],
  ])('%s is found', async (_, more, wanted) =>
    expect(codes(await one(board([panel('P', 'up')]), more))).toEqual(wanted),
  );

  it('many queries of one dashboard that do not parse have one cause', async () => {
    const broken = (count: number): string =>
      board(Array.from({ length: count }, (_, n) => panel(`P${n}`, `median(x${n})`)));
    const found = async (count: number): Promise<string[]> =>
      (await one(broken(count))).findings.filter(({ code }) => code === 'bad-expression').map(({ message }) => message);
    expect(await found(3)).toHaveLength(3);
    expect(await found(9)).toEqual([expect.stringMatching(/^P0: .*; 9 queries do not$/)]);
  });

  it('a panel without any query is a note', async () => {
    const { findings } = await one(board([panel('P', [])]));
    expect(findings.map((f) => [f.level, f.code])).toEqual([['note', 'panel-empty']]);
  });

  it('what no provider loads is there to be imported by hand', async () => {
    const text = board([panel('P', 'up', { datasource: { type: 'prometheus', uid: '${DS_PROM}' } })], {
      __inputs: [{ name: 'DS_PROM', type: 'datasource', pluginId: 'prometheus' }],
      uid: undefined,
    });
    const levels = async (volume: string): Promise<string[]> =>
      (
        await lint(
          {
            'd/x y/shop.json': text,
            'g/provisioning/datasources/ds.yml': dataSources,
            'g/provisioning/dashboards/p.yml': 'providers: [{ name: a, options: { path: /dash/all } }]\n',
            'docker-compose.yml': `services: { grafana: { image: grafana, volumes: ["${volume}"] } }\n`,
          },
          { provisioning: ['g/provisioning/datasources/ds.yml'] },
        )
      ).findings.map((f) => `${f.level} ${f.code}`);
    expect(await levels('./other:/dash/all:ro')).toEqual([]);
    expect(await levels('./d:/dash/all')).toEqual(['note uid-missing', 'error inputs-unfilled']);
    expect(await levels('boards:/dash')).toEqual(['note uid-missing', 'note inputs-unfilled']);
  });

  it('another language’s queries, left-over expressions and data sources, and dollars that are none', async () => {
    const influx = { refId: 'A', dsType: 'influxdb', rawQuery: true, query: 'SELECT mean("x") FROM "y"' };
    const text = board([
      { type: 'timeseries', title: 'I', targets: [{ ...influx, expr: '' }] },
      { type: 'timeseries', title: 'J', targets: [{ ...influx, expr: 'SELECT mean("x") FROM "y"' }] },
      panel('K', 'up', { targets: [{ refId: 'A', expr: 'up', datasource: { type: 'prometheus', uid: 'old' } }] }),
      panel('L', '# it isn\'t\nsum(shop_queue_depth{queue!~"A.*|\\\\$SYS.*"}) * 2'),
      panel('M', 'other_cache_bytes / 3', { fieldConfig: { defaults: { unit: 'bytes' }, overrides: [] } }),
    ]);
    expect((await one(text)).findings.filter((f) => f.level !== 'note')).toEqual([]);
    const mixed = text.replace(JSON.stringify(source.uid), '"-- Mixed --"');
    const lost = (await one(mixed)).findings.filter((f) => f.level === 'error').map((f) => `${f.code} ${f.subject}`);
    expect(lost).toEqual(['datasource-unresolved K']);
  });

  it('one variable that is not declared is one finding, and none of what jsonnet completes', async () => {
    const panels = ['A', 'B', 'C'].map((title) => panel(title, 'shop_queue_depth{queue="$q"}'));
    const found = async (files: Record<string, string>) =>
      (await lint({ 'd/shop.json': board(panels), ...files })).findings.map((f) => `${f.level} ${f.message}`);
    expect(await found({})).toEqual(['error A: $q is not declared; the same in B, C']);
    expect(await found({ 'mixin.libsonnet': "(import 'd/shop.json') + { templating: {} }" })).toEqual([
      'note A: $q is not declared; the same in B, C',
    ]);
  });

  it('LogQL that does not parse, and what a variable decides', async () => {
    const logs = (title: string, expr: string): Json =>
      panel(title, expr, { datasource: { type: 'loki', uid: 'loki' } });
    const record = await one(
      board(
        [
          logs('P', '{app="shop"} |= "x" | json | took > 5 # it isn\'t'),
          logs('Q', 'sum(rate({app="shop"} |= "x" [$__auto]))'),
          logs('R', 'sum(rate({app="shop"} | json [5m])'),
          logs('S', '{app="shop"} | logfmt | took > $least'),
        ],
        variables({ name: 'least', type: 'textbox' }),
      ),
    );
    expect(record.findings.map((f) => `${f.level} ${f.code} ${f.subject ?? ''}`)).toEqual([
      'error bad-expression R',
      'note query-undecided ',
    ]);
  });

  it('of a file of one line, the column and the path in the JSON', async () => {
    const whole = board([panel('P', 'up'), panel('Q', ['up', 'sum(rate(shop_orders_total[5m])'])]);
    const found = async (text: string) =>
      (await lint({ 'd/shop.json': text })).findings.map(({ message, where }) => [message, where?.line, where?.col]);
    const line = JSON.stringify(JSON.parse(whole));
    expect(await found(line)).toEqual([
      [
        expect.stringMatching(/^Q: the query does not parse near .* \(\.panels\[1\]\.targets\[1\]\)$/),
        1,
        expect.any(Number),
      ],
    ]);
    const [[, , column] = []] = await found(line);
    expect(line.slice(Number(column) - 1)).toMatch(/^"sum\(rate/);
    const [[message, at, none] = []] = await found(whole);
    expect([String(message).includes('.panels'), at === 1, none]).toEqual([false, false, undefined]);
  });

  it('a dashboard without a panel that a provider loads is an error', async () => {
    const files = {
      'd/shop.json': board([]),
      'p/datasources/ds.yml': dataSources,
      'p/dashboards/a.yml': 'providers: [{ name: a, options: { path: /d } }]\n',
      'compose.yml': 'services: { grafana: { image: "grafana/grafana:10.4.2", volumes: ["./d:/d"] } }\n',
    };
    const record = await lint(files, { provisioning: ['p/datasources/ds.yml'] });
    expect(record.findings.map((f) => [f.code, f.level])).toEqual([['panel-empty', 'error']]);
  });

  it('ranges of Grafana’s that hold no two samples', async () => {
    const slow = prometheus.replace('15s', '1m');
    const found = async (range: string, timeInterval: string, more: Json = {}) =>
      (
        await lint({
          'prometheus.yml': slow,
          'ds.yml': dataSources.replace('isDefault: true', `isDefault: true, jsonData: { ${timeInterval} }`),
          'd/shop.json': board([panel('P', `sum(rate(shop_orders_total[${range}]))`, more)]),
        })
      ).findings.map((f) => `${f.level} ${f.code}`);
    expect(await found('$__interval', '')).toEqual(['error range-short']);
    expect(await found('${__interval}', 'timeInterval: 1m')).toEqual(['error range-short']);
    expect(await found('$__interval', '', { interval: '5m' })).toEqual([]);
    const asked = (range: string, more: Json): Json => ({
      targets: [{ refId: 'A', expr: `sum(rate(shop_orders_total[${range}]))`, ...more }],
    });
    expect(await found('', '', asked('$__interval', { intervalFactor: 10 }))).toEqual([]);
    expect(await found('', '', asked('$__rate_interval', { interval: '1m' }))).toEqual([]);
    expect(await found('$__rate_interval', '')).toEqual(['error range-short']);
    expect(await found('$__rate_interval', 'timeInterval: 1m')).toEqual([]);
    expect(await found('5m', '')).toEqual([]);
  });

  it('in a repository that writes MetricsQL no query is refused, and a note says so', async () => {
    const found = async (...exprs: string[]) =>
      (await one(board(exprs.map((expr) => panel(expr, expr))))).findings.map((f) => `${f.level} ${f.code}`);
    expect(await found('sum(up)[5m]', 'topk_max(3, up)')).toEqual(['note query-undecided']);
    expect(await found('sum(up)[5m]', 'topk(3, up)')).toEqual(['error bad-expression']);
  });

  it('a range behind what is no selector, and bytes shown as bits', async () => {
    const bits = (unit: string) => ({ fieldConfig: { defaults: { unit }, overrides: [] } });
    const found = await one(
      board([
        panel('P', 'rate(shop_orders_total * 8[5m])'),
        panel('Q', 'rate(sent_bytes_total[5m])', bits('bps')),
        panel('R', 'rate(sent_bytes_total[5m]) * 8', bits('bps')),
        panel('S', 'rate(sent_bytes_total[5m]) * 8', bits('Bps')),
        panel('T', 'shop_orders_total', bits('reqps')),
      ]),
    );
    const weighty = found.findings.filter((f) => f.level === 'error');
    expect(weighty.map((f) => `${f.code} ${f.subject}`)).toEqual([
      'panel-unit Q',
      'panel-unit S',
      'panel-unit T',
      'bad-expression P',
    ]);
  });

  it('an input of the import dialogue that a start script fills in is a note', async () => {
    const text = board([panel('P', 'up', { datasource: { type: 'prometheus', uid: '${DS_PROM}' } })], {
      __inputs: [{ name: 'DS_PROM', type: 'datasource', pluginId: 'prometheus' }],
    });
    const levels = async (files: Record<string, string>): Promise<string[]> =>
      (await lint({ 'd/shop.json': text, ...files })).findings
        .filter((f) => f.code === 'inputs-unfilled')
        .map((f) => f.level);
    expect(await levels({})).toEqual(['error']);
    expect(await levels({ 'start.sh': "sed -i 's/${DS_PROM}/Prometheus/' /boards/*.json\n" })).toEqual(['note']);
  });

  const share = 'sum(rate(shop_orders_total{state="paid"}[5m])) / sum(rate(shop_orders_total[5m]))';
  const p90 = 'histogram_quantile(0.9, sum by (le) (rate(shop_checkout_seconds_bucket[5m])))';
  const inUnit = (unit: string, more: Json = {}): Json => ({
    fieldConfig: { defaults: { unit }, overrides: [] },
    ...more,
  });
  it.each<[string, string, Json, string[]]>([
    ['a fraction in percent', share, inUnit('percent'), ['panel-unit']],
    ['a percentage in percentunit', `100 * ${share}`, inUnit('percentunit'), ['panel-unit']],
    ['seconds in ms', p90, inUnit('ms'), ['panel-unit']],
    ['an increase in ops', 'sum(increase(shop_orders_total[5m]))', inUnit('ops'), ['panel-unit']],
    [
      'a fraction in percent, in Grafana 7',
      share,
      { type: 'graph', yaxes: [{ format: 'percent' }, {}] },
      ['panel-unit'],
    ],
    ['a fraction in percentunit', share, inUnit('percentunit'), []],
    ['seconds in s', p90, inUnit('s'), []],
    ['milliseconds in ms', `${p90} * 1000`, inUnit('ms'), []],
    ['events per second in ops', 'sum(rate(shop_orders_total[5m]))', inUnit('ops'), []],
    [
      'a unit of one series',
      share,
      {
        fieldConfig: {
          defaults: { unit: 'percent' },
          overrides: [{ properties: [{ id: 'unit', value: 'percentunit' }] }],
        },
      },
      [],
    ],
    ['values that are computed on', share, inUnit('percent', { transformations: [{ id: 'calculateField' }] }), []],
    ['what nothing is known of', 'shop_queue_depth', inUnit('percent'), []],
  ])('the unit of a panel: %s', async (_, expr, more, wanted) => {
    const { findings } = await one(board([panel('P', expr, more)]));
    expect(findings.filter((f) => f.level !== 'note').map((f) => f.code)).toEqual(wanted);
  });

  it('the sample target’s dashboards hold', async () => {
    const record = await runStep({
      uses: 'dashboards/lint',
      target: join(root, 'examples/engram'),
      with: {
        dashboards: ['deployments/grafana/dashboards/*.json'],
        provisioning: ['deployments/grafana/provisioning/datasources/*.yml'],
      },
    });
    expect(record.findings.filter((f) => f.level !== 'note')).toEqual([]);
    expect(record.facts).toMatchObject({ 'dashboards.count': 4, 'panels.count': 14 });
  });
});

describe('plugins of panels', () => {
  const compose = (image: string, more = ''): Record<string, string> => ({
    'deploy/docker-compose.yml': `services:\n  grafana:\n    image: ${image}\n${more}`,
  });
  const shown = (type: string): string =>
    board([panel('Map', 'shop_queue_depth', { type }), panel('Map too', 'shop_queue_depth', { type })]);
  it.each<[string, string, Record<string, string>]>([
    ['a kind that Grafana brings', 'state-timeline', compose('grafana/grafana:9.3.2')],
    ['an old kind that Grafana turns into another', 'grafana-piechart-panel', compose('grafana/grafana:11.2.0')],
    [
      'a plugin that the environment installs',
      'acme-map-panel',
      compose('grafana/grafana:11.2.0', '    environment: { GF_INSTALL_PLUGINS: "acme-map-panel 1.2.0" }\n'),
    ],
    [
      'a plugin that a Dockerfile installs',
      'acme-map-panel',
      {
        ...compose('grafana/grafana'),
        'grafana/Dockerfile': 'FROM grafana/grafana\nRUN grafana cli plugins install acme-map-panel\n',
      },
    ],
    [
      'a plugin that lies in the repository',
      'acme-map-panel',
      { ...compose('grafana/grafana:11.2.0'), 'plugins/map/plugin.json': '{"id": "acme-map-panel"}' },
    ],
    ['a Grafana of somebody else', 'acme-map-panel', compose('registry.example.org/our-grafana:1')],
    ['no Grafana at all', 'acme-map-panel', {}],
    ['a kind of a later version', 'trend', compose('grafana/grafana:10.4.1')],
  ])('says nothing of %s', async (_, type, files) => {
    const record = await lint({ 'd/m.json': shown(type), ...files });
    expect(codes(record)).not.toContain('panel-plugin-missing');
  });
  it.each<[string, string, string]>([
    ['a plugin that nothing installs', 'acme-map-panel', 'grafana/grafana:11.2.0'],
    ['a misspelt kind', 'Timeseries', '"docker.io/grafana/grafana-oss:10.0.0"'],
    ['a kind that came later', 'trend', 'grafana/grafana:9.3.2'],
    ['a plugin and an image without a version', 'acme-map-panel', 'grafana/grafana'],
  ])('finds %s, once', async (_, type, image) => {
    const record = await lint({ 'd/m.json': shown(type), ...compose(image) });
    const found = record.findings.filter((one) => one.code === 'panel-plugin-missing');
    expect(found).toMatchObject([{ level: 'error', subject: type, where: { file: 'd/m.json' } }]);
    expect(found[0]?.detail).toContain('Map too');
  });
});
