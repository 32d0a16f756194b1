import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { runStep, tempDir } from '../rig/run-step.ts';

interface Spec {
  expr: string;
  alert?: string;
  record?: string;
  for?: string | undefined;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}
const run = async (rules: Spec[], files: Record<string, string> = {}, more: Record<string, unknown> = {}) => {
  const list = rules.map((rule, n) => (rule.record === undefined ? { alert: `A${n}`, for: '5m', ...rule } : rule));
  return runStep({
    uses: 'prometheus/rules-static',
    target: tempDir({ 'rules.yml': stringify({ groups: [{ name: 'g', rules: list }] }), ...files }),
    with: { rules: ['rules.yml'], ...more },
  });
};
const judged = async (...args: Parameters<typeof run>) =>
  (await run(...args)).findings.filter((f) => f.level !== 'note').map((f) => `${f.level} ${f.code} ${f.subject ?? ''}`);
const each = (exprs: string[]): Spec[] => exprs.map((expr) => ({ expr }));

describe('prometheus/rules-static: what can never be true', () => {
  const comparisons = [
    'vector(1) > 5',
    'jobs > 5 < 3',
    'jobs > 10 and jobs < 5',
    '(jobs > 0) == 0',
    'sum by (job) (reload_ok == 0) > 0',
    'jobs == NaN',
    'jobs > NaN',
    'avg by (job) (rate(sessions_persec{quantile="0.95"}[5m])) < 0',
    'jobs >= 5 and (jobs < 5)',
    'jobs > 5 unless jobs > 3',
    '5 < jobs < 3',
    'max(jobs > 7) <= 7',
    'sgn(jobs) > 1',
    'sum(up == bool 0) / count(up) > 1',
    'quantile_over_time(0.5, up[1h]) > 1',
  ];
  it('comparisons that contradict each other', async () =>
    expect(await judged(each(comparisons))).toEqual(comparisons.map((_, n) => `error dead-threshold A${n}`)));

  it('their possible twins', async () =>
    expect(
      await judged(
        each([
          'jobs > 3 < 5',
          'jobs > 5 and jobs < 10',
          '(jobs >= 0) == 0',
          'sum by (job) (reload_ok == 0) == 0',
          'jobs > 3 unless jobs > 5',
          'jobs > 5 unless jobs{zone="a"} > 3',
          'jobs > 5 unless on (zone) jobs > 3',
          'jobs > 10 and on (zone) jobs < 5',
          'jobs > 10 or jobs < 5',
          'jobs >= 5 and jobs <= 5',
          'jobs > 5 and jobs offset 1h < 3',
          'jobs{zone="a"} > 5 and jobs{zone="b"} unless jobs > bool 3',
        ]),
      ).then((found) => found.filter((one) => !one.includes('sides-never-match'))),
    ).toEqual([]));

  const matchers = [
    'jobs{zone="a", zone="b"}',
    'jobs{zone="a", zone!="a"}',
    'jobs{zone=~"a|b", zone="c"}',
    'jobs{zone="a", zone!~"a.*"}',
  ];
  it('matchers that contradict each other', async () => {
    expect(await judged(each(matchers.map((one) => `${one} > 1`)))).toEqual(
      matchers.map((_, n) => `error dead-selector A${n}`),
    );
    expect(await judged(each(['jobs{zone="a", zone=~"a|b"} > 1', 'jobs{zone!="a", zone!="b"} > 1']))).toEqual([]);
  });

  it('the value in a label, but where it is always the same', async () =>
    expect(
      await judged([
        { expr: 'jobs > 3', labels: { now: '{{ $value }}' } },
        { expr: 'jobs > 3', labels: { now: '{{ .Value | printf "%.0f" }}' }, for: undefined },
        { expr: 'up == 0', labels: { now: '{{ $value }}' } },
        { expr: 'jobs > 3', labels: { level: '{{ if gt $value 5.0 }}high{{ else }}low{{ end }}' } },
      ]),
    ).toEqual(['error value-in-label A0', 'warning value-in-label A1']));

  it('a rate of a sum, through a recording too', async () =>
    expect(
      await judged([
        { record: 'job:jobs:sum', expr: 'sum by (job) (jobs_total)' },
        { record: 'job:jobs:rate5m', expr: 'sum by (job) (rate(jobs_total[5m]))' },
        { record: 'job:depth:sum', expr: 'sum by (job) (depth)' },
        { alert: 'A', expr: 'rate(job:jobs:sum[5m]) > 1' },
        { alert: 'B', expr: 'rate(sum(jobs_total)[5m:]) > 1' },
        { alert: 'C', expr: 'max_over_time(job:jobs:rate5m[5m]) > 1' },
        { alert: 'D', expr: 'rate(job:depth:sum[5m]) > 1' },
      ]),
    ).toEqual(['warning rate-of-sum A', 'warning rate-of-sum B']));

  it('a grouping by what an inner aggregation dropped', async () =>
    expect(
      await judged(each(['sum by (zone) (sum by (job) (jobs)) > 1', 'sum by (job) (sum by (job, zone) (jobs)) > 1'])),
    ).toEqual(['warning grouping-lost A0']));
});

