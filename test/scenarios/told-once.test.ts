import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { sarif } from '../../src/reporters/sarif.ts';
import { parseRecord } from '../../src/runs/runs.ts';
import { toldOnce } from '../../src/core/told-once.ts';
import { stepRecord } from '../rig/record.ts';
import { verify, type Ended } from '../rig/cli.ts';
import { needing } from '../rig/have.ts';
import { tempDir } from '../rig/run-step.ts';

const rules = `groups:
  - name: shop
    rules:
      - alert: Late
        expr: rate(shop_seconds_total[5m]) by (job) > 1
        labels: { severity: page }
`;
const checklist = `version: 1
tree: none
milestone: rel
title: Twice
target: ..
items:
  - id: rules
    title: Rules
    steps:
      - { id: first, uses: prometheus/rules-static, with: { rules: ['rules/*.yml'] } }
      - { id: second, uses: prometheus/rules-static, with: { rules: ['rules/shop.yml'] } }
`;

describe('one defect that several steps find', () => {
  let ended: Ended;
  let read: (name: string) => string;
  beforeAll(async () => {
    const target = tempDir({ 'checklists/rel.yaml': checklist, 'rules/shop.yml': rules });
    ended = await verify(['rel', '--ui', 'plain', '--no-ask', '--jobs', '1'], { cwd: target });
    const reports = join(target, 'reports', 'rel');
    const run = readdirSync(reports).find((name) => name.startsWith('2')) ?? '';
    read = (name) => readFileSync(join(reports, run, name), 'utf8');
  });
  const times = (text: string, of: string): number => text.split(of).length - 1;

  it('fails each of them', () => {
    expect(ended.code).toBe(10);
    expect(ended.stdout).toContain('2 failed, of 2 steps');
    expect(ended.stdout).toMatch(/bad-expression, as in first/);
  });
  it('stands once in each report, with all of their names', () => {
    const said = 'does not parse at';
    const record = parseRecord(read('record.json'), 'record.json');
    const all = record.steps.flatMap((step) => step.findings).map(({ message }) => message);
    expect(all.filter((message) => message.includes(said))).toHaveLength(2);
    expect(times(read('FINAL_STATUS.md'), said)).toBe(1);
    expect(read('FINAL_STATUS.md')).toContain('; also in `second`');
    expect(times(/id="findings"[\s\S]*?<\/section>/.exec(read('FINAL_STATUS.html'))?.[0] ?? '', said)).toBe(1);
    expect(read('FINAL_STATUS.html')).toMatch(/also in <a href="#step-second">second<\/a>/);
    expect(times(sarif(record), '"text": "Late: does not parse')).toBe(1);
  });
});

describe('findings told once', () => {
  const where = { file: 'prometheus.yml', line: 7 };
  const one = { code: 'scrape-host', level: 'error' as const, message: 'no service a (there are b, c)', where };
  const ids = (...steps: Parameters<typeof stepRecord>[0][]) =>
    toldOnce(steps.map((step, n) => stepRecord({ id: `s${n}`, ...step }))).map(({ step, finding, also }) =>
      [step.id, finding.level, ...also.map(({ id }) => id)].join(' '),
    );
  it.each([
    ['the list of what is around may differ', { ...one, message: 'no service a (there are d)' }, ['s0 error s1']],
    ['another code for the same', { ...one, code: 'host' }, ['s0 error s1']],
    ['another line', { ...one, where: { ...where, line: 8 } }, ['s0 error', 's1 error']],
    ['another message', { ...one, message: 'no service e (there are b)' }, ['s0 error', 's1 error']],
    ['accepted here only', { ...one, waived: 'known' }, ['s0 error', 's1 error']],
  ])('%s', (_, other, expected) => {
    expect(ids({ findings: [one] }, { findings: [other] })).toEqual(expected);
  });
  it('the one that weighs most stands for all', () => {
    expect(ids({ findings: [{ ...one, level: 'warning' }] }, { findings: [one] })).toEqual(['s1 error s0']);
  });
  it('of one step all stand, and what has no place is never the same', () => {
    expect(ids({ findings: [one, one] })).toEqual(['s0 error', 's0 error']);
    const { where: _, ...nowhere } = one;
    expect(ids({ findings: [nowhere] }, { findings: [nowhere] })).toEqual(['s0 error', 's1 error']);
  });
});

const [title, skip] = needing('a dashboard that Grafana refuses, by its stack and by itself', 'compose');
describe.skipIf(skip)(title, () => {
  it('is told once, of however many lines', async () => {
    const wrapped = { dashboard: { title: 'W', uid: 'w', panels: [] } };
    const target = tempDir({
      'checklists/rel.yaml': `version: 1
tree: none
milestone: rel
title: Twice
target: ..
items:
  - id: boards
    title: Boards
    steps:
      - { id: stack, uses: compose/config, with: { files: [compose.yml] } }
      - { id: boards, uses: dashboards/lint, with: { dashboards: ['d/*.json'] } }
`,
      'compose.yml':
        'services:\n  grafana:\n    image: grafana/grafana:12.1.0\n    volumes: ["./p:/etc/grafana/provisioning/dashboards", "./d:/boards"]\n',
      'p/p.yml': 'apiVersion: 1\nproviders: [{ name: a, type: file, options: { path: /boards } }]\n',
      'd/broken.json': '{ "title": "A", }\n',
      'd/empty.json': '',
      'd/untitled.json': '{\n  "uid": "u",\n  "panels": []\n}\n',
      'd/one-line.json': JSON.stringify(wrapped),
      'd/wrapped.json': JSON.stringify(wrapped, null, 2),
    });
    const { code, stdout } = await verify(['rel', '--ui', 'plain', '--no-ask', '--jobs', '1'], { cwd: target });
    expect(code, stdout).toBe(10);
    const reports = join(target, 'reports', 'rel');
    const run = readdirSync(reports).find((name) => name.startsWith('2')) ?? '';
    const { steps } = parseRecord(readFileSync(join(reports, run, 'record.json'), 'utf8'), 'record.json');
    const refused = toldOnce(steps).filter(({ finding }) =>
      ['dashboard-refused', 'not-importable'].includes(finding.code),
    );
    expect(refused.map(({ also }) => also.length)).toEqual([1, 1, 1, 1, 1]);
  });
});
