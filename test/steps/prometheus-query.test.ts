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
