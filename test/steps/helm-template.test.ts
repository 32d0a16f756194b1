import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { valueFaults } from '../../src/claims/charts/values.ts';
import { have } from '../rig/have.ts';
import { pathWith } from '../rig/recorded.ts';
import { runStep, runSteps, tempDir } from '../rig/run-step.ts';

const chart = {
  'charts/pump/Chart.yaml': 'apiVersion: v2\nname: pumps\nversion: 1.0.0\n',
  'charts/pump/values.yaml': 'replicas: 2\nimage:\n  repository: example.org/pump\n  tag: "1"\n',
  'charts/pump/templates/pump.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: {{ .Release.Name }}-pump }
spec:
  replicas: {{ .Values.replicas }}
  selector: { matchLabels: { app: pump } }
  template:
    metadata: { labels: { app: pump } }
    spec:
      containers:
        - name: main
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
          ports: [{ name: http, containerPort: 8080 }]
`,
};
type Files = Record<string, string>;
const template = 'charts/pump/templates/pump.yaml';
const changed = (from: string, to: string): Files => ({ [template]: chart[template].replace(from, to) });
const rendered = (text = ''): string =>
  `---\n# Source: pumps/templates/pump.yaml\n${chart[template]
    .replace(/\{\{ .Release.Name \}\}/, 'release')
    .replace(/\{\{ .Values.replicas \}\}/, '2')
    .replace(/"\{\{.*\}\}"/, '"example.org/pump:1"')}${text}`;
const second = `apiVersion: v1
kind: ConfigMap
metadata: { name: release-rules }
data:
  alerts.yml: |
    groups:
      - name: pumps
        rules:
          - alert: Dry
            expr: level < 3
            annotations: { summary: "{{ \\"{{ $labels.pond }}\\" }} is dry" }
