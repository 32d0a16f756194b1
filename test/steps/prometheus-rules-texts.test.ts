import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { runStep, tempDir } from '../rig/run-step.ts';

interface Spec {
  alert?: string;
  record?: string;
  expr: string;
  for?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}
const prometheus = `global: { scrape_interval: 15s }
rule_files: [rules.yml]
scrape_configs: [{ job_name: shop, static_configs: [{ targets: ["shop:80"] }] }]
`;
const found = async (
  rules: readonly Spec[],
  files: Record<string, string> = {},
  more: object = {},
): Promise<string[]> => {
  const record = await runStep({
    uses: 'prometheus/rules-static',
    target: tempDir({
      'rules.yml': stringify({ groups: [{ name: 'g', rules }] }),
      'prometheus.yml': prometheus,
      ...files,
    }),
    with: { rules: ['rules.yml'], config: 'prometheus.yml', ...more },
  });
  return record.findings.filter((one) => one.level !== 'note').map((one) => `${one.level} ${one.code}`);
};
const alert = (expr: string, summary: string, waits = '5m'): Spec => ({
  alert: 'A',
  expr,
  for: waits,
  annotations: { summary },
});

const errors = 'rate(shop_errors_total[5m])';
const share = 'sum(rate(shop_orders_total{state="failed"}[5m])) / sum(rate(shop_orders_total[5m]))';
const latency = 'histogram_quantile(0.9, sum by (le) (rate(shop_seconds_bucket[5m])))';

