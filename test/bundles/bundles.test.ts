import { beforeAll, describe, expect, it } from 'vitest';
import { Base, checklistText, gate, inHalfAYear, keys, type Vote } from '../rig/signed.ts';
import { folder } from './folder.ts';
import { onePerson, twoPersons } from './one-person.ts';
import { people } from './people.ts';
import { record } from './record.ts';
import { repository } from './repository.ts';
import { resumed, reused } from './reused.ts';

let base: Base;
beforeAll(async () => {
  base = await Base.make();
});

const alice: Vote = { by: keys.alice, principal: 'alice@example.org', role: 'release-manager' };
const bob: Vote = { by: keys.bob, principal: 'bob@example.org', role: 'qa' };

describe('what must open the gate', () => {
  const opens = async (asked: Parameters<typeof gate>[1]): Promise<void> =>
    expect((await gate(base, asked)).reasons).toEqual([]);
  it('the healthy bundle', () => opens({}));
  it('the same remote in another spelling', () => opens({ facts: { repository: 'git@example.org:team/repo' } }));
  it('a rejection that its own key took back', () =>
    opens({ bundle: base.signed(undefined, [alice, { ...bob, decision: 'reject' }, bob]) }));
  it('a third approval', () =>
    opens({
      bundle: base.signed(undefined, [alice, bob, { by: keys.carol, principal: 'carol@example.org', role: 'qa' }]),
    }));
  it('an author who signs, where duties need not be separated', () =>
    opens({ policy: { separationOfDuty: false }, facts: { identities: new Set(['alice@example.org']) } }));
  it('a run that took steps over from one an hour before, and says so', async () => {
    const bundle = base.signed(resumed());
    await opens({ bundle });
    expect((await gate(base, { bundle })).notices.join('\n')).toMatch(/2 of 4 steps were taken over from earlier runs/);
  });
  it.each(twoPersons)('two persons: %s', (_, make) => opens(make(base)));
  it('a record that an earlier version of the same major version made', () =>
    opens({ bundle: base.signed((r) => void (r.tool.version = '0.0.1')) }));
  it('clocks that differ by four minutes', () => opens({ now: base.now - 4 * 60_000 }));
  it('a revocation list with another key', () =>
    opens({ files: { revoked: { path: 'revoked', data: Buffer.from(keys.mallory.publicKey) } } }));
  it('a FINAL_STATUS.md of the target from before the second sign-off', () =>
    opens({
      facts: {
        written: base
          .signed(undefined, [{ ...alice }])
          .get('FINAL_STATUS.md')
          ?.read()
          .toString('utf8'),
      },
    }));
  it('and warns of a waiver that ends within 14 days', async () => {
    const { notices } = await gate(base, { now: Date.parse(inHalfAYear) - 10 * 86_400_000 });
    expect(notices.join()).toContain(`the waiver for later (missing), owner Ann, ends on ${inHalfAYear}`);
  });
});

describe('a run in which a secret was taken out', () => {
  it('is judged again as it was', async () => {
    process.env['RIG_TOKEN'] = 'not-for-your-eyes-1234';
    try {
      const secret = await Base.make({
        'scripts/check.sh': 'echo Runbook not-for-your-eyes-1234\n',
        'checklists/m1.yaml': checklistText.replace(
          'vars: { word: Runbook }',
          'vars: { word: not-for-your-eyes-1234 }',
        ),
      });
      expect(secret.record.verdict).toBe('PASSED');
      expect(JSON.stringify(secret.record)).not.toContain('not-for-your-eyes');
      expect((await gate(secret, {})).reasons).toEqual([]);
    } finally {
      delete process.env['RIG_TOKEN'];
    }
  });
});

describe('a run that did not pass, approved by everybody', () => {
  it.each([
    ['a command that fails', { 'scripts/check.sh': 'echo Runbook; exit 3\n' }, 10, /the run is FAILED: check failed/],
    ['a promised file that is empty', { 'docs/runbook.md': '' }, 10, /the run is FAILED/],
    ['a command that is killed', { 'scripts/check.sh': 'kill -9 $$\n' }, 10, /the run is FAILED/],
  ])('%s', async (_, changes, code, says) => {
    const answer = await gate(await Base.make(changes), {});
    expect(answer.code).toBe(code);
    expect(answer.reasons.map((reason) => reason.text).join('\n')).toMatch(says);
    expect(answer.reasons.filter((reason) => reason.code === 21)).toEqual([]);
  });
});

describe('what must not', () => {
  const cases = [...folder, ...record, ...people, ...onePerson, ...repository, ...reused];
  it('there are at least 60 of them, each with a name of its own', () => {
    expect(new Set(cases.map((one) => one.name)).size).toBe(cases.length);
    expect(cases.length).toBeGreaterThanOrEqual(60);
  });
  it.each(cases)('$code: $name', async ({ code, says, make }) => {
    const answer = await gate(base, make(base));
    const lines = answer.reasons.map((reason) => `${reason.code} ${reason.text}`);
    expect(answer.code, lines.join('\n')).toBe(code);
    expect(lines.filter((line) => line.startsWith(`${code} `)).join('\n')).toMatch(says);
    for (const { todo } of answer.reasons) expect(todo).not.toBe('');
  });
});
