import { describe, expect, it } from 'vitest';
import { parseRuleFile } from '../../src/formats/prometheus/rule-files.ts';
import { labelReads, templateFault } from '../../src/formats/prometheus/rule-templates.ts';

describe('templates of annotations and labels', () => {
  it.each([
    ['{{ $labels.instance', 'is not closed'],
    ['{{ $label.instance }}', '$label is not a variable'],
    ['{{ humanise $value }}', 'humanise is not a function'],
    ['{{ $value | }}', 'nothing stands behind |'],
    ['{{ if $labels.x }}a', 'has no {{ end }}'],
    ['a {{ end }}', 'without a block'],
    ['{{ else }}', 'without a block'],
    ['{{ (humanize $value }}', 'brackets do not match'],
    ['{{ if }}a{{ end }}', 'lacks its condition'],
    ['{{ $labels.a-b }}', 'unexpected'],
    ['{{}}', 'holds nothing'],
  ])('%s does not parse', (text, why) => expect(templateFault(text)).toContain(why));

  it.each([
    '{{ $labels.instance }} is at {{ $value | printf "%.2f" }} {{ humanizePercentage $value }}',
    '{{- /* why */ -}} {{ .Labels.x }} {{ .ExternalLabels.y }}',
    '{{ with printf "up{job=\'%s\'}" $labels.job | query }}{{ . | first | value | humanize }}{{ end }}',
    '{{ range query "up == 0" }}{{ .Labels.instance }}{{ else }}none{{ end }}',
    '{{ if and (gt $value 5.0) (ne $labels.a "b") }}x{{ else if eq $labels.c `d` }}y{{ end }}',
    '{{ $x := $value }}{{ $x }}',
    '{{ range $i, $s := query "up" }}{{ $i }}{{ $s.Labels.job }}{{ end }}',
    'no template, with } and { and {"json": 1}',
    '{{ $externalURL }} {{ externalURL }} {{ index $labels "x" }}',
    '{{ -5 | humanize }}',
  ])('%s parses', (text) => expect(templateFault(text)).toBeUndefined());

  it('inside range and with over a query the dot is a sample of it', () => {
    const of = (text: string): string[] => labelReads(text).map((one) => one.label);
    expect(
      of('{{ range printf "x{z=\'%s\'}" .Labels.zone | query }}{{ .Labels.node }}{{ end }}{{ .Labels.a }}'),
    ).toEqual(['zone', 'a']);
    expect(of('{{ with query "x" }}{{ $labels.node }}{{ end }}')).toEqual(['node']);
    expect(of('{{ with $labels.a }}{{ . }}{{ end }}')).toEqual(['a']);
  });
});

describe('rule files that Prometheus refuses', () => {
  const alert = (more: string): string => `groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up > 1\n    ${more}\n`;
  const problems = (text: string): string[] => parseRuleFile(text).problems.map((one) => one.message);
  it.each([
    ['for', alert('for: abc')],
    ['for', alert('for: -5m')],
    ['for', alert('for: 5 m')],
    ['for', alert('for: 30m1h')],
    ['keep_firing_for', alert('keep_firing_for: 5')],
    ['interval', 'groups:\n- name: g\n  interval: 5\n  rules: []\n'],
    ['label', alert('labels: { __name__: x }')],
    ['keep_firing_for', 'groups:\n- name: g\n  rules:\n  - { record: a, expr: b, keep_firing_for: 5m }\n'],
    ['template', alert('annotations: { summary: "{{ $label.x }}" }')],
    ['template', alert('labels: { team: "{{ $labels.x" }')],
  ])('%s: %j', (word, text) => {
    expect(problems(text)).toHaveLength(1);
    expect(problems(text)[0]).toContain(word);
  });

  it.each([
    alert('for: 1h30m'),
    alert('for: 0'),
    alert('keep_firing_for: 0s\n    labels: {}'),
    'groups:\n- name: g\n  interval: 1m\n  rules:\n  - { record: a, expr: b, labels: { x: "{{ no" } }\n',
  ])('%j is accepted', (text) => expect(problems(text)).toEqual([]));

  it('a rule bears the labels of its group, and its own come first', () =>
    expect(
      parseRuleFile(
        'groups:\n- name: g\n  labels: { team: core, severity: page }\n  rules:\n  - { alert: A, expr: up, labels: { severity: warn } }\n',
      ).groups[0]?.rules[0]?.labels,
    ).toEqual({ team: 'core', severity: 'warn' }));
});
