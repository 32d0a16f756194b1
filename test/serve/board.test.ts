import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/core/event.ts';
import { Board } from '../../src/serve/board.ts';
import { stepRecord } from '../rig/record.ts';

const planned = (id: string) => ({ id, item: 'item', title: id, uses: 'command', needs: [] });
const begun: RunEvent[] = [
  { type: 'run-started', milestone: 'm1', title: 'T', runId: 'r', folder: '/f', steps: [planned('a'), planned('b')] },
  { type: 'step-started', id: 'a', at: 0, attempt: 1 },
  { type: 'step-progress', id: 'a', line: 'one \u001b[31mred' },
];
const board = (events: readonly RunEvent[] = begun): Board => {
  const made = new Board();
  made.announce({ items: new Map(), typical: new Map([['b', 500]]) });
  for (const event of events) made.on(event);
  return made;
};

describe('the state of a run, for its pages', () => {
  it('tells who has seen nothing everything, and who has seen it what changed', () => {
    const one = board();
    const told = one.told(0);
    expect(told).toMatchObject({ number: 1, phase: 'running', done: 0, total: 2 });
    expect(told.steps).toMatchObject([
      { id: 'a', state: 'running', line: 'one red' },
      { id: 'b', state: 'waiting' },
    ]);
    expect(one.told(told.version).steps).toEqual([]);
    one.on({ type: 'step-ended', id: 'a', at: 1, record: stepRecord({ id: 'a' }) });
    expect(one.told(told.version)).toMatchObject({ done: 1, steps: [{ id: 'a', state: 'passed', line: '' }] });
    expect(one.steps[1]?.typicalMs).toBe(500);
  });

  it('what a step has left running says no more for it once it has ended', () => {
    const one = board([
      ...begun,
      { type: 'step-ended', id: 'a', at: 1, record: stepRecord({ id: 'a', outcome: 'failed', reason: 'broke' }) },
      { type: 'step-progress', id: 'a', line: 'still here' },
    ]);
    expect(one.told(0).steps[0]).toMatchObject({ state: 'failed', line: 'broke' });
  });

  it('a question is over when its step has ended, and when the run has', async () => {
    const one = board();
    const { signal } = new AbortController();
    const question = { role: 'qa', question: 'Good?', about: [] };
    const first = one.questions.ask(question, 'a', signal);
    expect(one.told(0).questions).toHaveLength(1);
    one.on({ type: 'step-ended', id: 'a', at: 1, record: stepRecord({ id: 'a' }) });
    expect(await first).toBeUndefined();
    const second = one.questions.ask(question, 'b', signal);
    const [asked] = one.questions.open;
    one.over();
    expect(await second).toBeUndefined();
    const answer = { answer: 'yes' as const, by: 'Ann', comment: '', at: '' };
    expect(one.questions.answer(asked?.id ?? '', answer)).toBe('over');
    expect(await one.questions.ask(question, 'b', AbortSignal.abort())).toBeUndefined();
  });

  it('wakes who waits for news, and does not keep who is behind', async () => {
    const one = board();
    const { version } = one.told(0);
    await one.newer(version - 1);
    const news = one.newer(version);
    one.close();
    await news;
    expect(one.told(version).closing).toBe(true);
  });
});
