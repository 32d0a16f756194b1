import { describe, expect, it } from 'vitest';
import { parseChecklist } from '../../src/checklist/load.ts';
import type { Waiver } from '../../src/core/checklist.ts';
import { UserError } from '../../src/core/errors.ts';
import { inForce, waive, waiverNotices } from '../../src/core/waive.ts';

const waiver: Waiver = { step: 'a', owner: 'Ann', reason: 'later', approver: 'Ben', expires: '2026-06-30' };
const finding = { code: 'missing', level: 'error' as const, message: 'x' };
const at = (text: string): number => Date.parse(text);

describe('a waiver', () => {
  it.each([
    ['holds to the end of its last day', '2026-06-30T23:59:59.999Z', true],
    ['and not one second longer', '2026-07-01T00:00:00Z', false],
  ])('%s', (_, now, holds) => expect(inForce(waiver, at(now), undefined)).toBe(holds));

  it('that is bound to a commit holds for no other', () => {
    const bound = { ...waiver, commit: 'a'.repeat(40) };
    expect(inForce(bound, at('2026-01-01'), 'a'.repeat(40))).toBe(true);
    expect(inForce(bound, at('2026-01-01'), 'b'.repeat(40))).toBe(false);
    expect(inForce(bound, at('2026-01-01'), undefined)).toBe(false);
  });

  it('accepts nothing of a locked step, of another step, of another finding', () => {
    const waived = (step: { id: string; locked: boolean }, by: Waiver): boolean =>
      waive(step, [finding], [by], at('2026-01-01'), undefined).some((one) => one.waived !== undefined);
    expect(waived({ id: 'a', locked: false }, waiver)).toBe(true);
    expect(waived({ id: 'a', locked: true }, waiver)).toBe(false);
    expect(waived({ id: 'b', locked: false }, waiver)).toBe(false);
    expect(waived({ id: 'a', locked: false }, { ...waiver, finding: 'empty' })).toBe(false);
    expect(waived({ id: 'a', locked: false }, { ...waiver, subject: 'y' })).toBe(false);
  });

  it.each([
    ['15 days before its end nothing is said', '2026-06-15T00:00:00Z', undefined],
    ['13 days before its end it is warned of', '2026-06-18T00:00:00Z', /ends on 2026-06-30/],
    ['after its end it is said to have ended', '2026-07-01T00:00:00Z', /ended on 2026-06-30/],
  ])('%s', (_, now, says) => {
    const [notice] = waiverNotices([waiver], at(now), '366d');
    if (says === undefined) expect(notice).toBeUndefined();
    else expect(notice).toMatch(says);
  });

  it.each([
    ['without an owner', '{ step: a, reason: r, approver: b, expires: "2026-06-30" }', /owner is missing/],
    ['without a reason', '{ step: a, owner: o, approver: b, expires: "2026-06-30" }', /reason is missing/],
    ['without an approver', '{ step: a, owner: o, reason: r, expires: "2026-06-30" }', /approver is missing/],
    ['without an end', '{ step: a, owner: o, reason: r, approver: b }', /expires is missing/],
    ['with an empty reason', '{ step: a, owner: o, reason: " ", approver: b, expires: "2026-06-30" }', /reason/],
    [
      'that ends on a day that does not exist',
      '{ step: a, owner: o, reason: r, approver: b, expires: "2026-02-30" }',
      /expires|not a date/,
    ],
    ['that ends some day', '{ step: a, owner: o, reason: r, approver: b, expires: never }', /expires|not a date/],
    [
      'for a step that is not there',
      '{ step: b, owner: o, reason: r, approver: b, expires: "2026-06-30" }',
      /not a step/,
    ],
    ['for a locked step', '{ step: l, owner: o, reason: r, approver: b, expires: "2026-06-30" }', /locked/],
  ])('%s is an invalid checklist', async (_, text, says) => {
    const steps = ['a', 'l'].map(
      (id) => `{ id: ${id}, uses: files/exist, locked: ${id === 'l'}, with: { files: [x] } }`,
    );
    const yaml = `version: 1\nmilestone: m\ntitle: T\nitems: [{ id: i, title: I, steps: [${steps.join(', ')}] }]\nwaivers: [${text}]\n`;
    const error = await parseChecklist('m.yaml', yaml).then(
      () => undefined,
      (problem: unknown) => problem,
    );
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).code).toBe(65);
    expect((error as UserError).diagnostics.map((one) => one.message).join()).toMatch(says);
  });
});
