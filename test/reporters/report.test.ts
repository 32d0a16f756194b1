import { validate } from 'ctrf';
import { describe, expect, it } from 'vitest';
import { render } from '../../src/runs/render.ts';
import { parseRecord } from '../../src/runs/runs.ts';
import { diffRuns } from '../../src/core/diff.ts';
import { sinceLines, sinceRun } from '../../src/core/since.ts';
import type { Finding } from '../../src/core/finding.ts';
import { htmlReport } from '../../src/reporters/html/report.ts';
import { criticalPath } from '../../src/reporters/html/timeline.ts';
import { quantity } from '../../src/reporters/html/plots.ts';
import { jobSummary } from '../../src/reporters/job-summary.ts';
import { richRecord, runRecord, stepRecord, storeRun } from '../rig/record.ts';

const finding = (more: Partial<Finding>): Finding => ({ code: 'c', level: 'error', message: 'it is wrong', ...more });

describe('renderings', () => {
  it('the same record always gives the same bytes, whatever order its keys came in', () => {
    const { folder, record, text } = storeRun(richRecord('text'));
    const turned = JSON.parse(text, (_, value: unknown) =>
      value !== null && typeof value === 'object' && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).toReversed())
        : value,
    ) as typeof record;
    for (const format of ['html', 'md', 'junit', 'ctrf', 'sarif'] as const) {
      expect(render(format, folder, record, text)).toBe(render(format, folder, record, text));
      expect(render(format, folder, parseRecord(JSON.stringify(turned), 'x'), text)).toBe(
        render(format, folder, parseRecord(text, 'x'), text),
      );
    }
  });
  it('the page shows verdict, finding, place, frame and what to do', () => {
    const { folder, record, text } = storeRun(
      runRecord(
        [
          stepRecord({
            id: 'rules',
            outcome: 'failed',
            findings: [
              finding({ message: 'the rule is gone', where: { file: 'a.yml', line: 7, col: 3 }, hint: 'put it back' }),
            ],
            frames: [{ file: 'a.yml', line: 7, from: 6, lines: ['before', '  at fault', 'after'] }],
          }),
        ],
        { verdict: 'FAILED' },
      ),
    );
    const html = render('html', folder, record, text);
    for (const part of ['FAILED', 'the rule is gone', 'a.yml:7:3', 'put it back', '<b>at</b> fault', 'Why not PASSED'])
      expect(html).toContain(part);
    expect(html).not.toContain('undefined');
  });
  it('shows first the numbers that its steps measured, the tag, and none that nobody measured', () => {
    const facts = [
      { 'tests.passed': 1200, 'tests.failed': 0, 'tests.ignored': 2 },
      { 'tests.passed': 34, 'tests.skipped': 1 },
      { 'drills.count': 8, 'drills.alerts': 8 },
      { 'drills.count': 6, 'drills.alerts': 8 },
      { 'dashboards.count': 4, 'dashboards.panels': 14, 'dashboards.populated': 13 },
      { 'bench.count': 2, 'bench.compared': 2, 'bench.regressions': 1 },
    ].map((own, n) => stepRecord({ id: `s${n}`, facts: own }));
    const plain = runRecord(facts);
    const record = runRecord(facts, { tree: { ...plain.tree, commit: 'a'.repeat(40), tags: ['v1.4.0'] } });
    const { folder, text } = storeRun(record);
    const md = render('md', folder, record, text);
    for (const row of [
      '| Tests | 1,234 passed, 3 skipped |',
      '| Alerts drilled | 8 of 8 |',
      '| Dashboards | 4, 13 of 14 panels with data |',
      '| Benchmarks | 2, 1 regression |',
      '| Tag | `v1.4.0` |',
    ])
      expect(md).toContain(row);
    const html = render('html', folder, record, text);
    expect(html).toMatch(/<dt>Tests<\/dt><dd><b>1,234 passed<\/b> <small>3 skipped/);
    expect(html).toContain('tag <b>v1.4.0</b>');
    expect(html).not.toContain('Claims that hold');
    expect(htmlReport(runRecord([stepRecord({})]), 'd', [])).not.toContain('class="numbers"');
  });
  it('says what has changed since the run that was approved last', () => {
    const before = runRecord([
      stepRecord({ id: 'a', facts: { 'tests.passed': 10 } }),
      stepRecord({ id: 'b' }),
      stepRecord({ id: 'old' }),
    ]);
    const after = runRecord([
      stepRecord({ id: 'a', facts: { 'tests.passed': 12 } }),
      stepRecord({ id: 'b', outcome: 'failed', findings: [finding({})] }),
      stepRecord({ id: 'new' }),
    ]);
    const since = sinceRun('m/x', before, after);
    expect(sinceLines(since)).toEqual([
      'b: passed → failed',
      'old is gone',
      'new is new: passed',
      '1 finding appeared',
      'Tests: 10 passed → 12 passed',
    ]);
    expect(sinceLines(sinceRun('m/x', before, before))).toEqual([]);
    const other = sinceRun('n/x', { ...before, run: { ...before.run, milestone: 'n' } }, after);
    expect(sinceLines(other)[1]).toBe('1 finding appeared');
    const { folder, record, text } = storeRun({ ...after, since });
    expect(render('md', folder, record, text)).toMatch(/## Since the last approved run[\s\S]*- b: passed → failed\n/);
    expect(render('html', folder, record, text)).toMatch(/Since the last approved run[\s\S]*b: passed → failed/);
  });
  it('the timeline leaves out the time in which only people were waited for', () => {
    const at = (id: string, offsetMs: number, durationMs: number, uses = 'command') =>
      stepRecord({ id, offsetMs, durationMs, uses });
    const page = (steps: ReturnType<typeof stepRecord>[]) => htmlReport(runRecord(steps), 'd', []);
    const asked = page([at('a', 0, 10_000), at('q', 0, 620_000, 'manual/confirm'), at('b', 620_000, 10_000)]);
    expect(asked).toContain('3 steps in 21.0 s, and 10 min 09 s of waiting for people, left out here.');
    expect(asked).toMatch(/<path class="rail"[^>]*\/><rect[^>]*x="523/);
    // An answer that came while programs ran cost nothing.
    expect(page([at('a', 0, 600_000), at('q', 0, 500_000, 'manual/confirm')])).not.toContain('of waiting for people');
    const last = page([at('a', 0, 10_000), at('q', 10_000, 90_000, 'manual/confirm')]);
    expect(last).toContain('2 steps in 11.0 s, and 1 min 29 s of waiting for people');
  });
  it('shows who has signed, and who is next; text of a signer is text', () => {
    const record = runRecord([stepRecord({})]);
    const one = {
      role: 'release-manager',
      principal: '<b>@x',
      fingerprint: 'SHA256:abc',
      at: '2026-11-25',
      comment: 'ok',
    };
    expect(htmlReport(record, 'd', [])).toMatch(/No one has signed[\s\S]*verify sign-off m --role release-manager/);
    const approved = htmlReport(record, 'd', [], [{ ...one, decision: 'approve' }]);
    expect(approved).toMatch(/approved[\s\S]*&lt;b&gt;@x/);
    expect(approved).not.toContain('verify sign-off');
    expect(htmlReport(record, 'd', [], [{ ...one, decision: 'reject' }])).toMatch(/rejected[\s\S]*verify sign-off/);
  });
  it('a picture that was changed or taken away after the run is not shown', () => {
    const { folder, record, text } = storeRun(runRecord([stepRecord({ id: 'a' })]));
    const [step] = record.steps;
    expect(render('html', folder, record, text)).toContain('src="data:image/png;base64,');
    if (step?.evidence[0]) step.evidence[0].sha256 = '0'.repeat(64);
    const html = render('html', folder, record, text);
    expect(html).toContain('not the one that the run recorded');
    expect(html).not.toContain('<img');
    if (step?.evidence[0]) step.evidence[0].path = 'evidence/a/gone.png';
    expect(render('html', folder, record, text)).toContain('This file is missing');
  });
  it('pictures that are too large to be inside are linked, and the policy then allows the page’s own folder', () => {
    const { folder, record, text } = storeRun(runRecord([stepRecord({ id: 'a' })]), {
      'evidence/a/big.png': Buffer.alloc(300_000),
    });
    const html = render('html', folder, record, text);
    expect(html).toContain('src="evidence/a/big.png"');
    expect(html).toContain("img-src 'self' data:");
    expect(html.length).toBeLessThan(60_000);
  });
  it('nothing outside the evidence is linked or read, whatever a record says', () => {
    const { folder, record, text } = storeRun(runRecord([stepRecord({ id: 'a' })]));
    const [step] = record.steps;
    const file = { sha256: '0'.repeat(64), bytes: 1 };
    step?.evidence.push(
      { path: '../../etc/x.png', ...file },
      { path: '/etc/passwd', ...file },
      { path: 'evidence/../x.txt', ...file },
    );
    const html = render('html', folder, record, text);
    expect(html).not.toMatch(/(?:href|src)="[^"]*(?:etc|\.\.)/);
  });
});

