import { utimesSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hostFacts } from '../../src/hosts/host.ts';
import { codes, runStep, tempDir } from '../rig/run-step.ts';

const { fingerprint } = hostFacts();
/** Criterion's estimates of a benchmark: nanoseconds, with an interval of ± `spread`. */
const estimates = (ns: number, spread = ns / 100): string => {
  const one = (at: number) => ({
    confidence_interval: { confidence_level: 0.95, lower_bound: at - spread, upper_bound: at + spread },
    point_estimate: at,
    standard_error: spread / 2,
  });
  return JSON.stringify({
    mean: one(ns * 1.05),
    median: one(ns),
    median_abs_dev: one(1),
    slope: one(ns),
    std_dev: one(1),
  });
};
/** A recorded tree of criterion: `new` and one baseline for each benchmark. */
const criterion = (rows: Record<string, [now: number, base: number | null, spread?: number]>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(rows).flatMap(([name, [now, base, spread]]) => {
      const folder = `target/criterion/${name.replaceAll('/', '_')}`;
      const identity = JSON.stringify({
        group_id: name,
        function_id: null,
        full_id: name,
        throughput: { Elements: 100 },
      });
      return [
        [`${folder}/new/estimates.json`, estimates(now, spread)],
        [`${folder}/new/benchmark.json`, identity],
        [`${folder}/change/estimates.json`, '{"mean":{}}'],
        [`${folder}/report/index.html`, '<html>'],
        ...(base === null
          ? []
          : [
              [`${folder}/m15/estimates.json`, estimates(base, spread)],
              [`${folder}/m15/benchmark.json`, identity],
            ]),
      ];
    }),
  );
const compare = (files: Record<string, string>, rest: object = {}, target = tempDir(files)) =>
  runStep({ uses: 'bench/compare', target, with: { ...('run' in rest ? {} : { maxAge: '1m' }), ...rest } });
const ofCriterion = { baseline: { criterion: 'm15', host: fingerprint } };
const json = (rows: object, host: string | undefined = fingerprint): string =>
  host === undefined ? JSON.stringify(rows) : JSON.stringify({ host, results: rows });
const ofFiles = { results: 'new.json', baseline: { files: ['base/*.json'] } };
const row = (value: number, more: object = {}) => ({ name: 'recall', unit: 'us', value, ...more });