`;

/** What helm 3.22 says of each; where helm is on this machine, it is asked itself. */
interface Case {
  files?: Files;
  with?: Record<string, unknown>;
  answer?: { out?: string; said?: string };
  expected: string[];
  outcome?: string;
}
const cases: Record<string, Case> = {
  'a chart that is well': { answer: { out: rendered() }, expected: [], outcome: 'passed' },
  'a nil pointer': {
    files: changed('.Values.image.tag', '.Values.picture.tag'),
    answer: {
      said: 'Error: template: pumps/templates/pump.yaml:12:59: executing "pumps/templates/pump.yaml" at <.Values.picture.tag>: nil pointer evaluating interface {}.tag',
    },
    expected: [
      'warning value-unset charts/pump/templates/pump.yaml:12',
      'warning value-unused charts/pump/values.yaml:4',
      'error render-failed charts/pump/templates/pump.yaml:12',
    ],
  },
  'a value that another deployment’s file gives': {
    files: {
      ...changed('.Values.image.tag', '.Values.extra.size'),
      'charts/pump/prod.values.yaml': 'extra: { size: 1 }\n',
    },
    answer: { out: rendered() },
    expected: ['warning value-unused charts/pump/values.yaml:4'],
    outcome: 'passed',
  },
  'a value that a pipeline sets': {
    files: {
      ...changed('.Values.image.tag', '.Values.extra.size'),
      '.github/workflows/deploy.yml': 'run: helm upgrade x charts/pump --set replicas=2,extra.size=1\n',
    },
    answer: { out: rendered() },
    expected: ['warning value-unused charts/pump/values.yaml:4'],
    outcome: 'passed',
  },
  'what is no YAML': {
    files: changed('        - name: main', '  - name: main: x'),
    answer: {
      said: 'Error: YAML parse error on pumps/templates/pump.yaml: error converting YAML to JSON: yaml: line 11: mapping values are not allowed in this context',
    },
    expected: ['error rendered-invalid charts/pump/templates/pump.yaml:'],
  },
  'a function that helm does not have': {
    files: changed('.Values.replicas', '.Values.replicas | nosuch'),
    answer: { said: 'Error: parse error at (pumps/templates/pump.yaml:5): function "nosuch" not defined' },
    expected: ['error render-failed charts/pump/templates/pump.yaml:5'],
  },
  'a value that the chart asks for': {
    files: {
      ...changed('{{ .Values.replicas }}', '{{ required "say how many" .Values.count }}'),
      'charts/pump/values.yaml': chart['charts/pump/values.yaml'].replace('replicas: 2\n', ''),
    },
    answer: { said: 'Error: execution error at (pumps/templates/pump.yaml:5:15): say how many' },
    expected: ['inconclusive values-needed charts/pump/templates/pump.yaml:5'],
    outcome: 'error',
  },
  'a dependency that is not there': {
    files: {
      'charts/pump/Chart.yaml': `${chart['charts/pump/Chart.yaml']}dependencies: [{ name: redis, version: 1.0.0, repository: "https://charts.example.org" }]\n`,
    },
    answer: {},
    expected: ['inconclusive dependencies-missing :'],
    outcome: 'error',
  },
  'a resource twice': {
    files: { 'charts/pump/templates/again.yaml': chart[template] },
    answer: { out: rendered(rendered().replace('templates/pump', 'templates/again')) },
    expected: ['error resource-twice charts/pump/templates/pump.yaml:'],
  },
  'what a cluster refuses': {
    files: changed('containerPort: 8080', 'containerPort: 80800'),
    answer: { out: rendered().replace('8080', '80800') },
    expected: ['error manifest-refused charts/pump/templates/pump.yaml:'],
  },
  'a values file whose key is spelt otherwise': {
    files: { 'prod.yaml': 'replicas: 3\nimage: { tagg: "2" }\n' },
    with: { values: ['prod.yaml'] },
    answer: { out: rendered() },
    expected: ['error value-unused prod.yaml:2'],
  },
  'a values file that is not there': {
    with: { values: ['prod.yaml'] },
    answer: {},
    expected: ['error values-missing prod.yaml:'],
  },
  'a resource that was promised': {
    with: { resources: ['Service/release-pump'] },
    answer: { out: rendered() },
    expected: ['error resource-missing :'],
  },
  'no resource at all': {
    files: { [template]: `{{ if .Values.on }}\n${chart[template]}{{ end }}\n` },
    with: { set: { replicas: 3 } },
    answer: { out: '' },
    expected: ['error nothing-rendered :'],
  },
  'no resource without values': {
    files: { [template]: `{{ if .Values.on }}\n${chart[template]}{{ end }}\n` },
    answer: { out: '' },
    expected: ['inconclusive values-needed :'],
    outcome: 'error',
  },
  'a library, of which nothing comes out': {
    files: { 'charts/pump/Chart.yaml': 'apiVersion: v2\nname: pumps\nversion: 1.0.0\ntype: "library"\n' },
    answer: { out: rendered() },
    expected: ['inconclusive library-chart :'],
    outcome: 'error',
  },
  'no chart': { with: { chart: 'charts/pumps' }, answer: {}, expected: ['error chart-missing :'] },
  'no helm': { expected: ['inconclusive helm-missing :'], outcome: 'error' },
};

async function seen({ files = {}, with: more = {} }: Case): Promise<{ outcome: string; found: string[] }> {
  const target = tempDir({ ...chart, ...files });
  const { outcome, findings } = await runStep({
    uses: 'helm/template',
    with: { chart: 'charts/pump', ...more },
    target,
  });
  return {
    outcome,
    found: findings.map((one) => `${one.level} ${one.code} ${one.where?.file ?? ''}:${one.where?.line ?? ''}`),
  };
}

describe.each([
  ['recorded answers of helm', false],
  [have('helm') ? 'helm itself' : 'helm itself (skipped, because helm is not on this machine)', true],
])('helm/template: %s', (_, itself) => {
  it.skipIf(itself && !have('helm')).each(Object.entries(cases))('%s', async (name, one) => {
    const before = process.env['PATH'] ?? '';
    if (!itself || name === 'no helm') process.env['PATH'] = pathWith('helm', one.answer);
    try {
      const { outcome, found } = await seen(one);
      expect(found.toSorted()).toEqual(one.expected.toSorted());
      expect(outcome).toBe(one.outcome ?? 'failed');
    } finally {
      process.env['PATH'] = before;
    }
  });
});

it('what comes out is read by other steps', async () => {
  const before = process.env['PATH'] ?? '';
  process.env['PATH'] = pathWith('helm', {
    out: rendered(`---\n# Source: pumps/templates/rules.yaml\n${second.replace(/\{\{ \\"(.*?)\\" \}\}/, '$1')}`),
  });
  const target = tempDir(chart);
  try {
    const { record } = await runSteps(
      [
        { id: 'chart', uses: 'helm/template', with: { chart: 'charts/pump' } },
        {
          id: 'rules',
          uses: 'prometheus/rules-static',
          needs: ['chart'],
          with: { rules: ['${{ facts.helm.folder }}/*-alerts.yml'] },
        },
        {
          id: 'conform',
          uses: 'prometheus/rules-static',
          needs: ['chart'],
          with: { rules: ['${{ facts.helm.folder }}/*-none.yml'] },
        },
      ],
      { target, reports: join(target, 'reports') },
    );
    const [rendering, rules, none] = record.steps;
    expect(rendering?.outcome).toBe('passed');
    expect(rules?.findings.map((one) => one.code)).not.toContain('rules-missing');
    expect(JSON.stringify(rules)).toContain('release-rules-alerts.yml');
    expect(none?.outcome).toBe('failed');
  } finally {
    process.env['PATH'] = before;
  }
});

