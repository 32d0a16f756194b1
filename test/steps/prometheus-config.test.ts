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
  it('misses a promised group', async () =>
    expect(codes(await check({ 'prometheus.yml': config, 'rules.yml': good }, { groups: ['slo'] }))).toEqual([
      'group-missing',
    ]));
});
