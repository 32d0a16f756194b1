import { marked } from 'marked';
import { describe, expect, it } from 'vitest';
import { diffRuns } from '../../src/core/diff.ts';
import { mergeRecords, shardDifferences, type ShardRun } from '../../src/core/merge.ts';
import type { Finding } from '../../src/core/finding.ts';
import type { RunRecord, StepRecord } from '../../src/core/record.ts';
import { htmlReport } from '../../src/reporters/html/report.ts';
import { markdown } from '../../src/reporters/markdown.ts';
import { runRecord, stepRecord } from '../rig/record.ts';

const id = '2026-11-24T10-00-09Z-abcdef';
const finding = (more: Partial<Finding>): Finding => ({ code: 'c', level: 'error', message: 'it is wrong', ...more });
const confirmed = (expires: string): StepRecord['confirmation'] => ({
  role: 'qa',
  question: 'Good?',
  by: 'Cy',
  at: '2026-11-24T10:00:00.000Z',
  answer: 'yes',
  comment: '',
  about: [],
  expires,
});

/** The shards of a run whose steps `shared` (in each) and `own-<n>` became what is given. */
function shards(
  ...shared: (Partial<StepRecord> & { run?: Partial<RunRecord['run']>; more?: Partial<RunRecord> })[]
): ShardRun[] {
  const of = shared.length;
  return shared.map(({ run, more, ...own }, n) => {
    const index = n + 1;
    const steps = [
      stepRecord({ id: 'shared', ...own }),
      ...shared.map((_, m) =>
        m === n
          ? stepRecord({
              id: `own-${m + 1}`,
              evidence: [{ path: `evidence/own-${m + 1}/observed.json`, sha256: 'e', bytes: 1 }],
            })
          : stepRecord({ id: `own-${m + 1}`, outcome: 'skipped', proofs: [], reason: `falls to shard ${m + 1}/${of}` }),
      ),
    ];
    const record = runRecord(steps, more);
    return {
      index,
      of,
      steps: ['shared', `own-${index}`],
      record: {
        ...record,
        run: {
          ...record.run,
          id: `run-${index}`,
          narrowedBy: [`--shard ${index}/${of}`],
          shard: { index, of, steps: ['shared', `own-${index}`] },
          durationMs: index * 1000,
          ...run,
        },
        verdict: 'INCOMPLETE',
      },
      own: [{ path: 'record.json', sha256: String(index), bytes: 1 }],
    };
  });
}
const step = (record: RunRecord, name: string): StepRecord => {
  const found = record.steps.find((one) => one.id === name);
  if (!found) throw new Error(`no step ${name}`);
  return found;
};

describe('merging', () => {
  it('of shards that passed is PASSED, as long as the longest of them, and whole', () => {
    const record = mergeRecords(shards({}, {}, {}), id);
    expect([record.verdict, record.run.durationMs, record.run.narrowedBy, record.run.shard]).toEqual([
      'PASSED',
      3000,
      [],
      undefined,
    ]);
    expect(record.run.command).toEqual(['verify', 'merge', 'shards/1', 'shards/2', 'shards/3']);
    expect(record.manifest.map((file) => file.path)).toEqual(
      [1, 2, 3].flatMap((n) => [`shards/${n}/evidence/own-${n}/observed.json`, `shards/${n}/record.json`]),
    );
  });
  it.each([
    ['passed', 'failed', 'failed', 'FAILED'],
    ['error', 'failed', 'failed', 'FAILED'],
    ['passed', 'error', 'error', 'INCONCLUSIVE'],
    ['timed-out', 'skipped', 'timed-out', 'INCONCLUSIVE'],
    ['skipped', 'passed', 'skipped', 'INCOMPLETE'],
    ['not-reviewed', 'passed', 'not-reviewed', 'INCOMPLETE'],
    ['waived', 'passed', 'waived', 'PASSED'],
  ] as const)('%s in one shard and %s in another is %s', (one, other, outcome, verdict) => {
    for (const pair of [
      [one, other],
      [other, one],
    ] as const) {
      const record = mergeRecords(shards({ outcome: pair[0] }, { outcome: pair[1] }), id);
      expect([step(record, 'shared').outcome, record.verdict]).toEqual([outcome, verdict]);
      expect(step(record, 'shared').shard).toBe(pair.indexOf(outcome) + 1);
    }
  });
  it('a shard that is missing is a run that is not whole, also where nothing of its own is missing', () => {
    const [one, two] = shards({}, {});
    if (!one || !two) throw new Error('two shards');
    const record = mergeRecords([one], id);
    expect(record.verdict).toBe('INCOMPLETE');
    expect(step(record, 'own-2').reason).toBe('falls to shard 2/2, which is missing');
    const nothing = mergeRecords(
      [
        {
          ...one,
          steps: ['shared', 'own-1', 'own-2'],
          record: { ...one.record, steps: one.record.steps.map((s) => ({ ...s, outcome: 'passed' as const })) },
        },
      ],
      id,
    );
    expect([nothing.verdict, nothing.run.narrowedBy]).toEqual(['INCOMPLETE', ['shard 2/2, which is missing']]);
  });
  it('findings of all are told, what is the same once', () => {
    const [same, first, second] = [
      finding({}),
      finding({ message: 'here' }),
      finding({ message: 'there', level: 'warning' }),
    ];
    const record = mergeRecords(
      shards({ outcome: 'failed', findings: [same, first] }, { outcome: 'failed', findings: [same, second] }),
      id,
    );
    expect(step(record, 'shared').findings.map((one) => one.message)).toEqual([
      'it is wrong',
      'here',
      'there (in shard 2)',
    ]);
  });
  it('a stand-in, an interruption, a defect of verify, a changed tree or a step taken over in any of them is the run’s', () => {
    const tree = runRecord([]).tree;
    const [newer, older] = ['2026-11-02', '2026-11-01'].map((run) => ({ run, startedAt: `${run}T00:00:00.000Z` }));
    const record = mergeRecords(
      shards(newer === undefined ? {} : { reusedFrom: newer }, {
        reduced: 'a process',
        ...(older && { reusedFrom: older }),
        run: { interrupted: 'SIGINT', bug: 'oops' },
        more: { tree: { ...tree, changed: ['a'], changedBy: { a: ['own-2'] } } },
      }),
      id,
    );
    expect(record).toMatchObject({
      fidelity: 'reduced',
      verdict: 'INCONCLUSIVE',
      run: { interrupted: 'SIGINT (shard 2)', bug: 'oops (shard 2)' },
      tree: { changed: ['a'], changedBy: { a: ['own-2 (shard 2)'] } },
    });
    expect(step(record, 'shared')).toMatchObject({ reduced: 'a process', reusedFrom: older, shard: 1 });
  });
  it('of two confirmations the one that ends first counts', () => {
    const record = mergeRecords(
      shards(
        { confirmation: confirmed('2027-02-01T00:00:00.000Z') },
        { confirmation: confirmed('2027-01-01T00:00:00.000Z') },
      ),
      id,
    );
    expect(step(record, 'shared')).toMatchObject({ shard: 2, confirmation: { expires: '2027-01-01T00:00:00.000Z' } });
  });
  it('what differs between the machines is said', () => {
    const host = runRecord([]).host;
    const record = mergeRecords(
      shards(
        { more: { tools: { cargo: 'cargo 1.85', git: 'git 2' } } },
        { more: { tools: { cargo: 'cargo 1.86' }, host: { ...host, fingerprint: 'other', cpus: 8 } } },
        { more: { tools: { cargo: 'cargo 1.85' } } },
      ),
      id,
    );
    expect(record.tools).toEqual({ cargo: 'cargo 1.85 (shard 1, 3); cargo 1.86 (shard 2)', git: 'git 2' });
    expect(shardDifferences(record)).toEqual([
      'the shards differ in cargo: cargo 1.85 (shard 1, 3); cargo 1.86 (shard 2)',
      'the shards differ in the machine: 2 × A CPU, fingerprint f (shard 1, 3); 8 × A CPU, fingerprint other (shard 2)',
    ]);
    expect(shardDifferences(mergeRecords(shards({}, {}), id))).toEqual([]);
    expect(shardDifferences(runRecord([]))).toEqual([]);
  });
});

