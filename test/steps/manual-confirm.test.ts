import { describe, expect, it } from 'vitest';
import { codes, runStep, tempDir } from '../rig/run-step.ts';

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
});
