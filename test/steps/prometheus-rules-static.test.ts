import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { root } from '../rig/cli.ts';
import { codes, runStep, tempDir } from '../rig/run-step.ts';

const metrics = `# TYPE shop_orders_total counter
shop_orders_total{state="paid",region="eu"} 12
# TYPE shop_checkout_seconds histogram
shop_checkout_seconds_bucket{le="0.1"} 3
shop_checkout_seconds_bucket{le="5"} 4
shop_checkout_seconds_bucket{le="+Inf"} 5
shop_checkout_seconds_sum 9
shop_checkout_seconds_count 5
# TYPE shop_queue_depth gauge
shop_queue_depth{queue="mail"} 3
# TYPE shop_cache_bytes gauge
shop_cache_bytes 3
# TYPE shop_fill_ratio gauge
shop_fill_ratio 0.2
`;
const prometheus = `global: { scrape_interval: 15s }
rule_files: [rules.yml]
scrape_configs:
  - job_name: shop
    static_configs: [{ targets: ["shop:80"] }]
`;
interface Spec {
  alert?: string;
  record?: string;
  expr: string;
  for?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}
const file = (...rules: Spec[]): string => stringify({ groups: [{ name: 'shop', rules }] });
const alert = (expr: string, more: Partial<Spec> = {}): Spec => ({ alert: 'A', expr, for: '5m', ...more });

const lint = (files: Record<string, string>, more: Record<string, unknown> = {}) =>
  runStep({
    uses: 'prometheus/rules-static',
    target: tempDir({ 'metrics.txt': metrics, 'prometheus.yml': prometheus, ...files }),
    with: {
      rules: ['rules.yml'],
      config: 'prometheus.yml',
      exporters: [{ file: 'metrics.txt', job: 'shop' }],
      ...more,
    },
  });
const one = (text: string, more: Record<string, unknown> = {}) => lint({ 'rules.yml': text }, more);
const weighty = (record: Awaited<ReturnType<typeof one>>) =>
  record.findings.filter((f) => f.level !== 'note').map((f) => `${f.level} ${f.code}`);

const orders = 'rate(shop_orders_total[5m])';
const quantile = 'histogram_quantile(0.95, sum by (le) (rate(shop_checkout_seconds_bucket[5m])))';
const failed = 'sum(rate(shop_orders_total{region="eu"}[5m])) / sum(rate(shop_orders_total[5m]))';
const says = (summary: string): Partial<Spec> => ({ annotations: { summary } });