const metrics = `# TYPE shop_press_seconds histogram
shop_press_seconds_bucket{le="0.5"} 3
shop_press_seconds_bucket{le="1"} 4
shop_press_seconds_bucket{le="+Inf"} 5
shop_press_seconds_sum 9
shop_press_seconds_count 5
# TYPE shop_spoiled_total counter
shop_spoiled_total{fruit="apple"} 3
shop_spoiled_total{fruit="pear"} 4
`;
const config = (more = '', job = ''): string => `global: { scrape_interval: 1m, ${more} }
rule_files: [rules.yml]
scrape_configs:
  - job_name: shop
    static_configs: [{ targets: ["shop:80"] }]
${job}`;
const stack = (image: string, command = ''): Record<string, string> => ({
  'docker-compose.yml': `services:\n  p:\n    image: ${image}\n    command: ["--config.file=/p.yml"${command}]\n`,
});
const known = { exporters: [{ file: 'metrics.txt', job: 'shop' }], config: 'prometheus.yml' };
const inStack = (exprs: Spec[], files: Record<string, string>, prometheus = config()) =>
  judged(exprs, { 'metrics.txt': metrics, 'prometheus.yml': prometheus, ...files }, known);

describe('prometheus/rules-static: what the configuration and the deployed versions say', () => {
  const bucket = (le: string): Spec => ({ expr: `rate(shop_press_seconds_bucket{le="${le}"}[5m]) < 3` });
  it('bounds of buckets as the running major stores them', async () => {
    const both = [
      bucket('1'),
      bucket('1.0'),
      bucket('2'),
      { expr: 'rate(shop_press_seconds_bucket{le=~"1(\\\\.0)?"}[5m]) < 3' },
    ];
    expect(await inStack(both, stack('prom/prometheus:v3.1.0'))).toEqual([
      'error label-value A0',
      'error label-value A2',
    ]);
    expect(await inStack(both, stack('prom/prometheus:v2.53.0'))).toEqual([
      'error label-value A1',
      'error label-value A2',
    ]);
    expect(await inStack(both, {})).toEqual(['error label-value A2']);
  });

  it('external labels, jobs of what is pushed, and anchored expressions', async () => {
    const rules = each([
      'up{cluster="north", job="shop"} == 0',
      'time() - nightly_seconds{job="nightly"} > 90000',
      'rate(shop_spoiled_total{fruit=~"app"}[5m]) > 0',
      'rate(shop_spoiled_total{fruit=~"app.*"}[5m]) > 0',
      'up{job="shop"} == 0',
    ]);
    const gate = (honour: string): string =>
      `  - job_name: pushgateway\n    ${honour}static_configs: [{ targets: ["gate:9091"] }]\n`;
    expect(await inStack(rules, {}, config('external_labels: { cluster: north }', gate('')))).toEqual([
      'error label-missing A0',
      'error job-unknown A1',
      'error label-value A2',
    ]);
    expect(await inStack(rules.slice(1, 2), {}, config('', gate('honor_labels: true\n    ')))).toEqual([]);
  });

  it('one missed scrape, and samples older than are kept', async () => {
    const keeps = stack('prom/prometheus:v2.53.0', ', "--storage.tsdb.retention.time=7d"');
    expect(
      await inStack(
        [
          { expr: 'absent_over_time(up{job="shop"}[1m])', for: undefined },
          { expr: 'absent_over_time(up{job="shop"}[5m])', for: undefined },
          { expr: 'absent_over_time(up{job="shop"}[1m])' },
          { expr: 'rate(shop_spoiled_total[5m]) > rate(shop_spoiled_total[5m] offset 2w)' },
          { expr: 'rate(shop_spoiled_total[5m]) > rate(shop_spoiled_total[5m] offset 1d)' },
        ],
        keeps,
      ),
    ).toEqual(['error absent-without-for A0', 'warning beyond-retention A3']);
  });

  it('a series that is gone before each scrape takes the alert with it, once for all alerts', async () => {
    const rules = each([
      'shop_press_seconds_sum / shop_press_seconds_count > 3',
      'up{job="shop"} == 0',
      'rate(shop_spoiled_total[1h]) > 1',
    ]);
    const every = (interval: string) => config().replace('1m', interval);
    const waits = (flag: string) => stack('prom/prometheus:v2.53.0', `, "--query.lookback-delta=${flag}"`);
    expect(await inStack(rules, {}, every('7m'))).toEqual(['error interval-long ']);
    expect(await inStack(rules, waits('6m'), every('7m'))).toEqual(['error interval-long ']);
    expect(await inStack(rules, waits('15m'), every('7m'))).toEqual([]);
    expect(await inStack(rules, {}, every('2m'))).toEqual([]);
    expect(await inStack(rules.slice(2), {}, every('7m'))).toEqual([]);
  });

  it('what is divided by a whole that has more in it, and buckets that a recording keeps whole', async () => {
    const quantile = (by: string): Spec[] => [
      { record: 'shop:press:rate5m', expr: `sum by (${by}) (rate(shop_press_seconds_bucket[5m]))` },
      { expr: 'histogram_quantile(0.9, shop:press:rate5m) > 1' },
    ];
    expect(await judged(quantile('job'))).toEqual(['error le-dropped A1']);
    expect(await judged(quantile('job, le'))).toEqual([]);
    const share = (by: string): Spec[] =>
      each([`sum by (${by}) (rate(a_total{fruit="pear"}[5m])) / sum by (${by}) (rate(a_total[5m])) > 0.1`]);
    expect(await judged(share('zone, fruit'))).toEqual(['error divides-itself A0']);
    expect(await judged(share('zone'))).toEqual([]);
    expect(await judged(each(['100 * rate(a_total{fruit="pear"}[5m]) / rate(a_total[5m]) > 5']))).toEqual([
      'error divides-itself A0',
    ]);
  });

  it('the first event of a counter that comes into being with it', async () => {
    const source = { 'src/m.py': 'Counter("shop_thefts_total", "Stolen")\n' };
    const of = (...exprs: string[]) => inStack(each(exprs), source);
    expect(await of('increase(shop_thefts_total[5m]) > 0', 'sum by (gate) (rate(shop_thefts_total[5m])) > 0')).toEqual([
      'error metric-missing A0',
      'error metric-missing A1',
    ]);
    expect(await of('increase(shop_thefts_total[5m]) > 5', 'shop_thefts_total > 0')).not.toContainEqual(
      expect.stringContaining('error metric-missing'),
    );
    const zero = stack('prom/prometheus:v3.1.0', ', "--enable-feature=created-timestamp-zero-ingestion"');
    expect(await inStack(each(['increase(shop_thefts_total[5m]) > 0']), { ...source, ...zero })).toEqual([
      'warning metric-missing A0',
    ]);
  });

  it('experimental functions without their flag, and what Prometheus 3 calls otherwise', async () => {
    const rules = each([
      'mad_over_time(shop_spoiled_total[5m]) > 1',
      'holt_winters(shop_spoiled_total[5m], 0.5, 0.5) > 1',
    ]);
    const flag = ', "--enable-feature=promql-experimental-functions"';
    expect(await inStack(rules, stack('prom/prometheus:v3.1.0'))).toEqual([
      'error feature-missing A0',
      'error feature-missing A1',
    ]);
    expect(await inStack(rules.slice(0, 1), stack('prom/prometheus:v3.1.0', flag))).toEqual([]);
    expect(await inStack(rules.slice(1), stack('prom/prometheus:v2.53.0'))).toEqual([]);
    expect(await inStack(rules, {})).toEqual([]);
  });

  it('an old name beside a new exporter is an error', async () => {
    const rules = each(['node_memory_MemFree / node_memory_MemTotal < 0.05']);
    expect(new Set(await judged(rules, stack('prom/node-exporter:v1.8.1')))).toEqual(
      new Set(['error metric-renamed A0']),
    );
    // That exporter has the old name: the note says only that a newer one would not.
    expect(await judged(rules, stack('prom/node-exporter:v0.15.2'))).toEqual([]);
  });

  it('a running total is no percentage', async () => {
    const says = { annotations: { summary: '{{ $value | humanizePercentage }} spoils' } };
    const found = await inStack([{ expr: 'shop_spoiled_total > 0', ...says }], {});
    expect(found).toContain('error value-unit A0');
  });
});

