import { describe, expect, it } from 'vitest';
import { frozenPrometheus } from '../rig/prometheus.ts';
import { codes, runStep, runSteps, tempDir } from '../rig/run-step.ts';

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