describe('prometheus/rules-static', () => {
  it.each<[string, Spec]>([
    ['no comparison', alert('shop_queue_depth')],
    ['a comparison that is always true', alert(`${orders} >= 0`)],
  ])('%s: the alert always fires', async (_, rule) => expect(codes(await one(file(rule)))).toEqual(['always-fires']));

  it.each<[string, string]>([
    ['a count below one', 'count(up == 1) == 0'],
    ['a negative rate', `${orders} < 0`],
    ['a fraction of a whole above one', `${failed} > 5`],
    ['what is left of a fraction, above one', `1 - ${failed} > 1`],
    ['a quantile above the greatest bucket', `${quantile} > 5`],
    ['a state that up never has', 'up == 2'],
    ['an hour that the day does not have', 'hour() > 24 and on () shop_queue_depth > 1'],
  ])('%s: the threshold is dead', async (_, expr) =>
    expect(codes(await one(file(alert(expr))))).toEqual(['dead-threshold']),
  );

  it.each<[string, Spec, string]>([
    [
      'per hour against per second',
      alert(`${orders} > 1000`, says('More than 1000 orders per hour')),
      'error unit-mismatch',
    ],
    [
      'per minute against an hour’s increase',
      alert('increase(shop_orders_total[1h]) > 10', says('over 10 orders a minute')),
      'error unit-mismatch',
    ],
    ['percent against a fraction', alert(`${failed} > 0.5`, says('above 5%')), 'error unit-mismatch'],
    ['milliseconds against seconds', alert(`${quantile} > 2`, says('P95 above 2ms')), 'error unit-mismatch'],
    ['megabytes against bytes', alert('shop_cache_bytes > 500', says('cache over 500 MB')), 'error unit-mismatch'],
    [
      'a validation annotation',
      alert(`${quantile} > 2`, { annotations: { validation: 'threshold: 3s' } }),
      'error unit-mismatch',
    ],
    ['another threshold', alert(`${failed} > 0.2`, says('above 5%')), 'warning text-contradicts'],
  ])('%s', async (_, rule, wanted) => expect(weighty(await one(file(rule)))).toEqual([wanted]));

  it.each<[string, Spec]>([
    ['per hour, computed', alert(`${orders} * 3600 > 1000`, says('more than 1000 orders per hour'))],
    ['per hour, divided', alert(`${orders} > 1000 / 3600`, says('more than 1,000 orders per hour'))],
    ['an increase per hour', alert('increase(shop_orders_total[30m]) > 500', says('over 1000 orders an hour'))],
    ['percent of a fraction', alert(`${failed} > 0.05`, says('more than 5% (threshold: 5 %)'))],
    ['percent of a hundredfold', alert(`${failed} * 100 > 5`, says('more than 5%'))],
    ['the other side of a fraction', alert(`1 - ${failed} < 0.95`, says('more than 5% fail'))],
    ['milliseconds', alert(`${quantile} > 0.5`, says('P95 above 500ms for more than 5 minutes'))],
    ['gibibytes', alert('shop_cache_bytes > 2 * 1024 * 1024 * 1024', says('above 2GB'))],
    ['a duration of the alert', alert(`${orders} > 100`, says('above 100 for a minute, over the last 5 minutes'))],
    ['minutes', alert('node_lag_seconds > 180', says('above 3m'))],
    ['so many a minute', alert(`${orders} > 0.05`, says('More than 3 orders/min dropped over the last 5 minutes'))],
    ['a value that is printed', alert(`${orders} > 10`, says('{{ $value }} orders per second'))],
    ['two quantities', alert(`${quantile} > 1`, says('above 2s, formerly above 3s'))],
    ['existence', alert('count(ALERTS{alertname="B"}) > 0')],
    ['a watchdog', { alert: 'Watchdog', expr: 'vector(1)' }],
    ['a comment and a trailing offset', alert('# why\nshop_queue_depth > 2 * shop_queue_depth offset 1d')],
    [
      'both sides alike',
      alert('sum by (state) (shop_orders_total) > 2 * sum by (state) (shop_orders_total offset 1d)'),
    ],
    ['one side brought over', alert(`sum by (state) (${orders}) / on () group_left sum(${orders}) > 0.9`)],
    ['a rise over what was an hour ago', alert(`sum(${orders}) / sum(rate(shop_orders_total[5m] offset 1h)) > 2`)],
    ['absent that waits', alert('absent(up{job="shop"})')],
    ['labels that are kept', alert(`sum by (state) (${orders}) > 1`, says('{{ $labels.state }}'))],
    [
      'labels that are asked for first',
      alert(`sum(${orders}) > 1`, says('{{ if $labels.state }}{{ $labels.state }}{{ end }}')),
    ],
    ['labels of absent', alert('absent(up{job="shop"})', says('{{ $labels.job }}'))],
    ['a job that a rule made up', alert('ALERTS{job="made-up"} == 1 unless ALERTS{job="other"}')],
    ['a counter as a least number', alert(`shop_orders_total > 100 and ${orders} < 0.1`)],
    ['a gauge’s change', alert('delta(shop_queue_depth[5m]) > 3')],
    ['what another exporter may have', alert('node_load1 > 3 and on (instance) container_x == 1')],
  ])('%s is no fault', async (_, rule) => {
    const record = await one(file(rule), { config: undefined });
    expect(weighty(record)).toEqual([]);
    expect(record.outcome).toBe('passed');
  });

  it.each<[string, Spec, string]>([
    ['a raw counter', alert('sum(shop_orders_total) > 100'), 'error raw-counter'],
    ['rate of a gauge', alert('rate(shop_queue_depth[5m]) > 1'), 'error rate-on-gauge'],
    ['delta of a counter', alert('delta(shop_orders_total[5m]) > 1'), 'warning delta-on-counter'],
    ['a range of one scrape', alert('rate(shop_orders_total[15s]) > 1'), 'error range-short'],
    ['a range in bare seconds', alert('rate(shop_orders_total[15]) > 1'), 'error range-short'],
    ['a range below two scrapes', alert('rate(shop_orders_total[20s]) > 1'), 'warning range-short'],
    ['a label that is dropped', alert(`sum(${orders}) > 1`, says('{{ $labels.state }}')), 'warning label-dropped'],
    [
      'a label for routing that is dropped',
      alert(`sum(${orders}) > 1`, { labels: { team: '{{ $labels.team }}' } }),
      'error label-dropped',
    ],
    [
      'buckets without le',
      alert('histogram_quantile(0.9, sum(rate(shop_checkout_seconds_bucket[5m]))) > 1'),
      'error le-dropped',
    ],
    ['sides of other labels', alert(`sum by (state) (${orders}) / sum(${orders}) > 0.1`), 'error sides-never-match'],
    [
      'sides of contrary labels',
      alert('shop_orders_total{state="paid"} / shop_orders_total{state="new"} > 0.1'),
      'error sides-never-match',
    ],
    [
      'a series over itself',
      alert('rate(shop_orders_total{state="paid"}[5m]) / (rate(shop_orders_total[5m]) + 0.001) > 0.1'),
      'error divides-itself',
    ],
    [
      'a group over itself',
      alert(
        'sum by (state) (rate(shop_orders_total{state="paid"}[5m])) / sum by (state) (rate(shop_orders_total[5m])) > 0.1',
      ),
      'error divides-itself',
    ],
    ['absent without for', { alert: 'A', expr: 'absent(up{job="shop"})' }, 'warning absent-without-for'],
    ['a metric that nobody exports', alert('shop_queue_length > 1'), 'error metric-missing'],
    ['a node exporter that nobody scrapes', alert('node_load1 > 1'), 'error metric-missing'],
    ['absence of a job that is not there', alert('absent(up{job="shopp"})'), 'error job-unknown'],
    ['a job that is not there', alert('up{job="shopp"} == 0'), 'error job-unknown'],
    ['a label that is not there', alert('shop_queue_depth{name="mail"} > 1'), 'error label-missing'],
    ['a quantile of a histogram', alert('shop_checkout_seconds{quantile="0.9"} > 1'), 'error quantile-on-histogram'],
    ['a function without its range', alert('rate(shop_orders_total) > 1'), 'error bad-expression'],
    ['a range where a value is meant', alert('sum(shop_orders_total[5m]) > 1'), 'error bad-expression'],
    ['a group by what is not there', alert(`sum by (status) (${orders}) > 1`), 'warning grouping-unknown'],
    ['a percentile for a quantile', alert(quantile.replace('0.95', '95') + ' > 1'), 'error quantile-range'],
    ['no PromQL', alert('shop_queue_depth > > 1'), 'error bad-expression'],
  ])('%s is found, with its line', async (_, rule, wanted) => {
    const text = file(alert('shop_queue_depth > 1'), rule);
    const record = await one(text);
    expect(weighty(record).filter((finding) => finding !== 'warning label-value')).toEqual([wanted]);
    const line = text.split('\n').findLastIndex((row) => row.includes('expr:')) + 1;
    expect(record.findings.find((f) => f.code === wanted.split(' ')[1])?.where).toEqual({ file: 'rules.yml', line });
  });

  it('a single event that cannot last as long as for is a note', async () => {
    const record = await one(file(alert('increase(shop_orders_total[5m]) > 0', { for: '10m' })));
    expect(record.findings.map((f) => [f.level, f.code])).toEqual([['note', 'for-exceeds-range']]);
    const long = await one(file(alert('increase(shop_orders_total[5m]) >= 1', { for: '25m' })));
    expect(long.findings.map((f) => [f.level, f.code])).toEqual([['warning', 'for-exceeds-range']]);
  });

  it('silences with a reason are notes, without one a warning', async () => {
    const text = `groups:
  - name: g
    rules:
      # verify disable raw-counter: it is reset every day
      - alert: A
        expr: shop_orders_total > 100
      - alert: B
        # pint disable promql/counter
        expr: shop_orders_total > 200
      - alert: C
        expr: shop_orders_total > 300
`;
    const record = await one(text);
    expect(record.findings.map((f) => `${f.level} ${f.code} ${f.subject}`)).toEqual([
      'note raw-counter A',
      'note raw-counter B',
      'warning silence-unreasoned B',
      'error raw-counter C',
    ]);
    expect(record.findings[0]?.hint).toBe('silenced: it is reset every day');
  });

  it('the same rule twice, and a recording rule that nothing reads', async () => {
    const record = { record: 'job:shop:rate', expr: `sum by (job) (${orders})` };
    const files = { 'rules.yml': file(record, record), 'board.json': '{"expr": "job:shop:rate"}' };
    expect(weighty(await lint(files))).toEqual(['warning rule-duplicate']);
    const unread = (found: Awaited<ReturnType<typeof lint>>) =>
      found.findings.filter((f) => f.code === 'record-unread').length;
    expect(unread(await lint(files))).toBe(1);
    expect(unread(await lint(files, { readers: ['*.json'] }))).toBe(0);
    const twice = { 'a/rules.yml': file(record), 'b/rules.yml': file(record) };
    expect(weighty(await lint(twice, { rules: ['*/rules.yml'] }))).toEqual([]);
  });

  it('promises: groups, rules, quantiles, labels', async () => {
    const text = file(alert(`${quantile} > 1`, { labels: { severity: 'page' } }));
    const promise = (group: unknown) => one(text, { groups: [group] });
    const rule = { name: 'A', quantile: 0.95, labels: { severity: 'page' } };
    expect((await promise({ name: 'shop', rules: [rule] })).outcome).toBe('passed');
    expect(codes(await promise({ name: 'shop', min: 2, rules: [{ ...rule, quantile: 0.99 }, { name: 'B' }] }))).toEqual(
      ['rule-missing', 'too-few-rules', 'wrong-quantile'],
    );
    expect(codes(await promise({ name: 'shop', rules: [{ name: 'A', labels: { severity: 'low' } }] }))).toEqual([
      'wrong-label',
    ]);
    expect(codes(await promise({ name: 'other' }))).toEqual(['group-missing']);
  });

  const book = '# Book\n\n## Queue is full\n\n## Queue is full\n\n<a id="by-hand"></a>\n\n```\n## no heading\n```\n';
  it.each<[string, boolean]>([
    ['docs/book.md', true],
    ['docs/book.md#queue-is-full', true],
    ['docs/book.md#queue-is-full-1', true],
    ['docs/book.md#by-hand', true],
    ['book.md#queue-is-full', true],
    ['https://github.com/acme/shop/blob/main/docs/book.md#queue-is-full', true],
    ['https://example.org/nowhere', true],
    ['Restart it, then look at the log.', true],
    ['docs/{{ $labels.queue }}.md', true],
    ['docs/nobook.md', false],
    ['docs/book.md#queue', false],
    ['docs/book.md#no-heading', false],
    ['https://github.com/acme/shop/blob/main/docs/nobook.md', false],
    ['https://github.com/acme/shop/blob/main/docs/book.md#queue', false],
  ])('the runbook %s leads somewhere: %s', async (runbook, there) => {
    const files = {
      'docs/rules.yml': file(alert('shop_queue_depth > 1', { annotations: { runbook_url: runbook } })),
      'docs/book.md': book,
      '.git/config': '[remote "origin"]\n\turl = git@github.com:acme/shop.git\n',
    };
    const record = await lint(files, { rules: ['docs/rules.yml'] });
    expect(codes(record)).toEqual(there ? [] : ['runbook-missing']);
  });

  const ratio: Spec = { record: 'job:failed:ratio', expr: failed };
  it('percent of a recorded fraction can never be reached', async () => {
    expect(weighty(await one(file(ratio, alert('job:failed:ratio > 5'))))).toEqual(['error dead-threshold']);
    expect(weighty(await one(file(ratio, alert('job:failed:ratio > 0.05'))))).toEqual([]);
  });
  it.each<[string, Record<string, string>, Record<string, unknown>, string[]]>([
    ['misspelt', { 'rules.yml': file(ratio, alert('job:faild:ratio > 0.1')) }, {}, ['error metric-missing']],
    [
      'of a file that the step was not given',
      {
        'prometheus.yml': prometheus.replace('rules.yml', '"rules/*.yml"'),
        'rules/a.yml': file(alert('job:failed:ratio > 0.1')),
        'rules/b.yml': file(ratio),
      },
      { rules: ['rules/a.yml'] },
      [],
    ],
    [
      'of another folder of that pattern',
      {
        'prometheus.yml': prometheus.replace('rules.yml', '/a/*.yml, /made/*.yml'),
        'rules.yml': file(alert('job:failed:ratio > 0.1')),
      },
      {},
      [],
    ],
    [
      'of another Prometheus',
      {
        'prometheus.yml': prometheus.replace('job_name: shop', 'job_name: shop\n    metrics_path: /federate'),
        'rules.yml': file(alert('job:failed:ratio > 0.1')),
      },
      {},
      [],
    ],
  ])('without exporters, a recorded name %s', async (_, files, more, wanted) =>
    expect(weighty(await lint(files, { exporters: [], ...more }))).toEqual(wanted),
  );
  it.each(['[[:alpha:]]+', String.raw`sh\\pL+`, '(?i:SHOP)', String.raw`\\Qshop\\E`])(
    'a job matched in the syntax of RE2: %s',
    async (pattern) => expect(weighty(await one(file(alert(`shop_queue_depth{job=~"${pattern}"} > 10`))))).toEqual([]),
  );

  it('a job that a target’s label names is no unknown one', async () =>
    expect(
      weighty(
        await lint({
          'prometheus.yml': prometheus.replace('targets: ["shop:80"]', 'targets: ["shop:80"], labels: { job: till }'),
          'rules.yml': file(alert('up{job="till"} == 0')),
        }),
      ),
    ).toEqual([]));

  it('a Kubernetes PrometheusRule is read by its spec', async () => {
    const spec = alert('shop_queue_length > 1');
    const text = stringify({
      kind: 'PrometheusRule',
      metadata: { name: 'x' },
      spec: { groups: [{ name: 'shop', rules: [spec] }] },
    });
    const record = await one(text);
    expect(codes(record)).toEqual(['metric-missing']);
    expect(record.findings[0]?.where?.line).toBe(text.split('\n').findIndex((row) => row.includes('expr:')) + 1);
  });

  it('a metric whose name does not fit its type is a note', async () => {
    const record = await lint({
      'rules.yml': file(alert('rate(shop_visits[5m]) > 1 and on () shop_seats_total > 3')),
      'metrics.txt': '# TYPE shop_visits counter\nshop_visits 3\n# TYPE shop_seats_total gauge\nshop_seats_total 4\n',
    });
    expect(record.findings.map((f) => `${f.level} ${f.code}`)).toEqual(['note metric-suffix', 'note metric-suffix']);
  });

  it('a runbook can be required', async () => {
    const text = file(alert('shop_queue_depth > 1'));
    expect(codes(await one(text))).toEqual([]);
    expect(codes(await one(text, { runbooks: 'required' }))).toEqual(['no-runbook']);
  });

  it.each<[string, Record<string, string>, string[]]>([
    ['no file', {}, ['nothing-asserted', 'rules-unmatched']],
    ['no rule', { 'rules.yml': 'groups: []\n' }, ['no-rules']],
    ['an empty file', { 'rules.yml': '' }, ['no-rules']],
    [
      'a key that Prometheus refuses',
      { 'rules.yml': 'version: 1\ngroups: [{ name: g, rules: [{ alert: A, expr: up == 0 }] }]' },
      ['rules-refused'],
    ],
  ])('%s is found', async (_, files, wanted) => {
    const record = await lint(files);
    expect(codes(record).filter((code) => wanted.includes(code))).toEqual(
      wanted.filter((code) => codes(record).includes(code)),
    );
    expect(record.outcome).toBe('failed');
  });

  it('the sample target’s rules hold without a server', async () => {
    const record = await runStep({
      uses: 'prometheus/rules-static',
      target: join(root, 'examples/engram'),
      with: {
        rules: ['deployments/prometheus/alerts.yml', 'deployments/prometheus/recording_rules.yml'],
        config: 'deployments/prometheus/prometheus.yml',
        readers: ['deployments/grafana/dashboards/*.json'],
        runbooks: 'required',
      },
    });
    expect(weighty(record)).toEqual([]);
    expect(record.facts).toEqual({ 'alerts.count': 8, 'records.count': 2, 'groups.count': 2, 'runbooks.count': 8 });
  });
});
