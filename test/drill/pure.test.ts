import { describe, expect, it } from 'vitest';
import { expand, identityOf, unguardedLabels, withInterval } from '../../src/drill/alerts.ts';
import { batchesOf, openMetrics } from '../../src/drill/backfill.ts';
import { goingOn, isolated, whyNot } from '../../src/drill/injection.ts';
import { bearer, joinsOf, neverMatch } from '../../src/drill/joins.ts';
import { textMatching } from '../../src/drill/labels.ts';
import { needsOf } from '../../src/drill/needs.ts';
import { stale, writeRequest } from '../../src/drill/remote-write.ts';
import { plain } from '../../src/drill/series.ts';
import { readValues } from '../../src/drill/solve.ts';
import type { Rule } from '../../src/formats/prometheus/rule-files.ts';
import { withMatcher } from '../../src/formats/promql/with-matcher.ts';

const rule = (more: Partial<Rule>): Rule => ({
  kind: 'alert',
  name: 'A',
  expr: 'x > 1',
  for: '5m',
  labels: { severity: 'page' },
  annotations: {},
  at: { line: 1, col: 1 },
  exprAt: { line: 1, col: 1 },
  disabled: [],
  ...more,
});

describe('a drill belongs to its rule', () => {
  const before = identityOf(rule({}));
  it.each([
    ['the threshold', { expr: 'x > 2' }],
    ['the for', { for: '6m' }],
    ['a label', { labels: { severity: 'ticket' } }],
    ['the name', { name: 'B' }],
  ])('and is lost with %s', (_, more) => expect(identityOf(rule(more))).not.toBe(before));
  it('but not with white space, another spelling of a time, or a text', () =>
    expect(identityOf(rule({ expr: ' x  >\n 1', for: '300s', annotations: { summary: 'new' } }))).toBe(before));
});

describe('the texts of a drill', () => {
  it.each([
    '5..',
    'a|b',
    '^(foo|bar)-\\d+$',
    '.+',
    '[a-z]+:[0-9]{4}',
    '(?i)ABC',
    'kube-(?:system|dns).*',
    '(?P<x>v[0-9]+)\\.\\w?',
  ])('a text matches %s', (pattern) =>
    expect(textMatching(pattern)).toMatch(
      new RegExp(`^(?:${pattern.replace(/^\(\?i\)/, '').replace('?P<', '?<')})$`, 'i'),
    ),
  );
  it.each([
    ['x > 1', 'x{verify_try="t"} > 1'],
    ['x{} + y{a="}"}', 'x{verify_try="t"} + y{a="}",verify_try="t"}'],
    ['rate(x{a="b",}[5m] offset 1h)', 'rate(x{a="b",verify_try="t"}[5m] offset 1h)'],
    ['{__name__=~"a.*"}', '{__name__=~"a.*",verify_try="t"}'],
  ])('%s is marked', (expr, text) => expect(withMatcher(expr, 'verify_try="t"')).toBe(text));
  it.each([
    [1e21, '1000000000000000000000'],
    [0.0001, '0.0001'],
    [-1.5, '-1.5'],
    [3, '3'],
  ])('%d is written without an exponent', (n, text) => expect(plain(n)).toBe(text));
  it('reads what promtool reads', () =>
    expect(readValues('1+2x2 5x1 _ _x2 -3 4-1x1')).toEqual([1, 3, 5, 5, 5, undefined, undefined, undefined, -3, 4, 3]));
  it('backfill ends as OpenMetrics has to, in seconds', () =>
    expect(openMetrics([{ name: 'x', labels: { a: '"\n' }, samples: [{ at: 1500, value: 0.1 }] }])).toBe(
      'x{a="\\"\\n"} 0.1 1.5\n# EOF\n',
    ));
  it('an interval is the only thing that is changed', () =>
    expect(withInterval('groups:\n  - name: g # why\n    interval: 30s\n    rules: []\n', '1s')).toBe(
      'groups:\n  - name: g # why\n    interval: 1s\n    rules: []\n',
    ));
  it('alerts that share a metric do not share a Prometheus', () =>
    expect(batchesOf([new Set(['a']), new Set(['b']), new Set(['a', 'c']), new Set(['b', 'd'])])).toEqual([
      [0, 1],
      [2, 3],
    ]));
  it('a remote write is what its formats say', () =>
    // snappy: length, literal tag and length; protobuf: timeseries{ label{__name__, x}, sample{ stale NaN, 1 } }
    expect(
      Buffer.from(writeRequest([{ name: 'x', labels: {}, samples: [{ at: 1, value: stale }] }])).toString('hex'),
    ).toBe('1ef41d000a1c0a0d0a085f5f6e616d655f5f120178120b09020000000000f07f1001'));
});

