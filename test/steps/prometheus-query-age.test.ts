import { describe, expect, it } from 'vitest';
import { needing } from '../rig/have.ts';
import { frozenPrometheus } from '../rig/prometheus.ts';
import { codes, runStep } from '../rig/run-step.ts';
import { serve } from '../rig/serve.ts';

const [title, skip] = needing('age of what an expression reads, asked of a real Prometheus', 'prometheus', 'promtool');

describe.skipIf(skip)(title, () => {
  const aged = (seconds: number): Promise<string> =>
    frozenPrometheus({ 'x{job="a"}': () => 1, 'y{job="a"}': (n) => n }, Date.now() - seconds * 1000);
  const stale = aged(200);
  const gone = aged(420);
  const fresh = aged(0);
  const ask = async (url: string, expr: string, maxAge: string) =>
    runStep({
      uses: 'prometheus/query',
      with: { url, expr, series: { min: 1 }, maxAge, value: { op: '>=', than: -1e9 } },
    });
  const wrapped = [
    'x',
    '(x)',
    'sum(x)',
    'x * 1',
    'x > 0',
    '-x',
    'max_over_time(x[5m])',
    'last_over_time(x[10m])',
    'avg by (job) (x)',
    'x or vector(0)',
    'sum(rate(y[5m])) / scalar(sum(x))',
    'max_over_time(sum(x)[10m:1m])',
    'label_replace(x, "a", "$1", "job", "(.*)")',
    'x and on (job) y',
    'vector(1) + on () group_left () sum(x)',
    '{__name__="x"} # x',
  ];
  it.each(wrapped)('%s, of which the newest sample is 200 s old, is stale', async (expr) => {
    const record = await ask(await stale, expr, '30s');
    expect(codes(record)).toContain('stale');
    expect(record.findings[0]?.message).toMatch(/is 2\d\d\.\d s old, expected at most 30s/);
  });
  it.each(wrapped)('%s, scraped now, is not', async (expr) =>
    expect((await ask(await fresh, expr, '60s')).findings).toEqual([]),
  );
  it.each(['max_over_time(x[10m])', 'last_over_time(x[1h])', 'sum(increase(y[15m]))'])(
    '%s, of which Prometheus itself sees nothing any more, is stale',
    async (expr) => {
      const record = await ask(await gone, expr, '30s');
      expect(codes(record)).toContain('stale');
      expect((await ask(await gone, expr, '15m')).findings).toEqual([]);
    },
  );
  it.each(['x or vector(0)', 'vector(1)', 'absent(x)'])(
    'of %s without any sample nothing can be said',
    async (expr) => {
      const record = await ask(await gone, expr, '30s');
      expect(record.outcome).toBe('error');
      expect(record.findings).toMatchObject([{ code: 'stale', level: 'inconclusive' }]);
    },
  );
  it('what has no series is held against its age too', async () => {
    const none = async (url: string) =>
      runStep({ uses: 'prometheus/query', with: { url, expr: 'x > 5', series: { max: 0 }, maxAge: '60s' } });
    expect((await none(await fresh)).findings).toEqual([]);
    expect(codes(await none(await stale))).toEqual(['stale']);
    expect((await none(await gone)).outcome).toBe('error');
  });
  it('what looks at the past on purpose counts only by itself', async () => {
    expect((await ask(await fresh, 'x - (x offset 5m)', '60s')).findings).toEqual([]);
    expect(codes(await ask(await fresh, 'x offset 5m', '60s'))).toEqual(['stale']);
  });
});