describe('prometheus/rules-static: what the texts of rules print', () => {
  it.each<[string, Spec]>([
    ['events per second as a percentage', alert(`${errors} > 1`, '{{ $value | humanizePercentage }} fail')],
    ['a fraction as a percent', alert(`${share} > 0.5`, '{{ $value }}% fail')],
    ['a fraction as a percent, by printf', alert(`${share} > 0.5`, '{{ printf "%.2f" $value }}% fail')],
    ['a percent as a fraction', alert(`${share} * 100 > 50`, '{{ $value | humanizePercentage }} fail')],
    [
      'what is left of a percentage as a fraction',
      alert(
        '100 - (avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m])) * 100) > 80',
        '{{ $value | humanizePercentage }}',
      ),
    ],
    [
      'the used percentage as a fraction',
      alert('(shop_all_bytes - shop_free_bytes) / shop_all_bytes * 100 > 80', '{{ $value | humanizePercentage }}'),
    ],
    ['seconds as milliseconds', alert(`${latency} > 0.5`, 'P90 is {{ $value }}ms')],
    ['milliseconds as a duration', alert(`${latency} * 1000 > 500`, 'P90 is {{ $value | humanizeDuration }}')],
    ['bytes as megabytes', alert('shop_cache_bytes > 5', 'the cache has {{ $value }}MB')],
    ['per second as per minute', alert(`${errors} > 1`, '{{ $value }} errors per minute')],
    ['an increase as per second', alert('increase(shop_errors_total[5m]) > 1', '{{ $value }} errors/s')],
  ])('%s', async (_, rule) => expect(await found([rule])).toEqual(['error value-unit']));

  it('a fraction that a rule records', async () =>
    expect(
      await found([
        { record: 'job:shop_failed:share', expr: share },
        alert('job:shop_failed:share > 0.5', '{{ $value }}% fail'),
      ]),
    ).toEqual(['error value-unit']));

  it.each<[string, Spec]>([
    ['a fraction', alert(`${share} > 0.5`, '{{ $value | humanizePercentage }} fail')],
    ['a percent', alert(`${share} * 100 > 50`, '{{ $value | printf "%.1f" }}% fail')],
    ['seconds', alert(`${latency} > 0.5`, 'P90 is {{ $value | humanizeDuration }}, {{ $value }}s')],
    ['milliseconds', alert(`${latency} * 1000 > 500`, 'P90 is {{ $value }}ms')],
    ['bytes', alert('shop_cache_bytes > 5', '{{ $value | humanize1024 }}B, {{ $value }} bytes')],
    ['per minute', alert(`${errors} * 60 > 1`, '{{ $value }} errors per minute')],
    ['an increase', alert('increase(shop_errors_total[1m]) > 1', '{{ $value }} errors per minute')],
    [
      'the used fraction',
      alert('(shop_all_bytes - shop_free_bytes) / shop_all_bytes > 0.8', '{{ $value | humanizePercentage }}'),
    ],
    ['the used percentage', alert('100 * (1 - shop_free_bytes / shop_all_bytes) > 80', '{{ $value }}%')],
    ['a share of time', alert('rate(shop_busy_ms_total[5m]) > 1', '{{ $value | humanizePercentage }}')],
    ['a processor’s share', alert('rate(process_cpu_seconds_total[5m]) > 0.9', '{{ $value | humanizePercentage }}')],
    ['what nothing is known of', alert('shop_load > 5', '{{ $value }}% or {{ $value }}ms')],
    ['the first condition', alert(`${share} > 0.5 and sum(${errors}) > 1`, '{{ $value | humanizePercentage }}')],
  ])('%s is printed as it is', async (_, rule) => expect(await found([rule])).toEqual([]));

  it.each<[string, Spec, string]>([
    ['hours for minutes', alert('shop_up == 0', 'down for 5 minutes', '5h'), 'error for-contradicts'],
    ['more than it waits', alert('shop_up == 0', 'down for more than 10 minutes', '2m'), 'warning for-contradicts'],
    [
      'a time, and it does not wait',
      { ...alert('shop_up == 0', 'down for over 10 minutes'), for: '0s' },
      'warning for-contradicts',
    ],
  ])('%s: the text contradicts the waiting', async (_, rule, code) => expect(await found([rule])).toEqual([code]));

  it.each<[string, Spec]>([
    ['the same in other words', alert('shop_up == 0', 'down for 300 seconds')],
    ['the range', alert('increase(shop_errors_total[1h]) > 1', 'errors for more than 1 hour')],
    ['the threshold', alert('time() - shop_last_run > 600', 'no run for more than 10 minutes')],
    ['the threshold in hours', alert('(time() - shop_last_run) / 3600 > 24', 'no run for over 24 hours')],
    ['less than it waits', alert('shop_up == 0', 'down for more than 1 minute')],
    ['how long something is kept', alert('shop_up == 0', 'the logs are there for 30 days')],
  ])('%s: the text may speak of it', async (_, rule) => expect(await found([rule])).toEqual([]));
});

describe('prometheus/rules-static: how far back', () => {
  const failed = (range: string): string => `increase(shop_errors_total[${range}]) > 3`;
  it.each<[string, Spec]>([
    ['another range', alert(failed('1h'), 'errors in the last 15 minutes')],
    ['an hour for a minute', alert(failed('5h'), 'errors in the past 5m', '10m')],
  ])('%s', async (_, rule) => expect(await found([rule])).toEqual(['warning text-contradicts']));
  it.each<[string, Spec]>([
    ['its range', alert(failed('1h'), 'errors in the last 60 minutes')],
    ['its wait', alert(failed('1h'), 'errors for the last 5 minutes')],
    ['both together', alert(failed('10m'), 'errors in the last 15 minutes')],
  ])('%s says nothing', async (_, rule) => expect(await found([rule])).toEqual([]));
  it('a recorded name says its own range', async () =>
    expect(
      await found([
        { record: 'job:shop_errors:increase1h', expr: 'sum by (job) (increase(shop_errors_total[1h]))' },
        alert('max_over_time(job:shop_errors:increase1h[5m]) > 3', 'errors in the last 60 minutes', '10m'),
      ]),
    ).toEqual([]));
});