describe('what an expression needs', () => {
  it('an offset at the end is the last operand’s', () => expect(needsOf('a - a offset 1h > 5').offset).toBe(3600));
  it('a threshold is carried through the arithmetic', () =>
    expect(needsOf('100 * (1 - a / b) > 90').sources.map(({ name, direction }) => [name, direction])).toEqual([
      ['a', -1],
      ['b', 1],
    ]));
  it('recorded expressions are put in their place, with what their names ask for', () => {
    const records = new Map([['r', [rule({ kind: 'record', name: 'r', expr: 'sum by (job) (x)' })]]]);
    expect(expand('avg_over_time(r{job="a"}[5m]) > 1', records)).toMatchObject({
      expr: 'avg_over_time((sum by (job) (x))[5m:30s]) > 1',
      whole: true,
      outer: [{ label: 'job' }],
    });
    expect(expand('r offset 5m > 1', records).whole).toBe(false);
  });
  it('a label behind a condition is no hole', () => {
    expect(unguardedLabels('{{ $labels.a }} of {{ .Labels.b }}')).toEqual(['a', 'b']);
    expect(unguardedLabels('{{ with $labels.a }}{{ . }}{{ end }}')).toEqual([]);
  });
});

describe('joins', () => {
  const [join] = joinsOf('a / b > 1');
  it('match by every label, but for those that are ignored', () => {
    expect(join && neverMatch(join, [['job']], [['job', 'op']])).toBe(true);
    expect(join && neverMatch(join, [['job', '__name__']], [['job']])).toBe(false);
    const [ignoring] = joinsOf('a / ignoring (op) group_right b > 1');
    expect(ignoring && neverMatch(ignoring, [['job']], [['job', 'op']])).toBe(false);
    const [on] = joinsOf('a and on () b');
    expect(on && neverMatch(on, [['job']], [['op']])).toBe(false);
  });
  it('numbers, the time and operands of `or` are no partners; sides are asked without their comparisons', () => {
    expect(
      joinsOf('a * 2 > 1 unless b or c > scalar(d) and time() - e > 5').map(({ left, right }) => [left, right]),
    ).toEqual([
      ['(a * 2)', 'b'],
      ['(c)', '(time() - e)'],
    ]);
  });
  it('an instance bears the labels of the left side', () => {
    expect(bearer('sum by (a) (x) > 1 and y == 2')).toBe('sum by (a) (x)');
    expect(bearer('5 < x')).toBeUndefined();
  });
});

describe('an injection', () => {
  const series = [
    {
      name: 'x',
      labels: { job: 'api', queue: 'drill', pod: 'drill-1', note: 'drilled' },
      text: '',
      values: [0, 10, 20],
    },
  ];
  it('keeps to label values of its own', () =>
    expect(isolated(series, 'tag')[0]?.labels).toEqual({
      job: 'api',
      queue: 'tag',
      pod: 'tag-1',
      note: 'drilled',
      verify_drill: 'tag',
    }));
  it.each([
    ['sum(x) > 1', false, true],
    ['sum by () (x) > 1', false, true],
    ['sum by (queue) (x) > 1', false, false],
    ['max without (pod) (x) > 1', false, false],
    ['sum(x) > 1', true, false],
  ])('%s, allowed %s: refused %s', (expr, allowed, refused) =>
    expect(whyNot(expr, series, allowed) !== undefined).toBe(refused),
  );
  it('goes on as it went last', () => {
    const [one] = series;
    expect(one && [1, 2, 3, 5].map((n) => goingOn(one, 15, 0, n * 15_000))).toEqual([10, 20, 30, 50]);
    expect(one && goingOn({ ...one, values: [0, 1, 0, 1] }, 15, 0, 4 * 15_000)).toBe(0);
  });
});
