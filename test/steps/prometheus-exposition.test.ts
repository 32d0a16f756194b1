import { describe, expect, it } from 'vitest';
import { codes, runStep } from '../rig/run-step.ts';
import { nothings, type Reply, serve } from '../rig/serve.ts';

const type = 'text/plain; version=0.0.4';
/** Answers one text after the other, the last for ever. */
const texts = (...bodies: string[]): Reply => {
  let n = 0;
  return (response) => response.writeHead(200, { 'content-type': type }).end(bodies[Math.min(n++, bodies.length - 1)]);
};
const histogram = (counts: [le: string, n: number][], sum: number): string =>
  `# HELP t_seconds x\n# TYPE t_seconds histogram\n${counts.map(([le, n]) => `t_seconds_bucket{op="a",le="${le}"} ${n}\n`).join('')}t_seconds_sum{op="a"} ${sum}\nt_seconds_count{op="a"} ${counts.at(-1)?.[1]}\n`;
const counter = (n: number, label = 'op="a"'): string =>
  `# HELP c_total x\n# TYPE c_total counter\nc_total{${label}} ${n}\n`;
const scrape = async (reply: Reply, rest: object = {}) =>
  runStep({
    uses: 'prometheus/exposition',
    with: { url: `${await serve({ '/metrics': reply })}/metrics`, apart: '20ms', ...rest },
  });
const before = histogram(
  [
    ['0.01', 10],
    ['0.1', 20],
    ['1', 30],
    ['+Inf', 30],
  ],
  5,
);
/** 100 more: 50 within 10 ms, 40 within 100 ms, 10 within a second. */
const after = histogram(
  [
    ['0.01', 60],
    ['0.1', 110],
    ['1', 130],
    ['+Inf', 130],
  ],
  9,
);
const load = (stdout: string, rest: object) => ({ load: { run: ['echo', stdout], ...rest } });
const quantile = (more: object = {}) => ({
  quantiles: [{ histogram: 't_seconds', labels: { op: 'a' }, q: 0.95, path: '$.p95', ...more }],
});

describe('prometheus/exposition', () => {
  it('passes a true exporter without any promise, weakly', async () =>
    expect(await scrape(texts(counter(1) + before, counter(2) + after))).toMatchObject({
      outcome: 'passed',
      findings: [],
      weak: expect.stringContaining('no metric is promised') as string,
    }));

  it.each([
    ['a counter that falls', [counter(5), counter(4)], {}, 'counter-falls'],
    ['bounds that move', [before, before.replaceAll('"0.1"', '"0.2"')], {}, 'buckets-change'],
    ['a sum in another unit', [before.replace('} 5', '} 5000')], {}, 'false-histogram'],
    ['a counter below zero', [counter(-3)], {}, 'bad-counter'],
    ['a time of 1970', [`${counter(3).trim()} 1700000000\n`], {}, 'bad-timestamp'],
    ['a metric that is not there', [counter(3)], { metrics: [{ name: 'd_total' }] }, 'metric-missing'],
    ['another type', [counter(3)], { metrics: [{ name: 'c_total', type: 'gauge' }] }, 'wrong-type'],
    [
      'more label sets than promised',
      [`${counter(3)}c_total{op="b"} 1\n`],
      { metrics: [{ name: 'c_total', maxSeries: 1 }] },
      'cardinality',
    ],
    ['no OpenMetrics', [counter(3)], { format: 'openmetrics' }, 'not-openmetrics'],
  ])('%s', async (_, bodies, rest, code) => {
    const record = await scrape(texts(...bodies), rest);
    expect([record.outcome, codes(record)]).toEqual(['failed', [code]]);
  });

  it('a sum that one scrape only shows to be wrong is a warning', async () =>
    expect(await scrape(texts(before, before.replace('} 5', '} 5000')))).toMatchObject({
      outcome: 'passed',
      findings: [{ code: 'false-histogram', level: 'warning' }],
    }));
  it('reads OpenMetrics by its content type', async () => {
    const answer = (body: string): Reply => ({ type: 'application/openmetrics-text; version=1.0.0', body });
    const good = '# HELP c x\n# TYPE c counter\nc_total 1\n# EOF\n';
    expect(await scrape(answer(good), { metrics: [{ name: 'c_total', type: 'counter' }] })).toMatchObject({
      outcome: 'passed',
      findings: [],
      facts: { 'exposition.format': 'openmetrics' },
    });
    expect(codes(await scrape(answer(good.replace('# EOF\n', ''))))).toEqual(['bad-exposition']);
  });
  it('names, many label sets and series that go are warnings', async () => {
    const wide = Array.from({ length: 1001 }, (_, n) => `x_ms{id="${n}"} 1\n`).join('');
    const record = await scrape(texts(`${counter(1)}# HELP x_ms x\n# TYPE x_ms gauge\n${wide}`));
    expect(record.outcome).toBe('passed');
    expect(record.findings.map((f) => [f.code, f.level]).toSorted()).toEqual([
      ['cardinality-high', 'warning'],
      ['naming', 'warning'],
    ]);
    expect((await scrape(texts(counter(1), counter(1, 'op="b"')))).findings).toMatchObject([{ code: 'series-gone' }]);
  });
  it.each(Object.entries(nothings))('%s is no pass', async (_, reply) =>
    expect((await scrape(reply)).outcome).not.toBe('passed'),
  );
});

