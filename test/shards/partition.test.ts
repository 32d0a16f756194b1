import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadChecklist, parseChecklist } from '../../src/checklist/load.ts';
import { maxShards, parseShard, partition, selectionOf, shardNodes, type ShardNode } from '../../src/core/shard.ts';
import { root } from '../rig/cli.ts';

const whole = { only: [], skip: [], tags: [] };
const node = (id: string, more: Partial<ShardNode> = {}): ShardNode => ({
  id,
  item: `item-${id}`,
  tags: [],
  needs: [],
  weight: 60_000,
  shares: [],
  ...more,
});
const ids = (parts: ReturnType<typeof partition>): string[][] => parts.map((part) => [...part.steps].toSorted());

/** Numbers that look random, and are the same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

function graph(seed: number): ShardNode[] {
  const next = numbers(seed);
  const size = 1 + next(40);
  return Array.from({ length: size }, (_, n) =>
    node(`s${n}`, {
      item: `i${next(1 + Math.floor(size / 2))}`,
      weight: next(10) * 60_000,
      needs: n > 0 && next(2) === 0 ? [`s${next(n)}`] : [],
      shares: next(6) === 0 ? [`s${next(size)}`] : [],
    }),
  );
}

describe('partition', () => {
  it('of any graph: every item in one part, everything that a step needs beside it, nothing left out, always the same', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const nodes = graph(seed);
      const byId = new Map(nodes.map((one) => [one.id, one]));
      const of = 1 + (seed % 7);
      const parts = partition(nodes, of, whole);
      expect(parts.length).toBe(of);
      const items = parts.flatMap((part) => part.items);
      expect(items.toSorted()).toEqual([...new Set(nodes.map((one) => one.item))].toSorted());
      for (const part of parts) {
        for (const one of nodes) if (part.items.includes(one.item)) expect(part.steps).toContain(one.id);
        for (const id of part.steps)
          for (const other of [...(byId.get(id)?.needs ?? []), ...(byId.get(id)?.shares ?? [])])
            expect(part.steps, `seed ${seed}: ${id} without ${other}`).toContain(other);
        expect(part.weight).toBe([...part.steps].reduce((sum, id) => sum + (byId.get(id)?.weight ?? 0), 0));
        if (part.items.length === 0) expect(part.steps.size).toBe(0);
      }
      expect(new Set(parts.flatMap((part) => [...part.steps])).size).toBe(nodes.length);
      expect(ids(partition(structuredClone(nodes), of, whole))).toEqual(ids(parts));
    }
  });
  it('balances by weight, and leaves parts empty rather than to cut an item', () => {
    const nodes = [
      node('a', { weight: 10 }),
      node('b', { weight: 6 }),
      node('c', { weight: 5 }),
      node('d', { weight: 1 }),
    ];
    expect(ids(partition(nodes, 2, whole))).toEqual([
      ['a', 'd'],
      ['b', 'c'],
    ]);
    expect(ids(partition(nodes, 6, whole)).filter((part) => part.length === 0).length).toBe(2);
    const one = [node('a', { item: 'x' }), node('b', { item: 'x' })];
    expect(ids(partition(one, 2, whole))).toEqual([['a', 'b'], []]);
  });
  it('puts items that share something dear together, where no part grows longer by it', () => {
    const stack = node('stack', { weight: 600 });
    const nodes = [
      stack,
      node('tests', { weight: 1200 }),
      node('targets', { needs: ['stack'], weight: 60 }),
      node('rules', { needs: ['stack'], weight: 60 }),
    ];
    expect(ids(partition(nodes, 2, whole))).toEqual([['tests'], ['rules', 'stack', 'targets']]);
  });
  it('cuts what is selected, and nothing else', () => {
    const nodes = [node('a'), node('b', { needs: ['a'] }), node('c', { shares: ['a'] }), node('d')];
    expect(ids(partition(nodes, 2, { only: ['b', 'd'], skip: [], tags: [] }))).toEqual([['a', 'b'], ['d']]);
    expect(ids(partition(nodes, 1, { only: ['c'], skip: [], tags: [] }))).toEqual([['c']]);
    expect(ids(partition(nodes, 1, { only: [], skip: ['a'], tags: [] }))).toEqual([['b', 'c', 'd']]);
    expect(selectionOf(['--only b', '--tags slow', '--skip x', '--shard 1/2', '--only d'])).toEqual({
      only: ['b', 'd'],
      skip: ['x'],
      tags: ['slow'],
    });
  });
  it('reads i/n, and nothing else', () => {
    expect(parseShard('2/3')).toEqual({ index: 2, of: 3 });
    expect(parseShard(`1/${maxShards}`)).toEqual({ index: 1, of: maxShards });
    for (const text of [
      '0/3',
      '4/3',
      '1',
      '1/0',
      'a/b',
      '-1/3',
      '01/3',
      '1/3 ',
      '1/3/5',
      '1.5/3',
      `1/${maxShards + 1}`,
      '',
    ])
      expect(parseShard(text), text).toBeUndefined();
  });
});

describe('what the partition goes by', () => {
  const nodesOf = async (steps: string): Promise<Map<string, ShardNode>> => {
    const { steps: loaded } = await parseChecklist(
      'x.yaml',
      `version: 1\nmilestone: m\ntitle: T\nitems:\n  - id: i\n    title: I\n    steps:\n${steps}`,
    );
    return new Map(shardNodes(loaded).map((one) => [one.id, one]));
  };
  it('time limits: the step’s own, else its type’s; none for what waits for a person', async () => {
    const nodes = await nodesOf(`      - { id: own, uses: cargo/fmt, timeout: 90s }
      - { id: usual, uses: cargo/fmt }
      - { id: person, uses: manual/confirm, with: { question: Good? } }
`);
    expect([...nodes.values()].map((one) => one.weight)).toEqual([90_000, 120_000, 0]);
  });
  it('facts that a step names without needing the step that measures them', async () => {
    const nodes = await nodesOf(`      - { id: up, uses: stack/up }
      - { id: tests, uses: cargo/test, with: { minimum: 1 } }
      - { id: one, uses: prometheus/query, with: { url: "http://127.0.0.1:1", expr: up, series: { min: 1 }, fact: ups } }
      - { id: asks, uses: http/get, with: { url: "\${{ facts.stack.api.url }}/health" } }
      - { id: says, uses: docs/claims, with: { documents: [a.md], claims: [{ claim: "{n} tests", fact: tests.passed }, { claim: "{n} up", fact: ups }] } }
      - { id: says-own, uses: docs/claims, with: { documents: [a.md], claims: [{ claim: "{n} tests", fact: tests/tests.passed }] } }
      - { id: nothing, uses: files/exist, with: { files: [tests.passed] } }
`);
    expect([...nodes].map(([id, one]) => [id, one.shares])).toEqual([
      ['up', []],
      ['tests', []],
      ['one', []],
      ['asks', ['up']],
      ['says', ['tests', 'one']],
      ['says-own', ['tests']],
      ['nothing', []],
    ]);
  });
  it('the checklist that is shipped: the drills with all they lean on in one part, no part much heavier than another', async () => {
    const { steps } = await loadChecklist(join(root, 'checklists/milestone-16.yaml'));
    const parts = partition(shardNodes(steps), 3, whole);
    const drills = parts.find((part) => part.items.includes('drills'));
    for (const id of ['stack', 'targets', 'exporter', 'outage-drill', 'engram-status'])
      expect(drills?.steps).toContain(id);
    expect(parts.filter((part) => part.items.includes('tests') && part.items.includes('documents')).length).toBe(1);
    const weights = parts.map((part) => part.weight);
    expect(Math.max(...weights) / Math.min(...weights)).toBeLessThan(1.35);
  });
});
