import { describe, expect, it } from 'vitest';
import { needing } from '../rig/have.ts';
import { codes, runStep, tempDir } from '../rig/run-step.ts';

const good = 'groups:\n  - name: g\n    rules:\n      - alert: A\n        expr: up == 0\n';
const config = 'rule_files: [rules.yml]\nscrape_configs: []\n';
const check = (files: Record<string, string>, rest: object = {}) =>
  runStep({
    uses: 'prometheus/config',
    target: tempDir(files),
    with: { config: 'prometheus.yml', rules: ['rules.yml'], ...rest },
  });
const [title, skip] = needing('prometheus/config with a real promtool', 'promtool');

describe.skipIf(skip)(title, () => {
  it('accepts what Prometheus accepts', async () => {
    const record = await check({ 'prometheus.yml': config, 'rules.yml': good }, { groups: ['g'] });
    expect(record).toMatchObject({ outcome: 'passed', findings: [], facts: { 'rulefiles.alerts': 1 } });
  });
  it.each([
    ['an unknown key', { 'prometheus.yml': config, 'rules.yml': `${good}version: 1\n` }, 'rules-refused', 6],
    [
      'an expression',
      { 'prometheus.yml': config, 'rules.yml': good.replace('up == 0', 'up == ') },
      'bad-expression',
      5,
    ],
    [
      'a bad configuration',
      { 'prometheus.yml': 'scrape_config: []\n', 'rules.yml': good },
      'config-refused',
      undefined,
    ],
    ['a missing configuration', { 'rules.yml': good }, 'config-missing', undefined],
    ['a missing rules file', { 'prometheus.yml': 'scrape_configs: []\n' }, 'rules-missing', undefined],
    ['a file without rules', { 'prometheus.yml': config, 'rules.yml': 'groups: []\n' }, 'no-rules', undefined],
  ])('refuses %s, once, at its line', async (_, files, code, line) => {
    const record = await check(files);
    expect(record.outcome).toBe('failed');
    expect([...new Set(codes(record))]).toEqual([code]);
    if (line !== undefined) expect(record.findings[0]?.where).toMatchObject({ file: 'rules.yml', line });
  });
  it.each([
    ['files of the container', 'rule_files: [/etc/prometheus/rules.yml, rules.yml]\n', good, 'paths-elsewhere'],
    [
      'a secret of the container',
      'scrape_configs: [{ job_name: a, authorization: { credentials_file: /run/secrets/none } }]\n',
      good,
      'paths-elsewhere',
    ],
  ])('%s give no alarm', async (_, prometheus, rules, code) => {
    const record = await check({ 'prometheus.yml': prometheus, 'rules.yml': rules });
    expect(record.outcome).toBe('passed');
    expect(record.findings.map((f) => [f.code, f.level])).toEqual([[code, 'note']]);
  });
  // Whether promtool knows these depends on its build and version.
  it.each([
    [
      'Kubernetes discovery and newer fields',
      'otlp: {}\nscrape_configs: [{ job_name: a, kubernetes_sd_configs: [{ role: pod }], fallback_scrape_protocol: PrometheusText0.0.4 }]\n',
      good,
    ],
    ['newer fields of a group', config, good.replace('rules:', 'query_offset: 1m\n    rules:')],
  ])('%s give no alarm', async (_, prometheus, rules) =>
    expect((await check({ 'prometheus.yml': prometheus, 'rules.yml': rules })).outcome).toBe('passed'),
  );
  it.each([
    [
      'a bad field beside Kubernetes discovery',
      'scrape_configs: [{ job_name: a, kubernetes_sd_configs: [{ role: pod }], bad_key: 1 }]\n',
      'config-refused',
    ],
    [
      'a bad value beside Kubernetes discovery',
      'scrape_configs: [{ job_name: a, scrape_interval: 5x, kubernetes_sd_configs: [{ role: pod }] }]\n',
      'config-refused',
    ],
    ['a missing file beside one of the container', 'rule_files: [/etc/a.yml, b.yml]\n', 'rules-missing'],
  ])('refuses %s', async (_, prometheus, code) => {
    const record = await check({ 'prometheus.yml': prometheus, 'rules.yml': good });
    expect(record.outcome).toBe('failed');
    expect(codes(record)).toContain(code);
  });
  it('misses a promised group', async () =>
    expect(codes(await check({ 'prometheus.yml': config, 'rules.yml': good }, { groups: ['slo'] }))).toEqual([
      'group-missing',
    ]));
});
