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

describe('prometheus/rules-static: labels and values that nobody gives', () => {
  const dead = async (specs: Spec[]) =>
    (await judged(specs)).filter((one) => /dead-selector|many-to-many|label-dropped|metric-missing|dead-thr/.test(one));
  const sums: Spec = { record: 'job:errors:rate5m', expr: 'sum by (job) (rate(errors_total[5m]))' };
  it('a recording asked for a label that it has lost, or by a slip of the keyboard', async () => {
    expect(
      (
        await dead([
          sums,
          { alert: 'A', expr: 'job:errors:rate5m{instance="a"} > 1' },
          { alert: 'B', expr: 'job:errors:rate5m{instance=~".+"} > 1' },
          { alert: 'C', expr: 'job:error:rate5m > 1' },
          { alert: 'D', expr: 'job:errors:rate5m{job="a", instance=""} > 1' },
          { alert: 'E', expr: 'job:errors:rate5m{cluster="a"} > 1' },
          { alert: 'F', expr: 'job:errors:rate1m > 1' },
        ])
      )
        .map((one) => one.replace(/ \S*$/, ''))
        .sort(),
    ).toEqual(['warning dead-selector', 'warning dead-selector', 'warning metric-missing']);
  });
  it('values that a program never gives a label', async () =>
    expect(
      await dead(
        each([
          'ALERTS{alertstate="resolved"} == 1',
          'kube_pod_status_phase{phase="CrashLoopBackOff"} > 0',
          'node_systemd_unit_state{state=~"stopped|dead"} == 1',
          'kube_pod_status_phase{phase=~"Pending|Unknown"} > 0',
          'kube_pod_status_phase{phase!="Running"} > 0',
          'node_systemd_unit_state{state="failed"} == 1',
          'other_state{state="stopped"} == 1',
        ]),
      ),
    ).toEqual(['error dead-selector A0', 'error dead-selector A1', 'error dead-selector A2']));
  it('several series for one', async () =>
    expect(
      await dead(
        each([
          'node_load1 / on (instance) node_cpu_seconds_total > 1',
          'node_filesystem_avail_bytes * on (instance) group_left (a) node_network_up > 1',
          'rate(shop_bucket[5m]) / on (job) rate(shop_count[5m]) > 1',
          'node_load1 / on (instance) count by (instance) (node_cpu_seconds_total{mode="idle"}) > 1',
          'node_network_up * on (instance) group_left (nodename) node_uname_info > 1',
          'node_network_up{device="eth0"} * on (instance) node_load1 > 1',
          'node_network_up and on (instance) node_load1 > 1',
          'node_filesystem_avail_bytes{fstype="zfs"} * on (instance) node_load1 > 1',
          'node_load1 * on (instance) (node_network_up == 1) > 1',
        ]),
      ),
    ).toEqual(['error many-to-many A0', 'error many-to-many A1', 'error many-to-many A2']));
  it('an expression taken away from itself, and equal and unequal at once', async () =>
    expect(
      await dead(
        each([
          'up{job="a"} unless up{job="a"}',
          'state != 1 and state == 1',
          'state == 2 and state != 2',
          'up{job="a"} unless up{job="b"}',
          'state != 1 and state != 2',
        ]),
      ),
    ).toEqual(['error dead-threshold A0', 'error dead-threshold A1', 'error dead-threshold A2']));
  it('labels of an alert that differ by a letter from those that scraping sets', async () => {
    const said = (summary: string): Promise<string[]> => dead([{ expr: 'a > 1', annotations: { summary } }]);
    expect(await said('{{ $labels.Instance }} is down')).toEqual(['warning label-dropped A0']);
    expect(await said('{{ $labels.instnace }} is down')).toEqual(['warning label-dropped A0']);
    expect(await said('{{ $labels.instance }} of {{ $labels.jobs }}')).toEqual([]);
  });
});

describe('prometheus/rules-static: what texts say of times, percentiles and numbers', () => {
  const said = async (expr: string, summary: string, alert = 'A') =>
    (await judged([{ alert, expr, annotations: { summary } }])).map((one) => one.replace(/ \w*$/, ''));
  const p99 = 'histogram_quantile(0.99, sum by (le) (rate(x_seconds_bucket[5m]))) > 0.5';
  const backup = 'time() - backup_last_success_timestamp_seconds > 24';
  it.each([
    [backup, 'older than 24 hours', ['error unit-mismatch']],
    [`${backup} * 3600`, 'older than 24 hours', []],
    ['probe_ssl_earliest_cert_expiry - time() < 14', 'expires in 14 days', ['error unit-mismatch']],
    ['(probe_ssl_earliest_cert_expiry - time()) / 86400 < 14', 'expires within 14 days', []],
    [backup.replace('24', '86400'), 'last run {{ $value | humanizeTimestamp }}', ['error value-unit']],
    [backup.replace('24', '86400'), 'last run {{ $value | humanizeDuration }} ago', []],
    ['predict_linear(node_filesystem_avail_bytes[6h], 4 * 3600) < 0', 'full in 24 hours', ['warning text-contradicts']],
    ['predict_linear(node_filesystem_avail_bytes[6h], 86400) < 0', 'full within 1 day', []],
    [p99, 'p95 above 500 ms', ['warning text-contradicts']],
    [p99, 'the 99th percentile is above 500 ms', []],
    [p99, 'p50, p95 and p99 are on the board', []],
    ['changes(leader[10m]) > 3', 'changed more than 3 times in the last hour', ['error unit-mismatch']],
    ['changes(leader[1h]) > 3', 'changed more than 3 times in the last hour', []],
    ['depth > 20', 'the depth is above 5', ['warning text-contradicts']],
    ['depth > 20', 'the depth is above 20', []],
    ['depth > 20', 'the depth is above 5 times the usual', []],
    ['depth > 5000', 'the depth is above 5', []],
    ['depth > 5 * 4', 'the depth is above 5', []],
    ['depth < 20', 'the depth is above 5', []],
  ])('%s: %s', async (expr, summary, expected) => expect(await said(expr, summary)).toEqual(expected));
  it('the percentile in the name', async () =>
    expect(await said(p99, 'slow', 'P95LatencyHigh')).toEqual(['warning text-contradicts']));
});