describe('prometheus/exposition under a known load', () => {
  const both = (): Reply => texts(counter(5) + before, counter(105) + after);
  it.each([
    ['the counts and the quantile', '{"p95":0.7}', { adds: [{ series: 'c_total{op="a"}', by: 100 }], ...quantile() }],
    ['a neighbouring bucket', '{"p95":0.09}', quantile()],
    ['another unit', '{"p95":700}', quantile({ unit: 'ms' })],
    ['a tolerance', '{}', { adds: [{ series: 'c_total{op="a"}', by: 98, tolerance: 5 }] }],
  ])('%s hold', async (_, stdout, rest) =>
    expect(await scrape(both(), load(stdout, rest))).toMatchObject({ outcome: 'passed', findings: [] }),
  );
  it.each([
    ['another count', '{}', { adds: [{ series: 'c_total{op="a"}', by: 50 }] }, 'failed', 'wrong-count'],
    ['a series that is not there', '{}', { adds: [{ series: 'c_total{op="z"}', by: 50 }] }, 'failed', 'metric-missing'],
    ['a quantile in another bucket', '{"p95":0.001}', quantile(), 'failed', 'wrong-quantile'],
    ['a quantile in milliseconds', '{"p95":700}', quantile(), 'failed', 'wrong-quantile'],
    ['labels that are not there', '{"p95":0.7}', quantile({ labels: { op: 'z' } }), 'failed', 'metric-missing'],
    ['no true quantile', '{"p50":0.7}', quantile(), 'error', 'no-true-quantile'],
    ['no JSON', 'done', quantile(), 'error', 'no-true-quantile'],
  ])('%s', async (_, stdout, rest, outcome, code) => {
    const record = await scrape(both(), load(stdout, rest));
    expect([record.outcome, codes(record)]).toEqual([outcome, [code]]);
  });
  it('a load that was not observed, or that fails', async () => {
    expect(codes(await scrape(texts(before), load('{"p95":0.7}', quantile())))).toEqual(['wrong-quantile']);
    const failing = { load: { run: ['false'], ...quantile() } };
    expect(codes(await scrape(texts(before), failing))).toEqual(['load-failed']);
  });
  it('scrapes while it runs, and sees what comes back', async () => {
    const slow = { load: { run: ['sleep', '0.5'], adds: [{ series: 'c_total{op="a"}', by: 5 }] } };
    const record = await scrape(texts(counter(5), counter(2), counter(10)), slow);
    expect(codes(record)).toEqual(['counter-falls']);
    expect(record.facts['exposition.scrapes']).toBeGreaterThan(2);
  });
});
