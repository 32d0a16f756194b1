import { describe, expect, it } from 'vitest';
import type { Finding } from '../../src/core/finding.ts';
import { outcomes, worstOf, type Outcome } from '../../src/core/outcome.ts';
import { planProblems, type Node } from '../../src/core/plan.ts';
import { suggest } from '../../src/core/suggest.ts';
import { exitCodeOf, outcomeOf, verdictOf, withNothingAsserted } from '../../src/core/verdict.ts';

const found = (level: Finding['level'], waived?: string): Finding => ({
  code: 'x',
  level,
  message: 'm',
  ...(waived !== undefined && { waived }),
});
const E = found('error');
const I = found('inconclusive');
const W = found('warning');
const N = found('note');
const waivedE = found('error', 'w');
const waivedI = found('inconclusive', 'w');
const waivedW = found('warning', 'w');
const P = ['a proof'];

describe('the outcome of a judgement', () => {
  // findings, proofs, pending, strict → outcome
  it.each<[string, Finding[], string[], string | undefined, boolean, Outcome]>([
    ['a proof', [], P, undefined, false, 'passed'],
    ['nothing at all', [], [], undefined, false, 'error'],
    ['a note beside a proof', [N], P, undefined, false, 'passed'],
    ['a note alone', [N], [], undefined, false, 'error'],
    ['a warning beside a proof', [W], P, undefined, false, 'passed'],
    ['a warning alone', [W], [], undefined, false, 'error'],
    ['a warning, strictly', [W], P, undefined, true, 'failed'],
    ['a note, strictly', [N], P, undefined, true, 'passed'],
    ['an error beside a proof', [E], P, undefined, false, 'failed'],
    ['an error before what is inconclusive', [I, E], P, undefined, false, 'failed'],
    ['what is inconclusive beside a proof', [I], P, undefined, false, 'error'],
    ['an error while a question is open', [E], P, 'waits', false, 'failed'],
    ['what is inconclusive while a question is open', [I], P, 'waits', false, 'error'],
    ['an open question', [], P, 'waits', false, 'not-reviewed'],
    ['an open question alone', [], [], 'waits', false, 'not-reviewed'],
    ['a waived error', [waivedE], [], undefined, false, 'waived'],
    ['a waived error beside a proof', [waivedE], P, undefined, false, 'waived'],
    ['a waived error beside one that is not', [waivedE, E], P, undefined, false, 'failed'],
    ['a waived error beside what is inconclusive', [waivedE, I], P, undefined, false, 'error'],
    ['a waived error while a question is open', [waivedE], P, 'waits', false, 'not-reviewed'],
    ['what is inconclusive, waived', [waivedI], P, undefined, false, 'waived'],
    ['a waived warning', [waivedW], P, undefined, false, 'passed'],
    ['a waived warning, strictly', [waivedW], P, undefined, true, 'waived'],
    ['a waived warning alone', [waivedW], [], undefined, false, 'error'],
  ])('%s', (_, findings, proofs, pending, strict, outcome) =>
    expect(outcomeOf({ findings, proofs, ...(pending !== undefined && { pending }) }, strict)).toBe(outcome),
  );

  it.each<[string, Finding[], string[], string | undefined, boolean]>([
    ['nothing', [], [], undefined, true],
    ['a warning', [W], [], undefined, true],
    ['a note', [N], [], undefined, true],
    ['a proof', [], P, undefined, false],
    ['an error', [E], [], undefined, false],
    ['what is inconclusive', [I], [], undefined, false],
    ['a question', [], [], 'waits', false],
  ])('%s alone asserts nothing: %s', (_, findings, proofs, pending, nothing) => {
    const judged = withNothingAsserted({
      findings,
      proofs,
      facts: {},
      tables: [],
      ...(pending !== undefined && { pending }),
    });
    expect(judged.findings.some(({ code }) => code === 'nothing-asserted')).toBe(nothing);
  });
});

