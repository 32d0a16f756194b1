import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { render } from '../../src/runs/render.ts';
import { parseRecord } from '../../src/runs/runs.ts';
import type { Finding } from '../../src/core/finding.ts';
import type { Plot } from '../../src/core/plot.ts';
import type { RunRecord, StepRecord } from '../../src/core/record.ts';
import type { ShownSignOff } from '../../src/core/sign-off.ts';
import { namesThing, showFact } from '../../src/core/words.ts';
import { historyPage, type HistoryRun } from '../../src/reporters/html/history.ts';
import { scientific } from '../../src/reporters/html/plots.ts';
import { coded, prose } from '../../src/reporters/html/markup.ts';
import { htmlReport } from '../../src/reporters/html/report.ts';
import { verify } from '../rig/cli.ts';
import { runRecord, stepRecord } from '../rig/record.ts';
import { tempDir } from '../rig/run-step.ts';

const error: Finding = { code: 'c', level: 'error', message: 'it is wrong' };
const pageOf = (steps: StepRecord[], more: Partial<RunRecord> = {}, signOffs: ShownSignOff[] = []): string =>
  htmlReport(runRecord(steps, more), 'd', [], signOffs);
/** The text of a section, tags out. */
const said = (html: string, id: string): string =>
  (new RegExp(`<section[^>]*aria-labelledby="${id}-h"[^>]*>([\\s\\S]*?)</section>`).exec(html)?.[1] ?? '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
const drawn = (plot: Plot, more: Partial<StepRecord> = {}): string =>
  pageOf([stepRecord({ tables: [{ title: 'T', columns: ['a'], rows: [['b']], plot }], ...more })]);

const approval: ShownSignOff = {
  role: 'release-manager',
  decision: 'approve',
  principal: 'alice@example.org',
  fingerprint: 'SHA256:abc',
  at: '2026-11-25T10:00:00.000Z',
  comment: 'looked at `bench`',
};

describe('what is asked of the reader', () => {
  const plain = { signoff: { fidelity: 'reduced' } } as unknown as Partial<RunRecord>;
  it.each<[string, StepRecord[], Partial<RunRecord>, ShownSignOff[], RegExp[], RegExp[]]>([
    [
      'nothing but to sign',
      [stepRecord({})],
      {},
      [],
      [/Sign it : verify sign-off m --role release-manager/],
      [/again/],
    ],
    ['the gate, once all have signed', [stepRecord({})], {}, [approval], [/Pass the gate, .* verify gate m/], [/Sign/]],
    [
      'a rejection',
      [stepRecord({})],
      {},
      [{ ...approval, decision: 'reject' }],
      [/Rejected by alice@example.org/],
      [/gate/],
    ],
    [
      'to repair',
      [stepRecord({ outcome: 'failed', findings: [error, error] })],
      { verdict: 'FAILED' },
      [],
      [/Repair what 2 findings of 1 step say/, /Run it again: verify m/],
      [/measurable/],
    ],
    [
      'to make it measurable, not to run what was skipped for it',
      [stepRecord({ id: 'a', outcome: 'error' }), stepRecord({ id: 'b', outcome: 'skipped' })],
      { verdict: 'INCONCLUSIVE' },
      [],
      [/Make it measurable: a could not/],
      [/what was not run/],
    ],
    [
      'to answer',
      [stepRecord({ id: 'asked', outcome: 'not-reviewed' })],
      { verdict: 'INCOMPLETE' },
      [],
      [/Answer 1 question .*: asked/],
      [/Repair/],
    ],
    [
      'the real thing, where the policy wants it',
      [stepRecord({ id: 'stack', reduced: 'processes' })],
      { fidelity: 'reduced' },
      [],
      [/full fidelity, and stack exercised a stand-in/, /Run it again/],
      [],
    ],
    [
      'no real thing, where the policy takes less',
      [stepRecord({ reduced: 'x' })],
      plain,
      [],
      [/Sign it/],
      [/real thing/],
    ],
    ['a run, where there was no step', [], { verdict: 'INCOMPLETE' }, [], [/Run it again/], []],
  ])('%s', (_, steps, more, signOffs, there, absent) => {
    const text = said(pageOf(steps, more, signOffs), 'asked');
    for (const one of there) expect(text).toMatch(one);
    for (const one of absent) expect(text).not.toMatch(one);
  });
});

describe('order and length of the page', () => {
  const place = (html: string, id: string): number => html.indexOf(`<section id="${id}"`);
  it('findings stand before the items where there are some, after them where all is well', () => {
    const bad = pageOf([stepRecord({ outcome: 'failed', findings: [error] })]);
    const good = pageOf([stepRecord({})]);
    expect(place(bad, 'findings')).toBeLessThan(place(bad, 'items'));
    expect(place(good, 'findings')).toBeGreaterThan(place(good, 'items'));
  });
  it('an item that passed is folded, one that did not is open', () => {
    const html = pageOf([stepRecord({ item: 'good' }), stepRecord({ id: 'x', item: 'bad', outcome: 'failed' })]);
    expect(html).toContain('id="item-good"><summary>');
    expect(html).toContain('id="item-bad" open><summary>');
  });
  it('many skipped steps are one line', () => {
    const steps = Array.from({ length: 30 }, (_, n) => stepRecord({ id: `s${n}`, outcome: 'skipped' }));
    const text = said(pageOf([stepRecord({ outcome: 'failed', findings: [error] }), ...steps]), 'why');
    expect(text).toMatch(/30 steps skipped : s0 , s1 , .* and 18 more$/);
  });
  it('ten thousand steps are below 5 MB', () => {
    const steps = Array.from({ length: 10_000 }, (_, n) =>
      stepRecord({
        id: `step-${n}`,
        item: `item-${Math.floor(n / 50)}`,
        facts: { 'command.exit': 0 },
        evidence: [{ path: `evidence/step-${n}/a.stdout`, sha256: '0'.repeat(64), bytes: 12 }],
      }),
    );
    expect(pageOf(steps).length).toBeLessThan(5_000_000);
  });
  it('a table that holds is folded; rows that do not hold stand first', () => {
    const table = {
      title: 'Claims',
      columns: ['claim', 'holds'],
      rows: [
        ['one', 'yes'],
        ['two', 'no'],
      ],
    };
    const html = pageOf([stepRecord({ outcome: 'failed', tables: [table] })]);
    expect(html).toMatch(/<details class="measured" open><summary><h3>Claims<\/h3>/);
    expect(html.indexOf('>two<')).toBeLessThan(html.indexOf('>one<'));
    expect(pageOf([stepRecord({ tables: [{ ...table, rows: [['one', 'yes']] }] })])).toMatch(
      /<details class="measured"><summary><h3>Claims<\/h3>/,
    );
  });
});

describe('drawings', () => {
  const course = (points: [number, number | null][], than: number): string =>
    drawn({
      kind: 'course',
      from: '2026-11-24T10:00:00.000Z',
      to: 60,
      series: [{ name: 's', points }],
      limit: { op: '<', than },
    });
  it('a limit that is near is drawn, one that is far away is told', () => {
    expect(
      course(
        [
          [0, 1],
          [30, 2],
        ],
        3,
      ),
    ).toContain('class="limit"');
    const far = course(
      [
        [0, 1],
        [30, 2],
      ],
      1000,
    );
    expect(far).not.toContain('class="limit"');
    expect(far).toContain('promised: &lt; 1000, beyond what is drawn');
  });
  it('a gap parts the line, and a lonely sample is a dot', () => {
    const html = course(
      [
        [0, 1],
        [10, 2],
        [20, null],
        [30, 3],
      ],
      5,
    );
    expect(html.match(/<polyline/g)).toHaveLength(1);
    expect(html.match(/<circle class="dot/g)).toHaveLength(1);
    expect(course([[0, null]], 5)).toContain('no sample is a number');
  });
  it('the clock shows round times', () =>
    expect(
      course(
        [
          [0, 1],
          [57, 2],
        ],
        3,
      ),
    ).toContain('>10:00:30<'));
  const level = (more: object): string =>
    drawn({
      kind: 'levels',
      rows: [{ group: 'g', name: 'n', at: 5, text: '5 ms', more: false, held: true, ...more }],
    });
  it('a benchmark stands beside baseline, what is allowed and the limit; far limits are told, not drawn', () => {
    const near = level({
      base: { at: 4, text: '4 ms' },
      allowed: { at: 4.4, text: '4.4 ms' },
      limit: { at: 8, text: '8 ms' },
    });
    for (const mark of ['lv-base', 'lv-allowed', 'lv-limit']) expect(near).toContain(`<rect class="${mark}"`);
    const far = level({ base: { at: 4, text: '4 ms' }, limit: { at: 8000, text: '8 s' } });
    expect(far).not.toContain('<rect class="lv-limit"');
    expect(far).toContain('8 s');
    expect(level({ held: false })).toContain('does not hold');
  });
  it('a drill is drawn with what was pending, firing and delivered', () => {
    const html = pageOf([
      stepRecord({
        tables: [
          { title: 'F', columns: ['alert'], rows: [['A']], plot: { kind: 'coverage', way: 'sandbox', rows: [] } },
          {
            title: 'T',
            columns: ['alert'],
            rows: [['A']],
            plot: {
              kind: 'phases',
              rows: [
                {
                  name: 'A',
                  clock: 'sandbox',
                  events: ['inactive', 'pending', 'firing', 'delivered', 'resolved'].map((what, n) => ({
                    at: n * 1000,
                    what,
                  })),
                },
              ],
            },
          },
        ],
      }),
    ]);
    for (const one of ['inactive', 'pending', 'firing', 'delivered', 'resolved'])
      expect(html).toContain(`<rect class="ph-${one}"`);
    expect(html).toContain('inactive 0 ms → pending 1.0 s → firing 2.0 s → delivered 3.0 s → resolved 4.0 s');
  });
  it('the coverage of all drills: what failed or was never drilled stands first, and is not counted', () => {
    const step = (id: string, way: string, states: Record<string, 'drilled' | 'failed' | 'never' | 'earlier'>) =>
      stepRecord({
        id,
        tables: [
          {
            title: 'F',
            columns: ['alert'],
            rows: [['A']],
            plot: {
              kind: 'coverage',
              way,
              rows: Object.entries(states).map(([name, state]) => ({
                name,
                state,
                said: '✖ not fired',
                delivered: false,
              })),
            },
          },
        ],
      });
    const html = pageOf([
      step('u', 'unit', { good: 'drilled', bad: 'drilled', never: 'never' }),
      step('s', 'sandbox', { good: 'earlier', bad: 'failed', never: 'never' }),
    ]);
    expect(html).toContain('2 of 3 alerts drilled');
    const matrix = html.slice(html.indexOf('class="matrix"'));
    expect([...matrix.matchAll(/<th scope="row">(\w+)<\/th>/g)].slice(0, 3).map(([, name]) => name)).toEqual([
      'bad',
      'never',
      'good',
    ]);
    expect(matrix).toContain('✘ not fired');
  });
});

describe('words of people', () => {
  it.each([
    ['use `a_b` and **c**', 'use <code>a_b</code> and <strong>c</strong>'],
    ['[x](javascript:1) <b>', '[x](javascript:1) &lt;b&gt;'],
    ['![x](http://h/y)', '![x](http://h/y)'],
    ['<!-- hidden -->', '&lt;!-- hidden --&gt;'],
    ['rate_total and a*b*c', 'rate_total and a<em>b</em>c'],
    ['`<script>`', '<code>&lt;script&gt;</code>'],
  ])('%s', (text, html) => expect(String(prose(text))).toBe(html));
  it('a hint has code, and keeps its stars', () =>
    expect(String(coded('raise `timeout` of **/*.md <b>'))).toBe('raise <code>timeout</code> of **/*.md &lt;b&gt;'));
  it('a waiver says whether it was needed', () => {
    const waiver = { step: 'a', owner: 'o', reason: 'r', approver: 'p', expires: '2027-01-01' };
    const waived = stepRecord({ id: 'a', outcome: 'waived', findings: [{ ...error, waived: 'r' }] });
    expect(pageOf([waived], { waivers: [waiver] })).toContain('accepted 1 finding');
    expect(pageOf([stepRecord({ id: 'a' })], { waivers: [waiver] })).toContain('not needed');
    expect(pageOf([stepRecord({ id: 'a' })], { waivers: [{ ...waiver, expires: '2026-01-01' }] })).toContain(
      'not in force',
    );
  });
  it('how a signature is checked without verify', () => {
    const html = pageOf([stepRecord({})], {}, [approval]);
    expect(html).toContain(
      'ssh-keygen -Y verify -f &quot;$REPOSITORY&quot;/.verify/allowed_signers -I &#39;alice@example.org&#39; -n sign-off@verify-milestone.dev -s signoffs/1-release-manager.json.sig &lt; signoffs/1-release-manager.json',
    );
    expect(html).toContain('looked at <code>bench</code>');
  });
  it.each([
    [0, '0'],
    [12.345, '12.3'],
    [0.0000095, '9.5 × 10⁻⁶'],
    [2_500_000, '2.5 × 10⁶'],
  ])('%s is %s', (value, text) => expect(scientific(value)).toBe(text));
  it.each([
    ['bench.store.p95', 0.0000023, '2.3 µs'],
    ['slo.spreading.p95', 0, '0 s'],
    ['drills.coverage', 75, '75 %'],
    ['stack.engram.readyMs', 114, '114 ms'],
    ['bench.store.throughput', 451_671, '451,671 /s'],
    ['alerts.count', 8, '8'],
  ])('%s %s is %s', (name, value, text) => expect(showFact(name, value)).toBe(text));
  it.each(['stack.engram.port.http', 'stack.engram.url', 'picture.a-light.png', 'drill.abcdef'])(
    '%s names a thing',
    (name) => expect(namesThing(name)).toBe(true),
  );
  it.each(['alerts.count', 'drills.coverage', 'http.latencyMs', 'bench.recall.p95'])('%s is a measure', (name) =>
    expect(namesThing(name)).toBe(false),
  );
});

describe('the history', () => {
  const run = (n: number, more: Partial<HistoryRun> = {}): HistoryRun => ({
    id: `run-${n}`,
    milestone: 'm',
    title: 'A title',
    startedAt: new Date(Date.UTC(2026, 0, n)).toISOString(),
    durationMs: 1000,
    verdict: 'PASSED',
    fidelity: 'full',
    commit: undefined,
    whole: true,
    passed: 1,
    waived: 0,
    steps: 1,
    findings: 0,
    roles: { qa: 1, 'release-manager': 1 },
    signOffs: [],
    facts: {},
    ...more,
  });
  const vote = { role: 'qa', decision: 'approve', principal: 'bob' } as const;
  it.each<[string, HistoryRun['signOffs'], RegExp]>([
    ['nobody', [], /not signed/],
    ['one of two', [vote], /waits for release-manager<\/span> <small>approved by bob/],
    ['both', [vote, { ...vote, role: 'release-manager', principal: 'eve' }], /✔ approved<\/span> <small>bob, eve/],
    ['a rejection', [vote, { ...vote, decision: 'reject', principal: 'eve' }], /✘ rejected<\/span> <small>eve/],
  ])('signed by %s', (_, signOffs, text) => expect(historyPage([run(1, { signOffs })], [])).toMatch(text));
  it('sixty runs: twelve in sight, the others folded', () => {
    const html = historyPage(
      Array.from({ length: 60 }, (_, n) => run(n + 1)),
      [],
    );
    expect(html.slice(0, html.indexOf('48 earlier runs')).match(/FINAL_STATUS\.html/g)).toHaveLength(12);
    expect(html.match(/FINAL_STATUS\.html/g)).toHaveLength(60);
  });
  it('P95 and counts are in sight with their units, once; a port never is', () => {
    const facts = (n: number) => ({
      'rules/alerts.count': n,
      'rules-static/alerts.count': n,
      'bench/bench.store.p95': n / 1e6,
      'stack/stack.engram.port.http': n * 1000,
      'a/other': n,
    });
    const html = historyPage([run(1, { facts: facts(7) }), run(2, { facts: facts(8) })], []);
    const inSight = html.slice(0, html.indexOf('other fact'));
    expect(inSight).toMatch(/<b>bench\.store\.p95<\/b>[\s\S]*7 µs → <b>8 µs<\/b>/);
    expect(inSight.match(/alerts\.count<\/b>/g)).toHaveLength(1);
    expect(inSight).not.toContain('<b>other</b>');
    expect(html).toContain('<b>other</b>');
    expect(html).not.toContain('stack.engram.port');
  });
});

describe('records of earlier versions', () => {
  const path = join(import.meta.dirname, 'records/early-0.1.0.json');
  const text = readFileSync(path, 'utf8');
  it('one that an earlier state of this version wrote is read, and the page says what it cannot tell', () => {
    const record = parseRecord(text, path);
    expect(record).toMatchObject({ run: { vars: {} }, tree: { outputs: [] }, verdict: 'FAILED' });
    const html = render('html', tempDir(), record, text);
    expect(html).toContain('written by an earlier state of verify 0.1.0');
    expect(html).toContain('which variables were set by hand, nor which paths');
    for (const format of ['md', 'junit', 'ctrf', 'sarif', 'github'] as const)
      expect(render(format, tempDir(), record, text)).not.toContain('undefined');
  });
  it('the page goes beside the run, whose own page stays as its version wrote it, and links back', async () => {
    const cwd = tempDir({ 'reports/m1/run/FINAL_STATUS.html': 'as it was' });
    cpSync(path, join(cwd, 'reports/m1/run/record.json'));
    const { code, stdout } = await verify(['report', 'reports/m1/run'], { cwd });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'reports/m1/run.html\n' });
    expect(readFileSync(join(cwd, 'reports/m1/run/FINAL_STATUS.html'), 'utf8')).toBe('as it was');
    const html = readFileSync(join(cwd, 'reports/m1/run.html'), 'utf8');
    expect(html).toContain('href="run/record.json"');
    expect(html).toContain('href="run/evidence/good/command.stdout"');
    expect(html).not.toMatch(/(?:href|src)="evidence/);
  });
  it('one of another version says by which it was written', () => {
    const other = text.replace('"version": "0.1.0"', '"version": "0.0.7"');
    expect(render('html', tempDir(), parseRecord(other, path), other)).toContain('written by verify 0.0.7');
  });
  it.each([
    ['a field that nobody knows', (r: Record<string, unknown>) => ({ ...r, later: 1 })],
    ['a part that is missing', (r: Record<string, unknown>) => ({ ...r, tree: undefined })],
    ['vars of another kind', (r: Record<string, unknown>) => ({ ...r, run: { ...(r['run'] as object), vars: 3 } })],
  ])('65: %s is not guessed', async (_, change) => {
    const cwd = tempDir();
    writeFileSync(join(cwd, 'record.json'), JSON.stringify(change(JSON.parse(text) as Record<string, unknown>)));
    expect((await verify(['report', cwd], { cwd })).code).toBe(65);
  });
});
