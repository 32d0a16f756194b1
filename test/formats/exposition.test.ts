import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { lintNames } from '../../src/formats/prometheus/exposition-lint.ts';
import { parseExposition } from '../../src/formats/prometheus/exposition.ts';
import { bucketQuantile, histogramsOf } from '../../src/formats/prometheus/histogram.ts';
import { needing } from '../rig/have.ts';

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

  it.each(['# EOF\n', '', '# a comment\n'])('%j has no samples', (text) =>
    expect(parseExposition(text)).toMatchObject({ samples: 0, problems: [] }),
  );
  it('takes OpenMetrics counters and exemplars', () =>
    expect(open('# TYPE c counter\nc_total{a="b"} 1 # {id="x"} 0.5\n# EOF\n')).toEqual([]));
});

describe('histograms', () => {
  const h = (buckets: readonly (readonly [string, number])[], sum: number): string =>
    `# HELP h x\n# TYPE h histogram\n${buckets.map(([le, n]) => `h_bucket{le="${le}"} ${n}\n`).join('')}h_sum ${sum}\nh_count ${buckets.at(-1)?.[1]}\n`;
  it.each([
    [
      'a sum in milliseconds',
      h(
        [
          ['0.01', 90],
          ['0.1', 100],
          ['+Inf', 100],
        ],
        500,
      ),
      ['sum'],
    ],
    [
      'a sum of nothing',
      h(
        [
          ['0.01', 0],
          ['0.1', 100],
          ['+Inf', 100],
        ],
        0.001,
      ),
      ['sum'],
    ],
    [
      'a sum within',
      h(
        [
          ['0.01', 90],
          ['0.1', 100],
          ['+Inf', 100],
        ],
        1.2,
      ),
      [],
    ],
    [
      'an observation in flight',
      h(
        [
          ['0.01', 90],
          ['0.1', 100],
          ['+Inf', 100],
        ],
        1.98,
      ),
      [],
    ],
    [
      'what lies above every bound',
      h(
        [
          ['0.01', 90],
          ['0.1', 99],
          ['+Inf', 100],
        ],
        5000,
      ),
      [],
    ],
    [
      'values below zero',
      h(
        [
          ['-1', 90],
          ['1', 99],
          ['+Inf', 99],
        ],
        -5000,
      ),
      [],
    ],
    [
      'no observation',
      h(
        [
          ['1', 0],
          ['+Inf', 0],
        ],
        0,
      ),
      [],
    ],
    [
      'two buckets of one bound',
      h(
        [
          ['0.1', 1],
          ['0.10', 1],
          ['+Inf', 1],
        ],
        0.05,
      ),
      ['histogram'],
    ],
  ])('%s', (_, text, found) => expect(codes(text)).toEqual(found));

  it('quantiles as Prometheus computes them', () => {
    const buckets = [
      { le: 0.1, value: 50, line: 1 },
      { le: 0.5, value: 90, line: 2 },
      { le: Infinity, value: 100, line: 3 },
    ];
    expect(bucketQuantile(buckets, 0.5)).toEqual({ bucket: 0, value: 0.1 });
    expect(bucketQuantile(buckets, 0.7)?.value).toBeCloseTo(0.3, 12);
    expect(bucketQuantile(buckets, 0.95)).toEqual({ bucket: 2, value: 0.5 });
    expect(bucketQuantile([{ le: Infinity, value: 0, line: 1 }], 0.5)).toBeUndefined();
  });
});

describe('OpenMetrics', () => {
  const good =
    '# TYPE c_seconds counter\n# UNIT c_seconds seconds\nc_seconds_total 1 # {trace_id="x"} 0.5 1700000000\nc_seconds_created 1.7e9\n# TYPE h histogram\nh_bucket{le="1"} 1 # {id="a"} 0.5\nh_bucket{le="+Inf"} 1\nh_sum 0.5\nh_count 1\n# TYPE i info\ni_info{v="1"} 1\n# EOF\n';
  it('a good one', () => expect(open(good)).toEqual([]));
  it.each([
    ['no end', good.replace('# EOF\n', ''), 'no # EOF'],
    ['text after the end', `${good}d 1\n`, 'after # EOF'],
    ['a counter without _total', '# TYPE c counter\nc 1\n# EOF\n', 'end in _total'],
    ['a unit that is no suffix', '# TYPE t gauge\n# UNIT t seconds\nt 1\n# EOF\n', 'UNIT of t'],
    ['a type of the other format', '# TYPE t untyped\nt 1\n# EOF\n', 'not a type'],
    ['an exemplar of a gauge', '# TYPE t gauge\nt 1 # {a="b"} 1\n# EOF\n', 'exemplar'],
    [
      'an exemplar that is too long',
      `# TYPE c counter\nc_total 1 # {a="${'x'.repeat(130)}"} 1\n# EOF\n`,
      '131 characters',
    ],
    ['lines apart', '# TYPE a gauge\na{x="1"} 1\n# TYPE b gauge\nb 1\na{x="2"} 1\n# EOF\n', 'stand together'],
  ])('%s', (_, text, part) => expect(open(text).join(' ')).toContain(part));
  it('an exemplar breaks the older format', () =>
    expect(codes('# TYPE c counter\nc 1 # {a="b"} 1\n')).toEqual(['syntax']));
});

describe('what else may stand in the text', () => {
  it.each([
    ['names in quotes', '# TYPE "my.metric" gauge\n{"my.metric","a.b"="c"} 1\n', []],
    ['a type that is none', '# TYPE t gague\nt 1\n', ['syntax']],
    ['a counter below zero', '# TYPE c counter\nc -1\n', ['counter']],
    ['a counter that is NaN', '# TYPE c counter\nc NaN\n', ['counter']],
    ['a name glued to its value', 'c5\n', ['syntax']],
    ['a time', 'c 5 1700000000000\n', []],
  ])('%s', (_, text, found) => expect(codes(text)).toEqual(found));
  it('the quoted name is the name', () =>
    expect([...parseExposition('{"my.metric","a.b"="c"} 1\n').families.keys()]).toEqual(['my.metric']));
});

const [lintTitle, skipLint] = needing('names, beside promtool', 'promtool');
describe.skipIf(skipLint)(lintTitle, () => {
  it.each([
    'a_ms gauge',
    'b counter',
    'c_gauge gauge',
    'dCamel gauge',
    'e_total gauge',
    'f_count gauge',
    'g_milliseconds gauge',
    'h:x gauge',
    'k_days gauge',
    'l_kb_x gauge',
    'n_kilobytes_used gauge',
    'o_bucket gauge',
    'p_info counter',
    'q_ratio gauge',
    'r_seconds_total counter',
    's_bytes gauge',
    't_sum gauge',
    'u_celsius gauge',
    'v_untyped untyped',
    'w_hours gauge',
  ])('%s', (line) => {
    const [name = '', type = ''] = line.split(' ');
    const text = `# HELP ${name} x\n# TYPE ${name} ${type}\n${name} 1\n`;
    const said = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' }).stderr;
    const ours = lintNames(parseExposition(text)).map((one) => `${one.name} ${one.message}`);
    expect(ours).toEqual(said.split('\n').filter((one) => one !== ''));
  });
});
