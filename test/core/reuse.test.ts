import { describe, expect, it } from 'vitest';
import { type Resumed, runAgain } from '../../src/core/reuse.ts';

const step = (id: string, needs: string[] = [], more: Partial<Resumed> = {}): Resumed => ({
  id,
  needs,
  restsOn: needs,
  left: 'nothing',
  touched: true,
  usesBuilt: false,
  asksElsewhere: false,
  ...more,
});
const failed = { again: 'it failed' };

describe('which steps run again', () => {
  it.each<[string, Resumed[], string[]]>([
    ['none where all hold', [step('a'), step('b', ['a'])], []],
    ['none of no steps', [], []],
    [
      'what needs one that runs again, however far away',
      [step('a', [], failed), step('b', ['a']), step('c', ['b']), step('d')],
      ['a', 'b', 'c'],
    ],
    ['what read a fact of one that runs again', [step('a', [], failed), step('b', [], { restsOn: ['a'] })], ['a', 'b']],
    ['not what was needed and leaves nothing', [step('a'), step('b', ['a'], failed)], ['b']],
    [
      'what was needed and may have left something',
      [step('a', [], { left: 'anything' }), step('b', ['a'], failed)],
      ['a', 'b'],
    ],
    [
      'that also through a step between',
      [step('a', [], { left: 'anything' }), step('b', ['a']), step('c', ['b'], failed)],
      ['a', 'b', 'c'],
    ],
    [
      'and then what else needs it',
      [step('a', [], { left: 'anything' }), step('b', ['a'], failed), step('c', ['a'])],
      ['a', 'b', 'c'],
    ],
    ['a cache not', [step('a', [], { left: 'cache' }), step('b', ['a'], failed)], ['b']],
    [
      'a cache where what builds make is used',
      [step('a', [], { left: 'cache' }), step('b', ['a'], { ...failed, usesBuilt: true })],
      ['a', 'b'],
    ],
    [
      'a cache that is asked for twice, by one that uses what builds make as well',
      [
        step('a', [], { left: 'cache' }),
        step('m', ['a']),
        step('b', ['m'], failed),
        step('c', ['m'], { ...failed, usesBuilt: true }),
      ],
      ['a', 'b', 'c', 'm'],
    ],
    ['what rests on a step that is left out', [step('b', ['gone'])], ['b']],
    [
      'not what may have left something that is still as it was',
      [step('a', [], { left: 'anything', touched: false }), step('b', ['a'], failed)],
      ['b'],
    ],
    [
      'that all the same where it may have started what is asked',
      [step('a', [], { left: 'anything', touched: false }), step('b', ['a'], { ...failed, asksElsewhere: true })],
      ['a', 'b'],
    ],
  ])('%s', (_, steps, expected) => {
    for (const order of [steps, steps.toReversed()]) expect([...runAgain(order).keys()].toSorted()).toEqual(expected);
  });

  it('is told why, and which', () => {
    const why = runAgain([step('a', [], { left: 'anything' }), step('b', ['a'], failed), step('c', ['a'])]);
    expect(Object.fromEntries(why)).toEqual({
      a: 'b runs again, and may use what this step left behind',
      b: 'it failed',
      c: 'it depends on a, which runs again',
    });
  });

  it('is quick for 20,000 steps in a chain', () => {
    const chain = Array.from({ length: 20_000 }, (_, n) =>
      step(`s${n}`, n === 0 ? [] : [`s${n - 1}`], { left: 'anything', ...(n === 19_999 && failed) }),
    );
    const began = process.cpuUsage();
    expect(runAgain(chain).size).toBe(20_000);
    // The time that it computes, not that it waits for a busy machine.
    expect(process.cpuUsage(began).user / 1000).toBeLessThan(2000);
  });
});
