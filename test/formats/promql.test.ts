import { describe, expect, it } from 'vitest';
import { replaceVariables } from '../../src/formats/grafana/dashboards/variables.ts';
import { matcherRegex } from '../../src/formats/promql/regex.ts';
import { promDuration } from '../../src/formats/promql/literals.ts';
import { parsePromQl } from '../../src/formats/promql/parse.ts';

describe('PromQL by its syntax tree', () => {
  it.each([
    ['histogram_quantile(0.95, sum by (le) (rate(a_bucket[5m]))) > 1', [0.95]],
    ['histogram_quantile( 0.5 ,a_bucket) or histogram_quantile(0.99, b_bucket)', [0.5, 0.99]],
    ['a > 0.95', []],
  ])('quantiles of %s', (text, quantiles) => expect(parsePromQl(text).quantiles).toEqual(quantiles));

  it.each([
    ['up == 0', true],
    ['sum(rate(a[5m]))', false],
    ['a > bool 1', false],
    ['absent(a)', true],
    ['a unless b', true],
    ['(a / b) > 0.5', true],
    ['a > 1 or b > 2', true],
    ['a > 1 or b', false],
    ['count(a > 1)', true],
    ['1 - (a < 3)', true],
    ['vector(1)', false],
  ])('%s filters: %s', (text, filters) => expect(parsePromQl(text).filters).toBe(filters));

  it.each([
    ['a or vector(0)', [['a', true]]],
    ['absent(a)', [['a', true]]],
    [
      'a unless b',
      [
        ['a', false],
        ['b', true],
      ],
    ],
    [
      'rate(a{x="1"}[5m]) / b',
      [
        ['a', false],
        ['b', false],
      ],
    ],
    ['{__name__="c"}', [['c', false]]],
    ['{__name__=~"c.*"}', [[undefined, false]]],
  ])('selectors of %s', (text, wanted) =>
    expect(parsePromQl(text).selectors.map((s) => [s.name, s.mayBeAbsent])).toEqual(wanted),
  );

  it.each(['a{', 'sum(', 'a > > 1', '', 'rate(a[5m)'])('%j does not parse', (text) =>
    expect(parsePromQl(text).errorAt).toBeDefined(),
  );
  it.each(['a', 'sum by (x) (a)', 'a offset 5m', 'rate(a[5m:1m])', '-a', '"text"', 'a @ end()'])('%s parses', (text) =>
    expect(parsePromQl(text).errorAt).toBeUndefined(),
  );

  it('reads ranges and functions', () => {
    const [selector] = parsePromQl('sum(rate(a[1h30m]))').selectors;
    expect(selector?.rangeMs).toBe(5_400_000);
    expect(selector?.inside).toEqual(['rate', 'sum']);
  });

  it('equal expressions are equal, whatever the white space and quotes', () => {
    expect(parsePromQl("sum by (a) ( x{b='1'} )  > 1").canonical).toBe(parsePromQl('sum by(a)(x{b="1"})>1').canonical);
    expect(parsePromQl('a > 1').canonical).not.toBe(parsePromQl('a > 2').canonical);
  });

  it.each([
    'rate(a{x=~"$job"}[$__rate_interval])',
    'sum by ($group) (a)',
    'a[${range}]',
    'topk($n, a)',
    'rate(a[[[interval]]])',
  ])('%s parses without Grafana’s variables', (text) =>
    expect(parsePromQl(replaceVariables(text).text).errorAt).toBeUndefined(),
  );

  it.each([
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['', undefined],
    ['5', undefined],
  ])('duration %j', (text, ms) => expect(promDuration(text)).toBe(ms));
});

describe('matchers as regular expressions', () => {
  it.each([
    ['(foo|bar).*', 'foobar', true],
    ['foo', 'xfoo', false],
    ['(?i)FOO', 'foo', true],
    ['(a+)+b', `${'a'.repeat(5000)}c`, false],
    ['a.b', 'a\nb', true],
  ])('%s over %s', (pattern, text, wanted) => expect(matcherRegex(pattern)?.test(text)).toBe(wanted));

  it.each(['(?P<x>a', 'a[', '(?=x)a', 'a{9999}'])('%s is no regular expression of RE2', (pattern) =>
    expect(matcherRegex(pattern)).toBeUndefined(),
  );
});
