import { beforeAll, describe, expect, it } from 'vitest';
import { codes, runSteps, tempDir } from '../rig/run-step.ts';
import { needing } from '../rig/have.ts';
import { serve } from '../rig/serve.ts';
import type { RunRecord } from '../../src/core/record.ts';

const exporter = `# HELP good_total Good.
# TYPE good_total counter
good_total{a="1"} 5
# HELP h Time.
# TYPE h histogram
h_bucket{le="1"} 1
h_bucket{le="+Inf"} 2
h_sum 3
h_count 2
`;
const rules = `groups:
  - name: g
    interval: 1s
    rules:
      - { alert: Good, expr: good_total > 100 }
      - { alert: Quantile, expr: "histogram_quantile(0.9, rate(h_bucket[5m])) > 100" }
      - { alert: Nobody, expr: nobody_exports_this > 1 }
      - { alert: Always, expr: good_total }
      - { alert: Broken, expr: "good_total * on (job) {__name__=~\\"h_bucket\\"} > 1" }
      - { alert: Optional, expr: "good_total > 100 or absent(never_there) > 2" }
      - { alert: OtherLabel, expr: "good_total{a=\\"2\\"} > 1" }
`;
const [title, skip] = needing('a real Prometheus', 'prometheus');

describe.skipIf(skip)(title, () => {
  let record: RunRecord;
  const of = (id: string) => record.steps.find((step) => step.id === id) ?? expect.fail(`no step ${id}`);
  beforeAll(async () => {
    const url = await serve({ '/metrics': { type: 'text/plain; version=0.0.4', body: exporter } });
    const target = tempDir({
      'prometheus.yml': `global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [rules.yml]
scrape_configs:
  - { job_name: app, static_configs: [{ targets: ["${new URL(url).host}"] }] }
  - { job_name: dead, static_configs: [{ targets: ["127.0.0.1:1"] }] }
`,
      'rules.yml': rules,
    });
    const stack = {
      processes: {
        prometheus: {
          files: [
            { from: 'prometheus.yml', to: 'prometheus.yml' },
            { from: 'rules.yml', to: 'rules.yml' },
          ],
          argv: [
            'prometheus',
            '--config.file=${{ dir }}/prometheus.yml',
            '--storage.tsdb.path=${{ dir }}/data',
            '--web.listen-address=127.0.0.1:${{ port.prometheus }}',
          ],
          ready: { url: 'http://127.0.0.1:${{ port.prometheus }}/-/ready' },
          url: 'http://127.0.0.1:${{ port.prometheus }}',
        },
      },
    };
    const at = { url: '${{ facts.stack.prometheus.url }}' };
    const group = (...names: object[]) => ({ ...at, within: '12s', groups: [{ name: 'g', rules: names }] });
    ({ record } = await runSteps(
      [
        { id: 'stack', uses: 'stack/up', with: { stableFor: '200ms' } },
        { id: 'up', uses: 'prometheus/targets', needs: ['stack'], with: { ...at, jobs: [{ name: 'app' }] } },
        {
          id: 'dead',
          uses: 'prometheus/targets',
          needs: ['up'],
          with: { ...at, within: '3s', jobs: [{ name: 'dead' }] },
        },
        {
          id: 'dead-was-scraped',
          uses: 'prometheus/query',
          needs: ['up'],
          with: { ...at, expr: 'up{job="dead"} == 0', series: { min: 1, max: 1 }, within: '120s' },
        },
        {
          id: 'up-later',
          uses: 'prometheus/targets',
          needs: ['dead-was-scraped'],
          with: { ...at, jobs: [{ name: 'app' }] },
        },
        {
          id: 'absent',
          uses: 'prometheus/targets',
          needs: ['up'],
          with: { ...at, within: '1s', jobs: [{ name: 'nowhere' }] },
        },
        {
          id: 'rules',
          uses: 'prometheus/rules',
          needs: ['up'],
          with: group({ name: 'Quantile', quantile: 0.95 }, { name: 'Missing' }),
        },
        {
          id: 'group',
          uses: 'prometheus/rules',
          needs: ['up'],
          with: { ...at, within: '1s', groups: [{ name: 'other' }] },
        },
        {
          id: 'query',
          uses: 'prometheus/query',
          needs: ['up'],
          with: {
            ...at,
            expr: 'good_total',
            series: { min: 1, max: 1 },
            value: { op: '==', than: 5 },
            maxAge: '60s',
            within: '120s',
          },
        },
        { id: 'refused', uses: 'prometheus/query', needs: ['up'], with: { ...at, expr: 'sum(', series: { max: 0 } } },
        {
          id: 'exporter',
          uses: 'prometheus/exposition',
          with: {
            url: `${url}/metrics`,
            apart: '100ms',
            metrics: [
              { name: 'good_total', type: 'counter' },
              { name: 'h', type: 'histogram' },
            ],
          },
        },
        {
          id: 'exporter-promises',
          uses: 'prometheus/exposition',
          with: { url: `${url}/metrics`, apart: '100ms', metrics: [{ name: 'gone' }, { name: 'h', type: 'gauge' }] },
        },
        {
          id: 'exporter-path',
          uses: 'prometheus/exposition',
          with: { url: `${url}/nothing`, metrics: [{ name: 'h' }] },
        },
      ],
      { target, stack },
    ));
  });

  it('comes up, and is said to stand in', () =>
    expect(of('stack')).toMatchObject({
      outcome: 'passed',
      reduced: expect.stringContaining('host processes') as string,
    }));
  it('finds the target that is up', () => {
    expect(of('up').outcome).toBe('passed');
    // The dead job has been scraped, or not yet: both are no error of this one.
    for (const f of of('up').findings) expect([f.code, f.level]).toEqual(['other-target-down', 'warning']);
  });
  it('finds the target that is down', () => expect(codes(of('dead'))).toEqual(['target-down']));
  it('warns of a target that is down and was not asked for', () =>
    expect(of('up-later').findings.map((f) => [f.code, f.level])).toEqual([['other-target-down', 'warning']]));
  it('finds the job that is not there', () => expect(codes(of('absent'))).toEqual(['job-missing']));
  it('finds the group that is not loaded', () => expect(codes(of('group'))).toEqual(['group-missing']));
  it('finds what is wrong with the rules, and nothing else', () => {
    const found = of('rules')
      .findings.map((f) => `${f.level} ${f.code} ${f.subject}`)
      .toSorted();
    expect(found).toEqual([
      'error always-fires Always',
      'error rule-missing Missing',
      'error rule-unhealthy Broken',
      'error series-missing Nobody',
      'error wrong-quantile Quantile',
      'warning series-missing OtherLabel',
    ]);
  });
  it('queries', () => expect(of('query')).toMatchObject({ outcome: 'passed', findings: [] }));
  it('says what Prometheus refuses', () => expect(codes(of('refused'))).toEqual(['query-refused']));
  it('accepts a true exporter', () => expect(of('exporter')).toMatchObject({ outcome: 'passed', findings: [] }));
  it('finds broken promises of an exporter', () =>
    expect(codes(of('exporter-promises'))).toEqual(['metric-missing', 'wrong-type']));
  it('a wrong path is no pass', () => expect(codes(of('exporter-path'))).toEqual(['status']));
});