it('a merged run and a whole one that say the same do not differ, pictures included', () => {
  const picture = (sha256: string) => [{ path: 'evidence/shared/a.png', sha256, bytes: 1 }];
  const merged = mergeRecords(shards({ evidence: picture('p') }, { evidence: picture('q') }), id);
  const whole = runRecord([
    stepRecord({ id: 'shared', evidence: picture('p') }),
    ...[1, 2].map((n) => stepRecord({ id: `own-${n}` })),
  ]);
  expect(diffRuns(whole, merged)).toMatchObject({ outcomes: [], facts: [], pictures: [], worse: false });
  const other = runRecord([stepRecord({ id: 'shared', evidence: picture('other') })]);
  expect(diffRuns(other, merged).pictures).toEqual([
    { step: 'shared', path: 'evidence/shared/a.png', before: 'other', after: 'p' },
  ]);
});

describe('the report of a merged run', () => {
  it('has a lane a shard, its machine, and what differs', () => {
    const record = mergeRecords(
      shards({}, { more: { tools: { cargo: '2' } } }, { more: { tools: { cargo: '3' } } }),
      id,
    );
    const html = htmlReport(record, 'd', []);
    for (const part of [
      'Shard 1 of 3',
      'Shard 3 of 3',
      '3 shards, each from its own start',
      'the shards differ in cargo',
      'merged: 3 of 3 shards',
      'verify merge shards/1',
    ])
      expect(html).toContain(part);
    expect(html.match(/href="#step-shared"/g)?.length).toBe(3);
    for (const shard of [1, 2, 3]) expect(html).not.toContain(`Evidence of shard ${shard}`);
    const md = markdown(record, 'd');
    for (const part of [
      '| Shards | 3 of 3, merged |',
      '| Shard 2 of 3 |',
      'In 3 shards: passed in 1, passed in 2, passed in 3',
    ])
      expect(md).toContain(part);
  });
  it('text from the machines is text', () => {
    const evil = '<script>alert(1)</script>|`x`\u202e';
    const host = { ...runRecord([]).host, cpu: evil, os: evil };
    const record = mergeRecords(
      shards(
        { more: { tools: { [evil]: evil }, host }, run: { command: [evil], driver: evil, id: evil } },
        { reason: evil, outcome: 'skipped' },
      ),
      id,
    );
    const html = htmlReport(record, 'd', []);
    expect(html).not.toContain('<script');
    expect(html).not.toContain('\u202e');
    const md = markdown(record, 'd');
    expect(marked.parse(md)).not.toContain('<script');
    expect(
      md
        .split('\n')
        .filter((line) => line.startsWith('| Shard 1'))
        .every((line) => /^\|(?:[^|]|\\\|)*\|(?:[^|]|\\\|)*\|$/.test(line)),
    ).toBe(true);
  });
});