describe('values against templates', () => {
  const faults = (values: string, text: string, more: Files = {}): string[] | undefined =>
    valueFaults(new Map([['values.yaml', values], ...Object.entries(more)]), {
      templates: new Map([['t.yaml', text]]),
      dependencies: ['redis'],
      conditions: ['redis.enabled'],
      closed: true,
    })?.map((one) => `${one.kind} ${one.path} ${one.line}${one.near === undefined ? '' : ` ${one.near}`}`);
  it.each<[what: string, values: string, text: string, expected: string[] | undefined]>([
    ['each is read', 'a: 1\nb: { c: 2 }\n', '{{ .Values.a }}{{ .Values.b.c }}', []],
    ['a whole mapping is read', 'b: { c: 2, d: 3 }\n', '{{ toYaml .Values.b }}', []],
    ['from within a scope', 'b: { c: 2 }\n', '{{ range $x := .Values.list }}{{ $.Values.b.c }}{{ end }}', []],
    ['by index', 'b: { "c-d": 2 }\n', '{{ index .Values.b "c-d" }}', []],
    ['a dependency reads its own', 'redis: { size: 1 }\nglobal: { x: 1 }\na: 1\n', '{{ .Values.a }}', []],
    ['what a default stands in for', 'a: 1\n', '{{ .Values.a }}{{ .Values.c | default 3 }}{{ .Values.c }}', []],
    ['what a condition asks for', 'a: 1\n', '{{ if .Values.tls }}{{ .Values.tls.key }}{{ end }}{{ .Values.a }}', []],
    ['in a comment', 'a: 1\n', '{{ .Values.a }}{{/* .Values.gone */}}', []],
    ['all are handed on', 'a: 1\n', '{{ toYaml .Values }}', undefined],
    ['by a name that is computed', 'a: 1\n', '{{ index .Values $name }}', undefined],
    ['one is read by nothing', 'a: 1\nold: { x: 1, y: 2 }\n', '{{ .Values.a }}', ['unused old 2']],
    [
      'one is spelt otherwise',
      'image: { tag: 1, pullPolicy: x }\n',
      '{{ .Values.image.tag }}{{ .Values.image.pullPolcy }}',
      ['unused image.pullPolicy 1 image.pullPolcy', 'unset image.pullPolcy 1 image.pullPolicy'],
    ],
    ['a level deeper', 'a:\n  b:\n    c: 1\n    d: 2\n', '{{ .Values.a.b.c }}', ['unused a.b.d 4']],
    ['one is set by nothing', 'a: 1\n', '{{ .Values.a }}\n{{ .Values.port }}', ['unset port 2']],
  ])('%s', (_, values, text, expected) => {
    const all = faults(values, text);
    expect(all?.map((one) => one.replace(/ (?:a|image\.tag|a\.b\.c)$/, ''))).toEqual(expected);
  });
});
