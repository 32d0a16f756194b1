import { describe, expect, it } from 'vitest';
import { replaceVariables } from '../../src/formats/grafana/variable-uses.ts';
import { textMatching } from '../../src/drill/labels.ts';
import { anchoredRegex } from '../../src/formats/promql/regex.ts';
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

describe('regular expressions of matchers are RE2’s', () => {
  it.each([
    ['(foo|bar).*', 'foobar', true],
    ['foo', 'xfoo', false],
    ['(?i)FOO', 'foo', true],
    ['[[:alpha:]]+', 'shop', true],
    ['[[:^alpha:]]+', 'shop', false],
    [String.raw`sh\pL+`, 'shop', true],
    [String.raw`\p{Greek}+`, 'λόγος', true],
    ['(?P<x>a)b', 'ab', true],
    ['a(?i:B)c', 'abc', true],
    [String.raw`\Qa.b\E`, 'a.b', true],
    [String.raw`\Qa.b\E`, 'axb', false],
    [String.raw`\x{61}`, 'a', true],
    ['a.b', 'a\nb', true],
    ['a|b', 'ab', false],
    ['(?U)a+', 'aaa', true],
    ['', '', true],
    ['(a+)+b', `${'a'.repeat(50_000)}c`, false],
    ['(a*|b)*', 'aabb', true],
  ])('%s over %s', (pattern, text, wanted) => expect(anchoredRegex(pattern)?.test(text)).toBe(wanted));

  it.each(['(?P<x>a', `a{${'9'.repeat(1001)}}`, 'a{1001}', '(?=a)', '(?<!a)b', String.raw`(a)\1`, '[[:nope:]]'])(
    '%s is refused',
    (pattern) => expect(anchoredRegex(pattern)).toBeUndefined(),
  );

  it.each([
    ['(.*):(\\d+)', 'db:5432', '$1', 'db'],
    ['(.*):(\\d+)', 'db:5432', '${2}-$1', '5432-db'],
    ['(.*):(\\d+)', 'db:5432', '$1x', ''],
    ['(?P<host>.*):.*', 'db:5432', '$host of $$', 'db of $'],
    ['(a)|(b)', 'b', '[$1]', '[]'],
    ['x', 'y', '$1', undefined],
  ])('what label_replace with %s makes of %s and %s', (pattern, text, into, wanted) =>
    expect(anchoredRegex(pattern)?.expand(text, into)).toBe(wanted),
  );
});

it.each([
  '[[:alpha:]]+_[[:digit:]]',
  String.raw`\p{Greek}\PL`,
  String.raw`\Qa.b\E\d{2}`,
  '[^a-z]',
  '[]a]',
  String.raw`[\]\d]+`,
  '(?i)prod|staging',
  'a(?P<n>b|c){2,}',
  '.+@.+',
  String.raw`^db-\w$`,
])('a text that %s matches', (pattern) => {
  const text = textMatching(pattern);
  expect(text).toBeDefined();
  expect(anchoredRegex(pattern)?.test(text ?? '')).toBe(true);
});