describe('answers that are none', () => {
  const vector = (...series: [Record<string, string>, string][]): string =>
    JSON.stringify({
      status: 'success',
      data: { resultType: 'vector', result: series.map(([metric, value]) => ({ metric, value: [1, value] })) },
    });
  const run = async (body: string, more: object = {}) =>
    runStep({
      uses: 'prometheus/query',
      with: {
        url: await serve({
          '/api/v1/status/buildinfo': { body: '{"status":"success","data":{"version":"2.53.0"}}' },
          '/api/v1/query': { body },
        }),
        expr: 'm',
        series: { min: 1 },
        ...more,
      },
    });
  const noted = (more: object): string => JSON.stringify({ ...JSON.parse(vector([{ __name__: 'm' }, '1'])), ...more });

  it.each(['', '0x10', ' 1', '1_000', 'one', '1,5'])('%j is no number', async (text) => {
    const record = await run(vector([{ __name__: 'm' }, text]), { value: { op: '<=', than: 20 } });
    expect(record.outcome).toBe('error');
    expect(codes(record)).toEqual(['unreadable-answer']);
  });
  it.each(['1e-01', '-0', '.5', '1e+06'])('%j is one', async (text) =>
    expect((await run(vector([{ __name__: 'm' }, text]), { value: { op: '<=', than: 1e6 } })).outcome).toBe('passed'),
  );
  it.each([
    [{ isPartial: true }, 'query-warning'],
    [{ errorType: 'timeout', error: 'one of two' }, 'not-prometheus'],
  ])('an answer with %j is not whole', async (more, code) => expect(codes(await run(noted(more)))).toEqual([code]));
  it('a value is promised of each series: a native histogram has none', async () => {
    const data = {
      resultType: 'vector',
      result: [
        { metric: { a: '1' }, value: [1, '1'] },
        { metric: { a: '2' }, histogram: [1, { count: '1', sum: '1' }] },
      ],
    };
    const record = await run(noted({ data }), { value: { op: '<=', than: 1 } });
    expect(codes(record)).toEqual(['not-instant']);
    expect((await run(noted({ data }))).outcome).toBe('passed');
  });
  it.each([
    ['x', 300, 'stale'],
    ['y', 1, undefined],
  ])('an alert is as old as what its rule reads: %s', async (name, age, code) => {
    const rule = { name: 'Down', query: `${name} > 0`, type: 'alerting', health: 'ok' };
    const url = await serve({
      '/api/v1/status/buildinfo': { body: '{"status":"success","data":{"version":"2.53.0"}}' },
      '/api/v1/rules': {
        body: JSON.stringify({ status: 'success', data: { groups: [{ name: 'g', file: 'f', rules: [rule] }] } }),
      },
      '/api/v1/query': (response, _body, query) => {
        const result = [{ metric: {}, value: [1, query.includes('timestamp') ? String(age) : '1'] }];
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }));
      },
    });
    const record = await runStep({
      uses: 'prometheus/query',
      with: { url, expr: 'ALERTS{alertname="Down"}', series: { min: 1 }, maxAge: '60s' },
    });
    expect(codes(record)).toEqual(code === undefined ? [] : [code]);
    if (code !== undefined) expect(record.findings[0]?.message).toContain(`the newest sample of ${name} `);
  });
  it('the same series twice is one', async () => {
    const twice = vector([{ a: '1', b: '2' }, '1'], [{ b: '2', a: '1' }, '1']);
    expect(codes(await run(twice, { series: { min: 2 } }))).toEqual(['cardinality']);
    expect((await run(twice, { series: { max: 1 } })).outcome).toBe('passed');
  });
  it('a warning fails: the answer may be partial', async () => {
    const record = await run(noted({ warnings: ['store a: partial result'] }));
    expect(record.outcome).toBe('failed');
    expect(codes(record)).toEqual(['query-warning']);
  });
  it.each([
    { infos: ['PromQL info: metric might not be a counter'] },
    { warnings: ['PromQL info: metric might not be a counter'] },
  ])('a remark on the expression does not: %j', async (more) => {
    const record = await run(noted(more));
    expect(record.outcome).toBe('passed');
    expect(record.findings).toMatchObject([{ code: 'query-info', level: 'warning' }]);
  });
  it('other steps take no partial answer', async () => {
    const url = await serve({
      '/api/v1/status/buildinfo': { body: '{"status":"success","data":{"version":"2.53.0"}}' },
      '/api/v1/targets': { body: '{"status":"success","data":{"activeTargets":[]},"warnings":["one of two"]}' },
    });
    const record = await runStep({ uses: 'prometheus/targets', with: { url, jobs: [{ name: 'a' }] } });
    expect(codes(record)).toEqual(['unavailable']);
  });
});