describe('prometheus/rules-static: a text and its threshold', () => {
  const busy = 'sum(shop_busy) > 1';
  it.each<[string, string, Spec, Spec]>([
    [
      'what is counted in ten minutes, beside another condition',
      'warning text-contradicts',
      alert(`increase(shop_errors_total[10m]) > 5 and on () ${busy}`, 'more than 50 errors in 10 minutes'),
      alert(`increase(shop_errors_total[10m]) > 50 and on () ${busy}`, 'more than 50 errors in 10 minutes'),
    ],
    [
      'what is counted in ten minutes, by a rate',
      'error unit-mismatch',
      alert('rate(shop_errors_total[10m]) > 10', 'more than 10 errors in the last 10 minutes'),
      alert('rate(shop_errors_total[10m]) * 600 > 10', 'more than 10 errors in the last 10 minutes'),
    ],
    [
      'changes of what counts seconds',
      'error unit-mismatch',
      alert('changes(process_start_time_seconds[1h]) > 3', 'restarted more than 3 times in 15 minutes'),
      alert('changes(process_start_time_seconds[15m]) > 3', 'restarted more than 3 times in 15 minutes'),
    ],
    [
      'ten times as many',
      'warning text-contradicts',
      alert('shop_busy > 30', 'more than 300 orders wait'),
      alert('shop_busy > 300', 'more than 300 orders wait'),
    ],
    [
      'the other side',
      'warning text-contradicts',
      alert('shop_busy < 30', 'more than 30 orders wait'),
      alert('shop_busy < 30', 'there should be more than 30 orders'),
    ],
    [
      'the other side in percent',
      'warning text-contradicts',
      alert(`${share} < 0.9`, 'above 90% fail'),
      alert(`${share} > 0.05`, 'the objective is <0.1% of failures'),
    ],
  ])('%s', async (_, code, bad, good) => {
    expect(await found([bad])).toEqual([code]);
    expect(await found([good])).toEqual([]);
  });
});

describe('prometheus/rules-static: joins of what is exported', () => {
  const files = {
    'metrics.txt':
      '# TYPE shop_depth gauge\nshop_depth{queue="mail"} 3\n# TYPE shop_fill gauge\nshop_fill{queue="mail"} 1\n# TYPE shop_busy gauge\nshop_busy 3\n',
  };
  const joined = (expr: string): Promise<string[]> =>
    found([alert(`${expr} > 2`, 'x')], files, { exporters: [{ file: 'metrics.txt', job: 'shop' }] });
  it.each(['shop_depth / shop_busy', 'shop_busy - shop_depth'])('%s', async (expr) =>
    expect(await joined(expr)).toEqual(['error sides-never-match']),
  );
  it('a label that neither side has', async () =>
    expect(await joined('shop_depth / on (zone) shop_fill')).toEqual(['warning sides-never-match']));
  it.each([
    'shop_depth / shop_fill',
    'shop_depth / ignoring (queue) group_left shop_busy',
    'shop_depth / on (queue) shop_fill',
    'sum by (instance, job) (shop_depth) / shop_busy',
    'shop_depth unless shop_busy',
  ])('%s matches', async (expr) => expect(await joined(expr)).toEqual([]));
});

describe('prometheus/rules-static: a count that a rule records', () => {
  const recorded = (expr: string): Spec => ({ record: 'shop:odd_paths:count', expr });
  const asks: Spec = { alert: 'A', expr: 'shop:odd_paths:count > 0', for: '5m' };
  it('asks whether anything is there', async () =>
    expect(await found([recorded('count(shop_orders_total{state=~"odd.*"})'), asks])).toEqual([]));
  it('is always that many of what is always there', async () =>
    expect(await found([recorded('sum(count by (state) (shop_orders_total)) + 1'), asks])).toEqual([
      'error always-fires',
    ]));
});

