import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { runStep, tempDir } from '../rig/run-step.ts';

interface Spec {
  expr: string;
  alert?: string;
  record?: string;
  for?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}
const judged = async (rules: Spec[], files: Record<string, string> = {}, more: Record<string, unknown> = {}) => {
  const list = rules.map((rule, n) => (rule.record === undefined ? { alert: `A${n}`, for: '5m', ...rule } : rule));
  const record = await runStep({
    uses: 'prometheus/rules-static',
    target: tempDir({ 'rules.yml': stringify({ groups: [{ name: 'g', rules: list }] }), ...files }),
    with: { rules: ['rules.yml'], ...more },
  });
  return record.findings.filter((f) => f.level !== 'note').map((f) => `${f.level} ${f.code} ${f.subject}`);
};

describe('prometheus/rules-static: what is no fault', () => {
  it('scalars, masks, scales, and the labels of a query', async () =>
    expect(
      await judged([
        { expr: '(check_state{name="AVAILABLE"} == 1) - scalar(check_state{name="NODE_DOWN"}) == 1' },
        { expr: 'holt_winters(jobs[5m], 0.5, 0.5) > 3' },
        { expr: 'jobs * on (instance) (marker / marker) > 3' },
        {
          expr: 'rate(objects_total[5m]) > 10000',
          annotations: { description: 'collects too much (> 10k/s)' },
        },
        {
          expr: 'sum by (job) (increase(asked_failed_total[5m])) / 20 * 100 > 20',
          annotations: { description: '{{ $labels.job }} fails for {{ $value | humanize }}% of the questions.' },
        },
        {
          expr: 'count by (zone) (node_ok == 0) > 1',
          annotations: {
            description:
              '{{ range printf "node_ok{zone=\'%s\'} == 0" .Labels.zone | query }} {{ .Labels.node }} {{ end }}',
          },
        },
        {
          expr: 'store_usage_ratio > 70',
          annotations: { summary: '{{ printf "%.0f" $value }} percent used, above 70 percent' },
        },
        { expr: 'rate(seen_total{zone="a|b"}[5m]) > 1', annotations: { summary: 'above 1 a second' } },
      ]),
    ).toEqual([]));

  it('their faulty twins', async () =>
    expect(
      await judged([
        { expr: 'jobs{name="a"} - jobs{name="b"} == 1' },
        { expr: 'jobs_total{ok="no"} / jobs_total > 0.5' },
        { expr: 'rate(objects_total[5m]) > 10', annotations: { description: 'collects too much (> 10k/s)' } },
        {
          expr: 'sum by (job) (increase(asked_failed_total[5m])) / 60 > 20',
          annotations: { description: '{{ $value | humanize }}% of the questions.' },
        },
        {
          expr: 'count by (zone) (node_ok == 0) > 1',
          annotations: { description: '{{ range query "node_ok" }}{{ $labels.node }}{{ end }} {{ .Labels.node }}' },
        },
      ]),
    ).toEqual([
      'error sides-never-match A0',
      'error divides-itself A1',
      'error unit-mismatch A2',
      'error value-unit A3',
      'warning label-dropped A4',
    ]));

  it('a promised label may be the group’s', async () => {
    const target = tempDir({
      'rules.yml':
        'groups:\n- name: g\n  labels: {team: core}\n  rules:\n  - {alert: A, expr: jobs == 0, for: 5m, labels: {severity: critical}}\n',
    });
    const ask = async (team: string) =>
      (
        await runStep({
          uses: 'prometheus/rules-static',
          target,
          with: { rules: ['rules.yml'], groups: [{ name: 'g', rules: [{ name: 'A', labels: { team } }] }] },
        })
      ).findings
        .filter((f) => f.level !== 'note')
        .map((f) => f.code);
    expect(await ask('core')).toEqual([]);
    expect(await ask('edge')).toEqual(['wrong-label']);
  });

  it('expressions that Prometheus refuses are errors, in a PrometheusRule too', async () => {
    const record = await runStep({
      uses: 'prometheus/rules-static',
      target: tempDir({
        'r.yml':
          'kind: PrometheusRule\nspec:\n  groups:\n  - name: g\n    rules:\n    - {alert: A, expr: "sum() by (host) > 3"}\n    - {alert: B, expr: "jobs{zone=~\\"a[\\"} > 1"}\n    - {alert: C, expr: "jobs > 1", for: abc}\n',
      }),
      with: { rules: ['r.yml'] },
    });
    const weighty = record.findings.filter((f) => f.level !== 'note');
    expect(weighty.map((f) => `${f.level} ${f.code}`)).toEqual([
      'error rules-refused',
      'error bad-expression',
      'error bad-expression',
    ]);
  });
});
