import { describe, expect, it } from 'vitest';
import { codes, runStep, tempDir } from '../rig/run-step.ts';

const tasks = (files: Record<string, string>, more: Record<string, unknown> = {}) =>
  runStep({ uses: 'docs/tasks', with: { files: ['t/*.md'], ...more }, target: tempDir(files) });
const done = '# One\n\nStatus: complete\n\n- [x] Built\n';

describe('docs/tasks', () => {
  it.each<[string, Record<string, string>]>([
    ['a status line', { 't/001_a.md': done }],
    ['its name', { 't/001_a_complete.md': '# One\n\n- [x] a\n  - [x] b\n' }],
    ['front matter', { 't/001_a.md': '---\nstatus: done\n---\n# One\n' }],
    ['a mark', { 't/001_a.md': '# One\n\n- **Status**: ✅ Complete (2025-10-29)\n' }],
    ['a title', { 't/001_a.md': '# Task 001: One — COMPLETE\n' }],
    ['a table', { 't/001_a.md': '# One\n\n| Status | complete |\n|---|---|\n' }],
    ['100%', { 't/001_a.md': '# One\n\n## Status: 100% complete\n' }],
    [
      'optional boxes',
      { 't/001_a_complete.md': '# One\n\n- [x] a\n- [ ] b (optional)\n\n## Future work\n\n- [ ] c\n' },
    ],
    ['production-ready', { 't/001_a_complete.md': '# One\n\nStatus: ready for production\n' }],
    ['a part that is not', { 't/001_a_complete.md': '# One\n\n## A\n\nx\n\n## Part B\n\nStatus: pending\n' }],
    ['no pending work', { 't/001_a_complete.md': '# One\n\n## TODO\n\nNone\n\n## Pending\n\n- [x] a\n' }],
    [
      'a dropped one beside it',
      { 't/001_a_complete.md': '# One\n', 't/002_b.md': '# Two\n\nStatus: deferred to 17\n' },
    ],
    [
      'code',
      {
        't/001_a_complete.md':
          '# One\n\n```md\nStatus: pending\n- [ ] x\n```\n\nNo `TODO` is left, and `- [ ]` is text.\n',
      },
    ],
  ])('complete by %s', async (_, files) =>
    expect(await tasks(files)).toMatchObject({
      outcome: 'passed',
      findings: [],
      facts: { 'tasks.complete': 1, 'tasks.pending': 0 },
    }),
  );

  it.each([
    ['a title', '# Task 007: Integration pending\n\nStatus: complete\n'],
    ['a title behind a dash', '# 007 Metrics — integration pending\n\nStatus: complete\n'],
    ['a title in brackets', '# 007 Metrics (tests in progress)\n\nStatus: complete\n'],
    ['a title alone', '# Metrics: wiring not done\n'],
    ['a status', '# One\n\nStatus: integration pending\n'],
    ['a status that begins well', '# One\n\n**Status**: ✅ Complete, integration pending\n'],
    ['a status with an exception', '# One\n\nStatus: done (docs not written)\n'],
    ['a status in two parts', '# One\n\nStatus: code complete - review in progress\n'],
    ['front matter', '---\nstatus: complete, rollout pending\n---\n# One\n'],
    ['a title that begins so', '# [DRAFT] Metrics\n\nStatus: complete\n'],
    ['a status with its day', '# One\n\nStatus: complete\n\nStatus (2026-11-20): pending\n'],
  ])('%s that says that something is open keeps a task from passing', async (_, text) =>
    expect((await tasks({ 't/007_a.md': text })).outcome).toBe('failed'),
  );
  it.each([
    ['what the task is about', '# Handle alerts that stay pending\n\nStatus: complete\n'],
    ['a count', '# Count of work in progress\n\nStatus: complete\n'],
    ['none of it', '# One\n\nStatus: complete, nothing pending\n'],
    ['no more of it', '# One (no open work)\n\nStatus: Complete (no tests pending)\n'],
    ['a queue', '# The queue shows jobs as pending\n\nStatus: done\n'],
  ])('%s does not', async (_, text) =>
    expect(await tasks({ 't/007_a.md': text })).toMatchObject({ outcome: 'passed', findings: [] }),
  );

  it.each([
    ['a box that is half done', '- [~] two'],
    ['a box that is empty', '- ☐ two'],
    ['an item', '- two — pending approval'],
    ['a row', '| Part | State |\n|---|---|\n| b | Pending |'],
    ['a field', '**Sign-off:** pending'],
  ])('%s that is open in a complete task is left over', async (_, text) =>
    expect((await tasks({ 't/007_a.md': `# One\n\nStatus: complete\n\n- [x] one\n${text}\n` })).findings).toMatchObject(
      [{ code: 'left-over' }],
    ),
  );
  it.each([
    ['a link', '- [](a.md) and [~](b.md)'],
    ['a cancelled box', '- [-] two'],
    ['a state of the product', '| state | meaning |\n|---|---|\n| pending | it waits |\n\nDefault: pending'],
    ['a wish', '- jobs that are pending'],
  ])('%s is not', async (_, text) =>
    expect((await tasks({ 't/007_a.md': `# One\n\nStatus: complete\n\n- [x] one\n${text}\n` })).findings).toEqual([]),
  );

  it.each<[string, Record<string, string>, string[]]>([
    [
      'a name against a status',
      { 't/001_a_complete.md': '# One\n\n**Status**: In progress\n' },
      ['contradiction', 'incomplete'],
    ],
    ['a name that says pending', { 't/001_a_pending.md': done }, ['contradiction', 'incomplete']],
    [
      'a title against front matter',
      { 't/001_a.md': '---\nstatus: todo\n---\n# One (done)\n' },
      ['contradiction', 'incomplete'],
    ],
    ['almost', { 't/001_a.md': '# One\n\nStatus: 90% complete\n' }, ['incomplete']],
    ['a question', { 't/001_a.md': '# One\n\nStatus: complete?\n' }, ['incomplete']],
    ['not complete', { 't/001_a.md': '# One\n\nStatus: not yet complete\n' }, ['incomplete']],
    ['an open box', { 't/001_a.md': `${done}\n  - [ ] Measured\n` }, ['unticked', 'unticked-in-complete']],
    ['no state', { 't/001_a.md': '# One\n\nWords.\n' }, ['state-unknown']],
    ['all dropped', { 't/001_a.md': '# One\n\nStatus: dropped\n' }, ['incomplete']],
    [
      'two states of one',
      { 't/001_a_complete.md': '# One\n', 't/1_a_pending.md': '# One\n' },
      ['duplicate', 'incomplete'],
    ],
    ['no file', { 'u/001.md': done }, ['no-tasks']],
    ['an empty file', { 't/001_a.md': '' }, ['state-unknown']],
  ])('%s', async (_, files, expected) => {
    const record = await tasks(files);
    expect(record.outcome).toBe('failed');
    expect(codes(record)).toEqual(expected);
  });

  it('names the line', async () => {
    const record = await tasks({ 't/001_a.md': '---\nowner: x\n---\n# One\n\nStatus: complete\n\n- [x] a\n- [ ] b\n' });
    expect(record.findings[0]?.where).toEqual({ file: 't/001_a.md', line: 9 });
  });

  it('warns of what is left, and of a number that is there twice', async () => {
    const record = await tasks({
      't/001_a_complete.md': '# One\n\nRetries are not implemented.\n\n## Remaining\n\n- measure it\n',
      't/001_b_complete.md': '# Other\n',
    });
    expect(record.outcome).toBe('passed');
    expect(record.findings.map((f) => `${f.level} ${f.code} ${f.where?.line ?? ''}`)).toEqual([
      'warning left-over 3',
      'warning left-over 5',
      'warning same-number ',
    ]);
  });

  it('thresholds', async () => {
    const files = { 't/001_a.md': done, 't/002_b.md': '# Two\n\nStatus: open\n\n- [ ] a\n' };
    expect(codes(await tasks(files))).toEqual(['incomplete', 'unticked']);
    const record = await tasks(files, { complete: { min: 1 }, unticked: { max: 1 }, tasks: { min: 2, max: 2 } });
    expect(record).toMatchObject({
      outcome: 'passed',
      facts: { 'tasks.count': 2, 'tasks.complete': 1, 'boxes.ticked': 1, 'boxes.unticked': 1 },
    });
    expect(
      codes(await tasks(files, { complete: { min: 2 }, unticked: {}, tasks: { max: 1 }, ticked: { min: 2 } })),
    ).toEqual(['incomplete', 'incomplete', 'too-few-ticked', 'wrong-count']);
  });
});