describe('bench/compare with a tree of criterion', () => {
  it('passes what is no slower, and tells the figures', async () => {
    const record = await compare(criterion({ 'recall/hot': [1000, 1010], 'store/one': [50, 60] }), ofCriterion);
    expect(record).toMatchObject({
      outcome: 'passed',
      findings: [],
      facts: { 'bench.count': 2, 'bench.compared': 4, 'bench.regressions': 0, 'bench.recall-hot.value': 1e-6 },
    });
    expect(record.tables[0]?.rows).toHaveLength(4);
  });
  it('names what is slower, in time and in throughput', async () => {
    const record = await compare(criterion({ recall: [1300, 1000], store: [50, 50] }), ofCriterion);
    expect(record.outcome).toBe('failed');
    expect(codes(record)).toEqual(['regression', 'regression']);
    expect(record.findings[0]?.message).toContain('+30.0%');
    expect(record.facts['bench.worst']).toBe(30);
  });
  it.each([
    ['within the threshold', { recall: [1090, 1000] }, {}, 'passed', []],
    [
      'a threshold of its class',
      { recall: [1300, 1000] },
      { classes: [{ class: 'recall', regression: '40%' }] },
      'passed',
      [],
    ],
    [
      'a narrower threshold of its class',
      { recall: [1090, 1000] },
      { classes: [{ class: 'x', match: ['re*'], regression: '5%' }] },
      'failed',
      ['regression', 'regression'],
    ],
    ['intervals that overlap', { recall: [1300, 1000, 400] }, {}, 'error', ['too-noisy', 'too-noisy']],
    [
      'a limit that holds',
      { recall: [1000, 1000] },
      { classes: [{ class: 'recall', limits: { p50: '2 us' } }] },
      'passed',
      [],
    ],
    [
      'a limit that does not',
      { recall: [1000, 1000] },
      { classes: [{ class: 'recall', limits: { p50: '900 ns' } }] },
      'failed',
      ['limit-exceeded'],
    ],
    [
      'a throughput below its limit',
      { recall: [1000, 1000] },
      { classes: [{ class: 'recall', limits: { throughput: '200M elem/s' } }] },
      'failed',
      ['limit-exceeded'],
    ],
    [
      'a limit within the noise',
      { recall: [1000, 1000, 100] },
      { classes: [{ class: 'recall', limits: { p50: '950 ns' } }] },
      'error',
      ['too-noisy'],
    ],
    [
      'a percentile that criterion does not have',
      { recall: [1000, 1000] },
      { classes: [{ class: 'recall', limits: { p99: '1 s' } }] },
      'error',
      ['not-measured'],
    ],
    [
      'a class that matches nothing',
      { recall: [1000, 1000] },
      { classes: [{ class: 'x', match: ['typo*'] }] },
      'failed',
      ['class-without-bench'],
    ],
    ['fewer than promised', { recall: [1000, 1000] }, { min: 2 }, 'failed', ['too-few']],
  ] as const)('%s', async (_, rows, rest, outcome, found) => {
    const record = await compare(criterion(rows as never), { ...ofCriterion, ...rest });
    expect([record.outcome, codes(record)]).toEqual([outcome, found]);
  });

  it('a baseline that another run left is bound to its host', async () => {
    const old = async (host?: string) => {
      const target = tempDir(criterion({ recall: [1000, 1000] }));
      utimesSync(`${target}/target/criterion/recall/m15/estimates.json`, 1, 1);
      return codes(await compare({}, { baseline: { criterion: 'm15', ...(host !== undefined && { host }) } }, target));
    };
    expect(await old(fingerprint)).toEqual([]);
    expect(await old()).toEqual(['no-baseline']);
    expect(await old('0123456789abcdef')).toEqual(['no-baseline']);
  });
  it('results that were there before are not of this run', async () => {
    const target = tempDir(criterion({ recall: [1000, 1000] }));
    utimesSync(`${target}/target/criterion/recall/new/estimates.json`, 1, 1);
    expect(codes(await compare({}, ofCriterion, target))).toEqual(['stale-results']);
    expect(codes(await compare({}, { ...ofCriterion, run: ['true'] }, target))).toEqual(['stale-results']);
    expect((await compare({}, { ...ofCriterion, maxAge: '99999d' }, target)).outcome).toBe('passed');
  });
  it('a benchmark of the baseline without a result is no pass', async () =>
    expect(
      codes(
        await compare(
          {
            ...criterion({ recall: [1000, 1000] }),
            'target/criterion/gone/m15/estimates.json': estimates(5),
          },
          ofCriterion,
        ),
      ),
    ).toEqual(['baseline-missing-bench']));
});