describe('prometheus/rules-static: labels that are lost', () => {
  it.each<[string, string]>([
    ['a sum over a series', 'sum(shop_busy) / shop_limit > 0.8'],
    ['a series over a sum', 'shop_busy / sum by (job) (shop_limit) > 0.8'],
    ['a sum and a series', 'sum(shop_busy) > 5 and shop_up == 1'],
    ['a count on a label that it has lost', '(count(shop_busy) > 1) * on (instance) group_left (v) shop_info'],
    ['a rate and a sum', 'rate(shop_orders_total[5m]) / sum(rate(shop_asked_total[5m])) > 0.5'],
  ])('%s never match', async (_, expr) => expect(await found([alert(expr, 'x')])).toEqual(['error sides-never-match']));
  it('where series may come from elsewhere, that is likely', async () =>
    expect(await found([alert('sum(shop_busy) / shop_limit > 0.8', 'x')], {}, { config: undefined })).toEqual([
      'warning sides-never-match',
    ]));
  it.each<[string, string]>([
    ['on', 'sum by (instance) (shop_busy) / on (instance) shop_limit > 0.8'],
    ['the same labels', 'sum by (job, instance) (shop_busy) / shop_limit > 0.8'],
    ['ignoring', 'sum by (queue) (shop_busy) / ignoring (job, instance) shop_limit > 0.8'],
    ['a scalar', 'sum(shop_busy) / scalar(shop_limit) > 0.8'],
    ['unless', 'sum(shop_busy) > 5 unless shop_paused'],
    ['or', 'sum(shop_busy) > 5 or shop_up == 0'],
    ['both sums', 'sum(shop_busy) / sum(shop_limit) > 0.8'],
  ])('%s: they may match', async (_, expr) => expect(await found([alert(expr, 'x')])).toEqual([]));

  it('what a rule records may have lost the same labels', async () =>
    expect(
      await found([{ record: 'shop:limit', expr: 'shop_limit' }, alert('sum(shop_busy) / shop:limit > 0.8', 'x')]),
    ).toEqual([]));

  const recorded: Spec = { record: 'shop:busy:sum', expr: 'sum by (queue) (shop_busy)', labels: { team: 'web' } };
  it('a label that a recording rule has dropped is empty', async () =>
    expect(await found([recorded, alert('shop:busy:sum > 1', '{{ $labels.instance }}')])).toEqual([
      'warning label-dropped',
    ]));
  it('labels that a recording rule keeps or sets are there', async () =>
    expect(await found([recorded, alert('shop:busy:sum > 1', '{{ $labels.queue }} {{ $labels.team }}')])).toEqual([]));
  it('a rule that reads what it records itself', async () =>
    expect(
      await found([{ record: 'shop:a', expr: 'shop:a + 1' }, alert('shop:a > 1', '{{ $labels.instance }}')]),
    ).toEqual([]));
});

