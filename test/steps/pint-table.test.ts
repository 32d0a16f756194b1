import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../rig/cli.ts';
import { runStep, tempDir } from '../rig/run-step.ts';

// docs/pint.md says which of pint's offline checks are made here. Each row that names a finding is proven: a rule that pint tells
// of, and its twin that neither does.

const exposition = `# TYPE shop_orders_total counter
shop_orders_total{state="paid",region="eu"} 12
# TYPE shop_queue_depth gauge
shop_queue_depth{queue="mail"} 3
# TYPE shop_fill_ratio gauge
shop_fill_ratio{queue="mail"} 0.2
`;
const files = {
  'metrics.txt': exposition,
  'prometheus.yml':
    'global: { scrape_interval: 15s, external_labels: { site: north } }\nrule_files: [rules.yml]\nscrape_configs:\n  - job_name: shop\n    static_configs: [{ targets: ["shop:80"] }]\n',
  'compose.yml':
    'services:\n  prometheus:\n    image: prom/prometheus:v3.1.0\n    command: ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.retention.time=5d"]\n    volumes: ["./prometheus.yml:/etc/prometheus/prometheus.yml", "./rules.yml:/etc/prometheus/rules.yml"]\n',
  'docs/book.md': '# Book\n',
};
const lint = async (text: string): Promise<string[]> =>
  (
    await runStep({
      uses: 'prometheus/rules-static',
      target: tempDir({ ...files, 'rules.yml': text }),
      with: {
        rules: ['rules.yml'],
        config: 'prometheus.yml',
        exporters: [{ file: 'metrics.txt', job: 'shop' }],
        house: [
          { labels: { team: 'core|web' }, annotations: { summary: '.+' } },
          { match: 'Kept', keeps: ['queue'] },
        ],
      },
    })
  ).findings.map(({ code, subject, level }) => `${subject ?? ''} ${code}${level === 'note' ? ' (note)' : ''}`);

const rule = (name: string, body: string): string =>
  `      - alert: ${name}\n        for: 5m\n${body.replace(/^/gm, '        ')}\n`;
const expr = (text: string): string => `expr: '${text}'`;
const said = (text: string, query = 'sum(shop_queue_depth) > 3'): string =>
  `${expr(query)}\nannotations: { summary: '${text}' }`;

/** Row of the page → what is told of, its twin, and under which code. */
const proofs: [row: RegExp, code: string, bad: string, good: string][] = [
  [/^promql\/syntax/, 'bad-expression', expr('sum(shop_queue_depth'), expr('sum(shop_queue_depth) > 3')],
  [
    /a label that no longer exists/,
    'label-dropped',
    said('{{ $labels.queue }}'),
    said('{{ $labels.queue }}', 'shop_queue_depth > 3'),
  ],
  [
    /template: queries/,
    'bad-expression',
    said('{{ with query "sum(" }}{{ end }}'),
    said('{{ with query "sum(up)" }}{{ end }}'),
  ],
  [
    /the value in a label/,
    'value-in-label',
    `${expr('shop_queue_depth > 3')}\nlabels: { depth: "{{ $value }}" }`,
    `${expr('shop_queue_depth > 3')}\nlabels: { depth: deep }`,
  ],
  [
    /humanize/,
    'value-unit',
    said('{{ $value }}% full', 'shop_fill_ratio > 0.5'),
    said('{{ $value | humanizePercentage }} full', 'shop_fill_ratio > 0.5'),
  ],
  [/^alerts\/comparison/, 'always-fires', expr('shop_queue_depth'), expr('shop_queue_depth > 3')],
  [
    /^alerts\/absent/,
    'absent-without-for',
    `${expr('absent(up{job="shop"})')}\nfor: 0s`,
    expr('absent(up{job="shop"})'),
  ],
  [
    /^promql\/vector_matching/,
    'sides-never-match',
    expr('shop_queue_depth / sum(shop_fill_ratio) > 3'),
    expr('shop_queue_depth / shop_fill_ratio > 3'),
  ],
  [/^promql\/impossible/, 'dead-threshold', expr('shop_queue_depth > 5 < 3'), expr('shop_queue_depth > 3 < 5')],
  [
    /^promql\/impossible/,
    'dead-selector',
    expr('shop_queue_depth{queue="a", queue="b"} > 3'),
    expr('shop_queue_depth{queue="mail"} > 3'),
  ],
  [
    /^promql\/impossible/,
    'grouping-lost',
    expr('sum by (queue) (sum by (job) (shop_queue_depth)) > 3'),
    expr('sum by (queue) (sum by (queue) (shop_queue_depth)) > 3'),
  ],
  [
    /^promql\/rate: range/,
    'range-short',
    expr('rate(shop_orders_total[15s]) > 1'),
    expr('rate(shop_orders_total[1m]) > 1'),
  ],
  [
    /^promql\/rate: of a gauge/,
    'rate-on-gauge',
    expr('rate(shop_queue_depth[5m]) > 1'),
    expr('deriv(shop_queue_depth[5m]) > 1'),
  ],
  [
    /^promql\/rate: of a sum/,
    'rate-of-sum',
    expr('rate(sum(shop_orders_total)[5m:15s]) > 1'),
    expr('sum(rate(shop_orders_total[5m])) > 1'),
  ],
  [/^promql\/counter/, 'raw-counter', expr('shop_orders_total > 10'), expr('increase(shop_orders_total[5m]) > 10')],
  [/^promql\/series/, 'metric-missing', expr('shop_ordres_total > 3'), expr('shop_fill_ratio > 0.3')],
  [
    /^promql\/series/,
    'label-missing',
    expr('shop_queue_depth{kind="mail"} > 3'),
    expr('shop_queue_depth{queue="mail"} > 3'),
  ],
  [/^promql\/series/, 'job-unknown', expr('up{job="shed"} == 0'), expr('up{job="shop"} == 0')],
  [
    /^promql\/regexp: invalid/,
    'bad-expression',
    expr('shop_queue_depth{queue=~"(mail"} > 3'),
    expr('shop_queue_depth{queue=~"(mail)"} > 3'),
  ],
  [
    /^promql\/range_query, promql\/offset/,
    'beyond-retention',
    expr('avg_over_time(shop_queue_depth[40d]) > 3'),
    expr('avg_over_time(shop_queue_depth[4d]) > 3'),
  ],
  [
    /^promql\/range_query, promql\/offset/,
    'beyond-retention',
    expr('shop_queue_depth - shop_queue_depth offset 10d > 3'),
    expr('shop_queue_depth - shop_queue_depth offset 1d > 3'),
  ],
  [
    /^promql\/features/,
    'feature-missing',
    expr('limitk(2, shop_queue_depth) > 3'),
    expr('topk(2, shop_queue_depth) > 3'),
  ],
  [
    /^rule\/link/,
    'runbook-missing',
    `${expr('shop_queue_depth > 3')}\nannotations: { runbook_url: docs/boat.md }`,
    `${expr('shop_queue_depth > 3')}\nannotations: { runbook_url: docs/book.md }`,
  ],
  [
    /^alerts\/annotation/,
    'house-rule',
    expr('shop_queue_depth > 3'),
    `${said('{{ $value }}', 'shop_queue_depth > 3')}\nlabels: { team: core }`,
  ],
  [/^rule\/duplicate/, 'rule-duplicate', expr('shop_queue_depth > 77'), expr('shop_queue_depth > 78')],
];
const group = (side: 2 | 3, also = ''): string =>
  `groups:\n  - name: all\n    rules:\n${proofs.map((one, n) => rule(`A${n}`, one[side].includes('for: 0s') ? one[side].replace('\nfor: 0s', '') : one[side]).replace('        for: 5m\n', one[side].includes('for: 0s') ? '' : '        for: 5m\n')).join('')}${also}`;
