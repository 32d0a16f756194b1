import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { frozenPrometheus } from '../rig/prometheus.ts';
import { codes, runStep, runSteps, tempDir, writeIn } from '../rig/run-step.ts';

const step = {
  uses: 'manual/confirm',
  with: { question: 'Is it good?', about: ['*.md'] },
  target: tempDir({ 'a.md': 'a' }),
};
const answer = (yes: 'yes' | 'no') => ({ answer: yes, by: 'Ada', at: '2026-11-24T10:00:00Z', comment: 'looked at it' });

describe('manual/confirm', () => {
  it('passes on yes, and names what it is about', async () => {
    const record = await runStep({ ...step, answer: answer('yes') });
    expect(record.outcome).toBe('passed');
    expect(record.proofs[0]).toMatch(
      /^Ada \(release-manager\) confirmed .*a\.md \(sha256 ca978112ca1b….*looked at it$/,
    );
  });
  it('fails on no', async () => expect(codes(await runStep({ ...step, answer: answer('no') }))).toEqual(['refused']));
  it('stays open where nobody can be asked', async () =>
    expect(await runStep(step)).toMatchObject({ outcome: 'not-reviewed', proofs: [] }));
  it('asks nobody about what is not there', async () =>
    expect(
      codes(await runStep({ ...step, with: { question: 'Good?', about: ['*.png'] }, answer: answer('yes') })),
    ).toEqual(['about-missing']));

  it.each<[string, (folder: string) => void]>([
    ['was written', (folder) => writeIn(folder, 'a.md', 'b')],
    ['was removed', (folder) => rmSync(join(folder, 'a.md'))],
    ['was joined by another', (folder) => writeIn(folder, 'b.md', 'b')],
    [
      'became a link',
      (folder) => {
        writeIn(folder, 'c.txt', 'b');
        rmSync(join(folder, 'a.md'));
        symlinkSync('c.txt', join(folder, 'a.md'));
      },
    ],
  ])('is not confirmed where what it is about %s before the answer came', async (_, change) => {
    const target = tempDir({ 'a.md': 'a' });
    const record = await runStep({
      ...step,
      target,
      answer: () => {
        change(target);
        return answer('yes');
      },
    });
    expect(record).toMatchObject({ outcome: 'error', proofs: [] });
    expect(codes(record)).toEqual(['changed-meanwhile']);
    expect(record.confirmation).toBeUndefined();
  });
  it('is confirmed where another file changed meanwhile', async () => {
    const target = tempDir({ 'a.md': 'a' });
    const change = () => (writeIn(target, 'other.txt', 'x'), answer('yes'));
    expect((await runStep({ ...step, target, answer: change })).outcome).toBe('passed');
  });

  it('names the pictures of a step that has kept some, and asks nobody about a step that has none', async () => {
    const pictured = {
      uses: 'dashboards/preview',
      id: 'pictured',
      with: {
        url: await frozenPrometheus({ up: () => 1 }, Date.parse('2024-06-01T12:00:00Z'), 8),
        dashboards: ['b.json'],
        at: '2024-06-01T12:00:00Z',
        range: '2m',
        themes: ['dark'],
      },
    };
    const board = {
      uid: 'b',
      title: 'B',
      panels: [
        {
          id: 1,
          title: 'Up',
          type: 'stat',
          gridPos: { x: 0, y: 0, w: 24, h: 4 },
          targets: [{ refId: 'A', expr: 'up' }],
        },
      ],
    };
    const confirm = (pictures: string[]) => ({
      id: 'confirm',
      needs: ['pictured'],
      uses: 'manual/confirm',
      with: { question: 'Good?', pictures },
    });
    const target = tempDir({ 'b.json': JSON.stringify(board) });
    const { record } = await runSteps([pictured, confirm(['pictured']), { ...confirm(['elsewhere']), id: 'wrong' }], {
      target,
      answer: answer('yes'),
    });
    const [, yes, wrong] = record.steps;
    const sha256 = record.steps[0]?.evidence.find((file) => file.path.endsWith('.png'))?.sha256 ?? 'none';
    expect(yes?.outcome).toBe('passed');
    expect(yes?.proofs[0]).toContain(`evidence/pictured/b-dark.png (sha256 ${sha256.slice(0, 12)}…)`);
    expect(wrong && codes(wrong)).toEqual(['about-missing']);
  });
});