describe('prometheus/rules-static: texts beside several conditions and through recordings', () => {
  const says = (summary: string) => ({ annotations: { summary } });
  const slow = 'histogram_quantile(0.9, sum by (le) (rate(wait_seconds_bucket[5m])))';
  it('finds the number that stands there in another unit', async () =>
    expect(
      await judged([
        { expr: `${slow} > 500 and on () up == 1`, ...says('P90 above 500ms') },
        { expr: `${slow} > 0.5 and on () up == 1`, ...says('P90 above 500ms') },
        { expr: 'increase(restarts_total[1h]) > 5', ...says('more than 5 restarts in the last 10 minutes') },
        { expr: 'increase(restarts_total[10m]) > 5', ...says('more than 5 restarts in the last 10 minutes') },
        { record: 'job:spoiled:percent', expr: '100 * sum(rate(spoiled_total[5m])) / sum(rate(picked_total[5m]))' },
        { record: 'job:spoiled:max', expr: 'max_over_time(job:spoiled:percent[1h])' },
        { alert: 'R', expr: 'job:spoiled:max > 0.95', ...says('more than 95% spoils') },
        { alert: 'S', expr: 'job:spoiled:max > 95', ...says('more than 95% spoils') },
        { record: 'job:full:percent', expr: 'full_ratio * 100' },
        { alert: 'T', expr: 'job:full:percent > 0.9', ...says('more than 90% full') },
        { alert: 'U', expr: 'job:full:percent > 90', ...says('more than 90% full') },
      ]),
    ).toEqual(['error unit-mismatch A0', 'error unit-mismatch A2', 'error unit-mismatch R', 'error unit-mismatch T']));
});

