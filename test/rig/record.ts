import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Table } from '../../src/core/judgement.ts';
import type { Plot } from '../../src/core/plot.ts';
import { recordSchema, RunRecord, type StepRecord } from '../../src/core/record.ts';
import { canonicalJson, digestFile } from '../../src/evidence/digest.ts';
import { tempDir } from './run-step.ts';

/** One pixel. */
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

export const stepRecord = (more: Partial<StepRecord>): StepRecord => ({
  id: 'step',
  item: 'first',
  title: 'A step',
  uses: 'command',
  needs: [],
  tags: [],
  where: { file: '/repo/checklists/m.yaml', line: 3, col: 5 },
  locked: false,
  strict: false,
  with: {},
  outcome: 'passed',
  startedAt: '2026-11-24T10:00:00.000Z',
  offsetMs: 0,
  durationMs: 1200,
  attempts: [{ outcome: 'passed', reason: '', durationMs: 1200 }],
  proofs: ['it holds'],
  findings: [],
  facts: {},
  tables: [],
  evidence: [],
  ...more,
});

export function runRecord(steps: StepRecord[], more: Partial<RunRecord> = {}): RunRecord {
  const items = [...new Set(steps.map((step) => step.item))];
  return RunRecord.parse({
    schema: recordSchema,
    tool: { name: 'verify-milestone', version: '0.0.0' },
    run: {
      id: '2026-11-24T10-00-00Z-abcdef',
      milestone: 'm',
      title: 'A milestone',
      startedAt: '2026-11-24T10:00:00.000Z',
      endedAt: '2026-11-24T10:00:09.000Z',
      durationMs: 9000,
      vars: {},
      driver: 'auto',
      narrowedBy: [],
      command: ['verify', 'm'],
    },
    tree: { path: '/repo', prefix: '', outputs: [], digest: 'd'.repeat(64), files: 2, dirty: [], changed: [] },
    host: { os: 'linux 6', arch: 'x64', cpu: 'A CPU', cpus: 2, memoryMiB: 4096, node: 'v24.0.0', fingerprint: 'f' },
    tools: {},
    checklist: { path: 'checklists/m.yaml', sha256: 'c'.repeat(64), inputs: {} },
    signoff: {},
    waivers: [],
    items: items.map((id) => ({
      id,
      title: `The item ${id}`,
      impact: 'major',
      steps: steps.filter((step) => step.item === id).map((step) => step.id),
    })),
    steps,
    fidelity: 'full',
    verdict: 'PASSED',
    manifest: steps.flatMap((step) => step.evidence),
    ...more,
  });
}