describe('bench/compare with the small JSON', () => {
  it.each([
    ['the same', row(10), row(10), []],
    ['slower', row(10), row(12), ['regression']],
    ['slower, in another unit', row(10), { name: 'recall', unit: 'ms', value: 0.012 }, ['regression']],
    ['faster', row(10), row(5), []],
    ['slower within the spread', row(10, { spread: 2 }), row(12, { spread: 1 }), ['too-noisy']],
    ['a rate that falls', row(10, { unit: 'K ops/s' }), row(8, { unit: 'K ops/s' }), ['regression']],
    ['a rate that rises', row(10, { unit: 'ops/s' }), row(18, { unit: 'ops/s' }), []],
    ['memory that grows', row(10, { unit: 'MiB' }), row(12, { unit: 'MiB' }), ['regression']],
    [
      'a share that falls and should not',
      row(99, { unit: '%', better: 'higher' }),
      row(60, { unit: '%', better: 'higher' }),
      ['regression'],
    ],
  ] as const)('%s', async (_, base, now, found) =>
    expect(codes(await compare({ 'base/a.json': json([base]), 'new.json': json([now]) }, ofFiles))).toEqual(found),
  );

  it.each([
    ['another host', { 'base/a.json': json([row(10)], 'other'), 'new.json': json([row(10)]) }, ['no-baseline']],
    ['no host named', { 'base/a.json': JSON.stringify([row(10)]), 'new.json': json([row(10)]) }, ['no-baseline']],
    ['no file', { 'new.json': json([row(10)]) }, ['no-baseline']],
    ['an empty baseline', { 'base/a.json': json([]), 'new.json': json([row(10)]) }, ['no-baseline']],
    [
      'two of this host',
      { 'base/a.json': json([row(10)]), 'base/b.json': json([row(99)]), 'new.json': json([row(10)]) },
      ['no-baseline'],
    ],
    [
      'results of another host',
      { 'base/a.json': json([row(10)]), 'new.json': json([row(10)], 'other') },
      ['other-host'],
    ],
    ['no results', { 'base/a.json': json([row(10)]) }, ['no-results']],
    ['an empty list', { 'base/a.json': json([row(10)]), 'new.json': '[]' }, ['no-results']],
    ['null', { 'new.json': 'null' }, ['bad-results']],
    ['cut JSON', { 'new.json': '[{"name":' }, ['bad-results']],
    ['HTML', { 'new.json': '<html>' }, ['bad-results']],
    ['an unknown unit', { 'new.json': json([row(10, { unit: 'parsec' })]) }, ['bad-results']],
    ['a name twice', { 'new.json': json([row(10), row(11)]) }, ['bad-results']],
  ] as const)('%s is never a pass', async (_, files, found) => {
    const record = await compare(files, ofFiles);
    expect([record.outcome, codes(record)]).toEqual(['error', found]);
  });

  it('a baseline that is not required is a note; the limits decide', async () => {
    const rest = { results: 'new.json', baseline: { files: ['none/*.json'], required: false } };
    const limits = (p95: string) => ({ ...rest, classes: [{ class: 'recall', limits: { p95 } }] });
    const files = { 'new.json': json([row(10, { p95: 20 })]) };
    expect(await compare(files, limits('30 us'))).toMatchObject({ outcome: 'passed', findings: [{ level: 'note' }] });
    expect(codes(await compare(files, limits('15 us')))).toEqual(['limit-exceeded']);
    expect((await compare(files, rest)).outcome).toBe('error');
  });

  it('makes the results first, and a second time before it reports', async () => {
    const script = (values: string) =>
      `n=$(cat n 2>/dev/null || echo 0); set -- ${values}; shift $n; echo $((n+1)) > n; echo "[{\\"name\\":\\"recall\\",\\"unit\\":\\"us\\",\\"value\\":$1}]" > new.json`;
    const run = (values: string) =>
      compare({ 'base/a.json': json([row(10)]) }, { ...ofFiles, run: ['bash', '-c', script(values)], confirm: true });
    expect(await run('20 10')).toMatchObject({ outcome: 'passed', findings: [{ code: 'not-confirmed' }] });
    expect(codes(await run('20 19'))).toEqual(['regression']);
    expect((await run('10 20')).outcome).toBe('passed');
  });
  it('a command that fails, and one that is not there', async () => {
    expect(codes(await compare({}, { ...ofFiles, run: ['false'] }))).toEqual(['run-failed']);
    expect(codes(await compare({}, { ...ofFiles, run: ['no-such-program'] }))).toEqual(['not-started']);
  });
  it('the kept results are a baseline for the next run', async () => {
    const { runSteps } = await import('../rig/run-step.ts');
    const { readFileSync } = await import('node:fs');
    const target = tempDir({ 'new.json': json([row(10, { spread: 1, p95: 12 })]) });
    const { folder, record } = await runSteps(
      [
        {
          uses: 'bench/compare',
          with: { results: 'new.json', maxAge: '1m', classes: [{ class: 'recall', limits: { value: '1 s' } }] },
        },
      ],
      { target },
    );
    expect(record.steps[0]?.outcome).toBe('passed');
    const kept = readFileSync(`${folder}/evidence/step-0/results.json`, 'utf8');
    expect(await compare({ 'base/a.json': kept, 'new.json': json([row(10)]) }, ofFiles)).toMatchObject({
      outcome: 'passed',
      facts: { 'bench.compared': 1 },
    });
  });
});