describe('prometheus/rules-static: labels, house rules and silences', () => {
  const bears = (labels: Record<string, string>, alert: string): Spec => ({ alert, expr: 'jobs > 1', labels });
  it('a label that is a slip away from the others’', async () => {
    const rest = ['B', 'C', 'D'].map((name) => ({
      ...bears({ severity: 'page' }, name),
      expr: `${name.toLowerCase()} > 1`,
    }));
    expect(await judged([bears({ serverity: 'page' }, 'A'), ...rest])).toEqual(['error label-misspelt A']);
    expect(await judged([bears({ service: 'x', severity: 'page' }, 'A'), ...rest])).toEqual([]);
    expect(await judged([bears({ team: 'x' }, 'A'), ...rest])).toEqual([]);
  });

  it('what the house asks', async () => {
    const house = [
      {
        name: '[A-Z]\\w+',
        labels: { severity: 'page|ticket' },
        annotations: { summary: '.+' },
        forbidden: ['owner'],
        keeps: ['job'],
        for: { min: '2m', max: '1h' },
      },
      { kind: 'record', match: 'job:.*', keeps: ['job'], drops: ['instance'] },
    ];
    const good: Spec = { expr: 'jobs > 1', labels: { severity: 'page' }, annotations: { summary: 'x' } };
    const record = { record: 'job:jobs:sum', expr: 'sum by (job) (jobs)' };
    expect(await judged([good, record], {}, { house })).toEqual([]);
    const bad: Spec = { alert: 'a', expr: 'sum(jobs) > 1', for: '1m', labels: { severity: 'low', owner: 'me' } };
    const found = await run([bad, { ...record, expr: 'jobs' }], {}, { house });
    expect(found.findings.filter((f) => f.code === 'house-rule').map((f) => f.message)).toEqual([
      'a: its name must match [A-Z]\\w+',
      'a: expected the label severity to match page|ticket, found "low"',
      'a: the label owner must not be there',
      'a: expected the annotation summary, found none',
      'a: its expression must keep the label job',
      'a: it must wait 2m at least, and waits 1m',
      'job:jobs:sum: its expression must aggregate the label instance away',
    ]);
    expect(await judged([good], {}, { house })).toEqual(['error house-unmatched ']);
  });

  it('pint’s comments: of the rule, of the file, until a day, over a part', async () => {
    const text = (head: string, above = ''): Record<string, string> => ({
      'r.yml': `${head}\ngroups:\n- name: g\n  rules:\n${above}  - alert: A\n    expr: jobs > NaN\n    for: 5m\n`,
    });
    const found = async (...args: Parameters<typeof text>) =>
      (
        await runStep({ uses: 'prometheus/rules-static', target: tempDir(text(...args)), with: { rules: ['r.yml'] } })
      ).findings
        .filter((f) => f.code === 'dead-threshold')
        .map((f) => f.level);
    expect(await found('')).toEqual(['error']);
    expect(await found('# pint file/disable promql/impossible')).toEqual(['note']);
    expect(await found('# pint file/snooze 2999-01-01 promql/impossible')).toEqual(['note']);
    expect(await found('# pint file/snooze 2020-01-01 promql/impossible')).toEqual(['error']);
    expect(await found('# pint ignore/file')).toEqual(['note']);
    expect(await found('# pint file/disable promql/series')).toEqual(['error']);
    expect(await found('', '  # pint snooze 2999-01-01T10:00:00Z promql/impossible\n')).toEqual(['note']);
    expect(await found('', '  # pint snooze 2020-01-01 promql/impossible\n')).toEqual(['error']);
    expect(await found('', '  # verify snooze 2999-01-01 dead-threshold: until the exporter is there\n')).toEqual([
      'note',
    ]);
    expect(await found('', '  # pint ignore/begin\n')).toEqual(['note']);
    expect(await found('', '  # pint ignore/begin\n  # pint ignore/end\n')).toEqual(['error']);
    expect(await found('', '  # pint ignore/next-line\n')).toEqual(['note']);
  });
});

