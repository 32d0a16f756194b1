import { describe, expect, it } from 'vitest';
import { needing } from '../rig/have.ts';
import { codes, runStep, tempDir } from '../rig/run-step.ts';
import { serve } from '../rig/serve.ts';

const resource = (name: string, expr: string): string => `apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: { name: ${name}, labels: { role: alerts } }
spec:
  groups:
    - name: ${name}
      rules:
        - alert: ${name}Down
          expr: ${expr}
          for: 1m
          labels: { severity: critical }
          annotations: { summary: down }
`;
const other = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: c }\ndata: { a: b }\n';
const run = (uses: string, text: string, more: object = {}) =>
  runStep({ uses, target: tempDir({ 'rule.yaml': text }), with: { rules: ['rule.yaml'], ...more } });

const [title, skip] = needing('a Kubernetes PrometheusRule, with a real promtool', 'promtool');
describe.skipIf(skip)(title, () => {
  const good = resource('App', 'up{job="app"} == 0');
  const two = `---\n${other}---\n${good}---\n${resource('Db', 'up{job="db"} == 0')}`;
  it.each([
    ['alone', good, 1],
    ['with a comment and a marker above', `# rules\n---\n${good}`, 1],
    ['two of them among other resources', two, 2],
  ])('is checked and drilled: %s', async (_, text, alerts) => {
    const checked = await run('prometheus/config', text, { groups: ['App'] });
    expect(checked).toMatchObject({ outcome: 'passed', findings: [] });
    expect(checked.facts['rulefiles.alerts']).toBe(alerts);
    const drilled = await run('prometheus/drill', text, { require: ['logic'] });
    expect(drilled).toMatchObject({ outcome: 'passed', findings: [] });
    expect(drilled.facts['drills.count']).toBe(alerts);
  });
  it('a fault has its line, also in a later document', async () => {
    const record = await run('prometheus/config', `${other}---\n${resource('App', 'sum(up')}`);
    expect(codes(record)).toEqual(['bad-expression']);
    expect(record.findings[0]?.where?.line).toBe(13);
    expect(codes(await run('prometheus/config', good.replace('for: 1m', 'four: 1m')))).toEqual(['rules-refused']);
  });
  it('one that holds no rule is no pass', async () =>
    expect(codes(await run('prometheus/config', other))).not.toEqual([]));

  it.each([
    ['a type that does not fit', `time() - x > 5m`, /unexpected duration|parse/],
    ['a many-to-many by the text', `x + on(a) group_left group_right y`, /parse error|does not parse/],
  ])('promtool is quoted, not its FAILED: %s', async (_, expr, why) => {
    const text = `groups:\n  - name: g\n    rules:\n      - alert: A\n        expr: ${JSON.stringify(expr)}\n`;
    const record = await run('prometheus/config', text);
    expect(codes(record).length).toBe(1);
    expect(record.findings[0]?.message).toMatch(why);
    expect(record.findings[0]?.message).not.toMatch(/FAILED|:$/);
    expect(record.findings[0]?.where?.line).toBe(5);
  });
});

describe('names with dots', () => {
  const asked: string[] = [];
  const exporter = () =>
    serve({
      '/metrics': (response, _body, _url) => {
        const accept = response.req.headers.accept ?? '';
        asked.push(accept);
        const named = accept.includes('allow-utf-8');
        response
          .writeHead(200, {
            'content-type': named ? 'text/plain; version=1.0.0; escaping=allow-utf-8' : 'text/plain; version=0.0.4',
          })
          .end(
            named
              ? '# HELP "my.gauge" G.\n# TYPE "my.gauge" gauge\n{"my.gauge"} 7\n'
              : '# HELP my_gauge G.\n# TYPE my_gauge gauge\nmy_gauge 7\n',
          );
      },
    });
  it.each(['my.gauge', 'my_gauge'])('%s is asked for, and found', async (name) => {
    const record = await runStep({
      uses: 'prometheus/exposition',
      with: { url: `${await exporter()}/metrics`, apart: '50ms', metrics: [{ name, type: 'gauge' }] },
    });
    expect(record).toMatchObject({ outcome: 'passed' });
    expect(codes(record)).toEqual([]);
  });
  it('another name is not', async () => {
    const record = await runStep({
      uses: 'prometheus/exposition',
      with: { url: `${await exporter()}/metrics`, apart: '50ms', metrics: [{ name: 'my.gauges' }] },
    });
    expect(codes(record)).toEqual(['metric-missing']);
  });
});