describe('prometheus/rules-static: metrics that the source does not name', () => {
  const source = `
let a = register_counter!("shop_orders_total", "x");
let b = register_gauge!("shop_busy", "x");
let c = Histogram::new(opts("checkout_seconds").namespace("shop"));
`;
  const four = (name: string): Spec[] =>
    ['shop_orders_total', 'shop_busy', 'shop_checkout_seconds_bucket', name].map((one) => alert(`${one} < 1`, 'x'));
  const code = { 'src/metrics.rs': source, 'prometheus.yml': prometheus };
  it('one that is not there, beside three that are', async () =>
    expect(await found(four('shop_order_total'), code)).toEqual(['warning metric-unsourced']));
  it.each<[string, string, Record<string, string>]>([
    ['a name that is put together', 'shop_mail_sent_total', { 'src/mail.py': 'Counter(f"{prefix}_mail_sent", "x")\n' }],
    ['a meter with dots', 'shop_mail_sent_total', { 'src/Mail.java': 'registry.counter("shop.mail.sent");\n' }],
    [
      'a mapping of another program',
      'shop_mail_sent_total',
      { 'statsd.yml': 'mappings: [{ match: a, name: shop_mail_sent_total }]\n' },
    ],
    ['a metric of another exporter', 'acme_mail_sent_total', {}],
    [
      'a derived scope and a field',
      'shop_mail_sent_today',
      {
        'src/m.rs':
          '#[derive(Metrics)]\n#[metrics(scope = "shop.mail")]\npub struct Mail {\n    sent_today: Counter,\n}\n',
      },
    ],
    [
      'a namespace and a subsystem of Go',
      'shop_mail_sent_total',
      {
        'm.go':
          'const ns = "shop"\nvar a = promauto.NewCounter(prometheus.CounterOpts{\n\tNamespace: ns,\n\tSubsystem: "mail",\n\tName: "sent_total",\n})\n',
      },
    ],
    [
      'a full name that Go builds',
      'shop_mail_sent',
      { 'm.go': 'prometheus.NewDesc(prometheus.BuildFQName(ns, "mail", "sent"), "x", nil, nil)\nconst ns = "shop"\n' },
    ],
    [
      'a name that is formatted of parts',
      'shop_mail_sent',
      { 'm.go': '// metric names\nfmt.Sprintf("%s_%s_%s", "shop", "mail", "sent")\n' },
    ],
    [
      'a template of Node',
      'shop_mail_sent_total',
      { 'm.js': 'new Counter({ name: `shop_mail_${kind}` }); // metrics\n' },
    ],
    ['an average that the code adds', 'shop_busy_avg', {}],
    [
      'a unit that OpenTelemetry adds',
      'shop_mail_time_milliseconds_bucket',
      { 'm.cs': 'meter.CreateHistogram<double>("shop.mail.time", "ms");\n' },
    ],
    [
      'a namespace of Python',
      'shop_mail_sent_total',
      { 'm.py': 'Counter("sent", "x", namespace="shop", subsystem="mail")\n' },
    ],
    [
      'a key of a query exporter',
      'shop_mail_lag_seconds',
      { 'queries.yml': 'shop_mail:\n  metrics:\n    - lag_seconds: { usage: GAUGE }\n' },
    ],
    [
      'labels within the name',
      'shop_mail_sent_total',
      { 'm.go': 'metrics.NewCounter(`shop_mail_sent_total{kind="x"}`)\n' },
    ],
  ])('%s is no fault', async (_, name, files) => expect(await found(four(name), { ...code, ...files })).toEqual([]));
  const others = { 'src/more.py': '["shop_a", "gossip_a_seen", "gossip_b_seen", "gossip_c_seen"]\n' };
  it('what is quoted, but not registered, says nothing of its siblings', async () =>
    expect(await found(four('gossip_rpc_sent_total'), { ...code, ...others })).toEqual([]));
  it.each(['vendor/x/m.go', 'node_modules/x/m.js', 'third_party/m.py'])('a name in %s does not count', async (path) =>
    expect(await found(four('shop_order_total'), { ...code, [path]: '"shop_order_total"\n' })).toEqual([
      'warning metric-unsourced',
    ]),
  );
  it('a rule or a dashboard that reads a metric does not name it', async () =>
    expect(
      await found(four('shop_order_total'), {
        ...code,
        'other.yml': 'groups: [{ name: g, rules: [{ record: a:b, expr: shop_order_total }] }]\n',
        'board.json': '{"panels":[{"targets":[{"expr":"shop_order_total"}]}]}\n',
      }),
    ).toEqual(['warning metric-unsourced']));
  it('where most is not named, the sources were not understood', async () =>
    expect(
      await found(
        ['shop_orders_total', 'shop_x_a', 'shop_x_b', 'shop_x_c'].map((one) => alert(`${one} < 1`, 'x')),
        code,
      ),
    ).toEqual([]));

  const python =
    'from prometheus_client import Counter, Gauge\nA = Counter("shop_mail", "x")\nB = Gauge("shop_open", "x")\n';
  const go =
    'import "github.com/prometheus/client_golang/prometheus"\nvar a = prometheus.NewCounter(prometheus.CounterOpts{Name: "shop_mail"})\n';
  const otel = 'from opentelemetry import metrics\nm.create_counter("shop.mail")\n';
  it.each([
    ['a counter of Python by its bare name', 'shop_mail', { 'm.py': python }, 'error'],
    [
      'one that a helper makes',
      'shop_mail',
      { 'm.py': 'import prometheus_client\nmake(Counter, "shop_mail", "x")\n' },
      'error',
    ],
    [
      'one whose name every program may have',
      'http_mail',
      { 'm.py': python.replace('shop_mail', 'http_mail') },
      'warning',
    ],
    ['a counter of OpenTelemetry', 'shop_mail', { 'm.py': otel }, 'warning'],
    ['a counter of Go with an ending that nobody adds', 'shop_mail_total', { 'm.go': go }, 'error'],
    ['a histogram by its bare name', 'shop_mail', { 'm.go': go.replaceAll('Counter', 'Histogram') }, 'error'],
    ['buckets of a summary', 'shop_mail_bucket', { 'm.go': go.replaceAll('Counter', 'Summary') }, 'error'],
    ['a sum of a gauge', 'shop_open_sum', { 'm.py': python }, 'error'],
    [
      'buckets with a unit that nobody adds',
      'shop_mail_seconds_bucket',
      { 'm.go': go.replaceAll('Counter', 'Histogram') },
      'error',
    ],
    [
      'one of prom-client',
      'shop_mail_total',
      { 'm.js': "require('prom-client'); new Counter({ name: 'shop_mail' });\n" },
      'error',
    ],
  ])('%s is exported under another', async (_, name, files, level) =>
    expect(await found([alert(`${name} < 1`, 'x')], files)).toEqual([`${level} metric-unsourced`]),
  );
  it.each([
    ['with the ending that the library adds', 'shop_mail_total', { 'm.py': python }],
    ['a gauge', 'shop_open', { 'm.py': python }],
    ['as it is registered', 'shop_mail', { 'm.go': go }],
    ['with both libraries', 'shop_mail_total', { 'm.go': go, 'm.py': python }],
    ['a name that stands elsewhere too', 'shop_mail', { 'm.py': python, 'm.go': go }],
    [
      'a name in a table of settings',
      'shop_mail',
      { 'm.py': python, 'queries.yml': 'shop_mail: { usage: COUNTER }\n' },
    ],
    [
      'endings that are turned off',
      'shop_mail',
      { 'm.py': otel, 'collector.yml': 'exporters: { prometheus: { add_metric_suffixes: false } }\n' },
    ],
    [
      'a name that code puts together',
      'shop_mail_total',
      { 'm.go': `${go}var b = fmt.Sprintf("shop_%s_total", kind) // counter\n` },
    ],
    ['no source', 'shop_mail', {}],
    ['a sum of a histogram', 'shop_mail_sum', { 'm.go': go.replaceAll('Counter', 'Histogram') }],
    ['a quantile of a summary', 'shop_mail', { 'm.go': go.replaceAll('Counter', 'Summary') }],
    [
      'a native histogram',
      'shop_mail',
      { 'm.go': go.replaceAll('Counter', 'Histogram').replace('"}', '", NativeHistogramBucketFactor: 1.1}') },
    ],
    ['a name that ends like a part', 'shop_count', { 'm.py': python.replace('shop_open', 'shop_count') }],
    [
      'a unit that Python adds',
      'shop_open_bytes',
      { 'm.py': python.replace('"shop_open", "x"', '"shop_open", "x", unit="bytes"') },
    ],
    [
      'one of two kinds',
      'shop_mail',
      { 'm.go': go.replaceAll('Counter', 'Histogram'), 'n.go': go.replaceAll('Counter', 'Gauge') },
    ],
  ])('%s it is right', async (_, name, files) => expect(await found([alert(`${name} < 1`, 'x')], files)).toEqual([]));

  const registered: Record<string, string> = {
    'm.go':
      'import "github.com/prometheus/client_golang/prometheus"\nvar a = prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "shop_wait_seconds", Help: "a (b", Buckets: []float64{1, 2}}, []string{"queue"})\nvar b = prometheus.NewGauge(prometheus.GaugeOpts{Name: "shop_open"})\n',
    'm.js':
      "const { Histogram, Gauge } = require('prom-client');\nnew Histogram({ name: 'shop_wait_seconds', help: 'a (b', labelNames: ['queue'], buckets: [1, 2] });\nnew Gauge({ name: 'shop_open', help: 'x' });\n",
    'm.py':
      'from prometheus_client import Histogram, Gauge\nA = Histogram("shop_wait_seconds", "a (b", ["queue"], buckets=(1, 2))\nB = Gauge("shop_open", "x")\n',
    'm.rs':
      'use prometheus::{HistogramVec, HistogramOpts, register_int_gauge};\nHistogramVec::new(HistogramOpts::new("shop_wait_seconds", "a (b").buckets(vec![1.0]), &["queue"]);\nregister_int_gauge!("shop_open", "x");\n',
  };
  const jobs = {
    'prometheus.yml': 'scrape_configs: [{ job_name: shop, static_configs: [{ targets: ["shop:1"] }] }]\n',
  };
  it.each(Object.entries(registered))('labels and kinds that %s registers are known', async (path, code) => {
    const of = async (expr: string): Promise<string[]> => found([alert(expr, 'x')], { ...jobs, [path]: code });
    expect(await of('rate(shop_wait_seconds_count{queue="a", job="shop"}[5m]) > 1')).toEqual([]);
    expect(await of('histogram_quantile(0.9, sum by (le) (rate(shop_wait_seconds_bucket{le="1"}[5m]))) > 1')).toEqual(
      [],
    );
    expect(await of('rate(shop_wait_seconds_count{tier="a"}[5m]) > 1')).toEqual(['error label-missing']);
    expect(await of('rate(shop_open[5m]) > 1')).toEqual(['warning rate-on-gauge']);
    const text = (label: string): Promise<string[]> =>
      found([alert('rate(shop_wait_seconds_count[5m]) > 1', `{{ $labels.${label} }}`)], { ...jobs, [path]: code });
    expect([await text('queue'), await text('instance'), await text('tier')]).toEqual([
      [],
      [],
      ['warning label-dropped'],
    ]);
  });
  it.each([
    ['labels that are a variable', { 'm.js': (registered['m.js'] ?? '').replace("['queue']", 'names') }],
    ['labels on every metric', { 'm.js': `${registered['m.js']}register.setDefaultLabels({ tier: 'a' });\n` }],
    [
      'another registration',
      {
        'm.js': registered['m.js'] ?? '',
        'n.js': "require('prom-client'); new Histogram({ name: 'shop_wait_seconds', labelNames: ['tier'] });\n",
      },
    ],
    ['a test’s own registration', { 'x.test.js': registered['m.js'] ?? '' }],
    [
      'a name that another file has too',
      { 'm.js': registered['m.js'] ?? '', 'n.rb': "show('shop_wait_seconds_count')\n" },
    ],
    [
      'a label of the target',
      {
        'm.js': registered['m.js'] ?? '',
        'prometheus.yml': jobs['prometheus.yml'].replace('targets', 'labels: { tier: a }, targets'),
      },
    ],
    [
      'targets that are found',
      {
        'm.js': registered['m.js'] ?? '',
        'prometheus.yml': 'scrape_configs: [{ job_name: shop, kubernetes_sd_configs: [{ role: pod }] }]\n',
      },
    ],
  ])('%s: no label is missing', async (_, files) =>
    expect(await found([alert('rate(shop_wait_seconds_count{tier="a"}[5m]) > 1', 'x')], { ...jobs, ...files })).toEqual(
      [],
    ),
  );

  const node =
    "new Counter({ name: 'store_http_requests_total' }); new Histogram({ name: 'store_http_request_duration_seconds' }); new Counter({ name: 'store_logins_total' });\n";
  const requests = [alert('sum(rate(http_requests_total{status=~"5.."}[5m])) > 1', 'x')];
  it('a name that is registered behind a prefix only', async () =>
    expect(await found(requests, { 'm.js': node })).toEqual(['warning metric-unsourced']));
  it.each<[string, Record<string, string>]>([
    ['the name is registered too', { 'n.js': "new Counter({ name: 'http_requests_total' })\n" }],
    ['a library brings the usual names', { 'package.json': '{"dependencies":{"express-prom-bundle":"8"}}' }],
    ['a source sets the prefix of another', { 'n.py': 'Counter("http_requests_total", "x")\n' }],
  ])('no fault where %s', async (_, files) => expect(await found(requests, { 'm.js': node, ...files })).toEqual([]));

  it('the 6,000th file is read too', async () => {
    const many = Object.fromEntries(Array.from({ length: 6000 }, (_, n) => [`src/a${n}.py`, '\n']));
    expect(
      await found(four('shop_mail_sent_total'), { ...code, ...many, 'src/z.py': 'Counter("shop_mail_sent", "x")\n' }),
    ).toEqual([]);
  });
  it('without source nothing can be said', async () => expect(await found(four('shop_order_total'))).toEqual([]));
});