const page = (latency: string, thresholds = '| recall | 25% | 50% |') => `# Results

Some text.

## Latency

| operation | P50 | P95 (ms) | objective (P95) | status |
|:--|--:|--:|--:|:--|
${latency}

## Regression thresholds

| operation | P50 | P95 |
|---|---|---|
${thresholds}
`;

describe('bench/compare with a document', () => {
  const now = [row(10, { p50: 10, p95: 20 })];
  const check = (text: string, rest: object = {}, results: object = now) =>
    compare(
      { 'doc.md': text, 'new.json': json(results), 'base/a.json': json([row(10, { p50: 10, p95: 10 })]) },
      { ...ofFiles, document: { file: 'doc.md' }, ...rest },
    );

  it('takes thresholds and objectives from it', async () => {
    const record = await check(page('| **recall** | 10 µs | 0.02 | < 1 ms | ✅ PASS |'));
    expect(codes(record)).toEqual(['regression']);
    expect(record.findings[0]).toMatchObject({ where: { file: 'doc.md' } });
    expect(record.findings[0]?.message).toContain('p95 +100.0%');
    expect(codes(await check(page('| recall | 1 µs | 0.02 | < 15 µs | ❌ |', '| recall | 25% | 150% |')))).toEqual([
      'limit-exceeded',
    ]);
  });

  it.each([
    ['a PASS that is none', '| recall | 1 ms | 12.5 | < 10 ms | ✅ PASS |', 'false-pass', 'error'],
    ['a check mark alone', '| recall | 1 ms | 12.5 | 10 ms | ✅ |', 'false-pass', 'error'],
    ['a PASS without a number', '| recall | TBD | TBD | < 10 ms | PASS |', 'false-pass', 'error'],
    ['a miss that is none', '| recall | 1 ms | 2.5 | < 10 ms | FAIL |', 'false-fail', 'warning'],
  ])('finds %s, with its line', async (_, line, code, level) => {
    const record = await check(page(line, '| recall | 25% | 150% |'));
    expect(record.findings).toContainEqual(
      expect.objectContaining({ code, level, where: { file: 'doc.md', line: 9 }, subject: 'recall' }),
    );
  });

  it.each([
    ['equal to the target, rounded', '| recall | 1 ms | 10.0 | < 10 ms | PASS |'],
    ['a FAIL that is one', '| recall | 1 ms | 12.5 | < 10 ms | FAIL |'],
    ['a target that is no quantity', '| recall | 1 ms | 12.5 | as fast as before | PASS |'],
    ['another percentile above', '| recall | 99 ms | 1 | < 10 ms | PASS |'],
    ['a row that was not judged', '| recall | 1 ms | 12.5 | < 10 ms | – |'],
  ])('%s is no false alarm', async (_, line) =>
    expect((await check(page(line, '| recall | 25% | 150% |'))).findings).toEqual([]),
  );

  it.each([
    [
      'rates: more is better',
      '| op | measured | target | status |\n|---|---|---|---|\n| a | 12K ops/s | ≥ 10,000 ops/s | ✅ |',
      0,
    ],
    [
      'rates that miss',
      '| op | measured | target | status |\n|---|---|---|---|\n| a | 8K ops/s | 10,000 ops/s | ✅ |',
      1,
    ],
    ['memory that misses', '| op | actual | limit | ok? |\n|---|---|---|---|\n| a | 1.5 GiB | 512 MiB | yes |', 1],
    [
      'two figures, one of them above',
      '| op | P50 | P99 | target | status |\n|---|---|---|---|---|\n| a | 1 ms | 30 ms | 10 ms | PASS |',
      0,
    ],
    [
      'two figures, both above',
      '| op | P50 | P99 | target | status |\n|---|---|---|---|---|\n| a | 11 ms | 30 ms | 10 ms | PASS |',
      1,
    ],
    [
      'a baseline column beside it',
      '| op | baseline | current | target | status |\n|---|---|---|---|---|\n| a | 50 ms | 3 ms | 10 ms | PASS |',
      0,
    ],
    [
      'a figure that the target names',
      '| op | P50 | P99 | Target | Status |\n|---|---|---|---|---|\n| a | 1 ms | **14.2ms** | P99 < 10 ms | ✅ PASS |',
      1,
    ],
    [
      'a figure that the target names behind',
      '| op | P50 | P99 | Target | Status |\n|---|---|---|---|---|\n| a | 12 ms | 2.4 ms | <10ms P99 | ✅ |',
      0,
    ],
    ['a dash', '| op | P50 | Target | Status |\n|---|---|---|---|\n| a | – | 10 ms | ✅ |', 0],
    ['a table of a file that has no status', '| op | P50 | target |\n|---|---|---|\n| a | 11 ms | 1 ms |', 0],
  ])('%s', async (_, table, count) => {
    const record = await check(`# R\n\n${table}\n`, { document: { file: 'doc.md', thresholds: false } });
    expect(record.findings.filter((f) => f.code === 'false-pass')).toHaveLength(count);
  });

  it.each([
    ['a tilde', '| op | P99 | Target | Status |\n|---|---|---|---|\n| a | ~8 ms | <10 ms | PASS |', ['unclear-pass']],
    [
      'its head',
      '| op | P99 (est) | Target | Status |\n|---|---|---|---|\n| a | 8 ms | <10 ms | PASS |',
      ['unclear-pass'],
    ],
    [
      'a word before',
      '| op | P99 | Target | Status |\n|---|---|---|---|\n| a | est. 8 ms | <10 ms | PASS |',
      ['unclear-pass'],
    ],
    [
      'a word behind',
      '| op | P99 | Target | Status |\n|---|---|---|---|\n| a | 8 ms (estimated) | <10 ms | PASS |',
      ['unclear-pass'],
    ],
    [
      'another sign',
      '| op | P99 | Target | Status |\n|---|---|---|---|\n| a | ≈ 8 ms | <10 ms | PASS |',
      ['unclear-pass'],
    ],
    [
      'an estimate that misses',
      '| op | P99 | Target | Status |\n|---|---|---|---|\n| a | ~18 ms | <10 ms | PASS |',
      ['false-pass'],
    ],
    [
      'an estimate beside a measured figure',
      '| op | Mean | P99 (est) | Target | Status |\n|---|---|---|---|---|\n| a | 5 ms | ~8 ms | <10 ms | PASS |',
      [],
    ],
    [
      'a name that only sounds so',
      '| op | P99 | Target | Status |\n|---|---|---|---|\n| fastest test | 8 ms | <10 ms | PASS |',
      [],
    ],
  ])('what is estimated proves nothing: %s', async (_, table, found) => {
    const record = await check(`# R\n\n${table}\n`, { document: { file: 'doc.md', thresholds: false } });
    expect(record.findings.map((f) => f.code).filter((code) => code.endsWith('-pass'))).toEqual(found);
    if (found.length > 0) expect(record.proofs.join()).not.toMatch(/marks of doc\.md follow/);
  });

  it('thresholds below a heading of a heading', async () => {
    const table =
      '## Regression thresholds\n\n### Latency\n\n| Operation | P50 | P95 |\n|---|---|---|\n| recall | 20% | 150% |\n';
    expect((await check(table)).findings).toEqual([]);
  });

  it('thresholds by figure, warnings left aside, over every benchmark', async () => {
    const table =
      '## Regression thresholds\n\n| Metric | Baseline | Warning | Critical |\n|---|---|---|---|\n| P95 latency | 1 ms | +10% | +150% |\n| P50 recall latency | 1 ms | +10% | >20% |\n';
    const record = await check(table, {}, [row(10, { p50: 13, p95: 20 })]);
    expect(record.findings.map((f) => f.message)).toEqual([expect.stringContaining('recall p50 +30.0%')]);
  });

  it('a document that is not there, or has no thresholds, or means another benchmark', async () => {
    expect(codes(await check('', { document: { file: 'none.md' } }))).toContain('document-missing');
    expect(codes(await check('# Nothing\n'))).toContain('no-thresholds');
    expect(codes(await check(page('| recall | 1 ms | 1 | < 10 ms | PASS |', '| forget | 25% | 150% |')))).toContain(
      'class-without-bench',
    );
  });
});