describe('the chain that set the run’s length', () => {
  const step = (id: string, offsetMs: number, durationMs: number, needs: string[] = []) =>
    stepRecord({ id, offsetMs, durationMs, needs });
  it.each([
    ['the needs that ended last', [step('a', 0, 500), step('b', 0, 900), step('c', 900, 100, ['a', 'b'])], ['b', 'c']],
    ['a step that held the place of the next', [step('a', 0, 900), step('b', 905, 100)], ['a', 'b']],
    ['one step', [step('a', 0, 5)], ['a']],
    ['nothing ran', [], []],
    ['steps without length', [step('a', 0, 0), step('b', 0, 0, ['a'])], ['a', 'b']],
  ])('%s', (_, steps, chain) => expect(criticalPath(steps)).toEqual(chain));
  it('ends for ten thousand steps at the same instant', () => {
    const steps = Array.from({ length: 10_000 }, (_, n) => step(`s${n}`, 0, 0));
    expect(criticalPath(steps).length).toBeGreaterThan(0);
  });
});

describe('numbers in cells', () => {
  it.each([
    ['12 ms', { value: 12, unit: 'ms' }],
    ['1,234.5', { value: 1234.5, unit: '' }],
    ['-3.2 %', { value: -3.2, unit: '%' }],
    ['yes', undefined],
    ['', undefined],
    ['2026-11-24', undefined],
    ['1.2.3', undefined],
    ['0x10', undefined],
    ['12 of 13', undefined],
  ])('%s', (cell, value) => expect(quantity(cell)).toEqual(value));
});

