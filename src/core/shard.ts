import type { Step } from './checklist.ts';
import { ms } from './duration.ts';
import { expressionsIn } from './expressions.ts';
import { escapeRegex } from './patterns.ts';
import { select, type Node, type Selection } from './plan.ts';
import type { StepType } from './step.ts';

/** The most shards that a checklist is cut into: the most jobs that a matrix of GitHub's has. */
export const maxShards = 256;

/** A part of a run: the `index`-th of `of`, counted from 1. */
export interface Shard {
  index: number;
  of: number;
}

/** `2/3`. undefined where the text is no such thing, or there is no such shard. */
export function parseShard(text: string): Shard | undefined {
  const match = /^([1-9]\d{0,2})\/([1-9]\d{0,2})$/.exec(text);
  if (!match) return undefined;
  const [index, of] = [Number(match[1]), Number(match[2])];
  return index <= of && of <= maxShards ? { index, of } : undefined;
}

export const shardOption = ({ index, of }: Shard): string => `--shard ${index}/${of}`;

/** Why a step was left out of another shard's run. */
export const fallsTo = ({ index, of }: Shard): string => `falls to shard ${index}/${of}`;

/** The selection that a record's `narrowedBy` tells of. */
export function selectionOf(narrowedBy: readonly string[]): Selection {
  const named = (option: string): string[] =>
    narrowedBy.flatMap((by) => (by.startsWith(`${option} `) ? [by.slice(option.length + 1)] : []));
  return { only: named('--only'), skip: named('--skip'), tags: named('--tags') };
}

/** A step as the partition sees it. */
export interface ShardNode extends Node {
  /** Milliseconds: its time limit. */
  readonly weight: number;
  /** Steps that yield facts which it names; they run in its shard also where `needs` does not say so. */
  readonly shares: readonly string[];
}

interface Loaded {
  spec: Step;
  item: string;
  with: unknown;
  /** As the type's schema gives them; undefined where they are invalid. */
  params: unknown;
  type: StepType;
}

/**
 * What the partition goes by: nothing but the checklist and the step types, so that every machine comes to the same. A step weighs
 * its time limit, the one thing about its length that all machines know; one that waits for a person takes no machine's time.
 */
export function shardNodes(steps: readonly Loaded[]): ShardNode[] {
  // Where a type yields a fact that `fact` names, the step does not ask for it.
  const asked = steps.map(({ with: parameters, type }) => factsNamed(parameters, type.yields ? [] : ['fact']));
  const names = new Set(asked.flat());
  const providers = new Map([...names].map((name) => [name, steps.filter((step) => yields(step, name))]));
  return steps.map(({ spec, item, type }, n) => ({
    id: spec.id,
    item,
    tags: spec.tags,
    needs: spec.needs,
    weight: spec.uses.startsWith('manual/') ? 0 : ms(spec.timeout ?? type.timeout),
    shares: [...new Set((asked[n] ?? []).flatMap((name) => (providers.get(name) ?? []).map((one) => one.spec.id)))],
  }));
}

/** Names of facts in parameters: `${{ facts.NAME }}` anywhere, and what stands under one of these keys. */
function factsNamed(value: unknown, keys: readonly string[], key = ''): string[] {
  if (typeof value === 'string')
    return [
      ...(keys.includes(key) ? [value] : []),
      ...expressionsIn(value).flatMap(({ name }) => (name?.startsWith('facts.') ? [name.slice(6)] : [])),
    ];
  if (Array.isArray(value)) return value.flatMap((one) => factsNamed(one, keys, key));
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, one]) => factsNamed(one, keys, name));
}

/** May the step yield the fact? By the names that its type declares, where `<x>` stands for anything, and by its parameters. */
export function yields({ spec, type, params }: Pick<Loaded, 'spec' | 'type' | 'params'>, name: string): boolean {
  const slash = name.indexOf('/');
  if (slash > 0 && spec.id !== name.slice(0, slash)) return false;
  const own = name.slice(slash + 1);
  return (
    Object.keys(type.facts).some((declared) => likeness(declared).test(own)) ||
    (params !== undefined && Object.hasOwn(type.yields?.(params) ?? {}, own))
  );
}

const likeness = (declared: string): RegExp =>
  new RegExp(
    `^${declared
      .split(/<[^>]*>/)
      .map(escapeRegex)
      .join('.+')}$`,
  );

/** What falls to one shard. */
export interface Part {
  /** The items that are its own. */
  items: string[];
  /** Steps that it runs: those of its items, and all that they need, which other shards may run too. */
  steps: ReadonlySet<string>;
  /** Milliseconds: the sum of their time limits. */
  weight: number;
}

/**
 * Cuts what is selected into `of` parts. An item stays together, and each part has what its items need, so that it runs on a
 * machine of its own. The heaviest item first; each goes where the heaviest part grows least, then where the least is run twice,
 * then to the lightest part, then to the first. There may be more parts than items: then some are empty.
 */
export function partition(nodes: readonly ShardNode[], of: number, selection: Selection): Part[] {
  const { chosen, roots } = select(nodes, selection);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const groups = new Map<string, string[]>();
  for (const id of roots) {
    const item = byId.get(id)?.item ?? '';
    groups.set(item, [...(groups.get(item) ?? []), id]);
  }
  const weigh = (ids: Iterable<string>): number => [...ids].reduce((sum, id) => sum + (byId.get(id)?.weight ?? 0), 0);
  const items = [...groups].map(([item, ids], order) => {
    const steps = closure(ids, byId, chosen);
    return { item, order, steps, weight: weigh(steps) };
  });
  const parts = Array.from({ length: of }, () => ({ items: [] as string[], steps: new Set<string>(), weight: 0 }));
  let heaviest = 0;
  for (const { item, steps } of items.toSorted((a, b) => b.weight - a.weight || a.order - b.order)) {
    let best: { part: (typeof parts)[number]; rank: number[]; grown: number } | undefined;
    for (const part of parts) {
      const more = weigh(steps.filter((id) => !part.steps.has(id)));
      const grown = part.weight + more;
      const rank = [Math.max(heaviest, grown), more, grown, part.items.length];
      if (!best || before(rank, best.rank)) best = { part, rank, grown };
    }
    if (!best) continue;
    best.part.items.push(item);
    for (const id of steps) best.part.steps.add(id);
    best.part.weight = best.grown;
    heaviest = Math.max(heaviest, best.grown);
  }
  const place = new Map(items.map(({ item, order }) => [item, order]));
  for (const part of parts) part.items.sort((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0));
  return parts;
}

const before = (a: readonly number[], b: readonly number[]): boolean => {
  const at = a.findIndex((value, n) => value !== b[n]);
  return at >= 0 && (a[at] ?? 0) < (b[at] ?? 0);
};

/** The steps, and all that they need or share facts with, as far as it is chosen; in no particular order. */
function closure(ids: readonly string[], byId: ReadonlyMap<string, ShardNode>, chosen: ReadonlySet<string>): string[] {
  const found = new Set<string>();
  const todo = [...ids];
  for (let id = todo.pop(); id !== undefined; id = todo.pop()) {
    if (found.has(id) || !chosen.has(id)) continue;
    found.add(id);
    const node = byId.get(id);
    if (node) todo.push(...node.needs, ...node.shares);
  }
  return [...found];
}
