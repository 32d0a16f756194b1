import { describe, expect, it } from 'vitest';
import { readings } from '../../src/formats/grafana/variable-uses.ts';
import { isMetricsQl } from '../../src/formats/promql/metricsql.ts';
import { promqlTree, readPromQl } from '../../src/formats/promql/read.ts';
import { refusal } from '../../src/formats/promql/types.ts';

describe('what Prometheus refuses though the grammar takes it', () => {
  it.each([
    ['sum() by (host) > 3', 'sum takes one argument, and is given none'],
    ['sum(jobs, jobs) > 1', 'sum takes one argument'],
    ['topk(jobs) > 1', 'topk takes two arguments'],
    ['topk("3", jobs)', 'topk takes a number, and is given a text'],
    ['count_values(5, jobs)', 'count_values takes a text'],
    ['quantile(jobs, jobs)', 'quantile takes a number'],
    ['sum(1000) by (q)', 'sum takes an instant vector, and is given a number'],
    ['sum(jobs[5m])', 'put rate or the like around it'],
    ['count({} == 0)', 'chooses every series'],
    ['{zone=~".*"}', 'takes an empty value too'],
    ['{zone!="a"}', 'takes an empty value too'],
    ['5 > 3', 'that needs bool'],
    ['jobs and 5', 'write vector'],
    ['5 or jobs', 'write vector'],
    ['jobs + bool 1', 'bool stands behind +'],
    ['jobs and bool jobs', 'bool stands behind and'],
    ['jobs == ""', 'takes no text'],
    ['jobs > on (x) 5', 'nothing is matched'],
    ['a and on (x) group_left b', 'takes no group_left'],
    ['a * on (x) group_left (x) b', 'stands both in on'],
    ['rate(-1[5m]) > 0', 'not a selector'],
    ['rate(jobs_total * 8[5m])', 'not a selector'],
    ['(jobs_total)[5m]', 'not a selector'],
    ['sum(jobs)[5m]', 'not a selector'],
    ['jobs[5m:1m][3m]', 'not a selector'],
    ['jobs[5m] * 2', 'takes no range'],
    ['-jobs[5m]', 'there is a minus before a range'],
    ['rate(jobs)', 'rate takes a range'],
    ['rate(sum(jobs))', 'rate takes a range'],
    ['abs(jobs[5m])', 'abs takes an instant vector'],
    ['rate(jobs[5m])[5m:][1m:]', 'a subquery'],
    ['label_replace(jobs, "a", "b")', 'label_replace takes 5 arguments, and is given 3'],
    ['label_join(jobs, "a")', 'label_join takes at least 3 arguments'],
    ['round(jobs, 1, 2)', 'round takes 1 to 2 arguments'],
    ['clamp(jobs, 1)', 'clamp takes 3 arguments'],
    ['vector()', 'vector takes 1 argument'],
    ['vector(jobs)', 'vector takes a number'],
    ['scalar(1)', 'scalar takes an instant vector'],
    ['absent()', 'absent takes 1 argument'],
    ['time(1)', 'time takes 0 arguments'],
    ['histogram_quantile(0.9, sum by (le) (rate(x_bucket[1m])), 5)', 'histogram_quantile takes 2'],
    ['jobs @ 5 @ 6', '@ appears twice'],
    ['jobs offset 5m offset 1h', 'offset appears twice'],
    ['sum(jobs) offset 5m', 'offset stands behind something that is not a selector'],
    ['(jobs / jobs) offset 5m', 'offset stands behind something that is not a selector'],
    ['rate(jobs offset 5m[5m])', 'the range comes first'],
    ['rate(jobs[0s])', 'must be above 0'],
    ['jobs{zone=~"a["}', 'is not a regular expression'],
    ['jobs{zone!~"(?!a)"}', 'is not a regular expression'],
    ['jobs{zone="a\\.b"}', 'holds the escape \\.'],
    ['jobs{__name__="other"}', 'names its metric twice'],
  ])('%s', (text, why) => expect(refusal(text)).toContain(why));

  it.each([
    'sum(jobs) by (host) > 3',
    'topk(3, jobs)',
    'topk(scalar(jobs), jobs)',
    'count_values("v", jobs)',
    'count({job="a"} == 0)',
    '{zone=~".+"}',
    '5 > bool 3',
    'jobs > bool 5',
    'jobs and vector(5)',
    'a * on (x) group_left (y) b',
    'jobs > on () 5',
    'rate(jobs_total[5m]) * 8',
    'rate(sum(jobs)[5m:])',
    '(jobs_total * 8)[5m:1m] @ end()',
    'a / b offset 5m',
    'rate(a[5m] offset -1h)',
    'rate(a[300])',
    'label_join(jobs, "a", "")',
    'label_join(jobs, "a", "-", "b", "c")',
    'round(jobs)',
    'hour() > 3',
    'hour(jobs) > 3',
    'time() - jobs > 5',
    'pi() * jobs',
    'holt_winters(jobs[5m], 0.5, 0.5) > 3',
    'double_exponential_smoothing(jobs[5m], 0.5, 0.5)',
    'info(jobs, {zone=~".*"})',
    'jobs{zone="a\\\\.b"}',
    "jobs{zone='it\\'s'}",
    'jobs{zone=`a\\.b`}',
    'jobs{zone=~"(?i)a|(?P<x>b)"}',
    'quantile_over_time(0.9, jobs[5m])',
    'absent({job="a"})',
    '# it isn\'t\njobs{a="#"} > 1',
  ])('%s is right', (text) => {
    expect(readPromQl(text).errorAt).toBeUndefined();
    expect(refusal(text)).toBeUndefined();
  });

  it('what stands behind offset or @ binds as closely as elsewhere', () => {
    const plain = (text: string): unknown =>
      JSON.parse(
        JSON.stringify(promqlTree(text), (key, value: unknown) =>
          ['from', 'to', 'leftText', 'rightText'].includes(key) ? undefined : value,
        ),
      );
    for (const [text, bracketed] of [
      ['a > 5 and b offset 1h < 3', 'a > 5 and ((b offset 1h) < 3)'],
      ['a > b offset 1d * 2', 'a > (b offset 1d * 2)'],
      ['a or b and c offset 1h > 2 * 3', 'a or (b and (c offset 1h > (2 * 3)))'],
      ['a + b @ end() * c', 'a + (b @ end() * c)'],
      ['a * b offset 1h + c', '(a * b offset 1h) + c'],
      ['a - b offset 1h - c', '(a - b offset 1h) - c'],
      ['a == b @ 5 / 3 % c', 'a == ((b @ 5 / 3) % c)'],
      ['a or b == c offset 5m + d @ 5 / e', 'a or (b == (c offset 5m + (d @ 5 / e)))'],
      ['a ^ b @ 5 ^ c', 'a ^ (b @ 5 ^ c)'],
      ['a + (b or c) / d', 'a + ((b or c) / d)'],
    ] as const)
      expect(plain(text), text).toEqual(plain(bracketed.replace('((b offset 1h) < 3)', '(b offset 1h < 3)')));
    expect(promqlTree('a > 5 and b offset 1h < 3')).toMatchObject({
      leftText: 'a > 5',
      rightText: 'b offset 1h < 3',
      right: { leftText: 'b offset 1h', rightText: '3' },
    });
  });

  it('reads holt_winters by its own name', () =>
    expect(promqlTree('holt_winters(jobs[5m], 0.5, 0.5)')).toMatchObject({ kind: 'call', name: 'holt_winters' }));
});

describe('what a dashboard’s query can become', () => {
  it('puts in the values that are written down, and says what is left to others', () => {
    const known = readings('a $op on (e) b', (name) => (name === 'op' ? ['or', 'unless'] : undefined));
    expect(known).toEqual([
      { text: 'a or on (e) b', undecided: [] },
      { text: 'a unless on (e) b', undecided: [] },
    ]);
    expect(readings('a $op b', () => undefined)[0]?.undecided).toEqual(['op']);
    expect(readings('rate(a{x="$x"}[$w])', () => undefined)[0]?.undecided).toEqual([]);
  });

  it.each(['topk_max(5, a)', 'sum(a) keep_metric_names', 'buckets_limit(3, a)'])('%s is MetricsQL', (text) =>
    expect(isMetricsQl(text)).toBe(true),
  );
  it.each(['topk(5, a)', 'label_replace(a, "b", "c", "d", "e")', 'sum_over_time(a[5m])'])('%s is PromQL', (text) =>
    expect(isMetricsQl(text)).toBe(false),
  );
});