const twin = proofs.findIndex(([, code]) => code === 'rule-duplicate');

const rows = readFileSync(join(root, 'docs', 'pint.md'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, name = '', , codes = ''] =
      /^\| ((?:alerts|promql|rule|group|yaml|labels|query|pint|ignore)\/.*?) \| (.*?) \| (.*?)\|$/.exec(line) ?? [];
    return name === '' ? [] : [{ name, codes: [...codes.matchAll(/`([\w-]+)`/g)].map(([, code = '']) => code) }];
  });

describe('the page about pint', () => {
  it('each rule is told of under the code that its row names', async () => {
    const found = await lint(group(2, rule(`A${twin}`, proofs[twin]?.[2] ?? '')));
    expect(proofs.filter(([, code], n) => !found.some((one) => one.startsWith(`A${n} ${code}`)))).toEqual([]);
  });

  it('its twin is not', async () => {
    const found = await lint(group(3));
    expect(proofs.flatMap(([, code], n) => found.filter((one) => one === `A${n} ${code}`))).toEqual([]);
  });

  it.each([
    ['keys', '      - alert: A\n        expr: up == 0\n        labls: {}\n'],
    ['a duration', '      - alert: A\n        expr: up == 0\n        for: 5 minutes\n'],
    ['a template', "      - alert: A\n        expr: up == 0\n        annotations: { summary: '{{ if }}' }\n"],
  ])('a file with %s that Prometheus refuses', async (_, text) =>
    expect((await lint(`groups:\n  - name: g\n    rules:\n${text}`)).join()).toMatch(/rules-refused|bad-template/),
  );

  it('a label that a house rule keeps', async () => {
    const kept = (text: string): Promise<string[]> =>
      lint(`groups:\n  - name: g\n    rules:\n${rule('Kept', expr(text))}`);
    expect((await kept('sum(shop_queue_depth) > 3')).filter((one) => one === 'Kept house-rule')).toHaveLength(3);
    expect(
      (await kept('sum by (queue) (shop_queue_depth) > 3')).filter((one) => one === 'Kept house-rule'),
    ).toHaveLength(2);
  });

  it('a group that records too seldom', async () => {
    const every = (interval: string): string =>
      `groups:\n  - name: g\n    interval: ${interval}\n    rules:\n      - { record: "job:up:sum", expr: "sum by (job) (up)" }\n      - { alert: A, expr: "job:up:sum < 1", for: 5m }\n`;
    expect((await lint(every('10m'))).join()).toContain('interval-long');
    expect((await lint(every('1m'))).join()).not.toContain('interval-long');
  });

  it('every row that names a code is proven above', () => {
    expect(rows.length).toBeGreaterThan(30);
    const elsewhere = /^(?:yaml\/parse|group\/interval|alerts\/for|alerts\/template: syntax|promql\/aggregate)/;
    const unproven = rows.filter(
      ({ name, codes }) =>
        codes.length > 0 &&
        !elsewhere.test(name) &&
        !proofs.some(([row, code]) => row.test(name) && codes.includes(code)),
    );
    expect(unproven).toEqual([]);
    expect(
      proofs.filter(([row, code]) => !rows.some(({ name, codes }) => row.test(name) && codes.includes(code))),
    ).toEqual([]);
  });
});
