import { describe, expect, it } from 'vitest';
import { yamlOf } from '../../src/formats/data/yaml.ts';
import { parseRuleFile } from '../../src/formats/prometheus/rule-files.ts';

const rule = 'groups:\n  - name: g\n    rules:\n      - alert: A\n        expr: up == 0\n';

describe('rule files, as strictly as Prometheus', () => {
  it('reads groups and rules with their places', () => {
    const { groups, problems } = parseRuleFile(rule);
    expect(problems).toEqual([]);
    expect(groups[0]?.rules[0]).toMatchObject({
      kind: 'alert',
      name: 'A',
      expr: 'up == 0',
      at: { line: 4, col: 9 },
      exprAt: { line: 5, col: 15 },
    });
  });

  it.each([
    ['an unknown top-level key', `version: 1\n${rule}`, 1, 'version'],
    ['an unknown key in a rule', `${rule}        severity: x\n`, 6, 'severity'],
    ['an unknown key in a group', rule.replace('    rules:', '    source: x\n    rules:'), 3, 'source'],
    ['alert and record at once', `${rule}        record: b\n`, 4, 'exactly one'],
    ['no expression', rule.replace('expr: up == 0', 'for: 1m'), 4, "'expr'"],
    [
      'a record with for',
      'groups:\n  - name: g\n    rules:\n      - record: a:b\n        expr: up\n        for: 1m\n',
      4,
      'for',
    ],
    ['a group twice', `${rule}  - name: g\n    rules: []\n`, 6, 'repeated'],
    ['broken YAML', 'groups: [', 1, ''],
    ['a list at the top', '- a\n', 1, 'map'],
  ])('%s is refused, at its line', (_, text, line, part) => {
    const { problems } = parseRuleFile(text);
    expect(problems[0]?.message).toContain(part);
    expect(problems[0]?.at.line).toBe(line);
  });

  it.each(['', '# nothing\n', 'groups: []\n'])('%j is accepted and holds nothing', (text) =>
    expect(parseRuleFile(text)).toEqual({ groups: [], problems: [] }),
  );

  it('reads the comments that silence a check', () => {
    const [found] =
      parseRuleFile(
        rule.replace(
          '      - alert',
          '      # verify disable promql/series: comes with the next release\n      - alert',
        ),
      ).groups[0]?.rules ?? [];
    expect(found?.disabled).toEqual([{ code: 'promql/series', reason: 'comes with the next release' }]);
  });

  it('a comment within a rule is its own, one above the next rule is the next one’s', () => {
    const text = `${rule.replace('        expr', '        # pint disable promql/series(up)\n        expr')}      # verify disable b: why\n      - alert: B\n        expr: up == 1\n`;
    const rules = parseRuleFile(text).groups[0]?.rules ?? [];
    expect(rules.map((one) => one.disabled.map(({ code }) => code))).toEqual([['promql/series'], ['b']]);
  });

  it('reads aliases and merge keys, as Prometheus does', () => {
    const text = `${rule.replace('- alert: A', '- &a\n        alert: A')}      - *a\n      - { <<: *a, alert: B }\n`;
    const { groups, problems } = parseRuleFile(text);
    expect(problems).toEqual([]);
    expect(groups[0]?.rules.map((one) => `${one.name} ${one.expr}`)).toEqual(['A up == 0', 'A up == 0', 'B up == 0']);
  });

  const nine = (name: string): string => `[${Array.from({ length: 9 }, () => `*${name}`).join(', ')}]`;
  it.each([
    ['a list in itself', 'groups: &a [*a, *a]\n', 'a YAML alias stands inside of what it names'],
    ['a map in itself', 'groups: &a { rules: *a, name: *a }\n', 'a YAML alias stands inside of what it names'],
    ['two in one another', 'a: &a [ &b [*a] ]\ngroups: *b\n', 'a YAML alias stands inside of what it names'],
    [
      'each nine times the one before',
      `a: &a [1]\n${Array.from('bcdefghij', (name, n) => `${name}: &${name} ${nine('abcdefghi'[n] ?? 'a')}\n`).join('')}groups: *j\n`,
      'the file has too many YAML aliases',
    ],
    ['a merge key in itself', 'groups: &a\n  <<: *a\n', 'a YAML alias stands inside of what it names'],
  ])('refuses %s at once', (_, text, message) => {
    const began = process.cpuUsage();
    expect(parseRuleFile(text).problems).toEqual([{ message, at: { line: 1, col: 1 } }]);
    expect(yamlOf(text)).toBeUndefined();
    const { user, system } = process.cpuUsage(began);
    expect((user + system) / 1000).toBeLessThan(5000);
  });

  it('but takes many aliases of a small thing', () => {
    const rules = Array.from({ length: 3000 }, (_, n) => `      - { alert: A${n}, expr: up, labels: *l }\n`).join('');
    const text = `groups:\n  - name: g\n    rules:\n      - { alert: A, expr: up, labels: &l { a: b } }\n${rules}`;
    const { groups, problems } = parseRuleFile(text);
    expect(problems).toEqual([]);
    expect(groups[0]?.rules.map((one) => one.labels['a'])).toEqual(Array.from({ length: 3001 }, () => 'b'));
    expect(yamlOf(text)).toBeDefined();
  });
});