/** Everything that a record can hold, with `text` in every place where text from outside can stand. */
export function richRecord(text: string): RunRecord {
  const table = (cell: string) => ({
    title: text,
    columns: ['what', text, 'ms'],
    rows: [
      [cell, text, '12 ms'],
      [text, 'yes', '7 ms'],
      ['c', '✘ no', '1,200 ms'],
    ],
  });
  const drawn = (plot: Plot): Table => ({ title: text, columns: ['what', text], rows: [[text, text]], plot });
  const plots: Table[] = [
    drawn({
      kind: 'course',
      from: '2026-11-24T10:00:00.000Z',
      to: 90,
      series: [
        { name: text, points: Array.from({ length: 9 }, (_, n) => [n * 10, n === 4 ? null : n * n]) },
        { name: 'alone', points: [[30, 5]] },
      ],
      limit: { op: text, than: 50 },
    }),
    drawn({
      kind: 'levels',
      rows: [
        {
          group: text,
          name: text,
          at: 5,
          low: 4,
          high: 6,
          text,
          base: { at: 4, text },
          allowed: { at: 4.4, text },
          limit: { at: 9, text },
          more: false,
          held: false,
        },
        { group: 'other', name: 'b', at: 1, text: '1 /s', limit: { at: 0.5, text: '0.5 /s' }, more: true, held: true },
      ],
    }),
    drawn({
      kind: 'phases',
      rows: [
        {
          name: text,
          clock: text,
          events: [
            { at: 0, what: 'inactive' },
            { at: 10, what: 'pending' },
            { at: 2000, what: text },
            { at: 9000, what: 'delivered' },
          ],
        },
      ],
    }),
    drawn({
      kind: 'coverage',
      way: text,
      rows: (['drilled', 'failed', 'waived', 'never', 'earlier'] as const).map((state) => ({
        name: `${text} ${state}`,
        state,
        said: text,
        delivered: state === 'drilled',
      })),
    }),
    drawn({
      kind: 'boards',
      boards: [
        {
          title: text,
          panels: [
            { title: text, state: 'data', good: true },
            { title: text, state: text, good: false },
          ],
          pictures: [
            { file: 'picture.png', theme: 'light' },
            { file: 'other.png', theme: text },
          ],
        },
      ],
    }),
  ];
  const finding = (level: 'error' | 'inconclusive' | 'warning' | 'note', waived?: string) => ({
    code: 'a-code',
    level,
    message: text,
    subject: text,
    where: { file: text, line: 2, col: 3 },
    hint: text,
    detail: `${text}\nsecond line`,
    ...(waived !== undefined && { waived }),
  });
  const frames = [{ file: text, line: 2, from: 1, lines: [text, `  ${text}`, 'third'] }];
  return runRecord(
    [
      stepRecord({
        id: 'a',
        item: 'first',
        tables: [table(text), ...plots],
        facts: { 'a.number': 3, [text]: text },
        proofs: [text, 'second'],
        evidence: [],
        pictures: [
          {
            path: 'evidence/a/picture.png',
            before: {
              run: text,
              path: 'evidence/a/before-picture.png',
              differing: 1,
              total: 10,
              difference: 'evidence/a/difference-picture.png',
            },
          },
          { path: 'evidence/a/other.png', before: { run: text } },
        ],
      }),
      stepRecord({
        id: 'b',
        item: 'first',
        title: text,
        uses: text,
        needs: ['a'],
        offsetMs: 1210,
        outcome: 'failed',
        findings: [
          finding('error'),
          finding('inconclusive'),
          finding('warning'),
          finding('note'),
          finding('error', text),
        ],
        frames,
      }),
      stepRecord({ id: 'c', item: 'second', outcome: 'skipped', reason: text, proofs: [] }),
      stepRecord({
        id: 'd',
        item: 'second',
        uses: 'manual/confirm',
        outcome: 'not-reviewed',
        reason: text,
        proofs: [],
        confirmation: {
          role: text,
          question: text,
          by: text,
          at: text,
          answer: 'yes',
          comment: text,
          about: [{ path: text, sha256: text }],
          expires: text,
        },
      }),
      stepRecord({
        id: 'e',
        item: 'second',
        outcome: 'waived',
        reduced: text,
        weak: text,
        locked: true,
        strict: true,
        reusedFrom: { run: text, startedAt: text },
        findings: [finding('error', text)],
        attempts: [
          { outcome: 'failed', reason: text, durationMs: 3 },
          { outcome: 'passed', reason: '', durationMs: 4 },
        ],
      }),
      stepRecord({ id: 'f', item: 'second', outcome: 'timed-out', reason: text, proofs: [] }),
    ],
    {
      verdict: 'FAILED',
      fidelity: 'reduced',
      run: {
        id: '2026-11-24T10-00-00Z-abcdef',
        milestone: 'm',
        title: text,
        source: text,
        startedAt: '2026-11-24T10:00:00.000Z',
        endedAt: '2026-11-24T10:00:09.000Z',
        durationMs: 9000,
        vars: { text },
        driver: text,
        narrowedBy: [text],
        interrupted: text,
        bug: text,
        command: ['verify', text],
      },
      since: {
        run: text,
        startedAt: '2026-11-24T09:00:00.000Z',
        commit: 'b'.repeat(40),
        tags: [text],
        verdict: 'FAILED',
        outcomes: [
          { step: text, before: 'passed', after: 'failed' },
          { step: text, after: 'passed' },
        ],
        appeared: 1,
        gone: 2,
        numbers: [{ label: text, before: text, after: text }],
      },
      tree: {
        path: text,
        repository: text,
        commit: 'a'.repeat(40),
        branch: text,
        tags: [text],
        prefix: '',
        outputs: [text],
        digest: 'd'.repeat(64),
        files: 2,
        dirty: [{ path: text, why: text }],
        changed: [text],
      },
      tools: { [text]: text },
      items: [
        { id: 'first', title: text, impact: 'critical', ref: text, steps: ['a', 'b'] },
        { id: 'second', title: text, impact: 'minor', steps: ['c', 'd', 'e', 'f'] },
      ],
      waivers: [
        { step: 'e', finding: text, subject: text, owner: text, reason: text, approver: text, expires: '2030-01-01' },
      ],
    },
  );
}

/** The files that the record's pictures name. */
function beside(record: RunRecord): Record<string, Buffer> {
  const names = record.steps.flatMap((step) =>
    (step.pictures ?? []).flatMap(({ path, before }) => [path, before?.path, before?.difference]),
  );
  return Object.fromEntries(names.flatMap((name) => (name === undefined ? [] : [[name, png]])));
}

/** Puts a record and some evidence on disk as a run does. */
export function storeRun(
  record: RunRecord,
  evidence: Record<string, string | Buffer> = {},
): { folder: string; record: RunRecord; text: string } {
  const folder = tempDir();
  const files = Object.entries({ 'evidence/a/picture.png': png, ...beside(record), ...evidence }).map(
    ([path, data]) => {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), data);
      return { path, ...digestFile(join(folder, path)) };
    },
  );
  const stored = {
    ...record,
    steps: record.steps.map((step, n) => (n === 0 ? { ...step, evidence: files } : step)),
    manifest: files,
  };
  const text = canonicalJson(stored, 1);
  writeFileSync(join(folder, 'record.json'), text);
  return { folder, record: JSON.parse(text) as RunRecord, text };
}