describe('prometheus/rules-static: queries of templates, histograms, old names', () => {
  const says = (description: string): Spec => ({ expr: 'jobs > 1', annotations: { description } });
  it('a query of a template that Prometheus refuses', async () =>
    expect(
      await judged([
        says('{{ with query "sum(" }}{{ . | first | value }}{{ end }}'),
        says('{{ range printf "rate(x{a=\'%s\'})" $labels.a | query }}{{ .Value }}{{ end }}'),
        says(
          '{{ with printf "topk(%d, rate(x{a=%q}[%s]))" 3 $labels.a "5m" | query }}{{ . | first | value }}{{ end }}',
        ),
        says('{{ query "up" | first | value }}'),
      ]),
    ).toEqual(['error bad-expression A0', 'error bad-expression A1']));

  it('a quantile by le of what has no buckets', async () =>
    expect(
      await judged([
        { record: 'fetch_p', expr: 'sum by (le) (rate(fetch_seconds_bucket[5m]))' },
        { expr: 'histogram_quantile(0.9, sum by (le) (rate(fetch_seconds[5m]))) > 1' },
        { expr: 'histogram_quantile(0.9, sum(rate(fetch_seconds[5m]))) > 1' },
        { expr: 'histogram_quantile(0.9, sum by (le) (rate(fetch_seconds_bucket[5m]))) > 1' },
        { expr: 'histogram_quantile(0.9, sum by (le) (fetch_p)) > 1' },
      ]),
    ).toEqual(['error quantile-without-bucket A1']));

  it('names that Prometheus once gave its own metrics', async () => {
    const rules = each(['prometheus_local_storage_memory_series > 1', 'prometheus_tsdb_head_series > 1']);
    expect(await judged(rules)).toEqual(['warning metric-renamed A0']);
    expect(await judged(rules, stack('prom/prometheus:v2.53.0'))).toEqual(['error metric-renamed A0']);
  });
});