describe('prometheus/rules-static: metrics of widely used exporters', () => {
  it.each<[string, string, string[]]>([
    ['a rate of a gauge', 'rate(redis_connected_clients[5m]) > 1', ['error rate-on-gauge']],
    ['a delta of a gauge', 'delta(redis_connected_clients[5m]) > 1', []],
    ['a rate of a counter', 'rate(redis_commands_processed_total[5m]) > 1', []],
    ['a name of long ago', 'node_memory_MemAvailable < 1e9', ['warning metric-renamed']],
    ['a resource in the name', 'kube_node_status_capacity_pods < 9', ['warning metric-renamed']],
    ['a resource in a label', 'kube_node_status_capacity{resource="pods"} < 9', []],
    ['the name of today', 'node_memory_MemAvailable_bytes < 1e9', []],
    ['Prometheus 1’s own', 'prometheus_local_storage_memory_series > 1e6', ['warning metric-renamed']],
    ['Prometheus 2.0’s own', 'rate(tsdb_wal_corruptions_total[5m]) > 0', ['warning metric-renamed']],
    ['Prometheus’s own of today', 'prometheus_tsdb_head_series > 1e6', []],
  ])('%s', async (_, expr, codes) => expect(await found([alert(expr, 'x')])).toEqual(codes));
  it('an old name that a rule records', async () =>
    expect(await found([{ record: 'node_cpu', expr: 'node_cpu_seconds_total' }, alert('node_cpu > 1', 'x')])).toEqual(
      [],
    ));
  it('a name of long ago that is exported', async () =>
    expect(
      await found(
        [alert('node_boot_time > 1', 'x')],
        { 'm.txt': 'node_boot_time 2\n' },
        {
          exporters: [{ file: 'm.txt', job: 'shop' }],
        },
      ),
    ).toEqual([]));
});

describe('prometheus/rules-static: how often is recorded', () => {
  const every = async (interval: string, rule: Spec): Promise<string[]> =>
    found([], { 'rules.yml': stringify({ groups: [{ name: 'g', interval, rules: [rule] }] }) });
  const record: Spec = { record: 'shop:busy', expr: 'sum(shop_busy)' };
  it('less often than a query looks back', async () =>
    expect(await every('10m', record)).toEqual(['warning interval-long']));
  it('as often', async () => expect(await every('5m', record)).toEqual([]));
  it('an alert alone', async () => expect(await every('10m', alert('shop_busy > 1', 'x'))).toEqual([]));
});
