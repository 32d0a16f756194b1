import { describe, expect, it } from 'vitest';
import { parseExposition } from '../../src/formats/exposition.ts';
import { histogramsOf } from '../../src/formats/histogram.ts';

const good = `# HELP h Time.
# TYPE h histogram
h_bucket{a="1",le="0.1"} 1
h_bucket{a="1",le="+Inf"} 3
h_sum{a="1"} 4.5
h_count{a="1"} 3
# TYPE c counter
c{x="a\\"b"} 1e3
`;
const codes = (text: string): string[] => parseExposition(text).problems.map((p) => p.code);
const open = (text: string): string[] => parseExposition(text, 'openmetrics').problems.map((p) => p.message);

describe('exposition text', () => {
  it('reads a good one without a problem', () => {
    const { families, problems, samples } = parseExposition(good);
    expect(problems).toEqual([]);
    expect(samples).toBe(5);
    expect([...families.keys()]).toEqual(['h', 'c']);
    expect(families.get('c')?.samples[0]?.labels).toEqual({ x: 'a"b' });
    expect(
      histogramsOf(families.get('h') ?? { name: '', type: '', help: false, line: 1, samples: [] })[0],
    ).toMatchObject({
      count: 3,
      sum: 4.5,
    });
  });

  it.each([
    ['TYPE twice', `${good}# TYPE c counter\n`, 'declared-twice'],
    ['a series twice', `${good}c{x="a\\"b"} 2\n`, 'duplicate-series'],
    ['a bucket twice', good.replace('le="+Inf"', 'le="0.1"'), 'duplicate-series'],
    ['no +Inf', good.replace('le="+Inf"', 'le="5"'), 'histogram'],
    ['+Inf is not the count', good.replace('h_count{a="1"} 3', 'h_count{a="1"} 4'), 'histogram'],
    ['not cumulative', good.replace('le="0.1"} 1', 'le="0.1"} 9'), 'histogram'],
    ['no sum', good.replace('h_sum{a="1"} 4.5\n', ''), 'histogram'],
    ['a value that is none', `${good}d one\n`, 'syntax'],
    ['an HTML page', '<html><body>404</body></html>', 'syntax'],
    ['a label twice', `${good}d{a="1",a="2"} 1\n`, 'syntax'],
  ])('%s is found', (_, text, code) => expect(codes(text)).toContain(code));

  it.each(['# EOF\n', '', '# a comment\n'])('%j holds no sample', (text) =>
    expect(parseExposition(text)).toMatchObject({ samples: 0, problems: [] }),
  );
  it('takes OpenMetrics counters and exemplars', () =>
    expect(open('# TYPE c counter\nc_total{a="b"} 1 # {id="x"} 0.5\n# EOF\n')).toEqual([]));
});