describe('prometheus/rules-static: sides, sums and texts', () => {
  it('on () of a label that is lost', async () => {
    expect(
      await judged(
        each([
          'sum by (pod) (a) * on (node) group_left (zone) sum by (node, zone) (b) > 1',
          'sum by (job) (a) and on (instance) sum by (job) (b) > 1',
          'sum by (node) (a) * on (node) group_left (zone) sum by (node, zone) (b) > 1',
          'sum(a) / on () sum(b) > 1',
          'sum(a) / on (job) sum(b) > 1',
          'sum by (pod) (a) > 1 or on (node) sum by (node) (b) > 1',
        ]),
      ),
    ).toEqual(['error sides-never-match A0', 'warning sides-never-match A1']);
  });
  it('a quotient of one and the same, and a quantile that is none', async () => {
    expect(
      await judged(
        each([
          'sum(rate(e_total[5m])) / sum(rate(e_total[5m])) > 2',
          'quantile(99, a) > 1',
          'sum(rate(e_total{code="5"}[5m])) / sum(rate(e_total[5m])) > 0.5',
          'quantile(0.99, a) > 1',
        ]),
      ),
    ).toEqual(['error dead-threshold A0', 'error quantile-range A1']);
  });
  it('rate of a sum of recorded sums', async () => {
    expect(
      await judged([
        { record: 'job:a_total:sum', expr: 'sum by (job) (a_total)' },
        { record: 'all:a_total:sum', expr: 'sum(job:a_total:sum)' },
        { expr: 'increase(all:a_total:sum[5m]) > 1', alert: 'Rises' },
      ]),
    ).toEqual(['warning rate-of-sum Rises']);
  });
  it('texts that Prometheus fills in with an error', async () => {
    const text = (summary: string): Spec[] => [{ expr: 'a > 1', annotations: { summary } }];
    expect(await judged(text('{{ printf "%d" $value }} left'))).toEqual(['error value-unit A0']);
    expect(await judged(text('{{ $value | printf "%s" }} left'))).toEqual(['error value-unit A0']);
    expect(await judged(text('{{ printf "%.0f" $value }} left, {{ printf "%d%%" 5 }}'))).toEqual([]);
    expect(await judged(text('{{ .labels.job }} is down'))).toEqual(['error label-dropped A0']);
    expect(await judged(text('{{ .Labels.job }} is down: {{ .Value }}'))).toEqual([]);
    expect((await run(text("{{ printf '%f' $value }}"))).findings.map(({ code }) => code)).toContain('rules-refused');
  });
  it('files that Prometheus refuses', async () => {
    const refused = async (rules: string) =>
      (
        await runStep({
          uses: 'prometheus/rules-static',
          target: tempDir({ 'rules.yml': rules }),
          with: { rules: ['rules.yml'] },
        })
      ).findings.some(({ code }) => code === 'rules-refused');
    const group = (rule: string, more = ''): string => `groups:\n  - name: g\n${more}    rules:\n      - ${rule}\n`;
    expect(await refused(group('{ alert: A, expr: a > 1, labels: { severity: [a, b] } }'))).toBe(true);
    expect(await refused(group('{ record: "a{b}", expr: a }'))).toBe(true);
    expect(await refused(group('{ alert: A, expr: a > 1 }', '    limit: many\n'))).toBe(true);
    expect(await refused(group('{ alert: A, expr: a > 1, labels: { severity: a } }', '    limit: 9\n'))).toBe(false);
  });
});

describe('prometheus/rules-static: what Prometheus takes away when it scrapes', () => {
  const taken = async (expr: string, relabel: string, more = '') =>
    judged(
      each([expr]),
      {
        'prometheus.yml': `scrape_configs:\n  - job_name: pear\n    static_configs: [{ targets: ["pear:80"] }]\n    metric_relabel_configs: [${relabel}]\n${more}`,
      },
      { config: 'prometheus.yml' },
    );
  const byName = (regex: string, action = 'drop'): string =>
    `{ source_labels: [__name__], regex: "${regex}", action: ${action} }`;
  const plum = '  - job_name: plum\n    static_configs: [{ targets: ["plum:90"] }]\n';
  it.each([
    ['pear_ripe > 1', byName('pear_.*'), '', ['error metric-missing A0']],
    ['pear_ripe > 1', byName('pear_raw|go_.*', 'keep'), '', ['error metric-missing A0']],
    ['pear_ripe{job="pear"} > 1', byName('pear_.*'), plum, ['error metric-missing A0']],
    // Another job may have it too.
    ['pear_ripe > 1', byName('pear_ripe|pear_raw'), plum, ['warning metric-missing A0']],
    ['pear_ripe > 1', byName('pear_.*'), plum, []],
    ['pear_ripe > 1', byName('pear_raw'), '', []],
    ['absent(pear_ripe)', byName('pear_.*'), '', []],
    ['pear_ripe > 1', `{ source_labels: [__name__, zone], regex: "pear_ripe;a", action: drop }`, '', []],
    ['pear_ripe > 1', `{ target_label: __name__, source_labels: [x], regex: a }, ${byName('pear_.*')}`, '', []],
    ['pear_ripe{zone="a"} > 1', '{ regex: zone, action: labeldrop }', '', ['error label-missing A0']],
    ['pear_ripe{zone="a"} > 1', '{ regex: zone, action: labeldrop }', plum, []],
  ])('%s beside %s', async (expr, relabel, more, expected) =>
    expect(await taken(expr, relabel, more)).toEqual(expected),
  );
});
