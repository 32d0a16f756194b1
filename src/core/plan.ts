import { suggest } from './suggest.ts';

/** One step in the graph. */
export interface Node {
  readonly id: string;
  readonly item: string;
  readonly tags: readonly string[];
  readonly needs: readonly string[];
}

/** One step of a plan that is shown. */
export interface PlanRow {
  id: string;
  item: string;
  title: string;
  uses: string;
  needs: readonly string[];
  timeout: string;
  requires: readonly string[];
  /** What it would do: every argv. */
  does: readonly string[];
  /** What would run in its place, and where. */
  standIn?: { uses: string; unless: string; does: readonly string[] };
}

export type PlanProblem =
  | { kind: 'duplicate-id'; id: string; other: string }
  | { kind: 'unknown-need'; id: string; need: string; suggestion?: string | undefined }
  | { kind: 'cycle'; path: string[] };

/** What is wrong with the graph: ids that collide (case folded), needs that name no step, cycles. Linear in its size. */
export function planProblems(nodes: readonly Node[]): PlanProblem[] {
  const problems: PlanProblem[] = [];
  const byFold = new Map<string, string>();
  for (const node of nodes) {
    const fold = node.id.toLowerCase();
    const other = byFold.get(fold);
    if (other === undefined) byFold.set(fold, node.id);
    else problems.push({ kind: 'duplicate-id', id: node.id, other });
  }
  const byId = new Map(nodes.map((node) => [node.id, node]));
  for (const node of nodes) {
    for (const need of node.needs) {
      if (!byId.has(need))
        problems.push({ kind: 'unknown-need', id: node.id, need, suggestion: suggest(need, byId.keys()) });
    }
  }
  const cycle = findCycle(nodes, byId);
  if (cycle) problems.push({ kind: 'cycle', path: cycle });
  return problems;
}

function findCycle(nodes: readonly Node[], byId: ReadonlyMap<string, Node>): string[] | undefined {
  const state = new Map<string, 'open' | 'done'>();
  for (const root of nodes) {
    if (state.has(root.id)) continue;
    const path: { node: Node; next: number }[] = [{ node: root, next: 0 }];
    state.set(root.id, 'open');
    while (path.length > 0) {
      const top = path.at(-1);
      if (!top) break;
      const need = top.node.needs[top.next++];
      if (need === undefined) {
        state.set(top.node.id, 'done');
        path.pop();
        continue;
      }
      const node = byId.get(need);
      if (!node || state.get(need) === 'done') continue;
      if (state.get(need) === 'open') {
        const ids = path.map((entry) => entry.node.id);
        return [...ids.slice(ids.indexOf(need)), need];
      }
      state.set(need, 'open');
      path.push({ node, next: 0 });
    }
  }
  return undefined;
}

/** Every step after the steps that it needs; otherwise in the order of the checklist. */
export function inOrder<N extends Node>(nodes: readonly N[]): N[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const done = new Set<string>();
  const order: N[] = [];
  for (const root of nodes) {
    const path: { node: N; next: number }[] = [{ node: root, next: 0 }];
    while (path.length > 0) {
      const top = path.at(-1);
      if (!top) break;
      if (done.has(top.node.id)) {
        path.pop();
        continue;
      }
      const need = top.node.needs[top.next++];
      if (need === undefined) {
        done.add(top.node.id);
        order.push(top.node);
        path.pop();
        continue;
      }
      const node = byId.get(need);
      if (node && !done.has(need)) path.push({ node, next: 0 });
    }
  }
  return order;
}

export interface Selection {
  /** Ids of steps or items; their needs are taken along. */
  only: readonly string[];
  skip: readonly string[];
  tags: readonly string[];
}

/**
 * Ids of the steps that the selection leaves.
 * @returns also `roots`, those that are meant themselves and not only needed, and `unknown`: names in the selection that are no step, item or tag
 */
export function select(
  nodes: readonly Node[],
  selection: Selection,
): { chosen: Set<string>; roots: string[]; unknown: string[] } {
  const known = new Set(nodes.flatMap((node) => [node.id, node.item]));
  const tags = new Set(nodes.flatMap((node) => node.tags));
  const unknown = [
    ...selection.only.filter((name) => !known.has(name)),
    ...selection.skip.filter((name) => !known.has(name)),
    ...selection.tags.filter((tag) => !tags.has(tag)),
  ];
  const named = (node: Node, names: readonly string[]): boolean => names.includes(node.id) || names.includes(node.item);
  const roots = nodes.filter(
    (node) =>
      (selection.only.length === 0 || named(node, selection.only)) &&
      (selection.tags.length === 0 || node.tags.some((tag) => selection.tags.includes(tag))) &&
      !named(node, selection.skip),
  );
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const chosen = new Set<string>();
  const todo = [...roots];
  for (let node = todo.pop(); node; node = todo.pop()) {
    if (chosen.has(node.id) || named(node, selection.skip)) continue;
    chosen.add(node.id);
    for (const need of node.needs) {
      const needed = byId.get(need);
      if (needed) todo.push(needed);
    }
  }
  return { chosen, roots: roots.map((node) => node.id), unknown };
}