describe('formats of others', () => {
  const { folder, record, text } = storeRun(richRecord('a text'));
  it('CTRF holds to its schema and counts what could not be checked as other', () => {
    const report = JSON.parse(render('ctrf', folder, record, text)) as { results: { summary: Record<string, number> } };
    expect(validate(report)).toMatchObject({ valid: true });
    expect(report.results.summary).toMatchObject({ tests: 6, passed: 1, failed: 1, skipped: 1, pending: 1, other: 2 });
    const broken = { ...report, results: { ...report.results, summary: {} } };
    expect(validate(broken).valid).toBe(false);
  });
  it('SARIF: every result has a rule, a place, a level, and a waived one a suppression', () => {
    const log = JSON.parse(render('sarif', folder, record, text)) as import('sarif').Log;
    const [run] = log.runs;
    expect(log.version).toBe('2.1.0');
    expect(run?.results?.length).toBe(5);
    for (const result of run?.results ?? []) {
      expect(run?.tool.driver.rules?.[result.ruleIndex ?? -1]?.id).toBe(result.ruleId);
      expect(result.message.text).not.toBe('');
      expect(['error', 'warning', 'note']).toContain(result.level);
      expect(result.locations?.[0]?.physicalLocation?.artifactLocation?.uri).toMatch(/^[\w%./-]+$/);
      expect(result.locations?.[0]?.physicalLocation?.region?.startLine).toBeGreaterThan(0);
    }
    expect(run?.results?.filter((one) => one.suppressions?.length === 1).length).toBe(1);
    expect(run?.results?.map((one) => one.level)).toEqual(['error', 'warning', 'warning', 'note', 'error']);
  });
  it('SARIF: a finding without a place stands in the checklist', () => {
    const one = storeRun(runRecord([stepRecord({ outcome: 'failed', findings: [finding({})] })]));
    const log = JSON.parse(render('sarif', one.folder, one.record, one.text)) as import('sarif').Log;
    expect(log.runs[0]?.results?.[0]?.locations?.[0]?.physicalLocation).toMatchObject({
      artifactLocation: { uri: 'checklists/m.yaml', uriBaseId: 'SRCROOT' },
      region: { startLine: 3 },
    });
  });
  it('a job summary stays within 1 MiB, also beside what is there, and ends whole', () => {
    const long = runRecord([
      stepRecord({
        outcome: 'failed',
        findings: Array.from({ length: 3000 }, (_, n) =>
          finding({ message: `wrong ${n}`, detail: '```\n'.repeat(200) }),
        ),
      }),
    ]);
    for (const taken of [0, 1_000_000, 1_044_000, 2_000_000]) {
      const summary = jobSummary(long, 'd', taken);
      expect(Buffer.byteLength(summary) + Math.min(taken, 1024 * 1024)).toBeLessThanOrEqual(1024 * 1024);
      if (taken === 0) expect(summary).toMatch(/Cut here[^`]*$/);
      const fences = summary.match(/^`{4,}(?:text)?$/gm) ?? [];
      expect(fences.length % 2).toBe(0);
    }
    expect(jobSummary(record, 'd')).not.toContain('](evidence/');
  });
});

describe('reading records', () => {
  const { text } = storeRun(runRecord([stepRecord({})]));
  it('reads one that was made before frames were kept', () =>
    expect(parseRecord(text, 'r').steps[0]?.frames).toBeUndefined());
  it.each([
    ['cut short', text.slice(0, 200), /not whole/],
    ['empty', '', /not whole/],
    ['null', 'null', /not a record/],
    ['of a schema to come', text.replace('record/v1', 'record/v9'), /record\/v9, made by verify 0\.0\.0/],
    ['with a key that is not known', text.replace('"fidelity"', '"fidelty"'), /schema/],
  ])('refuses one that is %s', (_, broken, message) => {
    expect(() => parseRecord(broken, 'r')).toThrow(
      expect.objectContaining({ code: 65, message: expect.stringMatching(message) as string }) as Error,
    );
  });
});

describe('what changed between two runs', () => {
  const before = runRecord([
    stepRecord({ id: 'a', facts: { n: 1, same: 2 }, durationMs: 1000 }),
    stepRecord({
      id: 'b',
      outcome: 'failed',
      findings: [finding({ where: { file: 'x', line: 3 } }), finding({ message: 'old' })],
    }),
    stepRecord({ id: 'gone' }),
  ]);
  it('the same run twice: nothing', () =>
    expect(diffRuns(before, before)).toMatchObject({
      outcomes: [],
      findings: { appeared: [], gone: [] },
      facts: [],
      durations: [],
      pictures: [],
      worse: false,
    }));
  it('a failure that is accepted where a pass was: it got worse; one that stays accepted did not', () => {
    const [passed, waived] = [runRecord([stepRecord({})]), runRecord([stepRecord({ outcome: 'waived' })])];
    const [whole, reduced] = [
      runRecord([stepRecord({})]),
      { ...runRecord([stepRecord({})]), fidelity: 'reduced' as const },
    ];
    const changed = { ...whole, verdict: 'INCONCLUSIVE' as const };
    expect([diffRuns(whole, changed).worse, diffRuns(changed, whole).worse]).toEqual([true, false]);
    expect([diffRuns(whole, reduced).worse, diffRuns(reduced, whole).worse]).toEqual([true, false]);
    expect([diffRuns(passed, waived).worse, diffRuns(waived, waived).worse]).toEqual([true, false]);
  });
  it('names each change, and a finding whose line has moved is the same one', () => {
    const after = runRecord([
      stepRecord({
        id: 'a',
        facts: { n: 3, same: 2 },
        durationMs: 9000,
        evidence: [{ path: 'evidence/a/x.png', sha256: 's', bytes: 1 }],
      }),
      stepRecord({
        id: 'b',
        outcome: 'failed',
        findings: [finding({ where: { file: 'x', line: 9 } }), finding({ message: 'new' })],
      }),
    ]);
    const diff = diffRuns(before, after);
    expect(diff.outcomes).toEqual([{ step: 'gone', before: 'passed', after: undefined }]);
    expect(diff.findings.appeared.map((one) => one.finding.message)).toEqual(['new']);
    expect(diff.findings.gone.map((one) => one.finding.message)).toEqual(['old']);
    expect(diff.facts).toEqual([{ step: 'a', name: 'n', before: 1, after: 3 }]);
    expect(diff.durations.map((one) => one.step)).toEqual(['a', 'gone']);
    expect(diff.pictures).toEqual([{ step: 'a', path: 'evidence/a/x.png', before: undefined, after: 's' }]);
    expect(diff.worse).toBe(true);
  });
  it('ids of runs, ports that were given and the time that a person took are no change', () => {
    const at = (id: string, port: number, durationMs: number) =>
      runRecord(
        [
          stepRecord({ findings: [finding({ message: `no answer from 127.0.0.1:${port} in ${id}` })] }),
          stepRecord({ id: 'q', uses: 'manual/confirm', durationMs }),
        ],
        { run: { ...before.run, id } },
      );
    const diff = diffRuns(
      at('2026-11-24T10-00-00Z-aaaaaa', 40001, 900),
      at('2026-11-24T11-00-00Z-bbbbbb', 9090, 90_000),
    );
    expect(diff.findings).toEqual({ appeared: [], gone: [] });
    expect(diff.durations).toEqual([]);
    const other = diffRuns(
      runRecord([stepRecord({ findings: [finding({ message: 'example.com:9090 is down' })] })]),
      runRecord([stepRecord({ findings: [finding({ message: 'example.com:9091 is down' })] })]),
    );
    expect(other.findings.appeared).toHaveLength(1);
  });
  it.each([
    ['a warning appeared', false, [finding({ level: 'warning' })]],
    ['a waived finding appeared', false, [finding({ waived: 'because' })]],
    ['a check that cannot be made appeared', true, [finding({ level: 'inconclusive' })]],
  ])('%s: worse is %s', (_, worse, findings) =>
    expect(diffRuns(runRecord([stepRecord({})]), runRecord([stepRecord({ findings })])).worse).toBe(worse),
  );
});
