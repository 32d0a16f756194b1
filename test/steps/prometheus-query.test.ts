import { describe, expect, it } from 'vitest';
import { codes, runStep } from '../rig/run-step.ts';
import { nothings, serve, type Reply } from '../rig/serve.ts';

const vector = (...values: string[]): string =>
  JSON.stringify({
    status: 'success',
    data: {
      resultType: 'vector',
      result: values.map((value, n) => ({ metric: { __name__: 'm', n: String(n) }, value: [1, value] })),
    },
  });
const build = { '/api/v1/status/buildinfo': { body: '{"status":"success","data":{"version":"2.42.0"}}' } };
const ask = async (reply: Reply, rest: object = { series: { min: 1 } }, timeout = '10s') =>
  runStep({
    uses: 'prometheus/query',
    with: { url: await serve({ ...build, '/api/v1/query': reply }), expr: 'm', ...rest },
    timeout,
  });

describe('prometheus/query', () => {
  it.each([
    ['one series', vector('1'), { series: { min: 1, max: 1 } }],
    ['a value', vector('0.5'), { series: { min: 1 }, value: { op: '<', than: 1 } }],
    ['none, as promised', vector(), { series: { max: 0 } }],
    [
      'a scalar',
      '{"status":"success","data":{"resultType":"scalar","result":[1,"3"]}}',
      { series: { min: 1 }, value: { op: '==', than: 3 } },
    ],
  ])('%s holds', async (_, body, rest) =>
    expect(await ask({ body }, rest)).toMatchObject({ outcome: 'passed', findings: [] }),
  );

  it.each([
    ['an empty vector', vector(), { series: { min: 1 } }, 'no-data'],
    ['too few', vector('1'), { series: { min: 2 } }, 'cardinality'],
    ['too many', vector('1', '2'), { series: { max: 1 } }, 'cardinality'],
    ['NaN', vector('NaN'), { series: { min: 1 } }, 'not-finite'],
    ['infinity', vector('+Inf'), { series: { min: 1 }, value: { op: '>', than: 0 } }, 'not-finite'],
    ['one wrong value of two', vector('1', '9'), { series: { min: 1 }, value: { op: '<', than: 5 } }, 'value'],
    [
      'a range',
      '{"status":"success","data":{"resultType":"matrix","result":[]}}',
      { series: { max: 5 } },
      'not-instant',
    ],
    [
      'a refusal',
      '{"status":"error","errorType":"bad_data","error":"parse error"}',
      { series: { max: 5 } },
      'query-refused',
    ],
  ])('%s fails', async (_, body, rest, code) => {
    const record = await ask({ status: body.includes('bad_data') ? 400 : 200, body }, rest);
    expect(record.outcome).toBe('failed');
    expect(codes(record)).toContain(code);
  });

  const twice = (...series: [object, string][]): string =>
    JSON.stringify({
      status: 'success',
      data: { resultType: 'vector', result: series.map(([metric, value]) => ({ metric, value: [1, value] })) },
    });
  it.each<[string, Reply, object, string]>([
    ['the same series with another value', { body: twice([{ a: '1' }, '1'], [{ a: '1' }, '2']) }, {}, 'cardinality'],
    ['a label without a value', { body: twice([{ a: '1' }, '1'], [{ a: '1', b: '' }, '1']) }, {}, 'cardinality'],
    ['success beside HTTP 500', { status: 500, body: vector('1', '2') }, {}, 'not-prometheus'],
    ['success in part', { status: 206, body: vector('1', '2') }, {}, 'not-prometheus'],
    [
      'a histogram that is none',
      { body: vector('1', '2').replaceAll('"value":[1,', '"histogram":[1,') },
      {},
      'unreadable-answer',
    ],
    [
      'a series without a sample',
      { body: vector('1', '2').replaceAll('"value":', '"valve":') },
      {},
      'unreadable-answer',
    ],
    [
      'one of two values of one series is wrong',
      { body: twice([{}, '1'], [{}, '9']) },
      { series: { min: 1 }, value: { op: '<', than: 5 } },
      'value',
    ],
  ])('%s is no pass', async (_, reply, rest, code) => {
    const record = await ask(reply, { series: { min: 2 }, ...rest });
    expect(record.outcome).not.toBe('passed');
    expect(codes(record)).toContain(code);
  });

  describe('over a window', () => {
    const matrix = (...series: [number, string][][]): string =>
      JSON.stringify({
        status: 'success',
        data: {
          resultType: 'matrix',
          result: series.map((values, n) => ({ metric: { __name__: 'm', n: String(n) }, values })),
        },
      });
    const course = (over: Reply, value: object | null = { op: '<', than: 5 }, more: object = {}) =>
      serve({ ...build, '/api/v1/query': { body: vector('1') }, '/api/v1/query_range': over }).then((url) =>
        runStep({
          uses: 'prometheus/query',
          with: { url, expr: 'm', series: { min: 1 }, range: '5m', ...(value && { value }), ...more },
        }),
      );
    it('holds at every sample; the course is kept with its limit, NaN as a gap', async () => {
      const record = await course({
        body: matrix([
          [10, '1'],
          [12, 'NaN'],
          [14, '4.5'],
        ]),
      });
      expect(record).toMatchObject({ outcome: 'passed', findings: [] });
      expect(record.proofs).toContain('m was < 5 at each of 2 samples within 5m');
      expect(record.tables[0]?.plot).toMatchObject({
        kind: 'course',
        to: 300,
        limit: { op: '<', than: 5 },
        series: [
          {
            points: [
              [expect.anything(), 1],
              [expect.anything(), null],
              [expect.anything(), 4.5],
            ],
          },
        ],
      });
    });
    it.each([
      [
        'one sample of many that breaks it',
        matrix([
          [10, '1'],
          [12, '9'],
          [14, '1'],
        ]),
        'course',
      ],
      ['one series of two', matrix([[10, '1']], [[10, '7']]), 'course'],
      ['no series at all', matrix(), 'no-data'],
      [
        'nothing but NaN',
        matrix([
          [10, 'NaN'],
          [12, '+Inf'],
        ]),
        'no-data',
      ],
    ])('%s fails', async (_, body, code) => {
      const record = await course({ body });
      expect(record.outcome).toBe('failed');
      expect(codes(record)).toEqual([code]);
    });
    it('says which samples, and the worst', async () => {
      const record = await course({
        body: matrix([
          [0, '1'],
          [60, '9'],
          [62, '8'],
          [64, '1'],
        ]),
      });
      expect(record.findings[0]).toMatchObject({
        message: 'm{n="0"}: 2 of 4 samples within 5m are not < 5, the worst 9',
        detail: 'from 00:01:00 to 00:01:02 UTC',
      });
    });
    it('without `value` it is drawn and asserts nothing of the window', async () =>
      expect((await course({ body: matrix([[10, '99']]) }, null)).outcome).toBe('passed'));
    it.each([
      ['a refusal', { status: 422, body: '{"status":"error","errorType":"execution","error":"too many samples"}' }],
      ['a vector in place of a range', { body: vector('1') }],
      ...Object.entries(nothings),
    ] as [string, Reply][])('%s is never a pass', async (_, reply) =>
      expect((await course(reply)).outcome).toBe('error'),
    );
    it('of several series the fact is the one that is closest to breaking the promise', async () => {
      const url = await serve({
        ...build,
        '/api/v1/query': { body: vector('1', '3', '2') },
        '/api/v1/query_range': { body: matrix([[10, '1']]) },
      });
      const record = await runStep({
        uses: 'prometheus/query',
        with: { url, expr: 'm', series: { min: 1 }, value: { op: '<', than: 5 }, range: '5m', fact: 'slo.worst' },
      });
      expect(record.facts['slo.worst']).toBe(3);
    });
  });

  it.each(Object.entries(nothings))('%s is never a pass', async (_, reply) => {
    const record = await ask(reply, { series: { max: 0 } });
    expect(record.outcome).toBe('error');
  });
  it('a server that never answers ends by the deadline', async () =>
    expect((await ask(() => {}, { series: { max: 0 } }, '1s')).outcome).toMatch(/error|timed-out/));
  it('another server on the port is known as one', async () => {
    const url = await serve({ '/': { type: 'text/html', body: '<html>Grafana</html>' } });
    expect(codes(await runStep({ uses: 'prometheus/query', with: { url, expr: 'm', series: { max: 0 } } }))).toEqual([
      'not-prometheus',
    ]);
  });
});