describe('the verdict of a run', () => {
  const run = (
    steps: Outcome[],
    own: object = {},
    changed: string[] = [],
    tree: object = {},
  ): Parameters<typeof verdictOf>[0] =>
    ({
      run: { narrowedBy: [], ...own },
      tree: { changed, ...tree },
      steps: steps.map((outcome) => ({ outcome })),
    }) as unknown as Parameters<typeof verdictOf>[0];

  it.each<[Outcome[], object, string[], ReturnType<typeof verdictOf>, number]>([
    [['passed'], {}, [], 'PASSED', 0],
    [['passed', 'waived'], {}, [], 'PASSED', 0],
    [['waived'], {}, [], 'PASSED', 0],
    [[], {}, [], 'INCOMPLETE', 11],
    [['passed', 'skipped'], {}, [], 'INCOMPLETE', 11],
    [['passed', 'not-reviewed'], {}, [], 'INCOMPLETE', 11],
    [['passed', 'error', 'skipped'], {}, [], 'INCONCLUSIVE', 12],
    [['passed', 'timed-out'], {}, [], 'INCONCLUSIVE', 12],
    [['passed', 'error', 'failed', 'not-reviewed'], {}, [], 'FAILED', 10],
    [['failed'], { interrupted: 'SIGINT', bug: 'b', narrowedBy: ['--only x'] }, ['a'], 'FAILED', 10],
    [['passed'], {}, ['a.txt'], 'INCONCLUSIVE', 12],
    [['skipped'], {}, ['a.txt'], 'INCONCLUSIVE', 12],
    [['passed'], { narrowedBy: ['--only x'] }, [], 'INCOMPLETE', 11],
    [['passed'], { shard: { index: 1, of: 2, steps: [] } }, [], 'INCOMPLETE', 11],
    [['passed'], { interrupted: 'SIGTERM' }, [], 'INCOMPLETE', 11],
    [['passed'], { bug: 'oops' }, [], 'INCOMPLETE', 11],
  ])('of %j with %j, changed %j: %s', (steps, own, changed, verdict, code) => {
    expect(verdictOf(run(steps, own, changed))).toBe(verdict);
    expect(exitCodeOf(verdict)).toBe(code);
  });

  it.each<[boolean, Outcome, ReturnType<typeof verdictOf>]>([
    [false, 'passed', 'INCONCLUSIVE'],
    [false, 'skipped', 'INCONCLUSIVE'],
    [false, 'failed', 'FAILED'],
    [true, 'passed', 'PASSED'],
    [true, 'skipped', 'INCOMPLETE'],
  ])('of a tree without versions, declared %j, with one step %s: %s', (declared, outcome, verdict) =>
    expect(verdictOf(run([outcome], {}, [], { unversioned: { why: 'no git', declared } }))).toBe(verdict),
  );

  it('the order of outcomes is one, the worst first', () => {
    for (const [n, worse] of outcomes.entries())
      for (const better of outcomes.slice(n)) expect(worstOf([better, worse])).toBe(worse);
    expect(worstOf([])).toBe('skipped');
  });
});

describe('what is wrong with a plan', () => {
  const node = (id: string, ...needs: string[]): Node => ({ id, item: 'i', tags: [], needs });
  it.each<[string, Node[], ReturnType<typeof planProblems>]>([
    ['nothing', [node('a'), node('b', 'a'), node('c', 'a', 'b')], []],
    ['no steps', [], []],
    ['an id twice', [node('a'), node('a')], [{ kind: 'duplicate-id', id: 'a', other: 'a' }]],
    ['ids that differ in case', [node('Ab'), node('aB')], [{ kind: 'duplicate-id', id: 'aB', other: 'Ab' }]],
    [
      'a need that is near',
      [node('build'), node('b', 'biuld')],
      [{ kind: 'unknown-need', id: 'b', need: 'biuld', suggestion: 'build' }],
    ],
    [
      'a need that is nothing',
      [node('a', 'zzzzzz')],
      [{ kind: 'unknown-need', id: 'a', need: 'zzzzzz', suggestion: undefined }],
    ],
    ['a step that needs itself', [node('a', 'a')], [{ kind: 'cycle', path: ['a', 'a'] }]],
    [
      'a circle of three',
      [node('a', 'b'), node('b', 'c'), node('c', 'a')],
      [{ kind: 'cycle', path: ['a', 'b', 'c', 'a'] }],
    ],
    [
      'a circle behind a tail',
      [node('t', 'a'), node('a', 'b'), node('b', 'a')],
      [{ kind: 'cycle', path: ['a', 'b', 'a'] }],
    ],
    ['a diamond is no circle', [node('a'), node('b', 'a'), node('c', 'a'), node('d', 'b', 'c')], []],
  ])('%s', (_, nodes, problems) => expect(planProblems(nodes)).toEqual(problems));
});

it.each([
  ['wrod', ['word', 'wood'], 'word'],
  ['WORD', ['word'], 'word'],
  ['timout', ['timeout', 'title'], 'timeout'],
  ['usess', ['uses', 'needs'], 'uses'],
  ['ab', ['cd'], undefined],
  ['x', [], undefined],
  ['quite-another', ['timeout'], undefined],
] as const)('who wrote %s of %j meant %s', (name, known, meant) => expect(suggest(name, known)).toBe(meant));
